"""All the checks of a scenario: each fault is noted with its place, and one reading finds all of them."""

from __future__ import annotations

import difflib

from platformlabour.counting.country import spreads, values
from platformlabour.counting.country.check_claims import ClaimChecks
from platformlabour.counting.country.check_tables import TableChecks, same_platform
from platformlabour.counting.country.codes import country_code
from platformlabour.counting.country.files import locate, printable
from platformlabour.counting.country.inputs import BOUNDS, CIRCLES, DISTRIBUTIONS, EVIDENCE, FACTORS, KINDS
from platformlabour.counting.overlaps import ROUTES
from platformlabour.counting.synthesis import ESTIMANDS
from platformlabour.counting.synthesis.propagate import correlation_matrix
from platformlabour.errors import InputError

__all__ = ["Checker"]

_ABOUT = {
    "name": 'the scenario\'s name, such as "Micro-workers in France, 2018"',
    "country": "an ISO 3166-1 code of two letters or the English name",
    "population": "who is counted, in words",
    "estimand": f"one of {', '.join(ESTIMANDS)}",
    "date": "the date to which the counts refer",
    "prepared_by": "who is responsible for the scenario",
    "licence": "the licence under which the scenario may be used, such as CC-BY-4.0",
    "platforms": '"named" (people on the platforms of the table) or "all" (on all platforms of the country)',
}
_ABOUT_OPTIONAL = ("limits", "platforms_operating", "period_start", "period_end")
_PARAMETERS = ("value", "low", "mode", "median", "high", "mean", "sd", "level", "standard_error", "most")
_PROVENANCE = ("kind", "evidence", "source", "date", "licence", "note")
_NOT_RECORDED = object()
_MOST_COUNTS = 12  # direct counts, among which one is drawn


