"""A mean and two points of a distribution: sharp bounds, shapes that keep what was published, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from platformlabour import InputError
from platformlabour.functions import portraits_earnings as earnings

POINTS = [(5, 2 / 3), (10, 0.9)]


@given(st.lists(st.floats(0, 500), min_size=20, max_size=80))
def test_bounds_hold_every_crowd(amounts):
    amounts = np.array(amounts)
    below = [float((amounts < edge).mean()) for edge in (5, 10)]
    if below[0] == 0 or below[1] == 1:
        return
    bounds = earnings.tail_means([(5, below[0]), (10, below[1])], amounts.mean())
    top = amounts[amounts >= 10].mean()
    assert bounds["top_mean_low"] <= top * (1 + 1e-9)
    assert top <= bounds["top_mean_high"] * (1 + 1e-9)
    assert bounds["total_share_low"] <= amounts[amounts >= 10].sum() / amounts.sum() * (1 + 1e-9)
    assert bounds["mean_low"] <= amounts.mean() * (1 + 1e-9)


def test_bounds_by_hand():
    bounds = earnings.tail_means(POINTS, 21)
    # Two thirds at 5 at most and 7 in 30 at 10 at most leave 15.33 euros a head to the top tenth.
    assert bounds["top_mean_low"] == pytest.approx((21 - 10 / 3 - 7 / 3) / 0.1)
    assert bounds["top_mean_high"] == pytest.approx((21 - 7 / 6) / 0.1)
    assert bounds["mean_low"] == pytest.approx(7 / 6 + 1)


def test_needed_mean_is_reached_by_a_crowd_made_of_it():
    for share, needed in earnings.needed_mean_of_top(POINTS, 21, amount=50, shares=[0.01, 0.05]).to_numpy():
        crowd = [(2 / 3, 5), (0.9 - 2 / 3, 10), (0.1 - share, 50), (share, needed)]
        assert sum(weight * amount for weight, amount in crowd) == pytest.approx(21)


def test_shapes_keep_points_and_means():
    grid = np.geomspace(0.01, 1e5, 200)
    curves, summary = earnings.illustrations(POINTS, 21, amounts=grid)
    assert len(curves) == 600
    for row in summary.to_dict("records"):
        reach = row["reach"]
        assert float(reach(5)) == pytest.approx(1 / 3)
        assert float(reach(10)) == pytest.approx(0.1)
        assert (np.diff(reach(grid)) <= 1e-15).all()
    by_shape = summary.set_index("shape")
    # The mean of a non-negative quantity is the area under its survival function.
    for shape in ("log-normal", "a tenth earns much"):
        reach = by_shape.loc[shape, "reach"]
        area = (
            integrate.quad(lambda x, f=reach: float(f(x)), 0, 10)[0]
            + integrate.quad(lambda x, f=reach: float(f(x)), 10, 5000, limit=400)[0]
        )
        assert area == pytest.approx(by_shape.loc[shape, "mean"], rel=1e-3)
    assert by_shape["mean"].tolist()[1:] == [21, 21]


def test_the_pareto_tail_has_its_mean():
    _, summary = earnings.illustrations(POINTS, 21, amounts=[1])
    reach = summary.set_index("shape").loc["a few earn a lot", "reach"]
    body = integrate.quad(lambda x: float(reach(x)), 0, 10)[0]
    power = -np.log(float(reach(100)) / float(reach(10))) / np.log(10)
    assert body + 0.1 * 10 / (power - 1) == pytest.approx(21)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: earnings.tail_means([], 21), "at least one amount"),
        (lambda: earnings.tail_means([(10, 0.9), (5, 0.6)], 21), "rising"),
        (lambda: earnings.tail_means([(5, 66), (10, 90)], 21), "not percentages"),
        (lambda: earnings.tail_means(POINTS, 2), "which the points imply"),
        (lambda: earnings.tail_means(POINTS, -21), "a number above 0"),
        (lambda: earnings.needed_mean_of_top(POINTS, 21, amount=7, shares=[0.01]), "the last point"),
        (lambda: earnings.needed_mean_of_top(POINTS, 21, amount=50, shares=[0.3]), "at most 0.1"),
        (lambda: earnings.illustrations(POINTS[:1], 21, amounts=[1]), "two points"),
        (lambda: earnings.illustrations(POINTS, 4, amounts=[1]), "that of the log-normal"),
        (lambda: earnings.illustrations(POINTS, 21, amounts=[0]), "amounts above 0"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InputError, match=message):
        call()
