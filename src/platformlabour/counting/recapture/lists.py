"""Population size from two to eight overlapping lists (multiple systems estimation).

Lists of the same population that were drawn up in different ways, matched person by person. How far they overlap
tells how many people are on none, given an assumption about how the lists depend on each other; no data can test the
last part of that assumption, the dependence between all lists at once. :func:`estimate` fits one model,
:func:`compare` lays models side by side, :func:`diagnose` says in plain words how the lists depend on each other,
:func:`internal_consistency` tries a model on populations of known size, and the model ``"averaged"`` puts the doubt
between models into the interval.
"""

from __future__ import annotations

import math

import numpy as np

from platformlabour.counting.recapture.list_bootstrap import ListBootstrap, resample
from platformlabour.counting.recapture.list_coverage import SampleCoverage, sample_coverage
from platformlabour.counting.recapture.list_dependence import Dependence, dependence, two_lists
from platformlabour.counting.recapture.list_fits import fit_tables, term_family
from platformlabour.counting.recapture.list_search import (
    CRITERIA,
    averaged_limits,
    averaged_tables,
    best_tables,
    criterion_of,
    search_fits,
    search_of,
    settled_values,
    stepwise_tables,
    weights_of,
)
from platformlabour.counting.recapture.list_standing import INTERVALS, fit_terms, limits_of, plausible, usable_lists
from platformlabour.counting.recapture.list_terms import bracket, parse_terms
from platformlabour.counting.recapture.loglinear import log_normal_interval
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "MODELS",
    "Dependence",
    "ListBootstrap",
    "SampleCoverage",
    "bootstrap",
    "compare",
    "coverage",
    "diagnose",
    "estimate",
    "internal_consistency",
    "pairs",
    "rank_models",
]

_CLOSED = "the lists describe one population, which nobody joins or leaves meanwhile"
_MATCHED = "each person is matched across the lists without error"
_NO_HIGHEST = "all lists at once do not depend on each other beyond what smaller groups of lists show"


def _words(*more):
    return (*more, _CLOSED, _MATCHED)


MODELS = {
    "lincoln-petersen": _words(
        "being on one of the two lists makes being on the other neither likelier nor less likely",
        "on at least one of the lists everyone has the same chance",
    ),
    "chapman": _words(
        "being on one of the two lists makes being on the other neither likelier nor less likely",
        "on at least one of the lists everyone has the same chance",
        "corrected for the bias of small overlaps",
    ),
    "independence": _words("no list depends on any other", "everyone has the same chance to be on a given list"),
    "two-way": _words("any two lists may depend on each other", "three lists at once do not, beyond their pairs"),
    "log-linear": _words("lists depend on each other as the formula says, and not otherwise", _NO_HIGHEST),
    "stepwise": _words(
        "only pairs of lists depend on each other, and those that do show it clearly in the data",
        "the model chosen is the true one: its interval leaves the choice out",
        _NO_HIGHEST,
    ),
    "best": _words(
        "one of the models searched is the true one, and the data show which: the interval leaves the choice out",
        _NO_HIGHEST,
    ),
    "averaged": _words("one of the models searched is close to the truth; the interval includes which", _NO_HIGHEST),
    "lsc": _words(
        "people differ, and lists depend on each other two at a time",
        "the share of the population that the lists cover is low (below about 55%); the result tends to fall short",
    ),
    "hsc": _words(
        "people differ, and lists depend on each other two at a time",
        "the share of the population that the lists cover is high (55% or more)",
    ),
}
_TWO_LISTS = ("lincoln-petersen", "chapman")
_COVERAGE = ("lsc", "hsc")
_SEARCHED = ("best", "averaged")
SHAPES = ("poisson", "darroch", "gamma")
_LABELS = {
    "lincoln-petersen": "Lincoln-Petersen estimator",
    "chapman": "Chapman's estimator",
    "lsc": "sample coverage, one-step estimator",
    "hsc": "sample coverage, full estimator",
}
LOW_COVERAGE = 0.55


