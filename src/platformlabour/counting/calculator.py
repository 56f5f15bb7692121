"""The chain from accounts to people in closed form, simple enough to be worked in a page or by hand.

Each factor is known between two ends, which are read as the 95% interval of a log-normal distribution. Products of
log-normal factors are log-normal: middles multiply, and widths on the logarithmic scale add in quadrature. The same
arithmetic runs in the page, in ``_static/calculator.js``, and the tests hold the two to each other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from platformlabour.counting.overlaps import ROUTES, published_mean
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["Answer", "count_people", "worked_values"]

MOST_ACCOUNTS = 9_000_000_000  # more than there are people


@dataclass(frozen=True)
class Answer:
    """What the chain gives.

    Parameters
    ----------
    coefficient : (float, float)
        Smallest and largest number of accounts per person that the route leaves open.
    registered : Estimate
        People behind the accounts, a range over the route where that does not identify the coefficient.
    active : Estimate
        People active in a month: median and 95% interval.
    widest : (float, float)
        Active people with every factor at the end that gives fewest, and most.
    """

    coefficient: tuple[float, float]
    registered: Estimate
    active: Estimate
    widest: tuple[float, float]


def count_people(accounts, *, mean, route, most=None, dormant=(0.0, 0.0), active=(1.0, 1.0), sharing=(1.0, 1.0)):
    """Count people from accounts, with an interval in closed form.

    Parameters
    ----------
    accounts : float
        Declared accounts, summed over the platforms.
    mean : float
        Mean number of these platforms that respondents of a survey use, 1 or more.
    route : str
        How the respondents were reached: a key of ``platformlabour.counting.overlaps.ROUTES``.
    most : float, optional
        Number of platforms there are.
    dormant : (float, float)
        Share of accounts not in use: from, to; below 1.
    active : (float, float)
        Share of the accounts in use that are active in a month: from, to; above 0.
    sharing : (float, float)
        People who work through one account in use: from, to; 1 or more.

    Returns
    -------
    Answer

    Raises
    ------
    InputError
        If a number lies outside its limits or a range is reversed.

    Notes
    -----
    With :math:`A` accounts, the factors :math:`1-d` (in use), :math:`a` (active), :math:`s` (people an account) and
    :math:`1/c` (people per account held), each between :math:`l_j` and :math:`u_j`,

    .. math::

        \\ln N = \\ln A + \\sum_j \\tfrac12 (\\ln l_j + \\ln u_j)
        \\pm \\sqrt{\\sum_j \\tfrac14 (\\ln u_j - \\ln l_j)^2} .

    Examples
    --------
    >>> answer = count_people(337_980, mean=1.27, route="unknown", dormant=(0.3, 0.6), active=(0.2, 0.5))
    >>> answer.registered.interval
    (266125.9842519685, 337980.0)
    >>> answer.active
    Estimate(50,184 people; 95% interval 28,955 to 86,980)
    """
    accounts = _number(accounts, "accounts", least=1, largest=MOST_ACCOUNTS)
    limits = published_mean(
        _number(mean, "mean", least=1, largest=1000),
        route=route,
        most=None if most is None else _number(most, "most", least=1, largest=100_000),
    ).limits
    dormant = _range(dormant, "dormant", least=0.0, largest=0.999)
    active = _range(active, "active", least=0.001, largest=1.0)
    sharing = _range(sharing, "sharing", least=1.0, largest=100.0)
    low, high = accounts / limits[1], accounts / limits[0]
    identified = limits[0] == limits[1]
    registered = Estimate(
        value=low if identified else None,
        unit="people",
        estimand="people with an account on at least one of the platforms",
        method="accounts over the coefficient of multi-homing",
        interval=None if identified else (low, high),
        level=None,
        interval_kind="" if identified else "range over what the route leaves open",
        bound="upper",
        status="ok" if identified else "not identified",
    )
    factors = [(1 - dormant[1], 1 - dormant[0]), active, sharing, (1 / limits[1], 1 / limits[0])]
    centre = math.log(accounts) + sum((math.log(low) + math.log(high)) / 2 for low, high in factors)
    half = math.sqrt(sum(((math.log(high) - math.log(low)) / 2) ** 2 for low, high in factors))
    widest = (
        accounts * math.prod(low for low, _ in factors),
        accounts * math.prod(high for _, high in factors),
    )
    people = Estimate(
        value=math.exp(centre),
        unit="people",
        estimand="people active in a month",
        method="product of log-normal factors",
        interval=(math.exp(centre - half), math.exp(centre + half)),
        interval_kind="log-normal, closed form",
        assumptions=(
            "each range is the 95% interval of a log-normal factor",
            "the factors are independent",
            f"respondents were {ROUTES[route]}" if route != "unknown" else "any route of recruitment is possible",
        ),
    )
    return Answer(limits, registered, people, widest)


WORKED = (
    ("One account a person, all active", {"mean": 1.0, "route": "people"}),
    ("… a third to two thirds dormant", {"mean": 1.0, "route": "people", "dormant": (1 / 3, 2 / 3)}),
    (
        "… and a fifth to a half of the rest active",
        {"mean": 1.0, "route": "people", "dormant": (1 / 3, 2 / 3), "active": (0.2, 0.5)},
    ),
    (
        "… two platforms a person, people sampled",
        {"mean": 2.0, "route": "people", "dormant": (1 / 3, 2 / 3), "active": (0.2, 0.5)},
    ),
    (
        "… the same mean, accounts sampled",
        {"mean": 2.0, "route": "accounts", "most": 8, "dormant": (1 / 3, 2 / 3), "active": (0.2, 0.5)},
    ),
    (
        "… the same mean, route unknown",
        {"mean": 2.0, "route": "unknown", "dormant": (1 / 3, 2 / 3), "active": (0.2, 0.5)},
    ),
    (
        "… and up to five people in four accounts",
        {"mean": 2.0, "route": "unknown", "dormant": (1 / 3, 2 / 3), "active": (0.2, 0.5), "sharing": (1.0, 1.25)},
    ),
)


def worked_values(accounts=1_000_000):
    """Worked values, each line changing one assumption of the line above: the printed twin of the calculator.

    Parameters
    ----------
    accounts : float
        Made up by default.

    Returns
    -------
    DataFrame
        ``case``, ``registered_low``, ``registered_high``, ``active``, ``active_low``, ``active_high``: people.

    Examples
    --------
    >>> worked_values()[["registered_low", "registered_high"]].round().values.tolist()[-1]
    [500000.0, 1000000.0]
    """
    rows = []
    for case, options in WORKED:
        answer = count_people(accounts, **options)
        low, high = answer.registered.interval or (answer.registered.value,) * 2
        rows.append(
            {
                "case": case,
                "registered_low": low,
                "registered_high": high,
                "active": answer.active.value,
                "active_low": answer.active.interval[0],
                "active_high": answer.active.interval[1],
            }
        )
    return pd.DataFrame(rows)


def _number(value, name, *, least, largest):
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{value!r}", f"a number from {least:g} to {largest:g}", column=name) from None
    if not least <= number <= largest:
        raise InputError(f"{number:g}", f"a number from {least:g} to {largest:g}", column=name)
    return number


def _range(pair, name, *, least, largest):
    try:
        low, high = pair
    except (TypeError, ValueError):
        raise InputError(f"{pair!r}", "two numbers, from and to", column=name) from None
    low, high = (_number(value, name, least=least, largest=largest) for value in (low, high))
    if low > high:
        raise InputError(f"a range from {low:g} to {high:g}", "the smaller number first", column=name)
    return low, high
