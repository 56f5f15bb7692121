"""The simulated table is what its seed gives."""

import math

import pytest

from platformlabour import load
from platformlabour.counting.coverage import coverage_report

SEED = 2026
ROWS = [("homogeneous", "M0"), ("fakes", "Chao 1984")]


@pytest.mark.parametrize(("scenario", "estimator"), ROWS)
def test_a_row_computed_again_is_the_row_in_the_table(scenario, estimator):
    table = load("simulated-coverage").set_index(["scenario", "estimator"])
    stored = table.loc[(scenario, estimator)]
    again = coverage_report([estimator], [scenario], replicates=int(stored["replicates"]), seed=SEED).iloc[0]
    for name in ("truth", "relative_bias", "coverage", "relative_width", "contradicted", "declared"):
        assert math.isclose(again[name], float(stored[name]), abs_tol=6e-5), name
    assert again["verdict"] == stored["verdict"]


def test_every_row_says_that_it_is_simulated():
    table = load("simulated-coverage")
    assert set(table["evidence"]) == {"simulated"}
    assert table["replicates"].nunique() == 1 or table["replicates"].min() >= 50
