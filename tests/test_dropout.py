"""Dropout: its factors, its gradient, and what it does to training and not to predictions."""

import copy
import math
import pickle
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import erf, expit, logsumexp

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier._dropout import Dropout
from sk_xavier._losses import HalfSquaredError, MultinomialLogLoss
from sk_xavier._network import Network
from sk_xavier._samples import Samples
from sk_xavier.activations import ACTIVATIONS, Activation

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

BOTH = [XavierMLPClassifier, XavierMLPRegressor]
STOCHASTIC = ["sgd", "adam", "adamw", "rmsprop"]

RNG = np.random.RandomState(0)
X = RNG.normal(size=(30, 4))
CODES = np.arange(30) % 3


def draw(rate, shape=(1, 6), seed=0, dtype=np.float64, n_draws=1):
    dropout = Dropout([rate], np.random.RandomState(seed))
    factors = np.full((n_draws, *shape), np.nan, dtype)
    for one in factors:
        assert dropout.inplace_draw(0, one) is None
    return factors


# --- the factors ---------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [0.01, 0.2, 0.5, 0.9, 0.999])
def test_factors_have_the_mean_one_and_the_variance_of_their_rate(rate, dtype):
    factors = draw(rate, (200, 1000), dtype=dtype).astype(float)
    n = factors.size
    # A factor is 1 / (1 - p) with probability 1 - p, else 0: its variance is p / (1 - p).
    assert abs(factors.mean() - 1.0) < 5 * math.sqrt(rate / (1 - rate) / n)
    assert abs((factors == 0).mean() - rate) < 5 * math.sqrt(rate * (1 - rate) / n)
    values = np.unique(factors)
    rtol = 1e-14 if dtype is np.float64 else 1e-6
    assert_allclose(values, [0.0, 1 / (1 - rate)], rtol=rtol)


def test_factors_of_units_samples_and_draws_are_independent():
    kept = draw(0.5, (60, 50), n_draws=40) > 0
    n = kept[:, 1:].size
    for one, other in (
        (kept[:, 1:], kept[:, :-1]),
        (kept[:, :, 1:], kept[:, :, :-1]),
        (kept[1:], kept[:-1]),
    ):
        assert abs((one == other).mean() - 0.5) < 5 * 0.5 / math.sqrt(0.9 * n)


def test_each_layer_has_its_rate():
    dropout = Dropout((0.1, 0.7), np.random.RandomState(0))
    assert dropout.rates == (0.1, 0.7)
    factors = np.empty((100, 100))
    for layer, rate in enumerate(dropout.rates):
        dropout.inplace_draw(layer, factors)
        assert abs((factors == 0).mean() - rate) < 5 * math.sqrt(rate * (1 - rate)) / 100


def test_factors_follow_the_seed():
    assert_array_equal(draw(0.5, seed=3, n_draws=9), draw(0.5, seed=3, n_draws=9))
    assert not np.array_equal(draw(0.5, seed=3, n_draws=9), draw(0.5, seed=4, n_draws=9))
    assert not np.array_equal(*draw(0.5, shape=(4, 6), n_draws=2))


@pytest.mark.parametrize("rate", [1e-12, 1e-5])
def test_hardly_anything_is_left_out_at_small_rates(rate):
    factors = draw(rate, (100, 100))
    assert (factors == 0).sum() <= 3
    assert_allclose(factors.max(), 1 / (1 - rate), rtol=1e-15)


def test_strided_factors():
    wide = np.zeros((50, 20))
    Dropout([0.5], np.random.RandomState(0)).inplace_draw(0, wide[:, ::2])
    assert_array_equal(wide[:, 1::2], 0.0)
    assert_array_equal(np.unique(wide[:, ::2]), [0.0, 2.0])


# --- the gradient --------------------------------------------------------------------


def normal_cdf(z):
    return 0.5 * (1 + erf(z / math.sqrt(2)))


