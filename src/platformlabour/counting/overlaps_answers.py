"""The mean number of platforms per person from a survey's answers, one estimator for each route of recruitment."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from scipy import special

from platformlabour.counting import overlaps_membership
from platformlabour.counting.overlaps_checks import (
    ASSUMPTIONS,
    ROUTES,
    check_answers,
    check_level,
    check_route,
    check_weights,
)
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["MultiHoming", "RouteComparison", "compare_routes", "multi_homing"]


@dataclass(frozen=True, kw_only=True)
class MultiHoming:
    """Mean number of platforms per person, with the route by which respondents were reached.

    Parameters
    ----------
    route : str
        A key of ``overlaps.ROUTES``.
    coefficient : float or None
        Mean over people; ``None`` when the route does not identify it.
    standard_error : float or None
    limits : (float, float)
        Confidence limits of the coefficient, or the range that the route leaves when it does not identify it.
    level : float or None
        Coverage of the limits; ``None`` for a range over assumptions.
    sample_mean : float
        Mean among those who answered, before any correction.
    respondents : int or None
    effective_respondents : float or None
        Respondents of equal weight that would tell as much (Kish).
    shares : numpy.ndarray or None, shape (most,)
        Estimated share of people with 1, 2, ... platforms.
    assumptions, warnings : tuple of str

    Examples
    --------
    >>> multi_homing([1, 1, 2, 1], route="people")
    MultiHoming(1.25 platforms a person; people; 4 respondents)
    >>> multi_homing([1, 1, 2, 1], route="unknown")
    MultiHoming(1 to 1.25 platforms a person; unknown; 4 respondents)
    """

    route: str
    coefficient: float | None
    standard_error: float | None
    limits: tuple[float, float]
    level: float | None
    sample_mean: float
    respondents: int | None = None
    effective_respondents: float | None = None
    shares: np.ndarray | None = field(default=None, compare=False)
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def __repr__(self):
        number = (
            f"{self.limits[0]:.4g} to {self.limits[1]:.4g}" if self.coefficient is None else f"{self.coefficient:.4g}"
        )
        answers = f"; {self.respondents:,} respondents" if self.respondents else ""
        return f"MultiHoming({number} platforms a person; {self.route}{answers})"

    @property
    def estimate(self):
        """The coefficient as an :class:`~platformlabour.Estimate`, without a value where the route leaves a range."""
        return Estimate(
            value=self.coefficient,
            unit="coefficient",
            estimand="mean number of platforms per person",
            method=f"respondents reached as {ROUTES[self.route]}",
            interval=self.limits if self.level is not None or self.limits[0] < self.limits[1] else None,
            level=self.level,
            interval_kind="linearisation, on the logarithm" if self.level is not None else "range over assumptions",
            status="ok" if self.coefficient is not None else "not identified",
            standard_error=self.standard_error,
            assumptions=self.assumptions,
            warnings=self.warnings,
        )


def multi_homing(
    platforms_used,
    *,
    route,
    weights=None,
    activity=None,
    platform_accounts=None,
    platform=None,
    routes=None,
    level=0.95,
):
    """Mean number of platforms per person, from answers whose route of recruitment is declared.

    ================= ============================== ===========================================================
    route             chance of answering             estimator
    ================= ============================== ===========================================================
    people            the same for all                mean of m
    accounts          in proportion to m              1 / mean of (1 / m)
    platform-panel    h(m), of being on the platform  mean of m weighted by 1 / h(m)
    platform-active   h(m) times activity a           mean of m weighted by 1 / (h(m) a)
    unknown           not known                       none; the range over the routes
    ================= ============================== ===========================================================

    A wrong declaration biases the result as much as none: using the plain mean for accounts gives too few people.

    Parameters
    ----------
    platforms_used : array_like of int, shape (n,)
        Number of platforms each respondent uses, 1 or more, among the platforms whose accounts will be divided.
    route : {"people", "accounts", "platform-panel", "platform-active", "unknown"}
        How respondents were reached; see ``overlaps.ROUTES``.
    weights : array_like of float, shape (n,), optional
        Survey weights for anything but the route, such as non-response.
    activity : array_like of float, shape (n,), optional
        For "platform-active": each respondent's activity on the surveyed platform in any common unit, above 0.
    platform_accounts : array_like of float, shape (platforms,), optional
        For the two routes through one platform: registered accounts on every platform.
    platform : int, optional
        Position in `platform_accounts`, from 0, of the platform surveyed.
    routes : iterable of str, optional
        For "unknown": the routes that are possible; by default all.
    level : float, default 0.95
        Coverage that the limits aim at.

    Returns
    -------
    MultiHoming

    Raises
    ------
    InputError
        If an answer is not a whole number of 1 or more, the route is misspelt, or the route needs what is not given.

    References
    ----------
    The weighted mean and its linearised variance are Hájek's; for the multiplicity weights 1 / m see M. G. Sirken
    (1970), Household surveys with multiplicity, Journal of the American Statistical Association 65, 257-266.

    Examples
    --------
    Half of the workers use one platform and half use three. Three accounts in four belong to the latter.

    >>> multi_homing([1, 3], route="people").coefficient
    2.0
    >>> multi_homing([1, 3, 3, 3], route="accounts").coefficient
    2.0
    """
    check_route(route)
    check_level(level)
    m = check_answers(platforms_used)
    v = check_weights(weights, len(m), "weights", zero=True) if weights is not None else np.ones(len(m))
    if not v.any():
        raise InputError("weights that are all 0", "at least one weight above 0", column="weights")
    through_one = route in ("platform-panel", "platform-active") or (
        route == "unknown" and platform_accounts is not None
    )
    if route == "platform-active":
        if activity is None:
            raise InputError(
                "route 'platform-active' without activity",
                "each respondent's activity on the platform, or route='unknown' for the range that is left",
                column="activity",
            )
        v = v / check_weights(activity, len(m), "activity", zero=False)
    elif activity is not None and route != "unknown":
        raise InputError(f"activity with route {route!r}", "route='platform-active', or no activity", column="activity")
    if not through_one and (platform_accounts is not None or platform is not None):
        raise InputError(f"platform_accounts or platform with route {route!r}", "a route through one platform")
    if through_one and (platform_accounts is None or platform is None):
        raise InputError(
            f"route {route!r} without the platforms' accounts",
            "platform_accounts and platform, or panel_bounds() for what can be said without a model of choice",
            column="platform_accounts",
        )
    if routes is not None and route != "unknown":
        raise InputError(f"routes with route {route!r}", "route='unknown' when several routes are possible")
    mean = float(v @ m / v.sum()) if route != "platform-active" else float(np.mean(m))
    if route == "unknown":
        return _unknown(m, v, mean, routes, activity, platform_accounts, platform, level)
    tally = np.bincount(m - 1, weights=v)
    if through_one:
        coefficient, shares, gradient, chances = _through_one_platform(tally, platform_accounts, platform)
    else:
        chances = np.arange(1, len(tally) + 1) if route == "accounts" else np.ones(len(tally))
        coefficient, shares, gradient = _hajek(tally, chances)
    design = v / chances[m - 1]
    effective = float(design.sum() ** 2 / (design**2).sum())
    n = len(m)
    influence = v * gradient[m - 1]
    error = math.sqrt(n / (n - 1) * float(influence @ influence))
    limits, warnings = _limits(coefficient, error, effective, level)
    return MultiHoming(
        route=route,
        coefficient=coefficient,
        standard_error=error,
        limits=limits,
        level=level,
        sample_mean=mean,
        respondents=n,
        effective_respondents=effective,
        shares=shares,
        assumptions=ASSUMPTIONS[route],
        warnings=warnings,
    )


def _hajek(tally, chances):
    """Weighted mean, shares of people, and the derivative of the mean with respect to each cell's weight."""
    sizes = np.arange(1, len(tally) + 1)
    people = tally / chances
    total = people.sum()
    mean = float(sizes @ people / total)
    return mean, people / total, (sizes - mean) / (chances * total)


