"""Figures of a synthesis: intervals within intervals, what drives a result, and every specification."""

from __future__ import annotations

import numpy as np

from platformlabour.book.figures import COLOURS, _bare, _drawing, _figure, _finish, _people_axis, _require, _short, _svg
from platformlabour.errors import InputError

__all__ = ["nested_interval_chart", "specification_chart", "tornado_chart"]

_LEVELS = ((95, 0.10, "#9fc5e0"), (80, 0.20, "#4a96c4"), (50, 0.32, COLOURS[0]))  # height and shade of each bar


def nested_interval_chart(
    frame, *, label, median, published=None, bound=None, subject, value_label, log=True, simulated=False
):
    """Bars of 50, 80 and 95% around a median, one row a quantity, with a published number beside them.

    The bars differ in height as well as shade, so that they are told apart without colour.

    Parameters
    ----------
    frame : DataFrame, shape (rows, columns)
        With ``low50, high50, low80, high80, low95, high95``.
    label, median : str
        Columns with the row's name and its median.
    published : str, optional
        Column with a published number, drawn as a hollow diamond; empty cells draw none.
    bound : str, optional
        Column with ``"point"``, ``"lower"`` or ``"upper"``: a bound gets an arrow towards where the truth may lie.
    subject, value_label : str
        Words for the alt text and the axis.
    log : bool, default True
        Logarithmic axis.
    simulated : bool

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, the frame is empty, or a logarithmic axis would have to show a number of 0 or less.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"circle": ["registered"], "median": [250.0], "low50": [230], "high50": [270],
    ...                      "low80": [210], "high80": [300], "low95": [200], "high95": [320], "printed": [266]})
    >>> nested_interval_chart(rows, label="circle", median="median", published="printed", subject="one circle",
    ...                       value_label="people").alt
    'Interval chart of one circle: registered 250 people (95% interval 200 to 320), published 266.'
    """
    ends = [f"{side}{level}" for level, _, _ in _LEVELS for side in ("low", "high")]
    _require(frame, label, median, published, bound, *ends)
    if log and min(frame[name].astype(float).min() for name in [*ends, median]) <= 0:
        raise InputError("a value of zero or less on a logarithmic axis", "values above zero", column=median)
    rows = frame.to_dict("records")
    with _drawing(height=0.72 * len(rows) + 1.25) as (figure, axes):
        for level, height, shade in _LEVELS:
            lows, highs = (frame[f"{side}{level}"].astype(float).to_numpy() for side in ("low", "high"))
            places = np.arange(len(rows))[::-1]
            axes.barh(places, highs - lows, left=lows, height=height, color=shade, label=f"{level}% interval", zorder=2)
        for k, row in enumerate(rows):
            at = len(rows) - 1 - k
            axes.plot([row[median]] * 2, [at - 0.21, at + 0.21], color="#000000", linewidth=2.0, zorder=3)
            text = f"{row[label]}: {_about(row[median])} ({_about(row['low95'])} to {_about(row['high95'])})"
            axes.annotate(text, (0, at + 0.27), xycoords=("axes fraction", "data"), fontsize=9.5, va="bottom")
            side = {"lower": 1, "upper": -1}.get(row[bound] if bound else "point")
            if side:
                axes.annotate(
                    "",
                    xy=(row["high95"] if side > 0 else row["low95"], at),
                    xytext=(28 * side, 0),
                    textcoords="offset points",
                    arrowprops={"arrowstyle": "<-", "color": "#333333", "linewidth": 1.2, "shrinkB": 2},
                )
        axes.plot([], [], color="#000000", linewidth=2.0, label="median")
        if published:
            told = frame[published].astype(float).to_numpy()
            style = {"linestyle": "none", "marker": "D", "markersize": 7, "zorder": 4}
            axes.plot(
                told, np.arange(len(rows))[::-1], color="white", markeredgecolor=COLOURS[1], markeredgewidth=1.8,
                label="published", **style,
            )  # fmt: skip
        _row_axes(axes, len(rows), value_label, log)
        figure.legend(loc="outside lower center", ncols=3, frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    unit = _bare(value_label)
    words, notes = [], []
    for row in rows:
        text = f"{row[label]} {_about(row[median])} {unit}"
        text += f" (95% interval {_about(row['low95'])} to {_about(row['high95'])})"
        text += {"lower": ", a lower bound", "upper": ", an upper bound"}.get(row[bound] if bound else "", "")
        if published and np.isfinite(row[published]):
            text += f", published {_short(row[published])}"
        words.append(text)
        inner = [f"{level}% {_about(row[f'low{level}'])} to {_about(row[f'high{level}'])}" for level in (80, 50)]
        notes.append(f"{text}; {', '.join(inner)}")
    alt = f"Interval chart of {subject}: " + "; ".join(words) + "."
    description = f"Horizontal axis: {value_label}{', logarithmic' if log else ''}. " + "; ".join(notes) + "."
    return _figure(svg, alt, description, frame, simulated)


def tornado_chart(
    frame,
    *,
    label,
    low_input,
    high_input,
    at_low,
    at_high,
    centre,
    group,
    subject,
    value_label,
    log=False,
    simulated=False,
):
    """One bar a factor, from the result at its lower end to the result at its upper end, the widest on top.

    The half for the factor's upper end is hatched; each label names the two ends.

    Parameters
    ----------
    frame : DataFrame, shape (factors, columns)
        In the order wanted, the widest first.
    label : str
        Column with the factor's name.
    low_input, high_input : str
        Columns with the factor's two ends.
    at_low, at_high : str
        Columns with the result at each.
    centre : float
        The result with every factor at its median.
    group : str
        Column that gives the colour, such as the kind of each factor.
    subject, value_label : str
        Words for the alt text and the axis.
    log : bool
        Logarithmic axis.
    simulated : bool

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, the frame is empty, or a logarithmic axis would have to show a number of 0 or less.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"factor": ["share"], "a": [0.1], "b": [0.5], "low": [100.0], "high": [500.0],
    ...                      "kind": ["assumed"]})
    >>> tornado_chart(rows, label="factor", low_input="a", high_input="b", at_low="low", at_high="high", centre=300.0,
    ...               group="kind", subject="a made-up count", value_label="people").alt
    'Tornado chart of a made-up count: 300 people in the middle; widest share (0.1 to 0.5), from 100 to 500, 1 factor.'
    """
    _require(frame, label, low_input, high_input, at_low, at_high, group)
    values = frame[[at_low, at_high]].astype(float)
    if log and min(values.to_numpy().min(), centre) <= 0:
        raise InputError("a value of zero or less on a logarithmic axis", "values above zero", column=at_low)
    rows = frame.to_dict("records")
    names = list(dict.fromkeys(frame[group]))
    with _drawing(height=0.56 * len(rows) + 1.2) as (figure, axes):
        for k, row in enumerate(rows):
            at = len(rows) - 1 - k
            colour = COLOURS[names.index(row[group]) % len(COLOURS)]
            for end, hatch in ((row[at_low], None), (row[at_high], "////")):
                left, right = sorted((float(end), centre))
                style = {"color": colour, "edgecolor": "white", "hatch": hatch, "zorder": 2}
                axes.barh(at, right - left, left=left, height=0.34, **style)
            axes.plot([centre] * 2, [at - 0.24, at + 0.17], color="#000000", linewidth=1.6, zorder=3)
            text = f"{row[label]}: {_short(row[low_input])} to {_short(row[high_input])}"
            axes.annotate(text, (0, at + 0.2), xycoords=("axes fraction", "data"), fontsize=9.5, va="bottom")
        for place, name in enumerate(names):
            axes.barh([0], [0], left=[centre], color=COLOURS[place % len(COLOURS)], label=str(name))
        axes.barh([0], [0], left=[centre], color="#777777", edgecolor="white", hatch="////", label="upper end")
        _row_axes(axes, len(rows), value_label, log)
        wide = max(map(len, map(str, names))) > 14  # three such columns would run out of the figure
        figure.legend(loc="outside lower center", ncols=2 if wide else 3, frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    first = rows[0]
    ends = sorted((float(first[at_low]), float(first[at_high])))
    alt = (
        f"Tornado chart of {subject}: {_about(centre)} {_bare(value_label)} in the middle; widest {first[label]} "
        f"({_short(first[low_input])} to {_short(first[high_input])}), from {_about(ends[0])} to {_about(ends[1])}, "
        f"{len(rows)} factor{'s' * (len(rows) > 1)}."
    )
    notes = [
        f"{row[label]} ({row[group]}): {_about(row[at_low])} at {_short(row[low_input])}, {_about(row[at_high])} at "
        f"{_short(row[high_input])}"
        for row in rows
    ]
    description = f"Horizontal axis: {value_label}{', logarithmic' if log else ''}. " + "; ".join(notes) + "."
    return _figure(svg, alt, description, frame, simulated)


def specification_chart(frame, *, choices, value, marked, subject, value_label, log=True, simulated=False):
    """Every specification in order of its result, with the options that each of them takes underneath.

    Parameters
    ----------
    frame : DataFrame, shape (specifications, columns)
        Sorted as wanted, as from :func:`~platformlabour.counting.synthesis.multiverse`.
    choices : dict of str to str
        Column with the option's label to the choice's name.
    value : str
        Column with the result.
    marked : str
        Column with a name for the specifications to mark, empty text for the others.
    subject, value_label : str
        Words for the alt text and the axis.
    log : bool, default True
        Logarithmic axis.
    simulated : bool

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, the frame is empty, or a logarithmic axis would have to show a number of 0 or less.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"c": ["two", "one"], "people": [500.0, 1000.0], "mark": ["", "printed"]})
    >>> specification_chart(rows, choices={"c": "Coefficient"}, value="people", marked="mark", subject="two readings",
    ...                     value_label="people").alt
    'Specification curve of two readings: 2 specifications from 500 to 1,000 people; printed is 1,000, rank 2.'
    """
    _require(frame, *choices, value, marked)
    numbers = frame[value].astype(float).to_numpy()
    if log and numbers.min() <= 0:
        raise InputError("a value of zero or less on a logarithmic axis", "values above zero", column=value)
    options = {choice: list(dict.fromkeys(frame[choice])) for choice in choices}
    for choice, labels in options.items():
        # Options from those that give the largest numbers downwards, as the curve falls.
        middles = {label: np.median(np.log(numbers[(frame[choice] == label).to_numpy()])) for label in labels}
        labels.sort(key=lambda label: -middles[label])
    lines = sum(len(labels) + 1.2 for labels in options.values())
    told = (frame[marked] != "").to_numpy()
    places = np.arange(1, len(frame) + 1)
    curve, below = 2.3, 0.27 * lines
    with _drawing(height=curve + below + 0.5) as (figure, axes):
        axes.remove()
        upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [curve, below], "hspace": 0.02})
        upper.plot(*_points(places[~told], numbers[~told]), color=COLOURS[0], linewidth=4.5, solid_capstyle="round")
        style = {"linestyle": "none", "marker": "D", "markersize": 7, "markerfacecolor": "white"}
        style["markeredgewidth"] = 1.8
        upper.plot(places[told], numbers[told], color=COLOURS[1], label="published", **style)
        if log:
            upper.set_yscale("log")
            upper.minorticks_off()
        _people_axis(upper.yaxis)
        upper.set_ylabel(value_label + (" (log)" if log else ""))
        upper.grid(axis="x", visible=False)
        if told.any():
            upper.legend(loc="upper left", frameon=False)
        _finish(upper, simulated)
        at = 0.0
        words = {"xycoords": ("axes fraction", "data"), "annotation_clip": False}
        for choice, heading in choices.items():
            lower.annotate(f"{heading} …", (0, -at), fontsize=9.5, va="center", **words)
            at += 0.3
            for label in options[choice]:
                at += 1
                chosen = (frame[choice] == label).to_numpy()
                lower.plot(places[[0, -1]], [-at] * 2, color="#e3e3e3", linewidth=0.7, zorder=1)
                for part, colour in ((chosen & ~told, COLOURS[0]), (chosen & told, COLOURS[1])):
                    lower.plot(*_ticks(places[part], -at), color=colour, linewidth=2.2, solid_capstyle="butt", zorder=2)
                lower.annotate(str(label), (0, -at + 0.22), fontsize=8, va="bottom", **words)
            at += 0.9
        lower.set_ylim(-at + 0.4, 0.6)
        lower.set_yticks([])
        lower.spines["left"].set_visible(False)
        lower.grid(visible=False)
        lower.set_xlabel("specifications in order")
        svg = _svg(figure)
    first, last = numbers.min(), numbers.max()
    alt = f"Specification curve of {subject}: {len(frame)} specifications from {_short(first)} to {_short(last)} "
    alt += _bare(value_label)
    marks = [f"{name} is {_short(numbers[k])}, rank {k + 1}" for k, name in enumerate(frame[marked]) if name]
    alt += f"; {', '.join(marks)}." if marks else "."
    notes = []
    for choice, heading in choices.items():
        parts = []
        for label in options[choice]:
            own = numbers[(frame[choice] == label).to_numpy()]
            parts.append(f"{label}: {len(own)} from {_short(own.min())} to {_short(own.max())}")
        notes.append(f"{heading}: " + ", ".join(parts))
    description = f"Vertical axis: {value_label}{', logarithmic' if log else ''}. " + ". ".join(notes) + "."
    return _figure(svg, alt, description, frame, simulated)


def _ticks(places, at):
    """Short upright lines as one path, which a picture holds in a third of the space of markers."""
    gap = np.full(len(places), np.nan)
    x = np.column_stack([places, places, gap]).ravel()
    y = np.column_stack([np.full(len(places), at - 0.2), np.full(len(places), at + 0.2), gap]).ravel()
    return x, y


def _points(x, y):
    """Round dots as the caps of lines without length, all in one path, for the same reason."""
    gap = np.full(len(x), np.nan)
    return np.column_stack([x - 0.005, x + 0.005, gap]).ravel(), np.column_stack([y, y, gap]).ravel()


def _about(number):
    """Three significant digits: more than an interval can stand, and whole numbers in full below a thousand."""
    number = float(number)
    return _short(float(f"{number:.3g}"))


def _row_axes(axes, rows, value_label, log):
    if log:
        from matplotlib.ticker import LogLocator, NullFormatter

        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(numticks=6))
        axes.xaxis.set_minor_formatter(NullFormatter())
    _people_axis(axes.xaxis)
    axes.use_sticky_edges = False
    axes.margins(x=0.1)
    axes.set_ylim(-0.5, rows - 0.1)
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(value_label + (" (logarithmic scale)" if log else ""))
