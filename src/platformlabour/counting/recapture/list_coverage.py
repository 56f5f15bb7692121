"""Sample coverage of lists: how much of the population the lists share, without a model of who is on which.

The coverage of a list by the others is the share of its people whom another list holds too. Dividing the number of
people on the others by it gives the population size if lists are independent; each pair of lists that share more or
fewer people than that calls for a correction by its coefficient of covariation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["SampleCoverage", "sample_coverage"]


@dataclass(frozen=True, eq=False)
class SampleCoverage:
    """Sample coverage of several lists and what follows from it.

    Parameters
    ----------
    listed : int
        People on at least one list, M.
    shared : float
        People on at least one list, leaving out those on a given list only, averaged over the lists, D.
    coverage : float
        Share of a list's people whom another list holds too, averaged over the lists, C.
    independent : float
        Estimate for independent lists, D / C, in people.
    low_coverage : float
        The one-step estimate, in people; for a coverage below about 0.55.
    high_coverage : float
        The full estimate, in people; ``nan`` when dependence is too strong for it.
    covariation : numpy.ndarray, shape (t, t)
        Coefficients of covariation at the one-step estimate: 0 for independent lists, above for lists that attract.
    errors : dict
        Standard errors of the three estimates, by field name.
    """

    listed: int
    shared: float
    coverage: float
    independent: float
    low_coverage: float
    high_coverage: float
    covariation: np.ndarray
    errors: dict


def sample_coverage(patterns):
    """Estimate the sample coverage and the three population sizes built on it.

    With ``A(i|j)`` the people on list i and on no other list except perhaps j, ``B(i, j) = A(i|j) + A(j|i)``, and
    ``g(i, j; N) = N * n(i, j) / (n(i) * n(j)) - 1`` the coefficient of covariation, the population size solves
    ``N = D / C + sum(B * g) / (t * C)`` over pairs of lists. The full estimate is its solution; the one-step estimate
    puts ``D / C`` into ``g`` and the outcome into ``g`` once more. Dependence between three lists at a time is taken
    to be no more than that of their pairs.

    Parameters
    ----------
    patterns : CapturePatterns
        Of three lists or more, none of them empty.

    Returns
    -------
    SampleCoverage

    References
    ----------
    A. Chao and P. K. Tsay (1998), A sample coverage approach to multiple-system estimation with application to census
    undercount, Journal of the American Statistical Association 93, 283-293. P. K. Tsay and A. Chao (2001), Population
    size estimation for capture-recapture models with applications to epidemiological data, Journal of Applied
    Statistics 28, 25-36. A. Chao, P. K. Tsay, S.-H. Lin, W.-Y. Shau and D.-Y. Chao (2001), The applications of
    capture-recapture models to epidemiological data, Statistics in Medicine 20, 3123-3157.

    Examples
    --------
    Hepatitis A among students in Taiwan (Chao et al. 2001):

    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> seen = CapturePatterns.from_counts(
    ...     {"001": 63, "010": 55, "011": 18, "100": 69, "101": 17, "110": 21, "111": 28})
    >>> result = sample_coverage(seen)
    >>> round(result.coverage, 3), round(result.low_coverage), round(result.high_coverage)
    (0.513, 508, 971)
    """
    rows = patterns.histories.astype(bool)
    counts = patterns.counts.astype(float)
    parts = _parts(rows)
    shared, coverage, independent, low, high, covariation = _estimates(counts, *parts)
    errors = {
        name: _error(counts, value, lambda weights, index=index: _estimates(weights, *parts)[index])
        for name, value, index in (
            ("independent", independent, 2),
            ("low_coverage", low, 3),
            ("high_coverage", high, 4),
        )
    }
    return SampleCoverage(
        patterns.captured,
        float(shared),
        float(coverage),
        float(independent),
        float(low),
        float(high),
        covariation,
        errors,
    )


def _parts(rows):
    """Rows as numbers; those on one list only; those on a pair's lists and on no other, one each and both."""
    size = rows.shape[1]
    times = rows.sum(axis=1)
    single = (rows & (times == 1)[:, None]).astype(float)
    pairs = [(i, k) for i in range(size) for k in range(i + 1, size)]
    both = np.array([rows[:, i] & rows[:, k] for i, k in pairs], dtype=float).T
    # A(i|k) + A(k|i): those on i only, those on k only, and twice those on both and nowhere else.
    near = np.array([single[:, i] + single[:, k] + 2 * (rows[:, i] & rows[:, k] & (times == 2)) for i, k in pairs]).T
    return rows.astype(float), single, both, near, np.array(pairs)


def _estimates(counts, rows, single, both, near, pairs):
    size = rows.shape[1]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        on_list, on_one = counts @ rows, counts @ single
        shared = counts.sum() - on_one.sum() / size
        coverage = 1 - (on_one / on_list).sum() / size
        rate = (counts @ both) / (on_list[pairs[:, 0]] * on_list[pairs[:, 1]])
        weight = counts @ near / size

        def corrected(people):
            return (shared + (weight * (people * rate - 1)).sum()) / coverage

        independent = shared / coverage
        low = corrected(corrected(independent))
        left = coverage - (weight * rate).sum()
        high = (shared - weight.sum()) / left if left.real > 0 else left * np.nan
        covariation = np.zeros((size, size))
        covariation[pairs[:, 0], pairs[:, 1]] = (low * rate - 1).real
    return shared, coverage, independent, low, high, covariation + covariation.T


def _error(counts, value, function):
    """Delta-method standard error for a multinomial table with a cell nobody sees; derivatives by a complex step."""
    if not np.isfinite(value) or value <= 0:
        return None
    step = 1e-30
    slopes = np.empty(len(counts))
    for cell in range(len(counts)):
        moved = counts.astype(complex)
        moved[cell] += 1j * step
        slopes[cell] = function(moved).imag / step
    variance = float(counts @ slopes**2 - (counts @ slopes) ** 2 / value)
    return float(np.sqrt(variance)) if np.isfinite(variance) and variance >= 0 else None
