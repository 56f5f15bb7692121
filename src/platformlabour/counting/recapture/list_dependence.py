"""How lists depend on each other: two-list estimates and tests in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from platformlabour.counting.recapture.list_fits import fit_tables, term_family

__all__ = ["Dependence", "dependence", "p_words", "two_lists"]


@dataclass(frozen=True)
class Dependence:
    """A finding about how lists depend on each other.

    Parameters
    ----------
    question : str
        ``"all lists"``, the names of a pair joined by ``" and "``, ``"sample coverage"`` or ``"lists"``.
    statistic, p_value : float or None
        Likelihood ratio and its p-value, or for ``"sample coverage"`` the coverage; ``None`` when there is no test.
    df : int or None
        Degrees of freedom.
    odds_ratio : float or None
        For a pair: above 1 when the lists attract each other, below 1 when they avoid each other.
    finding : str
        In plain words.
    """

    question: str
    statistic: float | None
    df: int | None
    p_value: float | None
    odds_ratio: float | None
    finding: str


def two_lists(first, second, both):
    """The Lincoln-Petersen and Chapman estimates from two lists.

    Parameters
    ----------
    first, second, both : int
        People on the first list, on the second, and on both.

    Returns
    -------
    dict
        ``petersen``, ``petersen_error``, ``chapman``, ``chapman_error``, in people; the first two are ``None`` when
        nobody is on both lists.

    References
    ----------
    C. C. Sekar and W. E. Deming (1949), Journal of the American Statistical Association 44, 101-115. G. A. F. Seber
    (1970), Biometrics 26, 13-22.

    Examples
    --------
    >>> found = two_lists(948, 421, 167)
    >>> round(found["petersen"], 2), round(found["chapman"], 2), round(found["chapman_error"], 2)
    (2389.87, 2382.8, 129.06)
    """
    chapman = (first + 1) * (second + 1) / (both + 1) - 1
    spread = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    petersen = error = None
    if both:
        petersen = first * second / both
        error = math.sqrt(first * second * (first - both) * (second - both) / both**3)
    return {
        "petersen": petersen,
        "petersen_error": error,
        "chapman": chapman,
        "chapman_error": math.sqrt(spread),
    }


def dependence(lists):
    """Test the dependence of lists; see :func:`platformlabour.counting.recapture.lists.diagnose`.

    Parameters
    ----------
    lists : Lists
        From :func:`platformlabour.counting.recapture.list_standing.usable_lists`.

    Returns
    -------
    tuple of Dependence
    """
    found = []
    patterns = lists.patterns
    if not lists.problem:
        if patterns.occasions == 2:
            found.append(
                _note("all lists", "Two lists cannot show whether they depend on each other: that has to be assumed.")
            )
        else:
            found.append(_overall(patterns))
            found += [
                _pair(patterns, i, k) for i in range(patterns.occasions) for k in range(i + 1, patterns.occasions)
            ]
            found.append(_coverage(patterns))
    for text in (lists.problem, *lists.warnings):
        if text:
            found.append(_note("lists", text[0].upper() + text[1:] + "." * (text[-1] != "?")))
    return tuple(found)


def _note(question, text):
    return Dependence(question, None, None, None, None, text)


def _overall(patterns):
    from scipy.special import chdtrc

    t = patterns.occasions
    family = term_family(t, 2)
    everything = tuple(term for term in family.terms if len(term) == 2)
    counts = patterns.cells()[None].astype(float)
    fits = fit_tables(family, counts, np.stack([family.model(()), family.model(everything)]))
    if not np.isfinite(fits.kernel).all() or not fits.usable[0]:
        return _note("all lists", "Too few people are on several lists to test whether the lists are independent.")
    statistic = max(2.0 * float(fits.kernel[1] - fits.kernel[0]), 0.0)
    p = float(chdtrc(len(everything), statistic))
    if p < 0.05:
        words = (
            f"The lists are not independent ({p_words(p)}): an estimate that takes them as independent is not to be "
            "trusted."
        )
    else:
        words = f"The lists are not shown to depend on each other ({p_words(p)}); a weak dependence could go unseen."
    return Dependence("all lists", statistic, len(everything), p, None, words)


def _pair(patterns, i, k):
    """Whether two lists go together among the people on some other list, where no cell is hidden."""
    from scipy.special import chdtrc, xlogy

    rows, counts = patterns.histories, patterns.counts
    elsewhere = np.delete(rows, [i, k], axis=1).any(axis=1)
    table = np.zeros((2, 2))
    np.add.at(table, (rows[elsewhere, i], rows[elsewhere, k]), counts[elsewhere])
    a, b = patterns.names[i], patterns.names[k]
    question = f"{a} and {b}"
    total = table.sum()
    margins = np.outer(table.sum(axis=1), table.sum(axis=0))
    if not (margins > 0).all():
        return _note(question, f"Too few people are on other lists to test whether {a} and {b} depend on each other.")
    statistic = max(2.0 * float((xlogy(table, table) - xlogy(table, margins / total)).sum()), 0.0)
    p = float(chdtrc(1, statistic))
    # A half added to each cell keeps the ratio finite when one of them is empty (Haldane).
    raised = table + 0.5
    ratio = float(raised[1, 1] * raised[0, 0] / (raised[0, 1] * raised[1, 0]))
    if p >= 0.05:
        words = f"{a} and {b} are not shown to depend on each other ({p_words(p)})."
    else:
        verb, change = ("attract", "raises") if ratio > 1 else ("avoid", "lowers")
        factor = ratio if ratio > 1 else 1 / ratio
        words = (
            f"{a} and {b} {verb} each other: among the people on other lists, being on one {change} the odds to be on "
            f"the other {factor:.1f} times ({p_words(p)})."
        )
    return Dependence(question, statistic, 1, p, ratio, words)


def _coverage(patterns):
    from platformlabour.counting.recapture.list_coverage import sample_coverage

    share = sample_coverage(patterns).coverage
    words = f"On average {100 * share:.0f}% of the people on a list are on another list too."
    if share < 0.55:
        words += " That is little, so every estimate leans on its assumptions."
    return Dependence("sample coverage", share, None, None, None, words)


def p_words(p):
    """A p-value as prose shows it.

    Examples
    --------
    >>> p_words(1e-9), p_words(0.0312)
    ('p < 0.001', 'p = 0.031')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
