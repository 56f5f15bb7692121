"""Choosing, or not choosing, among log-linear models of lists: stepwise, exhaustive, averaged."""

from __future__ import annotations

import math

import numpy as np

from platformlabour.counting.recapture.list_fits import fit_tables, log_likelihood_constant, model_set, term_family
from platformlabour.counting.recapture.thresholds import LARGEST_MULTIPLE, LARGEST_RELATIVE_ERROR
from platformlabour.errors import InputError

__all__ = [
    "CRITERIA",
    "MAXIMUM_SEARCHED",
    "SEARCHES",
    "averaged_limits",
    "averaged_tables",
    "best_tables",
    "search_fits",
    "search_of",
    "stepwise_tables",
    "weights_of",
]

CRITERIA = ("aic", "bic")
SEARCHES = ("hierarchical", "two-way")
# 32,768 models at 6 lists take seconds; 2,097,152 at 7 would take minutes and say no more.
MAXIMUM_SEARCHED = {"hierarchical": 5, "two-way": 6}


def search_of(search, occasions):
    """The models to search by default: every hierarchical one up to 4 lists, every two-way one beyond.

    Raises
    ------
    InputError
        If the search is unknown, or there are too many lists for it.
    """
    if search is None:
        search = "hierarchical" if occasions <= 4 else "two-way"
    if search not in SEARCHES:
        raise InputError(f"the search {search!r}", " or ".join(SEARCHES))
    if occasions > MAXIMUM_SEARCHED[search]:
        raise InputError(
            f"{occasions} lists to try every {search} model on",
            f"at most {MAXIMUM_SEARCHED[search]}; use stepwise, two-way or fewer lists",
        )
    return search


def search_fits(counts, occasions, *, search, shape=None):
    """Fit every model of a search to one table.

    Parameters
    ----------
    counts : numpy.ndarray, shape (2**t - 1,)
    occasions : int
    search : {"hierarchical", "two-way"}
    shape : str, optional
        Heterogeneity.

    Returns
    -------
    family : Terms
    models : numpy.ndarray of bool, shape (models, p)
    fits : ListFits
    loglik : numpy.ndarray, shape (models,)
    good : numpy.ndarray of bool, shape (models,)
        Models whose estimate may be used.
    """
    family, models = model_set(occasions, search, shape)
    fits = fit_tables(family, np.asarray(counts, dtype=float)[None], models)
    return family, models, fits, fits.kernel + log_likelihood_constant(counts), _good(fits, counts.sum())


def _good(fits, captured):
    with np.errstate(invalid="ignore"):
        return (
            fits.usable
            & (fits.value <= LARGEST_MULTIPLE * captured)
            & (fits.standard_error <= LARGEST_RELATIVE_ERROR * fits.value)
        )


def criterion_of(kernel, size, captured, criterion):
    """AIC or BIC up to a constant of the table."""
    return (2.0 if criterion == "aic" else np.log(captured)) * size - 2.0 * kernel


def weights_of(score):
    """Weights ``exp(-score / 2)`` that sum to 1; infinite scores weigh nothing.

    Examples
    --------
    >>> weights_of(np.array([10.0, 10.0, np.inf])).tolist()
    [0.5, 0.5, 0.0]
    """
    weights = np.exp(-0.5 * (score - score.min(axis=-1, keepdims=True)))
    return weights / weights.sum(axis=-1, keepdims=True)


