"""What the numbers imply before anything is assumed, and how far each assumption narrows it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from platformlabour.counting import synthesis
from platformlabour.counting.country.chain import Term
from platformlabour.counting.country.inputs import FACTORS

__all__ = ["Step", "most_accounts_per_person", "shrinking_bounds"]

# Stands for infinity, which times 0 would be nothing; a bound beyond any count of people is none.
_FAR, _BEYOND = 1e30, 1e20


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
        From :func:`~platformlabour.counting.synthesis.bounds.bounds`.
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
    start = {
        base: (
            sum(row.value if row.low is None else row.low for row in rows),
            sum(row.value if row.high is None else row.high for row in rows),
        )
    } | {term.factor: _logical(scenario, term, base) for term in terms}
    narrowed = {term.factor: _narrowed(model.inputs[term.factor].limits, start[term.factor]) for term in terms}
    # Those without any limit of their own first, then those that the scenario gives.
    forms = {term.factor: term.form for term in terms}
    order = sorted(narrowed, key=lambda name: (not _limitless(forms[name], start[name]), not model.inputs[name].given))
    steps = synthesis.bounds(
        " ".join([base, *(term.expression for term in terms)]),
        start,
        [synthesis.Assumption(_words(model.inputs[name], narrowed[name]), {name: narrowed[name]}) for name in order],
        first="nothing assumed beyond the platforms' numbers",
    )
    given = [True, *(model.inputs[name].given for name in order)]
    return [
        Step(
            row.assumption,
            row.low if row.low > 1 / _BEYOND else 0.0,
            row.high if row.high < _BEYOND else math.inf,
            known,
        )
        for row, known in zip(steps.itertuples(index=False), given, strict=True)
    ]


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
        return (1 / _FAR if term.form == "divided by" else 0.0), 1.0
    if term.factor.startswith("multi_homing"):
        return 1.0, min(most_accounts_per_person(scenario, base), _FAR)
    return (1.0, _FAR) if domain == "at least one" else (0.0, _FAR)


def _limitless(form, limits):
    """Whether a factor alone could make a product larger than any number."""
    return {"times": limits[1] == _FAR, "divided by": limits[0] == 1 / _FAR}.get(form, False)


def _narrowed(limits, logical):
    """A factor's own limits within what it can be; where they miss it, the end that is nearest."""
    low, high = (min(max(end, logical[0]), logical[1]) for end in limits)
    return low, high


def _words(entry, limits):
    words = f"{entry.label}: {_written(*limits)}"
    cut = any(abs(end - own) > 1e-9 for end, own in zip(limits, entry.limits, strict=True))
    return f"{words} (given as {_written(*entry.limits)}, which cannot be)" if entry.given and cut else words


def _written(low, high):
    low, high = (f"{value:.3g}" if value < _FAR else "any number" for value in (low, high))
    return low if low == high else f"{low} to {high}"
