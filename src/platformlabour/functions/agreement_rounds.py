"""Two rounds of coding the same tasks: what changes when coders learn where in the pipeline a task stands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.functions.agreement import from_table, observed_agreement
from platformlabour.functions.agreement_alpha import nominal_features
from platformlabour.functions.agreement_estimates import estimated
from platformlabour.functions.agreement_resampling import patterns

__all__ = ["alpha_difference", "changed", "changes", "disagreements", "with_sets"]

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


def alpha_difference(raw, *, before="text only", after="with context", replicates=2000, seed=0):
    """Nominal alpha of the later round less that of the earlier, on the same tasks.

    The bootstrap draws tasks with both their rounds, so that what a task adds to both alphas is not counted as noise.

    Parameters
    ----------
    raw : DataFrame
        Such as the table ``task-codes``: the same tasks, coded by the same coders in both rounds.
    before, after : str
        Names of the rounds.
    replicates, seed
        Of the bootstrap.

    Returns
    -------
    Estimate
        Unit ``"coefficient"``; not identified if an alpha is undefined.

    Raises
    ------
    InputError
        If a column is missing, or the rounds do not hold the same tasks and coders.

    Examples
    --------
    >>> raw = pd.DataFrame({"task_id": list("aabbcc") * 2, "round": ["1"] * 6 + ["2"] * 6, "coder": list("AB") * 6,
    ...                     "main": list("NNVVGGNNVVGN"), "second": ""})
    >>> round(alpha_difference(raw, before="1", after="2", replicates=0).value, 3)
    -0.455
    """
    _check(raw)
    both = [from_table(raw[raw["round"] == name], item="task_id", code="main") for name in (before, after)]
    if set(both[0].items) != set(both[1].items) or both[0].coders != both[1].coders:
        raise InputError("rounds of different tasks or coders", "the same tasks and coders in both rounds")
    place = {name: k for k, name in enumerate(both[1].items)}
    later = both[1].matrix[[place[name] for name in both[0].items]]
    width = len(both[0].coders)
    rows, multiplicity = patterns(np.hstack([both[0].matrix, later]), keep_order=True)
    earlier, alpha_before = nominal_features(rows[:, :width], both[0].categories)
    features, alpha_after = nominal_features(rows[:, width:], both[1].categories)
    split = earlier.shape[1]
    return estimated(
        lambda sums: alpha_after(sums[..., split:]) - alpha_before(sums[..., :split]),
        np.hstack([earlier, features]),
        multiplicity,
        "in one of the rounds all codes are equal",
        replicates,
        seed,
        0.95,
        estimand=f"alpha {after} less alpha {before}",
        method="difference of Krippendorff's alphas, paired by task",
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
