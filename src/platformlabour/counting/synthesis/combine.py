"""Several sources, one count: their disagreement belongs into the interval."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import special

from platformlabour.counting.synthesis.propagate import _seed, propagate
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["Combined", "combine", "synthesise"]


@dataclass(frozen=True, eq=False)
class Combined:
    """What several sources say together.

    Parameters
    ----------
    estimate : Estimate
        Median and interval of the pool.
    sources : DataFrame
        ``source, value, low, high, role, weight, agrees``: each source's own result at the common level; ``role`` is
        ``"pooled"`` or, for a bound, ``"checked"``; ``agrees`` says whether its interval meets the pooled one, for a
        bound whether it leaves room for the middle of the pool.
    spread : float
        Largest over smallest pooled value: 1 when the sources agree.
    """

    estimate: Estimate
    sources: pd.DataFrame = field(repr=False)
    spread: float


def combine(estimates, *, weights=None, level=0.95, estimand=None):
    """Pool estimates of one quantity from several sources.

    The pool is the mixture of the sources' distributions: with equal weights, one is drawn by lot and believed. Its
    interval holds the middle of every source that carries a fair share of the weight, so that conflict widens it.
    Averages weighted by precision do the opposite: they treat two sources that contradict each other as twice the
    information.

    A source that is a lower or an upper bound is not averaged; it is checked against the pool, and a contradiction is
    reported, never used to cut the interval.

    Parameters
    ----------
    estimates : dict of str to Estimate
        Name to result, all of the same unit and estimand, with intervals. An estimate has the log-normal distribution
        with its value as median and its interval as quantiles, each side for itself; a range without a value, or
        without a level, is uniform on the logarithm between its ends.
    weights : dict of str to float, optional
        For the pooled sources, above 0; equal by default.
    level : float, default 0.95
    estimand : str, optional
        What the pool stands for; required when the sources word it differently, as a confirmation that they count the
        same.

    Returns
    -------
    Combined

    Raises
    ------
    InputError
        If units or estimands differ, an estimate has no interval or may not be used, a number is not above 0, no source
        is left to pool, or a weight is missing or not above 0.

    References
    ----------
    M. Stone (1961), The opinion pool, Annals of Mathematical Statistics 32, 1339-1342. R. T. Clemen and R. L. Winkler
    (1999), Combining probability distributions from experts in risk analysis, Risk Analysis 19, 187-203.

    Examples
    --------
    >>> def workers(value, low, high):
    ...     return Estimate(value=value, unit="people", estimand="at work", method="made up", interval=(low, high))
    >>> combine({"survey": workers(100, 80, 125), "register": workers(100, 80, 125)}).estimate
    Estimate(100 people; 95% interval 80 to 125)
    >>> combine({"survey": workers(100, 80, 125), "register": workers(400, 320, 500)}).estimate
    Estimate(200 people; 95% interval 83 to 482)
    """
    if not estimates:
        raise InputError("no sources", "at least one")
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    units = {estimate.unit for estimate in estimates.values()}
    if len(units) > 1:
        raise InputError(f"sources that count {', '.join(sorted(units))}", "sources with one unit")
    meanings = {estimate.estimand for estimate in estimates.values()}
    if len(meanings) > 1 and not estimand:
        raise InputError(
            f"sources with different estimands: {'; '.join(sorted(meanings))}",
            "sources that count the same; if they do, say what in estimand=…",
        )
    pooled = {name: _Source.of(name, estimate) for name, estimate in estimates.items() if estimate.bound == "point"}
    if not pooled:
        raise InputError("bounds only", "at least one source that is not a bound; bounds cannot be averaged")
    shares = _weights(pooled, weights)
    tails = (1 - level) / 2
    low, middle, high = (_quantile(pooled.values(), shares.values(), u) for u in (tails, 0.5, 1 - tails))
    rows, warnings = [], []
    for name, estimate in estimates.items():
        if name in pooled:
            value, ends = pooled[name].median, pooled[name].interval(level)
            rows.append((name, value, *ends, "pooled", shares[name], ends[0] <= high and ends[1] >= low))
            continue
        ends = estimate.interval or (estimate.value, estimate.value)
        upper = estimate.bound == "upper"
        agrees = ends[1] >= middle if upper else ends[0] <= middle
        rows.append((name, estimate.value, *ends, "checked", 0.0, agrees))
        if not agrees:
            side = "above" if upper else "below"
            warnings.append(f"the middle of the pool lies {side} what {name} allows as {estimate.bound} bound")
    medians = [source.median for source in pooled.values()]
    apart = _apart(pooled, level)
    if apart:
        warnings.append(f"sources contradict each other: {apart}")
    return Combined(
        estimate=Estimate(
            value=middle,
            unit=units.pop(),
            estimand=estimand or meanings.pop(),
            method=f"mixture of {len(pooled)} source{'s' * (len(pooled) > 1)} (linear opinion pool)",
            interval=(low, high),
            level=level,
            interval_kind="quantiles of the mixture",
            assumptions=("at least one source is right, and nobody knows which",) if len(pooled) > 1 else (),
            warnings=tuple(warnings),
            simulated=any(estimate.simulated for estimate in estimates.values()),
        ),
        sources=pd.DataFrame(rows, columns=["source", "value", "low", "high", "role", "weight", "agrees"]),
        spread=float(max(medians) / min(medians)),
    )


def synthesise(routes, output="people", *, seed, draws=2**14, dependence=None, weights=None, level=0.95):
    """The default synthesis: each route from its data to people propagated for itself, then pooled.

    Parameters
    ----------
    routes : dict of str to Graph
        Name of the route (registrations, traffic, survey, lists) to its graph, all with one estimand.
    output : str, default "people"
        Output that every graph has.
    seed : int
        Each route gets a stream of its own.
    draws : int, default 16,384
    dependence : dict of str to dict, optional
        Route to the dependence of its factors.
    weights : dict of str to float, optional
    level : float, default 0.95

    Returns
    -------
    Combined

    Raises
    ------
    InputError
        If there is no route, an output is missing, or the estimands differ.

    Examples
    --------
    >>> from platformlabour.counting.synthesis import Factor, Graph, lognormal_from_interval
    >>> def route(median):
    ...     one = Factor("count", lognormal_from_interval(median, median / 1.2, median * 1.2), "people", "measured",
    ...                  "made up", "2024", "CC0-1.0", "simulated")
    ...     return Graph([one], {"people": "count"}, estimand="stock at a date")
    >>> synthesise({"survey": route(1000), "traffic": route(1300)}, seed=1).estimate
    Estimate(1,140 people; 95% interval 858 to 1,515)
    """
    if not routes:
        raise InputError("no routes", "at least one")
    estimands = {graph.estimand for graph in routes.values()}
    if len(estimands) > 1:
        raise InputError(f"routes to different estimands: {'; '.join(sorted(estimands))}", "one estimand")
    unknown = set(dependence or {}) - set(routes)
    if unknown:
        raise InputError(f"the dependence of the route {min(unknown)!r}", f"one of {', '.join(routes)}")
    found = {}
    for place, (name, graph) in enumerate(routes.items()):
        graph._known(output, graph.outputs, "output")
        stream = int(np.random.SeedSequence([_seed(seed), place]).generate_state(1)[0])
        made = propagate(graph, draws, seed=stream, dependence=(dependence or {}).get(name))
        found[name] = made.estimate(output, level=level)
    return combine(found, weights=weights, level=level)


@dataclass(frozen=True)
class _Source:
    """A source's distribution on the logarithm: two halves of a normal, or uniform between two ends."""

    median: float
    low: float
    high: float
    level: float | None  # None: uniform on the logarithm

    @classmethod
    def of(cls, name, estimate):
        place = {"file": f"source {name}"}
        if estimate.status not in ("ok", "not identified", "boundary"):
            raise InputError(f"a result that is {estimate.status}", "a result that may be used", **place)
        if estimate.interval is None:
            raise InputError(
                "an estimate without an interval", "its uncertainty: without it no weight is fair", **place
            )
        low, high = estimate.interval
        if not (low > 0 and math.isfinite(high)):
            raise InputError(f"an interval from {low:g} to {high:g}", "finite numbers above 0", **place)
        if estimate.value is None or estimate.level is None:
            return cls(math.sqrt(low * high), low, high, None)
        if not low <= estimate.value <= high:
            raise InputError(f"a value of {estimate.value:g} outside its interval", "a value inside", **place)
        return cls(estimate.value, low, high, estimate.level)

    def cdf(self, x):
        if self.level is None:
            if self.low == self.high:
                return float(x >= self.low)
            return min(max(math.log(x / self.low) / math.log(self.high / self.low), 0.0), 1.0)
        side = math.log(self.high / self.median) if x >= self.median else math.log(self.median / self.low)
        distance = math.log(x / self.median)
        if side == 0:
            return 0.5 if distance == 0 else float(distance > 0)
        return float(special.ndtr(special.ndtri(0.5 + self.level / 2) * distance / side))

    def quantile(self, u):
        if self.level is None:
            return self.low * (self.high / self.low) ** u
        z = special.ndtri(u) / special.ndtri(0.5 + self.level / 2)
        return self.median * (self.high / self.median if z >= 0 else self.median / self.low) ** z

    def interval(self, level):
        return tuple(float(self.quantile(u)) for u in ((1 - level) / 2, (1 + level) / 2))


