"""What a network's signals say of its start: thresholds, their sources, and the rules."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from ._layer_signals import LayerSignals

__all__ = ["VERDICTS", "Verdict", "judge"]

VERDICTS = ("healthy", "symmetric", "vanishing", "exploding", "saturated", "dead")
"""What a `Verdict` can be."""

_MOST_COPIES = 0.1
_COPIES_SOURCE = "copies get the same gradient and stay copies; a random start has none"

_MOST_DEAD = 0.9
_DEAD_SOURCE = (
    "fewer than one unit in ten is left; Amazon SageMaker Debugger's DeadRelu warns from half on,"
    " which samples that are not centred reach under any start"
)

_MOST_SATURATED = 0.5
_SATURATED_SOURCE = "Amazon SageMaker Debugger, rule SaturatedActivation: half of a layer"

_STEP_RATIO = 10.0
_STEP_SOURCE = (
    "a ratio of variances of 10, as in Amazon SageMaker Debugger's PoorWeightInitialization"
)

_TOTAL_RATIO = 81.0
_TOTAL_SOURCE = (
    "Glorot and Bengio (2010): their standard start divides the variance by 3 in each of four"
    " steps of a network that it spoils"
)

_STEADY = 0.8
"""Activations such as tanh shrink signals a little in each layer under any start, the less the
smaller the signals are: a mean ratio of standard deviations above this is no fading."""

_LEAST_GRADIENT_RATIO = 1e-3
_MOST_GRADIENT_RATIO = 70.0
_GRADIENT_SOURCE = "AUTOTRAINER (Zhang et al., ICSE 2021): first layer's gradient to last's"

_SCALED = 2.0
"""Samples with a larger root mean square are not scaled: that of standardized ones is 1."""

_LOSS_RATIO = 10.0
_LOSS_SOURCE = "the loss at the start should be near that of guessing; ten times it is far off"


class Verdict(str):
    """Whether a start is sound, as a str that knows its reason.

    Read more in the :ref:`user guide <guide_diagnosing>`.

    Parameters
    ----------
    kind : {'healthy', 'symmetric', 'vanishing', 'exploding', 'saturated', 'dead'}
        What the str is.
    message : str, default=''
        What is wrong, where, and by which number.
    layer : int or None, default=None
        The layer that shows it, counted from 1; None for the network as a whole.
    value, threshold : float or None, default=None
        The number, and the bound that it is beyond.
    source : str, default=''
        Where the threshold comes from.
    advice : str, default=''
        What to try instead; empty for a healthy start.

    Attributes
    ----------
    layer, value, threshold, source, advice : object
        As given.
    message : str
        As given, and then the advice.

    See Also
    --------
    sk_xavier.signal_propagation : What it returns has a verdict.

    Examples
    --------
    >>> from sk_xavier import XavierMLPClassifier, signal_propagation
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1]
    >>> start = XavierMLPClassifier(init="constant", random_state=0)
    >>> verdict = signal_propagation(start, X, y).verdict
    >>> verdict == "symmetric", verdict.layer, verdict.value
    (True, 1, 99.0)
    """

    layer: int | None
    value: float | None
    threshold: float | None
    source: str
    message: str
    advice: str

    def __new__(
        cls,
        kind: str,
        message: str = "",
        *,
        layer: int | None = None,
        value: float | None = None,
        threshold: float | None = None,
        source: str = "",
        advice: str = "",
    ) -> "Verdict":
        """Make the str; `kind` is one of `VERDICTS`."""
        self = super().__new__(cls, kind)
        self.layer, self.value, self.threshold = layer, value, threshold
        self.source, self.advice = source, advice
        self.message = f"{message}; {advice}" if advice else message
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (str(self), vars(self))


def _restore(kind: str, attributes: dict[str, Any]) -> Verdict:
    verdict = Verdict(kind)
    vars(verdict).update(attributes)
    return verdict


def judge(
    layers: Sequence[LayerSignals],
    *,
    init: str,
    input_std: float,
    input_spread: float = 1.0,
    gradient_ratio: float | None = None,
    loss: float | None = None,
    guessing_loss: float | None = None,
) -> Verdict:
    """The first of the faults that is found, those first that are the cause of others.

    Parameters
    ----------
    layers : sequence of LayerSignals
        From the first hidden layer to the output.
    init : str
        The initializer's name, for the message; empty where the weights are not at a start.
    input_std : float
        Root mean square of the samples' entries.
    input_spread : float, default=1.0
        How far the samples differ, as a part of that.
    gradient_ratio : float, default=None
        The first hidden layer's standard deviation of gradients divided by the last one's.
    loss, guessing_loss : float, default=None
        The loss, and that of raw predictions of zero.

    Returns
    -------
    verdict : Verdict
    """
    hidden = [layer for layer in layers if not layer.is_output]
    faults = (
        *_no_samples(input_spread),
        *_not_finite(layers, init, input_std),
        *_symmetry(hidden, init),
        *_flat(hidden, init, input_std),
        *_drift(hidden, init),
        *_gradient_drift(hidden, init, gradient_ratio),
        *_loss_far_off(layers[-1], init, input_std, loss, guessing_loss),
    )
    return faults[0] if faults else Verdict("healthy", "no fault was found")


def _start(init: str) -> str:
    """The subject of a message."""
    return f"init={init}" if init else "the network"


def _advice(init: str, input_std: float = 1.0) -> str:
    if input_std > _SCALED:
        return "scale X, for example with StandardScaler"
    if init == "'auto'":
        return "use fewer hidden layers or another activation"
    return "try init='auto'"


def _no_samples(input_spread: float) -> Iterator[Verdict]:
    if not input_spread > 0.0:
        yield Verdict(
            "vanishing",
            "X has no signal: all samples are alike",
            value=0.0,
            threshold=0.0,
            source="no start can tell samples apart that are the same",
            advice="look at X",
        )


def _not_finite(layers: Sequence[LayerSignals], init: str, input_std: float) -> Iterator[Verdict]:
    for layer in layers:
        for what, std in (("signals", layer.sample_std), ("gradients", layer.gradient_std)):
            if std is not None and not math.isfinite(std):
                yield Verdict(
                    "exploding",
                    f"{_start(init)} makes the {what} of layer {layer.layer} overflow",
                    layer=layer.layer,
                    value=std,
                    threshold=math.inf,
                    source="the largest floating-point number",
                    advice=_advice(init, input_std),
                )


def _symmetry(hidden: Sequence[LayerSignals], init: str) -> Iterator[Verdict]:
    for layer in hidden:
        if layer.n_copies <= _MOST_COPIES * layer.n_units:
            continue
        if layer.n_copies == layer.n_units - 1:
            what = f"makes all {layer.n_units} units of layer {layer.layer} the same function"
        else:
            what = (
                f"makes {layer.n_copies} of the {layer.n_units} units of layer {layer.layer}"
                " copies of others"
            )
        units = "unit" if layer.n_distinct == 1 else "units"
        yield Verdict(
            "symmetric",
            f"{_start(init)} {what}: {layer.n_distinct} distinct {units}",
            layer=layer.layer,
            value=float(layer.n_copies),
            threshold=_MOST_COPIES * layer.n_units,
            source=_COPIES_SOURCE,
            advice=_advice(init),
        )


def _flat(hidden: Sequence[LayerSignals], init: str, input_std: float) -> Iterator[Verdict]:
    """Units that are dead, and then outputs that are saturated."""
    advice = _advice(init, input_std)
    for layer in hidden:
        if layer.dead is not None and layer.dead > _MOST_DEAD:
            what = f"leaves {layer.dead:.0%} of the {layer.n_units} units of layer {layer.layer}"
            yield Verdict(
                "dead",
                f"{_start(init)} {what} without any output on 99% of the samples or more",
                layer=layer.layer,
                value=layer.dead,
                threshold=_MOST_DEAD,
                source=_DEAD_SOURCE,
                advice=advice.replace("try init=", "try bias_init='zeros' and init="),
            )
        elif layer.saturated is not None and layer.saturated > _MOST_SATURATED:
            what = f"drives {layer.saturated:.0%} of the outputs of layer {layer.layer}"
            yield Verdict(
                "saturated",
                f"{_start(init)} {what} to where the activation is flat",
                layer=layer.layer,
                value=layer.saturated,
                threshold=_MOST_SATURATED,
                source=_SATURATED_SOURCE,
                advice=advice,
            )


def _drift(hidden: Sequence[LayerSignals], init: str) -> Iterator[Verdict]:
    """Signals that grow or fade, in one step or from the first hidden layer to a later one."""
    for first, layer, threshold, source in _pairs(hidden):
        kind = _drift_kind(hidden, first, layer, threshold)
        if kind is None:
            continue
        variances = _variance_ratio(first, layer)
        what = f"{math.sqrt(variances):.3g} times as large as those of layer {first.layer}"
        yield Verdict(
            kind,
            f"{_start(init)} makes the signals of layer {layer.layer} {what}: the ratio of"
            f" variances is {variances:.3g}"
            if variances
            else f"{_start(init)} leaves nothing of the signals in layer {layer.layer}: all"
            " samples look alike there",
            layer=layer.layer,
            value=variances,
            threshold=threshold if kind == "exploding" else 1.0 / threshold,
            source=source,
            advice=_advice(init),
        )


def _pairs(
    hidden: Sequence[LayerSignals],
) -> Iterator[tuple[LayerSignals, LayerSignals, float, str]]:
    """Layers to compare, with the bound of their variances' ratio and its source."""
    for i, layer in enumerate(hidden):
        yield hidden[max(i - 1, 0)], layer, _STEP_RATIO, _STEP_SOURCE
        yield hidden[0], layer, _TOTAL_RATIO, _TOTAL_SOURCE


