"""Poisson log-linear models of capture patterns: the engine under closed populations and lists.

A table of capture patterns is a Poisson table with one cell that nobody can see: the people never captured. A
log-linear model of the visible cells, ``log(mean) = intercept + ...``, whose columns are all zero for the invisible
one, predicts it as ``exp(intercept)``. The likelihood is that of an exponential family, so a fit needs only the
sufficient statistics, and a design only has to say what it expects of them: :class:`CellDesign` adds over the cells one
by one, :class:`OccasionDesign` over all patterns of t occasions without ever listing them. Every function takes many
tables at once along the first axis.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from platformlabour.errors import InputError

__all__ = [
    "CellDesign",
    "Existence",
    "LogLinearFit",
    "Maximum",
    "OccasionDesign",
    "criteria",
    "existence",
    "fit_cells",
    "fit_models",
    "heterogeneity",
    "hierarchical_models",
    "independent_columns",
    "interaction_matrix",
    "interaction_terms",
    "log_normal_interval",
    "maximise",
    "maximise_bounded",
    "pattern_matrix",
    "population",
    "profile_interval",
]

# A Newton decrement is twice the log-likelihood still to gain; the step that measured it is taken as well, so the
# error left is far below a millionth of a standard error.
DECREMENT = 1e-9
ITERATIONS = 100
# A count of people this small stands for a cell that the fit has emptied.
LOST = 1e-6
# Fewer tables than this are cheaper one after another than through the table of column products.
FEW_TABLES = 8


@dataclass(frozen=True, eq=False)
class CellDesign:
    """A log-linear model written cell by cell: ``log(mean) = matrix @ parameters + offset``.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (cells, p)
        The first column is the intercept, all ones.
    offset : numpy.ndarray, shape (cells,), optional
        Added to the logarithm of each mean; 0 by default.
    """

    matrix: np.ndarray
    offset: np.ndarray | None = None

    @cached_property
    def _products(self):
        cells, width = self.matrix.shape
        return (self.matrix[:, :, None] * self.matrix[:, None, :]).reshape(cells, width * width)

    @cached_property
    def _transposed(self):
        return np.ascontiguousarray(self.matrix.T)

    def means(self, parameters):
        """Expected counts of the cells, shape (tables, cells)."""
        linear = parameters @ self.matrix.T
        return np.exp(linear if self.offset is None else linear + self.offset)

    def moments(self, parameters):
        """Expected total, expected sufficient statistics and information, for each table.

        Parameters
        ----------
        parameters : numpy.ndarray, shape (tables, p)

        Returns
        -------
        total : numpy.ndarray, shape (tables,)
        mean : numpy.ndarray, shape (tables, p)
        information : numpy.ndarray, shape (tables, p, p)
        """
        means = self.means(parameters)
        width = self.matrix.shape[1]
        if len(means) < FEW_TABLES:
            information = np.stack([self._transposed * row @ self.matrix for row in means])
            return information[:, 0, 0].copy(), information[:, 0].copy(), information
        return means.sum(axis=1), means @ self.matrix, (means @ self._products).reshape(-1, width, width)


@dataclass(frozen=True, eq=False)
class OccasionDesign:
    """All 2^t - 1 patterns of t occasions: an intercept, one effect an occasion, and effects of the number of captures.

    The mean of a pattern with captures on the occasions in S is
    ``exp(intercept + sum(effects[i] for i in S) + columns[len(S) - 1] @ tau)``. Sums over patterns are elementary
    symmetric polynomials of ``exp(effects)``, so 18 occasions cost thousands of terms and not 262,143 cells.

    Parameters
    ----------
    occasions : int
        Number of occasions t.
    columns : numpy.ndarray, shape (t, q)
        Columns for being captured 1, 2, …, t times; q may be 0.

    Examples
    --------
    >>> design = OccasionDesign(2, np.zeros((2, 0)))
    >>> total, mean, information = design.moments(np.log([[100.0, 0.5, 0.25]]))
    >>> total.round(6).tolist(), mean.round(6).tolist()      # 100 x (0.5 + 0.25 + 0.125)
    ([87.5], [[87.5, 62.5, 37.5]])
    """

    occasions: int
    columns: np.ndarray

    @cached_property
    def _others(self):
        # _others[l, i, k]: is occasion l among the others, once i and k are set aside?
        index = np.arange(self.occasions)
        return (index[:, None, None] != index[:, None]) & (index[:, None, None] != index)

    @cached_property
    def _pairs(self):
        index = np.arange(self.occasions)
        return index[:, None] != index

    def moments(self, parameters):
        """Expected total, expected sufficient statistics and information; see :meth:`CellDesign.moments`."""
        count, size = parameters.shape[0], self.occasions
        odds = np.exp(parameters[:, 1 : 1 + size])
        levels = np.exp(parameters[:, :1] + parameters[:, 1 + size :] @ self.columns.T)
        # others[b, i, k, j]: the sum, over sets of j occasions without i and k, of the products of their odds.
        others = np.zeros((count, size, size, size + 1))
        others[..., 0] = 1.0
        for occasion, present in enumerate(self._others):
            others[..., 1:] += (odds[:, occasion, None, None] * present)[..., None] * others[..., :-1]
        without_one = others[:, np.arange(size), np.arange(size)]
        # at[b, i, j - 1]: expected people captured j times, once on occasion i; they are each counted j times over i.
        at = odds[:, :, None] * without_one[..., :-1] * levels[:, None, :]
        by_level = at.sum(axis=1) / np.arange(1, size + 1)
        both = np.einsum("bikj,bj->bik", others[..., : size - 1], levels[:, 1:])
        both *= odds[:, :, None] * odds[:, None, :] * self._pairs
        single = at.sum(axis=2)
        both[:, np.arange(size), np.arange(size)] = single
        q = self.columns.shape[1]
        width = 1 + size + q
        information = np.empty((count, width, width))
        total = by_level.sum(axis=1)
        tau = by_level @ self.columns
        information[:, 0, 0] = total
        information[:, 0, 1 : 1 + size] = information[:, 1 : 1 + size, 0] = single
        information[:, 1 : 1 + size, 1 : 1 + size] = both
        if q:
            information[:, 0, 1 + size :] = information[:, 1 + size :, 0] = tau
            cross = at @ self.columns
            information[:, 1 : 1 + size, 1 + size :] = cross
            information[:, 1 + size :, 1 : 1 + size] = cross.swapaxes(1, 2)
            products = (self.columns[:, :, None] * self.columns[:, None, :]).reshape(size, q * q)
            information[:, 1 + size :, 1 + size :] = (by_level @ products).reshape(-1, q, q)
        return total, information[:, 0, :].copy(), information


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the likelihood of each table is greatest.

    Parameters
    ----------
    parameters : numpy.ndarray, shape (tables, p)
    kernel : numpy.ndarray, shape (tables,)
        Log-likelihood without the terms that do not depend on the parameters.
    gradient : numpy.ndarray, shape (tables, p)
        Of all parameters, also of those held at zero.
    information : numpy.ndarray, shape (tables, p, p)
    converged : numpy.ndarray of bool, shape (tables,)
    """

    parameters: np.ndarray
    kernel: np.ndarray
    gradient: np.ndarray
    information: np.ndarray
    converged: np.ndarray


