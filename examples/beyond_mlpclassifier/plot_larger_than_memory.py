"""
Training on a file that is larger than memory
=============================================

You learn how to train on samples of which only a chunk is in memory at a time, so that training
goes on where it was when the process was killed, and what that costs in memory and time. This page
was made with a small file; what a large one takes is printed by::

    python plot_larger_than_memory.py picture.png 3 samples

which makes a file of 3 GB in the folder ``samples``. Kill it while it trains, and start it again.

"""

import shutil
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier
from sk_xavier.streaming import ArrayChunks, fit_stream

arguments = dict(enumerate(sys.argv[1:]))
picture = arguments.get(0)
gigabytes = float(arguments.get(1, 0.03))
folder = Path(arguments.get(2) or tempfile.mkdtemp())
folder.mkdir(exist_ok=True)

N_FEATURES, N_CLASSES, CHUNK_ROWS = 100, 4, 25_000
n_chunks = max(3, round(gigabytes * 1e9 / (4 * N_FEATURES * CHUNK_ROWS)))
n_rows = n_chunks * CHUNK_ROWS

# %%
# How much memory is in use, and how much was at most since the last reset, as Linux counts it: with
# the interpreter, all libraries, and the pages of files that are mapped into memory.
status = Path("/proc/self/status")


def megabytes(name):
    if not status.exists():
        return np.nan
    [line] = (line for line in status.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1000


if status.exists():
    Path("/proc/self/clear_refs").write_text("5")  # resets the peak
imported = megabytes("VmRSS")

# %%
# The samples: 100 features of very different scales, and four classes that depend on 10 of them by
# a rule that no linear model can follow. They are written chunk by chunk too, once.
rule = np.random.RandomState(0)
inner, outer = rule.normal(size=(10, 20)), rule.normal(size=(20, N_CLASSES))
scale = np.logspace(-2, 2, N_FEATURES).astype(np.float32)


def write_samples(samples, labels):
    X = np.memmap(samples, np.float32, "w+", shape=(n_rows, N_FEATURES))
    y = np.memmap(labels, np.int8, "w+", shape=n_rows)
    for chunk in range(n_chunks):
        rows = slice(chunk * CHUNK_ROWS, (chunk + 1) * CHUNK_ROWS)
        rng = np.random.default_rng(chunk)
        z = rng.standard_normal((CHUNK_ROWS, N_FEATURES), dtype=np.float32)
        y[rows] = np.argmax(np.tanh(z[:, ::10] @ inner) @ outer, axis=1)
        X[rows] = z * scale
        X.flush()
        X = np.memmap(samples, np.float32, "r+", shape=(n_rows, N_FEATURES))
    complete.write_text(str(n_rows))


samples, labels = folder / "X.bin", folder / "y.bin"
complete = folder / "complete"
if not complete.exists() or complete.read_text() != str(n_rows):
    write_samples(samples, labels)
X = np.memmap(samples, np.float32, "r", shape=(n_rows, N_FEATURES))
y = np.memmap(labels, np.int8, "r", shape=n_rows)
print(f"samples: {n_rows:,} rows of {N_FEATURES} features, {X.nbytes / 1e9:.2f} GB")

# %%
# The last chunk is kept for the test. The scaler goes through the others first; the network then is
# the last step of a pipeline whose other steps are fitted. A checkpoint is written after each
# tenth chunk, so a killed process loses no more than that. In a terminal, with scikit-learn 1.9
# and rich, a callback draws the progress; else there is a line for each epoch.
last = slice(n_rows - CHUNK_ROWS, n_rows)
chunks = ArrayChunks(X[: last.start], y[: last.start], chunk_rows=CHUNK_ROWS)

scaler = StandardScaler()
scaling = fit_stream(scaler, ArrayChunks(X[: last.start], chunk_rows=CHUNK_ROWS))
print(f"scaler: {scaling}")

mlp = XavierMLPClassifier((50,), "tanh", batch_size=500, learning_rate_init=0.003, random_state=0)
has_bar = sys.stdout.isatty() and hasattr(mlp, "set_callbacks")
if has_bar:
    from sklearn.callback import ProgressBar

    mlp.set_callbacks(ProgressBar())

model = make_pipeline(scaler, mlp)
training = fit_stream(
    model,
    chunks,
    classes=np.arange(N_CLASSES),
    checkpoint=folder / "checkpoint.npz",
    checkpoint_every=10,
    verbose=0 if has_bar else 1,
)
print(f"network, from chunk {training.n_chunks_before} on: {training}")
peak = megabytes("VmHWM") - imported
print(f"memory beside interpreter and libraries: {peak:.0f} MB at most")
print(f"accuracy on the last chunk: {model.score(X[last], y[last]):.3f}")
print(f"guessing the commonest class: {np.bincount(y[last]).max() / CHUNK_ROWS:.3f}")

# %%
# The loss on each chunk, of batches that the network had not seen: up to the noise of a chunk, what
# a validation set would say. Memory does not grow with the file: it holds a chunk or two, in the
# types that the steps need. More in :ref:`guide_larger_than_memory`.
figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
thousands = np.arange(1, mlp.n_iter_ + 1) * CHUNK_ROWS / 1000
axes.plot(thousands, mlp.loss_curve_, "o-", color="#0072B2", ms=4)
axes.set(xlabel="samples seen (thousands)", ylabel="log loss of a chunk (nats)")

if not arguments.get(2):
    del X, y, chunks
    shutil.rmtree(folder)
if picture:
    figure.savefig(picture)
else:
    plt.show()
