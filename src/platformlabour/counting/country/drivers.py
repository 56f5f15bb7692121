"""What drives a count: each input moved alone, and its share of the variance."""

from __future__ import annotations

import math

from platformlabour.counting import synthesis
from platformlabour.errors import InputError

__all__ = ["drivers"]

POINTS = 2**12  # indices of a dozen factors to about one per cent


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
        and all others at their medians, from :func:`~platformlabour.counting.synthesis.drivers.tornado`; ``share`` and
        ``index`` from :func:`~platformlabour.counting.synthesis.drivers.sobol_shares`: the first-order share of the
        variance of the output's logarithm, ``"Sobol"``, or ``"conditional"`` where inputs of this output depend on one
        another and an input's share holds what it has in common with them. Both are ``None`` where the shares cannot be
        computed.
    """
    uncertain = set(model.graph.uncertain)
    moved = synthesis.tornado(model.graph, output).set_index("factor")
    moved = moved[moved.index.isin(uncertain)]
    shares = _shares(model, output, seed) if len(moved) else {}
    return [
        {
            "factor": name,
            "label": model.inputs[name].label,
            "given": model.inputs[name].given,
            "low": float(row["low"]),
            "high": float(row["high"]),
            **shares.get(name, {"share": None, "index": None}),
        }
        for name, row in moved.iterrows()
    ]


def _shares(model, output, seed):
    try:
        found = synthesis.sobol_shares(model.graph, output, seed=seed, draws=POINTS, dependence=model.dependence)
    except InputError:  # an output of 0 or less has no logarithm
        return {}
    return {
        row["factor"]: {"share": row["first"], "index": row["index"]}
        for row in found.to_dict("records")
        if math.isfinite(row["first"])  # where the spread is lost in rounding
    }
