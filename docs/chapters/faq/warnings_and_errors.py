r"""
.. _faq_warnings_and_errors:

Warnings and errors
===================

Messages that :class:`~sk_xavier.XavierMLPClassifier` and :class:`~sk_xavier.XavierMLPRegressor`
print, most of them in the words of scikit-learn's
:class:`~sklearn.neural_network.MLPClassifier`: the heading is the message, or its start. Below each
is the cause and the remedy, then code that brings the message about and then does without it.
Where nothing is printed and the predictions are bad, see :ref:`faq_not_learning`.

"""

import copy
import io
import pickle
import re
import textwrap
import warnings

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits, load_iris
from sklearn.impute import SimpleImputer
from sklearn.metrics import d2_tweedie_score, log_loss
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.class_weight import compute_class_weight

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor


def message(function, *arguments, **keywords):
    """Call a function and print its warnings, or the error that it raises."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = function(*arguments, **keywords)
        except Exception as error:
            caught.clear()
            result = error
    lines = [f"{entry.category.__name__}: {entry.message}" for entry in caught]
    if isinstance(result, Exception):
        lines = [f"{type(result).__name__}: {result}"]
    for line in lines:
        line = re.sub(r" at 0x\w+", "", " ".join(line.split()))
        print(textwrap.fill(line, 70))
    return result


X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
scaler = StandardScaler().fit(X_train)
X_train, X_test = scaler.transform(X_train), scaler.transform(X_test)

# Trains to the end in a fraction of a second.
QUICK = {
    "hidden_layer_sizes": (10,),
    "solver": "lbfgs",
    "alpha": 0.1,
    "max_iter": 1000,
    "random_state": 0,
}

# %%
# While training
# --------------
#
# ConvergenceWarning: Stochastic Optimizer: Maximum iterations (200) reached
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# "... and the optimization hasn't converged yet." A warning, not an error: ``max_iter`` epochs are
# over, and training had not yet been without progress of ``tol`` for more than
# ``n_iter_no_change`` epochs in a row. The network can be used. Whether more epochs would help is
# a question for held-out data.
#
# In this order: scale the data; look at ``loss_curve_``; where it still falls, raise
# ``learning_rate_init`` or ``max_iter``; on a small data set use ``solver="lbfgs"``. To stop
# where held-out data say so, set ``early_stopping=True``.

slow = message(XavierMLPClassifier((10,), random_state=0).fit, X_train, y_train)
print(f"\nloss {slow.loss_curve_[100]:.3f} after 101 epochs, {slow.loss_:.3f} after 200")
for change in (
    {"max_iter": 2000},
    {"max_iter": 2000, "learning_rate_init": 0.01},
    {"max_iter": 2000, "solver": "lbfgs", "alpha": 0.1},
):
    mlp = XavierMLPClassifier((10,), random_state=0, **change)
    message(mlp.fit, X_train, y_train)
    changed = ", ".join(f"{name}={value}" for name, value in change.items())
    print(f"{changed}:")
    print(f"    {mlp.n_iter_} iterations, accuracy {mlp.score(X_test, y_test):.2f}")

# %%
# Where a fixed number of epochs is what you want, say so: a loop of ``partial_fit`` runs that many
# and does not warn, and neither does a filter:

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="Stochastic Optimizer")
    XavierMLPClassifier((10,), random_state=0, max_iter=5).fit(X_train, y_train)

# %%
# lbfgs failed to converge
# ~~~~~~~~~~~~~~~~~~~~~~~~
#
# SciPy's minimizer ended before the largest component of the gradient fell below ``tol``. The
# status tells why: ``TOTAL NO. OF ITERATIONS REACHED LIMIT`` is ``max_iter``, ``TOTAL NO. OF F,G
# EVALUATIONS EXCEEDS LIMIT`` is ``max_fun``, and ``ABNORMAL`` is a line search that found no
# lower loss, which mostly comes from badly scaled data. Scale the data first, then raise the
# limit. Without a penalty a classifier on separable data never converges, as its loss falls for
# ever: raise ``alpha``.

lbfgs = {**QUICK, "max_iter": 20}
message(XavierMLPClassifier(**lbfgs).fit, X_train, y_train)
mlp = message(XavierMLPClassifier(**{**lbfgs, "max_iter": 1000}).fit, X_train, y_train)
print(f"\nwith max_iter=1000: converged after {mlp.n_iter_} iterations")

# %%
# Training diverged: the loss became nan (or inf)
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# scikit-learn's words are "Solver produced non-finite parameter weights". The steps were too
# large for the data: :ref:`faq_diverged` has the causes.
#
# Different results in each run
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# The starting weights, the shuffling, the validation samples and dropout are random. With
# ``random_state=None``, the default, each ``fit`` draws others. An integer makes ``fit`` repeat
# itself; the split into training and test data, and the folds of a search, have a
# ``random_state`` of their own.


def twice(random_state):
    """The first probability of two trainings."""
    mlp = XavierMLPClassifier((10,), early_stopping=True, random_state=random_state)
    return [mlp.fit(X_train, y_train).predict_proba(X_test)[0, 0] for _ in range(2)]


for random_state in (None, 0):
    one, other = twice(random_state)
    print(f"random_state={random_state}: equal results {one == other}")


def spread(**setting):
    """The lowest and the highest accuracy of ten seeds."""
    scores = [
        XavierMLPClassifier((10,), learning_rate_init=0.01, random_state=seed, **setting)
        .fit(X_train, y_train)
        .score(X_test, y_test)
        for seed in range(10)
    ]
    return f"{min(scores):.2f} to {max(scores):.2f}"


print("early stopping on 12 samples:", spread(early_stopping=True))
print("trained to the end:", spread(max_iter=1000))

# %%
# A seed makes a result repeatable and not better founded. Where seeds differ much, look for what
# decides at random; here, a validation set of a tenth of the 112 samples. To compare two
# settings, take several seeds of each: :func:`~sk_xavier.compare_initializers` does so and tests
# the differences. Networks of several seeds may also be averaged, by
# :class:`~sklearn.ensemble.VotingClassifier`.
#
# Different results on another machine
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# The random numbers are the same everywhere. Sums of floating-point numbers are not: libraries of
# linear algebra add in an order that depends on the processor and on the number of threads. The
# difference is in the last digits at first, and grows with each step. Permuting the rows of ``X``
# has the same effect, and shows its size:

order = np.random.RandomState(0).permutation(len(X_train))
sizes = []
for max_iter in (1, 10, 1000):
    mlp = XavierMLPClassifier(**{**QUICK, "alpha": 0.001, "max_iter": max_iter})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coef = mlp.fit(X_train, y_train).coefs_[0]
        permuted = mlp.fit(X_train[order], y_train[order]).coefs_[0]
    sizes.append(np.abs(coef - permuted).max())
    print(f"after {mlp.n_iter_:3} iterations: weights differ by {sizes[-1]:.0e}")

# %%
# So compare scores across machines with a tolerance, and save the fitted network
# (:ref:`guide_saving`) where it must be the same.
#
# About the data
# --------------
#
# Unknown label type: continuous
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# The targets of a classifier are numbers with fractions. Use the regressor, or make classes of
# them.

length = X_train[:, 2]
message(XavierMLPClassifier(**QUICK).fit, X_train[:, :2], length)
regressor = XavierMLPRegressor(**QUICK).fit(X_train[:, :2], length)
print(f"\nR² of the regressor: {regressor.score(X_train[:, :2], length):.2f}")

# %%
# The number of classes has to be greater than one
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# All rows have the same label. Often a sorted file was cut without shuffling, as the first rows
# of iris here.

message(XavierMLPClassifier(**QUICK).fit, X[:50], y[:50])
X_part, _, y_part, _ = train_test_split(X, y, train_size=50, stratify=y, random_state=0)
mlp = XavierMLPClassifier(**QUICK).fit(X_part, y_part)
print("\nclasses of a shuffled part:", mlp.classes_)

# %%
# y has classes not in self.classes\_, y contains previously unseen labels
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# A later batch of ``partial_fit`` has a class that the first one did not announce. The output
# layer has one unit for each class, so all of them must be known at the first call, also those
# that come later: pass ``classes``.

stream = XavierMLPClassifier((10,), random_state=0)
first, second = y_train < 2, y_train == 2
message(stream.partial_fit, X_train[first], y_train[first])
print()
stream.partial_fit(X_train[first], y_train[first], classes=[0, 1])
message(stream.partial_fit, X_train[second], y_train[second])

stream = XavierMLPClassifier((10,), random_state=0)
stream.partial_fit(X_train[first], y_train[first], classes=[0, 1, 2])
stream.partial_fit(X_train[second], y_train[second])
print("\nknown from the start:", stream.classes_)

# %%
# "y contains previously unseen labels" is :class:`~sklearn.preprocessing.LabelEncoder`'s message
# for the same thing. It is not needed here: labels may be strings.
#
# warm_start can only be used where y has the same classes as in the previous call
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# ``fit`` with ``warm_start=True`` goes on with the network that there is. For batches in which a
# class may be missing, use ``partial_fit``; to start afresh, set ``warm_start=False``.

warm = XavierMLPClassifier(**QUICK, warm_start=True).fit(X_train, y_train)
message(warm.fit, X_train[first], y_train[first])
fresh = warm.set_params(warm_start=False).fit(X_train[first], y_train[first])
print("\nwithout warm_start:", fresh.classes_)

# %%
# Input X contains NaN
# ~~~~~~~~~~~~~~~~~~~~
#
# A network has no place for missing values. Impute them in the pipeline, so that test data are
# treated as training data were, and tell the network which values were missing.

X_missing = X_train.copy()
X_missing[np.random.RandomState(0).uniform(size=X_missing.shape) < 0.2] = np.nan
error = message(XavierMLPClassifier(**QUICK).fit, X_missing, y_train)
imputed = make_pipeline(SimpleImputer(add_indicator=True), XavierMLPClassifier(**QUICK))
imputed.fit(X_missing, y_train)
print(f"\naccuracy with a fifth of the training data missing: {imputed.score(X_test, y_test):.2f}")

# %%
# could not convert string to float, X has columns that do not hold numbers
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# ``X`` must be a table of numbers. Text needs an encoder (:ref:`guide_tables`). Of a data frame the
# message names the columns. Where it says "setting an array element with a sequence", the rows have
# different lengths, and need to be padded or summarized.

colors = pd.DataFrame({"color": ["red", "blue", "red", "green"]})
labels = [0, 1, 0, 1]
message(XavierMLPClassifier(**QUICK).fit, colors, labels)
message(XavierMLPClassifier(**QUICK).fit, colors.to_numpy(), labels)
message(XavierMLPClassifier(**QUICK).fit, [[1.0, 2.0], [3.0]], [0, 1])

encoder = OneHotEncoder(handle_unknown="ignore")
encoded = make_pipeline(encoder, XavierMLPClassifier(**QUICK)).fit(colors, labels)
print("\nencoded:", encoded.predict(colors))

# %%
# X has 3 features, but XavierMLPClassifier is expecting 4 features as input
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# Predictions need the columns of the training, all of them and in their order. The usual cause is
# a step, such as ``pandas.get_dummies``, that was applied to training and test data separately
# and found other categories there. Put the step into the pipeline.

mlp = XavierMLPClassifier(**QUICK).fit(X_train, y_train)
message(mlp.predict, X_test[:, :3])

dummies = pd.get_dummies(colors)
separate = XavierMLPClassifier(**QUICK).fit(dummies.to_numpy(), labels)
message(separate.predict, pd.get_dummies(colors[:2]).to_numpy())
print("\nin the pipeline:", encoded.predict(colors[:2]))

# %%
# X does not have valid feature names, but XavierMLPClassifier was fitted with feature names
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# ``fit`` saw a data frame and ``predict`` an array. A warning only, as the columns cannot be
# compared any more: pass a frame with the same columns in the same order, or arrays in both
# places.

frame, target = load_iris(return_X_y=True, as_frame=True)
named = XavierMLPClassifier(**QUICK).fit(frame, target)
message(named.predict, frame.to_numpy()[:3])
print()
message(named.predict, frame.iloc[:3, ::-1])
message(named.predict, frame.iloc[:3, ::-1][named.feature_names_in_])
print("\nwith the columns of the fit in their order: no message")

# %%
# Expected 2D array, got 1D array instead
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# One sample is a table with one row, one feature a table with one column.

mlp = XavierMLPClassifier(**QUICK).fit(X_train, y_train)
message(mlp.predict, X_test[0])
print("\none row:", mlp.predict(X_test[:1]))

# %%
# A column-vector y was passed when a 1d array was expected
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# ``y`` has shape (n, 1), as ``frame[["target"]]`` gives it. It is taken as one column. Pass
# ``frame["target"]`` or ``y.ravel()``.

message(XavierMLPClassifier(**QUICK).fit, X_train, y_train[:, np.newaxis])
message(XavierMLPClassifier(**QUICK).fit, X_train, y_train)
print("\none dimension: no message")

# %%
# loss='poisson' needs y >= 0
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# The Poisson loss is for counts and other amounts that are never negative, the gamma loss for
# amounts above zero. Standardized targets are neither: leave ``y`` as it is, since the network
# predicts exp of its output, and a positive factor is all that may be changed. scikit-learn's
# regressor takes such targets, and its loss is NaN then.

counts = np.round(np.exp(X_train[:, 2]))
standardized = (counts - counts.mean()) / counts.std()
poisson = XavierMLPRegressor(**QUICK, loss="poisson")
message(poisson.fit, X_train, standardized)
poisson.fit(X_train, counts)
explained = d2_tweedie_score(counts, poisson.predict(X_train), power=1)
print(f"\nthe counts themselves: {explained:.0%} of the deviance explained")

# %%
# About the settings
# ------------------
#
# The validation set is too small; cannot set samples aside; the least populated class
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# ``early_stopping=True`` sets ``validation_fraction`` of the samples aside, a tenth by default,
# and with two classes does so class by class. That takes two samples of each class, and a tenth
# that holds at least two samples. Raise ``validation_fraction``, pass ``X_val`` and ``y_val``
# yourself, or do without early stopping: a validation set of a handful of samples stops at
# random.

stopping = XavierMLPClassifier((10,), learning_rate_init=0.01, early_stopping=True, random_state=0)
few = np.r_[np.flatnonzero(y_train == 0)[:5], np.flatnonzero(y_train == 1)[:5]]
message(stopping.fit, X_train[few], y_train[few])
rare = np.r_[np.flatnonzero(y_train == 0), np.flatnonzero(y_train == 1)[:1]]
message(stopping.fit, X_train[rare], y_train[rare])

others = np.setdiff1d(np.flatnonzero(y_train < 2), few)
stopping.fit(X_train[few], y_train[few], X_val=X_train[others], y_val=y_train[others])
print(f"\nvalidated on {len(others)} others: best score {stopping.best_validation_score_:.2f}")

# %%
# This 'XavierMLPClassifier' has no attribute 'partial_fit'
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# ``lbfgs`` needs all samples at once, so ``partial_fit`` does not exist with it. Choose another
# solver, or go on by ``warm_start=True`` and ``fit`` where all samples are at hand.

message(getattr, XavierMLPClassifier(solver="lbfgs"), "partial_fit")
adam = XavierMLPClassifier(solver="adam", random_state=0)
adam.partial_fit(X_train, y_train, classes=[0, 1, 2])
print(f"\nwith adam: {adam.n_iter_} epoch")

# %%
# partial_fit does not support early_stopping=True
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# A call of ``partial_fit`` does not know what was validated on before. Keep a validation set
# yourself, look at its score between the calls, and keep a copy of the best network.

message(stopping.partial_fit, X_train, y_train, classes=[0, 1, 2])

X_fit, X_val, y_fit, y_val = train_test_split(
    X_train, y_train, test_size=0.3, stratify=y_train, random_state=0
)
mlp = XavierMLPClassifier((10,), learning_rate_init=0.01, random_state=0)
best, n_without_progress = -np.inf, 0
while n_without_progress < 10:
    mlp.partial_fit(X_fit, y_fit, classes=[0, 1, 2])
    score = -log_loss(y_val, mlp.predict_proba(X_val))
    n_without_progress += 1
    if score > best:
        best, kept, n_without_progress = score, copy.deepcopy(mlp), 0
print(f"\nstopped after {mlp.n_iter_} epochs, the best are {kept.n_iter_}")
print(f"accuracy {kept.score(X_test, y_test):.2f}")

# %%
# Invalid parameter ... for estimator Pipeline
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# The name of a parameter in a pipeline is ``step__parameter`` with two underscores;
# ``make_pipeline`` names steps after their classes in small letters. ``get_params`` lists all
# names.

model = make_pipeline(StandardScaler(), XavierMLPClassifier(**QUICK))
message(model.set_params, mlp__alpha=1.0)
print("\nnames:", [name for name in model.get_params() if name.endswith("alpha")])

# %%
# InvalidParameterError: The ... parameter must be a str among ...
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# A value that is not allowed is stored and found by ``fit``, as in all of scikit-learn; the message
# lists the choices, and is a ``ValueError``. Sizes of layers must be positive.

message(XavierMLPClassifier((10, 0)).fit, X_train, y_train)
print()
message(XavierMLPClassifier(init="xavier").fit, X_train, y_train)
model.set_params(xaviermlpclassifier__alpha=1.0, xaviermlpclassifier__init="xavier_uniform")
_ = message(model.fit, X_train, y_train)

# %%
# Some fits failed, One or more of the test scores are non-finite
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# In a search, a setting that raises an error gets NaN as its score, and the search goes on.
# ``error_score="raise"`` shows the error itself. Training that diverges is such an error, so a
# search over learning rates may have some.

grid = {"learning_rate_init": [0.1, 1e200]}
mlp = XavierMLPClassifier((10,), solver="sgd", tol=0.01, random_state=0)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    search = GridSearchCV(mlp, grid, cv=3).fit(X_train, y_train)
print("scores:", np.round(search.cv_results_["mean_test_score"], 2))
print("chosen:", search.best_params_)
strict = GridSearchCV(mlp, {"learning_rate_init": [1e200]}, cv=3, error_score="raise")
print()
_ = message(strict.fit, X_train, y_train)

# %%
# batch_size is larger than the samples. It is going to be clipped
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# scikit-learn says "Got `batch_size` less than 1 or larger than sample size". Both are warnings:
# there is one batch, of all samples. The samples are those that are trained on, so that
# early stopping and the folds of a search count. ``batch_size="auto"`` is 200 or all samples.

for batch_size in (128, "auto"):
    mlp = XavierMLPClassifier((10,), batch_size=batch_size, tol=0.01, random_state=0)
    print(f"batch_size={batch_size}:")
    message(mlp.fit, X_train, y_train)
print("no message")

# %%
# class_weight='balanced' is not supported for partial_fit
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# A call of ``partial_fit`` sees some of the samples and cannot know how rare a class is. Compute
# the weights from all targets, or from what is known of them, and pass them as a dictionary. Its
# keys are classes: others are refused.

balanced = XavierMLPClassifier(class_weight="balanced")
message(balanced.partial_fit, X_train, y_train, classes=np.unique(y_train))
weights = compute_class_weight("balanced", classes=np.unique(y_train), y=y_train)
by_class = dict(zip(np.unique(y_train), weights, strict=True))
mlp = XavierMLPClassifier(class_weight=by_class, random_state=0)
mlp.partial_fit(X_train, y_train, classes=np.unique(y_train))
print(f"\nwith a dictionary: {mlp.n_iter_} epoch\n")
_ = message(XavierMLPClassifier(class_weight={3: 2.0}).fit, X_train, y_train)

# %%
# Training interrupted by user
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# Someone pressed Ctrl-C, or the stop button of a notebook, during ``fit``. What was learned until
# then is kept, and this warning says so; the network can be used, or trained further with
# ``warm_start=True``. Here a score stands for the finger on the key.

calls = []


def interrupt_at_call_20(network, X, y):
    calls.append(network)
    if len(calls) == 20:
        raise KeyboardInterrupt
    return network.score(X, y)


mlp = XavierMLPClassifier((10,), learning_rate_init=0.05, random_state=0)
mlp.set_params(early_stopping=True, n_iter_no_change=20, scoring=interrupt_at_call_20)
message(mlp.fit, X_train, y_train)
print(f"\nit predicts: {mlp.predict(X_test[:5])}")

# %%
# The network's predictions are not finite
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# The samples have numbers so large that a product with the weights overflows: mostly a unit that
# is not the one of the training samples, a missing scaler, or a fill value such as 1e308.
# scikit-learn returns nan here.

mlp = XavierMLPClassifier(activation="identity", **QUICK).fit(X_train, y_train)
message(mlp.predict, np.full((1, 4), 1e308))
print(f"\nin the range of the training samples: {mlp.predict(X_test[:1])}")

# %%
# dropout cannot be used with solver='lbfgs'
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# ``lbfgs`` compares losses of one fixed function. Dropout makes another one at each evaluation.
# Use the L2 penalty, ``alpha``, with ``lbfgs``, or a stochastic solver with dropout. The same
# holds for ``max_grad_norm``.

message(XavierMLPClassifier(**QUICK, dropout=0.2).fit, X_train, y_train)
mlp = XavierMLPClassifier((20,), dropout=0.2, tol=0.01, learning_rate_init=0.01, random_state=0)
print(f"\nwith adam: accuracy {mlp.fit(X_train, y_train).score(X_test, y_test):.2f}")

# %%
# hidden_layer_sizes and the weights disagree
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# With ``warm_start=True`` the network that there is goes on, and other sizes were asked for. In a
# search set ``warm_start=False``; scikit-learn ignores the new sizes here.

warm = XavierMLPClassifier(**QUICK, warm_start=True).fit(X_train, y_train)
message(warm.set_params(hidden_layer_sizes=(20,)).fit, X_train, y_train)
warm.set_params(warm_start=False).fit(X_train, y_train)
print("\nafresh:", warm.coefs_[0].shape)

# %%
# n_iter_no_change has no effect
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# It counts epochs without progress of at least ``tol``: of the training loss, or with
# ``early_stopping`` of the validation score. Without ``early_stopping``, ``lbfgs`` does not look
# at it, but stops where the gradient is small. With ``learning_rate="adaptive"`` the rate is
# lowered first, several times. ``numpy.inf`` lets every epoch run.

for early_stopping in (False, True):
    n_iter = []
    for n_iter_no_change in (3, 30):
        mlp = XavierMLPClassifier(**QUICK, early_stopping=early_stopping)
        mlp.set_params(n_iter_no_change=n_iter_no_change).fit(X_train, y_train)
        n_iter.append(mlp.n_iter_)
    print(f"lbfgs, early_stopping={early_stopping}: {n_iter[0]} and {n_iter[1]} iterations")

# %%
# Afterwards
# ----------
#
# This XavierMLPClassifier instance is not fitted yet
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# A clone, or the estimator given to a search, is not the one that was fitted: searches fit clones.
# Use ``best_estimator_``, or the search itself.

mlp = XavierMLPClassifier(**QUICK)
search = GridSearchCV(mlp, {"alpha": [0.1, 1.0]}, cv=3).fit(X_train, y_train)
message(mlp.predict, X_test)
print(f"\nthe search: accuracy {search.score(X_test, y_test):.2f}")

# %%
# Can't pickle <function <lambda>>
# ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
#
# Fitted networks can be pickled, as other estimators. What cannot is a lambda or a local function
# among the parameters, such as ``init=lambda ...``: move it to the top of a module, or use an
# object of ``sk_xavier.initializers``. A pickle belongs to the versions it was made with;
# :ref:`guide_saving` has the formats and their risks.

unnamed = XavierMLPClassifier(
    **QUICK, init=lambda shape, *, random_state, **_: random_state.normal(size=shape)
)
unnamed.fit(X_train, y_train)
error = message(pickle.dump, unnamed, io.BytesIO())
named = XavierMLPClassifier(**QUICK, init="normal").fit(X_train, y_train)
again = pickle.loads(pickle.dumps(named))
print("\nloaded, with equal predictions:", (again.predict(X) == named.predict(X)).all())

# %%
# Training is slow
# ~~~~~~~~~~~~~~~~
#
# Time goes with the number of steps and the size of a step. So, in this order: pass ``X`` as
# float32, which halves the memory that moves; take larger batches where there are many samples;
# stop early; use ``lbfgs`` for a few thousand samples. On small networks threads may cost more
# than they gain: compare with ``OMP_NUM_THREADS=1``, above all where a search runs with
# ``n_jobs``. :ref:`guide_speed` has measurements. Here is what can be said without a clock:

digits, digit = load_digits(return_X_y=True)
digits /= 16
for batch_size in (32, 200, 600):
    mlp = XavierMLPClassifier((50,), batch_size=batch_size, random_state=0)
    epochs = 0
    while epochs < 200 and not (epochs and mlp.loss_ < 0.1):
        mlp.partial_fit(digits, digit, classes=range(10))
        epochs += 1
    steps = epochs * -(-len(digits) // batch_size)
    print(f"batches of {batch_size:4}: loss below 0.1 after {epochs:3} epochs, {steps:4} steps")

# %%
# Larger batches take fewer steps and more epochs. Which of them is faster depends on the machine;
# and a larger ``learning_rate_init`` may go with them.
#
# MemoryError
# ~~~~~~~~~~~
#
# Training and predicting go through ``X`` in blocks of rows, so the network's own memory does not
# grow with the number of samples. What does is ``X`` itself: float32 takes half, a sparse matrix
# only what is not zero, and a memory-mapped array stays on the disk (:ref:`guide_scaling_out`).
# Beside it are the weights: ``adam`` holds them four times, with the gradient and two averages;
# ``lbfgs`` more than twenty times, as SciPy keeps the last ten steps and changes of the gradient
# in float64.

for dtype in (np.float64, np.float32):
    wide = XavierMLPClassifier((1000,), random_state=0)
    wide.initialize(digits.astype(dtype), digit)
    size = sum(coef.nbytes for coef in wide.coefs_) / 1e6
    print(f"{np.dtype(dtype).name}: weights {size:.2f} MB, ", end="")
    print(f"X {digits.astype(dtype).nbytes / 1e6:.2f} MB")
