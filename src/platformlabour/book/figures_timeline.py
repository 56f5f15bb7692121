"""Cases in time: how long a practice ran, and when it became public."""

from __future__ import annotations

from platformlabour.book.figures import _MARKERS, COLOURS, _drawing, _figure, _finish, _require, _svg
from platformlabour.errors import InputError

__all__ = ["timeline_chart"]

_LONGEST_NAME = 24


def timeline_chart(frame, *, label, start, end, event, group, hollow=None, subject, event_label, simulated=False):
    """One row a case: a bar from first to last year and a mark where the case became public.

    Parameters
    ----------
    frame : DataFrame, shape (cases, columns)
        In the order wanted, first case on top.
    label : str
        Column with the case's name.
    start, end, event : str
        Columns with the first and last year of the bar and the year of the mark.
    group : str
        Column that gives colour and mark.
    hollow : str, optional
        Column of booleans: the mark is drawn hollow and the bar dashed.
    subject : str
        What is shown, for the alt text.
    event_label : str
        What the mark stands for: ``"year in which it became public"``.
    simulated : bool
        Label the picture and its texts as simulated.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, the frame is empty, or a bar ends before it starts.

    Examples
    --------
    >>> import pandas as pd
    >>> cases = pd.DataFrame({"company": ["A", "B"], "from": [2003, 2015], "to": [2009, 2018], "public": [2009, 2018],
    ...                       "function": ["x", "x"]})
    >>> timeline_chart(cases, label="company", start="from", end="to", event="public", group="function",
    ...                subject="two cases", event_label="year made public").alt
    'Timeline of two cases: 2 cases, year made public from 2009 (A) to 2018 (B); x 2.'
    """
    _require(frame, label, start, end, event, group, hollow)
    rows = frame.to_dict("records")
    for position, row in enumerate(rows, start=2):
        if row[end] < row[start]:
            found = f"a bar from {row[start]} to {row[end]}"
            raise InputError(found, "a last year that is not before the first", row=position, column=end)
    names = list(dict.fromkeys(frame[group]))
    with _drawing(height=0.27 * len(rows) + 0.55 + 0.25 * ((len(names) + 1) // 2)) as (figure, axes):
        drawn = set()
        for k, row in enumerate(rows):
            number = names.index(row[group])
            colour, height = COLOURS[number % len(COLOURS)], len(rows) - 1 - k
            open_mark = bool(hollow and row[hollow])
            axes.plot(
                [row[start], row[end] + 0.02],
                [height, height],
                color=colour,
                linewidth=4 if not open_mark else 2,
                alpha=0.45,
                solid_capstyle="round",
                linestyle="--" if open_mark else "-",
            )
            axes.plot(
                [row[event]],
                [height],
                linestyle="none",
                marker=_MARKERS[number % len(_MARKERS)],
                markersize=7,
                color="white" if open_mark else colour,
                markeredgecolor=colour if open_mark else "white",
                markeredgewidth=1.6 if open_mark else 0.8,
                label=None if number in drawn or open_mark else str(row[group]),
            )
            if not open_mark:
                drawn.add(number)
        axes.set_yticks(range(len(rows)), [_shortened(str(row[label])) for row in reversed(rows)])
        axes.tick_params(axis="y", length=0, labelsize=9.5)
        axes.set_ylim(-0.7, len(rows) - 0.3)
        first, last = int(frame[start].min()), int(max(frame[end].max(), frame[event].max()))
        axes.set_xlim(first - 0.6, last + 0.8)
        axes.set_xticks(range(first + (-first % 5), last + 1, 5))
        axes.spines["left"].set_visible(False)
        axes.grid(axis="y", visible=False)
        if len(names) > 1:
            figure.legend(loc="outside lower center", ncols=2, frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    counts = frame[group].value_counts()
    early, late = frame.loc[frame[event].idxmin()], frame.loc[frame[event].idxmax()]
    cases = f"{len(frame)} case{'s' * (len(frame) > 1)}"
    alt = (
        f"Timeline of {subject}: {cases}, {event_label} from {early[event]} ({early[label]}) to {late[event]} "
        f"({late[label]}); " + ", ".join(f"{name} {counts[name]}" for name in names) + "."
    )
    lines = [
        f"{row[label]}: {row[start]} to {row[end]}, {row[event]}, {row[group]}"
        + (" (hollow)" if hollow and row[hollow] else "")
        for row in rows
    ]
    description = f"Horizontal axis: years. Each mark: {event_label}. " + "; ".join(lines) + "."
    return _figure(svg, alt, description, frame, simulated)


def _shortened(name):
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1].rstrip() + "…"
