r"""
.. _guide_comparing:

Comparing starts honestly
=========================

Train a network from two starts, and one scores higher. That is certain; what it means is
not. The score depends on which samples were held out, on the seed, on how many starts and
seeds were tried, and on who picked the one to report. The short answer:

1. Give all starts **the same folds and the same seeds**, and compare in pairs.
2. Vary **both** folds and seeds.
3. Use a test that knows that **folds overlap**; the plain t-test does not.
4. **Count the comparisons**, and adjust for them.
5. Score what you picked on samples that had **no part in the picking**.
6. Report runs that **failed**, and take "no significant difference" for what it says.

:func:`~sk_xavier.compare_initializers` does the first four and the last. This page shows
what goes wrong without each of them, by simulations in which the truth is known.

"""

import subprocess
import sys
import textwrap
import warnings
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import (
    InitializerComparisonDisplay,
    XavierMLPClassifier,
    compare_initializers,
)
from sk_xavier.initializers import Normal

# Networks here train for a few epochs, converged or not.
warnings.simplefilter("ignore", ConvergenceWarning)

X_all, y_all = load_digits(return_X_y=True)
X, _, y, _ = train_test_split(
    X_all,
    y_all,
    train_size=400,
    stratify=y_all,
    random_state=0,
)


def pipeline(hidden, activation="relu", **parameters):
    """Scaling, and a small network that trains for a short time."""
    settings = {"max_iter": 25, "batch_size": 50, "learning_rate_init": 0.005}
    network = XavierMLPClassifier(hidden, activation, **settings | parameters)
    return make_pipeline(StandardScaler(), network)


# %%
# One call
# --------
#
# Three layers of ``logistic`` from five starts, each in three repeats of five folds. For
# each: the mean accuracy, its 95 % interval, and the p-value against the best.
inits = ["uniform", "normal", "glorot_uniform", "glorot_normal", "auto"]
comparison = compare_initializers(
    pipeline((32,) * 3, "logistic", max_iter=40), X, y, inits=inits, random_state=0
)
for one in comparison.summary():
    p = "best" if one.p_value is None else f"p = {one.p_value:.2f}"
    print(f"{one.label:15} {one.mean:.3f} ({one.low:.3f} to {one.high:.3f})  {p}")
last = comparison.summary()[-1]
print(f"\n{last.label} against the best: {last.difference}")

# %%
# Printing ``comparison`` shows that as a table, with epochs, seconds, failures and notes.
# All fits are in ``comparison.runs``, and as a data frame in ``comparison.to_frame()``;
# ``comparison.best_init_`` is the value of rank 1.
# :class:`~sk_xavier.InitializerComparisonDisplay` draws loss curves with their spread, and
# every score:
print("best:", comparison.best_init_)
figure, axes = plt.subplots(2, figsize=(6, 7), layout="constrained")
_ = InitializerComparisonDisplay.from_comparison(comparison, ax=axes)

# %%
# Look at ``uniform``: its mean is far below the best, and yet there is "no significant
# difference". That is not a flaw of the test. Its scores scatter widely, as the picture
# shows, and 15 runs on the same 400 digits cannot exclude luck. The right reading is *not
# shown*, rather than *equal*. The standard deviations say what happened, and they are a
# finding of their own: this start works much better in some runs than in others.
frame = comparison.to_frame()
spread = frame.groupby("label", sort=False)["score"].agg(["mean", "std", "min", "max"])
print(spread.round(3).rename_axis(None).to_string())

# %%
# The same folds, the same seeds
# ------------------------------
#
# Some folds are hard, for every start. In a difference on the same fold, that cancels.
# One layer of rectifiers, from four random starts and one of them again:
relu = compare_initializers(
    pipeline((32,)),
    X,
    y,
    inits={
        "glorot": "glorot_uniform",
        "he": "he_normal",
        "normal": "normal",
        "orthogonal": "orthogonal",
        "glorot again": "glorot_uniform",
    },
    random_state=0,
)
fold = ["repeat", "fold"]
scores = relu.to_frame().pivot(index=fold, columns="label", values="score")
pairs = list(combinations(["glorot", "he", "normal", "orthogonal"], 2))
paired = [(scores[a] - scores[b]).std() for a, b in pairs]
unpaired = [np.hypot(scores[a].std(), scores[b].std()) for a, b in pairs]
print(f"std of a difference, folds of their own: {np.mean(unpaired):.4f}")
print(f"std of a difference, the same folds:     {np.mean(paired):.4f}")

