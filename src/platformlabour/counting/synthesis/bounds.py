"""What the numbers imply before anything is assumed, and what each further assumption buys."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from platformlabour.counting.synthesis.factors import GRADES, KINDS
from platformlabour.counting.synthesis.graph import Expression
from platformlabour.errors import InputError

__all__ = ["Assumption", "bounds", "union_bounds"]

_MOST_QUANTITIES = 12
_CHECKS = 256  # interior points at which the corners' claim to be extreme is tried


@dataclass(frozen=True)
class Assumption:
    """A restriction of one or more quantities.

    Parameters
    ----------
    statement : str
        In words.
    limits : dict of str to (float, float)
        Quantity to the smallest and largest value that the assumption leaves.
    kind : {"measured", "elicited", "assumed"}
    grade : str
        Evidence grade, as for a factor.
    source : str

    Raises
    ------
    InputError
        If limits are reversed or missing, or the kind or grade is unknown.
    """

    statement: str
    limits: dict[str, tuple[float, float]] = field(compare=False)
    kind: str = "assumed"
    grade: str = "none"
    source: str = ""

    def __post_init__(self):
        if not self.limits:
            raise InputError(f"no limits in {self.statement!r}", "the limits of at least one quantity")
        object.__setattr__(self, "limits", {name: _limits(name, pair) for name, pair in self.limits.items()})
        if self.kind not in KINDS:
            raise InputError(f"the kind {self.kind!r}", f"one of {', '.join(KINDS)}", column="kind")
        if self.grade not in GRADES:
            raise InputError(f"the grade {self.grade!r}", f"one of {', '.join(GRADES)}", column="grade")


def bounds(output, start, assumptions=(), *, first="nothing assumed"):
    """Bounds on an output, and how they shrink as assumptions are added one at a time.

    A bound is not an interval with a probability: every value between the two is possible under the assumptions so far,
    none is more likely than another, and if the assumptions hold the truth is inside. The order of the assumptions is
    the analyst's, and part of the result.

    Parameters
    ----------
    output : str or Expression
        Arithmetic over the quantities that only rises or only falls with each of them while the others stay.
    start : dict of str to (float, float)
        Smallest and largest value that each quantity can have before anything is assumed; an upper one may be infinite.
    assumptions : sequence of Assumption
        In the order in which they are added, the most credible first.
    first : str
        Name of the first step.

    Returns
    -------
    DataFrame
        ``step, assumption, kind, grade, source, low, high, ratio, narrowed``: the bounds after each step, upper over
        lower (infinite where the lower is 0), and by which share of the previous width they became narrower.

    Raises
    ------
    InputError
        If a quantity has no start, an assumption contradicts those before it, the limits leave the output undefined, or
        the output is larger or smaller inside its limits than at their corners.

    References
    ----------
    C. F. Manski (2003), Partial Identification of Probability Distributions, Springer, chapter 1; C. F. Manski (2011),
    Policy analysis with incredible certitude, Economic Journal 121, F261-F289.

    Examples
    --------
    >>> steps = bounds("accounts / per_person", {"accounts": (1000, 1000), "per_person": (1, 5)},
    ...                [Assumption("at most two accounts a person on average", {"per_person": (1, 2)})])
    >>> steps[["low", "high"]].values.tolist()
    [[200.0, 1000.0], [500.0, 1000.0]]
    """
    expression = output if isinstance(output, Expression) else Expression(output)
    for name in expression.names:
        if name not in start:
            raise InputError(f"no start for the quantity {name!r}", "limits for every quantity of the output")
    if len(expression.names) > _MOST_QUANTITIES:
        raise InputError(f"{len(expression.names)} quantities", f"at most {_MOST_QUANTITIES}")
    limits = {name: _limits(name, start[name]) for name in expression.names}
    rows = [(0, first, "", "", "", *_extremes(expression, limits))]
    for step, assumption in enumerate(assumptions, start=1):
        for name, (least, most) in assumption.limits.items():
            if name not in limits:
                raise InputError(f"an assumption on {name!r}", f"one of {', '.join(limits)}")
            joint = max(least, limits[name][0]), min(most, limits[name][1])
            if joint[0] > joint[1]:
                raise InputError(
                    f"the assumption {assumption.statement!r}, which leaves {name} no value",
                    f"{name} between {limits[name][0]:g} and {limits[name][1]:g}",
                )
            limits[name] = joint
        ends = _extremes(expression, limits)
        rows.append((step, assumption.statement, assumption.kind, assumption.grade, assumption.source, *ends))
    frame = pd.DataFrame(rows, columns=["step", "assumption", "kind", "grade", "source", "low", "high"])
    ends = zip(frame["low"], frame["high"], strict=True)
    frame["ratio"] = [high / low if low > 0 else math.inf for low, high in ends]
    width = (frame["high"] - frame["low"]).to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        frame["narrowed"] = np.concatenate([[np.nan], 1 - width[1:] / width[:-1]])
    return frame


def union_bounds(counts):
    """Fewest and most people behind several counts of people, when nothing is known of their overlap.

    Parameters
    ----------
    counts : array_like of float, shape (platforms,)
        People on each platform.

    Returns
    -------
    (float, float)
        The largest count, if everybody else is among them, and the sum, if nobody is on two.

    Raises
    ------
    InputError
        If there is no count, or one is negative or not finite.

    References
    ----------
    M. Fréchet (1935), Généralisations du théorème des probabilités totales, Fundamenta Mathematicae 25, 379-387.

    Examples
    --------
    >>> union_bounds([50_000, 20_000, 5_000])
    (50000.0, 75000.0)
    """
    try:
        counts = np.atleast_1d(np.asarray(counts, dtype=float))
    except (TypeError, ValueError):
        raise InputError("text among the counts", "numbers") from None
    if not counts.size or not (np.isfinite(counts) & (counts >= 0)).all():
        raise InputError("no counts, or one that is negative or not finite", "numbers of 0 or more")
    return float(counts.max()), float(counts.sum())


def _limits(name, pair):
    try:
        low, high = (float(end) for end in pair)
    except (TypeError, ValueError):
        raise InputError(f"{pair!r}", "two numbers, the smaller first", column=name) from None
    if not (math.isfinite(low) and not math.isnan(high) and low <= high):
        raise InputError(f"limits from {low:g} to {high:g}", "two numbers, the smaller first", column=name)
    return low, high


def _extremes(expression, limits):
    names = list(expression.names)
    corners = np.array(list(itertools.product(*(sorted({*limits[name]}) for name in names))))
    with np.errstate(all="ignore"):
        values = np.asarray(expression(dict(zip(names, corners.T, strict=True))) if names else expression({}))
    if np.isnan(values).any():
        raise InputError(
            f"limits that leave {expression.text!r} undefined", "limits that do not divide or multiply 0 and infinity"
        )
    low, high = float(np.min(values)), float(np.max(values))
    if names and all(math.isfinite(end) for name in names for end in limits[name]):
        # A fixed stream: whether an expression is refused must not change from run to run.
        inside = np.random.default_rng(0).random((_CHECKS, len(names)))
        ends = np.array([limits[name] for name in names])
        points = ends[:, 0] + inside * (ends[:, 1] - ends[:, 0])
        with np.errstate(all="ignore"):
            values = np.asarray(expression(dict(zip(names, points.T, strict=True))))
        slack = 1e-9 * max(abs(low), abs(high), 1e-300)
        if not ((values >= low - slack) & (values <= high + slack)).all():
            raise InputError(
                f"{expression.text!r}, which is larger or smaller inside its limits than at their corners",
                "an output that only rises or only falls with each quantity",
            )
    return low, high
