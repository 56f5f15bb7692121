"""The world count: published arithmetic, its limits of rounding, the ranking of choices, refusals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import InputError, load
from platformlabour.counting import world

shares, coefficients = st.floats(1e-4, 1), st.floats(1, 20)


@pytest.mark.parametrize(
    ("heads", "percent"), [(14e6, 15.72), (3.3e6, 3.70), (19e6, 21.33), (5e6, 5.61)]
)  # heads times 1.83 over 163 million
def test_implied_shares_of_both_versions(heads, percent):
    share = world.implied_share_limits(heads, 163e6, 1.83, heads_step=1e5, profiles_step=1e6)
    assert 100 * share.value == pytest.approx(percent, abs=0.005)
    assert share.interval[0] < share.value < share.interval[1]
    assert share.level is None


@given(st.integers(2, 400), st.integers(401, 9000), st.integers(100, 200), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_limits_hold_every_share_that_rounds_to_the_printed_numbers(heads, profiles, hundredths, up, more):
    coefficient = hundredths / 100
    if (heads + 0.5) * coefficient > profiles - 0.5:
        return
    limits = world.implied_share_limits(heads, profiles, coefficient, heads_step=1, profiles_step=1).interval
    true = (heads + up) * coefficient / (profiles + more)
    assert limits[0] * (1 - 1e-12) <= true <= limits[1] * (1 + 1e-12)


@given(st.floats(1, 1e10), shares, coefficients)
def test_people_there_and_back(profiles, share, coefficient):
    people = world.people(profiles, share, coefficient).value
    assert people <= profiles
    assert people * coefficient / profiles == pytest.approx(share)


@given(st.floats(1, 1e9), st.floats(0.1, 99))
def test_implied_base_holds_the_base(base, percent):
    count, printed = base * percent / 100, round(percent, 1)
    low, high = world.implied_base(count, printed)
    assert low * (1 - 1e-9) <= base <= high * (1 + 1e-9)


def test_both_ends_of_the_world_bank_s_range_are_shares_of_one_labour_force():
    low, high = world.implied_base(154e6, 4.4), world.implied_base(435e6, 12.5)
    assert max(low[0], high[0]) < min(low[1], high[1])


def test_grid_has_every_combination_and_the_published_cell():
    frame = world.grid(163e6, {"implied": 14 * 1.83 / 163, "five": 0.05}, [1, 1.27, 1.83])
    assert len(frame) == 6
    assert frame["people"].iloc[2] == pytest.approx(14e6)
    assert frame["people"].iloc[0] > frame["people"].iloc[1] > frame["people"].iloc[2]


def test_choices_of_the_ledger():
    compared = world.compare_choices(world.choices(load("claims").set_index("claim"))).set_index("choice")
    assert compared["factor"].is_monotonic_decreasing
    assert compared.loc["correction: people who ever worked", "lower_by"] == pytest.approx(1 - 14 / 19)
    assert compared.loc["correction: people with significant work", "lower_by"] == pytest.approx(1 - 3.3 / 5)
    assert compared.loc["profiles a person holds: 1.27, or 1.83", "factor"] == pytest.approx(1.83 / 1.27)
    assert compared.loc["share that worked: first report, or implied later", "factor"] == pytest.approx(
        14 * 1.83 / 163 / 0.05
    )


@given(st.floats(0.1, 1e6), st.floats(0.1, 1e6))
def test_a_choice_has_no_direction(one, other):
    assert world.compare_choices([("x", one, other)]).equals(world.compare_choices([("x", other, one)]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: world.people(163e6, 5, 1.83), "a share above 0 and at most 1, not a percentage"),
        (lambda: world.people(163e6, 0.05, 0.9), "1 or more"),
        (lambda: world.people(-1, 0.05, 1), "a number above 0"),
        (lambda: world.people("many", 0.05, 1), "a number above 0"),
        (lambda: world.people(float("nan"), 0.05, 1), "a number above 0"),
        (lambda: world.implied_base(1e6, 0.04), "a percentage that does not round to zero"),
        (lambda: world.implied_share_limits(14, 163, 1.83, heads_step=20, profiles_step=1), "a unit below the number"),
        (lambda: world.implied_share_limits(150, 163, 1.83, heads_step=1, profiles_step=1), "at most"),
        (lambda: world.grid(163e6, {}, [1]), "at least one share"),
        (lambda: world.compare_choices([]), "at least one pair"),
        (lambda: world.choices(load("claims").set_index("claim").iloc[:3]), "the ledger, indexed by claim"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(InputError, match=message):
        call()
