"""Propagation against closed forms, its Monte Carlo error, its bits, and refusals."""

import math

import numpy as np
import pytest
from scipy import special, stats

from platformlabour import InputError
from platformlabour.counting import synthesis as sy


def assumed(name, distribution, unit="ratio", **more):
    return sy.Factor(name, distribution, unit, "assumed", "", "", "CC0-1.0", "none", **more)


def lognormal(name, median, sigma, **more):
    reach = math.exp(special.ndtri(0.975) * sigma)
    return assumed(name, sy.lognormal_from_interval(median, median / reach, median * reach), **more)


A, B = lognormal("a", 1000, 0.5), lognormal("b", 2, 0.3)
RATIO = sy.Graph([A, B], {"ratio": "a / b", "product": "a * b"}, estimand="stock at a date")


@pytest.mark.parametrize(("rho", "sigma"), [(0.0, math.hypot(0.5, 0.3)), (0.8, math.sqrt(0.34 - 2 * 0.8 * 0.15))])
def test_a_ratio_of_log_normals_is_log_normal(rho, sigma):
    made = sy.propagate(RATIO, seed=1, dependence={("a", "b"): rho} if rho else None)
    estimate = made.estimate("ratio")
    assert estimate.value == pytest.approx(500, rel=2e-3)
    limits = 500 * np.exp(sigma * special.ndtri([0.025, 0.975]))
    np.testing.assert_allclose(estimate.interval, limits, rtol=8e-3)
    assert made.draws["ratio"].mean() == pytest.approx(500 * math.exp(sigma**2 / 2), rel=2e-3)


def test_a_product_under_dependence_spreads_more():
    together = sy.propagate(RATIO, seed=1, dependence={("b", "a"): 0.9})
    sigma = np.log(together.draws["product"]).std()
    assert sigma == pytest.approx(math.sqrt(0.34 + 2 * 0.9 * 0.15), rel=0.01)


def test_the_copula_keeps_margins_and_has_the_stated_rank_correlation():
    first, second = assumed("x", sy.uniform(0, 1)), assumed("y", sy.triangular(0, 1, 5))
    graph = sy.Graph([first, second], {"sum": "x + y"}, estimand="stock at a date")
    made = sy.propagate(graph, seed=4, dependence={("x", "y"): 0.6}, keep_factors=True)
    quantiles = np.linspace(0.05, 0.95, 19)
    np.testing.assert_allclose(np.quantile(made.draws["y"], quantiles), second.distribution.ppf(quantiles), atol=0.01)
    spearman = stats.spearmanr(made.draws["x"], made.draws["y"]).statistic
    assert spearman == pytest.approx(6 / math.pi * math.asin(0.3), abs=0.01)


def test_intervals_nest():
    made = sy.propagate(RATIO, seed=1)
    (low50, high50), (low80, high80), (low95, high95) = made.intervals("ratio").values()
    assert low95 < low80 < low50 < high50 < high80 < high95
    assert tuple(made.intervals("ratio")) == (0.5, 0.8, 0.95)


@pytest.mark.parametrize("quantile", [0.5, 0.975])
def test_the_monte_carlo_error_is_honest(quantile):
    """The spread over seeds is what one seed says of itself, within what eight scramblings can tell."""
    made = [sy.propagate(RATIO, draws=2**12, seed=seed) for seed in range(40)]
    found = [np.quantile(each.draws["ratio"], quantile) for each in made]
    stated = math.sqrt(np.mean([each.monte_carlo_error("ratio", quantile=quantile) ** 2 for each in made]))
    assert 0.6 < np.std(found, ddof=1) / stated < 1.6


def test_evenly_spread_points_err_less_than_random_ones():
    made = sy.propagate(RATIO, seed=3)
    density = 1 / (500 * math.hypot(0.5, 0.3) * math.sqrt(2 * math.pi))
    random = 0.5 / density / math.sqrt(made.draws["ratio"].size)
    assert made.monte_carlo_error("ratio") < random / 2


def test_same_seed_same_bits_whatever_the_threads(monkeypatch):
    first = sy.propagate(RATIO, seed=5).draws["ratio"]
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    again = sy.propagate(RATIO, seed=5).draws["ratio"]
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != sy.propagate(RATIO, seed=6).draws["ratio"].tobytes()


