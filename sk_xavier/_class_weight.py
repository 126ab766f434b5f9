"""From `class_weight` to factors on the sample weights."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

import numpy as np

__all__ = ["class_weight_factors"]


def class_weight_factors(
    class_weight: Any,
    codes: np.ndarray,
    classes: np.ndarray,
    sample_weight: np.ndarray | None,
) -> np.ndarray:
    """What each sample's weight is multiplied by.

    Parameters
    ----------
    class_weight : 'balanced', dict or list of dict
        Weights by class, 1 where a class has none. With label indicators a list with one
        dictionary a label, whose keys are 0 and 1; the factors of all labels are multiplied.
    codes : ndarray of int of shape (n_samples,) or (n_samples, n_labels)
        Numbers of the classes, or indicators.
    classes : ndarray of shape (n_classes,)
        The classes by these numbers.
    sample_weight : ndarray of shape (n_samples,) or None
        What 'balanced' counts the samples by.

    Returns
    -------
    factors : ndarray of float64 of shape (n_samples,)

    Raises
    ------
    ValueError
        If the weights do not fit the classes, or one is no finite number of at least 0.
    """
    if codes.ndim == 1:
        if isinstance(class_weight, list):
            raise ValueError(
                "class_weight must be 'balanced' or a dictionary from classes to weights where y"
                f" holds class labels; lists are for label indicators. Got {class_weight!r}."
            )
        return _by_class(class_weight, codes, classes.tolist(), sample_weight)[codes]
    n_labels = codes.shape[1]
    if isinstance(class_weight, dict):
        raise ValueError(
            "class_weight must be 'balanced' or a list with one dictionary for each label where y"
            f" holds label indicators. Got {class_weight!r}."
        )
    if class_weight != "balanced" and len(class_weight) != n_labels:
        raise ValueError(
            f"class_weight must have one dictionary for each of the {n_labels} labels. Got"
            f" {len(class_weight)} entries: {class_weight!r}."
        )
    factors = np.ones(len(codes))
    for i in range(n_labels):
        weights = class_weight if isinstance(class_weight, str) else class_weight[i]
        factors *= _by_class(weights, codes[:, i], [0, 1], sample_weight)[codes[:, i]]
    return factors


def _by_class(
    class_weight: Any, codes: np.ndarray, classes: Sequence[Any], sample_weight: np.ndarray | None
) -> np.ndarray:
    """A weight for each class."""
    if isinstance(class_weight, str):
        counts = np.bincount(codes, weights=sample_weight, minlength=len(classes)).astype(float)
        present = counts > 0
        weights = np.zeros(len(classes))
        weights[present] = counts.sum() / (present.sum() * counts[present])
        return weights
    if not isinstance(class_weight, dict):
        raise ValueError(f"class_weight must hold dictionaries. Got {class_weight!r}.")
    missing = [label for label in classes if label not in class_weight]
    if missing and len(classes) - len(missing) < len(class_weight):
        unknown = [label for label in class_weight if label not in classes]
        raise ValueError(
            f"class_weight has weights for {unknown}, which are not among the classes {classes},"
            f" and none for {missing}."
        )
    for label, weight in class_weight.items():
        if not isinstance(weight, Real) or not 0.0 <= float(weight) < np.inf:
            raise ValueError(
                "class_weight must hold finite numbers of at least 0. Got"
                f" {weight!r} for class {label!r}."
            )
    return np.array([float(class_weight.get(label, 1.0)) for label in classes])
