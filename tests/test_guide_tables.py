"""What the guide's chapter on tables claims of its runs."""

import pytest
from scripts import numbers, printed_by

pytestmark = [pytest.mark.polars, pytest.mark.skrub]


@pytest.fixture(scope="module")
def printed():
    return printed_by("guide/tables")


def test_columns_that_are_no_numbers_are_refused(printed):
    assert "['city']: could not convert string to float: 'city" in printed
    assert "['age', 'since']: X has dates or times in the columns ['since']." in printed
    assert "['income']: Input X contains NaN." in printed
    assert "y has 3 missing targets of 1500." in printed


def test_one_hot_is_sparse(printed):
    assert "of shape (1500, 35)" in printed  # 30 cities, 3 plans, 2 numbers
    [kept] = numbers(r"values kept: (\d+)% of all", printed)
    assert kept == pytest.approx(100 * 4 / 35, abs=0.5)


def test_skrub_scales_and_imputes(printed):
    assert "TableVectorizer\nSimpleImputer\nSquashingScaler\nXavierMLPClassifier\n" in printed


def test_what_not_to_do(printed):
    assert "unscaled: saturated\nstandardized: healthy\n" in printed
    pattern = r"^(?:by hand|skrub|cities as numbers|unscaled) +(0\.\d+)$"
    by_hand, skrub, ordinal, unscaled = numbers(pattern, printed)
    assert by_hand > skrub > ordinal + 0.1
    assert ordinal > unscaled + 0.05


def test_names_and_types(printed):
    assert "Feature names must be in the same order as they were in fit." in printed
    assert "- years\nFeature names seen at fit time, yet now missing:\n- age" in printed
    assert "polars, (1500, 30): ['hiddenlayertransformer0', 'hiddenl" in printed
    assert "the same weights as from an array: True" in printed
    assert "all float32: float32; float32 and int64: float64" in printed
