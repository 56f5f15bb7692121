"""Single values of a scenario: understood exactly, or refused with what was found and what should stand there."""

from __future__ import annotations

import calendar
import datetime
import difflib
import math
import re

from platformlabour.counting.country.files import LONGEST_TEXT, printable
from platformlabour.counting.country.inputs import DISTRIBUTIONS
from platformlabour.errors import InputError

__all__ = ["count", "date", "distribution", "last_day", "nearest", "number", "people", "text", "year"]

MOST_PEOPLE = 9_000_000_000  # more than there are on earth
SMALLEST_SHOWN = 10  # smaller groups are never reported
SMALLEST_USUAL = 1_000  # below it a count may be one of thousands
MOST_TIMES = 1_000  # times one number may be another: accounts a person, people an account, true over measured
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,60}")

_TIMES = {"positive": f"{1 / MOST_TIMES:g} to {MOST_TIMES:,}", "at least one": f"{MOST_TIMES:,}"}
_MONEY = re.compile(r"[€$£¥₹₺₽₩]|\b(eur|usd|gbp|pln|chf|jpy|inr|brl|euros?|dollars?|zł|zloty)\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"[0-9.,\s]+(k|m|bn|mio|mln|tys\.?|thousands?|millions?|tsd\.?|mille)\s*", re.IGNORECASE)
_GROUPED = re.compile(r"[0-9]{1,3}(?:[,'’\u00a0\u202f ][0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL = re.compile(r"[0-9]+[.,][0-9]+")
_MORE = {"published mean": ("standard_error", "most")}
_MISSING = {"na", "n/a", "nan", "null", "none", "missing", "-", "–", "—", "?", "unknown"}


class Refused(Exception):
    """A value that cannot be used: what was found, and what should stand there."""

    def __init__(self, found, expected):
        super().__init__(found, expected)
        self.found, self.expected = found, expected

    def at(self, **place):
        """The refusal with its place."""
        return InputError(self.found, self.expected, **place)


def count(written, *, what="accounts", small=False):
    """A whole number of accounts, visitors or people from a table's cell.

    Parameters
    ----------
    written : str
    what : str
        What is counted, for the message.
    small : bool
        Whether the scenario says that counts under a thousand are whole people.

    Returns
    -------
    int

    Examples
    --------
    >>> count("46391")
    46391
    >>> try:
    ...     count("46k")
    ... except Refused as refusal:
    ...     print(refusal.found, "|", refusal.expected)
    '46k', a count in thousands or millions | the whole number of accounts, with all its digits
    """
    shown = repr(printable(written[:40]))
    whole = f"the whole number of {what}, with all its digits"
    if not written:
        raise Refused("an empty cell", f"{whole}; leave out a platform of which it is not known")
    if written.casefold() in _MISSING:
        raise Refused(shown, f"{whole}; leave out a platform of which it is not known")
    if re.match(r"[-−]\s*[0-9.,]", written):
        raise Refused(f"a negative count, {shown}", f"{whole}, {SMALLEST_SHOWN} or more")
    if _MONEY.search(written):
        raise Refused(f"an amount of money, {shown}", whole)
    if "%" in written:
        raise Refused(f"a percentage, {shown}", whole)
    if _THOUSANDS.fullmatch(written):
        raise Refused(f"{shown}, a count in thousands or millions", whole)
    if _GROUPED.fullmatch(written):
        raise Refused(f"{shown}, with marks between thousands", f"{re.sub('[^0-9.]', '', written)} without them")
    if _DECIMAL.fullmatch(written):
        raise Refused(f"{shown}, not a whole number: perhaps thousands", whole)
    if not re.fullmatch(r"[0-9]{1,15}", written) or not written.isascii():
        raise Refused(f"{shown}, which is not a plain number", whole)
    return limits(int(written), what=what, small=small)


def limits(value, *, what, small):
    """Refuse counts too small to be whole or to be shown, and too large to be people."""
    if value > MOST_PEOPLE:
        raise Refused(f"{value:,} {what}, more than there are people on earth", f"a number of {what} in one country")
    if value < SMALLEST_SHOWN:
        raise Refused(f"{value} {what}", f"{SMALLEST_SHOWN} or more: smaller groups are not reported")
    if value < SMALLEST_USUAL and not small:
        raise Refused(
            f"{value} {what}, suspiciously few: perhaps thousands",
            f'{value * 1000:,} without the comma if so; if not, [checks] small_counts = "whole people" in the scenario',
        )
    return value


def number(value, *, domain="positive"):
    """A factor's parameter from TOML.

    Parameters
    ----------
    value : object
        As TOML gives it.
    domain : {"share", "at least one", "positive", "people", "level", "error"}

    Returns
    -------
    float
    """
    expected = {
        "share": "a share between 0 and 1",
        "at least one": "a number of 1 or more",
        "positive": "a number above 0",
        "people": "a whole number of people",
        "level": "a number between 0.5 and 0.999, such as 0.95",
        "error": "a number above 0",
    }[domain]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        shown = printable(repr(value)[:60])
        if isinstance(value, str) and _MONEY.search(value):
            raise Refused(f"an amount of money, {shown}", expected)
        if isinstance(value, str) and re.fullmatch(r"[0-9., %kKmM]+", value):
            raise Refused(
                f"the number {shown} as text", f"{expected}, without quotation marks and with a decimal point"
            )
        raise Refused(f"{shown}, which is not a number", expected)
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused(f"{value}", expected)
    whole = isinstance(value, int) and abs(value) >= 10**18
    shown = "a number of more than 18 digits" if whole else f"{value:,.12g}"
    if domain == "people" and value > MOST_PEOPLE:
        raise Refused(f"{shown}, more than there are people on earth", f"{expected} in one country")
    if domain in ("positive", "at least one"):
        expected += f", {'from' if domain == 'positive' else 'up to'} {_TIMES[domain]}"
        if value > MOST_TIMES or (domain == "positive" and 0 < value < 1 / MOST_TIMES):
            raise Refused(shown, expected)
    if abs(value) > MOST_PEOPLE:
        raise Refused(shown, expected)
    value = float(value)
    if domain == "share" and value > 1:
        hint = f"; {value:g} per cent is {value / 100:g}" if value <= 100 else ""
        raise Refused(f"a share of {value:g}, above 1", expected + hint)
    if domain == "at least one" and value < 1:
        raise Refused(f"{value:g}, below 1", f"{expected}: everybody counted has at least one")
    if value < 0:
        raise Refused(f"a negative number, {value:g}", expected)
    if value == 0 and domain in ("positive", "people", "error"):
        raise Refused("0", expected)
    if domain == "level" and not 0.5 <= value <= 0.999:
        hint = f"; {value:g} per cent is {value / 100:g}" if 50 <= value < 100 else ""
        raise Refused(f"the level {value:g}", expected + hint)
    if domain == "people" and value < SMALLEST_SHOWN:
        raise Refused(f"{value:g} people", f"{SMALLEST_SHOWN} or more: smaller groups are not reported")
    return value


def people(value, *, small=False):
    """A number of people from TOML, refused where it may be one of thousands.

    Examples
    --------
    >>> people(14_903.0), people(7_272.73)
    (14903, 7272.73)
    """
    value = number(value, domain="people")
    return limits(int(value) if value.is_integer() else value, what="people", small=small)


def distribution(name, parameters, *, domain):
    """Check a distribution's parameters together: those it needs, within the domain, in rising order.

    Parameters
    ----------
    name : str
        One of :data:`~platformlabour.counting.country.inputs.DISTRIBUTIONS`.
    parameters : dict
        Numbers by name, already checked one by one; ``level`` for those given by an interval.
    domain : str
        As for :func:`number`.

    Returns
    -------
    dict
        The parameters, with ``level`` 0.95 where an interval has none.
    """
    needed = DISTRIBUTIONS[name]
    missing = [key for key in needed if key not in parameters]
    if missing:
        raise Refused(f"a {name} distribution without {', '.join(missing)}", " and ".join(needed))
    extra = [key for key in parameters if key not in (*needed, "level", *_MORE.get(name, ()))]
    if extra:
        raise Refused(f"{', '.join(extra)} for a {name} distribution", f"only {', '.join(needed)}")
    if name == "beta" and domain != "share":
        raise Refused("a beta distribution for a number that is no share", "lognormal, triangular or uniform")
    if name in ("lognormal", "normal") and domain == "share":
        raise Refused(f"a {name} distribution for a share, which ends at 1", "beta, triangular or uniform")
    if name == "normal":
        if parameters["sd"] <= 0:
            raise Refused("a standard deviation of 0", 'a number above 0, or distribution = "fixed"')
        # Below one account a person the chain cuts a spread off; no chain cuts off below nobody.
        lowest, reach = (1.0, 4) if domain == "at least one" else (0.0, 6.5)
        if parameters["mean"] - reach * parameters["sd"] < lowest:
            raise Refused(f"a normal distribution that reaches below {lowest:g}", "lognormal or triangular")
        return parameters
    if name == "published mean":
        most, error = parameters.get("most", 1.0), parameters.get("standard_error", 0.0)
        if most != int(most):
            raise Refused(f"at most {most:g} platforms", "most = a whole number of platforms")
        if error > parameters["mean"]:
            raise Refused(f"a standard error of {error:g} for a mean of {parameters['mean']:g}", "a smaller error")
        return parameters
    ordered = [parameters[key] for key in needed]
    if sorted(ordered) != ordered:
        raise Refused(
            " and ".join(f"{key} {parameters[key]:g}" for key in needed), f"{', '.join(needed)} in rising order"
        )
    if len(ordered) > 1 and ordered[0] == ordered[-1]:
        raise Refused(f"a range from {ordered[0]:g} to {ordered[0]:g}", 'different ends, or distribution = "fixed"')
    if name in ("lognormal", "beta"):
        if len(set(ordered)) < len(ordered):
            raise Refused("a median that is an end of its interval", "a median between the ends")
        if ordered[0] <= 0 or (name == "beta" and ordered[-1] >= 1):
            raise Refused(
                f"a {name} interval from {ordered[0]:g} to {ordered[-1]:g}", "ends strictly inside the limits"
            )
        parameters = {**parameters, "level": parameters.get("level", 0.95)}
    elif "level" in parameters:
        raise Refused(f"a level for a {name} distribution", "a level only for lognormal and beta, which have intervals")
    return parameters


def text(value, *, longest=LONGEST_TEXT, empty=False):
    """A text from TOML: one line, of visible characters."""
    if not isinstance(value, str):
        raise Refused(f"{printable(repr(value)[:60])}, which is not a text", "a text in quotation marks")
    value = " ".join(value.split())
    if not value and not empty:
        raise Refused("an empty text", "words")
    if not value.isprintable():
        raise Refused("an invisible character", "visible characters only; delete it")
    if len(value) > longest:
        raise Refused(f"a text of {len(value)} characters", f"at most {longest}")
    return value


def date(value, *, on_date):
    """A year, month or day that is not in the future, as ISO 8601 text.

    Examples
    --------
    >>> date("2020-12", on_date=datetime.date(2026, 1, 1)), date(2018, on_date=datetime.date(2026, 1, 1))
    ('2020-12', '2018')
    """
    if isinstance(value, datetime.datetime):
        value = value.date()
    written = value.isoformat() if isinstance(value, datetime.date) else str(value).strip()
    expected = "YYYY, YYYY-MM or YYYY-MM-DD"
    if isinstance(value, (bool, float, list, dict, datetime.time)) or not written.isascii():
        raise Refused(f"{printable(repr(value)[:40])}, which is not a date", expected)
    if not written:
        raise Refused("no date", f"when the number was true, as {expected}")
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", written)
    try:
        if not found:
            raise ValueError
        first = datetime.date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        raise Refused(f"the date {printable(repr(written[:40]))}", expected) from None
    if first > on_date:
        raise Refused(f"the date {written}, in the future", f"a date up to {on_date.isoformat()}")
    if first.year < 1990:
        raise Refused(f"the date {written}", "a year in which there were platforms")
    return written


def year(written, *, on_date):
    """The year of a document, or nothing where it has none."""
    if written and not (re.fullmatch(r"[12][0-9]{3}", written) and int(written) <= on_date.year):
        raise Refused(f"the year {printable(written[:40])!r}", f"a year up to {on_date.year}, or an empty cell")
    return written


def last_day(written):
    """Last day of a year, month or day in ISO 8601 text.

    Examples
    --------
    >>> last_day("2020-02").isoformat(), last_day("2018").isoformat()
    ('2020-02-29', '2018-12-31')
    """
    parts = [int(part) for part in written.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return datetime.date(year, month, parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1])


def nearest(word, known):
    """A hint at the word that may have been meant, or nothing."""
    near = difflib.get_close_matches(str(word), list(known), n=1)
    return f"{near[0]!r}, perhaps" if near else ""
