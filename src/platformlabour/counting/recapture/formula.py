"""Model formulas such as ``times ~ age + nation`` turned into a design matrix.

A small language on purpose: column names (in backticks when they hold spaces), ``+``, ``:``, ``*``, ``-1`` or ``+ 0``
for no intercept.  Text and categorical columns are coded by treatment contrasts against their first level, numbers
and truth values enter as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from platformlabour.errors import InputError

__all__ = ["Design", "Formula", "design", "parse"]

_TOKEN = re.compile(r"\s*(?:`([^`]+)`|([^\W\d]\w*(?:\.\w+)*)|([0-9]+)|([+\-:*~]))")
_FIRST_ROW = 2  # a spreadsheet shows the header as row 1


@dataclass(frozen=True)
class Formula:
    """A parsed formula.

    Parameters
    ----------
    response : str
        Column left of the tilde.
    terms : tuple of tuple of str
        Each term is the tuple of the columns it multiplies; main effects stand before interactions.
    intercept : bool
        Whether the model has an intercept.
    """

    response: str
    terms: tuple[tuple[str, ...], ...]
    intercept: bool = True

    @property
    def variables(self):
        """Columns on the right, each once, in order of appearance."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term))


@dataclass(frozen=True)
class Design:
    """A design matrix with one row a distinct combination of the variables.

    Parameters
    ----------
    matrix : numpy.ndarray of float64, shape (p, k)
        One row a coefficient, one column a combination: transposed, so that each coefficient's values lie together.
    names : tuple of str, length p
        Coefficient names: ``"intercept"``, ``"age"``, ``"nation[Turkey]"``, ``"age:nation[Turkey]"``.
    rows : numpy.ndarray of int or None, shape (n,)
        The column of ``matrix`` that each row of the frame uses; ``None`` when each row has its own, in order.
    """

    matrix: np.ndarray
    names: tuple[str, ...]
    rows: np.ndarray | None = None


def parse(text):
    """Read a model formula.

    Parameters
    ----------
    text : str
        Such as ``"times ~ age + nation"``, ``"times ~ age * nation"`` or ``"times ~ 1"``.

    Returns
    -------
    Formula

    Raises
    ------
    InputError
        If the text is not a formula of this language.

    Examples
    --------
    >>> parse("times ~ age * nation")
    Formula(response='times', terms=(('age',), ('nation',), ('age', 'nation')), intercept=True)
    >>> parse("times ~ `hours a week` - 1").variables
    ('hours a week',)
    """
    if not isinstance(text, str):
        raise InputError(f"a formula of type {type(text).__name__}", 'text such as "times ~ age + nation"')
    tokens = _tokens(text)
    tildes = [place for place, token in enumerate(tokens) if token == ("sign", "~")]
    if tildes != [1] or tokens[0][0] != "name":
        raise InputError(
            f"the formula {text!r}", 'one column name, a tilde and the terms, such as "times ~ age + nation"'
        )
    response = tokens[0][1]
    terms, intercept = _right_side(tokens[2:], text)
    if any(response in term for term in terms):
        raise InputError(f"{response!r} on both sides of the formula {text!r}", "the counts on the left side only")
    return Formula(response, tuple(sorted(terms, key=len)), intercept)


def _tokens(text):
    tokens, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise InputError(
                f"{text[place:].strip()[0]!r} in the formula {text!r}",
                "column names joined by +, : or *, with names that hold spaces or signs in backticks",
            )
        quoted, name, number, sign = match.groups()
        if number is not None:
            tokens.append(("number", number))
        elif sign is not None:
            tokens.append(("sign", sign))
        else:
            tokens.append(("name", quoted or name))
        place = match.end()
    return tokens


