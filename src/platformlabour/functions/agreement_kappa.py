"""Chance-corrected agreement on nominal codes: Gwet's AC1 and the kappas, for missing codes too."""

from __future__ import annotations

import numpy as np

from platformlabour.errors import InputError
from platformlabour.functions.agreement_estimates import category_counts, estimated, pairable
from platformlabour.functions.agreement_resampling import patterns
from platformlabour.functions.agreement_units import Codes

__all__ = [
    "brennan_prediger",
    "cohen_kappa",
    "conger_kappa",
    "fleiss_kappa",
    "gwet_ac1",
    "observed_agreement",
]


def observed_agreement(codes, *, replicates=2000, seed=0, confidence=0.95):
    """Share of pairs of codes of one item that are equal, with nothing taken off for chance.

    Parameters
    ----------
    codes : Codes
        Nominal, or sets that agree only when equal.
    replicates, seed, confidence
        As for ``krippendorff_alpha``.

    Returns
    -------
    Estimate
        Unit ``"share"``.

    Examples
    --------
    >>> from platformlabour.functions.agreement import from_matrix
    >>> observed_agreement(from_matrix([["a", "a"], ["a", "b"]]), replicates=0).value
    0.5
    """
    rows, multiplicity = pairable(*patterns(codes.matrix))
    features = np.column_stack([np.ones(len(rows)), _agreement(category_counts(rows, len(codes.categories)))])
    return estimated(
        lambda sums: sums[..., 1] / sums[..., 0],
        features,
        multiplicity,
        "",
        replicates,
        seed,
        confidence,
        unit="share",
        estimand="pairs of codes that are equal",
        method="observed agreement",
    )


def gwet_ac1(codes, *, replicates=2000, seed=0, confidence=0.95):
    """Gwet's AC1, whose chance agreement does not explode when one code is frequent.

    Parameters
    ----------
    codes : Codes
        Nominal.
    replicates, seed, confidence
        As for ``krippendorff_alpha``.

    Returns
    -------
    Estimate

    Notes
    -----
    Like Gwet's own software, and unlike alpha, the chance term uses items with a single code too.

    References
    ----------
    Gwet (2008), Computing inter-rater reliability and its variance in the presence of high agreement.

    Examples
    --------
    >>> from platformlabour.functions.agreement import from_matrix
    >>> round(gwet_ac1(from_matrix([["a", "a"]] * 8 + [["a", "b"]] * 2), replicates=0).value, 4)
    0.7561
    """

    def chance(shares):
        return (shares * (1 - shares)).sum(axis=-1) / (shares.shape[-1] - 1)

    return _chance_corrected(codes, chance, "Gwet's AC1", replicates, seed, confidence)


def fleiss_kappa(codes, *, replicates=2000, seed=0, confidence=0.95):
    """Fleiss' kappa; with two coders and no missing code it is Scott's pi.

    Parameters
    ----------
    codes : Codes
        Nominal.
    replicates, seed, confidence
        As for ``krippendorff_alpha``.

    Returns
    -------
    Estimate

    References
    ----------
    Fleiss (1971), Measuring nominal scale agreement among many raters; Gwet (2014) for missing codes.

    Examples
    --------
    >>> from platformlabour.functions.agreement import from_matrix
    >>> round(fleiss_kappa(from_matrix([["a", "a"]] * 8 + [["a", "b"]] * 2), replicates=0).value, 4)
    -0.1111
    """
    return _chance_corrected(
        codes, lambda shares: (shares**2).sum(axis=-1), "Fleiss' kappa", replicates, seed, confidence
    )


def brennan_prediger(codes, *, replicates=2000, seed=0, confidence=0.95):
    """Brennan and Prediger's coefficient, for which every category is equally likely by chance.

    Parameters
    ----------
    codes : Codes
        Nominal.
    replicates, seed, confidence
        As for ``krippendorff_alpha``.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> from platformlabour.functions.agreement import from_matrix
    >>> round(brennan_prediger(from_matrix([["a", "a"]] * 8 + [["a", "b"]] * 2), replicates=0).value, 4)
    0.6
    """

    def chance(shares):
        return np.full(shares.shape[:-1], 1 / shares.shape[-1])

    return _chance_corrected(codes, chance, "Brennan and Prediger's coefficient", replicates, seed, confidence)


