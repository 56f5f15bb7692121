"""What is left where the answers, or the route by which they were obtained, are not known: ranges with reasons."""

from __future__ import annotations

import math

import pandas as pd
from scipy import special

from platformlabour.counting.overlaps_answers import MultiHoming
from platformlabour.counting.overlaps_checks import (
    ASSUMPTIONS,
    ROUTES,
    UPPER,
    check_accounts,
    check_level,
    check_number,
    check_route,
)
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["panel_bounds", "published_mean", "range_over_routes"]


def published_mean(sample_mean, *, route, most=None, standard_error=None, respondents=None, level=0.95):
    """What a published mean number of platforms says of people, when only the mean was published.

    The mean over respondents is the mean over people on one route only. On the others the answers themselves would be
    needed; without them the coefficient lies between sharp limits, reached when the answers are as equal or as unequal
    as the mean allows.

    Parameters
    ----------
    sample_mean : float
        Mean over respondents, 1 or more.
    route : str
        A key of ``overlaps.ROUTES``.
    most : int, optional
        Number of platforms there are: nobody uses more. Without it the lower limit is 1.
    standard_error : float, optional
        Of the mean; used on the route "people" only.
    respondents : int, optional
    level : float, default 0.95

    Returns
    -------
    MultiHoming
        With a coefficient on the route "people", otherwise with ``limits`` only.

    Raises
    ------
    InputError
        If the mean is below 1 or above `most`, `most` is not whole, or the route is misspelt.

    Examples
    --------
    >>> published_mean(1.27, route="people")
    MultiHoming(1.27 platforms a person; people)
    >>> published_mean(1.27, route="accounts", most=23)
    MultiHoming(1.012 to 1.156 platforms a person; accounts)
    >>> published_mean(1.27, route="unknown", most=23)
    MultiHoming(1 to 1.27 platforms a person; unknown)
    """
    check_route(route)
    check_level(level)
    mean = check_number(sample_mean, "sample_mean", least=1)
    most = math.inf if most is None else check_number(most, "most", least=1)
    if math.isfinite(most) and most != math.floor(most):
        raise InputError(f"{most:g} platforms", "a whole number: nobody uses part of a platform", column="most")
    if mean > most:
        raise InputError(
            f"a mean of {mean:g} platforms", f"at most {most:g}, the number of platforms", column="sample_mean"
        )
    common = {"route": route, "sample_mean": mean, "respondents": respondents, "assumptions": ASSUMPTIONS[route]}
    if route == "people":
        if standard_error is None:
            return MultiHoming(coefficient=mean, standard_error=None, limits=(mean, mean), level=None, **common)
        error = check_number(standard_error, "standard_error", least=0)
        half = special.ndtri(0.5 + level / 2) * error / mean
        limits = (max(1.0, mean * math.exp(-half)), mean * math.exp(half))
        return MultiHoming(coefficient=mean, standard_error=error, limits=limits, level=level, **common)
    whole = math.floor(mean)
    most_equal = 1 / ((whole + 1 - mean) / whole + (mean - whole) / (whole + 1))
    least_equal = 1 / (1 - (mean - 1) / most)
    limits = {
        "accounts": (least_equal, most_equal),
        "platform-panel": (least_equal, mean),
        "platform-active": (1.0, mean),
        "unknown": (1.0, mean),
    }[route]
    reason = "the route of recruitment is not known" if route == "unknown" else "only the mean of the answers is known"
    more = {
        "platform-panel": ("the platform is the largest, so that membership grows with the number used, but by less",),
        "platform-active": ("the more active do not use fewer platforms",),
    }
    common["assumptions"] += more.get(route, ())
    return MultiHoming(
        coefficient=None, standard_error=None, limits=limits, level=None, warnings=(f"{reason}: a range",), **common
    )


