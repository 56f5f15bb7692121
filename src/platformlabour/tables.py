"""The one door to data/: every table is checked, byte by byte and cell by cell, before anyone computes with it.

``data/datapackage.json`` says what each table holds. Conventions about column names add what a Table Schema cannot say:
``low``, ``value`` and ``high`` come in that order, as do ``…_from`` and ``…_to``, ``…_start`` and ``…_end``; ``source``
names an entry of ``references.bib``; ``country`` is an ISO 3166-1 alpha-2 code.
"""

from __future__ import annotations

import copy
import csv
import datetime
import difflib
import functools
import hashlib
import json
import os
import re
import stat
import unicodedata
from itertools import groupby
from pathlib import Path

import pandas as pd

from platformlabour.errors import InputError

__all__ = ["check", "check_all", "data_folder", "describe", "load", "names", "report", "seal", "source_keys"]

DESCRIPTOR = "datapackage.json"
BIBLIOGRAPHY = "references.bib"
LARGEST_FILE = 5_000_000  # bytes; the largest table has a few hundred rows
PROBLEMS_SHOWN = 20  # per file
DIGITS_ALLOWED = 15  # before the decimal point: what a double holds exactly

_COUNTRY_CODES = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
COUNTRIES = frozenset(_COUNTRY_CODES.split())
COUNTRY_SLIPS = {
    "UK": "GB for the United Kingdom",
    "EL": "GR for Greece",
    "EU": "an empty cell, with the place in words",
}

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_MISSING_WORDS = {"na", "n/a", "nan", "null", "none", "missing", "-", "–", "—", "?", ".", ".."}
_NUMERIC_TYPES = ("integer", "number", "year")
_DATE_FORMS = {"date": ("%Y-%m-%d", "YYYY-MM-DD"), "yearmonth": ("%Y-%m", "YYYY-MM")}


