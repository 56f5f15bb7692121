"""Files of one's own: each fault named with its file, row and column, all of them in one message."""

import pickle

import pytest

from platformlabour import InputError
from platformlabour.counting.recapture.reading import (
    FaultyTable,
    TextTable,
    read_covariates,
    read_frequencies,
    read_patterns,
    read_table,
)


@pytest.fixture
def write(tmp_path):
    def write(content):
        path = tmp_path / "seen.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_of_any_system_and_blanks_beside_cells_do_not_matter(end, write):
    table = read_table(write(end.join(["May, June ,count", "1, 0,4", '"0",1 ,2', ""])))
    assert table.columns == {"May": ["1", "0"], "June": ["0", "1"], "count": ["4", "2"]}


def test_names_outside_ascii_and_a_missing_last_line_end_are_read(write):
    assert read_table(write("août,Łódź\n1,1")).columns == {"août": ["1"], "Łódź": ["1"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "an empty file"),
        ("\n\n", "an empty file"),
        ("\ufeffa,b\n1,1\n", r"row 1: found a byte order mark \(BOM\)"),
        ("a,b\n1,1\n".encode("utf-16"), "UTF-16"),
        (b"a,b\n1,\0\n", "binary"),
        (b"PK\x03\x04....", "Excel"),
        (b"a,b\n1,1\n\xe9,1\n", "row 3: found the byte 0xE9, which is not UTF-8"),
        ("a,b\n", "a header and no rows"),
        ("a,a\n1,1\n", 'row 1, column "a": found two columns of this name'),
        ("a,,b\n1,1,1\n", "row 1: found no name for column 2"),
        ("a,b,Count\n1,1,1\n", 'the name "count"'),
        ("a;b\n1;1\n", "semicolons"),
        ("a\tb\n1\t1\n", "tabs"),
        ("a,b\n1,1\n\n0,1\n", "row 3: found an empty line"),
        ("a,b\n1\n", "row 2: found 1 cell; expected 2 cells"),
        ("a,count\n1,1,000\n", "row 2: found 3 cells; expected 2 cells.*without thousands separators"),
        ('a,b\n1,"1\n', "row 2: found a quotation mark that is not closed"),
        ('a,b\n1,"1\n2"\n', "row 2: found a line break inside a cell"),
        ("a\u200b,b\n1,1\n", "an invisible character"),
    ],
)
def test_what_is_no_plain_table_is_refused(content, message, write):
    with pytest.raises(InputError, match=message) as refusal:
        read_table(write(content))
    assert refusal.value.file == "seen.csv"


def test_paths_that_are_no_files_are_refused(tmp_path):
    for path, message in (
        (tmp_path, "a folder"),
        (tmp_path / "none.csv", "no such file"),
        ("/dev/null", "a device"),
        ("a\0b", "no such file|no file can have"),
    ):
        with pytest.raises(InputError, match=message):
            read_table(path)


def test_a_name_with_a_line_break_does_not_tear_the_message(tmp_path):
    with pytest.raises(InputError) as refusal:
        read_table(tmp_path / "two\nlines.csv")
    assert len(str(refusal.value).splitlines()) == 1


def test_every_ragged_row_is_named():
    with pytest.raises(FaultyTable) as refusal:
        raise FaultyTable([InputError("1 cell", "2 cells", file="x.csv", row=row) for row in (2, 5, 9)])
    assert [fault.row for fault in refusal.value.faults] == [2, 5, 9]
    assert str(refusal.value).splitlines()[0] == "3 problems found:"
    assert str(pickle.loads(pickle.dumps(refusal.value))) == str(refusal.value)


def patterns(**columns):
    return read_patterns(TextTable("seen.csv", columns))


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("", "an empty cell"),
        ("2", "found 2;"),
        ("-1", "a negative number, -1"),
        ("1.0", "a number with decimals"),
        ("yes", 'the text "yes"'),
        ("1e0", "scientific notation"),
        ("NA", 'the text "NA"'),
        ("١", "the text"),
    ],
)
def test_a_cell_that_is_not_0_or_1_is_named(cell, found):
    with pytest.raises(InputError, match=found) as refusal:
        patterns(a=["1", "1", cell, "0"], b=["1", "0", "1", "1"])
    assert (refusal.value.row, refusal.value.column) == (4, "a")
    assert "0 or 1" in str(refusal.value)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("", "an empty cell"),
        ("-5", "a negative number, -5"),
        ("\N{MINUS SIGN}5", "a negative number"),
        ("12.5", "a number with decimals"),
        ("12.0", "a number with decimals"),
        ("1,5", "a number with decimals"),
        ("1,000", "thousands separators"),
        ("1'000", "thousands separators"),
        ("1\N{NO-BREAK SPACE}000", "thousands separators"),
        ("1E+09", "scientific notation"),
        ("some", 'the text "some"'),
        ("9" * 17, "a number of 17 digits"),
        ("9" * 5000, "a number of 5000 digits"),
        ("9" * 16, "expected at most 9,007,199,254,740,992"),
    ],
)
def test_a_count_that_is_not_a_whole_number_is_named(cell, found):
    with pytest.raises(InputError, match=found) as refusal:
        patterns(a=["1", "0"], b=["1", "1"], count=["3", cell])
    assert (refusal.value.row, refusal.value.column) == (3, "count")


