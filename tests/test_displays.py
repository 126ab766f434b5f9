"""Pictures: what is drawn, and that all of it can be told apart."""

import itertools
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.comparison import InitializerComparison, Run
from sk_xavier.diagnostics import signal_propagation
from sk_xavier.displays import (
    InitializerComparisonDisplay,
    LossCurveDisplay,
    SignalPropagationDisplay,
    WeightsDisplay,
)
from sk_xavier.initializers import Normal

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")
plt = pytest.importorskip("matplotlib.pyplot")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def _clean():
    """Nothing global changes, and no figure stays open."""
    settings = dict(matplotlib.rcParams)
    yield
    plt.close("all")
    assert dict(matplotlib.rcParams) == settings


@pytest.fixture(scope="module", name="X")
def _samples():
    return StandardScaler().fit_transform(load_digits().data[:300])


@pytest.fixture(scope="module", name="y")
def _classes():
    return load_digits().target[:300]


def drawn(display):
    """The display after its figure was drawn: every warning is an error here."""
    display.figure_.canvas.draw()
    return display


def texts_are_apart(texts):
    """Whether the boxes of drawn texts do not overlap."""
    boxes = [text.get_window_extent() for text in texts if text.get_text()]
    return not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def looks(lines):
    """Line styles and markers: what is left of a look in black and white."""
    return [(line.get_linestyle(), line.get_marker()) for line in lines]


def lightness(line):
    red, green, blue = matplotlib.colors.to_rgb(line.get_color())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def legend_of(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


# --- where to draw


@pytest.fixture(scope="module")
def displays(X, y):
    """One of each, and the number of its panels."""
    network = XavierMLPClassifier((6, 5), "tanh", max_iter=4, early_stopping=True, random_state=0)
    network.fit(X, y)
    comparison = InitializerComparison([run("auto", 0.9, (2.0, 1.0))], ["auto"], ["auto"], "R²")
    made = {
        "signals": SignalPropagationDisplay.from_estimator(network, X, y),
        "losses": LossCurveDisplay.from_estimator(network),
        "comparison": InitializerComparisonDisplay.from_comparison(comparison),
        "weights": WeightsDisplay.from_estimator(network),
        "bars": WeightsDisplay.from_estimator(network, layer=2, max_units=3),
    }
    plt.close("all")
    return made


@pytest.mark.parametrize(
    ("name", "n_panels"),
    [("signals", 2), ("losses", 2), ("comparison", 2), ("weights", 6), ("bars", 5)],
)
class TestAxes:
    def test_none_makes_a_figure(self, displays, name, n_panels):
        display = displays[name]
        assert display.plot() is display
        assert plt.get_fignums() == [display.figure_.number]
        assert len(display.axes_) == n_panels
        assert display.ax_ is display.axes_[0]
        color_bar = [display.colorbar_.ax] if getattr(display, "colorbar_", None) else []
        assert display.figure_.axes == [*display.axes_, *color_bar]  # no empty panels
        drawn(display)

    def test_a_sequence_is_used_as_it_is(self, displays, name, n_panels):
        _, axes = plt.subplots(1, n_panels, layout="constrained")
        for given in (axes, list(axes)):
            display = drawn(displays[name].plot(given))
            assert display.axes_ == list(axes)

    def test_axes_of_a_part_of_a_figure_without_pyplot(self, displays, name, n_panels):
        figure = matplotlib.figure.Figure(layout="constrained")
        part = figure.subfigures(1, 2)[0]
        display = displays[name].plot(part.subplots(1, n_panels, squeeze=False))
        assert display.figure_ is part
        figure.canvas.draw()
        assert plt.get_fignums() == []

    def test_one_axes_is_divided(self, displays, name, n_panels):
        figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4))
        whole = left.get_position()
        display = drawn(displays[name].plot(left))
        assert display.figure_ is figure
        assert len(display.axes_) == n_panels
        for axes in display.axes_:
            part = axes.get_position()
            assert whole.x0 - 1e-9 <= part.x0 < part.x1 <= whole.x1 + 1e-9
            assert whole.y0 - 1e-9 <= part.y0 < part.y1 <= whole.y1 + 1e-9
        assert not left.axison
        assert right.axison

    def test_others_are_refused(self, displays, name, n_panels):
        figure, axes = plt.subplots(1, n_panels + 1)
        for wrong in (axes, "axes", figure):
            with pytest.raises(
                ValueError, match=f"one matplotlib Axes or a sequence of {n_panels}"
            ):
                displays[name].plot(wrong)
        with pytest.raises(ValueError, match=r"plt.subplots or the like"):
            displays[name].plot(figure.add_axes((0, 0, 1, 1)))


@pytest.mark.parametrize("name", ["signals", "losses", "comparison"])
def test_choices_are_checked(displays, name):
    kinds = "'activations', 'gradients'" if name == "signals" else "'loss', 'scores'"
    with pytest.raises(ValueError, match=rf"kind must be one of 'both', {kinds}. Got 'all'"):
        displays[name].plot(kind="all")
    with pytest.raises(ValueError, match=r"log_scale must be one of 'auto', True, False. Got 'no'"):
        displays[name].plot(log_scale="no")


def test_kind_is_checked_before_anything_is_computed():
    for cls in (SignalPropagationDisplay, InitializerComparisonDisplay):
        with pytest.raises(ValueError, match="kind must be one of"):
            cls.from_estimator(None, None, None, kind="all")


