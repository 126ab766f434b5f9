"""Tools that take any estimator of scikit-learn's interface take these."""

import itertools
import math
import re
import warnings

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import optimize, special
from sklearn import config_context
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    make_classification,
)
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import (
    enable_halving_search_cv,  # noqa: F401
    enable_iterative_imputer,  # noqa: F401
)
from sklearn.feature_selection import RFE, SelectFromModel, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.impute import IterativeImputer
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LinearRegression, LogisticRegression, RANSACRegressor
from sklearn.metrics import balanced_accuracy_score, log_loss
from sklearn.model_selection import (
    FixedThresholdClassifier,
    HalvingRandomSearchCV,
    KFold,
    StratifiedKFold,
    TunedThresholdClassifierCV,
    cross_val_predict,
    cross_validate,
    learning_curve,
    permutation_test_score,
    train_test_split,
    validation_curve,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler, minmax_scale
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.utils import estimator_html_repr

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def classifier(hidden=(8,), activation="relu", **parameters):
    settings = {"solver": "lbfgs", "alpha": 0.1, "max_iter": 60, "random_state": 0}
    return XavierMLPClassifier(hidden, activation, **settings | parameters)


def regressor(hidden=(8,), activation="relu", **parameters):
    settings = {"solver": "lbfgs", "alpha": 0.1, "max_iter": 60, "random_state": 0}
    return XavierMLPRegressor(hidden, activation, **settings | parameters)


def linear(cls=XavierMLPRegressor):
    """Without hidden layers and penalty: a linear model, trained to the end."""
    return cls((), solver="lbfgs", alpha=0.0, tol=1e-10, max_iter=2000, random_state=0)


def assert_same(one, other):
    """Assert that two networks have the same weights, bit for bit."""
    ones, others = (network.coefs_ + network.intercepts_ for network in (one, other))
    for a, b in zip(ones, others, strict=True):
        assert_array_equal(a, b)


@pytest.fixture(scope="module")
def noisy():
    """Two classes of which no more than four in five samples can be told."""
    X, y = make_classification(3000, 10, n_informative=5, flip_y=0.2, class_sep=1.0, random_state=0)
    return X, y


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return X / X.std(axis=0), (y - y.mean()) / y.std()


# --- are the probabilities right? ----------------------------------------------------


@pytest.fixture(scope="module")
def overconfident(noisy):
    """A large network that knows 300 samples by heart, as they are without penalty."""
    X, y = noisy
    return classifier((50,), alpha=1e-4, max_iter=200).fit(X[:300], y[:300])


def calibration_error(y, probability, n_bins=10):
    """The distance of probabilities from frequencies, averaged over bins of equal width."""
    bins = np.minimum((probability * n_bins).astype(int), n_bins - 1)
    gaps = [
        (bins == i).mean() * abs(probability[bins == i].mean() - y[bins == i].mean())
        for i in np.unique(bins)
    ]
    return sum(gaps)


TEMPERATURE = pytest.param(
    "temperature",
    marks=pytest.mark.skipif(
        "'temperature'" not in CalibratedClassifierCV.__doc__, reason="scikit-learn before 1.8"
    ),
)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", TEMPERATURE])
def test_calibration_of_a_network_that_is_too_sure(method, noisy, overconfident):
    X, y = (part[1000:] for part in noisy)
    held_out = [part[300:1000] for part in noisy]
    calibrated = CalibratedClassifierCV(FrozenEstimator(overconfident), method=method)
    calibrated.fit(*held_out)
    before, after = (m.predict_proba(X)[:, 1] for m in (overconfident, calibrated))
    assert np.maximum(before, 1 - before).mean() > 0.95  # it is too sure
    assert (overconfident.predict(X) == y).mean() < 0.75
    assert calibration_error(y, before) > 0.2
    # 2,000 samples in ten bins: a perfect model would score some 0.02 by chance.
    assert calibration_error(y, after) < 0.06
    assert ((after - y) ** 2).mean() < 0.8 * ((before - y) ** 2).mean()
    assert log_loss(y, after) < log_loss(y, before) / 5
    assert_same(calibrated.calibrated_classifiers_[0].estimator.estimator, overconfident)


def test_platts_sigmoid_is_fitted_to_the_probabilities(noisy, overconfident):
    # Platt (1999): targets (n1 + 1) / (n1 + 2) and 1 / (n0 + 2), and the log loss.
    X, y = (part[300:1000] for part in noisy)
    calibrated = CalibratedClassifierCV(FrozenEstimator(overconfident), method="sigmoid").fit(X, y)
    p = overconfident.predict_proba(X)[:, 1]
    n = np.bincount(y)
    target = np.where(y == 1, (n[1] + 1) / (n[1] + 2), 1 / (n[0] + 2))

    def loss(line):
        z = line[0] * p + line[1]
        return (np.logaddexp(0, z) - target * z).mean()

    line = optimize.minimize(loss, [0.0, 0.0], tol=1e-8).x
    expected = special.expit(line[0] * p + line[1])
    # Two minimizers, each of which ends within its own tolerance.
    assert_allclose(calibrated.predict_proba(X)[:, 1], expected, atol=1e-3)


def test_isotonic_calibration_is_that_of_the_probabilities(noisy, overconfident):
    X, y = (part[300:1000] for part in noisy)
    calibrated = CalibratedClassifierCV(FrozenEstimator(overconfident), method="isotonic").fit(X, y)
    p = overconfident.predict_proba(X)[:, 1]
    steps = IsotonicRegression(out_of_bounds="clip").fit(p, y)
    assert_allclose(calibrated.predict_proba(X)[:, 1], steps.predict(p), rtol=1e-12)


@pytest.mark.parametrize("method", [TEMPERATURE])
def test_a_temperature_divides_the_logarithms(method, digits):
    X, y = digits
    network = classifier((20,), alpha=1e-4).fit(X[:150], y[:150])
    calibrated = CalibratedClassifierCV(FrozenEstimator(network), method=method)
    calibrated.fit(X[150:], y[150:])
    # scikit-learn adds 1e-12 to probabilities before it takes logarithms.
    logarithms = np.logaddexp(network.predict_log_proba(X[150:]), np.log(1e-12))

    def loss(log_beta):
        z = special.log_softmax(np.exp(log_beta) * logarithms, axis=1)
        return -z[np.arange(150), y[150:]].mean()

    beta = np.exp(optimize.minimize_scalar(loss, bounds=(-5, 5), method="bounded").x)
    assert beta < 0.9  # too sure
    expected = special.softmax(beta * logarithms, axis=1)
    # Two minimizers, each of which ends within its own tolerance.
    assert_allclose(calibrated.predict_proba(X[150:]), expected, atol=1e-3)
    assert_array_equal(calibrated.predict(X), network.predict(X))  # the order stays


def test_calibration_trains_a_network_in_each_fold(digits):
    X, y = digits
    weight = np.random.RandomState(0).randint(1, 4, len(y))
    calibrated = CalibratedClassifierCV(classifier(max_iter=20), cv=3).fit(X, y, weight)
    folds = StratifiedKFold(3).split(X, y)
    networks = [each.estimator for each in calibrated.calibrated_classifiers_]
    for network, (train, _) in zip(networks, folds, strict=True):
        assert_same(network, classifier(max_iter=20).fit(X[train], y[train], weight[train]))
    assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1.0)


