"""Samples, and how some of their rows are read: whole data sets are never copied."""

from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["Rows", "Samples", "count_rows", "split_rows"]

Rows = slice | np.ndarray
"""Which samples: a slice with its start and stop, or an array of their numbers."""


def count_rows(rows: Rows) -> int:
    """How many rows these are."""
    return rows.stop - rows.start if isinstance(rows, slice) else len(rows)


def split_rows(rows: Rows, n_block: int) -> Sequence[Rows]:
    """Blocks of at most `n_block` rows, in their order."""
    n_rows = count_rows(rows)
    if n_rows <= n_block:
        return [rows]
    ends = [(start, min(start + n_block, n_rows)) for start in range(0, n_rows, n_block)]
    if isinstance(rows, slice):
        return [slice(rows.start + start, rows.start + stop) for start, stop in ends]
    return [rows[start:stop] for start, stop in ends]


class Samples:
    """Rows of data.

    Parameters
    ----------
    X : {ndarray, CSR matrix} of shape (n_samples, n_features)
        Features.
    y : ndarray of shape (n_samples, ...)
        Encoded targets.
    sample_weight : ndarray of shape (n_samples,) or None
        Weights; None counts all rows alike.
    """

    def __init__(self, X: Any, y: np.ndarray, sample_weight: np.ndarray | None = None) -> None:
        self.X = X
        self.y = y
        self.sample_weight = sample_weight
        self.n_samples = X.shape[0]
        self._read_X = _Reader(X)
        self._read_y = _Reader(y)

    def all_rows(self) -> slice:
        """Every row, as they stand."""
        return slice(0, self.n_samples)

    def read(self, rows: Rows) -> tuple[Any, np.ndarray]:
        """X and y of some rows; valid until rows are read again."""
        return self._read_X(rows), self._read_y(rows)

    def weights(self, rows: Rows) -> np.ndarray | None:
        """The weights of some rows."""
        return None if self.sample_weight is None else self.sample_weight[rows]


class _Reader:
    """Reads rows of one array: a view where they are a slice, else into its own buffer."""

    def __init__(self, array: Any) -> None:
        self._array = array
        # `take` would make a contiguous copy of any other array at each call.
        self._can_take = isinstance(array, np.ndarray) and array.flags.c_contiguous
        self._buffer: np.ndarray | None = None

    def __call__(self, rows: Rows) -> Any:
        if isinstance(rows, slice) or not self._can_take:
            return self._array[rows]
        n_rows = len(rows)
        if self._buffer is None or len(self._buffer) < n_rows:
            self._buffer = np.empty((n_rows, *self._array.shape[1:]), self._array.dtype)
        # Several times as fast as self._array[rows]. Nothing is clipped: other modes copy.
        return self._array.take(rows, axis=0, out=self._buffer[:n_rows], mode="clip")
