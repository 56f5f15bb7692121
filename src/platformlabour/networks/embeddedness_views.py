"""Parts of the network that fit a page: the deepest part with its partners, and the view from one platform up."""

from __future__ import annotations

import pandas as pd

from platformlabour.errors import InputError
from platformlabour.networks.embeddedness import embeddedness, upstream
from platformlabour.networks.relations import WORDS, bands, groups

__all__ = ["deepest_part", "view_from"]


def deepest_part(relations, *, deepest=16, partners=2):
    """The most deeply embedded platforms and vendors, with the partners that tie several of them together.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    deepest : int
        How many platforms and vendors, by score; equal scores at the limit are all taken.
    partners : int
        Clients, vendors and platforms outside that list are drawn if they are tied to at least so many of it; owners if
        they are tied to one.

    Returns
    -------
    nodes, ties : DataFrame
        ``id``, ``label``, ``band``; ties with ``words`` and ``recalled``. Worker communities are left to the table.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> nodes, ties = deepest_part(load_relations(), deepest=5)
    >>> "scale-ai" in set(nodes["id"])
    True
    """
    found = embeddedness(relations)
    if found.empty:
        raise InputError("no platform or vendor with a tie", "a network with some")
    limit = found["score"].iloc[min(deepest, len(found)) - 1]
    core = set(found.loc[found["score"] >= limit, "organisation"])
    group = groups(relations)
    ties = relations.ties[relations.ties["layer"] != "membership"]
    tied = {}
    for one, other in zip(ties["sender"], ties["receiver"], strict=True):
        for outside, inside in ((one, other), (other, one)):
            if group[inside] in core and group[outside] not in core:
                tied.setdefault(outside, set()).add(inside)
    levels = relations.levels
    around = {name for name, inside in tied.items() if len(inside) >= (1 if levels[name] == "owner" else partners)}
    chosen = {name for name in relations.organisations["id"] if group[name] in core or name in around}
    return _frames(relations, chosen, {name: bands(level) for name, level in levels.items()})


def view_from(relations, organisation):
    """A worker's view: everyone above one platform or vendor, one band a step.

    Parameters
    ----------
    relations : platformlabour.networks.relations.Relations
    organisation : str
        Where the worker stands.

    Returns
    -------
    nodes, ties : DataFrame
        ``id``, ``label``, ``band`` (the farthest at the top, the platform at the bottom); ties with ``words`` and
        ``recalled``.

    Raises
    ------
    InputError
        If there is no such organisation.

    Examples
    --------
    >>> from platformlabour.networks.relations import load_relations
    >>> nodes, ties = view_from(load_relations(), "clixsense")
    >>> bool(nodes.set_index("id").loc["clixsense", "band"] == nodes["band"].max())
    True
    """
    steps = {organisation: 0, **upstream(relations, organisation)}
    group = groups(relations)
    farthest = max(steps.values())
    place = {name: farthest - steps[group[name]] for name in relations.organisations["id"] if group[name] in steps}
    return _frames(relations, set(place), place)


def _frames(relations, chosen, band):
    organisations = relations.organisations[relations.organisations["id"].isin(chosen)]
    nodes = pd.DataFrame(
        {
            "id": organisations["id"],
            "label": organisations["name"],
            "band": [band[name] for name in organisations["id"]],
        }
    ).reset_index(drop=True)
    ties = relations.ties
    inside = ties["sender"].isin(chosen) & ties["receiver"].isin(chosen) & (ties["layer"] != "membership")
    drawn = ties[inside].reset_index(drop=True)
    drawn["words"] = drawn["relation"].map(WORDS)
    drawn["recalled"] = drawn["evidence"] == "recalled"
    return nodes, drawn
