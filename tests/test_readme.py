"""The Python in the README runs as it stands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"


def run_blocks(path):
    """Run a document's Python blocks in order, in one namespace."""
    blocks = re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.M)
    namespace = {}
    for number, block in enumerate(blocks, start=1):
        exec(compile(block, f"{path.name}, block {number}", "exec"), namespace)
    return len(blocks)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_python_blocks_run_in_order(capsys):
    assert run_blocks(README) >= 4
    printed = capsys.readouterr().out
    assert "distinct hidden units: 1\n" in printed
    accuracies = [float(number) for number in re.findall(r"accuracy: ([\d.]+)", printed)]
    assert accuracies[0] > 0.95
    assert accuracies[1] < 0.5
    assert "makes the signals of layer 5" in printed
    assert "\nhealthy\n" in printed


@pytest.mark.parametrize("mark", ["main-job", "tests"])
def test_commands_are_marked(mark):
    text = README.read_text("utf-8")
    assert len(re.findall(rf"^<!-- {mark} -->\n```bash\n.+\n```$", text, re.M)) == 1
