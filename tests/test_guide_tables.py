"""What the guide's chapter on tables claims of what it prints."""

import re

import pytest
from scripts import numbers, printed_by


@pytest.fixture(scope="module")
def printed():
    return printed_by("guide/tables")


@pytest.fixture(scope="module")
def scores(printed):
    names = (
        "always the same|by hand, linear|by hand, network|skrub, network"
        "|skrub with months, network|codes as numbers, network|unscaled numbers, network"
    )
    found = {
        name: float(score) for name, score in re.findall(rf"^({names}) +(\S+)$", printed, re.M)
    }
    assert len(found) == 7
    return found


# 1000 samples are scored: a standard error of an accuracy is up to 0.016.


def test_scores_of_pipelines(scores):
    assert scores["by hand, linear"] > scores["always the same"] + 0.1
    assert scores["by hand, network"] > scores["by hand, linear"] + 0.08
    assert scores["skrub, network"] > scores["by hand, linear"] + 0.05
    gap = scores["by hand, network"] - scores["skrub, network"]
    told_gap = scores["by hand, network"] - scores["skrub with months, network"]
    assert told_gap < gap < 0.06


def test_mistakes_cost(printed, scores):
    assert scores["codes as numbers, network"] < scores["by hand, network"] - 0.1
    assert scores["codes as numbers, network"] < scores["by hand, linear"]
    assert scores["unscaled numbers, network"] <= scores["always the same"] + 0.02
    others = numbers(r"^(?:he_normal|lecun_normal|uniform) +(\S+)$", printed)
    assert len(others) == 3
    assert max(others) <= scores["always the same"] + 0.02


def test_an_unscaled_column_saturates(printed):
    found = numbers(r"scaled: std of z (\S+), formula (\S+)$", printed)
    for measured, formula in found:
        # 200 weights make the formula; their mean square is off by about 5 %.
        assert measured == pytest.approx(formula, rel=0.15)
    assert list(numbers(r"^  saturated: (\d+)%$", printed)) == [100, 0]
    assert re.findall(r"%\n  (\w+)$", printed, re.M) == ["saturated", "healthy"]


def test_sparse(printed):
    sparse, dense = numbers(r"^(?:sparse|dense) *: +(\S+) MB$", printed)
    assert dense > 1000 * sparse
    assert "sparse : csr_matrix\ndense  : ndarray\n" in printed.replace("csr_array", "csr_matrix")
    assert "below 1e-9: True" in printed


def test_skrub(printed):
    assert "tablevectorizer\nsimpleimputer\nsquashingscaler\nxaviermlpclassifier\n" in printed
    assert "from skrub : float32" in printed
    assert "weights    : float32" in printed
    (largest,) = numbers(r"^largest +: (\S+)$", printed)
    assert largest <= 5


def test_names(printed):
    assert "must be in the same order as they were in fit." in printed
    assert "unseen at fit time:\n- visits\n" in printed
    assert "yet now missing:\n- calls\n" in printed
    assert "words__plan_basic\n" in printed
    assert "numbers__missingindicator_income\n" in printed
    assert "Pandas output does not support sparse data\n" in printed


def test_polars(printed):
    for claim in ("the same weights: True", "their type: float32", "the same predictions: True"):
        assert claim in printed
    assert "<class 'polars.dataframe.frame.DataFrame'>" in printed
    zeros, glorot = numbers(r"^(?:zeros|glorot_uniform) +(\S+)$", printed)
    assert glorot > zeros + 0.2


def test_what_is_missing(printed):
    assert "Input X contains NaN.\nInput y contains None, NaN or NA in " in printed
    assert "could not convert string to float: 'basic'" in printed


def test_dates_are_refused(printed):
    assert "X has dates or times in the columns ['since']" in printed
