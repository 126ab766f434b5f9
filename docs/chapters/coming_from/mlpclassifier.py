r"""
.. _coming_from_mlpclassifier:

From MLPClassifier and MLPRegressor
===================================

:class:`~sk_xavier.XavierMLPClassifier` and :class:`~sk_xavier.XavierMLPRegressor` take the
parameters, the methods and the fitted attributes of
:class:`~sklearn.neural_network.MLPClassifier` and :class:`~sklearn.neural_network.MLPRegressor`.
A program moves over with its import:

.. code-block:: diff

   -from sklearn.neural_network import MLPClassifier
   +from sk_xavier import XavierMLPClassifier as MLPClassifier

This page shows what stays the same, what differs by default, how to get scikit-learn's numbers
back, and how to bring along what you have: a fitted network, a grid for a search.

"""

import inspect
import textwrap

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

# %%
# The shared parameters have the same names and the same defaults. The next cell compares the
# two signatures, and does so again each time that this page is built.


def defaults(cls):
    """Parameters and their default values."""
    parameters = inspect.signature(cls).parameters.values()
    return {parameter.name: parameter.default for parameter in parameters}


for ours, theirs in (
    (XavierMLPClassifier, MLPClassifier),
    (XavierMLPRegressor, MLPRegressor),
):
    old, new = defaults(theirs), defaults(ours)
    same = [name for name in old if name in new and new[name] == old[name]]
    print(f"{theirs.__name__}: {len(old)} parameters")
    print(f"    in {ours.__name__} with the same default: {len(same)}")
    print("    missing or changed:", [name for name in old if name not in same])

# %%
# Fitted networks have the same attributes, ``coefs_``, ``intercepts_``, ``loss_curve_``,
# ``n_iter_`` and so on, with the same shapes. Pipelines, searches, ``clone`` and ``pickle`` treat
# both alike.
#
# What differs by default
# -----------------------
#
# .. list-table::
#    :header-rows: 1
#    :widths: 22 39 39
#
#    * -
#      - scikit-learn
#      - here, and why
#    * - weights
#      - uniform on ±sqrt(6 / (in + out)); with ``logistic`` on ±sqrt(2 / (in + out))
#      - uniform on ±sqrt(6 / (in + out)) for every activation, as in the paper of Glorot and
#        Bengio (2010); ``logistic`` networks start with a wider spread and lose less signal
#    * - biases
#      - drawn as the weights are
#      - zero, as in the papers of Glorot, He and LeCun
#    * - ``partial_fit``
#      - each call shuffles with the same integer seed
#      - one stream of random numbers: k calls are ``fit`` with ``max_iter=k``
#    * - ``early_stopping`` with ``lbfgs``
#      - ignored
#      - stops, and keeps the best weights
#    * - ``loss`` of the regressor
#      - first parameter (since 1.7)
#      - keyword only, as the sizes of the layers come first in both estimators
#    * - training that diverges
#      - goes on where the weights stay finite
#      - a ``ValueError`` that says where and what to change
#    * - one class only
#      - is fitted
#      - a ``ValueError``, as in :class:`~sklearn.linear_model.LogisticRegression`
#
# :ref:`coming_from_differences` has the complete list, with a test for each line. The starting
# weights are the difference that you will see first: with the same ``random_state`` the two
# libraries find two different networks, in the same way as two seeds do.
#
# scikit-learn's numbers exactly
# ------------------------------
#
# ``init="sklearn"`` is scikit-learn's rule for weights, and ``bias_init="same"`` draws the biases
# by the same rule. The random numbers are then consumed in scikit-learn's order: for the start,
# for the validation split and for the shuffling. Here are four settings, trained by both.

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, random_state=0)

