"""Krippendorff's alpha at every level of measurement, for sets of codes, and code by code."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from platformlabour.errors import InputError
from platformlabour.functions.agreement_estimates import category_counts, estimated, pairable, resample, with_interval
from platformlabour.functions.agreement_resampling import patterns

__all__ = ["krippendorff_alpha", "masi_distance", "nominal_features", "per_code"]

MOST_CATEGORIES = 2000  # with distances between every two of them, which levels ratio, ordinal and set need


def krippendorff_alpha(codes, *, replicates=2000, seed=0, confidence=0.95):
    """Krippendorff's alpha: one less the disagreement seen over the disagreement expected by chance.

    Works for any number of coders and for missing codes; an item with fewer than two codes has no effect. Alpha is
    undefined when all codes are equal, because then chance leaves nothing to disagree about.

    Parameters
    ----------
    codes : Codes
        Its level chooses the distance: 0 or 1 (nominal), squared difference of ranks (ordinal), of values (interval),
        relative to their sum (ratio), or MASI (set).
    replicates : int
        Bootstrap samples of items; 0 for no interval.
    seed : int or numpy.random.Generator
        For the bootstrap.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        Unit ``"coefficient"``, percentile interval. Status ``"not identified"`` with the reason as a warning when alpha
        is undefined; ``"boundary"`` without an interval when no disagreement was seen, which resampling cannot vary.

    Raises
    ------
    InputError
        If the levels ordinal, ratio or set come with more than 2,000 different codes.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability, sections A to D. Passonneau (2006) for MASI.

    Examples
    --------
    >>> from platformlabour.functions.agreement import from_matrix
    >>> alpha = krippendorff_alpha(from_matrix(list(zip("aabbdcccedda", "babbbccceddd"))), replicates=0)
    >>> round(alpha.value, 3)
    0.692
    """
    rows, multiplicity = pairable(*patterns(codes.matrix))
    features, alpha = _ALPHA[codes.level](rows, codes.categories)
    reason = "all codes are equal, so chance leaves nothing to disagree about"
    return estimated(
        alpha,
        features,
        multiplicity,
        reason,
        replicates,
        seed,
        confidence,
        estimand="agreement of coders beyond chance",
        method=f"Krippendorff's alpha, {codes.level}" + (" with MASI distance" if codes.level == "set" else ""),
    )


def per_code(codes, *, replicates=2000, seed=0, confidence=0.95):
    """Agreement on each code alone, which one figure for all codes hides when some are rare.

    Parameters
    ----------
    codes : Codes
        Nominal.
    replicates, seed, confidence
        As for :func:`krippendorff_alpha`.

    Returns
    -------
    DataFrame, shape (codes, 5)
        ``code``; ``given``, how often it was given to an item with two or more codes; ``share`` of those; ``alpha``,
        that of the code against all others; ``specific``, the chance that a second coder gives the code when a first
        one did. The last two are estimates.

    Examples
    --------
    >>> from platformlabour.functions.agreement import from_matrix
    >>> table = per_code(from_matrix([["N", "N"]] * 8 + [["I", "N"]] * 2), replicates=0)
    >>> [(row.code, row.given, round(row.specific.value, 2)) for row in table.itertuples()]
    [('I', 2, 0.0), ('N', 18, 0.89)]
    """
    rows, multiplicity = pairable(*patterns(codes.matrix))
    if codes.level == "set":
        raise InputError("set-valued codes", "nominal codes; binary() makes them for one member of the sets")
    counts = category_counts(rows, len(codes.categories))
    size = counts.sum(axis=1, keepdims=True)
    apart = counts * (size - counts) / (size - 1)  # half of the ordered pairs that disagree about the code
    features = np.hstack([size, counts, apart])
    number = len(codes.categories)

    def alphas(sums):
        n, given, differ = sums[..., :1], sums[..., 1 : 1 + number], sums[..., 1 + number :]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where((given > 0) & (given < n), 1 - (n - 1) * differ / (given * (n - given)), np.nan)

    def specific(sums):
        given, differ = sums[..., 1 : 1 + number], sums[..., 1 + number :]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(given > 0, 1 - differ / given, np.nan)

    total = multiplicity @ features
    resampled = resample(features, multiplicity, replicates, seed)
    lines = []
    for k, code in enumerate(codes.categories):
        found = {}
        for name, statistic, method in (
            ("alpha", alphas, "Krippendorff's alpha, this code against the others"),
            ("specific", specific, "specific agreement"),
        ):
            found[name] = with_interval(
                statistic(total)[k],
                None if resampled is None else statistic(resampled)[:, k],
                "the code was given always or never",
                confidence,
                unit="coefficient" if name == "alpha" else "share",
                estimand=f"agreement on {code}",
                method=method,
            )
        given = int(total[1 + k])
        lines.append({"code": code, "given": given, "share": given / total[0], **found})
    return pd.DataFrame(lines)


def masi_distance(first, second):
    """Distance between two sets of codes: 0 for equal sets, 1 for disjoint ones, in between by the overlap.

    Parameters
    ----------
    first, second : set
        Two empty sets are equal.

    Returns
    -------
    float
        One less the Jaccard index times 1 (equal), 2/3 (one within the other), 1/3 (overlap) or 0 (disjoint).

    References
    ----------
    Passonneau (2006). ``nltk.metrics.masi_distance`` rounds the weights to 0.67 and 0.33.

    Examples
    --------
    >>> masi_distance({"V"}, {"V"}), round(masi_distance({"V"}, {"V", "N"}), 4), masi_distance({"V"}, {"N"})
    (0.0, 0.6667, 1.0)
    """
    first, second = set(first), set(second)
    union, shared = first | second, first & second
    if not union:
        return 0.0
    if first == second:
        weight = 1.0
    elif first <= second or second <= first:
        weight = 2 / 3
    else:
        weight = 1 / 3
    return 1.0 - len(shared) / len(union) * weight


def _ratio(sums_size, seen, expected):
    """Alpha, undefined where no disagreement is expected."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(expected > 0, 1 - (sums_size - 1) * seen / expected, np.nan)


