"""Networks as ONNX models, through skl2onnx.

ONNX is a file format for computations that runs without Python. `skl2onnx` turns fitted
estimators of scikit-learn into such files; this module tells it how to convert those of
sk_xavier. It needs the extra ``onnx`` and is imported by its own name:
``import sk_xavier.onnx``.

Conventions
-----------
A model computes in double precision where its input is a ``DoubleTensorType``, else in single
precision. Outputs are named and shaped as skl2onnx does it for scikit-learn's classifiers,
regressors and transformers. All operators exist from opset 9 on, and ONNX Runtime has them in
both precisions.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import erfcx
from sklearn.utils.validation import check_is_fitted

from ._estimators import XavierMLPClassifier, XavierMLPRegressor
from ._hidden_layer_transformer import HiddenLayerTransformer
from ._parameters import hidden_layer_number, layer_activations
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

__all__ = ["register_converters"]

OLDEST_OPSET = 9


def register_converters() -> None:
    """Tell skl2onnx how to convert the estimators of sk_xavier.

    Afterwards ``skl2onnx.to_onnx`` and ``skl2onnx.convert_sklearn`` take `XavierMLPClassifier`,
    `XavierMLPRegressor` and `HiddenLayerTransformer`, alone and within pipelines and
    searches. Without this call, they raise skl2onnx's ``MissingShapeCalculator``. To call it
    again changes nothing.

    Read more in the :ref:`user guide <guide_onnx>`.

    Raises
    ------
    ImportError
        If skl2onnx is not installed.

    See Also
    --------
    sk_xavier.XavierMLPClassifier : What it converts.

    Notes
    -----
    Conversion raises ``sklearn.exceptions.NotFittedError`` if there are no weights yet, and a
    ``ValueError`` if an activation is made of functions of one's own, if a weight is too large
    for single precision, if `target_opset` is below 9, or if an option cannot be had with the
    type of the inputs or of the class labels.

    The classifier takes the options that skl2onnx has for scikit-learn's `MLPClassifier`:
    `zipmap` (True, False or 'columns'), `nocl` and `output_class_labels`.

    Examples
    --------
    >>> from importlib.util import find_spec
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.onnx import register_converters
    >>> X, y = load_iris(return_X_y=True)
    >>> X = X.astype(np.float32)
    >>> mlp = XavierMLPClassifier(solver="lbfgs", max_iter=1000, random_state=0).fit(X, y)
    >>> if find_spec("skl2onnx"):
    ...     from skl2onnx import to_onnx
    ...     register_converters()
    ...     model = to_onnx(mlp, X[:1], options={"zipmap": False})
    ...     names = [output.name for output in model.graph.output]
    ...     assert names == ["label", "probabilities"]
    """
    update = _import_skl2onnx().update_registered_converter
    update(
        XavierMLPClassifier,
        "SkXavierMLPClassifier",
        _infer_classifier_shapes,
        _convert_classifier,
        parser=_parse_classifier,
        options={
            "zipmap": [True, False, "columns"],
            "nocl": [True, False],
            "output_class_labels": [False, True],
            # No raw_scores: the converters of meta-estimators would take those for the
            # decision_function that these estimators do not have.
        },
    )
    update(XavierMLPRegressor, "SkXavierMLPRegressor", _infer_regressor_shapes, _convert_regressor)
    update(
        HiddenLayerTransformer,
        "SkXavierHiddenLayerTransformer",
        _infer_transformer_shapes,
        _convert_transformer,
    )


def _import_skl2onnx() -> Any:
    try:
        import skl2onnx
    except ImportError as error:
        raise ImportError(
            'sk_xavier.onnx needs skl2onnx: pip install "sk-xavier[onnx]".'
        ) from error
    return skl2onnx


# --- the graph


class _Graph:
    """Operators written as calls: each is added, and the name of its output is returned.

    Parameters
    ----------
    scope, container : object
        What skl2onnx hands to a converter.
    operator : object
        Likewise; the type of its first input is that of the computation.
    """

    def __init__(self, scope: Any, operator: Any, container: Any) -> None:
        from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

        opset = container.target_opset_any_domain("")
        if opset < OLDEST_OPSET:
            raise ValueError(
                f"target_opset must be {OLDEST_OPSET} or newer for the estimators of sk_xavier."
                f" Got {opset}."
            )
        self._scope = scope
        self._container = container
        self.outputs = [output.full_name for output in operator.outputs]
        given = operator.inputs[0]
        is_double = isinstance(given.type, DoubleTensorType)
        self.dtype: np.dtype[np.floating] = np.dtype(np.float64 if is_double else np.float32)
        self.input = given.full_name
        if not isinstance(given.type, DoubleTensorType | FloatTensorType):
            self.input = self("Cast", self.input, to=self._proto_type(self.dtype))

    def __call__(
        self,
        op_type: str,
        *inputs: str | float | np.ndarray,
        out: str | None = None,
        **attributes: Any,
    ) -> str:
        """Add an operator; an input is an output's name, or a constant of the graph's type."""
        names = [given if isinstance(given, str) else self.constant(given) for given in inputs]
        out = out or self._scope.get_unique_variable_name(op_type.lower())
        name = self._scope.get_unique_operator_name(op_type)
        self._container.add_node(op_type, names, out, name=name, **attributes)
        return out

    def constant(self, values: Any, dtype: Any = None) -> str:
        """Add an array: of the graph's type, of integers or of strings."""
        array = np.asarray(values, self.dtype if dtype is None else dtype)
        content = [text.encode() for text in array] if dtype is str else array.ravel()
        name = self._scope.get_unique_variable_name("constant")
        proto_type = self._proto_type(array.dtype)
        self._container.add_initializer(name, proto_type, array.shape, content)
        return name

    def cast(self, given: str, dtype: Any, out: str | None = None) -> str:
        """Add a conversion to another type."""
        return self("Cast", given, out=out, to=self._proto_type(np.dtype(dtype)))

    @staticmethod
    def _proto_type(dtype: np.dtype) -> int:
        from onnx import TensorProto

        return {
            "f4": TensorProto.FLOAT,
            "f8": TensorProto.DOUBLE,
            "i8": TensorProto.INT64,
        }.get(dtype.str[1:], TensorProto.STRING)


