"""Docstrings agree with the code, and the API's page with the public names."""

import ast
import inspect
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

import sk_xavier
from sk_xavier import (
    activations,
    checkpoints,
    displays,
    initializers,
    interop,
    onnx,
    streaming,
)
from sk_xavier._starting_weights import BIAS_INIT_NAMES, INIT_NAMES
from sk_xavier.activations import ACTIVATIONS
from sk_xavier.initializers import INITIALIZERS

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


# All public modules, and the package itself first: names are looked at by their shortest path.
MODULES = [import_module(f"sk_xavier.{path.stem}") for path in sorted(PACKAGE.glob("[!_]*.py"))]
PUBLIC = public_names(sk_xavier, *MODULES)
CLASSES = {path: item for path, item in PUBLIC.items() if inspect.isclass(item)}
FUNCTIONS = {path: item for path, item in PUBLIC.items() if inspect.isfunction(item)}
CONSTANTS = {"sk_xavier.comparison.FIVE_INITS"}


def members(function_of):
    """Public members of the classes that this package defines, by path, each once."""
    found = {}
    for path, cls in CLASSES.items():
        for name, member in inspect.getmembers(cls):
            function = function_of(member) if name == "__call__" or name[0] != "_" else None
            if is_ours(function) and function not in map(function_of, found.values()):
                found[f"{path}.{name}"] = member
    return found


def function_of_method(member):
    if not inspect.isroutine(member):
        return None
    return inspect.unwrap(getattr(member, "__func__", member))


def function_of_property(member):
    return member.fget if isinstance(member, property) else None


METHODS = members(function_of_method)
PROPERTIES = members(function_of_property)
CALLABLES = CLASSES | FUNCTIONS | METHODS


def of(items):
    """Makes a test run for each of the items, by path."""
    return pytest.mark.parametrize("path", items)


def test_every_public_name_is_looked_at():
    assert set(PUBLIC) == {*CLASSES, *FUNCTIONS, *CONSTANTS}
    for method in (
        sk_xavier.XavierMLPRegressor.fit,
        sk_xavier.XavierMLPRegressor.partial_fit,
        sk_xavier.WeightsDisplay.from_estimator,
        initializers.Zeros.__call__,
        activations.SELU.forward,
    ):
        assert function_of_method(method) in map(function_of_method, METHODS.values())
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
    assert doc_of(path)[""].strip()
    cls, _, name = path.rpartition(".")
    lists = [
        entries(base, "Attributes") for base in CLASSES if issubclass(CLASSES[cls], CLASSES[base])
    ]
    assert any(name in attributes for attributes in lists)


@of(CALLABLES)
def test_parameters(path):
    assert list(entries(path, "Parameters")) == list(parameters(path))
    assert "Other Parameters" not in doc_of(path)


@of(CALLABLES)
def test_parameters_have_a_type_and_a_text(path):
    for entry in re.split(r"^(?=\S)", doc_of(path).get("Parameters", ""), flags=re.M)[1:]:
        head, _, text = entry.partition("\n")
        assert re.match(r"\*|[\w, ]+ : (?!default=)\S", head), head
        assert text.strip(), head


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


# --- what raises

VALIDATORS = {
    "_check_sample_weight",
    "_validate_params",
    "check_X_y",
    "check_array",
    "check_is_fitted",
    "check_random_state",
    "check_scoring",
    "column_or_1d",
    "indexable",
    "validate_data",
}
"""Those of scikit-learn, which raise."""


