"""Write data/simulated-coverage.csv: how every estimator does on simulated workforces of known size.

    python tools/simulated_coverage.py [--replicates 200] [--processes 2] [--report FILE.csv]

Without --report the simulation is run, which takes minutes.  Seal the table afterwards: platformlabour data seal.
"""

import argparse
import csv
import math
import sys
from pathlib import Path

import pandas as pd

from platformlabour.counting.coverage import coverage_report

ROOT = Path(__file__).resolve().parent.parent
SEED = 2026
COLUMNS = (
    *("scenario", "estimator", "data", "bound", "replicates", "broken", "assumptions_hold", "truth"),
    *("relative_bias", "coverage", "relative_width", "not_ok", "contradicted", "declared", "coverage_when_declared"),
    *("untrue", "verdict"),
)
PROVENANCE = {
    "source": "PlatformLabour2026",
    "locator": f"tools/simulated_coverage.py, seed {SEED}",
    "licence": "CC-BY-4.0",
    "evidence": "simulated",
}


def write_table(report, path):
    """Write the report's columns with their provenance, numbers to four decimals."""
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*COLUMNS, *PROVENANCE])
        for row in report.to_dict("records"):
            writer.writerow([*(_cell(row[name]) for name in COLUMNS), *PROVENANCE.values()])


def _cell(value):
    if isinstance(value, (bool, str)) or (hasattr(value, "dtype") and value.dtype == bool):
        return {"True": "yes", "False": "no"}.get(str(value), str(value))
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


def main():
    """Run the simulation, or take its report, and write the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--replicates", type=int, default=200)
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--report", type=Path)
    options = options.parse_args()
    if options.report is None:
        report = coverage_report(
            replicates=options.replicates,
            seed=SEED,
            processes=options.processes,
            progress=lambda done, total: print(f"\r{done} of {total} samples", end="", file=sys.stderr, flush=True),
        )
        print(file=sys.stderr)
    else:
        numbers = dict.fromkeys(("relative_bias", "relative_width", "coverage_when_declared"), float)
        report = pd.read_csv(options.report, keep_default_na=False, na_values={name: [""] for name in numbers})
    write_table(report, ROOT / "data" / "simulated-coverage.csv")
    print(f"{len(report)} rows written to data/simulated-coverage.csv")


if __name__ == "__main__":
    main()
