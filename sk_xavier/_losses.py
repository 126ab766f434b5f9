"""Losses with their links.

Conventions
-----------
A loss takes the network's raw predictions (logits), of shape
``(n_samples, n_outputs)``, and owns the inverse link that turns them into
predictions: nothing is clipped, and log-probabilities stay finite. Targets come
encoded: floats of the same shape as the raw predictions, except that
`MultinomialLogLoss` takes the class codes, integers of shape ``(n_samples,)``.
Losses and gradients are weighted sums over samples, with a `sample_weight` of shape
``(n_samples,)``: means, where the weights add up to one.
"""

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from scipy.special import expit, log_expit, xlogy

__all__ = [
    "BinaryLogLoss",
    "HalfPoissonLoss",
    "HalfSquaredError",
    "Loss",
    "MultinomialLogLoss",
]


_LOG_ROWS = 10_000
"""How many rows become log-probabilities at a time."""


class Loss(ABC):
    """A loss per sample, its gradient and its inverse link."""

    link: ClassVar[str]
    """Name of the inverse link, published as ``out_activation_``."""

    order: ClassVar[Literal["C", "F"]] = "C"
    """The memory layout of the raw predictions that `inplace_gradient` takes: C or Fortran."""

    @abstractmethod
    def inplace_inverse_link(self, raw: np.ndarray) -> None:
        """Turn raw predictions into predictions."""

    def inplace_log_inverse_link(self, raw: np.ndarray) -> None:
        """Turn raw predictions into logarithms of probabilities."""
        raise NotImplementedError(f"{type(self).__name__} predicts no probabilities.")

    @abstractmethod
    def inplace_gradient(self, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        """Replace `raw` by the gradient of the weighted sum of losses; return that sum."""


@lru_cache(maxsize=8)
def _numbers(n: int) -> np.ndarray:
    """0 to n - 1; made once, as every batch asks for it."""
    numbers = np.arange(n)
    numbers.flags.writeable = False
    return numbers


def _weighted_sum(values: np.ndarray, sample_weight: np.ndarray) -> float:
    """Sum of `values` of shape (n_samples, ...), each row times its weight."""
    per_sample = values if values.ndim == 1 else np.add.reduce(values, axis=1)
    return float(np.dot(sample_weight, per_sample))


class HalfSquaredError(Loss):
    r"""Half the squared error, averaged over the outputs.

    .. math:: \ell = \frac{1}{2K} \sum_k (r_k - y_k)^2
    """

    link = "identity"

    def inplace_inverse_link(self, raw: np.ndarray) -> None:
        """Y = r."""

    def inplace_gradient(self, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        n_outputs = raw.shape[1]
        raw -= y
        loss = _weighted_sum(raw * raw, sample_weight) / (2 * n_outputs)
        raw *= sample_weight[:, np.newaxis]
        if n_outputs > 1:
            raw /= n_outputs
        return loss


class HalfPoissonLoss(Loss):
    r"""Half the Poisson deviance, summed over the outputs, with the log link.

    .. math:: \ell = \sum_k y_k \log y_k - y_k - y_k r_k + e^{r_k}
    """

    link = "exp"

    def inplace_inverse_link(self, raw: np.ndarray) -> None:
        np.exp(raw, out=raw)

    def inplace_gradient(self, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        loss = xlogy(y, y)
        loss -= y
        loss -= y * raw
        np.exp(raw, out=raw)
        loss += raw
        raw -= y
        raw *= sample_weight[:, np.newaxis]
        return _weighted_sum(loss, sample_weight)


class BinaryLogLoss(Loss):
    r"""Logistic loss of each output by itself, summed: binary and multilabel targets.

    .. math:: \ell = \sum_k \log(1 + e^{r_k}) - y_k r_k

    with `y` 0 or 1.
    """

    link = "logistic"

    def inplace_inverse_link(self, raw: np.ndarray) -> None:
        expit(raw, out=raw)

    def inplace_log_inverse_link(self, raw: np.ndarray) -> None:
        log_expit(raw, out=raw)

    def inplace_gradient(self, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        # As y is 0 or 1, the loss is -log expit(r) or -log expit(-r): nothing cancels.
        log_likelihood = 2.0 * y
        log_likelihood -= 1.0
        log_likelihood *= raw
        log_expit(log_likelihood, out=log_likelihood)
        expit(raw, out=raw)
        raw -= y
        raw *= sample_weight[:, np.newaxis]
        return -_weighted_sum(log_likelihood, sample_weight)


class MultinomialLogLoss(Loss):
    r"""Cross-entropy of the softmax over the outputs: one class of several.

    .. math:: \ell = \log \sum_k e^{r_k} - r_y

    `y` holds the codes of the classes, integers of shape ``(n_samples,)``.
    """

    link = "softmax"
    order = "F"  # for the maximum and the sum over the classes

    def inplace_inverse_link(self, raw: np.ndarray) -> None:
        raw -= raw.max(axis=1, keepdims=True)
        np.exp(raw, out=raw)
        raw /= raw.sum(axis=1, keepdims=True)

    def inplace_log_inverse_link(self, raw: np.ndarray) -> None:
        raw -= raw.max(axis=1, keepdims=True)
        for start in range(0, len(raw), _LOG_ROWS):  # the exponentials take as much memory
            rows = raw[start : start + _LOG_ROWS]
            rows -= np.log(np.exp(rows).sum(axis=1, keepdims=True))
        np.maximum(raw, np.finfo(raw.dtype).min, out=raw)  # where the largest is huge

    def inplace_gradient(self, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        if not raw.flags.f_contiguous:
            raise ValueError("raw must be in Fortran order.")
        by_class = raw.T
        entries = by_class.reshape(-1)  # a view, in which one index is enough
        of_class = y * len(y)
        of_class += _numbers(len(y))

        by_class -= np.maximum.reduce(by_class, axis=0)
        log_likelihood = entries[of_class]
        np.exp(by_class, out=by_class)
        normalizer = np.add.reduce(by_class, axis=0)
        log_likelihood -= np.log(normalizer)
        by_class *= sample_weight / normalizer
        entries[of_class] -= sample_weight
        return -float(sample_weight.dot(log_likelihood))
