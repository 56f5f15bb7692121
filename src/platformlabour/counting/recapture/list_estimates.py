"""Estimates from lists, one function a kind of model, once the request and the lists have been checked."""

from __future__ import annotations

import math

import numpy as np

from platformlabour.counting.recapture.list_coverage import sample_coverage
from platformlabour.counting.recapture.list_dependence import p_words, two_lists
from platformlabour.counting.recapture.list_fits import fit_tables, term_family
from platformlabour.counting.recapture.list_requests import COVERAGE, TWO_LISTS
from platformlabour.counting.recapture.list_search import (
    averaged_limits,
    averaged_tables,
    best_tables,
    criterion_of,
    search_fits,
    settled_values,
    stepwise_tables,
    weights_of,
)
from platformlabour.counting.recapture.list_standing import fit_terms, limits_of, plausible, usable_lists
from platformlabour.counting.recapture.list_terms import bracket
from platformlabour.counting.recapture.loglinear import log_normal_interval, pattern_matrix
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.counting.recapture.thresholds import APPROXIMATE
from platformlabour.estimate import Estimate

__all__ = [
    "averaged_estimate",
    "best_terms",
    "coverage_estimate",
    "log_linear_estimate",
    "table_values",
    "two_list_estimate",
]

# Chao and Tsay's threshold between the one-step and the full estimator.
LOW_COVERAGE = 0.55


def log_linear_estimate(lists, terms, method, warnings, shape, interval, common):
    standing = fit_terms(lists.patterns, terms, shape=shape)
    interval = interval or "profile likelihood"
    limits = None
    if standing.status in ("ok", "boundary", "implausible"):
        limits = limits_of(lists.patterns, terms, standing, interval, level=common["level"], shape=shape)
    warnings = (*warnings, *standing.warnings)
    if limits is not None and not math.isfinite(limits[1]):
        warnings = (*warnings, "the data set no upper limit at this level")
    method = method or f"log-linear model {bracket(terms, lists.patterns.occasions)}"
    return Estimate(
        value=standing.value,
        method=method if shape is None else f"{method} with {shape} heterogeneity",
        interval=limits,
        interval_kind=interval if limits else "",
        status=standing.status,
        standard_error=standing.standard_error,
        loglik=standing.loglik,
        aic=standing.aic(),
        df=None if standing.fit is None else (1 << lists.patterns.occasions) - 1 - standing.size,
        warnings=(*warnings, *_contradiction(lists, terms, shape)),
        **common,
    )


def _contradiction(lists, terms, shape):
    """A warning when the data reject a model against that of all two-way interactions."""
    from scipy.special import chdtrc

    t = lists.patterns.occasions
    if t < 3 or any(len(term) > 2 for term in terms):
        return ()
    family = term_family(t, 2, shape)
    everything = tuple(term for term in family.terms if len(term) == 2)
    missing = len(everything) - len(terms)
    if not missing or family.matrix.shape[1] > family.matrix.shape[0]:
        return ()
    counts = lists.patterns.cells()[None].astype(float)
    fits = fit_tables(family, counts, np.stack([family.model(terms), family.model(everything)]))
    if not fits.usable[1]:
        return ()
    p = float(chdtrc(missing, max(2.0 * (fits.kernel[1] - fits.kernel[0]), 0.0)))
    if p >= 0.01:
        return ()
    return (
        f"the lists depend on each other more than this model allows ({p_words(p)} against all two-way interactions)",
    )


def two_list_estimate(lists, model, label, common):
    first, second, both = _two(lists.patterns)
    rows = two_lists(first, second, both)
    prefix = "chapman" if model == "chapman" else "petersen"
    value, error = rows[prefix], rows[f"{prefix}_error"]
    warnings, limits = lists.warnings, None
    status = plausible(value, error, lists.patterns.captured)
    if status == "ok" and value - lists.patterns.captured < 1e-9:
        status = "boundary"
        warnings = (*warnings, "nobody seems to be missing from both lists")
    if error is not None and status == "ok":
        limits = log_normal_interval(value, error, lists.patterns.captured, level=common["level"])
    return Estimate(
        value=value,
        method=label,
        interval=limits,
        interval_kind="log-normal" if limits else "",
        status=status,
        standard_error=error,
        warnings=warnings,
        **common,
    )


def _two(patterns):
    both = patterns.counts[(patterns.histories.sum(axis=1) == 2)].sum()
    return int(patterns.captures[0]), int(patterns.captures[1]), int(both)


