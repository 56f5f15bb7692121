"""The command that computes control, on spoilt holdings: one message with place and remedy, exit 2, nothing dropped."""

import json
import os
import pickle
import subprocess
import sys

import pytest

from platformlabour import InputError, cli
from platformlabour.networks import control

GOOD = "owner,owned,share\nSoftBank,Uber,15\nSoftBank,Didi,20\nUber,Didi,13\n"

# What is wrong, the file, words that the message must contain.
SPOILT = {
    "a share over 100%": ("A,B,120", ["row 2", '"share"', "120", "100 at most"]),
    "a fraction over 1, declared": ("A,B,1.2\nC,D,0.3", ["row 2", "1.2", "1 at most", "percent"]),
    "more than the whole of one firm": ("A,C,60\nB,C,30\nD,C,20", ["row 4", "110% of 'C' held, in rows 2, 3, 4"]),
    "fractions above the whole": ("A,C,0.6\nB,C,0.5", ["row 3", "110% of 'C'"]),
    "a holding in itself": ("A,B,50\nB,B,10", ["row 3", '"owned"', "'B' as its own owner"]),
    "a duplicate": ("A,B,20\nC,B,20\nA,B,20", ["row 4", "'A' in 'B' again, first in row 2"]),
    "another spelling": ("SoftBank,Uber,15\nSoftbank,Didi,20", ["row 3", "'Softbank'", "'SoftBank'", "one spelling"]),
    "a negative share": ("A,B,-15\nA,C,20", ["row 2", "negative number, -15"]),
    "a share of nothing": ("A,B,0\nA,C,20", ["row 2", "share of 0"]),
    "text": ("A,B,most\nA,C,20", ["row 2", '"share"', "'most'", "number"]),
    "an empty share": ("A,B,\nA,C,20", ["row 2", '"share"', "empty cell"]),
    "a decimal comma": ('A,B,"0,15"', ["row 2", "'0,15'", "0.15"]),
    "a thousands separator": ("A,B,1,500", ["row 2", "4 cells", "3 cells"]),
    "infinity": ("A,B,inf", ["row 2", "'inf'"]),
    "not a number": ("A,B,nan", ["row 2", "'nan'"]),
    "far too large an exponent": ("A,B,1e999", ["row 2", "inf"]),
    "percent among fractions": ("A,B,0.15\nA,C,20", ["fractions or percentages", "row 3", "row 2", "declared"]),
    "a share of 1 among percentages": ("A,B,1\nA,C,20", ["fractions or percentages"]),
    "some percent signs": ("A,B,15%\nA,C,20", ["some numbers with a percent sign"]),
    "no name": (",B,15", ["row 2", '"owner"', "no name"]),
    "a line break in a name": ('"A\nB",C,15', ["row 2", "printable"]),
    "no rows": ("", ["header and no holding"]),
    "an empty line": ("A,B,15\n\nA,C,20", ["row 3", "an empty line"]),
    "an open quotation mark": ('"A,B,15', ["broken cell"]),
}
HEADERS = {
    "an unknown column": (
        "owner,owned,share,year",
        ["row 1", "unknown column 'year'", "only owner, owned, share, votes"],
    ),
    "a missing column": ("owner,owned", ["no column 'share'"]),
    "a column twice": ("owner,owner,owned,share", ["'owner' twice"]),
    "a column without a name": ("owner,owned,share,", ["column without a name"]),
    "capitals": ("Owner,Owned,Share", ["unknown column 'Owner'"]),
}


