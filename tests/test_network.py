"""The network against central differences, paper and pencil, and linear models."""

import math
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from scipy.special import erf, expit, logsumexp, xlogy
from sklearn.linear_model import LogisticRegression

from sk_xavier._losses import BinaryLogLoss, HalfPoissonLoss, HalfSquaredError, MultinomialLogLoss
from sk_xavier._network import Network
from sk_xavier._samples import Samples
from sk_xavier.activations import ACTIVATIONS, Activation, LeakyReLU

N_SAMPLES, N_FEATURES = 13, 4
HIDDEN = [(), (5,), (4, 3)]
LOSSES = {
    "squared": HalfSquaredError,
    "poisson": HalfPoissonLoss,
    "binary": BinaryLogLoss,
    "multinomial": MultinomialLogLoss,
}
TARGETS = [
    ("squared", 1),
    ("squared", 3),
    ("poisson", 1),
    ("poisson", 3),
    ("binary", 1),
    ("binary", 3),
    ("multinomial", 3),
]
KINDS = {"dense": np.array, "csr": sparse.csr_array, "csr_matrix": sparse.csr_matrix}

PLAIN_ACTIVATION = {
    "identity": lambda z: z,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda z: z * (z > 0),
}
OTHER_ACTIVATION = {
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "steeper": lambda z: np.where(z > 0, z, 0.3 * z),
    "elu": lambda z: np.where(z > 0, z, np.exp(z) - 1),
    "selu": lambda z: 1.0507009873554805 * np.where(z > 0, z, 1.6732632423543772 * (np.exp(z) - 1)),
    "gelu": lambda z: z * 0.5 * (1 + erf(z / math.sqrt(2))),
    "silu": lambda z: z * expit(z),
    "mish": lambda z: z * np.tanh(np.log(1 + np.exp(z))),
    "softplus": lambda z: np.log(1 + np.exp(z)),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "relu6": lambda z: np.minimum(np.maximum(z, 0), 6),
    "hard_tanh": lambda z: np.minimum(np.maximum(z, -1), 1),
    "own": lambda z: np.exp(-(z**2)),
}
ANY_ACTIVATION = {**PLAIN_ACTIVATION, **OTHER_ACTIVATION}
KINKS = {"relu": [0.0], "leaky_relu": [0.0], "steeper": [0.0], "selu": [0.0]}
KINKS |= {"relu6": [0.0, 6.0], "hard_tanh": [-1.0, 1.0]}
PLAIN_LOSS = {
    "squared": lambda r, y: 0.5 * ((r - y) ** 2).mean(axis=1),
    "poisson": lambda r, y: (xlogy(y, y) - y - y * r + np.exp(r)).sum(axis=1),
    "binary": lambda r, y: (np.logaddexp(0.0, r) - y * r).sum(axis=1),
    "multinomial": lambda r, y: logsumexp(r, axis=1) - r[np.arange(len(y)), y],
}


def make_activation(name):
    if name == "steeper":
        return LeakyReLU(0.3)
    if name == "own":
        return Activation(ANY_ACTIVATION["own"], lambda z: -2 * z * np.exp(-(z**2)))
    return ACTIVATIONS[name]()


def by_layer(activation, n_layers):
    """One name for all hidden layers, or one for each."""
    return [activation] * n_layers if isinstance(activation, str) else activation


def network(name="squared", n_outputs=2, hidden=(5,), activation="tanh", **settings):
    return Network(
        (N_FEATURES, *hidden, n_outputs),
        [make_activation(one) for one in by_layer(activation, len(hidden))],
        LOSSES[name](),
        **settings,
    )


def data(name="squared", n_outputs=2, n_samples=N_SAMPLES, seed=0):
    """Samples, about a third of their entries zero, targets and weights."""
    rng = np.random.RandomState(seed)
    X = rng.normal(size=(n_samples, N_FEATURES)) * (rng.uniform(size=(n_samples, N_FEATURES)) > 0.3)
    if name == "squared":
        y = rng.normal(size=(n_samples, n_outputs))
    elif name == "poisson":
        y = rng.poisson(1.5, (n_samples, n_outputs)).astype(float)
    elif name == "binary":
        y = rng.randint(2, size=(n_samples, n_outputs)).astype(float)
    else:
        y = rng.randint(n_outputs, size=n_samples)
    weight = rng.uniform(0.1, 3.0, n_samples)
    weight[1:2] = 0.0
    return X, y, weight


