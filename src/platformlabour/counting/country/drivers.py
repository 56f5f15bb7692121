"""What drives a count: each input moved alone, and its share of the variance."""

from __future__ import annotations

import numpy as np
from scipy.stats import qmc

__all__ = ["drivers"]

POINTS = 2**12  # first-order indices of a dozen factors to about one per cent


def drivers(model, output, *, seed):
    """Inputs of one output, the widest swing first.

    Parameters
    ----------
    model : Model
    output : str
    seed : int

    Returns
    -------
    list of dict
        ``factor``, ``label``, ``given``; ``low`` and ``high``: the output with this input at the ends of its 95% range
        and all others at their medians; ``share``: Sobol's first-order index of the output's logarithm, ``None`` where
        inputs of this output depend on one another, which leaves the index without meaning.

    References
    ----------
    A. Saltelli, P. Annoni, I. Azzini, F. Campolongo, M. Ratto and S. Tarantola (2010), Variance based sensitivity
    analysis of model output, Computer Physics Communications 181, 259-270, table 2.
    """
    uncertain = set(model.graph.uncertain)
    names = [name for name in model.graph.factors_of(output) if name in uncertain]
    shares = _shares(model, output, names, seed)
    rows = []
    for name in names:
        entry = model.inputs[name]
        ends = [
            model.graph.central(**{name: float(entry.factor.distribution.ppf(level))})[output]
            for level in (0.025, 0.975)
        ]
        rows.append(
            {
                "factor": name,
                "label": entry.label,
                "given": entry.given,
                "low": min(ends),
                "high": max(ends),
                "share": shares.get(name),
            }
        )
    return sorted(rows, key=lambda row: row["low"] - row["high"])


def _shares(model, output, names, seed):
    if not names or any(set(pair) <= set(names) for pair in model.dependence):
        return {}
    points = qmc.Sobol(2 * len(names), scramble=True, rng=np.random.default_rng(seed)).random(POINTS) + 2.0**-31
    first, second = points[:, : len(names)], points[:, len(names) :]
    medians = {name: factor.distribution.median for name, factor in model.graph.factors.items()}

    def evaluated(levels):
        drawn = {
            name: np.asarray(model.graph.factors[name].distribution.ppf(levels[:, place]))
            for place, name in enumerate(names)
        }
        values = model.graph.evaluate(medians | drawn)[output]
        return np.log(values) if (values > 0).all() else values

    base, other = evaluated(first), evaluated(second)
    variance = np.var(np.concatenate([base, other]))
    if variance <= 0:
        return {}
    shares = {}
    for place, name in enumerate(names):
        mixed = first.copy()
        mixed[:, place] = second[:, place]
        index = float(np.mean((other - other.mean()) * (evaluated(mixed) - base)) / variance)
        shares[name] = min(max(index, 0.0), 1.0)
    return shares
