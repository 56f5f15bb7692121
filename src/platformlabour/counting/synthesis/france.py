"""The three French circles: what the published numbers leave open, circle by circle."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import optimize, special

from platformlabour.counting.overlaps import published_mean
from platformlabour.counting.registrations import implied_raw_sum, implied_raw_sum_range
from platformlabour.counting.synthesis.bounds import Assumption, bounds
from platformlabour.counting.synthesis.combine import combine
from platformlabour.counting.synthesis.factors import factors_from_table
from platformlabour.counting.synthesis.graph import Graph
from platformlabour.counting.synthesis.multiverse import Specifications
from platformlabour.counting.synthesis.propagate import LEVELS
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "CIRCLES",
    "DEPENDENCE",
    "audit",
    "circle_bounds",
    "circles",
    "france_graph",
    "full_time_equivalents",
    "hours_behind",
    "like_mturk",
    "monthly_by_three_sources",
    "needed_worker_share",
    "nested_share",
    "recapture_interval",
    "recaptures_behind",
    "specifications",
]

CIRCLES = {
    "registered": ("Registered", "leludec2019-casual"),
    "monthly": ("Present each month", "leludec2019-routine"),
    "very_active": ("Very active", "leludec2019-very-active"),
}
"""Output of the French graph to its label and the claim that published it."""

DEPENDENCE = {("multi_homing", "multi_homing_active"): 0.9}
"""Both coefficients come from one survey: if one is high, so is the other."""

_MTURK = (
    ("difallah2018-any-time", "At work at any one time"),
    ("stewart2015-average-laboratory", "Within reach of a laboratory in a quarter"),
    ("tracker2026-chao-2015", "Available in a year, at least"),
    ("difallah2018-pool", "Available over two years"),
)


def france_graph(factors):
    """The chain behind each of the three French circles.

    Parameters
    ----------
    factors : DataFrame
        The table ``france-factors``.

    Returns
    -------
    Graph
        Outputs ``registered``, ``monthly`` and ``very_active``, and ``monthly_by_accounts``, a second way to those
        present each month; stock at a date.

    Examples
    --------
    >>> from platformlabour import load
    >>> {name: round(people, -3) for name, people in france_graph(load("france-factors")).central().items()}
    {'registered': 253000.0, 'monthly': 21000.0, 'very_active': 15000.0, 'monthly_by_accounts': 44000.0}
    """
    return Graph(
        factors_from_table(factors),
        {
            "registered": "accounts * (1 - nobody) / multi_homing",
            "monthly": "visitors * true_audience * worker_share / devices / multi_homing_active",
            "very_active": "recaptured",
            "monthly_by_accounts": "registered * active_share",
        },
        estimand="stock at a date",
    )


def audit(claims):
    """What stands behind each published circle: what arithmetic shows, what is inferred, and what is missing.

    Parameters
    ----------
    claims : DataFrame
        The ledger, indexed by claim.

    Returns
    -------
    DataFrame
        ``circle, label, published, behind, implied, least, most, missing``: the published number of people; the sum
        over platforms that it implies if it was divided by the published coefficient, with everything that rounds to
        both; for the third circle the people met twice, if as many answers as the survey had came in two equal waves.
    """
    coefficient = float(claims.loc["tubaro2020-multihoming", "value"])
    answers = float(claims.loc["diplab2019-survey", "value"])
    published = {name: float(claims.loc[claim, "value"]) for name, (_, claim) in CIRCLES.items()}
    sums = {name: implied_raw_sum(published[name], coefficient).value for name in ("registered", "monthly")}
    ends = {name: [end.value for end in implied_raw_sum_range(published[name], coefficient)] for name in sums}
    behind = {"registered": "accounts", "monthly": "visitors a month", "very_active": "people met twice, at most"}
    missing = {
        "registered": "each platform's accounts, how many are in use, and how the respondents were reached",
        "monthly": "the platforms, the provider, each audience, and how many of the visitors work",
        "very_active": "the waves, how many were met in each and in both, and where",
    }
    rows = []
    for name, (label, _) in CIRCLES.items():
        again = recaptures_behind(published[name], answers).value
        implied, (least, most) = (sums[name], ends[name]) if name in sums else (again, (math.nan, math.nan))
        rows.append((name, label, published[name], behind[name], implied, least, most, missing[name]))
    columns = ["circle", "label", "published", "behind", "implied", "least", "most", "missing"]
    return pd.DataFrame(rows, columns=columns)


def circles(made, claims):
    """Median and intervals of each circle beside the published number.

    Parameters
    ----------
    made : Propagated
        Of the French graph.
    claims : DataFrame
        The ledger, indexed by claim.

    Returns
    -------
    DataFrame
        ``circle, label, published, median, low50, high50, low80, high80, low95, high95, bound``.
    """
    rows = []
    for name, (label, claim) in CIRCLES.items():
        estimate, intervals = made.estimate(name), made.intervals(name)
        ends = {
            f"{side}{level * 100:.0f}": intervals[level][k]
            for level in LEVELS
            for k, side in enumerate(("low", "high"))
        }
        published = float(claims.loc[claim, "value"])
        rows.append(
            {
                "circle": name,
                "label": label,
                "published": published,
                "median": estimate.value,
                **ends,
                "bound": estimate.bound,
            }
        )
    return pd.DataFrame(rows)  # fmt: skip


def recapture_interval(people, answers, *, level=0.95):
    """Sampling interval of a two-wave capture–recapture whose result and number of people met alone are known.

    The two waves are taken to be equal, which gives the most recaptures and hence the narrowest interval that so many
    answers allow. Chances that differ between people are not in it: they make the published number too small.

    Parameters
    ----------
    people : float
        Published number of people.
    answers : float
        Different people met in the two waves together, fewer than `people`.
    level : float, default 0.95

    Returns
    -------
    Estimate
        The published number with a log-normal interval, as a lower bound.

    Raises
    ------
    InputError
        If a number is not positive, no fewer people were met than there are, or the level is not between 0 and 1.

    References
    ----------
    G. A. F. Seber (1982), The Estimation of Animal Abundance, 2nd edition, section 3.1.3 (variance of the two-sample
    estimate).

    Examples
    --------
    >>> recapture_interval(14_903, 1000)
    Estimate(14,903 people, at least; 95% interval 9,462 to 23,474)
    """
    people, answers = _met(people, answers)
    level = float(level)
    if not 0 < level < 1:
        raise InputError(f"the level {level:g}", "a number between 0 and 1, such as 0.95")
    wave = _equal_wave(people, answers)
    again = wave * wave / people
    spread = (wave - again) / math.sqrt(again) / wave
    reach = math.exp(float(special.ndtri(0.5 + level / 2)) * spread)
    return Estimate(
        value=people,
        unit="people",
        estimand="people met with equal chances by both waves",
        method="two-sample capture–recapture, interval from the number of answers",
        interval=(people / reach, people * reach),
        interval_kind="log-normal",
        level=level,
        bound="lower",
        standard_error=people * spread,
        assumptions=("two equal waves", f"{answers:,.0f} different people met in all", "a closed population"),
        warnings=("unequal chances, which are the rule, make the number too small",),
    )


def recaptures_behind(people, answers):
    """People met in both of two equal waves, if two-sample capture–recapture gave this number from so many people met.

    Parameters
    ----------
    people : float
        Published number of people.
    answers : float
        Different people met in the two waves together, fewer than `people`.

    Returns
    -------
    Estimate
        The most that so many answers allow: unequal waves meet fewer people twice.

    Raises
    ------
    InputError
        As for :func:`recapture_interval`.

    Examples
    --------
    >>> recaptures_behind(14_903, 1000)
    Estimate(17.36 people, at most)
    """
    people, answers = _met(people, answers)
    return Estimate.counted(
        _equal_wave(people, answers) ** 2 / people,
        "people",
        "people met in both of two waves",
        method=f"two equal waves that met {answers:,.0f} different people",
        bound="upper",
    )


def _met(people, answers):
    people, answers = float(people), float(answers)
    if not (math.isfinite(people) and 2 <= answers < people):
        raise InputError(f"{answers:g} of {people:g} people met", "at least two, and fewer than there are")
    return people, answers


def _equal_wave(people, answers):
    """Size n of two equal waves that meet so many people: 2 n - n^2 / N."""
    return float(optimize.brentq(lambda n: 2 * n - n * n / people - answers, 0, people))


def needed_worker_share(visitors, inner, coefficients, *, devices=1.0):
    """Smallest share of a month's visitors who must be workers, if those present are to include the very active.

    Parameters
    ----------
    visitors : float or Estimate
        Monthly visitors, summed over platforms.
    inner : float
        Very active people.
    coefficients : (float, float)
        Smallest and largest number of platforms an active person visits.
    devices : float, default 1
        Visitors counted for one person.

    Returns
    -------
    (Estimate, Estimate)
        Shares for the smallest and the largest coefficient; ``"implausible"`` above 1.

    Examples
    --------
    >>> [share.text("percent") for share in needed_worker_share(66_468, 14_903, (1.0, 1.27))]
    ['22.4%', '28.5%']
    """
    total = _number(visitors)
    found = []
    for coefficient in coefficients:
        share = _number(inner) * _number(coefficient) * _number(devices) / total
        found.append(
            Estimate(
                value=share,
                unit="share",
                estimand="share of visitors who must be workers",
                method=f"very active times {coefficient:g} times {devices:g} over visitors",
                bound="lower",
                status="ok" if share <= 1 else "implausible",
            )
        )
    return tuple(found)


def nested_share(made, inner="very_active", outer="monthly"):
    """Share of draws in which one circle lies inside the next, as it must.

    Parameters
    ----------
    made : Propagated
    inner, outer : str
        Outputs.

    Returns
    -------
    Estimate
    """
    share = float(np.mean(made._of(inner) <= made._of(outer)))
    return Estimate.counted(share, "share", f"draws in which {inner} is not above {outer}")


def monthly_by_three_sources(made, *, weights=None):
    """Those present each month: by visitors, by registrations, and checked against the very active.

    The first two are pooled. The third circle lies inside the second, and its number is a lower bound of itself; it is
    a lower bound of those present too, and only checked.

    Parameters
    ----------
    made : Propagated
        Of the French graph.
    weights : dict of str to float, optional
        Of the two sources that are pooled, by name; equal by default.

    Returns
    -------
    Combined
        Of ``"visitors"``, ``"registrations"`` and ``"very active"``.
    """
    sources = {
        "visitors": made.estimate("monthly"),
        "registrations": made.estimate("monthly_by_accounts"),
        "very active": made.estimate("very_active"),
    }
    return combine(sources, weights=weights, estimand="people present each month, stock at a date")


def like_mturk(claims, accounts, visitors, coefficients):
    """What France would have if workers stood to registrations and to visitors as they did on Mechanical Turk.

    Parameters
    ----------
    claims : DataFrame
        The ledger, indexed by claim.
    accounts, visitors : float or Estimate
        French sums over platforms.
    coefficients : (float, float)
        Smallest and largest number of platforms a person, by which the sums are divided.

    Returns
    -------
    DataFrame
        ``measure, mturk, per_account_low, per_account_high, from_accounts_low, from_accounts_high, from_visitors_low,
        from_visitors_high``: workers on Mechanical Turk in words, over its registrations, and the people that the same
        ratios to registrations and to visitors give in France.
    """
    registered, seen = float(claims.loc["amazon-registered", "value"]), float(claims.loc["pew2016-visitors", "value"])
    least, most = coefficients
    rows = []
    for name, measure in _MTURK:
        claim = claims.loc[name]
        value = float(claim["value"])
        low, high = (value, value) if math.isfinite(value) else (float(claim["low"]), float(claim["high"]))
        rows.append(
            {
                "measure": measure,
                "mturk": f"{low:,.0f}" if low == high else f"{low:,.0f} to {high:,.0f}",
                "per_account_low": low / registered,
                "per_account_high": high / registered,
                "from_accounts_low": _number(accounts) * low / registered / most,
                "from_accounts_high": _number(accounts) * high / registered / least,
                "from_visitors_low": _number(visitors) * low / seen / most,
                "from_visitors_high": _number(visitors) * high / seen / least,
            }
        )
    return pd.DataFrame(rows)


def full_time_equivalents(people, income, wage):
    """Full-time jobs that pay as much as a number of people earn together.

    Parameters
    ----------
    people : float
    income : float
        Mean income of one of them, euros a month.
    wage : float
        Pay of a full-time job, euros a month.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        If a number is not above 0.

    Examples
    --------
    >>> full_time_equivalents(266_126, 21, 1173)
    Estimate(4,764 full-time equivalents)
    """
    people, income, wage = _number(people), _number(income), _number(wage)
    return Estimate.counted(
        people * income / wage,
        "full-time equivalents",
        "full-time jobs that pay what all earn together",
        method=f"people times {income:g} euros a month over {wage:,.0f}",
        assumptions=("everyone counted earns the mean income on average", "an hour is paid as in the full-time job"),
    )


def hours_behind(jobs, people, income, *, week=35):
    """Hours a month and pay an hour behind a published number of full-time jobs.

    Parameters
    ----------
    jobs : float
        Full-time equivalents.
    people : float
        People whose work they are.
    income : float
        Mean income of one of them, euros a month.
    week : float, default 35
        Hours a week of a full-time job: the legal duration in France.

    Returns
    -------
    (Estimate, Estimate)
        Hours a month that one person works on average, and euros an hour.

    Raises
    ------
    InputError
        If a number is not above 0.

    Examples
    --------
    >>> hours, pay = hours_behind(5000, 266_126, 21)
    >>> round(hours.value, 2), round(pay.value, 2)
    (2.85, 7.37)
    """
    jobs, people, income, week = (_number(value) for value in (jobs, people, income, week))
    hours = jobs * week * 52 / 12 / people
    method = f"{jobs:,.0f} jobs of {week:g} hours a week over {people:,.0f} people"
    return (
        Estimate.counted(hours, "hours", "worked by one of the counted in a month, on average", method=method),
        Estimate.counted(income / hours, "EUR per hour", "mean income over those hours", method=method),
    )


def circle_bounds(claims):
    """Bounds on the first two circles as assumptions are added, up to the published numbers.

    Parameters
    ----------
    claims : DataFrame
        The ledger, indexed by claim.

    Returns
    -------
    DataFrame
        ``circle``, ``label`` and the columns of :func:`~platformlabour.counting.synthesis.bounds.bounds`.
    """
    value = claims["value"].astype(float)
    narrow, platforms = value["tubaro2020-multihoming"], value["leludec2019-platforms"]
    declaring = value["leludec2019-declaring-platforms"]
    accounts, visitors = (
        tuple(end.value for end in implied_raw_sum_range(value[claim], narrow))
        for claim in ("leludec2019-casual", "leludec2019-routine")
    )
    asked = {"kind": "measured", "grade": "seen", "source": "TubaroBlog"}
    mean_at_most = "a person has no more than the survey's mean"
    people_asked = "the survey asked people, so its mean is theirs"
    # The mean was printed with two decimals.
    printed = (narrow - 0.005, narrow + 0.005)
    registered = bounds(
        "accounts * (1 - nobody) / homes",
        {"accounts": accounts, "nobody": (0, 1), "homes": (1, declaring)},
        [
            Assumption(mean_at_most, {"homes": (1, printed[1])}, **asked),
            Assumption("three accounts in ten at most are nobody's", {"nobody": (0, 0.3)}),
            Assumption(people_asked, {"homes": printed}, **asked | {"kind": "assumed", "grade": "none"}),
            Assumption("every account is somebody's", {"nobody": (0, 0)}),
        ],
    )
    monthly = bounds(
        "visitors * workers / (devices * homes)",
        {"visitors": visitors, "workers": (0, 1), "devices": (1, math.inf), "homes": (1, platforms)},
        [
            Assumption(mean_at_most, {"homes": (1, printed[1])}, **asked),
            Assumption("nobody visits from more than two devices", {"devices": (1, 2)}),
            Assumption("one visitor in ten works, at least", {"workers": (0.1, 1)}),
            Assumption(people_asked, {"homes": printed}, **asked | {"kind": "assumed", "grade": "none"}),
            Assumption("everybody visits from one device", {"devices": (1, 1)}),
            Assumption("every visitor works", {"workers": (1, 1)}),
        ],
    )
    parts = [("registered", registered), ("monthly", monthly)]
    frame = pd.concat([part.assign(circle=name, label=CIRCLES[name][0]) for name, part in parts], ignore_index=True)
    return frame[["circle", "label", *[name for name in frame.columns if name not in ("circle", "label")]]]


def specifications(claims):
    """Every reading of the French numbers that has been defended, or could be, as one set of choices.

    Parameters
    ----------
    claims : DataFrame
        The ledger, indexed by claim.

    Returns
    -------
    Specifications
        Choices ``start``, ``coefficient``, ``who`` and ``devices``; the two published numbers are marked.
    """
    value = claims["value"].astype(float)
    narrow, wide = value["tubaro2020-multihoming"], value["kassi2021-multihoming"]
    fewest, most = published_mean(narrow, route="accounts", most=int(value["leludec2019-platforms"])).limits
    bases = {"accounts": value["amazon-registered"], "visitors": value["pew2016-visitors"]}
    truly_active = float(claims.loc["worldbank-microwork-active", "low"]) / 100
    year, two_years = value["tracker2026-chao-2015"], float(claims.loc["difallah2018-pool", "high"])
    sums = {
        "accounts": implied_raw_sum(value["leludec2019-casual"], narrow).value,
        "visitors": implied_raw_sum(value["leludec2019-routine"], narrow).value,
    }
    start = {"declared accounts": "accounts", "monthly visitors": "visitors"}
    homes = {
        "no overlap (1.00)": 1.0,
        f"accounts asked, unequal ({fewest:.2f})": fewest,
        f"accounts asked, equal ({most:.2f})": most,
        f"people asked ({narrow:.2f})": narrow,
        f"all online work ({wide:.2f})": wide,
    }
    who = {
        "everybody": dict.fromkeys(bases, 1.0),
        "as on MTurk, two years": {name: two_years / base for name, base in bases.items()},
        "one in ten (World Bank)": dict.fromkeys(bases, truly_active),
        "as on MTurk, one year": {name: year / base for name, base in bases.items()},
    }
    devices = {"one device": 1.0, "two devices": 2.0}
    published = f"people asked ({narrow:.2f})"

    def people(start, coefficient, who, devices):
        return sums[start] * who[start] / coefficient / devices

    return Specifications(
        {"start": start, "coefficient": homes, "who": who, "devices": devices},
        people,
        marked={
            f"published: {label.lower()}": {
                "start": base,
                "coefficient": published,
                "who": "everybody",
                "devices": "one device",
            }
            for label, base in (("Registered", "declared accounts"), ("Present each month", "monthly visitors"))
        },
        excluded=(
            ({"start": "declared accounts", "devices": "two devices"}, "an account is not counted by device"),
            (
                {"start": "monthly visitors", "who": "one in ten (World Bank)"},
                "said of registered people, not of visitors",
            ),
        ),
    )


def _number(value):
    value = value.value if isinstance(value, Estimate) else float(value)
    if value is None or not (math.isfinite(value) and value > 0):
        raise InputError(f"{value}", "a number above 0")
    return value
