"""Tests, in plain words, of what the models of a closed population assume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from platformlabour.counting.recapture import closed_models as fits_of
from platformlabour.counting.recapture.closed_standing import check_request, judge

__all__ = ["Diagnostic", "contradictions", "diagnose"]


# The model that has each difference and, otherwise, as little as possible.
_RIVALS = {"time": "Mt", "heterogeneity": "Mth-darroch", "behaviour": "Mb"}


@dataclass(frozen=True)
class Diagnostic:
    """A test of one assumption.

    Parameters
    ----------
    question : str
        ``"time"``, ``"heterogeneity"`` or ``"behaviour"``.
    statistic, p_value : float or None
        Likelihood ratio and its p-value; ``None`` when the data cannot answer.
    df : int or None
        Degrees of freedom.
    finding : str
        In plain words.
    """

    question: str
    statistic: float | None
    df: int | None
    p_value: float | None
    finding: str


def diagnose(patterns):
    """Test, in plain words, whether chances of capture vary between occasions, between people, or after capture.

    Likelihood-ratio tests: Mt against M0; Mth (Darroch) against Mt, one-sided, because people who differ can only make
    captures more uneven; Mb against M0. A change of the chance over time can look like a reaction to capture, and the
    reverse; two occasions cannot tell people apart.

    Parameters
    ----------
    patterns : CapturePatterns

    Returns
    -------
    tuple of Diagnostic
        For ``"time"``, ``"heterogeneity"`` and ``"behaviour"``.

    References
    ----------
    D. L. Otis, K. P. Burnham, G. C. White and D. R. Anderson (1978), Wildlife Monographs 62, 50-67.

    Examples
    --------
    >>> from platformlabour.counting.recapture.patterns import CapturePatterns
    >>> for test in diagnose(CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254})):
    ...     print(test.finding)
    The chance of capture differs between occasions (p < 0.001).
    Two occasions cannot show whether people differ in their chances.
    People are recaptured less often than captured (p < 0.001); chances that change over time can look the same.
    """
    check_request(patterns, "M0", 0.95)
    statistics = fits_of.SufficientStatistics.of(patterns)
    known = {name: fits_of.fit(statistics, name) for name in ("M0", "Mt", "Mb")}
    return (
        _test_time(patterns, known),
        _test_heterogeneity(patterns, statistics, known),
        _test_behaviour(known),
    )


def contradictions(patterns, model, judged):
    """Warnings about assumptions of the model that the data contradict.

    One kind of difference can look like another, so a significant test counts against a model only if a model with
    that difference also describes the data better, by two units of AIC.
    """
    if judged.fits is None or not np.isfinite(judged.fits.kernel[0]):
        return ()
    allowed = {"time": "t" in model[1:3], "heterogeneity": "-" in model, "behaviour": "b" in model[1:3]}
    own = 2 * judged.fits.size[0] - 2 * judged.fits.kernel[0]
    found = []
    statistics = fits_of.SufficientStatistics.of(patterns)
    for test in diagnose(patterns):
        if test.p_value is None or test.p_value >= 0.05 or allowed[test.question]:
            continue
        rival = judge(patterns, _RIVALS[test.question], statistics)
        if rival.fits is not None and 2 * rival.fits.size[0] - 2 * rival.fits.kernel[0] < own - 2:
            found.append(f"{test.finding} {model} does not allow for that.")
    return tuple(found)


def _test_time(patterns, known):
    equal, varying = known["M0"], known["Mt"]
    if not (equal.converged[0] and varying.converged[0]):
        return Diagnostic("time", None, None, None, "Too few recaptures to test whether occasions differ.")
    statistic = max(2.0 * float(varying.kernel[0] - equal.kernel[0]), 0.0)
    df = patterns.occasions - 1
    p = _chi_squared(statistic, df)
    words = "differs between occasions" if p < 0.05 else "is not shown to differ between occasions"
    return Diagnostic("time", statistic, df, p, f"The chance of capture {words} ({_p(p)}).")


def _test_heterogeneity(patterns, statistics, known):
    if patterns.occasions < 3:
        return Diagnostic(
            "heterogeneity", None, None, None, "Two occasions cannot show whether people differ in their chances."
        )
    judged = judge(patterns, "Mth-darroch", statistics)
    if not known["Mt"].converged[0] or judged.fits is None or judged.status == "boundary":
        return Diagnostic("heterogeneity", None, None, None, "Too few recaptures to test whether people differ.")
    statistic = max(2.0 * float(judged.fits.kernel[0] - known["Mt"].kernel[0]), 0.0)
    tail = _chi_squared(statistic, 1) / 2.0
    uneven = judged.fits.coefficients[0, -1] > 0
    p = tail if uneven else 1.0 - tail
    if p < 0.05:
        words = "People differ in their chance of capture"
    elif not uneven and tail < 0.025:
        words = "Captures are more even over people than equal chances would give; people may avoid a second capture"
    else:
        words = "People are not shown to differ in their chance of capture"
    return Diagnostic("heterogeneity", statistic, 1, p, f"{words} ({_p(p)}).")


def _test_behaviour(known):
    equal, behaviour = known["M0"], known["Mb"]
    if not (equal.converged[0] and behaviour.converged[0]):
        return Diagnostic("behaviour", None, None, None, "First captures do not fall off, so that no reaction shows.")
    statistic = max(2.0 * float(behaviour.kernel[0] - equal.kernel[0]), 0.0)
    p = _chi_squared(statistic, 1)
    if p < 0.05:
        way = "more" if behaviour.coefficients[0, 2] > behaviour.coefficients[0, 1] else "less"
        words = f"People are recaptured {way} often than captured ({_p(p)}); "
        words += "chances that change over time can look the same."
    else:
        words = f"People are not shown to be recaptured more or less often than captured ({_p(p)})."
    return Diagnostic("behaviour", statistic, 1, p, words)


def _chi_squared(statistic, df):
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic))


def _p(p):
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
