"""Score tests of the plain truncated models: are people seen once too many, do counts vary too much?"""

from __future__ import annotations

import math

import numpy as np

from platformlabour.counting.recapture.truncated_likelihoods import SPECIFICATIONS, chance_of_once
from platformlabour.counting.recapture.truncated_maximum import BLOCK

__all__ = ["score_tests", "warnings_from"]

_NOTICEABLE = 1.96  # a deviate that one true model in forty exceeds


def score_tests(solution, cells):
    """Standard normal deviates for one-inflation and overdispersion of the plain truncated models."""
    spec = SPECIFICATIONS[solution.model]
    if solution.model not in ("zt-poisson", "zt-geometric"):
        return {}
    size = len(cells.names)
    sums = {"one-inflation": [0.0, 0.0, np.zeros(size)], "overdispersion": [0.0, 0.0, np.zeros(size)]}
    for start in range(0, len(cells.times), BLOCK):
        part = slice(start, start + BLOCK)
        block, people, times = cells.matrix[:, part], cells.people[part], cells.times[part]
        eta = solution.theta @ block
        once, seen = chance_of_once(spec.family, eta)
        rate = np.exp(eta)
        single_score = 1 - rate / seen if spec.family == "poisson" else -seen
        _add(sums["one-inflation"], people, (times == 1) / once - 1, 1 / once - 1, block, single_score)
        if spec.family == "poisson":
            first, second = rate / seen, rate**2 / seen
            third, fourth = rate * second, rate**2 * second
            mean = second / 2 - rate * first
            square = (fourth + 4 * third + 2 * second) / 4 - rate * (third + 2 * second) + rate**2 * (second + first)
            product = (third + 2 * second) / 2 - rate * (second + first)
            excess = times * (times - 1) / 2 - times * rate - mean
            _add(sums["overdispersion"], people, excess, square - mean**2, block, product - mean * first)
    found = {}
    for name, (slope, variance, shared) in sums.items():
        variance = variance - shared @ solution.covariance @ shared
        if math.isfinite(variance) and variance > 1e-9:
            found[name] = float(slope / math.sqrt(variance))
    return found


def _add(sums, people, slope, variance, block, shared):
    sums[0] += people @ slope
    sums[1] += people @ variance
    sums[2] += block @ (people * shared)


def warnings_from(tests):
    warnings = []
    if tests.get("overdispersion", 0.0) > _NOTICEABLE:
        warnings.append(
            "Counts vary more than the Poisson distribution allows: rates differ between people with the same "
            "covariates, and the total is then too low."
        )
    if tests.get("one-inflation", 0.0) > _NOTICEABLE:
        warnings.append(
            "More people were seen exactly once than the model expects: rates may differ between people, or some are "
            "one-off identities; the first makes the total too low, the second too high."
        )
    return warnings
