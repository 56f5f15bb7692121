"""Bounds on a count as assumptions are added one at a time."""

from __future__ import annotations

import pandas as pd

from platformlabour.errors import InputError

__all__ = ["bounds"]


def bounds(steps, *, start=(0.0, float("inf"))):
    """Fewest and most once each further assumption is made.

    Parameters
    ----------
    steps : iterable of (str, float, float)
        Assumption, and the range that it alone leaves to the count; infinity where it sets no limit.
    start : (float, float), default (0, inf)
        Range before anything is assumed.

    Returns
    -------
    DataFrame
        ``assumption, low, high``: each row is the intersection of all ranges so far, so that it never widens.

    Raises
    ------
    InputError
        If a range is reversed, or an assumption contradicts those before it.

    References
    ----------
    C. F. Manski (2003), Partial Identification of Probability Distributions, Springer, chapter 1.

    Examples
    --------
    >>> bounds([("one account or more a person", 0, 1000), ("three at most", 1000 / 3, 1000)])["low"].round().tolist()
    [0.0, 0.0, 333.0]
    """
    low, high = start
    rows = [("nothing assumed", float(low), float(high))]
    for assumption, least, most in steps:
        if not least <= most:
            raise InputError(f"the range {least!r} to {most!r} of {assumption!r}", "a lower limit not above the upper")
        low, high = max(low, least), min(high, most)
        if low > high:
            raise InputError(f"the assumption {assumption!r}", "one that does not contradict those before it")
        rows.append((assumption, float(low), float(high)))
    return pd.DataFrame(rows, columns=["assumption", "low", "high"])
