"""How often each worker was seen, and how many were never seen.

Every estimator takes either two columns (times seen, workers) or a :class:`Frequencies` table, whose tail may be
pooled into bins as long as the estimator does not need the detail that pooling hides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from platformlabour.counting.recapture.thresholds import APPROXIMATE, LARGEST_MULTIPLE
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "Frequencies",
    "Heterogeneity",
    "SingletonExcess",
    "ace",
    "as_frequencies",
    "chao",
    "equal_catchability",
    "expected_frequencies",
    "frequencies_from_table",
    "geometric",
    "heterogeneity",
    "jackknife",
    "negative_binomial",
    "poisson",
    "recover_singletons_doubletons",
    "sample_coverage",
    "singleton_excess",
    "zelterman",
]


_SAME_CHANCE = "every worker has the same chance of being seen on every occasion"
_CLOSED = "nobody joins or leaves between the first occasion and the last"
_ONE_PERSON = "every identity seen is one real person, and always recognised"


# --- The table --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Workers by the number of occasions on which they were seen, with an exact or a pooled tail.

    Parameters
    ----------
    times_seen_from, times_seen_to : ndarray of int, shape (b,)
        Smallest and largest number of occasions in each bin, in increasing order; equal where nothing is pooled.
    workers : ndarray of int, shape (b,)
        Workers seen that often.
    sightings : ndarray of int, shape (b,)
        Sightings of those workers: the sum of times seen over the workers in the bin.

    Raises
    ------
    InputError
        If bins overlap, counts are negative, or the sightings cannot come from that many workers.

    Examples
    --------
    >>> table = Frequencies.from_columns([1, 2, 3], [50, 20, 5])
    >>> table.seen, table.sightings_total, table.count(2)
    (75, 105, 20)
    """

    times_seen_from: np.ndarray
    times_seen_to: np.ndarray
    workers: np.ndarray
    sightings: np.ndarray

    def __post_init__(self):
        low = _whole_numbers(self.times_seen_from, "times_seen_from", least=1)
        high = _whole_numbers(self.times_seen_to, "times_seen_to", least=1)
        workers = _whole_numbers(self.workers, "workers", least=0)
        sightings = _whole_numbers(self.sightings, "sightings", least=0)
        if not low.size == high.size == workers.size == sightings.size:
            raise InputError("columns of different lengths", "one value in every column for each row")
        if low.size == 0 or workers.sum() == 0:
            raise InputError("nobody who was seen", "at least one worker seen at least once")
        order = np.argsort(low, kind="stable")
        low, high, workers, sightings = low[order], high[order], workers[order], sightings[order]
        for i in range(low.size):
            row = int(order[i]) + 2
            if high[i] < low[i]:
                raise InputError(f"a bin from {low[i]} to {high[i]}", "a bin that ends at or after its start", row=row)
            if i and low[i] <= high[i - 1]:
                raise InputError(f"{low[i]} times seen in two rows", "each number of times seen once only", row=row)
            if not workers[i] * low[i] <= sightings[i] <= workers[i] * high[i]:
                raise InputError(
                    f"{sightings[i]} sightings of {workers[i]} workers seen {low[i]} to {high[i]} times",
                    f"between {workers[i] * low[i]} and {workers[i] * high[i]} sightings",
                    row=row,
                    column="sightings",
                )
        for name, value in zip(
            ("times_seen_from", "times_seen_to", "workers", "sightings"), (low, high, workers, sightings), strict=True
        ):
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    @classmethod
    def from_columns(cls, times_seen, workers):
        """An exact table from two columns, times seen and workers."""
        times_seen = _whole_numbers(times_seen, "times_seen", least=1)
        workers = _whole_numbers(workers, "workers", least=0)
        if times_seen.size != workers.size:
            raise InputError(
                f"{times_seen.size} values of times seen and {workers.size} of workers", "columns of one length"
            )
        return cls(times_seen, times_seen.copy(), workers, times_seen * workers)

    @property
    def seen(self):
        """Workers seen at least once."""
        return int(self.workers.sum())

    @property
    def sightings_total(self):
        """Sightings of all workers together."""
        return int(self.sightings.sum())

    @property
    def exact(self):
        """Whether no bin pools several numbers of times seen."""
        return bool(np.all((self.times_seen_from == self.times_seen_to) | (self.workers == 0)))

    @property
    def most(self):
        """Largest number of times any worker may have been seen."""
        return int(self.times_seen_to[self.workers > 0].max())

    def count(self, times):
        """Workers seen exactly ``times`` times.

        Raises
        ------
        InputError
            If that number of times lies inside a pooled bin.
        """
        inside = (self.times_seen_from <= times) & (times <= self.times_seen_to) & (self.workers > 0)
        if not inside.any():
            return 0
        i = int(np.argmax(inside))
        if self.times_seen_from[i] != self.times_seen_to[i]:
            raise InputError(
                f"workers seen {self.times_seen_from[i]} to {self.times_seen_to[i]} times in one bin",
                f"the number of workers seen exactly {times} times, which this method needs",
                column="times_seen_from",
            )
        return int(self.workers[i])


def frequencies_from_table(frame):
    """The frequencies held in a table with the columns of ``mturk-times-seen``.

    Parameters
    ----------
    frame : DataFrame
        Columns ``times_seen_from``, ``times_seen_to``, ``workers`` and ``sightings``; other columns are ignored.

    Returns
    -------
    Frequencies

    Raises
    ------
    InputError
        If a column is missing or its values do not form a table of frequencies.

    Examples
    --------
    >>> frame = pd.DataFrame({"times_seen_from": [1, 2, 3], "times_seen_to": [1, 2, 6],
    ...                       "workers": [50, 20, 12], "sightings": [50, 40, 45]})
    >>> chao(frequencies_from_table(frame))
    Estimate(144 workers, at least; 95% interval 112 to 211)
    """
    columns = ("times_seen_from", "times_seen_to", "workers", "sightings")
    for name in columns:
        if name not in frame.columns:
            raise InputError("no such column", f"the columns {', '.join(columns)}", column=name)
    return Frequencies(*(frame[name].to_numpy() for name in columns))


def as_frequencies(times_seen, workers=None):
    """What every estimator here accepts, as one table.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`.

    Returns
    -------
    Frequencies

    Raises
    ------
    InputError
        If both a table and a column are given, or only one column.

    Examples
    --------
    >>> as_frequencies([1, 2], [5, 3]).seen
    8
    """
    if isinstance(times_seen, Frequencies):
        if workers is not None:
            raise InputError("a table of frequencies and a second column", "one or the other")
        return times_seen
    if times_seen is None or workers is None:
        raise InputError("one column only", "times seen and workers, or a table of frequencies")
    return Frequencies.from_columns(times_seen, workers)