# --- activations
#
# From operators that ONNX Runtime has in both precisions: of Elu, Selu, Softplus, Softsign, Erf,
# Gelu and Mish it lacks the double ones in most opsets. Its Sigmoid loses the small values that
# exp keeps.

Formula = Callable[[_Graph, str, Any], str]
"""Adds an activation's operators, from its pre-activations and parameters."""


def _identity(graph: _Graph, z: str, activation: Identity) -> str:
    return z


def _sigmoid(graph: _Graph, z: str, activation: Any = None) -> str:
    """1 / (1 + exp(-z)), where exp may be infinite."""
    return graph("Div", 1.0, graph("Add", graph("Exp", graph("Neg", z)), 1.0))


def _tanh(graph: _Graph, z: str, activation: Tanh) -> str:
    return graph("Tanh", z)


def _relu(graph: _Graph, z: str, activation: ReLU) -> str:
    return graph("Relu", z)


def _leaky_relu(graph: _Graph, z: str, activation: LeakyReLU) -> str:
    return graph("Max", z, graph("Mul", z, activation.negative_slope))


def _elu(graph: _Graph, z: str, activation: ELU) -> str:
    below = graph("Sub", graph("Exp", graph("Min", z, 0.0)), 1.0)
    return graph("Add", graph("Relu", z), graph("Mul", below, activation.alpha))


def _selu(graph: _Graph, z: str, activation: SELU) -> str:
    return graph("Mul", _elu(graph, z, activation), activation._scale)


def _gelu(graph: _Graph, z: str, activation: GELU) -> str:
    if graph.dtype == np.float32:
        doubled = graph("Add", graph("Erf", graph("Mul", z, math.sqrt(0.5))), 1.0)
        return graph("Mul", graph("Mul", z, 0.5), doubled)
    magnitude = graph("Abs", z)
    lost = graph("Mul", magnitude, _normal_tail(graph, magnitude))
    return graph("Sub", graph("Relu", z), lost)


def _normal_tail(graph: _Graph, x: str) -> str:
    r"""Phi(-x) for x >= 0 in double precision, in which ONNX Runtime has no Erf.

    With the scaled complementary error function, Phi(-x) = exp(-x^2 / 2) erfcx(x / sqrt(2)) / 2.
    In t = 2 / (2 + x / sqrt(2)), erfcx divided by t is so smooth on (0, 1] that a polynomial of
    degree 24 is exact to rounding.
    """
    t = graph("Div", 2.0, graph("Add", graph("Mul", x, math.sqrt(0.5)), 2.0))
    s = graph("Sub", graph("Mul", t, 2.0), 1.0)  # in [-1, 1]
    series = chebyshev.chebinterpolate(lambda s: erfcx(4 / (s + 1) - 2) / ((s + 1) / 2), 24)
    *lower, highest = chebyshev.cheb2poly(series)
    polynomial: Any = highest
    for coefficient in reversed(lower):
        polynomial = graph("Add", graph("Mul", s, polynomial), coefficient)
    density = graph("Exp", graph("Mul", graph("Mul", x, x), -0.5))
    return graph("Mul", graph("Mul", density, 0.5), graph("Mul", t, polynomial))


