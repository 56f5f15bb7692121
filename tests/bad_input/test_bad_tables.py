"""Every way of spoiling a table that was met or foreseen: each is refused with file, row, column and what was found."""

import csv
import io
import json
import os
import shutil
import stat

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platformlabour import InputError, tables

SHARES = "mturk-us-share"  # numbers: year, answers_us, workers_us, then source, locator, licence, evidence
COUNTS = "published-estimates"  # periods, countries, low and high
CLAIMS = "claims"  # text


DAMAGED = (SHARES, "stewart-published", "declared-registrations", "mturk-half-lives")


@pytest.fixture
def small_folder(folder):
    """Only the tables to be damaged and those they refer to, so that hundreds of trials stay quick."""
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    kept = {*DAMAGED, "mturk-years", "stewart-quarters"}
    package["resources"] = [resource for resource in package["resources"] if resource["name"] in kept]
    path.write_text(json.dumps(package) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path):
    """A copy of the data that may be spoilt."""
    return shutil.copytree(tables.data_folder(), tmp_path / "data")


def refusal(folder, name):
    """The refusal of a spoilt table; its message must name the file."""
    with pytest.raises(InputError) as caught:
        tables.load(name, folder=folder)
    error = caught.value
    assert error.file == f"{name}.csv"
    assert str(error).startswith(f"{name}.csv")
    assert "; expected " in str(error)
    return error


def lines_of(folder, name):
    return (folder / f"{name}.csv").read_bytes().decode().split("\n")[:-1]


def write_lines(folder, name, lines):
    (folder / f"{name}.csv").write_bytes(("\n".join(lines) + "\n").encode())


def set_cell(folder, name, row, column, text):
    """Replace one cell; the header is row 1."""
    lines = lines_of(folder, name)
    header = next(csv.reader([lines[0]]))
    cells = next(csv.reader([lines[row - 1]]))
    cells[header.index(column)] = text
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    lines[row - 1] = out.getvalue()
    write_lines(folder, name, lines)


# Bytes

BYTES = {
    "latin-1": (lambda raw: raw.replace(b"facts-only", "\u00e9t\u00e9".encode("latin-1"), 1), 2, "0xE9"),
    "cp1252 quotation mark": (lambda raw: raw.replace(b"people", b"\x93people", 1), 2, "0x93"),
    "UTF-16 little endian": (lambda raw: b"\xff\xfe" + raw.decode().encode("utf-16-le"), 1, "UTF-16"),
    "UTF-16 big endian": (lambda raw: b"\xfe\xff" + raw.decode().encode("utf-16-be"), 1, "UTF-16"),
    "UTF-16 without mark": (lambda raw: raw.decode().encode("utf-16-le"), 1, "NUL"),
    "byte order mark": (lambda raw: b"\xef\xbb\xbf" + raw, 1, "byte order mark"),
    "NUL": (lambda raw: raw.replace(b"people", b"peo\0ple", 1), 2, "NUL"),
    "CR LF": (lambda raw: raw.replace(b"\n", b"\r\n"), 1, "Windows line end"),
    "lone CR": (lambda raw: raw.replace(b"people", b"peo\rple", 1), 2, "carriage return"),
    "mixed line ends": (
        lambda raw: b"\r\n".join(raw.split(b"\n", 2)[:2]) + b"\n" + raw.split(b"\n", 2)[2],
        1,
        "Windows",
    ),
    "truncated UTF-8": (lambda raw: raw[:-1] + b"\xe2\x80", "last", "0xE2"),
    "no bytes": (lambda raw: b"", None, "an empty file"),
    "no final line end": (lambda raw: raw[:-1], "last", "a last line without an end"),
    "Excel renamed": (lambda raw: b"PK\x03\x04" + raw, None, "Excel"),
    "escape sequence": (lambda raw: raw.replace(b"people", b"\x1b[31mpeople", 1), 2, "U+001B"),
    "right-to-left override": (lambda raw: raw.replace(b"people", "\u202epeople".encode(), 1), 2, "U+202E"),
    "zero-width space": (lambda raw: raw.replace(b"people", "pe\u200bople".encode(), 1), 2, "U+200B"),
    "zero-width joiner": (lambda raw: raw.replace(b"people", "pe\u200dople".encode(), 1), 2, "U+200D"),
    "line separator": (lambda raw: raw.replace(b"people", "pe\u2028ople".encode(), 1), 2, "U+2028"),
    "private use": (lambda raw: raw.replace(b"people", "\ue000people".encode(), 1), 2, "U+E000"),
}