# --- Estimators -------------------------------------------------------------------------------------------------------


def chao(times_seen, workers=None, *, occasions=None, bias_corrected=False, level=0.95):
    """Chao's lower bound for the size of a population whose members are seen with unequal chances.

    It needs only the number of workers seen, seen once and seen twice. It bounds from below when every identity is
    one real person and sightings are independent given the person; fakes seen once, doubled identities and fatigue
    after the first sighting break it upwards.

    Parameters
    ----------
    times_seen : array_like of int, shape (k,), or Frequencies
        Number of occasions on which workers were seen, 1 or more, each once.
    workers : array_like of int, shape (k,), optional
        Workers seen exactly that often; left out when a :class:`Frequencies` is given.
    occasions : int, optional
        Number of occasions t: the unseen are then scaled by (t - 1) / t. Without it, sightings in continuous time.
    bias_corrected : bool, default False
        Use f1 (f1 - 1) / (2 (f2 + 1)), which exists even when nobody was seen twice.
    level : float, default 0.95
        Coverage of the log-normal interval.

    Returns
    -------
    Estimate
        ``bound="lower"``, unit ``"workers"``; ``"not identified"`` when nobody was seen twice and the bias-corrected
        form was not asked for.

    Raises
    ------
    InputError
        If a count is negative or not whole, a frequency is repeated, or a worker was seen more often than there
        were occasions.

    References
    ----------
    A. Chao (1984), Nonparametric estimation of the number of classes in a population, Scandinavian Journal of
    Statistics 11, 265-270. A. Chao (1987), Estimating the population size for capture-recapture data with unequal
    catchability, Biometrics 43, 783-791.

    Examples
    --------
    >>> chao([1, 2, 3], [50, 20, 5])
    Estimate(138 workers, at least; 95% interval 105 to 204)
    >>> chao([1, 3], [50, 5])
    Estimate(workers: not identified)
    """
    table = as_frequencies(times_seen, workers)
    scale = 1.0 if occasions is None else (_occasions(occasions, table) - 1) / occasions
    once, twice, seen = table.count(1), table.count(2), table.seen
    method = f"Chao's lower bound ({1984 if occasions is None else 1987})" + (", bias-corrected" * bias_corrected)
    common = {
        "seen": seen,
        "estimand": "workers who could have been seen",
        "method": method,
        "level": level,
        "bound": "lower",
        "assumptions": (_ONE_PERSON, "sightings of one worker do not change the chance of the next", _CLOSED),
    }
    if once == 0:
        return _estimate(
            unseen=0.0, variance=0.0, warnings=("nobody was seen exactly once: the bound is those seen",), **common
        )
    if bias_corrected:
        unseen = scale * once * (once - 1) / (2 * (twice + 1))
        if twice > 0:
            variance = (
                unseen
                + scale**2 * once * (2 * once - 1) ** 2 / (4 * (twice + 1) ** 2)
                + scale**2 * once**2 * twice * (once - 1) ** 2 / (4 * (twice + 1) ** 4)
            )
        else:
            variance = unseen + scale**2 * once * (2 * once - 1) ** 2 / 4 - scale**2 * once**4 / (4 * (seen + unseen))
        return _estimate(unseen=unseen, variance=max(variance, 0.0), **common)
    if twice == 0:
        return _estimate(
            unseen=None,
            variance=None,
            warnings=("nobody was seen exactly twice: ask for the bias-corrected form, or gather more sightings",),
            **common,
        )
    ratio = once / twice
    unseen = scale * once * ratio / 2
    variance = twice * (scale * ratio**2 / 2 + scale**2 * ratio**3 + scale**2 * ratio**4 / 4)
    return _estimate(unseen=unseen, variance=variance, **common)


def equal_catchability(times_seen=None, workers=None, *, occasions, seen=None, sightings=None, level=0.95):
    """Population size if all workers were equally likely to be seen on every occasion (model M0).

    The workers seen, their sightings and the number of occasions are sufficient. When chances differ, as they nearly
    always do, the estimate is too low.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`; leave out when ``seen`` and ``sightings`` are given.
    occasions : int
        Number of occasions.
    seen, sightings : int, optional
        Workers seen at least once, and sightings of all of them, instead of frequencies.
    level : float, default 0.95
        Coverage of the profile-likelihood interval.

    Returns
    -------
    Estimate
        Conditional maximum likelihood; ``"not identified"`` when nobody was seen twice, with the interval's lower
        limit kept.

    Raises
    ------
    InputError
        If the counts contradict each other.

    References
    ----------
    D. L. Otis, K. P. Burnham, G. C. White and D. R. Anderson (1978), Statistical inference from capture data on closed
    animal populations, Wildlife Monographs 62, model M0. R. M. Cormack (1992), Interval estimation for mark-recapture
    studies of closed populations, Biometrics 48, 567-576 (profile likelihood).

    Examples
    --------
    >>> equal_catchability(seen=68, sightings=145, occasions=6)
    Estimate(75.43 workers; 95% interval 69.47 to 82.99)
    """
    if seen is None and sightings is None:
        table = as_frequencies(times_seen, workers)
        seen, sightings = table.seen, table.sightings_total
        occasions = _occasions(occasions, table)
    elif times_seen is not None or workers is not None or seen is None or sightings is None:
        raise InputError("frequencies mixed with totals", "either times_seen and workers, or seen and sightings")
    seen, sightings, occasions = (
        int(_whole_numbers([x], name, least=least)[0])
        for x, name, least in ((seen, "seen", 1), (sightings, "sightings", 1), (occasions, "occasions", 2))
    )
    if not seen <= sightings <= seen * occasions:
        raise InputError(
            f"{sightings} sightings of {seen} workers on {occasions} occasions",
            f"between {seen} and {seen * occasions} sightings",
        )
    common = {
        "seen": seen,
        "estimand": "workers who could have been seen",
        "method": "equal catchability (M0), conditional maximum likelihood",
        "level": level,
        "assumptions": (_SAME_CHANCE, _ONE_PERSON, _CLOSED),
    }
    interval = _profile_interval(seen, sightings, occasions, level)
    if sightings == seen:
        return _estimate(
            unseen=None,
            variance=None,
            interval=interval,
            interval_kind="profile likelihood",
            warnings=("nobody was seen twice: no upper limit can be set",),
            **common,
        )
    chance = _equal_chance(sightings / seen, occasions)
    if chance >= 1:
        return _estimate(unseen=0.0, variance=0.0, interval=interval, interval_kind="profile likelihood", **common)
    log_missed = occasions * math.log1p(-chance)
    value = -seen / math.expm1(log_missed)
    # Darroch's asymptotic variance under M0, written so that small chances do not cancel.
    denominator = math.expm1(-log_missed) - occasions * chance / (1 - chance)
    return _estimate(
        unseen=value - seen,
        variance=value / denominator,
        interval=interval,
        interval_kind="profile likelihood",
        **common,
    )


