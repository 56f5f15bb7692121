"""Simulated workforces whose true size is known, to see what an estimator makes of each broken assumption.

With every switch off the sightings follow the textbook model: all workers have the same chance, one identity each, and
nobody joins or leaves. Each switch breaks one assumption, so that its damage shows alone. Every random component has a
stream of its own: turning one switch leaves the other draws of the same seed as they were.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from platformlabour.counting.recapture.frequencies import Frequencies
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.errors import InputError

__all__ = ["SCENARIOS", "Scenario", "Simulation", "Truth", "nested_classes", "simulate"]

# Streams of random numbers, in this order: adding one at the end changes none of the others.
_STREAMS = ("turnover", "rates", "sightings", "identities", "fakes", "lists", "platforms", "fatigue")


def nested_classes(counts, rates):
    """Activity classes from nested circles of workers.

    Parameters
    ----------
    counts : sequence of float, shape (k,)
        Workers in each circle, from the smallest to the one that holds all.
    rates : sequence of float, shape (k,)
        Activity of the workers of each ring, from the innermost outwards, in any common unit.

    Returns
    -------
    tuple of (float, float)
        Share of each ring and its activity.

    Raises
    ------
    InputError
        If the circles do not grow, or the two sequences differ in length.

    References
    ----------
    C. Le Ludec, P. Tubaro and A. A. Casilli (2019), How many people microwork in France? Estimating the size of a new
    labor force, arXiv:1901.03889: 14,903 very active, 52,337 regular and 266,126 workers in all.

    Examples
    --------
    >>> [(round(share, 3), rate) for share, rate in nested_classes((14903, 52337, 266126), (8, 2.5, 0.35))]
    [(0.056, 8.0), (0.141, 2.5), (0.803, 0.35)]
    """
    circles = np.asarray(counts, dtype=float)
    if circles.ndim != 1 or circles.size != len(rates):
        raise InputError(f"{circles.size} circles and {len(rates)} rates", "one rate for each circle")
    rings = np.diff(circles, prepend=0.0)
    if not (np.isfinite(rings).all() and (rings > 0).all()):
        raise InputError(f"the circles {tuple(counts)}", "numbers that grow from the smallest circle to the largest")
    return tuple((float(ring / circles[-1]), float(rate)) for ring, rate in zip(rings, rates, strict=True))


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What a simulated workforce is like, and how it is watched.

    On an occasion of effort ``e`` a worker of activity ``r`` is sighted a Poisson number of times with mean ``e * r``,
    and captured if at least once; activity has mean 1.

    Parameters
    ----------
    name : str
    people : int
        Workers present on each occasion.
    effort : tuple of float, shape (t,)
        Expected sightings of an average worker on each occasion; unequal efforts are the nuisance ``"time"``.
    classes : tuple of (float, float)
        Share and activity of each class of workers; shares add up to 1, activities are scaled to mean 1.
    log_rate_sd : float
        Standard deviation of the logarithm of activity within classes (log-normal).
    rate_shape : float, optional
        Shape of gamma-distributed activity within classes; 1 is exponential.
    behaviour : float
        Factor on activity after the first capture: above 1 trap-happy, below 1 trap-shy.
    leaving : float
        Chance that a worker has been replaced by a new one by the next occasion.
    fakes : float
        Share of the identities seen that are nobody and are sighted once.
    doubled : float
        Share of workers with two identities, one of which, by chance, is used on an occasion.
    shared : float
        Share of workers who share one identity with another worker.
    stops_after : int, optional
        Captures after which a worker no longer answers.
    stopping : float
        Share of workers who stop so.
    lists : tuple of float, shape (l,)
        Expected entries of an average worker on each of several lists of the workers present at first; none by default.
    list_activity : float
        Power of activity on which the lists depend: 0 for lists that do not follow activity.
    referral : float
        Factor on the expected entries on a list for those on the list before it.
    contained : bool
        Whether everybody on the last list is also on the first.
    platforms : int
        Platforms of Zipf sizes on which the workers present at first hold accounts; none by default.
    platforms_per_worker : float
        Mean number of platforms a worker is on.
    platforms_activity : float
        Power of activity on which further platforms depend.
    dormant : float
        Share of registrations that nobody uses any more.

    Raises
    ------
    InputError
        If a parameter is out of range.

    Examples
    --------
    >>> Scenario(name="made up", people=1000, effort=(0.1, 0.3), log_rate_sd=0.7).broken
    ('time', 'log-normal rates')
    """

    name: str = "homogeneous"
    people: int = 5000
    effort: tuple[float, ...] = (0.25,) * 6
    classes: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    log_rate_sd: float = 0.0
    rate_shape: float | None = None
    behaviour: float = 1.0
    leaving: float = 0.0
    fakes: float = 0.0
    doubled: float = 0.0
    shared: float = 0.0
    stops_after: int | None = None
    stopping: float = 1.0
    lists: tuple[float, ...] = ()
    list_activity: float = 1.0
    referral: float = 1.0
    contained: bool = False
    platforms: int = 0
    platforms_per_worker: float = 1.27
    platforms_activity: float = 0.5
    dormant: float = 0.0

    def __post_init__(self):
        for name in ("effort", "lists"):
            object.__setattr__(self, name, tuple(float(x) for x in getattr(self, name)))
        object.__setattr__(self, "classes", tuple((float(a), float(b)) for a, b in self.classes))
        for name in ("people", "stops_after", "platforms"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or value != int(value)):
                raise InputError(f"{name}={value!r}", "a whole number")
        _require(10 <= self.people <= 10**7, "people", self.people, "10 to 10,000,000")
        _require(2 <= len(self.effort) <= 62, "occasions", len(self.effort), "2 to 62 of them, one effort for each")
        _require(all(0 < x < 50 for x in self.effort), "effort", self.effort, "numbers above 0 and below 50")
        _require(all(0 < x < 50 for x in self.lists), "lists", self.lists, "numbers above 0 and below 50")
        _require(len(self.lists) != 1, "lists", self.lists, "none, or two or more")
        _require(len(self.lists) <= 62, "lists", len(self.lists), "at most 62 of them")
        _require(
            bool(self.classes)
            and all(share > 0 and rate > 0 and math.isfinite(rate) for share, rate in self.classes)
            and math.isclose(sum(share for share, _ in self.classes), 1.0, rel_tol=1e-9),
            "classes",
            self.classes,
            "shares above 0 that add up to 1, each with an activity above 0",
        )
        _require(0 <= self.log_rate_sd <= 5, "log_rate_sd", self.log_rate_sd, "0 to 5")
        _require(
            self.rate_shape is None or 0.01 <= self.rate_shape < math.inf, "rate_shape", self.rate_shape, "0.01 or more"
        )
        _require(0 < self.behaviour <= 100, "behaviour", self.behaviour, "a factor above 0 and up to 100")
        _require(0 < self.referral <= 1000, "referral", self.referral, "a factor above 0 and up to 1,000")
        for name in ("leaving", "fakes", "dormant"):
            _require(0 <= getattr(self, name) <= 0.95, name, getattr(self, name), "a share from 0 to 0.95")
        for name in ("doubled", "shared", "stopping"):
            _require(0 <= getattr(self, name) <= 1, name, getattr(self, name), "a share from 0 to 1")
        _require(self.doubled + self.shared <= 1, "doubled + shared", self.doubled + self.shared, "at most 1")
        _require(self.stops_after is None or self.stops_after >= 1, "stops_after", self.stops_after, "1 or more")
        for name in ("list_activity", "platforms_activity"):
            _require(-5 <= getattr(self, name) <= 5, name, getattr(self, name), "a power from -5 to 5")
        _require(0 <= self.platforms <= 10_000, "platforms", self.platforms, "0 to 10,000")
        _require(
            not self.platforms or 1 <= self.platforms_per_worker < self.platforms,
            "platforms_per_worker",
            self.platforms_per_worker,
            "1 or more, and fewer than there are platforms",
        )

    @property
    def occasions(self):
        """Number of occasions, t."""
        return len(self.effort)

    @property
    def unequal(self):
        """Whether workers differ in activity."""
        return len({rate for _, rate in self.classes}) > 1 or self.log_rate_sd > 0 or self.rate_shape is not None

    @property
    def broken(self):
        """The nuisances switched on for the repeated sightings, by name.

        Returns
        -------
        tuple of str
        """
        on = {
            "time": len(set(self.effort)) > 1,
            "activity classes": len({rate for _, rate in self.classes}) > 1,
            "log-normal rates": self.log_rate_sd > 0,
            "gamma rates": self.rate_shape is not None,
            "trap-happy": self.behaviour > 1,
            "trap-shy": self.behaviour < 1,
            "turnover": self.leaving > 0,
            "fakes": self.fakes > 0,
            "doubles": self.doubled > 0,
            "sharing": self.shared > 0,
            "fatigue": self.stops_after is not None and self.stops_after < self.occasions and self.stopping > 0,
        }
        return tuple(name for name, value in on.items() if value)

    @property
    def broken_lists(self):
        """The nuisances switched on for the lists, by name.

        Returns
        -------
        tuple of str
        """
        on = {
            "activity-driven lists": self.unequal and self.list_activity != 0,
            "referral": self.referral != 1,
            "containment": self.contained,
        }
        return tuple(name for name, value in on.items() if value)

    def replace(self, **changes):
        """A copy with some parameters changed."""
        return replace(self, **changes)


