r"""
.. _guide_other_tools:

Other tools that take any estimator
===================================

Much of scikit-learn, and of what is built on it, works on *an estimator*, whichever it is. The
networks here keep the conventions that such tools rely on, so they go in as they are. This page
asks what one wants to know of a network, and shows the tool for it:

.. list-table::
   :header-rows: 1
   :widths: 48 52

   * - question
     - tool
   * - Are the probabilities right?
     - :class:`~sklearn.calibration.CalibratedClassifierCV`
   * - Which label at which probability?
     - :class:`~sklearn.model_selection.TunedThresholdClassifierCV`
   * - What does it say of samples that it did not see?
     - :func:`~sklearn.model_selection.cross_val_predict`
   * - Which features matter, and how?
     - :func:`~sklearn.inspection.permutation_importance`,
       :func:`~sklearn.inspection.partial_dependence`, SHAP
   * - How many samples do I need?
     - :func:`~sklearn.model_selection.learning_curve`
   * - What if few samples have labels?
     - :class:`~sklearn.semi_supervised.SelfTrainingClassifier`
   * - What if the target spans powers of ten?
     - :class:`~sklearn.compose.TransformedTargetRegressor`
   * - One network for all outputs, or one for each?
     - :class:`~sklearn.multioutput.MultiOutputRegressor`,
       :class:`~sklearn.multiclass.OneVsRestClassifier`
   * - Are several networks better than one?
     - :class:`~sklearn.ensemble.BaggingClassifier`,
       :class:`~sklearn.ensemble.StackingClassifier`

Such tools clone the network and fit the clone, once or many times. So three things hold for all:

- the time is that of one fit times the number of fits; most tools take ``n_jobs``;
- whatever is learned from samples, such as a scaler, belongs into a pipeline, and the pipeline
  goes into the tool. The samples on this page are scaled already;
- parameters are reached through the tool, as in ``set_params(estimator__init="he_normal")``,
  and can be searched by these names.

"""

import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.datasets import (
    load_diabetes,
    load_digits,
    make_classification,
    make_moons,
)
from sklearn.exceptions import ConvergenceWarning

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

# Fits below stop after a number of iterations, so that this warning has no news.
warnings.simplefilter("ignore", ConvergenceWarning)

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "0.5"


def classifier(hidden=(20,), **parameters):
    settings = {"solver": "lbfgs", "alpha": 0.1, "max_iter": 100, "random_state": 0}
    return XavierMLPClassifier(hidden, **settings | parameters)


def regressor(hidden=(20,), **parameters):
    settings = {"solver": "lbfgs", "alpha": 0.1, "max_iter": 100, "random_state": 0}
    return XavierMLPRegressor(hidden, **settings | parameters)


# %%
# Are the probabilities right?
# ----------------------------
#
# Of the samples that get a probability of 0.8, four in five should be of that class. A network
# that has learned its training samples by heart says 0.99 where it should say 0.7. Here is
# one: 50 units, hardly a penalty, 300 samples, and a tenth of the labels are wrong on purpose.
#
# :class:`~sklearn.calibration.CalibratedClassifierCV` learns a map from what the network says to
# what was the case. The samples for that must not be those of the training:
# :class:`~sklearn.frozen.FrozenEstimator` holds a fitted network as it is, and the map is learned
# from 700 others. With ``cv=5`` in place of that, five networks are trained on four fifths of the
# samples each, and each gets its map from the last fifth; the mean of the five predicts.

from sklearn.calibration import CalibratedClassifierCV, CalibrationDisplay
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import brier_score_loss, log_loss

X, y = make_classification(3000, 10, n_informative=5, flip_y=0.2, random_state=0)
X_train, X_more, X_test = np.split(X, [300, 1000])
y_train, y_more, y_test = np.split(y, [300, 1000])

network = classifier((50,), alpha=1e-4, max_iter=200).fit(X_train, y_train)
frozen = FrozenEstimator(network)
models = {
    "as it is": network,
    "sigmoid": CalibratedClassifierCV(frozen, method="sigmoid").fit(X_more, y_more),
    "isotonic": CalibratedClassifierCV(frozen, method="isotonic").fit(X_more, y_more),
    "sigmoid, cv=5": CalibratedClassifierCV(network, cv=5).fit(X_train, y_train),
    "alpha=30": classifier((50,), alpha=30.0).fit(X_train, y_train),
}
rows = {}
for name, model in models.items():
    p = model.predict_proba(X_test)
    rows[name] = {
        "log loss": log_loss(y_test, p),
        "Brier score": brier_score_loss(y_test, p[:, 1]),
        "accuracy": (p.argmax(axis=1) == y_test).mean(),
    }
