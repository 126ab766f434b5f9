"""What all pictures share: axes, looks of lines, checks of parameters."""

import textwrap
from collections.abc import Sequence
from functools import partial
from numbers import Integral
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from sklearn.pipeline import Pipeline

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "COLORS",
    "LARGEST",
    "LOG_RANGE",
    "check_choice",
    "check_positive",
    "describe",
    "drawable_values",
    "import_pyplot",
    "last_step",
    "line_style",
    "make_axes",
    "set_title",
]

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's, without the yellow: it is too light for a line on white."""


_LINE_STYLES = ("-", "--", "-.", ":")


_MARKERS = ("o", "s", "^", "v", "D", "P", "X", "*", "<")
# 4 and 9 have no common factor: 36 lines before a style and a marker meet again.


LARGEST = 1e100
"""Larger numbers overflow in the arithmetic of axes, and so do the inverses of smaller ones."""


LOG_RANGE = 10.0
"""Numbers that differ by a larger factor are drawn on a log scale."""


def import_pyplot(caller: str) -> ModuleType:
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            f"{caller} draws with matplotlib, which could not be imported. Install it with"
            ' pip install "sk-xavier[plot]"'
        ) from error
    return plt


def check_choice(name: str, value: Any, choices: Sequence[Any]) -> None:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}. Got {value!r}.")


def check_positive(name: str, value: Any) -> None:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{name} must be an int of at least 1. Got {value!r}.")


class _Panels(NamedTuple):
    """The axes of a picture, and what takes its title: the figure, or one axes."""

    axes: list["Axes"]
    whole: Any


def make_axes(ax: Any, n_panels: int, n_columns: int, *, size: tuple[float, float]) -> _Panels:
    """Axes for the panels, row by row: of a new figure, those given, or parts of the one given."""
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes

    n_rows = -(-n_panels // n_columns)
    if ax is None:
        figure, made = plt.subplots(
            n_rows, n_columns, figsize=size, layout="constrained", squeeze=False
        )
        for superfluous in made.flat[n_panels:]:
            superfluous.remove()
        return _Panels(list(made.flat[:n_panels]), figure)
    given = [ax] if isinstance(ax, Axes) else list(np.ravel(np.asarray(ax, dtype=object)))
    if not all(isinstance(each, Axes) for each in given) or len(given) not in (1, n_panels):
        raise ValueError(
            f"ax must be None, one matplotlib Axes or a sequence of {n_panels}, one for each"
            f" panel of this picture. Got {ax!r}."
        )
    if len(given) == n_panels:
        return _Panels(given, given[0])
    place = given[0].get_subplotspec()
    if place is None:
        raise ValueError(
            f"This picture has {n_panels} panels. To be divided among them, ax must come from"
            f" plt.subplots or the like; or give a sequence of {n_panels} axes."
        )
    given[0].set_axis_off()
    grid = place.subgridspec(n_rows, n_columns, wspace=0.35, hspace=0.45)
    parts = [given[0].figure.add_subplot(grid[divmod(i, n_columns)]) for i in range(n_panels)]
    return _Panels(parts, given[0])


def set_title(whole: Any, *lines: str) -> None:
    if hasattr(whole, "suptitle"):
        width, set_title = 12 * int(whole.get_size_inches()[0]), whole.suptitle
    else:
        inches = whole.get_window_extent().width / whole.figure.dpi
        width, set_title = (
            int(12 * inches),
            partial(whole.set_title, fontsize="medium", pad=6.0 if whole.axison else 20.0),
        )
    set_title("\n".join(textwrap.fill(line, max(width, 30)) for line in lines if line))


def line_style(i: int, n_lines: int, n_points: int) -> dict[str, Any]:
    """How the i-th of several lines looks; its colour but for ordered lines."""
    step = max(1, n_points // 8)
    return {
        "color": COLORS[i % len(COLORS)],
        "linestyle": _LINE_STYLES[i % len(_LINE_STYLES)],
        "linewidth": 1.5,
        "marker": _MARKERS[i % len(_MARKERS)],
        "markersize": 5,
        "markevery": (i * step // n_lines, step),  # elsewhere on each line: none hides another
    }


def last_step(estimator: Any) -> Any:
    while isinstance(estimator, Pipeline):
        estimator = estimator[-1]
    return estimator


def describe(network: Any) -> str:
    """The class, and the initializer where the class has one to choose."""
    name = type(network).__name__
    if not hasattr(network, "init"):
        return name
    init = " ".join(repr(network.init).split())
    return f"{name}(init={textwrap.shorten(init, 60, placeholder=' ...')})"


def drawable_values(values: ArrayLike) -> np.ndarray:
    """Those of the values that axes can hold; tiny ones are 0."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    flat = flat[np.abs(flat) < LARGEST]
    return np.where(np.abs(flat) > 1.0 / LARGEST, flat, 0.0)
