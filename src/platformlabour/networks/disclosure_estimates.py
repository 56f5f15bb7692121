"""Single results on disclosure, each with the range over its draws."""

from __future__ import annotations

import numpy as np

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate
from platformlabour.networks.disclosure import draw_uploads, suggestions, visibility

__all__ = ["hidden_ties", "visible"]


def visible(graph, *, members, uploads, replicates=50, seed=None, spread="at random", contacts=1):
    """Share of the people outside who are visible, with the range that holds 95% of the draws.

    Parameters
    ----------
    graph : networkx graph or sparse array
    members, uploads, replicates, seed, spread, contacts
        As for :func:`platformlabour.networks.disclosure.visibility`.

    Returns
    -------
    Estimate
        A share, marked as simulated: who is a member is drawn, even where the network is not.

    Raises
    ------
    InputError
        As for :func:`platformlabour.networks.disclosure.visibility`.

    Examples
    --------
    >>> import networkx as nx
    >>> visible(nx.complete_graph(40), members=0.5, uploads=1.0, replicates=5, seed=1).text("percent")
    '100.0%'
    """
    row = visibility(
        graph, members=[members], uploads=uploads, replicates=replicates, seed=seed, spread=spread, contacts=contacts
    ).iloc[0]
    return Estimate(
        value=row["visible"],
        unit="share",
        estimand=f"of those who are no members and appear in at least {contacts} upload{'s' * (contacts > 1)}",
        method=f"mean over {replicates} draws, members {spread}",
        interval=(row["low"], row["high"]),
        interval_kind="quantiles of the draws",
        simulated=True,
    )


def hidden_ties(graph, *, members, uploads, replicates=20, seed=None):
    """How far common contacts give away ties between people who never joined, over several draws.

    Parameters
    ----------
    graph : networkx graph or sparse array
    members, uploads : float
    replicates : int
        At least 2.
    seed : int or numpy.random.Generator, optional

    Returns
    -------
    Estimate
        The chance that a tied pair has more uploads in common than a pair without a tie; one half is guessing. Marked
        as simulated.

    Raises
    ------
    InputError
        If fewer than two draws have both tied and other pairs.

    Examples
    --------
    >>> import networkx as nx
    >>> hidden_ties(nx.karate_club_graph(), members=0.4, uploads=1.0, replicates=10, seed=1).value > 0.5
    True
    """
    generator = np.random.default_rng(seed)
    draws = [
        suggestions(graph, draw_uploads(graph, members=members, uploads=uploads, seed=generator))["auc"]
        for _ in range(replicates)
    ]
    found = np.array([auc for auc in draws if np.isfinite(auc)])
    if found.size < 2:
        raise InputError(
            "too few draws with both tied and other pairs", "larger shares, more replicates or more people"
        )
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(
        value=found.mean(),
        unit="share",
        estimand="chance to rank a tied pair of people outside above another pair",
        method=f"common uploads, mean over {found.size} draws",
        interval=(low, high),
        interval_kind="quantiles of the draws",
        simulated=True,
    )
