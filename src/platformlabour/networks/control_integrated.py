"""Integrated ownership: what reaches an owner through every chain of holdings, cross-holdings included."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import linalg

from platformlabour.errors import InputError
from platformlabour.networks.control_holdings import ROUNDING
from platformlabour.networks.control_order import circles, order

__all__ = ["integrated_ownership", "loops", "network_value", "ultimate_shares"]

LARGEST_LOOP = 4_000  # organisations in one loop: a dense inverse of this size needs 128 MB
MOST_PAIRS = 40_000_000


def loops(holdings):
    """Groups of organisations that hold each other in a circle.

    A strongly connected component of more than one organisation contains every circle through its members. One pass
    over the holdings finds all of them, where listing single circles would take time that grows without bound.

    Parameters
    ----------
    holdings : Holdings

    Returns
    -------
    list of tuple of str
        The largest group first; empty if every chain of holdings ends.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> loops(from_rows([("A", "B", 0.5), ("B", "C", 0.5), ("C", "A", 0.4), ("C", "D", 1.0)]))
    [('A', 'B', 'C')]
    """
    return [tuple(holdings.names[i] for i in group) for group in _loops(holdings.shares)]


def integrated_ownership(holdings, *, owners=None, firms=None, corrected=True):
    """Share of each firm that an owner holds directly and through all others.

    With :math:`W_{ij}` the direct share of i in j and :math:`V = (I - W)^{-1}`, Brioschi's integrated share is
    :math:`Y = W V = V - I`. Where organisations hold each other, it counts what passes through the owner itself more
    than once and can exceed 1. The correction leaves those chains out: :math:`\\tilde Y_{ij} = V_{ij} / V_{ii}` for i ≠
    j, and :math:`1 - 1 / V_{ii}` for the share of itself that an organisation holds in a circle.

    Parameters
    ----------
    holdings : Holdings
    owners, firms : list of str, optional
        Rows and columns wanted; all by default. With many organisations choose one of the two: the full table has as
        many cells as there are chains.
    corrected : bool
        Leave out chains that return to the owner (Vitali, Glattfelder and Battiston); ``False`` gives Brioschi's.

    Returns
    -------
    scipy.sparse.csr_array, shape (owners, firms)
        In fractions.

    Raises
    ------
    InputError
        If a circle of organisations is held by nobody outside it (then no owner exists at the end of the chain and
        :math:`I - W` has no inverse), a name is unknown, or the full table would not fit in memory.

    References
    ----------
    F. Brioschi, L. Buzzacchi and M. G. Colombo (1989), Risk capital financing and the separation of ownership and
    control in business groups, Journal of Banking and Finance 13, 747-772. S. Vitali, J. B. Glattfelder and S.
    Battiston (2011), The network of global corporate control, PLoS ONE 6(10): e25995, supporting information.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> chain = from_rows([("SoftBank", "Uber", 0.15), ("SoftBank", "Didi", 0.20), ("Uber", "Didi", 0.13)])
    >>> integrated_ownership(chain, owners=["SoftBank"], firms=["Didi"]).toarray().round(4).tolist()
    [[0.2195]]
    >>> crossed = from_rows([("A", "B", 0.5), ("B", "A", 0.4)])
    >>> integrated_ownership(crossed, corrected=False).toarray().round(3).tolist()
    [[0.25, 0.625], [0.5, 0.25]]
    >>> integrated_ownership(crossed).toarray().round(3).tolist()
    [[0.2, 0.5], [0.4, 0.2]]
    """
    direct = holdings.shares
    _refuse_closed_loops(holdings)
    rows = None if owners is None else np.array([holdings.index(name) for name in owners], dtype=int)
    columns = None if firms is None else np.array([holdings.index(name) for name in firms], dtype=int)
    if rows is None and columns is None:
        found = _all_pairs(direct)
    elif rows is not None and (columns is None or len(rows) <= len(columns)):
        # Row i of V solves (I - W)' x = e_i.
        found = _Solver(direct, transposed=True).units(rows)
        found = found if columns is None else found[:, columns]
    else:
        found = _Solver(direct).units(columns).T.tocsr()
        found = found if rows is None else found[rows]
    return _finished(sparse.coo_array(found), rows, columns, _diagonal(direct) if corrected else None)


def network_value(holdings, values=None):
    """What each organisation's holdings are worth when every firm passes its value on to its owners.

    One sparse system for all owners at once: :math:`p = W (I - W)^{-1} v`.

    Parameters
    ----------
    holdings : Holdings
    values : array_like of float, shape (organisations,), optional
        Value of each organisation without its holdings, 0 or more; 1 for each by default, which counts firms.

    Returns
    -------
    ndarray, shape (organisations,)
        In the unit of ``values``; sums over owners count a chain's firms once for each owner along it.

    Raises
    ------
    InputError
        As for :func:`integrated_ownership`, or if the values do not fit.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> network_value(from_rows([("A", "B", 0.5), ("B", "C", 1.0)])).tolist()
    [1.0, 1.0, 0.0]
    """
    size = len(holdings.names)
    values = np.ones(size) if values is None else np.asarray(values, dtype=float)
    if values.shape != (size,) or not (np.isfinite(values) & (values >= 0)).all():
        raise InputError("values that do not fit", f"{size} finite numbers of 0 or more, one for each organisation")
    _refuse_closed_loops(holdings)
    return holdings.shares @ _Solver(holdings.shares).solve(values)


def ultimate_shares(holdings, firm, *, least=0.0):
    """Where the value of one firm ends: with whom, and how much with holders the table does not name.

    Owners at the end of a chain are organisations in which nobody in the table holds anything. Whatever an organisation
    on the way belongs to others than those named goes to *unknown holders* of that organisation. The parts add up to 1
    exactly: value is neither made nor lost on the way.

    Parameters
    ----------
    holdings : Holdings
    firm : str
    least : float
        Leave out rows below this fraction, except their sum, which stands in the last row.

    Returns
    -------
    DataFrame
        ``holder``, ``known`` (whether the holder is named), ``direct`` and ``ultimate`` fractions, largest first.

    Raises
    ------
    InputError
        As for :func:`integrated_ownership`.

    Examples
    --------
    >>> from platformlabour.networks.control_holdings import from_rows
    >>> chain = from_rows([("SoftBank", "Uber", 0.15), ("SoftBank", "Didi", 0.20), ("Uber", "Didi", 0.13)])
    >>> ultimate_shares(chain, "Didi").round(4).to_dict("list")["ultimate"]
    [0.67, 0.2195, 0.1105]
    """
    position = holdings.index(firm)
    _refuse_closed_loops(holdings)
    column = _Solver(holdings.shares).units(np.array([position])).toarray().ravel()
    direct = holdings.shares[:, [position]].toarray().ravel()
    free = holdings.unaccounted()
    # Rounded shares that add up to the whole leave nothing to anybody else.
    free[free <= ROUNDING] = 0.0
    final = np.asarray(free * column)
    at_the_top = np.diff(holdings.shares.tocsc().indptr) == 0
    rows = [
        {
            "holder": holdings.names[i] if at_the_top[i] else f"unknown holders of {holdings.names[i]}",
            "known": bool(at_the_top[i]),
            "direct": float(direct[i]) if at_the_top[i] else float(free[i]) if i == position else 0.0,
            "ultimate": float(final[i]),
        }
        for i in np.flatnonzero(final > 0)
    ]
    frame = pd.DataFrame(rows).sort_values(["ultimate", "holder"], ascending=[False, True], kind="stable")
    small = frame["ultimate"] < least
    if small.any():
        rest = {
            "holder": f"{int(small.sum())} smaller",
            "known": False,
            **frame.loc[small, ["direct", "ultimate"]].sum(),
        }
        frame = pd.concat([frame[~small], pd.DataFrame([rest])])
    return frame.reset_index(drop=True)


# --- Linear algebra ---------------------------------------------------------------------------------------------------


def _loops(matrix):
    count, label = circles(matrix)
    sizes = np.bincount(label, minlength=count)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.cumsum(sizes)[:-1])
    return sorted((group for group in groups if len(group) > 1), key=lambda group: (-len(group), group[0]))


def _refuse_closed_loops(holdings):
    """Within a loop the chains die out if, and only if, somebody outside it holds a part of some member."""
    for group in _loops(holdings.shares):
        inside = np.asarray(holdings.shares[group][:, group].sum(axis=0)).ravel()
        if (inside >= 1 - ROUNDING).all():
            names = ", ".join(holdings.names[i] for i in group[:6]) + (" and more" if len(group) > 6 else "")
            raise InputError(
                f"a circle of full ownership: {names} belong to each other and to nobody else",
                "at least one holder outside the circle; otherwise no chain ends with an owner",
            )


class _Solver:
    """Solves (I - W) x = b, or the transpose, in the order in which the factors stay sparse."""

    def __init__(self, direct, *, transposed=False):
        self.order = order(direct)
        self.size = direct.shape[0]
        matrix = (sparse.eye_array(self.size) - direct)[self.order][:, self.order].tocsc()
        self.direction = "T" if transposed else "N"
        # No pivoting: every pivot is positive, and the order is what keeps zeros zero.
        self.factor = linalg.splu(matrix, permc_spec="NATURAL", diag_pivot_thresh=0.0)

    def solve(self, right):
        found = np.empty_like(right)
        found[self.order] = self.factor.solve(right[self.order], self.direction)
        return found

    def units(self, positions):
        """One row of solutions for each unit vector wanted, as a sparse array."""
        blocks = []
        for start in range(0, len(positions), 32):
            chosen = positions[start : start + 32]
            right = np.zeros((self.size, len(chosen)))
            right[chosen, np.arange(len(chosen))] = 1.0
            blocks.append(sparse.csr_array(self.solve(right).T))
        return sparse.vstack(blocks, format="csr") if blocks else sparse.csr_array((0, self.size))


def _all_pairs(direct):
    """V by squaring: (I + W)(I + W²)(I + W⁴)… ends at the longest chain, and converges fast where there are circles."""
    size = direct.shape[0]
    found, power = (sparse.eye_array(size, format="csr") + direct).tocsr(), direct
    for _ in range(60):
        power = power @ power
        power.data[power.data < 1e-18] = 0.0
        power.eliminate_zeros()
        if power.nnz == 0:
            return found
        found = (found + found @ power).tocsr()
        if found.nnz > MOST_PAIRS:
            raise InputError(
                f"more than {MOST_PAIRS:,} pairs of owner and firm",
                "fewer at a time: name the owners or the firms wanted",
            )
    raise InputError(
        "circles held so nearly by themselves that chains do not die out",
        "holders outside the circle with more than a trace",
    )


def _diagonal(direct):
    """Diagonal of V: closed chains stay within a loop, so each loop can be inverted on its own."""
    diagonal = np.ones(direct.shape[0])
    for group in _loops(direct):
        if len(group) > LARGEST_LOOP:
            raise InputError(f"a loop of {len(group):,} organisations", f"at most {LARGEST_LOOP:,}; or corrected=False")
        block = direct[group][:, group].toarray()
        diagonal[group] = np.diag(np.linalg.inv(np.eye(len(group)) - block))
    return diagonal


def _finished(found, rows, columns, diagonal):
    """Take the identity out of V, and with a diagonal the chains that return to their owner."""
    i, j = found.coords
    owner, firm = (i if rows is None else rows[i]), (j if columns is None else columns[j])
    same = owner == firm
    if diagonal is None:
        data = found.data - same
    else:
        data = np.where(same, 1 - 1 / diagonal[owner], found.data / diagonal[owner])
    data[np.abs(data) < 1e-15] = 0.0
    made = sparse.coo_array((data, (i, j)), shape=found.shape).tocsr()
    made.eliminate_zeros()
    return made
