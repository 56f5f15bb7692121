"""From a scenario's words to distributions: spreads by their parameters, and accounts per person by who was asked."""

from __future__ import annotations

import numpy as np

from platformlabour.counting import overlaps, synthesis

__all__ = ["accounts_per_person", "limits", "spread"]

_MAKERS = {
    "fixed": synthesis.fixed,
    "uniform": synthesis.uniform,
    "triangular": synthesis.triangular,
    "normal": synthesis.normal,
    "beta": lambda low, high, level: synthesis.beta_from_interval(low, high, level=level),
    "lognormal": lambda low, median, high, level: synthesis.lognormal_from_interval(median, low, high, level=level),
}


def spread(kind, parameters):
    """A distribution by its name and parameters in a scenario.

    Parameters
    ----------
    kind : str
        "fixed", "uniform", "triangular", "normal", "beta" or "lognormal".
    parameters : dict of str to float

    Returns
    -------
    Distribution

    Raises
    ------
    InputError
        If no such distribution has these parameters.

    Examples
    --------
    >>> spread("triangular", {"low": 1.0, "mode": 1.27, "high": 1.83}).describe()
    'triangular from 1 to 1.83, most likely 1.27'
    """
    return _MAKERS[kind](**parameters)


def accounts_per_person(distribution, parameters, *, route, answers=()):
    """Multi-homing from answers or from a published mean, by the route that is declared.

    Parameters
    ----------
    distribution : {"survey", "published mean"}
    parameters : dict of str to float
        Of a published mean: ``mean``, and ``most`` and ``standard_error`` where they are known.
    route : str
        A key of ``overlaps.ROUTES``.
    answers : sequence of (int, int)
        Of a survey: platforms used, and respondents who use so many.

    Returns
    -------
    (MultiHoming, Distribution)
        A spread around the coefficient where the route gives one; else the range that is left, all of it alike.

    Raises
    ------
    InputError
        As the estimators of :mod:`platformlabour.counting.overlaps`.

    Examples
    --------
    >>> accounts_per_person("published mean", {"mean": 1.27}, route="unknown")[1].describe()
    'uniform from 1 to 1.27'
    >>> accounts_per_person("survey", {}, route="people", answers=[(1, 60)])[1].describe()
    'triangular from 1 to 1.05, most likely 1'
    """
    if distribution == "published mean":
        found = overlaps.published_mean(
            parameters["mean"],
            route=route,
            most=parameters.get("most"),
            standard_error=parameters.get("standard_error"),
        )
    else:
        used = np.repeat(*np.array(answers, dtype=np.int64).reshape(-1, 2).T)
        if route in ("people", "accounts", "unknown"):
            found = overlaps.multi_homing(used, route=route)
        else:
            # Answers alone do not undo recruitment through one platform: the mean leaves a range.
            found = overlaps.published_mean(float(used.mean()), route=route, respondents=used.size)
    low, high = found.limits
    if low == high:
        return found, synthesis.fixed(low)
    if found.coefficient is None or found.level is None:
        return found, synthesis.uniform(low, high)
    if low < found.coefficient < high:
        return found, synthesis.lognormal_from_interval(found.coefficient, low, high, level=found.level)
    # Nobody has fewer than one account: a coefficient of one lies at the end of its limits.
    return found, synthesis.triangular(low, found.coefficient, high)


def limits(distribution):
    """Where bounds let a factor go: its ends, or its middle 95% where it has none but those of its kind."""
    if distribution.describe().startswith(("beta", "log-normal", "normal")):
        return float(distribution.ppf(0.025)), float(distribution.ppf(0.975))
    return tuple(float(end) for end in distribution.support)
