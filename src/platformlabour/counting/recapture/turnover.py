"""How fast a pool of workers renews itself: return curves, half-lives and newcomers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "ReturnCurve",
    "fit_return_curve",
    "half_life_from_recaptures",
    "half_life_from_return_curve",
    "half_life_from_survival",
    "newcomer_share",
    "recapture_table",
]

_CONSTANT_HAZARD = "a worker who has just answered leaves at the same rate as one who answered long ago"
_STABLE_POOL = "the pool keeps its size: a growing pool looks like workers leaving"


@dataclass(frozen=True, eq=False)
class ReturnCurve:
    """A straight line through the logarithm of a return curve, and how well it holds.

    Parameters
    ----------
    half_life : Estimate
        Days in which half of those present leave.
    slope, intercept : float
        Of log share on gap, per period.
    curvature : float
        Quadratic coefficient; positive when the curve flattens, so that those who stayed long leave more slowly.
    curvature_p_value : float
        Of the hypothesis that there is none; residuals may be correlated with their neighbours.
    first_half, last_half : Estimate
        Half-lives from the shorter and from the longer half of the gaps.
    table : DataFrame
        ``gap_periods``, ``share``, ``fitted``, ``residual`` (of the logarithm).
    """

    half_life: Estimate
    slope: float
    intercept: float
    curvature: float
    curvature_p_value: float
    first_half: Estimate
    last_half: Estimate
    table: pd.DataFrame


def fit_return_curve(gap_periods, share, *, period_days=30, shortest_gap=2, longest_gap=None, level=0.95):
    """Fit a straight line to the logarithm of the share of workers seen again after each gap.

    If everyone leaves at one rate, the share seen again is a constant times exp(-rate * gap), and the half-life is
    log(2) / rate. Published half-lives of the tracker come from a regression on the workers common to each pair of
    periods, with one intercept for each later period; those counts are not public, and the curve of medians carries
    changes in the size of the pool over into its slope. The result approximates the published one.

    Parameters
    ----------
    gap_periods : array_like of int, shape (k,)
        Periods between the two sightings, each once.
    share : array_like of float, shape (k,)
        Share of the workers of a period seen again after that gap, above 0 and at most 1.
    period_days : float, default 30
        Length of a period in days.
    shortest_gap : int, default 2
        Gaps below this are left out: a worker who may answer once in 30 days is often absent from the next period.
    longest_gap : int, optional
        Gaps above this are left out.
    level : float, default 0.95
        Coverage of the interval.

    Returns
    -------
    ReturnCurve
        ``half_life`` is ``"not identified"`` when the share does not fall; its interval allows for correlation
        between neighbouring gaps (Newey and West).

    Raises
    ------
    InputError
        If fewer than four gaps are left, a gap is repeated, or a share is not between 0 and 1.

    References
    ----------
    D. Difallah, E. Filatova and P. Ipeirotis (2018), Demographics and dynamics of Mechanical Turk workers, WSDM 2018,
    section 4.2. W. K. Newey and K. D. West (1987), A simple, positive semi-definite, heteroskedasticity and
    autocorrelation consistent covariance matrix, Econometrica 55, 703-708.

    Examples
    --------
    >>> gaps = np.arange(2, 30)
    >>> curve = fit_return_curve(gaps, 0.25 * 0.5 ** (gaps / 17))
    >>> round(curve.half_life.value, 6)
    510.0
    """
    gaps, shares = _curve(gap_periods, share)
    if not (math.isfinite(period_days) and period_days > 0):
        raise InputError(f"periods of {period_days!r} days", "a length above 0")
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    kept = (gaps >= shortest_gap) & (gaps <= (math.inf if longest_gap is None else longest_gap))
    gaps, shares = gaps[kept], shares[kept]
    if gaps.size < 4:
        raise InputError(f"{gaps.size} gaps to fit", "at least four gaps between the shortest and the longest")
    logs = np.log(shares)
    line, line_covariance = _least_squares(np.column_stack([np.ones(gaps.size), gaps]), logs)
    centred = gaps - gaps.mean()
    bent, bent_covariance = _least_squares(np.column_stack([np.ones(gaps.size), centred, centred**2]), logs)
    fitted = np.exp(line[0] + line[1] * gaps)
    half_life = _half_life(line[1], math.sqrt(line_covariance[1, 1]), period_days, level)
    error = math.sqrt(bent_covariance[2, 2])
    # Rounding alone bends a curve that is straight to fifteen digits.
    p_value = (
        1.0 if abs(bent[2]) * np.ptp(gaps) ** 2 < 1e-9 else float(special.erfc(abs(bent[2]) / error / math.sqrt(2)))
    )
    if p_value < 1 - level and half_life.value is not None:
        way = "flattens" if bent[2] > 0 else "steepens"
        half_life = half_life.replace(
            warnings=(*half_life.warnings, f"the logarithm of the curve {way}: one half-life does not describe it")
        )
    middle = np.median(gaps)
    halves = []
    for part in (gaps <= middle, gaps >= middle):
        half, half_covariance = _least_squares(np.column_stack([np.ones(int(part.sum())), gaps[part]]), logs[part])
        halves.append(_half_life(half[1], math.sqrt(half_covariance[1, 1]), period_days, level))
    return ReturnCurve(
        half_life=half_life,
        slope=float(line[1]),
        intercept=float(line[0]),
        curvature=float(bent[2]),
        curvature_p_value=p_value,
        first_half=halves[0],
        last_half=halves[1],
        table=pd.DataFrame({"gap_periods": gaps, "share": shares, "fitted": fitted, "residual": logs - np.log(fitted)}),
    )


def half_life_from_return_curve(gap_periods, share, *, period_days=30, shortest_gap=2, longest_gap=None, level=0.95):
    """Days in which half of the workers present leave, from the share seen again after each gap.

    Parameters
    ----------
    gap_periods, share, period_days, shortest_gap, longest_gap, level
        As for :func:`fit_return_curve`.

    Returns
    -------
    Estimate
        In days; a warning says when one half-life does not describe the curve.

    Raises
    ------
    InputError
        As for :func:`fit_return_curve`.

    References
    ----------
    As for :func:`fit_return_curve`.

    Examples
    --------
    >>> half_life_from_return_curve([2, 3, 4, 5, 6, 7], [0.24, 0.22, 0.205, 0.19, 0.18, 0.165])
    Estimate(285 days; 95% interval 275 to 296)
    """
    return fit_return_curve(
        gap_periods,
        share,
        period_days=period_days,
        shortest_gap=shortest_gap,
        longest_gap=longest_gap,
        level=level,
    ).half_life


def recapture_table(histories, counts=None):
    """Workers common to each pair of occasions, from capture histories.

    Parameters
    ----------
    histories : array_like of 0 and 1, shape (workers, t)
        One row a worker or a pattern.
    counts : array_like of int, shape (workers,), optional
        How many workers share each row.

    Returns
    -------
    ndarray of int, shape (t, t)
        Workers seen on both occasions; the diagonal holds the workers seen on each.

    Raises
    ------
    InputError
        If the table is not made of 0 and 1 only.

    Examples
    --------
    >>> recapture_table([[1, 1, 0], [0, 1, 1]], [4, 2])
    array([[4, 4, 0],
           [4, 6, 2],
           [0, 2, 2]])
    """
    histories = np.asarray(histories)
    if histories.ndim != 2 or not np.isin(histories, (0, 1)).all():
        raise InputError("histories that are not a table of 0 and 1", "one row a worker, one column an occasion")
    histories = histories.astype(np.int64)
    counts = np.ones(len(histories), dtype=np.int64) if counts is None else np.asarray(counts)
    if counts.shape != (len(histories),) or (counts < 0).any():
        raise InputError("counts that do not fit the histories", "one count of 0 or more for each history")
    return histories.T @ (histories * counts[:, None])


def half_life_from_recaptures(
    common, *, period_days=30, shortest_gap=2, fewest_captured=500, fewest_common=20, level=0.95
):
    """Days in which half of the workers present leave, from the workers common to each pair of occasions.

    For occasions a < b with n workers each and m in common, log(n_a n_b / m) is the logarithm of the pool at b plus
    rate times the gap: least squares with one intercept for each b. This is the regression behind the published
    half-lives of the tracker; unlike :func:`fit_return_curve` it lets the pool change in size.

    Parameters
    ----------
    common : array_like of int, shape (t, t)
        As :func:`recapture_table` returns.
    period_days : float, default 30
        Days from one occasion to the next.
    shortest_gap : int, default 2
        Pairs closer than this are left out.
    fewest_captured, fewest_common : int, default 500 and 20
        Occasions and pairs with fewer workers are left out.
    level : float, default 0.95
        Coverage of the interval, which clusters pairs by their earlier occasion.

    Returns
    -------
    Estimate
        In days.

    Raises
    ------
    InputError
        If the table is not square, or too few pairs are left.

    References
    ----------
    D. Difallah, E. Filatova and P. Ipeirotis (2018), as for :func:`fit_return_curve`, section 4.2.

    Examples
    --------
    >>> stay = 0.5 ** (np.abs(np.subtract.outer(np.arange(12), np.arange(12))) / 10)
    >>> common = np.where(np.eye(12, dtype=bool), 2000, np.rint(2000 * 2000 / 10_000 * stay))
    >>> half_life_from_recaptures(common).text("exact")
    '300'
    """
    common = np.asarray(common, dtype=float)
    if common.ndim != 2 or common.shape[0] != common.shape[1]:
        raise InputError(f"a table of shape {common.shape}", "one row and one column for every occasion")
    if not (np.isfinite(common) & (common >= 0)).all():
        raise InputError("a negative or missing number of workers", "whole numbers of 0 or more")
    captured = np.diag(common)
    first, second = np.triu_indices(len(captured), k=shortest_gap)
    kept = (captured[first] >= fewest_captured) & (captured[second] >= fewest_captured)
    kept &= common[first, second] >= max(fewest_common, 1)
    first, second = first[kept], second[kept]
    later, position = np.unique(second, return_inverse=True)
    if first.size < later.size + 2:
        raise InputError(f"{first.size} pairs of occasions for {later.size} later ones", "more pairs than occasions")
    gaps = (second - first) * float(period_days)
    outcome = np.log(captured[first] * captured[second] / common[first, second])
    # One intercept for each later occasion: take its mean away from both sides.
    size = np.bincount(position)
    gaps = gaps - (np.bincount(position, weights=gaps) / size)[position]
    outcome = outcome - (np.bincount(position, weights=outcome) / size)[position]
    if not gaps @ gaps > 0:
        raise InputError("later occasions with one earlier occasion each", "several gaps to the same later occasion")
    rate = gaps @ outcome / (gaps @ gaps)
    scores = np.bincount(first, weights=gaps * (outcome - rate * gaps))
    error = math.sqrt(float(scores @ scores)) / (gaps @ gaps)
    return _half_life(-rate, error, 1.0, level).replace(
        method="regression of pairs of occasions, one intercept for each later one",
        assumptions=(_CONSTANT_HAZARD, "at each occasion every worker present has the same chance of being seen"),
    )


def half_life_from_survival(survival, *, period_days):
    """Days in which half of the workers leave, when a share of them stays from each period to the next.

    Parameters
    ----------
    survival : float or Estimate
        Share that stays, above 0 and below 1.
    period_days : float
        Length of a period in days.

    Returns
    -------
    Estimate
        In days, with the survival's interval transformed where there is one.

    Raises
    ------
    InputError
        If survival is not between 0 and 1.

    Examples
    --------
    >>> half_life_from_survival(0.7372, period_days=91.31).text("exact")
    '208'
    """
    source = survival if isinstance(survival, Estimate) else None
    value = source.value if source is not None else float(survival)
    if value is None or not 0 < value < 1:
        raise InputError(f"a survival of {value!r}", "a share above 0 and below 1")

    def days(share):
        return 0.0 if share <= 0 else math.inf if share >= 1 else -math.log(2) / math.log(share) * period_days

    held = source is not None and source.interval is not None
    return Estimate(
        value=days(value),
        unit="days",
        estimand="days in which half of the workers present leave",
        method="half-life of a constant share that stays",
        interval=tuple(days(x) for x in source.interval) if held else None,
        interval_kind=source.interval_kind if held else "",
        level=source.level if source is not None else 0.95,
        assumptions=(_CONSTANT_HAZARD,),
    )


def newcomer_share(first_time, answers):
    """Share of answers that come from workers never seen before.

    It starts at 1, because at first everyone is new, and falls as the seen accumulate; only a share that stays high
    long after the start speaks of turnover or of a large pool.

    Parameters
    ----------
    first_time : array_like of int, shape (k,)
        First-time workers in each period.
    answers : array_like of int, shape (k,)
        Answers in each period.

    Returns
    -------
    Estimate
        Share over all periods together, without interval: every answer was counted.

    Raises
    ------
    InputError
        If there are more first-time workers than answers in a period, or no answer at all.

    Examples
    --------
    >>> newcomer_share([524, 2779], [524, 2817]).text("percent")
    '98.9%'
    """
    try:
        first_time, answers = np.atleast_1d(np.asarray(first_time, float)), np.atleast_1d(np.asarray(answers, float))
    except (TypeError, ValueError):
        raise InputError("text among the counts", "whole numbers") from None
    if first_time.shape != answers.shape or answers.ndim != 1:
        raise InputError("columns of different lengths", "first-time workers and answers for the same periods")
    bad = ~(np.isfinite(first_time) & np.isfinite(answers) & (first_time >= 0) & (first_time <= answers))
    if bad.any():
        i = int(np.argmax(bad))
        raise InputError(
            f"{first_time[i]:g} first-time workers in {answers[i]:g} answers", "no more workers than answers", row=i + 2
        )
    if answers.sum() == 0:
        raise InputError("no answers", "at least one answer")
    return Estimate.counted(
        float(first_time.sum() / answers.sum()), "share", "share of answers from workers never seen before"
    )


def _curve(gap_periods, share):
    try:
        gaps, shares = np.asarray(gap_periods, dtype=float), np.asarray(share, dtype=float)
    except (TypeError, ValueError):
        raise InputError("text among the numbers", "gaps and shares as numbers") from None
    if gaps.ndim != 1 or gaps.shape != shares.shape:
        raise InputError(f"{gaps.size} gaps and {shares.size} shares", "one share for each gap")
    for name, column, good, expected in (
        ("gap_periods", gaps, np.isfinite(gaps) & (gaps > 0), "a number of periods above 0"),
        ("share_seen_again", shares, (shares > 0) & (shares <= 1), "a share above 0 and at most 1"),
    ):
        if not good.all():
            i = int(np.argmin(good))
            raise InputError(f"{column[i]:g}", expected, row=i + 2, column=name)
    if np.unique(gaps).size < gaps.size:
        raise InputError("a gap that appears twice", "one share for each gap, from one era", column="gap_periods")
    order = np.argsort(gaps)
    return gaps[order], shares[order]


def _least_squares(design, outcome):
    """Coefficients, and their covariance allowing for correlation between neighbouring rows."""
    bread = np.linalg.inv(design.T @ design)
    coefficients = bread @ design.T @ outcome
    scores = design * (outcome - design @ coefficients)[:, None]
    lags = int(4 * (len(outcome) / 100) ** (2 / 9))
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        shifted = scores[lag:].T @ scores[:-lag]
        middle += (1 - lag / (lags + 1)) * (shifted + shifted.T)
    few = len(outcome) / max(len(outcome) - design.shape[1], 1)
    return coefficients, few * bread @ middle @ bread


def _half_life(slope, error, period_days, level):
    slope, error = float(slope), float(error)
    z = float(special.ndtri(0.5 + level / 2))
    fields = {
        "unit": "days",
        "estimand": "days in which half of the workers present leave",
        "method": "straight line through the logarithm of the return curve",
        "level": level,
        "assumptions": (_CONSTANT_HAZARD, _STABLE_POOL),
    }
    if slope >= -1e-12:
        return Estimate(value=None, status="not identified", warnings=("the share seen again does not fall",), **fields)
    value = -math.log(2) / slope * period_days
    slow = slope + z * error
    return Estimate(
        value=value,
        interval=(
            -math.log(2) / (slope - z * error) * period_days,
            -math.log(2) / slow * period_days if slow < 0 else math.inf,
        ),
        interval_kind="normal on the rate, neighbouring gaps correlated",
        standard_error=value * error / -slope,
        **fields,
    )
