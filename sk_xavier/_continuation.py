"""What goes on from one `partial_fit` to the next beside the public attributes.

It is a dictionary of plain values, which needs no type of ours to be trusted in a file.
"""

from typing import Any

import numpy as np

from ._network import Network
from ._optimizers import SGD, Adam, AdamW, Optimizer, RMSprop
from ._schedules import SCHEDULES, Schedule
from ._training import History

__all__ = ["OPTIMIZERS", "check_stochastic", "make_optimizer", "make_schedule", "what_goes_on"]

OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": SGD,
    "adam": Adam,
    "adamw": AdamW,
    "rmsprop": RMSprop,
}
"""The solvers that take steps on mini-batches; the other one is 'lbfgs'."""

_ADAM = {name: name for name in ("beta_1", "beta_2", "epsilon")}

_PARAMETERS = {
    "sgd": {"momentum": "momentum", "nesterov": "nesterovs_momentum"},
    "adam": _ADAM,
    "adamw": {**_ADAM, "weight_decay": "weight_decay"},
    "rmsprop": {name: name for name in ("beta_2", "epsilon")},
}
"""The optimizers' parameters, and the estimators' parameters that they come from."""

_SCHEDULE_PARAMETERS = {
    "invscaling": ["power_t"],
    "cosine": ["warmup_fraction"],
    "one_cycle": ["warmup_fraction"],
}
"""The estimators' parameters, by these names the schedules' too."""


def check_stochastic(estimator: Any) -> bool:
    """True for a solver that takes mini-batches; others have no `partial_fit`."""
    if estimator.solver not in OPTIMIZERS:
        raise AttributeError(
            f"partial_fit is only available for the solvers {', '.join(OPTIMIZERS)}:"
            f" {estimator.solver!r} is not stochastic."
        )
    return True


def make_optimizer(
    estimator: Any, network: Network, theta: np.ndarray, saved: dict[str, Any] | None
) -> Optimizer | None:
    """The optimizer of an estimator's solver, if it has one.

    Parameters
    ----------
    estimator : BaseXavierMLP
        Its parameters count.
    network : Network
        What is trained.
    theta : ndarray of shape (n_parameters,)
        Its parameters.
    saved : dict or None
        What an earlier call kept under "optimizer": its state goes on, if the solver and
        the network are the same.

    Returns
    -------
    optimizer : Optimizer or None
    """
    solver = estimator.solver
    if solver not in OPTIMIZERS:
        return None
    parameters: dict[str, Any] = {"learning_rate": estimator.learning_rate_init}
    parameters |= {ours: getattr(estimator, name) for ours, name in _PARAMETERS[solver].items()}
    if solver == "adamw":
        parameters["n_decayed"] = network.n_weights
    layer_units = list(network.layer_units)
    if saved is not None and (saved["solver"], saved["layer_units"]) == (solver, layer_units):
        parameters |= saved["state"]
        schedule = estimator.learning_rate_init, estimator.learning_rate
        if (saved["learning_rate_init"], saved["schedule"]) == schedule:
            parameters["learning_rate"] = saved["learning_rate"]
    return OPTIMIZERS[solver](theta, **parameters)


def make_schedule(estimator: Any) -> Schedule:
    """The learning-rate schedule of an estimator, as far as its solver has one."""
    name = estimator.learning_rate
    if estimator.solver != "sgd" and not SCHEDULES[name].every_solver:
        name = "constant"
    parameters = {key: getattr(estimator, key) for key in _SCHEDULE_PARAMETERS.get(name, ())}
    return SCHEDULES[name](estimator.learning_rate_init, **parameters)


def what_goes_on(
    estimator: Any,
    network: Network,
    history: History,
    optimizer: Optimizer | None,
    random_state: np.random.RandomState,
    order: np.ndarray | None,
) -> dict[str, Any]:
    """What to keep for a later call; `order` is that of the last epoch, or None."""
    saved: dict[str, Any] = {
        "random_state": random_state,
        "n_epochs_stalled": history.n_epochs_stalled,
    }
    if order is not None:
        saved["order"] = order
    if optimizer is not None:
        saved["optimizer"] = {
            "solver": estimator.solver,
            "layer_units": list(network.layer_units),
            "learning_rate_init": estimator.learning_rate_init,
            "schedule": estimator.learning_rate,
            "learning_rate": optimizer.learning_rate,
            "state": optimizer.state,
        }
    return saved
