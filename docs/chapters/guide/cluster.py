r"""
.. _guide_cluster:

A search on a cluster
=====================

A search, a cross-validation and a comparison of starts hand their fits to joblib, and joblib hands
them to a *backend*. By default that is processes on this machine (:ref:`guide_scaling_out`); with
`Dask <https://distributed.dask.org>`_ or `Ray <https://docs.ray.io>`_ it is the workers of a
cluster. Nothing else changes: one context manager around the call, and the same results.

It pays where a single fit takes seconds or more. A cluster sends data, starts tasks and collects
results; fits of milliseconds are done sooner here.

"""

import os
import signal
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
from distributed import Client
from joblib import parallel_config
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    StratifiedKFold,
)

from sk_xavier import XavierMLPClassifier, compare_initializers

warnings.simplefilter("ignore", ConvergenceWarning)  # epochs are few by choice

X, y = load_digits(return_X_y=True)
X, y = X[:600] / 16, y[:600]

# %%
# A cluster
# ---------
#
# It takes ``pip install "sk-xavier[dask]"`` on each machine, with the same versions everywhere.
# One machine runs ``dask scheduler``, each of the others ``dask worker tcp://SCHEDULER:8786``.
# Here both commands run on this machine, with a file in place of the address:

folder = tempfile.TemporaryDirectory()
scheduler_file = Path(folder.name) / "scheduler.json"


def dask(*arguments):
    """Run a command of Dask in the background."""
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(scheduler_file)],
        stderr=subprocess.DEVNULL,
    )


scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
workers = dask("worker", "--nworkers", "2", "--nthreads", "1", "--no-dashboard")
client = Client(scheduler_file=str(scheduler_file))
client.wait_for_workers(2)
print(f"workers: {len(client.ncores())}")

# %%
# ``LocalCluster()`` does the same in one line. In a script it needs ``if __name__ == "__main__":``
# around it, as its workers import the script again; in a notebook it does not.
#
# The same results
# ----------------
#
# The client that was made last is the one that ``parallel_config("dask")`` takes. ``n_jobs`` is
# of no account: the cluster decides how many fits run at a time.

mlp = XavierMLPClassifier((20,), max_iter=15, random_state=0)
grid = {"init": ["glorot_uniform", "uniform", "constant"], "alpha": [0.0001, 0.1]}

here = GridSearchCV(mlp, grid, cv=3).fit(X, y)
with parallel_config("dask"):
    there = GridSearchCV(mlp, grid, cv=3).fit(X, y)
scores = [search.cv_results_["mean_test_score"] for search in (here, there)]
print(f"the same scores: {np.allclose(*scores)}, {here.best_params_ == there.best_params_}")

few = {"inits": ["glorot_uniform", "uniform", "constant"], "cv": 3, "n_repeats": 2}
here = compare_initializers(mlp, X, y, **few, random_state=0)
with parallel_config("dask"):
    there = compare_initializers(mlp, X, y, **few, random_state=0)
scores = [[run.score for run in comparison.runs] for comparison in (here, there)]
print(f"the same comparison: {np.allclose(*scores)}")

# %%
# Scores are the same to rounding if the machines' processors differ, and bit for bit if they do
# not and each worker has as many threads.
#
# What is sent
# ------------
#
# joblib leaves ``X`` and ``y`` on a worker once for each call, and Dask copies them to others that
# need them; no fit carries them along. ``tests/test_cluster.py`` counts the bytes. Each search of
# a script, and each round of a halving search, is a call of its own. With ``scatter`` the data are
# sent once for all calls in the block, to all workers:

with parallel_config("dask", scatter=[X, y]):
    search = HalvingGridSearchCV(
        mlp, grid, resource="max_iter", min_resources=5, max_resources=20, factor=2, cv=3
    ).fit(X, y)
print(f"candidates in each round: {search.n_candidates_}")

