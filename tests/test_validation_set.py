"""Validation sets of the user's own, what is recorded of them, and `scoring`."""

import contextlib
import copy
import inspect
import signal

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.special import huber
from sklearn import config_context
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.metrics import (
    accuracy_score,
    get_scorer,
    log_loss,
    make_scorer,
    max_error,
    mean_absolute_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from verbose_lines import InterruptingStream

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier._training import History

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

STOCHASTIC = ["sgd", "adam", "adamw", "rmsprop"]
SOLVERS = [*STOCHASTIC, "lbfgs"]
KINDS = ["binary", "multiclass", "multilabel", "regression", "multioutput", "poisson"]
N_TRAIN = 100


def make(kind="multiclass", **parameters):
    common = {"hidden_layer_sizes": (6,), "max_iter": 4, "batch_size": 40, "random_state": 0}
    common["learning_rate_init"] = 0.02
    if kind in ("binary", "multiclass", "multilabel"):
        return XavierMLPClassifier(**common | parameters)
    loss = "poisson" if kind == "poisson" else "squared_error"
    return XavierMLPRegressor(**common | {"loss": loss} | parameters)


@pytest.fixture
def split(digits, targets):
    """Training and validation sets: ``X, y, X_val, y_val`` for a kind of target."""

    def of_kind(kind="multiclass"):
        X, y = digits[0][:160, 8:56], targets[kind][:160]
        return X[:N_TRAIN], y[:N_TRAIN], X[N_TRAIN:], y[N_TRAIN:]

    return of_kind


def weights_for(y):
    return np.random.RandomState(1).uniform(0.1, 3.0, len(y))


def own(X_val, y_val, sample_weight_val=None):
    return {"X_val": X_val, "y_val": y_val, "sample_weight_val": sample_weight_val}


def all_weights(mlp):
    return np.concatenate([array.ravel() for array in mlp.coefs_ + mlp.intercepts_])


def models_by_epoch(mlp, X, y, sample_weight=None):
    """What one-epoch calls of `partial_fit` leave, or shorter fits of L-BFGS."""
    mlp = copy.deepcopy(mlp).set_params(early_stopping=False, scoring=None)
    if mlp.solver == "lbfgs":
        fits = [copy.deepcopy(mlp).set_params(max_iter=k) for k in range(1, mlp.max_iter + 1)]
        return [fit.fit(X, y, sample_weight) for fit in fits]
    models = []
    mlp.fit = None  # only partial_fit is the witness
    mlp.initialize(X, y)
    for _ in range(mlp.max_iter):
        models.append(copy.deepcopy(mlp.partial_fit(X, y, sample_weight)))
    return models


# --- early stopping with it


def stop_by_hand(models, score, tol, n_iter_no_change):
    """The scores until training stops, and the best model."""
    best, kept, n_stalled, scores = -np.inf, None, 0, []
    for model in models:
        scores.append(score(model))
        n_stalled = n_stalled + 1 if scores[-1] < best + tol else 0
        if scores[-1] > best:
            best, kept = scores[-1], model
        if n_stalled > n_iter_no_change:
            break
    return scores, kept


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("kind", ["multiclass", "regression"])
def test_early_stopping_is_a_loop_that_keeps_the_best(solver, kind, split):
    X, y, X_val, y_val = split(kind)
    settings = {"hidden_layer_sizes": (20,), "max_iter": 40, "n_iter_no_change": 2, "alpha": 0.0}
    settings |= {"learning_rate_init": {"sgd": 0.2}.get(solver, 0.05), "beta_2": 0.9}
    mlp = make(kind, solver=solver, **settings)
    models = models_by_epoch(mlp, X, y)
    scores, kept = stop_by_hand(models, lambda m: m.score(X_val, y_val), mlp.tol, 2)
    mlp.set_params(early_stopping=True).fit(X, y, **own(X_val, y_val))
    np.testing.assert_allclose(mlp.validation_scores_, scores, rtol=1e-12)
    assert np.argmax(scores) < len(scores) - 1  # else the last would do as well
    assert mlp.n_iter_ == len(scores) == len(mlp.loss_curve_)
    np.testing.assert_array_equal(all_weights(mlp), all_weights(kept))
    assert mlp.best_validation_score_ == max(mlp.validation_scores_)
    assert mlp.best_loss_ is None


@pytest.mark.parametrize("solver", STOCHASTIC)
def test_no_rows_are_set_aside_where_a_validation_set_is_passed(solver, split):
    X, y, X_val, y_val = split()
    mlp = make(solver=solver, early_stopping=True).fit(X, y, **own(X_val, y_val))
    assert mlp.t_ == 4 * N_TRAIN
    assert make(solver=solver, early_stopping=True).fit(X, y).t_ == 4 * 90


def test_lbfgs_counts_the_samples_that_it_trains_on(split):
    X, y, X_val, y_val = split()
    mlp = make(solver="lbfgs", early_stopping=True).fit(X, y, **own(X_val, y_val))
    assert mlp.t_ == N_TRAIN * mlp.n_iter_
    mlp.fit(X, y)
    assert mlp.t_ == 90 * mlp.n_iter_


def test_lbfgs_stops_where_the_score_makes_no_progress(split):
    X, y, X_val, y_val = split()
    mlp = make(solver="lbfgs", max_iter=200, early_stopping=True, scoring="loss", alpha=0.0)
    mlp.set_params(n_iter_no_change=3).fit(X, y, **own(X_val, y_val))
    assert mlp.n_iter_ == np.argmin(mlp.validation_loss_curve_) + 1 + 4 < 200
    loss = log_loss(y_val, mlp.predict_proba(X_val), labels=mlp.classes_)
    assert loss == pytest.approx(min(mlp.validation_loss_curve_))


@pytest.mark.parametrize("scoring", ["loss", None])
def test_n_iter_no_change_of_infinity_never_stops(scoring, split):
    X, y, X_val, y_val = split()
    mlp = make(max_iter=40, n_iter_no_change=np.inf, early_stopping=True, scoring=scoring)
    assert mlp.fit(X, y, **own(X_val, y_val)).n_iter_ == 40


def test_the_score_and_the_loss_may_disagree_on_the_best(split):
    X, y, X_val, y_val = split()
    rate = {"learning_rate_init": 0.1, "max_iter": 30, "n_iter_no_change": np.inf}
    by_score = make(early_stopping=True, **rate).fit(X, y, **own(X_val, y_val))
    by_loss = make(early_stopping=True, scoring="loss", **rate).fit(X, y, **own(X_val, y_val))
    assert by_score.validation_loss_curve_ == by_loss.validation_loss_curve_
    assert by_score.score(X_val, y_val) == max(by_score.validation_scores_)
    assert by_loss.validation_scores_ == [-loss for loss in by_loss.validation_loss_curve_]
    assert by_score.score(X_val, y_val) > by_loss.score(X_val, y_val)


# --- without early stopping


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_without_early_stopping_it_changes_nothing_of_training(kind, solver, split):
    X, y, X_val, y_val = split(kind)
    plain = make(kind, solver=solver).fit(X, y)
    mlp = make(kind, solver=solver).fit(X, y, **own(X_val, y_val, weights_for(y_val)))
    np.testing.assert_array_equal(all_weights(mlp), all_weights(plain))
    assert mlp.loss_curve_ == plain.loss_curve_
    assert (mlp.n_iter_, mlp.t_, mlp.best_loss_) == (plain.n_iter_, plain.t_, plain.best_loss_)
    assert len(mlp.validation_loss_curve_) == len(mlp.validation_scores_) == mlp.n_iter_
    assert mlp.best_validation_score_ == max(mlp.validation_scores_)
    assert plain.validation_loss_curve_ is plain.validation_scores_ is None
    assert plain.best_validation_score_ is None


def test_training_stops_on_the_training_loss_without_early_stopping(split):
    X, y, X_val, _ = split("regression")
    mlp = make("regression", tol=1e9, n_iter_no_change=2, max_iter=50)
    mlp.fit(X, y, **own(X_val, np.arange(60.0)))
    assert mlp.n_iter_ == 4  # the first is progress from infinity


def test_training_goes_on_where_the_loss_falls_and_the_score_does_not(split):
    X, y, X_val, y_val = split()
    mlp = make(scoring=lambda *_: 0.5, n_iter_no_change=1, max_iter=10)
    assert mlp.fit(X, y, **own(X_val, y_val)).n_iter_ == 10
    assert mlp.set_params(early_stopping=True).fit(X, y, **own(X_val, y_val)).n_iter_ == 3


# --- the recorded loss


def quantile_of(q):
    return lambda y, p, w: mean_pinball_loss(y, p, alpha=q, sample_weight=w)


def mean_huber(y, p, w):
    return np.average(huber(0.3, y - p), weights=w)


LOSSES = {
    "squared_error": ({}, lambda y, p, w: mean_squared_error(y, p, sample_weight=w) / 2),
    "absolute_error": ({}, lambda y, p, w: mean_absolute_error(y, p, sample_weight=w)),
    "quantile": ({"quantile": 0.8}, quantile_of(0.8)),
    "huber": ({"huber_delta": 0.3}, mean_huber),
    "poisson": ({}, lambda y, p, w: mean_poisson_deviance(y, p, sample_weight=w) / 2),
    "gamma": ({}, lambda y, p, w: mean_gamma_deviance(y, p, sample_weight=w) / 2),
}


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_the_recorded_loss_of_a_regressor_is_the_metric(loss, weighted, solver, split):
    X, y, X_val, y_val = split("poisson")
    y, y_val = y + 0.5, y_val + 0.5
    parameters, metric = LOSSES[loss]
    mlp = make("regression", loss=loss, solver=solver, alpha=0.5, **parameters)
    weight = weights_for(y_val) if weighted else None
    expected = [metric(y_val, m.predict(X_val), weight) for m in models_by_epoch(mlp, X, y)]
    mlp.fit(X, y, **own(X_val, y_val, weight))
    np.testing.assert_allclose(mlp.validation_loss_curve_, expected, rtol=1e-9)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_the_recorded_loss_of_a_classifier_is_the_log_loss(smoothing, weighted, kind, split):
    X, y, X_val, y_val = split(kind)
    weight = weights_for(y_val) if weighted else None
    mlp = make(kind, alpha=0.5, label_smoothing=smoothing)
    expected = []
    for model in models_by_epoch(mlp, X, y):
        p = model.predict_proba(X_val)
        hot = y_val[:, np.newaxis] == model.classes_ if kind != "multilabel" else y_val
        n = 2 if kind == "multilabel" else p.shape[1]
        target = (1 - smoothing) * hot + smoothing / n
        losses = -target * np.log(p)
        if kind == "multilabel":
            losses -= (1 - target) * np.log1p(-p)
        elif not smoothing:
            plain = log_loss(y_val, p, labels=model.classes_, sample_weight=weight)
            assert np.average(losses.sum(axis=1), weights=weight) == pytest.approx(plain)
        expected.append(np.average(losses.sum(axis=1), weights=weight))
    mlp.fit(X, y, **own(X_val, y_val, weight))
    np.testing.assert_allclose(mlp.validation_loss_curve_, expected, rtol=1e-9)


def test_nothing_is_dropped_out_where_the_network_is_validated(split):
    X, y, X_val, y_val = split()
    mlp = make(dropout=0.5, max_iter=3).fit(X, y, **own(X_val, y_val))
    assert mlp.validation_scores_[-1] == mlp.score(X_val, y_val)
    loss = log_loss(y_val, mlp.predict_proba(X_val), labels=mlp.classes_)
    assert mlp.validation_loss_curve_[-1] == pytest.approx(loss, rel=1e-9)


# --- scoring


def minus_median_error(estimator, X, y, sample_weight=None):
    return -float(np.median(np.abs(estimator.predict(X) - y)))


SCORERS = [
    ("multiclass", None, "accuracy"),
    ("multiclass", "accuracy", "accuracy"),
    ("multiclass", "roc_auc_ovr", "roc_auc_ovr"),
    ("multiclass", "neg_log_loss", "neg_log_loss"),
    ("binary", "roc_auc", "roc_auc"),
    ("binary", get_scorer("average_precision"), "average_precision"),
    ("binary", "balanced_accuracy", "balanced_accuracy"),
    ("multilabel", None, "accuracy"),
    ("multilabel", "f1_macro", "f1_macro"),
    ("regression", None, "r2"),
    ("regression", "neg_mean_absolute_error", "neg_mean_absolute_error"),
    (
        "regression",
        make_scorer(mean_pinball_loss, alpha=0.2, greater_is_better=False),
        make_scorer(mean_pinball_loss, alpha=0.2, greater_is_better=False),
    ),
    ("regression", minus_median_error, minus_median_error),
    ("multioutput", None, "r2"),
    ("multioutput", "explained_variance", "explained_variance"),
    ("poisson", "neg_mean_poisson_deviance", "neg_mean_poisson_deviance"),
    ("poisson", None, "r2"),
]


@pytest.mark.parametrize(("kind", "scoring", "witness"), SCORERS)
@pytest.mark.parametrize("weighted", [False, True])
def test_recorded_scores_are_those_of_the_scorer(kind, scoring, witness, weighted, split):
    X, y, X_val, y_val = split(kind)
    y_val = (
        np.where(np.arange(60) < 10, np.arange(60) % 10, y_val) if kind == "multiclass" else y_val
    )
    scorer = get_scorer(witness) if isinstance(witness, str) else witness
    weight = weights_for(y_val) if weighted else None
    passed = {} if weight is None else {"sample_weight": weight}
    mlp = make(kind, scoring=scoring)
    expected = [scorer(model, X_val, y_val, **passed) for model in models_by_epoch(mlp, X, y)]
    mlp.fit(X, y, **own(X_val, y_val, weight))
    np.testing.assert_allclose(mlp.validation_scores_, expected, rtol=1e-9)
    assert all(type(score) is float for score in mlp.validation_scores_)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("weighted", [False, True])
def test_the_scorer_sees_the_samples_that_are_set_aside(solver, weighted, split):
    X, y, *_ = split("regression")
    X = np.column_stack([X, np.arange(N_TRAIN) / N_TRAIN])  # tells the rows
    weight = weights_for(y) if weighted else None
    seen = []

    def scorer(estimator, X, y, sample_weight=None):
        seen.append((X.copy(), y.copy(), sample_weight))
        return mean_absolute_error(y, estimator.predict(X), sample_weight=sample_weight) * -1.0

    mlp = make("regression", solver=solver, early_stopping=True, scoring=scorer)
    mlp.set_params(validation_fraction=0.2, max_iter=5).fit(X, y, weight)
    assert len(seen) == mlp.n_iter_ + 1  # once before training
    rows = (seen[0][0][:, -1] * N_TRAIN).round().astype(int)
    assert len(set(rows)) == 20
    for X_seen, y_seen, weight_seen in seen:
        np.testing.assert_array_equal(X_seen, X[rows])
        np.testing.assert_array_equal(y_seen, y[rows])
        if weighted:
            np.testing.assert_array_equal(weight_seen, weight[rows])
        else:
            assert weight_seen is None
    mine = mean_absolute_error(
        y[rows], mlp.predict(X[rows]), sample_weight=weight[rows] if weighted else None
    )
    assert -mine == pytest.approx(mlp.best_validation_score_) == max(mlp.validation_scores_)


def test_scorers_get_labels_as_they_were_passed(split):
    X, y, X_val, y_val = split()
    names = np.array([f"digit {i}" for i in range(10)])
    seen = []

    def scorer(estimator, X, y):
        seen.append(y)
        return accuracy_score(y, estimator.predict(X))

    mlp = make(scoring=scorer).fit(X, names[y], **own(X_val, names[y_val]))
    np.testing.assert_array_equal(seen[0], names[y_val])
    assert mlp.validation_scores_[-1] == mlp.score(X_val, names[y_val]) > 0
    seen.clear()
    make(scoring=scorer, early_stopping=True).fit(X, names[y])
    assert set(seen[0]) <= set(names)


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_scorer_without_weights_is_an_error_before_training(early_stopping, split, capsys):
    X, y, X_val, y_val = split("regression")
    scorer = make_scorer(max_error, greater_is_better=False)
    mlp = make("regression", scoring=scorer, early_stopping=early_stopping, verbose=True)
    data = {"X_val": X_val, "y_val": y_val, "sample_weight_val": weights_for(y_val)}
    with pytest.raises(
        TypeError, match=r"max_error.*cannot score the validation set, with its weights"
    ):
        mlp.fit(X, y, **data)
    assert not hasattr(mlp, "coefs_")
    assert capsys.readouterr().out == ""
    del data["sample_weight_val"]
    mlp.set_params(verbose=False).fit(X, y, **data)
    assert -max_error(y_val, mlp.predict(X_val)) in mlp.validation_scores_


@pytest.mark.parametrize(
    ("value", "shown"), [({"a": 1.0}, r"\{'a': 1.0\}"), (None, "None"), ([0.5], r"\[0.5\]")]
)
def test_scorers_that_give_no_number_are_refused_before_training(value, shown, split, capsys):
    X, y, X_val, y_val = split()
    mlp = make(scoring=lambda estimator, X, y: value, verbose=True)
    with pytest.raises(ValueError, match=f"must give one number. Got {shown}"):
        mlp.fit(X, y, **own(X_val, y_val))
    assert capsys.readouterr().out == ""
    assert not hasattr(mlp, "coefs_")


def test_a_metric_that_is_no_scorer_is_refused(split):
    X, y, X_val, y_val = split()
    with pytest.raises(ValueError, match="make_scorer"):
        make(scoring=accuracy_score).fit(X, y, **own(X_val, y_val))


def test_a_scorer_that_cannot_score_the_targets_says_so(split):
    X, y, X_val, y_val = split()
    with pytest.raises(ValueError, match="scoring='roc_auc' cannot score the validation set"):
        make(scoring="roc_auc").fit(X, y, **own(X_val, y_val))


@pytest.mark.parametrize("scoring", ["acuracy", "", 1.0, ["accuracy"]])
def test_unknown_scores_are_named_with_the_choices(scoring, split):
    X, y, *_ = split()
    with pytest.raises(ValueError, match=r"'scoring' .*'accuracy'.*'loss'.*'roc_auc'"):
        make(scoring=scoring).fit(X, y)


def test_scoring_without_a_validation_set_is_not_looked_at(split):
    X, y, *_ = split()

    def scorer(estimator, X, y):
        raise AssertionError

    assert make(scoring=scorer).fit(X, y).validation_scores_ is None


def test_a_scorer_of_nan_never_counts_as_the_best(split):
    X, y, X_val, y_val = split()
    values = iter([0.1, np.nan, 0.5, np.nan, np.nan, np.nan, np.nan])
    mlp = make(scoring=lambda *_: next(values), early_stopping=True, n_iter_no_change=2)
    models = models_by_epoch(mlp.set_params(max_iter=6), X, y)
    mlp.fit(X, y, **own(X_val, y_val))
    assert mlp.best_validation_score_ == 0.5
    np.testing.assert_array_equal(all_weights(mlp), all_weights(models[1]))
    assert mlp.n_iter_ == 5


# --- forms of the data


def assert_trained_alike(mlp, other):
    np.testing.assert_allclose(all_weights(mlp), all_weights(other), rtol=1e-7, atol=1e-9)
    for name in ("validation_loss_curve_", "validation_scores_"):
        np.testing.assert_allclose(getattr(mlp, name), getattr(other, name), rtol=1e-7)


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csc_matrix, sparse.coo_array])
@pytest.mark.parametrize("which", ["X", "X_val", "both"])
@pytest.mark.parametrize("scoring", [None, "neg_log_loss"])
def test_sparse_samples_are_dense_ones(container, which, scoring, split):
    X, y, X_val, y_val = split("binary")
    plain = make(scoring=scoring).fit(X, y, **own(X_val, y_val))
    X = X if which == "X_val" else container(X)
    X_val = X_val if which == "X" else container(X_val)
    assert_trained_alike(make(scoring=scoring).fit(X, y, **own(X_val, y_val)), plain)


