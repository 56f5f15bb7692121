"""Pooling: quantiles of mixtures, conflict that widens, bounds that are checked and never averaged."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from platformlabour import Estimate, InputError
from platformlabour.counting import synthesis as sy

spreads = st.floats(1.05, 4)


def source(value, low, high, **more):
    fields = {"unit": "people", "estimand": "at work", "method": "made up", "interval": (low, high)}
    return Estimate(value=value, **(fields | more))


def around(value, down, up=None):
    return source(value, value / down, value * (up or down))


def test_a_mixture_has_the_quantiles_of_its_draws():
    sources = {"a": around(100, 1.5), "b": around(300, 1.2), "c": source(None, 50, 200, status="not identified")}
    made = sy.combine(sources, weights={"a": 2, "b": 1, "c": 1}).estimate
    random = np.random.default_rng(1)
    n = 400_000
    draws = np.concatenate(
        [
            100 * np.exp(math.log(1.5) / stats.norm.ppf(0.975) * random.standard_normal(n // 2)),
            300 * np.exp(math.log(1.2) / stats.norm.ppf(0.975) * random.standard_normal(n // 4)),
            np.exp(random.uniform(math.log(50), math.log(200), n // 4)),
        ]
    )
    np.testing.assert_allclose([*made.interval, made.value], np.quantile(draws, [0.025, 0.975, 0.5]), rtol=0.01)


@given(st.floats(10, 1e6), spreads, spreads)
def test_sources_that_say_the_same_say_it_together(value, down, up):
    made = sy.combine({"a": around(value, down, up), "b": around(value, down, up)})
    np.testing.assert_allclose([made.estimate.value, *made.estimate.interval], [value, value / down, value * up])
    assert made.spread == pytest.approx(1)
    assert made.estimate.warnings == ()


@settings(max_examples=60)
@given(spreads, spreads, st.floats(1, 5), st.floats(1, 3))
def test_conflict_never_narrows(first, second, apart, further):
    """Moving one source further from the other never makes the interval narrower, on the logarithm."""

    def width(distance):
        low, high = sy.combine({"a": around(100, first), "b": around(100 * distance, second)}).estimate.interval
        return math.log(high / low)

    assert width(apart * further) >= width(apart) - 1e-9
    assert width(apart) >= min(2 * math.log(first), 2 * math.log(second)) - 1e-9


@given(st.lists(st.tuples(st.floats(10, 1e5), spreads), min_size=1, max_size=8))
def test_the_middle_of_every_source_is_inside(parts):
    made = sy.combine({f"s{k}": around(value, spread) for k, (value, spread) in enumerate(parts)})
    low, high = made.estimate.interval
    for value, _ in parts:
        assert low * (1 - 1e-9) <= value <= high * (1 + 1e-9)


def test_bounds_are_checked_not_averaged():
    alone = sy.combine({"survey": around(100, 1.2)}).estimate
    made = sy.combine(
        {
            "survey": around(100, 1.2),
            "registrations": source(500, 450, 550, bound="upper"),
            "frequencies": source(150, 140, 160, bound="lower"),
        }
    )
    assert made.estimate.interval == alone.interval
    table = made.sources.set_index("source")
    assert table["role"].tolist() == ["pooled", "checked", "checked"]
    assert table["agrees"].tolist() == [True, True, False]
    assert made.estimate.warnings == ("the middle of the pool lies below what frequencies allows as lower bound",)


def test_contradictions_are_named():
    made = sy.combine({"a": around(100, 1.1), "b": around(400, 1.1), "c": around(110, 1.3)})
    assert made.estimate.warnings == ("sources contradict each other: a and b; b and c",)
    assert made.spread == pytest.approx(4)


def test_levels_are_brought_together():
    z = stats.norm.ppf(0.975) / stats.norm.ppf(0.75)
    half = source(100, 100 / 1.1, 110, level=0.5)
    made = sy.combine({"a": half}).estimate
    np.testing.assert_allclose(made.interval, (100 / 1.1**z, 100 * 1.1**z))


def test_a_certain_source():
    made = sy.combine({"a": source(100, 100, 100), "b": around(100, 2)}).estimate
    assert made.interval[0] < 100 < made.interval[1]


def test_simulated_origin_travels():
    assert sy.combine({"a": source(100, 90, 110, simulated=True), "b": around(90, 1.1)}).estimate.simulated


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: sy.combine({}), "no sources"),
        (lambda: sy.combine({"a": around(1, 2)}, level=95), "the level 95"),
        (lambda: sy.combine({"a": around(1, 2), "b": source(1, 1, 1, unit="accounts")}), "sources that count accounts"),
        (lambda: sy.combine({"a": around(1, 2), "b": source(1, 1, 1, estimand="ever")}), "sources with different est"),
        (lambda: sy.combine({"a": source(1, 1, 2, bound="upper")}), "bounds only"),
        (lambda: sy.combine({"a": source(1, 1, 2, status="implausible")}), "a result that is implausible"),
        (lambda: sy.combine({"a": source(1, 1, 2, interval=None)}), "an estimate without an interval"),
        (lambda: sy.combine({"a": source(1, 0, 2)}), "an interval from 0 to 2"),
        (lambda: sy.combine({"a": source(1, 0.5, math.inf)}), "an interval from 0.5 to inf"),
        (lambda: sy.combine({"a": source(5, 1, 2)}), "a value of 5 outside its interval"),
        (lambda: sy.combine({"a": around(1, 2)}, weights={"b": 1}), "weights for b"),
        (lambda: sy.combine({"a": around(1, 2)}, weights={"a": 0}), "a weight of 0 or less"),
        (lambda: sy.combine({"a": around(1, 2)}, weights={"a": "half"}), "a weight that is not a number"),
    ],
)
def test_refusals(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)


def test_an_estimand_may_be_confirmed():
    made = sy.combine({"a": around(1, 2), "b": source(1, 0.5, 2, estimand="ever")}, estimand="at work in 2018")
    assert made.estimate.estimand == "at work in 2018"


def route(median, estimand="stock at a date", name="people"):
    spread = sy.lognormal_from_interval(median, median / 1.2, median * 1.2)
    one = sy.Factor("count", spread, "people", "measured", "made up", "2024", "CC0-1.0", "simulated")
    return sy.Graph([one], {name: "count"}, estimand=estimand)


def test_synthesis_pools_what_each_route_gives():
    made = sy.synthesise({"a": route(1000), "b": route(1500)}, seed=1)
    direct = sy.combine({"a": around(1000, 1.2), "b": around(1500, 1.2)}).estimate
    np.testing.assert_allclose(made.estimate.interval, direct.interval, rtol=0.01)
    assert made.estimate.interval == sy.synthesise({"a": route(1000), "b": route(1500)}, seed=1).estimate.interval


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: sy.synthesise({}, seed=1), "no routes"),
        (lambda: sy.synthesise({"a": route(1), "b": route(1, estimand="ever worked")}, seed=1), "routes to different"),
        (lambda: sy.synthesise({"a": route(1, name="x")}, seed=1), "the output 'people'"),
        (lambda: sy.synthesise({"a": route(1)}, seed=1, dependence={"b": {}}), "the dependence of the route 'b'"),
        (lambda: sy.synthesise({"a": route(1)}, seed=None), "the seed None"),
    ],
)
def test_routes_refused(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)
