"""Activations against scalar formulas of the standard library and central differences."""

import math
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV, cross_val_score

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor, signal_propagation
from sk_xavier.activations import (
    ACTIVATIONS,
    ELU,
    SELU,
    Activation,
    LeakyReLU,
    Softplus,
    Tanh,
)
from sk_xavier.initializers import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    Uniform,
)

NAMES = [
    "identity",
    "logistic",
    "tanh",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "mish",
    "softplus",
    "softsign",
    "relu6",
    "hard_tanh",
]
KEEP_THEIR_INPUT = ["gelu", "silu", "mish"]
BOTH = [XavierMLPClassifier, XavierMLPRegressor]

ignores_convergence = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# --- formulas of the standard library ------------------------------------------------

SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805


def logistic(z):
    # Both forms are the same function; each stays finite on its side.
    return 1.0 / (1.0 + math.exp(-z)) if z >= 0 else math.exp(z) / (1.0 + math.exp(z))


def softplus(z):
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def normal_cdf(z):
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def normal_density(z):
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def squared_sech(z):
    return 1.0 / math.cosh(z) ** 2 if abs(z) < 300 else 0.0


FORWARD = {
    "identity": lambda z: z,
    "logistic": logistic,
    "tanh": math.tanh,
    "relu": lambda z: z if z > 0 else 0.0,
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "selu": lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * math.expm1(z)),
    "gelu": lambda z: z * normal_cdf(z),
    "silu": lambda z: z * logistic(z),
    "mish": lambda z: z * math.tanh(softplus(z)),
    "softplus": softplus,
    "softsign": lambda z: z / (1.0 + abs(z)),
    "relu6": lambda z: min(max(z, 0.0), 6.0),
    "hard_tanh": lambda z: min(max(z, -1.0), 1.0),
}
DERIVATIVE = {
    "identity": lambda z: 1.0,
    "logistic": lambda z: squared_sech(z / 2.0) / 4.0,
    "tanh": squared_sech,
    "relu": lambda z: 1.0 if z > 0 else 0.0,
    "leaky_relu": lambda z: 1.0 if z > 0 else 0.01,
    "elu": lambda z: 1.0 if z > 0 else math.exp(z),
    "selu": lambda z: SELU_SCALE * (1.0 if z > 0 else SELU_ALPHA * math.exp(z)),
    "gelu": lambda z: normal_cdf(z) + z * normal_density(z),
    "silu": lambda z: logistic(z) * (1.0 + z * logistic(-z)),
    "mish": lambda z: math.tanh(softplus(z)) + z * squared_sech(softplus(z)) * logistic(z),
    "softplus": logistic,
    "softsign": lambda z: 1.0 / (1.0 + abs(z)) ** 2 if abs(z) < 1e100 else 0.0,
    "relu6": lambda z: 1.0 if 0 < z < 6 else 0.0,
    "hard_tanh": lambda z: 1.0 if -1 < z < 1 else 0.0,
}

MODERATE = [-8.0, -2.5, -1.1, -0.3, -1e-3, 1e-3, 0.3, 1.1, 2.5, 8.0]  # none next to a kink
FAR = [1e-300, 5.9, 6.1, 20.0, 40.0, 700.0, 1000.0, 1e200, 1e308]
EXTREME = [*(-z for z in FAR), -5e-324, 0.0, 5e-324, *FAR]


def forward(activation, values, dtype=np.float64):
    """Outputs, in place."""
    z = np.array(values, dtype)
    assert activation.forward(z, z) is None
    return z


def kept(activation, values, dtype=np.float64):
    if activation.keeps == "input":
        return np.array(values, dtype)
    return forward(activation, values, dtype)


def backward(activation, values, delta=1.0, dtype=np.float64):
    """Delta times the derivative."""
    source = kept(activation, values, dtype)
    delta = np.array(np.broadcast_to(delta, source.shape), dtype)
    assert activation.inplace_backward(source, delta) is None
    return delta


# --- values --------------------------------------------------------------------------


