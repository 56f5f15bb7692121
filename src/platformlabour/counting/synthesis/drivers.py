"""What drives a count: one factor at a time, and shares of the variance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from platformlabour.counting.synthesis.propagate import _draws, _seed, propagate
from platformlabour.errors import InputError

__all__ = ["sobol_shares", "tornado", "worst_cases"]

SCALES = ("log", "linear")
_EDGE = 2.0**-31  # normal quantiles are infinite at 0 and 1


def tornado(graph, output, *, level=0.95):
    """One output with one factor at a time at the ends of its interval, all others at their medians.

    Parameters
    ----------
    graph : Graph
    output : str
    level : float, default 0.95
        Probability between the two ends.

    Returns
    -------
    DataFrame
        ``factor, kind, grade, unit, low_input, high_input, at_low, at_high, low, high, swing``, one row for each factor
        that the output depends on, the widest swing first. ``at_low`` is the output with the factor at its lower end;
        ``low`` and ``high`` are the two ends of the bar.

    Raises
    ------
    InputError
        If the output is unknown, the level is not between 0 and 1, or an output is not a finite number.

    References
    ----------
    T. G. Eschenbach (1992), Spiderplots versus tornado diagrams for sensitivity analysis, Interfaces 22(6), 40-46.

    Examples
    --------
    >>> from platformlabour.counting.synthesis import Factor, Graph, fixed, uniform
    >>> accounts = Factor("accounts", fixed(1000), "accounts", "measured", "made up", "2024", "CC0-1.0", "simulated")
    >>> homes = Factor("multi_homing", uniform(1, 2), "ratio", "assumed", "", "", "CC0-1.0", "none")
    >>> graph = Graph([accounts, homes], {"people": "accounts / multi_homing"}, estimand="stock at a date")
    >>> tornado(graph, "people", level=0.5)[["factor", "at_low", "at_high"]].round(0).values.tolist()
    [['multi_homing', 800.0, 571.0], ['accounts', 667.0, 667.0]]
    """
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    rows = []
    for name in graph.factors_of(output):
        factor = graph.factors[name]
        ends = [float(factor.distribution.ppf(u)) for u in ((1 - level) / 2, (1 + level) / 2)]
        at = [graph.central(**{name: end})[output] for end in ends]
        rows.append((name, factor.kind, factor.grade, factor.unit, *ends, *at, min(at), max(at), abs(at[1] - at[0])))
    columns = [
        "factor",
        "kind",
        "grade",
        "unit",
        "low_input",
        "high_input",
        "at_low",
        "at_high",
        "low",
        "high",
        "swing",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def worst_cases(graph, output, *, level=0.95):
    """One output with all factors at once at the ends of their intervals that make it smallest, and largest.

    It is the interval that one gets by multiplying worst cases. All factors are hardly ever at their ends together, so
    it holds far more than the level it was made from; it is shown to be compared with.

    Parameters
    ----------
    graph : Graph
    output : str
        Must rise or fall with each factor whatever the others are; products and quotients do.
    level : float, default 0.95
        Probability between the two ends of each factor.

    Returns
    -------
    (float, float)

    Raises
    ------
    InputError
        As for :func:`tornado`.

    Examples
    --------
    >>> from platformlabour.counting.synthesis import Factor, Graph, uniform
    >>> a, b = (Factor(name, uniform(1, 3), "ratio", "assumed", "", "", "CC0-1.0", "none") for name in "ab")
    >>> [round(end, 2) for end in worst_cases(Graph([a, b], {"people": "a * b"}, estimand="ever worked"), "people")]
    [1.1, 8.7]
    """
    rows = tornado(graph, output, level=level).to_dict("records")
    ends = []
    for smallest in (True, False):
        at = {row["factor"]: row["low_input"] if (row["at_low"] <= row["at_high"]) == smallest else row["high_input"]
              for row in rows}  # fmt: skip
        ends.append(float(graph.central(**at)[output]))
    return tuple(ends)


def sobol_shares(graph, output, *, seed, draws=2**13, dependence=None, scale="log"):
    """Shares of an output's variance that the factors account for.

    With independent factors these are Sobol's indices: ``first`` is the share that would vanish if the factor were
    known, ``total`` the share that would remain if all others were. Under dependence the decomposition behind the total
    index does not exist. Then only ``first`` is given, as the variance of the conditional mean; it counts what a factor
    shares with those it depends on, so that the shares may add up to more than 1.

    Parameters
    ----------
    graph : Graph
    output : str
    seed : int
    draws : int, default 8,192
        A power of two; the graph is evaluated this often, times the number of uncertain factors plus two.
    dependence : dict of (str, str) to float, optional
        As for :func:`~platformlabour.counting.synthesis.propagate.propagate`.
    scale : {"log", "linear"}, default "log"
        Whether to decompose the variance of the output's logarithm, which suits products, or of the output.

    Returns
    -------
    DataFrame
        ``factor, kind, grade, first, total, index``, the largest first; ``index`` is ``"Sobol"`` or ``"conditional"``,
        and ``total`` is missing for the latter. Fixed factors have no row.

    Raises
    ------
    InputError
        If a name or scale is unknown, the logarithm of a number of 0 or less would be needed, or nothing varies.

    References
    ----------
    I. M. Sobol' (2001), Global sensitivity indices for nonlinear mathematical models and their Monte Carlo estimates,
    Mathematics and Computers in Simulation 55, 271-280. A. Saltelli et al. (2010), Variance based sensitivity analysis
    of model output, Computer Physics Communications 181, 259-270, as in ``scipy.stats.sobol_indices``.

    Examples
    --------
    >>> from platformlabour.counting.synthesis import Factor, Graph, lognormal_from_interval
    >>> def around_one(name, ratio):
    ...     spread = lognormal_from_interval(1, 1 / ratio, ratio)
    ...     return Factor(name, spread, "ratio", "assumed", "", "", "CC0-1.0", "none")
    >>> a, b = around_one("a", 4), around_one("b", 2)
    >>> shares = sobol_shares(Graph([a, b], {"people": "a * b"}, estimand="ever worked"), "people", seed=1)
    >>> shares[["factor", "first", "total"]].round(2).values.tolist()
    [['a', 0.8, 0.8], ['b', 0.2, 0.2]]
    """
    if scale not in SCALES:
        raise InputError(f"the scale {scale!r}", f"one of {', '.join(SCALES)}")
    draws, seed = _draws(draws), _seed(seed)
    names = [name for name in graph.factors_of(output) if not graph.factors[name].distribution.is_fixed]
    if not names:
        raise InputError(f"no uncertain factor behind {output!r}", "at least one")

    def scaled(values):
        if scale == "linear":
            return values
        if np.min(values) <= 0:
            raise InputError(f"an output {output!r} of 0 or less", 'scale="linear", or factors above 0')
        return np.log(values)

    if any(set(pair) <= set(names) for pair in dependence or {}):
        shares = _conditional(graph, output, names, scaled, draws, seed, dependence)
    elif len(names) == 1:
        shares = [(names[0], 1.0, 1.0, "Sobol")]
    else:
        shares = _sobol(graph, output, names, scaled, draws, seed)
    frame = pd.DataFrame(shares, columns=["factor", "first", "total", "index"])
    frame.insert(1, "kind", [graph.factors[name].kind for name in frame["factor"]])
    frame.insert(2, "grade", [graph.factors[name].grade for name in frame["factor"]])
    by = "total" if frame["total"].notna().all() else "first"
    return frame.sort_values(by, ascending=False, kind="stable", ignore_index=True)


def _sobol(graph, output, names, scaled, draws, seed):
    from scipy import stats

    medians = {name: factor.distribution.median for name, factor in graph.factors.items()}

    def outputs(u):
        levels = np.clip(u, _EDGE, 1 - _EDGE)
        values = {name: graph.factors[name].distribution.ppf(level) for name, level in zip(names, levels, strict=True)}
        return np.array(np.broadcast_to(scaled(graph.evaluate(medians | values)[output]), u.shape[1:]))

    found = stats.sobol_indices(
        func=outputs, n=draws, dists=[stats.uniform()] * len(names), rng=np.random.default_rng(seed)
    )
    # Sampling error can carry an index beyond what it can be.
    first, total = np.clip(found.first_order, 0, 1), np.clip(found.total_order, 0, 1)
    return [(name, float(s), float(t), "Sobol") for name, s, t in zip(names, first, total, strict=True)]


def _conditional(graph, output, names, scaled, draws, seed, dependence):
    """Variance of the mean of the output within narrow slices of each factor, less what chance alone would give."""
    made = propagate(graph, max(draws, 2**16), seed=seed, dependence=dependence, keep_factors=True)
    values = scaled(made.draws[output])
    variance, slices = values.var(), 2**6
    shares = []
    for name in names:
        groups = values[np.argsort(made.draws[name], kind="stable")].reshape(slices, -1)
        noise = groups.var(axis=1, ddof=1).mean() / groups.shape[1]
        share = (groups.mean(axis=1).var() - noise * (slices - 1) / slices) / variance
        shares.append((name, float(np.clip(share, 0, 1)), np.nan, "conditional"))
    return shares
