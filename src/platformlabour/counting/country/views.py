"""A computed answer as frames, for tables and figures of one's own."""

from __future__ import annotations

import pandas as pd

from platformlabour.counting.country.answer import as_estimate
from platformlabour.counting.country.blocks import ours, published
from platformlabour.errors import InputError

__all__ = [
    "as_estimate",
    "bounds_frame",
    "circles_frame",
    "claims_frame",
    "drivers_frame",
    "faults_frame",
    "inputs_frame",
    "missing_frame",
]


def circles_frame(answers, *, levels=("50", "95")):
    """Circles of one or several answers, one row a circle and level.

    Parameters
    ----------
    answers : dict of str to dict
        Name to what :func:`platformlabour.counting.country.answer.compute` returned.
    levels : sequence of str
        Of the intervals: ``"50"``, ``"80"``, ``"95"``.

    Returns
    -------
    DataFrame
        ``case, circle, label, level, median, low, high, bound, estimate``; people to three significant digits, but for
        the estimate.
    """
    rows = [
        {
            "case": case,
            "circle": circle["circle"],
            "label": f"{case}, {circle['circle']}",
            "level": f"{level}% interval",
            "median": _rounded(circle["median"]),
            "low": _rounded(circle["intervals"][level][0]),
            "high": _rounded(circle["intervals"][level][1]),
            "bound": circle["bound"],
            "estimate": as_estimate(circle),
        }
        for case, answer in answers.items()
        for circle in answer["circles"]
        for level in levels
    ]
    return pd.DataFrame(rows)


def drivers_frame(answer, circle):
    """People when one input at a time goes to the ends of its range.

    Parameters
    ----------
    answer : dict
    circle : str

    Returns
    -------
    DataFrame
        ``factor, label, standing, low, high, share, index``; standing is "given" or "not given".
    """
    found = _circle(answer, circle)
    rows = [
        row
        | {"standing": "given" if row["given"] else "not given"}
        | {end: _rounded(row[end]) for end in ("low", "high")}
        for row in found["drivers"]
    ]
    frame = pd.DataFrame(rows)
    columns = ("factor", "label", "standing", "low", "high", "share", "index")
    return frame[[name for name in columns if name in frame.columns]]


def bounds_frame(answer, circle):
    """Bounds on one circle as assumptions are added.

    Parameters
    ----------
    answer : dict
    circle : str

    Returns
    -------
    DataFrame
        ``assumption, low, high, given``; no upper limit is a missing value.
    """
    frame = pd.DataFrame(_circle(answer, circle)["bounds"]).astype({"low": float, "high": float})
    return frame.assign(low=frame["low"].map(_rounded), high=frame["high"].map(_rounded))


def missing_frame(answer):
    """What is missing and what it costs, one row a missing input and circle.

    Parameters
    ----------
    answer : dict

    Returns
    -------
    DataFrame
        ``name, label, circle, spread, spread_if_known, gain``: the upper end of the 95% interval over the lower one,
        what it would be with this input known, and the first over the second.
    """
    rows = [
        {"name": row["name"], "label": row["label"], **cost, "gain": cost["spread"] / cost["spread_if_known"]}
        for row in answer["missing"]
        for cost in row["costs"]
        if cost["spread"] and cost["spread_if_known"]
    ]
    columns = ["name", "label", "circle", "spread", "spread_if_known", "gain"]
    return pd.DataFrame(rows, columns=columns).sort_values("gain", ascending=False, ignore_index=True)


def inputs_frame(answer):
    """The factors between the platforms' numbers and people, with how each is known.

    Parameters
    ----------
    answer : dict

    Returns
    -------
    DataFrame
        ``label, distribution, standing, source``.
    """
    return pd.DataFrame(
        [
            {
                "label": row["label"],
                "distribution": row["distribution"],
                "standing": f"{row['kind']}; {row['evidence_in_words']}" if row["given"] else "not given",
                "source": row["source"],
            }
            for row in answer["inputs"]
        ]
    )


def claims_frame(answer):
    """Published counts beside the answer's own, one row a claim.

    Parameters
    ----------
    answer : dict

    Returns
    -------
    DataFrame
        ``statement, circle, published, source, locator, interested, ours, median, low, high, ratio, status,
        same_source``; ``published`` and ``ours`` are texts, the other numbers people to three significant digits, and
        missing where the circle is not counted. The ratio of a range is that of its geometric middle.
    """
    rows = []
    for row in answer["claims"]:
        low, high = row["our_interval"] or (None, None)
        ratio = row["ratio"]
        if ratio is None and row["ratio_low"] is not None:
            ratio = (row["ratio_low"] * row["ratio_high"]) ** 0.5
        rows.append(
            {key: row[key] for key in ("statement", "circle", "source", "locator", "status", "same_source")}
            | {"published": published(row), "ours": ours(row), "interested": row["interested_publisher"] == "yes"}
            | {"ratio": ratio}
            | {key: None if number is None else _rounded(number)
               for key, number in (("median", row["our_median"]), ("low", low), ("high", high))}
        )  # fmt: skip
    columns = ["statement", "circle", "published", "source", "locator", "interested", "ours", "median", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "ratio", "status", "same_source"])


def faults_frame(refusal):
    """The faults of a refused scenario, one row each.

    Parameters
    ----------
    refusal : InputError
        As :func:`platformlabour.counting.country.scenario.read_scenario` raises it.

    Returns
    -------
    DataFrame
        ``where, place, found, expected``.
    """
    faults = getattr(refusal, "faults", (refusal,))
    return pd.DataFrame(
        [
            {
                "where": (fault.file or "") + ("" if fault.row is None else f", row {fault.row}"),
                "place": fault.column or "",
                "found": fault.found,
                "expected": fault.expected,
            }
            for fault in faults
        ]
    )


def _rounded(value):
    return float(f"{value:.3g}")


def _circle(answer, circle):
    for found in answer["circles"]:
        if found["circle"] == circle:
            return found
    counted = ", ".join(found["circle"] for found in answer["circles"])
    raise InputError(f"no circle {circle!r}", f"one of {counted}")
