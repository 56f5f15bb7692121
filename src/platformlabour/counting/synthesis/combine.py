"""Several sources on one number: their disagreement belongs into the interval."""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, special

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["combine"]


def combine(*estimates, weights=None, level=0.95):
    """Pool estimates of the same number, each read as log-normal, in equal or given parts.

    The result is a mixture: it says that one of the sources is right, not that all are. Sources that conflict
    therefore widen the interval; sources that agree do not narrow it.

    Parameters
    ----------
    *estimates : Estimate
        At least two points above 0 with intervals, of one unit and one estimand.
    weights : sequence of float, optional
        One a source, above 0.
    level : float, default 0.95

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        If units or estimands differ, an estimate is a bound, may not be used or has no interval with a level.

    References
    ----------
    M. Stone (1961), The opinion pool, Annals of Mathematical Statistics 32, 1339-1342.

    Examples
    --------
    >>> make = lambda value, low, high: Estimate(
    ...     value=value, unit="people", estimand="active in a month", method="survey", interval=(low, high))
    >>> combine(make(1000, 500, 2000), make(1000, 500, 2000))
    Estimate(1,000 people; 95% interval 500 to 2,000)
    """
    if len(estimates) < 2:
        raise InputError(f"{len(estimates)} estimates", "at least two")
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1")
    first = estimates[0]
    for one in estimates:
        if (one.unit, one.estimand) != (first.unit, first.estimand):
            raise InputError(f"{one.unit}, {one.estimand}", f"{first.unit}, {first.estimand}, as the first estimate")
        usable = one.status == "ok" and one.bound == "point" and one.interval is not None and one.level is not None
        if not usable or not 0 < one.interval[0] < one.interval[1] < math.inf:
            raise InputError(f"{one!r}", "a point estimate with an interval above 0, of a stated level")
    weights = np.ones(len(estimates)) if weights is None else np.asarray(weights, dtype=float)
    if weights.shape != (len(estimates),) or not (np.isfinite(weights) & (weights > 0)).all():
        raise InputError("these weights", "one number above 0 for each estimate")
    weights = weights / weights.sum()
    ends = np.log([one.interval for one in estimates])
    reach = special.ndtri([(1 + one.level) / 2 for one in estimates])
    means, spreads = ends.mean(axis=1), (ends[:, 1] - ends[:, 0]) / (2 * reach)

    def quantile(probability):
        edges = means + spreads * special.ndtri(probability)
        if np.ptp(edges) < 1e-12:
            return float(np.exp(edges[0]))
        root = optimize.brentq(
            lambda x: weights @ special.ndtr((x - means) / spreads) - probability, edges.min() - 1, edges.max() + 1
        )
        return math.exp(root)

    low, middle, high = (quantile(p) for p in ((1 - level) / 2, 0.5, (1 + level) / 2))
    apart = any(a.interval[1] < b.interval[0] for a in estimates for b in estimates)
    return Estimate(
        value=middle,
        unit=first.unit,
        estimand=first.estimand,
        method=f"linear pool of {len(estimates)} estimates",
        interval=(low, high),
        level=level,
        interval_kind="quantiles of a mixture of log-normals",
        assumptions=("one of the sources is right, with the weights given",),
        warnings=("sources whose intervals do not overlap",) if apart else (),
        simulated=any(one.simulated for one in estimates),
    )
