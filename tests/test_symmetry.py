"""Hidden units that are copies of one another: found, and kept exactly equal."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy import sparse
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from sk_xavier import XavierMLPClassifier
from sk_xavier._losses import HalfSquaredError
from sk_xavier._network import Network
from sk_xavier._symmetry import Copies, find_copies
from sk_xavier.activations import ACTIVATIONS


def network(*units, dtype=np.float64):
    activations = [ACTIVATIONS["tanh"]()] * (len(units) - 2)
    return Network(units, activations, HalfSquaredError(), dtype=dtype)


def random_vector(net, seed=0):
    return np.random.RandomState(seed).normal(size=net.n_parameters).astype(net.dtype)


def make_copy(net, theta, layer, unit, of):
    """Let a unit of a hidden layer have the weights and the bias of another."""
    coefs, intercepts = net.views(theta)
    coefs[layer][:, unit] = coefs[layer][:, of]
    intercepts[layer][unit] = intercepts[layer][of]
    coefs[layer + 1][unit] = coefs[layer + 1][of]


def tied(net, theta, vector):
    copies = find_copies(net, theta)
    assert isinstance(copies, Copies)
    result = vector.copy()
    assert copies.inplace_tie(result) is None
    return result


# --- finding -------------------------------------------------------------------------


@pytest.mark.parametrize("units", [(3, 5, 2), (4, 6, 7, 3), (1, 2, 1), (3, 4, 5, 6, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(3))
def test_random_units_are_no_copies(units, dtype, seed):
    net = network(*units, dtype=dtype)
    assert find_copies(net, random_vector(net, seed)) is None


@pytest.mark.parametrize("units", [(3, 2), (3, 1), (1, 3)])
@pytest.mark.parametrize("value", [0.0, 0.1])
def test_a_linear_model_has_no_hidden_units(units, value):
    net = network(*units)
    assert find_copies(net, np.full(net.n_parameters, value)) is None


def test_a_single_hidden_unit_is_no_copy():
    net = network(3, 1, 2)
    assert find_copies(net, np.full(net.n_parameters, 0.1)) is None


@pytest.mark.parametrize("value", [0.0, 0.1, -3.0])
@pytest.mark.parametrize("units", [(3, 5, 2), (4, 6, 7, 3), (1, 2, 1)])
def test_constant_units_are_all_copies(units, value):
    net = network(*units)
    vector = random_vector(net)
    expected = vector.copy()
    coefs, intercepts = net.views(expected)
    for i in range(len(units) - 2):
        coefs[i][...] = coefs[i][:, :1]
        intercepts[i][...] = intercepts[i][0]
        coefs[i + 1][...] = coefs[i + 1][:1]
    # Inputs and outputs are no hidden units: nothing else is tied.
    assert_array_equal(tied(net, np.full(net.n_parameters, value), vector), expected)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("units", [(5, 8, 3), (5, 8, 6, 3)])
def test_two_pairs_in_a_random_layer(units, dtype):
    net = network(*units, dtype=dtype)
    theta = random_vector(net, 1)
    make_copy(net, theta, 0, unit=4, of=1)
    make_copy(net, theta, 0, unit=6, of=2)
    vector = random_vector(net, 2)
    expected = vector.copy()
    make_copy(net, expected, 0, unit=4, of=1)
    make_copy(net, expected, 0, unit=6, of=2)
    result = tied(net, theta, vector)
    assert_array_equal(result, expected)
    assert result.dtype == np.dtype(dtype)
    # Two columns, two biases and two rows of the next layer, and no more.
    assert np.sum(result != vector) == 2 * (5 + 1 + units[2])


def test_three_alike_follow_the_first():
    net = network(3, 6, 2)
    theta, vector = random_vector(net, 1), random_vector(net, 2)
    expected = vector.copy()
    for unit in (3, 5):
        make_copy(net, theta, 0, unit=unit, of=2)
        make_copy(net, expected, 0, unit=unit, of=2)
    assert_array_equal(tied(net, theta, vector), expected)


def test_copies_in_the_second_hidden_layer():
    net = network(3, 4, 5, 2)
    theta, vector = random_vector(net, 1), random_vector(net, 2)
    make_copy(net, theta, 1, unit=3, of=0)
    expected = vector.copy()
    make_copy(net, expected, 1, unit=3, of=0)
    assert_array_equal(tied(net, theta, vector), expected)


def test_copies_in_neighbouring_layers():
    net = network(3, 4, 5, 2)
    theta, vector = random_vector(net, 1), random_vector(net, 2)
    expected = vector.copy()
    for array in (theta, expected):
        # The weight between two copies is one weight: the order does not matter.
        make_copy(net, array, 0, unit=2, of=1)
        make_copy(net, array, 1, unit=4, of=3)
    assert_array_equal(tied(net, theta, vector), expected)


@pytest.mark.parametrize("where", ["incoming", "bias", "outgoing"])
def test_units_that_differ_anywhere_are_no_copies(where):
    net = network(3, 6, 2)
    theta = random_vector(net, 1)
    make_copy(net, theta, 0, unit=4, of=1)
    assert find_copies(net, theta) is not None
    coefs, intercepts = net.views(theta)
    place = {
        "incoming": coefs[0][2:, 4],
        "bias": intercepts[0][4:5],
        "outgoing": coefs[1][4, 1:],
    }[where]
    place[...] = np.nextafter(place, np.inf)
    assert find_copies(net, theta) is None


def test_equal_sums_are_not_equal_units():
    net = network(2, 3, 1)
    theta = net.pack([[[1, 2, 5], [2, 1, 6]], [[1], [1], [1]]], [[0, 0, 0], [0]])
    assert find_copies(net, theta) is None


def test_finding_and_tying_leave_theta_alone():
    net = network(3, 6, 2)
    theta = random_vector(net, 1)
    make_copy(net, theta, 0, unit=4, of=1)
    before = theta.copy()
    assert_array_equal(tied(net, theta, theta), before)
    assert_array_equal(theta, before)


# --- training ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def digits():
    """Digits, and one BLAS thread: others would only wait for a busy machine's cores."""
    X, y = load_digits(return_X_y=True)
    with threadpool_limits(1, user_api="blas"):
        yield X[:300] / 16, y[:300]