def _require(holds, name, value, expected):
    if not holds:
        raise InputError(f"{name}={value!r}", expected)


@dataclass(frozen=True, eq=False)
class Truth:
    """What an estimate should have found.

    Parameters
    ----------
    present : numpy.ndarray of int, shape (t,)
        People in the pool on each occasion.
    ever : int
        People in the pool on at least one occasion.
    identities : int
        Identities that could have been seen, real, shared, doubled or fake.
    fakes : int
        Identities among them that are nobody.
    seen : int
        Real people sighted at least once, under whatever identity.
    listed : int
        People whom the lists sample: those present on the first occasion.
    platforms_per_worker : float or None
        Mean number of platforms over those people.
    """

    present: np.ndarray
    ever: int
    identities: int
    fakes: int
    seen: int
    listed: int
    platforms_per_worker: float | None = None


@dataclass(frozen=True, eq=False)
class Simulation:
    """One simulated sample with its truth.

    Parameters
    ----------
    scenario : Scenario
    truth : Truth
    histories : CapturePatterns
        Identities by the occasions on which they were captured.
    sightings : Frequencies
        Identities by their number of sightings, in continuous time over all occasions.
    lists : CapturePatterns or None
        People by the lists that name them.
    registrations : pandas.DataFrame or None
        ``platform, registered, active``: accounts on each platform, and those that a worker uses.
    simulated : bool
        Always true, and carried along so that no number is taken for an observation.
    """

    scenario: Scenario
    truth: Truth
    histories: CapturePatterns
    sightings: Frequencies
    lists: CapturePatterns | None = None
    registrations: pd.DataFrame | None = None
    simulated: bool = field(default=True, init=False)

    def __repr__(self):
        return (
            f"Simulation({self.scenario.name}, simulated: {self.truth.ever:,} people, {self.histories.captured:,} seen)"
        )

    @cached_property
    def frequencies(self):
        """Identities by the number of occasions on which they were captured, as :class:`Frequencies`."""
        return Frequencies.from_columns(np.arange(1, self.scenario.occasions + 1), self.histories.frequencies)

    @property
    def totals(self):
        """Captures, first captures and last captures on each occasion: sufficient for the open-population models."""
        return self.histories.captures, self.histories.first_captures, self.histories.last_captures


