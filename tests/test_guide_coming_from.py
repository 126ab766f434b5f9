"""What the pages for those who come from other libraries claim, and the libraries as witnesses."""

import functools
import inspect
import os
import re
import runpy
import warnings
from pathlib import Path

import numpy as np
import pytest
from scripts import CHAPTERS, numbers, printed_by, skip_without_packages
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from test_readme import ROOT, run_blocks

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor
from sk_xavier.initializers import LecunNormal, VarianceScaling

# Those of Keras and JAX are theirs to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

MOVE = "coming_from/mlpclassifier"
OTHERS = "coming_from/other_libraries"
N_INPUTS, N_UNITS = 400, 200


def table(page, first):
    """Rows of a list-table, by the text of the first cell of the head."""
    text = (CHAPTERS / f"{page}.py").read_text("utf-8")
    text = text[text.index(f"#    * - {first}\n") :]
    lines = text[: text.index("#\n")].splitlines()
    cells = [re.sub(r"^#    (\* -|  -) ?", "\n", line).replace("#       ", " ") for line in lines]
    cells = "".join(cells).strip("\n").split("\n")
    return [cells[i : i + 3] for i in range(0, len(cells), 3)]


# -- From MLPClassifier ----------------------------------------------------------------------------


def test_all_parameters_are_taken_over():
    printed = printed_by(MOVE)
    total = numbers(r"^MLP\w+: (\d+) parameters$", printed)
    same = numbers(r"with the same default: (\d+)$", printed)
    np.testing.assert_array_equal(same, total)
    assert printed.count("missing or changed: []") == 2


def test_scikit_learns_numbers_come_back():
    printed = printed_by(MOVE)
    epochs = numbers(r"epochs: (\d+) and (\d+)$", printed)
    assert len(epochs) == 4
    np.testing.assert_array_equal(epochs[:, 0], epochs[:, 1])
    weights = numbers(r"difference of weights: (\S+)$", printed)
    assert weights[:3].max() < 1e-8
    assert weights[3] < 1e-3  # lbfgs
    curves = numbers(r"difference of loss curves: (\S+)$", printed)
    assert len(curves) == 3
    assert curves.max() < 1e-8
    assert numbers(r"equal predictions: (\S+)%$", printed).min() >= 99.5


def test_a_network_is_moved():
    printed = printed_by(MOVE)
    assert numbers(r"difference of probabilities: (\S+)$", printed)[0] < 1e-12
    one, other = numbers(r"^accuracy: (\S+), (\S+)$", printed)[0]
    assert one == other > 0.9


def test_new_parameters_are_listed():
    printed = printed_by(MOVE)
    listed = printed[printed.index("both: ") : printed.index("scikit-learn: [0.")]
    signatures = {
        cls: set(inspect.signature(cls).parameters)
        for cls in (XavierMLPClassifier, XavierMLPRegressor, MLPClassifier, MLPRegressor)
    }
    new = signatures[XavierMLPClassifier] - signatures[MLPClassifier]
    new |= signatures[XavierMLPRegressor] - signatures[MLPRegressor]
    words = re.findall(r"\w+", listed)
    assert sorted(set(words) - {"both", "classifier", "regressor"}) == sorted(new - {"loss"})
    assert words.index("class_weight") > words.index("classifier")
    assert words.index("quantile") > words.index("regressor")


def test_new_errors_and_the_regressors_loss():
    printed = printed_by(MOVE)
    assert "scikit-learn: [0. 0. 0.]" in printed
    assert "here: The number of classes has to be greater than one" in printed
    assert "The 'hidden_layer_sizes' parameter of XavierMLPRegressor" in printed
    assert numbers(r"smallest prediction: (\S+)$", printed)[0] > 0


def test_a_grid_is_carried_over():
    printed = printed_by(MOVE)
    theirs = re.search(r"^scikit-learn: (\[0\.\d.*\])$", printed, re.M)[1]
    ours = re.search(r"^here: +(\[0\.\d.*\])$", printed, re.M)[1]
    assert theirs == ours
    assert "the same choice: True" in printed
    assert re.search(r"start searched: \{'mlp__init': '(auto|glorot_uniform)'", printed)