def softplus(z):
    return np.logaddexp(0.0, z)


PLAIN = {
    "identity": lambda z: z,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * (np.exp(z) - 1)),
    "gelu": lambda z: z * normal_cdf(z),
    "silu": lambda z: z * expit(z),
    "mish": lambda z: z * np.tanh(softplus(z)),
    "softplus": softplus,
    "softsign": lambda z: z / (1 + np.abs(z)),
    "relu6": lambda z: np.clip(z, 0, 6),
    "hard_tanh": lambda z: np.clip(z, -1, 1),
    "own": lambda z: np.exp(-(z**2)),
}
OWN = Activation(lambda z: np.exp(-(z**2)), lambda z: -2 * z * np.exp(-(z**2)))


def make_activation(name):
    return OWN if name == "own" else ACTIVATIONS[name]()


def make_network(units, activations, loss=MultinomialLogLoss, block_rows=None, **settings):
    network = Network(units, [make_activation(name) for name in activations], loss(), **settings)
    if block_rows is not None:
        network._block_rows = network._sparse_block_rows = block_rows
    return network


def random_theta(network, seed=0):
    return 0.7 * np.random.RandomState(seed).normal(size=network.n_parameters)


def split(theta, units):
    """Weights, all layers', and then biases."""
    pairs = list(pairwise(units))
    ends = np.cumsum([a * b for a, b in pairs] + list(units[1:]))
    parts = np.split(theta, ends[:-1])
    coefs = [part.reshape(shape) for part, shape in zip(parts, pairs, strict=False)]
    return coefs, parts[len(pairs) :]


def factors_of(rates, units, n_rows, seed, block_rows=None):
    """What a network draws: block for block, layer for layer, where there is a rate."""
    dropout = Dropout(rates, np.random.RandomState(seed))
    blocks = []
    for start in range(0, n_rows, block_rows or n_rows):
        n_block = min(block_rows or n_rows, n_rows - start)
        block = [np.ones((n_block, n_units)) for n_units in units[1:-1]]
        for i, factors in enumerate(block):
            if rates[i] > 0:
                dropout.inplace_draw(i, factors)
        blocks.append(block)
    return [np.concatenate(layer) for layer in zip(*blocks, strict=True)]


def plain_loss(theta, units, activations, factors, samples, codes, weights):
    (*coefs, last), (*intercepts, last_bias) = split(theta, units)
    signal = samples
    for coef, bias, name, factor in zip(coefs, intercepts, activations, factors, strict=True):
        signal = PLAIN[name](signal @ coef + bias) * factor
    raw = signal @ last + last_bias
    losses = logsumexp(raw, axis=1) - raw[np.arange(len(raw)), codes]
    return weights @ losses / weights.sum()


def central_differences(function, theta, step=1e-5):
    gradient = np.empty_like(theta)
    for i in range(len(theta)):
        moved = theta.copy()
        moved[i] = theta[i] + step
        above = function(moved)
        moved[i] = theta[i] - step
        gradient[i] = (above - function(moved)) / (2 * step)
    return gradient


CASES = [
    *(((name, name), (0.4, 0.25)) for name in PLAIN),
    *(((name, name), (0.0, 0.5)) for name in ("tanh", "gelu", "own")),
    *(((name, name), (0.5, 0.0)) for name in ("tanh", "gelu", "own")),
    (("relu", "silu"), (0.3, 0.5)),
    (("mish", "logistic"), (0.3, 0.5)),
    (("identity", "own"), (0.3, 0.5)),
]


