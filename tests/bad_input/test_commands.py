"""The command line on spoilt tables and wrong folders: one clear message with place and remedy, never a traceback."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest

from platformlabour import cli, tables

SEEN = "mturk-times-seen"
ESTIMATES = "published-estimates"

# What is wrong with which table: old bytes, new bytes, then row, column and finding that the message must name, and a
# word of its remedy.
SPOILT = {
    "a wrong byte": (SEEN, b"Apache-2.0", b"Apache\xe92.0", 2, None, "0xE9", "UTF-8"),
    "a missing column": (SEEN, b"times_seen_to,workers", b"times_seen_to", 1, "workers", "no column", "column"),
    "a thousands separator": (SEEN, b"\n1,1,94573,94573", b'\n1,1,"94,573",94573', 2, "workers", "94,573", "94573"),
    "a negative count": (SEEN, b"\n2,2,25615", b"\n2,2,-25615", 3, "workers", "-25615", "or more"),
    "an unknown source key": (
        SEEN,
        b",IpeirotisTracker2026,",
        b",IpeirotisTraker2026,",
        2,
        "source",
        "IpeirotisTraker2026",
        "IpeirotisTracker2026",
    ),
    "NA for a number": (SEEN, b"\n3,3,12122", b"\n3,3,NA", 4, "workers", "NA", "number"),
    "a word for a number": (SEEN, b"\n3,3,12122", b"\n3,3,many", 4, "workers", "many", "number"),
}


@pytest.fixture
def data(tmp_path):
    """A copy of the data that may be spoilt."""
    return shutil.copytree(tables.data_folder(), tmp_path / "report" / "data")


@pytest.fixture
def report(data):
    """The smallest folder that the book command takes for a checkout, with the same data."""
    (data.parent / "_config.yml").write_text("title: A report\n", encoding="utf-8")
    return data.parent


def spoil(data, table, old, new):
    path = data / f"{table}.csv"
    raw = path.read_bytes()
    assert old in raw
    path.write_bytes(raw.replace(old, new, 1) if old != b"times_seen_to,workers" else without_column(raw, b"workers"))


def without_column(raw, name):
    """Drop a column from every row of a table whose cells hold no quoted comma."""
    rows = [line.split(b",") for line in raw.rstrip(b"\n").split(b"\n")]
    position = rows[0].index(name)
    return b"\n".join(b",".join(row[:position] + row[position + 1 :]) for row in rows) + b"\n"


def run(*arguments, folder=None):
    """Run the command as a user does, in a process of its own; return its exit status and two outputs."""
    done = subprocess.run(
        [sys.executable, "-m", "platformlabour.cli", *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PLATFORMLABOUR_DATA"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def only_messages(shown):
    """Whether an output is free of what only a programmer reads."""
    return not re.search(r'Traceback|File ".*", line \d+|\w+Error\b|<\w+ object', shown)


@pytest.mark.parametrize("command", ["data check", "book"])
@pytest.mark.parametrize("fault", SPOILT)
def test_a_spoilt_table_stops_the_command_with_the_place_and_the_remedy(fault, command, data, report, capsys):
    table, old, new, row, column, found, remedy = SPOILT[fault]
    spoil(data, table, old, new)
    words = command.split()
    assert cli.main([*words, "--folder", str(data if words[0] == "data" else report)]) == 2
    shown = capsys.readouterr().err
    place = f"{table}.csv, row {row}" + (f', column "{column}"' if column else "")
    message = next(line for line in shown.splitlines() if place in line)
    assert found in message.split("; expected ")[0]
    assert remedy in message.split("; expected ")[1]
    assert only_messages(shown)
    assert not (report / "_build").exists(), "nothing is built from a faulty table"


def test_na_is_a_country(data, capsys):
    path = data / f"{ESTIMATES}.csv"
    header, *rows = path.read_text("utf-8").splitlines()
    country = header.split(",").index("country")
    position, row = next(
        (i, row) for i, row in enumerate(rows) if '"' not in row and row.split(",")[country] == "" and ",world," in row
    )
    cells = row.split(",")
    cells[country] = "NA"
    rows[position] = ",".join(cells).replace(",world,", ",Namibia,")
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8", newline="\n")
    tables.seal(folder=data)
    assert cli.main(["data", "check", "--folder", str(data)]) == 0
    assert capsys.readouterr().err == ""
    assert tables.load(ESTIMATES, folder=data)["country"].iloc[position] == "NA"


def test_a_change_that_is_not_sealed_is_noticed_and_sealing_accepts_it(data, capsys):
    path = data / f"{SEEN}.csv"
    path.write_bytes(path.read_bytes().replace(b"\n1,1,94573,94573", b"\n1,1,94572,94572", 1))
    assert cli.main(["data", "check", "--folder", str(data)]) == 2
    shown = capsys.readouterr().err
    assert f"{SEEN}.csv" in shown
    assert "seal" in shown
    assert cli.main(["data", "seal", "--folder", str(data)]) == 0
    assert cli.main(["data", "check", "--folder", str(data)]) == 0


def test_a_spoilt_table_cannot_be_sealed(data, capsys):
    spoil(data, *SPOILT["a negative count"][:3])
    before = (data / "datapackage.json").read_bytes()
    assert cli.main(["data", "seal", "--folder", str(data)]) == 2
    assert f'{SEEN}.csv, row 3, column "workers"' in capsys.readouterr().err
    assert (data / "datapackage.json").read_bytes() == before


def test_every_faulty_table_is_named_at_once(data, capsys):
    spoil(data, *SPOILT["a negative count"][:3])
    spoil(data, "mturk-years", b"\n2015,10,", b"\n2015,ten,")
    assert cli.main(["data", "check", "--folder", str(data)]) == 2
    shown = capsys.readouterr().err
    assert "2 problems found" in shown or int(re.match(r"(\d+) problems found", shown)[1]) >= 2
    assert f"{SEEN}.csv" in shown
    assert "mturk-years.csv" in shown


def test_a_good_folder_passes_in_one_line(data, capsys):
    assert cli.main(["data", "check", "--folder", str(data)]) == 0
    said = capsys.readouterr()
    count = len(tables.names(folder=data))
    assert re.fullmatch(rf"{count} tables: .*\n", said.out)
    assert said.err == ""


def test_the_tables_counted_are_those_of_the_folder_named(data, capsys):
    path = data / "datapackage.json"
    package = json.loads(path.read_text("utf-8"))
    package["resources"] = [entry for entry in package["resources"] if entry["name"] == "mturk-years"]
    path.write_text(json.dumps(package) + "\n", encoding="utf-8")
    for table in data.glob("*.csv"):
        if table.stem != "mturk-years":
            table.unlink()
    assert cli.main(["data", "check", "--folder", str(data)]) == 0
    assert capsys.readouterr().out.startswith("1 table")


# --- the command itself, in a process of its own


def test_as_a_process_a_spoilt_table_gives_status_2_and_messages_only(data, report):
    spoil(data, *SPOILT["a thousands separator"][:3])
    status, said, shown = run("book", folder=report)
    assert status == 2
    assert said == "Checking the data\n"
    assert f'{SEEN}.csv, row 2, column "workers"' in shown
    assert only_messages(shown)


def test_an_unknown_command_lists_the_known_ones(tmp_path):
    status, said, shown = run("publish", folder=tmp_path)
    assert (status, said) == (2, "")
    assert all(name in shown for name in ("publish", "book", "data", "verify"))
    assert only_messages(shown)


def test_no_command_shows_how_to_use_it(tmp_path):
    status, _, shown = run(folder=tmp_path)
    assert status == 2
    assert shown.startswith("usage: platformlabour")
    assert only_messages(shown)


@pytest.mark.parametrize("arguments", [["book"], ["book", "--format", "html"], ["verify"], ["verify", "--accept"]])
def test_a_folder_that_is_no_checkout_is_called_so_and_left_as_it_was(arguments, tmp_path, capsys):
    assert cli.main([*arguments, "--folder", str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert "; expected " in shown
    assert only_messages(shown)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["book"], ["verify"], ["data", "check"], ["data", "seal"]])
def test_a_folder_that_does_not_exist_is_called_so(arguments, tmp_path, capsys):
    assert cli.main([*arguments, "--folder", str(tmp_path / "nowhere")]) == 2
    shown = capsys.readouterr().err
    assert "; expected " in shown
    assert only_messages(shown)
    assert not (tmp_path / "nowhere").exists()


def test_an_unknown_format_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["book", "--format", "epub"])
    assert stop.value.code == 2
    shown = capsys.readouterr().err
    assert all(name in shown for name in ("epub", "html", "pdf"))


def test_the_environment_variable_that_names_no_data_folder_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLATFORMLABOUR_DATA", str(tmp_path))
    assert cli.main(["data", "check"]) == 2
    shown = capsys.readouterr().err
    assert "PLATFORMLABOUR_DATA" in shown
    assert only_messages(shown)


def test_results_that_are_no_json_are_called_so(tmp_path, capsys):
    built = tmp_path / "_build" / "html"
    built.mkdir(parents=True)
    (built / "results.json").write_text("{", encoding="utf-8")
    assert cli.main(["verify", "--folder", str(tmp_path)]) == 2
    shown = capsys.readouterr().err
    assert "results.json" in shown
    assert "make book" in shown
    assert only_messages(shown)
