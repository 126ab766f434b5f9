"""Hidden units that are copies of one another, and stay so.

Units of a layer with the same incoming weights, bias and outgoing weights compute the
same function and get the same gradient, so gradient descent cannot tell them apart: what
``init="constant"`` shows. In floating point that is only nearly so, since BLAS rounds the
entries at the edges of its blocks otherwise than the rest, and optimizers such as Adam blow
the difference up. Here the equality is kept exact.
"""

from collections.abc import Collection

import numpy as np

from ._network import Network

__all__ = ["Copies", "find_copies"]


class Copies:
    """Which entries of a flat vector repeat others.

    Parameters
    ----------
    origin : ndarray of int of shape (n_parameters,)
        Which entry each one repeats, itself where it repeats no other; in the layout of
        `theta`.
    """

    def __init__(self, origin: np.ndarray) -> None:
        self._origin = origin

    def inplace_tie(self, vector: np.ndarray) -> None:
        """Make the copies in parameters, a gradient or an optimizer's memory exactly equal."""
        vector[:] = vector.take(self._origin)  # half the time of copying the copies alone


def _first_alike(units: np.ndarray) -> np.ndarray:
    """For each row the number of the first row that equals it."""
    _, first, inverse = np.unique(units, axis=0, return_index=True, return_inverse=True)
    return first[inverse.ravel()]


def find_copies(
    network: Network, theta: np.ndarray, *states: np.ndarray, told_apart: Collection[int] = ()
) -> Copies | None:
    """Find the hidden units that are copies of others; None if there are none.

    Parameters
    ----------
    network : Network
        The architecture.
    theta : ndarray of shape (n_parameters,)
        The parameters.
    *states : ndarray of shape (n_parameters,)
        The optimizer's memory: units that differ in it will part.
    told_apart : collection of int, default=()
        Hidden layers, counted from 0, whose units dropout tells apart.

    Returns
    -------
    copies : Copies or None
    """
    parts = [network.views(vector) for vector in (theta, *states)]
    coefs, intercepts = parts[0]
    place = np.arange(network.n_parameters)
    origin = place.copy()
    origin_coefs, origin_intercepts = network.views(origin)
    for i, biases in enumerate(intercepts[:-1]):
        # Equal columns have equal sums: so cheap that random starts do not feel it.
        if i in told_apart or len(np.unique(coefs[i].sum(axis=0))) == len(biases):
            continue
        first = _first_alike(
            np.column_stack(
                [
                    array
                    for part in parts
                    for array in (part.coefs[i].T, part.intercepts[i], part.coefs[i + 1])
                ]
            )
        )
        origin_coefs[i][...] = origin_coefs[i][:, first]
        origin_intercepts[i][...] = origin_intercepts[i][first]
        origin_coefs[i + 1][...] = origin_coefs[i + 1][first]
    return None if np.array_equal(origin, place) else Copies(origin)
