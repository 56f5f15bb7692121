"""What may be asked of lists: the models with their assumptions, and the refusal of requests that make no sense."""

from __future__ import annotations

from platformlabour.counting.recapture.list_search import CRITERIA
from platformlabour.counting.recapture.list_standing import INTERVALS
from platformlabour.errors import InputError

__all__ = [
    "COVERAGE",
    "LABELS",
    "MODELS",
    "SEARCHED",
    "SHAPES",
    "TWO_LISTS",
    "check",
    "check_lists",
    "shape_words",
    "suits",
]

_CLOSED = "the lists describe one population, which nobody joins or leaves meanwhile"
_MATCHED = "each person is matched across the lists without error"
_NO_HIGHEST = "all lists at once do not depend on each other beyond what smaller groups of lists show"


def _words(*more):
    return (*more, _CLOSED, _MATCHED)


MODELS = {
    "lincoln-petersen": _words(
        "being on one of the two lists makes being on the other neither likelier nor less likely",
        "on at least one of the lists everyone has the same chance",
    ),
    "chapman": _words(
        "being on one of the two lists makes being on the other neither likelier nor less likely",
        "on at least one of the lists everyone has the same chance",
        "corrected for the bias of small overlaps",
    ),
    "independence": _words("no list depends on any other", "everyone has the same chance to be on a given list"),
    "two-way": _words("any two lists may depend on each other", "three lists at once do not, beyond their pairs"),
    "log-linear": _words("lists depend on each other as the formula says, and not otherwise", _NO_HIGHEST),
    "stepwise": _words(
        "only pairs of lists depend on each other, and those that do show it clearly in the data",
        "the model chosen is the true one: its interval leaves the choice out",
        _NO_HIGHEST,
    ),
    "best": _words(
        "one of the models searched is the true one, and the data show which: the interval leaves the choice out",
        _NO_HIGHEST,
    ),
    "averaged": _words("one of the models searched is close to the truth; the interval includes which", _NO_HIGHEST),
    "lsc": _words(
        "people differ, and lists depend on each other two at a time",
        "the share of the population that the lists cover is low (below about 55%); the result tends to fall short",
    ),
    "hsc": _words(
        "people differ, and lists depend on each other two at a time",
        "the share of the population that the lists cover is high (55% or more)",
    ),
}
TWO_LISTS = ("lincoln-petersen", "chapman")
COVERAGE = ("lsc", "hsc")
SEARCHED = ("best", "averaged")
SHAPES = ("poisson", "darroch", "gamma")
LABELS = {
    "lincoln-petersen": "Lincoln-Petersen estimator",
    "chapman": "Chapman's estimator",
    "lsc": "sample coverage, one-step estimator",
    "hsc": "sample coverage, full estimator",
}


def check(model, level, formula, interval, criterion, threshold, shape):
    if model not in MODELS:
        raise InputError(f"the model {model!r}", f"one of {', '.join(MODELS)}")
    if not isinstance(level, int | float) or not 0 < level < 1:
        raise InputError(f"the level {level!r}", "a number between 0 and 1, such as 0.95")
    if model == "log-linear" and formula is None:
        raise InputError('the model "log-linear" without a formula', 'a formula such as "a + b + c + a:b" or "[12,3]"')
    if model != "log-linear" and formula is not None:
        raise InputError(f"a formula for the model {model!r}", 'no formula, or the model "log-linear"')
    if interval is not None and interval not in INTERVALS:
        raise InputError(f"the interval {interval!r}", " or ".join(INTERVALS))
    if interval is not None and model in (*TWO_LISTS, *COVERAGE, "averaged"):
        raise InputError(f"the interval {interval!r} for the model {model!r}", "no choice of interval for this model")
    if criterion not in CRITERIA:
        raise InputError(f"the criterion {criterion!r}", " or ".join(CRITERIA))
    if not isinstance(threshold, int | float) or not 0 < threshold < 1:
        raise InputError(f"the threshold {threshold!r}", "a p-value between 0 and 1, such as 0.02")
    if shape is not None and shape not in SHAPES:
        raise InputError(f"the heterogeneity {shape!r}", " or ".join(SHAPES))
    if shape is not None and model in (*TWO_LISTS, *COVERAGE):
        raise InputError(f"heterogeneity for the model {model!r}", "a log-linear model")


def check_lists(model, occasions, shape):
    if model in TWO_LISTS and occasions != 2:
        raise InputError(f"{occasions} lists for the model {model!r}", "two lists; pairs() does every two of them")
    if occasions < 3 and (model in (*COVERAGE, "two-way") or shape is not None):
        raise InputError(f"{occasions} lists", f"three lists or more for {'heterogeneity' if shape else model}")


def shape_words(shape):
    return f"people differ in how likely they are to be listed, in the way of {shape.capitalize()}'s model"


def suits(name, occasions, formula):
    if name == "log-linear":
        return formula is not None
    if occasions == 2:
        return name in (*TWO_LISTS, "independence")
    if name in SEARCHED and occasions > 6:
        return False
    return name not in TWO_LISTS