def estimate(
    patterns,
    model,
    *,
    formula=None,
    level=0.95,
    interval=None,
    criterion="aic",
    search=None,
    threshold=0.02,
    heterogeneity=None,
    unit="people",
    estimand="size of the population that the lists describe",
):
    """Estimate the size of a population from lists under one model.

    Log-linear models treat the counts of the patterns as independent Poisson counts; the population size is the number
    listed plus ``exp(intercept)``. Before fitting, a linear programme asks whether the table determines that number:
    if not, the result has no value. A parameter without a finite value, as for two lists that share nobody, does not
    prevent it.

    Parameters
    ----------
    patterns : CapturePatterns
        Of 2 to 8 lists.
    model : str
        One of ``MODELS``.
    formula : str or sequence, optional
        For ``"log-linear"``: ``"a + b + c + a:b"`` with the lists' names, or ``"[12,3]"`` with their numbers.
    level : float, default 0.95
        Coverage the interval aims at.
    interval : {"profile likelihood", "log-normal", "intercept"}, optional
        For one log-linear model, profile likelihood by default. ``"intercept"`` is the normal interval of the intercept
        alone, as SparseMSE prints it. All other models have the log-normal interval, averaged over models for
        ``"averaged"``.
    criterion : {"aic", "bic"}, default "aic"
        For ``"best"`` and ``"averaged"``.
    search : {"hierarchical", "two-way"}, optional
        Models for ``"best"`` and ``"averaged"``: by default every hierarchical one up to 4 lists, and every set of
        two-way interactions for 5 or 6.
    threshold : float, default 0.02
        For ``"stepwise"``: p-value below which an interaction enters.
    heterogeneity : {"poisson", "darroch", "gamma"}, optional
        Lets people differ in how likely they are to be listed, in any log-linear model of three lists or more.
    unit, estimand : str, optional

    Returns
    -------
    Estimate
        ``status`` is ``"ok"`` only for a finite estimate, not below the number listed, at most 10,000 times it, with a
        standard error of at most ten times the estimate. ``"not identified"``: the table cannot tell.
        ``"boundary"``: the model leaves nobody unlisted.

    Raises
    ------
    InputError
        If an argument is unknown, a formula is not hierarchical, or the number of lists does not suit the model.

    References
    ----------
    S. E. Fienberg (1972), The multiple recapture census for closed populations and incomplete 2^k contingency tables,
    Biometrika 59, 591-603. D. G. Chapman (1951), University of California Publications in Statistics 1, 131-160.
    L. Chan, B. W. Silverman and K. Vincent (2021), Journal of the American Statistical Association 116, 1297-1306.
    A. Chao and P. K. Tsay (1998), Journal of the American Statistical Association 93, 283-293. S. T. Buckland,
    K. P. Burnham and N. H. Augustin (1997), Biometrics 53, 603-618.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254})
    >>> estimate(seen, "lincoln-petersen")
    Estimate(2,390 people; 95% interval 2,161 to 2,674)
    >>> three = CapturePatterns.from_counts(
    ...     {"001": 63, "010": 55, "011": 18, "100": 69, "101": 17, "110": 21, "111": 28}, names=["a", "b", "c"])
    >>> estimate(three, "log-linear", formula="a + b + c + a:b").method
    'log-linear model [12,3]'
    """
    _check(model, level, formula, interval, criterion, threshold, heterogeneity)
    lists = usable_lists(patterns)
    terms = parse_terms(formula, patterns.names) if model == "log-linear" else ()
    _check_lists(model, patterns.occasions, heterogeneity)
    if model in _SEARCHED:
        search = search_of(search, patterns.occasions)
        if patterns.occasions > len(lists.kept) >= 2:
            search = search_of(None, len(lists.kept))
    common = {
        "unit": unit,
        "estimand": estimand,
        "level": level,
        "observed": patterns.captured,
        "assumptions": MODELS[model] if heterogeneity is None else (*MODELS[model], _shape_words(heterogeneity)),
    }
    label = _LABELS.get(model, f"log-linear model, {model}")
    problem = lists.problem
    if not problem and len(lists.kept) < 3 and (heterogeneity or model in _COVERAGE):
        problem = "fewer than three lists hold anybody"
    if not problem and model == "log-linear":
        place = {old: new for new, old in enumerate(lists.kept)}
        terms = tuple(tuple(place[i] for i in term) for term in terms if set(term) <= set(lists.kept))
    if not problem and any(len(term) >= len(lists.kept) for term in terms):
        problem = "without its empty lists the model has an interaction of all lists"
    if not problem and model == "two-way" and len(lists.kept) < 3:
        problem = "fewer than three lists hold anybody, too few for two of them to depend on each other"
    if problem:
        return Estimate(
            value=None, method=label, status="not identified", warnings=(*lists.warnings, problem), **common
        )
    if model in _TWO_LISTS:
        return _two_list_estimate(lists, model, label, common)
    if model in _COVERAGE:
        return _coverage_estimate(lists, model, label, common)
    if model == "averaged":
        return _averaged_estimate(lists, search, criterion, heterogeneity, common)
    method, warnings = None, lists.warnings
    if model == "two-way":
        terms = tuple(term for term in term_family(len(lists.kept), 2).terms if len(term) == 2)
    elif model == "stepwise":
        cells = lists.patterns.cells()[None].astype(float)
        terms = stepwise_tables(cells, len(lists.kept), threshold=threshold, shape=heterogeneity)[1][0]
        method = f"log-linear model {bracket(terms, len(lists.kept))}, chosen stepwise"
        warnings = (*warnings, "the interval takes the model chosen as if it were known")
    elif model == "best":
        terms, method, more = _best_terms(lists, search, criterion, heterogeneity)
        warnings = (*warnings, *more)
        if terms is None:
            return Estimate(value=None, method=label, status="not identified", warnings=warnings, **common)
    return _log_linear_estimate(lists, terms, method, warnings, heterogeneity, interval, common)


