"""One reading of a team's agreement, for people and as JSON."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass

import numpy as np
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate
from platformlabour.functions.agreement import from_table, gwet_ac1, krippendorff_alpha, observed_agreement, per_code

__all__ = ["RELIABLE", "TENTATIVE", "Report", "agreement_report", "as_json", "as_text", "reading"]

# Krippendorff's customary lines, which he calls neither magical nor fit for decisions about lives.
RELIABLE, TENTATIVE = 0.8, 0.667
WIDTH = 100


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that ``platformlabour agreement`` tells.

    Parameters
    ----------
    level : str
    coders : tuple of str
    items, shared : int
        Items coded at all, and by two coders or more.
    alpha : Estimate
    observed, ac1, sets : Estimate or None
        Equal pairs of codes; Gwet's AC1; alpha of main and second code together with MASI distance. Only for nominal
        codes.
    codes : DataFrame or None
        From ``agreement.per_code``.
    replicates, seed : int
    """

    level: str
    coders: tuple
    items: int
    shared: int
    alpha: Estimate
    observed: Estimate | None
    ac1: Estimate | None
    sets: Estimate | None
    codes: pd.DataFrame | None
    replicates: int
    seed: int


def agreement_report(frame, *, level="nominal", replicates=2000, seed=0):
    """Measure the agreement in a table of codes.

    Parameters
    ----------
    frame : DataFrame
        From ``agreement_files.read_codes``, or any with ``item, coder, code``.
    level : {"nominal", "ordinal", "interval", "ratio"}
    replicates, seed : int
        Of the bootstrap.

    Returns
    -------
    Report

    Raises
    ------
    InputError
        As for ``agreement.from_table``, or if there are no replicates.

    Examples
    --------
    >>> frame = pd.DataFrame({"item": list("aabb"), "coder": list("ABAB"), "code": list("NNVV")})
    >>> agreement_report(frame, replicates=100).alpha.value
    1.0
    """
    if replicates < 1:
        raise InputError(f"{replicates} replicates", "1 or more; 2000 is enough for two digits")
    codes = from_table(frame, level=level)
    options = {"replicates": replicates, "seed": seed}
    observed = ac1 = sets = table = None
    if level == "nominal":
        observed, ac1, table = (
            observed_agreement(codes, **options),
            gwet_ac1(codes, **options),
            per_code(codes, **options),
        )
        if "second" in frame.columns and frame["second"].astype(bool).any():
            both = [
                None if not main else {main, other} - {""}
                for main, other in zip(frame["code"], frame["second"], strict=True)
            ]
            sets = krippendorff_alpha(from_table(frame.assign(code=both), level="set"), **options)
    return Report(
        level=level,
        coders=codes.coders,
        items=len(codes.items),
        shared=int(((codes.matrix >= 0).sum(axis=1) >= 2).sum()),
        alpha=krippendorff_alpha(codes, **options),
        observed=observed,
        ac1=ac1,
        sets=sets,
        codes=table,
        replicates=replicates,
        seed=seed,
    )


def reading(alpha):
    """Say in a sentence what an alpha allows.

    Parameters
    ----------
    alpha : Estimate

    Returns
    -------
    str

    Examples
    --------
    >>> reading(Estimate(value=0.9, unit="coefficient", estimand="agreement", method="alpha", interval=(0.85, 0.95)))
    'Alpha is 0.900 (95% interval 0.850 to 0.950): the whole interval lies at or above 0.8, the customary line for
    reliable codes.'
    """
    if alpha.value is None:
        return f"Alpha is undefined: {alpha.warnings[0].removeprefix('Undefined: ')}"
    if alpha.interval is None:
        reason = "no disagreement was seen" if alpha.value == 1 else "resampling gives no interval"
        return f"Alpha is {alpha.value:.3f}, but {reason}, so these items cannot say how far it would move with others."
    low, high = alpha.interval
    limits = f" ({100 * alpha.level:g}% interval {low:.3f} to {high:.3f})"
    if low >= RELIABLE:
        words = f"lies at or above {RELIABLE}, the customary line for reliable codes"
    elif low >= TENTATIVE:
        words = f"lies above {TENTATIVE}, the customary line for tentative conclusions, but reaches below {RELIABLE}"
    elif high >= TENTATIVE:
        words = f"reaches below {TENTATIVE}, the customary line for tentative conclusions"
    else:
        words = f"lies below {TENTATIVE}, the customary line for tentative conclusions"
    subject = "the whole interval " if low >= RELIABLE or high < TENTATIVE else "the interval "
    return f"Alpha is {alpha.value:.3f}{limits}: {subject}{words}."


def as_text(report):
    """The report for people, its reading first.

    Parameters
    ----------
    report : Report

    Returns
    -------
    str
    """
    coders = f"{len(report.coders)} coders"
    rows = [("coded", f"{report.shared:,} of {report.items:,} items by two coders or more; {coders}")]
    rows.append(("alpha", _shown(report.alpha)))
    for name, found in (("alpha of sets", report.sets), ("AC1", report.ac1), ("equal pairs", report.observed)):
        if found is not None:
            rows.append((name, _shown(found)))
    blocks = [
        textwrap.fill(reading(report.alpha), WIDTH),
        "\n".join(f"  {name:<14} {text}" for name, text in rows),
    ]
    if report.codes is not None:
        lines = [f"  {'code':<14} {'given':>7}  {'alpha, this code or another':<34} specific agreement"]
        lines += [
            f"  {_short(row.code):<14} {row.given:>7,}  {_shown(row.alpha):<34} {_shown(row.specific)}"
            for row in report.codes.itertuples()
        ]
        blocks.append("\n".join(lines))
    notes = list(dict.fromkeys(w for found in (report.alpha, report.sets, report.ac1) if found for w in found.warnings))
    notes.append(
        f"Intervals: {report.replicates:,} bootstrap samples of items, seed {report.seed}. They say how far agreement "
        "would move with other items of the kind, not with other coders."
    )
    blocks.append("\n".join(textwrap.fill(note, WIDTH) for note in notes))
    return "\n\n".join(blocks)


def as_json(report):
    """The report as a mapping that JSON can hold.

    Parameters
    ----------
    report : Report

    Returns
    -------
    dict
    """
    out = {
        "level": report.level,
        "coders": list(report.coders),
        "items": report.items,
        "items_with_two_codes": report.shared,
        "reading": reading(report.alpha),
        "alpha": _plain(report.alpha),
        "alpha_of_sets": _plain(report.sets),
        "ac1": _plain(report.ac1),
        "observed_agreement": _plain(report.observed),
        "codes": None,
        "replicates": report.replicates,
        "seed": report.seed,
    }
    if report.codes is not None:
        out["codes"] = [
            {
                "code": row.code,
                "given": int(row.given),
                "share": float(row.share),
                "alpha": _plain(row.alpha),
                "specific": _plain(row.specific),
            }
            for row in report.codes.itertuples()
        ]
    return out


def _plain(found):
    if found is None:
        return None
    return {
        "value": found.value,
        "interval": None if found.interval is None else [float(np.round(limit, 12)) for limit in found.interval],
        "level": found.level if found.interval is not None else None,
        "status": found.status,
        "method": found.method,
        "warnings": list(found.warnings),
    }


def _shown(found):
    if found.value is None or not math.isfinite(found.value):
        return "undefined"
    limits = "" if found.interval is None else f"  ({found.interval[0]:.3f} to {found.interval[1]:.3f})"
    return f"{found.value:.3f}{limits}"


def _short(code):
    text = str(code)
    return text if len(text) <= 14 else text[:13] + "…"
