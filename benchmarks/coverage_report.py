"""How often each estimator's interval holds the truth, over all simulated workforces.

    python benchmarks/coverage_report.py [--replicates 200] [--processes 2] [--seed 2026] [--csv FILE]

Prints the verdicts by estimator, then every row of the report, then how far the suite as a whole keeps its promises.
"""

import argparse
import sys
import time

import pandas as pd

from platformlabour import InputError
from platformlabour.counting.coverage import VERDICTS, coverage_report, summary


def show_progress(done, total):
    print(f"\r{done:,} of {total:,} samples", end="" if done < total else "\n", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--estimators", nargs="+")
    parser.add_argument("--scenarios", nargs="+")
    parser.add_argument("--csv", metavar="FILE", help="also write the whole report")
    asked = parser.parse_args()
    start = time.perf_counter()
    try:
        report = coverage_report(
            asked.estimators,
            asked.scenarios,
            replicates=asked.replicates,
            seed=asked.seed,
            processes=asked.processes,
            progress=show_progress,
        )
    except InputError as error:
        parser.error(str(error))
    seconds = time.perf_counter() - start
    if asked.csv:
        report.to_csv(asked.csv, index=False, lineterminator="\n")
    with pd.option_context("display.width", 250, "display.max_rows", None, "display.max_columns", None):
        print(summary(report), end="\n\n")
        columns = ["scenario", "estimator", "relative_bias", "coverage", "relative_width", "not_ok", "contradicted"]
        columns += ["declared", "coverage_when_declared", "assumptions_hold", "verdict"]
        print(report[columns].round(3).to_string(index=False), end="\n\n")
    for verdict, words in VERDICTS.items():
        print(f"{(report['verdict'] == verdict).sum():4d}  {verdict}: {words}")
    print(f"{len(report)} rows, {asked.replicates} replicates, {asked.processes} processes, {seconds:.0f} s")


if __name__ == "__main__":
    main()
