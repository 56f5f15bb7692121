"""From several uncertain factors to one count of people, with every assumption in sight."""

from platformlabour.counting.synthesis.factors import (
    Distribution,
    Factor,
    beta_from_interval,
    empirical,
    factor_table,
    factors_from_table,
    fixed,
    lognormal_from_interval,
    normal,
    triangular,
    uniform,
)
from platformlabour.counting.synthesis.graph import ESTIMANDS, Expression, Graph
from platformlabour.counting.synthesis.propagate import LEVELS, Propagated, propagate

__all__ = [
    "ESTIMANDS",
    "LEVELS",
    "Distribution",
    "Expression",
    "Factor",
    "Graph",
    "Propagated",
    "beta_from_interval",
    "empirical",
    "factor_table",
    "factors_from_table",
    "fixed",
    "lognormal_from_interval",
    "normal",
    "propagate",
    "triangular",
    "uniform",
]
