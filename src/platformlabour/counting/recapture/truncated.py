"""Population size from how often each person was seen, with covariates.

One row a person, or a group of people who agree: a count of sightings of one or more, and what is known about them.
Nobody is in the table with a count of zero, so a regression for truncated counts finds each person's chance of having
been seen at all, and everybody seen stands for one over that chance (Horvitz and Thompson).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from statistics import NormalDist

import numpy as np
import pandas as pd

from platformlabour.counting.recapture.formula import design, parse
from platformlabour.counting.recapture.truncated_likelihoods import SPECIFICATIONS
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["MODELS", "Bootstrap", "TruncatedFit", "bootstrap", "estimate", "influence"]

MODELS = {name: specification.assumptions for name, specification in SPECIFICATIONS.items()}
"""Each model's assumptions in plain words."""

INTERVALS = ("log-normal", "normal")
COVARIANCES = ("model", "robust")

_BLOCK = 16384  # rows whose working arrays stay in a core's cache together
_MOST_REPRESENTED = 1000.0  # people for each one seen, beyond which a total says nothing
_LARGEST_SHAPE = 12.0
_MOST_STEPS = 200
_TOLERANCE = 1e-16  # squared distance to the maximum, in standard errors
_TOLERANCE_LARGE = 1e-8  # with many rows a step of this size is quadratic to the last digit that matters
_NOTICEABLE = 1.96


@dataclass(frozen=True)
class _Cells:
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
class _Solution:
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
        variance = self.gradient @ self.covariance @ self.gradient + self.sampling
        return math.sqrt(variance) if variance >= 0 else math.nan


@dataclass(frozen=True)
class TruncatedFit:
    """A fitted regression of truncated counts.

    Parameters
    ----------
    population : Estimate
        Everybody, seen or not.
    coefficients : pandas.DataFrame
        One row a coefficient: ``estimate``, ``standard_error``, ``z``, on the scale of the logarithm of the rate.
    fitted : pandas.DataFrame
        One row a row of the data, with its index: ``times``, ``people``, ``rate`` (expected sightings, seen or not)
        and ``represents`` (people in the population for each one in this row).
    model, formula : str
        As given.
    covariance : numpy.ndarray, shape (k, k)
        Of the coefficients.
    intervals : dict of str to (float, float)
        ``"normal"`` and ``"log-normal"``, at the level asked for.
    loglik, aic, bic : float
        The last counts everybody seen as the sample size.
    df : int
        People whose counts the model uses, less the number of coefficients.
    tests : dict of str to float
        Score tests as standard normal deviates, where the model has them: ``"one-inflation"`` (more people seen exactly
        once than expected) and ``"overdispersion"``.
    """

    population: Estimate
    coefficients: pd.DataFrame
    fitted: pd.DataFrame
    model: str
    formula: str
    covariance: np.ndarray
    intervals: dict[str, tuple[float, float]]
    loglik: float
    aic: float
    bic: float
    df: int
    tests: dict[str, float]
    _cells: _Cells = field(repr=False)
    _solution: _Solution = field(repr=False)


@dataclass(frozen=True)
class Bootstrap:
    """Resampled totals.

    Parameters
    ----------
    population : Estimate
        The fit's value with the percentile interval of the resamples.
    totals : numpy.ndarray, shape (resamples,)
        One total a resample; infinite where the resample does not identify it.
    failed : int
        Resamples without a usable total; in the interval they count as having no upper limit.
    """

    population: Estimate
    totals: np.ndarray
    failed: int


