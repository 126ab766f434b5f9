"""What the chapter about clusters claims."""

import re
import subprocess
import sys

import pytest
from scripts import CHAPTERS, numbers, printed_by, run

CHAPTER = "guide/cluster"


def code_blocks():
    text = (CHAPTERS / f"{CHAPTER}.py").read_text("utf-8")
    blocks = re.findall(r"^# \.\. code-block:: python\n#\n((?:#(?:    .*)?\n)+)", text, re.M)
    return [re.sub(r"^#(    )?", "", block, flags=re.M) for block in blocks]


@pytest.mark.dask
def test_results_are_the_same():
    printed = printed_by(CHAPTER)
    assert re.findall(r": (True|False)$", printed, re.M) == ["True"] * 4
    assert "workers: 2, fits at a time: 2" in printed
    assert "18 runs, the same: True" in printed
    assert len(set(numbers(r"^mean scores:(?: (0\.\d+))(?: (0\.\d+))", printed)[0])) == 2


@pytest.mark.dask
def test_samples_are_sent_once_or_with_each_message():
    printed = printed_by(CHAPTER)
    [array] = numbers(r"^array +([\d.]+)$", printed)
    [sparse] = numbers(r"^csr_array +([\d.]+)$", printed)
    [scattered] = numbers(r"^csr_array, scattered first +([\d.]+)$", printed)
    assert max(array, scattered) <= 3.3  # 2, and 1 if the memory manager took a copy away
    assert sparse > 6
    assert numbers(r"^(\d+) fits; received", printed)[0] > sparse


@pytest.mark.dask
def test_one_worker_was_killed():
    assert "workers that are still the same: 1 of 2" in printed_by(CHAPTER)


@pytest.mark.dask
def test_threads_and_errors():
    printed = printed_by(CHAPTER)
    assert "threads of BLAS and OpenMP: {1}" in printed
    assert "To use Joblib with Dask first create a Dask Client" in printed
    assert "Timed out trying to connect to tcp://127.0.0.1:9 after 1 s" in printed


@pytest.mark.dask
def test_a_script_needs_its_guard(tmp_path):
    [block] = [block for block in code_blocks() if "LocalCluster" in block]
    block = block.replace("threads_per_worker=1", "threads_per_worker=1, dashboard_address=':0'")
    script = tmp_path / "script.py"
    script.write_text(block, "utf-8")
    assert re.fullmatch(r"\[((0|1)\.\d* *){3}\]\n", run(script, tmp_path))
    block = block.replace("n_workers=2", "n_workers=1")
    script.write_text(block.replace('if __name__ == "__main__":', "if True:"), "utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode != 0
    assert "An attempt has been made to start a new process" in done.stderr


@pytest.mark.ray
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_block_for_ray(without_ray_afterwards):
    [block] = [block for block in code_blocks() if "import ray" in block]
    # The smallest store, as a machine of CI may have little shared memory.
    block = block.replace("num_cpus=2", "num_cpus=2, object_store_memory=80 * 2**20")
    names = {}
    exec(block, names)
    here = names["compare_initializers"](names["mlp"], names["X"], names["y"], **names["settings"])
    scores = [[run.score for run in one.runs] for one in (here, names["comparison"])]
    assert scores[0] == scores[1]