def test_sparse_label_indicators_are_dense_ones(split):
    X, y, X_val, y_val = split("multilabel")
    plain = make(scoring="f1_micro").fit(X, y, **own(X_val, y_val))
    mlp = make(scoring="f1_micro").fit(X, y, **own(X_val, sparse.csr_matrix(y_val)))
    assert_trained_alike(mlp, plain)
    sparse_too = make(scoring="f1_micro").fit(
        X, sparse.csr_matrix(y), **own(X_val, sparse.csr_matrix(y_val))
    )
    assert_trained_alike(sparse_too, plain)


@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("scoring", [None, "accuracy", "loss"])
def test_data_frames_and_lists_are_arrays(early_stopping, scoring, split):
    X, y, X_val, y_val = split()
    mlp = make(early_stopping=early_stopping, scoring=scoring)
    plain = copy.deepcopy(mlp).fit(X, y, **own(X_val, y_val))
    lists = copy.deepcopy(mlp).fit(
        X.tolist(), y.tolist(), **own(X_val.tolist(), y_val.tolist(), [1] * len(y_val))
    )
    assert_trained_alike(lists, plain)
    names = [f"pixel {i}" for i in range(X.shape[1])]
    X, X_val = pd.DataFrame(X, columns=names), pd.DataFrame(X_val, columns=names)
    frames = mlp.fit(X, pd.Series(y), **own(X_val, pd.Series(y_val)))
    assert_trained_alike(frames, plain)
    np.testing.assert_array_equal(frames.feature_names_in_, names)


