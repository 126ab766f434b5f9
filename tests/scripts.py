"""Runs the scripts of the examples and of the documentation, and reads what they print."""

import functools
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

# Deprecations inside other libraries are theirs to mend; all other warnings are errors.
WARNINGS = ("error", "ignore::DeprecationWarning", "error::DeprecationWarning:__main__")


def run(script, folder, *arguments, warnings=WARNINGS):
    options = [option for filter_ in warnings for option in ("-W", filter_)]
    done = subprocess.run(
        [sys.executable, *options, str(script), *arguments],
        capture_output=True,
        cwd=folder,
        encoding="utf-8",
        env=os.environ
        | {
            "MPLBACKEND": "Agg",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONIOENCODING": "utf-8",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def numbers(pattern, printed):
    """What the groups of `pattern` are wherever it matches, as floats; it must match."""
    found = np.array(re.findall(pattern, printed, re.MULTILINE), dtype=float)
    assert len(found), pattern
    return found


CHAPTERS = Path(__file__).parent.parent / "docs" / "chapters"


OPTIONAL = [
    *("dask", "distributed", "keras", "matplotlib", "onnxruntime", "optuna", "pandas", "polars"),
    *("pyarrow", "ray", "shap", "skl2onnx", "skops", "skrub", "torch"),
]


def skip_without_packages(code):
    """Skip a test where an optional package that the code needs is missing."""
    for package in OPTIONAL:
        if re.search(rf"^\s*(import|from) {package}\b", code, re.M):
            pytest.importorskip(package)
    if re.search(r"\w+Display\.from_|\.plot\(", code):
        pytest.importorskip("matplotlib")


@functools.cache
def printed_by(chapter):
    """What a chapter such as "guide/symmetry" prints; it runs once in a session."""
    script = CHAPTERS / f"{chapter}.py"
    text = script.read_text("utf-8")
    skip_without_packages(text)
    with tempfile.TemporaryDirectory() as folder:
        return run(script, folder)
