"""Weights of other libraries' dense layers: their names, their shapes, and reading them."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ._network import Network
from ._vectors import all_finite

__all__ = [
    "KERAS",
    "TORCH",
    "Given",
    "Keys",
    "Layout",
    "check_number",
    "check_shapes",
    "keys_by_layer",
    "read",
    "type_name",
]


class Layout(NamedTuple):
    """How a library keeps the parameters of its dense layers."""

    layer: str
    weight: str
    is_transposed: bool
    """Whether weights have the shape (fan_out, fan_in)."""


TORCH = Layout("Linear", "weight", is_transposed=True)
KERAS = Layout("Dense", "kernel", is_transposed=False)


class Keys(NamedTuple):
    """What a layer's parameters are called; `bias` is None where it has none."""

    weight: Any
    bias: Any


class Given(NamedTuple):
    """An array as it was given: what messages call it, its shape, and once read its values."""

    name: str
    shape: tuple[int, ...]
    values: np.ndarray = np.empty(0)


def type_name(value: Any) -> str:
    """What messages call an object of the wrong type."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    return f"an object of type {type(value).__name__}"


def keys_by_layer(keys: Iterable[Any], where: str) -> list[Keys]:
    """The keys of a state dictionary, those of a layer together.

    Raises
    ------
    ValueError
        If one is neither a weight nor a bias, or a bias without a weight.
    """
    found: dict[str, dict[str, Any]] = {}
    for key in keys:
        layer, _, kind = str(key).rpartition(".")
        if kind not in ("weight", "bias"):
            raise ValueError(
                f"{where} has the key {key!r}, which belongs to no Linear layer: the names of"
                " theirs end in 'weight' and 'bias'. Other layers with parameters, such as"
                " normalization, have no counterpart here."
            )
        found.setdefault(layer, {})[kind] = key
    for kinds in found.values():
        if "weight" not in kinds:
            raise ValueError(f"{where} has the key {kinds['bias']!r}, but no weight beside it.")
    return [Keys(kinds["weight"], kinds.get("bias")) for kinds in found.values()]


def read(value: Any, name: str) -> Given:
    """A tensor, or what NumPy makes an array of, as a copy of float32 or float64.

    Raises
    ------
    ValueError
        If it does not hold finite real numbers.
    """
    if np.ma.is_masked(value):
        raise ValueError(f"{name} has values that are masked.")
    try:
        array = np.asarray(_on_the_cpu(value))
    except (RuntimeError, TypeError, ValueError) as error:
        raise ValueError(f"{name} cannot be read as an array: {error}") from error
    is_float = "float" in array.dtype.name  # bfloat16 of Keras is of no kind of NumPy's
    if not is_float and array.dtype.kind not in "iu":
        raise ValueError(f"{name} must hold real numbers. Got an array of {array.dtype}.")
    with np.errstate(over="ignore"):  # what float64 cannot hold is an error below
        array = np.array(array, np.float32 if is_float and array.itemsize <= 4 else np.float64)
    if not all_finite(array):
        raise ValueError(f"{name} holds values that are not finite.")
    return Given(name, array.shape, array)


def _on_the_cpu(value: Any) -> Any:
    """A tensor as an array, of float32 where NumPy lacks its type; all else as it is."""
    if not hasattr(value, "detach"):
        return value
    tensor = value.detach().cpu()
    if hasattr(tensor, "resolve_neg"):  # a view that is negated when it is read
        tensor = tensor.resolve_neg()
    is_short_float = tensor.is_floating_point() and tensor.element_size() < 4
    return (tensor.float() if is_short_float else tensor).numpy()


def check_shapes(
    network: Network,
    weights: Sequence[Given],
    biases: Sequence[Given | None],
    where: str,
    layout: Layout,
) -> None:
    """Check that these are the parameters of a network, layer by layer.

    Raises
    ------
    ValueError
        Names the first that is none of a dense layer, or has another shape; or tells how many
        layers there should be.
    """
    for name, shape, _ in weights:
        if len(shape) != 2:
            raise ValueError(
                f"{name} has shape {shape}, but the {layout.weight} of a {layout.layer} layer has"
                " two dimensions, and the one bias after it has one. Other layers with"
                " parameters, such as normalization, have no counterpart here."
            )
    check_number(network, [weight.name for weight in weights], where, layout)
    for i, (weight, bias, needed) in enumerate(zip(weights, biases, network.shapes, strict=True)):
        of_weight = needed[::-1] if layout.is_transposed else needed
        for given, expected in ((weight, of_weight), (bias, needed[1:])):
            if given is not None and given.shape != expected:
                raise ValueError(
                    f"{given.name} has shape {given.shape}, but for layer {i + 1} of the network"
                    f" it must be {expected}.{_hint(network, i, given.shape, expected, layout)}"
                )


def check_number(network: Network, names: Sequence[str], where: str, layout: Layout) -> None:
    """Check that there is one weight for each layer."""
    n_layers = len(network.shapes)
    if len(names) != n_layers:
        found = f": {', '.join(names)}" if names else ""
        raise ValueError(
            f"{where} has {len(names)} {layout.layer} layers{found}. The network has {n_layers}."
        )


def _hint(
    network: Network,
    i: int,
    shape: tuple[int, ...],
    expected: tuple[int, ...],
    layout: Layout,
) -> str:
    """What a wrong shape is likely to come from."""
    n_given = shape[0 if layout.is_transposed else -1]
    is_binary = network.loss.link == "logistic" and network.layer_units[-1] == 1
    if is_binary and i == len(network.shapes) - 1 and n_given == 2:
        return (
            " A classifier of two classes has one output here, the logit of the second class,"
            " which two outputs with a softmax have as the second minus the first."
        )
    if shape == expected[::-1]:
        return (
            " It is transposed: weights have the shape (fan_out, fan_in) in PyTorch, and"
            " (fan_in, fan_out) in Keras and here."
        )
    return ""
