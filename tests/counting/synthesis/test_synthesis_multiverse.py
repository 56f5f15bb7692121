"""Every cell is there, once; exclusions have reasons; shares of choices are those of a balanced design."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import Estimate, InputError
from platformlabour.counting import synthesis as sy

CHOICES = {"n": {"few": 6, "many": 12}, "c": {"one": 1, "two": 2, "three": 3}}


def made(**more):
    return sy.Specifications(CHOICES, lambda n, c: n / c, **more)


def test_every_cell_is_there_sorted_and_ranked():
    frame = sy.multiverse(made(marked={"published": {"n": "many", "c": "three"}}))
    assert frame["value"].tolist() == [2, 3, 4, 6, 6, 12]
    assert frame["rank"].tolist() == [1, 2, 3, 4, 5, 6]
    assert len(frame[["n", "c"]].drop_duplicates()) == made().cells == 6
    assert frame.loc[frame["marked"] == "published", "value"].tolist() == [4]


def test_exclusions():
    some = made(excluded=(({"n": "few", "c": "one"}, "never both"), ({"c": "three"}, "unheard of")))
    assert sy.multiverse(some)["value"].tolist() == [3, 6, 12]
    every = sy.multiverse(some, with_excluded=True)
    assert len(every) == 6
    assert every.loc[every["excluded"] != "", "value"].isna().all()
    assert set(every["excluded"]) == {"", "never both", "unheard of"}
    assert every["rank"].notna().sum() == 3


def test_estimates_carry_their_intervals():
    def compute(c):
        return Estimate(value=c, unit="people", estimand="made up", method="made up", interval=(c - 1, c + 1))

    frame = sy.multiverse(sy.Specifications({"c": {"a": 2.0, "b": 5.0}}, compute))
    assert frame[["low", "high"]].values.tolist() == [[1, 3], [4, 6]]


@given(
    st.lists(st.floats(0.1, 10), min_size=2, max_size=4, unique=True), st.lists(st.floats(1, 5), min_size=2, max_size=4)
)
def test_shares_of_a_full_product_add_up(first, second):
    choices = {"a": {str(k): x for k, x in enumerate(first)}, "b": {str(k): x for k, x in enumerate(second)}}
    frame = sy.multiverse(sy.Specifications(choices, lambda a, b: a / b))
    shares = sy.choice_shares(frame, ["a", "b"])
    assert shares["share"].sum() == pytest.approx(1)
    factors = shares.set_index("choice")["factor"]
    assert factors["a"] == pytest.approx(max(first) / min(first))
    assert math.isclose(np.prod(factors), frame["value"].max() / frame["value"].min(), rel_tol=1e-9)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: sy.Specifications({}, abs), "no choices"),
        (lambda: sy.Specifications({"a": {}}, abs), "no choices, or a choice without options"),
        (lambda: sy.Specifications({"value": {"x": 1}}, abs), "a choice named 'value'"),
        (lambda: sy.Specifications({f"c{k}": dict.fromkeys("abcdefghij", 1) for k in range(5)}, abs), "100,000 comb"),
        (lambda: sy.Specifications({"a": {"x": 1}}, 3), "3"),
        (lambda: made(marked={"m": {"n": "few"}}), "the mark 'm'"),
        (lambda: made(marked={"m": {"n": "few", "c": "four"}}), "the option 'four' of 'c'"),
        (lambda: made(excluded=(({"d": "few"}, "why"),)), "the choice 'd'"),
        (lambda: made(excluded=(({"n": "few"}, " "),)), "an exclusion without labels or reason"),
        (lambda: sy.multiverse(made(excluded=(({"n": "few"}, "x"), ({"n": "many"}, "x")))), "no specification left"),
        (lambda: sy.multiverse(sy.Specifications({"a": {"x": 0}}, lambda a: math.inf)), "inf for a x"),
        (lambda: sy.multiverse(sy.Specifications({"a": {"x": 0}}, lambda a: "many")), "'many' for a x"),
        (lambda: sy.choice_shares(sy.multiverse(made()), ["d"]), "the choice 'd'"),
        (
            lambda: sy.choice_shares(sy.multiverse(sy.Specifications({"a": {"x": 0}}, lambda a: a)), ["a"]),
            "a value of 0 or less",
        ),
    ],
)
def test_refusals(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)


def test_shares_of_overlapping_choices_add_up_to_what_they_explain_together():
    """Two devices exist for visitors alone, so that start and devices overlap; the effects add up on the logarithm."""
    made = sy.Specifications(
        {
            "start": {"accounts": 1000.0, "visitors": 100.0},
            "devices": {"one": 1.0, "two": 2.0},
            "c": {"a": 1.0, "b": 3.0},
        },
        lambda start, devices, c: start / devices / c,
        excluded=(({"start": "accounts", "devices": "two"}, "an account is not counted by device"),),
    )
    frame = sy.choice_shares(sy.multiverse(made), ["start", "devices", "c"]).set_index("choice")
    assert frame["share"].sum() == pytest.approx(1)
    assert frame["factor"].to_dict() == pytest.approx({"start": 10, "devices": 2, "c": 3})
    assert frame.index[0] == "start"


def test_shares_are_refused_for_more_choices_than_orders_can_be_averaged_over():
    frame = sy.multiverse(sy.Specifications({f"c{k}": {"x": 1.0} for k in range(9)}, lambda **cell: 1.0))
    with pytest.raises(InputError, match="9 choices"):
        sy.choice_shares(frame, [f"c{k}" for k in range(9)])