class Checker:
    """Reads a scenario's parts and collects their faults.

    Parameters
    ----------
    file : str
        Name of the TOML file, for messages.
    text : str
        Its text, in which lines are found.
    on_date : datetime.date
        Dates after it lie in the future.
    """

    def __init__(self, file, text, on_date):
        self.file, self.toml, self.on_date = file, text, on_date
        self.faults = []
        self.tables = TableChecks(self.faults, on_date)
        self.small = False  # whether counts below a thousand are whole people
        self.unread = set()  # tables that could not be read: what they would have held is not missed

    # --- The TOML file ------------------------------------------------------------------------------------------------

    def scenario(self, given):
        """The parts of the TOML file that can be used; all others have become faults."""
        self.known(given, ("format", "scenario", "files", "factors", "counts", "claims", "dependence", "checks"), ())
        if given.get("format", _NOT_RECORDED) != 1 or isinstance(given.get("format"), bool):
            found = f"format {printable(repr(given['format'])[:30])}" if "format" in given else "no format"
            self.refuse(("format",), found, "format = 1 on the first line")
        table = self._tables(given)
        self.small = self._small(table["checks"])
        parts = {
            "scenario": self._about(table["scenario"]),
            "files": self._files(table["files"], counts=table["counts"]),
            "factors": {},
            "counts": [],
            "claims": [],
            "dependence": {},
            "small": self.small,
        }
        for name, factor in table["factors"].items():
            found = self._factor(name, factor)
            if found is not None:
                parts["factors"][name] = found
        if len(table["counts"]) > _MOST_COUNTS:
            self.refuse(("counts",), f"{len(table['counts'])} direct counts", f"at most {_MOST_COUNTS}")
        parts["counts"] = [self._count(place, count) for place, count in enumerate(table["counts"])]
        claims = ClaimChecks(self)
        parts["claims"] = [claims.claim(place, claim) for place, claim in enumerate(table["claims"])]
        for place, pair in enumerate(table["dependence"]):
            self._pair(place, pair, table["factors"], parts["dependence"])
        return parts

    def _tables(self, given):
        table = {}
        for name, kind in {
            "scenario": dict,
            "files": dict,
            "factors": dict,
            "checks": dict,
            "counts": list,
            "claims": list,
            "dependence": list,
        }.items():
            value = given.get(name, kind())
            if not isinstance(value, kind) or (kind is list and not all(isinstance(item, dict) for item in value)):
                written = f"[{name}]" if kind is dict else f"[[{name}]]"
                self.refuse((name,), f"{name}, which is not a table", f"a table that begins with {written}")
                self.unread.add(name)
                value = kind()
            elif not value and name == "scenario":
                self.refuse((name,), "no [scenario]", "a table [scenario]")
            table[name] = value
        return table

    def _about(self, given):
        self.known(given, tuple(_ABOUT), _ABOUT_OPTIONAL, "scenario")
        about = dict.fromkeys((*_ABOUT, *_ABOUT_OPTIONAL))
        about |= {"period": (), "limits": ""}
        for key, expected in _ABOUT.items():
            if key not in given:
                if given:
                    self.refuse(("scenario", key), f"no {key}", expected)
                continue
            about[key] = self.attempt(("scenario", key), self._about_value, key, given[key], expected)
        if "limits" in given:
            about["limits"] = self.attempt(("scenario", "limits"), values.text, given["limits"], empty=True)
        if "platforms_operating" in given:
            about["platforms_operating"] = self.attempt(
                ("scenario", "platforms_operating"), _whole, given["platforms_operating"]
            )
        ends = [
            self.attempt(("scenario", key), values.date, given[key], on_date=self.on_date)
            for key in ("period_start", "period_end")
            if key in given
        ]
        if about["estimand"] == "ever in the period":
            if len(ends) < 2:
                self.refuse(("scenario", "estimand"), "ever in the period, of no period", "period_start and period_end")
            elif None not in ends:
                if values.last_day(ends[0]) > values.last_day(ends[1]):
                    self.refuse(("scenario", "period_end"), f"a period from {ends[0]} to {ends[1]}", "its start first")
                about["period"] = tuple(ends)
        elif about["estimand"] is not None:
            for key in ("period_start", "period_end"):
                if key in given:
                    self.refuse(
                        ("scenario", key), f"a period for the estimand {about['estimand']}",
                        'estimand = "ever in the period", or no such line',
                    )  # fmt: skip
        return about

    def _about_value(self, key, value, expected):
        if key == "country":
            return country_code(values.text(value, longest=80))
        if key == "date":
            return values.date(value, on_date=self.on_date)
        value = values.text(value, longest=160 if key == "name" else values.LONGEST_TEXT)
        allowed = {"estimand": ESTIMANDS, "platforms": ("named", "all")}.get(key)
        if allowed and value not in allowed:
            raise values.Refused(f"the {key} {value!r}", values.nearest(value, allowed) or expected)
        return value

    def _files(self, given, *, counts):
        if "files" in self.unread:
            return dict.fromkeys(("platforms", "sources"))
        self.known(given, (), ("platforms", "sources"), "files")
        names = {}
        for key in ("platforms", "sources"):
            if key in given:
                names[key] = self.attempt(("files", key), _file_name, given[key])
            elif key == "platforms" and not counts:
                self.refuse(("files", key), "no platforms", '[files] with platforms = "platforms.csv", or [[counts]]')
        return names

    def _small(self, given):
        self.known(given, (), ("small_counts",), "checks")
        if "small_counts" in given and given["small_counts"] != "whole people":
            self.refuse(
                ("checks", "small_counts"),
                f"{printable(repr(given['small_counts'])[:40])}",
                '"whole people", or no such line',
            )
        return given.get("small_counts") == "whole people"

    def _factor(self, name, given):
        place = ("factors", name)
        if name not in FACTORS:
            self.refuse(
                place,
                f"the factor {printable(name[:40])!r}",
                values.nearest(name, FACTORS) or f"one of {', '.join(FACTORS)}",
            )
            return None
        if not isinstance(given, dict):
            self.refuse(place, f"{name}, which is not a table", f"a table that begins with [factors.{name}]")
            return None
        routed = name.startswith("multi_homing")
        self.known(
            given, (), ("distribution", *_PARAMETERS, *_PROVENANCE, *(("route", "survey") if routed else ())), *place
        )
        found = self._provenance(given, *place)
        if routed:
            found["route"] = given.get("route", "")
            if not isinstance(found["route"], str) or found["route"] not in ROUTES:
                written = printable(repr(given["route"])[:40]) if "route" in given else "no route"
                self.refuse(
                    (*place, "route"), f"{written}: who was asked for the number is not said",
                    f'route = one of {", ".join(ROUTES)}; "unknown" is an answer',
                )  # fmt: skip
                found["route"] = ""
        if "survey" in given:
            found["survey"] = self.attempt((*place, "survey"), _file_name, given["survey"])
            beside = [key for key in ("distribution", *_PARAMETERS) if key in given]
            if beside:
                self.refuse((*place, beside[0]), f"{beside[0]} beside a survey", "one of the two")
            return found | {"distribution": "survey", "parameters": {}}
        if given.get("distribution") == "published mean" and not routed:
            self.refuse((*place, "distribution"), "a published mean of this factor", "it only for multi-homing")
            return None
        made = self._distribution(given, place, FACTORS[name].domain)
        if made["distribution"] == "published mean" and found["route"]:
            self.attempt(
                (*place, "mean"),
                spreads.accounts_per_person,
                "published mean",
                made["parameters"],
                route=found["route"],
            )
        nobody = FACTORS[name].leaves_nobody
        if nobody is not None and made["parameters"].get("value") == nobody:
            self.refuse(
                (*place, "value"), f"{nobody:g}, which leaves nobody to count",
                f"a {FACTORS[name].label} that leaves somebody, or a range",
            )  # fmt: skip
        return found | made

    def _count(self, place, given):
        where = ("counts", place)
        self.known(given, ("circle", "label"), ("distribution", *_PARAMETERS, *_PROVENANCE, "bound"), *where)
        found = self._provenance(given, *where) | {"bound": self.bound(given, where)}
        for key, expected in (("circle", f"one of {', '.join(CIRCLES)}"), ("label", "what counted them, in words")):
            if key not in given:
                self.refuse((*where, key), f"no {key}", expected)
            found[key] = self.attempt((*where, key), values.text, given[key], longest=120) if key in given else None
        if found["circle"] and found["circle"] not in CIRCLES:
            self.refuse((*where, "circle"), f"the circle {found['circle']!r}", f"one of {', '.join(CIRCLES)}")
        if given.get("distribution") in ("published mean", "beta"):
            self.refuse(
                (*where, "distribution"), given["distribution"], "lognormal, triangular, uniform, normal or fixed"
            )
            return found | {"distribution": "fixed", "parameters": {}}
        made = self._distribution(given, where, "people")
        numbers = {key: number for key, number in made["parameters"].items() if key not in ("sd", "level")}
        if numbers:
            largest = max(numbers, key=numbers.get)
            self.attempt((*where, largest), values.people, numbers[largest], small=self.small)
        return found | made

    def bound(self, given, place):
        """The side from which a count of people holds, or nothing."""
        bound = given.get("bound", "")
        if "bound" in given and (not isinstance(bound, str) or bound not in BOUNDS):
            self.refuse(
                (*place, "bound"), f"the bound {printable(repr(bound)[:40])}",
                '"lower" (at least so many), "upper" (at most), or no such line',
            )  # fmt: skip
            return ""
        return bound

    def _provenance(self, given, *place):
        found = dict.fromkeys(_PROVENANCE, "")
        for key, allowed in (("kind", KINDS), ("evidence", EVIDENCE)):
            value = given.get(key)
            if not isinstance(value, str) or value not in allowed:
                written = f"the {key} {printable(repr(value)[:40])}" if key in given else f"no {key}"
                self.refuse((*place, key), written, f"one of {', '.join(allowed)}")
            else:
                found[key] = value
        if found["evidence"] == "assumed" and found["kind"] in ("measured", "elicited"):
            self.refuse(
                (*place, "kind"),
                f"a number that is {found['kind']}, without evidence",
                'kind = "assumed", or its evidence',
            )
        for key in ("source", "licence", "note"):
            if key in given:
                found[key] = self.attempt((*place, key), values.text, given[key], empty=True) or ""
        if "date" in given:
            found["date"] = self.attempt((*place, "date"), values.date, given["date"], on_date=self.on_date) or ""
        needed = ("source", "date", "licence") if found["evidence"] not in ("assumed", "own", "") else ()
        for key in needed:
            if key not in given or (key != "date" and not found[key] and given[key] == ""):
                self.refuse((*place, key), f"no {key} for what was {EVIDENCE[found['evidence']]}", f"the {key}")
        if found["evidence"] in ("assumed", "own") and not found["note"]:
            self.refuse((*place, "note"), "no note", "a note that gives the reason, since no document does")
        return found

    def _distribution(self, given, place, domain):
        nothing = {"distribution": "fixed", "parameters": {}}
        name = given.get("distribution")
        if not isinstance(name, str) or name not in DISTRIBUTIONS:
            written = f"the distribution {printable(repr(name)[:40])}" if "distribution" in given else "no distribution"
            self.refuse((*place, "distribution"), written, f"one of {', '.join(DISTRIBUTIONS)}")
            return nothing
        parameters, before = {}, len(self.faults)
        for key in _PARAMETERS:
            if key in given:
                inner = {"sd": "error", "standard_error": "error", "level": "level"}.get(key, domain)
                parameters[key] = self.attempt((*place, key), values.number, given[key], domain=inner)
        if len(self.faults) > before:
            return nothing
        checked = self.attempt((*place, "distribution"), values.distribution, name, parameters, domain=domain)
        if checked is None:
            return nothing
        if name != "published mean" and self.attempt((*place, "distribution"), spreads.spread, name, checked) is None:
            return nothing
        return {"distribution": name, "parameters": checked}

    def _pair(self, place, given, factors, pairs):
        where = ("dependence", place)
        self.known(given, ("factors", "correlation"), (), *where)
        names = given.get("factors")
        if not (
            isinstance(names, list)
            and len(names) == 2
            and all(isinstance(name, str) for name in names)
            and len(set(names)) == 2
        ):
            self.refuse((*where, "factors"), f"{printable(repr(names)[:60])}", "the names of two different factors")
            return
        for name in names:
            if name not in factors:
                self.refuse(
                    (*where, "factors"), f"the factor {printable(name[:40])!r}", "two factors that the scenario gives"
                )
                return
            if isinstance(factors[name], dict) and factors[name].get("distribution") == "fixed":
                self.refuse((*where, "factors"), f"{name}, which is fixed", "factors that vary")
                return
        value = given.get("correlation")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not -0.99 <= value <= 0.99:
            self.refuse((*where, "correlation"), f"{printable(repr(value)[:40])}", "a number from -0.99 to 0.99")
            return
        if tuple(sorted(names)) in pairs:
            self.refuse((*where, "factors"), f"{' and '.join(names)} twice", "each pair once")
            return
        pairs[tuple(sorted(names))] = float(value)

    # --- Everything together ------------------------------------------------------------------------------------------

    def cross(self, parts, measures, sources, answers):
        """What no single part shows: citations without a source, an estimand without its factor, nothing to count."""
        for name, given in answers.items():
            route = parts["factors"][name].get("route")
            if given and route:
                place = ("factors", name, "survey")
                self.attempt(place, spreads.accounts_per_person, "survey", {}, route=route, answers=given)
        if parts["dependence"]:
            names = sorted({name for pair in parts["dependence"] for name in pair})
            self.attempt(("dependence",), correlation_matrix, names, parts["dependence"])
        self._citations(parts, sources)
        about = parts["scenario"]
        for estimand, factor in (("ever in the period", "turnover"), ("ever worked", "worked_share")):
            if about["estimand"] == estimand and factor not in parts["factors"]:
                self.refuse(
                    ("scenario", "estimand"), f"{estimand} without the factor {factor}",
                    f"[factors.{factor}]: {FACTORS[factor].meaning[:1].lower()}{FACTORS[factor].meaning[1:-1]}",
                )  # fmt: skip
        covered = {same_platform(row["platform"]): row["covers"] for row in measures}
        operating, named = about["platforms_operating"], sum(number or 1 for number in covered.values())
        if operating and named > operating:
            self.refuse(
                ("scenario", "platforms_operating"),
                f"{operating} platforms operating and {named} in the table",
                "no fewer than the table covers",
            )

    def _citations(self, parts, sources):
        files = parts["files"]
        cited = [(("factors", name, "source"), given["source"]) for name, given in parts["factors"].items()]
        for table in ("counts", "claims"):
            cited += [((table, place, "source"), given["source"]) for place, given in enumerate(parts[table])]
        rows = [(row, platform, key) for row, platform, key in self.tables.cited if key]
        cited = [(place, key) for place, key in cited if key]
        if "sources" not in files:
            if cited or rows:
                self.refuse(
                    ("files", "sources"), f"no sources, and {len(cited) + len(rows)} numbers that cite one",
                    '[files] with sources = "sources.csv"',
                )  # fmt: skip
            return
        if files["sources"] is None or files["sources"] in self.unread:
            return
        keys, table = {row["key"] for row in sources}, printable(files["sources"])

        def remedy(key):
            near = difflib.get_close_matches(key, keys, n=1)
            return f"{near[0]}, perhaps" if near else f"a key of {table}"

        for place, key in cited:
            if key not in keys:
                self.refuse(place, f"the source {printable(key[:40])!r}", remedy(key))
        for row, platform, key in rows:
            if key not in keys:
                found = f"the source {printable(key[:40])!r} of {printable(platform[:60])!r}"
                file = printable(files["platforms"])
                self.faults.append(InputError(found, remedy(key), file=file, row=row, column="source"))

    # --- Faults -------------------------------------------------------------------------------------------------------

    def refuse(self, place, found, expected):
        """Note a fault of the TOML file."""
        column = ".".join(str(part + 1) if isinstance(part, int) else printable(part[:60]) for part in place)
        self.faults.append(InputError(found, expected, file=self.file, row=locate(self.toml, place), column=column))

    def attempt(self, place, check, *arguments, **options):
        """What a check makes of a value, or ``None`` after its refusal."""
        try:
            return check(*arguments, **options)
        except (values.Refused, InputError) as refusal:
            self.refuse(place, refusal.found, refusal.expected)
        return None

    def known(self, given, required, optional, *place):
        """Refuse keys that mean nothing, so that a misspelt one is not passed over."""
        known = (*required, *optional)
        for key in given:
            if key not in known:
                remedy = values.nearest(key, known) or f"one of {', '.join(known)}"
                self.refuse((*place, key), f"the key {printable(key[:40])!r}, which means nothing here", remedy)


def _whole(value):
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100_000:
        raise values.Refused(f"{printable(repr(value)[:40])}", "a whole number of platforms, 1 or more")
    return value


def _file_name(value):
    name = values.text(value, longest=120)
    if "/" in name or "\\" in name or name in (".", "..") or ":" in name or not name.lower().endswith(".csv"):
        raise values.Refused(
            f"{printable(repr(name[:60]))}", "the plain name of a CSV file that stands beside the scenario"
        )
    return name
