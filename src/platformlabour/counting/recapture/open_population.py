"""Populations that change while they are being counted: survival, arrivals and size at each occasion.

"Survival" is the field's word for staying: a worker who leaves the platform for good has not survived.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import special

from platformlabour.counting.recapture.thresholds import LARGEST_MULTIPLE
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = [
    "JollySeber",
    "Popan",
    "jolly_seber",
    "jolly_seber_from_histories",
    "mean_abundance",
    "popan",
    "totals_from_histories",
]


_ASSUMPTIONS = (
    "at each occasion every worker present has the same chance of being seen",
    "every worker present has the same chance of staying to the next occasion",
    "whoever leaves does not come back",
    "every identity seen is one real person, and always recognised",
)


@dataclass(frozen=True, eq=False)
class JollySeber:
    """What the Jolly-Seber model says of each occasion and of each step to the next.

    Parameters
    ----------
    abundance, capture : tuple of Estimate
        Workers present, and chance of being seen, one an occasion; ``"not identified"`` at the first and the last.
    survival : tuple of Estimate
        Chance of staying from each occasion to the next, one a step; ``"boundary"`` where the data ask for more
        than 1; ``"not identified"`` for the last step.
    arrivals : tuple of Estimate
        Workers who joined between an occasion and the next and were still there; ``"not identified"`` for the first
        step and the last.
    statistics : DataFrame
        Per occasion: captured, marked (seen before), seen_again, passed (seen before and after but not then).
    names : tuple of str
        Names of the occasions.
    clipped : bool
        Whether survival was held at 1 or below while fitting.
    loglik : float
        Of the part of the likelihood that concerns recapture, without combinatorial constants.
    """

    abundance: tuple[Estimate, ...]
    capture: tuple[Estimate, ...]
    survival: tuple[Estimate, ...]
    arrivals: tuple[Estimate, ...]
    statistics: pd.DataFrame
    names: tuple[str, ...]
    clipped: bool
    loglik: float

    def to_frame(self):
        """One row an occasion, with the step that follows it; missing numbers are empty."""
        rows = []
        for i, name in enumerate(self.names):
            row = {"occasion": name}
            for label, results in (
                ("abundance", self.abundance),
                ("capture", self.capture),
                ("survival", self.survival),
                ("arrivals", self.arrivals),
            ):
                result = results[i] if i < len(results) else None
                row[label] = math.nan if result is None or result.value is None else result.value
                row[f"{label}_se"] = (
                    math.nan if result is None or result.standard_error is None else result.standard_error
                )
            rows.append(row)
        return pd.DataFrame(rows)


def jolly_seber(captured, first_captured, last_captured, *, names=None, clip_survival=False, level=0.95):
    """Jolly-Seber estimates from the captures, first captures and last captures of each occasion.

    With n captured, u captured for the first time and v for the last: m = n - u were seen before, r = n - v are seen
    again, and z, the running sum of u - v less m, were seen before and after but not then. The marked workers present
    number M = m + n z / r, the population is N = n M / m, survival is M' / (M - m + n) with M' at the next occasion,
    and arrivals are N' - survival * N. Standard errors are Seber's, which contain the chance of staying; with
    ``clip_survival`` they come from the curvature of the likelihood under the constraint.

    Parameters
    ----------
    captured, first_captured, last_captured : array_like of int, shape (t,)
        Workers seen on each occasion; of these, those never seen before, and those never seen after.
    names : sequence of str, optional
        Names of the occasions, such as quarters.
    clip_survival : bool, default False
        Hold survival at 1 or below by maximising the likelihood under that constraint, instead of reporting
        estimates above 1. Estimates of neighbouring occasions then change as well.
    level : float, default 0.95
        Coverage of the normal intervals, cut at the workers seen and at zero.

    Returns
    -------
    JollySeber

    Raises
    ------
    InputError
        If there are fewer than three occasions, the columns differ in length, or their counts contradict each other.

    References
    ----------
    G. M. Jolly (1965), Explicit estimates from capture-recapture data with both death and immigration, Biometrika 52,
    225-247. G. A. F. Seber (1965), A note on the multiple-recapture census, Biometrika 52, 249-259. G. A. F. Seber
    (1982), The estimation of animal abundance and related parameters, 2nd edition, chapter 5. S. Baillargeon and
    L.-P. Rivest (2007), Rcapture: loglinear models for capture-recapture in R, Journal of Statistical Software 19(5),
    whose open-population estimates ``clip_survival`` matches.

    Examples
    --------
    >>> result = jolly_seber([60, 80, 70, 50], [60, 50, 30, 15], [25, 35, 45, 50])
    >>> result.abundance[1]
    Estimate(104 workers; 95% interval 84 to 124)
    >>> result.survival[0]
    Estimate(0.6481 share; 95% interval 0.4972 to 0.7991)
    """
    n, u, v = _totals(captured, first_captured, last_captured)
    t = n.size
    names = _names(names, t)
    if not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    m, r = n - u, n - v
    z = np.concatenate([[0.0], np.cumsum(u - v)[:-1]]) - m
    statistics = pd.DataFrame({"occasion": names, "captured": n, "marked": m, "seen_again": r, "passed": z})
    statistics = statistics.astype(dict.fromkeys(statistics.columns[1:], int))
    values, errors, loglik = (_constrained if clip_survival else _closed_form)(n, u, m, r, z)
    shared = {"level": level, "method": "Jolly-Seber" + ", survival held at 1 or below" * bool(clip_survival)}
    steps = list(pairwise(names))
    return JollySeber(
        abundance=tuple(
            _estimate(value, error, "workers", f"workers present, {name}", observed=int(seen), **shared)
            for value, error, name, seen in zip(values["abundance"], errors["abundance"], names, n, strict=True)
        ),
        capture=tuple(
            _estimate(value, error, "share", f"chance of being seen, {name}", top=1.0, **shared)
            for value, error, name in zip(values["capture"], errors["capture"], names, strict=True)
        ),
        survival=tuple(
            _estimate(value, error, "share", f"chance of staying from {a} to {b}", top=1.0, **shared)
            for value, error, (a, b) in zip(values["survival"], errors["survival"], steps, strict=True)
        ),
        arrivals=tuple(
            _estimate(value, error, "workers", f"joined between {a} and {b} and still there", **shared)
            for value, error, (a, b) in zip(values["arrivals"], errors["arrivals"], steps, strict=True)
        ),
        statistics=statistics,
        names=names,
        clipped=bool(clip_survival),
        loglik=loglik,
    )


def totals_from_histories(histories, counts=None):
    """Captures, first captures and last captures of each occasion, from capture histories.

    Parameters
    ----------
    histories : array_like of 0 and 1, shape (workers, t)
        One row a worker, or a pattern; rows of zeros are ignored.
    counts : array_like of int, shape (workers,), optional
        How many workers share each row.

    Returns
    -------
    (captured, first_captured, last_captured) : tuple of ndarray of int, shape (t,)

    Raises
    ------
    InputError
        If the table is not made of 0 and 1 only, or a count is negative.

    Examples
    --------
    >>> totals_from_histories([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [4, 2, 1])
    (array([5, 6, 3]), array([5, 2, 0]), array([0, 4, 3]))
    """
    try:
        histories = np.asarray(histories, dtype=float)
    except (TypeError, ValueError):
        raise InputError("histories that are not a table of numbers", "one row a worker, 0 or 1 an occasion") from None
    if histories.ndim != 2 or histories.shape[0] == 0:
        raise InputError("histories that are not a table", "one row a worker and one column an occasion")
    if not np.isin(histories, (0, 1)).all():
        row = int(np.argmax(~np.isin(histories, (0, 1)).all(axis=1)))
        raise InputError("a value other than 0 and 1", "1 where the worker was seen, 0 elsewhere", row=row + 2)
    counts = np.ones(len(histories)) if counts is None else np.asarray(counts, dtype=float)
    if counts.shape != (len(histories),):
        raise InputError(f"{counts.size} counts for {len(histories)} histories", "one count a history")
    if not (np.isfinite(counts) & (counts >= 0) & (counts == np.floor(counts))).all():
        raise InputError("a count that is negative or not whole", "how many workers share each history")
    seen = histories.any(axis=1)
    histories, counts = histories[seen].astype(bool), counts[seen].astype(np.int64)
    t = histories.shape[1]
    first = np.bincount(histories.argmax(axis=1), weights=counts, minlength=t)
    last = np.bincount(t - 1 - histories[:, ::-1].argmax(axis=1), weights=counts, minlength=t)
    return counts @ histories, first.astype(np.int64), last.astype(np.int64)


def jolly_seber_from_histories(histories, counts=None, *, names=None, clip_survival=False, level=0.95):
    """Jolly-Seber estimates from capture histories.

    Parameters
    ----------
    histories, counts
        As for :func:`totals_from_histories`.
    names, clip_survival, level
        As for :func:`jolly_seber`.

    Returns
    -------
    JollySeber

    Raises
    ------
    InputError
        As for the two functions that it joins.

    Examples
    --------
    >>> histories = [[1, 1, 0, 0], [1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 0], [0, 1, 0, 0]]
    >>> result = jolly_seber_from_histories(histories, [20, 10, 15, 10, 12, 25, 20])
    >>> round(result.abundance[1].value)
    150
    """
    return jolly_seber(*totals_from_histories(histories, counts), names=names, clip_survival=clip_survival, level=level)


def mean_abundance(result, *, level=0.95):
    """Mean of the abundances that the model identifies.

    Parameters
    ----------
    result : JollySeber
    level : float, default 0.95
        Coverage of the normal interval.

    Returns
    -------
    Estimate
        The interval takes the occasions as independent, which they are not: neighbours share workers.

    Raises
    ------
    InputError
        If no abundance is identified.

    Examples
    --------
    >>> mean_abundance(jolly_seber([60, 80, 70, 50], [60, 50, 30, 15], [25, 35, 45, 50]))
    Estimate(111 workers; 95% interval 92 to 131)
    """
    held = [x for x in result.abundance if x.value is not None and x.standard_error is not None]
    if not held:
        raise InputError("no occasion whose abundance is identified", "at least three occasions with recaptures")
    mean = float(np.mean([x.value for x in held]))
    error = math.sqrt(sum(x.standard_error**2 for x in held)) / len(held)
    half = float(special.ndtri(0.5 + level / 2)) * error
    return Estimate(
        value=mean,
        unit="workers",
        estimand=f"workers present, mean of {len(held)} occasions",
        method=held[0].method,
        interval=(mean - half, mean + half),
        interval_kind="normal, occasions taken as independent",
        level=level,
        standard_error=error,
        assumptions=_ASSUMPTIONS,
        warnings=("neighbouring occasions share workers: the interval is only indicative",),
    )


@dataclass(frozen=True, eq=False)
class Popan:
    """The super-population model: everyone who was ever there, and who of them was there when.

    Parameters
    ----------
    superpopulation : Estimate
        Workers present on at least one occasion.
    abundance, capture, survival, entry : tuple of Estimate
        Workers present and chance of being seen, one an occasion; chance of staying, one a step; share of the
        super-population that enters before each occasion.
    loglik, aic : float
        Log-likelihood with the combinatorial constant of the super-population, and Akaike's criterion.
    parameters : int
        Free parameters.
    """

    superpopulation: Estimate
    abundance: tuple[Estimate, ...]
    capture: tuple[Estimate, ...]
    survival: tuple[Estimate, ...]
    entry: tuple[Estimate, ...]
    loglik: float
    aic: float
    parameters: int


def popan(
    captured,
    first_captured,
    last_captured,
    *,
    survival="varying",
    capture="varying",
    entry="varying",
    names=None,
    level=0.95,
):
    """Schwarz and Arnason's super-population model, by maximum likelihood.

    The captures, first captures and last captures are sufficient. Where the chance of being seen varies, the first
    occasion shares it with the second and the last with the last but one, without which neither is identified.

    Parameters
    ----------
    captured, first_captured, last_captured
        As for :func:`jolly_seber`.
    survival, capture : {"varying", "constant"}
        Whether the chance of staying differs between steps, and the chance of being seen between occasions.
    entry : {"varying", "constant"}
        Whether the shares that enter after the first occasion differ.
    names, level
        As for :func:`jolly_seber`. The interval of the super-population is log-normal on those never seen.

    Returns
    -------
    Popan
        ``superpopulation`` is ``"not converged"`` where no proper maximum was reached, and ``"boundary"`` where a
        chance lies at 0 or 1 or nobody entered before some occasion.

    Raises
    ------
    InputError
        As for :func:`jolly_seber`, or for an unknown option.

    References
    ----------
    C. J. Schwarz and A. N. Arnason (1996), A general methodology for the analysis of capture-recapture experiments in
    open populations, Biometrics 52, 860-873.

    Examples
    --------
    >>> fit = popan([60, 80, 70, 50], [60, 50, 30, 15], [25, 35, 45, 50], survival="constant", capture="constant")
    >>> fit.superpopulation
    Estimate(186 workers; 95% interval 172 to 213)
    """
    n, u, v = _totals(captured, first_captured, last_captured)
    t = n.size
    names = _names(names, t)
    for label, value in (("survival", survival), ("capture", capture), ("entry", entry)):
        if value not in ("varying", "constant"):
            raise InputError(f"{label}={value!r}", '"varying" or "constant"')
    m, r = n - u, n - v
    z = np.concatenate([[0.0], np.cumsum(u - v)[:-1]]) - m
    seen = float(u.sum())
    sizes = (
        t - 1 if survival == "varying" else 1,
        max(t - 2, 1) if capture == "varying" else 1,
        t - 1 if entry == "varying" else 1,
    )
    edges = np.cumsum(sizes)

    def unpack(point):
        stay = np.broadcast_to(special.expit(point[: edges[0]]), (t - 1,))
        seen_chance = special.expit(point[edges[0] : edges[1]])
        if capture == "varying":
            seen_chance = np.concatenate([seen_chance[:1], seen_chance, seen_chance[-1:]])
        logits = np.concatenate([[0.0], np.broadcast_to(point[edges[1] : edges[2]], (t - 1,))])
        return stay, np.broadcast_to(seen_chance, (t,)), special.softmax(logits), math.exp(min(point[-1], 700.0))

    def loglik(point):
        stay, chance, enter, never = unpack(point)
        again = np.zeros(t)  # chance that a worker seen at an occasion is seen again
        unmarked = np.empty(t)  # share of the super-population present and not yet seen
        unmarked[0] = enter[0]
        for i in range(t - 1):
            unmarked[i + 1] = unmarked[i] * (1 - chance[i]) * stay[i] + enter[i + 1]
        for i in range(t - 2, -1, -1):
            again[i] = stay[i] * (chance[i + 1] + (1 - chance[i + 1]) * again[i + 1])
        now = chance / (chance + (1 - chance) * again)
        met = unmarked * chance
        return float(
            (special.xlogy(r, again) + special.xlog1py(n - r, -again)).sum()
            + (special.xlogy(m, now) + special.xlog1py(z, -now)).sum()
            + special.gammaln(seen + never + 1)
            - special.gammaln(never + 1)
            + special.xlogy(u, met).sum()
            + never * math.log(max(1 - met.sum(), 1e-300))
        )

    from scipy.optimize import minimize

    start = np.concatenate([np.full(edges[0], 1.0), np.full(sizes[1], -0.5), np.zeros(sizes[2]), [math.log(seen)]])
    found = minimize(lambda x: -loglik(x), start, method="BFGS", options={"maxiter": 2000, "gtol": 1e-4})
    # BFGS stops early where the scale is large: starting it afresh forgets a poor picture of the curvature.
    for _ in range(4):
        before = found.fun
        found = minimize(lambda x: -loglik(x), found.x, method="BFGS", options={"maxiter": 2000, "gtol": 1e-6})
        if before - found.fun < 1e-6:
            break
    point = found.x

    def derived(x):
        stay, chance, enter, never = unpack(x)
        people = seen + never
        present = np.empty(t)
        present[0] = people * enter[0]
        for i in range(t - 1):
            present[i + 1] = present[i] * stay[i] + people * enter[i + 1]
        return np.concatenate([present, chance, stay, enter])

    # Chances at 0 or 1, and entries of less than half a worker, sit on the edge and have no curvature to invert.
    never = math.exp(min(point[-1], 700.0))
    at_edge = np.abs(point) > 12
    top = loglik(point)
    for i in np.flatnonzero(np.abs(point[: edges[1]]) > 4):
        # Where the search stops on such a plateau is chance; that the plateau goes on to 0 or 1 is not.
        further = point.copy()
        further[i] = math.copysign(30.0, point[i])
        at_edge[i] |= loglik(further) > top - 1e-2
    at_edge[edges[1] : edges[2]] = ((seen + never) * unpack(point)[2][1:] < 0.5)[: sizes[2]]
    at_edge[-1] = False
    free = np.flatnonzero(~at_edge)
    information = -_hessian(loglik, point, np.full(point.size, 1e-3))[np.ix_(free, free)]
    proper = bool(np.linalg.eigvalsh(information).min() > 1e-6)
    covariance = np.zeros((point.size, point.size))
    if proper:
        covariance[np.ix_(free, free)] = np.linalg.inv(information)
        climb = _gradient(loglik, point)[free]
        proper = float(climb @ covariance[np.ix_(free, free)] @ climb) < 1e-2  # twice the height still to be gained
    status, warnings = "ok", ()
    if not proper:
        status, warnings = "not converged", ("the search did not reach a proper maximum of the likelihood",)
    elif at_edge.any():
        status, warnings = "boundary", ("a chance lies at 0 or 1, or nobody entered before some occasion",)
    if seen + never > LARGEST_MULTIPLE * seen:
        status, warnings = "implausible", (f"more than {LARGEST_MULTIPLE:,.0f} times the workers seen",)
    log_error = math.sqrt(max(covariance[-1, -1], 0.0))
    spread = math.exp(min(float(special.ndtri(0.5 + level / 2)) * log_error, 700.0))
    values = derived(point)
    slopes = _jacobian(derived, point)
    errors = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slopes, covariance, slopes), 0))
    shared = {"level": level, "method": "super-population model (POPAN)"}
    parts = np.cumsum([t, t, t - 1])

    def estimates(which, unit, phrases, top=math.inf):
        held = zip(np.split(values, parts)[which], np.split(errors, parts)[which], phrases, strict=True)
        results = (_estimate(value, error, unit, phrase, top=top, **shared) for value, error, phrase in held)
        return tuple(x if status == "ok" or x.status != "ok" else x.replace(status=status) for x in results)

    steps = [f"from {a} to {b}" for a, b in pairwise(names)]
    return Popan(
        superpopulation=Estimate(
            value=seen + never,
            unit="workers",
            estimand="workers present on at least one occasion",
            interval=(seen + never / spread, seen + never * spread) if proper else None,
            interval_kind="log-normal" if proper else "",
            standard_error=never * log_error if proper else None,
            observed=int(seen),
            loglik=top,
            aic=2 * point.size - 2 * top,
            status=status,
            warnings=warnings,
            assumptions=_ASSUMPTIONS,
            **shared,
        ),
        abundance=estimates(0, "workers", [f"workers present, {name}" for name in names]),
        capture=estimates(1, "share", [f"chance of being seen, {name}" for name in names], top=1.0),
        survival=estimates(2, "share", [f"chance of staying {step}" for step in steps], top=1.0),
        entry=estimates(3, "share", [f"share of all who entered before {name}" for name in names], top=1.0),
        loglik=top,
        aic=2 * point.size - 2 * top,
        parameters=int(point.size),
    )


# --- Shared pieces ----------------------------------------------------------------------------------------------------


def _names(names, t):
    names = tuple(f"occasion {i + 1}" for i in range(t)) if names is None else tuple(str(x) for x in names)
    if len(names) != t:
        raise InputError(f"{len(names)} names for {t} occasions", "one name an occasion")
    return names


def _totals(captured, first, last):
    columns = []
    for name, values in (("captured", captured), ("first_captured", first), ("last_captured", last)):
        try:
            array = np.asarray(values, dtype=float)
        except (TypeError, ValueError):
            raise InputError("text among the counts", "whole numbers", column=name) from None
        bad = ~(np.isfinite(array) & (array >= 0) & (array == np.floor(array)))
        if array.ndim != 1 or bad.any():
            row = int(np.argmax(bad)) + 2 if array.ndim == 1 else None
            raise InputError(
                "a count that is negative or not whole", "whole numbers of 0 or more", row=row, column=name
            )
        columns.append(array)
    n, u, v = columns
    if not n.size == u.size == v.size:
        raise InputError("columns of different lengths", "one value in each column for every occasion")
    if n.size < 3:
        raise InputError(f"{n.size} occasions", "at least three: an open population needs a before and an after")
    for i in range(n.size):
        if u[i] > n[i] or v[i] > n[i]:
            raise InputError(
                "more first or last captures than captures", "parts that do not exceed the whole", row=i + 2
            )
    if u.sum() != v.sum():
        raise InputError(
            f"{u.sum():.0f} first captures and {v.sum():.0f} last captures", "equal sums: everyone has one of each"
        )
    if u[0] != n[0] or v[-1] != n[-1]:
        raise InputError("recaptures at the first occasion, or later sightings at the last", "u = n first, v = n last")
    z = np.concatenate([[0.0], np.cumsum(u - v)[:-1]]) - (n - u)
    if (z < 0).any():
        i = int(np.argmax(z < 0))
        raise InputError("more recaptures than workers seen both before and later", "counts that agree", row=i + 2)
    return n, u, v


def _estimate(value, error, unit, estimand, *, level, method, top=math.inf, observed=None):
    """One number of the model, with the status that its position deserves."""
    common = {"unit": unit, "estimand": estimand, "method": method, "level": level, "assumptions": _ASSUMPTIONS}
    if not math.isfinite(value):
        reason = "at the edge of the data, or nobody was seen both before and after"
        return Estimate(value=None, status="not identified", observed=observed, warnings=(reason,), **common)
    value, held_at_top = float(value), bool(error == 0 and value == top)
    floor = 0.0 if observed is None else float(observed)
    interval = None
    if math.isfinite(error) and not held_at_top:
        half = float(special.ndtri(0.5 + level / 2)) * float(error)
        interval = tuple(float(min(max(x, floor), top)) for x in (value - half, value + half))
    status, warnings = "ok", ()
    if value > top or held_at_top:
        status, warnings = "boundary", ("the data ask for a chance of 1 or more: returns after leaving, or chance",)
    elif value < 0:
        status, warnings = "boundary", ("a negative number of arrivals: fewer joined than sampling error can show",)
    elif observed is not None and value > LARGEST_MULTIPLE * observed:
        status, warnings = "implausible", (f"more than {LARGEST_MULTIPLE:,.0f} times the workers seen",)
    return Estimate(
        value=value,
        interval=interval,
        interval_kind="normal" if interval else "",
        standard_error=float(error) if interval else None,
        observed=observed,
        status=status,
        warnings=warnings,
        **common,
    )


def _closed_form(n, u, m, r, z):
    """Estimates and Seber's variances; arrivals also vary as a Poisson number."""
    with np.errstate(divide="ignore", invalid="ignore"):
        marked = m + n * z / r
        marked[0], marked[-1] = 0.0, np.nan
        present = np.where(m > 0, n * marked / m, np.nan)
        present[0] = np.nan
        seen_share = m / n
        chance = m / marked
        survival = marked[1:] / (marked[:-1] - m[:-1] + n[:-1])
        arrivals = present[1:] - survival * present[:-1]
        # Extra variance because those seen again are themselves a sample.
        again = 1 / r - 1 / n
        ahead = (marked - m) * (marked - m + n) / marked**2 * again
        behind = (marked - m) / (marked - m + n) * again
        behind[0] = 0.0
        rest = (1 - seen_share) / m
        abundance_variance = present * (present - n) * ((marked - m + n) / marked * again + rest)
        survival_variance = survival**2 * (ahead[1:] + behind[:-1] + np.maximum(1 - survival, 0) / marked[1:])
        arrivals_variance = (
            arrivals**2 * ahead[1:]
            + behind[:-1] * (survival * n[:-1] * (1 - seen_share[:-1]) / seen_share[:-1]) ** 2
            + (present[:-1] - n[:-1])
            * (present[1:] - arrivals)
            * (1 - seen_share[:-1])
            * (1 - survival)
            / (marked[:-1] - m[:-1] + n[:-1])
            + present[1:] * (present[1:] - n[1:]) * rest[1:]
            + survival**2 * present[:-1] * (present[:-1] - n[:-1]) * rest[:-1]
            + np.maximum(arrivals, 0)
        )
        chance_variance = chance**2 * (1 - chance) ** 2 * (again + 1 / m + 1 / z)
    survival[-1] = arrivals[-1] = np.nan
    arrivals[0] = np.nan
    values = {"abundance": present, "capture": chance, "survival": survival, "arrivals": arrivals}
    errors = {
        "abundance": abundance_variance,
        "capture": chance_variance,
        "survival": survival_variance,
        "arrivals": arrivals_variance,
    }
    loglik = _binomial_loglik(r[:-1], n[:-1] - r[:-1]) + _binomial_loglik(m[1:-1], z[1:-1])
    return values, {name: np.sqrt(np.where(x >= 0, x, np.nan)) for name, x in errors.items()}, loglik


def _binomial_loglik(hits, misses):
    """Highest log-likelihood of independent binomial counts, without combinatorial constants."""
    total = hits + misses
    return float((special.xlogy(hits, hits) + special.xlogy(misses, misses) - special.xlogy(total, total)).sum())


def _constrained(n, u, m, r, z):
    """Maximum likelihood with survival at 1 or below, and the delta method around it."""
    from scipy.optimize import minimize

    if (r[:-1] == 0).any() or (m[1:] == 0).any() or (z[1:-1] == 0).any():
        raise InputError(
            "an occasion that nobody was seen both before and after",
            "clip_survival=False, or neighbouring occasions joined: the likelihood has no interior maximum",
        )
    start, _, _ = _closed_form(n, u, m, r, z)
    t = n.size
    inner = slice(1, t - 1)
    free = start["survival"][: t - 2] <= 1
    split = int(free.sum())

    # Points may be complex: derivatives by complex steps lose no digits, so that every processor agrees.
    def unpack(point):
        survival, capture = np.ones(t - 2, point.dtype), np.zeros(t, point.dtype)
        survival[free], capture[inner] = point[:split], point[split : split + t - 2]
        return survival, capture, point[-1]

    def loglik(point):
        survival, capture, last = unpack(point)
        again = np.empty(t - 1, point.dtype)  # chance that a worker seen at an occasion is ever seen again
        again[-1] = last
        for i in range(t - 3, -1, -1):
            again[i] = survival[i] * (capture[i + 1] + (1 - capture[i + 1]) * again[i + 1])
        now = capture[inner] / (capture[inner] + (1 - capture[inner]) * again[1:])
        seen = (special.xlogy(r[:-1], again) + special.xlog1py(n[:-1] - r[:-1], -again)).sum()
        return seen + (special.xlogy(m[inner], now) + special.xlog1py(z[inner], -now)).sum()

    point = np.clip(
        np.concatenate([start["survival"][: t - 2][free], start["capture"][inner], [r[-2] / n[-2]]]), 0.01, 0.99
    )
    for _ in range(t):
        found = minimize(lambda x: -loglik(special.expit(x)), special.logit(point), method="BFGS")
        point = special.expit(found.x)
        at_edge = point[:split] > 1 - 1e-6
        if not at_edge.any():
            break
        # Survival drifted to 1 although its own formula was below: hold it there as well.
        free[np.flatnonzero(free)[at_edge]] = False
        point, split = np.concatenate([point[:split][~at_edge], point[split:]]), split - int(at_edge.sum())
    for _ in range(3):
        slope = _complex_jacobian(loglik, point)
        point = np.clip(point - np.linalg.solve(_exact_hessian(loglik, point), slope), 1e-9, 1 - 1e-9)
    covariance = np.linalg.inv(-_exact_hessian(loglik, point))

    def present_and_arrived(everything):
        survival, capture, _ = unpack(everything[: point.size])
        fresh = everything[point.size :]
        marked, present = 0.0, np.full(t, np.nan, everything.dtype)
        for i in range(1, t - 1):
            marked = survival[i - 1] * (marked + fresh[i - 1])
            present[i] = marked + fresh[i] / capture[i]
        return np.concatenate([present[inner], present[2 : t - 1] - survival[1:] * present[1 : t - 2]])

    everything = np.concatenate([point, u])
    spread = np.diag(np.concatenate([np.zeros(point.size), u]))  # first captures vary as Poisson numbers
    spread[: point.size, : point.size] = covariance
    slopes = _complex_jacobian(present_and_arrived, everything)
    variances = np.einsum("ij,jk,ik->i", slopes, spread, slopes)
    derived = present_and_arrived(everything)
    survival, capture, _ = unpack(point)
    values = {name: np.full(t if name in ("abundance", "capture") else t - 1, np.nan) for name in start}
    errors = {name: column.copy() for name, column in values.items()}
    deviations = np.sqrt(np.diag(covariance))
    values["abundance"][inner] = derived[: t - 2]
    # The population present is taken as given, so its own Poisson variance leaves the sum.
    errors["abundance"][inner] = np.sqrt(np.maximum(variances[: t - 2] - derived[: t - 2], 0))
    values["capture"][inner], errors["capture"][inner] = capture[inner], deviations[split:-1]
    values["survival"][: t - 2], errors["survival"][: t - 2] = survival, 0.0
    errors["survival"][np.flatnonzero(free)] = deviations[:split]
    values["arrivals"][1 : t - 2], errors["arrivals"][1 : t - 2] = derived[t - 2 :], np.sqrt(variances[t - 2 :])
    return values, errors, float(loglik(point))


def _complex_jacobian(function, point):
    """Derivatives of an analytic function, exact to the last digits: no difference of near numbers is taken."""
    return np.array([np.imag(function(point + 1e-30j * unit)) / 1e-30 for unit in np.eye(point.size)]).T


def _exact_hessian(function, point):
    """Central differences of exact first derivatives of a function of chances."""
    steps = _inside(point) * 1e-2
    sides = [[_complex_jacobian(function, point + sign * step * unit) for sign in (1, -1)]
             for step, unit in zip(steps, np.eye(point.size), strict=True)]  # fmt: skip
    rows = np.array([(up - down) / (2 * step) for (up, down), step in zip(sides, steps, strict=True)])
    return (rows + rows.T) / 2


def _gradient(function, point):
    return _jacobian(lambda x: np.array([function(x)]), point)[0]


def _jacobian(function, point):
    units = np.diag(np.maximum(np.abs(point), 1e-2) * 1e-5)
    return np.array([(function(point + e) - function(point - e)) / (2 * e.sum()) for e in units]).T


def _hessian(function, point, steps):
    units = np.diag(steps)
    result = np.empty((point.size, point.size))
    for i, a in enumerate(units):
        for j, b in enumerate(units[: i + 1]):
            near = function(point + a + b) + function(point - a - b)
            far = function(point + a - b) + function(point - a + b)
            result[i, j] = result[j, i] = (near - far) / (4 * a.sum() * b.sum())
    return result


def _inside(point):
    """Steps that keep a chance between 0 and 1."""
    return np.minimum(np.maximum(point, 1e-3), np.maximum(1 - point, 1e-3)) * 1e-3
