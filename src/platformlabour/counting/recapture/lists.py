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
from platformlabour.counting.recapture.list_estimates import (
    averaged_estimate,
    best_terms,
    coverage_estimate,
    log_linear_estimate,
    table_values,
    two_list_estimate,
)
from platformlabour.counting.recapture.list_fits import term_family
from platformlabour.counting.recapture.list_requests import (
    COVERAGE,
    LABELS,
    MODELS,
    SEARCHED,
    TWO_LISTS,
    check,
    check_lists,
    shape_words,
    suits,
)
from platformlabour.counting.recapture.list_search import search_fits, search_of, stepwise_tables, weights_of
from platformlabour.counting.recapture.list_standing import usable_lists
from platformlabour.counting.recapture.list_terms import bracket, parse_terms
from platformlabour.counting.recapture.loglinear import log_normal_interval
from platformlabour.counting.recapture.patterns import CapturePatterns
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
        For ``"best"`` and ``"averaged"``. BIC leans so far towards few interactions that its averages miss a weak
        dependence that all lists share, as when people differ in activity.
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
        ``status`` is ``"ok"`` only for a finite estimate, not below the number listed, at most 1,000 times it, with a
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
    check(model, level, formula, interval, criterion, threshold, heterogeneity)
    lists = usable_lists(patterns)
    terms = parse_terms(formula, patterns.names) if model == "log-linear" else ()
    check_lists(model, patterns.occasions, heterogeneity)
    if model in SEARCHED:
        search = search_of(search, patterns.occasions)
        if patterns.occasions > len(lists.kept) >= 2:
            search = search_of(None, len(lists.kept))
    common = {
        "unit": unit,
        "estimand": estimand,
        "level": level,
        "observed": patterns.captured,
        "assumptions": MODELS[model] if heterogeneity is None else (*MODELS[model], shape_words(heterogeneity)),
    }
    label = LABELS.get(model, f"log-linear model, {model}")
    problem = lists.problem
    if not problem and len(lists.kept) < 3 and (heterogeneity or model in COVERAGE):
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
    if model in TWO_LISTS:
        return two_list_estimate(lists, model, label, common)
    if model in COVERAGE:
        return coverage_estimate(lists, model, label, common)
    if model == "averaged":
        return averaged_estimate(lists, search, criterion, heterogeneity, common)
    method, warnings = None, lists.warnings
    if model == "two-way":
        terms = tuple(term for term in term_family(len(lists.kept), 2).terms if len(term) == 2)
    elif model == "stepwise":
        cells = lists.patterns.cells()[None].astype(float)
        terms = stepwise_tables(cells, len(lists.kept), threshold=threshold, shape=heterogeneity)[1][0]
        method = f"log-linear model {bracket(terms, len(lists.kept))}, chosen stepwise"
        warnings = (*warnings, "the interval takes the model chosen as if it were known")
    elif model == "best":
        terms, method, more = best_terms(lists, search, criterion, heterogeneity)
        warnings = (*warnings, *more)
        if terms is None:
            return Estimate(value=None, method=label, status="not identified", warnings=warnings, **common)
    return log_linear_estimate(lists, terms, method, warnings, heterogeneity, interval, common)


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

    check("best", 0.95, None, None, criterion, 0.02, heterogeneity)
    lists = usable_lists(patterns)
    if lists.problem:
        raise InputError(lists.problem, "lists that share people and differ")
    t, captured = lists.patterns.occasions, lists.patterns.captured
    check_lists("best", t, heterogeneity)
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
        models = [name for name in MODELS if suits(name, lists.patterns.occasions, formula)]
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
    """Sample coverage of three lists or more; see ``sample_coverage``.

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
    if model in SEARCHED:
        search = search_of(search if t == patterns.occasions else None, t)
    terms = parse_terms(formula, patterns.names) if model == "log-linear" else ()
    place = {old: new for new, old in enumerate(lists.kept)}
    terms = tuple(tuple(place[i] for i in term) for term in terms if set(term) <= set(lists.kept))

    def estimator(tables):
        return table_values(
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
