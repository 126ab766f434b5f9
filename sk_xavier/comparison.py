"""Compare initializers: the same folds and seeds for each, and what came of it."""

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
from joblib import delayed
from sklearn import get_config
from sklearn.base import clone, is_classifier
from sklearn.metrics import check_scoring, get_scorer_names
from sklearn.pipeline import Pipeline
from sklearn.utils import indexable

from ._comparison_summary import (
    ComparisonSummary,
    InitializerSummary,
    Run,
    short_score,
    summarize,
)
from ._cross_validation import OURS, Fold, fit_and_score, make_folds
from ._jobs import run_jobs
from ._paired_tests import ALPHA
from ._parameters import check_verbose
from ._sklearn_compat import validate_params
from ._starting_weights import INIT_NAMES, check_start
from ._tables import make_frame
from .initializers import Initializer

__all__ = [
    "FIVE_INITS",
    "ComparisonSummary",
    "InitializerComparison",
    "InitializerSummary",
    "Run",
    "compare_initializers",
]

FIVE_INITS = ("constant", "uniform", "normal", "glorot_uniform", "glorot_normal")
"""The initializers compared by default: three that pick a scale blindly, and Xavier's two."""

_LONGEST_LABEL = 60

Progress = Callable[[Run, int, int], None]
"""Called as ``progress(run, n_done, n_runs)`` after each run, in order."""


