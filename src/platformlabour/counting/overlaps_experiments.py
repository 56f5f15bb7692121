"""What each estimator of multi-homing makes of every route, where the number of people is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from platformlabour.counting import overlaps
from platformlabour.counting.simulate_registers import simulate_registers
from platformlabour.errors import InputError

__all__ = ["by_estimator", "comparison_experiment", "route_experiment"]

_ROUTES = [route for route in overlaps.ROUTES if route != "unknown"]


def route_experiment(scenario, *, respondents=900, replicates=100, seed, declared=None, economies=10):
    """Reach the same simulated people by every route, and declare each route in turn: bias and coverage of the people.

    Parameters
    ----------
    scenario : RegisterScenario
    respondents, replicates : int
        Size and number of the samples for each route.
    seed : int
    declared : iterable of str, optional
        Routes declared; by default all four, right and wrong.
    economies : int, default 10
        Different simulated economies among which the replicates are divided.

    Returns
    -------
    DataFrame
        ``reached, declared, right, replicates, bias, coverage, width``: median relative error of the number of people,
        share of the 95% intervals that hold it, and their median width over the truth.

    Raises
    ------
    InputError
        If fewer than one replicate is asked for, or a route is misspelt.

    Examples
    --------
    >>> from platformlabour.counting.simulate_registers import RegisterScenario
    >>> small = RegisterScenario(people=2000, platforms=5, platforms_per_worker=1.83)
    >>> result = route_experiment(small, replicates=20, seed=1, declared=["people"], economies=2)
    >>> result.set_index("reached").loc["accounts", "bias"] < -0.1
    np.True_
    """
    declared = _ROUTES if declared is None else list(declared)
    for route in declared:
        if route not in _ROUTES:
            raise InputError(f"the route {route!r}", f"one of {', '.join(_ROUTES)}")
    _check_replicates(replicates)
    economies = min(economies, replicates)
    children = np.random.SeedSequence(seed).spawn(economies + 1)
    random = np.random.default_rng(children[-1])
    drawn = [simulate_registers(scenario, seed=child) for child in children[:-1]]
    results = {(reached, name): [] for reached in _ROUTES for name in declared}
    for replicate in range(replicates):
        economy = drawn[replicate % economies]
        accounts = economy.platforms["in_use"].to_numpy(dtype=float)
        for reached in _ROUTES:
            answers = economy.survey(reached, respondents, seed=random)
            for name in declared:
                found = overlaps.multi_homing(answers["platforms_used"], route=name, **_needs(name, answers, accounts))
                people = overlaps.people_from_accounts(accounts.sum(), found)
                low, high = (limit / economy.people for limit in people.interval)
                results[reached, name].append((people.value / economy.people - 1, low <= 1 <= high, high - low))
    rows = []
    for (reached, name), values in results.items():
        errors, held, widths = (np.array(column) for column in zip(*values, strict=True))
        numbers = float(np.median(errors)), float(held.mean()), float(np.median(widths))
        rows.append((reached, name, reached == name, replicates, *numbers))
    return pd.DataFrame(rows, columns=["reached", "declared", "right", "replicates", "bias", "coverage", "width"])


def comparison_experiment(scenario, *, respondents, replicates=200, seed, size=0.05):
    """How often the comparison of two samples raises an alarm, with right and with wrong declarations.

    One sample is of people, the other of accounts of the same simulated economy. Declared rightly they agree; if the
    second is declared to be of people too, they should not.

    Parameters
    ----------
    scenario : RegisterScenario
    respondents : iterable of int
        Sizes of either sample.
    replicates : int
    seed : int
    size : float, default 0.05
        Chance of a false alarm that the test aims at.

    Returns
    -------
    DataFrame
        ``respondents, declared, replicates, alarms``: the share of pairs in which the comparison is rejected.

    Raises
    ------
    InputError
        If fewer than one replicate is asked for.

    Examples
    --------
    >>> from platformlabour.counting.simulate_registers import RegisterScenario
    >>> frame = comparison_experiment(RegisterScenario(people=2000), respondents=[900], replicates=20, seed=1)
    >>> frame["declared"].tolist()
    ['rightly', 'wrongly']
    """
    _check_replicates(replicates)
    children = np.random.SeedSequence(seed).spawn(2)
    economy, random = simulate_registers(scenario, seed=children[0]), np.random.default_rng(children[1])
    rows = []
    for count in respondents:
        alarms = {"accounts": 0, "people": 0}
        for _ in range(replicates):
            people = economy.survey("people", count, seed=random)["platforms_used"]
            accounts = economy.survey("accounts", count, seed=random)["platforms_used"]
            first = overlaps.multi_homing(people, route="people")
            for route in alarms:
                second = overlaps.multi_homing(accounts, route=route)
                alarms[route] += overlaps.compare_routes(first, second, size=size).rejected
        rows += [(int(count), word, replicates, alarms[route] / replicates) for route, word in _DECLARED.items()]
    return pd.DataFrame(rows, columns=["respondents", "declared", "replicates", "alarms"])


_DECLARED = {"accounts": "rightly", "people": "wrongly"}


def _check_replicates(replicates):
    if isinstance(replicates, bool) or not isinstance(replicates, (int, np.integer)) or replicates < 1:
        raise InputError(f"{replicates!r} replicates", "a whole number of 1 or more")


def _needs(route, answers, accounts):
    if route == "platform-panel":
        return {"platform_accounts": accounts, "platform": 0}
    if route == "platform-active":
        return {"platform_accounts": accounts, "platform": 0, "activity": answers["activity"]}
    return {}


_WORDS = {
    "people": "people",
    "accounts": "accounts",
    "platform-panel": "members of the largest platform",
    "platform-active": "active on the largest platform",
}


def by_estimator(table, *, promised=0.93):
    """The table ``simulated-routes`` as a comparison of three estimators on every route.

    Parameters
    ----------
    table : DataFrame
        ``coefficient, reached, declared, right, bias, coverage``, as :func:`route_experiment` returns them for one
        coefficient.
    promised : float, default 0.93
        Coverage from which on a 95% interval counts as kept.

    Returns
    -------
    DataFrame
        ``situation, method, ratio, keeps``: who was reached, how the answers were used, the median number of people
        over the truth, and whether the interval held the truth as often as promised.

    Examples
    --------
    >>> from platformlabour import load
    >>> frame = by_estimator(load("simulated-routes"))
    >>> sorted(frame["method"].unique())
    ['mean of inverses', 'plain mean', 'right for the route']
    >>> bool(frame.loc[frame["method"] == "right for the route", "keeps"].all())
    True
    """
    parts = []
    for coefficient, part in table.groupby("coefficient", sort=False):
        found = part.set_index(["reached", "declared"])
        for reached in _WORDS:
            methods = {"plain mean": "people", "mean of inverses": "accounts", "right for the route": reached}
            for method, declared in methods.items():
                row = found.loc[(reached, declared)]
                situation = f"{_WORDS[reached]}; {coefficient:g} platforms a person"
                parts.append((situation, method, 1 + row["bias"], bool(row["coverage"] >= promised)))
    return pd.DataFrame(parts, columns=["situation", "method", "ratio", "keeps"])
