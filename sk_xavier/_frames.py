"""What scikit-learn's validation does not see or say of data frames, and of targets from them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from scipy.sparse import issparse

from ._sklearn_compat import is_missing

__all__ = ["check_no_missing_targets", "columns_named", "float_types"]

N_COLUMNS_NAMED = 5
NAMES_OF_TIMES = ("date", "time", "duration", "period")
"""How the names of the types of dates and times begin, in pandas, polars and pyarrow."""


def float_types(X: Any) -> list[type[np.floating]]:
    """The types that `validate_data` may make of `X`, the one for types unknown first.

    Of frames it knows the types of pandas' columns alone. float32 stays float32 here, as it does
    where `X` is the frame's array.
    """
    is_unknown = hasattr(X, "schema")  # of polars or pyarrow
    if is_unknown and np.asarray(X[:1]).dtype == np.float32:
        return [np.float32, np.float64]
    return [np.float64, np.float32]


@contextmanager
def columns_named(X: Any) -> Iterator[None]:
    """Where validation inside fails as columns of a frame hold no numbers, say which these are.

    Raises
    ------
    TypeError
        If X is a query, whose rows are not there yet.
    ValueError
        If there are such columns, or dates, of which some conversions make numbers.
    """
    if hasattr(X, "collect") and not hasattr(X, "__array__"):
        raise TypeError(f"X is a {type(X).__name__}, without rows so far. Pass X.collect().")
    try:
        _refuse_times(X)
        yield
    except (TypeError, ValueError) as error:
        is_of_other_things = ("Input X contains", "The feature names", "Feature names")
        columns = [] if str(error).startswith(is_of_other_things) else _without_numbers(X)
        if not columns:
            raise
        if len(columns) > N_COLUMNS_NAMED:
            n_others = len(columns) - N_COLUMNS_NAMED
            columns = [*columns[:N_COLUMNS_NAMED], f"and {n_others} more"]
        raise ValueError(
            f"X has columns that do not hold numbers: {', '.join(columns)}. Make numbers of them,"
            " such as by OneHotEncoder in a ColumnTransformer, of dates what matters of them; or"
            " leave them out."
        ) from error


def _columns(frame: Any) -> list[tuple[Any, Any]]:
    """Names and types of a frame's columns; none of what is no frame."""
    if hasattr(frame, "column_names"):  # pyarrow
        return list(zip(frame.column_names, frame.schema.types, strict=True))
    if hasattr(frame, "columns") and hasattr(frame, "dtypes"):
        return list(zip(frame.columns, frame.dtypes, strict=True))
    return []


def _is_time(dtype: Any) -> bool:
    categories = getattr(dtype, "categories", None)
    dtype = getattr(categories, "dtype", dtype)
    return str(dtype).lower().startswith(NAMES_OF_TIMES)


def _refuse_times(X: Any) -> None:
    dtypes = {dtype for _, dtype in _columns(X)} or {getattr(X, "dtype", None)}
    for dtype in dtypes:
        if _is_time(dtype):
            raise ValueError(f"X must hold numbers, got an array of {dtype}.")


def _without_numbers(frame: Any) -> list[str]:
    """Names and types of the columns that cannot be made numbers."""
    return [
        f"{name!r} ({dtype})"
        for place, (name, dtype) in enumerate(_columns(frame))
        if _is_time(dtype) or not _can_be_numbers(_column(frame, place))
    ]


def _column(frame: Any, place: int) -> np.ndarray:
    if hasattr(frame, "column_names"):
        return np.asarray(frame.column(place))
    return np.asarray(frame.iloc[:, place] if hasattr(frame, "iloc") else frame[:, place])


def _can_be_numbers(values: np.ndarray) -> bool:
    if values.dtype.kind == "c":
        return True  # refused with a message of its own
    if values.dtype.kind == "O":
        values = np.array([value for value in values if not is_missing(value)], dtype=object)
    try:
        values.astype(np.float64)
    except (TypeError, ValueError):
        return False
    return True


def check_no_missing_targets(y: Any) -> None:
    """Refuse None, NaN and NA among objects: scikit-learn sees NaN among numbers only.

    Raises
    ------
    ValueError
        If there is one.
    """
    if issparse(y) or not (isinstance(y, list | tuple) or hasattr(y, "__array__")):
        return
    values = np.asarray(y)
    if values.dtype.kind != "O" or set(map(type, values.ravel())) == {str}:
        return
    missing = [value for value in values.ravel() if is_missing(value)]
    if missing:
        raise ValueError(
            f"Input y contains missing values: {len(missing)} of {values.size}, such as"
            f" {missing[0]!r}. Leave those samples out."
        )
