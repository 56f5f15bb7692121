"""Whether a fit of a closed population may be used: its standing, its criteria and its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from platformlabour.counting.recapture import closed_models as fits_of
from platformlabour.counting.recapture.loglinear import (
    Existence,
    existence,
    log_linear_profile,
    log_normal_interval,
    pattern_matrix,
    profile_interval,
)
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.counting.recapture.thresholds import LARGEST_MULTIPLE, LARGEST_RELATIVE_ERROR
from platformlabour.errors import InputError

__all__ = [
    "BEHAVIOUR",
    "CLOSED",
    "IDENTITY",
    "INTERVALS",
    "LOWER_BOUNDS",
    "MODELS",
    "Judged",
    "check_level",
    "check_request",
    "criteria_of",
    "judge",
    "limits_of",
    "plausible",
    "profile_of",
]

# Below seven recaptures even the two-occasion estimate is biased (Robson and Regier 1964).
FEW_RECAPTURES = 7

CLOSED = "nobody joins or leaves between the first occasion and the last"
IDENTITY = "each identity is one real person, recognised whenever seen again"
_SHAPES = {
    "chao": "nothing else about how they differ: the result is a lower bound",
    "poisson2": "the logarithms of their odds differ as in a Poisson mixture (little spread)",
    "darroch": "the logarithms of their odds are spread like a normal curve among those never captured",
    "gamma3.5": "the logarithms of their odds are spread like a gamma curve among those never captured (long tail)",
}


def _words(*more):
    return (*more, CLOSED, IDENTITY)


MODELS = {
    "M0": _words("everyone has the same chance on every occasion"),
    "Mt": _words("everyone has the same chance on a given occasion", "chances may differ between occasions"),
    **{
        f"Mh-{kind}": _words("each person keeps the same chance on every occasion", "people differ", words)
        for kind, words in _SHAPES.items()
    },
    **{
        f"Mth-{kind}": _words("chances differ between occasions, for all in the same way", "people differ", words)
        for kind, words in _SHAPES.items()
    },
    "Mb": _words(
        "everyone not yet captured has the same chance on every occasion",
        "the chance may change, once, after the first capture",
        "the occasions follow each other in time",
    ),
    "Mbh": _words(
        "everyone not yet captured has the same chance from the second occasion on, and another on the first",
        "the chance may change, once, after the first capture",
        "the occasions follow each other in time",
    ),
}
LOWER_BOUNDS = ("Mh-chao", "Mth-chao")
BEHAVIOUR = ("Mb", "Mbh")
INTERVALS = ("profile likelihood", "log-normal")


@dataclass(frozen=True, eq=False)
class Judged:
    """A fit to one table with its standing."""

    model: str
    fits: fits_of.ModelFits | None
    status: str
    warnings: tuple[str, ...] = ()

    @property
    def value(self):
        return None if self.fits is None or not np.isfinite(self.fits.value[0]) else float(self.fits.value[0])

    @property
    def standard_error(self):
        if self.value is None or not np.isfinite(self.fits.standard_error[0]):
            return None
        return float(self.fits.standard_error[0])


def judge(patterns, model, statistics=None):
    """Fit one model to one table and say whether the result may be used."""
    t = patterns.occasions
    if t < 3 and model not in ("M0", "Mt", "Mb"):
        return Judged(model, None, "not identified", (f"{model} needs three occasions or more",))
    fitted = fits_of.fit(statistics or fits_of.SufficientStatistics.of(patterns), model)
    warnings = []
    same = patterns.identical_occasions
    if same:
        pair = " and ".join(same[0])
        return Judged(
            model, None, "not identified", (f"{pair} captured exactly the same people: they count as one occasion",)
        )
    if model not in BEHAVIOUR and patterns.recaptures == 0:
        return Judged(model, None, "not identified", ("nobody was captured twice: the data set no upper limit",))
    if not np.isfinite(fitted.value[0]):
        reason = (
            "first captures do not fall off over the occasions, so the number left cannot be told"
            if model in BEHAVIOUR
            else "the data set no limit to the number never captured"
        )
        return Judged(model, None, "not identified", (reason,))
    empty = [name for name, count in zip(patterns.names, patterns.captures, strict=True) if not count]
    if empty:
        warnings.append(f"nobody was captured on {', '.join(empty)}")
    if not fitted.converged[0]:
        checked = _exists(patterns, model, fitted)
        if checked is None or not checked.identified:
            return Judged(model, None, "not identified", ("some patterns never occur that the model needs", *warnings))
        return Judged(model, None, "not converged", (*warnings,))
    status = "ok"
    if model.startswith(("Mh", "Mth")) and fitted.standard_error[0] > 0:
        checked = _exists(patterns, model, fitted)
        if checked is None or not checked.identified:
            return Judged(model, None, "not identified", ("some patterns never occur that the model needs", *warnings))
        if not checked.exists:
            status = "boundary"
            warnings.append("some patterns never occur, so that a parameter of the model has no finite value")
    if fitted.standard_error[0] == 0:
        status = "boundary"
        warnings.append("a chance of capture is estimated as 1: everyone seems to have been found")
    elif status == "ok":
        status = plausible(float(fitted.value[0]), float(fitted.standard_error[0]), patterns.captured)
    if model in BEHAVIOUR and patterns.recaptures == 0:
        warnings.append("nobody was captured twice: the estimate rests on first captures alone")
    elif 0 < patterns.recaptures < FEW_RECAPTURES:
        warnings.append(f"only {patterns.recaptures} recaptures: expect bias as well as a wide interval")
    if status == "implausible":
        warnings.append("the estimate is out of proportion to the data; do not use it")
    if "-" in model and model not in LOWER_BOUNDS and fitted.coefficients[0, -1] < 0:
        warnings.append("captures are more even than equal chances would give, so the model's differences do not apply")
    return Judged(model, fitted, status, tuple(warnings))


def plausible(value, error, captured):
    if not (math.isfinite(value) and math.isfinite(error)):
        return "not identified"
    if value < captured * (1 - 1e-9):
        return "below observed"
    if value > LARGEST_MULTIPLE * captured or error > LARGEST_RELATIVE_ERROR * value:
        return "implausible"
    return "ok"


def _exists(patterns, model, fitted):
    """The existence check of a heterogeneity model; None when it fails and the table is too large to say how."""
    free = fitted.free[0]
    design = fits_of.design_of(model, patterns.occasions)
    if len(patterns.codes) == (1 << patterns.occasions) - 1:
        # Every pattern occurs, and the columns of each model are independent over all of them.
        return Existence(True, np.ones(len(patterns.codes), dtype=bool), True)
    if model.startswith("Mh"):
        return existence(design.matrix[:, free], patterns.frequencies)
    used = patterns.captures > 0
    t = int(used.sum())
    columns = fits_of.heterogeneity_columns(model, patterns.occasions)[:, free[1 + patterns.occasions :]]

    def matrix_of(rows):
        return np.column_stack([np.ones(len(rows)), rows, columns[rows.sum(axis=1) - 1]])

    observed = patterns.histories[:, used].astype(np.int64)
    matrix = matrix_of(observed)
    scaled = matrix / np.linalg.norm(matrix, axis=0)
    smallest, *_, largest = np.linalg.eigvalsh(scaled.T @ scaled)
    if len(matrix) >= matrix.shape[1] and smallest > 1e-9 * largest:
        return Existence(True, np.ones(len(matrix), dtype=bool), True)
    if t > 10:
        return None
    codes = observed @ (1 << np.arange(t - 1, -1, -1))
    counts = np.bincount(codes, weights=patterns.counts, minlength=1 << t)[1:]
    return existence(matrix_of(pattern_matrix(t)), counts)


def criteria_of(patterns, judged):
    """Log-likelihood, AIC, BIC, deviance and residual degrees of freedom of the Poisson table of patterns."""
    from scipy.special import gammaln, xlogy

    if judged.fits is None or not np.isfinite(judged.fits.kernel[0]):
        return None, None, None, None, None
    counts = patterns.counts.astype(float)
    constant = gammaln(counts + 1.0).sum()
    loglik = float(judged.fits.kernel[0] - constant)
    size = int(judged.fits.size[0])
    saturated = float(xlogy(counts, counts).sum() - counts.sum() - constant)
    used = int((patterns.captures > 0).sum()) if judged.model.startswith("Mt") else patterns.occasions
    return (
        loglik,
        2 * size - 2 * loglik,
        math.log(patterns.captured) * size - 2 * loglik,
        max(2 * (saturated - loglik), 0.0),
        (1 << used) - 1 - size,
    )


def limits_of(patterns, judged, kind, level):
    """The limits and the kind of interval that could be given, or ``None`` and an empty kind.

    A fit with a parameter at its limit has no ordinary profile likelihood: it gets the log-normal interval, and none
    when everyone seems to have been found.
    """
    n, value = patterns.captured, judged.value
    if value is None or judged.standard_error is None or judged.status not in ("ok", "implausible", "boundary"):
        return None, ""
    at_limit = judged.status == "boundary" and "-" in judged.model
    if at_limit and judged.standard_error == 0:
        return None, ""
    if kind == "log-normal" or at_limit:
        return tuple(float(x) for x in log_normal_interval(value, judged.standard_error, n, level=level)), "log-normal"
    profile = profile_of(patterns, judged)
    low, high = (float(x) for x in profile_interval(profile, n, value, level=level)[1:])
    # With millions of people the interval is narrower than the rounding of the two maxima.
    return (min(low, value), max(high, value)), kind


def profile_of(patterns, judged):
    """The profile log-likelihood of the population size under a fitted model."""
    from scipy.special import xlogy

    n, t = patterns.captured, patterns.occasions
    model = judged.model
    statistics = fits_of.SufficientStatistics.of(patterns)
    if model in ("M0", "Mt"):
        captures = statistics.captures[0] if model == "Mt" else np.full(t, statistics.captures[0].mean())

        def log_likelihood(size):
            stay = np.maximum(1.0 - captures / size, 1e-300)
            return float((xlogy(captures, captures / size) + (size - captures) * np.log(stay)).sum()), float(
                np.log(stay).sum()
            )

        return log_likelihood
    if model in BEHAVIOUR:
        return _removal_profile(patterns, first_differs=model == "Mbh")
    free = judged.fits.free[0]
    return log_linear_profile(
        fits_of.design_of(model, t),
        fits_of.sufficient_of(statistics, model)[0],
        n,
        judged.fits.coefficients[0],
        free=free,
        bounded=fits_of.bounded_of(model, t),
    )


def _removal_profile(patterns, *, first_differs):
    from scipy.special import xlogy

    n, first = patterns.captured, patterns.first_captures.astype(float)
    later = first[1:] if first_differs else first
    span, people = len(later), float(later.sum())
    misses = float(later @ np.arange(span))

    def log_likelihood(size):
        missed = misses + (size - n) * span
        chance = people / (people + missed) if people + missed > 0 else 1.0
        value = xlogy(people, chance) + xlogy(missed, 1.0 - chance)
        never = span * math.log(max(1.0 - chance, 1e-300))
        if first_differs:
            at_once = first[0] / size
            value += xlogy(first[0], at_once) + xlogy(size - first[0], 1.0 - at_once)
            never += math.log(max(1.0 - at_once, 1e-300))
        return float(value), never

    return log_likelihood


def check_request(patterns, model, level):
    if not isinstance(patterns, CapturePatterns):
        raise InputError(
            f"{type(patterns).__name__} in place of capture patterns", "CapturePatterns.from_histories(your table)"
        )
    if model not in MODELS:
        raise InputError(f"the model {model!r}", f"one of {', '.join(MODELS)}")
    check_level(level)


def check_level(level):
    if not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
