"""Tables of counts as pictures: a shaded grid with its numbers, and the map of a correspondence analysis."""

from __future__ import annotations

import numpy as np

from platformlabour.book.figures import COLOURS, _drawing, _figure, _finish, _require, _short, _svg
from platformlabour.errors import InputError

__all__ = ["count_grid", "plane_chart"]

_LONGEST_NAME = 24


def count_grid(table, *, subject, row_name, column_name, simulated=False):
    """A table of counts, shaded by the share of each row and with every count printed.

    Parameters
    ----------
    table : DataFrame of counts, shape (rows, columns)
        Names in the index and the columns.
    subject : str
        What is shown, for the alt text.
    row_name, column_name : str
        What a row and a column is.
    simulated : bool
        Label the picture and its texts as simulated.

    Returns
    -------
    Figure
        Its data are the table.

    Raises
    ------
    InputError
        If the table is empty or holds a negative count.

    Examples
    --------
    >>> import pandas as pd
    >>> counts = pd.DataFrame({"N": [9, 1], "V": [0, 3]}, index=["a", "b"])
    >>> count_grid(counts, subject="tasks by code", row_name="catalogue", column_name="code").alt
    'Grid of tasks by code: 2 rows and 2 columns, 13 in all; largest count 9 (a, N).'
    """
    if table.empty:
        raise InputError("a table without counts", "at least one row and column")
    values = table.to_numpy(dtype=float)
    if not np.isfinite(values).all() or (values < 0).any():
        raise InputError("a count that is negative or missing", "counts of 0 or more")
    totals = values.sum(axis=1, keepdims=True)
    shares = np.divide(values, totals, out=np.zeros_like(values), where=totals > 0)
    with _drawing(height=0.34 * len(table) + 0.9) as (figure, axes):
        axes.grid(False)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.15, aspect="auto")
        for (i, j), count in np.ndenumerate(values):
            dark = shares[i, j] > 0.6
            weight = "bold" if shares[i, j] >= 0.5 else "normal"
            text = _short(count) if count else "·"
            axes.text(j, i, text, ha="center", va="center", color="white" if dark else "#1a1a1a", fontweight=weight)
        axes.set_xticks(range(len(table.columns)), [str(name) for name in table.columns])
        names = [f"{name} ({_short(total)})" for name, total in zip(table.index, totals[:, 0], strict=True)]
        axes.set_yticks(range(len(table)), names)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xticks(np.arange(-0.5, len(table.columns)), minor=True)
        axes.set_yticks(np.arange(-0.5, len(table)), minor=True)
        axes.grid(which="minor", color="white", linewidth=2)
        axes.tick_params(which="minor", length=0)
        _finish(axes, simulated)
        svg = _svg(figure)
    i, j = np.unravel_index(values.argmax(), values.shape)
    alt = (
        f"Grid of {subject}: {len(table)} rows and {len(table.columns)} columns, {_short(values.sum())} in all; "
        f"largest count {_short(values[i, j])} ({table.index[i]}, {table.columns[j]})."
    )
    lines = [
        f"{name}: " + ", ".join(f"{column} {_short(count)}" for column, count in row.items() if count)
        for name, row in table.iterrows()
    ]
    description = f"Rows: {row_name}. Columns: {column_name}. Shade: share of the row. " + "; ".join(lines) + "."
    data = table.rename_axis(row_name).reset_index()
    return _figure(svg, alt, description, data, simulated)


