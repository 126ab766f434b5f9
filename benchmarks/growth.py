"""How time grows with samples, width, depth and classes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from . import contestants
from .timing import fastest_seconds, growth_exponent

__all__ = ["GROWTHS", "exponents"]

N_SAMPLES, N_FEATURES = 2000, 50

GROWTHS: dict[str, tuple[list[int], Callable[[int], dict[str, Any]]]] = {
    "samples": ([2000, 4000, 8000, 16000], lambda size: {"n_samples": size}),
    "width": ([250, 500, 1000, 2000], lambda size: {"hidden": (size,)}),
    "depth": ([2, 4, 8, 16], lambda size: {"hidden": (100,) * size}),
    "classes": ([250, 500, 1000, 2000], lambda size: {"n_classes": size}),
}
"""Sizes of each kind, and what of the problem they set."""


def _problem(
    dtype: str, *, n_samples: int = N_SAMPLES, hidden: tuple[int, ...] = (100,), n_classes: int = 10
) -> dict[str, contestants.Work]:
    X = np.random.RandomState(0).normal(size=(n_samples, N_FEATURES)).astype(dtype)
    y = np.arange(n_samples) % n_classes
    settings: dict[str, Any] = {"hidden_layer_sizes": hidden, "max_iter": 3}
    return {
        "ours": contestants.ours(X, y, **settings),
        "scikit-learn": contestants.theirs(X, y, **settings),
    }


def exponents(kind: str, dtype: str, n_rounds: int) -> dict[str, float]:
    """The exponent of the time, of ours and of scikit-learn's."""
    sizes, problem = GROWTHS[kind]
    times = [fastest_seconds(_problem(dtype, **problem(size)), n_rounds) for size in sizes]
    return {name: growth_exponent(sizes, [seconds[name] for seconds in times]) for name in times[0]}
