"""From sums over items to an estimate with its interval: what every coefficient of agreement shares."""

from __future__ import annotations

import math

import numpy as np

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate
from platformlabour.functions.agreement_resampling import resampled_sums

__all__ = ["category_counts", "estimated", "pairable", "resample", "with_interval"]


def category_counts(rows, number):
    counts = np.zeros((len(rows), number))
    places, columns = np.nonzero(rows >= 0)
    np.add.at(counts, (places, rows[places, columns]), 1.0)
    return counts


def pairable(rows, multiplicity):
    keep = (rows >= 0).sum(axis=1) >= 2
    return rows[keep], multiplicity[keep]


def resample(features, multiplicity, replicates, seed):
    if replicates == 0:
        return None
    generator = seed if isinstance(seed, np.random.Generator) else np.random.default_rng(seed)
    return resampled_sums(features, multiplicity, replicates=replicates, generator=generator)


def estimated(statistic, features, multiplicity, reason, replicates, seed, confidence, **meaning):
    total = np.asarray(features.T @ multiplicity.astype(float))
    value = float(statistic(total))
    resampled = None
    if math.isfinite(value):
        sums = resample(features, multiplicity, replicates, seed)
        resampled = None if sums is None else statistic(sums)
    return with_interval(value, resampled, reason, confidence, **meaning)


def with_interval(value, resampled, reason, confidence, *, estimand, method, unit="coefficient"):
    value = float(value)
    if not math.isfinite(value):
        return Estimate(
            value=None,
            unit=unit,
            estimand=estimand,
            method=method,
            status="not identified",
            warnings=(f"Undefined: {reason}.",),
        )
    if resampled is None:
        return Estimate(value=value, unit=unit, estimand=estimand, method=method)
    if not 0 < confidence < 1:
        raise InputError(f"the confidence {confidence!r}", "a number between 0 and 1, such as 0.95")
    usable = resampled[np.isfinite(resampled)]
    warnings = ()
    if len(usable) < len(resampled):
        share = 1 - len(usable) / len(resampled)
        text = "under 0.1%" if share < 0.001 else f"{100 * share:.1f}%"
        warnings = (f"Undefined in {text} of the bootstrap samples, which are left out of the interval.",)
    if value == 1 and len(usable) and usable.min() == 1:
        text = "No disagreement was seen, so resampling cannot show any: there is no interval."
        return Estimate(
            value=value, unit=unit, estimand=estimand, method=method, status="boundary", warnings=(*warnings, text)
        )
    if len(usable) < 2:
        return Estimate(value=value, unit=unit, estimand=estimand, method=method, warnings=warnings)
    limits = np.quantile(usable, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Estimate(
        value=value,
        unit=unit,
        estimand=estimand,
        method=method,
        interval=tuple(limits),
        level=confidence,
        interval_kind="percentile bootstrap over items",
        standard_error=float(usable.std(ddof=1)),
        warnings=warnings,
    )