def test_names():
    assert list(ACTIVATIONS) == NAMES
    assert [activation().name for activation in ACTIVATIONS.values()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_forward(name):
    values = [MODERATE, MODERATE[::-1]]
    expected = [[FORWARD[name](z) for z in row] for row in values]
    # The tails of the normal distribution are good to 1e-14.
    assert_allclose(forward(ACTIVATIONS[name](), values), expected, rtol=2e-14)


@pytest.mark.parametrize("name", NAMES)
def test_forward_of_extreme_values(name):
    expected = [FORWARD[name](z) for z in EXTREME]
    outputs = forward(ACTIVATIONS[name](), [EXTREME])[0]
    # Subnormal numbers have few digits; so have the normal distribution's tails.
    assert_allclose(outputs, expected, rtol=2e-13 if name == "gelu" else 1e-14, atol=1e-322)


@pytest.mark.parametrize("name", NAMES)
def test_backward_is_the_derivative(name):
    slopes = backward(ACTIVATIONS[name](), [MODERATE])[0]
    # From outputs it is worked out as 1 - f and the like: digits are lost to those of 1.
    assert_allclose(slopes, [DERIVATIVE[name](z) for z in MODERATE], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_of_extreme_values(name):
    far = [z for z in EXTREME if abs(z) > 1e-3]
    slopes = backward(ACTIVATIONS[name](), [far])[0]
    assert_allclose(slopes, [DERIVATIVE[name](z) for z in far], rtol=1e-14, atol=2e-15)


@pytest.mark.parametrize("name", NAMES)
def test_backward_is_the_central_difference(name):
    step = 1e-5
    slopes = backward(ACTIVATIONS[name](), [MODERATE])[0]
    above = np.array([FORWARD[name](z + step) for z in MODERATE])
    below = np.array([FORWARD[name](z - step) for z in MODERATE])
    # Error of the difference: step**2 / 6 of a third derivative below 2, and rounding.
    assert_allclose(slopes, (above - below) / (2 * step), rtol=0, atol=2e-10)


@pytest.mark.parametrize("name", NAMES)
def test_backward_multiplies_delta(name):
    delta = np.random.RandomState(0).normal(size=(2, len(MODERATE)))
    expected = delta * [DERIVATIVE[name](z) for z in MODERATE]
    result = backward(ACTIVATIONS[name](), [MODERATE, MODERATE], delta)
    assert_allclose(result, expected, rtol=1e-14, atol=3e-15)


@pytest.mark.parametrize("name", ["logistic", "tanh", "hard_tanh", "relu6"])
def test_saturated_units_pass_no_gradient(name):
    slopes = backward(ACTIVATIONS[name](), [[-1e308, -1000.0, 1000.0, 1e308]])
    assert_array_equal(slopes, np.zeros((1, 4)))


def test_relu_passes_nothing_at_zero():
    values = [[-1.0, 0.0, -0.0, 5e-324, 1.0]]
    assert_array_equal(forward(ACTIVATIONS["relu"](), values), [[0.0, 0.0, 0.0, 5e-324, 1.0]])
    delta = np.array([[3.0, 1e308, -4.0, 5.0, -6.0]])
    expected = [[0.0, 0.0, 0.0, 5.0, -6.0]]
    assert_array_equal(backward(ACTIVATIONS["relu"](), values, delta), expected)


@pytest.mark.parametrize("slope", [0.0, 0.2, 1])
def test_slope_of_leaky_relu(slope):
    activation = LeakyReLU(negative_slope=slope)
    assert_array_equal(forward(activation, [[-2.0, 0.0, 3.0]]), [[-2.0 * slope, 0.0, 3.0]])
    assert_array_equal(backward(activation, [[-2.0, 3.0]], 0.5), [[0.5 * slope, 0.5]])


@pytest.mark.parametrize("alpha", [0.3, 1, 2.5])
def test_alpha_of_elu(alpha):
    activation = ELU(alpha=alpha)
    expected = [z if z > 0 else alpha * math.expm1(z) for z in MODERATE]
    assert_allclose(forward(activation, [MODERATE])[0], expected, rtol=1e-15)
    expected = [1.0 if z > 0 else alpha * math.exp(z) for z in MODERATE]
    assert_allclose(backward(activation, [MODERATE])[0], expected, rtol=1e-14, atol=1e-15)
    assert_array_equal(forward(activation, [[-1e308]]), [[-alpha]])


def test_selu_has_a_fixed_point_at_mean_zero_and_variance_one():
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    output = forward(SELU(), nodes)
    weights = weights / weights.sum()
    # A quadrature converges slowly across the kink.
    assert_allclose(weights @ output, 0.0, atol=1e-3)
    assert_allclose(weights @ output**2, 1.0, atol=1e-3)


# --- in place, types, NaN ------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_in_place_is_out_of_place(name, dtype):
    activation = ACTIVATIONS[name]()
    z = np.array([MODERATE, np.linspace(-7, 7, 10)], dtype)
    given, out = z.copy(), np.full_like(z, np.nan)
    activation.forward(z, out)
    assert_array_equal(z, given)
    assert_array_equal(out, forward(activation, z, dtype))


@pytest.mark.parametrize("name", NAMES)
def test_works_on_parts_of_arrays_and_keeps_float32(name):
    activation = ACTIVATIONS[name]()
    z = np.array([MODERATE], np.float32)
    view = z[:, :4]
    given, outside = view.copy(), z[:, 4:].copy()
    activation.forward(view, view)
    assert z.dtype == np.float32
    assert_allclose(view[0], [FORWARD[name](v) for v in MODERATE[:4]], rtol=2e-6, atol=1e-7)
    assert_array_equal(z[:, 4:], outside)
    if activation.keeps == "input":
        view[...] = given
    delta = np.full_like(view, 2.0)
    activation.inplace_backward(view, delta)
    assert delta.dtype == np.float32
    expected = [2.0 * DERIVATIVE[name](v) for v in MODERATE[:4]]
    assert_allclose(delta[0], expected, rtol=1e-5, atol=1e-6)
    assert_array_equal(z[:, 4:], outside)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_nan_is_not_hidden(name, dtype):
    activation = ACTIVATIONS[name]()
    z = np.array([[np.nan, 1.0]], dtype)
    out = np.zeros_like(z)
    with np.errstate(invalid="ignore"):  # as in training
        assert_array_equal(np.isnan(forward(activation, z, dtype)), [[True, False]])
        activation.forward(z, out)
    assert_array_equal(np.isnan(out), [[True, False]])


@pytest.mark.parametrize("name", NAMES)
def test_function_and_derivative_of_array_likes(name):
    activation = ACTIVATIONS[name]()
    values = np.array(MODERATE)
    for given in (MODERATE, values, values.reshape(5, 2), values.reshape(5, 1, 2)):
        expected = np.reshape([FORWARD[name](z) for z in MODERATE], np.shape(given))
        assert_allclose(activation.function(given), expected, rtol=2e-14)
        expected = np.reshape([DERIVATIVE[name](z) for z in MODERATE], np.shape(given))
        assert_allclose(activation.derivative(given), expected, rtol=1e-14, atol=1e-15)
    assert_array_equal(values, MODERATE)
    assert activation.function([1, 2]).dtype == np.float64
    single = values.astype(np.float32)
    assert activation.function(single).dtype == np.float32
    assert activation.derivative(single).dtype == np.float32
    assert_array_equal(single, values.astype(np.float32))


# --- what they say of themselves -----------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_function_and_derivative_of_any_shape(name):
    activation = ACTIVATIONS[name]()
    for z in (0.5, [0.5, -2.0], [[0.5], [-2.0]], np.empty((0, 3))):
        for which, expected in (("function", FORWARD), ("derivative", DERIVATIVE)):
            values = getattr(activation, which)(z)
            assert values.shape == np.shape(z)
            by_hand = [expected[name](float(value)) for value in np.ravel(z)]
            assert_allclose(np.ravel(values), by_hand, rtol=1e-13)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_network_keeps(name):
    assert ACTIVATIONS[name]().keeps == ("input" if name in KEEP_THEIR_INPUT else "output")


@pytest.mark.parametrize("name", NAMES)
def test_outputs_lie_between_the_asymptotes_and_come_close(name):
    asymptotes = ACTIVATIONS[name]().asymptotes
    has_two = name in ("logistic", "tanh", "softsign", "hard_tanh")
    assert (asymptotes is not None) == has_two
    if has_two:
        limits = forward(ACTIVATIONS[name](), [-1e308, 1e308])
        assert_array_equal(limits, asymptotes)


@pytest.mark.parametrize("name", NAMES)
def test_units_can_die_where_nothing_comes_through_at_zero(name):
    assert ACTIVATIONS[name]().can_die == (name in ("relu", "relu6"))


STARTS = {
    "identity": GlorotUniform(),
    "logistic": GlorotUniform(gain=4.0),
    "tanh": GlorotUniform(),
    "relu": HeNormal(),
    "leaky_relu": HeNormal(gain=1 / math.sqrt(1 + 0.01**2)),
    "elu": HeNormal(),
    "selu": LecunNormal(),
    "gelu": HeNormal(),
    "silu": HeNormal(),
    "mish": HeNormal(),
    "softplus": GlorotUniform(gain=2.0),
    "softsign": GlorotUniform(),
    "relu6": HeNormal(),
    "hard_tanh": GlorotUniform(),
}


def starting_weights(activation, init="auto", hidden=(5, 3)):
    mlp = XavierMLPRegressor(hidden, activation, init=init, random_state=0)
    return mlp.initialize(np.ones((2, 4)), [0.0, 1.0]).coefs_


def assert_same_arrays(arrays, others):
    assert len(arrays) == len(others)
    for array, other in zip(arrays, others, strict=True):
        assert_array_equal(array, other)


def assert_close_arrays(arrays, others, **tolerances):
    assert len(arrays) == len(others)
    for array, other in zip(arrays, others, strict=True):
        assert_allclose(array, other, **tolerances)


@pytest.mark.parametrize("name", NAMES)
def test_start(name):
    start = STARTS[name]
    activation = ACTIVATIONS[name]()
    expected = starting_weights(name, [start, start, GlorotUniform()])
    assert_close_arrays(starting_weights(name), expected, rtol=1e-15)
    assert_close_arrays(starting_weights(activation), expected, rtol=1e-15)
    assert activation.start == {
        GlorotUniform: "glorot_uniform",
        HeNormal: "he_normal",
        LecunNormal: "lecun_normal",
    }.get(type(start))
    assert_allclose(activation.start_gain, start.gain, rtol=1e-15)


@pytest.mark.parametrize("slope", [0.0, 0.2, 0.5, 1.0])
def test_start_of_leaky_relu_follows_its_slope(slope):
    start = HeNormal(gain=math.sqrt(1 / (1 + slope**2)))
    expected = starting_weights("tanh", [start, start, GlorotUniform()])
    assert_close_arrays(starting_weights(LeakyReLU(slope)), expected, rtol=1e-15)


@pytest.mark.parametrize(("name", "gain"), [("logistic", 4.0), ("softplus", 2.0), ("tanh", 1.0)])
def test_start_gain_at_glorots_start_is_the_inverse_of_the_slope_at_zero(name, gain):
    slope = (FORWARD[name](1e-6) - FORWARD[name](-1e-6)) / 2e-6
    assert_allclose(1 / slope, gain, rtol=1e-9)
    assert ACTIVATIONS[name]().start_gain == gain


def test_each_layer_starts_as_its_activation_wants():
    init = [HeNormal(), HeNormal(gain=1 / math.hypot(1, 0.2)), LecunNormal(), GlorotUniform()]
    hidden = (6, 5, 4)
    weights = starting_weights(["relu", LeakyReLU(0.2), "selu"], hidden=hidden)
    assert_close_arrays(weights, starting_weights("tanh", init, hidden), rtol=1e-15)


@pytest.mark.parametrize("depth", [1, 3, 6])
@pytest.mark.parametrize("name", NAMES)
def test_networks_are_healthy_from_the_recommended_start(name, depth):
    X, y = load_digits(return_X_y=True)
    mlp = XavierMLPClassifier((100,) * depth, name, init="auto", random_state=0)
    verdict = signal_propagation(mlp, X[:300] / 16.0, y[:300]).verdict
    if (name, depth) != ("logistic", 6):  # deep networks of them are what Glorot warns of
        assert verdict == "healthy"


@pytest.mark.parametrize("name", NAMES)
def test_diagnostics_take_the_derivative_of_each(name):
    samples = np.random.RandomState(0).normal(size=(5, 4))
    mlp = XavierMLPRegressor((6,), name, init="auto", random_state=0)
    first = signal_propagation(mlp, samples, samples[:, 0]).layers[0]
    weights = mlp.initialize(samples, samples[:, 0]).coefs_[0]
    slopes = [[DERIVATIVE[name](z) for z in row] for row in samples @ weights]
    # Of each sample's Jacobian diag(f'(z)) W', all four singular values.
    singular_values = [np.linalg.svd(weights * slope, compute_uv=False) for slope in slopes]
    # They come from the squares: small ones have half of the digits.
    assert_allclose(first.jacobian, np.mean(singular_values), rtol=1e-6)


# --- your own ------------------------------------------------------------------------

RNG = np.random.RandomState(0)
X = RNG.normal(size=(30, 4))
CODES = np.arange(30) % 3


def relu(z):
    return np.maximum(z, 0.0)


def relu_slope(z):
    return z > 0


def tanh_slope(z):
    return 1.0 - np.tanh(z) ** 2


def gaussian(z):
    return np.exp(-(z**2))


def gaussian_slope(z):
    return -2.0 * z * np.exp(-(z**2))


class Scaled:
    """A callable object, and its derivative."""

    def __init__(self, factor):
        self.factor = factor

    def __call__(self, z):
        return self.factor * z


def small(estimator, activation, **parameters):
    parameters = {"max_iter": 3, "batch_size": 7, "random_state": 0, **parameters}
    return estimator((5, 4), activation, **parameters)


@ignores_convergence
@pytest.mark.parametrize("estimator", BOTH)
@pytest.mark.parametrize("solver", ["adam", "sgd", "lbfgs"])
@pytest.mark.parametrize(
    ("name", "own"),
    [("relu", Activation(relu, relu_slope)), ("tanh", Activation(np.tanh, tanh_slope))],
)
def test_own_formulas_train_as_the_built_in_ones(estimator, solver, name, own):
    expected = small(estimator, name, solver=solver).fit(X, CODES)
    mlp = small(estimator, own, solver=solver).fit(X, CODES)
    assert_same_arrays(mlp.coefs_ + mlp.intercepts_, expected.coefs_ + expected.intercepts_)
    assert mlp.loss_curve_ == expected.loss_curve_
    assert_array_equal(mlp.predict(X), expected.predict(X))


@ignores_convergence
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
@pytest.mark.parametrize("name", NAMES)
def test_function_and_derivative_make_the_same_activation(name, dropout, dtype):
    built_in = ACTIVATIONS[name]()
    own = Activation(built_in.function, built_in.derivative)
    samples = X.astype(dtype)
    expected, mlp = (
        small(XavierMLPRegressor, activation, dropout=dropout, solver="sgd").fit(samples, CODES)
        for activation in (name, own)
    )
    # Some built-in ones multiply the delta by two factors one after the other.
    rtol = 1e-9 if dtype is np.float64 else 1e-4
    for array in mlp.coefs_:
        assert array.dtype == dtype
    assert_close_arrays(mlp.coefs_, expected.coefs_, rtol=rtol, atol=rtol)
    assert_close_arrays(mlp.intercepts_, expected.intercepts_, rtol=rtol, atol=rtol)


@ignores_convergence
@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_bounded_bumps_learn_what_they_are_made_for(solver):
    own = Activation(gaussian, gaussian_slope)
    points = np.linspace(-2, 2, 60)[:, np.newaxis]
    mlp = XavierMLPRegressor((8,), own, solver=solver, max_iter=400, random_state=0)
    mlp.set_params(learning_rate_init=0.02, alpha=0.0, init="normal", bias_init="normal")
    bump = gaussian(points.ravel())
    assert mlp.fit(points, bump).score(points, bump) > 0.95


@pytest.mark.parametrize(
    ("init", "expected"),
    [
        ("glorot_uniform", GlorotUniform()),
        ("xavier_normal", GlorotNormal()),
        ("he_uniform", HeUniform()),
        (Uniform(-0.5, 0.5), Uniform(-0.5, 0.5)),
        (GlorotUniform(gain=3.0), GlorotUniform(gain=3.0)),
    ],
)
def test_init_of_your_own(init, expected):
    own = Activation(gaussian, gaussian_slope, init=init)
    before = repr(init)
    weights = starting_weights(own)
    assert_same_arrays(weights, starting_weights("tanh", [expected, expected, GlorotUniform()]))
    assert repr(init) == before
    assert_same_arrays(starting_weights(own, "he_normal"), starting_weights("tanh", "he_normal"))


def test_init_of_your_own_is_glorots_unless_told_otherwise():
    expected = starting_weights("tanh", "glorot_uniform")
    assert_same_arrays(starting_weights(Activation(gaussian, gaussian_slope)), expected)


@pytest.mark.parametrize("name", ["glorot", "auto", "sklearn"])
def test_unknown_init_of_your_own(name):
    own = Activation(gaussian, gaussian_slope, init=name)
    with pytest.raises(ValueError, match=r"'init' parameter of Activation.*'he_normal'") as caught:
        starting_weights(own)
    assert f"Got {name!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda z: z[:, :1], r"\(7, 1\)"),
        (lambda z: z[0], r"\(5,\)"),
        (lambda z: z.T, r"\(5, 7\)"),
        (lambda z: 1.0, r"\(\)"),
    ],
)
def test_wrong_shapes_are_refused(function, shape):
    for which, own in (
        ("function", Activation(function, gaussian_slope)),
        ("derivative", Activation(gaussian, function)),
    ):
        mlp = small(XavierMLPClassifier, own, shuffle=False)
        message = rf"activation's {which} must return .* shape of its argument, \(7, 5\).*{shape}"
        if which == "derivative":  # the second hidden layer comes first
            message = rf"activation's {which} must return .*\(7, 4\).*"
        with pytest.raises(ValueError, match=message):
            mlp.fit(X, CODES)
        assert not hasattr(mlp, "coefs_")


