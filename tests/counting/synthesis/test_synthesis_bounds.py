"""Bounds: sharp, shrinking, and honest about what they cannot do."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import InputError
from platformlabour.counting import synthesis as sy

START = {"accounts": (900, 1000), "nobody": (0, 1), "homes": (1, 5)}
CHAIN = "accounts * (1 - nobody) / homes"


def test_steps_of_a_chain():
    steps = [
        sy.Assumption("half at most are nobody's", {"nobody": (0, 0.5)}),
        sy.Assumption("two platforms at most", {"homes": (0, 2)}, kind="measured", grade="seen", source="MadeUp"),
    ]
    frame = sy.bounds(CHAIN, START, steps)
    assert frame[["low", "high"]].values.tolist() == [[0, 1000], [90, 1000], [225, 1000]]
    assert frame["ratio"].tolist() == [math.inf, 1000 / 90, 1000 / 225]
    np.testing.assert_allclose(frame["narrowed"].to_numpy()[1:], [0.09, 1 - 775 / 910])
    assert frame["grade"].tolist() == ["", "none", "seen"]


@given(
    st.lists(
        st.tuples(st.sampled_from(list(START)), st.floats(0, 1), st.floats(0, 1)).map(
            lambda t: (t[0], min(t[1:]), max(t[1:]))
        ),
        max_size=5,
    ),
    st.integers(0, 2**32 - 1),
)
def test_bounds_never_widen_and_hold_every_point(parts, seed):
    limits, steps = dict(START), []
    for name, low, high in parts:
        a, b = limits[name]
        limits[name] = (a + low * (b - a), a + high * (b - a))
        steps.append(sy.Assumption("made up", {name: limits[name]}))
    frame = sy.bounds(CHAIN, START, steps)
    assert (np.diff(frame["low"]) >= -1e-9).all()
    assert (np.diff(frame["high"]) <= 1e-9).all()
    random = np.random.default_rng(seed)
    point = {name: a + (b - a) * random.random() for name, (a, b) in limits.items()}
    value = point["accounts"] * (1 - point["nobody"]) / point["homes"]
    assert frame["low"].iloc[-1] - 1e-9 <= value <= frame["high"].iloc[-1] + 1e-9


def test_an_unbounded_quantity():
    frame = sy.bounds("a / b", {"a": (10, 20), "b": (1, math.inf)}, [sy.Assumption("b", {"b": (1, 2)})])
    assert frame[["low", "high"]].values.tolist() == [[0, 20], [5, 20]]


def test_a_number_alone():
    assert sy.bounds("3 * 4", {})[["low", "high"]].values.tolist() == [[12, 12]]


def test_union_bounds():
    assert sy.union_bounds([5, 3, 2]) == (5, 10)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: sy.bounds(CHAIN, {"accounts": (1, 2)}), "no start for the quantity 'nobody'"),
        (lambda: sy.bounds("a", {"a": (2, 1)}), "limits from 2 to 1"),
        (lambda: sy.bounds("a", {"a": 3}), "3"),
        (lambda: sy.bounds("a", {"a": (-math.inf, 1)}), "limits from -inf to 1"),
        (lambda: sy.bounds("a", {"a": (0, 1)}, [sy.Assumption("b", {"b": (0, 1)})]), "an assumption on 'b'"),
        (lambda: sy.bounds("a", {"a": (0, 1)}, [sy.Assumption("more", {"a": (2, 3)})]), "the assumption 'more'"),
        (lambda: sy.bounds("a / b", {"a": (0, 1), "b": (0, 1)}), "limits that leave 'a / b' undefined"),
        (lambda: sy.bounds("a * (1 - a)", {"a": (0, 1)}), "'a * (1 - a)', which is larger or smaller inside"),
        (lambda: sy.bounds("+".join(f"a{k}" for k in range(13)), {f"a{k}": (0, 1) for k in range(13)}), "13 quant"),
        (lambda: sy.Assumption("nothing", {}), "no limits"),
        (lambda: sy.Assumption("x", {"a": (0, 1)}, kind="guess"), "the kind 'guess'"),
        (lambda: sy.Assumption("x", {"a": (0, 1)}, grade="sure"), "the grade 'sure'"),
        (lambda: sy.union_bounds([]), "no counts"),
        (lambda: sy.union_bounds([1, -1]), "no counts, or one that is negative"),
        (lambda: sy.union_bounds(["many"]), "text among the counts"),
    ],
)
def test_refusals(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)