def simulate(scenario, *, seed):
    """Draw one sample from a scenario.

    Parameters
    ----------
    scenario : Scenario
    seed : int or numpy.random.SeedSequence
        The same seed gives the same sample.

    Returns
    -------
    Simulation

    Raises
    ------
    InputError
        If the seed is neither, or if nobody was captured, or nobody was named by a list.

    Examples
    --------
    >>> sample = simulate(SCENARIOS["homogeneous"], seed=1)
    >>> sample.truth.ever, int(sample.histories.frequencies.sum()) == sample.histories.captured
    (5000, True)
    >>> sample.histories.names[0], sample.simulated
    ('simulated occasion 1', True)
    """
    if not isinstance(scenario, Scenario):
        raise InputError(f"{type(scenario).__name__} in place of a scenario", "a Scenario, such as one of SCENARIOS")
    random = _streams(seed)
    present, rates = _people(scenario, random)
    counts = _sightings(scenario, present, rates, random)
    seen = int((counts.sum(axis=1) > 0).sum())
    table, identities, fakes = _identities(scenario, counts, random)
    total = table.sum(axis=1)
    table, total = table[total > 0], total[total > 0]
    if not len(table):
        raise InputError("a sample in which nobody was captured", "more people or more effort")
    histories = CapturePatterns.from_histories(
        (table > 0).view(np.uint8), names=[f"simulated occasion {i + 1}" for i in range(scenario.occasions)]
    )
    workers = np.bincount(total)
    times = np.flatnonzero(workers)
    first = rates[: scenario.people] if present is None else rates[present[:, 0]]
    registrations = mean = None
    if scenario.platforms:
        registrations, mean = _registrations(scenario, first, random["platforms"])
    return Simulation(
        scenario=scenario,
        truth=Truth(
            present=np.full(scenario.occasions, scenario.people),
            ever=len(rates),
            identities=identities,
            fakes=fakes,
            seen=seen,
            listed=scenario.people,
            platforms_per_worker=mean,
        ),
        histories=histories,
        sightings=Frequencies.from_columns(times, workers[times]),
        lists=_lists(scenario, first, random["lists"]) if scenario.lists else None,
        registrations=registrations,
    )


