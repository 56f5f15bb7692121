"""Networks to try disclosure on: small classics, simulated ones, and one large one that readers fetch themselves."""

from __future__ import annotations

import hashlib
from pathlib import Path

import networkx as nx
import numpy as np

from platformlabour.errors import InputError

__all__ = ["CLASSICS", "EGO_FACEBOOK", "classic", "read_ego_facebook", "simulated"]

CLASSICS = {
    "karate club": nx.karate_club_graph,
    "Florentine families": nx.florentine_families_graph,
    "Southern women": lambda: nx.bipartite.projected_graph(
        nx.davis_southern_women_graph(), nx.davis_southern_women_graph().graph["top"]
    ),
    "Les Misérables": nx.les_miserables_graph,
}
SIMULATED = ("random", "clustered", "unequal")
EGO_FACEBOOK = {
    "people": 4_039,
    "ties": 88_234,
    "sha256": "898824ae3e259f0d433eb755f0703a4d1cb3ed294b68b447f622c541795a38b1",
    "url": "https://snap.stanford.edu/data/facebook_combined.txt.gz",
}


def classic(name):
    """A small published network of people or characters, without weights.

    Parameters
    ----------
    name : str
        One of ``CLASSICS``; all come with networkx.

    Returns
    -------
    networkx.Graph

    Raises
    ------
    InputError
        If there is no network of that name.

    Examples
    --------
    >>> classic("karate club").number_of_edges()
    78
    """
    if name not in CLASSICS:
        raise InputError(f"the network {name!r}", f"one of {', '.join(CLASSICS)}")
    return nx.Graph(CLASSICS[name]().edges())


def simulated(kind, *, people=1000, contacts=10, seed):
    """A simulated network with a given mean number of contacts.

    Parameters
    ----------
    kind : {"random", "clustered", "unequal"}
        Ties drawn independently (Erdős and Rényi); neighbours on a ring with one tie in ten sent elsewhere (Watts and
        Strogatz), where contacts know each other; new people tied to those who have many ties already and to their
        contacts (Holme and Kim), where a few have very many.
    people, contacts : int
        ``contacts`` is the mean; even, and below the number of people.
    seed : int
        The same seed gives the same network.

    Returns
    -------
    networkx.Graph

    Raises
    ------
    InputError
        If the kind is unknown, or the numbers do not fit.

    Examples
    --------
    >>> network = simulated("clustered", people=100, contacts=6, seed=1)
    >>> network.number_of_edges()
    300
    """
    if kind not in SIMULATED:
        raise InputError(f"the kind {kind!r}", f"one of {', '.join(SIMULATED)}")
    if contacts < 2 or contacts % 2 or contacts >= people:
        raise InputError(f"{contacts!r} contacts of {people!r} people", "an even number of 2 or more, and more people")
    if kind == "random":
        return nx.fast_gnp_random_graph(people, contacts / (people - 1), seed=seed)
    if kind == "clustered":
        return nx.watts_strogatz_graph(people, contacts, 0.1, seed=seed)
    return nx.powerlaw_cluster_graph(people, contacts // 2, 0.5, seed=seed)


def read_ego_facebook(path):
    """Read the network of ten Facebook users and their friends from a copy that the reader has fetched.

    Ten people gave a research application access to their friends' data; four thousand others were not asked. The file
    states no licence, so it is not part of this project. ``EGO_FACEBOOK["url"]`` says where it is published.

    Parameters
    ----------
    path : str or path
        The edge list, unpacked: two numbers a line.

    Returns
    -------
    networkx.Graph
        With 4,039 people and 88,234 ties.

    Raises
    ------
    InputError
        If the file is missing, is not an edge list, or holds other ties than the published ones.

    References
    ----------
    J. McAuley and J. Leskovec (2012), Learning to discover social circles in ego networks, Advances in Neural
    Information Processing Systems 25.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except OSError as error:
        remedy = f"the edge list unpacked from {EGO_FACEBOOK['url']}"
        raise InputError(f"no file that can be read ({error.strerror})", remedy, file=path.name) from None
    except UnicodeDecodeError:
        raise InputError("bytes that are no text", "the edge list, unpacked", file=path.name) from None
    ties = []
    for row, line in enumerate(lines, start=1):
        cells = line.split()
        if len(cells) != 2 or not all(cell.isdigit() for cell in cells):
            raise InputError(f"{line[:40]!r}", "two whole numbers", file=path.name, row=row)
        ties.append(tuple(sorted(map(int, cells))))
    if not ties:
        raise InputError("an empty file", "two whole numbers a line", file=path.name)
    ordered = np.array(sorted(set(ties)), dtype="<i8")
    # Of the ties in order, not of the file: line ends and the order of lines differ between copies.
    if hashlib.sha256(ordered.tobytes()).hexdigest() != EGO_FACEBOOK["sha256"]:
        remedy = f"the {EGO_FACEBOOK['ties']:,} published ties, with their fingerprint"
        raise InputError(f"{len(ordered):,} ties that are not the published ones", remedy, file=path.name)
    return nx.Graph(ordered.tolist())
