"""The estimators as their users see them."""

import contextlib
import copy
import inspect
import pickle
import warnings

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError
from sklearn.metrics import accuracy_score, make_scorer, mean_poisson_deviance
from sklearn.model_selection import cross_val_score, cross_validate, train_test_split
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from verbose_lines import InterruptingStream, epoch_of

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.initializers import GlorotUniform, Normal

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

PAIRS = [(XavierMLPClassifier, MLPClassifier), (XavierMLPRegressor, MLPRegressor)]
SOLVERS = ["adam", "sgd", "lbfgs"]
KINDS = ["binary", "multiclass", "multilabel", "regression", "multioutput", "poisson"]


def make(kind, **parameters):
    """An estimator for the kind of target, small and quick unless told otherwise."""
    parameters = {"hidden_layer_sizes": (12,), "max_iter": 8, "random_state": 0} | parameters
    if kind in ("binary", "multiclass", "multilabel"):
        return XavierMLPClassifier(**parameters)
    loss = "poisson" if kind == "poisson" else "squared_error"
    return XavierMLPRegressor(loss=loss, **parameters)


def weights(estimator):
    return np.concatenate([array.ravel() for array in estimator.coefs_ + estimator.intercepts_])


# --- the same interface as scikit-learn's


MORE_PARAMETERS = {
    "init": "glorot_uniform",
    "bias_init": "zeros",
    "store_initial_weights": False,
    "dropout": 0.0,
    "warmup_fraction": None,  # of 'cosine' and 'one_cycle'
    "weight_decay": 0.01,  # of 'adamw'
    "max_grad_norm": None,
    "scoring": None,
}
MORE_OF_ONE = {
    XavierMLPClassifier: {"class_weight": None, "label_smoothing": 0.0},
    XavierMLPRegressor: {"huber_delta": 1.0, "quantile": 0.5},
}


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_parameters_are_those_of_scikit_learn_and_more(ours, theirs):
    mine = inspect.signature(ours).parameters
    yours = inspect.signature(theirs).parameters
    more = MORE_PARAMETERS | MORE_OF_ONE[ours]
    assert set(mine) == {*yours, *more, *({"loss"} & set(mine))}  # since scikit-learn 1.7
    for name, parameter in yours.items():
        assert mine[name].default == parameter.default
        if name != "loss":
            assert mine[name].kind == parameter.kind
    for name in {"loss", *more} & set(mine):
        assert mine[name].kind is inspect.Parameter.KEYWORD_ONLY
    assert {name: mine[name].default for name in more} == more


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_fitted_attributes_are_those_of_scikit_learn(ours, theirs, solver, early_stopping, digits):
    X, y = digits
    parameters = {"solver": solver, "max_iter": 3, "early_stopping": early_stopping}
    mine, yours = ours(**parameters).fit(X, y), theirs(**parameters).fit(X, y)
    expected = {name for name in vars(yours) if name.endswith("_") and name[0] != "_"}
    missing = expected - set(vars(mine))
    assert not missing
    for name in expected:
        if isinstance(getattr(yours, name), list):
            assert isinstance(getattr(mine, name), list), name
    assert mine.n_layers_ == yours.n_layers_ == 3
    assert mine.n_outputs_ == yours.n_outputs_
    assert mine.out_activation_ == yours.out_activation_


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_methods_are_those_of_scikit_learn(ours, theirs):
    for name in ("fit", "partial_fit", "predict", "predict_proba", "predict_log_proba", "score"):
        assert hasattr(ours, name) == hasattr(theirs, name)
    more = ["classes"] if ours is XavierMLPClassifier else []
    validation_set = ["X_val", "y_val", "sample_weight_val"]
    for name, extra in (("fit", validation_set), ("partial_fit", more)):
        names = list(inspect.signature(getattr(ours, name)).parameters)
        assert names == ["self", "X", "y", "sample_weight", *extra]


def test_the_regressor_takes_hidden_layer_sizes_first():
    assert XavierMLPRegressor((50,)).hidden_layer_sizes == (50,)


# --- what it learns


@pytest.mark.parametrize("solver", SOLVERS)
def test_learns_digits(solver):
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, random_state=0)
    mlp = XavierMLPClassifier(solver=solver, max_iter=60, learning_rate_init=0.01, random_state=0)
    assert mlp.fit(X_train, y_train).score(X_test, y_test) > 0.95


@pytest.mark.parametrize("solver", SOLVERS)
def test_learns_diabetes(solver):
    X, y = load_diabetes(return_X_y=True)
    y = (y - y.mean()) / y.std()
    mlp = XavierMLPRegressor((20,), solver=solver, alpha=10.0, max_iter=60, random_state=0)
    mlp.set_params(learning_rate_init=0.01)
    assert cross_val_score(make_pipeline(StandardScaler(), mlp), X, y).mean() > 0.35


def test_learns_multilabel_targets(digits, targets):
    X, y = digits[0], targets["multilabel"]
    mlp = make("multilabel", hidden_layer_sizes=(50,), solver="lbfgs", max_iter=100).fit(X, y)
    assert mlp.score(X, y) == 1.0
    assert mlp.predict(X).dtype == np.int64
    np.testing.assert_array_equal(mlp.classes_, [0, 1, 2])


def test_learns_counts_with_the_poisson_loss():
    rng = np.random.RandomState(0)
    X = rng.uniform(-1, 1, (500, 2))
    mean = np.exp(1.0 + X[:, 0] - X[:, 1] ** 2)
    y = rng.poisson(mean)
    mlp = XavierMLPRegressor((20,), loss="poisson", solver="lbfgs", random_state=0).fit(X, y)
    predicted = mlp.predict(X)
    assert (predicted > 0).all()
    assert mean_poisson_deviance(y, predicted) < mean_poisson_deviance(y, mean) * 1.05
    assert np.corrcoef(predicted, mean)[0, 1] > 0.9


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_loss_falls_and_shapes_are_right(kind, solver, digits, targets):
    X, y = digits[0], targets[kind]
    mlp = make(kind, solver=solver, hidden_layer_sizes=(12, 7)).fit(X, y)
    n_outputs = {"multiclass": 10, "multilabel": 3, "multioutput": 2}.get(kind, 1)
    assert [c.shape for c in mlp.coefs_] == [(64, 12), (12, 7), (7, n_outputs)]
    assert [b.shape for b in mlp.intercepts_] == [(12,), (7,), (n_outputs,)]
    assert (mlp.n_layers_, mlp.n_outputs_, mlp.n_features_in_) == (4, n_outputs, 64)
    assert mlp.n_iter_ == len(mlp.loss_curve_) == 8
    assert mlp.loss_curve_[-1] < mlp.loss_curve_[0]
    assert mlp.loss_ == pytest.approx(mlp.loss_curve_[-1])
    assert mlp.best_loss_ == min(mlp.loss_curve_)
    assert mlp.t_ == 8 * len(X)
    assert mlp.predict(X).shape == y.shape


