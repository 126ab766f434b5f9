r"""
.. _faq_not_learning:

It does not learn
=================

The network trains without an error, and the predictions are no good. Each heading here is a
symptom; below it are the causes that produce it, how to tell them apart, and a remedy that is tried
on the spot.

Four checks find most causes, in this order.

1. Are the features scaled? A :class:`~sklearn.preprocessing.StandardScaler` in front of the
   network is the first thing to try. For a regressor, is the target scaled?
2. What does a :class:`~sklearn.dummy.DummyClassifier` or a linear model reach? An accuracy of 0.95
   means little where 95 of 100 samples are of one class.
3. What does ``loss_curve_`` do: fall to the end, lie flat from the start, jump?
4. What does :func:`~sk_xavier.signal_propagation` say about the start?

"""

import textwrap
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    make_classification,
)
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import precision_score, recall_score
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor, signal_propagation
from sk_xavier.initializers import Constant, Normal

# Some of these trainings are meant to end early, so this one warning says nothing new.
warnings.filterwarnings("ignore", message="Stochastic Optimizer")

# %%
# It predicts only one class, accuracy does not improve
# -----------------------------------------------------
#
# The accuracy is that of the commonest class, and ``predict_proba`` is nearly the same for all
# samples. With ``logistic`` units and scikit-learn's start this is common; `issue 31235
# <https://github.com/scikit-learn/scikit-learn/issues/31235>`_ there has the following data. The
# signal that tells samples apart shrinks from layer to layer until the output is a constant. The
# loss then sits on a plateau, and training stops as if it had converged.

rng = np.random.RandomState(1)
X_curve = rng.uniform(size=(500, 2))
y_curve = (X_curve[:, 0] + (2 * X_curve[:, 1] - 1) ** 2 >= 0.75).astype(int)
print(f"commonest class: {max(y_curve.mean(), 1 - y_curve.mean()):.3f}")

stuck = XavierMLPClassifier((20, 20), "logistic", init="sklearn", bias_init="same", random_state=42)
print(textwrap.fill(signal_propagation(stuck, X_curve, y_curve).verdict.message, 70))
stuck.fit(X_curve, y_curve)


def report(name, mlp, X, y):
    """Print what tells a constant prediction from others."""
    spread = mlp.predict_proba(X)[:, 1].std()
    print(f"{name}: {mlp.n_iter_} epochs, accuracy {mlp.score(X, y):.3f},")
    print(f"    spread of probabilities {spread:.4f}")


report("as scikit-learn", stuck, X_curve, y_curve)

# %%
# Two remedies: a start that keeps the signal, ``init="auto"``, and a learning rate that gets off
# the plateau in time. Or take another activation, such as ``tanh`` or ``relu``.

better = XavierMLPClassifier((20, 20), "logistic", init="auto", random_state=42)
report("auto", better.fit(X_curve, y_curve), X_curve, y_curve)
better.set_params(learning_rate_init=0.01)
report("auto, rate 0.01", better.fit(X_curve, y_curve), X_curve, y_curve)

# %%
# Other causes of a constant prediction: features that are not scaled (below), a class that is rare
# (:ref:`faq_imbalance`), an ``alpha`` so large that all weights go to zero. :ref:`guide_saturation`
# explains the plateau.
#
# The loss does not decrease
# --------------------------
#
# Look at the curve first. Here are five trainings of one network on the digits that go wrong in
# different ways, and one that goes well.

X_digits, y_digits = load_digits(return_X_y=True)
X_digits = X_digits / 16
chance = np.log(10)

cases = {
    "rate 1e-6": {"learning_rate_init": 1e-6},
    "rate 1": {"learning_rate_init": 1.0},
    "constant weights": {"init": "constant"},
    "dead units": {"bias_init": Constant(-20.0)},
    "weights too large": {"activation": "tanh", "init": Normal(std=5.0)},
    "defaults": {},
}
rows, curves = [], {}
for name, setting in cases.items():
    mlp = XavierMLPClassifier((50,), max_iter=30, random_state=0, **setting)
    verdict = signal_propagation(mlp, X_digits, y_digits).verdict
    mlp.fit(X_digits, y_digits)
    curves[name] = mlp.loss_curve_
    rows.append([name, mlp.loss_curve_[0], mlp.loss_, mlp.score(X_digits, y_digits), verdict])

