"""The only door to private or version-dependent parts of scikit-learn.

It stands below every other module, so that whoever needs a private name takes it
from here and a change in scikit-learn is followed in one place. Written for
scikit-learn 1.6 and later.
"""

from collections.abc import Callable
from inspect import signature
from typing import Any, TypeVar

import numpy as np
from joblib import Parallel
from numpy.typing import DTypeLike
from sklearn import get_config
from sklearn.base import BaseEstimator
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._missing import is_pandas_na, is_scalar_nan
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    Options,
)
from sklearn.utils._param_validation import StrOptions as _StrOptions
from sklearn.utils.validation import _check_sample_weight

try:  # since scikit-learn 1.9
    from sklearn.callback import CallbackSupportMixin, with_callbacks
except ImportError:
    _Method = TypeVar("_Method", bound=Callable[..., Any])

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """Nothing: there are no callbacks yet."""

    def with_callbacks(method: _Method) -> _Method:
        return method


__all__ = [
    "STREAMED",
    "CallbackSupportMixin",
    "Interval",
    "InvalidParameterError",
    "Options",
    "StrOptions",
    "check_sample_weight",
    "is_missing",
    "safe_indexing",
    "start_callbacks",
    "validate_params",
    "with_callbacks",
]


STREAMED: dict[str, Any] = (
    {"return_as": "generator"} if "return_as" in signature(Parallel.__init__).parameters else {}
)
"""Makes joblib give results one by one; scikit-learn 1.6 takes joblib 1.2 too, which cannot."""


class StrOptions(_StrOptions):
    """A choice of strings that an error lists in alphabetical order."""

    def __str__(self) -> str:
        return f"a str among {{{', '.join(repr(option) for option in sorted(self.options))}}}"


def validate_params(estimator: BaseEstimator) -> None:
    """Hold the parameters of `estimator` against its ``_parameter_constraints``.

    Raises
    ------
    InvalidParameterError
        Names the parameter, its value and every choice. It is both a `ValueError`
        and a `TypeError`.
    """
    if not get_config()["skip_parameter_validation"]:
        estimator._validate_params()


def is_missing(value: Any) -> bool:
    """Whether this is None, NaN or pandas' NA."""
    return value is None or is_scalar_nan(value) or is_pandas_na(value)


def check_sample_weight(sample_weight: Any, X: Any, dtype: DTypeLike) -> np.ndarray:
    """Validate weights: one for each row, finite, none negative, not all zero.

    Returns
    -------
    sample_weight : ndarray of shape (n_samples,), of type `dtype`
    """
    weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    if not weight.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    with np.errstate(all="ignore"):
        weight = weight.astype(dtype, copy=False)
        total = weight.sum()
        usable = np.isfinite(total) and np.isfinite(1 / total)
    if not usable:
        raise ValueError(
            f"Sample weights must have a sum and an inverse of it that {np.dtype(dtype).name} can"
            f" hold. Got the sum {total}; multiply all by a constant."
        )
    return weight


def start_callbacks(estimator: BaseEstimator, n_tasks: int, name: str = "fit") -> Any:
    """The root of a fit's tasks for its callbacks, at most `n_tasks`; None before 1.9."""
    if not hasattr(estimator, "set_callbacks"):
        return None
    return estimator._init_callback_context(task_name=name, max_subtasks=n_tasks)
