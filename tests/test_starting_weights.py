"""From `init` and `bias_init` to arrays: names, rules, lists, and every refusal."""

import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import stats
from sklearn.neural_network import MLPRegressor

from sk_xavier._starting_weights import BIAS_INIT_NAMES, INIT_NAMES, draw_starting_weights
from sk_xavier.activations import ACTIVATIONS
from sk_xavier.initializers import (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Normal,
    Orthogonal,
    TruncatedNormal,
    Uniform,
    Zeros,
)

NAMES = [
    "auto",
    "constant",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "kaiming_normal",
    "kaiming_uniform",
    "lecun_normal",
    "lecun_uniform",
    "normal",
    "orthogonal",
    "sklearn",
    "truncated_normal",
    "uniform",
    "xavier_normal",
    "xavier_uniform",
    "zeros",
]
FOUR = ("identity", "logistic", "relu", "tanh")


def draw(init, bias_init="zeros", *, units=(3, 4, 2), activation="tanh", seed=0, dtype=np.float64):
    """Coefs and intercepts, as an estimator would start."""
    rng = np.random.RandomState(seed) if isinstance(seed, int) else seed
    return draw_starting_weights(
        init,
        bias_init,
        layer_units=units,
        activations=[ACTIVATIONS[activation]()] * (len(units) - 1),
        random_state=rng,
        dtype=np.dtype(dtype),
    )


def assert_same_start(one, other):
    for arrays, others in zip(one, other, strict=True):
        assert len(arrays) == len(others)
        for array, expected in zip(arrays, others, strict=True):
            assert_array_equal(array, expected)


def uniform(half):
    return stats.uniform(-half, 2 * half)


def check_law(draws, law):
    """Kolmogorov-Smirnov, and the bounds, which see what it does not."""
    assert stats.kstest(draws.ravel(), law.cdf).pvalue > 1e-3
    low, high = law.support()
    if np.isfinite(high):
        assert draws.min() >= low * (1 + 1e-15)
        assert draws.min() < low + 1e-3 * (high - low)
        assert draws.max() <= high * (1 + 1e-15)
        assert draws.max() > high - 1e-3 * (high - low)


# --- names ---------------------------------------------------------------------------


def test_names():
    assert sorted(INIT_NAMES) == NAMES
    assert sorted(BIAS_INIT_NAMES) == sorted({*NAMES, "same"} - {"orthogonal"})


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_every_name_draws(name, dtype):
    coefs, intercepts = draw(name, units=(5, 4, 3, 2), dtype=dtype)
    assert [array.shape for array in coefs] == [(5, 4), (4, 3), (3, 2)]
    assert [array.shape for array in intercepts] == [(4,), (3,), (2,)]
    assert {array.dtype for array in (*coefs, *intercepts)} == {np.dtype(dtype)}
    assert all(np.isfinite(array).all() for array in coefs)
    assert all((array == 0.0).all() for array in intercepts)
    again = draw(name, units=(5, 4, 3, 2), dtype=dtype)
    assert_same_start((coefs, intercepts), again)


@pytest.mark.parametrize(
    "name", sorted({*NAMES, "same"} - {"orthogonal"}), ids=lambda name: f"bias-{name}"
)
def test_every_name_draws_biases(name):
    coefs, intercepts = draw("normal", name, units=(5, 4, 3, 2))
    assert [array.shape for array in intercepts] == [(4,), (3,), (2,)]
    assert_array_equal(coefs[0], 0.1 * np.random.RandomState(0).standard_normal((5, 4)))


@pytest.mark.parametrize(
    ("name", "law"),
    [
        ("uniform", uniform(0.1)),
        ("normal", stats.norm(0, 0.1)),
        ("truncated_normal", stats.truncnorm(-2, 2, scale=0.1)),
        ("glorot_uniform", uniform(math.sqrt(6 / 700))),
        ("glorot_normal", stats.norm(0, math.sqrt(2 / 700))),
        ("he_uniform", uniform(math.sqrt(6 / 400))),
        ("he_normal", stats.norm(0, math.sqrt(2 / 400))),
        ("lecun_uniform", uniform(math.sqrt(3 / 400))),
        ("lecun_normal", stats.norm(0, math.sqrt(1 / 400))),
    ],
)
def test_distribution_of_a_name(name, law):
    (weights,), _ = draw(name, units=(400, 300))
    check_law(weights, law)


