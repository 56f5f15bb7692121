"""What chance alone would give: networks drawn at random that keep the level of affiliation as it is.

A multi-level network has ties between firms and ties of affiliation: which interface is operated by whom, and which
vendor's workers enter it. Simple effects across the levels create structure within one level (Wang and others 2013), so
a null model must hold the affiliations fixed. Here one layer is drawn anew and every other tie stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate
from platformlabour.networks.relations import LAYERS, groups

__all__ = ["STATISTICS", "PermutationTest", "overlap_test", "overlap_tests", "relabelled", "rewired"]

STATISTICS = {
    "double roles": "pairs in which a client of the vendor also holds its capital",
    "doors": "pairs in which a client's vendor supplies the interface that the client operates",
}
_CAPITAL = ("owns", "acquired", "invested_in")


@dataclass(frozen=True)
class PermutationTest:
    """An observed count beside the counts of random networks.

    Parameters
    ----------
    observed : int
    draws : ndarray of int, shape (draws,)
    statistic, method, layer : str
        What was counted, how the layer was drawn, and which.
    """

    observed: int
    draws: np.ndarray = field(repr=False, compare=False)
    statistic: str
    method: str
    layer: str

    @property
    def p_value(self):
        """Share of networks with at least the observed count, the observed one among them."""
        return float((1 + (self.draws >= self.observed).sum()) / (1 + len(self.draws)))

    @property
    def expected(self):
        """Mean count of the random networks."""
        return float(self.draws.mean())

    def estimate(self):
        """The p-value as a result of the report.

        Returns
        -------
        Estimate
            With the standard error that the number of draws leaves.
        """
        p, count = self.p_value, len(self.draws)
        return Estimate(
            value=p,
            unit="share",
            estimand=f"of random networks with at least {self.observed} {self.statistic}",
            method=f"{self.method} of the layer {self.layer}, {count:,} draws, affiliations fixed",
            standard_error=float(np.sqrt(p * (1 - p) / count)) or None,
        )


def rewired(senders, receivers, *, draws, rng, blocks=None, sweeps=10):
    """Networks with the same number of ties for each sender and each receiver, drawn by swapping receivers.

    Parameters
    ----------
    senders, receivers : array_like of int, shape (ties,)
        One layer; no tie twice.
    draws : int
        Chains that run side by side; each starts from the observed network and gives one.
    rng : numpy.random.Generator
    blocks : array_like of int, optional
        Block of each receiver, by its number: receivers are swapped within blocks only, which keeps who is tied to
        which level.
    sweeps : int
        Attempted swaps for each tie.

    Returns
    -------
    ndarray of int, shape (draws, ties)
        Receivers; senders stay.

    Raises
    ------
    InputError
        If a tie occurs twice or there are fewer than two ties.

    Notes
    -----
    A swap takes two ties and exchanges their receivers unless that makes a loop or a tie that exists. Attempts that
    fail count, which makes the chain uniform in the long run over all networks that swaps can reach.

    References
    ----------
    Rao, A. R., Jana, R. and Bandyopadhyay, S. (1996). A Markov chain Monte Carlo method for generating random
    (0,1)-matrices with given marginals. Sankhya A, 58, 225-242.

    Examples
    --------
    >>> drawn = rewired([0, 1, 2], [3, 4, 5], draws=4, rng=np.random.default_rng(1))
    >>> np.sort(drawn, axis=1).tolist() == [[3, 4, 5]] * 4
    True
    """
    senders, receivers = np.asarray(senders, dtype=int), np.asarray(receivers, dtype=int)
    count = len(senders)
    if count < 2 or len(receivers) != count:
        raise InputError(f"{count} senders and {len(receivers)} receivers", "at least two ties, each with both ends")
    if len(set(zip(senders.tolist(), receivers.tolist(), strict=True))) < count:
        raise InputError("a tie that occurs twice", "each tie once")
    size = int(max(senders.max(), receivers.max())) + 1
    block = np.zeros(size, dtype=int) if blocks is None else np.asarray(blocks, dtype=int)
    # Only nodes that occur take room: one cell a draw, sender and receiver says whether the tie exists.
    row_names, row = np.unique(senders, return_inverse=True)
    column_names, column = np.unique(receivers, return_inverse=True)
    exists = np.zeros((draws, len(row_names), len(column_names)), dtype=bool)
    exists[:, row, column] = True
    columns = np.tile(column, (draws, 1))
    loop = row_names[:, None] == column_names[None, :]
    block = block[column_names]
    each = np.arange(draws)
    for _ in range(sweeps * count):
        first = rng.integers(count, size=draws)
        # The same tie may be drawn twice: then nothing moves, and no chain swings between two halves for ever.
        second = rng.integers(count, size=draws)
        a, b = row[first], row[second]
        x, y = columns[each, first], columns[each, second]
        good = ~(exists[each, a, y] | exists[each, b, x] | loop[a, y] | loop[b, x]) & (block[x] == block[y])
        k = each[good]
        a, b, x, y, first, second = (values[good] for values in (a, b, x, y, first, second))
        exists[k, a, x] = exists[k, b, y] = False
        exists[k, a, y] = exists[k, b, x] = True
        columns[k, first], columns[k, second] = y, x
    return column_names[columns]


def relabelled(size, *, draws, rng, blocks=None):
    """Random relabellings of nodes, within blocks.

    Parameters
    ----------
    size : int
        Number of nodes.
    draws : int
    rng : numpy.random.Generator
    blocks : array_like of int, shape (size,), optional
        Nodes exchange labels only with nodes of their block, such as their level.

    Returns
    -------
    ndarray of int, shape (draws, size)
        New label of each node.

    References
    ----------
    Krackhardt, D. (1988). Predicting with networks: nonparametric multiple regression analysis of dyadic data. Social
    Networks, 10(4), 359-381 (the quadratic assignment procedure).

    Examples
    --------
    >>> relabelled(3, draws=2, rng=np.random.default_rng(1), blocks=[0, 1, 2]).tolist()
    [[0, 1, 2], [0, 1, 2]]
    """
    block = np.zeros(size, dtype=int) if blocks is None else np.asarray(blocks)
    if len(block) != size:
        raise InputError(f"{len(block)} blocks for {size} nodes", "one block for each node")
    labels = np.empty((draws, size), dtype=int)
    for name in np.unique(block):
        places = np.flatnonzero(block == name)
        labels[:, places] = places[rng.permuted(np.tile(np.arange(len(places)), (draws, 1)), axis=1)]
    return labels


def overlap_test(relations, *, statistic="double roles", method="rewiring", draws=10_000, seed):
    """Is a coincidence of ties across layers more frequent than chance would have it?

    The layer of outsourcing is drawn anew; capital, interfaces and who supplies them stay.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    statistic : {"double roles", "doors"}
        See ``STATISTICS``.
    method : {"rewiring", "relabelling"}
        Rewiring keeps how many ties of outsourcing each firm has, and to which levels; relabelling keeps the layer's
        whole shape and exchanges who stands where, within levels.
    draws : int
    seed : int

    Returns
    -------
    PermutationTest

    Raises
    ------
    InputError
        If statistic or method is unknown, or there are too few ties.

    References
    ----------
    Wang, P., Robins, G., Pattison, P. and Lazega, E. (2013). Exponential random graph models for multilevel networks.
    Social Networks, 35(1), 96-115.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> overlap_test(load_relations(), draws=200, seed=7).observed
    2
    """
    if statistic not in STATISTICS:
        raise InputError(f"the statistic {statistic!r}", f"one of {', '.join(STATISTICS)}")
    if method not in ("rewiring", "relabelling"):
        raise InputError(f"the method {method!r}", "rewiring or relabelling")
    fixed, (senders, receivers), block = _observed(relations, statistic)
    drawn = _drawn(senders, receivers, block, method, draws, np.random.default_rng(seed))
    return _counted(fixed, (senders, receivers), drawn, statistic, method)


def overlap_tests(relations, *, draws=10_000, seed):
    """Every statistic under every null model, each model's networks drawn once.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    draws : int
    seed : int

    Returns
    -------
    list of PermutationTest
        Statistics in the order of ``STATISTICS``, for rewiring and then for relabelling.

    Raises
    ------
    InputError
        If there are fewer than two ties of outsourcing.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> [(test.statistic, test.method) for test in overlap_tests(load_relations(), draws=10, seed=1)][1]
    ('doors', 'rewiring')
    """
    rng = np.random.default_rng(seed)
    tests = []
    for method in ("rewiring", "relabelling"):
        drawn = None
        for statistic in STATISTICS:
            fixed, ties, block = _observed(relations, statistic)
            drawn = _drawn(*ties, block, method, draws, rng) if drawn is None else drawn
            tests.append(_counted(fixed, ties, drawn, statistic, method))
    return tests


def _observed(relations, statistic):
    group = groups(relations)
    names = sorted(set(group.values()))
    place = {name: k for k, name in enumerate(names)}
    block = np.unique([relations.levels[name] for name in names], return_inverse=True)[1]
    ties = relations.ties[relations.ties["relation"].isin(LAYERS["outsourcing"])]
    pairs = sorted({(place[group[s]], place[group[r]]) for s, r in zip(ties["sender"], ties["receiver"], strict=True)})
    if len(pairs) < 2:
        raise InputError(f"{len(pairs)} ties of outsourcing", "at least two, or nothing can be drawn anew")
    return _fixed_pairs(relations, statistic, group, place), np.array(pairs).T, block


def _drawn(senders, receivers, block, method, draws, rng):
    """Senders and receivers of each drawn network."""
    if method == "rewiring":
        return senders, rewired(senders, receivers, draws=draws, rng=rng, blocks=block)
    labels = relabelled(len(block), draws=draws, rng=rng, blocks=block)
    return labels[:, senders], labels[:, receivers]


def _counted(fixed, ties, drawn, statistic, method):
    observed = int(fixed[tuple(ties)].sum())
    return PermutationTest(observed, fixed[drawn].sum(axis=1), statistic, method, "outsourcing")


def _fixed_pairs(relations, statistic, group, place):
    """Which pairs of client and vendor the layers that stay put would turn into the statistic."""
    fixed = np.zeros((len(place), len(place)), dtype=bool)
    ties = relations.ties
    if statistic == "double roles":
        for high, low in ties.loc[ties["relation"].isin(_CAPITAL), ["sender", "receiver"]].itertuples(index=False):
            fixed[place[group[high]], place[group[low]]] = True
        return fixed
    operates = ties.loc[ties["relation"] == "operates", ["sender", "receiver"]].itertuples(index=False)
    operators = {}
    for client, door in operates:
        operators.setdefault(group[door], []).append(group[client])
    supplies = ties.loc[ties["relation"] == "supplies_labour_to", ["sender", "receiver"]].itertuples(index=False)
    for vendor, door in supplies:
        for client in operators.get(group[door], ()):
            fixed[place[client], place[group[vendor]]] = True
    return fixed