def test_defaults_of_the_table():
    # As the table says of the start, and of a fit with one step.
    X = np.random.RandomState(0).normal(size=(30, 20))
    y = np.arange(30) % 3
    bound = np.sqrt(6 / (20 + 100))
    rules = []
    for activation in ("relu", "logistic"):
        for cls in (MLPClassifier, XavierMLPClassifier):
            mlp = cls(activation=activation, learning_rate_init=1e-15, max_iter=1, random_state=0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                mlp.fit(X, y)
            spread = np.abs(mlp.coefs_[0]).max() / bound
            rules.append((round(spread, 2), bool(np.abs(mlp.intercepts_[0]).max() > 1e-12)))
    assert rules == [(1.0, True), (1.0, False), (0.58, True), (1.0, False)]  # sqrt(1/3)


MARKDOWN = [
    path
    for path in sorted((ROOT / "docs").rglob("*.md"))
    if "```python" in path.read_text("utf-8")
    and path.relative_to(ROOT / "docs").parts[0]  # not what the gallery copies or builds
    not in ("_build", "guide", "start", "coming_from", "faq", "auto_examples", "api")
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.stem)
def test_python_in_markdown_runs(path, tmp_path, monkeypatch):
    text = path.read_text("utf-8")
    skip_without_packages(text)
    monkeypatch.chdir(tmp_path)
    assert run_blocks(path) >= 1


def test_markdown_is_found():
    assert "differences" in [path.stem for path in MARKDOWN]


def test_tables_of_differences_are_whole():
    lines = (CHAPTERS / "coming_from" / "differences.md").read_text("utf-8").splitlines()
    assert lines[0] == "(coming_from_differences)="
    rows = [line for line in lines if " | " in line]
    assert len(rows) > 50
    assert {line.count(" | ") for line in rows} <= {3}
    assert all(line.startswith("| ") and line.endswith(" |") for line in rows)


# -- From the other libraries ----------------------------------------------------------------------


@functools.cache
def page():
    """The variables of the page, run in this process."""
    pytest.importorskip("pandas")
    return runpy.run_path(str(CHAPTERS / f"{OTHERS}.py"))


def import_keras():
    os.environ.setdefault("KERAS_BACKEND", "torch")
    return pytest.importorskip("keras")


def code_blocks():
    """The code of other libraries in the prose."""
    text = (CHAPTERS / f"{OTHERS}.py").read_text("utf-8")
    blocks = re.findall(r"^# \.\. code-block:: python\n#\n((?:#(?:    .*)?\n)+)", text, re.M)
    return [re.sub(r"^#(    )?", "", block, flags=re.M) for block in blocks]


def assert_same_distribution(theirs, initializer):
    """Of a large matrix drawn there and one drawn here, of shape (inputs, units)."""
    ours = initializer((N_INPUTS, N_UNITS), random_state=1)
    theirs = np.asarray(theirs, dtype=float)
    assert theirs.shape == ours.shape
    n = ours.size
    std = ours.std()
    np.testing.assert_allclose(theirs.mean(), ours.mean(), atol=6 * std / np.sqrt(n) + 1e-9)
    np.testing.assert_allclose(theirs.std(), std, rtol=0.02, atol=1e-9)
    # The quantiles tell the shapes apart, the ends where a normal is cut.
    for q in (0.02, 0.25, 0.75, 0.98):
        np.testing.assert_allclose(
            np.quantile(theirs, q), np.quantile(ours, q), rtol=0.03, atol=0.03 * std
        )
    far = [np.quantile(np.abs(weights - weights.mean()), 0.9999) for weights in (theirs, ours)]
    np.testing.assert_allclose(far[0], far[1], rtol=0.06, atol=1e-7)


def keys_of(name):
    text = (CHAPTERS / f"{OTHERS}.py").read_text("utf-8")
    text = text[text.index(f"{name} = {{") : text.index("\n}", text.index(f"{name} = {{"))]
    return re.findall(r'^    "([^"]+)"', text, re.M)


@pytest.mark.torch
@pytest.mark.parametrize("call", keys_of("pytorch"))
def test_initializers_of_pytorch(call):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    w = torch.empty(N_UNITS, N_INPUTS, dtype=torch.float64)
    eval(f"init.{call}", {"init": torch.nn.init, "w": w, "math": __import__("math")})
    assert_same_distribution(w.T.numpy(), page()["pytorch"][call])


@pytest.mark.torch
def test_linear_layers_of_pytorch():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    first = next(iter(page()["pytorch"].values()))
    layer = torch.nn.Linear(N_INPUTS, N_UNITS)
    assert_same_distribution(layer.weight.detach().numpy().T, first)
    biases = torch.nn.Linear(4, 20_000).bias.detach().numpy()
    assert biases.std() == pytest.approx(1 / np.sqrt(3 * 4), rel=0.02)
    ours = first((20_000,), fan_in=4, fan_out=20_000, random_state=0)
    assert ours.std() == pytest.approx(biases.std(), rel=0.02)


@pytest.mark.keras
@pytest.mark.parametrize("call", keys_of("keras_initializers"))
def test_initializers_of_keras(call):
    keras = import_keras()
    initializer = eval(f"initializers.{call}", {"initializers": keras.initializers})
    drawn = keras.ops.convert_to_numpy(initializer((N_INPUTS, N_UNITS)))
    assert_same_distribution(drawn, page()["keras_initializers"][call])


@pytest.mark.parametrize("call", keys_of("jax_initializers"))
def test_initializers_of_jax(call):
    jax = pytest.importorskip("jax")
    initializer = eval(f"initializers.{call}", {"initializers": jax.nn.initializers})
    drawn = np.asarray(initializer(jax.random.key(0), (N_INPUTS, N_UNITS)))
    assert_same_distribution(drawn, page()["jax_initializers"][call])


def test_the_witness_tells_distributions_apart():
    whole = LecunNormal()((N_INPUTS, N_UNITS), random_state=0)
    assert_same_distribution(whole, LecunNormal())
    for other in (
        LecunNormal(truncated=True),
        LecunNormal(gain=1.05),
        VarianceScaling(1.0, "fan_in", "uniform"),
        VarianceScaling(1.0, "fan_out", "normal"),
    ):
        with pytest.raises(AssertionError):
            assert_same_distribution(whole, other)


@pytest.mark.torch
def test_pytorchs_loop_prints_the_same_losses(capsys):
    pytest.importorskip("torch")
    loop, moving = code_blocks()
    names = dict(page())
    capsys.readouterr()
    exec(loop, names)
    theirs = numbers(r"^epoch \d: loss (\S+)$", capsys.readouterr().out)
    ours = numbers(r"^epoch \d: loss (\S+)$", printed_by(OTHERS))
    assert len(ours) == 5
    np.testing.assert_allclose(theirs, ours, atol=2e-6)
    assert ours[-1] < 0.2 * ours[0]
    exec(moving, names)
    probabilities = names["network"](names["inputs"]).softmax(dim=1).detach().numpy()
    np.testing.assert_allclose(names["probabilities"], probabilities, atol=1e-12)


@pytest.mark.torch
def test_two_outputs_are_one():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    network = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2))
    (w1, b1, w2, b2) = (p.detach().double().numpy() for p in network.parameters())
    X = np.random.RandomState(0).normal(size=(20, 3))
    mlp = XavierMLPClassifier(
        (5,), "tanh", init=[w1.T, (w2[1] - w2[0])[:, np.newaxis]], bias_init=[b1, b2[1:] - b2[:1]]
    ).initialize(X, np.arange(20) % 2)
    theirs = network.double()(torch.tensor(X)).softmax(dim=1).detach().numpy()
    np.testing.assert_allclose(mlp.predict_proba(X), theirs, atol=1e-12)


