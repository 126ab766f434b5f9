"""Losses against scikit-learn's metrics, plain formulas and central differences."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import log_softmax
from sklearn.metrics import log_loss, mean_poisson_deviance, mean_squared_error

from sk_xavier._losses import (
    BinaryLogLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    Loss,
    MultinomialLogLoss,
)

N_SAMPLES = 12
LOSSES = {
    "squared": HalfSquaredError,
    "poisson": HalfPoissonLoss,
    "binary": BinaryLogLoss,
    "multinomial": MultinomialLogLoss,
}
CASES = [
    ("squared", 1),
    ("squared", 3),
    ("poisson", 1),
    ("poisson", 3),
    ("binary", 1),
    ("binary", 3),
    ("multinomial", 2),
    ("multinomial", 4),
]
WEIGHTS = {
    "no weights": None,
    "weights": np.array([0.0, 0.5, 1.0, 2.0, 0.25, 3.0, 1.0, 0.0, 1.5, 0.1, 7.0, 1.0]),
}


def data(name, n_outputs, seed=0):
    """Raw predictions and targets."""
    rng = np.random.RandomState(seed)
    raw = rng.normal(scale=1.5, size=(N_SAMPLES, n_outputs))
    if name == "squared":
        return raw, rng.normal(size=raw.shape)
    if name == "poisson":
        return raw, rng.poisson(1.5, raw.shape).astype(float)
    if name == "binary":
        y = rng.randint(2, size=raw.shape).astype(float)
        y[:2] = [[0.0], [1.0]]
        return raw, y
    return raw, np.arange(N_SAMPLES) % n_outputs


# One sample's loss, term by term.
def plain_loss(name, raw, y):
    if name == "squared":
        return sum((r - t) ** 2 for r, t in zip(raw, y, strict=True)) / (2 * len(raw))
    if name == "poisson":
        return sum(
            (t * math.log(t) if t else 0.0) - t - t * r + math.exp(r)
            for r, t in zip(raw, y, strict=True)
        )
    if name == "binary":
        return sum(math.log(1 + math.exp(r)) - t * r for r, t in zip(raw, y, strict=True))
    return math.log(sum(math.exp(r) for r in raw)) - raw[y]


def plain_sum(name, raw, y, weight):
    weight = np.ones(len(raw)) if weight is None else weight
    return sum(
        w * plain_loss(name, row, target) for w, row, target in zip(weight, raw, y, strict=True)
    )


def loss_and_gradient(name, raw, y, weight=None):
    gradient = np.array(raw, order=LOSSES[name].order)
    weight = np.ones(len(raw), raw.dtype) if weight is None else weight
    loss = LOSSES[name]().inplace_gradient(gradient, y, weight)
    assert type(loss) is float
    return loss, gradient


def predictions(name, raw):
    result = raw.copy()
    assert LOSSES[name]().inplace_inverse_link(result) is None
    return result


def log_predictions(name, raw):
    result = raw.copy()
    assert LOSSES[name]().inplace_log_inverse_link(result) is None
    return result


def sklearn_sum(name, raw, y, weight):
    """The sum of losses by scikit-learn, from predictions worked out here."""
    total = N_SAMPLES if weight is None else weight.sum()
    if name == "squared":
        return total * mean_squared_error(y, raw, sample_weight=weight) / 2
    columns = range(raw.shape[1])
    if name == "poisson":
        return sum(
            total * mean_poisson_deviance(y[:, k], np.exp(raw[:, k]), sample_weight=weight) / 2
            for k in columns
        )
    if name == "binary":
        probability = 1 / (1 + np.exp(-raw))
        return sum(
            log_loss(y[:, k], probability[:, k], sample_weight=weight, normalize=False)
            for k in columns
        )
    probability = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    return log_loss(y, probability, sample_weight=weight, normalize=False, labels=[*columns])


@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_loss_is_scikit_learns(name, n_outputs, weighting):
    raw, y = data(name, n_outputs)
    loss, _ = loss_and_gradient(name, raw, y, WEIGHTS[weighting])
    assert_allclose(loss, sklearn_sum(name, raw, y, WEIGHTS[weighting]), rtol=1e-12)


@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_loss_is_the_plain_formula(name, n_outputs, weighting):
    raw, y = data(name, n_outputs, seed=1)
    loss, _ = loss_and_gradient(name, raw, y, WEIGHTS[weighting])
    assert_allclose(loss, plain_sum(name, raw, y, WEIGHTS[weighting]), rtol=1e-13)


@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_gradient_is_the_central_difference(name, n_outputs, weighting):
    raw, y = data(name, n_outputs, seed=2)
    weight = WEIGHTS[weighting]
    _, gradient = loss_and_gradient(name, raw, y, weight)
    step = 1e-5
    expected = np.empty_like(raw)
    for place in np.ndindex(raw.shape):
        i = place[0]
        rows, target = raw[i : i + 1].copy(), y[i : i + 1]
        own_weight = None if weight is None else weight[i : i + 1]
        rows[0, place[1]] += step
        above = plain_sum(name, rows, target, own_weight)
        rows[0, place[1]] -= 2 * step
        expected[place] = (above - plain_sum(name, rows, target, own_weight)) / (2 * step)
    assert np.linalg.norm(gradient - expected) < 1e-8 * np.linalg.norm(expected)


@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_a_weight_of_two_is_the_row_twice_and_of_zero_none(name, n_outputs):
    raw, y = data(name, n_outputs)
    weight = np.ones(N_SAMPLES)
    weight[3], weight[5] = 2.0, 0.0
    rows = [0, 1, 2, 3, 3, 4, *range(6, N_SAMPLES)]
    weighted, gradient = loss_and_gradient(name, raw, y, weight)
    repeated, by_rows = loss_and_gradient(name, raw[rows], y[rows])
    assert_allclose(weighted, repeated, rtol=1e-14)
    assert_allclose(gradient[3], by_rows[3] + by_rows[4], rtol=1e-14)
    assert_array_equal(gradient[5], np.zeros(n_outputs))
    assert_array_equal(gradient[6:], by_rows[6:])


@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_only_raw_predictions_are_overwritten(name, n_outputs, weighting):
    raw, y = data(name, n_outputs)
    targets = y.copy()
    weight = None if WEIGHTS[weighting] is None else WEIGHTS[weighting].copy()
    loss_and_gradient(name, raw, y, weight)
    assert_array_equal(y, targets)
    if weight is not None:
        assert_array_equal(weight, WEIGHTS[weighting])


@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_float32(name, n_outputs, weighting):
    raw, y = data(name, n_outputs)
    weight = WEIGHTS[weighting]
    expected, expected_gradient = loss_and_gradient(name, raw, y, weight)
    single_y = y if name == "multinomial" else y.astype(np.float32)
    single_weight = None if weight is None else weight.astype(np.float32)
    loss, gradient = loss_and_gradient(name, raw.astype(np.float32), single_y, single_weight)
    assert gradient.dtype == np.float32
    assert_allclose(loss, expected, rtol=1e-5)
    assert_allclose(gradient, expected_gradient, rtol=1e-5, atol=1e-5)


# --- inverse links -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("squared", "identity"),
        ("poisson", "exp"),
        ("binary", "logistic"),
        ("multinomial", "softmax"),
    ],
)
def test_names_of_links(name, link):
    assert LOSSES[name].link == link


@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_inverse_link(name, n_outputs):
    raw, _ = data(name, n_outputs)
    scalar = {
        "squared": lambda r, row: r,
        "poisson": lambda r, row: math.exp(r),
        "binary": lambda r, row: 1 / (1 + math.exp(-r)),
        "multinomial": lambda r, row: math.exp(r) / sum(math.exp(other) for other in row),
    }[name]
    expected = [[scalar(r, row) for r in row] for row in raw]
    assert_allclose(predictions(name, raw), expected, rtol=1e-14)


@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_gradient_is_prediction_minus_target(name, n_outputs):
    raw, y = data(name, n_outputs)
    _, gradient = loss_and_gradient(name, raw, y)
    target = np.eye(n_outputs)[y] if name == "multinomial" else y
    factor = 1 / n_outputs if name == "squared" else 1.0
    assert_allclose(gradient, factor * (predictions(name, raw) - target), atol=1e-14)


@pytest.mark.parametrize(("name", "n_outputs"), [("binary", 1), ("binary", 3), ("multinomial", 4)])
def test_log_inverse_link_is_the_logarithm(name, n_outputs):
    raw, _ = data(name, n_outputs)
    expected = np.log(predictions(name, raw))
    assert_allclose(log_predictions(name, raw), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["squared", "poisson"])
def test_no_probabilities_of_numbers(name):
    with pytest.raises(NotImplementedError, match="predicts no probabilities"):
        log_predictions(name, np.ones((2, 1)))


def test_probabilities_sum_to_one():
    raw = np.random.RandomState(0).normal(scale=30.0, size=(200, 7))
    raw[0] = 1e308
    raw[1] = [1e308, 0, 0, 0, 0, 0, 1e308]
    raw[2] = [-1000.0, 1000.0, 0, 0, 0, 0, 0]
    probability = predictions("multinomial", raw)
    assert np.all(probability >= 0)
    assert_allclose(probability.sum(axis=1), 1.0, rtol=1e-15)
    assert_allclose(np.exp(log_predictions("multinomial", raw)).sum(axis=1), 1.0, rtol=1e-14)
    assert_allclose(predictions("binary", raw) + predictions("binary", -raw), 1.0, rtol=1e-15)


@pytest.mark.parametrize("n_outputs", [2, 5])
def test_gradient_of_the_softmax_has_no_common_part(n_outputs):
    raw, y = data("multinomial", n_outputs)
    loss, gradient = loss_and_gradient("multinomial", raw, y)
    assert_allclose(gradient.sum(axis=1), 0.0, atol=1e-15)
    shifted, same_gradient = loss_and_gradient("multinomial", raw + 100.0, y)
    assert_allclose(shifted, loss, rtol=1e-12)
    assert_allclose(same_gradient, gradient, atol=1e-13)


def test_softmax_of_two_is_the_logistic():
    raw, y = data("binary", 1)
    both = np.column_stack([np.zeros(N_SAMPLES), raw])
    loss, gradient = loss_and_gradient("multinomial", both, y[:, 0].astype(int))
    binary_loss, binary_gradient = loss_and_gradient("binary", raw, y)
    assert_allclose(loss, binary_loss, rtol=1e-14)
    assert_allclose(gradient[:, 1:], binary_gradient, atol=1e-15)


# --- extreme raw predictions: a warning of overflow would be an error here ------------

FAR = [40.0, 1000.0, 1e308]


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("sign", [-1.0, 1.0])
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_extreme_binary(far, sign, y):
    raw, target = np.array([[sign * far]]), np.array([[y]])
    loss, gradient = loss_and_gradient("binary", raw, target)
    right = (sign > 0) == (y == 1.0)
    # e**-40 is lost beside 40, and both logarithm and slope are 0 or 1.
    assert_allclose(loss, 0.0 if right else far, rtol=1e-15, atol=1e-16)
    assert_allclose(gradient, [[0.0 if right else sign]], atol=1e-16)
    assert_allclose(predictions("binary", raw), [[1.0 if sign > 0 else 0.0]], atol=1e-16)
    log_probability = log_predictions("binary", raw)
    assert_allclose(log_probability, [[-math.exp(-far) if sign > 0 else -far]], rtol=1e-15)


@pytest.mark.parametrize("far", FAR)
@pytest.mark.parametrize("y", [0, 1, 2])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_extreme_multinomial(far, y, sign):
    raw = np.array([[0.0, sign * far, 0.0]])
    loss, gradient = loss_and_gradient("multinomial", raw, np.array([y]))
    if sign > 0:
        probability, log_probability = [0.0, 1.0, 0.0], [-far, 0.0, -far]
    else:
        probability, log_probability = [0.5, 0.0, 0.5], [-math.log(2), -far - math.log(2)]
        log_probability.append(log_probability[0])
    target = [float(k == y) for k in range(3)]
    assert_allclose(loss, -log_probability[y], rtol=1e-15, atol=1e-16)
    assert_allclose(gradient[0], np.subtract(probability, target), atol=1e-16)
    assert_allclose(predictions("multinomial", raw)[0], probability, atol=1e-16)
    assert_allclose(log_predictions("multinomial", raw)[0], log_probability, rtol=1e-15, atol=1e-16)


def test_extreme_multinomial_all_alike():
    raw = np.array([[1e308] * 4, [-1e308] * 4, [1000.0] * 4])
    loss, gradient = loss_and_gradient("multinomial", raw, np.array([0, 1, 2]))
    assert_allclose(loss, 3 * math.log(4), rtol=1e-15)
    assert_allclose(gradient, 0.25 - np.eye(4)[:3], rtol=1e-15)
    assert_allclose(log_predictions("multinomial", raw), -math.log(4), rtol=1e-15)


@pytest.mark.parametrize("name", ["binary", "multinomial"])
@pytest.mark.parametrize("far", [1000.0, 1e38])
def test_extreme_float32(name, far):
    raw = np.array([[far, 0.0, 0.0], [0.0, -far, 0.0]], np.float32)
    y = np.array([1, 1]) if name == "multinomial" else np.array([[0, 1, 0]] * 2, np.float32)
    loss, gradient = loss_and_gradient(name, raw, y)
    assert math.isfinite(loss)
    assert loss >= far
    assert np.isfinite(gradient).all()
    assert np.isfinite(predictions(name, raw)).all()
    assert np.isfinite(log_predictions(name, raw)).all()


@pytest.mark.parametrize("weight", [None, np.array([2.0])])
def test_poisson_of_nothing_seen(weight):
    raw, y = np.array([[-1000.0, -1e308, 0.0]]), np.array([[0.0, 0.0, 0.0]])
    loss, gradient = loss_and_gradient("poisson", raw, y, weight)
    factor = 1.0 if weight is None else 2.0
    assert loss == factor
    assert_array_equal(gradient, [[0.0, 0.0, factor]])


def test_perfect_predictions_cost_nothing():
    y = np.array([[0.5, 2.0], [3.0, 1.0]])
    assert loss_and_gradient("squared", y, y)[0] == 0.0
    loss, gradient = loss_and_gradient("poisson", np.log(y), y)
    assert_allclose(loss, 0.0, atol=1e-15)
    assert_allclose(gradient, 0.0, atol=1e-15)


def test_base_class_is_abstract():
    with pytest.raises(TypeError, match="abstract"):
        Loss()


def test_softmax_wants_raw_predictions_by_class():
    raw, y = data("multinomial", 3)
    with pytest.raises(ValueError, match="Fortran order"):
        MultinomialLogLoss().inplace_gradient(np.ascontiguousarray(raw), y, np.ones(N_SAMPLES))


@pytest.mark.parametrize("n_rows", [9_999, 10_000, 10_001, 20_001])
def test_log_probabilities_of_many_rows(n_rows):
    raw = np.random.RandomState(0).normal(scale=3.0, size=(n_rows, 3))
    assert_allclose(log_predictions("multinomial", raw), log_softmax(raw, axis=1), rtol=1e-12)
