"""Imports between modules point one way: up the list of layers."""

import ast
import operator
from pathlib import Path

import pytest

import sk_xavier

PACKAGE = Path(sk_xavier.__file__).parent

LAYERS = [
    {
        *("_class_weight", "_dropout", "_paired_tests", "_progress", "_schedules"),
        *("_plain_files", "_saving", "_sklearn_compat", "_tables", "_threads", "_vectors"),
        "_warnings",
    },
    {
        *("initializers", "activations", "_losses", "_optimizers", "_samples", "_datasets"),
        *("_callbacks", "_frames", "_jobs"),
    },
    {"_network", "_starting_weights", "_targets"},
    {"_foreign_weights", "_layer_signals", "_symmetry", "_validation"},
    {"_training", "_verdicts"},
    {"_continuation", "_epochs", "_lbfgs"},
    {"_parameters", "_run"},
    {"_chunks", "_solve"},
    {"_base_estimator"},
    {"_estimators", "_hidden_layer_transformer", "diagnostics", "interop"},
    {"_cross_validation", "onnx"},
    {"_comparison_summary"},
    {"comparison"},
    {"_drawing"},
    {"_curve_displays", "_signal_display", "_weights_display"},
    {"displays"},
    {"_report", "_command_line"},
    {"__init__"},
    {"__main__", "checkpoints"},
    {"streaming"},
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py"))


def imported(module):
    """Modules of this package that `module` imports, wherever in its text."""
    found = set()
    for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found |= {name if name in LEVEL else "__init__" for name in names}
        elif isinstance(node, ast.ImportFrom | ast.Import):
            names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            assert not any(name.startswith("sk_xavier") for name in names), "import relatively"
    return found


def test_every_module_has_a_layer():
    assert set(MODULES) == set(LEVEL)


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_to_lower_layers(module):
    assert all(LEVEL[other] < LEVEL[module] for other in imported(module))


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"_sklearn_compat"}))
def test_private_parts_of_scikit_learn_come_through_one_door(module):
    for node in ast.walk(ast.parse((PACKAGE / f"{module}.py").read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sklearn"):
            names = [*node.module.split("."), *(alias.name for alias in node.names)]
            assert not any(name.startswith("_") for name in names)


def test_the_public_names():
    assert sk_xavier.__all__ == sorted(sk_xavier.__all__)
    assert set(sk_xavier.__all__) == {
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
    }
    for name in sk_xavier.__all__:
        assert name in dir(sk_xavier)
        assert getattr(sk_xavier, name) is not None
    assert (PACKAGE / "py.typed").exists()


def test_other_names_are_no_attributes():
    with pytest.raises(AttributeError, match="no attribute 'XavierMLP'"):
        operator.attrgetter("XavierMLP")(sk_xavier)