def _judged_ratios(
    hidden: Sequence[LayerSignals], first: LayerSignals, layer: LayerSignals
) -> tuple[float, float]:
    """The ratio of variances, and what is left of it where the widths explain a part.

    Between layers of different widths, Glorot's compromise lets the variance change by
    ``2 fan_in / (fan_in + fan_out)`` and back again: that is no fault of a start.
    """
    variances = explained = _variance_ratio(first, layer)
    for source, target in pairwise(hidden[first.layer - 1 : layer.layer]):
        explained /= 2.0 * source.n_units / (source.n_units + target.n_units)
    return min(variances, explained), max(variances, explained)


def _variance_ratio(first: LayerSignals, layer: LayerSignals) -> float:
    """0 where nothing is left of the signal, in the first layer already or after it."""
    return (layer.sample_std / first.sample_std) ** 2 if first.sample_std else 0.0


def _drift_kind(
    hidden: Sequence[LayerSignals], first: LayerSignals, layer: LayerSignals, threshold: float
) -> str | None:
    least, most = _judged_ratios(hidden, first, layer)
    if most == 0.0:
        return "vanishing"
    n_steps = max(layer.layer - first.layer, 1)
    if least > threshold and least ** (0.5 / n_steps) > 1.0 / _STEADY:
        return "exploding"
    fades = most < 1.0 / threshold and most ** (0.5 / n_steps) < _STEADY
    return "vanishing" if fades else None


