"""The default synthesis on simulated platform economies whose number of workers is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from platformlabour.counting.overlaps import multi_homing
from platformlabour.counting.recapture.closed import estimate
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.counting.simulate_registers import RegisterScenario, simulate_registers
from platformlabour.counting.synthesis.combine import synthesise
from platformlabour.counting.synthesis.distributions import (
    empirical,
    fixed,
    lognormal_from_interval,
    share_from_sample,
    uniform,
)
from platformlabour.counting.synthesis.factors import Factor
from platformlabour.counting.synthesis.graph import Graph
from platformlabour.counting.traffic import impute_registrations
from platformlabour.errors import InputError

__all__ = ["FAMILIES", "Family", "naive_count", "routes_of", "synthesis_experiment", "synthesis_report"]

ADULTS = 1_000_000  # from whom the household survey draws
TASK_OPEN = 0.1  # of a month, that each of two tasks stays open on the largest platform: whoever works then is listed
ASKED_ADULTS, ANSWERS, AUDITED, VISITORS_ASKED = 20_000, 900, 400, 400
# What the analyst believes of errors that nobody measures, as 95% intervals around no error.
BELIEVED_PROVIDER, BELIEVED_REPORT, BELIEVED_DEVICES = 1.6, 1.45, 1.12


@dataclass(frozen=True, kw_only=True)
class Family:
    """One kind of simulated economy, and how its analyst learns of it.

    Parameters
    ----------
    name : str
    scenario : RegisterScenario
    route : {"people", "accounts"}
        How the respondents to the survey on multi-homing were reached.
    declared : {"people", "accounts"}, optional
        What the analyst takes it for; by default what it was.
    audited : bool
        Whether a sample of accounts and one of visitors were looked into. If not, the analyst has ranges only: the
        share of accounts in use from 0.2 to 1, of visitors who work from 0.2 to 1, and of accounts that are shared up
        to 0.25.
    provider_error : float
        Standard deviation of the logarithm of an error that all of the provider's numbers share.
    report_error : float
        The same for the share of adults who say that they do platform work.
    report_bias : float
        Factor by which adults over-report on top of that.
    """

    name: str
    scenario: RegisterScenario
    route: str = "people"
    declared: str | None = None
    audited: bool = True
    provider_error: float = 0.2
    report_error: float = 0.15
    report_bias: float = 1.0


def _family(name, *, multi=1.27, **more):
    named = ("route", "declared", "audited", "provider_error", "report_error", "report_bias")
    own = {key: more.pop(key) for key in named if key in more}
    common = {"people": 10_000, "worker_share": 0.6, "devices": 1.4, "platforms_per_worker": multi}
    return Family(name=name, scenario=RegisterScenario(**(common | more)), **own)


FAMILIES = {
    family.name: family
    for family in (
        _family("multi-homing alone"),
        _family("heavy multi-homing, accounts asked", multi=1.83, route="accounts"),
        _family("dormant accounts", dormant=0.5),
        _family("fake accounts", fakes=0.25),
        _family("shared accounts", shared=0.15),
        _family("rounded declarations", rounded=True),
        _family("silent platforms", dormant=0.3, platforms=30, declaring=0.5, register_sd=0.5),
        _family("noisy traffic", visitor_sd=0.5),
        _family("everything at once", multi=1.83, route="accounts", dormant=0.4, fakes=0.1, shared=0.1, rounded=True,
                platforms=30, declaring=0.6, register_sd=0.4, visitor_sd=0.4),
        _family("everything, ranges only", dormant=0.4, fakes=0.1, shared=0.1, rounded=True, audited=False,
                platforms=30, declaring=0.6, register_sd=0.4, visitor_sd=0.4),
        _family("survey twice too high", dormant=0.3, report_bias=2.0),
        _family("route taken for another", multi=1.83, route="accounts", declared="people", dormant=0.3),
    )
}  # fmt: skip
"""Families of simulated economies by name: one nuisance each, all together, and two in which a source misleads."""


def naive_count(economy, answers):
    """People as often counted: declared accounts over the plain mean number of platforms of those who answered.

    Parameters
    ----------
    economy : Registers
    answers : DataFrame
        With a column ``platforms_used``.

    Returns
    -------
    float
    """
    return float(economy.platforms["declared"].sum() / answers["platforms_used"].mean())


def routes_of(family, economy, *, random):
    """Four routes to the number of workers, from what an analyst of the economy would learn.

    Parameters
    ----------
    family : Family
    economy : Registers
    random : numpy.random.Generator
        For the surveys, audits and errors.

    Returns
    -------
    dict of str to Graph
        ``registrations``, ``traffic`` and ``survey``, each with the output ``people``, and ``lists``, a lower bound:
        capture–recapture on the largest platform, whose workers differ in their chances.
    DataFrame
        Answers on multi-homing.
    """
    made = {"licence": "CC0-1.0", "grade": "simulated", "source": "made up", "date": "2026"}

    def factor(name, distribution, unit="ratio", kind="measured", one_sided=None):
        return Factor(
            name, distribution, unit, kind, made["source"], made["date"], made["licence"], made["grade"],
            one_sided=one_sided,
        )  # fmt: skip

    answers = economy.survey(family.route, ANSWERS, seed=random)
    counted = multi_homing(answers["platforms_used"], route=family.declared or family.route)
    homes = factor("multi_homing", lognormal_from_interval(counted.coefficient, *counted.limits))
    if family.audited:
        in_use = economy.platforms["in_use"].sum() / economy.platforms["registered"].sum()
        shares = {
            "in_use": share_from_sample(int(random.binomial(AUDITED, min(in_use, 1.0))), AUDITED),
            "shared": share_from_sample(int(random.binomial(AUDITED, family.scenario.shared)), AUDITED),
            "worker_share": share_from_sample(
                int(random.binomial(VISITORS_ASKED, family.scenario.worker_share)), VISITORS_ASKED
            ),
        }
    else:
        shares = {"in_use": uniform(0.2, 1.0), "shared": uniform(0.0, 0.25), "worker_share": uniform(0.2, 1.0)}
    known = "measured" if family.audited else "assumed"
    shared = factor("shared", shares["shared"], "share", known)
    accounts = factor("accounts", _accounts(family, economy, random), "accounts")
    registrations = Graph(
        [accounts, homes, factor("in_use", shares["in_use"], "share", known), shared],
        {"people": "accounts * in_use * (1 / multi_homing + shared)"},
        estimand="stock at a date",
    )
    seen, error = _visits(answers, family.declared or family.route, random)
    devices = family.scenario.devices * math.exp(0.05 * random.standard_normal())
    provider = math.exp(family.provider_error * random.standard_normal())
    traffic = Graph(
        [
            factor("visitors", fixed(float(economy.platforms["visitors"].sum()) * provider), "visitors"),
            factor("provider_error", _around_one(BELIEVED_PROVIDER), kind="elicited"),
            factor("worker_share", shares["worker_share"], "share", known),
            factor("devices", lognormal_from_interval(devices, devices / BELIEVED_DEVICES, devices * BELIEVED_DEVICES)),
            factor("sites_visited", lognormal_from_interval(seen, seen * math.exp(-error), seen * math.exp(error))),
            homes,
            shared,
        ],
        {"people": "visitors / provider_error * worker_share / devices / sites_visited * (1 + shared * multi_homing)"},
        estimand="stock at a date",
    )
    reported = family.report_bias * math.exp(family.report_error * random.standard_normal())
    saying_so = int(random.binomial(ASKED_ADULTS, min(economy.workers / ADULTS * reported, 1.0)))
    survey = Graph(
        [
            factor("adults", fixed(ADULTS), "people"),
            factor("saying_so", share_from_sample(saying_so, ASKED_ADULTS), "share"),
            factor("over_reporting", _around_one(BELIEVED_REPORT), kind="elicited"),
        ],
        {"people": "adults * saying_so / over_reporting"},
        estimand="stock at a date",
    )
    lists = Graph(
        [factor("recaptured", _recaptured(economy, random), "people", one_sided="lower")],
        {"people": "recaptured"},
        estimand="stock at a date",
    )
    return {"registrations": registrations, "traffic": traffic, "survey": survey, "lists": lists}, answers


def synthesis_experiment(family, *, replicates, seed, draws=2**11):
    """How often the pooled interval, and each route's, holds the truth in one family.

    Parameters
    ----------
    family : Family
    replicates : int
        Economies simulated, each with its own surveys.
    seed : int
    draws : int, default 2,048

    Returns
    -------
    dict
        ``family, replicates, coverage, width, error, naive_error, weighted_coverage`` and ``registrations_coverage,
        traffic_coverage, survey_coverage``: shares of replicates whose 95% interval holds the true number of workers;
        ``lists_coverage`` is the share in which the lists' lower limit is not above it;
        ``width`` is the median width over the truth, ``error`` and ``naive_error`` the median distance of the pool and
        of the naive count from the truth, over the truth. ``weighted_coverage`` is that of an average weighted by
        precision.

    Raises
    ------
    InputError
        If the number of replicates is not a whole number of 1 or more.

    Examples
    --------
    >>> row = synthesis_experiment(FAMILIES["dormant accounts"], replicates=4, seed=1)
    >>> row["naive_error"] > row["error"]
    True
    """
    if isinstance(replicates, bool) or not isinstance(replicates, int) or replicates < 1:
        raise InputError(f"{replicates!r} replicates", "a whole number of 1 or more")
    streams = np.random.SeedSequence([seed, *family.name.encode()]).spawn(replicates)
    rows = []
    for stream in streams:
        economy = simulate_registers(family.scenario, seed=stream)
        random = np.random.default_rng(stream.spawn(1)[0])
        routes, answers = routes_of(family, economy, random=random)
        pool = synthesise(routes, seed=int(random.integers(2**32)), draws=draws)
        truth, (low, high) = economy.workers, pool.estimate.interval
        each = pool.sources.set_index("source")
        pooled = each[each["role"] == "pooled"]
        rows.append(
            {
                "coverage": low <= truth <= high,
                "width": (high - low) / truth,
                "error": abs(pool.estimate.value / truth - 1),
                "naive_error": abs(naive_count(economy, answers) / truth - 1),
                "weighted_coverage": _weighted_holds(pooled, truth),
                **{f"{name}_coverage": row["low"] <= truth <= row["high"] for name, row in pooled.iterrows()},
                "lists_coverage": each.loc["lists", "low"] <= truth,
            }
        )
    frame = pd.DataFrame(rows)
    means = {name: float(frame[name].mean()) for name in frame.columns if name.endswith("coverage")}
    medians = {name: float(frame[name].median()) for name in ("width", "error", "naive_error")}
    return {"family": family.name, "replicates": replicates, **means, **medians}


def synthesis_report(*, replicates=400, seed=2026, families=None, processes=1, progress=None):
    """:func:`synthesis_experiment` for every family.

    Parameters
    ----------
    replicates : int, default 400
    seed : int, default 2026
    families : iterable of str, optional
        Names in ``FAMILIES``; all by default.
    processes : int, default 1
        The numbers do not depend on it.
    progress : callable, optional
        Called with the families done and their number.

    Returns
    -------
    DataFrame
        One row a family.

    Raises
    ------
    InputError
        If a family is unknown.
    """
    names = list(FAMILIES if families is None else families)
    for name in names:
        if name not in FAMILIES:
            raise InputError(f"the family {name!r}", f"one of {', '.join(FAMILIES)}")
    tasks = [(name, replicates, seed) for name in names]
    rows = []
    for row in _run(tasks, processes):
        rows.append(row)
        if progress is not None:
            progress(len(rows), len(tasks))
    return pd.DataFrame(rows)


def _run(tasks, processes):
    if processes == 1:
        yield from map(_one, tasks)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(_one, tasks)


def _one(task):
    name, replicates, seed = task
    return synthesis_experiment(FAMILIES[name], replicates=replicates, seed=seed)


def _accounts(family, economy, random):
    """Accounts on all platforms: declarations, as far as rounding leaves them open, and predictions for the silent."""
    platforms = economy.platforms
    told = platforms["declared"].notna().to_numpy()
    declared = platforms["declared"].to_numpy()[told]
    draws = 2000
    total = np.full(draws, declared.sum())
    if family.scenario.rounded:
        half = 0.5 * 10.0 ** np.floor(np.log10(declared))
        total = total + (random.uniform(-1, 1, (draws, declared.size)) * half).sum(axis=1)
    if not told.all():
        seed = int(random.integers(2**32))
        found = impute_registrations(
            platforms["declared"], platforms["visitors"], draws=draws, seed=seed, check_units=False
        )
        total = total + found.totals - declared.sum()
    if np.ptp(total) == 0:
        return fixed(float(total[0]))
    return empirical(np.maximum(total, 1.0))


def _recaptured(economy, random):
    """People on the largest platform by those who worked while either of two tasks was open, with the interval."""
    chance = economy.member[:, 0] * -np.expm1(-TASK_OPEN * economy.activity)
    first, second = random.random((2, economy.people)) < chance
    met = {"11": first & second, "10": first & ~second, "01": second & ~first}
    found = estimate(
        CapturePatterns.from_counts({pattern: int(who.sum()) for pattern, who in met.items()}), bias_corrected=True
    )
    return lognormal_from_interval(found.value, *found.interval)


def _visits(answers, route, random):
    """Mean number of sites that a worker visits in a month, by those who answered, and the log of its error factor."""
    platforms, activity = answers["platforms_used"].to_numpy(), answers["activity"].to_numpy()
    visited = random.binomial(platforms, -np.expm1(-activity))
    weight = np.ones(len(answers)) if route == "people" else 1 / platforms
    mean = float(weight @ visited / weight.sum())
    error = math.sqrt(float(weight**2 @ (visited - mean) ** 2)) / weight.sum()
    return mean, 1.959963984540054 * error / mean


def _around_one(factor):
    return lognormal_from_interval(1.0, 1 / factor, factor)


def _weighted_holds(each, truth):
    """Whether an average weighted by precision, on the logarithm, would hold the truth: for comparison only."""
    logs = np.log(each["value"].to_numpy())
    errors = np.log((each["high"] / each["low"]).to_numpy()) / (2 * 1.959963984540054)
    weights = errors**-2.0
    mean, half = weights @ logs / weights.sum(), 1.959963984540054 / math.sqrt(weights.sum())
    return bool(abs(math.log(truth) - mean) <= half)