def test_all_faults_come_in_one_message_in_the_order_of_rows():
    with pytest.raises(FaultyTable) as refusal:
        patterns(a=["1", "x", "1"], b=["1", "1", "2"], count=["3", "-1", "4"])
    assert [(fault.row, fault.column) for fault in refusal.value.faults] == [(3, "a"), (3, "count"), (4, "b")]


def test_a_column_of_something_else_is_one_fault_whatever_its_length():
    with pytest.raises(FaultyTable) as refusal:
        patterns(worker=[f"W{i}" for i in range(500)], a=["1"] * 500, b=["1"] * 500)
    (fault,) = refusal.value.faults
    assert (fault.row, fault.column) == (None, "worker")


def test_a_long_list_of_faults_is_cut():
    with pytest.raises(FaultyTable) as refusal:
        patterns(a=["1", "7"] * 300, b=["1"] * 600)
    assert len(refusal.value.faults) == 300
    assert len(str(refusal.value).splitlines()) < 25


def test_people_never_seen_are_refused_but_an_empty_pattern_is_not():
    with pytest.raises(InputError, match="row 3: found people never seen"):
        patterns(a=["1", "0"], b=["1", "0"], count=["4", "2"])
    assert patterns(a=["1", "0"], b=["1", "0"], count=["4", "0"]).captured == 4


def test_columns_are_counted_in_the_words_of_the_kind():
    with pytest.raises(InputError, match="found 1 list; expected 2 to 8"):
        read_patterns(TextTable("x.csv", {"a": ["1"], "count": ["1"]}), what="list", most=8)
    with pytest.raises(InputError, match="found 9 lists"):
        read_patterns(TextTable("x.csv", {str(i): ["1"] for i in range(9)}), what="list", most=8)


def test_frequencies_are_read_in_any_order_and_with_empty_rows():
    table = read_frequencies(TextTable("x.csv", {"count": ["5", "0", "9"], "times_seen": ["2", "3", "1"]}))
    assert (table.seen, table.count(1), table.count(2)) == (14, 9, 5)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"times": ["1"], "count": ["2"]}, "found the columns times,count"),
        ({"times_seen": ["1"], "count": ["2"], "note": ["x"]}, "found the columns times_seen,count,note"),
        ({"times_seen_from": ["1"], "workers": ["2"]}, "found the columns"),
        ({"times_seen": ["0", "1"], "count": ["9", "2"]}, 'row 2, column "times_seen": found 0'),
        ({"times_seen": ["1", "2", "1"], "count": ["9", "2", "1"]}, "row 4.*found 1 a second time"),
        ({"times_seen": ["2000000"], "count": ["1"]}, "at most 1,000,000"),
        ({"times_seen": ["1", "2"], "count": ["5", "2.5"]}, 'row 3, column "count".*decimals'),
        ({"times_seen": ["1"], "count": ["0"]}, "nobody who was seen"),
        ({"times_seen": ["1000"], "count": ["9007199254740992"]}, "more sightings than can be counted exactly"),
    ],
)
def test_wrong_frequencies_are_refused(columns, message):
    with pytest.raises(InputError, match=message):
        read_frequencies(TextTable("x.csv", columns))


PEOPLE = {
    "times": ["1", "2", "3"],
    "age": ["20", "x", "31"],
    "nation": ["Mali", "NA", ""],
    "town": ["a", "b", "b"],
    "code": ["1", "2", "1e999"],
}


@pytest.mark.parametrize(
    ("variables", "place", "message"),
    [
        (["age"], (3, "age"), "as in other rows"),
        (["nation"], (4, "nation"), "an empty cell"),
        (["code"], (4, "code"), "a finite number"),
        (["income"], (1, "income"), "no such column"),
    ],
)
def test_covariates_that_would_be_guessed_at_are_refused(variables, place, message):
    with pytest.raises(InputError, match=message) as refusal:
        read_covariates(TextTable("x.csv", PEOPLE), variables, response="times")
    assert (refusal.value.row, refusal.value.column) == place


def test_columns_that_the_model_does_not_use_are_not_judged():
    frame = read_covariates(TextTable("x.csv", PEOPLE), ["town"], response="times")
    assert frame.columns.tolist() == ["times", "town"]
    assert frame.times.dtype.kind == "i"


def test_people_who_agree_may_share_a_row_unless_the_formula_uses_the_column():
    table = TextTable("x.csv", {"times": ["1", "2"], "count": ["5", "3"]})
    assert read_covariates(table, [], response="times")["count"].tolist() == [5, 3]
    assert read_covariates(table, [], response="count").columns.tolist() == ["count"]
