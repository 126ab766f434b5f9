"""From a validated call and the estimator's parameters to training, whatever the solver."""

import math
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import is_regressor

from ._callbacks import FitTask
from ._continuation import OPTIMIZERS, make_schedule
from ._dropout import Dropout
from ._epochs import EpochSettings, train_epochs
from ._lbfgs import LBFGSSettings, train_lbfgs
from ._optimizers import Optimizer
from ._parameters import LOSS_SCORING, dropout_rates
from ._progress import ProgressLines
from ._run import Run, snapshot, with_weights
from ._samples import Rows, Samples
from ._schedules import Constant, Schedule
from ._sklearn_compat import safe_indexing
from ._training import Monitor, TrainingResult, check_finite
from ._validation import Score, Validation, hold_out, score_by
from ._warnings import warn_caller

__all__ = ["own_validation", "solve", "unit"]


def unit(estimator: Any) -> str:
    """What is counted while training."""
    return "epoch" if estimator.solver in OPTIMIZERS else "iteration"


def own_validation(
    estimator: Any, run: Run, X_val: Any, y_val: Any, sample_weight_val: Any
) -> Validation:
    """The validation set that was passed, if it is of the kind of the training set.

    Raises
    ------
    ValueError
        If it is not.
    """
    try:
        X, y, weights = estimator._validate_data(X_val, y_val, sample_weight_val, run.network.dtype)
        samples = Samples(X, estimator._encode_more(y, run.target).y, weights)
    except ValueError as error:
        raise ValueError(
            f"The validation set (X_val, y_val, sample_weight_val) cannot be used: {error}"
        ) from error
    is_by_r2 = estimator.scoring is None and not run.network.loss.is_its_own_score
    if is_by_r2 and is_regressor(estimator) and samples.n_samples < 2:
        raise ValueError(
            "The validation set (X_val, y_val) has 1 sample, and R² needs 2 or more: pass more, or"
            " set scoring='loss'."
        )
    rows = samples.all_rows()
    return Validation(samples, rows, _make_score(estimator, run, samples, rows, y))


def _set_aside(estimator: Any, run: Run) -> tuple[np.ndarray, Validation]:
    """Numbers of the rows to train on, and the others to validate on."""
    samples = run.samples
    strata = _strata(estimator, run)
    train, held_out = hold_out(
        samples, estimator.validation_fraction, run.random_state, stratify=strata
    )
    held_out = np.sort(held_out)
    y = safe_indexing(run.y, held_out)
    return train, Validation(samples, held_out, _make_score(estimator, run, samples, held_out, y))


def _strata(estimator: Any, run: Run) -> np.ndarray | None:
    """The labels that the samples set aside share out fairly.

    As in scikit-learn, binary targets are stratified, and for the default score no others.
    Other scores may need samples of every class: they get them where there are enough.
    """
    target, codes = run.target, run.target.y
    if target.strata is not None or estimator.scoring is None or codes.ndim > 1:
        return target.strata
    n_held_out = math.ceil(estimator.validation_fraction * len(codes))
    counts = np.bincount(codes)
    counts = counts[counts > 0]
    has_enough = len(counts) <= min(n_held_out, len(codes) - n_held_out) and counts.min() > 1
    return codes if has_enough else None


def _make_score(estimator: Any, run: Run, samples: Samples, rows: Rows, y: Any) -> Score:
    """What `scoring` says, for some rows of `samples` with the targets `y`."""
    scoring, weights = estimator.scoring, samples.weights(rows)
    if scoring == LOSS_SCORING or (scoring is None and run.network.loss.is_its_own_score):
        return lambda theta, raw, loss: -loss
    if scoring is None:
        encoded, loss = samples.y[rows], run.network.loss
        return lambda theta, raw, _: estimator._score_raw(loss, raw, encoded, weights)
    score = score_by(estimator, partial(with_weights, estimator, run), samples.X[rows], y, weights)
    score(run.theta, np.empty(0), np.nan)  # what it cannot do shows before any training
    return score


