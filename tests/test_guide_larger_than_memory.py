"""What the guide's chapter on data larger than memory claims of its runs."""

import re

import pytest
from scripts import CHAPTERS, numbers, printed_by

from sk_xavier import XavierMLPClassifier


@pytest.fixture(scope="module")
def printed():
    return printed_by("guide/larger_than_memory")


def test_the_chunks_and_what_is_learned(printed):
    assert "9 chunks, the first of shape (2000, 64)" in printed
    rows = numbers(r"Epoch \d/3  done +(\S+) rows", printed.replace(",", ""))
    assert rows.tolist() == [18_000, 36_000, 54_000]
    losses = numbers(r"rows  loss +(\S+)", printed)
    assert losses[2] < losses[1] < losses[0]
    [accuracy] = numbers(r"rows not trained on: (\S+)", printed)
    assert accuracy > 0.8


def test_sorted_rows_are_a_trap_and_shuffled_chunks_help_little(printed):
    mixed, in_order, shuffled = numbers(r"^(?:as it|sorted).* accuracy (\S+)$", printed)
    assert max(in_order, shuffled) < mixed - 0.04
    assert shuffled - in_order < (mixed - in_order) / 2


def test_parquet_and_dask(printed):
    [rows] = re.findall(r"rows of the chunks: \[(.*)\]", printed)
    assert [int(row) for row in rows.split(", ")] == [2000, 2000, 2000, 2000, 1000] * 2
    assert (numbers(r"^accuracy: (\S+)$", printed) > 0.8).all()


def test_cut_off_and_going_on(printed):
    assert "the disk is gone. At chunk 4 of epoch 1, counted from 0." in printed
    assert "chunks before: 13, now: 14" in printed
    assert "the same weights as never cut off: True" in printed
    assert "epochs: 2, learning rates: [0.001, 0.01]" in printed
    if hasattr(XavierMLPClassifier, "set_callbacks"):
        assert "killed in epoch 10\nepochs in the checkpoint: 8\n" in printed
        assert "the same weights as by one fit: True" in printed


def test_what_does_not_fit_is_refused(printed):
    assert "its hidden_layer_sizes is [50], and that of the estimator is [20]." in printed
    assert "it is cut short, or a file of another kind." in printed


@pytest.mark.dask
def test_incremental_as_in_the_text():
    pytest.importorskip("dask_ml")
    text = (CHAPTERS / "guide" / "larger_than_memory.py").read_text("utf-8")
    [block] = re.findall(r"# \.\. code-block:: python\n#\n((?:#(?:     .*)?\n)+)", text)
    code = "\n".join(line[6:] for line in block.splitlines())
    from dask import array
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    names = {"X": array.from_array(X, chunks=(400, 64)), "y": array.from_array(y, chunks=400)}
    exec(code, {"XavierMLPClassifier": XavierMLPClassifier, **names}, names)
    assert names["model"].estimator_.n_iter_ == 5