@pytest.mark.parametrize("types", [(np.float32, np.float64), (np.float64, np.float32)])
@pytest.mark.parametrize("scoring", [None, "neg_log_loss"])
def test_the_training_samples_tell_the_type(types, scoring, split):
    X, y, X_val, y_val = split()
    mlp = make(scoring=scoring).fit(X.astype(types[0]), y, **own(X_val.astype(types[1]), y_val))
    assert mlp.coefs_[0].dtype == types[0]
    plain = make(scoring=scoring).fit(X, y, **own(X_val, y_val))
    np.testing.assert_allclose(mlp.validation_loss_curve_, plain.validation_loss_curve_, rtol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("passed", [np.float32, np.float64])
def test_scorers_get_samples_of_the_networks_type(dtype, passed, split):
    X, y, X_val, y_val = split()
    seen = set()
    mlp = make(scoring=lambda estimator, X, y: float(seen.add((X.dtype, len(X))) is None))
    mlp.fit(X.astype(dtype), y, **own(X_val.astype(passed), y_val))
    assert seen == {(np.dtype(dtype), 60)}


@pytest.mark.parametrize("kind", ["multiclass", "binary", "multilabel", "multioutput"])
def test_one_sample_is_a_validation_set(kind, split):
    X, y, X_val, y_val = split(kind)
    mlp = make(kind, scoring="loss").fit(X, y, **own(X_val[:1], y_val[:1]))
    assert np.isfinite(mlp.validation_loss_curve_).all()


# --- what is refused


def changed(array, index, value):
    array = np.array(array, dtype=float)
    array[index] = value
    return array


BAD = {
    "no y_val": (lambda X, y: {"X_val": X}, "X_val was passed without y_val"),
    "no X_val": (lambda X, y: {"y_val": y}, "y_val was passed without X_val"),
    "weights alone": (
        lambda X, y: {"sample_weight_val": np.ones(len(y))},
        "sample_weight_val was passed without X_val and y_val",
    ),
    "columns": (lambda X, y: own(X[:, 1:], y), "X_val.*47 features.*expecting 48"),
    "fewer targets": (lambda X, y: own(X, y[1:]), r"X_val.*inconsistent.*60, 59"),
    "NaN": (lambda X, y: own(changed(X, (3, 4), np.nan), y), "X_val.*contains NaN"),
    "infinity": (lambda X, y: own(changed(X, (3, 4), np.inf), y), "X_val.*infinity"),
    "empty": (lambda X, y: own(X[:0], y[:0]), "X_val.*0 sample"),
    "one dimension": (lambda X, y: own(X[0], y[:1]), "X_val.*Expected 2D array"),
    "short weights": (
        lambda X, y: own(X, y, np.ones(5)),
        r"sample_weight_val.*sample_weight.shape == \(5,\)",
    ),
    "negative weights": (
        lambda X, y: own(X, y, -np.ones(len(y))),
        "sample_weight_val.*[Nn]egative",
    ),
    "zero weights": (
        lambda X, y: own(X, y, np.zeros(len(y))),
        "sample_weight_val.*non-zero",
    ),
    "NaN weights": (
        lambda X, y: own(X, y, np.full(len(y), np.nan)),
        "sample_weight_val.*NaN",
    ),
}


@pytest.mark.parametrize("bad", sorted(BAD))
@pytest.mark.parametrize("early_stopping", [False, True])
def test_bad_validation_sets_are_refused_before_training(bad, early_stopping, split, capsys):
    X, y, X_val, y_val = split()
    arguments, message = BAD[bad]
    mlp = make(early_stopping=early_stopping, verbose=True)
    with pytest.raises(ValueError, match=f"(?s){message}"):
        mlp.fit(X, y, **arguments(X_val, y_val))
    assert capsys.readouterr().out == ""
    assert not hasattr(mlp, "coefs_")
    assert not hasattr(mlp, "n_features_in_")


@pytest.mark.parametrize(
    ("kind", "y_val", "message"),
    [
        ("multiclass", np.full(60, 11), r"y_val.*has classes not in"),
        ("binary", np.full(60, 2), r"y_val.*has classes not in"),
        ("binary", np.full((60, 2), 1), r"y_val.*must hold class labels"),
        ("multiclass", np.linspace(0.1, 0.9, 60), r"y_val.*Unknown label type"),
        ("multilabel", np.ones((60, 2), int), r"y_val.*2 columns of label indicators"),
        ("multilabel", np.arange(60) % 2, r"y_val.*must hold label indicators"),
        ("regression", np.ones((60, 2)), r"y_val.*2 outputs.*built for 1"),
        ("multioutput", np.ones(60), r"y_val.*1 outputs.*built for 2"),
        ("regression", np.full(60, np.nan), r"y_val.*NaN"),
        ("poisson", np.full(60, -1.0), r"y_val.*loss='poisson' needs y >= 0"),
    ],
)
def test_targets_of_another_kind_are_refused_before_training(kind, y_val, message, split):
    X, y, X_val, _ = split(kind)
    mlp = make(kind)
    with pytest.raises(ValueError, match=f"(?s){message}"):
        mlp.fit(X, y, **own(X_val, y_val))
    assert not hasattr(mlp, "coefs_")


def test_other_feature_names_are_refused(split):
    X, y, X_val, y_val = split()
    X = pd.DataFrame(X, columns=[f"pixel {i}" for i in range(48)])
    X_val = pd.DataFrame(X_val, columns=[f"other {i}" for i in range(48)])
    with pytest.raises(ValueError, match=r"(?s)X_val.*feature names should match.*other 0"):
        make().fit(X, y, **own(X_val, y_val))


def test_a_refused_validation_set_leaves_a_fitted_network_as_it_was(split):
    X, y, X_val, y_val = split()
    mlp = make().fit(X, y, **own(X_val, y_val))
    before = copy.deepcopy(vars(mlp))
    with pytest.raises(ValueError, match="X_val"):
        mlp.fit(X[:, 1:], y, **own(X_val, y_val))
    assert set(vars(mlp)) == set(before)
    np.testing.assert_array_equal(mlp.coefs_[0], before["coefs_"][0])
    assert mlp.validation_loss_curve_ == before["validation_loss_curve_"]
    assert mlp.n_features_in_ == 48


def test_partial_fit_takes_no_early_stopping(split):
    X, y, X_val, y_val = split()
    mlp = make(early_stopping=True).fit(X, y, **own(X_val, y_val))
    before = all_weights(mlp)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        mlp.partial_fit(X, y)
    np.testing.assert_array_equal(all_weights(mlp), before)
    assert "X_val" not in inspect.signature(mlp.partial_fit).parameters


def test_partial_fit_forgets_what_it_does_not_record(split):
    X, y, X_val, y_val = split()
    mlp = make().fit(X, y, **own(X_val, y_val)).partial_fit(X, y)
    assert mlp.validation_scores_ is mlp.validation_loss_curve_ is None
    assert len(mlp.loss_curve_) == 5


# --- Ctrl-C


@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("where", ["line", "score"])
def test_ctrl_c_keeps_the_best_weights_and_curves_of_one_length(
    solver, early_stopping, where, split
):
    X, y, X_val, y_val = split()
    scores = [0.1, 0.9, 0.2, 0.3, 0.4, 0.5]
    given = iter([0.0, *scores])

    def scorer(estimator, X, y):
        score = next(given)
        if where == "score" and score == 0.5:
            signal.raise_signal(signal.SIGINT)
        return score

    rate = {"learning_rate": "cosine"} if solver != "lbfgs" else {}
    mlp = make(solver=solver, early_stopping=early_stopping, scoring=scorer, verbose=True, **rate)
    mlp.set_params(max_iter=6)
    models = models_by_epoch(mlp.set_params(verbose=False), X, y)
    stream = InterruptingStream(5 if where == "line" else 0)
    with contextlib.redirect_stdout(stream), pytest.warns(UserWarning, match="interrupted"):
        mlp.set_params(verbose=True).fit(X, y, **own(X_val, y_val))
    assert mlp.n_iter_ == 5
    assert mlp.validation_scores_ == scores[:5]
    assert len(mlp.loss_curve_) == len(mlp.validation_loss_curve_) == 5
    assert len(mlp.learning_rate_curve_) == (0 if solver == "lbfgs" else 5)
    if early_stopping:
        np.testing.assert_array_equal(all_weights(mlp), all_weights(models[1]))
        assert mlp.best_validation_score_ == 0.9
    elif where == "line":
        np.testing.assert_array_equal(all_weights(mlp), all_weights(models[4]))


def test_ctrl_c_in_a_partial_fit_leaves_the_curves_as_they_were(split):
    X, y, *_ = split()
    mlp = make(learning_rate="cosine").partial_fit(X, y, classes=range(10)).partial_fit(X, y)
    before = copy.deepcopy(mlp)
    with contextlib.redirect_stdout(InterruptingStream(3)), pytest.raises(KeyboardInterrupt):
        mlp.set_params(verbose=True).partial_fit(X, y)
    for name in ("loss_curve_", "learning_rate_curve_", "n_iter_", "t_", "best_loss_"):
        assert getattr(mlp, name) == getattr(before, name)
    again = mlp.set_params(verbose=False).partial_fit(X, y)
    np.testing.assert_array_equal(all_weights(again), all_weights(before.partial_fit(X, y)))


def test_what_ctrl_c_leaves_of_an_epoch_is_dropped():
    history = History()
    history.watch(validation=True)
    history.record(2.0, (3.0, 0.5), 1e-4, 0.1)
    history.validation_loss_curve.append(2.9)  # and Ctrl-C before the score and the loss
    history.drop_partial_epoch()
    assert (history.loss_curve, history.validation_loss_curve) == ([2.0], [3.0])
    assert (history.validation_scores, history.learning_rate_curve) == ([0.5], [0.1])


# --- warm starts


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_warm_start_adds_to_the_curves(solver, split):
    X, y, X_val, y_val = split()
    mlp = make(solver=solver, warm_start=True).fit(X, y, **own(X_val, y_val))
    first = copy.deepcopy(mlp)
    mlp.fit(X, y, **own(X_val, y_val))
    for name in ("loss_curve_", "validation_loss_curve_", "validation_scores_"):
        assert len(getattr(mlp, name)) == 8
        assert getattr(mlp, name)[:4] == getattr(first, name)
    assert mlp.n_iter_ == 4
    assert mlp.best_validation_score_ == max(mlp.validation_scores_)


def test_a_warm_start_on_another_validation_set_starts_from_the_score_there(split):
    X, y, X_val, y_val = split()
    mlp = make(warm_start=True, early_stopping=True, max_iter=15, learning_rate_init=0.05)
    mlp.fit(X, y, **own(X, y))
    start = copy.deepcopy(mlp)
    wrong = (y_val + 1) % 10  # no epoch that learns y is better than the start
    mlp.set_params(n_iter_no_change=2, max_iter=50).fit(X, y, **own(X_val, wrong))
    assert mlp.best_validation_score_ >= start.score(X_val, wrong)
    assert mlp.score(X_val, wrong) == mlp.best_validation_score_
    assert mlp.best_validation_score_ < max(mlp.validation_scores_[:15])


def test_a_warm_start_may_take_a_validation_set_or_none(split):
    X, y, X_val, y_val = split()
    mlp = make(warm_start=True).fit(X, y)
    mlp.fit(X, y, **own(X_val, y_val))
    assert (len(mlp.loss_curve_), len(mlp.validation_scores_)) == (8, 4)
    assert mlp.fit(X, y).validation_scores_ is None
    mlp.fit(X, y, **own(X_val, y_val))
    assert (len(mlp.loss_curve_), len(mlp.validation_loss_curve_)) == (16, 4)


def test_a_warm_start_with_another_number_of_features_is_refused(split):
    X, y, X_val, y_val = split()
    mlp = make(warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match=r"X_val.*47 features"):
        mlp.fit(X, y, **own(X_val[:, 1:], y_val))
    assert len(mlp.loss_curve_) == 4


# --- pipelines, searches and routing


def test_a_pipeline_passes_a_transformed_set_by_hand(split):
    X, y, X_val, y_val = split()
    scaler = StandardScaler().fit(X)
    expected = make(early_stopping=True).fit(
        scaler.transform(X), y, **own(scaler.transform(X_val), y_val)
    )
    model = Pipeline([("scale", StandardScaler()), ("mlp", make(early_stopping=True))])
    model.fit(X, y, mlp__X_val=scaler.transform(X_val), mlp__y_val=y_val)
    np.testing.assert_array_equal(all_weights(model[-1]), all_weights(expected))


ALL = ("sample_weight", "X_val", "y_val", "sample_weight_val")


def routed(**parameters):
    mlp = make(early_stopping=True, **parameters)
    return mlp.set_fit_request(**dict.fromkeys(ALL, True))


def routed_pipeline():
    scaler = StandardScaler().set_fit_request(sample_weight=False)
    return Pipeline([("scale", scaler), ("mlp", routed())], transform_input=["X_val"])


def scaled_fit(X, y, X_val, y_val, weight, weight_val, **parameters):
    """The same as the routed pipeline, step by step."""
    scaler = StandardScaler().fit(X)
    mlp = make(early_stopping=True, **parameters)
    mlp.fit(scaler.transform(X), y, weight, **own(scaler.transform(X_val), y_val, weight_val))
    return scaler, mlp


def test_a_routing_pipeline_transforms_the_validation_set(split):
    X, y, X_val, y_val = split()
    weight, weight_val = weights_for(y), weights_for(y_val)
    _, expected = scaled_fit(X, y, X_val, y_val, weight, weight_val)
    with config_context(enable_metadata_routing=True):
        model = routed_pipeline().fit(X, y, sample_weight=weight, **own(X_val, y_val, weight_val))
    np.testing.assert_array_equal(all_weights(model[-1]), all_weights(expected))
    assert model[-1].validation_scores_ == expected.validation_scores_


@pytest.mark.parametrize("in_pipeline", [False, True])
def test_a_search_passes_the_whole_validation_set_to_each_fit(in_pipeline, split):
    X, y, X_val, y_val = split()
    weight, weight_val = weights_for(y), weights_for(y_val)
    name = "mlp__alpha" if in_pipeline else "alpha"
    cv, alphas = KFold(2), [1e-4, 10.0]
    with config_context(enable_metadata_routing=True):
        model = routed_pipeline() if in_pipeline else routed()
        accuracy = get_scorer("accuracy").set_score_request(sample_weight=False)
        search = GridSearchCV(model, {name: alphas}, cv=cv, scoring=accuracy, error_score="raise")
        search.fit(X, y, sample_weight=weight, **own(X_val, y_val, weight_val))
    expected = []
    for alpha in alphas:
        scores = []
        for train, test in cv.split(X):
            data = X[train], y[train], X_val, y_val, weight[train], weight_val
            if in_pipeline:
                scaler, mlp = scaled_fit(*data, alpha=alpha)
                scores.append(mlp.score(scaler.transform(X[test]), y[test]))
            else:
                mlp = make(early_stopping=True, alpha=alpha)
                mlp.fit(X[train], y[train], weight[train], **own(X_val, y_val, weight_val))
                scores.append(mlp.score(X[test], y[test]))
        expected.append(np.mean(scores))
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], expected)
    best = search.best_estimator_
    assert len((best[-1] if in_pipeline else best).validation_scores_) > 0