# --- which label at which probability? -----------------------------------------------


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.8])
def test_a_fixed_threshold(threshold, noisy):
    X, y = noisy[0][:600], np.array(["no", "yes"])[noisy[1][:600]]
    fixed = FixedThresholdClassifier(classifier(), threshold=threshold, pos_label="yes")
    fixed.fit(X[:300], y[:300])
    p = classifier().fit(X[:300], y[:300]).predict_proba(X)[:, 1]
    assert_array_equal(fixed.predict(X), np.where(p >= threshold, "yes", "no"))
    assert len(set(fixed.predict(X))) == 2


def test_the_standard_threshold_is_one_half(noisy):
    X, y = noisy[0][:600], noisy[1][:600]
    fixed = FixedThresholdClassifier(classifier()).fit(X, y)
    assert_array_equal(fixed.predict(X), classifier().fit(X, y).predict(X))


def test_no_other_threshold_beats_the_tuned_one(noisy):
    X, y = noisy
    rare = (y == 0) | (np.arange(len(y)) % 9 == 0)  # one in ten is of class 1
    X, y = X[rare][:700], y[rare][:700]
    network = classifier(alpha=3.0).fit(X[:350], y[:350])
    tuned = TunedThresholdClassifierCV(
        network, scoring="balanced_accuracy", cv="prefit", refit=False, thresholds=400
    )
    X, y = X[350:], y[350:]
    tuned.fit(X, y)
    p = network.predict_proba(X)[:, 1]
    assert_array_equal(tuned.predict(X), p >= tuned.best_threshold_)
    best = max(balanced_accuracy_score(y, p >= t) for t in np.sort(p))
    # 400 thresholds may miss the place between two of 350 samples; not by more than a few.
    assert best - 0.01 < tuned.best_score_ <= best
    assert balanced_accuracy_score(y, tuned.predict(X)) == pytest.approx(tuned.best_score_)
    assert tuned.best_score_ > balanced_accuracy_score(y, network.predict(X)) + 0.02
    assert tuned.best_threshold_ < 0.4


def test_a_threshold_tuned_in_folds(noisy):
    X, y = noisy[0][:400], noisy[1][:400]
    tuned = TunedThresholdClassifierCV(classifier(), scoring="f1", cv=3, random_state=0).fit(X, y)
    assert_same(tuned.estimator_, classifier().fit(X, y))
    p = tuned.predict_proba(X)[:, 1]
    assert_array_equal(tuned.predict(X), p >= tuned.best_threshold_)


# --- predictions for samples that were held out --------------------------------------


@pytest.mark.parametrize("method", ["predict", "predict_proba", "predict_log_proba"])
def test_predictions_of_held_out_folds(method, digits):
    X, y = digits
    folds = StratifiedKFold(3)
    network = classifier(max_iter=20)
    predicted = cross_val_predict(network, X, y, cv=folds, method=method)
    for train, test in folds.split(X, y):
        expected = getattr(clone(network).fit(X[train], y[train]), method)(X[test])
        assert_array_equal(predicted[test], expected)


def test_labels_of_held_out_folds_are_those_of_the_probabilities(digits):
    X, names = digits[0], np.array(list("zyxwvutsrq"))[digits[1]]
    network = classifier(max_iter=20)
    labels = cross_val_predict(network, X, names, cv=3)
    p = cross_val_predict(network, X, names, cv=3, method="predict_proba")
    assert_array_equal(labels, np.unique(names)[p.argmax(axis=1)])
    assert (labels == names).mean() > 0.5  # a guess is right one time in ten


def test_predictions_of_held_out_folds_of_other_targets(digits, targets):
    X = digits[0]
    for network, kind, method in [
        (classifier(max_iter=20), "multilabel", "predict_proba"),
        (regressor(max_iter=20), "multioutput", "predict"),
    ]:
        y = targets[kind]
        predicted = cross_val_predict(network, X, y, cv=KFold(3), method=method)
        assert predicted.shape == y.shape
        for train, test in KFold(3).split(X):
            expected = getattr(clone(network).fit(X[train], y[train]), method)(X[test])
            assert_array_equal(predicted[test], expected)


def test_a_class_that_a_fold_did_not_see(digits):
    X, y = digits
    X, y = X[np.argsort(y, kind="stable")], np.sort(y)  # so a third of the classes is missing
    with pytest.warns(RuntimeWarning, match="Number of classes in training fold"):
        predicted = cross_val_predict(
            classifier(max_iter=20), X, y, cv=KFold(3), method="predict_proba"
        )
    assert predicted.shape == (300, 10)
    first, last = predicted[:50], predicted[-50:]
    assert (first[:, 0] == 0).all()
    assert (last[:, 9] == 0).all()
    assert_allclose(predicted.sum(axis=1), 1.0)


def test_there_is_no_decision_function_as_in_scikit_learn(digits):
    X, y = digits
    words = "'XavierMLPClassifier' object has no attribute 'decision_function'"
    with pytest.raises(AttributeError, match=words):
        cross_val_predict(classifier(), X, y % 2, method="decision_function")


