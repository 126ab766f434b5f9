"""Multilayer perceptrons for scikit-learn, with the weight initializer as a parameter."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import activations, initializers
from ._estimators import XavierMLPClassifier, XavierMLPRegressor
from ._hidden_layer_transformer import HiddenLayerTransformer

if TYPE_CHECKING:
    from .comparison import InitializerComparison, compare_initializers
    from .diagnostics import SignalPropagation, Verdict, signal_propagation
    from .displays import (
        InitializerComparisonDisplay,
        LossCurveDisplay,
        SignalPropagationDisplay,
        WeightsDisplay,
    )

__version__ = "0.1.0.dev0"

__all__ = [
    "HiddenLayerTransformer",
    "InitializerComparison",
    "InitializerComparisonDisplay",
    "LossCurveDisplay",
    "SignalPropagation",
    "SignalPropagationDisplay",
    "Verdict",
    "WeightsDisplay",
    "XavierMLPClassifier",
    "XavierMLPRegressor",
    "activations",
    "compare_initializers",
    "initializers",
    "signal_propagation",
]

_LATER = {
    "comparison": ("InitializerComparison", "compare_initializers"),
    "diagnostics": ("SignalPropagation", "Verdict", "signal_propagation"),
    "displays": (
        "InitializerComparisonDisplay",
        "LossCurveDisplay",
        "SignalPropagationDisplay",
        "WeightsDisplay",
    ),
}
"""Modules that are imported when one of these names is asked for: who only fits and predicts
does not wait for them."""


def __getattr__(name: str) -> Any:
    for module, names in _LATER.items():
        if name in names:
            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
