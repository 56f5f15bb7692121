"""What drives an output: one factor moved at a time, and shares of the variance."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from platformlabour.errors import InputError

__all__ = ["sobol_shares", "tornado"]

_EDGE = 2.0**-31  # normal quantiles are infinite at 0 and 1


def tornado(graph, output, *, level=0.95):
    """Output when one factor goes to the ends of its interval and the others stay at their medians.

    Parameters
    ----------
    graph : Graph
    output : str
    level : float, default 0.95

    Returns
    -------
    DataFrame
        ``factor, at_low, at_high, low, high, swing``, the widest swing first; fixed factors are left out.

    Raises
    ------
    InputError
        If the output is unknown or the level is not between 0 and 1.

    Examples
    --------
    >>> from platformlabour.counting.synthesis import Factor, Graph, uniform
    >>> make = lambda name, high: Factor(name, uniform(0, high), "", "assumed", "", "", "CC0-1.0", "none")
    >>> graph = Graph([make("a", 1), make("b", 3)], {"total": "a + b"}, estimand="stock at a date")
    >>> tornado(graph, "total")["factor"].tolist()
    ['b', 'a']
    """
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    rows = []
    for name in _uncertain(graph, output):
        quantiles = [float(graph.factors[name].distribution.ppf((1 + sign * level) / 2)) for sign in (-1, 1)]
        ends = [graph.central(**{name: value})[output] for value in quantiles]
        rows.append((name, *ends, min(ends), max(ends), max(ends) - min(ends)))
    frame = pd.DataFrame(rows, columns=["factor", "at_low", "at_high", "low", "high", "swing"])
    return frame.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def sobol_shares(graph, output, *, seed, points=2**12, dependence=None):
    """First-order and total shares of an output's variance.

    Parameters
    ----------
    graph : Graph
    output : str
    seed : int
    points : int, default 4,096
        A power of two.
    dependence : dict, optional
        As given to :func:`propagate`; refused where it joins factors of this output.

    Returns
    -------
    DataFrame
        ``factor, first, total``, the largest total first.

    Raises
    ------
    InputError
        If factors of this output depend on one another, which leaves the shares undefined; if the output is unknown
        or does not vary.

    References
    ----------
    I. M. Sobol' (2001), Global sensitivity indices for nonlinear mathematical models and their Monte Carlo estimates,
    Mathematics and Computers in Simulation 55, 271-280.

    Examples
    --------
    >>> from platformlabour.counting.synthesis import Factor, Graph, uniform
    >>> make = lambda name, high: Factor(name, uniform(0, high), "", "assumed", "", "", "CC0-1.0", "none")
    >>> graph = Graph([make("a", 1), make("b", 3)], {"total": "a + b"}, estimand="stock at a date")
    >>> sobol_shares(graph, "total", seed=1).round(2)["first"].tolist()
    [0.9, 0.1]
    """
    names = _uncertain(graph, output)
    for pair in dependence or {}:
        if set(pair) <= set(names):
            raise InputError(
                f"factors that depend on one another: {pair[0]} and {pair[1]}",
                "independent factors; under dependence a factor has no share of its own, tornado(…) still holds",
            )
    if not isinstance(points, int) or points < 2 or points & (points - 1):
        raise InputError(f"{points!r} points", "a power of two, such as 4,096")
    medians = {name: factor.distribution.median for name, factor in graph.factors.items()}
    if not names:
        raise InputError(f"an output {output!r} that does not vary", "at least one uncertain factor")

    def outputs(levels):
        levels = np.clip(levels, _EDGE, 1 - _EDGE)
        drawn = {name: np.asarray(graph.factors[name].distribution.ppf(levels[k])) for k, name in enumerate(names)}
        return np.atleast_2d(graph.evaluate(medians | drawn)[output])

    indices = stats.sobol_indices(
        func=outputs, n=points, dists=[stats.uniform()] * len(names), rng=np.random.default_rng(seed)
    )
    frame = pd.DataFrame(
        {"factor": names, "first": np.ravel(indices.first_order), "total": np.ravel(indices.total_order)}
    )
    return frame.sort_values("total", ascending=False, kind="stable", ignore_index=True)


def _uncertain(graph, output):
    uncertain = set(graph.uncertain)
    return [name for name in graph.factors_of(output) if name in uncertain]