def estimate(
    frame,
    formula,
    model,
    *,
    people=None,
    level=0.95,
    interval="log-normal",
    covariance="model",
    cluster=None,
    unit="workers",
    estimand="everybody in the population, seen or not",
):
    """Population size by a regression of zero-truncated counts.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a person, or a group of people who agree in everything.
    formula : str
        Column of counts (1 or more), a tilde, and the covariates: ``"times ~ age + nation"``; see
        :mod:`platformlabour.counting.recapture.formula`.
    model : str
        One of :data:`MODELS`: ``"zt-poisson"``, ``"zt-geometric"``, ``"zt-negbin"`` (zero-truncated);
        ``"zot-poisson"``, ``"zot-geometric"`` (truncated at zero and one); ``"oizt-poisson"``, ``"oizt-geometric"``,
        ``"ztoi-poisson"``, ``"ztoi-geometric"`` (one-inflated after, and before, truncation); ``"chao"``,
        ``"zelterman"``, ``"oi-chao"``.
    people : str, optional
        Column with the number of people in each row; weights of 0 or more.
    level : float, default 0.95
        Coverage of the interval.
    interval : {"log-normal", "normal"}
        The first keeps the lower limit above what was observed.
    covariance : {"model", "robust"}
        Of the coefficients: from the observed information, or sandwiched with the scores' own spread.
    cluster : str, optional
        Column naming groups whose members' scores may be correlated; implies the robust covariance.
    unit, estimand : str
        What is counted, for the result.

    Returns
    -------
    TruncatedFit
        Its ``population`` has status ``"not identified"`` when the data do not limit the total, ``"implausible"`` when
        everybody seen would stand for more than 1,000 people, ``"boundary"`` when the extra coefficient of a
        one-inflated or negative binomial model reaches its limit and the simpler model is what remains.

    Raises
    ------
    InputError
        If a count is missing, fractional or below 1, a column is unknown, constant or determined by others, or an
        option is unknown.

    Notes
    -----
    With :math:`r_i` the odds that somebody like person i was not seen, relative to the chance of a count that the
    model uses, and U the people with such counts,

    .. math:: \\hat N = n + \\sum_{i \\in U} r_i, \\qquad
       \\operatorname{var} \\hat N = \\nabla^\\top V \\nabla + \\sum_{i \\in U} r_i (1 + r_i),

    the first term being the uncertainty of the coefficients and the second that of who happened to be seen.

    References
    ----------
    P. G. M. van der Heijden, R. Bustami, M. J. L. F. Cruyff, G. Engbersen, H. C. van Houwelingen (2003), Point and
    interval estimation of the population size using the truncated Poisson regression model, Statistical Modelling 3,
    305-322.

    D. Böhning and P. G. M. van der Heijden (2009), A covariate adjustment for zero-truncated approaches to estimating
    the size of hidden and elusive populations, Annals of Applied Statistics 3, 595-610 (Zelterman).

    D. Böhning, A. Vidal-Diez, R. Lerdsuwansri, C. Viwatwongkasem, M. Arnold (2013), A generalization of Chao's
    estimator for covariate information, Biometrics 69, 1033-1042.

    R. T. Godwin and D. Böhning (2017), Estimation of the population size by using the one-inflated positive Poisson
    model, Journal of the Royal Statistical Society C 66, 425-448.

    Examples
    --------
    >>> frame = pd.DataFrame({"times": [1, 2, 3, 4], "workers": [500, 120, 20, 3]})
    >>> fit = estimate(frame, "times ~ 1", "zt-poisson", people="workers")
    >>> fit.population
    Estimate(1,669 workers; 95% interval 1,477 to 1,907)
    >>> fit.coefficients.round(3)
               estimate  standard_error      z
    intercept    -0.721           0.074 -9.711
    """
    _check_options(model, level, interval, covariance)
    parsed = parse(formula)
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"a {type(frame).__name__}", "a pandas DataFrame with one row a person or group")
    times = _counts(frame, parsed.response)
    weights = _weights(frame, people)
    groups = None if cluster is None else _groups(frame, cluster)
    cells = _cells(times, weights, design(frame, parsed))
    solution = _solve(model, cells)
    observed = float(cells.by_count.sum())
    robust = covariance == "robust" or groups is not None
    if robust and np.all(np.isfinite(solution.covariance)):
        solution = replace(solution, covariance=_sandwich(solution, cells, weights, groups))
    warnings = list(solution.warnings)
    tests = _score_tests(solution, cells) if solution.status in ("ok", "boundary") else {}
    warnings += _test_warnings(tests)
    total = observed + solution.unseen
    usable = solution.status in ("ok", "boundary", "implausible")
    error = solution.standard_error if usable else None
    intervals = {kind: _interval(kind, total, observed, error, level) for kind in INTERVALS} if usable else {}
    spec = SPECIFICATIONS[solution.model]
    size = len(solution.theta)
    constant = _constant(spec, cells)
    loglik = solution.loglik + constant
    aic = 2 * size - 2 * loglik
    counted = cells.by_count[spec.used[0] : None if spec.used[1] is None else spec.used[1] + 1].sum()
    population = Estimate(
        value=total if usable else None,
        unit=unit,
        estimand=estimand,
        method=SPECIFICATIONS[model].method,
        interval=intervals.get(interval),
        level=level,
        interval_kind=interval if usable else "",
        bound=spec.bound,
        status=solution.status,
        standard_error=error,
        observed=math.floor(observed + 1e-9),
        loglik=loglik,
        aic=aic,
        df=round(float(counted)) - size,
        assumptions=MODELS[model],
        warnings=tuple(warnings),
    )
    return TruncatedFit(
        population=population,
        coefficients=_coefficient_table(solution, cells.names, SPECIFICATIONS[model]),
        fitted=_fitted_table(frame.index, solution, cells, weights),
        model=model,
        formula=formula,
        covariance=solution.covariance,
        intervals=intervals,
        loglik=loglik,
        aic=aic,
        bic=size * math.log(observed) - 2 * loglik,
        df=population.df,
        tests=tests,
        _cells=cells,
        _solution=solution,
    )


