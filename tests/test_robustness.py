"""Odd data, odd parameters, threads and interruptions."""

import contextlib
import copy
import io
import re
import signal
import sys
import threading
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from verbose_lines import InterruptingStream, epoch_of

import sk_xavier
from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier._lbfgs import LBFGSSettings, _LBFGSProblem
from sk_xavier._losses import MultinomialLogLoss
from sk_xavier._network import Network
from sk_xavier._samples import Samples
from sk_xavier._starting_weights import BIAS_INIT_NAMES, INIT_NAMES
from sk_xavier._training import History, Monitor
from sk_xavier.activations import ACTIVATIONS

PACKAGE = str(Path(sk_xavier.__file__).parent)
SOLVERS = ["adam", "sgd", "lbfgs"]
BOTH = [XavierMLPClassifier, XavierMLPRegressor]


def fit_quietly(estimator, *data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return estimator.fit(*data)


def assert_usable(mlp, X):
    for array in mlp.coefs_ + mlp.intercepts_:
        assert np.isfinite(array).all()
    assert np.isfinite(mlp.loss_)
    assert np.isfinite(mlp.loss_curve_).all()
    assert len(mlp.predict(X)) == X.shape[0]
    if isinstance(mlp, XavierMLPClassifier):
        assert np.isfinite(mlp.predict_log_proba(X)).all()


# --- any valid parameters

parameter_sets = st.fixed_dictionaries(
    {
        "hidden_layer_sizes": st.lists(st.integers(1, 6), max_size=3).map(tuple),
        "activation": st.sampled_from(["identity", "logistic", "tanh", "relu"]),
        "solver": st.sampled_from(SOLVERS),
        "alpha": st.sampled_from([0.0, 1e-4, 1.0, 1e6]),
        "batch_size": st.one_of(st.just("auto"), st.integers(1, 50)),
        "learning_rate": st.sampled_from(["constant", "invscaling", "adaptive"]),
        "learning_rate_init": st.sampled_from([1e-12, 1e-3, 1.0, 1e3]),
        "power_t": st.sampled_from([0.0, 0.5, 3.0]),
        "max_iter": st.integers(1, 6),
        "shuffle": st.booleans(),
        "random_state": st.integers(0, 3),
        "tol": st.sampled_from([0.0, 1e-4, 1e3]),
        "momentum": st.sampled_from([0.0, 0.9, 1.0]),
        "nesterovs_momentum": st.booleans(),
        "early_stopping": st.booleans(),
        "validation_fraction": st.sampled_from([0.1, 0.5]),
        "beta_1": st.sampled_from([0.0, 0.9]),
        "beta_2": st.sampled_from([0.0, 0.999]),
        "epsilon": st.sampled_from([1e-8, 1e-300, 1.0]),
        "n_iter_no_change": st.sampled_from([1, 2, np.inf]),
        "max_fun": st.integers(1, 30),
        "init": st.sampled_from(sorted(INIT_NAMES)),
        "bias_init": st.sampled_from(sorted(BIAS_INIT_NAMES - {"same"})),
    }
)


@st.composite
def problems(draw):
    """Samples, targets of some kind, weights or none, and the class to fit."""
    n_samples, n_features = draw(st.integers(6, 40)), draw(st.integers(1, 5))
    rng = np.random.RandomState(draw(st.integers(0, 10**6)))
    X = rng.normal(size=(n_samples, n_features)) * draw(st.sampled_from([0.0, 1e-300, 1.0, 1e3]))
    X = X.astype(draw(st.sampled_from([np.float64, np.float32])))
    kind = draw(st.sampled_from(["classes", "labels", "number", "numbers", "counts"]))
    classes = np.arange(n_samples) % draw(st.integers(2, 3))
    y = {
        "classes": classes,
        "labels": np.column_stack([classes % 2, rng.randint(0, 2, n_samples)]),
        "number": rng.normal(size=n_samples),
        "numbers": rng.normal(size=(n_samples, 2)),
        "counts": classes.astype(float),
    }[kind]
    weight = draw(st.sampled_from([None, np.ones(n_samples), rng.uniform(0, 1, n_samples)]))
    container = draw(st.sampled_from([np.asarray, sparse.csr_matrix, np.asfortranarray]))
    cls = XavierMLPClassifier if kind in ("classes", "labels") else XavierMLPRegressor
    more = {"loss": "poisson"} if kind == "counts" else {}
    return cls, more, container(X), y, weight


DOCUMENTED = (
    r"Training diverged|validation set is too small|least populated class|should be greater or"
    r" equal to the number of classes|[Pp]rediction.* (too large|not finite)"
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(parameters=parameter_sets, problem=problems())
def test_any_valid_parameters_fit_or_say_why(parameters, problem):
    cls, more, X, y, weight = problem
    mlp = cls(**parameters, **more)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", message="batch_size=.* is larger than")
        try:
            mlp.fit(X, y, weight)
            predicted = mlp.predict(X)
        except ValueError as error:
            assert re.search(DOCUMENTED, str(error)), error
            return
        assert predicted.shape == y.shape
        assert_usable(mlp, X)
        again = cls(**parameters, **more).fit(X, y, weight)
    for mine, other in zip(
        mlp.coefs_ + mlp.intercepts_, again.coefs_ + again.intercepts_, strict=True
    ):
        np.testing.assert_array_equal(mine, other)


# --- extremes of the data


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "X",
    [
        np.random.RandomState(0).normal(size=(30, 1)),
        np.ones((30, 3)),
        np.zeros((30, 3)),
        np.random.RandomState(0).normal(size=(30, 1000)),
        np.random.RandomState(0).normal(size=(30, 3)) * 1e-310,
        np.random.RandomState(0).normal(size=(30, 3)) * 1e-40,
    ],
    ids=["one feature", "constant", "zero", "wide", "denormal", "tiny"],
)
def test_extreme_samples(X, solver, dtype):
    X, y = X.astype(dtype), np.arange(30) % 3
    for cls in BOTH:
        assert_usable(fit_quietly(cls((5,), solver=solver, max_iter=10), X, y), X)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("cls", BOTH)
def test_huge_samples_fit_or_diverge_with_an_error(solver, dtype, cls):
    rng = np.random.RandomState(0)
    X = (rng.normal(size=(30, 3)) * 1e30).astype(dtype)
    y = np.arange(30) % 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ConvergenceWarning)
        mlp = cls((5,), solver=solver, max_iter=10, random_state=0)
        try:
            mlp.fit(X, y)
        except ValueError as error:
            assert "Training diverged" in str(error)
            assert not hasattr(mlp, "coefs_")
        else:
            assert_usable(mlp, X)