def expected_frequencies(times_seen, workers=None, *, occasions, up_to=None):
    """Workers expected at each number of times seen if all were equally likely to be seen.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`.
    occasions : int
        Number of occasions.
    up_to : int, optional
        Last number of times seen to show; all occasions by default.

    Returns
    -------
    DataFrame
        ``times_seen`` (from 0, the unseen) and ``expected_workers``.

    Raises
    ------
    InputError
        If nobody was seen twice, so that no chance of being seen can be fitted.

    Examples
    --------
    >>> expected_frequencies([1, 2, 3], [50, 20, 5], occasions=10, up_to=2).round(1).to_dict("list")
    {'times_seen': [0, 1, 2], 'expected_workers': [60.4, 50.8, 19.2]}
    """
    table = as_frequencies(times_seen, workers)
    occasions = _occasions(occasions, table)
    if table.sightings_total == table.seen:
        raise InputError("nobody who was seen twice", "some repeated sightings, to fit the chance of being seen")
    chance = _equal_chance(table.sightings_total / table.seen, occasions)
    times = np.arange((occasions if up_to is None else min(int(up_to), occasions)) + 1)
    share = special.comb(occasions, times) * chance**times * (1 - chance) ** (occasions - times)
    people = table.seen / -math.expm1(occasions * math.log1p(-chance)) if chance < 1 else table.seen
    return pd.DataFrame({"times_seen": times, "expected_workers": people * share})


def zelterman(times_seen, workers=None, *, occasions=None, level=0.95):
    """Zelterman's estimator: a Poisson (or binomial) rate fitted to those seen once and twice only.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`.
    occasions : int, optional
        Number of occasions; without it, sightings in continuous time.
    level : float, default 0.95
        Coverage of the log-normal interval.

    Returns
    -------
    Estimate
        ``"not identified"`` when nobody was seen exactly twice.

    Raises
    ------
    InputError
        As for :func:`chao`.

    References
    ----------
    D. Zelterman (1988), Robust estimation in truncated discrete distributions with application to capture-recapture
    experiments, Journal of Statistical Planning and Inference 18, 225-237. D. Boehning (2008), A simple variance
    formula for population size estimators by conditioning, Statistical Methodology 5, 410-423.

    Examples
    --------
    >>> zelterman([1, 2, 3, 4, 5, 6], [1645, 183, 37, 13, 1, 1])
    Estimate(9,425 workers; 95% interval 8,199 to 10,888)
    """
    table = as_frequencies(times_seen, workers)
    once, twice, seen = table.count(1), table.count(2), table.seen
    common = {
        "seen": seen,
        "estimand": "workers who could have been seen",
        "method": "Zelterman",
        "level": level,
        "assumptions": ("those seen once or twice resemble those never seen", _ONE_PERSON, _CLOSED),
    }
    if occasions is not None:
        occasions = _occasions(occasions, table)
    if twice == 0:
        return _estimate(unseen=None, variance=None, warnings=("nobody was seen exactly twice",), **common)
    if once == 0:
        words = ("nobody was seen exactly once: the estimate is those seen",)
        return _estimate(unseen=0.0, variance=0.0, status="boundary", warnings=words, **common)
    log_odds_variance = 1 / once + 1 / twice
    if occasions is None:
        rate = 2 * twice / once
        missed = math.exp(-rate)
        slope = -rate * missed  # of the missed share in log(rate)
    else:
        odds = 2 * twice / ((occasions - 1) * once)
        chance = odds / (1 + odds)
        missed = (1 - chance) ** occasions
        slope = -occasions * chance * missed  # of the missed share in log(odds)
    unseen = seen * missed / (1 - missed)
    variance = seen * missed / (1 - missed) ** 2 + (seen * slope / (1 - missed) ** 2) ** 2 * log_odds_variance
    return _estimate(unseen=unseen, variance=variance, **common)


def jackknife(times_seen, workers=None, *, occasions=None, order=None, highest_order=5, level=0.95):
    """Burnham and Overton's jackknife, with their test for the order.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`; a pooled tail must start above ``highest_order`` + 1.
    occasions : int, optional
        Number of occasions t; without it, the limit for many occasions.
    order : int, optional
        Use this order; by default the first whose successor adds nothing significant at the 5% level.
    highest_order : int, default 5
        Last order tried.
    level : float, default 0.95
        Coverage of the normal interval, cut at the workers seen.

    Returns
    -------
    Estimate
        The order is named in ``method``; ``"boundary"`` when the test would still go beyond ``highest_order``.

    Raises
    ------
    InputError
        If the order is not between 1 and the number of occasions.

    References
    ----------
    K. P. Burnham and W. S. Overton (1978), Estimation of the size of a closed population when capture probabilities
    vary among animals, Biometrika 65, 625-633; the same authors (1979), Ecology 60, 927-936.

    Examples
    --------
    >>> jackknife([1, 2, 3, 4, 5, 6, 7], [1317, 239, 42, 14, 4, 4, 1], order=1)
    Estimate(2,938 workers; 95% interval 2,837 to 3,039)
    """
    table = as_frequencies(times_seen, workers)
    seen = table.seen
    if occasions is not None:
        occasions = _occasions(occasions, table)
        highest_order = min(highest_order, occasions - 1)
    asked = highest_order if order is None else order
    if not 1 <= asked <= (math.inf if occasions is None else occasions - 1):
        raise InputError(f"the order {asked}", "an order of 1 or more, below the number of occasions")
    last = asked + 1 if order is None and (occasions is None or asked + 1 < occasions) else asked
    counts = np.array([table.count(k) for k in range(1, last + 1)], dtype=float)
    extra = [_jackknife_weights(k, last, occasions) for k in range(1, last + 1)]
    chosen, still_rising = asked, False
    if order is None:
        still_rising = last > asked
        for k in range(1, last):
            step = extra[k] - extra[k - 1]
            change = float(step @ counts)
            spread = seen / (seen - 1) * (step**2 @ counts - change**2 / seen) if seen > 1 else 0.0
            if spread <= 0 or abs(change) < special.ndtri(0.975) * math.sqrt(spread):
                chosen, still_rising = k, False
                break
    added = extra[chosen - 1]
    unseen = float(added @ counts)
    value = seen + unseen
    variance = max(float(((1 + added) ** 2 - 1) @ counts) + seen - value, 0.0)
    half = _normal_quantile(level) * math.sqrt(variance)
    return _estimate(
        unseen=unseen,
        variance=variance,
        seen=seen,
        estimand="workers who could have been seen",
        method=f"jackknife of order {chosen} (Burnham and Overton)",
        level=level,
        interval=(max(seen, value - half), max(seen, value + half)),
        interval_kind="normal",
        status="boundary" if still_rising and chosen == asked else "ok",
        assumptions=("chances of being seen differ between workers but stay the same", _ONE_PERSON, _CLOSED),
        warnings=(
            *(("each further order still changes the estimate",) if still_rising and chosen == asked else ()),
            APPROXIMATE,
        ),
    )


