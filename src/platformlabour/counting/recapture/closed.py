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
from platformlabour.counting.recapture.loglinear import (
    Existence,
    existence,
    log_linear_profile,
    log_normal_interval,
    pattern_matrix,
    population,
    profile_interval,
)
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "LARGEST_MULTIPLE",
    "LARGEST_RELATIVE_ERROR",
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

# An estimate beyond either is called implausible: more than ten thousand times the people seen, or a standard error of
# more than ten times the estimate.
LARGEST_MULTIPLE = 1e4
LARGEST_RELATIVE_ERROR = 10.0
# Below seven recaptures even the two-occasion estimate is biased (Robson and Regier 1964).
FEW_RECAPTURES = 7

_CLOSED = "nobody joins or leaves between the first occasion and the last"
_IDENTITY = "each identity is one real person, recognised whenever seen again"
_SHAPES = {
    "chao": "nothing else about how they differ: the result is a lower bound",
    "poisson2": "the logarithms of their odds differ as in a Poisson mixture (little spread)",
    "darroch": "the logarithms of their odds are spread like a normal curve among those never captured",
    "gamma3.5": "the logarithms of their odds are spread like a gamma curve among those never captured (long tail)",
}


def _words(*more):
    return (*more, _CLOSED, _IDENTITY)


MODELS = {
    "M0": _words("everyone has the same chance on every occasion"),
    "Mt": _words("everyone has the same chance on a given occasion", "chances may differ between occasions"),
    **{
        f"Mh-{kind}": _words("each person keeps the same chance on every occasion", "people differ", words)
        for kind, words in _SHAPES.items()
    },
    **{
        f"Mth-{kind}": _words("chances differ between occasions, for all in the same way", "people differ", words)
        for kind, words in _SHAPES.items()
    },
    "Mb": _words(
        "everyone not yet captured has the same chance on every occasion",
        "the chance may change, once, after the first capture",
        "the occasions follow each other in time",
    ),
    "Mbh": _words(
        "everyone not yet captured has the same chance from the second occasion on, and another on the first",
        "the chance may change, once, after the first capture",
        "the occasions follow each other in time",
    ),
}
_LOWER_BOUNDS = ("Mh-chao", "Mth-chao")
_BEHAVIOUR = ("Mb", "Mbh")
INTERVALS = ("profile likelihood", "log-normal")


@dataclass(frozen=True)
class Diagnostic:
    """A test of one assumption.

    Parameters
    ----------
    question : str
        ``"time"``, ``"heterogeneity"`` or ``"behaviour"``.
    statistic, p_value : float or None
        Likelihood ratio and its p-value; ``None`` when the data cannot answer.
    df : int or None
        Degrees of freedom.
    finding : str
        In plain words.
    """

    question: str
    statistic: float | None
    df: int | None
    p_value: float | None
    finding: str


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


