r"""
.. _guide_onnx:

Leaving Python: ONNX
====================

A fitted network is a few matrices, but to predict with it as it is takes Python, NumPy, SciPy and
scikit-learn in the versions that it was trained with. `ONNX <https://onnx.ai>`_ is a file format
for such computations: matrices and a list of standard operators. *Runtimes* for many languages and
devices read it. `skl2onnx <https://onnx.ai/sklearn-onnx/>`_ turns scikit-learn's estimators into
such files, and :mod:`sk_xavier.onnx` tells it how to convert those of this library.

It is for models that are to predict in a program that is not written in Python, or on a machine
without scikit-learn. It is no way back: the file has no training in it. Keep the estimator for that
(:ref:`guide_saving`).

.. code-block:: bash

   pip install "sk-xavier[onnx]"

brings skl2onnx to convert, and `ONNX Runtime <https://onnxruntime.ai>`_ to run the result.
"""

import subprocess
import sys
import tempfile
import textwrap
import warnings
from pathlib import Path

import joblib
import numpy as np
import onnxruntime
import pandas as pd
from skl2onnx import convert_sklearn, to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.activations import Activation
from sk_xavier.onnx import register_converters

# The numbers of epochs below are chosen, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

# %%
# Register, convert
# -----------------
#
# skl2onnx knows scikit-learn's own estimators. For others, it says that something is missing:

X, y = load_digits(return_X_y=True)
X = X.astype(np.float32)
mlp = XavierMLPClassifier((50,), max_iter=30, random_state=0).fit(X[:1000], y[:1000])
try:
    to_onnx(mlp, X[:1])
except Exception as error:
    print(type(error).__name__)
    print(textwrap.fill(str(error).splitlines()[0], 75))

# %%
# One call per process is enough; to call it twice does no harm. Then ``to_onnx`` takes the network
# and some samples, of which it reads the type and the number of columns only.

register_converters()
converted = to_onnx(mlp, X[:1], options={"zipmap": False})
content = converted.SerializeToString()  # what to write into a file

# %%
# Run
# ---
#
# A *session* is a loaded model. It takes a dictionary of arrays, whose types must be exactly those
# of the model, and returns a list:

session = onnxruntime.InferenceSession(content)
for put in (*session.get_inputs(), *session.get_outputs()):
    print(f"{put.name:14} {put.type:15} {put.shape}")
labels, probabilities = session.run(None, {"X": X[1000:]})

# %%
# The number of rows is left open: one, thousands or none. What comes out is what the estimator
# predicts, to rounding, on the samples that it was not trained on:

difference = np.abs(probabilities - mlp.predict_proba(X[1000:])).max()
same = (labels == mlp.predict(X[1000:])).all()
print(f"largest difference of probabilities: {difference:.1e}")
print(f"the same labels: {same}")

# %%
# Labels are decided as in ``predict``, not from rounded probabilities: the larger raw prediction
# wins, the first of a tie, and with two classes the second needs more than one half.
# Probabilities are kept between 0 and 1 and equal to neither, as in ``predict_proba``. Dropout has
# no effect, as always in predicting.
#
# In a file
# ---------
#
# To show that nothing of scikit-learn is needed, another process reads the file, in which
# importing it is made impossible:

program = """
import sys
for name in ("sk_xavier", "sklearn", "scipy", "skl2onnx", "onnx"):
    sys.modules[name] = None
import numpy
import onnxruntime
session = onnxruntime.InferenceSession("digits.onnx")
labels, probabilities = session.run(None, {"X": numpy.load("digits.npy")})
print("labels:", *labels)
"""
folder = tempfile.TemporaryDirectory()
path = Path(folder.name) / "digits.onnx"
path.write_bytes(content)
np.save(path.with_suffix(".npy"), X[-10:])
done = subprocess.run(
    [sys.executable, "-c", program],
    cwd=folder.name,
    capture_output=True,
    encoding="utf-8",
    check=True,
)
print(done.stdout, end="")
print("here:  ", *mlp.predict(X[-10:]))

