"""From several uncertain factors to one count of people, with every assumption in sight."""

from platformlabour.counting.synthesis.bounds import Assumption, bounds, union_bounds
from platformlabour.counting.synthesis.combine import Combined, combine, synthesise
from platformlabour.counting.synthesis.drivers import sobol_shares, tornado, worst_cases
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
    share_from_sample,
    triangular,
    uniform,
)
from platformlabour.counting.synthesis.graph import ESTIMANDS, Expression, Graph
from platformlabour.counting.synthesis.multiverse import Specifications, choice_shares, multiverse
from platformlabour.counting.synthesis.propagate import LEVELS, Propagated, propagate

__all__ = [
    "ESTIMANDS",
    "LEVELS",
    "Assumption",
    "Combined",
    "Distribution",
    "Expression",
    "Factor",
    "Graph",
    "Propagated",
    "Specifications",
    "beta_from_interval",
    "bounds",
    "choice_shares",
    "combine",
    "empirical",
    "factor_table",
    "factors_from_table",
    "fixed",
    "lognormal_from_interval",
    "multiverse",
    "normal",
    "propagate",
    "share_from_sample",
    "sobol_shares",
    "synthesise",
    "tornado",
    "triangular",
    "uniform",
    "union_bounds",
    "worst_cases",
]
