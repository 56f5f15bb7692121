"""Everything a report says, computed once: one mapping that JSON can hold, from which every format is written."""

from __future__ import annotations

import math

import numpy as np

from platformlabour import __version__
from platformlabour.counting import synthesis
from platformlabour.counting.country import bounds
from platformlabour.counting.country.cautions import cautions, nesting
from platformlabour.counting.country.claims import beside
from platformlabour.counting.country.codes import NAMES
from platformlabour.counting.country.drivers import drivers
from platformlabour.counting.country.inputs import BOUNDS, EVIDENCE, FACTORS, KINDS, MEASURES
from platformlabour.counting.country.model import build, key_of
from platformlabour.counting.country.scenario import today
from platformlabour.counting.country.values import MOST_PEOPLE
from platformlabour.counting.overlaps import ROUTES
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["DRAWS", "SEED", "capital", "compute", "people"]

DRAWS, SEED = 2**16, 2026
DRAWS_FOR_COST = 2**14  # a ratio of interval ends needs no more
DEFINITIONS = {
    "registered": "people who hold at least one account",
    "monthly active": "people active at least once in the month",
    "very active": "people who work at least once a week",
    "ever worked": "people registered who have done at least one paid task",
}
_IN_PERIOD = {
    "monthly active": "people active at least once in the period",
    "very active": "people of the period who work at least once a week while they work",
}


def compute(scenario, *, draws=DRAWS, seed=SEED, say=None):
    """Count a scenario.

    Parameters
    ----------
    scenario : Scenario
    draws : int, default 65,536
        A power of two.
    seed : int
    say : callable, optional
        Called with a line for people when something that takes time begins.

    Returns
    -------
    dict
        Only text, numbers, lists and mappings; limits that do not exist are ``None``.

    Raises
    ------
    InputError
        If nothing can be counted, or the draws or the seed are not numbers that can be used.
    """
    say = say or (lambda line: None)
    model = build(scenario)
    say(f"Drawing {draws:,} times from {len(model.graph.uncertain)} uncertain factors …")
    made = synthesis.propagate(model.graph, draws, seed=seed, dependence=model.dependence)
    for circle in model.counted:
        drawn = made.draws[key_of(circle)]
        if not drawn.min() > 0:
            found, expected = f"nobody among the {circle}, in some draws or all", "factors that leave somebody to count"
            raise InputError(found, expected, file=scenario.file)
        if np.median(drawn) > MOST_PEOPLE:
            found = f"more people among the {circle} than there are on earth"
            raise InputError(found, "the numbers of one country", file=scenario.file)
    say("Looking for what drives each count …")
    circles = [_circle(scenario, model, made, circle) for circle in model.counted]
    homes, nested = _multi_homing(scenario, model), nesting(model, made)
    say("Working out what each missing input costs …")
    missing = _missing(scenario, model, made, seed)
    return {
        "format": 1,
        "made_with": {"name": "platform-labour", "version": __version__},
        "scenario": {
            "file": scenario.file,
            "name": scenario.name,
            "country": scenario.country,
            "country_name": NAMES[scenario.country],
            "population": scenario.population,
            "estimand": scenario.estimand,
            "date": scenario.date,
            "period": list(scenario.period),
            "prepared_by": scenario.prepared_by,
            "licence": scenario.licence,
            "limits": scenario.limits,
            "platforms": scenario.platforms,
            "platforms_operating": scenario.platforms_operating,
        },
        "answer": [circle["sentence"] for circle in circles],
        "circles": circles,
        "not_counted": _not_counted(scenario, model),
        "missing": missing,
        "claims": beside(scenario, model, circles),
        "multi_homing": homes,
        "nesting": nested,
        "warnings": cautions(scenario, model, circles=circles, nested=nested, multi_homing=homes),
        "inputs": [
            _input(entry) for entry in model.inputs.values() if entry.name in FACTORS or entry.name.startswith("count_")
        ],
        "measures": [_measure(row) for row in scenario.measures],
        "sources": [vars(source) for source in scenario.sources.values()],
        "dependence": [{"factors": list(pair), "correlation": value} for pair, value in model.dependence.items()],
        "cite": _citation(scenario, draws, seed),
        "rerun": {"seed": seed, "draws": draws, "sha256": dict(sorted(scenario.hashes.items()))},
    }


