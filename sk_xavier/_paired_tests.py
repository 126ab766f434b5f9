"""Statistics of scores from cross-validation, whose training sets overlap.

Scores of different folds share most of their training samples, so they are not independent,
and the usual variance of their mean, ``s**2 / n``, is far too small. Nadeau and Bengio's
is ``(1 / n + n_test / n_train) * s**2``; Bouckaert and Frank found that it serves for repeated
k-fold cross-validation too.

References
----------
Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine Learning
52(3), 239-281.

Bouckaert, R. R. and Frank, E. (2004). Evaluating the replicability of significance tests for
comparing learning algorithms. PAKDD 2004, 3-12.

Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
of Statistics 6(2), 65-70.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

__all__ = ["ALPHA", "adjust_by_holm", "corrected_interval", "corrected_p_value"]

ALPHA = 0.05
"""Differences are significant below this p-value; intervals have the level 1 - ALPHA."""


def _mean_and_error(values: np.ndarray, test_to_train: float) -> tuple[float, float]:
    """The mean and its corrected standard error."""
    variance = (1 / len(values) + test_to_train) * values.var(ddof=1)
    return float(values.mean()), float(np.sqrt(variance))


def corrected_interval(scores: ArrayLike, test_to_train: float) -> tuple[float, float]:
    """Confidence interval of the mean score, at the level 1 - `ALPHA`.

    Parameters
    ----------
    scores : array-like of shape (n_runs,)
        One for each fold of each repeat.
    test_to_train : float
        Test samples per training sample: 1 / (k - 1) for k folds.

    Returns
    -------
    low, high : float
        Ends of the interval; NaN for fewer than two scores.
    """
    scores = np.asarray(scores, dtype=float)
    if len(scores) < 2:
        return np.nan, np.nan
    mean, error = _mean_and_error(scores, test_to_train)
    reach = float(stdtrit(len(scores) - 1, 1 - ALPHA / 2)) * error
    return mean - reach, mean + reach


def corrected_p_value(differences: ArrayLike, test_to_train: float) -> float:
    """Two-sided p-value of the corrected resampled t-test that the mean difference is zero.

    Parameters
    ----------
    differences : array-like of shape (n_runs,)
        Differences of scores on the same folds.
    test_to_train : float
        Test samples per training sample.

    Returns
    -------
    p_value : float
        1 where all differences are zero; NaN for fewer than two, and where all are another
        same number, which happens by chance where a score has few values: nothing is known
        of their variance then.
    """
    differences = np.asarray(differences, dtype=float)
    if len(differences) < 2:
        return np.nan
    if not differences.any():
        return 1.0
    mean, error = _mean_and_error(differences, test_to_train)
    if error <= 1e-9 * abs(mean):
        return np.nan
    return float(2 * stdtr(len(differences) - 1, -abs(mean / error)))


def adjust_by_holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjustment for several tests at once: reject where the adjusted p is small.

    The i-th smallest of m is multiplied by ``m + 1 - i``, and none becomes smaller than those
    before it or larger than 1. NaN is no test: it stays and does not count.

    Returns
    -------
    adjusted : list of float
        In the order given.
    """
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]  # NaN sorts last
    adjusted = np.full(len(p), np.nan)
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1.0)
    return adjusted.tolist()