def sample_coverage(times_seen, workers=None, *, occasions=None, cutoff=None, corrected=False, level=0.95):
    """Chao and Lee's estimator: workers seen over the share of sightings that known workers account for.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`; an exact table up to ``cutoff``.
    occasions : int, optional
        Number of occasions, assumed of equal effort; without it, sightings in continuous time.
    cutoff : int, optional
        Workers seen more often than this are counted as they are and inform nothing else.
    corrected : bool, default False
        Use the bias-corrected coefficient of variation, for strong differences between workers.
    level : float, default 0.95
        Coverage of the log-normal interval.

    Returns
    -------
    Estimate
        ``"not identified"`` when every sighting is of a worker seen once, so that the coverage is zero.

    Raises
    ------
    InputError
        If a bin pools numbers of times seen that the method needs.

    References
    ----------
    A. Chao and S.-M. Lee (1992), Estimating the number of classes via sample coverage, Journal of the American
    Statistical Association 87, 210-217. A. Chao, S.-M. Lee and S.-L. Jeng (1992),
    Estimating population size for capture-recapture data when capture probabilities vary by time and individual
    animal, Biometrics 48, 201-216.

    Examples
    --------
    >>> sample_coverage([1, 2, 3, 4, 5, 6, 7], [1317, 239, 42, 14, 4, 4, 1], cutoff=10)
    Estimate(5,684 workers; 95% interval 5,031 to 6,461)
    """
    return _coverage_estimate(
        times_seen,
        workers,
        occasions,
        cutoff,
        corrected,
        level,
        "sample coverage (Chao and Lee)" + ", corrected for strong heterogeneity" * corrected,
    )


def ace(times_seen, workers=None, *, cutoff=10, corrected=False, level=0.95):
    """Abundance-based coverage estimator: sample coverage among workers seen at most ``cutoff`` times.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`; bins up to ``cutoff`` must not pool.
    cutoff : int, default 10
        Largest number of times seen that still counts as rare.
    corrected : bool, default False
        The variant for strong differences between workers (ACE-1).
    level : float, default 0.95
        Coverage of the log-normal interval.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        If a bin straddles the cutoff or pools below it.

    References
    ----------
    A. Chao and S.-M. Lee (1992), as for :func:`sample_coverage`; R. K. Colwell and J. A. Coddington (1994), Estimating
    terrestrial biodiversity through extrapolation, Philosophical Transactions of the Royal Society B 345, 101-118.

    Examples
    --------
    >>> ace([1, 2, 3, 4, 5, 6, 7], [1317, 239, 42, 14, 4, 4, 1], corrected=True)
    Estimate(6,788 workers; 95% interval 5,665 to 8,223)
    """
    if not cutoff >= 2:
        raise InputError(f"the cutoff {cutoff}", "a number of times seen of 2 or more")
    return _coverage_estimate(
        times_seen,
        workers,
        None,
        cutoff,
        corrected,
        level,
        f"abundance-based coverage estimator (ACE{'-1' * corrected})",
    )


def poisson(times_seen, workers=None, *, level=0.95):
    """Zero-truncated Poisson: equal chances in continuous time.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`; the tail may be pooled.
    level : float, default 0.95
        Coverage of the log-normal interval.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        As for :func:`chao`.

    References
    ----------
    P. G. M. van der Heijden, R. Bustami, M. Cruyff, G. Engbersen and H. van Houwelingen (2003), Point and interval
    estimation of the population size using the truncated Poisson regression model, Statistical Modelling 3, 305-322.

    Examples
    --------
    >>> poisson([1, 2, 3, 4, 5, 6], [1645, 183, 37, 13, 1, 1])
    Estimate(7,080 workers; 95% interval 6,411 to 7,848)
    """
    table = as_frequencies(times_seen, workers)
    seen, sightings = table.seen, table.sightings_total
    common = {
        "seen": seen,
        "estimand": "workers who could have been seen",
        "method": "zero-truncated Poisson",
        "level": level,
        "assumptions": ("every worker is seen at the same constant rate", _ONE_PERSON, _CLOSED),
    }
    if sightings == seen:
        return _estimate(unseen=None, variance=None, warnings=("nobody was seen twice",), **common)
    rate = _truncated_poisson_rate(sightings / seen)
    unseen = seen / math.expm1(rate)
    return _estimate(
        unseen=unseen,
        variance=(seen + unseen) / (math.expm1(rate) - rate),
        loglik=_log_likelihood(
            table, lambda k: k * math.log(rate) - special.gammaln(k + 1) - rate - math.log(-math.expm1(-rate))
        ),
        parameters=1,
        **common,
    )


def geometric(times_seen, workers=None, *, level=0.95):
    """Zero-truncated geometric: rates spread exponentially over workers.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`; the tail may be pooled.
    level : float, default 0.95
        Coverage of the log-normal interval.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        As for :func:`chao`.

    References
    ----------
    D. Boehning (2015), Power series mixtures and the ratio plot with applications to zero-truncated count
    distribution modelling, Metron 73, 201-216.

    Examples
    --------
    >>> geometric([1, 2, 3, 4, 5, 6], [1645, 183, 37, 13, 1, 1])
    Estimate(13,468 workers; 95% interval 12,053 to 15,081)
    """
    table = as_frequencies(times_seen, workers)
    seen, sightings = table.seen, table.sightings_total
    common = {
        "seen": seen,
        "estimand": "workers who could have been seen",
        "method": "zero-truncated geometric",
        "level": level,
        "assumptions": ("rates of being seen are exponentially spread over workers", _ONE_PERSON, _CLOSED),
    }
    if sightings == seen:
        return _estimate(unseen=None, variance=None, warnings=("nobody was seen twice",), **common)
    missed = seen / sightings
    unseen = seen * missed / (1 - missed)
    # Horvitz-Thompson: the spread of a binomial count, plus that of the fitted mean, whose variance is known exactly.
    variance = seen * missed / (1 - missed) ** 2 + seen * missed**2 / (1 - missed) ** 3
    return _estimate(
        unseen=unseen,
        variance=variance,
        loglik=_log_likelihood(table, lambda k: math.log(missed) + (k - 1) * math.log1p(-missed)),
        parameters=1,
        **common,
    )


