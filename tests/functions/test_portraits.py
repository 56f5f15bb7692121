"""Percentages of surveys: intervals against other implementations, possible and impossible percentages, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from platformlabour import InputError, load
from platformlabour.functions import portraits


@given(st.integers(1, 2000), st.data())
def test_wilson_agrees_with_scipy(n, data):
    k = data.draw(st.integers(0, n))
    ours = portraits.proportion(100 * k / n, n).interval
    theirs = stats.binomtest(k, n).proportion_ci(method="wilson")
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@given(st.integers(5, 800), st.integers(5, 800), st.data())
def test_newcombe_agrees_with_statsmodels(n, m, data):
    from statsmodels.stats.proportion import confint_proportions_2indep

    k, j = data.draw(st.integers(0, n)), data.draw(st.integers(0, m))
    ours = portraits.difference((100 * k / n, n), (100 * j / m, m)).interval
    theirs = confint_proportions_2indep(k, n, j, m, method="newcomb", compare="diff")
    assert ours == pytest.approx(theirs, abs=1e-9)


def test_newcombe_s_own_example():
    # Newcombe (1998): 56/70 against 48/80, method 10.
    low, high = portraits.difference((80, 70), (60, 80)).interval
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


def test_coverage_of_wilson_s_interval():
    random = np.random.default_rng(7)
    for truth, size in ((0.5, 100), (0.1, 220), (0.639, 477)):
        hits = [
            low <= truth <= high
            for low, high in (
                portraits.proportion(100 * k / size, size).interval for k in random.binomial(size, truth, 2000)
            )
        ]
        assert 0.93 < np.mean(hits) < 0.97


def test_a_design_effect_acts_like_fewer_answers():
    assert portraits.proportion(40, 1000, design_effect=2).interval == portraits.proportion(40, 500).interval


def test_hiding_design_effect_is_where_the_interval_touches_zero():
    one, other = (63.9, 477), (56.1, 1000)
    effect = portraits.hiding_design_effect(one, other)
    assert portraits.difference(one, other, design_effect=effect).interval[0] == pytest.approx(0, abs=1e-9)
    assert portraits.hiding_design_effect(other, one) == pytest.approx(effect)
    assert portraits.hiding_design_effect((50, 100), (51, 100)) == 1.0
    assert portraits.hiding_design_effect((99, 10**8), (1, 10**8)) == math.inf


@given(st.integers(1, 3000), st.data(), st.integers(0, 3))
def test_every_real_percentage_is_attainable(n, data, decimals):
    k = data.draw(st.integers(0, n))
    assert portraits.attainable(round(100 * k / n, decimals), n, decimals=decimals)


@given(st.integers(1, 400), st.integers(0, 1000))
def test_attainable_agrees_with_trying_every_count(n, tenths):
    percent = tenths / 10
    possible = any(abs(100 * k / n - percent) <= 0.05 * (1 + 1e-9) for k in range(n + 1))
    assert portraits.attainable(percent, n, decimals=1) == possible


def test_brazil():
    shown = portraits.percentages(load("portraits"), load("claims").set_index("claim"))
    brazil = shown[shown["place"] == "Brazil"].set_index("characteristic")
    assert brazil.index[~brazil["possible"]].tolist() == ["in São Paulo", "in Minas Gerais"]
    assert (shown["low"] < shown["percent"]).all()
    assert (shown["percent"] < shown["high"]).all()
    assert set(shown["answers"]) == {477, 1000}


def test_sizes_behind_the_french_percentages():
    printed = [(44.93, 2), (56.1, 1), (27.9, 1), (63.4, 1)]
    sizes = portraits.attainable_sizes(printed, smallest=850, largest=1050)
    assert len(sizes) == 17
    assert (min(sizes), 1000 in sizes) == (868, False)


def claims_without(name):
    return load("claims").set_index("claim").drop(name)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: portraits.proportion(120, 100), "0 to 100"),
        (lambda: portraits.proportion(-1, 100), "0 to 100"),
        (lambda: portraits.proportion("half", 100), "a number"),
        (lambda: portraits.proportion(50, 0), "1 or more"),
        (lambda: portraits.proportion(50, 100, level=95), "a number between 0 and 1"),
        (lambda: portraits.proportion(50, 100, design_effect=0), "a number above 0"),
        (lambda: portraits.attainable(50, 10.5, decimals=0), "a whole number"),
        (lambda: portraits.attainable_sizes([(50, 0)], smallest=9, largest=3), "the smaller first"),
        (lambda: portraits.percentages(load("portraits"), claims_without("diplab2019-women")), "that was read"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InputError, match=message):
        call()
