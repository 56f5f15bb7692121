"""Bootstrap of estimates from lists, with the choice of the model made anew in every sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platformlabour.estimate import Estimate

__all__ = ["ListBootstrap", "acceleration", "resample"]


@dataclass(frozen=True, eq=False)
class ListBootstrap:
    """Estimates from samples of the people listed.

    Parameters
    ----------
    estimate : Estimate
        The estimate from the data with the bootstrap interval.
    values : numpy.ndarray, shape (replicates,)
        People; infinite for a sample that determines no number.
    failed : int
        Samples without a finite estimate. They stay in the interval, as infinite.
    chosen : tuple of tuple
        The interactions in each sample's model, as places of lists; empty where nothing is chosen.
    bias, acceleration : float or None
        The constants of the BCa interval.
    """

    estimate: Estimate
    values: np.ndarray
    failed: int
    chosen: tuple
    bias: float | None
    acceleration: float | None


def resample(patterns, estimator, found, *, replicates, seed, kind, chooses):
    """Draw samples of the people listed and estimate from each.

    Parameters
    ----------
    patterns : CapturePatterns
    estimator : callable
        From tables, shape (tables, 2**t - 1), to values and the models chosen.
    found : Estimate
    replicates, seed : int
    kind : {"bca", "percentile"}
    chooses : bool
        Whether the estimator chooses a model.

    Returns
    -------
    ListBootstrap
    """
    from scipy.special import ndtr, ndtri

    cells = patterns.cells().astype(float)
    generator = np.random.default_rng(seed)
    tables = generator.multinomial(patterns.captured, cells / cells.sum(), size=replicates).astype(float)
    values, chosen = estimator(tables)
    failed = int((~np.isfinite(values)).sum())
    tail = np.array([(1 - found.level) / 2, (1 + found.level) / 2])
    warnings = list(found.warnings)
    if chooses:
        warnings = [text for text in warnings if "as if it were known" not in text]
    bias = speed = None
    if kind == "bca":
        speed = acceleration(cells, estimator)
        below = ((values < found.value).sum() + (values == found.value).sum() / 2) / replicates
        if speed is None or not 0 < below < 1:
            kind = "percentile"
            warnings.append("a percentile interval in place of BCa: leaving out one person leaves no estimate")
        else:
            bias = float(ndtri(below))
            moved = bias + ndtri(tail)
            tail = ndtr(bias + moved / (1 - speed * moved))
    if failed:
        warnings.append(f"{failed} of {replicates} samples determine no number and count as infinite")
    limits = _quantiles(values, tail)
    name = "BCa bootstrap" if kind == "bca" else "percentile bootstrap"
    result = found.replace(
        interval=(float(limits[0]), float(limits[1])),
        interval_kind=f"{name} with model choice" if chooses else name,
        standard_error=None if failed else float(np.std(values, ddof=1)),
        warnings=tuple(warnings),
    )
    return ListBootstrap(result, values, failed, chosen if chooses else (), bias, speed)


def acceleration(cells, estimator):
    """How the standard error changes with the estimate: the skewness of leaving out one person at a time.

    Parameters
    ----------
    cells : numpy.ndarray, shape (2**t - 1,)
    estimator : callable
        As for :func:`resample`.

    Returns
    -------
    float or None
        ``None`` where leaving out one person leaves no estimate.
    """
    filled = np.flatnonzero(cells)
    tables = np.tile(cells, (len(filled), 1))
    tables[np.arange(len(filled)), filled] -= 1
    if not tables.sum(axis=1).all():
        return None
    values, _ = estimator(tables)
    if not np.isfinite(values).all():
        return None
    weight = cells[filled]
    away = weight @ values / weight.sum() - values
    spread = weight @ away**2
    return float(weight @ away**3 / (6 * spread**1.5)) if spread > 0 else 0.0


def _quantiles(values, tail):
    """Linear between order statistics, and infinite as soon as an infinite one takes part."""
    ordered = np.sort(values)
    place = tail * (len(ordered) - 1)
    low = np.floor(place).astype(int)
    high = np.minimum(low + 1, len(ordered) - 1)
    part = place - low
    with np.errstate(invalid="ignore"):
        between = ordered[low] + part * (ordered[high] - ordered[low])
    return np.where(np.isfinite(ordered[high]) | (part == 0), between, ordered[high])