def maximise(design, sufficient, start, *, free=None, unseen=None, iterations=ITERATIONS):
    """Fit many tables at once by Newton's method with step halving.

    Parameters
    ----------
    design : CellDesign or OccasionDesign
    sufficient : numpy.ndarray, shape (tables, p)
        Observed sufficient statistics; the first is the number of people.
    start : numpy.ndarray, shape (tables, p)
        Where to begin.
    free : numpy.ndarray of bool, shape (tables, p), optional
        Parameters to be fitted; the others stay where they start.
    unseen : numpy.ndarray, shape (tables,), optional
        When given, the table has one more cell, that of the people never captured, with this count: the fit for a
        population of known size. The first sufficient statistic must then include them.
    iterations : int, optional
        Newton steps at most.

    Returns
    -------
    Maximum

    References
    ----------
    L.-P. Rivest and S. Baillargeon (2007), Applications and extensions of Chao's moment estimator for the size of a
    closed population, Biometrics 63, 999-1006.

    Examples
    --------
    >>> design = CellDesign(np.array([[1.0, 1, 0], [1, 0, 1], [1, 1, 1]]))
    >>> seen = np.array([[781.0, 254, 167]])
    >>> fit = maximise(design, seen @ design.matrix, np.zeros((1, 3)))
    >>> round(float(np.exp(fit.parameters[0, 0])), 4), 781 * 254 / 167
    (1187.8683, 1187.86...)
    """
    if not len(start):
        width = sufficient.shape[1]
        none = np.zeros((0, width))
        return Maximum(none, np.zeros(0), none, np.zeros((0, width, width)), np.zeros(0, dtype=bool))
    if len(start) == 1 and isinstance(design, CellDesign):
        return _maximise_one(design, sufficient, start, free, unseen, iterations)
    parameters = np.array(start, dtype=float)
    tables, width = parameters.shape
    kernel = np.full(tables, -np.inf)
    gradient = np.zeros((tables, width))
    information = np.tile(np.eye(width), (tables, 1, 1))
    converged = np.zeros(tables, dtype=bool)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        state = _evaluate(design, sufficient, parameters, unseen)
        kernel, gradient, information = state
        active = np.arange(tables)
        for _ in range(iterations):
            whole = len(active) == tables
            pick = (lambda x: x) if whole else (lambda x, rows=active: x[rows])
            step, decrement = _newton_step(pick(gradient), pick(information), None if free is None else pick(free))
            old_kernel, old = pick(kernel), pick(parameters)
            scale = np.ones(len(active))
            accepted = np.zeros(len(active), dtype=bool)
            new = old + step
            values = _evaluate(design, pick(sufficient), new, None if unseen is None else pick(unseen))
            slack = 1e-12 * (1.0 + np.abs(old_kernel))
            for _ in range(40):
                accepted = values[0] >= old_kernel - slack
                if accepted.all():
                    break
                todo = np.flatnonzero(~accepted)
                scale[todo] /= 4.0
                new[todo] = old[todo] + scale[todo, None] * step[todo]
                again = _evaluate(
                    design, pick(sufficient)[todo], new[todo], None if unseen is None else pick(unseen)[todo]
                )
                for whole_value, value in zip(values, again, strict=True):
                    whole_value[todo] = value
            moved = active[accepted]
            parameters[moved] = new[accepted]
            kernel[moved], gradient[moved], information[moved] = (value[accepted] for value in values)
            done = (decrement < DECREMENT) & (scale == 1.0)
            converged[active[done & accepted]] = True
            active = active[~done & accepted]
            if not len(active):
                break
    return Maximum(parameters, kernel, gradient, information, converged)


