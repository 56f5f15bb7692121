"""Estimators from frequencies: published values, limits, refusals and invariants."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformlabour import InputError, load
from platformlabour.counting.recapture import frequencies as fr

# Fisher, Corbet and Williams (1943), Journal of Animal Ecology 12, 42: species of Malayan butterflies by individuals
# collected, 25 standing for 25 and more, as in the R package SPECIES 1.2.0.
BUTTERFLIES = (
    list(range(1, 26)),
    [118, 74, 44, 24, 29, 22, 20, 19, 20, 15, 12, 14, 6, 12, 6, 9, 9, 6, 10, 10, 11, 5, 3, 3, 119],
)
# Simar (1976), Boehning and Schon (2005): traffic accident claims, as in SPECIES 1.2.0.
ACCIDENTS = ([1, 2, 3, 4, 5, 6, 7], [1317, 239, 42, 14, 4, 4, 1])
# Van der Heijden, Cruyff and van Houwelingen (2003), Statistica Neerlandica 57, 289: apprehensions, as in the R
# packages Rcapture 1.4-4 (there called ill) and singleRcapture 1.1.0.
APPREHENSIONS = ([1, 2, 3, 4, 5, 6], [1645, 183, 37, 13, 1, 1])
# Agresti (1994), Biometrics 50, 494: snowshoe hares on six occasions, as in Rcapture 1.4-4.
HARES = ([1, 2, 3, 4, 5, 6], [25, 22, 13, 5, 1, 2])


@pytest.mark.parametrize(
    ("estimate", "value", "error", "interval"),
    [
        (fr.chao(*BUTTERFLIES), 714, 22.66572151, (679, 770)),
        (fr.chao(*ACCIDENTS), 5250, 314.1841495, (4684, 5919)),
        (fr.ace(*ACCIDENTS), 5684, 363.7709284, (5031, 6461)),
        (fr.ace(*ACCIDENTS, corrected=True), 6788, 648.4647385, (5665, 8223)),
        (fr.jackknife(*BUTTERFLIES, order=1), 738, 15.3622915, (708, 768)),
        (fr.jackknife(*BUTTERFLIES), 782, 26.60826939, (730, 834)),
        (fr.jackknife(*ACCIDENTS, highest_order=1), 2938, 51.32250968, (2837, 3039)),
        (fr.jackknife(*ACCIDENTS, highest_order=2), 4016, 88.89319434, (3842, 4190)),
        (fr.jackknife(*ACCIDENTS, highest_order=3), 4897, 131.6130693, (4639, 5155)),
        (fr.jackknife(*ACCIDENTS), 6170, 256.7644835, (5667, 6673)),
    ],
)
def test_agrees_with_species(estimate, value, error, interval):
    assert estimate.value == pytest.approx(value, abs=0.5)
    assert estimate.standard_error == pytest.approx(error, rel=1e-5)
    assert estimate.interval == pytest.approx(interval, abs=0.5)


@pytest.mark.parametrize(("corrected", "value", "error"), [(False, 712, 17.35140606), (True, 737, 23.93183181)])
def test_coverage_estimators_agree_with_species_beyond_the_cutoff(corrected, value, error):
    # SPECIES puts the log-normal interval around the rare species only; ours stands on all that were seen.
    estimate = fr.ace(*BUTTERFLIES, corrected=corrected)
    assert estimate.value == pytest.approx(value, abs=0.5)
    assert estimate.standard_error == pytest.approx(error, rel=1e-5)
    assert estimate.interval[0] > 620
    assert fr.sample_coverage(*BUTTERFLIES, cutoff=10, corrected=corrected).value == estimate.value


@pytest.mark.parametrize(
    ("method", "value", "error", "interval", "loglik"),
    [
        (fr.chao, 9273.510929, 662.5899972, (8084.677, 10690.129), None),
        (fr.zelterman, 9424.555194, 683.9706051, (8198.640985, 10888.31575), None),
        (fr.poisson, 7079.92815, 365.7514183, (6411.05744, 7847.536964), -901.9519071),
        (fr.geometric, 13468.19672, 771.1867009, (12052.58994, 15080.79783), -883.2099131),
    ],
)
def test_agrees_with_rcapture_and_singlercapture(method, value, error, interval, loglik):
    estimate = method(*APPREHENSIONS)
    assert estimate.value == pytest.approx(value, rel=1e-5)
    assert estimate.standard_error == pytest.approx(error, rel=1e-3)
    assert estimate.interval == pytest.approx(interval, rel=1e-3)
    assert estimate.status == "ok"
    if loglik is not None:
        assert estimate.loglik == pytest.approx(loglik, rel=1e-5)
        assert estimate.aic == pytest.approx(2 - 2 * loglik, rel=1e-5)


def test_equal_chances_agree_with_rcapture():
    estimate = fr.equal_catchability(*HARES, occasions=6)
    assert estimate.value == pytest.approx(75.43361863, rel=1e-8)
    assert estimate.standard_error == pytest.approx(3.454999942, rel=1e-6)
    assert estimate.interval == pytest.approx((69.47208631, 82.99023199), rel=1e-5)
    assert fr.equal_catchability(seen=68, sightings=145, occasions=6) == estimate


def test_chao_with_occasions_agrees_with_rcapture():
    estimate = fr.chao(*HARES, occasions=6)
    assert estimate.value == pytest.approx(79.83712121, rel=1e-9)
    assert estimate.standard_error == pytest.approx(6.373764989, rel=1e-6)


def test_expected_frequencies_keep_the_workers_and_sightings():
    table = fr.expected_frequencies(*HARES, occasions=6)
    seen = table["expected_workers"].to_numpy()[1:]
    assert seen.sum() == pytest.approx(68)
    assert (seen * np.arange(1, 7)).sum() == pytest.approx(145)
    assert table["expected_workers"].sum() == pytest.approx(75.43361863)


def test_tracker_reproduces_the_published_bound_from_a_pooled_table():
    table = fr.frequencies_from_table(load("mturk-times-seen"))
    assert table.seen == 157_255
    assert not table.exact
    assert fr.chao(table, occasions=140).value == pytest.approx(330594.1809669279, abs=1e-9)
    # The publisher's own root-finder stops at 176,784.861.
    assert fr.equal_catchability(table, occasions=140).value == pytest.approx(176784.861, abs=0.05)


@pytest.mark.parametrize("year", range(2015, 2027))
def test_published_yearly_bounds_come_from_whole_numbers(year):
    row = load("mturk-years").set_index("year").loc[year]
    pairs = fr.recover_singletons_doubletons(row["chao_published"], row["workers_seen"], row["occasions"])
    assert len(pairs) == (2 if year == 2017 else 1)
    for once, twice in pairs:
        others = row["workers_seen"] - once - twice
        again = fr.chao([1, 2, 3], [once, twice, others], occasions=row["occasions"])
        assert again.value == pytest.approx(row["chao_published"], abs=1e-9)


def test_recovers_both_pairs_that_share_a_ratio():
    assert fr.recover_singletons_doubletons(44224.556781513485, 19081, 13) == [(6345, 739), (12690, 2956)]


@given(
    st.integers(1, 300), st.integers(1, 300), st.integers(0, 300), st.integers(2, 40)
)  # rounding to eight decimals cannot hide a pair this small
def test_recovers_what_was_put_in(once, twice, more, occasions):
    seen = once + twice + more
    bound = seen + (occasions - 1) / occasions * once**2 / (2 * twice)
    assert (once, twice) in fr.recover_singletons_doubletons(bound, seen, occasions)


def test_bias_corrected_chao_exists_without_anyone_seen_twice():
    assert fr.chao([1, 3], [50, 5]).status == "not identified"
    corrected = fr.chao([1, 3], [50, 5], bias_corrected=True)
    assert corrected.value == pytest.approx(55 + 50 * 49 / 2)
    assert corrected.interval[0] > 55


@pytest.mark.parametrize("method", [fr.zelterman, fr.poisson, fr.geometric, fr.negative_binomial, fr.ace])
def test_workers_all_seen_once_leave_the_size_open(method):
    estimate = method([1], [40])
    assert estimate.value is None
    assert estimate.status == "not identified"


def test_equal_chances_without_repeats_have_only_a_lower_limit():
    estimate = fr.equal_catchability([1], [40], occasions=5)
    assert estimate.value is None
    assert estimate.interval[0] > 100
    assert math.isinf(estimate.interval[1])


def test_everyone_seen_every_time_means_nobody_is_missing():
    estimate = fr.equal_catchability([5], [40], occasions=5)
    assert estimate.value == 40
    assert fr.chao([5], [40], occasions=5).value == 40


def test_negative_binomial_refuses_an_unbounded_spread():
    estimate = fr.negative_binomial(*APPREHENSIONS)
    assert estimate.status == "not identified"
    assert estimate.value is None


def test_negative_binomial_recovers_a_known_population():
    rng = np.random.default_rng(20150326)
    counts = np.bincount(rng.poisson(rng.gamma(2.0, 1.0, 20_000)))
    estimate = fr.negative_binomial(np.arange(1, counts.size), counts[1:])
    assert estimate.status == "ok"
    assert estimate.interval[0] < 20_000 < estimate.interval[1]
    assert estimate.interval[1] - estimate.interval[0] < 4_000


def test_negative_binomial_without_spread_is_the_poisson():
    times = np.arange(1, 12)
    expected = np.rint(1e6 * np.exp(-2.0) * 2.0**times / [math.factorial(k) for k in times]).astype(int)
    estimate = fr.negative_binomial(times, expected)
    assert estimate.value == pytest.approx(fr.poisson(times, expected).value, rel=1e-3)


def test_poisson_is_the_limit_of_equal_chances_on_many_occasions():
    many = fr.equal_catchability(*APPREHENSIONS, occasions=10**7)
    assert many.value == pytest.approx(fr.poisson(*APPREHENSIONS).value, rel=1e-5)
    assert fr.zelterman(*APPREHENSIONS, occasions=10**7).value == pytest.approx(fr.zelterman(*APPREHENSIONS).value)
    assert fr.jackknife(*APPREHENSIONS, occasions=10**7, order=3).value == pytest.approx(
        fr.jackknife(*APPREHENSIONS, order=3).value, rel=1e-5
    )


def test_jackknife_of_order_one_is_the_textbook_formula():
    assert fr.jackknife(*HARES, occasions=6, order=1).value == pytest.approx(68 + 5 / 6 * 25)
    second = 68 + (2 * 6 - 3) / 6 * 25 - (6 - 2) ** 2 / (6 * 5) * 22
    assert fr.jackknife(*HARES, occasions=6, order=2).value == pytest.approx(second)


def test_an_astronomical_bound_is_not_ok():
    assert fr.chao([1, 2], [10_000, 1]).status == "implausible"


def test_chance_of_being_seen_is_judged_by_the_ratios():
    equal = fr.expected_frequencies([1, 2, 3], [300, 100, 20], occasions=12)
    held = equal[equal["times_seen"] > 0]
    flat = fr.heterogeneity(held["times_seen"], np.rint(held["expected_workers"]), occasions=12)
    assert flat.p_value > 0.8
    assert flat.squared_variation < 0.05
    mixed = fr.heterogeneity(fr.frequencies_from_table(load("mturk-times-seen")), occasions=140)
    assert mixed.rising
    assert mixed.p_value < 1e-6
    assert mixed.squared_variation > 1
    assert mixed.table["workers"].sum() == 157_255


def test_fakes_seen_once_are_found_among_equals():
    times = np.arange(1, 9)
    poisson = np.rint(5_000 * np.exp(-1.5) * 1.5**times / [math.factorial(k) for k in times]).astype(int)
    clean = fr.singleton_excess(times, poisson)
    assert abs(clean.excess.value) < 3 * clean.excess.standard_error
    poisson[0] += 600
    found = fr.singleton_excess(times, poisson)
    assert found.excess.value == pytest.approx(600, rel=0.05)
    assert found.without_excess.value == pytest.approx(5_000, rel=0.01)
    assert fr.chao(times, poisson).value > 5_500


@pytest.mark.parametrize(
    ("times", "workers", "words"),
    [
        ([1, 2, 2], [5, 3, 1], "2 times seen in two rows"),
        ([0, 1], [5, 3], "whole number of 1 or more"),
        ([1, 2], [5, -3], "whole number of 0 or more"),
        ([1, 2.5], [5, 3], "2.5"),
        ([1, 2], [5], "columns of one length"),
        ([1, 2], [0, 0], "nobody who was seen"),
        ([1, 2], [math.nan, 3], "nan"),
        (["one", 2], [5, 3], "whole numbers"),
    ],
)
def test_refuses_frequencies_that_cannot_be(times, workers, words):
    with pytest.raises(InputError, match=words):
        fr.chao(times, workers)


def test_refuses_more_sightings_than_occasions():
    with pytest.raises(InputError, match="no more times than occasions"):
        fr.chao([1, 2, 9], [50, 20, 5], occasions=5)
    with pytest.raises(InputError, match="sightings"):
        fr.equal_catchability(seen=10, sightings=60, occasions=5)
    with pytest.raises(InputError, match="either times_seen"):
        fr.equal_catchability([1], [5], occasions=5, seen=5, sightings=6)


def test_refuses_pooled_bins_that_hide_what_is_needed():
    table = fr.Frequencies([1, 2], [1, 9], [50, 20], [50, 60])
    with pytest.raises(InputError, match="2 to 9 times in one bin"):
        fr.chao(table)
    assert fr.poisson(table).loglik is None
    with pytest.raises(InputError, match="sightings of 20 workers"):
        fr.Frequencies([1, 2], [1, 9], [50, 20], [50, 300])
    with pytest.raises(InputError, match="no such column"):
        fr.frequencies_from_table(pd.DataFrame({"workers": [1]}))


tables = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(lambda counts: sum(counts) > 0)
METHODS = [
    fr.chao,
    lambda k, f: fr.chao(k, f, occasions=15),
    lambda k, f: fr.chao(k, f, bias_corrected=True),
    lambda k, f: fr.equal_catchability(k, f, occasions=15),
    fr.zelterman,
    lambda k, f: fr.zelterman(k, f, occasions=15),
    fr.jackknife,
    lambda k, f: fr.jackknife(k, f, occasions=15),
    fr.sample_coverage,
    lambda k, f: fr.sample_coverage(k, f, occasions=15, corrected=True),
    fr.ace,
    fr.poisson,
    fr.geometric,
    fr.negative_binomial,
]


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=60, deadline=None)
@given(counts=tables)
def test_no_result_called_ok_is_nonsense(method, counts):
    estimate = method(np.arange(1, len(counts) + 1), counts)
    seen = sum(counts)
    if estimate.status == "ok":
        assert math.isfinite(estimate.value)
        assert seen - 1e-6 <= estimate.value <= fr.LARGEST_MULTIPLE * seen
        assert estimate.interval[0] >= seen - 1e-6
        assert math.isfinite(estimate.standard_error)
    if estimate.interval is not None and estimate.value is not None:
        assert estimate.interval[0] <= estimate.interval[1]


@settings(max_examples=40, deadline=None)
@given(counts=tables, seed=st.integers(0, 1000))
def test_order_of_rows_and_empty_rows_do_not_matter(counts, seed):
    times = np.arange(1, len(counts) + 1)
    order = np.random.default_rng(seed).permutation(len(counts))
    with_empty = fr.chao([*times[order], 99], [*np.array(counts)[order], 0])
    assert with_empty == fr.chao(times, counts)


@settings(max_examples=40, deadline=None)
@given(once=st.integers(2, 10**5), twice=st.integers(1, 10**5), factor=st.integers(2, 9))
def test_twice_the_data_is_twice_the_estimate(once, twice, factor):
    small, large = fr.chao([1, 2], [once, twice]), fr.chao([1, 2], [factor * once, factor * twice])
    assert large.value == pytest.approx(factor * small.value)
    assert large.standard_error == pytest.approx(math.sqrt(factor) * small.standard_error)


def test_two_repeats_among_millions_still_have_a_standard_error():
    estimate = fr.equal_catchability([1, 2], [195_809_236, 2], occasions=15)
    assert estimate.status == "implausible"
    assert estimate.standard_error > 0
