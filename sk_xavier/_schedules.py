"""Learning-rate schedules: what the rate is from epoch to epoch, or from step to step."""

import math
from typing import ClassVar

__all__ = ["SCHEDULES", "Constant", "Schedule"]


class Schedule:
    """A rule for the learning rate; the base of all.

    Parameters
    ----------
    learning_rate_init : float
        The learning rate at the start, or the highest one.
    """

    every_solver: ClassVar[bool] = False
    """Whether it is for all stochastic solvers, or as in scikit-learn for 'sgd' alone."""

    has_horizon: ClassVar[bool] = False
    """Whether it needs to know how long training will take: see `at`."""

    warmup: float = 0.0
    """The part of all steps in which the rate rises, and little progress is no plateau."""

    farewell: ClassVar[str] = "Stopping."
    """What is printed where `after_plateau` ends training."""

    def __init__(self, learning_rate_init: float) -> None:
        self.learning_rate_init = float(learning_rate_init)

    def at(self, progress: float) -> float:
        """The learning rate when this part of all steps, from 0 to 1, is done."""
        raise NotImplementedError(f"{type(self).__name__} does not look at the progress.")

    def after_epoch(self, learning_rate: float, n_samples_seen: int) -> float:
        """The learning rate of the next epoch."""
        return learning_rate

    def after_plateau(self, learning_rate: float) -> float | None:
        """The learning rate to go on with where there was no progress; None to stop."""
        return None


class Constant(Schedule):
    """The same learning rate throughout."""


class InverseScaling(Schedule):
    """``learning_rate_init / (t + 1) ** power_t`` after t samples."""

    def __init__(self, learning_rate_init: float, power_t: float) -> None:
        super().__init__(learning_rate_init)
        self.power_t = power_t

    def after_epoch(self, learning_rate: float, n_samples_seen: int) -> float:
        try:
            return self.learning_rate_init / (n_samples_seen + 1) ** self.power_t
        except OverflowError:
            return 0.0


class Adaptive(Schedule):
    """A fifth of the learning rate at each plateau, until that is below 1e-6."""

    farewell = "Learning rate too small. Stopping."

    def after_plateau(self, learning_rate: float) -> float | None:
        return None if learning_rate <= 1e-6 else learning_rate / 5.0


class _Annealing(Schedule):
    r"""A warm-up from one rate to the highest, and half a cosine down to the last.

    With :math:`p` the part of all steps that is done and :math:`w` the warm-up's part,

    .. math:: \eta(p) = \begin{cases}
              \eta_0 + (\eta_1 - \eta_0) \, u(p / w) & p < w \\
              \eta_2 + (\eta_1 - \eta_2) \,
              \frac{1}{2} \left(1 + \cos \pi \frac{p - w}{1 - w}\right) & p \ge w
              \end{cases}

    where :math:`\eta_1` is `learning_rate_init` and :math:`u` rises from 0 to 1.
    """

    every_solver = True
    has_horizon = True

    default_warmup: ClassVar[float]
    """What stands for a `warmup_fraction` of None."""

    _first: ClassVar[float]
    """The rate at the start of the warm-up, as a part of the highest."""

    _last: ClassVar[float]
    """The rate at the very end, likewise."""

    def __init__(self, learning_rate_init: float, warmup_fraction: float | None) -> None:
        super().__init__(learning_rate_init)
        self.warmup = self.default_warmup if warmup_fraction is None else float(warmup_fraction)

    def _rise(self, done: float) -> float:
        return done

    def at(self, progress: float) -> float:
        if progress < self.warmup:
            part = self._first + (1.0 - self._first) * self._rise(progress / self.warmup)
        else:
            done = min((progress - self.warmup) / (1.0 - self.warmup), 1.0)
            part = self._last + (1.0 - self._last) * _half_cosine(done)
        return self.learning_rate_init * part


def _half_cosine(done: float) -> float:
    """From 1 to 0, slowly at both ends."""
    return 0.5 * (1.0 + math.cos(math.pi * done))


class Cosine(_Annealing):
    """A straight warm-up from 0, if any, and half a cosine down to 0.

    References
    ----------
    Ilya Loshchilov and Frank Hutter, "SGDR: stochastic gradient descent with warm restarts",
    ICLR 2017, equation 5, without restarts.
    """

    default_warmup = 0.0
    _first, _last = 0.0, 0.0


class OneCycle(_Annealing):
    """Half a cosine up from 1/25 of the highest rate, and half a cosine down to 1/250,000.

    References
    ----------
    Leslie N. Smith and Nicholay Topin, "Super-convergence: very fast training of neural
    networks using large learning rates", 2018; with the cosines, and by default the fractions,
    of PyTorch's ``OneCycleLR``. The momentum is left as it is.
    """

    default_warmup = 0.3
    _first, _last = 1 / 25, 1 / 25 / 1e4

    def _rise(self, done: float) -> float:
        return 1.0 - _half_cosine(done)


SCHEDULES: dict[str, type[Schedule]] = {
    "constant": Constant,
    "invscaling": InverseScaling,
    "adaptive": Adaptive,
    "cosine": Cosine,
    "one_cycle": OneCycle,
}
"""The names of the schedules."""
