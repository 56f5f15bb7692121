"""Simulated event logs reduced to capture patterns, beside plain pandas: rows a second and peak memory.

Run ``python benchmarks/event_logs.py``; add ``--rows 1e6 1e7 1e8`` for other sizes, ``--format csv`` for text. Logs are
simulated and written to a temporary folder first, which is not timed. Each measurement runs in a process of its own,
one after the other, so that peak memory is its own. The pandas reference reads the two columns, drops repeated pairs of
worker and occasion, adds powers of two and counts; it needs the whole log in memory and is left out above
``--pandas-up-to`` rows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

START, DAYS, EVERY = "2024-01-01", 360, 30


def simulate(path, rows):
    """Events of one worker for every twenty rows, with unequal activity, over twelve occasions of thirty days."""
    import duckdb

    workers = max(100, rows // 20)
    with duckdb.connect(config={"memory_limit": "1GB", "preserve_insertion_order": False}) as connection:
        moment = f"TIMESTAMP '{START}' + to_seconds((hash(i + 7) % {DAYS * 86400})::BIGINT)"
        if path.suffix == ".csv":
            moment = f"strftime({moment}, '%Y-%m-%dT%H:%M:%SZ')"
        # Squaring a uniform number makes some workers far more active than others.
        connection.execute(
            f"COPY (SELECT 'simulated-' || floor({workers} * pow((hash(i) % 1000000007) / 1000000007.0, 2))::BIGINT "
            f"AS worker, {moment} AS time FROM range({rows}) r(i)) TO '{path}'"
        )


def ours(path):
    """Through the library."""
    from platformlabour.counting.histories import histories

    result = histories(
        path, worker="worker", time="time", every=f"{EVERY}d", starts=START, threshold=1, reason="simulated"
    )
    return result.patterns.iloc[:, :-1].to_numpy() @ (2 ** range_down(len(result.names))), result.patterns["count"]


def plain(path):
    """Directly in pandas."""
    import pandas as pd

    columns = ["worker", "time"]
    frame = pd.read_parquet(path, columns=columns) if path.suffix == ".parquet" else pd.read_csv(path, usecols=columns)
    at = pd.to_datetime(frame["time"], utc=True)
    frame["occasion"] = (at - pd.Timestamp(START, tz="UTC")) // pd.Timedelta(days=EVERY)
    pairs = frame[["worker", "occasion"]].drop_duplicates()
    codes = (2 ** (DAYS // EVERY - 1 - pairs["occasion"])).groupby(pairs["worker"]).sum()
    counts = codes.value_counts()
    return counts.index.to_numpy(), counts


def range_down(occasions):
    """Exponents of the occasions, the first the largest."""
    import numpy as np

    return np.arange(occasions - 1, -1, -1)


def measure(way, path):
    """Seconds, peak memory in MB and a fingerprint of the answer, from a process of its own."""
    answer = subprocess.run(
        [sys.executable, __file__, "--measure", way, str(path)], capture_output=True, text=True, check=False
    )
    if answer.returncode:
        return {"failed": answer.stderr.strip().splitlines()[-1][:120] if answer.stderr.strip() else "out of memory"}
    return json.loads(answer.stdout.splitlines()[-1])


def measured(way, path):
    import pandas  # noqa: F401  both ways need it: importing is not timed

    if way == "ours":
        import ibis

        ibis.duckdb.connect().disconnect()
    began = time.perf_counter()
    codes, counts = {"ours": ours, "plain": plain}[way](Path(path))
    took = time.perf_counter() - began
    print(
        json.dumps(
            {
                "seconds": took,
                "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "answer": sorted(zip(map(int, codes), map(int, counts), strict=True)),
            }
        )
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", nargs="+", type=float, default=[1e6, 1e7])
    parser.add_argument("--format", nargs="+", choices=("parquet", "csv"), default=["parquet", "csv"])
    parser.add_argument("--pandas-up-to", type=float, default=1e7)
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measured(*options.measure)
        return
    print(f"{'rows':>12} {'format':8} {'log MB':>8} {'way':8} {'s':>8} {'rows/s':>12} {'peak MB':>8}  ratio to pandas")
    for rows in map(int, options.rows):
        for form in options.format:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / f"simulated.{form}"
                simulate(path, rows)
                size = os.path.getsize(path) / 1e6
                reference = measure("plain", path) if rows <= options.pandas_up_to else {"failed": "not attempted"}
                found = measure("ours", path)
            for way, one in (("pandas", reference), ("library", found)):
                head = f"{rows:>12,} {form:8} {size:>8,.0f} {way:8}"
                if "failed" in one:
                    print(f"{head} {one['failed']}")
                    continue
                ratio = f"{reference['seconds'] / one['seconds']:.2f} times as fast" if "seconds" in reference else ""
                print(
                    f"{head} {one['seconds']:>8.2f} {rows / one['seconds']:>12,.0f} {one['megabytes']:>8,.0f}  {ratio}"
                )
            if "answer" in reference and "answer" in found:
                print(f"{'':12} same patterns: {reference['answer'] == found['answer']}", flush=True)


if __name__ == "__main__":
    main()
