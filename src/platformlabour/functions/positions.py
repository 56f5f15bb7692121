"""Places on the triangle of preparation, verification and impersonation, from main and second codes."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.functions.codebook import POLES

__all__ = [
    "SENSITIVITY",
    "WEIGHTS",
    "check_weights",
    "coordinates",
    "counts",
    "density",
    "ellipse",
    "mean_positions",
    "periods",
    "planar",
    "sensitivity",
]

WEIGHTS = (0.7, 0.3)
SENSITIVITY = ((0.6, 0.4), (0.7, 0.3), (0.8, 0.2))
FEWEST_FOR_ELLIPSE = 5  # below it a bootstrap sees too few different samples
_HEIGHT = math.sqrt(3) / 2
# Equilateral: preparation left, verification right, impersonation on top.
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, _HEIGHT]])
_CHI_SQUARE_2 = {0.95: 5.991464547107979}


def check_weights(weights):
    """Refuse weights of main and second code that mean nothing.

    Parameters
    ----------
    weights : (float, float)
        Of the main and of the second code.

    Returns
    -------
    tuple of float

    Raises
    ------
    InputError
        If there are not two numbers between 0 and 1, their sum is not 1, or the second weighs more than the main.

    Examples
    --------
    >>> check_weights((0.7, 0.2))
    Traceback (most recent call last):
    ...
    platformlabour.errors.InputError: found weights 0.7 and 0.2, whose sum is 0.9; expected weights of the main and the
    second code that add up to 1.
    """
    try:
        main, second = (float(weight) for weight in weights)
    except (TypeError, ValueError):
        raise InputError(f"the weights {weights!r}", "two numbers, such as 0.7 and 0.3") from None
    if not (0 <= main <= 1 and 0 <= second <= 1):
        raise InputError(f"weights {main:g} and {second:g}", "numbers between 0 and 1")
    if abs(main + second - 1) > 1e-9:
        raise InputError(
            f"weights {main:g} and {second:g}, whose sum is {main + second:g}",
            "weights of the main and the second code that add up to 1",
        )
    if second > main:
        raise InputError(f"weights {main:g} and {second:g}", "a main code that weighs at least as much as the second")
    return main, second


def coordinates(main, second, poles, *, weights=WEIGHTS):
    """Barycentric coordinates of coded tasks.

    A task without a second code on the triangle stands on the pole of its main code; with one, between the two, at the
    declared weights. A task whose main code has no pole (other people's work, not AI, undetermined) has no place.

    Parameters
    ----------
    main, second : sequence of str, length n
        Codes; ``""`` for no second code.
    poles : dict of str to str or None
        From ``Codebook.poles``.
    weights : (float, float)
        Of main and second code; they must add up to 1.

    Returns
    -------
    DataFrame, shape (n, 3)
        ``preparation, verification, impersonation``, which add up to 1; ``nan`` for a task without a place.

    Raises
    ------
    InputError
        If the weights do not add up to 1, a code is unknown, or the lengths differ.

    Examples
    --------
    >>> from platformlabour.functions.codebook import load_codebook
    >>> coordinates(["V", "G", "X"], ["N", "", ""], load_codebook().poles)
       preparation  verification  impersonation
    0          0.3           0.7            0.0
    1          1.0           0.0            0.0
    2          NaN           NaN            NaN
    """
    heavy, light = check_weights(weights)
    main, second = list(main), list(second)
    if len(main) != len(second):
        raise InputError(f"{len(main)} main and {len(second)} second codes", "as many of one as of the other")
    out = np.full((len(main), len(POLES)), np.nan)
    for k, (first, other) in enumerate(zip(main, second, strict=True)):
        for code, given in ((first, True), (other, other != "")):
            if given and code not in poles:
                raise InputError(f"the code {code!r}", f"one of {', '.join(poles)}", row=k + 2)
        if poles[first] is None:
            continue
        out[k] = 0.0
        beside = poles.get(other)
        out[k, POLES.index(poles[first])] = 1.0 if beside is None else heavy
        if beside is not None:
            out[k, POLES.index(beside)] += light
    return pd.DataFrame(out, columns=list(POLES))


def planar(positions):
    """Barycentric coordinates as points of an equilateral triangle with sides of 1.

    Parameters
    ----------
    positions : DataFrame or array, shape (n, 3)

    Returns
    -------
    array of float, shape (n, 2)

    Examples
    --------
    >>> planar([[1, 0, 0], [0, 1, 0], [0, 0, 1]]).round(3).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.5, 0.866]]
    """
    return np.asarray(positions, dtype=float) @ _CORNERS


def _barycentric(points):
    upper = points[:, 1] / _HEIGHT
    right = points[:, 0] - upper / 2
    return np.column_stack([1 - right - upper, right, upper])


def counts(positions, by=None):
    """How many tasks stand at each place.

    Parameters
    ----------
    positions : DataFrame, shape (n, columns)
        With the three coordinates; tasks without a place are left out.
    by : str, optional
        A further column to count apart.

    Returns
    -------
    DataFrame
        The coordinates, ``by`` and ``tasks``, most frequent first.

    Examples
    --------
    >>> places = pd.DataFrame({"preparation": [1.0, 1.0], "verification": [0.0, 0.0], "impersonation": [0.0, 0.0]})
    >>> counts(places)["tasks"].tolist()
    [2]
    """
    keys = [*POLES, *([by] if by else [])]
    placed = positions.dropna(subset=list(POLES))
    found = placed.groupby(keys, sort=True).size().rename("tasks").reset_index()
    return found.sort_values("tasks", ascending=False, kind="stable", ignore_index=True)


def mean_positions(positions, by, *, replicates=2000, seed=0):
    """Mean place of each group, with its spread over bootstrap samples of tasks.

    Parameters
    ----------
    positions : DataFrame, shape (n, columns)
        With the three coordinates and the grouping column; tasks without a place count in ``tasks`` only.
    by : str
        Column that groups.
    replicates : int
        Bootstrap samples of each group; 0 for none.
    seed : int or numpy.random.Generator

    Returns
    -------
    DataFrame, shape (groups, 11)
        ``by, tasks, placed``, the mean coordinates, each coordinate's ``…_low`` and ``…_high`` (percentile interval of
        95%), ``xx, xy, yy`` (covariance of the mean in the plane of :func:`planar`). Intervals and covariance are
        ``nan`` for a group with fewer than five placed tasks.

    Raises
    ------
    InputError
        If the column is missing.

    Examples
    --------
    >>> tasks = pd.DataFrame({"preparation": [1.0] * 6, "verification": 0.0, "impersonation": 0.0, "source": "a"})
    >>> mean_positions(tasks, "source", replicates=100)[["tasks", "placed", "preparation"]].values.tolist()
    [[6.0, 6.0, 1.0]]
    """
    if by not in positions.columns:
        raise InputError(f"no column {by!r}", f"one of {', '.join(map(str, positions.columns))}")
    generator = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)
    lines = []
    for name, group in positions.groupby(by, sort=False):
        placed = group[list(POLES)].dropna().to_numpy()
        line = {by: name, "tasks": len(group), "placed": len(placed)}
        line.update(zip(POLES, placed.mean(axis=0) if len(placed) else [math.nan] * 3, strict=True))
        low = high = [math.nan] * 3
        spread = np.full((2, 2), math.nan)
        if len(placed) >= FEWEST_FOR_ELLIPSE and replicates:
            means = placed[generator.integers(len(placed), size=(replicates, len(placed)))].mean(axis=1)
            low, high = np.quantile(means, [0.025, 0.975], axis=0)
            spread = np.cov(planar(means).T)
        for k, pole in enumerate(POLES):
            line[f"{pole}_low"], line[f"{pole}_high"] = low[k], high[k]
        lines.append({**line, "xx": spread[0, 0], "xy": spread[0, 1], "yy": spread[1, 1]})
    return pd.DataFrame(lines)


def periods(first_seen, *, last=2022):
    """Put tasks before or after the turn to language models.

    Parameters
    ----------
    first_seen : sequence of str
        Year in which a source first shows the task; ``""`` where it has no date.
    last : int
        Last year of the first period.

    Returns
    -------
    list of str
        ``"to 2022"``, ``"from 2023"`` or ``"undated"``.

    Examples
    --------
    >>> periods(["2017", "2024", ""])
    ['to 2022', 'from 2023', 'undated']
    """
    names = (f"to {last}", f"from {last + 1}")
    return ["undated" if not year else names[int(year) > last] for year in first_seen]


def ellipse(mean, covariance, *, points=72):
    """Outline of the 95% bootstrap ellipse of a mean place, cut off where the triangle ends.

    Parameters
    ----------
    mean : array, shape (3,)
        Barycentric.
    covariance : array, shape (2, 2)
        Of the mean, in the plane.
    points : int

    Returns
    -------
    array of float, shape (points, 3)
        Barycentric.

    Examples
    --------
    >>> outline = ellipse([0.9, 0.1, 0.0], [[0.01, 0.0], [0.0, 0.01]])
    >>> bool((outline >= 0).all()), bool(np.allclose(outline.sum(axis=1), 1))
    (True, True)
    """
    values, vectors = np.linalg.eigh(np.asarray(covariance, dtype=float))
    radii = np.sqrt(np.clip(values, 0, None) * _CHI_SQUARE_2[0.95])
    angles = np.linspace(0, 2 * np.pi, points)
    outline = planar([mean]) + (np.column_stack([np.cos(angles), np.sin(angles)]) * radii) @ vectors.T
    inside = np.clip(_barycentric(outline), 0, None)
    return inside / inside.sum(axis=1, keepdims=True)


def density(positions, *, bandwidth=0.08, steps=24):
    """Smoothed density of tasks over the triangle.

    Parameters
    ----------
    positions : DataFrame, shape (n, columns)
        With the three coordinates; tasks without a place are left out.
    bandwidth : float
        Standard deviation of the normal kernel, in sides of the triangle.
    steps : int
        Grid steps along a side.

    Returns
    -------
    DataFrame, shape ((steps + 1)(steps + 2) / 2, 4)
        The coordinates of the grid and ``density``, scaled so that the highest is 1.

    Raises
    ------
    InputError
        If no task has a place, or bandwidth or steps are not above zero.

    Notes
    -----
    The kernel spills over the edges, where most tasks stand; the map shows where tasks gather, not how many there are.

    Examples
    --------
    >>> peak = density(pd.DataFrame({"preparation": [1.0], "verification": [0.0], "impersonation": [0.0]})).iloc[-1]
    >>> float(peak["preparation"]), float(peak["density"])
    (1.0, 1.0)
    """
    if not bandwidth > 0 or steps < 1:
        raise InputError(f"bandwidth {bandwidth!r} and {steps!r} steps", "a bandwidth above 0 and at least one step")
    placed = positions[list(POLES)].dropna()
    if placed.empty:
        raise InputError("no task with a place on the triangle", "at least one")
    grid = np.array([[a, b, steps - a - b] for a in range(steps + 1) for b in range(steps + 1 - a)], dtype=float)
    grid = grid / steps
    squares = ((planar(grid)[:, None, :] - planar(placed)[None, :, :]) ** 2).sum(axis=2)
    height = np.exp(-squares / (2 * bandwidth**2)).sum(axis=1)
    return pd.DataFrame(grid, columns=list(POLES)).assign(density=height / height.max())


def sensitivity(frame, poles, *, by, weights=SENSITIVITY):
    """Mean places of each group under several declared weights.

    Parameters
    ----------
    frame : DataFrame, shape (n, columns)
        Columns ``main``, ``second`` and ``by``.
    poles : dict of str to str or None
    by : str
    weights : sequence of (float, float)

    Returns
    -------
    DataFrame, shape (groups x weights, 5)
        ``by, weights`` (such as ``"0.7 / 0.3"``) and the three mean coordinates; groups without a placed task are
        left out.

    Examples
    --------
    >>> from platformlabour.functions.codebook import load_codebook
    >>> frame = pd.DataFrame({"main": ["V"], "second": ["N"], "source": ["a"]})
    >>> sensitivity(frame, load_codebook().poles, by="source")["verification"].tolist()
    [0.6, 0.7, 0.8]
    """
    parts = []
    for pair in weights:
        placed = coordinates(frame["main"], frame["second"], poles, weights=pair)
        placed[by] = frame[by].to_numpy()
        means = placed.dropna().groupby(by, sort=False)[list(POLES)].mean().reset_index()
        means.insert(1, "weights", f"{pair[0]:g} / {pair[1]:g}")
        parts.append(means)
    return pd.concat(parts, ignore_index=True)