def test_start_as_pytorch():
    printed = printed_by(OTHERS)
    layers = numbers(r"1/sqrt\(in\) = (\S+), largest weight (\S+), bias (\S+)$", printed)
    assert len(layers) == 2
    np.testing.assert_allclose(layers[:, 0], [1 / 8, 1 / np.sqrt(32)], atol=1e-4)
    assert (layers[:, 1:] <= layers[:, :1] + 1e-4).all()
    assert (layers[:, 1] > 0.95 * layers[:, 0]).all()
    assert (layers[:, 2] > 0.5 * layers[:, 0]).all()


DATA = np.random.RandomState(0).normal(size=(60, 4))
CODES = np.random.RandomState(1).randint(3, size=60)


def step(**setting):
    """A linear classifier's weights before and after one step over all samples."""
    settings = {"solver": "sgd", "momentum": 0.0, "learning_rate_init": 0.1, "batch_size": 60}
    mlp = XavierMLPClassifier((), random_state=0, **{**settings, "alpha": 0.0, **setting})
    mlp.initialize(DATA, CODES)
    before = mlp.coefs_[0].copy()
    return before, mlp.partial_fit(DATA, CODES).coefs_[0]


def step_of_torch(before, make_optimizer, **criterion):
    torch = pytest.importorskip("torch")
    weights = torch.tensor(before, requires_grad=True)
    optimizer = make_optimizer(torch)([weights])
    raw = torch.tensor(DATA) @ weights
    torch.nn.CrossEntropyLoss(**criterion)(raw, torch.tensor(CODES)).backward()
    optimizer.step()
    return weights.detach().numpy()