def test_names_without_chance():
    (constant,), _ = draw("constant", units=(3, 4))
    assert_array_equal(constant, np.full((3, 4), 0.1))
    (zeros,), _ = draw("zeros", units=(3, 4))
    assert_array_equal(zeros, np.zeros((3, 4)))
    (orthogonal,), _ = draw("orthogonal", units=(30, 20))
    assert_allclose(orthogonal.T @ orthogonal, np.eye(20), atol=1e-14)


@pytest.mark.parametrize(
    ("alias", "name", "initializer"),
    [
        ("xavier_uniform", "glorot_uniform", GlorotUniform()),
        ("xavier_normal", "glorot_normal", GlorotNormal()),
        ("kaiming_uniform", "he_uniform", HeUniform()),
        ("kaiming_normal", "he_normal", HeNormal()),
        ("lecun_uniform", "lecun_uniform", LecunUniform()),
        ("lecun_normal", "lecun_normal", LecunNormal()),
        ("uniform", "uniform", Uniform(-0.1, 0.1)),
        ("normal", "normal", Normal(0.0, 0.1)),
        ("truncated_normal", "truncated_normal", TruncatedNormal(0.0, 0.1)),
        ("constant", "constant", Constant(0.1)),
        ("orthogonal", "orthogonal", Orthogonal()),
        ("zeros", "zeros", Zeros()),
    ],
)
def test_aliases_and_objects_draw_the_same(alias, name, initializer):
    expected = draw(name, "uniform", units=(6, 5, 4))
    assert_same_start(draw(alias, "uniform", units=(6, 5, 4)), expected)
    assert_same_start(draw(initializer, "uniform", units=(6, 5, 4)), expected)


def test_layers_draw_on_from_one_generator():
    rng = np.random.RandomState(11)
    coefs, intercepts = draw("normal", "normal", units=(4, 4, 4, 4), seed=rng)
    assert not np.any(coefs[0] == coefs[1])
    assert not np.any(coefs[1] == coefs[2])
    assert not np.any(intercepts[0] == intercepts[1])
    # Weights, then biases, layer by layer; the caller's generator has gone on.
    by_hand = np.random.RandomState(11)
    for weights, biases in zip(coefs, intercepts, strict=True):
        assert_array_equal(weights, 0.1 * by_hand.standard_normal((4, 4)))
        assert_array_equal(biases, 0.1 * by_hand.standard_normal(4))
    assert rng.random_sample() == by_hand.random_sample()


# --- rules that look at the activation -----------------------------------------------


@pytest.mark.parametrize(
    ("activation", "law"),
    [
        ("relu", stats.norm(0, math.sqrt(2 / 400))),
        ("tanh", uniform(math.sqrt(6 / 700))),
        ("identity", uniform(math.sqrt(6 / 700))),
        ("logistic", uniform(4 * math.sqrt(6 / 700))),
    ],
)
def test_auto(activation, law):
    coefs, _ = draw("auto", units=(400, 300, 200), activation=activation)
    check_law(coefs[0], law)
    check_law(coefs[1], uniform(math.sqrt(6 / 500)))  # raw predictions are linear


@pytest.mark.parametrize("activation", FOUR)
def test_auto_of_a_linear_model(activation):
    (weights,), _ = draw("auto", units=(400, 300), activation=activation)
    check_law(weights, uniform(math.sqrt(6 / 700)))


