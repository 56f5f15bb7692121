import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import InputError
from platformlabour.counting.recapture.frequencies import Frequencies
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.counting.small_counts import WORD_BITS, PatternTally, pool_times_seen, protect


def tallied(codes, counts, occasions, threshold):
    tally = PatternTally(occasions, threshold)
    tally.add(np.asarray(codes)[:, None], np.asarray(counts))
    return tally


@st.composite
def patterns(draw):
    occasions = draw(st.integers(2, 5))
    codes = draw(st.lists(st.integers(1, 2**occasions - 1), min_size=1, max_size=20, unique=True))
    counts = draw(st.lists(st.integers(1, 40), min_size=len(codes), max_size=len(codes)))
    return codes, counts, occasions


@given(patterns())
def test_totals_equal_those_of_the_patterns_in_any_order_and_portion(drawn):
    codes, counts, occasions = drawn
    tally = PatternTally(occasions, threshold=1)
    for code, count in zip(codes, counts, strict=True):
        tally.add(np.array([[code]]), np.array([count]))
    names = tuple(map(str, range(occasions)))
    order = np.argsort(codes)
    same = CapturePatterns(names, np.asarray(codes)[order], np.asarray(counts)[order])
    assert tally.workers == same.captured
    np.testing.assert_array_equal(tally.captured, same.captures)
    np.testing.assert_array_equal(tally.times_seen, same.frequencies)
    np.testing.assert_array_equal(tally.first_captured, same.first_captures)
    np.testing.assert_array_equal(tally.last_captured, same.last_captures)
    back = CapturePatterns.from_histories(tally.histories(), tally.counts())
    assert (back.codes.tolist(), back.counts.tolist()) == (same.codes.tolist(), same.counts.tolist())


def test_occasions_beyond_one_word_keep_their_places():
    occasions = 2 * WORD_BITS + 3
    tally = PatternTally(occasions, threshold=1)
    tally.add(np.array([[1 << (WORD_BITS - 1), 1, 0b001], [0, 0, 0b100]]), np.array([2, 5]))
    rows = tally.histories()
    assert [np.flatnonzero(row).tolist() for row in rows] == [
        [0, 2 * WORD_BITS - 1, 2 * WORD_BITS + 2],
        [2 * WORD_BITS],
    ]
    assert tally.counts().tolist() == [2, 5]


@given(patterns(), st.integers(2, 15))
def test_no_small_count_is_shown_or_one_subtraction_away(drawn, threshold):
    codes, counts, occasions = drawn
    tally = tallied(codes, counts, occasions, threshold)
    if tally.workers < threshold:
        with pytest.raises(InputError, match="below which nothing is shown"):
            protect(tally, threshold=threshold)
        return
    histories, shown, times_seen, totals = protect(tally, threshold=threshold)

    def small(number):
        return 0 < number < threshold

    assert (shown >= threshold).all()
    assert (times_seen["workers"] >= threshold).all()
    times = histories.sum(axis=1)
    for low, high, workers in times_seen.iloc[:, :3].itertuples(index=False):
        assert not small(workers - shown[(times >= low) & (times <= high)].sum())
    for i, row in totals.iterrows():
        for name in totals.columns:
            assert pd.isna(row[name]) or not small(row[name])
        if not pd.isna(row["captured"]):
            assert not small(row["captured"] - shown[histories[:, i] == 1].sum())
            for name in ("first_captured", "last_captured"):
                assert pd.isna(row[name]) or not small(row["captured"] - row[name])
    for name, whole in (("captured", tally.sightings), ("first_captured", tally.workers)):
        blank = totals[name].isna()
        if blank.any() and not blank.all():
            assert blank.sum() > 1
            assert not small(whole - totals[name].sum())


@given(st.lists(st.integers(0, 30), min_size=3, max_size=40).filter(lambda f: sum(f) >= 10))
def test_pooled_rows_keep_every_worker_and_sighting(workers):
    table = pool_times_seen(workers, threshold=10)
    assert table["workers"].sum() == sum(workers)
    pooled = table["times_seen_from"] < table["times_seen_to"]
    assert (table["times_seen_to"] - table["times_seen_from"])[pooled].ge(2).all()
    assert table["times_seen_to"].le(len(workers)).all()
    if table["sightings"].notna().all():
        assert table["sightings"].sum() == sum((i + 1) * f for i, f in enumerate(workers))
        assert Frequencies(*table.astype("int64").to_numpy().T).seen == sum(workers)


def test_frequencies_that_are_large_enough_stay_as_they_are():
    table = pool_times_seen([94573, 25615, 12122, 6877])
    assert table["times_seen_from"].tolist() == table["times_seen_to"].tolist() == [1, 2, 3, 4]
    assert table["workers"].tolist() == [94573, 25615, 12122, 6877]


def test_two_numbers_of_times_in_one_row_have_no_sightings_and_no_totals():
    table = pool_times_seen([95, 3])
    assert table["sightings"].isna().all()
    _, _, _, totals = protect(tallied([0b11, 0b10, 0b01], [3, 50, 45], 2, 10))
    assert totals.isna().all().all()


def test_threshold_of_one_shows_everything():
    _, counts, times_seen, totals = protect(tallied([0b11, 0b10, 0b01], [1, 2, 3], 2, 1), threshold=1)
    assert counts.tolist() == [1, 2, 3]
    assert times_seen["workers"].tolist() == [5, 1]
    assert totals["captured"].tolist() == [3, 4]


def test_lists_have_no_first_and_last():
    _, _, _, totals = protect(tallied([0b11, 0b10], [30, 40], 2, 10), ordered=False)
    assert totals.columns.tolist() == ["captured"]
