"""Scenarios as graphs: the right arithmetic, honest ranges for unknown routes, and nothing narrower for conflict."""

import itertools
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from platformlabour import InputError
from platformlabour.counting import overlaps
from platformlabour.counting.country import answer, blocks, bounds, drivers
from platformlabour.counting.country.model import build
from platformlabour.counting.country.scenario import DirectCount, FactorGiven, Measure, Scenario, read_scenario

ROOT = Path(__file__).resolve().parents[3]
DRAWS = 2**12


def measure(platform="A", value=10_000, kind="accounts", low=None, high=None):
    unit = {"accounts": "accounts", "visitors": "visitors a month", "active": "users a month"}[kind]
    return Measure(platform, kind, value, low, high, unit, "2020", "S", "seen", "facts-only", "no", "", 1)


def fixed(name, value, **more):
    return FactorGiven(name, "fixed", {"value": value}, "measured", "seen", "S", "2020", "facts-only", "", **more)


def scenario(*measures, factors=(), counts=(), **more):
    options = {"estimand": "stock at a date", "platforms": "named", "period": ()} | more
    return Scenario(
        file="scenario.toml", name="Test", country="FR", population="people", date="2020", prepared_by="us",
        licence="CC0-1.0", limits="", platforms_operating=None, measures=tuple(measures),
        factors={given.name: given for given in factors}, counts=tuple(counts), sources={}, dependence={},
        hashes={"scenario.toml": "0" * 64}, **options,
    )  # fmt: skip


def known(**values):
    return [fixed(name, value, route="people" if name.startswith("multi") else "") for name, value in values.items()]


def medians(given):
    return {circle["circle"]: circle["median"] for circle in answer.compute(given, draws=DRAWS)["circles"]}


def test_the_chain_is_the_product_it_says():
    given = scenario(
        measure(value=12_000),
        measure("B", value=8_000),
        factors=known(
            fake_share=0.1, multi_homing=1.25, dormant_share=0.5, active_share=0.4, people_per_account=1.2,
            multi_homing_active=1.5, very_active_share=0.25,
        ),
    )  # fmt: skip
    found = medians(given)
    active = 20_000 * 0.9 * 0.5 * 0.4 * 1.2 / 1.5
    assert found == pytest.approx(
        {"registered": 20_000 * 0.9 / 1.25, "monthly active": active, "very active": active * 0.25}
    )


def test_visitors_and_users_have_chains_of_their_own():
    factors = known(
        measurement=1.1, worker_share_of_visitors=0.5, devices_per_person=1.6, multi_homing_active=1.25,
        very_active_share=0.2, people_per_account=1.0,
    )  # fmt: skip
    assert medians(scenario(measure(kind="visitors"), factors=factors))["monthly active"] == pytest.approx(
        10_000 * 1.1 * 0.5 / 1.6 / 1.25
    )
    assert medians(scenario(measure(kind="active"), factors=factors))["monthly active"] == pytest.approx(
        10_000 * 1.1 / 1.25
    )


def test_the_other_estimands_use_their_factor():
    users = measure(kind="active")
    factors = known(
        measurement=1.0, people_per_account=1.0, multi_homing_active=1.0, very_active_share=0.5, turnover=3.0
    )
    period = scenario(users, factors=factors, estimand="ever in the period", period=("2020-01", "2020-12"))
    assert medians(period)["monthly active"] == pytest.approx(30_000)
    worked = scenario(
        measure(), factors=known(fake_share=0.0, multi_homing=1.0, worked_share=0.3), estimand="ever worked"
    )
    assert medians(worked)["ever worked"] == pytest.approx(3_000)


def test_all_platforms_need_a_share_of_coverage():
    factors = known(fake_share=0.0, multi_homing=1.0, coverage=0.5)
    assert medians(scenario(measure(), factors=factors, platforms="all"))["registered"] == pytest.approx(20_000)
    assert medians(scenario(measure(), factors=factors, platforms="named"))["registered"] == pytest.approx(10_000)


