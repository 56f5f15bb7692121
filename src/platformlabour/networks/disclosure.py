"""Data about people who never joined: what members reveal of others when they upload their contacts.

A platform has a share :math:`\\rho` of people as members; a share :math:`\\alpha` of members upload their contacts.
Whoever appears in an upload without being a member is *visible*: the platform knows a name or number, and with whom it
goes. This is the design of Horvát and colleagues; the two shares are theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import betainc, stdtrit

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate
from platformlabour.networks.kernels import adjacency

__all__ = [
    "Uploads",
    "draw_uploads",
    "expected_visible",
    "leak",
    "snowball",
    "suggestions",
    "visibility",
]

SPREADS = ("at random", "along ties")
LARGEST_DENSE = 4_000  # people; the score of all pairs is a dense matrix


@dataclass(frozen=True, eq=False)
class Uploads:
    """One draw of members and of uploads, and what the platform then holds.

    Parameters
    ----------
    member, uploads : ndarray of bool, shape (people,)
    named : ndarray of int, shape (people,)
        Uploads in which each person appears.
    """

    member: np.ndarray
    uploads: np.ndarray
    named: np.ndarray

    @property
    def visible(self):
        """People who are no members and appear in an upload."""
        return ~self.member & (self.named > 0)

    def share_visible(self, *, contacts=1):
        """Share of the people who are no members who appear in so many uploads; ``nan`` if everybody is a member."""
        outside = ~self.member
        return float((self.named[outside] >= contacts).mean()) if outside.any() else np.nan


def draw_uploads(graph, *, members, uploads, seed=None, spread="at random"):
    """Draw who is a member and who uploads contacts.

    Parameters
    ----------
    graph : networkx graph or sparse array
        Who has whom among their contacts; taken as mutual.
    members : float
        Share of people who are members, above 0 and below 1.
    uploads : float
        Share of members who upload their contacts, 0 to 1.
    seed : int or numpy.random.Generator, optional
    spread : {"at random", "along ties"}
        Everybody is a member with the same chance, apart from the others; or membership spreads from a first member to
        contacts of members, until the share is reached, as it does when members invite their contacts.

    Returns
    -------
    Uploads

    Raises
    ------
    InputError
        If a share is out of range or the spread unknown.

    References
    ----------
    E.-Á. Horvát, M. Hanselmann, F. A. Hamprecht and K. A. Zweig (2012), One plus one makes three (for social networks),
    PLoS ONE 7(4): e34740.

    Examples
    --------
    >>> import networkx as nx
    >>> drawn = draw_uploads(nx.complete_graph(10), members=0.5, uploads=1.0, seed=3)
    >>> int(drawn.member.sum()), int(drawn.visible.sum())
    (7, 3)
    """
    ties = adjacency(graph, weight=None)
    members, uploads = _share(members, "members", positive=True), _share(uploads, "uploads")
    if spread not in SPREADS:
        raise InputError(f"the spread {spread!r}", f"one of {', '.join(SPREADS)}")
    return _draw(ties, members, uploads, spread, np.random.default_rng(seed))


def expected_visible(degrees, *, members, uploads, contacts=1):
    """Expected share of non-members who appear in at least so many uploads, if members and uploads come at random.

    A person with k contacts is named by each with chance :math:`\\rho\\alpha`, so is missed with
    :math:`(1 - \\rho\\alpha)^k`. Only the degrees matter, not who is tied to whom: on a random graph with Poisson
    degrees of mean m the share is :math:`1 - e^{-m\\rho\\alpha}`.

    Parameters
    ----------
    degrees : array_like of int, shape (people,)
        Contacts of each person.
    members, uploads : float
        The shares.
    contacts : int
        Uploads that are enough. Eight to nine contacts predict what a person will write as well as their own past does
        (Bagrow, Liu and Mitchell).

    Returns
    -------
    float

    Raises
    ------
    InputError
        If a share is out of range, a number of contacts negative or nobody there.

    References
    ----------
    J. P. Bagrow, X. Liu and L. Mitchell (2019), Information flow reveals prediction limits in online social activity,
    Nature Human Behaviour 3, 122-128, for the number of contacts.

    Examples
    --------
    >>> round(expected_visible([0, 1, 10], members=0.3, uploads=0.5), 4)
    0.3177
    """
    degrees = np.asarray(degrees, dtype=float)
    if degrees.ndim != 1 or degrees.size == 0 or not (np.isfinite(degrees) & (degrees >= 0)).all():
        raise InputError("contacts that are not numbers of 0 or more", "one number for each of one or more people")
    contacts = _whole(contacts, "contacts", 1)
    named = _share(members, "members") * _share(uploads, "uploads")
    if contacts == 1:
        return float(1 - ((1 - named) ** degrees).mean())
    # The upper tail of a binomial is an incomplete beta function.
    reached = degrees >= contacts
    tail = np.zeros(degrees.size)
    tail[reached] = betainc(contacts, degrees[reached] - contacts + 1, named)
    return float(tail.mean())


def visibility(graph, *, members, uploads=1.0, replicates=50, seed=None, spread="at random", contacts=1, level=0.95):
    """Share of non-members who are visible, for each share of members, over several draws.

    Parameters
    ----------
    graph : networkx graph or sparse array
    members : array_like of float
        Shares of members.
    uploads : float
        Share of members who upload.
    replicates : int
        Draws for each share; at least 2.
    seed : int or numpy.random.Generator, optional
    spread : {"at random", "along ties"}
    contacts : int
        Uploads in which a person must appear.
    level : float
        Of the interval: draws between which the middle ones lie.

    Returns
    -------
    DataFrame, one row a share of members
        ``members``; ``visible``, the mean; ``low`` and ``high``, quantiles of the draws; ``standard_error`` of the
        mean; ``expected`` by :func:`expected_visible`.

    Raises
    ------
    InputError
        As for :func:`draw_uploads`.

    Examples
    --------
    >>> import networkx as nx
    >>> found = visibility(nx.complete_graph(40), members=[0.3, 0.5], replicates=10, seed=1)
    >>> found["visible"].tolist()
    [1.0, 1.0]
    """
    ties = adjacency(graph, weight=None)
    uploads, contacts = _share(uploads, "uploads"), _whole(contacts, "contacts", 1)
    replicates = _whole(replicates, "replicates", 2)
    if spread not in SPREADS:
        raise InputError(f"the spread {spread!r}", f"one of {', '.join(SPREADS)}")
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    generator = np.random.default_rng(seed)
    degrees = np.diff(ties.indptr)
    rows = []
    for share in np.atleast_1d(members):
        share = _share(share, "members", positive=True)
        draws = np.array(
            [_draw(ties, share, uploads, spread, generator).share_visible(contacts=contacts) for _ in range(replicates)]
        )
        draws = draws[np.isfinite(draws)]
        if draws.size < 2:
            raise InputError("draws in which everybody is a member", "a smaller share, more replicates or more people")
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
        rows.append(
            {
                "members": share,
                "visible": draws.mean(),
                "low": low,
                "high": high,
                "standard_error": draws.std(ddof=1) / np.sqrt(draws.size),
                "expected": expected_visible(degrees, members=share, uploads=uploads, contacts=contacts),
            }
        )
    return pd.DataFrame(rows)


def leak(graph, *, members, uploads, replicates=50, seed=None, spread="at random", level=0.95, simulated=False):
    """People who are no members made visible by each member who uploads.

    The cost that one decision to upload has for others, on average. It stands in the spirit of the privacy leak factor
    of Sarigöl, Garcia and Schweitzer, which links a person's loss to what others disclose, but measures being known at
    all, not how well an attribute is predicted.

    Parameters
    ----------
    graph : networkx graph or sparse array
    members, uploads : float
    replicates, seed, spread
        As for :func:`visibility`.
    level : float
        Coverage of the interval for the mean over draws, by Student's t.
    simulated : bool
        Whether the network is simulated.

    Returns
    -------
    Estimate
        In people.

    Raises
    ------
    InputError
        As for :func:`draw_uploads`.

    References
    ----------
    E. Sarigöl, D. Garcia and F. Schweitzer (2014), Online privacy as a collective phenomenon, arXiv:1409.6197.

    Examples
    --------
    >>> import networkx as nx
    >>> leak(nx.star_graph(9), members=0.5, uploads=1.0, replicates=20, seed=1).unit
    'people'
    """
    ties = adjacency(graph, weight=None)
    members = _share(members, "members", positive=True)
    uploads = _share(uploads, "uploads", positive=True)
    replicates = _whole(replicates, "replicates", 2)
    if spread not in SPREADS:
        raise InputError(f"the spread {spread!r}", f"one of {', '.join(SPREADS)}")
    generator = np.random.default_rng(seed)
    draws = [_draw(ties, members, uploads, spread, generator) for _ in range(replicates)]
    ratios = np.array([drawn.visible.sum() / drawn.uploads.sum() for drawn in draws if drawn.uploads.any()])
    if ratios.size < 2:
        raise InputError("draws in which nobody uploads", "larger shares or more replicates")
    error = ratios.std(ddof=1) / np.sqrt(ratios.size)
    reach = stdtrit(ratios.size - 1, (1 + level) / 2) * error
    return Estimate(
        value=ratios.mean(),
        unit="people",
        estimand="people who are no members made visible for each member who uploads",
        method="mean over draws of members and uploads",
        interval=(max(0.0, ratios.mean() - reach), ratios.mean() + reach),
        level=level,
        interval_kind="Student's t",
        standard_error=error,
        simulated=simulated,
    )


def suggestions(graph, drawn):
    """How well common contacts give away ties between people who are no members.

    Suggesting friends closes open triads: two people whom the same members name are offered to each other. The platform
    does not see ties between non-members, but it can count in how many uploads both appear.

    Parameters
    ----------
    graph : networkx graph or sparse array
        At most 4,000 people.
    drawn : Uploads

    Returns
    -------
    dict
        ``pairs`` of visible non-members; ``ties`` among them; ``auc``, the chance that a tied pair has more uploads in
        common than a pair without a tie, equal numbers counted half (``nan`` without both); ``precision``, share of
        tied pairs among as many of the highest scores as there are ties, ties of rank counted by their share.

    Raises
    ------
    InputError
        If the network is too large, or the draw belongs to another one.

    Examples
    --------
    >>> import networkx as nx
    >>> karate = nx.karate_club_graph()
    >>> found = suggestions(karate, draw_uploads(karate, members=0.5, uploads=1.0, seed=2))
    >>> found["auc"] > 0.5
    True
    """
    ties = adjacency(graph, weight=None)
    if ties.shape[0] > LARGEST_DENSE:
        raise InputError(f"{ties.shape[0]:,} people", f"at most {LARGEST_DENSE:,}")
    if drawn.member.shape != (ties.shape[0],):
        raise InputError("a draw from another network", "uploads drawn from this one")
    shadow = np.flatnonzero(drawn.visible)
    uploads = ties[np.flatnonzero(drawn.uploads)][:, shadow]
    common = (uploads.T @ uploads).toarray()
    tied = ties[shadow][:, shadow].toarray() > 0
    upper = np.triu_indices(shadow.size, k=1)
    scores, truth = common[upper], tied[upper]
    count = int(truth.sum())
    found = {"pairs": int(truth.size), "ties": count, "auc": np.nan, "precision": np.nan}
    if 0 < count < truth.size:
        # Scores are small whole numbers: counting them spares sorting a million pairs.
        level = np.rint(scores).astype(np.int64)
        tied_at = np.bincount(level[truth], minlength=level.max() + 1)
        all_at = np.bincount(level)
        others_at = all_at - tied_at
        found["auc"] = float(tied_at @ (np.cumsum(others_at) - others_at / 2) / (count * others_at.sum()))
        taken = np.diff(np.minimum(np.cumsum(all_at[::-1]), count), prepend=0)[::-1]
        found["precision"] = float((tied_at[all_at > 0] / all_at[all_at > 0]) @ taken[all_at > 0] / count)
    return found


def snowball(graph, start, *, waves=3):
    """Collect a network through one person's profile: contacts, contacts of contacts, and so on.

    Parameters
    ----------
    graph : networkx graph or sparse array
    start : int
        Position of the person in the graph's order.
    waves : int
        How often all contacts of those already collected are added.

    Returns
    -------
    DataFrame, one row a wave, the start being wave 0
        ``wave``; ``people`` collected so far; ``share`` of all; ``ties`` seen among them; ``mean_contacts`` of the
        people collected (their true number), beside ``mean_contacts_of_all``: those met through others have more.

    Raises
    ------
    InputError
        If the start is not in the network, or waves is not a whole number of 1 or more.

    References
    ----------
    S. L. Feld (1991), Why your friends have more friends than you do, American Journal of Sociology 96, 1464-1477.

    Examples
    --------
    >>> import networkx as nx
    >>> snowball(nx.star_graph(4), 1, waves=2)[["people", "mean_contacts"]].to_dict("list")
    {'people': [1, 2, 5], 'mean_contacts': [1.0, 2.5, 1.6]}
    """
    ties = adjacency(graph, weight=None)
    waves = _whole(waves, "waves", 1)
    if not isinstance(start, (int, np.integer)) or isinstance(start, bool) or not 0 <= start < ties.shape[0]:
        raise InputError(f"the start {start!r}", f"a position from 0 to {ties.shape[0] - 1}")
    degrees = np.diff(ties.indptr)
    collected = np.zeros(ties.shape[0], dtype=bool)
    collected[start] = True
    rows = []
    for wave in range(waves + 1):
        if wave:
            collected = collected | (ties @ collected.astype(float) > 0)
        inside = np.flatnonzero(collected)
        rows.append(
            {
                "wave": wave,
                "people": inside.size,
                "share": inside.size / ties.shape[0],
                "ties": int(ties[inside][:, inside].nnz // 2),
                "mean_contacts": float(degrees[inside].mean()),
                "mean_contacts_of_all": float(degrees.mean()),
            }
        )
    return pd.DataFrame(rows)


# --- Inside -----------------------------------------------------------------------------------------------------------


def _draw(ties, members, uploads, spread, generator):
    size = ties.shape[0]
    if spread == "at random":
        member = generator.random(size) < members
    else:
        member = _spread(ties, max(1, round(members * size)), generator)
    uploading = member & (generator.random(size) < uploads)
    named = np.rint(ties @ uploading.astype(float)).astype(np.int64)
    return Uploads(member, uploading, named)


def _spread(ties, wanted, generator):
    """Members invite contacts in random order; where nobody is left to invite, somebody new begins."""
    member = np.zeros(ties.shape[0], dtype=bool)
    order = generator.permutation(ties.shape[0])
    invited, next_start, count = [], 0, 0
    while count < wanted:
        if invited:
            place = int(generator.integers(len(invited)))
            invited[place], invited[-1] = invited[-1], invited[place]
            person = invited.pop()
        else:
            person, next_start = int(order[next_start]), next_start + 1
        if member[person]:
            continue
        member[person] = True
        count += 1
        contacts = ties.indices[ties.indptr[person] : ties.indptr[person + 1]]
        invited.extend(contacts[~member[contacts]].tolist())
    return member


def _share(value, name, *, positive=False):
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{value!r} as the share of {name}", "a fraction such as 0.3") from None
    if not ((0 < value < 1 or (value == 1 and name == "uploads")) if positive else 0 <= value <= 1):
        limits = "above 0 and below 1" if positive else "from 0 to 1"
        raise InputError(f"{value:g} as the share of {name}", f"a fraction {limits}")
    return value


def _whole(value, name, least):
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or value < least:
        raise InputError(f"{value!r} {name}", f"a whole number of {least} or more")
    return int(value)
