"""The picture of how signals pass through a network."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ._drawing import (
    LOG_RANGE,
    check_choice,
    check_positive,
    drawable_values,
    import_pyplot,
    line_style,
    make_axes,
    set_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D

    from .diagnostics import SignalPropagation

__all__ = ["SignalPropagationDisplay"]


def _is_spike(values: np.ndarray) -> bool:
    """Whether all values are the same, but for rounding."""
    return bool(np.ptp(values) <= 1e-6 * np.abs(values).max())


def _bin_edges(layers: Sequence[np.ndarray], n_bins: int) -> tuple[np.ndarray, float | None]:
    """Edges of bins that suit all layers, and the linear width of their asinh scale if any.

    In layers whose signals vanish, all values would share one of several bins of equal widths.
    """
    # Not the last thousandth at either end: an outlier would leave the others a few bins.
    low = min(np.percentile(values, 0.1, method="lower") for values in layers)
    high = max(np.percentile(values, 99.9, method="higher") for values in layers)
    if low == high:
        low, high = min(map(np.min, layers)), max(map(np.max, layers))
    sizes = [float(np.percentile(np.abs(values), 90)) for values in layers]
    sizes = [size for size in sizes if size > 0.0]
    if not sizes or max(sizes) <= LOG_RANGE * min(sizes):
        return np.linspace(low, high, n_bins + 1), None
    width = max(min(sizes), 1e-12 * max(sizes))
    first, last = np.arcsinh(low / width), np.arcsinh(high / width)
    edges = width * np.sinh(np.linspace(first, last, n_bins + 1))
    edges[[0, -1]] = low, high  # rounding must not leave these values out
    return edges, width


class SignalPropagationDisplay:
    """Distributions of activations and of back-propagated gradients, layer by layer.

    Figures 6 and 7 of Glorot and Bengio's paper [1]_: normalized histograms, one line for
    each hidden layer. In a sound start the lines lie on each other.

    Read more in the :ref:`user guide <guide_diagnosing>`.

    Parameters
    ----------
    activations : sequence of array-like
        The activations of each hidden layer, from the first.
    gradients : sequence of array-like, default=None
        Likewise the gradients of the loss with respect to the pre-activations.
    title : str, default=''
        The network in a few words.
    verdict : str, default=''
        What `signal_propagation` says of it.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The first of `axes_`.
    axes_ : list of matplotlib Axes
        One for the activations, one for the gradients, as drawn.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    lines_ : list of list of matplotlib Line2D
        For each of `axes_`, a line for each layer.

    See Also
    --------
    signal_propagation : The numbers.

    References
    ----------
    .. [1] Xavier Glorot and Yoshua Bengio, "Understanding the difficulty of training deep
       feedforward neural networks", AISTATS 2010.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.diagnostics import signal_propagation
    >>> from sk_xavier.displays import SignalPropagationDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> network = XavierMLPClassifier((20,) * 5, "tanh", random_state=0)
    >>> propagation = signal_propagation(network, X - X.mean(axis=0), y)
    >>> SignalPropagationDisplay.from_signal_propagation(propagation)  # doctest: +SKIP
    <...>
    """

    ax_: "Axes"
    axes_: list["Axes"]
    figure_: "Figure | SubFigure"
    lines_: list[list["Line2D"]]

    def __init__(
        self,
        *,
        activations: Sequence[ArrayLike],
        gradients: Sequence[ArrayLike] | None = None,
        title: str = "",
        verdict: str = "",
    ) -> None:
        self.activations = activations
        self.gradients = gradients
        self.title = title
        self.verdict = verdict

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any = None,
        *,
        max_samples: int = 1000,
        random_state: int | np.random.RandomState | None = None,
        ax: "Axes | Sequence[Axes] | None" = None,
        kind: str = "both",
        bins: int = 40,
        log_scale: bool | str = "auto",
    ) -> Self:
        """Pass samples through a network, and draw the distributions.

        Parameters
        ----------
        estimator : XavierMLPClassifier, XavierMLPRegressor or Pipeline
            Unfitted, its starting weights are looked at; fitted, those it has.
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs), default=None
            Targets, for the gradients.
        max_samples : int, default=1000
            Of more samples, so many are drawn.
        random_state : int, RandomState instance or None, default=None
            Draws the samples, and the starting weights of an estimator whose own
            `random_state` is None.
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw, as in `plot`.
        kind : {'both', 'activations', 'gradients'}, default='both'
            What to draw, as in `plot`.
        bins : int, default=40
            Number of bins.
        log_scale : bool or 'auto', default='auto'
            Whether densities have a log scale, as in `plot`.

        Returns
        -------
        display : SignalPropagationDisplay
            What was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        TypeError
            If the estimator is not one of this library's, or a Pipeline that ends in one.
        ValueError
            If the data or a parameter is invalid, or there is nothing to draw.
        """
        import_pyplot(f"{cls.__name__}.from_estimator")
        from .diagnostics import signal_propagation

        check_choice("kind", kind, cls._KINDS)
        propagation = signal_propagation(
            estimator, X, y, max_samples=max_samples, random_state=random_state
        )
        return cls.from_signal_propagation(
            propagation, ax=ax, kind=kind, bins=bins, log_scale=log_scale
        )

    @classmethod
    def from_signal_propagation(
        cls,
        propagation: "SignalPropagation",
        *,
        ax: "Axes | Sequence[Axes] | None" = None,
        kind: str = "both",
        bins: int = 40,
        log_scale: bool | str = "auto",
    ) -> Self:
        """Draw what `signal_propagation` found.

        Parameters
        ----------
        propagation : SignalPropagation
            What it returned.
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw, as in `plot`.
        kind : {'both', 'activations', 'gradients'}, default='both'
            What to draw, as in `plot`.
        bins : int, default=40
            Number of bins.
        log_scale : bool or 'auto', default='auto'
            Whether densities have a log scale, as in `plot`.

        Returns
        -------
        display : SignalPropagationDisplay
            What was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a parameter is invalid, or there is nothing to draw.
        """
        hidden = [layer for layer in propagation.layers if not layer.is_output]
        gradients = [layer.gradients for layer in hidden if layer.gradients is not None]
        verdict = propagation.verdict
        display = cls(
            activations=[layer.activations for layer in hidden],
            gradients=gradients,
            title=propagation.title,
            verdict=str(verdict) + (f" in layer {verdict.layer}" if verdict.layer else ""),
        )
        return display.plot(ax, kind=kind, bins=bins, log_scale=log_scale)

    _KINDS = ("both", "activations", "gradients")

    def plot(
        self,
        ax: "Axes | Sequence[Axes] | None" = None,
        *,
        kind: str = "both",
        bins: int = 40,
        log_scale: bool | str = "auto",
    ) -> Self:
        """Draw the distributions.

        All layers share the bins. Where some layer's values are more than 10 times as large
        as another's, bins and axis follow an inverse hyperbolic sine: linear around 0 and
        logarithmic away from it. A thousandth of a layer's values at either end may lie
        outside the bins. A layer whose values are all the same is a vertical line; its density
        would be infinite, and its height means nothing.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw: None for a new figure; one axes for each panel; or one axes that
            is divided among them.
        kind : {'both', 'activations', 'gradients'}, default='both'
            What to draw; 'both' leaves out gradients where there are none.
        bins : int, default=40
            Number of bins.
        log_scale : bool or 'auto', default='auto'
            Whether densities have a log scale. 'auto' gives them one where the highest would
            press the others down.

        Returns
        -------
        display : SignalPropagationDisplay
            This one.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a parameter is invalid, or there is nothing to draw.
        """
        import_pyplot(f"{type(self).__name__}.plot")
        check_choice("kind", kind, self._KINDS)
        check_choice("log_scale", log_scale, ("auto", True, False))
        check_positive("bins", bins)
        gradients = [] if self.gradients is None else self.gradients
        panels = []
        if kind != "gradients":
            panels.append(("activation", self.activations))
        if kind == "gradients" or (kind == "both" and len(gradients)):
            panels.append(("back-propagated gradient", gradients))
        if not all(len(layers) for _, layers in panels):
            raise ValueError(
                f"kind={kind!r} has nothing to draw: gradients need targets y, and both need a"
                " hidden layer."
            )
        n_panels = len(panels)
        self.axes_, whole = make_axes(ax, n_panels, n_panels, size=(1 + 4.8 * n_panels, 4.2))
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.lines_ = []
        for axes, (name, layers) in zip(self.axes_, panels, strict=True):
            self.lines_.append(_draw_densities(axes, name, layers, bins, log_scale))
        _add_layer_legends(self.axes_, self.lines_, outside=ax is None)
        set_title(whole, self.title, f"verdict: {self.verdict}" if self.verdict else "")
        return self


def _draw_densities(
    axes: "Axes", name: str, layers: Sequence[ArrayLike], n_bins: int, log_scale: bool | str
) -> list["Line2D"]:
    drawable = [drawable_values(values) for values in layers]
    spread = {i: v for i, v in enumerate(drawable) if len(v) and not _is_spike(v)}
    edges, width = _bin_edges(list(spread.values()), n_bins) if spread else (np.zeros(2), None)
    shares = {i: np.histogram(v, bins=edges)[0] / len(v) for i, v in spread.items()}
    if width is not None:
        _set_asinh_scale(axes, width, edges)
        name += ", asinh scale"
    if log_scale == "auto":
        # The paper's linear scale would show nothing but the peak of a vanishing layer, or
        # of a ReLU's zeros: a bin that holds more than ten times its even share.
        highest = max(map(np.max, shares.values()), default=0.0)
        log_scale = width is not None or highest > LOG_RANGE / n_bins
    if log_scale and spread:
        axes.set_yscale("log", nonpositive="mask")
    lines = []
    for i, values in enumerate(drawable):
        label, style = f"layer {i + 1}", _layer_style(i, len(layers), n_bins)
        if len(values) < np.size(layers[i]):
            label += f", {1.0 - len(values) / np.size(layers[i]):.0%} overflow"
        if i in spread:
            style["markevery"] = _marked(shares[i], i)
            x, density = 0.5 * (edges[1:] + edges[:-1]), shares[i] / np.diff(edges)
            lines += axes.plot(x, density, label=label, **style)
        elif len(values):
            style["markevery"] = [1]
            top = 0.95 - 0.6 * i / len(layers)  # so that spikes at one place can all be seen
            label += f", all {values[0]:.3g}"
            place = axes.get_xaxis_transform()
            lines += axes.plot([values[0]] * 2, [0, top], transform=place, label=label, **style)
        else:
            lines += axes.plot([], label=label, **style)
    if log_scale and spread:
        # Single values in the tails are noise, and would take up half of the picture.
        seen = [(share / np.diff(edges))[share > 0.02 / n_bins] for share in shares.values()]
        axes.set_ylim(bottom=0.7 * np.concatenate(seen).min())
    axes.set_xlabel(name)
    axes.set_ylabel("density")
    if not spread:
        axes.set_yticks([])
    return lines


def _set_asinh_scale(axes: "Axes", width: float, edges: np.ndarray) -> None:
    """Label as many powers of ten as there is room for: matplotlib's labels overlap around 0."""
    axes.set_xscale("asinh", linear_width=width)
    low, high = edges[0], edges[-1]
    room = (np.arcsinh(high / width) - np.arcsinh(low / width)) / 6
    first, last = np.floor(np.log10([width, np.abs(edges).max()])).astype(int)
    powers = 10.0 ** np.arange(first, last + 1)
    labelled, place = [0.0], 0.0
    for power in powers:
        if np.arcsinh(power / width) - place > room:
            labelled += [-power, power]
            place = np.arcsinh(power / width)
    others = np.outer(powers, np.arange(1, 10)).ravel() if len(powers) < 6 else powers
    others = np.concatenate([-others, others])
    axes.set_xticks([tick for tick in labelled if low <= tick <= high])
    minor = others[(low <= others) & (others <= high)]
    axes.set_xticks(minor, [""] * len(minor), minor=True)