# %%
# The same start twice gives the same scores, as all starts get the same seeds. This is a
# check worth doing with any code for comparisons:
identical = np.array_equal(scores["glorot"], scores["glorot again"])
print("the same start twice, same scores:", identical)

# %%
# Folds and seeds are two sources of luck
# ---------------------------------------
#
# One network, one start, eight seeds on each of the same five folds. How much do fold and
# seed contribute?
folds = list(StratifiedKFold(5, shuffle=True, random_state=0).split(X, y))
models = [pipeline((32,), random_state=seed) for seed in range(8)]
grid = np.array(
    [
        [model.fit(X[train], y[train]).score(X[test], y[test]) for train, test in folds]
        for model in models
    ]
)
by_fold, by_seed = grid.mean(axis=0), grid.mean(axis=1)
print(f"std between folds, each a mean over seeds: {by_fold.std(ddof=1):.4f}")
print(f"std between seeds, each a mean over folds: {by_seed.std(ddof=1):.4f}")
within = grid.std(axis=0, ddof=1).mean()
print(f"std between seeds within a fold:           {within:.4f}")

# %%
# Here, what is held out matters more than the seed. So twenty seeds on one split are
# precise about that split, and say little about another one. Bouthillier et al. (2021)
# found the same on larger problems: the choice of data varies results most, and it is
# best to vary all sources at once. Each repeat of ``compare_initializers`` does: it
# shuffles the folds anew, and every fold has a seed of its own. A ``cv`` that is a
# splitter with fixed folds takes the first of these away.
#
# Why a t-test over folds is too optimistic
# -----------------------------------------
#
# The t-test over :math:`J` differences :math:`d_j` takes :math:`s^2 / J` for the variance
# of their mean, as if they were independent. In cross-validation, they are not: any two
# training sets share most of their samples. Nadeau and Bengio (2003) replace it by
#
# .. math::
#
#    \left( \frac{1}{J} + \frac{n_{test}}{n_{train}} \right) s^2 ,
#
# and Bouckaert and Frank (2004) found that to serve for repeated cross-validation. For five
# folds, the second term is 1/4, however often they are repeated: more repeats make
# :math:`1 / J` small and leave the rest. You cannot buy certainty about new data by
# going through the same samples again.
#
# To see how often each test is wrong, the truth must be known. So let there be five
# learners that are equally good by construction: each sees four features of its own, all
# features are alike, and all learn by least squares, which is fast. Four hundred data sets
# of 100 samples are drawn, and on each, learners are cross-validated as starts are above.


def draw_scores(n_repeats, n_data_sets=400, n_learners=5, n=100, k=5):
    """Accuracies of shape (data sets, runs, learners); no learner is better."""
    rng = np.random.RandomState(0)
    scores = np.empty((n_data_sets, n_repeats * k, n_learners))
    y = np.where(np.arange(n) % 2, 1.0, -1.0)
    for of_data_set in scores:
        features = rng.normal(size=(n_learners, n, 4)) + 0.35 * y[:, np.newaxis]
        A = np.concatenate([features, np.ones((n_learners, n, 1))], axis=2)
        orders = [rng.permutation(n) for _ in range(n_repeats)]
        tests = [test for order in orders for test in np.array_split(order, k)]
        for run, test in enumerate(tests):
            train = np.setdiff1d(np.arange(n), test)
            T = A[:, train].transpose(0, 2, 1)
            gram = T @ A[:, train] + np.eye(5)  # a little ridge
            weights = np.linalg.solve(gram, T @ y[train][:, np.newaxis])
            margins = (A[:, test] @ weights)[..., 0] * y[test]
            of_data_set[run] = (margins > 0).mean(axis=1)
    return scores


def p_value(differences, test_to_train):
    """Of the t-test along the last axis; corrected where `test_to_train` is not 0."""
    J = differences.shape[-1]
    variance = (1 / J + test_to_train) * differences.var(axis=-1, ddof=1)
    return 2 * stats.t.sf(np.abs(differences.mean(axis=-1)) / np.sqrt(variance), J - 1)


