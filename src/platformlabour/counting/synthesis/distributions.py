"""What is known about one quantity, as a distribution given by its quantiles."""

from __future__ import annotations

import math

import numpy as np
from scipy import special

from platformlabour.counting.synthesis.distribution_kinds import (
    Distribution,
    _Beta,
    _Empirical,
    _Fixed,
    _LogNormal,
    _Normal,
    _Triangular,
    _Uniform,
)
from platformlabour.errors import InputError

__all__ = [
    "Distribution",
    "beta_from_interval",
    "empirical",
    "fixed",
    "lognormal_from_interval",
    "normal",
    "share_from_sample",
    "triangular",
    "uniform",
]


def fixed(value):
    """A quantity taken as known.

    Parameters
    ----------
    value : float

    Returns
    -------
    Distribution

    Raises
    ------
    InputError
        If the value is not a finite number.

    Examples
    --------
    >>> fixed(337_980).describe()
    'fixed at 337,980'
    """
    return _Fixed(_finite(value, "value"))


def uniform(low, high):
    """Anything between two limits, all of it alike.

    Parameters
    ----------
    low, high : float
        Limits, the first below the second.

    Returns
    -------
    Distribution

    Raises
    ------
    InputError
        If a limit is not finite, or the limits are reversed or equal.

    Examples
    --------
    >>> float(uniform(1.0, 1.83).ppf(0.5))
    1.415
    """
    low, high = _finite(low, "low"), _finite(high, "high")
    _rising(low, high)
    return _Uniform(low, high)


def triangular(low, mode, high):
    """Between two limits with a most likely value.

    Parameters
    ----------
    low, mode, high : float
        Smallest, most likely and largest value.

    Returns
    -------
    Distribution

    Raises
    ------
    InputError
        If a number is not finite, or they do not stand in this order.

    Examples
    --------
    >>> round(float(triangular(1.0, 1.27, 1.83).ppf(0.5)), 3)
    1.348
    """
    low, mode, high = _finite(low, "low"), _finite(mode, "mode"), _finite(high, "high")
    _rising(low, high)
    if not low <= mode <= high:
        raise InputError(f"a most likely value of {mode:g}", f"one between {low:g} and {high:g}", column="mode")
    return _Triangular(low, mode, high)


def lognormal_from_interval(median, low, high, *, level=0.95):
    """A positive quantity from its median and an interval.

    Below and above the median the logarithm has half a normal distribution each, so that all three numbers are
    quantiles exactly; where the median is the geometric mean of the limits, this is the log-normal distribution.

    Parameters
    ----------
    median, low, high : float
        Above 0, in the quantity's unit, the median strictly between the limits.
    level : float, default 0.95
        Probability between the limits.

    Returns
    -------
    Distribution

    Raises
    ------
    InputError
        If a number is not positive, the three do not grow, or the level is not between 0 and 1.

    References
    ----------
    K. F. Wallis (2014), The two-piece normal, binormal, or double Gaussian distribution: its origin and rediscoveries,
    Statistical Science 29, 106-112.

    Examples
    --------
    >>> accounts = lognormal_from_interval(1000, 500, 3000)
    >>> [round(float(accounts.ppf(u)), 6) for u in (0.025, 0.5, 0.975)]
    [500.0, 1000.0, 3000.0]
    """
    median, low, high = _finite(median, "median"), _finite(low, "low"), _finite(high, "high")
    level = _level(level)
    if low <= 0:
        raise InputError(f"a lower limit of {low:g}", "a number above 0", column="low")
    if not low < median < high:
        raise InputError(
            f"a median of {median:g} with an interval from {low:g} to {high:g}", "a median between the two"
        )
    return _LogNormal(median, low, high, level)


