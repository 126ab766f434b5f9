"""The README's Python runs as it stands."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_python_blocks_run_in_order(capsys):
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text("utf-8"), re.DOTALL | re.M)
    assert len(blocks) >= 4
    namespace = {}
    for number, block in enumerate(blocks, start=1):
        exec(compile(block, f"README.md, block {number}", "exec"), namespace)
    printed = capsys.readouterr().out
    assert "distinct hidden units: 1\n" in printed
    accuracies = [float(number) for number in re.findall(r"accuracy: ([\d.]+)", printed)]
    assert accuracies[0] > 0.95
    assert accuracies[1] < 0.5


@pytest.mark.parametrize("mark", ["main-job", "tests"])
def test_commands_are_marked(mark):
    text = README.read_text("utf-8")
    assert len(re.findall(rf"^<!-- {mark} -->\n```bash\n.+\n```$", text, re.M)) == 1
