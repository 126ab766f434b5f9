"""Interleaved timing: what the machine does meanwhile hits all contestants alike."""

import time
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .contestants import Work

__all__ = ["Ratios", "fastest_seconds", "growth_exponent", "ratios"]


class Ratios(NamedTuple):
    """Ratios of the fastest times of one run; NaN where there is no such contestant.

    Attributes
    ----------
    sklearn, pytorch : float
        How many times as long as ours they take.
    products : float
        How many times as long as the bare matrix products ours takes.
    before : float
        How many times as long as ours the other checkout takes.
    """

    sklearn: float
    pytorch: float
    products: float
    before: float = np.nan


def fastest_seconds(works: Mapping[str, Work | None], n_rounds: int) -> dict[str, float]:
    """The fastest of several rounds, in each of which every contestant runs once."""
    fastest: dict[str, float] = {}
    for _ in range(n_rounds):
        for name, work in works.items():
            if work is not None:
                start = time.perf_counter()
                work()
                seconds = time.perf_counter() - start
                fastest[name] = min(seconds, fastest.get(name, np.inf))
    return fastest


def ratios(works: Mapping[str, Work | None], n_rounds: int) -> Ratios:
    """Time the contestants against each other."""
    seconds = fastest_seconds(works, n_rounds)
    own = seconds["ours"]
    return Ratios(
        seconds.get("scikit-learn", np.nan) / own,
        seconds.get("PyTorch", np.nan) / own,
        own / seconds.get("products", np.nan),
        seconds.get("before", np.nan) / own,
    )


def growth_exponent(sizes: list[int], seconds: list[float]) -> float:
    """The slope of the line through the logarithms: 1 where time is proportional to size."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), deg=1)[0])