def solve(estimator: Any, run: Run, task: FitTask | None = None) -> TrainingResult:
    """Train the network of a call.

    Parameters
    ----------
    estimator : BaseXavierMLP
        Its parameters count.
    run : Run
        What to train.
    task : FitTask, default=None
        Calls the callbacks.

    Returns
    -------
    result : TrainingResult

    Raises
    ------
    ValueError
        If no samples can be set aside, or training diverged.
    """
    rows, validation = None, run.validation
    if estimator.early_stopping and validation is None:
        rows, validation = _set_aside(estimator, run)
        if task is not None:
            task.restrict(rows)
    order = _first_order(estimator, run, rows)
    if task is not None:
        n_samples = run.samples.n_samples if rows is None else len(rows)
        # Numbers of rows that were not held out mean nothing to a later call.
        task.follow(partial(snapshot, estimator, run, n_samples, order if rows is None else None))
    schedule = make_schedule(estimator)
    monitor = Monitor(
        run.network,
        run.history,
        estimator.tol,
        validation,
        stops_on_score=estimator.early_stopping,
        lines=_make_lines(estimator, run, schedule) if estimator.verbose else None,
        task=task,
    )
    with np.errstate(all="ignore"):  # what overflows shows in the loss, and that is checked
        if run.optimizer is not None:
            result = _by_epochs(estimator, run, run.optimizer, schedule, monitor, order)
        else:
            result = _by_lbfgs(estimator, run, monitor, rows)
    if monitor.found_no_score:
        last_loss = (run.history.validation_loss_curve or [np.nan])[-1]
        check_finite(last_loss, result.theta, "the last epoch, on the validation set")
        if estimator.scoring is None:  # accuracy and R² are finite where predictions are not huge
            raise ValueError(
                "Training diverged: predictions of the validation set are too large to be scored."
                " Scale X (and y) to zero mean and unit variance, or use a smaller"
                " learning_rate_init."
            )
        raise ValueError(
            f"early_stopping has nothing to stop on: scoring={estimator.scoring!r} gave no finite"
            " number on the validation set after any epoch. Choose another scoring, such as"
            " 'loss', or validate on other samples."
        )
    return result


def _first_order(estimator: Any, run: Run, rows: np.ndarray | None) -> np.ndarray | None:
    """Numbers of the rows to train on, in the order before the first shuffle; None for all."""
    if rows is not None or run.optimizer is None or not estimator.shuffle:
        return rows
    n_samples = run.samples.n_samples
    if run.order is not None and len(run.order) == n_samples:
        return run.order.copy()
    return np.arange(n_samples)


def _by_lbfgs(
    estimator: Any, run: Run, monitor: Monitor, rows: np.ndarray | None
) -> TrainingResult:
    return train_lbfgs(
        run.network,
        run.theta,
        run.samples,
        settings=LBFGSSettings(
            estimator.max_iter, estimator.max_fun, estimator.tol, estimator.n_iter_no_change
        ),
        monitor=monitor,
        rows=rows,
    )


def _by_epochs(
    estimator: Any,
    run: Run,
    optimizer: Optimizer,
    schedule: Schedule,
    monitor: Monitor,
    order: np.ndarray | None,
) -> TrainingResult:
    n_samples = run.samples.n_samples if order is None else len(order)
    rates = dropout_rates(estimator, len(run.network.activations))
    return train_epochs(
        run.network,
        run.theta,
        run.samples,
        settings=EpochSettings(
            n_epochs=1 if run.incremental else estimator.max_iter,
            max_iter=estimator.max_iter,
            batch_size=_batch_rows(estimator, n_samples),
            shuffle=estimator.shuffle,
            n_iter_no_change=estimator.n_iter_no_change,
            max_grad_norm=estimator.max_grad_norm,
            n_epochs_before=_count_epochs_before(estimator, run, schedule),
            keeps_interrupted=not run.incremental,
        ),
        optimizer=optimizer,
        schedule=schedule,
        monitor=monitor,
        random_state=run.random_state,
        n_samples_seen=run.n_samples_seen,
        order=order,
        dropout=Dropout(rates, run.random_state) if any(rates) else None,
    )


def _count_epochs_before(estimator: Any, run: Run, schedule: Schedule) -> int:
    """Epochs of the same training that came before this call."""
    n_epochs = estimator.n_iter_ if run.goes_on else 0
    if schedule.has_horizon and n_epochs >= estimator.max_iter:
        warn_caller(
            f"learning_rate={estimator.learning_rate!r} came to its end after"
            f" max_iter={estimator.max_iter} epochs, and the learning rate stays at its last,"
            f" {schedule.at(1.0):g}. Increase max_iter, or use another schedule."
        )
    return n_epochs


def _batch_rows(estimator: Any, n_samples: int) -> int:
    size = estimator.batch_size
    if isinstance(size, str):
        return min(200, n_samples)
    if size > n_samples:
        warn_caller(
            f"batch_size={size} is larger than the {n_samples} samples to train on. It is going"
            " to be clipped."
        )
    return min(size, n_samples)


def _make_lines(estimator: Any, run: Run, schedule: Schedule) -> ProgressLines:
    return ProgressLines(
        unit(estimator).capitalize(),
        n_before=estimator.n_iter_ if run.goes_on else 0,
        n_total=None if run.incremental else estimator.max_iter,
        shows_learning_rate=not isinstance(schedule, Constant),
    )
