"""Whether lists, and a log-linear model fitted to them, can tell the size of a population."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from platformlabour.counting.recapture.list_fits import fit_tables, term_family
from platformlabour.counting.recapture.loglinear import (
    CellDesign,
    LogLinearFit,
    criteria,
    existence,
    fit_cells,
    independent_columns,
    log_linear_profile,
    log_normal_interval,
    profile_interval,
)
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.counting.recapture.thresholds import LARGEST_MULTIPLE, LARGEST_RELATIVE_ERROR
from platformlabour.errors import InputError

__all__ = [
    "INTERVALS",
    "MAXIMUM_LISTS",
    "Lists",
    "Standing",
    "fit_terms",
    "limits_of",
    "plausible",
    "usable_lists",
]

MAXIMUM_LISTS = 8
# Below seven people on two lists even the two-list estimate is biased (Robson and Regier 1964).
FEW_SHARED = 7
INTERVALS = ("profile likelihood", "log-normal", "intercept")


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists that carry information, with what was set aside.

    Parameters
    ----------
    patterns : CapturePatterns
        Without empty lists.
    kept : tuple of int
        Places of these lists among those given.
    problem : str
        Why no population size can be estimated, or nothing.
    warnings : tuple of str
    """

    patterns: CapturePatterns
    kept: tuple[int, ...]
    problem: str
    warnings: tuple[str, ...]


def usable_lists(patterns):
    """Set empty lists aside and find what makes estimation impossible.

    Parameters
    ----------
    patterns : CapturePatterns

    Returns
    -------
    Lists

    Raises
    ------
    InputError
        If these are not capture patterns, or of more than 8 lists.

    Examples
    --------
    >>> usable_lists(CapturePatterns.from_counts({"110": 20, "100": 30, "010": 40}, names=["a", "b", "c"])).warnings
    ('the list c is empty and left out',)
    """
    if not isinstance(patterns, CapturePatterns):
        raise InputError(
            f"{type(patterns).__name__} in place of capture patterns", "CapturePatterns.from_histories(your table)"
        )
    if patterns.occasions > MAXIMUM_LISTS:
        raise InputError(
            f"{patterns.occasions} lists", f"at most {MAXIMUM_LISTS}; merge lists of the same kind, or count sightings"
        )
    kept = tuple(int(i) for i in np.flatnonzero(patterns.captures))
    empty = [name for name, people in zip(patterns.names, patterns.captures, strict=True) if not people]
    warnings = [f"the list {name} is empty and left out" for name in empty]
    if len(kept) < 2:
        return Lists(patterns, kept, "only one list holds anybody, and nothing can be said from one list", ())
    if empty:
        patterns = CapturePatterns.from_histories(
            patterns.histories[:, list(kept)], patterns.counts, names=[patterns.names[i] for i in kept]
        )
    same = patterns.identical_occasions
    if same:
        pair = " and ".join(same[0])
        problem = f"the lists {pair} hold exactly the same people: they are one list, so leave one of them out"
        return Lists(patterns, kept, problem, tuple(warnings))
    if patterns.recaptures == 0:
        problem = "nobody is on two lists: the data set no upper limit"
        return Lists(patterns, kept, problem, tuple(warnings))
    together = (patterns.histories.T.astype(float) * patterns.counts) @ patterns.histories
    for i, name in enumerate(patterns.names):
        for k, other in enumerate(patterns.names):
            if i != k and together[i, k] == together[i, i]:
                warnings.append(f"everybody on the list {name} is on {other} too: was one copied from the other?")
    if patterns.recaptures < FEW_SHARED:
        warnings.append(f"only {patterns.recaptures} people found again: expect bias as well as a wide interval")
    return Lists(patterns, kept, "", tuple(warnings))


def plausible(value, error, observed):
    """The status of an estimate by its size alone.

    Examples
    --------
    >>> plausible(120.0, 10.0, 100), plausible(90.0, 10.0, 100), plausible(1e9, 1e9, 100)
    ('ok', 'below observed', 'implausible')
    """
    if value is None or not math.isfinite(value):
        return "not identified"
    if value < observed * (1 - 1e-9):
        return "below observed"
    if value > LARGEST_MULTIPLE * observed or (error is not None and not error <= LARGEST_RELATIVE_ERROR * value):
        return "implausible"
    return "ok"


@dataclass(frozen=True, eq=False)
class Standing:
    """One log-linear model fitted to one table of lists, and whether it may be used.

    Parameters
    ----------
    value, standard_error, log_error : float or None
        People; ``log_error`` is the standard error of the logarithm of the people never listed.
    status : str
        As in :class:`platformlabour.Estimate`.
    fit : LogLinearFit or None
    size : int
        Parameters of the model, finite or not.
    warnings : tuple of str
    """

    value: float | None
    standard_error: float | None
    log_error: float | None
    status: str
    fit: LogLinearFit | None
    size: int
    warnings: tuple[str, ...]

    @property
    def loglik(self):
        return None if self.fit is None else float(self.fit.loglik[0])

    def aic(self):
        """Akaike's criterion, with every parameter of the model counted, as R's ``glm`` does."""
        return None if self.fit is None else 2 * self.size - 2 * self.loglik

    def bic(self, observed):
        """The Bayesian criterion, with the people listed as its sample size."""
        return None if self.fit is None else math.log(observed) * self.size - 2 * self.loglik


def _family(occasions, terms, shape):
    return term_family(occasions, max([2, *map(len, terms)]), shape)


def _design(occasions, terms, shape):
    family = _family(occasions, terms, shape)
    return family.matrix[:, family.model(terms)]


