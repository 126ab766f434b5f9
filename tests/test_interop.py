"""Weights for and from PyTorch and Keras, which are the witnesses where they are installed."""

import copy
import doctest
import inspect
import itertools
import os
import random
import sys

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sk_xavier import XavierMLPClassifier, XavierMLPRegressor, interop
from sk_xavier.activations import ACTIVATIONS, ELU, Activation, LeakyReLU, ReLU
from sk_xavier.interop import (
    from_keras_weights,
    from_torch_state_dict,
    to_keras_model,
    to_keras_weights,
    to_torch_module,
    to_torch_state_dict,
)

os.environ.setdefault("KERAS_BACKEND", "torch")  # read when Keras is first imported

pytestmark = [
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    # Of PyTorch's parameters, by Keras when it makes arrays of them with NumPy 2.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),
]

RNG = np.random.RandomState(0)
X = RNG.normal(size=(40, 6))
CODES = np.arange(40) % 3
TASKS = {
    "binary": (XavierMLPClassifier, {}, CODES % 2),
    "multiclass": (XavierMLPClassifier, {}, CODES),
    "multilabel": (XavierMLPClassifier, {}, np.column_stack([CODES == 0, CODES > 0]) * 1),
    "regression": (XavierMLPRegressor, {}, X[:, 0] * X[:, 1]),
    "multioutput": (XavierMLPRegressor, {}, X[:, :2] * X[:, 1:3]),
    "poisson": (XavierMLPRegressor, {"loss": "poisson"}, CODES * 1.0),
}
SIZES = [(), (5,), (5, 4, 3)]
DTYPES = ["float32", "float64"]

# Sums of at most a dozen terms through four layers.
TOLERANCE = {"float32": 2e-5, "float64": 1e-12}
# Keras multiplies matrices of float64 in float32, unless TensorFlow is below.
OF_KERAS = TOLERANCE["float32"]

each_task = pytest.mark.parametrize("task", TASKS)
each_depth = pytest.mark.parametrize("sizes", SIZES, ids=len)
each_type = pytest.mark.parametrize("dtype", DTYPES)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def keras(torch):
    return pytest.importorskip("keras")


def make(task="multiclass", sizes=(5,), dtype="float64", **parameters):
    cls, of_task, _ = TASKS[task]
    settings = {"activation": "tanh", "bias_init": "normal", "random_state": 0, **of_task}
    mlp = cls(sizes, **{**settings, **parameters})
    return mlp.initialize(X.astype(dtype), TASKS[task][2])


def trained(task="multiclass", sizes=(5,), dtype="float64", **parameters):
    mlp = make(task, sizes, dtype, **parameters)
    for _ in range(3):
        mlp.partial_fit(X.astype(dtype), TASKS[task][2])
    # What only a copy of the bits keeps: the sign of zero, and a subnormal number.
    mlp.coefs_[0][0, 0] = -0.0
    mlp.intercepts_[-1][0] = np.finfo(dtype).smallest_subnormal
    return mlp


def bits(arrays):
    return [(array.dtype, array.shape, array.tobytes()) for array in map(np.asarray, arrays)]


def weights(mlp):
    return bits([*mlp.coefs_, *mlp.intercepts_])


def predictions(mlp, dtype="float64"):
    predict = getattr(mlp, "predict_proba", mlp.predict)
    return predict(X.astype(dtype))


def assert_outputs_are(raw, mlp, task, dtype, tolerance=None):
    """Raw predictions of another library, with the link that the documentation names."""
    raw = np.asarray(raw, dtype=float)
    if task in ("binary", "multilabel"):
        theirs = 1 / (1 + np.exp(-raw))
    elif task == "multiclass":
        theirs = np.exp(raw) / np.exp(raw).sum(axis=1, keepdims=True)
    else:
        theirs = np.exp(raw) if task == "poisson" else raw
    if task == "binary":
        theirs = np.column_stack([1 - theirs, theirs])
    ours = predictions(mlp, dtype).reshape(theirs.shape)
    assert ours.dtype == dtype
    tolerance = TOLERANCE[dtype] if tolerance is None else tolerance
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


def layer_sizes(mlp):
    return [6, *(coef.shape[1] for coef in mlp.coefs_)]


def sequential(torch, mlp, dtype, **linear):
    """Linear layers with a Tanh between them, of weights that PyTorch draws."""
    sizes = layer_sizes(mlp)
    modules = []
    for n_in, n_out in itertools.pairwise(sizes):
        of_type = {"dtype": getattr(torch, dtype)} | linear
        modules += [torch.nn.Linear(n_in, n_out, **of_type), torch.nn.Tanh()]
    return torch.nn.Sequential(*modules[:-1])


def dense(keras, mlp, dtype, **options):
    """Dense layers with tanh but for the last, of weights that Keras draws."""
    sizes = layer_sizes(mlp)
    layers = [keras.Input((sizes[0],), dtype=dtype)]
    for n_units in sizes[1:]:
        layers.append(keras.layers.Dense(n_units, activation="tanh", dtype=dtype, **options))
    layers[-1].activation = keras.activations.linear
    model = keras.Sequential(layers)
    drawn = np.random.RandomState(1)
    model.set_weights([drawn.normal(size=array.shape) for array in model.get_weights()])
    return model


