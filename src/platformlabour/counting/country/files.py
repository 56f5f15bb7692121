"""Files of a scenario as text: read strictly, every fault named with its line, and nothing read from elsewhere."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from platformlabour.errors import InputError

__all__ = ["Row", "locate", "printable", "read_rows", "read_text", "read_toml", "sha256"]

LARGEST_FILE = 2_000_000  # bytes; the largest scenario has a few hundred lines
LONGEST_TEXT = 600  # characters of one cell or value


@dataclass(frozen=True)
class Row:
    """One line of a table with its number in the file, as a spreadsheet shows it."""

    number: int
    cells: dict[str, str]


def printable(name):
    """A name that cannot tear a message in two.

    Examples
    --------
    >>> printable("a\\nb"), printable("a.csv")
    ("'a\\\\nb'", 'a.csv')
    """
    name = str(name)
    return name if name.isprintable() else repr(name)


def sha256(path):
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def read_text(path):
    """Text of a small UTF-8 file.

    Parameters
    ----------
    path : path

    Returns
    -------
    str
        With ``\\n`` as the only line end and without the byte order mark that spreadsheets write.

    Raises
    ------
    InputError
        If there is no such file, it cannot be read, is empty, too large, a workbook, or not UTF-8.
    """
    path = Path(path)
    file = printable(path.name or path)
    try:
        if not path.is_file():
            if path.is_dir():
                raise InputError("a folder", "a file", file=file)
            if path.exists():
                raise InputError("a device or named pipe", "an ordinary file", file=file)
            folder = os.path.basename(os.path.dirname(os.path.abspath(path)))
            raise InputError("no such file", f"a file of this name in {folder!r}", file=file)
        if path.stat().st_size > LARGEST_FILE:
            raise InputError(f"a file of {path.stat().st_size:,} bytes", f"at most {LARGEST_FILE:,}", file=file)
        raw = path.read_bytes()
    except InputError:
        raise  # a ValueError too
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "a path that no file can have"
        raise InputError(f"a file that cannot be read ({reason})", "a file you may read", file=file) from None
    if not raw.strip():
        raise InputError("an empty file", "at least a header and one row", file=file)
    if raw.startswith(b"PK\x03\x04"):
        raise InputError("an Excel workbook or ZIP archive", "plain text; save it as CSV (UTF-8)", file=file)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in raw:
        raise InputError("text in UTF-16, or a binary file", "UTF-8; save it as CSV (UTF-8)", file=file)
    try:
        text = raw.decode("utf-8").lstrip("\ufeff")  # some programs write the mark twice
    except UnicodeDecodeError as error:
        raise InputError(
            f"the byte 0x{raw[error.start]:02X}, which is not UTF-8",
            "UTF-8; save it as CSV (UTF-8)",
            file=file,
            row=raw.count(b"\n", 0, error.start) + 1,
        ) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_toml(path):
    """A TOML file as text and as a mapping.

    Parameters
    ----------
    path : path

    Returns
    -------
    (str, dict)

    Raises
    ------
    InputError
        As :func:`read_text`; or where the TOML stops making sense, with its line.
    """
    text = read_text(path)
    try:
        return text, tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        # ValueError: whole numbers of thousands of digits.
        said = re.fullmatch(r"(?s)(.*) \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        line = int(said[2]) if said and said[2] else (text.count("\n") if said else None)
        found = _in_words(said[1]) if said else "values that TOML cannot hold"
        lines = text.splitlines()
        shown = lines[line - 1].strip()[:60] if line and 0 < line <= len(lines) else ""
        place = f" in {shown!r}" if shown else ""
        remedy = "TOML: name = value; texts in quotation marks, numbers without them and with a decimal point"
        raise InputError(
            f"TOML that stops making sense ({found[:1].lower()}{found[1:160]}){place}",
            remedy,
            file=printable(Path(path).name),
            row=line,
        ) from None


# What the parser says, and what somebody who has never heard of TOML can do something with.
_PARSER_WORDS = (
    (r"Cannot overwrite a value|Duplicate inline table key.*", "a name that stands there already"),
    (r"Cannot declare \('(.*)',?\) twice", r"the table [\1] a second time"),
    (r"Invalid value", "a value that is neither a text in quotation marks nor a number, date, true or false"),
    (r"Expected newline or end of document after a statement", "more than one value"),
    (r"Expected '=' after a key in a key/value pair", "a name without ="),
    (r"Invalid date or datetime", "a date that is none"),
    (r"Unterminated string|Illegal character '\\n'", "a text without its closing quotation mark"),
)


def _in_words(said):
    for pattern, words in _PARSER_WORDS:
        if found := re.fullmatch(pattern, said):
            return printable(found.expand(words).replace("', '", "."))
    return printable(said)


def locate(text, keys):
    """Line on which a value stands in TOML text, or the line that comes nearest: its table's, or its neighbour's.

    Parameters
    ----------
    text : str
    keys : sequence of str or int
        Such as ``("factors", "dormant_share", "high")`` or ``("counts", 0, "low")``.

    Returns
    -------
    int or None

    Examples
    --------
    >>> locate("[a.b]\\nlow = 1\\n[[c]]\\nx = 1\\n[[c]]\\nx = 2", ("c", 1, "x"))
    6
    >>> locate("[a.b]\\nlow = 1", ("a", "b", "high"))
    1
    >>> locate("x = 1\\n[[a.b]]\\nlow = 1", ("a", "b"))
    2
    """
    wanted, best, best_depth = tuple(keys), None, 0
    table, seen, quoted = (), {}, False
    for number, line in enumerate(text.splitlines(), start=1):
        marks = line.count('"""') + line.count("'''")
        inside, quoted = quoted, quoted != bool(marks % 2)
        if inside:
            continue
        header = re.match(r"\s*(\[\[?)([^\[\]]+)\]", line)
        key = re.match(r"\s*([\w\-.\"' ]+?)\s*=", line)
        if header:
            table = _parts(header[2])
            if header[1] == "[[":
                seen[table] = seen.get(table, -1) + 1
                table = (*table, seen[table])
            here = table
        elif key:
            here = (*table, *_parts(key[1]))
        else:
            continue
        depth = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(here, wanted, strict=False)))
        if depth > best_depth:
            best, best_depth = number, depth
    return best


