"""Coding tasks one by one, with every code on the disk before the next task is shown."""

from __future__ import annotations

import csv
import io
import os
import re
import textwrap
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformlabour.errors import InputError
from platformlabour.functions.agreement_files import plain_text, read_rows

__all__ = ["COLUMNS", "CodedFile", "Item", "items_from_table", "read_items", "run_session"]

COLUMNS = ("item", "coder", "code", "second", "version")
COMMANDS = {
    "back": "return to the task before",
    "skip": "leave this task for later",
    "codes": "show the codes",
    "rules": "show the rules for hard cases",
    "help": "show these commands",
    "quit": "stop; everything coded is saved",
}
WIDTH = 88


@dataclass(frozen=True)
class Item:
    """A task to code.

    Parameters
    ----------
    item, title, text : str
        Identifier, name, and what the worker does; the text may be empty.
    """

    item: str
    title: str
    text: str = ""


def read_items(path):
    """Read tasks from a CSV file.

    Parameters
    ----------
    path : str or path
        Columns ``item`` and ``title``; ``text`` where there is more to show.

    Returns
    -------
    list of Item

    Raises
    ------
    InputError
        If the file cannot be read, holds no task, an item twice or without a name, or HTML, control characters or a
        formula.
    """
    name, rows, seen, items = Path(path).name, read_rows(path, ("item", "title")), {}, []
    for row in rows:
        for column in ("item", "title", "text"):
            plain_text(row.get(column, ""), file=name, row=row[""], column=column)
        if not row["item"]:
            raise InputError("an empty cell", "the item's name", file=name, row=row[""], column="item")
        if row["item"] in seen:
            found = f"item {row['item'][:60]!a} as in row {seen[row['item']]}"
            raise InputError(found, "each item once", file=name, row=row[""], column="item")
        seen[row["item"]] = row[""]
        items.append(Item(row["item"], row["title"], row.get("text", "")))
    if not items:
        raise InputError("a header without rows", "at least one task", file=name)
    return items


def items_from_table(name="coding-practice", *, folder=None):
    """Take tasks from a table of the report.

    Parameters
    ----------
    name : str
        A table with the columns ``task_id``, ``title`` and ``summary``; no other column is looked at.
    folder : path, optional
        The data folder.

    Returns
    -------
    list of Item

    Raises
    ------
    InputError
        If there is no such table, or it lacks a column.

    Examples
    --------
    >>> items_from_table()[0]
    Item(item='TOLOKA-01', title='Cat or Dog?', text='Workers say which animal a photograph shows.')
    """
    from platformlabour.tables import load

    frame = load(name, folder=folder)
    for column in ("task_id", "title", "summary"):
        if column not in frame.columns:
            raise InputError(f"the table {name} without {column}", "a table with task_id, title and summary")
    return [Item(*cells) for cells in zip(frame["task_id"], frame["title"], frame["summary"], strict=True)]


class CodedFile:
    """The codes of one coder, in a file that is complete after every code.

    A new code is appended and forced to the disk; a changed one replaces the file in one step. A line cut off by a
    crash is left out, and its task comes again.

    Parameters
    ----------
    path : str or path
        Made if it does not exist.
    coder : str
        Letters, digits, spaces, dots and hyphens.
    codebook : Codebook
    items : sequence of Item

    Raises
    ------
    InputError
        If the file was coded under another version of the codebook, by another coder or from other items, or holds
        codes that the codebook does not have.
    """

    def __init__(self, path, *, coder, codebook, items):
        if not re.fullmatch(r"[^\W_](?:[\w .-]{0,38}\w)?", coder or ""):
            raise InputError(f"the coder {coder!a}", "a short name of letters, digits, spaces, dots and hyphens")
        self.path, self.coder, self.codebook = Path(path), coder, codebook
        self.codes = {}
        self._known = {item.item for item in items}
        if self.path.exists() and self.path.stat().st_size:
            self._resume()

    def _resume(self):
        name = self.path.name
        rows = read_rows(self.path, COLUMNS, torn=True)
        known = list(self.codebook.names)
        for row in rows:
            place = {"file": name, "row": row[""]}
            if row["version"] != self.codebook.version:
                raise InputError(
                    f"codes under version {row['version'][:20]!a} of the codebook",
                    f"version {self.codebook.version}; begin a new file",
                    column="version",
                    **place,
                )
            if row["coder"] != self.coder:
                found = f"codes of another coder, {row['coder'][:40]!a}"
                raise InputError(found, f"a file of {self.coder} alone", column="coder", **place)
            if row["item"] not in self._known:
                found = f"the item {row['item'][:60]!a}, which is not among the tasks"
                raise InputError(found, "the same tasks as before, or a new file", column="item", **place)
            if row["item"] in self.codes:
                raise InputError(f"item {row['item'][:60]!a} twice", "each item once", column="item", **place)
            if row["code"] not in known or row["second"] not in ("", *known) or row["code"] == row["second"]:
                found = f"the codes {row['code'][:8]!a} and {row['second'][:8]!a}"
                raise InputError(found, f"codes of the codebook: {', '.join(known)}", column="code", **place)
            self.codes[row["item"]] = (row["code"], row["second"])
        # What a crash left behind, and the byte order mark of a spreadsheet, must not stand before the next line.
        if _text(self._lines()) != self.path.read_text("utf-8"):
            self._replace()

    def set(self, item, code, second=""):
        """Save one code, for good before this returns."""
        new = item not in self.codes
        self.codes[item] = (code, second)
        if not new:
            self._replace()
            return
        empty = not self.path.exists() or not self.path.stat().st_size
        line = [item, self.coder, code, second, self.codebook.version]
        text = _text(([list(COLUMNS)] if empty else []) + [line])
        with self.path.open("ab") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())

    def _lines(self):
        version = self.codebook.version
        return [
            list(COLUMNS),
            *([item, self.coder, main, second, version] for item, (main, second) in self.codes.items()),
        ]

    def _replace(self):
        draft = self.path.with_name(self.path.name + ".new")
        with draft.open("wb") as stream:
            stream.write(_text(self._lines()).encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self.path)


