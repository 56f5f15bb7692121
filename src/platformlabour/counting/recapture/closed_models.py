"""Fits of the closed-population models from their sufficient statistics, for one table or thousands at once.

Nothing here knows a person or a pattern: M0 needs only how many people were captured and how often, Mt how many on each
occasion, the behaviour models how many for the first time, the heterogeneity models how many once, twice, …. That is
why a bootstrap of a thousand tables costs little more than one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property
from math import comb

import numpy as np
from scipy.special import gammaln

from platformlabour.counting.recapture.loglinear import (
    CellDesign,
    OccasionDesign,
    heterogeneity,
    maximise_bounded,
    pattern_matrix,
    population,
)

__all__ = [
    "NAMES",
    "ModelFits",
    "SufficientStatistics",
    "correct_bias",
    "design_of",
    "fit",
    "fit_frequencies",
    "heterogeneity_columns",
    "simulate",
    "sufficient_of",
    "transitions",
]

NAMES = (
    "M0",
    "Mt",
    "Mh-chao",
    "Mh-poisson2",
    "Mh-darroch",
    "Mh-gamma3.5",
    "Mth-chao",
    "Mth-poisson2",
    "Mth-darroch",
    "Mth-gamma3.5",
    "Mb",
    "Mbh",
)
# Up to here the 2^t - 1 cells are few enough that one matrix product beats the symmetric polynomials.
DENSE_OCCASIONS = 10
# exp(-35) people: an occasion without captures, held at a chance of zero.
NOBODY = -35.0


@dataclass(frozen=True, eq=False)
class SufficientStatistics:
    """What the closed-population models need to know of each table.

    Parameters
    ----------
    captured : numpy.ndarray, shape (tables,)
        People captured at least once.
    captures : numpy.ndarray, shape (tables, t)
        People captured on each occasion.
    frequencies : numpy.ndarray, shape (tables, t)
        People captured exactly 1, 2, …, t times.
    first : numpy.ndarray, shape (tables, t)
        People captured for the first time on each occasion.
    """

    captured: np.ndarray
    captures: np.ndarray
    frequencies: np.ndarray
    first: np.ndarray

    @cached_property
    def equal_chances(self):
        """The fit of M0, from which the heterogeneity models start."""
        return _fit_independent(self, equal=True)

    @cached_property
    def chances_by_occasion(self):
        """The fit of Mt, from which the heterogeneity models by occasion start."""
        return _fit_independent(self, equal=False)

    @classmethod
    def of(cls, patterns):
        """The statistics of one set of patterns, as a batch of one table."""
        return cls(
            np.array([float(patterns.captured)]),
            patterns.captures[None].astype(float),
            patterns.frequencies[None].astype(float),
            patterns.first_captures[None].astype(float),
        )


@dataclass(frozen=True, eq=False)
class ModelFits:
    """One model fitted to each table.

    Parameters
    ----------
    value, standard_error : numpy.ndarray, shape (tables,)
        People. Infinite where the table sets no limit.
    kernel : numpy.ndarray, shape (tables,)
        Log-likelihood of the Poisson pattern table without its ``-sum(log(count!))``.
    size : numpy.ndarray of int, shape (tables,)
        Fitted parameters.
    converged : numpy.ndarray of bool, shape (tables,)
    coefficients : numpy.ndarray, shape (tables, p)
        Of the log-linear models: intercept, occasions, heterogeneity. Of the behaviour models: chance of first
        capture on the first occasion, on later ones, and of recapture.
    free : numpy.ndarray of bool, shape (tables, p), or None
        Which coefficients were fitted.
    """

    value: np.ndarray
    standard_error: np.ndarray
    kernel: np.ndarray
    size: np.ndarray
    converged: np.ndarray
    coefficients: np.ndarray
    free: np.ndarray | None = None


def fit(statistics, model):
    """Fit one model to every table.

    Parameters
    ----------
    statistics : SufficientStatistics
    model : str
        One of ``NAMES``.

    Returns
    -------
    ModelFits

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254})
    >>> fit(SufficientStatistics.of(seen), "Mt").value.round(3).tolist()
    [2389.868]
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        if model == "M0":
            return statistics.equal_chances
        if model == "Mt":
            return statistics.chances_by_occasion
        if model in ("Mb", "Mbh"):
            return _fit_behaviour(statistics, first_differs=model == "Mbh")
        return _fit_heterogeneous(statistics, model)


