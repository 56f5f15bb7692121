"""The checks of published counts that a scenario sets beside its own."""

from __future__ import annotations

from platformlabour.counting.country import values
from platformlabour.counting.country.check_tables import same_platform
from platformlabour.counting.country.files import printable
from platformlabour.counting.country.inputs import CLAIMED_CIRCLES, EVIDENCE

__all__ = ["ClaimChecks"]

_TEXTS = {
    "statement": ("what was published, in one sentence", 300),
    "source": ("a key of the table of sources", 60),
    "locator": ("where in the document it stands: a page, a table, the abstract", 160),
}
_REQUIRED = (*_TEXTS, "circle", "date", "evidence", "interested_publisher")
_NUMBERS = ("value", "low", "high")
_PUBLISHED = tuple(grade for grade in EVIDENCE if grade not in ("own", "assumed"))


class ClaimChecks:
    """Turns the tables ``[[claims]]`` into values; every fault goes to the checker, with its line.

    Parameters
    ----------
    checker : Checker
        Of the scenario.
    """

    def __init__(self, checker):
        self.checker, self.seen = checker, {}

    def claim(self, place, given):
        """One published count; what cannot be used is ``None`` and has become a fault."""
        checker, where = self.checker, ("claims", place)
        checker.known(given, _REQUIRED, (*_NUMBERS, "bound", "note"), *where)
        found = {"bound": checker.bound(given, where), "note": ""}
        for key, (expected, longest) in _TEXTS.items():
            if key not in given:
                checker.refuse((*where, key), f"no {key}", expected)
            found[key] = (
                checker.attempt((*where, key), values.text, given[key], longest=longest) if key in given else None
            )
        for key, allowed in (
            ("circle", CLAIMED_CIRCLES),
            ("evidence", _PUBLISHED),
            ("interested_publisher", ("yes", "no")),
        ):
            found[key] = self._word(where, key, given, allowed)
        if "date" not in given:
            checker.refuse((*where, "date"), "no date", "when the number was true, as YYYY, YYYY-MM or YYYY-MM-DD")
        found["date"] = (
            checker.attempt((*where, "date"), values.date, given["date"], on_date=checker.on_date)
            if "date" in given
            else None
        )
        if "note" in given:
            found["note"] = checker.attempt((*where, "note"), values.text, given["note"], empty=True) or ""
        found |= self._numbers(where, given)
        self._once(where, found)
        return found

    def _word(self, where, key, given, allowed):
        value = given.get(key)
        if isinstance(value, str) and value in allowed:
            return value
        named = key.replace("_", " ")
        found = f"the {named} {printable(repr(value)[:40])}" if key in given else f"no {named}"
        expected = f"one of {', '.join(allowed)}"
        if key == "evidence" and value in EVIDENCE:
            expected += "; a count of your own belongs into [[counts]]"
        elif key == "interested_publisher":
            expected = '"yes" where the publisher gains by the number, else "no"; in quotation marks'
        elif isinstance(value, str):
            expected = values.nearest(value, allowed) or expected
        self.checker.refuse((*where, key), found, expected)
        return None

    def _numbers(self, where, given):
        checker = self.checker
        found = {
            key: checker.attempt((*where, key), values.people, given[key], small=checker.small)
            if key in given
            else None
            for key in _NUMBERS
        }
        low, value, high = (found[key] for key in ("low", "value", "high"))
        if not any(key in given for key in _NUMBERS):
            checker.refuse((*where, "value"), "no number", "value = the number of people published, or low and high")
        elif ("low" in given) != ("high" in given):
            checker.refuse(
                (*where, "low" if "low" in given else "high"), "one limit of two",
                'both low and high; for "at least" or "at most" a value with bound = "lower" or "upper"',
            )  # fmt: skip
        elif None not in (low, high) and low >= high:
            checker.refuse((*where, "low"), f"low {low:,g} and high {high:,g}", "the smaller number as low")
        elif None not in (low, value, high) and not low <= value <= high:
            checker.refuse(
                (*where, "value"), f"{value:,g} outside {low:,g} to {high:,g}", "low, value and high in rising order"
            )
        if found.get("value") is None and "bound" in given and "value" not in given:
            checker.refuse(
                (*where, "bound"), "a bound without a value", "a value, of which it says at least or at most"
            )
        return found

    def _once(self, where, found):
        same = (
            ("number", found["circle"], found["source"], found["locator"], *(found[key] for key in _NUMBERS)),
            ("words", same_platform(found["statement"] or "")),
        )
        for key in same:
            if None in key[:4] or key == ("words", ""):
                continue
            if key in self.seen:
                self.checker.refuse(
                    (*where, "statement"), f"the claim of table {self.seen[key]} of [[claims]] again", "each claim once"
                )
                return
        for key in same:
            self.seen.setdefault(key, where[1] + 1)
