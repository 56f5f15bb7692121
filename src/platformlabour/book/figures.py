"""Figures that carry their own words: picture, alt text, long description and data come from one frame."""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from platformlabour.errors import InputError

__all__ = ["COLOURS", "FIGURE_MIME", "Figure", "bar_chart", "comparison_chart", "dot_chart", "line_chart"]

FIGURE_MIME = "application/vnd.platformlabour.figure+json"

# Okabe and Ito's colours without their yellow, which vanishes on white paper; each has its own marker and line.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_LINES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1)), (0, (3, 1)), "-")
# Coordinates of 1 and more, in points: two decimals are finer than any screen, and a third of the file is saved.
_COORDINATE = re.compile(r"(?<![\w.#])-?[1-9]\d*\.\d{3,}")
_WIDTH = 5.0  # inches: at 360 pixels the 10-point labels are still readable
_STYLE = {
    "svg.fonttype": "path",
    "svg.hashsalt": "platform-labour",  # matplotlib's ids are random otherwise, and no two builds alike
    "font.family": "DejaVu Sans",
    "font.size": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#333333",
    "axes.labelcolor": "#1a1a1a",
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "axes.grid": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "figure.facecolor": "white",  # a transparent figure is unreadable in dark mode
    "savefig.facecolor": "white",
    "axes.formatter.use_mathtext": False,
    "hatch.linewidth": 0.6,
}


@dataclass(frozen=True)
class Figure:
    """A drawn figure with its text alternatives.

    Parameters
    ----------
    svg : str
        The picture.
    alt : str
        Type, subject and main message with its numbers.
    description : str
        What a reader who does not see the picture needs: axes, ranges, every value when they are few.
    data : DataFrame
        The values drawn; offered to readers as CSV.
    """

    svg: str = field(repr=False)
    alt: str
    description: str
    data: pd.DataFrame = field(repr=False, compare=False)

    def _repr_mimebundle_(self, include=None, exclude=None):
        payload = {
            "svg": self.svg,
            "alt": self.alt,
            "description": self.description,
            "csv": to_csv(self.data),
        }
        bundle = {FIGURE_MIME: payload, "image/svg+xml": self.svg, "text/plain": self.alt}
        return bundle, {"image/svg+xml": {"platformlabour": "figure"}}


def to_csv(frame):
    """The frame as CSV that a spreadsheet cannot mistake for formulas.

    Examples
    --------
    >>> import pandas as pd
    >>> to_csv(pd.DataFrame({"name": ["=1+1"], "n": [-2]}))
    "name,n\\n'=1+1,-2\\n"
    """

    def safe(value):
        if not isinstance(value, str):
            return value
        mark = "'" if value[:1] in tuple("=+-@\t\r") else ""
        return mark + re.sub(r"[\t\r\n]+", " ", value)

    return frame.map(safe).to_csv(index=False, lineterminator="\n")


