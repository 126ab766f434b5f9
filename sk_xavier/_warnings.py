"""Warnings that point to the user's line."""

import sys
import warnings

__all__ = ["warn_caller"]

_OURS = (__package__, "sklearn.callback")
"""Packages whose frames are passed over: the second one's lie around `fit`."""


def warn_caller(message: str, category: type[Warning] = UserWarning) -> None:
    """Warn as from the line that called into this package."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _is_ours(module: str) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in _OURS)
