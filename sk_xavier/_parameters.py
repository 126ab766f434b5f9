"""The estimators' parameters: what each may be, and what they say of each hidden layer."""

from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.metrics import get_scorer_names

from ._continuation import OPTIMIZERS
from ._schedules import SCHEDULES
from ._sklearn_compat import (
    Interval,
    InvalidParameterError,
    Options,
    StrOptions,
    validate_params,
)
from ._starting_weights import check_start
from .activations import ACTIVATIONS, Activation, Identity

__all__ = [
    "CONSTRAINTS",
    "LOSS_SCORING",
    "check_count",
    "check_parameters",
    "dropout_rates",
    "hidden_layer_number",
    "hidden_units",
    "layer_activations",
    "start_activations",
]

LOSS_SCORING = "loss"
"""What `scoring` is called that looks at the loss itself."""

_POSITIVE = Interval(Real, 0, None, closed="neither")
_NOT_NEGATIVE = Interval(Real, 0, None, closed="left")
_FRACTION = Interval(Real, 0, 1, closed="left")
_COUNT = Interval(Integral, 1, None, closed="left")

CONSTRAINTS: dict[str, list[Any]] = {
    "hidden_layer_sizes": ["array-like", _COUNT],
    "activation": [StrOptions(set(ACTIVATIONS)), Activation, list, tuple],
    "dropout": ["array-like", _FRACTION],
    "store_initial_weights": ["boolean"],
    "alpha": [_NOT_NEGATIVE],
    "solver": [StrOptions({"lbfgs", *OPTIMIZERS})],
    "batch_size": [StrOptions({"auto"}), _COUNT],
    "shuffle": ["boolean"],
    "learning_rate": [StrOptions(set(SCHEDULES))],
    "learning_rate_init": [_POSITIVE],
    "power_t": [_NOT_NEGATIVE],
    "warmup_fraction": [_FRACTION, None],
    "momentum": [Interval(Real, 0, 1, closed="both")],
    "nesterovs_momentum": ["boolean"],
    "beta_1": [_FRACTION],
    "beta_2": [_FRACTION],
    "epsilon": [_POSITIVE],
    "weight_decay": [_NOT_NEGATIVE],
    "max_grad_norm": [_POSITIVE, None],
    "max_fun": [_COUNT],
    "max_iter": [_COUNT],
    "tol": [_NOT_NEGATIVE],
    "n_iter_no_change": [_COUNT, Options(Real, {np.inf})],
    "early_stopping": ["boolean"],
    "validation_fraction": [_FRACTION],
    "scoring": [StrOptions({LOSS_SCORING, *get_scorer_names()}), callable, None],
    "warm_start": ["boolean"],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
    # init and bias_init: check_start, whose message can say more.
}
"""The constraints that both estimators share."""


def check_parameters(estimator: Any) -> None:
    """Check all that can be told without the data, and what cannot go together.

    Raises
    ------
    InvalidParameterError
        Names the parameter, what it got and all choices.
    ValueError
        If parameters contradict each other.
    """
    validate_params(estimator)
    check_start(estimator.init, estimator.bias_init, type(estimator).__name__)
    n_hidden = len(hidden_units(estimator))
    layer_activations(estimator, n_hidden)
    rates = dropout_rates(estimator, n_hidden)
    decay = estimator.learning_rate_init * estimator.weight_decay
    if estimator.solver == "adamw" and decay >= 1.0:
        raise ValueError(
            f"weight_decay={estimator.weight_decay!r} times"
            f" learning_rate_init={estimator.learning_rate_init!r} must be less than 1 with"
            " solver='adamw': each step takes that part of the weights away."
        )
    if estimator.solver in OPTIMIZERS:
        return
    stochastic = ", ".join(repr(name) for name in OPTIMIZERS)
    if any(rates):
        raise ValueError(
            f"dropout={estimator.dropout!r} cannot be used with solver={estimator.solver!r}, which"
            " minimizes one function of all samples: dropout would change it with every"
            f" evaluation. Set dropout=0.0, or solver to one of {stochastic}."
        )
    if estimator.max_grad_norm is not None:
        raise ValueError(
            f"max_grad_norm={estimator.max_grad_norm!r} cannot be used with"
            f" solver={estimator.solver!r}, whose line search needs the gradient as it is. Set"
            f" max_grad_norm=None, or solver to one of {stochastic}."
        )