columns = ["", "first loss", "last loss", "accuracy", "verdict before training"]
losses = pd.DataFrame(rows, columns=columns)
print(losses.drop(columns=columns[-1]).round(3).to_string(index=False))

figure, axes = plt.subplots(layout="constrained", figsize=(7, 4))
colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "black"]
for (name, curve), color in zip(curves.items(), colors, strict=True):
    axes.plot(range(1, len(curve) + 1), curve, color=color, label=name)
axes.axhline(chance, color="gray", linestyle=":", label="log(10), a guess")
axes.set(xlabel="epoch", ylabel="loss", yscale="log", ylim=(0.05, 100))
_ = axes.legend(ncols=2)

# %%
# What the start can tell before any training:

verdicts = losses[["", "verdict before training"]].astype(str)
print(verdicts.to_string(index=False))

# %%
# * Flat at :math:`\log K` for K classes, the loss of a guess: steps that are too small, or units
#   that pass no gradient. The verdict tells which: where the start is healthy, multiply
#   ``learning_rate_init`` by 10.
# * A first loss far above :math:`\log K`, then wild: steps that are too large, or features or
#   weights that are. Divide the rate by 10, scale the features.
# * Slow and then flat above the best possible loss: copies of one unit (``"constant"``), or
#   too few units.
#
# The rate first, as it costs a line to try. One epoch or two for each of a few rates are enough
# to find the order of magnitude:

for rate in (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0):
    mlp = XavierMLPClassifier((50,), learning_rate_init=rate, max_iter=5, random_state=0)
    print(f"rate {rate:7}: loss {mlp.fit(X_digits, y_digits).loss_:8.3f} after 5 epochs")

# %%
# .. _faq_diverged:
#
# The loss is nan, Training diverged
# ----------------------------------
#
# A step made the weights so large that the next gradient was larger still. ``sgd`` with unscaled
# data is the usual case, above all in regression, where the gradient grows with the target.
# scikit-learn goes on for all epochs and then complains of "non-finite parameter weights", or,
# with early stopping, of nothing: its ``loss_`` is nan. (Before 1.6 it said that the "input
# contains NaN", `issue 29504 <https://github.com/scikit-learn/scikit-learn/issues/29504>`_.) Here
# training ends in the epoch where it happens.

X_diabetes, y_diabetes = load_diabetes(return_X_y=True, scaled=False)
X_train, X_test, y_train, y_test = train_test_split(X_diabetes, y_diabetes, random_state=0)

sgd = XavierMLPRegressor((50,), "leaky_relu", solver="sgd", random_state=0)
try:
    sgd.fit(X_train, y_train)
except ValueError as error:
    print(textwrap.fill(str(error), 70))


def both_scaled(mlp):
    """The network with its features and its target standardized."""
    model = make_pipeline(StandardScaler(), mlp)
    return TransformedTargetRegressor(model, transformer=StandardScaler())


scaled = both_scaled(sgd).fit(X_train, y_train)
print(f"\nX and y scaled: R² {scaled.score(X_test, y_test):.2f}")

# %%
# With ``relu`` the same data can fail without an error. One step throws all units to the side
# where they are zero, which stops the explosion: nothing is infinite, no gradient passes any
# more, and the prediction is one number.

silent = XavierMLPRegressor((50,), "relu", solver="sgd", random_state=0).fit(X_train, y_train)
print(f"R² {silent.score(X_test, y_test):.0f}, first losses", end=" ")
print([f"{loss:.1e}" for loss in silent.loss_curve_[:3]])
active = silent.transform_hidden(X_train) > 0
print(f"hidden units that are ever active: {active.any(axis=0).sum()} of {active.shape[1]}")
print(f"X and y scaled: R² {both_scaled(silent).fit(X_train, y_train).score(X_test, y_test):.2f}")

