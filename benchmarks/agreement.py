"""Krippendorff's alpha with its bootstrap interval, beside the package krippendorff called once a replicate.

Run ``python benchmarks/agreement.py``; add ``--items N`` or ``--replicates N`` for other sizes. The package has no
bootstrap, so it is called on resampled items a few times and its time a call is multiplied; both run in the same
process on the same codes. Memory is the peak that Python's allocator saw during a call.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc

import krippendorff
import numpy as np

from platformlabour.functions import agreement

CODERS, CODES, CALLS = 5, 7, 5


def simulated(items, seed=1):
    """Codes of five coders who know the answer seven times in ten and guess otherwise; one in ten is missing."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(CODES, size=(items, 1))
    codes = np.where(generator.random((items, CODERS)) < 0.7, truth, generator.integers(CODES, size=(items, CODERS)))
    return np.where(generator.random(codes.shape) < 0.1, np.nan, codes.astype(float))


def measured(action):
    """Seconds, peak megabytes in a second run, and the result."""
    start = time.perf_counter()
    result = action()
    took = time.perf_counter() - start
    tracemalloc.start()
    action()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return took, peak, result


def package_call(codes, level, generator):
    """One replicate by the package."""
    drawn = codes[generator.integers(len(codes), size=len(codes))]
    return krippendorff.alpha(reliability_data=drawn.T, level_of_measurement=level)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--replicates", type=int, default=10_000)
    options = parser.parse_args()
    codes = simulated(options.items)
    print(f"{options.items:,} items, {CODERS} coders, {CODES} codes, {options.replicates:,} replicates")
    for level in ("nominal", "ordinal", "interval", "ratio"):
        read, _, ready = measured(lambda level=level: agreement.from_matrix(codes, level=level))
        took, peak, found = measured(
            lambda ready=ready: agreement.krippendorff_alpha(ready, replicates=options.replicates, seed=1)
        )
        point = krippendorff.alpha(reliability_data=codes.T, level_of_measurement=level)
        generator = np.random.default_rng(1)
        start = time.perf_counter()
        for _ in range(CALLS):
            package_call(codes, level, generator)
        package = (time.perf_counter() - start) / CALLS * options.replicates
        print(
            f"  {level:9} {took:6.2f} s, {peak:6.1f} MB (reading {read:.2f} s)   package {package:8.0f} s   "
            f"ratio {package / took:6.0f}   alpha {found.value:.6f}, package {point:.6f}"
        )
    nominal = agreement.from_matrix(codes)
    for name, action in (
        ("AC1", lambda: agreement.gwet_ac1(nominal, replicates=options.replicates)),
        ("code by code", lambda: agreement.per_code(nominal, replicates=options.replicates)),
    ):
        took, peak, _ = measured(action)
        print(f"  {name:12} {took:6.2f} s, {peak:6.1f} MB")
    continuous = codes + np.random.default_rng(2).normal(scale=0.1, size=codes.shape)
    ready = agreement.from_matrix(continuous, level="interval")
    took, peak, _ = measured(lambda: agreement.krippendorff_alpha(ready, replicates=options.replicates))
    print(f"  measurements, no two alike {took:6.2f} s, {peak:6.1f} MB")


if __name__ == "__main__":
    main()
