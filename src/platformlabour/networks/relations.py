"""Dated ties between organisations: load, slice by time and layer, project, and hand over to networkx.

A tie reads from sender to receiver: an owner *owns* a firm, a client *outsources to* a vendor, a vendor *supplies
labour to* an interface. Who stands *above* whom does not always follow the arrow: whoever uses labour stands above
whoever supplies it. :func:`command_graph` turns every tie that way, and is what the measures of embeddedness walk
along.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import networkx as nx
import numpy as np
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.networks.relations_checks import check_ties, years
from platformlabour.tables import load

__all__ = [
    "BANDS",
    "LAYERS",
    "RELATIONS",
    "WORDS",
    "Relations",
    "bands",
    "command_graph",
    "documents",
    "groups",
    "holdings",
    "load_relations",
    "project",
    "relations_of",
    "select",
    "to_graph",
]

LAYERS = {
    "ownership": ("owns", "acquired", "operates"),
    "funding": ("invested_in",),
    "outsourcing": ("outsources_to",),
    "labour supply": ("supplies_labour_to",),
    "same group": ("same_group",),
    "membership": ("membership",),
}
RELATIONS = tuple(name for names in LAYERS.values() for name in names)
WORDS = {
    "owns": "owns",
    "acquired": "acquired",
    "operates": "operates",
    "invested_in": "invested in",
    "outsources_to": "outsources to",
    "supplies_labour_to": "supplies labour to",
    "same_group": "belongs to the same group as",
    "membership": "has members who work for",
}
# From the top of a chain to the workers; "other" firms stand beside the vendors.
BANDS = ("owner", "client", "vendor", "platform", "worker community")
_LAYER_OF = {relation: layer for layer, relations in LAYERS.items() for relation in relations}
# The sender supplies, the receiver uses: the receiver stands above.
_UPWARD = ("supplies_labour_to",)


@dataclass(frozen=True)
class Relations:
    """Organisations and the ties between them.

    Parameters
    ----------
    organisations : DataFrame, shape (organisations, columns)
        At least ``id``, ``name`` and ``level``.
    ties : DataFrame, shape (ties, columns)
        At least ``sender``, ``relation`` and ``receiver``; ``year_from`` and ``year_to`` (``NaN`` if no end is known),
        ``layer``, ``evidence``, ``date_basis``, ``source`` where known.
    """

    organisations: pd.DataFrame = field(repr=False)
    ties: pd.DataFrame = field(repr=False)

    def __repr__(self):
        return f"Relations({len(self.organisations)} organisations, {len(self.ties)} ties)"

    @property
    def names(self):
        """Name of each organisation by its identifier."""
        return dict(zip(self.organisations["id"], self.organisations["name"], strict=True))

    @property
    def levels(self):
        """Level of each organisation by its identifier."""
        return dict(zip(self.organisations["id"], self.organisations["level"], strict=True))

    def replace(self, ties):
        """The same organisations with other ties."""
        return Relations(self.organisations, ties.reset_index(drop=True))


def relations_of(organisations, ties, *, file=None):
    """Join two frames into checked relations.

    Parameters
    ----------
    organisations : DataFrame or None
        ``id``, and optionally ``name`` and ``level``; ``None`` takes the ends of the ties.
    ties : DataFrame, shape (ties, columns)
        ``sender``, ``relation``, ``receiver``; optionally ``period_start``, ``period_end``, ``share``, ``votes``,
        ``evidence``, ``date_basis``, ``source``.
    file : str, optional
        Name used in messages.

    Returns
    -------
    Relations

    Raises
    ------
    InputError
        The first fault: a missing column, an unknown relation or organisation, a self-loop, a duplicate tie, a share
        above 100 per cent, an end before its start.

    Examples
    --------
    >>> ties = pd.DataFrame({"sender": ["meta"], "relation": ["outsources_to"], "receiver": ["sama"]})
    >>> relations_of(None, ties)
    Relations(2 organisations, 1 ties)
    """
    faults = check_ties(ties, organisations, relations=RELATIONS, file=file)
    if faults:
        if len(faults) > 1:
            faults[0].add_note(f"{len(faults) - 1} more of the kind.")
        raise faults[0]
    if organisations is None:
        ends = sorted({*ties["sender"], *ties["receiver"]})
        organisations = pd.DataFrame({"id": ends})
    organisations = organisations.copy()
    for column, default in (("name", organisations["id"]), ("level", "other")):
        if column not in organisations.columns:
            organisations[column] = default
    ties = ties.copy()
    first = years(ties["period_start"]) if "period_start" in ties.columns else np.full(len(ties), np.nan)
    last = years(ties["period_end"]) if "period_end" in ties.columns else np.full(len(ties), np.nan)
    ties["year_from"], ties["year_to"] = first, last
    ties["layer"] = [_LAYER_OF[relation] for relation in ties["relation"]]
    for column in ("evidence", "date_basis", "source"):
        if column not in ties.columns:
            ties[column] = ""
    return Relations(organisations.reset_index(drop=True), ties.reset_index(drop=True))


def load_relations(*, folder=None):
    """The report's own network: a snowball from the press, not a sample.

    Parameters
    ----------
    folder : path, optional
        Folder of the data package.

    Returns
    -------
    Relations

    Raises
    ------
    InputError
        If the tables break their schema.

    Examples
    --------
    >>> load_relations()
    Relations(261 organisations, 276 ties)
    """
    return relations_of(load("organisations", folder=folder), load("ties", folder=folder), file="ties.csv")


def select(
    relations, *, layers=None, evidence=None, date_basis=None, during=None, ending="continues", without_sources=None
):
    """Keep some of the ties; organisations stay, so that nobody vanishes unseen.

    Parameters
    ----------
    relations : Relations
    layers : iterable of str, optional
        Names from ``LAYERS``.
    evidence : iterable of str, optional
        Such as ``("seen", "secondary")``, which drops the recalled rows.
    date_basis : iterable of str, optional
        Such as ``("event",)``.
    during : int or (int, int), optional
        A year, or a first and last year: ties that stood in any part of it.
    ending : {"continues", "attested only"}
        What a tie without a known end is taken to do: stand until today, or stand in its first year only.
    without_sources : iterable of str, optional
        Leave out ties whose only documents are these.

    Returns
    -------
    Relations

    Raises
    ------
    InputError
        If a layer, evidence or option is unknown, or the years are reversed.

    Examples
    --------
    >>> network = load_relations()
    >>> select(network, layers=["outsourcing"], during=2019)
    Relations(261 organisations, 30 ties)
    """
    ties = relations.ties
    keep = np.ones(len(ties), dtype=bool)
    for column, wanted, known in (
        ("layer", layers, set(LAYERS)),
        ("evidence", evidence, {"seen", "secondary", "recalled", ""}),
        ("date_basis", date_basis, {"event", "attested", "recalled", ""}),
    ):
        if wanted is None:
            continue
        wanted = {wanted} if isinstance(wanted, str) else set(wanted)
        if wanted - known:
            raise InputError(
                f"the {column.replace('_', ' ')} {sorted(wanted - known)[0]!r}", f"one of {', '.join(sorted(known))}"
            )
        keep &= ties[column].isin(wanted).to_numpy()
    if during is not None:
        keep &= _stands(ties, during, ending)
    if without_sources is not None:
        left_out = set(without_sources)
        keep &= ~np.array([set(documents(row)) <= left_out for row in ties.to_dict("records")], dtype=bool)
    return relations.replace(ties[keep])


def documents(tie):
    """Keys of the documents in which a tie was found, from its row as a dictionary.

    Examples
    --------
    >>> documents({"source": "A2020", "further_sources": "B2021; C"})
    ('A2020', 'B2021', 'C')
    """
    further = str(tie.get("further_sources") or "")
    return (tie["source"], *(key for key in further.split("; ") if key))


def _stands(ties, during, ending):
    first, last = (during, during) if np.isscalar(during) else during
    if last < first:
        raise InputError(f"the years {first} to {last}", "a first year that is not after the last")
    if ending not in ("continues", "attested only"):
        raise InputError(f"the ending {ending!r}", "'continues' or 'attested only'")
    start, end = ties["year_from"].to_numpy(dtype=float), ties["year_to"].to_numpy(dtype=float)
    open_end = np.isnan(end)
    end = np.where(open_end, np.inf if ending == "continues" else start, end)
    # A tie without any date cannot be placed in time; it is left out of every slice.
    return (start <= last) & (end >= first)


def to_graph(relations, *, isolated=False):
    """All ties as a directed multigraph of networkx: levels on the nodes, layers on the edges.

    Parameters
    ----------
    relations : Relations
    isolated : bool
        Keep organisations that have no tie here.

    Returns
    -------
    networkx.MultiDiGraph
        Edge keys are the relations, so ``graph["meta"]["scale-ai"]["invested_in"]`` is one tie with its dates.

    Examples
    --------
    >>> graph = to_graph(load_relations())
    >>> graph.number_of_nodes(), graph.number_of_edges()
    (261, 276)
    >>> sorted(graph["meta"]["scale-ai"])
    ['invested_in', 'outsources_to']
    """
    graph = nx.MultiDiGraph()
    ends = {*relations.ties["sender"], *relations.ties["receiver"]}
    for row in relations.organisations.to_dict("records"):
        if isolated or row["id"] in ends:
            graph.add_node(row["id"], name=row["name"], level=row["level"], band=bands(row["level"]))
    for row in relations.ties.to_dict("records"):
        attributes = {key: value for key, value in row.items() if key not in ("sender", "receiver", "relation", "id")}
        graph.add_edge(row["sender"], row["receiver"], key=row["relation"], **attributes)
    return graph


def bands(level):
    """Number of the band in which a level stands, 0 at the top; other firms stand with the vendors.

    Examples
    --------
    >>> [bands(level) for level in ("owner", "client", "vendor", "other", "platform")]
    [0, 1, 2, 2, 3]
    """
    return BANDS.index(level) if level in BANDS else BANDS.index("vendor")


def groups(relations):
    """One representative for all names of a group: renamed and merged firms count once.

    Returns
    -------
    dict of str to str
        Identifier to the identifier of its group's representative, the first in the alphabet.

    Examples
    --------
    >>> groups(load_relations())["yandex-n-v"]
    'nebius-group'
    """
    same = nx.Graph()
    same.add_nodes_from(relations.organisations["id"])
    part = relations.ties[relations.ties["relation"] == "same_group"]
    same.add_edges_from(zip(part["sender"], part["receiver"], strict=True))
    return {name: min(component) for component in nx.connected_components(same) for name in component}


def command_graph(relations):
    """Who stands above whom: owners, funders, clients, operators and users of labour point downwards.

    Ties of membership do not give commands and are left out; names of one group become one node.

    Parameters
    ----------
    relations : Relations

    Returns
    -------
    networkx.DiGraph
        Edge attributes ``layers`` and ``relations``: in which the pair is tied, sorted.

    Examples
    --------
    >>> graph = command_graph(load_relations())
    >>> graph.has_edge("uhrs", "clickworker")  # the interface uses the labour that Clickworker supplies
    True
    """
    group = groups(relations)
    graph = nx.DiGraph()
    graph.add_nodes_from(sorted(set(group.values())))
    for sender, relation, receiver, layer in relations.ties[["sender", "relation", "receiver", "layer"]].itertuples(
        index=False
    ):
        if relation in ("membership", "same_group"):
            continue
        above, below = (receiver, sender) if relation in _UPWARD else (sender, receiver)
        above, below = group[above], group[below]
        if above == below:
            continue
        known = graph.edges[above, below] if graph.has_edge(above, below) else {"layers": (), "relations": ()}
        graph.add_edge(
            above,
            below,
            layers=tuple(sorted({*known["layers"], layer})),
            relations=tuple(sorted({*known["relations"], relation})),
        )
    return graph


def project(relations, *, level, through, layers=None):
    """Link organisations of one level by the partners of another level that they share.

    Parameters
    ----------
    relations : Relations
    level, through : str
        Levels, such as vendors linked through clients.
    layers : iterable of str, optional
        Layers that count.

    Returns
    -------
    DataFrame, one row a pair
        ``first``, ``second``, ``shared`` (number of common partners) and ``partners`` (their identifiers), the most
        shared first.

    Raises
    ------
    InputError
        If a level occurs nowhere.

    Examples
    --------
    >>> pairs = project(load_relations(), level="vendor", through="client", layers=["outsourcing"])
    >>> pairs.loc[0, ["first", "second"]].tolist(), int(pairs.loc[0, "shared"])
    (['scale-ai', 'surge-ai'], 5)
    """
    levels = relations.levels
    for name in (level, through):
        if name not in set(levels.values()):
            raise InputError(f"the level {name!r}", f"one of {', '.join(sorted(set(levels.values())))}")
    ties = select(relations, layers=layers).ties if layers is not None else relations.ties
    partners = {}
    for one, other in zip(ties["sender"], ties["receiver"], strict=True):
        for member, partner in ((one, other), (other, one)):
            if levels[member] == level and levels[partner] == through:
                partners.setdefault(partner, set()).add(member)
    shared = {}
    for partner, members in partners.items():
        for first in members:
            for second in members:
                if first < second:
                    shared.setdefault((first, second), []).append(partner)
    rows = [
        {"first": first, "second": second, "shared": len(names), "partners": tuple(sorted(names))}
        for (first, second), names in shared.items()
    ]
    frame = pd.DataFrame(rows, columns=["first", "second", "shared", "partners"])
    return frame.sort_values(["shared", "first", "second"], ascending=[False, True, True]).reset_index(drop=True)


def holdings(relations):
    """Ties of ownership and funding whose share is known, as a list of holdings.

    Parameters
    ----------
    relations : Relations

    Returns
    -------
    DataFrame, one row a holding
        ``owner``, ``owned``, ``share`` and ``votes`` (0 to 1; votes equal the share unless they are known to differ),
        ``dated`` (year or month of the share), ``year_from``, ``year_to``, ``evidence`` and ``relation``.

    Examples
    --------
    >>> held = holdings(load_relations()).set_index(["owner", "owned"])
    >>> float(held.loc[("softbank", "uber"), "share"]), float(held.loc[("meta", "scale-ai"), "votes"])
    (0.15, 0.0)
    """
    ties = relations.ties
    if "share" not in ties.columns:
        raise InputError("ties without shares", "a column share, in per cent", column="share")
    known = ties[ties["layer"].isin(["ownership", "funding"]) & ties["share"].notna()].reset_index(drop=True)
    share = known["share"].astype(float) / 100
    votes = known["votes"].astype(float) / 100 if "votes" in known.columns else pd.Series(np.nan, index=known.index)
    return pd.DataFrame(
        {
            "owner": known["sender"],
            "owned": known["receiver"],
            "share": share,
            "votes": votes.where(votes.notna(), share),
            "dated": known["share_dated"] if "share_dated" in known.columns else "",
            "year_from": known["year_from"],
            "year_to": known["year_to"],
            "evidence": known["evidence"],
            "relation": known["relation"],
        }
    )
