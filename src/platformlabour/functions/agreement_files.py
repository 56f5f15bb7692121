"""Files of codes and of items to code, read strictly: every fault is named with its file, row and column."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pandas as pd

from platformlabour.errors import InputError

__all__ = ["plain_text", "read_codes", "read_rows"]

LARGEST_FILE = 100_000_000  # bytes: some millions of codes
LONGEST_CELL = 20_000
_HTML = re.compile(r"<\s*[/a-zA-Z!]")


def read_rows(path, required, *, torn=False):
    """Read a comma-separated file with a header as text.

    Parameters
    ----------
    path : str or path
        UTF-8, with or without a byte order mark.
    required : sequence of str
        Columns that must be there; others are kept.
    torn : bool
        Leave out a last line that lacks its line end, as an interrupted writing leaves it.

    Returns
    -------
    list of dict of str to str

    Raises
    ------
    InputError
        If the file is missing, empty, too large, not UTF-8, has no header with the required columns, or a row of
        another length.
    """
    path = Path(path)
    name = path.name
    if not path.is_file():
        raise InputError("no such file" if not path.exists() else "no file", "a CSV file", file=str(path))
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(f"{path.stat().st_size:,} bytes", f"at most {LARGEST_FILE:,}", file=name)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"the byte 0x{error.object[error.start]:02X}", "text in UTF-8", file=name) from None
    if torn and not text.endswith(("\n", "\r")):
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
    columns = f"a header with {', '.join(required)}"
    if not text.strip():
        raise InputError("an empty file", columns, file=name)
    if "\x00" in text:
        raise InputError("a NUL byte", "plain text", file=name, row=text[: text.index("\x00")].count("\n") + 1)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise InputError(f"a line that cannot be read ({error})", "comma-separated values", file=name) from None
    header = [cell.strip() for cell in lines[0][1]]
    for column in required:
        if column not in header:
            found = f"no column {column!r}"
            if len(header) == 1 and re.search(r"[;\t]", header[0]):
                found += ", and semicolons or tabs between the cells"
                columns += ", separated by commas"
            raise InputError(found, columns, file=name, row=1)
    if len(set(header)) != len(header):
        raise InputError("two columns of one name", "each name once", file=name, row=1)
    rows = []
    for number, cells in lines[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise InputError(f"{len(cells)} cells", f"{len(header)}, as in the header", file=name, row=number)
        for column, cell in zip(header, cells, strict=True):
            if len(cell) > LONGEST_CELL:
                raise InputError(
                    f"{len(cell):,} characters", f"at most {LONGEST_CELL:,}", file=name, row=number, column=column
                )
        rows.append({**dict(zip(header, (cell.strip() for cell in cells), strict=True)), "": number})
    return rows


def plain_text(text, *, file=None, row=None, column=None):
    """Refuse text that a terminal, a page or a spreadsheet would take for a command.

    Parameters
    ----------
    text : str
    file, row, column
        Place, for the message.

    Returns
    -------
    str
        The same text.

    Raises
    ------
    InputError
        If it holds control characters or HTML, or begins like a formula.

    Examples
    --------
    >>> plain_text("Cat or dog?")
    'Cat or dog?'
    >>> plain_text("=HYPERLINK(1)", file="items.csv", row=2, column="title")
    Traceback (most recent call last):
    ...
    platformlabour.errors.InputError: items.csv, row 2, column "title": found a text that a spreadsheet takes for a
    formula, '=HYPERLINK(1)'; expected plain text that begins with a letter or a digit.
    """
    place = {"file": file, "row": row, "column": column}
    odd = next((c for c in text if not (c.isprintable() or c in "\n\t")), None)
    if odd is not None:
        raise InputError(f"the control character U+{ord(odd):04X}", "plain text", **place)
    if _HTML.search(text):
        raise InputError(f"HTML, {text[:40]!a}", "plain text without tags", **place)
    if text[:1] in tuple("=+-@"):
        found = f"a text that a spreadsheet takes for a formula, {text[:40]!a}"
        raise InputError(found, "plain text that begins with a letter or a digit", **place)
    return text


def read_codes(paths):
    """Read and join files of codes.

    Parameters
    ----------
    paths : sequence of str or path
        Each with columns ``item, coder, code``; ``second`` and ``version`` where they are known.

    Returns
    -------
    DataFrame, shape (codes, 5 or 6)
        ``item, coder, code, file, row``, and ``second`` if every file has it.

    Raises
    ------
    InputError
        As for :func:`read_rows`; also if no row is left, a name or code holds HTML, control characters or a formula,
        or the codes were given under different versions of a codebook.
    """
    lines, versions, with_second = [], {}, True
    for path in paths:
        name = Path(path).name
        rows = read_rows(path, ("item", "coder", "code"))
        if not rows:
            raise InputError("a header without rows", "at least one code", file=name)
        with_second = with_second and "second" in rows[0]
        for row in rows:
            line = {column: row[column] for column in ("item", "coder", "code")}
            for column, cell in line.items():
                if not (column == "code" and re.fullmatch(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?", cell, re.I)):
                    plain_text(cell, file=name, row=row[""], column=column)
            version = row.get("version")
            if version:
                versions.setdefault(version, (name, row[""]))
            lines.append({**line, "second": row.get("second", ""), "file": name, "row": row[""]})
    if len(versions) > 1:
        first, other = list(versions)[:2]
        file, row = versions[other]
        raise InputError(
            f"a code under version {other} of the codebook, after codes under {first}",
            "codes under one version",
            file=file,
            row=row,
            column="version",
        )
    frame = pd.DataFrame(lines)
    return frame if with_second else frame.drop(columns="second")
