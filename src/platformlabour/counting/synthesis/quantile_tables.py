"""Quantiles by the million: a smooth distribution's quantile function in cubic pieces, exact in its tails."""

from __future__ import annotations

import numpy as np

__all__ = ["QuantileTable"]

_PIECES = 2**10  # of four coefficients: the table of one factor stays in the processor's cache
_TAIL = 10  # pieces at either end, where the function bends too fast: computed exactly


class QuantileTable:
    """A quantile function in pieces, twice as fast as log-normal quantiles and far faster than beta quantiles.

    Each of 1,024 equal steps of probability has the cubic through four exact values; the outer ten steps at either end,
    one draw in fifty, are computed exactly. The error stays below a hundred-thousandth of the distance between the 2.5%
    and the 97.5% quantile, far below that of any number of draws.

    Parameters
    ----------
    distribution : Distribution
        With a quantile function that bends sharply nowhere but at its median, if there.

    Examples
    --------
    >>> from platformlabour.counting.synthesis import normal
    >>> table = QuantileTable(normal(0, 1))
    >>> [round(float(x), 6) for x in table(np.array([0.0001, 0.5, 0.975]))]
    [-3.719016, 0.0, 1.959964]
    """

    def __init__(self, distribution):
        self._exact = distribution._quantiles
        places = np.arange(3 * _TAIL, 3 * (_PIECES - _TAIL) + 1) / (3 * _PIECES)
        values = self._exact(places)
        a, b, c, d = values[:-3:3], values[1:-2:3], values[2:-1:3], values[3::3]
        self._coefficients = [
            (9 * (3 * b - 3 * c + d - a)) / 2,
            (9 * (2 * a - 5 * b + 4 * c - d)) / 2,
            (18 * b - 11 * a - 9 * c + 2 * d) / 2,
            a.copy(),
        ]

    def __call__(self, u):
        """Quantiles at probabilities ``u``, an array of shape (n,)."""
        place = u * _PIECES
        piece = place.astype(np.intp)
        place -= piece
        piece -= _TAIL
        # Clipping reads some piece for the tails too; they are overwritten below.
        cubic, *others = self._coefficients
        value = cubic.take(piece, mode="clip")
        for coefficient in others:
            value *= place
            value += coefficient.take(piece, mode="clip")
        outside = np.flatnonzero((u < _TAIL / _PIECES) | (u >= 1 - _TAIL / _PIECES))
        value[outside] = self._exact(u[outside])
        return value