def _streams(seed):
    if isinstance(seed, (int, np.integer)) and not isinstance(seed, bool) and seed >= 0:
        seed = np.random.SeedSequence(int(seed))
    if not isinstance(seed, np.random.SeedSequence):
        raise InputError(f"the seed {seed!r}", "a whole number of 0 or more, or a numpy SeedSequence")
    # Not seed.spawn, which would remember the call and give the second sample other numbers.
    return {
        name: np.random.Generator(
            np.random.PCG64(np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, number)))
        )
        for number, name in enumerate(_STREAMS)
    }


def _people(scenario, random):
    """Who is present when, shape (people ever, t), None for always; and their activity."""
    n, t = scenario.people, scenario.occasions
    present = None
    ever = n
    if scenario.leaving:
        # Each of the n places is held by one worker after another.
        holder = np.zeros((n, t), dtype=np.int64)
        holder[:, 1:] = np.cumsum(random["turnover"].random((n, t - 1)) < scenario.leaving, axis=1)
        offset = np.concatenate([[0], np.cumsum(holder[:, -1] + 1)])
        ever = int(offset[-1])
        present = np.zeros((ever, t), dtype=bool)
        present[offset[:-1, None] + holder, np.arange(t)] = True
    shares, levels = np.array(scenario.classes).T
    rates = np.full(ever, 1.0)
    if len(levels) > 1:
        rates = random["rates"].choice(levels / (shares @ levels), size=ever, p=shares / shares.sum())
    if scenario.log_rate_sd:
        sd = scenario.log_rate_sd
        rates = rates * np.exp(random["rates"].normal(-(sd**2) / 2, sd, ever))
    if scenario.rate_shape is not None:
        rates = rates * random["rates"].gamma(scenario.rate_shape, 1 / scenario.rate_shape, ever)
    return present, rates


def _sightings(scenario, present, rates, random):
    """Sightings of each person on each occasion, shape (people ever, t)."""
    if scenario.behaviour == 1 and "fatigue" not in scenario.broken:
        mean = rates[:, None] * np.array(scenario.effort)
        return random["sightings"].poisson(mean if present is None else mean * present)
    counts = np.empty((len(rates), scenario.occasions), dtype=np.int64)
    captures = np.zeros(len(rates), dtype=np.int64)
    stops = np.zeros(len(rates), dtype=bool)
    if "fatigue" in scenario.broken:
        stops = random["fatigue"].random(len(rates)) < scenario.stopping
    limit = scenario.stops_after or scenario.occasions
    for i, effort in enumerate(scenario.effort):
        mean = effort * rates
        if present is not None:
            mean = mean * present[:, i]
        mean = np.where(captures > 0, scenario.behaviour * mean, mean)
        mean[stops & (captures >= limit)] = 0.0
        counts[:, i] = random["sightings"].poisson(mean)
        captures += counts[:, i] > 0
    return counts


def _identities(scenario, counts, random):
    """Sightings of each identity, the number of identities that could have been seen, and that of fakes."""
    people, t = counts.shape
    identities, fakes = people, 0
    doubled, pairs = round(scenario.doubled * people), round(scenario.shared * people / 2)
    if doubled or pairs:
        order = random["identities"].permutation(people)
        two, one, other = np.split(order[: doubled + 2 * pairs], [doubled, doubled + pairs])
        second = counts[two] * random["identities"].integers(0, 2, (doubled, t))
        counts = counts.copy()
        counts[two] -= second
        counts[one] += counts[other]
        counts[other] = 0
        counts = np.concatenate([counts, second])
        identities += doubled - pairs
    if scenario.fakes:
        real = int((counts.sum(axis=1) > 0).sum())
        fakes = int(random["fakes"].poisson(real * scenario.fakes / (1 - scenario.fakes)))
        effort = np.array(scenario.effort)
        when = random["fakes"].choice(t, size=fakes, p=effort / effort.sum())
        counts = np.concatenate([counts, np.eye(t, dtype=np.int64)[when]])
        identities += fakes
    return counts, identities, fakes


