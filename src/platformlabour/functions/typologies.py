"""The typology of three functions against other schemes that sort the same work: what each names."""

from __future__ import annotations

import pandas as pd

from platformlabour.errors import InputError

__all__ = ["ANSWERS", "FUNCTIONS", "named_by", "naming_all", "words"]

FUNCTIONS = ("generation", "annotation", "verification", "impersonation")
"""Columns of a table of schemes: preparation in its two forms, verification, impersonation."""
ANSWERS = {"yes": "yes", "partly": "in part", "no": "no", "not read": "not read"}
"""What a cell may say, and how a page prints it. *Not read* is no evidence in either direction."""


def named_by(schemes, function, *, answer="yes"):
    """Schemes that give one answer for one function.

    Parameters
    ----------
    schemes : DataFrame, shape (schemes, columns)
        ``name`` and a column for each of ``FUNCTIONS``.
    function : str
    answer : {"yes", "partly", "no", "not read"}

    Returns
    -------
    list of str
        Names, in the order of the table.

    Raises
    ------
    InputError
        If the function or the answer is unknown, or a cell holds another word.

    Examples
    --------
    >>> import pandas as pd
    >>> schemes = pd.DataFrame({"name": ["A", "B"], "generation": ["yes", "no"], "annotation": ["yes", "yes"],
    ...                         "verification": ["no", "not read"], "impersonation": ["no", "yes"]})
    >>> named_by(schemes, "impersonation"), named_by(schemes, "verification", answer="not read")
    (['B'], ['B'])
    """
    _checked(schemes)
    if function not in FUNCTIONS:
        raise InputError(f"the function {function!r}", f"one of {', '.join(FUNCTIONS)}")
    if answer not in ANSWERS:
        raise InputError(f"the answer {answer!r}", f"one of {', '.join(ANSWERS)}")
    return schemes.loc[schemes[function] == answer, "name"].tolist()


def naming_all(schemes):
    """Schemes that name every function.

    Parameters
    ----------
    schemes : DataFrame
        As for :func:`named_by`.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from platformlabour import load
    >>> naming_all(load("typologies"))
    ['Trainer, verifier, imitator']
    """
    _checked(schemes)
    return schemes.loc[(schemes[list(FUNCTIONS)] == "yes").all(axis=1), "name"].tolist()


def words(schemes):
    """The table as a page shows it: each answer in words.

    Parameters
    ----------
    schemes : DataFrame
        As for :func:`named_by`.

    Returns
    -------
    DataFrame
        A copy with the words of ``ANSWERS`` in the columns of ``FUNCTIONS``.
    """
    _checked(schemes)
    return schemes.assign(**{name: schemes[name].map(ANSWERS) for name in FUNCTIONS})


def _checked(schemes):
    if not isinstance(schemes, pd.DataFrame) or schemes.empty:
        raise InputError("no schemes", "a table with one row a scheme")
    for name in ("name", *FUNCTIONS):
        if name not in schemes.columns:
            raise InputError(f"no column {name!r}", f"columns name, {', '.join(FUNCTIONS)}", column=name)
    for name in FUNCTIONS:
        for row, answer in enumerate(schemes[name], start=2):
            if answer not in ANSWERS:
                raise InputError(f"{answer!r}", f"one of {', '.join(ANSWERS)}", row=row, column=name)