@dataclass(frozen=True, repr=False, eq=False)
class InitializerComparison:
    """All runs of a comparison: what `compare_initializers` returns.

    It prints as the table of its `summary`, in a notebook too. Each parameter is an attribute
    of the same name.

    Read more in the :ref:`user guide <guide_comparing>`.

    Parameters
    ----------
    runs : list of Run
        By initializer, repeat and fold.
    inits : list
        The values of `init` that were compared, in the order given.
    labels : list of str
        What they are called, each differently.
    scoring : str
        Name of the score: "accuracy", "R²", or as given.

    Attributes
    ----------
    best_init_ : object
        The value of `init` of rank 1. As `best_label_`, it raises ``AttributeError`` where
        every run failed.
    best_label_ : str
        What it is called.

    See Also
    --------
    sk_xavier.compare_initializers : Makes it.
    sk_xavier.InitializerComparisonDisplay : Draws it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.comparison import compare_initializers
    >>> X, y = load_iris(return_X_y=True)
    >>> mlp = XavierMLPClassifier((8,), max_iter=60, learning_rate_init=0.02)
    >>> comparison = compare_initializers(
    ...     mlp, X, y, inits=["constant", "auto"], cv=3, n_repeats=1, random_state=0
    ... )
    >>> comparison.best_init_
    'auto'
    >>> [(run.label, run.fold, run.n_iter) for run in comparison.runs[:2]]
    [('constant', 0, 60), ('constant', 1, 60)]
    """

    runs: list[Run]
    inits: list[Any]
    labels: list[str]
    scoring: str

    @property
    def best_init_(self) -> Any:
        """The value of `init` of rank 1.

        Raises
        ------
        AttributeError
            If every run failed.
        """
        return self._best().init

    @property
    def best_label_(self) -> str:
        """What the initializer of rank 1 is called.

        Raises
        ------
        AttributeError
            If every run failed.
        """
        return self._best().label

    def _best(self) -> InitializerSummary:
        best = self.summary()[0]
        if best.n_failed == best.n_runs:
            raise AttributeError(
                "There is no best initializer: every run failed, the first with"
                f" {self.runs[0].error}"
            )
        return best

    def summary(self) -> ComparisonSummary:
        """What came of each initializer.

        Returns
        -------
        summary : ComparisonSummary
            An `InitializerSummary` for each, in order of rank.
        """
        summaries = summarize(self.runs, self.inits, self.labels)
        repeats = len({run.repeat for run in self.runs})
        folds = len({run.fold for run in self.runs})
        title = f"{len(self.labels)} initializers, each in {repeats} x {folds} folds"
        return ComparisonSummary(summaries, self.scoring, title, self._notes(summaries))

    def _notes(self, summaries: Sequence[InitializerSummary]) -> list[str]:
        notes = []
        if len(summaries) > 1:
            notes.append(
                "p: against the best, by Nadeau and Bengio's corrected t-test with Holm's"
                f" adjustment; significant below {ALPHA}"
            )
        notes += self._convergence(summaries)
        failures = (
            f"{run.label} failed: {' '.join(run.error.split())}"
            for run in self.runs
            if run.error is not None
        )
        return notes + list(dict.fromkeys(failures))

    def _convergence(self, summaries: Sequence[InitializerSummary]) -> list[str]:
        n_good = {one.label: one.n_runs - one.n_failed for one in summaries}
        if any(n_good.values()) and not any(one.n_converged for one in summaries):
            return ["no run converged; a larger max_iter may help"]
        unfinished = [
            f"{one.label} {n} of {n_good[one.label]}"
            for one in summaries
            if (n := n_good[one.label] - one.n_converged)
        ]
        return [f"runs that did not converge: {', '.join(unfinished)}"] if unfinished else []

    def to_frame(self) -> Any:
        """The runs as a table.

        Returns
        -------
        frame : pandas.DataFrame
            A row for each run: its attributes but `init` and `loss_curve`, and the `loss`
            at the end.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        names = [field.name for field in fields(Run) if field.name not in ("init", "loss_curve")]
        names.insert(names.index("converged"), "loss")
        return make_frame([{name: getattr(run, name) for name in names} for run in self.runs])

    def __str__(self) -> str:
        return str(self.summary())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


# --- what is compared


def _find_network(estimator: Any) -> tuple[str, Any]:
    """Our estimator inside `estimator`, and the path of its parameters: '' or 'mlp__'."""
    if isinstance(estimator, OURS):
        return "", estimator
    found = {}
    if hasattr(estimator, "get_params") and not isinstance(estimator, type):
        found = {
            name: value
            for name, value in estimator.get_params(deep=True).items()
            if isinstance(value, OURS)
        }
    if len(found) != 1:
        places = f", at {', '.join(found)}" if found else ""
        raise ValueError(
            "estimator must be or contain exactly one XavierMLPClassifier or XavierMLPRegressor."
            f" Got {_shorten(repr(estimator), 200)} with {len(found)}{places}."
        )
    [(path, network)] = found.items()
    return f"{path}__", network


def _label_inits(inits: Any, owner: str) -> dict[str, Any]:
    """The values of `init` by labels, each checked as far as can be done without data."""
    if inits is None:
        inits = FIVE_INITS
    if isinstance(inits, Mapping):
        pairs = [(str(label), init) for label, init in inits.items()]
    elif isinstance(inits, str) or callable(inits) or not isinstance(inits, Iterable):
        pairs = []
    else:
        pairs = [(_label(init), init) for init in inits]
    if not pairs:
        raise ValueError(
            "inits must be a sequence with one or more values of init, such as ['uniform', 'auto'],"
            f" or a dict of them by label. Got {inits!r}. The names are"
            f" {', '.join(map(repr, sorted(INIT_NAMES)))}."
        )
    labelled: dict[str, Any] = {}
    for wanted, init in pairs:
        label, n = wanted, 1
        while label in labelled:
            n += 1
            label = f"{wanted} ({n})"
        _check_init(label, init, owner)
        labelled[label] = init
    return labelled


def _label(init: Any) -> str:
    if isinstance(init, str):
        label = str(init)
    elif isinstance(init, (list, tuple)):
        label = f"[{', '.join(_label(entry) for entry in init)}]"
    elif hasattr(init, "shape"):
        label = f"array of shape {tuple(init.shape)}"
    else:
        label = getattr(init, "__name__", None) or repr(init)
    return _shorten(label, _LONGEST_LABEL)


def _shorten(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


def _check_init(label: str, init: Any, owner: str) -> None:
    layers = init if isinstance(init, (list, tuple)) else []
    try:
        check_start(init, "zeros", owner)
        for entry in [init, *layers]:
            if isinstance(entry, str):
                check_start(entry, "zeros", owner)
            elif isinstance(entry, type):
                raise ValueError(f"{entry.__name__} is a class; write {entry.__name__}().")
            elif isinstance(entry, Initializer):
                validate_params(entry)
    except ValueError as error:
        raise ValueError(f"inits has an unusable value, {label}: {error}") from error


def _check_scoring(estimator: Any, scoring: Any) -> tuple[Callable[[Any, Any, Any], float], str]:
    """What scores a fitted estimator, and the score's name."""
    if scoring is None:
        if not hasattr(estimator, "score"):
            raise ValueError(f"{type(estimator).__name__} has no method score; give scoring.")
        last = estimator.steps[-1][1] if isinstance(estimator, Pipeline) else estimator
        own = getattr(last, "scoring", None)  # of a search
        if own is None:
            return _own_score, "accuracy" if is_classifier(estimator) else "R²"
        return _own_score, own if isinstance(own, str) else "score"
    if not callable(scoring) and scoring not in get_scorer_names():
        raise ValueError(
            f"scoring must be None, a callable or one of {', '.join(get_scorer_names())}. Got"
            f" {scoring!r}."
        )
    name = scoring if isinstance(scoring, str) else _label(scoring)
    return check_scoring(estimator, scoring=scoring), name