# %%
# The file holds the weights and little else. A joblib file of the estimator also has what training
# would go on from:

joblib.dump(mlp, path.with_suffix(".joblib"))
weights = sum(array.nbytes for array in mlp.coefs_ + mlp.intercepts_)
print(f"weights: {weights / 1024:5.1f} kB")
for suffix in (".onnx", ".joblib"):
    size = path.with_suffix(suffix).stat().st_size
    print(f"{suffix:8} {size / 1024:5.1f} kB")
folder.cleanup()

# %%
# An ONNX file holds no code of Python, so that to load one from a stranger runs none.
#
# Pipelines and data frames
# -------------------------
#
# Preparing the samples belongs to the model: convert the pipeline as a whole, or else the other
# program has to scale and encode in exactly the same way. Each column of a data frame becomes an
# input by its name, of shape (n, 1).

rng = np.random.RandomState(0)
people = pd.DataFrame(
    {
        "age": rng.uniform(18, 90, 400).astype(np.float32),
        "income": rng.lognormal(10, 1, 400).astype(np.float32),
        "job": rng.choice(["clerk", "cook", "nurse"], 400),
    }
)
buys = np.where((people["age"] > 50) ^ (people["job"] == "cook"), "yes", "no")
columns = ColumnTransformer(
    [
        ("numbers", StandardScaler(), ["age", "income"]),
        ("categories", OneHotEncoder(handle_unknown="ignore"), ["job"]),
    ]
)
network = XavierMLPClassifier((20,), learning_rate_init=0.02, random_state=0)
pipeline = make_pipeline(columns, network).fit(people, buys)

converted = to_onnx(pipeline, people[:1], options={"zipmap": False})
session = onnxruntime.InferenceSession(converted.SerializeToString())
inputs = {name: people[[name]].to_numpy() for name in people}
labels, probabilities = session.run(None, inputs)
difference = np.abs(probabilities - pipeline.predict_proba(people)).max()
print("first labels:", *labels[:5])
print(f"largest difference: {difference:.1e}")
print(f"the same labels: {(labels == pipeline.predict(people)).all()}")

# %%
# Give all columns of numbers one type before ``fit``, as here. skl2onnx joins columns as they are,
# and where float32 meets float64 it may write a model that ONNX Runtime refuses to load.
#
# ``XavierMLPRegressor`` and ``HiddenLayerTransformer`` are converted likewise, and so are searches
# and those of scikit-learn's meta-estimators that skl2onnx knows. A regressor has one output,
# ``variable``, with a column for each target, be it only one.
#
# Single and double precision
# ---------------------------
#
# The type of the *input* decides the precision of the computation: double for float64, single
# for everything else, whatever the network was trained in. The four cases, "trained in -> runs in",
# compared with what the pipeline itself predicts in the precision that it was trained in:

numbers, progress = load_diabetes(return_X_y=True)
for trained_in in (np.float32, np.float64):
    samples = numbers.astype(trained_in)
    regressor = XavierMLPRegressor((50,), solver="lbfgs", max_iter=100, random_state=0)
    model = make_pipeline(StandardScaler(), regressor).fit(samples, progress)
    expected = model.predict(samples)
    for runs_in in (np.float32, np.float64):
        given = numbers.astype(runs_in)
        content = to_onnx(model, given[:1]).SerializeToString()
        session = onnxruntime.InferenceSession(content)
        (predicted,) = session.run(None, {"X": given})
        error = np.abs(predicted[:, 0] / expected - 1).max()
        names = f"{np.dtype(trained_in).name} -> {np.dtype(runs_in).name}"
        size = len(content) / 1024
        print(f"{names}: largest relative error {error:.0e}, {size:.1f} kB")

# %%
# (In the second line it is the reference that is rounded.) Single precision has about seven digits
# and needs half the memory. The digits go where large numbers meet: the scaler subtracts a mean,
# and if the mean is much larger than the deviation, a float32 has lost what matters before anything
# is computed. Here one column gets a large constant added, which changes nothing for the scaler in
# double precision:

