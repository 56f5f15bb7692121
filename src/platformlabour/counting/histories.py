"""Event logs of any size, reduced where they lie to counts of capture patterns.

A log holds one row an event: which worker, and when (or on which platform). Estimators need only how many workers
share each pattern of occasions. One relational expression gets from one to the other, in DuckDB within this process or
on a Spark cluster, and the workers' identifiers never leave it: what comes out are counts, small ones pooled.

What remains possible when small counts are pooled: every estimator from frequencies (Chao, Zelterman, the jackknife,
Poisson and its kin) as long as the rows it needs are not pooled; estimators from totals of each occasion (equal
chances, chances that differ by occasion, Jolly-Seber) as long as no cell is blank; models of whole patterns
(interactions between lists, behaviour with time) only when no pattern is hidden, as with few occasions and many
workers.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import gzip
import hashlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time as clock
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from platformlabour.counting.recapture.frequencies import Frequencies, frequencies_from_table
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.counting.small_counts import WORD_BITS, PatternTally, protect
from platformlabour.errors import InputError

__all__ = ["MAXIMUM_OCCASIONS", "HistoriesResult", "histories", "main_arguments", "parse_period", "run"]

MAXIMUM_OCCASIONS = 3720
"""Most occasions or lists: sixty integers of 62 bits for each worker."""

PORTION = 100_000
_PATIENCE = (2.0, 5.0)  # seconds until a long step says a first word, and then the next
"""Patterns taken from the engine at a time."""

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
# ISO 8601 as both engines read it. Checked before conversion, since each engine alone accepts more, and not the same.
_INSTANT = (
    r"^\d{4}-\d\d-\d\d([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?( ?(Z|UTC|[+-](0\d|1[0-4])(:?[0-5]\d)?))?)?)?$"
)
_ZONED = r":\d\d(\.\d+)? ?(Z|UTC|[+-]\d\d(:?\d\d)?)$"
_INSTANT_WANTED = "a time such as 2024-03-31T09:30:00+02:00, 2024-03-31 09:30 (taken as UTC) or 2024-03-31"
_SPARK_MASTER = re.compile(r"(local(\[(\d+|\*)\])?|yarn|(spark|k8s)://.+)")
_CSV, _PARQUET = (".csv", ".csv.gz", ".tsv", ".tsv.gz"), (".parquet",)


@dataclass(frozen=True, eq=False, kw_only=True)
class HistoriesResult:
    """Counts of capture patterns, as they may leave the place of the logs.

    Parameters
    ----------
    kind : {"occasions", "lists"}
        Whether the columns of ``patterns`` are periods or platforms.
    names : tuple of str, length t
        The occasions, by their first day or instant in UTC, or the platforms.
    patterns : DataFrame, shape (k, t + 1)
        A row a pattern: 0 or 1 for each name, and ``count``, the workers who share it.
    times_seen : DataFrame
        ``times_seen_from``, ``times_seen_to``, ``workers``, ``sightings``.
    totals : DataFrame, shape (t, …)
        ``occasion``, ``starts``, ``ends``, ``captured``, ``first_captured`` and ``last_captured``; for lists ``list``
        and ``captured``. Cells left blank would have counted, or given away, a small group.
    workers, rows : int
        Workers captured, and rows of the logs that were counted.
    hidden_workers : int
        Workers whose pattern is not shown.
    threshold : int
        Fewest workers a shown number counts.
    reason : str or None
        Why smaller groups are shown, when they are.
    engine : str
        Where the logs were reduced.
    warnings : tuple of str
        In plain words.
    files : tuple of pathlib.Path
        What was written.
    """

    kind: str
    names: tuple[str, ...]
    patterns: pd.DataFrame
    times_seen: pd.DataFrame
    totals: pd.DataFrame
    workers: int
    rows: int
    hidden_workers: int
    threshold: int
    reason: str | None
    engine: str
    warnings: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    def __repr__(self):
        return (
            f"HistoriesResult({self.workers:,} workers, {len(self.names)} {self.kind}, {len(self.patterns)} patterns "
            f"shown, {self.hidden_workers:,} workers in patterns not shown)"
        )

    def capture_patterns(self):
        """The patterns as models of whole patterns take them.

        Returns
        -------
        CapturePatterns

        Raises
        ------
        InputError
            If patterns are hidden, or there are more than 62 occasions.
        """
        if self.hidden_workers:
            raise InputError(
                f"{self.hidden_workers:,} of {self.workers:,} workers in patterns shared by too few to be shown",
                "estimators from times seen or from totals, fewer occasions, or small counts revealed for a reason",
            )
        return CapturePatterns.from_histories(self.patterns)

    def frequencies(self):
        """Workers by times seen, as estimators from frequencies take them.

        Returns
        -------
        Frequencies

        Raises
        ------
        InputError
            If the sightings of a pooled row had to be left blank.
        """
        if self.times_seen["sightings"].isna().any():
            raise InputError(
                "sightings left blank, since they would give a small group away",
                "more occasions or workers, or small counts revealed for a reason",
                column="sightings",
            )
        table: Frequencies = frequencies_from_table(self.times_seen.astype("int64"))
        return table


def parse_period(text):
    """The seconds of a period such as ``30d``.

    Parameters
    ----------
    text : str
        A whole number and a unit: ``min``, ``h``, ``d``, ``w`` (or ``s``).

    Returns
    -------
    int

    Raises
    ------
    InputError
        If the text is something else.

    Examples
    --------
    >>> parse_period("30d"), parse_period("12h")
    (2592000, 43200)
    """
    match = re.fullmatch(r"([1-9][0-9]{0,8})\s?(s|min|h|d|w)", str(text).strip())
    if not match:
        raise InputError(
            f"the period {str(text)!r}",
            "a whole number and a unit, such as 30d, 4w, 12h or 15min; calendar months differ in length",
        )
    return int(match[1]) * _UNITS[match[2]]


def histories(
    logs,
    *,
    worker,
    time=None,
    every=None,
    engine="duckdb",
    out=None,
    platform=None,
    starts=None,
    threshold=10,
    reason=None,
    memory="2GB",
    progress=None,
):
    """Reduce event logs to counts of capture patterns.

    A worker is captured on an occasion when at least one event falls into it: from its first instant, included, to the
    next occasion's, excluded. Times with an offset are compared as instants; times without one are taken as UTC, and a
    log may not mix the two. Without ``starts`` the first occasion begins at midnight UTC of the first event's day, or
    for periods of less than a day at the last multiple of the period since that midnight.

    Parameters
    ----------
    logs : path, sequence of paths, or mapping of str to path(s)
        CSV (also compressed with gzip) or Parquet files with the same columns, or folders of them. A mapping, or paths
        written ``NAME=path``, gives one log a platform, whose workers' pseudonyms must be linked.
    worker, time : str
        Columns of the worker's identifier and of the event's time. Lists need no time.
    every : str, optional
        Length of an occasion, such as ``"30d"``. Lists have none.
    engine : str, default "duckdb"
        ``"duckdb"``, or a Spark master: ``"local[2]"``, ``"spark://host:7077"``, ``"yarn"``, ``"k8s://…"``.
    out : path, optional
        File for the patterns, ending in ``.csv``; beside it go ``…-times-seen.csv``, ``…-totals.csv`` and ``….json``.
    platform : str, optional
        Column whose values are the lists.
    starts : str, optional
        First instant of the first occasion; earlier events are left out, and their number is told.
    threshold : int, default 10
        Fewest workers a shown number counts; below 10 only with a reason.
    reason : str, optional
        Why smaller groups may be shown; it is recorded with the result.
    memory : str, default "2GB"
        Most memory DuckDB takes before it continues in a private temporary folder. Grouping holds every worker at some
        point: allow about 250 bytes for each (1 GB was too little for five million workers, 2 GB enough).
    progress : callable, optional
        Called with a line of text every few seconds of a step that takes longer than two.

    Returns
    -------
    HistoriesResult

    Raises
    ------
    InputError
        If a column is missing, logs differ in their columns, a time cannot be read, an identifier is empty, nothing is
        left to count, the period does not fit the logs, an engine is unknown or not installed, or fewer than
        ``threshold`` workers were seen.

    Notes
    -----
    Linking the pseudonyms of several platforms, where that is lawful at all, comes before this function; it compares
    identifiers letter by letter.
    """
    threshold = _check_threshold(threshold, reason)
    files = _Logs.find(logs, worker=worker, time=time, platform=platform, remote=engine != "duckdb")
    period, origin, notes = _check_design(files, time, every, starts)
    targets = _targets(out, files)
    with tempfile.TemporaryDirectory(prefix="platformlabour-") as scratch:
        opened = _duckdb(files, scratch, memory) if engine == "duckdb" else _spark(files, engine, scratch)
        with _readable_faults(files), opened as events:
            with _told(progress, f"Reading {files.described}"):
                events = events.kept()
                check = _check_events(events.table, files)
            _refuse_faulty(check, files)
            if period is None:
                names = _list_names(events.table)
                place = events.table.list.cases(*((name, i) for i, name in enumerate(names)), else_=-1)
                spans, counted = None, int(check["rows"])
            else:
                origin, names, spans, counted, more = _occasions(check, events.table, period, origin, every)
                notes += more
                place = ((events.table.at - origin) // period).cast("int32")
            tally = PatternTally(len(names), threshold)
            with _told(progress, f"Counting {counted:,} rows by worker, {len(names)} {files.kind}"):
                for batch in events.portions(pattern_counts(events.table, place, len(names))):
                    columns = [batch.column(i).to_numpy(zero_copy_only=False) for i in range(batch.num_columns)]
                    tally.add(np.column_stack(columns[:-1]), columns[-1])
    result = _result(tally, names, spans, files, threshold, reason, engine, tuple(notes), counted)
    return _write(result, targets, every=every, logs=len(files.paths)) if targets else result


def pattern_counts(events, place, occasions):
    """The whole reduction, as one Ibis expression that any engine can run.

    Parameters
    ----------
    events : ibis Table
        Column ``worker``.
    place : ibis integer Column
        Index from 0 of the occasion or list each row belongs to; rows outside 0 … ``occasions`` - 1 do not count.
    occasions : int
        Number of occasions or lists, t.

    Returns
    -------
    ibis Table
        ``word_0``, ``word_1``, … (int64, 62 occasions each, the first the most significant bit) and ``workers``.
    """
    import ibis

    @ibis.udf.agg.builtin(name="bit_or")
    def any_bit(word: int) -> int:
        """Known to DuckDB and to Spark under this name; Ibis's own works in DuckDB only."""

    sightings = events.select("worker", place=place)
    sightings = sightings.filter((sightings.place >= 0) & (sightings.place < occasions))
    words = {}
    for first in range(0, occasions, WORD_BITS):
        end = min(first + WORD_BITS, occasions)
        inside = (sightings.place >= first) & (sightings.place < end)
        # A literal 1 would have 32 bits in DuckDB. Setting a bit twice changes nothing, so that repeated sightings need
        # not be removed first.
        bit = inside.cast("int64") << inside.ifelse(end - 1 - sightings.place, 0)
        words[f"word_{first // WORD_BITS}"] = any_bit(bit)
    patterns = sightings.group_by("worker").agg(**words)
    return patterns.group_by(list(words)).agg(workers=patterns.count())


