"""The example that trains on a file of more than 3 GB, killed half-way and not."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from sk_xavier.checkpoints import read_checkpoint

pytest.importorskip("matplotlib")
resource = pytest.importorskip("resource")

SCRIPT = Path(__file__).parent.parent / "examples/beyond_mlpclassifier/plot_larger_than_memory.py"
GIGABYTES = 3.3  # also more than 3 GiB
ENVIRONMENT = os.environ | {
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
}
# What is in memory anyway: the interpreter, and what the script imports.
IMPORTS = "\n".join(
    line for line in SCRIPT.read_text("utf-8").splitlines() if re.match("import |from ", line)
)


def start(*arguments, folder):
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )


def finish(process):
    """What a process prints, and the most megabytes that it ever had, as the system counts."""
    with process.stdout:
        printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return printed, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def chunks_done(path):
    return read_checkpoint(path)["position"]["n_chunks"] if path.exists() else 0


@pytest.fixture
def big_folder(tmp_path):
    if shutil.disk_usage(tmp_path).free < 2 * GIGABYTES * 1e9:
        pytest.skip(f"a disk with {2 * GIGABYTES} GB free is needed")
    yield tmp_path
    shutil.rmtree(tmp_path / "samples", ignore_errors=True)


@pytest.mark.slow
def test_three_gigabytes_in_little_memory_killed_half_way(big_folder, capsys):
    _, imported = finish(start("-c", IMPORTS, folder=big_folder))
    arguments = (SCRIPT, "picture.png", GIGABYTES, "samples")
    printed, peak = finish(start(*arguments, folder=big_folder))
    assert (big_folder / "samples" / "X.bin").stat().st_size > 3 * 2**30
    assert peak - imported < 300
    checkpoint = big_folder / "samples" / "checkpoint.npz"
    whole = read_checkpoint(checkpoint)
    n_chunks = whole["position"]["n_chunks"]
    checkpoint.unlink()

    process = start(*arguments, folder=big_folder)
    while chunks_done(checkpoint) < n_chunks / 2:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert n_chunks / 2 <= chunks_done(checkpoint) < n_chunks

    again, peak_again = finish(start(*arguments, folder=big_folder))
    [begun] = re.findall(r"network, from chunk (\d+) on", again)
    assert n_chunks / 2 <= int(begun) < n_chunks
    assert peak_again - imported < 300
    resumed = read_checkpoint(checkpoint)
    for name in ("coefs_", "intercepts_"):
        for one, other in zip(whole["fitted"][name], resumed["fitted"][name], strict=True):
            np.testing.assert_array_equal(one, other, strict=True)
    assert whole["fitted"]["loss_curve_"] == resumed["fitted"]["loss_curve_"]
    accuracies = [re.findall("accuracy.*: (.*)", text) for text in (printed, again)]
    assert accuracies[0] == accuracies[1]
    with capsys.disabled():
        print(f"\n{printed}killed half-way, and started again:\n{again}")
        print(f"by the system's count: {peak - imported:.0f} MB, {peak_again - imported:.0f} MB")
