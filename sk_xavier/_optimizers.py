"""Stochastic optimizers.

An optimizer takes steps on the flat parameters. It owns its buffers; what must go on in
a later call to ``partial_fit`` is in `state`, a dictionary of arrays and numbers.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ._vectors import vector_operations

__all__ = ["SGD", "Adam", "AdamW", "Optimizer", "RMSprop"]


_UNDIVIDED = 2**19
"""Longer vectors, which no cache holds, are stepped through part by part."""

_PART = 2**15
"""How many entries a part has."""


PartLoss = Callable[[slice], float]
"""Completes the gradient of a part of the parameters, and returns a loss of that part."""


def _nothing(part: slice) -> float:
    return 0.0


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
        n_part = _PART if len(like) > _UNDIVIDED else max(len(like), 1)
        self._parts = [slice(i, i + n_part) for i in range(0, max(len(like), 1), n_part)]
        self._scale, self._add_scaled = vector_operations(like.dtype, n_part)

    @abstractmethod
    def inplace_step(
        self, theta: np.ndarray, grad: np.ndarray, complete: PartLoss = _nothing
    ) -> float:
        """Move `theta` against the gradient `grad`.

        Long vectors are stepped through part by part, so that a part stays in the cache
        meanwhile. What else is to be done with the gradient is done to each part before its
        step, by `complete`; the sum of what that returned is returned.
        """

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

    def inplace_step(
        self, theta: np.ndarray, grad: np.ndarray, complete: PartLoss = _nothing
    ) -> float:
        loss = 0.0
        for part in self._parts:
            loss += complete(part)
            velocity, x, g = self._velocity[part], theta[part], grad[part]
            self._scale(self.momentum, velocity)
            self._add_scaled(g, velocity, a=-self.learning_rate)
            if self.nesterov:
                self._add_scaled(velocity, x, a=self.momentum)
                self._add_scaled(g, x, a=-self.learning_rate)
            else:
                x += velocity
        return loss

    @property
    def state(self) -> dict[str, Any]:
        return {"velocity": self._velocity}


class Adam(Optimizer):
    r"""Adam: steps scaled by running estimates of the gradient's first two moments.

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \qquad
              v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \\
              \theta \leftarrow \theta - \eta
              \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t} \frac{m}{\sqrt{v} + \epsilon}

    The state holds the moments without their constant factors, :math:`m / (1 - \beta_1)` and
    :math:`v / (1 - \beta_2)`, which saves two passes over the gradient; the factors are put
    into :math:`\eta` and :math:`\epsilon`.

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
        gradients: np.ndarray | None = None,
        squares: np.ndarray | None = None,
        n_steps: int = 0,
        betas: Sequence[float] | None = None,
    ) -> None:
        super().__init__(like, learning_rate=learning_rate)
        self.beta_1 = float(beta_1)
        self.beta_2 = float(beta_2)
        self.epsilon = float(epsilon)
        self._m = _own(gradients, like)
        self._v = _own(squares, like)
        if betas is not None:  # those of the saved state: another factor was left out of it
            self._m *= (1 - betas[0]) / (1 - self.beta_1)
            self._v *= (1 - betas[1]) / (1 - self.beta_2)
        self._n_steps = n_steps
        scratch = np.empty(self._parts[0].stop, like.dtype)
        self._buffers = []
        for part in self._parts:
            m, v = self._m[part], self._v[part]
            self._buffers.append((part, m, v, scratch[: len(m)]))

    def inplace_step(
        self, theta: np.ndarray, grad: np.ndarray, complete: PartLoss = _nothing
    ) -> float:
        self._n_steps = t = self._n_steps + 1
        std_factor = math.sqrt(1 - self.beta_2)
        step_size = self.learning_rate * math.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)

        step_size *= (1 - self.beta_1) / std_factor
        epsilon = self.epsilon / std_factor
        loss = 0.0
        for part, m, v, scratch in self._buffers:
            loss += complete(part)
            x, g = theta[part], grad[part]
            self._scale(self.beta_1, m)
            m += g
            np.multiply(g, g, out=scratch)
            self._scale(self.beta_2, v)
            v += scratch

            np.sqrt(v, out=scratch)
            scratch += epsilon
            np.divide(m, scratch, out=scratch)
            self._add_scaled(scratch, x, a=-step_size)
        return loss

    @property
    def state(self) -> dict[str, Any]:
        return {
            "gradients": self._m,
            "squares": self._v,
            "n_steps": self._n_steps,
            "betas": [self.beta_1, self.beta_2],
        }


class AdamW(Adam):
    r"""Adam, with weights that decay by themselves, whatever the gradient and its scale.

    .. math:: w \leftarrow (1 - \eta \lambda) w

    before each of Adam's steps, for weights and not for biases.

    Parameters
    ----------
    weight_decay : float, default=0.01
        The rate of decay :math:`\lambda`.
    n_decayed : int, default=None
        How many parameters decay: the first ones. None for all.

    References
    ----------
    Ilya Loshchilov and Frank Hutter, "Decoupled weight decay regularization", ICLR 2019,
    algorithm 2, with the learning rate in the decay as in PyTorch.
    """

    def __init__(
        self,
        like: np.ndarray,
        *,
        weight_decay: float = 0.01,
        n_decayed: int | None = None,
        **adam: Any,
    ) -> None:
        super().__init__(like, **adam)
        self.weight_decay = float(weight_decay)
        self._n_decayed = len(like) if n_decayed is None else n_decayed

    def inplace_step(
        self, theta: np.ndarray, grad: np.ndarray, complete: PartLoss = _nothing
    ) -> float:
        kept = 1.0 - self.learning_rate * self.weight_decay

        def complete_and_decay(part: slice) -> float:
            loss = complete(part)
            if part.start < self._n_decayed:
                self._scale(kept, theta[part.start : min(part.stop, self._n_decayed)])
            return loss

        return super().inplace_step(theta, grad, complete_and_decay)


class RMSprop(Optimizer):
    r"""Steps scaled by a running average of the squared gradient.

    .. math:: v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \qquad
              \theta \leftarrow \theta - \eta \frac{g}{\sqrt{v} + \epsilon}

    References
    ----------
    Tijmen Tieleman and Geoffrey Hinton, "Lecture 6.5: rmsprop", Coursera, 2012, with the
    :math:`\epsilon` of PyTorch.
    """

    def __init__(
        self,
        like: np.ndarray,
        *,
        learning_rate: float,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        squares: np.ndarray | None = None,
    ) -> None:
        super().__init__(like, learning_rate=learning_rate)
        self.beta_2 = float(beta_2)
        self.epsilon = float(epsilon)
        self._v = _own(squares, like)
        self._scratch = np.empty(self._parts[0].stop, like.dtype)

    def inplace_step(
        self, theta: np.ndarray, grad: np.ndarray, complete: PartLoss = _nothing
    ) -> float:
        loss = 0.0
        for part in self._parts:
            loss += complete(part)
            g, v = grad[part], self._v[part]
            scratch = self._scratch[: len(v)]
            np.multiply(g, g, out=scratch)
            self._scale(self.beta_2, v)
            self._add_scaled(scratch, v, a=1.0 - self.beta_2)
            np.sqrt(v, out=scratch)
            scratch += self.epsilon
            np.divide(g, scratch, out=scratch)
            self._add_scaled(scratch, theta[part], a=-self.learning_rate)
        return loss

    @property
    def state(self) -> dict[str, Any]:
        return {"squares": self._v}