@pytest.mark.parametrize("route", list(overlaps.ROUTES))
def test_a_published_mean_carries_what_its_route_leaves_open(route):
    given = FactorGiven(
        "multi_homing", "published mean", {"mean": 1.5, "most": 10.0}, "measured", "seen", "S", "2020", "x", "", route
    )
    entry = build(scenario(measure(), factors=[given])).inputs["multi_homing"]
    expected = overlaps.published_mean(1.5, route=route, most=10).limits
    assert entry.limits == pytest.approx(expected)
    assert (entry.factor.kind == "assumed") == (expected[0] < expected[1])


@pytest.mark.parametrize(("route", "coefficient"), [("people", 2.0), ("accounts", 1.5)])
def test_answers_are_divided_by_the_estimator_of_their_route(route, coefficient):
    given = FactorGiven(
        "multi_homing", "survey", {}, "measured", "own", "", "2020", "x", "asked", route, ((1, 600), (3, 600))
    )
    made = answer.compute(scenario(measure(), factors=[*known(fake_share=0.0), given]), draws=DRAWS)
    row = made["multi_homing"][0]
    assert row["respondents"] == 1200
    assert row["coefficient"] == pytest.approx(coefficient)
    assert row["low"] < row["coefficient"] < row["high"]


def test_answers_met_on_one_platform_leave_a_range():
    given = FactorGiven(
        "multi_homing_active", "survey", {}, "measured", "own", "", "2020", "x", "asked", "platform-active",
        ((1, 10), (3, 10)),
    )  # fmt: skip
    entry = build(scenario(measure(kind="active"), measure("B", kind="active"), factors=[given])).inputs[given.name]
    assert entry.limits == (1.0, 2.0)


def count(circle, median, spread=1.2, label="survey", bound=""):
    return DirectCount(
        circle, label, "lognormal",
        {"low": median / spread, "median": median, "high": median * spread, "level": 0.95},
        "measured", "seen", "S", "2020", "x", "", bound,
    )  # fmt: skip


def computed(*counts, **more):
    made = answer.compute(scenario(*more.pop("measures", ()), counts=counts, **more), draws=DRAWS)
    return {circle["circle"]: circle for circle in made["circles"]}, made["warnings"]


@pytest.mark.parametrize(("bound", "words"), [("lower", "at least about"), ("upper", "at most about"), ("", "about")])
def test_a_direct_count_says_whether_it_is_a_bound(bound, words):
    circles, _ = computed(count("registered", 5_000.0, bound=bound))
    made = circles["registered"]
    assert made["bound"] == (bound or "point")
    assert answer.as_estimate(made).bound == made["bound"]
    assert made["sentence"].startswith(f"Registered: {words} 5,000 people")


def test_a_share_of_a_lower_bound_is_a_lower_bound():
    circles, _ = computed(count("monthly active", 5_000.0, bound="lower"), factors=known(very_active_share=0.5))
    assert {name: circle["bound"] for name, circle in circles.items()} == {
        "monthly active": "lower",
        "very active": "lower",
    }


def test_a_bound_beside_a_count_is_checked_and_not_mixed_in():
    alone, _ = computed(count("monthly active", 5_000.0))
    below, quiet = computed(
        count("monthly active", 5_000.0), count("monthly active", 1_000.0, bound="lower", label="lists")
    )
    above, warned = computed(
        count("monthly active", 5_000.0), count("monthly active", 9_000.0, bound="lower", label="lists")
    )
    for made in (below, above):
        assert made["monthly active"]["bound"] == "point"
        assert made["monthly active"]["intervals"]["95"] == pytest.approx(
            alone["monthly active"]["intervals"]["95"], rel=0.02
        )
        assert [(row["name"], row["mixed"]) for row in made["monthly active"]["routes"]] == [
            ("survey", True),
            ("lists", False),
        ]
    assert not any("bound" in line for line in quiet)
    assert any("below what the lower bound allows" in line and "lists" in line for line in warned)
    _, warned = computed(count("monthly active", 5_000.0), count("monthly active", 900.0, bound="upper", label="lists"))
    assert any("above what the upper bound allows" in line for line in warned)


