"""Burt's structural holes: constraint, hierarchy, effective size and efficiency of each organisation's surroundings."""

from __future__ import annotations

import math

import networkx as nx
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.networks.relations import command_graph

__all__ = ["hierarchy", "structural_holes", "surroundings"]


def surroundings(relations):
    """The economic ties without their direction, each pair once; the weight is the number of layers.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations

    Returns
    -------
    networkx.Graph

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> surroundings(load_relations()).edges["meta", "scale-ai"]["weight"]
    2
    """
    graph = nx.Graph()
    for high, low, tie in command_graph(relations).edges(data=True):
        known = graph.edges[high, low]["layers"] if graph.has_edge(high, low) else ()
        layers = tuple(sorted({*known, *tie["layers"]}))
        graph.add_edge(high, low, layers=layers, weight=len(layers))
    return graph


def structural_holes(graph, *, weight=None):
    """Constraint, hierarchy, effective size and efficiency of every node.

    Parameters
    ----------
    graph : networkx.Graph
        Undirected and without self-loops.
    weight : str, optional
        Edge attribute that says how much of a node's time and energy a partner takes; equal by default.

    Returns
    -------
    DataFrame, one row a node with at least one partner, in the graph's order
        ``organisation``, ``partners``, ``constraint``, ``hierarchy``, ``effective_size``, ``efficiency``.

    Raises
    ------
    InputError
        If the graph is directed, a multigraph, or holds a self-loop.

    Notes
    -----
    With :math:`p_{ij}` the share of *i*'s ties that *j* takes, the constraint by one partner is
    :math:`c_{ij} = (p_{ij} + \\sum_q p_{iq} p_{qj})^2` and the constraint of a node their sum. Hierarchy says how far
    one partner is behind it: with :math:`r_j = c_{ij} / \\bar c_i` over *N* partners it is
    :math:`\\sum_j r_j \\ln r_j / (N \\ln N)`, 0 if all constrain alike, 1 with a single partner. Efficiency is
    effective size over partners.

    References
    ----------
    Burt, R. S. (1992). Structural Holes. Harvard University Press, chapter 2 (constraint and hierarchy).

    Examples
    --------
    >>> star = nx.star_graph(3)
    >>> structural_holes(star).round(3).iloc[0, 1:].tolist()
    [3.0, 0.333, 0.0, 3.0, 1.0]
    """
    if graph.is_directed() or graph.is_multigraph():
        raise InputError("a directed graph or a multigraph", "an undirected graph with each pair once")
    if nx.number_of_selfloops(graph):
        raise InputError("a node tied to itself", "pairs of different nodes")
    # Every node at once: networkx takes its fast path only without a list of nodes.
    constraint = nx.constraint(graph, weight=weight)
    # Asked for all nodes at once, networkx divides weights by the largest of the wrong side.
    size = nx.effective_size(graph, nodes=list(graph), weight=weight)
    rows = []
    for node in graph:
        partners = graph.degree(node)
        if not partners:
            continue
        parts = [nx.local_constraint(graph, node, other, weight=weight) for other in graph.neighbors(node)]
        rows.append(
            {
                "organisation": node,
                "partners": partners,
                "constraint": float(constraint[node]),
                "hierarchy": hierarchy(parts),
                "effective_size": float(size[node]),
                "efficiency": float(size[node]) / partners,
            }
        )
    columns = ["organisation", "partners", "constraint", "hierarchy", "effective_size", "efficiency"]
    return pd.DataFrame(rows, columns=columns)


def hierarchy(constraints):
    """Concentration of a node's constraint in one partner, by Burt's adaptation of Coleman's and Theil's index.

    Parameters
    ----------
    constraints : iterable of float
        The constraint by each partner, above zero.

    Returns
    -------
    float
        0 if all partners constrain alike, 1 if there is only one.

    Raises
    ------
    InputError
        If there is no partner, or a constraint is not above zero.

    Examples
    --------
    >>> hierarchy([0.25, 0.25]), hierarchy([1.0])
    (0.0, 1.0)
    """
    constraints = [float(value) for value in constraints]
    if not constraints or min(constraints) <= 0:
        raise InputError("no constraints, or one that is not above zero", "the constraint by each partner")
    count = len(constraints)
    if count == 1:
        return 1.0
    mean = math.fsum(constraints) / count
    ratios = [value / mean for value in constraints]
    return max(0.0, math.fsum(ratio * math.log(ratio) for ratio in ratios) / (count * math.log(count)))