AS_SCIKIT_LEARN = {"init": "sklearn", "bias_init": "same"}
settings = {
    "adam": {"early_stopping": True, "max_iter": 200},
    "logistic": {"activation": "logistic", "tol": 0.01},
    "sgd, adaptive": {
        "solver": "sgd",
        "learning_rate": "adaptive",
        "learning_rate_init": 0.5,
        "tol": 0.01,
    },
    "lbfgs": {"solver": "lbfgs", "alpha": 1.0, "max_iter": 1000, "tol": 0.01},
}


def largest_difference(one, other):
    """Between two lists of arrays."""
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))


for name, setting in settings.items():
    common = {"hidden_layer_sizes": (30,), "random_state": 0, **setting}
    theirs = MLPClassifier(**common).fit(X_train, y_train)
    ours = XavierMLPClassifier(**common, **AS_SCIKIT_LEARN).fit(X_train, y_train)
    weights = largest_difference(theirs.coefs_ + theirs.intercepts_, ours.coefs_ + ours.intercepts_)
    print(f"{name:14} epochs: {theirs.n_iter_} and {ours.n_iter_}")
    print(f"{'':14} largest difference of weights: {weights:.0e}")
    if setting.get("solver") != "lbfgs":  # scikit-learn records no curve there
        curve = np.abs(np.subtract(theirs.loss_curve_, ours.loss_curve_)).max()
        print(f"{'':14} largest difference of loss curves: {curve:.0e}")
    agree = (theirs.predict(X_test) == ours.predict(X_test)).mean()
    print(f"{'':14} equal predictions: {agree:.1%}")

# %%
# The differences are those of rounding: sums are made in another order. Rounding grows
# with the number of steps, so that a very long training on badly scaled data can end in visibly
# different weights, as it can on two machines with the same library. ``lbfgs`` is the first to show
# it, since its line search takes decisions that a rounded number may turn.
#
# Use this setting to check a move, or to reproduce an old result. For new work the defaults,
# or ``init="auto"``, are the better start; :ref:`guide_choosing` tells which.
#
# Moving a fitted network
# -----------------------
#
# Weights may be given as arrays, one for each layer of weights, so a fitted
# :class:`~sklearn.neural_network.MLPClassifier` is brought over by its attributes.
# :meth:`~sk_xavier.XavierMLPClassifier.initialize` builds the network and does not train it; the
# activation and the sizes must be those of the old network.

old = MLPClassifier((30,), "tanh", learning_rate_init=0.01, tol=0.01, random_state=0)
old.fit(X_train, y_train)

moved = XavierMLPClassifier(
    old.hidden_layer_sizes,
    old.activation,
    init=old.coefs_,
    bias_init=old.intercepts_,
)
moved.initialize(X_train, y_train)
difference = np.abs(moved.predict_proba(X_test) - old.predict_proba(X_test)).max()
print(f"largest difference of probabilities: {difference:.0e}")
print(f"accuracy: {old.score(X_test, y_test):.3f}, {moved.score(X_test, y_test):.3f}")

# %%
# ``initialize`` takes the classes from ``y``: pass labels among which each class occurs. From
# here ``partial_fit`` goes on with the training, with the optimizer's averages starting anew, and
# :func:`~sk_xavier.signal_propagation` looks into the layers. The other direction needs no
# parameter: assign ``coefs_`` and ``intercepts_`` of a fitted
# :class:`~sklearn.neural_network.MLPClassifier`.
#
# What a weight matrix means is the same in both: row i, column j is the weight from input i to
# unit j.
#
# Parameters that are new
# -----------------------
#
# All of them are off by default, except for the start itself.

new = {}
for cls, theirs in ((XavierMLPClassifier, MLPClassifier), (XavierMLPRegressor, MLPRegressor)):
    new[cls] = [name for name in defaults(cls) if name not in defaults(theirs)]

both = [name for name in new[XavierMLPClassifier] if name in new[XavierMLPRegressor]]
print("both:      ", ", ".join(both[:4]))
print("           ", ", ".join(both[4:]))
for cls, label in ((XavierMLPClassifier, "classifier"), (XavierMLPRegressor, "regressor")):
    own = [name for name in new[cls] if name not in both and name != "loss"]
    print(f"{label}: ", ", ".join(own))