def test_bounds_of_one_side_stay_a_bound_and_bounds_of_both_sides_are_named():
    circles, _ = computed(
        count("registered", 5_000.0, bound="lower"), count("registered", 9_000.0, bound="lower", label="lists")
    )
    assert circles["registered"]["bound"] == "lower"
    circles, warned = computed(
        count("registered", 5_000.0, bound="lower"), count("registered", 9_000.0, bound="upper", label="lists")
    )
    assert circles["registered"]["bound"] == "point"
    assert any("from below and from above only" in line for line in warned)


def test_two_circles_counted_directly_keep_their_names():
    circles, _ = computed(
        count("registered", 9_000.0, label="register"), count("monthly active", 1_000.0, label="survey")
    )
    assert [circle["routes"][0]["name"] for circle in list(circles.values())[:2]] == ["register", "survey"]


def test_a_direct_count_takes_the_place_of_a_share_that_nobody_knows():
    alone, _ = computed(count("very active", 1_000.0), measures=[measure(kind="active")])
    assert [row["name"] for row in alone["very active"]["routes"]] == ["survey"]
    given = known(very_active_share=0.1)
    both, _ = computed(count("very active", 1_000.0), measures=[measure(kind="active")], factors=given)
    assert [row["name"] for row in both["very active"]["routes"]] == ["share of the active", "survey"]


@pytest.mark.parametrize(
    "pair", [("registered", "monthly active"), ("monthly active", "very active"), ("registered", "very active")]
)
@pytest.mark.parametrize("bound", ["", "lower"])
def test_circles_that_do_not_nest_are_said_with_the_share_of_draws(pair, bound):
    outer, inner = (count(circle, 1_000.0, spread=1.5) for circle in pair)
    inner = replace(inner, bound=bound)
    given = scenario(counts=[outer, inner], factors=known(very_active_share=0.1) if pair[1] == "monthly active" else ())
    lines = [line for line in answer.compute(given, draws=DRAWS)["warnings"] if "cannot be" in line]
    assert len(lines) == 1
    assert "In 50% of the draws" in lines[0]
    assert ("lower bound" in lines[0]) == bool(bound)
    apart = scenario(
        counts=[
            outer,
            replace(
                inner,
                parameters=dict.fromkeys(("low", "median", "high"), 1)
                | {"low": 80.0, "median": 100.0, "high": 125.0, "level": 0.95},
            ),
        ]
    )
    assert not any("cannot be" in line for line in answer.compute(apart, draws=DRAWS)["warnings"])


def test_those_who_ever_worked_stand_between_the_registered_and_the_active():
    given = scenario(
        measure(), counts=[count("monthly active", 5_000.0)], estimand="ever worked",
        factors=known(fake_share=0.0, multi_homing=1.0, worked_share=0.3),
    )  # fmt: skip
    lines = [line for line in answer.compute(given, draws=DRAWS)["warnings"] if "cannot be" in line]
    assert len(lines) == 1
    assert "than have ever worked" in lines[0]


def test_conflicting_sources_widen_the_interval_and_are_named():
    alone = scenario(counts=[count("monthly active", 1_000.0)])
    conflict = scenario(counts=[count("monthly active", 1_000.0), count("monthly active", 8_000.0, label="lists")])
    narrow, wide = (answer.compute(given, draws=DRAWS)["circles"][0] for given in (alone, conflict))
    assert wide["spread"] > 4 * narrow["spread"]
    low, high = wide["intervals"]["95"]
    assert low < 1_000 < 8_000 < high
    assert [route["name"] for route in wide["routes"]] == ["survey", "lists"]
    assert any("contradict" in line for line in answer.compute(conflict, draws=DRAWS)["warnings"])