simulated = {n_repeats: draw_scores(n_repeats) for n_repeats in (1, 3, 10)}
false_alarms = {}
for n_repeats, scores in simulated.items():
    difference = scores[..., 0] - scores[..., 1]
    false_alarms[f"{n_repeats} x 5 folds"] = {
        "t-test": (p_value(difference, 0) < 0.05).mean(),
        "corrected": (p_value(difference, 1 / 4) < 0.05).mean(),
    }
false_alarms = pd.DataFrame(false_alarms).T
print("p < 0.05 between two learners that are equally good:")
print((100 * false_alarms).round(1).astype(str).add(" %").to_string())

# %%
# Five in a hundred would be right. The plain test gets worse with every repeat, as it takes
# them for new evidence, while the corrected one stays on the safe side.
positions = np.arange(len(false_alarms))
figure, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
axes.bar(positions - 0.2, false_alarms["t-test"], 0.4, color="#D55E00", label="t-test")
corrected = false_alarms["corrected"]
axes.bar(positions + 0.2, corrected, 0.4, color="#0072B2", label="corrected")
axes.axhline(0.05, color="0.3", linestyle="--", label="5 %")
axes.set_xticks(positions, false_alarms.index)
axes.set_ylabel("share of false alarms")
_ = axes.legend()

# %%
# The correction is a compromise, and can be too strict. Its second term is for what two
# learners make of the training set. If they differ by their seeds alone, here by the draw
# of a hidden layer that is not trained, there is nothing of that kind, and the plain test
# would have been right:


def draw_scores_of_seeds(n_data_sets=400, n=100, n_hidden=20):
    """Two draws of the same start: random rectified features, and least squares."""
    rng = np.random.RandomState(0)
    scores = np.empty((n_data_sets, 15, 2))
    y = np.where(np.arange(n) % 2, 1.0, -1.0)
    for of_data_set in scores:
        features = rng.normal(size=(n, 4)) + 0.5 * y[:, np.newaxis]
        tests = [t for _ in range(3) for t in np.array_split(rng.permutation(n), 5)]
        for run, test in enumerate(tests):
            train = np.setdiff1d(np.arange(n), test)
            start = rng.normal(size=(2, 4, n_hidden)) / 2
            A = np.maximum(features @ start, 0)
            T = A[:, train].transpose(0, 2, 1)
            gram = T @ A[:, train] + np.eye(n_hidden)
            weights = np.linalg.solve(gram, T @ y[train][:, np.newaxis])
            margins = (A[:, test] @ weights)[..., 0] * y[test]
            of_data_set[run] = (margins > 0).mean(axis=1)
    return scores


scores = draw_scores_of_seeds()
difference = scores[..., 0] - scores[..., 1]
print("p < 0.05 where only seeds differ, 3 x 5 folds:")
print(f"t-test    {(p_value(difference, 0) < 0.05).mean():.1%}")
print(f"corrected {(p_value(difference, 1 / 4) < 0.05).mean():.1%}")

# %%
# Two starts are something between the two cases, and which of them is nearer is not known
# beforehand. The library takes the cautious side.
#
# The same formula gives its p-values. Computed anew from the runs of the first comparison,
# with Holm's adjustment, which is explained below:
runs = frame.pivot(index=fold, columns="label", values="score")
best, *others = comparison.summary()
leads = [(runs[best.label] - runs[one.label]).to_numpy() for one in others]
raw = [p_value(lead, 1 / 4) for lead in leads]
order = np.argsort(raw)
adjusted = np.empty(len(raw))
adjusted[order] = np.maximum.accumulate(np.sort(raw) * np.arange(len(raw), 0, -1))
theirs = [one.p_value for one in others]
largest = np.abs(np.minimum(adjusted, 1) - theirs).max()
print(f"p-values by hand and from the summary differ by at most {largest:.0e}")

# %%
# Confidence intervals
# --------------------
#
# An interval for a mean score has the same trouble and the same cure. How often does a 95 %
# interval of the first learner contain its true accuracy, that is, its mean over all data
# sets?
for n_repeats, scores in simulated.items():
    truth = scores.mean()
    first = scores[..., 0]
    J = first.shape[1]
    for name, test_to_train in (("plain", 0), ("corrected", 1 / 4)):
        error = np.sqrt((1 / J + test_to_train) * first.var(axis=1, ddof=1))
        reach = stats.t.ppf(0.975, J - 1) * error
        inside = np.abs(first.mean(axis=1) - truth) < reach
        print(f"{n_repeats:2} x 5 folds, {name:9} interval: {inside.mean():.1%}")

