"""What is left of a sum when most of its terms are predicted, where the sum is known."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from platformlabour.counting import traffic
from platformlabour.counting.simulate_registers import simulate_registers

__all__ = ["sum_experiment"]


def sum_experiment(scenario, *, replicates=200, draws=2000, seed):
    """Predict the registrations of silent platforms in simulated economies: three ways of doing it against the truth.

    The fitted values alone, the interval of the regression line, and predictive draws with all their error.

    Parameters
    ----------
    scenario : RegisterScenario
        With ``declaring`` below 1 and some register or visitor noise.
    replicates, draws : int
    seed : int

    Returns
    -------
    DataFrame
        ``method, replicates, bias, coverage, width``: median relative error of the sum over all platforms, share of
        the 95% intervals that hold it, and their median width over the truth. The fitted values have no interval.

    Raises
    ------
    InputError
        As for :func:`platformlabour.counting.traffic.impute_registrations`.

    Examples
    --------
    >>> from platformlabour.counting.simulate_registers import RegisterScenario
    >>> noisy = RegisterScenario(people=2000, platforms=30, register_sd=0.8, declaring=0.4)
    >>> sum_experiment(noisy, replicates=5, draws=200, seed=1)["method"].tolist()
    ['fitted values', 'interval of the line', 'predictive draws']
    """
    children = np.random.SeedSequence(seed).spawn(replicates)
    rows = []
    for child in children:
        economy = simulate_registers(scenario, seed=child)
        frame = economy.platforms
        truth = float(frame["registered"].sum())
        options = {"draws": draws, "check_units": False}
        random = np.random.default_rng(child.spawn(1)[0])
        found = traffic.impute_registrations(frame["declared"], frame["visitors"], seed=random, **options)
        low, high = found.estimate.interval
        line_low, line_high = found.line_interval
        rows.append((found.naive_total / truth - 1, found.estimate.value / truth - 1))
        rows[-1] += (line_low <= truth <= line_high, (line_high - line_low) / truth)
        rows[-1] += (low <= truth <= high, (high - low) / truth)
    naive, full, line_held, line_width, held, width = (
        np.array(column, dtype=float) for column in zip(*rows, strict=True)
    )
    out = [
        ("fitted values", replicates, float(np.median(naive)), math.nan, math.nan),
        ("interval of the line", replicates, float(np.median(naive)), line_held.mean(), float(np.median(line_width))),
        ("predictive draws", replicates, float(np.median(full)), held.mean(), float(np.median(width))),
    ]
    return pd.DataFrame(out, columns=["method", "replicates", "bias", "coverage", "width"])
