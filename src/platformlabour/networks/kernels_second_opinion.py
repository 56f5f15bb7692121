"""The same measures by igraph, where somebody has installed it: never imported unless asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.networks.kernels import adjacency, pagerank, structure, transitivity

__all__ = ["second_opinion"]


def second_opinion(graph):
    """Our kernels beside igraph's on one network, ties without direction or weight.

    Parameters
    ----------
    graph : networkx graph or sparse array

    Returns
    -------
    DataFrame
        ``measure`` and ``largest_difference`` over all nodes.

    Raises
    ------
    InputError
        If igraph is not installed.
    """
    try:
        import igraph
    except ImportError:
        remedy = "the optional package igraph: install platform-labour with the extra [igraph]"
        raise InputError("no igraph to compare with", remedy) from None
    matrix = adjacency(graph, weight=None)
    rows, columns = matrix.nonzero()
    once = rows < columns
    other = igraph.Graph(n=matrix.shape[0], edges=np.stack([rows[once], columns[once]], axis=1).tolist())
    constraint = np.array([np.nan if value is None else value for value in other.constraint()], dtype=float)
    pairs = {
        "transitivity": (transitivity(matrix), np.nan_to_num(other.transitivity_undirected())),
        "constraint": (structure(matrix)["constraint"].to_numpy(), constraint),
        "PageRank": (pagerank(matrix).scores, np.array(other.pagerank())),
    }
    return pd.DataFrame(
        {
            "measure": list(pairs),
            "largest_difference": [float(np.nanmax(np.abs(np.subtract(*pair)))) for pair in pairs.values()],
        }
    )