SIZES = [(20,), (100,), (37, 23)]
MORE = {"sgd": {"learning_rate_init": 0.1}}


def classifier(hidden, activation, solver, init, **settings):
    settings = MORE.get(solver, {}) | {"max_iter": 30, "random_state": 0} | settings
    return XavierMLPClassifier(
        hidden_layer_sizes=hidden, activation=activation, solver=solver, init=init, **settings
    )


def n_different_units(model):
    """For each hidden layer the number of units that differ in any weight or bias."""
    coefs, intercepts = model.coefs_, model.intercepts_
    return [
        len({(*coefs[i][:, k], intercepts[i][k], *coefs[i + 1][k]) for k in range(len(biases))})
        for i, biases in enumerate(intercepts[:-1])
    ]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("hidden", SIZES)
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic"])
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
class TestTraining:
    def test_constant_units_stay_copies(self, digits, hidden, activation, solver):
        model = classifier(hidden, activation, solver, "constant").fit(*digits)
        assert n_different_units(model) == [1] * len(hidden)
        # They were trained: no weight is where it started.
        assert np.mean(model.coefs_[-1] != 0.1) == 1.0

    def test_random_units_do_not(self, digits, hidden, activation, solver):
        model = classifier(hidden, activation, solver, "uniform").fit(*digits)
        assert n_different_units(model) == list(hidden)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "settings",
    [
        {"init": "zeros"},
        {"bias_init": "constant"},
        {"early_stopping": True},
        {"batch_size": 7},
        {"learning_rate": "adaptive", "solver": "sgd"},
        {"alpha": 1.0, "solver": "lbfgs"},
        {"nesterovs_momentum": False, "solver": "sgd"},
    ],
    ids=repr,
)
def test_constant_units_stay_copies_whatever_the_settings(digits, settings):
    settings = {"init": "constant", "solver": "adam", "max_iter": 10} | settings
    model = classifier((13, 11), "tanh", **settings).fit(*digits)
    assert n_different_units(model) == [1, 1]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_constant_units_stay_copies_for_other_data(digits, solver, kind, dtype):
    X, y = digits
    model = classifier((37, 23), "tanh", solver, "constant", max_iter=10)
    model.fit(kind(X.astype(dtype)), y, sample_weight=np.linspace(0.0, 2.0, len(y)))
    assert model.coefs_[0].dtype == np.dtype(dtype)
    assert n_different_units(model) == [1, 1]


@pytest.mark.parametrize("solver", ["sgd", "adam"])
def test_constant_units_stay_copies_from_call_to_call(digits, solver):
    X, y = digits
    model = classifier((37, 23), "tanh", solver, "constant")
    for start in range(0, 300, 30):
        rows = slice(start, start + 30)
        model.partial_fit(X[rows], y[rows], classes=range(10))
        assert n_different_units(model) == [1, 1]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_two_pairs_stay_pairs(digits, solver):
    model = classifier((20,), "tanh", solver, "glorot_uniform", warm_start=True)
    model.initialize(*digits)
    pairs = [(3, 11), (0, 19)]
    for of, unit in pairs:
        model.coefs_[0][:, unit] = model.coefs_[0][:, of]
        model.coefs_[1][unit] = model.coefs_[1][of]
    start = model.coefs_[0].copy()
    model.fit(*digits)
    assert n_different_units(model) == [18]
    for of, unit in pairs:
        assert_array_equal(model.coefs_[0][:, unit], model.coefs_[0][:, of])
        assert model.intercepts_[0][unit] == model.intercepts_[0][of]
        assert_array_equal(model.coefs_[1][unit], model.coefs_[1][of])
        assert np.any(model.coefs_[0][:, of] != start[:, of])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("solver", ["sgd", "adam", "lbfgs"])
def test_the_tie_changes_nothing_for_a_random_start(digits, solver, monkeypatch):
    settings = ((37, 23), "relu", solver, "uniform")
    tying = classifier(*settings).fit(*digits)
    module = "_lbfgs" if solver == "lbfgs" else "_epochs"
    monkeypatch.setattr(f"sk_xavier.{module}.find_copies", lambda *_, **__: None)
    free = classifier(*settings).fit(*digits)
    for name in ("coefs_", "intercepts_"):
        for ours, theirs in zip(getattr(tying, name), getattr(free, name), strict=True):
            assert_array_equal(ours, theirs)