def people(value):
    """A number of people with three significant digits, as reports print it.

    Examples
    --------
    >>> people(253079.6), people(41.2), people(None)
    ('253,000', '41', 'no limit')
    """
    if value is None or math.isinf(value):
        return "no limit"
    if value < 1000:
        return f"{value:,.0f}"
    step = 10 ** (math.floor(math.log10(value)) - 2)
    return f"{round(value / step) * step:,.0f}"


def capital(words):
    """Words with a capital at their beginning.

    Examples
    --------
    >>> capital("iTaxi, a platform")
    'iTaxi, a platform'
    >>> capital("share of visitors who work")
    'Share of visitors who work'
    """
    # A name that begins with a small letter before a capital keeps it.
    return words if words[1:2].isupper() else words[:1].upper() + words[1:]


def _circle(scenario, model, made, circle):
    key = key_of(circle)
    estimate = made.estimate(key)
    intervals = made.intervals(key)
    low, high = intervals[0.95]
    definition = DEFINITIONS[circle]
    if scenario.estimand == "ever in the period":
        definition = _IN_PERIOD.get(circle, definition)
    about, of_what = (
        ("about", "") if estimate.bound == "point" else (f"{BOUNDS[estimate.bound]} about", " of that bound")
    )
    sentence = (
        f"{capital(circle)}: {about} {people(estimate.value)} people, 95% interval{of_what} "
        f"{people(low)} to {people(high)}."
    )
    return {
        "circle": circle,
        "definition": definition,
        "sentence": sentence,
        "median": estimate.value,
        "bound": estimate.bound,
        "intervals": {f"{100 * level:g}": list(ends) for level, ends in intervals.items()},
        "spread": _ratio(low, high),
        "monte_carlo_error": made.monte_carlo_error(key),
        "routes": _routes(model, made, circle),
        "drivers": drivers(model, key, seed=made.seed),
        "bounds": [
            {"assumption": step.assumption, "low": step.low, "high": _finite(step.high), "given": step.given}
            for step in bounds.shrinking_bounds(scenario, model, circle)
        ],
    }


def _routes(model, made, circle):
    """Each way to the circle with its own estimate, then what only bounds it."""
    words = {route.name: route.words for route in model.routes[circle]}
    found = []
    for name, output in model.parts[circle].items():
        estimate = made.estimate(output)
        low, high = estimate.interval
        found.append(
            {"name": name, "formula": words.get(name, "counted directly"), "median": estimate.value, "low": low,
             "high": high, "bound": estimate.bound, "mixed": True}
        )  # fmt: skip
    for name, count in model.checked[circle].items():
        factor = model.inputs[count].factor
        low, median, high = (float(factor.distribution.ppf(level)) for level in (0.025, 0.5, 0.975))
        found.append(
            {"name": name, "formula": "counted directly; kept apart, as a check", "median": median, "low": low,
             "high": high, "bound": factor.one_sided, "mixed": False}
        )  # fmt: skip
    return found


def _ratio(low, high):
    return None if low <= 0 else high / low


def _missing(scenario, model, made, seed):
    """Each input that the scenario does not give, what stands in for it, and how much narrower the answer would be."""
    absent = [entry for name, entry in model.inputs.items() if name in FACTORS and not entry.given]
    found = []
    for entry in absent:
        known = FACTORS[entry.name]
        settled = synthesis.Factor(
            entry.name,
            synthesis.fixed(entry.factor.distribution.median),
            entry.factor.unit,
            "assumed",
            "",
            "",
            "",
            "none",
        )
        graph = model.graph.replace(settled)
        dependence = {pair: value for pair, value in model.dependence.items() if entry.name not in pair}
        redrawn = synthesis.propagate(graph, DRAWS_FOR_COST, seed=seed, dependence=dependence)
        costs = []
        for circle in model.counted:
            key = key_of(circle)
            if entry.name not in model.graph.factors_of(key):
                continue
            before, after = (_ratio(*drawn.intervals(key)[0.95]) for drawn in (made, redrawn))
            costs.append({"circle": circle, "spread": before, "spread_if_known": after})
        found.append(
            {
                "name": entry.name,
                "label": entry.label,
                "meaning": known.meaning,
                "stands_in": entry.factor.distribution.describe(),
                "reason": known.reason,
                "costs": costs,
            }
        )
    return sorted(found, key=lambda row: -max((_gain(cost) for cost in row["costs"]), default=0))


