r"""
.. _guide_cluster:

A search on a cluster
=====================

When a search takes hours with all cores of one machine (:ref:`guide_scaling_out`), it can be given
to several. scikit-learn's searches and :func:`~sk_xavier.compare_initializers` hand their fits to
`joblib <https://joblib.readthedocs.io>`_, and joblib hands them to `Dask
<https://distributed.dask.org>`_ or `Ray <https://docs.ray.io>`_ if it is told to. Nothing else in a
program changes, nor do its results. Each single fit is still done by one process.

"""

import logging
import os
import signal
import tempfile
import warnings
from itertools import chain
from pathlib import Path

import numpy as np
from distributed import Client, SubprocessCluster
from joblib import parallel_config
from scipy.sparse import csr_array
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from threadpoolctl import threadpool_info

from sk_xavier import XavierMLPClassifier, compare_initializers
from sk_xavier.initializers import GlorotUniform

# The numbers of epochs below are chosen, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)
# Workers are killed below, and Dask's log would tell all about it.
logging.getLogger("distributed").setLevel(logging.CRITICAL)

# %%
# Starting one
# ------------
#
# A cluster of Dask is a *scheduler*, to which *workers* connect from wherever they run; your
# program is its *client*. ``pip install "sk-xavier[dask]"`` brings all three. By hand it is one
# command on one machine, and one on each of the others, and the client needs the address that the
# first one prints:
#
# .. code-block:: bash
#
#    dask scheduler
#    dask worker tcp://scheduler-address:8786 --nworkers 4 --nthreads 1
#
# All of them need the same versions of Python and packages, which
# ``client.get_versions(check=True)`` looks at. The page here starts a scheduler and two workers on
# the machine that builds it, each a process with one thread:

cluster = SubprocessCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0")
client = Client(cluster)
client.wait_for_workers(2)
slots = sum(client.ncores().values())
print(f"workers: {len(client.ncores())}, fits at a time: {slots}")

# %%
# ``SubprocessCluster`` does not run on Windows. ``LocalCluster`` does, and it is the usual one,
# with a trap: the processes that it starts import the script that starts them. A script must keep
# its work from being imported, or each worker would start workers, and Python ends it with ``An
# attempt has been made to start a new process``. In a notebook the condition is not needed:
#
# .. code-block:: python
#
#    from distributed import Client, LocalCluster
#    from joblib import parallel_config
#    from sklearn.datasets import load_iris
#    from sklearn.model_selection import cross_val_score
#
#    from sk_xavier import XavierMLPClassifier
#
#    if __name__ == "__main__":
#        X, y = load_iris(return_X_y=True)
#        mlp = XavierMLPClassifier((8,), solver="lbfgs", max_iter=500, random_state=0)
#        with LocalCluster(n_workers=2, threads_per_worker=1) as cluster, Client(cluster):
#            with parallel_config("dask"):
#                print(cross_val_score(mlp, X, y, cv=3).round(2))
#
# Searching on it
# ---------------
#
# ``parallel_config("dask")`` finds the client by itself. ``n_jobs`` is not needed: the cluster says
# how many fits run at a time. (joblib has ``parallel_config`` since version 1.3.)

rng = np.random.RandomState(0)
X = rng.normal(size=(2000, 256))
y = (X[:, :3].sum(axis=1) > 0).astype(int)

mlp = XavierMLPClassifier((8,), max_iter=3, random_state=0)
grid = {
    "init": ["glorot_uniform", "uniform"],
    "learning_rate_init": [0.001, 0.003, 0.01, 0.03],
}
here = GridSearchCV(mlp, grid, cv=3).fit(X, y)
with parallel_config("dask"):
    there = GridSearchCV(mlp, grid, cv=3).fit(X, y)

scores = [search.cv_results_["mean_test_score"] for search in (here, there)]
print("mean scores:", *np.round(scores[1], 3))
print(f"the same as here: {np.array_equal(*scores)}")
coefs = [search.best_estimator_.coefs_[0] for search in (here, there)]
print(f"the best network's weights, too: {np.array_equal(*coefs)}")

# %%
# The best candidate's last fit, on all samples, is done by the client. So is everything on a
# cluster that has room for one fit at a time: joblib does in its own process what is not to be done
# in parallel.
#
# Comparing on it
# ---------------

settings = {
    "inits": ["constant", "uniform", "glorot_uniform"],
    "cv": 3,
    "n_repeats": 2,
    "random_state": 0,
}
local = compare_initializers(mlp, X, y, **settings)
with parallel_config("dask"):
    distributed = compare_initializers(mlp, X, y, **settings)

columns = ["label", "repeat", "fold", "score", "loss"]
tables = [comparison.to_frame()[columns] for comparison in (local, distributed)]
print(f"{len(tables[1])} runs, the same: {tables[0].equals(tables[1])}")
tables[1].tail(4)

