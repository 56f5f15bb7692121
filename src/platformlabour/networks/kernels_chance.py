"""Is it chance? Labels shuffled over a network, and ties rewired with every degree kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from platformlabour.errors import InputError
from platformlabour.networks.kernels import adjacency, transitivity

__all__ = ["ChanceTest", "assortativity", "label_permutation_test", "rewire", "rewiring_test"]


@dataclass(frozen=True, eq=False)
class ChanceTest:
    """An observed statistic beside what chance makes of it.

    Parameters
    ----------
    observed : float
    draws : ndarray, shape (draws,)
        The statistic under chance.
    alternative : {"greater", "less", "two-sided"}
    """

    observed: float
    draws: np.ndarray
    alternative: str = "two-sided"

    @property
    def p_value(self):
        """Share of draws, the observation counted among them, that are at least as extreme; never 0."""
        close = 1e-12 * max(1.0, abs(self.observed))
        total = self.draws.size + 1
        greater = (1 + np.count_nonzero(self.draws >= self.observed - close)) / total
        less = (1 + np.count_nonzero(self.draws <= self.observed + close)) / total
        return float(
            {"greater": greater, "less": less, "two-sided": min(1.0, 2 * min(greater, less))}[self.alternative]
        )

    @property
    def standard_score(self):
        """Distance of the observation from the mean under chance, in standard deviations."""
        spread = self.draws.std(ddof=1)
        return float((self.observed - self.draws.mean()) / spread) if spread > 0 else math.nan


def assortativity(graph, labels):
    """Newman's coefficient: how much more often ties stay within a label than degrees alone would have it.

    Parameters
    ----------
    graph : networkx graph or sparse array
        Ties without direction or weight.
    labels : sequence, length (nodes)
        In the graph's order.

    Returns
    -------
    float
        1 if every tie stays within a label, 0 if labels do not matter, ``nan`` if there is only one label among the
        ties.

    References
    ----------
    M. E. J. Newman (2003), Mixing patterns in networks, Physical Review E 67, 026126, equation 2.

    Examples
    --------
    >>> import networkx as nx
    >>> karate = nx.karate_club_graph()
    >>> round(assortativity(karate, [karate.nodes[i]["club"] for i in karate]), 4)
    0.7175
    """
    matrix, codes, kinds = _labelled(graph, labels)
    return float(_assortativity(matrix, codes[None], kinds)[0])


def label_permutation_test(graph, labels, *, draws=999, seed=None, alternative="two-sided"):
    """Assortativity against labels dealt out at random, the network left as it is.

    Parameters
    ----------
    graph : networkx graph or sparse array
    labels : sequence, length (nodes)
    draws : int
        Permutations.
    seed : int or numpy.random.Generator, optional
    alternative : {"greater", "less", "two-sided"}

    Returns
    -------
    ChanceTest

    Raises
    ------
    InputError
        If the labels do not fit the nodes, or draws or alternative is not known.

    Notes
    -----
    The null hypothesis is that labels are exchangeable between nodes. It is false when a label comes with a degree, or
    with a place in a two-level network: then shuffle within levels instead.

    Examples
    --------
    >>> import networkx as nx
    >>> karate = nx.karate_club_graph()
    >>> clubs = [karate.nodes[i]["club"] for i in karate]
    >>> label_permutation_test(karate, clubs, draws=199, seed=1, alternative="greater").p_value
    0.005
    """
    _check(draws, alternative)
    matrix, codes, kinds = _labelled(graph, labels)
    generator = np.random.default_rng(seed)
    at_once = int(max(1, min(draws, 2**22 // max(1, matrix.nnz))))
    found = []
    for start in range(0, draws, at_once):
        shuffled = generator.permuted(np.repeat(codes[None], min(at_once, draws - start), axis=0), axis=1)
        found.append(_assortativity(matrix, shuffled, kinds))
    return ChanceTest(float(_assortativity(matrix, codes[None], kinds)[0]), np.concatenate(found), alternative)


def rewire(graph, *, swaps=10, seed=None, connected=False):
    """A random network in which everybody keeps the number of ties.

    Two ties (a, b) and (c, d) become (a, d) and (c, b), unless that would make a self-loop or a second tie between the
    same two. The ties are paired anew in each round and the pairs of a round tried in order; each trial and its
    reverse are equally likely, so in the long run every network with these degrees is.

    Parameters
    ----------
    graph : networkx graph or sparse array
        Ties without direction or weight.
    swaps : float
        Trials for each tie. Ten are usual; compare with twenty where it matters.
    seed : int or numpy.random.Generator, optional
    connected : bool
        Undo rounds that break the network apart. Without it the result may fall into pieces although the original did
        not: degrees alone do not hold a network together.

    Returns
    -------
    scipy.sparse.csr_array, shape (nodes, nodes)

    Raises
    ------
    InputError
        If ``swaps`` is not above 0, or ``connected`` is asked of a network that is not.

    References
    ----------
    R. Milo, N. Kashtan, S. Itzkovitz, M. E. J. Newman and U. Alon (2003), On the uniform generation of random graphs
    with prescribed degree sequences, arXiv:cond-mat/0312028.

    Examples
    --------
    >>> import networkx as nx
    >>> karate = nx.karate_club_graph()
    >>> random = rewire(karate, seed=1)
    >>> random.sum(axis=0).astype(int).tolist() == [degree for _, degree in karate.degree()]
    True
    """
    if not swaps > 0 or not math.isfinite(swaps):
        raise InputError(f"{swaps!r} swaps for each tie", "a number above 0, such as 10")
    matrix = adjacency(graph, weight=None)
    size = matrix.shape[0]
    if connected and connected_components(matrix, directed=False)[0] > 1:
        raise InputError("a network in several pieces", "a connected one, or connected=False")
    generator = np.random.default_rng(seed)
    upper = sparse.triu(matrix, k=1).tocoo()
    ends = np.stack(upper.coords, axis=1).astype(np.int64)
    if len(ends) < 2:
        return matrix
    pairs = len(ends) // 2
    # Small rounds where the network must hold together: a large one would almost always break it somewhere.
    at_once = min(pairs, max(1, math.isqrt(pairs) // 2)) if connected else pairs
    wanted = math.ceil(swaps * len(ends))
    while wanted > 0:
        trial = _round(ends, size, min(at_once, wanted), generator)
        wanted -= at_once
        if connected and connected_components(_matrix(trial, size), directed=False)[0] > 1:
            continue
        ends = trial
    return _matrix(ends, size)


def rewiring_test(graph, statistic=transitivity, *, draws=99, swaps=10, seed=None, alternative="two-sided", **options):
    """A statistic against networks in which only the degrees are kept.

    Parameters
    ----------
    graph : networkx graph or sparse array
    statistic : callable
        Takes a sparse matrix, returns a number; transitivity by default.
    draws : int
        Rewired networks, each begun from the observed one.
    swaps, seed, connected
        As for :func:`rewire`.
    alternative : {"greater", "less", "two-sided"}

    Returns
    -------
    ChanceTest

    Raises
    ------
    InputError
        As for :func:`rewire` and :func:`label_permutation_test`.

    Examples
    --------
    >>> import networkx as nx
    >>> found = rewiring_test(nx.davis_southern_women_graph(), draws=19, seed=1)
    >>> found.observed  # a two-mode network has no triangles, a rewired one has
    0.0
    """
    _check(draws, alternative)
    generator = np.random.default_rng(seed)
    matrix = adjacency(graph, weight=None)
    found = [statistic(rewire(matrix, swaps=swaps, seed=generator, **options)) for _ in range(draws)]
    return ChanceTest(float(statistic(matrix)), np.array(found, dtype=float), alternative)


# --- Inside -----------------------------------------------------------------------------------------------------------


def _check(draws, alternative):
    if not isinstance(draws, (int, np.integer)) or isinstance(draws, bool) or draws < 1:
        raise InputError(f"{draws!r} draws", "a whole number of 1 or more")
    if alternative not in ("greater", "less", "two-sided"):
        raise InputError(f"the alternative {alternative!r}", "greater, less or two-sided")


def _labelled(graph, labels):
    matrix = adjacency(graph, weight=None)
    labels = list(labels)
    if len(labels) != matrix.shape[0]:
        raise InputError(f"{len(labels)} labels for {matrix.shape[0]} nodes", "one label for each node, in their order")
    codes_of = {label: code for code, label in enumerate(dict.fromkeys(labels))}
    return matrix, np.array([codes_of[label] for label in labels]), len(codes_of)


def _assortativity(matrix, codes, kinds):
    """One coefficient for each row of labels."""
    if matrix.nnz == 0:
        return np.full(len(codes), np.nan)
    tail = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    within = (codes[:, tail] == codes[:, matrix.indices]).mean(axis=1)
    degree = np.diff(matrix.indptr).astype(float)
    row = np.arange(len(codes))[:, None] * kinds
    ends = np.bincount((codes + row).ravel(), weights=np.tile(degree, len(codes)), minlength=len(codes) * kinds)
    expected = ((ends.reshape(len(codes), kinds) / matrix.nnz) ** 2).sum(axis=1)
    room = 1 - expected
    return np.divide(within - expected, room, out=np.full(len(codes), np.nan), where=room > 1e-15)


def _matrix(ends, size):
    data = np.ones(2 * len(ends))
    both = (np.concatenate([ends[:, 0], ends[:, 1]]), np.concatenate([ends[:, 1], ends[:, 0]]))
    return sparse.coo_array((data, both), shape=(size, size)).tocsr()


def _codes(first, second, size):
    return np.minimum(first, second) * size + np.maximum(first, second)


def _round(ends, size, pairs, generator):
    """One trial for each of some disjoint pairs of ties.

    Trials that cannot get into each other's way are decided all at once. The few whose new tie another trial removes or
    makes are decided one after the other, as the definition of the chain has it.
    """
    order = generator.permutation(len(ends))[: 2 * pairs]
    one, two = order[:pairs], order[pairs : 2 * pairs]
    flip = generator.random(pairs) < 0.5
    a, b = ends[one].T
    c, d = np.where(flip, ends[two, 1], ends[two, 0]), np.where(flip, ends[two, 0], ends[two, 1])
    new = np.stack([_codes(a, d, size), _codes(c, b, size)])
    loop = (a == d) | (c == b)
    present = np.sort(_codes(ends[:, 0], ends[:, 1], size))
    old = np.stack([_codes(a, b, size), _codes(c, d, size)])
    exists = np.stack([_holds(present, new[0]), _holds(present, new[1])])
    removable = np.sort(old.ravel())
    made, times = np.unique(new[:, ~loop].ravel(), return_counts=True)
    twice = made[times > 1]
    touches = _holds(removable, new) | _holds(twice, new)
    touched = _holds(made, old)
    apart = ~(touches.any(axis=0) | touched.any(axis=0) | loop)
    accepted = apart & ~exists.any(axis=0)
    # What the trials one after the other have changed so far.
    gone, added = set(), set()
    for k in np.flatnonzero(~apart & ~loop).tolist():
        first, second = int(new[0, k]), int(new[1, k])
        if first == second:
            continue
        taken = [
            (code in added) or (bool(found) and code not in gone)
            for code, found in ((first, exists[0, k]), (second, exists[1, k]))
        ]
        if any(taken):
            continue
        accepted[k] = True
        for code in (int(old[0, k]), int(old[1, k])):
            gone.add(code)
            added.discard(code)
        added.update((first, second))
    result = ends.copy()
    result[one[accepted]] = np.stack([a, d], axis=1)[accepted]
    result[two[accepted]] = np.stack([c, b], axis=1)[accepted]
    return result


def _holds(ordered, wanted):
    if ordered.size == 0:
        return np.zeros(np.shape(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(ordered, wanted), ordered.size - 1)
    return ordered[place] == wanted
