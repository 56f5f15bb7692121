"""Published counts on one scale, each with the definition it stands on: a ladder, not a league table."""

from __future__ import annotations

import math

import pandas as pd

from platformlabour.errors import InputError

__all__ = ["RUNGS", "drops", "ladder", "spread_by_rung"]

RUNGS = ("registered", "ever worked", "within a year", "within a month", "within a week", "substantial")

_SHORT = {"ever worked": "ever", "within a year": "year", "within a month": "month", "within a week": "week"}


def ladder(counts, claims):
    """Join definitions and ledger, and express each count as a percentage of its reference population.

    Parameters
    ----------
    counts : DataFrame
        As ``load("world-counts")``: ``claim, rung, scope, window, place, counted, out_of, out_of_claim``.
    claims : DataFrame
        The ledger, indexed by claim.

    Returns
    -------
    DataFrame
        The columns of ``counts`` with ``percent`` (missing for a range), ``low``, ``high``, ``bound``, ``year``,
        ``evidence``, ``source`` and ``label``, from the widest definition to the narrowest.

    Raises
    ------
    InputError
        If a claim is missing or only recalled, a rung is unknown, or a count of heads has no reference population.

    Examples
    --------
    >>> from platformlabour import load
    >>> rows = ladder(load("world-counts"), load("claims").set_index("claim"))
    >>> rows.set_index("claim").loc["kassi2021-worked", "percent"].round(2)
    np.float64(0.41)
    """
    rows = []
    for position, count in enumerate(counts.to_dict("records")):
        name, row = count["claim"], position + 2
        if name not in claims.index:
            raise InputError(f"no claim {name!r}", "a row of the ledger", row=row, column="claim")
        claim = claims.loc[name]
        if claim["evidence"] == "recalled":
            raise InputError(f"{name!r}, which was only recalled", "a figure that was read", row=row, column="claim")
        if count["rung"] not in RUNGS:
            raise InputError(f"the rung {count['rung']!r}", f"one of {', '.join(RUNGS)}", row=row, column="rung")
        scale = _scale(count, claim, claims, row)
        value, low, high = (float(claim[column]) * scale for column in ("value", "low", "high"))
        bound = "point"
        if math.isnan(value) and math.isnan(high):
            value, low, bound = low, math.nan, "lower"
        elif count["rung"] == "registered":
            bound = "upper"
        year = str(claim["period_end"])[:4]
        rows.append(
            {
                **count,
                "percent": value,
                "low": low,
                "high": high,
                "bound": bound,
                "year": year,
                "evidence": claim["evidence"],
                "source": claim["source"],
                "label": f"{count['place']} {year}, {_SHORT.get(count['rung'], count['rung'])}",
            }
        )
    frame = pd.DataFrame(rows)
    order = frame["rung"].map({rung: k for k, rung in enumerate(RUNGS)})
    return frame.assign(order=order).sort_values("order", kind="stable", ignore_index=True).drop(columns="order")


def _scale(count, claim, claims, row):
    if claim["unit"] == "per cent":
        return 1.0
    if claim["unit"] == "share":
        return 100.0
    base = count["out_of_claim"]
    if base not in claims.index:
        raise InputError(
            f"{claim['unit']} without a reference population",
            "a claim that counts the reference population",
            row=row,
            column="out_of_claim",
        )
    return 100.0 / float(claims.loc[base, "value"])


def drops(ladder):
    """How far one study's count falls between its own widest and narrowest definition.

    Parameters
    ----------
    ladder : DataFrame
        As :func:`ladder` returns it; studies are told apart by ``source``.

    Returns
    -------
    DataFrame
        ``source, widest, narrowest, factor``, studies with two definitions or more, the largest factor first.

    Examples
    --------
    >>> from platformlabour import load
    >>> rows = ladder(load("world-counts"), load("claims").set_index("claim"))
    >>> drops(rows).set_index("source").loc["Pesole2018", "factor"]
    np.float64(5.0)
    """
    rows = []
    for source, part in ladder.dropna(subset="percent").groupby("source", sort=False):
        if len(part) > 1:
            widest, narrowest = part.loc[part["percent"].idxmax()], part.loc[part["percent"].idxmin()]
            rows.append((source, widest["rung"], narrowest["rung"], widest["percent"] / narrowest["percent"]))
    frame = pd.DataFrame(rows, columns=["source", "widest", "narrowest", "factor"])
    return frame.sort_values("factor", ascending=False, ignore_index=True)


def spread_by_rung(ladder):
    """How far different studies lie apart on the same rung, for the same kind of work.

    Parameters
    ----------
    ladder : DataFrame
        As :func:`ladder` returns it.

    Returns
    -------
    DataFrame
        ``rung, scope, studies, factor``, groups with two studies or more.

    Examples
    --------
    >>> from platformlabour import load
    >>> rows = ladder(load("world-counts"), load("claims").set_index("claim"))
    >>> europe = rows[rows["place"].str.contains("Europe")]
    >>> spread_by_rung(europe).round(2).to_dict("records")
    [{'rung': 'within a year', 'scope': 'all platform work', 'studies': 2, 'factor': 1.43}, \
{'rung': 'substantial', 'scope': 'all platform work', 'studies': 2, 'factor': 1.82}]
    """
    rows = []
    for (rung, scope), part in ladder.dropna(subset="percent").groupby(["rung", "scope"], sort=False):
        best = part.groupby("source")["percent"].max()
        if len(best) > 1:
            rows.append((rung, scope, len(best), best.max() / best.min()))
    return pd.DataFrame(rows, columns=["rung", "scope", "studies", "factor"])
