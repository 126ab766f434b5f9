"""Training by epochs of mini-batches."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from ._dropout import Dropout
from ._network import Network
from ._optimizers import Optimizer
from ._samples import Samples
from ._schedules import Schedule
from ._symmetry import find_copies
from ._training import Monitor, TrainingInterrupted, TrainingResult, check_finite
from ._vectors import inplace_clip_norm
from ._warnings import warn_caller

__all__ = ["EpochSettings", "train_epochs"]


@dataclass(frozen=True)
class EpochSettings:
    """How epochs are run and when they end: the estimators' parameters of these names.

    `n_epochs` is how many this call may run, `n_epochs_before` how many of the same training
    came before it, and `max_iter` how many there are to be in all, for schedules.
    `keeps_interrupted` says whether Ctrl-C ends training gently or is passed on.
    """

    n_epochs: int
    max_iter: int
    batch_size: int
    shuffle: bool
    n_iter_no_change: float
    max_grad_norm: float | None = None
    n_epochs_before: int = 0
    keeps_interrupted: bool = True


class _Engine:
    """Takes whole epochs of mini-batches; owns the gradient.

    Parameters
    ----------
    network : Network
        What is trained.
    theta : ndarray of shape (n_parameters,)
        Its parameters, which steps change in place.
    samples : Samples
        What to train on.
    optimizer : Optimizer
        What takes the steps.
    dropout : Dropout, default=None
        What leaves hidden outputs out.
    max_grad_norm : float, default=None
        The largest norm that gradients keep.
    """

    def __init__(
        self,
        network: Network,
        theta: np.ndarray,
        samples: Samples,
        optimizer: Optimizer,
        dropout: Dropout | None = None,
        max_grad_norm: float | None = None,
    ) -> None:
        self.network = network
        self.theta = theta
        self.samples = samples
        self.optimizer = optimizer
        self.dropout = dropout
        self.max_grad_norm = max_grad_norm
        self._grad = np.empty_like(theta)
        states = [value for value in optimizer.state.values() if isinstance(value, np.ndarray)]
        told_apart = () if dropout is None else np.flatnonzero(dropout.rates)
        self._copies = find_copies(network, theta, *states, told_apart=told_apart)
        self._to_tie = [theta, *states]

    def run_epoch(
        self,
        order: np.ndarray | None,
        batch_size: int,
        rate_at: Callable[[float], float] | None = None,
    ) -> float:
        """Step through the samples once, in `order` or as they stand; return the mean loss.

        That is the mean of the batches' losses, each before its step and weighted by its
        number of rows. A batch without any weight is left out. ``rate_at(done)`` is the
        learning rate when that part of the epoch is done; None keeps the optimizer's.
        """
        samples, network, optimizer = self.samples, self.network, self.optimizer
        theta, grad = self.theta, self._grad
        n_samples = samples.n_samples if order is None else len(order)
        total, n_counted = 0.0, 0
        for start in range(0, n_samples, batch_size):
            stop = min(start + batch_size, n_samples)
            rows = slice(start, stop) if order is None else order[start:stop]
            if samples.sample_weight is not None and not samples.sample_weight[rows].any():
                continue
            loss, weight = network.data_loss_gradient(theta, samples, rows, grad, self.dropout)
            if rate_at is not None:
                optimizer.learning_rate = rate_at(start / n_samples)
            if self.max_grad_norm is None:
                loss += optimizer.inplace_step(
                    theta, grad, partial(network.inplace_penalize, theta, grad, weight)
                )
            else:  # the norm is that of the whole gradient
                loss += network.inplace_penalize(theta, grad, weight, slice(0, len(theta)))
                inplace_clip_norm(grad, self.max_grad_norm)
                optimizer.inplace_step(theta, grad)
            if self._copies is not None:
                for vector in self._to_tie:
                    self._copies.inplace_tie(vector)
            total += loss * (stop - start)
            n_counted += stop - start
        return total / n_counted


_NOT_CONVERGED = (
    "Stochastic Optimizer: Maximum iterations ({}) reached and the optimization hasn't converged"
    " yet."
)


def train_epochs(
    network: Network,
    theta: np.ndarray,
    samples: Samples,
    *,
    settings: EpochSettings,
    optimizer: Optimizer,
    schedule: Schedule,
    monitor: Monitor,
    random_state: np.random.RandomState,
    n_samples_seen: int = 0,
    order: np.ndarray | None = None,
    dropout: Dropout | None = None,
) -> TrainingResult:
    """Run epochs of mini-batches until there is no progress or enough of them.

    Parameters
    ----------
    theta : ndarray of shape (n_parameters,)
        Where to start; trained in place.
    samples : Samples
        X is an array or a CSR matrix.
    optimizer, schedule : Optimizer, Schedule
        They carry the state of earlier epochs, and go on from there.
    monitor : Monitor
        Follows the epochs, and keeps the best parameters where it is to.
    random_state : RandomState instance
        Shuffles the samples.
    n_samples_seen : int, default=0
        Samples gone through in earlier epochs.
    order : ndarray of shape (n_rows,), default=None
        Numbers of the rows to train on, in the order of the epoch before; shuffled in
        place where `settings` say so. None stands for all rows as they stand.
    dropout : Dropout, default=None
        What leaves hidden outputs out.

    Returns
    -------
    result : TrainingResult

    Raises
    ------
    ValueError
        If training diverged.
    """
    n_samples = samples.n_samples if order is None else len(order)
    engine = _Engine(network, theta, samples, optimizer, dropout, settings.max_grad_norm)
    history, complaint = monitor.history, None
    monitor.start(theta)
    try:
        for epoch in range(1, settings.n_epochs + 1):
            if settings.shuffle and order is not None:
                random_state.shuffle(order)
            _run_epoch(engine, order, epoch, settings, schedule, monitor)
            optimizer.learning_rate = schedule.after_epoch(
                optimizer.learning_rate, n_samples_seen + epoch * n_samples
            )
            goes_on = _goes_on(optimizer, schedule, monitor, settings)
            monitor.tell_callbacks(theta)
            if monitor.wants_stop or not goes_on:
                break
        else:
            complaint = _complaint(schedule, settings)
    except KeyboardInterrupt:
        if not settings.keeps_interrupted:
            raise
        history.drop_partial_epoch()
        if monitor.best_theta is theta:
            check_finite(0.0, theta, "the epoch that was interrupted")
        warn_caller("Training interrupted by user.", TrainingInterrupted)
    n_iter = history.n_new_epochs
    loss = history.loss_curve[-1] if history.loss_curve else np.inf
    return TrainingResult(monitor.best_theta, loss, n_iter, n_iter * n_samples, order, complaint)


def _complaint(schedule: Schedule, settings: EpochSettings) -> str | None:
    """What to warn of after the last epoch: a schedule that was to run to its end has done so."""
    is_done = schedule.has_horizon and np.isinf(settings.n_iter_no_change)
    return None if is_done else _NOT_CONVERGED.format(settings.max_iter)


def _run_epoch(
    engine: _Engine,
    order: np.ndarray | None,
    epoch: int,
    settings: EpochSettings,
    schedule: Schedule,
    monitor: Monitor,
) -> None:
    """One epoch of this call, counted from 1, and what precedes and follows it."""
    theta, optimizer = engine.theta, engine.optimizer
    monitor.begin_epoch(theta)
    rate_at = _rates(schedule, settings, epoch) if schedule.has_horizon else None
    rate = optimizer.learning_rate if rate_at is None else rate_at(0.0)
    loss = engine.run_epoch(order, settings.batch_size, rate_at)
    check_finite(loss, theta, f"epoch {epoch}", "use a smaller learning_rate_init")
    monitor.end_epoch(theta, loss, rate)
    if settings.n_epochs_before + epoch <= schedule.warmup * settings.max_iter:
        monitor.history.n_epochs_stalled = 0


def _rates(schedule: Schedule, settings: EpochSettings, epoch: int) -> Callable[[float], float]:
    """The learning rate by the part of this epoch that is done."""
    n_before = settings.n_epochs_before + epoch - 1
    return lambda done: schedule.at(min((n_before + done) / settings.max_iter, 1.0))


def _goes_on(
    optimizer: Optimizer, schedule: Schedule, monitor: Monitor, settings: EpochSettings
) -> bool:
    """Where there was no progress, stop, or go on with another learning rate."""
    if monitor.history.n_epochs_stalled <= settings.n_iter_no_change:
        return True
    learning_rate = schedule.after_plateau(optimizer.learning_rate)
    if learning_rate is None:
        monitor.say_plateau(settings.n_iter_no_change, schedule.farewell)
        return False
    optimizer.learning_rate = learning_rate
    monitor.history.n_epochs_stalled = 0
    monitor.say_plateau(settings.n_iter_no_change, f"Setting learning rate to {learning_rate:f}")
    return True
