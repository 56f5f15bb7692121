"""Closed-population models: time and memory beside a plain NumPy reference, and Rcapture where R is installed.

    python benchmarks/capture_recapture_closed.py [--fuzz TABLES]

The reference fits each model by dense iteratively reweighted least squares on the 2^t - 1 cells, one table at a time,
as a reader would write it from the papers; it checks nothing. Both run in the same process, one after the other, on
the same data. The reference counts patterns with numpy.unique on a tenth of the rows, and draws 50 replicates in place
of 1,000; its time is scaled up.
"""

import argparse
import itertools
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from platformlabour.counting.recapture import closed, closed_models, closed_standing, loglinear
from platformlabour.counting.recapture.patterns import CapturePatterns

# Aaron et al. (2003): four lists, cells 0001, 0010, …, 1111.
FOUR_LISTS = [208, 281, 28, 534, 53, 64, 20, 589, 143, 44, 19, 104, 48, 27, 23]


def best_of(call, repeats=7):
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def reference_fit(matrix, counts, iterations=60):
    """Dense IRLS of a Poisson log-linear model; N and its standard error."""
    means = counts + 0.1
    previous = np.inf
    for _ in range(iterations):
        linear = np.log(means)
        working = linear + (counts - means) / means
        gram = matrix.T @ (matrix * means[:, None])
        parameters = np.linalg.lstsq(gram, matrix.T @ (means * working), rcond=None)[0]
        means = np.exp(np.clip(matrix @ parameters, -300, 300))
        deviance = 2 * (np.where(counts > 0, counts * np.log(np.maximum(counts, 1) / means), 0) - counts + means).sum()
        if abs(deviance - previous) < 1e-8 * (abs(deviance) + 0.1):
            break
        previous = deviance
    unseen = np.exp(parameters[0])
    variance = np.linalg.pinv(matrix.T @ (matrix * means[:, None]))[0, 0]
    return counts.sum() + unseen, np.sqrt(unseen + unseen**2 * variance)


def reference_matrices(occasions):
    """Design matrices of the ten models that are log-linear with an intercept for the people never captured."""
    patterns = loglinear.pattern_matrix(occasions)
    times = patterns.sum(axis=1)
    one = np.ones(len(patterns))
    shapes = {
        "chao": np.maximum(times[:, None] - np.arange(2, occasions), 0),
        "poisson2": 2.0 ** times[:, None] - 1,
        "darroch": times[:, None] ** 2 / 2,
        "gamma3.5": np.log(3.5) - np.log(3.5 + times[:, None]),
    }
    out = {"M0": np.column_stack([one, times]), "Mt": np.column_stack([one, patterns])}
    for name, columns in shapes.items():
        out[f"Mh-{name}"] = np.column_stack([one, times, columns])
        out[f"Mth-{name}"] = np.column_stack([one, patterns, columns])
    return out


