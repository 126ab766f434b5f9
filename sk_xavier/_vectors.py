"""BLAS level 1 on one thread: additions of scaled vectors in one pass over the memory.

NumPy needs two passes, and several times as long to be called. But NumPy and SciPy each bring a
BLAS with threads of its own, and when both are busy in turns, the threads of the one wait
spinning while those of the other work: steps on long vectors then take many times as long.
OpenBLAS takes one thread for vectors of at most 10,000 entries, so that is what it gets.
"""

import numpy as np
from scipy.linalg import get_blas_funcs

__all__ = ["VectorMath", "all_finite"]

_MOST = 10_000


def all_finite(array: np.ndarray) -> bool:
    """Whether no entry is infinite or NaN; in most cases in one pass that needs no memory."""
    with np.errstate(all="ignore"):
        total = np.add.reduce(array, axis=None)  # may overflow where nothing is wrong
    return bool(np.isfinite(total)) or bool(np.isfinite(array).all())


class VectorMath:
    """In-place operations on contiguous vectors of one type.

    Parameters
    ----------
    dtype : numpy.dtype
        float32 or float64.
    """

    def __init__(self, dtype: np.dtype) -> None:
        self._scal, self._axpy = get_blas_funcs(("scal", "axpy"), dtype=dtype)

    def scale(self, a: float, x: np.ndarray) -> None:
        """Do x *= a."""
        if len(x) <= _MOST:
            self._scal(a, x)
        else:
            x *= a

    def add_scaled(self, a: float, x: np.ndarray, y: np.ndarray) -> None:
        """Do y += a * x."""
        if len(y) <= _MOST:
            self._axpy(x, y, a=a)
        else:
            for start in range(0, len(y), _MOST):
                stop = start + _MOST
                self._axpy(x[start:stop], y[start:stop], a=a)