def test_biases_like_auto_weights_have_the_fans_of_the_layer():
    units = (40, 20_000, 10)
    _, (hidden, output) = draw("auto", "same", units=units, activation="relu")
    check_law(hidden, stats.norm(0, math.sqrt(2 / 40)))
    assert np.abs(output).max() <= math.sqrt(6 / 20_010)


@pytest.mark.parametrize("activation", FOUR)
@pytest.mark.parametrize("units", [(5, 3), (5, 7, 2), (3, 8, 6, 4)])
def test_sklearn_rule_by_its_formula(activation, units):
    rng = np.random.RandomState(7)
    coefs, intercepts = draw("sklearn", "same", units=units, activation=activation, seed=rng)
    by_hand = np.random.RandomState(7)
    factor = 2.0 if activation == "logistic" else 6.0
    for i, (fan_in, fan_out) in enumerate(pairwise(units)):
        bound = math.sqrt(factor / (fan_in + fan_out))
        weights = by_hand.uniform(-bound, bound, (fan_in, fan_out))
        biases = by_hand.uniform(-bound, bound, fan_out)
        assert_allclose(coefs[i], weights, rtol=1e-13, atol=1e-16)
        assert_allclose(intercepts[i], biases, rtol=1e-13, atol=1e-16)
    assert rng.random_sample() == by_hand.random_sample()


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("activation", FOUR)
def test_sklearn_rule_by_sklearn_itself(activation):
    # Steps of 1e-200 leave scikit-learn's start as it was.
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(20, 5)), rng.normal(size=(20, 2))
    still = MLPRegressor(
        hidden_layer_sizes=(7, 4),
        activation=activation,
        solver="sgd",
        learning_rate_init=1e-200,
        max_iter=1,
        random_state=3,
    ).fit(X, y)
    coefs, intercepts = draw("sklearn", "same", units=(5, 7, 4, 2), activation=activation, seed=3)
    for ours, theirs in zip(
        (*coefs, *intercepts), (*still.coefs_, *still.intercepts_), strict=True
    ):
        assert_allclose(ours, theirs, rtol=1e-13, atol=1e-16)


# --- lists ---------------------------------------------------------------------------


@pytest.mark.parametrize("sequence", [list, tuple])
def test_an_entry_for_each_layer(sequence):
    def counted(shape, **_):
        return np.arange(math.prod(shape)).reshape(shape)

    given = [[1.0, 2.0], [3.0, 4.0]]
    coefs, intercepts = draw(
        sequence(["he_normal", Constant(0.5), counted, given, "auto"]),
        sequence([Constant(-1.0), [1, 2, 3, 4, 5], "normal", counted, "same"]),
        units=(6, 4, 5, 2, 2, 3),
        seed=9,
    )
    by_hand = np.random.RandomState(9)
    assert_allclose(coefs[0], math.sqrt(2 / 6) * by_hand.standard_normal((6, 4)), rtol=1e-14)
    assert_array_equal(intercepts[0], np.full(4, -1.0))
    assert_array_equal(coefs[1], np.full((4, 5), 0.5))
    assert_array_equal(intercepts[1], [1, 2, 3, 4, 5])
    assert_array_equal(coefs[2], [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]])
    assert_array_equal(intercepts[2], 0.1 * by_hand.standard_normal(2))
    assert_array_equal(coefs[3], given)
    assert_array_equal(intercepts[3], [0, 1])
    bound = math.sqrt(6 / 5)
    assert_allclose(coefs[4], by_hand.uniform(-bound, bound, (2, 3)), rtol=1e-14)
    assert_allclose(intercepts[4], by_hand.uniform(-bound, bound, 3), rtol=1e-14)


def test_one_layer_given_as_arrays():
    (weights,), (biases,) = draw([np.eye(3)], [np.ones(3)], units=(3, 3))
    assert_array_equal(weights, np.eye(3))
    assert_array_equal(biases, np.ones(3))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_given_arrays_are_copied(dtype):
    weights = [np.ones((3, 4), dtype), np.ones((4, 2), dtype)]
    biases = [np.ones(4, dtype), np.ones(2, dtype)]
    coefs, intercepts = draw(weights, biases, dtype=dtype)
    for given, drawn in zip((*weights, *biases), (*coefs, *intercepts), strict=True):
        assert drawn.dtype == np.dtype(dtype)
        assert not np.shares_memory(given, drawn)
        drawn[...] = 7.0
        assert_array_equal(given, np.ones(given.shape))


