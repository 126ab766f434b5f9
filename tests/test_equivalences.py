"""Networks so simple that another method has the same answer."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor, Ridge
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor

LBFGS = {"solver": "lbfgs", "tol": 1e-10, "max_iter": 20000, "max_fun": 10**6, "random_state": 0}
LINEAR = {"hidden_layer_sizes": (), **LBFGS}

# SciPy's L-BFGS ends where the loss falls by less than 2.2e-9 of itself; on these problems that
# leaves the weights right to about the square root of it.
RTOL = 1e-3


def quiet(test):
    """Leave out warnings of batches that are clipped and of training that is cut short."""
    for name in ("sklearn.exceptions.ConvergenceWarning", "UserWarning"):
        test = pytest.mark.filterwarnings(f"ignore::{name}")(test)
    return test


def scaled(load):
    X, y = load(return_X_y=True)
    return StandardScaler().fit_transform(X), y


def weights_of(n_samples, weighted):
    return np.random.RandomState(0).uniform(0.2, 3.0, n_samples) if weighted else None


@pytest.mark.parametrize("load", [load_breast_cancer, load_iris])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("alpha", [1.0, 30.0])
def test_a_network_without_hidden_layers_is_logistic_regression(load, weighted, alpha):
    X, y = scaled(load)
    weight = weights_of(len(X), weighted)
    mlp = XavierMLPClassifier(alpha=alpha, **LINEAR).fit(X, y, weight)
    linear = LogisticRegression(C=1 / alpha, tol=1e-10, max_iter=20000).fit(X, y, weight)
    np.testing.assert_allclose(mlp.predict_proba(X), linear.predict_proba(X), atol=2e-4)
    coef = mlp.coefs_[0].T
    # A softmax takes any constant added to all its columns; the penalty makes them sum to 0.
    np.testing.assert_allclose(coef, linear.coef_, rtol=RTOL, atol=RTOL * np.abs(coef).max())


@pytest.mark.parametrize("weighted", [False, True])
def test_a_network_without_hidden_layers_is_linear_regression(weighted):
    X, y = scaled(load_diabetes)
    y = y / 100.0
    weight = weights_of(len(X), weighted)
    mlp = XavierMLPRegressor(alpha=0.0, **LINEAR).fit(X, y, weight)
    linear = LinearRegression().fit(X, y, weight)
    np.testing.assert_allclose(mlp.predict(X), linear.predict(X), rtol=1e-4)
    residual = y - linear.predict(X)
    assert mlp.loss_ == pytest.approx(np.average(residual**2, weights=weight) / 2, rel=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_a_network_without_hidden_layers_is_ridge_regression(weighted, n_outputs):
    X, y = scaled(load_diabetes)
    Y = np.column_stack([y, X[:, 0] * y])[:, :n_outputs] / 100.0
    weight = weights_of(len(X), weighted)
    # The squared error is averaged over outputs, the penalty is not.
    mlp = XavierMLPRegressor(alpha=50.0 / n_outputs, **LINEAR)
    mlp.fit(X, Y if n_outputs > 1 else Y[:, 0], weight)
    ridge = Ridge(alpha=50.0).fit(X, Y, weight)
    coef = np.atleast_2d(ridge.coef_).T
    np.testing.assert_allclose(mlp.coefs_[0], coef, atol=RTOL * np.abs(coef).max())
    np.testing.assert_allclose(mlp.intercepts_[0], np.ravel(ridge.intercept_), rtol=RTOL, atol=1e-5)


@pytest.mark.parametrize("weighted", [False, True])
def test_a_network_without_hidden_layers_is_poisson_regression(weighted):
    X, y = scaled(load_diabetes)
    y = np.rint(y / 30.0)
    weight = weights_of(len(X), weighted)
    total = len(X) if weight is None else weight.sum()
    mlp = XavierMLPRegressor(alpha=5.0, loss="poisson", **LINEAR).fit(X, y, weight)
    linear = PoissonRegressor(alpha=5.0 / total, tol=1e-10, max_iter=10000).fit(X, y, weight)
    np.testing.assert_allclose(mlp.predict(X), linear.predict(X), rtol=RTOL)


@pytest.mark.parametrize("sizes", [(5,), (7, 4)])
def test_identity_layers_are_linear_regression(sizes):
    X, y = scaled(load_diabetes)
    y = y / 100.0
    mlp = XavierMLPRegressor(sizes, "identity", alpha=0.0, **LBFGS).fit(X, y)
    np.testing.assert_allclose(mlp.predict(X), LinearRegression().fit(X, y).predict(X), atol=5e-3)


def test_weights_set_by_hand_solve_exclusive_or():
    # h1 = max(0, a + b), h2 = max(0, a + b - 1), out = h1 - 2 h2: 0, 1, 1, 0.
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), [0.0, 1.0, 1.0, 0.0]
    mlp = XavierMLPRegressor(
        (2,),
        init=[np.ones((2, 2)), np.array([[1.0], [-2.0]])],
        bias_init=[np.array([0.0, -1.0]), np.array([0.0])],
        alpha=0.0,
    ).initialize(X, y)
    np.testing.assert_array_equal(mlp.predict(X), y)
    assert mlp.loss_ == 0.0
    mlp.partial_fit(X, y)  # a gradient of zero moves nothing
    np.testing.assert_array_equal(mlp.coefs_[1], [[1.0], [-2.0]])


def test_one_step_worked_out_on_paper():
    # One sample x = 2, y = 1; h = max(0, 3x - 1) = 5, r = h/2 + 0.5 = 3, loss = (3 - 1)^2 / 2 = 2.
    # dr = 2; dW2 = 2 * 5 = 10, db2 = 2; dh = 2 * 1/2 = 1; dW1 = 1 * 2 = 2, db1 = 1.
    # The penalty of alpha = 0.1 adds 0.1 w: 0.05 to dW2, 0.3 to dW1; and 0.05 (3^2 + 0.5^2).
    mlp = XavierMLPRegressor(
        (1,),
        init=[np.array([[3.0]]), np.array([[0.5]])],
        bias_init=[np.array([-1.0]), np.array([0.5])],
        alpha=0.1,
        solver="sgd",
        momentum=0.0,
        learning_rate_init=0.1,
    ).partial_fit([[2.0]], [1.0])
    assert mlp.loss_ == pytest.approx(2.0 + 0.05 * 9.25)
    assert mlp.coefs_[0].item() == pytest.approx(3.0 - 0.1 * 2.3)
    assert mlp.intercepts_[0].item() == pytest.approx(-1.0 - 0.1)
    assert mlp.coefs_[1].item() == pytest.approx(0.5 - 0.1 * 10.05)
    assert mlp.intercepts_[1].item() == pytest.approx(0.5 - 0.2)


def test_class_probabilities_worked_out_on_paper():
    logits = np.log([[1.0, 2.0, 5.0]])
    mlp = XavierMLPClassifier((), init=[logits]).initialize([[1.0], [0.0], [0.0]], [0, 1, 2])
    np.testing.assert_allclose(mlp.predict_proba([[1.0]]), [[0.125, 0.25, 0.625]])
    np.testing.assert_allclose(mlp.predict_log_proba([[1.0]]), np.log([[0.125, 0.25, 0.625]]))
    # Of the three samples, two have equal logits: their loss is ln 3, and -ln(1/8) for the first.
    penalty = 1e-4 / 2 * (np.log(2) ** 2 + np.log(5) ** 2)
    assert mlp.loss_ == pytest.approx((3 * np.log(2) + 2 * np.log(3) + penalty) / 3)


@quiet
@pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam"])
@pytest.mark.parametrize("kind", ["class", "number"])
def test_a_weight_of_two_is_the_row_twice(solver, kind):
    X, y = scaled(load_iris)
    counts = np.random.RandomState(0).randint(0, 4, len(X))
    cls = XavierMLPClassifier if kind == "class" else XavierMLPRegressor
    mlp = cls((6,), "tanh", solver=solver, max_iter=10, batch_size=1000, random_state=0)
    weighted = mlp.fit(X, y, counts).predict(X), mlp.loss_curve_
    repeated = mlp.fit(X.repeat(counts, 0), y.repeat(counts)).predict(X), mlp.loss_curve_
    np.testing.assert_allclose(weighted[0], repeated[0], rtol=1e-7)
    np.testing.assert_allclose(weighted[1], repeated[1], rtol=1e-9)


@quiet
@pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam"])
def test_a_weight_of_zero_is_no_row(solver):
    X, y = scaled(load_iris)
    weight = (np.arange(len(X)) % 3 > 0).astype(float)
    mlp = XavierMLPClassifier(
        (6,), "tanh", solver=solver, max_iter=10, batch_size=1000, random_state=0
    )
    weighted = mlp.fit(X, y, weight).predict_proba(X)
    without = mlp.fit(X[weight > 0], y[weight > 0]).predict_proba(X)
    np.testing.assert_allclose(weighted, without, rtol=1e-7)


@quiet
@pytest.mark.parametrize("solver", ["lbfgs", "sgd", "adam"])
@pytest.mark.parametrize("factor", [1e-3, 7.0])
def test_a_factor_on_all_weights_is_a_factor_on_alpha(solver, factor):
    X, y = scaled(load_iris)
    weight = weights_of(len(X), True)
    common = {"hidden_layer_sizes": (6,), "activation": "tanh", "max_iter": 10, "random_state": 0}
    mlp = XavierMLPClassifier(solver=solver, alpha=0.5, batch_size=40, **common)
    plain = mlp.fit(X, y, weight).predict_proba(X)
    scaled_too = mlp.set_params(alpha=0.5 * factor).fit(X, y, weight * factor).predict_proba(X)
    without = mlp.set_params(alpha=0.0).fit(X, y, weight).predict_proba(X)
    scaled_without = mlp.fit(X, y, weight * factor).predict_proba(X)
    np.testing.assert_allclose(scaled_too, plain, rtol=1e-7)
    np.testing.assert_allclose(scaled_without, without, rtol=1e-7)
