"""Operations on long flat vectors: in place, in one pass, on one thread."""

from collections.abc import Callable

import numpy as np
from scipy.linalg import get_blas_funcs

__all__ = ["all_finite", "inplace_clip_norm", "vector_operations"]

_MOST = 10_000
"""OpenBLAS takes one thread for vectors of at most so many entries."""


def all_finite(array: np.ndarray) -> bool:
    """Whether no entry is infinite or NaN; in most cases in one pass that needs no memory."""
    with np.errstate(all="ignore"):
        total = np.add.reduce(array, axis=None)  # may overflow where nothing is wrong
    return bool(np.isfinite(total)) or bool(np.isfinite(array).all())


def inplace_clip_norm(vector: np.ndarray, max_norm: float) -> None:
    """Scale `vector` down to the Euclidean norm `max_norm`, where it is longer.

    A norm whose square overflows is no obstacle; entries that are not finite stay so.
    """
    norm = float(np.sqrt(vector.dot(vector)))
    if not np.isfinite(norm):
        largest = np.abs(vector).max()
        if not np.isfinite(largest):
            return
        part = vector / largest
        part_max_norm = max_norm / float(np.sqrt(part.dot(part)))
        if largest > part_max_norm:
            np.multiply(part, part_max_norm, out=vector)
    elif norm > max_norm:
        vector *= max_norm / norm


def vector_operations(
    dtype: np.dtype, length: int
) -> tuple[Callable[[float, np.ndarray], object], Callable[..., object]]:
    """``scale(a, x)``, x *= a, and ``add_scaled(x, y, a=a)``, y += a x, by BLAS.

    NumPy needs two passes over the memory for the second, and several times as long to be
    called. But NumPy and SciPy each bring a BLAS with threads of its own, and when both are
    busy in turns, the threads of the one wait spinning while those of the other work: steps
    on long vectors then take many times as long. So SciPy's gets short vectors only.

    Parameters
    ----------
    dtype : numpy.dtype
        float32 or float64.
    length : int
        The most entries that the vectors have; they are contiguous and of this type.

    Returns
    -------
    scale, add_scaled : callable
    """
    scal, axpy = get_blas_funcs(("scal", "axpy"), dtype=dtype)
    if length <= _MOST:
        return scal, axpy

    def scale(a: float, x: np.ndarray) -> None:
        x *= a

    def add_scaled(x: np.ndarray, y: np.ndarray, *, a: float) -> None:
        for start in range(0, len(y), _MOST):
            stop = start + _MOST
            axpy(x[start:stop], y[start:stop], a=a)

    return scale, add_scaled
