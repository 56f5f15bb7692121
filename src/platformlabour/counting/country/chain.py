"""The chain from accounts, visitors or users to people: which terms multiply, which divide, by which route."""

from __future__ import annotations

from dataclasses import dataclass

from platformlabour.counting.country.inputs import FACTORS, KnownFactor
from platformlabour.errors import InputError

__all__ = ["Route", "Term", "routes"]


@dataclass(frozen=True)
class Term:
    """One factor's place in a product.

    Parameters
    ----------
    factor : str
    form : {"times", "divided by", "times what is left"}
        ``x``, ``1 / x`` or ``1 - x``.
    """

    factor: str
    form: str = "times"

    @property
    def expression(self):
        """The term as arithmetic; a spread that reaches below one account a person is cut off there."""
        known = FACTORS.get(self.factor)
        value = f"max({self.factor}, 1)" if known and known.domain == "at least one" else self.factor
        return {"times": f"* {value}", "divided by": f"/ {value}", "times what is left": f"* (1 - {value})"}[self.form]


@dataclass(frozen=True)
class Route:
    """One way to count a circle.

    Parameters
    ----------
    circle : str
    name : str
        In words, as reports print it.
    base : str
        Name of the node with the sum that the route starts from.
    terms : tuple of Term
    """

    circle: str
    name: str
    base: str
    terms: tuple[Term, ...]

    @property
    def expression(self):
        """The product as arithmetic over names."""
        return " ".join([self.base, *(term.expression for term in self.terms)])

    @property
    def words(self):
        """The product as a reader writes it."""
        labels = {"times": "× {}", "divided by": "÷ {}", "times what is left": "× (1 − {})"}
        parts = [labels[term.form].format(_label(term.factor)) for term in self.terms]
        return " ".join([_BASES[self.base], *parts])


_BASES = {
    "accounts": "accounts",
    "visitors": "monthly visitors",
    "active": "monthly active users",
    "registered": "registered people",
    "monthly_active": "people active in a month",
}


def _label(name):
    return FACTORS[name].label if isinstance(FACTORS.get(name), KnownFactor) else name


def routes(scenario):
    """The routes that a scenario's numbers open, for each circle.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    dict of str to tuple of Route
        By circle, the most direct route first; a circle that nothing leads to has none.

    Raises
    ------
    InputError
        If nothing leads to any circle.
    """
    has = {measure: scenario.total(measure) is not None for measure in ("accounts", "visitors", "active")}
    given = scenario.factors
    uncovered = (Term("coverage", "divided by"),) if scenario.platforms == "all" else ()
    over_time = (Term("turnover"),) if scenario.estimand == "ever in the period" else ()
    found = {"registered": [], "monthly active": [], "very active": [], "ever worked": []}
    if has["accounts"]:
        terms = (Term("fake_share", "times what is left"), Term("multi_homing", "divided by"), *uncovered)
        found["registered"].append(Route("registered", "declared accounts", "accounts", terms))
    shared = Term("people_per_account")
    if has["active"]:
        terms = (Term("measurement"), shared, Term("multi_homing_active", "divided by"), *uncovered, *over_time)
        found["monthly active"].append(Route("monthly active", "monthly active users", "active", terms))
    if has["visitors"]:
        terms = (
            Term("measurement"),
            Term("worker_share_of_visitors"),
            Term("devices_per_person", "divided by"),
            Term("multi_homing_active", "divided by"),
            *uncovered,
            *over_time,
        )
        found["monthly active"].append(Route("monthly active", "monthly visitors", "visitors", terms))
    counted = {count.circle for count in scenario.counts}
    # Widest defaults beside something measured would only blur it: such a route needs shares that are known.
    known_share = "active_share" in given and "dormant_share" in given
    if has["accounts"] and (known_share or not (found["monthly active"] or "monthly active" in counted)):
        terms = (
            Term("fake_share", "times what is left"),
            Term("dormant_share", "times what is left"),
            Term("active_share"),
            shared,
            Term("multi_homing_active", "divided by"),
            *uncovered,
            *over_time,
        )
        found["monthly active"].append(Route("monthly active", "declared accounts", "accounts", terms))
    known_share = "very_active_share" in given or "very active" not in counted
    if known_share and (found["monthly active"] or "monthly active" in counted):
        terms = (Term("very_active_share"),)
        found["very active"].append(Route("very active", "share of the active", "monthly_active", terms))
    if scenario.estimand == "ever worked" and (found["registered"] or "registered" in counted):
        found["ever worked"].append(
            Route("ever worked", "share of the registered", "registered", (Term("worked_share"),))
        )
    if not counted and not any(found.values()):
        raise InputError("no number that leads to a circle", "accounts, visitors or active users", file=scenario.file)
    return {circle: tuple(listed) for circle, listed in found.items()}