@dataclass(frozen=True, eq=False)
class _Judged:
    """A fit to one table with its standing."""

    model: str
    fits: fits_of.ModelFits | None
    status: str
    warnings: tuple[str, ...] = ()

    @property
    def value(self):
        return None if self.fits is None or not np.isfinite(self.fits.value[0]) else float(self.fits.value[0])

    @property
    def standard_error(self):
        if self.value is None or not np.isfinite(self.fits.standard_error[0]):
            return None
        return float(self.fits.standard_error[0])


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
        ``status`` is ``"ok"`` only for a finite estimate, not below the number captured, at most 10,000 times it, with
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
    _check(patterns, model, level)
    if interval is not None and interval not in INTERVALS:
        raise InputError(f"the interval {interval!r}", " or ".join(INTERVALS))
    judged = _judge(patterns, model)
    common = {
        "unit": unit,
        "estimand": estimand,
        "level": level,
        "bound": "lower" if model in _LOWER_BOUNDS else "point",
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
            warnings=warnings + _contradictions(patterns, model, judged),
            **common,
        )
    interval = interval or "profile likelihood"
    warnings = judged.warnings
    limits = None
    if judged.value is not None and judged.status in ("ok", "implausible", "boundary"):
        limits = _interval(patterns, judged, interval, level)
        if not math.isfinite(limits[1]):
            warnings = (*warnings, "the data set no upper limit at this level")
    loglik, aic, _, _, df = _criteria(patterns, judged)
    return Estimate(
        value=judged.value,
        method=method,
        interval=limits,
        interval_kind=interval if limits else "",
        status=judged.status,
        standard_error=judged.standard_error,
        loglik=loglik,
        aic=aic,
        df=df,
        warnings=warnings + _contradictions(patterns, model, judged),
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
        _check(patterns, model, level)
    rows = []
    statistics = fits_of.SufficientStatistics.of(patterns)
    for model in names:
        judged = _judge(patterns, model, statistics)
        limits = (math.nan, math.nan)
        if judged.value is not None and judged.status in ("ok", "implausible", "boundary"):
            limits = _interval(patterns, judged, interval, level)
        loglik, aic, bic, deviance, df = _criteria(patterns, judged)
        rows.append(
            {
                "model": model,
                "value": judged.value,
                "standard_error": judged.standard_error,
                "lower": limits[0],
                "upper": limits[1],
                "bound": "lower" if model in _LOWER_BOUNDS else "point",
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
    names = _names(models) if models is not None else [name for name in MODELS if name not in _LOWER_BOUNDS]
    usable, warnings = [], []
    for name in names:
        _check(patterns, name, level)
    statistics = fits_of.SufficientStatistics.of(patterns)
    for name in names:
        judged = _judge(patterns, name, statistics)
        if judged.status == "ok":
            _, aic, bic, _, _ = _criteria(patterns, judged)
            usable.append((name, judged.value, judged.standard_error, aic if criterion == "aic" else bic))
        else:
            warnings.append(f"{name} left out: {judged.status}")
    common = {
        "unit": unit,
        "estimand": estimand,
        "level": level,
        "observed": patterns.captured,
        "assumptions": (_CLOSED, _IDENTITY, "one of the models averaged is close to the truth"),
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
        status=_plausible(mean, error, patterns.captured),
        warnings=tuple(warnings),
        **common,
    )


def diagnose(patterns):
    """Test, in plain words, whether chances of capture vary between occasions, between people, or after capture.

    Likelihood-ratio tests: Mt against M0; Mth (Darroch) against Mt, one-sided, because people who differ can only make
    captures more uneven; Mb against M0. A change of the chance over time can look like a reaction to capture, and the
    reverse; two occasions cannot tell people apart.

    Parameters
    ----------
    patterns : CapturePatterns

    Returns
    -------
    tuple of Diagnostic
        For ``"time"``, ``"heterogeneity"`` and ``"behaviour"``.

    References
    ----------
    D. L. Otis, K. P. Burnham, G. C. White and D. R. Anderson (1978), Wildlife Monographs 62, 50-67.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> for test in diagnose(CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254})):
    ...     print(test.finding)
    The chance of capture differs between occasions (p < 0.001).
    Two occasions cannot show whether people differ in their chances.
    People are recaptured less often than captured (p < 0.001); chances that change over time can look the same.
    """
    _check(patterns, "M0", 0.95)
    statistics = fits_of.SufficientStatistics.of(patterns)
    known = {name: fits_of.fit(statistics, name) for name in ("M0", "Mt", "Mb")}
    return (
        _test_time(patterns, known),
        _test_heterogeneity(patterns, statistics, known),
        _test_behaviour(known),
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
    _check(patterns, model, level)
    if not isinstance(replicates, int) or replicates < 20:
        raise InputError(f"{replicates!r} replicates", "a whole number of 20 or more")
    judged = _judge(patterns, model)
    if judged.status != "ok":
        raise InputError(f"a fit of {model} that is {judged.status}", "a fit with status ok to draw from")
    table = fits_of.transitions(model, judged.fits, patterns.occasions)
    drawn = fits_of.simulate(table, round(judged.value), replicates, np.random.default_rng(seed))
    some = drawn.captured > 0
    names = list(reselect) or [model]
    for name in names:
        _check(patterns, name, level)
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
        bound="lower" if model in _LOWER_BOUNDS else "point",
        status=judged.status,
        standard_error=float(np.std(chosen_values, ddof=1)) if not failed else None,
        observed=patterns.captured,
        assumptions=MODELS[model],
        warnings=warnings + _contradictions(patterns, model, judged),
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
    _check_level(level)
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
        status = _plausible(value, error, captured)
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
            limits = profile_interval(profile, captured, value, level=level)[1:]
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
        bound="lower" if model in _LOWER_BOUNDS else "point",
        status=status,
        standard_error=error,
        observed=captured,
        loglik=loglik,
        aic=None if loglik is None else 2 * size - 2 * loglik,
        df=len(counts) - size,
        assumptions=MODELS[model],
        warnings=tuple(warnings),
    )


def _check(patterns, model, level):
    if not isinstance(patterns, CapturePatterns):
        raise InputError(
            f"{type(patterns).__name__} in place of capture patterns", "CapturePatterns.from_histories(your table)"
        )
    if model not in MODELS:
        raise InputError(f"the model {model!r}", f"one of {', '.join(MODELS)}")
    _check_level(level)


def _check_level(level):
    if not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")


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


def _judge(patterns, model, statistics=None):
    """Fit one model to one table and say whether the result may be used."""
    t = patterns.occasions
    if t < 3 and model not in ("M0", "Mt", "Mb"):
        return _Judged(model, None, "not identified", (f"{model} needs three occasions or more",))
    fitted = fits_of.fit(statistics or fits_of.SufficientStatistics.of(patterns), model)
    warnings = []
    same = patterns.identical_occasions
    if same:
        pair = " and ".join(same[0])
        return _Judged(
            model, None, "not identified", (f"{pair} captured exactly the same people: they count as one occasion",)
        )
    if model not in _BEHAVIOUR and patterns.recaptures == 0:
        return _Judged(model, None, "not identified", ("nobody was captured twice: the data set no upper limit",))
    if not np.isfinite(fitted.value[0]):
        reason = (
            "first captures do not fall off over the occasions, so the number left cannot be told"
            if model in _BEHAVIOUR
            else "the data set no limit to the number never captured"
        )
        return _Judged(model, None, "not identified", (reason,))
    empty = [name for name, count in zip(patterns.names, patterns.captures, strict=True) if not count]
    if empty:
        warnings.append(f"nobody was captured on {', '.join(empty)}")
    if not fitted.converged[0]:
        checked = _exists(patterns, model, fitted)
        if checked is None or not checked.identified:
            return _Judged(model, None, "not identified", ("some patterns never occur that the model needs", *warnings))
        return _Judged(model, None, "not converged", (*warnings,))
    status = "ok"
    if model.startswith(("Mh", "Mth")) and fitted.standard_error[0] > 0:
        checked = _exists(patterns, model, fitted)
        if checked is None or not checked.identified:
            return _Judged(model, None, "not identified", ("some patterns never occur that the model needs", *warnings))
        if not checked.exists:
            status = "boundary"
            warnings.append("some patterns never occur, so that a parameter of the model has no finite value")
    if fitted.standard_error[0] == 0:
        status = "boundary"
        warnings.append("a chance of capture is estimated as 1: everyone seems to have been found")
    elif status == "ok":
        status = _plausible(float(fitted.value[0]), float(fitted.standard_error[0]), patterns.captured)
    if model in _BEHAVIOUR and patterns.recaptures == 0:
        warnings.append("nobody was captured twice: the estimate rests on first captures alone")
    elif 0 < patterns.recaptures < FEW_RECAPTURES:
        warnings.append(f"only {patterns.recaptures} recaptures: expect bias as well as a wide interval")
    if status == "implausible":
        warnings.append("the estimate is out of proportion to the data; do not use it")
    if "-" in model and model not in _LOWER_BOUNDS and fitted.coefficients[0, -1] < 0:
        warnings.append("captures are more even than equal chances would give, so the model's differences do not apply")
    return _Judged(model, fitted, status, tuple(warnings))


def _plausible(value, error, captured):
    if not (math.isfinite(value) and math.isfinite(error)):
        return "not identified"
    if value < captured * (1 - 1e-9):
        return "below observed"
    if value > LARGEST_MULTIPLE * captured or error > LARGEST_RELATIVE_ERROR * value:
        return "implausible"
    return "ok"


def _exists(patterns, model, fitted):
    """The existence check of a heterogeneity model; None when it fails and the table is too large to say how."""
    free = fitted.free[0]
    design = fits_of.design_of(model, patterns.occasions)
    if len(patterns.codes) == (1 << patterns.occasions) - 1:
        # Every pattern occurs, and the columns of each model are independent over all of them.
        return Existence(True, np.ones(len(patterns.codes), dtype=bool), True)
    if model.startswith("Mh"):
        return existence(design.matrix[:, free], patterns.frequencies)
    used = patterns.captures > 0
    t = int(used.sum())
    columns = fits_of.heterogeneity_columns(model, patterns.occasions)[:, free[1 + patterns.occasions :]]

    def matrix_of(rows):
        return np.column_stack([np.ones(len(rows)), rows, columns[rows.sum(axis=1) - 1]])

    observed = patterns.histories[:, used].astype(np.int64)
    matrix = matrix_of(observed)
    scaled = matrix / np.linalg.norm(matrix, axis=0)
    smallest, *_, largest = np.linalg.eigvalsh(scaled.T @ scaled)
    if len(matrix) >= matrix.shape[1] and smallest > 1e-9 * largest:
        return Existence(True, np.ones(len(matrix), dtype=bool), True)
    if t > 10:
        return None
    codes = observed @ (1 << np.arange(t - 1, -1, -1))
    counts = np.bincount(codes, weights=patterns.counts, minlength=1 << t)[1:]
    return existence(matrix_of(pattern_matrix(t)), counts)


def _criteria(patterns, judged):
    """Log-likelihood, AIC, BIC, deviance and residual degrees of freedom of the Poisson table of patterns."""
    from scipy.special import gammaln, xlogy

    if judged.fits is None or not np.isfinite(judged.fits.kernel[0]):
        return None, None, None, None, None
    counts = patterns.counts.astype(float)
    constant = gammaln(counts + 1.0).sum()
    loglik = float(judged.fits.kernel[0] - constant)
    size = int(judged.fits.size[0])
    saturated = float(xlogy(counts, counts).sum() - counts.sum() - constant)
    used = int((patterns.captures > 0).sum()) if judged.model.startswith("Mt") else patterns.occasions
    return (
        loglik,
        2 * size - 2 * loglik,
        math.log(patterns.captured) * size - 2 * loglik,
        max(2 * (saturated - loglik), 0.0),
        (1 << used) - 1 - size,
    )


def _interval(patterns, judged, kind, level):
    n, value = patterns.captured, judged.value
    if kind == "log-normal":
        return _floats(log_normal_interval(value, judged.standard_error, n, level=level))
    profile = _profile(patterns, judged)
    return tuple(float(x) for x in profile_interval(profile, n, value, level=level)[1:])


def _profile(patterns, judged):
    """The profile log-likelihood of the population size under a fitted model."""
    from scipy.special import xlogy

    n, t = patterns.captured, patterns.occasions
    model = judged.model
    statistics = fits_of.SufficientStatistics.of(patterns)
    if model in ("M0", "Mt"):
        captures = statistics.captures[0] if model == "Mt" else np.full(t, statistics.captures[0].mean())

        def log_likelihood(size):
            stay = np.maximum(1.0 - captures / size, 1e-300)
            return float((xlogy(captures, captures / size) + (size - captures) * np.log(stay)).sum()), float(
                np.log(stay).sum()
            )

        return log_likelihood
    if model in _BEHAVIOUR:
        return _removal_profile(patterns, first_differs=model == "Mbh")
    free = judged.fits.free[0]
    if judged.status == "boundary":
        return lambda size: (-size, -1e6)
    return log_linear_profile(
        fits_of.design_of(model, t),
        fits_of.sufficient_of(statistics, model)[0],
        n,
        judged.fits.coefficients[0],
        free=free,
        bounded=fits_of.bounded_of(model, t),
    )


def _removal_profile(patterns, *, first_differs):
    from scipy.special import xlogy

    n, first = patterns.captured, patterns.first_captures.astype(float)
    later = first[1:] if first_differs else first
    span, people = len(later), float(later.sum())
    misses = float(later @ np.arange(span))

    def log_likelihood(size):
        missed = misses + (size - n) * span
        chance = people / (people + missed) if people + missed > 0 else 1.0
        value = xlogy(people, chance) + xlogy(missed, 1.0 - chance)
        never = span * math.log(max(1.0 - chance, 1e-300))
        if first_differs:
            at_once = first[0] / size
            value += xlogy(first[0], at_once) + xlogy(size - first[0], 1.0 - at_once)
            never += math.log(max(1.0 - at_once, 1e-300))
        return float(value), never

    return log_likelihood


def _bias_corrected(patterns, model, judged):
    n, t = patterns.captured, patterns.occasions
    if model.startswith("Mth") and model != "Mth-chao":
        raise InputError(f"{model}, bias-corrected", "a model with a known correction, such as Mth-chao or Mh-darroch")
    if patterns.identical_occasions or (judged.fits is None and t < 3 and model not in ("M0", "Mt", "Mb")):
        return None, None, "not identified", judged.warnings
    none_twice = patterns.recaptures == 0 and model not in _BEHAVIOUR
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
        if (changed.first < 0).any() or (model not in _BEHAVIOUR and patterns.frequencies[0] < 3):
            return None, None, "not identified", (*judged.warnings, "too few people for the bias-corrected form")
        fitted = fits_of.fit(changed, model)
        if not (fitted.converged[0] and np.isfinite(fitted.value[0])):
            return None, None, "not identified", (*judged.warnings, "too few people for the bias-corrected form")
        value = float(n + fitted.value[0] - changed.captured[0])
        error = float(fitted.standard_error[0])
    status = _plausible(value, error, n)
    warnings = judged.warnings
    if none_twice:
        status = "not identified"
        warnings = (*warnings, "the bias-corrected form gives a number even so: read it as a lower limit at best")
    elif judged.status == "boundary" and status == "ok":
        status = "boundary"
    return value, error, status, warnings


# The model that has each difference and, otherwise, as little as possible.
_RIVALS = {"time": "Mt", "heterogeneity": "Mth-darroch", "behaviour": "Mb"}


def _contradictions(patterns, model, judged):
    """Warnings about assumptions of the model that the data contradict.

    One kind of difference can look like another, so a significant test counts against a model only if a model with
    that difference also describes the data better, by two units of AIC.
    """
    if judged.fits is None or not np.isfinite(judged.fits.kernel[0]):
        return ()
    allowed = {"time": "t" in model[1:3], "heterogeneity": "-" in model, "behaviour": "b" in model[1:3]}
    own = 2 * judged.fits.size[0] - 2 * judged.fits.kernel[0]
    found = []
    statistics = fits_of.SufficientStatistics.of(patterns)
    for test in diagnose(patterns):
        if test.p_value is None or test.p_value >= 0.05 or allowed[test.question]:
            continue
        rival = _judge(patterns, _RIVALS[test.question], statistics)
        if rival.fits is not None and 2 * rival.fits.size[0] - 2 * rival.fits.kernel[0] < own - 2:
            found.append(f"{test.finding} {model} does not allow for that.")
    return tuple(found)


def _test_time(patterns, known):
    equal, varying = known["M0"], known["Mt"]
    if not (equal.converged[0] and varying.converged[0]):
        return Diagnostic("time", None, None, None, "Too few recaptures to test whether occasions differ.")
    statistic = max(2.0 * float(varying.kernel[0] - equal.kernel[0]), 0.0)
    df = patterns.occasions - 1
    p = _chi_squared(statistic, df)
    words = "differs between occasions" if p < 0.05 else "is not shown to differ between occasions"
    return Diagnostic("time", statistic, df, p, f"The chance of capture {words} ({_p(p)}).")


def _test_heterogeneity(patterns, statistics, known):
    if patterns.occasions < 3:
        return Diagnostic(
            "heterogeneity", None, None, None, "Two occasions cannot show whether people differ in their chances."
        )
    judged = _judge(patterns, "Mth-darroch", statistics)
    if not known["Mt"].converged[0] or judged.fits is None or judged.status == "boundary":
        return Diagnostic("heterogeneity", None, None, None, "Too few recaptures to test whether people differ.")
    statistic = max(2.0 * float(judged.fits.kernel[0] - known["Mt"].kernel[0]), 0.0)
    tail = _chi_squared(statistic, 1) / 2.0
    uneven = judged.fits.coefficients[0, -1] > 0
    p = tail if uneven else 1.0 - tail
    if p < 0.05:
        words = "People differ in their chance of capture"
    elif not uneven and tail < 0.025:
        words = "Captures are more even over people than equal chances would give; people may avoid a second capture"
    else:
        words = "People are not shown to differ in their chance of capture"
    return Diagnostic("heterogeneity", statistic, 1, p, f"{words} ({_p(p)}).")


def _test_behaviour(known):
    equal, behaviour = known["M0"], known["Mb"]
    if not (equal.converged[0] and behaviour.converged[0]):
        return Diagnostic("behaviour", None, None, None, "First captures do not fall off, so that no reaction shows.")
    statistic = max(2.0 * float(behaviour.kernel[0] - equal.kernel[0]), 0.0)
    p = _chi_squared(statistic, 1)
    if p < 0.05:
        way = "more" if behaviour.coefficients[0, 2] > behaviour.coefficients[0, 1] else "less"
        words = f"People are recaptured {way} often than captured ({_p(p)}); "
        words += "chances that change over time can look the same."
    else:
        words = f"People are not shown to be recaptured more or less often than captured ({_p(p)})."
    return Diagnostic("behaviour", statistic, 1, p, words)


def _chi_squared(statistic, df):
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic))


def _p(p):
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _take(statistics, rows):
    if rows.all():
        return statistics
    return fits_of.SufficientStatistics(
        statistics.captured[rows], statistics.captures[rows], statistics.frequencies[rows], statistics.first[rows]
    )


def _floats(pair):
    return float(pair[0]), float(pair[1])
