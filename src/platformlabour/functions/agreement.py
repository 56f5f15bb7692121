"""How far coders agree: Krippendorff's alpha, Gwet's AC1 and the kappas, each with a bootstrap interval over items.

The packages ``krippendorff``, ``statsmodels`` and ``nltk`` give the same values, to which the tests hold these
functions. None of them resamples items, and those for kappa refuse missing codes. Every coefficient here is a
function of sums over items, so one pass serves the estimate and all replicates.
"""

from platformlabour.functions.agreement_alpha import krippendorff_alpha, masi_distance, per_code
from platformlabour.functions.agreement_kappa import (
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac1,
    observed_agreement,
)
from platformlabour.functions.agreement_units import LEVELS, Codes, from_matrix, from_table

__all__ = [
    "LEVELS",
    "Codes",
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "fleiss_kappa",
    "from_matrix",
    "from_table",
    "gwet_ac1",
    "krippendorff_alpha",
    "masi_distance",
    "observed_agreement",
    "per_code",
]
