"""The routes of recruitment, what each takes for granted, and the checks of what users give."""

from __future__ import annotations

import difflib
import math
from types import MappingProxyType

import numpy as np

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "ASSUMPTIONS",
    "ROUTES",
    "UPPER",
    "check_accounts",
    "check_answers",
    "check_level",
    "check_number",
    "check_route",
    "check_weights",
]

ROUTES = MappingProxyType(
    {
        "people": "people, each with the same chance",
        "accounts": "accounts, drawn from the registers of all platforms together",
        "platform-panel": "members of one platform, each with the same chance",
        "platform-active": "users met while active on one platform",
        "unknown": "not known",
    }
)
MOST_PLATFORMS_USED = 1000

UPPER = (
    "dormant and fake accounts are counted: an upper bound on workers",
    "platforms outside the sum are not counted",
)


ASSUMPTIONS = {
    "people": ("every person had the same chance of answering, apart from the weights given",),
    "accounts": ("every account had the same chance, apart from the weights given; a person has one a platform",),
    "platform-panel": (
        "every member of the platform had the same chance, apart from the weights given",
        "platforms are chosen one after another in proportion to their attraction, independently of anything else",
    ),
    "platform-active": (
        "the chance of answering is in proportion to the activity stated, which is stated without error",
        "platforms are chosen one after another in proportion to their attraction, independently of anything else",
        "people who were never active on the platform are like those seldom active there",
    ),
    "unknown": ("respondents with more platforms were not less likely to answer than others",),
}


def check_route(route):
    if route not in ROUTES:
        near = difflib.get_close_matches(str(route), ROUTES, n=1)
        expected = f"one of {', '.join(ROUTES)}" + (f"; did you mean {near[0]!r}?" if near else "")
        raise InputError(f"the route {route!r}", expected, column="route")


def check_level(level):
    if not (isinstance(level, (int, float)) and 0 < level < 1):
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")


def check_number(value, name, *, least):
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(f"{value!r}", f"a number of {least} or more", column=name) from None
    if not (math.isfinite(number) and number >= least):
        raise InputError(f"{number:g}", f"a number of {least} or more", column=name)
    return number


def check_answers(values):
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError("text among the answers", "whole numbers of 1 or more", column="platforms_used") from None
    if array.ndim != 1 or array.size < 2:
        raise InputError(f"{array.size} answers", "at least 2 respondents", column="platforms_used")
    bad = ~(np.isfinite(array) & (array >= 1) & (array <= MOST_PLATFORMS_USED) & (array == np.floor(array)))
    if bad.any():
        i = int(np.argmax(bad))
        expected = f"a whole number from 1 to {MOST_PLATFORMS_USED:,}; leave out those who use none"
        raise InputError(f"{array[i]:g}", expected, row=i + 2, column="platforms_used")
    return array.astype(np.int64)


def check_weights(values, n, name, *, zero):
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError("text among the numbers", "numbers", column=name) from None
    if array.shape != (n,):
        raise InputError(f"{array.size} numbers for {n} respondents", "one for each respondent", column=name)
    bad = ~(np.isfinite(array) & ((array >= 0) if zero else (array > 0)))
    if bad.any():
        i = int(np.argmax(bad))
        raise InputError(f"{array[i]:g}", "0 or more" if zero else "a number above 0", row=i + 2, column=name)
    return array


def check_accounts(accounts):
    """Value, limits and level of a number of accounts."""
    if isinstance(accounts, Estimate):
        if accounts.value is None or accounts.status != "ok":
            raise InputError(f"accounts that are {accounts.status}", "a number of accounts that can be used")
        value = check_number(accounts.value, "accounts", least=0)
        limits, level = accounts.interval or (value, value), accounts.level
        if not (limits[0] > 0 and math.isfinite(limits[1])):
            raise InputError(f"accounts between {limits[0]:g} and {limits[1]:g}", "limits above 0 and finite")
    else:
        value = check_number(accounts, "accounts", least=0)
        limits, level = (value, value), None
    if value == 0:
        raise InputError("0", "a number above 0", column="accounts")
    return value, limits, level