def parameter_vector(net, seed=0, scale=0.7):
    return scale * np.random.RandomState(seed).normal(size=net.n_parameters)


def unpack(theta, units):
    """Weights, all layers', and then biases."""
    coefs, intercepts, start = [], [], 0
    for i in range(len(units) - 1):
        stop = start + units[i] * units[i + 1]
        coefs.append(np.reshape(theta[start:stop], (units[i], units[i + 1])))
        start = stop
    for n_units in units[1:]:
        intercepts.append(theta[start : start + n_units])
        start += n_units
    assert start == len(theta)
    return coefs, intercepts


def plain_forward(theta, units, activation, X):
    """Raw predictions and the least distance of a pre-activation from a kink."""
    coefs, intercepts = unpack(theta, units)
    names = by_layer(activation, len(coefs) - 1)
    signal, distance = X, math.inf
    for weights, biases, name in zip(coefs[:-1], intercepts[:-1], names, strict=True):
        z = signal @ weights + biases
        for kink in KINKS.get(name, []):
            distance = min(distance, np.abs(z - kink).min())
        signal = ANY_ACTIVATION[name](z)
    return signal @ coefs[-1] + intercepts[-1], distance


def plain_objective(theta, units, activation, name, X, y, weight, alpha):
    raw, distance = plain_forward(theta, units, activation, X)
    weight = np.ones(len(X)) if weight is None else weight
    penalty = alpha / 2 * sum((weights**2).sum() for weights in unpack(theta, units)[0])
    return (weight @ PLAIN_LOSS[name](raw, y) + penalty) / weight.sum(), distance


def loss_and_gradient(net, theta, X, y, weight):
    grad = np.full_like(theta, np.nan)
    samples = Samples(X, y, weight)
    loss = net.loss_gradient(theta, samples, samples.all_rows(), grad)
    assert isinstance(loss, float)
    return loss, grad


# --- central differences -------------------------------------------------------------

STEP = 1e-5


@cache
def numeric(activation, name, n_outputs, weighted, alpha, hidden):
    """Loss and central differences, in plain NumPy."""
    X, y, weight = data(name, n_outputs, seed=3)
    units = (N_FEATURES, *hidden, n_outputs)
    theta = parameter_vector(network(name, n_outputs, hidden, activation), seed=4)

    def objective(at):
        return plain_objective(
            at, units, activation, name, X, y, weight if weighted else None, alpha
        )

    loss, distance = objective(theta)
    # A parameter moved by a step moves no pre-activation across a kink.
    assert distance > 10 * STEP
    gradient = np.empty_like(theta)
    for i in range(len(theta)):
        moved = theta.copy()
        moved[i] = theta[i] + STEP
        above, _ = objective(moved)
        moved[i] = theta[i] - STEP
        gradient[i] = (above - objective(moved)[0]) / (2 * STEP)
    return loss, gradient


def gradient_cases():
    for hidden in HIDDEN:
        for activation in PLAIN_ACTIVATION if hidden else ["identity"]:
            for name, n_outputs in TARGETS:
                layers = "-".join(map(str, hidden)) or "none"
                marks = f"{activation}-{layers}-{name}-{n_outputs}"
                yield pytest.param(activation, hidden, name, n_outputs, id=marks)


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("alpha", [0.0, 0.3])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize(("activation", "hidden", "name", "n_outputs"), [*gradient_cases()])
def test_gradient(activation, hidden, name, n_outputs, weighted, alpha, kind):
    X, y, weight = data(name, n_outputs, seed=3)
    net = network(name, n_outputs, hidden, activation, alpha=alpha)
    theta = parameter_vector(net, seed=4)
    expected_loss, expected = numeric(activation, name, n_outputs, weighted, alpha, hidden)
    weight = weight if weighted else None
    loss, grad = loss_and_gradient(net, theta, KINDS[kind](X), y, weight)
    assert_allclose(loss, expected_loss, rtol=1e-13)
    assert np.linalg.norm(grad - expected) <= 1e-6 * np.linalg.norm(expected)
    assert_allclose(net.mean_loss(theta, Samples(KINDS[kind](X), y, weight)), loss, rtol=1e-14)