def outputs_of(module, dtype):
    import torch

    with torch.no_grad():
        return module(torch.tensor(X.astype(dtype))).numpy()


# --- PyTorch


@pytest.mark.torch
@each_task
@each_depth
@each_type
def test_weights_go_to_pytorch_and_come_back(task, sizes, dtype, torch):
    mlp = trained(task, sizes, dtype)
    before = weights(mlp)
    module = sequential(torch, mlp, dtype)
    state_dict = to_torch_state_dict(mlp)
    assert str(module.load_state_dict(state_dict)) == "<All keys matched successfully>"
    assert all(type(value) is torch.Tensor for value in state_dict.values())
    assert {value.dtype for value in state_dict.values()} == {getattr(torch, dtype)}
    assert_outputs_are(outputs_of(module, dtype), mlp, task, dtype)

    other = make(task, sizes, "float64", random_state=1)
    assert from_torch_state_dict(other, module.state_dict()) is other
    assert weights(other) == weights(mlp) == before
    assert bits([predictions(other, dtype)]) == bits([predictions(mlp, dtype)])


@pytest.mark.torch
@each_task
@each_depth
@each_type
def test_weights_come_from_pytorch_and_go_back(task, sizes, dtype, torch):
    torch.manual_seed(0)
    other = "float32" if dtype == "float64" else "float64"
    mlp = make(task, sizes, other)  # the type comes with the weights
    module = sequential(torch, mlp, dtype)
    from_torch_state_dict(mlp, module.state_dict())
    assert_outputs_are(outputs_of(module, dtype), mlp, task, dtype)
    back = to_torch_state_dict(mlp)
    assert list(back) == list(module.state_dict())
    assert bits(back.values()) == bits(module.state_dict().values())


@pytest.mark.torch
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_short_floats_are_kept_exactly(dtype, torch):
    torch.manual_seed(0)
    mlp = make()
    module = sequential(torch, mlp, dtype)
    from_torch_state_dict(mlp, module.state_dict())
    assert {array.dtype for array in mlp.coefs_ + mlp.intercepts_} == {np.dtype("float32")}
    for key, tensor in to_torch_state_dict(mlp).items():
        assert torch.equal(tensor, module.state_dict()[key].float())


@pytest.mark.torch
def test_one_tensor_of_float64_makes_all_float64(torch):
    mlp = make(dtype="float32")
    state_dict = to_torch_state_dict(mlp)
    before = [array.astype("float64") for array in mlp.coefs_]
    state_dict["2.bias"] = state_dict["2.bias"].double() / 3
    from_torch_state_dict(mlp, state_dict)
    assert bits(mlp.coefs_) == bits(before)
    assert {array.dtype for array in mlp.intercepts_} == {np.dtype("float64")}
    assert mlp.intercepts_[1].tolist() == state_dict["2.bias"].tolist()


@pytest.mark.torch
def test_tensors_that_require_gradients_or_are_views(torch):
    mlp, other = trained(), make(random_state=1)
    state_dict = {}
    for key, tensor in to_torch_state_dict(mlp).items():
        wide = torch.zeros(*tensor.shape[:-1], 2 * tensor.shape[-1], dtype=tensor.dtype)
        wide[..., ::2] = tensor
        state_dict[key] = wide.requires_grad_()[..., ::2]
    assert not state_dict["0.weight"].is_contiguous()
    assert weights(from_torch_state_dict(other, state_dict)) == weights(mlp)
    state_dict = {
        key: torch.nn.Parameter(tensor) for key, tensor in to_torch_state_dict(mlp).items()
    }
    assert weights(from_torch_state_dict(make(random_state=1), state_dict)) == weights(mlp)


@pytest.mark.torch
def test_nothing_is_shared_with_tensors(torch):
    mlp = trained(sizes=(5, 1, 1))  # a transposed column is a view of the same memory
    before = weights(mlp)
    state_dict = to_torch_state_dict(mlp)
    module = to_torch_module(mlp)
    for tensor in [*state_dict.values(), *module.state_dict().values()]:
        assert tensor.is_contiguous()
        tensor += 1.0
    assert weights(mlp) == before
    from_torch_state_dict(mlp, state_dict)
    loaded = weights(mlp)
    kept = {key: tensor.clone() for key, tensor in state_dict.items()}
    for tensor in state_dict.values():
        tensor += 1.0
    assert weights(mlp) == loaded
    for array in [*mlp.coefs_, *mlp.intercepts_]:
        assert array.flags.writeable
        assert array.flags.c_contiguous
        array -= 1.0
    assert all(torch.equal(state_dict[key], kept[key] + 1.0) for key in kept)


