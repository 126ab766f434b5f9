r"""
.. _guide_scaling_out:

Scaling out
===========

A network of this library is trained in one process, on one machine's processor. This chapter is
about how far that goes: many fits at a time, more samples than memory holds, and searches that do
not pay for what they throw away. How long a fit takes is measured in :ref:`guide_speed`.

"""

import tempfile
import tracemalloc
import warnings
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info, threadpool_limits

from sk_xavier import XavierMLPClassifier, compare_initializers

# The numbers of epochs below are chosen, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

BLUE, ORANGE = "#0072B2", "#D55E00"
MB = 2**20

X, y = load_digits(return_X_y=True)
X = X / 16

# %%
# Many fits at a time
# -------------------
#
# A search, a cross-validation or a comparison of starts is many fits that need nothing of one
# another. ``n_jobs`` says how many run at a time; -1 is one for each core. The results do not
# depend on it:

mlp = XavierMLPClassifier((20,), tol=0.02, max_iter=300, random_state=0)
grid = {"init": ["glorot_uniform", "uniform"], "learning_rate_init": [0.001, 0.01]}
scores = {}
for n_jobs in (1, 2):
    search = GridSearchCV(mlp, grid, cv=3, n_jobs=n_jobs).fit(X[:300], y[:300])
    scores[n_jobs] = search.cv_results_["mean_test_score"]
print("mean scores:", *np.round(scores[1], 3))
print(f"the same with two jobs: {np.allclose(scores[1], scores[2])}")

comparisons = [
    compare_initializers(
        mlp,
        X[:300],
        y[:300],
        inits=["glorot_uniform", "uniform"],
        cv=3,
        n_repeats=1,
        n_jobs=n_jobs,
        random_state=0,
    )
    for n_jobs in (1, 2)
]
first, second = (comparison.to_frame()["score"] for comparison in comparisons)
print(f"the same comparison with two jobs: {np.allclose(first, second)}")

# %%
# Jobs are processes that joblib starts, and each gets the samples: arrays of more than a megabyte
# as memory maps, one copy for all. Starting them takes longer than many small fits do; a few fits
# of milliseconds are done sooner without.
#
# Jobs times threads
# ------------------
#
# The matrix products within one fit are done by BLAS, which may take a thread for each core. Two
# jobs that take as many threads as there are cores each make twice as many threads as cores: they
# wait for one another, and all get slower. This is *oversubscription*. joblib's own processes are
# told to share the cores out (`its documentation
# <https://joblib.readthedocs.io/en/stable/parallel.html>`_, "Avoiding over-subscription of CPU
# resources"); scripts that you start side by side are not. There, set ``OMP_NUM_THREADS=1``
# before Python starts, or limit the threads for a while with ``threadpoolctl``, which
# scikit-learn brings:


def most_threads():
    blas = [each for each in threadpool_info() if each["user_api"] == "blas"]
    return max((each["num_threads"] for each in blas), default=1)


before = most_threads()
with threadpool_limits(limits=1, user_api="blas"):
    print(f"threads within: {most_threads()}")
    XavierMLPClassifier((20,), max_iter=3).fit(X, y)
print(f"as many afterwards as before: {most_threads() == before}")

# %%
# As a rule, with small layers (up to some hundred units, batches of 200) give the cores to jobs,
# one thread each: a product takes microseconds, and threads have little to share. With large
# layers and few fits give them to threads. Other numbers of threads may round differently, so
# that weights agree to rounding and not bit for bit.
#
# Predicting for many rows
# ------------------------
#
# A hidden layer of 256 units takes 2 kB a sample in float64. Predictions are computed in blocks
# of rows, so that no layer exists for all of them at once. What ``predict_proba`` takes at most
# beside the samples, as counted by ``tracemalloc``, and what scikit-learn's takes:


def peak_megabytes(work):
    """The most memory in use at a time beyond what was there before."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    work()
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    return peak / MB


sizes = [5_000, 10_000, 20_000, 40_000]
rows = np.random.RandomState(0).normal(size=(sizes[-1], 64))
peaks = {"sk_xavier": [], "scikit-learn": []}
for name, cls in {
    "sk_xavier": XavierMLPClassifier,
    "scikit-learn": MLPClassifier,
}.items():
    network = cls((256,), max_iter=1, random_state=0).fit(X[:500], y[:500])
    for n in sizes:
        work = partial(network.predict_proba, rows[:n])
        peak = peak_megabytes(work)
        peaks[name].append(peak)
        print(f"{name:12} {n:6} rows: {peak:6.1f} MB")

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.plot(sizes, peaks["scikit-learn"], "s--", color=ORANGE, label="scikit-learn")
axes.plot(sizes, peaks["sk_xavier"], "o-", color=BLUE, label="sk_xavier")
axes.set(xlabel="rows", ylabel="peak memory of predict_proba [MB]", ylim=(0, None))
_ = axes.legend()

# %%
# Ours grows by the probabilities that are returned. ``"lbfgs"``, large batches and validation
# scores are computed in blocks, too.
#
# Samples on disk
# ---------------
#
# ``numpy.memmap`` makes an array of a file, of which the system reads what is asked for. A fit
# asks for a batch at a time; of the rest it keeps a few numbers a row, such as their shuffled
# order. The file here is small, so that the page builds quickly.

folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "samples.bin"
rng = np.random.RandomState(0)
picked = rng.randint(len(X), size=40_000)
on_disk = np.memmap(path, dtype=np.float32, mode="w+", shape=(40_000, 64))
on_disk[:] = X[picked] + rng.normal(scale=0.1, size=(40_000, 64))
on_disk.flush()
labels = y[picked]

mapped = np.memmap(path, dtype=np.float32, mode="r", shape=(40_000, 64))
mlp = XavierMLPClassifier((50,), max_iter=2, random_state=0)
peak = peak_megabytes(partial(mlp.fit, mapped, labels))
print(f"samples: {mapped.nbytes / MB:.1f} MB; fit took {peak:.1f} MB beside them")
in_memory = XavierMLPClassifier((50,), max_iter=2, random_state=0)
in_memory.fit(np.array(mapped), labels)
same = np.array_equal(mlp.coefs_[0], in_memory.coefs_[0])
print(f"the same weights as from memory: {same}")

# %%
# Shuffling reads rows from all over the file, which is slow on a disk that has to seek. Either
# shuffle the file once and set ``shuffle=False``, or read it in order, a piece at a time, and
# call ``partial_fit`` (:ref:`guide_continuing`): then the source can be anything that yields
# pieces. :func:`~sk_xavier.streaming.fit_stream` is this loop, with checkpoints
# (:ref:`guide_larger_than_memory`). The scaler makes a first pass of its own.

scaler = StandardScaler()
pieces = [slice(first, first + 4_000) for first in range(0, 40_000, 4_000)]
for piece in pieces[:-1]:
    scaler.partial_fit(mapped[piece])
mlp = XavierMLPClassifier((50,), random_state=0)
for piece in pieces[:-1]:
    mlp.partial_fit(scaler.transform(mapped[piece]), labels[piece], classes=range(10))
X_last, y_last = scaler.transform(mapped[pieces[-1]]), labels[pieces[-1]]
print(f"accuracy on the last piece, not trained on: {mlp.score(X_last, y_last):.3f}")
del on_disk, mapped
folder.cleanup()

# %%
# (The pieces repeat the same digits with other noise, so this accuracy says that the loop works,
# and nothing about new digits.)
#
# Sparse samples
# --------------
#
# Samples with few entries that are not zero, such as counts of words, are taken as CSR matrices
# and stay so. The first layer's weights are dense, features times units:

rng = np.random.RandomState(0)
words = rng.randint(10_000, size=(4_000, 10))  # ten words in each of 4,000 texts
texts = np.repeat(np.arange(4_000), 10)
where = (texts, words.ravel())
counts = sparse.csr_matrix((np.ones(40_000), where), shape=(4_000, 10_000))
has_rare_word = (words < 1_000).any(axis=1)
mlp = XavierMLPClassifier((10,), max_iter=2, random_state=0)
peak = peak_megabytes(partial(mlp.fit, counts, has_rare_word))
print(f"dense, the samples would take {np.prod(counts.shape) * 8 / MB:.0f} MB")
weights = mlp.coefs_[0].nbytes / MB
print(f"fit took {peak:.0f} MB, of which the weights are {weights:.1f}")

# %%
# float32
# -------
#
# The type of ``X`` decides that of the weights and of all the arithmetic. float32 halves the
# memory of samples, weights and layers, and the traffic between memory and processor with it,
# which is often what a step waits for. Convert the samples once, before ``fit``:

for dtype in (np.float64, np.float32):
    typed = X.astype(dtype)
    mlp = XavierMLPClassifier((50,), max_iter=2, random_state=0).fit(typed, y)
    weights = sum(array.nbytes for array in mlp.coefs_ + mlp.intercepts_)
    print(f"{typed.dtype}: samples {typed.nbytes} bytes, weights {weights} bytes")

# %%
# A search that gives up early
# ----------------------------
#
# A grid search trains every candidate to the end.
# :class:`~sklearn.model_selection.HalvingGridSearchCV`, experimental in scikit-learn, trains all
# of them a little, keeps the best part, trains those longer, and so on. The resource to be given
# out can be ``max_iter``:

grid = {
    "init": ["glorot_uniform", "uniform", "constant"],
    "learning_rate_init": [0.0001, 0.001, 0.01],
}
halving = HalvingGridSearchCV(
    XavierMLPClassifier((20,), n_iter_no_change=np.inf, random_state=0),
    grid,
    resource="max_iter",
    min_resources=5,
    max_resources=45,
    factor=3,
    cv=3,
    random_state=0,
).fit(X[:600], y[:600])

rounds = pd.DataFrame(
    {
        "candidates": halving.n_candidates_,
        "epochs each": halving.n_resources_,
    },
    index=range(1, halving.n_iterations_ + 1),
)
n_epochs = int((rounds["candidates"] * rounds["epochs each"]).sum())
print(f"epochs in each fold: {n_epochs}; of a whole grid search: {9 * 45}")
for name, value in halving.best_params_.items():
    print(f"chosen {name}: {value}")
rounds.rename_axis("round")

# %%
# It prefers what learns fast to what ends well: a candidate with a small learning rate and a low
# loss in the end is gone after the first round. Where that matters, start with more epochs, or
# give out samples (``resource="n_samples"``, the default).
#
# What is not there
# -----------------
#
# No GPU is used, and no single fit is shared out over several machines. A search can be
# (:ref:`guide_cluster`), and a single network can be trained on more samples than memory holds
# (:ref:`guide_larger_than_memory`). Where layers of thousands of units meet millions of
# samples, a library for GPUs is the better tool (:ref:`coming_from_other_libraries`); the
# benchmarks show where PyTorch is faster on a processor already (:ref:`guide_speed`).