@pytest.mark.parametrize("case", BYTES)
def test_bytes(folder, case):
    spoil, row, found = BYTES[case]
    path = folder / f"{CLAIMS}.csv"
    rows = len(lines_of(folder, CLAIMS))
    path.write_bytes(spoil(path.read_bytes()))
    error = refusal(folder, CLAIMS)
    assert (error.row, found in error.found) == (rows if row == "last" else row, True), str(error)


def test_file_larger_than_the_limit(folder):
    with open(folder / f"{SHARES}.csv", "r+b") as file:
        file.truncate(1_000_000_000)  # sparse
    assert "1,000,000,000 bytes" in refusal(folder, SHARES).found


def test_folder_in_place_of_a_file(folder):
    (folder / f"{SHARES}.csv").unlink()
    (folder / f"{SHARES}.csv").mkdir()
    assert refusal(folder, SHARES).found == "a folder"


def test_missing_file(folder):
    (folder / f"{SHARES}.csv").unlink()
    assert refusal(folder, SHARES).found == "no such file"


def test_symlink_loop(folder):
    path = folder / f"{SHARES}.csv"
    path.unlink()
    path.symlink_to(path)
    assert "cannot be read" in refusal(folder, SHARES).found


def test_named_pipe_does_not_block(folder):
    path = folder / f"{SHARES}.csv"
    path.unlink()
    os.mkfifo(path)
    assert "named pipe" in refusal(folder, SHARES).found


def test_unreadable_file(folder, monkeypatch):
    path = folder / f"{SHARES}.csv"
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser reads everything: let the system call refuse instead

        def refuse(self):
            raise PermissionError(13, "Permission denied", str(self))

        readable = type(path).read_bytes
        monkeypatch.setattr(type(path), "read_bytes", lambda p: refuse(p) if p == path else readable(p))
    assert "may not be read" in refusal(folder, SHARES).found
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_names_that_differ_only_in_case(folder):
    shutil.copy(folder / f"{SHARES}.csv", folder / "MTurk-US-Share.csv")
    assert [problem.file for problem in tables.check_all(folder=folder)] == ["MTurk-US-Share.csv"]


def test_table_without_a_schema(folder):
    (folder / "stray.csv").write_text("a,b\n1,2\n")
    assert [problem.found for problem in tables.check_all(folder=folder)] == ["a table without a schema"]


# Shape: (spoil the list of lines, row, column, found)