def histories(people, occasions, seed=1):
    generator = np.random.default_rng(seed)
    own = generator.normal(size=(people, 1))
    level = generator.normal(-1.2, 0.3, occasions)
    seen = (generator.random((people, occasions)) < 1 / (1 + np.exp(-level - own))).astype(np.uint8)
    return np.ascontiguousarray(seen[seen.any(axis=1)][: people // 2])


def line(task, target, mine, reference=None):
    text = f"{task:<66} {1e3 * mine:9.2f} ms   target {target:>8}"
    if reference is not None:
        text += f"   reference {1e3 * reference:9.1f} ms   ratio {reference / mine:7.1f}"
    print(text, flush=True)


def suite(patterns):
    statistics = closed_models.SufficientStatistics.of(patterns)
    return [closed_standing.judge(patterns, model, statistics) for model in closed.MODELS]


def fresh(patterns):
    return CapturePatterns(patterns.names, patterns.codes, patterns.counts)


def speed():
    table = histories(2_000_000, 10)
    mine = best_of(lambda: CapturePatterns.from_histories(table))

    def unique_rows():
        return np.unique(table[:100_000], axis=0, return_counts=True)

    line(f"count patterns of {len(table):,} histories x 10", "a few", mine, 10 * best_of(unique_rows, 1))
    seen = CapturePatterns.from_histories(table)
    counts, matrices = seen.cells().astype(float), reference_matrices(10)
    mine = best_of(lambda: suite(fresh(seen)))
    reference = best_of(lambda: [reference_fit(matrix, counts) for matrix in matrices.values()], 3)
    line("12 models on the patterns (reference: 10 of them)", "10 ms", mine, reference)
    line("the same as a table of criteria, compare()", "", best_of(lambda: closed.compare(fresh(seen))))

    cells = np.array(FOUR_LISTS)
    lists = CapturePatterns.from_histories(loglinear.pattern_matrix(4), cells)
    one = {name: reference_matrices(4)[name] for name in ("Mt", "Mth-darroch")}
    for model, matrix in one.items():
        fitted = closed_models.fit(closed_models.SufficientStatistics.of(lists), model)
        size = round(float(fitted.value[0]))
        chances = np.append(np.exp(matrix @ reference_parameters(matrix, cells)), 0)
        chances[-1] = max(size - chances.sum(), 0)

        def plain(matrix=matrix, chances=chances, size=size):
            drawn = np.random.default_rng(1).multinomial(size, chances / chances.sum(), size=50)[:, :-1]
            return [reference_fit(matrix, row.astype(float))[0] for row in drawn]

        mine = best_of(lambda model=model: closed.bootstrap(lists, model, replicates=1000, seed=1))
        line(f"bootstrap of {model}, 1,000 replicates, 4 lists", "40 ms", mine, 20 * best_of(plain, 2))
    names = [name for name in closed.MODELS if name not in ("Mb", "Mbh")]
    mine = best_of(lambda: closed.bootstrap(lists, "Mth-darroch", replicates=1000, seed=1, reselect=names), 3)
    line("bootstrap that re-chooses among 10 models, 1,000 replicates", "", mine)

    models = loglinear.hierarchical_models(4)
    matrix = loglinear.interaction_matrix(4, loglinear.interaction_terms(4))
    mine = best_of(lambda: loglinear.fit_models(matrix, cells, models))
    reference = best_of(lambda: [reference_fit(matrix[:, model], cells.astype(float)) for model in models], 2)
    line("all 113 hierarchical models on 4 lists", "5 ms", mine, reference)


def reference_parameters(matrix, counts):
    fit = loglinear.fit_models(matrix, counts)
    return fit.parameters[0]


def memory():
    import tracemalloc

    seen = CapturePatterns.from_histories(histories(6000, 18))
    closed.compare(seen, ["M0"])
    tracemalloc.start()
    start = time.perf_counter()
    table = closed.compare(fresh(seen))
    elapsed = time.perf_counter() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(
        f"18 occasions, 12 models: {elapsed:.2f} s, peak {peak / 1e6:.1f} MB (target 100 MB); {table.status.tolist()}"
    )


def rcapture():
    """The same 12 models in R, where R and Rcapture are installed."""
    if not shutil.which("Rscript"):
        print("Rscript is not installed: no comparison with Rcapture")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lists.csv"
        rows = np.column_stack([loglinear.pattern_matrix(4), FOUR_LISTS])
        np.savetxt(path, rows, fmt="%d", delimiter=",")
        code = (
            f"library(Rcapture); x <- as.matrix(read.csv('{path}', header=FALSE));"
            "s <- system.time(for (i in 1:20) closedp.t(x, dfreq=TRUE)); cat(s[['elapsed']] / 20)"
        )
        run = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    if run.returncode:
        print("Rcapture is not installed: no comparison with it")
        return
    lists = CapturePatterns.from_histories(loglinear.pattern_matrix(4), FOUR_LISTS)
    line("12 models on 4 lists (reference: Rcapture)", "", best_of(lambda: suite(fresh(lists))), float(run.stdout))


def fuzz(tables):
    """Random tables, sparse and dense, small and huge: no nonsense may be called ok."""
    generator = np.random.default_rng(99)
    statuses, faults = {}, 0
    models = itertools.cycle(closed.MODELS)
    start = time.perf_counter()
    for _ in range(tables):
        t = int(generator.integers(2, 7))
        people = generator.integers(0, 10 ** generator.integers(1, 8), 2**t - 1)
        people *= generator.random(2**t - 1) < generator.random()
        if not people.any():
            people[generator.integers(2**t - 1)] = 1
        seen = CapturePatterns.from_histories(loglinear.pattern_matrix(t), people)
        model = next(models)
        judged = closed_standing.judge(seen, model)
        statuses[judged.status] = statuses.get(judged.status, 0) + 1
        if judged.status == "ok":
            value, error = judged.value, judged.standard_error
            sane = value is not None and error is not None and np.isfinite(value) and np.isfinite(error)
            if not sane or value < seen.captured - 1e-6 or value > 1e4 * seen.captured or error > 10 * value:
                faults += 1
                print("fault:", model, people.tolist(), value, error)
    print(f"{tables:,} random tables in {time.perf_counter() - start:.0f} s: {statuses}, {faults} nonsense called ok")
    return faults


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fuzz", type=int, default=0, metavar="TABLES", help="random tables to try, such as 100000")
    arguments = parser.parse_args()
    speed()
    memory()
    rcapture()
    if arguments.fuzz:
        sys.exit(1 if fuzz(arguments.fuzz) else 0)
