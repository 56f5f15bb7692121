"""Network Power Index: whose will decides in each firm when majorities form at random, followed exactly."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from platformlabour.errors import InputError
from platformlabour.networks.control_holdings import ROUNDING
from platformlabour.networks.control_order import circles, levels

__all__ = ["Power", "VotingNetwork", "decided_by", "network_power", "shapley_shubik"]

MOST_STATES = 200_000
MOST_BLOCS = 14
TIE = 1e-12
REST = ("one holder", "no votes")


@dataclass(frozen=True, eq=False)
class Power:
    """Power of every organisation over all organisations.

    Parameters
    ----------
    table : DataFrame
        ``organisation``, ``known``; ``index``, the expected number of organisations decided by its will, its own
        included (0 for one that others decide); ``flow``, the expected number decided through it. In samples also their
        ``standard_error`` (of the index).
    draws : int or None
        Number of draws; ``None`` for an exact result.
    rest : str
        What was assumed of votes that nobody in the table holds.
    """

    table: pd.DataFrame
    draws: int | None
    rest: str

    def __getitem__(self, name):
        """The index of one organisation."""
        return float(self.table.set_index("organisation").loc[name, "index"])


def shapley_shubik(votes, *, quota=0.5):
    """Chance of each voter to turn a losing coalition into a winning one, if all orders of joining are equally likely.

    Parameters
    ----------
    votes : array_like of float, shape (voters,)
        At most 14 voters.
    quota : float
        Fraction of all these votes that a coalition must exceed.

    Returns
    -------
    ndarray, shape (voters,)
        Sums to 1.

    Raises
    ------
    InputError
        If there are too many voters, or a vote is negative or not a number.

    References
    ----------
    L. S. Shapley and M. Shubik (1954), A method for evaluating the distribution of power in a committee system,
    American Political Science Review 48, 787-792.

    Examples
    --------
    >>> shapley_shubik([0.45, 0.45, 0.1]).round(3).tolist()
    [0.333, 0.333, 0.333]
    >>> shapley_shubik([0.51, 0.49]).tolist()
    [1.0, 0.0]
    """
    votes = np.asarray(votes, dtype=float)
    if votes.ndim != 1 or votes.size == 0 or not (np.isfinite(votes) & (votes >= 0)).all() or votes.sum() == 0:
        raise InputError("votes that are not numbers of 0 or more", "one number for each voter, not all of them 0")
    size = votes.size
    if size > MOST_BLOCS:
        raise InputError(
            f"{size} voters in one firm", f"at most {MOST_BLOCS} for an exact index; take a sample instead"
        )
    return _turning(votes, quota * votes.sum() + TIE)


def network_power(holdings, *, quota=0.5, rest="one holder"):
    """Exact Network Power Index, by following every possible outcome down the chains of holdings.

    In each firm the holders join a coalition in random order; the one whose votes complete the majority decides. A firm
    that is itself decided by another votes with it: holders with the same will form one bloc. The index of an owner is
    the expected number of organisations decided by its will, itself included; all indices add up to the number of
    organisations. Wills are correlated: who decides in D also matters in every firm where D votes, so the outcomes are
    followed together. Within the deciding bloc the members join in random order too, and the decision comes through the
    one who completes the majority (Owen's value); this matters for the flow only.

    Parameters
    ----------
    holdings : Holdings
        Without circles; votes decide where the table has them.
    quota : float
        Fraction of the votes that must be exceeded.
    rest : {"one holder", "no votes"}
        Votes that nobody in the table holds: of one unknown holder in each firm, which gives the named owners the least
        power; or never cast, which gives them the most.

    Returns
    -------
    Power

    Raises
    ------
    InputError
        If there is a circle of holdings, more than 14 holders in one firm, or too many outcomes: take a sample.

    References
    ----------
    T. Mizuno, S. Doi and S. Kurizaki (2020), The power of corporate control in the global ownership network, PLoS ONE
    15(8): e0237862; (2023), The flow of corporate control in the global ownership network, PLoS ONE 18(8): e0290229.
    G. Owen (1977), Values of games with a priori unions, in R. Henn and O. Moeschlin (eds), Mathematical Economics and
    Game Theory, Springer, 76-88.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> toy = from_rows([("A", "D", 0.5), ("B", "D", 0.5), ("A", "E", 0.1), ("C", "E", 0.45), ("D", "E", 0.45),
    ...                  ("C", "F", 0.4), ("E", "F", 0.6)])
    >>> power = network_power(toy)
    >>> [round(6 * power[name]) for name in "ABC"]  # 17/6, 11/6 and 8/6, as printed with the authors' example
    [17, 11, 8]
    """
    network = VotingNetwork.of(holdings, quota, rest)
    if network.circular.any():
        names = ", ".join(network.names[i] for i in np.flatnonzero(network.circular)[:6])
        raise InputError(
            f"a circle of holdings through {names}", "no circles for an exact index; take a sample instead"
        )
    index, flow = np.zeros(network.size), np.zeros(network.size)
    for group in network.components():
        _follow(network, group, index, flow)
    return Power(network.table(index, flow), None, rest)


# --- The voting network -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class VotingNetwork:
    """Holders and votes by firm, with one unknown holder a firm where that is assumed."""

    names: tuple
    known: int
    owners_of: sparse.csc_array
    level: np.ndarray
    group: np.ndarray
    circular: np.ndarray
    quota: float

    @property
    def size(self):
        return len(self.names)

    @classmethod
    def of(cls, holdings, quota, rest):
        if rest not in REST:
            raise InputError(f"{rest!r} for the votes that nobody holds", f"one of {', '.join(REST)}")
        if not 0 <= quota < 1:
            raise InputError(f"the quota {quota:g}", "a fraction of at least 0 and below 1")
        matrix, names = sparse.coo_array(holdings.voting), list(holdings.names)
        rows, columns, votes = matrix.coords[0], matrix.coords[1], matrix.data
        if rest == "one holder":
            free = holdings.unaccounted(votes=True)
            held = np.bincount(columns, minlength=len(names)) > 0
            firms = np.flatnonzero(held & (free > ROUNDING))
            rows = np.concatenate([rows, len(names) + np.arange(len(firms))])
            columns, votes = np.concatenate([columns, firms]), np.concatenate([votes, free[firms]])
            names += [f"unknown holders of {names[firm]}" for firm in firms]
        full = sparse.coo_array((votes, (rows, columns)), shape=(len(names), len(names))).tocsc()
        count, group = circles(full)
        circular = np.bincount(group, minlength=count)[group] > 1
        return cls(tuple(names), len(holdings.names), full, levels(full, count, group), group, circular, quota)

    def table(self, index, flow, error=None):
        """The result for people to read, largest power first."""
        frame = pd.DataFrame({"organisation": self.names, "known": np.arange(self.size) < self.known, "index": index})
        # Unknown holders are nobody's organisation: their own will does not count as an organisation decided.
        frame.loc[self.known :, "index"] -= 1.0
        frame["flow"] = np.nan if flow is None else flow
        if flow is not None:
            frame.loc[self.known :, "flow"] -= 1.0
        if error is not None:
            frame["standard_error"] = error
        frame[["index", "flow"]] = frame[["index", "flow"]].where(lambda x: x.abs() > 1e-12, 0.0)
        if flow is None:
            frame["flow"] = np.nan
        return frame.sort_values("index", ascending=False, kind="stable").reset_index(drop=True)

    def refuse_circles(self):
        if self.circular.any():
            names = ", ".join(self.names[i] for i in np.flatnonzero(self.circular)[:6])
            remedy = "no circles for an exact index; take a sample instead"
            raise InputError(f"a circle of holdings through {names}", remedy)

    def holders(self, firm):
        span = slice(self.owners_of.indptr[firm], self.owners_of.indptr[firm + 1])
        return self.owners_of.indices[span], self.owners_of.data[span]

    def components(self):
        """Organisations by weakly connected component, owners before what they own."""
        _, label = connected_components(self.owners_of, directed=True, connection="weak")
        order = np.lexsort((np.arange(self.size), self.level, label))
        return np.split(order, np.flatnonzero(np.diff(label[order])) + 1)

    def plan(self):
        """Firms that can be decided at the same time: by level, circle or not, and number of holders."""
        holders = np.diff(self.owners_of.indptr)
        steps = []
        for level in range(int(self.level.max()) + 1):
            here = (self.level == level) & (holders > 0)
            for circular in (False, True):
                blocks = []
                chosen = np.flatnonzero(here & (self.circular == circular))
                for count in np.unique(holders[chosen]):
                    firms = chosen[holders[chosen] == count]
                    where = self.owners_of.indptr[firms][:, None] + np.arange(count)
                    blocks.append((firms, self.owners_of.indices[where], self.owners_of.data[where]))
                if blocks:
                    steps.append((circular, blocks))
        return steps


def _turning(votes, needed):
    """Chance of each voter to be the one with whom the votes exceed what is needed."""
    size = votes.size
    if size > MOST_BLOCS:
        raise InputError(
            f"{size} voters in one bloc", f"at most {MOST_BLOCS} for an exact index; take a sample instead"
        )
    power = np.zeros(size)
    for joined in range(size):
        weight = 1 / (size * comb(size - 1, joined))
        for coalition in combinations(range(size), joined):
            before = votes[list(coalition)].sum()
            if before <= needed:
                turning = before + votes > needed
                turning[list(coalition)] = False
                power += weight * turning
    return power


# --- Exact ------------------------------------------------------------------------------------------------------------


def decided_by(holdings, firm, *, quota=0.5, rest="one holder"):
    """Chance that each will decides in one firm, exactly.

    Parameters
    ----------
    holdings : Holdings
    firm : str
    quota, rest
        As for :func:`network_power`.

    Returns
    -------
    dict of str to float
        Owner, or unknown holders, to chance; largest first. The chances add up to 1.

    Raises
    ------
    InputError
        As for :func:`network_power`, or if there is no such firm.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> chain = from_rows([("A", "B", 0.6), ("B", "C", 0.3), ("A", "C", 0.15), ("D", "C", 0.35)])
    >>> decided_by(chain, "C", rest="no votes")
    {'A': 1.0}
    >>> {name: round(chance, 3) for name, chance in decided_by(chain, "C").items()}
    {'A': 0.333, 'D': 0.333, 'unknown holders of C': 0.333}
    """
    network = VotingNetwork.of(holdings, quota, rest)
    network.refuse_circles()
    watched = holdings.index(firm)
    group = next(group for group in network.components() if watched in group)
    decided = Counter()
    _follow(network, group, np.zeros(network.size), np.zeros(network.size), {watched: decided})
    return {network.names[owner]: float(chance) for owner, chance in decided.most_common()}


def _follow(network, group, index, flow, watched=None):
    """Distribution over who decides whom, kept only for organisations that still vote further down."""
    last_use = {}
    for firm in group:
        for owner in network.holders(firm)[0]:
            last_use[int(owner)] = int(firm)
    live, states = (), {(): 1.0}
    for firm in map(int, group):
        owners, votes = network.holders(firm)
        live_after = tuple(i for i in (*live, firm) if last_use.get(i, -1) != -1 and last_use[i] != firm)
        after = defaultdict(float)
        for state, chance in states.items():
            path_of = dict(zip(live, state, strict=True))
            for path, weight in _outcomes(firm, owners, votes, path_of, network.quota):
                weight *= chance
                index[path[0]] += weight
                if watched and firm in watched:
                    watched[firm][path[0]] += weight
                flow[list(path)] += weight
                path_of[firm] = path
                after[tuple(path_of[i] for i in live_after)] += weight
        live, states = live_after, after
        if len(states) > MOST_STATES:
            raise InputError(f"more than {MOST_STATES:,} possible outcomes", "a sample instead of the exact index")


def _outcomes(firm, owners, votes, path_of, quota):
    """Ways in which a firm may be decided, each a chain from the owner whose will it is down to the firm."""
    if len(owners) == 0:
        return [((firm,), 1.0)]
    blocs = defaultdict(list)
    for owner, vote in zip(owners, votes, strict=True):
        path = path_of[int(owner)]
        blocs[path[0]].append((path, float(vote)))
    return [((*path, firm), share) for path, share in _shares_of_blocs(list(blocs.values()), quota) if share > 0]


def _shares_of_blocs(blocs, quota):
    """Owen's value: blocs join in random order, and within a bloc its members do."""
    if len(blocs) > MOST_BLOCS:
        raise InputError(
            f"{len(blocs)} holders of different wills in one firm",
            f"at most {MOST_BLOCS} for an exact index; take a sample instead",
        )
    totals = [sum(vote for _, vote in members) for members in blocs]
    needed = quota * sum(totals) + TIE
    found = []
    for position, members in enumerate(blocs):
        others = totals[:position] + totals[position + 1 :]
        before = Counter()
        for joined in range(len(others) + 1):
            weight = 1 / (len(blocs) * comb(len(others), joined))
            for coalition in combinations(others, joined):
                missing = needed - sum(coalition)
                if 0 <= missing < totals[position]:
                    before[missing] += weight
        shares = np.zeros(len(members))
        for missing, weight in before.items():
            shares += weight * _turning(np.array([vote for _, vote in members]), missing)
        found += [(path, float(share)) for (path, _), share in zip(members, shares, strict=True)]
    return found