def _silu(graph: _Graph, z: str, activation: SiLU) -> str:
    return graph("Div", z, graph("Add", graph("Exp", graph("Neg", z)), 1.0))


def _mish(graph: _Graph, z: str, activation: Mish) -> str:
    return graph("Mul", z, graph("Tanh", _softplus(graph, z)))


def _softplus(graph: _Graph, z: str, activation: Any = None) -> str:
    """log(1 + exp(z)) = max(0, z) + log(1 + exp(-abs(z))), in which nothing overflows."""
    small = graph("Exp", graph("Neg", graph("Abs", z)))
    return graph("Add", graph("Relu", z), graph("Log", graph("Add", small, 1.0)))


def _softsign(graph: _Graph, z: str, activation: Softsign) -> str:
    return graph("Div", z, graph("Add", graph("Abs", z), 1.0))


def _clip(graph: _Graph, z: str, activation: ReLU6 | HardTanh) -> str:
    return graph("Min", graph("Max", z, activation._low), activation._high)


_FORMULAS: dict[type[Activation], Formula] = {
    Identity: _identity,
    Logistic: _sigmoid,
    Tanh: _tanh,
    ReLU: _relu,
    LeakyReLU: _leaky_relu,
    ELU: _elu,
    SELU: _selu,
    GELU: _gelu,
    SiLU: _silu,
    Mish: _mish,
    Softplus: _softplus,
    Softsign: _softsign,
    ReLU6: _clip,
    HardTanh: _clip,
}
"""By class; that of a subclass may be another function."""


def _apply_activation(graph: _Graph, z: str, activation: Activation, layer: int) -> str:
    formula = _FORMULAS.get(type(activation))
    if formula is None:
        choices = ", ".join(repr(cls.name) for cls in _FORMULAS)
        raise ValueError(
            f"The activation of hidden layer {layer}, {activation.name!r} of type"
            f" {type(activation).__name__}, cannot be converted to ONNX: it is a function of"
            f" Python's. Those that can be are {choices}."
        )
    return formula(graph, z, activation)


# --- layers


def _layers(graph: _Graph, network: Any, n_layers: int) -> str:
    """Raw predictions, or the outputs of a hidden layer where `n_layers` is smaller."""
    activations = layer_activations(network, len(network.coefs_) - 1)
    signal = graph.input
    for i in range(n_layers):
        weights, biases = (
            _in_type(getattr(network, name)[i], f"{name}[{i}]", graph.dtype)
            for name in ("coefs_", "intercepts_")
        )
        signal = graph("Add", graph("MatMul", signal, weights), biases)
        if i < len(activations):
            signal = _apply_activation(graph, signal, activations[i], i + 1)
    return signal


def _in_type(array: Any, name: str, dtype: np.dtype) -> np.ndarray:
    with np.errstate(over="ignore"):
        converted = np.asarray(array, dtype)
    if not np.isfinite(converted).all():
        raise ValueError(
            f"{name} has values that are not finite, or too large for {dtype}. If they are only"
            " too large, convert with a DoubleTensorType."
        )
    return converted


# --- converters


def _convert_classifier(scope: Any, operator: Any, container: Any) -> None:
    network, graph = operator.raw_operator, _Graph(scope, operator, container)
    raw = _layers(graph, network, len(network.coefs_))
    label, probabilities = graph.outputs
    if _is_multilabel(network):
        graph.cast(graph("Greater", raw, 0.0), np.int64, out=label)
    else:
        if network.out_activation_ == "logistic":  # one column a class; the first of a tie wins
            raw = graph("Concat", graph("Neg", raw), raw, axis=1)
        # Not of the probabilities, which rounding may have made equal.
        codes = graph("ArgMax", raw, axis=1, keepdims=0)
        labels = _class_labels(scope, network)
        dtype = str if labels.dtype.kind == "U" else np.int64
        graph("Gather", graph.constant(labels, dtype), codes, out=label)
    if network.out_activation_ == "logistic":
        proba = _sigmoid(graph, raw)
    else:
        proba = graph("Softmax", raw, axis=1)
    # As predict_proba does it: a finite network is never certain.
    info = np.finfo(graph.dtype)
    inside = graph("Min", graph("Max", proba, float(info.tiny)), float(1 - info.epsneg))
    graph("Identity", inside, out=probabilities)