@pytest.mark.parametrize("solver", SOLVERS)
def test_one_sample(solver):
    mlp = fit_quietly(XavierMLPRegressor((5,), solver=solver, max_iter=10), [[1.0, 2.0]], [3.0])
    assert_usable(mlp, np.array([[1.0, 2.0]]))


@pytest.mark.parametrize("solver", SOLVERS)
def test_two_hundred_classes(solver):
    rng = np.random.RandomState(0)
    y = np.arange(600) % 200
    X = rng.normal(size=(200, 20))[y]
    mlp = XavierMLPClassifier((50,), solver=solver, max_iter=100, learning_rate_init=0.02)
    assert fit_quietly(mlp, X, y).predict_proba(X).shape == (600, 200)
    assert mlp.score(X, y) > 0.9


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("cls", BOTH)
def test_fifty_layers(solver, cls, digits):
    X, y = digits
    mlp = cls((10,) * 50, "tanh", solver=solver, max_iter=3, random_state=0)
    assert_usable(fit_quietly(mlp, X, y), X)
    assert mlp.n_layers_ == 52


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_five_thousand_units(solver, digits):
    X, y = digits
    mlp = XavierMLPClassifier((5000,), solver=solver, max_iter=5, random_state=0)
    assert fit_quietly(mlp, X, y).score(X, y) > 0.5


@pytest.mark.parametrize("solver", ["adam", "sgd"])
def test_batches_of_one(solver, digits):
    X, y = digits
    mlp = XavierMLPClassifier((10,), solver=solver, batch_size=1, max_iter=5, random_state=0)
    assert fit_quietly(mlp, X, y).score(X, y) > 0.5


def layouts(X):
    wide = np.zeros((X.shape[0], 2 * X.shape[1]))
    wide[:, ::2] = X
    read_only = X.copy()
    read_only.flags.writeable = False
    return {
        "fortran": np.asfortranarray(X),
        "strided": wide[:, ::2],
        "backwards": X[::-1].copy()[::-1],
        "read-only": read_only,
        "list": X.tolist(),
        "frame": pd.DataFrame(X),
        "object": X.astype(object),
        "big-endian": X.astype(">f8"),
    }