@pytest.mark.parametrize("kind", [np.array, sparse.csr_array])
@pytest.mark.parametrize("block_rows", [None, 5])
@pytest.mark.parametrize(("activations", "rates"), CASES)
def test_gradient_with_given_factors_is_the_central_difference(
    activations, rates, block_rows, kind
):
    units, n_rows = (4, 5, 4, 3), 13
    network = make_network(units, activations, block_rows=block_rows)
    theta = random_theta(network, seed=1)
    weights = np.random.RandomState(2).uniform(0.1, 2.0, len(X))
    samples, rows = Samples(kind(X), CODES, weights), np.arange(2, 2 + n_rows)[::-1].copy()
    factors = factors_of(rates, units, n_rows, 7, block_rows)
    assert all(
        ((factor == 0).any() == (rate > 0)) for factor, rate in zip(factors, rates, strict=True)
    )

    def objective(at):
        return plain_loss(at, units, activations, factors, X[rows], CODES[rows], weights[rows])

    grad = np.full_like(theta, np.nan)
    dropout = Dropout(rates, np.random.RandomState(7))
    loss, total = network.data_loss_gradient(theta, samples, rows, grad, dropout)
    assert_allclose(loss, objective(theta), rtol=1e-13)
    assert_allclose(total, weights[rows].sum(), rtol=1e-14)
    expected = central_differences(objective, theta)
    assert np.linalg.norm(grad - expected) <= 1e-8 * np.linalg.norm(expected)


@pytest.mark.parametrize("name", PLAIN)
def test_gradient_is_that_of_the_same_network_with_the_same_draws(name):
    network = make_network((4, 5, 3), [name])
    theta, samples = random_theta(network), Samples(X, CODES)

    def loss_at(at, grad):
        dropout = Dropout([0.4], np.random.RandomState(3))
        return network.data_loss_gradient(at, samples, samples.all_rows(), grad, dropout)[0]

    grad, scratch = np.empty_like(theta), np.empty_like(theta)
    loss_at(theta, grad)
    expected = central_differences(lambda at: loss_at(at, scratch), theta)
    assert np.linalg.norm(grad - expected) <= 1e-8 * np.linalg.norm(expected)


@pytest.mark.parametrize("name", ["tanh", "gelu"])
def test_each_batch_draws_anew_and_buffers_are_kept_apart(name):
    units, rates = (4, 5, 4, 3), (0.4, 0.25)
    network = make_network(units, [name, name])
    theta, samples = random_theta(network), Samples(X, CODES)
    dropout, grad = Dropout(rates, np.random.RandomState(5)), np.empty(network.n_parameters)
    twin = Dropout(rates, np.random.RandomState(5))
    for n_rows in (7, 7, 3, 7, 30, 3):
        factors = [np.empty((n_rows, n_units)) for n_units in units[1:-1]]
        for i, factor in enumerate(factors):
            twin.inplace_draw(i, factor)
        network.data_loss_gradient(theta, samples, slice(0, n_rows), grad)  # without any
        loss, _ = network.data_loss_gradient(theta, samples, slice(0, n_rows), grad, dropout)
        expected = plain_loss(
            theta, units, [name] * 2, factors, X[:n_rows], CODES[:n_rows], np.ones(n_rows)
        )
        assert_allclose(loss, expected, rtol=1e-13)


@pytest.mark.parametrize("name", ["tanh", "gelu"])
def test_rates_of_zero_are_no_dropout(name):
    network = make_network((4, 5, 4, 3), [name, name])
    theta, samples = random_theta(network), Samples(X, CODES)
    expected, grad = np.empty_like(theta), np.empty_like(theta)
    loss, _ = network.data_loss_gradient(theta, samples, slice(0, 30), expected)
    generator = np.random.RandomState(0)
    same, _ = network.data_loss_gradient(
        theta, samples, slice(0, 30), grad, Dropout((0.0, 0.0), generator)
    )
    assert same == loss
    assert_array_equal(grad, expected)
    assert generator.randint(10**9) == np.random.RandomState(0).randint(10**9)