OTHER_LAYERS = [
    *OTHER_ACTIVATION,
    *((name, name) for name in OTHER_ACTIVATION),
    ("gelu", "tanh"),
    ("tanh", "gelu"),
    ("silu", "relu"),
    ("own", "mish"),
    ("softplus", "own"),
    ("steeper", "leaky_relu"),
    ("mish", "identity", "silu"),
    ("logistic", "gelu", "elu"),
]


@pytest.mark.parametrize("kind", ["dense", "csr"])
@pytest.mark.parametrize("block_rows", [5, 100])
@pytest.mark.parametrize(("name", "n_outputs"), [("squared", 3), ("multinomial", 3)])
@pytest.mark.parametrize(
    "activation", OTHER_LAYERS, ids=lambda names: "-".join([*by_layer(names, 1)])
)
def test_gradient_of_other_activations(activation, name, n_outputs, block_rows, kind):
    hidden = (5,) if isinstance(activation, str) else (4, 3, 5)[: len(activation)]
    X, y, weight = data(name, n_outputs, seed=3)
    net = network(name, n_outputs, hidden, activation, alpha=0.3)
    net._block_rows = net._sparse_block_rows = block_rows
    theta = parameter_vector(net, seed=4)
    expected_loss, expected = numeric(activation, name, n_outputs, True, 0.3, hidden)
    for _ in range(2):  # the second time, buffers hold what the first left there
        loss, grad = loss_and_gradient(net, theta, KINDS[kind](X), y, weight)
        assert_allclose(loss, expected_loss, rtol=1e-13)
        assert np.linalg.norm(grad - expected) <= 1e-8 * np.linalg.norm(expected)
    assert_allclose(net.mean_loss(theta, Samples(KINDS[kind](X), y, weight)), loss, rtol=1e-14)


@pytest.mark.parametrize("activations", [("relu", "tanh"), ("logistic", "identity")])
def test_each_hidden_layer_has_its_activation(activations):
    X, y, _ = data("squared", 1)
    net = Network((4, 3, 5, 1), [ACTIVATIONS[name]() for name in activations], HalfSquaredError())
    theta = parameter_vector(net)
    (first, second, last), (b1, b2, b3) = unpack(theta, net.layer_units)
    hidden = PLAIN_ACTIVATION[activations[0]](X @ first + b1)
    raw = PLAIN_ACTIVATION[activations[1]](hidden @ second + b2) @ last + b3
    loss, grad = loss_and_gradient(net, theta, X, y, None)
    assert_allclose(loss, ((raw - y) ** 2).mean() / 2, rtol=1e-14)
    # The gradient along a random direction takes each layer's own derivative.
    direction = np.random.RandomState(1).normal(size=len(theta))
    above, below = (
        loss_and_gradient(net, theta + step * direction, X, y, None)[0] for step in (STEP, -STEP)
    )
    assert_allclose(grad @ direction, (above - below) / (2 * STEP), rtol=1e-6)


# --- worked out on paper -------------------------------------------------------------


def paper_network(activation, alpha=0.0):
    return Network((2, 2, 1), [ACTIVATIONS[activation]()], HalfSquaredError(), alpha=alpha)


