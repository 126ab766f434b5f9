"""Training: epochs of mini-batches or L-BFGS, the history, and when to stop."""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np
from scipy.optimize import OptimizeResult, minimize
from sklearn.model_selection import train_test_split

from ._network import Network
from ._optimizers import Optimizer, Schedule
from ._samples import Samples
from ._symmetry import find_copies
from ._threads import single_threaded_scipy
from ._vectors import all_finite

__all__ = [
    "EpochSettings",
    "History",
    "LBFGSSettings",
    "TrainingInterrupted",
    "TrainingResult",
    "Validation",
    "hold_out",
    "train_epochs",
    "train_lbfgs",
]


class TrainingInterrupted(UserWarning):
    """Ctrl-C ended training early."""


class Validation(NamedTuple):
    """Held-out rows, and what scores raw predictions on them: higher is better."""

    rows: np.ndarray
    score: Callable[[np.ndarray, np.ndarray, np.ndarray | None], float]


@dataclass
class History:
    """Losses and scores of all epochs so far, and how long they have not improved."""

    loss_curve: list[float] = field(default_factory=list)
    validation_scores: list[float] | None = None
    best_loss: float | None = np.inf
    best_validation_score: float | None = None
    n_epochs_stalled: int = 0

    def __post_init__(self) -> None:
        self._n_losses_before = len(self.loss_curve)
        self._n_scores_before = len(self.validation_scores or ())

    @property
    def n_new_epochs(self) -> int:
        """Epochs recorded since this object was made."""
        return len(self.loss_curve) - self._n_losses_before

    def watch(self, *, validation: bool) -> None:
        """Follow the validation score, or else the loss, from now on."""
        if validation and self.validation_scores is None:
            self.validation_scores = []
            self.best_validation_score = -np.inf
            self.best_loss = None
        elif not validation and self.best_loss is None:
            self.validation_scores = self.best_validation_score = None
            self.best_loss = min(self.loss_curve, default=np.inf)

    def restart(self, score: float) -> None:
        """Compare with `score` from now on: that of the start on other validation samples."""
        self.best_validation_score = score
        self.n_epochs_stalled = 0

    def record(self, loss: float, score: float | None, tol: float) -> bool:
        """Add an epoch; tell whether it is the best so far, by its score or else its loss.

        A score of NaN is no better than any.
        """
        if self.validation_scores is None or score is None:
            best = np.inf if self.best_loss is None else self.best_loss
            stalled, improved = loss > best - tol, loss < best
            self.best_loss = min(loss, best)
        else:
            best = -np.inf if self.best_validation_score is None else self.best_validation_score
            stalled, improved = not score >= best + tol, score > best
            self.validation_scores.append(score)
            self.best_validation_score = score if improved else best
        self.n_epochs_stalled = self.n_epochs_stalled + 1 if stalled else 0
        self.loss_curve.append(loss)  # last: `drop_partial_epoch` counts on it
        return improved

    def drop_partial_epoch(self) -> None:
        """Forget the score of an epoch whose loss was not recorded: Ctrl-C came in between."""
        if self.validation_scores is not None:
            del self.validation_scores[self._n_scores_before + self.n_new_epochs :]


class TrainingResult(NamedTuple):
    """What one call of a training function learned.

    Attributes
    ----------
    theta : ndarray of shape (n_parameters,)
        The parameters to keep.
    loss : float
        The last epoch's or iteration's; inf where there was none.
    n_iter : int
        Epochs or iterations of this call.
    n_samples_seen : int
        Samples that they went through.
    order : ndarray or None
        The samples' order in the last epoch; None where they are taken as they stand.
    complaint : str or None
        Why training is not thought to have converged, where it is not.
    """

    theta: np.ndarray
    loss: float
    n_iter: int
    n_samples_seen: int = 0
    order: np.ndarray | None = None
    complaint: str | None = None


@dataclass(frozen=True)
class EpochSettings:
    """How epochs are run and when they end: the estimators' parameters of these names.

    `keeps_interrupted` says whether Ctrl-C ends training gently or is passed on.
    """

    max_iter: int
    batch_size: int
    shuffle: bool
    tol: float
    n_iter_no_change: float
    verbose: bool
    keeps_interrupted: bool = True


