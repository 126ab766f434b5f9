"""Weights for and from PyTorch and Keras.

Conventions
-----------
A layer's weights have the shape ``(fan_in, fan_out)`` here and in Keras (`kernel`), and
``(fan_out, fan_in)`` in PyTorch (`weight`); biases have the shape ``(fan_out,)`` everywhere.
What goes over is weights and biases, and with `to_torch_module` and `to_keras_model` the hidden
layers' activations and dropout too. The outputs there are raw predictions: no softmax, logistic
function or exp is applied to them.

- *Numbers are copied*, never shared: what happens to one side later does not reach the other.
- *Nothing is rounded.* Weights go out in the type of the network. Those that come in keep theirs:
  the network becomes one of float32 where all of them have at most 32 bits, as float16 and
  bfloat16 have too, and one of float64 otherwise. So both round trips are exact.
- *The receiving estimator has been fitted or initialized*: from ``initialize(X, y)`` it knows
  its features, classes and sizes. Weights that come in are as if assigned to ``coefs_`` and
  ``intercepts_``. All else stays as it is: ``loss_curve_`` and ``n_iter_`` tell of the training
  before, and `partial_fit` goes on with the averages and the momentum that it has. After
  ``initialize`` there are none yet.
- *All or nothing*: a call that fails changes nothing.

PyTorch is needed for `to_torch_state_dict` and `to_torch_module`, Keras for `to_keras_model`; the
other three functions do without.
"""

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import NotFittedError

from ._base_estimator import BaseXavierMLP
from ._foreign_weights import (
    KERAS,
    TORCH,
    Given,
    Keys,
    check_number,
    check_shapes,
    keys_by_layer,
    read,
    type_name,
)
from ._network import Network, Parameters
from ._parameters import dropout_rates, layer_activations
from ._targets import LINKS
from .activations import (
    ELU,
    GELU,
    SELU,
    Activation,
    HardTanh,
    Identity,
    LeakyReLU,
    Logistic,
    Mish,
    ReLU,
    ReLU6,
    SiLU,
    Softplus,
    Softsign,
    Tanh,
)

__all__ = [
    "from_keras_weights",
    "from_torch_state_dict",
    "to_keras_model",
    "to_keras_weights",
    "to_torch_module",
    "to_torch_state_dict",
]


MLP = TypeVar("MLP", bound=BaseXavierMLP)


class _Counterpart(NamedTuple):
    """An activation elsewhere, whose parameters have the same names there.

    That is a class in ``torch.nn``, and in Keras a class in ``keras.layers`` or, in lower case, a
    name for its layer ``Activation``.
    """

    torch: str
    keras: str


_COUNTERPARTS: dict[type[Activation], _Counterpart] = {
    Identity: _Counterpart("Identity", "linear"),
    Logistic: _Counterpart("Sigmoid", "sigmoid"),
    Tanh: _Counterpart("Tanh", "tanh"),
    ReLU: _Counterpart("ReLU", "relu"),
    LeakyReLU: _Counterpart("LeakyReLU", "LeakyReLU"),
    ELU: _Counterpart("ELU", "ELU"),
    SELU: _Counterpart("SELU", "selu"),
    GELU: _Counterpart("GELU", "gelu"),
    SiLU: _Counterpart("SiLU", "silu"),
    Mish: _Counterpart("Mish", "mish"),
    Softplus: _Counterpart("Softplus", "softplus"),
    Softsign: _Counterpart("Softsign", "softsign"),
    ReLU6: _Counterpart("ReLU6", "relu6"),
    HardTanh: _Counterpart("Hardtanh", "hard_tanh"),
}


