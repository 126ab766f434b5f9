"""Training by L-BFGS, on all samples at once."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import OptimizeResult, minimize

from ._network import Network
from ._samples import Rows, Samples, count_rows
from ._symmetry import find_copies
from ._threads import single_threaded_scipy
from ._training import Monitor, TrainingInterrupted, TrainingResult, check_finite
from ._warnings import warn_caller

__all__ = ["LBFGSSettings", "train_lbfgs"]


@dataclass(frozen=True)
class LBFGSSettings:
    """When L-BFGS ends: the estimators' parameters of these names."""

    max_iter: int
    max_fun: int
    tol: float
    n_iter_no_change: float = np.inf


def train_lbfgs(
    network: Network,
    theta: np.ndarray,
    samples: Samples,
    *,
    settings: LBFGSSettings,
    monitor: Monitor,
    rows: Rows | None = None,
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
    monitor : Monitor
        Follows the iterations, and keeps the best parameters where it is to.
    rows : slice or ndarray of int, default=None
        Which rows to train on; None for all.

    Returns
    -------
    result : TrainingResult

    Raises
    ------
    ValueError
        If the loss or the parameters stopped being finite.
    """
    monitor.start(theta)
    history = monitor.history
    problem = _LBFGSProblem(network, theta, samples, settings, monitor, rows)
    complaint = None
    try:
        found = problem.minimize()
        learned, loss = problem.tied(found.x), float(found.fun)
        check_finite(loss, learned, f"iteration {found.nit}")
        if not problem.stopped:
            complaint = _complaint(found, settings)
        if found.nit == 0 and history.best_loss is not None:
            history.best_loss = min(loss, history.best_loss)
    except KeyboardInterrupt:
        history.drop_partial_epoch()
        warn_caller("Training interrupted by user.", TrainingInterrupted)
        learned = problem.tied(problem.accepted)
        loss = history.loss_curve[-1] if history.loss_curve else np.inf
    n_iter = history.n_new_epochs
    return TrainingResult(
        monitor.best_theta if monitor.stops_on_score else learned,
        loss,
        n_iter,
        n_iter * count_rows(problem.rows),
        complaint=complaint,
    )


class _LBFGSProblem:
    """What SciPy minimizes, and what is noted on the way."""

    def __init__(
        self,
        network: Network,
        theta: np.ndarray,
        samples: Samples,
        settings: LBFGSSettings,
        monitor: Monitor,
        rows: Rows | None = None,
    ) -> None:
        self.network = network
        self.samples = samples
        self.rows = samples.all_rows() if rows is None else rows
        self.settings = settings
        self.monitor = monitor
        self.accepted = theta.astype(np.float64)
        self.stopped = False
        """Whether a callback or the validation score ended training."""
        self._theta = theta.copy()
        self._grad = np.empty_like(theta)
        self._copies = find_copies(network, theta)
        self._loss = np.inf

    def minimize(self) -> OptimizeResult:
        """Let SciPy minimize."""
        settings = self.settings
        with single_threaded_scipy():
            return minimize(
                self.loss_gradient,
                self.accepted.copy(),
                method="L-BFGS-B",
                jac=True,
                callback=self.after_iteration,
                options={
                    "maxiter": settings.max_iter,
                    "maxfun": settings.max_fun,
                    "gtol": settings.tol,
                },
            )

    def loss_gradient(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        # An iteration begins with the first evaluation of its line search.
        self.monitor.begin_epoch(self._theta)
        # SciPy keeps and overwrites the arrays that pass here: neither side may hold the
        # other's.
        self._theta[:] = x
        self._loss = self.network.loss_gradient(self._theta, self.samples, self.rows, self._grad)
        if self._copies is not None:
            self._copies.inplace_tie(self._grad)
        return self._loss, self._grad.astype(np.float64)

    def after_iteration(self, x: np.ndarray) -> None:
        # The line search accepts the point that it evaluated last: `_loss` is its loss.
        self.accepted[:] = x
        theta = self.tied(x)
        self.monitor.end_epoch(theta, self._loss)
        monitor, n_most = self.monitor, self.settings.n_iter_no_change
        is_plateau = monitor.stops_on_score and monitor.history.n_epochs_stalled > n_most
        if is_plateau:
            monitor.say_plateau(n_most, "Stopping.")
        monitor.tell_callbacks(theta)
        if is_plateau or monitor.wants_stop:
            self.stopped = True
            raise StopIteration

    def tied(self, x: np.ndarray) -> np.ndarray:
        """Parameters in the network's type, with copies of units exactly equal."""
        theta = x.astype(self.network.dtype)
        if self._copies is not None:
            self._copies.inplace_tie(theta)
        return theta


def _complaint(found: OptimizeResult, settings: LBFGSSettings) -> str | None:
    if found.status == 0:
        return None
    advice = "scale the data, for example with StandardScaler"
    if found.nit >= settings.max_iter:
        advice = f"increase max_iter (now {settings.max_iter}), or " + advice
    elif found.nfev >= settings.max_fun:
        advice = f"increase max_fun (now {settings.max_fun}), or " + advice
    return (
        f"lbfgs failed to converge after {found.nit} iteration(s) (status={found.status}):"
        f" {found.message}. You might want to {advice}."
    )