# %%
# The interval is symmetric about the mean, so it may pass 1 where a mean accuracy is near
# it. And the interval of one start is about that start. Two that overlap do not show that the
# starts are alike, as pairs tell more than two means; look at the p-value for that.
#
# Many starts at once
# -------------------
#
# With five starts, there are four tests against the best, and the best was picked because
# its scores are high. How often is *some* difference called significant, where there is
# none? Holm's (1979) adjustment multiplies the smallest of :math:`m` p-values by
# :math:`m`, the next by :math:`m - 1`, and so on.
scores = simulated[3]
means = scores.mean(axis=1)
winners = means.argmax(axis=1)
best_scores = scores[np.arange(len(scores)), :, winners][:, :, np.newaxis]
differences = (best_scores - scores).transpose(0, 2, 1)
is_other = np.arange(means.shape[1]) != winners[:, np.newaxis]
differences = differences[is_other].reshape(len(scores), -1, scores.shape[1])
for name, test_to_train in (("t-test", 0), ("corrected", 1 / 4)):
    smallest = p_value(differences, test_to_train).min(axis=1)
    n_tests = differences.shape[1]
    print(
        f"{name:9} some p < 0.05: {(smallest < 0.05).mean():5.1%};"
        f" with Holm's adjustment: {(n_tests * smallest < 0.05).mean():5.1%}"
    )

# %%
# Both corrections are needed. ``compare_initializers`` has both. It cannot know of
# comparisons that you made before and do not show: count them yourself.
#
# The best of 20 seeds
# --------------------
#
# A seed is not a hyperparameter. Take the best of 20 by its score on a validation set, six
# times with other splits, and see what it scores on 1,497 digits that nobody has looked
# at:
rows = []
for split in range(6):
    X_train, X_rest, y_train, y_rest = train_test_split(
        X_all, y_all, train_size=200, stratify=y_all, random_state=split
    )
    X_val, X_test, y_val, y_test = train_test_split(
        X_rest, y_rest, train_size=100, stratify=y_rest, random_state=split
    )
    fitted = [
        pipeline((16,), max_iter=20, learning_rate_init=0.01, random_state=seed).fit(
            X_train, y_train
        )
        for seed in range(20)
    ]
    validation = np.array([model.score(X_val, y_val) for model in fitted])
    test = np.array([model.score(X_test, y_test) for model in fitted])
    best = validation.argmax()
    rows.append((validation[best], test[best], validation.mean(), test.mean()))
of_best, truly, of_all, mean_test = np.mean(rows, axis=0)
print(f"best of 20 seeds:  {of_best:.3f} in validation, {truly:.3f} in test")
print(f"all seeds' mean:   {of_all:.3f} in validation, {mean_test:.3f} in test")
print(f"optimism of the best: {of_best - truly:.3f}; gain: {truly - mean_test:.3f}")

# %%
# Nearly all of the lead was luck with the validation set. Report the mean and the spread
# over seeds; if one network is to be picked, score it on other samples.
#
# A start that was tuned
# ----------------------
#
# The same holds for the start, if it is searched. Of five equally good learners, the best
# mean in cross-validation is too high; by how much, the simulation knows:
for n_repeats, scores in simulated.items():
    optimism = (scores.mean(axis=1).max(axis=1) - scores.mean()).mean()
    print(f"{n_repeats:2} x 5 folds: best of five too high by {optimism:.3f}")

# %%
# Repeats do not help, again. ``best_score_`` of a
# :class:`~sklearn.model_selection.GridSearchCV` is such a maximum. Nested cross-validation
# scores the search as a whole, picking included, on folds that it has not seen (Varma and
# Simon, 2006; Cawley and Talbot, 2010):
search = GridSearchCV(
    pipeline((16,), random_state=0),
    {"xaviermlpclassifier__init": ["uniform", "normal", "glorot_uniform", "he_normal"]},
    cv=StratifiedKFold(5, shuffle=True, random_state=0),
)
nested = cross_val_score(search, X[:200], y[:200], cv=search.cv)
search.fit(X[:200], y[:200])
print(f"best_score_ {search.best_score_:.3f}, nested {nested.mean():.3f}")

