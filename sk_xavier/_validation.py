"""Validation sets: held-out rows or samples of the user's own, and their scores."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.model_selection import train_test_split

from ._network import Network
from ._samples import Rows, Samples
from ._vectors import all_finite

__all__ = ["Score", "Validation", "check_validation_set", "hold_out", "score_by"]

Score = Callable[[np.ndarray, np.ndarray, float], float]
"""``score(theta, raw, loss)``, from the parameters, raw predictions and their mean loss."""


class Validation(NamedTuple):
    """Rows to validate on, and what scores the network on them: higher is better."""

    samples: Samples
    rows: Rows
    score: Score

    def evaluate(self, network: Network, theta: np.ndarray) -> tuple[float, float]:
        """The loss without its penalty, and the score; NaN where predictions are not finite."""
        samples, rows = self.samples, self.rows
        raw = network.raw_predictions(network.views(theta), samples.X, rows)
        if not all_finite(raw):
            return np.nan, np.nan
        loss = network.data_loss(raw, samples.y[rows], samples.weights(rows))
        return loss, self.score(theta, raw, loss)


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


def check_validation_set(X_val: Any, y_val: Any, sample_weight_val: Any) -> bool:
    """Whether there is a validation set.

    Raises
    ------
    ValueError
        If a part of it is missing.
    """
    parts = {"X_val": X_val, "y_val": y_val}
    given = [name for name, part in parts.items() if part is not None]
    if len(given) == 1:
        (missing,) = set(parts) - set(given)
        raise ValueError(f"{given[0]} was passed without {missing}: pass both or neither.")
    if sample_weight_val is not None and not given:
        raise ValueError("sample_weight_val was passed without X_val and y_val.")
    return bool(given)


def score_by(
    estimator: Any,
    fitted: Callable[[np.ndarray], Any],
    X: Any,
    y: Any,
    sample_weight: np.ndarray | None,
) -> Score:
    """A score by the scorer that is `scoring`, which sees an estimator with the weights.

    Parameters
    ----------
    estimator : BaseXavierMLP
        Its `scoring` is a scorer or the name of one.
    fitted : callable
        ``fitted(theta)`` returns the estimator.
    X, y, sample_weight : array-like
        The validation set.

    Returns
    -------
    score : callable
    """
    scoring = estimator.scoring
    scorer = check_scoring(estimator, scoring=scoring)
    weights = {} if sample_weight is None else {"sample_weight": sample_weight}

    def score(theta: np.ndarray, raw: np.ndarray, loss: float) -> float:
        try:
            value = scorer(fitted(theta), X, y, **weights)
        except (TypeError, ValueError) as error:
            what, advice = "the validation set", "choose other samples by X_val and y_val"
            if weights:
                what += ", with its weights (of sample_weight or class_weight)"
                advice = "pass X_val and y_val, which have no weights but sample_weight_val"
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(
                f"scoring={scoring!r} cannot score {what}: {error}. You might {advice}, or set"
                " scoring='loss'."
            ) from error
        if not isinstance(value, (int, float, np.number)):
            raise ValueError(f"scoring={scoring!r} must give one number. Got {value!r}.")
        return float(value)

    return score
