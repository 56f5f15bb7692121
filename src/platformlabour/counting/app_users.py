"""From the users of several apps to people, one assumption at a time, and what an app user is not.

Whoever counts users app by app knows two things about people: there are at least as many as the largest app has users,
and at most as many as all apps together. Everything narrower is an assumption, and is shown as one.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "assumptions_added",
    "calendar_effect",
    "growth",
    "people_bounds",
    "share_bounds",
    "unique_below_largest_month",
]

SMALLEST_SHOWN = 10


def people_bounds(users):
    """Fewest and most people behind the users of several apps, without any assumption on overlap.

    Parameters
    ----------
    users : array_like of float, shape (apps,)
        Users of each app, over one window.

    Returns
    -------
    Estimate
        In people; without a value, with the bounds as interval and ``level=None``.

    Raises
    ------
    InputError
        If there is no app, a number is negative or missing, or below 10, which is never shown.

    Examples
    --------
    >>> people_bounds([46_391, 39_022, 13_997]).interval
    (46391.0, 99410.0)
    """
    users = _users(users)
    return Estimate(
        value=None,
        unit="people",
        estimand="people who use at least one of the apps",
        method=f"largest of {users.size} apps, and their sum",
        interval=(float(users.max()), float(users.sum())),
        level=None,
        interval_kind="bounds without an assumption on overlap",
        status="not identified",
        assumptions=("one user of an app is one person, on one telephone",),
        warnings=("overlap between the apps is not observed: a range",),
    )


def assumptions_added(users, services, *, coefficients):
    """The bounds on people as assumptions are added one by one.

    Parameters
    ----------
    users : array_like of float, shape (apps,)
    services : array_like of str, shape (apps,)
        What each app is for, such as "transport" and "delivery".
    coefficients : dict of str to (float, float)
        Name of each further assumption to the range it gives the mean number of apps a person uses; each range must
        lie inside the one before.

    Returns
    -------
    DataFrame
        ``assumption, low, high, width, apps_a_person_low, apps_a_person_high``: each row keeps the assumptions above
        it.

    Raises
    ------
    InputError
        If lengths differ, a coefficient is below 1 or its range is reversed or not inside the one before, or an
        assumption contradicts the ones above it.

    Examples
    --------
    >>> services = ["transport", "transport", "delivery"]
    >>> steps = assumptions_added([100, 60, 40], services, coefficients={"a known mean": (1.2, 1.3)})
    >>> steps[["low", "high"]].round(0).values.tolist()
    [[100.0, 200.0], [140.0, 200.0], [154.0, 167.0]]
    """
    users = _users(users)
    services = pd.Series(list(services), dtype=object)
    if len(services) != users.size:
        raise InputError(
            f"{len(services)} services for {users.size} apps", "one service for each app", column="service"
        )
    total = float(users.sum())
    largest = pd.Series(users).groupby(services).max()
    rows = [("none: arithmetic alone", float(users.max()), total)]
    if len(largest) > 1:
        rows.append((f"nobody works in two services ({', '.join(sorted(largest.index))})", float(largest.sum()), total))
    inner = (1.0, math.inf)
    for name, limits in coefficients.items():
        low, high = _range(limits, name)
        if low < inner[0] - 1e-12 or high > inner[1] + 1e-12:
            raise InputError(
                f"{low:g} to {high:g} for {name!r}",
                f"a range inside {inner[0]:g} to {inner[1]:g}: assumptions are added, not replaced",
                column="coefficients",
            )
        inner = (low, high)
        fewest, most = max(rows[-1][1], total / high), min(rows[-1][2], total / low)
        if fewest > most * (1 + 1e-12):
            raise InputError(
                f"{total / low:,.0f} people at most for {name!r}",
                f"{rows[-1][1]:,.0f} or more, which the assumptions above it imply",
                column="coefficients",
            )
        rows.append((name, fewest, most))
    frame = pd.DataFrame(rows, columns=["assumption", "low", "high"])
    return frame.assign(
        width=frame["high"] - frame["low"],
        apps_a_person_low=total / frame["high"],
        apps_a_person_high=total / frame["low"],
    )


def share_bounds(users_largest, users_all, employed, standard_error, *, z=1.959963984540054):
    """App users as a share of people in work: bounds from overlap, widened by the survey's error.

    Parameters
    ----------
    users_largest, users_all : float
        Users of the app with most users, and the sum over apps.
    employed, standard_error : float
        People in work by a survey, and its standard error.
    z : float
        Normal quantile of the survey's interval; 95% by default.

    Returns
    -------
    Estimate
        A share without a value. ``interval`` holds the bounds at the survey's limits: the smallest share if one app
        holds everybody and more people are in work than estimated, to the largest if nobody uses two apps and fewer
        are.

    Raises
    ------
    InputError
        If a number is not positive, the largest app exceeds the sum, or the survey's interval reaches zero: such a
        denominator divides nothing.

    Examples
    --------
    >>> [round(100 * end, 2) for end in share_bounds(12_675, 32_944, 909_198, 50_729).interval]
    [1.26, 4.07]
    """
    largest, total = (_number(x, name) for x, name in ((users_largest, "users_largest"), (users_all, "users_all")))
    if largest > total:
        raise InputError(f"{largest:,.0f} users of the largest app", f"at most {total:,.0f}, the sum over apps")
    employed, error = _number(employed, "employed"), _number(standard_error, "employed_standard_error")
    if employed <= z * error:
        raise InputError(
            f"{employed:,.0f} people in work with a standard error of {error:,.0f}",
            "a survey whose interval stays above zero",
            column="employed",
        )
    return Estimate(
        value=None,
        unit="share",
        estimand="people who use at least one app, among people in work",
        method="largest app and sum over apps, over people in work",
        interval=(largest / (employed + z * error), min(1.0, total / (employed - z * error))),
        level=None,
        interval_kind="bounds at the limits of the survey",
        status="not identified",
        assumptions=("one user of an app is one person", "app users live and work in the city where the app is used"),
    )


def growth(months, column, *, panel="panel_index"):
    """Growth of a count of app users, and growth relative to the panel in which they are counted.

    A count from a panel grows when the panel does. Dividing both shows what is left.

    Parameters
    ----------
    months : DataFrame
        One row a month, in order.
    column, panel : str
        Columns with the count and with the size of the panel in any unit.

    Returns
    -------
    dict of str to Estimate
        ``"users"``, ``"panel"`` and ``"relative"``: last month over first, as ratios; ``"falls"``: months with fewer
        users than the month before.

    Raises
    ------
    InputError
        If a column is missing, fewer than two months are given, or a number is not positive.

    Examples
    --------
    >>> months = pd.DataFrame({"users": [100, 150], "panel_index": [100.0, 150.0]})
    >>> growth(months, "users")["relative"].value
    1.0
    """
    for name in (column, panel):
        if name not in months.columns:
            raise InputError(f"no column {name!r}", f"one of {', '.join(map(str, months.columns))}")
    if len(months) < 2:
        raise InputError(f"{len(months)} months", "two months or more")
    users, size = (np.array([_number(x, name) for x in months[name]]) for name in (column, panel))
    method = "last month over first month"
    return {
        "users": Estimate.counted(users[-1] / users[0], "ratio", "app users, last month to first", method=method),
        "panel": Estimate.counted(size[-1] / size[0], "ratio", "panel, last month to first", method=method),
        "relative": Estimate.counted(
            (users[-1] / users[0]) / (size[-1] / size[0]),
            "ratio",
            "app users relative to the panel, last month to first",
            method=method,
        ),
        "falls": Estimate.counted(int((np.diff(users) < 0).sum()), "months", "months below the month before"),
    }


def calendar_effect(months, column):
    """Whether growth from month to month depends on the month of the year.

    Parameters
    ----------
    months : DataFrame
        ``month``, dates in order without gaps, and the count. Two changes or more are needed in some calendar month.
    column : str

    Returns
    -------
    statistic, p_value : float
        Of the F test of equal mean log growth over calendar months, after each year's mean growth is taken out. With
        three years it sees strong patterns only.

    Raises
    ------
    InputError
        If a column is missing, a number is not positive, or there are fewer than 24 months.

    Examples
    --------
    >>> dates = pd.date_range("2018-01-01", periods=36, freq="MS")
    >>> level = np.cumprod(np.where(dates.month == 7, 0.8, 1.02) + np.tile([0.0, 0.001], 18))
    >>> calendar_effect(pd.DataFrame({"month": dates, "users": level}), "users")[1] < 0.001
    True
    """
    for name in ("month", column):
        if name not in months.columns:
            raise InputError(f"no column {name!r}", f"one of {', '.join(map(str, months.columns))}")
    if len(months) < 24:
        raise InputError(f"{len(months)} months", "24 months or more: two years to compare")
    change = np.diff(np.log([_number(x, column) for x in months[column]]))
    dates = pd.to_datetime(months["month"]).iloc[1:]
    frame = pd.DataFrame({"change": change, "year": dates.dt.year.to_numpy(), "calendar": dates.dt.month.to_numpy()})
    frame["change"] -= frame.groupby("year")["change"].transform("mean")
    test = stats.f_oneway(*(part.to_numpy() for _, part in frame.groupby("calendar")["change"]))
    return float(test.statistic), float(test.pvalue)


def unique_below_largest_month(half_years):
    """In how many cases a count called unique over half a year is below the largest month inside it.

    Everybody active in the largest month was active in the half-year. A count of different users over the half-year
    can therefore not be the smaller of the two; where it is, it counts something else.

    Parameters
    ----------
    half_years : DataFrame
        ``apps`` and ``apps_below``, one row a half-year.

    Returns
    -------
    (int, int)
        Cases below, and all cases.

    Raises
    ------
    InputError
        If more cases are below than there are.

    Examples
    --------
    >>> unique_below_largest_month(pd.DataFrame({"apps": [6, 8], "apps_below": [6, 7]}))
    (13, 14)
    """
    if (half_years["apps_below"] > half_years["apps"]).any():
        raise InputError("more apps below than there are", "at most the number of apps", column="apps_below")
    return int(half_years["apps_below"].sum()), int(half_years["apps"].sum())


def _users(values):
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError("text among the users", "numbers", column="users") from None
    if array.ndim != 1 or array.size == 0:
        raise InputError("no apps", "the users of at least one app", column="users")
    bad = ~(np.isfinite(array) & (array >= SMALLEST_SHOWN))
    if bad.any():
        i = int(np.argmax(bad))
        raise InputError(
            f"{array[i]:g}",
            f"{SMALLEST_SHOWN} or more: smaller counts of people are not shown",
            row=i + 2,
            column="users",
        )
    return array


def _number(value, name):
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{value!r}", "a number above 0", column=name) from None
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{value:g}", "a number above 0", column=name)
    return value


def _range(limits, name):
    try:
        low, high = (float(x) for x in limits)
    except (TypeError, ValueError):
        raise InputError(f"the range {limits!r} for {name!r}", "two numbers, the smaller first") from None
    if not 1 <= low <= high < math.inf:
        raise InputError(f"{low:g} to {high:g} for {name!r}", "1 or more, the smaller first", column="coefficients")
    return low, high
