"""One call of `fit` as scikit-learn's callbacks see it: a task, and one for each epoch.

The protocol is that of ``sklearn.callback``, experimental in scikit-learn 1.9. On older
versions, and where an estimator has no callbacks, nothing here costs anything.
"""

import copy
from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator

from ._sklearn_compat import safe_indexing, start_callbacks

__all__ = ["FitTask", "StreamTask"]

Snapshot = Callable[[np.ndarray], dict[str, Any]]
"""``snapshot(theta)`` returns attributes that make a copy of the estimator ready to predict with
these parameters: copies themselves."""


class FitTask:
    """The task of one call of `fit`, with those of its epochs or iterations.

    Parameters
    ----------
    estimator : BaseXavierMLP
        What is fitted.
    X, y, sample_weight : array-like
        As they were passed to `fit`: a callback's scorer predicts from them.
    task_name : str
        What an epoch or iteration is called.
    n_tasks : int
        The most of them.
    """

    def __init__(
        self,
        estimator: BaseEstimator,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        task_name: str,
        n_tasks: int,
    ) -> None:
        self._estimator = estimator
        self._task_name = task_name
        self._data: dict[str, Any] = {"X": X, "y": y, "metadata": None}
        if sample_weight is not None and not isinstance(
            sample_weight, Real
        ):  # passed on to scorers as a whole, so nothing else
            self._data["metadata"] = {"sample_weight": sample_weight}
        self._root = start_callbacks(estimator, n_tasks)
        self._current: Any = None
        self.has_callbacks = self._root is not None and bool(
            getattr(estimator, "_skl_callbacks", None)
        )
        if self.has_callbacks:
            self._root.call_on_fit_task_begin(estimator=estimator, **self._data)

    def restrict(self, rows: np.ndarray) -> None:
        """Show these rows alone from now on: the others are held out."""
        if not self.has_callbacks:
            return
        X = self._data["X"]
        self._data["X"] = safe_indexing(X.tocsr() if issparse(X) else X, rows)
        self._data["y"] = safe_indexing(self._data["y"], rows)
        if self._data["metadata"] is not None:
            weights = safe_indexing(self._data["metadata"]["sample_weight"], rows)
            self._data["metadata"] = {"sample_weight": weights}

    def follow(self, snapshot: Snapshot) -> None:
        """Take what makes estimators for the callbacks, before any epoch."""
        self._snapshot = snapshot

    def begin_epoch(self, theta: np.ndarray) -> None:
        """Tell that an epoch begins with these parameters, unless one has begun."""
        if self._current is None:
            self._current = self._root.subcontext(task_name=self._task_name)
            self._current.call_on_fit_task_begin(
                estimator=self._estimator,
                reconstruction_attributes=lambda: self._snapshot(theta),
                **self._data,
            )

    def end_epoch(self, theta: np.ndarray) -> bool:
        """Tell that it has ended with these; True if a callback asks to stop."""
        current, self._current = self._current, None
        return current.call_on_fit_task_end(
            estimator=self._estimator,
            reconstruction_attributes=lambda: self._snapshot(theta),
            **self._data,
        )

    def end(self, fitted: Callable[[], dict[str, Any]]) -> None:
        """Tell that training has ended; `fitted` returns copies of the estimator's attributes."""
        if not self.has_callbacks:
            return
        if self._current is not None:  # an epoch that was not finished
            self._current.call_on_fit_task_end(estimator=self._estimator)
        self._root.call_on_fit_task_end(
            estimator=self._estimator,
            reconstruction_attributes=fitted,
            **self._data,
        )


class StreamTask:
    """The task of one call of `fit_stream`, with those of its epochs and in them of its chunks.

    Parameters
    ----------
    estimator : estimator
        What is fitted; its callbacks are called, if it can have any.
    n_epochs : int
        The most epochs.
    fitted : callable
        Returns the estimator's fitted attributes.
    """

    def __init__(
        self, estimator: BaseEstimator, n_epochs: int, fitted: Callable[[], dict[str, Any]]
    ) -> None:
        self._estimator = estimator
        self._fitted = {"reconstruction_attributes": lambda: copy.deepcopy(fitted())}
        self._root: Any = None
        self._epoch: Any = None
        self._chunk: Any = None
        self._data: dict[str, Any] = {}
        if getattr(estimator, "_skl_callbacks", None):
            self._root = start_callbacks(estimator, n_epochs, "fit_stream")
            self._root.call_on_fit_task_begin(estimator=estimator)

    def begin_epoch(self, n_chunks: int | None) -> None:
        """Tell that an epoch of so many chunks begins."""
        if self._root is not None:
            self._epoch = self._root.subcontext(task_name="epoch", max_subtasks=n_chunks)
            self._epoch.call_on_fit_task_begin(estimator=self._estimator)

    def begin_chunk(self, X: Any, y: Any = None, sample_weight: Any = None) -> None:
        """Tell that this chunk is next."""
        if self._root is None:
            return
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._data = {"X": X, "y": y, "metadata": metadata}
        self._chunk = self._epoch.subcontext(task_name="chunk")
        self._chunk.call_on_fit_task_begin(estimator=self._estimator, **self._data)

    def end_chunk(self) -> bool:
        """Tell that the chunk is done; True if a callback asks to end the epoch."""
        if self._root is None:
            return False
        data, self._data = self._data | self._fitted, {}
        return self._chunk.call_on_fit_task_end(estimator=self._estimator, **data)

    def end_epoch(self) -> bool:
        """Tell that the epoch is done; True if a callback asks to end training."""
        if self._root is None:
            return False
        return self._epoch.call_on_fit_task_end(estimator=self._estimator, **self._fitted)

    def end(self) -> None:
        """Tell that training has ended."""
        if self._root is not None:
            self._root.call_on_fit_task_end(estimator=self._estimator, **self._fitted)
