"""The pictures of training: loss curves, and initializers compared."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from ._base_estimator import BaseXavierMLP
from ._drawing import (
    LARGEST,
    LOG_RANGE,
    check_choice,
    describe,
    drawable_values,
    import_pyplot,
    last_step,
    line_style,
    make_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PolyCollection
    from matplotlib.container import ErrorbarContainer
    from matplotlib.figure import Figure, SubFigure
    from matplotlib.lines import Line2D

    from .comparison import InitializerComparison

__all__ = ["InitializerComparisonDisplay", "LossCurveDisplay"]


class LossCurveDisplay:
    """Training loss, and loss and scores of validation where there are any, epoch by epoch.

    Read more in the :ref:`user guide <guide_training>`.

    Parameters
    ----------
    loss_curves : dict of str to sequence of float
        By name, the training loss after each epoch or iteration.
    validation_scores : dict of str to sequence of float, default=None
        By the same names, the score on samples to validate on after each epoch, of those
        that have such.
    validation_loss_curves : dict of str to sequence of float, default=None
        Likewise the loss on them.
    loss_name : str, default='training loss'
        Name of the loss, with its unit.
    score_name : str, default='validation score'
        Name of the score.
    step_name : str, default='epoch'
        What training is counted in.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The first of `axes_`.
    axes_ : list of matplotlib Axes
        One for the loss, and one below for the scores, as drawn.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    lines_ : list of list of matplotlib Line2D
        For each of `axes_`, a line for each name that has something to draw in it; for the
        loss then also the thin lines of validation, with hollow marks.

    See Also
    --------
    InitializerComparisonDisplay : The same for many runs of several initializers.

    Notes
    -----
    The loss is what training minimizes: the mean over samples, and the L2 penalty. That on
    samples to validate on has no penalty.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.displays import LossCurveDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> network = XavierMLPClassifier(solver="lbfgs", tol=1e-2, random_state=0).fit(X, y)
    >>> display = LossCurveDisplay(loss_curves={"iris": network.loss_curve_})
    >>> display.plot()  # doctest: +SKIP
    <...>
    >>> LossCurveDisplay.from_estimator(network)  # doctest: +SKIP
    <...>
    """

    ax_: "Axes"
    axes_: list["Axes"]
    figure_: "Figure | SubFigure"
    lines_: list[list["Line2D"]]

    def __init__(
        self,
        *,
        loss_curves: Mapping[str, Sequence[float]],
        validation_scores: Mapping[str, Sequence[float]] | None = None,
        validation_loss_curves: Mapping[str, Sequence[float]] | None = None,
        loss_name: str = "training loss",
        score_name: str = "validation score",
        step_name: str = "epoch",
    ) -> None:
        self.loss_curves = loss_curves
        self.validation_scores = validation_scores
        self.validation_loss_curves = validation_loss_curves
        self.loss_name = loss_name
        self.score_name = score_name
        self.step_name = step_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        name: str | None = None,
        ax: "Axes | Sequence[Axes] | None" = None,
        kind: str = "both",
        log_scale: bool | str = "auto",
    ) -> Self:
        """Draw one fitted estimator's curves.

        Parameters
        ----------
        estimator : estimator
            One of this library's, scikit-learn's `MLPClassifier`, or any other that has
            ``loss_curve_``; or a Pipeline that ends in one.
        name : str, default=None
            Its name in the legend; None for its class and initializer.
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw, as in `plot`.
        kind : {'both', 'loss', 'scores'}, default='both'
            What to draw, as in `plot`.
        log_scale : bool or 'auto', default='auto'
            Whether the loss has a log scale, as in `plot`.

        Returns
        -------
        display : LossCurveDisplay
            What was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        NotFittedError
            If the estimator is not fitted.
        TypeError
            If it has no ``loss_curve_``.
        ValueError
            If that is empty, or a parameter is invalid.
        """
        estimators = [estimator] if name is None else {name: estimator}
        return cls.from_estimators(estimators, ax=ax, kind=kind, log_scale=log_scale)

    @classmethod
    def from_estimators(
        cls,
        estimators: Mapping[str, Any] | Iterable[Any],
        *,
        ax: "Axes | Sequence[Axes] | None" = None,
        kind: str = "both",
        log_scale: bool | str = "auto",
    ) -> Self:
        """Draw the curves of several fitted estimators.

        Parameters
        ----------
        estimators : dict of str to estimator, or iterable of estimator
            The estimators as in `from_estimator`, by name or to be named after their classes
            and initializers.
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw, as in `plot`.
        kind : {'both', 'loss', 'scores'}, default='both'
            What to draw, as in `plot`.
        log_scale : bool or 'auto', default='auto'
            Whether the loss has a log scale, as in `plot`.

        Returns
        -------
        display : LossCurveDisplay
            What was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        NotFittedError
            If an estimator is not fitted.
        TypeError
            If one has no ``loss_curve_``.
        ValueError
            If that is empty, or a parameter is invalid.
        """
        import_pyplot(f"{cls.__name__}.from_estimators")
        networks = _name(estimators)
        if not networks:
            raise ValueError(f"estimators must hold one estimator or more. Got {estimators!r}.")
        for network in networks.values():
            _check_loss_curve(network)
        scores, losses = (
            {
                name: list(curve)
                for name, network in networks.items()
                if (curve := getattr(network, attribute, None))
            }
            for attribute in ("validation_scores_", "validation_loss_curve_")
        )
        display = cls(
            loss_curves={name: list(network.loss_curve_) for name, network in networks.items()},
            validation_scores=scores or None,
            validation_loss_curves=losses or None,
            loss_name=_common(map(_loss_name, networks.values()), "training loss"),
            score_name=_common(map(_score_name, networks.values()), "validation score"),
            step_name=_common(map(_step_name, networks.values()), "epoch or iteration"),
        )
        return display.plot(ax, kind=kind, log_scale=log_scale)

    def plot(
        self,
        ax: "Axes | Sequence[Axes] | None" = None,
        *,
        kind: str = "both",
        log_scale: bool | str = "auto",
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw: None for a new figure; one axes for each panel; or one axes that
            is divided among them.
        kind : {'both', 'loss', 'scores'}, default='both'
            What to draw; 'both' leaves out scores where there are none.
        log_scale : bool or 'auto', default='auto'
            Whether the loss has a log scale; losses that are not positive are left out of
            it. 'auto' gives it one where all losses are positive and the largest is more
            than 10 times the smallest.

        Returns
        -------
        display : LossCurveDisplay
            This one.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a parameter is invalid, or there is nothing to draw.
        """
        import_pyplot(f"{type(self).__name__}.plot")
        check_choice("kind", kind, ("both", "loss", "scores"))
        panels = [self.loss_curves] if kind != "scores" else []
        if kind == "scores" or (kind == "both" and self.validation_scores):
            panels.append(self.validation_scores or {})
        if not all(panels):
            raise ValueError(
                f"kind={kind!r} has nothing to draw: validation scores come with"
                " early_stopping=True or a validation set."
            )
        log_scale = _wants_log(log_scale, self.loss_curves.values())
        self.axes_ = make_axes(ax, len(panels), 1, size=(6.4, 1.2 + 3.2 * len(panels))).axes
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.lines_ = []
        for axes, curves in zip(self.axes_, panels, strict=True):
            is_loss = curves is self.loss_curves
            lines = [self._draw(axes, name, name, curve) for name, curve in curves.items()]
            if is_loss:
                thin = {"linewidth": 0.8, "markerfacecolor": "white"}
                lines += [
                    self._draw(axes, name, f"{name}, validation", curve, **thin)
                    for name, curve in (self.validation_loss_curves or {}).items()
                ]
            self.lines_.append(lines)
            axes.set_ylabel(self.loss_name if is_loss else self.score_name)
            _count_steps(axes, self.step_name)
            if is_loss and log_scale:
                axes.set_yscale("log", nonpositive="mask")
        self.ax_.legend(fontsize="small")
        return self

    def _draw(
        self, axes: "Axes", name: str, label: str, curve: Sequence[float], **more: Any
    ) -> "Line2D":
        """A curve of `name`, which ends where training does: nothing was validated before."""
        names = list(self.loss_curves)
        n_before = len(self.loss_curves[name]) - len(curve)
        i = names.index(name)
        return _draw_curve(axes, curve, label, i, len(names), max(n_before, 0), **more)