@pytest.mark.torch
def test_names_of_another_module(torch):
    nn = torch.nn
    mlp, dtype = trained(sizes=(5, 4)), torch.float64

    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.hidden = nn.ModuleList(
                [nn.Linear(6, 5, dtype=dtype), nn.Linear(5, 4, dtype=dtype)]
            )
            self.drop = nn.Dropout(0.5)
            self.head = nn.Linear(4, 3, dtype=dtype)

        def forward(self, values):
            for layer in self.hidden:
                values = self.drop(layer(values).tanh())
            return self.head(values)

    module = Named().eval()
    compiled = nn.Sequential()
    compiled.add_module("_orig_mod", module)
    keys = ["hidden.0.weight", "hidden.0.bias", "hidden.1.weight", "hidden.1.bias"]
    keys += ["head.weight", "head.bias"]
    assert list(module.state_dict()) == keys
    for like in (module, module.state_dict(), keys, iter(keys), dict.fromkeys(keys).keys()):
        module.load_state_dict(to_torch_state_dict(mlp, like=like))
        assert_outputs_are(outputs_of(module, "float64"), mlp, "multiclass", "float64")
        nn.init.zeros_(module.head.weight)
    module.load_state_dict(to_torch_state_dict(mlp, like=module))
    for state_dict in (module.state_dict(), compiled.state_dict()):
        other = from_torch_state_dict(make(sizes=(5, 4), random_state=1), state_dict)
        assert weights(other) == weights(mlp)


@pytest.mark.torch
def test_a_layer_alone_has_names_without_a_prefix(torch):
    mlp = trained("regression", ())
    layer = torch.nn.Linear(6, 1).double()
    layer.load_state_dict(to_torch_state_dict(mlp, like=layer))
    assert_outputs_are(outputs_of(layer, "float64"), mlp, "regression", "float64")
    other = from_torch_state_dict(make("regression", (), random_state=1), layer.state_dict())
    assert weights(other) == weights(mlp)


@pytest.mark.torch
def test_layers_without_biases(torch):
    mlp = make()
    module = sequential(torch, mlp, "float64", bias=False)
    from_torch_state_dict(mlp, module.state_dict())
    assert_outputs_are(outputs_of(module, "float64"), mlp, "multiclass", "float64")
    assert bits(mlp.intercepts_) == bits([np.zeros(5), np.zeros(3)])
    back = to_torch_state_dict(mlp, like=module)
    assert list(back) == ["0.weight", "2.weight"]
    assert bits(back.values()) == bits(module.state_dict().values())
    mlp.intercepts_[1][2] = 1e-300
    with pytest.raises(ValueError, match=r"no bias beside '2\.weight'.*layer 2 .* not zero"):
        to_torch_state_dict(mlp, like=module)


@pytest.mark.torch
def test_two_outputs_for_two_classes(torch):
    torch.manual_seed(0)
    mlp = make("binary")
    nn = torch.nn
    module = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 2)).double()
    state_dict = module.state_dict()
    with pytest.raises(ValueError, match="has one output here, the logit of the second class"):
        from_torch_state_dict(mlp, state_dict)
    for key in ("2.weight", "2.bias"):
        state_dict[key] = state_dict[key][1:] - state_dict[key][:1]
    from_torch_state_dict(mlp, state_dict)
    theirs = torch.tensor(outputs_of(module, "float64")).softmax(dim=1)
    np.testing.assert_allclose(mlp.predict_proba(X), theirs, rtol=1e-12)


# --- Keras


@pytest.mark.keras
@each_task
@each_type
def test_weights_go_to_keras_and_come_back(task, dtype, keras):
    for sizes in SIZES:
        mlp = trained(task, sizes, dtype)
        before = weights(mlp)
        model = dense(keras, mlp, dtype)
        model.set_weights(to_keras_weights(mlp))
        assert_outputs_are(
            keras.ops.convert_to_numpy(model(X.astype(dtype))), mlp, task, dtype, OF_KERAS
        )
        other = make(task, sizes, random_state=1)
        assert from_keras_weights(other, model.get_weights()) is other
        assert weights(other) == weights(mlp) == before
        assert bits([predictions(other, dtype)]) == bits([predictions(mlp, dtype)])


@pytest.mark.keras
@each_task
@each_type
def test_weights_come_from_keras_and_go_back(task, dtype, keras):
    for sizes in SIZES:
        mlp = make(task, sizes, "float32" if dtype == "float64" else "float64")
        model = dense(keras, mlp, dtype)
        theirs = model.get_weights()
        from_keras_weights(mlp, theirs)
        assert_outputs_are(
            keras.ops.convert_to_numpy(model(X.astype(dtype))), mlp, task, dtype, OF_KERAS
        )
        assert bits(to_keras_weights(mlp)) == bits(theirs)
        from_keras_weights(mlp, model.weights)  # its variables, for the arrays
        assert bits(to_keras_weights(mlp)) == bits(theirs)


@pytest.mark.keras
@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_short_floats_of_keras_are_kept_exactly(dtype, keras):
    mlp = make()
    model = dense(keras, mlp, dtype)
    from_keras_weights(mlp, model.get_weights())
    for ours, theirs in zip(to_keras_weights(mlp), model.get_weights(), strict=True):
        assert (ours.dtype, theirs.dtype.name) == (np.float32, dtype)
        np.testing.assert_array_equal(ours, theirs.astype("float32"))