def test_without_hidden_layers_it_is_a_linear_model(digits, targets):
    X, y = digits[0], targets["regression"]
    mlp = make("regression", hidden_layer_sizes=(), solver="lbfgs", max_iter=50).fit(X, y)
    np.testing.assert_allclose(mlp.predict(X), (X @ mlp.coefs_[0] + mlp.intercepts_[0]).ravel())


@pytest.mark.parametrize("sizes", [12, [12], (12,), np.array([12]), np.int64(12)])
def test_hidden_layer_sizes_may_be_any_sequence(sizes, digits):
    mlp = XavierMLPClassifier(sizes, max_iter=1).fit(*digits)
    assert mlp.coefs_[0].shape == (64, 12)


# --- kinds of data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csc_matrix, sparse.csr_array])
def test_sparse_is_dense(kind, solver, container, digits, targets):
    X, y = digits[0], targets[kind]
    dense = make(kind, solver=solver, max_iter=4).fit(X, y)
    mlp = make(kind, solver=solver, max_iter=4).fit(container(X), y)
    np.testing.assert_allclose(weights(mlp), weights(dense), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(mlp.predict(container(X)), mlp.predict(X), rtol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_types_are_kept(kind, solver, dtype, digits, targets):
    X, y = digits[0].astype(dtype), targets[kind]
    mlp = make(kind, solver=solver, early_stopping=True).fit(X, y)
    assert {array.dtype for array in mlp.coefs_ + mlp.intercepts_} == {np.dtype(dtype)}
    if isinstance(mlp, XavierMLPClassifier):
        assert mlp.predict_proba(X).dtype == mlp.predict_log_proba(X).dtype == dtype
    else:
        assert mlp.predict(X).dtype == dtype
    assert isinstance(mlp.loss_, float)


def test_float32_is_close_to_float64(digits):
    X, y = digits
    double = make("multiclass", max_iter=20).fit(X, y)
    single = make("multiclass", max_iter=20).fit(X.astype(np.float32), y)
    np.testing.assert_allclose(single.loss_curve_, double.loss_curve_, rtol=1e-4)


def test_integers_become_float64(digits):
    X, y = digits
    mlp = make("multiclass").fit((X * 16).astype(int), y)
    assert mlp.coefs_[0].dtype == np.float64
    same = make("multiclass").fit(X * 16, y)
    np.testing.assert_array_equal(weights(mlp), weights(same))


@pytest.mark.parametrize(
    "labels",
    [np.array([-1, 1]), np.array(["no", "yes"]), np.array(["b", "a", "c"], dtype=object)],
)
def test_labels_of_all_kinds(labels, digits):
    X, y = digits
    named = labels[y % len(labels)]
    mlp = make("multiclass", solver="lbfgs", max_iter=100).fit(X, named)
    np.testing.assert_array_equal(mlp.classes_, np.unique(labels))
    assert mlp.classes_.dtype == MLPClassifier(max_iter=1).fit(X, named).classes_.dtype
    assert accuracy_score(named, mlp.predict(X)) > 0.99


def test_boolean_labels(digits):
    X, y = digits
    mlp = make("binary").fit(X, y > 4)
    assert mlp.predict(X).dtype == bool


def test_sparse_label_indicators(digits, targets):
    X, y = digits[0], targets["multilabel"]
    dense = make("multilabel").fit(X, y)
    mlp = make("multilabel").fit(X, sparse.csr_matrix(y))
    np.testing.assert_array_equal(weights(mlp), weights(dense))
    predicted = mlp.predict(X)
    assert sparse.issparse(predicted)
    np.testing.assert_array_equal(predicted.toarray(), dense.predict(X))


def test_a_column_of_targets_is_raveled_with_a_warning(digits):
    X, y = digits
    with pytest.warns(DataConversionWarning, match="column-vector"):
        mlp = make("multiclass").fit(X, y[:, np.newaxis])
    assert mlp.predict(X).shape == y.shape


def test_feature_names(digits):
    X, y = digits
    frame = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)])
    mlp = make("multiclass").fit(frame, pd.Series(y))
    assert list(mlp.feature_names_in_) == list(frame.columns)
    np.testing.assert_array_equal(mlp.predict(frame), make("multiclass").fit(X, y).predict(X))
    with pytest.raises(ValueError, match="feature names should match"):
        mlp.predict(frame[frame.columns[::-1]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        mlp.predict(X)


def test_early_stopping_does_not_warn_of_feature_names(digits):
    X, y = digits
    frame = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mlp = make("multiclass", early_stopping=True).fit(frame, y)
    assert not [warning for warning in caught if "feature names" in str(warning.message)]
    assert mlp.validation_scores_


def test_in_a_pipeline_that_outputs_frames():
    X, y = load_iris(return_X_y=True, as_frame=True)
    pipeline = make_pipeline(StandardScaler(), make("multiclass")).set_output(transform="pandas")
    pipeline.fit(X, y)
    assert list(pipeline[-1].feature_names_in_) == list(X.columns)


# --- probabilities


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
def test_probabilities_agree(kind, digits, targets):
    X, y = digits[0], targets[kind]
    mlp = make(kind).fit(X, y)
    p, log_p = mlp.predict_proba(X), mlp.predict_log_proba(X)
    np.testing.assert_allclose(np.exp(log_p), p, rtol=1e-10)
    if kind == "multilabel":
        assert p.shape == y.shape
        np.testing.assert_array_equal(mlp.predict(X), p > 0.5)
    else:
        np.testing.assert_allclose(p.sum(axis=1), 1.0)
        np.testing.assert_array_equal(mlp.predict(X), mlp.classes_[p.argmax(axis=1)])


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_probabilities_are_finite(kind, dtype, digits, targets):
    X, y = digits[0].astype(dtype), targets[kind]
    mlp = make(kind).fit(X, y)
    for factor in (1e3, 1e6, 1e30):
        mlp.coefs_[-1] = np.sign(mlp.coefs_[-1]) * dtype(factor)
        log_p = mlp.predict_log_proba(X)
        assert np.isfinite(log_p).all()
        assert (log_p <= 0).all()
        assert log_p.min() == np.log(np.finfo(dtype).tiny)
        p = mlp.predict_proba(X)
        assert ((p > 0) & (p < 1)).all()
        # In the same order, ties included (several labels may be tied next to 1).
        if kind != "multilabel":
            np.testing.assert_array_equal(log_p.argsort(axis=1), p.argsort(axis=1))
        np.testing.assert_allclose(log_p, np.log(p), rtol=1e-4, atol=np.finfo(dtype).eps)


def test_loss_is_that_of_the_logits_where_probabilities_round_to_one(digits, targets):
    X, y = digits[0], targets["binary"]
    mlp = make("binary", hidden_layer_sizes=(), alpha=0.0, solver="sgd", momentum=0.0)
    mlp.set_params(warm_start=True, learning_rate_init=1e-12, max_iter=1, batch_size=len(X))
    mlp.initialize(X, y)
    mlp.coefs_[0][:] = 0.0
    mlp.intercepts_[0][:] = 100.0
    mlp.fit(X, y)
    assert mlp.loss_ == pytest.approx(100.0 * (y == 0).mean(), rel=1e-9)


# --- the course of training


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel", "regression"])
@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_early_stopping_keeps_the_best(kind, solver, digits, targets):
    X, y = digits[0], targets[kind]
    mlp = make(kind, solver=solver, early_stopping=True, max_iter=40, n_iter_no_change=3)
    mlp.fit(X, y)
    assert len(mlp.validation_scores_) == len(mlp.loss_curve_) == mlp.n_iter_
    assert mlp.best_validation_score_ == max(mlp.validation_scores_)
    assert mlp.best_loss_ is None
    best = int(np.argmax(mlp.validation_scores_)) + 1
    shorter = clone(mlp).set_params(max_iter=best).fit(X, y)
    np.testing.assert_array_equal(weights(mlp), weights(shorter))


def test_training_stops_without_progress(digits):
    mlp = make("multiclass", max_iter=500, tol=0.1, n_iter_no_change=4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mlp.fit(*digits)
    stalled = np.array(mlp.loss_curve_[-5:])
    assert mlp.n_iter_ < 500
    assert stalled.min() > min(mlp.loss_curve_[:-5]) - 0.1 * 5


def test_adaptive_learning_rate_goes_on_where_constant_stops(digits):
    parameters = {"solver": "sgd", "max_iter": 300, "tol": 0.05, "n_iter_no_change": 2}
    constant = make("multiclass", **parameters).fit(*digits)
    adaptive = make("multiclass", learning_rate="adaptive", **parameters).fit(*digits)
    assert constant.n_iter_ < adaptive.n_iter_ < 300
    assert adaptive.loss_curve_[: constant.n_iter_] == constant.loss_curve_


@pytest.mark.parametrize("solver", SOLVERS)
def test_not_converged_is_a_warning(solver, digits):
    with pytest.warns(ConvergenceWarning, match="max_iter|Maximum iterations"):
        make("multiclass", solver=solver, max_iter=2).fit(*digits)


def test_lbfgs_converges_without_a_warning():
    X, y = load_iris(return_X_y=True)
    mlp = make("multiclass", solver="lbfgs", max_iter=2000, alpha=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mlp.fit(StandardScaler().fit_transform(X), y)
    assert len(mlp.loss_curve_) == mlp.n_iter_ < 2000
    assert (np.diff(mlp.loss_curve_) <= 0).all()


def test_lbfgs_loss_curve_is_that_of_shorter_fits(digits):
    mlp = make("multiclass", solver="lbfgs", max_iter=6).fit(*digits)
    for n in range(1, 7):
        shorter = make("multiclass", solver="lbfgs", max_iter=n).fit(*digits)
        assert shorter.loss_ == mlp.loss_curve_[n - 1]


def test_max_fun_bounds_lbfgs(digits):
    mlp = make("multiclass", solver="lbfgs", max_iter=100, max_fun=3).fit(*digits)
    assert mlp.n_iter_ <= 4


@pytest.mark.parametrize("solver", SOLVERS)
def test_verbose_prints_each_epoch(solver, digits, capsys):
    make("multiclass", solver=solver, max_iter=3, verbose=True).fit(*digits)
    lines = capsys.readouterr().out.splitlines()
    assert [epoch_of(line) for line in lines] == [1, 2, 3]


def test_verbose_prints_scores_and_why_it_stops(digits, capsys):
    mlp = make("multiclass", early_stopping=True, verbose=True, max_iter=100, tol=0.5)
    mlp.fit(*digits)
    text = capsys.readouterr().out
    assert text.count("validation score ") == mlp.n_iter_
    assert "did not improve more than tol=0.500000 for 10 consecutive epochs. Stopping." in text


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("kind", KINDS)
def test_one_seed_one_model(solver, kind, digits, targets):
    X, y = digits[0], targets[kind]
    first, second = (make(kind, solver=solver).fit(X, y) for _ in range(2))
    other = make(kind, solver=solver, random_state=1).fit(X, y)
    np.testing.assert_array_equal(weights(first), weights(second))
    assert not np.array_equal(weights(first), weights(other))


def test_a_random_state_instance_goes_on(digits):
    rng = np.random.RandomState(0)
    first = make("multiclass", random_state=rng).fit(*digits)
    second = make("multiclass", random_state=rng).fit(*digits)
    assert not np.array_equal(weights(first), weights(second))
    np.testing.assert_array_equal(weights(first), weights(make("multiclass").fit(*digits)))


def test_batches_larger_than_the_data_are_clipped_with_a_warning(digits):
    X, y = digits
    with pytest.warns(UserWarning, match="batch_size=1000 is larger than the 300 samples"):
        clipped = make("multiclass", batch_size=1000).fit(X, y)
    whole = make("multiclass", batch_size=300).fit(X, y)
    np.testing.assert_array_equal(weights(clipped), weights(whole))


def test_without_shuffling_batches_are_slices(digits):
    X, y = digits
    mlp = make("multiclass", shuffle=False, batch_size=70, max_iter=3).fit(X, y)
    backwards = np.arange(300)[::-1]
    again = make("multiclass", shuffle=False, batch_size=70, max_iter=3)
    assert not np.array_equal(weights(mlp), weights(again.fit(X[backwards], y[backwards])))


@pytest.mark.parametrize("solver", SOLVERS)
def test_data_and_parameters_are_left_alone(solver, digits, targets):
    for kind in KINDS:
        X, y = digits[0].copy(), targets[kind].copy()
        sample_weight = np.linspace(0.0, 2.0, len(X))
        before = X.copy(), y.copy(), sample_weight.copy()
        for array in (X, y, sample_weight):
            array.flags.writeable = False
        mlp = make(kind, solver=solver, init=[np.ones((64, 12)), "normal"], early_stopping=True)
        parameters = copy.deepcopy(mlp.get_params())
        mlp.fit(X, y, sample_weight).predict(X)
        for array, old in zip((X, y, sample_weight), before, strict=True):
            np.testing.assert_array_equal(array, old)
        np.testing.assert_array_equal(mlp.init[0], parameters.pop("init")[0])
        assert {k: v for k, v in mlp.get_params().items() if k != "init"} == parameters


# --- starting, going on


@pytest.mark.parametrize("kind", KINDS)
def test_initialize_trains_nothing(kind, digits, targets):
    X, y = digits[0], targets[kind]
    mlp = make(kind).initialize(X, y)
    assert (mlp.n_iter_, mlp.t_, mlp.loss_curve_) == (0, 0, [])
    np.testing.assert_array_equal(
        mlp.coefs_[0], GlorotUniform()((64, 12), random_state=0), strict=True
    )
    assert not any(bias.any() for bias in mlp.intercepts_)
    assert mlp.predict(X).shape == y.shape


def test_the_loss_at_the_start_is_that_of_a_guess(digits):
    X, y = digits
    mlp = make("multiclass", init="zeros").initialize(X, y)
    assert mlp.loss_ == pytest.approx(np.log(10), rel=1e-12)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("kind", KINDS)
def test_initialize_then_warm_fit_is_fit(solver, kind, digits, targets):
    X, y = digits[0], targets[kind]
    at_once = make(kind, solver=solver).fit(X, y)
    in_steps = make(kind, solver=solver, warm_start=True).initialize(X, y).fit(X, y)
    np.testing.assert_array_equal(weights(in_steps), weights(at_once))
    assert in_steps.loss_curve_ == at_once.loss_curve_


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("first", ["initialize", "partial_fit"])
def test_partial_fits_are_one_fit(solver, first, digits):
    X, y = digits
    at_once = make("multiclass", solver=solver, max_iter=5, batch_size=70).fit(X, y)
    mlp = make("multiclass", solver=solver, max_iter=5, batch_size=70)
    if first == "initialize":
        mlp.initialize(X, y)
    for _ in range(5):
        mlp = pickle.loads(pickle.dumps(mlp.partial_fit(X, y, classes=np.arange(10))))
    np.testing.assert_array_equal(weights(mlp), weights(at_once))
    assert mlp.loss_curve_ == at_once.loss_curve_
    assert (mlp.n_iter_, mlp.t_) == (at_once.n_iter_, at_once.t_)


def test_edited_weights_take_effect(digits):
    X, y = digits
    mlp = make("multiclass", warm_start=True, max_iter=1).initialize(X, y)
    mlp.coefs_[0][:] = 0.0
    mlp.coefs_[1] = np.zeros((12, 10))
    mlp.intercepts_[1] = np.arange(10.0)
    np.testing.assert_allclose(mlp.predict(X), 9)
    mlp.partial_fit(X, y)
    # Hidden units all zero pass nothing on: the weights still stand after the step.
    assert not mlp.coefs_[1].any()
    assert np.abs(mlp.intercepts_[1] - np.arange(10.0)).max() < 0.01


def test_warm_start_goes_on(digits):
    X, y = digits
    mlp = make("multiclass", warm_start=True, max_iter=5).fit(X, y)
    first = mlp.loss_curve_.copy()
    mlp.fit(X, y)
    assert mlp.n_iter_ == 5
    assert mlp.loss_curve_[:5] == first
    assert len(mlp.loss_curve_) == 10
    assert mlp.loss_curve_[5] < first[-1]
    assert mlp.t_ == 3000


def test_warm_start_may_turn_early_stopping_on_and_off(digits):
    X, y = digits
    mlp = make("multiclass", warm_start=True, max_iter=3).fit(X, y)
    mlp.set_params(early_stopping=True).fit(X, y)
    assert len(mlp.validation_scores_) == 3
    assert mlp.best_loss_ is None
    mlp.set_params(early_stopping=False).fit(X, y)
    assert mlp.validation_scores_ is None
    assert mlp.best_loss_ == min(mlp.loss_curve_)


def test_fit_without_warm_start_forgets(digits):
    X, y = digits
    mlp = make("multiclass").fit(X, y)
    again = clone(mlp).fit(X[:, :30], y % 3).fit(X, y)
    np.testing.assert_array_equal(weights(again), weights(mlp))
    assert len(again.loss_curve_) == again.n_iter_ == 8


def test_partial_fit_needs_no_more_than_some_classes(digits):
    X, y = digits
    mlp = make("multiclass").partial_fit(X[y < 5], y[y < 5], classes=np.arange(10))
    mlp.partial_fit(X[y >= 5], y[y >= 5])
    assert mlp.predict_proba(X).shape == (300, 10)


@pytest.mark.parametrize("classes", [[0, 1, 2], [0, 1]])  # columns' numbers, or values
def test_partial_fit_of_multilabel_targets(classes, digits, targets):
    X, y = digits[0], targets["multilabel"]
    mlp = make("multilabel", max_iter=2).fit(X, y)
    other = make("multilabel")
    for _ in range(2):
        other.partial_fit(X, y, classes=classes)
    np.testing.assert_array_equal(weights(mlp), weights(other))
    np.testing.assert_array_equal(other.classes_, [0, 1, 2])


def test_partial_fit_goes_with_sgd_and_adam_only():
    assert hasattr(XavierMLPRegressor(solver="sgd"), "partial_fit")
    for estimator in (XavierMLPClassifier(solver="lbfgs"), XavierMLPRegressor(solver="lbfgs")):
        assert not hasattr(estimator, "partial_fit")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("solver", SOLVERS)
def test_ctrl_c_keeps_what_was_learned(kind, solver, digits, targets):
    X, y = digits[0], targets[kind]
    mlp = make(kind, solver=solver, max_iter=50, tol=0.0, verbose=True)
    with (
        contextlib.redirect_stdout(InterruptingStream(5)),
        pytest.warns(UserWarning, match="Training interrupted by user"),
    ):
        mlp.fit(X, y)
    shorter = make(kind, solver=solver, max_iter=5, tol=0.0).fit(X, y)
    assert mlp.n_iter_ == len(mlp.loss_curve_) == 5
    assert mlp.loss_curve_ == shorter.loss_curve_
    np.testing.assert_array_equal(weights(mlp), weights(shorter))
    assert mlp.predict(X).shape == y.shape


# --- initializers


def test_names_objects_and_callables_are_the_same_start(digits):
    def mine(shape, *, fan_in, fan_out, random_state, dtype):
        bound = np.sqrt(6.0 / (fan_in + fan_out))
        return random_state.uniform(-bound, bound, shape).astype(dtype)

    starts = ["glorot_uniform", "xavier_uniform", GlorotUniform(), mine, [mine, GlorotUniform()]]
    fitted = [weights(make("multiclass", init=start).fit(*digits)) for start in starts]
    for other in fitted[1:]:
        np.testing.assert_allclose(other, fitted[0], rtol=1e-9)


def test_weight_matrices_as_a_start(digits):
    X, y = digits
    rng = np.random.RandomState(0)
    given = [rng.normal(size=(64, 12)), rng.normal(size=(12, 10))]
    biases = [rng.normal(size=12), rng.normal(size=10)]
    mlp = make("multiclass", init=given, bias_init=biases).initialize(X, y)
    for mine, theirs in zip(mlp.coefs_ + mlp.intercepts_, given + biases, strict=True):
        np.testing.assert_array_equal(mine, theirs)
        assert not np.shares_memory(mine, theirs)


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_the_start_of_scikit_learn(activation, digits):
    X, y = digits
    mlp = make("multiclass", activation=activation, init="sklearn", bias_init="same")
    theirs = MLPClassifier((12,), activation, max_iter=1, learning_rate_init=1e-300, random_state=0)
    mlp.initialize(X, y)
    theirs.fit(X, y)
    for mine, yours in zip(
        mlp.coefs_ + mlp.intercepts_, theirs.coefs_ + theirs.intercepts_, strict=True
    ):
        np.testing.assert_allclose(mine, yours, rtol=1e-14)


def test_biases_recommended_by_the_literature_are_zero(digits):
    mlp = make("multiclass", init="auto", bias_init="auto").initialize(*digits)
    assert not any(bias.any() for bias in mlp.intercepts_)


# --- copies


@pytest.mark.parametrize("kind", KINDS)
def test_copies_predict_alike(kind, digits, targets, tmp_path):
    X, y = digits[0], targets[kind]
    mlp = make(kind, init=GlorotUniform(gain=0.5)).fit(X, y)
    joblib.dump(mlp, tmp_path / "mlp.joblib")
    copies = [
        pickle.loads(pickle.dumps(mlp)),
        copy.deepcopy(mlp),
        joblib.load(tmp_path / "mlp.joblib"),
    ]
    for other in copies:
        np.testing.assert_array_equal(other.predict(X), mlp.predict(X))
        assert not np.shares_memory(other.coefs_[0], mlp.coefs_[0])
        other.coefs_[0][:] = 0.0
        assert mlp.coefs_[0].any()
        assert other.init.gain == 0.5


def test_clones_are_unfitted_and_share_no_initializer(digits):
    init = GlorotUniform(gain=2.0)
    mlp = make("multiclass", init=init).fit(*digits)
    other = clone(mlp)
    assert not hasattr(other, "coefs_")
    assert other.init is not init
    assert other.init.gain == 2.0
    assert mlp.get_params()["init__gain"] == 2.0
    assert clone(make("multiclass", init=[init, "normal"])).init[0].gain == 2.0


def test_prints_what_was_changed(digits):
    mlp = XavierMLPClassifier((5,), init=Normal(std=0.2))
    assert repr(mlp) == "XavierMLPClassifier(hidden_layer_sizes=(5,), init=Normal(std=0.2))"
    for estimator in (mlp, mlp.set_params(max_iter=1).fit(*digits)):
        assert "XavierMLPClassifier" in estimator._repr_html_()


# --- weights of samples


@pytest.mark.parametrize("kind", KINDS)
def test_integer_weights_are_repeated_rows(kind, digits, targets):
    X, y = digits[0][:100], targets[kind][:100]
    counts = np.random.RandomState(0).randint(0, 4, 100)
    mlp = make(kind, solver="lbfgs", max_iter=5).fit(X, y, sample_weight=counts)
    repeated = make(kind, solver="lbfgs", max_iter=5)
    repeated.fit(X.repeat(counts, axis=0), y.repeat(counts, axis=0))
    np.testing.assert_allclose(mlp.loss_, repeated.loss_, rtol=1e-10)
    np.testing.assert_allclose(weights(mlp), weights(repeated), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_batches_without_weight_are_left_out(solver, digits):
    X, y = digits
    sample_weight = np.ones(300)
    sample_weight[100:200] = 0.0
    parameters = {"solver": solver, "batch_size": 100, "shuffle": False}
    mlp = make("multiclass", **parameters).fit(X, y, sample_weight)
    rest = np.r_[0:100, 200:300]
    np.testing.assert_array_equal(
        weights(mlp), weights(make("multiclass", **parameters).fit(X[rest], y[rest]))
    )


def test_sample_weight_is_routed_through_a_search(digits):
    X, y = digits
    with config_context(enable_metadata_routing=True):
        mlp = make("multiclass", max_iter=50, learning_rate_init=0.01)
        mlp.set_fit_request(sample_weight=True).set_partial_fit_request(sample_weight=True)
        pipeline = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), mlp)
        scorer = make_scorer(accuracy_score).set_score_request(sample_weight=True)
        heavy = np.where(y == 3, 1e6, 1e-6)
        result = cross_validate(
            pipeline,
            X,
            y,
            cv=3,
            scoring=scorer,
            params={"sample_weight": heavy},
            return_estimator=True,
        )
    predicted = np.concatenate([fitted.predict(X) for fitted in result["estimator"]])
    assert (predicted == 3).mean() > 0.3  # of which a tenth are
    assert result["test_score"].min() > 0.999


# --- bad input


@pytest.mark.parametrize("kind", ["multiclass", "regression"])
@pytest.mark.parametrize(
    ("parameter", "value", "choices"),
    [
        ("init", "xavier", ["glorot_uniform", "xavier_normal", "auto", "sklearn", "constant"]),
        ("bias_init", "orthogonal", ["zeros", "same", "normal"]),
        ("bias_init", 0.1, ["zeros", "same"]),
        ("init", np.ones((64, 12)), ["glorot_uniform", "callable", "list"]),
        ("activation", "sigmoid", ["logistic", "relu", "tanh", "identity"]),
        ("solver", "newton", ["lbfgs", "sgd", "adam"]),
        ("learning_rate", "fast", ["constant", "invscaling", "adaptive"]),
        ("alpha", -1.0, ["alpha", "-1.0"]),
        ("alpha", float("nan"), ["alpha", "nan"]),
        ("learning_rate_init", 0.0, ["learning_rate_init"]),
        ("momentum", 1.5, ["momentum"]),
        ("max_iter", 0, ["max_iter"]),
        ("batch_size", "big", ["auto"]),
        ("hidden_layer_sizes", "100", ["hidden_layer_sizes"]),
        ("hidden_layer_sizes", (10, 0), ["hidden_layer_sizes must be", "> 0", "(10, 0)"]),
        ("hidden_layer_sizes", (10, 2.5), ["hidden_layer_sizes must be", "int"]),
        ("random_state", "seed", ["random_state"]),
    ],
)
def test_bad_parameters_are_named_with_their_choices(
    kind, parameter, value, choices, digits, targets
):
    mlp = make(kind, **{parameter: value})
    for method in (mlp.fit, mlp.initialize):
        with pytest.raises(ValueError, match=parameter) as caught:
            method(digits[0], targets[kind])
        assert all(choice in str(caught.value) for choice in choices)
    assert not hasattr(mlp, "coefs_")


def test_the_regressors_loss_is_named_with_its_choices(digits, targets):
    with pytest.raises(ValueError, match=r"'loss'.*squared_error|'loss'.*poisson"):
        XavierMLPRegressor(loss="log_loss").fit(digits[0], targets["regression"])


def test_negative_targets_of_the_poisson_loss(digits):
    with pytest.raises(ValueError, match="poisson' needs y >= 0"):
        XavierMLPRegressor(loss="poisson").fit(digits[0], digits[1] - 5.0)


@pytest.mark.parametrize("kind", ["multiclass", "regression"])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite(kind, bad, digits, targets):
    X, y = digits[0].copy(), targets[kind].astype(float)
    X[3, 4] = bad
    with pytest.raises(ValueError, match="Input X contains"):
        make(kind).fit(X, y)
    mlp = make(kind).fit(digits[0], targets[kind])
    with pytest.raises(ValueError, match="Input X contains"):
        mlp.predict(X)
    y[3] = bad
    with pytest.raises(ValueError, match="Input y contains"):
        make(kind).fit(digits[0], y)


@pytest.mark.parametrize("kind", ["multiclass", "regression"])
def test_data_that_do_not_fit(kind, digits, targets):
    X, y = digits[0], targets[kind]
    mlp = make(kind)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        mlp.fit(X, y[:-1])
    with pytest.raises(ValueError, match="0 sample"):
        mlp.fit(X[:0], y[:0])
    with pytest.raises(ValueError, match="0 feature"):
        mlp.fit(X[:, :0], y)
    with pytest.raises(ValueError, match="Expected 2D array"):
        mlp.fit(X[0], y[:1])
    with pytest.raises(NotFittedError):
        mlp.predict(X)
    mlp.fit(X, y)
    with pytest.raises(ValueError, match=r"X has 63 features, but .* 64 features"):
        mlp.predict(X[:, 1:])
    for weight, problem in [
        (np.ones(5), "sample_weight.shape"),
        (np.zeros(300), "at least one non-zero"),
        (-np.ones(300), "[Nn]egative"),
        (np.full(300, np.nan), "NaN"),
    ]:
        with pytest.raises(ValueError, match=problem):
            mlp.fit(X, y, weight)


def test_targets_that_are_no_labels(digits):
    X, y = digits
    mlp = make("multiclass")
    for bad, problem in [
        (np.zeros(300), "number of classes has to be greater than one; got 1 class"),
        (y / 3.0, "Unknown label type"),
        (np.column_stack([y, y]), "Unknown label type: multiclass-multioutput"),
    ]:
        with pytest.raises(ValueError, match=problem):
            mlp.fit(X, bad)


def test_partial_fit_refuses_what_it_cannot_go_on_with(digits, targets):
    X, y = digits
    with pytest.raises(ValueError, match="classes must be passed on the first call"):
        make("multiclass").partial_fit(X, y)
    mlp = make("multiclass").partial_fit(X, y, classes=np.arange(10))
    before = weights(mlp)
    with pytest.raises(ValueError, match="not the same as on last call"):
        mlp.partial_fit(X, y, classes=np.arange(11))
    with pytest.raises(ValueError, match="classes not in"):
        mlp.partial_fit(X, y + 5)
    with pytest.raises(ValueError, match="X has 63 features"):
        mlp.partial_fit(X[:, 1:], y)
    with pytest.raises(ValueError, match="y must hold class labels in one dimension"):
        mlp.partial_fit(X, targets["multilabel"])
    with pytest.raises(ValueError, match="y must hold class labels in one dimension"):
        mlp.partial_fit(X, targets["multilabel"], classes=[0, 1])
    with pytest.raises(ValueError, match=r"coefs_\[0\] has shape \(64, 12\).*\(64, 5\)"):
        mlp.set_params(hidden_layer_sizes=(5,)).partial_fit(X, y)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping"):
        mlp.set_params(hidden_layer_sizes=(12,), early_stopping=True).partial_fit(X, y)
    np.testing.assert_array_equal(weights(mlp), before)
    labels = make("multilabel").partial_fit(X, targets["multilabel"], classes=[0, 1, 2])
    with pytest.raises(ValueError, match=r"y has 2 columns .* are \[0 1 2\]"):
        labels.partial_fit(X, targets["multilabel"][:, :2])
    with pytest.raises(ValueError, match=r"y has 2 columns .* are \[0 1 2\]"):
        labels.partial_fit(X, targets["multilabel"][:, :2], classes=[0, 1])
    with pytest.raises(ValueError, match="y must hold label indicators"):
        labels.partial_fit(X, y)
    numbers = make("regression").partial_fit(X, targets["regression"])
    with pytest.raises(ValueError, match="y has 2 outputs, but the network was built for 1"):
        numbers.partial_fit(X, targets["multioutput"])


def test_warm_start_refuses_other_classes(digits):
    X, y = digits
    mlp = make("multiclass", warm_start=True).fit(X, y)
    with pytest.raises(ValueError, match="warm_start can only be used where `y` has the same"):
        mlp.fit(X, y % 5)


def test_a_validation_set_that_is_too_small(digits):
    X, y = digits
    with pytest.raises(ValueError, match="validation set is too small"):
        make("regression", early_stopping=True, validation_fraction=0.1).fit(X[:10], y[:10])


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("kind", ["multiclass", "regression", "poisson"])
def test_divergence_is_an_error_and_loses_nothing(solver, kind, digits, targets):
    X, y = digits[0], targets[kind]
    mlp = make(kind, solver=solver, init=Normal(std=1e200), activation="identity")
    with pytest.raises(ValueError, match=r"Training diverged.*StandardScaler.*init="):
        mlp.fit(X, y)
    assert not hasattr(mlp, "coefs_")


def test_a_diverging_partial_fit_leaves_the_weights(digits, targets):
    X, y = digits[0], targets["regression"]
    mlp = make("regression", solver="sgd", activation="identity").partial_fit(X, y)
    mlp.intercepts_[1] = np.array([1e200])
    before, curve = weights(mlp), mlp.loss_curve_.copy()
    with pytest.raises(
        ValueError, match=r"Training diverged: the loss became (inf|nan) in epoch 1"
    ):
        mlp.partial_fit(X, y)
    np.testing.assert_array_equal(weights(mlp), before)
    assert mlp.loss_curve_ == curve
    assert np.isfinite(mlp.predict(X)).all()


def test_predictions_that_are_not_finite_are_an_error(digits, targets):
    X, y = digits[0], targets["poisson"]
    mlp = make("poisson").fit(X, y)
    mlp.intercepts_[-1] = np.array([1000.0])
    with pytest.raises(ValueError, match="A prediction is too large for float64"):
        mlp.predict(X)
    mlp.intercepts_[-1] = np.array([np.inf])
    with pytest.raises(ValueError, match="predictions are not finite"):
        mlp.predict(X)


def test_weights_of_another_shape_are_named(digits):
    mlp = make("multiclass").fit(*digits)
    mlp.intercepts_[0] = np.zeros(7)
    with pytest.raises(ValueError, match=r"intercepts_\[0\] has shape \(7,\).*\(12,\)"):
        mlp.predict(digits[0])


def test_breast_cancer_cross_validated_in_a_pipeline():
    X, y = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), XavierMLPClassifier(max_iter=50, random_state=0))
    assert cross_val_score(model, X, y, cv=3).mean() > 0.96


@pytest.mark.parametrize("learning_rate", ["constant", "invscaling", "adaptive"])
@pytest.mark.parametrize("kind", KINDS)
def test_schedules_go_on_over_partial_fits(learning_rate, kind, digits, targets):
    X, y = digits[0], targets[kind]
    parameters = {"solver": "sgd", "learning_rate": learning_rate, "batch_size": 70}
    parameters |= {"learning_rate_init": 0.02, "max_iter": 9}
    if learning_rate == "adaptive":  # a plateau after every other epoch
        parameters |= {"tol": 10.0, "n_iter_no_change": 1}
    at_once = make(kind, **parameters).fit(X, y)
    mlp = make(kind, **parameters).initialize(X, y)
    for _ in range(9):
        mlp = copy.deepcopy(mlp.partial_fit(X, y))
    assert mlp.n_iter_ == at_once.n_iter_ == 9
    np.testing.assert_array_equal(weights(mlp), weights(at_once))
    assert mlp.loss_curve_ == at_once.loss_curve_
    other = make(kind, **(parameters | {"learning_rate": "constant", "tol": 0.0})).fit(X, y)
    assert (other.loss_curve_ == at_once.loss_curve_) == (learning_rate == "constant")


# --- found by a reader


def test_a_failed_fit_leaves_everything_as_it_was(digits):
    X, y = digits
    frame = pd.DataFrame(X, columns=[f"pixel{i}" for i in range(64)])
    mlp = make("multiclass").fit(frame, y)
    before = dict(vars(mlp))
    with pytest.raises(ValueError, match="number of classes"):
        mlp.fit(np.hstack([X, X]), np.zeros(300))
    assert vars(mlp).keys() == before.keys()
    assert all(vars(mlp)[name] is value for name, value in before.items())


def test_a_failed_partial_fit_can_be_tried_again(digits):
    X, y = digits
    smooth, rough = (make("multiclass", batch_size=50) for _ in range(2))
    for mlp in (smooth, rough):
        mlp.partial_fit(X, y, classes=np.arange(10))
    intercepts = rough.intercepts_
    rough.intercepts_ = [intercepts[0], np.full(10, 1e308)]
    with pytest.raises(ValueError, match="Training diverged"):
        rough.partial_fit(X * 1e308, y)
    rough.intercepts_ = intercepts
    for mlp in (smooth, rough):
        mlp.partial_fit(X, y)
    np.testing.assert_array_equal(weights(smooth), weights(rough))
    assert smooth.loss_curve_ == rough.loss_curve_


def test_empty_batches_do_not_lower_the_loss(digits):
    X, y = digits
    weight = np.r_[np.ones(100), np.zeros(200)]
    common = {"batch_size": 100, "shuffle": False, "max_iter": 1}
    with_zeros = make("multiclass", **common).fit(X, y, weight)
    without = make("multiclass", **common).fit(X[:100], y[:100])
    assert with_zeros.loss_ == without.loss_


@pytest.mark.parametrize("kind", ["multiclass", "regression"])
def test_early_stopping_needs_weight_on_both_sides(kind, digits, targets):
    X, y = digits[0], targets[kind]
    weight = np.zeros(300)
    weight[0] = 1.0
    with pytest.raises(ValueError, match="early_stopping set only samples of weight 0 aside"):
        make(kind, early_stopping=True).fit(X, y, weight)


def test_early_stopping_names_its_fraction(digits):
    for fraction in (0.0, 0.001):
        with pytest.raises(ValueError, match=f"validation_fraction={fraction}"):
            make("binary", early_stopping=True, validation_fraction=fraction).fit(
                digits[0], digits[1] % 2
            )


def test_a_sparse_column_of_labels(digits):
    X, y = digits
    with pytest.warns(DataConversionWarning):
        mlp = make("multiclass").fit(X, sparse.csr_matrix(y[:, np.newaxis]))
    np.testing.assert_array_equal(weights(mlp), weights(make("multiclass").fit(X, y)))


def test_pruned_networks_start_the_optimizer_anew(digits):
    X, y = digits
    mlp = make("multiclass").partial_fit(X, y, classes=np.arange(10))
    mlp.coefs_ = [mlp.coefs_[0][:, :5], mlp.coefs_[1][:5]]
    mlp.intercepts_ = [mlp.intercepts_[0][:5], mlp.intercepts_[1]]
    fresh = make("multiclass", hidden_layer_sizes=(5,), init=mlp.coefs_, bias_init=mlp.intercepts_)
    fresh.initialize(X, y)._continuation["random_state"] = copy.deepcopy(
        mlp._continuation["random_state"]
    )
    mlp._continuation.pop("order")
    mlp.set_params(hidden_layer_sizes=(5,)).partial_fit(X, y)
    np.testing.assert_array_equal(weights(mlp), weights(fresh.partial_fit(X, y)))


def test_units_made_alike_part_where_the_optimizer_remembers(digits):
    X, y = digits
    mlp = make("multiclass", batch_size=20).partial_fit(X, y, classes=np.arange(10))
    mlp.coefs_[0][:, 1] = mlp.coefs_[0][:, 0]
    mlp.intercepts_[0][1] = mlp.intercepts_[0][0]
    mlp.coefs_[1][1] = mlp.coefs_[1][0]
    other = pickle.loads(pickle.dumps(mlp))
    # Alike or not to the last bit, the course is the same: no gradient is tied.
    other.coefs_[0][0, 1] += 1e-13
    for estimator in (mlp, other):
        estimator.partial_fit(X, y)
    np.testing.assert_allclose(weights(mlp), weights(other), atol=1e-9)
    assert not np.allclose(mlp.coefs_[0][:, 0], mlp.coefs_[0][:, 1])


def test_a_start_that_is_too_large_is_a_warning(digits):
    X, y = digits
    mlp = make("multiclass", init=Normal(std=1e200), activation="identity")
    with pytest.warns(RuntimeWarning, match="The loss at the start is"):
        mlp.initialize(X, y)


@pytest.mark.parametrize(
    ("weight", "dtype"), [(1e308, np.float64), (5e-324, np.float64), (1e-50, np.float32)]
)
def test_weights_whose_sum_no_float_holds(weight, dtype, digits):
    X, y = digits
    with pytest.raises(ValueError, match="Sample weights must have a sum"):
        make("multiclass").fit(X.astype(dtype), y, np.full(300, weight))


def test_nothing_to_do_for_lbfgs(digits):
    X, _ = digits
    mlp = make("regression", solver="lbfgs", init="zeros", alpha=0.0).fit(X, np.zeros(300))
    assert (mlp.n_iter_, mlp.loss_, mlp.best_loss_, mlp.loss_curve_) == (0, 0.0, 0.0, [])


def test_the_advice_is_the_solvers(digits):
    X, y = digits
    for solver, has_rate in (("adam", True), ("lbfgs", False)):
        mlp = make("multiclass", solver=solver, init=Normal(std=1e200), activation="identity")
        with pytest.raises(ValueError, match="Training diverged") as caught:
            mlp.fit(X, y)
        assert ("learning_rate_init" in str(caught.value)) == has_rate


def test_edited_weights_must_be_finite(digits):
    mlp = make("multiclass", warm_start=True).fit(*digits)
    mlp.coefs_[0][0, 0] = np.nan
    with pytest.raises(ValueError, match="coefs_ or intercepts_ hold values that are not finite"):
        mlp.fit(*digits)


def test_strict_floating_point_settings_of_the_user(digits):
    with np.errstate(all="raise"):
        mlp = make("multiclass", activation="logistic", init=Normal(std=100.0)).fit(*digits)
        probabilities = mlp.predict_proba(digits[0])
    np.testing.assert_array_equal(probabilities, mlp.predict_proba(digits[0]))


def test_float32_networks_refuse_what_they_cannot_hold(digits):
    X, y = digits
    mlp = make("multiclass").fit(X.astype(np.float32), y)
    with pytest.raises(ValueError, match="value too large for dtype"):
        mlp.partial_fit(X + 1e300, y)


@pytest.mark.parametrize("dtype", ["f2", ">f4", "i2", "u1", "?"])
def test_samples_that_float32_can_hold_stay_float32(dtype, digits):
    X, y = digits
    mlp = XavierMLPClassifier((5,), max_iter=2, random_state=0).fit(X.astype("f"), y)
    samples = X.astype(dtype)
    predicted = mlp.predict_proba(samples)
    assert predicted.dtype == np.float32
    np.testing.assert_array_equal(predicted, mlp.predict_proba(samples.astype("f")))


@pytest.mark.parametrize("fails", ["validation", "training"])
def test_a_failed_fit_draws_nothing(fails, digits):
    X, y = digits
    rng = np.random.RandomState(0)
    mlp = XavierMLPClassifier((5,), random_state=rng)
    if fails == "validation":
        mlp.set_params(early_stopping=True, validation_fraction=0.999)
    else:
        mlp.set_params(solver="sgd", learning_rate_init=1e300)
    with pytest.raises(ValueError, match=r"validation_fraction|diverged"):
        mlp.fit(X, y)
    assert rng.rand() == np.random.RandomState(0).rand()


@pytest.mark.parametrize("sizes", [True, (5, True), np.True_])
def test_hidden_layer_sizes_are_no_bools(sizes, digits):
    with pytest.raises(ValueError, match="hidden_layer_sizes"):
        XavierMLPClassifier(sizes).fit(*digits)


def test_dates_are_no_numbers(digits):
    X, y = digits
    mlp = XavierMLPRegressor((5,), max_iter=2).fit(X, y)
    with pytest.raises(ValueError, match=r"X must hold numbers, got an array of datetime64\[s\]"):
        mlp.predict(X.astype("M8[s]"))
    with pytest.raises(ValueError, match=r"y must hold numbers, got an array of datetime64\[s\]"):
        mlp.fit(X, y.astype("M8[s]"))