@ignores_convergence
def test_wrong_shapes_are_refused_when_predicting():
    mlp = small(XavierMLPRegressor, "tanh").fit(X, CODES)
    mlp.activation = Activation(lambda z: z.sum(axis=1), tanh_slope)
    with pytest.raises(ValueError, match=r"activation's function must return .*\(30,\) from <lam"):
        mlp.predict(X)


def writes(z):
    z[z < 0] = 0.0
    return z


def writes_by_out(z):
    return np.tanh(z, out=z)


@pytest.mark.parametrize("function", [writes, writes_by_out])
def test_functions_that_write_into_their_argument_are_refused(function):
    for own in (Activation(function, tanh_slope), Activation(np.tanh, function)):
        with pytest.raises(ValueError, match="read-only"):
            small(XavierMLPClassifier, own).fit(X, CODES)


@ignores_convergence
def test_functions_may_return_their_argument():
    own = Activation(lambda z: z, np.ones_like)
    expected = small(XavierMLPRegressor, "identity").fit(X, CODES)
    mlp = small(XavierMLPRegressor, own).fit(X, CODES)
    assert_same_arrays(mlp.coefs_, expected.coefs_)


@pytest.mark.parametrize(
    ("function", "name"), [(gaussian, "gaussian"), (np.tanh, "tanh"), (Scaled(2.0), "Scaled")]
)
def test_name_of_your_own(function, name):
    assert Activation(function, Scaled(1.0)).name == name