print(pd.DataFrame(rows).T.round(3).to_string())

figure, axes = plt.subplots(figsize=(5.5, 4.4), layout="constrained")
for name, color in {"as it is": ORANGE, "isotonic": BLUE, "alpha=30": GREEN}.items():
    CalibrationDisplay.from_estimator(
        models[name], X_test, y_test, n_bins=8, name=name, color=color, ax=axes
    )
_ = axes.set(xlabel="probability of class 1", ylabel="share of class 1")

# %%
# A map of one network leaves the order of the samples nearly as it was, and the accuracy with it;
# what gets better is the probability. The mean of five networks is another model. And the last row
# is the reminder that a penalty, early stopping or label smoothing (:ref:`guide_features`) makes
# the network itself less sure, and may help the accuracy too; in the picture it is now a little
# too unsure. Try that first, and calibrate what is left.
#
# - ``"sigmoid"`` has two parameters and needs few samples; ``"isotonic"`` bends at will and,
#   as scikit-learn's documentation says, tends to overfit with much fewer than a thousand.
# - Since scikit-learn 1.8 there is ``"temperature"``: one parameter, for any number of classes;
#   the most probable class stays the same.
# - The networks have no ``decision_function``, as scikit-learn's have none. The map is one of
#   probabilities then, and a temperature one of their logarithms.
#
# Which label at which probability?
# ---------------------------------
#
# ``predict`` takes the most probable class: of two, the one above one half. Where one class is
# rare, or one error costs more, another threshold is better. Below, one sample in ten is of
# class 1. :class:`~sklearn.model_selection.FixedThresholdClassifier` sets a threshold that is
# known; :class:`~sklearn.model_selection.TunedThresholdClassifierCV` looks for it in folds.

from sklearn.metrics import balanced_accuracy_score, recall_score
from sklearn.model_selection import (
    FixedThresholdClassifier,
    TunedThresholdClassifierCV,
)

rare = (y == 0) | (np.arange(len(y)) % 9 == 0)
X_rare, y_rare = X[rare], y[rare]
train, test = slice(0, 600), slice(600, None)
smooth = classifier(alpha=3.0)
models = {
    "one half": smooth,
    "fixed": FixedThresholdClassifier(smooth, threshold=0.1),
    "tuned": TunedThresholdClassifierCV(
        smooth, scoring="balanced_accuracy", thresholds=50, cv=3, random_state=0
    ),
}
for name, model in models.items():
    predicted = model.fit(X_rare[train], y_rare[train]).predict(X_rare[test])
    threshold = getattr(model, "best_threshold_", getattr(model, "threshold", 0.5))
    recall = recall_score(y_rare[test], predicted)
    score = balanced_accuracy_score(y_rare[test], predicted)
    print(f"{name:8} {threshold:.2f}: recall {recall:.2f}", end=", ")
    print(f"balanced accuracy {score:.2f}")

# %%
# The probabilities are untouched, only the cut moves: the same network finds more of the rare
# class, and calls more of the others so. ``class_weight="balanced"`` moves the probabilities
# instead; a threshold needs no new training when costs change.
#
# What does it say of samples that it did not see?
# ------------------------------------------------
#
# :func:`~sklearn.model_selection.cross_val_predict` predicts each sample by a network that was
# trained without its fold. One use of that: labels that are wrong stand out, as a network that
# has not learned them by heart gives them little probability. Here 20 of 600 digits get a wrong
# label, and the 20 labels with the least probability are looked at, once from folds and once
# from a network that was trained on them:

from sklearn.model_selection import cross_val_predict

digits, names = load_digits(return_X_y=True)
digits = digits / 16
rng = np.random.RandomState(0)
spoiled = rng.permutation(600)[:20]
labels = names[:600].copy()
labels[spoiled] = (labels[spoiled] + rng.randint(1, 10, 20)) % 10

network = classifier()
images = digits[:600]
held_out = cross_val_predict(network, images, labels, method="predict_proba", cv=5)
seen = network.fit(images, labels).predict_proba(images)
for name, p in {"held out": held_out, "seen": seen}.items():
    least = np.argsort(p[np.arange(600), labels])[:20]
    found = len(np.intersect1d(least, spoiled))
    print(f"{name:8}: {found} of 20 wrong labels found")

