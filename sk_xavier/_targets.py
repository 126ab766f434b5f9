"""Encode targets for the losses: class labels, label indicators and numbers."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.multiclass import type_of_target, unique_labels

from ._losses import (
    AbsoluteError,
    BinaryLogLoss,
    HalfGammaLoss,
    HalfPoissonLoss,
    HalfSquaredError,
    HuberLoss,
    Loss,
    MultinomialLogLoss,
    QuantileLoss,
)
from ._vectors import all_finite

__all__ = [
    "LINKS",
    "POSITIVE_LOSSES",
    "REGRESSION_LOSSES",
    "Target",
    "check_classes",
    "encode_classes",
    "encode_numbers",
    "regression_loss",
]

LINKS: dict[str, Callable[[], Loss]] = {
    "identity": HalfSquaredError,
    "exp": HalfPoissonLoss,
    "logistic": BinaryLogLoss,
    "softmax": MultinomialLogLoss,
}
"""A loss with the link of each ``out_activation_``."""

REGRESSION_LOSSES: dict[str, tuple[Any, dict[str, str]]] = {
    "squared_error": (HalfSquaredError, {}),
    "absolute_error": (AbsoluteError, {}),
    "huber": (HuberLoss, {"delta": "huber_delta"}),
    "quantile": (QuantileLoss, {"quantile": "quantile"}),
    "poisson": (HalfPoissonLoss, {}),
    "gamma": (HalfGammaLoss, {}),
}
"""The regressor's choices of `loss`, with the estimator's parameters that theirs come from."""


POSITIVE_LOSSES = tuple(
    name for name, (loss, _) in REGRESSION_LOSSES.items() if loss.domain != Loss.domain
)
"""Those whose targets must not be negative."""


def regression_loss(estimator: Any) -> Loss:
    """The loss of a regressor."""
    loss, parameters = REGRESSION_LOSSES[estimator.loss]
    return loss(**{ours: getattr(estimator, name) for ours, name in parameters.items()})


class Target(NamedTuple):
    """Encoded targets, their loss, and the fitted attributes that describe them.

    `strata` are the labels that a split must share out fairly; None where any split will do.
    """

    y: np.ndarray
    loss: Loss
    n_outputs: int
    attributes: dict[str, Any]
    strata: np.ndarray | None = None


def check_classes(known: np.ndarray | None, classes: Any, y: Any) -> np.ndarray:
    """The classes of a `partial_fit`, from its argument and from earlier calls.

    For label indicators, 0 and 1 stand for whatever columns there are: scikit-learn's
    `learning_curve` passes ``np.unique(y)``.

    Raises
    ------
    ValueError
        If neither tells them, or they disagree.
    """
    if classes is None:
        if known is None:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return known
    classes = unique_labels(classes)
    if y.ndim == 2 and np.array_equal(classes, [0, 1]):
        return np.arange(y.shape[1]) if known is None else known
    if known is not None and not np.array_equal(known, classes):
        raise ValueError(
            f"`classes={classes}` is not the same as on last call to partial_fit, was: {known}"
        )
    return classes


def encode_classes(
    y: Any,
    dtype: np.dtype,
    *,
    known: np.ndarray | None = None,
    was_multilabel: bool | None = None,
    needs_all: bool = False,
    label_smoothing: float = 0.0,
) -> Target:
    """Encode class labels or label indicators.

    Parameters
    ----------
    y : {ndarray, sparse matrix} of shape (n_samples,) or (n_samples, n_labels)
        Labels, or indicators 0 and 1.
    dtype : data-type
        Type of the network.
    known : ndarray of shape (n_classes,), default=None
        The sorted classes; None to find them in `y`.
    was_multilabel : bool, default=None
        Whether the network was built for label indicators; None where there is none yet.
    needs_all : bool, default=False
        Whether `y` must have all known classes.
    label_smoothing : float, default=0.0
        That of the loss.

    Returns
    -------
    target : Target

    Raises
    ------
    ValueError
        If `y` has no labels, label indicators without 0, other classes than the known
        ones, or one class only.
    """
    kind = type_of_target(y, input_name="y")
    if kind not in ("binary", "multiclass", "multilabel-indicator"):
        raise ValueError(
            f"Unknown label type: {kind}. y must hold class labels, or label indicators of shape"
            " (n_samples, n_labels); for numbers, use XavierMLPRegressor."
        )
    is_multilabel = kind == "multilabel-indicator"
    if was_multilabel is not None and is_multilabel != was_multilabel:
        needed = "label indicators" if was_multilabel else "class labels in one dimension"
        raise ValueError(
            f"y must hold {needed}, as in the first call. Got an array of shape {y.shape}."
        )
    if is_multilabel:
        return _encode_indicators(y, dtype, known, BinaryLogLoss(label_smoothing))
    classes = _check_labels(unique_labels(y), known, needs_all)
    codes = np.searchsorted(classes, y)
    attributes = {"classes_": classes, "_sparse_labels": False}
    if len(classes) == 2:
        indicators = codes.astype(dtype)[:, np.newaxis]
        return Target(indicators, BinaryLogLoss(label_smoothing), 1, attributes, y)
    return Target(codes, MultinomialLogLoss(label_smoothing), len(classes), attributes)


def _encode_indicators(y: Any, dtype: np.dtype, known: np.ndarray | None, loss: Loss) -> Target:
    n_labels = y.shape[1]
    if known is not None and not np.array_equal(known, np.arange(n_labels)):
        raise ValueError(
            f"y has {n_labels} columns of label indicators, whose classes are their numbers from 0"
            f" to {n_labels - 1}, but the classes of earlier calls or of `classes` are {known}."
        )
    attributes = {"classes_": np.arange(n_labels), "_sparse_labels": issparse(y)}
    indicators = y.toarray() if issparse(y) else y
    values = np.unique(indicators)
    if len(values) == 2 and 0 not in values:
        raise ValueError(
            f"Label indicators must be 0 for a label that a sample does not have. Got {values}."
        )
    indicators = (indicators != 0).astype(dtype)
    return Target(indicators, loss, n_labels, attributes)


def _check_labels(labels: np.ndarray, known: np.ndarray | None, needs_all: bool) -> np.ndarray:
    """The classes, where the labels of `y` agree with them."""
    classes = labels if known is None else known
    if needs_all and set(labels) != set(classes):
        raise ValueError(
            "warm_start can only be used where `y` has the same classes as in the previous call"
            f" to fit. Previously got {classes}, `y` has {labels}."
        )
    if len(np.setdiff1d(labels, classes)):
        raise ValueError(
            f"`y` has classes not in `self.classes_`. `self.classes_` has {classes}. `y` has"
            f" {labels}."
        )
    if len(classes) < 2:
        raise ValueError(
            "The number of classes has to be greater than one; got"
            f" {len(classes)} class: {classes}."
        )
    return classes


def encode_numbers(
    y: Any, dtype: np.dtype, *, loss: Loss, name: str, n_outputs: int | None = None
) -> Target:
    """Encode numbers as a matrix of floats.

    Parameters
    ----------
    y : {ndarray, sparse matrix} of shape (n_samples,) or (n_samples, n_outputs)
        Finite numbers.
    dtype : data-type
        Type of the network.
    loss : Loss
        Their loss.
    name : str
        What the estimator calls it.
    n_outputs : int, default=None
        The number of outputs that the network was built for; None where there is none yet.

    Returns
    -------
    target : Target

    Raises
    ------
    ValueError
        If these are dates, a number is out of the loss's range or the type's, or there are
        more or fewer outputs than the network has.
    """
    if y.dtype.kind in "mM":
        raise ValueError(f"y must hold numbers, got an array of {y.dtype}.")
    with np.errstate(over="ignore"):
        targets = (y.toarray() if issparse(y) else y).astype(dtype)
    if targets.ndim == 1:
        targets = targets[:, np.newaxis]
    if not all_finite(targets):
        raise ValueError(f"Input y contains a value too large for {np.dtype(dtype).name}.")
    if n_outputs is not None and targets.shape[1] != n_outputs:
        raise ValueError(
            f"y has {targets.shape[1]} outputs, but the network was built for {n_outputs}."
        )
    if not loss.accepts(targets):
        raise ValueError(f"loss={name!r} needs {loss.domain}. Got targets down to {targets.min()}.")
    return Target(targets, loss, targets.shape[1], {})