@pytest.mark.keras
def test_keras_layers_without_biases_and_with_dropout(keras):
    mlp = make()
    layers = [
        keras.Input((6,), dtype="float64"),
        keras.layers.Dense(5, activation="tanh", use_bias=False, dtype="float64"),
        keras.layers.Dropout(0.5, dtype="float64"),
        keras.layers.Dense(3, dtype="float64", bias_initializer="random_normal"),
    ]
    model = keras.Sequential(layers)
    from_keras_weights(mlp, model.get_weights())
    raw = keras.ops.convert_to_numpy(model(X))
    assert_outputs_are(raw, mlp, "multiclass", "float64", OF_KERAS)
    assert not mlp.intercepts_[0].any()
    assert mlp.intercepts_[1].any()


def test_keras_lists_need_no_keras():
    mlp = trained(sizes=(5, 4))
    listed = to_keras_weights(mlp)
    assert [array.shape for array in listed] == [(6, 5), (5,), (5, 4), (4,), (4, 3), (3,)]
    assert bits(listed[::2]) == bits(mlp.coefs_)
    assert bits(listed[1::2]) == bits(mlp.intercepts_)
    other = from_keras_weights(make(sizes=(5, 4), random_state=1), tuple(listed))
    assert weights(other) == weights(mlp)
    for array in listed:
        array += 1.0
    assert weights(other) == weights(mlp)
    from_keras_weights(other, [array.tolist() for array in listed])
    assert bits(to_keras_weights(other)) == bits(listed)


# --- arrays need neither


def arrays_like_torch(mlp):
    listed = {}
    for i, (coef, intercept) in enumerate(zip(mlp.coefs_, mlp.intercepts_, strict=True)):
        listed[f"{2 * i}.weight"] = coef.T
        listed[f"{2 * i}.bias"] = intercept
    return listed


