"""Random logs against a plain count of sets; faults, privacy, interruption; DuckDB against local Spark."""

import argparse
import datetime
import gzip
import json
import os
import shutil
import zoneinfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platformlabour import InputError
from platformlabour.counting import histories as module
from platformlabour.counting.histories import histories, main_arguments, parse_period, run

# Ibis calls a method that DuckDB 2 renamed; its own resources are its own affair.
pytestmark = [
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
START = 1_704_067_200  # 2024-01-01T00:00Z
DAY = 86_400
REVEALED = {"threshold": 1, "reason": "simulated workers"}


@pytest.fixture
def engine():
    pytest.importorskip("ibis", reason="Ibis is not installed: pip install 'platform-labour[logs]'")
    pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'platform-labour[logs]'")


def written(path, rows, header=("worker", "time")):
    pd.DataFrame(rows, columns=list(header)).to_csv(path, index=False)
    return path


def instant(seconds):
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.UTC):%Y-%m-%dT%H:%M:%S}Z"


def counted(events, days, occasions):
    """The plain reference: a set of occasions a worker, then a count of equal sets."""
    seen = {}
    for worker, at in events:
        seen.setdefault(worker, set()).add((at - START) // (days * DAY))
    patterns = {}
    for places in seen.values():
        key = tuple(int(i in places) for i in range(occasions))
        patterns[key] = patterns.get(key, 0) + 1
    return patterns


def shown(result):
    return {tuple(map(int, row[:-1])): int(row[-1]) for row in result.patterns.to_numpy()}


EVENTS = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(START, START + 40 * DAY)), min_size=1, max_size=60)


