"""The benchmarks run and their arithmetic is right; how fast anything is, is no test."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parent.parent

benchmarks = pytest.importorskip("benchmarks.timing")


def test_a_table_is_printed():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "iris", "--rounds", "1", "--dtype", "float32"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert lines[-3].startswith("| case | dtype | scikit-learn / ours | aim |")
    cells = [cell.strip() for cell in lines[-1].strip("|").split("|")]
    assert cells[:2] == ["iris (16,) b32", "float32"]
    assert float(cells[2]) > 0
    assert float(cells[5]) > 0
    assert len(cells) == lines[-3].strip("|").count("|") + 1


def test_another_checkout_is_timed_beside_this_one():
    command = [sys.executable, "-m", "benchmarks", "iris", "--rounds", "1", "--dtype", "float64"]
    done = subprocess.run(
        [*command, "--against", str(ROOT)], capture_output=True, text=True, cwd=ROOT, check=True
    )
    case, dtype, ratio = done.stdout.splitlines()[-1].strip("| ").split(" | ")
    assert (case, dtype) == ("iris (16,) b32", "float64")
    assert float(ratio) > 0
    missing = subprocess.run(
        [*command, "--against", str(ROOT / "docs")], capture_output=True, text=True, cwd=ROOT
    )
    assert "no package sk_xavier in" in missing.stderr


def test_an_unknown_case_is_an_error():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "irish"], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 2
    assert "irish" in done.stderr
    assert "iris (16,) b32" in done.stderr


def test_ratios_are_of_the_fastest_rounds():
    pauses = iter([0.09, 0.02, 0.02, 0.08])

    def uneven():
        time.sleep(next(pauses))

    found = benchmarks.fastest_seconds({"a": uneven, "b": uneven, "c": None}, 2)
    assert set(found) == {"a", "b"}
    assert 0.015 < found["a"] < 0.08  # of 0.09 and 0.02
    assert 0.015 < found["b"] < 0.07  # of 0.02 and 0.08


def test_exponents_of_growth():
    sizes = [10, 20, 40]
    assert benchmarks.growth_exponent(sizes, [3.0 * size**1.5 for size in sizes]) == pytest.approx(
        1.5
    )
    assert np.isclose(benchmarks.growth_exponent(sizes, [2.0, 2.0, 2.0]), 0.0, atol=1e-12)