@dataclass(frozen=True)
class LBFGSSettings:
    """When L-BFGS ends: the estimators' parameters of these names."""

    max_iter: int
    max_fun: int
    tol: float
    verbose: bool


def hold_out(
    samples: Samples,
    validation_fraction: float,
    random_state: np.random.RandomState,
    *,
    stratify: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the rows to train on and of those to validate on.

    Raises
    ------
    ValueError
        If one of the parts would be too small, or have no weight.
    """
    try:
        train, held_out = train_test_split(
            np.arange(samples.n_samples),
            test_size=validation_fraction,
            random_state=random_state,
            stratify=stratify,
        )
    except ValueError as error:
        raise ValueError(
            "early_stopping cannot set samples aside with validation_fraction="
            f"{validation_fraction}: {error}"
        ) from error
    if len(held_out) < 2:
        raise ValueError(
            "The validation set is too small. Increase 'validation_fraction' or the size of your"
            f" dataset: validation_fraction={validation_fraction} of"
            f" {len(train) + len(held_out)} samples is {len(held_out)}."
        )
    weight = samples.sample_weight
    if weight is not None and not (weight[train].any() and weight[held_out].any()):
        raise ValueError(
            "early_stopping set only samples of weight 0 aside, or all others. Use fewer zero"
            " weights, or another validation_fraction or random_state."
        )
    return train, held_out


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
    """

    def __init__(
        self, network: Network, theta: np.ndarray, samples: Samples, optimizer: Optimizer
    ) -> None:
        self.network = network
        self.theta = theta
        self.samples = samples
        self.optimizer = optimizer
        self._grad = np.empty_like(theta)
        states = [value for value in optimizer.state.values() if isinstance(value, np.ndarray)]
        self._copies = find_copies(network, theta, *states)
        self._to_tie = [theta, *states]

    def run_epoch(self, order: np.ndarray | None, batch_size: int) -> float:
        """Step through the samples once, in `order` or as they stand; return the mean loss.

        That is the mean of the batches' losses, each before its step and weighted by its
        number of rows. A batch without any weight is left out.
        """
        samples, network = self.samples, self.network
        theta, grad = self.theta, self._grad
        n_samples = samples.n_samples if order is None else len(order)
        total, n_counted = 0.0, 0
        for start in range(0, n_samples, batch_size):
            stop = min(start + batch_size, n_samples)
            rows = slice(start, stop) if order is None else order[start:stop]
            if samples.sample_weight is not None and not samples.sample_weight[rows].any():
                continue
            loss, weight = network.data_loss_gradient(theta, samples, rows, grad)
            loss += self.optimizer.inplace_step(
                theta, grad, partial(network.inplace_penalize, theta, grad, weight)
            )
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
    history: History,
    random_state: np.random.RandomState,
    n_samples_seen: int = 0,
    order: np.ndarray | None = None,
    validation: Validation | None = None,
) -> TrainingResult:
    """Run epochs of mini-batches until there is no progress or `max_iter` is reached.

    Parameters
    ----------
    theta : ndarray of shape (n_parameters,)
        Where to start; trained in place.
    samples : Samples
        X is an array or a CSR matrix.
    optimizer, schedule, history : Optimizer, Schedule, History
        They carry the state of earlier epochs, and go on from there.
    random_state : RandomState instance
        Shuffles the samples.
    n_samples_seen : int, default=0
        Samples gone through in earlier epochs.
    order : ndarray of shape (n_rows,), default=None
        Numbers of the rows to train on, in the order of the epoch before; shuffled in
        place. None stands for all rows.
    validation : Validation, default=None
        What to stop on, instead of the training loss; the best parameters are kept.

    Returns
    -------
    result : TrainingResult

    Raises
    ------
    ValueError
        If training diverged.
    """
    if order is None and settings.shuffle:
        order = np.arange(samples.n_samples)
    n_samples = samples.n_samples if order is None else len(order)
    engine = _Engine(network, theta, samples, optimizer)
    progress = _Progress(engine, settings, schedule, history, validation, n_samples_seen)
    complaint = None
    try:
        for epoch in range(1, settings.max_iter + 1):
            if settings.shuffle and order is not None:
                random_state.shuffle(order)
            loss = engine.run_epoch(order, settings.batch_size)
            _check_finite(loss, theta, f"epoch {epoch}", "use a smaller learning_rate_init")
            if progress.stops_after(epoch, loss, n_samples):
                break
        else:
            complaint = _NOT_CONVERGED.format(settings.max_iter)
    except KeyboardInterrupt:
        if not settings.keeps_interrupted:
            raise
        history.drop_partial_epoch()
        if progress.best_theta is theta:
            _check_finite(0.0, theta, "the epoch that was interrupted")
        warnings.warn("Training interrupted by user.", TrainingInterrupted, stacklevel=2)
    n_iter = history.n_new_epochs
    loss = history.loss_curve[-1] if history.loss_curve else np.inf
    return TrainingResult(progress.best_theta, loss, n_iter, n_iter * n_samples, order, complaint)


