"""From declared registrations to people: simple arithmetic whose direction of error has to be kept in sight.

A registration is an account, not a worker. Some people hold accounts on several platforms (multi-homing), some accounts
have no worker behind them (dormant, fake, a journalist's), and platforms round up. Dividing by the mean number of
platforms a worker uses mends only the first: what remains is an upper bound.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "declared_total",
    "implied_active_share",
    "implied_raw_sum",
    "implied_raw_sum_range",
    "people_from_accounts",
    "people_range",
    "sensitivity",
    "share_range",
]

_UPPER = (
    "dormant, fake and one-time accounts are counted: an upper bound on workers",
    "platforms that declare nothing are not counted: their workers could be missing altogether",
)
_ONE_COEFFICIENT = "the coefficient is the mean number of platforms among all account holders, one account a platform"


def declared_total(accounts):
    """The sum of the registrations that platforms declare.

    Parameters
    ----------
    accounts : array_like of float, shape (platforms,)
        Registered accounts declared by each platform.

    Returns
    -------
    Estimate
        In accounts, without interval: nobody has sampled anything.

    Raises
    ------
    InputError
        If a number is negative, missing or not finite, or there is none.

    References
    ----------
    C. Le Ludec, P. Tubaro and A. A. Casilli (2019), How many people microwork in France? Estimating the size of a new
    labor force.

    Examples
    --------
    >>> declared_total([50_000, 120_000, 8_500])
    Estimate(178,500 accounts)
    """
    accounts = _numbers(accounts, "accounts")
    return Estimate.counted(
        float(accounts.sum()),
        "accounts",
        f"accounts declared by {accounts.size} platform{'s' * (accounts.size > 1)}",
        method="sum of declared registrations",
        warnings=("accounts are not people: one person may hold several, and many are dormant",),
    )


def people_from_accounts(accounts, coefficient, *, coefficient_interval=None, level=0.95):
    """People behind a number of accounts, given the mean number of platforms a person uses.

    Parameters
    ----------
    accounts : float or Estimate
        Registered accounts, summed over platforms.
    coefficient : float
        Mean number of platforms per person, 1 or more. It must be the mean over persons: respondents reached through
        their accounts over-represent those who hold many, and need mean(1 / platforms) instead.
    coefficient_interval : (float, float), optional
        Lower and upper limit of the coefficient; carried over to the result.
    level : float, default 0.95
        Coverage that the coefficient's interval aims at.

    Returns
    -------
    Estimate
        In workers, ``bound="upper"``.

    Raises
    ------
    InputError
        If the coefficient is below 1, or outside its own interval.

    References
    ----------
    C. Le Ludec, P. Tubaro and A. A. Casilli (2019); O. Kässi, V. Lehdonvirta and F. Stephany (2021), How many online
    workers are there in the world? A data-driven assessment, Open Research Europe 1:53.

    Examples
    --------
    >>> people_from_accounts(337_980, 1.27)
    Estimate(266,126 workers, at most)
    >>> people_from_accounts(337_980, 1.27, coefficient_interval=(1.2, 1.4))
    Estimate(266,126 workers, at most; 95% interval 241,414 to 281,650)
    """
    accounts = _accounts(accounts)
    coefficient = _coefficient(coefficient)
    interval = None
    if coefficient_interval is not None:
        low, high = (_coefficient(x) for x in coefficient_interval)
        if not low <= coefficient <= high:
            raise InputError(f"the coefficient {coefficient:g} outside {low:g} to {high:g}", "a coefficient inside")
        interval = (accounts / high, accounts / low)
    return Estimate(
        value=accounts / coefficient,
        unit="workers",
        estimand="people with an account on at least one of the platforms",
        method=f"accounts divided by {coefficient:g}",
        interval=interval,
        interval_kind="limits of the coefficient" if interval else "",
        level=level,
        bound="upper",
        assumptions=(_ONE_COEFFICIENT,),
        warnings=_UPPER,
    )


def people_range(accounts, coefficients):
    """Fewest and most people behind a number of accounts over a range of coefficients.

    Parameters
    ----------
    accounts : float or Estimate
        Registered accounts, summed over platforms.
    coefficients : (float, float)
        Smallest and largest mean number of platforms per person considered.

    Returns
    -------
    (Estimate, Estimate)
        People at the largest coefficient, then at the smallest; both upper bounds under their own coefficient.

    Raises
    ------
    InputError
        If a coefficient is below 1 or the range is reversed.

    Examples
    --------
    >>> low, high = people_range(337_980, (1.0, 1.83))
    >>> low.text("exact"), high.text("exact")
    ('184,689', '337,980')
    """
    low, high = _ordered(coefficients)
    return people_from_accounts(accounts, high), people_from_accounts(accounts, low)


def implied_raw_sum(published_people, coefficient):
    """The sum over platforms that a published number of people and a published coefficient imply.

    Whether the product lies close to a whole number says nothing: rounding the people to the unit moves it by up to
    half the coefficient. :func:`implied_raw_sum_range` gives all sums that round to the published numbers.

    Parameters
    ----------
    published_people : float
        Published number of people.
    coefficient : float
        Published mean number of platforms per person.

    Returns
    -------
    Estimate
        In accounts; for an audience, monthly visitors.

    Raises
    ------
    InputError
        If a number is not positive, or the coefficient is below 1.

    Examples
    --------
    >>> implied_raw_sum(266_126, 1.27)
    Estimate(337,980 accounts)
    >>> round(implied_raw_sum(266_126, 1.27).value, 2)
    337980.02
    """
    people, coefficient = _positive(published_people, "people"), _coefficient(coefficient)
    return Estimate(
        value=people * coefficient,
        unit="accounts",
        estimand="sum over platforms behind a published number of people",
        method=f"people times {coefficient:g}",
        assumptions=("the published people are that sum divided by that coefficient",),
        warnings=("derived here: the sum itself was not published",),
    )


def implied_raw_sum_range(published_people, coefficient, *, coefficient_decimals=2):
    """Smallest and largest sum over platforms that round to the published people and coefficient.

    Parameters
    ----------
    published_people : float
        Published number of people, rounded to the unit.
    coefficient : float
        Published mean number of platforms per person, rounded.
    coefficient_decimals : int, default 2
        Decimals to which the coefficient was rounded.

    Returns
    -------
    (Estimate, Estimate)

    Raises
    ------
    InputError
        If a number is not positive, or the coefficient is below 1.

    Examples
    --------
    >>> [x.text("exact") for x in implied_raw_sum_range(266_126, 1.27)]
    ['336,649', '339,311']
    """
    people, coefficient = _positive(published_people, "people"), _coefficient(coefficient)
    half = 0.5 * 10.0**-coefficient_decimals
    ends = (max(people - 0.5, 0.5), max(coefficient - half, 1.0)), (people + 0.5, coefficient + half)
    return tuple(implied_raw_sum(*end).replace(method="limits of what rounds to the published numbers") for end in ends)


def sensitivity(raw_sum, coefficients):
    """People behind one sum of accounts, for each of several coefficients.

    Parameters
    ----------
    raw_sum : float or Estimate
        Accounts, or visitors, summed over platforms.
    coefficients : array_like of float, shape (k,)
        Mean numbers of platforms per person, each 1 or more.

    Returns
    -------
    DataFrame
        ``coefficient``, ``people`` and ``share_of_largest``: people over the people at coefficient 1.

    Raises
    ------
    InputError
        If a coefficient is below 1.

    Examples
    --------
    >>> sensitivity(337_980, [1.0, 1.27, 1.83]).round(3).to_dict("list")["people"]
    [337980.0, 266125.984, 184688.525]
    """
    raw_sum = _accounts(raw_sum)
    values = np.array([_coefficient(x) for x in np.atleast_1d(np.asarray(coefficients, dtype=float))])
    return pd.DataFrame({"coefficient": values, "people": raw_sum / values, "share_of_largest": 1 / values})


def share_range(part, whole, *, part_coefficients, whole_coefficients):
    """Smallest and largest share of people when the part and the whole hold different numbers of accounts.

    Those who work hold more accounts than those who only registered; one coefficient for both hides that.

    Parameters
    ----------
    part, whole : float or Estimate
        Accounts (or visitors) in the part, such as the monthly active, and in the whole.
    part_coefficients, whole_coefficients : (float, float)
        Smallest and largest mean number of platforms per person in each.

    Returns
    -------
    (Estimate, Estimate)
        Shares of people.

    Raises
    ------
    InputError
        If a coefficient is below 1, or a range is reversed.

    Examples
    --------
    >>> low, high = share_range(66_468, 337_980, part_coefficients=(1.0, 1.83), whole_coefficients=(1.27, 1.27))
    >>> low.text("percent"), high.text("percent")
    ('13.6%', '25.0%')
    """
    part, whole = _accounts(part), _accounts(whole)
    (part_low, part_high), (whole_low, whole_high) = _ordered(part_coefficients), _ordered(whole_coefficients)
    return tuple(
        _share(
            part / whole * whole_coefficient / part_coefficient,
            estimand="share of people in the part",
            method=f"accounts over {part_coefficient:g} in the part, over {whole_coefficient:g} in the whole",
            assumptions=(_ONE_COEFFICIENT,),
        )
        for whole_coefficient, part_coefficient in ((whole_low, part_high), (whole_high, part_low))
    )


def implied_active_share(people, profiles, coefficient=1.0):
    """Share of profiles behind a published number of active people.

    Parameters
    ----------
    people : float
        Published number of people who worked.
    profiles : float
        Registered profiles.
    coefficient : float, default 1.0
        Mean number of profiles per person that the published number was divided by.

    Returns
    -------
    Estimate
        A share of profiles; ``"implausible"`` above 1.

    Raises
    ------
    InputError
        If a number is not positive, or the coefficient is below 1.

    References
    ----------
    O. Kässi, V. Lehdonvirta and F. Stephany (2021), as for :func:`people_from_accounts`.

    Examples
    --------
    >>> implied_active_share(14e6, 163e6, 1.83).text("percent"), implied_active_share(14e6, 163e6).text("percent")
    ('15.7%', '8.6%')
    """
    people, profiles = _positive(people, "people"), _positive(profiles, "profiles")
    coefficient = _coefficient(coefficient)
    return _share(
        people * coefficient / profiles,
        estimand="share of registered profiles that worked",
        method=f"people times {coefficient:g}, over profiles",
        assumptions=("the published people are active profiles divided by that coefficient",),
    )


def _share(value, **fields):
    """A share, marked implausible above 1."""
    plausible = value <= 1
    return Estimate(
        value=value,
        unit="share",
        status="ok" if plausible else "implausible",
        warnings=() if plausible else ("the part is larger than the whole",),
        **fields,
    )


def _numbers(values, name):
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError("text among the numbers", "numbers", column=name) from None
    if array.ndim != 1 or array.size == 0:
        raise InputError("no column of numbers", "at least one number", column=name)
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        i = int(np.argmax(bad))
        raise InputError(f"{array[i]:g}", "a number of 0 or more", row=i + 2, column=name)
    return array


def _positive(value, name):
    value = float(_numbers([value], name)[0])
    if value == 0:
        raise InputError("0", "a number above 0", column=name)
    return value


def _accounts(accounts):
    if isinstance(accounts, Estimate):
        if accounts.value is None or accounts.status != "ok":
            raise InputError(f"accounts that are {accounts.status}", "a number of accounts that can be used")
        accounts = accounts.value
    return _positive(accounts, "accounts")


def _coefficient(value):
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise InputError(f"the coefficient {value!r}", "a number of 1 or more") from None
    if not (math.isfinite(value) and value >= 1):
        raise InputError(f"the coefficient {value:g}", "1 or more: everybody counted uses at least one platform")
    return value


def _ordered(coefficients):
    try:
        low, high = coefficients
    except (TypeError, ValueError):
        raise InputError(f"the range {coefficients!r}", "two coefficients, smallest first") from None
    low, high = _coefficient(low), _coefficient(high)
    if low > high:
        raise InputError(f"a range from {low:g} to {high:g}", "the smallest coefficient first")
    return low, high
