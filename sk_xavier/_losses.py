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
    "AbsoluteError",
    "BinaryLogLoss",
    "HalfGammaLoss",
    "HalfPoissonLoss",
    "HalfSquaredError",
    "HuberLoss",
    "Loss",
    "MultinomialLogLoss",
    "QuantileLoss",
]


_LOG_ROWS = 10_000
"""How many rows become log-probabilities at a time."""


class Loss(ABC):
    """A loss per sample, its gradient and its inverse link."""

    link: ClassVar[str]
    """Name of the inverse link, published as ``out_activation_``."""

    domain: ClassVar[str] = "any number"
    """Which targets it takes, where these are numbers; see `accepts`."""

    is_its_own_score: ClassVar[bool] = False
    """Whether predictions are to be judged by this loss, as neither accuracy nor R² would do."""

    order: ClassVar[Literal["C", "F"]] = "C"
    """The memory layout of the raw predictions that `inplace_gradient` takes: C or Fortran."""

    def accepts(self, y: np.ndarray) -> bool:
        """Whether all targets, finite numbers, are in the loss's `domain`."""
        return True

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


class _OfResiduals(Loss):
    """A function of each output's residual r - y, averaged over the K outputs."""

    link = "identity"

    _factor: ClassVar[float] = 1.0
    """What the losses of `_inplace_derivative` are to be multiplied by."""

    def inplace_inverse_link(self, raw: np.ndarray) -> None:
        """Y = r."""

    @abstractmethod
    def _inplace_derivative(self, residual: np.ndarray) -> np.ndarray:
        """Replace residuals by the derivatives of their losses; return these losses."""

    def inplace_gradient(self, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        n_outputs = raw.shape[1]
        raw -= y
        losses = self._inplace_derivative(raw)
        raw *= sample_weight[:, np.newaxis]
        if n_outputs > 1:
            raw /= n_outputs
        return self._factor * _weighted_sum(losses, sample_weight) / n_outputs


class HalfSquaredError(_OfResiduals):
    r"""Half the squared error, averaged over the outputs.

    .. math:: \ell = \frac{1}{2K} \sum_k (r_k - y_k)^2
    """

    _factor = 0.5

    def _inplace_derivative(self, residual: np.ndarray) -> np.ndarray:
        return residual * residual


class AbsoluteError(_OfResiduals):
    r"""The absolute error, averaged over the outputs: its minimum is the median.

    .. math:: \ell = \frac{1}{K} \sum_k |r_k - y_k|
    """

    def _inplace_derivative(self, residual: np.ndarray) -> np.ndarray:
        losses = np.abs(residual)
        np.sign(residual, out=residual)
        return losses


class HuberLoss(_OfResiduals):
    r"""Half the squared error of residuals up to `delta`, linear beyond, averaged over outputs.

    .. math:: \ell = \frac{1}{K} \sum_k c_k \left(e_k - \frac{c_k}{2}\right), \qquad
              e_k = r_k - y_k, \quad c_k = \min(\max(e_k, -\delta), \delta)

    References
    ----------
    Peter J. Huber, "Robust estimation of a location parameter", Annals of Mathematical
    Statistics 35, 1964.
    """

    def __init__(self, delta: float = 1.0) -> None:
        self.delta = delta

    def _inplace_derivative(self, residual: np.ndarray) -> np.ndarray:
        clipped = np.clip(residual, -self.delta, self.delta)
        losses = residual - 0.5 * clipped
        losses *= clipped
        residual[...] = clipped
        return losses


class QuantileLoss(_OfResiduals):
    r"""The pinball loss, averaged over the outputs: its minimum is the quantile q.

    .. math:: \ell = \frac{1}{K} \sum_k \max(q (y_k - r_k), (1 - q) (r_k - y_k))

    References
    ----------
    Roger Koenker and Gilbert Bassett, "Regression quantiles", Econometrica 46, 1978.
    """

    is_its_own_score = True

    def __init__(self, quantile: float = 0.5) -> None:
        self.quantile = quantile

    def _inplace_derivative(self, residual: np.ndarray) -> np.ndarray:
        losses = residual.copy()
        below, above = np.array([-self.quantile, 1.0 - self.quantile], residual.dtype)
        residual[...] = np.where(residual > 0.0, above, below)
        losses *= residual
        return losses


class _Deviance(Loss):
    """Half a deviance, with the log link."""

    link = "exp"

    def inplace_inverse_link(self, raw: np.ndarray) -> None:
        np.exp(raw, out=raw)


class HalfPoissonLoss(_Deviance):
    r"""Half the Poisson deviance, summed over the outputs, with the log link.

    .. math:: \ell = \sum_k y_k \log y_k - y_k - y_k r_k + e^{r_k}
    """

    domain = "y >= 0"

    def accepts(self, y: np.ndarray) -> bool:
        return not (y < 0).any()

    def inplace_gradient(self, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        loss = xlogy(y, y)
        loss -= y
        loss -= y * raw
        np.exp(raw, out=raw)
        loss += raw
        raw -= y
        raw *= sample_weight[:, np.newaxis]
        return _weighted_sum(loss, sample_weight)


class HalfGammaLoss(_Deviance):
    r"""Half the gamma deviance, averaged over the outputs, with the log link.

    .. math:: \ell = \frac{1}{K} \sum_k d_k + e^{-d_k} - 1, \qquad d_k = r_k - \log y_k
    """

    domain = "y > 0"

    def accepts(self, y: np.ndarray) -> bool:
        return bool((y > 0).all())

    def inplace_gradient(self, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        n_outputs = raw.shape[1]
        raw -= np.log(y)
        losses = raw.copy()
        np.negative(raw, out=raw)
        np.expm1(raw, out=raw)
        losses += raw
        raw *= (sample_weight / -n_outputs)[:, np.newaxis]
        return _weighted_sum(losses, sample_weight) / n_outputs


class _LogLoss(Loss):
    """Base of the losses of classes.

    Parameters
    ----------
    label_smoothing : float, default=0.0
        The part of each target, in [0, 1), that is shared out evenly among the classes.

    References
    ----------
    Christian Szegedy et al., "Rethinking the Inception architecture for computer vision", CVPR
    2016, section 7, for label smoothing.
    """

    def __init__(self, label_smoothing: float = 0.0) -> None:
        self.label_smoothing = label_smoothing


class BinaryLogLoss(_LogLoss):
    r"""Logistic loss of each output by itself, summed: binary and multilabel targets.

    .. math:: \ell = \sum_k \log(1 + e^{r_k}) - \left((1 - \epsilon) y_k +
              \frac{\epsilon}{2}\right) r_k

    with `y` 0 or 1 and label smoothing :math:`\epsilon`.
    """

    link = "logistic"

    def inplace_inverse_link(self, raw: np.ndarray) -> None:
        expit(raw, out=raw)

    def inplace_log_inverse_link(self, raw: np.ndarray) -> None:
        log_expit(raw, out=raw)

    def inplace_gradient(self, raw: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> float:
        # As y is 0 or 1, the loss is -log expit(r) or -log expit(-r): nothing cancels.
        sign = 2.0 * y
        sign -= 1.0
        log_likelihood = sign * raw
        smoothed = None
        if self.label_smoothing:
            smoothed = log_likelihood * (0.5 * self.label_smoothing)
        log_expit(log_likelihood, out=log_likelihood)
        expit(raw, out=raw)
        raw -= y
        if smoothed is not None:
            log_likelihood -= smoothed
            sign *= 0.5 * self.label_smoothing
            raw += sign
        raw *= sample_weight[:, np.newaxis]
        return -_weighted_sum(log_likelihood, sample_weight)


class MultinomialLogLoss(_LogLoss):
    r"""Cross-entropy of the softmax over the outputs: one class of several.

    .. math:: \ell = \log \sum_k e^{r_k} - (1 - \epsilon) r_y - \frac{\epsilon}{K} \sum_k r_k

    `y` holds the codes of the classes, integers of shape ``(n_samples,)``;
    :math:`\epsilon` is the label smoothing.
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
        smoothing = self.label_smoothing

        by_class -= np.maximum.reduce(by_class, axis=0)
        log_likelihood = entries[of_class]
        if smoothing:
            log_likelihood *= 1.0 - smoothing
            log_likelihood += by_class.mean(axis=0) * smoothing
        np.exp(by_class, out=by_class)
        normalizer = np.add.reduce(by_class, axis=0)
        log_likelihood -= np.log(normalizer)
        by_class *= sample_weight / normalizer
        if smoothing:
            by_class -= sample_weight * (smoothing / len(by_class))
            entries[of_class] -= sample_weight * (1.0 - smoothing)
        else:
            entries[of_class] -= sample_weight
        return -float(sample_weight.dot(log_likelihood))