def _right_side(tokens, text):
    terms, intercept, sign = [], True, "+"
    place = 0
    complaint = f"the right side of the formula {text!r}"
    if tokens and tokens[0] == ("sign", "-"):
        sign, place = "-", 1
    while True:
        if place >= len(tokens):
            raise InputError(complaint, "a term after each sign; use 1 for a model without covariates")
        kind, value = tokens[place]
        if kind == "number":
            if value not in ("0", "1"):
                raise InputError(f"the number {value} in the formula {text!r}", "only 1 (intercept) or 0 (none)")
            intercept = (value == "1") == (sign == "+")
            place += 1
        elif kind == "name":
            expanded, place = _product(tokens, place, complaint)
            if sign == "-":
                terms = [term for term in terms if term not in expanded]
            else:
                terms += [term for term in expanded if term not in terms]
        else:
            raise InputError(complaint, f"a column name or 1 in place of {value!r}")
        if place == len(tokens):
            return terms, intercept
        kind, sign = tokens[place]
        if kind != "sign" or sign not in "+-":
            raise InputError(complaint, f"+ or - in place of {sign!r}")
        place += 1


def _product(tokens, place, complaint):
    """One run of names joined by ``:`` and ``*``: its terms, and the place after it."""
    factors = [(tokens[place][1],)]
    place += 1
    while place < len(tokens) and tokens[place][1] in (":", "*") and tokens[place][0] == "sign":
        if place + 1 >= len(tokens) or tokens[place + 1][0] != "name":
            raise InputError(complaint, f"a column name after {tokens[place][1]!r}")
        name = tokens[place + 1][1]
        if tokens[place][1] == ":":
            factors[-1] = (*factors[-1], name)
        else:
            factors.append((name,))
        place += 2
    terms = []
    for size in range(1, len(factors) + 1):
        for chosen in combinations(factors, size):
            term = tuple(dict.fromkeys(name for factor in chosen for name in factor))
            if not any(set(term) == set(other) for other in terms):
                terms.append(term)
    return terms, place


def design(frame, formula):
    """Code the right side of a formula as numbers.

    Rows that agree in every variable share one column of the matrix, which is what makes a regression on half a
    million people with a few categories as fast as one on a hundred.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a person, or a group of people who agree in all variables.
    formula : Formula
        From :func:`parse`.

    Returns
    -------
    Design

    Raises
    ------
    InputError
        If a column is unknown, has missing or infinite values, is the same for everybody, or follows from the others.

    References
    ----------
    J. M. Chambers and T. J. Hastie (1992), Statistical Models in S, chapter 2 (which terms take contrasts).

    Examples
    --------
    >>> frame = pd.DataFrame({"times": [1, 2, 1], "age": [20, 30, 20], "nation": ["Chad", "Mali", "Chad"]})
    >>> design(frame, parse("times ~ nation")).names
    ('intercept', 'nation[Mali]')
    >>> design(frame, parse("times ~ nation")).matrix
    array([[1., 1.],
           [0., 1.]])
    """
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"a {type(frame).__name__}", "a pandas DataFrame with one row a person or group")
    if len(frame) == 0:
        raise InputError("a table without rows", "at least one row")
    columns = {name: _coded(frame, name) for name in formula.variables}
    if not formula.terms and not formula.intercept:
        raise InputError("a formula without terms and without intercept", "an intercept (1) or at least one column")
    rows, chosen = _patterns(columns, len(frame))
    if chosen is not None:
        columns = {name: (codes[chosen], levels) for name, (codes, levels) in columns.items()}
    size = len(frame) if chosen is None else len(chosen)
    parts, names = [], []
    if formula.intercept:
        parts.append(np.ones((1, size)))
        names.append("intercept")
    present = [frozenset(term) for term in formula.terms]
    if formula.intercept:
        present.append(frozenset())
    for place, term in enumerate(formula.terms):
        margins = set(present[:place]) | ({frozenset()} if formula.intercept else set())
        block, labels = np.ones((1, size)), [""]
        for name in term:
            values, levels = columns[name]
            if levels is None:
                coded, tags = values[None, :].astype(float), [name]
            else:
                # A factor drops its first level only where the smaller term it would repeat is in the model.
                first = 1 if frozenset(term) - {name} in margins else 0
                coded = (values[None, :] == np.arange(first, len(levels))[:, None]).astype(float)
                tags = [f"{name}[{level}]" for level in levels[first:]]
            block = (block[:, None, :] * coded[None, :, :]).reshape(-1, size)
            labels = [f"{left}:{tag}" if left else tag for left in labels for tag in tags]
        parts.append(block)
        names += labels
    matrix = np.ascontiguousarray(np.concatenate(parts))
    _require_full_rank(matrix, names)
    return Design(matrix, tuple(names), rows)