# %%
# What is sent
# ------------
#
# joblib gives large arguments to Dask once and has each fit refer to them. This counts what the
# workers read from the network, in sizes of the samples:


def count_received():
    """How many bytes this process has read from sockets since the first call."""
    from tornado.iostream import IOStream

    if not hasattr(IOStream, "n_received"):
        read = IOStream.read_from_fd

        def read_and_count(self, buffer):
            n = read(self, buffer)
            IOStream.n_received += n or 0
            return n

        IOStream.n_received, IOStream.read_from_fd = 0, read_and_count
    return IOStream.n_received


def tell_received(what, X, n_bytes, **settings):
    before = sum(client.run(count_received).values())
    with parallel_config("dask", **settings):
        GridSearchCV(mlp, grid, cv=3, refit=False).fit(X, y)
    received = sum(client.run(count_received).values()) - before
    print(f"{what:27} {received / n_bytes:4.1f}")


n_fits = 3 * len(grid["init"]) * len(grid["learning_rate_init"])
print(f"{n_fits} fits; received, in sizes of the samples:")
dense = X + 1
tell_received("array", dense, dense.nbytes)
sparse = csr_array(np.maximum(X, 0))
n_bytes = sparse.data.nbytes + sparse.indices.nbytes
tell_received("csr_array", sparse, n_bytes)
tell_received("csr_array, scattered first", sparse, n_bytes, scatter=[sparse, y])

# %%
# Once for each worker is what it takes. The ``csr_array`` was sent with each message instead, of
# which one may hold several short fits. joblib asks Dask how large an object is, and Dask knows
# that of arrays, of pandas' frames and of ``csr_matrix``. It takes a ``csr_array`` or a frame of
# polars for small, and joblib shares no lists. Give these to ``scatter`` yourself: the very objects
# that you pass to ``fit``.
#
# Three more things go over the network. Row numbers of the folds: shared like the samples in
# scikit-learn's searches; with each run, but as bits, in a comparison. ``sample_weight`` and what
# else is passed to a search's ``fit``: with each message, as it is in a dictionary. And the samples
# again in each *call* of joblib, of which ``HalvingGridSearchCV`` makes one for each round, unless
# they were scattered and the copies stay, which is the next section's topic.
#
# When a worker dies
# ------------------
#
# Machines are switched off, and a process that takes too much memory is killed. Dask starts what a
# worker was doing again, elsewhere. But it cannot make data again that only this worker had, and
# joblib gives them to one worker at first: then the search ends with ``FutureCancelledError``, and
# its results are gone (`an open issue of Dask
# <https://github.com/dask/distributed/issues/3149>`_). Call ``client.restart()`` before the next
# one: some fits still run, and to send the same samples while Dask gives them up may take for ever.
# For a search to be safe, three things are needed:
#
# * the samples on each worker from the start: ``scatter=[X, y]``;
# * the folds, too. They are arrays like others, and so must be made before;
# * that copies stay. Dask's memory manager takes away those that nobody waits for at the moment;
#   ``client.amm.stop()`` stops it, or the setting
#   ``distributed.scheduler.active-memory-manager.start`` where the scheduler runs.
#
# To see it hold, here is a start that kills its worker the first time that it is used:


class KillsOnce:
    def __init__(self, sign):
        self.sign = sign

    def __call__(self, shape, **more):
        try:
            self.sign.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        except FileNotFoundError:  # it was used before
            return GlorotUniform()(shape, **more)


folder = tempfile.TemporaryDirectory()
sign = Path(folder.name) / "sign"
folds = list(StratifiedKFold(3).split(X, y))
grid = {
    "init": ["uniform", KillsOnce(sign), "normal"],
    "learning_rate_init": [0.01, 0.03],
}
here = GridSearchCV(mlp, grid, cv=folds, refit=False).fit(X, y)

client.amm.stop()
before = set(client.run(os.getpid).values())
sign.touch()
with parallel_config("dask", scatter=[X, y, *chain(*folds)]):
    there = GridSearchCV(mlp, grid, cv=folds, refit=False).fit(X, y)
client.wait_for_workers(2)
after = set(client.run(os.getpid).values())
scores = [search.cv_results_["mean_test_score"] for search in (here, there)]
print(f"workers that are still the same: {len(before & after)} of {len(before)}")
print(f"the same scores: {np.array_equal(*scores)}")
folder.cleanup()