def coverage_estimate(lists, model, label, common):
    found = sample_coverage(lists.patterns)
    name = "low_coverage" if model == "lsc" else "high_coverage"
    value, error = getattr(found, name), found.errors[name]
    warnings, limits = lists.warnings, None
    if not math.isfinite(value):
        return Estimate(
            value=None,
            method=label,
            status="not identified",
            warnings=(*warnings, "the lists depend on each other too strongly for this estimator"),
            **common,
        )
    if value < 0:
        words = "the lists avoid each other so much that the estimate is negative"
        return Estimate(value=None, method=label, status="not identified", warnings=(*warnings, words), **common)
    status = plausible(value, error, lists.patterns.captured)
    if status == "ok" and value - lists.patterns.captured < 1e-6:
        value, status = float(lists.patterns.captured), "boundary"
        warnings = (*warnings, "nobody seems to be missing from the lists")
    elif error is None and status == "ok":
        status = "not converged"
    if status == "below observed":
        warnings = (*warnings, "the estimate is below the number of people listed")
    if model == "hsc" and found.coverage < LOW_COVERAGE:
        warnings = (
            *warnings,
            f"sample coverage is only {100 * found.coverage:.0f}%, below {100 * LOW_COVERAGE:.0f}%: use lsc",
        )
    if status == "ok":
        warnings = (*warnings, APPROXIMATE)
    if status in ("ok", "implausible") and error is not None:
        limits = log_normal_interval(value, error, lists.patterns.captured, level=common["level"])
    return Estimate(
        value=value,
        method=label,
        interval=limits,
        interval_kind="log-normal" if limits else "",
        status=status,
        standard_error=error,
        warnings=warnings,
        **common,
    )


def best_terms(lists, search, criterion, shape):
    t = lists.patterns.occasions
    family, models, fits, _, good = search_fits(lists.patterns.cells(), t, search=search, shape=shape)
    if not good.any():
        return None, None, ("no model of the search has a usable estimate",)
    score = np.where(good, criterion_of(fits.kernel, fits.size, lists.patterns.captured, criterion), np.inf)
    row = models[int(score.argmin())]
    terms = tuple(term for term in family.terms_of(row) if len(term) > 1)
    method = f"log-linear model {bracket(terms, t)}, best of {len(models):,} {search} models by {criterion.upper()}"
    warnings = ["the interval takes the model chosen as if it were known"]
    if not good.all():
        warnings.append(f"{int((~good).sum()):,} of {len(models):,} models left out: the table does not determine them")
    return terms, method, tuple(warnings)


def averaged_estimate(lists, search, criterion, shape, common):
    t, captured = lists.patterns.occasions, lists.patterns.captured
    _, models, fits, _, good = search_fits(lists.patterns.cells(), t, search=search, shape=shape)
    method = f"average of {len(models):,} {search} log-linear models weighted by {criterion.upper()}"
    if not good.any():
        words = "no model of the search has a usable estimate"
        return Estimate(value=None, method=method, status="not identified", warnings=(*lists.warnings, words), **common)
    weights = weights_of(np.where(good, criterion_of(fits.kernel, fits.size, captured, criterion), np.inf))
    values, errors, weights = fits.value[good], fits.standard_error[good], weights[good]
    value = float(weights @ values)
    error = float(weights @ np.sqrt(errors**2 + (values - value) ** 2))
    warnings = lists.warnings
    if not good.all():
        warnings = (
            *warnings,
            f"{int((~good).sum()):,} of {len(models):,} models left out: the table does not determine them",
        )
    low, high = averaged_limits(values, errors, weights, captured, level=common["level"])
    return Estimate(
        value=value,
        method=method if shape is None else f"{method} with {shape} heterogeneity",
        # The mean of skewed models may lie beyond a limit of their mixture.
        interval=(min(low, value), max(high, value)),
        interval_kind="model-averaged log-normal",
        status=plausible(value, error, captured),
        standard_error=error,
        warnings=warnings,
        **common,
    )


def table_values(tables, occasions, model, terms, *, criterion, search, threshold, shape):
    """Point estimates from many tables of cells, infinite where there is none, and the interactions chosen."""
    none = ((),) * len(tables)
    if model in TWO_LISTS:
        name = "chapman" if model == "chapman" else "petersen"
        values = [two_lists(int(a + c), int(b + c), int(c))[name] for b, a, c in tables]
        return np.array([math.inf if value is None else value for value in values]), none
    if model in COVERAGE:
        values = []
        for table in tables:
            found = usable_lists(CapturePatterns.from_histories(pattern_matrix(occasions), table))
            value = math.nan
            if not found.problem and len(found.kept) >= 3:
                coverages = sample_coverage(found.patterns)
                value = coverages.low_coverage if model == "lsc" else coverages.high_coverage
            values.append(value if math.isfinite(value) and value >= 0 else math.inf)
        return np.array(values), none
    if model == "stepwise":
        return stepwise_tables(tables, occasions, threshold=threshold, shape=shape)
    if model == "best":
        return best_tables(tables, occasions, criterion=criterion, search=search, shape=shape)
    if model == "averaged":
        return averaged_tables(tables, occasions, criterion=criterion, search=search, shape=shape)
    if model == "two-way":
        terms = tuple(term for term in term_family(occasions, 2).terms if len(term) == 2)
    family = term_family(occasions, max([2, *map(len, terms)]), shape)
    fits = fit_tables(family, tables, family.model(terms)[None])
    return settled_values(fits, tables.sum(axis=1)), none
