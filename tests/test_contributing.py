"""What CONTRIBUTING.md and the templates say is so, and the steps in it are all that it takes."""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from test_layers import LAYERS, MODULES

import sk_xavier
from sk_xavier import activations, initializers
from sk_xavier._starting_weights import INIT_NAMES

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MAP = "| layer | module | what it has |"
PYTEST = PROJECT["tool"]["pytest"]["ini_options"]
ESTIMATORS = [sk_xavier.XavierMLPClassifier, sk_xavier.XavierMLPRegressor]
FORMS = ROOT / ".github" / "ISSUE_TEMPLATE"

# An sdist has no templates: they are the repository's.
in_repository = pytest.mark.skipif((ROOT / "PKG-INFO").exists(), reason="this is an sdist")


def block(mark, language):
    """The fenced block of CONTRIBUTING.md after the line `<!-- mark -->`."""
    [found] = re.findall(rf"^<!-- {mark} -->\n```{language}\n(.*?)^```$", TEXT, re.S | re.M)
    return found


def rows(head):
    """Cells of the table below this head."""
    table = TEXT.split(f"\n{head}\n")[1].split("\n\n")[0]
    return [re.split(r" *\| *", line.strip("| ")) for line in table.splitlines()[1:]]


# --- setting up and running ----------------------------------------------------------


def test_two_commands_set_up():
    make, install = block("setup", "bash").splitlines()
    assert make == "python -m venv .venv && . .venv/bin/activate"
    words = shlex.split(install)
    assert words[:4] == ["python", "-m", "pip", "install"]
    assert (ROOT / words[words.index("-c") + 1]).is_file()
    [extra] = re.findall(r"^\.\[([\w-]+)\]$", words[words.index("-e") + 1])
    assert extra in PROJECT["project"]["optional-dependencies"]


def test_the_table_of_extras_is_that_of_the_project():
    extras = [name.strip("`") for name, _ in rows("| extra | what for |")]
    assert sorted(extras) == sorted(PROJECT["project"]["optional-dependencies"])
    [together] = PROJECT["project"]["optional-dependencies"]["dev"]
    named = re.findall(r"`([\w-]+)`", TEXT.split("| `dev` | ")[1].split("\n")[0])
    assert together == f"sk-xavier[{','.join(named)}]"


def test_python_versions_agree():
    [minimum] = re.findall(r"^>=(3\.\d+)$", PROJECT["project"]["requires-python"])
    for path in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / path).read_text("utf-8")
        assert re.findall(r"Python (3\.\d+) or\s+later", text) == [minimum], path
    named = re.findall(r"Python :: (3\.\d+)$", "\n".join(PROJECT["project"]["classifiers"]), re.M)
    assert named[0] == minimum
    minors = [int(version.split(".")[1]) for version in named]
    assert minors == list(range(minors[0], minors[0] + len(minors)))
    [tried] = re.findall(r"for minor in ([\d ]+);", (ROOT / ".ci" / "matrix").read_text())
    assert set(minors) <= {int(minor) for minor in tried.split()}


def test_commands_exist():
    commands = " ".join(command for _, command in rows("| what | command |"))
    for script in set(re.findall(r"\.ci/(?:\w+\.txt|\w+)", TEXT)):
        assert (ROOT / script).is_file()
    for marker in re.findall(r"-m (slow|browser)", commands):
        assert any(line.startswith(marker) for line in PYTEST["markers"])
    for path in re.findall(r"`((?:tests|docs|benchmarks|\.ci)/[\w./]+)`", TEXT):
        assert (ROOT / path).exists(), path
    for module in re.findall(r"`sk_xavier/(\w+)\.py`", TEXT):
        assert module in MODULES
    assert 'python -m pip install ".[docs]" && python -m sphinx -W -n docs docs/_build/html' in TEXT
    least = PROJECT["tool"]["coverage"]["report"]["fail_under"]
    assert f"({least} % at least, of lines" in " ".join(TEXT.split())


# --- the map -------------------------------------------------------------------------


def test_the_map_has_every_module_in_its_layer():
    found = [(int(layer), name.strip("`")) for layer, name, _ in rows(MAP)]
    assert sorted(found) == sorted(
        (level, name) for level, names in enumerate(LAYERS) for name in names
    )
    assert sorted(name for _, name in found) == MODULES
    layers = [layer for layer, _ in found]
    assert layers == sorted(layers)
    assert all(what for _, _, what in rows(MAP))


# --- a new initializer, a new activation ---------------------------------------------


