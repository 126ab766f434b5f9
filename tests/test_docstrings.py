"""Docstrings agree with the code, and the API's page with the public names."""

import ast
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
    for path in (
        "XavierMLPRegressor.fit",
        "initializers.Zeros.__call__",
        "activations.ELU.forward",
    ):
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


class CallGraph:
    """What each function of the package calls, by name alone: whatever has the name may be meant.

    Calls of what a variable or a parameter holds are not followed, nor are calls of the
    standard library, NumPy and SciPy.
    """

    def __init__(self):
        self.functions, self.by_name, self.properties = {}, {}, set()
        for script in PACKAGE.glob("*.py"):
            for node in ast.walk(ast.parse(script.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef):
                    self._add(node, script)
                elif isinstance(node, ast.ClassDef):
                    made_by = [one for one in node.body if self._constructs(one)]
                    self.by_name.setdefault(node.name, []).extend(made_by)

    def _add(self, node, script):
        self.functions[script.name, node.lineno] = node
        self.by_name.setdefault(node.name, []).append(node)
        if any(isinstance(one, ast.Name) and one.id == "property" for one in node.decorator_list):
            self.properties.add(node.name)

    @staticmethod
    def _constructs(node):
        constructors = ("__init__", "__new__", "__post_init__")
        return isinstance(node, ast.FunctionDef) and node.name in constructors

    def _called(self, node):
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                yield getattr(part.func, "id", getattr(part.func, "attr", ""))
            elif isinstance(part, ast.Attribute) and part.attr in self.properties:
                yield part.attr

    def may_raise(self, node, seen=()):
        """Whether a function, or one that it calls, has a `raise` or calls a validator."""
        seen = {id(node)} if seen == () else seen
        if any(isinstance(part, ast.Raise) and part.exc for part in ast.walk(node)):
            return True
        called = set(self._called(node))
        if called & VALIDATORS:
            return True
        for target in (one for name in called for one in self.by_name.get(name, ())):
            if id(target) not in seen:
                seen.add(id(target))
                if self.may_raise(target, seen):
                    return True
        return False

    def find(self, function):
        """The node of a function object."""
        code = inspect.unwrap(function).__code__
        lines = inspect.getsourcelines(code)[0]
        first = next(i for i, line in enumerate(lines) if line.lstrip().startswith("def "))
        return self.functions[Path(code.co_filename).name, code.co_firstlineno + first]


@pytest.fixture(scope="module")
def calls():
    return CallGraph()


def function_of(path):
    if path in PROPERTIES:
        return PROPERTIES[path].fget
    return getattr(CALLABLES[path], "__func__", CALLABLES[path])


@of([*FUNCTIONS, *METHODS, *PROPERTIES])
def test_what_raises_says_so(path, calls):
    if calls.may_raise(calls.find(function_of(path))):
        errors = {name.strip() for names in entries(path, "Raises") for name in names.split(",")}
        assert errors, "Raises is missing"
        assert all(re.fullmatch(r"[A-Z]\w+Error", error) for error in errors)


@of(CLASSES)
def test_what_raises_when_made_says_so(path, calls):
    made_by = calls.by_name[CLASSES[path].__name__]
    assert "Raises" in doc_of(path) or not any(map(calls.may_raise, made_by))


def test_the_call_graph_sees_what_raises(calls):
    def named(name):
        return any(calls.may_raise(node) for node in calls.by_name[name])

    assert named("hidden_units")  # a raise
    assert named("transform")  # a validator
    assert named("check_parameters")  # two calls away
    assert named("_best")  # and through a property
    assert not named("short_score")


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
    return set(re.findall(r"^(?:# )?\.\. _(\w+):$|^\((\w+)\)=$", text, re.M))


@of(CLASSES | FUNCTIONS)
def test_guide_is_linked(path):
    (label,) = re.findall(r"^Read more in the :ref:`user guide <(\w+)>`\.$", doc_of(path)[""], re.M)
    assert label.startswith("guide")
    assert any(label in names for names in labels()), f"no chapter has the label {label}"


# --- attributes


@pytest.fixture(scope="module")
def results():
    """One of each class that functions return."""
    X, y = load_iris(return_X_y=True)
    mlp = sk_xavier.XavierMLPClassifier((3,), max_iter=1, random_state=0)
    compared = sk_xavier.compare_initializers(mlp, X, y, cv=2, n_repeats=1)
    propagation = sk_xavier.signal_propagation(mlp, X, y)
    summary = compared.summary()
    found = [compared, compared.runs[0], summary, summary[0], propagation]
    found += [propagation.verdict, propagation.layers[0]]
    return {type(result): result for result in found}


@of([path for path in CLASSES if path.startswith("sk_xavier.") and path.count(".") < 3])
def test_attributes_of_results_are_documented(path, results):
    result = results.get(CLASSES[path])
    if result is not None:
        attributes = {name for name in vars(result) if not name.startswith("_")}
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


@pytest.mark.parametrize("module", [activations, displays, initializers])
def test_api_page_has_the_conventions_of_modules(module):
    assert f".. automodule:: {module.__name__}\n" in api_page()


def named_in(table):
    """The strings of a table's first column, each with the names of the public classes beside."""
    body = api_page().partition(f".. list-table:: {table}\n")[2].split("\n\n")[1]
    rows = re.split(r"^   \* - ", body, flags=re.M)
    cells = [row.partition("\n     - ") for row in rows[2:]]
    return {
        name: set(re.findall(r"~(sk_xavier\.\w+\.\w+)`", meaning))
        for names, _, meaning in cells
        for name in re.findall(r"``'(\w+)'``", names)
    }


@pytest.mark.parametrize(
    ("table", "known", "others"),
    [
        ("Strings of ``init`` and ``bias_init``", INITIALIZERS, {*INIT_NAMES, "same"}),
        ("Strings of ``activation``", ACTIVATIONS, set(ACTIVATIONS)),
    ],
)
def test_api_page_has_every_string(table, known, others):
    listed = named_in(table)
    assert set(listed) == set(others)
    for name, make in known.items():
        assert listed[name] == {f"{make.__module__}.{make.__name__}"}