# --- as parameters of estimators -----------------------------------------------------


@pytest.mark.parametrize(
    ("activation", "text", "parameters"),
    [
        (Tanh(), "Tanh()", {}),
        (LeakyReLU(0.2), "LeakyReLU(negative_slope=0.2)", {"negative_slope": 0.2}),
        (LeakyReLU(), "LeakyReLU()", {"negative_slope": 0.01}),
        (ELU(0.5), "ELU(alpha=0.5)", {"alpha": 0.5}),
        (ELU(), "ELU()", {"alpha": 1.0}),
        (SELU(), "SELU()", {}),
    ],
)
def test_prints_clones_and_pickles(activation, text, parameters):
    assert repr(activation) == text
    assert activation.get_params() == parameters
    for other in (clone(activation), pickle.loads(pickle.dumps(activation))):
        assert type(other) is type(activation)
        assert other is not activation
        assert other.get_params() == parameters
        assert_array_equal(other.function(MODERATE), activation.function(MODERATE))


@ignores_convergence
def test_your_own_clones_and_pickles_with_the_estimator():
    own = Activation(gaussian, gaussian_slope, init=HeNormal(gain=0.5))
    assert own.get_params(deep=False) == {
        "function": gaussian,
        "derivative": gaussian_slope,
        "init": own.init,
    }
    mlp = small(XavierMLPClassifier, own).fit(X, CODES)
    assert_array_equal(pickle.loads(pickle.dumps(mlp)).predict_proba(X), mlp.predict_proba(X))
    other = clone(mlp)
    assert other.activation is not own
    assert other.activation.function is gaussian
    assert_same_arrays(other.fit(X, CODES).coefs_, mlp.coefs_)
    assert mlp.get_params()["activation__init__gain"] == 0.5