def to_torch_state_dict(estimator: BaseXavierMLP, *, like: Any = None) -> dict[str, Any]:
    """Copy the weights into a state dictionary for a PyTorch module.

    Read more in the :ref:`user guide <guide_pytorch_and_keras>`.

    Parameters
    ----------
    estimator : XavierMLPClassifier or XavierMLPRegressor
        Fitted or initialized.
    like : torch.nn.Module, mapping or iterable of str, default=None
        A module, its state dictionary, or the names in it, for other names than the default:
        each layer must have a name that ends in ``weight`` and, if it has biases, one that ends
        in ``bias``, in the order of the layers. Shapes are checked where `like` has them. None
        names the layers ``0``, ``2``, ``4`` and so on, as in an ``nn.Sequential`` of a
        ``Linear`` and one activation in turns.

    Returns
    -------
    state_dict : dict of str to torch.Tensor
        For the module's ``load_state_dict``: weights of shape (fan_out, fan_in) and biases of
        shape (fan_out,), of the network's type, float32 or float64, on the CPU.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    NotFittedError
        If the estimator has no weights yet.
    TypeError
        If `estimator` or `like` is something else.
    ValueError
        If `like` is of another network, or has no biases where the estimator's are not zero.

    See Also
    --------
    to_torch_module : The whole module, with its activations.
    from_torch_state_dict : The way back.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.interop import to_torch_state_dict
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier((5,), max_iter=500, tol=1e-3, random_state=0).fit(X, y)
    >>> from torch import nn  # doctest: +SKIP
    >>> network = nn.Sequential(nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 3))  # doctest: +SKIP
    >>> network.load_state_dict(to_torch_state_dict(mlp))  # doctest: +SKIP
    <All keys matched successfully>
    """
    network = _network(estimator)
    coefs, intercepts = _weights(estimator, network)
    torch = _import("torch", "to_torch_state_dict", "PyTorch")
    if like is None:
        keys = [Keys(f"{2 * i}.weight", f"{2 * i}.bias") for i in range(len(coefs))]
    else:
        keys = _keys_like(like, network, intercepts)
    state_dict = {}
    for (weight, bias), coef, intercept in zip(keys, coefs, intercepts, strict=True):
        state_dict[weight] = torch.from_numpy(np.array(coef.T, order="C"))
        if bias is not None:
            state_dict[bias] = torch.from_numpy(np.array(intercept))
    return state_dict


def from_torch_state_dict(estimator: MLP, state_dict: Mapping[str, Any]) -> MLP:
    """Set an estimator's weights from a state dictionary of a PyTorch module.

    The module must be a chain of ``Linear`` layers, of the sizes that the estimator has; its
    activations and dropout are not in a state dictionary, so that the estimator's parameters
    have to agree with them. PyTorch itself is not needed: the dictionary may hold arrays.

    Read more in the :ref:`user guide <guide_pytorch_and_keras>`.

    Parameters
    ----------
    estimator : XavierMLPClassifier or XavierMLPRegressor
        Fitted or initialized; its weights are replaced, and nothing else is.
    state_dict : mapping of str to torch.Tensor or array-like
        Weights of shape (fan_out, fan_in), whose names end in ``weight``, and biases of shape
        (fan_out,), whose names are the same but for ``bias`` at the end, in the order of the
        layers. What comes before, such as ``model.0.``, only tells the layers apart. A layer
        without biases has biases of zero. Tensors may be on any device, require gradients, and
        be views.

    Returns
    -------
    estimator : XavierMLPClassifier or XavierMLPRegressor
        The same object.

    Raises
    ------
    NotFittedError
        If the estimator has no weights yet.
    TypeError
        If `estimator` or `state_dict` is something else.
    ValueError
        If a name belongs to no Linear layer, as those of batch normalization, there are more or
        fewer layers, a shape is another, or a value is not a finite real number.

    See Also
    --------
    to_torch_state_dict : The way there.

    Notes
    -----
    A classifier of two classes has one output, the logit of the second class. Of a network with
    two outputs and a softmax, that is the second output minus the first: subtract the first row
    of the last weight from the second, and likewise the first entry of its bias.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.interop import from_torch_state_dict
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier(()).initialize(X, y)
    >>> weight, bias = np.eye(3, 4, dtype=np.float32), np.zeros(3, np.float32)
    >>> mlp = from_torch_state_dict(mlp, {"0.weight": weight, "0.bias": bias})
    >>> mlp.coefs_[0]
    array([[1., 0., 0.],
           [0., 1., 0.],
           [0., 0., 1.],
           [0., 0., 0.]], dtype=float32)
    """
    network = _network(estimator)
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            "state_dict must be a mapping of names to tensors or arrays, as module.state_dict()"
            f" returns it. Got {type_name(state_dict)}."
        )
    weights, biases = [], []
    for weight, bias in keys_by_layer(state_dict, "state_dict"):
        weights.append(read(state_dict[weight], f"state_dict[{weight!r}]"))
        given = None if bias is None else read(state_dict[bias], f"state_dict[{bias!r}]")
        biases.append(given)
    check_shapes(network, weights, biases, "state_dict", TORCH)
    return _assign(estimator, [weight.values.T for weight in weights], biases)