def test_without_matplotlib_it_tells_what_to_install(displays, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    calls = [display.plot for display in displays.values()]
    calls += [
        lambda: SignalPropagationDisplay.from_estimator(None, None),
        lambda: LossCurveDisplay.from_estimator(None),
        lambda: LossCurveDisplay.from_estimators([]),
        lambda: InitializerComparisonDisplay.from_estimator(None, None, None),
        lambda: WeightsDisplay.from_estimator(None),
    ]
    for call in calls:
        with pytest.raises(ImportError, match=r'pip install "sk-xavier\[plot\]"'):
            call()


def test_matplotlib_is_imported_when_something_is_drawn():
    code = "import sys, sk_xavier.displays; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- signal propagation


def tanh_network(n_layers, init, n_units=50, activation="tanh"):
    return XavierMLPClassifier((n_units,) * n_layers, activation, init=init, random_state=0)


def ends(layers):
    """Of each layer without its last thousandth at both ends, the least and the largest."""
    ordered = [np.sort(values) for values in layers]
    outside = [(len(values) - 1) * 0.001 for values in ordered]
    low = min(v[int(np.floor(n))] for v, n in zip(ordered, outside, strict=True))
    return low, max(v[-1 - int(np.floor(n))] for v, n in zip(ordered, outside, strict=True))


def test_lines_are_histograms_of_the_hidden_layers(X, y):
    propagation = signal_propagation(tanh_network(3, "glorot_uniform"), X, y)
    display = drawn(SignalPropagationDisplay.from_signal_propagation(propagation, bins=30))
    hidden = propagation.layers[:3]
    for axes, lines, layers in (
        (display.axes_[0], display.lines_[0], [layer.activations for layer in hidden]),
        (display.axes_[1], display.lines_[1], [layer.gradients for layer in hidden]),
    ):
        assert axes.get_xscale() == "linear"
        low, high = ends(layers)
        width = (high - low) / 30
        assert len(lines) == 3
        for line, values in zip(lines, layers, strict=True):
            np.testing.assert_allclose(line.get_xdata(), low + width * (np.arange(30) + 0.5))
            edges = np.append(low + width * np.arange(30), high)
            counts = [
                np.sum((values >= a) & (values <= b if b == high else values < b))
                for a, b in itertools.pairwise(edges)
            ]
            drawn_counts = line.get_ydata() * len(values) * width
            # Rounding may move a value that is on an edge.
            np.testing.assert_allclose(drawn_counts, counts, atol=1.01)
            assert 0.99 < line.get_ydata().sum() * width <= 1.0 + 1e-9
    assert [axes.get_xlabel() for axes in display.axes_] == [
        "activation",
        "back-propagated gradient",
    ]
    assert [axes.get_ylabel() for axes in display.axes_] == ["density"] * 2
    title = display.figure_.get_suptitle()
    assert title == f"{propagation.title}\nverdict: {propagation.verdict}"


def test_vanishing_signals_get_an_asinh_scale(X, y):
    propagation = signal_propagation(tanh_network(8, "uniform", 100), X, y)
    display = drawn(SignalPropagationDisplay.from_signal_propagation(propagation, bins=40))
    layers = [layer.activations for layer in propagation.layers[:-1]]
    [axes, _], [lines, _] = display.axes_, display.lines_
    assert axes.get_xscale() == "asinh"
    assert axes.get_yscale() == "log"
    assert "asinh scale" in axes.get_xlabel()
    assert texts_are_apart(axes.get_xticklabels())
    width = axes.xaxis.get_transform().linear_width
    assert width == pytest.approx(np.quantile(np.abs(layers[-1]), 0.9))
    low, high = np.arcsinh(np.array(ends(layers)) / width)
    edges = width * np.sinh(low + (high - low) * np.arange(41) / 40)
    edges[[0, -1]] = ends(layers)
    for line, values in zip(lines, layers, strict=True):
        shares = line.get_ydata() * np.diff(edges)
        expected = np.histogram(values, edges)[0] / len(values)
        np.testing.assert_allclose(shares, expected, atol=1.01 / len(values))
    # In the last layer most values are within a few widths; in the first, few are.
    x = np.abs(lines[0].get_xdata()) < 2 * width
    assert (lines[-1].get_ydata() * np.diff(edges))[x].sum() > 0.95
    assert (lines[0].get_ydata() * np.diff(edges))[x].sum() < 0.1
    assert f"verdict: vanishing in layer {propagation.verdict.layer}" in (
        display.figure_.get_suptitle()
    )


def test_densities_have_a_log_scale_where_one_would_hide_the_others(X):
    for activation, init, scale in (
        ("tanh", "glorot_uniform", "linear"),
        ("relu", "he_uniform", "log"),  # half of all values are 0
        ("tanh", Normal(std=2.0), "log"),  # most are -1 or 1
    ):
        network = tanh_network(3, init, activation=activation)
        display = drawn(SignalPropagationDisplay.from_estimator(network, X))
        assert display.ax_.get_yscale() == scale, init
        for forced, other in ((True, "log"), (False, "linear")):
            assert drawn(display.plot(log_scale=forced)).ax_.get_yscale() == other


def test_single_values_in_the_tails_are_below_the_picture():
    rng = np.random.default_rng(0)
    layers = [rng.normal(size=10_000), rng.uniform(-5.0, 5.0, size=10_000)]
    display = drawn(SignalPropagationDisplay(activations=layers).plot(bins=100, log_scale=True))
    x, density = display.lines_[0][0].get_data()
    bottom, top = display.ax_.get_ylim()
    a_value = 1 / (10_000 * (x[1] - x[0]))
    assert a_value < bottom < 10 * a_value
    assert density.max() < top


def test_a_bin_between_empty_ones_has_a_marker():
    values = np.concatenate([np.zeros(5000), np.linspace(3.0, 4.0, 5000), [10.0] * 50])
    display = drawn(SignalPropagationDisplay(activations=[values]).plot(log_scale=True))
    [[line]] = display.lines_
    marked = line.get_xdata()[line.get_markevery()]
    for lonely in (0.0, 10.0):
        assert np.abs(marked - lonely).min() < 0.2
    assert (line.get_ydata()[line.get_markevery()] > 0.0).all()


def test_layers_of_equal_values_are_spikes(X, y):
    display = drawn(SignalPropagationDisplay.from_estimator(tanh_network(4, "zeros"), X, y))
    for axes, lines in zip(display.axes_, display.lines_, strict=True):
        heights = []
        for i, line in enumerate(lines):
            assert line.get_label() == f"layer {i + 1}, all 0"
            np.testing.assert_array_equal(line.get_xdata(), [0.0, 0.0])
            assert line.get_ydata()[0] == 0.0
            heights.append(line.get_ydata()[1])
        assert len(set(heights)) == 4
        assert 0.0 < min(heights) < max(heights) < 1.0
        assert axes.get_xlim()[0] < 0.0 < axes.get_xlim()[1]
        assert len(axes.get_yticks()) == 0


def test_a_spike_stands_among_histograms():
    rng = np.random.default_rng(0)
    layers = [rng.normal(size=1000), np.full(1000, 0.5), np.full(10, 0.5) + 1e-9 * np.arange(10)]
    display = drawn(SignalPropagationDisplay(activations=layers).plot())
    [lines] = display.lines_
    assert [line.get_label() for line in lines] == [
        "layer 1",
        "layer 2, all 0.5",
        "layer 3, all 0.5",
    ]
    assert len(lines[0].get_xdata()) == 40
    np.testing.assert_array_equal(lines[1].get_xdata(), [0.5, 0.5])


def test_what_overflows_is_told_and_left_out():
    rng = np.random.default_rng(0)
    some = rng.normal(size=1000)
    some[:250] = [np.inf, -np.inf, np.nan, 1e200, -1e300] * 50
    layers = [rng.normal(size=1000), some, np.full(10, np.nan)]
    display = drawn(SignalPropagationDisplay(activations=layers).plot())
    [lines] = display.lines_
    assert [line.get_label() for line in lines] == [
        "layer 1",
        "layer 2, 25% overflow",
        "layer 3, 100% overflow",
    ]
    x = lines[1].get_xdata()
    assert (lines[1].get_ydata() * (x[1] - x[0])).sum() == pytest.approx(1.0, abs=0.01)
    assert len(lines[2].get_xdata()) == 0
    everything = drawn(SignalPropagationDisplay(activations=[layers[2]] * 2).plot())
    assert legend_of(everything.ax_) == ["layer 1, 100% overflow", "layer 2, 100% overflow"]


def test_a_dead_layer_with_a_few_active_values():
    values = np.zeros(10_000)
    values[:3] = [1.0, 2.0, 3.0]
    display = drawn(SignalPropagationDisplay(activations=[values] * 2).plot(bins=30))
    for line in display.lines_[0]:
        shares = line.get_ydata() * 0.1
        assert shares[0] == pytest.approx(0.9997)
        assert np.flatnonzero(shares).tolist() == [0, 10, 20, 29]


@pytest.mark.parametrize(
    "sizes", [(1.0,), (1e-90, 1e-95), (1e90, 1e-90), (1e-300, 1e-320), (1e99,)]
)
@pytest.mark.parametrize("bins", [1, 40, 5000])
def test_sizes_can_be_extreme(sizes, bins):
    rng = np.random.default_rng(0)
    layers = [size * rng.normal(size=500) for size in sizes]
    before = [values.copy() for values in layers]
    display = drawn(SignalPropagationDisplay(activations=layers).plot(bins=bins))
    assert np.isfinite(display.lines_[0][0].get_ydata()).all()
    np.testing.assert_array_equal(layers, before)


@pytest.mark.parametrize("n_layers", [3, 10, 30])
def test_layers_can_be_told_apart(n_layers):
    rng = np.random.default_rng(0)
    layers = [rng.normal(size=500) for _ in range(n_layers)]
    display = drawn(SignalPropagationDisplay(activations=layers, gradients=layers).plot())
    for lines in display.lines_:
        assert len(set(looks(lines))) == n_layers
        light = [lightness(line) for line in lines]
        assert light == sorted(light)
        assert light[-1] < 0.75  # on white
    # One legend for both; with every layer, or from the first to the last.
    assert display.axes_[0].get_legend() is None
    legend = legend_of(display.axes_[1])
    assert len(legend) == min(n_layers, 16)
    assert (legend[0], legend[-1]) == ("layer 1", f"layer {n_layers}")
    box = display.axes_[1].get_legend().get_window_extent()
    assert box.x0 >= display.axes_[1].get_window_extent().x1  # it hides no line
    assert display.figure_.bbox.contains(box.x1, box.y0)


def test_legends_differ_where_the_layers_do():
    rng = np.random.default_rng(0)
    layers = [rng.normal(size=500) for _ in range(2)]
    display = drawn(
        SignalPropagationDisplay(activations=layers, gradients=[np.zeros(9)] * 2).plot()
    )
    assert legend_of(display.axes_[0]) == ["layer 1", "layer 2"]
    assert legend_of(display.axes_[1]) == ["layer 1, all 0", "layer 2, all 0"]


def test_kinds(X, y):
    network = tanh_network(2, "auto")
    names = {"activations": "activation", "gradients": "back-propagated gradient"}
    both = SignalPropagationDisplay.from_estimator(network, X, y, random_state=0)
    for kind, name in names.items():
        display = drawn(
            SignalPropagationDisplay.from_estimator(network, X, y, random_state=0, kind=kind)
        )
        [axes], [lines] = display.axes_, display.lines_
        assert axes.get_xlabel() == name
        i = list(names).index(kind)
        np.testing.assert_array_equal(lines[1].get_ydata(), both.lines_[i][1].get_ydata())


def test_without_targets_there_are_activations_only(X):
    display = drawn(SignalPropagationDisplay.from_estimator(tanh_network(2, "auto"), X))
    assert [axes.get_xlabel() for axes in display.axes_] == ["activation"]
    with pytest.raises(ValueError, match="kind='gradients' has nothing to draw"):
        display.plot(kind="gradients")
    assert len(SignalPropagationDisplay(activations=[[0.0, 1.0]]).plot().axes_) == 1


def test_without_hidden_layers_there_is_nothing_to_draw(X, y):
    for kind in ("both", "activations", "gradients"):
        with pytest.raises(ValueError, match="a hidden layer"):
            SignalPropagationDisplay.from_estimator(tanh_network(0, "auto"), X, y, kind=kind)


def test_pipelines_and_parameters_reach_the_diagnosis(X, y):
    model = make_pipeline(StandardScaler(), tanh_network(2, "auto"))
    display = drawn(
        SignalPropagationDisplay.from_estimator(model, X, y, max_samples=20, random_state=3)
    )
    expected = signal_propagation(model, X, y, max_samples=20, random_state=3)
    assert len(display.activations[0]) == 20 * 50
    np.testing.assert_array_equal(display.gradients[1], expected.layers[1].gradients)


def test_the_title_of_given_axes_is_theirs(X, y):
    figure, axes = plt.subplots(2, 2, figsize=(10, 8), layout="constrained")
    for row, init in zip(axes, ("uniform", "auto"), strict=True):
        display = SignalPropagationDisplay.from_estimator(tanh_network(2, init), X, y, ax=row)
        assert init in row[0].get_title()
        assert display.verdict in row[0].get_title()
        assert max(map(len, row[0].get_title().split("\n"))) < 60
    drawn(display)
    assert figure.get_suptitle() == ""


@pytest.mark.parametrize("bins", [0, 2.0, True, "auto"])
def test_bins_are_a_number(bins):
    with pytest.raises(ValueError, match="bins must be an int of at least 1"):
        SignalPropagationDisplay(activations=[[0.0, 1.0]]).plot(bins=bins)


# --- loss curves


def fitted(X, y, **parameters):
    parameters = {"max_iter": 12, "random_state": 0} | parameters
    return XavierMLPClassifier((20,), **parameters).fit(X, y)


def test_one_loss_curve(X, y):
    network = fitted(X, y)
    display = drawn(LossCurveDisplay.from_estimator(network, name="digits"))
    [[line]] = display.lines_
    np.testing.assert_array_equal(line.get_xdata(), np.arange(1, 13))
    np.testing.assert_array_equal(line.get_ydata(), network.loss_curve_)
    assert legend_of(display.ax_) == ["digits"]
    assert display.ax_.get_xlabel() == "epoch"
    assert display.ax_.get_ylabel() == "training loss (log loss, nats)"


def test_early_stopping_has_a_second_panel(X, y):
    network = fitted(X, y, early_stopping=True)
    display = drawn(LossCurveDisplay.from_estimator(make_pipeline(StandardScaler(), network)))
    [[loss, validation], [score]] = display.lines_
    np.testing.assert_array_equal(validation.get_ydata(), network.validation_loss_curve_)
    assert looks([validation]) == looks([loss])
    assert validation.get_linewidth() < loss.get_linewidth()
    np.testing.assert_array_equal(loss.get_ydata(), network.loss_curve_)
    np.testing.assert_array_equal(score.get_ydata(), network.validation_scores_)
    assert looks([loss]) == looks([score])
    assert display.axes_[1].get_ylabel() == "validation score (accuracy)"
    assert display.axes_[0].get_position().y0 > display.axes_[1].get_position().y1
    name = "XavierMLPClassifier(init='glorot_uniform')"
    assert legend_of(display.ax_) == [name, f"{name}, validation"]
    for kind, name in (("loss", "training loss"), ("scores", "validation score")):
        alone = drawn(display.plot(kind=kind))
        assert [axes.get_ylabel()[: len(name)] for axes in alone.axes_] == [name]
        assert alone.ax_.get_legend() is not None


def test_regressors_and_lbfgs_have_their_own_names(X, y):
    network = XavierMLPRegressor((5,), solver="lbfgs", max_iter=5, random_state=0).fit(X, y)
    display = LossCurveDisplay.from_estimator(network)
    assert display.ax_.get_xlabel() == "iteration"
    assert display.ax_.get_ylabel() == "training loss (half squared error)"
    network = XavierMLPRegressor((5,), max_iter=3, early_stopping=True, loss="poisson").fit(X, y)
    display = LossCurveDisplay.from_estimator(network)
    assert display.axes_[0].get_ylabel() == "training loss (half Poisson deviance)"
    assert display.axes_[1].get_ylabel() == "validation score (R²)"


@pytest.mark.parametrize(
    ("scoring", "name"),
    [
        (None, "accuracy"),
        ("loss", "minus the loss"),
        ("f1_macro", "f1_macro"),
        (make_scorer(accuracy_score), "scoring"),
    ],
)
def test_the_score_has_its_name(scoring, name, X, y):
    network = fitted(X, y, scoring=scoring, early_stopping=True)
    display = LossCurveDisplay.from_estimator(network)
    assert display.axes_[1].get_ylabel() == f"validation score ({name})"


def test_validation_ends_where_training_does(X, y):
    network = fitted(X, y, warm_start=True, max_iter=4)
    network.fit(X, y, X_val=X, y_val=y)
    [[loss, validation], [score]] = drawn(LossCurveDisplay.from_estimator(network)).lines_
    np.testing.assert_array_equal(loss.get_xdata(), range(1, 9))
    for line in (validation, score):
        np.testing.assert_array_equal(line.get_xdata(), range(5, 9))


def test_several_loss_curves(X, y):
    networks = {
        "early": fitted(X, y, early_stopping=True),
        "adam": fitted(X, y, max_iter=5),
        "lbfgs": fitted(X, y, solver="lbfgs"),
        "regressor": XavierMLPRegressor((3,), max_iter=2, early_stopping=True).fit(X, y),
        "scikit-learn": MLPClassifier((3,), max_iter=2).fit(X, y),
    }
    display = drawn(LossCurveDisplay.from_estimators(networks))
    validated = ["early, validation", "regressor, validation"]
    assert legend_of(display.ax_) == [*networks, *validated]
    losses, scores = display.lines_
    losses, of_validation = losses[:5], losses[5:]
    for line, name in zip(of_validation, ("early", "regressor"), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), networks[name].validation_loss_curve_)
    for line, network in zip(losses, networks.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), network.loss_curve_)
    assert [line.get_label() for line in scores] == ["early", "regressor"]
    assert looks(scores) == [looks(losses)[0], looks(losses)[3]]
    assert len(set(looks(losses))) == 5
    assert len({line.get_color() for line in losses}) == 5
    assert display.ax_.get_xlabel() == "epoch or iteration"
    assert display.axes_[0].get_ylabel() == "training loss"
    assert display.axes_[1].get_ylabel() == "validation score"


