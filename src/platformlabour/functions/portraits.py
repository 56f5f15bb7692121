"""What surveys of micro-workers allow one to say: published percentages with their uncertainty.

Press pages print percentages without sample sizes. This module puts intervals on them where the sample size is known,
and asks whether a printed percentage is possible at all with a given number of answers. Means without their
distributions are the subject of :mod:`platformlabour.functions.portraits_earnings`.
"""

from __future__ import annotations

import math

import pandas as pd
from scipy import optimize, stats

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "attainable",
    "attainable_sizes",
    "difference",
    "hiding_design_effect",
    "percentages",
    "proportion",
]

_SIMPLE = "a simple random sample; design effects and non-response are not known"


def proportion(percent, answers, *, level=0.95, design_effect=1.0, of="respondents"):
    """Wilson's interval for a published percentage, from its number of answers.

    Parameters
    ----------
    percent : float
        Between 0 and 100.
    answers : float
        Number of answers, 1 or more.
    level : float, default 0.95
    design_effect : float, default 1
        Variance of the sample relative to a simple random one of the same size.
    of : str
        Whom the share describes, for the estimand.

    Returns
    -------
    Estimate
        A share.

    Raises
    ------
    InputError
        If the percentage is outside 0 to 100 (a share taken for a percentage is not noticed), the number of answers
        below 1, the level not between 0 and 1, or the design effect not positive.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22, 209-212.

    Examples
    --------
    >>> proportion(63.9, 477).text("percent-interval")
    '59.5% to 68.1%'
    """
    share, size = _percent(percent) / 100, _answers(answers) / _positive(design_effect, "design_effect")
    low, high = _wilson(share, size, level)
    return Estimate(
        value=share,
        unit="share",
        estimand=f"share of {of}",
        method="published percentage",
        interval=(low, high),
        level=level,
        interval_kind="Wilson",
        standard_error=math.sqrt(share * (1 - share) / size),
        assumptions=(_SIMPLE,),
    )


def difference(one, other, *, level=0.95, design_effect=1.0):
    """Newcombe's interval for the difference of two published percentages from two samples.

    Parameters
    ----------
    one, other : (float, float)
        Percentage and number of answers.
    level : float, default 0.95
    design_effect : float, default 1
        Of both samples.

    Returns
    -------
    Estimate
        Share of the first minus share of the second.

    Raises
    ------
    InputError
        As :func:`proportion`.

    References
    ----------
    R. G. Newcombe (1998), Interval estimation for the difference between independent proportions: comparison of eleven
    methods, Statistics in Medicine 17, 873-890: method 10.

    Examples
    --------
    >>> difference((63.9, 477), (56.1, 1000)).text("percent-interval")
    '2.4% to 13.0%'
    """
    effect = _positive(design_effect, "design_effect")
    (p, n), (q, m) = ((_percent(x) / 100, _answers(size) / effect) for x, size in (one, other))
    (p_low, p_high), (q_low, q_high) = _wilson(p, n, level), _wilson(q, m, level)
    return Estimate(
        value=p - q,
        unit="share",
        estimand="difference of two shares",
        method="first published percentage minus the second",
        interval=(p - q - math.hypot(p - p_low, q_high - q), p - q + math.hypot(p_high - p, q - q_low)),
        level=level,
        interval_kind="Newcombe",
        assumptions=(_SIMPLE, "the two samples are independent and asked the same question"),
    )


def hiding_design_effect(one, other, *, level=0.95, largest=1000.0):
    """Smallest design effect at which the interval of a difference reaches zero.

    How much worse than simple random sampling would both surveys have to be before their difference could be chance?

    Parameters
    ----------
    one, other : (float, float)
        Percentage and number of answers.
    level : float, default 0.95
    largest : float, default 1000
        Design effects above are not looked for.

    Returns
    -------
    float
        1 or more; 1 if the interval reaches zero already, infinity if no design effect up to `largest` does it.

    Raises
    ------
    InputError
        As :func:`difference`.

    Examples
    --------
    >>> round(hiding_design_effect((63.9, 477), (56.1, 1000)), 1)
    2.1
    """

    def distance(effect):
        estimate = difference(one, other, level=level, design_effect=effect)
        low, high = estimate.interval
        return low if estimate.value >= 0 else -high

    if distance(1.0) <= 0:
        return 1.0
    if distance(largest) > 0:
        return math.inf
    return float(optimize.brentq(distance, 1.0, largest, xtol=1e-9))


