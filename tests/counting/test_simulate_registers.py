"""Simulated registers: truth, nuisances one at a time, surveys with declared chances, and the two experiments."""

import math

import numpy as np
import pytest

from platformlabour import InputError
from platformlabour.counting import overlaps
from platformlabour.counting.overlaps_experiments import comparison_experiment, route_experiment
from platformlabour.counting.simulate_registers import RegisterScenario, simulate_registers
from platformlabour.counting.traffic_experiments import sum_experiment

BASE = RegisterScenario(people=20_000)


@pytest.fixture(scope="module")
def economy():
    return simulate_registers(BASE.replace(platforms_per_worker=1.83), seed=4)


def test_with_every_switch_off_accounts_differ_from_people_by_multi_homing_alone(economy):
    frame = economy.platforms
    assert economy.scenario.broken == ()
    assert (frame["registered"] == frame["in_use"]).all()
    assert (frame["declared"] == frame["in_use"]).all()
    assert frame["in_use"].sum() == economy.platforms_used.sum() == economy.member.sum()
    assert economy.platforms_per_person == pytest.approx(1.83, rel=0.01)
    assert economy.workers == economy.people == 20_000
    assert (frame["visitors"] <= frame["in_use"]).all()
    assert frame["in_use"].head(10).is_monotonic_decreasing  # the small ones are too close for chance


def test_the_same_seed_gives_the_same_economy():
    one, two, other = (simulate_registers(BASE, seed=seed) for seed in (1, 1, 2))
    assert one.platforms.equals(two.platforms)
    assert not one.platforms.equals(other.platforms)


@pytest.mark.parametrize(
    ("switch", "untouched"),
    [
        ({"dormant": 0.4}, ["in_use", "visitors"]),
        ({"register_sd": 0.5}, ["in_use", "visitors"]),
        ({"rounded": True}, ["in_use", "registered", "visitors"]),
        ({"declaring": 0.5}, ["in_use", "registered", "visitors"]),
        ({"devices": 2.0}, ["in_use", "registered"]),
        ({"visitor_sd": 0.5}, ["in_use", "registered"]),
    ],
)
def test_a_switch_leaves_the_other_draws_alone(switch, untouched):
    plain, broken = (simulate_registers(BASE.replace(**change), seed=7).platforms for change in ({}, switch))
    assert broken[untouched].equals(plain[untouched])
    assert not broken.equals(plain)


def test_sizes_of_the_nuisances():
    frame = simulate_registers(BASE.replace(dormant=0.3, fakes=0.2, devices=2.0, worker_share=0.5), seed=1).platforms
    plain = simulate_registers(BASE, seed=1).platforms
    assert frame["registered"].sum() == pytest.approx(2 * frame["in_use"].sum(), rel=1e-3)
    assert frame["visitors"].sum() == pytest.approx(4 * plain["visitors"].sum(), rel=1e-2)
    rounded = simulate_registers(BASE.replace(rounded=True), seed=1).platforms["declared"]
    assert all(value == round(value, -int(math.log10(value))) for value in rounded)
    shared = simulate_registers(BASE.replace(shared=0.1), seed=1)
    assert shared.workers == shared.people + round(0.1 * shared.platforms["in_use"].sum())
    some = simulate_registers(BASE.replace(declaring=0.25), seed=1).platforms["declared"]
    assert some.notna().sum() == 5


@pytest.mark.parametrize("route", [route for route in overlaps.ROUTES if route != "unknown"])
def test_surveys_meet_people_with_the_declared_chances(economy, route):
    answers = economy.survey(route, 40_000, seed=1)
    weight = {
        "people": np.ones(economy.people),
        "accounts": economy.platforms_used,
        "platform-panel": economy.member[:, 0],
        "platform-active": economy.member[:, 0] * economy.activity,
    }[route]
    expected = np.average(economy.platforms_used, weights=weight)
    assert answers["platforms_used"].mean() == pytest.approx(expected, rel=0.01)