def beta_from_interval(low, high, *, level=0.95):
    """A share from an interval with equal probability on each side.

    Parameters
    ----------
    low, high : float
        Between 0 and 1, the first below the second.
    level : float, default 0.95
        Probability between the limits.

    Returns
    -------
    Distribution
        The beta distribution with these two quantiles.

    Raises
    ------
    InputError
        If a limit is not strictly between 0 and 1, the limits are reversed, or no beta distribution fits them.

    Examples
    --------
    >>> idle = beta_from_interval(0.2, 0.6)
    >>> [round(float(idle.ppf(u)), 4) for u in (0.025, 0.975)]
    [0.2, 0.6]
    """
    from scipy import optimize

    low, high, level = _finite(low, "low"), _finite(high, "high"), _level(level)
    for name, value in (("low", low), ("high", high)):
        if not 0 < value < 1:
            raise InputError(f"a share of {value:g}", "a share strictly between 0 and 1", column=name)
    _rising(low, high)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    # The logit of a beta variable is nearly normal: its mean and spread give the start.
    limits = np.array([low, high])
    centre = special.expit(special.logit(limits).mean())
    spread = (special.logit(high) - special.logit(low)) / (2 * special.ndtri(tails[1]))
    size = 1 / (spread**2 * centre * (1 - centre))

    def misfit(logs):
        a, b = np.exp(np.clip(logs, -12, 25))
        return special.logit(np.clip(special.betainc(a, b, limits), 1e-15, 1 - 1e-15)) - special.logit(tails)

    found = optimize.root(misfit, np.log([centre * size, (1 - centre) * size]), tol=1e-13)
    if np.abs(misfit(found.x)).max() > 1e-6:
        raise InputError(
            f"an interval from {low:g} to {high:g} at level {level:g}", "an interval that a beta distribution can have"
        )
    a, b = np.exp(found.x)
    return _Beta(float(a), float(b), low, high, level)


def share_from_sample(having, asked):
    """A share from how many of a sample have it.

    Parameters
    ----------
    having, asked : int
        How many have it, and the size of the sample.

    Returns
    -------
    Distribution
        Beta with half a case added on either side (Jeffreys), whose 95% interval covers the share about as often in
        repeated samples.

    Raises
    ------
    InputError
        If the numbers are not whole, the sample is empty, or more have it than were asked.

    References
    ----------
    L. D. Brown, T. T. Cai and A. DasGupta (2001), Interval estimation for a binomial proportion, Statistical Science
    16, 101-133, section 4.3.

    Examples
    --------
    >>> share_from_sample(30, 100).describe()
    'beta, 95% between 0.2168 and 0.3945'
    """
    for name, value in (("having", having), ("asked", asked)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
            raise InputError(f"{value!r}", "a whole number", column=name)
    if asked < 1 or not 0 <= having <= asked:
        raise InputError(f"{having} of {asked}", "a part of a sample that was asked")
    return _Beta.of(having + 0.5, asked - having + 0.5)


def normal(mean, sd):
    """A quantity with a symmetric error that may take either sign.

    Parameters
    ----------
    mean, sd : float
        Mean and standard deviation, the latter above 0.

    Returns
    -------
    Distribution

    Raises
    ------
    InputError
        If a number is not finite, or the standard deviation is not above 0.

    Examples
    --------
    >>> float(normal(1.27, 0.02).ppf(0.5))
    1.27
    """
    mean, sd = _finite(mean, "mean"), _finite(sd, "sd")
    if sd <= 0:
        raise InputError(f"a standard deviation of {sd:g}", "a number above 0", column="sd")
    return _Normal(mean, sd)


def empirical(values):
    """One of a list of values, each as likely as another: bootstrap or predictive draws.

    Parameters
    ----------
    values : array_like of float, shape (n,)

    Returns
    -------
    Distribution

    Raises
    ------
    InputError
        If there is no value, or one is missing or not finite.

    Examples
    --------
    >>> empirical([3, 1, 2]).ppf([0.1, 0.5, 0.9]).tolist()
    [1.0, 2.0, 3.0]
    """
    try:
        values = np.sort(np.asarray(values, dtype=float), axis=None)
    except (TypeError, ValueError):
        raise InputError("text among the values", "numbers", column="values") from None
    if not values.size or not np.isfinite(values).all():
        raise InputError("no values, or one that is not finite", "at least one finite number", column="values")
    values.flags.writeable = False
    return _Empirical(values)


def _finite(value, name):
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{value!r}", "a number", column=name) from None
    if not math.isfinite(number):
        raise InputError(f"{number:g}", "a finite number", column=name)
    return number


def _rising(low, high):
    if not low < high:
        raise InputError(f"limits from {low:g} to {high:g}", "a lower limit below the upper one")


def _level(level):
    level = _finite(level, "level")
    if not 0 < level < 1:
        raise InputError(f"the level {level:g}", "a number between 0 and 1, such as 0.95", column="level")
    return level
