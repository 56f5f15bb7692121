"""A published mean and a few published points of a distribution: what they say together, as bounds.

Two surveys of the same crowd printed a mean and two shares. No person's earnings are known here and none are made up:
the functions give the limits that the printed numbers imply, and shapes that illustrate them.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from platformlabour.errors import InputError

__all__ = ["illustrations", "needed_mean_of_top", "tail_means"]


def tail_means(points, mean):
    """What a mean and a few points of a distribution say together about the top group.

    Parameters
    ----------
    points : iterable of (float, float)
        Amounts, rising, and the share of people below each, rising: ``(5, 2/3)`` for two thirds below 5.
    mean : float
        Mean over everybody.

    Returns
    -------
    dict of str to float
        ``"top_share"``, people at or above the last amount; ``"top_mean_low"`` and ``"top_mean_high"``, the least and
        most that they can earn on average; ``"total_share_low"``, the least share of all earnings that is theirs;
        ``"mean_low"``, the least that the mean can be with these points and nobody negative.

    Raises
    ------
    InputError
        If amounts or shares do not rise, a share is not between 0 and 1, or the mean is too small for the points.

    Examples
    --------
    >>> bounds = tail_means([(5, 2 / 3), (10, 0.9)], 21)
    >>> round(bounds["top_mean_low"]), round(bounds["top_mean_high"])
    (153, 198)
    """
    amounts, shares = _points(points)
    mean = _positive(mean, "mean")
    top = 1 - shares[-1]
    edges, weights = np.concatenate([[0.0], amounts]), np.diff(np.concatenate([[0.0], shares]))
    least_below, most_below = float(weights @ edges[:-1]), float(weights @ edges[1:])
    mean_low = least_below + top * amounts[-1]
    if mean < mean_low:
        raise InputError(f"a mean of {mean:g}", f"{mean_low:.3g} or more, which the points imply", column="mean")
    low = max((mean - most_below) / top, float(amounts[-1]))
    return {
        "top_share": float(top),
        "top_mean_low": low,
        "top_mean_high": (mean - least_below) / top,
        "total_share_low": low * top / mean,
        "mean_low": mean_low,
    }


def needed_mean_of_top(points, mean, *, amount, shares):
    """Least average that those who reach a high amount must earn, for each share of people who do.

    Parameters
    ----------
    points : iterable of (float, float)
        As :func:`tail_means`.
    mean : float
    amount : float
        At or above the last point's amount.
    shares : array_like of float
        Shares of people who reach the amount, above 0 and below the top share.

    Returns
    -------
    DataFrame
        ``share`` and ``needed``: everybody below earns the most that the points allow, and those who reach the amount
        supply the rest of the mean.

    Raises
    ------
    InputError
        As :func:`tail_means`, or if the amount lies below the last point or a share outside the top group.

    Examples
    --------
    >>> needed_mean_of_top([(5, 2 / 3), (10, 0.9)], 21, amount=50, shares=[0.01, 0.05]).round(0).values.tolist()
    [[0.0, 1083.0], [0.0, 257.0]]
    """
    bounds = tail_means(points, mean)
    amounts, below = _points(points)
    amount = _positive(amount, "amount")
    if amount < amounts[-1]:
        raise InputError(f"the amount {amount:g}", f"{amounts[-1]:g} or more, the last point", column="amount")
    shares = np.atleast_1d(np.asarray(shares, dtype=float))
    top = bounds["top_share"]
    if not ((shares > 0) & (shares <= top + 1e-12)).all():
        raise InputError("a share outside the top group", f"shares above 0 and at most {top:.3g}", column="shares")
    most_below = float(np.diff(np.concatenate([[0.0], below])) @ amounts)
    needed = (mean - most_below - np.clip(top - shares, 0, None) * amount) / shares
    return pd.DataFrame({"share": shares, "needed": np.maximum(needed, amount)})


def illustrations(points, mean, *, amounts):
    """Three shapes through two published points: one without the published mean, two with it.

    All follow, up to the second amount, the log-normal distribution through both points. The first goes on with it
    and has the mean that follows. The others give those above the second amount the earnings that the published mean
    needs: a Pareto tail, in which a few earn very much, or an exponential one, in which most of them earn much. They
    illustrate; they are not data.

    Parameters
    ----------
    points : ((float, float), (float, float))
        Two amounts, rising, and the share of people below each.
    mean : float
        Published mean.
    amounts : array_like of float, shape (k,)
        Above 0: where to draw.

    Returns
    -------
    curves : DataFrame
        ``shape, amount, share``: share of people at or above each amount.
    summary : DataFrame
        ``shape, mean, reach``: mean of the shape, and a function that gives the share at or above an amount.

    Raises
    ------
    InputError
        If there are not two points, the mean does not exceed that of the log-normal, or as :func:`tail_means`.

    Examples
    --------
    >>> curves, summary = illustrations([(5, 2 / 3), (10, 0.9)], 21, amounts=[5, 10, 50])
    >>> summary["mean"].round(1).tolist()
    [4.9, 21.0, 21.0]
    >>> curves["share"].round(3).tolist()
    [0.333, 0.1, 0.001, 0.333, 0.1, 0.018, 0.333, 0.1, 0.079]
    """
    levels, below = _points(points)
    if len(levels) != 2 or below[0] == below[1]:
        raise InputError(f"{len(levels)} points", "two points with different shares")
    bounds = tail_means(points, mean)
    grid = np.atleast_1d(np.asarray(amounts, dtype=float))
    if not (np.isfinite(grid) & (grid > 0)).all():
        raise InputError("an amount of 0 or below", "amounts above 0", column="amounts")
    quantiles = stats.norm.ppf(below)
    spread = math.log(levels[1] / levels[0]) / (quantiles[1] - quantiles[0])
    body = stats.lognorm(s=spread, scale=math.exp(math.log(levels[0]) - spread * quantiles[0]))
    edge, top = float(levels[1]), bounds["top_share"]
    # Mean earnings of a log-normal from below the edge, per person of the whole population.
    centre = math.log(body.median())
    earned_below = body.mean() * stats.norm.cdf((math.log(edge) - centre - spread**2) / spread)
    needed = (mean - earned_below) / top
    if mean <= body.mean():
        raise InputError(f"a mean of {mean:g}", f"above {body.mean():.3g}, that of the log-normal", column="mean")
    power, excess = needed / (needed - edge), needed - edge

    def joined(tail):
        return lambda x: np.where(np.asarray(x) <= edge, body.sf(x), top * tail(np.maximum(x, edge)))

    shapes = {
        "log-normal": (body.mean(), body.sf),
        "a few earn a lot": (mean, joined(lambda x: (x / edge) ** -power)),
        "a tenth earns much": (mean, joined(lambda x: np.exp(-(x - edge) / excess))),
    }
    curves = pd.concat(
        [pd.DataFrame({"shape": name, "amount": grid, "share": reach(grid)}) for name, (_, reach) in shapes.items()],
        ignore_index=True,
    )
    summary = pd.DataFrame([(name, average, reach) for name, (average, reach) in shapes.items()])
    return curves, summary.set_axis(["shape", "mean", "reach"], axis=1)


def _points(points):
    pairs = [(float(amount), float(share)) for amount, share in points]
    if not pairs:
        raise InputError("no points", "at least one amount with the share of people below it")
    amounts, shares = (np.array(column) for column in zip(*pairs, strict=True))
    if amounts[0] <= 0 or (np.diff(amounts) <= 0).any() or (np.diff(shares) < 0).any():
        raise InputError("points that do not rise", "amounts above 0, rising, with shares that do not fall")
    if not (shares[0] > 0 and shares[-1] < 1):
        raise InputError("a share of 0, or of 1 and more", "shares between 0 and 1, not percentages")
    return amounts, shares


def _positive(value, name):
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{value!r}", "a number above 0", column=name) from None
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{value:g}", "a number above 0", column=name)
    return value