@pytest.mark.parametrize("layout", sorted(layouts(np.ones((2, 2)))))
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("cls", BOTH)
def test_layouts_of_the_same_samples(layout, solver, cls, digits):
    X, y = digits
    plain = fit_quietly(cls((6,), solver=solver, max_iter=4, random_state=0), X, y)
    other = layouts(X)[layout]
    mlp = fit_quietly(cls((6,), solver=solver, max_iter=4, random_state=0), other, y)
    for mine, theirs in zip(mlp.coefs_, plain.coefs_, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(mlp.predict(other), plain.predict(X), rtol=1e-8)


@pytest.mark.parametrize("solver", SOLVERS)
def test_memory_mapped_samples(solver, digits, tmp_path):
    X, y = digits
    mapped = np.memmap(tmp_path / "X.npy", X.dtype, "w+", shape=X.shape)
    mapped[:] = X
    mapped.flush()
    mapped = np.memmap(tmp_path / "X.npy", X.dtype, "r", shape=X.shape)
    mlp = fit_quietly(XavierMLPClassifier(solver=solver, max_iter=4, random_state=0), mapped, y)
    plain = fit_quietly(XavierMLPClassifier(solver=solver, max_iter=4, random_state=0), X, y)
    np.testing.assert_array_equal(mlp.predict_proba(mapped), plain.predict_proba(X))


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, bool, np.float16])
def test_samples_of_other_types(dtype, digits):
    X, y = (digits[0] > 0.5).astype(dtype), digits[1]
    mlp = fit_quietly(XavierMLPClassifier((6,), max_iter=4, random_state=0), X, y)
    same = fit_quietly(XavierMLPClassifier((6,), max_iter=4, random_state=0), X.astype(float), y)
    np.testing.assert_array_equal(mlp.predict_proba(X), same.predict_proba(X.astype(float)))


def test_sparse_matrices_that_are_not_canonical(digits):
    X, y = digits
    plain = fit_quietly(XavierMLPClassifier((6,), max_iter=4, random_state=0), X, y)
    zeros = sparse.csr_matrix(X)
    zeros.data[::5] = 0.0
    dense = zeros.toarray()
    unsorted = sparse.csr_matrix(X)[:, ::-1][:, ::-1]
    twice = sparse.coo_matrix(X / 2)
    twice = sparse.csr_matrix(
        (np.r_[twice.data, twice.data], (np.r_[twice.row, twice.row], np.r_[twice.col, twice.col])),
        shape=X.shape,
    )
    large = sparse.csr_matrix(X)
    large.indices, large.indptr = large.indices.astype(np.int64), large.indptr.astype(np.int64)
    for matrix, expected in [(unsorted, plain), (twice, plain), (large, plain), (zeros, None)]:
        if expected is None:
            expected = fit_quietly(XavierMLPClassifier((6,), max_iter=4, random_state=0), dense, y)
        mlp = fit_quietly(XavierMLPClassifier((6,), max_iter=4, random_state=0), matrix, y)
        np.testing.assert_allclose(
            mlp.predict_proba(matrix), expected.predict_proba(matrix.toarray()), rtol=1e-8
        )


# --- threads and interruptions