# %%
# In a single run, as here, either may be the larger one: the bias is a matter of the mean
# over data sets, which the simulation shows. To compare starts where each
# gets its own best other parameters, give ``compare_initializers`` a search over these as
# its estimator: it sets ``init`` inside, and its folds are the outer ones.
#
# Runs that fail
# --------------
#
# A start may make training fail. Leaving such runs out silently would favour starts that
# fail where it is hard. They are counted, named with their error, and ranked after all
# that never fail:
failing = compare_initializers(
    pipeline((16,), max_iter=10),
    X,
    y,
    inits={"auto": "auto", "huge": Normal(std=1e200)},
    cv=3,
    n_repeats=1,
    random_state=0,
)
for one in failing.summary():
    print(f"{one.label}: {one.n_failed} of {one.n_runs} failed, {one.difference}")
error = next(run.error for run in failing.runs if run.error is not None)
print(textwrap.fill(error, 66))

# %%
# Likewise ``converged``: after too few epochs, a comparison is one of speed. That may be
# what you want to know, and then it should be said.
print(f"converged: {sum(run.converged for run in comparison.runs)} of", end=" ")
print(f"{len(comparison.runs)} runs")

# %%
# From the command line
# ---------------------
#
# ``python -m sk_xavier compare DATA`` compares in a pipeline with a StandardScaler, for a
# data set by name or a CSV file with ``--target COLUMN``. ``--plot``, ``--json`` and
# ``--report`` write files. The exit code is 0 where a fit succeeded and 1 where none did.
arguments = "compare wine --hidden 16 --max-iter 100 --repeats 1 --n-jobs 1"
arguments += " --init constant glorot_uniform auto"
done = subprocess.run(
    [sys.executable, "-m", "sk_xavier", *arguments.split()],
    capture_output=True,
    check=True,
    encoding="utf-8",
)
print(f"$ python -m sk_xavier {arguments}")
print(done.stdout)

# %%
# What remains
# ------------
#
# - **A test on one data set is about that data set.** For a claim about starts in general,
#   compare over several data sets, with one number for each (Demšar, 2006).
# - **The p-value is not the size of a difference.** With many samples, one that is too
#   small to matter may be significant. Look at the interval.
# - **The other parameters are part of the comparison.** A learning rate that was tuned for
#   one start favours it.
# - **The corrected test is an approximation.** There is no unbiased estimate of the
#   variance of cross-validation (Bengio and Grandvalet, 2004). Take a p-value just below
#   0.05 for a hint, and draw new samples if you can.
#
# References
# ----------
#
# - Sture Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
#   Journal of Statistics 6(2), 1979.
# - Claude Nadeau and Yoshua Bengio, `"Inference for the generalization error"
#   <https://doi.org/10.1023/A:1024068626366>`_, Machine Learning 52(3), 2003.
# - Remco Bouckaert and Eibe Frank, `"Evaluating the replicability of significance tests for
#   comparing learning algorithms" <https://doi.org/10.1007/978-3-540-24775-3_3>`_, PAKDD
#   2004.
# - Yoshua Bengio and Yves Grandvalet, `"No unbiased estimator of the variance of K-fold
#   cross-validation" <https://www.jmlr.org/papers/v5/grandvalet04a.html>`_, JMLR 5, 2004.
# - Sudhir Varma and Richard Simon, `"Bias in error estimation when using cross-validation
#   for model selection" <https://doi.org/10.1186/1471-2105-7-91>`_, BMC Bioinformatics 7,
#   2006.
# - Janez Demšar, `"Statistical comparisons of classifiers over multiple data sets"
#   <https://www.jmlr.org/papers/v7/demsar06a.html>`_, JMLR 7, 2006.
# - Gavin Cawley and Nicola Talbot, `"On over-fitting in model selection and subsequent
#   selection bias in performance evaluation"
#   <https://www.jmlr.org/papers/v11/cawley10a.html>`_, JMLR 11, 2010.
# - Xavier Bouthillier et al., `"Accounting for variance in machine learning benchmarks"
#   <https://arxiv.org/abs/2103.03098>`_, MLSys 2021.
