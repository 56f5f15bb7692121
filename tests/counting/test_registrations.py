"""Registrations: the French and the world arithmetic, its direction, and refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import Estimate, InputError
from platformlabour.counting import registrations as rg

amounts = st.floats(1, 1e10)
coefficients = st.floats(1, 20)


def test_french_arithmetic():
    casual, routine = rg.implied_raw_sum(266_126, 1.27), rg.implied_raw_sum(52_337, 1.27)
    assert casual.value == pytest.approx(337_980.02)
    assert routine.value == pytest.approx(66_467.99)
    assert casual.text("exact") == "337,980"
    assert rg.people_from_accounts(casual, 1.27).value == pytest.approx(266_126)
    low, high = rg.people_range(337_980, (1.0, 1.83))
    assert (low.text("exact"), high.text("exact")) == ("184,689", "337,980")


@pytest.mark.parametrize(
    ("people", "coefficient", "share"),
    [(14e6, 1.0, 0.0859), (14e6, 1.83, 0.1572), (19e6, 1.0, 0.1166), (3.3e6, 1.83, 0.0370), (5e6, 1.0, 0.0307)],
)
def test_world_arithmetic(people, coefficient, share):
    assert rg.implied_active_share(people, 163e6, coefficient).value == pytest.approx(share, abs=1e-4)


@given(amounts, coefficients)
def test_there_and_back(accounts, coefficient):
    people = rg.people_from_accounts(accounts, coefficient)
    assert people.bound == "upper"
    assert people.value <= accounts
    assert rg.implied_raw_sum(people.value, coefficient).value == pytest.approx(accounts)


@given(st.integers(1_000, 10**8), st.integers(100, 300))
def test_range_of_the_raw_sum_holds_every_sum_that_rounds_to_it(raw, hundredths):
    coefficient = hundredths / 100
    published = round(raw / coefficient)
    low, high = rg.implied_raw_sum_range(published, coefficient)
    assert low.value <= raw * (1 + 1e-12)
    assert raw <= high.value * (1 + 1e-12)


@given(amounts, st.lists(coefficients, min_size=1, max_size=10))
def test_more_platforms_a_person_means_fewer_people(accounts, values):
    frame = rg.sensitivity(accounts, sorted(values))
    assert (np.diff(frame["people"]) <= 0).all()
    assert (frame["people"] <= accounts).all()


def test_share_range_is_one_share_when_the_coefficients_agree():
    low, high = rg.share_range(66_468, 337_980, part_coefficients=(1.27, 1.27), whole_coefficients=(1.27, 1.27))
    assert low.value == high.value == pytest.approx(66_468 / 337_980)
    low, high = rg.share_range(80, 100, part_coefficients=(1.0, 2.0), whole_coefficients=(1.0, 2.0))
    assert (low.value, high.value) == (0.4, 1.6)
    assert high.status == "implausible"


def test_declared_total_is_of_accounts():
    total = rg.declared_total([50_000, 120_000])
    assert (total.value, total.unit, total.interval) == (170_000, "accounts", None)
    assert "accounts are not people" in total.warnings[0]


@pytest.mark.parametrize("bad", [0.99, 0, -1, math.nan, math.inf, "many", None])
def test_refuses_coefficients_below_one(bad):
    with pytest.raises(InputError, match="1 or more"):
        rg.people_from_accounts(1000, bad)


def test_refuses_what_cannot_be_counted():
    with pytest.raises(InputError, match="0 or more"):
        rg.declared_total([5, -1])
    with pytest.raises(InputError, match="at least one number"):
        rg.declared_total([])
    with pytest.raises(InputError, match="above 0"):
        rg.people_from_accounts(0, 1.27)
    with pytest.raises(InputError, match="smallest coefficient first"):
        rg.people_range(100, (2.0, 1.0))
    with pytest.raises(InputError, match="two coefficients"):
        rg.people_range(100, 1.27)
    with pytest.raises(InputError, match="a coefficient inside"):
        rg.people_from_accounts(100, 1.27, coefficient_interval=(1.3, 1.4))
    with pytest.raises(InputError, match="not identified"):
        rg.people_from_accounts(
            Estimate(value=None, unit="accounts", estimand="x", method="y", status="not identified"), 1.27
        )