def _marked(shares: np.ndarray, i: int) -> list[int]:
    """Bins with a marker: a few of those that are not empty, and those between empty ones."""
    full = np.concatenate([[False], shares > 0.0, [False]])
    alone = np.flatnonzero(full[1:-1] & ~full[:-2] & ~full[2:])
    places = np.flatnonzero(full[1:-1])
    step = max(1, len(places) // 6)
    return sorted({*places[i % step :: step].tolist(), *alone.tolist()})


def _layer_style(i: int, n_layers: int, n_points: int) -> dict[str, Any]:
    """As layers are in order, their colours are: from dark to light, but not to a pale yellow."""
    import matplotlib as mpl

    color = mpl.colormaps["viridis"](0.8 * i / max(n_layers - 1, 1))
    return line_style(i, n_layers, n_points) | {"color": color}


def _add_layer_legends(
    all_axes: Sequence["Axes"], all_lines: Sequence[Sequence["Line2D"]], *, outside: bool
) -> None:
    """One legend where one will do; of many layers, some."""
    labels = [[line.get_label() for line in lines] for lines in all_lines]
    for i, (axes, lines) in enumerate(zip(all_axes, all_lines, strict=True)):
        if labels[i] in labels[i + 1 :]:
            continue
        place: dict[str, Any] = {"loc": "best"}
        if outside:
            place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
        most = min(len(lines), 16 if outside else 8)
        shown = np.unique(np.linspace(0, len(lines) - 1, most).round().astype(int))
        axes.legend(handles=[lines[j] for j in shown], fontsize="small", **place)
