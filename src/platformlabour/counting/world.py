"""The world count of online workers, audited: what its published numbers imply, and which choice moves them most.

Kässi, Lehdonvirta and Stephany multiply registered profiles by the share that worked and divide by the number of
profiles a person holds. The factors are not all published; what the published numbers imply for the others is
arithmetic, and the arithmetic says how much each choice is worth.
"""

from __future__ import annotations

import math

import pandas as pd

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["choices", "compare_choices", "grid", "implied_base", "implied_share_limits", "people"]

_INFERENCE = "people = profiles times the share that worked, over the mean number of profiles a person holds"


def people(profiles, share, coefficient):
    """People behind registered profiles, given the share that worked and the number of profiles a person holds.

    Parameters
    ----------
    profiles : float
        Registered profiles, above 0.
    share : float
        Share of the profiles that worked, above 0 and at most 1.
    coefficient : float
        Profiles held by a person who worked, 1 or more.

    Returns
    -------
    Estimate
        In people, without an interval: none of the three factors was published with one.

    Raises
    ------
    InputError
        If a number is outside its range.

    References
    ----------
    O. Kässi, V. Lehdonvirta and F. Stephany (2021), How many online workers are there in the world? A data-driven
    assessment, Open Research Europe 1:53.

    Examples
    --------
    >>> people(163e6, 0.05, 1.83)
    Estimate(4,453,552 people)
    """
    profiles, share, coefficient = _above(profiles, "profiles"), _share(share), _coefficient(coefficient)
    return Estimate(
        value=profiles * share / coefficient,
        unit="people",
        estimand="people who worked through an online platform at least once",
        method=f"profiles times {share:.3g}, over {coefficient:g}",
        assumptions=(_INFERENCE, "the coefficient among those who worked is that among all who registered"),
    )


def implied_share_limits(heads, profiles, coefficient, *, heads_step, profiles_step):
    """Smallest and largest share of profiles behind a published number of people, given how far it was rounded.

    Parameters
    ----------
    heads, profiles : float
        As published.
    coefficient : float
        Profiles a person holds, 1 or more; taken as exact.
    heads_step, profiles_step : float
        Unit to which each was rounded, such as 1e6 for "14 million".

    Returns
    -------
    Estimate
        A share with the limits of rounding as interval and ``level=None``.

    Raises
    ------
    InputError
        If a number is not positive, a step exceeds its number, or the coefficient is below 1.

    Examples
    --------
    >>> implied_share_limits(14e6, 163e6, 1.83, heads_step=1e6, profiles_step=1e6).text("percent-interval")
    '15.11% to 16.33%'
    """
    coefficient = _coefficient(coefficient)
    ends = []
    for name, value, step in (("heads", heads, heads_step), ("profiles", profiles, profiles_step)):
        value, step = _above(value, name), _above(step, f"{name}_step")
        if step > value:
            raise InputError(f"a rounding to {step:g} of {value:g}", "a unit below the number", column=f"{name}_step")
        ends.append((value - step / 2, value, value + step / 2))
    (low, middle, high), (few, number, many) = ends
    if high * coefficient > few:
        raise InputError(f"{high * coefficient:,.0f} profiles that worked", f"at most {few:,.0f}", column="heads")
    return Estimate(
        value=middle * coefficient / number,
        unit="share",
        estimand="share of registered profiles that worked",
        method=f"people times {coefficient:g}, over profiles",
        interval=(low * coefficient / many, high * coefficient / few),
        level=None,
        interval_kind="limits of what rounds to the published numbers",
        assumptions=(_INFERENCE,),
    )


def implied_base(count, percent, *, decimals=1):
    """Totals of which a count is a published percentage: which population was it a percentage of?

    Parameters
    ----------
    count : float
        As published; taken as exact.
    percent : float
        As published.
    decimals : int, default 1
        Decimals to which the percentage was rounded.

    Returns
    -------
    (float, float)
        Smallest and largest total for which the count rounds to that percentage.

    Raises
    ------
    InputError
        If a number is not positive, or the percentage rounds to nothing.

    Examples
    --------
    >>> [round(total / 1e6) for total in implied_base(435e6, 12.5)]
    [3466, 3494]
    """
    count, percent = _above(count, "count"), _above(percent, "percent")
    half = 0.5 * 10.0**-decimals
    if percent <= half:
        raise InputError(f"{percent:g} per cent with {decimals} decimals", "a percentage that does not round to zero")
    return 100 * count / (percent + half), 100 * count / (percent - half)


