"""Activations against scalar formulas of the standard library and central differences."""

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from sk_xavier._activations import ACTIVATIONS

NAMES = ["identity", "logistic", "tanh", "relu"]


def logistic(z):
    # Both forms are the same function; each stays finite on its side.
    return 1.0 / (1.0 + math.exp(-z)) if z >= 0 else math.exp(z) / (1.0 + math.exp(z))


FORWARD = {
    "identity": lambda z: z,
    "logistic": logistic,
    "tanh": math.tanh,
    "relu": lambda z: z if z > 0 else 0.0,
}
DERIVATIVE = {
    "identity": lambda z: 1.0,
    "logistic": lambda z: 1.0 / (2.0 * math.cosh(z / 2.0)) ** 2,
    "tanh": lambda z: 1.0 / math.cosh(z) ** 2,
    "relu": lambda z: 1.0 if z > 0 else 0.0,
}

MODERATE = [-8.0, -2.5, -1.0, -0.3, -1e-3, 1e-3, 0.3, 1.0, 2.5, 8.0]
EXTREME = [-1e308, -1000.0, -700.0, -40.0, -1e-300, 0.0, 1e-300, 40.0, 700.0, 1000.0, 1e308]


def forward(name, values, dtype=np.float64):
    z = np.array(values, dtype)
    assert ACTIVATIONS[name].inplace_forward(z) is None
    return z


def backward(name, output, delta):
    """Delta times the derivative; the buffers passed are copies."""
    output, delta = output.copy(), delta.copy()
    assert ACTIVATIONS[name].inplace_backward(output, delta) is None
    return delta


def test_names():
    assert list(ACTIVATIONS) == NAMES
    assert [activation.name for activation in ACTIVATIONS.values()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_forward(name):
    values = [MODERATE, MODERATE[::-1]]
    expected = [[FORWARD[name](z) for z in row] for row in values]
    assert_allclose(forward(name, values), expected, rtol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_forward_of_extreme_values(name):
    expected = [FORWARD[name](z) for z in EXTREME]
    assert_allclose(forward(name, [EXTREME])[0], expected, rtol=1e-14, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_backward_is_the_derivative(name):
    output = forward(name, [MODERATE])
    slopes = backward(name, output, np.ones_like(output))[0]
    # 1 - f loses digits where f is almost 1: 1e-16 of slopes of at least 3e-7.
    assert_allclose(slopes, [DERIVATIVE[name](z) for z in MODERATE], rtol=2e-9, atol=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_backward_is_the_central_difference(name):
    step = 1e-5
    output = forward(name, [MODERATE])
    slopes = backward(name, output, np.ones_like(output))[0]
    above = np.array([FORWARD[name](z + step) for z in MODERATE])
    below = np.array([FORWARD[name](z - step) for z in MODERATE])
    # Error of the difference: step**2 / 6 of a third derivative below 2, and rounding.
    assert_allclose(slopes, (above - below) / (2 * step), rtol=0, atol=2e-10)


@pytest.mark.parametrize("name", NAMES)
def test_backward_multiplies_delta(name):
    output = forward(name, [MODERATE, MODERATE])
    delta = np.random.RandomState(0).normal(size=output.shape)
    expected = delta * [DERIVATIVE[name](z) for z in MODERATE]
    assert_allclose(backward(name, output, delta), expected, rtol=2e-9, atol=1e-15)


@pytest.mark.parametrize("name", ["logistic", "tanh"])
def test_saturated_units_pass_no_gradient(name):
    output = forward(name, [[-1e308, -1000.0, 1000.0, 1e308]])
    assert_array_equal(backward(name, output, np.ones_like(output)), np.zeros((1, 4)))


def test_relu_passes_nothing_at_zero():
    output = forward("relu", [[-1.0, 0.0, -0.0, 5e-324, 1.0]])
    assert_array_equal(output, [[0.0, 0.0, 0.0, 5e-324, 1.0]])
    delta = np.array([[3.0, 1e308, -4.0, 5.0, -6.0]])
    assert_array_equal(backward("relu", output, delta), [[0.0, 0.0, 0.0, 5.0, -6.0]])


@pytest.mark.parametrize("name", NAMES)
def test_works_in_place_and_keeps_float32(name):
    z = np.array([MODERATE], np.float32)
    view = z[:, :4]
    outside = z[:, 4:].copy()
    ACTIVATIONS[name].inplace_forward(view)
    assert z.dtype == np.float32
    assert_allclose(view[0], [FORWARD[name](v) for v in MODERATE[:4]], rtol=1e-6)
    assert_array_equal(z[:, 4:], outside)
    delta = np.full_like(view, 2.0)
    expected = [2.0 * DERIVATIVE[name](v) for v in MODERATE[:4]]
    ACTIVATIONS[name].inplace_backward(view, delta)
    assert delta.dtype == np.float32
    assert_allclose(delta[0], expected, rtol=1e-5, atol=3e-7)
    assert_array_equal(z[:, 4:], outside)


@pytest.mark.parametrize("name", NAMES)
def test_nan_is_not_hidden(name):
    assert np.isnan(forward(name, [[np.nan, 1.0]])[0, 0])


@pytest.mark.parametrize(
    ("name", "gain", "start", "start_gain"),
    [
        ("identity", 1.0, "glorot_uniform", 1.0),
        ("logistic", 1.0, "glorot_uniform", 4.0),
        ("tanh", 5 / 3, "glorot_uniform", 1.0),
        ("relu", math.sqrt(2), "he_normal", 1.0),
    ],
)
def test_gains(name, gain, start, start_gain):
    activation = ACTIVATIONS[name]
    assert_allclose(activation.gain, gain, rtol=1e-15)
    assert (activation.start, activation.start_gain) == (start, start_gain)


def test_start_gain_of_the_logistic_is_the_inverse_of_its_slope_at_zero():
    slope = (logistic(1e-6) - logistic(-1e-6)) / 2e-6
    assert_allclose(ACTIVATIONS["logistic"].start_gain, 1 / slope, rtol=1e-9)


def test_gain_of_relu_keeps_the_second_moment():
    z = np.random.RandomState(0).normal(size=(1000, 1000))
    output = forward("relu", ACTIVATIONS["relu"].gain * z)
    # The square has mean 1 and variance 5, so the standard error is sqrt(5) / 1000.
    assert abs(np.mean(output**2) - 1.0) < 5 * math.sqrt(5) / 1000