def write(folder, text):
    path = folder / "holdings.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(capsys, *arguments):
    assert cli.main(["control", *map(str, arguments)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "Traceback" not in shown.err
    return shown.err


@pytest.mark.parametrize("fault", SPOILT)
def test_each_spoilt_row_is_refused_with_its_place(fault, tmp_path, capsys):
    rows, words = SPOILT[fault]
    unit = ["--unit", "fraction"] if "declared" in fault else []
    shown = refusal(capsys, write(tmp_path, f"owner,owned,share\n{rows}\n" if rows else "owner,owned,share\n"), *unit)
    for word in words:
        assert word in shown
    assert "holdings.csv" in shown


@pytest.mark.parametrize("fault", HEADERS)
def test_each_spoilt_header_is_refused(fault, tmp_path, capsys):
    header, words = HEADERS[fault]
    shown = refusal(capsys, write(tmp_path, header + "\n" + ",".join(["A", "B", "15", "x"][: header.count(",") + 1])))
    for word in words:
        assert word in shown


def test_every_fault_is_named_at_once(tmp_path, capsys):
    shown = refusal(capsys, write(tmp_path, "owner,owned,share\nA,B,-5\nC,C,20\nD,E,300\n"))
    assert "3 problems found" in shown
    assert all(f"row {row}" in shown for row in (2, 3, 4))


def test_a_circle_of_full_ownership(tmp_path, capsys):
    path = write(tmp_path, "owner,owned,share\nA,B,100\nB,C,100\nC,A,100\nA,D,50\n")
    shown = refusal(capsys, path)
    assert "circle of full ownership: A, B, C" in shown
    assert "outside the circle" in shown
    # Control and power do not need the inverse: they answer and say that there is a circle.
    for measure in ("cumulated", "npi"):
        assert cli.main(["control", str(path), "--measure", measure]) == 0
        assert "holdings in a circle: A, B, C" in capsys.readouterr().out


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00\x01", b"owner,owned,share\nA\xe9,B,15\n", b"PK\x03\x04\x00\x00", b"owner;owned;share\nA;B;15\n"],
)
def test_files_that_are_not_a_table(raw, tmp_path, capsys):
    assert "expected" in refusal(capsys, write(tmp_path, raw))


def test_places_that_hold_no_file(tmp_path, capsys):
    assert "no file" in refusal(capsys, tmp_path / "none.csv")
    assert "folder" in refusal(capsys, tmp_path)


@pytest.mark.parametrize(
    "options",
    [
        ["--threshold", "1"],
        ["--threshold", "half"],
        ["--threshold", "-0.1"],
        ["--threshold", "nan"],
        ["--draws", "10"],
        ["--seed", "1"],
        ["--rest", "no-votes"],
        ["--measure", "npi", "--draws", "1"],
        ["--measure", "npi", "--draws", "many"],
        ["--measure", "npi", "--seed", "-1"],
        ["--measure", "npi", "--seed", "1.5"],
        ["--owner", "Nobody"],
        ["--unit", "fraction"],
    ],
)
def test_options_that_make_no_sense(options, tmp_path, capsys):
    assert "expected" in refusal(capsys, write(tmp_path, GOOD), *options)


def test_an_unknown_measure_is_refused_by_the_parser(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["control", str(write(tmp_path, GOOD)), "--measure", "betweenness"])
    assert stop.value.code == 2
    assert "integrated" in capsys.readouterr().err


def test_what_is_read_is_said(tmp_path, capsys):
    assert cli.main(["control", str(write(tmp_path, GOOD)), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["unit"] == "percent"
    assert "numbers read as percentages" in answer["notes"]
    shares = {(row["owner"], row["firm"]): row["integrated"] for row in answer["rows"]}
    assert shares["SoftBank", "Didi"] == pytest.approx(0.2195)
    assert len(shares) == answer["holdings"] == 3


@pytest.mark.parametrize(
    ("rows", "unit", "expected"),
    [
        ("A,B,0.5\nA,C,1", None, "fraction"),
        ("A,B,50\nA,C,1.5", None, "percent"),
        ("A,B,50%\nA,C,1%", None, "percent"),
        ("A,B,0.5\nA,C,20", "percent", "percent"),
    ],
)
def test_units(rows, unit, expected, tmp_path):
    holdings = control.read_holdings(write(tmp_path, f"owner,owned,share\n{rows}\n"), unit=unit)
    assert holdings.unit == expected
    scale = 100 if expected == "percent" else 1
    first = float(rows.split("\n")[0].split(",")[2].rstrip("%"))
    assert holdings.shares[0, 1] == pytest.approx(first / scale)


def test_shares_without_a_vote_are_shares(tmp_path, capsys):
    path = write(tmp_path, "owner,owned,share,votes\nMeta,Scale,49,0\nfounders,Scale,51,100\n")
    assert cli.main(["control", str(path), "--measure", "cumulated", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [(row["owner"], row["firm"]) for row in rows] == [("founders", "Scale")]
    assert control.read_holdings(path).shares.nnz == 2


def test_votes_above_the_whole(tmp_path, capsys):
    path = write(tmp_path, "owner,owned,share,votes\nA,C,40,60\nB,C,40,60\n")
    assert '"votes"' in refusal(capsys, path)


def test_a_reader_that_stops_early_is_no_fault(tmp_path):
    rows = "".join(f"A,firm {i},50\n" for i in range(1500))
    path = write(tmp_path, "owner,owned,share\n" + rows)
    done = subprocess.run(
        [sys.executable, "-m", "platformlabour.cli", "control", str(path)],
        stdout=open_and_close(),
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    assert done.stderr == b""


def open_and_close():
    """The writing end of a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def test_a_refusal_survives_pickling(tmp_path):
    with pytest.raises(InputError) as caught:
        control.from_rows([("A", "A", 0.5), ("B", "C", -1)])
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert len(again.faults) == 2


@pytest.mark.parametrize(
    "rows",
    [[], [("A", "B")], [("A", "B", 0.5), ("A", "C", 0.5, 0.5)], [("A", "B", "x")], [(1, "B", 0.5)], [(" A", "B", 0.5)]],
)
def test_rows_from_a_program_are_checked_too(rows):
    with pytest.raises(InputError):
        control.from_rows(rows)


def test_a_wrong_unit_is_refused(tmp_path):
    with pytest.raises(InputError, match="unit"):
        control.from_rows([("A", "B", 0.5)], unit="per mille")
    with pytest.raises(InputError, match="unit"):
        control.read_holdings(write(tmp_path, GOOD), unit="per mille")
