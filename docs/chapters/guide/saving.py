r"""
.. _guide_saving:

Saving and loading safely
=========================

A fitted network can be saved in three ways. They differ in whom you have to trust:

.. list-table::
   :header-rows: 1
   :widths: 26 40 34

   * - file
     - holds
     - loading it runs
   * - pickle, joblib
     - anything
     - whatever its author wanted
   * - `skops <https://skops.readthedocs.io>`_
     - the same objects, without code
     - the types that you name
   * - arrays (``.npz``)
     - weights only
     - nothing

A model that predicts where there is no Python is another matter (:ref:`guide_onnx`), and so is
training that has to survive being stopped (:ref:`guide_larger_than_memory`).
"""

import pickle
import tempfile
import textwrap
import warnings
from pathlib import Path
from zipfile import BadZipFile

import joblib
import numpy as np
import sklearn
import skops.io
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning, InconsistentVersionWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sk_xavier
from sk_xavier import XavierMLPClassifier
from sk_xavier.activations import Activation
from sk_xavier.initializers import GlorotUniform

# The numbers of epochs below are chosen, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

X, y = load_iris(return_X_y=True)
mlp = XavierMLPClassifier(solver="lbfgs", max_iter=1000, random_state=0).fit(X, y)

# %%
# Why not a pickle from a stranger
# --------------------------------
#
# A pickle is a small program that builds objects, and it may call any function to do so. This one
# calls ``print``. It could as well delete files, and it need not look like anything else than a
# model:


class NotAModel:
    def __reduce__(self):
        return print, ("This was run by loading the file.",)


data = pickle.dumps(NotAModel())
loaded = pickle.loads(data)
print(f"what was loaded: {loaded}")

# %%
# The code runs *while* the file is read: to look at what was loaded comes too late. A joblib file
# is a pickle in this respect, and so is everything else that is built on one. Load those that you
# made yourself, or that come from people whom you would let run a program on your computer. And
# from a place where nobody else can write.
#
# skops
# -----
#
# skops writes files that hold no code. When reading, it makes objects only of types that it knows
# to be harmless or that you name. Ask first, then read:

data = skops.io.dumps(mlp)  # or skops.io.dump(mlp, "mlp.skops")
print(skops.io.get_untrusted_types(data=data))

# %%
# That is the shortest list there can be, the estimator itself; everything else in it is made of
# arrays, numbers, strings, lists, dictionaries and a ``numpy.random.RandomState``, which skops
# knows.

loaded = skops.io.loads(data, trusted=["sk_xavier._estimators.XavierMLPClassifier"])
same = (loaded.predict_proba(X) == mlp.predict_proba(X)).all()
print(f"the same probabilities, bit for bit: {same}")

# %%
# The other names to know:
#
# .. list-table::
#    :header-rows: 1
#    :widths: 42 58
#
#    * - where there is a
#      - trust
#    * - regressor
#      - ``sk_xavier._estimators.XavierMLPRegressor``
#    * - transformer of a hidden layer
#      - ``sk_xavier._hidden_layer_transformer.HiddenLayerTransformer`` and its network
#    * - parameter that is one of our objects
#      - its class, as in ``sk_xavier.initializers.GlorotUniform``
#
# The modules with an underscore stay private: for ``import``, take the names from ``sk_xavier``.
# Callbacks add their classes. Steps of scikit-learn are known:

model = make_pipeline(
    StandardScaler(),
    XavierMLPClassifier(init=GlorotUniform(gain=2.0), max_iter=50, random_state=0),
).fit(X, y)
data = skops.io.dumps(model)
print(*skops.io.get_untrusted_types(data=data), sep="\n")

# %%
# Write the list down where you load, as text in your program. A list taken from the file, as in
# ``trusted=get_untrusted_types(...)``, trusts whatever is in it, and a file that somebody else
# wrote may ask for ``os.system``. Types that are not on your list
# are refused before anything is made of them. An activation of functions of one's own is such a
# case:


def square(z):
    return z * z