def test_names_of_a_list_are_what_differs(X, y):
    same = [fitted(X, y, init=init, max_iter=2) for init in ("constant", "auto", "auto")]
    display = drawn(LossCurveDisplay.from_estimators(same))
    assert legend_of(display.ax_) == ["init='constant'", "init='auto'", "init='auto' (2)"]
    other = MLPClassifier((3,), max_iter=2).fit(X, y)
    display = drawn(LossCurveDisplay.from_estimators(iter([same[0], other, other])))
    assert legend_of(display.ax_) == [
        "XavierMLPClassifier(init='constant')",
        "MLPClassifier",
        "MLPClassifier (2)",
    ]
    weights = [np.ones((64, 20)), np.ones((20, 10))]
    display = LossCurveDisplay.from_estimator(fitted(X, y, init=weights, max_iter=1))
    assert len(legend_of(display.ax_)[0]) < 90


@pytest.mark.parametrize(
    ("curve", "scale"),
    [
        ([1.0, 0.5, 0.11], "linear"),
        ([1.0, 0.5, 0.09], "log"),
        ([1.0, 0.5, 0.0], "linear"),
        ([1.0, 0.01, -0.5], "linear"),
        ([1.0, np.nan, 0.01], "log"),
        ([np.inf, 2.0, 1.0], "linear"),
        ([np.nan, np.nan], "linear"),
        ([3.0], "linear"),
    ],
)
def test_the_loss_has_a_log_scale_where_it_serves(curve, scale):
    display = drawn(LossCurveDisplay(loss_curves={"a": [0.9], "b": curve}).plot())
    assert display.ax_.get_yscale() == scale
    assert drawn(display.plot(log_scale=True)).ax_.get_yscale() == "log"
    assert display.plot(log_scale=False).ax_.get_yscale() == "linear"