def _through_one_platform(tally, accounts, platform):
    accounts = np.asarray(accounts) if not isinstance(accounts, (list, tuple)) else accounts
    count = len(np.atleast_1d(accounts))
    if isinstance(platform, bool) or not isinstance(platform, (int, np.integer)) or not 0 <= platform < count:
        raise InputError(f"platform {platform!r}", f"a position from 0 to {count - 1}", column="platform")
    if len(tally) > count:
        raise InputError(
            f"a respondent with {len(tally)} platforms",
            f"at most {count}, the platforms listed",
            column="platforms_used",
        )
    attraction, chances = overlaps_membership.attractions(accounts, int(platform), tally)
    mean, shares, _ = _hajek(tally, chances[platform])
    # The attractions answer to the tally too, so the derivative is taken through them.
    gradient, step = np.zeros(len(tally)), 1e-4 * tally.sum()
    for cell in np.flatnonzero(tally):
        moved = tally.copy()
        moved[cell] += step
        _, moved_chances = overlaps_membership.attractions(accounts, int(platform), moved, start=attraction)
        gradient[cell] = (_hajek(moved, moved_chances[platform])[0] - mean) / step
    return mean, shares, gradient, chances[platform]


def _limits(coefficient, error, effective, level):
    if error > 0:
        half = special.stdtrit(max(effective - 1, 1), 0.5 + level / 2) * error / coefficient
        return (max(1.0, coefficient * math.exp(-half)), coefficient * math.exp(half)), ()
    # Rule of three: an answer given by nobody among n may still be that of 3 / n of the people.
    unseen = min(1.0, 3 / effective)
    return (coefficient - unseen * (coefficient - 1), coefficient + unseen), (
        "all respondents use equally many platforms: the limits rest on the rule of three",
    )