def attainable(percent, answers, *, decimals):
    """Whether a percentage can come from a whole number of answers out of so many.

    A percentage that cannot has another base than the stated number of answers, was weighted, or was misprinted.

    Parameters
    ----------
    percent : float
        As printed.
    answers : int
        Stated number of answers.
    decimals : int
        Decimals printed.

    Returns
    -------
    bool

    Raises
    ------
    InputError
        If the percentage is outside 0 to 100 or the number of answers is not a whole number of 1 or more.

    References
    ----------
    N. J. L. Brown and J. A. J. Heathers (2017), The GRIM test: a simple technique detects numerous anomalies in the
    reporting of results in psychology, Social Psychological and Personality Science.

    Examples
    --------
    >>> attainable(63.9, 477, decimals=1), attainable(28.8, 477, decimals=1)
    (True, False)
    """
    percent, answers = _percent(percent), _answers(answers)
    if answers != int(answers):
        raise InputError(f"{answers:g} answers", "a whole number", column="answers")
    half = 0.5 * 10.0**-decimals
    nearest = round(percent * answers / 100)
    # Both ways of rounding a half are in use, so that either is accepted.
    return any(
        abs(100 * count / answers - percent) <= half * (1 + 1e-9)
        for count in (nearest - 1, nearest, nearest + 1)
        if 0 <= count <= answers
    )


def attainable_sizes(percents, *, smallest, largest):
    """Numbers of answers from which all the percentages printed can have come.

    Parameters
    ----------
    percents : iterable of (float, int)
        Percentages with the decimals printed.
    smallest, largest : int
        Sizes considered.

    Returns
    -------
    list of int

    Raises
    ------
    InputError
        If the range of sizes is empty, or as :func:`attainable`.

    Examples
    --------
    >>> attainable_sizes([(33.3, 1)], smallest=10, largest=20)
    [12, 15, 18]
    """
    if not 1 <= smallest <= largest:
        raise InputError(f"sizes from {smallest} to {largest}", "1 or more, the smaller first")
    percents = list(percents)
    return [
        size
        for size in range(smallest, largest + 1)
        if all(attainable(percent, size, decimals=decimals) for percent, decimals in percents)
    ]


def percentages(portraits, claims, *, level=0.95):
    """Every percentage of the portraits with its interval, and whether its number of answers can give it.

    Parameters
    ----------
    portraits : DataFrame
        As ``load("portraits")``.
    claims : DataFrame
        The ledger, indexed by claim.
    level : float, default 0.95

    Returns
    -------
    DataFrame
        The columns of ``portraits`` with ``percent, answers, share`` (an Estimate), ``low``, ``high`` (in per cent),
        ``possible`` and ``label``.

    Raises
    ------
    InputError
        If a claim is missing or was only recalled.

    Examples
    --------
    >>> from platformlabour import load
    >>> shown = percentages(load("portraits"), load("claims").set_index("claim"))
    >>> shown.loc[shown["place"] == "Brazil", "possible"].tolist()
    [True, True, True, True, False, True, False]
    """
    rows = []
    for position, row in enumerate(portraits.to_dict("records")):
        for name in (row["claim"], row["answers_claim"]):
            if name not in claims.index or claims.loc[name, "evidence"] == "recalled":
                raise InputError(f"the claim {name!r}", "a figure of the ledger that was read", row=position + 2)
        percent, answers = float(claims.loc[row["claim"], "value"]), int(claims.loc[row["answers_claim"], "value"])
        share = proportion(percent, answers, level=level, of=f"respondents in {row['place']}: {row['characteristic']}")
        decimals = len(f"{percent:g}".partition(".")[2])
        low, high = (100 * end for end in share.interval)
        rows.append(
            {
                **row,
                "percent": percent,
                "answers": answers,
                "share": share,
                "low": low,
                "high": high,
                "possible": attainable(percent, answers, decimals=decimals),
                "label": f"{row['place']} {row['year']}, {row['characteristic']}",
            }
        )
    return pd.DataFrame(rows)


def _wilson(share, size, level):
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    z = stats.norm.ppf(0.5 + level / 2)
    middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
    half = z / (1 + z**2 / size) * math.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def _percent(value):
    return _within(value, "percent", 0, 100)


def _answers(value):
    return _within(value, "answers", 1, math.inf)


def _positive(value, name):
    value = _within(value, name, 0, math.inf)
    if value == 0:
        raise InputError("0", "a number above 0", column=name)
    return value


def _within(value, name, least, most):
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{value!r}", "a number", column=name) from None
    if not (math.isfinite(value) and least <= value <= most):
        limits = f"{least:g} or more" if most == math.inf else f"{least:g} to {most:g}"
        raise InputError(f"{value:g}", limits, column=name)
    return value