def test_float32_stays_float32():
    network, single = (
        make_network((4, 5, 4, 3), ["gelu", "tanh"], dtype=dtype)
        for dtype in (np.float64, np.float32)
    )
    theta = random_theta(network)
    grads = np.empty_like(theta), np.empty(len(theta), np.float32)
    losses = [
        net.data_loss_gradient(
            at, Samples(X.astype(net.dtype), CODES), slice(0, 30), grad, dropout
        )[0]
        for net, at, grad, dropout in zip(
            (network, single),
            (theta, theta.astype(np.float32)),
            grads,
            [Dropout((0.4, 0.2), np.random.RandomState(0)) for _ in range(2)],
            strict=True,
        )
    ]
    assert_allclose(losses[1], losses[0], rtol=1e-5)
    assert np.linalg.norm(grads[1] - grads[0]) < 1e-5 * np.linalg.norm(grads[0])


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_on_average_dropout_penalizes_what_hidden_units_contribute(n_outputs):
    """In a linear network, E loss = loss + p / (1 - p) / 2 * mean of (h_j w_j)^2, summed."""
    rate, n_rows, n_draws = 0.3, 6, 3000
    units = (4, 3, n_outputs)
    network = make_network(units, ["identity"], HalfSquaredError)
    theta = random_theta(network)
    y = np.random.RandomState(1).normal(size=(n_rows, n_outputs))
    samples, dropout = Samples(X[:n_rows], y), Dropout([rate], np.random.RandomState(2))

    def expected_loss(at):
        (first, second), (b1, b2) = split(at, units)
        hidden = X[:n_rows] @ first + b1
        variance = rate / (1 - rate) * (hidden**2 @ second**2)
        return ((hidden @ second + b2 - y) ** 2 + variance).mean() / 2

    losses, grads, grad = [], [], np.empty_like(theta)
    for _ in range(n_draws):
        losses.append(
            network.data_loss_gradient(theta, samples, slice(0, n_rows), grad, dropout)[0]
        )
        grads.append(grad.copy())
    bound = 5 / math.sqrt(n_draws)
    assert abs(np.mean(losses) - expected_loss(theta)) < bound * np.std(losses)
    expected = central_differences(expected_loss, theta)
    errors = np.abs(np.mean(grads, axis=0) - expected)
    assert np.all(errors < bound * np.std(grads, axis=0) + 1e-9)


# --- in the estimators ---------------------------------------------------------------


def small(estimator, dropout, **parameters):
    parameters = {
        "hidden_layer_sizes": (6, 5),
        "max_iter": 4,
        "batch_size": 7,
        "learning_rate_init": 0.01,
        "random_state": 0,
        **parameters,
    }
    return estimator(dropout=dropout, **parameters)


def assert_same_course(one, other):
    for array, same in zip(
        one.coefs_ + one.intercepts_, other.coefs_ + other.intercepts_, strict=True
    ):
        assert_array_equal(array, same)
    assert one.loss_curve_ == other.loss_curve_


def differ(one, other):
    return not np.array_equal(one.coefs_[0], other.coefs_[0])


def test_no_dropout_unless_asked_for():
    for estimator in BOTH:
        assert estimator().dropout == 0.0
        expected = small(estimator, 0.0).fit(X, CODES)
        assert_same_course(small(estimator, [0.0, 0.0]).fit(X, CODES), expected)
        assert_same_course(small(estimator, 0).fit(X, CODES), expected)
        assert differ(small(estimator, 0.5).fit(X, CODES), expected)


@pytest.mark.parametrize("estimator", BOTH)
@pytest.mark.parametrize("solver", STOCHASTIC)
def test_the_same_seed_gives_the_same_result(estimator, solver):
    one, other = (small(estimator, 0.4, solver=solver).fit(X, CODES) for _ in range(2))
    assert_same_course(one, other)
    assert_same_course(one.fit(X, CODES), other)