def test_outputs_share_their_draws():
    made = sy.propagate(RATIO, seed=5, keep_factors=True)
    np.testing.assert_allclose(made.draws["ratio"] * made.draws["b"] ** 2, made.draws["product"])


def test_fixed_factors_alone_give_a_number():
    graph = sy.Graph([assumed("x", sy.fixed(3))], {"twice": "2 * x"}, estimand="ever worked")
    estimate = sy.propagate(graph, seed=0).estimate("twice")
    assert (estimate.value, estimate.interval) == (6.0, (6.0, 6.0))


@pytest.mark.parametrize(
    ("sides", "bound"),
    [
        ((None, None), "point"),
        (("upper", None), "upper"),
        (("lower", None), "lower"),
        ((None, "lower"), "upper"),
        (("upper", "lower"), "upper"),
        (("upper", "upper"), "point"),
    ],
)
def test_one_sided_factors_make_bounds(sides, bound):
    a, b = lognormal("a", 1000, 0.5, one_sided=sides[0]), lognormal("b", 2, 0.3, one_sided=sides[1])
    graph = sy.Graph([a, b], {"ratio": "a / b"}, estimand="ever worked")
    estimate = sy.propagate(graph, draws=2**10, seed=0).estimate("ratio")
    assert estimate.bound == bound
    assert bool(estimate.warnings) == any(sides)


def test_a_one_sided_factor_that_is_fixed():
    a = assumed("a", sy.fixed(100), one_sided="upper")
    made = sy.propagate(sy.Graph([a, B], {"x": "a / b"}, estimand="ever worked"), seed=0).estimate("x")
    assert made.bound == "upper"


def test_units_and_simulated_origin_travel():
    a = sy.Factor("a", sy.uniform(1, 2), "accounts", "measured", "made up", "2020", "CC0-1.0", "simulated")
    graph = sy.Graph([a], {"twice": "2 * a"}, estimand="ever worked", units={"twice": "accounts"})
    estimate = sy.propagate(graph, seed=0).estimate("twice")
    assert (estimate.unit, estimate.simulated) == ("accounts", True)
    assert estimate.estimand == "twice, ever worked"


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: sy.propagate(RATIO, draws=10_000, seed=0), "10000 draws"),
        (lambda: sy.propagate(RATIO, draws=2.0**16, seed=0), "65536.0 draws"),
        (lambda: sy.propagate(RATIO, draws=2**5, seed=0), "32 draws"),
        (lambda: sy.propagate(RATIO, seed=-1), "the seed -1"),
        (lambda: sy.propagate(RATIO, seed=None), "the seed None"),
        (lambda: sy.propagate("a / b", seed=0), "str in place of a graph"),
        (lambda: sy.propagate(RATIO, seed=0, dependence={("a", "c"): 0.5}), "the factor 'c'"),
        (lambda: sy.propagate(RATIO, seed=0, dependence={("a", "a"): 0.5}), "the pair 'a' and 'a' again"),
        (lambda: sy.propagate(RATIO, seed=0, dependence={("a", "b"): 1.5}), "a correlation of 1.5"),
        (lambda: sy.propagate(RATIO, seed=0, dependence={("a", "b"): "high"}), "the correlation 'high'"),
        (lambda: sy.propagate(RATIO, seed=0, dependence={"ab": 0.5}), "the dependence of 'ab'"),
        (
            lambda: sy.propagate(RATIO, seed=0, dependence={("a", "b"): 0.5, ("b", "a"): 0.4}),
            "the pair 'b' and 'a' again",
        ),
        (lambda: sy.propagate(RATIO, seed=0).estimate("c"), "no draws of 'c'"),
    ],
)
def test_refusals(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)


def test_contradictory_correlations_are_refused():
    factors = [assumed(name, sy.uniform(0, 1)) for name in "xyz"]
    graph = sy.Graph(factors, {"s": "x + y + z"}, estimand="ever worked")
    with pytest.raises(InputError, match="contradict each other"):
        sy.propagate(graph, seed=0, dependence={("x", "y"): 0.9, ("y", "z"): 0.9, ("x", "z"): -0.9})


def test_a_division_by_zero_is_refused_not_averaged():
    graph = sy.Graph([assumed("x", sy.empirical([0, 1]))], {"y": "1 / x"}, estimand="ever worked")
    with pytest.raises(InputError, match="that is not a finite number in"):
        sy.propagate(graph, draws=2**10, seed=0)