SHAPE = {
    "header only": (lambda x: x[:1], 1, None, "a header and no rows"),
    "missing column": (lambda x: [line.replace(",answers_us", "", 1) for line in x], 1, "answers_us", "no column"),
    "misspelt column": (lambda x: [x[0].replace("workers_us", "worker_us"), *x[1:]], 1, "workers_us", "'worker_us'"),
    "extra column": (
        lambda x: [f"{line},1" if i else f"{line},more" for i, line in enumerate(x)],
        1,
        "more",
        "a column that",
    ),
    "duplicate column": (lambda x: [x[0].replace("workers_us", "answers_us"), *x[1:]], 1, "answers_us", "twice"),
    "reordered columns": (
        lambda x: [x[0].replace("answers_us,workers_us", "workers_us,answers_us"), *x[1:]],
        1,
        "workers_us",
        "place 2",
    ),
    "padded column": (lambda x: [x[0].replace("workers_us", " workers_us"), *x[1:]], 1, "workers_us", "a space"),
    "capitalised column": (lambda x: [x[0].replace("year", "Year"), *x[1:]], 1, "year", "'Year'"),
    "no header": (lambda x: x[1:], 1, "year", "no column"),
    "short row": (lambda x: [*x[:3], "2017,25757", *x[4:]], 4, "workers_us", "2 cells"),
    "long row": (lambda x: [*x[:3], x[3] + ",extra", *x[4:]], 4, "evidence", "8 cells"),
    "thousands as columns": (lambda x: [*x[:3], x[3].replace("25757", "25,757"), *x[4:]], 4, "evidence", "8 cells"),
    "unclosed quotation mark": (
        lambda x: [*x[:3], x[3].replace("Ipeirotis", '"Ipeirotis'), *x[4:]],
        4,
        None,
        "quotation mark",
    ),
    "quote in header": (lambda x: ['"' + x[0], *x[1:]], 1, None, "quotation mark"),
    "semicolons": (lambda x: [line.replace(",", ";") for line in x], 1, None, "semicolons"),
    "tabs": (lambda x: [line.replace(",", "\t") for line in x], 1, None, "tabs"),
    "vertical bars": (lambda x: [line.replace(",", "|") for line in x], 1, None, "vertical bars"),
    "two header rows": (lambda x: [x[0], *x], 2, None, "the header a second time"),
    "summary row": (
        lambda x: [*x, "Total,297247,181470,IpeirotisTracker2026,sum,Apache-2.0,derived"],
        14,
        "year",
        "a summary row",
    ),
    "comment above": (lambda x: ["# read me", *x], 1, None, "a comment"),
    "comment within": (lambda x: [*x[:2], "# checked", *x[2:]], 3, None, "a comment"),
    "empty line within": (lambda x: [*x[:2], "", *x[2:]], 3, None, "an empty line"),
    "empty line at the end": (lambda x: [*x, ""], 14, None, "an empty line"),
    "merged-cell blank": (lambda x: [*x[:2], "," + x[2].split(",", 1)[1], *x[3:]], 3, "year", "an empty cell"),
}


@pytest.mark.parametrize("case", SHAPE)
def test_shape(folder, case):
    spoil, row, column, found = SHAPE[case]
    write_lines(folder, SHARES, spoil(lines_of(folder, SHARES)))
    error = refusal(folder, SHARES)
    assert (error.row, error.column, found in error.found) == (row, column, True), str(error)


# Numbers: what the cell holds, what the message calls it

NUMBERS = {
    "1,234": "a comma between thousands",
    "1.234,5": "a decimal comma",
    "1234,5": "a decimal comma",
    "1.234.567": "a mark between thousands",
    "1 234": "a mark between thousands",
    "1\u00a0234": "a mark between thousands",
    "1\u202f234": "a mark between thousands",
    "1'234": "a mark between thousands",
    "1_234": "a mark between thousands",
    "12e3": "powers of ten",
    "1e400": "powers of ten",
    "inf": "infinity",
    "-Infinity": "infinity",
    "nan": "the text 'nan' where a number should stand",
    "NA": "the text 'NA' where a number should stand",
    "N/A": "the text 'N/A' where a number should stand",
    "null": "the text 'null' where a number should stand",
    "-": "the text '-' where a number should stand",
    "-50": "a negative number",
    "-1+1": "not a plain number",
    "12.5": "a fraction",
    "0x1F": "a hexadecimal number",
    "260 k": "not a plain number",
    "~260000": "not a plain number",
    ">200": "not a plain number",
    "260000*": "not a plain number",
    "12%": "a per cent sign",
    "\u0661\u0662\u0663": "digits of another script",
    "\uff11\uff12\uff13": "digits of another script",
    "12345678901234567890123": "a number of 23 digits",
    "TRUE": "not a plain number",
    "2-Mar": "not a plain number",
    "007": "not a plain number",
    "12.": "not a plain number",
    " 1234": "a space at an end",
    "=1+1": "a formula",
    "+1234": "a formula",
    "9": "below 10",
    "": "an empty cell",
}


