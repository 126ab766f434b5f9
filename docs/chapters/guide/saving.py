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

"""

import pickle
import tempfile
import warnings
from pathlib import Path

import joblib
import numpy as np
import skops.io
from sklearn.datasets import load_iris
from sklearn.exceptions import ConvergenceWarning
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
# made yourself, or that come from people whom you would let run a program on your computer.
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
# For a regressor it is ``sk_xavier._estimators.XavierMLPRegressor``. An ``init``, ``bias_init``
# or ``activation`` that is an object adds its class, and callbacks add theirs. Steps of
# scikit-learn are known:

model = make_pipeline(
    StandardScaler(),
    XavierMLPClassifier(init=GlorotUniform(gain=2.0), max_iter=50, random_state=0),
).fit(X, y)
data = skops.io.dumps(model)
print(*skops.io.get_untrusted_types(data=data), sep="\n")

# %%
# Write the list down where you load, as text in your program. A list taken from the file, as in
# ``trusted=get_untrusted_types(...)``, trusts whatever is in it. Types that are not on your list
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
# large arrays instead of reading them.

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "mlp.joblib"
    joblib.dump(mlp, path, compress=3)
    loaded = joblib.load(path)
print(f"the same predictions: {(loaded.predict(X) == mlp.predict(X)).all()}")

# %%
# Versions
# --------
#
# A file of either kind holds the attributes of an object as this version of the library names
# them, private ones included. Another version may rename them, and before version 1.0 that may
# happen in any release. Pickles of scikit-learn's own estimators warn where they are loaded by
# another version; for those of other packages, such as this one, nothing is checked. So write
# versions into the file, and compare them after loading. skops takes a dictionary, too:

trusted = ["sk_xavier._estimators.XavierMLPClassifier"]
content = {"model": mlp, "sk_xavier": sk_xavier.__version__, "numpy": np.__version__}
loaded = skops.io.loads(skops.io.dumps(content), trusted=trusted)
print(f"of this version: {loaded['sk_xavier'] == sk_xavier.__version__}")
state = mlp.__getstate__()
print(f"a version that scikit-learn would check: {'_sklearn_version' in state}")

# %%
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