# --- The logs ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Logs:
    """The files, what they have in common, and the columns wanted."""

    paths: tuple[str, ...]
    lists: tuple[str | None, ...]
    form: str
    header: tuple[str, ...]
    delimiter: str
    types: dict
    wanted: dict

    @property
    def kind(self):
        return "lists" if "platform" in self.wanted or self.lists[0] is not None else "occasions"

    @property
    def described(self):
        with contextlib.suppress(OSError):
            size = sum(os.path.getsize(path) for path in self.paths)
            return f"{len(self.paths)} log{'s' * (len(self.paths) != 1)}, {size / 1e6:,.1f} MB"
        return f"{len(self.paths)} log{'s' * (len(self.paths) != 1)}"

    @classmethod
    def find(cls, logs, *, worker, time, platform, remote):
        named = list(_named_paths(logs))
        paths, lists = [], []
        for name, path in named:
            found = [path] if remote and "://" in path else _files_at(path)
            paths += found
            lists += [name] * len(found)
        if not paths:
            raise InputError("no logs", "at least one CSV or Parquet file")
        if any(name is None for name in lists) and any(lists):
            raise InputError("logs with and without a platform's name", "NAME=path for every log, or for none")
        if lists[0] is not None and platform is not None:
            raise InputError("logs named by platform and a platform column", "one or the other")
        wanted = {"worker": worker} | ({"time": time} if time else {}) | ({"platform": platform} if platform else {})
        forms = [_form(path) for path in paths]
        for path, form in zip(paths, forms, strict=True):
            if form != forms[0]:
                raise InputError(f"a {form} file beside a {forms[0]} file", "logs of one kind", file=path)
        described = [_describe(path, forms[0], wanted) for path in paths]
        header, delimiter, types = described[0]
        for path, (other, mark, kinds) in zip(paths, described, strict=True):
            for column in wanted.values():
                if column not in other:
                    raise InputError(
                        f"the columns {_listed(other)}", f"a column named {column!r}", file=path, column=column
                    )
                if other.count(column) > 1:
                    raise InputError("two columns of that name", "one", file=path, column=column)
            same = (other, mark) == (header, delimiter) if forms[0] == "CSV" else True
            if not same or any(kinds.get(c) != types.get(c) for c in wanted.values()):
                raise InputError(
                    "columns that differ from those of the first log", f"the same as in {paths[0]}", file=path
                )
        if "time" in wanted and types.get(time, "string") not in ("string", "timestamp", "date"):
            raise InputError(
                f"values of type {types[time]}, whose unit cannot be known", _INSTANT_WANTED, file=paths[0], column=time
            )
        return cls(tuple(paths), tuple(lists), forms[0], header, delimiter, types, wanted)


