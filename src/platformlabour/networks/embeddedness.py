"""From thin to deep: how far economic ties envelop a platform or a vendor.

A platform that nobody owns, funds or buys from in bulk is a market place: its ties are thin. One that stands at the
end of a chain of clients, vendors and owners is deeply embedded (Tubaro 2021). The measures here make the two ends a
gradient. They count what is in the data; what nobody wrote about counts as thin.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import networkx as nx
import numpy as np
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.networks.relations import command_graph

__all__ = [
    "FOCAL",
    "PARTS",
    "THIN",
    "Command",
    "command_of",
    "doors",
    "double_roles",
    "embeddedness",
    "score",
    "upstream",
]

FOCAL = ("platform", "vendor")
PARTS = ("upstream", "depth", "double_roles", "doors", "multiplexity")
THIN = 1  # organisations upstream, at most
_WORK = ("outsources_to", "supplies_labour_to", "operates")
_CAPITAL = ("owns", "acquired", "invested_in")
_BUYS = ("outsources_to", "supplies_labour_to")


@dataclass(frozen=True)
class Command:
    """The command graph as matrices: row above, column below.

    Parameters
    ----------
    nodes : tuple of str
        Representatives of groups, sorted.
    levels : tuple of str
    above : ndarray of bool, shape (nodes, nodes)
        Any tie that gives commands.
    work : ndarray of bool, shape (nodes, nodes)
        Outsourcing, supply of labour, operation of an interface.
    layers : ndarray of int, shape (nodes, nodes)
        Number of layers in which a pair is tied.
    double : ndarray of bool, shape (nodes, nodes)
        Buyer of labour and holder of capital at once.
    doors : ndarray of int, shape (nodes,)
        Interfaces that a client operates and vendors supply, at which the node's workers work.
    """

    nodes: tuple[str, ...] = field(repr=False)
    levels: tuple[str, ...] = field(repr=False)
    above: np.ndarray = field(repr=False)
    work: np.ndarray = field(repr=False)
    layers: np.ndarray = field(repr=False)
    double: np.ndarray = field(repr=False)
    doors: np.ndarray = field(repr=False)


def command_of(relations):
    """Matrices of the command graph of some relations.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations

    Returns
    -------
    Command
    """
    graph = command_graph(relations)
    nodes = tuple(graph)
    place = {name: k for k, name in enumerate(nodes)}
    levels = relations.levels
    size = (len(nodes), len(nodes))
    above, work, double = (np.zeros(size, dtype=bool) for _ in range(3))
    layers = np.zeros(size, dtype=int)
    operated, supplied = {}, {}
    for high, low, tie in graph.edges(data=True):
        cell = place[high], place[low]
        kinds = set(tie["relations"])
        above[cell] = True
        work[cell] = bool(kinds & set(_WORK))
        double[cell] = bool(kinds & set(_BUYS)) and bool(kinds & set(_CAPITAL))
        layers[cell] = len(tie["layers"])
        if "operates" in kinds and levels[high] == "client":
            operated.setdefault(low, set()).add(high)
        if "supplies_labour_to" in kinds:
            supplied.setdefault(high, set()).add(low)
    entered = np.zeros(len(nodes), dtype=int)
    for door in operated:
        # Without a supplier it is the client's own platform, not a door behind a vendor.
        if door in supplied:
            for name in {door, *supplied[door]}:
                entered[place[name]] += 1
    return Command(nodes, tuple(levels[name] for name in nodes), above, work, layers, double, entered)


def upstream(relations, organisation):
    """Everyone above an organisation: owners, funders, clients, operators and users of labour, and those above them.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    organisation : str
        Identifier.

    Returns
    -------
    dict of str to int
        Identifier to the smallest number of steps.

    Raises
    ------
    InputError
        If there is no such organisation.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> above = upstream(load_relations(), "remotasks")
    >>> above["scale-ai"], above["meta"], len(above)
    (1, 2, 18)
    """
    graph = command_graph(relations)
    if organisation not in graph:
        raise InputError(f"the organisation {organisation!r}", "the representative of a group that has ties")
    lengths = nx.single_source_shortest_path_length(graph.reverse(copy=False), organisation)
    return {name: steps for name, steps in sorted(lengths.items(), key=lambda item: (item[1], item[0])) if steps}


def double_roles(relations):
    """Pairs in which one organisation buys the other's labour and holds its capital.

    Returns
    -------
    list of (str, str)
        Above and below, sorted.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> double_roles(load_relations())
    [('meta', 'scale-ai'), ('microsoft', 'figure-eight')]
    """
    command = command_of(relations)
    return sorted((command.nodes[i], command.nodes[j]) for i, j in np.argwhere(command.double))


def doors(relations):
    """Interfaces that a client operates and that vendors supply with workers.

    Returns
    -------
    dict of str to dict
        Interface to ``clients`` and ``suppliers``, both sorted.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> doors(load_relations())["raterhub"]
    {'clients': ('google',), 'suppliers': ('leapforce',)}
    """
    graph, levels = command_graph(relations), relations.levels
    found = {}
    for door in graph:
        clients = [a for a, _, tie in graph.in_edges(door, data=True) if "operates" in tie["relations"]]
        clients = [name for name in clients if levels[name] == "client"]
        suppliers = [b for _, b, tie in graph.out_edges(door, data=True) if "supplies_labour_to" in tie["relations"]]
        if clients and suppliers:
            found[door] = {"clients": tuple(sorted(clients)), "suppliers": tuple(sorted(suppliers))}
    return found


def embeddedness(relations, *, levels=FOCAL, weights=None):
    """The parts of embeddedness and their score, one row an organisation.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations or Command
    levels : iterable of str
        Whose embeddedness is measured.
    weights : dict of str to float, optional
        Weight of each part in the score; equal by default.

    Returns
    -------
    DataFrame, one row an organisation with at least one tie, deepest first
        ``organisation``, ``level``, ``upstream`` (organisations above, at any distance), ``depth`` (steps in the
        longest chain of outsourcing, supply and operation above), ``double_roles`` (direct partners that are client
        and holder of capital at once), ``doors`` (client-owned interfaces at which its workers work),
        ``multiplexity`` (layers beyond the first, summed over the direct partners above), ``score``, and
        ``thin`` (at most one organisation above, no double role, no door).

    Notes
    -----
    The score is the weighted mean of ``x / (1 + x)`` over the five parts: 0 for an organisation above which nothing
    stands, 1 as a limit. The scale is fixed, so networks, years and permutations can be compared. Burt's constraint is
    reported beside the score and not in it: it is 1 for whoever has a single partner, thin and deep alike.

    References
    ----------
    Tubaro, P. (2021). Disembedded or deeply embedded? A multi-level network analysis of online labour platforms.
    Sociology, 55(5), 927-944. The two poles are hers; parts and score are ours.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> deepest = embeddedness(load_relations()).iloc[0]
    >>> deepest["organisation"], int(deepest["upstream"]), int(deepest["double_roles"])
    ('scale-ai', 17, 1)
    """
    command = relations if isinstance(relations, Command) else command_of(relations)
    tied = command.above.any(axis=0) | command.above.any(axis=1)
    frame = pd.DataFrame(
        {
            "organisation": command.nodes,
            "level": command.levels,
            "upstream": _above_counts(command.above),
            "depth": _depth(command.work),
            "double_roles": command.double.sum(axis=0),
            "doors": command.doors,
            "multiplexity": np.maximum(command.layers - 1, 0).sum(axis=0),
        }
    )
    frame = frame[tied & frame["level"].isin(list(levels)).to_numpy()].reset_index(drop=True)
    frame["score"] = score(frame, weights=weights)
    frame["thin"] = (frame["upstream"] <= THIN) & (frame["double_roles"] == 0) & (frame["doors"] == 0)
    return frame.sort_values(["score", "organisation"], ascending=[False, True]).reset_index(drop=True)


def score(parts, *, weights=None):
    """Weighted mean of ``x / (1 + x)`` over the parts.

    Parameters
    ----------
    parts : DataFrame, shape (organisations, parts)
    weights : dict of str to float, optional
        Equal by default; parts with weight 0 may be missing.

    Returns
    -------
    ndarray of float
        From 0 to below 1.

    Raises
    ------
    InputError
        If a part is missing, a weight is negative, or all are zero.

    Examples
    --------
    >>> score(pd.DataFrame({"upstream": [0, 1], "depth": [0, 1]}), weights={"upstream": 1, "depth": 1})
    array([0. , 0.5])
    """
    weights = dict.fromkeys(PARTS, 1.0) if weights is None else dict(weights)
    missing = [name for name, weight in weights.items() if weight and name not in parts.columns]
    if missing:
        raise InputError(f"no part {missing[0]!r}", f"one of {', '.join(parts.columns)}")
    if min(weights.values()) < 0 or not sum(weights.values()) > 0:
        raise InputError("weights that are negative or all zero", "at least one weight above zero and none below")
    total = np.zeros(len(parts))
    for name, weight in weights.items():
        if weight:
            x = parts[name].to_numpy(dtype=float)
            total += weight * x / (1 + x)
    return total / sum(weights.values())


def _above_counts(above):
    """Organisations above each node at any distance, circles included."""
    # Sets as the bits of integers: the sparse graph is passed over a few times, quick enough for resampling.
    edges = np.argwhere(above).tolist()
    reach = [0] * len(above)
    changed = True
    while changed:
        changed = False
        for high, low in edges:
            wider = reach[low] | reach[high] | (1 << high)
            if wider != reach[low]:
                reach[low] = wider
                changed = True
    return np.array([(bits & ~(1 << node)).bit_count() for node, bits in enumerate(reach)])


def _depth(work):
    """Steps of the longest chain that ends at each node; circles count as one step, whatever their length."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    count, component = connected_components(csr_array(work), directed=True, connection="strong")
    if count < len(work):
        between = np.zeros((count, count), dtype=bool)
        rows, columns = np.nonzero(work)
        between[component[rows], component[columns]] = True
        np.fill_diagonal(between, False)
    else:
        component, between = np.arange(len(work)), work
    depth = np.zeros(len(between), dtype=int)
    reached = between.any(axis=0)
    step = 0
    while reached.any():
        step += 1
        depth[reached] = step
        reached = (between & reached[:, None]).any(axis=0)
    return depth[component]
