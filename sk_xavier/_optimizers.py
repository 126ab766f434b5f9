"""Stochastic optimizers and learning-rate schedules.

An optimizer takes steps on the flat parameters. It owns its buffers; what must go on in
a later call to ``partial_fit`` is in `state`, a dictionary of arrays and numbers.
"""

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np

__all__ = ["SCHEDULES", "SGD", "Adam", "Optimizer", "Schedule"]


class Optimizer(ABC):
    """A rule for a step on flat parameters.

    Parameters
    ----------
    like : ndarray of shape (n_parameters,)
        An array like the parameters, for the buffers.
    learning_rate : float
        The step size; a `Schedule` may change it from epoch to epoch.
    """

    def __init__(self, like: np.ndarray, *, learning_rate: float) -> None:
        self.learning_rate = float(learning_rate)
        self._scratch = np.empty_like(like)

    @abstractmethod
    def inplace_step(self, theta: np.ndarray, grad: np.ndarray) -> None:
        """Move `theta` against the gradient; `grad` is used up as scratch."""

    @property
    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What the next step depends on, beside the parameters of the constructor."""


def _own(given: np.ndarray | None, like: np.ndarray) -> np.ndarray:
    """A copy of a saved state, or zeros where there is none."""
    return np.zeros_like(like) if given is None else given.astype(like.dtype)


class SGD(Optimizer):
    r"""Stochastic gradient descent with momentum.

    .. math:: v \leftarrow \mu v - \eta g, \qquad
              \theta \leftarrow \theta + \begin{cases} \mu v - \eta g & \text{Nesterov} \\
              v & \text{otherwise} \end{cases}

    References
    ----------
    Ilya Sutskever et al., "On the importance of initialization and momentum in deep
    learning", ICML 2013, in the form that scikit-learn uses.
    """

    def __init__(
        self,
        like: np.ndarray,
        *,
        learning_rate: float,
        momentum: float = 0.9,
        nesterov: bool = True,
        velocity: np.ndarray | None = None,
    ) -> None:
        super().__init__(like, learning_rate=learning_rate)
        self.momentum = float(momentum)
        self.nesterov = nesterov
        self._velocity = _own(velocity, like)

    def inplace_step(self, theta: np.ndarray, grad: np.ndarray) -> None:
        velocity, scratch = self._velocity, self._scratch
        grad *= self.learning_rate
        velocity *= self.momentum
        velocity -= grad
        if self.nesterov:
            np.multiply(velocity, self.momentum, out=scratch)
            scratch -= grad
            theta += scratch
        else:
            theta += velocity

    @property
    def state(self) -> dict[str, Any]:
        return {"velocity": self._velocity}


class Adam(Optimizer):
    r"""Adam: steps scaled by running estimates of the gradient's first two moments.

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
              v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \\
              \theta \leftarrow \theta - \eta
              \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \frac{m}{\sqrt{v} + \epsilon}

    References
    ----------
    Diederik P. Kingma and Jimmy Ba, "Adam: a method for stochastic optimization", ICLR
    2015: the efficient order of computation at the end of section 2.
    """

    def __init__(
        self,
        like: np.ndarray,
        *,
        learning_rate: float,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        first_moment: np.ndarray | None = None,
        second_moment: np.ndarray | None = None,
        n_steps: int = 0,
    ) -> None:
        super().__init__(like, learning_rate=learning_rate)
        self.beta_1 = float(beta_1)
        self.beta_2 = float(beta_2)
        self.epsilon = float(epsilon)
        self._m = _own(first_moment, like)
        self._v = _own(second_moment, like)
        self._n_steps = n_steps

    def inplace_step(self, theta: np.ndarray, grad: np.ndarray) -> None:
        m, v, scratch = self._m, self._v, self._scratch
        self._n_steps = t = self._n_steps + 1
        step_size = self.learning_rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)

        np.multiply(grad, 1 - self.beta_1, out=scratch)
        m *= self.beta_1
        m += scratch
        np.multiply(grad, grad, out=grad)
        grad *= 1 - self.beta_2
        v *= self.beta_2
        v += grad

        np.sqrt(v, out=scratch)
        scratch += self.epsilon
        np.divide(m, scratch, out=scratch)
        scratch *= step_size
        theta -= scratch

    @property
    def state(self) -> dict[str, Any]:
        return {"first_moment": self._m, "second_moment": self._v, "n_steps": self._n_steps}


class Schedule:
    """A constant learning rate; the base of the schedules.

    Parameters
    ----------
    learning_rate_init : float
        The learning rate at the start.
    power_t : float
        Exponent of `InverseScaling`.
    """

    def __init__(self, learning_rate_init: float, power_t: float) -> None:
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t

    def after_epoch(self, learning_rate: float, n_samples_seen: int) -> float:
        """The learning rate of the next epoch."""
        return learning_rate

    def after_plateau(self, learning_rate: float) -> float | None:
        """The learning rate to go on with where there was no progress; None to stop."""
        return None


class InverseScaling(Schedule):
    """``learning_rate_init / (t + 1) ** power_t`` after t samples."""

    def after_epoch(self, learning_rate: float, n_samples_seen: int) -> float:
        try:
            return float(self.learning_rate_init) / (n_samples_seen + 1) ** self.power_t
        except OverflowError:
            return 0.0


class Adaptive(Schedule):
    """A fifth of the learning rate at each plateau, until that is below 1e-6."""

    def after_plateau(self, learning_rate: float) -> float | None:
        return None if learning_rate <= 1e-6 else learning_rate / 5.0


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Schedule,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
}
"""The names of the schedules."""