def _named_paths(logs):
    if isinstance(logs, Mapping):
        for name, paths in logs.items():
            for path in [paths] if isinstance(paths, (str, os.PathLike)) else paths:
                yield str(name), str(path)
        return
    for log in [logs] if isinstance(logs, (str, os.PathLike)) else logs:
        name, equals, path = str(log).partition("=")
        if equals and name and not re.search(r"[/\\:]", name) and not os.path.exists(str(log)):
            yield name, path
        else:
            yield None, str(log)


def _files_at(path):
    if os.path.isdir(path):
        found = sorted(str(p) for p in Path(path).iterdir() if p.name.lower().endswith(_CSV + _PARQUET))
        if not found:
            raise InputError("a folder without CSV or Parquet files", "a folder of logs, or a log", file=path)
        return found
    if not os.path.exists(path):
        raise InputError("no such file", "the path of a CSV or Parquet log", file=path)
    if re.search(r"[*?\[\]{}]", path):
        # Engines read these as patterns of many names.
        raise InputError(
            "a path with one of * ? [ ] { }", "a path without them; name each file, or its folder", file=path
        )
    if os.path.getsize(path) == 0:
        raise InputError("an empty file", "a header and one row an event", file=path)
    return [path]


def _form(path):
    name = path.lower()
    if name.endswith(_PARQUET):
        return "Parquet"
    if name.endswith(_CSV):
        return "CSV"
    raise InputError("a file of unknown kind", f"a name ending in {', '.join(_CSV + _PARQUET)}", file=path)


