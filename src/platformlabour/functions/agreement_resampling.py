"""Bootstrap over items, for statistics that are functions of sums over items."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from platformlabour.errors import InputError

__all__ = ["patterns", "resampled_sums"]

_CELLS_AT_ONCE = 4_000_000  # of weights, 32 MB
_COST_OF_MULTINOMIAL = 8  # drawing one cell of a multinomial costs about as much as drawing and counting eight items


def patterns(matrix, *, keep_order=False):
    """Reduce items to their different rows: coded items repeat few patterns, and equal rows resample alike.

    Parameters
    ----------
    matrix : array of int, shape (items, coders)
    keep_order : bool
        Tell coders apart; otherwise rows are equal that hold the same codes in another order.

    Returns
    -------
    rows : array of int, shape (patterns, coders)
    multiplicity : array of int, shape (patterns,)

    Examples
    --------
    >>> rows, multiplicity = patterns(np.array([[0, 1], [1, 0], [1, 1]]))
    >>> rows.tolist(), multiplicity.tolist()
    ([[0, 1], [1, 1]], [2, 1])
    """
    return np.unique(matrix if keep_order else np.sort(matrix, axis=1), axis=0, return_counts=True)


def resampled_sums(features, multiplicity, *, replicates, generator):
    """Sums of features over items drawn with replacement.

    Parameters
    ----------
    features : array or sparse matrix of float, shape (patterns, features)
    multiplicity : array of int, shape (patterns,)
        Items with each pattern.
    replicates : int
    generator : numpy.random.Generator

    Returns
    -------
    array of float, shape (replicates, features)

    Raises
    ------
    InputError
        If the number of replicates is not a whole number of 1 or more.

    Examples
    --------
    >>> sums = resampled_sums(np.array([[1.0], [0.0]]), np.array([3, 1]), replicates=1000,
    ...                       generator=np.random.default_rng(0))
    >>> sums.shape, bool(abs(sums.mean() - 3) < 0.1)
    ((1000, 1), True)
    """
    if not isinstance(replicates, (int, np.integer)) or isinstance(replicates, bool) or replicates < 1:
        raise InputError(f"{replicates!r} replicates", "a whole number of 1 or more")
    items, kinds = int(multiplicity.sum()), len(multiplicity)
    features = features.T
    if kinds * _COST_OF_MULTINOMIAL <= items:
        block = max(1, _CELLS_AT_ONCE // kinds)
        parts = []
        for start in range(0, replicates, block):
            size = min(block, replicates - start)
            parts.append((features @ generator.multinomial(items, multiplicity / items, size=size).T.astype(float)).T)
        return np.concatenate(parts)
    owner = np.repeat(np.arange(kinds), multiplicity)
    if not sparse.issparse(features):
        features = np.ascontiguousarray(features)
    sums = np.empty((replicates, features.shape[0]))
    for k in range(replicates):
        drawn = generator.integers(items, size=items, dtype=np.int32)
        sums[k] = features @ np.bincount(drawn if kinds == items else owner[drawn], minlength=kinds).astype(float)
    return sums