def test_another_seed_leaves_out_other_outputs():
    start = {
        "init": [np.full((4, 6), 0.1), np.eye(6, 5), np.full((5, 1), -0.2)],
        "shuffle": False,
    }
    one, other = (
        small(XavierMLPRegressor, 0.4, random_state=seed, **start).fit(X, CODES) for seed in (0, 1)
    )
    assert differ(one, other)
    one, other = (
        small(XavierMLPRegressor, 0.0, random_state=seed, **start).fit(X, CODES) for seed in (0, 1)
    )
    assert_same_course(one, other)


@pytest.mark.parametrize("activation", ["tanh", "gelu"])
def test_predictions_leave_nothing_out(activation):
    mlp = small(XavierMLPRegressor, 0.5, activation=activation).fit(X, CODES)
    (first, second, last), (b1, b2, b3) = mlp.coefs_, mlp.intercepts_
    hidden = PLAIN[activation](PLAIN[activation](X @ first + b1) @ second + b2)
    assert_allclose(mlp.predict(X), (hidden @ last + b3).ravel(), rtol=1e-12)
    assert_allclose(mlp.transform_hidden(X), hidden, rtol=1e-12, atol=1e-15)
    assert_array_equal(mlp.predict(X), mlp.predict(X))
    classifier = small(XavierMLPClassifier, 0.5).fit(X, CODES)
    assert_array_equal(classifier.predict_proba(X), classifier.predict_proba(X))


def test_validation_leaves_nothing_out():
    mlp = small(XavierMLPRegressor, 0.5).fit(X, CODES, X_val=X, y_val=CODES)
    residuals = mlp.predict(X) - CODES
    assert_allclose(mlp.validation_loss_curve_[-1], (residuals**2).mean() / 2, rtol=1e-12)


@pytest.mark.parametrize("pickled", [False, True])
@pytest.mark.parametrize("dropout", [0.3, [0.0, 0.5]])
@pytest.mark.parametrize("solver", STOCHASTIC)
def test_partial_fits_are_one_fit(solver, dropout, pickled):
    expected = small(XavierMLPClassifier, dropout, solver=solver).fit(X, CODES)
    mlp = small(XavierMLPClassifier, dropout, solver=solver)
    for _ in range(4):
        mlp.partial_fit(X, CODES, classes=[0, 1, 2])
        if pickled:
            mlp = pickle.loads(pickle.dumps(mlp))
    assert_same_course(mlp, expected)


def test_training_takes_the_factors_of_its_generator():
    """One step on all samples, worked out in plain NumPy."""
    mlp = small(XavierMLPRegressor, 0.4, hidden_layer_sizes=(5,), activation="tanh", solver="sgd")
    mlp.set_params(batch_size=30, shuffle=False, momentum=0.0, alpha=0.0, max_iter=1)
    mlp.initialize(X, CODES)
    (first, second), (b1, b2) = (
        [array.copy() for array in arrays] for arrays in (mlp.coefs_, mlp.intercepts_)
    )
    generator = copy.deepcopy(mlp._continuation["random_state"])
    factors = np.empty((30, 5))
    Dropout([0.4], generator).inplace_draw(0, factors)
    mlp.partial_fit(X, CODES)
    output = np.tanh(X @ first + b1)
    residual = ((output * factors) @ second + b2 - CODES[:, np.newaxis]) / 30
    assert_allclose(mlp.loss_, (residual**2).sum() * 30 / 2, rtol=1e-12)
    delta = residual @ second.T * factors * (1 - output**2)
    expected = [first - 0.01 * X.T @ delta, second - 0.01 * (output * factors).T @ residual]
    for coef, other in zip(mlp.coefs_, expected, strict=True):
        assert_allclose(coef, other, rtol=1e-12)
    assert_allclose(mlp.intercepts_[0], b1 - 0.01 * delta.sum(axis=0), rtol=1e-10)
    assert_allclose(mlp.intercepts_[1], b2 - 0.01 * residual.sum(axis=0), rtol=1e-10)