def test_relu_on_paper():
    # Hidden: 1 + 2/2 + 1/2 = 5/2 and -1 + 4 - 4 = -1, cut to 0. Raw: 5/2 * 2 - 1 = 4.
    theta = np.array([1.0, -1.0, 0.5, 2.0, 2.0, 3.0, 0.5, -4.0, -1.0])
    X, y = np.array([[1.0, 2.0]]), np.array([[3.0]])
    net = paper_network("relu")
    assert_array_equal(net.raw_predictions(net.views(theta), X), [[4.0]])
    loss, grad = loss_and_gradient(net, theta, X, y, None)
    assert loss == 0.5
    # Delta is 1 at the output, and 2 and (cut off) 0 at the hidden units.
    assert_array_equal(grad, [2.0, 0.0, 4.0, 0.0, 2.5, 0.0, 2.0, 0.0, 1.0])
    # With alpha 1/2, a quarter of 1 + 1 + 1/4 + 4 + 4 + 9 = 77/4; half of each weight.
    loss, grad = loss_and_gradient(paper_network("relu", alpha=0.5), theta, X, y, None)
    assert loss == 0.5 + 77 / 16
    assert_array_equal(grad, [2.5, -0.5, 4.25, 1.0, 3.5, 1.5, 2.0, 0.0, 1.0])
    # Of two samples that weigh 1 and 3, the mean divides by 4, and the penalty too.
    X, y, weight = (
        np.array([[1.0, 2.0], [0.0, 0.0]]),
        np.array([[3.0], [1.0]]),
        np.array([1.0, 3.0]),
    )
    # The second: hidden 1/2 and 0, raw 0, half its square 1/2, and delta -1.
    loss, grad = loss_and_gradient(paper_network("relu", alpha=0.5), theta, X, y, weight)
    assert loss == (0.5 + 3 * 0.5 + 77 / 16) / 4
    by_sample = [2.0, 0.0, 4.0, 0.0, 2.5 - 1.5, 0.0, 2.0 - 6.0, 0.0, 1.0 - 3.0]
    penalty = [0.5, -0.5, 0.25, 1.0, 1.0, 1.5, 0.0, 0.0, 0.0]
    assert_array_equal(grad, np.add(by_sample, penalty) / 4)


def test_logistic_on_paper():
    # Pre-activations log 3 and -log 3 make 3/4 and 1/4, with slopes 3/16.
    log3 = math.log(3.0)
    theta = np.array([1.0, 0.0, 0.0, -1.0, 4.0, 8.0, 0.0, 0.0, -1.0])
    X, y = np.array([[log3, log3]]), np.array([[2.0]])
    net = paper_network("logistic")
    assert_allclose(net.raw_predictions(net.views(theta), X), [[4.0]], rtol=1e-15)
    loss, grad = loss_and_gradient(net, theta, X, y, None)
    assert_allclose(loss, 2.0, rtol=1e-14)
    # Delta 2; hidden deltas 2 * 4 * 3/16 = 3/2 and 2 * 8 * 3/16 = 3.
    expected = [1.5 * log3, 3 * log3, 1.5 * log3, 3 * log3, 1.5, 0.5, 1.5, 3.0, 2.0]
    assert_allclose(grad, expected, rtol=1e-14)


# --- degenerate equivalences and invariants ------------------------------------------


@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_vanishes_at_least_squares(weighted):
    X, y, weight = data("squared", 3, n_samples=40)
    root = np.sqrt(weight if weighted else np.ones(40))[:, np.newaxis]
    columns = np.column_stack([X, np.ones(40)])
    solution = np.linalg.lstsq(root * columns, root * y, rcond=None)[0]
    net = network("squared", 3, ())
    theta = net.pack([solution[:-1]], [solution[-1]])
    loss, grad = loss_and_gradient(net, theta, X, y, weight if weighted else None)
    residuals = (root * (columns @ solution - y)) ** 2
    assert_allclose(loss, residuals.sum() / (root**2).sum() / 6, rtol=1e-12)
    assert_allclose(grad, 0.0, atol=1e-14)


@pytest.mark.parametrize(("name", "n_outputs"), [("binary", 1), ("multinomial", 3)])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradient_vanishes_at_logistic_regression(name, n_outputs, weighted):
    alpha = 0.7
    X, y, weight = data(name, n_outputs, n_samples=60)
    weight = weight if weighted else None
    model = LogisticRegression(C=1 / alpha, tol=1e-10, max_iter=10_000, solver="newton-cg")
    model.fit(X, y.ravel().astype(int), sample_weight=weight)
    net = network(name, n_outputs, (), alpha=alpha)
    theta = net.pack([model.coef_.T], [model.intercept_])
    _, grad = loss_and_gradient(net, theta, X, y, weight)
    assert_allclose(grad, 0.0, atol=1e-8)