def plane_chart(frame, *, x, y, label, kind, subject, x_label, y_label, simulated=False):
    """Named points of two or three kinds in a plane with its origin, as a correspondence analysis gives them.

    Parameters
    ----------
    frame : DataFrame, shape (points, columns)
    x, y : str
        Columns of the coordinates.
    label, kind : str
        Columns with the point's name and its kind, which gives colour and marker. Names of the second and third kind
        stand within their marks and must be short.
    subject, x_label, y_label : str
        Words for the alt text and the axes.
    simulated : bool
        Label the picture and its texts as simulated.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing or the frame is empty.

    Examples
    --------
    >>> import pandas as pd
    >>> points = pd.DataFrame({"x": [1.0, -2.0], "y": [0.0, 0.5], "name": ["N", "V"], "kind": "code"})
    >>> plane_chart(points, x="x", y="y", label="name", kind="kind", subject="two codes", x_label="first axis",
    ...             y_label="second axis").alt
    'Map of two codes: along the first axis from V (-2) to N (1), along the second axis from N (0) to V (0.5).'
    """
    _require(frame, x, y, label, kind)
    markers = ("o", "s", "D")
    with _drawing(height=4.2) as (figure, axes):
        axes.axhline(0, color="#777777", linewidth=0.8)
        axes.axvline(0, color="#777777", linewidth=0.8)
        for k, name in enumerate(dict.fromkeys(frame[kind])):
            part = frame[frame[kind] == name]
            axes.scatter(
                part[x],
                part[y],
                s=44 if k == 0 else 170,
                marker=markers[k % 3],
                facecolor="white" if k else COLOURS[0],
                edgecolor=COLOURS[k] if k else "white",
                linewidth=1.5 if k else 0.6,
                zorder=3,
                label=name,
            )
        _name_points(axes, frame, x, y, label, kind)
        axes.margins(0.16)
        axes.set_aspect("equal", adjustable="datalim")
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        figure.legend(loc="outside lower center", ncols=3, frameon=False, markerscale=0.7)
        _finish(axes, simulated)
        svg = _svg(figure)
    ends = []
    for column, words in ((x, x_label), (y, y_label)):
        low, high = frame.loc[frame[column].idxmin()], frame.loc[frame[column].idxmax()]
        ends.append(
            f"along the {words.split(' (')[0]} from {low[label]} ({_short(low[column])}) to {high[label]} "
            f"({_short(high[column])})"
        )
    alt = f"Map of {subject}: " + ", ".join(ends) + "."
    lines = [f"{row[label]} ({row[kind]}): {_short(row[x])}, {_short(row[y])}" for row in frame.to_dict("records")]
    description = f"Horizontal axis: {x_label}. Vertical axis: {y_label}. " + "; ".join(lines) + "."
    return _figure(svg, alt, description, frame, simulated)


def _name_points(axes, frame, x, y, label, kind):
    """Names of the first kind beside their points where there is room; short names within the other kinds' marks."""
    first = frame[kind].iloc[0]
    others = frame[frame[kind] != first]
    for row in others.to_dict("records"):
        place = (row[x], row[y])
        axes.annotate(str(row[label]), place, ha="center", va="center", fontsize=9, fontweight="bold", zorder=4)
    points = _to_points(frame, x, y)
    boxes = [(a - 8, b - 8, a + 8, b + 8) for a, b in points]
    for (a, b), row in zip(points, frame.to_dict("records"), strict=True):
        if row[kind] != first:
            continue
        name = str(row[label])[:_LONGEST_NAME]
        width = 5.2 * len(name)
        own = (a - 8, b - 8, a + 8, b + 8)
        choices = [
            (9, 0, "left", "center", (a + 9, b - 6, a + 9 + width, b + 6)),
            (-9, 0, "right", "center", (a - 9 - width, b - 6, a - 9, b + 6)),
            (0, 8, "center", "bottom", (a - width / 2, b + 8, a + width / 2, b + 20)),
            (0, -8, "center", "top", (a - width / 2, b - 20, a + width / 2, b - 8)),
            (7, 12, "left", "center", (a + 7, b + 6, a + 7 + width, b + 18)),
            (7, -12, "left", "center", (a + 7, b - 18, a + 7 + width, b - 6)),
            (0, 20, "center", "bottom", (a - width / 2, b + 20, a + width / 2, b + 32)),
            (0, -20, "center", "top", (a - width / 2, b - 32, a + width / 2, b - 20)),
        ]
        taken = [box for box in boxes if box != own]
        across, up, ha, va, box = min(choices, key=lambda choice: sum(_touch(choice[4], other) for other in taken))
        boxes.append(box)
        place = (row[x], row[y])
        axes.annotate(name, place, xytext=(across, up), textcoords="offset points", ha=ha, va=va, fontsize=9)


def _to_points(frame, x, y):
    """Rough places in printer's points: the longer side of the map fills its share of the picture."""
    values = frame[[x, y]].to_numpy(dtype=float)
    spans = values.max(axis=0) - values.min(axis=0)
    scale = min(240 / (spans[0] or 1), 180 / (spans[1] or 1))
    return [tuple(place) for place in (values - values.min(axis=0)) * scale]


def _touch(box, other):
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
