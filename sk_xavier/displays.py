"""Pictures of how networks start and train, in scikit-learn's Display convention.

A display stores arrays. Its class methods ``from_...`` collect or compute them and draw at
once; `plot` draws what is stored, and can be called again. Wherever one of them takes `ax`:

- None makes a new figure with matplotlib's pyplot;
- a sequence of axes has one for each panel of the picture;
- one axes holds the whole picture, and is divided where that has several panels.

Lines differ in colour and in line style and marker too, so that they can be told apart by
colour-blind readers and in black and white. Nothing global, such as matplotlib's
``rcParams``, is changed. matplotlib comes with ``pip install "sk-xavier[plot]"``.
"""

from ._curve_displays import InitializerComparisonDisplay, LossCurveDisplay
from ._signal_display import SignalPropagationDisplay
from ._weights_display import WeightsDisplay

__all__ = [
    "InitializerComparisonDisplay",
    "LossCurveDisplay",
    "SignalPropagationDisplay",
    "WeightsDisplay",
]
