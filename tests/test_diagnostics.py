"""Signals against plain NumPy, finite differences, the paper's figures, and a table of verdicts."""

import copy
import pickle
import sys
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy import sparse
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor, signal_propagation
from sk_xavier._verdicts import VERDICTS
from sk_xavier.diagnostics import Verdict
from sk_xavier.initializers import Constant, GlorotUniform, Normal, Uniform


def paper_samples(n_features=500):
    """Standardized samples of nine classes, as wide as the layers."""
    rng = np.random.RandomState(0)
    return rng.normal(size=(300, n_features)), np.arange(300) % 9


def eq_1(shape, *, fan_in, fan_out, random_state, dtype):
    """The standard start of the paper: uniform on +-1 / sqrt(n)."""
    bound = 1.0 / np.sqrt(fan_in)
    return random_state.uniform(-bound, bound, size=shape).astype(dtype)


def ten_layers(activation, init):
    # The theory is that of signals so small that tanh is nearly linear: those of images, say.
    X, y = paper_samples()
    X = 0.4 * X
    mlp = XavierMLPClassifier((500,) * 10, activation, init=init, random_state=0)
    return signal_propagation(mlp, X, y)


# --- the paper's figures --------------------------------------------------------------


def test_eq_1_divides_the_variance_by_three():
    layers = ten_layers("tanh", eq_1).layers
    forward = [layer.std_ratio for layer in layers[1:10]]
    backward = [layer.gradient_ratio for layer in layers[1:9]]
    assert_allclose(forward, 1 / np.sqrt(3), atol=0.03)
    assert_allclose(backward, 1 / np.sqrt(3), atol=0.03)
    jacobians = [layer.jacobian for layer in layers[1:10]]
    assert 0.46 <= min(jacobians) <= max(jacobians) <= 0.50


@pytest.mark.parametrize("init", ["glorot_uniform", "glorot_normal"])
def test_glorots_start_keeps_it(init):
    layers = ten_layers("tanh", init).layers
    for ratios in (
        [layer.std_ratio for layer in layers[1:10]],
        [layer.gradient_ratio for layer in layers[:9]],
    ):
        assert 0.85 <= min(ratios) <= max(ratios) <= 1.0
    jacobians = [layer.jacobian for layer in layers[1:10]]
    assert 0.65 <= min(jacobians) <= max(jacobians) <= 0.85


@pytest.mark.parametrize("init", [eq_1, "glorot_uniform", "glorot_normal"])
def test_weight_gradients_are_alike_in_all_hidden_layers(init):
    stds = [layer.weight_gradient_std for layer in ten_layers("tanh", init).layers[:10]]
    assert max(stds) / min(stds) < 1.25


@pytest.mark.parametrize(
    ("init", "ratio", "band"), [("he_normal", 1.0, 0.1), ("he_uniform", 1, 0.1)]
)
def test_he_keeps_rectified_signals(init, ratio, band):
    layers = ten_layers("relu", init).layers
    for layer in layers[1:10]:
        assert abs(layer.std_ratio - ratio) < band
    for layer in layers[:9]:
        assert abs(layer.gradient_ratio - ratio) < band


@pytest.mark.parametrize("init", ["glorot_uniform", "glorot_normal"])
def test_glorot_halves_the_variance_of_rectified_signals(init):
    layers = ten_layers("relu", init).layers
    assert_allclose([layer.std_ratio for layer in layers[1:10]], np.sqrt(0.5), atol=0.07)
    assert_allclose([layer.gradient_ratio for layer in layers[:9]], np.sqrt(0.5), atol=0.05)


def test_a_sigmoid_loses_six_sevenths_of_the_gradient_a_layer():
    layers = ten_layers("logistic", eq_1).layers
    assert_allclose([layer.gradient_ratio for layer in layers[:9]], 0.25 / np.sqrt(3), atol=0.02)


def test_loss_at_the_start_is_that_of_even_odds():
    propagation = ten_layers("tanh", eq_1)
    assert_allclose(propagation.chance_loss, np.log(9), rtol=1e-12)
    assert_allclose(propagation.initial_loss, np.log(9), atol=0.01)
    layers = propagation.layers
    product = np.prod([layer.gradient_ratio for layer in layers[:9]])
    assert_allclose(propagation.first_to_last_gradient_ratio, product, rtol=1e-10)


# --- each number by itself ------------------------------------------------------------