def to_torch_module(estimator: BaseXavierMLP) -> Any:
    """Make a PyTorch module that computes the network's raw predictions.

    Read more in the :ref:`user guide <guide_pytorch_and_keras>`.

    Parameters
    ----------
    estimator : XavierMLPClassifier or XavierMLPRegressor
        Fitted or initialized.

    Returns
    -------
    module : torch.nn.Sequential
        A ``Linear`` for each layer, with the hidden layers' activations and, where they have
        any, a ``Dropout`` after them. Its parameters are copies, of the network's type, on the
        CPU. It is in evaluation mode, so that nothing is dropped; call ``module.train()`` before
        training it. Its outputs of shape (n_samples, n_outputs) are raw predictions: the
        probabilities are their softmax, or with one output or label indicators their sigmoid;
        a regressor predicts them, or with ``loss='poisson'`` and ``'gamma'`` their exp.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    NotFittedError
        If the estimator has no weights yet.
    TypeError
        If `estimator` is something else.
    ValueError
        If an activation has no counterpart in PyTorch: one of your own.

    See Also
    --------
    to_torch_state_dict : The weights alone.
    from_torch_state_dict : The way back, of ``module.state_dict()``.

    Notes
    -----
    PyTorch's ``Softplus`` is the identity above 20, where it differs by 2e-9. All else differs
    by rounding only.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.interop import to_torch_module
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier((5,), "tanh", dropout=0.2).initialize(X, y)
    >>> to_torch_module(mlp)  # doctest: +SKIP
    Sequential(
      (0): Linear(in_features=4, out_features=5, bias=True)
      (1): Tanh()
      (2): Dropout(p=0.2, inplace=False)
      (3): Linear(in_features=5, out_features=3, bias=True)
    )
    """
    coefs, _ = _weights(estimator, _network(estimator))
    torch = _import("torch", "to_torch_module", "PyTorch")
    nn = torch.nn
    modules = []
    for coef, activation, rate in _layers(estimator, coefs, "PyTorch"):
        dtype = getattr(torch, coef.dtype.name)
        # Without drawing weights, which would change what the user's program draws next.
        modules.append(nn.utils.skip_init(nn.Linear, *coef.shape, dtype=dtype))
        if activation is not None:
            name = _COUNTERPARTS[type(activation)].torch
            modules.append(getattr(nn, name)(**activation.get_params()))
        if rate:
            modules.append(nn.Dropout(rate))
    module = nn.Sequential(*modules)
    module.load_state_dict(to_torch_state_dict(estimator, like=module))
    return module.eval()


def to_keras_weights(estimator: BaseXavierMLP) -> list[np.ndarray]:
    """Copy the weights into a list for a Keras model's ``set_weights``.

    Keras itself is not needed.

    Read more in the :ref:`user guide <guide_pytorch_and_keras>`.

    Parameters
    ----------
    estimator : XavierMLPClassifier or XavierMLPRegressor
        Fitted or initialized.

    Returns
    -------
    weights : list of ndarray
        Kernel of shape (fan_in, fan_out) and bias of shape (fan_out,) in turns, layer by layer,
        as a model of ``Dense`` layers has them; of the network's type, float32 or float64.

    Raises
    ------
    NotFittedError
        If the estimator has no weights yet.
    TypeError
        If `estimator` is something else.
    ValueError
        If ``coefs_`` or ``intercepts_`` were edited and do not belong together.

    See Also
    --------
    to_keras_model : The whole model, with its activations.
    from_keras_weights : The way back.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.interop import to_keras_weights
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier((5,)).initialize(X, y)
    >>> [array.shape for array in to_keras_weights(mlp)]
    [(4, 5), (5,), (5, 3), (3,)]
    """
    coefs, intercepts = _weights(estimator, _network(estimator))
    pairs = zip(coefs, intercepts, strict=True)
    return [np.array(array, order="C") for pair in pairs for array in pair]


