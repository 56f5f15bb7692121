"""When one partner leaves: who is downstream of an organisation, by how many steps, and how exclusively."""

from __future__ import annotations

import networkx as nx
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.networks.relations import command_graph, groups, select

__all__ = ["direct_clients", "downstream", "downstream_by_evidence", "downstream_by_year", "remove"]

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
        ``organisation``, ``name``, ``level``, ``steps``, ``through`` (the first organisation on a shortest path),
        ``others`` (known direct buyers that remain) and ``loses_all`` (none remains: each known buyer is the one who
        leaves or has itself lost every buyer).

    Raises
    ------
    InputError
        If there is no such organisation.

    Notes
    -----
    Exposure is read from the ties that are known. ``loses_all`` says that no other buyer is recorded, which a further
    article can disprove, and never how much work there is. A buyer counts as remaining however little it may buy.

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
    columns = ["organisation", "name", "level", "steps", "through", "others", "loses_all"]
    if start not in graph:
        return pd.DataFrame(columns=columns)
    paths = nx.single_source_shortest_path(graph, start)
    lost = _lost(graph, start)
    names, levels = relations.names, relations.levels
    rows = []
    for name, path in paths.items():
        if name == start:
            continue
        others = sum(above not in lost for above in graph.predecessors(name))
        rows.append((name, names[name], levels[name], len(path) - 1, path[1], others, name in lost))
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["steps", "organisation"]).reset_index(drop=True)


def _lost(graph, start):
    """The one who leaves, and all whose every known buyer is lost."""
    lost = {start}
    waiting = [start]
    while waiting:
        for name in graph.successors(waiting.pop()):
            if name not in lost and all(above in lost for above in graph.predecessors(name)):
                lost.add(name)
                waiting.append(name)
    return lost


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
        ``organisation``, ``name``, ``direct``, ``downstream``, ``loses_all`` with all rows and, with the ending
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
            row[f"loses_all{ending}"] = int(exposed["loses_all"].astype(bool).sum())
        rows.append(row)
    return pd.DataFrame(rows)


def downstream_by_year(relations, organisations, *, years):
    """Numbers downstream year by year, for the two readings of a tie whose end is not known.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    organisations : iterable of str
    years : iterable of int

    Returns
    -------
    DataFrame, one row an organisation and year
        ``organisation``, ``name``, ``year``, ``downstream`` (ties without a known end continue) and ``attested`` (they
        stand in their first year only).

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> counts = downstream_by_year(load_relations(), ["google"], years=[2010, 2019])
    >>> bool(counts["downstream"].iloc[0] < counts["downstream"].iloc[1])
    True
    """
    rows = []
    for year in years:
        slices = {
            column: select(relations, during=int(year), ending=ending)
            for column, ending in (("downstream", "continues"), ("attested", "attested only"))
        }
        for organisation in organisations:
            row = {"organisation": organisation, "name": relations.names[organisation], "year": int(year)}
            row.update({column: len(downstream(part, organisation)) for column, part in slices.items()})
            rows.append(row)
    return pd.DataFrame(rows).sort_values(["organisation", "year"]).reset_index(drop=True)


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