def _parts(dotted):
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def read_rows(path, *, required, optional=()):
    """Rows of a comma-separated table; lines that begin with ``#`` are remarks.

    Parameters
    ----------
    path : path
    required, optional : sequence of str
        Names of columns; others are refused, so that a misspelt one is not passed over.

    Returns
    -------
    (list of Row, list of InputError)
        Cells without the blanks around them; optional columns that are absent read as empty.

    Raises
    ------
    InputError
        If nothing can be read: as :func:`read_text`, or a header that does not fit.
    """
    path = Path(path)
    file, text = printable(path.name), read_text(path)
    rows, faults, header = [], [], None
    # One line at a time: a quotation mark left open then spoils its own line only, and the numbers stay right.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith(("#", '"#')):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader(io.StringIO(line), strict=True, skipinitialspace=True))]
        except (csv.Error, StopIteration):
            faults.append(
                InputError(
                    "a quotation mark that is not closed or stands inside a cell",
                    "each opening mark closed in the same cell and line",
                    file=file,
                    row=number,
                )
            )
            continue
        if header is None:
            header = _header(cells, required, optional, line, file, number)
            continue
        if not any(cells):
            continue
        if not any(cells[len(header) :]):
            cells = cells[: len(header)]  # a spreadsheet's empty columns
        if len(cells) != len(header):
            more = "; numbers without thousands separators, texts with commas in quotation marks"
            faults.append(
                InputError(
                    f"{len(cells)} cell{'s' * (len(cells) != 1)}",
                    f"{len(header)} cells, one for each column{more if len(cells) > len(header) else ''}",
                    file=file,
                    row=number,
                )
            )
            continue
        row = dict.fromkeys((*required, *optional), "") | dict(zip(header, cells, strict=True))
        faults += _hidden(row, file, number)
        rows.append(Row(number, row))
    if header is None:
        raise faults[0] if faults else InputError("remarks and no header", ",".join(required), file=file)
    if not rows and not faults:
        raise InputError("a header and no rows", "at least one row", file=file)
    return rows, faults


def _header(cells, required, optional, line, file, number):
    names = [cell.lower() for cell in cells]
    while names and not names[-1]:
        names.pop()  # a spreadsheet's empty columns
    if len(names) == 1 and (";" in line or "\t" in line):
        mark = "semicolons" if ";" in line else "tabs"
        raise InputError(f"columns separated by {mark}", "commas; save it as CSV (UTF-8)", file=file, row=number)
    if "" in names:
        raise InputError("a column without a name", "a name for each column", file=file, row=number)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"the column {twice[0]!r} twice", "each column once", file=file, row=number)
    unknown = [name for name in names if name not in required and name not in optional]
    if unknown:
        known = ", ".join((*required, *optional))
        raise InputError(f"the column {printable(unknown[0][:40])!r}", f"only {known}", file=file, row=number)
    missing = [name for name in required if name not in names]
    if missing:
        raise InputError(f"no column {', '.join(missing)}", f"the columns {', '.join(required)}", file=file, row=number)
    return names


def _hidden(row, file, number):
    for column, text in row.items():
        if not text.isprintable():
            yield InputError(
                "an invisible character", "visible characters only; delete it", file=file, row=number, column=column
            )
        elif len(text) > LONGEST_TEXT:
            yield InputError(
                f"a text of {len(text)} characters", f"at most {LONGEST_TEXT}", file=file, row=number, column=column
            )