def negative_binomial(times_seen, workers=None, *, level=0.95):
    """Zero-truncated negative binomial: rates spread over workers as a gamma distribution.

    Where the likelihood keeps rising as the spread of rates grows, the unseen are unbounded and the result is
    ``"not identified"``, however tight a formula's standard error may look.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`, without a pooled tail.
    level : float, default 0.95
        Coverage of the log-normal interval, whose upper limit is infinite when the data do not exclude an unlimited
        spread of rates.

    Returns
    -------
    Estimate
        ``"boundary"`` when the fit reduces to the Poisson.

    Raises
    ------
    InputError
        If a bin pools several numbers of times seen.

    References
    ----------
    R. A. Fisher, A. S. Corbet and C. B. Williams (1943), The relation between the number of species and the number
    of individuals in a random sample of an animal population, Journal of Animal Ecology 12, 42-58.

    Examples
    --------
    >>> negative_binomial([1, 2, 3, 4, 5, 6], [1645, 183, 37, 13, 1, 1])
    Estimate(workers: not identified)
    >>> negative_binomial([1, 2, 3, 4, 5], [300, 200, 120, 60, 30]).status
    'ok'
    """
    table = as_frequencies(times_seen, workers)
    if not table.exact:
        raise InputError("a pooled bin of times seen", "a table in which every number of times seen has its own row")
    seen, mean = table.seen, table.sightings_total / table.seen
    fields = {
        "seen": seen,
        "estimand": "workers who could have been seen",
        "method": "zero-truncated negative binomial",
        "level": level,
        "assumptions": ("rates of being seen follow a gamma distribution over workers", _ONE_PERSON, _CLOSED),
    }
    if mean == 1:
        return _estimate(unseen=None, variance=None, warnings=("nobody was seen twice",), **fields)
    held = table.workers > 0
    times, counts = table.times_seen_from[held].astype(float), table.workers[held].astype(float)

    def loglik(log_shape, logit_kept):
        shape, log_kept = math.exp(log_shape), -math.log1p(math.exp(-logit_kept))
        return float(
            counts
            @ (
                special.gammaln(times + shape)
                - special.gammaln(shape)
                - special.gammaln(times + 1)
                + shape * log_kept
                + times * (log_kept - logit_kept)
                - math.log(-math.expm1(shape * log_kept))
            )
        )

    def profile(log_shape):
        return loglik(log_shape, _truncated_negative_binomial_logit(math.exp(log_shape), mean))

    from scipy.optimize import minimize_scalar

    # Below the first shape the distribution is the log-series, above the last it is the Poisson, to the digits held.
    grid = np.linspace(math.log(1e-7), math.log(1e6), 61)
    heights = np.array([profile(x) for x in grid])
    peak = int(np.argmax(heights))
    if peak == 0 or heights[0] >= heights.max() - 1e-6:
        return _estimate(
            unseen=None,
            variance=None,
            warnings=("the likelihood keeps rising with the spread of rates: no upper limit to the unseen",),
            **fields,
        )
    if peak == grid.size - 1 or heights[-1] >= heights.max() - 1e-6:
        return poisson(table, level=level).replace(
            method=fields["method"], status="boundary", warnings=("no spread of rates: the fit is the Poisson's",)
        )
    best = minimize_scalar(lambda x: -profile(x), bounds=(grid[peak - 1], grid[peak + 1]), method="bounded")
    point = np.array([best.x, _truncated_negative_binomial_logit(math.exp(best.x), mean)])

    def missed(x):
        return math.exp(-math.exp(x[0]) * math.log1p(math.exp(-x[1])))

    share = missed(point)
    information = -_hessian(lambda x: loglik(*x), point)
    slope = seen / (1 - share) ** 2 * _gradient(missed, point)
    try:
        variance = seen * share / (1 - share) ** 2 + float(slope @ np.linalg.solve(information, slope))
    except np.linalg.LinAlgError:
        variance = math.nan
    if not variance >= 0:
        return _estimate(
            unseen=None,
            variance=None,
            warnings=("the likelihood is flat: shape and rate cannot be told apart",),
            **fields,
        )
    result = _estimate(
        unseen=seen * share / (1 - share), variance=variance, loglik=float(-best.fun), parameters=2, **fields
    )
    if 2 * (-best.fun - heights[0]) < _normal_quantile(level) ** 2 and result.interval:
        result = result.replace(
            interval=(result.interval[0], math.inf),
            warnings=(*result.warnings, "an unlimited spread of rates is not excluded: no upper limit can be set"),
        )
    return result


# --- Diagnostics ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Heterogeneity:
    """How far the chances of being seen differ between workers.

    Parameters
    ----------
    table : DataFrame
        For each number of times seen: workers, workers expected with equal chances, and the odds of one more
        sighting, which equal chances would keep constant.
    squared_variation : float
        Estimated squared coefficient of variation of the chances; 0 when they are equal.
    statistic, p_value : float
        Chi-squared distance from equal chances, and its p-value.
    df : int
        Degrees of freedom.
    rising : bool
        Whether the odds of one more sighting rise with the sightings already made.
    sentence : str
        The finding in plain words.
    """

    table: pd.DataFrame
    squared_variation: float
    statistic: float
    df: int
    p_value: float
    rising: bool
    sentence: str