# %%
# Old parameters take more values: ``activation`` ten more names, objects and a list with one for
# each layer; ``solver`` also ``"adamw"`` and ``"rmsprop"``; ``learning_rate`` also ``"cosine"`` and
# ``"one_cycle"``. ``fit`` takes a validation set, ``X_val`` and ``y_val``. :ref:`guide_features`
# shows each.
#
# Errors that are new
# -------------------
#
# Some calls that scikit-learn accepts are refused. They are calls whose result would not be of use:
# a training that overflowed, a single class, negative weights. The message names the parameter.

X_one, y_one = X_train[:100], np.zeros(100)
print("scikit-learn:", MLPClassifier(max_iter=500).fit(X_one, y_one).predict(X_one[:3]))
try:
    XavierMLPClassifier().fit(X_one, y_one)
except ValueError as error:
    print("here:", error)

# %%
# In :class:`~sklearn.model_selection.GridSearchCV` such a fit counts as failed and gets
# ``error_score``, which is NaN by default, as any other failure does.
#
# A search carried over
# ---------------------
#
# Names of parameters do not change, so a grid does not either. In a pipeline made by
# ``make_pipeline`` the step's name is that of the class: write ``xaviermlpclassifier__alpha`` for
# ``mlpclassifier__alpha``, or name the steps yourself as here. A new line of the grid searches
# the start.

grid = {"mlp__alpha": [1e-4, 1.0], "mlp__hidden_layer_sizes": [(10,), (30,)]}
common = {"learning_rate_init": 0.01, "tol": 0.01, "n_iter_no_change": 5, "random_state": 0}


def search(mlp, grid):
    """Search the grid with a scaler in front of the network."""
    model = Pipeline([("scaler", StandardScaler()), ("mlp", mlp)])
    return GridSearchCV(model, grid, cv=3).fit(X_train[:400], y_train[:400])


before = search(MLPClassifier(**common), grid)
after = search(XavierMLPClassifier(**common, **AS_SCIKIT_LEARN), grid)
scores = [found.cv_results_["mean_test_score"] for found in (before, after)]
print("scikit-learn:", np.round(scores[0], 3))
print("here:        ", np.round(scores[1], 3))
print("the same choice:", before.best_params_ == after.best_params_)

more = {**grid, "mlp__init": ["glorot_uniform", "auto"], "mlp__bias_init": ["zeros"]}
best = search(XavierMLPClassifier(**common), more).best_params_
print("with the start searched:", {name: best[name] for name in ("mlp__init", "mlp__alpha")})

# %%
# The regressor's loss
# --------------------
#
# scikit-learn 1.7 made ``loss`` the first parameter of
# :class:`~sklearn.neural_network.MLPRegressor`. Here the sizes of the layers come first in both
# estimators, and ``loss`` is a keyword; a loss in the first place is refused.

rng = np.random.RandomState(0)
counts = rng.poisson(np.exp(X_train[:400, 20:24].sum(axis=1) / 2))
try:
    XavierMLPRegressor("poisson").fit(X_train[:400], counts)
except ValueError as error:
    print(textwrap.fill(str(error), 70))

poisson = XavierMLPRegressor((20,), loss="poisson", early_stopping=True, random_state=0)
poisson.fit(X_train[:400], counts)
print(f"smallest prediction: {poisson.predict(X_test).min():.2f}")

# %%
# There are six losses, listed at :ref:`guide_losses`. ``"squared_error"`` and ``"poisson"`` are
# scikit-learn's. For several outputs the gradient of the squared error is that of the loss, which
# is the mean over the outputs: scikit-learn's is ``n_outputs`` times as large (`issue 8349
# <https://github.com/scikit-learn/scikit-learn/issues/8349>`_ there). To retrace a training with
# plain ``sgd`` on k outputs, multiply ``learning_rate_init`` by k and divide ``alpha`` by k.
