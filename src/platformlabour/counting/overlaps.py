"""One person, several platforms: how many, depends on whom one asked.

Dividing accounts by the mean number of platforms a worker uses is right only where every worker had the same chance of
answering. Somebody with three accounts is three times as likely to be reached through an account, and whoever works
much is likelier still to be met at work. Each route of recruitment therefore has an estimator of its own, and an
unknown route has none: only a range.
"""

from __future__ import annotations

import math

from platformlabour.counting.overlaps_answers import MultiHoming, RouteComparison, compare_routes, multi_homing
from platformlabour.counting.overlaps_checks import ROUTES, UPPER, check_accounts
from platformlabour.counting.overlaps_ranges import panel_bounds, published_mean, range_over_routes
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "ROUTES",
    "MultiHoming",
    "RouteComparison",
    "compare_routes",
    "multi_homing",
    "panel_bounds",
    "people_from_accounts",
    "published_mean",
    "range_over_routes",
]


def people_from_accounts(accounts, multi_homing, *, level=None, bound="upper"):
    """People behind accounts, or the range that is left where the route of recruitment does not identify them.

    Parameters
    ----------
    accounts : float or Estimate
        Accounts summed over the platforms that the question on multi-homing listed. An interval is carried through.
    multi_homing : MultiHoming
        From :func:`multi_homing` or :func:`published_mean`. A bare number is refused: it does not say whom one asked.
    level : float, optional
        Ignored for a range; by default that of `multi_homing`.
    bound : {"upper", "point", "lower"}
        What the result is to the number of workers; "point" once dormant and fake accounts have been taken out.

    Returns
    -------
    Estimate
        In people. Without a value, with status "not identified" and the range as interval with ``level=None``, where
        the coefficient is not identified.

    Raises
    ------
    InputError
        If `multi_homing` does not say the route, or the accounts cannot be used.

    Examples
    --------
    >>> answers = [1] * 80 + [2] * 15 + [3] * 5
    >>> people_from_accounts(337_980, multi_homing(answers, route="people"))
    Estimate(270,384 people, at most; 95% interval 248,216 to 294,531)
    >>> people_from_accounts(337_980, multi_homing(answers, route="accounts"))
    Estimate(301,366 people, at most; 95% interval 286,946 to 316,509)
    >>> people_from_accounts(337_980, published_mean(1.27, route="unknown")).interval
    (266125.9842519685, 337980.0)
    """
    if not isinstance(multi_homing, MultiHoming):
        raise InputError(
            f"{multi_homing!r} as coefficient",
            "multi_homing(...) or published_mean(...), which say by which route respondents were reached",
        )
    value, (low, high), accounts_level = check_accounts(accounts)
    if level is not None and level != multi_homing.level:
        raise InputError(f"level {level!r}", f"the coefficient's own level, {multi_homing.level!r}")
    common = {
        "unit": "people",
        "estimand": "people with an account on at least one of the platforms",
        "bound": bound,
        "assumptions": multi_homing.assumptions,
        "warnings": (*multi_homing.warnings, *(UPPER if bound == "upper" else ())),
    }
    if multi_homing.coefficient is None:
        least, most = multi_homing.limits
        return Estimate(
            value=None,
            interval=(low / most, high / least),
            level=None,
            interval_kind="range over what the route leaves open",
            status="not identified",
            method=f"accounts over {least:.4g} to {most:.4g}; {multi_homing.route}",
            **common,
        )
    coefficient = multi_homing.coefficient
    people = value / coefficient
    method = f"accounts divided by {coefficient:.4g}; {multi_homing.route}"
    if (accounts_level is None and low < high) or (
        multi_homing.level is None and multi_homing.limits[0] < multi_homing.limits[1]
    ):
        limits = (low / multi_homing.limits[1], high / multi_homing.limits[0])
        return Estimate(value=people, interval=limits, level=None, interval_kind="range", method=method, **common)
    if multi_homing.level is None and low == high:
        return Estimate(value=people, method=method, **common)
    # Errors of the accounts and of the coefficient are independent: their logarithms add in quadrature.
    least, most = multi_homing.limits
    below = math.hypot(math.log(value / low), math.log(most / coefficient))
    above = math.hypot(math.log(high / value), math.log(coefficient / least))
    error = None
    if multi_homing.standard_error is not None and low == high:
        error = people * multi_homing.standard_error / coefficient
    return Estimate(
        value=people,
        interval=(people * math.exp(-below), min(people * math.exp(above), high)),
        level=multi_homing.level or accounts_level,
        interval_kind="log-normal",
        standard_error=error,
        method=method,
        **common,
    )