def _quantile(sources, shares, u):
    """Where the mixture's distribution function reaches u, by bisection on the logarithm."""
    ends = [math.log(source.quantile(u)) for source in sources]
    low, high = min(ends), max(ends)
    if high - low < 1e-14:
        return math.exp(low)
    for _ in range(60):
        middle = (low + high) / 2
        reached = sum(share * source.cdf(math.exp(middle)) for share, source in zip(shares, sources, strict=True))
        low, high = (middle, high) if reached < u else (low, middle)
    return math.exp((low + high) / 2)


def _weights(pooled, weights):
    if weights is None:
        return dict.fromkeys(pooled, 1 / len(pooled))
    if set(pooled) != set(weights):
        given = ", ".join(sorted(map(str, weights)))
        raise InputError(f"weights for {given}", f"a weight for each of {', '.join(pooled)}")
    try:
        values = {name: float(weights[name]) for name in pooled}
    except (TypeError, ValueError):
        raise InputError("a weight that is not a number", "numbers above 0") from None
    if not all(math.isfinite(value) and value > 0 for value in values.values()):
        raise InputError("a weight of 0 or less", "numbers above 0; leave a source out instead")
    total = sum(values.values())
    return {name: value / total for name, value in values.items()}


def _apart(pooled, level):
    """Pairs of sources whose intervals do not meet, in words."""
    names, pairs = list(pooled), []
    for i, first in enumerate(names):
        for second in names[i + 1 :]:
            (a, b), (c, d) = pooled[first].interval(level), pooled[second].interval(level)
            if b < c or d < a:
                pairs.append(f"{first} and {second}")
    return "; ".join(pairs)
