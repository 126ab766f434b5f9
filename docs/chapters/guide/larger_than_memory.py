r"""
.. _guide_larger_than_memory:

Data larger than memory
=======================

``fit`` needs all samples as one array, in memory or in a memory map (:ref:`guide_scaling_out`).
:func:`~sk_xavier.streaming.fit_stream` needs one *chunk* of them at a time. It calls
``partial_fit`` for each, counts, shows how far it is, and can be cut off anywhere: with a
checkpoint, the same call made again ends with the weights that it would have had, bit for bit.

"""

import tempfile
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from dask import array as da
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier
from sk_xavier.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from sk_xavier.streaming import ArrayChunks, ParquetChunks, fit_stream

BLUE, ORANGE = "#0072B2", "#D55E00"
folder = tempfile.TemporaryDirectory()
disk = Path(folder.name)

# %%
# The data here are small, so that the page builds quickly: 20,000 noisy digits in a file. What a
# file of more than 3 GB takes is at the end.

X_digits, y_digits = load_digits(return_X_y=True)
rng = np.random.RandomState(0)
picked = rng.randint(len(X_digits), size=20_000)
pixels = X_digits[picked] + rng.normal(scale=4.0, size=(20_000, 64))
labels = y_digits[picked]
pixels.astype(np.float32).tofile(disk / "pixels.bin")

# %%
# Chunks of a file
# ----------------
#
# :class:`~sk_xavier.streaming.ArrayChunks` cuts whatever gives rows for a slice. Of a
# ``numpy.memmap`` it gives the pages that were read back to the system; otherwise they count as
# memory in use until the system needs it for something else.

on_disk = np.memmap(disk / "pixels.bin", np.float32, "r", shape=(20_000, 64))
train, test = slice(0, 18_000), slice(18_000, 20_000)
chunks = ArrayChunks(on_disk[train], labels[train], chunk_rows=2_000)
print(f"{len(chunks)} chunks, the first of shape {chunks[0][0].shape}")

# %%
# A scaler has ``partial_fit`` too, and makes a first pass of its own. Then the network is trained
# as the last step of a pipeline whose other steps are fitted:

scaler = StandardScaler()
fit_stream(scaler, chunks)

mlp = XavierMLPClassifier((50,), random_state=0)
model = make_pipeline(scaler, mlp)
result = fit_stream(model, chunks, n_epochs=3, classes=np.arange(10), verbose=1)
print(f"chunks: {result.n_chunks}, rows: {result.n_rows:,}")
print(f"accuracy on rows not trained on: {model.score(on_disk[test], labels[test]):.3f}")

# %%
# ``classes`` names all labels that will ever come, as a chunk may lack some. ``verbose=2`` prints a
# line for each chunk, and in a terminal callbacks of scikit-learn 1.9 draw a progress bar, with
# ``mlp.set_callbacks(ProgressBar())``. The result has ``rows_per_second`` and the seconds spent
# on reading: where these are most of the time, a faster disk helps, and no smaller network does.
#
# For the estimator each chunk is an epoch: ``n_iter_`` counts chunks, and ``loss_curve_`` has one
# loss for each, of every batch *before* its step. In the first pass that is the loss on samples not
# yet seen.

figure, axes = plt.subplots(figsize=(7, 3.4), layout="constrained")
axes.plot(np.arange(1, mlp.n_iter_ + 1), mlp.loss_curve_, "o-", color=BLUE)
for first in (9.5, 18.5):
    axes.axvline(first, color="0.7", ls=":")
axes.set(xlabel="chunks (dotted: the stream begins anew)", ylabel="log loss (nats)")
_ = axes.set_ylim(0, None)

# %%
# How large a chunk?
# ------------------
#
# It has to fit into memory a few times over: itself, the next one while it is read, and what the
# steps before the network make of it. By default it is 32 MiB of samples. Within a chunk, the
# network takes mini-batches of ``batch_size`` in random order; chunks come in the order of the
# file. So a file that is *sorted* is a trap:

order = np.argsort(labels[train], kind="stable")
sorted_chunks = ArrayChunks(on_disk[train][order], labels[train][order], chunk_rows=2_000)
accuracies = {}
for name, source, shuffle in [
    ("as it came", chunks, False),
    ("sorted by digit", sorted_chunks, False),
    ("sorted, chunks shuffled", sorted_chunks, True),
]:
    model = make_pipeline(scaler, XavierMLPClassifier((50,), random_state=0))
    fit_stream(model, source, n_epochs=3, classes=np.arange(10), shuffle=shuffle, random_state=0)
    accuracies[name] = model.score(on_disk[test], labels[test])
    print(f"{name:24} accuracy {accuracies[name]:.3f}")