@dataclass
class _Progress:
    """What follows an epoch: its score, the history, the best parameters, the learning rate."""

    engine: _Engine
    settings: EpochSettings
    schedule: Schedule
    history: History
    validation: Validation | None
    n_samples_seen: int

    def __post_init__(self) -> None:
        self.history.watch(validation=self.validation is not None)
        self.best_theta = self.engine.theta
        if self.validation is not None:
            self.best_theta = self.best_theta.copy()
            if self.history.validation_scores:
                self.history.restart(_score(self.engine, self.validation))

    def stops_after(self, epoch: int, loss: float, n_samples: int) -> bool:
        """Record an epoch, set the learning rate of the next; True if there should be none."""
        engine, settings, optimizer = self.engine, self.settings, self.engine.optimizer
        score = None
        if self.validation is not None:
            score = _score(engine, self.validation)
        if self.history.record(loss, score, settings.tol) and self.validation is not None:
            self.best_theta[:] = engine.theta
        self.n_samples_seen += n_samples
        optimizer.learning_rate = self.schedule.after_epoch(
            optimizer.learning_rate, self.n_samples_seen
        )
        if settings.verbose:
            _print_epoch(epoch, loss, score)
        is_plateau = self.history.n_epochs_stalled > settings.n_iter_no_change
        return is_plateau and not _go_on_from_plateau(
            optimizer, self.schedule, self.history, settings
        )


def _score(engine: _Engine, validation: Validation) -> float:
    """The validation score of the network as it is; NaN where its predictions are not finite."""
    network, samples, rows = engine.network, engine.samples, validation.rows
    raw = network.raw_predictions(network.views(engine.theta), samples.X, rows)
    if not all_finite(raw):
        return np.nan
    return validation.score(raw, samples.y[rows], samples.weights(rows))


def _go_on_from_plateau(
    optimizer: Optimizer, schedule: Schedule, history: History, settings: EpochSettings
) -> bool:
    """Where there was no progress, stop, or go on with another learning rate."""
    what = "Training loss" if history.validation_scores is None else "Validation score"
    message = (
        f"{what} did not improve more than tol={settings.tol:f} for"
        f" {settings.n_iter_no_change} consecutive epochs."
    )
    learning_rate = schedule.after_plateau(optimizer.learning_rate)
    if learning_rate is None:
        if settings.verbose:
            print(message, schedule.farewell)
        return False
    optimizer.learning_rate = learning_rate
    history.n_epochs_stalled = 0
    if settings.verbose:
        print(message, f"Setting learning rate to {learning_rate:f}")
    return True