def test_a_pipeline_within_a_search_without_routing(split):
    X, y, X_val, y_val = split()
    model = make_pipeline(make(early_stopping=True))
    search = GridSearchCV(model, {"xaviermlpclassifier__alpha": [0.1, 1.0]}, cv=KFold(2))
    search.fit(X, y, xaviermlpclassifier__X_val=X_val, xaviermlpclassifier__y_val=y_val)
    alpha = search.best_params_["xaviermlpclassifier__alpha"]
    expected = make(early_stopping=True, alpha=alpha).fit(X, y, **own(X_val, y_val))
    np.testing.assert_array_equal(all_weights(search.best_estimator_[-1]), all_weights(expected))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (XavierMLPClassifier, HistGradientBoostingClassifier),
        (XavierMLPRegressor, HistGradientBoostingRegressor),
    ],
)
def test_the_arguments_are_those_of_gradient_boosting(ours, theirs):
    mine, yours = inspect.signature(ours.fit), inspect.signature(theirs.fit)
    if "X_val" not in yours.parameters:
        pytest.skip("scikit-learn before 1.7")
    for name, parameter in yours.parameters.items():
        assert mine.parameters[name].default == parameter.default
        assert mine.parameters[name].kind == parameter.kind
    assert list(mine.parameters) == list(yours.parameters)