# %%
# ``shuffle=True`` takes the chunks in another order in each epoch, and helps little here: it does
# not mix rows of different chunks. With a digit or two in each, the network forgets one while it
# learns the next. Mix the rows of such a file once, when it is written.
#
# Parquet
# -------
#
# :class:`~sk_xavier.streaming.ParquetChunks` reads a file, a folder or a list of files with
# pyarrow, the named columns only. Null values are an error that names the column, and the index
# that pandas writes beside a frame is no feature.

table = pa.table({f"pixel{i}": pixels[:, i].astype(np.float32) for i in range(64)})
table = table.append_column("digit", pa.array(labels))
for part in range(2):
    rows = table.slice(9_000 * part, 9_000)
    pq.write_table(rows, disk / f"part-{part}.parquet", row_group_size=2_000)

from_parquet = ParquetChunks(disk, "digit", chunk_rows=2_000)
print(f"rows of the chunks: {[len(y) for _, y in from_parquet]}")
model = make_pipeline(scaler, XavierMLPClassifier((50,), random_state=0))
fit_stream(model, from_parquet, n_epochs=3, classes=np.arange(10))
print(f"accuracy: {model.score(on_disk[test], labels[test]):.3f}")

# %%
# A chunk is never of two row groups, so write files with row groups of 1 to 100 MB; pyarrow's own
# default is a million rows. With ``as_frame=True`` chunks are pandas frames with names and types
# of columns, for a pipeline that treats them apart (:ref:`guide_tables`).
#
# Dask arrays
# -----------
#
# The chunks of a Dask array are taken as they are. They are computed one by one, by whatever
# scheduler Dask has been told to use:

lazy = da.from_array(pixels[train], chunks=(2_000, 64))
from_dask = ArrayChunks(lazy / 4 - 2, da.from_array(labels[train], chunks=2_000))
mlp = XavierMLPClassifier((50,), random_state=0)
fit_stream(mlp, from_dask, n_epochs=3, classes=np.arange(10))
print(f"accuracy: {mlp.score(pixels[test] / 4 - 2, labels[test]):.3f}")

# %%
# An array that does not know its lengths, as from a filtered frame, is refused with the advice to
# call ``compute_chunk_sizes()``. ``Incremental`` of `dask-ml
# <https://ml.dask.org/incremental.html>`_ (tried with 2025.1.0 and scikit-learn 1.9) does the
# same as one epoch, once its own shuffling of blocks is off:
#
# .. code-block:: python
#
#     from dask_ml.wrappers import Incremental
#
#     model = Incremental(XavierMLPClassifier((50,)), shuffle_blocks=False)
#     model.fit(X, y, classes=range(10))
#
# Anything else
# -------------
#
# A source is a sequence of ``(X, y)`` or ``(X, y, sample_weight)``, an object that can be gone
# through anew for each epoch, or a function that returns an iterator, such as a generator function
# around a database, a socket or a simulation:


def simulated():
    """Five chunks of shifted digits, different at each call."""
    for _ in range(5):
        rows = rng.randint(len(X_digits), size=1_000)
        yield np.roll(X_digits[rows], rng.randint(-1, 2), axis=1) / 16, y_digits[rows]


mlp = XavierMLPClassifier((50,), random_state=0)
result = fit_stream(mlp, simulated, n_epochs=4, classes=np.arange(10))
print(f"chunks: {result.n_chunks}, rows: {result.n_rows:,}")

# %%
# To go on from a checkpoint, a sequence is read from the right chunk on. Of other sources, what was
# done before is read again and dropped, so it must be the same.
#
# Cut off and going on
# --------------------
#
# Here a source fails in its 14th chunk, as a process that is killed would. The second call finds
# the checkpoint, and goes on:


class Fails(list):
    reads = 0

    def __getitem__(self, i):
        self.reads += 1
        if self.reads == 14:
            raise ConnectionError("the disk is gone")
        return super().__getitem__(i)


settings = {"n_epochs": 3, "classes": np.arange(10), "checkpoint": disk / "mlp.npz"}
first = XavierMLPClassifier((50,), random_state=0)
try:
    fit_stream(make_pipeline(scaler, first), Fails(chunks), **settings)
except ConnectionError as error:
    print(f"{error}. {error.__notes__[0]}")

second = XavierMLPClassifier((50,), random_state=0)  # as in a new process
result = fit_stream(make_pipeline(scaler, second), chunks, **settings)
print(f"chunks before: {result.n_chunks_before}, now: {result.n_chunks}")

