"""From a chapter's cell to the book: results by key, and findings that the prose may lean on."""

from __future__ import annotations

import re

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["KEY_PATTERN", "RESULT_MIME", "check", "record"]

RESULT_MIME = "application/vnd.platformlabour.result+json"
KEY_PATTERN = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


def record(key, result):
    """Give a result a name under which prose, claims and ``results.json`` find it.

    The result travels in the cell's output, so a chapter taken from the execution cache still records it.

    Parameters
    ----------
    key : str
        Lower-case words joined by dots, such as ``"counting.mturk.chao"``.
    result : Estimate
        What the chapter computed.

    Raises
    ------
    InputError
        If the key is malformed, or the result is not an :class:`~platformlabour.Estimate`.

    Examples
    --------
    >>> from platformlabour import Estimate
    >>> record("counting.mturk.seen", Estimate.counted(157255, "workers", "seen at least once"))
    """
    _check_key(key)
    if not isinstance(result, Estimate):
        raise InputError(
            f"{type(result).__name__} recorded as {key!r}", "an Estimate; Estimate.counted(...) holds a plain number"
        )
    _publish({"key": key, "result": result.to_dict()})


def check(key, holds):
    """Record whether a finding that the prose states in words is true of the data.

    Parameters
    ----------
    key : str
        As for :func:`record`.
    holds : bool
        The finding. Prose that leans on it with the role ``holds`` fails the build once it is false.

    Examples
    --------
    >>> check("counting.mturk.most_seen_once", 94573 / 157255 > 0.5)
    """
    _check_key(key)
    _publish({"key": key, "holds": bool(holds)})


def _check_key(key):
    if not isinstance(key, str) or not KEY_PATTERN.fullmatch(key):
        raise InputError(f"the key {key!r}", "lower-case words joined by dots, such as 'counting.mturk.chao'")


def _publish(payload):
    # Outside a notebook (a script, a doctest) there is no page to record for.
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        return
    if get_ipython() is not None:
        display({RESULT_MIME: payload}, raw=True)
