"""Population size from repeated captures of a closed population: nobody joins, nobody leaves.

Twelve log-linear models, from equal chances for all (M0) to chances that differ by occasion (t), by person (h) or after
the first capture (b). :func:`diagnose` tests which differences the data show; :func:`estimate` says in its warnings
when they contradict the model asked for; :func:`average` puts the doubt between models into the interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from platformlabour.counting.recapture import closed_models as fits_of
from platformlabour.counting.recapture.closed_diagnostics import Diagnostic, contradictions, diagnose
from platformlabour.counting.recapture.closed_standing import (
    BEHAVIOUR,
    CLOSED,
    IDENTITY,
    INTERVALS,
    LOWER_BOUNDS,
    MODELS,
    check_level,
    check_request,
    criteria_of,
    judge,
    limits_of,
    plausible,
)
from platformlabour.counting.recapture.loglinear import (
    existence,
    log_linear_profile,
    log_normal_interval,
    population,
    profile_interval,
)
from platformlabour.counting.recapture.thresholds import LARGEST_MULTIPLE
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "MODELS",
    "Bootstrap",
    "Diagnostic",
    "average",
    "bootstrap",
    "compare",
    "diagnose",
    "estimate",
    "estimate_from_frequencies",
]


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Estimates from populations drawn anew.

    Parameters
    ----------
    estimate : Estimate
        The estimate from the data with the bootstrap interval.
    values : numpy.ndarray, shape (replicates,)
        People; infinite for a replicate that sets no limit.
    failed : int
        Replicates without a finite estimate. They stay in the interval, as infinite.
    chosen : tuple of str
        The model used in each replicate when models are chosen anew, or empty.
    """

    estimate: Estimate
    values: np.ndarray
    failed: int
    chosen: tuple[str, ...] = ()


def estimate(
    patterns,
    model="Mt",
    *,
    level=0.95,
    bias_corrected=False,
    interval=None,
    unit="people",
    estimand="size of the closed population",
):
    """Estimate the size of a closed population under one model.

    The likelihood is that of a Poisson log-linear model of the capture patterns; N is the number captured plus
    ``exp(intercept)``. The log-likelihood and AIC keep every constant of that Poisson table, ``-log(count!)`` included,
    so that they agree with R's ``glm`` and the models of one table compare.

    The standard error of Mbh follows from the removal likelihood: people first captured on the first occasion are
    counted and add no error. (``closedp.t`` of R's Rcapture 1.4-4 leaves a factor out of its delta method for Mbh and
    gives 14.6 instead of 4.6 on the snowshoe hares; its ``closedp.bc`` has the right one.)

    Parameters
    ----------
    patterns : CapturePatterns
    model : str, default "Mt"
        One of ``MODELS``.
    level : float, default 0.95
        Coverage the interval aims at.
    bias_corrected : bool, default False
        Use the small-sample form: Chapman's for Mt on two occasions, changed frequencies otherwise.
    interval : {"profile likelihood", "log-normal"}, optional
        Profile likelihood by default; log-normal for bias-corrected forms, which have no likelihood.
    unit, estimand : str, optional
        What is counted, for the result.

    Returns
    -------
    Estimate
        ``status`` is ``"ok"`` only for a finite estimate, not below the number captured, at most 1,000 times it, with
        a standard error of at most ten times the estimate. ``"not identified"``: the data set no limit, or two
        occasions are copies of each other. ``"boundary"``: a chance of capture is estimated as 1. Warnings say which
        assumptions of the model the data contradict.

    Raises
    ------
    InputError
        If the model is unknown, has no bias-corrected form, or the level is not between 0 and 1.

    References
    ----------
    S. Baillargeon and L.-P. Rivest (2007), Journal of Statistical Software 19(5). L.-P. Rivest and T. Lévesque (2001),
    Canadian Journal of Statistics 29, 555-572. D. G. Chapman (1951), University of California Publications in
    Statistics 1, 131-160. D. L. Otis, K. P. Burnham, G. C. White and D. R. Anderson (1978), Wildlife Monographs 62.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254})
    >>> estimate(seen, "Mt")
    Estimate(2,390 people; 95% interval 2,156 to 2,670)
    >>> round(estimate(seen, "Mt", bias_corrected=True).value, 3)       # Chapman's form
    2382.798
    """
    check_request(patterns, model, level)
    if interval is not None and interval not in INTERVALS:
        raise InputError(f"the interval {interval!r}", " or ".join(INTERVALS))
    judged = judge(patterns, model)
    common = {
        "unit": unit,
        "estimand": estimand,
        "level": level,
        "bound": "lower" if model in LOWER_BOUNDS else "point",
        "observed": patterns.captured,
        "assumptions": MODELS[model],
    }
    method = f"closed-population model {model}"
    if bias_corrected:
        value, error, status, warnings = _bias_corrected(patterns, model, judged)
        limits = None
        if value is not None and error is not None and status != "not identified":
            limits = _floats(log_normal_interval(value, error, patterns.captured, level=level))
        return Estimate(
            value=value,
            method=f"{method}, bias-corrected",
            interval=limits,
            interval_kind="log-normal" if limits else "",
            status=status,
            standard_error=error,
            warnings=warnings + contradictions(patterns, model, judged),
            **common,
        )
    interval = interval or "profile likelihood"
    warnings = judged.warnings
    limits, kind = limits_of(patterns, judged, interval, level)
    if limits and not math.isfinite(limits[1]):
        warnings = (*warnings, "the data set no upper limit at this level")
    loglik, aic, _, _, df = criteria_of(patterns, judged)
    return Estimate(
        value=judged.value,
        method=method,
        interval=limits,
        interval_kind=kind,
        status=judged.status,
        standard_error=judged.standard_error,
        loglik=loglik,
        aic=aic,
        df=df,
        warnings=warnings + contradictions(patterns, model, judged),
        **common,
    )