@pytest.mark.parametrize("solver", SOLVERS)
def test_fits_in_threads_do_not_disturb_one_another(solver, digits):
    X, y = digits

    def fit(seed):
        mlp = XavierMLPClassifier((20,), solver=solver, max_iter=15, random_state=seed)
        results[seed] = mlp.fit(X, y).predict_proba(X)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = {}
        for seed in range(4):
            fit(seed)
        alone, results = results, {}
        threads = [threading.Thread(target=fit, args=[seed]) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for seed, expected in alone.items():
        np.testing.assert_allclose(results[seed], expected, rtol=1e-6, atol=1e-9)


def test_predictions_in_threads_do_not_disturb_one_another(digits):
    X, y = digits
    mlp = fit_quietly(XavierMLPClassifier(max_iter=5, random_state=0), X, y)
    expected = mlp.predict_proba(X)
    wrong = []

    def predict():
        for _ in range(30):
            if not np.allclose(mlp.predict_proba(X), expected):
                wrong.append(1)

    threads = [threading.Thread(target=predict) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("epoch", [1, 2, 6])
@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_an_interrupted_model_is_usable(epoch, solver, early_stopping, digits):
    X, y = digits
    mlp = XavierMLPClassifier(
        (8,), solver=solver, max_iter=8, early_stopping=early_stopping, verbose=True
    )
    with (
        contextlib.redirect_stdout(InterruptingStream(epoch)),
        pytest.warns(UserWarning, match="interrupted"),
    ):
        mlp.fit(X, y)
    assert mlp.n_iter_ == len(mlp.loss_curve_) == epoch
    if early_stopping and solver != "lbfgs":
        assert len(mlp.validation_scores_) == epoch
    assert_usable(mlp, X)
    mlp.set_params(verbose=False, warm_start=True)
    assert len(fit_quietly(mlp, X, y).loss_curve_) > epoch


class CtrlCAtLine:
    """Raises KeyboardInterrupt at the n-th line of the package's code that runs in the block."""

    def __init__(self, line):
        self.left = line

    def __enter__(self):
        self.before = sys.gettrace()
        sys.settrace(self.on_call)
        return self

    def __exit__(self, *_):
        sys.settrace(self.before)

    def on_call(self, frame, event, arg):
        return self.on_line if frame.f_code.co_filename.startswith(PACKAGE) else None

    def on_line(self, frame, event, arg):
        if event == "line":
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt
        return self.on_line


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("early_stopping", [False, True])
def test_interrupted_at_any_line(solver, early_stopping, digits):
    X, y = digits[0][:60], digits[1][:60] % 2
    mlp = XavierMLPClassifier((4,), solver=solver, max_iter=3, early_stopping=early_stopping)
    first = fit_quietly(mlp.set_params(random_state=0), X, y)
    refit = copy.deepcopy(first).set_params(random_state=1)
    second = copy.deepcopy(refit)  # has lines of its own
    with CtrlCAtLine(0) as counter:
        fit_quietly(second, X, y)
    outcomes = set()
    for line in range(1, -counter.left, 7):
        mlp = copy.deepcopy(refit)
        try:
            with warnings.catch_warnings(record=True) as caught, CtrlCAtLine(line):
                warnings.simplefilter("always")
                mlp.fit(X, y)
        except KeyboardInterrupt:  # before training, or when all was done
            outcomes.add("passed on")
            whole = first if mlp.loss_curve_ == first.loss_curve_ else second
            np.testing.assert_array_equal(mlp.coefs_[0], whole.coefs_[0])
            assert mlp.loss_curve_ == whole.loss_curve_
        else:
            outcomes.add("usable")
            assert any("interrupted" in str(warning.message) for warning in caught)
            assert (mlp.coefs_[0] != first.coefs_[0]).any()
        assert mlp.n_iter_ == len(mlp.loss_curve_) <= 3
        if early_stopping and solver != "lbfgs":
            assert len(mlp.validation_scores_) == mlp.n_iter_
        if mlp.n_iter_:
            assert_usable(mlp, X)
    assert outcomes == {"passed on", "usable"}


def test_a_validation_score_of_nan_is_no_better_than_any():
    history = History()
    history.watch(validation=True, stops_on_score=True)
    improved = [history.record(1.0, (1.0, score), 1e-4) for score in (0.5, np.nan, 0.9)]
    assert improved == [True, False, True]
    assert history.best_validation_score == 0.9
    history.record(1.0, (1.0, np.nan), 1e-4)
    history.record(1.0, (1.0, np.nan), 1e-4)
    assert history.n_epochs_stalled == 2


def test_ctrl_c_in_a_diverging_epoch_publishes_no_nan(digits):
    X, y = digits

    class Diverging(io.StringIO):
        """Ruins the weights that are trained, then presses Ctrl-C."""

        def write(self, text):
            if epoch_of(text) == 2:
                frame = sys._getframe()
                while "theta" not in frame.f_locals:
                    frame = frame.f_back
                frame.f_locals["theta"][:] = np.nan
                signal.raise_signal(signal.SIGINT)
            return super().write(text)

    mlp = XavierMLPClassifier((8,), solver="sgd", verbose=True)
    with (
        contextlib.redirect_stdout(Diverging()),
        pytest.raises(ValueError, match="Training diverged: weights became infinite or NaN"),
    ):
        mlp.fit(X, y)
    assert not hasattr(mlp, "coefs_")


def test_scipy_gets_arrays_of_its_own(digits):
    # SciPy's optimizers may keep and overwrite the gradients that they are given.
    X, y = digits
    network = Network([64, 5, 10], [ACTIVATIONS["tanh"]()], MultinomialLogLoss())
    theta = np.random.RandomState(0).normal(size=network.n_parameters)
    settings = LBFGSSettings(max_iter=1, max_fun=1, tol=0.0)
    monitor = Monitor(network, History(), tol=0.0)
    problem = _LBFGSProblem(network, theta, Samples(X, y), settings, monitor)
    _, first = problem.loss_gradient(theta)
    kept = first.copy()
    _, second = problem.loss_gradient(theta * 2)
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(first, kept)
    second[:] = np.nan
    np.testing.assert_array_equal(problem.loss_gradient(theta)[1], kept)
