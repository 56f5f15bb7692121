"""All defensible specifications of one count, not the convenient one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["Specifications", "choice_shares", "multiverse"]

_MOST = 20_000
_MOST_CHOICES = 8
_COLUMNS = ("value", "low", "high", "marked", "excluded", "rank")


@dataclass(frozen=True)
class Specifications:
    """Choices, each with its defensible options, and what is computed from one option of each.

    Parameters
    ----------
    choices : dict of str to dict of str to object
        Choice to its options: label, as readers see it, to the value that ``compute`` takes.
    compute : callable
        Takes one value for each choice, by its name, and returns a number or an :class:`~platformlabour.Estimate`.
    marked : dict of str to dict of str to str
        Specifications to mark, such as those that were published: name to the label of every choice.
    excluded : sequence of (dict of str to str, str)
        Combinations that make no sense, given by the labels of some choices, each with the reason.

    Raises
    ------
    InputError
        If there is no choice or option, a choice has the name of a result, or a mark or exclusion names an unknown
        choice or label.
    """

    choices: dict[str, dict[str, object]]
    compute: Callable = field(repr=False)
    marked: dict[str, dict[str, str]] = field(default_factory=dict)
    excluded: tuple = ()

    def __post_init__(self):
        if not self.choices or not all(self.choices.values()):
            raise InputError("no choices, or a choice without options", "at least one option for each choice")
        for name in self.choices:
            if name in _COLUMNS:
                raise InputError(f"a choice named {name!r}", "another name: the result has a column of that name")
        if self.cells > _MOST:
            raise InputError(f"{self.cells:,} combinations", f"at most {_MOST:,}")
        if not callable(self.compute):
            raise InputError(f"{self.compute!r}", "a function of one value for each choice")
        for name, cell in self.marked.items():
            if set(cell) != set(self.choices):
                raise InputError(f"the mark {name!r}", f"a label for each of {', '.join(self.choices)}")
            self._check(cell)
        for cell, reason in self.excluded:
            if not cell or not str(reason).strip():
                raise InputError("an exclusion without labels or reason", "labels, and why they make no sense together")
            self._check(cell)

    @property
    def cells(self):
        """Number of combinations, before exclusions."""
        return math.prod(len(options) for options in self.choices.values())

    def _check(self, cell):
        for choice, label in cell.items():
            if choice not in self.choices:
                raise InputError(f"the choice {choice!r}", f"one of {', '.join(self.choices)}")
            if label not in self.choices[choice]:
                raise InputError(f"the option {label!r} of {choice!r}", f"one of {', '.join(self.choices[choice])}")


def multiverse(specifications, *, with_excluded=False):
    """The result of every defensible specification.

    Parameters
    ----------
    specifications : Specifications
    with_excluded : bool, default False
        Keep a row, without a result, for each combination that was excluded.

    Returns
    -------
    DataFrame
        A column with the label of each choice; ``value, low, high`` (the limits missing for plain numbers); ``marked``,
        the name of the mark or an empty text; ``excluded``, the reason or an empty text; and ``rank``, 1 for the
        smallest. Sorted by value.

    Raises
    ------
    InputError
        If a result is not a number, or everything is excluded.

    References
    ----------
    S. Steegen, F. Tuerlinckx, A. Gelman and W. Vanpaemel (2016), Increasing transparency through a multiverse analysis,
    Perspectives on Psychological Science 11, 702-712. U. Simonsohn, J. P. Simmons and L. D. Nelson (2020),
    Specification curve analysis, Nature Human Behaviour 4, 1208-1214.

    Examples
    --------
    >>> made = Specifications({"coefficient": {"one": 1.0, "two": 2.0}, "idle": {"none": 0.0, "half": 0.5}},
    ...                       lambda coefficient, idle: 1000 * (1 - idle) / coefficient)
    >>> multiverse(made)[["coefficient", "idle", "value"]].values.tolist()
    [['two', 'half', 250.0], ['one', 'half', 500.0], ['two', 'none', 500.0], ['one', 'none', 1000.0]]
    """
    names = list(specifications.choices)
    rows = []
    for labels in itertools.product(*specifications.choices.values()):
        cell = dict(zip(names, labels, strict=True))
        reasons = (why for part, why in specifications.excluded if part.items() <= cell.items())
        reason = next(reasons, "")
        if reason:
            rows.append({**cell, "value": np.nan, "low": np.nan, "high": np.nan, "marked": "", "excluded": reason})
            continue
        result = specifications.compute(**{name: specifications.choices[name][cell[name]] for name in names})
        mark = next((name for name, marked in specifications.marked.items() if marked == cell), "")
        rows.append({**cell, **_numbers(result, cell), "marked": mark, "excluded": ""})
    frame = pd.DataFrame(rows)
    if (frame["excluded"] != "").all():
        raise InputError("no specification left", "exclusions that leave at least one")
    if not with_excluded:
        frame = frame[frame["excluded"] == ""]
    # The order of equal values is that of the labels as given.
    frame = frame.sort_values("value", kind="stable", ignore_index=True)
    frame["rank"] = frame["value"].rank(method="first").astype("Int64")
    return frame


def choice_shares(frame, choices):
    """How much each choice matters: its share of the spread of the results, and the largest step that it makes alone.

    The logarithms are explained by the choices' options, without interactions. A choice's share is what it adds to the
    explained variance, averaged over all orders in which the choices can enter, so that choices which overlap because
    combinations were excluded share what they have in common. The shares add up to what all choices explain together.

    Parameters
    ----------
    frame : DataFrame
        As from :func:`multiverse`.
    choices : sequence of str
        At most eight.

    Returns
    -------
    DataFrame
        ``choice, share, factor``: the share of the variance of the logarithm, and the largest ratio between two results
        that differ in this choice alone; the largest share first.

    Raises
    ------
    InputError
        If a value is not above 0, a choice is not a column, or there are more than eight.

    References
    ----------
    R. H. Lindeman, P. F. Merenda and R. Z. Gold (1980), Introduction to Bivariate and Multivariate Analysis, Scott
    Foresman, p. 119 (averaging over orders). U. Grömping (2007), Estimators of relative importance in linear regression
    based on variance decomposition, The American Statistician 61, 139-147.

    Examples
    --------
    >>> made = Specifications({"coefficient": {"one": 1.0, "two": 2.0}, "idle": {"none": 0.0, "most": 0.75}},
    ...                       lambda coefficient, idle: 1000 * (1 - idle) / coefficient)
    >>> choice_shares(multiverse(made), ["coefficient", "idle"]).round(2).values.tolist()
    [['idle', 0.8, 4.0], ['coefficient', 0.2, 2.0]]
    """
    frame, choices = frame[frame["value"].notna()], list(choices)
    if (frame["value"] <= 0).any():
        raise InputError("a value of 0 or less", "values above 0, whose logarithm can be taken")
    for choice in choices:
        if choice not in frame.columns:
            raise InputError(f"the choice {choice!r}", f"one of {', '.join(map(str, frame.columns))}")
    if len(choices) > _MOST_CHOICES:
        raise InputError(f"{len(choices)} choices", f"at most {_MOST_CHOICES}")
    logs = np.log(frame["value"].to_numpy(dtype=float))
    explained = _explained(frame, choices, logs - logs.mean())
    rows = []
    for choice in choices:
        others = [other for other in choices if other != choice]
        share = 0.0
        for size in range(len(others) + 1):
            weight = 1 / (len(choices) * math.comb(len(others), size))
            for group in map(frozenset, itertools.combinations(others, size)):
                share += weight * (explained[group | {choice}] - explained[group])
        alone = frame.groupby(others, sort=False)["value"] if others else frame.assign(all=0).groupby("all")["value"]
        rows.append((choice, share, float((alone.max() / alone.min()).max())))
    shares = pd.DataFrame(rows, columns=["choice", "share", "factor"])
    return shares.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def _explained(frame, choices, centred):
    """Share of the variance that each set of choices explains, by least squares on their options."""
    columns = {choice: pd.get_dummies(frame[choice]).to_numpy(dtype=float) for choice in choices}
    total = float(centred @ centred)
    found = {}
    for size in range(len(choices) + 1):
        for group in itertools.combinations(choices, size):
            fitted = np.zeros_like(centred)
            if group:
                design = np.hstack([np.ones((len(centred), 1)), *(columns[choice] for choice in group)])
                fitted = design @ np.linalg.lstsq(design, centred, rcond=None)[0]
            found[frozenset(group)] = float(fitted @ fitted) / total if total > 1e-24 * len(centred) else 0.0
    return found


def _numbers(result, cell):
    words = ", ".join(f"{name} {label}" for name, label in cell.items())
    if isinstance(result, Estimate):
        if result.value is None:
            raise InputError(f"a result that is {result.status} for {words}", "a number, or an exclusion with a reason")
        low, high = result.interval or (np.nan, np.nan)
        return {"value": float(result.value), "low": low, "high": high}
    try:
        value = float(result)
    except (TypeError, ValueError):
        raise InputError(f"{result!r} for {words}", "a number or an Estimate") from None
    if not math.isfinite(value):
        raise InputError(f"{value:g} for {words}", "a finite number")
    return {"value": value, "low": np.nan, "high": np.nan}
