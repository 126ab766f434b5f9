"""What a comparison holds: its runs, and the summaries of them by initializer."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from html import escape
from typing import Any, overload

import numpy as np

from ._paired_tests import ALPHA, adjust_by_holm, corrected_interval, corrected_p_value
from ._tables import format_html_table, format_table, make_frame

__all__ = ["ComparisonSummary", "InitializerSummary", "Run", "short_score", "summarize"]


@dataclass(frozen=True)
class Run:
    """One fit on the training part of one fold, scored on the rest.

    Each parameter is an attribute of the same name.

    Read more in the :ref:`user guide <guide_comparing>`.

    Parameters
    ----------
    init : object
        The value of `init`.
    label : str
        What it is called in this comparison.
    repeat, fold : int
        Which repeat, and which fold of it, counted from 0.
    score : float
        The score on the test part; NaN where the run failed.
    fit_seconds : float
        Time of the fit, or until it failed.
    n_iter : int or None
        Epochs or iterations; None where the fit failed or the fitted network was not found.
    loss_curve : tuple of float
        The training loss after each of them; empty where `n_iter` is None.
    converged : bool
        Whether the fit came to its end without a ``ConvergenceWarning``.
    error : str or None
        What went wrong, where something did.
    n_train, n_test : int
        Numbers of samples of the two parts.

    Attributes
    ----------
    loss : float
        The training loss at the end, or NaN.

    Examples
    --------
    >>> from sk_xavier.comparison import Run
    >>> run = Run(
    ...     "auto", "auto", 0, 0, 0.95, 0.02, 2, (0.7, 0.4), True, None, 120, 30
    ... )
    >>> run.loss
    0.4
    """

    init: Any
    label: str
    repeat: int
    fold: int
    score: float
    fit_seconds: float
    n_iter: int | None
    loss_curve: tuple[float, ...]
    converged: bool
    error: str | None
    n_train: int
    n_test: int

    @property
    def loss(self) -> float:
        """The training loss at the end, or NaN."""
        return self.loss_curve[-1] if self.loss_curve else np.nan


@dataclass(frozen=True)
class InitializerSummary:
    """All runs of one initializer: means over those that did not fail.

    Each parameter is an attribute of the same name.

    Read more in the :ref:`user guide <guide_comparing>`.

    Parameters
    ----------
    init : object
        The value of `init`.
    label : str
        What it is called in this comparison.
    rank : int
        From 1, the best. Those with runs that failed come after all others, and those of
        which every run failed come last.
    mean : float
        Mean score.
    std : float
        Standard deviation of the scores, with n - 1 in the denominator.
    low, high : float
        95 % confidence interval of the mean score, corrected for overlapping folds [1]_; NaN for
        fewer than two runs.
    p_value : float or None
        Of the paired test against the best [1]_, adjusted for the number of tests [2]_; None for
        the best, NaN where there are fewer than two folds on which both succeeded.
    difference : str
        "best"; "no significant difference"; "significant"; "significantly better, but runs
        failed"; "cannot be told" where the p-value is NaN; "failed" where every run did.
    n_runs, n_failed, n_converged : int
        Numbers of runs: all, those that failed, and those others that converged.
    loss : float
        Mean training loss at the end.
    n_iter : float
        Mean number of epochs or iterations.
    fit_seconds : float
        Mean time of a fit.

    References
    ----------
    .. [1] Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine
       Learning 52(3), 239-281.
    .. [2] Holm, S. (1979). A simple sequentially rejective multiple test procedure.
       Scandinavian Journal of Statistics 6(2), 65-70.

    Examples
    --------
    >>> from sk_xavier.comparison import InitializerComparison, Run
    >>> run = Run(
    ...     "auto", "auto", 0, 0, 0.95, 0.02, 2, (0.7, 0.4), True, None, 120, 30
    ... )
    >>> comparison = InitializerComparison([run], ["auto"], ["auto"], "accuracy")
    >>> [one] = comparison.summary()
    >>> one.rank, one.mean, one.difference
    (1, 0.95, 'best')
    """

    init: Any
    label: str
    rank: int
    mean: float
    std: float
    low: float
    high: float
    p_value: float | None
    difference: str
    n_runs: int
    n_failed: int
    n_converged: int
    loss: float
    n_iter: float
    fit_seconds: float


class ComparisonSummary(Sequence[InitializerSummary]):
    """The initializers in order of rank; it prints as a table, in a notebook too.

    It is a sequence of `InitializerSummary`.

    Read more in the :ref:`user guide <guide_comparing>`.

    Parameters
    ----------
    summaries : sequence of InitializerSummary
        In order of rank.
    scoring : str
        Name of the score.
    title : str, default=''
        What the table is about.
    notes : sequence of str, default=()
        What to say below it.

    Examples
    --------
    >>> from sk_xavier.comparison import InitializerComparison, Run
    >>> run = Run(
    ...     "auto", "auto", 0, 0, 0.95, 0.02, 2, (0.7, 0.4), True, None, 120, 30
    ... )
    >>> summary = InitializerComparison([run], ["auto"], ["auto"], "accuracy").summary()
    >>> len(summary), summary[0].label
    (1, 'auto')
    """

    def __init__(
        self,
        summaries: Sequence[InitializerSummary],
        scoring: str,
        title: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        self._summaries = tuple(summaries)
        self._scoring = scoring
        self._title = title
        self._notes = tuple(notes)

    def __len__(self) -> int:
        return len(self._summaries)

    @overload
    def __getitem__(self, index: int) -> InitializerSummary: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[InitializerSummary, ...]: ...

    def __getitem__(
        self, index: int | slice
    ) -> InitializerSummary | tuple[InitializerSummary, ...]:
        return self._summaries[index]

    def to_frame(self) -> Any:
        """The numbers as a table.

        Returns
        -------
        frame : pandas.DataFrame
            A row for each initializer in order of rank, with the attributes of
            `InitializerSummary` but `init` as columns.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        names = [field.name for field in fields(InitializerSummary) if field.name != "init"]
        return make_frame([{name: getattr(one, name) for name in names} for one in self])

    def _table(self) -> list[list[str]]:
        head = ["initializer", "rank", self._scoring, f"{1 - ALPHA:.0%} interval", "p"]
        head += ["against the best", "epochs", "seconds", "failed"]
        return [head] + [
            [
                one.label,
                str(one.rank),
                short_score(one.mean),
                "" if math.isnan(one.low) else f"{short_score(one.low)} to {short_score(one.high)}",
                _short_p(one.p_value),
                one.difference,
                "" if math.isnan(one.n_iter) else f"{one.n_iter:.0f}",
                _short_time(one.fit_seconds),
                f"{one.n_failed}/{one.n_runs}",
            ]
            for one in self
        ]

    def __str__(self) -> str:
        title = [self._title] if self._title else []
        return "\n".join([*title, format_table(self._table()), *self._notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = "<br>".join(escape(note) for note in self._notes)
        table = format_html_table(self._table(), caption=self._title)
        return f"{table}<p>{lines}</p>" if lines else table


def short_score(value: float) -> str:
    """Three decimals, or four digits where these would say little."""
    if math.isnan(value):
        return ""
    return f"{value:.3f}" if value == 0 or 0.01 <= abs(value) < 1000 else f"{value:.4g}"


def _short_time(seconds: float) -> str:
    if math.isnan(seconds):
        return ""
    return f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"


def _short_p(value: float | None) -> str:
    if value is None or math.isnan(value):
        return ""
    return f"{value:.3f}" if value >= 0.001 else "< 0.001"


def summarize(
    runs: Sequence[Run], inits: Sequence[Any], labels: Sequence[str]
) -> list[InitializerSummary]:
    """Summaries in order of rank."""
    groups = [[run for run in runs if run.label == label] for label in labels]
    order = sorted(range(len(labels)), key=lambda i: _standing(groups[i]))
    pairs = [_pair(groups[order[0]], groups[i]) for i in order[1:]]
    p_values = [None, *adjust_by_holm([corrected_p_value(*pair) for pair in pairs])]
    leads = [0.0] + [float(np.mean(pair[0])) if len(pair[0]) else np.nan for pair in pairs]
    return [
        _summary(inits[i], labels[i], rank, groups[i], p_value, lead)
        for rank, (i, p_value, lead) in enumerate(zip(order, p_values, leads, strict=True), 1)
    ]


def _standing(runs: Sequence[Run]) -> tuple[int, float]:
    """Sorts initializers: none failed, some failed, all failed; then by the mean score."""
    scores = [run.score for run in runs if run.error is None]
    if not scores:
        return 2, 0.0
    return int(len(scores) < len(runs)), -float(np.mean(scores))


def _test_to_train(runs: Sequence[Run]) -> float:
    return float(np.mean([run.n_test / run.n_train for run in runs])) if runs else np.nan


def _pair(best: Sequence[Run], others: Sequence[Run]) -> tuple[np.ndarray, float]:
    """Differences of scores where both succeeded, and test samples per training sample."""
    by_fold = {(run.repeat, run.fold): run for run in best if run.error is None}
    common = [run for run in others if run.error is None and (run.repeat, run.fold) in by_fold]
    differences = [by_fold[run.repeat, run.fold].score - run.score for run in common]
    return np.array(differences), _test_to_train(common)


def _summary(
    init: Any, label: str, rank: int, runs: Sequence[Run], p_value: float | None, lead: float
) -> InitializerSummary:
    good = [run for run in runs if run.error is None]
    scores = np.array([run.score for run in good])
    low, high = corrected_interval(scores, _test_to_train(good))

    def mean(values: Iterable[float | None]) -> float:
        known = [value for value in values if value is not None and not math.isnan(value)]
        return float(np.mean(known)) if known else np.nan

    return InitializerSummary(
        init,
        label,
        rank,
        mean=mean(scores),
        std=float(scores.std(ddof=1)) if len(scores) > 1 else np.nan,
        low=low,
        high=high,
        p_value=p_value if good else np.nan,
        difference=_difference(p_value, lead, len(good), len(runs)),
        n_runs=len(runs),
        n_failed=len(runs) - len(good),
        n_converged=sum(run.converged for run in good),
        loss=mean(run.loss for run in good),
        n_iter=mean(run.n_iter for run in good),
        fit_seconds=mean(run.fit_seconds for run in good),
    )


def _difference(p_value: float | None, lead: float, n_good: int, n_runs: int) -> str:
    """The verdict; `lead` is by how much the best is better on common folds."""
    if not n_good:
        return "failed"
    if p_value is None:
        return "best"
    if math.isnan(p_value):
        return "cannot be told"
    if p_value >= ALPHA:
        return "no significant difference"
    if lead < 0:  # possible only where runs failed, which costs the rank
        return "significantly better, but runs failed"
    return "significant"
