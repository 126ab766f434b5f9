"""What pyproject.toml says agrees with what is tested."""

import re
import tomllib
from pathlib import Path

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