def _convert_regressor(scope: Any, operator: Any, container: Any) -> None:
    network, graph = operator.raw_operator, _Graph(scope, operator, container)
    raw = _layers(graph, network, len(network.coefs_))
    link = "Exp" if network.out_activation_ == "exp" else "Identity"
    graph(link, raw, out=graph.outputs[0])


def _convert_transformer(scope: Any, operator: Any, container: Any) -> None:
    graph = _Graph(scope, operator, container)
    network, number = _shown_layer(operator.raw_operator)
    graph("Identity", _layers(graph, network, number + 1), out=graph.outputs[0])


# --- what comes out


def _is_multilabel(network: Any) -> bool:
    return network.out_activation_ == "logistic" and network.n_outputs_ > 1


def _class_labels(scope: Any, network: Any) -> np.ndarray:
    """The classes, as ONNX has labels: integers of 64 bits or strings."""
    if scope.get_options(network, {"nocl": False})["nocl"]:
        return np.arange(len(network.classes_))
    classes = network.classes_
    if all(isinstance(label, str) for label in classes):
        return np.array([str(label) for label in classes])
    if classes.dtype.kind in "biuf":
        with np.errstate(invalid="ignore"):
            labels = classes.astype(np.int64)
        if (labels == classes).all():
            return labels
    raise ValueError(
        f"ONNX has class labels that are strings or integers of 64 bits. Got classes_={classes!r}."
    )


def _shown_layer(transformer: Any) -> tuple[Any, int]:
    """The transformer's network, and the number of the hidden layer that it shows."""
    check_is_fitted(transformer)
    network = transformer.estimator_
    return network, hidden_layer_number(transformer.layer, len(network.coefs_) - 1)


def _infer_classifier_shapes(operator: Any) -> None:
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes

    network = operator.raw_operator
    check_is_fitted(network)
    _class_labels(operator.scope_inst, network)
    calculate_linear_classifier_output_shapes(operator)
    if _is_multilabel(network):
        label, probabilities = operator.outputs
        label.type.shape = probabilities.type.shape


def _infer_regressor_shapes(operator: Any) -> None:
    check_is_fitted(operator.raw_operator)
    _infer_one_output(operator, operator.raw_operator.n_outputs_)


def _infer_transformer_shapes(operator: Any) -> None:
    network, number = _shown_layer(operator.raw_operator)
    _infer_one_output(operator, np.shape(network.coefs_[number])[1])


def _infer_one_output(operator: Any, n_columns: int) -> None:
    from skl2onnx.common.shape_calculator import calculate_linear_regressor_output_shapes

    calculate_linear_regressor_output_shapes(operator)
    n_rows = operator.inputs[0].get_first_dimension()
    operator.outputs[0].type.shape = [n_rows, n_columns]


def _parse_classifier(
    scope: Any, model: Any, inputs: Sequence[Any], custom_parsers: Any = None
) -> Any:
    """Declare the outputs as skl2onnx does it, where these options can be had."""
    from skl2onnx._parse import _parse_sklearn_classifier
    from skl2onnx.common.data_types import DoubleTensorType

    check_is_fitted(model)
    _class_labels(scope, model)
    options = scope.get_options(model, {"zipmap": True, "output_class_labels": False})
    if options["zipmap"] is True and isinstance(inputs[0].type, DoubleTensorType):
        raise ValueError(
            "zipmap=True, skl2onnx's default, makes dictionaries of ONNX's operator ZipMap, which"
            " takes single precision only. With inputs of double precision, pass"
            " options={'zipmap': False} or {'zipmap': 'columns'}."
        )
    classes = model.classes_
    is_wide = classes.dtype in (np.int32, np.int64)
    if options["output_class_labels"] and not is_wide and classes.dtype.kind in "biuf":
        raise ValueError(
            "skl2onnx has output_class_labels=True for class labels that are strings or integers"
            f" of 32 or 64 bits. Got labels of {classes.dtype}; fit on y.astype(int), or leave"
            " the option out."
        )
    return _parse_sklearn_classifier(scope, model, inputs, custom_parsers=custom_parsers)
