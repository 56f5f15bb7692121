"""Tabulated quantiles against exact ones."""

import numpy as np
import pytest

from platformlabour.counting import synthesis as sy
from platformlabour.counting.synthesis.quantile_tables import QuantileTable


@pytest.mark.parametrize(
    "distribution",
    [
        sy.normal(3, 2),
        sy.lognormal_from_interval(1000, 100, 10_000),
        sy.lognormal_from_interval(1000, 900, 30_000),
        sy.beta_from_interval(0.01, 0.04),
        sy.beta_from_interval(0.05, 0.95),
        sy.beta_from_interval(0.9, 0.99),
    ],
    ids=repr,
)
def test_the_table_errs_by_less_than_a_hundred_thousandth_of_the_interval(distribution):
    assert distribution.smooth
    u = np.concatenate([np.linspace(2**-31, 1 - 2**-31, 20_011), np.arange(1, 4096) / 4096])
    low, high = distribution.ppf([0.025, 0.975])
    error = np.abs(QuantileTable(distribution)(u) - distribution.ppf(u))
    assert error.max() < 1e-5 * (high - low)