def _text(lines):
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows(lines)
    return stream.getvalue()


@contextmanager
def _alone(path):
    """Keep a second session out of the same file, where the system knows locks."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with open(path.with_name(path.name + ".lock"), "w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError("a session that is open on this file", "one session a file", file=path.name) from None
        try:
            yield
        finally:
            Path(stream.name).unlink(missing_ok=True)


def run_session(items, path, *, coder, codebook, ask=None, say=print):
    """Ask for the codes of all tasks that have none yet.

    Nobody else's codes are read, so none can be shown.

    Parameters
    ----------
    items : sequence of Item
    path : str or path
        File of the coder's own codes.
    coder : str
    codebook : Codebook
    ask : callable
        Takes a prompt and returns a line, as ``input`` does; end of input and interruption stop the session.
    say : callable
        Takes a line to show.

    Returns
    -------
    bool
        Whether all tasks have a code.

    Raises
    ------
    InputError
        As for :class:`CodedFile`; also if the file's folder does not exist, or another session has it open.
    """
    ask = input if ask is None else ask
    if Path(path).is_dir() or not Path(path).parent.is_dir():
        raise InputError("no file that can be written", "a file in an existing folder", file=str(path))
    with _alone(Path(path)):
        coded = CodedFile(path, coder=coder, codebook=codebook, items=items)
        if coded.codes:
            say(f"{len(coded.codes)} of {len(items)} tasks are coded already; the session goes on from there.")
        say("Type a main code, and a second one only where the text shows a second function: V, or V N.")
        say(f"Commands: {', '.join(COMMANDS)}.")
        try:
            _loop(items, coded, ask, say)
        except (EOFError, KeyboardInterrupt):
            say("")
        left = sum(item.item not in coded.codes for item in items)
        done = len(items) - left
        say(f"{done} of {len(items)} tasks coded" + (f", saved in {coded.path}." if done else "; nothing was written."))
        if left:
            say("The same command goes on where you stopped.")
        else:
            say(f"Compare: platformlabour agreement {coded.path} OTHER.csv")
        return left == 0


def _loop(items, coded, ask, say):
    place = next((k for k, item in enumerate(items) if item.item not in coded.codes), len(items))
    while place < len(items):
        item = items[place]
        say("")
        say(textwrap.fill(f"[{place + 1} of {len(items)}] {item.title}", WIDTH))
        if item.text:
            say(textwrap.fill(item.text, WIDTH, initial_indent="  ", subsequent_indent="  "))
        if item.item in coded.codes:
            say(f"  your code: {' '.join(filter(None, coded.codes[item.item]))}")
        answer = ask("code> ").strip()
        word = answer.lower()
        if word == "quit":
            return
        if word == "back":
            place = max(place - 1, 0)
        elif word == "skip":
            place += 1
        elif word in ("codes", "rules", "help", ""):
            _explain(word or "help", coded.codebook, say)
        else:
            codes, fault = _parse(answer, coded.codebook)
            if fault:
                say(fault)
                continue
            coded.set(item.item, *codes)
            place += 1


def _parse(answer, codebook):
    """The codes in a line, or what is wrong with it."""
    known = list(codebook.names)
    parts = re.findall(r"[^\s,;/+]+", answer.upper())
    if len(parts) == 1 and len(parts[0]) == 2 and set(parts[0]) <= set(known):
        parts = list(parts[0])
    if not 1 <= len(parts) <= 2:
        return None, "Found neither one code nor two; expected for instance V, or V N. Type help for the commands."
    for part in parts:
        if part not in known:
            return (
                None,
                f"Found {part[:20]!a}; expected one of {', '.join(known)}, or a command: {', '.join(COMMANDS)}.",
            )
    if len(parts) == 2 and parts[0] == parts[1]:
        return None, f"Found {parts[0]} twice; expected a second code that differs, or none."
    return (parts[0], parts[1] if len(parts) == 2 else ""), None


def _explain(what, codebook, say):
    if what == "codes":
        for row in codebook.codes.itertuples():
            worker = "" if row.code == "U" else "the worker "
            say(textwrap.fill(f"{row.code}  {row.name}: {worker}{row.give_when}.", WIDTH, subsequent_indent="   "))
            say(textwrap.fill(f"not when {row.not_when}", WIDTH, initial_indent="   ", subsequent_indent="   "))
    elif what == "rules":
        for row in codebook.rules.itertuples():
            say(textwrap.fill(f"{row.rule}. {row.text}", WIDTH, subsequent_indent="   "))
    else:
        for name, meaning in COMMANDS.items():
            say(f"{name:<6} {meaning}")