# %%
# Pass the very objects that ``fit`` gets: they are known by their identity, and a copy such as
# ``X.astype(np.float32)`` is another one. Every worker holds all samples; a search does not make a
# cluster's memory one memory.
#
# When a worker dies
# ------------------
#
# Its fits are done again by others: Dask's own account of which tasks are done goes on. What it
# cannot make again is data that were only on that worker. So see to it that there are two copies
# of all that fits share:
#
# - ``scatter`` all of it: the samples, and the row numbers of the folds, which a search with
#   ``cv=3`` makes anew and leaves on one worker;
# - ``client.amm.stop()`` turns off Dask's memory manager, which takes second copies away after a
#   while.
#
# Below, the first fit that is scored kills the worker that it runs on, as a lack of memory would:

marker = Path(folder.name) / "a worker was killed"
pids = set(client.run(os.getpid).values())


def accuracy_and_kill(estimator, X, y):
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return estimator.score(X, y)


client.amm.stop()
folds = list(StratifiedKFold(3).split(X, y))
rows = [part for fold in folds for part in fold]
with parallel_config("dask", scatter=[X, y, *rows]):
    search = GridSearchCV(mlp, grid, scoring=accuracy_and_kill, cv=folds, refit=False)
    search.fit(X, y)

client.wait_for_workers(2)
print(f"killed: {len(pids - set(client.run(os.getpid).values()))} of {len(pids)} workers")
reference = GridSearchCV(mlp, grid, cv=folds, refit=False).fit(X, y)
scores = [s.cv_results_["mean_test_score"] for s in (search, reference)]
print(f"the same scores as without: {np.allclose(*scores)}")

# %%
# Without the precautions, the search ends with ``FutureCancelledError`` when the dead worker had
# something that nobody else has. :func:`~sk_xavier.compare_initializers` sends the rows of a
# fold with each fit, 8 bytes a row, so that for it ``scatter=[X, y]`` is enough.
# ``HalvingGridSearchCV`` with ``resource="n_samples"`` draws new rows in each round, and is as
# safe as the worker that has them. A fit that kills worker after worker is given up after a few,
# with ``KilledWorker``: usually it needs more memory than there is.
#
# Threads
# -------
#
# Dask starts its workers with ``OMP_NUM_THREADS=1`` and as many threads as there are cores, for
# as many fits at a time. Of the threads of one process only one runs Python code at a time, and
# between matrix products there is some. ``--nworkers`` as many as cores and ``--nthreads 1``
# avoids that, for the price of a copy of the samples in each process.
#
# A cluster that is not there
# ---------------------------


def attempt(what, work):
    try:
        work()
    except Exception as error:
        first = str(error).splitlines()[0].split(". ")[0]
        print(f"{what}:\n  {type(error).__name__}:\n    {first}")


def without_workers():
    with parallel_config("dask", wait_for_workers_timeout=1):
        GridSearchCV(mlp, grid, cv=3).fit(X, y)


attempt("nobody listens", lambda: Client("tcp://127.0.0.1:9", timeout=1))
client.retire_workers()
workers.terminate()
workers.wait()
attempt("no workers", without_workers)
client.close()
attempt("no client", without_workers)

# %%
# Where ``timeout`` is not given, Dask tries for 30 seconds, as it does when a scheduler vanishes
# while it is used.

scheduler.terminate()
scheduler.wait()
folder.cleanup()

# %%
# Ray
# ---
#
# Ray brings a backend for joblib of its own (tried with Ray 2.60):
#
# .. code-block:: python
#
#     import ray
#     from ray.util.joblib import register_ray
#
#     ray.init()  # or ray.init("ray://HEAD:10001")
#     register_ray()
#     with parallel_config("ray", n_jobs=-1):
#         search = GridSearchCV(mlp, grid, cv=3).fit(X, y)
#
# Results are the same, as ``tests/test_cluster.py`` checks. Without ``n_jobs=-1`` it is one job,
# and that runs here. There is no ``scatter``.
