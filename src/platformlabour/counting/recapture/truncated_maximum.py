"""Maximum likelihood of truncated counts, the total that follows from it, and whether the total may be used."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from platformlabour.counting.recapture.thresholds import LARGEST_MULTIPLE
from platformlabour.counting.recapture.truncated_likelihoods import SPECIFICATIONS, chance_of_once

__all__ = [
    "BLOCK",
    "Cells",
    "Solution",
    "as_cells",
    "coefficients_and_shape",
    "grouped",
    "maximum_likelihood",
    "scores",
    "unseen_odds",
    "within",
]

BLOCK = 16384  # rows whose working arrays stay in a core's cache together
_FEWEST_REPEATED = 10
_LARGEST_SHAPE = 12.0
_MOST_STEPS = 200
_TOLERANCE = 1e-16  # squared distance to the maximum, in standard errors
_TOLERANCE_LARGE = 1e-8  # with many rows a step of this size is quadratic to the last digit that matters


@dataclass(frozen=True)
class Cells:
    """People grouped by coefficients' values and count: what the likelihood is computed on."""

    times: np.ndarray
    people: np.ndarray
    matrix: np.ndarray
    names: tuple[str, ...]
    rows: np.ndarray | None
    by_count: np.ndarray  # people seen exactly that often, from 0 up

    def spread(self, values):
        return values if self.rows is None else values[self.rows]


@dataclass(frozen=True)
class Solution:
    model: str
    theta: np.ndarray
    loglik: float
    covariance: np.ndarray
    unseen: float
    gradient: np.ndarray
    sampling: float
    status: str
    warnings: tuple[str, ...]

    @property
    def standard_error(self):
        with np.errstate(all="ignore"):
            variance = self.gradient @ self.covariance @ self.gradient + self.sampling
        return math.sqrt(variance) if variance >= 0 else math.nan


