"""Losses against scikit-learn's metrics, plain formulas and central differences."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import log_softmax
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_gamma_deviance,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier._losses import (
    AbsoluteError,
    BinaryLogLoss,
    HalfGammaLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    HuberLoss,
    Loss,
    MultinomialLogLoss,
    QuantileLoss,
)

N_SAMPLES = 12
DELTA, QUANTILE, SMOOTHING = 0.8, 0.3, 0.15
LOSSES = {
    "squared": HalfSquaredError,
    "absolute": AbsoluteError,
    "huber": lambda: HuberLoss(DELTA),
    "quantile": lambda: QuantileLoss(QUANTILE),
    "poisson": HalfPoissonLoss,
    "gamma": HalfGammaLoss,
    "binary": BinaryLogLoss,
    "multinomial": MultinomialLogLoss,
    "smoothed binary": lambda: BinaryLogLoss(SMOOTHING),
    "smoothed multinomial": lambda: MultinomialLogLoss(SMOOTHING),
}
CANONICAL = [
    ("squared", 1),
    ("squared", 3),
    ("poisson", 1),
    ("poisson", 3),
    ("binary", 1),
    ("binary", 3),
    ("multinomial", 2),
    ("multinomial", 4),
]
"""Losses whose gradient is the prediction minus the target."""
CASES = [
    *CANONICAL,
    ("absolute", 1),
    ("absolute", 3),
    ("huber", 1),
    ("huber", 3),
    ("quantile", 1),
    ("quantile", 3),
    ("gamma", 1),
    ("gamma", 3),
    ("smoothed binary", 1),
    ("smoothed binary", 3),
    ("smoothed multinomial", 2),
    ("smoothed multinomial", 4),
]
RESIDUALS = ["squared", "absolute", "huber", "quantile"]
WEIGHTS = {
    "no weights": None,
    "weights": np.array([0.0, 0.5, 1.0, 2.0, 0.25, 3.0, 1.0, 0.0, 1.5, 0.1, 7.0, 1.0]),
}


def data(name, n_outputs, seed=0):
    """Raw predictions and targets."""
    rng = np.random.RandomState(seed)
    raw = rng.normal(scale=1.5, size=(N_SAMPLES, n_outputs))
    if name in RESIDUALS:
        return raw, rng.normal(size=raw.shape)
    if name == "poisson":
        return raw, rng.poisson(1.5, raw.shape).astype(float)
    if name == "gamma":
        return raw, rng.gamma(2.0, size=raw.shape)
    if name.endswith("binary"):
        y = rng.randint(2, size=raw.shape).astype(float)
        y[:2] = [[0.0], [1.0]]
        return raw, y
    return raw, np.arange(N_SAMPLES) % n_outputs


# One sample's loss, term by term.
def plain_loss(name, raw, y):
    if name in RESIDUALS:
        scalar = {
            "squared": lambda e: e**2 / 2,
            "absolute": abs,
            "huber": lambda e: e**2 / 2 if abs(e) <= DELTA else DELTA * (abs(e) - DELTA / 2),
            "quantile": lambda e: -QUANTILE * e if e < 0 else (1 - QUANTILE) * e,
        }[name]
        return sum(scalar(r - t) for r, t in zip(raw, y, strict=True)) / len(raw)
    if name == "gamma":
        terms = [
            math.log(math.exp(r) / t) + t / math.exp(r) - 1 for r, t in zip(raw, y, strict=True)
        ]
        return sum(terms) / len(raw)
    if name == "smoothed binary":
        chances = [(1 - SMOOTHING) * t + SMOOTHING / 2 for t in y]
        logistic = [1 / (1 + math.exp(-r)) for r in raw]
        return -sum(
            c * math.log(p) + (1 - c) * math.log(1 - p)
            for c, p in zip(chances, logistic, strict=True)
        )
    if name == "smoothed multinomial":
        chances = [SMOOTHING / len(raw) + (1 - SMOOTHING) * (k == y) for k in range(len(raw))]
        total = sum(math.exp(r) for r in raw)
        return -sum(c * math.log(math.exp(r) / total) for c, r in zip(chances, raw, strict=True))
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
    gradient = np.array(raw, order=LOSSES[name]().order)
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
    columns = range(raw.shape[1])
    if name == "squared":
        return total * mean_squared_error(y, raw, sample_weight=weight) / 2
    if name == "absolute":
        return total * mean_absolute_error(y, raw, sample_weight=weight)
    if name == "quantile":
        return total * mean_pinball_loss(y, raw, sample_weight=weight, alpha=QUANTILE)
    if name == "gamma":
        return sum(
            total * mean_gamma_deviance(y[:, k], np.exp(raw[:, k]), sample_weight=weight) / 2
            for k in columns
        ) / len(columns)
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
@pytest.mark.parametrize(
    ("name", "n_outputs"),
    [(name, n) for name, n in CASES if name != "huber" and "smoothed" not in name],
)
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
    single_y = y if name.endswith("multinomial") else y.astype(np.float32)
    single_weight = None if weight is None else weight.astype(np.float32)
    loss, gradient = loss_and_gradient(name, raw.astype(np.float32), single_y, single_weight)
    assert gradient.dtype == np.float32
    assert_allclose(loss, expected, rtol=1e-5)
    assert_allclose(gradient, expected_gradient, rtol=1e-5, atol=1e-5)


# --- inverse links -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "link"),
    [
        *((name, "identity") for name in RESIDUALS),
        ("poisson", "exp"),
        ("gamma", "exp"),
        ("binary", "logistic"),
        ("multinomial", "softmax"),
    ],
)
def test_names_of_links(name, link):
    assert LOSSES[name]().link == link


@pytest.mark.parametrize(("name", "n_outputs"), CASES)
def test_inverse_link(name, n_outputs):
    raw, _ = data(name, n_outputs)
    scalar = {
        **dict.fromkeys(RESIDUALS, lambda r, row: r),
        **dict.fromkeys(["poisson", "gamma"], lambda r, row: math.exp(r)),
        "binary": lambda r, row: 1 / (1 + math.exp(-r)),
        "multinomial": lambda r, row: math.exp(r) / sum(math.exp(other) for other in row),
    }[name.removeprefix("smoothed ")]
    expected = [[scalar(r, row) for r in row] for row in raw]
    assert_allclose(predictions(name, raw), expected, rtol=1e-14)


@pytest.mark.parametrize(("name", "n_outputs"), CANONICAL)
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


@pytest.mark.parametrize("name", [*RESIDUALS, "poisson", "gamma"])
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


# --- residuals -----------------------------------------------------------------------


@pytest.mark.parametrize("n_outputs", [1, 2])
@pytest.mark.parametrize(
    ("name", "slope"),
    [("squared", 0.0), ("absolute", 0.0), ("huber", 0.0), ("quantile", -QUANTILE)],
)
def test_slopes_at_a_residual_of_zero(name, slope, n_outputs):
    y = np.array([[0.5] * n_outputs, [-3.0] * n_outputs])
    loss, gradient = loss_and_gradient(name, y, y)
    assert loss == 0.0
    assert_array_equal(gradient, np.full_like(y, slope / n_outputs))


def test_huber_is_smooth_where_it_turns_linear():
    residuals = np.array([[-DELTA], [DELTA], [-1e6], [1e6]])
    loss, gradient = loss_and_gradient("huber", residuals, np.zeros((4, 1)))
    assert_array_equal(gradient, [[-DELTA], [DELTA], [-DELTA], [DELTA]])
    assert_allclose(loss, DELTA**2 + 2 * DELTA * (1e6 - DELTA / 2), rtol=1e-15)


def test_huber_lies_between_the_squared_and_the_absolute_error():
    raw, y = data("huber", 3)
    weight = WEIGHTS["weights"]
    for delta, factor, name in ((1e6, 1.0, "squared"), (1e-9, 1e-9, "absolute")):
        gradient = raw.copy()
        loss = HuberLoss(delta).inplace_gradient(gradient, y, weight)
        expected, expected_gradient = loss_and_gradient(name, raw, y, weight)
        assert_allclose(loss, factor * expected, rtol=1e-8)
        assert_allclose(gradient, factor * expected_gradient, rtol=1e-14)


def test_half_the_absolute_error_is_the_quantile_loss_of_a_half():
    raw, y = data("quantile", 3)
    gradient = raw.copy()
    loss = QuantileLoss(0.5).inplace_gradient(gradient, y, WEIGHTS["weights"])
    expected, expected_gradient = loss_and_gradient("absolute", raw, y, WEIGHTS["weights"])
    assert_allclose(2 * loss, expected, rtol=1e-14)
    assert_allclose(2 * gradient, expected_gradient, rtol=1e-14)


@pytest.mark.parametrize("quantile", [0.1, 0.5, 0.93])
def test_the_quantile_minimizes_its_loss(quantile):
    y = np.random.RandomState(0).normal(size=(101, 1))

    def loss_of(constant):
        raw = np.full_like(y, constant)
        return QuantileLoss(quantile).inplace_gradient(raw, y, np.ones(len(y)))

    # One of the samples is the minimum.
    best = min(y.ravel(), key=loss_of)
    assert best == np.quantile(y, quantile, method="inverted_cdf")


def test_defaults():
    assert HuberLoss().delta == 1.0
    assert QuantileLoss().quantile == 0.5
    assert BinaryLogLoss().label_smoothing == MultinomialLogLoss().label_smoothing == 0.0


@pytest.mark.parametrize(
    ("name", "far"), [("absolute", 1e308), ("huber", 1e308), ("quantile", 1e308)]
)
def test_extreme_residuals(name, far):
    raw = np.array([[far], [-far]])
    _, gradient = loss_and_gradient(name, raw, np.zeros((2, 1)), np.array([0.5, 0.25]))
    above, below = {"absolute": (1, -1), "huber": (DELTA, -DELTA), "quantile": (0.7, -0.3)}[name]
    assert_allclose(gradient, [[0.5 * above], [0.25 * below]], rtol=1e-15)


# --- which targets -------------------------------------------------------------------


@pytest.mark.parametrize("n_outputs", [1, 3])
@pytest.mark.parametrize("name", [*RESIDUALS, "poisson", "gamma"])
def test_targets_that_are_accepted(name, n_outputs):
    loss, y = LOSSES[name](), np.full((4, n_outputs), 2.0)
    assert loss.accepts(y) is True
    for value, refused in ((0.0, ["gamma"]), (-0.1, ["gamma", "poisson"])):
        y[2, -1] = value
        assert loss.accepts(y) is (name not in refused)


@pytest.mark.parametrize(
    ("loss", "domain", "value"), [("gamma", "y > 0", 0.0), ("poisson", "y >= 0", -1.5)]
)
def test_targets_that_are_refused_are_named(loss, domain, value):
    mlp = XavierMLPRegressor((3,), loss=loss)
    message = f"loss='{loss}' needs {domain}. Got targets down to {value}"
    with pytest.raises(ValueError, match=message):
        mlp.fit(np.ones((3, 2)), [1.0, value, 2.0])


# --- label smoothing -----------------------------------------------------------------


@pytest.mark.parametrize("loss", [BinaryLogLoss, MultinomialLogLoss])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_smoothing_is_bitwise_no_smoothing(loss, dtype):
    name = "binary" if loss is BinaryLogLoss else "multinomial"
    raw, y = data(name, 3)
    y = y.astype(dtype) if name == "binary" else y
    weight = WEIGHTS["weights"].astype(dtype)
    one, other = (np.array(raw, dtype, order=loss.order) for _ in range(2))
    assert loss(0.0).inplace_gradient(one, y, weight) == loss().inplace_gradient(other, y, weight)
    assert_array_equal(one, other)


@pytest.mark.parametrize("smoothing", [0.0, 1e-3, 0.15, 0.9])
@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize("n_outputs", [2, 5])
def test_smoothing_averages_over_the_classes(n_outputs, weighting, smoothing):
    raw, y = data("multinomial", n_outputs)
    weight = np.ones(N_SAMPLES) if WEIGHTS[weighting] is None else WEIGHTS[weighting]
    gradient = np.asfortranarray(raw)
    loss = MultinomialLogLoss(smoothing).inplace_gradient(gradient, y, weight)
    parts = [(1 - smoothing, loss_and_gradient("multinomial", raw, y, weight))]
    for k in range(n_outputs):
        constant = np.full(N_SAMPLES, k)
        share = smoothing / n_outputs
        parts.append((share, loss_and_gradient("multinomial", raw, constant, weight)))
    assert_allclose(loss, sum(share * part[0] for share, part in parts), rtol=1e-13)
    expected = sum(share * part[1] for share, part in parts)
    assert_allclose(gradient, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("smoothing", [0.0, 1e-3, 0.15, 0.9])
@pytest.mark.parametrize("weighting", WEIGHTS)
@pytest.mark.parametrize("n_outputs", [1, 3])
def test_smoothing_averages_over_a_label_and_its_opposite(n_outputs, weighting, smoothing):
    raw, y = data("binary", n_outputs)
    weight = np.ones(N_SAMPLES) if WEIGHTS[weighting] is None else WEIGHTS[weighting]
    gradient = raw.copy()
    loss = BinaryLogLoss(smoothing).inplace_gradient(gradient, y, weight)
    same, gradient_same = loss_and_gradient("binary", raw, y, weight)
    other, gradient_other = loss_and_gradient("binary", raw, 1.0 - y, weight)
    half = smoothing / 2
    assert_allclose(loss, (1 - half) * same + half * other, rtol=1e-13)
    expected = (1 - half) * gradient_same + half * gradient_other
    assert_allclose(gradient, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("far", [-1e4, 1e4])
@pytest.mark.parametrize("y", [0.0, 1.0])
def test_extreme_smoothed_binary(far, y, dtype):
    raw, target = np.array([[far]], dtype), np.array([[y]], dtype)
    loss, gradient = loss_and_gradient("smoothed binary", raw, target)
    chance = (1 - SMOOTHING) * y + SMOOTHING / 2
    rtol = 1e-14 if dtype is np.float64 else 1e-6
    assert_allclose(loss, max(far, 0.0) - chance * far, rtol=rtol)
    assert_allclose(gradient, [[float(far > 0) - chance]], rtol=rtol)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("far", [-1e4, 1e4])
@pytest.mark.parametrize("y", [0, 1, 2])
def test_extreme_smoothed_multinomial(far, y, dtype):
    raw = np.array([[0.0, far, 0.0]], dtype)
    loss, gradient = loss_and_gradient("smoothed multinomial", raw, np.array([y]))
    chances = np.full(3, SMOOTHING / 3)
    chances[y] += 1 - SMOOTHING
    normalizer, probability = (far, [0, 1, 0]) if far > 0 else (math.log(2), [0.5, 0, 0.5])
    rtol = 1e-14 if dtype is np.float64 else 1e-6
    assert_allclose(loss, normalizer - chances[1] * far, rtol=rtol)
    assert_allclose(gradient[0], probability - chances, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("y", [0, 1])
def test_smoothed_softmax_of_two_is_the_smoothed_logistic(y):
    raw = np.linspace(-5, 5, N_SAMPLES)[:, np.newaxis]
    both = np.column_stack([np.zeros(N_SAMPLES), raw])
    codes = np.full(N_SAMPLES, y)
    loss, gradient = loss_and_gradient("smoothed multinomial", both, codes)
    expected, expected_gradient = loss_and_gradient(
        "smoothed binary", raw, codes[:, np.newaxis].astype(float)
    )
    assert_allclose(loss, expected, rtol=1e-14)
    assert_allclose(gradient[:, 1:], expected_gradient, rtol=1e-12, atol=1e-15)


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
    for name in RESIDUALS:
        assert loss_and_gradient(name, y, y)[0] == 0.0
    for name in ("poisson", "gamma"):
        loss, gradient = loss_and_gradient(name, np.log(y), y)
        assert_allclose(loss, 0.0, atol=1e-15)
        assert_allclose(gradient, 0.0, atol=1e-15)


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1e3, 1e300])
def test_gamma_does_not_look_at_the_scale(scale):
    raw, y = data("gamma", 2)
    expected, expected_gradient = loss_and_gradient("gamma", raw, y)
    loss, gradient = loss_and_gradient("gamma", raw + math.log(scale), y * scale)
    # Rounding errors of a logarithm of about 700.
    assert_allclose(loss, expected, rtol=1e-12)
    assert_allclose(gradient, expected_gradient, rtol=1e-11, atol=1e-12)


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


# --- the estimators' parameters ------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("squared", {"loss": "squared_error"}),
        ("absolute", {"loss": "absolute_error"}),
        ("huber", {"loss": "huber", "huber_delta": DELTA}),
        ("quantile", {"loss": "quantile", "quantile": QUANTILE}),
        ("poisson", {"loss": "poisson"}),
        ("gamma", {"loss": "gamma"}),
    ],
)
def test_losses_of_the_regressor(name, parameters):
    X, y = data(name, 3)
    mlp = XavierMLPRegressor((), alpha=0.0, random_state=0, **parameters).initialize(X, y)
    raw = X @ mlp.coefs_[0] + mlp.intercepts_[0]
    assert mlp.loss_ == pytest.approx(plain_sum(name, raw, y, None) / N_SAMPLES, rel=1e-13)


@pytest.mark.parametrize("smoothing", [0.0, SMOOTHING])
@pytest.mark.parametrize(("name", "n_outputs"), [("binary", 1), ("binary", 3), ("multinomial", 4)])
def test_losses_of_the_classifier(name, n_outputs, smoothing):
    X, y = data(name, n_outputs)
    labels = y.ravel() if n_outputs == 1 else y
    mlp = XavierMLPClassifier((), alpha=0.0, label_smoothing=smoothing, random_state=0)
    mlp.initialize(X, labels)
    raw = X @ mlp.coefs_[0] + mlp.intercepts_[0]
    name = f"smoothed {name}" if smoothing else name
    assert mlp.loss_ == pytest.approx(plain_sum(name, raw, y, None) / N_SAMPLES, rel=1e-13)