def bootstrap(fit, *, resamples=999, seed, level=None):
    """Percentile interval that also draws how many people are seen.

    Each resample draws the estimated population anew from the observed groups and the unseen (Norris and Pollock), so
    that the interval holds both sources of uncertainty, and refits the model.

    Parameters
    ----------
    fit : TruncatedFit
        With status ``"ok"`` or ``"boundary"`` and whole numbers of people.
    resamples : int, default 999
    seed : int
        The same seed gives the same totals.
    level : float, optional
        By default the fit's.

    Returns
    -------
    Bootstrap

    Raises
    ------
    InputError
        If the fit has no usable total, the people are not whole numbers, or the number of resamples is below 1.

    References
    ----------
    J. L. Norris and K. H. Pollock (1996), Including model uncertainty in estimating variances in multiple capture
    studies, Environmental and Ecological Statistics 3, 235-244.

    Examples
    --------
    >>> frame = pd.DataFrame({"times": [1, 2, 3, 4], "workers": [500, 120, 20, 3]})
    >>> fit = estimate(frame, "times ~ 1", "zt-poisson", people="workers")
    >>> result = bootstrap(fit, resamples=200, seed=1)
    >>> result.failed, bool(result.population.interval[0] < 1669 < result.population.interval[1])
    (0, True)
    """
    if fit.population.status not in ("ok", "boundary"):
        raise InputError(f"a fit that is {fit.population.status}", "a fit with a usable total")
    if isinstance(resamples, bool) or not isinstance(resamples, int | np.integer) or resamples < 1:
        raise InputError(f"{resamples!r} resamples", "a whole number of 1 or more")
    level = fit.population.level if level is None else level
    _check_level(level)
    cells = fit._cells
    if np.any(cells.people != np.round(cells.people)):
        raise InputError("fractions of people", "whole numbers of people before resampling them")
    total = round(fit.population.value)
    chances = cells.people / max(total, cells.people.sum())
    chances = np.append(chances, max(0.0, 1.0 - chances.sum()))
    generator = np.random.default_rng(seed)
    totals = np.full(resamples, math.inf)
    theta = fit._solution.theta
    for place in range(resamples):
        drawn = generator.multinomial(total, chances / chances.sum())[:-1].astype(float)
        kept = drawn > 0
        if not kept.any():
            continue
        # A group of which nobody was drawn takes its coefficient with it.
        matrix = cells.matrix[:, kept]
        present = matrix.any(axis=1)
        names = tuple(name for name, here in zip(cells.names, present, strict=True) if here)
        again = _grouped(cells.times[kept], drawn[kept], np.ascontiguousarray(matrix[present]), names)
        solution = _solve(fit.model, again, start=theta[np.append(present, np.ones(len(theta) - len(present), bool))])
        if solution.status in ("ok", "boundary"):
            totals[place] = drawn.sum() + solution.unseen
    failed = int(np.isinf(totals).sum())
    tail = (1 - level) / 2
    low, high = (float(np.quantile(totals, share, method="higher")) for share in (tail, 1 - tail))
    warnings = fit.population.warnings
    if failed:
        warnings += (f"{failed} of {resamples} resamples gave no usable total; they count as having no upper limit.",)
    finite = totals[np.isfinite(totals)]
    error = float(finite.std(ddof=1)) if failed == 0 and resamples > 1 else None
    if math.isinf(low):
        raise InputError(f"{failed} of {resamples} resamples without a usable total", "a model that the data identify")
    population = fit.population.replace(
        interval=(low, high), level=level, interval_kind="bootstrap", standard_error=error, warnings=warnings
    )
    return Bootstrap(population, totals, failed)