def heterogeneity(times_seen, workers=None, *, occasions):
    """Compare the frequencies with those that equal chances would give.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`; the tail may be pooled.
    occasions : int
        Number of occasions.

    Returns
    -------
    Heterogeneity

    Raises
    ------
    InputError
        If nobody was seen twice.

    References
    ----------
    D. Boehning (2016), Ratio plot and ratio regression with applications to social and medical sciences,
    Statistical Science 31, 205-218. A. Chao and S.-M. Lee (1992), as for :func:`sample_coverage`.

    Examples
    --------
    >>> found = heterogeneity([1, 2, 3, 4], [600, 110, 60, 40], occasions=20)
    >>> found.rising
    True
    >>> print(found.sentence)
    Seen once: 600 workers, where equal chances would give 535; seen 3 times or more: 100, where they would give 63.
    """
    table = as_frequencies(times_seen, workers)
    occasions = _occasions(occasions, table)
    expected = expected_frequencies(table, occasions=occasions)["expected_workers"].to_numpy()
    low, high, seen = table.times_seen_from, np.minimum(table.times_seen_to, occasions), table.workers
    expected_in_bin = np.array([expected[a : b + 1].sum() for a, b in zip(low, high, strict=True)])
    single = low == table.times_seen_to
    odds = np.full(low.size, np.nan)
    for i in range(low.size - 1):
        if single[i] and single[i + 1] and low[i + 1] == low[i] + 1 and seen[i] and occasions > low[i]:
            odds[i] = (low[i] + 1) * seen[i + 1] / ((occasions - low[i]) * seen[i])
    frame = pd.DataFrame(
        {
            "times_seen_from": low,
            "times_seen_to": table.times_seen_to,
            "workers": seen,
            "expected_workers": expected_in_bin,
            "odds_of_one_more": odds,
        }
    )
    statistic, df = _chi_squared(high, seen, expected)
    known = np.isfinite(odds) & (seen >= 10) & (np.append(seen[1:], 0) >= 10)
    known = known if known.sum() > 1 else np.isfinite(odds)
    rising = bool(known.sum() > 1 and np.polyfit(low[known], odds[known], 1, w=np.sqrt(seen[known]))[0] > 0)
    sightings = table.sightings_total
    pairs = _pairs(table)
    coverage = 1 - table.count(1) / sightings
    squared_variation = max(
        table.seen / coverage * pairs / (sightings**2 * (occasions - 1) / occasions) - 1 if coverage > 0 else math.nan,
        0.0,
    )
    # The fewest sightings from which on more workers are seen than equal chances would give.
    edges = [int(edge) for edge in low[(seen > 0) & (low >= 2)]]
    often = next((edge for edge in edges if seen[low >= edge].sum() > expected[edge:].sum()), 2)
    tail = int(seen[low >= often].sum())
    return Heterogeneity(
        table=frame,
        squared_variation=float(squared_variation),
        statistic=statistic,
        df=df,
        p_value=float(special.chdtrc(df, statistic)) if df > 0 else math.nan,
        rising=rising,
        sentence=(
            f"Seen once: {table.count(1):,} workers, where equal chances would give {expected[1]:,.0f}; "
            f"seen {often} times or more: {tail:,}, where they would give {expected[often:].sum():,.0f}."
        ),
    )


@dataclass(frozen=True)
class SingletonExcess:
    """Workers seen once, against the number that those seen more often lead one to expect.

    Parameters
    ----------
    seen_once : int
        Workers seen exactly once.
    expected_once : Estimate
        Number expected from those seen two, three and four times.
    excess : Estimate
        The difference; negative differences are kept, with status ``"implausible"``.
    without_excess : Estimate
        Chao's bound if the excess were no real workers.
    sentence : str
        The finding in plain words.
    """

    seen_once: int
    expected_once: Estimate
    excess: Estimate
    without_excess: Estimate
    sentence: str


def singleton_excess(times_seen, workers=None, *, occasions=None, level=0.95):
    """Whether more workers were seen once than those seen more often lead one to expect.

    Fakes, one-day accounts and broken links between identities add workers seen once. So does a strong spread of
    activity among real persons: the method bounds the trouble, it does not prove fraud.

    Parameters
    ----------
    times_seen, workers : array_like of int, shape (k,), or Frequencies
        As for :func:`chao`; workers seen 1 to 4 times must not be pooled.
    occasions : int, optional
        Number of occasions; without it, sightings in continuous time.
    level : float, default 0.95
        Coverage of the normal intervals.

    Returns
    -------
    SingletonExcess

    Raises
    ------
    InputError
        If nobody was seen twice or three times.

    References
    ----------
    C.-H. Chiu and A. Chao (2016), Estimating and comparing microbial diversity in the presence of sequencing errors,
    PeerJ 4, e1634: the reciprocal of the ratio of successive frequencies is extended along a straight line.

    Examples
    --------
    >>> singleton_excess([1, 2, 3, 4], [900, 200, 80, 30]).sentence
    'Seen once: 900 workers, 500 more than the 400 that those seen two to four times lead one to expect.'
    """
    table = as_frequencies(times_seen, workers)
    if occasions is not None:
        occasions = _occasions(occasions, table)
    once, low = table.count(1), np.array([table.count(k) for k in (2, 3, 4)], dtype=float)
    if low[0] == 0 or low[1] == 0:
        raise InputError("nobody seen twice, or nobody seen three times", "workers seen two and three times")
    t = math.inf if occasions is None else occasions
    # With t occasions the ratios carry (t - k); in continuous time those factors cancel.
    first, second = (1.0, 1.0) if occasions is None else ((t - 2) / (t - 1), (t - 3) / (t - 1))

    def straight(f):
        return 4 * first * f[0] ** 2 / (3 * f[1]) - second * f[0] * f[1] / (2 * f[2])

    def constant(f):
        return 2 * first * f[0] ** 2 / (3 * f[1])

    extended = low[2] > 0 and straight(low) > constant(low)
    expect = straight if extended else constant
    expected = float(expect(low))
    variance = float(_gradient(expect, low) ** 2 @ low)
    z = _normal_quantile(level)
    half = z * math.sqrt(variance)
    expected_once = Estimate(
        value=expected,
        unit="workers",
        estimand="workers expected to be seen exactly once",
        method="straight line through reciprocal ratios" if extended else "constant ratio, a lower bound",
        interval=(max(expected - half, 0.0), expected + half),
        level=level,
        interval_kind="normal",
        bound="point" if extended else "lower",
        standard_error=math.sqrt(variance),
        assumptions=("workers seen two to four times are real and resemble the others",),
    )
    excess, error = once - expected, math.sqrt(variance + once)
    more = Estimate(
        value=excess,
        unit="workers",
        estimand="workers seen once beyond the number expected",
        method=expected_once.method,
        interval=(excess - z * error, excess + z * error),
        level=level,
        interval_kind="normal",
        bound="point" if extended else "upper",
        status="ok" if excess >= 0 else "implausible",
        standard_error=error,
    )
    scale = 1.0 if occasions is None else (occasions - 1) / occasions

    def bound(f):
        return f[0] + expect(f[1:]) + scale * expect(f[1:]) ** 2 / (2 * f[1])

    counts = np.concatenate([[table.seen - once], low])
    value = float(bound(counts))
    slopes = _gradient(bound, counts)
    # The first count contains the other three.
    slopes[1:] += slopes[0]
    spread = float(slopes[1:] ** 2 @ low + slopes[0] ** 2 * (counts[0] - low.sum()))
    kept = int(counts[0])
    without = _estimate(
        seen=kept,
        unseen=value - kept,
        variance=spread,
        level=level,
        estimand="workers who could have been seen, if the excess seen once are no real workers",
        method=f"Chao's lower bound ({1984 if occasions is None else 1987}) with the expected number seen once",
        bound="lower",
        assumptions=(*expected_once.assumptions, _CLOSED),
    )
    word = "more" if excess >= 0 else "fewer"
    return SingletonExcess(
        seen_once=once,
        expected_once=expected_once,
        excess=more,
        without_excess=without,
        sentence=(
            f"Seen once: {once:,} workers, {abs(excess):,.0f} {word} than the {expected:,.0f} "
            "that those seen two to four times lead one to expect."
        ),
    )