FUNCTIONS = {
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0.0),
    "logistic": lambda z: 1 / (1 + np.exp(-z)),
    "identity": lambda z: z,
}


def small(activation, *, seed=0):
    """A network of 3, 4, 2 and 3 units with its samples, passed through by hand."""
    rng = np.random.RandomState(seed)
    X, y = rng.normal(size=(5, 3)), np.array([0, 1, 2, 1, 0])
    mlp = XavierMLPClassifier((4, 2), activation, random_state=seed, bias_init=Normal(std=0.3))
    mlp.initialize(X, y)
    return mlp, X, y


def by_hand(mlp, X, shift=None):
    """Pre-activations and outputs; `shift` is added to the pre-activations of one layer."""
    z, h, source = [], [], X
    function = FUNCTIONS[mlp.activation]
    last = len(mlp.coefs_) - 1
    for i, (weights, biases) in enumerate(zip(mlp.coefs_, mlp.intercepts_, strict=True)):
        z.append(source @ weights + biases)
        if shift is not None and shift[0] == i:
            z[-1] = z[-1] + shift[1]
        source = z[-1] if i == last else function(z[-1])
        h.append(source)
    return z, h


def losses(mlp, X, y, shift=None):
    raw = by_hand(mlp, X, shift)[1][-1]
    return np.log(np.exp(raw).sum(axis=1)) - raw[np.arange(len(y)), y]


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_signals_by_hand(activation):
    mlp, X, y = small(activation)
    propagation = signal_propagation(mlp, X, y)
    z, h = by_hand(mlp, X)
    previous = None
    for layer, before, after in zip(propagation.layers, z, h, strict=True):
        assert layer.n_units == after.shape[1]
        assert_allclose([layer.z_mean, layer.z_std], [before.mean(), before.std()], rtol=1e-12)
        assert_allclose([layer.mean, layer.std], [after.mean(), after.std()], rtol=1e-12)
        within = np.sqrt(np.mean([np.var(unit) for unit in after.T]))
        assert_allclose(layer.sample_std, within, rtol=1e-12)
        assert_allclose(np.sort(layer.activations), np.sort(after.ravel()), rtol=1e-12, atol=1e-300)
        if previous is None:
            assert layer.std_ratio is None
        else:
            assert_allclose(layer.std_ratio, after.std() / previous, rtol=1e-12)
        previous = after.std()
        values = np.linalg.svd(after, compute_uv=False)
        share = values[values > 1e-6 * values[0]] / values.sum()
        assert_allclose(layer.effective_rank, np.exp(-(share * np.log(share)).sum()), rtol=1e-5)
    assert_allclose(propagation.initial_loss, losses(mlp, X, y).mean(), rtol=1e-12)
    assert_allclose(propagation.input_std, np.sqrt((X**2).mean()), rtol=1e-12)
    assert propagation.n_samples == 5


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_gradients_by_central_differences(activation):
    mlp, X, y = small(activation)
    propagation = signal_propagation(mlp, X, y)
    step, stds = 1e-6, []
    for i, layer in enumerate(propagation.layers):
        gradient = np.empty((len(X), layer.n_units))
        for unit in range(layer.n_units):
            shift = np.zeros(layer.n_units)
            shift[unit] = step
            up, down = losses(mlp, X, y, (i, shift)), losses(mlp, X, y, (i, -shift))
            gradient[:, unit] = (up - down) / (2 * step)
        assert_allclose(layer.gradient_std, gradient.std(), rtol=1e-6)
        assert_allclose(np.sort(layer.gradients), np.sort(gradient.ravel()), atol=1e-8)
        source = X if i == 0 else by_hand(mlp, X)[1][i - 1]
        assert_allclose(layer.weight_gradient_std, (source.T @ gradient / len(X)).std(), rtol=1e-6)
        stds.append(gradient.std())
    first, second, output = propagation.layers
    assert_allclose(first.gradient_ratio, stds[0] / stds[1], rtol=1e-6)
    assert second.gradient_ratio is None
    assert output.gradient_ratio is None
    assert_allclose(propagation.first_to_last_gradient_ratio, stds[0] / stds[1], rtol=1e-6)


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize("units", [(4, 2), (2, 6)])
def test_jacobians_by_central_differences(activation, units):
    rng = np.random.RandomState(1)
    X, y = rng.normal(size=(5, 3)), np.array([0, 1, 2, 1, 0])
    settings = {"bias_init": Normal(std=0.3), "random_state": 1}  # no z lies on a kink
    mlp = XavierMLPClassifier(units, activation, **settings).initialize(X, y)
    propagation = signal_propagation(mlp, X)
    sources = [X, *by_hand(mlp, X)[1]]
    for i, layer in enumerate(propagation.layers):
        function = FUNCTIONS["identity" if layer.is_output else activation]
        means = []
        for source in sources[i]:
            columns = []
            for direction in np.eye(len(source)) * 1e-6:
                up, down = (
                    function((source + sign * direction) @ mlp.coefs_[i] + mlp.intercepts_[i])
                    for sign in (1, -1)
                )
                columns.append((up - down) / 2e-6)
            means.append(np.linalg.svd(np.array(columns), compute_uv=False).mean())
        assert_allclose(layer.jacobian, np.mean(means), rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distinct_units_are_counted_but_for_rounding(dtype):
    X, y = paper_samples(20)
    weights = np.random.RandomState(1).normal(size=(20, 30))
    weights[:, 10:20] = weights[:, :10]  # ten functions twice
    weights[:, 5] *= 1 + np.finfo(dtype).eps
    mlp = XavierMLPClassifier(30, random_state=0, init=[weights, "glorot_uniform"])
    first = signal_propagation(mlp, X.astype(dtype), y).layers[0]
    assert (first.n_distinct, first.n_copies) == (20, 0)
    outgoing = np.random.RandomState(2).normal(size=(30, 9))
    outgoing[10:15] = outgoing[:5]  # five of them also with the outgoing weights
    mlp.set_params(init=[weights, outgoing])
    first = signal_propagation(mlp, X.astype(dtype), y).layers[0]
    assert (first.n_distinct, first.n_copies) == (20, 5)


def test_biases_tell_units_apart():
    X, y = paper_samples(20)
    mlp = XavierMLPClassifier(30, init="constant", bias_init="normal", random_state=0)
    assert signal_propagation(mlp, X, y).layers[0].n_distinct == 30


def test_saturated_and_dead_are_counted():
    X = np.array([[-3.0], [-1.0], [1.0], [3.0]])
    y = [0, 1, 0, 1]
    # tanh(2.5 * 1) = 0.987 and tanh(0.5 * 3) = 0.905
    mlp = XavierMLPClassifier(2, "tanh", init=[[[2.5, 0.5]], [[1.0], [1.0]]])
    assert signal_propagation(mlp, X, y).layers[0].saturated == 0.5
    # expit(4.2) = 0.9852 and expit(4.1) = 0.9837, beside 0.985
    mlp = XavierMLPClassifier(2, "logistic", init=[[[4.2, 4.1]], [[1.0], [1.0]]])
    assert signal_propagation(mlp, X, y).layers[0].saturated == 0.75
    mlp = XavierMLPClassifier(
        2, "relu", init=[[[1.0, -1.0]], [[1.0], [1.0]]], bias_init=[[0, -4], [0]]
    )
    layers = signal_propagation(mlp, X, y).layers
    assert layers[0].dead == 0.5
    assert layers[0].saturated is None
    assert layers[1].dead is None


def test_a_unit_that_is_active_on_few_samples_is_dead():
    X, y = np.linspace(-1, 1, 1000)[:, np.newaxis], np.arange(1000) % 2
    for bias, dead in ((-0.991, 1.0), (-0.97, 0.0)):  # active on 5 and on 15 of 1000
        start = {"init": [[[1.0]], [[1.0]]], "bias_init": [[bias], [0.0]]}
        assert (
            signal_propagation(XavierMLPClassifier(1, "relu", **start), X, y).layers[0].dead == dead
        )


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_the_effective_rank_has_no_scale(scale):
    X, y = SCALED["iris"]
    mlp = XavierMLPClassifier((6,), "identity", random_state=0)
    expected = signal_propagation(mlp, X, y).layers[0].effective_rank
    rank = signal_propagation(mlp, scale * X, y).layers[0].effective_rank
    assert_allclose(rank, expected, rtol=1e-7)  # small singular values are roots of squares


# --- verdicts -------------------------------------------------------------------------

SCALED = {
    name: (StandardScaler().fit_transform(X), y)
    for name, (X, y) in {
        "digits": load_digits(return_X_y=True),
        "iris": load_iris(return_X_y=True),
        "wine": load_wine(return_X_y=True),
        "breast_cancer": load_breast_cancer(return_X_y=True),
        "gaussian": paper_samples(100),
    }.items()
}

CASES = [
    # healthy: no false alarm
    *[
        ("healthy", data, units, activation, "auto", {})
        for data in ("digits", "iris", "wine", "breast_cancer")
        for units in [(100,), (64, 64), (32, 32, 32)]
        for activation in ("relu", "tanh", "logistic", "identity")
    ],
    *[
        ("healthy", "digits", units, activation, init, {})
        for units in [(100,), (50, 50, 50)]
        for activation in ("relu", "tanh")
        for init in ("glorot_uniform", "glorot_normal", "he_normal", "lecun_normal", "orthogonal")
    ],
    ("healthy", "gaussian", (200,) * 20, "relu", "he_normal", {}),
    ("healthy", "gaussian", (200,) * 30, "tanh", "glorot_uniform", {}),
    ("healthy", "gaussian", (100,) * 120, "tanh", "orthogonal", {}),
    ("healthy", "gaussian", (200,) * 3, "tanh", eq_1, {}),
    *[
        ("healthy", "digits", (300, 10, 300), activation, init, {})
        for activation, init in (
            ("tanh", "auto"),
            ("tanh", "orthogonal"),
            ("identity", "glorot_normal"),
            ("logistic", "auto"),
            ("relu", "he_uniform"),
        )
    ],
    ("healthy", "digits", (50, 50), "relu", ["auto", "auto", "zeros"], {}),
    ("healthy", "digits", (50,), "tanh", ["auto", "zeros"], {}),
    ("healthy", "gaussian", (100,), "relu", "uniform", {}),
    ("healthy", "gaussian", (100,), "tanh", "normal", {}),
    ("healthy", "gaussian", (), "tanh", "glorot_uniform", {}),
    ("healthy", "gaussian", (), "tanh", "constant", {}),
    ("healthy", "gaussian", (1,), "tanh", "constant", {}),
    ("healthy", "gaussian", (100,), "tanh", ["constant", "glorot_uniform"], {}),
    # symmetric
    ("symmetric", "digits", (100,), "relu", "constant", {}),
    ("symmetric", "iris", (3,), "logistic", "constant", {}),
    ("symmetric", "iris", (8,), "relu", "zeros", {}),
    ("symmetric", "digits", (100,), "relu", "constant", {"bias_init": Constant(-1e4)}),
    ("symmetric", "iris", (2,), "tanh", Constant(0.5), {}),
    ("symmetric", "gaussian", (50, 50), "tanh", "zeros", {}),
    ("symmetric", "digits", (50,), "tanh", Uniform(0.1, 0.1 + 1e-9), {}),
    ("symmetric", "gaussian", (50, 50), "tanh", ["glorot_uniform", "constant", "constant"], {}),
    # vanishing
    ("vanishing", "gaussian", (200,) * 6, "tanh", eq_1, {}),
    ("vanishing", "gaussian", (200,) * 10, "relu", "glorot_uniform", {}),
    ("vanishing", "digits", (50,) * 5, "tanh", "uniform", {}),
    ("vanishing", "gaussian", (200,) * 2, "logistic", "sklearn", {"bias_init": "same"}),
    ("vanishing", "gaussian", (200,) * 3, "logistic", eq_1, {}),
    ("vanishing", "iris", (100, 100), "tanh", Uniform(-1e-3, 1e-3), {}),
    ("vanishing", "iris", (1,), "tanh", "zeros", {}),
    # exploding
    ("exploding", "gaussian", (200,) * 8, "relu", Normal(std=0.2), {}),
    ("exploding", "gaussian", (100,) * 3, "identity", "constant_rows", {}),
    ("exploding", "digits", (100,), "relu", Normal(std=5.0), {}),
    ("exploding", "digits", (100,), "relu", Normal(std=1e200), {}),
    # saturated
    ("saturated", "digits", (100,) * 3, "tanh", Normal(std=1.0), {}),
    ("saturated", "digits", (100,), "logistic", Normal(std=2.0), {}),
    ("saturated", "iris", (10, 10), "tanh", "glorot_uniform", {"bias_init": Constant(5.0)}),
    # dead
    ("dead", "digits", (100,), "relu", "auto", {"bias_init": Constant(-30.0)}),
    ("dead", "iris", (20, 20), "relu", ["auto", Uniform(-0.5, -0.1), "auto"], {}),
]


def constant_rows(shape, *, fan_in, fan_out, random_state, dtype):
    return random_state.normal(size=shape).astype(dtype)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(str(part) for part in case[:4]))