def data_folder():
    """Find the folder that holds the tables.

    Returns
    -------
    pathlib.Path
        The folder named by the environment variable ``PLATFORMLABOUR_DATA``, else ``data`` of this checkout.

    Raises
    ------
    InputError
        If there is no such folder, or it has no ``datapackage.json``.

    Examples
    --------
    >>> data_folder().name
    'data'
    """
    named = os.environ.get("PLATFORMLABOUR_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "data"
    if not (folder / DESCRIPTOR).is_file():
        remedy = (
            f"a folder with {DESCRIPTOR}; set the environment variable PLATFORMLABOUR_DATA to the report's data folder"
        )
        raise InputError(f"no {DESCRIPTOR} in {str(folder)!r}", remedy)
    return folder


def names(*, folder=None):
    """Names of all tables, in the order of the data package.

    Parameters
    ----------
    folder : path, optional
        Folder of the data package; :func:`data_folder` by default.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If the descriptor cannot be read.

    Examples
    --------
    >>> "mturk-times-seen" in names()
    True
    """
    return [resource["name"] for resource in _read_descriptor(_folder(folder))["resources"]]


def load(name, *, folder=None):
    """Read one table after checking it.

    Parameters
    ----------
    name : str
        Name of the table, such as ``"mturk-times-seen"``.
    folder : path, optional
        Folder of the data package; :func:`data_folder` by default.

    Returns
    -------
    pandas.DataFrame
        One column per field of the schema: whole numbers as ``int64`` (``Int64`` where cells may be empty), other
        numbers as ``float64`` with ``nan`` for an empty cell, dates and months as timestamps, the rest as text with
        ``""`` for an empty cell. ``NA`` stays text: it is the code of Namibia.

    Raises
    ------
    InputError
        The first fault found, with file, row and column; a note tells how many more there are.

    Examples
    --------
    >>> seen = load("mturk-times-seen")
    >>> int(seen.workers.sum()), int(seen.sightings.sum())
    (157255, 386407)
    """
    folder = _folder(folder)
    descriptor = _read_descriptor(folder)
    resource = _resource(name, descriptor)
    problems, columns = _check_table(resource, descriptor, folder)
    if problems:
        if len(problems) > 1:
            problems[0].add_note(
                f"{len(problems) - 1} more in this table: platformlabour.tables.check({name!r}) lists them."
            )
        raise problems[0]
    return _frame(resource, columns)


def check(name, *, folder=None):
    """List every fault of one table.

    Parameters
    ----------
    name : str
        Name of the table.
    folder : path, optional
        Folder of the data package.

    Returns
    -------
    list of InputError
        Empty if the table is good.

    Raises
    ------
    InputError
        If there is no table of that name, or the descriptor cannot be read.

    Examples
    --------
    >>> check("mturk-years")
    []
    """
    folder = _folder(folder)
    descriptor = _read_descriptor(folder)
    return _check_table(_resource(name, descriptor), descriptor, folder)[0]


def check_all(*, folder=None):
    """List every fault of the data folder: descriptor, bibliography, tables, and files that no schema describes.

    Parameters
    ----------
    folder : path, optional
        Folder of the data package.

    Returns
    -------
    list of InputError

    Examples
    --------
    >>> print(report(check_all()))
    No problem found.
    """
    try:
        folder = _folder(folder)
        descriptor = _read_descriptor(folder)
    except InputError as error:
        return [error]
    problems = _check_bibliography(folder)
    described = {resource["path"] for resource in descriptor["resources"]}
    for path in sorted(folder.iterdir()):
        twins = [other for other in described if other.lower() == path.name.lower() and other != path.name]
        if twins:
            problems.append(InputError(f"a name that differs from {twins[0]} only in case", "one file", file=path.name))
        elif path.suffix.lower() == ".csv" and path.name not in described:
            remedy = f"each table described in {DESCRIPTOR}; describe this one or remove it"
            problems.append(InputError("a table without a schema", remedy, file=path.name))
    for resource in descriptor["resources"]:
        problems += _check_table(resource, descriptor, folder)[0]
    return problems


def report(problems, *, shown=PROBLEMS_SHOWN):
    """Lay out a list of faults as a message for people.

    Parameters
    ----------
    problems : list of InputError
    shown : int, default 20
        Of one file; the rest are counted.

    Returns
    -------
    str
        One line per fault.

    Examples
    --------
    >>> print(report([InputError("a negative number, -5", "0 or more", file="seen.csv", row=3, column="workers")]))
    1 problem found:
    - seen.csv, row 3, column "workers": found a negative number, -5; expected 0 or more.
    """
    if not problems:
        return "No problem found."
    lines = [f"{len(problems)} problem{'s' if len(problems) > 1 else ''} found:"]
    for file, group in groupby(problems, key=lambda problem: problem.file):
        group = list(group)
        lines += [f"- {problem}" for problem in group[:shown]]
        if len(group) > shown:
            lines.append(f"- {file}: and {len(group) - shown} more.")
    return "\n".join(lines)


def seal(*, folder=None):
    """Write each table's size and SHA-256 into the descriptor after a deliberate change.

    Nothing is written unless the content of every table passes its checks.

    Parameters
    ----------
    folder : path, optional
        Folder of the data package.

    Returns
    -------
    list of str
        Names of the tables whose seal has changed.

    Raises
    ------
    InputError
        The first fault of the content, if there is one.
    """
    folder = _folder(folder)
    descriptor = copy.deepcopy(_read_descriptor(folder))
    changed, problems = [], _check_bibliography(folder)
    for resource in descriptor["resources"]:
        problems += _check_table(resource, descriptor, folder, sealed=False)[0]
    if problems:
        raise problems[0]
    for resource in descriptor["resources"]:
        fingerprint = _fingerprint((folder / resource["path"]).read_bytes())
        if fingerprint != {key: resource.get(key) for key in fingerprint}:
            resource.update(fingerprint)
            changed.append(resource["name"])
    if changed:
        draft = folder / f"{DESCRIPTOR}.new"
        draft.write_text(json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
        draft.replace(folder / DESCRIPTOR)
    return changed


def describe(name, *, folder=None):
    """Say what a table holds and where it comes from.

    Parameters
    ----------
    name : str
        Name of the table.
    folder : path, optional
        Folder of the data package.

    Returns
    -------
    dict
        ``title``, ``description``, ``path``, ``bytes``, ``hash``, ``licences``, ``sources`` (keys in the bibliography)
        and ``columns``, a DataFrame with one row per column: name, type, unit, required, allowed, meaning.

    Raises
    ------
    InputError
        If there is no table of that name.

    Examples
    --------
    >>> describe("mturk-years")["columns"].column.tolist()[:3]
    ['year', 'occasions', 'workers_seen']
    """
    resource = _resource(name, _read_descriptor(_folder(folder)))
    columns = [
        {
            "column": field["name"],
            "type": field["type"],
            "unit": field.get("unit", ""),
            "required": _rule(field, "required", False),
            "allowed": _allowed(field),
            "meaning": field.get("description", ""),
        }
        for field in resource["schema"]["fields"]
    ]
    return {
        **{key: resource.get(key, "") for key in ("name", "title", "description", "path", "bytes", "hash")},
        "licences": [licence.get("title", licence["name"]) for licence in resource.get("licenses", [])],
        "sources": [source["key"] for source in resource.get("sources", []) if "key" in source],
        "columns": pd.DataFrame(columns),
    }


def source_keys(*, folder=None):
    """Keys of all entries in ``references.bib``.

    Parameters
    ----------
    folder : path, optional
        Folder of the data package.

    Returns
    -------
    list of str
        In the order of the file.

    Raises
    ------
    InputError
        If the bibliography cannot be read.

    Examples
    --------
    >>> "Chao1987" in source_keys()
    True
    """
    text, problems = _read_text(_folder(folder) / BIBLIOGRAPHY)
    if problems:
        raise problems[0]
    return list(_keys_in(text))


@functools.lru_cache(maxsize=4)
def _keys_in(bibliography):
    return tuple(re.findall(r"^@\w+\{\s*([^,\s{}]+)\s*,", bibliography, re.MULTILINE))


# The descriptor


def _folder(folder):
    return data_folder() if folder is None else Path(folder)


def _read_descriptor(folder):
    text, problems = _read_text(folder / DESCRIPTOR)
    if problems:
        raise problems[0]
    return _parse_descriptor(text)


@functools.lru_cache(maxsize=4)  # by its text, so that a change is always seen; nobody may change what is returned
def _parse_descriptor(text):
    try:
        descriptor = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"JSON that stops making sense: {error.msg}", "valid JSON", file=DESCRIPTOR, row=error.lineno
        ) from None
    resources = descriptor.get("resources") if isinstance(descriptor, dict) else None
    if not isinstance(resources, list) or not resources:
        raise InputError("no list of resources", 'a Data Package with a list called "resources"', file=DESCRIPTOR)
    for resource in resources:
        _check_resource(resource)
    return descriptor


def _check_resource(resource):
    try:
        name, path, fields = resource["name"], resource["path"], resource["schema"]["fields"]
        for field in fields:
            if field["type"] not in ("string", "date", "yearmonth", *_NUMERIC_TYPES):
                raise InputError(
                    f"the type {field['type']!r} of {field['name']!r} in {name!r}", "a known type", file=DESCRIPTOR
                )
            re.compile(_rule(field, "pattern", ""))
    except (KeyError, TypeError) as error:
        raise InputError(f"a resource without {error}", "name, path and schema with fields", file=DESCRIPTOR) from None
    except re.error as error:
        raise InputError(f"a pattern that is not one: {error}", "a regular expression", file=DESCRIPTOR) from None
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.csv", str(path)):
        raise InputError(
            f"the path {path!r}", "the plain name of a file in this folder, such as mturk-years.csv", file=DESCRIPTOR
        )


def _resource(name, descriptor):
    resources = {resource["name"]: resource for resource in descriptor["resources"]}
    if name not in resources:
        near = difflib.get_close_matches(str(name), resources, n=1)
        remedy = f"{near[0]!r}, perhaps" if near else "one of " + ", ".join(resources)
        raise InputError(f"no table called {name!r}", remedy)
    return resources[name]


def _check_bibliography(folder):
    try:
        keys = source_keys(folder=folder)
    except InputError as error:
        return [error]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    return [InputError(f"the key {key} twice", "each key once", file=BIBLIOGRAPHY) for key in twice]


def _rule(field, rule, default=None):
    return field.get("constraints", {}).get(rule, default)


def _allowed(field):
    if _rule(field, "enum"):
        return ", ".join(map(str, _rule(field, "enum")))
    low, high = _rule(field, "minimum"), _rule(field, "maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None or high is not None:
        return f"{low} or more" if high is None else f"{high} or less"
    return {"string": "text"}.get(field["type"], field["type"])


# The checks, from the bytes up: a later stage runs only on what the earlier ones have passed


def _check_table(resource, descriptor, folder, *, sealed=True):
    file = resource["path"]
    text, problems = _read_text(folder / file)
    if problems:
        return problems, None
    fields = resource["schema"]["fields"]
    rows, problems = _check_shape(text, [field["name"] for field in fields], file)
    if problems:
        return problems, None
    columns = {field["name"]: [row[i] for row in rows] for i, field in enumerate(fields)}
    cell_problems = []
    for field in fields:
        cells = columns[field["name"]]
        # A table says the same many times over, and most of it without fault.
        faults = {cell: fault for cell in set(cells) if (fault := _cell_fault(cell, field))}
        cell_problems += [
            InputError(*faults[cell], file=file, row=row, column=field["name"])
            for row, cell in enumerate(cells, start=2)
            if cell in faults
        ]
    faulty = {(problem.row, problem.column) for problem in cell_problems}
    problems = cell_problems + _check_keys(resource, columns, faulty, descriptor, folder)
    problems.sort(key=lambda problem: problem.row or 0)
    if not problems and sealed:
        problems = _check_seal(resource, text.encode(), file)
    return problems, None if problems else columns


def _read_text(path):
    try:
        # Looked at before it is opened: opening a named pipe would wait for ever.
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return None, [InputError("a folder", "a file", file=path.name)]
        if not stat.S_ISREG(status.st_mode):
            return None, [InputError("a device or named pipe", "an ordinary file", file=path.name)]
        if status.st_size > LARGEST_FILE:
            remedy = f"at most {LARGEST_FILE:,} bytes"
            return None, [InputError(f"a file of {status.st_size:,} bytes", remedy, file=path.name)]
        raw = path.read_bytes()
    except FileNotFoundError:
        return None, [InputError("no such file", f"a file of this name in {path.parent.name!r}", file=path.name)]
    except PermissionError:
        return None, [InputError("a file that may not be read", "read permission for you", file=path.name)]
    except OSError as error:
        found = f"a file that cannot be read: {error.strerror or error}"
        return None, [InputError(found, "an ordinary file, not a chain of links", file=path.name)]
    return _decode(raw, path.name)


def _decode(raw, file):
    def refuse(found, expected, row=None):
        return None, [InputError(found, expected, file=file, row=row)]

    if not raw:
        return refuse("an empty file", "a header and at least one row")
    if raw.startswith(b"PK\x03\x04"):
        return refuse("an Excel workbook or ZIP archive", "plain text; save it as CSV (UTF-8)")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return refuse("text in UTF-16", "UTF-8; save it as CSV (UTF-8)", 1)
    if raw.startswith(b"\xef\xbb\xbf"):
        return refuse("a byte order mark", "UTF-8 without it; save it as UTF-8 without BOM", 1)
    if b"\0" in raw:
        return refuse("a NUL byte, as in UTF-16 or binary files", "plain UTF-8 text", _row_of(raw, raw.index(b"\0")))
    if b"\r" in raw:
        where = raw.index(b"\r")
        kind = "a Windows line end (CR LF)" if raw[where : where + 2] == b"\r\n" else "a lone carriage return (CR)"
        return refuse(kind, "each line to end with LF alone", _row_of(raw, where))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        remedy = "UTF-8; save it as CSV (UTF-8)"
        return refuse(f"the byte 0x{raw[error.start]:02X}, which is not UTF-8", remedy, _row_of(raw, error.start))
    for row, line in enumerate(text.split("\n"), start=1):
        hidden = None if line.isprintable() else next(filter(_is_invisible, line), None)
        if hidden:
            return refuse(f"the invisible character {_name(hidden)}", "visible characters only; delete it", row)
    if not text.endswith("\n"):
        return refuse("a last line without an end", "a line end (LF) after the last row", text.count("\n") + 1)
    return text, []


def _is_invisible(character):
    # Spaces of other widths and tabs are left to the cells' own rules, which can name the column.
    return character != "\t" and unicodedata.category(character) in ("Cc", "Cf", "Cn", "Co", "Zl", "Zp")


def _row_of(raw, where):
    return raw.count(b"\n", 0, where) + 1


def _name(character):
    return f"U+{ord(character):04X} ({unicodedata.name(character, 'control character').lower()})"


def _check_shape(text, expected, file):
    lines = text[:-1].split("\n")
    header = _cells(lines[0])
    problems = _check_header(header, expected, lines[0], file)
    if problems:
        return None, problems
    if len(lines) == 1:
        return None, [InputError("a header and no rows", "at least one row", file=file, row=1)]
    rows = []
    for row, line in enumerate(lines[1:], start=2):
        cells = _cells(line)
        fault = _line_fault(line, cells, expected)
        if fault:
            found, remedy, column = fault
            problems.append(InputError(found, remedy, file=file, row=row, column=column))
        rows.append(cells)
    return rows, problems


def _cells(line):
    try:
        return next(csv.reader([line], strict=True), [])
    except csv.Error:
        return None


def _check_header(header, expected, line, file):
    def refuse(found, remedy, column=None):
        return [InputError(found, remedy, file=file, row=1, column=column)]

    wanted = "the columns " + ",".join(expected)
    if header is None:
        return refuse("a quotation mark that is not closed", wanted)
    if header == expected:
        return []
    for separator, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
        if line.count(separator) >= max(1, len(expected) - 1) > line.count(","):
            return refuse(f"{word} between the columns", "commas; export the table as comma-separated CSV")
    if not line.strip() or line.startswith("#"):
        return refuse("an empty line" if not line.strip() else "a comment", f"the header first: {wanted}")
    for i, name in enumerate(header):
        if name != name.strip() and name.strip() in expected:
            return refuse(f"a space beside the name {name!r}", "the bare name", name.strip())
        if name in header[:i]:
            return refuse(f"the column {name!r} twice", "each column once", name)
    for name in expected:
        if name not in header:
            near = difflib.get_close_matches(name, set(header) - set(expected), n=1)
            return refuse(
                f"{near[0]!r} where {name!r} should stand" if near else "no column of this name", wanted, name
            )
    for name in header:
        if name not in expected:
            return refuse("a column that the schema does not have", wanted, name)
    first = next(i for i, name in enumerate(expected) if header[i] != name)
    return refuse(
        f"the column {header[first]!r} in place {first + 1}",
        f"the columns in order: {','.join(expected)}",
        header[first],
    )


def _line_fault(line, cells, expected):
    if not line.strip():
        return "an empty line", "a row of the table; delete the line", None
    if cells is None:
        return (
            "a quotation mark that is not closed or stands inside a cell",
            "each opening mark closed in the same row",
            None,
        )
    if line.startswith("#"):
        return "a comment", "rows of the table only; put remarks in the column for notes", None
    if cells == expected:
        return "the header a second time", "the header in row 1 only", None
    if cells[0].strip().casefold() in ("total", "totals", "sum", "subtotal", "grand total"):
        return f"a summary row, {cells[0]!r}", "no sums among the rows; delete it", expected[0]
    if len(cells) < len(expected):
        return f"{len(cells)} cells", f"{len(expected)}, one for each column", expected[len(cells)]
    if len(cells) > len(expected):
        remedy = f"{len(expected)}, one for each column; put a cell with a comma between quotation marks"
        return f"{len(cells)} cells", remedy, expected[-1]
    return None


def _cell_fault(cell, field):
    if cell == "":
        return ("an empty cell", f"{_wanted(field)}; the column may not be empty") if _rule(field, "required") else None
    if cell[0] in "=+@\t" or (cell[0] == "-" and field["type"] not in _NUMERIC_TYPES):
        return f"{_quoted(cell)}, which a spreadsheet would run as a formula", _wanted(field)
    if cell != cell.strip():
        return f"a space at an end of {_quoted(cell)}", "the cell without it"
    if field["type"] in _NUMERIC_TYPES:
        return _number_fault(cell, field)
    if field["type"] in _DATE_FORMS:
        return _date_fault(cell, field)
    return _text_fault(cell, field)


def _number_fault(cell, field):
    whole = field["type"] != "number"
    if _NUMBER.fullmatch(cell) and len(cell) <= DIGITS_ALLOWED and not (whole and "." in cell):
        return _range_fault(int(cell) if whole else float(cell), cell, field)
    remedy = _wanted(field)
    fault = None
    if cell.casefold() in _MISSING_WORDS:
        found = f"the text {cell!r} where a number should stand"
        return found, "an empty cell for a missing number" if not _rule(field, "required") else remedy
    if any(character.isdigit() and not character.isascii() for character in cell):
        fault = f"digits of another script, {_quoted(cell)}"
    elif re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", cell):
        fault, remedy = f"a comma between thousands, {cell!r}", f"{cell.replace(',', '')}; {remedy}"
    elif re.fullmatch(r"-?[0-9.]+,[0-9]+", cell):
        fault, remedy = f"a decimal comma, {cell!r}", f"{cell.replace('.', '').replace(',', '.')}; {remedy}"
    elif re.fullmatch(r"-?[0-9]{1,3}([\s'’._][0-9]{3})+(,[0-9]+)?", cell) and not _NUMBER.fullmatch(cell):
        plain = re.sub(r"[^0-9,-]", "", cell).replace(",", ".")
        fault, remedy = f"a mark between thousands, {_quoted(cell)}", f"{plain}; {remedy}"
    elif re.fullmatch(r"-?[0-9.]+[eE][-+]?[0-9]+", cell):
        fault = f"a number in powers of ten, {cell!r}"
    elif re.fullmatch(r"0[xX][0-9A-Fa-f]+", cell):
        fault = f"a hexadecimal number, {cell!r}"
    elif cell.casefold().lstrip("-") in ("inf", "infinity"):
        fault = f"infinity, {cell!r}"
    elif cell.endswith("%"):
        fault = f"a per cent sign, {cell!r}"
    elif not _NUMBER.fullmatch(cell):
        fault = f"{_quoted(cell)}, which is not a plain number"
    elif len(cell.lstrip("-").split(".")[0]) > DIGITS_ALLOWED or len(cell) > 2 * DIGITS_ALLOWED:
        fault = f"a number of {sum(map(str.isdigit, cell))} digits, {_quoted(cell)}"
    elif whole and "." in cell:
        fault = f"a fraction, {cell}"
    if fault:
        return fault, remedy
    return _range_fault(int(cell) if whole else float(cell), cell, field)


def _range_fault(number, cell, field):
    low, high = _rule(field, "minimum"), _rule(field, "maximum")
    if low is not None and number < low:
        return f"a negative number, {cell}" if number < 0 <= low else f"{cell}, which is below {low}", _wanted(field)
    if high is not None and number > high:
        return f"{cell}, which is above {high}", _wanted(field)
    if _rule(field, "enum") and number not in _rule(field, "enum"):
        return cell, f"one of {_allowed(field)}"
    return None


def _date_fault(cell, field):
    form, shown = _DATE_FORMS[field["type"]]
    length = len(shown)
    try:
        if len(cell) != length or not cell.isascii():
            raise ValueError
        datetime.datetime.strptime(cell, form)
    except ValueError:
        right_shape = re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", cell) and len(cell) == length
        found = f"a date that does not exist, {cell}" if right_shape else f"{_quoted(cell)}, which is not a date"
        return found, f"a date as {shown}"
    low = _rule(field, "minimum")
    if low is not None and cell < low:
        return f"{cell}, which is before {low}", _wanted(field)
    return None


def _text_fault(cell, field):
    choices = _rule(field, "enum")
    if choices:
        if cell in choices:
            return None
        near = difflib.get_close_matches(cell.casefold(), choices, n=1)
        return _quoted(cell), (f"{near[0]!r}, perhaps; " if near else "") + f"one of {', '.join(choices)}"
    longest = _rule(field, "maxLength")
    if longest and len(cell) > longest:
        return f"a text of {len(cell):,} characters, {_quoted(cell)}", f"at most {longest}; {_wanted(field)}"
    pattern = _rule(field, "pattern")
    if pattern and not re.fullmatch(pattern, cell):
        odd = next((c for c in cell if _is_odd(c)), None)
        if re.search(r"<\s*[/a-zA-Z!]", cell):
            return f"HTML, {_quoted(cell)}", "plain text"
        if re.search(r"(?i)\b(javascript|data|https?|file):", cell):
            return f"an address, {_quoted(cell)}", "plain text; addresses belong in references.bib"
        if field["name"].endswith(("_start", "_end")):
            return f"{_quoted(cell)}, which is not a period", "YYYY, YYYY-MM or YYYY-MM-DD"
        suspect = (
            f" with {_name(odd)}" if odd else " with a colon but no space after it" if re.search(r":\S", cell) else ""
        )
        return f"{_quoted(cell)}{suspect}", _wanted(field)
    if field["name"].endswith(("_start", "_end")) and len(cell) == 10:
        return _date_fault(cell, {"name": field["name"], "type": "date"})
    return None


def _is_odd(character):
    latin = ord(character) < 0x180 and character.isalnum()
    return not latin and character not in " ,.;:()/&%+'’!?–—-"


def _wanted(field):
    kind = {
        "integer": "a whole number in plain digits",
        "number": "a number in plain digits with a decimal point",
        "year": "a year in four digits",
        "date": "a date as YYYY-MM-DD",
        "yearmonth": "a month as YYYY-MM",
        "string": "plain text",
    }[field["type"]]
    limits = _allowed(field)
    if field["type"] == "string":
        return f"one of {limits}" if _rule(field, "enum") else f"{kind}: {field.get('description', '').rstrip('.')}"
    return (
        f"{kind}, {limits}" if any(_rule(field, rule) is not None for rule in ("minimum", "maximum", "enum")) else kind
    )


def _quoted(cell):
    # Control and exotic characters are spelled out, so that a message can do no harm where it is printed.
    return ascii(cell[:40]) + ("…" if len(cell) > 40 else "")


# Keys: what one cell alone cannot tell


def _check_keys(resource, columns, faulty, descriptor, folder):
    problems = []
    file = resource["path"]

    def refuse(row, column, found, remedy):
        if (row, column) not in faulty:
            problems.append(InputError(found, remedy, file=file, row=row, column=column))

    keys = resource["schema"].get("primaryKey", [])
    unique = [[keys] if isinstance(keys, str) else keys]
    unique += [[field["name"]] for field in resource["schema"]["fields"] if _rule(field, "unique")]
    for names in filter(None, unique):
        for row, other in _duplicates([columns[name] for name in names]):
            cells = ", ".join(_quoted(columns[name][row - 2]) for name in names)
            refuse(row, names[0], f"{cells} as in row {other}", "each key once")
    if "source" in columns:
        sources = source_keys(folder=folder)
        known = set(sources)
        for row, key in enumerate(columns["source"], start=2):
            if key not in known:
                near = difflib.get_close_matches(key, sources, n=1)
                remedy = f"{near[0]!r}, perhaps, or" if near else "a key of references.bib, or"
                refuse(row, "source", f"the unknown source {_quoted(key)}", f"{remedy} a new entry in {BIBLIOGRAPHY}")
    if "country" in columns:
        for row, code in enumerate(columns["country"], start=2):
            if code and code not in COUNTRIES:
                remedy = COUNTRY_SLIPS.get(code, "an ISO 3166-1 alpha-2 code such as FR, or an empty cell")
                refuse(row, "country", f"{_quoted(code)}, which is not a country's code", remedy)
    for low, high in _ordered_pairs(resource["schema"]["fields"]):
        for row, (small, large) in enumerate(zip(columns[low], columns[high], strict=True), start=2):
            if small and large and not {(row, low), (row, high)} & faulty and not _in_order(small, large):
                refuse(row, high, f"{large}, which is below {low}, {small}", f"{low} not above {high}")
    last_year = str(descriptor.get("created", "9999"))[:4]
    for field in resource["schema"]["fields"]:
        if field["type"] in ("year", "date", "yearmonth") or field["name"].endswith(("_start", "_end")):
            for row, cell in enumerate(columns[field["name"]], start=2):
                if cell and (row, field["name"]) not in faulty and cell[:4] > last_year:
                    refuse(row, field["name"], f"{cell}, a year to come", f"{last_year} or earlier")
    return problems + _check_foreign_keys(resource, columns, descriptor, folder)


def _duplicates(columns):
    seen = {}
    for row, key in enumerate(zip(*columns, strict=True), start=2):
        if key in seen:
            yield row, seen[key]
        else:
            seen[key] = row


def _ordered_pairs(fields):
    names = [field["name"] for field in fields]
    pairs = [("low", "value"), ("value", "high"), ("low", "high")]
    for first, second in (("_from", "_to"), ("_start", "_end")):
        pairs += [(name, name.removesuffix(first) + second) for name in names if name.endswith(first)]
    return [pair for pair in pairs if set(pair) <= set(names)]


def _in_order(small, large):
    if _NUMBER.fullmatch(small) and _NUMBER.fullmatch(large):
        return float(small) <= float(large)
    # A year ends after all its months, so "2015" may end what begins in "2015-03".
    return (small + "-00-00")[:10] <= (large + "-99-99")[:10]


def _check_foreign_keys(resource, columns, descriptor, folder):
    problems = []
    for link in resource["schema"].get("foreignKeys", []):
        target = _resource(link["reference"]["resource"], descriptor)
        text, unreadable = _read_text(folder / target["path"])
        header = [field["name"] for field in target["schema"]["fields"]]
        rows, unusable = (None, unreadable) if unreadable else _check_shape(text, header, target["path"])
        if unusable:
            continue  # the other table's own check names the fault
        places = [header.index(name) for name in link["reference"]["fields"]]
        known = {tuple(row[i] for i in places) for row in rows}
        for row, key in enumerate(zip(*(columns[name] for name in link["fields"]), strict=True), start=2):
            if key not in known:
                found = f"{', '.join(map(_quoted, key))}, which {target['path']} does not have"
                problems.append(
                    InputError(
                        found, "a row that exists there", file=resource["path"], row=row, column=link["fields"][0]
                    )
                )
    return problems


def _fingerprint(raw):
    return {"bytes": len(raw), "hash": "sha256:" + hashlib.sha256(raw).hexdigest()}


def _check_seal(resource, raw, file):
    if all(resource.get(key) == value for key, value in _fingerprint(raw).items()):
        return []
    remedy = (
        f"the file as sealed in {DESCRIPTOR}; after a deliberate change, note it in CHANGELOG.md and run tables.seal()"
    )
    return [InputError("content that differs from its seal", remedy, file=file)]


def _frame(resource, columns):
    converted = {}
    for field in resource["schema"]["fields"]:
        name, cells = field["name"], columns[field["name"]]
        if field["type"] in ("integer", "year") and _rule(field, "required"):
            converted[name] = pd.Series([int(cell) for cell in cells], dtype="int64")
        elif field["type"] in ("integer", "year"):
            converted[name] = pd.Series([int(cell) if cell else pd.NA for cell in cells], dtype="Int64")
        elif field["type"] == "number":
            converted[name] = pd.Series([float(cell) if cell else float("nan") for cell in cells], dtype="float64")
        elif field["type"] in _DATE_FORMS:
            converted[name] = pd.to_datetime(
                pd.Series([cell or None for cell in cells]), format=_DATE_FORMS[field["type"]][0]
            )
        else:
            converted[name] = pd.Series(cells, dtype="str")
    return pd.DataFrame(converted)