@pytest.mark.parametrize(("name", "n_outputs"), TARGETS)
def test_a_weight_of_two_is_the_row_twice_and_of_zero_none(name, n_outputs):
    X, y, _ = data(name, n_outputs)
    net = network(name, n_outputs, (4, 3), alpha=0.3)
    theta = parameter_vector(net)
    weight = np.ones(N_SAMPLES)
    weight[2], weight[6] = 2.0, 0.0
    rows = [0, 1, 2, 2, 3, 4, 5, *range(7, N_SAMPLES)]
    loss, grad = loss_and_gradient(net, theta, X, y, weight)
    repeated, by_rows = loss_and_gradient(net, theta, X[rows], y[rows], None)
    assert_allclose(loss, repeated, rtol=1e-14)
    assert_allclose(grad, by_rows, rtol=1e-12, atol=1e-15)


def test_penalty_leaves_biases_alone():
    X, y, _ = data()
    theta = parameter_vector(network())
    _, grad = loss_and_gradient(network(), theta, X, y, None)
    _, penalized = loss_and_gradient(network(alpha=0.3), theta, X, y, None)
    n_weights = 4 * 5 + 5 * 2
    assert_array_equal(penalized[n_weights:], grad[n_weights:])
    added = 0.3 * theta[:n_weights] / N_SAMPLES
    assert_allclose(penalized[:n_weights], grad[:n_weights] + added, rtol=1e-14)


# --- layout --------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", HIDDEN)
def test_sizes(hidden):
    net = network(hidden=hidden, n_outputs=2)
    n_weights = {(): 8, (5,): 30, (4, 3): 34}[hidden]
    assert net.n_weights == n_weights
    assert net.n_parameters == n_weights + sum(hidden) + 2


def test_views_share_memory_with_theta():
    net = network(hidden=(3,), n_outputs=2)
    theta = np.arange(net.n_parameters, dtype=float)
    coefs, intercepts = net.views(theta)
    assert [array.shape for array in coefs] == [(4, 3), (3, 2)]
    assert [array.shape for array in intercepts] == [(3,), (2,)]
    # Weights first and then biases, rows first.
    assert_array_equal(coefs[0], [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]])
    assert_array_equal(coefs[1], [[12, 13], [14, 15], [16, 17]])
    assert_array_equal(intercepts[0], [18, 19, 20])
    assert_array_equal(intercepts[1], [21, 22])
    for array in (*coefs, *intercepts):
        assert np.shares_memory(array, theta)
        array[...] = -1.0
    assert_array_equal(theta, np.full(23, -1.0))


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pack_and_views_are_a_round_trip(hidden, dtype):
    net = network(hidden=hidden, dtype=dtype)
    theta = parameter_vector(net).astype(dtype)
    packed = net.pack(*net.views(theta))
    assert packed.dtype == np.dtype(dtype)
    assert_array_equal(packed, theta)
    assert not np.shares_memory(packed, theta)
    assert packed.flags.c_contiguous


def test_pack_takes_lists_other_types_and_transposes():
    net = network(hidden=(), n_outputs=2)
    expected = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    lists = [[1, 2], [3, 4], [5, 6], [7, 8]]
    for coef in (lists, np.array(lists, np.float32), np.asfortranarray(lists)):
        packed = net.pack([coef], [(9, 10)])
        assert packed.dtype == np.float64
        assert_array_equal(packed, expected)


def test_parameters_copies_only_what_has_another_type():
    net = network(hidden=(3,), n_outputs=2)
    coefs = [np.ones((4, 3)), np.ones((3, 2), np.float32)]
    intercepts = [np.ones(3), [0, 1]]
    parameters = net.parameters(coefs, intercepts)
    assert parameters.coefs[0] is coefs[0]
    assert parameters.intercepts[0] is intercepts[0]
    for array in (*parameters.coefs, *parameters.intercepts):
        assert array.dtype == np.float64
    assert_array_equal(parameters.intercepts[1], [0.0, 1.0])