def test_verdict(case):
    expected, data, units, activation, init, settings = case
    init = constant_rows if init == "constant_rows" else init
    X, y = SCALED[data]
    for seed in range(2):
        mlp = XavierMLPClassifier(units, activation, init=init, random_state=seed, **settings)
        verdict = signal_propagation(mlp, X, y).verdict
        assert verdict == expected, verdict.message
        if expected == "healthy":
            assert (verdict.layer, verdict.value, verdict.advice) == (None, None, "")
        else:
            assert verdict.message.endswith("; " + verdict.advice)
            assert verdict.source
            assert verdict.value is not None
            assert verdict.layer is None or f"layer {verdict.layer}" in verdict.message


def test_all_verdicts_are_in_the_table():
    assert {case[0] for case in CASES} == set(VERDICTS)
    assert len(CASES) >= 20


def test_what_the_verdict_says():
    X, y = SCALED["digits"]
    verdict = signal_propagation(XavierMLPClassifier(init="constant"), X, y).verdict
    assert verdict.message == (
        "init='constant' makes all 100 units of layer 1 the same function: 1 distinct unit;"
        " try init='auto'"
    )
    assert (verdict.layer, verdict.value, verdict.threshold) == (1, 99.0, 10.0)


@pytest.mark.parametrize("std", [3.0, 10.0])
def test_a_regressors_start_that_is_too_large(std):
    X = SCALED["iris"][0]
    y = X @ [1.0, -1.0, 0.5, 0.2]
    large = XavierMLPRegressor((100,), init=Normal(std=std), random_state=0)
    assert signal_propagation(large, X, y).verdict == "exploding"
    for scale in (1e-6, 1.0, 1e6):  # targets that are small are no fault of the start
        sound = XavierMLPRegressor((100,), random_state=0)
        assert signal_propagation(sound, X, scale * y).verdict == "healthy"


