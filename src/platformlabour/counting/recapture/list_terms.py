"""Log-linear models of lists in writing: formulas such as ``a + b + c + a:b`` and brackets such as ``[12,3]``."""

from __future__ import annotations

import itertools
import re

from platformlabour.errors import InputError

__all__ = ["bracket", "generators", "parse_terms"]

_EXAMPLE = 'a formula such as "a + b + c + a:b", or brackets such as "[12,3]"'
_BRACKET = re.compile(r"\[\s*[1-9]+(\s*,\s*[1-9]+)*\s*\]")


def parse_terms(formula, names):
    """Read which lists interact in a log-linear model.

    Parameters
    ----------
    formula : str or sequence of int
        A formula of the lists' names (in backticks when they hold spaces or are numbers) with ``+``, ``:`` and ``*``;
        or the numbers of the lists that interact, such as ``"[12,13,4]"`` or ``[12, 13, 4]``: brackets stand for an
        interaction with all smaller ones inside it.
    names : sequence of str
        The lists.

    Returns
    -------
    tuple of tuple of int
        The interactions, of two lists or more; every list also has a term of its own.

    Raises
    ------
    InputError
        If the text cannot be read, names an unknown list, leaves a list out, or is not hierarchical; or if all lists
        interact in one term, which nothing observed can tell from people never listed.

    Examples
    --------
    >>> parse_terms("a + b + c + a:b", ["a", "b", "c"]), parse_terms([12, 13], ["a", "b", "c"])
    (((0, 1),), ((0, 1), (0, 2)))
    """
    count = len(names)
    if isinstance(formula, list | tuple):
        formula = "[" + ",".join(str(part) for part in formula) + "]"
    if not isinstance(formula, str):
        raise InputError(f"a formula of type {type(formula).__name__}", _EXAMPLE)
    if formula.strip().startswith("["):
        terms = _from_brackets(formula, count)
    else:
        terms = _from_formula(formula, list(names))
    for term in sorted(terms, key=len):
        if len(term) == count:
            raise InputError(
                f"an interaction of all {count} lists in {formula!r}",
                "smaller interactions: people on none of the lists cannot be told from this one",
            )
        for part in itertools.combinations(sorted(term), len(term) - 1):
            if part and frozenset(part) not in terms:
                shown = ":".join(names[i] for i in part)
                raise InputError(
                    f"the interaction {':'.join(names[i] for i in sorted(term))} without {shown} in {formula!r}",
                    f"a hierarchical model; add {shown}",
                )
    for place, name in enumerate(names):
        if frozenset([place]) not in terms:
            raise InputError(f"no term for the list {name!r} in {formula!r}", "a term of its own for every list")
    return tuple(sorted((tuple(sorted(term)) for term in terms if len(term) > 1), key=lambda term: (len(term), term)))


def _from_brackets(text, count):
    if not _BRACKET.fullmatch(text.strip()):
        raise InputError(f"the brackets {text!r}", 'numbers of lists joined by commas, such as "[12,13,4]"')
    terms = set()
    for group in re.findall("[1-9]+", text):
        lists = frozenset(int(digit) - 1 for digit in group)
        if max(lists) >= count:
            raise InputError(f"list {max(lists) + 1} in {text!r}", f"numbers from 1 to {count}")
        terms |= {frozenset(part) for size in range(1, len(lists) + 1) for part in itertools.combinations(lists, size)}
    return terms


def _from_formula(text, names):
    # Imported here because it brings in pandas.
    from platformlabour.counting.recapture.formula import parse

    parsed = parse(f"`number of people` ~ {text}")
    if not parsed.intercept:
        raise InputError(f"a formula without intercept, {text!r}", "one with it: it stands for the people never listed")
    for name in parsed.variables:
        if name not in names:
            raise InputError(f"the list {name!r} in {text!r}", f"one of {', '.join(names)}")
    return {frozenset(names.index(name) for name in term) for term in parsed.terms}


def generators(terms, occasions):
    """The terms that lie in no larger one, single lists included: larger first, then in order.

    Examples
    --------
    >>> generators([(0, 1), (0, 2), (1, 2), (0, 1, 2)], 4)
    ((0, 1, 2), (3,))
    """
    everything = [*((i,) for i in range(occasions)), *terms]
    largest = [term for term in everything if not any(set(term) < set(other) for other in everything)]
    return tuple(sorted(set(largest), key=lambda term: (-len(term), term)))


def bracket(terms, occasions):
    """The usual short name of a model, by its largest terms.

    Examples
    --------
    >>> bracket([(0, 1), (0, 2)], 4)
    '[12,13,4]'
    """
    return "[" + ",".join("".join(str(i + 1) for i in term) for term in generators(terms, occasions)) + "]"
