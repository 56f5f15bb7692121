"""Published counts of people beside the scenario's own: how far apart they are, and whether both can be right."""

from __future__ import annotations

import math

from platformlabour.counting.country.cautions import far_away
from platformlabour.counting.country.inputs import EVIDENCE
from platformlabour.counting.country.model import key_of

__all__ = ["RULE", "beside", "status", "verdict"]

NOT_COUNTED = "circle not counted"
OUTSIDE = "outside what the bounds allow"
RULE = (
    "A published count is inside the narrower of our intervals, 50% or 95%, that it meets; a published range, or an "
    "“at least”, meets an interval if they have a number in common. Beyond the 95% interval it is above or below, and "
    "outside what the bounds allow where nothing that the factors can be leads to it from the platforms' numbers. "
    "Where our count is only a bound, a published count on the bound's open side contradicts nothing. Whether both "
    "count the same people on the same platforms is for the reader to judge."
)


def status(claim, circle):
    """Where a published count lies among our intervals and bounds.

    Parameters
    ----------
    claim : Claim
    circle : dict or None
        The circle of a computed answer, ``None`` if it could not be counted.

    Returns
    -------
    str

    Examples
    --------
    >>> from platformlabour.counting.country.scenario import Claim
    >>> ours = {"bound": "point", "intervals": {"50": [80, 120], "95": [50, 200]}, "bounds": [{"low": 10, "high": 900}]}
    >>> def said(value):
    ...     return Claim("So many.", "registered", value, None, None, "", "A2020", "p. 1", "2020", "seen", "no", "")
    >>> for people in (100, 150, 300, 1000):
    ...     print(status(said(people), ours))
    inside the 50% interval
    inside the 95% interval
    above the 95% interval
    outside what the bounds allow
    >>> status(said(100), None)
    'circle not counted'
    """
    if circle is None:
        return NOT_COUNTED
    low, high = _span(claim)

    def meets(ends):
        return low <= ends[1] and high >= ends[0]

    for level in ("50", "95"):
        if meets(circle["intervals"][level]):
            return f"inside the {level}% interval"
    if circle["bounds"]:
        least, most = circle["bounds"][0]["low"], circle["bounds"][0]["high"]
        if not meets((least, math.inf if most is None else most)):
            return OUTSIDE
    side, open_side = ("above", "lower") if low > circle["intervals"]["95"][1] else ("below", "upper")
    return f"{side} the 95% interval" + (", on the open side of our bound" if circle["bound"] == open_side else "")


def beside(scenario, model, circles):
    """Each published count with ours, their ratio and the status.

    Parameters
    ----------
    scenario : Scenario
    model : Model
    circles : list of dict
        Of a computed answer.

    Returns
    -------
    list of dict
        In the scenario's order. ``ratio``, ``ratio_low`` and ``ratio_high`` are the published numbers over our median;
        ``same_source`` says whether an input of our count comes from the document that published the number.
    """
    counted = {circle["circle"]: circle for circle in circles}
    found = []
    for claim in scenario.claims:
        circle, source = counted.get(claim.circle), scenario.sources.get(claim.source)
        numbers = {"value": claim.value, "low": claim.low, "high": claim.high}
        names = {"value": "ratio", "low": "ratio_low", "high": "ratio_high"}
        ratios = {
            names[key]: None if circle is None or number is None else number / circle["median"]
            for key, number in numbers.items()
        }
        interested = claim.interested_publisher == "yes" or (
            source is not None and source.interested_publisher == "yes"
        )
        found.append(
            {
                "statement": claim.statement,
                "circle": claim.circle,
                **numbers,
                "bound": claim.bound,
                "source": claim.source,
                "author": source.author if source else "",
                "year": source.year if source else "",
                "locator": claim.locator,
                "date": claim.date,
                "more_than_a_year_away": far_away(claim.date, scenario.date),
                "evidence": claim.evidence,
                "evidence_in_words": EVIDENCE[claim.evidence],
                "interested_publisher": "yes" if interested else "no",
                "note": claim.note,
                "our_median": circle["median"] if circle else None,
                "our_interval": list(circle["intervals"]["95"]) if circle else None,
                "our_bound": circle["bound"] if circle else "",
                **ratios,
                "status": status(claim, circle),
                "same_source": circle is not None and claim.source in _sources(model, claim.circle),
            }
        )
    return found


def verdict(row):
    """The status in words, with what makes an agreement less than it seems."""
    return row["status"] + ("; our count rests on the same source" if row["same_source"] else "")


def _span(claim):
    """Fewest and most people that a published count allows."""
    if claim.value is None:
        return claim.low, claim.high
    return (
        0.0 if claim.bound == "upper" else claim.value,
        math.inf if claim.bound == "lower" else claim.value,
    )


def _sources(model, circle):
    factors = model.graph.factors_of(key_of(circle))
    return {key for name in factors for key in model.graph.factors[name].source.split("; ")}