def test_three_routes_each_as_likely_as_another():
    values = (1_000.0, 10_000.0, 100_000.0)
    given = scenario(counts=[count("registered", value, 1.05, label=f"{value}") for value in values])
    from platformlabour.counting import synthesis

    model = build(given)
    draws = synthesis.propagate(model.graph, DRAWS, seed=1).draws["registered"]
    for value in values:
        share = np.mean((draws > value / 2) & (draws < value * 2))
        assert share == pytest.approx(1 / 3, abs=0.02)


def test_the_route_through_registrations_stands_back_where_its_shares_are_unknown():
    both = scenario(measure(), measure(kind="visitors"))
    assert [route.base for route in build(both).routes["monthly active"]] == ["visitors"]
    shares = known(dormant_share=0.5, active_share=0.5)
    given = scenario(measure(), measure(kind="visitors"), factors=shares)
    assert [route.base for route in build(given).routes["monthly active"]] == ["visitors", "accounts"]


def test_defaults_never_leave_fewer_people_than_the_largest_platform_has():
    entry = build(scenario(measure("A", 9_000), measure("B", 1_000))).inputs["multi_homing"]
    assert entry.limits == pytest.approx((1.0, 10 / 9))
    assert build(scenario(measure())).inputs["multi_homing"].factor.distribution.is_fixed


def test_each_missing_input_has_a_cost_and_none_where_all_are_given():
    made = answer.compute(scenario(measure(), measure("B")), draws=DRAWS)
    assert {row["name"] for row in made["missing"]} == {
        "fake_share", "multi_homing", "dormant_share", "active_share", "people_per_account", "multi_homing_active",
        "very_active_share",
    }  # fmt: skip
    for row in made["missing"]:
        for cost in row["costs"]:
            assert cost["spread_if_known"] < cost["spread"] * 1.05
    worst = made["missing"][0]
    assert max(cost["spread"] / cost["spread_if_known"] for cost in worst["costs"]) > 1.3
    shares = known(fake_share=0.1, dormant_share=0.1, active_share=0.5, very_active_share=0.3)
    means = known(multi_homing=1.2, multi_homing_active=1.1, people_per_account=1.0)
    full = scenario(measure(), factors=[*shares, *means])
    assert answer.compute(full, draws=DRAWS)["missing"] == []


def test_bounds_shrink_and_hold_every_draw():
    for name in ("france", "poland"):
        given = read_scenario(ROOT / "scenarios" / name)
        model = build(given)
        made = answer.compute(given, draws=DRAWS)
        for circle in made["circles"]:
            steps = bounds.shrinking_bounds(given, model, circle["circle"])
            if (name, circle["circle"]) == ("france", "very active"):
                assert steps == []  # counted directly: no chain to bound
                continue
            assert all(a.low <= b.low and a.high >= b.high for a, b in itertools.pairwise(steps))
            low, high = circle["intervals"]["50"]
            assert steps[-1].low <= low
            assert high <= steps[-1].high
            assert math.isfinite(steps[-1].high)


def test_the_overlap_alone_bounds_the_users_of_several_apps():
    poland = read_scenario(ROOT / "scenarios" / "poland")
    most = bounds.most_accounts_per_person(poland, "active")
    users = [row.value for row in poland.measures]
    assert sum(users) / most == pytest.approx(max(users))


def test_the_polish_rows_are_the_projects_own_table():
    from platformlabour import load

    table = load("poland-app-users")
    december = table[table["month"] == "2020-12"]
    rows = {row.platform: row.value for row in read_scenario(ROOT / "scenarios" / "poland").measures}
    assert rows == dict(zip(december["app"], december["users"], strict=True))


def test_the_french_rows_are_the_ledgers_inference():
    from platformlabour import load
    from platformlabour.counting import registrations

    claims = load("claims").set_index("claim")["value"]
    rows = read_scenario(ROOT / "scenarios" / "france").measures
    for row, name in zip(rows, ("leludec2019-casual", "leludec2019-routine"), strict=True):
        whole = registrations.implied_raw_sum(claims[name], claims["tubaro2020-multihoming"])
        least, most = registrations.implied_raw_sum_range(claims[name], claims["tubaro2020-multihoming"])
        assert row.value == round(whole.value)
        assert (row.low, row.high) == (round(least.value), round(most.value))
        assert row.evidence == "derived"


