"""Compare initializers: the same folds and seeds for each, and what came of it."""

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, clone, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.utils import check_random_state
from sklearn.utils.parallel import Parallel, delayed

from ._estimators import XavierMLPClassifier, XavierMLPRegressor
from ._training import TrainingInterrupted

__all__ = ["FIVE_INITS", "Run", "Summary", "run_comparison", "summarize"]

FIVE_INITS = ("constant", "uniform", "normal", "glorot_uniform", "glorot_normal")
"""The initializers compared by default: three that pick a scale blindly, and Xavier's two."""


@dataclass(frozen=True)
class Run:
    """One fit on the training part of one fold.

    Attributes
    ----------
    init : object
        The initializer.
    repeat, fold : int
        Which repetition, and which fold of it, counted from 0.
    score : float
        Accuracy (or R² of a regressor) on the held-out part; NaN where the fit failed.
    loss : float
        The training loss at the end.
    n_iter : int
        Epochs or iterations.
    seconds : float
        Time of the fit.
    error : str or None
        What went wrong in a fit that failed.
    position : int
        The initializer's place among those compared.
    """

    init: Any
    repeat: int
    fold: int
    score: float
    loss: float
    n_iter: int
    seconds: float
    error: str | None = None
    position: int = 0


@dataclass(frozen=True)
class Summary:
    """All runs of one initializer: means over those that did not fail.

    `score_std` is the standard deviation over all folds of all repetitions.
    """

    init: Any
    n_runs: int
    n_failed: int
    score_mean: float
    score_std: float
    loss: float
    n_iter: float
    seconds: float


def _prefix_of_network(estimator: BaseEstimator) -> str:
    """The path of parameters to our estimator inside `estimator`: '' or 'mlp__'."""
    ours = (XavierMLPClassifier, XavierMLPRegressor)
    if isinstance(estimator, ours):
        return ""
    paths = [
        name for name, value in estimator.get_params(deep=True).items() if isinstance(value, ours)
    ]
    if len(paths) != 1:
        raise ValueError(
            "estimator must be or contain exactly one XavierMLPClassifier or XavierMLPRegressor."
            f" Got {estimator!r} with {len(paths)}."
        )
    return f"{paths[0]}__"


def _fit_and_score(
    estimator: BaseEstimator,
    prefix: str,
    X: np.ndarray,
    y: np.ndarray,
    train: np.ndarray,
    test: np.ndarray,
    position: int,
    run: tuple[Any, int, int],
) -> Run:
    start = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.simplefilter("error", TrainingInterrupted)
            estimator.fit(X[train], y[train])
        seconds = time.perf_counter() - start
        network = estimator.get_params()[prefix.removesuffix("__")] if prefix else estimator
        score = estimator.score(X[test], y[test])
        return Run(
            *run, float(score), float(network.loss_), network.n_iter_, seconds, position=position
        )
    except TrainingInterrupted:
        # Ctrl-C ends a fit gently, but here it is the whole comparison that should end.
        raise KeyboardInterrupt from None
    except Exception as error:
        seconds = time.perf_counter() - start
        message = f"{type(error).__name__}: {error}"
        return Run(*run, np.nan, np.nan, 0, seconds, error=message, position=position)


def run_comparison(
    estimator: BaseEstimator,
    X: np.ndarray,
    y: np.ndarray,
    *,
    inits: Sequence[Any] = FIVE_INITS,
    cv: int = 5,
    n_repeats: int = 3,
    n_jobs: int | None = None,
    random_state: int | np.random.RandomState | None = None,
    progress: Callable[[Run, int, int], None] | None = None,
) -> list[Run]:
    """Cross-validate `estimator` with each initializer, repeated over seeds.

    In each repetition all initializers get the same folds and the same `random_state`.
    A fit that fails is reported in its `Run` and does not end the others.

    Parameters
    ----------
    estimator : estimator
        A XavierMLPClassifier or XavierMLPRegressor, or an estimator that contains exactly
        one, such as a Pipeline.
    X : ndarray of shape (n_samples, n_features)
        Samples.
    y : ndarray of shape (n_samples,)
        Targets.
    inits : sequence, default=FIVE_INITS
        Values of `init`.
    cv : int, default=5
        Number of folds, stratified for a classifier.
    n_repeats : int, default=3
        Number of repetitions.
    n_jobs : int, default=None
        Fits at a time, as in joblib. The results do not depend on it.
    random_state : int, RandomState instance or None, default=None
        Source of the seeds of folds and fits.
    progress : callable, default=None
        Called as ``progress(run, n_done, n_runs)`` after each run, in order.

    Returns
    -------
    runs : list of Run
        By initializer, repetition and fold.

    Raises
    ------
    ValueError
        If `estimator` contains no network or several, or the data cannot be split in `cv`
        folds.
    """
    prefix = _prefix_of_network(estimator)
    splitter = StratifiedKFold if is_classifier(estimator) else KFold
    plan = list(_plan(splitter, X, y, cv, n_repeats, check_random_state(random_state)))
    tasks = [
        delayed(_fit_and_score)(
            clone(estimator).set_params(
                **{f"{prefix}init": clone(init, safe=False), f"{prefix}random_state": seed}
            ),
            prefix,
            X,
            y,
            train,
            test,
            position,
            (init, repeat, fold),
        )
        for position, init in enumerate(inits)
        for repeat, fold, seed, train, test in plan
    ]
    if progress is None:
        return Parallel(n_jobs=n_jobs)(tasks)
    runs = []
    for run in Parallel(n_jobs=n_jobs, return_as="generator")(tasks):
        runs.append(run)
        progress(run, len(runs), len(tasks))
    return runs


def _plan(
    splitter: type[KFold] | type[StratifiedKFold],
    X: np.ndarray,
    y: np.ndarray,
    cv: int,
    n_repeats: int,
    random_state: np.random.RandomState,
) -> Iterator[tuple[int, int, int, np.ndarray, np.ndarray]]:
    """Repetition, fold, seed of the fit, and the rows to train and to test on."""
    for repeat in range(n_repeats):
        fold_seed, fit_seed = (int(seed) for seed in random_state.randint(2**31 - 1, size=2))
        folds = splitter(cv, shuffle=True, random_state=fold_seed).split(X, y)
        for fold, (train, test) in enumerate(folds):
            yield repeat, fold, fit_seed, train, test


def summarize(runs: Iterable[Run]) -> list[Summary]:
    """Summaries by initializer, in the order of their positions."""
    groups: dict[int, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.position, []).append(run)
    return [_summary(groups[position][0].init, groups[position]) for position in sorted(groups)]


def _summary(init: Any, runs: list[Run]) -> Summary:
    good = [run for run in runs if run.error is None]
    n_failed = len(runs) - len(good)
    if not good:
        return Summary(init, len(runs), n_failed, *[np.nan] * 5)
    scores = np.array([run.score for run in good])
    return Summary(
        init,
        len(runs),
        n_failed,
        score_mean=float(scores.mean()),
        score_std=float(scores.std()),
        loss=float(np.mean([run.loss for run in good])),
        n_iter=float(np.mean([run.n_iter for run in good])),
        seconds=float(np.mean([run.seconds for run in good])),
    )
