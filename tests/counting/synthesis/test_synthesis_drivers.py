"""Tornado and shares of variance against closed forms."""

import math

import numpy as np
import pytest

from platformlabour import InputError
from platformlabour.counting import synthesis as sy


def assumed(name, distribution, **more):
    return sy.Factor(name, distribution, "ratio", "assumed", "", "", "CC0-1.0", "none", **more)


ISHIGAMI = sy.Graph(
    [assumed(f"x{k}", sy.uniform(-math.pi, math.pi)) for k in (1, 2, 3)],
    {"y": lambda d: np.sin(d["x1"]) + 7 * np.sin(d["x2"]) ** 2 + 0.1 * d["x3"] ** 4 * np.sin(d["x1"])},
    estimand="stock at a date",
)
CHAIN = sy.Graph(
    [assumed("a", sy.uniform(100, 200)), assumed("c", sy.uniform(1, 4)), assumed("k", sy.fixed(2))],
    {"people": "a / c * k", "other": "a"},
    estimand="stock at a date",
)


def normals(sizes):
    factors = [assumed(f"x{k}", sy.normal(10, size)) for k, size in enumerate(sizes)]
    return sy.Graph(factors, {"sum": " + ".join(factor.name for factor in factors)}, estimand="ever worked")


def test_ishigami():
    """Closed forms for a = 7, b = 0.1 (Ishigami and Homma 1990)."""
    shares = sy.sobol_shares(ISHIGAMI, "y", seed=1, scale="linear").set_index("factor")
    np.testing.assert_allclose(shares.loc[["x1", "x2", "x3"], "first"], [0.3139, 0.4424, 0.0], atol=0.02)
    np.testing.assert_allclose(shares.loc[["x1", "x2", "x3"], "total"], [0.5576, 0.4424, 0.2437], atol=0.02)
    assert set(shares["index"]) == {"Sobol"}


def test_shares_of_a_sum_add_up():
    shares = sy.sobol_shares(normals([1, 2, 3]), "sum", seed=2, scale="linear")
    assert shares["factor"].tolist() == ["x2", "x1", "x0"]
    np.testing.assert_allclose(shares["first"], np.array([9, 4, 1]) / 14, atol=0.01)
    assert shares["first"].sum() == pytest.approx(1, abs=0.01)
    np.testing.assert_allclose(shares["first"], shares["total"], atol=0.02)


@pytest.mark.parametrize("rho", [-0.5, 0.5, 0.9])
def test_conditional_shares_of_two_dependent_normals(rho):
    """Var E(x + y | x) = (1 + rho)^2 over Var(x + y) = 2 (1 + rho) for unit variances."""
    shares = sy.sobol_shares(normals([1, 1]), "sum", seed=3, scale="linear", dependence={("x0", "x1"): rho})
    np.testing.assert_allclose(shares["first"], (1 + rho) / 2, atol=0.02)
    assert set(shares["index"]) == {"conditional"}
    assert shares["total"].isna().all()


def test_dependence_of_a_factor_that_the_output_does_not_use_changes_nothing():
    plain, linked = (
        sy.sobol_shares(CHAIN, "other", seed=1, dependence=dependence) for dependence in (None, {("a", "c"): 0.5})
    )
    assert plain.equals(linked)
    assert plain[["factor", "first"]].values.tolist() == [["a", 1.0]]


def test_tornado_moves_one_factor_at_a_time():
    frame = sy.tornado(CHAIN, "people", level=0.9)
    assert frame["factor"].tolist() == ["c", "a", "k"]
    np.testing.assert_allclose(frame.loc[0, ["low", "high"]].astype(float), [300 / 3.85, 300 / 1.15])
    assert frame.loc[0, "at_low"] == frame.loc[0, "high"]
    assert frame.loc[1, "at_low"] == frame.loc[1, "low"]
    assert frame.loc[2, "swing"] == 0


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: sy.tornado(CHAIN, "people", level=95), "the level 95"),
        (lambda: sy.tornado(CHAIN, "peple"), "the output 'peple'"),
        (lambda: sy.sobol_shares(CHAIN, "people", seed=1, scale="square"), "the scale 'square'"),
        (lambda: sy.sobol_shares(CHAIN, "people", seed=1, draws=1000), "1000 draws"),
        (lambda: sy.sobol_shares(CHAIN, "people", seed="x"), "the seed 'x'"),
        (lambda: sy.sobol_shares(ISHIGAMI, "y", seed=1), "an output 'y' of 0 or less"),
        (
            lambda: sy.sobol_shares(
                sy.Graph([assumed("k", sy.fixed(2))], {"x": "k"}, estimand="ever worked"), "x", seed=1
            ),
            "no uncertain factor",
        ),
    ],
)
def test_refusals(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)


def test_worst_cases_are_the_corners_and_hold_more_than_the_propagated_interval():
    ranges = {"accounts": (900, 1100), "homes": (1, 2), "share": (0.2, 0.8)}
    graph = sy.Graph(
        [assumed(name, sy.uniform(*ends)) for name, ends in ranges.items()],
        {"people": "accounts * share / homes"},
        estimand="stock at a date",
    )
    low, high = sy.worst_cases(graph, "people", level=0.9)
    assert low == pytest.approx(910 * 0.23 / 1.95)
    assert high == pytest.approx(1090 * 0.77 / 1.05)
    inner = sy.propagate(graph, draws=2**12, seed=1).intervals("people", levels=(0.9,))[0.9]
    assert low < inner[0] < inner[1] < high
