"""The kinds of distribution that a factor can have: quantiles, limits and words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from platformlabour.errors import InputError

__all__ = ["Distribution"]


class Distribution:
    """One quantity's distribution, of which the propagation needs no more than quantiles.

    Every kind has :meth:`ppf`, the smallest value that the quantity stays below with probability ``u``;
    ``support``, its limits; and :meth:`describe`, the distribution in words for a table or a report.
    """

    support = (-math.inf, math.inf)
    smooth = False  # whether quantiles cost enough, and bend little enough, to be tabulated

    def ppf(self, u):
        """Quantiles at probabilities ``u``.

        Parameters
        ----------
        u : array_like of float
            Probabilities, between 0 and 1.

        Returns
        -------
        numpy.ndarray or float
            In the quantity's unit, of the shape of ``u``.
        """
        u = np.asarray(u, dtype=float)
        if not ((u >= 0) & (u <= 1)).all():
            raise InputError("a probability outside 0 to 1", "probabilities between 0 and 1")
        return self._quantiles(u)

    def describe(self):
        """The distribution in words."""
        raise NotImplementedError

    def _quantiles(self, u):
        """As :meth:`ppf`, for probabilities known to be between 0 and 1."""
        raise NotImplementedError

    @property
    def median(self):
        """The value that the quantity is as often above as below."""
        return float(self.ppf(0.5))

    @property
    def is_fixed(self):
        """Whether the quantity is a single number."""
        return self.support[0] == self.support[1]


@dataclass(frozen=True, repr=False)
class _Fixed(Distribution):
    value: float

    @property
    def support(self):
        return self.value, self.value

    def _quantiles(self, u):
        return np.full(u.shape, self.value)[()]

    def describe(self):
        return f"fixed at {_number(self.value)}"

    __repr__ = describe


@dataclass(frozen=True, repr=False)
class _Uniform(Distribution):
    low: float
    high: float

    @property
    def support(self):
        return self.low, self.high

    def _quantiles(self, u):
        return self.low + (self.high - self.low) * u

    def describe(self):
        return f"uniform from {_number(self.low)} to {_number(self.high)}"

    __repr__ = describe


@dataclass(frozen=True, repr=False)
class _Triangular(Distribution):
    low: float
    mode: float
    high: float

    @property
    def support(self):
        return self.low, self.high

    def _quantiles(self, u):
        width = self.high - self.low
        rising, falling = (self.mode - self.low) * width, (self.high - self.mode) * width
        turn = (self.mode - self.low) / width
        return np.where(u <= turn, self.low + np.sqrt(u * rising), self.high - np.sqrt((1 - u) * falling))[()]

    def describe(self):
        return f"triangular from {_number(self.low)} to {_number(self.high)}, most likely {_number(self.mode)}"

    __repr__ = describe


@dataclass(frozen=True, repr=False)
class _LogNormal(Distribution):
    centre: float
    low: float
    high: float
    level: float

    support = (0.0, math.inf)
    smooth = True

    def __post_init__(self):
        reach = special.ndtri(0.5 + self.level / 2)
        sides = math.log(self.centre / self.low) / reach, math.log(self.high / self.centre) / reach
        object.__setattr__(self, "_location", math.log(self.centre))
        object.__setattr__(self, "_sides", sides)

    def _quantiles(self, u):
        z = special.ndtri(u)
        below, above = self._sides
        if math.isclose(below, above, rel_tol=1e-12):
            return np.exp(self._location + below * z)
        return np.exp(self._location + np.where(z < 0, below, above) * z)

    def describe(self):
        return (
            f"log-normal, median {_number(self.centre)}, {100 * self.level:g}% between {_number(self.low)} and "
            f"{_number(self.high)}"
        )

    __repr__ = describe


@dataclass(frozen=True, repr=False)
class _Beta(Distribution):
    a: float
    b: float
    low: float
    high: float
    level: float

    support = (0.0, 1.0)
    smooth = True

    def _quantiles(self, u):
        return special.betaincinv(self.a, self.b, u)

    @classmethod
    def of(cls, a, b, level=0.95):
        low, high = special.betaincinv(a, b, [(1 - level) / 2, (1 + level) / 2])
        return cls(float(a), float(b), float(low), float(high), level)

    def describe(self):
        return f"beta, {100 * self.level:g}% between {_number(self.low)} and {_number(self.high)}"

    __repr__ = describe


@dataclass(frozen=True, repr=False)
class _Normal(Distribution):
    mean: float
    sd: float

    smooth = True

    def _quantiles(self, u):
        return self.mean + self.sd * special.ndtri(u)

    def describe(self):
        return f"normal, mean {_number(self.mean)}, standard deviation {_number(self.sd)}"

    __repr__ = describe


@dataclass(frozen=True, repr=False, eq=False)
class _Empirical(Distribution):
    values: np.ndarray

    @property
    def support(self):
        return float(self.values[0]), float(self.values[-1])

    def _quantiles(self, u):
        place = np.ceil(np.asarray(u) * self.values.size).astype(np.intp) - 1
        return self.values[np.clip(place, 0, self.values.size - 1)]

    def describe(self):
        return f"{self.values.size:,} values from {_number(self.values[0])} to {_number(self.values[-1])}"

    __repr__ = describe


def _number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
