"""Overlaps: each route against its own truth, ranges that hold every population they claim, and refusals."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformlabour import Estimate, InputError
from platformlabour.counting import overlaps
from platformlabour.counting.overlaps_nuisances import NUISANCES, AccountNuisance, adjust

answers = st.lists(st.integers(1, 6), min_size=2, max_size=40)


# --- estimators on populations small enough to write down


def test_the_coefficient_of_people_is_their_mean():
    found = overlaps.multi_homing([1, 1, 1, 2, 5], route="people")
    assert found.coefficient == 2.0
    # Variance of a mean: 1, 1, 1, 0, 9 squared deviations over n - 1 = 4, over n = 5.
    assert found.standard_error == pytest.approx(math.sqrt(12 / 4 / 5))
    assert found.effective_respondents == pytest.approx(5)


def test_accounts_are_weighted_back_to_people():
    # A hundred people with 1, 2 and 4 platforms; a census of their accounts answers.
    census = [1] * 60 + [2] * 2 * 30 + [4] * 4 * 10
    found = overlaps.multi_homing(census, route="accounts")
    assert found.coefficient == pytest.approx(1.6)
    assert found.shares.tolist() == pytest.approx([0.6, 0.3, 0, 0.1])
    people = overlaps.people_from_accounts(160, found)
    assert people.value == pytest.approx(100)
    assert (people.unit, people.bound, people.status) == ("people", "upper", "ok")


def test_weights_count_as_repeated_answers():
    repeated = overlaps.multi_homing([1, 1, 1, 3], route="accounts")
    weighted = overlaps.multi_homing([1, 3], route="accounts", weights=[3, 1])
    assert weighted.coefficient == pytest.approx(repeated.coefficient)


def test_one_platform_with_all_accounts_is_a_sample_of_people():
    found = overlaps.multi_homing([1, 1, 1, 1], route="platform-panel", platform_accounts=[50], platform=0)
    assert found.coefficient == 1.0


def test_panel_of_equal_platforms_is_a_sample_of_accounts():
    sample = [1] * 50 + [2] * 30 + [3] * 20
    panel = overlaps.multi_homing(sample, route="platform-panel", platform_accounts=[10] * 5, platform=3)
    accounts = overlaps.multi_homing(sample, route="accounts")
    assert panel.coefficient == pytest.approx(accounts.coefficient, rel=1e-6)


def test_equal_activity_is_a_panel():
    sample = [1] * 50 + [2] * 30 + [3] * 20
    options = {"platform_accounts": [30, 20, 10, 5], "platform": 0}
    panel = overlaps.multi_homing(sample, route="platform-panel", **options)
    active = overlaps.multi_homing(sample, route="platform-active", activity=[2.5] * 100, **options)
    assert active.coefficient == pytest.approx(panel.coefficient)
    assert active.standard_error == pytest.approx(panel.standard_error)
    busy = np.where(np.array(sample) > 1, 4.0, 1.0)
    assert (
        overlaps.multi_homing(sample, route="platform-active", activity=busy, **options).coefficient < panel.coefficient
    )


def test_order_of_the_routes():
    sample = [1] * 70 + [2] * 20 + [3] * 10
    people, accounts = (overlaps.multi_homing(sample, route=route).coefficient for route in ("people", "accounts"))
    panel = overlaps.multi_homing(sample, route="platform-panel", platform_accounts=[9, 4, 3, 2, 1], platform=0)
    assert accounts < panel.coefficient < people


@given(answers, st.floats(0.5, 4))
def test_scale_of_weights_does_not_matter(sample, scale):
    once = overlaps.multi_homing(sample, route="accounts", weights=np.ones(len(sample)))
    again = overlaps.multi_homing(sample, route="accounts", weights=np.full(len(sample), scale))
    assert once.coefficient == pytest.approx(again.coefficient)
    assert once.standard_error == pytest.approx(again.standard_error, abs=1e-9)


@given(answers)
def test_accounts_never_give_a_larger_coefficient_than_people(sample):
    accounts, people = (overlaps.multi_homing(sample, route=route) for route in ("accounts", "people"))
    assert 1 <= accounts.coefficient <= people.coefficient + 1e-12
    for found in (accounts, people):
        assert found.limits[0] - 1e-12 <= found.coefficient <= found.limits[1] + 1e-12


def test_equal_answers_keep_an_interval():
    found = overlaps.multi_homing([1] * 100, route="people")
    assert (found.standard_error, found.limits) == (0.0, (1.0, 1.03))
    assert "rule of three" in found.warnings[0]
    assert overlaps.people_from_accounts(1030, found).interval == pytest.approx((1000, 1030))


# --- standard errors against simulation


def _samples(chance, route, replicates=400, n=300, **options):
    random = np.random.default_rng(5)
    found = []
    for _ in range(replicates):
        met = random.choice(len(POPULATION), n, p=chance / chance.sum())
        extra = {
            name: value[met] if callable(getattr(value, "take", None)) and len(value) == len(POPULATION) else value
            for name, value in options.items()
        }
        found.append(overlaps.multi_homing(POPULATION[met], route=route, **extra))
    return np.array([[f.coefficient, f.standard_error, *f.limits] for f in found]).T


POPULATION = np.repeat([1, 2, 3, 6], [700, 200, 80, 20])
TRUTH = POPULATION.mean()


@pytest.mark.parametrize("route", ["people", "accounts"])
def test_standard_error_is_the_spread_over_samples(route):
    chance = np.ones(len(POPULATION)) if route == "people" else POPULATION.astype(float)
    coefficient, error, low, high = _samples(chance, route)
    assert coefficient.mean() == pytest.approx(TRUTH, rel=0.01)
    assert error.mean() == pytest.approx(coefficient.std(), rel=0.1)
    assert np.mean((low <= TRUTH) & (high >= TRUTH)) > 0.92


def test_standard_error_with_weights_is_the_spread_over_samples():
    need = np.where(POPULATION > 1, 0.5, 1.5)  # who has several platforms answers more often, and the weights know
    coefficient, error, low, high = _samples(1 / need, "people", weights=need)
    assert coefficient.mean() == pytest.approx(TRUTH, rel=0.01)
    assert error.mean() == pytest.approx(coefficient.std(), rel=0.1)
    assert np.mean((low <= TRUTH) & (high >= TRUTH)) > 0.92


# --- unknown routes: no division


def test_unknown_route_gives_a_range_and_no_people():
    sample = [1] * 70 + [2] * 20 + [3] * 10
    found = overlaps.multi_homing(sample, route="unknown")
    assert found.coefficient is None
    assert found.limits == (1.0, 1.4)
    people = overlaps.people_from_accounts(1400, found)
    assert (people.value, people.status, people.level) == (None, "not identified", None)
    assert people.interval == pytest.approx((1000, 1400))
    assert "no division" in people.warnings[0]
    with pytest.raises(InputError, match="not identified"):
        people.text()


def test_fewer_possible_routes_give_a_narrower_range():
    sample = [1] * 70 + [2] * 20 + [3] * 10
    wide = overlaps.multi_homing(sample, route="unknown").limits
    narrow = overlaps.multi_homing(sample, route="unknown", routes=["people", "accounts"]).limits
    harmonic = overlaps.multi_homing(sample, route="accounts").coefficient
    assert narrow == pytest.approx((harmonic, 1.4))
    assert wide[0] < narrow[0]
    known = {"platform_accounts": [9, 4, 3, 2, 1], "platform": 0, "activity": np.ones(100)}
    all_known = overlaps.multi_homing(sample, route="unknown", **known).limits
    assert all_known[0] == pytest.approx(harmonic)  # with activity known, 1 is no longer possible
    with_panel = overlaps.multi_homing(sample, route="unknown", routes=["platform-panel"])
    assert with_panel.limits == pytest.approx((harmonic, 1.4))


@settings(max_examples=200)
@given(st.lists(st.integers(1, 8), min_size=1, max_size=8), st.sampled_from(["people", "accounts"]))
def test_limits_of_a_published_mean_hold_every_population_with_that_mean(sample, route):
    mean = float(np.mean(sample))
    truth = mean if route == "people" else 1 / float(np.mean(1 / np.array(sample)))
    for asked in (route, "unknown"):
        low, high = overlaps.published_mean(mean, route=asked, most=8).limits
        assert low - 1e-9 <= truth <= high + 1e-9


@pytest.mark.parametrize(("mean", "most"), [(1.27, 23), (1.83, 10), (2.5, 6)])
def test_limits_of_a_published_mean_are_reached(mean, most):
    low, high = overlaps.published_mean(mean, route="accounts", most=most).limits
    apart = (mean - 1) / (most - 1)  # everybody at 1 or at the most
    assert 1 / (1 - apart + apart / most) == pytest.approx(low)
    whole = math.floor(mean)
    upper = mean - whole  # everybody next to the mean
    assert 1 / ((1 - upper) / whole + upper / (whole + 1)) == pytest.approx(high)


def test_french_and_world_coefficients_by_route():
    whole, frame = overlaps.range_over_routes(337_980, 1.27, most=23)
    frame = frame.set_index("route")
    assert frame.loc["people", "people_low"] == pytest.approx(266_126, abs=1)
    assert frame.loc["accounts", ["coefficient_low", "coefficient_high"]].tolist() == pytest.approx(
        [1.0119, 1.1561], abs=1e-4
    )
    assert whole.interval == pytest.approx((266_125.98, 337_980), abs=0.01)
    assert (whole.value, whole.level, whole.bound) == (None, None, "upper")
    # The published division is the lowest of all the answers its own coefficient allows.
    assert frame["people_low"].min() == frame.loc["people", "people_low"]
    one, _ = overlaps.range_over_routes(337_980, 1.83, routes=["people"])
    assert one.interval == pytest.approx((184_688.5, 184_688.5), abs=0.1)


def test_panel_bounds_hold_a_written_population():
    # Ten people: six on platform A, of whom two are also on B; the other four on B or C, one on both.
    homes = ["A", "A", "A", "A", "AB", "AB", "B", "B", "C", "BC"]
    accounts = sum(map(len, homes))
    on_a = [home for home in homes if "A" in home]
    bounds = overlaps.panel_bounds(accounts, len(on_a), np.mean([len(home) for home in on_a]))
    assert bounds.interval[0] <= len(homes) <= bounds.interval[1]
    assert bounds.interval == pytest.approx((13 / (8 / 6), 11))
    assert bounds.value is None


@given(st.lists(st.sets(st.integers(0, 4), min_size=1, max_size=4), min_size=3, max_size=30))
def test_upper_panel_bound_needs_no_assumption(homes):
    on_first = [home for home in homes if 0 in home]
    if not on_first:
        return
    accounts = sum(map(len, homes))
    bounds = overlaps.panel_bounds(accounts, len(on_first), np.mean([len(home) for home in on_first]))
    assert len(homes) <= bounds.interval[1] + 1e-9


# --- accounts with errors of their own


def test_errors_of_accounts_and_coefficient_add_in_quadrature():
    found = overlaps.multi_homing([1, 2] * 50, route="people")
    exact = overlaps.people_from_accounts(1500, found)
    uncertain = Estimate(value=1500, unit="accounts", estimand="all", method="made up", interval=(1200, 1875))
    both = overlaps.people_from_accounts(uncertain, found)
    width = [math.log(x.interval[1] / x.interval[0]) for x in (exact, both)]
    assert width[1] == pytest.approx(math.hypot(width[0], math.log(1875 / 1200)), rel=1e-6)
    assert exact.standard_error == pytest.approx(exact.value * found.standard_error / found.coefficient)
    alone = overlaps.people_from_accounts(uncertain, overlaps.published_mean(1.5, route="people"))
    assert alone.interval == pytest.approx((800, 1250))


def test_a_range_of_accounts_stays_a_range():
    found = overlaps.multi_homing([1, 2] * 50, route="people")
    assumed = Estimate(value=1500, unit="accounts", estimand="all", method="m", interval=(1200, 1800), level=None)
    assert overlaps.people_from_accounts(assumed, found).level is None


def test_there_are_never_more_people_than_accounts():
    people = overlaps.people_from_accounts(100, overlaps.multi_homing([1, 1, 1, 2], route="people"))
    assert people.interval[1] <= 100


# --- two routes to the same people


def test_size_and_power_of_the_comparison():
    random = np.random.default_rng(11)
    alarms = {"right": 0, "wrong": 0}
    replicates, n = 400, 900
    for _ in range(replicates):
        drawn = random.choice(POPULATION, n)
        met = random.choice(POPULATION, n, p=POPULATION / POPULATION.sum())
        people = overlaps.multi_homing(drawn, route="people")
        alarms["right"] += overlaps.compare_routes(people, overlaps.multi_homing(met, route="accounts")).rejected
        alarms["wrong"] += overlaps.compare_routes(people, overlaps.multi_homing(met, route="people")).rejected
    assert alarms["right"] / replicates < 0.08
    assert alarms["wrong"] / replicates > 0.95


def test_comparison_is_symmetric():
    one = overlaps.multi_homing([1, 1, 2, 3] * 20, route="people")
    two = overlaps.multi_homing([1, 2, 2, 3] * 20, route="people")
    there, back = overlaps.compare_routes(one, two), overlaps.compare_routes(two, one)
    assert there.p_value == pytest.approx(back.p_value)
    assert there.ratio == pytest.approx(1 / back.ratio)


# --- nuisances


def test_every_nuisance_moves_people_to_its_own_side():
    people = Estimate.counted(1000, "people", "registered")
    for kind, side in NUISANCES.items():
        low, high = adjust(
            people, [AccountNuisance(kind=kind, low=0, high=0.3, evidence="assumed", source="test")]
        ).interval
        assert (low, high) == ((700, 1000) if side == "fewer" else (1000, 1300))


def test_ranges_multiply_and_start_from_the_interval():
    people = Estimate(value=1000, unit="people", estimand="registered", method="m", interval=(900, 1100))
    idle = AccountNuisance(kind="dormant", low=0.5, high=0.8, evidence="seen", source="test")
    more = AccountNuisance(kind="shared", low=0, high=0.1, evidence="assumed", source="test")
    found = adjust(people, [idle, more])
    assert found.interval == pytest.approx((900 * 0.2, 1100 * 0.5 * 1.1))
    assert (found.value, found.level) == (None, None)
    assert "dormant: 0.5 to 0.8, seen (test)" in found.assumptions


@pytest.mark.parametrize(
    ("unmeasured", "bound"),
    [
        ([], "point"),
        (["fake"], "upper"),
        (["fake", "dormant"], "upper"),
        (["shared"], "lower"),
        (["fake", "shared"], "point"),
    ],
)
def test_what_is_not_measured_decides_the_bound(unmeasured, bound):
    found = adjust(Estimate.counted(1000, "people", "registered"), [], unmeasured=unmeasured)
    assert found.bound == bound
    assert any("neither" in warning for warning in found.warnings) == (len(unmeasured) == 2 and bound == "point")


def test_draws_stay_in_the_range_and_are_monotone():
    idle = AccountNuisance(kind="dormant", low=0.2, high=0.6, evidence="assumed", source="test")
    drawn = idle.draw(np.linspace(0, 1, 11))
    assert (np.diff(drawn) > 0).all()
    assert (drawn[0], drawn[-1]) == idle.factors


# --- refusals


PANEL = {"route": "platform-panel", "platform_accounts": [5, 3], "platform": 0}


@pytest.mark.parametrize(
    ("platforms", "options", "message"),
    [
        ([1, 0], {"route": "people"}, 'row 3, column "platforms_used": found 0; expected a whole number from 1'),
        ([1, 1.5], {"route": "people"}, "found 1.5"),
        ([1, -2], {"route": "people"}, "found -2"),
        ([1, math.nan], {"route": "people"}, "found nan"),
        ([1, math.inf], {"route": "people"}, "found inf"),
        ([1, 5000], {"route": "people"}, "found 5000"),
        ([1, "two"], {"route": "people"}, "text among the answers"),
        ([1], {"route": "people"}, "1 answers"),
        ([[1, 2]], {"route": "people"}, "at least 2 respondents"),
        ([1, 2], {"route": "peeple"}, "did you mean 'people'?"),
        ([1, 2], {"route": None}, "the route None"),
        ([1, 2], {"route": "people", "weights": [1]}, "1 numbers for 2 respondents"),
        ([1, 2], {"route": "people", "weights": [1, -1]}, 'row 3, column "weights": found -1'),
        ([1, 2], {"route": "people", "weights": [0, 0]}, "weights that are all 0"),
        ([1, 2], {"route": "people", "weights": ["a", 1]}, "text among the numbers"),
        ([1, 2], {"route": "people", "level": 95}, "the level 95"),
        ([1, 2], {"route": "people", "activity": [1, 2]}, "activity with route 'people'"),
        ([1, 2], {"route": "people", "platform": 0}, "a route through one platform"),
        ([1, 2], {"route": "people", "routes": ["people"]}, "route='unknown'"),
        ([1, 2], {"route": "unknown", "routes": []}, "no possible routes"),
        ([1, 2], {"route": "unknown", "routes": ["unknown"]}, "no possible routes"),
        ([1, 2], {"route": "platform-panel"}, "without the platforms' accounts"),
        ([1, 2], {"route": "platform-active", **dict(list(PANEL.items())[1:])}, "without activity"),
        ([1, 2], {**PANEL, "route": "platform-active", "activity": [1, 0]}, 'row 3, column "activity": found 0'),
        ([1, 2], {**PANEL, "platform": 2}, "platform 2; expected a position from 0 to 1"),
        ([1, 2], {**PANEL, "platform": True}, "platform True"),
        ([1, 2], {**PANEL, "platform_accounts": [5, -3]}, 'column "platform_accounts": found -3'),
        ([1, 2], {**PANEL, "platform_accounts": [5, "x"]}, "text among the accounts"),
        ([1, 3], PANEL, "a respondent with 3 platforms; expected at most 2"),
        (
            [2, 2, 2],
            {**PANEL, "platform_accounts": [1, 9]},
            "no platform can have more accounts than there are people",
        ),
    ],
)
def test_bad_answers_are_refused(platforms, options, message):
    with pytest.raises(InputError) as refusal:
        overlaps.multi_homing(platforms, **options)
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: overlaps.people_from_accounts(100, 1.27), "by which route"),
        (lambda: overlaps.people_from_accounts(0, overlaps.published_mean(1.2, route="people")), "found 0"),
        (lambda: overlaps.people_from_accounts(-1, overlaps.published_mean(1.2, route="people")), "found -1"),
        (lambda: overlaps.people_from_accounts("many", overlaps.published_mean(1.2, route="people")), "'many'"),
        (lambda: overlaps.published_mean(0.9, route="people"), "found 0.9"),
        (lambda: overlaps.published_mean(1.5, route="people", most=1), "a mean of 1.5 platforms"),
        (lambda: overlaps.published_mean(1.27, route="accounts", most=1.27), "1.27 platforms"),
        (lambda: overlaps.published_mean(1.5, route="people", standard_error=-1), "found -1"),
        (lambda: overlaps.range_over_routes(100, 1.5, routes=["unknown"]), "no possible routes"),
        (lambda: overlaps.panel_bounds(100, 60, 2.0), "held by the panel's platform alone"),
        (lambda: overlaps.panel_bounds(100, 0, 1.0), "held by the panel's platform alone"),
        (lambda: overlaps.compare_routes(*[overlaps.published_mean(1.5, route="people")] * 2), "without coefficient"),
        (lambda: overlaps.compare_routes(*[overlaps.multi_homing([1, 1], route="people")] * 2), "without any spread"),
        (lambda: overlaps.compare_routes(*[overlaps.multi_homing([1, 2], route="people")] * 2, size=5), "size 5"),
        (lambda: AccountNuisance(kind="dormant", low=0, high=1.2, evidence="seen", source="s"), "a share of 1.2"),
        (lambda: AccountNuisance(kind="dormant", low=0.5, high=0.2, evidence="seen", source="s"), "the smaller first"),
        (lambda: AccountNuisance(kind="asleep", low=0, high=0.2, evidence="seen", source="s"), "the nuisance 'asleep'"),
        (lambda: AccountNuisance(kind="fake", low=0, high=0.2, evidence="rumour", source="s"), "the evidence 'rumour'"),
        (lambda: AccountNuisance(kind="fake", low="a", high=0.2, evidence="seen", source="s"), "two numbers"),
        (
            lambda: AccountNuisance(kind="fake", low=0, high=0.2, evidence="seen", source="s").draw([2]),
            "outside 0 to 1",
        ),
        (lambda: adjust(1000, []), "an Estimate"),
        (lambda: adjust(Estimate.counted(1, "people", "p"), [0.5]), "an AccountNuisance"),
        (lambda: adjust(Estimate.counted(1, "people", "p"), [], unmeasured=["fake", "fake"]), "'fake' twice"),
    ],
)
def test_other_bad_input_is_refused(call, message):
    with pytest.raises(InputError) as refusal:
        call()
    assert message in str(refusal.value)


def test_accounts_that_may_not_be_used_are_refused():
    lost = Estimate(value=None, unit="accounts", estimand="all", method="m", status="not identified")
    with pytest.raises(InputError, match="accounts that are not identified"):
        overlaps.people_from_accounts(lost, overlaps.published_mean(1.2, route="people"))


def test_every_route_has_words_and_an_estimate():
    for route, words in overlaps.ROUTES.items():
        assert words
        assert overlaps.published_mean(1.3, route=route, most=9).estimate.unit == "coefficient"
    assert len(set(overlaps.ROUTES.values())) == len(overlaps.ROUTES) == 5
    assert list(itertools.islice(overlaps.ROUTES, 4)) == ["people", "accounts", "platform-panel", "platform-active"]
