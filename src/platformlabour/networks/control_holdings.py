"""Who holds how much of whom: a table of holdings, read strictly and kept as sparse matrices."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy import sparse

from platformlabour.errors import InputError
from platformlabour.tables import report

__all__ = ["FaultyHoldings", "Holdings", "from_rows", "read_holdings"]

LARGEST_FILE = 2**28  # bytes
LONGEST_NAME = 200
ROUNDING = 1e-9  # shares that add up to one only but for the last bit of a double

_REQUIRED = ("owner", "owned", "share")
_UNITS = ("fraction", "percent")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")


class FaultyHoldings(InputError):
    """Every fault of a table of holdings, in one message.

    Parameters
    ----------
    faults : sequence of InputError
        One or more; the first gives ``found``, ``expected``, ``file``, ``row`` and ``column``.

    Examples
    --------
    >>> print(FaultyHoldings([InputError("a share of 120%", "100% at most", file="a.csv", row=2, column="share")]))
    a.csv, row 2, column "share": found a share of 120%; expected 100% at most.
    """

    def __init__(self, faults):
        self.faults = tuple(faults)
        first = self.faults[0]
        super().__init__(first.found, first.expected, file=first.file, row=first.row, column=first.column)

    def __str__(self):
        return str(self.faults[0]) if len(self.faults) == 1 else report(list(self.faults))

    def __reduce__(self):
        return (FaultyHoldings, (self.faults,))


@dataclass(frozen=True, eq=False)
class Holdings:
    """Direct holdings between organisations.

    Parameters
    ----------
    names : tuple of str
        The organisations, owners and owned alike.
    shares : scipy.sparse.csr_array, shape (organisations, organisations)
        Entry (i, j) is the fraction of the capital of j that i holds; each column sums to 1 at most.
    votes : scipy.sparse.csr_array or None
        The same for votes, where they were given apart from shares.
    unit : str
        How the numbers were read: ``"fraction"`` or ``"percent"``, declared or detected.

    Examples
    --------
    >>> holdings = from_rows([("SoftBank", "Uber", 0.15), ("SoftBank", "Didi", 0.20), ("Uber", "Didi", 0.13)])
    >>> holdings
    Holdings(3 organisations, 3 holdings, shares only)
    >>> holdings.unaccounted().round(2).tolist()
    [1.0, 0.85, 0.67]
    """

    names: tuple[str, ...]
    shares: sparse.csr_array = field(repr=False)
    votes: sparse.csr_array | None = field(default=None, repr=False)
    unit: str = "fraction"

    def __repr__(self):
        kind = "shares only" if self.votes is None else "shares and votes"
        return f"Holdings({len(self.names):,} organisations, {self.shares.nnz:,} holdings, {kind})"

    @property
    def voting(self):
        """The matrix that decides: votes where they are known, otherwise shares."""
        return self.shares if self.votes is None else self.votes

    def index(self, name):
        """Position of an organisation; a name that is not there is refused with the nearest ones."""
        try:
            return self._positions[name]
        except KeyError:
            import difflib

            near = difflib.get_close_matches(str(name), self.names, n=3)
            remedy = f"one of the table's organisations, such as {', '.join(near or self.names[:3])}"
            raise InputError(f"no organisation {name!r}", remedy) from None

    @property
    def _positions(self):
        if "_cache" not in self.__dict__:
            object.__setattr__(self, "_cache", {name: position for position, name in enumerate(self.names)})
        return self.__dict__["_cache"]

    def unaccounted(self, *, votes=False):
        """Fraction of each organisation that nobody in the table holds.

        Parameters
        ----------
        votes : bool
            Of the votes, not of the capital.

        Returns
        -------
        ndarray, shape (organisations,)
        """
        matrix = self.voting if votes else self.shares
        return np.clip(1.0 - np.asarray(matrix.sum(axis=0)).ravel(), 0.0, 1.0)


def from_rows(rows, *, unit="fraction", file=None):
    """Holdings from rows of (owner, owned, share) or (owner, owned, share, votes).

    Parameters
    ----------
    rows : iterable of tuple
        Names as text; numbers in ``unit``. A share lies above 0; votes may be 0, for shares without a vote.
    unit : {"fraction", "percent"}
        What the numbers are.
    file : str, optional
        For messages.

    Returns
    -------
    Holdings

    Raises
    ------
    FaultyHoldings
        If a share is not above 0 and at most 1, an organisation holds itself, a holding stands there twice, names
        differ only in case or spaces, or what is held in one organisation exceeds the whole. All such rows are named.
    InputError
        If there is no row, or the unit is unknown.

    Examples
    --------
    >>> from_rows([("A", "B", 60), ("B", "C", 50)], unit="percent").shares.toarray().tolist()
    [[0.0, 0.6, 0.0], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]]
    >>> from_rows([("A", "A", 0.2)])
    Traceback (most recent call last):
        ...
    platformlabour.networks.control_holdings.FaultyHoldings: row 2, column "owned": found 'A' as its own owner; ...
    """
    if unit not in _UNITS:
        raise InputError(f"the unit {unit!r}", f"one of {', '.join(_UNITS)}")
    rows = [tuple(row) for row in rows]
    if not rows:
        raise InputError("no holding", "at least one row with owner, owned and share", file=file)
    width = len(rows[0])
    if width not in (3, 4) or any(len(row) != width for row in rows):
        raise InputError(
            "rows of different or other lengths", "owner, owned, share and, in all or none, votes", file=file
        )
    whole = 100.0 if unit == "percent" else 1.0
    faults = _row_faults(rows, whole, file)
    if faults:
        raise FaultyHoldings(faults)
    names = tuple(dict.fromkeys(name for row in rows for name in row[:2]))
    positions = {name: position for position, name in enumerate(names)}
    owners = np.array([positions[row[0]] for row in rows])
    owned = np.array([positions[row[1]] for row in rows])
    matrices = []
    for place in range(2, width):
        values = np.array([float(row[place]) for row in rows]) / whole
        totals = np.bincount(owned, weights=values, minlength=len(names))
        matrices.append(_matrix(values, owners, owned, len(names)))
        faults += [
            _above_the_whole(names[j], totals[j], np.flatnonzero(owned == j), _column(place), file)
            for j in np.flatnonzero(totals > 1 + ROUNDING)
        ]
    if faults:
        raise FaultyHoldings(faults)
    return Holdings(names, matrices[0], matrices[1] if width == 4 else None, unit)


def read_holdings(path, *, unit=None):
    """Read a CSV file with the columns owner, owned, share and, optionally, votes.

    Parameters
    ----------
    path : str or path
        UTF-8, comma-separated, with a header.
    unit : {"fraction", "percent"}, optional
        What the numbers are. Without it they are taken for percentages if all are above 1 or all carry a percent sign,
        for fractions if none is above 1, and refused if they are mixed.

    Returns
    -------
    Holdings
        Its ``unit`` says how the numbers were read.

    Raises
    ------
    InputError
        If the file is missing, not UTF-8, has other columns, rows of another length, a cell that is not a number, or
        numbers whose unit is not clear; see also :func:`from_rows`.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "holdings.csv"
    ...     _ = path.write_text("owner,owned,share\\nA,B,60\\nB,C,50\\n", encoding="utf-8")
    ...     read_holdings(path).unit
    'percent'
    """
    if unit is not None and unit not in _UNITS:
        raise InputError(f"the unit {unit!r}", f"one of {', '.join(_UNITS)}")
    path = Path(path)
    file = re.sub(r"\s+", " ", path.name or str(path))
    columns, cells = _cells(path, file)
    faults, rows, marked = [], [], []
    numeric = [name for name in ("share", "votes") if name in columns]
    for row, line in enumerate(cells, start=2):
        found = dict(zip(columns, (cell.strip() for cell in line), strict=True))
        values = []
        for name in numeric:
            text = found[name]
            marked.append(text.endswith("%"))
            bare = text.removesuffix("%").strip()
            if not _NUMBER.fullmatch(bare):
                what = f"{text!r}" if text else "an empty cell"
                faults.append(
                    InputError(what, "a number such as 0.15, or 15 for percent", file=file, row=row, column=name)
                )
                values.append(np.nan)
            else:
                values.append(float(bare))
        rows.append((found["owner"], found["owned"], *values))
    if faults:
        raise FaultyHoldings(faults)
    return from_rows(rows, unit=_unit_of(rows, marked, unit, file), file=file)


def _unit_of(rows, marked, declared, file):
    """The unit declared, or the only one that the numbers can have."""
    remedy = "one unit in the whole file, declared as fraction or percent if some numbers are above 1 and some are not"
    if any(marked) and not all(marked):
        raise InputError("some numbers with a percent sign and some without", remedy, file=file)
    if any(marked) and declared == "fraction":
        raise InputError("percent signs among numbers declared as fractions", "percent, or no signs", file=file)
    if declared:
        return declared
    if any(marked):
        return "percent"
    above = [any(value > 1 for value in row[2:]) for row in rows]
    # No vote is the same in every unit; a share of 1 is not.
    below = [any(0 < abs(value) <= 1 for value in row[2:]) for row in rows]
    if any(above) and any(below):
        first = f"row {above.index(True) + 2} has a number above 1, row {below.index(True) + 2} one of at most 1"
        raise InputError(f"numbers that could be fractions or percentages: {first}", remedy, file=file)
    return "percent" if any(above) else "fraction"


def _cells(path, file):
    try:
        size = path.stat().st_size
        raw = path.read_bytes() if path.is_file() and size <= LARGEST_FILE else None
    except OSError as error:
        raise InputError(f"no file that can be read ({error.strerror or error})", "a CSV file", file=file) from None
    if raw is None:
        what = "a folder or device" if not path.is_file() else f"{size:,} bytes"
        raise InputError(what, f"a CSV file of at most {LARGEST_FILE:,} bytes", file=file)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"byte 0x{raw[error.start]:02X}, which is not UTF-8", "UTF-8 text", file=file, row=row
        ) from None
    if "\x00" in text:
        raise InputError("a zero byte", "plain text, not a spreadsheet's own format", file=file)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise InputError(f"a broken cell ({error})", "cells whose quotation marks are closed", file=file) from None
    if not lines or not any(lines[0]):
        raise InputError("an empty file", "a header: owner,owned,share", file=file, row=1)
    columns = [name.strip() for name in lines[0]]
    _check_columns(columns, file)
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    if len(lines) == 1:
        raise InputError("a header and no holding", "at least one row", file=file, row=1)
    faults = [
        InputError(
            f"{len(line)} cells" if line else "an empty line",
            f"{len(columns)} cells, one for each column; decimals have a dot",
            file=file,
            row=row,
        )
        for row, line in enumerate(lines[1:], start=2)
        if len(line) != len(columns)
    ]
    if faults:
        raise FaultyHoldings(faults)
    return columns, lines[1:]


def _check_columns(columns, file):
    allowed = (*_REQUIRED, "votes")
    for name in columns:
        if name not in allowed:
            what = f"the unknown column {name!r}" if name else "a column without a name"
            raise InputError(what, f"only {', '.join(allowed)}", file=file, row=1, column=name or None)
        if columns.count(name) > 1:
            raise InputError(f"the column {name!r} twice", "each column once", file=file, row=1, column=name)
    for name in _REQUIRED:
        if name not in columns:
            raise InputError(
                f"no column {name!r}", f"the columns {', '.join(_REQUIRED)}", file=file, row=1, column=name
            )


def _row_faults(rows, whole, file):
    faults, seen, spelled = [], {}, {}
    for row, (owner, owned, *values) in enumerate(rows, start=2):
        for column, name in (("owner", owner), ("owned", owned)):
            problem = _name_fault(name, spelled)
            if problem:
                faults.append(InputError(*problem, file=file, row=row, column=column))
        if owner == owned:
            remedy = (
                "holdings in others; leave out shares that a firm holds in itself and compute the others without them"
            )
            faults.append(InputError(f"{owner!r} as its own owner", remedy, file=file, row=row, column="owned"))
        if (owner, owned) in seen:
            what = f"the holding of {owner!r} in {owned!r} again, first in row {seen[owner, owned]}"
            faults.append(InputError(what, "each holding once, with its total", file=file, row=row))
        seen.setdefault((owner, owned), row)
        for place, value in enumerate(values, start=2):
            problem = _value_fault(value, whole, zero=place == 3)
            if problem:
                faults.append(InputError(*problem, file=file, row=row, column=_column(place)))
    return faults


def _name_fault(name, spelled):
    if not isinstance(name, str) or not name.strip():
        return "no name", "the name of an organisation"
    if name != name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        what = f"the name {name[:40]!r}"
        return what, f"at most {LONGEST_NAME} printable characters without spaces at the ends"
    folded = " ".join(name.casefold().split())
    first = spelled.setdefault(folded, name)
    if first != name:
        return f"{name!r}, which differs from {first!r} only in case or spaces", "one spelling for one organisation"
    return None


def _value_fault(value, whole, *, zero):
    try:
        value = float(value)
    except (TypeError, ValueError):
        return f"{value!r}", "a number"
    top = f"{whole:g} at most, the whole"
    if not np.isfinite(value):
        return f"{value}", f"a number above 0 and {top}"
    if value < 0:
        return f"a negative number, {value:g}", f"a number above 0 and {top}"
    if value == 0 and not zero:
        return "a share of 0", "a number above 0; leave out what is not held"
    if value > whole * (1 + ROUNDING):
        return f"{value:g}", f"{top}" + ("; or percent, if that is the unit" if whole == 1 else "")
    return None


def _above_the_whole(name, total, where, column, file):
    rows = ", ".join(str(row + 2) for row in where[:6]) + (" and more" if len(where) > 6 else "")
    what = f"{100 * total:.6g}% of {name!r} held, in rows {rows}"
    return InputError(
        what,
        "100% at most; round the shares down, or remove one that is of another date",
        file=file,
        row=int(where[-1]) + 2,
        column=column,
    )


def _column(place):
    return ("owner", "owned", "share", "votes")[place]


def _matrix(values, owners, owned, size):
    made = sparse.coo_array((values, (owners, owned)), shape=(size, size)).tocsr()
    made.eliminate_zeros()
    return made