@pytest.mark.parametrize("name", NAMES)
def test_names_stand_for_objects(name):
    by_name, by_object = (
        small(XavierMLPRegressor, activation).initialize(X, CODES)
        for activation in (name, ACTIVATIONS[name]())
    )
    for mlp in (by_name, by_object):
        mlp.partial_fit(X, CODES)
    assert_same_arrays(by_object.coefs_, by_name.coefs_)


@ignores_convergence
def test_a_search_reaches_their_parameters():
    slopes = [0.0, 0.3, 1.0]
    mlp = small(XavierMLPRegressor, LeakyReLU(), learning_rate_init=0.05)
    search = GridSearchCV(mlp, {"activation__negative_slope": slopes}, cv=2).fit(X, CODES)
    scores = [
        cross_val_score(clone(mlp).set_params(activation=LeakyReLU(slope)), X, CODES, cv=2).mean()
        for slope in slopes
    ]
    assert_allclose(search.cv_results_["mean_test_score"], scores, rtol=1e-15)
    assert len(set(scores)) == 3
    best = search.best_estimator_.activation
    assert best.negative_slope == slopes[np.argmax(scores)]
    assert mlp.activation.negative_slope == 0.01


BAD = [
    (LeakyReLU(-0.1), "'negative_slope' parameter of LeakyReLU"),
    (LeakyReLU(1.5), "'negative_slope' parameter of LeakyReLU"),
    (LeakyReLU("steep"), "'negative_slope' parameter of LeakyReLU"),
    (LeakyReLU(math.nan), "'negative_slope' parameter of LeakyReLU"),
    (ELU(0.0), "'alpha' parameter of ELU"),
    (ELU(alpha=-1.0), "'alpha' parameter of ELU"),
    (Activation("tanh", tanh_slope), "'function' parameter of Activation"),
    (Activation(np.tanh, None), "'derivative' parameter of Activation"),
    (Activation(np.tanh, tanh_slope, init=3), "'init' parameter of Activation"),
]