def derivative(z):
    return 2 * z


own = XavierMLPClassifier((5,), Activation(square, derivative), max_iter=5)
data = skops.io.dumps(own.fit(X, y))
try:
    skops.io.loads(data, trusted=["sk_xavier._estimators.XavierMLPClassifier"])
except Exception as error:
    print(type(error).__name__)
    names = str(error).replace("[", "\n[").replace("', '", "',\n '")
    print(names)

# %%
# Training goes on
# ----------------
#
# A file has all that ``partial_fit`` needs, so training can stop here and go on there, with the
# same numbers as if it had not stopped (:ref:`guide_continuing`):

at_once = XavierMLPClassifier(max_iter=6, random_state=0).fit(X, y)
half = XavierMLPClassifier(random_state=0)
for _ in range(3):
    half.partial_fit(X, y, classes=[0, 1, 2])
data = skops.io.dumps(half)
other_half = skops.io.loads(data, trusted=["sk_xavier._estimators.XavierMLPClassifier"])
for _ in range(3):
    other_half.partial_fit(X, y)
same = (at_once.coefs_[0] == other_half.coefs_[0]).all()
print(f"three epochs, a file, three epochs are six: {same}")

# %%
# With joblib
# -----------
#
# Among your own programs ``joblib`` is convenient: it compresses, or, without that, it can map
# large arrays instead of reading them. Processes that map the same file share its weights in
# memory.

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "mlp.joblib"
    joblib.dump(mlp, path, compress=3)
    loaded = joblib.load(path)
    joblib.dump(mlp, path)
    mapped = joblib.load(path, mmap_mode="r")
    print(f"the same predictions: {(loaded.predict(X) == mlp.predict(X)).all()}")
    print(f"mapped: {(mapped.predict(X) == mlp.predict(X)).all()}, as", end=" ")
    print(type(mapped.coefs_[0]).__name__)
    del mapped  # before its file

# %%
# Files that are not whole
# ------------------------
#
# A full disk or a program that is stopped while it saves leaves half a file. skops says so in one
# way, and never loads a part; it also finds changed bytes:

data = skops.io.dumps(mlp)
try:
    skops.io.loads(data[: len(data) // 2])
except BadZipFile as error:
    print(f"skops: {type(error).__name__}: {error}")
try:
    pickle.loads(pickle.dumps(mlp)[:-100])
except pickle.UnpicklingError as error:
    print(f"pickle: {type(error).__name__}: {error}")

# %%
# A pickle has no check of its bytes: one that was changed may load, and predict otherwise. What a
# truncated joblib file raises depends on the place of the cut: ``EOFError``, ``ValueError`` and
# others. Better that there are no halves: write beside the file, then rename. At any moment there
# is either the old file or the new one.


def save(model, path):
    beside = path.with_name(path.name + ".part")
    skops.io.dump(model, beside)
    beside.replace(path)


with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "mlp.skops"
    save(mlp, path)
    print(*(file.name for file in Path(folder).iterdir()))

# %%
# Versions
# --------
#
# A file of the first two kinds holds the attributes of an object as this version of the library
# names them, private ones included. So it has its version in it, as scikit-learn's own
# estimators have theirs:

state = mlp.__getstate__()
print(f"saved by sk_xavier {state['_sk_xavier_version']}, which is ours:", end=" ")
print(state["_sk_xavier_version"] == sk_xavier.__version__)
print(f"a version that scikit-learn would check: {'_sklearn_version' in state}")

# %%
# **Files of an older version load**, silently. A parameter that did not exist then gets its
# default, which does what was done without it. Each release keeps small models that it saved with
# each scikit-learn that it supports, and our tests load those of all releases, as pickles and from
# skops: they predict the same, and ``partial_fit`` goes on.
#
# **Files of a newer version warn**, and name parameters that are unknown here. We act as if such
# a file came from the future:

future = state | {"_sk_xavier_version": "99.0", "gates": 3}
loaded = XavierMLPClassifier()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    loaded.__setstate__(future)
for warning in caught:
    print(f"{warning.category.__name__}, a kind of", end=" ")
    print(warning.category.__base__.__name__)
    print(textwrap.fill(str(warning.message), 75))

# %%
# **Another scikit-learn** does not matter to our estimators; its own steps in the same file, such
# as ``StandardScaler``, raise its ``InconsistentVersionWarning`` at any difference. The models of
# our tests load in every scikit-learn that we support, from every other, newer ones
# included. That is what we saw and not what scikit-learn promises: it supports
# `no other version than the one that saved
# <https://scikit-learn.org/stable/model_persistence.html#security-maintainability-limitations>`_.
#
# **Another NumPy** matters to pickles. Those of NumPy 2 do not load in NumPy 1: the error is
# ``No module named 'numpy._core'`` in 1.26.0, and another one in 1.26.4. From 1.26 to 2 they do.
# skops files load both ways.
#
# At an upgrade
# -------------
#
# A file that checks itself makes this a matter of one call: save some rows and what was predicted
# for them beside the model. skops takes a dictionary, too.

rows = X[::10]
content = {"model": mlp, "rows": rows, "probabilities": mlp.predict_proba(rows)}
for package in (sk_xavier, sklearn, np):
    content[package.__name__] = package.__version__
data = skops.io.dumps(content)
trusted = ["sk_xavier._estimators.XavierMLPClassifier"]


def load_checked(data):
    with warnings.catch_warnings():
        warnings.simplefilter("error", InconsistentVersionWarning)
        content = skops.io.loads(data, trusted=trusted)
    probabilities = content["model"].predict_proba(content["rows"])
    np.testing.assert_allclose(probabilities, content["probabilities"], atol=1e-9)
    return content


loaded = load_checked(data)
print(f"of this version: {loaded['sk_xavier'] == sk_xavier.__version__}")

# %%
# The tolerance is for machines and libraries that round sums otherwise; with ``float32``, take
# 1e-5. One filter stops both kinds of versions, ours and scikit-learn's. Where it does:
#
# 1. If the file is newer than the library, upgrade the library.
# 2. If only scikit-learn differs, load without the filter, and look at the check of the numbers. It
#    may pass; then save again, and the file is of the new version.
# 3. Else load in an environment of the old versions, as the file names them, and keep the
#    arrays, below; or fit again.
#
# Should a release have other names for the list of trusted types, its changelog says so.
#
# For an archive, keep also what does not depend on versions: the data, the parameters, the seed,
# and the weights as arrays.
#
# Arrays only
# -----------
#
# Weights and biases are plain arrays, a network in ``.npz`` is a few of them, and with
# ``allow_pickle=False``, NumPy's default, reading them runs nothing.

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "weights.npz"
    arrays = {f"coef{i}": coef for i, coef in enumerate(mlp.coefs_)}
    arrays |= {f"intercept{i}": bias for i, bias in enumerate(mlp.intercepts_)}
    np.savez(path, classes=mlp.classes_, **arrays)
    with np.load(path) as file:
        arrays = dict(file)

hidden = np.maximum(X @ arrays["coef0"] + arrays["intercept0"], 0)  # relu
logits = hidden @ arrays["coef1"] + arrays["intercept1"]
predicted = arrays["classes"][logits.argmax(axis=1)]
print(f"two lines of NumPy predict the same: {(predicted == mlp.predict(X)).all()}")

# %%
# They make an estimator again, too: as its start (:ref:`guide_given_weights`). ``X`` and ``y``
# tell the features and the classes only.

restored = XavierMLPClassifier(
    init=[arrays["coef0"], arrays["coef1"]],
    bias_init=[arrays["intercept0"], arrays["intercept1"]],
).initialize(X, y)
same = (restored.predict_proba(X) == mlp.predict_proba(X)).all()
print(f"the same probabilities, bit for bit: {same}")

# %%
# What is lost is what is not in the arrays: the curves, and the optimizer's averages, with which
# ``partial_fit`` would have gone on.