def nominal_features(rows, categories):
    """What each pattern adds to a nominal alpha, and alpha from sums; fewer than two codes add nothing."""
    counts = category_counts(rows, len(categories))
    size = counts.sum(axis=1, keepdims=True)
    counts, size = np.where(size > 1, counts, 0.0), np.where(size > 1, size, 0.0)
    seen = (counts * (size - counts)).sum(axis=1, keepdims=True) / np.maximum(size - 1, 1)

    def alpha(sums):
        n, margins = sums[..., 0], sums[..., 2:]
        return _ratio(n, sums[..., 1], n**2 - (margins**2).sum(axis=-1))

    return np.hstack([size, seen, counts]), alpha


def _interval(rows, categories):
    values = np.asarray(categories, dtype=float)
    # Alpha does not change under shift and scale, but squares of large numbers lose their last digits.
    values = (values - values.mean()) / (np.abs(values - values.mean()).max() or 1.0)
    coded = np.where(rows >= 0, values[rows], 0.0)
    size = (rows >= 0).sum(axis=1).astype(float)
    first, second = coded.sum(axis=1), (coded**2).sum(axis=1)
    centred = np.where(rows >= 0, coded - (first / size)[:, None], 0.0)
    seen = size * (centred**2).sum(axis=1) / (size - 1)  # half of the sum over ordered pairs

    def alpha(sums):
        n, total, squares = sums[..., 0], sums[..., 2], sums[..., 3]
        expected = n * squares - total**2
        return _ratio(n, sums[..., 1], np.where(expected > 1e-12 * n**2, expected, 0.0))

    return np.column_stack([size, seen, first, second]), alpha


def _by_distance(rows, distances):
    counts = category_counts(rows, len(distances))
    size = counts.sum(axis=1, keepdims=True)
    seen = ((counts @ distances) * counts).sum(axis=1, keepdims=True) / (size - 1)

    def alpha(sums):
        margins = sums[..., 2:]
        return _ratio(sums[..., 0], sums[..., 1], ((margins @ distances) * margins).sum(axis=-1))

    return np.hstack([size, seen, counts]), alpha


def _few(categories):
    if len(categories) > MOST_CATEGORIES:
        raise InputError(f"{len(categories):,} different codes", f"at most {MOST_CATEGORIES:,} at this level")


def _ratios(rows, categories):
    _few(categories)
    values = np.asarray(categories, dtype=float)
    sums = values[:, None] + values[None, :]
    distances = np.divide(values[:, None] - values[None, :], sums, out=np.zeros_like(sums), where=sums > 0) ** 2
    return _by_distance(rows, distances)


def _sets(rows, categories):
    _few(categories)
    return _by_distance(rows, np.array([[masi_distance(a, b) for b in categories] for a in categories]))


def _ordinal(rows, categories):
    # The distances depend on the margins of the sample: replicates need the coincidences of every two codes.
    _few(categories)
    counts = category_counts(rows, len(categories))
    size = counts.sum(axis=1, keepdims=True)
    number = len(categories)
    pattern, code = np.nonzero(counts)
    lines, lows, highs, weights = [], [], [], []
    starts = np.searchsorted(pattern, np.arange(len(rows) + 1))
    for k in range(len(rows)):
        given = code[starts[k] : starts[k + 1]]
        i, j = np.triu_indices(len(given), 1)
        lines.append(np.full(len(i), k))
        lows.append(given[i])
        highs.append(given[j])
        weights.append(counts[k, given[i]] * counts[k, given[j]] / (size[k, 0] - 1))
    lines, lows, highs, weights = (np.concatenate(part) for part in (lines, lows, highs, weights))
    pairs, place = np.unique(lows * number + highs, return_inverse=True)
    low, high = np.divmod(pairs, number)
    seen = sparse.csr_array((weights, (lines, place)), shape=(len(rows), len(pairs)))

    def alpha(sums):
        n, margins, together = sums[..., 0], sums[..., 1 : 1 + number], sums[..., 1 + number :]
        ranks = np.cumsum(margins, axis=-1) - margins / 2
        disagreement = (together * (ranks[..., low] - ranks[..., high]) ** 2).sum(axis=-1)
        expected = n * (margins * ranks**2).sum(axis=-1) - (margins * ranks).sum(axis=-1) ** 2
        equal = (margins > 0).sum(axis=-1) < 2
        return _ratio(n, disagreement, np.where(equal, 0.0, expected))

    return sparse.hstack([sparse.csr_array(np.hstack([size, counts])), seen], format="csr"), alpha


_ALPHA = {"nominal": nominal_features, "ordinal": _ordinal, "interval": _interval, "ratio": _ratios, "set": _sets}
