"""Correspondence analysis of a table of counts, such as catalogues by codes.

The package ``prince`` offers it, with scikit-learn and a plotting library behind it; the method is one singular value
decomposition.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from platformlabour.errors import InputError

__all__ = ["Correspondence", "correspondence"]


@dataclass(frozen=True, eq=False)
class Correspondence:
    """Rows and columns of a table as points.

    Parameters
    ----------
    rows, columns : DataFrame, shape (names, dimensions)
        Principal coordinates, columns ``1, 2, …``; supplementary columns stand last and did not shape the axes.
    supplementary : tuple of str
        Names of the supplementary columns.
    inertia : array of float, shape (dimensions,)
        Principal inertias; their sum times the table's total is the chi-square statistic.
    """

    rows: pd.DataFrame
    columns: pd.DataFrame
    supplementary: tuple
    inertia: np.ndarray

    @property
    def shares(self):
        """Share of the inertia that each dimension carries."""
        return self.inertia / self.inertia.sum()


def correspondence(table, *, supplementary=()):
    """Correspondence analysis by singular value decomposition.

    Parameters
    ----------
    table : DataFrame of counts, shape (rows, columns)
        No count below zero; no row or active column that is empty.
    supplementary : sequence of str
        Columns that are placed on the axes of the others without shaping them.

    Returns
    -------
    Correspondence
        At most one dimension fewer than the smaller side of the active table. Each dimension's sign makes its largest
        row coordinate positive.

    Raises
    ------
    InputError
        If a count is negative or not finite, fewer than two rows or active columns remain, or one of them is empty.

    References
    ----------
    Greenacre (2017), Correspondence Analysis in Practice, appendix A.

    Examples
    --------
    >>> table = pd.DataFrame({"N": [8, 2], "V": [2, 8], "X": [1, 4]}, index=["a", "b"])
    >>> found = correspondence(table, supplementary=["X"])
    >>> found.inertia.round(4).tolist(), found.columns.round(2)[1].tolist()
    ([0.36], [0.6, -0.6, -0.6])
    """
    for name in supplementary:
        if name not in table.columns:
            raise InputError(f"no column {name!r}", f"one of {', '.join(map(str, table.columns))}")
    active = table.drop(columns=list(supplementary))
    values = active.to_numpy(dtype=float)
    if not np.isfinite(table.to_numpy(dtype=float)).all() or (table.to_numpy(dtype=float) < 0).any():
        raise InputError("a count that is negative or missing", "counts of 0 or more")
    if min(values.shape) < 2:
        raise InputError(f"{values.shape[0]} rows and {values.shape[1]} active columns", "at least two of each")
    for names, totals, kind in (
        (active.index, values.sum(axis=1), "row"),
        (active.columns, values.sum(axis=0), "column"),
    ):
        if (totals == 0).any():
            raise InputError(f"the empty {kind} {names[int(np.argmin(totals))]!r}", "no row or column without counts")
    share = values / values.sum()
    row_mass, column_mass = share.sum(axis=1), share.sum(axis=0)
    residuals = (share - np.outer(row_mass, column_mass)) / np.sqrt(np.outer(row_mass, column_mass))
    left, singular, right = np.linalg.svd(residuals, full_matrices=False)
    kept = int((singular > 1e-10).sum())
    if not kept:
        raise InputError("rows that all have the same profile", "rows that differ; there is nothing to place")
    left, singular, right = left[:, :kept], singular[:kept], right[:kept]
    standard_rows = left / np.sqrt(row_mass)[:, None]
    rows = standard_rows * singular
    columns = right.T / np.sqrt(column_mass)[:, None] * singular
    if supplementary:
        extra = table[list(supplementary)].to_numpy(dtype=float)
        totals = extra.sum(axis=0)
        if (totals == 0).any():
            raise InputError(
                f"the empty column {list(supplementary)[int(np.argmin(totals))]!r}", "no column without counts"
            )
        columns = np.vstack([columns, (extra / totals).T @ standard_rows])
    signs = np.sign(rows[np.abs(rows).argmax(axis=0), np.arange(kept)])
    names = list(range(1, kept + 1))
    return Correspondence(
        rows=pd.DataFrame(rows * signs, index=active.index, columns=names),
        columns=pd.DataFrame(columns * signs, index=[*active.columns, *supplementary], columns=names),
        supplementary=tuple(supplementary),
        inertia=singular**2,
    )
