"""Write data/simulated-routes.csv and data/simulated-imputation.csv: people and sums whose truth is known.

    python tools/simulated_registers.py [--replicates 1000]

Takes a quarter of an hour.  Seal the tables afterwards: platformlabour data seal.
"""

import argparse
import csv
import math
from pathlib import Path

import pandas as pd

from platformlabour.counting.overlaps_experiments import route_experiment
from platformlabour.counting.simulate_registers import RegisterScenario
from platformlabour.counting.traffic_experiments import sum_experiment

ROOT = Path(__file__).resolve().parent.parent
SEED = 2026
COEFFICIENTS = (1.27, 1.83)  # the two that are published
SILENT = RegisterScenario(platforms=60, declaring=0.4)
SUMS = (
    *(("silent at random", SILENT.replace(register_sd=error)) for error in (0.3, 0.6, 0.9, 1.2, 1.5)),
    ("silent ones smaller", SILENT.replace(register_sd=0.9, silent_small=1.0)),
)
PROVENANCE = {
    "source": "PlatformLabour2026",
    "locator": f"tools/simulated_registers.py, seed {SEED}",
    "licence": "CC-BY-4.0",
    "evidence": "simulated",
}


def routes(replicates):
    """Every route reached and declared, for the two published coefficients."""
    parts = []
    for coefficient in COEFFICIENTS:
        scenario = RegisterScenario(platforms_per_worker=coefficient)
        part = route_experiment(scenario, replicates=replicates, seed=SEED)
        parts.append(part.assign(coefficient=coefficient, respondents=900))
    names = ["coefficient", "reached", "declared", "right", "respondents", "replicates", "bias", "coverage", "width"]
    return pd.concat(parts, ignore_index=True)[names]


def sums(replicates):
    """Three ways of predicting silent platforms, for several residual errors."""
    parts = [
        sum_experiment(scenario, replicates=replicates, seed=SEED).assign(
            silence=silence, residual_error=scenario.register_sd
        )
        for silence, scenario in SUMS
    ]
    names = ["silence", "residual_error", "method", "replicates", "bias", "coverage", "width"]
    return pd.concat(parts, ignore_index=True)[names]


def write_table(frame, name):
    """Write the columns with their provenance, numbers to four decimals."""
    with (ROOT / "data" / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*frame.columns, *PROVENANCE])
        for row in frame.itertuples(index=False):
            writer.writerow([*map(cell, row), *PROVENANCE.values()])
    print(f"{len(frame)} rows written to data/{name}.csv")


def cell(value):
    """A value as the table holds it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    return "" if math.isnan(value) else f"{float(value):.4f}".rstrip("0").rstrip(".")


def main():
    """Run both simulations and write both tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--replicates", type=int, default=1000)
    options = options.parse_args()
    write_table(routes(options.replicates), "simulated-routes")
    write_table(sums(options.replicates), "simulated-imputation")


if __name__ == "__main__":
    main()