# %%
# (With classes that a fold lacks, their columns are 0, and scikit-learn warns.)
#
# Which features matter, and how?
# -------------------------------
#
# :func:`~sklearn.inspection.permutation_importance` shuffles one column and looks at how much
# worse the score gets. For a network without hidden layers, which is a linear model, that is a
# formula: in terms of the mean squared error, the importance of column :math:`x` with weight
# :math:`c` is :math:`2 c^2 \operatorname{var}(x)`, if it was fitted by least squares to the
# same samples. So the numbers can be checked:

from sklearn.inspection import PartialDependenceDisplay, permutation_importance

frame, target = load_diabetes(return_X_y=True, as_frame=True)
frame = (frame - frame.mean()) / frame.std()
target = (target - target.mean()) / target.std()

linear = regressor((), alpha=0.0, tol=1e-8, max_iter=1000).fit(frame, target)
found = permutation_importance(
    linear,
    frame,
    target,
    scoring="neg_mean_squared_error",
    n_repeats=50,
    random_state=0,
)
formula = 2 * linear.coefs_[0][:, 0] ** 2 * frame.var(ddof=0)
table = pd.DataFrame(
    {
        "weight": linear.coefs_[0][:, 0],
        "permuted": found.importances_mean,
        "formula": formula,
    },
    index=frame.columns,
)
print(table.loc[["bmi", "s5", "s1", "s2", "age"]].round(3).to_string())

# %%
# Look at ``s1`` and ``s2``, total and LDL cholesterol. Their weights are large and of opposite
# sign, as the columns are nearly copies of one another: the model uses their small difference.
# Shuffling one alone makes patients that cannot exist, and the model is far off on these. So a
# column can be important to a model without telling much of the target. Correlated columns are the
# trap of this section and the next; look at correlations first. A penalty keeps such weights
# small, as in the network below. Importance is best taken on samples that were not trained on:

print(f"correlation of s1 and s2: {frame['s1'].corr(frame['s2']):.2f}")
train, test = slice(0, 300), slice(300, None)
model = regressor(alpha=30.0).fit(frame[train], target[train])
score = model.score(frame[test], target[test])
found = permutation_importance(
    model,
    frame[test],
    target[test],
    n_repeats=20,
    random_state=0,
)
print(f"R2 on new samples: {score:.2f}")
for name in ("bmi", "s5", "s1", "s2"):
    lost = found.importances_mean[frame.columns.get_loc(name)]
    print(f"lost when {name} is permuted: {lost:.2f}")

figure, panels = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
order = found.importances_mean.argsort()
panels[0].barh(
    frame.columns[order],
    found.importances_mean[order],
    xerr=found.importances_std[order],
    color=BLUE,
    ecolor=GREY,
)
panels[0].set(xlabel="loss of R2 when permuted")
_ = PartialDependenceDisplay.from_estimator(
    model,
    frame[train],
    ["bmi", "s5"],
    kind="both",
    subsample=40,
    random_state=0,
    ax=panels[1:],
    ice_lines_kw={"color": GREY, "alpha": 0.3},
    pd_line_kw={"color": ORANGE, "label": None},
)

# %%
# The two panels at the right show *how* the two most important columns matter: each grey line is
# a patient whose ``bmi`` or ``s5`` is set to other values, and the orange line is the mean over
# all, the *partial dependence*. Without hidden layers it is a straight line with the weight as
# its slope. Where grey lines are not parallel, the effect depends on other columns, and the mean
# hides that.
#
# Single predictions: SHAP
# ------------------------
#
# `SHAP <https://shap.readthedocs.io>`_ splits one prediction into a sum: the mean prediction for
# a background, and a part for each feature. Its model-agnostic explainers take a *method* such as
# ``predict`` or ``predict_proba``; the estimator as such is refused as "not callable".

with warnings.catch_warnings():
    # On import, SHAP uses what matplotlib 3.11 means to deprecate.
    warnings.simplefilter("ignore", PendingDeprecationWarning)
    import shap