def from_keras_weights(estimator: MLP, weights: Sequence[ArrayLike]) -> MLP:
    """Set an estimator's weights from the list that a Keras model's ``get_weights`` returns.

    The model must be a chain of ``Dense`` layers, of the sizes that the estimator has; its
    activations and dropout are not in the list, so that the estimator's parameters have to
    agree with them. Keras itself is not needed.

    Read more in the :ref:`user guide <guide_pytorch_and_keras>`.

    Parameters
    ----------
    estimator : XavierMLPClassifier or XavierMLPRegressor
        Fitted or initialized; its weights are replaced, and nothing else is.
    weights : sequence of array-like
        For each layer a kernel of shape (fan_in, fan_out) and, if it has one, a bias of shape
        (fan_out,). A layer without has biases of zero. The list has no names: layers of another
        kind are noticed by the shape or number of their arrays only.

    Returns
    -------
    estimator : XavierMLPClassifier or XavierMLPRegressor
        The same object.

    Raises
    ------
    NotFittedError
        If the estimator has no weights yet.
    TypeError
        If `estimator` or `weights` is something else.
    ValueError
        If there are more or fewer layers, a shape is another, or a value is not a finite real
        number.

    See Also
    --------
    to_keras_weights : The way there.

    Notes
    -----
    A classifier of two classes has one output, the logit of the second class. Of a network with
    two outputs and a softmax, that is the second output minus the first: subtract the first
    column of the last kernel from the second, and likewise the first entry of its bias.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.interop import from_keras_weights, to_keras_weights
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier((5,), max_iter=500, tol=1e-3, random_state=0).fit(X, y)
    >>> other = XavierMLPClassifier((5,)).initialize(X, y)
    >>> other = from_keras_weights(other, to_keras_weights(mlp))
    >>> bool((other.predict_proba(X) == mlp.predict_proba(X)).all())
    True
    """
    network = _network(estimator)
    if not isinstance(weights, Sequence) or isinstance(weights, str):
        raise TypeError(
            "weights must be a list of arrays, as model.get_weights() returns it. Got"
            f" {type_name(weights)}."
        )
    kernels: list[Given] = []
    biases: list[Given | None] = []
    for i, array in enumerate(weights):
        given = read(array, f"weights[{i}]")
        if len(given.shape) == 1 and kernels and biases[-1] is None:
            biases[-1] = given
        else:
            kernels.append(given)
            biases.append(None)
    check_shapes(network, kernels, biases, "weights", KERAS)
    return _assign(estimator, [kernel.values for kernel in kernels], biases)


def to_keras_model(estimator: BaseXavierMLP) -> Any:
    """Make a Keras model that computes the network's raw predictions.

    Read more in the :ref:`user guide <guide_pytorch_and_keras>`.

    Parameters
    ----------
    estimator : XavierMLPClassifier or XavierMLPRegressor
        Fitted or initialized.

    Returns
    -------
    model : keras.Sequential
        A ``Dense`` for each layer, with the hidden layers' activations as layers and, where they
        have any, a ``Dropout`` after them. Its weights are copies, of the network's type. It is
        not compiled. Its outputs are raw predictions, as those of `to_torch_module`: losses take
        them with ``from_logits=True``.

    Raises
    ------
    ImportError
        If Keras 3 or the backend that it is set to is not installed.
    NotFittedError
        If the estimator has no weights yet.
    TypeError
        If `estimator` is something else.
    ValueError
        If an activation has no counterpart in Keras: one of your own.

    See Also
    --------
    to_keras_weights : The weights alone.
    from_keras_weights : The way back, of ``model.get_weights()``.

    Notes
    -----
    Keras multiplies matrices of float64 in float32, unless its backend is TensorFlow: outputs then
    agree to the precision of float32. The weights of a network of float64 are exact all the same,
    but with JAX, which has no float64 unless that is turned on.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.interop import to_keras_model
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier((5,), "tanh", dropout=0.2).initialize(X, y)
    >>> [type(layer).__name__ for layer in to_keras_model(mlp).layers]  # doctest: +SKIP
    ['Dense', 'Activation', 'Dropout', 'Dense']
    """
    coefs, _ = _weights(estimator, _network(estimator))
    keras = _import("keras", "to_keras_model", "Keras 3 and its backend")
    dtype = coefs[0].dtype.name
    layers = [keras.Input((len(coefs[0]),), dtype=dtype)]
    for coef, activation, rate in _layers(estimator, coefs, "Keras"):
        # Zeros, which draw nothing from the generators of whoever calls.
        dense = keras.layers.Dense(coef.shape[1], kernel_initializer="zeros", dtype=dtype)
        layers.append(dense)
        if activation is not None:
            name = _COUNTERPARTS[type(activation)].keras
            if name.islower():
                layers.append(keras.layers.Activation(name, dtype=dtype))
            else:
                make = getattr(keras.layers, name)
                layers.append(make(**activation.get_params(), dtype=dtype))
        if rate:
            layers.append(keras.layers.Dropout(rate, dtype=dtype))
    model = keras.Sequential(layers)
    model.set_weights(to_keras_weights(estimator))
    return model


# --- the estimator


