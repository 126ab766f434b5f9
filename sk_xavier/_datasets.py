"""Data for the command line: scikit-learn's toy data sets, and CSV files."""

import csv
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn import datasets

__all__ = ["TOY_DATASETS", "DataError", "Dataset", "load"]

TOY_DATASETS = {
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
}
"""The data sets that need no file."""

_MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?"))
"""What stands for a missing value in a CSV file, in lower case."""


class DataError(ValueError):
    """Data that cannot be used; its message is one line for the user."""


class Dataset(NamedTuple):
    """Samples and targets: labels (text or integers) or, for regression, floats."""

    name: str
    X: np.ndarray
    y: np.ndarray


def load(name: str, target: str | None = None, *, regression: bool = False) -> Dataset:
    """Load a toy data set by its name, or a CSV file by its path.

    Parameters
    ----------
    name : str
        One of `TOY_DATASETS`, or the path of a CSV file with a header line.
    target : str, default=None
        The column of the CSV file that holds the targets.
    regression : bool, default=False
        Whether integers are numbers to predict and not classes.

    Returns
    -------
    dataset : Dataset

    Raises
    ------
    DataError
        If there is no such data, or the file cannot be used; one line says what is wrong.
    """
    if name in TOY_DATASETS:
        if target is not None:
            raise DataError(f"--target is for CSV files; {name!r} is a data set with its own")
        X, y = TOY_DATASETS[name](return_X_y=True)
        return Dataset(name, X, y.astype(np.float64) if regression else y)
    path = Path(name)
    if not path.is_file():
        raise DataError(
            f"no data set or file {name!r}; the data sets are {', '.join(TOY_DATASETS)}"
        )
    dataset = _from_table(path.name, *_read_csv(path), target)
    if not regression:
        return dataset
    if dataset.y.dtype.kind not in "if":
        raise DataError(f"--regression needs numbers in column {target!r} of {path.name!r}")
    return dataset._replace(y=dataset.y.astype(np.float64))


def _read_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """Names of the columns, and rows as text; empty lines are passed over."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            first_line = file.readline()
            delimiter = max(",;\t", key=first_line.count)
            file.seek(0)
            rows = [row for row in csv.reader(file, delimiter=delimiter) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"cannot read {str(path)!r}: {error}") from error
    if len(rows) < 2:
        raise DataError(f"{str(path)!r} needs a header line and rows of data below it")
    header = [name.strip() for name in rows[0]]
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(header):
            raise DataError(
                f"row {number} of {str(path)!r} has {len(row)} fields; its header has {len(header)}"
            )
    return header, rows[1:]


def _from_table(name: str, header: list[str], rows: list[list[str]], target: str | None) -> Dataset:
    columns = ", ".join(header)
    if target is None:
        raise DataError(f"a CSV file needs --target COLUMN; the columns are {columns}")
    if header.count(target) != 1:
        problem = "no" if target not in header else "more than one"
        raise DataError(f"{name!r} has {problem} column {target!r}; the columns are {columns}")
    if len(header) < 2:
        raise DataError(f"{name!r} has no column beside the target {target!r}")
    values = [[row[i].strip() for row in rows] for i in range(len(header))]
    for column, texts in zip(header, values, strict=True):
        for number, text in enumerate(texts, start=1):
            if text.lower() in _MISSING:
                raise DataError(
                    f"column {column!r} of {name!r} has a missing value in row {number}; fill"
                    " such values in or leave the rows out"
                )
    place = header.index(target)
    features = [
        _numbers(name, column, texts)
        for i, (column, texts) in enumerate(zip(header, values, strict=True))
        if i != place
    ]
    return Dataset(name, np.column_stack(features), _targets(values[place]))


def _numbers(name: str, column: str, texts: list[str]) -> np.ndarray:
    for number, text in enumerate(texts, start=1):
        if not _is_number(text):
            raise DataError(
                f"column {column!r} of {name!r} is not numeric: row {number} has {text!r};"
                " encode it as numbers or leave it out"
            )
    return np.array([float(text) for text in texts])


def _targets(texts: list[str]) -> np.ndarray:
    """Integers where all are, floats where all are numbers, else the texts."""
    if not all(_is_number(text) for text in texts):
        return np.array(texts)
    numbers = np.array([float(text) for text in texts])
    are_integers = (numbers == np.rint(numbers)) & (np.abs(numbers) < 2**53)
    return numbers.astype(np.int64) if are_integers.all() else numbers


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
