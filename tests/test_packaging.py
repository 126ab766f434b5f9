"""What pyproject.toml says agrees with what is tested."""

import re
import tomllib
from pathlib import Path

import pytest

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