def stepwise_tables(counts, occasions, *, threshold=0.02, shape=None):
    """Add two-way interactions one at a time to independence, in each of many tables.

    The number of people on both lists of a pair is compared with a Poisson count of the mean that the current model
    gives it. At every step the pair with the smallest one-sided p-value enters, as long as that is below the threshold
    and the table still determines the population size.

    Parameters
    ----------
    counts : numpy.ndarray, shape (tables, 2**t - 1)
    occasions : int
    threshold : float, default 0.02
    shape : str, optional
        Heterogeneity.

    Returns
    -------
    value : numpy.ndarray, shape (tables,)
        People; infinite where no model is usable, the number listed where nobody seems to be missing.
    chosen : tuple of tuple
        The interactions of each table's model.

    References
    ----------
    L. Chan, B. W. Silverman and K. Vincent (2021), Journal of the American Statistical Association 116, 1297-1306.
    """
    from scipy.special import pdtr, pdtrc

    family = term_family(occasions, 2, shape)
    pairs = np.arange(1 + occasions, 1 + len(family.terms)) if occasions > 2 else np.zeros(0, dtype=int)
    captured = counts.sum(axis=1)
    shared = counts @ family.matrix[:, pairs]
    models = np.tile(family.model(()), (len(counts), 1))
    fits = fit_tables(family, counts, models)
    values, expected = settled_values(fits, captured), fits.expected[:, pairs]
    barred = np.zeros(shared.shape, dtype=bool)
    active = np.arange(len(counts) if len(pairs) else 0)
    while len(active):
        mean, seen = np.maximum(expected[active], 1e-300), shared[active]
        # At least so many, or at most so few: P(X >= 0) is 1.
        chance = np.minimum(pdtr(seen, mean), np.where(seen > 0, pdtrc(np.maximum(seen - 1, 0), mean), 1.0))
        chance[barred[active] | models[active][:, pairs]] = np.inf
        pick = chance.argmin(axis=1)
        enter = chance[np.arange(len(active)), pick] < threshold
        active, pick = active[enter], pick[enter]
        if not len(active):
            break
        trial = models[active]
        trial[np.arange(len(active)), pairs[pick]] = True
        fits = fit_tables(family, counts[active], trial)
        settled = settled_values(fits, captured[active])
        taken = np.isfinite(settled)
        moved = active[taken]
        models[moved], values[moved], expected[moved] = trial[taken], settled[taken], fits.expected[taken][:, pairs]
        barred[moved] = False
        barred[active[~taken], pick[~taken]] = True
    return values, tuple(tuple(term for term in family.terms_of(row) if len(term) > 1) for row in models)


def settled_values(fits, captured):
    """Estimates as numbers: infinite without one, and the number listed where nobody seems to be missing."""
    return np.where(fits.usable, fits.value, np.where(fits.complete, captured, np.inf))


def best_tables(counts, occasions, *, criterion, search, shape=None):
    """The best model by a criterion in each of many tables; see :func:`stepwise_tables`."""
    values, chosen = np.full(len(counts), np.inf), []
    for row, table in enumerate(counts):
        family, models, fits, _, good = search_fits(table, occasions, search=search, shape=shape)
        if not good.any():
            chosen.append(())
            continue
        score = np.where(good, criterion_of(fits.kernel, fits.size, table.sum(), criterion), np.inf)
        best = int(score.argmin())
        values[row] = fits.value[best]
        chosen.append(tuple(term for term in family.terms_of(models[best]) if len(term) > 1))
    return values, tuple(chosen)


def averaged_tables(counts, occasions, *, criterion, search, shape=None):
    """The weighted mean over models in each of many tables; see :func:`stepwise_tables`."""
    values = np.full(len(counts), np.inf)
    for row, table in enumerate(counts):
        _, _, fits, _, good = search_fits(table, occasions, search=search, shape=shape)
        if good.any():
            weights = weights_of(np.where(good, criterion_of(fits.kernel, fits.size, table.sum(), criterion), np.inf))
            values[row] = (weights[good] * fits.value[good]).sum()
    return values, ((),) * len(counts)


def averaged_limits(values, errors, weights, captured, *, level=0.95):
    """Limits at which the weighted mean of the models' tail areas is half of what the level leaves.

    Each model's tail is that of a log-normal number of people never listed.

    Parameters
    ----------
    values, errors, weights : numpy.ndarray, shape (models,)
        Estimates and standard errors in people; weights that sum to 1.
    captured : int
    level : float, default 0.95

    Returns
    -------
    lower, upper : float

    References
    ----------
    D. Turek and D. Fletcher (2012), Model-averaged Wald confidence intervals, Computational Statistics and Data
    Analysis 56, 2809-2815.

    Examples
    --------
    Two models that disagree are both inside:

    >>> [round(x) for x in averaged_limits(np.array([200.0, 400.0]), np.array([10.0, 20.0]), np.array([0.5, 0.5]), 100)]
    [185, 435]
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    live = weights > 1e-12
    values, errors, weights = values[live], errors[live], weights[live] / weights[live].sum()
    unseen = values - captured
    spread = np.sqrt(np.log1p((errors / unseen) ** 2))
    centre = np.log(unseen)
    tail = (1.0 - level) / 2.0

    def below(log_unseen):
        return float(weights @ ndtr((log_unseen - centre) / spread))

    low, high = float((centre - 12 * spread).min()), float((centre + 12 * spread).max())
    return tuple(
        captured + math.exp(min(brentq(lambda x, area=area: below(x) - area, low, high, xtol=1e-10), 700.0))
        for area in (tail, 1.0 - tail)
    )