@pytest.mark.parametrize("estimator", BOTH)
@pytest.mark.parametrize(("bad", "words"), BAD)
def test_bad_parameters_are_named(estimator, bad, words):
    for activation, where in ((bad, "activation: "), (["relu", bad], "activation of layer 2: ")):
        mlp = small(estimator, activation)
        for method in (mlp.fit, mlp.partial_fit, mlp.initialize):
            with pytest.raises(ValueError, match=f"^{where}The {words}"):
                method(X, CODES)


@pytest.mark.parametrize("estimator", BOTH)
@pytest.mark.parametrize("bad", ["sigmoid", "ReLU", LeakyReLU, None, 3, np.tanh])
def test_unknown_activations_are_answered_with_the_choices(estimator, bad):
    for activation, where in ((bad, "'activation' parameter"), (["relu", bad], "layer 2")):
        with pytest.raises(ValueError, match="activation") as caught:
            small(estimator, activation).fit(X, CODES)
        message = str(caught.value)
        assert where in message
        assert "Activation" in message
        for name in NAMES:
            assert repr(name) in message
        assert repr(bad)[:20] in message


@pytest.mark.parametrize("activation", [[], ["relu"], ["relu", "tanh", "tanh"], ("relu",)])
def test_lists_of_another_length_are_refused(activation):
    message = (
        f"activation must have one entry for each of the 2 hidden layers. Got {len(activation)} "
    )
    with pytest.raises(ValueError, match=message):
        small(XavierMLPClassifier, activation).fit(X, CODES)


