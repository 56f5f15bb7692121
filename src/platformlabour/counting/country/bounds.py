"""What the numbers imply before anything is assumed, and how far each assumption narrows it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from platformlabour.counting.country.chain import Term
from platformlabour.counting.country.inputs import FACTORS

__all__ = ["Step", "most_accounts_per_person", "shrinking_bounds"]


@dataclass(frozen=True)
class Step:
    """Fewest and most people once one more assumption is made; ``high`` may be infinite."""

    assumption: str
    low: float
    high: float
    given: bool


def most_accounts_per_person(scenario, measure):
    """Largest mean number of accounts per person that the platforms' numbers leave possible.

    Nobody uses more platforms than there are, and there are at least as many people as the largest platform has.

    Parameters
    ----------
    scenario : Scenario
    measure : str

    Returns
    -------
    float
    """
    rows = [row for row in scenario.measures if row.measure == measure]
    if not rows:
        return math.inf
    if any(row.covers is None for row in rows):
        return float(scenario.platforms_operating or math.inf)
    platforms = sum(row.covers for row in rows)
    largest = max((row.value for row in rows if row.covers == 1), default=0)
    by_size = sum(row.value for row in rows) / largest if largest else math.inf
    return float(min(platforms, by_size))


def shrinking_bounds(scenario, model, circle):
    """Bounds on one circle by its first route, the assumptions added one at a time.

    Parameters
    ----------
    scenario : Scenario
    model : Model
    circle : str

    Returns
    -------
    list of Step
        The first assumes nothing but what a share or a mean can be; the others add one factor each: those without any
        limit of their own first, then those that the scenario gives, then defaults that stand in for what is missing.
    """
    routes = model.routes.get(circle, ())
    if not routes:
        return []
    base, terms = _flattened(model, routes[0])
    if base is None:
        return []
    rows = [row for row in scenario.measures if row.measure == base]
    low = sum(row.value if row.low is None else row.low for row in rows)
    high = sum(row.value if row.high is None else row.high for row in rows)
    allowed = {term: _logical(scenario, term, base) for term in terms}
    steps = [Step("nothing assumed beyond the platforms' numbers", *_product(low, high, allowed), True)]

    def order(term):
        return all(math.isfinite(term.at(end)) for end in allowed[term]), not model.inputs[term.factor].given

    for term in sorted(terms, key=order):
        entry = model.inputs[term.factor]
        least, most = entry.limits
        logical = allowed[term]
        least = max(least, logical[0])
        allowed[term] = (least, max(least, min(most, logical[1])))
        words = f"{entry.label}: {_written(*allowed[term])}"
        steps.append(Step(words, *_product(low, high, allowed), entry.given))
    return steps


def _flattened(model, route):
    """A route's base and terms down to the platforms' numbers; no base where a direct count stands below it."""
    if route.base in ("accounts", "visitors", "active"):
        return route.base, route.terms
    below = model.routes.get(route.base.replace("_", " "), ())
    if not below:
        return None, ()
    base, terms = _flattened(model, below[0])
    return base, (*terms, *route.terms)


def _logical(scenario, term: Term, base):
    domain = FACTORS[term.factor].domain
    if domain == "share":
        return 0.0, 1.0
    if term.factor.startswith("multi_homing"):
        return 1.0, most_accounts_per_person(scenario, base)
    return (1.0, math.inf) if domain == "at least one" else (0.0, math.inf)


def _product(low, high, allowed):
    for term, ends in allowed.items():
        at_ends = sorted(term.at(end) for end in ends)
        low = 0.0 if at_ends[0] == 0 else low * at_ends[0]
        high = math.inf if math.isinf(at_ends[1]) else high * at_ends[1]
    return low, high


def _written(low, high):
    low, high = (f"{value:.3g}" if math.isfinite(value) else "any number" for value in (low, high))
    return low if low == high else f"{low} to {high}"
