"""Pooling estimates that differ for real as well as by sampling error."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["METHODS", "MeanOfPeriods", "RandomEffects", "mean_over_periods", "random_effects"]

METHODS = ("reml", "dersimonian-laird", "fixed")


@dataclass(frozen=True)
class RandomEffects:
    """A pooled mean and how much the estimates differ beyond sampling error.

    Parameters
    ----------
    mean : Estimate
        The pooled mean.
    tau_squared : float
        Variance between the true values, in squared units.
    i_squared : float
        Share of the total variation that is between true values, 0 to 1.
    q : float
        Cochran's Q, the weighted sum of squares around the common mean.
    df : int
        Degrees of freedom of Q: estimates less one.
    p_value : float
        Of Q when all true values are equal.
    prediction : (float, float)
        Interval in which the true value of one more laboratory would lie.
    """

    mean: Estimate
    tau_squared: float
    i_squared: float
    q: float
    df: int
    p_value: float
    prediction: tuple[float, float]


def random_effects(
    values, standard_errors, *, method="reml", level=0.95, unit="workers", estimand="mean of the true values"
):
    """Pool estimates by a random-effects meta-analysis.

    Parameters
    ----------
    values : array_like of float, shape (k,)
        Estimates, in ``unit``.
    standard_errors : array_like of float, shape (k,)
        Their standard errors, above zero.
    method : {"reml", "dersimonian-laird", "fixed"}, default "reml"
        How the variance between true values is estimated; ``"fixed"`` sets it to zero.
    level : float, default 0.95
        Coverage of the normal interval.
    unit, estimand : str
        What the estimates count, and what their mean stands for.

    Returns
    -------
    RandomEffects

    Raises
    ------
    InputError
        If the columns differ in length, hold fewer than two estimates, or a standard error is not above zero.

    References
    ----------
    R. DerSimonian and N. Laird (1986), Meta-analysis in clinical trials, Controlled Clinical Trials 7, 177-188.
    W. Viechtbauer (2005), Bias and efficiency of meta-analytic variance estimators in the random-effects model,
    Journal of Educational and Behavioral Statistics 30, 261-293 (restricted maximum likelihood).

    Examples
    --------
    >>> pooled = random_effects([5018, 5011, 11700], [348, 976, 1613])
    >>> pooled.mean
    Estimate(7,025 workers; 95% interval 2,886 to 11,164)
    >>> round(pooled.i_squared, 2)
    0.94
    """
    values, errors = _columns(values, standard_errors)
    if method not in METHODS:
        raise InputError(f"the method {method!r}", f"one of {', '.join(METHODS)}")
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    sampling = errors**2
    weights = 1 / sampling
    common = weights @ values / weights.sum()
    q = float(weights @ (values - common) ** 2)
    df = values.size - 1
    # Higgins and Thompson's typical sampling variance, so that I squared is the same function of tau squared for all.
    typical = df / (weights.sum() - weights @ weights / weights.sum())
    if method == "fixed":
        between = 0.0
    elif method == "dersimonian-laird":
        between = max((q - df) * typical / df, 0.0)
    else:
        between = _restricted_maximum_likelihood(values, sampling)
    weights = 1 / (sampling + between)
    mean, error = float(weights @ values / weights.sum()), float(weights.sum() ** -0.5)
    z = float(special.ndtri(0.5 + level / 2))
    reach = z * math.sqrt(error**2 + between)
    named = {"reml": "REML", "dersimonian-laird": "DerSimonian and Laird", "fixed": "common mean"}[method]
    return RandomEffects(
        mean=Estimate(
            value=mean,
            unit=unit,
            estimand=estimand,
            method=f"random-effects meta-analysis ({named})" if method != "fixed" else "fixed-effect meta-analysis",
            interval=(mean - z * error, mean + z * error),
            interval_kind="normal",
            level=level,
            standard_error=error,
            assumptions=("the estimates are independent of each other", "their standard errors are right"),
        ),
        tau_squared=float(between),
        i_squared=float(between / (between + typical)),
        q=q,
        df=df,
        p_value=float(special.chdtrc(df, q)),
        prediction=(mean - reach, mean + reach),
    )


@dataclass(frozen=True, eq=False)
class MeanOfPeriods:
    """The mean over periods of what was pooled within each.

    Parameters
    ----------
    mean : Estimate
        Unweighted mean of the pooled periods.
    periods : DataFrame
        One row a pooled period: ``period``, ``estimates`` (how many were pooled), ``mean``, ``standard_error``,
        ``tau_squared``, ``i_squared``.
    left_out : tuple
        Periods with fewer than two estimates.
    """

    mean: Estimate
    periods: pd.DataFrame
    left_out: tuple


def mean_over_periods(
    periods,
    values,
    standard_errors,
    *,
    method="reml",
    level=0.95,
    unit="workers",
    estimand="workers within reach of the average laboratory, mean over periods",
):
    """Pool the estimates of each period, then average the pooled periods with equal weight.

    This is how the figure of 7,300 workers for the average laboratory was made. The interval takes the periods as
    independent; estimates of one laboratory in neighbouring quarters are not, so it is too narrow.

    Parameters
    ----------
    periods : array_like, shape (k,)
        Period of each estimate.
    values, standard_errors : array_like of float, shape (k,)
        As for :func:`random_effects`; rows with an empty value or standard error are left out.
    method, level, unit, estimand
        As for :func:`random_effects`.

    Returns
    -------
    MeanOfPeriods

    Raises
    ------
    InputError
        If no period has two estimates.

    References
    ----------
    N. Stewart and others (2015), The average laboratory samples a population of 7,300 Amazon Mechanical Turk workers,
    Judgment and Decision Making 10, 479-491, and its published analysis.

    Examples
    --------
    >>> result = mean_over_periods([2, 2, 3, 4, 4], [5018, 5011, 5402, 6868, 6696], [348, 976, 565, 386, 541])
    >>> result.mean
    Estimate(5,914 workers; 95% interval 5,469 to 6,359)
    >>> result.left_out
    (3,)
    """
    frame = pd.DataFrame(
        {
            "period": list(periods),
            "value": np.asarray(values, dtype=float),
            "error": np.asarray(standard_errors, dtype=float),
        }
    ).dropna()
    rows, left_out = [], []
    for period, group in frame.groupby("period", sort=True):
        if len(group) < 2:
            left_out.append(period)
            continue
        pooled = random_effects(group["value"], group["error"], method=method, level=level)
        rows.append(
            {
                "period": period,
                "estimates": len(group),
                "mean": pooled.mean.value,
                "standard_error": pooled.mean.standard_error,
                "tau_squared": pooled.tau_squared,
                "i_squared": pooled.i_squared,
            }
        )
    if not rows:
        raise InputError("no period with two estimates", "at least two estimates in one period")
    table = pd.DataFrame(rows)
    mean = float(table["mean"].mean())
    error = float(np.sqrt((table["standard_error"] ** 2).sum()) / len(table))
    half = float(special.ndtri(0.5 + level / 2)) * error
    return MeanOfPeriods(
        mean=Estimate(
            value=mean,
            unit=unit,
            estimand=estimand,
            method=f"mean of {len(table)} periods, each pooled by random effects ({method.upper()})"
            if method == "reml"
            else f"mean of {len(table)} periods, each pooled by {method}",
            interval=(mean - half, mean + half),
            interval_kind="normal, periods taken as independent",
            level=level,
            standard_error=error,
            assumptions=("every period counts the same", "periods are independent of each other"),
            warnings=("estimates of one laboratory in neighbouring periods share workers: the interval is too narrow",),
        ),
        periods=table,
        left_out=tuple(left_out),
    )


def _columns(values, errors):
    try:
        values, errors = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    except (TypeError, ValueError):
        raise InputError("text among the numbers", "estimates and standard errors as numbers") from None
    if values.ndim != 1 or values.shape != errors.shape:
        raise InputError(
            f"{values.size} estimates and {errors.size} standard errors", "one standard error for each estimate"
        )
    if values.size < 2:
        raise InputError(f"{values.size} estimates", "at least two to pool")
    for name, column, good in (
        ("value", values, np.isfinite(values)),
        ("standard_error", errors, np.isfinite(errors) & (errors > 0)),
    ):
        if not good.all():
            i = int(np.argmin(good))
            raise InputError(f"{column[i]:g}", "a finite number, above zero for an error", row=i + 2, column=name)
    return values, errors


def _restricted_maximum_likelihood(values, sampling):
    """Variance between true values at which the restricted likelihood is highest; 0 when it falls from there."""
    from scipy.optimize import brentq

    def minus_loglik(between):
        weights = 1 / (sampling + between)
        mean = weights @ values / weights.sum()
        return -0.5 * (np.log(weights).sum() - np.log(weights.sum()) - weights @ (values - mean) ** 2)

    def score(between):
        weights = 1 / (sampling + between)
        mean = weights @ values / weights.sum()
        return weights**2 @ (values - mean) ** 2 - weights.sum() + weights @ weights / weights.sum()

    # Every root between neighbours of a grid on which the score changes sign, with zero as the other candidate.
    spread = float(np.var(values, ddof=1)) + float(sampling.max())
    grid = np.concatenate([[0.0], spread * np.geomspace(1e-9, 1e3, 121)])
    signs = np.array([score(x) for x in grid])
    roots = [
        brentq(score, a, b, xtol=1e-12 * spread, rtol=1e-14)
        for a, b, left, right in zip(grid[:-1], grid[1:], signs[:-1], signs[1:], strict=True)
        if left > 0 >= right
    ]
    return min([0.0, *roots], key=minus_loglik)