@pytest.mark.parametrize("X", [np.zeros((4, 2)), np.full((4, 2), 7.3), sparse.csr_matrix((4, 2))])
def test_samples_that_are_alike_are_no_fault_of_the_start(X):
    verdict = signal_propagation(XavierMLPClassifier((5,)), X, [0, 1, 0, 1]).verdict
    assert verdict == "vanishing"
    assert verdict.message == "X has no signal: all samples are alike; look at X"


def test_tiny_samples_are_measured():
    X, y = SCALED["iris"]
    mlp = XavierMLPClassifier((20,), "tanh", random_state=0)
    propagation = signal_propagation(mlp, (1e-24 * X).astype(np.float32), y)
    assert propagation.layers[0].std > 0.0
    assert propagation.verdict == "healthy"


def test_an_initializer_set_after_the_weights_were_drawn_is_not_blamed():
    X, y = SCALED["digits"]
    mlp = XavierMLPClassifier((20,), init="constant", random_state=0).initialize(X, y)
    propagation = signal_propagation(mlp.set_params(init="auto"), X, y)
    assert propagation.verdict.message.startswith("the network makes all 20 units")
    assert propagation.title == "XavierMLPClassifier, 1 hidden layer, relu, initialized"


def test_pipelines_in_pipelines():
    X, y = load_wine(return_X_y=True)
    mlp = XavierMLPClassifier((10,), "tanh", random_state=0)
    nested = make_pipeline(make_pipeline(StandardScaler(), mlp))
    plain = make_pipeline(StandardScaler(), mlp)
    stds = [signal_propagation(each, X, y).layers[0].std for each in (nested, plain)]
    assert stds[0] == stds[1]