def _gain(cost):
    if cost["spread"] is None or cost["spread_if_known"] is None:
        return 0.0
    return cost["spread"] / cost["spread_if_known"]


def _not_counted(scenario, model):
    reasons = {
        "registered": "no platform's accounts are given",
        "monthly active": "no accounts, visitors or active users are given",
        "very active": "no count of the active is given",
    }
    found = [{"circle": circle, "reason": reason} for circle, reason in reasons.items() if circle not in model.counted]
    for row in found:
        if row["circle"] == "registered" and "monthly active" in model.counted:
            row["reason"] += "; it holds at least the people active in a month"
    operating = scenario.platforms_operating
    if operating:
        for measure in MEASURES:
            rows = [row for row in scenario.measures if row.measure == measure]
            covered = None if any(row.covers is None for row in rows) else sum(row.covers for row in rows)
            if covered and covered < operating:
                found.append(
                    {
                        "circle": f"{operating - covered} of {operating} platforms",
                        "reason": f"their {MEASURES[measure][0]} are not known; "
                        + (
                            "the share of accounts on the platforms counted stands for them"
                            if scenario.platforms == "all"
                            else "people who use no other platform are not counted"
                        ),
                    }
                )
    return found


def _multi_homing(scenario, model):
    found = []
    for name in ("multi_homing", "multi_homing_active"):
        entry = model.inputs.get(name)
        if entry is None:
            continue
        low, high = entry.limits
        row = {
            "name": name,
            "label": entry.label,
            "route": entry.route or "unknown",
            "asked": ROUTES[entry.route] if entry.route else "nobody: not given",
            "given": entry.given,
            "low": low,
            "high": high,
            "coefficient": None,
            "sample_mean": None,
            "standard_error": None,
            "respondents": None,
        }
        if entry.answers is not None:
            for key in ("coefficient", "sample_mean", "standard_error", "respondents"):
                row[key] = getattr(entry.answers, key)
        found.append(row)
    return found


def _input(entry):
    factor = entry.factor
    return {
        "name": entry.name,
        "label": entry.label,
        "given": entry.given,
        "kind": factor.kind,
        "kind_in_words": KINDS[factor.kind],
        "distribution": factor.distribution.describe(),
        "median": factor.distribution.median,
        "evidence": entry.evidence,
        "evidence_in_words": EVIDENCE[entry.evidence],
        "source": factor.source,
        "date": factor.date,
        "licence": factor.licence,
        "route": entry.route,
        "bound": factor.one_sided or "",
        "note": factor.note,
    }


def _measure(row):
    return vars(row) | {"evidence_in_words": EVIDENCE[row.evidence]}


def _citation(scenario, draws, seed):
    digest = scenario.hashes[scenario.file][:12]
    return (
        f"{scenario.prepared_by} ({today().year}). {scenario.name}: people behind platform accounts, "
        f"{NAMES[scenario.country]}, as of {scenario.date}. Computed with platform-labour {__version__}, {draws:,} "
        f"draws, seed {seed}; scenario {digest}. {scenario.licence}."
    )


def _finite(value):
    return value if math.isfinite(value) else None


def as_estimate(circle):
    """One circle of a computed answer as an :class:`~platformlabour.Estimate`.

    Parameters
    ----------
    circle : dict
        From the list ``"circles"`` of :func:`compute`.

    Returns
    -------
    Estimate
    """
    return Estimate(
        value=circle["median"],
        unit="people",
        estimand=circle["definition"],
        method="propagated scenario",
        interval=tuple(circle["intervals"]["95"]),
        interval_kind="quantiles over the factors' distributions",
        bound=circle["bound"],
    )