def _name(estimators: Mapping[str, Any] | Iterable[Any]) -> dict[str, Any]:
    """Networks by name; those without get one that no other has."""
    if isinstance(estimators, Mapping):
        return {str(name): last_step(each) for name, each in estimators.items()}
    last_steps = [last_step(each) for each in estimators]
    names = [describe(network) for network in last_steps]
    if len(names) > 1 and len({type(network) for network in last_steps}) == 1:
        names = [name.partition("(")[2].removesuffix(")") or name for name in names]
    networks: dict[str, Any] = {}
    for base, network in zip(names, last_steps, strict=True):
        name = base
        n_alike = 1
        while name in networks:
            n_alike += 1
            name = f"{base} ({n_alike})"
        networks[name] = network
    return networks


def _check_loss_curve(network: Any) -> None:
    check_is_fitted(network)
    if not hasattr(network, "loss_curve_"):
        raise TypeError(
            "estimator must have loss_curve_ once fitted, as multilayer perceptrons do, or be a"
            f" Pipeline that ends in one that has. Got {network!r}."
        )
    if not len(network.loss_curve_):
        raise ValueError(
            f"The loss_curve_ of {network!r} is empty: it was not trained, or by a solver that"
            " keeps none, as scikit-learn's 'lbfgs'."
        )