def influence(fit):
    """How much the total would change if one person of a row were left out, to first order.

    Parameters
    ----------
    fit : TruncatedFit

    Returns
    -------
    pandas.Series
        One value a row, in people: -1 is a person who stands only for himself or herself.

    Raises
    ------
    InputError
        If the fit has no usable total.

    References
    ----------
    P. Chlebicki and M. Beręsewicz (2025), singleRcapture: an R package for single-source capture-recapture models,
    Journal of Statistical Software 115(1), 1-30 (the statistic ``dfpopsize``).

    Examples
    --------
    >>> frame = pd.DataFrame({"times": [1, 2, 3, 4], "workers": [500, 120, 20, 3]})
    >>> influence(estimate(frame, "times ~ 1", "zt-poisson", people="workers")).round(1).tolist()
    [-4.5, 2.7, 9.8, 16.9]
    """
    if fit.population.status not in ("ok", "boundary"):
        raise InputError(f"a fit that is {fit.population.status}", "a fit with a usable total")
    cells, solution = fit._cells, fit._solution
    odds = _unseen_odds(solution, cells)
    change = -(1 + odds) - solution.gradient @ solution.covariance @ _scores(solution, cells)
    return pd.Series(cells.spread(change), index=fit.fitted.index, name="influence")


# Input.


def _check_options(model, level, interval, covariance):
    if model not in SPECIFICATIONS:
        raise InputError(f"the model {model!r}", f"one of {', '.join(SPECIFICATIONS)}")
    _check_level(level)
    if interval not in INTERVALS:
        raise InputError(f"the interval {interval!r}", f"one of {', '.join(INTERVALS)}")
    if covariance not in COVARIANCES:
        raise InputError(f"the covariance {covariance!r}", f"one of {', '.join(COVARIANCES)}")


def _check_level(level):
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")


def _numbers(frame, name, what):
    if name not in frame.columns:
        raise InputError(
            f'no column "{name}"',
            f"one of the table's columns: {', '.join(str(c) for c in frame.columns)}",
            column=name,
        )
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise InputError("two columns of the same name", "each column name once", column=name)
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        raise InputError(f"values of type {column.dtype}", what, column=name)
    missing = np.flatnonzero(column.isna().to_numpy())
    if missing.size:
        raise InputError("a missing value", what, row=int(missing[0]) + 2, column=name)
    return column.to_numpy(dtype=float)