def _lists(scenario, rates, random):
    weight = rates**scenario.list_activity
    named = np.zeros((len(rates), len(scenario.lists)), dtype=np.uint8)
    for i, entries in enumerate(scenario.lists):
        mean = entries * weight
        if i:
            mean = np.where(named[:, i - 1], scenario.referral * mean, mean)
        named[:, i] = random.random(len(rates)) < -np.expm1(-mean)
    if scenario.contained:
        named[:, -1] &= named[:, 0]
    named = named[named.any(axis=1)]
    if not len(named):
        raise InputError("lists that name nobody", "more people or more entries")
    return CapturePatterns.from_histories(named, names=[f"simulated list {i + 1}" for i in range(named.shape[1])])


def _registrations(scenario, rates, random):
    """Accounts on each platform, and the mean number of platforms a worker is on."""
    from scipy.optimize import brentq
    from scipy.special import pdtrc

    platforms = scenario.platforms
    weight = rates**scenario.platforms_activity
    weight = weight / weight.mean()
    # A worker is on one platform and a Poisson number of others, of which there are no more than platforms - 1.
    others = np.arange(platforms - 1)
    sample = np.quantile(weight, (np.arange(200) + 0.5) / 200)
    target = scenario.platforms_per_worker - 1

    def excess(scale):
        return float(pdtrc(others, scale * sample[:, None]).sum(axis=1).mean()) - target

    scale = top = target
    while excess(top) < 0:
        top *= 2
    if top > target:
        scale = brentq(excess, 0.0, top)
    held = np.minimum(1 + random.poisson(scale * weight), platforms)
    sizes = 1 / np.arange(1, platforms + 1)
    # The largest of log size + Gumbel noise are a draw without replacement with chances proportional to size.
    noisy = np.log(sizes) + random.gumbel(size=(len(rates), platforms))
    rank = np.argsort(np.argsort(-noisy, axis=1), axis=1)
    active = (rank < held[:, None]).sum(axis=0)
    left = random.poisson(active * scenario.dormant / (1 - scenario.dormant))
    frame = pd.DataFrame(
        {
            "platform": [f"simulated platform {i + 1}" for i in range(platforms)],
            "registered": active + left,
            "active": active,
        }
    )
    return frame, float(held.mean())


# Shares of very active, regular and casual workers as in the nested circles of Le Ludec, Tubaro and Casilli (2019). How
# much more the first two do is an assumption, chosen so that a good part of the casual workers is never seen.
_THREE_CLASSES = nested_classes((14903, 52337, 266126), (8, 2.5, 0.35))
_FOUR_LISTS = (0.15, 0.1, 0.12, 0.08)
_UNEVEN_EFFORT = (0.1, 0.4, 0.2, 0.35, 0.15, 0.3)

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(name="homogeneous", lists=_FOUR_LISTS),
        Scenario(name="few recaptures", effort=(0.02,) * 6, lists=(0.03, 0.02, 0.03, 0.02)),
        Scenario(name="time-varying effort", effort=_UNEVEN_EFFORT),
        Scenario(name="log-normal rates", log_rate_sd=0.7, lists=_FOUR_LISTS),
        Scenario(name="exponential rates", rate_shape=1.0),
        Scenario(name="three activity classes", classes=_THREE_CLASSES, lists=_FOUR_LISTS),
        Scenario(name="uneven effort and rates", effort=_UNEVEN_EFFORT, log_rate_sd=0.7),
        Scenario(name="trap-happy", behaviour=2.0),
        Scenario(name="trap-shy", behaviour=0.5),
        Scenario(name="turnover", leaving=0.1),
        Scenario(name="fakes", fakes=0.15),
        Scenario(name="doubled identities", doubled=0.1),
        Scenario(name="shared identities", shared=0.1),
        Scenario(name="fatigue", stops_after=1, stopping=0.3),
        Scenario(name="referred lists", lists=_FOUR_LISTS, referral=3.0),
        Scenario(name="contained list", lists=_FOUR_LISTS, contained=True),
        Scenario(
            name="platform workforce",
            classes=_THREE_CLASSES,
            log_rate_sd=0.5,
            effort=_UNEVEN_EFFORT,
            leaving=0.05,
            fakes=0.05,
            doubled=0.05,
            shared=0.03,
            lists=_FOUR_LISTS,
            platforms=20,
            platforms_per_worker=1.83,
            dormant=0.4,
        ),
    )
}
"""Scenario families by name: one nuisance each, but for two that combine them and the few recaptures of the second."""