@pytest.mark.parametrize("text", NUMBERS)
def test_number(folder, text):
    set_cell(folder, SHARES, 5, "workers_us", text)
    error = refusal(folder, SHARES)
    assert (error.row, error.column) == (5, "workers_us")
    assert NUMBERS[text] in error.found, str(error)
    assert "a whole number" in error.expected or text.startswith(" ")


@pytest.mark.parametrize(
    ("text", "remedy"), [("1,234", "1234;"), ("1.234,5", "1234.5;"), ("1\u202f234", "1234;"), ("1'234", "1234;")]
)
def test_number_with_marks_is_shown_without_them(folder, text, remedy):
    set_cell(folder, SHARES, 5, "workers_us", text)
    assert refusal(folder, SHARES).expected.startswith(remedy)


def test_word_for_missing_is_told_to_leave_the_cell_empty(folder):
    set_cell(folder, COUNTS, 2, "low", "NA")
    error = refusal(folder, COUNTS)
    assert (error.row, error.column) == (2, "low")
    assert error.expected == "an empty cell for a missing number"


@pytest.mark.parametrize(
    ("row", "column", "text", "found"),
    [(3, "share_seen_again", "1.2", "above 1"), (3, "share_seen_again", "-0.1", "negative")],
)
def test_share_outside_its_range(folder, row, column, text, found):
    set_cell(folder, "mturk-return-curves", row, column, text)
    error = refusal(folder, "mturk-return-curves")
    assert (error.row, error.column, found in error.found) == (row, column, True)


def row_of(folder, name, identifier):
    return next(i for i, line in enumerate(lines_of(folder, name), start=1) if line.startswith(identifier + ","))


@pytest.mark.parametrize(
    ("column", "text", "blamed"),
    [("low", "500000000", "high"), ("high", "1", "high"), ("value", "1", "value"), ("value", "9e9", "value")],
)
def test_ends_of_a_range_in_the_wrong_order(folder, column, text, blamed):
    row = row_of(folder, COUNTS, "datta2023-online-gig-workers")
    set_cell(folder, COUNTS, row, column, text)
    error = refusal(folder, COUNTS)
    assert (error.row, error.column) == (row, blamed)


def test_bin_that_ends_before_it_starts(folder):
    set_cell(folder, "mturk-times-seen", 47, "times_seen_to", "49")
    error = refusal(folder, "mturk-times-seen")
    assert (error.row, error.column) == (47, "times_seen_to")
    assert "below times_seen_from" in error.found


# Keys and time


def test_duplicate_key(folder):
    set_cell(folder, SHARES, 5, "year", "2016")
    error = refusal(folder, SHARES)
    assert (error.row, error.column) == (5, "year")
    assert "as in row 3" in error.found


def test_duplicate_pair_of_keys(folder):
    set_cell(folder, "stewart-quarters", 4, "quarter", "1")
    error = refusal(folder, "stewart-quarters")
    assert (error.row, error.column) == (4, "sample")
    assert "as in row 2" in error.found


def test_unknown_source_suggests_the_nearest(folder):
    set_cell(folder, SHARES, 5, "source", "IpeirotisTracker2062")
    error = refusal(folder, SHARES)
    assert (error.row, error.column) == (5, "source")
    assert "unknown source" in error.found
    assert "IpeirotisTracker2026" in error.expected