background = frame[train].sample(50, random_state=0)
patients = frame[test].iloc[:3]
options = {"silent": True, "l1_reg": False}
parts = shap.KernelExplainer(model.predict, background)(patients, **options)
total = parts.base_values + parts.values.sum(axis=1)
difference = np.abs(total - model.predict(patients)).max()
print(f"sums differ from predictions by {difference:.0e}")

of_linear = shap.KernelExplainer(linear.predict, background)(patients, **options)
by_hand = linear.coefs_[0][:, 0] * (patients - background.mean())
difference = np.abs(of_linear.values - by_hand).to_numpy().max()
print(f"linear: parts differ from coef * (x - mean) by {difference:.0e}")

largest = np.abs(parts.values[0]).argsort()[::-1][:4]
print(f"\nfirst patient: {total[0]:.2f} = {parts.base_values[0]:.2f} (mean)")
for i in largest:
    value = patients.iat[0, i]
    print(f"  {parts.values[0, i]:+.2f} for {frame.columns[i]} = {value:.2f}")
print(f"  {np.delete(parts.values[0], largest).sum():+.2f} for the other six")

# %%
# - The background decides what a part means: it is relative to these rows.
# - The time grows with the rows of the background times subsets of features. With ten features
#   there are few enough for all; with many, ``KernelExplainer`` samples them, and the sum holds all
#   the same. ``l1_reg=False`` tells it to keep all features; by default it keeps the ten that
#   matter most in a linear fit, and gives 0 to others.
# - ``shap.Explainer(model.predict, background)`` chooses another algorithm: up to ten features all
#   subsets, beyond that orders drawn at random. It takes 100 rows of the background, unless that
#   is ``shap.maskers.Independent(background, max_samples=...)``, and compiles code when first used.
# - Features are made independent: the warning about correlated columns above holds here too.
#   And a part says what the *model* does with a feature.
#
# How many samples do I need?
# ---------------------------
#
# :func:`~sklearn.model_selection.learning_curve` trains on parts of the samples. If the score is
# still rising at the right end, more samples will help; if it is flat, something else has to
# change. A fit for each size is the plain way. With ``exploit_incremental_learning=True`` one
# network goes on by ``partial_fit`` from size to size:

from sklearn.model_selection import learning_curve

sizes = [50, 100, 200, 400, 800]
curves = {}
for name, network, incremental in [
    ("a fit for each size", classifier(), False),
    (
        "batch by batch",
        classifier(solver="adam", batch_size=20, learning_rate_init=0.01),
        True,
    ),
]:
    _, _, scores = learning_curve(
        network,
        digits,
        names,
        train_sizes=sizes,
        cv=3,
        exploit_incremental_learning=incremental,
        shuffle=True,
        random_state=0,
    )
    curves[name] = scores.mean(axis=1)
print(pd.DataFrame(curves, index=sizes).round(3).to_string())

figure, axes = plt.subplots(figsize=(6, 3.4), layout="constrained")
for (name, curve), style in zip(curves.items(), ("o-", "s--"), strict=True):
    color = BLUE if style == "o-" else ORANGE
    axes.plot(sizes, curve, style, color=color, label=name)
axes.set(xlabel="training samples", ylabel="accuracy on held-out folds", xscale="log")
axes.set_xticks(sizes, sizes)
axes.minorticks_off()
_ = axes.legend()

# %%
# They answer different questions. The second curve is that of a stream in which each sample is
# seen once, in steps of 20 samples: it says how fast a network learns online, and its low score at
# the left is lack of steps, not of samples. For "how many samples do I need",
# fit for each size. Incremental curves are not for ``"lbfgs"``, which has no ``partial_fit``, nor
# with early stopping.
#
# What if few samples have labels?
# --------------------------------
#
# :class:`~sklearn.semi_supervised.SelfTrainingClassifier` takes samples without a label as -1. It
# fits to those that have one, labels those of which the network is sure, and repeats.

from sklearn.semi_supervised import SelfTrainingClassifier


def compare(network, X, y, X_test, y_test, n_labels):
    """Accuracies of the network on labelled samples, and of self-training on all."""
    known = np.concatenate([np.flatnonzero(y == k)[:n_labels] for k in np.unique(y)])
    some = np.full(len(y), -1)
    some[known] = y[known]
    alone = network.fit(X[known], y[known]).score(X_test, y_test)
    trained = SelfTrainingClassifier(network, threshold=0.9).fit(X, some)
    given = trained.labeled_iter_ > 0
    right = (trained.transduction_ == y)[given].mean()
    return {
        "labels alone": alone,
        "self-training": trained.score(X_test, y_test),
        "labels given": given.sum(),
        "of them right": right,
    }