def test_a_log_scale_needs_something_positive():
    with pytest.raises(ValueError, match="log_scale=True needs a loss above 0"):
        LossCurveDisplay(loss_curves={"a": [0.0, -1.0]}).plot(log_scale=True)


def test_a_single_epoch_can_be_seen(X, y):
    [[line]] = drawn(LossCurveDisplay.from_estimator(fitted(X, y, max_iter=1))).lines_
    assert line.get_marker() not in ("", "None")
    assert len(line.get_xdata()) == 1


@pytest.mark.parametrize("estimators", [[], {}])
def test_no_estimators_are_refused(estimators):
    with pytest.raises(ValueError, match="estimators must hold one estimator or more"):
        LossCurveDisplay.from_estimators(estimators)


def test_estimators_without_a_loss_curve_are_refused(X, y):
    with pytest.raises(NotFittedError, match="XavierMLPClassifier"):
        LossCurveDisplay.from_estimator(make_pipeline(StandardScaler(), XavierMLPClassifier()))
    with pytest.raises(TypeError, match=r"must have loss_curve_ .* Got LogisticRegression"):
        LossCurveDisplay.from_estimator(LogisticRegression().fit(X, y))
    with pytest.raises(ValueError, match=r"loss_curve_ of XavierMLPClassifier\(\) is empty"):
        LossCurveDisplay.from_estimator(XavierMLPClassifier().initialize(X, y))
    with pytest.raises(ValueError, match="kind='scores' has nothing to draw"):
        LossCurveDisplay.from_estimator(fitted(X, y), kind="scores")


