"""Factors: the numbers a count is made of, each with its uncertainty, its source and how well it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from platformlabour.counting.synthesis.distributions import (
    Distribution,
    beta_from_interval,
    empirical,
    fixed,
    lognormal_from_interval,
    normal,
    share_from_sample,
    triangular,
    uniform,
)
from platformlabour.errors import InputError

__all__ = [
    "GRADES",
    "KINDS",
    "ONE_SIDED",
    "Distribution",
    "Factor",
    "beta_from_interval",
    "empirical",
    "factor_table",
    "factors_from_table",
    "fixed",
    "lognormal_from_interval",
    "normal",
    "share_from_sample",
    "triangular",
    "uniform",
]

KINDS = {
    "measured": "counted, declared or estimated from data",
    "elicited": "judged by people who know the field, with their uncertainty",
    "assumed": "set for lack of anything better",
}
"""How a factor is known, with its meaning."""

GRADES = ("seen", "secondary", "derived", "digitised", "simulated", "recalled", "none")
"""Evidence grades of the project's tables, and ``"none"`` for what rests on nothing."""

ONE_SIDED = (None, "lower", "upper")
"""Whether the distribution holds the factor (None) or only the smallest or largest it can be."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?(/\d{4}(-\d{2}(-\d{2})?)?)?")


@dataclass(frozen=True)
class Factor:
    """One number in a chain from accounts to people.

    Parameters
    ----------
    name : str
        Lower-case letters, digits and underscores.
    distribution : Distribution
        What is known of the value; see :mod:`platformlabour.counting.synthesis.distributions`.
    unit : str
        What is counted: ``"accounts"``, ``"visitors"``, ``"share"`` (0 to 1), ``"ratio"``.
    kind : {"measured", "elicited", "assumed"}
        How it is known.
    source : str
        Key of the bibliography, or words; empty only for an assumption.
    date : str
        Year, month or day it refers to (``"2018"``, ``"2018-06"``), or two of them with ``/`` between; may be empty for
        an assumption.
    licence : str
        Of the source.
    grade : str
        Evidence grade, one of ``GRADES``; ``"none"`` only for what is not measured.
    note : str
        Anything a reader must know.
    one_sided : {None, "lower", "upper"}
        ``"lower"`` if the distribution holds only the smallest value the factor can have, ``"upper"`` if only the
        largest: outputs that depend on it are bounds.

    Raises
    ------
    InputError
        If a field is not as described, or a share can leave 0 to 1.

    Examples
    --------
    >>> Factor("multi_homing", triangular(1.0, 1.27, 1.83), "ratio", "assumed", "TubaroBlog", "2020", "facts-only",
    ...        "seen").describe()
    'multi_homing: triangular from 1 to 1.83, most likely 1.27 (ratio, assumed)'
    """

    name: str
    distribution: Distribution
    unit: str
    kind: str
    source: str
    date: str
    licence: str
    grade: str
    note: str = ""
    one_sided: str | None = None

    def __post_init__(self):
        for field in ("name", "unit", "kind", "source", "date", "licence", "grade", "note"):
            if not isinstance(getattr(self, field), str):
                raise InputError(f"{getattr(self, field)!r}", "text", column=field)
        if not _NAME.fullmatch(self.name):
            raise InputError(
                f"the factor's name {self.name!r}", "lower-case letters, digits and underscores, a letter first"
            )
        place = {"file": f"factor {self.name}"}
        if not isinstance(self.distribution, Distribution):
            raise InputError(
                f"{self.distribution!r}", "a distribution, such as fixed(1.27)", column="distribution", **place
            )
        if self.kind not in KINDS:
            raise InputError(f"the kind {self.kind!r}", f"one of {', '.join(KINDS)}", column="kind", **place)
        if self.grade not in GRADES:
            raise InputError(f"the grade {self.grade!r}", f"one of {', '.join(GRADES)}", column="grade", **place)
        if self.one_sided not in ONE_SIDED:
            raise InputError(f"{self.one_sided!r}", "nothing, lower or upper", column="one_sided", **place)
        if not self.unit.strip():
            raise InputError("no unit", "what is counted, such as accounts or share", column="unit", **place)
        if self.kind == "measured" and (not self.source.strip() or self.grade == "none"):
            raise InputError(
                "a measurement without a source", "its source and evidence grade", column="source", **place
            )
        if self.date and not _DATE.fullmatch(self.date):
            raise InputError(f"the date {self.date!r}", "a year, month or day such as 2018-06", column="date", **place)
        if self.kind == "measured" and not self.date:
            raise InputError("a measurement without a date", "the year it refers to", column="date", **place)
        low, high = self.distribution.support
        if self.unit == "share" and not (low >= 0 and high <= 1):
            raise InputError(
                f"a share that is {self.distribution.describe()}",
                "a share between 0 and 1, not a percentage",
                column="distribution",
                **place,
            )

    def describe(self):
        """The factor in one line."""
        return f"{self.name}: {self.distribution.describe()} ({self.unit}, {self.kind})"


def factor_table(factors):
    """Factors as a table for readers.

    Parameters
    ----------
    factors : iterable of Factor

    Returns
    -------
    DataFrame
        ``name, distribution, median, unit, kind, source, date, licence, grade, one_sided, note``, one row a factor.

    Examples
    --------
    >>> share = Factor("active", uniform(0.1, 0.3), "share", "assumed", "", "", "CC-BY-4.0", "none")
    >>> factor_table([share])[["name", "distribution", "grade"]].values.tolist()
    [['active', 'uniform from 0.1 to 0.3', 'none']]
    """
    return pd.DataFrame(
        [
            {
                "name": factor.name,
                "distribution": factor.distribution.describe(),
                "median": factor.distribution.median,
                "unit": factor.unit,
                "kind": factor.kind,
                "source": factor.source,
                "date": factor.date,
                "licence": factor.licence,
                "grade": factor.grade,
                "one_sided": factor.one_sided or "",
                "note": factor.note,
            }
            for factor in factors
        ]
    )


_FORMS = {
    "fixed": ("central",),
    "uniform": ("low", "high"),
    "triangular": ("low", "central", "high"),
    "lognormal": ("central", "low", "high"),
    "beta": ("low", "high"),
}
_MAKERS = {
    "fixed": fixed,
    "uniform": uniform,
    "triangular": triangular,
    "lognormal": lognormal_from_interval,
    "beta": beta_from_interval,
}


def factors_from_table(frame):
    """Factors from a table with one row each.

    Parameters
    ----------
    frame : DataFrame, shape (factors, columns)
        ``factor, form, central, low, high, unit, kind, source, period, licence, evidence, one_sided, note``. ``form``
        is ``fixed`` (central), ``uniform`` (low, high), ``triangular`` (low, central, high), ``lognormal`` (central as
        median, low and high as 95% limits) or ``beta`` (low and high as 95% limits); numbers that a form does not use
        are empty.

    Returns
    -------
    tuple of Factor

    Raises
    ------
    InputError
        If a form is unknown, a number that the form needs is missing or one it does not use is given, or a factor is
        not acceptable. The message names the row as a spreadsheet shows it.

    Examples
    --------
    >>> row = {"factor": "multi_homing", "form": "triangular", "central": 1.27, "low": 1.0, "high": 1.83,
    ...        "unit": "ratio", "kind": "assumed", "source": "TubaroBlog", "period": "2018",
    ...        "licence": "facts-only", "evidence": "seen",
    ...        "one_sided": "", "note": ""}
    >>> factors_from_table(pd.DataFrame([row]))[0].describe()
    'multi_homing: triangular from 1 to 1.83, most likely 1.27 (ratio, assumed)'
    """
    made = []
    for position, row in enumerate(frame.to_dict("records")):
        form = row["form"]
        if form not in _FORMS:
            raise InputError(f"the form {form!r}", f"one of {', '.join(_FORMS)}", row=position + 2, column="form")
        for column in ("central", "low", "high"):
            given = not (row[column] is None or row[column] == "" or pd.isna(row[column]))
            if given != (column in _FORMS[form]):
                raise InputError(
                    f"{'a' if given else 'no'} number with the form {form!r}",
                    f"numbers for {', '.join(_FORMS[form])} and for nothing else",
                    row=position + 2,
                    column=column,
                )
        try:
            distribution = _MAKERS[form](*(row[column] for column in _FORMS[form]))
            made.append(
                Factor(
                    row["factor"],
                    distribution,
                    row["unit"],
                    row["kind"],
                    _text(row["source"]),
                    _text(row["period"]),
                    row["licence"],
                    row["evidence"],
                    note=_text(row["note"]),
                    one_sided=_text(row["one_sided"]) or None,
                )
            )
        except InputError as error:
            raise InputError(error.found, error.expected, row=position + 2, column=error.column) from None
    return tuple(made)


def _text(value):
    return "" if value is None or pd.isna(value) else str(value)
