"""Simulated platforms and workers whose true number is known, with their registers, visitors and surveys.

Workers of several activity classes hold accounts on platforms of unequal size; the registers add accounts that nobody
uses or that are nobody, and are declared by some platforms only and rounded; sites count devices of workers and others;
surveys reach the same workers by each route that :mod:`platformlabour.counting.overlaps` knows. With every switch off
accounts and workers differ by multi-homing alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from platformlabour.counting import overlaps
from platformlabour.errors import InputError

__all__ = ["RegisterScenario", "Registers", "simulate_registers"]

# Streams of random numbers, in this order: adding one at the end changes none of the others.
_STREAMS = ("activity", "homes", "choice", "registers", "declaration", "visitors")


@dataclass(frozen=True, kw_only=True)
class RegisterScenario:
    """What a simulated platform economy is like. All shares are invented.

    Parameters
    ----------
    people : int
        Workers, each with at least one account.
    platforms : int
        Platforms of Zipf sizes.
    size_exponent : float
        Attraction of the k-th platform is ``k ** -size_exponent``.
    platforms_per_worker : float
        Expected number of platforms, 1 or more.
    classes : tuple of (float, float)
        Share and activity of each class of workers; shares add up to 1.
    log_activity_sd : float
        Standard deviation of the logarithm of activity within classes.
    activity_power : float
        Power of activity on which further platforms depend; 0 for none.
    dormant, fakes : float
        Share of the registered accounts that nobody uses any more, and that are nobody.
    shared : float
        Share of accounts on which a second person works who has no account.
    register_sd : float
        Standard deviation of a platform's own log ratio of registrations to accounts in use.
    rounded : bool
        Whether platforms declare one significant digit only.
    declaring : float
        Share of platforms that declare.
    silent_small : float
        Standard deviations by which the registrations of silent platforms lie lower; 0 for silence at random.
    devices : float
        Visitors counted for one person.
    worker_share : float
        Share of the visiting people who are workers.
    visitor_sd : float
        Standard deviation of the provider's log error.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> RegisterScenario(people=500, dormant=0.4).broken
    ('dormant',)
    """

    people: int = 20_000
    platforms: int = 20
    size_exponent: float = 1.0
    platforms_per_worker: float = 1.27
    classes: tuple[tuple[float, float], ...] = ((0.056, 8.0), (0.141, 2.5), (0.803, 0.35))
    log_activity_sd: float = 0.5
    activity_power: float = 0.3
    dormant: float = 0.0
    fakes: float = 0.0
    shared: float = 0.0
    register_sd: float = 0.0
    rounded: bool = False
    declaring: float = 1.0
    silent_small: float = 0.0
    devices: float = 1.0
    worker_share: float = 1.0
    visitor_sd: float = 0.0

    def __post_init__(self):
        for name in ("people", "platforms"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
                raise InputError(f"{value!r}", "a whole number", column=name)
        _require(10 <= self.people <= 10**6, "people", self.people, "10 to 1,000,000")
        _require(2 <= self.platforms <= 1000, "platforms", self.platforms, "2 to 1,000")
        _require(self.people * self.platforms <= 5 * 10**7, "people", self.people, "at most 50 million places in all")
        _require(0 <= self.size_exponent <= 5, "size_exponent", self.size_exponent, "0 to 5")
        most = self.platforms / 2
        _require(
            1 <= self.platforms_per_worker <= most, "platforms_per_worker", self.platforms_per_worker, f"1 to {most:g}"
        )
        shares = [share for share, _ in self.classes]
        good = bool(shares) and all(share > 0 and 0 < rate < math.inf for share, rate in self.classes)
        good = good and math.isclose(sum(shares), 1.0, rel_tol=1e-9)
        _require(good, "classes", self.classes, "shares above 0 that add up to 1, each with an activity above 0")
        for name, high in (("log_activity_sd", 3), ("register_sd", 3), ("visitor_sd", 3), ("silent_small", 5)):
            _require(0 <= getattr(self, name) <= high, name, getattr(self, name), f"0 to {high}")
        _require(-2 <= self.activity_power <= 2, "activity_power", self.activity_power, "-2 to 2")
        for name in ("dormant", "fakes", "shared"):
            _require(0 <= getattr(self, name) <= 0.95, name, getattr(self, name), "a share from 0 to 0.95")
        _require(self.dormant + self.fakes <= 0.95, "dormant + fakes", self.dormant + self.fakes, "at most 0.95")
        for name in ("declaring", "worker_share"):
            _require(0 < getattr(self, name) <= 1, name, getattr(self, name), "a share above 0, up to 1")
        _require(0 < self.devices <= 20, "devices", self.devices, "a number above 0, up to 20")

    @property
    def broken(self):
        """The nuisances switched on, by name.

        Returns
        -------
        tuple of str
        """
        on = {
            "dormant": self.dormant > 0,
            "fakes": self.fakes > 0,
            "shared": self.shared > 0,
            "register noise": self.register_sd > 0,
            "rounded": self.rounded,
            "silent platforms": self.declaring < 1,
            "devices": self.devices != 1,
            "visitors who do not work": self.worker_share < 1,
            "visitor noise": self.visitor_sd > 0,
        }
        return tuple(name for name, value in on.items() if value)

    def replace(self, **changes):
        """A copy with some parameters changed."""
        return replace(self, **changes)


@dataclass(frozen=True, eq=False)
class Registers:
    """One simulated platform economy with its truth.

    Parameters
    ----------
    scenario : RegisterScenario
    people : int
        Holders of accounts in use.
    workers : int
        Those, and the people who work on accounts of others.
    platforms_used : numpy.ndarray of int, shape (people,)
    activity : numpy.ndarray of float, shape (people,)
        Expected days of work a month on each platform used.
    member : numpy.ndarray of bool, shape (people, platforms)
    platforms : DataFrame
        ``platform, in_use, registered, declared, visitors``: accounts in use, all accounts, what is declared (NaN where
        nothing is), and monthly unique visitors.
    simulated : bool
        Always true, and carried along so that no number is taken for an observation.
    """

    scenario: RegisterScenario
    people: int
    workers: int
    platforms_used: np.ndarray = field(repr=False)
    activity: np.ndarray = field(repr=False)
    member: np.ndarray = field(repr=False)
    platforms: pd.DataFrame = field(repr=False)
    simulated: bool = field(default=True, init=False)

    @property
    def platforms_per_person(self):
        """Mean number of platforms over the people: what every route should find."""
        return float(self.platforms_used.mean())

    def survey(self, route, respondents, *, seed, platform=0):
        """Answers of people reached by a route, with exactly the chances that the route declares.

        Respondents are drawn with replacement, as at a gate where the same person may pass twice.

        Parameters
        ----------
        route : {"people", "accounts", "platform-panel", "platform-active"}
        respondents : int
        seed : int or numpy.random.Generator
        platform : int, default 0
            Position of the platform surveyed; 0 is the largest.

        Returns
        -------
        DataFrame
            ``platforms_used, activity``, one row a respondent; the activity is that on the surveyed platform.

        Examples
        --------
        >>> economy = simulate_registers(RegisterScenario(people=2000), seed=1)
        >>> answers = economy.survey("accounts", 300, seed=2)
        >>> answers.shape, bool(answers["platforms_used"].mean() > economy.platforms_per_person)
        ((300, 2), True)
        """
        if route not in overlaps.ROUTES or route == "unknown":
            raise InputError(
                f"the route {route!r}", f"one of {', '.join(r for r in overlaps.ROUTES if r != 'unknown')}"
            )
        if isinstance(respondents, bool) or not isinstance(respondents, (int, np.integer)) or respondents < 1:
            raise InputError(f"{respondents!r} respondents", "a whole number of 1 or more")
        if not 0 <= platform < self.scenario.platforms:
            raise InputError(f"platform {platform!r}", f"a position from 0 to {self.scenario.platforms - 1}")
        random = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)
        chance = {
            "people": lambda: np.ones(self.people),
            "accounts": lambda: self.platforms_used.astype(float),
            "platform-panel": lambda: self.member[:, platform].astype(float),
            "platform-active": lambda: self.member[:, platform] * self.activity,
        }[route]()
        reach = np.cumsum(chance)
        if reach[-1] <= 0:
            raise InputError("a platform without members", "another platform, or more people")
        met = np.searchsorted(reach, random.random(respondents) * reach[-1], side="right")
        return pd.DataFrame({"platforms_used": self.platforms_used[met], "activity": self.activity[met]})


def simulate_registers(scenario, *, seed):
    """Draw one platform economy from a scenario.

    Parameters
    ----------
    scenario : RegisterScenario
    seed : int or numpy.random.SeedSequence
        The same seed gives the same economy.

    Returns
    -------
    Registers

    Raises
    ------
    InputError
        If `scenario` is not a scenario, or the seed is no whole number.

    Examples
    --------
    >>> economy = simulate_registers(RegisterScenario(people=1000, platforms=5, dormant=0.5), seed=1)
    >>> economy.people, economy.platforms["platform"].iloc[0], economy.simulated
    (1000, 'simulated platform 1', True)
    >>> bool(economy.platforms["registered"].sum() > 1.5 * economy.platforms["in_use"].sum())
    True
    """
    if not isinstance(scenario, RegisterScenario):
        raise InputError(f"{type(scenario).__name__} in place of a scenario", "a RegisterScenario")
    random = _streams(seed)
    n, count = scenario.people, scenario.platforms
    shares, rates = np.array(scenario.classes, dtype=float).T
    kind = random["activity"].choice(len(rates), size=n, p=shares / shares.sum())
    activity = rates[kind] * np.exp(scenario.log_activity_sd * random["activity"].standard_normal(n))
    further = activity**scenario.activity_power
    further *= (scenario.platforms_per_worker - 1) / further.mean()
    used = np.minimum(1 + random["homes"].poisson(further), count)
    attraction = np.arange(1, count + 1, dtype=float) ** -scenario.size_exponent
    # The platforms with the earliest of independent exponential times are a successive sample.
    arrival = random["choice"].standard_exponential((n, count)) / attraction
    last = np.take_along_axis(np.sort(arrival, axis=1), used[:, None] - 1, axis=1)
    member = arrival <= last
    in_use = member.sum(axis=0)
    noise = np.exp(scenario.register_sd * random["registers"].standard_normal(count))
    silent = random["declaration"].permutation(count) >= max(1, round(scenario.declaring * count))
    noise[silent] *= math.exp(-scenario.silent_small * scenario.register_sd)
    registered = np.round(np.maximum(in_use * noise / (1 - scenario.dormant - scenario.fakes), 1.0))
    declared = _one_digit(registered) if scenario.rounded else registered.copy()
    declared[silent] = np.nan
    visiting = (-np.expm1(-activity) * member.T).sum(axis=1)  # those who come at least once in the month
    error = np.exp(scenario.visitor_sd * random["visitors"].standard_normal(count))
    visitors = np.maximum(np.round(visiting * scenario.devices / scenario.worker_share * error), 1.0)
    return Registers(
        scenario=scenario,
        people=n,
        workers=n + round(scenario.shared * int(in_use.sum())),
        platforms_used=used,
        activity=activity,
        member=member,
        platforms=pd.DataFrame(
            {
                "platform": [f"simulated platform {k + 1}" for k in range(count)],
                "in_use": in_use,
                "registered": registered,
                "declared": declared,
                "visitors": visitors,
            }
        ),
    )


def _one_digit(values):
    scale = 10.0 ** np.floor(np.log10(values))
    return np.round(values / scale) * scale


def _streams(seed):
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool) and seed >= 0:
        seed = np.random.SeedSequence(int(seed))
    if not isinstance(seed, np.random.SeedSequence):
        raise InputError(f"the seed {seed!r}", "a whole number of 0 or more, or a numpy SeedSequence")
    return {
        name: np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, number)))
        )
        for number, name in enumerate(_STREAMS)
    }


def _require(holds, name, value, expected):
    if not holds:
        raise InputError(f"{value!r}", expected, column=name)