def _network(estimator: Any) -> Network:
    """The network that an estimator has, of the type of its weights."""
    if not isinstance(estimator, BaseXavierMLP):
        raise TypeError(
            "estimator must be a XavierMLPClassifier or a XavierMLPRegressor; give the last step of"
            " a Pipeline, pipeline[-1], the best_estimator_ of a search, the estimator_ of a"
            f" HiddenLayerTransformer. Got {type_name(estimator)}."
        )
    if not hasattr(estimator, "coefs_"):
        raise NotFittedError(
            f"This {type(estimator).__name__} has no weights yet. Call initialize(X, y) before,"
            " which builds the network and trains nothing, or fit."
        )
    units = [np.shape(coef)[-1] for coef in estimator.coefs_]
    return Network(
        [estimator.n_features_in_, *units],
        layer_activations(estimator, len(units) - 1),
        LINKS[estimator.out_activation_](),
        dtype=estimator._fitted_dtype(),
    )


def _weights(estimator: BaseXavierMLP, network: Network) -> Parameters:
    """Weights and biases of the network's type; not always copies."""
    return network.parameters(estimator.coefs_, estimator.intercepts_)


def _layers(
    estimator: Any, coefs: Sequence[np.ndarray], library: str
) -> list[tuple[np.ndarray, Activation | None, float]]:
    """By layer, the weights, the activation and the rate of dropout after it."""
    n_hidden = len(coefs) - 1
    activations = layer_activations(estimator, n_hidden)
    for i, activation in enumerate(activations):
        if type(activation) not in _COUNTERPARTS:
            raise ValueError(
                f"The activation of layer {i + 1}, {activation.name}, has no counterpart in"
                f" {library}; those of {', '.join(cls.__name__ for cls in _COUNTERPARTS)} are"
                " known. Build the network there yourself, and give it the weights by"
                " to_torch_state_dict or to_keras_weights."
            )
    rates = dropout_rates(estimator, n_hidden)
    return list(zip(coefs, [*activations, None], [*rates, 0.0], strict=True))


def _assign(estimator: MLP, coefs: Sequence[np.ndarray], biases: Sequence[Given | None]) -> MLP:
    """Set checked weights, in our shapes; all get one type, and missing biases are zero."""
    intercepts = [
        np.zeros(coef.shape[1], coef.dtype) if bias is None else bias.values
        for coef, bias in zip(coefs, biases, strict=True)
    ]
    dtype = np.result_type(*coefs, *intercepts)
    estimator.coefs_ = [np.ascontiguousarray(coef, dtype) for coef in coefs]
    estimator.intercepts_ = [intercept.astype(dtype, copy=False) for intercept in intercepts]
    return estimator


# --- the other side


def _import(module: str, caller: str, library: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{caller} needs {library}, which could not be imported: {error}. Install it, for"
            f" example with pip install {module}."
        ) from error


def _check_not_tied(keys: Sequence[Any], like: Mapping[Any, Any]) -> None:
    """Refuse layers that share their memory: the last to be loaded would be in all of them."""
    places: dict[int, Any] = {}
    for key in keys:
        place = like[key].data_ptr() if hasattr(like[key], "data_ptr") else 0
        if place and place in places:
            raise ValueError(
                f"like[{key!r}] and like[{places[place]!r}] are the same tensor: layers that share"
                " their weights have no counterpart here."
            )
        places[place] = key


def _keys_like(like: Any, network: Network, intercepts: Sequence[np.ndarray]) -> list[Keys]:
    """The keys of `like`, checked against what shall go there."""
    like = like.state_dict() if hasattr(like, "state_dict") else like
    if isinstance(like, str) or not isinstance(like, Iterable):
        raise TypeError(
            "like must be a module, its state dictionary or the names in it. Got"
            f" {type_name(like)}."
        )
    keys = keys_by_layer(like, "like")
    if isinstance(like, Mapping):

        def given(key: Any) -> Given:
            try:
                return Given(f"like[{key!r}]", tuple(np.shape(like[key])))
            except RuntimeError as error:  # of a lazy layer
                raise ValueError(f"like[{key!r}] has no shape yet: {error}") from error

        weights = [given(weight) for weight, _ in keys]
        biases = [None if bias is None else given(bias) for _, bias in keys]
        check_shapes(network, weights, biases, "like", TORCH)
        _check_not_tied([key for pair in keys for key in pair if key is not None], like)
    else:
        check_number(network, [repr(weight) for weight, _ in keys], "like", TORCH)
    for i, ((weight, bias), intercept) in enumerate(zip(keys, intercepts, strict=True)):
        if bias is None and intercept.any():
            raise ValueError(
                f"like has no bias beside {weight!r}, but the biases of layer {i + 1} of the"
                " network are not zero."
            )
    return keys
