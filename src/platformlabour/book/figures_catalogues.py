"""Catalogues as pictures: what each release ships, and two rules compared row by row with their intervals."""

from __future__ import annotations

from platformlabour.book.figures import (
    _MARKERS,
    COLOURS,
    _bare,
    _drawing,
    _figure,
    _finish,
    _people_axis,
    _require,
    _short,
    _svg,
)
from platformlabour.errors import InputError

__all__ = ["growth_chart", "paired_chart"]

_HATCHES = ("", "//", "--", "||", "++")  # strokes only: dots and rings weigh a hundred kilobytes


def growth_chart(frame, *, date, value, group, subject, y_label, simulated=False):
    """Stacked steps: how many of each kind there are from one date to the next.

    Parameters
    ----------
    frame : DataFrame, shape (dates * groups, columns)
        Long format; every group has a row at every date.
    date, value, group : str
        Columns with the date (timestamps), the number and the kind, drawn from the bottom in order of appearance.
    subject, y_label : str
        Words for the alt text and the vertical axis.
    simulated : bool
        Label the picture and its texts as simulated.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, the frame is empty, or a group has no row at some date.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.to_datetime(["2021-03-16", "2021-03-16", "2025-12-18", "2025-12-18"])
    >>> shipped = pd.DataFrame({"released": days, "kind": ["old", "new"] * 2, "templates": [39, 0, 58, 11]})
    >>> growth_chart(shipped, date="released", value="templates", group="kind", subject="templates by kind",
    ...              y_label="templates").alt
    'Stacked steps of templates by kind: 39 on 16 March 2021, 69 on 18 December 2025; old 39 to 58, new 0 to 11.'
    """
    _require(frame, date, value, group)
    wide = frame.pivot_table(index=date, columns=group, values=value, aggfunc="sum")
    names = list(dict.fromkeys(frame[group]))
    wide = wide[names].sort_index()
    if wide.isna().any(axis=None):
        raise InputError("a kind without a number at some date", "a row for every kind and date", column=value)
    with _drawing(height=3.4) as (figure, axes):
        below = wide[names[0]] * 0
        for number, name in enumerate(names):
            above = below + wide[name]
            axes.fill_between(
                wide.index,
                below,
                above,
                step="post",
                facecolor=COLOURS[number % len(COLOURS)],
                edgecolor="white",
                hatch=_HATCHES[number % len(_HATCHES)],
                linewidth=0.8,
                label=name,
            )
            below = above
        _people_axis(axes.yaxis)
        axes.set_ylim(bottom=0)
        axes.margins(x=0)
        axes.set_ylabel(y_label)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    totals = wide.sum(axis=1)
    first, last = wide.index[0], wide.index[-1]
    changes = ", ".join(f"{name} {_short(wide[name].iloc[0])} to {_short(wide[name].iloc[-1])}" for name in names)
    alt = (
        f"Stacked steps of {subject}: {_short(totals.iloc[0])} on {_day(first)}, {_short(totals.iloc[-1])} on "
        f"{_day(last)}; {changes}."
    )
    lines = [
        f"{_day(day)}: " + ", ".join(f"{name} {_short(wide.loc[day, name])}" for name in names) for day in wide.index
    ]
    data = frame.assign(**{date: frame[date].dt.strftime("%Y-%m-%d")})
    return _figure(svg, alt, f"Vertical axis: {y_label}. " + "; ".join(lines) + ".", data, simulated)


def paired_chart(frame, *, row, series, value, low, high, subject, value_label, note=None, simulated=False):
    """Two or three rules for each row, one below the other, with intervals.

    Parameters
    ----------
    frame : DataFrame, shape (rows * series, columns)
    row, series, value, low, high : str
        Columns with the row's name, the rule, its number and the interval's limits.
    subject, value_label : str
        Words for the alt text and the axis.
    note : str, optional
        Column with a few words printed behind the row's name, such as the number of items.
    simulated : bool
        Label the picture and its texts as simulated.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, the frame is empty, or a number lies outside its interval.

    Examples
    --------
    >>> import pandas as pd
    >>> rules = pd.DataFrame({"source": ["a", "a"], "rule": ["one", "two"], "share": [0.5, 0.7], "low": [0.4, 0.6],
    ...                       "high": [0.6, 0.8]})
    >>> paired_chart(rules, row="source", series="rule", value="share", low="low", high="high",
    ...              subject="two rules", value_label="share found").alt
    'Paired dots of two rules: share found by source; one 0.5 to 0.5, two 0.7 to 0.7, 1 row.'
    """
    _require(frame, row, series, value, low, high, note)
    outside = ((frame[value] < frame[low]) | (frame[value] > frame[high])).to_numpy()
    if outside.any():
        place = int(outside.argmax()) + 2
        raise InputError("a number outside its interval", "limits on either side of it", row=place, column=value)
    names, rules = list(dict.fromkeys(frame[row])), list(dict.fromkeys(frame[series]))
    with _drawing(height=0.5 * len(names) + 1.0) as (figure, axes):
        for number, rule in enumerate(rules):
            part = frame[frame[series] == rule]
            heights = [len(names) - 1 - names.index(name) - 0.24 * number for name in part[row]]
            colour = COLOURS[number % len(COLOURS)]
            axes.hlines(heights, part[low], part[high], color=colour, linewidth=2, alpha=0.55)
            axes.plot(
                part[value],
                heights,
                linestyle="none",
                marker=_MARKERS[number % len(_MARKERS)],
                markersize=7,
                color=colour,
                markeredgecolor="white",
                label=rule,
            )
        for k, name in enumerate(names):
            words = f"{name} ({frame.loc[frame[row] == name, note].iloc[0]})" if note else str(name)
            axes.annotate(
                words,
                (0, len(names) - 1 - k + 0.14),
                xycoords=("axes fraction", "data"),
                fontsize=9.5,
                va="bottom",
            )
        axes.set_ylim(-0.24 * len(rules) - 0.1, len(names) - 0.35)
        axes.yaxis.set_visible(False)
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", visible=False)
        _people_axis(axes.xaxis)
        axes.set_xlabel(value_label)
        figure.legend(loc="outside lower center", ncols=2, frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    spans = [
        f"{rule} {_short(frame.loc[frame[series] == rule, value].min())} to "
        f"{_short(frame.loc[frame[series] == rule, value].max())}"
        for rule in rules
    ]
    alt = (
        f"Paired dots of {subject}: {_bare(value_label)} by {row}; {', '.join(spans)}, {len(names)} "
        f"row{'s' * (len(names) > 1)}."
    )
    lines = []
    for name in names:
        told = [
            f"{line[series]} {_short(line[value])} (interval {_short(line[low])} to {_short(line[high])})"
            for line in frame[frame[row] == name].to_dict("records")
        ]
        lines.append(f"{name}: {', '.join(told)}")
    return _figure(svg, alt, f"Horizontal axis: {value_label}. " + "; ".join(lines) + ".", frame, simulated)


def _day(stamp):
    return f"{stamp.day} {stamp:%B %Y}"
