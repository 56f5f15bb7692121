"""Random effects: the average laboratory, known cases, limits and refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformlabour import InputError, load
from platformlabour.counting.metaanalysis import METHODS, mean_over_periods, random_effects


def test_average_laboratory_is_reproduced():
    rows = load("stewart-laboratories")
    result = mean_over_periods(rows["quarter"], rows["population"], rows["standard_error"])
    # Read off a drawing to about two workers; published as 7,272.73.
    assert result.mean.value == pytest.approx(7_272.73, abs=2)
    assert result.left_out == (3,)
    assert len(result.periods) == 10
    assert result.periods["estimates"].sum() == 38


def test_pooling_all_rows_at_once_is_another_number():
    rows = load("stewart-laboratories")
    pooled = random_effects(rows["population"], rows["standard_error"])
    assert pooled.mean.value == pytest.approx(6_573.93, abs=0.01)
    assert pooled.i_squared > 0.95


def test_dersimonian_laird_by_hand():
    values, errors = np.array([1.0, 2.0, 6.0]), np.array([1.0, 1.0, 2.0])
    weights = 1 / errors**2
    mean = (weights * values).sum() / weights.sum()
    q = (weights * (values - mean) ** 2).sum()
    tau_squared = (q - 2) / (weights.sum() - (weights**2).sum() / weights.sum())
    result = random_effects(values, errors, method="dersimonian-laird")
    assert result.q == pytest.approx(q)
    assert result.tau_squared == pytest.approx(tau_squared)
    assert result.i_squared == pytest.approx((q - 2) / q)


def test_reml_with_equal_errors_is_the_sample_variance():
    values = np.array([3.0, 5.0, 9.0, 11.0, 2.0])
    result = random_effects(values, np.full(5, 0.5))
    assert result.tau_squared == pytest.approx(values.var(ddof=1) - 0.25)
    assert result.mean.standard_error == pytest.approx(math.sqrt(values.var(ddof=1) / 5))


def test_reml_beats_every_other_variance():
    rng = np.random.default_rng(7_300)
    for _ in range(30):
        k = int(rng.integers(2, 12))
        errors = rng.uniform(0.2, 3, k)
        values = rng.normal(10, rng.uniform(0, 4), k) + rng.normal(0, errors)

        def loglik(between, values=values, errors=errors):
            weights = 1 / (errors**2 + between)
            mean = weights @ values / weights.sum()
            return 0.5 * (np.log(weights).sum() - np.log(weights.sum()) - weights @ (values - mean) ** 2)

        best = loglik(random_effects(values, errors).tau_squared)
        assert all(loglik(x) <= best + 1e-7 for x in np.concatenate([[0], np.geomspace(1e-6, 1e4, 400)]))


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(2015)
    inside = 0
    for _ in range(400):
        errors = rng.uniform(0.5, 2, 25)
        low, high = random_effects(rng.normal(50, 3, 25) + rng.normal(0, errors), errors).mean.interval
        inside += low <= 50 <= high
    assert 0.91 <= inside / 400 <= 0.98


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(1e-2, 1e4)), min_size=2, max_size=15),
    shift=st.floats(-1e5, 1e5),
)
def test_mean_lies_inside_and_moves_with_the_data(method, rows, shift):
    values, errors = (np.array(column) for column in zip(*rows, strict=True))
    result = random_effects(values, errors, method=method)
    assert values.min() - 1e-6 <= result.mean.value <= values.max() + 1e-6
    assert result.tau_squared >= 0
    assert 0 <= result.i_squared < 1
    reverse = random_effects(values[::-1], errors[::-1], method=method)
    assert reverse.mean.value == pytest.approx(result.mean.value, rel=1e-4, abs=1e-3)
    if method != "reml":  # two peaks of equal height may swap under rounding
        moved = random_effects(values + shift, errors, method=method)
        assert moved.mean.value == pytest.approx(result.mean.value + shift, rel=1e-4, abs=1e-2)


@pytest.mark.parametrize(
    ("values", "errors", "words"),
    [
        ([1.0], [1.0], "at least two"),
        ([1.0, 2.0], [1.0], "one standard error for each"),
        ([1.0, 2.0], [1.0, 0.0], "above zero"),
        ([1.0, math.nan], [1.0, 1.0], "nan"),
        (["a", 2.0], [1.0, 1.0], "text among"),
    ],
)
def test_refuses_what_cannot_be_pooled(values, errors, words):
    with pytest.raises(InputError, match=words):
        random_effects(values, errors)


def test_refuses_unknown_methods_and_lonely_periods():
    with pytest.raises(InputError, match="one of reml"):
        random_effects([1, 2], [1, 1], method="guess")
    with pytest.raises(InputError, match="at least two estimates in one period"):
        mean_over_periods([1, 2, 3], [1, 2, 3], [1, 1, 1])
