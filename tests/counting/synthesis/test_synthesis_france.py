"""The French chain against the published numbers, and against what they leave open."""

import math

import numpy as np
import pytest

from platformlabour import InputError, load
from platformlabour.counting import synthesis as sy
from platformlabour.counting.synthesis import france


@pytest.fixture(scope="module")
def claims():
    return load("claims").set_index("claim")


@pytest.fixture(scope="module")
def graph():
    return france.france_graph(load("france-factors"))


def test_switching_every_nuisance_off_gives_the_published_numbers(graph, claims):
    silent = {"nobody": 0, "true_audience": 1, "worker_share": 1, "devices": 1, "multi_homing": 1.27}
    found = graph.central(**silent, multi_homing_active=1.27)
    for name, (_, claim) in france.CIRCLES.items():
        assert found[name] == pytest.approx(claims.loc[claim, "value"], rel=1e-4)


def test_the_table_holds_what_the_functions_give(claims):
    rows = load("france-factors").set_index("factor")
    published, answers = claims.loc["leludec2019-very-active", "value"], claims.loc["diplab2019-survey", "value"]
    interval = france.recapture_interval(published, answers).interval
    np.testing.assert_allclose(rows.loc["recaptured", ["low", "high"]].astype(float), interval, atol=0.5)
    from platformlabour.counting.registrations import implied_raw_sum_range

    for factor, claim in (("accounts", "leludec2019-casual"), ("visitors", "leludec2019-routine")):
        ends = [end.value for end in implied_raw_sum_range(claims.loc[claim, "value"], 1.27)]
        np.testing.assert_allclose(rows.loc[factor, ["low", "high"]].astype(float), ends, atol=1)
    assert (rows["kind"] != "measured").where(rows["evidence"] == "none", other=True).all()


def test_circles_show_medians_intervals_and_published_numbers(graph, claims):
    made = sy.propagate(graph, draws=2**12, seed=1, dependence=france.DEPENDENCE)
    frame = france.circles(made, claims).set_index("circle")
    assert frame["published"].tolist() == [266_126, 52_337, 14_903]
    assert (frame["low95"] < frame["low50"]).all()
    assert (frame["high50"] < frame["high95"]).all()
    assert frame.loc["very_active", "bound"] == "lower"
    share = france.nested_share(made).value
    assert share == pytest.approx(np.mean(made.draws["very_active"] <= made.draws["monthly"]))
    assert 0 < share < 1


def test_the_scenario_of_the_command_gives_the_same_circles(graph):
    from platformlabour.counting.country.answer import compute
    from platformlabour.counting.country.scenario import example_folder, read_scenario

    made = compute(read_scenario(example_folder("france")))
    theirs = made["circles"]
    ours = sy.propagate(graph, draws=2**14, seed=1, dependence=france.DEPENDENCE)
    for circle, name in zip(theirs, france.CIRCLES, strict=True):
        estimate = ours.estimate(name)
        assert estimate.value == pytest.approx(circle["median"], rel=0.01)
        assert estimate.interval == pytest.approx(circle["intervals"]["95"], rel=0.02)
        assert estimate.bound == circle["bound"]
    above = {pair["inner"]: pair["above"] for pair in made["nesting"]}["very active"]
    assert above == pytest.approx(1 - france.nested_share(ours).value, abs=0.01)
    assert f"In {100 * above:.0f}% of the draws more people are very active" in made["warnings"][0]


@pytest.mark.parametrize(("people", "wave"), [(10_000, 500), (14_903, 509.1), (500, 300)])
def test_recapture_interval_is_the_textbook_variance(people, wave):
    """Seber's v* = n1 n2 (n1 - m)(n2 - m) / m^3 for two waves with m = n1 n2 / N recaptures."""
    again = wave**2 / people
    made = france.recapture_interval(people, 2 * wave - again)
    assert made.standard_error == pytest.approx(math.sqrt(wave**2 * (wave - again) ** 2 / again**3), rel=1e-6)
    assert made.bound == "lower"


def test_unequal_waves_would_be_wider():
    equal = france.recapture_interval(10_000, 1000).standard_error
    first = 700
    second = (1000 - first) / (1 - first / 10_000)
    again = first * second / 10_000
    assert math.sqrt(first * second * (first - again) * (second - again) / again**3) > equal


def test_needed_share_nests_the_circles():
    low, high = france.needed_worker_share(66_468, 14_903, (1.0, 1.27), devices=2)
    assert 66_468 * low.value / 2 / 1.0 == pytest.approx(14_903)
    assert 66_468 * high.value / 2 / 1.27 == pytest.approx(14_903)
    assert france.needed_worker_share(10, 14, (1.0, 1.0))[0].status == "implausible"


def test_like_mturk_is_a_rule_of_three(claims):
    frame = france.like_mturk(claims, 337_980, 66_468, (1.0, 1.27)).set_index("measure")
    row = frame.loc["Available over two years"]
    assert row["from_accounts_high"] == pytest.approx(337_980 * 200_000 / 500_000)
    assert row["from_accounts_low"] == pytest.approx(337_980 * 100_000 / 500_000 / 1.27)
    assert row["from_visitors_high"] == pytest.approx(66_468 * 200_000 / 750_000)


def test_bounds_end_at_the_published_numbers(claims):
    frame = france.circle_bounds(claims)
    for name, (_, claim) in list(france.CIRCLES.items())[:2]:
        part, published = frame[frame["circle"] == name], claims.loc[claim, "value"]
        assert part["low"].iloc[-1] <= published <= part["high"].iloc[-1]
        assert part["ratio"].iloc[-1] < 1.02
        assert (np.diff(part["low"]) >= 0).all()
        assert (np.diff(part["high"]) <= 0).all()


def test_specifications_hold_the_published_cells(claims):
    frame = sy.multiverse(france.specifications(claims))
    assert len(frame) == 5 * 4 + 5 * 3 * 2
    marked = frame[frame["marked"] != ""].set_index("marked")["value"].round()
    assert sorted(marked) == [52_337, 266_126]
    assert frame["value"].max() == pytest.approx(337_980, abs=1)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: france.recapture_interval(100, 100), "100 of 100 people met"),
        (lambda: france.recapture_interval(100, 1), "1 of 100 people met"),
        (lambda: france.recapture_interval(100, 10, level=2), "the level 2"),
        (lambda: france.full_time_equivalents(100, 0, 10), "0.0"),
        (lambda: france.needed_worker_share(0, 1, (1, 2)), "0.0"),
    ],
)
def test_refusals(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)
