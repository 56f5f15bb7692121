"""Truncated count regression on 431,000 people with three continuous covariates, beside plain NumPy and R.

Run ``python benchmarks/truncated_counts.py``; add ``--rows N`` for another size.  The plain reference is Newton's
method written directly from the formulas, on whole arrays.  R's singleRcapture is timed in the same run where Rscript
and the package are installed.  Times are the best of several runs.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from platformlabour.counting.recapture import truncated
from platformlabour.counting.recapture.formula import design, parse
from platformlabour.counting.recapture.truncated_maximum import grouped, maximum_likelihood

FORMULA = "times ~ age + hours + tenure"
R_PROGRAM = """
suppressMessages(library(singleRcapture))
frame <- read.csv(commandArgs(TRUE)[1])
took <- system.time(fit <- estimatePopsize(times ~ age + hours + tenure, frame, model = "ztpoisson"))
cat(took[["elapsed"]], fit$populationSize$pointEstimate)
"""


def simulated(rows, seed=1):
    """Workers seen at least once; rates depend on three covariates."""
    generator = np.random.default_rng(seed)
    covariates = generator.normal(size=(int(rows * 2.4), 3))
    times = generator.poisson(np.exp(-0.6 + covariates @ [0.3, -0.2, 0.1]))
    frame = pd.DataFrame(covariates, columns=["age", "hours", "tenure"]).assign(times=times)
    return frame[frame["times"] > 0].head(rows).reset_index(drop=True)


def plain(times, matrix):
    """Zero-truncated Poisson by Newton's method on whole arrays; the population by Horvitz and Thompson."""
    beta = np.zeros(matrix.shape[1])
    for _ in range(50):
        rate = np.exp(matrix @ beta)
        seen = -np.expm1(-rate)
        mean = rate / seen
        information = (matrix * (mean * (1 + rate - mean))[:, None]).T @ matrix
        step = np.linalg.solve(information, matrix.T @ (times - mean))
        beta += step
        if np.abs(step).max() < 1e-9:
            break
    return float(np.sum(1 / -np.expm1(-np.exp(matrix @ beta))))


def best_of(repeats, action):
    """Shortest time in milliseconds, and the action's last result."""
    shortest = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        result = action()
        shortest = min(shortest, time.perf_counter() - start)
    return 1000 * shortest, result


def in_r(frame):
    """Seconds and total of singleRcapture, or None where it is not installed."""
    if shutil.which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        data, program = Path(folder, "frame.csv"), Path(folder, "fit.R")
        frame.to_csv(data, index=False)
        program.write_text(R_PROGRAM, encoding="utf-8")
        done = subprocess.run(["Rscript", str(program), str(data)], capture_output=True, text=True, check=False)
    if done.returncode:
        return None
    seconds, total = (float(word) for word in done.stdout.split()[-2:])
    return seconds, total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=431_000)
    frame = simulated(parser.parse_args().rows)
    times = frame["times"].to_numpy(float)

    building, coded = best_of(3, lambda: design(frame, parse(FORMULA)))
    cells = grouped(times, np.ones(len(times)), coded)
    fitting, solution = best_of(15, lambda: maximum_likelihood("zt-poisson", cells))
    whole, fit = best_of(5, lambda: truncated.estimate(frame, FORMULA, "zt-poisson"))
    matrix = np.column_stack([np.ones(len(frame)), frame[["age", "hours", "tenure"]].to_numpy()])
    reference, total = best_of(10, lambda: plain(times, matrix))

    print(f"{len(frame):,} people, three continuous covariates, zero-truncated Poisson")
    print(f"  design matrix and its checks       {building:8.1f} ms")
    print(f"  maximum likelihood and total       {fitting:8.1f} ms   {len(frame) + solution.unseen:,.3f} people")
    print(f"  estimate() with tests and tables   {whole:8.1f} ms   {fit.population.value:,.3f} people")
    print(f"  plain NumPy, total without errors  {reference:8.1f} ms   {total:,.3f} people")
    print(f"  ratio plain NumPy / this library   {reference / fitting:8.1f}")
    r = in_r(frame)
    if r is None:
        print("  singleRcapture: Rscript or the package is not installed")
    else:
        print(f"  singleRcapture                     {1000 * r[0]:8.1f} ms   {r[1]:,.3f} people")
        print(f"  ratio singleRcapture / estimate()  {1000 * r[0] / whole:8.1f}")

    groups = frame.assign(**{name: np.sign(frame[name]) for name in ("age", "hours", "tenure")})
    for model in truncated.MODELS:
        took, fit = best_of(1, lambda model=model: truncated.estimate(groups, FORMULA, model))
        print(f"  {model:15} on {len(groups):,} rows in 8 groups {took:8.1f} ms   {fit.population.status}")


if __name__ == "__main__":
    main()
