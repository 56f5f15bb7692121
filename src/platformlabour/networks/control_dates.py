"""Holdings at one date: shares of different years must not be added up."""

from __future__ import annotations

import pandas as pd

from platformlabour.errors import InputError
from platformlabour.networks.control_holdings import ROUNDING, from_rows

__all__ = ["above_the_whole", "holdings_at"]

_COLUMNS = ("owner", "owned", "share", "votes", "dated", "year_from", "year_to")


def above_the_whole(frame):
    """Organisations of which more than the whole is held when dates are ignored.

    Parameters
    ----------
    frame : DataFrame
        As ``networks.relations.holdings`` gives it: ``owner``, ``owned``, ``share`` (0 to 1).

    Returns
    -------
    DataFrame
        ``owned``, ``holders``, ``total``; largest total first.

    Examples
    --------
    >>> import pandas as pd
    >>> held = pd.DataFrame({"owner": ["A", "B"], "owned": ["C", "C"], "share": [1.0, 0.144]})
    >>> above_the_whole(held).to_dict("records")
    [{'owned': 'C', 'holders': 2, 'total': 1.144}]
    """
    totals = frame.groupby("owned")["share"].agg(holders="size", total="sum").reset_index()
    totals = totals[totals["total"] > 1 + ROUNDING]
    return totals.sort_values(["total", "owned"], ascending=[False, True], kind="stable").reset_index(drop=True)


def holdings_at(frame, year, *, names=None):
    """The holdings that stand at the end of a year.

    A holding stands from the first year of its tie until its last; a tie without a last year still stands. A tie that
    begins later replaces earlier ones where together they would exceed the whole: whoever buys all of a firm buys it
    from those who held it.

    Parameters
    ----------
    frame : DataFrame, one row a holding
        ``owner``, ``owned``, ``share``, ``votes`` (0 to 1), ``dated``, ``year_from``, ``year_to``.
    year : int
    names : mapping of str to str, optional
        Names for identifiers.

    Returns
    -------
    holdings : Holdings
        With votes.
    set_aside : DataFrame
        Holdings of that year that a later one has replaced, with ``replaced_by``: nothing is dropped in silence.

    Raises
    ------
    InputError
        If a column is missing, nothing stands in that year, or more than the whole is held at the same date.

    Examples
    --------
    >>> import pandas as pd
    >>> held = pd.DataFrame({"owner": ["A", "B"], "owned": ["C", "C"], "share": [0.2, 1.0], "votes": [0.2, 1.0],
    ...                      "dated": ["2018", "2020"], "year_from": [2018, 2020], "year_to": [None, None]})
    >>> holdings_at(held, 2019)[0].names
    ('A', 'C')
    >>> both, aside = holdings_at(held, 2020)
    >>> both.names, aside["replaced_by"].tolist()
    (('B', 'C'), ['B'])
    """
    for name in _COLUMNS:
        if name not in frame.columns:
            raise InputError(f"holdings without {name!r}", f"the columns {', '.join(_COLUMNS)}", column=name)
    stands = (frame["year_from"] <= year) & (frame["year_to"].isna() | (frame["year_to"].astype(float) >= year))
    here = frame[stands].sort_values(["owned", "year_from"], ascending=[True, False], kind="stable")
    if here.empty:
        raise InputError(f"no holding that stands in {year}", "a year with holdings")
    kept, aside = [], []
    for _, group in here.groupby("owned", sort=False):
        total, last = 0.0, None
        for row in group.to_dict("records"):
            if total + row["share"] > 1 + ROUNDING and row["year_from"] < last["year_from"]:
                aside.append({**row, "replaced_by": last["owner"]})
                continue
            kept.append(row)
            total += row["share"]
            last = last or row
    names = names or {}
    shown = [(names.get(row["owner"], row["owner"]), names.get(row["owned"], row["owned"]), row) for row in kept]
    columns = [*frame.columns, "replaced_by"]
    return (
        from_rows([(owner, owned, row["share"], row["votes"]) for owner, owned, row in shown]),
        pd.DataFrame(aside, columns=columns).reset_index(drop=True),
    )
