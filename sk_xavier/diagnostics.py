"""Look at a network before it trains: how signals and gradients pass through its layers."""

import warnings
from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline
from sklearn.utils import check_random_state

from ._base_estimator import BaseXavierMLP
from ._layer_signals import LayerSignals, measure_layers, ratio
from ._losses import Loss
from ._network import Network
from ._parameters import layer_activations
from ._tables import format_html_table, format_table, make_frame
from ._targets import Target
from ._verdicts import Verdict, judge

__all__ = ["LayerSignals", "SignalPropagation", "Verdict", "signal_propagation"]


class SignalPropagation:
    """How signals and gradients pass through a network: what `signal_propagation` returns.

    It prints as a table, in a notebook too. Each parameter is an attribute of the same name.

    Read more in the :ref:`user guide <guide_diagnosing>`.

    Parameters
    ----------
    layers : list of LayerSignals
        From the first hidden layer to the output layer.
    verdict : Verdict
        A str: healthy, symmetric, vanishing, exploding, saturated or dead; it has the reason
        and what to try instead.
    initial_loss : float or None
        Mean loss of the network as it is, without the L2 penalty; None without targets.
    chance_loss : float or None
        Mean loss of a network whose raw predictions are all zero: the logarithm of the number
        of classes; None without targets.
    first_to_last_gradient_ratio : float or None
        Standard deviation of the gradient in the first hidden layer divided by that in the
        last; None without targets or hidden layers, or where no gradient reaches the last.
    n_samples : int
        Number of samples that were passed through.
    input_std : float
        Root mean square of their entries.
    title : str
        The estimator in a few words.

    See Also
    --------
    sk_xavier.signal_propagation : Makes it.
    sk_xavier.SignalPropagationDisplay : Draws it.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier, signal_propagation
    >>> X, y = load_iris(return_X_y=True)
    >>> network = XavierMLPClassifier((20, 20), "tanh", random_state=0)
    >>> propagation = signal_propagation(network, X - X.mean(axis=0), y)
    >>> [layer.n_units for layer in propagation.layers]
    [20, 20, 3]
    >>> print(f"{propagation.chance_loss:.4f}")  # ln 3
    1.0986
    """

    def __init__(
        self,
        layers: Sequence[LayerSignals],
        verdict: Verdict,
        *,
        initial_loss: float | None,
        chance_loss: float | None,
        first_to_last_gradient_ratio: float | None,
        n_samples: int,
        input_std: float,
        title: str,
    ) -> None:
        self.layers = list(layers)
        self.verdict = verdict
        self.initial_loss = initial_loss
        self.chance_loss = chance_loss
        self.first_to_last_gradient_ratio = first_to_last_gradient_ratio
        self.n_samples = n_samples
        self.input_std = input_std
        self.title = title

    def to_frame(self) -> Any:
        """The layers' numbers as a table.

        Returns
        -------
        frame : pandas.DataFrame
            A row for each layer, indexed by its number.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return make_frame([layer.numbers() for layer in self.layers]).set_index("layer")

    def _table(self) -> list[list[str]]:
        head = ["layer", "units", "activation", "std", "ratio", "flat", "distinct", "rank"]
        head += ["jacobian", "gradient", "ratio", "weights' gradient"]
        return [head] + [
            [
                "output" if layer.is_output else str(layer.layer),
                str(layer.n_units),
                layer.activation,
                _short(layer.std),
                _short(layer.std_ratio),
                _percent(layer.saturated if layer.dead is None else layer.dead),
                str(layer.n_distinct),
                f"{layer.effective_rank:.1f}",
                _short(layer.jacobian),
                _short(layer.gradient_std),
                _short(layer.gradient_ratio),
                _short(layer.weight_gradient_std),
            ]
            for layer in self.layers
        ]

    def _notes(self) -> list[str]:
        notes = [f"{self.n_samples} samples, root mean square of X {self.input_std:.3g}"]
        if self.initial_loss is not None:
            notes.append(
                f"loss {self.initial_loss:.4g}; with raw predictions of zero {self.chance_loss:.4g}"
            )
        if self.first_to_last_gradient_ratio is not None:
            ratio = self.first_to_last_gradient_ratio
            notes.append(f"gradient in the first hidden layer / in the last: {ratio:.3g}")
        return notes

    def _verdict_lines(self) -> list[str]:
        verdict = self.verdict
        lines = [f"verdict: {verdict}: {verdict.message}"]
        if verdict.value is not None and verdict.threshold is not None:
            numbers = f"{verdict.value:.3g} beside a bound of {verdict.threshold:.3g}"
            lines.append(f"measured: {numbers} ({verdict.source})")
        return lines

    def __str__(self) -> str:
        return "\n".join(
            [self.title, format_table(self._table()), *self._notes(), *self._verdict_lines()]
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        lines = "<br>".join(escape(line) for line in (*self._notes(), *self._verdict_lines()))
        table = format_html_table(self._table(), caption=self.title)
        return f"{table}<p>{lines}</p>"


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"


def signal_propagation(
    estimator: BaseEstimator,
    X: Any,
    y: Any = None,
    *,
    max_samples: int = 1000,
    random_state: int | np.random.RandomState | None = None,
) -> SignalPropagation:
    """Pass samples through a network, and see whether its weights are sound to train from.

    A start is unsound where hidden units are copies of one another, where signals grow or
    fade from layer to layer, and where units saturate or are dead. Nothing is trained, and
    `estimator` is left as it is.

    Read more in the :ref:`user guide <guide_diagnosing>`.

    Parameters
    ----------
    estimator : XavierMLPClassifier, XavierMLPRegressor or Pipeline
        Unfitted, a clone of it is given its starting weights; fitted, the weights are
        inspected as they are. The last step of a Pipeline is inspected, and gets what the
        other steps make of `X`.
    X : {array-like, sparse matrix} of shape (n_samples, n_features)
        Samples.
    y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
        Targets, for the loss and the gradients. Without them, an unfitted network gets one
        output.
    max_samples : int, default=1000
        Of more samples, so many are drawn.
    random_state : int, RandomState instance or None, default=None
        Draws the samples, and the starting weights of an estimator whose own `random_state`
        is None.

    Returns
    -------
    propagation : SignalPropagation
        It prints as a table; `verdict` says what is wrong and what to try.

    Raises
    ------
    TypeError
        If `estimator` is not one of this library's, or a Pipeline that ends in one.
    ValueError
        If the data or a parameter is invalid.

    See Also
    --------
    sk_xavier.compare_initializers : What training makes of several starts.
    sk_xavier.SignalPropagationDisplay : Draws what is returned.

    Notes
    -----
    A verdict compares one number with a bound, both of which it names, and says where the
    bound comes from: tools in use and Glorot and Bengio's experiments, not a theory. Faults
    that cause others come first: copies, dead units, saturation, signals that grow or fade.

    Standard deviations of activations and of back-propagated gradients by layer, and mean
    singular values of Jacobians, are what Glorot and Bengio looked at [1]_.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sk_xavier import XavierMLPClassifier, signal_propagation
    >>> X, y = load_digits(return_X_y=True)
    >>> network = XavierMLPClassifier((100,) * 6, "tanh", init="normal", random_state=0)
    >>> signal_propagation(network, X / 16, y).verdict
    'healthy'
    >>> network.set_params(init="uniform")
    XavierMLPClassifier(activation='tanh',
                        hidden_layer_sizes=(100, 100, 100, 100, 100, 100),
                        init='uniform', random_state=0)
    >>> verdict = signal_propagation(network, X / 16, y).verdict
    >>> verdict, verdict.layer, verdict.advice
    ('vanishing', 5, "try init='auto'")
    """
    if not isinstance(max_samples, (int, np.integer)) or max_samples < 2:
        raise ValueError(f"max_samples must be an int of at least 2, got {max_samples!r}.")
    rng = check_random_state(random_state)
    mlp, X, at_start = _start_of(estimator, X, y, rng)
    target = None if y is None else _encoded(mlp, X, y)
    y_encoded = None if target is None else target.y
    network, parameters, X = mlp._network_on(X, None if target is None else target.loss)
    X, y_encoded = _draw_samples(X, y_encoded, max_samples, rng)
    X = X.astype(network.dtype, copy=False)
    with np.errstate(all="ignore"):
        signals = network.signals(parameters, X, y_encoded)
        layers = measure_layers(network, parameters, signals, rng)
        chance_loss = None if y_encoded is None else _chance_loss(network, y_encoded)
    loss = None if y_encoded is None else float(signals.loss)
    input_std, first_to_last = _root_mean_square(X), _first_to_last(layers)
    verdict = judge(
        layers,
        init=_label(mlp.init) if at_start else "",
        input_std=input_std,
        input_spread=_spread(X),
        gradient_ratio=first_to_last,
        loss=loss,
        guessing_loss=chance_loss,
    )
    return SignalPropagation(
        layers,
        verdict,
        initial_loss=loss,
        chance_loss=chance_loss,
        first_to_last_gradient_ratio=first_to_last,
        n_samples=X.shape[0],
        input_std=input_std,
        title=_title(mlp, at_start),
    )


def _draw_samples(
    X: Any, y: np.ndarray | None, max_samples: int, rng: np.random.RandomState
) -> tuple[Any, np.ndarray | None]:
    if X.shape[0] <= max_samples:
        return X, y
    rows = np.sort(rng.permutation(X.shape[0])[:max_samples])
    return X[rows], None if y is None else y[rows]


def _first_to_last(layers: Sequence[LayerSignals]) -> float | None:
    stds = [layer.gradient_std for layer in layers if not layer.is_output]
    if not stds or stds[0] is None or not stds[-1]:
        return None  # where no gradient comes in, nothing is said of how it passes
    return ratio(stds[0], stds[-1])


def _start_of(
    estimator: BaseEstimator, X: Any, y: Any, rng: np.random.RandomState
) -> tuple[BaseXavierMLP, Any, bool]:
    """The network with weights, its samples, and whether they are a start drawn here."""
    steps, last = [], estimator
    while isinstance(last, Pipeline):
        steps.append(last[:-1])
        last = last.steps[-1][1]
    if not isinstance(last, BaseXavierMLP):
        raise TypeError(
            "estimator must be a XavierMLPClassifier, a XavierMLPRegressor or a Pipeline that"
            f" ends in one. Got {estimator!r}."
        )
    is_fitted = hasattr(last, "coefs_")
    for before in steps:
        if len(before):
            X = before.transform(X) if is_fitted else clone(before).fit_transform(X, y)
    if _num_rows(X) < 2:
        raise ValueError(f"X must have at least 2 samples, got {_num_rows(X)}.")
    if is_fitted:
        return last, X, False
    start = clone(last)
    if start.random_state is None:
        start.random_state = rng.randint(2**31 - 1)
    if y is None:
        y = np.arange(_num_rows(X)) % 2
    with warnings.catch_warnings():
        # A verdict says so, too.
        warnings.filterwarnings("ignore", "The loss at the start is", RuntimeWarning)
        return start.initialize(X, y), X, True


def _num_rows(X: Any) -> int:
    return X.shape[0] if hasattr(X, "shape") else len(X)


def _encoded(mlp: BaseXavierMLP, X: Any, y: Any) -> Target:
    X, y, _ = mlp._validate_data(X, y, None, mlp._fitted_dtype())
    return mlp._encode_target(y, X.dtype, resume=True, incremental=True, classes=None)


def _root_mean_square(X: Any) -> float:
    entries = np.abs(X.ravel() if isinstance(X, np.ndarray) else X.data)  # the others are zero
    largest = entries.max(initial=0.0)
    if largest == 0.0:
        return 0.0
    mean_square = np.square(entries / largest, dtype=np.float64).sum() / (X.shape[0] * X.shape[1])
    return float(largest * np.sqrt(mean_square))


def _spread(X: Any) -> float:
    """The largest range of a feature, as a part of the largest entry."""
    lowest, highest = (
        np.asarray(part.todense() if issparse(part) else part, np.float64).ravel()
        for part in (X.min(axis=0), X.max(axis=0))
    )
    largest = max(np.abs(lowest).max(), np.abs(highest).max())
    spread = (highest / largest - lowest / largest).max() if largest else 0.0
    return float(spread) if spread > 4 * np.finfo(X.dtype).eps else 0.0


def _chance_loss(network: Network, y: np.ndarray) -> float:
    loss: Loss = network.loss
    raw = np.zeros((len(y), network.layer_units[-1]), network.dtype, order=loss.order)
    return float(loss.inplace_gradient(raw, y, np.full(len(y), 1.0 / len(y), network.dtype)))


def _label(init: Any) -> str:
    """What a message calls an initializer: short, and the same in every run."""
    text = getattr(init, "__name__", None) or repr(init)
    return text if len(text) <= 60 else f"<{type(init).__name__}>"


def _title(mlp: BaseXavierMLP, at_start: bool) -> str:
    n_hidden = len(mlp.coefs_) - 1
    layers = "hidden layer" if n_hidden == 1 else "hidden layers"
    state = f"init={_label(mlp.init)}" if at_start else f"after {mlp.n_iter_} epochs"
    if not at_start and mlp.n_iter_ == 0:
        state = "initialized"
    names = [activation.name for activation in layer_activations(mlp, n_hidden)]
    activation = names[0] if len(set(names)) == 1 else "-".join(names)
    return f"{type(mlp).__name__}, {n_hidden} {layers}, {activation}, {state}"
