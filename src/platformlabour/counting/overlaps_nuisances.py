"""Accounts that are not one person each: dormant, fake, doubled, traded and shared ones, each with the side it errs on.

Every such nuisance moves the number of people in one direction only, and almost none has been measured on a whole
register. So each enters as a range that begins at no effect or at what was measured, with the grade of its evidence,
and those known only to exist decide which kind of bound is left.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["GRADES", "NUISANCES", "AccountNuisance", "adjust"]

NUISANCES = MappingProxyType(
    {
        "dormant": "fewer",  # nobody works on them any more
        "fake": "fewer",  # they are nobody
        "doubled": "fewer",  # second and further accounts of one person on one platform
        "traded": "fewer",  # worked on by somebody who may hold another account
        "shared": "more",  # several people work on one account
    }
)
GRADES = ("seen", "secondary", "derived", "elicited", "assumed", "simulated")


@dataclass(frozen=True, kw_only=True)
class AccountNuisance:
    """One reason why accounts are not people, with its size and evidence.

    Parameters
    ----------
    kind : {"dormant", "fake", "doubled", "traded", "shared"}
    low, high : float
        Share of accounts that stand for nobody new, from 0 to 1; for "shared", further people per account, 0 or more.
        A range from 0 says that the nuisance may be absent.
    evidence : str
        One of ``GRADES``.
    source : str
        Where the range comes from.

    Raises
    ------
    InputError
        If the kind or the grade is unknown, the range is reversed, or a share exceeds 1.

    Examples
    --------
    >>> AccountNuisance(kind="dormant", low=0.2, high=0.6, evidence="assumed", source="made up").factors
    (0.4, 0.8)
    >>> AccountNuisance(kind="shared", low=0, high=0.25, evidence="assumed", source="made up").factors
    (1.0, 1.25)
    """

    kind: str
    low: float
    high: float
    evidence: str
    source: str

    def __post_init__(self):
        _kind(self.kind)
        if self.evidence not in GRADES:
            raise InputError(f"the evidence {self.evidence!r}", f"one of {', '.join(GRADES)}", column=self.kind)
        try:
            low, high = float(self.low), float(self.high)
        except (TypeError, ValueError):
            raise InputError(f"{self.low!r} to {self.high!r}", "two numbers", column=self.kind) from None
        if not (math.isfinite(low) and math.isfinite(high) and 0 <= low <= high):
            raise InputError(f"{low:g} to {high:g}", "numbers of 0 or more, the smaller first", column=self.kind)
        if NUISANCES[self.kind] == "fewer" and high >= 1:
            raise InputError(f"a share of {high:g}", "a share from 0 to below 1; 40% is 0.4", column=self.kind)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def direction(self):
        """``"fewer"`` or ``"more"``: people, compared with accounts."""
        return NUISANCES[self.kind]

    @property
    def factors(self):
        """Smallest and largest number of people per account that the nuisance leaves, the others put aside."""
        if self.direction == "fewer":
            return 1 - self.high, 1 - self.low
        return 1 + self.low, 1 + self.high

    def draw(self, uniforms):
        """Factors for draws of a simulation, uniform over the range; the numbers may be quasi-random.

        Parameters
        ----------
        uniforms : array_like of float
            Numbers from 0 to 1.

        Returns
        -------
        numpy.ndarray

        Examples
        --------
        >>> AccountNuisance(kind="fake", low=0, high=0.5, evidence="assumed", source="made up").draw([0, 0.5, 1])
        array([0.5 , 0.75, 1.  ])
        """
        uniforms = np.asarray(uniforms, dtype=float)
        if not ((uniforms >= 0) & (uniforms <= 1)).all():
            raise InputError("draws outside 0 to 1", "uniform numbers from 0 to 1", column=self.kind)
        low, high = self.factors
        return low + (high - low) * uniforms


def adjust(people, nuisances, *, unmeasured=()):
    """People once accounts that are not one person each are allowed for: a range, and the bound that is left.

    Parameters
    ----------
    people : Estimate
        People behind accounts if every account were one person, such as from
        :func:`platformlabour.counting.overlaps.people_from_accounts`.
    nuisances : iterable of AccountNuisance
        At most one of a kind; their factors multiply.
    unmeasured : iterable of str
        Kinds known to exist whose size nobody has measured. Where all of them mean fewer people the result remains an
        upper bound, where all mean more a lower one, and where both exist it is neither.

    Returns
    -------
    Estimate
        A range with ``level=None``, without a value: one-sided ranges have no middle that would mean anything.

    Raises
    ------
    InputError
        If a kind occurs twice, or the people have neither value nor interval.

    Examples
    --------
    >>> people = Estimate.counted(266_126, "people", "registered")
    >>> idle = AccountNuisance(kind="dormant", low=0.2, high=0.6, evidence="assumed", source="made up")
    >>> adjust(people, [idle], unmeasured=["fake"]).bound
    'upper'
    >>> [round(x) for x in adjust(people, [idle]).interval]
    [106450, 212901]
    """
    nuisances, unmeasured = list(nuisances), list(unmeasured)
    for kind in unmeasured:
        _kind(kind)
    for nuisance in nuisances:
        if not isinstance(nuisance, AccountNuisance):
            raise InputError(f"{nuisance!r}", "an AccountNuisance with its range and evidence")
    kinds = [nuisance.kind for nuisance in nuisances] + unmeasured
    for kind in kinds:
        if kinds.count(kind) > 1:
            raise InputError(f"{kind!r} twice", "each kind once, measured or not", column=kind)
    if not isinstance(people, Estimate) or (people.value is None and people.interval is None):
        raise InputError(f"{people!r} as people", "an Estimate with a value or an interval")
    low, high = people.interval or (people.value, people.value)
    low *= math.prod(nuisance.factors[0] for nuisance in nuisances)
    high *= math.prod(nuisance.factors[1] for nuisance in nuisances)
    sides = {NUISANCES[kind] for kind in unmeasured}
    warnings = [f"not measured: {kind}, which means {NUISANCES[kind]} people" for kind in unmeasured]
    if len(sides) == 2:
        warnings.append("unmeasured nuisances on both sides: neither an upper nor a lower bound")
    return Estimate(
        value=None,
        unit="people",
        estimand="people who work on the accounts",
        method="people behind accounts, times the range of each nuisance",
        interval=(low, high),
        level=None,
        interval_kind="range over assumptions",
        bound={frozenset({"fewer"}): "upper", frozenset({"more"}): "lower"}.get(frozenset(sides), "point"),
        status="not identified",
        assumptions=tuple(
            f"{nuisance.kind}: {nuisance.low:g} to {nuisance.high:g}, {nuisance.evidence} ({nuisance.source})"
            for nuisance in nuisances
        ),
        warnings=tuple(warnings),
    )


def _kind(kind):
    if kind not in NUISANCES:
        raise InputError(f"the nuisance {kind!r}", f"one of {', '.join(NUISANCES)}", column="kind")
