"""Codes as coders gave them: who coded what, in the shape that every coefficient of agreement starts from."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from platformlabour.errors import InputError

__all__ = ["LEVELS", "Codes", "from_matrix", "from_table"]

LEVELS = ("nominal", "ordinal", "interval", "ratio", "set")
_MISSING = -1


@dataclass(frozen=True, eq=False)
class Codes:
    """Items by coders, each cell the place of a code in the list of categories.

    Parameters
    ----------
    matrix : array of int, shape (items, coders)
        Place of the code in ``categories``; -1 where a coder gave none.
    categories : tuple
        The different codes: text for nominal codes, numbers in rising order for the other levels, ``frozenset`` for
        set-valued codes.
    items, coders : tuple of str
        Names of the rows and columns.
    level : {"nominal", "ordinal", "interval", "ratio", "set"}
        Level of measurement.
    """

    matrix: np.ndarray
    categories: tuple
    items: tuple
    coders: tuple
    level: str

    @property
    def counts(self):
        """How many coders gave each category to each item; array of float, shape (items, categories)."""
        counts = np.zeros((len(self.items), len(self.categories)))
        rows, columns = np.nonzero(self.matrix != _MISSING)
        np.add.at(counts, (rows, self.matrix[rows, columns]), 1.0)
        return counts

    def binary(self, category):
        """The same codes seen as: this category, or another.

        Parameters
        ----------
        category : object
            One of ``categories``; of set-valued codes, a member of the sets.

        Returns
        -------
        Codes
        """
        if self.level == "set":
            holds = np.array([category in codes for codes in self.categories], dtype=int)
        else:
            holds = np.array([code == category for code in self.categories], dtype=int)
        matrix = np.where(self.matrix == _MISSING, _MISSING, holds[self.matrix])
        return Codes(matrix, ("other", category), self.items, self.coders, "nominal")


def from_matrix(matrix, *, level="nominal", items=None, coders=None):
    """Take codes from an array or a list of lists.

    Parameters
    ----------
    matrix : array-like, shape (items, coders)
        One row an item, one column a coder. ``None``, ``nan`` and ``""`` mean that a coder gave no code.
    level : {"nominal", "ordinal", "interval", "ratio", "set"}
        Level of measurement; all but nominal and set need numbers, ratio numbers of 0 or more, and set collections.
    items, coders : sequence of str, optional
        Names; numbers from 1 by default.

    Returns
    -------
    Codes

    Raises
    ------
    InputError
        If there is no code, one coder only, no item with two codes, an unknown level, or a value that the level does
        not allow.

    Examples
    --------
    >>> codes = from_matrix([["N", "N"], ["V", "N"], ["G", None]])
    >>> codes.categories, codes.matrix.tolist()
    (('G', 'N', 'V'), [[1, 1], [2, 1], [0, -1]])
    """
    rows = [list(row) for row in matrix]
    if not rows or not rows[0]:
        raise InputError("no codes", "at least one item coded by two coders")
    if len({len(row) for row in rows}) != 1:
        raise InputError("rows of different lengths", "one cell a coder in every row")
    items = tuple(map(str, items)) if items is not None else tuple(str(k + 1) for k in range(len(rows)))
    coders = tuple(map(str, coders)) if coders is not None else tuple(str(k + 1) for k in range(len(rows[0])))
    long = [
        (items[i], coders[j], code) for i, row in enumerate(rows) for j, code in enumerate(row) if not _is_empty(code)
    ]
    return _build(long, items, coders, level, [None] * len(long), None)


def from_table(frame, *, item="item", coder="coder", code="code", level="nominal", file=None):
    """Take codes from a long table with one row a code.

    Parameters
    ----------
    frame : DataFrame, shape (codes, columns)
        An empty cell in the column of codes means that the coder gave none. Its columns may include ``file`` and
        ``row``, which messages then name.
    item, coder, code : str
        Columns.
    level : {"nominal", "ordinal", "interval", "ratio", "set"}
        Level of measurement. At the level ``"set"`` a cell holds codes joined by ``+``, or a collection.
    file : str, optional
        Name of the file the frame was read from, for messages.

    Returns
    -------
    Codes

    Raises
    ------
    InputError
        As for :func:`from_matrix`; also if a column is missing, or one coder coded an item twice.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": ["a", "a", "b", "b"], "coder": ["A", "B", "A", "B"], "code": list("NNVN")})
    >>> from_table(frame).coders
    ('A', 'B')
    """
    for column in (item, coder, code):
        if column not in frame.columns:
            raise InputError(f"no column {column!r}", f"columns {item}, {coder} and {code}", file=file, row=1)
    if frame.empty:
        raise InputError("no codes", "at least one item coded by two coders", file=file)
    files = frame["file"].tolist() if "file" in frame.columns else [file] * len(frame)
    rows = frame["row"].tolist() if "row" in frame.columns else list(range(2, len(frame) + 2))
    seen, long, places = {}, [], []
    for name, who, what, where, line in zip(frame[item], frame[coder], frame[code], files, rows, strict=True):
        name, who = str(name), str(who)
        if not name or not who:
            empty = item if not name else coder
            raise InputError("an empty cell", f"the {empty}'s name", file=where, row=line, column=empty)
        if (name, who) in seen:
            other_file, other_line = seen[name, who]
            elsewhere = f" of {other_file}" if other_file != where else ""
            raise InputError(
                f"item {ascii(name)[:60]} coded again by {ascii(who)[:40]}, as in row {other_line}{elsewhere}",
                "one code an item and coder",
                file=where,
                row=line,
                column=item,
            )
        seen[name, who] = (where, line)
        if not _is_empty(what):
            if level == "set" and isinstance(what, str):
                what = [part.strip() for part in what.split("+")]
            long.append((name, who, what))
            places.append((where, line))
    items = tuple(dict.fromkeys(name for name, _ in seen))
    coders = tuple(sorted({who for _, who in seen}))
    return _build(long, items, coders, level, places, code)


def _build(long, items, coders, level, places, column):
    if level not in LEVELS:
        raise InputError(f"the level {level!r}", f"one of {', '.join(LEVELS)}")
    if not long:
        raise InputError("no codes, only empty cells", "at least one item coded by two coders")
    values = []
    for (_, _, code), place in zip(long, places, strict=True):
        where, line = place if place is not None else (None, None)
        values.append(_value(code, level, where, line, column))
    if level == "set":
        categories = tuple(sorted(set(values), key=lambda codes: sorted(map(str, codes))))
    else:
        categories = tuple(sorted(set(values)))
    place_of = {category: k for k, category in enumerate(categories)}
    row_of, column_of = {name: k for k, name in enumerate(items)}, {name: k for k, name in enumerate(coders)}
    matrix = np.full((len(items), len(coders)), _MISSING, dtype=np.int64)
    for (name, who, _), value in zip(long, values, strict=True):
        matrix[row_of[name], column_of[who]] = place_of[value]
    active = [coders[j] for j in range(len(coders)) if (matrix[:, j] != _MISSING).any()]
    if len(active) < 2:
        raise InputError(f"codes of one coder only, {active[0]!a}", "codes of at least two coders for the same items")
    if ((matrix != _MISSING).sum(axis=1) < 2).all():
        raise InputError("no item that two coders coded", "at least one item with codes of two coders")
    return Codes(matrix, categories, items, coders, level)


def _value(code, level, file, row, column):
    if level == "set":
        if isinstance(code, str) or not hasattr(code, "__iter__"):
            code = [code]
        return frozenset(part for part in code if not _is_empty(part))
    if level == "nominal":
        return str(code)
    try:
        number = float(code)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        remedy = f"a number, as the level {level} needs; codes without an order are nominal"
        raise InputError(ascii(str(code)[:40]), remedy, file=file, row=row, column=column)
    if level == "ratio" and number < 0:
        raise InputError(f"{code}", "0 or more, as the level ratio needs", file=file, row=row, column=column)
    return number


def _is_empty(code):
    return (
        code is None
        or code is pd.NA
        or (isinstance(code, str) and not code)
        or (isinstance(code, float) and code != code)
    )
