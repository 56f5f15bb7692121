"""Write data/simulated-synthesis-coverage.csv: how often the default synthesis holds a number of workers that is known.

    python tools/simulated_synthesis.py [--replicates 400] [--processes 2]

Takes a few minutes.  Seal the table afterwards: platformlabour data seal.
"""

import argparse
import csv
import sys
from pathlib import Path

from platformlabour.counting.synthesis.experiments import synthesis_report

ROOT = Path(__file__).resolve().parent.parent
SEED = 2026
COLUMNS = (
    *("family", "replicates", "coverage", "weighted_coverage"),
    *("registrations_coverage", "traffic_coverage", "survey_coverage", "lists_coverage"),
    *("width", "error", "naive_error"),
)
PROVENANCE = {
    "source": "PlatformLabour2026",
    "locator": f"tools/simulated_synthesis.py, seed {SEED}",
    "licence": "CC-BY-4.0",
    "evidence": "simulated",
}


def write_table(report, path):
    """Write the report with its provenance, numbers to four decimals."""
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*COLUMNS, *PROVENANCE])
        for row in report.to_dict("records"):
            writer.writerow([*(_cell(row[name]) for name in COLUMNS), *PROVENANCE.values()])


def _cell(value):
    return value if isinstance(value, str) else f"{float(value):.4f}".rstrip("0").rstrip(".")


def main():
    """Run the simulation and write the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--replicates", type=int, default=400)
    options.add_argument("--processes", type=int, default=2)
    options = options.parse_args()
    report = synthesis_report(
        replicates=options.replicates,
        seed=SEED,
        processes=options.processes,
        progress=lambda done, total: print(f"\r{done} of {total} families", end="", file=sys.stderr, flush=True),
    )
    print(file=sys.stderr)
    write_table(report, ROOT / "data" / "simulated-synthesis-coverage.csv")
    print(f"{len(report)} rows written to data/simulated-synthesis-coverage.csv")


if __name__ == "__main__":
    main()