def test_the_published_counts_lie_in_the_intervals_of_a_scenario_that_assumes_what_they_do(tmp_path):
    folder = shutil.copytree(ROOT / "scenarios" / "france", tmp_path / "france")
    given = read_scenario(folder)
    taken = known(fake_share=0.0, worker_share_of_visitors=1.0, devices_per_person=1.0, measurement=1.0)
    routed = [fixed(name, 1.27, route="people") for name in ("multi_homing", "multi_homing_active")]
    same = replace(given, factors={row.name: row for row in [*taken, *routed]})
    found = {circle["circle"]: circle for circle in answer.compute(same, draws=DRAWS)["circles"]}
    assert found["registered"]["median"] == pytest.approx(266_126, rel=1e-3)
    assert found["monthly active"]["median"] == pytest.approx(52_337, rel=1e-3)
    assert found["very active"]["median"] == pytest.approx(14_903, rel=1e-3)
    assert found["very active"]["bound"] == "lower"


def test_same_seed_same_numbers_and_another_seed_within_its_error():
    given = read_scenario(ROOT / "scenarios" / "poland")
    first, again, other = (answer.compute(given, draws=2**14, seed=seed)["circles"][0] for seed in (1, 1, 2))
    assert first == again
    error = math.hypot(first["monte_carlo_error"], other["monte_carlo_error"])
    assert abs(first["median"] - other["median"]) < 6 * error


def test_shares_of_variance_are_those_of_a_product_of_lognormals():
    """The logarithm of a product is a sum: each factor's share is its own variance over the sum of all."""

    def lognormal(name, low, median, high):
        parameters = {"low": low, "median": median, "high": high, "level": 0.95}
        return FactorGiven(name, "lognormal", parameters, "measured", "seen", "S", "2020", "x", "")

    factors = [lognormal("measurement", 0.5, 1.0, 2.0), lognormal("people_per_account", 2.0, 2.4, 2.88)]
    given = scenario(measure(kind="active"), factors=[*factors, *known(multi_homing_active=1.0, very_active_share=0.5)])
    rows = answer.compute(given, draws=DRAWS)["circles"][0]["drivers"]
    variances = {"measurement": math.log(2) ** 2, "people_per_account": math.log(1.2) ** 2}
    for row in rows:
        assert row["share"] == pytest.approx(variances[row["factor"]] / sum(variances.values()), abs=0.02)
    assert [row["factor"] for row in rows] == ["measurement", "people_per_account"]
    assert rows[0]["low"] == pytest.approx(10_000 * 0.5 * 2.4)


def test_shares_of_inputs_that_go_together_are_conditional_and_said_to_be():
    given = scenario(measure(), measure("B"))
    linked = replace(
        given,
        factors={name: FactorGiven(name, "uniform", {"low": 0.1, "high": 0.5}, "assumed", "assumed", "", "", "", "n")
                 for name in ("dormant_share", "active_share")},
        dependence={("active_share", "dormant_share"): -0.5},
    )  # fmt: skip
    made = answer.compute(linked, draws=DRAWS)
    rows = {circle["circle"]: circle["drivers"] for circle in made["circles"]}
    assert {row["index"] for row in rows["monthly active"]} == {"conditional"}
    assert {row["index"] for row in rows["registered"]} == {"Sobol"}
    words = [block["text"] for block in blocks.report_blocks(made) if block["kind"] == "text"]
    assert sum("add up to 100%" in text for text in words) == 1
    apart = answer.compute(replace(linked, dependence={}), draws=DRAWS)["circles"]
    alone, together = (
        {
            row["factor"]: row["share"]
            for circle in circles
            for row in circle["drivers"]
            if circle["circle"] == "monthly active"
        }
        for circles in (apart, made["circles"])
    )
    # What one of the two has in common with the other is counted with it.
    assert together["dormant_share"] > alone["dormant_share"]