@pytest.mark.parametrize("method", ["pack", "parameters"])
@pytest.mark.parametrize(
    ("coefs", "intercepts", "words"),
    [
        ([(4, 3)], [3, 2], ["coefs_ has 1 ", "2 layers"]),
        ([(4, 3), (3, 2), (2, 2)], [3, 2], ["coefs_ has 3 ", "2 layers"]),
        ([(4, 3), (3, 2)], [3], ["intercepts_ has 1 ", "2 layers"]),
        ([(3, 4), (3, 2)], [3, 2], ["coefs_[0]", "(3, 4)", "layer 1", "(4, 3)"]),
        ([(4, 3), (3, 1)], [3, 2], ["coefs_[1]", "(3, 1)", "layer 2", "(3, 2)"]),
        ([(4, 3), (6,)], [3, 2], ["coefs_[1]", "(6,)", "layer 2", "(3, 2)"]),
        ([(4, 3), (3, 2)], [3, 3], ["intercepts_[1]", "(3,)", "layer 2", "(2,)"]),
        ([(4, 3), (3, 2)], [(1, 3), 2], ["intercepts_[0]", "(1, 3)", "layer 1", "(3,)"]),
    ],
)
def test_wrong_shapes_are_named(method, coefs, intercepts, words):
    net = network(hidden=(3,), n_outputs=2)
    arrays = [np.ones(shape) for shape in coefs], [np.ones(shape) for shape in intercepts]
    with pytest.raises(ValueError, match=r"coefs_|intercepts_") as caught:
        getattr(net, method)(*arrays)
    for word in words:
        assert word in str(caught.value)