@pytest.mark.parametrize("estimator", BOTH)
def test_one_rate_for_all_layers_is_that_rate_for_each(estimator):
    expected = small(estimator, 0.3).fit(X, CODES)
    for rates in ([0.3, 0.3], (0.3, 0.3), np.array([0.3, 0.3])):
        assert_same_course(small(estimator, rates).fit(X, CODES), expected)
    others = [small(estimator, rates).fit(X, CODES) for rates in ([0.3, 0.0], [0.0, 0.3])]
    assert differ(*others)
    assert differ(others[0], expected)


@pytest.mark.parametrize("dropout", [0.5, []])
def test_without_hidden_layers_there_is_nothing_to_leave_out(dropout):
    linear = {"hidden_layer_sizes": ()}
    mlp = small(XavierMLPRegressor, dropout, **linear).fit(X, CODES)
    assert_same_course(mlp, small(XavierMLPRegressor, 0.0, **linear).fit(X, CODES))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_trains_with_dropout(name):
    mlp = small(XavierMLPRegressor, 0.2, activation=name, init="auto", max_iter=60, alpha=0.0)
    mlp.set_params(hidden_layer_sizes=(20,), batch_size=30, solver="sgd", n_iter_no_change=60)
    y = X[:, 0] + 0.5 * X[:, 1]
    mlp.set_params(learning_rate_init=0.05).fit(X, y)
    assert mlp.score(X, y) > 0.7


def units_of(mlp, layer):
    """Each hidden unit's incoming weights, bias and outgoing weights."""
    incoming, bias, outgoing = mlp.coefs_[layer].T, mlp.intercepts_[layer], mlp.coefs_[layer + 1]
    return np.column_stack([incoming, bias, outgoing])


def test_dropout_tells_symmetric_units_apart_in_its_layers_and_only_there():
    for rates, apart in (
        ((0.0, 0.0), ()),
        ((0.5, 0.0), (0,)),
        ((0.0, 0.5), (1,)),
        ((0.5, 0.5), (0, 1)),
    ):
        mlp = small(XavierMLPClassifier, rates, init="constant", activation="tanh").fit(X, CODES)
        for layer, n_units in enumerate((6, 5)):
            units = units_of(mlp, layer)
            n_distinct = len(np.unique(units, axis=0))
            assert n_distinct == (n_units if layer in apart else 1), (rates, layer)


@pytest.mark.parametrize("estimator", BOTH)
@pytest.mark.parametrize("dropout", [0.5, [0.0, 0.1]])
def test_lbfgs_refuses_dropout(estimator, dropout):
    mlp = small(estimator, dropout, solver="lbfgs")
    with pytest.raises(ValueError, match=r"dropout=.*solver='lbfgs'") as caught:
        mlp.fit(X, CODES)
    assert f"dropout={dropout!r}" in str(caught.value)
    for solver in STOCHASTIC:
        assert repr(solver) in str(caught.value)
    small(estimator, [0.0, 0.0], solver="lbfgs").fit(X, CODES)


@pytest.mark.parametrize("estimator", BOTH)
@pytest.mark.parametrize("method", ["fit", "partial_fit", "initialize"])
@pytest.mark.parametrize(
    "dropout",
    [1.0, -0.1, 1, math.nan, "0.5", None, [0.5, 1.0], [0.5, -0.1], [0.5, "a"], [0.5, None]],
)
def test_bad_rates_are_refused_by_name(estimator, method, dropout):
    with pytest.raises(ValueError, match="dropout"):
        getattr(small(estimator, dropout), method)(X, CODES)


@pytest.mark.parametrize("dropout", [[], [0.5], [0.5, 0.5, 0.5], np.array([0.1])])
def test_lists_of_another_length_are_refused(dropout):
    message = rf"dropout must have one entry for each of the 2 hidden layers. Got {len(dropout)} "
    with pytest.raises(ValueError, match=message):
        small(XavierMLPClassifier, dropout).fit(X, CODES)