# %%
# The worker's *nanny*, a process beside it, has started another one.
#
# .. list-table::
#    :header-rows: 1
#    :widths: 52 48
#
#    * - search
#      - a worker is killed
#    * - without ``scatter``
#      - ends, if it alone had the samples or a fold
#    * - ``scatter=[X, y]``
#      - ends, if it alone had a fold
#    * - ``scatter=[X, y, *chain(*folds)]``
#      - ends, if the memory manager had left it the only copy
#    * - the same, after ``client.amm.stop()``
#      - loses nothing
#
# It takes one surviving worker that was there from the start.
# ``HalvingGridSearchCV`` is safe in the same way where it gives out epochs
# (``resource="max_iter"``); where it gives out samples, it makes folds of its own, which cannot be
# scattered before.
#
# :func:`~sk_xavier.compare_initializers` needs none of this. If data are lost, it sends them again,
# and does again the runs that have no result yet, with a ``RuntimeWarning`` that says so. It gives
# up when that happens twice without a result in between. The same holds for ``n_jobs`` on one
# machine, where joblib gives up all work when one of its processes is killed. With
# ``scatter=[X, y]`` it keeps to what you scattered; then stop the memory manager here, too. That is
# still the safest: a worker that dies while joblib sends it samples that were *not* scattered makes
# joblib (1.6.0) wait for ever, whereas ``scatter`` ends with an error.
#
# A fit that kills whichever worker takes it ends all in either case: with ``KilledWorker``, when
# Dask has started it again ``distributed.scheduler.allowed-failures`` times (by default 3), or with
# ``FutureCancelledError``, if the data went down with the workers before.
#
# Threads and memory
# ------------------
#
# A nanny sets ``OMP_NUM_THREADS=1`` and its like for the worker, so that a fit keeps to its thread
# (:ref:`guide_scaling_out`):


def count_threads():
    return {each["num_threads"] for each in threadpool_info()}


threads = client.run(count_threads)
print(f"threads of BLAS and OpenMP: {set().union(*threads.values())}")

# %%
# A worker without a nanny (``dask worker --no-nanny``) has no such setting; make it yourself.
# ``nthreads`` counts fits at a time. For few large networks leave it at 1 and set
# ``OMP_NUM_THREADS`` where the worker is started to the number of its cores.
#
# Each worker has the samples once, and each fit takes a copy of its rows, so a worker with
# ``nthreads`` fits at a time needs room for 1 + ``nthreads`` times the samples, and for the
# networks. A worker that takes more than 95% of its ``memory_limit`` is killed by its nanny
# (``distributed.worker.memory.terminate``).
#
# When it is not there
# --------------------

client.close()
cluster.close()
try:
    with parallel_config("dask"):
        GridSearchCV(mlp, grid).fit(X, y)
except ValueError as error:
    print(str(error).splitlines()[0])
try:
    Client("tcp://127.0.0.1:9", timeout=1)
except OSError as error:
    print(error)

# %%
# .. list-table::
#    :header-rows: 1
#    :widths: 22 46 32
#
#    * - what is wrong
#      - error
#      - after
#    * - no client
#      - ``ValueError``: "first create a Dask Client"
#      - at once
#    * - nobody at the address
#      - ``OSError``: "Timed out trying to connect"
#      - ``Client(..., timeout=)``, by default 30 s
#    * - no worker
#      - ``TimeoutError``: "has no worker after 10 seconds"
#      - ``parallel_config("dask", wait_for_workers_timeout=10)``
#    * - scheduler gone before
#      - ``OSError``: "Timed out trying to connect" or "ConnectionPool closing"
#      - the client's timeout again
#    * - scheduler gone meanwhile
#      - ``FutureCancelledError``: "scheduler-connection-lost"
#      - at once; in a comparison, the client's timeout again
#
# The default of 30 seconds is ``distributed.comm.timeouts.connect``, which can be set with
# ``dask.config.set`` before the client is made.
#
# On Ray
# ------
#
# Ray's backend is registered first; then it is another name. Unlike Dask's, it does nothing unless
# ``n_jobs`` asks for it, -1 for all that the cluster has:
#
# .. code-block:: python
#
#    import ray
#    from joblib import parallel_config
#    from ray.util.joblib import register_ray
#    from sklearn.datasets import load_iris
#
#    from sk_xavier import XavierMLPClassifier, compare_initializers
#
#    X, y = load_iris(return_X_y=True)
#    mlp = XavierMLPClassifier((8,), max_iter=20, random_state=0)
#    settings = {"inits": ["auto", "normal"], "cv": 3, "n_repeats": 1, "random_state": 0}
#
#    ray.init(num_cpus=2, include_dashboard=False)  # or address="auto" on a cluster
#    register_ray()
#    with parallel_config("ray"):
#        comparison = compare_initializers(mlp, X, y, n_jobs=-1, **settings)
#    ray.shutdown()
#
# It gives results only when all are there, so that with ``verbose=1`` the lines come at the end.
# And it tells of a lost worker in a way of its own, by ``ActorDiedError``, which ends a search and
# a comparison alike. Once used, it is there to stay: joblib's own backend "multiprocessing" goes
# through Ray, too, from then on in this process, and starts one where none runs (Ray 2.60).
#
# What it does not do
# -------------------
#
# A fit that takes milliseconds is done before a message about it has come and gone: small searches
# are slower on a cluster than here. A single network is not shared out, and data that no single
# machine can hold are for :ref:`guide_larger_than_memory`. For fewer fits instead of more machines
# see :ref:`guide_optuna`.