def _describe(path, form, wanted):
    """Column names, delimiter, and for Parquet the plain kind of each wanted column."""
    if "://" in path:
        raise InputError("a remote path", "a path that this machine can open, to check its columns", file=path)
    if form == "Parquet":
        return _describe_parquet(path, wanted)
    try:
        with _open_text(path) as lines:
            first = lines.readline(1_000_000)
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError):
        raise InputError("a header that is not UTF-8 text", "a CSV file in UTF-8", file=path, row=1) from None
    marks = [",", "\t", ";", "|"]
    headers = {mark: tuple(next(csv.reader([first], delimiter=mark), ())) for mark in marks}
    mark = next((m for m in marks if wanted["worker"] in headers[m]), ",")
    return headers[mark], mark, {}


def _describe_parquet(path, wanted):
    pa, parquet = _imported("pyarrow"), _imported("pyarrow.parquet")
    try:
        schema = parquet.read_schema(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError("a file that is not Parquet", "a Parquet file, or a name ending in .csv", file=path) from error
    kinds = {}
    for column in set(wanted.values()) & set(schema.names):
        kind = schema.field(schema.get_field_index(column)).type if schema.names.count(column) == 1 else None
        if kind is not None and pa.types.is_dictionary(kind):
            kind = kind.value_type
        known = {"string": ("is_string", "is_large_string", "is_string_view"), "date": ("is_date",)}
        known["timestamp"] = ("is_timestamp",)
        kinds[column] = next(
            (word for word, tests in known.items() if any(getattr(pa.types, test)(kind) for test in tests)), str(kind)
        )
    return tuple(schema.names), "", kinds


def _open_text(path):
    if path.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return open(path, encoding="utf-8-sig", newline="")


def _listed(names, most=12):
    shown = ", ".join(repr(str(name)) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "") if names else "no columns"


# --- What is asked ----------------------------------------------------------------------------------------------------


def _check_threshold(threshold, reason):
    if isinstance(threshold, bool) or not isinstance(threshold, (int, np.integer)) or threshold < 1:
        raise InputError(f"the threshold {threshold!r}", "a whole number of 1 or more")
    if threshold < 10 and not (isinstance(reason, str) and reason.strip()):
        raise InputError(
            f"groups of fewer than 10 workers to be shown (threshold {threshold}) without a reason",
            "a reason, which is recorded with the result, or a threshold of 10 or more",
        )
    return int(threshold)


def _check_design(files, time, every, starts):
    if files.kind == "lists":
        notes = ["lists were counted, one a platform: the length of an occasion was not used"] if every else []
        if starts is not None:
            raise InputError("a first instant for lists", "lists without it, or occasions without platforms")
        return None, None, notes
    if not time or every is None:
        raise InputError(
            "no column of times" if not time else "no length of an occasion",
            "both (--time COLUMN --every 30d), or lists by platform (--platform COLUMN)",
        )
    period = parse_period(every)
    return period, None if starts is None else _seconds(starts), []


def _seconds(text):
    try:
        if not re.match(_INSTANT, str(text)):
            raise ValueError
        moment = datetime.datetime.fromisoformat(re.sub(r" ?(Z|UTC)$", "+00:00", str(text)))
    except ValueError:
        raise InputError(f"the first instant {str(text)!r}", _INSTANT_WANTED) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    if moment.microsecond:
        raise InputError(f"the first instant {str(text)!r}", "a whole second")
    return int(moment.timestamp())


def _occasions(check, events, period, origin, every):
    """First instant, names, spans, rows counted and notes, from the earliest and the latest event."""
    earliest, latest = int(check["earliest"]), int(check["latest"])
    notes, counted = [], int(check["rows"])
    if origin is None:
        midnight = earliest - earliest % 86400
        origin = midnight if period >= 86400 else midnight + (earliest - midnight) // period * period
    elif earliest < origin:
        counted = int(events.filter(events.at >= origin).count().to_pyarrow().as_py())
        notes.append(f"{int(check['rows']) - counted:,} rows before {_shown(origin)} were left out")
        if not counted:
            raise InputError(f"no event from {_shown(origin)} on", f"a start before the last event, {_shown(latest)}")
    number = (latest - origin) // period + 1
    if number < 2:
        raise InputError(
            f"occasions of {every} for events between {_shown(max(earliest, origin))} and {_shown(latest)}",
            "a period short enough for two occasions or more",
        )
    if number > MAXIMUM_OCCASIONS:
        raise InputError(
            f"{number:,} occasions of {every} between {_shown(origin)} and {_shown(latest)}",
            f"at most {MAXIMUM_OCCASIONS:,}: a longer period, or a log without stray dates",
        )
    spans = [origin + i * period for i in range(number + 1)]
    if latest < spans[-1] - max(1, period // 10):
        notes.append(
            f"the last occasion runs to {_shown(spans[-1])} but the last event is of {_shown(latest)}: it may be short"
        )
    whole_days = origin % 86400 == 0 and period % 86400 == 0
    return origin, [_shown(s)[:10] if whole_days else _shown(s) for s in spans[:-1]], spans, counted, notes


def _shown(seconds):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(seconds))
    return moment.isoformat(timespec="seconds" if seconds % 60 else "minutes") + "Z"


def _list_names(events):
    found = events.select("list").distinct().limit(MAXIMUM_OCCASIONS + 1).to_pyarrow()["list"].to_pylist()
    if len(found) < 2:
        raise InputError(f"one platform only, {found[0]!r}", "two or more, each a list")
    if len(found) > WORD_BITS:
        raise InputError(f"more than {WORD_BITS} platforms", "the column of platforms, or the largest of them")
    if "count" in found:
        raise InputError("a platform named 'count'", "another name: the column of counts has it")
    return sorted(found)


# --- The events -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Events:
    """Rows as workers and instants (or lists) within an engine."""

    table: object
    portions: Callable
    keep: Callable | None = None

    def kept(self):
        """The same events; times in text are read once, and kept by the engine where it can do so within its memory."""
        return replace(self, table=self.keep(self.table)) if self.keep and "zoned" in self.table.columns else self


def _events(tables, files):
    """The columns wanted, under our own names and types; faults become missing values."""
    import ibis
    import ibis.expr.datatypes as dt

    parts = []
    for name, table in tables:
        columns = {"worker": table[files.wanted["worker"]].cast("string")}
        if "time" in files.wanted:
            raw = table[files.wanted["time"]]
            instant = dt.Timestamp(timezone="UTC")
            if raw.type().is_string():
                at = raw.re_search(_INSTANT).ifelse(raw.try_cast(instant), ibis.null(instant))
                columns["zoned"] = raw.re_search(_ZONED).ifelse(1, 0)
            else:
                at = raw.cast("timestamp") if raw.type().is_date() else raw
            columns["at"] = at.epoch_seconds().floor().cast("int64")
        if "platform" in files.wanted:
            columns["list"] = table[files.wanted["platform"]].cast("string")
        elif name is not None:
            columns["list"] = ibis.literal(name)
        parts.append(table.select(**columns))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _check_events(events, files):
    measures = {"rows": events.count(), "unnamed": _empty(events.worker).sum()}
    if "time" in files.wanted:
        measures |= {"untimed": events.at.isnull().sum(), "earliest": events.at.min(), "latest": events.at.max()}
        if "zoned" in events.columns:
            measures["zoned"] = events.zoned.sum()
    if "list" in events.columns:
        measures["unlisted"] = _empty(events.list).sum()
    return {name: value or 0 for name, value in events.agg(**measures).to_pyarrow().to_pylist()[0].items()}


def _empty(column):
    # Removing blanks is slow: only texts that begin with one, which sort before "!", are looked at.
    return column.isnull() | (column < "!").ifelse(column.strip() == "", False)


def _refuse_faulty(check, files):
    if not check["rows"]:
        raise InputError("a header without rows", "at least one event", file=files.paths[0])
    column = files.wanted.get("time")
    if check.get("untimed"):
        raise _located(files, column, _unreadable, _INSTANT_WANTED, "a time that cannot be read", check["untimed"])
    if 0 < check.get("zoned", 0) < check["rows"]:
        raise InputError(
            f"{int(check['zoned']):,} times with an offset and {int(check['rows'] - check['zoned']):,} without",
            "all with one, or all without (then taken as UTC)",
            file=files.paths[0] if len(files.paths) == 1 else None,
            column=column,
        )
    for fault, name in (("unnamed", "worker"), ("unlisted", "platform")):
        if check.get(fault):
            wanted = "an identifier in every row" if name == "worker" else "a platform in every row"
            raise _located(files, files.wanted[name], lambda cell: not cell.strip(), wanted, "nothing", check[fault])


def _unreadable(cell):
    if not re.search(_INSTANT, cell):
        return True
    try:
        datetime.date.fromisoformat(cell[:10])
    except ValueError:
        return True
    return False


def _located(files, column, faulty, expected, found, number):
    """The first row at fault, found by reading the logs once more, one after the other."""
    more = f" (and {int(number) - 1:,} more)" if number > 1 else ""
    for path in files.paths:
        for row, cell in _cells(path, files, column):
            if faulty(cell):
                shown = ascii(cell[:40]) + ("…" if len(cell) > 40 else "")
                text = f"{shown}, {found}" if cell.strip() else found if found == "nothing" else "an empty cell"
                return InputError(text + more, expected, file=path, row=row, column=column)
    return InputError(found + more, expected, column=column)


def _cells(path, files, column):
    if files.form == "CSV":
        position = files.header.index(column)
        with _open_text(path) as lines:
            rows = csv.reader(lines, delimiter=files.delimiter)
            next(rows)
            for row, cells in enumerate(rows, start=2):
                if cells:
                    yield row, cells[position] if position < len(cells) else ""
        return
    row = 1
    for batch in _imported("pyarrow.parquet").ParquetFile(path).iter_batches(columns=[column]):
        for value in batch.column(0).to_pylist():
            row += 1
            # What is typed and present was read; only text can be unreadable.
            yield row, "" if value is None else value if isinstance(value, str) else "2000-01-01"


# --- Engines ----------------------------------------------------------------------------------------------------------


def _imported(name, extra="logs"):
    import importlib

    try:
        return importlib.import_module(name)
    except ImportError:
        raise InputError(
            f"that {name.partition('.')[0]} is not installed", f"pip install 'platform-labour[{extra}]'"
        ) from None


def _grouped(files):
    groups = {}
    for name, path in zip(files.lists, files.paths, strict=True):
        groups.setdefault(name, []).append(path)
    return groups.items()


@contextlib.contextmanager
def _duckdb(files, scratch, memory):
    ibis, duckdb = _imported("ibis"), _imported("duckdb")
    settings = {
        "memory_limit": memory,
        "temp_directory": os.path.join(scratch, "spill"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    try:
        connection = ibis.duckdb.connect(":memory:", **settings)
    except duckdb.Error as error:
        raise InputError(f"the memory limit {memory!r}", "a size such as 500MB or 4GB") from error

    def keep(table):
        return connection.create_table("events", table, temp=True)

    def portions(table):
        # Not Ibis's own to_pyarrow_batches, which calls a method that DuckDB 2 no longer has.
        answer = connection.con.sql(connection.compile(table))
        return (getattr(answer, "to_arrow_reader", None) or answer.fetch_arrow_reader)(PORTION)

    try:
        tables = []
        for name, paths in _grouped(files):
            if files.form == "CSV":
                # Names by position: the header may repeat a name that nobody asked for.
                columns = {
                    column if column in files.wanted.values() else f"unused {i}": "string"
                    for i, column in enumerate(files.header)
                }
                layout = {"delim": files.delimiter, "quote": '"', "escape": '"', "header": True, "auto_detect": False}
                tables.append((name, connection.read_csv(paths, columns=columns, **layout)))
            else:
                tables.append((name, connection.read_parquet(paths)))
        yield _Events(_events(tables, files), portions, keep)
    finally:
        connection.disconnect()


@contextlib.contextmanager
def _spark(files, engine, scratch):
    if not _SPARK_MASTER.fullmatch(str(engine)):
        raise InputError(
            f"the engine {engine!r}", "duckdb, or a Spark master such as local[2], spark://host:7077 or yarn"
        )
    ibis, spark = _imported("ibis"), _imported("pyspark.sql", "spark")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise InputError("no Java, which Spark needs", "Java 17 on the PATH, or the engine duckdb")
    running = spark.SparkSession.getActiveSession()
    builder = spark.SparkSession.builder.master(engine).appName("platformlabour histories")
    settings = {"spark.ui.enabled": "false", "spark.sql.warehouse.dir": scratch, "spark.local.dir": scratch}
    if engine.startswith("local"):
        settings |= {"spark.driver.host": "localhost", "spark.driver.bindAddress": "127.0.0.1"}
        settings["spark.sql.shuffle.partitions"] = "8"
    for key, value in settings.items():
        builder = builder.config(key, value)
    session = running or builder.getOrCreate()
    # Rows too long or too short are noticed only when all columns are parsed.
    session.conf.set("spark.sql.csv.parser.columnPruning.enabled", "false")
    try:
        if running is None:
            session.sparkContext.setLogLevel("OFF")
        connection = ibis.pyspark.connect(session)
        tables = []
        for i, (name, paths) in enumerate(_grouped(files)):
            paths = [path if "://" in path else f"file://{Path(path).resolve()}" for path in paths]
            if files.form == "CSV":
                text = spark.types.StringType()
                schema = spark.types.StructType(
                    [
                        spark.types.StructField(c if c in files.wanted.values() else f"unused {k}", text)
                        for k, c in enumerate(files.header)
                    ]
                )
                frame = session.read.csv(
                    paths, schema=schema, header=True, sep=files.delimiter, quote='"', escape='"',
                    mode="FAILFAST", enforceSchema=True, multiLine=False,
                )  # fmt: skip
            else:
                frame = session.read.parquet(*paths)
            view = f"platformlabour_log_{i}"
            frame.createOrReplaceTempView(view)
            tables.append((name, connection.table(view)))
        yield _Events(_events(tables, files), lambda table: table.to_pyarrow().to_batches(PORTION))
    finally:
        if running is None:
            session.stop()


@contextlib.contextmanager
def _readable_faults(files):
    """An engine's own complaint, as one message."""
    try:
        yield
    except (InputError, OSError, KeyboardInterrupt):
        raise
    except Exception as error:
        # Both engines quote the offending line, which holds an identifier: only its number is passed on.
        module, text = type(error).__module__.partition(".")[0].lstrip("_"), str(error)
        if module == "duckdb":
            if type(error).__name__ == "InterruptException" or "INTERRUPT" in text:
                raise KeyboardInterrupt from None
            if "Out of Memory" in text or "max_temp_directory_size" in text:
                raise InputError("too little memory for these logs", "a larger limit, such as --memory 8GB") from error
            line = re.search(r"CSV Error on Line: (\d+)", text)
            file = next((path for path in files.paths if path in text), files.paths[0])
            if line or files.form == "CSV":
                what = "text that is not UTF-8" if re.search("unicode|utf-8", text, re.I) else "a broken row"
                wanted = f"UTF-8 text with {len(files.header)} cells in each row, as in the header"
                raise InputError(what, wanted, file=file, row=int(line[1]) if line else None) from error
            raise InputError("a log that cannot be read to its end", "a complete Parquet file", file=file) from error
        if module in ("pyspark", "py4j"):
            what = "a row that does not fit the header" if "MALFORMED" in text else "a log that Spark cannot read"
            one = files.paths[0] if len(files.paths) == 1 else None
            raise InputError(what, "files that every Spark worker can open, with equal rows", file=one) from error
        raise


@contextlib.contextmanager
def _told(progress, what):
    """A line after two seconds, another every five, and one at the end of a step that took that long."""
    if progress is None:
        yield
        return
    began, done = clock.monotonic(), threading.Event()

    def tell():
        wait, later = _PATIENCE
        while not done.wait(wait):
            progress(f"{what}: {clock.monotonic() - began:.0f} s")
            wait = later

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


# --- What comes out ---------------------------------------------------------------------------------------------------


def _result(tally, names, spans, files, threshold, reason, engine, notes, rows):
    shown, counts, times_seen, totals = protect(tally, threshold=threshold, ordered=files.kind == "occasions")
    patterns = pd.DataFrame(shown, columns=list(names)).assign(count=counts)
    if spans is None:
        totals.insert(0, "list", list(names))
    else:
        for place, (name, values) in enumerate(
            {"occasion": names, "starts": map(_shown, spans[:-1]), "ends": map(_shown, spans[1:])}.items()
        ):
            totals.insert(place, name, list(values))
    return HistoriesResult(
        kind=files.kind,
        names=tuple(names),
        patterns=patterns,
        times_seen=times_seen,
        totals=totals,
        workers=tally.workers,
        rows=rows,
        hidden_workers=tally.workers - int(counts.sum()),
        threshold=threshold,
        reason=reason.strip() if reason else None,
        engine=engine,
        warnings=notes,
    )


def _targets(out, files):
    if out is None:
        return None
    out = Path(out)
    if out.suffix != ".csv":
        raise InputError("an output that is not named as CSV", "a name ending in .csv", file=str(out))
    if not out.parent.is_dir():
        raise InputError("no such folder", "an existing folder for the output", file=str(out.parent))
    targets = {
        "patterns": out,
        "times_seen": out.with_name(f"{out.stem}-times-seen.csv"),
        "totals": out.with_name(f"{out.stem}-totals.csv"),
        "description": out.with_suffix(".json"),
    }
    for target in targets.values():
        if any(os.path.exists(path) and target.resolve() == Path(path).resolve() for path in files.paths):
            raise InputError("an output that would replace a log", "another name", file=str(target))
    return targets


def _write(result, targets, *, every, logs):
    """Write all files beside their places, then move them there; the description, with their hashes, comes last."""
    tables = {
        name: getattr(result, name).to_csv(index=False, lineterminator="\n").encode() for name in list(targets)[:3]
    }
    description = {
        "made_by": "platformlabour histories",
        "kind": result.kind,
        "names": list(result.names),
        "every": every if result.kind == "occasions" else None,
        "logs": logs,
        "rows": result.rows,
        "workers": result.workers,
        "workers_in_patterns_not_shown": result.hidden_workers,
        "fewest_workers_shown": result.threshold,
        "reason_for_showing_fewer_than_10": result.reason if result.threshold < 10 else None,
        "engine": result.engine,
        "warnings": list(result.warnings),
        "files": {
            targets[name].name: {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
            for name, raw in tables.items()
        },
    }
    tables["description"] = (json.dumps(description, indent=2, ensure_ascii=False) + "\n").encode()
    waiting = {}
    try:
        for name, raw in tables.items():
            handle, waiting[name] = tempfile.mkstemp(dir=targets[name].parent, prefix=f".{targets[name].name}.")
            with os.fdopen(handle, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(waiting[name], 0o666 & ~_umask())
        for name in tables:
            os.replace(waiting.pop(name), targets[name])
    finally:
        for path in waiting.values():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
    return replace(result, files=tuple(targets.values()))


def _umask():
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


# --- The command ------------------------------------------------------------------------------------------------------


def main_arguments(parser):
    """Add the command's arguments to a parser.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    """
    parser.add_argument("logs", nargs="+", metavar="LOG", help="CSV or Parquet file or folder, or NAME=path a platform")
    parser.add_argument("--worker", required=True, metavar="COLUMN", help="the worker's identifier")
    parser.add_argument("--time", metavar="COLUMN", help="the event's time; without an offset it is taken as UTC")
    parser.add_argument("--every", metavar="PERIOD", help="length of an occasion: 30d, 4w, 12h, 15min")
    parser.add_argument("--starts", metavar="TIME", help="first instant (default: midnight UTC of the first event)")
    parser.add_argument("--platform", metavar="COLUMN", help="count lists, one a platform, instead of occasions")
    parser.add_argument("--engine", default="duckdb", help="duckdb, local[2], spark://host:port, … (default: duckdb)")
    parser.add_argument("--memory", default="2GB", help="most memory DuckDB takes (default: 2GB)")
    parser.add_argument("--out", required=True, metavar="FILE", help="the patterns' file, ending in .csv")
    parser.add_argument("--reveal-small-counts", action="store_true", help="show groups of fewer than 10 workers")
    parser.add_argument("--reason", metavar="TEXT", help="why they may be shown; recorded with the result")


def run(options):
    """Carry out the command.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed with :func:`main_arguments`.

    Returns
    -------
    int
        0; every refusal is raised as an ``InputError``.
    """
    if options.reason and not options.reveal_small_counts:
        raise InputError("a reason without small counts revealed", "--reveal-small-counts with it, or neither")
    before = signal.getsignal(signal.SIGTERM)
    in_main_thread = threading.current_thread() is threading.main_thread()
    if in_main_thread:
        # Asked to end, the command still removes its temporary folder.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        result = histories(
            options.logs,
            worker=options.worker,
            time=options.time,
            every=options.every,
            engine=options.engine,
            out=options.out,
            platform=options.platform,
            starts=options.starts,
            threshold=1 if options.reveal_small_counts else 10,
            reason=options.reason,
            memory=options.memory,
            progress=lambda line: print(line, file=sys.stderr, flush=True),
        )
    finally:
        if in_main_thread:
            signal.signal(signal.SIGTERM, before)
    for warning in result.warnings:
        print(f"Note: {warning}.", file=sys.stderr)
    print(
        f"{result.workers:,} workers, {len(result.names)} {result.kind}; {len(result.patterns):,} patterns shown, "
        f"{result.hidden_workers:,} workers in patterns not shown."
    )
    for path in result.files:
        print(path)
    return 0