def _coded(frame, name):
    """A column as numbers with no levels, or as level codes with its levels."""
    if name not in frame.columns:
        raise InputError(
            f'no column "{name}"',
            f"one of the table's columns: {', '.join(str(c) for c in frame.columns)}",
            column=name,
        )
    column = frame[name]
    if isinstance(column, pd.DataFrame):
        raise InputError("two columns of the same name", "each column name once", column=name)
    missing = np.flatnonzero(column.isna().to_numpy())
    if missing.size:
        raise InputError(
            "a missing value",
            "a value in every row; remove the row or fill it",
            row=int(missing[0]) + _FIRST_ROW,
            column=name,
        )
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.remove_unused_categories()
        codes, levels = column.cat.codes.to_numpy(), list(column.cat.categories)
    elif pd.api.types.is_bool_dtype(column) or pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float)
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            raise InputError(
                "an infinite value", "a finite number in every row", row=int(wrong[0]) + _FIRST_ROW, column=name
            )
        _require_variety(values.min() != values.max(), len(frame), name)
        return values, None
    else:
        codes, levels = pd.factorize(column.astype(object), sort=False)
        order = sorted(range(len(levels)), key=lambda place: str(levels[place]))
        ranks = np.empty(len(levels), dtype=np.intp)
        ranks[order] = np.arange(len(levels))
        codes, levels = ranks[codes], [str(levels[place]) for place in order]
    _require_variety(len(levels) > 1, len(frame), name)
    return np.asarray(codes, dtype=np.intp), levels


def _require_variety(varies, rows, name):
    if not varies:
        raise InputError(
            f"the same value in all {rows} rows",
            "a covariate that varies; leave this one out of the formula",
            column=name,
        )


def _patterns(columns, size):
    """Which distinct combination each row has, and one row of each; ``(None, None)`` where most rows differ."""
    if not columns:
        return np.zeros(size, dtype=np.intp), np.zeros(1, dtype=np.intp)
    key, distinct = np.zeros(size, dtype=np.int64), 1
    for values, levels in columns.values():
        if levels is None:
            # A look at the first rows saves hashing half a million different numbers.
            if size > 20_000 and len(np.unique(values[:4096])) > 3072:
                return None, None
            values, levels = pd.factorize(values)
        key = key * len(levels) + values
        distinct *= len(levels)
        if distinct > 4 * size:
            key, seen = pd.factorize(key)
            distinct = len(seen)
    rows, keys = pd.factorize(key)
    if 2 * len(keys) > size > 1000:
        return None, None
    chosen = np.empty(len(keys), dtype=np.intp)
    chosen[rows[::-1]] = np.arange(size - 1, -1, -1)
    return rows, chosen


def _require_full_rank(matrix, names):
    scale = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
    scale[scale == 0] = 1.0
    remainder = (matrix @ matrix.T) / np.outer(scale, scale)
    for place, name in enumerate(names):
        # Gaussian elimination in the order of the formula, so that the first redundant coefficient is the one named.
        pivot = remainder[place, place]
        if pivot < 1e-10:
            raise InputError(
                f'the coefficient "{name}", which follows exactly from those before it',
                "covariates that do not determine each other; leave one of them out of the formula",
            )
        remainder = remainder - np.outer(remainder[:, place], remainder[place]) / pivot