def _maximise_one(design, sufficient, start, free, unseen, iterations):
    """The same for a single table, where the cost is in the calls and not in the numbers."""
    matrix, transposed, offset = design.matrix, design._transposed, design.offset
    used = np.arange(matrix.shape[1]) if free is None else np.flatnonzero(free[0])
    everything = len(used) == matrix.shape[1]
    hidden = None if unseen is None else 0
    observed, parameters = sufficient[0], np.array(start[0], dtype=float)

    def evaluate(at):
        linear = matrix @ at
        means = np.exp(linear if offset is None else linear + offset)
        information = (transposed * means) @ matrix
        if hidden is not None:
            information[0, 0] += math.exp(min(at[0], 700.0))
        value = float(observed @ at - information[0, 0])
        return (-math.inf if value != value else value), information

    converged = False
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        kernel, information = evaluate(parameters)
        for _ in range(iterations):
            gradient = observed - information[0]
            inner = information if everything else information[np.ix_(used, used)]
            diagonal = np.sqrt(np.maximum(inner.diagonal(), 1e-300))
            scaled = inner / diagonal / diagonal[:, None]
            scaled.flat[:: len(used) + 1] = 1.0 + 1e-13
            right = gradient[used] / diagonal
            try:
                solved = np.linalg.solve(scaled, right)
            except np.linalg.LinAlgError:
                break
            decrement = abs(float(right @ solved))
            if not math.isfinite(decrement):
                break
            step = np.zeros(len(parameters))
            step[used] = solved / diagonal
            scale, floor = 1.0, kernel - 1e-12 * (1.0 + abs(kernel))
            for _ in range(40):
                new, new_information = evaluate(parameters + scale * step)
                if new >= floor:
                    break
                scale /= 4.0
            else:
                break
            parameters, kernel, information = parameters + scale * step, new, new_information
            if decrement < DECREMENT and scale == 1.0:
                converged = True
                break
    return Maximum(
        parameters[None],
        np.array([kernel]),
        (observed - information[0])[None],
        information[None],
        np.array([converged]),
    )


def _evaluate(design, sufficient, parameters, unseen):
    total, mean, information = design.moments(parameters)
    if unseen is not None:
        invisible = np.exp(parameters[:, 0])
        total = total + invisible
        mean = mean.copy()
        mean[:, 0] += invisible
        information[:, 0, 0] += invisible
    kernel = np.einsum("bp,bp->b", sufficient, parameters) - total
    return np.where(np.isnan(kernel), -np.inf, kernel), sufficient - mean, information