def range_over_routes(accounts, sample_mean, *, most=None, routes=None):
    """People behind accounts for every route by which a published mean may have been obtained.

    Parameters
    ----------
    accounts : float or Estimate
    sample_mean : float
        Published mean number of platforms per respondent.
    most : int, optional
        Number of platforms there are.
    routes : iterable of str, optional
        Routes considered possible; by default all four.

    Returns
    -------
    Estimate
        Without a value: the range over the routes, ``level=None``.
    DataFrame
        ``route, sampled, coefficient_low, coefficient_high, people_low, people_high``, one row a route.

    Raises
    ------
    InputError
        As for :func:`published_mean`, or if no route is possible.

    Examples
    --------
    >>> whole, by_route = range_over_routes(337_980, 1.27, most=23)
    >>> [round(x) for x in whole.interval]
    [266126, 337980]
    >>> by_route[["route", "people_low", "people_high"]].round(0).values.tolist()[:2]
    [['people', 266126.0, 266126.0], ['accounts', 292353.0, 334012.0]]
    """
    routes = [route for route in ROUTES if route != "unknown"] if routes is None else list(routes)
    if not routes or "unknown" in routes:
        raise InputError("no possible routes", "one or more of the declared routes", column="routes")
    _, (low, high), _ = check_accounts(accounts)
    rows = []
    for route in routes:
        least, most_used = published_mean(sample_mean, route=route, most=most).limits
        rows.append((route, ROUTES[route], least, most_used, low / most_used, high / least))
    names = ["route", "sampled", "coefficient_low", "coefficient_high", "people_low", "people_high"]
    frame = pd.DataFrame(rows, columns=names)
    whole = Estimate(
        value=None,
        unit="people",
        estimand="people with an account on at least one of the platforms",
        method=f"accounts over what a mean of {float(sample_mean):.4g} allows on {len(routes)} routes",
        interval=(frame["people_low"].min(), frame["people_high"].max()),
        level=None,
        interval_kind="range over routes",
        bound="upper",
        status="not identified",
        assumptions=ASSUMPTIONS["unknown"],
        warnings=("the route of recruitment is not known: no division", *UPPER),
    )
    return whole, frame


def panel_bounds(accounts, platform_accounts, panel_mean, *, most=None):
    """Fewest and most people when all answers come from members of one platform, without a model of choice.

    The panel says everything about its own platform and nothing about those outside. Its people are as many as the
    platform's accounts, and they hold `panel_mean` times as many in all; what remains belongs to outsiders, who hold
    at least one account each and, it is assumed for the lower limit, no more than the panel's members on average.

    Parameters
    ----------
    accounts : float
        Accounts on all platforms together.
    platform_accounts : float
        Accounts on the platform surveyed.
    panel_mean : float
        Mean number of platforms among the panel, 1 or more.
    most : float, optional
        Largest mean number of platforms among outsiders; by default the panel's.

    Returns
    -------
    Estimate
        A range with ``level=None``; without a value.

    Raises
    ------
    InputError
        If the panel's members would hold more accounts than there are.

    Examples
    --------
    >>> panel_bounds(1200, 600, 1.3).interval
    (923.0769230769231, 1020.0)
    """
    accounts = check_number(accounts, "accounts", least=0)
    inside = check_number(platform_accounts, "platform_accounts", least=0)
    mean = check_number(panel_mean, "panel_mean", least=1)
    most = mean if most is None else check_number(most, "most", least=1)
    left = accounts - inside * mean
    if left < -1e-9 * accounts or inside <= 0:
        raise InputError(
            f"{inside * mean:,.0f} accounts held by the panel's platform alone",
            f"at most {accounts:,.0f}, the accounts on all platforms",
            column="panel_mean",
        )
    left = max(left, 0.0)
    return Estimate(
        value=None,
        unit="people",
        estimand="people with an account on at least one of the platforms",
        method="the panel's platform, and what its members leave to outsiders",
        interval=(inside + left / most, inside + left),
        level=None,
        interval_kind="partial identification",
        bound="upper",
        status="not identified",
        assumptions=(f"outsiders hold between 1 and {most:.4g} accounts each on average",),
        warnings=("a panel of one platform never meets those outside: a range", *UPPER),
    )