def _own_score(estimator: Any, X: Any, y: Any) -> float:
    return estimator.score(X, y)


# --- all runs


def compare_initializers(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    inits: Any = None,
    cv: Any = 5,
    n_repeats: int = 3,
    scoring: Any = None,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    verbose: int = 0,
) -> InitializerComparison:
    r"""Cross-validate an estimator with each of several initializers, and tell them apart.

    Every initializer gets the same folds and, in each fold, the same seed of the network. A run
    that fails is reported and ends no other; Ctrl-C ends the comparison.

    Read more in the :ref:`user guide <guide_comparing>`.

    Parameters
    ----------
    estimator : estimator
        A XavierMLPClassifier or XavierMLPRegressor, or an estimator with exactly one of them
        among its parameters, such as a Pipeline or a search over other parameters than
        `init`. It stays as it is: clones are fitted.
    X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
        The samples.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs)
        The targets.
    inits : sequence or dict, default=None
        Values of `init`: names, initializers, callables, or lists with one of these or an
        array for each layer. A dict has them by the labels to show. None stands for
        "constant", "uniform", "normal", "glorot_uniform" and "glorot_normal".
    cv : int, cross-validation splitter or iterable, default=5
        A number of folds, which are shuffled anew in each repeat and are stratified for
        classes; or a splitter or pairs of training and test rows, which each repeat uses
        as they are.
    n_repeats : int, default=3
        How often to repeat it, with other seeds.
    scoring : str or callable, default=None
        The name of a scikit-learn scorer, or a callable of the fitted estimator, X and y;
        higher is better. None is the estimator's own `score`.
    n_jobs : int, default=None
        Runs at a time, as in joblib, whose backend is used. Only times depend on it.
    random_state : int, RandomState instance or None, default=None
        Source of the seeds of folds and networks. Other random parts of the estimator get
        the network's seed where their own `random_state` is None, and else keep theirs.
    verbose : int, default=0
        1 prints a line after each initializer, 2 after each run.

    Returns
    -------
    comparison : InitializerComparison
        All runs; its `summary` has means, intervals, ranks and tests.

    Raises
    ------
    ValueError
        If `estimator` has no network of ours inside or several, or `inits`, `cv`, `n_repeats`
        or `scoring` cannot be used. What only a fit can tell is the error of its run.

    See Also
    --------
    sk_xavier.signal_propagation : What a start is like before training.
    sk_xavier.InitializerComparisonDisplay : Draws what is returned.

    Notes
    -----
    Training sets overlap, so scores depend on one another. With :math:`J` differences on the
    same folds, of mean :math:`\bar d` and variance :math:`s^2`, the corrected resampled t-test
    [1]_ compares

    .. math:: t = \bar d \, / \sqrt{(1/J + n_{test} / n_{train}) \, s^2}

    with Student's distribution of :math:`J - 1` degrees of freedom; it serves for repeated
    cross-validation too [2]_. Intervals of mean scores have the same correction. Each
    initializer is tested against the best, and the p-values are adjusted for the number of these
    tests [3]_. As the best is picked by the same scores, p-values are still somewhat
    small: take one just below 0.05 for a hint.

    Of several fitted networks inside `estimator`, the loss curve and epochs are those of the
    first that is found; after a search, of the best estimator. Warnings of the fits are shown
    once each, after the last run.

    Where one of joblib's workers is killed, on this machine or on a cluster
    (:ref:`guide_cluster`), runs that are lost with it are started again, with a RuntimeWarning.
    When that happens twice without a result in between, joblib's error ends the comparison.

    References
    ----------
    .. [1] Nadeau, C. and Bengio, Y. (2003). Inference for the generalization error. Machine
       Learning 52(3), 239-281.
    .. [2] Bouckaert, R. R. and Frank, E. (2004). Evaluating the replicability of significance
       tests for comparing learning algorithms. PAKDD 2004, 3-12.
    .. [3] Holm, S. (1979). A simple sequentially rejective multiple test procedure.
       Scandinavian Journal of Statistics 6(2), 65-70.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.comparison import compare_initializers
    >>> X, y = load_digits(return_X_y=True)
    >>> mlp = XavierMLPClassifier((16,), max_iter=15, learning_rate_init=0.01)
    >>> comparison = compare_initializers(
    ...     mlp, X[:600] / 16, y[:600], inits=["constant", "normal", "glorot_uniform"],
    ...     random_state=0,
    ... )
    >>> for one in comparison.summary():
    ...     print(one.label, "-", one.difference)
    glorot_uniform - best
    normal - no significant difference
    constant - significant
    """
    verbose = check_verbose(verbose)
    plan = plan_comparison(
        estimator,
        X,
        y,
        inits=inits,
        cv=cv,
        n_repeats=n_repeats,
        scoring=scoring,
        random_state=random_state,
    )
    printer = _make_printer(verbose, len(plan.inits), plan.scoring) if verbose else None
    return run_comparison(plan, n_jobs=n_jobs, progress=printer)