def dot_chart(
    frame,
    *,
    label,
    value,
    low=None,
    high=None,
    bound=None,
    group=None,
    subject,
    value_label,
    log=False,
    simulated=False,
):
    """Horizontal dots with intervals, one row a line, labels above the dots so that they fit a phone.

    Parameters
    ----------
    frame : DataFrame, shape (rows, columns)
    label, value : str
        Columns with the row's name and its number; a row without a number shows its interval alone.
    low, high : str, optional
        Columns with the interval's limits; empty cells draw none.
    bound : str, optional
        Column with ``"point"``, ``"lower"`` or ``"upper"``: a bound gets an arrow towards where the truth may lie.
    group : str, optional
        Column that gives colour and marker.
    subject : str
        What is shown, for the alt text: "workers on Mechanical Turk by seven rules".
    value_label : str
        Name of the horizontal axis with its unit.
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
        If a column is missing, the frame is empty, a row has neither number nor interval, or a log axis would have to
        show a number at or below zero.

    Examples
    --------
    >>> import pandas as pd
    >>> rules = pd.DataFrame({"rule": ["declared", "seen"], "people": [500000, 157255]})
    >>> dot_chart(rules, label="rule", value="people", subject="two counts", value_label="people", log=True).alt
    'Dot chart of two counts: people from 157,255 (seen) to 500,000 (declared), 2 rows.'
    """
    _require(frame, label, value, low, high, bound, group)
    rows = _dot_rows(frame, label, value, low, high, bound)
    if log and min(row.least for row in rows) <= 0:
        raise InputError("a value of zero or less on a logarithmic axis", "values above zero", column=value)
    height = 0.52 * len(rows) + 1.0
    with _drawing(height=height) as (figure, axes):
        groups = list(dict.fromkeys(frame[group])) if group else [None]
        for number, name in enumerate(groups):
            style = {"color": COLOURS[number % len(COLOURS)], "marker": _MARKERS[number % len(_MARKERS)]}
            chosen = [k for k in range(len(rows)) if not group or frame[group].iloc[k] == name]
            _draw_dots(axes, [(len(rows) - 1 - k, rows[k]) for k in chosen], name, style)
        if log:
            axes.set_xscale("log")
        _people_axis(axes.xaxis)
        axes.margins(x=0.14)
        for k, row in enumerate(rows):
            place = (0, len(rows) - 1 - k + 0.22)
            text = f"{row.name}: {row.number}"
            axes.annotate(text, place, xycoords=("axes fraction", "data"), fontsize=9.5, va="bottom")
        axes.set_ylim(-0.5, len(rows) - 0.2)
        axes.yaxis.set_visible(False)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(value_label + (" (logarithmic scale)" if log else ""))
        if group:
            figure.legend(loc="outside lower center", ncols=2, frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    lowest, highest = min(rows, key=lambda row: row.least), max(rows, key=lambda row: row.most)
    alt = (
        f"Dot chart of {subject}: {_bare(value_label)} from {lowest.number} ({lowest.name}) "
        f"to {highest.number} ({highest.name}), {len(rows)} rows."
    )
    description = f"Horizontal axis: {value_label}{', logarithmic' if log else ''}. "
    description += "; ".join(row.sentence for row in rows) + "."
    return _figure(svg, alt, description, frame, simulated)


@dataclass(frozen=True)
class _DotRow:
    """One row of a dot chart: a number, an interval or both."""

    name: str
    value: float
    low: float
    high: float
    bound: str

    @property
    def has_interval(self):
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def least(self):
        return min(x for x in (self.value, self.low) if math.isfinite(x))

    @property
    def most(self):
        return max(x for x in (self.value, self.high) if math.isfinite(x))

    @property
    def number(self):
        if math.isfinite(self.value):
            return _short(self.value)
        return f"{_short(self.low)} to {_short(self.high)}"

    @property
    def sentence(self):
        text = f"{self.name}: {self.number}"
        if math.isfinite(self.value) and self.has_interval:
            text += f" (interval {_short(self.low)} to {_short(self.high)})"
        return text + {"lower": ", a lower bound", "upper": ", an upper bound"}.get(self.bound, "")


def _dot_rows(frame, label, value, low, high, bound):
    rows = []
    for position, row in enumerate(frame.to_dict("records")):
        numbers = [float(row[name]) if name and row[name] is not None else math.nan for name in (value, low, high)]
        made = _DotRow(str(row[label]), *numbers, bound=row[bound] if bound else "point")
        if not math.isfinite(made.value) and not made.has_interval:
            raise InputError(f"no number for {made.name!r}", "a value or an interval", row=position + 2, column=value)
        rows.append(made)
    return rows


def _draw_dots(axes, placed, name, style):
    shown = [(height, row) for height, row in placed if math.isfinite(row.value)]
    axes.plot(
        [row.value for _, row in shown],
        [height for height, _ in shown],
        linestyle="none",
        markersize=7,
        markeredgecolor="white",
        label=name,
        **style,
    )
    for height, row in placed:
        if row.has_interval:
            ends = {"capsize": 0 if math.isfinite(row.value) else 4, "linewidth": 2.4, "ecolor": style["color"]}
            middle = (row.low + row.high) / 2
            axes.errorbar(middle, height, xerr=(row.high - row.low) / 2, fmt="none", **ends)
        direction = {"lower": 1, "upper": -1}.get(row.bound)
        if direction:
            # The arrow runs from its empty text to the point; turned round, it starts at the point.
            axes.annotate(
                "",
                xy=(row.most if direction > 0 else row.least, height),
                xytext=(30 * direction, 0),
                textcoords="offset points",
                arrowprops={"arrowstyle": "<-", "color": "#333333", "linewidth": 1.2, "shrinkB": 6},
            )


def comparison_chart(frame, *, row, value, series, held, subject, value_label, reference=1.0, simulated=False):
    """Several methods side by side, one row a situation: where each lands, and whether it can be relied on there.

    Parameters
    ----------
    frame : DataFrame, shape (rows x series, columns)
        Long format.
    row, value, series : str
        Columns with the situation, the number and the method.
    held : str
        Column of booleans: a method that keeps its promise is drawn filled, another hollow.
    subject, value_label : str
        Words for the alt text and the axis.
    reference : float
        Drawn as a line: where every method should be.
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
    >>> results = pd.DataFrame({"case": ["a", "a"], "method": ["x", "y"], "ratio": [1.0, 1.4], "holds": [True, False]})
    >>> comparison_chart(results, row="case", value="ratio", series="method", held="holds", subject="two methods",
    ...                  value_label="estimate over truth").alt
    'Comparison of two methods: estimate over truth from 1 (x, a) to 1.4 (y, a); 1 of 2 drawn filled.'
    """
    _require(frame, row, value, series, held)
    names, methods = list(dict.fromkeys(frame[row])), list(dict.fromkeys(frame[series]))
    numbers = frame[value].astype(float)
    with _drawing(height=0.5 * len(names) + 1.1) as (figure, axes):
        axes.axvline(reference, color="#333333", linewidth=1.0)
        for k, method in enumerate(methods):
            part = frame[frame[series] == method]
            heights = np.array([len(names) - 1 - names.index(name) for name in part[row]]) - 0.05
            filled = part[held].to_numpy(dtype=bool)
            style = {"linestyle": "none", "marker": _MARKERS[k % len(_MARKERS)], "markersize": 7}
            colour = COLOURS[k % len(COLOURS)]
            x = part[value].astype(float).to_numpy()
            axes.plot([], [], color=colour, label=method, **style)
            axes.plot(x[filled], heights[filled], color=colour, markeredgecolor="white", **style)
            axes.plot(x[~filled], heights[~filled], color="none", markeredgecolor=colour, markeredgewidth=1.6, **style)
        for k, name in enumerate(names):
            place = (0, len(names) - 1 - k + 0.2)
            axes.annotate(str(name), place, xycoords=("axes fraction", "data"), fontsize=9.5, va="bottom")
        axes.margins(x=0.06)
        axes.set_ylim(-0.5, len(names) - 0.3)
        axes.yaxis.set_visible(False)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(value_label)
        figure.legend(loc="outside lower center", ncols=min(3, len(methods)), frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    low, high = frame.loc[numbers.idxmin()], frame.loc[numbers.idxmax()]
    alt = (
        f"Comparison of {subject}: {_bare(value_label)} from {_short(low[value])} ({low[series]}, {low[row]}) to "
        f"{_short(high[value])} ({high[series]}, {high[row]}); {int(frame[held].sum())} of {len(frame)} drawn filled."
    )
    lines = [
        f"{name}: "
        + ", ".join(
            f"{line[series]} {_short(line[value])}{'' if line[held] else ' (hollow)'}"
            for line in frame[frame[row] == name].to_dict("records")
        )
        for name in names
    ]
    return _figure(svg, alt, f"Horizontal axis: {value_label}. " + "; ".join(lines) + ".", frame, simulated)


def line_chart(
    frame,
    *,
    x,
    y,
    series=None,
    low=None,
    high=None,
    subject,
    x_label,
    y_label,
    log=False,
    log_x=False,
    markers=True,
    zero=True,
    ceiling=None,
    simulated=False,
):
    """Lines over an ordered axis, one for each series, with bands where limits are given.

    Parameters
    ----------
    frame : DataFrame, shape (points, columns)
        Long format: one row a point.
    x, y : str
        Columns of the horizontal and vertical position.
    series : str, optional
        Column that separates the lines.
    low, high : str, optional
        Columns with interval limits, drawn as vertical bars.
    subject, x_label, y_label : str
        Words for the alt text and the axes, with units.
    log, log_x, markers, zero : bool
        Logarithmic vertical axis; logarithmic horizontal axis; a mark on each point; let the vertical axis start at
        zero.
    ceiling : float, optional
        Where the vertical axis ends, to leave room above the lines.
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
    >>> seen = pd.DataFrame({"year": [2015, 2016, 2017], "workers": [17075, 20375, 19081]})
    >>> line_chart(seen, x="year", y="workers", subject="workers seen a year", x_label="year", y_label="workers").alt
    'Line chart of workers seen a year: 17,075 at year 2015, 19,081 at year 2017, highest 20,375 at 2016.'
    """
    _require(frame, x, y, series, low, high)
    names = list(dict.fromkeys(frame[series])) if series else [None]
    messages, notes = [], []
    with _drawing(height=3.3) as (figure, axes):
        for number, name in enumerate(names):
            part = frame[frame[series] == name] if series else frame
            colour = COLOURS[number % len(COLOURS)]
            axes.plot(
                part[x],
                part[y],
                color=colour,
                linestyle=_LINES[number % len(_LINES)],
                linewidth=1.8,
                label=name,
                marker=_MARKERS[number % len(_MARKERS)] if markers else None,
                markersize=4.5,
            )
            if low is not None and high is not None:
                axes.vlines(part[x], part[low].astype(float), part[high].astype(float), colors=colour, linewidth=1.4)
            first, last, top = part.iloc[0], part.iloc[-1], part.loc[part[y].idxmax()]
            bottom = part.loc[part[y].idxmin()]
            prefix = f"{name}: " if name is not None else ""
            at = f"{_bare(x_label)} "
            message = (
                f"{prefix}{_short(first[y])} at {at}{_place(first[x])}, {_short(last[y])} at {at}{_place(last[x])}"
            )
            if top.name not in (first.name, last.name):
                message += f", highest {_short(top[y])} at {_place(top[x])}"
            messages.append(message)
            notes.append(
                f"{prefix}{len(part)} points from {_place(first[x])} to {_place(last[x])}, lowest {_short(bottom[y])} "
                f"at {_place(bottom[x])}, highest {_short(top[y])} at {_place(top[x])}"
            )
        if log:
            axes.set_yscale("log")
        elif zero:
            axes.set_ylim(bottom=0)
        if ceiling is not None:
            axes.set_ylim(top=ceiling)
        _people_axis(axes.yaxis)
        if log_x:
            from matplotlib.ticker import LogLocator

            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(numticks=4))  # large numbers side by side would touch
            _people_axis(axes.xaxis)
        elif pd.api.types.is_integer_dtype(frame[x]):
            from matplotlib.ticker import MaxNLocator

            axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label + (" (logarithmic)" if log else ""))
        if series:
            axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=min(3, len(names)), frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    alt = f"Line chart of {subject}: " + "; ".join(messages) + "."
    description = f"Horizontal axis: {x_label}. Vertical axis: {y_label}. " + "; ".join(notes) + "."
    return _figure(svg, alt, description, frame, simulated)


