"""Folds and seeds drawn once, and one fit and score on a fold, whatever becomes of it."""

import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import check_cv
from sklearn.utils import check_random_state

from ._estimators import XavierMLPClassifier, XavierMLPRegressor
from ._sklearn_compat import safe_indexing
from ._training import TrainingInterrupted

__all__ = ["OURS", "Fold", "Outcome", "fit_and_score", "make_folds"]

OURS = (XavierMLPClassifier, XavierMLPRegressor)


class Fold(NamedTuple):
    repeat: int
    fold: int
    seed: int
    """Of the network, whatever its initializer."""
    train: np.ndarray
    test: np.ndarray

    def __reduce__(self) -> tuple[Any, ...]:
        # A fold goes along with each fit. As bits it is a small part of the samples.
        return _unpack_fold, (*self[:3], _pack_rows(self.train), _pack_rows(self.test))


def _pack_rows(rows: np.ndarray) -> tuple[bool, np.ndarray]:
    """Whether the rows are bits, and these; rows out of order or few of many stay numbers."""
    if len(rows) * 64 > rows[-1] and (np.diff(rows) > 0).all():
        chosen = np.zeros(rows[-1] + 1, dtype=bool)
        chosen[rows] = True
        return True, np.packbits(chosen)
    return False, rows


def _unpack_fold(repeat: int, fold: int, seed: int, *packed: tuple[bool, np.ndarray]) -> Fold:
    rows = (np.flatnonzero(np.unpackbits(part)) if bits else part for bits, part in packed)
    return Fold(repeat, fold, seed, *rows)


def make_folds(
    estimator: Any, X: Any, y: Any, cv: Any, n_repeats: Any, random_state: Any
) -> list[Fold]:
    """Folds and seeds, drawn once for all initializers."""
    is_whole = isinstance(n_repeats, Integral) and not isinstance(n_repeats, bool)
    if not is_whole or n_repeats < 1:
        raise ValueError(f"n_repeats must be an int of at least 1. Got {n_repeats!r}.")
    splitter = check_cv(cv, y, classifier=is_classifier(estimator))
    rng = check_random_state(random_state)
    rows = np.arange(X.shape[0] if hasattr(X, "shape") else len(X))
    folds = []
    for repeat in range(n_repeats):
        if cv is None or isinstance(cv, Integral):
            # check_cv decides whether folds are stratified, but does not shuffle.
            seed = rng.randint(2**31 - 1)
            splitter = type(splitter)(splitter.n_splits, shuffle=True, random_state=seed)
        for fold, parts in enumerate(_split(splitter, X, y)):
            # Masks and numbers from the end are numbers of rows from here on.
            train, test = (
                rows[part if isinstance(part, np.ndarray) else list(part)] for part in parts
            )
            folds.append(Fold(repeat, fold, int(rng.randint(2**31 - 1)), train, test))
    if not all(len(fold.train) and len(fold.test) for fold in folds) or not folds:
        raise ValueError(f"cv must give folds with samples to train and to test on. Got {cv!r}.")
    return folds


def _split(splitter: Any, X: Any, y: Any) -> Any:
    try:
        return list(splitter.split(X, y))
    except ValueError as error:
        if "groups" not in str(error):
            raise
        raise ValueError(
            f"cv={splitter} needs groups: pass the folds themselves, list(cv.split(X, y, groups))."
        ) from error