class _Plan(NamedTuple):
    """All that is settled before the first fit."""

    estimator: Any
    prefix: str
    scorer: Callable[[Any, Any, Any], float]
    scoring: str
    inits: dict[str, Any]
    X: Any
    y: Any
    folds: list[Fold]


def plan_comparison(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    inits: Any,
    cv: Any,
    n_repeats: int,
    scoring: Any,
    random_state: int | np.random.RandomState | None,
) -> _Plan:
    """Check what `compare_initializers` got, and draw folds and seeds."""
    prefix, network = _find_network(estimator)
    labelled = _label_inits(inits, type(network).__name__)
    scorer, score_name = _check_scoring(estimator, scoring)
    for name, data in (("X", X), ("y", y)):
        if data is None:
            raise ValueError(f"{name} must hold one value or row for each sample. Got None.")
    X, y = indexable(X, y)
    folds = make_folds(estimator, X, y, cv, n_repeats, random_state)
    return _Plan(estimator, prefix, scorer, score_name, labelled, X, y, folds)


def run_comparison(
    plan: _Plan, *, n_jobs: int | None = None, progress: Progress | None = None
) -> InitializerComparison:
    """Fit and score; `progress` is told of each run as ``progress(run, n_done, n_runs)``."""
    cells = [(label, init, fold) for label, init in plan.inits.items() for fold in plan.folds]
    config, filters = get_config(), list(warnings.filters)

    def make_job(cell: tuple[str, Any, Fold]) -> Any:
        _, init, fold = cell
        estimator = _prepare(plan.estimator, plan.prefix, init, fold.seed)
        same = (plan.prefix, plan.scorer, plan.X, plan.y)
        return delayed(fit_and_score)(estimator, *same, fold, config, filters)

    outcomes = run_jobs(make_job, cells, n_jobs)
    runs: list[Run] = []
    told: dict[tuple[type[Warning], str], None] = {}
    for (label, init, fold), outcome in zip(cells, outcomes, strict=True):
        runs.append(Run(init, label, fold.repeat, fold.fold, **outcome.found))
        told |= dict.fromkeys(outcome.warnings)
        if progress:
            progress(runs[-1], len(runs), len(cells))
    _warn_of(told)
    return InitializerComparison(runs, list(plan.inits.values()), list(plan.inits), plan.scoring)


def _prepare(estimator: Any, prefix: str, init: Any, seed: int) -> Any:
    """A clone with this initializer; the network, and all that has no seed, get this one."""
    unseeded = {
        name: seed
        for name, value in estimator.get_params(deep=True).items()
        if value is None and (name == "random_state" or name.endswith("__random_state"))
    }
    own = {f"{prefix}init": clone(init, safe=False), f"{prefix}random_state": seed}
    return clone(estimator).set_params(**(unseeded | own))


def _warn_of(told: Iterable[tuple[type[Warning], str]]) -> None:
    """Show warnings of the fits to whoever called `compare_initializers`."""
    for category, text in told:
        try:
            warning = category(text)
        except TypeError:  # a class with other arguments
            warning = UserWarning(f"{category.__name__}: {text}")
        warnings.warn(warning, stacklevel=4)


def _make_printer(verbose: int, n_inits: int, score_name: str) -> Progress:
    """Prints a line after each initializer, or after each run where `verbose` is above 1."""
    group: list[Run] = []

    def progress(run: Run, n_done: int, n_runs: int) -> None:
        group.append(run)
        if verbose > 1:
            outcome = f"{score_name} {short_score(run.score)}" if run.error is None else run.error
            print(f"{n_done}/{n_runs} {run.label}: {outcome} ({run.fit_seconds:.2f} s)")
        if len(group) == n_runs // n_inits:
            if verbose == 1:
                print(_tell(group, score_name))
            group.clear()

    return progress


def _tell(runs: Sequence[Run], score_name: str) -> str:
    scores = [run.score for run in runs if run.error is None]
    parts = [f"mean {score_name} {short_score(float(np.mean(scores)))}"] if scores else []
    if len(scores) < len(runs):
        parts.append(f"{len(runs) - len(scores)} of {len(runs)} runs failed")
    seconds = sum(run.fit_seconds for run in runs)
    return f"{runs[0].label}: {', '.join(parts)} ({seconds:.1f} s)"
