"""Chances of membership: against simulation, closed forms and the sums that must hold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformlabour import InputError
from platformlabour.counting.overlaps_membership import attractions, membership_chances

weights = st.lists(st.floats(0.01, 100), min_size=1, max_size=12)


def test_two_choices_in_closed_form():
    rate = np.array([0.5, 0.3, 0.2])
    second = [rate[i] + sum(rate[j] * rate[i] / (1 - rate[j]) for j in range(3) if j != i) for i in range(3)]
    assert membership_chances(rate, 2)[:, 1] == pytest.approx(second, abs=2e-5)


def test_against_successive_sampling():
    rate = 1 / np.arange(1, 13)
    order = (np.random.default_rng(3).standard_exponential((100_000, 12)) / rate).argsort(axis=1)
    chances = membership_chances(rate, 6)
    for used in range(1, 7):
        seen = np.bincount(order[:, :used].ravel(), minlength=12) / len(order)
        assert chances[:, used - 1] == pytest.approx(seen, abs=0.006)


@settings(deadline=None)
@given(weights)
def test_sums_and_order(values):
    chances = membership_chances(values, len(values))
    assert chances.sum(axis=0) == pytest.approx(np.arange(1, len(values) + 1), abs=1e-4)
    assert (np.diff(chances, axis=1) >= -1e-4).all()  # more platforms, more chances of each
    order = np.argsort(values)
    assert (np.diff(chances[order], axis=0) >= -1e-4).all()  # more attraction, more chance
    assert chances[:, 0] == pytest.approx(np.array(values) / sum(values), abs=1e-4)


@pytest.mark.parametrize("platform", [0, 4])
def test_attractions_are_recovered(platform):
    rate = np.array([0.4, 0.25, 0.15, 0.12, 0.08])
    people = np.array([0.7, 0.2, 0.1])
    chances = membership_chances(rate, 3)
    found, again = attractions(1e5 * chances @ people, platform, people * chances[platform])
    assert found == pytest.approx(rate, abs=1e-6)
    assert again == pytest.approx(chances, abs=1e-5)


def test_impossible_registers_are_refused():
    with pytest.raises(InputError, match="no platform can have more accounts"):
        attractions([90, 10], 0, [5, 5])


@pytest.mark.parametrize(
    ("values", "most", "message"),
    [
        ([1, 0], 1, "found 0"),
        ([1, np.nan], 1, "found nan"),
        ([], 1, "0 platforms"),
        ([1] * 1001, 1, "1001 platforms"),
        (["a"], 1, "text"),
        ([1, 2], 3, "3 platforms used"),
    ],
)
def test_bad_input_is_refused(values, most, message):
    with pytest.raises(InputError) as refusal:
        membership_chances(values, most)
    assert message in str(refusal.value)