def compare(patterns, models=None, *, level=0.95, interval="log-normal"):
    """Fit several models to the same data and lay them side by side.

    Parameters
    ----------
    patterns : CapturePatterns
    models : sequence of str, optional
        All of ``MODELS`` by default.
    level : float, default 0.95
    interval : {"log-normal", "profile likelihood"}, default "log-normal"
        The log-normal interval needs no further fits.

    Returns
    -------
    pandas.DataFrame
        One row a model: ``model, value, standard_error, lower, upper, bound, parameters, df, deviance, loglik, aic,
        bic, status, warnings``. Counts are in people; what a fit does not have is missing.

    Raises
    ------
    InputError
        If a model is unknown or the level is not between 0 and 1.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts({"110": 4, "101": 6, "011": 5, "111": 1, "100": 20, "010": 18, "001": 25})
    >>> compare(seen, ["M0", "Mt"])[["model", "df", "status"]].values.tolist()
    [['M0', 5, 'ok'], ['Mt', 3, 'ok']]
    """
    import pandas as pd

    if interval not in INTERVALS:
        raise InputError(f"the interval {interval!r}", " or ".join(INTERVALS))
    names = _names(models)
    for model in names:
        check_request(patterns, model, level)
    rows = []
    statistics = fits_of.SufficientStatistics.of(patterns)
    for model in names:
        judged = judge(patterns, model, statistics)
        limits = limits_of(patterns, judged, interval, level)[0] or (math.nan, math.nan)
        loglik, aic, bic, deviance, df = criteria_of(patterns, judged)
        rows.append(
            {
                "model": model,
                "value": judged.value,
                "standard_error": judged.standard_error,
                "lower": limits[0],
                "upper": limits[1],
                "bound": "lower" if model in LOWER_BOUNDS else "point",
                "parameters": None if judged.fits is None else int(judged.fits.size[0]),
                "df": df,
                "deviance": deviance,
                "loglik": loglik,
                "aic": aic,
                "bic": bic,
                "status": judged.status,
                "warnings": "; ".join(judged.warnings),
            }
        )
    return pd.DataFrame(rows)


