"""Docstrings agree with signatures."""

import inspect
import re

import pytest

import sk_xavier
from sk_xavier import activations, initializers

CLASSES = [
    sk_xavier.XavierMLPClassifier,
    sk_xavier.XavierMLPRegressor,
    sk_xavier.HiddenLayerTransformer,
    *(getattr(initializers, name) for name in initializers.__all__ if name != "Initializer"),
    *(getattr(activations, name) for name in activations.__all__),
]
ENGINE = {"forward", "inplace_backward"}
"""What activations have for the network."""

RESULTS = [sk_xavier.SignalPropagation, sk_xavier.InitializerComparison, sk_xavier.Verdict]
DISPLAYS = [getattr(sk_xavier, name) for name in sk_xavier.__all__ if name.endswith("Display")]
FUNCTIONS = [sk_xavier.signal_propagation, sk_xavier.compare_initializers]


def test_every_public_name_is_looked_at():
    looked_at = {item.__name__ for item in (*CLASSES, *RESULTS, *DISPLAYS, *FUNCTIONS)}
    assert {*sk_xavier.__all__} - {"activations", "initializers"} <= looked_at


def sections(doc):
    """Text of a numpydoc docstring by the title of its section."""
    parts = re.split(r"\n(\w[\w ]+)\n-{3,}\n", inspect.cleandoc(doc))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def documented(doc, title="Parameters"):
    """Names of a section's entries, each with the text of its type."""
    text = sections(doc).get(title, "")
    return {
        name: kind
        for names, kind in re.findall(r"^([\w, ]+) : (.*)$", text, re.MULTILINE)
        for name in names.split(", ")
    }


def default_of(kind):
    return kind.rsplit("default=", 1)[1] if "default=" in kind else inspect.Parameter.empty


@pytest.mark.parametrize("cls", CLASSES + DISPLAYS + FUNCTIONS)
def test_parameters_and_defaults_agree(cls):
    signature = inspect.signature(cls).parameters
    entries = documented(cls.__doc__)
    assert list(entries) == list(signature)
    for name, parameter in signature.items():
        if parameter.default is inspect.Parameter.empty:
            assert "default=" not in entries[name], name
        else:
            assert default_of(entries[name]) == repr(parameter.default), name


@pytest.mark.parametrize("cls", CLASSES + DISPLAYS + RESULTS)
def test_methods_document_their_parameters(cls):
    for name, method in inspect.getmembers(cls, inspect.isroutine):
        if (
            name.startswith("_")
            or name in ENGINE
            or "sk_xavier" not in str(getattr(method, "__module__", ""))
        ):
            continue
        parameters = list(inspect.signature(method).parameters.values())
        names = [p.name for p in parameters if p.name != "self" and p.kind is not p.VAR_KEYWORD]
        assert list(documented(method.__doc__)) == names, name
        assert "Returns" in sections(method.__doc__), name


@pytest.mark.parametrize("cls", CLASSES + DISPLAYS + FUNCTIONS)
def test_classes_have_examples(cls):
    assert ">>> " in sections(cls.__doc__)["Examples"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_functions_say_what_they_return_and_raise(function):
    for title in ("Returns", "Raises", "References"):
        assert title in sections(function.__doc__)


@pytest.mark.parametrize("cls", RESULTS)
def test_attributes_of_results_are_documented(cls):
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    mlp = sk_xavier.XavierMLPClassifier((3,), max_iter=1, random_state=0)
    if cls is sk_xavier.InitializerComparison:
        result = sk_xavier.compare_initializers(mlp, X, y, cv=2, n_repeats=1)
    else:
        result = sk_xavier.signal_propagation(mlp, X, y)
        result = result.verdict if cls is sk_xavier.Verdict else result
    assert isinstance(result, cls)
    assert set(vars(result)) <= set(documented(cls.__doc__, "Attributes"))


@pytest.mark.parametrize("cls", CLASSES[:2])
def test_attributes_are_documented(cls):
    X, y = [[0.0], [1.0], [2.0]] * 4, [0, 1, 1] * 4
    mlp = cls(max_iter=1, store_initial_weights=True).initialize(X, y)
    fitted = {name for name in vars(mlp) if name.endswith("_") and not name.startswith("_")}
    assert fitted | {"feature_names_in_"} == set(documented(cls.__doc__, "Attributes"))
