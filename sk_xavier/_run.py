"""One call of `fit`, `partial_fit` or `initialize`, and the fitted attributes that it leaves."""

import copy
from typing import Any, NamedTuple

import numpy as np

from ._continuation import what_goes_on
from ._network import Network
from ._optimizers import Optimizer
from ._samples import Samples
from ._targets import Target
from ._training import History, TrainingResult
from ._validation import Validation

__all__ = [
    "Run",
    "fitted_attributes",
    "fitted_state",
    "is_fitted_state",
    "snapshot",
    "with_weights",
]


class Run(NamedTuple):
    """A call on its way to training.

    `y` holds the targets before they were encoded.
    """

    network: Network
    samples: Samples
    y: Any
    target: Target
    theta: np.ndarray
    history: History
    optimizer: Optimizer | None
    random_state: np.random.RandomState
    incremental: bool
    n_samples_seen: int = 0
    order: np.ndarray | None = None
    validation: Validation | None = None

    @property
    def goes_on(self) -> bool:
        """Whether this is a later part of a training that has begun: epochs are counted on."""
        return self.incremental and self.n_samples_seen > 0


def fitted_attributes(estimator: Any, run: Run, result: TrainingResult) -> dict[str, Any]:
    """The public attributes of the estimator, fitted so."""
    network, history = run.network, run.history
    coefs, intercepts = network.views(result.theta)
    return {
        "coefs_": list(coefs),
        "intercepts_": list(intercepts),
        "loss_": result.loss,
        "loss_curve_": history.loss_curve,
        "learning_rate_curve_": history.learning_rate_curve,
        "best_loss_": history.best_loss,
        "validation_loss_curve_": history.validation_loss_curve,
        "validation_scores_": history.validation_scores,
        "best_validation_score_": history.best_validation_score,
        "n_iter_": result.n_iter + (estimator.n_iter_ if run.goes_on else 0),
        "t_": run.n_samples_seen + result.n_samples_seen,
        "n_layers_": len(network.layer_units),
        "n_outputs_": network.layer_units[-1],
        "out_activation_": network.loss.link,
        **run.target.attributes,
    }


def fitted_state(estimator: Any) -> dict[str, Any]:
    """All that fitting has set, public or for a later call; not copied."""
    return {name: value for name, value in vars(estimator).items() if is_fitted_state(name)}


def is_fitted_state(name: str) -> bool:
    """Whether an attribute of this name is set by fitting."""
    return name.endswith("_") or name in ("_continuation", "_sparse_labels")


def with_weights(estimator: Any, run: Run, theta: np.ndarray) -> Any:
    """An estimator that predicts with these parameters, which it does not own, from arrays."""
    fitted = copy.copy(estimator)
    vars(fitted).update(fitted_attributes(estimator, run, TrainingResult(theta, np.nan, 0)))
    vars(fitted).pop("feature_names_in_", None)
    return fitted


def snapshot(
    estimator: Any, run: Run, n_samples: int, order: np.ndarray | None, theta: np.ndarray
) -> dict[str, Any]:
    """Copies of the attributes as they are between two epochs of `n_samples` samples.

    Training can go on from them, as from those of a call that ended here; `order` is that of
    the samples, where it matters for the next epoch.
    """
    history = run.history
    loss = history.loss_curve[-1] if history.loss_curve else np.inf
    n_iter = history.n_new_epochs
    result = TrainingResult(theta.copy(), loss, n_iter, n_iter * n_samples)
    attributes = {
        name: value.copy() if isinstance(value, list) else value
        for name, value in fitted_attributes(estimator, run, result).items()
    }
    goes_on = what_goes_on(estimator, run.network, history, run.optimizer, run.random_state, order)
    return attributes | {"_continuation": copy.deepcopy(goes_on)}
