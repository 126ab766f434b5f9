"""What pyproject.toml says agrees with what is tested."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import PACKAGES
from scripts import OPTIONAL

import sk_xavier

ROOT = Path(__file__).parent.parent


def test_the_oldest_versions_are_the_lower_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    bounds = dict(
        re.fullmatch(r"([\w-]+)>=([\d.]+)", line).groups() for line in project["dependencies"]
    )
    pins = dict(
        re.findall(r"^([\w-]+)==([\d.]+)$", (ROOT / ".ci" / "oldest.txt").read_text(), re.M)
    )
    assert set(bounds) == set(pins) == {"numpy", "scipy", "scikit-learn"}
    for name, bound in bounds.items():
        assert pins[name] in (bound, f"{bound}.0")


PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CITATION = (ROOT / "CITATION.cff").read_text("utf-8")


def test_the_citation_is_of_this_version():
    assert re.findall(r"^version: (\S+)$", CITATION, re.M) == [sk_xavier.__version__]


def test_the_citation_agrees_with_the_project():
    yaml = pytest.importorskip("yaml")
    citation = yaml.safe_load(CITATION)
    project = PYPROJECT["project"]
    assert citation["cff-version"] == "1.2.0"
    assert [author["name"] for author in citation["authors"]] == [
        author["name"] for author in project["authors"]
    ]
    assert citation["license"] == project["license"]
    assert citation["abstract"].rstrip(".") == project["description"]
    assert citation["keywords"] == project["keywords"]
    [paper] = citation["references"]
    assert [author["family-names"] for author in paper["authors"]] == ["Glorot", "Bengio"]
    assert paper["year"] == 2010
    assert paper["url"] in (ROOT / "README.md").read_text("utf-8")


def test_everything_that_an_sdist_is_made_from_is_there():
    hatch = PYPROJECT["tool"]["hatch"]["build"]["targets"]
    assert hatch["wheel"] == {"packages": ["sk_xavier"]}
    for path in hatch["sdist"]["include"]:
        assert path.startswith("/")  # else it is a pattern for any folder
        assert path == "/sk_xavier" or (ROOT / path[1:]).exists(), path


def test_every_marker_of_a_package_is_known_and_used():
    markers = {line.split(":")[0] for line in PYPROJECT["tool"]["pytest"]["ini_options"]["markers"]}
    assert markers == {"slow", "browser", *PACKAGES}
    found = requirements("test-all")
    for marker, packages in PACKAGES.items():
        assert all(package in found for package in packages), marker


def requirements(extra):
    """Names of what an extra installs, by the extras of this package that it names too."""
    found = set()
    for line in PYPROJECT["project"]["optional-dependencies"][extra]:
        name, others = re.match(r"([\w-]+)(?:\[([\w,-]+)\])?", line).groups()
        found |= {name} if name != "sk-xavier" else set()
        if name == "sk-xavier":
            found |= {one for other in others.split(",") for one in requirements(other)}
    return found


@pytest.mark.parametrize(
    "path", sorted(Path(__file__).parent.glob("test_*.py")), ids=lambda path: path.stem
)
def test_what_needs_a_package_has_its_marker(path):
    text = path.read_text("utf-8")
    marked = set(re.findall(r"mark\.(\w+)", text))
    for marker, packages in PACKAGES.items():
        # In Python and by `pytest.importorskip`, at the top or within.
        named = "|".join(packages)
        if re.search(rf"importorskip\(\"({named})[.\"]|^ *(import|from) ({named})\b", text, re.M):
            assert marker in marked, marker


def test_importing_the_package_imports_no_optional_one():
    packages = sorted({*OPTIONAL, *(name for names in PACKAGES.values() for name in names), "rich"})
    code = (
        "import sys, sklearn.model_selection; before = set(sys.modules);"
        "import sk_xavier; from sk_xavier import *;"
        f"print(*((set(sys.modules) - before) & set({packages})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.split() == []
