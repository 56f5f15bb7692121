"""Counting patterns: what is counted, what is refused, and where the refusal points."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from platformlabour import InputError
from platformlabour.counting.recapture.patterns import CapturePatterns


def histories():
    def table(t):
        return arrays(np.uint8, st.tuples(st.integers(1, 40), st.just(t)), elements=st.integers(0, 1))

    return st.integers(2, 23).flatmap(table).map(lambda a: a[a.any(axis=1)]).filter(len)


@given(histories())
@settings(max_examples=60, deadline=None)
def test_statistics_are_those_of_the_rows(table):
    seen = CapturePatterns.from_histories(table)
    assert seen.captured == len(table)
    np.testing.assert_array_equal(seen.captures, table.sum(axis=0))
    np.testing.assert_array_equal(seen.frequencies, np.bincount(table.sum(axis=1), minlength=table.shape[1] + 1)[1:])
    first = table.argmax(axis=1)
    last = table.shape[1] - 1 - table[:, ::-1].argmax(axis=1)
    np.testing.assert_array_equal(seen.first_captures, np.bincount(first, minlength=table.shape[1]))
    np.testing.assert_array_equal(seen.last_captures, np.bincount(last, minlength=table.shape[1]))
    assert seen.recaptures == table.sum() - len(table)


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_every_way_in_gives_the_same_patterns(table, random):
    order = list(range(len(table)))
    random.shuffle(order)
    expected = CapturePatterns.from_histories(table)
    columns = [f"day {i}" for i in range(table.shape[1])]
    for other in (
        table[order],
        table.astype(np.int64),
        table.astype(float),
        table.astype(bool),
        np.asfortranarray(table),
        table.tolist(),
        pd.DataFrame(table, columns=columns),
        pd.DataFrame({name: table[:, i].astype(float if i % 2 else int) for i, name in enumerate(columns)}),
    ):
        seen = CapturePatterns.from_histories(other)
        np.testing.assert_array_equal(seen.codes, expected.codes)
        np.testing.assert_array_equal(seen.counts, expected.counts)
    np.testing.assert_array_equal(
        np.repeat(expected.histories, expected.counts, axis=0), table[np.lexsort(table.T[::-1])]
    )


def test_rows_may_stand_for_several_people():
    table = pd.DataFrame({"a": [1, 1, 0], "b": [0, 1, 1], "count": [3, 0, 2]})
    seen = CapturePatterns.from_histories(table)
    assert seen.names == ("a", "b")
    assert dict(zip(map(tuple, seen.histories.tolist()), seen.counts.tolist(), strict=True)) == {(1, 0): 3, (0, 1): 2}
    again = CapturePatterns.from_counts({"10": 3, "01": 2})
    np.testing.assert_array_equal(seen.cells(), again.cells())


def test_counts_of_a_thousand_million_stay_exact():
    seen = CapturePatterns.from_histories([[1, 0], [0, 1], [1, 1]], count=[10**9, 999_999_999, 10**9 + 1])
    assert seen.captured == 3 * 10**9
    assert seen.counts.tolist() == [999_999_999, 10**9, 10**9 + 1]


def test_two_copies_of_a_list_are_found():
    seen = CapturePatterns.from_counts({"110": 4, "001": 3, "111": 2}, names=["A", "copy of A", "B"])
    assert seen.identical_occasions == (("A", "copy of A"),)
    assert CapturePatterns.from_counts({"110": 4, "100": 3, "010": 3}).identical_occasions == ()


frame = pd.DataFrame


@pytest.mark.parametrize(
    ("table", "options", "row", "column", "found"),
    [
        ([[1, 0], [2, 1]], {}, 2, "1", "2"),
        ([[1, 0], [1, -1]], {}, 2, "2", "-1"),
        (np.array([[1, 0], [1, -1]], dtype=np.int8), {}, 2, "2", "-1"),
        (np.array([[1, 255]], dtype=np.uint8), {}, 1, "2", "255"),
        ([[1, 300.0]], {}, 1, "2", "300.0"),
        ([[1, 0.5]], {}, 1, "2", "0.5"),
        ([[1, np.nan]], {}, 1, "2", "a missing value"),
        ([[1, None]], {}, 1, "2", "a missing value"),
        ([["1", "0"]], {}, 1, "1", 'the text "1"'),
        ([[1, 0], [0, 0]], {}, 2, None, "without a capture"),
        ([[1], [1]], {}, None, None, "1 occasion"),
        (np.zeros((0, 3)), {}, None, None, "no capture histories"),
        ([[1, 0], [1]], {}, None, None, "different lengths"),
        ([1, 0], {}, None, None, "1 dimensions"),
        ([[1] * 63], {}, None, None, "63 occasions"),
        ([[1, 0]], {"count": [-5]}, 1, "count", "-5"),
        ([[1, 0]], {"count": [1.5]}, 1, "count", "1.5"),
        ([[1, 0]], {"count": [np.nan]}, 1, "count", "a missing value"),
        ([[1, 0]], {"count": ["3"]}, 1, "count", 'the text "3"'),
        ([[1, 0]], {"count": [0]}, None, None, "all 0"),
        ([[1, 0]], {"count": [1, 2]}, None, "count", "2 counts"),
        ([[1, 0]], {"count": [10**30]}, 1, "count", "1000000"),
        ([[1, 0]], {"names": ["a", "a"]}, None, "a", "same name"),
        ([[1, 0]], {"names": ["a"]}, None, None, "1 names"),
        (frame({"a": [1, 0], "b": [1, "x"]}), {}, 3, "b", 'the text "x"'),
        (frame({"a": [1, 0], "b": [1, 1], "count": [2, -1]}), {}, 3, "count", "-1"),
        (frame({"a": [1, 0], "b": [1, 1]}), {"count": "people"}, None, "people", "no column"),
        (frame({"a": [1, 0], "count": [1, 1]}), {}, None, None, "1 occasion"),
    ],
)
def test_bad_tables_are_refused_and_located(table, options, row, column, found):
    with pytest.raises(InputError) as refusal:
        CapturePatterns.from_histories(table, **options)
    assert (refusal.value.row, refusal.value.column) == (row, column)
    assert found in refusal.value.found


@pytest.mark.parametrize("counts", [{}, {"1x": 2}, {"10": 1, "100": 2}, {"00": 4}, {"10": -1}, [("10", 3)], {12: 3}])
def test_bad_mappings_are_refused(counts):
    with pytest.raises(InputError):
        CapturePatterns.from_counts(counts)


def test_a_full_table_of_too_many_occasions_is_refused():
    with pytest.raises(InputError, match="21 occasions"):
        CapturePatterns.from_histories([[1] * 21]).cells()
