"""The triangle of preparation, verification and impersonation: tasks, their density, and means with their spread."""

from __future__ import annotations

import math

import numpy as np

from platformlabour.book.figures import _MARKERS, _STYLE, _WIDTH, COLOURS, _figure, _finish, _require, _short, _svg
from platformlabour.errors import InputError

__all__ = ["means_triangle", "tasks_triangle"]

_CORNERS = ("preparation", "verification", "impersonation")
_DENSITY_LEVELS = (0.02, 0.08, 0.25, 0.6, 1.001)
_GREYS = ("#f2f2f2", "#e2e2e2", "#cfcfcf", "#bababa")
_FARTHEST_JITTER = 0.24  # as a share of the way towards a random place inside


class _ternary:
    """A figure with one triangle, preparation left, verification right and impersonation on top."""

    def __init__(self, corners, *, least=0.0):
        self.corners, self.least = corners, least

    def __enter__(self):
        import matplotlib
        import mpltern  # registers the projection
        from matplotlib.figure import Figure as Canvas

        assert mpltern
        self.context = matplotlib.rc_context(_STYLE)
        self.context.__enter__()
        figure = Canvas(figsize=(_WIDTH, 4.6), layout="constrained")
        axes = figure.add_subplot(projection="ternary")
        left, right, top = self.corners
        far = 1 - self.least
        if self.least:
            axes.set_ternary_lim(0, far, self.least, 1, 0, far)
            right, top = (f"{100 * far:.0f}% {name}" for name in (right, top))
        below = 0.06 * far
        axes.text(far, self.least, 0, top, ha="center", va="bottom", fontsize=10.5, fontweight="bold")
        axes.text(-below, 1 + below, 0, left, ha="left", va="top", fontsize=10.5, fontweight="bold")
        axes.text(-below, self.least, far + below, right, ha="right", va="top", fontsize=10.5, fontweight="bold")
        steps = np.array([0.2, 0.4, 0.6, 0.8]) * far
        for axis, start in ((axes.taxis, 0), (axes.laxis, self.least), (axes.raxis, 0)):
            axis.set_ticks(start + steps)
            axis.set_ticklabels([])
        axes.tick_params(length=0)
        axes.grid(True)
        return figure, axes

    def __exit__(self, *error):
        return self.context.__exit__(*error)


def _points(frame, corners):
    left, right, top = (frame[name].to_numpy(dtype=float) for name in corners)
    return top, left, right


def _check(frame, corners):
    values = frame[list(corners)].to_numpy(dtype=float)
    kept = ~np.isnan(values).any(axis=1)
    if not kept.any():
        raise InputError("no row with a place on the triangle", "at least one")
    if (values[kept] < -1e-9).any() or np.abs(values[kept].sum(axis=1) - 1).max() > 1e-6:
        raise InputError("coordinates that do not add up to 1", "three shares of 0 or more whose sum is 1")
    return frame[kept]


def tasks_triangle(frame, *, group, subject, corners=_CORNERS, density=None, seed=0, simulated=False):
    """Single tasks on the triangle, scattered around their place so that they can be counted by eye.

    Parameters
    ----------
    frame : DataFrame, shape (tasks, columns)
        The three coordinates and the grouping column; rows without a place are left out of the picture.
    group : str
        Column that gives colour and marker, such as the main code.
    subject : str
        What is shown, for the alt text.
    corners : (str, str, str)
        Columns of the left, right and upper corner, and their names.
    density : DataFrame, optional
        Grid of coordinates with a column ``density`` from 0 to 1, drawn as shades.
    seed : int
        Of the scatter, which has no meaning.
    simulated : bool
        Label the picture and its texts as simulated.

    Returns
    -------
    Figure
        Its data are the places with their numbers of tasks.

    Raises
    ------
    InputError
        If a column is missing, no row has a place, or coordinates do not add up to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> tasks = pd.DataFrame({"preparation": [1.0, 0.3], "verification": [0.0, 0.7], "impersonation": 0.0,
    ...                       "code": ["N", "V"]})
    >>> tasks_triangle(tasks, group="code", subject="two tasks").alt
    'Triangle of two tasks: of 2 tasks with a place, 1 on the corner of preparation, 0 on that of verification, 0 on
    that of impersonation, and 1 between corners.'
    """
    _require(frame, group, *corners)
    placed = _check(frame, corners)
    generator = np.random.default_rng(seed)
    top, left, right = _points(placed, corners)
    # Towards a random place inside, so that no task leaves the triangle.
    inner = generator.dirichlet([1, 1, 1], size=len(placed))
    share = _FARTHEST_JITTER * np.sqrt(generator.random((len(placed), 1)))
    shown = (1 - share) * np.column_stack([top, left, right]) + share * inner
    with _ternary(corners) as (figure, axes):
        if density is not None:
            _require(density, "density", *corners)
            grid = _points(density, corners)
            axes.tricontourf(*grid, density["density"].to_numpy(), levels=_DENSITY_LEVELS, colors=_GREYS, zorder=0)
        for places, number in _numbers(placed, corners):
            axes.annotate(
                f"{number}",
                axes.transProjection.transform([places])[0],
                xytext=_outwards(places),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=9.5,
                fontweight="bold",
            )
        for k, name in enumerate(dict.fromkeys(frame[group])):
            chosen = (placed[group] == name).to_numpy()
            if chosen.any():
                axes.scatter(
                    *shown[chosen].T,
                    s=20,
                    marker=_MARKERS[k % len(_MARKERS)],
                    color=COLOURS[k % len(COLOURS)],
                    edgecolor="white",
                    linewidth=0.5,
                    alpha=0.9,
                    label=f"{name} ({int(chosen.sum())})",
                    zorder=3 + 1 / int(chosen.sum()),  # the rarer on top
                )
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    at = {name: int((placed[name] > 1 - 1e-9).sum()) for name in corners}
    between = len(placed) - sum(at.values())
    left, right, upper = corners
    alt = (
        f"Triangle of {subject}: of {len(placed)} tasks with a place, {at[left]} on the corner of {left}, {at[right]} "
        f"on that of {right}, {at[upper]} on that of {upper}, and {between} between corners."
    )
    places = placed.groupby([*corners, group], sort=False).size().rename("tasks").reset_index()
    places = places.sort_values("tasks", ascending=False, ignore_index=True)
    lines = [
        f"{row[group]}, {_place(row, corners)}: {row['tasks']} task{'s' if row['tasks'] > 1 else ''}"
        for row in places.to_dict("records")
    ]
    description = (
        f"Left corner: {left}. Right corner: {right}. Upper corner: {upper}. " + "; ".join(lines) + "."
        f" {len(frame) - len(placed)} tasks have no place. Points are scattered around their place."
    )
    return _figure(svg, alt, description, places, simulated)