def _counts(frame, name):
    what = "a whole number of sightings, 1 or more, in every row"
    times = _numbers(frame, name, what)
    if len(times) == 0:
        raise InputError("a table without rows", "at least one row")
    wrong = np.flatnonzero(~((times >= 1) & (times == np.floor(times)) & (times < 2**53)))
    if wrong.size:
        value = times[wrong[0]]
        raise InputError(
            f"the count {value:g}" + (", somebody never seen" if value == 0 else ""),
            what,
            row=int(wrong[0]) + 2,
            column=name,
        )
    if times.max() > 1_000_000:
        place = int(times.argmax())
        raise InputError(f"the count {times[place]:g}", "at most 1,000,000 sightings", row=place + 2, column=name)
    return times


def _weights(frame, name):
    if name is None:
        return np.ones(len(frame))
    what = "a number of people of 0 or more in every row"
    weights = _numbers(frame, name, what)
    wrong = np.flatnonzero(~((weights >= 0) & (weights < 2**53)))
    if wrong.size:
        raise InputError(f"{weights[wrong[0]]:g} people", what, row=int(wrong[0]) + 2, column=name)
    if not weights.sum() > 0:
        raise InputError("0 people in all rows", "somebody", column=name)
    return weights


def _groups(frame, name):
    if name not in frame.columns:
        raise InputError(
            f'no column "{name}"',
            f"one of the table's columns: {', '.join(str(c) for c in frame.columns)}",
            column=name,
        )
    codes, levels = pd.factorize(frame[name])
    if codes.min() < 0:
        row = int(np.flatnonzero(codes < 0)[0]) + 2
        raise InputError("a missing value", "a group in every row", row=row, column=name)
    if len(levels) < 2:
        raise InputError("one group for everybody", "at least two groups", column=name)
    return codes