def test_a_warm_start_from_a_score_of_nan_may_get_better(digits):
    X, y = digits
    score = [0.5]
    mlp = XavierMLPClassifier((5,), early_stopping=True, warm_start=True, max_iter=3)
    mlp.set_params(scoring=lambda *_: score[0], random_state=0).fit(X, y, X_val=X, y_val=y)
    start = copy.deepcopy(mlp.coefs_)

    def nan_at_the_start(estimator, X, y):
        return np.nan if (estimator.coefs_[0] == start[0]).all() else 0.3

    mlp.set_params(scoring=nan_at_the_start).fit(X, y, X_val=X, y_val=y)
    assert mlp.best_validation_score_ == 0.3
    assert (mlp.coefs_[0] != start[0]).any()


def test_one_row_has_no_r2():
    mlp = XavierMLPRegressor((3,), max_iter=2)
    with pytest.raises(ValueError, match="has 1 sample, and R² needs 2"):
        mlp.fit(np.eye(3), np.arange(3.0), X_val=np.ones((1, 3)), y_val=[1.0])
    mlp.set_params(scoring="loss").fit(np.eye(3), np.arange(3.0), X_val=np.ones((1, 3)), y_val=[1])
    assert len(mlp.validation_scores_) == 2


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_scores_that_are_no_numbers_are_an_error(solver, value, digits):
    mlp = XavierMLPClassifier((5,), solver=solver, early_stopping=True, max_iter=20)
    mlp.set_params(scoring=lambda *_: value)
    with pytest.raises(ValueError, match="gave no finite number on the validation set"):
        mlp.fit(*digits)
    assert not hasattr(mlp, "coefs_")


