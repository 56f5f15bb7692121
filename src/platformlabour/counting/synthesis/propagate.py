"""From the factors' distributions to the outputs': scrambled Sobol' points through the graph."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from scipy import special
from scipy.stats import qmc

from platformlabour.counting.synthesis.graph import Graph
from platformlabour.counting.synthesis.quantile_tables import QuantileTable
from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["LEVELS", "Propagated", "correlation_matrix", "propagate"]

LEVELS = (0.5, 0.8, 0.95)
"""Levels of the intervals that are reported together."""

RANDOMISATIONS = 8
_FEWEST = 2**10
_MOST = 2**24
_BLOCK = 2**12  # points at a time: a hundred factors' worth stays in the processor's cache
_MOST_FACTORS = 21_201  # dimensions of the Sobol' sequence in SciPy


@dataclass(frozen=True, eq=False)
class Propagated:
    """Draws of a graph's outputs, and what to report of them.

    Parameters
    ----------
    graph : Graph
    draws : dict of str to numpy.ndarray, shape (draws,)
        Output to draws; with ``keep_factors`` also factor to draws. All arrays share their order: the draws at one
        position belong together.
    randomisations : int
        Independent scramblings, of equal size, one after the other in each array.
    seed : int
    dependence : dict
        As given.
    """

    graph: Graph
    draws: dict[str, np.ndarray] = field(repr=False)
    randomisations: int
    seed: int
    dependence: dict = field(default_factory=dict)

    def estimate(self, name, *, level=0.95):
        """Median and interval of one output.

        Parameters
        ----------
        name : str
            Output.
        level : float, default 0.95

        Returns
        -------
        Estimate
            A bound where a factor is one-sided and the output rises or falls with it throughout; the warnings say so.
        """
        draws = self._of(name)
        low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2])
        bound, warnings = self._bound(name)
        return Estimate(
            value=float(np.median(draws)),
            unit=self.graph.units.get(name, self.graph.factors[name].unit if name in self.graph.factors else ""),
            estimand=f"{name}, {self.graph.estimand}",
            method=f"{draws.size:,} draws of {len(self.graph.uncertain)} uncertain factors",
            interval=(float(low), float(high)),
            level=level,
            interval_kind="quantiles over the factors' distributions",
            bound=bound,
            assumptions=("the graph is the right one, and every factor's distribution holds its true value",),
            warnings=warnings,
            simulated=any(self.graph.factors[factor].grade == "simulated" for factor in self._factors(name)),
        )

    def intervals(self, name, *, levels=LEVELS):
        """Central intervals of one output at several levels.

        Parameters
        ----------
        name : str
        levels : sequence of float, default (0.5, 0.8, 0.95)

        Returns
        -------
        dict of float to (float, float)
        """
        draws = self._of(name)
        edges = np.quantile(draws, [[(1 - level) / 2, (1 + level) / 2] for level in levels])
        return {level: (float(low), float(high)) for level, (low, high) in zip(levels, edges, strict=True)}

    def monte_carlo_error(self, name, *, quantile=0.5):
        """Standard error of a quantile that is due to the number of draws.

        Parameters
        ----------
        name : str
        quantile : float, default 0.5

        Returns
        -------
        float
            In the output's unit: the spread of the quantile between the independent randomisations, over the square
            root of their number.

        References
        ----------
        A. B. Owen (1997), Scrambled net variance for integrals of smooth functions, Annals of Statistics 25, 1541-1562.
        """
        parts = np.quantile(self._of(name).reshape(self.randomisations, -1), quantile, axis=1)
        return float(parts.std(ddof=1) / math.sqrt(self.randomisations))

    def _of(self, name):
        if name not in self.draws:
            raise InputError(f"no draws of {name!r}", f"one of {', '.join(self.draws)}")
        return self.draws[name]

    def _factors(self, name):
        return (name,) if name in self.graph.factors else self.graph.factors_of(name)

    def _bound(self, name):
        """Whether one-sided factors make the output a bound, from the direction in which it moves with each."""
        if name in self.graph.factors:
            return self.graph.factors[name].one_sided or "point", ()
        bounds, warnings = set(), []
        for factor in (self.graph.factors[used] for used in self.graph.factors_of(name)):
            if factor.one_sided is None:
                continue
            probabilities = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
            if factor.distribution.is_fixed:
                values = factor.distribution.median * np.array([0.9, 1.0, 1.1])
            else:
                values = factor.distribution.ppf(probabilities)
            steps = np.diff([self.graph.central(**{factor.name: float(value)})[name] for value in values])
            if not steps.any():
                continue
            if (steps >= 0).all():
                bounds.add(factor.one_sided)
            elif (steps <= 0).all():
                bounds.add({"lower": "upper", "upper": "lower"}[factor.one_sided])
            else:
                bounds.add("neither")
            warnings.append(f"{factor.name} is known from one side only ({factor.one_sided} bound)")
        if len(bounds) == 1 and bounds <= {"lower", "upper"}:
            return bounds.pop(), tuple(warnings)
        if bounds:
            warnings.append("one-sided factors pull in opposite directions: neither a lower nor an upper bound")
        return "point", tuple(warnings)


def propagate(graph, draws=2**16, *, seed, dependence=None, keep_factors=False):
    """Carry the factors' uncertainty to the outputs.

    Points of a scrambled Sobol' sequence fill the unit cube of the uncertain factors more evenly than random numbers
    do. They come in eight independent scramblings, whose disagreement gives an honest Monte Carlo error. All outputs
    are computed from the same draws. The numbers depend on the seed alone, not on the number of threads.

    Parameters
    ----------
    graph : Graph
    draws : int, default 65,536
        A power of two, from 1,024 to 16,777,216.
    seed : int
        0 or more.
    dependence : dict of (str, str) to float, optional
        Correlation of two factors' normal scores, above -1 and below 1 (Gaussian copula); pairs not given are
        independent.
    keep_factors : bool, default False
        Keep the factors' draws beside the outputs'.

    Returns
    -------
    Propagated

    Raises
    ------
    InputError
        If the number of draws is not such a power of two, a name is unknown, the correlations contradict each other, or
        an output is not a finite number.

    References
    ----------
    A. B. Owen (1997), Scrambled net variance for integrals of smooth functions, Annals of Statistics 25, 1541-1562.
    R. B. Nelsen (2006), An Introduction to Copulas, 2nd edition, Springer, section 2.3.

    Examples
    --------
    >>> from platformlabour.counting.synthesis import Factor, Graph, fixed, uniform
    >>> accounts = Factor("accounts", fixed(1000), "accounts", "measured", "made up", "2024", "CC0-1.0", "simulated")
    >>> homes = Factor("multi_homing", uniform(1, 2), "ratio", "assumed", "", "", "CC0-1.0", "none")
    >>> graph = Graph([accounts, homes], {"people": "accounts / multi_homing"}, estimand="stock at a date")
    >>> propagate(graph, seed=1).estimate("people")
    Estimate(667 people; 95% interval 506 to 976)
    """
    if not isinstance(graph, Graph):
        raise InputError(f"{type(graph).__name__} in place of a graph", "a Graph")
    draws, seed = _draws(draws), _seed(seed)
    uncertain = list(graph.uncertain)
    if len(uncertain) > _MOST_FACTORS:
        raise InputError(f"{len(uncertain):,} uncertain factors", f"at most {_MOST_FACTORS:,}")
    copula = _copula(graph, uncertain, dependence)
    each = draws // RANDOMISATIONS
    kept = [*graph.outputs, *(graph.factors if keep_factors else ())]
    results = {name: np.empty(draws) for name in kept}
    quantiles = {
        name: QuantileTable(graph.factors[name].distribution)
        if graph.factors[name].distribution.smooth
        else graph.factors[name].distribution._quantiles
        for name in uncertain
    }
    streams = np.random.SeedSequence(seed).spawn(RANDOMISATIONS)

    def run(number):
        engine = qmc.Sobol(max(len(uncertain), 1), scramble=True, rng=np.random.default_rng(streams[number]))
        values = {name: factor.distribution.median for name, factor in graph.factors.items()}
        for start in range(0, each, _BLOCK):
            size = min(_BLOCK, each - start)
            # Half a step away from 0, where normal quantiles are infinite.
            points = np.ascontiguousarray(engine.random(size).T) + 2.0**-31
            if copula is not None:
                places, root = copula
                points[places] = special.ndtr(root @ special.ndtri(points[places]))
            for name, point in zip(uncertain, points, strict=False):
                values[name] = quantiles[name](point)
            made = graph.evaluate(values)
            place = slice(number * each + start, number * each + start + size)
            for name in kept:
                results[name][place] = made[name] if name in made else values[name]

    # NumPy lets go of the interpreter inside its loops; each scrambling has its own stream, so order does not matter.
    with ThreadPoolExecutor(min(RANDOMISATIONS, os.cpu_count() or 1)) as pool:
        for _ in pool.map(run, range(RANDOMISATIONS)):
            pass
    return Propagated(
        graph=graph, draws=results, randomisations=RANDOMISATIONS, seed=seed, dependence=dict(dependence or {})
    )


def correlation_matrix(names, dependence):
    """Pairwise correlations as a matrix that can be one.

    Parameters
    ----------
    names : sequence of str, shape (k,)
    dependence : dict of (str, str) to float

    Returns
    -------
    numpy.ndarray, shape (k, k)

    Raises
    ------
    InputError
        If a name is unknown or paired with itself, a pair is given twice, a correlation is not between -1 and 1, or
        the pairs contradict each other.

    Examples
    --------
    >>> correlation_matrix(["a", "b"], {("a", "b"): 0.5}).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    names = list(names)
    matrix, given = np.eye(len(names)), set()
    for pair, value in dependence.items():
        if not (isinstance(pair, tuple) and len(pair) == 2):
            raise InputError(f"the dependence of {pair!r}", "a pair of factors, such as ('a', 'b')")
        for name in pair:
            if name not in names:
                raise InputError(f"the dependence of {name!r}", f"an uncertain factor: {', '.join(names)}")
        if pair[0] == pair[1] or frozenset(pair) in given:
            raise InputError(f"the pair {pair[0]!r} and {pair[1]!r} again", "each pair of two factors once")
        given.add(frozenset(pair))
        try:
            value = float(value)
        except (TypeError, ValueError):
            raise InputError(f"the correlation {value!r}", "a number above -1 and below 1") from None
        if not -1 < value < 1:
            raise InputError(f"a correlation of {value:g}", "a number above -1 and below 1")
        i, j = names.index(pair[0]), names.index(pair[1])
        matrix[i, j] = matrix[j, i] = value
    if len(names) and np.linalg.eigvalsh(matrix)[0] <= 1e-10:
        raise InputError("correlations that contradict each other", "correlations that some factors can have together")
    return matrix


def _copula(graph, uncertain, dependence):
    if not dependence:
        return None
    named = {name for pair in dependence if isinstance(pair, tuple) for name in pair}
    for name in named:
        graph._known(name, graph.factors, "factor")
    places = [k for k, name in enumerate(uncertain) if name in named]
    matrix = correlation_matrix([uncertain[k] for k in places], dependence)
    return places, np.linalg.cholesky(matrix)


def _draws(draws):
    whole = isinstance(draws, (int, np.integer)) and not isinstance(draws, bool)
    if not whole or not _FEWEST <= draws <= _MOST or draws & (draws - 1):
        raise InputError(f"{draws!r} draws", f"a power of two from {_FEWEST:,} to {_MOST:,}, such as 65,536")
    return int(draws)


def _seed(seed):
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool) or seed < 0:
        raise InputError(f"the seed {seed!r}", "a whole number of 0 or more")
    return int(seed)
