"""The case file: documented products behind which people stood, counted with and without the weakest evidence.

The cases are those that were reported and found. Counts describe the file; no rate and no trend follows from them.
"""

from __future__ import annotations

import pandas as pd

from platformlabour.errors import InputError

__all__ = [
    "FUNCTIONS",
    "GRADES",
    "MODE_FAMILIES",
    "by_function",
    "function_by_mode",
    "hedged",
    "secondary_functions",
    "timeline",
    "with_and_without",
]

FUNCTIONS = ("impersonation", "verification", "preparation")
GRADES = {
    "A": "the company, a regulator, a court, or a published paper",
    "B": "press",
    "C": "testimony or fieldwork",
    "D": "disputed, and withdrawn by those who first reported it",
}
"""Grade of evidence to its meaning."""
MODE_FAMILIES = {
    "stand-in": "stands in for the machine",
    "fallback": "takes over when it fails",
    "teleoperation": "steers it",
    "remote assistance": "advises it",
    "check before sending": "checks before the user sees",
    "real-time check": "checks before the user sees",
    "sampled check": "checks afterwards",
    "check afterwards": "checks afterwards",
    "output rating": "checks afterwards",
    "adversarial test": "checks afterwards",
    "annotation": "makes or labels data",
    "annotation and checking": "makes or labels data",
    "demonstrations and rankings": "makes or labels data",
}
"""Mode of a case to the seven ways in which people enter the work of the machine."""
_HEDGES = ("alleg", "report", "said", "claim", "testif")


def by_function(cases, *, without=()):
    """Cases by main function.

    Parameters
    ----------
    cases : DataFrame, shape (cases, columns)
        ``function`` and ``grade``.
    without : iterable of str
        Grades of evidence to leave out.

    Returns
    -------
    Series of int
        Indexed by ``FUNCTIONS``.

    Raises
    ------
    InputError
        If a grade or function is unknown, or nothing is left.

    Examples
    --------
    >>> from platformlabour import load
    >>> by_function(load("impersonation-cases")).to_dict()
    {'impersonation': 17, 'verification': 14, 'preparation': 8}
    """
    kept = _kept(cases, without)
    return kept["function"].value_counts().reindex(FUNCTIONS, fill_value=0).astype(int).rename("cases")


def with_and_without(cases, *, grades=("D",)):
    """Cases by function, with every grade of evidence and without some.

    Parameters
    ----------
    cases : DataFrame
        As for :func:`by_function`.
    grades : iterable of str, default ("D",)
        Grades left out, first alone and then together with those before.

    Returns
    -------
    DataFrame
        ``evidence``, one column a function, and ``cases``.

    Examples
    --------
    >>> from platformlabour import load
    >>> with_and_without(load("impersonation-cases"))["cases"].tolist()
    [39, 38]
    """
    steps = [(), *(tuple(grades[: k + 1]) for k in range(len(grades)))]
    rows = []
    for left_out in steps:
        counts = by_function(cases, without=left_out)
        name = "all grades" if not left_out else "without " + ", ".join(left_out)
        rows.append({"evidence": name, **counts.to_dict(), "cases": int(counts.sum())})
    return pd.DataFrame(rows)


def function_by_mode(cases, *, without=()):
    """How people enter the work of the machine, by main function.

    Parameters
    ----------
    cases : DataFrame, shape (cases, columns)
        ``mode``, ``function`` and ``grade``.
    without : iterable of str
        Grades of evidence to leave out.

    Returns
    -------
    DataFrame
        ``way`` (see ``MODE_FAMILIES``), one column a function, and ``cases``; every way has a row.

    Raises
    ------
    InputError
        If a mode is unknown.
    """
    kept = _kept(cases, without)
    unknown = ~kept["mode"].isin(list(MODE_FAMILIES))
    if unknown.any():
        raise InputError(
            f"the mode {kept.loc[unknown, 'mode'].iloc[0]!r}", f"one of {', '.join(MODE_FAMILIES)}", column="mode"
        )
    way = kept["mode"].map(MODE_FAMILIES)
    table = pd.crosstab(way, kept["function"])
    table = table.reindex(index=list(dict.fromkeys(MODE_FAMILIES.values())), columns=list(FUNCTIONS), fill_value=0)
    table = table.astype(int).assign(cases=table.sum(axis=1).astype(int))
    return table.rename_axis(index="way", columns=None).reset_index()


def secondary_functions(cases):
    """Cases whose people serve a second function, by the pair.

    Parameters
    ----------
    cases : DataFrame, shape (cases, columns)
        ``function`` and ``second``, empty where there is none.

    Returns
    -------
    DataFrame
        ``function, second, cases``, the most frequent pair first.

    Raises
    ------
    InputError
        If a case names the same function twice.
    """
    twice = ((cases["function"] == cases["second"]) & (cases["second"] != "")).to_numpy()
    if twice.any():
        raise InputError(
            "the same function twice", "another second function", row=int(twice.argmax()) + 2, column="second"
        )
    pairs = cases[cases["second"] != ""].groupby(["function", "second"], as_index=False).size()
    return pairs.rename(columns={"size": "cases"}).sort_values(
        ["cases", "function", "second"], ascending=[False, True, True], ignore_index=True
    )


def hedged(sentence):
    """Whether a sentence says that it tells what others say.

    Parameters
    ----------
    sentence : str

    Returns
    -------
    bool

    Examples
    --------
    >>> hedged("Prosecutors allege that people did it."), hedged("People did it.")
    (True, False)
    """
    return any(word in sentence.lower() for word in _HEDGES)


def timeline(cases, *, functions=FUNCTIONS, without=()):
    """The cases of some functions in the order in which they became public.

    Parameters
    ----------
    cases : DataFrame, shape (cases, columns)
        With the years and ``function``, ``mode``, ``grade``, ``company``.
    functions : iterable of str
    without : iterable of str
        Grades of evidence to leave out.

    Returns
    -------
    DataFrame
        Sorted by the year of publication and the first year of the practice.

    Raises
    ------
    InputError
        If a practice ends before it starts, or became public before it started.
    """
    kept = _kept(cases, without)
    for column, other in (("practice_end", "practice_start"), ("public_year", "practice_start")):
        wrong = (kept[column] < kept[other]).to_numpy()
        if wrong.any():
            raise InputError(f"{column} before {other}", "years in order", row=int(wrong.argmax()) + 2, column=column)
    kept = kept[kept["function"].isin(list(functions))]
    return kept.sort_values(["public_year", "practice_start", "company"], kind="stable", ignore_index=True)


def _kept(cases, without):
    without = tuple(without)
    for grade in without:
        if grade not in GRADES:
            raise InputError(f"the grade {grade!r}", f"one of {', '.join(GRADES)}")
    for name, allowed in (("function", FUNCTIONS), ("grade", tuple(GRADES))):
        wrong = (~cases[name].isin(allowed)).to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            raise InputError(f"{cases[name].iloc[row]!r}", f"one of {', '.join(allowed)}", row=row + 2, column=name)
    kept = cases[~cases["grade"].isin(without)]
    if kept.empty:
        raise InputError("no case left", "at least one")
    return kept
