"""The picture of the weights into a layer."""

from collections.abc import Sequence
from math import isqrt
from numbers import Integral
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from ._drawing import (
    COLORS,
    check_positive,
    describe,
    drawable_values,
    import_pyplot,
    last_step,
    make_axes,
    set_title,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colorbar import Colorbar
    from matplotlib.container import BarContainer
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.image import AxesImage

__all__ = ["WeightsDisplay"]


class WeightsDisplay:
    """The weights into the units of a layer, as images or bars: one panel for each unit.

    Under ``init="constant"`` all panels are the same; under Xavier's no two are.

    Read more in the :ref:`user guide <guide_symmetry>`.

    Parameters
    ----------
    coefs : array-like of shape (n_features, n_units)
        The weights into the layer.
    intercepts : array-like of shape (n_units,)
        Its biases.
    layer : int, default=1
        Its number, from 1.
    image_shape : 'auto', None or tuple of int, default='auto'
        Height and width of the images; None for bars; 'auto' for square images in layer 1
        where the number of features, 16 or more, is a square and they have no names.
    feature_names : sequence of str, default=None
        Names of what comes in.
    title : str, default=''
        The network in a few words.

    Attributes
    ----------
    n_distinct : int
        How many units differ from all before them, in a weight or the bias.
    ax_ : matplotlib Axes
        The first of `axes_`.
    axes_ : list of matplotlib Axes
        One for each unit, as drawn.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    images_ : list of matplotlib AxesImage or None
        The images.
    colorbar_ : matplotlib Colorbar or None
        Their scale.
    bars_ : list of matplotlib BarContainer or None
        The bars; the last of each unit is its bias.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.displays import WeightsDisplay
    >>> X, y = load_digits(return_X_y=True)
    >>> network = XavierMLPClassifier((8,), init="constant").initialize(X, y)
    >>> WeightsDisplay(coefs=network.coefs_[0], intercepts=network.intercepts_[0]).n_distinct
    1
    >>> WeightsDisplay.from_estimator(network)  # doctest: +SKIP
    <...>
    """

    ax_: "Axes"
    axes_: list["Axes"]
    figure_: "Figure | SubFigure"
    images_: list["AxesImage"] | None
    colorbar_: "Colorbar | None"
    bars_: list["BarContainer"] | None

    def __init__(
        self,
        *,
        coefs: ArrayLike,
        intercepts: ArrayLike,
        layer: int = 1,
        image_shape: tuple[int, int] | str | None = "auto",
        feature_names: Sequence[str] | None = None,
        title: str = "",
    ) -> None:
        self.coefs = coefs
        self.intercepts = intercepts
        self.layer = layer
        self.image_shape = image_shape
        self.feature_names = feature_names
        self.title = title

    @property
    def n_distinct(self) -> int:
        """How many units differ from all before them, in a weight or the bias."""
        return np.unique(np.vstack([self.coefs, self.intercepts]), axis=1).shape[1]

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        layer: int = 1,
        image_shape: tuple[int, int] | str | None = "auto",
        max_units: int = 16,
        feature_names: Sequence[str] | None = None,
        ax: "Axes | Sequence[Axes] | None" = None,
    ) -> Self:
        """Draw the weights of an estimator that is fitted or initialized.

        Parameters
        ----------
        estimator : estimator
            One of this library's or scikit-learn's multilayer perceptrons, or a Pipeline
            that ends in one.
        layer : int, default=1
            Which layer of weights, from 1.
        image_shape : 'auto', None or tuple of int, default='auto'
            Height and width of the images; None for bars; 'auto' for square images in
            layer 1 where the number of features, 16 or more, is a square and
            `feature_names` is None.
        max_units : int, default=16
            Of more units, the first are drawn.
        feature_names : sequence of str, default=None
            Names of what comes into the layer; None for those that the estimator knows.
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw, as in `plot`.

        Returns
        -------
        display : WeightsDisplay
            What was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        NotFittedError
            If the estimator has no weights yet.
        TypeError
            If it never has ``coefs_``.
        ValueError
            If a parameter is invalid.
        """
        import_pyplot(f"{cls.__name__}.from_estimator")
        network = last_step(estimator)
        check_is_fitted(network)
        if not hasattr(network, "coefs_"):
            raise TypeError(
                "estimator must have coefs_, as multilayer perceptrons do, or be a Pipeline that"
                f" ends in one that has. Got {network!r}."
            )
        n_layers = len(network.coefs_)
        if not isinstance(layer, Integral) or not 1 <= layer <= n_layers:
            raise ValueError(f"layer must be an int from 1 to {n_layers}. Got {layer!r}.")
        coefs = np.array(network.coefs_[layer - 1])
        image_shape = _image_shape(image_shape, len(coefs), layer, feature_names)
        if feature_names is None and image_shape is None:
            feature_names = _feature_names(estimator, layer, len(coefs))
        display = cls(
            coefs=coefs,
            intercepts=np.array(network.intercepts_[layer - 1]),
            layer=layer,
            image_shape=image_shape,
            feature_names=feature_names,
            title=describe(network),
        )
        return display.plot(ax, max_units=max_units)

    def plot(self, ax: "Axes | Sequence[Axes] | None" = None, *, max_units: int = 16) -> Self:
        """Draw the weights. All panels have the same scale, with 0 at its centre.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw: None for a new figure; one axes for each unit; or one axes that
            is divided among them.
        max_units : int, default=16
            Of more units, the first are drawn.

        Returns
        -------
        display : WeightsDisplay
            This one.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a parameter is invalid.
        """
        import_pyplot(f"{type(self).__name__}.plot")
        check_positive("max_units", max_units)
        coefs, intercepts = np.asarray(self.coefs), np.asarray(self.intercepts)
        n_features, n_units = coefs.shape
        shape = _image_shape(self.image_shape, n_features, self.layer, self.feature_names)
        n_shown = min(int(max_units), n_units)
        n_columns = min(4, n_shown)
        height = 1.6 if shape else min(max(0.2 * (n_features + 1), 1.2), 4.0)
        size = (1.0 + 1.8 * max(n_columns, 2), 1.0 + (height + 0.3) * -(-n_shown // n_columns))
        self.axes_, whole = make_axes(ax, n_shown, n_columns, size=size)
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        for i, axes in enumerate(self.axes_):
            axes.set_title(f"unit {i + 1}", fontsize="small")
        self.images_ = self.colorbar_ = self.bars_ = None
        if shape:
            self._plot_images(coefs[:, :n_shown], shape)
        else:
            self._plot_bars(np.vstack([coefs, intercepts])[:, :n_shown], n_columns)
        units = "unit" if self.n_distinct == 1 else "units"
        title = f"layer {self.layer}: {self.n_distinct} distinct {units} of {n_units}"
        title += f", the first {n_shown} shown" if n_shown < n_units else ""
        set_title(whole, self.title, title, "unit 1" if whole is self.ax_ else "")
        return self

    def _plot_images(self, coefs: np.ndarray, shape: tuple[int, int]) -> None:
        limit = _limit(coefs)
        self.images_ = []
        for axes, weights in zip(self.axes_, coefs.T, strict=True):
            # From blue through grey to yellow, ever lighter: the sign shows in black and
            # white, where the two ends of most diverging maps are the same grey.
            image = axes.imshow(
                weights.reshape(shape),
                cmap="cividis",
                vmin=-limit,
                vmax=limit,
                interpolation="nearest",
            )
            axes.set_xticks([])
            axes.set_yticks([])
            self.images_.append(image)
        self.colorbar_ = self.figure_.colorbar(self.images_[0], ax=self.axes_, label="weight")

    def _plot_bars(self, values: np.ndarray, n_columns: int) -> None:
        limit = 1.05 * _limit(values)
        n_bars, n_shown = values.shape
        names = self.feature_names
        if names is None:
            names = [f"x{i}" for i in range(n_bars - 1)]
        elif len(names) != n_bars - 1:
            raise ValueError(
                f"feature_names must have {n_bars - 1} names, one for each weight into a unit."
                f" Got {len(names)}."
            )
        every = -(-n_bars // 20)  # more names than that would not fit
        ticks = [*range(0, n_bars - 1, every), n_bars - 1]
        self.bars_ = []
        for i, axes in enumerate(self.axes_):
            colors = [COLORS[0]] * (n_bars - 1) + ["0.5"]
            self.bars_.append(axes.barh(range(n_bars), values[:, i], color=colors))
            axes.axvline(0.0, color="black", linewidth=0.8)
            axes.set_xlim(-limit, limit)
            axes.set_ylim(n_bars - 0.4, -0.6)
            axes.set_yticks(
                ticks, [[*names, "bias"][j] for j in ticks] if not i % n_columns else []
            )
            if i + n_columns >= n_shown:
                axes.set_xlabel("weight, bias")


def _limit(values: np.ndarray) -> float:
    """The largest magnitude, for an axis or colours around 0; 1 where there is none."""
    return float(np.abs(drawable_values(values)).max(initial=0.0)) or 1.0


def _image_shape(
    image_shape: Any, n_features: int, layer: int, feature_names: Any
) -> tuple[int, int] | None:
    if image_shape is None:
        return None
    if isinstance(image_shape, str) and image_shape == "auto":
        side = isqrt(n_features)
        is_image = layer == 1 and feature_names is None and side >= 4 and side**2 == n_features
        return (side, side) if is_image else None
    if (
        np.shape(image_shape) != (2,)
        or not all(isinstance(side, int | np.integer) and side > 0 for side in image_shape)
        or image_shape[0] * image_shape[1] != n_features
    ):
        raise ValueError(
            "image_shape must be 'auto', None or a tuple (height, width) whose product is the"
            f" number of weights into a unit, {n_features}. Got {image_shape!r}."
        )
    return int(image_shape[0]), int(image_shape[1])


def _feature_names(estimator: Any, layer: int, n_features: int) -> list[str] | None:
    """Names of what comes into a layer, where the estimator knows them."""
    if layer > 1:
        return [f"from unit {i + 1}" for i in range(n_features)]
    names = getattr(last_step(estimator), "feature_names_in_", None)
    if names is None and isinstance(estimator, Pipeline) and len(estimator) > 1:
        try:
            names = estimator[:-1].get_feature_names_out()
        except (AttributeError, ValueError):  # a step that cannot tell, or is not fitted
            return None
    return None if names is None or len(names) != n_features else [str(name) for name in names]