@pytest.mark.parametrize("y", [None, [0]])
def test_one_sample_is_refused(y):
    with pytest.raises(ValueError, match="at least 2 samples, got 1"):
        signal_propagation(XavierMLPClassifier(), [[1.0]], y)


def test_overflow_is_named():
    X, y = SCALED["digits"]
    start = XavierMLPClassifier(init=Normal(std=1e200), random_state=0)
    verdict = signal_propagation(start, X, y).verdict
    assert verdict.message.startswith("init=Normal(std=1e+200) makes the signals of layer")
    assert "overflow" in verdict.message


def test_gradients_that_overflow_are_named():
    X = SCALED["iris"][0]
    verdict = signal_propagation(XavierMLPRegressor(random_state=0), X, np.full(150, 1e200)).verdict
    assert verdict == "exploding"
    assert "the gradients of layer 1 overflow" in verdict.message


def test_a_signal_that_is_gone_is_seen_without_targets():
    X, _ = SCALED["iris"]
    start = XavierMLPClassifier((1,), "tanh", init="zeros")
    verdict = signal_propagation(start, X).verdict
    assert (verdict, verdict.layer, verdict.value) == ("vanishing", 1, 0.0)


def test_unscaled_samples_are_named_as_the_cause():
    X, y = SCALED["digits"]
    verdict = signal_propagation(XavierMLPClassifier(activation="tanh"), 100 * X, y).verdict
    assert verdict == "saturated"
    assert verdict.advice == "scale X, for example with StandardScaler"