def _gradient_drift(
    hidden: Sequence[LayerSignals], init: str, ratio: float | None
) -> Iterator[Verdict]:
    if ratio is None:
        return
    for kind, threshold, is_beyond in (
        ("vanishing", _LEAST_GRADIENT_RATIO, ratio < _LEAST_GRADIENT_RATIO),
        ("exploding", _MOST_GRADIENT_RATIO, not ratio <= _MOST_GRADIENT_RATIO),
    ):
        if is_beyond:
            yield Verdict(
                kind,
                f"{_start(init)} makes the gradient in layer 1 {ratio:.3g} times that in layer"
                f" {hidden[-1].layer}",
                layer=1,
                value=ratio,
                threshold=threshold,
                source=_GRADIENT_SOURCE,
                advice=_advice(init),
            )


def _loss_far_off(
    output: LayerSignals, init: str, input_std: float, loss: float | None, guess: float | None
) -> Iterator[Verdict]:
    """A loss far above that of guessing, with raw predictions far larger than the samples.

    The second tells a start that is too large from targets that are small.
    """
    if loss is None or guess is None or loss <= _LOSS_RATIO * guess:
        return
    if output.std <= _LOSS_RATIO * input_std and output.activation in ("identity", "exp"):
        return
    yield Verdict(
        "exploding",
        f"{_start(init)} makes the loss {loss:.3g}, while raw predictions of zero have {guess:.3g}",
        value=loss / guess if guess else math.inf,
        threshold=_LOSS_RATIO,
        source=_LOSS_SOURCE,
        advice=_advice(init, input_std),
    )
