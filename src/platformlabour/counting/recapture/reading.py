"""CSV files of one's own, read strictly: every cell is either understood exactly or named with its row and column."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from platformlabour.counting.recapture.frequencies import Frequencies
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.errors import InputError
from platformlabour.tables import PROBLEMS_SHOWN, report

__all__ = [
    "FaultyTable",
    "TextTable",
    "read_covariates",
    "read_frequencies",
    "read_patterns",
    "read_table",
]

LARGEST_FILE = 2**29  # bytes; beyond it patterns are better counted first
LARGEST_COUNT = 2**53  # the last whole number before floats skip one
LARGEST_TIMES_SEEN = 1_000_000
EXACT_COLUMNS = ("times_seen", "count")
POOLED_COLUMNS = ("times_seen_from", "times_seen_to", "workers", "sightings")

_WHOLE = re.compile(r"[0-9]{1,16}")
_NEGATIVE = re.compile(r"[-\u2212]\s?[0-9][0-9.,]*")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,'\u2019\u00a0\u202f ][0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL = re.compile(r"[0-9]*[.,][0-9]*")
_SCIENTIFIC = re.compile(r"[0-9.,]+[eE][+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class FaultyTable(InputError):
    """Several faults of one file, in one message.

    Parameters
    ----------
    faults : sequence of InputError
        One or more; the first gives ``found``, ``expected``, ``file``, ``row`` and ``column``.
    shown : int, default 20
        Faults of one file that the message lists; it counts the rest.

    Examples
    --------
    >>> print(FaultyTable([InputError("-5", "0 or more", file="seen.csv", row=3, column="count"),
    ...                    InputError("2", "0 or 1", file="seen.csv", row=4, column="May")]))
    2 problems found:
    - seen.csv, row 3, column "count": found -5; expected 0 or more.
    - seen.csv, row 4, column "May": found 2; expected 0 or 1.
    """

    def __init__(self, faults, shown=PROBLEMS_SHOWN):
        self.faults, self.shown = tuple(faults), shown
        first = self.faults[0]
        super().__init__(first.found, first.expected, file=first.file, row=first.row, column=first.column)

    def __str__(self):
        return str(self.faults[0]) if len(self.faults) == 1 else report(list(self.faults), shown=self.shown)

    def __reduce__(self):
        return (FaultyTable, (self.faults, self.shown))


@dataclass(frozen=True, eq=False)
class TextTable:
    """A rectangular table of text, row by row as in the file.

    Parameters
    ----------
    file : str
        The file's name, for messages.
    columns : dict of str to list of str
        Cells without the blanks around them; the first row of the table is row 2 of the file.
    """

    file: str
    columns: dict[str, list[str]]

    def fault(self, found, expected, *, place=None, column=None):
        """An :class:`InputError` at a place counted from 0 below the header."""
        return InputError(found, expected, file=self.file, row=None if place is None else place + 2, column=column)


# --- Bytes, lines and cells -------------------------------------------------------------------------------------------


def read_table(path):
    """Read a comma-separated file as text, refusing whatever is not a plain rectangular table.

    Parameters
    ----------
    path : str or path
        UTF-8 text, a header and at least one row. Lines may end as on any system.

    Returns
    -------
    TextTable

    Raises
    ------
    InputError
        If the file is missing, not UTF-8 or begins with a byte order mark, or has empty lines, rows of different
        lengths, nameless columns or two columns of one name; all such rows are named in one message.
    """
    path = Path(path)
    lines = csv.reader(io.StringIO(_text(path), newline=""), strict=True, skipinitialspace=True)
    rows, faults = [], []
    try:
        for cells in lines:
            rows.append(cells)
            if lines.line_num != len(rows):
                raise InputError(
                    "a line break inside a cell", "each row on one line", file=_file_name(path), row=len(rows)
                )
    except csv.Error:
        raise InputError(
            "a quotation mark that is not closed or stands inside a cell",
            "each opening mark closed in the same cell",
            file=_file_name(path),
            row=len(rows) + 1,
        ) from None
    names = [name.strip() for name in rows[0]]
    _check_header(names, _file_name(path))
    if len(rows) == 1:
        raise InputError("a header and no rows", "at least one row", file=_file_name(path), row=1)
    for row, cells in enumerate(rows[1:], start=2):
        if len(cells) != len(names):
            found = f"{len(cells)} cell{'s' * (len(cells) != 1)}" if cells else "an empty line"
            remedy = f"{len(names)} cells, one for each column" if cells else "a row of the table; delete the line"
            if len(cells) > len(names):
                remedy += "; numbers without thousands separators"
            faults.append(InputError(found, remedy, file=_file_name(path), row=row))
    if faults:
        raise FaultyTable(faults)
    return TextTable(_file_name(path), {name: [row[i].strip() for row in rows[1:]] for i, name in enumerate(names)})


def _file_name(path):
    return _printable(path.name or str(path))


def _printable(name):
    # A name may hold a line break, which would tear a message in two.
    return name if name.isprintable() else repr(name)


def _text(path):
    file = _file_name(path)
    try:
        if not path.is_file():
            if path.is_dir():
                raise InputError("a folder", "a CSV file", file=file)
            if path.exists():
                raise InputError("a device or named pipe", "an ordinary CSV file", file=file)
            raise InputError("no such file", "the path of a CSV file", file=_printable(str(path)))
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(
                f"a file of {path.stat().st_size:,} bytes",
                f"at most {LARGEST_FILE:,}; count the patterns first and give each its number in a column count",
                file=file,
            )
        raw = path.read_bytes()
    except InputError:
        raise  # a ValueError too
    except OSError as error:
        raise InputError(
            f"a file that cannot be read ({error.strerror})", "a file you may read", file=_printable(str(path))
        ) from None
    except ValueError:
        raise InputError("a path that no file can have", "the path of a CSV file", file=_printable(str(path))) from None
    if not raw.strip():
        raise InputError("an empty file", "a header and at least one row", file=file)
    if raw.startswith(b"PK\x03\x04"):
        raise InputError("an Excel workbook or ZIP archive", "plain text; save it as CSV (UTF-8)", file=file)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        raise InputError("text in UTF-16, or a binary file", "UTF-8; save it as CSV (UTF-8)", file=file)
    if raw.startswith(b"\xef\xbb\xbf"):
        raise InputError(
            "a byte order mark (BOM) before the first column's name",
            "UTF-8 without it; save the file as UTF-8 without BOM, or as plain CSV",
            file=file,
            row=1,
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the byte 0x{raw[error.start]:02X}, which is not UTF-8",
            "UTF-8; save it as CSV (UTF-8)",
            file=file,
            row=raw.count(b"\n", 0, error.start) + 1,
        ) from None


def _check_header(names, file):
    faults = []
    line = ",".join(names)
    for separator, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if len(names) == 1 and separator in line:
            raise InputError(
                f"{word} between the columns", "commas; export the table as comma-separated CSV", file=file, row=1
            )
    for place, name in enumerate(names):
        if not name:
            faults.append(InputError(f"no name for column {place + 1}", "a name for every column", file=file, row=1))
        elif not name.isprintable():
            faults.append(InputError("an invisible character in a name", "visible characters", file=file, row=1))
        elif name in names[:place]:
            faults.append(InputError("two columns of this name", "each name once", file=file, row=1, column=name))
        elif name != "count" and name.casefold() in ("count", "counts"):
            faults.append(
                InputError("this spelling", 'the name "count" for the number of people', file=file, row=1, column=name)
            )
    if faults:
        raise FaultyTable(faults)


# --- Columns ----------------------------------------------------------------------------------------------------------


def _column(table, name, understand):
    """A column with each distinct cell understood once: its values (None if any fails) and its faults."""
    codes, cells = pd.factorize(np.array(table.columns[name], dtype=object))
    values, wrong = np.zeros(len(cells), dtype=np.int64), {}
    for code, cell in enumerate(cells):
        try:
            values[code] = understand(cell)
        except InputError as error:
            wrong[code] = error
    if not wrong:
        return values[codes], []
    if len(codes) > 2 and len(wrong) == len(cells):
        first = wrong[0]
        remedy = f"{first.expected} in every row, or a file without this column"
        return None, [table.fault(f"{first.found}, and no usable value in any row", remedy, column=name)]
    places = np.flatnonzero(np.isin(codes, list(wrong)))
    return None, [
        table.fault(wrong[codes[place]].found, wrong[codes[place]].expected, place=place, column=name)
        for place in places.tolist()
    ]


def _whole(least, most, expected):
    def understand(cell):
        if _WHOLE.fullmatch(cell):
            number = int(cell)
            if number < least:
                raise InputError(cell, expected)
            if number > most:
                raise InputError(cell, f"at most {most:,}")
            return number
        raise InputError(_odd_number(cell), expected)

    return understand


def _odd_number(cell):
    if not cell:
        return "an empty cell"
    if _NEGATIVE.fullmatch(cell):
        return f"a negative number, {cell}"
    if _GROUPED.fullmatch(cell):
        return f'"{cell}", a number with thousands separators'
    if _SCIENTIFIC.fullmatch(cell):
        return f'"{cell}", a number in scientific notation'
    if _DECIMAL.fullmatch(cell) and cell not in ".,":
        return f'"{cell}", a number with decimals'
    if cell.isascii() and cell.isdigit():
        return f"a number of {len(cell)} digits"
    return f'the text "{cell if len(cell) < 40 else cell[:39] + "…"}"'


def _zero_or_one(cell):
    if cell in ("0", "1"):
        return int(cell)
    found = cell if _WHOLE.fullmatch(cell) else _odd_number(cell)
    raise InputError(found, "0 or 1")


_PEOPLE = _whole(0, LARGEST_COUNT, "a whole number of 0 or more, in digits only")
_TIMES = _whole(1, LARGEST_TIMES_SEEN, "a whole number of 1 or more, in digits only")


def read_patterns(table, *, what="occasion", most=62):
    """Capture patterns from one 0/1 column an occasion, or a list, and an optional column ``count``.

    Parameters
    ----------
    table : TextTable
    what : str
        What a column is, for messages.
    most : int
        Columns allowed.

    Returns
    -------
    CapturePatterns

    Raises
    ------
    InputError
        Naming every cell that is not 0 or 1, every count that is not a whole number of 0 or more, and every row of
        people never seen.

    Examples
    --------
    >>> read_patterns(TextTable("seen.csv", {"May": ["1", "0"], "June": ["1", "1"], "count": ["4", "2"]}))
    CapturePatterns(6 people, 2 occasions, 2 patterns)
    """
    names = [name for name in table.columns if name != "count"]
    if not 2 <= len(names) <= most:
        raise table.fault(
            f"{len(names)} {what}{'s' * (len(names) != 1)}", f"2 to {most}, each a column of 0 and 1, beside count"
        )
    faults, seen = [], {}
    for name in names:
        seen[name], wrong = _column(table, name, _zero_or_one)
        faults += wrong
    people = None
    if "count" in table.columns:
        people, wrong = _column(table, "count", _PEOPLE)
        faults += wrong
    if faults:
        raise FaultyTable(sorted(faults, key=lambda fault: fault.row or 0))
    frame = pd.DataFrame(seen).astype(np.uint8)
    never = ~frame.to_numpy().any(axis=1)
    if people is not None:
        never &= people > 0
    if never.any():
        raise FaultyTable(
            table.fault("people never seen (zeros only)", "only people seen at least once; delete the row", place=place)
            for place in np.flatnonzero(never).tolist()
        )
    kept = frame.to_numpy().any(axis=1)
    if people is not None:
        people = people[kept]
    return CapturePatterns.from_histories(frame[kept], people, file=table.file)


def read_frequencies(table):
    """How many workers were seen how often, from ``times_seen,count`` or a table with a pooled tail.

    Parameters
    ----------
    table : TextTable
        Columns ``times_seen`` and ``count``; or ``times_seen_from``, ``times_seen_to``, ``workers`` and ``sightings``,
        beside which other columns are ignored.

    Returns
    -------
    Frequencies

    Raises
    ------
    InputError
        If a column is missing or unknown, a number is not whole or out of range, or a number of times stands twice.

    Examples
    --------
    >>> read_frequencies(TextTable("seen.csv", {"times_seen": ["1", "2"], "count": ["50", "20"]})).seen
    70
    """
    pooled = POOLED_COLUMNS[0] in table.columns
    wanted = POOLED_COLUMNS if pooled else EXACT_COLUMNS
    missing = [name for name in wanted if name not in table.columns]
    unknown = [] if pooled else [name for name in table.columns if name not in wanted]
    if missing or unknown:
        expected = "the columns times_seen,count (or times_seen_from,times_seen_to,workers,sightings)"
        raise table.fault(f"the columns {','.join(table.columns)}", expected, place=-1)
    faults, columns = [], []
    for name in wanted:
        values, wrong = _column(table, name, _TIMES if name.startswith("times_seen") else _PEOPLE)
        columns.append(values)
        faults += wrong
    if faults:
        raise FaultyTable(sorted(faults, key=lambda fault: fault.row or 0))
    if pooled:
        return Frequencies(*columns)
    times, people = columns
    repeated = np.flatnonzero(pd.Series(times).duplicated().to_numpy())
    if repeated.size:
        raise FaultyTable(
            table.fault(f"{times[place]} a second time", "each number of times once", place=place, column="times_seen")
            for place in repeated.tolist()
        )
    if float(people.astype(float).sum()) > LARGEST_COUNT or float((people.astype(float) * times).max()) > LARGEST_COUNT:
        raise table.fault("more sightings than can be counted exactly", f"at most {LARGEST_COUNT:,}", column="count")
    return Frequencies.from_columns(times, people)


def read_covariates(table, variables, *, response):
    """The columns that a regression uses: numbers where every cell is one, text where none is.

    Parameters
    ----------
    table : TextTable
    variables : sequence of str
        Covariates.
    response : str
        Column of counts, whole numbers of 1 or more.

    Returns
    -------
    pandas.DataFrame
        With the column ``count`` as well if the table has it.

    Raises
    ------
    InputError
        If a column is missing, a cell is empty, a count is not whole, or a column mixes numbers and text.

    Examples
    --------
    >>> table = TextTable("people.csv", {"times": ["1", "2"], "age": ["20", "31.5"], "nation": ["Mali", "NA"]})
    >>> read_covariates(table, ["age", "nation"], response="times").to_numpy().tolist()
    [[1, 20.0, 'Mali'], [2, 31.5, 'NA']]
    """
    missing = [name for name in (response, *variables) if name not in table.columns]
    if missing:
        raise FaultyTable(
            table.fault("no such column", f"one of {', '.join(table.columns)}", place=-1, column=name)
            for name in dict.fromkeys(missing)
        )
    held, faults = {}, []
    held[response], wrong = _column(table, response, _TIMES)
    faults += wrong
    if "count" in table.columns and "count" not in (response, *variables):
        held["count"], wrong = _column(table, "count", _PEOPLE)
        faults += wrong
    for name in variables:
        held[name], wrong = _covariate(table, name)
        faults += wrong
    if faults:
        raise FaultyTable(sorted(faults, key=lambda fault: fault.row or 0))
    return pd.DataFrame(held)


def _covariate(table, name):
    cells = np.array(table.columns[name], dtype=object)
    codes, distinct = pd.factorize(cells)
    numeric = np.array([bool(_NUMBER.fullmatch(cell)) for cell in distinct])
    empty = np.array([cell == "" for cell in distinct])
    if numeric.all():
        values = np.array([float(cell) for cell in distinct])
        if np.isfinite(values).all():
            return values[codes], []
        wrong, expected = ~np.isfinite(values), "a finite number"
    elif numeric.any():
        wrong, expected = ~numeric, "a number, as in other rows of this column, with a decimal point"
    elif empty.any():
        wrong, expected = empty, "a value in every row; delete the row or fill the cell"
    else:
        return cells, []
    places = np.flatnonzero(wrong[codes]).tolist()
    return None, [table.fault(_odd_number(cells[place]), expected, place=place, column=name) for place in places]