def recover_singletons_doubletons(chao, seen, occasions, *, decimals=8):
    """All whole-number pairs of workers seen once and twice that give a published Chao bound.

    Parameters
    ----------
    chao : float
        The bound as published, with many decimals.
    seen : int
        Workers seen at least once.
    occasions : int
        Number of occasions t of the bound seen + (t - 1) / t * f1**2 / (2 f2).
    decimals : int, default 8
        Decimals that the published bound can be trusted to.

    Returns
    -------
    list of (int, int)
        Pairs (seen once, seen twice), in increasing order; several where f1**2 / f2 is the same for all.

    Raises
    ------
    InputError
        If the bound is below the number seen.

    Examples
    --------
    >>> recover_singletons_doubletons(43571.12502890173, 17075, 10)
    [(12361, 2595)]
    >>> recover_singletons_doubletons(44224.556781513485, 19081, 13)
    [(6345, 739), (12690, 2956)]
    """
    seen = int(_whole_numbers([seen], "seen", least=1)[0])
    occasions = int(_whole_numbers([occasions], "occasions", least=2)[0])
    if not (math.isfinite(chao) and chao >= seen):
        raise InputError(f"a bound of {chao!r} with {seen} workers seen", "a bound of at least those seen")
    if chao == seen:
        return [(0, twice) for twice in range(seen + 1)]
    scale = (occasions - 1) / (2 * occasions)
    once = np.arange(1, seen + 1, dtype=float)
    nearest = np.rint(scale * once**2 / (chao - seen))
    fits = (nearest >= 1) & (once + nearest <= seen)
    fits &= np.abs(seen + scale * once**2 / np.maximum(nearest, 1) - chao) <= 0.5 * 10.0**-decimals
    return [(int(a), int(b)) for a, b in zip(once[fits], nearest[fits], strict=True)]


# --- Shared pieces ----------------------------------------------------------------------------------------------------


def _whole_numbers(values, name, *, least):
    try:
        array = np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError(f"{values!r}", "whole numbers", column=name) from None
    if array.ndim != 1:
        raise InputError(f"a table of {array.ndim} dimensions", "one column of numbers", column=name)
    bad = ~(np.isfinite(array) & (array == np.floor(array)) & (array >= least) & (array < 2**53))
    if bad.any():
        i = int(np.argmax(bad))
        raise InputError(f"{array[i]:g}", f"a whole number of {least} or more", row=i + 2, column=name)
    return array.astype(np.int64)


def _occasions(occasions, table):
    occasions = int(_whole_numbers([occasions], "occasions", least=2)[0])
    lowest_top = int(table.times_seen_from[table.workers > 0].max())
    if lowest_top > occasions:
        raise InputError(f"workers seen {lowest_top} times on {occasions} occasions", "no more times than occasions")
    return occasions


def _normal_quantile(level):
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    return float(special.ndtri(0.5 + level / 2))


def _estimate(
    *,
    seen,
    unseen,
    variance,
    level,
    interval=None,
    interval_kind="log-normal",
    status="ok",
    warnings=(),
    loglik=None,
    parameters=None,
    **fields,
):
    """An Estimate of seen + unseen whose status says when the number must not be used."""
    z = _normal_quantile(level)
    value = error = None
    if unseen is None:
        status = "not identified"
        interval_kind = interval_kind if interval else ""
    else:
        value, error = float(seen + unseen), math.sqrt(variance)
        if not math.isfinite(value) or value > LARGEST_MULTIPLE * seen:
            status = "implausible"
            warnings = (
                *warnings,
                f"more than {LARGEST_MULTIPLE:,.0f} times the workers seen: the data cannot show that",
            )
        elif value < seen - 1e-9:
            status, interval = "below observed", None
            interval_kind = ""
            warnings = (*warnings, "the estimate is below the number of workers seen")
        if interval is None and status != "below observed" and math.isfinite(error):
            # A missed share below one in 1e100 is zero, and its square no longer a number to divide by.
            spread = math.exp(z * math.sqrt(math.log1p((error / unseen) ** 2))) if unseen > 1e-100 else 1.0
            interval = (seen + max(unseen, 0.0) / spread, seen + max(unseen, 0.0) * spread)
    return Estimate(
        value=value,
        unit="workers",
        interval=None if interval is None else (float(interval[0]), float(interval[1])),
        interval_kind=interval_kind,
        level=level,
        status=status,
        standard_error=error,
        observed=seen,
        loglik=loglik,
        aic=None if loglik is None else 2 * parameters - 2 * loglik,
        warnings=tuple(warnings),
        **fields,
    )


def _equal_chance(mean, occasions):
    """Chance per occasion at which workers seen at least once are seen ``mean`` times on average."""
    if mean >= occasions:
        return 1.0
    from scipy.optimize import brentq

    def excess(log_odds):
        chance = special.expit(log_odds)
        return math.log(occasions * chance) - math.log(-math.expm1(occasions * math.log1p(-chance))) - math.log(mean)

    # Seen more than once on average, the chance exceeds (mean - 1) / (t - 1) times a half, and is below mean / t.
    low = special.logit((mean - 1) / (occasions - 1) / 2)
    return float(special.expit(brentq(excess, low, special.logit(mean / occasions), xtol=1e-14, rtol=1e-14)))


def _profile_interval(seen, sightings, occasions, level):
    """Limits of N from the multinomial likelihood of M0, maximised over the chance of being seen."""
    from scipy.optimize import brentq, minimize_scalar

    def loglik(unseen):
        people = seen + unseen
        misses = occasions * people - sightings
        missing = misses * math.log(misses / (occasions * people)) if misses > 0 else 0.0
        return float(
            special.gammaln(people + 1)
            - special.gammaln(unseen + 1)
            - sightings * math.log(occasions * people)
            + missing
        )

    z2 = _normal_quantile(level) ** 2
    limit = seen * 1e9
    best = minimize_scalar(
        lambda x: -loglik(math.expm1(x)), bounds=(0, math.log1p(limit)), method="bounded", options={"xatol": 1e-10}
    )
    top, peak = max((loglik(0.0), 0.0), (-best.fun, math.expm1(best.x)))

    def drop(x):
        return 2 * (top - loglik(math.expm1(x))) - z2

    centre = math.log1p(peak)
    low = math.expm1(brentq(drop, 0.0, centre)) if peak > 0 and drop(0.0) > 0 else 0.0
    far = math.log1p(limit)
    if sightings == seen or drop(far) < 0:
        return seen + low, math.inf
    return seen + low, seen + math.expm1(brentq(drop, centre, far))