def test_the_right_route_finds_the_people_and_a_wrong_one_does_not():
    frame = route_experiment(BASE.replace(platforms=8, platforms_per_worker=1.83), replicates=20, seed=3).set_index(
        ["reached", "declared"]
    )
    right, wrong = frame[frame["right"]], frame[~frame["right"]]
    assert (right["bias"].abs() < 0.01).all()
    assert (right["coverage"] >= 0.8).all()  # 20 samples: 0.95 less three standard errors
    assert (wrong["bias"].abs() > 0.02).all()
    assert (wrong["coverage"] < 0.75).all()
    # The direction that the trap has: a mean over those met more easily gives too few people.
    assert frame.loc[("platform-active", "people"), "bias"] < frame.loc[("accounts", "people"), "bias"] < -0.1
    assert frame.loc[("people", "accounts"), "bias"] > 0.1


def test_the_comparison_keeps_its_size_and_has_power():
    frame = comparison_experiment(BASE, respondents=[900], replicates=200, seed=2).set_index("declared")["alarms"]
    assert frame["rightly"] <= 0.09
    assert frame["wrongly"] >= 0.9


def test_predictive_draws_hold_the_sum_and_the_line_does_not():
    scenario = RegisterScenario(people=5000, platforms=60, declaring=0.4, register_sd=0.9)
    frame = sum_experiment(scenario, replicates=100, draws=500, seed=1).set_index("method")
    assert frame.loc["predictive draws", "coverage"] >= 0.88
    assert frame.loc["interval of the line", "coverage"] < 0.88
    assert frame.loc["fitted values", "bias"] < -0.08
    assert math.isnan(frame.loc["fitted values", "coverage"])


def test_silence_of_small_platforms_breaks_every_method():
    scenario = RegisterScenario(people=5000, platforms=60, declaring=0.4, register_sd=0.9, silent_small=1.0)
    frame = sum_experiment(scenario, replicates=40, draws=300, seed=1).set_index("method")
    assert frame.loc["predictive draws", "bias"] > 0.3
    assert frame.loc["predictive draws", "coverage"] < 0.8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"people": 5}, 'column "people": found 5'),
        ({"people": 10.5}, "a whole number"),
        ({"people": True}, "a whole number"),
        ({"platforms": 1}, "2 to 1,000"),
        ({"people": 10**6, "platforms": 1000}, "50 million places"),
        ({"platforms_per_worker": 0.8}, "found 0.8"),
        ({"platforms_per_worker": 15}, "1 to 10"),
        ({"classes": ((0.5, 1.0),)}, "add up to 1"),
        ({"classes": ()}, "add up to 1"),
        ({"dormant": 1.2}, "a share from 0 to 0.95"),
        ({"dormant": 0.6, "fakes": 0.5}, "dormant + fakes"),
        ({"declaring": 0}, "a share above 0"),
        ({"devices": -1}, "found -1"),
        ({"register_sd": -1}, "found -1"),
        ({"activity_power": 3}, "-2 to 2"),
        ({"size_exponent": 9}, "0 to 5"),
    ],
)
def test_bad_scenarios_are_refused(change, message):
    with pytest.raises(InputError) as refusal:
        RegisterScenario(**change)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda e: simulate_registers("base", seed=1), "a RegisterScenario"),
        (lambda e: simulate_registers(BASE, seed=-1), "the seed -1"),
        (lambda e: simulate_registers(BASE, seed="x"), "the seed 'x'"),
        (lambda e: e.survey("unknown", 10, seed=1), "the route 'unknown'"),
        (lambda e: e.survey("people", 0, seed=1), "0 respondents"),
        (lambda e: e.survey("people", 10, seed=1, platform=99), "platform 99"),
        (lambda e: route_experiment(BASE, replicates=0, seed=1), "0 replicates"),
        (lambda e: route_experiment(BASE, replicates=5, seed=1, declared=["persons"]), "the route 'persons'"),
    ],
)
def test_bad_calls_are_refused(economy, call, message):
    with pytest.raises(InputError) as refusal:
        call(economy)
    assert message in str(refusal.value)