class _WarningsCatcher:
    """Collects warnings of fits, each thread's by themselves.

    `warnings.catch_warnings` changes the whole process. So, where fits run in several threads,
    the first that begins opens one and the last that ends closes it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_inside = 0
        self._mine = threading.local()

    @contextmanager
    def catch(self, filters: Sequence[Any]) -> Iterator[list[tuple[type[Warning], str]]]:
        """Collect this thread's warnings that pass `filters`, and every ConvergenceWarning."""
        with self._lock:
            if self._n_inside == 0:
                self._enter(filters)
            self._n_inside += 1
        caught: list[tuple[type[Warning], str]] = []
        outer = getattr(self._mine, "caught", None)
        self._mine.caught = caught
        try:
            yield caught
        finally:
            self._mine.caught = outer
            with self._lock:
                self._n_inside -= 1
                if self._n_inside == 0:
                    self._opened.__exit__(None, None, None)

    def _enter(self, filters: Sequence[Any]) -> None:
        self._opened = warnings.catch_warnings()
        self._opened.__enter__()
        warnings.filters = list(filters)  # another process has its own
        warnings.simplefilter("always", ConvergenceWarning)
        warnings.simplefilter("always", TrainingInterrupted)
        self._pass_on = warnings.showwarning
        warnings.showwarning = self._show

    def _show(self, message: Any, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, TrainingInterrupted):
            # Ctrl-C ends a fit gently, but here it is the whole comparison that should end.
            raise KeyboardInterrupt from None
        caught = getattr(self._mine, "caught", None)
        if caught is None:
            self._pass_on(message, category, *where, **more)
        else:
            caught.append((category, str(message)))


_CATCHER = _WarningsCatcher()


class Outcome(NamedTuple):
    """What a run found out, as it comes from a worker."""

    found: dict[str, Any]
    """Fields of a `Run`."""
    warnings: list[tuple[type[Warning], str]]


def fit_and_score(
    estimator: Any,
    prefix: str,
    scorer: Callable[[Any, Any, Any], float],
    X: Any,
    y: Any,
    fold: Fold,
    config: dict[str, Any],
    filters: Sequence[Any],
) -> Outcome:
    found: dict[str, Any] = {
        "score": np.nan,
        "n_iter": None,
        "loss_curve": (),
        "converged": False,
        "error": None,
        "n_train": len(fold.train),
        "n_test": len(fold.test),
    }
    with config_context(**config), _CATCHER.catch(filters) as caught:
        start = time.perf_counter()
        try:
            init = estimator.get_params()[f"{prefix}init"]
            X_train, y_train = (safe_indexing(data, fold.train) for data in (X, y))
            start = time.perf_counter()
            estimator.fit(X_train, y_train)
            found["fit_seconds"] = time.perf_counter() - start
            found["converged"] = not any(
                issubclass(category, ConvergenceWarning) for category, _ in caught
            )
            found |= _read_history(estimator, init)
            X_test, y_test = (safe_indexing(data, fold.test) for data in (X, y))
            score = float(scorer(estimator, X_test, y_test))
            if np.isfinite(score):
                found["score"] = score
            else:
                found["error"] = f"the score is {score}, not a finite number"
        except Exception as error:
            found["error"] = f"{type(error).__name__}: {error}"
    found.setdefault("fit_seconds", time.perf_counter() - start)
    others = [one for one in caught if not issubclass(one[0], ConvergenceWarning)]
    return Outcome(found, others)


def _read_history(estimator: Any, init: Any) -> dict[str, Any]:
    """Epochs and losses of the fitted network inside `estimator`, if it is found."""
    network = _find_fitted_network(estimator)
    if network is None:
        return {}
    if type(network.init) is not type(init) or (isinstance(init, str) and network.init != init):
        raise ValueError(
            f"the network was trained with init={network.init!r} instead of {init!r}. A search"
            " inside the comparison must leave init alone."
        )
    return {"n_iter": int(network.n_iter_), "loss_curve": tuple(map(float, network.loss_curve_))}


def _find_fitted_network(estimator: Any) -> Any:
    """The first fitted network among what `estimator` holds, nearest first; or None.

    It looks through attributes of estimators, and of the plain objects in which scikit-learn
    keeps some, and through lists, tuples and dicts of them.
    """
    waiting, seen = deque([estimator]), set()
    while waiting:
        value = waiting.popleft()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, OURS):
            if hasattr(value, "coefs_"):
                return value
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, BaseEstimator) or type(value).__module__.startswith("sklearn."):
            waiting.extend(getattr(value, "__dict__", {}).values())
    return None