def test_scorers_get_every_class(digits):
    X, y = digits
    rows = np.r_[np.flatnonzero(y != 3), np.flatnonzero(y == 3)[:12]]
    for seed in range(10):  # unstratified, 30 rows lack a class of 12 in every third case
        mlp = XavierMLPClassifier((5,), early_stopping=True, scoring="roc_auc_ovr", max_iter=2)
        mlp.set_params(random_state=seed).fit(X[rows], y[rows])
        assert np.isfinite(mlp.validation_scores_).all()


def test_the_default_split_is_scikit_learns_whatever_the_loss(digits):
    X, y = digits
    mlp = XavierMLPClassifier((5,), early_stopping=True, max_iter=2, random_state=0).fit(X, y)
    few = XavierMLPClassifier((5,), early_stopping=True, max_iter=2, random_state=0)
    few.set_params(scoring="accuracy", validation_fraction=0.01)  # no room for ten classes
    few.fit(X, y)
    assert len(mlp.validation_scores_) == len(few.validation_scores_) == 2


def test_a_quantile_is_judged_by_its_loss(digits):
    X, y = digits
    settings = {"loss": "quantile", "quantile": 0.9, "early_stopping": True, "random_state": 0}
    default = XavierMLPRegressor((5,), max_iter=20, **settings).fit(X, y)
    by_loss = XavierMLPRegressor((5,), max_iter=20, scoring="loss", **settings).fit(X, y)
    np.testing.assert_array_equal(default.coefs_[0], by_loss.coefs_[0])
    assert default.validation_scores_ == [-loss for loss in default.validation_loss_curve_]


