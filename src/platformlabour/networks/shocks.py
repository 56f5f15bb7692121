"""When one partner leaves: who is downstream of an organisation, by how many steps, and how exclusively."""

from __future__ import annotations

import networkx as nx
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.networks.relations import command_graph, groups, select

__all__ = ["direct_clients", "downstream", "downstream_by_evidence", "remove"]

_BUYS = ("outsources_to", "supplies_labour_to", "operates")
WORK = ("outsourcing", "labour supply")


def _work_graph(relations):
    """The part of the command graph along which work is ordered: outsourcing, supply of labour, operation."""
    graph = command_graph(relations)
    return graph.edge_subgraph([(a, b) for a, b, tie in graph.edges(data=True) if set(tie["relations"]) & set(_BUYS)])


def downstream(relations, organisation):
    """Everyone whose work is ordered, directly or through others, by an organisation.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    organisation : str
        Identifier of the one who leaves.

    Returns
    -------
    DataFrame, one row an organisation downstream, nearest first
        ``organisation``, ``name``, ``level``, ``steps``, ``through`` (the direct neighbour nearest to it on a shortest
        path), ``others`` (organisations that order work from it directly, besides those downstream themselves and the
        one who leaves) and ``exclusive`` (no such other is known).

    Raises
    ------
    InputError
        If there is no such organisation.

    Notes
    -----
    Exposure is read from the ties that are known. ``exclusive`` says that no other buyer is recorded, which a further
    article can disprove, and never how much work there is.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> exposed = downstream(load_relations(), "microsoft")
    >>> exposed.loc[exposed["organisation"] == "clickworker", ["steps", "through"]].values.tolist()
    [[2, 'uhrs']]
    """
    group = groups(relations)
    if organisation not in group:
        raise InputError(f"the organisation {organisation!r}", "the identifier of an organisation in the table")
    start = group[organisation]
    graph = _work_graph(relations)
    columns = ["organisation", "name", "level", "steps", "through", "others", "exclusive"]
    if start not in graph:
        return pd.DataFrame(columns=columns)
    paths = nx.single_source_shortest_path(graph, start)
    exposed = set(paths)
    names, levels = relations.names, relations.levels
    rows = []
    for name, path in paths.items():
        if name == start:
            continue
        others = [above for above in graph.predecessors(name) if above not in exposed]
        rows.append((name, names[name], levels[name], len(path) - 1, path[1], len(others), not others))
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["steps", "organisation"]).reset_index(drop=True)


def downstream_by_evidence(relations, organisations, *, during=None):
    """Numbers downstream of several organisations, with and without the rows that are only recalled.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    organisations : iterable of str
    during : int or (int, int), optional
        Ties that stood then.

    Returns
    -------
    DataFrame, one row an organisation
        ``organisation``, ``name``, ``direct``, ``downstream``, ``exclusive`` with all rows and, with the ending
        ``_seen``, without the recalled ones.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> counts = downstream_by_evidence(load_relations(), ["google"]).iloc[0]
    >>> bool(counts["downstream"] >= counts["downstream_seen"] > counts["direct_seen"])
    True
    """
    rows = []
    for organisation in organisations:
        row = {"organisation": organisation, "name": relations.names.get(organisation, organisation)}
        for ending, evidence in (("", None), ("_seen", ("seen", "secondary"))):
            part = select(relations, evidence=evidence, during=during)
            exposed = downstream(part, organisation)
            row[f"direct{ending}"] = int((exposed["steps"] == 1).sum())
            row[f"downstream{ending}"] = len(exposed)
            row[f"exclusive{ending}"] = int(exposed["exclusive"].astype(bool).sum())
        rows.append(row)
    return pd.DataFrame(rows)


def direct_clients(relations, organisation):
    """Who is known to order work from an organisation directly.

    Returns
    -------
    list of str
        Identifiers, sorted.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> direct_clients(load_relations(), "raterlabs")
    ['google']
    """
    graph = _work_graph(relations)
    name = groups(relations).get(organisation, organisation)
    return sorted(graph.predecessors(name)) if name in graph else []


def remove(relations, organisation, *, layers=WORK, receivers=None):
    """The network after an organisation has ended its orders.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    organisation : str
        The one who leaves.
    layers : iterable of str
        In which layers it ends its ties; ownership and funding stay unless they are named.
    receivers : iterable of str, optional
        Only its ties with these.

    Returns
    -------
    platformlabour.networks.relations.Relations

    Raises
    ------
    InputError
        If there is no such organisation, or it has no such tie to end.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> network = load_relations()
    >>> len(network.ties) - len(remove(network, "google", receivers=["appen"]).ties)
    1
    """
    if organisation not in set(relations.organisations["id"]):
        raise InputError(f"the organisation {organisation!r}", "the identifier of an organisation in the table")
    ties = relations.ties
    # Orders run from the client of outsourcing, and to the user of supplied labour.
    client = ((ties["layer"] == "outsourcing") & (ties["sender"] == organisation), ties["receiver"])
    user = ((ties["layer"] == "labour supply") & (ties["receiver"] == organisation), ties["sender"])
    capital = (ties["layer"].isin(["ownership", "funding"]) & (ties["sender"] == organisation), ties["receiver"])
    ended = pd.Series(False, index=ties.index)
    for rows, partner in (client, user, capital):
        chosen = rows & ties["layer"].isin(list(layers))
        if receivers is not None:
            chosen &= partner.isin(list(receivers))
        ended |= chosen
    if not ended.any():
        raise InputError(f"no tie of {organisation!r} to end", "an organisation and partners that are tied")
    return relations.replace(ties[~ended])