def _fit_independent(statistics, *, equal):
    """M0 and Mt: the root of 1 - n/N = prod(1 - n_i/N), by Newton's method on 1/N.

    In 1/N the expected number captured is convex and falls, so Newton's steps from 0 never pass the root.
    """
    n, t = statistics.captured, statistics.captures.shape[1]
    captures = statistics.captures
    if equal:
        captures = np.broadcast_to(captures.mean(axis=1, keepdims=True), captures.shape)
    total = captures.sum(axis=1)
    pairs = (total**2 - (captures**2).sum(axis=1)) / 2.0
    finite = total > n
    full = (captures >= n[:, None]).any(axis=1) & finite
    inverse = np.where(finite, (total - n) / pairs, 0.0)
    solving = finite & ~full
    for _ in range(40):
        some = np.where(solving, inverse, 0.25 / n)
        remain = 1.0 - captures * some[:, None]
        never = np.prod(remain, axis=1)
        expected = -np.expm1(np.log1p(-captures * some[:, None]).sum(axis=1)) / some
        slope = (never * (captures / remain).sum(axis=1) - expected) / some
        step = np.where(solving, (n - expected) / slope, 0.0)
        step = np.where(np.isfinite(step), step, 0.0)
        inverse = np.minimum(inverse + step, 1.0 / n)
        if (np.abs(step) <= 1e-10 * inverse).all():
            break
    inverse = np.where(full, 1.0 / n, inverse)
    value = np.where(finite, 1.0 / inverse, np.inf)
    chance = captures * inverse[:, None]
    stay = 1.0 - chance
    never = np.prod(stay, axis=1)
    variance = value / (1.0 / never + t - 1.0 - (1.0 / stay).sum(axis=1))
    standard_error = np.where(full, 0.0, np.where(finite, np.sqrt(variance), np.inf))
    kernel = np.where(
        finite, n * np.log(value) + (_xlogy(captures, chance) + _xlogy(value[:, None] - captures, stay)).sum(axis=1), 0
    )
    # The people never captured are not part of the visible table.
    kernel = np.where(finite, kernel - _xlogy(value - n, never) - n, np.nan)
    coefficients = np.concatenate([np.log(value * never)[:, None], np.maximum(np.log(chance / stay), NOBODY)], axis=1)
    size = np.full(len(n), 2) if equal else 1 + (captures > 0).sum(axis=1)
    return ModelFits(value, standard_error, kernel, size, finite, coefficients)


def _truncated_geometric(first):
    """Chance of capture each time, from the times of first capture within t occasions, and whether one fits."""
    people, t = first.sum(axis=1), first.shape[1]
    waits = np.arange(t)
    mean = first @ waits / people
    finite = (mean < (t - 1) / 2.0) & (people > 0)
    rate = np.where(finite & (mean > 0), np.log(mean / (1.0 + mean)), -1.0)
    for _ in range(200):
        weights = np.exp(rate[:, None] * waits)
        weights /= weights.sum(axis=1, keepdims=True)
        fitted = weights @ waits
        spread = weights @ waits**2 - fitted**2
        step = np.where(finite & (mean > 0), (mean - fitted) / spread, 0.0)
        new = np.where(rate + step < 0, rate + step, rate / 2.0)
        step = new - rate
        rate = new
        if (np.abs(step) <= 1e-10 * np.abs(rate)).all():
            break
    return np.where(mean == 0, 1.0, -np.expm1(rate)), finite


def _fit_behaviour(statistics, *, first_differs):
    """Mb and Mbh: first captures are a removal experiment, and recaptures say nothing about the number unseen.

    The standard error is that of the removal estimator. In Mbh those first captured on the first occasion are counted,
    not estimated, and add no error.
    """
    n, first = statistics.captured, statistics.first
    t = first.shape[1]
    later = first[:, 1:] if first_differs else first
    span = later.shape[1]
    people = later.sum(axis=1)
    chance, finite = _truncated_geometric(later)
    # Nobody left to find after the first occasion: the first occasion found everyone.
    none_later = people == 0
    stay = 1.0 - chance
    never = stay**span
    rest = np.where(none_later, 0.0, np.where(finite, people / (1.0 - never), np.inf))
    value = n - people + rest
    variance = rest * never * (1.0 - never) / ((1.0 - never) ** 2 - (span * chance) ** 2 * stay ** (span - 1))
    standard_error = np.where(none_later | (never == 0), 0.0, np.where(finite, np.sqrt(variance), np.inf))
    waits = np.arange(span)
    opportunities = first @ np.arange(t - 1, -1, -1)
    recaptures = statistics.captures.sum(axis=1) - n
    again = np.where(opportunities > 0, recaptures / opportunities, 0.0)
    kernel = _xlogy(people, rest * chance) + _xlogy(later @ waits, stay) - n
    kernel = kernel + _xlogy(recaptures, again) + _xlogy(opportunities - recaptures, 1.0 - again)
    at_once = chance
    if first_differs:
        kernel = kernel + _xlogy(first[:, 0], first[:, 0])
        at_once = first[:, 0] / value
    ok = finite | none_later
    return ModelFits(
        value,
        standard_error,
        np.where(ok, kernel, np.nan),
        np.full(len(n), 4 if first_differs else 3),
        ok,
        np.stack([at_once, chance, again], axis=1),
    )