def test_weights_of_classes_are_named_where_a_scorer_takes_none(digits):
    mlp = XavierMLPClassifier((5,), class_weight="balanced", early_stopping=True)
    with pytest.raises(TypeError, match=r"of sample_weight or class_weight.*pass X_val"):
        mlp.set_params(scoring="adjusted_rand_score").fit(*digits)


def test_scores_of_another_kind_are_not_compared(digits):
    X, y = digits
    mlp = XavierMLPClassifier((5,), warm_start=True, max_iter=3, random_state=0)
    mlp.fit(X, y, X_val=X, y_val=y).set_params(scoring="loss").fit(X, y, X_val=X, y_val=y)
    assert mlp.best_validation_score_ == max(mlp.validation_scores_[3:])


def test_predictions_that_overflow_on_the_validation_set_are_divergence():
    X = np.array([[1.0], [2.0], [3.0], [4.0]])
    mlp = XavierMLPRegressor((), loss="poisson", solver="sgd", learning_rate_init=1e3, max_iter=1)
    mlp.set_params(early_stopping=True, init="zeros")
    with pytest.raises(
        ValueError, match="Training diverged: the loss became inf in the last epoch"
    ):
        mlp.fit(X, [3.0, 6.0, 9.0, 12.0], X_val=X, y_val=[3.0, 6.0, 9.0, 12.0])
    assert not hasattr(mlp, "coefs_")