@each_type
def test_state_dictionaries_of_arrays(dtype, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    mlp = trained(sizes=(5, 1, 4), dtype=dtype)
    state_dict = arrays_like_torch(mlp)
    np.savez(tmp_path / "weights.npz", **state_dict)
    other = make(sizes=(5, 1, 4), random_state=1)
    with np.load(tmp_path / "weights.npz") as loaded:
        assert weights(from_torch_state_dict(other, loaded)) == weights(mlp)
    shared = [state_dict[key] for key in state_dict]
    from_torch_state_dict(other, state_dict)
    for array in [*other.coefs_, *other.intercepts_]:
        assert not any(np.shares_memory(array, given) for given in shared)


def test_integers_become_float64():
    mlp = from_torch_state_dict(
        make(sizes=(), dtype="float32"), {"weight": np.arange(18, dtype="int8").reshape(3, 6)}
    )
    assert bits(mlp.coefs_) == bits([np.arange(18.0).reshape(3, 6).T.copy()])
    assert bits(mlp.intercepts_) == bits([np.zeros(3)])


# --- what goes on


def load_by_keras(mlp, coefs, intercepts):
    pairs = zip(coefs, intercepts, strict=True)
    from_keras_weights(mlp, [array for pair in pairs for array in pair])


def load_by_torch(mlp, coefs, intercepts):
    state_dict = {}
    for i, (coef, intercept) in enumerate(zip(coefs, intercepts, strict=True)):
        state_dict |= {f"{i}.weight": coef.T, f"{i}.bias": intercept}
    from_torch_state_dict(mlp, state_dict)


@pytest.mark.parametrize("load", [load_by_keras, load_by_torch])
@pytest.mark.parametrize("solver", ["sgd", "adam", "adamw", "rmsprop"])
@pytest.mark.parametrize("dtypes", [("float64", "float64"), ("float32", "float64")])
def test_training_goes_on_as_from_assigned_weights(load, solver, dtypes):
    before, after = dtypes
    y = TASKS["multiclass"][2]
    given = trained(dtype=after, random_state=5, solver=solver)
    loaded = trained(dtype=before, solver=solver)
    assigned = copy.deepcopy(loaded)
    fresh = make(dtype=before, solver=solver, random_state=3)
    load(loaded, given.coefs_, given.intercepts_)
    load(fresh, given.coefs_, given.intercepts_)
    assigned.coefs_ = [coef.copy() for coef in given.coefs_]
    assigned.intercepts_ = [intercept.copy() for intercept in given.intercepts_]
    assert loaded.loss_curve_ == assigned.loss_curve_
    assert loaded.n_iter_ == 3
    for _ in range(2):
        for mlp in (loaded, assigned, fresh):
            mlp.partial_fit(X, y)
        assert weights(loaded) == weights(assigned)
        assert loaded.loss_curve_ == assigned.loss_curve_
    assert loaded.coefs_[0].dtype == after
    # The momentum and averages went on: a network that had none takes other steps.
    assert np.abs(loaded.coefs_[0] - fresh.coefs_[0]).max() > 1e-6


def test_training_starts_from_loaded_weights():
    y = TASKS["multiclass"][2]
    given = trained(random_state=5)
    loaded = make(max_iter=4, warm_start=True)
    load_by_torch(loaded, given.coefs_, given.intercepts_)
    loaded.fit(X, y)
    start = {"init": given.coefs_, "bias_init": given.intercepts_}
    other = make(max_iter=4, warm_start=True, **start).fit(X, y)
    assert loaded.loss_curve_[0] == other.loss_curve_[0]
    assert len(loaded.loss_curve_) == 4
    cold = loaded.set_params(warm_start=False).fit(X, y)
    assert cold.loss_curve_[0] != other.loss_curve_[0]  # fit draws weights, as ever


# --- modules and models

WITHOUT_COUNTERPART: set[str] = set()  # those that PyTorch or Keras does not have
EVERY_ACTIVATION = [
    *(name for name in ACTIVATIONS if name not in WITHOUT_COUNTERPART),
    LeakyReLU(0.3),
    ELU(0.4),
]


@pytest.mark.torch
@pytest.mark.parametrize("activation", EVERY_ACTIVATION, ids=str)
def test_modules_compute_raw_predictions(activation, torch):
    mlp = make(sizes=(5, 4), activation=activation, init="normal")
    mlp.coefs_[0] *= 30  # far out, and around zero
    state = torch.random.get_rng_state()
    module = to_torch_module(mlp)
    assert torch.equal(torch.random.get_rng_state(), state)
    # PyTorch's softplus is the identity above 20: an error of e^-20, 2e-9, and two layers of it.
    tolerance = 5e-9 if activation == "softplus" else 1e-12
    raw = outputs_of(module, "float64")
    assert_outputs_are(raw, mlp, "multiclass", "float64", tolerance)
    assert all(parameter.requires_grad for parameter in module.parameters())
    assert bits(from_torch_state_dict(make(sizes=(5, 4)), module.state_dict()).coefs_) == bits(
        mlp.coefs_
    )


@pytest.mark.torch
@each_task
@each_type
def test_modules_for_every_task(task, dtype, torch):
    for sizes in SIZES:
        mlp = trained(task, sizes, dtype)
        assert_outputs_are(outputs_of(to_torch_module(mlp), dtype), mlp, task, dtype)


@pytest.mark.torch
def test_modules_have_an_activation_and_dropout_for_each_layer(torch):
    mlp = make(sizes=(50, 4, 3), activation=["relu", LeakyReLU(0.1), "tanh"], dropout=[0.3, 0, 0.5])
    module = to_torch_module(mlp)
    names = [type(layer).__name__ for layer in module]
    assert names == [
        *("Linear", "ReLU", "Dropout", "Linear", "LeakyReLU", "Linear", "Tanh", "Dropout"),
        "Linear",
    ]
    assert (module[2].p, module[7].p, module[4].negative_slope) == (0.3, 0.5, 0.1)
    assert not module.training
    inputs = torch.tensor(X)
    assert torch.equal(module(inputs), module(inputs))
    module.train()
    torch.manual_seed(0)
    assert not torch.equal(module(inputs), module(inputs))


@pytest.mark.torch
def test_modules_train_as_the_network_does(torch):
    # One step of plain gradient descent on all samples, from the raw predictions.
    y = TASKS["multiclass"][2]
    mlp = make(solver="sgd", momentum=0.0, alpha=0.0, learning_rate_init=0.1, batch_size=40)
    module = to_torch_module(mlp).train()
    step = torch.optim.SGD(module.parameters(), lr=0.1)
    torch.nn.functional.cross_entropy(module(torch.tensor(X)), torch.tensor(y)).backward()
    step.step()
    there = from_torch_state_dict(copy.deepcopy(mlp), module.state_dict())
    mlp.partial_fit(X, y)
    for ours, theirs in zip(mlp.coefs_, there.coefs_, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)


@pytest.mark.keras
@pytest.mark.parametrize("activation", EVERY_ACTIVATION, ids=str)
def test_models_compute_raw_predictions(activation, keras):
    mlp = make(sizes=(5, 4), activation=activation, init="normal", dropout=0.2)
    mlp.coefs_[0] *= 30
    model = to_keras_model(mlp)
    raw = keras.ops.convert_to_numpy(model(X))
    # Pre-activations are up to 30 in size, and their errors as many times as large.
    assert_outputs_are(raw, mlp, "multiclass", "float64", 10 * OF_KERAS)
    assert bits(model.get_weights()) == bits(to_keras_weights(mlp))


@pytest.mark.keras
@each_task
@each_type
def test_models_for_every_task(task, dtype, keras):
    for sizes in ((), (5, 4)):
        mlp = trained(task, sizes, dtype)
        raw = keras.ops.convert_to_numpy(to_keras_model(mlp)(X.astype(dtype)))
        assert_outputs_are(raw, mlp, task, dtype, OF_KERAS)


@pytest.mark.keras
def test_models_are_saved_and_trained(keras, tmp_path):
    mlp = make(sizes=(5, 4), activation=[LeakyReLU(0.1), "gelu"], dropout=[0.3, 0], dtype="float32")
    model = to_keras_model(mlp)
    names = [type(layer).__name__ for layer in model.layers]
    assert names == ["Dense", "LeakyReLU", "Dropout", "Dense", "Activation", "Dense"]
    assert model.layers[2].rate == 0.3
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert bits(loaded.get_weights()) == bits(to_keras_weights(mlp))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(X.astype("float32"), TASKS["multiclass"][2], verbose=0)
    back = from_keras_weights(copy.deepcopy(mlp), model.get_weights())
    assert bits(to_keras_weights(back)) == bits(model.get_weights())
    assert weights(back) != weights(mlp)


class Doubled(ReLU):
    def forward(self, z, out):
        super().forward(2 * z, out)


@pytest.mark.parametrize(
    ("to", "package"),
    [
        pytest.param(to_torch_module, "torch", marks=pytest.mark.torch),
        pytest.param(to_keras_model, "keras", marks=pytest.mark.keras),
    ],
)
@pytest.mark.parametrize("own", [Activation(np.sin, np.cos), Doubled()], ids=["functions", "class"])
def test_activations_of_ones_own_have_no_counterpart(to, package, own, request):
    request.getfixturevalue(package)
    mlp = make(sizes=(5, 4), activation=["relu", own])
    with pytest.raises(ValueError, match=rf"layer 2, {own.name}, has no counterpart .*LeakyReLU"):
        to(mlp)
    assert len(to_keras_weights(mlp)) == 6  # the weights go all the same


# --- what is refused


def state_of(mlp):
    return {name: copy.deepcopy(value) for name, value in vars(mlp).items()}


def assert_refused(read, mlp, given, error, message):
    before, was = state_of(mlp), (mlp.coefs_, mlp.intercepts_)
    with pytest.raises(error, match=message):
        read(mlp, given)
    assert (mlp.coefs_, mlp.intercepts_) == was
    assert mlp.coefs_ is was[0]
    np.testing.assert_equal(
        {name: value for name, value in state_of(mlp).items() if name != "_continuation"},
        {name: value for name, value in before.items() if name != "_continuation"},
    )


def changed(mlp, **changes):
    """A state dictionary of arrays with some entries changed; None takes one out."""
    state_dict = arrays_like_torch(mlp) | {
        name.replace("_", ".", 1).lstrip("l"): value for name, value in changes.items()
    }
    return {name: value for name, value in state_dict.items() if value is not None}


REFUSED = {
    "fewer layers": (
        {"l2_weight": None, "l2_bias": None},
        r"state_dict has 1 Linear layers: state_dict\['0\.weight'\]\. The network has 2",
    ),
    "more layers": ({"l4_weight": np.zeros((3, 3))}, r"3 Linear layers: .*'4\.weight'.* has 2"),
    "another shape": (
        {"l0_weight": np.zeros((4, 6))},
        r"state_dict\['0\.weight'\] has shape \(4, 6\), but for layer 1 .* must be \(5, 6\)\.$",
    ),
    "transposed": ({"l0_weight": np.zeros((6, 5))}, r"'0\.weight'.*\(5, 6\)\. It is transposed"),
    "another bias": (
        {"l2_bias": np.zeros(4)},
        r"state_dict\['2\.bias'\] has shape \(4,\), but for layer 2 .* must be \(3,\)\.$",
    ),
    "bias as a column": ({"l2_bias": np.zeros((3, 1))}, r"'2\.bias'\] has shape \(3, 1\)"),
    "batch normalization": (
        {"l1_weight": np.ones(5), "l1_bias": np.zeros(5), "l1_running_mean": np.zeros(5)},
        r"state_dict has the key '1\.running_mean', which belongs to no Linear layer",
    ),
    "layer normalization": (
        {"l1_weight": np.ones(5), "l1_bias": np.zeros(5)},
        r"state_dict\['1\.weight'\] has shape \(5,\), but the weight of a Linear layer has two",
    ),
    "a convolution": ({"l0_weight": np.zeros((5, 6, 1))}, r"'0\.weight'\] has shape \(5, 6, 1\)"),
    "a bias alone": ({"l2_weight": None}, r"the key '2\.bias', but no weight beside it"),
    "weight norm": ({"l0_weight_g": np.zeros((5, 1))}, r"the key '0\.weight_g'"),
    "not finite": ({"l2_bias": [0, np.nan, 0]}, r"state_dict\['2\.bias'\] holds values that are"),
    "infinite": ({"l0_weight": np.full((5, 6), np.inf)}, r"'0\.weight'\] holds values"),
    "complex": ({"l2_bias": np.zeros(3, complex)}, r"'2\.bias'\] must hold real .* complex128"),
    "truth values": ({"l2_bias": np.zeros(3, bool)}, r"'2\.bias'\] must hold real .* bool"),
    "text": ({"l2_bias": "zeros"}, r"'2\.bias'\] must hold real numbers"),
    "nothing": ({"l2_bias": [None] * 3}, r"'2\.bias'\] must hold real numbers"),
    "ragged": ({"l2_bias": [[1], [2, 3]]}, r"'2\.bias'\] cannot be read as an array"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_state_dictionaries_that_are_refused(case):
    changes, message = REFUSED[case]
    mlp = trained()
    given = changed(mlp, **changes)
    assert_refused(from_torch_state_dict, mlp, given, ValueError, message)


def test_a_state_dictionary_of_another_kind_is_refused():
    mlp = trained()
    checkpoint = {"epoch": 3, "state_dict": arrays_like_torch(mlp)}
    for given, error, message in [
        (
            checkpoint,
            ValueError,
            "state_dict has the key 'epoch', which belongs to no Linear layer",
        ),
        ({}, ValueError, "state_dict has 0 Linear layers. The network has 2"),
        (mlp.coefs_, TypeError, "must be a mapping .* Got an object of type list"),
        (mlp, TypeError, r"as module\.state_dict\(\) returns it"),
        ({0: mlp.coefs_[0].T}, ValueError, "the key 0, which"),
    ]:
        assert_refused(from_torch_state_dict, mlp, given, error, message)


@pytest.mark.torch
def test_tensors_that_are_refused(torch):
    mlp = trained()
    for tensor, message in [
        (torch.zeros(5, 6, device="meta"), r"'0\.weight'\] cannot be read as an array: .*meta"),
        (torch.zeros(5, 6).to_sparse(), r"'0\.weight'\] cannot be read as an array"),
        (torch.zeros(5, 6, dtype=torch.complex64), r"'0\.weight'\] must hold real numbers"),
        (torch.zeros(5, 6, dtype=torch.bool), r"'0\.weight'\] must hold real numbers"),
        (torch.full((5, 6), torch.nan, dtype=torch.bfloat16), r"'0\.weight'\] holds values"),
    ]:
        given = to_torch_state_dict(mlp) | {"0.weight": tensor}
        assert_refused(from_torch_state_dict, mlp, given, ValueError, message)
    module = torch.nn.Linear(6, 3)
    assert_refused(from_torch_state_dict, mlp, module, TypeError, "of type Linear")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda given: given[:2], r"weights has 1 Dense layers: weights\[0\]\. The network has 2"),
        (lambda given: given[:3] + given[2:], r"weights\[2\], weights\[3\]\. The network has 2"),
        (lambda given: [given[0].T, *given[1:]], r"weights\[0\] .* \(6, 5\)\. It is transposed"),
        (lambda given: given[1:], r"weights\[0\] has shape \(5,\), but the kernel of a Dense"),
        (lambda given: [*given[:2], *[np.ones(5)] * 4, *given[2:]], r"weights\[2\] has shape"),
        (
            lambda given: [*given[:3], np.zeros(4)],
            r"weights\[3\] has shape \(4,\), but for layer 2",
        ),
        (lambda given: [*given[:3], np.full(3, np.inf)], r"weights\[3\] holds values that are not"),
        (lambda given: [*given[:3], ["a"] * 3], r"weights\[3\] must hold real numbers"),
        (lambda given: [], "weights has 0 Dense layers. The network has 2"),
    ],
)
def test_keras_lists_that_are_refused(change, message):
    mlp = trained()
    given = change(to_keras_weights(mlp))
    assert_refused(from_keras_weights, mlp, given, ValueError, message)