def _cells(times, weights, coded):
    if coded.rows is None:
        if np.all(weights > 0):
            return _grouped(times, weights, coded.matrix, coded.names)
        coded_rows = np.arange(len(times))
    else:
        coded_rows = coded.rows
    rows, keys = pd.factorize(coded_rows * np.int64(2**20) + times.astype(np.int64), sort=True)
    people = np.bincount(rows, weights=weights, minlength=len(keys))
    matrix = np.ascontiguousarray(coded.matrix[:, keys // 2**20])
    return _grouped((keys % 2**20).astype(float), people, matrix, coded.names, rows)


def _grouped(times, people, matrix, names, rows=None):
    return _Cells(times, people, matrix, names, rows, np.bincount(times.astype(np.intp), weights=people))


# Maximum likelihood.


def _within(limits, times):
    low, high = limits
    return (times >= low) if high is None else (times >= low) & (times <= high)


def _stand_for_unseen(model):
    """Smallest and largest count whose people stand for unseen ones too: Zelterman's rate holds for everybody."""
    return (1, None) if model == "zelterman" else SPECIFICATIONS[model].used


def _split(spec, theta):
    return (theta[:-1], theta[-1]) if spec.shape else (theta, None)


def _accumulate(spec, times, people, matrix, theta):
    """Log-likelihood, score and negative Hessian, block by block."""
    size, count = len(theta), matrix.shape[0]
    beta, shape = _split(spec, theta)
    loglik, score, information = 0.0, np.zeros(size), np.zeros((size, size))
    for start in range(0, len(times), _BLOCK):
        part = slice(start, start + _BLOCK)
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
        tolerance = _TOLERANCE if len(times) <= _BLOCK else _TOLERANCE_LARGE
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
    stride = len(times) // (2 * _BLOCK)
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


def _solve(model, cells, start=None):
    spec = SPECIFICATIONS[model]
    used = None if spec.used == (1, None) else _within(spec.used, cells.times)
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
        base = _solve(spec.base, cells)
        if base.status in ("not identified", "not converged"):
            return _unidentified(model, size, *base.warnings)
        at_limit = _limit_warning(spec, base, cells)
        if at_limit:
            status = "boundary" if base.status == "ok" else base.status
            return replace(base, status=status, warnings=(*base.warnings, at_limit))
        starts = _starts_with_shape(spec, times, people, matrix, base)
    else:
        starts = [_constant_predictor(_starting_predictor(spec, times, people), matrix)]
    if start is not None and len(start) == size:
        starts = [start]
    theta, loglik, information, converged = _climb(spec, times, people, matrix, starts)
    covariance, curved = _inverse(information)
    unseen, gradient, sampling = _unseen_total(model, cells, theta)
    solution = _Solution(model, theta, loglik, covariance, unseen, gradient, sampling, "ok", ())
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
    return _Solution(
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
    beta, shape = _split(spec, theta)
    unseen, sampling, slope, gradient = 0.0, 0.0, 0.0, np.zeros(len(beta))
    with np.errstate(all="ignore"):
        for start in range(0, len(cells.times), _BLOCK):
            part = slice(start, start + _BLOCK)
            block, weight = cells.matrix[:, part], cells.people[part]
            if _stand_for_unseen(model) != (1, None):
                weight = weight * _within(_stand_for_unseen(model), cells.times[part])
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
            once, seen = _once(spec.family, eta)
            each = (times == 1) / once - 1
            slope = people @ (each / seen if spec.method.startswith("zero-truncated") else each)
            words = (
                "No more people were seen exactly once than the model without one-inflation expects: its share is 0."
            )
    return words if slope <= 0 else ""


def _once(family, eta):
    """Chance of a count of exactly one among the seen, and of being seen."""
    if family == "geometric":
        once = 1 / (1 + np.exp(eta))
        return once, 1 - once
    rate = np.exp(eta)
    seen = -np.expm1(-rate)
    return np.maximum(rate * np.exp(-rate) / seen, 1e-300), seen


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
    elif total > _MOST_REPRESENTED * observed:
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
        if repeated < 10:
            warnings.append(f"Few people were seen more than {('once', 'twice')[low - 1]}: {repeated:g}.")
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


# What follows from a solution.


def _scores(solution, cells):
    """Each cell's score for one person, shape (k, cells); zero for counts that the model does not use."""
    spec = SPECIFICATIONS[solution.model]
    used = _within(spec.used, cells.times)
    beta, shape = _split(spec, solution.theta)
    with np.errstate(all="ignore"):
        terms = spec.likelihood(cells.times, beta @ cells.matrix, shape)
    scores = cells.matrix * np.where(used, terms[1], 0.0)
    return np.vstack([scores, np.broadcast_to(terms[3], cells.times.shape)]) if spec.shape else scores


def _sandwich(solution, cells, weights, groups):
    scores = _scores(solution, cells)
    if groups is None:
        middle = (scores * cells.people) @ scores.T
    else:
        row_scores = scores if cells.rows is None else scores[:, cells.rows]
        sums = np.array([np.bincount(groups, weights=one * weights) for one in row_scores])
        middle = sums @ sums.T
    return solution.covariance @ middle @ solution.covariance


def _unseen_odds(solution, cells):
    """People never seen that each person stands for; zero for counts that the model does not use."""
    spec = SPECIFICATIONS[solution.model]
    beta, shape = _split(spec, solution.theta)
    with np.errstate(all="ignore"):
        odds = spec.unseen(beta @ cells.matrix, shape)[0]
    return np.where(_within(_stand_for_unseen(solution.model), cells.times), odds, 0.0)


def _constant(spec, cells):
    # Summed by count, because there are few different counts however many people.
    times = np.flatnonzero(cells.by_count)
    times = times[_within(spec.used, times)]
    return float(cells.by_count[times] @ spec.constant(times.astype(float)))


def _interval(kind, total, observed, error, level):
    z = NormalDist().inv_cdf(0.5 + level / 2)
    if kind == "normal":
        return total - z * error, total + z * error
    unseen = total - observed
    if unseen <= 0:
        return observed, observed
    factor = math.exp(z * math.sqrt(math.log1p((error / unseen) ** 2)))
    return observed + unseen / factor, observed + unseen * factor


def _score_tests(solution, cells):
    """Standard normal deviates for one-inflation and overdispersion of the plain truncated models."""
    spec = SPECIFICATIONS[solution.model]
    if solution.model not in ("zt-poisson", "zt-geometric"):
        return {}
    size = len(cells.names)
    sums = {"one-inflation": [0.0, 0.0, np.zeros(size)], "overdispersion": [0.0, 0.0, np.zeros(size)]}
    for start in range(0, len(cells.times), _BLOCK):
        part = slice(start, start + _BLOCK)
        block, people, times = cells.matrix[:, part], cells.people[part], cells.times[part]
        eta = solution.theta @ block
        once, seen = _once(spec.family, eta)
        rate = np.exp(eta)
        single_score = 1 - rate / seen if spec.family == "poisson" else -seen
        _add(sums["one-inflation"], people, (times == 1) / once - 1, 1 / once - 1, block, single_score)
        if spec.family == "poisson":
            first, second = rate / seen, rate**2 / seen
            third, fourth = rate * second, rate**2 * second
            mean = second / 2 - rate * first
            square = (fourth + 4 * third + 2 * second) / 4 - rate * (third + 2 * second) + rate**2 * (second + first)
            product = (third + 2 * second) / 2 - rate * (second + first)
            excess = times * (times - 1) / 2 - times * rate - mean
            _add(sums["overdispersion"], people, excess, square - mean**2, block, product - mean * first)
    found = {}
    for name, (slope, variance, shared) in sums.items():
        variance = variance - shared @ solution.covariance @ shared
        if math.isfinite(variance) and variance > 1e-9:
            found[name] = float(slope / math.sqrt(variance))
    return found


def _add(sums, people, slope, variance, block, shared):
    sums[0] += people @ slope
    sums[1] += people @ variance
    sums[2] += block @ (people * shared)


def _test_warnings(tests):
    warnings = []
    if tests.get("overdispersion", 0.0) > _NOTICEABLE:
        warnings.append(
            "Counts vary more than the Poisson distribution allows: rates differ between people with the same "
            "covariates, and the total is then too low."
        )
    if tests.get("one-inflation", 0.0) > _NOTICEABLE:
        warnings.append(
            "More people were seen exactly once than the model expects: rates may differ between people, or some are "
            "one-off identities; the first makes the total too low, the second too high."
        )
    return warnings


def _coefficient_table(solution, names, asked):
    spec = SPECIFICATIONS[solution.model]
    values = solution.theta
    with np.errstate(all="ignore"):
        errors = np.sqrt(np.diag(solution.covariance))
    names = list(names) + ([spec.shape] if spec.shape else [])
    if asked.shape and not spec.shape:
        names.append(asked.shape)
        values, errors = np.append(values, -np.inf), np.append(errors, np.nan)
    with np.errstate(all="ignore"):
        table = {"estimate": values, "standard_error": errors, "z": values / errors}
    return pd.DataFrame(table, index=names)


def _fitted_table(index, solution, cells, weights):
    spec = SPECIFICATIONS[solution.model]
    beta, _ = _split(spec, solution.theta)
    with np.errstate(all="ignore"):
        rate = np.exp(beta @ cells.matrix + spec.offset)
    represents = 1 + _unseen_odds(solution, cells)
    return pd.DataFrame(
        {
            "times": cells.spread(cells.times).astype(np.int64),
            "people": weights,
            "rate": cells.spread(rate),
            "represents": cells.spread(represents),
        },
        index=index,
    )
