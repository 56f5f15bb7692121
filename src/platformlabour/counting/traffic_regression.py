"""Registrations that were not declared, predicted from visitors by a straight line through the logarithms."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["Imputation", "error_of_a_sum", "impute_registrations", "leave_one_out"]

LEAST_DECLARED = 5
MOST_DRAWS = 10_000_000
_CHUNK = 65_536  # numbers held at a time: half a megabyte stays in the cache
_PART = 131_072  # draws that one stream of random numbers, and one thread, makes
_LINE_DRAWS = 20_000  # enough for limits that are shown only to be warned of
_THOUSANDS = math.log(1000)


@dataclass(frozen=True, kw_only=True)
class Imputation:
    """Predicted registrations, with the regression behind them.

    Parameters
    ----------
    estimate : Estimate
        Accounts on all platforms: declared plus the median of what is predicted for the rest, with interval.
    totals : numpy.ndarray, shape (draws,)
        Accounts on all platforms, one number a draw.
    platforms : DataFrame
        ``position, visitors, median, low, high``: one row for each platform without a declaration.
    intercept, slope : float
        Of log registrations on log visitors.
    residual_error : float
        Residual standard deviation of the logarithm, with its degrees of freedom ``df``.
    df : int
    naive_total : float
        What one gets by undoing the logarithm of the fitted values: the sum of medians, not the median of the sum.
    line_interval : (float, float)
        Limits when only the line is uncertain: what prints as an error bar when residuals are forgotten.
    draws_by_platform : numpy.ndarray or None, shape (draws, imputed)
        When asked for.
    """

    estimate: Estimate
    totals: np.ndarray = field(repr=False)
    platforms: pd.DataFrame = field(repr=False)
    intercept: float
    slope: float
    residual_error: float
    df: int
    naive_total: float
    line_interval: tuple[float, float]
    draws_by_platform: np.ndarray | None = field(default=None, repr=False)


def impute_registrations(declared, visitors, *, draws=10_000, seed, level=0.95, keep_platforms=False, check_units=True):
    """Accounts on all platforms when some declare theirs and all have measured visitors.

    Log registrations are normal around a line in log visitors. Under the usual reference prior each draw takes one
    residual variance, one line for all platforms, and one residual for each platform, so that a platform's prediction
    is Student-t on the logarithm and the predictions share their error. Sums are taken after undoing the logarithm,
    draw by draw: nothing is lost on the way back. The mean of such a prediction is infinite; medians and limits exist.

    Parameters
    ----------
    declared : array_like of float, shape (platforms,)
        Registered accounts; NaN or None where a platform declares none.
    visitors : array_like of float, shape (platforms,)
        Monthly unique visitors of every platform, above 0, in single visitors.
    draws : int, default 10,000
        More than 131,072 are made in parts of that size side by side, each with a stream of its own.
    seed : int or numpy.random.Generator
    level : float, default 0.95
    keep_platforms : bool
        Keep every draw of every platform.
    check_units : bool
        Refuse a declared platform whose visitors look as if given in thousands.

    Returns
    -------
    Imputation

    Raises
    ------
    InputError
        If fewer than five platforms declare, a number is not above 0, all visitors are equal, or units look mixed.

    References
    ----------
    O. Kässi, V. Lehdonvirta and F. Stephany (2021), Open Research Europe 1:53, predict registrations from traffic. For
    the reference prior see A. Gelman and others (2013), Bayesian Data Analysis, third edition, section 14.2; for what
    is lost on the way back from logarithms N. Duan (1983), Journal of the American Statistical Association 78, 605-610.

    Examples
    --------
    >>> declared = [5e5, 4.2e4, 9e4, 1.5e6, 2e4, 3e5, None, None]
    >>> visitors = [2e5, 2.5e4, 3e4, 6e5, 9e3, 1e5, 5e4, 3e5]
    >>> result = impute_registrations(declared, visitors, draws=4000, seed=1)
    >>> round(result.slope, 2), result.df, len(result.platforms), result.totals.shape
    (1.05, 4, 2, (4000,))
    """
    known, log_registered, log_visitors = _columns(declared, visitors)
    _check_draws(draws, level)
    if check_units:
        _check_thousands(known, log_registered, log_visitors)
    random = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(_seed(seed))
    line = _Line.fit(log_registered[known], log_visitors[known])
    total_known = float(np.exp(log_registered[known]).sum())
    where = np.flatnonzero(~known)
    x = log_visitors[where] - line.centre
    error = line.residual_error * np.sqrt(line.df / random.chisquare(line.df, draws))
    level_draws = line.level + error * random.standard_normal(draws) / math.sqrt(line.n)
    slope_draws = line.slope + error * random.standard_normal(draws) / math.sqrt(line.spread)
    totals = np.full(draws, total_known)
    kept = np.empty((draws, len(where))) if keep_platforms else None

    def predict(part, stream):
        """Draw every silent platform for one part of the draws, and add it to the totals."""
        size = max(1, _CHUNK // len(where))
        buffer = np.empty((min(size, part.stop - part.start), len(where)))
        for first in range(part.start, part.stop, size):
            rows = slice(first, min(first + size, part.stop))
            block = buffer[: rows.stop - rows.start]
            stream.standard_normal(out=block)
            block *= error[rows, None]
            block += level_draws[rows, None]
            block += np.outer(slope_draws[rows], x)
            np.exp(block, out=block)
            totals[rows] += block.sum(axis=1)
            if kept is not None:
                kept[rows] = block

    if len(where):
        parts = [slice(first, min(first + _PART, draws)) for first in range(0, draws, _PART)]
        # A stream for each part, so that the numbers depend on the seed alone and not on the number of threads.
        streams = [random, *random.spawn(len(parts) - 1)]
        with ThreadPoolExecutor(min(len(parts), os.cpu_count() or 1)) as pool:
            list(pool.map(predict, parts, streams))
    some = slice(0, _LINE_DRAWS)
    lines = np.exp(level_draws[some, None] + np.outer(slope_draws[some], x))
    by_line = total_known + lines.sum(axis=1)
    fitted = line.level + line.slope * x
    half = stats.t.ppf(0.5 + level / 2, line.df) * line.prediction_error(x)
    platforms = pd.DataFrame(
        {
            "position": where,
            "visitors": np.exp(log_visitors[where]),
            "median": np.exp(fitted),
            "low": np.exp(fitted - half),
            "high": np.exp(fitted + half),
        }
    )
    tails = np.quantile(totals, [0.5, (1 - level) / 2, (1 + level) / 2])
    estimate = Estimate(
        value=float(tails[0]),
        unit="accounts",
        estimand=f"accounts on {len(known)} platforms, {len(where)} of them predicted from visitors",
        method="declared, plus predictive draws of a regression of log registrations on log visitors",
        interval=(float(tails[1]), float(tails[2])) if len(where) else None,
        level=level,
        interval_kind="posterior predictive",
        assumptions=(
            "platforms that declare nothing follow the line of those that declare",
            "residuals of the logarithm are normal, with one variance and independent between platforms",
        ),
        warnings=("platforms may keep silent because they are small for their traffic: the line cannot tell",),
    )
    return Imputation(
        estimate=estimate,
        totals=totals,
        platforms=platforms,
        intercept=line.level - line.slope * line.centre,
        slope=line.slope,
        residual_error=line.residual_error,
        df=line.df,
        naive_total=total_known + float(np.exp(fitted).sum()),
        line_interval=tuple(float(limit) for limit in np.quantile(by_line, [(1 - level) / 2, (1 + level) / 2])),
        draws_by_platform=kept,
    )


def leave_one_out(declared, visitors, *, level=0.95):
    """Predict each declared number from the others: how large the errors are, and how often the interval holds it.

    Parameters
    ----------
    declared, visitors : array_like of float, shape (platforms,)
        As for :func:`impute_registrations`; platforms without a declaration are left out.
    level : float, default 0.95

    Returns
    -------
    DataFrame
        ``position, declared, predicted, low, high, log_error, covered``, one row for each declared platform.

    Raises
    ------
    InputError
        If fewer than six platforms declare, or as for :func:`impute_registrations`.

    Examples
    --------
    >>> declared = [5e5, 4.2e4, 9e4, 1.5e6, 2e4, 3e5]
    >>> visitors = [2e5, 2.5e4, 3e4, 6e5, 9e3, 1e5]
    >>> leave_one_out(declared, visitors)["covered"].tolist()
    [True, True, True, True, True, True]
    """
    known, log_registered, log_visitors = _columns(declared, visitors)
    _check_draws(1, level)
    where = np.flatnonzero(known)
    if len(where) < LEAST_DECLARED + 1:
        raise InputError(f"{len(where)} declared platforms", f"at least {LEAST_DECLARED + 1}, to leave one out")
    rows = []
    for left in where:
        others = where[where != left]
        line = _Line.fit(log_registered[others], log_visitors[others])
        x = log_visitors[left] - line.centre
        fitted = line.level + line.slope * x
        half = float(stats.t.ppf(0.5 + level / 2, line.df) * line.prediction_error(x))
        miss = float(log_registered[left] - fitted)
        limits = math.exp(fitted - half), math.exp(fitted + half)
        rows.append((int(left), math.exp(log_registered[left]), math.exp(fitted), *limits, miss, abs(miss) <= half))
    names = ["position", "declared", "predicted", "low", "high", "log_error", "covered"]
    return pd.DataFrame(rows, columns=names)


def error_of_a_sum(fitted, residual_error, *, draws=20_000, seed, level=0.95):
    """What a residual error of the logarithm does to a sum over platforms, with the line itself known exactly.

    Parameters
    ----------
    fitted : array_like of float, shape (platforms,)
        Registrations that the line gives for each platform, above 0.
    residual_error : float or array_like of float, shape (k,)
        Standard deviations of the logarithm.
    draws : int, default 20,000
    seed : int or numpy.random.Generator
    level : float, default 0.95

    Returns
    -------
    DataFrame
        ``residual_error, mean_ratio, low, high``: mean and limits of the sum over the sum of the fitted values.
        ``mean_ratio`` is ``exp(s**2 / 2)`` exactly.

    Raises
    ------
    InputError
        If a number is not above 0.

    Examples
    --------
    >>> error_of_a_sum([1e4] * 50, [0.9], draws=1000, seed=1)["mean_ratio"].round(2).tolist()
    [1.5]
    """
    fitted = _positive(fitted, "fitted")
    errors = _positive(residual_error, "residual_error")
    _check_draws(draws, level)
    random = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(_seed(seed))
    # The same normal numbers for every error: the rows differ by the error alone.
    normal = random.standard_normal((draws, len(fitted)))
    shares = fitted / fitted.sum()
    rows = []
    for error in errors:
        ratio = np.exp(error * normal) @ shares
        low, high = np.quantile(ratio, [(1 - level) / 2, (1 + level) / 2])
        rows.append((error, math.exp(error**2 / 2), low, high))
    return pd.DataFrame(rows, columns=["residual_error", "mean_ratio", "low", "high"])


@dataclass(frozen=True)
class _Line:
    """Least squares through centred points, so that level and slope are independent."""

    n: int
    centre: float
    level: float
    slope: float
    spread: float
    residual_error: float
    df: int

    @classmethod
    def fit(cls, y, x):
        centre = float(x.mean())
        spread = float(((x - centre) ** 2).sum())
        if spread < 1e-12:
            raise InputError("equal visitors on all declared platforms", "visitors that differ", column="visitors")
        level, slope = float(y.mean()), float((x - centre) @ y / spread)
        df = len(y) - 2
        residual = y - level - slope * (x - centre)
        return cls(len(y), centre, level, slope, spread, math.sqrt(float(residual @ residual) / df), df)

    def prediction_error(self, x):
        return self.residual_error * np.sqrt(1 + 1 / self.n + np.square(x) / self.spread)


def _columns(declared, visitors):
    try:
        registered = np.array([math.nan if value is None else float(value) for value in declared])
    except (TypeError, ValueError):
        expected = "numbers, with empty cells where nothing is declared"
        raise InputError("text among the registrations", expected, column="declared") from None
    visitors = _positive(visitors, "visitors")
    if registered.shape != visitors.shape:
        raise InputError(f"{registered.size} registrations for {visitors.size} platforms", "one for each platform")
    bad = ~np.isnan(registered) & ~(np.isfinite(registered) & (registered > 0))
    if bad.any():
        i = int(np.argmax(bad))
        raise InputError(f"{registered[i]:g}", "a number above 0, or an empty cell", row=i + 2, column="declared")
    known = ~np.isnan(registered)
    if known.sum() < LEAST_DECLARED:
        raise InputError(
            f"{known.sum()} declared platforms", f"at least {LEAST_DECLARED}, to estimate a line and its error"
        )
    return known, np.log(registered), np.log(visitors)


def _check_thousands(known, log_registered, log_visitors):
    """Refuse visitors in thousands, which make a thousandfold ratio where the other platforms agree."""
    where = np.flatnonzero(known)
    ratio = log_registered[where] - log_visitors[where]
    centre = float(np.median(ratio))
    spread = 1.4826 * float(np.median(np.abs(ratio - centre)))
    off = np.abs(np.abs(ratio - centre) - _THOUSANDS) < 1.5
    suspicious = off & (np.abs(ratio - centre) > 4 * max(spread, 0.25))
    if suspicious.any():
        i = int(np.argmax(suspicious))
        factor = math.exp(abs(ratio[i] - centre))
        raise InputError(
            f"{math.exp(log_visitors[where[i]]):,.0f} visitors, about {factor:,.0f} times off the other platforms",
            "all visitors in one unit, not some in thousands; check_units=False if the number is right",
            row=int(where[i]) + 2,
            column="visitors",
        )


def _positive(values, name):
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError("text among the numbers", "numbers above 0", column=name) from None
    if array.ndim != 1 or array.size == 0:
        raise InputError("no column of numbers", "at least one number", column=name)
    bad = ~(np.isfinite(array) & (array > 0))
    if bad.any():
        i = int(np.argmax(bad))
        raise InputError(f"{array[i]:g}", "a number above 0", row=i + 2, column=name)
    return array


def _check_draws(draws, level):
    if isinstance(draws, bool) or not isinstance(draws, (int, np.integer)) or not 1 <= draws <= MOST_DRAWS:
        raise InputError(f"{draws!r} draws", f"a whole number from 1 to {MOST_DRAWS:,}", column="draws")
    if not (isinstance(level, (int, float)) and 0 < level < 1):
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")


def _seed(seed):
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise InputError(f"the seed {seed!r}", "a whole number of 0 or more")
    return int(seed)