# %%
# If the data are scaled already: a smaller ``learning_rate_init``, or ``max_grad_norm``, which
# cuts the rare large gradient. With ``X`` in float32 overflow begins at 3e38, in float64 at
# 2e308.
#
# The regressor predicts the mean, or R² is negative
# --------------------------------------------------
#
# An R² of 0 is what the mean of the target reaches; the spread of the predictions shows whether
# they are constant. The output unit starts near 0 with steps of about ``learning_rate_init``. A
# target around 150 is thousands of ``adam``'s steps away, and the weights have to grow for its
# spread. Both scalings are needed, of the features and of the target.

rows = []
for scale_features in (False, True):
    for scale_target in (False, True):
        model = XavierMLPRegressor((50,), early_stopping=True, random_state=0)
        if scale_features:
            model = make_pipeline(StandardScaler(), model)
        if scale_target:
            model = TransformedTargetRegressor(model, transformer=StandardScaler())
        predicted = model.fit(X_train, y_train).predict(X_test)
        r2 = model.score(X_test, y_test)
        rows.append([scale_features, scale_target, predicted.mean(), predicted.std(), r2])

columns = ["X scaled", "y scaled", "mean", "spread", "R²"]
print(pd.DataFrame(rows, columns=columns).round(2).to_string(index=False))
print(f"\nof the targets: mean {y_test.mean():.2f}, spread {y_test.std():.2f}")

# %%
# It stops after a few epochs
# ---------------------------
#
# With ``verbose=True`` the last line is "Training loss did not improve more than tol=0.000100 for
# 10 consecutive epochs". That is no error where the loss is done falling. It is one where ``tol``
# is large beside the loss: for a target of the size of 0.001 the squared error is 0.000001 from
# the start, and no progress can be as large as ``tol``.

y_small = (y_train - y_train.mean()) / y_train.std() / 1000
small = make_pipeline(
    StandardScaler(), XavierMLPRegressor((50,), learning_rate_init=0.01, random_state=0)
)
small.fit(X_train, y_small)
print(f"target as it is: {small[-1].n_iter_} epochs, R² {small.score(X_train, y_small):.1f}")

rescaled = TransformedTargetRegressor(small, transformer=StandardScaler()).fit(X_train, y_small)
n_iter = rescaled.regressor_[-1].n_iter_
print(f"target scaled: {n_iter} epochs, R² {rescaled.score(X_train, y_small):.2f}")

# %%
# With ``early_stopping=True`` the line says "Validation score", and the usual cause is a
# validation set of a few dozen samples, whose accuracy moves in steps and rests for epochs while
# the loss still falls. Validate on more samples, raise ``n_iter_no_change``, or stop on
# ``scoring="loss"``, which moves with every epoch.

X_few, X_rest, y_few, y_rest = train_test_split(
    X_digits, y_digits, train_size=200, stratify=y_digits, random_state=0
)
for setting in ({}, {"scoring": "loss"}):
    mlp = XavierMLPClassifier((50,), early_stopping=True, random_state=0, **setting)
    mlp.fit(X_few, y_few)
    print(f"{setting}: {mlp.n_iter_} epochs, accuracy {mlp.score(X_rest, y_rest):.3f}")

# %%
# It is worse than logistic regression
# ------------------------------------
#
# Mostly the linear model was scaled and the network was not, or the network was left to fit a few
# hundred rows without a penalty. A network can always be made to do as well: with ``()`` as
# ``hidden_layer_sizes`` it *is* a logistic regression.

X_cancer, y_cancer = load_breast_cancer(return_X_y=True)
folds = StratifiedKFold(5, shuffle=True, random_state=0)
models = {
    "logistic regression, scaled": make_pipeline(StandardScaler(), LogisticRegression()),
    "network, not scaled": XavierMLPClassifier((50,), random_state=0),
    "network, scaled": make_pipeline(StandardScaler(), XavierMLPClassifier((50,), random_state=0)),
    "network, scaled, lbfgs, alpha=1": make_pipeline(
        StandardScaler(),
        XavierMLPClassifier((50,), solver="lbfgs", alpha=1.0, tol=0.001, random_state=0),
    ),
}
for name, model in models.items():
    print(f"{name:32} {cross_val_score(model, X_cancer, y_cancer, cv=folds).mean():.3f}")

