"""Compare what a build computed with the committed results of the edition."""

from __future__ import annotations

import json
import math
from pathlib import Path

from platformlabour.errors import InputError

__all__ = ["accept", "differences", "verify"]

RELATIVE_TOLERANCE = 1e-9  # a thousand times what another processor or BLAS changes


def verify(folder):
    """Compare ``_build/html/results.json`` with ``results/<edition>.json``.

    Parameters
    ----------
    folder : path-like
        The report's checkout, built.

    Returns
    -------
    bool
        Whether every number agrees.
    str
        A report, one line a difference.

    Raises
    ------
    InputError
        If the book has not been built, or the edition has no reference.
    """
    folder = Path(folder)
    built = _read(folder / "_build" / "html" / "results.json", "a built book: run make book first")
    path = folder / "results" / f"{built['edition']}.json"
    reference = _read(path, "a reference: platformlabour verify --accept makes one")
    found = differences(reference["results"], built["results"])
    count = len(built["results"])
    if not found:
        return True, f"{count} results, all equal to {path.name} (relative tolerance {RELATIVE_TOLERANCE:g})."
    return False, "\n".join([f"{len(found)} of {count} results differ from {path.name}:", *found])


def accept(folder):
    """Make the built results the edition's reference.

    Returns
    -------
    str
        What was written.
    """
    folder = Path(folder)
    built = _read(folder / "_build" / "html" / "results.json", "a built book: run make book first")
    path = folder / "results" / f"{built['edition']}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        json.dumps(built, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n"
    )
    return f"{len(built['results'])} results are now the reference of edition {built['edition']}."


def differences(reference, built):
    """What two sets of results disagree on.

    Parameters
    ----------
    reference, built : dict
        Key to result, as in ``results.json``.

    Returns
    -------
    list of str

    Examples
    --------
    >>> differences({"a.b": {"value": 1.0}}, {"a.b": {"value": 1.0 + 1e-12}, "a.c": {"value": 2}})
    ['a.c: new, not in the reference']
    """
    out = []
    for key in sorted({*reference, *built}):
        if key not in built:
            out.append(f"{key}: in the reference, but not computed")
        elif key not in reference:
            out.append(f"{key}: new, not in the reference")
        else:
            out += [
                f"{key}, {name}: reference {old!r}, now {new!r}"
                for name, old, new in _unequal(reference[key], built[key])
            ]
    return out


def _unequal(old, new):
    for name in sorted({*old, *new}):
        a, b = old.get(name), new.get(name)
        if not _same(a, b):
            yield name, a, b


def _same(a, b):
    if isinstance(a, bool) or isinstance(b, bool) or isinstance(a, str) or isinstance(b, str):
        return a == b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return math.isclose(a, b, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-12)
    return a == b


def _read(path, expected):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("no such file", expected, file=f"{path.parent.name}/{path.name}") from None
    except ValueError as error:
        raise InputError(f"a file that is not JSON ({error})", expected, file=path.name) from error
