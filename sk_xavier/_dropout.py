"""Dropout: hidden outputs that are left out at random while training."""

from collections.abc import Sequence

import numpy as np

__all__ = ["Dropout"]


class Dropout:
    """Draws what the outputs of hidden layers are multiplied by, batch for batch.

    Each output is left out with a layer's rate, and the others are divided by the rest, so
    that their expectation stays: nothing is to be done when predicting ("inverted" dropout).

    Parameters
    ----------
    rates : sequence of float
        For each hidden layer the probability that an output is left out, in [0, 1).
    random_state : RandomState instance
        The generator, which is drawn from at each call.

    References
    ----------
    Nitish Srivastava et al., "Dropout: a simple way to prevent neural networks from
    overfitting", JMLR 15, 2014.
    """

    def __init__(self, rates: Sequence[float], random_state: np.random.RandomState) -> None:
        self.rates = tuple(rates)
        self._random_state = random_state

    def inplace_draw(self, layer: int, factors: np.ndarray) -> None:
        """Fill `factors`, for the outputs of hidden layer `layer`, counted from 0."""
        rest = 1.0 - self.rates[layer]
        # Whole numbers of 32 bits are drawn in half the time of floats.
        bound = min(max(round(rest * 2**32), 1), 2**32 - 1)
        draws = self._random_state.randint(2**32, size=factors.shape, dtype=np.uint32)
        factors[...] = draws < bound
        factors /= rest