def test_two_outputs_of_keras_are_refused_with_a_reason():
    mlp = trained("binary")
    given = [*to_keras_weights(mlp)[:2], np.ones((5, 2)), np.ones(2)]
    assert_refused(
        from_keras_weights,
        mlp,
        given,
        ValueError,
        r"weights\[2\] has shape \(5, 2\), but for layer 2 of the network it must be \(5, 1\)\. A"
        " classifier of two classes has one output here",
    )
    other = trained("regression")  # which has no classes
    with pytest.raises(ValueError, match=r"it must be \(5, 1\)\.$"):
        from_keras_weights(other, given)


@pytest.mark.parametrize("given", [None, "weights", {"a": 1}, np.zeros((6, 5))], ids=str)
def test_something_else_than_a_list_is_refused(given):
    mlp = trained()
    assert_refused(from_keras_weights, mlp, given, TypeError, r"as model\.get_weights\(\)")


@pytest.mark.torch
@pytest.mark.parametrize(
    ("like", "error", "message"),
    [
        (["0.weight", "0.bias"], ValueError, r"like has 1 Linear layers: '0\.weight'\. .* has 2"),
        (["0.weight", "1.running_mean"], ValueError, r"like has the key '1\.running_mean'"),
        (["0.weight", "2.bias"], ValueError, r"like has the key '2\.bias', but no weight"),
        ({"0.weight": np.ones((5, 6)), "2.weight": np.ones((4, 5))}, ValueError, r"like\['2\.w"),
        ("0.weight", TypeError, "like must be a module, its state dictionary or the names"),
        (3, TypeError, "Got an object of type int"),
    ],
)
def test_like_of_another_network_is_refused(like, error, message, torch):
    with pytest.raises(error, match=message):
        to_torch_state_dict(make(), like=like)