def edited(path, *changes):
    text = path.read_text("utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


@pytest.fixture
def copy(tmp_path):
    """A copy of the package that can be changed."""
    source = Path(sk_xavier.__file__).parent
    shutil.copytree(source, tmp_path / "sk_xavier", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path / "sk_xavier"


def python(folder, *arguments):
    """Run Python where the copy is found first."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def doctest(folder, module):
    return python(folder, "-c", f"import doctest, {module} as m; print(doctest.testmod(m))")


def test_an_initializer_takes_one_place(copy):
    code = block("initializer", "python")
    [line] = re.findall(r'with the line `("\w+": \w+,)`', TEXT)
    name, cls = re.findall(r"\w+", line)
    edited(
        copy / "initializers.py",
        ("\n\nINITIALIZERS: ", f"\n\n{code}\n\nINITIALIZERS: "),
        ("__all__ = [\n", f'__all__ = [\n    "{cls}",\n'),
        ("[[], Initializer]] = {\n", f"[[], Initializer]] = {{\n    {line}\n"),
    )
    script = f"""
import numpy as np
import sk_xavier
from sk_xavier import XavierMLPClassifier, compare_initializers
from sk_xavier.initializers import {cls}

assert sk_xavier.__file__.startswith({str(copy)!r})
X, y = np.random.RandomState(0).normal(size=(60, 20)), np.arange(60) % 2
for init in ("{name}", {cls}(), ["{name}", "zeros"]):
    mlp = XavierMLPClassifier((300,), init=init, bias_init="{name}", random_state=0)
    mlp.initialize(X, y)
    weights = mlp.coefs_[0]
    assert np.abs(weights).max() <= (6 / 300) ** 0.5
    assert abs(weights.var() * 300 / 2 - 1) < 0.1
assert XavierMLPClassifier(init={cls}()).set_params(init__gain=2.0).init.gain == 2.0
compare_initializers(XavierMLPClassifier(max_iter=1), X, y, inits=["{name}"], n_repeats=1, cv=2)
try:
    XavierMLPClassifier(init="he").fit(X, y)
except ValueError as error:
    assert "'{name}'" in str(error)
else:
    raise AssertionError
"""
    done = python(copy.parent, "-W", "ignore", "-c", script)
    assert done.returncode == 0, done.stderr
    done = doctest(copy.parent, "sk_xavier.initializers")
    assert "failed=0" in done.stdout, done.stdout
    done = python(copy.parent, "-m", "sk_xavier", "diagnose", "iris", "--init", name)
    assert done.returncode == 0, done.stderr


def test_an_activation_takes_one_place(copy):
    code = block("activation", "python")
    [cls] = re.findall(r"^class (\w+)", code)
    [name] = re.findall(r'^    name = "(\w+)"$', code, re.M)
    edited(
        copy / "activations.py",
        ("\n\nACTIVATIONS: ", f"\n\n{code}\n\nACTIVATIONS: "),
        ("__all__ = [\n", f'__all__ = [\n    "{cls}",\n'),
        ("for activation in (\n", f"for activation in (\n        {cls},\n"),
    )
    script = f"""
import numpy as np
import sk_xavier
from sk_xavier import XavierMLPRegressor
from sk_xavier.activations import Activation, {cls}

assert sk_xavier.__file__.startswith({str(copy)!r})
X = np.random.RandomState(0).normal(size=(60, 5))
own = Activation(np.arctan, lambda z: 1 / (1 + z**2))
fitted = [
    XavierMLPRegressor((9, 9), activation, init="auto", max_iter=5, random_state=0).fit(X, X[:, 0])
    for activation in ("{name}", {cls}(), ["{name}", {cls}()], own)
]
for mlp in fitted:
    for one, other in zip(mlp.coefs_, fitted[0].coefs_, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)
try:
    XavierMLPRegressor(activation="atan").fit(X, X[:, 0])
except ValueError as error:
    assert "'{name}'" in str(error)
else:
    raise AssertionError
"""
    done = python(copy.parent, "-W", "ignore", "-c", script)
    assert done.returncode == 0, done.stderr
    done = doctest(copy.parent, "sk_xavier.activations")
    assert "failed=0" in done.stdout, done.stdout
    done = python(copy.parent, "-m", "sk_xavier", "diagnose", "iris", "--activation", name)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


def table_of(path, name):
    """The names in the assignment to `name`: a dictionary's keys, classes of a list."""
    for node in ast.parse((ROOT / "tests" / path).read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            if isinstance(node.value, ast.Dict):
                return [key.value for key in node.value.keys]
            return [leaf.id for leaf in ast.walk(node.value) if isinstance(leaf, ast.Name)]
    raise AssertionError(f"{path} has no {name}")


@pytest.mark.parametrize("name", ["RANDOM", "PARAMETERS"])
def test_tests_of_initializers_leave_none_out(name):
    without_chance = {"Constant", "Zeros"} if name == "RANDOM" else set()
    named = set(table_of("test_initializers.py", name)) | without_chance | {"Initializer"}
    assert set(initializers.__all__) <= named


def test_tests_of_gains_leave_no_initializer_out():
    classes = (getattr(initializers, name) for name in initializers.__all__)
    gained = {cls.__name__ for cls in classes if "gain" in cls._parameter_constraints}
    assert set(table_of("test_initializers.py", "GAINED")) == gained


def test_witnesses_of_activations_leave_none_out():
    plain = table_of("test_network.py", "PLAIN_ACTIVATION")
    assert set(activations.ACTIVATIONS) <= {
        *plain,
        *table_of("test_network.py", "OTHER_ACTIVATION"),
    }
    assert set(activations.ACTIVATIONS) <= set(table_of("test_dropout.py", "PLAIN"))


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize("parameter", ["init", "activation"])
def test_docstrings_name_every_choice(estimator, parameter):
    _, entry = re.split(rf"^    {parameter} : ", estimator.__doc__, flags=re.M)
    entry = re.split(r"^    \w", entry, flags=re.M)[0]
    if parameter == "activation":
        choices = set(activations.ACTIVATIONS)
    else:
        aliases = {"xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal"}
        choices = INIT_NAMES - aliases
        for prefix in ("xavier", "kaiming"):
            assert f"'{prefix}' " in " ".join(entry.split())
    assert {choice for choice in choices if f"'{choice}'" not in entry} == set()


def test_readme_counts_the_choices():
    text = (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"(\d+) names, objects", text)) == {str(len(INIT_NAMES))}
    [row] = re.findall(r"^\| activations \| (\d+),", text, re.M)
    assert int(row) == len(activations.ACTIVATIONS)
    assert len(activations.ACTIVATIONS) == 14 or "fourteen activations" not in text


# --- templates, citation, hooks ------------------------------------------------------


@in_repository
@pytest.mark.parametrize("name", ["bug", "feature", "documentation"])
def test_issue_form(name):
    yaml = pytest.importorskip("yaml")
    form = yaml.safe_load((FORMS / f"{name}.yml").read_text("utf-8"))
    assert {"name", "description", "body"} <= set(form)
    fields = [field for field in form["body"] if field["type"] != "markdown"]
    ids = [field["id"] for field in fields]
    assert len(set(ids)) == len(ids)
    assert all(field["attributes"]["label"] for field in fields)
    required = {field["id"] for field in fields if field.get("validations", {}).get("required")}
    assert (
        required
        >= {
            "bug": {"what", "example", "output", "versions"},
            "feature": {"problem", "spelling"},
            "documentation": {"kind", "where", "what"},
        }[name]
    )


@in_repository
def test_the_commands_that_forms_ask_for_work():
    texts = [path.read_text("utf-8") for path in sorted(FORMS.glob("*.yml"))]
    commands = set(re.findall(r'`python -c "(.+)"`', "\n".join([TEXT, *texts])))
    [command] = commands  # the same everywhere
    done = python(ROOT, "-c", command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"sk_xavier {sk_xavier.__version__}\n")
    assert "scipy: " in done.stdout
    [line] = re.findall(r"`(from sk_xavier import signal_propagation; .+)`", "\n".join(texts))
    script = (
        "from sklearn.datasets import load_iris; from sk_xavier import XavierMLPClassifier;"
        " X, y = load_iris(return_X_y=True); mlp = XavierMLPClassifier(random_state=0); "
    )
    done = python(ROOT, "-c", script + line)
    assert done.returncode == 0, done.stderr
    assert "healthy" in done.stdout


@in_repository
def test_the_example_of_a_bug_runs():
    yaml = pytest.importorskip("yaml")
    form = yaml.safe_load((FORMS / "bug.yml").read_text("utf-8"))
    [field] = [field for field in form["body"] if field.get("id") == "example"]
    done = python(ROOT, "-W", "ignore", "-c", field["attributes"]["placeholder"])
    assert done.returncode == 0, done.stderr


@in_repository
def test_the_template_of_pull_requests_has_its_parts():
    text = (ROOT / ".github" / "pull_request_template.md").read_text("utf-8")
    assert re.findall(r"^## (.+)$", text, re.M) == [
        "What changes, and why",
        "How we know that it is right",
        "Checklist",
    ]
    for path in re.findall(r"\b[A-Z]+\.md\b", text):
        assert (ROOT / path).is_file()


def tracked_copy(folder):
    """A repository of its own with the files that git has here, as they are now."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        encoding="utf-8",
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for command in (["init", "-q"], ["add", "--all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no repository")
def test_hooks_of_pre_commit_pass(tmp_path, monkeypatch):
    for module in ("pre_commit", "pre_commit_hooks", "check_jsonschema", "mypy", "ruff"):
        pytest.importorskip(module)
    tracked_copy(tmp_path)
    scripts = Path(sys.executable).parent
    monkeypatch.setenv("PATH", str(scripts), prepend=":")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / ".git" / "pre-commit"))
    for variable in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
        monkeypatch.delenv(variable, raising=False)
    run = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, encoding="utf-8", timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed\n") == done.stdout.count("\n") >= 12
    assert "Skipped" not in done.stdout  # each hook has looked at a file


def test_continuous_integration_has_the_hooks_tools():
    text = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert re.findall(r"^  - repo: (\S+)$", text, re.M) == ["local"]
    assert set(re.findall(r"^        language: (\S+)$", text, re.M)) == {"system"}
    lint = " ".join(PROJECT["project"]["optional-dependencies"]["lint"])
    for tool in ("ruff", "mypy", "pre-commit", "pre-commit-hooks", "check-jsonschema"):
        assert f"{tool}>=" in lint
    entries = re.findall(r"^        entry: (\S+)", text, re.M)
    assert entries[:3] == ["ruff", "ruff", "mypy"]