def test_foreign_key_without_its_row(folder):
    lines = lines_of(folder, "mturk-years")
    write_lines(folder, "mturk-years", [line for line in lines if not line.startswith("2017,")])
    error = refusal(folder, SHARES)
    assert (error.row, error.column) == (4, "year")
    assert "mturk-years.csv does not have" in error.found


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("UK", "GB for the United Kingdom"),
        ("EL", "GR for Greece"),
        ("XX", "ISO 3166-1"),
        ("EU", "empty cell"),
        ("fr", "ISO 3166-1"),
        ("FRA", "ISO 3166-1"),
    ],
)
def test_country_code(folder, code, remedy):
    row = row_of(folder, COUNTS, "leludec2019-casual")
    set_cell(folder, COUNTS, row, "country", code)
    error = refusal(folder, COUNTS)
    assert (error.row, error.column, code in error.found) == (row, "country", True)
    assert remedy in str(error)


def test_namibia_is_a_country(folder):
    row = row_of(folder, COUNTS, "leludec2019-casual")
    set_cell(folder, COUNTS, row, "country", "NA")
    tables.seal(folder=folder)
    assert tables.load(COUNTS, folder=folder).country[row - 2] == "NA"


@pytest.mark.parametrize(
    ("table", "column", "text", "found"),
    [
        (SHARES, "year", "2999", "a year to come"),
        (SHARES, "year", "15", "below 2015"),
        (COUNTS, "period_end", "2031-05", "a year to come"),
        (COUNTS, "period_end", "2012", "below period_start"),
        (COUNTS, "period_end", "2015-02-30", "does not exist"),
        (COUNTS, "period_end", "2023-02-29", "does not exist"),
        (COUNTS, "period_end", "2015-13", "not a period"),
        (COUNTS, "period_end", "2015-3", "not a period"),
        (COUNTS, "period_end", "Q1 2015", "not a period"),
        (COUNTS, "period_end", "03/2015", "not a period"),
        (COUNTS, "period_end", "2015-03-29T02:30", "16 characters"),
        ("mturk-tracker-months", "month", "2015-13", "does not exist"),
        ("mturk-tracker-months", "month", "Mar-15", "not a date"),
        ("mturk-tracker-months", "month", "2015-03-01", "not a date"),
        ("mturk-tracker-months", "month", "2015-02", "before 2015-03"),
        ("stewart-quarters", "starts_on", "2013-02-29", "does not exist"),
        ("stewart-quarters", "starts_on", "01/04/2012", "not a date"),
        ("stewart-quarters", "starts_on", "2012-04-01 02:30", "not a date"),
        ("stewart-quarters", "starts_on", "41000", "not a date"),
    ],
)
def test_time(folder, table, column, text, found):
    set_cell(folder, table, 2, column, text)
    error = refusal(folder, table)
    assert (error.row, error.column) == (2, column)
    assert found in error.found, str(error)


@pytest.mark.parametrize(
    ("column", "text", "remedy"),
    [
        ("evidence", "Seen", "'seen', perhaps"),
        ("licence", "CC BY 4.0", "CC-BY-4.0"),
        ("status", "reproduce", "'reproduced', perhaps"),
    ],
)
def test_word_outside_its_list(folder, column, text, remedy):
    set_cell(folder, CLAIMS, 2, column, text)
    error = refusal(folder, CLAIMS)
    assert (error.row, error.column) == (2, column)
    assert remedy in error.expected


# Text as an attack

ATTACKS = {
    '=HYPERLINK("x")': "a formula",
    "+cmd|calc": "a formula",
    "-1+1": "a formula",
    "@SUM(A1)": "a formula",
    "\tcmd": "a formula",
    "<script>x</script>": "HTML",
    "</script>": "HTML",
    "<img src=x onerror=x>": "HTML",
    "a <b>bold</b> word": "HTML",
    "<svg><script>x</script></svg>": "HTML",
    "<!-- remark -->": "HTML",
    "javascript:alert(1)": "an address",
    "data:text/html,x": "an address",
    "https://example.org/x": "an address",
    "see javascript:alert(1)": "an address",
    "a note:without a space": "a colon",
    "{{7*7}}": "U+007B",
    "{raw} html": "U+007B",
    "```{include} x": "U+0060",
    "a $x^2$ formula": "U+0024",
    "a `code` span": "U+0060",
    "\\input{x}": "U+005C",
    "\\write18{x}": "U+005C",
    "[link](x)": "U+005B",
    "a | b": "U+007C",
    "hello \U0001f600": "U+1F600",
    "zalgo e\u0301\u0301": "U+0301",
    "\u0430dmin": "U+0430",
    "a\u00a0b": "U+00A0",
    "two  \t tabs": "tabs",
    "x" * 10_000: "a text of 10,000 characters",
    'a "quoted" word': "U+0022",
    " padded": "a space at an end",
}