def bar_chart(frame, *, x, y, expected=None, subject, x_label, y_label, expected_label="", log=False, simulated=False):
    """Bars over ordered categories, with an optional line of what a model would expect.

    Parameters
    ----------
    frame : DataFrame, shape (bars, columns)
    x, y : str
        Columns with the category and the height.
    expected : str, optional
        Column with the expected heights, drawn as a dashed line with marks.
    subject, x_label, y_label, expected_label : str
        Words for the alt text, the axes and the legend.
    log : bool
        Logarithmic vertical axis.
    simulated : bool
        Hatch the bars and label the picture and its texts as simulated.

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
    >>> seen = pd.DataFrame({"times": ["1", "2"], "workers": [94573, 25615]})
    >>> bar_chart(seen, x="times", y="workers", subject="workers by times seen", x_label="times seen",
    ...           y_label="workers").alt
    'Bar chart of workers by times seen: highest 94,573 at times seen 1, lowest 25,615 at times seen 2.'
    """
    _require(frame, x, y, expected)
    heights = frame[y].astype(float)
    positions = np.arange(len(frame))
    with _drawing(height=3.3) as (figure, axes):
        axes.bar(
            positions,
            heights,
            color=COLOURS[0],
            width=0.78,
            label="observed",
            hatch="///" if simulated else None,
            edgecolor="white",
        )
        if expected:
            axes.plot(
                positions,
                frame[expected].astype(float),
                color=COLOURS[1],
                linestyle="--",
                marker="s",
                markersize=4,
                label=expected_label or "expected",
            )
            axes.legend(loc="upper right", frameon=False)
        if log:
            axes.set_yscale("log")
            # An expectation may fall towards nothing; the axis follows what was observed.
            axes.set_ylim(bottom=10 ** math.floor(math.log10(heights[heights > 0].min())))
        _people_axis(axes.yaxis)
        every = math.ceil(len(frame) / 12)
        axes.set_xticks(positions[::every], [str(name) for name in frame[x][::every]])
        axes.grid(axis="x", visible=False)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label + (" (logarithmic)" if log else ""))
        _finish(axes, simulated)
        svg = _svg(figure)
    top, bottom, at = heights.idxmax(), heights.idxmin(), _bare(x_label)
    alt = (
        f"Bar chart of {subject}: highest {_short(heights[top])} at {at} {frame[x][top]}, "
        f"lowest {_short(heights[bottom])} at {at} {frame[x][bottom]}."
    )
    notes = [
        f"{name}: {_short(height)}" + (f" (expected {_short(model)})" if expected else "")
        for name, height, model in zip(frame[x], heights, frame[expected] if expected else heights, strict=True)
    ]
    description = f"Horizontal axis: {x_label}. Vertical axis: {y_label}. " + "; ".join(notes[:24]) + "."
    if expected:
        alt = alt[:-1] + f"; at {at} {frame[x][top]} the expected height is {_short(frame[expected][top])}."
    return _figure(svg, alt, description, frame, simulated)


