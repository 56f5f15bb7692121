"""Panels of lines: their words carry the numbers, nothing is cut off, and faulty requests are refused."""

import re

import numpy as np
import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.book.figures_control import panel_lines

OPTIONS = {"x": "x", "y": "y", "series": "line", "subject": "a test", "x_label": "place", "y_label": "height"}


def frame(panels=("A", "B", "C")):
    rows = [
        (name, line, x, 0.1 * x, 0.05 * x, 0.15 * x) for name in panels for line in ("one", "two") for x in (1, 2, 3)
    ]
    made = pd.DataFrame(rows, columns=["panel", "line", "x", "y", "low", "high"])
    made.loc[made["line"] == "two", ["low", "high"]] = np.nan
    return made


def test_words_and_data_come_from_the_frame():
    data = frame()
    figure = panel_lines(data, panel="panel", low="low", high="high", simulated=True, **OPTIONS)
    assert figure.alt.startswith(
        "Simulated data. Lines of a test, 3 panels. A: one from 0.1 at 1 to 0.3 at 3, two from"
    )
    assert "0.2 (0.1 to 0.3) at 2" in figure.description
    assert figure.data is data


def test_every_series_has_colour_line_and_mark_of_its_own():
    svg = panel_lines(frame(("A",)), panel="panel", **OPTIONS).svg
    assert "#0072b2" in svg
    assert "#d55e00" in svg
    assert "stroke-dasharray" in svg


def test_the_same_frame_gives_the_same_picture():
    assert panel_lines(frame(), panel="panel", **OPTIONS).svg == panel_lines(frame(), panel="panel", **OPTIONS).svg


def test_a_picture_stays_small():
    svg = panel_lines(frame(("A", "B", "C", "D")), panel="panel", low="low", high="high", **OPTIONS).svg
    assert len(svg.encode()) < 64 * 1024
    assert not re.search(r"\bnan\b", svg, re.IGNORECASE)


def test_one_panel_needs_no_name():
    assert "1 panel. one from" in panel_lines(frame(("A",)).drop(columns="panel"), **OPTIONS).alt


def test_faulty_requests_are_refused():
    with pytest.raises(InputError, match="5 panels"):
        panel_lines(frame(tuple("ABCDE")), panel="panel", **OPTIONS)
    with pytest.raises(InputError, match="no column 'town'"):
        panel_lines(frame(), panel="town", **OPTIONS)
    with pytest.raises(InputError, match="without rows"):
        panel_lines(frame().iloc[:0], panel="panel", **OPTIONS)