def _common(names: Iterable[str], otherwise: str) -> str:
    """The name that all share, or another."""
    distinct = set(names)
    return distinct.pop() if len(distinct) == 1 else otherwise


def _loss_name(network: Any) -> str:
    names = {
        "log_loss": "log loss, nats",
        "squared_error": "half squared error",
        "absolute_error": "absolute error",
        "huber": "Huber loss",
        "quantile": "pinball loss",
        "poisson": "half Poisson deviance",
        "gamma": "half gamma deviance",
    }
    loss = getattr(network, "loss", "log_loss" if is_classifier(network) else None)
    return f"training loss ({names[loss]})" if loss in names else "training loss"


def _score_name(network: Any) -> str:
    scoring = getattr(network, "scoring", None)
    if scoring is None:
        by_loss = getattr(network, "loss", None) == "quantile"
        scoring = "accuracy" if is_classifier(network) else "loss" if by_loss else "R²"
    name = scoring if isinstance(scoring, str) else getattr(scoring, "__name__", "scoring")
    return f"validation score ({'minus the loss' if name == 'loss' else name})"


def _step_name(network: Any) -> str:
    return "iteration" if getattr(network, "solver", None) == "lbfgs" else "epoch"


def _wants_log(log_scale: bool | str, curves: Iterable[ArrayLike]) -> bool:
    check_choice("log_scale", log_scale, ("auto", True, False))
    values = np.concatenate([drawable_values(curve) for curve in curves])
    if log_scale == "auto":
        return bool(len(values) and 0.0 < LOG_RANGE * values.min() < values.max())
    if log_scale and not (values > 0.0).any():
        raise ValueError("log_scale=True needs a loss above 0. There is none.")
    return bool(log_scale)


def _draw_curve(
    axes: "Axes",
    curve: ArrayLike,
    name: str,
    i: int,
    n_curves: int,
    n_before: int = 0,
    **more: Any,
) -> "Line2D":
    """A curve in the style of number `i`, and what more is said of it; after some steps."""
    steps = np.arange(1, np.size(curve) + 1) + n_before
    values = np.asarray(curve, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        values = np.where(np.abs(values) < LARGEST, values, np.nan)
    style = line_style(i, n_curves, len(steps))
    return axes.plot(steps, values, label=name, **(style | more))[0]


def _count_steps(axes: "Axes", name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_xlabel(name)
    axes.xaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10], integer=True))