def _log_linear_estimate(lists, terms, method, warnings, shape, interval, common):
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
    return (f"the lists depend on each other more than this model allows ({_p(p)} against all two-way interactions)",)


def _two_list_estimate(lists, model, label, common):
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


def _coverage_estimate(lists, model, label, common):
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
    if error is None and status == "ok":
        status = "not converged"
    if status == "below observed":
        warnings = (*warnings, "the estimate is below the number of people listed")
    if model == "hsc" and found.coverage < LOW_COVERAGE:
        warnings = (
            *warnings,
            f"sample coverage is only {100 * found.coverage:.0f}%, below {100 * LOW_COVERAGE:.0f}%: use lsc",
        )
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


def _best_terms(lists, search, criterion, shape):
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


def _averaged_estimate(lists, search, criterion, shape, common):
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


def rank_models(patterns, *, criterion="bic", search=None, heterogeneity=None):
    """Fit every model of a search and rank them.

    Parameters
    ----------
    patterns : CapturePatterns
        Of 2 to 6 lists.
    criterion : {"aic", "bic"}, default "bic"
    search : {"hierarchical", "two-way"}, optional
        As for :func:`estimate`.
    heterogeneity : {"poisson", "darroch", "gamma"}, optional

    Returns
    -------
    pandas.DataFrame
        One row a model, best first: ``model, value, standard_error, deviance, df, aic, bic, weight, usable``. Models
        that the table does not determine come last, without weight.

    Raises
    ------
    InputError
        If an argument is unknown, there are too many lists for the search, or the lists say nothing about anybody else.

    References
    ----------
    S. Baillargeon and L.-P. Rivest (2007), Journal of Statistical Software 19(5), section 3.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts(
    ...     {"001": 63, "010": 55, "011": 18, "100": 69, "101": 17, "110": 21, "111": 28})
    >>> rank_models(seen)["model"].tolist()[:3]
    ['[12,13,23]', '[1,2,3]', '[12,23]']
    """
    import pandas as pd
    from scipy.special import xlogy

    _check("best", 0.95, None, None, criterion, 0.02, heterogeneity)
    lists = usable_lists(patterns)
    if lists.problem:
        raise InputError(lists.problem, "lists that share people and differ")
    t, captured = lists.patterns.occasions, lists.patterns.captured
    _check_lists("best", t, heterogeneity)
    cells = lists.patterns.cells().astype(float)
    family, models, fits, loglik, good = search_fits(cells, t, search=search_of(search, t), shape=heterogeneity)
    saturated = float(xlogy(cells, cells).sum() - captured)
    table = pd.DataFrame(
        {
            "model": [bracket([x for x in family.terms_of(row) if len(x) > 1], t) for row in models],
            "value": np.where(fits.usable, fits.value, np.nan),
            "standard_error": np.where(fits.usable, fits.standard_error, np.nan),
            "deviance": np.maximum(2.0 * (saturated - fits.kernel), 0.0),
            "df": len(cells) - fits.size,
            "aic": 2.0 * fits.size - 2.0 * loglik,
            "bic": math.log(captured) * fits.size - 2.0 * loglik,
            "usable": good,
        }
    )
    score = np.where(good, table[criterion], np.inf)
    table.insert(7, "weight", weights_of(score) if good.any() else 0.0)
    order = np.lexsort((table[criterion], ~good))
    return table.iloc[order].reset_index(drop=True)