def heterogeneity_columns(model, occasions):
    """Columns for being captured 1, 2, …, t times, of a heterogeneity model by its name, shape (t, q)."""
    times = np.arange(1, occasions + 1)
    kind = model.split("-")[1] if "-" in model else ""
    if not kind:
        return np.zeros((occasions, 0))
    if kind == "chao":
        return np.maximum(times[:, None] - np.arange(2, occasions), 0).astype(float)
    return heterogeneity(kind.rstrip("0123456789."), times)[:, None]


@cache
def design_of(model, occasions):
    """The log-linear design of a heterogeneity model for t occasions."""
    columns = heterogeneity_columns(model, occasions)
    times = np.arange(1, occasions + 1)
    if model.startswith("Mh"):
        offset = np.log([float(comb(occasions, int(j))) for j in times])
        return CellDesign(np.column_stack([np.ones(occasions), times, columns]), offset)
    if occasions <= DENSE_OCCASIONS:
        patterns = pattern_matrix(occasions)
        return CellDesign(np.column_stack([np.ones(len(patterns)), patterns, columns[patterns.sum(axis=1) - 1]]))
    return OccasionDesign(occasions, columns)


def bounded_of(model, occasions):
    """Parameters that may not be negative: those that bend Chao's models, shape (p,)."""
    main = occasions if model.startswith("Mt") else 1
    columns = heterogeneity_columns(model, occasions).shape[1]
    return np.concatenate([np.zeros(1 + main, dtype=bool), np.full(columns, model.endswith("chao"))])


def sufficient_of(statistics, model):
    """Sufficient statistics of a heterogeneity model, shape (tables, p)."""
    t = statistics.captures.shape[1]
    columns = heterogeneity_columns(model, t)
    if model.startswith("Mh"):
        middle = (statistics.frequencies @ np.arange(1, t + 1))[:, None]
    else:
        middle = statistics.captures
    return np.concatenate([statistics.captured[:, None], middle, statistics.frequencies @ columns], axis=1)


def _fit_heterogeneous(statistics, model):
    n, t = statistics.captured, statistics.captures.shape[1]
    design, sufficient = design_of(model, t), sufficient_of(statistics, model)
    by_occasion = model.startswith("Mth")
    simple = statistics.chances_by_occasion if by_occasion else statistics.equal_chances
    tables, width = sufficient.shape
    start = np.zeros((tables, width))
    main = t if by_occasion else 1
    start[:, : 1 + main] = simple.coefficients[:, : 1 + main]
    full = simple.value <= n
    usable = simple.converged & ~full & np.isfinite(start).all(axis=1)
    start[~usable] = 0.0
    free = np.ones((tables, width), dtype=bool)
    if by_occasion:
        free[:, 1 : 1 + t] = statistics.captures > 0
        start[:, 1 : 1 + t] = np.where(statistics.captures > 0, start[:, 1 : 1 + t], NOBODY)
    bounded = bounded_of(model, t)
    if bounded.any():
        # A level nobody reached cannot pull its parameter above zero.
        free[:, 1 + main :] = statistics.frequencies[:, 2:] > 0
    rows = np.flatnonzero(usable)
    best = maximise_bounded(design, sufficient[rows], start[rows], free[rows], bounded)
    value, standard_error = population(best[0], n[rows], free=best[1])
    out = {
        "value": np.where(full, n, np.inf),
        "standard_error": np.where(full, 0.0, np.inf),
        "kernel": np.full(tables, np.nan),
        "converged": full.copy(),
    }
    out["value"][rows], out["standard_error"][rows] = value, standard_error
    out["kernel"][rows], out["converged"][rows] = best[0].kernel, best[0].converged
    coefficients = start
    coefficients[rows], free[rows] = best[0].parameters, best[1]
    return ModelFits(size=free.sum(axis=1), coefficients=coefficients, free=free, **out)


