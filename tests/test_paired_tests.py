"""Statistics of cross-validated scores, beside SciPy's, closed forms and hand-worked numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sk_xavier._paired_tests import (
    ALPHA,
    adjust_by_holm,
    corrected_interval,
    corrected_p_value,
)


@pytest.fixture
def scores():
    return np.random.RandomState(0).normal([0.9, 0.88], 0.03, size=(15, 2))


def test_without_overlap_it_is_the_paired_t_test(scores):
    a, b = scores.T
    assert corrected_p_value(a - b, 0.0) == pytest.approx(stats.ttest_rel(a, b).pvalue)


@pytest.mark.parametrize("n_folds", [2, 5, 10])
def test_overlap_shrinks_scipys_t(n_folds, scores):
    a, b = scores.T
    ratio = 1 / (n_folds - 1)
    t = stats.ttest_rel(a, b).statistic / math.sqrt(1 + 15 * ratio)
    p = 2 * stats.t(14).sf(abs(t))
    assert corrected_p_value(a - b, ratio) == pytest.approx(p)
    assert p > stats.ttest_rel(a, b).pvalue


def test_the_p_value_of_three_differences():
    # With two degrees of freedom p = 1 - |t| / sqrt(t**2 + 2); here t**2 is
    # 0.2**2 / ((1/3 + 1/2) * 0.01) = 4.8.
    p = 1 - math.sqrt(4.8 / 6.8)
    assert corrected_p_value([0.1, 0.2, 0.3], 0.5) == pytest.approx(p)
    assert corrected_p_value([-0.1, -0.2, -0.3], 0.5) == pytest.approx(p)


def test_the_interval_of_three_scores():
    reach = 4.302652729911275 * math.sqrt((1 / 3 + 1 / 2) * 0.01)  # a table's t for 2 and 95 %
    assert corrected_interval([0.6, 0.7, 0.8], 0.5) == pytest.approx((0.7 - reach, 0.7 + reach))


def test_the_ends_of_the_interval_are_just_significant(scores):
    differences = scores[:, 0] - scores[:, 1]
    for end in corrected_interval(differences, 0.25):
        assert corrected_p_value(differences - end, 0.25) == pytest.approx(ALPHA)


def test_degenerate_differences():
    assert corrected_p_value([0.0, 0.0, 0.0], 0.25) == 1.0
    assert np.isnan(corrected_p_value([0.1, 0.1, 0.1], 0.25))
    assert np.isnan(corrected_p_value([0.84 - 0.8, 0.80 - 0.76], 1.0)), "equal but for rounding"
    assert math.isnan(corrected_p_value([0.1], 0.25))
    assert math.isnan(corrected_p_value([], math.nan))
    assert corrected_interval([0.5, 0.5], 1.0) == (0.5, 0.5)
    assert all(math.isnan(end) for end in corrected_interval([0.5], 1.0))


def test_it_seldom_finds_a_difference_where_there_is_none():
    """Rivals that are equally good: each follows a coin thrown for every sample, or its
    opposite, whichever did better on the training rows. The plain test takes them for
    different far more often than in 5 % of comparisons.
    """
    rng = np.random.RandomState(0)
    corrected, plain = [], []
    for _ in range(200):
        y, coins = rng.randint(2, size=60), rng.randint(2, size=(2, 60))
        differences = []
        for _ in range(10):
            rows = rng.permutation(60)
            train, test = rows[:40], rows[40:]
            rules = [int((coin[train] == y[train]).mean() >= 0.5) for coin in coins]
            a, b = (
                ((coin[test] == y[test]) == rule).mean()
                for coin, rule in zip(coins, rules, strict=True)
            )
            differences.append(a - b)
        corrected.append(corrected_p_value(differences, 0.5) < ALPHA)
        plain.append(corrected_p_value(differences, 0.0) < ALPHA)
    assert np.mean(corrected) < 0.15 < 0.35 < np.mean(plain)


def test_holm_by_hand():
    # 4 * 0.005, 3 * 0.01, 2 * 0.03; 1 * 0.04 may not be smaller than the one before.
    assert adjust_by_holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert adjust_by_holm([0.6, 0.9]) == [1.0, 1.0]
    assert adjust_by_holm([0.04]) == [0.04]
    assert adjust_by_holm([]) == []


def test_holm_does_not_count_tests_that_could_not_be_made():
    first, missing, third = adjust_by_holm([0.01, math.nan, 0.02])
    assert (first, third) == pytest.approx((0.02, 0.02))
    assert math.isnan(missing)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_rejects_as_the_sequential_procedure_does(p_values):
    rejected = set()
    for step, i in enumerate(np.argsort(p_values, kind="stable")):
        if (len(p_values) - step) * p_values[i] >= ALPHA:
            break
        rejected.add(i)
    adjusted = adjust_by_holm(p_values)
    assert {i for i, p in enumerate(adjusted) if p < ALPHA} == rejected