def test_drivers_and_bounds_are_the_librarys():
    """One arithmetic for the command and for whoever calls the library."""
    from platformlabour.counting import synthesis

    model = build(read_scenario(ROOT / "scenarios" / "poland"))
    moved = synthesis.tornado(model.graph, "very_active").set_index("factor")
    shares = synthesis.sobol_shares(model.graph, "very_active", seed=5, draws=2**12).set_index("factor")
    rows = drivers.drivers(model, "very_active", seed=5)
    assert [row["factor"] for row in rows] == [name for name in moved.index if name in model.graph.uncertain]
    for row in rows:
        assert (row["low"], row["high"]) == (moved.loc[row["factor"], "low"], moved.loc[row["factor"], "high"])
        assert row["share"] == shares.loc[row["factor"], "first"]


@pytest.mark.parametrize("supposed", [{"fake_share": 1.0}, {"coverage": 0.0}])
def test_a_count_of_nobody_is_refused(supposed):
    with pytest.raises(InputError):
        answer.compute(scenario(measure(), measure("B"), platforms="all").suppose(**supposed), draws=DRAWS)


def test_bounds_without_a_limit_say_so_and_given_ranges_that_cannot_be_are_cut():
    given = scenario(measure(kind="visitors"), platforms="all")
    first, *_, last = bounds.shrinking_bounds(given, build(given), "monthly active")
    assert (first.low, first.high) == (0, math.inf)
    assert 0 < last.low < last.high < math.inf
    impossible = FactorGiven(
        "multi_homing", "uniform", {"low": 1.2, "high": 1.5}, "assumed", "assumed", "", "", "", "n", "people"
    )
    given = scenario(measure(), factors=[*known(fake_share=0.0), impossible])
    steps = bounds.shrinking_bounds(given, build(given), "registered")
    assert (steps[-1].low, steps[-1].high) == (10_000, 10_000)
    assert any("given as 1.2 to 1.5, which cannot be" in step.assumption for step in steps)


def test_factors_that_nothing_leads_through_are_said_to_be_idle():
    given = scenario(measure(kind="active"), factors=known(fake_share=0.1, dormant_share=0.2))
    lines = [line for line in answer.compute(given, draws=DRAWS)["warnings"] if line.startswith("Given and not used")]
    assert len(lines) == 1
    assert "share of accounts without a person, share of accounts that lie dormant" in lines[0]


def test_many_narrow_ranges_are_added_up_and_keep_their_mean_and_spread():
    rng = np.random.default_rng(1)
    values = rng.integers(10_000, 60_000, size=300)
    rows = [measure(f"P{k}", int(v), "active", int(v * 0.5), int(v * 1.2)) for k, v in enumerate(values)]
    model = build(scenario(*rows))
    assert len([name for name in model.graph.uncertain if name.startswith("active_")]) == 21
    pooled = model.inputs["active_narrow"].factor.distribution
    widest = {row.platform for row in sorted(rows, key=lambda row: row.low - row.high)[:20]}
    drawn = sum(rng.triangular(row.low, row.value, row.high, 20_000) for row in rows if row.platform not in widest)
    points = pooled.ppf((np.arange(20_000) + 0.5) / 20_000)
    assert points.mean() == pytest.approx(drawn.mean(), rel=1e-3)
    assert points.std() == pytest.approx(drawn.std(), rel=0.03)
    for u in (0.025, 0.5, 0.975):
        assert float(pooled.ppf(u)) == pytest.approx(np.quantile(drawn, u), rel=2e-3)


def test_suppositions_are_marked_and_checked():
    france = read_scenario(ROOT / "scenarios" / "france")
    supposed = france.suppose(multi_homing=1.5, fake_share=0.2)
    assert supposed.factors["fake_share"].evidence == "assumed"
    assert supposed.dependence == {}
    assert france.factors["multi_homing"].distribution == "published mean"
    with pytest.raises(InputError, match="above 1"):
        france.suppose(fake_share=20)
    with pytest.raises(InputError, match="fake_shares"):
        france.suppose(fake_shares=0.2)
