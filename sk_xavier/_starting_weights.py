"""From the estimators' `init` and `bias_init` to the arrays that training starts from."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.base import clone

from ._sklearn_compat import InvalidParameterError
from ._vectors import all_finite
from .activations import Activation, Identity, Logistic
from .initializers import INITIALIZERS, Initializer, VarianceScaling, Zeros

__all__ = ["BIAS_INIT_NAMES", "INIT_NAMES", "check_start", "draw_starting_weights"]


def _recommended(activation: Activation, is_output: bool) -> Any:
    """What the literature recommends for `activation`; raw predictions are linear."""
    if is_output:
        activation = Identity()
    initializer = activation.start
    if isinstance(initializer, str):
        if initializer not in INITIALIZERS:
            raise InvalidParameterError(
                f"The 'init' parameter of {type(activation).__name__} must be"
                f" {_choices(frozenset(INITIALIZERS))}. Got {initializer!r} instead."
            )
        initializer = INITIALIZERS[initializer]()
    if activation.start_gain != 1.0:
        initializer = clone(initializer)
        initializer.set_params(gain=activation.start_gain)
    return initializer


def _scikit_learn_rule(activation: Activation, is_output: bool) -> Initializer:
    """MLPClassifier's: uniform on +-sqrt(6 / (in + out)), or sqrt(2 / ...) if logistic.

    The output layer follows the hidden activation too.
    """
    scale = 1.0 / 3.0 if isinstance(activation, Logistic) else 1.0
    return VarianceScaling(scale, mode="fan_avg", distribution="uniform")


_RULES: dict[str, Callable[[Activation, bool], Any]] = {
    "auto": _recommended,
    "sklearn": _scikit_learn_rule,
}
"""The names that look at the activation."""

_SAME = "same"

INIT_NAMES = frozenset((*INITIALIZERS, *_RULES))
"""What `init` may be called."""

BIAS_INIT_NAMES = (INIT_NAMES | {_SAME}) - {"orthogonal"}
"""What `bias_init` may be called."""


def _choices(names: frozenset[str]) -> str:
    quoted = ", ".join(repr(name) for name in sorted(names))
    return f"a str among {{{quoted}}}, an Initializer, a callable"


def check_start(init: Any, bias_init: Any, owner: str) -> None:
    """Check what can be told without the data: names and kinds, not shapes.

    Raises
    ------
    InvalidParameterError
        Names the parameter, what it got and all choices.
    """
    for parameter, value, names in (
        ("init", init, INIT_NAMES),
        ("bias_init", bias_init, BIAS_INIT_NAMES),
    ):
        is_name = isinstance(value, str) and value in names
        if not is_name and not callable(value) and not isinstance(value, (list, tuple)):
            got = f"an array of shape {value.shape}" if hasattr(value, "shape") else repr(value)
            raise InvalidParameterError(
                f"The {parameter!r} parameter of {owner} must be {_choices(names)}, or a list with"
                f" one of these or an array for each layer. Got {got} instead."
            )


def _per_layer(parameter: str, value: Any, layer_units: Sequence[int]) -> list[Any]:
    n_layers = len(layer_units) - 1
    if not isinstance(value, (list, tuple)):
        return [value] * n_layers
    if len(value) != n_layers:
        sizes = " -> ".join(str(n_units) for n_units in layer_units)
        raise ValueError(
            f"{parameter} must have one entry for each of the {n_layers} layers of weights"
            f" between {sizes} units. Got {len(value)} entries."
        )
    return list(value)


def _resolve(where: str, source: Any, names: frozenset[str], rule_arguments: tuple) -> Any:
    """The initializer, callable or array that one entry stands for."""
    if isinstance(source, str) and source in _RULES:
        source = _RULES[source](*rule_arguments)
    elif isinstance(source, str):
        if source in INITIALIZERS and source in names:
            return INITIALIZERS[source]()
        raise InvalidParameterError(
            f"{where} must be {_choices(names)} or an array. Got {source!r} instead."
        )
    if isinstance(source, type):
        raise InvalidParameterError(
            f"{where} must be an initializer, not a class. Got {source.__name__};"
            f" write {source.__name__}()."
        )
    return source


def _draw(
    where: str,
    source: Any,
    shape: tuple[int, ...],
    fans: tuple[int, int],
    random_state: np.random.RandomState,
    dtype: np.dtype,
) -> np.ndarray:
    """An array of its own for one layer, from an initializer or a given array."""
    if not callable(source):
        return _checked(where, source, shape, dtype)
    fan_in, fan_out = fans
    try:
        values = source(
            shape, fan_in=fan_in, fan_out=fan_out, random_state=random_state, dtype=dtype
        )
    except InvalidParameterError as error:
        raise InvalidParameterError(f"{where}: {error}") from error
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error
    except TypeError as error:
        raise TypeError(
            f"{where} was called as init(shape, fan_in=..., fan_out=..., random_state=...,"
            f" dtype=...) and failed: {error}"
        ) from error
    return _checked(where, values, shape, dtype)


def _checked(where: str, values: Any, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """A new array of these values, where they are finite numbers of this shape."""
    try:
        given = np.asarray(values)
    except ValueError:  # nested lists of different lengths
        given = np.asarray(None)
    if given.dtype.kind not in "fiub":
        raise InvalidParameterError(
            f"{where} must be an initializer's name, an Initializer, a callable or an array"
            f" of real numbers of shape {shape}. Got {values!r} instead."
        )
    with np.errstate(over="ignore"):
        array = np.array(given, dtype=dtype)
    if array.shape != shape:
        raise ValueError(f"{where} must have shape {shape}. Got an array of shape {array.shape}.")
    if not all_finite(array):
        raise ValueError(f"{where} has values that are not finite in {np.dtype(dtype).name}.")
    return array


def draw_starting_weights(
    init: Any,
    bias_init: Any,
    *,
    layer_units: Sequence[int],
    activations: Sequence[Activation],
    random_state: np.random.RandomState,
    dtype: np.dtype,
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Draw the weights and biases of all layers: weights, then biases, layer by layer.

    Parameters
    ----------
    init, bias_init : str, Initializer, callable, or list of these or of arrays
        The estimators' parameters.
    layer_units : sequence of int
        Numbers of units from the input to the output.
    activations : sequence of Activation
        One for each layer of weights; the output's is that of the last hidden layer.
    random_state : RandomState instance
        The generator.
    dtype : data-type
        Type of the arrays.

    Returns
    -------
    coefs : list of ndarray of shape (fan_in, fan_out)
    intercepts : list of ndarray of shape (fan_out,)

    Raises
    ------
    InvalidParameterError
        If an entry is no initializer, or an initializer's parameter is out of range.
    ValueError
        If a list has the wrong length or an array the wrong shape; names the layer.
    """
    weight_sources = _per_layer("init", init, layer_units)
    bias_sources = _per_layer("bias_init", bias_init, layer_units)
    coefs, intercepts = [], []
    n_layers = len(weight_sources)
    for i, (weights, biases) in enumerate(zip(weight_sources, bias_sources, strict=True)):
        fans = (layer_units[i], layer_units[i + 1])
        rule_arguments = (activations[i], i == n_layers - 1)
        where = f"init of layer {i + 1}"
        weights = _resolve(where, weights, INIT_NAMES, rule_arguments)
        coefs.append(_draw(where, weights, fans, fans, random_state, dtype))

        where = f"bias_init of layer {i + 1}"
        if isinstance(biases, str) and biases == _SAME:
            if not callable(weights):
                raise ValueError(
                    f"{where} is 'same', but init gives that layer a weight matrix and nothing"
                    " to draw biases from. Give it biases, or an initializer such as 'zeros'."
                )
            biases = weights
        elif isinstance(biases, str) and biases == "auto":
            biases = Zeros()  # as Glorot's, He's and LeCun's papers all do
        else:
            biases = _resolve(where, biases, BIAS_INIT_NAMES, rule_arguments)
        intercepts.append(_draw(where, biases, fans[1:], fans, random_state, dtype))
    return coefs, intercepts
