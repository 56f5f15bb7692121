"""App users to people: bounds, assumptions in order, the panel, the calendar, and refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import InputError, load
from platformlabour.counting import app_users

counts = st.lists(st.integers(10, 10**6), min_size=1, max_size=12)


@given(st.integers(1, 60), st.integers(1, 6), st.randoms(use_true_random=False))
def test_bounds_hold_every_crowd(people, apps, random):
    uses = [[random.random() < 0.5 for _ in range(apps)] for _ in range(people)]
    users = [10 * sum(row[a] for row in uses) for a in range(apps)]  # ten alike, so that no count is below ten
    if min(users) == 0:
        return
    low, high = app_users.people_bounds(users).interval
    assert low <= 10 * sum(any(row) for row in uses) <= high


@given(counts, st.floats(0, 1), st.floats(0, 1))
def test_assumptions_only_narrow(users, one, other):
    services = ["a" if k % 2 else "b" for k in range(len(users))]
    largest = sum(max(users[k::2]) for k in (0, 1) if users[k::2])
    # A mean number of apps between one and the most that the rows above leave possible contradicts nothing.
    low, high = sorted(1 + share * (sum(users) / largest - 1) for share in (one, other))
    steps = app_users.assumptions_added(users, services, coefficients={"mean": (low, high)})
    assert (np.diff(steps["low"]) >= -1e-9).all()
    assert (np.diff(steps["high"]) <= 1e-9).all()
    assert (steps["width"] >= -1e-6).all()
    assert steps["apps_a_person_high"].iloc[0] == pytest.approx(sum(users) / max(users))


def test_poland_in_december_2020():
    users = load("poland-app-users")
    last = users[users["month"] == "2020-12"]
    assert app_users.people_bounds(last["users"]).interval == (46_391, 159_547)
    steps = app_users.assumptions_added(last["users"], last["service"], coefficients={"both": (1.27, 1.83)})
    assert steps["low"].round().tolist() == [46_391, 46_391 + 13_997, 87_184]
    assert steps["high"].round().tolist() == [159_547, 159_547, 125_628]


def test_one_service_needs_no_second_row():
    steps = app_users.assumptions_added([10, 20], ["transport", "transport"], coefficients={})
    assert len(steps) == 1


def test_share_bounds_widen_with_the_survey_s_error():
    exact, vague = (app_users.share_bounds(100, 300, 10_000, error).interval for error in (1, 1000))
    assert exact == pytest.approx((0.01, 0.03), rel=1e-3)
    assert vague[0] < exact[0]
    assert vague[1] > exact[1]
    assert app_users.share_bounds(50, 900, 1000, 200).interval[1] == 1.0


def test_growth_in_a_panel():
    months = pd.DataFrame({"users": [100, 90, 180], "panel_index": [100.0, 120.0, 150.0]})
    grown = app_users.growth(months, "users")
    assert (grown["users"].value, grown["panel"].value, grown["falls"].value) == (1.8, 1.5, 1)
    assert grown["relative"].value == pytest.approx(1.2)


@pytest.mark.parametrize(("effect", "seen"), [(0.0, False), (0.05, True)])
def test_calendar_effect_sees_a_pattern_and_none(effect, seen):
    random = np.random.default_rng(20)
    hits = 0
    draws = 80
    for _ in range(draws):
        dates = pd.date_range("2018-01-01", periods=36, freq="MS")
        pace = 0.02 + effect * np.isin(dates.month, (7, 8)) + random.normal(0, 0.01, 36)
        frame = pd.DataFrame({"month": dates, "users": 1000 * np.exp(np.cumsum(pace))})
        hits += app_users.calendar_effect(frame, "users")[1] < 0.05
    # At a level of 5%, one run in ten thousand has thirteen of eighty.
    assert (hits > 0.9 * draws) if seen else (hits < 13)


def test_calendar_effect_of_a_constant_pace_and_level():
    dates = pd.date_range("2018-01-01", periods=30, freq="MS")
    random = np.random.default_rng(1)
    users = np.exp(np.cumsum(random.normal(0.02, 0.01, 30)))
    one, other = (
        app_users.calendar_effect(pd.DataFrame({"month": dates, "users": scale * users}), "users")
        for scale in (1e3, 1e6)
    )
    assert one == pytest.approx(other)


def test_unique_counts_are_below_their_largest_month():
    assert app_users.unique_below_largest_month(load("poland-half-years")) == (38, 41)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: app_users.people_bounds([]), "at least one app"),
        (lambda: app_users.people_bounds([100, 9]), "smaller counts of people are not shown"),
        (lambda: app_users.people_bounds([100, -5]), "10 or more"),
        (lambda: app_users.people_bounds([100, float("nan")]), "10 or more"),
        (lambda: app_users.people_bounds(["many"]), "numbers"),
        (lambda: app_users.assumptions_added([10, 20], ["a"], coefficients={}), "one service for each app"),
        (lambda: app_users.assumptions_added([10, 20], ["a", "a"], coefficients={"x": (2, 1)}), "the smaller first"),
        (lambda: app_users.assumptions_added([10, 20], ["a", "a"], coefficients={"x": (0.5, 1)}), "1 or more"),
        (lambda: app_users.assumptions_added([10, 20], ["a", "a"], coefficients={"x": 1.3}), "two numbers"),
        (
            lambda: app_users.assumptions_added([10, 20], ["a", "a"], coefficients={"x": (1.2, 1.4), "y": (1, 1.4)}),
            "assumptions are added, not replaced",
        ),
        (
            lambda: app_users.assumptions_added([10, 20], ["a", "a"], coefficients={"x": (1.6, 1.8)}),
            "which the assumptions above it imply",
        ),
        (lambda: app_users.share_bounds(300, 100, 1000, 10), "the sum over apps"),
        (lambda: app_users.share_bounds(10, 30, 3484, 10_723), "a survey whose interval stays above zero"),
        (lambda: app_users.growth(pd.DataFrame({"users": [1, 2]}), "users"), "one of users"),
        (lambda: app_users.growth(pd.DataFrame({"users": [1], "panel_index": [1]}), "users"), "two months or more"),
        (lambda: app_users.growth(pd.DataFrame({"users": [0, 1], "panel_index": [1, 1]}), "users"), "a number above 0"),
        (lambda: app_users.calendar_effect(load("poland-app-months").iloc[:20], "apps"), "24 months or more"),
        (lambda: app_users.calendar_effect(load("poland-app-months"), "rides"), "one of month"),
        (
            lambda: app_users.unique_below_largest_month(pd.DataFrame({"apps": [1], "apps_below": [2]})),
            "at most the number of apps",
        ),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InputError, match=message):
        call()
