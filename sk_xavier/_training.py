"""What all solvers share: the history, what follows an epoch or iteration, and the result."""

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from ._callbacks import FitTask
from ._network import Network
from ._progress import ProgressLines
from ._validation import Validation
from ._vectors import all_finite

__all__ = ["History", "Monitor", "TrainingInterrupted", "TrainingResult", "check_finite"]


class TrainingInterrupted(UserWarning):
    """Ctrl-C ended training early."""


@dataclass
class History:
    """Losses, scores and learning rates of all epochs so far, and how long there was no progress.

    `validation_loss_curve` and `validation_scores` are None where nothing is validated, and
    `best_loss` is where the score decides when to stop.
    """

    loss_curve: list[float] = field(default_factory=list)
    validation_loss_curve: list[float] | None = None
    validation_scores: list[float] | None = None
    learning_rate_curve: list[float] = field(default_factory=list)
    best_loss: float | None = np.inf
    best_validation_score: float | None = None
    n_epochs_stalled: int = 0

    def __post_init__(self) -> None:
        self.stops_on_score = False
        self._lengths_before = [len(curve or ()) for curve in self._curves()]

    def _curves(self) -> tuple[list[float] | None, ...]:
        return (
            self.loss_curve,
            self.validation_loss_curve,
            self.validation_scores,
            self.learning_rate_curve,
        )

    @property
    def n_new_epochs(self) -> int:
        """Epochs recorded since this object was made."""
        return len(self.loss_curve) - self._lengths_before[0]

    def watch(self, *, validation: bool, stops_on_score: bool = False) -> None:
        """Record validation or not, and stop on its score or else on the loss, from now on."""
        self.stops_on_score = stops_on_score
        if not validation:
            self.validation_loss_curve = self.validation_scores = None
            self.best_validation_score = None
        elif self.validation_scores is None:
            self.validation_loss_curve, self.validation_scores = [], []
            self.best_validation_score = -np.inf
        if stops_on_score:
            self.best_loss = None
        elif self.best_loss is None:
            self.best_loss = min(self.loss_curve, default=np.inf)

    def restart(self, score: float) -> None:
        """Compare with `score` from now on: that of the start on other validation samples."""
        self.best_validation_score = -np.inf if np.isnan(score) else score
        self.n_epochs_stalled = 0

    def record(
        self,
        loss: float,
        validated: tuple[float, float] | None,
        tol: float,
        learning_rate: float | None = None,
    ) -> bool:
        """Add an epoch; tell whether it is the best so far, by its score or else its loss.

        `validated` is the loss and the score of the validation set. A score of NaN is no
        better than any.
        """
        stalled = improved = False
        if self.best_loss is not None:
            stalled, improved = loss > self.best_loss - tol, loss < self.best_loss
            self.best_loss = min(loss, self.best_loss)
        if validated is not None:
            validation_loss, score = validated
            best = -np.inf if self.best_validation_score is None else self.best_validation_score
            if self.stops_on_score:
                stalled, improved = not score >= best + tol, score > best
            if self.validation_loss_curve is not None:
                self.validation_loss_curve.append(validation_loss)
            if self.validation_scores is not None:
                self.validation_scores.append(score)
            self.best_validation_score = score if score > best else best
        if learning_rate is not None:
            self.learning_rate_curve.append(learning_rate)
        self.n_epochs_stalled = self.n_epochs_stalled + 1 if stalled else 0
        self.loss_curve.append(loss)  # last: `drop_partial_epoch` counts on it
        return improved

    def drop_partial_epoch(self) -> None:
        """Forget what is noted of an epoch without its loss: Ctrl-C came in between."""
        n_new = self.n_new_epochs
        for curve, n_before in zip(self._curves(), self._lengths_before, strict=True):
            if curve is not None:
                del curve[n_before + n_new :]


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


@dataclass
class Monitor:
    """What precedes and follows each epoch or iteration, whatever the solver.

    Parameters
    ----------
    network : Network
        What is trained.
    history : History
        Carries what was recorded earlier, and gets what is recorded now.
    tol : float
        Progress less than this counts as none.
    validation : Validation, default=None
        What is evaluated after each epoch.
    stops_on_score : bool, default=False
        Whether the best parameters on it are kept, and no progress on it ends training.
    lines : ProgressLines, default=None
        Prints a line for each epoch.
    task : FitTask, default=None
        Calls the callbacks.
    """

    network: Network
    history: History
    tol: float
    validation: Validation | None = None
    stops_on_score: bool = False
    lines: ProgressLines | None = None
    task: FitTask | None = None

    def __post_init__(self) -> None:
        self.wants_stop = False
        """Whether a callback has asked to stop."""
        if self.task is not None and not self.task.has_callbacks:
            self.task = None

    def start(self, theta: np.ndarray) -> None:
        """Take `theta`, or a copy where that is needed, as the best parameters so far."""
        history = self.history
        history.watch(validation=self.validation is not None, stops_on_score=self.stops_on_score)
        self.best_theta = theta.copy() if self.stops_on_score else theta
        if self.validation is not None and self.stops_on_score and history.validation_scores:
            history.restart(self.validation.evaluate(self.network, theta)[1])
        elif self.validation is not None:
            history.best_validation_score = -np.inf

    @property
    def found_no_score(self) -> bool:
        """Whether training was to stop on a score, and there was none to compare."""
        history = self.history
        best = history.best_validation_score
        return self.stops_on_score and history.n_new_epochs > 0 and best == -np.inf

    def begin_epoch(self, theta: np.ndarray) -> None:
        """Tell the callbacks that an epoch begins."""
        if self.task is not None:
            self.task.begin_epoch(theta)

    def end_epoch(self, theta: np.ndarray, loss: float, learning_rate: float | None = None) -> None:
        """Validate, record, keep the best, and print."""
        validated = None
        if self.validation is not None:
            validated = self.validation.evaluate(self.network, theta)
        improved = self.history.record(loss, validated, self.tol, learning_rate)
        if self.stops_on_score and improved:
            self.best_theta[:] = theta
        if self.lines is not None:
            self.lines.print_epoch(loss, validated, learning_rate)

    def tell_callbacks(self, theta: np.ndarray) -> None:
        """Tell the callbacks that an epoch has ended, once all is as the next will find it."""
        if self.task is not None:
            self.wants_stop |= self.task.end_epoch(theta)

    def say_plateau(self, n_iter_no_change: float, consequence: str) -> None:
        """Print that there was no progress and what follows, where epochs are printed."""
        if self.lines is not None:
            what = "Validation score" if self.stops_on_score else "Training loss"
            print(
                f"{what} did not improve more than tol={self.tol:f} for"
                f" {n_iter_no_change} consecutive {self.lines.unit.lower()}s.",
                consequence,
            )


def check_finite(loss: float, theta: np.ndarray, when: str, advice: str = "") -> None:
    if math.isfinite(loss) and all_finite(theta):
        return
    what = f"the loss became {loss}" if not np.isfinite(loss) else "weights became infinite or NaN"
    raise ValueError(
        f"Training diverged: {what} in {when}. Scale X (and y) to zero mean and unit variance,"
        f" for example with StandardScaler, {advice + ', ' if advice else ''}or start from smaller"
        " weights, for example init='glorot_uniform'."
    )