def grid(profiles, shares, coefficients):
    """People under every combination of share and coefficient: the whole table, not the convenient cell.

    Parameters
    ----------
    profiles : float
    shares : dict of str to float
        Name of each reading to the share of profiles that worked.
    coefficients : iterable of float
        Profiles a person holds, each 1 or more.

    Returns
    -------
    DataFrame
        ``reading, share, coefficient, people``, one row a combination.

    Raises
    ------
    InputError
        As :func:`people`, or if there is no share or no coefficient.

    Examples
    --------
    >>> grid(163e6, {"first": 0.2, "second": 0.05}, [1.0, 2.0])["people"].tolist()
    [32600000.0, 16300000.0, 8150000.0, 4075000.0]
    """
    coefficients = list(coefficients)
    if not shares or not coefficients:
        raise InputError("an empty grid", "at least one share and one coefficient")
    rows = [
        (name, share, float(coefficient), people(profiles, share, coefficient).value)
        for name, share in shares.items()
        for coefficient in coefficients
    ]
    return pd.DataFrame(rows, columns=["reading", "share", "coefficient", "people"])


def choices(claims):
    """Each published choice or correction of the world count, as the two numbers between which one chooses.

    Parameters
    ----------
    claims : DataFrame
        The ledger, indexed by claim.

    Returns
    -------
    list of (str, float, float)
        What is chosen, and the factor on the number of people under either choice; for :func:`compare_choices`.

    Raises
    ------
    InputError
        If a claim is missing.

    Examples
    --------
    >>> from platformlabour import load
    >>> compare_choices(choices(load("claims").set_index("claim")))["choice"].tolist()[0]
    'share that worked: first report, or implied later'
    """
    wide, narrow = _value(claims, "kassi2021-multihoming"), _value(claims, "tubaro2020-multihoming")
    profiles = _value(claims, "kassi2021-registered")
    first = {name: _value(claims, f"kassi2021-preprint-{name}") for name in ("worked", "significant")}
    later = {name: _value(claims, f"kassi2021-{name}") for name in ("worked", "significant")}
    early = _value(claims, "kassi2021-march-worked-share") / 100
    implied = later["worked"] * wide / profiles
    return [
        ("correction: people who ever worked", first["worked"], later["worked"]),
        ("correction: people with significant work", first["significant"], later["significant"]),
        (f"profiles a person holds: {narrow:g}, or {wide:g}", 1 / narrow, 1 / wide),
        ("the result counts profiles, or people", 1.0, 1 / wide),
        ("share that worked: first report, or implied later", early, implied),
    ]


def compare_choices(pairs):
    """How far each choice moves the number of people, on one scale.

    Parameters
    ----------
    pairs : iterable of (str, float, float)
        A choice and the two numbers it leads to.

    Returns
    -------
    DataFrame
        ``choice``; ``factor``, the larger number over the smaller; ``lower_by``, the share by which the smaller is
        below the larger; the largest factor first.

    Raises
    ------
    InputError
        If there is no choice, or a number is not positive.

    Examples
    --------
    >>> compare_choices([("coefficient", 1 / 1.27, 1 / 1.83)]).round(2).to_dict("records")
    [{'choice': 'coefficient', 'factor': 1.44, 'lower_by': 0.31}]
    """
    rows = []
    for name, one, other in pairs:
        small, large = sorted((_above(one, name), _above(other, name)))
        rows.append((name, large / small, 1 - small / large))
    if not rows:
        raise InputError("no choice", "at least one pair of numbers")
    frame = pd.DataFrame(rows, columns=["choice", "factor", "lower_by"])
    return frame.sort_values("factor", ascending=False, kind="stable", ignore_index=True)


def _value(claims, name):
    if name not in claims.index:
        raise InputError(f"no claim {name!r}", "the ledger, indexed by claim")
    return _above(claims.loc[name, "value"], name)


def _above(value, name):
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{value!r}", "a number above 0", column=name) from None
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{value:g}", "a number above 0", column=name)
    return value


def _share(value):
    value = _above(value, "share")
    if value > 1:
        raise InputError(f"a share of {value:g}", "a share above 0 and at most 1, not a percentage", column="share")
    return value


def _coefficient(value):
    value = _above(value, "coefficient")
    if value < 1:
        raise InputError(f"the coefficient {value:g}", "1 or more: whoever worked has a profile", column="coefficient")
    return value
