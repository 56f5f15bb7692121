"""Network measures as a few sparse matrix products, each pinned to networkx on small graphs.

Nothing here depends on a backend or an environment variable: SciPy is always there, and gives the same answer
everywhere. All functions take a networkx graph or a square sparse matrix; self-loops are left out, because no measure
here has a meaning for them, and parallel edges are added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd
from scipy import sparse

from platformlabour.errors import InputError

__all__ = ["PageRank", "adjacency", "clustering", "pagerank", "structure", "transitivity", "triangles"]

# Rows of A² at a time, so that its fill-in never stands in memory at once.
PRODUCTS_AT_ONCE = 20_000_000


def adjacency(graph, *, weight="weight", directed=False):
    """Sparse matrix of a graph, without self-loops.

    Parameters
    ----------
    graph : networkx graph or sparse array, shape (nodes, nodes)
        Nodes in the graph's order.
    weight : str or None
        Edge attribute; ``None`` counts every tie as 1. Of a matrix, ``None`` keeps only where its entries are.
    directed : bool
        Keep directions. Otherwise a tie in either direction is a tie; the weights of the two are added.

    Returns
    -------
    scipy.sparse.csr_array of float

    Raises
    ------
    InputError
        If there is no node, or a weight is negative or not a number.

    Examples
    --------
    >>> import networkx as nx
    >>> adjacency(nx.DiGraph([(0, 1), (1, 1), (1, 2)])).toarray().tolist()
    [[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    if isinstance(graph, nx.Graph):
        if len(graph) == 0:
            raise InputError("a graph without nodes", "at least one node")
        oriented = graph.is_directed()
        matrix = sparse.csr_array(nx.to_scipy_sparse_array(graph, weight=weight, dtype=float, format="csr"))
    else:
        if not sparse.issparse(graph) or graph.ndim != 2 or graph.shape[0] != graph.shape[1] or graph.shape[0] == 0:
            raise InputError(f"{type(graph).__name__}", "a networkx graph or a square sparse matrix with nodes")
        matrix = sparse.csr_array(graph, dtype=float, copy=True)
        oriented = True
    if not np.isfinite(matrix.data).all() or (matrix.data < 0).any():
        raise InputError("a tie whose weight is negative or not a number", "weights of 0 or more")
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    if oriented and not directed and (abs(matrix - matrix.T)).max() > 0:
        matrix = (matrix + matrix.T).tocsr()
    if weight is None:
        matrix.data[:] = 1.0
    matrix.sort_indices()
    return matrix


def triangles(graph):
    """Triangles through each node, directions and weights left out.

    Parameters
    ----------
    graph : networkx graph or sparse array

    Returns
    -------
    ndarray of int, shape (nodes,)
        The sum is three times the number of triangles.

    Examples
    --------
    >>> import networkx as nx
    >>> int(triangles(nx.karate_club_graph()).sum()) // 3
    45
    """
    upward = _towards_hubs(adjacency(graph, weight=None))
    # Of a triangle u, v, w in that order, the pair (v, w) is met from u, and the pair (u, w) over v.
    from_first = (upward.T @ upward).multiply(upward)
    over_middle = (upward @ upward).multiply(upward)
    counts = over_middle.sum(axis=1) + from_first.sum(axis=1) + from_first.sum(axis=0)
    return np.rint(np.asarray(counts).ravel()).astype(np.int64)


def transitivity(graph):
    """Share of the pairs of ties at one node that a third tie closes.

    Parameters
    ----------
    graph : networkx graph or sparse array

    Returns
    -------
    float
        0 where no node has two ties.

    References
    ----------
    S. Wasserman and K. Faust (1994), Social Network Analysis, Cambridge University Press, section 6.7.

    Examples
    --------
    >>> import networkx as nx
    >>> round(transitivity(nx.karate_club_graph()), 5)
    0.25568
    """
    matrix = adjacency(graph, weight=None)
    degree = np.diff(matrix.indptr).astype(float)
    pairs = (degree * (degree - 1)).sum() / 2
    if not pairs:
        return 0.0
    upward = _towards_hubs(matrix)
    return float(3 * (upward.T @ upward).multiply(upward).sum() / pairs)


def _towards_hubs(matrix):
    """Each tie once, from fewer ties to more: no row is long, and products of such rows stay small."""
    degree = np.diff(matrix.indptr)
    rank = np.empty(degree.size, dtype=np.int64)
    rank[np.lexsort((np.arange(degree.size), degree))] = np.arange(degree.size)
    entries = matrix.tocoo()
    upward = rank[entries.coords[0]] < rank[entries.coords[1]]
    kept = (entries.coords[0][upward], entries.coords[1][upward])
    return sparse.csr_array((np.ones(upward.sum()), kept), shape=matrix.shape)


def clustering(graph):
    """Share of the pairs of a node's neighbours that are tied to each other.

    Parameters
    ----------
    graph : networkx graph or sparse array

    Returns
    -------
    ndarray of float, shape (nodes,)
        0 for nodes with fewer than two ties, as in networkx.

    Examples
    --------
    >>> import networkx as nx
    >>> round(float(clustering(nx.karate_club_graph()).mean()), 4)
    0.5706
    """
    matrix = adjacency(graph, weight=None)
    degree = np.diff(matrix.indptr).astype(float)
    pairs = degree * (degree - 1) / 2
    return np.divide(triangles(matrix), pairs, out=np.zeros_like(pairs), where=pairs > 0)


def structure(graph, *, weight="weight"):
    """Burt's measures of structural holes for every node at once.

    Parameters
    ----------
    graph : networkx graph or sparse array
        Of directed ties the two directions are added: constraint is about the strength of a relation, not its
        direction.
    weight : str or None
        Edge attribute; ``None`` counts every tie as 1.

    Returns
    -------
    DataFrame, one row a node in the graph's order
        ``partners``; ``constraint``; ``hierarchy`` (0 if every partner constrains alike, 1 if all of it comes from
        one); ``effective_size``; ``efficiency``, effective size over partners. Empty for nodes without partners.

    References
    ----------
    R. S. Burt (1992), Structural Holes, Harvard University Press, chapter 2.

    Examples
    --------
    >>> import networkx as nx
    >>> structure(nx.star_graph(3), weight=None).round(3).iloc[0].tolist()
    [3.0, 0.333, 0.0, 3.0, 1.0]
    """
    ties = adjacency(graph, weight=weight)
    size = ties.shape[0]
    strength = np.asarray(ties.sum(axis=1)).ravel()
    partners = np.diff(ties.indptr)
    share = sparse.diags_array(np.divide(1.0, strength, out=np.zeros(size), where=strength > 0)) @ ties
    strongest = np.zeros(size)
    np.maximum.at(strongest, np.repeat(np.arange(size), partners), ties.data)
    relative = sparse.diags_array(np.divide(1.0, strongest, out=np.zeros(size), where=strongest > 0)) @ ties
    constraint, concentration, redundancy = np.zeros(size), np.zeros(size), np.zeros(size)
    work = np.concatenate([[0], np.cumsum((ties != 0).astype(float) @ partners)])
    start = 0
    while start < size:
        stop = max(start + 1, int(np.searchsorted(work, work[start] + PRODUCTS_AT_ONCE, side="right")) - 1)
        rows = slice(start, stop)
        here = sparse.csr_array(ties[rows] != 0, dtype=float)
        direct, indirect = share[rows], (share[rows] @ share).multiply(here)
        # Only partners constrain: the pattern of direct ties holds every entry that counts.
        parts = sparse.csr_array(direct + indirect).multiply(here).tocsr()
        parts.data **= 2
        constraint[rows] = parts.sum(axis=1)
        owner = np.repeat(np.arange(stop - start), np.diff(parts.indptr))
        mean = constraint[rows] / np.maximum(partners[rows], 1)
        ratio = parts.data / mean[owner]
        concentration[rows] = np.bincount(owner, weights=ratio * np.log(ratio), minlength=stop - start)
        redundancy[rows] = (share[rows] @ relative.T).multiply(here).sum(axis=1)
        start = stop
    alone = partners == 0
    hierarchy = np.divide(
        concentration, partners * np.log(np.maximum(partners, 2)), out=np.ones(size), where=partners > 1
    )
    effective = partners - redundancy
    frame = pd.DataFrame(
        {
            "partners": partners,
            "constraint": constraint,
            "hierarchy": np.clip(hierarchy, 0.0, 1.0),
            "effective_size": effective,
            "efficiency": effective / np.maximum(partners, 1),
        }
    )
    frame.loc[alone, frame.columns[1:]] = np.nan
    return frame


@dataclass(frozen=True, eq=False)
class PageRank:
    """Scores with the largest error that any of them can have.

    Parameters
    ----------
    scores : ndarray, shape (nodes,)
        They add up to 1.
    error : float
        Bound on the difference of each score from its exact value.
    iterations : int
    """

    scores: np.ndarray
    error: float
    iterations: int

    def ranks(self):
        """Rank of each node, 1 the highest; scores that the error does not tell apart share the mean of their ranks.

        Returns
        -------
        ndarray, shape (nodes,)
        """
        from scipy.stats import rankdata  # takes a second to import, which only a ranking should pay

        order = np.argsort(-self.scores, kind="stable")
        apart = np.diff(-self.scores[order]) > 2 * self.error
        group = np.empty(self.scores.size, dtype=int)
        group[order] = np.concatenate([[0], np.cumsum(apart)])
        return rankdata(group, method="average")


def pagerank(graph, *, damping=0.85, weight="weight", tolerance=1e-6, most=1000):
    """PageRank, stopped only when the ranking can no longer change.

    The usual rule stops when the scores change little *in sum*, per node; the scores themselves are that small too, so
    low and middle ranks come out at random. Here the exact error is bounded, by ``damping / (1 - damping)`` times the
    last change, and has to fall below a fraction of the smallest score that any node can have.

    Parameters
    ----------
    graph : networkx graph or sparse array
        Directed graphs pass their score along the ties, undirected ones both ways.
    damping : float
        Chance to follow a tie; otherwise a node drawn at random comes next.
    weight : str or None
        Edge attribute; ``None`` counts every tie as 1.
    tolerance : float
        Error allowed, as a fraction of (1 - damping) / nodes.
    most : int
        Iterations after which the search is given up.

    Returns
    -------
    PageRank

    Raises
    ------
    InputError
        If the damping is not between 0 and 1, the tolerance is not above 0, or it is not reached.

    References
    ----------
    L. Page, S. Brin, R. Motwani and T. Winograd (1999), The PageRank citation ranking: bringing order to the web,
    Stanford InfoLab technical report 1999-66.

    Examples
    --------
    >>> import networkx as nx
    >>> found = pagerank(nx.star_graph(4))
    >>> found.scores.round(4).tolist(), found.ranks().tolist()
    ([0.4757, 0.1311, 0.1311, 0.1311, 0.1311], [1.0, 3.5, 3.5, 3.5, 3.5])
    """
    if not 0 < damping < 1:
        raise InputError(f"the damping {damping!r}", "a number above 0 and below 1, such as 0.85")
    if not tolerance > 0:
        raise InputError(f"the tolerance {tolerance!r}", "a number above 0")
    oriented = graph.is_directed() if isinstance(graph, nx.Graph) else True
    ties = adjacency(graph, weight=weight, directed=oriented)
    size = ties.shape[0]
    out = np.asarray(ties.sum(axis=1)).ravel()
    dangling = out == 0
    step = (sparse.diags_array(np.divide(damping, out, out=np.zeros(size), where=~dangling)) @ ties).T.tocsr()
    scores, allowed = np.full(size, 1.0 / size), tolerance * (1 - damping) / size
    for iteration in range(1, most + 1):
        new = step @ scores
        # Whoever has no tie out passes the score on to everybody.
        new += (1 - new.sum()) / size
        error = damping / (1 - damping) * np.abs(new - scores).sum()
        scores = new
        if error <= allowed:
            return PageRank(scores, float(error), iteration)
    raise InputError(
        f"an error of {error:.1e} after {most:,} iterations, above {allowed:.1e}",
        "a larger tolerance or more iterations",
    )