def grouped(times, weights, coded):
    if coded.rows is None:
        if np.all(weights > 0):
            return as_cells(times, weights, coded.matrix, coded.names)
        coded_rows = np.arange(len(times))
    else:
        coded_rows = coded.rows
    rows, keys = pd.factorize(coded_rows * np.int64(2**20) + times.astype(np.int64), sort=True)
    people = np.bincount(rows, weights=weights, minlength=len(keys))
    matrix = np.ascontiguousarray(coded.matrix[:, keys // 2**20])
    return as_cells((keys % 2**20).astype(float), people, matrix, coded.names, rows)


def as_cells(times, people, matrix, names, rows=None):
    return Cells(times, people, matrix, names, rows, np.bincount(times.astype(np.intp), weights=people))


def within(limits, times):
    low, high = limits
    return (times >= low) if high is None else (times >= low) & (times <= high)


def counts_with_unseen(model):
    """Smallest and largest count whose people stand for unseen ones too: Zelterman's rate holds for everybody."""
    return (1, None) if model == "zelterman" else SPECIFICATIONS[model].used


def coefficients_and_shape(spec, theta):
    return (theta[:-1], theta[-1]) if spec.shape else (theta, None)


def _accumulate(spec, times, people, matrix, theta):
    """Log-likelihood, score and negative Hessian, block by block."""
    size, count = len(theta), matrix.shape[0]
    beta, shape = coefficients_and_shape(spec, theta)
    loglik, score, information = 0.0, np.zeros(size), np.zeros((size, size))
    for start in range(0, len(times), BLOCK):
        part = slice(start, start + BLOCK)
        block, weight = matrix[:, part], people[part]
        terms = spec.likelihood(times[part], beta @ block, shape)
        loglik += weight @ terms[0]
        score[:count] += block @ (weight * terms[1])
        information[:count, :count] -= (block * (weight * terms[2])) @ block.T
        if spec.shape:
            score[count] += np.sum(weight * terms[3])
            information[:count, count] -= block @ (weight * terms[4])
            information[count, count] -= np.sum(weight * terms[5])
    if spec.shape:
        information[count, :count] = information[:count, count]
    return loglik, score, information


def _maximise(spec, times, people, matrix, theta, *, tolerance=None):
    """Newton's method, uphill also where the likelihood is not concave.

    Returns the coefficients, the log-likelihood, the negative Hessian at the last evaluation and whether it converged.
    """
    if tolerance is None:
        tolerance = _TOLERANCE if len(times) <= BLOCK else _TOLERANCE_LARGE
    with np.errstate(all="ignore"):
        loglik, score, information = _accumulate(spec, times, people, matrix, theta)
        for _ in range(_MOST_STEPS):
            if not (math.isfinite(loglik) and np.all(np.isfinite(information))):
                return theta, loglik, information, False
            step, gain = _uphill(information, score)
            if gain < tolerance:
                # So near the maximum the quadratic is exact to rounding: no need to look again.
                return theta + step, loglik + gain / 2, information, True
            if spec.shape:
                step *= min(1.0, 3.0 / max(abs(step[-1]), 1e-300))
            size = 1.0
            while size > 1e-12:
                candidate = _accumulate(spec, times, people, matrix, theta + size * step)
                if candidate[0] >= loglik - 1e-12 * abs(loglik) and np.all(np.isfinite(candidate[2])):
                    break
                size /= 2
            else:
                return theta, loglik, information, gain < 1e-8
            theta = theta + size * step
            loglik, score, information = candidate
            if spec.shape and abs(theta[-1]) > _LARGEST_SHAPE:
                return theta, loglik, information, False
    return theta, loglik, information, False


def _climb(spec, times, people, matrix, starts):
    """The best of the maxima reached from several starts, found on a part of the rows first when there are many."""
    stride = len(times) // (2 * BLOCK)
    if stride > 1:
        sample = slice(None, None, stride)
        part = times[sample], people[sample], np.ascontiguousarray(matrix[:, sample])
        found = [_maximise(spec, *part, theta, tolerance=1e-3) for theta in starts]
        # Near its limit a shape found on a part would start the whole on a plateau.
        found = [outcome for outcome in found if outcome[3] and not (spec.shape and abs(outcome[0][-1]) > 4)]
        starts = [_best(found)[0]] if found else starts
    return _best([_maximise(spec, times, people, matrix, theta) for theta in starts])


def _best(outcomes):
    return max(outcomes, key=lambda outcome: outcome[1] if math.isfinite(outcome[1]) else -math.inf)


def _uphill(information, score):
    scale = 1 / np.sqrt(np.maximum(np.abs(np.diag(information)), 1e-300))
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    projected = vectors.T @ (score * scale)
    values = np.maximum(np.abs(values), 1e-9)
    return scale * (vectors @ (projected / values)), float(np.sum(projected**2 / values))


def _inverse(information):
    """Inverse of a negative Hessian, and whether it has one that means something."""
    diagonal = np.diag(information)
    if not np.all(np.isfinite(information)) or np.any(diagonal <= 0):
        return np.full_like(information, np.nan), False
    scale = 1 / np.sqrt(diagonal)
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    if values[0] < 1e-10:
        return np.full_like(information, np.nan), False
    return (vectors / values) @ vectors.T * np.outer(scale, scale), True


def _constant_predictor(value, matrix):
    """Coefficients whose linear predictor is the same for everybody, as nearly as the columns allow."""
    if np.all(matrix[0, :BLOCK] == 1) and np.all(matrix[0] == 1):
        return np.append(value, np.zeros(len(matrix) - 1))
    return np.linalg.lstsq(matrix @ matrix.T, matrix.sum(axis=1) * value, rcond=None)[0]


def _starting_predictor(spec, times, people):
    total = people.sum()
    low, high = spec.used
    if high is not None:
        return math.log((people @ (times == high) + 0.5) / (people @ (times == low) + 0.5))
    mean = max(people @ times / total, low + 0.5 / total)
    if spec.family == "geometric":
        return math.log(mean - low + 1e-3)
    rate = mean
    for _ in range(50):
        # The mean of the truncated count at this rate; a fixed point is the closed-form estimate.
        seen = -math.expm1(-rate) if low == 1 else -math.expm1(-rate) - rate * math.exp(-rate)
        above = 1.0 if low == 1 else -math.expm1(-rate)
        rate = max(mean * seen / above, 1e-3)
    return math.log(rate)


def maximum_likelihood(model, cells, start=None):
    spec = SPECIFICATIONS[model]
    used = None if spec.used == (1, None) else within(spec.used, cells.times)
    whole = used is None or bool(used.all())
    times, people = (cells.times, cells.people) if whole else (cells.times[used], cells.people[used])
    matrix = cells.matrix if whole else np.ascontiguousarray(cells.matrix[:, used])
    size = len(cells.names) + bool(spec.shape)
    refusal = _refusal(spec, cells.by_count, size)
    if refusal:
        return _unidentified(model, size, refusal)
    absent = [] if whole else [name for name, here in zip(cells.names, matrix.any(axis=1), strict=True) if not here]
    if absent:
        return _unidentified(model, size, f"Nobody in {', '.join(absent)} has a count that the model uses.")
    if spec.shape:
        base = maximum_likelihood(spec.base, cells)
        if base.status in ("not identified", "not converged"):
            return _unidentified(model, size, *base.warnings)
        at_limit = _limit_warning(spec, base, cells)
        if at_limit:
            status = "boundary" if base.status == "ok" else base.status
            return replace(base, status=status, warnings=(*base.warnings, at_limit))
    if start is not None and len(start) == size:
        starts = [start]
    elif spec.shape:
        starts = _starts_with_shape(spec, times, people, matrix, base)
    else:
        starts = [_constant_predictor(_starting_predictor(spec, times, people), matrix)]
    theta, loglik, information, converged = _climb(spec, times, people, matrix, starts)
    covariance, curved = _inverse(information)
    unseen, gradient, sampling = _unseen_total(model, cells, theta)
    solution = Solution(model, theta, loglik, covariance, unseen, gradient, sampling, "ok", ())
    return _judged(solution, cells, converged=converged, curved=curved)


def _refusal(spec, by_count, size):
    """Why these counts cannot tell the total whatever the covariates, or nothing."""
    low, high = spec.used
    people = by_count[low:] if high is None else by_count[low : high + 1]
    if people.sum() <= size * (1 + 1e-9):
        return f"People with a count that the model uses: {people.sum():g}, too few for its coefficients: {size}."
    if spec.shape == "logit one-inflation":
        low, people = 2, by_count[2:]
    if not people[1:].sum() > 0:
        seen = {1: "once", 2: "twice"}[low]
        return (
            f"Nobody{' with a count the model uses' if high else ''} was seen more than {seen}: any population, "
            "however large, fits the data as well."
        )
    if high is not None and not people[0] > 0:
        return (
            f"Nobody was seen exactly {'once' if low == 1 else 'twice'}: the ratio of counts that tells the rate "
            "has no finite value; everybody may have been seen."
        )
    return ""


def _unidentified(model, size, *warnings):
    nothing = np.full(size, np.nan)
    return Solution(
        model, nothing, math.nan, np.full((size, size), np.nan), math.nan, nothing, math.nan, "not identified", warnings
    )


def _starts_with_shape(spec, times, people, matrix, base):
    """Two starts: these likelihoods may have more than one maximum."""
    if spec.shape == "log dispersion":
        return [np.append(base.theta, value) for value in (-2.0, 1.0)]
    more = times >= 2
    level = _starting_predictor(SPECIFICATIONS[f"zot-{spec.family}"], times[more], people[more])
    return [np.append(base.theta, -1.0), np.append(_constant_predictor(level, matrix), 0.0)]


def _unseen_total(model, cells, theta):
    """People never seen, the gradient of their number by the coefficients, and the variance from who was seen."""
    spec = SPECIFICATIONS[model]
    beta, shape = coefficients_and_shape(spec, theta)
    unseen, sampling, slope, gradient = 0.0, 0.0, 0.0, np.zeros(len(beta))
    with np.errstate(all="ignore"):
        for start in range(0, len(cells.times), BLOCK):
            part = slice(start, start + BLOCK)
            block, weight = cells.matrix[:, part], cells.people[part]
            if counts_with_unseen(model) != (1, None):
                weight = weight * within(counts_with_unseen(model), cells.times[part])
            odds, by_eta, by_shape = spec.unseen(beta @ block, shape)
            weighted = weight * odds
            unseen += float(weighted.sum())
            sampling += float(weighted.sum() + weighted @ odds)
            gradient += block @ (weight * by_eta)
            if shape is not None:
                slope += float(np.sum(weight * by_shape))
    return unseen, (gradient if shape is None else np.append(gradient, slope)), sampling


def _limit_warning(spec, base, cells):
    """A sentence when the likelihood falls as the shape leaves its limit, so that the simpler model is the maximum."""
    eta = base.theta @ cells.matrix
    times, people = cells.times, cells.people
    with np.errstate(all="ignore"):
        if spec.shape == "log dispersion":
            rate = np.exp(eta)
            slope = people @ (times * (times - 1) / 2 - times * rate + rate**2 / (2 * -np.expm1(-rate)))
            words = "The counts vary no more than a Poisson distribution allows: the dispersion is 0."
        else:
            once, seen = chance_of_once(spec.family, eta)
            each = (times == 1) / once - 1
            slope = people @ (each / seen if spec.method.startswith("zero-truncated") else each)
            words = (
                "No more people were seen exactly once than the model without one-inflation expects: its share is 0."
            )
    return words if slope <= 0 else ""


def _judged(solution, cells, *, converged, curved):
    """The solution with its standing."""
    spec = SPECIFICATIONS[solution.model]
    observed = cells.by_count.sum()
    total, error = observed + solution.unseen, solution.standard_error
    warnings = []
    shape = solution.theta[-1] if spec.shape else 0.0
    if spec.shape == "log dispersion" and (shape > 8 or (shape > 3 and not error < total)):
        warnings.append(
            "The dispersion runs off to infinity: the counts fit a distribution that leaves the number of people "
            "never seen without limit."
        )
        status = "not identified"
    elif not (math.isfinite(total) and math.isfinite(error) and curved) or error > total:
        warnings += _runaways(solution, cells)
        warnings.append("The data do not limit the total: its standard error exceeds it, or cannot be computed.")
        status = "not identified"
    elif not converged:
        warnings.append("The likelihood's maximum was not reached.")
        status = "not converged"
    elif total > LARGEST_MULTIPLE * observed:
        warnings.append(
            f"Everybody seen would stand for {total / observed:,.0f} people: the total hangs on the model alone."
        )
        status = "implausible"
    else:
        # A coefficient without a finite value shows in the total's error; the check costs a pass over all rows.
        warnings += _runaways(solution, cells) if error > 0.1 * solution.unseen else []
        status = "ok"
    if status in ("ok", "implausible"):
        low = 2 if spec.shape == "logit one-inflation" else spec.used[0]
        repeated = cells.by_count[low + 1 : None if spec.used[1] is None else spec.used[1] + 1].sum()
        if repeated < _FEWEST_REPEATED:
            warnings.append(f"Few people were seen more than {('once', 'twice')[low - 1]}: {repeated:g}.")
            if low == 2:
                # Such samples limit the total only when it happens to come out small: those kept would be biased.
                warnings.append(f"The rate rests on these alone: fewer than {_FEWEST_REPEATED} do not limit the total.")
                status = "not identified"
    return replace(solution, status=status, warnings=tuple(warnings))


def _runaways(solution, cells):
    """Names of the coefficients without a finite value."""
    width = cells.matrix.std(axis=1)
    errors = np.sqrt(np.maximum(np.diag(solution.covariance)[: len(width)], 0.0))
    # Without a covariance the size of the coefficient itself has to tell; 8 is a factor of 3,000 in the rate.
    away = np.where(np.isfinite(errors), errors * width > 10, ~(np.abs(solution.theta[: len(width)]) * width < 8))
    away = [name for name, out in zip(cells.names, away, strict=True) if out and name != "intercept"]
    if not away:
        return []
    return [f"No finite value fits {', '.join(away)} best: nobody, or everybody, there was seen more than once."]


def scores(solution, cells):
    """Each cell's score for one person, shape (k, cells); zero for counts that the model does not use."""
    spec = SPECIFICATIONS[solution.model]
    used = within(spec.used, cells.times)
    beta, shape = coefficients_and_shape(spec, solution.theta)
    with np.errstate(all="ignore"):
        terms = spec.likelihood(cells.times, beta @ cells.matrix, shape)
    scores = cells.matrix * np.where(used, terms[1], 0.0)
    return np.vstack([scores, np.broadcast_to(terms[3], cells.times.shape)]) if spec.shape else scores


def unseen_odds(solution, cells):
    """People never seen that each person stands for; zero for counts that the model does not use."""
    spec = SPECIFICATIONS[solution.model]
    beta, shape = coefficients_and_shape(spec, solution.theta)
    with np.errstate(all="ignore"):
        odds = spec.unseen(beta @ cells.matrix, shape)[0]
    return np.where(within(counts_with_unseen(solution.model), cells.times), odds, 0.0)
