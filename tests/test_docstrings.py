"""Docstrings agree with the code, and the API's page with the public names."""

import ast
import importlib
import inspect
import re
from functools import cache
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

import sk_xavier
from sk_xavier import activations, comparison, diagnostics, displays, initializers
from sk_xavier._starting_weights import INIT_NAMES
from sk_xavier.activations import ACTIVATIONS

PACKAGE = Path(sk_xavier.__file__).parent
API = Path(__file__).parent.parent / "docs" / "api"
CHAPTERS = API.parent / "chapters"


# --- what is public


def is_ours(item):
    return str(getattr(item, "__module__", "")).startswith("sk_xavier")


def public_names(*modules):
    """By the shortest path, all that the modules' lists name, each once."""
    found = {}
    for module in modules:
        for name in module.__all__:
            item = getattr(module, name)
            if not inspect.ismodule(item) and not any(item is other for other in found.values()):
                found[f"{module.__name__}.{name}"] = item
    return found


PUBLIC = public_names(sk_xavier, initializers, activations, comparison, diagnostics, displays)
CLASSES = {path: item for path, item in PUBLIC.items() if inspect.isclass(item)}
FUNCTIONS = {path: item for path, item in PUBLIC.items() if inspect.isfunction(item)}
CONSTANTS = {"sk_xavier.comparison.FIVE_INITS"}


def members(wanted):
    """Members of the public classes that this package defines, by path; inherited ones too."""
    return {
        f"{path}.{name}": member
        for path, cls in CLASSES.items()
        for name, member in inspect.getmembers(cls)
        if (not name.startswith("_") or name == "__call__") and wanted(member)
    }


METHODS = members(lambda member: inspect.isroutine(member) and is_ours(member))
PROPERTIES = members(lambda member: isinstance(member, property) and is_ours(member.fget))
CALLABLES = CLASSES | FUNCTIONS | METHODS


def of(items):
    """Makes a test run for each of the items, by path."""
    return pytest.mark.parametrize("path", items)


def test_every_public_name_is_looked_at():
    assert set(PUBLIC) == {*CLASSES, *FUNCTIONS, *CONSTANTS}
    for path in ("XavierMLPRegressor.fit", "initializers.Zeros.__call__", "activations.ELU.forward"):
        assert f"sk_xavier.{path}" in METHODS
    assert "sk_xavier.WeightsDisplay.n_distinct" in PROPERTIES


# --- what docstrings say


def sections(doc):
    """Text of a numpydoc docstring by the title of its section; '' is what comes before."""
    parts = re.split(r"(?:^|\n)(\w[\w ]+)\n-{3,}(?:\n|$)", doc)
    return dict(zip(["", *parts[1::2]], parts[::2], strict=True))


@cache
def doc_of(path):
    doc = inspect.getdoc((CALLABLES | PROPERTIES)[path])
    assert doc, f"{path} has no docstring"
    return sections(doc)


def entries(path, *titles):
    """Names of sections' entries, each with the text of its type."""
    found = {}
    for title in titles:
        for line in doc_of(path).get(title, "").splitlines():
            if line and not line[0].isspace():
                names, _, kind = line.partition(" : ")
                found |= dict.fromkeys(names.split(", "), kind)
    return found


def parameters(path):
    """The parameters of a signature as they are documented, but for the one bound to a method."""
    found = list(inspect.signature(CALLABLES[path]).parameters.values())
    if found and path in METHODS and found[0].name == "self":
        del found[0]
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    return {stars.get(parameter.kind, "") + parameter.name: parameter for parameter in found}


def returns_something(path):
    return inspect.signature(CALLABLES[path]).return_annotation not in (None, "None")


@of(CALLABLES)
def test_sections(path):
    required = {"Parameters"} if parameters(path) else set()
    if path not in METHODS:
        required.add("Examples")
    if path not in CLASSES and returns_something(path):
        required.add("Returns")
    doc = doc_of(path)
    assert required <= set(doc)
    assert all(text.strip() for text in doc.values())
    assert path in METHODS or ">>> " in doc["Examples"]


@of(PROPERTIES)
def test_properties_are_documented(path):
    assert doc_of(path)[""]
    cls, _, name = path.rpartition(".")
    assert any(
        name in entries(f"{base.__module__}.{base.__name__}", "Attributes")
        for base in CLASSES[cls].__mro__
        if f"{base.__module__}.{base.__name__}" in CLASSES
    ) or name in entries(cls, "Attributes")


@of(CALLABLES)
def test_parameters(path):
    assert list(entries(path, "Parameters")) == list(parameters(path))


def spelled(default):
    """As a docstring has it: what would make the same value again."""
    if inspect.isclass(default):
        return f"{default.__module__}.{default.__name__}"
    return repr(default)


@of(CALLABLES)
def test_defaults(path):
    documented = entries(path, "Parameters")
    for name, parameter in parameters(path).items():
        _, *default = re.split(r"\bdefault=", documented[name], maxsplit=1)
        has_one = parameter.default is not inspect.Parameter.empty
        assert default == ([spelled(parameter.default)] if has_one else []), name