def average(
    patterns,
    models=None,
    *,
    level=0.95,
    criterion="aic",
    unit="people",
    estimand="size of the closed population",
):
    """Average several models, with an interval that includes the choice between them.

    Models are weighted by ``exp(-criterion / 2)``. The estimate is the weighted mean. Its standard error adds to each
    model's own error the distance of its estimate from the mean (Buckland, Burnham and Augustin). The limits are those
    at which the weighted mean of the models' tail areas is half of what the level leaves (Turek and Fletcher): unlike
    an interval around the mean it follows two models that disagree. Each model's tail is log-normal in the number never
    captured. The lower-bound models are left out by default, because a bound is not an estimate, as are models whose
    status is not ``"ok"``.

    Parameters
    ----------
    patterns : CapturePatterns
    models : sequence of str, optional
        All point-estimate models by default. For lists without an order in time leave out Mb and Mbh.
    level : float, default 0.95
    criterion : {"aic", "bic"}, default "aic"
    unit, estimand : str, optional

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        If a model or the criterion is unknown.

    References
    ----------
    S. T. Buckland, K. P. Burnham and N. H. Augustin (1997), Model selection: an integral part of inference,
    Biometrics 53, 603-618. D. Turek and D. Fletcher (2012), Model-averaged Wald confidence intervals, Computational
    Statistics and Data Analysis 56, 2809-2815.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254})
    >>> average(seen, ["Mt"])
    Estimate(2,390 people; 95% interval 2,161 to 2,674)
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    if criterion not in ("aic", "bic"):
        raise InputError(f"the criterion {criterion!r}", "aic or bic")
    names = _names(models) if models is not None else [name for name in MODELS if name not in LOWER_BOUNDS]
    usable, warnings = [], []
    for name in names:
        check_request(patterns, name, level)
    statistics = fits_of.SufficientStatistics.of(patterns)
    for name in names:
        judged = judge(patterns, name, statistics)
        if judged.status == "ok":
            _, aic, bic, _, _ = criteria_of(patterns, judged)
            usable.append((name, judged.value, judged.standard_error, aic if criterion == "aic" else bic))
        else:
            warnings.append(f"{name} left out: {judged.status}")
    common = {
        "unit": unit,
        "estimand": estimand,
        "level": level,
        "observed": patterns.captured,
        "assumptions": (CLOSED, IDENTITY, "one of the models averaged is close to the truth"),
    }
    if not usable:
        return Estimate(
            value=None,
            method="model average",
            status="not identified",
            warnings=(*warnings, "no model could be fitted"),
            **common,
        )
    score = np.array([row[3] for row in usable])
    weights = np.exp(-(score - score.min()) / 2.0)
    weights /= weights.sum()
    values = np.array([row[1] for row in usable])
    errors = np.array([row[2] for row in usable])
    mean = float(weights @ values)
    error = float(weights @ np.sqrt(errors**2 + (values - mean) ** 2))
    unseen = np.maximum(values - patterns.captured, 1e-12)
    spread = np.maximum(np.sqrt(np.log1p((errors / unseen) ** 2)), 1e-12)

    def tail(log_unseen):
        return float(weights @ ndtr((log_unseen - np.log(unseen)) / spread))

    side = (1.0 - level) / 2.0
    low, high = float((np.log(unseen) - 40 * spread).min()), float((np.log(unseen) + 40 * spread).max())
    limits = [
        patterns.captured + math.exp(min(brentq(lambda x, area=area: tail(x) - area, low, high), 700.0))
        for area in (side, 1.0 - side)
    ]
    weight_words = ", ".join(
        f"{row[0]} {weight:.2f}" for row, weight in zip(usable, weights, strict=True) if weight >= 0.005
    )
    return Estimate(
        value=mean,
        method=f"model average by {criterion.upper()} weights ({weight_words})",
        interval=(limits[0], limits[1]),
        interval_kind="model-averaged tail areas, log-normal",
        standard_error=error,
        status=plausible(mean, error, patterns.captured),
        warnings=tuple(warnings),
        **common,
    )


def bootstrap(
    patterns,
    model="Mt",
    *,
    replicates=1000,
    seed=2026,
    level=0.95,
    reselect=(),
    unit="people",
    estimand="size of the closed population",
):
    """Parametric bootstrap: draw populations of the estimated size from the fitted model and estimate again.

    Parameters
    ----------
    patterns : CapturePatterns
    model : str, default "Mt"
        The model that draws.
    replicates : int, default 1000
    seed : int, default 2026
        The same seed gives the same numbers, whatever the number of threads.
    level : float, default 0.95
    reselect : sequence of str, optional
        Models among which each replicate chooses anew by AIC, so that the interval includes the choice. By default
        each replicate is estimated by ``model``.
    unit, estimand : str, optional

    Returns
    -------
    Bootstrap
        The interval runs between percentiles of the replicates; those without a finite estimate count as infinite.

    Raises
    ------
    InputError
        If a model is unknown, fewer than 20 replicates are asked for, or the fit to the data is not ``"ok"``.

    References
    ----------
    S. T. Buckland and P. H. Garthwaite (1991), Quantifying precision of mark-recapture estimates using the bootstrap
    and related methods, Biometrics 47, 255-268.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254})
    >>> result = bootstrap(seen, "Mt", replicates=200, seed=1)
    >>> result.failed, result.estimate.interval_kind
    (0, 'parametric bootstrap')
    """
    check_request(patterns, model, level)
    if not isinstance(replicates, int) or replicates < 20:
        raise InputError(f"{replicates!r} replicates", "a whole number of 20 or more")
    judged = judge(patterns, model)
    if judged.status != "ok":
        raise InputError(f"a fit of {model} that is {judged.status}", "a fit with status ok to draw from")
    table = fits_of.transitions(model, judged.fits, patterns.occasions)
    drawn = fits_of.simulate(table, round(judged.value), replicates, np.random.default_rng(seed))
    some = drawn.captured > 0
    names = list(reselect) or [model]
    for name in names:
        check_request(patterns, name, level)
    values = np.full((len(names), replicates), np.inf)
    score = np.full((len(names), replicates), np.inf)
    sample = _take(drawn, some)
    for row, name in enumerate(names):
        fitted = fits_of.fit(sample, name)
        good = fitted.converged & np.isfinite(fitted.value) & (fitted.value <= LARGEST_MULTIPLE * sample.captured)
        values[row, some] = np.where(good, fitted.value, np.inf)
        score[row, some] = np.where(good, 2.0 * fitted.size - 2.0 * np.where(good, fitted.kernel, 0.0), np.inf)
    best = score.argmin(axis=0)
    chosen_values = values[best, np.arange(replicates)]
    failed = int((~np.isfinite(chosen_values)).sum())
    side = (1.0 - level) / 2.0
    limits = np.quantile(chosen_values, [side, 1.0 - side], method="higher")
    warnings = judged.warnings
    if failed:
        warnings = (*warnings, f"{failed} of {replicates} replicates had no finite estimate and count as infinite")
    result = Estimate(
        value=judged.value,
        unit=unit,
        estimand=estimand,
        method=f"closed-population model {model}",
        interval=_floats(limits),
        level=level,
        interval_kind="parametric bootstrap with model choice" if reselect else "parametric bootstrap",
        bound="lower" if model in LOWER_BOUNDS else "point",
        status=judged.status,
        standard_error=float(np.std(chosen_values, ddof=1)) if not failed else None,
        observed=patterns.captured,
        assumptions=MODELS[model],
        warnings=warnings + contradictions(patterns, model, judged),
    )
    return Bootstrap(result, chosen_values, failed, tuple(names[i] for i in best) if reselect else ())


def estimate_from_frequencies(
    frequencies,
    model="M0",
    *,
    occasions=None,
    level=0.95,
    interval="profile likelihood",
    unit="people",
    estimand="size of the closed population",
):
    """Estimate the size of a closed population from how many people were captured once, twice, …

    Parameters
    ----------
    frequencies : array_like of int, shape (k,)
        People captured exactly 1, 2, …, k times.
    model : {"M0", "Mh-chao", "Mh-poisson2", "Mh-darroch", "Mh-gamma3.5"}, default "M0"
    occasions : int, optional
        Number of occasions; without it captures happen at any time and the number of captures has no ceiling.
    level : float, default 0.95
    interval : {"profile likelihood", "log-normal"}, default "profile likelihood"
    unit, estimand : str, optional

    Returns
    -------
    Estimate
        The log-likelihood is that of the k frequencies as Poisson counts.

    Raises
    ------
    InputError
        If a frequency is negative or not whole, all are zero, there are fewer occasions than captures, or the model
        needs more than the frequencies.

    References
    ----------
    S. Baillargeon and L.-P. Rivest (2007), Journal of Statistical Software 19(5), section 3.

    Examples
    --------
    >>> estimate_from_frequencies([1645, 183, 37, 13, 1, 1], "Mh-chao")
    Estimate(9,274 people, at least; 95% interval 8,088 to 10,704)
    """
    if model != "M0" and not (isinstance(model, str) and model.startswith("Mh-") and model in MODELS):
        raise InputError(f"the model {model!r}", "M0, Mh-chao, Mh-poisson2, Mh-darroch or Mh-gamma3.5")
    check_level(level)
    if interval not in INTERVALS:
        raise InputError(f"the interval {interval!r}", " or ".join(INTERVALS))
    counts = _whole_frequencies(frequencies, occasions)
    captured = int(counts.sum())
    design, sufficient, fitted, free = fits_of.fit_frequencies(counts, model, occasions)
    check = existence(design.matrix[:, free[0]], counts)
    value, error = (float(x[0]) for x in population(fitted, np.array([float(captured)]), free=free))
    warnings = []
    status = "ok"
    if not check.identified or (counts[1:] == 0).all():
        status, value, error = "not identified", None, None
        warnings.append("the frequencies set no limit to the number never captured")
    elif not fitted.converged[0] or not math.isfinite(value):
        status, value, error = "not converged", None, None
    else:
        status = plausible(value, error, captured)
    limits = None
    if value is not None:
        if interval == "log-normal":
            limits = _floats(log_normal_interval(value, error, captured, level=level))
        else:
            profile = log_linear_profile(
                design,
                sufficient[0],
                captured,
                fitted.parameters[0],
                free=free[0],
                bounded=fits_of.bounded_of(model, len(counts)),
            )
            try:
                limits = profile_interval(profile, captured, value, level=level)[1:]
            except ValueError:  # the profile cannot be followed where its cells overflow
                interval = "log-normal"
                limits = _floats(log_normal_interval(value, error, captured, level=level))
                warnings.append("the profile likelihood cannot be computed: the interval is log-normal")
    from scipy.special import gammaln

    size = int(free.sum())
    loglik = None
    if value is not None:
        loglik = float(fitted.kernel[0] + counts @ design.offset - gammaln(counts + 1.0).sum())
    return Estimate(
        value=value,
        unit=unit,
        estimand=estimand,
        method=f"closed-population model {model} from frequencies",
        interval=limits,
        level=level,
        interval_kind=interval if limits else "",
        bound="lower" if model in LOWER_BOUNDS else "point",
        status=status,
        standard_error=error,
        observed=captured,
        loglik=loglik,
        aic=None if loglik is None else 2 * size - 2 * loglik,
        df=len(counts) - size,
        assumptions=MODELS[model],
        warnings=tuple(warnings),
    )


def _bias_corrected(patterns, model, judged):
    n, t = patterns.captured, patterns.occasions
    if model.startswith("Mth") and model != "Mth-chao":
        raise InputError(f"{model}, bias-corrected", "a model with a known correction, such as Mth-chao or Mh-darroch")
    if patterns.identical_occasions or (judged.fits is None and t < 3 and model not in ("M0", "Mt", "Mb")):
        return None, None, "not identified", judged.warnings
    none_twice = patterns.recaptures == 0 and model not in BEHAVIOUR
    f1, f2 = (float(x) for x in patterns.frequencies[:2])
    if model == "Mt" and t == 2:
        only_first, only_second = (float(x) - f2 for x in patterns.captures)
        unseen = only_first * only_second / (f2 + 1.0)
        variance = (
            (only_first + f2 + 1) * (only_second + f2 + 1) * only_first * only_second / ((f2 + 1) ** 2 * (f2 + 2))
        )
        value, error = n + unseen, math.sqrt(variance)
    elif model == "Mh-chao":
        scale = (t - 1) / t
        unseen = scale * f1 * (f1 - 1) / (2 * (f2 + 1))
        fourth = f1 * (f1 - 1) * (f1 - 2) * (f1 - 3) / (4 * (f2 + 1) * (f2 + 2))
        value, error = n + unseen, math.sqrt(max(unseen + unseen**2 - scale**2 * fourth, 0.0))
    else:
        changed = fits_of.correct_bias(fits_of.SufficientStatistics.of(patterns), model)
        if (changed.first < 0).any() or (model not in BEHAVIOUR and patterns.frequencies[0] < 3):
            return None, None, "not identified", (*judged.warnings, "too few people for the bias-corrected form")
        fitted = fits_of.fit(changed, model)
        if not (fitted.converged[0] and np.isfinite(fitted.value[0])):
            return None, None, "not identified", (*judged.warnings, "too few people for the bias-corrected form")
        value = float(n + fitted.value[0] - changed.captured[0])
        error = float(fitted.standard_error[0])
    status = plausible(value, error, n)
    warnings = judged.warnings
    if none_twice:
        status = "not identified"
        warnings = (*warnings, "the bias-corrected form gives a number even so: read it as a lower limit at best")
    elif judged.status == "boundary" and status == "ok":
        status = "boundary"
    return value, error, status, warnings


def _names(models):
    if models is None:
        return list(MODELS)
    if isinstance(models, str):
        raise InputError(f"the text {models!r}", "a list of model names")
    return list(models)


def _whole_frequencies(frequencies, occasions):
    try:
        counts = np.asarray(frequencies, dtype=float)
    except (TypeError, ValueError):
        raise InputError("frequencies that are not numbers", "whole numbers of 0 or more") from None
    if counts.ndim != 1 or not counts.size:
        raise InputError("no frequencies", "people captured once, twice, …, in order")
    bad = ~((counts >= 0) & (counts == np.floor(counts)) & (counts <= 2**53))
    if bad.any():
        place = int(np.flatnonzero(bad)[0])
        raise InputError(f"{counts[place]:g} people captured {place + 1} times", "a whole number of 0 or more")
    if not counts.any():
        raise InputError("frequencies that are all 0", "at least one person captured")
    largest = int(np.flatnonzero(counts)[-1]) + 1
    if occasions is None:
        return counts[: max(largest, 2)]
    if not isinstance(occasions, int) or occasions < max(largest, 2):
        raise InputError(f"{occasions!r} occasions", f"a whole number of at least {max(largest, 2)}")
    return np.concatenate([counts[:occasions], np.zeros(max(occasions - len(counts), 0))])


def _take(statistics, rows):
    if rows.all():
        return statistics
    return fits_of.SufficientStatistics(
        statistics.captured[rows], statistics.captures[rows], statistics.frequencies[rows], statistics.first[rows]
    )


def _floats(pair):
    return float(pair[0]), float(pair[1])
