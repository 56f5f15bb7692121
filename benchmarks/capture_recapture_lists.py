"""Models of lists: time beside a plain NumPy reference and Rcapture, and coverage in populations of known size.

    python benchmarks/capture_recapture_lists.py [--coverage POPULATIONS]

The reference fits each model by dense iteratively reweighted least squares, one at a time, as a reader would write it
from the papers. Both run in the same process, one after the other, on the same data; R is timed where it is installed.
"""

import argparse
import shutil
import subprocess
import time

import numpy as np

from platformlabour.counting.recapture import list_fits, lists, loglinear
from platformlabour.counting.recapture.patterns import CapturePatterns

# Aaron et al. (2003): four lists, patterns 0001, 0010, …, 1111.
FOUR_LISTS = [208, 281, 28, 534, 53, 64, 20, 589, 143, 44, 19, 104, 48, 27, 23]
# UK Home Office (2014), five lists: code of the pattern, people.
FIVE_LISTS = {16: 54, 8: 463, 4: 995, 2: 695, 1: 316, 24: 15, 20: 19, 18: 3, 12: 62, 10: 19, 9: 1, 6: 76, 5: 11, 3: 8}
FIVE_LISTS |= {28: 1, 26: 1, 14: 4, 30: 1}
SIZE = 5000
R_CODE = """
suppressMessages(library(Rcapture))
x <- as.matrix(expand.grid(rep(list(0:1), 4)))[-1, 4:1]
cells <- cbind(x, c(%s))
started <- proc.time()[["elapsed"]]
for (i in 1:5) result <- closedpMS.t(cells, dfreq = TRUE, stopiflong = FALSE)
cat((proc.time()[["elapsed"]] - started) / 5)
"""


def best_of(call, repeats=7):
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def reference_fit(matrix, counts, iterations=50):
    """Dense IRLS of one Poisson log-linear model; the population size."""
    means = counts + 0.1
    for _ in range(iterations):
        linear = np.log(means)
        gram = matrix.T @ (matrix * means[:, None])
        parameters = np.linalg.lstsq(gram, matrix.T @ (means * (linear + (counts - means) / means)), rcond=None)[0]
        new = np.maximum(np.exp(np.clip(matrix @ parameters, -300, 300)), 1e-12)
        if np.abs(new - means).max() < 1e-8 * counts.sum():
            break
        means = new
    return counts.sum() + np.exp(parameters[0])


def rcapture_seconds():
    """Seconds that closedpMS.t takes for all 113 models, or None without R and Rcapture."""
    if not shutil.which("Rscript"):
        return None
    code = R_CODE % ", ".join(map(str, FOUR_LISTS))
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=False)
    return float(done.stdout) if done.returncode == 0 and done.stdout else None


def times():
    four = np.array(FOUR_LISTS, dtype=float)
    five = np.zeros(31)
    five[np.array(list(FIVE_LISTS)) - 1] = list(FIVE_LISTS.values())
    six = np.random.default_rng(1).poisson(60.0 * 0.35 ** (loglinear.pattern_matrix(6).sum(axis=1) - 1)).astype(float)
    for label, counts, occasions, search, repeats in (
        ("4 lists, all hierarchical models", four, 4, "hierarchical", 20),
        ("5 lists, all two-way models", five, 5, "two-way", 7),
        ("5 lists, all hierarchical models", five, 5, "hierarchical", 2),
        ("6 lists, all two-way models", six, 6, "two-way", 1),
    ):
        family, models = list_fits.model_set(occasions, search)
        seconds = best_of(lambda: list_fits.fit_tables(family, counts[None], models), repeats)  # noqa: B023
        line = f"{label:36s} {len(models):6d} models {1e3 * seconds:9.1f} ms"
        if len(models) <= 2000:
            start = time.perf_counter()
            for row in models:
                reference_fit(family.matrix[:, row], counts)
            reference = time.perf_counter() - start
            line += f"   reference {1e3 * reference:9.1f} ms   ratio {reference / seconds:6.0f}"
        if occasions == 4 and (r := rcapture_seconds()) is not None:
            line += f"   Rcapture {1e3 * r:9.1f} ms   ratio {r / seconds:6.0f}"
        print(line)
    seen = CapturePatterns.from_histories(loglinear.pattern_matrix(5), five.astype(int))
    for model, replicates in (("stepwise", 1000), ("best", 20)):
        start = time.perf_counter()
        lists.bootstrap(seen, model, replicates=replicates)
        print(f"BCa bootstrap, 5 lists, {model}, {replicates} samples: {time.perf_counter() - start:.2f} s")


def population(generator, kind):
    """Four lists of a population of SIZE people."""
    level = np.array([-2.9, -2.9, -2.7, -3.1])
    load = {"independent": [0, 0, 0, 0], "mixed": [1, 1, -0.7, 0.3]}.get(kind, [1, 1, 1, 1])
    own = generator.normal(0, 1.2, SIZE)
    on_list = np.zeros((SIZE, 4), dtype=np.uint8)
    for place in range(4):
        log_odds = level[place] + load[place] * own
        if kind == "referral" and place == 1:
            log_odds = log_odds + 1.5 * on_list[:, 0]
        on_list[:, place] = generator.random(SIZE) < 1 / (1 + np.exp(-log_odds))
    return CapturePatterns.from_histories(on_list[on_list.any(axis=1)])


def coverage(populations):
    """Median error, coverage of 95% intervals and their median width, as shares of the true size."""
    methods = {
        "independence": ("independence", {}),
        "two-way": ("two-way", {}),
        "stepwise": ("stepwise", {}),
        "best by AIC": ("best", {}),
        "averaged by AIC": ("averaged", {}),
        "averaged by BIC": ("averaged", {"criterion": "bic"}),
        "lsc": ("lsc", {}),
        "hsc": ("hsc", {}),
    }
    for kind in ("independent", "activity", "referral", "mixed"):
        generator = np.random.default_rng(2026)
        found = {name: [] for name in methods}
        for _ in range(populations):
            seen = population(generator, kind)
            for name, (model, options) in methods.items():
                result = lists.estimate(seen, model, **options)
                usable = result.status == "ok"
                found[name].append((result.value, *result.interval) if usable else (np.nan, np.nan, np.nan))
        print(f"{kind}: {seen.captured / SIZE:.0%} listed in the last population")
        for name, rows in found.items():
            value, low, high = np.array(rows).T
            inside = (low <= SIZE) & (high >= SIZE)
            print(
                f"  {name:16s} error {np.nanmedian(value) / SIZE - 1:+.2f}   covered {inside.mean():.2f}"
                f"   width {np.nanmedian(high - low) / SIZE:.2f}   ok {np.isfinite(value).mean():.2f}"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coverage", type=int, metavar="POPULATIONS", help="check coverage in so many populations")
    options = parser.parse_args()
    times()
    if options.coverage:
        coverage(options.coverage)


if __name__ == "__main__":
    main()