@pytest.mark.parametrize("make", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_verdict_is_a_str_that_is_copied_whole(make):
    X, y = SCALED["iris"]
    verdict = signal_propagation(XavierMLPClassifier(init="constant"), X, y).verdict
    other = pickle.loads(make(verdict)) if make is pickle.dumps else make(verdict)
    assert isinstance(other, Verdict)
    assert other == verdict == "symmetric"
    assert vars(other) == vars(verdict)


def test_the_advice_is_sound():
    X, y = SCALED["gaussian"]
    for expected, data, units, activation, init, settings in CASES:
        if expected == "healthy" or init == "constant_rows" or data != "gaussian":
            continue
        mlp = XavierMLPClassifier(units, activation, init=init, random_state=0, **settings)
        assert signal_propagation(mlp, X, y).verdict.advice == "try init='auto'"
        mlp.set_params(init="auto", bias_init="auto")
        assert signal_propagation(mlp, X, y).verdict == "healthy"


# --- estimators and data of all kinds -------------------------------------------------


def test_an_unfitted_estimator_stays_unfitted():
    X, y = SCALED["iris"]
    generator = np.random.RandomState(0)
    mlp = XavierMLPClassifier((5,), random_state=generator)
    before = pickle.dumps(mlp)
    first = signal_propagation(mlp, X, y)
    assert pickle.dumps(mlp) == before
    mlp.initialize(X, y)  # the weights that were inspected are those that it starts from
    assert_allclose(first.layers[0].std, signal_propagation(mlp, X, y).layers[0].std, rtol=1e-12)


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_a_fitted_estimator_is_inspected_as_it_is(solver):
    X, y = SCALED["iris"]
    mlp = XavierMLPClassifier((5, 4), solver=solver, max_iter=15, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mlp.fit(X, y)
    before = pickle.dumps(mlp)
    propagation = signal_propagation(mlp, X, y)
    assert pickle.dumps(mlp) == before
    probability = mlp.predict_proba(X)[np.arange(len(y)), y]
    assert_allclose(propagation.initial_loss, -np.log(probability).mean(), rtol=1e-10)
    assert "after 15 epochs" in propagation.title
    # Other targets than those it was trained on
    other = signal_propagation(mlp, X[:60], y[:60])
    assert_allclose(other.initial_loss, -np.log(probability[:60]).mean(), rtol=1e-10)


def test_symmetry_outlasts_training():
    X, y = SCALED["digits"]
    mlp = XavierMLPClassifier((20,), init="constant", max_iter=3, random_state=0)
    with pytest.warns(ConvergenceWarning):
        mlp.fit(X, y)
    verdict = signal_propagation(mlp, X, y).verdict
    assert verdict == "symmetric"
    assert verdict.message.startswith("the network makes all 20 units of layer 1")


def test_a_pipeline_is_inspected_behind_its_scaler():
    X, y = load_wine(return_X_y=True)
    mlp = XavierMLPClassifier((10,), "tanh", random_state=0)
    pipeline = make_pipeline(StandardScaler(), mlp)
    inside = signal_propagation(pipeline, X, y)
    alone = signal_propagation(mlp, StandardScaler().fit_transform(X), y)
    assert inside.layers[0].std == alone.layers[0].std
    assert not hasattr(pipeline[0], "mean_")
    pipeline[-1].set_params(max_iter=1)
    with pytest.warns(ConvergenceWarning):
        pipeline.fit(X, y)
    fitted = signal_propagation(pipeline, X, y)
    raw = signal_propagation(pipeline[-1], pipeline[0].transform(X), y)
    assert fitted.layers[0].std == raw.layers[0].std
    assert signal_propagation(make_pipeline(mlp), X, y).layers[0].n_units == 10


@pytest.mark.parametrize("container", [sparse.csr_matrix, sparse.csc_array])
def test_sparse_samples(container):
    X, y = load_digits(return_X_y=True)
    mlp = XavierMLPClassifier((10, 5), random_state=0)
    dense, thin = (
        signal_propagation(mlp, data, y, random_state=0).layers for data in (X, container(X))
    )
    for one, other in zip(dense, thin, strict=True):
        assert_allclose(one.std, other.std, rtol=1e-10)
        assert_allclose(one.weight_gradient_std, other.weight_gradient_std, rtol=1e-10)


def test_frames_and_names():
    pd = pytest.importorskip("pandas")
    X, y = load_iris(return_X_y=True, as_frame=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    propagation = signal_propagation(XavierMLPClassifier(random_state=0), X, names)
    frame = propagation.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.index) == [1, 2]
    assert frame.loc[1, "std"] == propagation.layers[0].std
    assert frame.loc[2, "activation"] == "softmax"
    assert "activations" not in frame


def test_without_pandas_the_frame_is_refused(monkeypatch):
    X, y = SCALED["iris"]
    propagation = signal_propagation(XavierMLPClassifier(), X, y)
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pandas"):
        propagation.to_frame()


@pytest.mark.parametrize("fitted", [False, True])
def test_without_targets_there_are_no_gradients(fitted):
    X, y = SCALED["iris"]
    mlp = XavierMLPClassifier((6,), random_state=0)
    if fitted:
        mlp.initialize(X, y)
    propagation = signal_propagation(mlp, X)
    assert len(propagation.layers) == 2
    assert propagation.layers[1].n_units == (3 if fitted else 1)
    assert propagation.initial_loss is None
    assert propagation.first_to_last_gradient_ratio is None
    for layer in propagation.layers:
        assert layer.gradient_std is layer.gradients is layer.weight_gradient_std is None
    assert "loss" not in str(propagation)


def test_regressors():
    X = SCALED["iris"][0]
    y = np.column_stack([X[:, 0], X[:, 1] + 2.0])
    mlp = XavierMLPRegressor((6,), "tanh", random_state=0)
    propagation = signal_propagation(mlp, X, y)
    assert_allclose(propagation.chance_loss, 0.5 * (y**2).mean(), rtol=1e-12)
    residuals = mlp.initialize(X, y).predict(X) - y
    assert_allclose(propagation.initial_loss, 0.5 * (residuals**2).mean(), rtol=1e-12)
    assert propagation.layers[-1].activation == "identity"
    counts = np.arange(150) % 4
    poisson = signal_propagation(XavierMLPRegressor(loss="poisson"), X, counts)
    assert poisson.layers[-1].activation == "exp"
    assert signal_propagation(XavierMLPRegressor(), X, 1e6 * counts).verdict == "healthy"


def test_binary_and_multilabel_targets():
    X, y = SCALED["iris"]
    mlp = XavierMLPClassifier((6,), random_state=0)
    assert_allclose(signal_propagation(mlp, X, y == 1).chance_loss, np.log(2), rtol=1e-12)
    labels = np.column_stack([y == 0, y > 0, y == 2]).astype(int)
    assert_allclose(signal_propagation(mlp, X, labels).chance_loss, 3 * np.log(2), rtol=1e-12)


def test_float32_stays_float32():
    X, y = SCALED["digits"]
    propagation = signal_propagation(XavierMLPClassifier((10,)), X.astype(np.float32), y)
    assert propagation.layers[0].activations.dtype == np.float32
    assert propagation.layers[0].gradients.dtype == np.float32


def test_many_samples_are_drawn_from():
    rng = np.random.RandomState(0)
    X, y = rng.normal(size=(3000, 4)), np.arange(3000) % 2
    mlp = XavierMLPClassifier((30,), "tanh", random_state=0)
    first = signal_propagation(mlp, X, y, random_state=3)
    assert first.n_samples == 1000
    assert len(first.layers[0].activations) == 10_000
    again = signal_propagation(mlp, X, y, random_state=3)
    assert_array_equal(first.layers[0].activations, again.layers[0].activations)
    other = signal_propagation(mlp, X, y, random_state=4)
    assert other.layers[0].std != first.layers[0].std
    assert signal_propagation(mlp, X, y, max_samples=5000).n_samples == 3000


def test_drawn_samples_keep_their_targets():
    X, y = np.repeat(SCALED["iris"][0], 20, axis=0), np.repeat(SCALED["iris"][1], 20)
    mlp = XavierMLPClassifier((10,), learning_rate_init=0.02, max_iter=20, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        mlp.fit(X, y)
    assert signal_propagation(mlp, X, y, random_state=0).initial_loss < 0.2


def test_random_state_seeds_a_start_without_a_seed():
    X, y = SCALED["iris"]
    stds = [
        signal_propagation(XavierMLPClassifier(), X, y, random_state=seed).layers[0].std
        for seed in (0, 0, 1)
    ]
    assert stds[0] == stds[1] != stds[2]


# --- how it prints --------------------------------------------------------------------


def test_it_prints_as_a_table():
    X, y = SCALED["digits"]
    mlp = XavierMLPClassifier((100, 50), init="constant", random_state=0)
    text = str(signal_propagation(mlp, X, y, random_state=0))
    lines = text.splitlines()
    assert lines[0] == "XavierMLPClassifier, 2 hidden layers, relu, init='constant'"
    table = lines[1:5]
    assert table[0].split()[:4] == ["layer", "units", "activation", "std"]
    assert [line.split()[0] for line in table[1:]] == ["1", "2", "output"]
    assert len({line.index("relu") for line in table[1:3]}) == 1
    assert "verdict: symmetric: init='constant' makes all 100 units" in text
    assert repr(signal_propagation(mlp, X, y, random_state=0)) == text
    assert max(len(line) for line in table) <= 120


def test_its_notebook_form_is_escaped():
    X, y = SCALED["iris"]

    def start(shape, *, fan_in, fan_out, random_state, dtype):
        return np.ones(shape)

    start.__name__ = "<script>"
    html = signal_propagation(XavierMLPClassifier(init=start), X, y)._repr_html_()
    assert html.startswith("<table>")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_results_are_pickled():
    X, y = SCALED["iris"]
    propagation = signal_propagation(XavierMLPClassifier(), X, y)
    assert str(pickle.loads(pickle.dumps(propagation))) == str(propagation)


# --- bad input ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "estimator",
    [SVC(), MLPClassifier(), make_pipeline(StandardScaler(), SVC()), "mlp", XavierMLPClassifier],
)
def test_other_estimators_are_refused(estimator):
    with pytest.raises(TypeError, match=r"XavierMLPClassifier, a XavierMLPRegressor or a Pipeline"):
        signal_propagation(estimator, [[0.0], [1.0]], [0, 1])


@pytest.mark.parametrize("max_samples", [0, 1, 2.5, None, "all"])
def test_max_samples(max_samples):
    with pytest.raises(ValueError, match=r"max_samples must be an int of at least 2"):
        signal_propagation(XavierMLPClassifier(), np.eye(3), [0, 1, 1], max_samples=max_samples)


@pytest.mark.parametrize(
    ("X", "y", "settings", "match"),
    [
        ([[0.0], [np.nan]], [0, 1], {}, "NaN"),
        ([[0.0], [1.0]], [0, 1, 1], {}, "inconsistent"),
        ([[0.0], [1.0]], [0, 0], {}, "class"),
        ([[0.0], [1.0]], [0, 1], {"init": "xavier"}, "'init' parameter"),
        ([[0.0], [1.0]], [0, 1], {"activation": "tan"}, "'activation' parameter"),
    ],
)
def test_bad_data_and_parameters(X, y, settings, match):
    with pytest.raises(ValueError, match=match):
        signal_propagation(XavierMLPClassifier(**settings), X, y)


def test_bad_data_of_a_fitted_estimator():
    X, y = SCALED["iris"]
    mlp = XavierMLPClassifier((3,)).initialize(X, y)
    with pytest.raises(ValueError, match="features"):
        signal_propagation(mlp, X[:, :2], y)
    with pytest.raises(ValueError, match="classes"):
        signal_propagation(mlp, X, y + 1)


def test_an_initializer_object_is_named_in_the_message():
    X, y = SCALED["iris"]
    mlp = XavierMLPClassifier((40,) * 3, "tanh", init=GlorotUniform(gain=0.01), random_state=0)
    verdict = signal_propagation(mlp, X, y).verdict
    assert verdict == "vanishing"
    assert verdict.message.startswith("init=GlorotUniform(gain=0.01) makes the signals of layer 2")
