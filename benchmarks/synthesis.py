"""A million draws through a chain of a hundred platforms, beside a plain NumPy loop: seconds and peak memory.

    python benchmarks/synthesis.py [--draws 1048576] [--platforms 100] [--repeat 3]

Two cases. In ``chain`` the sum of a hundred uncertain registrations, all log-normal, is divided by the coefficient of
multi-homing and multiplied by the shares that are not dormant and that were active. In ``traffic`` three platforms in
five declare nothing, and their registrations are predicted from visitors by a line whose error goes into every draw.
The reference loops over platforms with NumPy's pseudo-random numbers: the same distributions, whole arrays, no error
estimate. Each measurement runs in a process of its own, one after the other, so that peak memory is its own. All inputs
are made up.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

CASES = ("chain", "traffic")
COEFFICIENT, DORMANT, ACTIVE, SPREAD = (1.0, 1.27, 1.83), (0.2, 0.6), (0.05, 0.3), 0.9


def ours(draws, platforms):
    """Through the library."""
    from platformlabour.counting import synthesis as sy

    def assumed(name, distribution, unit):
        return sy.Factor(name, distribution, unit, "assumed", "", "", "CC0-1.0", "simulated")

    names = [f"platform_{number}" for number in range(platforms)]
    factors = [
        assumed(
            name, sy.lognormal_from_interval(1000 / (1 + k), 1000 / (1 + k) / 5.8, 5.8 * 1000 / (1 + k)), "accounts"
        )
        for k, name in enumerate(names)
    ]
    factors += [
        assumed("multi_homing", sy.triangular(*COEFFICIENT), "ratio"),
        assumed("dormant", sy.uniform(*DORMANT), "share"),
        assumed("active", sy.uniform(*ACTIVE), "share"),
    ]
    outputs = {
        "accounts": f"sum({', '.join(names)})",
        "people": "accounts / multi_homing",
        "active_people": "people * (1 - dormant) * active",
    }
    graph = sy.Graph(factors, outputs, estimand="stock at a date")
    made = sy.propagate(graph, draws=draws, seed=2026)
    return float(made.estimate("active_people").value), made.monte_carlo_error("active_people")


def plain(draws, platforms):
    """A loop over platforms in plain NumPy."""
    import math

    import numpy as np

    random = np.random.default_rng(2026)
    total = np.zeros(draws)
    for k in range(platforms):
        total += np.exp(math.log(1000 / (1 + k)) + math.log(5.8) / 1.959963984540054 * random.standard_normal(draws))
    people = total / random.triangular(*COEFFICIENT, draws)
    active = people * (1 - random.uniform(*DORMANT, draws)) * random.uniform(*ACTIVE, draws)
    return float(np.median(active)), None


def economy(platforms):
    """Declared registrations, missing for three platforms in five, and visitors of all: made up."""
    import numpy as np

    random = np.random.default_rng(1)
    visitors = np.exp(random.normal(11, 1.5, platforms))
    declared = np.exp(1 + 0.9 * np.log(visitors) + 0.9 * random.standard_normal(platforms))
    declared[: 3 * platforms // 5] = np.nan
    return declared, visitors


def ours_traffic(draws, platforms):
    """Through the library."""
    from platformlabour.counting.traffic import impute_registrations

    made = impute_registrations(*economy(platforms), draws=draws, seed=2026, check_units=False)
    return float(made.estimate.value), None


def plain_traffic(draws, platforms):
    """A loop over the silent platforms in plain NumPy, the line drawn once for all."""
    import numpy as np

    random = np.random.default_rng(2026)
    declared, visitors = economy(platforms)
    known = ~np.isnan(declared)
    x, y = np.log(visitors), np.log(declared[known])
    centre, n = x[known].mean(), int(known.sum())
    spread = ((x[known] - centre) ** 2).sum()
    slope = (x[known] - centre) @ y / spread
    rest = y - y.mean() - slope * (x[known] - centre)
    error = np.sqrt(rest @ rest / random.chisquare(n - 2, draws))
    level = y.mean() + error * random.standard_normal(draws) / np.sqrt(n)
    slopes = slope + error * random.standard_normal(draws) / np.sqrt(spread)
    total = np.full(draws, declared[known].sum())
    for place in np.flatnonzero(~known):
        total += np.exp(level + slopes * (x[place] - centre) + error * random.standard_normal(draws))
    return float(np.median(total)), None


def measure(case, way, draws, platforms):
    """Seconds, processor seconds, peak memory in MB and the answer, from a process of its own."""
    answer = subprocess.run(
        [
            sys.executable,
            __file__,
            "--measure",
            way,
            "--case",
            case,
            "--draws",
            str(draws),
            "--platforms",
            str(platforms),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout.splitlines()[-1])


def measured(case, way, draws, platforms):
    import numpy  # noqa: F401  both ways need it: importing is not timed

    if way == "ours":
        import platformlabour.counting.synthesis
        import platformlabour.counting.traffic  # noqa: F401
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began, worked = time.perf_counter(), time.process_time()
    ways = {"chain": {"ours": ours, "plain": plain}, "traffic": {"ours": ours_traffic, "plain": plain_traffic}}
    median, error = ways[case][way](draws, platforms)
    print(
        json.dumps(
            {
                "seconds": time.perf_counter() - began,
                "processor": time.process_time() - worked,
                "memory": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024,
                "median": median,
                "error": error,
            }
        )
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2**20)
    parser.add_argument("--platforms", type=int, default=100)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--measure", choices=("ours", "plain"), help=argparse.SUPPRESS)
    parser.add_argument("--case", choices=CASES, help="one case only (default: both)")
    asked = parser.parse_args()
    if asked.measure:
        measured(asked.case, asked.measure, asked.draws, asked.platforms)
        return
    print(f"{asked.draws:,} draws, {asked.platforms} platforms, best of {asked.repeat}")
    for case in [asked.case] if asked.case else CASES:
        best = {}
        for _ in range(asked.repeat):
            for way in ("ours", "plain"):
                found = measure(case, way, asked.draws, asked.platforms)
                if way not in best or found["seconds"] < best[way]["seconds"]:
                    best[way] = found
        for way, found in best.items():
            error = "no error estimate" if found["error"] is None else f"Monte Carlo error {found['error']:.4f}"
            print(
                f"{case:8s} {way:6s} {found['seconds']:6.2f} s, {found['processor']:6.2f} s of processor time, "
                f"{found['memory']:7.0f} MB more memory, median {found['median']:.3f} ({error})"
            )
        print(f"{case:8s} plain over ours: {best['plain']['seconds'] / best['ours']['seconds']:.2f} in time")


if __name__ == "__main__":
    main()