@given(EVENTS, st.sampled_from([1, 3, 7, 20]), st.randoms(use_true_random=False))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_random_logs_rows_in_any_order_and_repeated(engine, tmp_path, events, days, shuffler):
    last = max(at for _, at in events)
    occasions = (last - START) // (days * DAY) + 1
    if occasions < 2:
        return
    again = [*events, *events[: len(events) // 2]]
    shuffler.shuffle(again)
    for name, rows in (("one", events), ("other", again)):
        log = written(tmp_path / f"{name}.csv", [(worker, instant(at)) for worker, at in rows])
        result = histories(log, worker="worker", time="time", every=f"{days}d", starts="2024-01-01", **REVEALED)
        assert shown(result) == counted(events, days, occasions)
        assert result.rows == len(rows)


def test_an_instant_on_the_boundary_opens_the_next_occasion(engine, tmp_path):
    rows = [("a", "2024-01-01 00:00:00"), ("b", "2024-01-01 23:59:59.999999"), ("c", "2024-01-02 00:00:00.000000")]
    result = histories(written(tmp_path / "l.csv", rows), worker="worker", time="time", every="1d", **REVEALED)
    assert shown(result) == {(1, 0): 2, (0, 1): 1}
    assert result.names == ("2024-01-01", "2024-01-02")
    assert result.totals["ends"].tolist() == ["2024-01-02T00:00Z", "2024-01-03T00:00Z"]


def test_the_hour_that_summer_time_repeats_is_two_hours(engine, tmp_path):
    paris = zoneinfo.ZoneInfo("Europe/Paris")
    before = datetime.datetime(2024, 10, 27, 2, 30, tzinfo=paris)
    rows = [("a", before.isoformat(timespec="seconds")), ("b", before.replace(fold=1).isoformat(timespec="seconds"))]
    assert rows[0][1][:19] == rows[1][1][:19]
    result = histories(written(tmp_path / "l.csv", rows), worker="worker", time="time", every="1h", **REVEALED)
    assert result.names == ("2024-10-27T00:00Z", "2024-10-27T01:00Z")
    assert shown(result) == {(1, 0): 1, (0, 1): 1}


def test_parquet_gzip_text_and_dates_agree(engine, tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    generator = np.random.default_rng(7)
    at = START + generator.integers(0, 50 * DAY, 400) // DAY * DAY
    frame = pd.DataFrame({"worker": generator.integers(0, 90, 400), "time": pd.to_datetime(at, unit="s")})
    rows = [(worker, instant(moment)) for worker, moment in zip(frame["worker"], at, strict=True)]
    written(tmp_path / "text.csv", rows)
    with gzip.open(tmp_path / "text.csv.gz", "wb") as packed:
        packed.write((tmp_path / "text.csv").read_bytes())
    (tmp_path / "text.tsv").write_text((tmp_path / "text.csv").read_text().replace(",", "\t"))
    worker = pa.array(frame["worker"].to_numpy())
    kinds = {
        "naive": pa.array(at * 10**6, pa.timestamp("us")),
        "zoned": pa.array(at * 10**3, pa.timestamp("ms", "Asia/Tokyo")),
        "day": pa.array(at // DAY, pa.int32()).cast(pa.date32()),
        "text": pa.array([moment for _, moment in rows]),
    }
    for name, column in kinds.items():
        parquet.write_table(pa.table({"worker": worker, "time": column}), tmp_path / f"{name}.parquet")
    found = [
        shown(histories(path, worker="worker", time="time", every="10d", **REVEALED))
        for path in sorted(tmp_path.iterdir())
    ]
    assert len(found) == 7
    assert all(one == counted([(w, m) for (w, _), m in zip(rows, at, strict=True)], 10, 5) for one in found)


def test_more_occasions_than_one_word_holds(engine, tmp_path):
    generator = np.random.default_rng(3)
    events = [(f"w{generator.integers(30)}", START + int(x)) for x in generator.integers(0, 150 * DAY, 900)]
    log = written(tmp_path / "l.csv", [(worker, instant(at)) for worker, at in events])
    result = histories(log, worker="worker", time="time", every="1d", starts="2024-01-01", **REVEALED)
    assert len(result.names) == 150
    assert shown(result) == counted(events, 1, 150)


def test_many_files_count_as_one(engine, tmp_path):
    rows = [(f"w{i % 40}", instant(START + i * 3_600)) for i in range(400)]
    (tmp_path / "parts").mkdir()
    for part in range(4):
        written(tmp_path / "parts" / f"{part}.csv", rows[part::4])
    whole = histories(written(tmp_path / "all.csv", rows), worker="worker", time="time", every="3d", **REVEALED)
    parts = histories(tmp_path / "parts", worker="worker", time="time", every="3d", **REVEALED)
    assert shown(whole) == shown(parts)


def test_platforms_are_lists_by_column_or_by_log(engine, tmp_path):
    rows = [("a", "X"), ("a", "Y"), ("a", "Y"), ("b", "Y"), ("c", "X")]
    column = histories(
        written(tmp_path / "l.csv", rows, ("worker", "site")), worker="worker", platform="site", **REVEALED
    )
    for name in "XY":
        written(tmp_path / f"{name}.csv", [(w,) for w, site in rows if site == name], ("worker",))
    logs = histories([f"{name}={tmp_path / name}.csv" for name in "XY"], worker="worker", **REVEALED)
    mapped = histories({name: tmp_path / f"{name}.csv" for name in "XY"}, worker="worker", **REVEALED)
    for result in (column, logs, mapped):
        assert result.kind == "lists"
        assert result.names == ("X", "Y")
        assert shown(result) == {(1, 1): 1, (0, 1): 1, (1, 0): 1}
        assert result.capture_patterns().captured == 3


def test_events_before_the_start_are_left_out_and_told(engine, tmp_path):
    rows = [("a", "2023-12-31"), ("b", "2024-01-01"), ("b", "2024-01-02"), ("c", "2024-01-02")]
    log = written(tmp_path / "l.csv", rows)
    result = histories(log, worker="worker", time="time", every="1d", starts="2024-01-01", **REVEALED)
    assert (result.workers, result.rows) == (2, 3)
    assert "1 rows before 2024-01-01T00:00Z were left out" in result.warnings


BAD_LOGS = {
    "time": ("worker,time\na,2024-01-01\nb,soon\nc,2024-01-03\n", "row 3, column \"time\": found 'soon'"),
    "day": ("worker,time\na,2024-01-01\nb,2024-02-30\n", "row 3"),
    "number": ("worker,time\na,1704067200\n", "row 2"),
    "no time": ("worker,time\na,2024-01-01\nb,\n", 'row 3, column "time": found an empty cell'),
    "no worker": ("worker,time\na,2024-01-01\n,2024-01-03\n", 'row 3, column "worker"'),
    "blank worker": ('worker,time\na,2024-01-01\n"  ",2024-01-03\n', 'row 3, column "worker"'),
    "mixed zones": ("worker,time\na,2024-01-01T10:00:00Z\nb,2024-01-03T10:00:00\n", "1 times with an offset"),
    "column": ("who,time\na,2024-01-01\n", "a column named 'worker'"),
    "twice": ("worker,worker,time\na,b,2024-01-01\n", "two columns of that name"),
    "no rows": ("worker,time\n", "a header without rows"),
    "nothing": ("", "an empty file"),
    "one moment": ("worker,time\na,2024-01-01\nb,2024-01-01\n", "a period short enough"),
    "stray date": ("worker,time\na,1970-01-01\nb,2024-01-01\n", "without stray dates"),
    "long row": ("worker,time\na,2024-01-01\nb,2024-01-03,x\n", "row 3"),
    "short row": ("worker,time\na,2024-01-01\nb\n", "row 3"),
}


@pytest.mark.parametrize("fault", BAD_LOGS)
def test_faulty_logs_are_refused_in_one_message(engine, tmp_path, fault):
    text, message = BAD_LOGS[fault]
    log, out = tmp_path / "log.csv", tmp_path / "out.csv"
    log.write_text(text)
    with pytest.raises(InputError) as refused:
        histories(log, worker="worker", time="time", every="1d", out=out, **REVEALED)
    assert message in str(refused.value)
    assert str(log) in str(refused.value) or refused.value.file is None
    assert "\n" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


def test_text_that_is_not_utf8_is_refused(engine, tmp_path):
    (tmp_path / "log.csv").write_bytes(b"worker,time\na,2024-01-01\n\xff\xfe\xe9,2024-01-03\n")
    with pytest.raises(InputError, match="UTF-8"):
        histories(tmp_path / "log.csv", worker="worker", time="time", every="1d", **REVEALED)


def test_parquet_faults_are_refused(engine, tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    def log(name, **columns):
        parquet.write_table(pa.table(columns), tmp_path / f"{name}.parquet")
        return tmp_path / f"{name}.parquet"

    ask = {"worker": "worker", "time": "time", "every": "1d"}
    number = log("number", worker=["a"], time=[1704067200])
    text = log("text", worker=["a", "b", "c"], time=["2024-01-01", "2024-01-02", "later"])
    days = log("days", worker=["a", None], time=[datetime.date(2024, 1, 1), datetime.date(2024, 1, 3)])
    with pytest.raises(InputError, match="whose unit cannot be known"):
        histories(number, **ask, **REVEALED)
    with pytest.raises(InputError, match=r"text.parquet, row 4, column \"time\": found 'later'"):
        histories(text, **ask, **REVEALED)
    with pytest.raises(InputError, match=r"days.parquet, row 3, column \"worker\""):
        histories(days, **ask, **REVEALED)
    with pytest.raises(InputError, match="columns that differ"):
        histories([text, days], **ask, **REVEALED)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match="not Parquet"):
        histories(tmp_path / "broken.parquet", **ask, **REVEALED)


@pytest.mark.parametrize("period", ["30", "d", "0d", "-1d", "1.5d", "30 days", "1mo", "", "every day"])
def test_malformed_periods_are_refused(period):
    with pytest.raises(InputError, match="a whole number and a unit"):
        parse_period(period)


REQUESTS = {
    "engine": ({"engine": "sqlite"}, "duckdb, or a Spark master"),
    "threshold": ({"threshold": 5}, "without a reason"),
    "blank reason": ({"threshold": 1, "reason": "  "}, "without a reason"),
    "start": ({"starts": "yesterday"}, "the first instant 'yesterday'"),
    "out": ({"out": "patterns.xlsx"}, "ending in .csv"),
    "folder": ({"out": "nowhere/patterns.csv"}, "no such folder"),
    "every": ({"every": None}, "no length of an occasion"),
    "time": ({"time": None}, "no column of times"),
    "platform": ({"platform": "site"}, "a column named 'site'"),
}


@pytest.mark.parametrize("fault", REQUESTS)
def test_requests_that_cannot_be_met_are_refused(tmp_path, fault):
    change, message = REQUESTS[fault]
    log = written(tmp_path / "l.csv", [("a", "2024-01-01"), ("b", "2024-01-03")])
    with pytest.raises(InputError, match=message.replace("[", r"\[")):
        histories(log, **{"worker": "worker", "time": "time", "every": "1d", **change})


def test_logs_that_differ_are_refused(tmp_path):
    one = written(tmp_path / "one.csv", [("a", "2024-01-01")])
    other = written(tmp_path / "other.csv", [("2024-01-01", "a")], ("time", "worker"))
    (tmp_path / "x.parquet").write_bytes(b"x")
    ask = {"worker": "worker", "time": "time", "every": "1d"}
    with pytest.raises(InputError, match=r"other.csv: found columns that differ"):
        histories([one, other], **ask)
    with pytest.raises(InputError, match="a Parquet file beside a CSV file"):
        histories([one, tmp_path / "x.parquet"], **ask)
    with pytest.raises(InputError, match="NAME=path for every log"):
        histories([one, f"X={one}"], **ask)
    starred = written(tmp_path / "all[1].csv", [("a", "2024-01-01")])
    with pytest.raises(InputError, match="name each file"):
        histories(starred, **ask)
    with pytest.raises(InputError, match="no such file"):
        histories(tmp_path / "none.csv", **ask)


def test_an_extra_that_is_missing_is_named(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "ibis", None)
    log = written(tmp_path / "l.csv", [("a", "2024-01-01"), ("b", "2024-01-03")])
    with pytest.raises(InputError, match=r"ibis is not installed; expected pip install 'platform-labour\[logs\]'"):
        histories(log, worker="worker", time="time", every="1d")


# --- Privacy and writing ----------------------------------------------------------------------------------------------


@pytest.fixture
def large_log(tmp_path):
    generator = np.random.default_rng(11)
    rows = [
        (f"secret-{worker}", instant(START + int(at)))
        for worker, at in zip(generator.integers(0, 900, 4_000), generator.integers(0, 90 * DAY, 4_000), strict=True)
    ]
    return written(tmp_path / "log.csv", rows)


def test_nothing_written_names_a_worker_or_counts_fewer_than_ten(engine, tmp_path, large_log):
    result = histories(large_log, worker="worker", time="time", every="30d", out=tmp_path / "out.csv")
    texts = {path.name: path.read_text() for path in result.files}
    assert sorted(texts) == ["out-times-seen.csv", "out-totals.csv", "out.csv", "out.json"]
    assert not any("secret" in text for text in texts.values())
    patterns = pd.read_csv(tmp_path / "out.csv")
    assert (patterns["count"] >= 10).all()
    assert patterns["count"].sum() + result.hidden_workers == result.workers
    description = json.loads(texts["out.json"])
    assert description["fewest_workers_shown"] == 10
    assert description["reason_for_showing_fewer_than_10"] is None
    assert {p.name for p in tmp_path.iterdir()} == {"log.csv", *texts}


def test_a_reason_is_recorded_with_what_it_reveals(engine, tmp_path, large_log):
    result = histories(
        large_log, worker="worker", time="time", every="9d", out=tmp_path / "out.csv", threshold=1, reason="a test"
    )
    assert json.loads((tmp_path / "out.json").read_text())["reason_for_showing_fewer_than_10"] == "a test"
    assert result.hidden_workers == 0
    assert result.capture_patterns().captured == result.frequencies().seen == result.workers
    hidden = histories(large_log, worker="worker", time="time", every="9d")
    assert hidden.hidden_workers > 0
    with pytest.raises(InputError, match="too few to be shown"):
        hidden.capture_patterns()


def test_an_interrupted_run_leaves_the_old_files_and_no_half_ones(engine, tmp_path, large_log, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    out = tmp_path / "out.csv"
    out.write_text("the old result")
    ask = {"worker": "worker", "time": "time", "every": "30d", "out": out}

    def interrupted(*_):
        raise KeyboardInterrupt

    for place in ("os.fsync", "platformlabour.counting.histories.pattern_counts"):
        with monkeypatch.context() as patch:
            patch.setattr(place, interrupted)
            with pytest.raises(KeyboardInterrupt):
                histories(large_log, **ask)
        assert out.read_text() == "the old result"
        assert {path.name for path in tmp_path.iterdir()} == {"log.csv", "out.csv", "scratch"}
        assert not list(scratch.iterdir())
    histories(large_log, **ask)
    assert out.read_text() != "the old result"


def test_an_output_never_replaces_a_log(large_log):
    with pytest.raises(InputError, match="would replace a log"):
        histories(large_log, worker="worker", time="time", every="30d", out=large_log)


def test_a_step_that_takes_long_is_told_and_again(monkeypatch):
    import time

    assert module._PATIENCE == (2, 5)
    monkeypatch.setattr(module, "_PATIENCE", (0.2, 0.1))
    lines = []
    with module._told(lines.append, "Reading"):
        until = time.monotonic() + 30
        while len(lines) < 2 and time.monotonic() < until:
            time.sleep(0.01)
    with module._told(lines.append, "Counting"):
        pass
    assert len(lines) >= 2
    assert set(lines) == {"Reading: 0 s"}


def test_the_command_writes_and_says_so(engine, tmp_path, large_log, capsys):
    parser = argparse.ArgumentParser()
    main_arguments(parser)
    common = [
        str(large_log),
        "--worker",
        "worker",
        "--time",
        "time",
        "--every",
        "30d",
        "--out",
        str(tmp_path / "o.csv"),
    ]
    assert run(parser.parse_args(common)) == 0
    told = capsys.readouterr().out
    assert "3 occasions" in told
    assert str(tmp_path / "o-totals.csv") in told
    with pytest.raises(InputError, match="without a reason"):
        run(parser.parse_args([*common, "--reveal-small-counts"]))
    with pytest.raises(InputError, match="a reason without"):
        run(parser.parse_args([*common, "--reason", "x"]))


def test_the_counting_part_does_not_import_ibis():
    import subprocess
    import sys

    program = (
        "import sys; import platformlabour.counting, platformlabour.counting.histories; "
        "print(sorted({'ibis', 'duckdb', 'pyarrow.parquet', 'pyspark', 'matplotlib', 'sphinx'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


# --- Spark ------------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")
def test_local_spark_gives_the_same(engine, tmp_path, large_log):
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install 'platform-labour[spark]'")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("Spark needs Java, which is not on the PATH")
    from pyspark.sql import SparkSession

    # One session for all comparisons: starting the virtual machine takes most of the time.
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = session.config("spark.driver.host", "localhost").config("spark.sql.shuffle.partitions", "2").getOrCreate()
    try:
        zoned = written(
            tmp_path / "zoned.csv",
            [
                ("a", "2024-10-27T02:30:00+02:00"),
                ("b", "2024-10-27T02:30:00+01:00"),
                ("c", "2024-10-27T01:59:59.999999Z"),
                ('d "quoted", comma', "2024-10-27 03:00:00 UTC"),
            ],
        )
        lists = written(tmp_path / "lists.csv", [("a", "X"), ("a", "Y"), ("b", "Y")], ("worker", "site"))
        asks = [
            (large_log, {"time": "time", "every": "30d"}),
            (large_log, {"time": "time", "every": "1d", **REVEALED}),
            (zoned, {"time": "time", "every": "1h", **REVEALED}),
            (lists, {"platform": "site", **REVEALED}),
        ]
        for log, ask in asks:
            here = histories(log, worker="worker", **ask)
            there = histories(log, worker="worker", engine="local[2]", **ask)
            for name in ("patterns", "times_seen", "totals"):
                pd.testing.assert_frame_equal(getattr(here, name), getattr(there, name))
        for fault in ("time", "no worker", "short row", "long row"):
            text, message = BAD_LOGS[fault]
            bad = tmp_path / f"{fault}.csv"
            bad.write_text(text)
            with pytest.raises(InputError) as refused:
                histories(bad, worker="worker", time="time", every="1d", engine="local[2]", **REVEALED)
            assert message in str(refused.value) or "does not fit the header" in str(refused.value), fault
    finally:
        session.stop()


def test_too_little_memory_is_said_in_one_message(engine, tmp_path):
    import duckdb

    log = written(tmp_path / "l.csv", [("a", "2024-01-01"), ("b", "2024-01-03")])
    with pytest.raises(InputError, match="the memory limit 'much'"):
        histories(log, worker="worker", time="time", every="1d", memory="much", **REVEALED)
    files = module._Logs.find(log, worker="worker", time="time", platform=None, remote=False)
    with pytest.raises(InputError, match="too little memory"), module._readable_faults(files):
        raise duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block")