def test_36_lines_have_36_looks():
    display = LossCurveDisplay(loss_curves={str(i): range(1, 20) for i in range(36)}).plot()
    [lines] = display.lines_
    assert len(set(looks(lines))) == 36
    # The first few also have their markers in different places.
    first = [line.get_markevery() for line in lines[:5]]
    assert all(step == 2 for _, step in first)


# --- comparisons


def run(label, score, curve, error=None, repeat=0, fold=0):
    score = np.nan if error else score
    return Run(label, label, repeat, fold, score, 0.1, len(curve), curve, True, error, 80, 20)


@pytest.fixture
def comparison():
    runs = [
        run("bad", 0.5, (3.0, 2.5)),
        run("bad", 0.0, (), error="no", fold=1),
        run("bad", 0.6, (3.0, 2.9, 2.0, 1.5), fold=2),
        run("good", 0.9, (1.0, 0.5, 0.2)),
        run("good", 0.8, (2.0,), fold=1),
        run("good", 1.0, (4.0, 0.1), fold=2),
        *[run("failed", 0.0, (), error="no", fold=fold) for fold in range(3)],
    ]
    labels = ["failed", "bad", "good"]
    return InitializerComparison(runs, labels, labels, "accuracy")


def test_losses_are_medians_in_bands(comparison):
    display = drawn(InitializerComparisonDisplay.from_comparison(comparison, percentiles=(25, 100)))
    good, bad = display.lines_
    assert [good.get_label(), bad.get_label()] == ["good", "bad"]
    assert legend_of(display.ax_) == ["good", "bad"]
    # By hand: a run that stopped keeps its last loss.
    padded = np.array([[1.0, 0.5, 0.2], [2.0, 2.0, 2.0], [4.0, 0.1, 0.1]])
    np.testing.assert_array_equal(good.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(good.get_ydata(), [2.0, 0.5, 0.2])
    low = (np.sort(padded, axis=0)[0] + np.sort(padded, axis=0)[1]) / 2
    vertices = display.bands_[0].get_paths()[0].vertices
    for step, least, largest in zip([1, 2, 3], low, padded.max(axis=0), strict=True):
        at_step = vertices[vertices[:, 0] == step, 1]
        assert (at_step.min(), at_step.max()) == pytest.approx((least, largest))
    np.testing.assert_allclose(bad.get_ydata(), [3.0, 2.7, 2.25, 2.0])
    assert "25 to 100" in display.ax_.get_title()
    assert "keeps its last loss" in display.ax_.get_title()
    assert (display.ax_.get_xlabel(), display.ax_.get_ylabel()) == ("epoch", "training loss")
    assert display.ax_.get_yscale() == "log"
    assert len(set(looks(display.lines_))) == 2


def test_scores_are_rows_in_order_of_rank(comparison):
    display = drawn(InitializerComparisonDisplay.from_comparison(comparison))
    axes = display.axes_[1]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["1. good", "2. bad\n(1 of 3 failed)", "3. failed"]
    assert texts_are_apart(axes.get_yticklabels())
    bottom, top = axes.get_ylim()
    assert top < 0 < 2 < bottom  # the best on top
    assert [(t.get_text(), t.get_position()[1]) for t in axes.texts] == [("failed", 2)]
    first = comparison.summary()[0]
    line, caps, bars = display.errorbars_[0]
    assert (line.get_xdata()[0], line.get_ydata()[0]) == pytest.approx((0.9, 0))
    interval = [cap.get_xdata()[0] for cap in caps]
    assert interval == pytest.approx([first.low, first.high])
    assert bars[0].get_segments()[0][:, 0] == pytest.approx([first.low, first.high])
    np.testing.assert_array_equal(display.dots_[0].get_xdata(), [0.9, 0.8, 1.0])
    np.testing.assert_array_equal(display.dots_[1].get_xdata(), [0.5, 0.6])
    for row, dots in enumerate(display.dots_):
        rows = dots.get_ydata()
        assert len(set(rows)) == len(rows)  # equal scores are beside each other
        assert ((rows > row) & (rows < row + 0.5)).all()
    assert axes.get_xlabel() == "accuracy"
    assert "95 % confidence interval" in axes.get_title()


def test_kinds_of_comparison(comparison):
    losses = drawn(InitializerComparisonDisplay.from_comparison(comparison, kind="loss"))
    assert len(losses.axes_) == 1
    assert len(losses.lines_) == len(losses.bands_) == 2
    assert losses.errorbars_ is losses.dots_ is None
    scores = drawn(losses.plot(kind="scores"))
    assert len(scores.axes_) == 1
    assert len(scores.errorbars_) == 2
    assert scores.lines_ is scores.bands_ is None


def test_single_runs_and_failures_only_can_be_drawn():
    lonely = InitializerComparison([run("one", 0.7, (1.0,))], ["one"], ["one"], "R²")
    display = drawn(InitializerComparisonDisplay.from_comparison(lonely))
    assert np.isnan(display.lows[0])
    assert display.errorbars_[0][0].get_xdata()[0] == 0.7
    failed = InitializerComparison([run("a", 0, (), error="no")], ["a"], ["a"], "R²")
    display = drawn(InitializerComparisonDisplay.from_comparison(failed))
    assert display.lines_ == display.errorbars_ == []
    assert [text.get_text() for text in display.axes_[1].texts] == ["failed"]


def test_intervals_need_not_be_symmetric():
    display = InitializerComparisonDisplay(
        labels=["a"],
        loss_curves=[[]],
        scores=[[0.5, 0.9]],
        means=[0.7],
        lows=[0.6],
        highs=[0.9],
        n_failed=[0],
    )
    _, caps, _ = drawn(display.plot(kind="scores")).errorbars_[0]
    assert [cap.get_xdata()[0] for cap in caps] == pytest.approx([0.6, 0.9])


@pytest.mark.parametrize("percentiles", [(90, 10), (10,), 10, (-1, 50), (50, 101), (5, 5)])
def test_percentiles_are_checked(comparison, percentiles):
    with pytest.raises(ValueError, match="percentiles must be two numbers from 0 to 100"):
        InitializerComparisonDisplay.from_comparison(comparison, percentiles=percentiles)


def test_comparisons_from_an_estimator():
    X, y = load_iris(return_X_y=True)
    network = XavierMLPClassifier((4,), "identity", solver="lbfgs", max_iter=5)
    inits = ["constant", "auto", Normal(std=1e200)]
    display = drawn(
        InitializerComparisonDisplay.from_estimator(
            make_pipeline(StandardScaler(), network),
            X,
            y,
            inits=inits,
            cv=2,
            n_repeats=2,
            random_state=0,
        )
    )
    assert display.labels[2] == "Normal(std=1e+200)"
    assert list(display.n_failed) == [0, 0, 4]
    assert [len(dots.get_xdata()) for dots in display.dots_] == [4, 4]
    assert display.ax_.get_ylabel() == "training loss (log loss, nats)"
    assert display.ax_.get_xlabel() == "iteration"
    assert display.axes_[1].get_xlabel() == "accuracy"


# --- weights


def initialized(X, y, n_units=20, **parameters):
    return XavierMLPClassifier((n_units,), random_state=0, **parameters).initialize(X, y)


def test_constant_weights_are_the_same_picture_for_each_unit(X, y):
    display = drawn(WeightsDisplay.from_estimator(initialized(X, y, init="constant")))
    images = [np.asarray(image.get_array()) for image in display.images_]
    assert len(images) == 16
    assert all(np.array_equal(image, images[0]) for image in images)
    assert display.n_distinct == 1
    title = display.figure_.get_suptitle()
    assert "XavierMLPClassifier(init='constant')" in title
    assert "layer 1: 1 distinct unit of 20, the first 16 shown" in title


def test_random_weights_differ_and_share_a_scale(X, y):
    network = initialized(X, y)
    display = drawn(WeightsDisplay.from_estimator(make_pipeline(StandardScaler(), network)))
    assert display.n_distinct == 20
    assert "20 distinct units of 20" in display.figure_.get_suptitle()
    limit = np.abs(network.coefs_[0][:, :16]).max()
    for i, (axes, image) in enumerate(zip(display.axes_, display.images_, strict=True)):
        np.testing.assert_array_equal(image.get_array(), network.coefs_[0][:, i].reshape(8, 8))
        assert image.get_clim() == pytest.approx((-limit, limit))
        assert axes.get_title() == f"unit {i + 1}"
    assert display.colorbar_.ax.get_ylabel() == "weight"
    assert display.bars_ is None
    # Ever lighter from the least to the largest weight: in black and white the sign shows.
    colors = display.images_[0].get_cmap()(np.linspace(0, 1, 50))
    light = colors[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(light) > 0).all()
    red, green, blue = colors[25, :3]
    assert max(red, green, blue) - min(red, green, blue) < 0.05  # grey is 0


def test_units_that_differ_in_the_bias_alone_are_distinct():
    coefs = np.ones((3, 4))
    assert WeightsDisplay(coefs=coefs, intercepts=np.zeros(4)).n_distinct == 1
    assert WeightsDisplay(coefs=coefs, intercepts=[0.0, 1.0, 0.0, 1e-15]).n_distinct == 3


def test_bars_where_there_is_no_image():
    X, y = load_iris(return_X_y=True, as_frame=True)
    model = make_pipeline(
        StandardScaler(), XavierMLPClassifier((6,), solver="lbfgs", max_iter=9, random_state=0)
    )
    display = drawn(WeightsDisplay.from_estimator(model.fit(X, y)))
    network = model[-1]
    assert display.images_ is display.colorbar_ is None
    widths = [[bar.get_width() for bar in bars] for bars in display.bars_]
    np.testing.assert_array_equal(
        np.transpose(widths), np.vstack([network.coefs_[0], network.intercepts_[0]])
    )
    limits = {axes.get_xlim() for axes in display.axes_}
    [(low, high)] = limits
    assert low == -high
    assert high > np.abs(widths).max()
    for i, axes in enumerate(display.axes_):
        names = [label.get_text() for label in axes.get_yticklabels()]
        first_column = i % 4 == 0
        assert names == ([*X.columns, "bias"] if first_column else [""] * 5 if names else [])
        assert axes.get_title() == f"unit {i + 1}"
        assert bool(axes.get_xlabel()) == (i >= 2)  # the lowest of each column
    bottom, top = display.ax_.get_ylim()
    assert bottom > top  # the first feature on top


def test_names_of_features(X, y):
    frame = pd.DataFrame(X[:, :5], columns=list("abcde"))
    network = initialized(frame, y, 2)

    def names(display):
        return [label.get_text() for label in drawn(display).ax_.get_yticklabels()]

    assert names(WeightsDisplay.from_estimator(network)) == [*"abcde", "bias"]
    given = WeightsDisplay.from_estimator(network, feature_names=list("vwxyz"))
    assert names(given) == [*"vwxyz", "bias"]
    nameless = initialized(X[:, :3], y, 2)
    assert names(WeightsDisplay.from_estimator(nameless)) == ["x0", "x1", "x2", "bias"]
    unfitted = make_pipeline(StandardScaler(), nameless)
    assert names(WeightsDisplay.from_estimator(unfitted)) == ["x0", "x1", "x2", "bias"]
    upper = WeightsDisplay.from_estimator(nameless, layer=2)
    assert names(upper) == ["from unit 1", "from unit 2", "bias"]
    with pytest.raises(ValueError, match=r"feature_names must have 5 names.* Got 2"):
        WeightsDisplay.from_estimator(network, feature_names=["a", "b"])


def test_of_many_names_some_are_shown(X, y):
    display = drawn(WeightsDisplay.from_estimator(initialized(X, y, 2), image_shape=None))
    assert [len(bars) for bars in display.bars_] == [65, 65]
    names = [label.get_text() for label in display.ax_.get_yticklabels()]
    assert (names[:2], names[-1]) == (["x0", "x4"], "bias")
    assert len(names) <= 21


@pytest.mark.parametrize(
    ("n_features", "parameters", "shape"),
    [
        (64, {}, (8, 8)),
        (16, {}, (4, 4)),
        (9, {}, None),
        (60, {}, None),
        (64, {"image_shape": None}, None),
        (64, {"image_shape": (4, 16)}, (4, 16)),
        (60, {"image_shape": [6, 10]}, (6, 10)),
        (16, {"feature_names": [f"f{i}" for i in range(16)]}, None),
        (3, {"layer": 2}, None),
        (3, {"layer": 2, "image_shape": (5, 5)}, (5, 5)),
    ],
)
def test_shapes_of_images(X, y, n_features, parameters, shape):
    network = initialized(X[:, :n_features], y, 25)
    display = drawn(WeightsDisplay.from_estimator(network, max_units=1, **parameters))
    assert (display.images_ is None) == (shape is None)
    if shape:
        assert display.images_[0].get_array().shape == shape


@pytest.mark.parametrize("image_shape", [(8, 7), (64,), "square", 8, (-8, -8), (8.0, 8.0)])
def test_wrong_shapes_are_refused(X, y, image_shape):
    with pytest.raises(ValueError, match=r"image_shape must be 'auto', None or a tuple .* 64"):
        WeightsDisplay.from_estimator(initialized(X, y), image_shape=image_shape)


def test_the_layer_and_the_number_of_units(X, y):
    network = initialized(X, y, 5)
    output = drawn(WeightsDisplay.from_estimator(network, layer=2, max_units=7))
    assert len(output.axes_) == 7
    np.testing.assert_array_equal(output.coefs, network.coefs_[1])
    assert "layer 2: 10 distinct units of 10, the first 7 shown" in output.figure_.get_suptitle()
    assert len(drawn(output.plot(max_units=100)).axes_) == 10
    for layer in (0, 3, "1", 1.0):
        with pytest.raises(ValueError, match=r"layer must be an int from 1 to 2. Got"):
            WeightsDisplay.from_estimator(network, layer=layer)
    with pytest.raises(ValueError, match=r"max_units must be an int of at least 1. Got 0"):
        WeightsDisplay.from_estimator(network, max_units=0)


def test_zero_weights_are_grey_and_what_is_not_finite_is_no_limit(X, y):
    network = initialized(X, y, init="zeros")
    display = drawn(WeightsDisplay.from_estimator(network))
    assert display.images_[0].get_clim() == (-1.0, 1.0)
    network.coefs_[0][:3, 0] = [np.inf, np.nan, 0.5]
    display = drawn(WeightsDisplay.from_estimator(network))
    assert display.images_[0].get_clim() == (-0.5, 0.5)


def test_the_display_keeps_its_own_weights(X, y):
    network = initialized(X, y)
    display = WeightsDisplay.from_estimator(network)
    before = display.coefs.copy()
    network.coefs_[0] += 1.0
    np.testing.assert_array_equal(display.coefs, before)


def test_estimators_without_weights_are_refused(X, y):
    with pytest.raises(NotFittedError, match="XavierMLPClassifier"):
        WeightsDisplay.from_estimator(XavierMLPClassifier())
    with pytest.raises(TypeError, match=r"must have coefs_.* Got LogisticRegression"):
        WeightsDisplay.from_estimator(LogisticRegression().fit(X, y))
    other = MLPClassifier((4,), max_iter=1).fit(X, y)
    display = drawn(WeightsDisplay.from_estimator(other))
    np.testing.assert_array_equal(display.images_[3].get_array().ravel(), other.coefs_[0][:, 3])
    assert display.figure_.get_suptitle().startswith("MLPClassifier\n")


def test_a_single_axes_of_one_unit_has_all_titles(X, y):
    _, axes = plt.subplots()
    display = drawn(WeightsDisplay.from_estimator(initialized(X, y), max_units=1, ax=axes))
    assert display.axes_ == [axes]
    lines = axes.get_title().split("\n")
    assert lines[-1] == "unit 1"
    assert "the first 1 shown" in " ".join(lines)
