"""Owners before what they own: the order in which chains of holdings can be followed."""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

__all__ = ["circles", "levels", "order"]


def circles(matrix):
    """Strongly connected components: number, and the component of each organisation.

    Parameters
    ----------
    matrix : sparse array, shape (organisations, organisations)
        Entry (i, j) above 0 where i holds a part of j.

    Returns
    -------
    count : int
    group : ndarray of int, shape (organisations,)

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> count, group = circles(csr_array([[0, 0.5, 0], [0.4, 0, 1], [0, 0, 0]]))
    >>> count, bool(group[0] == group[1]), bool(group[0] == group[2])
    (2, True, False)
    """
    return connected_components(matrix, directed=True, connection="strong")


def levels(matrix, count, group):
    """Longest chain of holdings above each organisation; members of one circle share a level.

    Parameters
    ----------
    matrix : sparse array, shape (organisations, organisations)
    count, group
        From :func:`circles`.

    Returns
    -------
    ndarray of int, shape (organisations,)

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> chain = csr_array([[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> levels(chain, *circles(chain)).tolist()
    [0, 1, 2]
    """
    entries = sparse.coo_array(matrix)
    upper, lower = group[entries.coords[0]], group[entries.coords[1]]
    between = upper != lower
    upper, lower = upper[between], lower[between]
    edges = sparse.csr_array((np.ones(upper.size), (upper, lower)), shape=(count, count))
    waiting = np.bincount(edges.indices, minlength=count)
    level = np.zeros(count, dtype=int)
    ready, step = np.flatnonzero(waiting == 0), 0
    while ready.size:
        level[ready] = step
        step += 1
        below, met = np.unique(edges[ready].indices, return_counts=True)
        waiting[below] -= met
        ready = below[waiting[below] == 0]
    return level[group]


def order(matrix):
    """Organisations sorted so that owners come first and circles stay together.

    In this order the matrix is upper triangular but for one block a circle, and its factors stay sparse.

    Parameters
    ----------
    matrix : sparse array, shape (organisations, organisations)

    Returns
    -------
    ndarray of int, shape (organisations,)

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> order(csr_array([[0, 0, 0], [1, 0, 0], [0, 0.5, 0]])).tolist()
    [2, 1, 0]
    """
    count, group = circles(matrix)
    return np.lexsort((group, levels(matrix, count, group)))