def _newton_step(gradient, information, free):
    diagonal = np.sqrt(np.maximum(np.einsum("bpp->bp", information), 1e-300))
    scaled = information / (diagonal[:, :, None] * diagonal[:, None, :])
    right = gradient / diagonal
    if free is not None:
        scaled = scaled * (free[:, :, None] & free[:, None, :])
        right = right * free
    # A ridge far below the data's precision keeps a singular table from stopping the others.
    index = np.arange(gradient.shape[1])
    scaled[:, index, index] = 1.0 + 1e-13
    bad = ~np.isfinite(scaled).all(axis=(1, 2)) | ~np.isfinite(right).all(axis=1)
    if bad.any():
        scaled[bad], right[bad] = np.eye(gradient.shape[1]), 0.0
    try:
        solved = np.linalg.solve(scaled, right[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        scaled[:, index, index] += 1e-9
        solved = np.linalg.solve(scaled, right[:, :, None])[:, :, 0]
    return solved / diagonal, np.where(bad, np.inf, np.abs(np.einsum("bp,bp->b", right, solved)))


def maximise_bounded(design, sufficient, start, free, bounded, *, unseen=None):
    """Fit many tables at once with some parameters at zero or above.

    Parameters that come out negative are set to zero; one that the likelihood would pull up again is freed. Each table
    stops at its own Kuhn-Tucker point, which a concave likelihood has only once.

    Parameters
    ----------
    design, sufficient, start, free, unseen
        As for :func:`maximise`.
    bounded : numpy.ndarray of bool, shape (p,)
        Parameters that may not be negative.

    Returns
    -------
    maximum : Maximum
    free : numpy.ndarray of bool, shape (tables, p)
        Parameters not held at zero.

    Examples
    --------
    >>> design = CellDesign(np.array([[1.0, 1.0], [1.0, 0.0]]))
    >>> counts = np.array([[3.0, 5.0]])      # falling, so that a slope of zero or above is zero
    >>> fit, free = maximise_bounded(
    ...     design, counts @ design.matrix, np.zeros((1, 2)), np.ones((1, 2), dtype=bool), np.array([False, True])
    ... )
    >>> np.exp(fit.parameters).round(6).tolist(), free.tolist()
    ([[4.0, 1.0]], [[True, False]])
    """
    free = free.copy()
    best = maximise(design, sufficient, start, free=free, unseen=unseen)
    if not bounded.any():
        return best, free
    parameters, kernel = best.parameters.copy(), best.kernel.copy()
    gradient, information, converged = best.gradient.copy(), best.information.copy(), best.converged.copy()
    todo = np.arange(len(free))
    for round_ in range(4 * int(bounded.sum()) + 4):
        negative = free[todo] & bounded & (parameters[todo] < 0)
        scale = np.sqrt(np.maximum(np.einsum("bpp->bp", information[todo]), 1e-300))
        pull = np.where(~free[todo] & bounded, gradient[todo] / scale, 0.0)
        worst = pull.argmax(axis=1)
        wanting = ~negative.any(axis=1) & (pull[np.arange(len(todo)), worst] > 1e-6)
        wrong = negative.any(axis=1) | wanting
        if not wrong.any():
            break
        if round_ > 3:
            # Exchanging one parameter at a time cannot cycle.
            lowest = np.where(negative, parameters[todo], 0.0).argmin(axis=1)
            single = np.zeros_like(negative)
            single[np.arange(len(todo)), lowest] = negative[np.arange(len(todo)), lowest]
            negative = single
        change = free[todo]
        change[negative] = False
        change[np.flatnonzero(wanting), worst[wanting]] = True
        free[todo] = change
        todo = todo[wrong]
        begin = np.where(bounded & ~free[todo], 0.0, parameters[todo])
        again = maximise(
            design,
            sufficient[todo],
            np.where(bounded, np.maximum(begin, 0.0), begin),
            free=free[todo],
            unseen=None if unseen is None else unseen[todo],
        )
        parameters[todo], kernel[todo], gradient[todo] = again.parameters, again.kernel, again.gradient
        information[todo], converged[todo] = again.information, again.converged
    else:
        converged[todo] = False
    return replace(
        best, parameters=parameters, kernel=kernel, gradient=gradient, information=information, converged=converged
    ), free


def population(maximum, captured, *, free=None):
    """Population size and its standard error from fitted log-linear models.

    The estimate is ``n + exp(intercept)``. With Poisson variance the total varies by N more than a population of fixed
    size, which leaves ``exp(intercept) + exp(intercept)**2 * variance(intercept)`` for the square of the error.

    Parameters
    ----------
    maximum : Maximum
    captured : numpy.ndarray, shape (tables,)
        People captured at least once.
    free : numpy.ndarray of bool, shape (tables, p), optional
        As given to :func:`maximise`.

    Returns
    -------
    value, standard_error : numpy.ndarray, shape (tables,)

    References
    ----------
    S. Baillargeon and L.-P. Rivest (2007), Rcapture: Loglinear Models for Capture-Recapture in R, Journal of
    Statistical Software 19(5), section 2.
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        unseen = np.exp(maximum.parameters[:, 0])
        first = np.zeros_like(maximum.parameters)
        first[:, 0] = 1.0
        variance = _newton_step(first, maximum.information, free)[0][:, 0]
        return captured + unseen, np.sqrt(unseen + unseen**2 * variance)


def log_normal_interval(value, standard_error, captured, *, level=0.95):
    """Interval for a population size that treats the number never captured as log-normal.

    Parameters
    ----------
    value, standard_error, captured : float or numpy.ndarray
        People: estimated, its standard error, and captured at least once.
    level : float, default 0.95

    Returns
    -------
    lower, upper : float or numpy.ndarray
        Never below the number captured.

    References
    ----------
    K. P. Burnham, D. R. Anderson, G. C. White, C. Brownie and K. H. Pollock (1987), Design and analysis methods for
    fish survival experiments, p. 212; A. Chao (1987), Biometrics 43, 783-791.

    Examples
    --------
    >>> [round(float(x), 1) for x in log_normal_interval(75.43, 3.455, 68)]
    [71.1, 85.7]
    """
    from scipy.special import ndtri

    unseen = np.asarray(value, dtype=float) - captured
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        factor = np.exp(ndtri(0.5 + level / 2) * np.sqrt(np.log1p((standard_error / unseen) ** 2)))
        lower = np.where(unseen > 0, captured + unseen / factor, captured)
        upper = np.where(unseen > 0, captured + unseen * factor, captured)
    return lower[()], upper[()]


def profile_interval(log_likelihood, captured, guess, *, level=0.95):
    """Profile-likelihood interval for the size of a population.

    Parameters
    ----------
    log_likelihood : callable
        From a population size, a float of at least ``captured``, to the pair of its profile log-likelihood (without
        the combinatorial term, which is added here) and the logarithm of the fitted chance never to be captured.
    captured : int
        People captured at least once.
    guess : float
        A population size near the maximum.
    level : float, default 0.95

    Returns
    -------
    best, lower, upper : float
        Where the multinomial likelihood is greatest, and where it has fallen by half the chi-squared quantile. The
        upper limit is infinite when the likelihood never falls so far.

    References
    ----------
    R. M. Cormack (1992), Interval estimation for mark-recapture studies of closed populations, Biometrics 48, 567-576.

    Examples
    --------
    >>> def equal_chances(size, captured=68, captures=145, occasions=6):
    ...     p = captures / (size * occasions)
    ...     value = captures * math.log(p) + (size * occasions - captures) * math.log1p(-p)
    ...     return value, occasions * math.log1p(-p)
    >>> [round(x, 3) for x in profile_interval(equal_chances, 68, 75.4)]
    [74.702, 69.472, 82.99]
    """
    from scipy.optimize import brentq
    from scipy.special import chdtri, gammaln, psi

    drop = chdtri(1, 1 - level) / 2

    def value(size):
        return log_likelihood(size)[0] + gammaln(size + 1.0) - gammaln(size - captured + 1.0)

    def slope(size):
        return psi(size + 1.0) - psi(size - captured + 1.0) + log_likelihood(size)[1]

    ceiling = captured * 1e9 + 1e9
    smallest = captured * (1 + 1e-12) + 1e-9
    low, high = smallest, max(float(guess), captured + 1.0)
    if slope(low) <= 0:
        best = low
    else:
        while slope(high) > 0:
            low, high = high, captured + 4.0 * (high - captured)
            if high > ceiling:
                return math.inf, _lower_limit(value, smallest, captured, ceiling, drop, brentq), math.inf
        best = brentq(slope, low, high, xtol=1e-9, rtol=1e-11)
    top = value(best)

    def fallen(size):
        return top - value(size) - drop

    lower = float(captured) if fallen(smallest) <= 0 else brentq(fallen, smallest, best, xtol=1e-9, rtol=1e-11)
    near, far = best, best + max(best - lower, 1.0)
    while fallen(far) < 0:
        near, far = far, captured + 3.0 * (far - captured)
        if far > ceiling:
            return best, lower, math.inf
    return best, lower, brentq(fallen, near, far, xtol=1e-9, rtol=1e-11)


def _lower_limit(value, smallest, captured, ceiling, drop, brentq):
    top = value(ceiling)
    if top - value(smallest) - drop <= 0:
        return float(captured)
    return brentq(lambda size: top - value(size) - drop, smallest, ceiling, xtol=1e-9, rtol=1e-11)


def log_linear_profile(design, sufficient, captured, start, *, free=None, bounded=None) -> Callable:
    """The profile log-likelihood of a population size under a log-linear model, for :func:`profile_interval`.

    Parameters
    ----------
    design : CellDesign or OccasionDesign
    sufficient : numpy.ndarray, shape (p,)
        Sufficient statistics of the people captured.
    captured : int
    start : numpy.ndarray, shape (p,)
        Fitted parameters.
    free : numpy.ndarray of bool, shape (p,), optional
    bounded : numpy.ndarray of bool, shape (p,), optional
        Parameters that may not be negative, at any population size.

    Returns
    -------
    callable
    """
    last = np.array(start, dtype=float)
    known = {}

    def log_likelihood(size):
        nonlocal last
        if size not in known:
            unseen = size - captured
            full = np.array(sufficient, dtype=float)
            full[0] += unseen
            begin = last.copy()
            begin[0] = math.log(max(unseen, 1e-12))
            used = np.ones((1, len(begin)), dtype=bool) if free is None else free[None]
            limits = np.zeros(len(begin), dtype=bool) if bounded is None else bounded
            fit, _ = maximise_bounded(design, full[None], begin[None], used, limits, unseen=np.array([unseen]))
            last = fit.parameters[0]
            # The total fitted is the size itself, so the multinomial value is the Poisson one without its total.
            known[size] = fit.kernel[0] + size - size * math.log(size), last[0] - math.log(size)
        return known[size]

    return log_likelihood


@dataclass(frozen=True, eq=False)
class Existence:
    """Whether a table has a finite fit, and what it says about the people never captured.

    Parameters
    ----------
    exists : bool
        All parameters have finite estimates.
    kept : numpy.ndarray of bool, shape (cells,)
        Cells whose fitted count is above zero in the limit.
    identified : bool
        The number never captured has a finite estimate in the limit.
    """

    exists: bool
    kept: np.ndarray
    identified: bool


def existence(matrix, counts):
    """Check, before fitting, whether a log-linear model has a finite maximum-likelihood estimate.

    The estimate fails to exist when some combination of parameters can go to infinity while no observed cell suffers.
    A linear programme finds every cell whose fitted mean then goes to zero. What is left decides whether the intercept,
    and with it the number never captured, still has a value.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (cells, p)
        Design matrix; the first column is the intercept.
    counts : array_like, shape (cells,)

    Returns
    -------
    Existence

    References
    ----------
    S. E. Fienberg and A. Rinaldo (2012), Maximum likelihood estimation in log-linear models, Annals of Statistics 40,
    996-1023. L. Chan, B. W. Silverman and K. Vincent (2021), Multiple systems estimation for sparse capture data,
    Journal of the American Statistical Association 116, 1297-1306.

    Examples
    --------
    Two lists without a person in common say nothing about those on neither:

    >>> existence(np.array([[1.0, 1, 0], [1, 0, 1], [1, 1, 1]]), [10, 20, 0]).identified
    False
    """
    matrix, counts = np.asarray(matrix, dtype=float), np.asarray(counts, dtype=float)
    seen = counts > 0
    everything = np.ones(len(counts), dtype=bool)
    directions = _null_space(matrix[seen])
    if not directions.shape[1]:
        return Existence(True, everything, True)
    empty = matrix[~seen] @ directions
    kept = everything
    if len(empty):
        from scipy.optimize import linprog

        cells, size = empty.shape
        answer = linprog(
            np.concatenate([np.zeros(size), -np.ones(cells)]),
            A_ub=np.hstack([empty, np.eye(cells)]),
            b_ub=np.zeros(cells),
            bounds=[(None, None)] * size + [(0.0, 1.0)] * cells,
            method="highs",
        )
        falls = np.zeros(len(counts), dtype=bool)
        falls[~seen] = answer.x[size:] > 1e-6
        kept = ~falls
    remaining = _null_space(matrix[kept])
    identified = not remaining.shape[1] or bool(np.abs(remaining[0]).max() < 1e-9)
    return Existence(bool(kept.all()) and not remaining.shape[1], kept, identified)


def _null_space(matrix):
    if not len(matrix):
        return np.eye(matrix.shape[1])
    scale = np.linalg.norm(matrix, axis=0)
    scale[scale == 0] = 1.0
    _, singular, right = np.linalg.svd(matrix / scale, full_matrices=True)
    rank = int((singular > 1e-10 * max(matrix.shape)).sum())
    return right[rank:].T / scale[:, None]


def heterogeneity(name, times, *, theta=None):
    """The column that lets capture chances differ between people, as a function of times captured.

    Parameters
    ----------
    name : {"poisson", "darroch", "gamma"}
        ``theta**j - 1``, ``j**2 / 2`` and ``-log(theta + j) + log(theta)``.
    times : array_like of int
        Times captured, j.
    theta : float, optional
        2 for ``"poisson"`` and 3.5 for ``"gamma"`` by default.

    Returns
    -------
    numpy.ndarray

    Raises
    ------
    InputError
        If the name is unknown.

    References
    ----------
    L.-P. Rivest and S. Baillargeon (2007), Biometrics 63, 999-1006, section 3.

    Examples
    --------
    >>> heterogeneity("poisson", [1, 2, 3]).tolist()
    [1.0, 3.0, 7.0]
    """
    times = np.asarray(times, dtype=float)
    if name == "poisson":
        return (2.0 if theta is None else theta) ** times - 1.0
    if name == "darroch":
        return times**2 / 2.0
    if name == "gamma":
        theta = 3.5 if theta is None else theta
        return np.log(theta) - np.log(theta + times)
    raise InputError(f"the heterogeneity {name!r}", "poisson, darroch or gamma")


def pattern_matrix(occasions):
    """All 2^t - 1 observable patterns, in the order of :meth:`CapturePatterns.cells`, shape (2^t - 1, t).

    Examples
    --------
    >>> pattern_matrix(2).tolist()
    [[0, 1], [1, 0], [1, 1]]
    """
    codes = np.arange(1, 1 << occasions)
    return ((codes[:, None] >> np.arange(occasions - 1, -1, -1)) & 1).astype(np.int64)


def interaction_terms(occasions):
    """All terms a log-linear model of lists may have, smaller ones first, without the intercept and the full set.

    Examples
    --------
    >>> interaction_terms(3)
    ((0,), (1,), (2,), (0, 1), (0, 2), (1, 2))
    """
    return tuple(term for size in range(1, occasions) for term in itertools.combinations(range(occasions), size))


def hierarchical_models(occasions):
    """Every hierarchical model with all main effects, as rows that say which terms it has.

    A model is hierarchical when each interaction comes with all smaller ones inside it.

    Parameters
    ----------
    occasions : int
        Number of lists, 2 to 5.

    Returns
    -------
    numpy.ndarray of bool, shape (models, 1 + terms)
        The intercept first, then the terms of :func:`interaction_terms`.

    Raises
    ------
    InputError
        If there are fewer than 2 or more than 5 lists.

    Examples
    --------
    >>> [len(hierarchical_models(t)) for t in (2, 3, 4)]
    [1, 8, 113]
    """
    if not 2 <= occasions <= 5:
        raise InputError(f"{occasions} lists", "2 to 5 to try every hierarchical model")
    terms = interaction_terms(occasions)
    place = {term: 1 + i for i, term in enumerate(terms)}
    models = np.zeros((1, 1 + len(terms)), dtype=bool)
    models[:, : 1 + occasions] = True
    for size in range(2, occasions):
        for term in itertools.combinations(range(occasions), size):
            inside = [place[part] for part in itertools.combinations(term, size - 1)]
            allowed = models[models[:, inside].all(axis=1)].copy()
            allowed[:, place[term]] = True
            models = np.concatenate([models, allowed])
    return models


def interaction_matrix(occasions, terms):
    """Design matrix of an intercept and the given interaction terms, shape (2^t - 1, 1 + terms).

    Examples
    --------
    >>> interaction_matrix(2, [(0,), (1,)]).tolist()
    [[1.0, 0.0, 1.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]
    """
    patterns = pattern_matrix(occasions)
    columns = [np.ones(len(patterns))] + [patterns[:, list(term)].all(axis=1).astype(float) for term in terms]
    return np.stack(columns, axis=1)


@dataclass(frozen=True, eq=False)
class LogLinearFit:
    """Log-linear models fitted to one table of cells; every field but ``converged`` has one value a model.

    Parameters
    ----------
    value, standard_error : numpy.ndarray, shape (models,)
        Population size and its standard error, in people.
    loglik, aic, bic, deviance : numpy.ndarray, shape (models,)
        ``loglik`` is that of independent Poisson cells with all constants.
    df : numpy.ndarray of int, shape (models,)
        Residual degrees of freedom.
    parameters : numpy.ndarray, shape (models, p)
    converged : numpy.ndarray of bool, shape (models,)
        False where no finite fit was found; :func:`existence` then tells why.
    """

    value: np.ndarray
    standard_error: np.ndarray
    loglik: np.ndarray
    aic: np.ndarray
    bic: np.ndarray
    deviance: np.ndarray
    df: np.ndarray
    parameters: np.ndarray
    converged: np.ndarray


def fit_models(matrix, counts, models=None, *, offset=None):
    """Fit several log-linear models, which share a table and choose among its columns, at once.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (cells, p)
        All columns that any model uses; the first is the intercept.
    counts : array_like of int, shape (cells,)
    models : numpy.ndarray of bool, shape (models, p), optional
        The columns of each model; all columns in one model by default.
    offset : numpy.ndarray, shape (cells,), optional

    Returns
    -------
    LogLinearFit

    Raises
    ------
    InputError
        If the shapes do not agree or nobody was captured.

    Examples
    --------
    >>> lists = interaction_matrix(2, [(0,), (1,)])
    >>> fit_models(lists, [254, 781, 167]).value.round(3).tolist()
    [2389.868]
    """
    matrix, counts = np.asarray(matrix, dtype=float), np.asarray(counts, dtype=float)
    if matrix.ndim != 2 or counts.shape != matrix.shape[:1]:
        raise InputError(
            f"a table of {counts.shape} counts for a design of {matrix.shape}", "one count a row of the design"
        )
    captured = counts.sum()
    if not captured > 0:
        raise InputError("counts that are all 0", "at least one person captured")
    width = matrix.shape[1]
    models = np.ones((1, width), dtype=bool) if models is None else np.asarray(models, dtype=bool)
    design = CellDesign(matrix, offset)
    sufficient = np.tile(counts @ matrix, (len(models), 1))
    # Where a statistic is zero the parameter goes to minus infinity: it is told apart from a finite fit by its size.
    start = np.zeros((len(models), width))
    weight = counts + 0.5
    target = np.log(weight) - (0.0 if offset is None else offset)
    gram = (matrix * weight[:, None]).T @ matrix
    both = models[:, :, None] & models[:, None, :]
    index = np.arange(width)
    normal = np.where(both, gram, 0.0)
    normal[:, index, index] += np.where(models, 1e-9 * captured, 1.0)
    start = np.linalg.solve(normal, (models * ((weight * target) @ matrix))[:, :, None])[:, :, 0]
    fit = maximise(design, sufficient, start, free=models)
    value, standard_error = population(fit, captured, free=models)
    size = models.sum(axis=1)
    loglik, aic, bic, deviance = criteria(counts, fit.kernel, size, offset=offset)
    finite = np.linalg.matrix_rank(_scaled(fit.information, models), tol=1e-7, hermitian=True) == width
    return LogLinearFit(
        value,
        standard_error,
        loglik,
        aic,
        bic,
        deviance,
        len(counts) - size,
        fit.parameters,
        fit.converged & finite,
    )


def _scaled(information, free):
    """Information scaled to ones on the diagonal, with nothing in the rows of parameters whose means have vanished."""
    own = np.einsum("bpp->bp", information)
    diagonal = np.sqrt(np.maximum(own, 1e-300))
    scaled = information / (diagonal[:, :, None] * diagonal[:, None, :])
    live = free & (own > LOST)
    scaled = np.where(live[:, :, None] & live[:, None, :], scaled, 0.0)
    index = np.arange(information.shape[1])
    scaled[:, index, index] = live | ~free
    return np.nan_to_num(scaled)


def criteria(counts, kernel, size, *, offset=None):
    """Log-likelihood with all constants, AIC, BIC and deviance of models for independent Poisson cells.

    The log-likelihood keeps every constant, ``-log(count!)`` included, as R's ``glm`` does, so that AIC agrees; BIC
    uses the number of people captured.

    Parameters
    ----------
    counts : numpy.ndarray, shape (cells,)
    kernel : numpy.ndarray, shape (models,)
        Log-likelihood up to constants: sufficient statistics times parameters less the expected total.
    size : numpy.ndarray of int, shape (models,)
        Fitted parameters.
    offset : numpy.ndarray, shape (cells,), optional

    Returns
    -------
    loglik, aic, bic, deviance : numpy.ndarray, shape (models,)
    """
    from scipy.special import gammaln, xlogy

    constant = -gammaln(counts + 1.0).sum() + (0.0 if offset is None else counts @ offset)
    saturated = xlogy(counts, counts).sum() - counts.sum() - gammaln(counts + 1.0).sum()
    loglik = kernel + constant
    return (
        loglik,
        2.0 * size - 2.0 * loglik,
        math.log(counts.sum()) * size - 2.0 * loglik,
        np.maximum(2.0 * (saturated - loglik), 0.0),
    )


def fit_cells(matrix, counts, *, offset=None):
    """Fit one log-linear model, after asking whether it can be fitted.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (cells, p)
    counts : array_like of int, shape (cells,)
    offset : numpy.ndarray, shape (cells,), optional

    Returns
    -------
    fit : LogLinearFit
        With one model. Cells that :func:`existence` rules out are left out, with the parameters only they inform.
    check : Existence

    Examples
    --------
    >>> fit, check = fit_cells(interaction_matrix(2, [(0,), (1,)]), [254, 781, 167])
    >>> check.exists, fit.df.tolist()
    (True, [0])
    """
    matrix, counts = np.asarray(matrix, dtype=float), np.asarray(counts, dtype=float)
    check = existence(matrix, counts)
    if check.exists:
        return fit_models(matrix, counts, offset=offset), check
    kept = matrix[check.kept]
    columns = independent_columns(kept)
    reduced = fit_models(kept[:, columns], counts[check.kept], offset=None if offset is None else offset[check.kept])
    return reduced, check


def independent_columns(matrix):
    """Indices of a largest set of linearly independent columns, the first ones preferred."""
    chosen = []
    for column in range(matrix.shape[1]):
        trial = [*chosen, column]
        if np.linalg.matrix_rank(matrix[:, trial]) == len(trial):
            chosen = trial
    return chosen