def compare(patterns, models=None, *, formula=None, level=0.95, criterion="aic"):
    """Lay several estimates from the same lists side by side.

    Parameters
    ----------
    patterns : CapturePatterns
    models : sequence of str, optional
        By default all of ``MODELS`` that suit the number of lists, with ``"log-linear"`` only if a formula is given.
    formula : str or sequence, optional
        For ``"log-linear"``.
    level : float, default 0.95
    criterion : {"aic", "bic"}, default "aic"

    Returns
    -------
    pandas.DataFrame
        One row a model: ``model, method, value, standard_error, lower, upper, interval_kind, df, aic, status,
        warnings``. Counts are in people; what a result does not have is missing.

    Raises
    ------
    InputError
        If a model is unknown or does not suit the number of lists.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254})
    >>> compare(seen)[["model", "status"]].values.tolist()
    [['lincoln-petersen', 'ok'], ['chapman', 'ok'], ['independence', 'ok']]
    """
    import pandas as pd

    lists = usable_lists(patterns)
    if isinstance(models, str):
        raise InputError(f"the text {models!r}", "a list of model names")
    if models is None:
        models = [name for name in MODELS if _suits(name, lists.patterns.occasions, formula)]
    rows = []
    for name in models:
        found = estimate(
            patterns,
            name,
            formula=formula if name == "log-linear" else None,
            level=level,
            criterion=criterion,
        )
        low, high = found.interval or (math.nan, math.nan)
        rows.append(
            {
                "model": name,
                "method": found.method,
                "value": found.value,
                "standard_error": found.standard_error,
                "lower": low,
                "upper": high,
                "interval_kind": found.interval_kind,
                "df": found.df,
                "aic": found.aic,
                "status": found.status,
                "warnings": "; ".join(found.warnings),
            }
        )
    return pd.DataFrame(rows)


def _suits(name, occasions, formula):
    if name == "log-linear":
        return formula is not None
    if occasions == 2:
        return name in (*_TWO_LISTS, "independence")
    if name in _SEARCHED and occasions > 6:
        return False
    return name not in _TWO_LISTS