def test_alpha_is_weight_decay_times_samples():
    assert numbers(r"^largest difference: (\S+)$", printed_by(OTHERS))[0] < 1e-12
    decay = 0.3
    before, after = step(alpha=60 * decay)
    theirs = step_of_torch(
        before, lambda torch: lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=decay)
    )
    np.testing.assert_allclose(after, theirs, atol=1e-14)
    plain = step_of_torch(before, lambda torch: lambda p: torch.optim.SGD(p, lr=0.1))
    assert np.abs(plain - theirs).max() > 1e-3
    before, after = step(solver="adamw", weight_decay=decay, epsilon=1e-30)
    theirs = step_of_torch(
        before,
        lambda torch: lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=decay, eps=1e-30),
    )
    np.testing.assert_allclose(after, theirs, atol=1e-14)


@pytest.mark.keras
def test_alpha_is_twice_kerass_l2_times_samples():
    keras = import_keras()
    c = 0.05
    before, after = step(alpha=2 * 60 * c)
    dense = keras.layers.Dense(3, kernel_regularizer=keras.regularizers.L2(c), dtype="float64")
    model = keras.Sequential([keras.Input((4,), dtype="float64"), dense])
    dense.set_weights([before, np.zeros(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss)
    model.fit(DATA, CODES, batch_size=60, verbose=0)
    np.testing.assert_allclose(dense.get_weights()[0], after, atol=1e-6)


@pytest.mark.keras
def test_epsilon_of_adam_is_added_before_the_correction():
    epsilon = 0.01
    times = numbers(r"^step +(\d+): epsilon counts +(\S+) times$", printed_by(OTHERS))
    np.testing.assert_allclose(times[:, 1], 1 / np.sqrt(1 - 0.999 ** times[:, 0]), atol=0.006)
    before, after = step(solver="adam", epsilon=epsilon)
    theirs = step_of_torch(
        before, lambda torch: lambda p: torch.optim.Adam(p, lr=0.1, eps=epsilon / np.sqrt(0.001))
    )
    np.testing.assert_allclose(after, theirs, atol=1e-12)
    same = step_of_torch(before, lambda torch: lambda p: torch.optim.Adam(p, lr=0.1, eps=epsilon))
    assert np.abs(same - after).max() > 1e-3
    keras = import_keras()
    dense = keras.layers.Dense(3, dtype="float64")
    model = keras.Sequential([keras.Input((4,), dtype="float64"), dense])
    dense.set_weights([before, np.zeros(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.1, epsilon=epsilon), loss)
    model.fit(DATA, CODES, batch_size=60, verbose=0)
    np.testing.assert_allclose(dense.get_weights()[0], after, atol=1e-5)


@pytest.mark.torch
def test_class_weights_are_averaged_as_in_pytorch():
    torch = pytest.importorskip("torch")
    before, after = step(class_weight={0: 1.0, 1: 5.0, 2: 2.0})
    weight = torch.tensor([1.0, 5.0, 2.0], dtype=torch.float64)
    theirs = step_of_torch(
        before, lambda torch: lambda p: torch.optim.SGD(p, lr=0.1), weight=weight
    )
    np.testing.assert_allclose(after, theirs, atol=1e-14)


@pytest.mark.keras
def test_class_weights_of_keras_are_divided_by_the_samples():
    keras = import_keras()
    weights = {0: 1.0, 1: 5.0, 2: 2.0}
    before, after = step(class_weight=weights)
    dense = keras.layers.Dense(3, dtype="float64")
    model = keras.Sequential([keras.Input((4,), dtype="float64"), dense])
    dense.set_weights([before, np.zeros(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss)
    model.fit(DATA, CODES, batch_size=60, class_weight=weights, verbose=0)
    mean = np.mean([weights[code] for code in CODES])
    theirs = dense.get_weights()[0] - before
    np.testing.assert_allclose(theirs, mean * (after - before), atol=1e-6)


LOSSES = {
    "squared_error": ("mse_loss", {}, 2.0, {}),
    "absolute_error": ("l1_loss", {}, 1.0, {}),
    "huber": ("huber_loss", {"delta": 0.7}, 1.0, {"huber_delta": 0.7}),
    "poisson": ("poisson_nll_loss", {"log_input": True}, 1.0, {}),
}


@pytest.mark.torch
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_differ_by_these_factors(loss):
    torch = pytest.importorskip("torch")
    name, arguments, factor, setting = LOSSES[loss]
    target = np.abs(DATA[:, 3])
    settings = {"solver": "sgd", "momentum": 0.0, "batch_size": 60, "alpha": 0.0, **setting}
    mlp = XavierMLPRegressor((), loss=loss, learning_rate_init=0.1 * factor, **settings)
    mlp.set_params(random_state=0).initialize(DATA[:, :3], target)
    weights = torch.tensor(mlp.coefs_[0].copy(), requires_grad=True)
    raw = (torch.tensor(DATA[:, :3]) @ weights)[:, 0]
    getattr(torch.nn.functional, name)(raw, torch.tensor(target), **arguments).backward()
    theirs = (weights - 0.1 * weights.grad).detach().numpy()
    mlp.partial_fit(DATA[:, :3], target)
    np.testing.assert_allclose(mlp.coefs_[0], theirs, atol=1e-13)


@pytest.mark.torch
def test_labels_are_summed_here_and_averaged_in_pytorch():
    torch = pytest.importorskip("torch")
    labels = np.column_stack([CODES == 0, CODES == 1, CODES > 0, DATA[:, 0] > 0]).astype(int)
    settings = {"solver": "sgd", "momentum": 0.0, "batch_size": 60, "alpha": 0.0}
    mlp = XavierMLPClassifier((), learning_rate_init=0.1, random_state=0, **settings)
    mlp.initialize(DATA, labels)
    weights = torch.tensor(mlp.coefs_[0].copy(), requires_grad=True)
    loss = torch.nn.BCEWithLogitsLoss()(torch.tensor(DATA) @ weights, torch.tensor(labels * 1.0))
    loss.backward()
    theirs = (weights - 0.1 * 4 * weights.grad).detach().numpy()
    np.testing.assert_allclose(mlp.partial_fit(DATA, labels).coefs_[0], theirs, atol=1e-13)


@pytest.mark.keras
def test_patience():
    found = numbers(
        r"^patience=(\d+): stopped after (\d+) = 1 \+ (\d+) epochs$", printed_by(OTHERS)
    )
    patience, n_iter, again = found[0]
    assert n_iter == 1 + patience == 1 + again
    keras = import_keras()
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.0), loss)
    stop = keras.callbacks.EarlyStopping(patience=int(patience))
    history = model.fit(
        DATA, CODES, validation_split=0.2, epochs=50, callbacks=[stop], verbose=0, shuffle=False
    )
    assert len(history.epoch) == n_iter


@pytest.mark.torch
def test_defaults_of_pytorch():
    torch = pytest.importorskip("torch")

    def default(function, name):
        return inspect.signature(function).parameters[name].default

    optim, schedulers = torch.optim, torch.optim.lr_scheduler
    assert default(optim.Adam, "lr") == default(optim.SGD, "lr") == 0.001
    assert default(optim.SGD, "momentum") == default(optim.Adam, "weight_decay") == 0
    assert default(optim.SGD, "nesterov") is False
    assert default(optim.Adam, "eps") == 1e-8
    assert default(optim.RMSprop, "alpha") == 0.99
    assert default(optim.AdamW, "weight_decay") == 0.01
    assert default(schedulers.ReduceLROnPlateau, "factor") == 0.1
    assert default(schedulers.OneCycleLR, "pct_start") == 0.3
    assert default(schedulers.OneCycleLR, "cycle_momentum") is True
    assert default(torch.utils.data.DataLoader, "shuffle") in (False, None)


@pytest.mark.keras
def test_defaults_of_keras():
    keras = import_keras()

    def default(function, name):
        return inspect.signature(function).parameters[name].default

    optimizers, callbacks = keras.optimizers, keras.callbacks
    assert default(optimizers.Adam, "learning_rate") == 0.001
    assert default(optimizers.SGD, "learning_rate") == 0.01
    assert default(optimizers.SGD, "momentum") == 0.0
    assert default(optimizers.Adam, "epsilon") == 1e-7
    assert default(optimizers.RMSprop, "rho") == 0.9
    assert default(optimizers.AdamW, "weight_decay") == 0.004
    assert default(callbacks.EarlyStopping, "patience") == 0
    assert default(callbacks.EarlyStopping, "min_delta") == 0
    assert default(callbacks.EarlyStopping, "monitor") == "val_loss"
    assert default(callbacks.ReduceLROnPlateau, "factor") == 0.1
    assert default(keras.Model.fit, "epochs") == 1
    assert default(keras.layers.Dense, "kernel_initializer") == "glorot_uniform"
    assert default(keras.layers.Dense, "bias_initializer") == "zeros"


@pytest.mark.torch
def test_defaults_of_skorch_and_its_training():
    skorch = pytest.importorskip("skorch")
    torch = pytest.importorskip("torch")

    def default(function, name):
        return inspect.signature(function).parameters[name].default

    net = inspect.signature(skorch.NeuralNet).parameters
    assert (net["lr"].default, net["max_epochs"].default) == (0.01, 10)
    assert net["batch_size"].default == 128
    assert default(skorch.callbacks.EarlyStopping, "patience") == 5
    assert default(skorch.callbacks.EarlyStopping, "load_best") is False

    ours = XavierMLPClassifier(
        (6,),
        "tanh",
        solver="sgd",
        learning_rate_init=0.01,
        momentum=0.0,
        alpha=0.0,
        batch_size=30,
        shuffle=False,
        random_state=0,
    ).initialize(DATA, CODES)
    network = torch.nn.Sequential(
        torch.nn.Linear(4, 6), torch.nn.Tanh(), torch.nn.Linear(6, 3), torch.nn.Softmax(dim=1)
    ).double()
    for layer, coef in zip((network[0], network[2]), ours.coefs_, strict=True):
        layer.weight.data = torch.tensor(coef.T.copy())
        torch.nn.init.zeros_(layer.bias)
    theirs = skorch.NeuralNetClassifier(network, batch_size=30, train_split=None, verbose=0)
    theirs.fit(DATA, CODES)
    for _ in range(10):
        ours.partial_fit(DATA, CODES)
    np.testing.assert_allclose(theirs.history[:, "train_loss"], ours.loss_curve_, atol=1e-9)


def test_skorchs_defaults_are_a_beginning():
    printed = printed_by(OTHERS)
    skorchs = numbers(r"^loss (\S+), accuracy (\S+)$", printed)[0]
    defaults = numbers(r"defaults here: loss (\S+), accuracy (\S+)$", printed)[0]
    assert skorchs[0] > 2.0
    assert skorchs[0] > defaults[0] + 0.3
    assert skorchs[1] < defaults[1]


def test_settings_name_parameters_that_exist():
    parameters = inspect.signature(XavierMLPClassifier).parameters
    rows = table(OTHERS, "here")
    assert len(rows) > 15
    for here, _, _ in rows[1:]:
        for name, default in re.findall(r"``(\w+)=([^`]+)``", here):
            assert name in parameters
            if re.fullmatch(r"[\d.e-]+|True", default) and name != "early_stopping":
                assert parameters[name].default == pytest.approx(eval(default))


def test_no_table_is_wider_than_a_phone():
    for path in (CHAPTERS / "coming_from").glob("*.py"):
        assert max(map(len, printed_by(f"coming_from/{Path(path).stem}").splitlines())) <= 80