@pytest.mark.parametrize("text", ATTACKS, ids=lambda text: ascii(text[:30]))
@pytest.mark.parametrize("column", ["statement", "note", "locator"])
def test_text(folder, text, column):
    set_cell(folder, CLAIMS, 3, column, text)
    error = refusal(folder, CLAIMS)
    assert (error.row, error.column) == (3, column)
    assert ATTACKS[text] in error.found, str(error)
    assert len(str(error)) < 500
    assert str(error).isprintable()


# The descriptor and the bibliography

DESCRIPTORS = {
    "not JSON": ("{", "JSON"),
    "no resources": ("{}", "no list of resources"),
    "a list": ("[]", "no list of resources"),
    "empty": ("", "an empty file"),
    "path outside": (
        '{"resources": [{"name": "x", "path": "../secret.csv", "schema": {"fields": []}}]}',
        "../secret.csv",
    ),
    "absolute path": ('{"resources": [{"name": "x", "path": "/etc/passwd", "schema": {"fields": []}}]}', "/etc/passwd"),
    "escaped path": ('{"resources": [{"name": "x", "path": "%2e%2e/x.csv", "schema": {"fields": []}}]}', "%2e%2e"),
    "no schema": ('{"resources": [{"name": "x", "path": "x.csv"}]}', "without 'schema'"),
    "unknown type": (
        '{"resources": [{"name": "x", "path": "x.csv", "schema": {"fields": [{"name": "a", "type": "object"}]}}]}',
        "the type 'object'",
    ),
    "broken pattern": (
        '{"resources": [{"name": "x", "path": "x.csv", "schema": {"fields": '
        '[{"name": "a", "type": "string", "constraints": {"pattern": "("}}]}}]}',
        "a pattern that is not one",
    ),
}


@pytest.mark.parametrize("case", DESCRIPTORS)
def test_descriptor(folder, case):
    text, found = DESCRIPTORS[case]
    (folder / "datapackage.json").write_text(text + "\n" if text else "")
    problems = tables.check_all(folder=folder)
    assert [problem.file for problem in problems] == ["datapackage.json"]
    assert found in problems[0].found, str(problems[0])


def test_bibliography_with_a_key_twice(folder):
    path = folder / "references.bib"
    path.write_text(path.read_text(encoding="utf-8") + "\n@misc{Chao1987,\n  title = {Again},\n}\n", encoding="utf-8")
    assert [problem.found for problem in tables.check_all(folder=folder)] == ["the key Chao1987 twice"]


# A good-looking change is refused too, until it is sealed


def test_changed_content_is_refused_until_sealed(folder):
    set_cell(folder, SHARES, 5, "workers_us", "15274")
    error = refusal(folder, SHARES)
    assert "differs from its seal" in error.found
    assert "seal()" in error.expected
    assert tables.seal(folder=folder) == [SHARES]
    assert tables.load(SHARES, folder=folder).workers_us[3] == 15274


def test_seal_refuses_bad_content(folder):
    before = (folder / "datapackage.json").read_bytes()
    set_cell(folder, SHARES, 5, "workers_us", "-1")
    with pytest.raises(InputError, match="a negative number"):
        tables.seal(folder=folder)
    assert (folder / "datapackage.json").read_bytes() == before