def train_lbfgs(
    network: Network,
    theta: np.ndarray,
    samples: Samples,
    *,
    settings: LBFGSSettings,
    history: History,
) -> TrainingResult:
    """Minimize the loss over all samples with SciPy's L-BFGS-B.

    Parameters
    ----------
    theta : ndarray of shape (n_parameters,)
        Where to start; left as it is.
    samples : Samples
        X is an array or a CSR matrix.
    settings : LBFGSSettings
        When to end.
    history : History
        Gets the loss after each iteration.

    Returns
    -------
    result : TrainingResult

    Raises
    ------
    ValueError
        If the loss or the parameters stopped being finite.
    """
    history.watch(validation=False)
    problem = _LBFGSProblem(network, theta, samples, settings, history)
    complaint = None
    try:
        with single_threaded_scipy():
            found = minimize(
                problem.loss_gradient,
                problem.accepted.copy(),
                method="L-BFGS-B",
                jac=True,
                callback=problem.after_iteration,
                options={
                    "maxiter": settings.max_iter,
                    "maxfun": settings.max_fun,
                    "gtol": settings.tol,
                },
            )
        learned, loss = problem.tied(found.x), float(found.fun)
        _check_finite(loss, learned, f"iteration {found.nit}")
        complaint = _lbfgs_complaint(found, settings)
        if found.nit == 0:
            history.best_loss = loss if history.best_loss is None else min(loss, history.best_loss)
    except KeyboardInterrupt:
        warnings.warn("Training interrupted by user.", TrainingInterrupted, stacklevel=2)
        learned = problem.tied(problem.accepted)
        loss = history.loss_curve[-1] if history.loss_curve else np.inf
    n_iter = history.n_new_epochs
    return TrainingResult(learned, loss, n_iter, n_iter * samples.n_samples, complaint=complaint)


class _LBFGSProblem:
    """What SciPy minimizes, and what is noted on the way."""

    def __init__(
        self,
        network: Network,
        theta: np.ndarray,
        samples: Samples,
        settings: LBFGSSettings,
        history: History,
    ) -> None:
        self.network = network
        self.samples = samples
        self.settings = settings
        self.history = history
        self.accepted = theta.astype(np.float64)
        self._theta = theta.copy()
        self._grad = np.empty_like(theta)
        self._copies = find_copies(network, theta)
        self._loss = np.inf

    def loss_gradient(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        # SciPy keeps and overwrites the arrays that pass here: neither side may hold the
        # other's.
        self._theta[:] = x
        self._loss = self.network.loss_gradient(
            self._theta, self.samples, self.samples.all_rows(), self._grad
        )
        if self._copies is not None:
            self._copies.inplace_tie(self._grad)
        return self._loss, self._grad.astype(np.float64)

    def after_iteration(self, x: np.ndarray) -> None:
        # The line search accepts the point that it evaluated last: `_loss` is its loss.
        self.accepted[:] = x
        self.history.record(self._loss, None, self.settings.tol)
        if self.settings.verbose:
            _print_epoch(self.history.n_new_epochs, self._loss, None)

    def tied(self, x: np.ndarray) -> np.ndarray:
        """Parameters in the network's type, with copies of units exactly equal."""
        theta = x.astype(self.network.dtype)
        if self._copies is not None:
            self._copies.inplace_tie(theta)
        return theta


def _lbfgs_complaint(found: OptimizeResult, settings: LBFGSSettings) -> str | None:
    if found.status == 0:
        return None
    advice = "scale the data, for example with StandardScaler"
    if found.nit >= settings.max_iter:
        advice = f"increase max_iter (now {settings.max_iter}), or " + advice
    return (
        f"lbfgs failed to converge after {found.nit} iteration(s) (status={found.status}):"
        f" {found.message}. You might want to {advice}."
    )


def _print_epoch(epoch: int, loss: float, score: float | None) -> None:
    print(f"Iteration {epoch}, loss = {loss:.8f}")
    if score is not None:
        print(f"Validation score: {score:f}")


def _check_finite(loss: float, theta: np.ndarray, when: str, advice: str = "") -> None:
    if math.isfinite(loss) and all_finite(theta):
        return
    what = f"the loss became {loss}" if not np.isfinite(loss) else "weights became infinite or NaN"
    raise ValueError(
        f"Training diverged: {what} in {when}. Scale X (and y) to zero mean and unit variance,"
        f" for example with StandardScaler, {advice + ', ' if advice else ''}or start from smaller"
        " weights, for example init='glorot_uniform'."
    )
