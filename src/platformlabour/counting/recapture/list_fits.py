"""Hierarchical log-linear models of lists, fitted to many sparse tables at once.

Searching over models, and searching again in every bootstrap sample, fits thousands of small models to tables with many
empty cells. Where a combination that a model is free to fit never occurs, its fitted count is zero and a parameter has
no finite value: the cells concerned are set aside before fitting, which leaves the same greatest likelihood and a
problem that converges in a few steps.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, fields
from functools import cached_property, lru_cache

import numpy as np

from platformlabour.counting.recapture.loglinear import (
    heterogeneity,
    hierarchical_models,
    interaction_matrix,
    pattern_matrix,
)

__all__ = ["ListFits", "Terms", "fit_tables", "model_set", "term_family"]

# The quadratic convergence of Newton's steps leaves less than a millionth of a standard error after this decrement.
DECREMENT = 1e-7
ITERATIONS = 40
# Fits at a time, so that the work stays in the processor's cache.
BLOCK = 512
RIDGE = 1e-10
# Scaled variance of the intercept beyond which it rides on a direction that the table does not determine.
UNDETERMINED = 1e7
# Unseen people, as a multiple of those seen and as a count, beyond which the likelihood has no inner maximum.
NO_LIMIT = 1e5
NOBODY = 1e-5


@dataclass(frozen=True, eq=False)
class Terms:
    """The terms from which models of lists are made, with the table of observable patterns they describe.

    Parameters
    ----------
    occasions : int
        Lists.
    terms : tuple of tuple of int
        Sets of lists, the single lists first; the intercept stands before them, the column for heterogeneity after.
    extra : numpy.ndarray, shape (2**t - 1, q)
        Columns that every model has: q is 1 with heterogeneity and 0 without.

    Examples
    --------
    >>> family = term_family(3, 2)
    >>> family.terms, family.matrix.shape
    (((0,), (1,), (2,), (0, 1), (0, 2), (1, 2)), (7, 7))
    """

    occasions: int
    terms: tuple[tuple[int, ...], ...]
    extra: np.ndarray

    @cached_property
    def matrix(self):
        """Design matrix with an intercept and all terms, shape (2**t - 1, p)."""
        return np.hstack([interaction_matrix(self.occasions, self.terms), self.extra])

    @cached_property
    def products(self):
        """Products of pairs of columns, a row a cell, shape (2**t - 1, p * p)."""
        cells, width = self.matrix.shape
        return (self.matrix[:, :, None] * self.matrix[:, None, :]).reshape(cells, width * width)

    @cached_property
    def place(self):
        """Column of each term."""
        return {term: 1 + i for i, term in enumerate(self.terms)}

    @cached_property
    def margins(self):
        """Which cells each margin of each term sums, shape (margins, cells), and the term's column, shape (margins,).

        The margin of nobody on any of the term's lists is left out: it holds the people never seen.
        """
        patterns = pattern_matrix(self.occasions)
        rows, owners = [], []
        for term in self.terms:
            for values in itertools.product((0, 1), repeat=len(term)):
                if any(values):
                    rows.append((patterns[:, list(term)] == values).all(axis=1))
                    owners.append(self.place[term])
        return np.array(rows, dtype=float), np.array(owners)

    def model(self, terms):
        """The row of columns of the model with these terms, shape (p,), all lists and extra columns included."""
        row = np.zeros(self.matrix.shape[1], dtype=bool)
        row[: 1 + self.occasions] = True
        row[1 + len(self.terms) :] = True
        for term in terms:
            row[self.place[term]] = True
        return row

    def terms_of(self, row):
        """The terms of a model, shape (p,)."""
        return tuple(term for term, used in zip(self.terms, row[1:], strict=False) if used)


@lru_cache(maxsize=32)
def term_family(occasions, largest, shape=None):
    """All terms of up to ``largest`` lists.

    Parameters
    ----------
    occasions : int
    largest : int
        Lists in the largest term, at most ``occasions - 1``.
    shape : {"poisson", "darroch", "gamma"}, optional
        Heterogeneity that every model has.

    Returns
    -------
    Terms
    """
    terms = tuple(
        term
        for size in range(1, min(largest, occasions - 1) + 1)
        for term in itertools.combinations(range(occasions), size)
    )
    times = pattern_matrix(occasions).sum(axis=1)
    extra = np.zeros((len(times), 0)) if shape is None else heterogeneity(shape, times)[:, None]
    return Terms(occasions, terms, extra)


@lru_cache(maxsize=16)
def model_set(occasions, search, shape=None):
    """The models a search goes through.

    Parameters
    ----------
    occasions : int
    search : {"hierarchical", "two-way"}
        Every hierarchical model (up to 5 lists), or every set of two-way interactions (up to 6).
    shape : str, optional
        Heterogeneity that every model has.

    Returns
    -------
    family : Terms
    models : numpy.ndarray of bool, shape (models, p)

    Examples
    --------
    >>> [len(model_set(t, "hierarchical")[1]) for t in (2, 3, 4)], len(model_set(5, "two-way")[1])
    ([1, 8, 113], 1024)
    """
    if search == "hierarchical":
        family = term_family(occasions, occasions - 1, shape)
        models = hierarchical_models(occasions)
    else:
        family = term_family(occasions, 2, shape)
        pairs = len(family.terms) - occasions
        chosen = (np.arange(1 << pairs)[:, None] >> np.arange(pairs)) & 1
        models = np.hstack([np.ones((len(chosen), 1 + occasions), dtype=bool), chosen.astype(bool)])
    return family, np.hstack([models, np.ones((len(models), family.extra.shape[1]), dtype=bool)])


@dataclass(frozen=True, eq=False)
class ListFits:
    """Many fits; every field has one value a fit.

    Parameters
    ----------
    value, standard_error : numpy.ndarray
        People.
    log_error : numpy.ndarray
        Standard error of the intercept, the logarithm of the number never seen.
    kernel : numpy.ndarray
        Greatest log-likelihood up to constants of the table.
    size : numpy.ndarray of int
        Parameters of the model, finite or not.
    usable : numpy.ndarray of bool
        Whether the fit converged to a number of people that the table determines.
    complete : numpy.ndarray of bool
        Whether the fit converged to nobody unseen, which is no usable estimate.
    expected : numpy.ndarray, shape (fits, p)
        Sums of the fitted counts over each column of the family: of people on both of two lists, for a pair.
    """

    value: np.ndarray
    standard_error: np.ndarray
    log_error: np.ndarray
    kernel: np.ndarray
    size: np.ndarray
    usable: np.ndarray
    complete: np.ndarray
    expected: np.ndarray


def fit_tables(family, counts, models):
    """Fit one model to each table, or many models to one.

    Parameters
    ----------
    family : Terms
    counts : numpy.ndarray, shape (fits, 2**t - 1) or (1, 2**t - 1)
        Tables in the order of :meth:`CapturePatterns.cells`; each needs somebody.
    models : numpy.ndarray of bool, shape (fits, p) or (1, p)
        Columns of each model.

    Returns
    -------
    ListFits

    References
    ----------
    S. E. Fienberg and A. Rinaldo (2012), Maximum likelihood estimation in log-linear models, Annals of Statistics 40,
    996-1023. L. Chan, B. W. Silverman and K. Vincent (2021), Multiple systems estimation
    for sparse capture data, Journal of the American Statistical Association 116, 1297-1306.

    Examples
    --------
    >>> family, models = model_set(2, "two-way")
    >>> fit_tables(family, np.array([[254.0, 781.0, 167.0]]), models[:1]).value.round(3).tolist()
    [2389.868]
    """
    fits = max(len(counts), len(models))
    if fits > BLOCK:
        parts = [
            fit_tables(
                family,
                counts if len(counts) == 1 else counts[top : top + BLOCK],
                models if len(models) == 1 else models[top : top + BLOCK],
            )
            for top in range(0, fits, BLOCK)
        ]
        return ListFits(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(ListFits)))
    matrix = family.matrix
    declared = np.broadcast_to(models, (fits, matrix.shape[1]))
    rows, owners = family.margins
    empty = np.broadcast_to((counts @ rows.T == 0), (fits, len(rows))) & declared[:, owners]
    present = np.ones((fits, matrix.shape[0]))
    free = declared
    if empty.any():
        present = (empty.astype(float) @ rows == 0).astype(float)
        # A column that is zero over the cells left describes nothing.
        free = declared & (present @ np.abs(matrix) > 0)
    sufficient = np.broadcast_to(counts @ matrix, (fits, matrix.shape[1]))
    captured = np.broadcast_to(counts.sum(axis=1), (fits,))
    parameters = _start(family, counts, present, free)
    parameters, kernel, information, converged = _maximise(family, sufficient, present, free, parameters)
    diagonal = np.sqrt(np.maximum(np.einsum("bpp->bp", information), 1e-300))
    first = np.zeros((fits, matrix.shape[1], 1))
    first[:, 0] = 1.0
    variance = np.linalg.solve(_scaled(information, diagonal, free), first)[:, 0, 0]
    determined = variance < UNDETERMINED
    with np.errstate(over="ignore", invalid="ignore"):
        unseen = np.exp(np.minimum(parameters[:, 0], 700.0))
        log_variance = variance / diagonal[:, 0] ** 2
        error = np.sqrt(unseen + unseen**2 * log_variance)
    usable = converged & determined & (unseen < NO_LIMIT * captured) & (unseen > NOBODY)
    complete = converged & determined & (unseen <= NOBODY)
    return ListFits(
        captured + unseen,
        error,
        np.sqrt(log_variance),
        kernel,
        declared.sum(axis=1),
        usable,
        complete,
        information[:, 0].copy(),
    )


def _start(family, counts, present, free):
    """Weighted least squares on the logarithms of the counts, raised by a half."""
    weight = (counts + 0.5) * present
    width = family.matrix.shape[1]
    gram = (weight @ family.products).reshape(-1, width, width)
    diagonal = np.sqrt(np.maximum(np.einsum("bpp->bp", gram), 1e-300))
    right = (weight * np.log(counts + 0.5)) @ family.matrix / diagonal * free
    return np.linalg.solve(_scaled(gram, diagonal, free), right[:, :, None])[:, :, 0] / diagonal * free


def _scaled(information, diagonal, free):
    """Information with ones on the diagonal; nothing else in the rows of parameters that are not fitted."""
    used = free / diagonal
    scaled = information * used[:, :, None]
    scaled *= used[:, None, :]
    index = np.arange(information.shape[1])
    scaled[:, index, index] = 1.0 + RIDGE
    return scaled


def _evaluate(family, sufficient, present, parameters):
    means = np.exp(np.minimum(parameters @ family.matrix.T, 700.0)) * present
    kernel = np.einsum("bp,bp->b", sufficient, parameters) - means.sum(axis=1)
    return means, np.where(np.isfinite(kernel), kernel, -np.inf)


def _maximise(family, sufficient, present, free, start):
    """Newton's method with step halving, on all fits that have not yet converged."""
    fits, width = start.shape
    parameters = start.copy()
    information = np.empty((fits, width, width))
    kernel = np.empty(fits)
    converged = np.zeros(fits, dtype=bool)
    active = np.arange(fits)
    own_sufficient, own_present, own_free, at = sufficient, present, free, parameters
    means, value = _evaluate(family, own_sufficient, own_present, at)
    for _ in range(ITERATIONS):
        inner = (means @ family.products).reshape(-1, width, width)
        diagonal = np.sqrt(np.maximum(np.einsum("bpp->bp", inner), 1e-300))
        right = (own_sufficient - inner[:, 0]) / diagonal * own_free
        solved = np.linalg.solve(_scaled(inner, diagonal, own_free), right[:, :, None])[:, :, 0]
        decrement = np.einsum("bp,bp->b", right, solved)
        step = solved / diagonal * own_free
        new = at + step
        new_means, new_value = _evaluate(family, own_sufficient, own_present, new)
        floor = value - 1e-12 * (1.0 + np.abs(value))
        scale = np.ones(len(at))
        for _ in range(30):
            worse = np.flatnonzero(new_value < floor)
            if not len(worse):
                break
            scale[worse] /= 4.0
            new[worse] = at[worse] + scale[worse, None] * step[worse]
            new_means[worse], new_value[worse] = _evaluate(
                family, own_sufficient[worse], own_present[worse], new[worse]
            )
        at, means, value = new, new_means, new_value
        done = (decrement < DECREMENT) & (scale == 1.0)
        stop = done | ~np.isfinite(decrement)
        if stop.any():
            rows = active[stop]
            parameters[rows], kernel[rows] = at[stop], value[stop]
            information[rows] = (means[stop] @ family.products).reshape(-1, width, width)
            converged[rows] = done[stop]
            keep = ~stop
            active = active[keep]
            if not len(active):
                break
            at, means, value = at[keep], means[keep], value[keep]
            own_sufficient, own_present, own_free = own_sufficient[keep], own_present[keep], own_free[keep]
    else:
        parameters[active], kernel[active] = at, value
        information[active] = (means @ family.products).reshape(-1, width, width)
    return parameters, kernel, information, converged


def log_likelihood_constant(counts):
    """What the kernel of a table of counts lacks of its log-likelihood: ``-sum(log(count!))``."""
    return -sum(math.lgamma(count + 1.0) for count in counts if count > 1)