def fit_frequencies(frequencies, model, occasions=None):
    """Fit M0 or a heterogeneity model to how many people were captured once, twice, …, as Poisson counts.

    Parameters
    ----------
    frequencies : numpy.ndarray, shape (k,)
    model : str
    occasions : int, optional
        Without it, captures have no ceiling.

    Returns
    -------
    design : CellDesign
    sufficient : numpy.ndarray, shape (1, p)
    maximum : Maximum
    free : numpy.ndarray of bool, shape (1, p)
    """
    levels = len(frequencies)
    times = np.arange(1, levels + 1)
    columns = heterogeneity_columns(model, levels)
    offset = -gammaln(times + 1.0)
    if occasions is not None:
        offset = np.log([float(comb(occasions, int(j))) for j in times])
    design = CellDesign(np.column_stack([np.ones(levels), times, columns]), offset)
    sufficient = (frequencies @ design.matrix)[None]
    free = np.ones(sufficient.shape, dtype=bool)
    bounded = bounded_of(model, levels)
    if bounded.any():
        free[0, 2:] = frequencies[2:] > 0
    start = np.zeros(sufficient.shape)
    mean = sufficient[0, 1] / sufficient[0, 0]
    start[0, :2] = np.log(sufficient[0, 0]), np.log(max(mean - 1.0, 0.01) / (occasions or 1))
    maximum, free = maximise_bounded(design, sufficient, start, free, bounded)
    return design, sufficient, maximum, free


def transitions(model, fits, occasions):
    """Chance of capture on each occasion for someone captured 0, 1, 2, … times before, under one fitted table.

    Parameters
    ----------
    model : str
    fits : ModelFits
        Of one table.
    occasions : int

    Returns
    -------
    numpy.ndarray, shape (t, t)
        Row i, column c: occasion i, c earlier captures; columns beyond i are not reached.
    """
    table = np.zeros((occasions, occasions))
    coefficients = fits.coefficients[0]
    if model in ("Mb", "Mbh"):
        table[:, 1:] = coefficients[2]
        table[:, 0] = coefficients[1]
        table[0, 0] = coefficients[0]
        return table
    by_occasion = model.startswith("Mt")
    main = occasions if by_occasion else 1
    with np.errstate(under="ignore"):
        odds = np.broadcast_to(np.exp(coefficients[1 : 1 + main]), (occasions,))
        columns = heterogeneity_columns(model, occasions)
        # Summed from the last occasion back: the weight of all futures after c captures.
        weight = np.ones(occasions + 1)
        weight[1:] = np.exp(columns @ coefficients[len(coefficients) - columns.shape[1] :])
        for i in range(occasions - 1, -1, -1):
            caught = odds[i] * weight[1:]
            both = weight[:-1] + caught
            table[i, : len(both)] = caught / both
            weight = both
    return table


def simulate(table, size, replicates, generator):
    """Sufficient statistics of populations drawn anew from the chances of capture.

    Parameters
    ----------
    table : numpy.ndarray, shape (t, t)
        As :func:`transitions` gives it.
    size : int
        People in the population.
    replicates : int
    generator : numpy.random.Generator

    Returns
    -------
    SufficientStatistics
        With one table a replicate.
    """
    t = len(table)
    state = np.zeros((replicates, t + 1), dtype=np.int64)
    state[:, 0] = size
    captures, first = np.empty((replicates, t)), np.empty((replicates, t))
    for i in range(t):
        caught = generator.binomial(state[:, : i + 1], np.clip(table[i, : i + 1], 0.0, 1.0))
        captures[:, i], first[:, i] = caught.sum(axis=1), caught[:, 0]
        state[:, : i + 1] -= caught
        state[:, 1 : i + 2] += caught
    frequencies = state[:, 1:].astype(float)
    return SufficientStatistics(frequencies.sum(axis=1), captures, frequencies, first)


def correct_bias(statistics, model):
    """Statistics changed so that the estimate loses its first-order bias; None where no such change is known.

    When captures are few, ``exp(intercept)`` is a product of powers ``a`` of the smallest frequencies; adding
    ``(1 - a) / 2`` to each takes its bias away. The behaviour models move t/2 people between the first two occasions.

    References
    ----------
    L.-P. Rivest and T. Lévesque (2001), Improved log-linear model estimators of abundance in capture-recapture
    experiments, Canadian Journal of Statistics 29, 555-572.
    """
    t = statistics.captures.shape[1]
    times = np.arange(1, t + 1)
    if model in ("Mb", "Mbh"):
        start = 1 if model == "Mbh" else 0
        first = statistics.first.copy()
        first[:, start] += t / 2.0
        first[:, start + 1] -= t / 2.0
        return replace(statistics, first=first)
    added = np.zeros(t)
    if model in ("Mt", "Mth-chao"):
        added[0], added[1] = (t - 2) / 2.0, 1.0
    elif model.startswith("Mth") or model == "Mh-chao":
        return None
    else:
        few = np.column_stack([np.ones(t), times, heterogeneity_columns(model, t)])
        few = few[: few.shape[1]]
        added[: len(few)] = (1.0 - np.linalg.inv(few)[0]) / 2.0
    return SufficientStatistics(
        statistics.captured + added.sum(),
        statistics.captures + (added @ times) / t,
        np.maximum(statistics.frequencies + added, 0.0),
        statistics.first,
    )


def _xlogy(x, y):
    return np.where(x == 0, 0.0, x * np.log(np.where(x == 0, 1.0, y)))
