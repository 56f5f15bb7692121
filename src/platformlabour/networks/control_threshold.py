"""Cumulated control: whoever has the majority decides for all of it, and controls whatever it controls in turn."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from platformlabour.errors import InputError

__all__ = ["controlled_by", "cumulated_control", "ultimate_controllers"]

TIE = 1e-12  # exactly half is no majority, whatever the last bit of the sum


def controlled_by(holdings, owner, *, threshold=0.5):
    """Organisations that an owner controls, directly or through those it controls.

    The owner controls a firm if its own votes and those of the organisations it already controls exceed the threshold.
    New control adds votes, so the rule is applied until nothing changes; the order does not matter, because votes are
    only ever added.

    Parameters
    ----------
    holdings : Holdings
        Votes decide where the table has them, shares otherwise.
    owner : str
    threshold : float
        Fraction that must be exceeded, at least 0 and below 1. One half is the majority rule, under which nobody else
        can outvote the owner. Below it several owners may control the same firm.

    Returns
    -------
    dict of str to float
        Firm to the votes cumulated in it, in the order found. The owner itself is among them if it controls its own
        votes through a circle: then no outsider can remove it.

    Raises
    ------
    InputError
        If the owner is unknown or the threshold is not in [0, 1).

    References
    ----------
    The threshold model of S. Vitali, J. B. Glattfelder and S. Battiston (2011), The network of global corporate
    control, PLoS ONE 6(10): e25995, with votes cumulated along every chain.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> group = from_rows([("A", "B", 0.51), ("A", "C", 0.3), ("B", "C", 0.3), ("C", "D", 0.4)])
    >>> controlled_by(group, "A")
    {'B': 0.51, 'C': 0.6}
    >>> controlled_by(group, "A", threshold=0.25)
    {'B': 0.51, 'C': 0.6, 'D': 0.4}
    """
    threshold = _threshold(threshold)
    matrix = holdings.voting
    found = _reach(matrix.indptr, matrix.indices, matrix.data, holdings.index(owner), threshold)
    return {holdings.names[firm]: votes for firm, votes in found.items()}


def cumulated_control(holdings, *, threshold=0.5, owners=None):
    """Every pair of controller and controlled firm.

    Parameters
    ----------
    holdings : Holdings
    threshold : float
        As for :func:`controlled_by`.
    owners : list of str, optional
        Only these controllers.

    Returns
    -------
    DataFrame
        ``owner``, ``firm``, ``direct`` votes, votes ``cumulated`` over all that the owner controls, and ``ultimate``:
        whether nobody else controls the owner.

    Raises
    ------
    InputError
        As for :func:`controlled_by`.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> group = from_rows([("A", "B", 0.51), ("B", "C", 0.6)])
    >>> cumulated_control(group)[["owner", "firm", "ultimate"]].to_dict("split")["data"]
    [['A', 'B', True], ['A', 'C', True], ['B', 'C', False]]
    """
    threshold = _threshold(threshold)
    matrix = holdings.voting
    chosen = np.flatnonzero(np.diff(matrix.indptr)) if owners is None else [holdings.index(name) for name in owners]
    pairs = [
        (owner, firm, votes)
        for owner in chosen
        for firm, votes in _reach(matrix.indptr, matrix.indices, matrix.data, owner, threshold).items()
    ]
    if owners is None:
        controlled = {firm for owner, firm, _ in pairs if owner != firm}
    else:
        controlled = {i for i in chosen if _controllers(matrix, i, threshold)}
    direct = matrix.todok() if pairs else {}
    columns = {
        "owner": [holdings.names[owner] for owner, _, _ in pairs],
        "firm": [holdings.names[firm] for _, firm, _ in pairs],
        "direct": [float(direct.get((owner, firm), 0.0)) for owner, firm, _ in pairs],
        "cumulated": [votes for _, _, votes in pairs],
        "ultimate": [owner not in controlled for owner, _, _ in pairs],
    }
    return pd.DataFrame(columns).astype({"direct": float, "cumulated": float, "ultimate": bool})


def ultimate_controllers(holdings, *, threshold=0.5):
    """For each organisation in which anything is held, who controls it and is controlled by nobody.

    Parameters
    ----------
    holdings : Holdings
    threshold : float
        As for :func:`controlled_by`.

    Returns
    -------
    DataFrame
        ``firm``, ``controllers`` (names joined by "; "), ``verdict``: ``"controlled"``; ``"in a circle"`` if its
        controllers control one another and nobody stands above them; ``"unknown"`` if nobody in the table has the votes
        and the votes not in the table would suffice; ``"nobody"`` if they would not. An owner is never named when the
        top of the chain is not known.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> group = from_rows([("A", "B", 0.51), ("B", "C", 0.6), ("A", "D", 0.3)])
    >>> ultimate_controllers(group).to_dict("split")["data"]
    [['B', 'A', 'controlled'], ['C', 'A', 'controlled'], ['D', '', 'unknown']]
    """
    threshold = _threshold(threshold)
    pairs = cumulated_control(holdings, threshold=threshold)
    by_firm, top = defaultdict(list), {}
    for owner, firm, ultimate in pairs[["owner", "firm", "ultimate"]].itertuples(index=False):
        by_firm[firm].append(owner)
        top[owner] = ultimate
    unaccounted = holdings.unaccounted(votes=True)
    matrix = holdings.voting.tocsc()
    rows = []
    for position in np.flatnonzero(np.diff(matrix.indptr)):
        name = holdings.names[position]
        owners = by_firm.get(name, [])
        final = [owner for owner in owners if top[owner]]
        if final:
            verdict = "controlled"
        elif owners:
            verdict = "in a circle"
        else:
            verdict = "unknown" if unaccounted[position] > threshold + TIE else "nobody"
        rows.append({"firm": name, "controllers": "; ".join(final or owners), "verdict": verdict})
    return pd.DataFrame(rows)


def _reach(starts, firms, votes, owner, threshold):
    """Firms that reach the threshold when votes of controlled firms are added, one newly controlled firm at a time."""
    gathered, controlled, waiting = defaultdict(float), {}, [int(owner)]
    while waiting:
        holder = waiting.pop()
        for place in range(starts[holder], starts[holder + 1]):
            firm = int(firms[place])
            gathered[firm] += float(votes[place])
            if firm in controlled:
                continue
            if gathered[firm] > threshold + TIE:
                controlled[firm] = True
                # The owner's own votes are in the count from the start.
                if firm != owner:
                    waiting.append(firm)
    return {firm: gathered[firm] for firm in controlled}


def _controllers(matrix, firm, threshold):
    """Whether anybody but the firm itself controls it: only those above it in the network can."""
    column = matrix.tocsc()
    above, waiting = set(), [firm]
    while waiting:
        here = waiting.pop()
        for owner in column.indices[column.indptr[here] : column.indptr[here + 1]]:
            if int(owner) not in above:
                above.add(int(owner))
                waiting.append(int(owner))
    above.discard(firm)
    return any(firm in _reach(matrix.indptr, matrix.indices, matrix.data, owner, threshold) for owner in sorted(above))


def _threshold(value):
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise InputError(f"the threshold {value!r}", "a fraction such as 0.5") from None
    if not 0 <= value < 1:
        raise InputError(f"the threshold {value:g}", "a fraction of at least 0 and below 1, such as 0.5 or 0.25")
    return value