def pairs(patterns, *, level=0.95):
    """Two-list estimates from every pair of lists.

    Pairs that attract each other give too low a number, pairs that avoid each other too high a one; a wide spread over
    the pairs shows that independence fails somewhere.

    Parameters
    ----------
    patterns : CapturePatterns
    level : float, default 0.95

    Returns
    -------
    pandas.DataFrame
        One row a pair: ``first, second, first_people, second_people, both, petersen, chapman, standard_error, lower,
        upper``; the last three belong to Chapman's estimate, with a log-normal interval. ``petersen`` is missing for a
        pair that shares nobody.

    References
    ----------
    G. A. F. Seber (1982), The Estimation of Animal Abundance, 2nd edition, section 3.1. A. Chao et al. (2001),
    Statistics in Medicine 20, 3123-3157.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254}, names=["ads", "site"])
    >>> pairs(seen)[["first", "second", "both", "chapman"]].round(1).values.tolist()
    [['ads', 'site', 167, 2382.8]]
    """
    import pandas as pd

    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    usable_lists(patterns)
    together = (patterns.histories.T.astype(float) * patterns.counts) @ patterns.histories
    rows = []
    for i in range(patterns.occasions):
        for k in range(i + 1, patterns.occasions):
            first, second, both = int(together[i, i]), int(together[k, k]), int(together[i, k])
            found = two_lists(first, second, both)
            low, high = log_normal_interval(
                found["chapman"], found["chapman_error"], first + second - both, level=level
            )
            rows.append(
                {
                    "first": patterns.names[i],
                    "second": patterns.names[k],
                    "first_people": first,
                    "second_people": second,
                    "both": both,
                    "petersen": found["petersen"],
                    "chapman": found["chapman"],
                    "standard_error": found["chapman_error"],
                    "lower": float(low),
                    "upper": float(high),
                }
            )
    return pd.DataFrame(rows)


def coverage(patterns):
    """Sample coverage of three lists or more; see :func:`list_coverage.sample_coverage`.

    Parameters
    ----------
    patterns : CapturePatterns

    Returns
    -------
    SampleCoverage

    Raises
    ------
    InputError
        If fewer than three lists hold anybody, or the lists share nobody.
    """
    lists = usable_lists(patterns)
    if lists.problem:
        raise InputError(lists.problem, "lists that share people and differ")
    if len(lists.kept) < 3:
        raise InputError("fewer than three lists that hold anybody", "three lists or more")
    return sample_coverage(lists.patterns)


def diagnose(patterns):
    """How the lists depend on each other, in plain words.

    Parameters
    ----------
    patterns : CapturePatterns

    Returns
    -------
    tuple of Dependence
        First on all lists together, then on each pair, then on whatever makes estimation hard.

    References
    ----------
    Each pair is tested among the people on some other list, where nobody is missing from the table: E. B. Hook and
    R. R. Regal (1995), Capture-recapture methods in epidemiology, Epidemiologic Reviews 17, 243-264.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts(
    ...     {"001": 63, "010": 55, "011": 18, "100": 69, "101": 17, "110": 21, "111": 28}, names=["a", "b", "c"])
    >>> for test in diagnose(seen)[:2]:
    ...     print(test.finding)
    The lists are not independent (p < 0.001): an estimate that takes them as independent is not to be trusted.
    a and b attract each other: among the people on other lists, being on one raises the odds to be on the other 5.6 \
times (p < 0.001).
    """
    return dependence(usable_lists(patterns))


