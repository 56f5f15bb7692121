"""A scenario as a graph of factors: what was given, what stands in for what was not, and the circles as its outputs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import special

from platformlabour.counting import synthesis
from platformlabour.counting.country import spreads
from platformlabour.counting.country.bounds import most_accounts_per_person
from platformlabour.counting.country.chain import Route, routes
from platformlabour.counting.country.inputs import FACTORS, MEASURES

__all__ = ["Input", "Model", "build", "key_of"]

_GRADES = {"own": "seen", "assumed": "none"}  # the library's grades have no word of their own for these two
_MOST_RANGES = 20  # beyond it the shares of variance take minutes, and nobody reads them
_UNITS = {"share": "share", "at least one": "ratio", "positive": "ratio"}


@dataclass(frozen=True)
class Input:
    """One factor of the graph with what a reader wants to know of it.

    ``given`` is false for a default that stands in for what the scenario does not say. ``limits`` are the smallest and
    largest value it is allowed when bounds are computed.
    """

    name: str
    label: str
    factor: synthesis.Factor
    given: bool
    limits: tuple[float, float]
    route: str = ""
    answers: object = None
    evidence: str = ""


@dataclass(frozen=True)
class Model:
    """The graph of a scenario.

    Parameters
    ----------
    graph : Graph
    inputs : dict of str to Input
        By name of the factor.
    routes : dict of str to tuple of Route
        By circle.
    counted : tuple of str
        Circles that are outputs.
    parts : dict of str to dict of str to str
        By circle, its routes and direct counts in words, with the output that holds each of them.
    checked : dict of str to dict of str to str
        By circle, direct counts that only bound it, in words, with the input that holds each of them. They are not
        mixed with numbers that hold from both sides.
    dependence : dict
    """

    graph: synthesis.Graph
    inputs: dict[str, Input]
    routes: dict[str, tuple[Route, ...]]
    counted: tuple[str, ...]
    parts: dict[str, dict[str, str]]
    checked: dict[str, dict[str, str]] = field(default_factory=dict)
    dependence: dict = field(default_factory=dict)


def key_of(circle):
    """A circle's name as an output of the graph.

    Examples
    --------
    >>> key_of("monthly active")
    'monthly_active'
    """
    return circle.replace(" ", "_")


def build(scenario):
    """Turn a scenario into a graph whose outputs are the circles.

    Where several routes lead to one circle, a factor of its own draws the route, each as likely as another: sources
    that disagree then widen the interval, and never narrow it. A direct count that is only a bound stands for a circle
    that nothing else counts; beside another route it is kept apart, to be checked.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    Model

    Raises
    ------
    InputError
        If nothing can be counted, or an expression of the scenario's numbers cannot be computed.
    """
    open_routes = routes(scenario)
    inputs, outputs = {}, {}
    for measure in MEASURES:
        names = _add_measures(scenario, measure, inputs)
        if names:
            outputs[measure] = f"sum({', '.join(names)})"
    used = {term.factor for listed in open_routes.values() for route in listed for term in route.terms}
    for name in FACTORS:
        if name in used:
            inputs[name] = _factor(scenario, name)
    counted, parts, checked = [], {}, {}
    for circle, listed in open_routes.items():
        ways, bounds = {route.name: route.expression for route in listed}, {}
        counts = {f"count_{place + 1}": count for place, count in enumerate(scenario.counts) if count.circle == circle}
        sides = {count.bound for count in counts.values()}
        only_bounds = not ways and "" not in sides
        for name, count in counts.items():
            # A mixture of at least and at most is neither.
            one_sided = None if only_bounds and len(sides) > 1 else count.bound or None
            inputs[name] = _count(scenario, count, name, one_sided=one_sided)
            label = count.label if count.label not in (*ways, *bounds) else f"{count.label} ({name.split('_')[1]})"
            (bounds if count.bound and not only_bounds else ways)[label] = name
        if ways:
            counted.append(circle)
            parts[circle] = _add_circle(key_of(circle), ways, inputs, outputs)
            checked[circle] = bounds
    graph = synthesis.Graph(
        [entry.factor for entry in inputs.values()],
        outputs,
        estimand=scenario.estimand,
        units={measure: MEASURES[measure][0] for measure in MEASURES if measure in outputs},
    )
    dependence = {
        pair: value for pair, value in scenario.dependence.items() if all(name in graph.uncertain for name in pair)
    }
    return Model(graph, inputs, open_routes, tuple(counted), parts, checked, dependence)


def _add_circle(key, ways, inputs, outputs):
    """Outputs for one circle: its routes one by one, and their mixture."""
    if len(ways) == 1:
        outputs[key] = next(iter(ways.values()))
        return dict.fromkeys(ways, key)
    names = {}
    for place, (way, expression) in enumerate(ways.items()):
        names[way] = f"{key}_by_{place + 1}"
        outputs[names[way]] = expression
    choice = f"{key}_route"
    factor = synthesis.Factor(
        choice, synthesis.empirical(range(len(ways))), "ratio", "assumed", "", "", "", "none",
        note="which source is believed, each as likely as another",
    )  # fmt: skip
    inputs[choice] = Input(
        choice, "which route is believed", factor, True, (0.0, float(len(ways) - 1)), evidence="assumed"
    )
    # Lagrange's polynomials: each is 1 at its own route's number and 0 at the others'.
    numbers = range(len(ways))
    pieces = []
    for place, output in zip(numbers, names.values(), strict=True):
        others = [other for other in numbers if other != place]
        weight = " * ".join(f"({choice} - {other}) / ({place} - {other})" for other in others)
        pieces.append(f"{output} * {weight}")
    outputs[key] = " + ".join(pieces)
    return names


def _add_measures(scenario, measure, inputs):
    """Rows of one measure: a factor for each range, one for the many narrow ones, one for rows taken as they stand."""
    rows = [row for row in scenario.measures if row.measure == measure]
    certain = [row for row in rows if row.low is None]
    names = []
    if certain:
        name = f"{measure}_as_given"
        total = float(sum(row.value for row in certain))
        label = certain[0].platform if len(certain) == 1 else f"{len(certain)} platforms"
        inputs[name] = _row_input(name, f"{MEASURES[measure][0]}: {label}", synthesis.fixed(total), certain)
        names.append(name)
    ranges = [row for row in rows if row.low is not None]
    narrow = sorted(ranges, key=lambda row: row.high - row.low)[:-_MOST_RANGES] if len(ranges) > _MOST_RANGES else []
    for place, row in enumerate((row for row in ranges if row not in narrow), start=1):
        name = f"{measure}_{place}"
        spread = (
            synthesis.triangular(row.low, row.value, row.high)
            if row.low < row.value < row.high
            else synthesis.uniform(row.low, row.high)
        )
        inputs[name] = _row_input(name, f"{MEASURES[measure][0]}: {row.platform}", spread, [row])
        names.append(name)
    if narrow:
        name = f"{measure}_narrow"
        label = f"{MEASURES[measure][0]}: {len(narrow)} narrow ranges together"
        inputs[name] = _row_input(name, label, _sum_of_ranges(narrow), narrow)
        names.append(name)
    return names


def _sum_of_ranges(rows):
    """Independent ranges as one log-normal distribution with the mean and the variance of their sum."""
    low, value, high = (np.array([getattr(row, end) for row in rows], dtype=float) for end in ("low", "value", "high"))
    peaked = (low < value) & (value < high)
    mean = np.where(peaked, (low + value + high) / 3, (low + high) / 2).sum()
    squares = low**2 + value**2 + high**2 - low * value - low * high - value * high
    variance = np.where(peaked, squares / 18, (high - low) ** 2 / 12).sum()
    spread = np.log1p(variance / mean**2)
    middle, reach = mean / np.exp(spread / 2), np.exp(special.ndtri(0.975) * np.sqrt(spread))
    return synthesis.lognormal_from_interval(middle, middle / reach, middle * reach)


def _row_input(name, label, distribution, rows):
    grades = [row.evidence for row in rows]
    weakest = max(grades, key=list(_STRENGTH).index)
    factor = _make(
        name, distribution, MEASURES[rows[0].measure][0], "assumed" if weakest == "assumed" else "measured",
        "; ".join(sorted({row.source for row in rows if row.source})) or "own data",
        max(row.date for row in rows), "; ".join(sorted({row.licence for row in rows if row.licence})), weakest, "",
    )  # fmt: skip
    return Input(name, label, factor, True, distribution.support, evidence=weakest)


_STRENGTH = ("own", "seen", "derived", "digitised", "secondary", "simulated", "recalled", "assumed")


def _factor(scenario, name):
    known, given = FACTORS[name], scenario.factors.get(name)
    if given is None:
        kind, parameters = known.default
        distribution = _default(scenario, name, kind, parameters)
        factor = _make(
            name, distribution, _UNITS[known.domain], "assumed", "", "", "", "assumed", f"not given: {known.reason}"
        )
        return Input(name, known.label, factor, False, spreads.limits(distribution), evidence="assumed")
    answers, kind = None, given.kind
    if given.distribution in ("survey", "published mean"):
        answers, distribution = spreads.accounts_per_person(
            given.distribution, given.parameters, route=given.route, answers=given.answers
        )
        if (answers.coefficient is None or answers.level is None) and not distribution.is_fixed:
            # The range is what the data leave open; that no value in it is likelier than another is not in the data.
            kind = "assumed"
    else:
        distribution = spreads.spread(given.distribution, given.parameters)
    factor = _make(
        name, distribution, _UNITS[known.domain], kind, given.source or ("own data" if given.evidence == "own" else ""),
        given.date or (scenario.date if kind == "measured" else ""), given.licence, given.evidence, given.note,
    )  # fmt: skip
    return Input(name, known.label, factor, True, spreads.limits(distribution), given.route, answers, given.evidence)


def _default(scenario, name, kind, parameters):
    """What stands in for a factor that is not given; accounts per person no more than the platforms' numbers allow."""
    if name.startswith("multi_homing"):
        measures = ("accounts",) if name == "multi_homing" else ("active", "visitors")
        most = min(most_accounts_per_person(scenario, measure) for measure in measures)
        if most <= parameters["low"]:
            return synthesis.fixed(parameters["low"])
        parameters = parameters | {"high": min(parameters["high"], most)}
    return spreads.spread(kind, parameters)


def _count(scenario, count, name, *, one_sided):
    distribution = spreads.spread(count.distribution, count.parameters)
    factor = _make(
        name, distribution, "people", count.kind, count.source or "own data", count.date or scenario.date,
        count.licence, count.evidence, count.note, one_sided,
    )  # fmt: skip
    return Input(name, count.label, factor, True, spreads.limits(distribution), evidence=count.evidence)


def _make(name, distribution, unit, kind, source, date, licence, evidence, note, one_sided=None):
    grade = _GRADES.get(evidence, evidence)
    return synthesis.Factor(name, distribution, unit, kind, source, date, licence, grade, note, one_sided)