@ignores_convergence
@pytest.mark.parametrize("container", [list, tuple])
def test_one_activation_for_each_layer(container):
    mlp = small(XavierMLPRegressor, container(["relu", LeakyReLU(0.2)])).fit(X, CODES)
    (first, second, last), (b1, b2, b3) = mlp.coefs_, mlp.intercepts_
    hidden = np.maximum(X @ first + b1, 0.0)
    z = hidden @ second + b2
    raw = np.where(z > 0, z, 0.2 * z) @ last + b3
    assert_allclose(mlp.predict(X), raw.ravel(), rtol=1e-12)
    both = small(XavierMLPRegressor, ["tanh", "tanh"]).fit(X, CODES)
    assert_same_arrays(both.coefs_, small(XavierMLPRegressor, "tanh").fit(X, CODES).coefs_)


@ignores_convergence
def test_no_activations_without_hidden_layers():
    linear, same = (
        XavierMLPRegressor((), activation, max_iter=3, random_state=0).fit(X, CODES)
        for activation in ([], Softplus())
    )
    assert_same_arrays(linear.coefs_, same.coefs_)


def test_class_of_your_own_is_documented_by_its_base():
    class Square(Activation):
        keeps = "output"
        name = "square"
        start = "glorot_normal"
        start_gain = 0.5

        def __init__(self):
            pass

        def forward(self, z, out):
            np.square(z, out=out)

        def inplace_backward(self, kept, delta):
            delta *= 2.0 * np.sqrt(kept)

    expected = [GlorotNormal(gain=0.5), GlorotNormal(gain=0.5), GlorotUniform()]
    assert_same_arrays(starting_weights(Square()), starting_weights("tanh", expected))


