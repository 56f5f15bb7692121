"""The checks of a scenario's tables: sources, numbers by platform, and answers of a survey."""

from __future__ import annotations

import unicodedata

from platformlabour.counting.country import values
from platformlabour.counting.country.files import printable
from platformlabour.counting.country.inputs import EVIDENCE, MEASURES
from platformlabour.errors import InputError

__all__ = ["COLUMNS", "TableChecks", "same_platform"]

# Required and optional columns of each table.
COLUMNS = {
    "platforms": (
        ("platform", "measure", "value", "unit", "date", "source", "evidence", "licence"),
        ("low", "high", "covers", "interested_publisher", "note"),
    ),
    "sources": (("source", "author", "year", "title", "where", "licence"), ("interested_publisher",)),
    "survey": (("platforms_used", "respondents"), ()),
}

_MOST_ASKED = 1_000_000  # respondents; no survey of platform workers has come near


class TableChecks:
    """Turns rows of text into values, and notes every fault with its row and column.

    Parameters
    ----------
    faults : list of InputError
        To which faults are added.
    on_date : datetime.date
        Dates after it lie in the future.
    """

    def __init__(self, faults, on_date):
        self.faults, self.on_date = faults, on_date
        self.cited = []  # row, platform and source of each number

    def sources(self, file, rows, parts):
        """Documents by key."""
        found, seen = [], {}
        for row in rows:
            cells = row.cells
            key = cells["source"]
            if not values.KEY.fullmatch(key):
                self._cell(
                    file, row, "source", f"the key {printable(key[:40])!r}", "letters and digits, such as Smith2024"
                )
            elif key in seen:
                self._cell(file, row, "source", f"the key {key} again, after row {seen[key]}", "each key once")
            seen.setdefault(key, row.number)
            for column in ("author", "title", "licence"):
                if not cells[column]:
                    self._cell(file, row, column, "an empty cell", f"the {column}")
            self._interested(file, row)
            self._in(file, row, "year", values.year, cells["year"], on_date=self.on_date)
            found.append(
                {
                    column: cells[column]
                    for column in ("author", "year", "title", "where", "licence", "interested_publisher")
                }
                | {"key": key}
            )
        return found

    def measures(self, file, rows, parts):
        """Numbers by platform."""
        found, seen = [], {}
        for row in rows:
            cells, before = row.cells, len(self.faults)
            if not cells["platform"]:
                self._cell(file, row, "platform", "an empty cell", "the platform's name")
            if cells["measure"] not in MEASURES:
                remedy = values.nearest(cells["measure"], MEASURES) or f"one of {', '.join(MEASURES)}"
                self._cell(file, row, "measure", f"the measure {printable(cells['measure'][:40])!r}", remedy)
            else:
                self._unit(file, row)
            key = (same_platform(cells["platform"]), cells["measure"])
            if cells["platform"] and key in seen:
                self._cell(
                    file, row, "platform",
                    f"{cells['platform'][:60]!r} again with {cells['measure']}, after row {seen[key]}",
                    "each platform once a measure: keep the row nearest to the scenario's date",
                )  # fmt: skip
            seen.setdefault(key, row.number)
            numbers = self._numbers(file, row, parts["small"])
            date = self._in(file, row, "date", values.date, cells["date"], on_date=self.on_date)
            if cells["evidence"] not in EVIDENCE:
                remedy = values.nearest(cells["evidence"], EVIDENCE) or f"one of {', '.join(EVIDENCE)}"
                self._cell(file, row, "evidence", f"the evidence {printable(cells['evidence'][:40])!r}", remedy)
            for column in ("source", "licence"):
                if not cells[column] and cells["evidence"] not in ("own", "assumed"):
                    self._cell(file, row, column, "an empty cell", f"the {column}")
            self._interested(file, row)
            self.cited.append((row.number, cells["platform"], cells["source"]))
            covers = "1" if cells["covers"] == "" else cells["covers"]
            if covers != "unknown" and not (
                covers.isascii() and covers.isdecimal() and len(covers) <= 5 and int(covers) >= 1
            ):
                self._cell(
                    file, row, "covers", f"{printable(covers[:40])!r}", "how many platforms the row sums up, 1 or more"
                )
            if len(self.faults) == before:
                found.append(
                    {name: cells[name] for name in ("platform", "measure", "unit", "source", "evidence", "licence")}
                    | {name: cells[name] for name in ("interested_publisher", "note")}
                    | numbers
                    | {"date": date, "covers": None if covers == "unknown" else int(covers)}
                )
        return found

    def _unit(self, file, row):
        unit, expected = row.cells["unit"], MEASURES[row.cells["measure"]][0]
        if " ".join(unit.casefold().split()) != expected:
            found = f"the unit {printable(unit[:40])!r} for {row.cells['measure']}" if unit else "no unit"
            self._cell(file, row, "unit", found, f"{expected}: one unit for one measure; convert the number first")

    def _numbers(self, file, row, small):
        what = MEASURES.get(row.cells["measure"], ("accounts",))[0]
        numbers = {"value": self._in(file, row, "value", values.count, row.cells["value"], what=what, small=small)}
        for column in ("low", "high"):
            written = row.cells[column]
            numbers[column] = (
                self._in(file, row, column, values.count, written, what=what, small=small) if written else None
            )
        low, value, high = numbers["low"], numbers["value"], numbers["high"]
        if bool(row.cells["low"]) != bool(row.cells["high"]):
            self._cell(file, row, "low", "one limit of two", "both low and high, or neither")
        elif None not in (low, value, high) and not low <= value <= high:
            self._cell(
                file, row, "value", f"{value:,} outside {low:,} to {high:,}", "low, value and high in rising order"
            )
        elif low is not None and low == high:
            self._cell(file, row, "low", f"a range from {low:,} to {high:,}", "different limits, or none")
        return numbers

    def _interested(self, file, row):
        if row.cells["interested_publisher"] not in ("", "yes", "no"):
            self._cell(
                file, row, "interested_publisher", f"{printable(row.cells['interested_publisher'][:40])!r}", "yes or no"
            )

    def answers(self, file, rows, parts):
        """Respondents by the number of platforms that they use."""
        found, seen = [], {}
        for row in rows:
            pair = []
            for column, least in (("platforms_used", 1), ("respondents", 0)):
                written = row.cells[column]
                if not (written.isascii() and written.isdecimal() and len(written) <= 7 and int(written) >= least):
                    self._cell(file, row, column, f"{printable(written[:40])!r}", f"a whole number of {least} or more")
                else:
                    pair.append(int(written))
            if len(pair) == 2:
                if pair[0] in seen:
                    self._cell(
                        file, row, "platforms_used", f"{pair[0]} again, after row {seen[pair[0]]}", "each number once"
                    )
                elif pair[0] > 1000:
                    self._cell(
                        file, row, "platforms_used", f"{pair[0]} platforms", "the platforms that one person uses"
                    )
                seen.setdefault(pair[0], row.number)
                found.append(tuple(pair))
        if rows and len(found) == len(rows):
            asked = sum(people for _, people in found)
            if asked < 2:
                self.faults.append(InputError("fewer than two respondents", "a survey of several people", file=file))
                return []
            if asked > _MOST_ASKED:
                self.faults.append(InputError(f"{asked:,} respondents", f"at most {_MOST_ASKED:,}", file=file))
                return []
        return found

    def _cell(self, file, row, column, found, expected):
        self.faults.append(InputError(found, expected, file=file, row=row.number, column=column))

    def _in(self, file, row, column, check, *arguments, **options):
        try:
            return check(*arguments, **options)
        except values.Refused as refusal:
            self._cell(file, row, column, refusal.found, refusal.expected)
        return None


def same_platform(name):
    """A platform's name without what does not tell platforms apart."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum()) or name