def test_estimators_of_a_cross_validation(diabetes):
    X, y = diabetes
    found = cross_validate(
        regressor(), X, y, cv=3, return_estimator=True, return_indices=True, return_train_score=True
    )
    for i, network in enumerate(found["estimator"]):
        train, test = found["indices"]["train"][i], found["indices"]["test"][i]
        assert_same(network, regressor().fit(X[train], y[train]))
        error = ((network.predict(X[test]) - y[test]) ** 2).mean()
        assert found["test_score"][i] == pytest.approx(1 - error / y[test].var())


# --- ensembles -----------------------------------------------------------------------


def test_bagged_networks_are_fits_with_counts_as_weights(noisy):
    X, y = noisy[0][:200], noisy[1][:200]
    base = classifier(())  # with one minimum, to compare also with repeated rows
    bagging = BaggingClassifier(base, n_estimators=3, random_state=0).fit(X, y)
    samples = bagging.estimators_samples_
    for network, drawn in zip(bagging.estimators_, samples, strict=True):
        counts = np.bincount(drawn, minlength=200)
        assert counts.max() > 1
        assert_same(network, clone(network).fit(X, y, counts))
        # L-BFGS ends where its gradient is below tol=1e-4.
        repeated = clone(network).fit(X[drawn], y[drawn])
        assert_allclose(repeated.predict_proba(X), network.predict_proba(X), atol=1e-3)
    assert len({network.random_state for network in bagging.estimators_}) == 3
    mean = np.mean([network.predict_proba(X) for network in bagging.estimators_], axis=0)
    assert_allclose(bagging.predict_proba(X), mean, rtol=1e-12)


def test_bagging_lowers_the_variance(noisy):
    X, y = noisy
    X_test, y_test = X[2000:], y[2000:]
    base = classifier((50,), alpha=1e-4)
    predicted = {"one": [], "bag": []}
    for seed in range(6):
        rows = slice(300 * seed, 300 * (seed + 1))
        one = clone(base).set_params(random_state=seed)
        bag = BaggingClassifier(base, n_estimators=10, random_state=seed)
        predicted["one"].append(one.fit(X[rows], y[rows]).predict_proba(X_test)[:, 1])
        predicted["bag"].append(bag.fit(X[rows], y[rows]).predict_proba(X_test)[:, 1])
    one, bag = (np.var(predicted[name], axis=0).mean() for name in ("one", "bag"))
    assert bag < 0.6 * one
    one, bag = (np.mean((predicted[name] - y_test) ** 2) for name in ("one", "bag"))
    assert bag < 0.8 * one


def test_the_out_of_bag_score_is_that_of_new_samples(noisy):
    X, y = noisy
    bagging = BaggingClassifier(
        classifier((20,), alpha=1e-3), n_estimators=25, oob_score=True, random_state=0
    ).fit(X[:600], y[:600])
    test = bagging.score(X[600:], y[600:])
    # Three standard errors of the difference of two shares.
    error = math.sqrt(test * (1 - test) * (1 / 600 + 1 / 2400))
    assert bagging.oob_score_ == pytest.approx(test, abs=3 * error)
    assert bagging.score(X[:600], y[:600]) > test + 3 * error  # unlike that of the samples seen


def test_bagging_heeds_sample_weights(noisy):
    X, y = noisy[0][:600].copy(), noisy[1][:600]
    wrong = np.arange(600) % 2 == 0
    labels = np.where(wrong, 1 - y, y)
    bagging = BaggingClassifier(classifier(), n_estimators=5, random_state=0)
    X_test, y_test = noisy[0][600:], noisy[1][600:]
    assert clone(bagging).fit(X, labels).score(X_test, y_test) < 0.65
    bagging.fit(X, labels, sample_weight=np.where(wrong, 0.0, 1.0))
    assert bagging.score(X_test, y_test) > 0.7


