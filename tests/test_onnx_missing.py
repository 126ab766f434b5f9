"""Without the packages of the extra `onnx`, or before they are needed."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def run(script):
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_error_names_the_extra():
    script = """
import sys
sys.modules["skl2onnx"] = None  # as if it were not installed
import sk_xavier.onnx
try:
    sk_xavier.onnx.register_converters()
except ImportError as error:
    print(error)
"""
    assert run(script) == 'sk_xavier.onnx needs skl2onnx: pip install "sk-xavier[onnx]".\n'
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == "sk-xavier"
    assert "skl2onnx" in " ".join(project["optional-dependencies"]["onnx"])


@pytest.mark.parametrize("module", ["sk_xavier", "sk_xavier.onnx"])
def test_importing_waits_for_nothing(module):
    script = (
        f"import sys, {module}; print({{'onnx', 'skl2onnx', 'onnxruntime'}} & {{*sys.modules}})"
    )
    assert run(script) == "set()\n"
