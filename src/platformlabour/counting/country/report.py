"""The report's folder: every format made in a temporary place first, then put where it was asked for, or not at all."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

from platformlabour.counting.country import page, paper
from platformlabour.counting.country.files import printable
from platformlabour.errors import InputError

__all__ = ["check_folder", "tables", "write_report"]

MARK = "report.json"  # a folder that holds it was written by this command and may be replaced
_OURS = {"report.html", "report.pdf", "report.json", "circles.csv", "drivers.csv", "inputs.csv", "claims.csv"}

_DRIVER = ("factor", "label", "given", "low", "high", "share", "index")
_CLAIM = (
    *("statement", "circle", "value", "low", "high", "bound", "source", "author", "year", "locator", "date"),
    *("evidence", "interested_publisher", "note", "our_median", "our_bound", "ratio", "ratio_low", "ratio_high"),
    *("status", "same_source"),
)


def tables(answer):
    """The report's tables as CSV that a spreadsheet cannot mistake for formulas.

    Parameters
    ----------
    answer : dict
        From :func:`platformlabour.counting.country.answer.compute`.

    Returns
    -------
    dict of str to str
        ``circles.csv``, ``drivers.csv``, ``inputs.csv`` and ``claims.csv`` by name; one without rows has its header.
    """
    circles = [
        {
            "circle": circle["circle"],
            "definition": circle["definition"],
            "median": circle["median"],
            "bound": circle["bound"],
            **{
                f"{end}_{level}": circle["intervals"][level][place]
                for level in ("50", "80", "95")
                for place, end in enumerate(("low", "high"))
            },
            "monte_carlo_error": circle["monte_carlo_error"],
        }
        for circle in answer["circles"]
    ]
    drivers = [
        {
            "circle": circle["circle"],
            **{key: row[key] for key in _DRIVER},
        }
        for circle in answer["circles"]
        for row in circle["drivers"]
    ]
    inputs = [
        {
            "input": row["platform"],
            "what": row["measure"],
            "value": row["value"],
            "low": row["low"],
            "high": row["high"],
            "distribution": "",
            "kind": "",
            "bound": "",
            "given": True,
            **{key: row[key] for key in ("evidence", "source", "date", "licence", "interested_publisher", "note")},
        }
        for row in answer["measures"]
    ] + [
        {
            "input": row["name"],
            "what": row["label"],
            "value": row["median"],
            "low": "",
            "high": "",
            "distribution": row["distribution"],
            "kind": row["kind"],
            "bound": row["bound"],
            "given": row["given"],
            "interested_publisher": "",
            **{key: row[key] for key in ("evidence", "source", "date", "licence", "note")},
        }
        for row in answer["inputs"]
    ]
    claims = [
        {key: row[key] for key in _CLAIM}
        | {f"our_{end}_95": (row["our_interval"] or (None, None))[place] for place, end in enumerate(("low", "high"))}
        for row in answer["claims"]
    ]
    return {
        "circles.csv": _csv(circles),
        "drivers.csv": _csv(drivers, ("circle", *_DRIVER)),
        "inputs.csv": _csv(inputs),
        "claims.csv": _csv(claims, (*_CLAIM, "our_low_95", "our_high_95")),
    }


def _csv(rows, columns=None):
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=columns or list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _safe(value) for key, value in row.items()})
    return out.getvalue()


def _safe(value):
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return ("'" if value[:1] in tuple("=+-@\t\r") else "") + re.sub(r"[\t\r\n]+", " ", value)


def check_folder(folder):
    """Refuse a folder that holds anything but an earlier report, or that cannot be made.

    Parameters
    ----------
    folder : path

    Raises
    ------
    InputError
    """
    folder, shown = Path(folder), printable(folder)[:80]
    if not str(folder).strip() or not str(folder).isprintable():
        raise InputError(f"the folder's name {shown!r}", "a name of visible characters")
    try:
        there = folder.exists()
    except OSError as error:
        raise InputError(f"{shown} … ({error.strerror})", "a name that a folder can have") from None
    if folder.is_symlink() and not there:
        raise InputError(f"{shown}, a link to nothing", "a folder for the report, or a name that is free")
    if not there:
        above = next(parent for parent in folder.absolute().parents if parent.exists())
        if not above.is_dir():
            raise InputError(f"a file called {above.name!r} where {shown} needs a folder", "another name")
        if not os.access(above, os.W_OK | os.X_OK):
            raise InputError(f"the folder {printable(above)}, where nothing may be written", "a folder of yours")
        return
    if not folder.is_dir():
        raise InputError(f"a file called {shown!r}", "a folder for the report, or a name that is free")
    held = {entry.name for entry in folder.iterdir()}
    if held and (MARK not in held or held - _OURS):
        raise InputError(
            f"the folder {shown!r} with other files in it", "an empty folder, an earlier report, or a free name"
        )
    if not os.access(folder.absolute().parent, os.W_OK | os.X_OK):
        raise InputError(f"the folder {shown}, beside which nothing may be written", "a folder of yours")


def write_report(answer, folder, *, say=None):
    """Write all formats, or nothing.

    Parameters
    ----------
    answer : dict
        From :func:`platformlabour.counting.country.answer.compute`.
    folder : path
        Made if it is missing; an earlier report in it is replaced.
    say : callable, optional
        Called with a line for people.

    Returns
    -------
    list of str
        Names of the files, the page first; without ``report.pdf`` where no compiler is installed, or no font that has
        all the letters.

    Raises
    ------
    InputError
        If the folder holds other files.
    """
    say = say or (lambda line: None)
    folder = Path(folder)
    check_folder(folder)
    folder = folder.resolve()  # a link keeps pointing where it did
    made = tables(answer)
    parent = folder.parent
    parent.mkdir(parents=True, exist_ok=True)
    # Beside its place, so that the last step is a rename on one disk.
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=parent))
    try:
        (draft / "report.html").write_text(page.html_page(answer, tables=made), encoding="utf-8", newline="\n")
        text = json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False)
        (draft / MARK).write_text(text + "\n", encoding="utf-8", newline="\n")
        for name, table in made.items():
            (draft / name).write_text(table, encoding="utf-8", newline="\n")
        if paper.can_make_pdf():
            say("Setting the PDF …")
            made_pdf = paper.pdf_bytes(answer)
            if made_pdf is None:
                say(paper.NO_LETTERS)
            else:
                (draft / "report.pdf").write_bytes(made_pdf)
        else:
            say(paper.HOW_TO_GET_IT)
        draft.chmod(0o777 & ~_umask())
        names = sorted((entry.name for entry in draft.iterdir()), key=lambda name: (name != "report.html", name))
        _put(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return names


def _put(draft, folder):
    """Put the finished draft in its place; whatever stood there comes back if that fails."""
    if not folder.exists():
        draft.rename(folder)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=draft.parent)) / "earlier"
    folder.rename(aside)
    try:
        draft.rename(folder)
    except OSError:
        aside.rename(folder)
        raise
    finally:
        if not aside.exists() or folder.exists():
            shutil.rmtree(aside.parent, ignore_errors=True)


def _umask():
    current = os.umask(0)
    os.umask(current)
    return current