def test_bagging_of_features():
    X, y = load_breast_cancer(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    bagging = BaggingClassifier(
        classifier(), n_estimators=4, max_features=0.3, bootstrap=False, random_state=0
    ).fit(X, y)
    for network, features in zip(bagging.estimators_, bagging.estimators_features_, strict=True):
        assert_same(network, clone(network).fit(X[:, features], y, np.ones(len(y))))
        assert network.n_features_in_ == 9


def only_noise(X):
    return X[:, 5:] * 0 + np.random.RandomState(1).normal(size=(len(X), X.shape[1] - 5))


def test_a_stack_is_a_model_of_held_out_predictions(noisy):
    X, y = noisy[0][:400], noisy[1][:400]
    weight = np.random.RandomState(0).uniform(0.5, 2.0, len(y))
    folds = StratifiedKFold(3)
    bases = [("small", classifier((3,))), ("large", classifier((20,), "tanh"))]
    stack = StackingClassifier(bases, LogisticRegression(), cv=folds).fit(X, y)
    held_out = [
        cross_val_predict(network, X, y, cv=folds, method="predict_proba")[:, 1]
        for _, network in bases
    ]
    final = LogisticRegression().fit(np.column_stack(held_out), y)
    assert_allclose(stack.final_estimator_.coef_, final.coef_, rtol=1e-12)
    assert_same(stack.named_estimators_["large"], clone(bases[1][1]).fit(X, y))
    weighted = StackingClassifier(bases, LogisticRegression(), cv=folds)
    with config_context(enable_metadata_routing=True):
        for part in (*(network for _, network in bases), weighted.final_estimator):
            part.set_fit_request(sample_weight=True)
        weighted.fit(X, y, sample_weight=weight)
    assert_same(weighted.named_estimators_["large"], clone(bases[1][1]).fit(X, y, weight))


def test_a_stack_leaves_out_what_guesses(noisy):
    X, y = noisy[0][:600], noisy[1][:600]
    guess = make_pipeline(FunctionTransformer(only_noise), classifier())
    stack = StackingClassifier(
        [("network", classifier(alpha=1.0)), ("guess", guess)], LogisticRegression(), cv=3
    ).fit(X, y)
    of_network, of_guess = stack.final_estimator_.coef_[0]
    assert of_network > 1.5
    assert abs(of_guess) < of_network / 4


def test_a_network_on_top_of_a_stack(diabetes):
    X, y = diabetes
    bases = [("network", regressor((5,))), ("line", LinearRegression())]
    top = regressor((4,), "tanh")
    stack = StackingRegressor(bases, top, cv=KFold(3), passthrough=True).fit(X, y)
    held_out = [cross_val_predict(base, X, y, cv=KFold(3)) for _, base in bases]
    assert_same(stack.final_estimator_, clone(top).fit(np.column_stack([*held_out, X]), y))


def test_a_vote_is_the_mean(noisy, diabetes):
    X, y = noisy[0][:300], np.array(["a", "b"])[noisy[1][:300]]
    weight = np.random.RandomState(0).randint(0, 3, len(y))
    bases = [(str(seed), classifier(random_state=seed)) for seed in range(3)]
    vote = VotingClassifier(bases, voting="soft").fit(X, y, sample_weight=weight)
    each = [clone(base).fit(X, y, weight).predict_proba(X) for _, base in bases]
    assert_allclose(vote.predict_proba(X), np.mean(each, axis=0), rtol=1e-12)
    X, y = diabetes
    bases = [(str(seed), regressor(random_state=seed)) for seed in range(3)]
    mean = np.mean([clone(base).fit(X, y).predict(X) for _, base in bases], axis=0)
    assert_allclose(VotingRegressor(bases).fit(X, y).predict(X), mean, rtol=1e-12)


def test_adaboost_weighs_what_was_wrong(noisy):
    # SAMME for two classes: the second network has exp(log((1 - e) / e)) on what the first got
    # wrong, so that the first is no better than a guess under the weights of the second.
    X, y = noisy[0][:500], noisy[1][:500]
    more = {"algorithm": "SAMME"} if "algorithm" in AdaBoostClassifier().get_params() else {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The parameter 'algorithm'", FutureWarning)
        boosted = AdaBoostClassifier(classifier((2,)), n_estimators=2, random_state=0, **more)
        boosted.fit(X, y)
    first, second = boosted.estimators_
    weight = np.full(500, 1 / 500)
    assert_same(first, clone(first).fit(X, y, weight))
    wrong = first.predict(X) != y
    error = wrong.mean()
    assert boosted.estimator_errors_[0] == pytest.approx(error)
    weight[wrong] *= (1 - error) / error
    weight /= weight.sum()
    assert weight[wrong].sum() == pytest.approx(0.5)
    # The weights are rounded otherwise, and training makes that larger.
    expected = clone(second).fit(X, y, weight).predict_proba(X)
    assert_allclose(second.predict_proba(X), expected, atol=0.01)
    unweighted = clone(second).fit(X, y).predict_proba(X)
    assert np.abs(unweighted - expected).max() > 0.1


def test_adaboost_of_numbers(diabetes):
    X, y = diabetes
    boosted = AdaBoostRegressor(regressor((3,)), n_estimators=5, random_state=0).fit(X, y)
    assert boosted.score(X, y) > 0.45


# --- several classes, several outputs ------------------------------------------------


def test_one_network_for_each_class(digits):
    X, y = digits
    names = np.array(list("zyxwvutsrq"))[y]
    network = classifier(max_iter=20)
    many = OneVsRestClassifier(network).fit(X, names)
    alone = [clone(network).fit(X, names == name) for name in np.unique(names)]
    for one, other in zip(many.estimators_, alone, strict=True):
        assert_same(one, other)
    p = np.column_stack([one.predict_proba(X)[:, 1] for one in alone])
    assert_array_equal(many.predict(X), np.unique(names)[p.argmax(axis=1)])
    assert_allclose(many.predict_proba(X), p / p.sum(axis=1, keepdims=True), rtol=1e-12)


def test_one_network_for_each_class_batch_by_batch(digits):
    X, y = digits
    network = classifier(solver="adam")
    many = OneVsRestClassifier(network)
    alone = clone(network)
    for rows in (slice(0, 150), slice(150, 300)):
        many.partial_fit(X[rows], y[rows], classes=np.arange(10))
        alone.partial_fit(X[rows], (y[rows] == 3).astype(int), classes=[0, 1])
    assert_same(many.estimators_[3], alone)


def test_one_network_for_each_pair_of_classes(digits):
    X, y = digits
    rows = y < 4
    pairs = OneVsOneClassifier(classifier(max_iter=20)).fit(X[rows], y[rows])
    for one, (i, j) in zip(pairs.estimators_, itertools.combinations(range(4), 2), strict=True):
        both = np.isin(y, [i, j])
        assert_same(one, classifier(max_iter=20).fit(X[both], y[both] == j))


def test_one_network_for_each_output(digits, targets):
    X, y = digits[0], targets["multioutput"]
    weight = np.random.RandomState(0).uniform(0.5, 2.0, len(y))
    for network, tool, y in [
        (regressor(), MultiOutputRegressor, targets["multioutput"]),
        (classifier(), MultiOutputClassifier, targets["multilabel"]),
    ]:
        many = tool(network).fit(X, y, sample_weight=weight)
        for k, one in enumerate(many.estimators_):
            assert_same(one, clone(network).fit(X, y[:, k], weight))
        expected = np.column_stack([one.predict(X) for one in many.estimators_])
        assert_array_equal(many.predict(X), expected)


def test_one_network_for_each_output_batch_by_batch(digits, targets):
    X, y = digits[0], targets["multioutput"]
    many = MultiOutputRegressor(regressor(solver="adam"))
    alone = [regressor(solver="adam") for _ in range(2)]
    for rows in (slice(0, 150), slice(150, 300)):
        many.partial_fit(X[rows], y[rows])
        for k in range(2):
            alone[k].partial_fit(X[rows], y[rows, k])
    for one, other in zip(many.estimators_, alone, strict=True):
        assert_same(one, other)


def test_chains_hand_outputs_on(digits, targets):
    X = digits[0]
    for network, tool, kind in [
        (regressor(), RegressorChain, "multioutput"),
        (classifier(), ClassifierChain, "multilabel"),
    ]:
        y = targets[kind]
        chain = tool(network, order=[1, 0, *range(2, y.shape[1])]).fit(X, y)
        first, second = chain.estimators_[:2]
        assert_same(first, clone(network).fit(X, y[:, 1]))
        assert_same(second, clone(network).fit(np.column_stack([X, y[:, 1]]), y[:, 0]))
        seen = np.column_stack([X, first.predict(X)])
        assert_array_equal(chain.predict(X)[:, 0], second.predict(seen))


# --- targets to transform ------------------------------------------------------------


def test_a_target_is_transformed_and_back(diabetes):
    from sklearn.compose import TransformedTargetRegressor

    X, y = diabetes[0], np.exp(diabetes[1])
    weight = np.random.RandomState(0).uniform(0.5, 2.0, len(y))
    both = TransformedTargetRegressor(regressor(), func=np.log, inverse_func=np.exp)
    both.fit(X, y, sample_weight=weight)
    by_hand = regressor().fit(X, np.log(y), weight)
    assert_same(both.regressor_, by_hand)
    assert_array_equal(both.predict(X), np.exp(by_hand.predict(X)))
    Y = np.column_stack([y, 2 * y + 5])  # each to mean 0 and variance 1: the same column twice
    scaled = TransformedTargetRegressor(regressor(), transformer=StandardScaler()).fit(X, Y)
    by_hand = regressor().fit(X, (Y - Y.mean(axis=0)) / Y.std(axis=0))
    # The scaler's mean and variance are rounded otherwise.
    expected = by_hand.predict(X) * Y.std(axis=0) + Y.mean(axis=0)
    assert_allclose(scaled.predict(X), expected, rtol=1e-3)


def test_a_log_normal_target_is_better_learned_as_its_logarithm():
    from sklearn.compose import TransformedTargetRegressor

    rng = np.random.RandomState(0)
    X = rng.normal(size=(600, 3))
    center = np.exp(1.5 * X[:, 0] - X[:, 1])
    y = center * rng.lognormal(sigma=0.5, size=600)
    plain = regressor((20,)).fit(X[:300], y[:300])
    logarithm = TransformedTargetRegressor(regressor((20,)), func=np.log, inverse_func=np.exp)
    logarithm.fit(X[:300], y[:300])
    plain, logarithm = (
        np.median(np.abs(model.predict(X[300:]) / center[300:] - 1)) for model in (plain, logarithm)
    )
    assert logarithm < 0.25
    assert plain > 2 * logarithm
    # The mean of a log-normal variable is exp(sigma**2 / 2) times its median, which is what the
    # inverse of the mean of logarithms estimates.
    assert (y / center).mean() == pytest.approx(math.exp(0.125), abs=0.08)  # 3 standard errors


# --- which features matter? ----------------------------------------------------------


def test_permutation_importance_of_a_linear_network_is_a_formula(diabetes):
    # For a column x and another x' of the same distribution, the mean of (r - c (x' - x))**2 is
    # that of r**2 and 2 c**2 var(x), where residuals r have no covariance with x. Least squares
    # sees to that.
    X, y = diabetes
    network = linear().fit(X, y)
    n_repeats = 100
    found = permutation_importance(
        network, X, y, scoring="neg_mean_squared_error", n_repeats=n_repeats, random_state=0
    )
    expected = 2 * network.coefs_[0][:, 0] ** 2 * X.var(axis=0)
    # Each of the ten within four standard errors of its mean.
    error = found.importances.std(axis=1, ddof=1) / math.sqrt(n_repeats)
    assert (np.abs(found.importances_mean - expected) < 4 * error).all()
    assert (error < 0.03 * expected.max()).all()
    explained = permutation_importance(network, X, y, n_repeats=n_repeats, random_state=0)
    assert_allclose(explained.importances, found.importances / y.var(), atol=1e-12)


def three_of_nine(n):
    """Samples whose first three columns tell the class, and six columns of noise."""
    X, y = make_classification(
        n, 9, n_informative=3, n_redundant=0, shuffle=False, class_sep=1.5, random_state=0
    )
    order = np.random.RandomState(0).permutation(n)
    return X[order], y[order]


def test_permutation_importance_tells_noise():
    X, y = three_of_nine(900)
    frame = pd.DataFrame(X, columns=[f"x{i}" for i in range(9)])
    network = classifier(alpha=1.0).fit(frame[:450], y[:450])
    found = permutation_importance(network, frame[450:], y[450:], n_repeats=10, random_state=0)
    informative, noise = found.importances_mean[:3], found.importances_mean[3:]
    assert informative.min() > 0.03
    assert np.abs(noise).max() < 0.02


def test_partial_dependence_of_a_linear_network_is_a_line(diabetes):
    X, y = diabetes
    network = linear().fit(X, y)
    coef, intercept = network.coefs_[0][:, 0], network.intercepts_[0][0]
    for i in (2, 8):
        found = partial_dependence(network, X, [i], grid_resolution=7, kind="both")
        (grid,) = found["grid_values"]
        others = np.delete(np.arange(10), i)
        expected = intercept + coef[i] * grid + X[:, others].mean(axis=0) @ coef[others]
        assert_allclose(found["average"][0], expected, rtol=1e-10)
        each = found["individual"][0]
        assert_allclose(np.diff(each), np.outer(np.ones(len(X)), coef[i] * np.diff(grid)))


def test_partial_dependence_is_a_mean_of_predictions(noisy):
    X, y = noisy[0][:300], noisy[1][:300]
    network = classifier().fit(X, y)
    found = partial_dependence(network, X, [(0, 3)], grid_resolution=4)
    for (i, a), (j, b) in itertools.product(*map(enumerate, found["grid_values"])):
        changed = X.copy()
        changed[:, 0], changed[:, 3] = a, b
        expected = network.predict_proba(changed)[:, 1].mean()
        assert found["average"][0, i, j] == pytest.approx(expected, rel=1e-10)


def weights_out(network):
    """How large the weights are that leave each feature."""
    return np.abs(network.coefs_[0]).sum(axis=1)


@pytest.mark.parametrize("selector", ["rfe", "threshold", "sequential"])
def test_features_are_selected_by_their_weights(selector):
    X, y = three_of_nine(400)
    network = classifier(alpha=3.0)
    tool = {
        "rfe": RFE(network, n_features_to_select=3, importance_getter=weights_out),
        "threshold": SelectFromModel(
            network, importance_getter=weights_out, max_features=3, threshold=-np.inf
        ),
        "sequential": SequentialFeatureSelector(network, n_features_to_select=3, cv=2),
    }[selector]
    tool.fit(X, y)
    assert_array_equal(tool.get_support(indices=True), [0, 1, 2])


# --- how many samples do I need? ------------------------------------------------------


@pytest.mark.parametrize("kind", ["multiclass", "multilabel", "regression"])
def test_a_learning_curve_batch_by_batch(kind, digits, targets):
    X, y = digits[0], targets[kind]
    network = (regressor if kind == "regression" else classifier)(solver="adam")
    folds = KFold(3, shuffle=True, random_state=0)
    sizes, train_scores, test_scores = learning_curve(
        network,
        X,
        y,
        cv=folds,
        train_sizes=[20, 100, 200],
        exploit_incremental_learning=True,
        error_score="raise",
    )
    assert_array_equal(sizes, [20, 100, 200])
    more = (
        {} if kind == "regression" else {"classes": {"multiclass": range(10)}.get(kind, range(3))}
    )
    for i, (train, test) in enumerate(folds.split(X)):
        by_hand = clone(network)
        for j, rows in enumerate(np.split(train, [20, 100])):
            by_hand.partial_fit(X[rows], y[rows], **more)
            assert test_scores[j, i] == by_hand.score(X[test], y[test])
            seen = train[: sizes[j]]
            assert train_scores[j, i] == by_hand.score(X[seen], y[seen])


def test_a_learning_curve_rises():
    X, y = load_digits(return_X_y=True)
    sizes, train_scores, test_scores = learning_curve(
        classifier(), X / 16, y, cv=3, train_sizes=[0.03, 0.15, 1.0], shuffle=True, random_state=0
    )
    assert_array_equal(sizes, [35, 179, 1198])
    means = test_scores.mean(axis=1)
    # Two standard errors of a share of one half among 1,797 are 0.024.
    assert (np.diff(means) > 0.024).all()
    assert (train_scores.mean(axis=1) > means).all()


def test_what_cannot_learn_batch_by_batch_says_so(digits):
    X, y = digits
    with pytest.raises(ValueError, match="must support the partial_fit interface"):
        learning_curve(classifier(), X, y, exploit_incremental_learning=True)
    stops = classifier(solver="adam", early_stopping=True)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping"):
        learning_curve(stops, X, y, exploit_incremental_learning=True, error_score="raise")


def test_a_validation_curve_is_a_cross_validation_at_each_value(diabetes):
    X, y = diabetes
    _, found = validation_curve(
        regressor((30,), max_iter=200), X, y, param_name="alpha", param_range=[1e-4, 300.0], cv=3
    )
    for scores, alpha in zip(found, (1e-4, 300.0), strict=True):
        alone = cross_validate(regressor((30,), max_iter=200, alpha=alpha), X, y, cv=3)
        assert_array_equal(scores, alone["test_score"])
    weak, strong = found.mean(axis=1)
    assert weak < strong - 0.2  # 442 samples with noise


def test_better_than_on_permuted_labels(noisy):
    X, y = noisy[0][:150], noisy[1][:150]
    network = classifier((4,), max_iter=20)
    score, permuted, p = permutation_test_score(network, X, y, cv=3, n_permutations=19)
    assert p == 1 / 20  # (1 + how many were as good) / (1 + n_permutations)
    assert score > permuted.max()
    # Accuracies of 150 guesses: their mean over 19 permutations within four standard errors.
    assert permuted.mean() == pytest.approx(0.5, abs=4 * 0.5 / math.sqrt(150 * 19) + 0.02)


def test_halving_gives_the_last_candidates_all_epochs(digits):
    X, y = digits
    grid = {"init": ["glorot_uniform", "constant"], "alpha": [1e-4, 1e-2, 1.0]}
    search = HalvingRandomSearchCV(
        classifier(solver="adam", learning_rate_init=0.01, n_iter_no_change=np.inf),
        grid,
        n_candidates=6,
        resource="max_iter",
        min_resources=4,
        max_resources=24,
        factor=2,
        cv=2,
        random_state=0,
    ).fit(X, y)
    assert search.n_resources_ == [4, 8, 16]
    assert search.best_estimator_.n_iter_ == 16
    assert search.best_params_["init"] == "glorot_uniform"


# --- few labels ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def few_labels():
    """Digits, five of each class with their label, the other labels -1; and a test set."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X / 16, y, train_size=500, stratify=y, random_state=0)
    known = np.concatenate([np.flatnonzero(y == k)[:5] for k in range(10)])
    labels = np.full_like(y, -1)
    labels[known] = y[known]
    return X, labels, X_test, y_test


def test_self_training_is_a_loop_of_fits(few_labels):
    X, labels, _, _ = few_labels
    network = classifier((20,), alpha=0.3)
    trained = SelfTrainingClassifier(network, threshold=0.9).fit(X, labels)
    labels = labels.copy()
    n_rounds = 0
    while (labels == -1).any() and n_rounds < 10:
        n_rounds += 1
        has = labels >= 0
        by_hand = clone(network).fit(X[has], labels[has])
        p = by_hand.predict_proba(X)
        sure = ~has & (p.max(axis=1) > 0.9)
        if not sure.any():
            break
        labels[sure] = p.argmax(axis=1)[sure]
    has = labels >= 0
    assert n_rounds > 1
    assert_array_equal(trained.transduction_, labels)
    assert_same(trained.estimator_, clone(network).fit(X[has], labels[has]))


def test_samples_without_labels_help(few_labels):
    X, labels, X_test, y_test = few_labels
    has = labels >= 0
    network = classifier((50,), max_iter=200)
    alone = clone(network).fit(X[has], labels[has]).score(X_test, y_test)
    trained = SelfTrainingClassifier(network, threshold=0.9).fit(X, labels)
    # Two standard errors of a share among 1,297 samples are 0.02.
    assert trained.score(X_test, y_test) > alone + 0.02


# --- what scikit-learn does to estimators --------------------------------------------


def test_sample_weights_are_routed_through_tools(noisy):
    X, y = noisy[0][:300], noisy[1][:300]
    weight = np.random.RandomState(0).randint(1, 4, len(y)).astype(float)
    with config_context(enable_metadata_routing=True):
        asks = classifier(max_iter=20).set_fit_request(sample_weight=True)
        many = OneVsRestClassifier(asks).fit(X, y + 3 * (X[:, 0] > 1), sample_weight=weight)
        first = many.classes_[0]
        expected = classifier(max_iter=20)
        expected.fit(X, y + 3 * (X[:, 0] > 1) == first, weight)
        assert_same(many.estimators_[0], expected)
        unweighted = clone(expected).fit(X, y + 3 * (X[:, 0] > 1) == first)
        assert not np.array_equal(unweighted.coefs_[0], expected.coefs_[0])
        fixed = FixedThresholdClassifier(asks).fit(X, y, sample_weight=weight)
        assert_same(fixed.estimator_, classifier(max_iter=20).fit(X, y, weight))
        calibrated = CalibratedClassifierCV(asks, cv=KFold(2)).fit(X, y, sample_weight=weight)
        train = next(KFold(2).split(X))[0]
        network = calibrated.calibrated_classifiers_[0].estimator
        assert_same(network, classifier(max_iter=20).fit(X[train], y[train], weight[train]))
        found = cross_validate(
            asks.set_score_request(sample_weight=True),
            X,
            y,
            cv=KFold(2),
            params={"sample_weight": weight},
            return_estimator=True,
        )
        assert_same(found["estimator"][0], network)
        test = np.setdiff1d(np.arange(300), train)
        right = network.predict(X[test]) == y[test]
        assert found["test_score"][0] == pytest.approx(np.average(right, weights=weight[test]))


def test_a_weight_that_nobody_asked_for_is_an_error(noisy):
    X, y = noisy[0][:100], noisy[1][:100]
    with (
        config_context(enable_metadata_routing=True),
        pytest.raises(ValueError, match=r"sample_weight.*not explicitly set as requested"),
    ):
        OneVsRestClassifier(classifier()).fit(X, y, sample_weight=np.ones(100))


@pytest.mark.skipif(
    not hasattr(XavierMLPClassifier, "set_callbacks"),
    reason="scikit-learn before 1.9 passes all weights with each part (its pull request 34039)",
)
def test_weights_are_routed_to_partial_fit(digits):
    X, y = digits
    weight = np.random.RandomState(0).uniform(0.5, 2.0, len(y))
    with config_context(enable_metadata_routing=True):
        asks = classifier(solver="adam").set_partial_fit_request(sample_weight=True)
        asks.set_fit_request(sample_weight=True).set_score_request(sample_weight=False)
        _, _, scores = learning_curve(
            asks,
            X,
            y,
            cv=KFold(2),
            train_sizes=[150],
            exploit_incremental_learning=True,
            error_score="raise",
            params={"sample_weight": weight},
        )
    train, test = next(KFold(2).split(X))
    by_hand = classifier(solver="adam").partial_fit(X[train], y[train], weight[train], range(10))
    assert scores[0, 0] == by_hand.score(X[test], y[test])


TOOLS = [
    CalibratedClassifierCV(classifier()),
    BaggingClassifier(classifier()),
    StackingClassifier([("network", classifier())]),
    OneVsRestClassifier(classifier()),
    MultiOutputRegressor(regressor()),
    SelfTrainingClassifier(classifier()),
    FixedThresholdClassifier(classifier()),
    VotingClassifier([("network", classifier())]),
]


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: type(tool).__name__)
def test_parameters_reach_through_and_clones_share_nothing(tool):
    (path,) = (name for name in tool.get_params() if name.endswith("__init"))
    changed = clone(tool).set_params(**{path: "he_normal"})
    assert tool.get_params()[path] == "glorot_uniform"
    assert changed.get_params()[path] == "he_normal"
    network = path.removesuffix("__init")
    assert clone(changed).get_params()[network] is not changed.get_params()[network]
    assert "he_normal" in estimator_html_repr(changed)


def test_diagrams_name_what_was_set(digits):
    page = estimator_html_repr(make_pipeline(StandardScaler(), classifier().fit(*digits)))
    text = re.sub(r"<[^>]+>", " ", page.rpartition("</style>")[2])
    assert "StandardScaler" in text
    assert "lbfgs" in text
    assert "XavierMLPClassifier" in text


def test_missing_values_are_filled_by_networks():
    # The second column is the square of the first: a line cannot fill it.
    x = np.random.RandomState(0).uniform(-2, 2, 200)
    X = np.column_stack([x, x**2, np.random.RandomState(1).normal(size=200)])
    missing = X.copy()
    missing[::5, 1] = np.nan
    errors = {}
    for name, base in {"network": regressor((20,)), "line": LinearRegression()}.items():
        filled = IterativeImputer(base, max_iter=2, random_state=0)
        filled = filled.fit_transform(missing)
        assert_array_equal(filled[1::5], X[1::5])
        errors[name] = np.abs(filled[::5, 1] - X[::5, 1]).mean()
    assert errors["network"] < errors["line"] / 4


def test_outliers_are_left_out():
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, size=(120, 1))
    y = 2 * X[:, 0] + 1 + rng.normal(scale=0.05, size=120)
    y[::4] += 10
    found = RANSACRegressor(
        linear(), min_samples=10, residual_threshold=0.5, max_trials=100, random_state=0
    ).fit(X, y)
    assert_array_equal(found.inlier_mask_, np.arange(120) % 4 != 0)
    assert found.estimator_.coefs_[0][0, 0] == pytest.approx(2, abs=0.05)  # 0.05 / sqrt(90 / 3)


# --- pictures ------------------------------------------------------------------------


def test_the_picture_of_calibration(noisy, overconfident):
    pytest.importorskip("matplotlib")
    from sklearn.calibration import CalibrationDisplay

    X, y = (part[1000:] for part in noisy)
    display = CalibrationDisplay.from_estimator(overconfident, X, y, n_bins=5)
    p = overconfident.predict_proba(X)[:, 1]
    last = p > 0.8
    assert display.prob_true[-1] == pytest.approx(y[last].mean())
    assert display.prob_pred[-1] == pytest.approx(p[last].mean())
    assert_allclose(display.line_.get_ydata(), display.prob_true)


def test_the_picture_of_the_decision(noisy):
    pytest.importorskip("matplotlib")
    from sklearn.inspection import DecisionBoundaryDisplay

    X, y = noisy[0][:200, :2], noisy[1][:200]
    network = classifier().fit(X, y)
    display = DecisionBoundaryDisplay.from_estimator(
        network, X, response_method="predict_proba", grid_resolution=5
    )
    points = np.column_stack([display.xx0.ravel(), display.xx1.ravel()])
    assert_allclose(display.response.ravel(), network.predict_proba(points)[:, 1])


def test_the_picture_of_partial_dependence(diabetes):
    pytest.importorskip("matplotlib")
    from sklearn.inspection import PartialDependenceDisplay

    X, y = diabetes
    network = linear().fit(X, y)
    display = PartialDependenceDisplay.from_estimator(network, X, [2], grid_resolution=5)
    x, value = display.lines_[0, 0].get_data()
    assert_allclose(np.diff(value) / np.diff(x), network.coefs_[0][2, 0])


def test_the_pictures_of_curves(digits):
    pytest.importorskip("matplotlib")
    from sklearn.model_selection import LearningCurveDisplay, ValidationCurveDisplay

    X, y = digits
    network = classifier(solver="adam", max_iter=3)
    display = LearningCurveDisplay.from_estimator(
        network, X, y, cv=2, train_sizes=[50, 100], exploit_incremental_learning=True
    )
    assert_array_equal(display.lines_[0].get_xdata(), [50, 100])
    display = ValidationCurveDisplay.from_estimator(
        network, X, y, cv=2, param_name="alpha", param_range=[0.1, 1.0]
    )
    assert_allclose(display.lines_[1].get_ydata(), display.test_scores.mean(axis=1))


# --- SHAP ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shap():
    with warnings.catch_warnings():
        # matplotlib 3.11 will change how colour maps are set up, which SHAP does on import.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        return pytest.importorskip("shap")


EXPLAINERS = ["exact", "permutation", "kernel"]


def explain(shap, name, function, background, X):
    if name == "kernel":
        # By default it keeps ten features.
        return shap.KernelExplainer(function, background)(X, silent=True, l1_reg=False)
    masker = shap.maskers.Independent(background, max_samples=len(background))
    algorithm = {"algorithm": name, "seed": 0} if name == "permutation" else {"algorithm": name}
    return shap.Explainer(function, masker, **algorithm)(X)


@pytest.mark.shap
@pytest.mark.parametrize("name", EXPLAINERS)
def test_shap_values_of_a_linear_network(name, shap, diabetes):
    # Of a linear model: coef * (x - mean), with the mean over the background.
    X, y = diabetes
    network = linear().fit(X, y)
    found = explain(shap, name, network.predict, X[:30], X[100:104])
    expected = network.coefs_[0][:, 0] * (X[100:104] - X[:30].mean(axis=0))
    assert_allclose(found.values, expected, atol=1e-10)
    assert_allclose(found.base_values, network.predict(X[:30]).mean(), rtol=1e-10)


def shapley_values(function, background, x):
    """By definition: the mean gain of a feature over all orders in which they become known."""
    d = len(x)

    def worth(known):
        mixed = background.copy()
        mixed[:, known] = x[known]
        return function(mixed).mean(axis=0)

    values = np.zeros((d, *np.shape(worth([]))))
    for order in itertools.permutations(range(d)):
        for i in range(d):
            values[order[i]] += worth(list(order[: i + 1])) - worth(list(order[:i]))
    return values / math.factorial(d)


@pytest.mark.shap
@pytest.mark.parametrize("name", EXPLAINERS)
def test_shap_values_of_probabilities(name, shap, noisy):
    X, y = noisy[0][:300, :4], noisy[1][:300]
    network = classifier().fit(X, y + (X[:, 0] > 1))  # three classes
    background, explained = X[:20], X[100:103]
    found = explain(shap, name, network.predict_proba, background, explained)
    probabilities = network.predict_proba(explained)
    assert found.shape == (3, 4, 3)
    assert_allclose(found.values.sum(axis=1) + found.base_values, probabilities, atol=1e-8)
    assert_allclose(found.values.sum(axis=2), 0.0, atol=1e-8)  # probabilities sum to 1
    if name != "permutation":  # which takes ten orders of 24, and their reverses
        for values, x in zip(found.values, explained, strict=True):
            expected = shapley_values(network.predict_proba, background, x)
            assert_allclose(values, expected, atol=1e-8)


@pytest.mark.shap
def test_shap_gives_nothing_to_a_feature_without_weights(shap, noisy):
    X, y = noisy[0][:300, :4], noisy[1][:300]
    network = classifier().fit(X, y)
    network.coefs_[0][2] = 0.0
    found = explain(shap, "exact", network.predict_proba, X[:20], X[100:103])
    assert_allclose(found.values[:, 2], 0.0, atol=1e-15)
    assert (np.abs(found.values[:, [0, 1, 3]]).max(axis=0) > 0.01).all()


@pytest.mark.shap
@pytest.mark.parametrize("name", ["exact", "kernel"])
def test_shap_takes_frames_without_a_warning(name, shap):
    frame, y = load_diabetes(return_X_y=True, as_frame=True)
    frame = frame.iloc[:, :5] * 20
    network = regressor((4,)).fit(frame, minmax_scale(y))
    found = explain(shap, name, network.predict, frame[:20], frame[100:102])
    assert found.feature_names == list(frame.columns)
    total = found.values.sum(axis=1) + found.base_values
    assert_allclose(total, network.predict(frame[100:102]), rtol=1e-8)


@pytest.mark.shap
def test_shap_explains_a_method_and_not_an_estimator(shap, diabetes):
    X, y = diabetes
    network = regressor().fit(X, y)
    with pytest.raises(TypeError, match="not callable"):
        shap.Explainer(network, X[:20])