@pytest.mark.torch
def test_like_with_shared_weights_is_refused(torch):
    shared = torch.nn.Linear(5, 5)
    tied = torch.nn.Sequential(torch.nn.Linear(6, 5), shared, shared, torch.nn.Linear(5, 3))
    with pytest.raises(ValueError, match=r"like\['2.weight'\] and like\['1.weight'\] are the same"):
        to_torch_state_dict(make(sizes=(5, 5, 5)), like=tied)


@pytest.mark.torch
def test_like_with_a_lazy_layer_is_refused(torch):
    lazy = torch.nn.Sequential(torch.nn.LazyLinear(5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    with pytest.raises(ValueError, match=r"like\['0.weight'\] has no shape yet"):
        to_torch_state_dict(make(), like=lazy)


@pytest.mark.torch
def test_views_that_are_negated_come_in(torch):
    negated = torch.complex(torch.zeros(3, 6), -torch.ones(3, 6)).conj().imag
    mlp = make(sizes=())
    from_torch_state_dict(mlp, {"weight": negated, "bias": torch.zeros(3)})
    np.testing.assert_array_equal(mlp.coefs_[0], np.ones((6, 3)))


def test_masked_values_are_refused():
    masked = np.ma.masked_equal(np.arange(18.0).reshape(6, 3), 5.0)
    with pytest.raises(ValueError, match="has values that are masked"):
        from_keras_weights(make(sizes=()), [masked, np.zeros(3)])


@pytest.mark.keras
def test_a_model_of_keras_draws_nothing(keras):
    states = []
    for makes in (False, True):
        random.seed(0)
        keras.utils.set_random_seed(0)
        if makes:
            to_keras_model(make())
        after = keras.layers.Dense(3)
        after.build((None, 4))
        states.append((random.random(), after.get_weights()[0]))
    assert states[0][0] == states[1][0]
    np.testing.assert_array_equal(states[0][1], states[1][1])


@pytest.mark.torch
def test_like_with_two_outputs_is_refused_with_a_reason(torch):
    nn = torch.nn
    like = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 2))
    with pytest.raises(ValueError, match=r"like\['2\.weight'\] has shape .* has one output here"):
        to_torch_state_dict(make("binary"), like=like)