def fit_terms(patterns, terms, *, shape=None):
    """Fit one log-linear model of lists, after asking whether the table can tell its size.

    Parameters
    ----------
    patterns : CapturePatterns
        Without empty lists.
    terms : sequence of tuple of int
        Interactions.
    shape : {"poisson", "darroch", "gamma"}, optional
        Heterogeneity between people.

    Returns
    -------
    Standing

    References
    ----------
    L. Chan, B. W. Silverman and K. Vincent (2021), Multiple systems estimation for sparse capture data: inferential
    challenges when there are nonoverlapping lists, Journal of the American Statistical Association 116, 1297-1306.
    """
    matrix = _design(patterns.occasions, terms, shape)
    cells = patterns.cells()
    size = matrix.shape[1]
    if size > len(cells):
        return Standing(
            None, None, None, "not identified", None, size, (f"{size} parameters for {len(cells)} observable patterns",)
        )
    fit, check = fit_cells(matrix, cells)
    if not check.identified:
        if _found_everyone(matrix, cells):
            words = "the model leaves nobody unlisted: a pattern that it needs never occurs"
            return Standing(float(patterns.captured), None, None, "boundary", fit, size, (words,))
        words = "patterns that the model needs never occur, so the table cannot tell how many were never listed"
        return Standing(None, None, None, "not identified", None, size, (words,))
    if not fit.converged[0]:
        fit = _fit_scaled(patterns.occasions, terms, shape, cells, fit)
    if fit is None:
        return Standing(None, None, None, "not converged", None, size, ("the likelihood has no clear maximum",))
    value, error = float(fit.value[0]), float(fit.standard_error[0])
    unseen = value - patterns.captured
    status = plausible(value, error, patterns.captured)
    warnings = []
    if not check.exists:
        warnings.append("some patterns never occur, so that a parameter of the model has no finite value; the size has")
    if status == "implausible":
        warnings.append("the estimate is out of proportion to the data; do not use it")
    log_error = math.sqrt(max(error**2 - unseen, 0.0)) / unseen if unseen > 0 else None
    return Standing(value, error, log_error, status, fit, size, tuple(warnings))


def _fit_scaled(occasions, terms, shape, cells, fit):
    """A second try at a table whose counts are too far apart in size for the first; ``None`` if that fails too."""
    family = _family(occasions, terms, shape)
    again = fit_tables(family, cells[None].astype(float), family.model(terms)[None])
    if not again.usable[0]:
        return None
    loglik, aic, bic, deviance = criteria(cells.astype(float), again.kernel, again.size)
    return replace(
        fit,
        value=again.value,
        standard_error=again.standard_error,
        loglik=loglik,
        aic=aic,
        bic=bic,
        deviance=deviance,
        df=len(cells) - again.size,
        converged=np.array([True]),
    )


def _found_everyone(matrix, cells):
    """Whether every way to the likelihood's supremum sends the number never listed to zero."""
    from scipy.optimize import linprog

    seen = cells > 0
    ends = []
    for sign in (1.0, -1.0):
        cost = np.zeros(matrix.shape[1])
        cost[0] = sign
        empty = matrix[~seen]
        answer = linprog(
            cost,
            A_ub=empty if len(empty) else None,
            b_ub=np.zeros(len(empty)) if len(empty) else None,
            A_eq=matrix[seen],
            b_eq=np.zeros(int(seen.sum())),
            bounds=(-1.0, 1.0),
            method="highs",
        )
        ends.append(float(answer.x[0]))
    lowest, highest = ends
    return lowest < -1e-7 and highest < 1e-7


def limits_of(patterns, terms, standing, kind, *, level, shape=None):
    """The interval of a fitted model, or ``None``.

    Parameters
    ----------
    patterns, terms, shape
        As for :func:`fit_terms`.
    standing : Standing
    kind : {"profile likelihood", "log-normal", "intercept"}
    level : float

    Returns
    -------
    tuple of float, or None
    """
    captured = patterns.captured
    if standing.value is None or (standing.standard_error is None and kind != "profile likelihood"):
        return None
    if kind == "log-normal":
        limits = log_normal_interval(standing.value, standing.standard_error, captured, level=level)
    elif kind == "intercept":
        from scipy.special import ndtri

        reach = math.exp(min(float(ndtri(0.5 + level / 2)) * standing.log_error, 700.0))
        unseen = standing.value - captured
        limits = captured + unseen / reach, captured + unseen * reach
    else:
        profile, start = _profile(patterns, terms, shape, standing.value)
        _, *limits = profile_interval(profile, captured, start, level=level)
    low, high = (float(limit) for limit in limits)
    # The profile's own peak, and with it both limits, can lie a fraction of a person below the Poisson estimate.
    return min(low, standing.value), max(high, standing.value)


def _profile(patterns, terms, shape, value):
    """The profile log-likelihood over the cells that can be filled once somebody is never listed."""
    matrix, cells = _design(patterns.occasions, terms, shape), patterns.cells().astype(float)
    never = np.zeros(matrix.shape[1])
    never[0] = 1.0
    kept = existence(np.vstack([never, matrix]), [1.0, *cells]).kept
    columns = independent_columns(np.vstack([never, matrix])[kept])
    design = CellDesign(matrix[kept[1:]][:, columns])
    filled = cells[kept[1:]]
    unseen = max(value - patterns.captured, 1.0)
    weight = filled + 0.5
    scaled = design.matrix * np.sqrt(weight)[:, None]
    start = np.linalg.lstsq(scaled, np.sqrt(weight) * np.log(weight), rcond=None)[0]
    return (
        log_linear_profile(design, filled @ design.matrix, patterns.captured, start),
        patterns.captured + unseen,
    )