def _unknown(m, v, mean, routes, activity, accounts, platform, level):
    possible = [route for route in ROUTES if route != "unknown"] if routes is None else list(routes)
    for route in possible:
        check_route(route)
    if not possible or "unknown" in possible:
        raise InputError("no possible routes", "one or more of the declared routes", column="routes")
    found = []
    for route in possible:
        if route == "people" or (route == "accounts"):
            found.append(multi_homing(m, route=route, weights=v, level=level).coefficient)
        elif route == "platform-panel" and accounts is not None:
            options = {"platform_accounts": accounts, "platform": platform, "weights": v, "level": level}
            found.append(multi_homing(m, route=route, **options).coefficient)
        elif route == "platform-panel":
            # On the largest platform the chance of membership grows with m, but by less than m does.
            found += [multi_homing(m, route=side, weights=v).coefficient for side in ("people", "accounts")]
        elif accounts is not None and activity is not None:
            options = {"platform_accounts": accounts, "platform": platform, "activity": activity, "weights": v}
            found.append(multi_homing(m, route=route, level=level, **options).coefficient)
        else:
            found += [1.0, mean]  # nothing is known of how activity goes with m, but that it does not fall
    return MultiHoming(
        route="unknown",
        coefficient=None,
        standard_error=None,
        limits=(min(found), max(found)),
        level=None,
        sample_mean=mean,
        respondents=len(m),
        assumptions=(*ASSUMPTIONS["unknown"], f"routes considered: {', '.join(possible)}"),
        warnings=("the route of recruitment is not known: no coefficient, and no division",),
    )


@dataclass(frozen=True, kw_only=True)
class RouteComparison:
    """Whether two samples, each under its declared route, can come from the same people.

    Parameters
    ----------
    ratio : float
        Coefficient of the first sample over that of the second.
    statistic : float
        Difference of the logarithms over its standard error.
    p_value : float
        Chance of a difference at least as large if both declarations are right.
    rejected : bool
        Whether `p_value` is below the chosen size: at least one route was declared wrongly.
    """

    ratio: float
    statistic: float
    p_value: float
    rejected: bool


def compare_routes(first, second, *, size=0.05):
    """Test whether two samples of the same people, reached by different routes, agree on the coefficient.

    With right declarations both estimate the same mean over people. If they differ by more than chance, at least one
    declaration, or the model behind it, is wrong; which one, the test cannot say. Agreement proves nothing where the
    samples are small or both are wrong in the same way.

    Parameters
    ----------
    first, second : MultiHoming
        From independent samples, each with a standard error.
    size : float, default 0.05
        Chance of a false alarm.

    Returns
    -------
    RouteComparison

    Raises
    ------
    InputError
        If a sample has no coefficient or no standard error.

    Examples
    --------
    >>> people = multi_homing([1] * 80 + [2] * 15 + [3] * 5, route="people")
    >>> same = [1] * 64 + [2] * 24 + [3] * 12   # the same people, met through their accounts
    >>> compare_routes(people, multi_homing(same, route="accounts")).rejected
    False
    >>> compare_routes(people, multi_homing(same, route="people")).rejected
    True
    """
    if not 0 < size < 1:
        raise InputError(f"size {size!r}", "a number between 0 and 1, such as 0.05")
    for sample in (first, second):
        if sample.coefficient is None or sample.standard_error is None:
            raise InputError("a sample without coefficient or standard error", "two samples with a declared route")
    variance = sum((sample.standard_error / sample.coefficient) ** 2 for sample in (first, second))
    if variance == 0:
        raise InputError("two samples without any spread", "answers that differ")
    difference = math.log(first.coefficient / second.coefficient)
    statistic = difference / math.sqrt(variance)
    p_value = 2 * float(special.ndtr(-abs(statistic)))
    return RouteComparison(ratio=math.exp(difference), statistic=statistic, p_value=p_value, rejected=p_value < size)
