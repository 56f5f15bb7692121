"""The triangle and the tables of counts: what is drawn, said and offered as data agree."""

import re

import numpy as np
import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.book.figures_grid import count_grid, plane_chart
from platformlabour.book.figures_ternary import means_triangle, tasks_triangle

TASKS = pd.DataFrame(
    {
        "preparation": [1.0, 1.0, 0.3, np.nan, 0.3],
        "verification": [0.0, 0.0, 0.7, np.nan, 0.0],
        "impersonation": [0.0, 0.0, 0.0, np.nan, 0.7],
        "code": ["N", "N", "V", "X", "I"],
    }
)
MEANS = pd.DataFrame(
    {
        "source": ["a", "b"],
        "preparation": [0.9, 0.6],
        "verification": [0.1, 0.4],
        "impersonation": 0.0,
        "placed": [9, 3],
    }
)
COUNTS = pd.DataFrame({"N": [9, 0], "V": [1, 3]}, index=["a", "b"])


def test_the_triangle_of_tasks_says_and_offers_what_it_draws():
    figure = tasks_triangle(TASKS, group="code", subject="tasks")
    assert "of 4 tasks with a place, 2 on the corner of preparation" in figure.alt
    assert "2 between corners" in figure.alt
    assert figure.data["tasks"].tolist() == [2, 1, 1]
    assert "V, preparation 0.3, verification 0.7: 1 task;" in figure.description
    assert "1 tasks have no place" in figure.description


def test_drawing_is_the_same_every_time_and_small_enough():
    many = pd.concat([TASKS] * 60, ignore_index=True)
    first, again = (tasks_triangle(many, group="code", subject="tasks").svg for _ in range(2))
    assert first == again
    assert len(first) < 90_000
    assert first != tasks_triangle(many, group="code", subject="tasks", seed=1).svg


def test_scattered_points_stay_within_the_triangle():
    svg = tasks_triangle(pd.concat([TASKS] * 30), group="code", subject="tasks").svg
    width, height = (float(x) for x in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
    uses = [(float(x), float(y)) for x, y in re.findall(r'<use [^>]*x="([\d.]+)" y="([\d.]+)"', svg)]
    assert len(uses) >= 120
    assert all(0 < x < width and 0 < y < height for x, y in uses)


def test_the_triangle_of_means():
    outline = {"a": np.array([[0.8, 0.2, 0], [1, 0, 0], [0.9, 0.05, 0.05]])}
    figure = means_triangle(MEANS, label="source", outlines=outline, subject="catalogues", least=0.5)
    assert figure.alt == (
        "Triangle of catalogues: mean verification from 0.1 (a) to 0.4 (b), mean impersonation at most 0 (a)."
    )
    assert "at least 50% preparation" in figure.description
    assert "b: preparation 0.6, verification 0.4, from 3 tasks" in figure.description


def test_simulated_data_say_so():
    for figure in (
        tasks_triangle(TASKS, group="code", subject="x", simulated=True),
        means_triangle(MEANS, label="source", outlines={}, subject="x", simulated=True),
        count_grid(COUNTS, subject="x", row_name="r", column_name="c", simulated=True),
    ):
        assert figure.alt.startswith("Simulated data.")
        assert figure.description.startswith("Simulated data.")


def test_the_grid_prints_every_count():
    figure = count_grid(COUNTS, subject="tasks", row_name="catalogue", column_name="code")
    assert figure.data.columns.tolist() == ["catalogue", "N", "V"]
    assert "a: N 9, V 1; b: V 3." in figure.description
    assert "largest count 9 (a, N)" in figure.alt


def test_the_plane_names_its_ends():
    points = pd.DataFrame({"x": [0.0, 2.0], "y": [1.0, -1.0], "name": ["a", "N"], "kind": ["catalogue", "code"]})
    figure = plane_chart(
        points,
        x="x",
        y="y",
        label="name",
        kind="kind",
        subject="points",
        x_label="first axis (60%)",
        y_label="second axis",
    )
    assert "along the first axis from a (0) to N (2)" in figure.alt
    assert "N (code): 2, -1" in figure.description


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda: tasks_triangle(TASKS[3:4], group="code", subject="x"), "no row with a place"),
        (lambda: tasks_triangle(TASKS.assign(preparation=1.0), group="code", subject="x"), "do not add up to 1"),
        (lambda: tasks_triangle(TASKS, group="colour", subject="x"), "no column 'colour'"),
        (lambda: means_triangle(MEANS, label="source", outlines={}, subject="x", least=0.7), "outside the part shown"),
        (lambda: count_grid(COUNTS * -1, subject="x", row_name="r", column_name="c"), "negative"),
        (lambda: count_grid(COUNTS[:0], subject="x", row_name="r", column_name="c"), "without counts"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, words):
    with pytest.raises(InputError, match=words):
        draw()
