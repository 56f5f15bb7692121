"""What a site's visitors say about its workers: a reading with stated factors, and an imputation with its whole error.

A traffic provider counts visitors: browsers or devices, those of clients and readers as well as workers'. Visitors
become workers by factors that hardly anyone has measured, and registrations that a platform does not publish can be
predicted from its visitors, with an error that a sum over platforms does not average away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from platformlabour.counting.traffic_regression import (
    Imputation,
    error_of_a_sum,
    impute_registrations,
    leave_one_out,
)
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "Factor",
    "Imputation",
    "active_workers",
    "error_of_a_sum",
    "impute_registrations",
    "leave_one_out",
]

KINDS = ("measured", "elicited", "assumed")


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One number between visitors and workers, as a range with the ground on which it stands.

    Parameters
    ----------
    name : str
    low, high : float
        Smallest and largest value considered.
    kind : {"measured", "elicited", "assumed"}
    source : str
        Where it comes from: a key of the bibliography, who was asked, or whose assumption it is.
    share : bool
        Whether it lies between 0 and 1.

    Raises
    ------
    InputError
        If the range is reversed, a share lies outside 0 to 1, or another factor is not above 0.

    Examples
    --------
    >>> Factor(name="visitors who are workers", low=0.5, high=0.9, kind="assumed", source="made up", share=True).high
    0.9
    """

    name: str
    low: float
    high: float
    kind: str
    source: str
    share: bool = False

    def __post_init__(self):
        try:
            low, high = float(self.low), float(self.high)
        except (TypeError, ValueError):
            raise InputError(f"{self.low!r} to {self.high!r}", "two numbers", column=self.name) from None
        if not (math.isfinite(low) and math.isfinite(high) and 0 < low <= high):
            raise InputError(f"{low:g} to {high:g}", "numbers above 0, the smaller first", column=self.name)
        if self.share and high > 1:
            raise InputError(f"a share of {high:g}", "a share from 0 to 1; 40% is 0.4", column=self.name)
        if self.kind not in KINDS:
            raise InputError(f"the kind {self.kind!r}", f"one of {', '.join(KINDS)}", column=self.name)
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)


def active_workers(visitors, *, worker_share, devices_per_person, reach=None):
    """Monthly active workers that a number of monthly unique visitors allows.

    Every factor is a range, and the result the range that they span together: with no measured distribution behind
    them, a single number or a probability would be invented. One platform's workers only; people who visit several
    platforms are counted once for each until the sum is divided by a coefficient of multi-homing.

    Parameters
    ----------
    visitors : float
        Unique visitors in a month, as the provider counts them.
    worker_share : Factor
        Share of the visiting people who work there; the others are clients, readers and programs.
    devices_per_person : Factor
        Visitors counted for one person: browsers, devices and deleted cookies. Below 1 where people share a device.
    reach : Factor, optional
        Share of workers who visit the site at all; others use an application or an interface that is not measured.

    Returns
    -------
    Estimate
        Without a value, the range as interval with ``level=None``.

    Raises
    ------
    InputError
        If visitors are not above 0, or a factor is not a :class:`Factor`.

    Examples
    --------
    >>> workers = Factor(name="workers", low=0.5, high=0.9, kind="assumed", source="made up", share=True)
    >>> devices = Factor(name="devices", low=1.0, high=2.5, kind="measured", source="made up")
    >>> active_workers(750_000, worker_share=workers, devices_per_person=devices).interval
    (150000.0, 675000.0)
    """
    visitors = _visitors(visitors)
    factors = [worker_share, devices_per_person] + ([reach] if reach is not None else [])
    for factor in factors:
        if not isinstance(factor, Factor):
            raise InputError(f"{factor!r}", "a Factor with its range, kind and source")
    for factor in (worker_share, *([reach] if reach is not None else [])):
        if not factor.share:
            raise InputError(f"{factor.name!r} as a plain number", "a Factor with share=True", column=factor.name)
    low = visitors * worker_share.low / devices_per_person.high
    high = visitors * worker_share.high / devices_per_person.low
    if reach is not None:
        low, high = low / reach.high, high / reach.low
    return Estimate(
        value=None,
        unit="people",
        estimand="people who worked through the platform in the month",
        method="visitors times the share of workers, over visitors counted for one person",
        interval=(low, high),
        level=None,
        interval_kind="range of the factors",
        status="not identified",
        assumptions=tuple(f"{f.name}: {f.low:g} to {f.high:g}, {f.kind} ({f.source})" for f in factors),
        warnings=("visitors are not workers, and devices are not people: a range",),
    )


def _visitors(value):
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{value!r} visitors", "a number above 0", column="visitors") from None
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{value:g} visitors", "a number above 0", column="visitors")
    return value
