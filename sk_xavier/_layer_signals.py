"""One layer's numbers: what its signals, gradients and weights are like."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ._network import Network, Parameters, Signals
from .activations import Activation

__all__ = ["LayerSignals", "measure_layers", "ratio"]

_NEAR_ASYMPTOTE = 0.97
"""An output is saturated beyond this part of the way to an asymptote: for tanh, Karpathy's
lecture notes on activations."""

_LEAST_ACTIVE = 0.01
"""A unit that is active on a smaller part of the samples is dead (SageMaker's DeadRelu)."""

_ALIKE = 1e-5
"""Weights that differ by less than this part of the largest are alike: by rounding, or by so
little that training hardly tells the units apart."""

_N_KEPT = 10_000
"""How many values of a layer are kept for pictures."""

_N_JACOBIANS = 5
"""For how many samples Jacobians are decomposed: their mean singular values hardly differ."""


@dataclass(frozen=True, repr=False)
class LayerSignals:
    """What passes through one layer.

    Standard deviations are over all samples and units, as in Glorot and Bengio's paper [1]_, but
    for `sample_std`. Each parameter is an attribute of the same name.

    Read more in the :ref:`user guide <guide_diagnosing>`.

    Parameters
    ----------
    layer : int
        Number of the layer of weights, from 1; the output layer is the last.
    is_output : bool
        Whether it is the output layer, whose activations are the raw predictions.
    n_units : int
        Number of units.
    activation : str
        Name of the activation; of the output layer the inverse link.
    z_mean, z_std : float
        Mean and standard deviation of the pre-activations.
    mean, std : float
        Of the activations.
    sample_std : float
        Root of the mean, over units, of the activations' variance over samples: what is left
        of the differences between samples.
    std_ratio : float or None
        `std` divided by that of the layer before; None for the first.
    saturated : float or None
        Fraction of the outputs that are saturated; None where the activation does not
        saturate at both ends.
    dead : float or None
        Fraction of the units that are active on less than 1 % of the samples; None
        outside the ReLU family.
    n_distinct : int
        Number of units that differ in their incoming weights or bias, by more than 1e-5 of
        the largest.
    n_copies : int
        Number of units with the incoming weights, the bias and the outgoing weights of
        another: training cannot tell them apart.
    effective_rank : float
        Exponential of the entropy of the activations' normalized singular values [2]_.
    jacobian : float
        Mean singular value of the Jacobian of the activations with respect to those of the
        layer before, over a few samples.
    gradient_std : float or None
        Standard deviation of each sample's loss differentiated by the pre-activations; None
        without targets, as the next two.
    gradient_ratio : float or None
        `gradient_std` divided by that of the layer after; None for the last hidden layer
        and the output layer.
    weight_gradient_std : float or None
        Standard deviation of the mean loss differentiated by the weights.
    activations : ndarray of shape (n_values,)
        Up to 10,000 of the activations, for pictures.
    gradients : ndarray of shape (n_values,) or None
        Up to 10,000 of the back-propagated gradients.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.
    .. [2] Olivier Roy and Martin Vetterli, "The effective rank: a measure of effective
       dimensionality", EUSIPCO 2007.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier, signal_propagation
    >>> X, y = load_iris(return_X_y=True)
    >>> start = XavierMLPClassifier((20,), init="constant", random_state=0)
    >>> first, output = signal_propagation(start, X, y).layers
    >>> first.n_units, first.n_distinct, output.is_output
    (20, 1, True)
    """

    layer: int
    is_output: bool
    n_units: int
    activation: str
    z_mean: float
    z_std: float
    mean: float
    std: float
    sample_std: float
    std_ratio: float | None
    saturated: float | None
    dead: float | None
    n_distinct: int
    n_copies: int
    effective_rank: float
    jacobian: float
    gradient_std: float | None
    gradient_ratio: float | None
    weight_gradient_std: float | None
    activations: np.ndarray
    gradients: np.ndarray | None

    def numbers(self) -> dict[str, Any]:
        """Give what one number tells, for a row of a table.

        Returns
        -------
        numbers : dict of str to object
            All attributes but `activations` and `gradients`, by name.
        """
        names = [field.name for field in fields(self)]
        return {name: getattr(self, name) for name in names[: names.index("activations")]}

    def __repr__(self) -> str:
        return f"LayerSignals({', '.join(f'{k}={v!r}' for k, v in self.numbers().items())})"


def measure_layers(
    network: Network, parameters: Parameters, signals: Signals, rng: np.random.RandomState
) -> list[LayerSignals]:
    """The numbers of all layers; `rng` draws the values that are kept for pictures."""
    last = len(signals.outputs) - 1
    stds = [_std(output) for output in signals.outputs]
    layers = []
    for i, (z, output) in enumerate(zip(signals.pre_activations, signals.outputs, strict=True)):
        activation = None if i == last else network.activations[i]
        weights, biases = parameters.coefs[i], parameters.intercepts[i]
        outgoing = None if i == last else parameters.coefs[i + 1]
        layers.append(
            LayerSignals(
                layer=i + 1,
                is_output=i == last,
                n_units=output.shape[1],
                activation=network.loss.link if activation is None else activation.name,
                z_mean=float(z.mean()),
                z_std=_std(z),
                mean=float(output.mean()),
                std=stds[i],
                sample_std=float(np.sqrt(output.var(axis=0, dtype=np.float64).mean())),
                std_ratio=ratio(stds[i], stds[i - 1]) if i else None,
                saturated=_saturated(activation, output),
                dead=_dead(activation, output),
                n_distinct=_count_distinct(weights, biases),
                n_copies=0 if outgoing is None else _count_copies(weights, biases, outgoing),
                effective_rank=_effective_rank(output),
                jacobian=_mean_singular_value(activation, weights, z, output),
                activations=_some(output, rng),
                **_measure_gradients(signals, i, rng),
            )
        )
    return layers


def _measure_gradients(signals: Signals, i: int, rng: np.random.RandomState) -> dict[str, Any]:
    """The attributes that need targets: None without."""
    if not signals.deltas:
        names = ("gradient_std", "gradient_ratio", "weight_gradient_std", "gradients")
        return dict.fromkeys(names)
    std = _std(signals.deltas[i])
    is_before_hidden = i < len(signals.deltas) - 2
    return {
        "gradient_std": std,
        "gradient_ratio": ratio(std, _std(signals.deltas[i + 1])) if is_before_hidden else None,
        "weight_gradient_std": _std(signals.weight_gradients[i]),
        "gradients": _some(signals.deltas[i], rng),
    }


def _std(values: np.ndarray) -> float:
    return float(values.std(dtype=np.float64))  # squares of small float32 are zero


def ratio(value: float, other: float) -> float:
    """Their quotient; 0 / 0 is 0, as there is nothing left of the signal."""
    if other == 0.0:
        return 0.0 if value == 0.0 else np.inf
    return value / other


def _some(values: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Up to `_N_KEPT` of the finite values."""
    flat = values[np.isfinite(values)]
    return flat if len(flat) <= _N_KEPT else flat[rng.randint(len(flat), size=_N_KEPT)]


def _saturated(activation: Activation | None, output: np.ndarray) -> float | None:
    if activation is None or activation.asymptotes is None:
        return None
    low, high = activation.asymptotes
    centred = np.abs(output - (low + high) / 2.0)
    return float((centred > _NEAR_ASYMPTOTE * (high - low) / 2.0).mean())


def _dead(activation: Activation | None, output: np.ndarray) -> float | None:
    if activation is None or not activation.can_die:
        return None
    return float(((output > 0.0).mean(axis=0) < _LEAST_ACTIVE).mean())


def _count_distinct(*parts: np.ndarray) -> int:
    """How many columns differ in some part."""
    columns = np.concatenate([np.atleast_2d(part) for part in parts])
    tolerance = _ALIKE * np.abs(columns).max()
    # Columns that are alike come next to each other in the order of a random projection.
    direction = np.random.RandomState(0).normal(size=len(columns)).astype(columns.dtype)
    ordered = columns[:, np.argsort(direction @ columns, kind="stable")]
    steps = np.abs(np.diff(ordered, axis=1)).max(axis=0)
    return 1 + int((steps > tolerance).sum())


def _count_copies(weights: np.ndarray, biases: np.ndarray, outgoing: np.ndarray) -> int:
    return weights.shape[1] - _count_distinct(weights, biases, outgoing.T)


def _gram(a: np.ndarray) -> np.ndarray:
    """A' A or A A', whichever is smaller."""
    return a.T @ a if len(a) > a.shape[1] else a @ a.T


def _singular_values(gram: np.ndarray) -> np.ndarray:
    """Of a matrix A, from A' A or A A'; NaN where that is not finite."""
    if not np.isfinite(gram).all():
        return np.full(len(gram), np.nan)
    return np.sqrt(np.maximum(np.linalg.eigvalsh(gram), 0.0))


def _effective_rank(output: np.ndarray) -> float:
    wide = output.astype(np.float64)
    wide /= np.abs(wide).max() or 1.0
    singular_values = _singular_values(
        wide.T @ wide if len(wide) > wide.shape[1] else wide @ wide.T
    )
    total = singular_values.sum()
    if total == 0.0:
        return 0.0
    share = singular_values / total
    share = share[share > 1e-7]  # what is below comes from rounding the squares
    return float(np.exp(-(share * np.log(share)).sum()))


def _mean_singular_value(
    activation: Activation | None, weights: np.ndarray, z: np.ndarray, output: np.ndarray
) -> float:
    """Of diag(f'(z)) W', averaged over a few samples."""
    wide = weights.astype(np.float64)
    if activation is None:
        return float(_singular_values(_gram(wide)).mean())
    rows = np.linspace(0, len(output) - 1, min(_N_JACOBIANS, len(output))).astype(int)
    slopes = np.ones((len(rows), output.shape[1]))
    kept = z if activation.keeps == "input" else output
    activation.inplace_backward(kept[rows].astype(np.float64), slopes)
    if len(wide) > wide.shape[1]:
        products = wide.T @ wide
        grams = [slope[:, np.newaxis] * products * slope for slope in slopes]
    else:
        grams = [(wide * slope**2) @ wide.T for slope in slopes]
    return float(np.mean([_singular_values(gram).mean() for gram in grams]))