def test_what_a_callable_returns_is_copied():
    kept = np.ones((3, 3))
    coefs, _ = draw(lambda shape, **_: kept, units=(3, 3, 3))
    for weights in coefs:
        assert not np.shares_memory(weights, kept)
    assert not np.shares_memory(*coefs)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_callable_gets_what_an_initializer_gets(dtype):
    calls = []

    def record(shape, *, fan_in, fan_out, random_state, dtype):
        calls.append((shape, fan_in, fan_out, dtype))
        return random_state.uniform(size=shape)

    rng = np.random.RandomState(4)
    coefs, intercepts = draw(record, "same", seed=rng, dtype=dtype)
    assert calls == [
        ((3, 4), 3, 4, np.dtype(dtype)),
        ((4,), 3, 4, np.dtype(dtype)),
        ((4, 2), 4, 2, np.dtype(dtype)),
        ((2,), 4, 2, np.dtype(dtype)),
    ]
    by_hand = np.random.RandomState(4)
    for i, (weights, biases) in enumerate(zip(coefs, intercepts, strict=True)):
        fan_in, fan_out = ((3, 4), (4, 2))[i]
        assert_array_equal(weights, by_hand.uniform(size=(fan_in, fan_out)).astype(dtype))
        assert_array_equal(biases, by_hand.uniform(size=fan_out).astype(dtype))


@pytest.mark.parametrize("given", [np.ones((3, 4), int), np.ones((3, 4), bool), [[1] * 4] * 3])
def test_whole_numbers_become_floats(given):
    coefs, _ = draw([given, "zeros"])
    assert coefs[0].dtype == np.float64
    assert_array_equal(coefs[0], np.ones((3, 4)))


# --- refusals ------------------------------------------------------------------------


def hole(shape, value):
    array = np.ones(shape)
    array.flat[-1] = value
    return array


def turned(shape, **_):
    return np.ones(shape[::-1] if len(shape) == 2 else (*shape, 1))


def refuse(shape, **_):
    raise ValueError("none today")


GOOD = np.ones((3, 4))

