"""What can be wrong with a list of ties, said in one clear message each; nothing is dropped in silence."""

from __future__ import annotations

import difflib
import re

import numpy as np

from platformlabour.errors import InputError

__all__ = ["check_ties", "years"]

_PERIOD = re.compile(r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?")
_REQUIRED = ("sender", "relation", "receiver")


def years(periods):
    """Years of dates written as YYYY, YYYY-MM or YYYY-MM-DD; ``NaN`` for empty ones.

    Parameters
    ----------
    periods : iterable of str

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> years(["2017-11-29", ""])
    array([2017.,   nan])
    """
    return np.array([float(str(period)[:4]) if _given(period) else np.nan for period in periods], dtype=float)


def check_ties(ties, organisations=None, *, relations, file=None):
    """List the faults of a frame of ties.

    Parameters
    ----------
    ties : DataFrame, shape (ties, columns)
        ``sender``, ``relation``, ``receiver``; optionally ``period_start``, ``period_end``, ``share``, ``votes``.
    organisations : DataFrame, optional
        With the column ``id``; ties to others are then faults.
    relations : iterable of str
        Relations that are known.
    file : str, optional
        Name used in messages.

    Returns
    -------
    list of InputError
        Rows are counted as a spreadsheet counts them: the header is row 1.

    Examples
    --------
    >>> import pandas as pd
    >>> loop = pd.DataFrame({"sender": ["uber"], "relation": ["owns"], "receiver": ["uber"]})
    >>> print(check_ties(loop, relations=["owns"])[0])
    row 2, column "receiver": found 'uber' tied to itself; expected two different organisations.
    """
    missing = [column for column in _REQUIRED if column not in ties.columns]
    if missing:
        found = "the columns " + ", ".join(map(repr, ties.columns)) if len(ties.columns) else "no columns"
        return [InputError(found, f"a column {missing[0]!r} as well", file=file, column=missing[0])]
    if ties.empty:
        return [InputError("no ties", "at least one row", file=file)]
    faults = []
    if organisations is not None:
        if "id" not in organisations.columns:
            return [InputError("organisations without identifiers", "a column 'id'", file=file, column="id")]
        twice = organisations["id"][organisations["id"].duplicated()]
        if len(twice):
            return [
                InputError(
                    f"the organisation {twice.iloc[0]!r} twice", "each organisation once", file=file, column="id"
                )
            ]
    known = None if organisations is None else set(organisations["id"])
    relations = list(relations)
    seen = {}
    for row, tie in enumerate(ties.to_dict("records"), start=2):
        faults += [
            InputError(found, expected, file=file, row=row, column=column)
            for found, expected, column in _faults_of(tie, known, relations)
        ]
        key = (tie["sender"], tie["relation"], tie["receiver"], _text(tie.get("period_start")))
        if key in seen:
            found = f"the tie {key[0]!r} {key[1]} {key[2]!r} as in row {seen[key]}"
            faults.append(InputError(found, "each tie once", file=file, row=row, column="receiver"))
        seen.setdefault(key, row)
    return faults


def _faults_of(tie, known, relations):
    for column in _REQUIRED:
        if not _given(tie[column]):
            yield "an empty cell", "the identifier of an organisation" if column != "relation" else "a relation", column
    if _given(tie["relation"]) and tie["relation"] not in relations:
        yield _quoted(tie["relation"]), _suggestion(tie["relation"], relations), "relation"
    if known is not None:
        for column in ("sender", "receiver"):
            if _given(tie[column]) and tie[column] not in known:
                near = difflib.get_close_matches(str(tie[column]), known, n=1)
                expected = f"{near[0]!r}, perhaps, or a new row" if near else "a row"
                yield (
                    f"a tie to {_quoted(tie[column])}, which no row of the organisations has",
                    (f"{expected} among the organisations"),
                    column,
                )
    if _given(tie["sender"]) and tie["sender"] == tie["receiver"]:
        yield f"{_quoted(tie['sender'])} tied to itself", "two different organisations", "receiver"
    dates_are_good = True
    for column in ("period_start", "period_end"):
        if _given(tie.get(column)) and not _PERIOD.fullmatch(_text(tie[column])):
            dates_are_good = False
            yield f"{_quoted(tie[column])}, which is not a date", "YYYY, YYYY-MM or YYYY-MM-DD", column
    start, end = _text(tie.get("period_start")), _text(tie.get("period_end"))
    # A year ends after all its months, so "2020" may end what begins in "2020-11".
    if dates_are_good and start and end and (end + "-99-99")[:10] < (start + "-00-00")[:10]:
        yield f"an end, {end}, before the start, {start}", "an end that is not before the start", "period_end"
    for column, what in (("share", "share"), ("votes", "share of votes")):
        yield from _share_faults(tie.get(column), column, what)


def _share_faults(value, column, what):
    if not _given(value):
        return
    try:
        number = float(value)
    except (TypeError, ValueError):
        yield f"the {what} {_quoted(value)}", "a number of per cent, such as 49 or 14.4", column
        return
    if not np.isfinite(number) or number < 0:
        yield f"a {what} of {number:g} per cent", "0 to 100 per cent", column
    elif number > 100:
        yield f"a {what} of {number:g} per cent", "no more than 100 per cent", column


def _suggestion(word, known):
    near = difflib.get_close_matches(str(word).casefold().replace(" ", "_"), known, n=1)
    return (f"{near[0]!r}, perhaps; " if near else "") + f"one of {', '.join(known)}"


def _given(value):
    return value is not None and value == value and str(value).strip() != ""


def _text(value):
    # A year that a reader took for a number comes back as it was written.
    if not _given(value):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def _quoted(value):
    text = str(value)
    return ascii(text[:40]) + ("…" if len(text) > 40 else "")