def internal_consistency(patterns, model="averaged", *, level=0.95, criterion="aic"):
    """Try a model on populations of known size: the people on each list, estimated from the other lists.

    Parameters
    ----------
    patterns : CapturePatterns
        Of three lists or more; a model that needs three lists needs four here.
    model : str, default "averaged"
        One of ``MODELS`` without a formula.
    level : float, default 0.95
    criterion : {"aic", "bic"}, default "aic"

    Returns
    -------
    pandas.DataFrame
        One row a list: ``list, known, observed, value, lower, upper, ratio, covered, status``. ``known`` is the number
        on the list, ``observed`` those of them on other lists too, ``ratio`` the estimate over the known number, and
        ``covered`` whether the interval holds it (missing without an interval).

    Raises
    ------
    InputError
        If there are fewer than three lists, or the model needs a formula or does not suit the lists that remain.

    References
    ----------
    O. Binette and R. C. Steorts (2022), On the reliability of multiple systems estimation for the quantification of
    modern slavery, Journal of the Royal Statistical Society A 185, 640-676.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts(
    ...     {"001": 63, "010": 55, "011": 18, "100": 69, "101": 17, "110": 21, "111": 28}, names=["a", "b", "c"])
    >>> internal_consistency(seen, "independence")[["list", "known", "observed", "status"]].values.tolist()
    [['a', 135, 66, 'ok'], ['b', 122, 67, 'ok'], ['c', 126, 63, 'ok']]
    """
    import pandas as pd

    from platformlabour.counting.recapture.patterns import CapturePatterns

    usable_lists(patterns)
    if patterns.occasions < 3:
        raise InputError(f"{patterns.occasions} lists", "three or more, so that two remain for each")
    if model == "log-linear":
        raise InputError("a model with a formula", "another model: the formula would not fit the lists that remain")
    rows = []
    for place, name in enumerate(patterns.names):
        others = np.delete(patterns.histories, place, axis=1)
        members = patterns.histories[:, place] == 1
        known = int(patterns.counts[members].sum())
        found_again = members & others.any(axis=1)
        row = {"list": name, "known": known, "observed": int(patterns.counts[found_again].sum())}
        result = None
        if row["observed"]:
            inside = CapturePatterns.from_histories(
                others[found_again],
                patterns.counts[found_again],
                names=[other for other in patterns.names if other != name],
            )
            result = estimate(inside, model, level=level, criterion=criterion)
        usable = result is not None and result.value is not None
        low, high = (result.interval if usable else None) or (math.nan, math.nan)
        rows.append(
            row
            | {
                "value": result.value if usable else None,
                "lower": low,
                "upper": high,
                "ratio": result.value / known if usable else None,
                "covered": bool(low <= known <= high) if math.isfinite(low) else None,
                "status": "not identified" if result is None else result.status,
            }
        )
    return pd.DataFrame(rows)


def bootstrap(
    patterns,
    model,
    *,
    formula=None,
    replicates=1000,
    seed=2026,
    level=0.95,
    kind="bca",
    criterion="aic",
    search=None,
    threshold=0.02,
    heterogeneity=None,
    unit="people",
    estimand="size of the population that the lists describe",
):
    """Bootstrap interval that repeats the choice of the model in every sample.

    Samples are drawn from the people listed, with replacement; the model is chosen and fitted anew in each. The BCa
    interval corrects the percentiles for bias and for a standard error that changes with the estimate, the latter by
    leaving out one person at a time.

    Parameters
    ----------
    patterns, model, formula, level, criterion, search, threshold, heterogeneity, unit, estimand
        As for :func:`estimate`.
    replicates : int, default 1000
    seed : int, default 2026
        The same seed gives the same numbers.
    kind : {"bca", "percentile"}, default "bca"

    Returns
    -------
    ListBootstrap

    Raises
    ------
    InputError
        As for :func:`estimate`; also if there are fewer than 20 replicates, or the estimate is not ``"ok"``.

    References
    ----------
    B. Efron (1987), Better bootstrap confidence intervals, Journal of the American Statistical Association 82, 171-185.
    L. Chan, B. W. Silverman and K. Vincent (2021), Journal of the American Statistical Association 116, 1297-1306.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts(
    ...     {"001": 63, "010": 55, "011": 18, "100": 69, "101": 17, "110": 21, "111": 28})
    >>> result = bootstrap(seen, "stepwise", replicates=200, seed=1)
    >>> result.estimate.interval_kind, len(result.values)
    ('BCa bootstrap with model choice', 200)
    """
    if kind not in ("bca", "percentile"):
        raise InputError(f"the kind {kind!r}", "bca or percentile")
    if not isinstance(replicates, int) or replicates < 20:
        raise InputError(f"{replicates!r} replicates", "a whole number of 20 or more")
    options = {
        "formula": formula,
        "level": level,
        "criterion": criterion,
        "search": search,
        "threshold": threshold,
        "heterogeneity": heterogeneity,
    }
    found = estimate(patterns, model, **options, unit=unit, estimand=estimand)
    if found.status != "ok":
        raise InputError(f"an estimate that is {found.status}", "an estimate with status ok to resample around")
    lists = usable_lists(patterns)
    t = lists.patterns.occasions
    if model in _SEARCHED:
        search = search_of(search if t == patterns.occasions else None, t)
    terms = parse_terms(formula, patterns.names) if model == "log-linear" else ()
    place = {old: new for new, old in enumerate(lists.kept)}
    terms = tuple(tuple(place[i] for i in term) for term in terms if set(term) <= set(lists.kept))

    def estimator(tables):
        return _table_values(
            tables, t, model, terms, criterion=criterion, search=search, threshold=threshold, shape=heterogeneity
        )

    return resample(
        lists.patterns,
        estimator,
        found,
        replicates=replicates,
        seed=seed,
        kind=kind,
        chooses=model in ("stepwise", "best", "averaged"),
    )


