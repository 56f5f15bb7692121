"""How fast a pool of workers renews itself: return curves, half-lives and newcomers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from platformlabour.counting.recapture import frequencies
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "ReturnCurve",
    "TurnoverAndActivity",
    "fit_return_curve",
    "half_life_from_recaptures",
    "half_life_from_return_curve",
    "half_life_from_survival",
    "newcomer_share",
    "recapture_table",
    "turnover_and_activity",
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


@dataclass(frozen=True, eq=False)
class TurnoverAndActivity:
    """A pool of constant size whose members come, go, and differ in how often they are seen.

    Parameters
    ----------
    present : Estimate
        Workers in the pool at any one time.
    ever : Estimate
        Workers in the pool on at least one occasion.
    mean_chance : float
        Mean chance, over the pool, of being seen on one occasion.
    spread : float
        Coefficient of variation of that chance.
    return_level : float
        Share seen again after a gap so short that nobody leaves, as the fit implies; to hold against the observed
        curve, which the fit has not used.
    misfit : float
        Chi-squared distance between seen and fitted frequencies over its degrees of freedom; near 1 if it holds.
    profile : DataFrame
        What identifies the size: for each assumed ``mean_chance``, the best fit's ``present``, ``ever``, ``spread`` and
        ``drop``, twice the log-likelihood lost. Sizes with a small drop describe the seen about equally well.
    """

    present: Estimate
    ever: Estimate
    mean_chance: float
    spread: float
    return_level: float
    misfit: float
    profile: pd.DataFrame


def turnover_and_activity(times_seen, workers=None, *, occasions, half_life, period_days=30, level=0.95):
    """Fit turnover and unequal activity together, in the manner of Difallah, Filatova and Ipeirotis.

    The pool keeps its size; each worker stays from one occasion to the next with a chance set by the half-life, and
    leavers are replaced. Present workers are seen on an occasion with a chance of their own, drawn from a beta
    distribution. The half-life comes from a return curve, the beta distribution from the frequencies, and the size is
    the workers seen over the share that the fit expects to be seen. How far that share is identified is the profile's
    answer, not the interval's: a distribution with more chances near zero fits the seen as well and hides more workers.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`platformlabour.counting.recapture.frequencies.chao`; the tail may be pooled.
    occasions : int
        Number of occasions.
    half_life : float or Estimate
        Days in which half of those present leave.
    period_days : float, default 30
        Days from one occasion to the next.
    level : float, default 0.95
        Coverage of the profile-likelihood intervals, which hold the half-life and the model for true.

    Returns
    -------
    TurnoverAndActivity
        ``"not identified"`` and without a number where the likelihood keeps rising as the mean chance falls to zero:
        the profile shows the sizes that the frequencies cannot tell apart.

    Raises
    ------
    InputError
        If the half-life is not above zero, or nobody was seen twice.

    References
    ----------
    D. Difallah, E. Filatova and P. Ipeirotis (2018), Demographics and dynamics of Mechanical Turk workers, WSDM 2018.
    The published work fits turnover and activity one after the other; fitting both at once is this library's own.

    Examples
    --------
    >>> fit = turnover_and_activity([1, 2, 3, 4, 5, 6], [900, 420, 210, 90, 40, 15], occasions=12, half_life=360)
    >>> fit.present.value < fit.ever.value
    True
    """
    table = frequencies.as_frequencies(times_seen, workers)
    days = half_life.value if isinstance(half_life, Estimate) else half_life
    if days is None or not (math.isfinite(days) and days > 0):
        raise InputError(f"a half-life of {days!r} days", "a number of days above 0")
    if table.sightings_total == table.seen:
        raise InputError("nobody who was seen twice", "some repeated sightings")
    occasions = int(occasions)
    if table.times_seen_from[table.workers > 0].max() > occasions or occasions < 3:
        raise InputError(f"{occasions} occasions", "at least three, and no fewer than any worker was seen")
    stay = 0.5 ** (period_days / days)
    spans = _expected_spans(occasions, stay)
    low, high = table.times_seen_from, np.minimum(table.times_seen_to, occasions)

    times, lengths = np.arange(occasions + 1), np.arange(1, occasions + 1)
    rest = lengths[:, None] - times
    possible, rest = rest >= 0, np.maximum(rest, 0)
    ways = np.where(possible, special.gammaln(lengths + 1)[:, None] - special.gammaln(times + 1), -np.inf)
    ways = ways - special.gammaln(np.arange(1, occasions + 2))[rest]

    def expected(mean, concentration):
        """Workers expected in each row, for one worker present at a time; and of all numbers of times seen."""
        a, b = mean * concentration, (1 - mean) * concentration
        logs = (
            ways
            + special.gammaln(times + a)
            + special.gammaln(times + b)[rest]
            - special.gammaln(lengths + a + b)[:, None]
            - special.betaln(a, b)
        )
        by_times = spans @ np.exp(logs)
        below = np.concatenate([[0.0], np.cumsum(by_times)])
        return below[high + 1] - below[low], by_times

    def loglik(mean, concentration):
        rows, by_times = expected(mean, concentration)
        return float(special.xlogy(table.workers, np.maximum(rows / by_times[1:].sum(), 1e-300)).sum())

    from scipy.optimize import minimize_scalar

    def best(log_odds):
        mean = float(special.expit(log_odds))
        found = minimize_scalar(
            lambda x: -loglik(mean, math.exp(x)), bounds=(-6.0, 9.0), method="bounded", options={"xatol": 1e-5}
        )
        return -found.fun, mean, math.exp(found.x)

    # The mean chance if all were equal is a ceiling; a hundred-thousandth of it stands for zero.
    ceiling = special.logit(min(table.sightings_total / table.seen / occasions * 8, 0.95))
    grid = np.linspace(ceiling - math.log(1e5), ceiling, 31)
    fits = [best(x) for x in grid]
    peak = int(np.argmax([fit[0] for fit in fits]))
    inside = 0 < peak < len(grid) - 1
    if inside:
        found = minimize_scalar(
            lambda x: -best(x)[0], bounds=(grid[peak - 1], grid[peak + 1]), method="bounded", options={"xatol": 1e-5}
        )
        fits.append(best(found.x))
    top, mean, concentration = max(fits)
    rows, by_times = expected(mean, concentration)
    present = table.seen / by_times[1:].sum()
    passed = 1 + (occasions - 1) * (1 - stay)
    profile = _size_profile(fits, top, expected, table.seen, passed)
    z2 = float(special.ndtri(0.5 + level / 2)) ** 2
    sizes = _crossings(profile, z2)
    cells = present * rows
    big = cells >= 5
    misfit = float((((table.workers - cells) ** 2 / np.where(big, cells, 1))[big]).sum() / max(big.sum() - 3, 1))
    warnings = () if inside else ("the likelihood keeps rising with the number of workers hardly ever seen",)
    if misfit >= 2:
        warnings = (*warnings, f"the fitted frequencies miss the seen ones, chi-squared {misfit:.1f} a cell")
    status = "ok" if inside else "not identified"
    shared = {
        "unit": "workers",
        "method": "turnover with beta-distributed activity",
        "level": level,
        "interval_kind": "profile likelihood at a fixed half-life" if inside else "",
        "status": status,
        "loglik": top,
        "assumptions": (_CONSTANT_HAZARD, _STABLE_POOL, "chances of being seen follow a beta distribution"),
        "warnings": warnings,
    }
    return TurnoverAndActivity(
        present=Estimate(
            value=present if inside else None,
            estimand="workers present at one time",
            interval=sizes if inside else None,
            **shared,
        ),
        ever=Estimate(
            value=present * passed if inside else None,
            estimand="workers present on at least one occasion",
            interval=tuple(x * passed for x in sizes) if inside else None,
            observed=table.seen,
            **shared,
        ),
        mean_chance=mean,
        spread=math.sqrt((1 - mean) / mean / (concentration + 1)),
        return_level=(mean * concentration + 1) / (concentration + 1),
        misfit=misfit,
        profile=profile,
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


def _expected_spans(occasions, stay):
    """Workers expected to be present on exactly 1, 2, ... occasions, for one worker present at a time."""
    spans = np.zeros(occasions)
    for first in range(1, occasions + 1):
        entrants, longest = (1.0 if first == 1 else 1 - stay), occasions - first + 1
        lengths = np.arange(1, longest + 1)
        share = stay ** (lengths - 1.0) * (1 - stay)
        share[-1] = stay ** (longest - 1.0)
        spans[:longest] += entrants * share
    return spans


def _size_profile(fits, top, expected, seen, passed):
    rows = []
    for height, mean, concentration in sorted(fits, key=lambda fit: -fit[1]):
        present = seen / expected(mean, concentration)[1][1:].sum()
        rows.append(
            {
                "mean_chance": mean,
                "spread": math.sqrt((1 - mean) / mean / (concentration + 1)),
                "present": present,
                "ever": present * passed,
                "drop": 2 * (top - height),
            }
        )
    return pd.DataFrame(rows).sort_values("present", ignore_index=True)


def _crossings(profile, limit):
    """Smallest and largest size whose likelihood loss stays below the limit, by straight lines between rows."""
    sizes, drops = np.log(profile["present"].to_numpy()), profile["drop"].to_numpy()
    inside = np.flatnonzero(drops <= limit)
    first, last = int(inside[0]), int(inside[-1])

    def crossing(i, j):
        share = (math.sqrt(limit) - math.sqrt(drops[i])) / (math.sqrt(drops[j]) - math.sqrt(drops[i]))
        return float(np.exp(sizes[i] + share * (sizes[j] - sizes[i])))

    low = float(np.exp(sizes[0])) if first == 0 else crossing(first, first - 1)
    return low, math.inf if last == len(sizes) - 1 else crossing(last, last + 1)
