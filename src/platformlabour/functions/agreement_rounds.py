"""Two rounds of coding the same tasks: what changes when coders learn where in the pipeline a task stands."""

from __future__ import annotations

import pandas as pd

from platformlabour.errors import InputError
from platformlabour.functions.agreement import from_table, observed_agreement

__all__ = ["changed", "changes", "disagreements", "with_sets"]

_COLUMNS = ("task_id", "round", "coder", "main", "second")


def _check(raw):
    for column in _COLUMNS:
        if column not in raw.columns:
            raise InputError(f"no column {column!r}", f"columns {', '.join(_COLUMNS)}")


def changes(raw, *, before="text only", after="with context"):
    """Every task whose main code a coder changed between two rounds.

    Parameters
    ----------
    raw : DataFrame
        Such as the table ``task-codes``.
    before, after : str
        Names of the rounds.

    Returns
    -------
    DataFrame, shape (changes, 4)
        ``task_id, coder, before, after``.

    Raises
    ------
    InputError
        If a column or a round is missing.

    Examples
    --------
    >>> raw = pd.DataFrame({"task_id": ["a", "a"], "round": ["text only", "with context"], "coder": "A",
    ...                     "main": ["U", "V"], "second": ""})
    >>> changes(raw).values.tolist()
    [['a', 'A', 'U', 'V']]
    """
    _check(raw)
    for name in (before, after):
        if name not in set(raw["round"]):
            raise InputError(f"no round {name!r}", f"one of {', '.join(sorted(set(raw['round'])))}")
    wide = raw.pivot(index=["task_id", "coder"], columns="round", values="main").dropna()
    moved = wide[wide[before] != wide[after]].reset_index()
    return moved[["task_id", "coder", before, after]].set_axis(["task_id", "coder", "before", "after"], axis=1)


def changed(raw, coder, *, replicates=2000, seed=0):
    """Share of tasks whose main code a coder changed between the rounds.

    Parameters
    ----------
    raw : DataFrame
    coder : str
    replicates, seed
        Of the bootstrap over tasks.

    Returns
    -------
    Estimate
        Unit ``"share"``.

    Raises
    ------
    InputError
        If a column is missing, or the coder coded in one round only.

    Examples
    --------
    >>> raw = pd.DataFrame({"task_id": list("aabb"), "round": ["1", "2"] * 2, "coder": "A",
    ...                     "main": list("UVNN"), "second": ""})
    >>> changed(raw, "A", replicates=0).value
    0.5
    """
    _check(raw)
    own = raw[raw["coder"] == coder]
    kept = observed_agreement(
        from_table(own, item="task_id", coder="round", code="main"), replicates=replicates, seed=seed
    )
    interval = None if kept.interval is None else tuple(sorted(1 - limit for limit in kept.interval))
    return kept.replace(
        value=1 - kept.value, interval=interval, estimand=f"tasks that coder {coder} coded otherwise in the other round"
    )


def disagreements(raw, round):
    """Pairs of main codes that coders gave to one task and that differ.

    Parameters
    ----------
    raw : DataFrame
    round : str

    Returns
    -------
    DataFrame, shape (pairs of codes, 3)
        ``first, second, tasks``, most frequent first; the order within a pair is that of the alphabet.

    Examples
    --------
    >>> raw = pd.DataFrame({"task_id": ["a", "a"], "round": "text only", "coder": ["A", "B"],
    ...                     "main": ["V", "N"], "second": ""})
    >>> disagreements(raw, "text only").values.tolist()
    [['N', 'V', 1]]
    """
    _check(raw)
    found = {}
    for _, codes in raw[raw["round"] == round].groupby("task_id")["main"]:
        different = sorted(set(codes))
        for i, first in enumerate(different):
            for second in different[i + 1 :]:
                found[first, second] = found.get((first, second), 0) + 1
    lines = [(*pair, number) for pair, number in sorted(found.items(), key=lambda entry: (-entry[1], entry[0]))]
    return pd.DataFrame(lines, columns=["first", "second", "tasks"])


def with_sets(raw):
    """Main and second code of each row as one set.

    Parameters
    ----------
    raw : DataFrame

    Returns
    -------
    DataFrame
        The rows with a column ``codes`` of frozensets.

    Examples
    --------
    >>> raw = pd.DataFrame({"task_id": ["a"], "round": "1", "coder": "A", "main": ["V"], "second": ["N"]})
    >>> sorted(with_sets(raw)["codes"].iloc[0])
    ['N', 'V']
    """
    _check(raw)
    sets = [frozenset({main, second} - {""}) for main, second in zip(raw["main"], raw["second"], strict=True)]
    return raw.assign(codes=sets)