def _truncated_poisson_rate(mean):
    """Rate at which a Poisson count, given that it is not zero, has this mean (above 1)."""
    # Lambert's W gives the root in closed form; brentq stays accurate where the mean is close to 1.
    from scipy.optimize import brentq

    def excess(log_rate):
        rate = math.exp(log_rate)
        return log_rate - math.log(-math.expm1(-rate)) - math.log(mean)

    return math.exp(brentq(excess, math.log(mean - 1) - 1, math.log(mean) + 1e-9, xtol=1e-14, rtol=1e-14))


def _log_likelihood(table, log_probability):
    """Log-likelihood of an exact table; None when a pooled bin hides part of it."""
    if not table.exact:
        return None
    held = table.workers > 0
    return float(
        sum(n * log_probability(k) for k, n in zip(table.times_seen_from[held], table.workers[held], strict=True))
    )


def _jackknife_weights(order, length, occasions):
    """What each worker seen 1, 2, ... times adds to the count of those seen, at one order of the jackknife."""
    k = np.arange(1, length + 1)
    if occasions is None:
        return np.where(k <= order, -((-1.0) ** k) * special.comb(order, k), 0.0)
    t = occasions
    weights = np.zeros(length)
    for j in range(1, order + 1):
        # A worker seen k times is lost from j dropped occasions with chance C(t-k, j-k) / C(t, j).
        lost = np.where(k <= j, special.comb(t - k, np.maximum(j - k, 0)) / special.comb(t, j), 0.0)
        weights -= (-1.0) ** j * special.comb(order, j) * float(t - j) ** order * lost
    return weights / math.factorial(order)


def _coverage_estimate(times_seen, workers, occasions, cutoff, corrected, level, method):
    table = as_frequencies(times_seen, workers)
    if occasions is not None:
        occasions = _occasions(occasions, table)
    most = table.most if cutoff is None else min(int(cutoff), table.most)
    common_bins = int(((table.times_seen_from <= most) & (table.times_seen_to > most) & (table.workers > 0)).sum())
    if common_bins:
        raise InputError(f"a bin that straddles {most} times seen", "a cutoff at the edge of a bin")
    times = np.arange(1, most + 1)
    counts = np.array([table.count(k) for k in times], dtype=float)
    frequent = table.seen - counts.sum()
    fields = {
        "seen": table.seen,
        "estimand": "workers who could have been seen",
        "method": method,
        "level": level,
        "assumptions": ("sightings of one worker do not change the chance of the next", _ONE_PERSON, _CLOSED),
    }
    sightings = times @ counts
    if counts.sum() == 0 or counts[0] == 0:
        words = ("nobody was seen exactly once: the estimate is those seen",)
        return _estimate(unseen=0.0, variance=0.0, status="boundary", warnings=words, **fields)
    if counts[0] == sightings:
        return _estimate(unseen=None, variance=None, warnings=("no worker was seen twice: coverage is zero",), **fields)
    value = _coverage_value(counts, times, occasions, corrected) + frequent
    # Differences, because cutting the squared coefficient of variation at zero leaves no short formula.
    slopes = _gradient(lambda x: _coverage_value(x, times, occasions, corrected), counts)
    # Those seen more often than the cutoff enter one for one.
    variance = slopes**2 @ counts + frequent - (slopes @ counts + frequent) ** 2 / value
    variance = max(float(variance), 0.0)
    return _estimate(unseen=value - table.seen, variance=variance, warnings=(APPROXIMATE,), **fields)


def _coverage_value(counts, times, occasions, corrected):
    """Chao and Lee's estimate among the workers counted."""
    kinds, sightings = counts.sum(), times @ counts
    coverage = 1 - counts[0] / sightings
    pairs = times * (times - 1) @ counts
    all_pairs = sightings * (sightings - 1) if occasions is None else sightings**2 * (occasions - 1) / occasions
    squared_variation = max(kinds / coverage * pairs / all_pairs - 1, 0.0)
    if corrected:
        squared_variation *= max(1 + sightings * (1 - coverage) * pairs / (coverage * all_pairs), 0.0)
    return kinds / coverage + sightings * (1 - coverage) / coverage * squared_variation


def _truncated_negative_binomial_logit(shape, mean):
    """Logit of the chance parameter at which counts that are not zero have this mean (above 1), at a given shape."""
    from scipy.optimize import brentq

    def excess(logit):
        log_kept = -math.log1p(math.exp(-logit))
        return math.log(shape) - logit - math.log(-math.expm1(shape * log_kept)) - math.log(mean)

    low, high = -1.0, 1.0
    while excess(low) < 0:
        low *= 2
    while excess(high) > 0:
        high *= 2
    return brentq(excess, low, high, xtol=1e-13, rtol=1e-14)


def _pairs(table):
    """Sum of k (k - 1) over workers; inside a pooled bin the smallest value that its sightings allow."""
    total = 0.0
    for low, high, workers, sightings in zip(
        table.times_seen_from, table.times_seen_to, table.workers, table.sightings, strict=True
    ):
        if workers:
            mean = sightings / workers if low < high else float(low)
            total += workers * mean * (mean - 1)
    return total


def _chi_squared(high, observed, expected):
    """Pearson's distance over bins joined upwards until each expects five workers, and its degrees of freedom."""
    cells, seen_here, expected_here, start = [], 0.0, 0.0, 1
    for b, workers in zip(high, observed, strict=True):
        seen_here += workers
        expected_here += expected[start : b + 1].sum()
        start = b + 1
        if expected_here >= 5:
            cells.append([seen_here, expected_here])
            seen_here, expected_here = 0.0, 0.0
    expected_here += expected[start:].sum()
    if cells:
        cells[-1][0] += seen_here
        cells[-1][1] += expected_here
    return float(sum((o - e) ** 2 / e for o, e in cells)), max(len(cells) - 2, 0)


def _gradient(function, point):
    point = np.asarray(point, dtype=float)
    steps = np.maximum(np.abs(point), 1.0) * 1e-6
    return np.array(
        [
            (function(point + step * unit) - function(point - step * unit)) / (2 * step)
            for step, unit in zip(steps, np.eye(point.size), strict=True)
        ]
    )


def _hessian(function, point):
    size = point.size
    steps = np.maximum(np.abs(point), 1.0) * 1e-4
    result = np.empty((size, size))
    units = np.diag(steps)
    for i in range(size):
        for j in range(i + 1):
            corners = [
                sign_i * sign_j * function(point + sign_i * units[i] + sign_j * units[j])
                for sign_i in (1, -1)
                for sign_j in (1, -1)
            ]
            result[i, j] = result[j, i] = sum(corners) / (4 * steps[i] * steps[j])
    return result