def cohen_kappa(codes, *, replicates=2000, seed=0, confidence=0.95):
    """Cohen's kappa of two coders, on the items that both coded.

    Parameters
    ----------
    codes : Codes
        Nominal, of two coders.
    replicates, seed, confidence
        As for ``krippendorff_alpha``.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        If there are more than two coders.

    References
    ----------
    Cohen (1960), A coefficient of agreement for nominal scales.

    Examples
    --------
    >>> from platformlabour.functions.agreement import from_matrix
    >>> pairs = [["y", "y"]] * 20 + [["y", "n"]] * 5 + [["n", "y"]] * 10 + [["n", "n"]] * 15
    >>> round(cohen_kappa(from_matrix(pairs), replicates=0).value, 3)
    0.4
    """
    if len(codes.coders) != 2:
        raise InputError(f"{len(codes.coders)} coders", "two for Cohen's kappa; Conger's or Fleiss' kappa takes more")
    both = (codes.matrix >= 0).all(axis=1)
    items = tuple(name for name, coded in zip(codes.items, both, strict=True) if coded)
    pairs = Codes(codes.matrix[both], codes.categories, items, codes.coders, codes.level)
    return _conger(pairs, "Cohen's kappa", replicates, seed, confidence)


def conger_kappa(codes, *, replicates=2000, seed=0, confidence=0.95):
    """Conger's kappa: Cohen's for any number of coders, each with their own habits, and for missing codes.

    Parameters
    ----------
    codes : Codes
        Nominal.
    replicates, seed, confidence
        As for ``krippendorff_alpha``.

    Returns
    -------
    Estimate

    References
    ----------
    Conger (1980), Integration and generalization of kappas for multiple raters; Gwet (2014) for missing codes.

    Examples
    --------
    >>> from platformlabour.functions.agreement import from_matrix
    >>> round(conger_kappa(from_matrix([["a", "a"], ["b", "b"], ["a", "b"]]), replicates=0).value, 4)
    0.4
    """
    return _conger(codes, "Conger's kappa", replicates, seed, confidence)


def _agreement(counts):
    """Share of ordered pairs of an item's codes that are equal; 0 where there is no pair."""
    size = counts.sum(axis=1)
    pairs = size * (size - 1)
    return np.divide((counts * (counts - 1)).sum(axis=1), pairs, out=np.zeros(len(counts)), where=pairs > 0)


def _corrected(agreement, chance):
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(chance < 1, (agreement - chance) / (1 - chance), np.nan)


def _chance_corrected(codes, chance, method, replicates, seed, confidence):
    _unordered(codes, method)
    rows, multiplicity = patterns(codes.matrix)
    keep = (rows >= 0).any(axis=1)
    rows, multiplicity = rows[keep], multiplicity[keep]
    counts = category_counts(rows, len(codes.categories))
    size = counts.sum(axis=1, keepdims=True)
    features = np.hstack([np.ones_like(size), size >= 2, _agreement(counts)[:, None], counts / size])

    def coefficient(sums):
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = sums[..., 3:] / sums[..., :1]
            if shares.shape[-1] < 2:
                return np.full(shares.shape[:-1], np.nan)
            return _corrected(sums[..., 2] / sums[..., 1], chance(shares))

    return estimated(
        coefficient,
        features,
        multiplicity,
        "all codes are equal, so chance agreement is complete",
        replicates,
        seed,
        confidence,
        estimand="agreement of coders beyond chance",
        method=method,
    )


def _conger(codes, method, replicates, seed, confidence):
    _unordered(codes, method)
    rows, multiplicity = patterns(codes.matrix, keep_order=True)
    number, coders = len(codes.categories), rows.shape[1]
    counts = category_counts(rows, number)
    given = np.zeros((len(rows), coders, number))
    places, columns = np.nonzero(rows >= 0)
    given[places, columns, rows[places, columns]] = 1.0
    pairable = counts.sum(axis=1) >= 2
    features = np.hstack([pairable[:, None], _agreement(counts)[:, None], given.reshape(len(rows), -1)])

    def coefficient(sums):
        margins = sums[..., 2:].reshape(*sums.shape[:-1], coders, number)
        with np.errstate(invalid="ignore", divide="ignore"):
            shares = margins / margins.sum(axis=-1, keepdims=True)
            mean = shares.mean(axis=-2)
            spread = shares.var(axis=-2, ddof=1)
            chance = (mean**2).sum(axis=-1) - spread.sum(axis=-1) / coders
            return _corrected(sums[..., 1] / sums[..., 0], np.where(chance > 1 - 1e-12, 1.0, chance))

    return estimated(
        coefficient,
        features,
        multiplicity,
        "all codes are equal, so chance agreement is complete",
        replicates,
        seed,
        confidence,
        estimand="agreement of coders beyond chance",
        method=method,
    )


def _unordered(codes, method):
    if codes.level == "set":
        raise InputError(f"set-valued codes for {method}", "nominal codes, or Krippendorff's alpha with MASI distance")