def test_many_faults_are_listed_together(folder):
    lines = lines_of(folder, "mturk-return-curves")
    header, *rows = lines
    write_lines(folder, "mturk-return-curves", [header, *(row.replace(",0.", ",2.") for row in rows)])
    set_cell(folder, SHARES, 5, "workers_us", "1,234")
    problems = tables.check_all(folder=folder)
    text = tables.report(problems)
    assert text.startswith(f"{len(rows) + 1} problems found:")
    assert f"mturk-return-curves.csv: and {len(rows) - 20} more" in text
    assert text.count("\n- ") == 20 + 1 + 1
    with pytest.raises(InputError) as caught:
        tables.load("mturk-return-curves", folder=folder)
    assert f"{len(rows) - 1} more" in caught.value.__notes__[0]


# Random damage: refused, or the same table; never another exception


@st.composite
def damage(draw):
    kind = draw(st.sampled_from(["replace", "insert", "delete", "swap lines", "repeat line"]))
    where = draw(st.floats(0, 1, exclude_max=True))
    alphabet = st.sampled_from(list("0123456789,.;-+=@\"'<>{}\t\n\r #eE%NAinf\u00a0\u202e\u0661é")) | st.characters()
    return kind, where, draw(st.text(alphabet, min_size=1, max_size=4))


def load_or_refuse(name, folder, *, seal=False):
    try:
        if seal:
            tables.seal(folder=folder)
        return tables.load(name, folder=folder), None
    except InputError as error:
        return None, error


def spoil(raw, kind, where, text):
    i = int(where * len(raw))
    extra = text.encode("utf-8", "surrogatepass")
    if kind == "replace":
        return raw[:i] + extra + raw[i + len(extra) :]
    if kind == "insert":
        return raw[:i] + extra + raw[i:]
    if kind == "delete":
        return raw[:i] + raw[i + len(extra) :]
    lines = raw.split(b"\n")
    j = int(where * (len(lines) - 2))
    if kind == "swap lines":
        lines[j], lines[j + 1] = lines[j + 1], lines[j]
    else:
        lines.insert(j, lines[j])
    return b"\n".join(lines)


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(DAMAGED), blow=damage())
def test_damaged_table_is_refused_or_equal(small_folder, name, blow):
    path = small_folder / f"{name}.csv"
    good = (tables.data_folder() / f"{name}.csv").read_bytes()
    path.write_bytes(spoil(good, *blow))
    loaded, error = load_or_refuse(name, small_folder)
    path.write_bytes(good)
    if error:
        assert error.file == f"{name}.csv"
        assert str(error).isprintable()
    else:
        assert loaded.equals(tables.load(name))


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=st.sampled_from(DAMAGED), blow=damage())
def test_damage_that_the_schema_allows_loads_as_written(small_folder, name, blow):
    """Without the seal, whatever passes is read cell by cell as the file says, nothing shifted, nothing guessed."""
    path = small_folder / f"{name}.csv"
    good = (tables.data_folder() / f"{name}.csv").read_bytes()
    descriptor = (small_folder / "datapackage.json").read_bytes()
    path.write_bytes(spoil(good, *blow))
    loaded, error = load_or_refuse(name, small_folder, seal=True)
    spoilt = path.read_bytes()
    path.write_bytes(good)
    (small_folder / "datapackage.json").write_bytes(descriptor)
    if error:
        assert error.file == f"{name}.csv"
        return
    written = list(csv.DictReader(io.StringIO(spoilt.decode(), newline="")))
    assert list(loaded.columns) == list(written[0])
    assert list(loaded.dtypes) == list(tables.load(name).dtypes)
    assert len(loaded) == len(written)
    for column in loaded.columns:
        for cell, text in zip(loaded[column], (row[column] for row in written), strict=True):
            if loaded[column].dtype == "float64":
                assert (cell != cell) if text == "" else cell == float(text)
            elif loaded[column].dtype.kind in "iu":
                assert cell == int(text)
            elif loaded[column].dtype.kind == "M":
                assert str(cell)[: len(text)] == text
            else:
                assert cell == text