class InitializerComparisonDisplay:
    """Loss curves and scores of several initializers, over all runs of each.

    Read more in the :ref:`user guide <guide_comparing>`.

    Parameters
    ----------
    labels : sequence of str
        The initializers' names, the best first.
    loss_curves : sequence of sequence of array-like
        For each initializer the loss curves of its runs; none where all failed.
    scores : sequence of array-like
        For each the scores of its runs.
    means, lows, highs : array-like of shape (n_inits,)
        For each the mean score, and the ends of its 95 % confidence interval. NaN where
        there is none.
    n_failed : sequence of int
        How many runs of each failed.
    score_name : str, default='score'
        Name of the score.
    loss_name : str, default='training loss'
        Name of the loss, with its unit.
    step_name : str, default='epoch'
        What training is counted in.

    Attributes
    ----------
    ax_ : matplotlib Axes
        The first of `axes_`.
    axes_ : list of matplotlib Axes
        One for the loss curves, one for the scores, as drawn.
    figure_ : matplotlib Figure
        The figure of `ax_`.
    lines_ : list of matplotlib Line2D or None
        For each initializer with a run that did not fail, the median of its loss curves.
    bands_ : list of matplotlib PolyCollection or None
        For each of these, the band between two percentiles.
    errorbars_ : list of matplotlib ErrorbarContainer or None
        For each of these, the mean score and its interval.
    dots_ : list of matplotlib Line2D or None
        For each of these, the scores of its runs.

    See Also
    --------
    compare_initializers : The numbers.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sk_xavier import XavierMLPClassifier
    >>> from sk_xavier.comparison import compare_initializers
    >>> from sk_xavier.displays import InitializerComparisonDisplay
    >>> X, y = load_iris(return_X_y=True)
    >>> network = XavierMLPClassifier((10,), solver="lbfgs", max_iter=20)
    >>> comparison = compare_initializers(
    ...     network, X, y, inits=["constant", "auto"], cv=2, n_repeats=2, random_state=0
    ... )
    >>> InitializerComparisonDisplay.from_comparison(comparison)  # doctest: +SKIP
    <...>
    """

    ax_: "Axes"
    axes_: list["Axes"]
    figure_: "Figure | SubFigure"
    lines_: list["Line2D"] | None
    bands_: list["PolyCollection"] | None
    errorbars_: list["ErrorbarContainer"] | None
    dots_: list["Line2D"] | None

    def __init__(
        self,
        *,
        labels: Sequence[str],
        loss_curves: Sequence[Sequence[ArrayLike]],
        scores: Sequence[ArrayLike],
        means: ArrayLike,
        lows: ArrayLike,
        highs: ArrayLike,
        n_failed: Sequence[int],
        score_name: str = "score",
        loss_name: str = "training loss",
        step_name: str = "epoch",
    ) -> None:
        self.labels = labels
        self.loss_curves = loss_curves
        self.scores = scores
        self.means = means
        self.lows = lows
        self.highs = highs
        self.n_failed = n_failed
        self.score_name = score_name
        self.loss_name = loss_name
        self.step_name = step_name

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        ax: "Axes | Sequence[Axes] | None" = None,
        kind: str = "both",
        percentiles: tuple[float, float] = (10, 90),
        log_scale: bool | str = "auto",
        **options: Any,
    ) -> Self:
        """Compare initializers, and draw what came of it.

        Parameters
        ----------
        estimator : estimator
            An estimator of this library, or one that contains one, such as a Pipeline.
        X : {array-like, sparse matrix, dataframe} of shape (n_samples, n_features)
            Samples.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Targets.
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw, as in `plot`.
        kind : {'both', 'loss', 'scores'}, default='both'
            What to draw, as in `plot`.
        percentiles : tuple of float, default=(10, 90)
            The band's edges, as in `plot`.
        log_scale : bool or 'auto', default='auto'
            Whether the loss has a log scale, as in `plot`.
        **options
            The keyword arguments of `compare_initializers`: inits, cv, n_repeats, scoring,
            n_jobs, random_state, verbose.

        Returns
        -------
        display : InitializerComparisonDisplay
            What was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the data or a parameter is invalid.
        """
        import_pyplot(f"{cls.__name__}.from_estimator")
        from .comparison import compare_initializers

        cls._check(kind, percentiles, log_scale)  # before what takes long
        comparison = compare_initializers(estimator, X, y, **options)
        parts = [estimator, *estimator.get_params().values()]
        network = next(part for part in parts if isinstance(part, BaseXavierMLP))
        return cls.from_comparison(
            comparison,
            ax=ax,
            kind=kind,
            percentiles=percentiles,
            log_scale=log_scale,
            loss_name=_loss_name(network),
            step_name=_step_name(network),
        )

    @classmethod
    def from_comparison(
        cls,
        comparison: "InitializerComparison",
        *,
        ax: "Axes | Sequence[Axes] | None" = None,
        kind: str = "both",
        percentiles: tuple[float, float] = (10, 90),
        log_scale: bool | str = "auto",
        loss_name: str = "training loss",
        step_name: str = "epoch",
    ) -> Self:
        """Draw what `compare_initializers` found.

        Parameters
        ----------
        comparison : InitializerComparison
            What it returned.
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw, as in `plot`.
        kind : {'both', 'loss', 'scores'}, default='both'
            What to draw, as in `plot`.
        percentiles : tuple of float, default=(10, 90)
            The band's edges, as in `plot`.
        log_scale : bool or 'auto', default='auto'
            Whether the loss has a log scale, as in `plot`.
        loss_name : str, default='training loss'
            Name of the loss, with its unit; a comparison does not tell it.
        step_name : str, default='epoch'
            What training is counted in: 'iteration' with the solver 'lbfgs'.

        Returns
        -------
        display : InitializerComparisonDisplay
            What was drawn.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a parameter is invalid.
        """
        summaries = list(comparison.summary())
        runs = [
            [run for run in comparison.runs if run.label == summary.label and run.error is None]
            for summary in summaries
        ]
        display = cls(
            labels=[summary.label for summary in summaries],
            loss_curves=[[run.loss_curve for run in good] for good in runs],
            scores=[[run.score for run in good] for good in runs],
            means=[summary.mean for summary in summaries],
            lows=[summary.low for summary in summaries],
            highs=[summary.high for summary in summaries],
            n_failed=[summary.n_failed for summary in summaries],
            score_name=comparison.scoring,
            loss_name=loss_name,
            step_name=step_name,
        )
        return display.plot(ax, kind=kind, percentiles=percentiles, log_scale=log_scale)

    @staticmethod
    def _check(kind: Any, percentiles: Any, log_scale: Any) -> None:
        check_choice("kind", kind, ("both", "loss", "scores"))
        check_choice("log_scale", log_scale, ("auto", True, False))
        if np.shape(percentiles) != (2,) or not 0 <= percentiles[0] < percentiles[1] <= 100:
            raise ValueError(
                "percentiles must be two numbers from 0 to 100, the lower one first. Got"
                f" {percentiles!r}."
            )

    def plot(
        self,
        ax: "Axes | Sequence[Axes] | None" = None,
        *,
        kind: str = "both",
        percentiles: tuple[float, float] = (10, 90),
        log_scale: bool | str = "auto",
    ) -> Self:
        """Draw the loss curves, the scores, or both.

        Of the loss, the median over the runs and the band between two of their percentiles,
        after each epoch. A run that stopped keeps its last loss until the longest run of its
        initializer ends. Of the scores, a row for each initializer, the best on top: mean,
        95 % confidence interval and, as small dots, single runs. Runs that failed are
        counted, and left out of both.

        Parameters
        ----------
        ax : matplotlib Axes or sequence of them, default=None
            Where to draw: None for a new figure; one axes for each panel; or one axes that
            is divided among them.
        kind : {'both', 'loss', 'scores'}, default='both'
            What to draw.
        percentiles : tuple of float, default=(10, 90)
            The band's edges; (0, 100) for the least and the largest.
        log_scale : bool or 'auto', default='auto'
            Whether the loss has a log scale. 'auto' gives it one where all losses are
            positive and the largest is more than 10 times the smallest.

        Returns
        -------
        display : InitializerComparisonDisplay
            This one.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If a parameter is invalid.
        """
        import_pyplot(f"{type(self).__name__}.plot")
        self._check(kind, percentiles, log_scale)
        n_panels = 2 if kind == "both" else 1
        size = (1 + 5.0 * n_panels, max(4.2, 1.5 + 0.4 * len(self.labels)))
        self.axes_ = make_axes(ax, n_panels, n_panels, size=size).axes
        self.ax_, self.figure_ = self.axes_[0], self.axes_[0].figure
        self.lines_ = self.bands_ = self.errorbars_ = self.dots_ = None
        if kind != "scores":
            self._plot_losses(self.axes_[0], percentiles, log_scale)
        if kind != "loss":
            self._plot_scores(self.axes_[-1])
        return self

    def _plot_losses(
        self, axes: "Axes", percentiles: tuple[float, float], log_scale: bool | str
    ) -> None:
        self.lines_, self.bands_ = [], []
        stacks = [_stack(curves) for curves in self.loss_curves]
        shown = [stack for stack in stacks if stack.size]
        for i, (label, stack) in enumerate(zip(self.labels, stacks, strict=True)):
            if not stack.size:
                continue
            low, median, high = np.percentile(stack, [percentiles[0], 50, percentiles[1]], axis=0)
            line = _draw_curve(axes, median, label, i, len(stacks))
            self.lines_.append(line)
            steps = np.arange(1, len(median) + 1)
            self.bands_.append(
                axes.fill_between(steps, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
            )
        if shown and _wants_log(log_scale, [stack.ravel() for stack in shown]):
            axes.set_yscale("log", nonpositive="mask")
        if shown:
            axes.legend(fontsize="small")
        low, high = percentiles
        axes.set_title(
            f"median and percentiles {low:g} to {high:g} of the runs;\n"
            "a run that stopped keeps its last loss",
            fontsize="small",
        )
        axes.set_ylabel(self.loss_name)
        _count_steps(axes, self.step_name)

    def _plot_scores(self, axes: "Axes") -> None:
        self.errorbars_, self.dots_ = [], []
        n_rows = len(self.labels)
        numbers = np.array([self.means, self.lows, self.highs], dtype=np.float64).T
        names = []
        for i, (label, scores) in enumerate(zip(self.labels, self.scores, strict=True)):
            n_good, n_failed = np.size(scores), self.n_failed[i]
            names.append(f"{i + 1}. {label}")
            if n_good == 0:
                axes.text(0.02, i, "failed", va="center", transform=axes.get_yaxis_transform())
                continue
            if n_failed:
                names[i] += f"\n({n_failed} of {n_failed + n_good} failed)"
            style = line_style(i, n_rows, 1)
            # One beside the other: equal scores are common.
            rows = i + 0.15 + 0.25 * np.linspace(0.0, 1.0, n_good)
            self.dots_ += axes.plot(scores, rows, ".", color=style["color"], alpha=0.5)
            mean, low, high = numbers[i]
            self.errorbars_.append(
                axes.errorbar(
                    mean,
                    i,
                    xerr=[[mean - low], [high - mean]],
                    color=style["color"],
                    marker=style["marker"],
                    markersize=7,
                    capsize=4,
                )
            )
        axes.set_yticks(range(n_rows), names)
        axes.set_ylim(n_rows - 0.4, -0.6)
        axes.set_xlabel(self.score_name)
        axes.set_title("mean and 95 % confidence interval;\ndots: single runs", fontsize="small")


def _stack(curves: Sequence[ArrayLike]) -> np.ndarray:
    """Curves as rows of one length; the shorter ones keep their last value."""
    arrays = [np.asarray(curve, dtype=np.float64) for curve in curves if np.size(curve)]
    longest = max(map(len, arrays), default=0)
    return np.array([np.pad(array, (0, longest - len(array)), mode="edge") for array in arrays])
