"""Half-lives and newcomers: exact curves, simulated workers, published values and refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import InputError, load
from platformlabour.counting.recapture import open_population
from platformlabour.counting.recapture import turnover as tn
from platformlabour.counting.recapture.frequencies import frequencies_from_table


@given(st.floats(20, 2000), st.floats(0.05, 1.0))
def test_an_exponential_curve_gives_its_half_life(days, level):
    gaps = np.arange(2, 30)
    curve = tn.fit_return_curve(gaps, level * 0.5 ** (gaps * 30 / days))
    assert curve.half_life.value == pytest.approx(days, rel=1e-6)
    assert curve.curvature_p_value > 0.05
    assert curve.half_life.warnings == ()


def test_shortest_and_longest_gap_are_respected():
    gaps = np.arange(1, 30)
    share = 0.3 * 0.5 ** (gaps / 10)
    share[0], share[-1] = 0.9, 0.3
    kept = tn.fit_return_curve(gaps, share, longest_gap=28)
    assert kept.half_life.value == pytest.approx(300)
    assert kept.table["gap_periods"].tolist() == list(range(2, 29))


def test_a_curve_that_flattens_is_said_to():
    gaps = np.arange(2, 37)
    curve = tn.fit_return_curve(gaps, 0.2 * 0.5 ** (gaps / 5) + 0.1 * 0.5 ** (gaps / 60))
    assert "flattens" in curve.half_life.warnings[0]
    assert curve.first_half.value < curve.half_life.value < curve.last_half.value


def test_a_curve_that_does_not_fall_has_no_half_life():
    estimate = tn.half_life_from_return_curve([2, 3, 4, 5], [0.2, 0.21, 0.22, 0.23])
    assert estimate.value is None
    assert estimate.status == "not identified"


@pytest.mark.parametrize(
    ("era", "days", "published"),
    [("2015-2019", 502.80, 535.06), ("2020-2022", 381.73, 479.13), ("2023-2026", 229.55, 254.83)],
)
def test_tracker_eras_come_out_below_the_published_pairs(era, days, published):
    curves = load("mturk-return-curves").query("era == @era")
    estimate = tn.half_life_from_return_curve(curves["gap_periods"], curves["share_seen_again"])
    assert estimate.value == pytest.approx(days, abs=0.01)
    assert 0.75 * published < estimate.value < published


def _leavers(rng, *, pool, half_life, occasions, chance):
    """A pool of constant size whose leavers are replaced, each present worker seen with one chance."""
    stay = 0.5 ** (1 / half_life)
    rows, current = [], [np.zeros(occasions, dtype=int) for _ in range(pool)]
    for t in range(occasions):
        for i in range(pool):
            if t and rng.random() > stay:
                rows.append(current[i])
                current[i] = np.zeros(occasions, dtype=int)
            current[i][t] = rng.random() < chance
    return np.array([row for row in rows + current if row.any()])


def test_simulated_workers_give_back_their_half_life_by_every_route():
    histories = _leavers(np.random.default_rng(20180205), pool=4000, half_life=8, occasions=16, chance=0.3)
    common = tn.recapture_table(histories)
    pairs = tn.half_life_from_recaptures(common, shortest_gap=1)
    assert pairs.value == pytest.approx(240, rel=0.06)
    gaps = np.arange(1, 16)
    share = [np.median([common[a, a + g] / common[a, a] for a in range(16 - g)]) for g in gaps]
    assert tn.half_life_from_return_curve(gaps, share, shortest_gap=1).value == pytest.approx(240, rel=0.1)
    survival = np.mean([x.value for x in open_population.jolly_seber_from_histories(histories).survival[:-1]])
    assert tn.half_life_from_survival(float(survival), period_days=30).value == pytest.approx(240, rel=0.1)


def test_pairs_let_the_pool_grow_where_the_curve_does_not():
    t = np.arange(14)
    pool, captured = 8000 * 1.1**t, np.full(14, 2000.0)
    gap = np.abs(np.subtract.outer(t, t))
    # Of the workers seen at a, those who stay are found at b in proportion to the share of the pool of b that is seen.
    common = captured[:, None] * 0.5 ** (gap / 10) * captured[None, :] / np.maximum(pool[:, None], pool[None, :])
    np.fill_diagonal(common, captured)
    assert tn.half_life_from_recaptures(common).value == pytest.approx(300, rel=1e-9)
    gaps = np.arange(2, 13)
    share = [np.median([common[a, a + g] / common[a, a] for a in range(14 - g)]) for g in gaps]
    assert tn.half_life_from_return_curve(gaps, share).value < 290


def test_half_life_from_survival_carries_the_interval():
    result = open_population.jolly_seber([60, 80, 70, 50], [60, 50, 30, 15], [25, 35, 45, 50]).survival[0]
    days = tn.half_life_from_survival(result, period_days=91.3)
    assert days.interval[0] < days.value < days.interval[1]
    assert tn.half_life_from_survival(0.5, period_days=91.3).value == pytest.approx(91.3)
    for bad in (0.0, 1.0, 1.2, -0.1):
        with pytest.raises(InputError, match="above 0 and below 1"):
            tn.half_life_from_survival(bad, period_days=30)


def test_newcomers_of_the_tracker():
    months = load("mturk-tracker-months")
    share = tn.newcomer_share(months["first_time_workers"], months["answers"])
    assert share.value == pytest.approx(157_255 / 392_995)


@pytest.mark.parametrize(
    ("gaps", "shares", "words"),
    [
        ([2, 3, 4, 4], [0.2, 0.2, 0.1, 0.1], "appears twice"),
        ([2, 3, 4, 5], [0.2, 0.2, 0.1, 0.0], "above 0 and at most 1"),
        ([2, 3, 4, 5], [0.2, 1.2, 0.1, 0.1], "1.2"),
        ([2, 3, 4, 5], [0.2, math.nan, 0.1, 0.1], "nan"),
        ([2, 3, 4], [0.2, 0.2, 0.1, 0.1], "one share for each gap"),
        ([1, 2, 3, 4], [0.4, 0.3, 0.2, 0.1], "at least four gaps"),
        (["two", 3, 4, 5], [0.4, 0.3, 0.2, 0.1], "text among"),
    ],
)
def test_refuses_curves_that_cannot_be(gaps, shares, words):
    with pytest.raises(InputError, match=words):
        tn.fit_return_curve(gaps, shares)


def test_refuses_tables_that_cannot_be():
    with pytest.raises(InputError, match="one row and one column"):
        tn.half_life_from_recaptures(np.ones((3, 4)))
    with pytest.raises(InputError, match="more pairs"):
        tn.half_life_from_recaptures(np.ones((5, 5)))
    with pytest.raises(InputError, match="0 and 1"):
        tn.recapture_table([[2, 0], [1, 1]])
    with pytest.raises(InputError, match="no more workers than answers"):
        tn.newcomer_share([5, 9], [8, 8])
    with pytest.raises(InputError, match="at least one answer"):
        tn.newcomer_share([0], [0])


def _beta_pool(rng, *, pool, stay, a, b, occasions):
    """Times seen of everyone who passed through a pool of constant size with beta-distributed activity."""
    chance, counts, gone = rng.beta(a, b, pool), np.zeros(pool, dtype=int), []
    for t in range(occasions):
        if t:
            leaves = rng.random(pool) > stay
            gone.append(counts[leaves].copy())
            counts[leaves], chance[leaves] = 0, rng.beta(a, b, int(leaves.sum()))
        counts += rng.random(pool) < chance
    return np.bincount(np.concatenate([*gone, counts]))


def test_turnover_and_activity_recover_a_pool_of_the_kind_they_assume():
    inside = 0
    rng = np.random.default_rng(2018)
    for _ in range(12):
        seen = _beta_pool(rng, pool=5000, stay=0.5**0.1, a=3.0, b=9.0, occasions=14)
        fit = tn.turnover_and_activity(np.arange(1, seen.size), seen[1:], occasions=14, half_life=300)
        inside += fit.present.interval[0] <= 5000 <= fit.present.interval[1]
        assert fit.return_level == pytest.approx(4 / 13, abs=0.05)
        assert fit.misfit < 4
    assert inside >= 9


def test_nobody_leaving_leaves_the_beta_binomial():
    spans = tn._expected_spans(6, 1.0)
    assert spans.tolist() == [0, 0, 0, 0, 0, 1]
    spans = tn._expected_spans(6, 0.7)
    assert spans @ np.arange(1, 7) == pytest.approx(6)  # one worker present on each of six occasions
    assert spans.sum() == pytest.approx(1 + 5 * 0.3)


def test_the_tracker_does_not_identify_its_pool():
    table = frequencies_from_table(load("mturk-times-seen"))
    fit = tn.turnover_and_activity(table, occasions=140, half_life=503)
    assert fit.present.value is None
    assert fit.ever.status == "not identified"
    assert fit.profile["drop"].iloc[-1] == 0
    assert (np.diff(fit.profile["drop"]) < 0).all()
    assert fit.misfit > 10


def test_turnover_and_activity_refuse_what_cannot_be():
    with pytest.raises(InputError, match="days above 0"):
        tn.turnover_and_activity([1, 2], [5, 3], occasions=9, half_life=0)
    with pytest.raises(InputError, match="repeated sightings"):
        tn.turnover_and_activity([1], [5], occasions=9, half_life=100)
    with pytest.raises(InputError, match="no fewer than"):
        tn.turnover_and_activity([1, 12], [5, 3], occasions=9, half_life=100)
