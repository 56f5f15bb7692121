"""Likelihoods of counts that are only recorded when they are one or more, with their first two derivatives.

Every likelihood takes the counts ``times`` (float64, shape (n,)), the linear predictor ``eta`` (shape (n,), natural
logarithm of the sighting rate unless said otherwise) and a common ``shape`` (the logit of the one-inflation
share, or the logarithm of the dispersion; ignored by models without one).  It returns the log-likelihood of each
count without the terms that hold no parameter, and its derivatives::

    value, by eta, by eta twice, by shape, by eta and shape, by shape twice

(three arrays for models without a shape).  ``unseen`` returns, for each person whose count a model uses, the expected
number of people never seen that he or she stands for, and its derivatives by eta and by shape.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

__all__ = ["SPECIFICATIONS", "Specification", "chance_of_once"]


@dataclass(frozen=True)
class Specification:
    """One model of truncated counts.

    Parameters
    ----------
    method : str
        The model's usual name.
    assumptions : tuple of str
        In plain words.
    likelihood, unseen : callable
        As described in this module's text.
    family : {"poisson", "geometric", "negative binomial"}
        Distribution of one person's count.
    used : (int, int or None)
        Smallest and largest count that enter the likelihood.
    offset : float
        Added to eta to give the logarithm of the rate.
    shape : str or None
        Name of the shape's coefficient.
    bound : {"point", "lower"}
        Whether the total estimates or bounds the population.
    base : str or None
        The model that the shape's limit gives back.
    constant : callable
        Logarithm of the parameter-free factor of each count's probability.
    """

    method: str
    assumptions: tuple[str, ...]
    likelihood: Callable
    unseen: Callable
    family: str
    used: tuple[int, int | None] = (1, None)
    offset: float = 0.0
    shape: str | None = None
    bound: str = "point"
    base: str | None = None
    constant: Callable = np.zeros_like


def _poisson_constant(times):
    return -special.gammaln(times + 1)


def _rate(eta):
    return np.exp(np.minimum(eta, 300.0))


def _seen(rate):
    """Probability of a count of one or more, and of zero, of a Poisson rate."""
    none = np.exp(-rate)
    # The subtraction loses digits only for tiny rates; expm1 is several times slower.
    seen = -np.expm1(-rate) if rate.size and rate.min() < 1e-3 else 1.0 - none
    return seen, none


# Chances of 0, of exactly 1, of 1 or more, of 2 or more, each with two derivatives by eta.


def _poisson_chances(eta):
    rate = _rate(eta)
    none = np.exp(-rate)
    one = rate * none
    seen = -np.expm1(-rate)
    twice = special.gammainc(2, rate)
    return {
        "none": (none, -one, one * (rate - 1)),
        "one": (one, one * (1 - rate), one * ((1 - rate) ** 2 - rate)),
        "seen": (seen, one, one * (1 - rate)),
        "twice": (twice, rate * one, rate * one * (2 - rate)),
    }


def _geometric_chances(eta):
    share, rest = special.expit(eta), special.expit(-eta)
    both = share * rest
    return {
        "none": (rest, -both, -both * (rest - share)),
        "one": (both, both * (rest - share), both * (rest - share) ** 2 - 2 * both**2),
        "seen": (share, both, both * (rest - share)),
        "twice": (share**2, 2 * share * both, 2 * share * both * (2 * rest - share)),
    }


def _poisson_kernel(times, eta):
    rate = _rate(eta)
    return times * eta - rate, times - rate, -rate


def _geometric_kernel(times, eta):
    share = special.expit(eta)
    return (
        times * eta - (times + 1) * np.logaddexp(0, eta),
        times - (times + 1) * share,
        -(times + 1) * share * (1 - share),
    )


_CHANCES = {"poisson": _poisson_chances, "geometric": _geometric_chances}
_KERNELS = {"poisson": _poisson_kernel, "geometric": _geometric_kernel}


def _log(chance):
    value, first, second = chance
    slope = first / value
    return np.log(value), slope, second / value - slope**2


def _ratio(top, bottom):
    value = top[0] / bottom[0]
    first = (top[1] - value * bottom[1]) / bottom[0]
    second = (top[2] - 2 * first * bottom[1] - value * bottom[2]) / bottom[0]
    return value, first, second


def _log_inflated(chance, shape):
    """Logarithm of ``share + (1 - share) * chance`` with its five derivatives, the share being logistic in shape."""
    value, first, second = chance
    share = special.expit(shape)
    rest = special.expit(-shape)
    both = share * rest
    total = share + rest * value
    by_eta, by_shape = rest * first / total, both * (1 - value) / total
    return (
        np.log(total),
        by_eta,
        rest * second / total - by_eta**2,
        by_shape,
        -both * first / total - by_eta * by_shape,
        both * (rest - share) * (1 - value) / total - by_shape**2,
    )


def _log_rest(shape):
    """Logarithm of one minus the share, as the five-derivative form has it."""
    share = special.expit(shape)
    return -np.logaddexp(0, shape), 0.0, 0.0, -share, 0.0, -share * (1 - share)


def _without_shape(three):
    return (*three, 0.0, 0.0, 0.0)


def _sum(*parts):
    return tuple(sum(pieces) for pieces in zip(*parts, strict=True))


def _minus(part):
    return tuple(-piece for piece in part)


def _either(condition, yes, no):
    return tuple(np.where(condition, left, right) for left, right in zip(yes, no, strict=True))


# Zero-truncated: every count of one or more.


def _zero_truncated_poisson(times, eta, shape=None):
    rate = _rate(eta)
    seen, _ = _seen(rate)
    mean = rate / seen
    return times * eta - rate - np.log(seen), times - mean, -mean * (1 + rate - mean)


def _zero_truncated_geometric(times, eta, shape=None):
    share = special.expit(eta)
    return (times - 1) * eta - times * np.logaddexp(0, eta), times - 1 - times * share, -times * share * (1 - share)


def _unseen_poisson(eta, shape=None):
    rate = _rate(eta)
    seen, none = _seen(rate)
    odds = none / seen
    return odds, -rate * odds / seen, 0.0


def _unseen_geometric(eta, shape=None):
    odds = np.exp(np.minimum(-eta, 300.0))
    return odds, -odds, 0.0


# Truncated at zero and one: only the people seen twice or more speak about the rate.


def _twice_truncated(family):
    chances, kernel = _CHANCES[family], _KERNELS[family]

    def likelihood(times, eta, shape=None):
        return tuple(a - b for a, b in zip(kernel(times, eta), _log(chances(eta)["twice"]), strict=True))

    def unseen(eta, shape=None):
        chance = chances(eta)
        odds = _ratio(chance["none"], chance["twice"])
        return odds[0], odds[1], 0.0

    return likelihood, unseen


# Two neighbouring counts only: a logistic regression, for Chao's and Zelterman's estimators.


def _neighbours(larger):
    def likelihood(times, eta, shape=None):
        # The two shares are computed apart: one minus a share near one would be zero.
        share, rest = special.expit(eta), special.expit(-eta)
        larger_seen = times == larger
        return larger_seen * eta - np.logaddexp(0, eta), np.where(larger_seen, rest, -share), -share * rest

    return likelihood


def _unseen_chao(eta, shape=None):
    ratio = _rate(eta)  # half the rate, so that the chances of 1 and 2 relative to 0 are 2 ratio and 2 ratio squared
    odds = 1 / (2 * ratio * (1 + ratio))
    return odds, -odds * (1 + 2 * ratio) / (1 + ratio), 0.0


def _unseen_one_inflated_chao(eta, shape=None):
    ratio = _rate(eta)  # a third of the rate
    odds = 1 / (4.5 * ratio**2 * (1 + ratio))
    return odds, -odds * (2 + 3 * ratio) / (1 + ratio), 0.0


def _unseen_zelterman(eta, shape=None):
    return _unseen_poisson(eta + np.log(2.0))


# One-inflated: a share of people would be seen exactly once whatever their rate.


def _inflated_after_truncation(family):
    chances, kernel = _CHANCES[family], _KERNELS[family]

    def likelihood(times, eta, shape):
        chance = chances(eta)
        seen = _log(chance["seen"])
        once = _log_inflated(_ratio(chance["one"], chance["seen"]), shape)
        more = _sum(
            _log_rest(shape), _without_shape(tuple(a - b for a, b in zip(kernel(times, eta), seen, strict=True)))
        )
        return _either(times == 1, once, more)

    def unseen(eta, shape):
        chance = chances(eta)
        odds = _ratio(chance["none"], chance["seen"])
        return odds[0], odds[1], 0.0

    return likelihood, unseen


def _inflated_before_truncation(family):
    chances, kernel = _CHANCES[family], _KERNELS[family]

    def likelihood(times, eta, shape):
        chance = chances(eta)
        seen = _minus(_log_inflated(chance["seen"], shape))
        once = _sum(_log_inflated(chance["one"], shape), seen)
        more = _sum(_log_rest(shape), _without_shape(kernel(times, eta)), seen)
        return _either(times == 1, once, more)

    def unseen(eta, shape):
        chance = chances(eta)
        seen = _log_inflated(chance["seen"], shape)
        inverse = np.exp(-seen[0])
        return inverse - 1, -inverse * seen[1], -inverse * seen[3]

    return likelihood, unseen


# Negative binomial: rates that differ between people as a gamma distribution does.


def _negative_binomial_parts(eta, shape):
    """``h = log(1 + alpha mu) / alpha``, so that the chance of zero is ``exp(-h)``, with five derivatives."""
    mean, dispersion = _rate(eta), np.exp(shape)
    grown = dispersion * mean
    h = np.log1p(grown) / dispersion
    first = mean / (1 + grown)
    second = first / (1 + grown)
    return h, first, second, first - h, second - first, second - 2 * first + h


def _zero_truncated_negative_binomial(times, eta, shape):
    dispersion = np.exp(shape)
    h = _negative_binomial_parts(eta, shape)
    share = special.expit(eta + shape)
    log_grown = np.logaddexp(0, eta + shape)
    by_share, twice = share, share * (1 - share)
    odds = 1 / np.expm1(h[0])
    curve = -odds * (1 + odds)
    # sum over j < times of log(1 + alpha j), and its derivatives by log alpha
    j = np.arange(times.max() if times.size else 1)
    weight = dispersion * j / (1 + dispersion * j)
    place = times.astype(np.intp) - 1
    climb = (
        np.cumsum(np.log1p(dispersion * j))[place],
        np.cumsum(weight)[place],
        np.cumsum(weight * (1 - weight))[place],
    )
    return (
        climb[0] + times * eta - times * log_grown - h[0] - np.log(-np.expm1(-h[0])),
        times - times * by_share - (1 + odds) * h[1],
        -times * twice - curve * h[1] ** 2 - (1 + odds) * h[2],
        climb[1] - times * by_share - (1 + odds) * h[3],
        -times * twice - curve * h[1] * h[3] - (1 + odds) * h[4],
        climb[2] - times * twice - curve * h[3] ** 2 - (1 + odds) * h[5],
    )


def _unseen_negative_binomial(eta, shape):
    h = _negative_binomial_parts(eta, shape)
    odds = 1 / np.expm1(h[0])
    slope = -odds * (1 + odds)
    return odds, slope * h[1], slope * h[3]


_CLOSED = "The population does not change while people are counted, and each identity is one real person."
_POISSON = "Each person's sightings are independent and come at a constant rate (Poisson)."
_GEOMETRIC = (
    "Rates differ between people with the same covariates as an exponential distribution does (geometric counts)."
)
_RATE = "The logarithm of the rate is a sum of the covariates' effects."
_INFLATED_AFTER = (
    "Among the people seen, a constant share was seen exactly once for reasons outside the model, "
    "such as leaving after the first contact or a one-off identity; the unseen are counted for them too."
)
_INFLATED_BEFORE = (
    "In the whole population, a constant share is seen exactly once for reasons outside the model, "
    "such as one-off identities; none of these people remains unseen."
)
_ONLY_TWICE = "Only people seen twice or more tell the rate; those seen once may be there for any reason."


def _specifications():
    truncated_twice = {family: _twice_truncated(family) for family in _CHANCES}
    after = {family: _inflated_after_truncation(family) for family in _CHANCES}
    before = {family: _inflated_before_truncation(family) for family in _CHANCES}
    count = {"poisson": _POISSON, "geometric": _GEOMETRIC}
    constant = {"poisson": _poisson_constant, "geometric": np.zeros_like}
    models = {
        "zt-poisson": Specification(
            "zero-truncated Poisson regression",
            (_CLOSED, _POISSON, _RATE),
            _zero_truncated_poisson,
            _unseen_poisson,
            "poisson",
            constant=_poisson_constant,
        ),
        "zt-geometric": Specification(
            "zero-truncated geometric regression",
            (_CLOSED, _GEOMETRIC, _RATE),
            _zero_truncated_geometric,
            _unseen_geometric,
            "geometric",
            constant=np.zeros_like,
        ),
        "zt-negbin": Specification(
            "zero-truncated negative binomial regression",
            (
                _CLOSED,
                "Rates differ between people with the same covariates as a gamma distribution does, "
                "with one dispersion for all (negative binomial counts).",
                _RATE,
            ),
            _zero_truncated_negative_binomial,
            _unseen_negative_binomial,
            "negative binomial",
            shape="log dispersion",
            base="zt-poisson",
            constant=_poisson_constant,
        ),
        "chao": Specification(
            "Chao's lower bound with covariates",
            (
                _CLOSED,
                "Counts of 0, 1 and 2 follow a Poisson distribution, or rates differ between people, "
                "which makes the result a lower bound; people seen three times or more only count as themselves.",
                _RATE,
            ),
            _neighbours(2),
            _unseen_chao,
            "poisson",
            used=(1, 2),
            offset=float(np.log(2)),
            bound="lower",
            constant=np.zeros_like,
        ),
        "zelterman": Specification(
            "Zelterman's estimator with covariates",
            (
                _CLOSED,
                "Counts of 1 and 2 follow a Poisson distribution whose rate also holds for those seen more often.",
                _RATE,
            ),
            _neighbours(2),
            _unseen_zelterman,
            "poisson",
            used=(1, 2),
            offset=float(np.log(2)),
            constant=np.zeros_like,
        ),
        "oi-chao": Specification(
            "Chao's lower bound allowing for one-inflation",
            (
                _CLOSED,
                "Counts of 0, 2 and 3 follow a Poisson distribution, or rates differ between people, "
                "which makes the result a lower bound; people seen once may be there for any reason.",
                _RATE,
            ),
            _neighbours(3),
            _unseen_one_inflated_chao,
            "poisson",
            used=(2, 3),
            offset=float(np.log(3)),
            bound="lower",
            constant=np.zeros_like,
        ),
    }
    for family in _CHANCES:
        likelihood, unseen = truncated_twice[family]
        models[f"zot-{family}"] = Specification(
            f"zero-one-truncated {_name(family)} regression",
            (_CLOSED, count[family], _ONLY_TWICE, _RATE),
            likelihood,
            unseen,
            family,
            used=(2, None),
            constant=constant[family],
        )
    for prefix, pairs, words, order in (
        ("oizt", after, _INFLATED_AFTER, "one-inflated zero-truncated"),
        ("ztoi", before, _INFLATED_BEFORE, "zero-truncated one-inflated"),
    ):
        for family in _CHANCES:
            likelihood, unseen = pairs[family]
            models[f"{prefix}-{family}"] = Specification(
                f"{order} {_name(family)} regression",
                (_CLOSED, count[family], words, _RATE),
                likelihood,
                unseen,
                family,
                shape="logit one-inflation",
                base=f"zt-{family}",
                constant=constant[family],
            )
    return models


def _name(family):
    return family.capitalize() if family == "poisson" else family


SPECIFICATIONS = _specifications()


def chance_of_once(family, eta):
    """Chance of a count of exactly one among the seen, and of being seen."""
    if family == "geometric":
        once = 1 / (1 + np.exp(eta))
        return once, 1 - once
    rate = np.exp(eta)
    seen = -np.expm1(-rate)
    return np.maximum(rate * np.exp(-rate) / seen, 1e-300), seen
