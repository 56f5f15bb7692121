"""Lines in panels side by side, where one set of axes would hide what is to be compared."""

from __future__ import annotations

import math
import textwrap

import pandas as pd

from platformlabour.book.figures import (
    _LINES,
    _MARKERS,
    _STYLE,
    _WIDTH,
    COLOURS,
    Figure,
    _figure,
    _place,
    _require,
    _short,
    _svg,
)
from platformlabour.errors import InputError

__all__ = ["panel_lines"]


def panel_lines(
    frame,
    *,
    x,
    y,
    series,
    panel=None,
    low=None,
    high=None,
    subject,
    x_label,
    y_label,
    top=None,
    columns=2,
    simulated=False,
) -> Figure:
    """Lines over an ordered axis in one or more panels with the same axes, and a band where limits are given.

    Parameters
    ----------
    frame : DataFrame, shape (points, columns)
        Long format: one row a point.
    x, y, series : str
        Columns of the position, the height and the line; the same series looks alike in every panel.
    panel : str, optional
        Column that separates the panels; one panel by default.
    low, high : str, optional
        Columns with interval limits, drawn as a band; empty cells draw none.
    subject, x_label, y_label : str
        Words for the alt text and the axes.
    top : float, optional
        Upper end of the vertical axis, which begins at 0.
    columns : int
        Panels side by side.
    simulated : bool
        Label the picture, above the panels, and its texts as simulated.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, the frame is empty, or there are more than four panels.

    Examples
    --------
    >>> import pandas as pd
    >>> points = pd.DataFrame({"town": ["A", "A"], "line": ["seen", "seen"], "year": [1, 2], "share": [0.2, 0.4]})
    >>> panel_lines(points, x="year", y="share", series="line", panel="town", subject="a share by town", x_label="year",
    ...             y_label="share").alt
    'Lines of a share by town, 1 panel. A: seen from 0.2 at 1 to 0.4 at 2.'
    """
    _require(frame, x, y, series, panel, low, high)
    names = list(dict.fromkeys(frame[panel])) if panel else [None]
    if len(names) > 4:
        raise InputError(f"{len(names)} panels", "at most 4, so that each can be read on a phone")
    kinds = list(dict.fromkeys(frame[series]))
    columns = min(columns, len(names))
    rows = math.ceil(len(names) / columns)

    import matplotlib
    from matplotlib.figure import Figure as Canvas

    messages, notes = [], []
    with matplotlib.rc_context(_STYLE):
        figure = Canvas(figsize=(_WIDTH, 1.1 + 2.0 * rows), layout="constrained")
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        for place, axes in enumerate(grid.flat):
            if place >= len(names):
                axes.set_visible(False)
                continue
            name = names[place]
            part = frame[frame[panel] == name] if panel else frame
            said = [_draw(axes, part[part[series] == kind], k, kind, x, y, low, high) for k, kind in enumerate(kinds)]
            prefix = f"{name}: " if name is not None else ""
            messages.append(prefix + ", ".join(short for short, _ in said if short))
            notes.append(prefix + "; ".join(full for _, full in said if full))
            if name is not None:
                axes.text(0.03, 1.02, str(name), transform=axes.transAxes, fontsize=9.5, va="bottom")
            axes.set_ylim(0, top)
            if pd.api.types.is_integer_dtype(frame[x]):
                axes.set_xticks(sorted(set(frame[x])))
            elif len(names) > 2:
                # Small panels: few ticks are easier to read and lighter to load.
                axes.locator_params(nbins=4)
            if place + columns >= len(names):
                # On the axes, not on the figure: a label of the figure would lie under the legend.
                axes.set_xlabel(textwrap.fill(x_label, 24 if columns > 1 else 60))
                axes.tick_params(labelbottom=True)
        figure.supylabel(y_label, fontsize=10, color="#1a1a1a")
        handles, labels = grid[0][0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=min(2, len(kinds)), frameon=False)
        if simulated:
            box = {"facecolor": "white", "edgecolor": "#8a1c1c", "linewidth": 0.8, "pad": 2.5}
            # A title of the whole figure keeps its own room: no line runs beneath it.
            figure.suptitle("SIMULATED", fontsize=9, color="#8a1c1c", x=0.98, ha="right", bbox=box)
        svg = _svg(figure)
    count = f"{len(names)} panel{'s' * (len(names) > 1)}"
    alt = f"Lines of {subject}, {count}. " + ". ".join(messages) + "."
    description = f"Horizontal axis: {x_label}. Vertical axis: {y_label}. " + ". ".join(notes) + "."
    return _figure(svg, alt, description, frame, simulated)


def _draw(axes, part, number, kind, x, y, low, high):
    """One line, with its words for the alt text and for the description."""
    if part.empty:
        return "", ""
    colour = COLOURS[number % len(COLOURS)]
    axes.plot(
        part[x],
        part[y],
        color=colour,
        linestyle=_LINES[number % len(_LINES)],
        linewidth=1.8,
        marker=_MARKERS[number % len(_MARKERS)],
        markersize=4.5,
        label=kind,
    )
    if low is not None and high is not None and part[low].notna().any():
        lower, upper = part[low].astype(float), part[high].astype(float)
        axes.fill_between(part[x], lower, upper, color=colour, alpha=0.22, linewidth=0)
        axes.vlines(part[x], lower, upper, colors=colour, linewidth=1.0)
    first, last = part.iloc[0], part.iloc[-1]
    short = f"{kind} from {_short(first[y])} at {_place(first[x])} to {_short(last[y])} at {_place(last[x])}"
    points = ", ".join(
        f"{_short(row[y])}{_limits(row, low, high)} at {_place(row[x])}" for row in part.to_dict("records")
    )
    return short, f"{kind}: {points}"


def _limits(row, low, high):
    if low is None or high is None or not (math.isfinite(float(row[low])) and math.isfinite(float(row[high]))):
        return ""
    return f" ({_short(row[low])} to {_short(row[high])})"