def check_count(name: str, count: Any) -> int:
    """An argument that counts something, as an int.

    Raises
    ------
    ValueError
        If it is none of at least 1.
    """
    if isinstance(count, bool) or not isinstance(count, Integral) or count < 1:
        raise ValueError(f"{name} must be an int of at least 1, got {count!r}.")
    return int(count)


def check_verbose(verbose: Any) -> int:
    """How much to print, as an int.

    Raises
    ------
    ValueError
        If it is neither a bool nor an int of at least 0.
    """
    if not isinstance(verbose, Integral) or verbose < 0:
        raise ValueError(f"verbose must be a bool or an int of at least 0, got {verbose!r}.")
    return int(verbose)


def hidden_units(estimator: Any) -> list[int]:
    """Numbers of units of the hidden layers."""
    sizes = estimator.hidden_layer_sizes
    units = [sizes] if np.ndim(sizes) == 0 else list(sizes)
    if not all(
        isinstance(n_units, Integral) and not isinstance(n_units, bool) and int(n_units) > 0
        for n_units in units
    ):
        raise ValueError(
            f"hidden_layer_sizes must be an int or a sequence of int, each > 0, got {sizes!r}."
        )
    return [int(n_units) for n_units in units]


def hidden_layer_number(layer: Any, n_hidden: int) -> int:
    """The number of a hidden layer, from 0, where -1 is the last.

    Raises
    ------
    ValueError
        If there is no such layer.
    """
    is_int = isinstance(layer, Integral) and not isinstance(layer, bool)
    if not is_int or not -n_hidden <= layer < n_hidden:
        choices = f"from {-n_hidden} to {n_hidden - 1}" if n_hidden else "but there is none"
        raise ValueError(f"layer must be the number of a hidden layer, {choices}. Got {layer!r}.")
    return int(layer) % n_hidden


def _check_length(name: str, values: Any, n_hidden: int) -> None:
    if len(values) != n_hidden:
        layers = f"each of the {n_hidden} hidden layers" if n_hidden != 1 else "the hidden layer"
        raise ValueError(
            f"{name} must have one entry for {layers}. Got {len(values)} entries: {values!r}."
        )


def layer_activations(estimator: Any, n_hidden: int) -> list[Activation]:
    """The activations of the hidden layers."""
    given = estimator.activation
    if isinstance(given, (list, tuple)):
        _check_length("activation", given, n_hidden)
        return [_activation(entry, f"activation of layer {i + 1}") for i, entry in enumerate(given)]
    return [_activation(given, "activation")] * n_hidden


def _activation(entry: Any, where: str) -> Activation:
    if isinstance(entry, str) and entry in ACTIVATIONS:
        return ACTIVATIONS[entry]()
    if isinstance(entry, Activation):
        try:
            validate_params(entry)
        except InvalidParameterError as error:
            raise InvalidParameterError(f"{where}: {error}") from error
        return entry
    quoted = ", ".join(repr(name) for name in sorted(ACTIVATIONS))
    raise InvalidParameterError(
        f"{where} must be a str among {{{quoted}}} or an Activation. Got {entry!r} instead."
    )


def start_activations(estimator: Any, n_hidden: int) -> list[Activation]:
    """Activations by layer of weights, for their start: the output's is that of the last."""
    hidden = layer_activations(estimator, n_hidden)
    if hidden:
        return [*hidden, hidden[-1]]
    given = estimator.activation
    return [Identity() if isinstance(given, (list, tuple)) else _activation(given, "activation")]


def dropout_rates(estimator: Any, n_hidden: int) -> tuple[float, ...]:
    """The dropout rates of the hidden layers."""
    given: Any = estimator.dropout
    rates = [given] * n_hidden if np.ndim(given) == 0 else list(given)
    if np.ndim(given) > 0:
        _check_length("dropout", rates, n_hidden)
    if not all(isinstance(rate, Real) and 0.0 <= float(rate) < 1.0 for rate in rates):
        raise ValueError(
            "dropout must be a float in [0, 1), or a sequence with one for each hidden layer."
            f" Got {given!r}."
        )
    return tuple(float(rate) for rate in rates)