shifted = numbers.copy()
shifted[:, 0] += 10_000
model.fit(shifted, progress)
for runs_in in (np.float32, np.float64):
    given = shifted.astype(runs_in)
    content = to_onnx(model, given[:1]).SerializeToString()
    session = onnxruntime.InferenceSession(content)
    (predicted,) = session.run(None, {"X": given})
    error = np.abs(predicted[:, 0] / model.predict(shifted) - 1).max()
    print(f"{np.dtype(runs_in).name}: largest relative error {error:.0e}")

# %%
# Dates as seconds are such a column. Subtract a round number from it first, or convert with inputs
# of float64. For the same reason compare on samples in their real range, and not on random ones,
# before a model goes out.
#
# Options of a classifier
# -----------------------
#
# By default skl2onnx puts probabilities into dictionaries, one a row, by an operator called ZipMap,
# which is for single precision only: with float64, conversion says so. The option ``zipmap``
# chooses, for all classifiers as here, or for one: ``options={id(pipeline): {"zipmap": False}}``.

answers = {}
for zipmap in (True, False, "columns"):
    converted = to_onnx(pipeline, people[:1], options={"zipmap": zipmap})
    session = onnxruntime.InferenceSession(converted.SerializeToString())
    answers[zipmap] = session.run(None, inputs)
    print(f"{zipmap!s:8}", *[output.name for output in session.get_outputs()])
unsure = np.abs(answers[False][1][:, 0] - 0.5).argmin()
print("one row:", {name: round(p, 3) for name, p in answers[True][1][unsure].items()})

# %%
# ``nocl=True`` gives the classes' numbers in place of labels, and ``output_class_labels=True``,
# beside ``zipmap=False``, adds the labels as a third output. Labels are strings or integers of 64
# bits: those that were booleans or floats come out as integers. For label indicators, the label has
# a column for each, and so have the probabilities.
#
# ``target_opset`` is for a runtime that is older than skl2onnx: it names the version of the
# operators. A network converts from opset 9 on. ``convert_sklearn`` takes the inputs by type:
# floats of 32 or 64 bits, and integers of 64 bits or booleans, which are made float32 first. For
# other integers skl2onnx raises an error. It is also the way to fix the number of rows:

converted = convert_sklearn(
    pipeline[-1],
    initial_types=[("encoded", FloatTensorType([1, 5]))],
    options={"zipmap": False},
    target_opset=9,
)
session = onnxruntime.InferenceSession(converted.SerializeToString())
print("one row at a time:", session.get_outputs()[1].shape)

# %%
# What cannot be converted
# ------------------------
#
# All activations of :mod:`sk_xavier.activations` can, with their parameters. One that is made of
# your own functions cannot, as ONNX has no Python:


def bump(z):
    return np.exp(-(z**2))


def slope(z):
    return -2 * z * np.exp(-(z**2))


own = XavierMLPClassifier((5,), Activation(bump, slope), max_iter=5).fit(X, y)
try:
    to_onnx(own, X[:1])
except ValueError as error:
    print(textwrap.fill(str(error), 75))

# %%
# Nor can an estimator that is not fitted, nor a subclass of one of ours until it is registered by
# its own name. Of scikit-learn, ``TransformedTargetRegressor`` has no converter in skl2onnx (1.20),
# so scale the targets yourself, and ``FixedThresholdClassifier`` has none, so compare the
# probabilities with the threshold yourself. A ``VotingClassifier`` needs
# ``flatten_transform=False``, and the converter of ``CalibratedClassifierCV`` agrees with
# ``method="sigmoid"``, but not with ``"isotonic"``, whatever the classifier within.
#
# Three things are checked in ``predict`` and not in an ONNX model: that samples are finite, that
# predictions are, and that columns have the right names. A model answers NaN with NaN, and where a
# prediction goes through ``exp`` (losses "poisson" and "gamma"), it may be infinite where the
# estimator raises an error.
