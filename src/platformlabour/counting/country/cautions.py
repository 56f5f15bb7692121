"""What a reader must know before believing a count: where its numbers are old, interested, unsure or at odds."""

from __future__ import annotations

import itertools

import numpy as np

from platformlabour.counting.country import bounds, values
from platformlabour.counting.country.inputs import FACTORS
from platformlabour.counting.country.model import key_of

__all__ = ["cautions", "far_away", "nesting"]

_OFTEN = 0.01  # share of the draws beyond which a contradiction is said
# Each circle lies inside the one before it.
_NESTED = {
    "registered": "are registered",
    "ever worked": "have ever worked",
    "monthly active": "are active in a month",
    "very active": "are very active",
}


def nesting(model, made):
    """How often a circle is drawn larger than the one around it, for every two that follow each other.

    Parameters
    ----------
    model : Model
    made : Propagated

    Returns
    -------
    list of dict
        ``outer``, ``inner``, and ``above``: the share of the draws in which the inner is the larger.
    """
    counted = [name for name in _NESTED if name in model.counted]
    return [
        {"outer": outer, "inner": inner, "above": float(np.mean(made.draws[key_of(inner)] > made.draws[key_of(outer)]))}
        for outer, inner in itertools.pairwise(counted)
    ]


def cautions(scenario, model, *, circles, nested, multi_homing):
    """Warnings about a computed scenario, the gravest first.

    Parameters
    ----------
    scenario : Scenario
    model : Model
    circles, nested, multi_homing : list of dict
        As :func:`platformlabour.counting.country.answer.compute` returns them.

    Returns
    -------
    list of str
        Sentences.
    """
    found = [*_not_nested(circles, nested), *_contradictions(scenario, circles), *_overlap(scenario, model)]
    found += [
        f"{row['label']}: who was asked is not known, so a range stands where a division would."
        for row in multi_homing
        if row["given"] and row["route"] == "unknown"
    ]
    found += _standing(scenario)
    idle = [FACTORS[name].label for name in scenario.factors if name not in model.inputs]
    if idle:
        found.append(f"Given and not used, because no number of this scenario leads through it: {', '.join(idle)}.")
    sure = [entry.label for name, entry in model.inputs.items() if name in scenario.factors
            and entry.factor.distribution.is_fixed and entry.factor.kind == "assumed"]  # fmt: skip
    if sure:
        found.append(f"Assumed, and yet without any spread: {', '.join(sure)}.")
    return [line[:1].upper() + line[1:] for line in found]


def far_away(date, reference):
    """Whether two dates in ISO 8601 text are more than a year apart.

    Examples
    --------
    >>> far_away("2018", "2018-12-31"), far_away("2016-06", "2018")
    (False, True)
    """
    return abs((values.last_day(date) - values.last_day(reference)).days) > 366


def _not_nested(circles, nested):
    bound = {circle["circle"]: circle["bound"] for circle in circles}
    for outer, inner, above in ((pair["outer"], pair["inner"], pair["above"]) for pair in nested):
        if above <= _OFTEN:
            continue
        line = (
            f"In {100 * above:.0f}% of the draws more people {_NESTED[inner]} than {_NESTED[outer]}, which cannot be: "
            "the two rest on numbers that do not fit together there."
        )
        if bound[inner] == "lower":
            line += (
                f" Those who {_NESTED[inner]} are counted as a lower bound; if it holds, it is those who "
                f"{_NESTED[outer]} that are too few."
            )
        yield line


def _contradictions(scenario, circles):
    for circle in circles:
        mixed = [route for route in circle["routes"] if route["mixed"]]
        if len(mixed) > 1 and max(way["low"] for way in mixed) > min(way["high"] for way in mixed):
            yield f"{circle['circle']}: the routes contradict each other; the interval spans them all."
        sides = {count.bound for count in scenario.counts if count.circle == circle["circle"]}
        if sides == {"lower", "upper"} and len(mixed) == len(circle["routes"]):
            yield f"{circle['circle']}: counted from below and from above only; the interval spans both bounds."
        for route in circle["routes"]:
            if route["mixed"]:
                continue
            lower = route["bound"] == "lower"
            if route["low"] > circle["median"] if lower else route["high"] < circle["median"]:
                side = "below" if lower else "above"
                yield (
                    f"{circle['circle']}: the median lies {side} what the {route['bound']} bound allows, whatever that "
                    f"bound's own error ({route['name']})."
                )


def _overlap(scenario, model):
    for measure, factor in (("accounts", "multi_homing"), ("active", "multi_homing_active")):
        if factor in model.inputs and scenario.total(measure):
            most = bounds.most_accounts_per_person(scenario, measure)
            if model.inputs[factor].limits[1] > most + 1e-9:
                yield (
                    f"{model.inputs[factor].label} may be at most {most:.3g} here, or there would be fewer people than "
                    "the largest platform has; the range given goes beyond."
                )


def _standing(scenario):
    far = [row.platform for row in scenario.measures if far_away(row.date, scenario.date)]
    if far:
        yield f"More than a year away from {scenario.date}: the numbers of {', '.join(far)}."
    unchecked = [row.platform for row in scenario.measures if row.evidence == "recalled"]
    unchecked += [FACTORS[key].label for key, given in scenario.factors.items() if given.evidence == "recalled"]
    unchecked += [count.label for count in scenario.counts if count.evidence == "recalled"]
    unchecked += [f"“{claim.statement}”" for claim in scenario.claims if claim.evidence == "recalled"]
    if unchecked:
        yield f"From memory, never checked: {', '.join(unchecked)}."
    interested = [row.platform for row in scenario.measures if row.interested_publisher == "yes"]
    if interested:
        yield f"Published by the platform itself, or by someone who sells its services: {', '.join(interested)}."