# --- predictions ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("activation", PLAIN_ACTIVATION)
def test_raw_predictions(kind, hidden, activation):
    X, _, _ = data()
    net = network("squared", 2, hidden, activation)
    theta = parameter_vector(net)
    expected, _ = plain_forward(theta, net.layer_units, activation, X)
    raw = net.raw_predictions(net.views(theta), KINDS[kind](X))
    assert raw.dtype == np.float64
    assert_allclose(raw, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block_rows", [1, 4, 13, 50])
@pytest.mark.parametrize("activations", [("tanh", "relu", "gelu"), ("own", "identity", "softsign")])
def test_outputs_of_each_layer(activations, block_rows, kind):
    X, _, _ = data()
    net = network("squared", 2, (5, 4, 6), activations)
    net._block_rows = net._sparse_block_rows = block_rows
    theta = parameter_vector(net)
    parameters, samples = net.views(theta), KINDS[kind](X)
    coefs, intercepts = unpack(theta, net.layer_units)
    rows = np.array([5, 0, 12, 3, 3])
    signal = X
    for layer, (weights, biases) in enumerate(zip(coefs, intercepts, strict=True)):
        signal = signal @ weights + biases
        if layer < 3:
            signal = ANY_ACTIVATION[activations[layer]](signal)
        outputs = net.layer_outputs(parameters, samples, layer)
        assert outputs.dtype == np.float64
        assert_allclose(outputs, signal, rtol=1e-11, atol=1e-13)
        some = net.layer_outputs(parameters, samples, layer, rows)
        assert_allclose(some, signal[rows], rtol=1e-11, atol=1e-13)
        part = net.layer_outputs(parameters, samples, layer, slice(2, 9))
        assert_allclose(part, signal[2:9], rtol=1e-11, atol=1e-13)
    assert_array_equal(outputs, net.raw_predictions(parameters, samples))


@pytest.mark.parametrize("activations", [("gelu", "own"), ("tanh", "mish")])
def test_signals_of_each_layer(activations):
    X, y, _ = data("multinomial", 3)
    net = network("multinomial", 3, (5, 4), activations)
    theta = parameter_vector(net)
    signals = net.signals(net.views(theta), X, y)
    coefs, intercepts = unpack(theta, net.layer_units)
    signal = X
    for layer, (weights, biases) in enumerate(zip(coefs, intercepts, strict=True)):
        z = signal @ weights + biases
        signal = ANY_ACTIVATION[activations[layer]](z) if layer < 2 else z
        assert_allclose(signals.pre_activations[layer], z, rtol=1e-12, atol=1e-14)
        assert_allclose(signals.outputs[layer], signal, rtol=1e-12, atol=1e-14)
    loss, grad = loss_and_gradient(net, theta, X, y, None)
    assert_allclose(signals.loss, loss, rtol=1e-14)
    gradients, bias_gradients = unpack(grad, net.layer_units)
    for layer in range(3):
        assert_allclose(signals.weight_gradients[layer], gradients[layer], rtol=1e-13)
        assert_allclose(signals.deltas[layer].mean(axis=0), bias_gradients[layer], rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_samples", [1, 2, 23])
@pytest.mark.parametrize("block_rows", [1, 2, 7, 22, 23, 24])
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("weighted", [False, True])
def test_blocks_are_one_block(kind, n_samples, block_rows, hidden, weighted):
    X, y, weight = data(n_samples=n_samples)
    weight = weight if weighted else None
    net, whole = network(hidden=hidden, alpha=0.3), network(hidden=hidden, alpha=0.3)
    net._block_rows = net._sparse_block_rows = block_rows
    theta = parameter_vector(net)
    expected, _ = plain_forward(theta, net.layer_units, "tanh", X)
    expected_loss, _ = plain_objective(theta, net.layer_units, "tanh", "squared", X, y, weight, 0.3)
    raw = net.raw_predictions(net.views(theta), KINDS[kind](X))
    assert_allclose(raw, expected, rtol=1e-12, atol=1e-14)
    samples = Samples(KINDS[kind](X), y, weight)
    assert_allclose(net.mean_loss(theta, samples), expected_loss, rtol=1e-13)
    _, whole_grad = loss_and_gradient(whole, theta, KINDS[kind](X), y, weight)
    for rows in (slice(0, n_samples), np.random.RandomState(0).permutation(n_samples)):
        grad = np.full_like(theta, np.nan)
        loss = net.loss_gradient(theta, samples, rows, grad)
        assert_allclose(loss, expected_loss, rtol=1e-13)
        assert_allclose(grad, whole_grad, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("n_part", [1, 4, 7, 1000])
def test_the_penalty_part_by_part(n_part):
    X, y, weight = data("multinomial", 3)
    net = network("multinomial", 3, alpha=0.3)
    theta, samples = parameter_vector(net), Samples(X, y, weight)
    expected_loss, expected = loss_and_gradient(net, theta, X, y, weight)
    grad = np.full_like(theta, np.nan)
    loss, total = net.data_loss_gradient(theta, samples, samples.all_rows(), grad)
    assert_allclose(total, weight.sum(), rtol=1e-15)
    for i in range(0, net.n_parameters, n_part):  # the last part ends beyond theta
        loss += net.inplace_penalize(theta, grad, total, slice(i, i + n_part))
    assert_allclose(loss, expected_loss, rtol=1e-14)
    assert_allclose(grad, expected, rtol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("block_rows", [2, 50])
def test_some_rows_in_their_order(kind, block_rows):
    X, y, weight = data("multinomial", 3)
    net = network("multinomial", 3, alpha=0.3)
    net._block_rows = net._sparse_block_rows = block_rows
    theta = parameter_vector(net)
    rows = np.array([5, 0, 12, 3, 3])
    samples = Samples(KINDS[kind](X), y, weight)
    grad = np.empty_like(theta)
    loss = net.loss_gradient(theta, samples, rows, grad)
    alone = loss_and_gradient(net, theta, KINDS[kind](X[rows]), y[rows], weight[rows])
    assert_allclose(loss, alone[0], rtol=1e-13)
    assert_allclose(grad, alone[1], rtol=1e-11, atol=1e-14)
    raw = net.raw_predictions(net.views(theta), samples.X, rows)
    assert_allclose(raw, plain_forward(theta, net.layer_units, "tanh", X[rows])[0], rtol=1e-12)


def test_blocks_keep_wide_products_and_small_memory():
    narrow, wide = network(), network(hidden=(10**6,))
    assert narrow._block_rows > 10**4
    assert wide._block_rows == 256


def test_predictions_are_not_a_buffer_of_the_network():
    X, y, _ = data()
    net = network()
    theta = parameter_vector(net)
    raw = net.raw_predictions(net.views(theta), X)
    kept = raw.copy()
    net.raw_predictions(net.views(2 * theta), X)
    loss_and_gradient(net, theta, X, y, None)
    assert_array_equal(raw, kept)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize(("name", "n_outputs"), TARGETS)
def test_float32_stays_float32(kind, hidden, name, n_outputs):
    X, y, weight = data(name, n_outputs)
    exact = network(name, n_outputs, hidden, alpha=0.3)
    net = network(name, n_outputs, hidden, alpha=0.3, dtype=np.float32)
    theta = parameter_vector(exact)
    expected_loss, expected = loss_and_gradient(exact, theta, X, y, weight)

    single = theta.astype(np.float32)
    X32 = KINDS[kind](X.astype(np.float32))
    y32 = y if name == "multinomial" else y.astype(np.float32)
    weight32 = weight.astype(np.float32)
    loss, grad = loss_and_gradient(net, single, X32, y32, weight32)
    assert grad.dtype == np.float32
    assert_allclose(loss, expected_loss, rtol=1e-5)
    assert np.linalg.norm(grad - expected) < 1e-5 * np.linalg.norm(expected)
    assert_allclose(net.mean_loss(single, Samples(X32, y32, weight32)), expected_loss, rtol=1e-5)

    for samples in (X32, KINDS[kind](X)):  # float64 is cast, block by block
        raw = net.raw_predictions(net.views(single), samples)
        assert raw.dtype == np.float32
        assert_allclose(
            raw, plain_forward(theta, net.layer_units, "tanh", X)[0], rtol=1e-4, atol=1e-5
        )


# --- one owner of each buffer --------------------------------------------------------


@pytest.mark.parametrize("activation", ["relu", "gelu", "own"])
def test_batch_sizes_and_arrays_do_not_disturb_one_another(activation):
    X, y, weight = data("multinomial", 3)
    net = network("multinomial", 3, (4, 3), activation, alpha=0.1)
    thetas = [parameter_vector(net, seed) for seed in range(3)]
    grads = [np.empty_like(thetas[0]) for _ in range(2)]
    rng = np.random.RandomState(0)
    for _ in range(60):
        theta, grad = thetas[rng.randint(3)], grads[rng.randint(2)]
        rows = slice(0, [3, 7, N_SAMPLES][rng.randint(3)])
        all_weights = weight if rng.randint(2) else None
        own_weight = None if all_weights is None else weight[rows]
        all_samples = X if rng.randint(2) else sparse.csr_array(X)
        samples = all_samples[rows]
        if rng.randint(3) == 0:
            theta *= 0.9  # in place, as an optimizer does
        grad[:] = np.nan
        loss = net.loss_gradient(theta, Samples(all_samples, y, all_weights), rows, grad)
        fresh = network("multinomial", 3, (4, 3), activation, alpha=0.1)
        fresh_loss, fresh_grad = loss_and_gradient(fresh, theta, samples, y[rows], own_weight)
        assert loss == fresh_loss
        assert_array_equal(grad, fresh_grad)
        expected, _ = plain_objective(
            theta, net.layer_units, activation, "multinomial", X[rows], y[rows], own_weight, 0.1
        )
        assert_allclose(loss, expected, rtol=1e-13)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("activation", [*PLAIN_ACTIVATION, "gelu", "own"])
@pytest.mark.parametrize(("name", "n_outputs"), TARGETS)
def test_nothing_given_is_changed(kind, hidden, activation, name, n_outputs):
    X, y, weight = data(name, n_outputs)
    net = network(name, n_outputs, hidden, activation, alpha=0.3)
    theta = parameter_vector(net)
    samples = KINDS[kind](X)
    given = [X.copy(), y.copy(), weight.copy(), theta.copy()]
    loss_and_gradient(net, theta, samples, y, weight)
    net.mean_loss(theta, Samples(samples, y, weight))
    net.raw_predictions(net.views(theta), samples)
    after = [samples.toarray() if sparse.issparse(samples) else samples, y, weight, theta]
    for array, before in zip(after, given, strict=True):
        assert_array_equal(array, before)


def test_samples_in_other_memory_orders():
    X, y, weight = data()
    net = network()
    theta = parameter_vector(net)
    loss, grad = loss_and_gradient(net, theta, X, y, weight)
    wide = np.zeros((2 * N_SAMPLES, 2 * N_FEATURES))
    wide[::2, ::2] = X
    for samples in (np.asfortranarray(X), wide[::2, ::2]):
        other_loss, other_grad = loss_and_gradient(net, theta, samples, y, weight)
        assert_allclose(other_loss, loss, rtol=1e-14)
        assert_allclose(other_grad, grad, rtol=1e-11, atol=1e-15)
