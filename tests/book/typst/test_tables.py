"""Columns, alignment and size of tables, and HTML tables read back."""

import re

import pytest

from platformlabour.book.typst.tables import Cell, Table, read_html_table, to_typst


def rows(*lines):
    return [[Cell(text, text) for text in line] for line in lines]


def setting(written, name):
    return re.search(rf"{name}: \(([^)]*)\)|{name}: ([\w.]+)", written)


@pytest.mark.parametrize(
    ("column", "side"),
    [
        (["1,234", "5"], "right"),
        (["−0.5", "12%", "–"], "right"),
        (["£3.20", "n/a"], "right"),
        (["about 5", "6"], "left"),
        (["5 to 9", "6 to 8"], "left"),
        (["", "–"], "left"),
        (["≥ 400", "~30"], "right"),
    ],
)
def test_numeric_columns_are_flush_right(column, side):
    written = to_typst(Table(rows(["name", "value"]), rows(*[["x", text] for text in column])))
    assert setting(written, "align")[1] == f"left, {side},"


def test_class_number_makes_a_column_numeric():
    body = [[Cell("about 5", "about 5", classes=("number",))]]
    assert "align: (right,)" in to_typst(Table(rows(["n"]), body))


def test_given_widths_are_kept():
    assert "columns: (1fr, 3fr,)" in to_typst(Table(rows(["a", "b"]), rows(["c", "d"]), widths=[1, 3]))


def test_wide_table_is_set_smaller_but_readable():
    narrow = to_typst(Table(rows(["a"] * 3), rows(["b"] * 3)))
    wide = to_typst(Table(rows(["observations"] * 9), rows(["observation"] * 9)))
    assert setting(narrow, "scale-by")[2] == "1.00"
    assert 0.66 <= float(setting(wide, "scale-by")[2]) < 1


def test_only_long_tables_may_break_across_pages():
    assert "long: false" in to_typst(Table(rows(["a"]), rows(*[["b"]] * 10)))
    assert "long: true" in to_typst(Table(rows(["a"]), rows(*[["b"]] * 60)))


def test_spans_are_written_and_columns_counted_through_them():
    body = [[Cell("wide", "wide", columns=2), Cell("tall", "tall", rows=2)], rows(["1", "2"])[0]]
    table = Table(rows(["a", "b", "c"]), body)
    assert table.columns == 3
    written = to_typst(table)
    assert "table.cell(colspan: 2)[wide]" in written
    assert "table.cell(rowspan: 2)[tall]" in written


def test_pandas_html_is_read_with_its_index_and_spans():
    html = """<div><style scoped>td {color: red}</style><table class="dataframe"><thead>
    <tr><th></th><th colspan="2">share</th></tr></thead>
    <tbody><tr><th>Namibia [NA]</th><td>1</td><td>2 &lt; 3</td></tr></tbody></table><p>1 rows × 2 columns</p></div>"""
    table, around = read_html_table(html)
    assert [cell.text for cell in table.body[0]] == ["Namibia [NA]", "1", "2 < 3"]
    assert table.body[0][0].stub
    assert table.header[0][1].columns == 2
    assert table.body[0][0].content == r"Namibia \[NA\]"
    assert around == "1 rows × 2 columns"


def test_named_index_takes_no_header_row_of_its_own():
    html = """<table><thead><tr><th></th><th>n</th></tr><tr><th>country</th><th></th></tr></thead>
    <tbody><tr><th>FR</th><td>1</td></tr></tbody></table>"""
    table, _ = read_html_table(html)
    assert [[cell.text for cell in row] for row in table.header] == [["country", "n"]]


@pytest.mark.parametrize("html", ["<video></video>", "<table></table>", "<table><tr><td>1</td></tr></table>" * 2])
def test_other_html_is_not_taken_for_a_table(html):
    assert read_html_table(html) is None