def function_nodes():
    """By name, the functions and methods of the package; by a class's, what constructs it."""
    found = {}
    for script in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(script.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append(node)
                node.script = script.name
            elif isinstance(node, ast.ClassDef):
                functions = [one for one in node.body if isinstance(one, ast.FunctionDef)]
                made_by = [one for one in functions if one.name in ("__init__", "__new__")]
                found.setdefault(node.name, []).extend(made_by)
    return found


def first_line(node):
    return min(one.lineno for one in (node, *node.decorator_list))


class CallGraph:
    """Which functions of the package may raise.

    One does that has a `raise` (but not one that only hands an error on), calls a validator, or
    calls one that does. What is called is told by its name alone: whatever in the package has
    that name may be meant. What a variable holds, the standard library, NumPy and SciPy are left
    out.
    """

    def __init__(self):
        self.nodes = function_nodes()
        self.properties = {
            node.name
            for nodes in self.nodes.values()
            for node in nodes
            if any(getattr(one, "id", "") == "property" for one in node.decorator_list)
        }
        self.raising = VALIDATORS
        while more := {name for name in self.nodes if self.named(name)} - self.raising:
            self.raising = self.raising | more

    def named(self, name):
        """Whether one that has this name may."""
        return any(map(self.may_raise, self.nodes[name]))

    def of(self, function):
        """Whether this function may."""
        return self.may_raise(self.node_of(function))

    def node_of(self, function):
        code = function.__code__
        place = Path(code.co_filename).name, code.co_firstlineno
        (node,) = (
            node for node in self.nodes[code.co_name] if (node.script, first_line(node)) == place
        )
        return node

    def raised_in(self, function):
        """Names of the errors that its own lines raise."""
        raised = (part for part in ast.walk(self.node_of(function)) if isinstance(part, ast.Raise))
        return {name for part in raised if (name := self.called(part.exc))}

    def may_raise(self, node):
        return any(
            (isinstance(part, ast.Raise) and part.exc is not None)
            or self.called(part) in self.raising
            for part in ast.walk(node)
        )

    def called(self, part):
        if isinstance(part, ast.Call):
            return getattr(part.func, "id", getattr(part.func, "attr", None))
        is_property = isinstance(part, ast.Attribute) and part.attr in self.properties
        return part.attr if is_property else None


@pytest.fixture(scope="module")
def calls():
    return CallGraph()


@of([*FUNCTIONS, *METHODS, *PROPERTIES])
def test_what_raises_says_so(path, calls):
    item = (CALLABLES | PROPERTIES)[path]
    if calls.of(function_of_property(item) or function_of_method(item)):
        errors = [error for names in entries(path, "Raises") for error in names.split(", ")]
        assert errors, "Raises is missing"
        assert all(re.fullmatch(r"[A-Z]\w+Error", error) for error in errors)
        assert calls.raised_in(function_of_property(item) or function_of_method(item)) <= {*errors}


@of(CLASSES)
def test_what_raises_when_made_says_so(path, calls):
    assert "Raises" in doc_of(path) or not calls.named(CLASSES[path].__name__)


def test_the_call_graph_sees_what_raises(calls):
    assert calls.named("hidden_units")  # a raise
    assert calls.named("transform")  # a validator
    assert calls.named("check_parameters")  # two calls away
    assert calls.named("best_init_")  # a property
    assert not calls.named("short_score")


# --- where formulas come from

FORMULA = re.compile(
    r"""
    \.\.\ math::|:math:`            # mathematics
    |\b(sqrt|exp|log|tanh)\(        # a function
    |``[^`\n]*(\ [-+*/]\ |\*\*|\^)  # an operator
    """,
    re.VERBOSE,
)


def prose(path):
    """All of a docstring but code and the list of references."""
    return "\n".join(
        text for title, text in doc_of(path).items() if title not in ("Examples", "References")
    )


@of(CALLABLES)
def test_formulas_have_references(path):
    assert "References" in doc_of(path) or not FORMULA.search(prose(path))


@of(CALLABLES)
def test_references_are_cited_and_in_order(path):
    cited = re.findall(r"\[(\w+)\]_", prose(path))
    listed = re.findall(r"^\.\. \[(\w+)\] \w", doc_of(path).get("References", ""), re.M)
    assert list(dict.fromkeys(cited)) == listed
    assert listed == [str(i + 1) for i in range(len(listed))]
    assert listed or "References" not in doc_of(path)


# --- the way back to the guide


@cache
def labels():
    """Of the chapters: those of reStructuredText, also in scripts, and of Markdown."""
    pages = [page for page in CHAPTERS.rglob("*") if page.suffix in (".py", ".rst", ".md")]
    text = "\n".join(page.read_text("utf-8") for page in pages)
    found = re.findall(r"^(?:# )?\.\. _(\w+):$|^\((\w+)\)=$", text, re.M)
    return {label for either in found for label in either if label}


@of(CLASSES | FUNCTIONS)
def test_guide_is_linked(path):
    (label,) = re.findall(r"^Read more in the :ref:`user guide <(\w+)>`\.$", doc_of(path)[""], re.M)
    assert label.startswith("guide")
    assert label in labels(), f"no chapter has the label {label}"


# --- attributes


RESULTS = [
    "sk_xavier.InitializerComparison",
    "sk_xavier.SignalPropagation",
    "sk_xavier.Verdict",
    "sk_xavier.comparison.ComparisonSummary",
    "sk_xavier.comparison.InitializerSummary",
    "sk_xavier.comparison.Run",
    "sk_xavier.diagnostics.LayerSignals",
]


@pytest.fixture(scope="module")
def results():
    """One of each, by class."""
    X, y = load_iris(return_X_y=True)
    mlp = sk_xavier.XavierMLPClassifier((3,), max_iter=1, random_state=0)
    comparison = sk_xavier.compare_initializers(mlp, X, y, cv=2, n_repeats=1)
    propagation = sk_xavier.signal_propagation(mlp, X, y)
    summary = comparison.summary()
    found = [comparison, comparison.runs[0], summary, summary[0]]
    found += [propagation, propagation.verdict, propagation.layers[0]]
    return {type(result): result for result in found}


@of(RESULTS)
def test_attributes_of_results_are_documented(path, results):
    attributes = {name for name in vars(results[CLASSES[path]]) if name[0] != "_"}
    assert attributes <= set(entries(path, "Parameters", "Attributes"))


@of(["sk_xavier.XavierMLPClassifier", "sk_xavier.XavierMLPRegressor"])
def test_attributes_of_estimators_are_documented(path):
    X, y = [[0.0], [1.0], [2.0]] * 4, [0, 1, 1] * 4
    mlp = CLASSES[path](max_iter=1, store_initial_weights=True).initialize(X, y)
    fitted = {name for name in vars(mlp) if name.endswith("_") and not name.startswith("_")}
    assert fitted | {"feature_names_in_"} == set(entries(path, "Attributes"))


# --- the page of the API


@cache
def api_page():
    return (API / "index.rst").read_text("utf-8")


def test_api_page_has_every_public_name():
    blocks = re.findall(r"^\.\. autosummary::\n((?:   :.*\n)+)\n((?:   \S+\n)+)", api_page(), re.M)
    assert all("   :toctree: generated\n" in options for options, _ in blocks)
    listed = [f"sk_xavier.{name}" for _, names in blocks for name in names.split()]
    assert sorted(listed) == sorted(PUBLIC)
    assert ".. _api:\n" in api_page()


@pytest.mark.parametrize(
    "module", [activations, checkpoints, displays, initializers, interop, onnx, streaming]
)
def test_api_page_has_the_conventions_of_modules(module):
    assert f".. automodule:: {module.__name__}\n" in api_page()


def strings(table):
    """The strings in the first column of a table, each with the rest of its row."""
    body = api_page().partition(f".. list-table:: {table}\n")[2].split("\n\n")[1]
    rows = [row.partition("\n     - ") for row in re.split(r"^   \* - ", body, flags=re.M)[2:]]
    return {name: rest for names, _, rest in rows for name in re.findall(r"``'(\w+)'``", names)}


def test_api_page_has_every_string_of_init():
    listed = strings("Strings of ``init`` and ``bias_init``")
    assert set(listed) == INIT_NAMES | BIAS_INIT_NAMES
    for name, cls in INITIALIZERS.items():
        assert f":class:`~{cls.__module__}.{cls.__name__}`" in listed[name]


def test_api_page_has_every_string_of_activation():
    listed = strings("Strings of ``activation``")
    assert set(listed) == set(ACTIVATIONS)
    for name, cls in ACTIVATIONS.items():
        assert f":class:`~{cls.__module__}.{cls.__name__}`" in listed[name]
        assert f"- ``'{cls().start}'``" in listed[name]
        gain = cls().start_gain
        assert ("gain" in listed[name]) == (gain != 1)
        assert gain in (1, 2, 4) or name == "leaky_relu"
        assert gain not in (2, 4) or listed[name].rstrip().endswith(f"gain {gain:g}")


@pytest.mark.parametrize(("name", "cls"), [*INITIALIZERS.items(), *ACTIVATIONS.items()])
def test_classes_say_what_string_stands_for_them(name, cls):
    assert f"``'{name}'``" in cls.__doc__
