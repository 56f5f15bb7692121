"""All defensible specifications of a count, side by side."""

from __future__ import annotations

import itertools

import pandas as pd

from platformlabour.errors import InputError

__all__ = ["multiverse"]

_MOST = 100_000


def multiverse(specifications, count):
    """One row for every combination of choices, the smallest count first.

    Parameters
    ----------
    specifications : dict of str to dict
        Choice to its options, each option's name to its value.
    count : callable
        Takes one value a choice, by keyword, and returns a number.

    Returns
    -------
    DataFrame
        One column a choice with the option's name, and ``value``.

    Raises
    ------
    InputError
        If there is no choice, a choice has no option, or there are more than 100,000 combinations.

    References
    ----------
    S. Steegen, F. Tuerlinckx, A. Gelman and W. Vanpaemel (2016), Increasing transparency through a multiverse
    analysis, Perspectives on Psychological Science 11, 702-712.

    Examples
    --------
    >>> choices = {"coefficient": {"one": 1.0, "two": 2.0}, "circle": {"registered": 100, "active": 10}}
    >>> multiverse(choices, lambda coefficient, circle: circle / coefficient)["value"].tolist()
    [5.0, 10.0, 50.0, 100.0]
    """
    if not specifications:
        raise InputError("no choices", "at least one choice with its options")
    size = 1
    for name, options in specifications.items():
        if not options:
            raise InputError(f"the choice {name!r} without options", "at least one option")
        if name == "value":
            raise InputError("a choice named 'value'", "another name: the result has it")
        size *= len(options)
    if size > _MOST:
        raise InputError(f"{size:,} specifications", f"at most {_MOST:,}")
    rows = []
    for chosen in itertools.product(*(options.items() for options in specifications.values())):
        labels = {name: option[0] for name, option in zip(specifications, chosen, strict=True)}
        values = {name: option[1] for name, option in zip(specifications, chosen, strict=True)}
        rows.append(labels | {"value": float(count(**values))})
    return pd.DataFrame(rows).sort_values("value", kind="stable", ignore_index=True)