def test_a_gain_of_your_own_leaves_the_initializer_alone():
    class Steep(Activation):
        start_gain = 2.0

    initializer = HeNormal()
    steep = Steep(np.tanh, lambda z: 1 / np.cosh(z) ** 2, init=initializer)
    X, y = np.eye(4), [0, 1, 0, 1]
    mlp = XavierMLPClassifier((3,), steep, init="auto", random_state=0).initialize(X, y)
    expected = XavierMLPClassifier((3,), init=HeNormal(gain=2.0), random_state=0).initialize(X, y)
    assert_array_equal(mlp.coefs_[0], expected.coefs_[0])
    assert initializer.gain == 1.0


def test_an_initializers_class_is_named():
    bump = Activation(np.sin, np.cos, init=HeNormal)
    with pytest.raises(ValueError, match=r"init of layer 1 must be .* write HeNormal\(\)"):
        XavierMLPClassifier((3,), bump, init="auto").fit(np.eye(2), [0, 1])


def test_scikit_learns_rule_does_not_look_at_names():
    def logistic(z):
        return np.sin(z)

    X, y = np.eye(4), [0, 1, 0, 1]
    settings = {"hidden_layer_sizes": (3,), "init": "sklearn", "random_state": 0}
    own = XavierMLPClassifier(activation=Activation(logistic, np.cos), **settings)
    tanh = XavierMLPClassifier(activation="tanh", **settings)
    assert_array_equal(own.initialize(X, y).coefs_[0], tanh.initialize(X, y).coefs_[0])


class Swish(Activation):
    """z / (1 + exp(-beta z))."""

    def __init__(self, beta=1.0):
        self.beta = beta

    def function(self, z):
        return z / (1 + np.exp(-self.beta * z))

    def derivative(self, z):
        gate = 1 / (1 + np.exp(-self.beta * z))
        return gate + self.beta * z * gate * (1 - gate)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_subclasses_have_parameters():
    X, y = load_digits(return_X_y=True)
    X, y = X[:200] / 16, y[:200]
    settings = {"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0}
    own = XavierMLPClassifier(activation=Swish(), init="auto", **settings).fit(X, y)
    built_in = XavierMLPClassifier(activation="silu", **settings).fit(X, y)
    assert_allclose(own.coefs_[0], built_in.coefs_[0], rtol=1e-9)
    assert Swish().name == "Swish"
    assert clone(own).set_params(activation__beta=2.0).activation.beta == 2.0


def test_complex_numbers_are_refused():
    root = Activation(lambda z: np.sqrt(z + 0j), lambda z: z)
    with pytest.raises(ValueError, match="must return real numbers"):
        XavierMLPClassifier((3,), root).fit(np.eye(2), [0, 1])