def means_triangle(frame, *, label, outlines, subject, corners=_CORNERS, least=0.0, simulated=False):
    """Mean places of groups with their bootstrap ellipses, numbered and named in the legend.

    Parameters
    ----------
    frame : DataFrame, shape (groups, columns)
        Names, mean coordinates and a column ``placed`` with the number of tasks behind each mean.
    label : str
        Column of names.
    outlines : dict of str to array, shape (points, 3)
        Outline of each group's ellipse in the order of ``corners``; groups without one get a hollow mark.
    subject : str
        What is shown, for the alt text.
    corners : (str, str, str)
        Columns of the left, right and upper corner, and their names.
    least : float
        Show only the part of the triangle with at least this share of the left corner.
    simulated : bool
        Label the picture and its texts as simulated.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, no row has a place, coordinates do not add up to 1, or a mean lies outside the part
        shown.

    Examples
    --------
    >>> import pandas as pd
    >>> means = pd.DataFrame({"source": ["a", "b"], "preparation": [0.9, 0.5], "verification": [0.1, 0.5],
    ...                       "impersonation": 0.0, "placed": [10, 4]})
    >>> means_triangle(means, label="source", outlines={}, subject="two catalogues").alt
    'Triangle of two catalogues: mean verification from 0.1 (a) to 0.5 (b), mean impersonation at most 0 (a).'
    """
    _require(frame, label, "placed", *corners)
    placed = _check(frame, corners)
    left, right, top = corners
    if not 0 <= least < 1 or placed[left].min() < least:
        raise InputError(f"a mean outside the part shown, {left} {_short(placed[left].min())}", "a smaller least share")
    with _ternary(corners, least=least) as (figure, axes):
        for k, row in enumerate(placed.to_dict("records")):
            name, colour = row[label], COLOURS[(k + k // len(COLOURS)) % len(COLOURS)]
            outline = outlines.get(name)
            if outline is not None:
                t, l_, r = np.asarray(outline)[:, 2], np.asarray(outline)[:, 0], np.asarray(outline)[:, 1]
                axes.fill(t, l_, r, facecolor=colour, edgecolor=colour, alpha=0.16, linewidth=0)
                axes.plot(t, l_, r, color=colour, linewidth=1.6)
            axes.scatter(
                [row[top]],
                [row[left]],
                [row[right]],
                s=48,
                marker=_MARKERS[k % len(_MARKERS)],
                facecolor=colour if outline is not None else "white",
                edgecolor=colour if outline is None else "white",
                linewidth=1.2 if outline is None else 0.6,
                zorder=5,
                label=f"{k + 1}  {name} ({int(row['placed'])})",
            )
            axes.annotate(
                f"{k + 1}",
                axes.transProjection.transform([[row[top], row[left], row[right]]])[0],
                xytext=(0, 9 if k % 2 else 17),
                textcoords="offset points",
                ha="center",
                fontsize=9.5,
            )
        figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=9.5)
        _finish(axes, simulated)
        svg = _svg(figure)
    low, high = placed.loc[placed[right].idxmin()], placed.loc[placed[right].idxmax()]
    most = placed.loc[placed[top].idxmax()]
    alt = (
        f"Triangle of {subject}: mean {right} from {_short(low[right])} ({low[label]}) to {_short(high[right])} "
        f"({high[label]}), mean {top} at most {_short(most[top])} ({most[label]})."
    )
    lines = [
        f"{row[label]}: {_place(row, corners)}, from {int(row['placed'])} tasks" for row in placed.to_dict("records")
    ]
    description = (
        f"Left corner: {left}. Right corner: {right}. Upper corner: {top}. Means: " + "; ".join(lines) + ". "
        "Shaded outlines: 95% bootstrap ellipses of the means, cut off at the edges; hollow marks have none."
    )
    if least:
        description += f" Only the part with at least {100 * least:.0f}% {left} is drawn."
    return _figure(svg, alt, description, placed.reset_index(drop=True), simulated)


def _numbers(placed, corners):
    """Each place, in the axes' order of top, left and right, with its number of tasks."""
    left, right, top = corners
    for place, part in placed.groupby([top, left, right], sort=False):
        yield place, len(part)


def _outwards(place):
    """Offset in points from a place towards the nearest outside, where its number does not cover a task."""
    top, left, right = place
    if top < 1e-9:
        return (0, -9)
    return (-13, 4) if left >= right else (13, 4)


def _place(row, corners):
    parts = [f"{name} {_short(row[name])}" for name in corners if not math.isclose(row[name], 0, abs_tol=1e-9)]
    return ", ".join(parts)
