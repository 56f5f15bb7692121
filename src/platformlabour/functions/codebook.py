"""The codebook of functions as data: codes, rules for hard cases and worked examples; and the check of codes."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import pandas as pd

from platformlabour.errors import InputError
from platformlabour.tables import load

__all__ = ["POLES", "Codebook", "load_codebook", "validate_codes"]

POLES = ("preparation", "verification", "impersonation")


@dataclass(frozen=True, eq=False)
class Codebook:
    """One version of the codebook.

    Parameters
    ----------
    version : str
        Such as ``"1.0"``.
    codes : DataFrame, shape (codes, 5)
        ``code, name, pole, give_when, not_when``; the pole is ``"none"`` for a code without a place on the triangle.
    rules : DataFrame, shape (rules, 3)
        ``rule, about, text``.
    examples : DataFrame, shape (examples, 8)
        ``example, task_id, title, summary, main, second, rule, reason``.
    """

    version: str
    codes: pd.DataFrame
    rules: pd.DataFrame
    examples: pd.DataFrame

    @property
    def names(self):
        """Code to name."""
        return dict(zip(self.codes["code"], self.codes["name"], strict=True))

    @property
    def poles(self):
        """Code to pole; ``None`` for a code without a place on the triangle."""
        return {
            code: pole if pole in POLES else None
            for code, pole in zip(self.codes["code"], self.codes["pole"], strict=True)
        }


def load_codebook(*, folder=None):
    """Read the codebook from its three tables.

    Parameters
    ----------
    folder : path, optional
        The data folder; the report's own by default.

    Returns
    -------
    Codebook

    Raises
    ------
    InputError
        If a table is faulty, or the tables are of different versions.

    References
    ----------
    Tubaro, Casilli and Coville (2020) name the three poles; the codes and rules are this report's.

    Examples
    --------
    >>> book = load_codebook()
    >>> book.version, book.names["V"], book.poles["V"], book.poles["X"]
    ('1.0', 'verify machine output', 'verification', None)
    """
    codes, rules, examples = (load(f"codebook-{name}", folder=folder) for name in ("codes", "rules", "examples"))
    versions = sorted({*codes["version"], *rules["version"], *examples["version"]})
    if len(versions) != 1:
        raise InputError(f"codebook tables of versions {' and '.join(versions)}", "tables of one version")
    return Codebook(
        version=versions[0],
        codes=codes[["code", "name", "pole", "give_when", "not_when"]],
        rules=rules[["rule", "about", "text"]],
        examples=examples[["example", "task_id", "title", "summary", "main", "second", "rule", "reason"]],
    )


def validate_codes(frame, codebook, *, main="main", second="second", file=None):
    """Refuse codes that the codebook does not have.

    Parameters
    ----------
    frame : DataFrame, shape (coded tasks, columns)
    codebook : Codebook
    main : str
        Column of main codes; no cell may be empty.
    second : str or None
        Column of second codes, empty where there is none; ``None`` if only main codes were given.
    file : str, optional
        Name of the file the frame was read from, for messages.

    Returns
    -------
    DataFrame
        The same frame.

    Raises
    ------
    InputError
        If the frame is empty, lacks a column, holds a code outside the codebook, no main code, or the same code twice
        for one task.

    Examples
    --------
    >>> validate_codes(pd.DataFrame({"main": ["V"], "second": ["W"]}), load_codebook())
    Traceback (most recent call last):
    ...
    platformlabour.errors.InputError: row 2, column "second": found the code 'W'; expected one of G, N, V, I, Q, X, U,
    or an empty cell.
    """
    known = codebook.codes["code"].tolist()
    columns = [main] if second is None else [main, second]
    for column in columns:
        if column not in frame.columns:
            raise InputError(f"no column {column!r}", f"columns {' and '.join(columns)}", file=file)
    if frame.empty:
        raise InputError("no codes", "at least one coded task", file=file)
    listed = ", ".join(known)
    for column in columns:
        for row, code in enumerate(frame[column], start=2):
            if code in known or (column == second and code == ""):
                continue
            found = f"the code {str(code)[:20]!a}" if code else "no code"
            near = difflib.get_close_matches(str(code).upper().strip(), known, n=1)
            remedy = f"one of {listed}" + (", or an empty cell" if column == second else "")
            raise InputError(
                found, f"{near[0]}, perhaps; {remedy}" if near else remedy, file=file, row=row, column=column
            )
    if second is not None:
        for row, (first, other) in enumerate(zip(frame[main], frame[second], strict=True), start=2):
            if first == other:
                raise InputError(
                    f"{first} as main and as second code", "two different codes", file=file, row=row, column=second
                )
    return frame
