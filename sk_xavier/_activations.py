"""Activation functions of hidden layers.

Conventions: pre-activations, outputs and deltas are float arrays of shape
``(n_samples, n_units)``; every function works in place.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

__all__ = ["ACTIVATIONS", "Activation"]


@dataclass(frozen=True)
class Activation:
    """A hidden layer's function, its derivative, and how weights into it should start.

    Parameters
    ----------
    name : str
        The value of the estimators' `activation`.
    inplace_forward : callable
        ``inplace_forward(z)`` turns pre-activations into outputs.
    inplace_backward : callable
        ``inplace_backward(output, delta)`` multiplies `delta` by the derivative,
        taken from the output alone. It may use `output` up as scratch.
    gain : float
        The factor on the weights' standard deviation that keeps the variance of a
        deep network's signals: PyTorch's ``calculate_gain``.
    start : str
        The name of the initializer that the literature recommends, for
        ``init="auto"``.
    start_gain : float, default=1.0
        The gain that goes with `start`.
    asymptotes : tuple of (float, float), default=None
        Between which outputs lie, where the function saturates at both.
    can_die : bool, default=False
        Whether an output of 0 means that the derivative is 0, as with rectifiers.
    """

    name: str
    inplace_forward: Callable[[np.ndarray], None]
    inplace_backward: Callable[[np.ndarray, np.ndarray], None]
    gain: float
    start: str
    start_gain: float = 1.0
    asymptotes: tuple[float, float] | None = None
    can_die: bool = False


def _inplace_identity(z: np.ndarray) -> None:
    """f(z) = z."""


def _inplace_identity_backward(output: np.ndarray, delta: np.ndarray) -> None:
    """f'(z) = 1."""


def _inplace_logistic(z: np.ndarray) -> None:
    """f(z) = 1 / (1 + exp(-z))."""
    expit(z, out=z)


def _inplace_logistic_backward(output: np.ndarray, delta: np.ndarray) -> None:
    """f'(z) = f (1 - f)."""
    delta *= output
    np.subtract(1.0, output, out=output)
    delta *= output


def _inplace_tanh(z: np.ndarray) -> None:
    """f(z) = tanh(z)."""
    np.tanh(z, out=z)


def _inplace_tanh_backward(output: np.ndarray, delta: np.ndarray) -> None:
    """f'(z) = 1 - f^2."""
    np.multiply(output, output, out=output)
    np.subtract(1.0, output, out=output)
    delta *= output


def _inplace_relu(z: np.ndarray) -> None:
    """f(z) = max(0, z)."""
    # With a row of zeros NumPy takes half as long in float32 as with the number.
    np.maximum(z, np.zeros(z.shape[1], z.dtype), out=z)


def _inplace_relu_backward(output: np.ndarray, delta: np.ndarray) -> None:
    """f'(z) = 1 where f > 0, else 0."""
    # Ten times as fast as an assignment under a mask, whose branches no processor foresees.
    delta *= output > 0.0


ACTIVATIONS: dict[str, Activation] = {
    activation.name: activation
    for activation in (
        Activation(
            "identity",
            _inplace_identity,
            _inplace_identity_backward,
            gain=1.0,
            start="glorot_uniform",
        ),
        # Glorot and Bengio assume a slope of 1 at zero. The logistic function's is
        # 1/4, hence the factor of 4 (Theano's deep learning tutorial).
        Activation(
            "logistic",
            _inplace_logistic,
            _inplace_logistic_backward,
            gain=1.0,
            start="glorot_uniform",
            start_gain=4.0,
            asymptotes=(0.0, 1.0),
        ),
        Activation(
            "tanh",
            _inplace_tanh,
            _inplace_tanh_backward,
            gain=5.0 / 3.0,
            start="glorot_uniform",
            asymptotes=(-1.0, 1.0),
        ),
        Activation(
            "relu",
            _inplace_relu,
            _inplace_relu_backward,
            gain=2.0**0.5,
            start="he_normal",
            can_die=True,
        ),
    )
}
