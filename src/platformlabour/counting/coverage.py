"""How often an interval holds the truth: every estimator on every simulated workforce.

An estimator is run on many samples of a scenario whose truth is known. Two questions are asked of it. Where its
assumptions hold, does its interval cover the truth as often as it says? Where they do not, do the data show it, so that
nobody need be misled?
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from platformlabour.counting.recapture import closed, frequencies, lists, open_population, truncated
from platformlabour.counting.recapture.applicability import applicable, takes_on_trust
from platformlabour.counting.simulate import SCENARIOS, Scenario, simulate
from platformlabour.errors import InputError

__all__ = ["ESTIMATORS", "VERDICTS", "Estimator", "coverage_report", "summary"]

LEVEL = 0.95
# What coverage of a 95% interval passes, and of a lower bound, of which only one side can err.
PASSING = (0.92, 0.98)
PASSING_BOUND = 0.96
# Hundreds of rows are judged at once: at two standard errors a score of them would fail by chance.
SLACK = 3
MOST_FALSE_ALARMS = 0.05
LEAST_POWER = 0.90

VERDICTS = {
    "keeps its promise": "assumptions hold; seldom doubted; the interval covers as it should",
    "false alarms": "assumptions hold, but in more than 5% of samples they are called contradicted",
    "no result": "assumptions hold, but more than 5% of samples give no result that may be used",
    "misses": "assumptions hold, and yet the interval covers too seldom",
    "too wide": "assumptions hold, and the interval covers more often than it says",
    "warns": "assumptions do not hold, and at least 90% of samples show it or give no result",
    "robust": "assumptions do not hold, but where nothing shows it the interval covers all the same",
    "asks": "what does not hold is a statement that no such data can test; the result names it as taken on trust",
    "approximates": "nothing shows a fault, and the interval misses: the result says that it is an approximation",
    "misleads": "assumptions do not hold, too many samples do not show it, and their intervals miss the truth",
}
"""What a row of the report may conclude, and what that means."""

_UNEQUAL = frozenset({"activity classes", "log-normal rates", "gamma rates"})
# Which nuisances make a statement untrue that a model takes on trust.
_UNTRUE = {
    "identities": frozenset({"doubles", "sharing"}),
    "real people": frozenset({"fakes"}),
    "shape": _UNEQUAL,
    "all lists": frozenset({"activity-driven lists"}),
    "reaction": frozenset({"trap-happy", "trap-shy"}),
}
_DATA = ("histories", "sightings", "lists")
_TARGETS = ("ever", "present", "identities", "listed")


@dataclass(frozen=True, kw_only=True)
class Estimator:
    """An estimator, with what it assumes.

    Parameters
    ----------
    name : str
    data : {"histories", "sightings", "lists"}
        What it is given of a simulation.
    estimate : callable
        From a :class:`~platformlabour.counting.simulate.Simulation` to an
        :class:`~platformlabour.estimate.Estimate`; it must be importable by name to run in several processes.
    models : tuple of str
        Models whose applicability is tested, see :mod:`platformlabour.counting.recapture.applicability`: the estimator
        is called contradicted when each of them is.
    allows : frozenset of str
        Nuisances, as :attr:`Scenario.broken` names them, under which it is meant to work.
    requires : frozenset of str
        Nuisances without which its model does not hold.
    target : {"ever", "present", "identities", "listed"}
        The number that it should find: the people who ever were in the pool, those in it on an occasion, all identities
        that could have been seen, or the people whom lists sample.
    every : int, default 1
        Run on the first of so many samples only: for slow estimators.
    approximate : bool, default False
        Its result says that its interval is an approximation, or leaves the choice of a model out.

    Raises
    ------
    InputError
        If the kind of data or the target is unknown, or ``every`` is not a whole number of 1 or more.
    """

    name: str
    data: str
    estimate: Callable
    models: tuple[str, ...]
    allows: frozenset[str] = frozenset()
    requires: frozenset[str] = frozenset()
    target: str = "ever"
    every: int = 1
    approximate: bool = False

    def __post_init__(self):
        if self.data not in _DATA:
            raise InputError(f"the data {self.data!r}", f"one of {', '.join(_DATA)}")
        if self.target not in _TARGETS:
            raise InputError(f"the target {self.target!r}", f"one of {', '.join(_TARGETS)}")
        if not isinstance(self.every, int) or self.every < 1:
            raise InputError(f"every={self.every!r}", "a whole number of 1 or more")

    def holds(self, scenario):
        """Whether all its assumptions are true of a scenario."""
        broken = set(scenario.broken_lists if self.data == "lists" else scenario.broken)
        return broken <= self.allows | self.requires and self.requires <= broken

    def untrue(self, scenario):
        """The statements it takes on trust that are not true of a scenario, in the order of their models."""
        broken = set(scenario.broken_lists if self.data == "lists" else scenario.broken)
        faults = (broken - self.allows - self.requires) | (self.requires - broken)
        trusted = dict.fromkeys(key for model in self.models for key in takes_on_trust(model))
        return tuple(key for key in trusted if faults & _UNTRUE[key])

    def truth(self, simulation):
        """The number that it should find."""
        return float(np.mean(getattr(simulation.truth, self.target)))

    def suits(self, scenario):
        """Whether a scenario has its data, and something to say about it."""
        if self.data == "lists":
            return bool(scenario.lists)
        # Where only the lists are disturbed the sightings are those of the textbook.
        return bool(scenario.broken) or not scenario.broken_lists


# --- The estimators ---------------------------------------------------------------------------------------------------


def _closed(simulation, *, model):
    return closed.estimate(simulation.histories, model, level=LEVEL)


def _closed_average(simulation):
    return closed.average(simulation.histories, level=LEVEL)


def _frequencies(simulation, *, function):
    return getattr(frequencies, function)(simulation.sightings, level=LEVEL)


def _truncated(simulation, *, model):
    table = simulation.sightings
    frame = pd.DataFrame({"times": table.times_seen_from, "people": table.workers})
    return truncated.estimate(frame, "times ~ 1", model, people="people", level=LEVEL).population


def _lists(simulation, *, model):
    return lists.estimate(simulation.lists, model, level=LEVEL)


def _lists_chao(simulation):
    return closed.estimate(simulation.lists, "Mth-chao", level=LEVEL)


def _jolly_seber(simulation):
    return open_population.mean_abundance(open_population.jolly_seber(*simulation.totals, level=LEVEL), level=LEVEL)


def _popan(simulation):
    fit = open_population.popan(*simulation.totals, survival="constant", entry="constant", level=LEVEL)
    return fit.superpopulation


def _suite():
    time, behaviour = {"time"}, {"trap-happy", "trap-shy"}
    # Two people behind one identity only lower a lower bound.
    bounded = _UNEQUAL | {"sharing"}
    found = []

    def add(name, data, estimate, models, allows=(), requires=(), **more):
        found.append(
            Estimator(
                name=name,
                data=data,
                estimate=estimate,
                models=(models,) if isinstance(models, str) else models,
                allows=frozenset(allows),
                requires=frozenset(requires),
                **more,
            )
        )

    for model in closed.MODELS:
        allows = set(time) if model.startswith("Mt") else set()
        if model.endswith("chao"):
            allows |= bounded
        if model in ("Mb", "Mbh"):
            allows |= behaviour
        add(model, "histories", partial(_closed, model=model), model, allows)
    widest = ("Mth-darroch", "Mth-gamma3.5", "Mth-poisson2", "Mb", "Mbh")
    add("closed models averaged", "histories", _closed_average, widest, time | behaviour)
    count = {
        "chao": ("Chao 1984", "unequal", time | bounded),
        "zelterman": ("Zelterman", "poisson", time),
        "jackknife": ("jackknife", "unequal", time | _UNEQUAL),
        "sample_coverage": ("sample coverage", "unequal", time | _UNEQUAL),
        "ace": ("ACE", "unequal", time | _UNEQUAL),
        "poisson": ("Poisson", "poisson", time),
        "negative_binomial": ("negative binomial", "negative-binomial", time | {"gamma rates"}),
    }
    for function, (name, model, allows) in count.items():
        rough = function in ("jackknife", "sample_coverage", "ace")
        add(name, "sightings", partial(_frequencies, function=function), model, allows, approximate=rough)
    add("geometric", "sightings", partial(_frequencies, function="geometric"), "geometric", time, {"gamma rates"})
    # The surplus of people seen once does not enter the number unseen, but it stays among those counted as seen.
    for model in ("zot-poisson", "ztoi-poisson"):
        estimate = partial(_truncated, model=model)
        add(model, "sightings", estimate, "one-inflated-poisson", time | {"fakes"}, target="identities")
    estimate = partial(_truncated, model="oi-chao")
    add("oi-chao", "sightings", estimate, "one-inflated-unequal", time | _UNEQUAL | {"fakes"}, target="identities")
    pairwise = {"referral", "containment"}
    for model in ("independence", "two-way", "stepwise", "best", "averaged", "lsc"):
        alone = model == "independence"
        add(
            f"lists: {model}",
            "lists",
            partial(_lists, model=model),
            "independence" if alone else "two-way",
            () if alone else pairwise,
            target="listed",
            approximate=model in ("stepwise", "best", "lsc"),
        )
    add("lists: Chao", "lists", _lists_chao, "list-chao", {"activity-driven lists"} | pairwise, target="listed")
    add("Jolly-Seber", "histories", _jolly_seber, "jolly-seber", time | {"turnover"}, target="present")
    # Its first two occasions share one chance of capture, and so do its last two.
    add("POPAN", "histories", _popan, "popan", {"turnover"}, every=4)
    return {estimator.name: estimator for estimator in found}


ESTIMATORS = _suite()
"""The suite by name. Nuisances outside ``allows`` are what an estimator should warn of."""


# --- The report -------------------------------------------------------------------------------------------------------


def coverage_report(estimators=None, scenarios=None, *, replicates=200, seed=2026, processes=1, progress=None):
    """Run estimators on simulated samples of known truth, and say how far each can be trusted.

    Parameters
    ----------
    estimators : sequence of str or mapping to Estimator, optional
        Names from ``ESTIMATORS``, all by default, or estimators of one's own.
    scenarios : sequence of str or mapping to Scenario, optional
        Names from ``SCENARIOS``, all by default, or scenarios of one's own.
    replicates : int, default 200
        Samples of each scenario.
    seed : int, default 2026
        The sample depends on the seed, the scenario's name and the replicate alone: neither the other scenarios nor the
        number of processes change it.
    processes : int, default 1
    progress : callable, optional
        Called with the samples done and the samples in all.

    Returns
    -------
    pandas.DataFrame
        One row a scenario and estimator; estimators of lists only where there are lists. Columns:

        ``scenario, estimator, data, bound, replicates``;
        ``broken``: the nuisances switched on; ``assumptions_hold``;
        ``truth``: mean number of people to be found;
        ``relative_bias``: median estimate over the truth, less 1;
        ``coverage``: share of samples whose interval holds the truth; of a lower bound, whose lower limit is not above;
        ``relative_width``: median width of the interval over the truth;
        ``not_ok``: share of samples whose result has another status than ``"ok"``, or is refused;
        ``warned``: share with a warning of the estimator's own;
        ``contradicted``: share in which a test contradicts the model;
        ``declared``: share that is ``"ok"`` and not contradicted;
        ``coverage_when_declared``: the same as coverage, among those; missing if there are none;
        ``reason``: the most frequent contradiction;
        ``untrue``: statements taken on trust that do not hold here, see
        :func:`~platformlabour.counting.recapture.applicability.takes_on_trust`; ``verdict``: one of ``VERDICTS``.

    Raises
    ------
    InputError
        If a name is unknown or a number is out of range.

    Examples
    --------
    >>> report = coverage_report(["M0", "Mb"], ["homogeneous", "trap-shy"], replicates=20)
    >>> report[["scenario", "estimator", "assumptions_hold", "verdict"]].values.tolist()[2:]
    [['trap-shy', 'M0', False, 'warns'], ['trap-shy', 'Mb', True, 'keeps its promise']]
    """
    estimators = _chosen(estimators, ESTIMATORS, Estimator, "estimator")
    scenarios = _chosen(scenarios, SCENARIOS, Scenario, "scenario")
    for name, value, least in (("replicates", replicates, 1), ("processes", processes, 1), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise InputError(f"{name}={value!r}", f"a whole number of {least} or more")
    chunk = max(1, min(10, replicates // max(processes, 1)))
    tasks = [
        (name, scenario, tuple(estimators.values()), int(seed), start, min(start + chunk, replicates))
        for name, scenario in scenarios.items()
        for start in range(0, replicates, chunk)
    ]
    results, done, total = {}, 0, replicates * len(scenarios)
    for (name, *_, start, stop), outcome in zip(tasks, _run(tasks, processes), strict=True):
        results.setdefault(name, []).extend(outcome)
        done += stop - start
        if progress is not None:
            progress(done, total)
    rows = [
        _row(name, scenario, estimator, [x[estimator.name] for x in results[name] if estimator.name in x])
        for name, scenario in scenarios.items()
        for estimator in estimators.values()
        if estimator.suits(scenario)
    ]
    return pd.DataFrame(rows)


def summary(report):
    """The verdicts of each estimator, counted over scenarios.

    Parameters
    ----------
    report : pandas.DataFrame
        From :func:`coverage_report`.

    Returns
    -------
    pandas.DataFrame
        One row an estimator and one column a verdict, in the order of the report and of ``VERDICTS``.

    Examples
    --------
    >>> summary(coverage_report(["Mb"], ["trap-shy"], replicates=20))["keeps its promise"].tolist()
    [1]
    """
    table = pd.crosstab(report["estimator"], report["verdict"])
    return table.reindex(index=report["estimator"].unique(), columns=list(VERDICTS), fill_value=0)


def _chosen(asked, known, kind, word):
    if asked is None:
        return dict(known)
    if isinstance(asked, Mapping):
        for name, value in asked.items():
            if not isinstance(value, kind):
                raise InputError(f"{type(value).__name__} for the {word} {name!r}", kind.__name__)
        if not asked:
            raise InputError(f"no {word}", f"at least one {word}")
        return dict(asked)
    names = [asked] if isinstance(asked, str) else list(asked)
    if not names:
        raise InputError(f"no {word}", f"at least one {word}")
    for name in names:
        if name not in known:
            raise InputError(f"the {word} {name!r}", f"one of {', '.join(known)}")
    return {name: known[name] for name in names}


def _run(tasks, processes):
    if processes == 1:
        yield from map(_samples, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(max_workers=processes) as pool:
        yield from pool.map(_samples, tasks)


def _samples(task):
    """What each estimator makes of some replicates of one scenario."""
    name, scenario, estimators, seed, start, stop = task
    # Equal to the children that SeedSequence.spawn gives, without the need to spawn those before.
    family = zlib.crc32(name.encode())
    out = []
    for replicate in range(start, stop):
        sample = simulate(scenario, seed=np.random.SeedSequence(seed, spawn_key=(family, replicate)))
        tested = lru_cache(maxsize=None)(partial(_contradictions, sample))
        due = [e for e in estimators if replicate % e.every == 0 and e.suits(scenario)]
        out.append({e.name: _outcome(e, sample, tested) for e in due})
    return out


def _contradictions(sample, data, model):
    if data == "sightings":
        return applicable(sample.sightings, model, level=1 - LEVEL, patterns=sample.histories)
    return applicable(getattr(sample, data), model, level=1 - LEVEL)


@dataclass(frozen=True)
class _Outcome:
    truth: float
    value: float
    low: float
    high: float
    bound: str
    usable: bool
    warned: bool
    reason: str


def _outcome(estimator, sample, tested):
    truth = float(estimator.truth(sample))
    reasons = [tested(estimator.data, model).reasons for model in estimator.models]
    reason = reasons[0][0] if all(reasons) else ""
    try:
        result = estimator.estimate(sample)
    except InputError:
        return _Outcome(truth, math.nan, math.nan, math.nan, "", False, True, reason)
    low, high = result.interval or (math.nan, math.nan)
    value = math.nan if result.value is None else result.value
    return _Outcome(truth, value, low, high, result.bound, result.status == "ok", bool(result.warnings), reason)


def _row(name, scenario, estimator, outcomes):
    truth = np.array([x.truth for x in outcomes])
    value = np.array([x.value for x in outcomes])
    low, high = np.array([x.low for x in outcomes]), np.array([x.high for x in outcomes])
    bound = "lower" if any(x.bound == "lower" for x in outcomes) else "point"
    covers = low <= truth
    if bound == "point":
        covers &= truth <= high
    usable = np.array([x.usable for x in outcomes])
    declared = usable & np.array([not x.reason for x in outcomes])
    reasons = Counter(x.reason for x in outcomes if x.reason)
    row = {
        "scenario": name,
        "estimator": estimator.name,
        "data": estimator.data,
        "bound": bound,
        "replicates": len(outcomes),
        "broken": ", ".join(scenario.broken_lists if estimator.data == "lists" else scenario.broken),
        "assumptions_hold": estimator.holds(scenario),
        "truth": float(truth.mean()),
        "relative_bias": _median(value / truth) - 1,
        "coverage": float(covers.mean()),
        "relative_width": _median((high - low) / truth),
        "not_ok": float(1 - usable.mean()),
        "warned": float(np.mean([x.warned for x in outcomes])),
        "contradicted": float(np.mean([bool(x.reason) for x in outcomes])),
        "declared": float(declared.mean()),
        "coverage_when_declared": float(covers[declared].mean()) if declared.any() else math.nan,
        "reason": min(reasons, key=lambda reason: (-reasons[reason], reason)) if reasons else "",
        "untrue": ", ".join(estimator.untrue(scenario)),
    }
    return row | {"verdict": _verdict(row, approximate=estimator.approximate)}


def _median(values):
    values = values[~np.isnan(values)]
    return float(np.median(values)) if values.size else math.nan


def _verdict(row, *, approximate=False):
    """One of VERDICTS, allowing each share some standard errors of the simulation itself."""
    n = row["replicates"]

    def slack(share, samples):
        return SLACK * math.sqrt(share * (1 - share) / max(samples, 1))

    coverage, declared = row["coverage_when_declared"], row["declared"]
    samples = round(declared * n)
    least, most = (PASSING_BOUND, 1.0) if row["bound"] == "lower" else PASSING
    # Who calls the result an approximation claims nothing that would need the benefit of the doubt.
    covers_enough = samples > 0 and coverage >= least - (0 if approximate else slack(least, samples))
    if row["assumptions_hold"]:
        if samples and not covers_enough:
            return "approximates" if approximate else "misses"
        alarms = MOST_FALSE_ALARMS + slack(MOST_FALSE_ALARMS, n)
        if row["not_ok"] > alarms:
            return "no result"
        if row["contradicted"] > alarms:
            return "false alarms"
        return "too wide" if coverage > most + slack(most, samples) else "keeps its promise"
    if declared <= 1 - LEAST_POWER + slack(LEAST_POWER, n):
        return "warns"
    if covers_enough:
        return "robust"
    if row["untrue"]:
        return "asks"
    return "approximates" if approximate else "misleads"