class _drawing:
    """A figure under the book's style; nothing of it leaks into other figures."""

    def __init__(self, *, height):
        self.height = height

    def __enter__(self):
        # Not pyplot: it would start a backend and keep every figure alive.
        import matplotlib
        from matplotlib.figure import Figure as Canvas

        self.context = matplotlib.rc_context(_STYLE)
        self.context.__enter__()
        figure = Canvas(figsize=(_WIDTH, self.height), layout="constrained")
        return figure, figure.add_subplot()

    def __exit__(self, *error):
        return self.context.__exit__(*error)


def _svg(figure):
    stream = io.StringIO()
    figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    text = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", stream.getvalue(), flags=re.DOTALL)
    return _COORDINATE.sub(lambda match: f"{float(match[0]):.2f}", re.sub(r"\n\s*", "\n", text))


def _figure(svg, alt, description, frame, simulated):
    if simulated:
        alt, description = f"Simulated data. {alt}", f"Simulated data. {description}"
    return Figure(svg=svg, alt=alt, description=description, data=frame)


def _finish(axes, simulated):
    if simulated:
        axes.text(
            0.99,
            0.99,
            "SIMULATED",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=9,
            color="#8a1c1c",
            bbox={"facecolor": "white", "edgecolor": "#8a1c1c", "linewidth": 0.8, "pad": 2.5},
        )


def _people_axis(axis):
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda number, _: _short(number)))


def _require(frame, *columns):
    for name in columns:
        if name is not None and name not in frame.columns:
            raise InputError(f"no column {name!r} to draw", f"one of {', '.join(map(str, frame.columns))}")
    if frame.empty:
        raise InputError("a frame without rows", "at least one row to draw")


def _short(number):
    number = float(number)
    if not math.isfinite(number):
        return "–"
    if number == round(number) or abs(number) >= 1000:
        return f"{number:,.0f}"
    return f"{number:,.3g}"


def _place(x):
    """A position on the horizontal axis in words: years stay years, measurements are rounded."""
    return str(x) if isinstance(x, (int, np.integer, str)) else _short(x)


def _bare(label):
    """An axis label without its unit in brackets, for use in a sentence."""
    return label.split(" (")[0]