def _table_values(tables, occasions, model, terms, *, criterion, search, threshold, shape):
    """Point estimates from many tables of cells, infinite where there is none, and the interactions chosen."""
    none = ((),) * len(tables)
    if model in _TWO_LISTS:
        name = "chapman" if model == "chapman" else "petersen"
        values = [two_lists(int(a + c), int(b + c), int(c))[name] for b, a, c in tables]
        return np.array([math.inf if value is None else value for value in values]), none
    if model in _COVERAGE:
        from platformlabour.counting.recapture.loglinear import pattern_matrix
        from platformlabour.counting.recapture.patterns import CapturePatterns

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


def _check(model, level, formula, interval, criterion, threshold, shape):
    if model not in MODELS:
        raise InputError(f"the model {model!r}", f"one of {', '.join(MODELS)}")
    if not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    if model == "log-linear" and formula is None:
        raise InputError('the model "log-linear" without a formula', 'a formula such as "a + b + c + a:b" or "[12,3]"')
    if model != "log-linear" and formula is not None:
        raise InputError(f"a formula for the model {model!r}", 'no formula, or the model "log-linear"')
    if interval is not None and interval not in INTERVALS:
        raise InputError(f"the interval {interval!r}", " or ".join(INTERVALS))
    if interval is not None and model in (*_TWO_LISTS, *_COVERAGE, "averaged"):
        raise InputError(f"the interval {interval!r} for the model {model!r}", "no choice of interval for this model")
    if criterion not in CRITERIA:
        raise InputError(f"the criterion {criterion!r}", " or ".join(CRITERIA))
    if not isinstance(threshold, int | float) or not 0 < threshold < 1:
        raise InputError(f"the threshold {threshold!r}", "a p-value between 0 and 1, such as 0.02")
    if shape is not None and shape not in SHAPES:
        raise InputError(f"the heterogeneity {shape!r}", " or ".join(SHAPES))
    if shape is not None and model in (*_TWO_LISTS, *_COVERAGE):
        raise InputError(f"heterogeneity for the model {model!r}", "a log-linear model")


def _check_lists(model, occasions, shape):
    if model in _TWO_LISTS and occasions != 2:
        raise InputError(f"{occasions} lists for the model {model!r}", "two lists; pairs() does every two of them")
    if occasions < 3 and (model in (*_COVERAGE, "two-way") or shape is not None):
        raise InputError(f"{occasions} lists", f"three lists or more for {'heterogeneity' if shape else model}")


def _shape_words(shape):
    return f"people differ in how likely they are to be listed, in the way of {shape.capitalize()}'s model"


def _p(p):
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
