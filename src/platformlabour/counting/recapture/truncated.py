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
from platformlabour.counting.recapture.truncated_checks import score_tests, warnings_from
from platformlabour.counting.recapture.truncated_likelihoods import SPECIFICATIONS
from platformlabour.counting.recapture.truncated_maximum import (
    Cells,
    Solution,
    as_cells,
    coefficients_and_shape,
    grouped,
    maximum_likelihood,
    scores,
    unseen_odds,
    within,
)
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["MODELS", "Bootstrap", "TruncatedFit", "bootstrap", "estimate", "influence"]

MODELS = {name: specification.assumptions for name, specification in SPECIFICATIONS.items()}
"""Each model's assumptions in plain words."""

INTERVALS = ("log-normal", "normal")
COVARIANCES = ("model", "robust")


@dataclass(frozen=True, eq=False, repr=False)
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
    _cells: Cells
    _solution: Solution

    def __repr__(self):
        return f"TruncatedFit({self.model}, {self.formula}: {self.population})"


@dataclass(frozen=True, eq=False)
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
    totals: np.ndarray = field(repr=False)
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
        ``platformlabour.counting.recapture.formula``.
    model : str
        One of ``MODELS``: ``"zt-poisson"``, ``"zt-geometric"``, ``"zt-negbin"`` (zero-truncated);
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
    >>> fit
    TruncatedFit(zt-poisson, times ~ 1: Estimate(1,669 workers; 95% interval 1,477 to 1,907))
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
    cells = grouped(times, weights, design(frame, parsed))
    solution = maximum_likelihood(model, cells)
    observed = float(cells.by_count.sum())
    robust = covariance == "robust" or groups is not None
    if robust and np.all(np.isfinite(solution.covariance)):
        solution = replace(solution, covariance=_sandwich(solution, cells, weights, groups))
    warnings = list(solution.warnings)
    tests = score_tests(solution, cells) if solution.status in ("ok", "boundary") else {}
    warnings += warnings_from(tests)
    total = observed + solution.unseen
    warnings += _influence_warning(solution, cells, total)
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
        again = as_cells(cells.times[kept], drawn[kept], np.ascontiguousarray(matrix[present]), names)
        solution = maximum_likelihood(
            fit.model, again, start=theta[np.append(present, np.ones(len(theta) - len(present), bool))]
        )
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
    change = _changes(fit._solution, fit._cells)
    return pd.Series(fit._cells.spread(change), index=fit.fitted.index, name="influence")


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


# What follows from a solution.


def _changes(solution, cells):
    """First-order change of the total when one person of each cell is left out."""
    lost = 1 + unseen_odds(solution, cells)
    return -lost - solution.gradient @ solution.covariance @ scores(solution, cells)


def _influence_warning(solution, cells, total):
    """A sentence when one person moves the total by a tenth; where the total is precise nobody can."""
    if solution.status != "ok" or solution.standard_error < 0.1 * total:
        return []
    changes = np.where(cells.people > 0, np.abs(_changes(solution, cells)), 0.0)
    place = int(changes.argmax())
    if not changes[place] > 0.1 * total:
        return []
    return [
        f"One person, seen {cells.times[place]:.0f} times, moves the total by about {changes[place]:,.0f}: "
        "influence() shows who."
    ]


def _sandwich(solution, cells, weights, groups):
    each = scores(solution, cells)
    if groups is None:
        middle = (each * cells.people) @ each.T
    else:
        by_row = each if cells.rows is None else each[:, cells.rows]
        sums = np.array([np.bincount(groups, weights=one * weights) for one in by_row])
        middle = sums @ sums.T
    return solution.covariance @ middle @ solution.covariance


def _constant(spec, cells):
    # Summed by count, because there are few different counts however many people.
    times = np.flatnonzero(cells.by_count)
    times = times[within(spec.used, times)]
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
    beta, _ = coefficients_and_shape(spec, solution.theta)
    with np.errstate(all="ignore"):
        rate = np.exp(beta @ cells.matrix + spec.offset)
    represents = 1 + unseen_odds(solution, cells)
    return pd.DataFrame(
        {
            "times": cells.spread(cells.times).astype(np.int64),
            "people": weights,
            "rate": cells.spread(rate),
            "represents": cells.spread(represents),
        },
        index=index,
    )