REFUSALS = {
    # name: (init, bias_init, dtype, what the message says)
    "too short": (["zeros"], "zeros", float, ["init must", "2 layers", "3 -> 4 -> 2", "1 entries"]),
    "too long": ("zeros", ["zeros"] * 3, float, ["bias_init must", "2 layers", "3 entries"]),
    "empty": ([], "zeros", float, ["init must", "2 layers", "0 entries"]),
    "unknown": (
        "glorot",
        "zeros",
        float,
        ["init of layer 1 must", "'glorot'", "Initializer", "callable", "array", *NAMES],
    ),
    "unknown in a list": (
        ["zeros", "xavier"],
        "zeros",
        float,
        ["init of layer 2 must", "'xavier'", "Initializer", "callable", "array", *NAMES],
    ),
    "unknown bias": (
        "zeros",
        ["zeros", "none"],
        float,
        ["bias_init of layer 2 must", "'none'", "same", *(set(NAMES) - {"orthogonal"})],
    ),
    "same for weights": (["zeros", "same"], "zeros", float, ["init of layer 2 must", "'same'"]),
    "class": (HeNormal, "zeros", float, ["init of layer 1 must", "not a class", "HeNormal()"]),
    "class in a list": (
        ["zeros", Orthogonal],
        "zeros",
        float,
        ["init of layer 2 must", "not a class", "Orthogonal()"],
    ),
    "class of biases": ("zeros", ["zeros", Zeros], float, ["bias_init of layer 2", "Zeros()"]),
    "shape": (
        [GOOD, np.ones((2, 4))],
        "zeros",
        float,
        ["init of layer 2 must", "(4, 2)", "(2, 4)"],
    ),
    "shape of biases": (
        "zeros",
        [np.ones(4), np.ones((2, 1))],
        float,
        ["bias_init of layer 2 must", "(2,)", "(2, 1)"],
    ),
    "numbers": ([0.1, 0.2], "zeros", float, ["init of layer 1 must", "(3, 4)", "()"]),
    "none": (["zeros", None], "zeros", float, ["init of layer 2 must", "(4, 2)"]),
    "ragged": ([[[1, 2], [3]], "zeros"], "zeros", float, ["init of layer 1 must", "(3, 4)"]),
    "text": ([np.full((3, 4), "a"), "zeros"], "zeros", float, ["init of layer 1 must", "(3, 4)"]),
    "complex": ([1j * GOOD, "zeros"], "zeros", float, ["init of layer 1 must", "real"]),
    "nan": ([hole((3, 4), np.nan), "zeros"], "zeros", float, ["init of layer 1", "finite"]),
    "inf": ("zeros", ["zeros", hole(2, -np.inf)], float, ["bias_init of layer 2", "finite"]),
    "float32": (
        ["zeros", hole((4, 2), 1e39)],
        "zeros",
        np.float32,
        ["init of layer 2", "finite", "float32"],
    ),
    "initializer in float32": (
        ["zeros", Constant(1e39)],
        "zeros",
        np.float32,
        ["init of layer 2", "finite", "float32"],
    ),
    "same as a matrix": (
        ["zeros", np.ones((4, 2))],
        "same",
        float,
        ["bias_init of layer 2", "'same'", "weight matrix", "'zeros'"],
    ),
    "orthogonal biases": (
        "zeros",
        "orthogonal",
        float,
        ["bias_init of layer 1 must", "'orthogonal'", "zeros"],
    ),
    "orthogonal object": (
        "zeros",
        ["zeros", Orthogonal()],
        float,
        ["bias_init of layer 2", "Orthogonal", "(2,)", "'zeros'"],
    ),
    "same as orthogonal": (
        "orthogonal",
        "same",
        float,
        ["bias_init of layer 1", "Orthogonal", "(4,)", "'zeros'"],
    ),
    "callable turned": (turned, "zeros", float, ["init of layer 1 must", "(3, 4)", "(4, 3)"]),
    "callable of biases": ("zeros", turned, float, ["bias_init of layer 1", "(4,)", "(4, 1)"]),
    "callable returns nothing": (
        ["zeros", lambda shape, **_: None],
        "zeros",
        float,
        ["init of layer 2 must", "(4, 2)"],
    ),
    "callable returns nan": (
        lambda shape, **_: np.full(shape, np.nan),
        "zeros",
        float,
        ["init of layer 1", "finite"],
    ),
    "callable refuses": (
        ["zeros", refuse],
        "zeros",
        float,
        ["init of layer 2", "none today"],
    ),
    "parameter": (
        ["zeros", HeNormal(gain=-1)],
        "zeros",
        float,
        ["init of layer 2", "'gain'", "HeNormal", "(0.0, inf)", "-1"],
    ),
    "interval": (
        "zeros",
        Uniform(low=1, high=0),
        float,
        ["bias_init of layer 1", "'low'", "high=0"],
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusal_names_parameter_layer_and_need(name):
    init, bias_init, dtype, words = REFUSALS[name]
    with pytest.raises(ValueError, match="init") as caught:
        draw(init, bias_init, dtype=dtype)
    message = str(caught.value)
    assert message.startswith(words[0])
    for word in words[1:]:
        assert word in message


def test_bias_and_weight_messages_are_told_apart():
    with pytest.raises(ValueError, match=r"^init of layer 1"):
        draw("nonsense", "nonsense")
    with pytest.raises(ValueError, match=r"^bias_init of layer 1"):
        draw("zeros", "nonsense")