# %%
# If a well-trained network is no better than the linear model, the data may be nearly linear;
# then the simpler model is the answer. On tables with a few thousand rows, gradient-boosted trees
# such as :class:`~sklearn.ensemble.HistGradientBoostingClassifier` belong into the comparison.
#
# It overfits
# -----------
#
# Good on the training data, worse elsewhere, and the longer it trains the wider the gap. On few
# and noisy data that is the normal case. Four things narrow it: a larger ``alpha`` (for a few
# hundred samples try 1 to 100, as ``alpha`` is divided by the number of samples), early stopping,
# dropout, fewer units.


def diabetes(**setting):
    """The scores on training and test data."""
    mlp = XavierMLPRegressor(**{"hidden_layer_sizes": (50,), "random_state": 0, **setting})
    model = both_scaled(mlp).fit(X_train, y_train)
    return model.score(X_train, y_train), model.score(X_test, y_test)


overfits = {"solver": "lbfgs", "max_iter": 1000, "tol": 0.001}
rows = [
    ["as it is", *diabetes(**overfits)],
    ["alpha=100", *diabetes(**overfits, alpha=100.0)],
    ["early stopping", *diabetes(**overfits, early_stopping=True)],
    ["dropout=0.5, adam", *diabetes(dropout=0.5)],
    ["2 units", *diabetes(**overfits, hidden_layer_sizes=(2,))],
]
print(pd.DataFrame(rows, columns=["", "R² training", "R² test"]).round(2).to_string(index=False))

# %%
# .. _faq_imbalance:
#
# It never predicts the rare class
# --------------------------------
#
# Minimizing the log loss gives the rare class its true, small probability, and ``predict`` takes
# the larger one. Nothing is wrong with the training; the question is what a mistake costs.
# ``class_weight="balanced"`` counts a rare sample for more. It finds more of the rare class, pays
# with false alarms, and the probabilities are no longer those of the data.

X_rare, y_rare = make_classification(2000, 10, weights=[0.97], class_sep=0.6, random_state=0)
X_fit, X_new, y_fit, y_new = train_test_split(X_rare, y_rare, stratify=y_rare, random_state=0)
print(f"share of the rare class: {y_new.mean():.3f}")
for class_weight in (None, "balanced"):
    mlp = XavierMLPClassifier((20,), class_weight=class_weight, max_iter=100, random_state=0)
    predicted = mlp.fit(X_fit, y_fit).predict(X_new)
    mean = mlp.predict_proba(X_new)[:, 1].mean()
    print(f"class_weight={class_weight}: accuracy {mlp.score(X_new, y_new):.2f},", end=" ")
    print(f"mean probability {mean:.2f},")
    print(f"    recall {recall_score(y_new, predicted):.2f},", end=" ")
    print(f"precision {precision_score(y_new, predicted):.2f}")

# %%
# The other way leaves the training alone and moves the threshold:
# :class:`~sklearn.model_selection.TunedThresholdClassifierCV`. Then the probabilities stay those of
# the data. Judge either by a score that counts both classes, such as ``"balanced_accuracy"`` or
# ``"average_precision"``.
#
# It predicts no class at all
# ---------------------------
#
# Rows of zeros from ``predict``: the targets were one-hot encoded, and a matrix of zeros and ones
# is taken as label indicators, where a sample may have any number of labels. Pass the labels
# themselves; no encoding is needed for classes, be they numbers or strings.

one_hot = np.eye(10)[y_few.astype(int)]
labels = XavierMLPClassifier((50,), max_iter=50, random_state=0).fit(X_few, one_hot)
print("labels predicted for a sample:", np.unique(labels.predict(X_rest).sum(axis=1)))
print(f"accuracy: {labels.score(X_rest, np.eye(10)[y_rest.astype(int)]):.3f}")

classes = XavierMLPClassifier((50,), max_iter=50, random_state=0).fit(X_few, y_few)
print(f"from classes: accuracy {classes.score(X_rest, y_rest):.3f}")
