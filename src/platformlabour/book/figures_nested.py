"""Two intervals in one row, the second around the first: what an assumption leaves open, and what a survey adds."""

from __future__ import annotations

import math

from platformlabour.book.figures import COLOURS, _bare, _drawing, _figure, _finish, _people_axis, _require, _short, _svg
from platformlabour.errors import InputError

__all__ = ["nested_bars"]


def nested_bars(
    frame, *, label, inner, outer, subject, value_label, inner_label, outer_label, log=False, simulated=False
):
    """Horizontal bars of two widths, one row a line: a range, and the wider range around it.

    Parameters
    ----------
    frame : DataFrame, shape (rows, columns)
    label : str
        Column with the row's name.
    inner, outer : (str, str)
        Columns with the limits of either range; the outer one holds the inner one.
    subject, value_label, inner_label, outer_label : str
        Words for the alt text, the axis and the legend.
    log : bool
        Logarithmic axis.
    simulated : bool
        Label the picture and its texts as simulated.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, the frame is empty, or a range is missing, reversed or not inside the outer one.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"city": ["a"], "l": [2.0], "h": [3.0], "ol": [1.0], "oh": [4.0]})
    >>> nested_bars(frame, label="city", inner=("l", "h"), outer=("ol", "oh"), subject="one city",
    ...             value_label="per cent", inner_label="range", outer_label="with error").alt
    'Nested bars of one city: per cent from 2 to 3 (a) at the narrowest to 2 to 3 (a) at the widest, 1 rows; outer \
ranges from 1 to 4.'
    """
    _require(frame, label, *inner, *outer)
    rows = []
    for position, row in enumerate(frame.to_dict("records")):
        low, high, outer_low, outer_high = (float(row[name]) for name in (*inner, *outer))
        if not (outer_low <= low <= high <= outer_high) or not math.isfinite(outer_high - outer_low):
            raise InputError(
                f"{low:g} to {high:g} inside {outer_low:g} to {outer_high:g}",
                "an inner range inside the outer one",
                row=position + 2,
                column=inner[0],
            )
        if log and outer_low <= 0:
            raise InputError("a value of zero or less on a logarithmic axis", "values above zero", column=outer[0])
        rows.append((str(row[label]), low, high, outer_low, outer_high))
    with _drawing(height=0.44 * len(rows) + 1.1) as (figure, axes):
        for k, (name, low, high, outer_low, outer_high) in enumerate(rows):
            y = len(rows) - 1 - k
            first = k == 0
            axes.plot(
                [outer_low, outer_high],
                [y, y],
                color=COLOURS[1],
                linewidth=1.3,
                marker="|",
                markersize=8,
                label=outer_label if first else None,
            )
            axes.plot(
                [low, high],
                [y, y],
                color=COLOURS[0],
                linewidth=6.5,
                solid_capstyle="butt",
                label=inner_label if first else None,
            )
            axes.annotate(
                f"{name}: {_short(low)} to {_short(high)}",
                (0, y + 0.24),
                xycoords=("axes fraction", "data"),
                fontsize=9.5,
                va="bottom",
            )
        if log:
            axes.set_xscale("log")
        else:
            axes.set_xlim(left=0)
        _people_axis(axes.xaxis)
        axes.set_ylim(-0.5, len(rows) - 0.2)
        axes.yaxis.set_visible(False)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(value_label + (" (logarithmic scale)" if log else ""))
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    narrow, wide = min(rows, key=lambda row: row[2] - row[1]), max(rows, key=lambda row: row[2] - row[1])
    alt = (
        f"Nested bars of {subject}: {_bare(value_label)} from {_short(narrow[1])} to {_short(narrow[2])} ({narrow[0]}) "
        f"at the narrowest to {_short(wide[1])} to {_short(wide[2])} ({wide[0]}) at the widest, {len(rows)} rows; "
        f"outer ranges from {_short(min(row[3] for row in rows))} to {_short(max(row[4] for row in rows))}."
    )
    lines = [
        f"{name}: {inner_label} {_short(low)} to {_short(high)}, {outer_label} {_short(a)} to {_short(b)}"
        for name, low, high, a, b in rows
    ]
    return _figure(svg, alt, f"Horizontal axis: {value_label}. " + "; ".join(lines) + ".", frame, simulated)