parts = digits[:600], names[:600], digits[600:], names[600:]
moons = [*make_moons(400, noise=0.1, random_state=0)]
moons += [*make_moons(1000, noise=0.1, random_state=1)]
rows = {
    "digits, 5 a class": compare(classifier((50,)), *parts, n_labels=5),
    "moons, 6 a class": compare(classifier(), *moons, n_labels=6),
}
pd.DataFrame(rows).T.round(3)

# %%
# The labels that it gives itself are never taken back. So it helps where a sure network is
# right, as with the digits. Where it is sure and wrong, as at the tips of the two moons, it
# learns its own errors. Set some true labels aside to see which is the case, and mind that a
# network that is too sure, see above, passes any threshold.
#
# What if the target spans powers of ten?
# ---------------------------------------
#
# The squared error looks at the largest values. If errors are *relative* ones, let the network
# learn the logarithm: :class:`~sklearn.compose.TransformedTargetRegressor` transforms the target
# for ``fit``, and the predictions back. Here the target is log-normal, with a known centre:

from sklearn.compose import TransformedTargetRegressor

rng = np.random.RandomState(0)
Z = rng.normal(size=(2000, 3))
center = np.exp(1.5 * Z[:, 0] - Z[:, 1])
price = center * rng.lognormal(sigma=0.8, size=2000)
train, test = slice(0, 1000), slice(1000, None)
models = {
    "squared error": regressor(),
    "of the logarithm": TransformedTargetRegressor(
        regressor(alpha=1.0), func=np.log, inverse_func=np.exp
    ),
    "loss='gamma'": regressor(loss="gamma", alpha=1.0),
}
for name, model in models.items():
    ratio = model.fit(Z[train], price[train]).predict(Z[test]) / center[test]
    error = np.median(np.abs(np.log(np.maximum(ratio, 1e-3))))
    print(f"{name:16}: {np.median(ratio):.2f} times the centre", end="; ")
    print(f"off by a factor of {np.exp(error):.2f}")
print(f"mean of the target, by theory: {np.exp(0.8**2 / 2):.2f} times the centre")

# %%
# The way back has a trap: ``exp`` of a mean logarithm is the *median* of a log-normal target, not
# its mean, which is larger by :math:`\exp(\sigma^2 / 2)`. Sums of such predictions are too low.
# The losses ``"gamma"`` and ``"poisson"`` keep to positive predictions too, and estimate the
# mean (:ref:`guide_features`). To scale a target, give ``transformer=StandardScaler()``; a network
# learns targets of thousands slowly without (:ref:`guide_training`).
#
# One network for all outputs, or one for each?
# ---------------------------------------------
#
# A network takes several outputs, or classes, by itself: they share its hidden layers.
# :class:`~sklearn.multioutput.MultiOutputRegressor`,
# :class:`~sklearn.multioutput.MultiOutputClassifier` and
# :class:`~sklearn.multiclass.OneVsRestClassifier` train one network for each instead:

from sklearn.multiclass import OneVsRestClassifier

train, test = slice(0, 600), slice(600, None)
rows = {}
for name, model in {
    "one network, softmax": classifier(),
    "one a class": OneVsRestClassifier(classifier()),
}.items():
    model.fit(digits[train], names[train])
    networks = getattr(model, "estimators_", [model])
    arrays = [array for each in networks for array in each.coefs_ + each.intercepts_]
    rows[name] = {
        "networks": len(networks),
        "weights": sum(array.size for array in arrays),
        "accuracy": model.score(digits[test], names[test]),
    }
table = pd.DataFrame(rows).T.astype({"networks": int, "weights": int})
print(table.round(3).to_string())
alone = classifier().fit(digits[train], names[train] == 3)
same = np.array_equal(alone.coefs_[0], model.estimators_[3].coefs_[0])
print(f"the fourth is the network that was fitted to y == 3: {same}")

# %%
# One for each is needed where outputs need other parameters or other samples, and costs as many
# fits. Chains (:class:`~sklearn.multioutput.ClassifierChain`) hand each output on as a feature to
# the next.
#
# Are several networks better than one?
# -------------------------------------
#
# Networks from other seeds, or from other samples, err in different places; their mean errs less.
# Four ways, on the 300 noisy samples of the first section:

from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression

network = classifier((50,), alpha=1e-4)
seeds = []
for seed in range(25):
    other = classifier((50,), alpha=1e-4, random_state=seed)
    seeds.append((f"seed {seed}", other))
bases = [("large", network), ("linear", classifier(()))]
bag = BaggingClassifier(network, n_estimators=25, oob_score=True, random_state=0)
stack = StackingClassifier(bases, LogisticRegression(), cv=5)
models = {
    "one": network,
    "25 seeds": VotingClassifier(seeds, voting="soft"),
    "25 samples": bag,
    "a stack": stack,
}
rows = {}
for name, model in models.items():
    p = model.fit(X_train, y_train).predict_proba(X_test)
    accuracy = (p.argmax(axis=1) == y_test).mean()
    rows[name] = {"log loss": log_loss(y_test, p), "accuracy": accuracy}
print(pd.DataFrame(rows).T.round(3).to_string())
print(f"bag: accuracy out of bag {bag.oob_score_:.3f}")
for (name, _), weight in zip(bases, stack.final_estimator_.coef_[0], strict=True):
    print(f"stack: weight of {name} {weight:.2f}")

# %%
# - A *vote* over seeds removes the part of the error that is due to the start. Give other seeds by
#   hand, as above: a tool that clones an estimator with an int as ``random_state`` gets equal
#   starts.
# - *Bagging* draws samples with replacement, and sets a seed for each network. Since ``fit`` takes
#   sample weights, the draw is passed as counts. The score *out of bag*, from networks that have
#   not seen the sample, comes without a test set. It is a little low, as only about a third of the
#   networks vote on each sample.
# - A *stack* learns from held-out predictions how far to trust each model.
# - :class:`~sklearn.ensemble.AdaBoostClassifier` works too, as ``fit`` heeds sample weights; it is
#   made for weak learners, so take a small network.
#
# A trap in scikit-learn's stacks: with exactly two *labels* (a target of two columns of
# indicators) the first column of probabilities is taken for the superfluous one of a binary
# target and dropped, so that the final estimator does not see it:

two_labels = np.column_stack([names % 2, names > 4])[:200]
for n_labels in (2, 3):
    targets = np.column_stack([two_labels, names[:200] == 0])[:, :n_labels].astype(int)
    stack = StackingClassifier([("network", network)], classifier(), cv=3)
    stack.fit(digits[:200], targets)
    print(f"{n_labels} labels: {stack.final_estimator_.n_features_in_} columns")

# %%
# Weights through tools
# ---------------------
#
# ``sample_weight`` reaches the network's ``fit`` through most tools as it is. Some, and the
# scores, ask for scikit-learn's metadata routing: say once what the network wants, and pass it to
# the tool.

from sklearn import config_context

weight = np.where(names[:300] == 8, 5.0, 1.0)
with config_context(enable_metadata_routing=True):
    asks = classifier().set_fit_request(sample_weight=True)
    many = OneVsRestClassifier(asks)
    many.fit(digits[:300], names[:300], sample_weight=weight)
by_hand = classifier().fit(digits[:300], names[:300] == 8, weight)
same = np.array_equal(by_hand.coefs_[0], many.estimators_[8].coefs_[0])
print(f"the weights were heeded: {same}")

# %%
# And more
# --------
#
# Also in the tests of this library, and therefore known to work:
#
# - *choosing features*: :class:`~sklearn.feature_selection.RFE` and
#   :class:`~sklearn.feature_selection.SelectFromModel`, which need to be told what a feature's
#   weight is, as in ``importance_getter=lambda mlp: abs(mlp.coefs_[0]).sum(axis=1)``, and
#   :class:`~sklearn.feature_selection.SequentialFeatureSelector`;
# - *choosing parameters*: :func:`~sklearn.model_selection.validation_curve` and all searches
#   (:ref:`guide_scaling_out`);
# - *is there anything to learn?*
#   :func:`~sklearn.model_selection.permutation_test_score`;
# - *filling gaps*: scikit-learn's experimental ``IterativeImputer`` with a regressor;
# - *outliers*: :class:`~sklearn.linear_model.RANSACRegressor`;
# - *pictures*: all of scikit-learn's displays that take an estimator, such as
#   :class:`~sklearn.inspection.DecisionBoundaryDisplay`, and its diagrams in notebooks.