CALLS = {
    "to_torch_state_dict": to_torch_state_dict,
    "from_torch_state_dict": lambda mlp: from_torch_state_dict(mlp, {}),
    "to_torch_module": to_torch_module,
    "to_keras_weights": to_keras_weights,
    "from_keras_weights": lambda mlp: from_keras_weights(mlp, []),
    "to_keras_model": to_keras_model,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_other_estimators_are_refused(call):
    with pytest.raises(NotFittedError, match=r"Classifier has no weights yet\. Call initialize\("):
        call(XavierMLPClassifier())
    pipeline = make_pipeline(StandardScaler(), XavierMLPClassifier())
    reason = r"the last step of a Pipeline, pipeline\[-1\], .* Got"
    with pytest.raises(TypeError, match=rf"{reason} an object of type Pipeline\.$"):
        call(pipeline)
    with pytest.raises(TypeError, match=rf"{reason} the class XavierMLPClassifier\.$"):
        call(XavierMLPClassifier)


def test_every_function_is_called():
    assert sorted(CALLS) == interop.__all__


def test_edited_weights_that_do_not_fit_together_are_refused():
    mlp = make(sizes=(5, 4))
    mlp.coefs_[1] = np.zeros((7, 4))
    with pytest.raises(ValueError, match=r"coefs_\[1\] has shape \(7, 4\)"):
        to_keras_weights(mlp)


@pytest.mark.parametrize(
    ("name", "package"),
    [("to_torch_state_dict", "torch"), ("to_torch_module", "torch"), ("to_keras_model", "keras")],
)
def test_without_the_package_it_tells_what_to_install(name, package, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"^{name} needs .*pip install {package}\.$"):
        CALLS[name](make())


@pytest.mark.torch
@pytest.mark.keras
@pytest.mark.parametrize("name", interop.__all__)
def test_examples_that_need_the_packages(name, torch, keras):
    text = inspect.getdoc(getattr(interop, name)).replace("  # doctest: +SKIP", "")
    test = doctest.DocTestParser().get_doctest(text, {}, name, None, 0)
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.torch
@pytest.mark.keras
def test_from_pytorch_to_keras(torch, keras):
    torch.manual_seed(0)
    iris = load_iris().data.astype("float32")
    nn = torch.nn
    module = nn.Sequential(nn.Linear(4, 8), nn.SiLU(), nn.Linear(8, 3))
    mlp = XavierMLPClassifier((8,), "silu").initialize(iris, load_iris().target)
    model = to_keras_model(from_torch_state_dict(mlp, module.state_dict()))
    there = module(torch.tensor(iris)).detach().numpy()
    here = keras.ops.convert_to_numpy(model(iris))
    np.testing.assert_allclose(here, there, rtol=1e-5, atol=1e-5)