whole = XavierMLPClassifier((50,), random_state=0)
fit_stream(make_pipeline(scaler, whole), chunks, n_epochs=3, classes=np.arange(10))
same = [np.array_equal(a, b) for a, b in zip(second.coefs_, whole.coefs_, strict=True)]
print(f"the same weights as never cut off: {all(same)}")

# %%
# A third call would find a training that is finished, and do nothing. ``checkpoint_every=10``
# writes after each tenth chunk only: a kill then costs up to nine, an error or Ctrl-C none. The
# file is written beside the old one and then takes its name, so that there is a whole checkpoint
# at any time.
#
# What a checkpoint is
# --------------------
#
# All that goes on from one ``partial_fit`` to the next: weights, the optimizer's averages, the
# state of the random numbers, the order of samples, counters and curves. It is an ``.npz``
# archive of arrays and JSON without any pickle: reading one runs no code of its writer.

with np.load(disk / "mlp.npz") as archive:
    for name in list(archive.files)[:4]:
        print(f"{name:24} {archive[name].shape}")

# %%
# For a loop of your own there are :func:`~sk_xavier.checkpoints.save_checkpoint` and
# :func:`~sk_xavier.checkpoints.load_checkpoint`, which reads one into an estimator with your
# parameters:

mlp = XavierMLPClassifier((50,), random_state=0)
mlp.partial_fit(X_digits / 16, y_digits, classes=np.arange(10))
save_checkpoint(disk / "loop.npz", mlp)
other = load_checkpoint(disk / "loop.npz", XavierMLPClassifier((50,), learning_rate_init=0.01))
other.partial_fit(X_digits / 16, y_digits)
print(f"epochs: {other.n_iter_}, learning rates: {other.learning_rate_curve_}")

# %%
# It is no model for keeps. Only the version of sk_xavier that wrote it reads it, and the parameters
# are not in it; :ref:`guide_saving` has what to use for models. What does not fit is refused, and
# the estimator is left as it was:

(disk / "short.npz").write_bytes((disk / "loop.npz").read_bytes()[:5000])
for path, estimator in [
    ("loop.npz", XavierMLPClassifier((20,))),
    ("short.npz", XavierMLPClassifier((50,))),
]:
    try:
        load_checkpoint(disk / path, estimator)
    except ValueError as error:
        print(str(error).replace(f"{disk}/", "").replace(": ", ":\n  "))

# %%
# A ``fit`` that may be killed
# ----------------------------
#
# With scikit-learn 1.9, ``fit`` writes checkpoints by a callback. Here another callback fails in
# the tenth of twelve epochs, when the last checkpoint is that of the eighth. A ``partial_fit``
# for each epoch that is missing then leads to the same weights as if nothing had happened:

parameters = {"hidden_layer_sizes": (50,), "max_iter": 12, "random_state": 0}


class FailInTenth:
    def setup(self, estimator, context):
        pass

    teardown = on_fit_task_end = setup

    def on_fit_task_begin(self, estimator, context):
        if context.task_name == "epoch" and context.task_id == 9:
            raise RuntimeError("killed in epoch 10")


mlp = XavierMLPClassifier(**parameters)
if hasattr(mlp, "set_callbacks"):
    mlp.set_callbacks(Checkpoint(disk / "fit.npz", every=4), FailInTenth())
    try:
        mlp.fit(X_digits, y_digits)
    except RuntimeError as error:
        print(error)

    mlp = load_checkpoint(disk / "fit.npz", XavierMLPClassifier(**parameters))
    print(f"epochs in the checkpoint: {mlp.n_iter_}")
    while mlp.n_iter_ < mlp.max_iter:
        mlp.partial_fit(X_digits, y_digits)

    warnings.simplefilter("ignore", ConvergenceWarning)  # 12 epochs are chosen
    whole = XavierMLPClassifier(**parameters).fit(X_digits, y_digits)
    same = [np.array_equal(a, b) for a, b in zip(mlp.coefs_, whole.coefs_, strict=True)]
    print(f"the same weights as by one fit: {all(same)}")

# %%
# That is so for the solvers that take mini-batches, without ``early_stopping``: what is held out
# and the best weights so far are not in a checkpoint. For the others it is a warm start.
#
# What 3 GB take
# --------------
#
# :ref:`sphx_glr_auto_examples_beyond_mlpclassifier_plot_larger_than_memory.py` trains on a file
# of its own making. With 3.3 GB, 8.25 million rows of 100 features, and a network of 50 hidden
# units it printed 1.6 million rows a second in one thread of a shared machine with two cores
# (NumPy 2.4, the file in the system's cache), and at most 49 MB of memory beside the interpreter
# and the libraries. Killed half-way and started again, it ended with the same weights. To repeat
# this::
#
#     python -m pytest -m slow tests/test_larger_than_memory.py

folder.cleanup()
