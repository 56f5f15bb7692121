"""Predicted numbers beside declared ones: points, the line through them, and the interval of every prediction."""

from __future__ import annotations

import numpy as np

from platformlabour.book.figures import COLOURS, _drawing, _figure, _finish, _people_axis, _require, _short, _svg
from platformlabour.errors import InputError

__all__ = ["imputation_chart"]


def imputation_chart(
    frame, *, x, known, predicted, low, high, subject, x_label, y_label, known_label, predicted_label, simulated=False
):
    """Points over a measured quantity, those known filled and those predicted hollow with their interval.

    Both axes are logarithmic.

    Parameters
    ----------
    frame : DataFrame, shape (rows, columns)
        One row a unit; each has either a known or a predicted value.
    x : str
        Column of the measured quantity, above 0.
    known, predicted : str
        Columns with the known value, and the predicted one; empty where the other stands.
    low, high : str
        Columns with the limits of the predictions.
    subject, x_label, y_label, known_label, predicted_label : str
        Words for the alt text, the axes and the legend.
    simulated : bool
        Label the picture and its texts as simulated.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If a column is missing, a value is not above 0, or a row has neither or both of the values.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"v": [10.0, 20.0], "r": [30.0, None], "p": [None, 50.0], "l": [None, 20.0],
    ...                       "h": [None, 125.0]})
    >>> columns = {"x": "v", "known": "r", "predicted": "p", "low": "l", "high": "h"}
    >>> imputation_chart(frame, **columns, subject="two platforms", x_label="visitors", y_label="accounts",
    ...                  known_label="declared", predicted_label="predicted").alt
    'Scatter chart of two platforms: 1 declared, from 30 to 30, and 1 predicted, from 50 to 50; the widest interval \
runs from 20 to 125.'
    """
    _require(frame, x, known, predicted, low, high)
    values = {name: frame[name].astype(float) for name in (x, known, predicted, low, high)}
    for row in range(len(frame)):
        here = [values[name].iloc[row] for name in (known, predicted)]
        if np.isnan(here).sum() != 1:
            raise InputError("neither or both of the values", f"{known} or {predicted}", row=row + 2, column=known)
    for name, column in values.items():
        bad = (column <= 0).to_numpy()
        if bad.any():
            raise InputError("a value of zero or less", "values above zero", row=int(bad.argmax()) + 2, column=name)
    told, guessed = values[known].notna(), values[predicted].notna()
    with _drawing(height=3.5) as (figure, axes):
        axes.vlines(values[x][guessed], values[low][guessed], values[high][guessed], colors=COLOURS[1], linewidth=1.4)
        style = {"linestyle": "none", "markersize": 6}
        axes.plot(
            values[x][guessed],
            values[predicted][guessed],
            marker="s",
            color="white",
            markeredgecolor=COLOURS[1],
            markeredgewidth=1.6,
            label=predicted_label,
            **style,
        )
        axes.plot(
            values[x][told],
            values[known][told],
            marker="o",
            color=COLOURS[0],
            markeredgecolor="white",
            label=known_label,
            **style,
        )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.margins(y=0.12)  # room for the mark of simulated data
        _people_axis(axes.xaxis)
        _people_axis(axes.yaxis)
        axes.set_xlabel(f"{x_label} (logarithmic)")
        axes.set_ylabel(f"{y_label} (logarithmic)")
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, frameon=False)
        _finish(axes, simulated)
        svg = _svg(figure)
    widest = (values[high] / values[low]).idxmax() if guessed.any() else None
    alt = f"Scatter chart of {subject}: {int(told.sum())} {known_label}{_span(values[known])}"
    alt += f", and {int(guessed.sum())} {predicted_label}{_span(values[predicted])}"
    if widest is not None:
        alt += f"; the widest interval runs from {_short(values[low][widest])} to {_short(values[high][widest])}"
    notes = []
    for row in frame.index:
        at = f"{x_label} {_short(values[x][row])}"
        if told[row]:
            notes.append(f"{at}: {known_label} {_short(values[known][row])}")
        else:
            limits = f"{_short(values[low][row])} to {_short(values[high][row])}"
            notes.append(f"{at}: {predicted_label} {_short(values[predicted][row])} (interval {limits})")
    description = f"Horizontal axis: {x_label}, logarithmic. Vertical axis: {y_label}, logarithmic. " + "; ".join(notes)
    return _figure(svg, alt + ".", description + ".", frame, simulated)


def _span(column):
    return f", from {_short(column.min())} to {_short(column.max())}" if column.notna().any() else ""
