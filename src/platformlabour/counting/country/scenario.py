"""A scenario: what is known about one country at one date, read from a TOML file and the tables it names."""

from __future__ import annotations

import contextlib
import datetime
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from platformlabour.counting.country import check_tables, checks, files
from platformlabour.counting.country.inputs import FACTORS
from platformlabour.counting.country.values import Refused, number
from platformlabour.counting.recapture.reading import FaultyTable
from platformlabour.errors import InputError

__all__ = [
    "Claim",
    "DirectCount",
    "FactorGiven",
    "Measure",
    "Scenario",
    "Source",
    "example_folder",
    "read_scenario",
    "today",
]

FAULTS_SHOWN = 200  # of one file: whoever mends a scenario mends it in one go


@dataclass(frozen=True)
class Source:
    """A document that inputs cite."""

    key: str
    author: str
    year: str
    title: str
    where: str
    licence: str
    interested_publisher: str


@dataclass(frozen=True)
class Measure:
    """One number about one platform; ``low`` and ``high`` are ``None`` where it is taken as it stands.

    ``covers`` says of how many platforms a row is the sum; ``None`` where that is not known.
    """

    platform: str
    measure: str
    value: float
    low: float | None
    high: float | None
    unit: str
    date: str
    source: str
    evidence: str
    licence: str
    interested_publisher: str
    note: str
    covers: int | None


@dataclass(frozen=True)
class FactorGiven:
    """A factor as the scenario gives it; ``answers`` are platforms used and respondents, from a survey's table."""

    name: str
    distribution: str
    parameters: dict
    kind: str
    evidence: str
    source: str
    date: str
    licence: str
    note: str
    route: str = ""
    answers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class DirectCount:
    """A count of people from elsewhere (a survey, capture–recapture), for one circle.

    ``bound`` is ``"lower"`` or ``"upper"`` for a count that can only be too small or too large, else empty.
    """

    circle: str
    label: str
    distribution: str
    parameters: dict
    kind: str
    evidence: str
    source: str
    date: str
    licence: str
    note: str
    bound: str = ""


@dataclass(frozen=True)
class Claim:
    """A count of people that someone published, for one circle: it is compared with the report's and never used.

    ``value`` is ``None`` where only a range was published, ``low`` and ``high`` where only a number was. ``bound`` is
    ``"lower"`` for a value published as "at least", ``"upper"`` for "at most", else empty.
    """

    statement: str
    circle: str
    value: float | None
    low: float | None
    high: float | None
    bound: str
    source: str
    locator: str
    date: str
    evidence: str
    interested_publisher: str
    note: str


@dataclass(frozen=True)
class Scenario:
    """Everything a report rests on.

    Parameters
    ----------
    file : str
        Name of the TOML file.
    name, population, prepared_by, licence, limits : str
        In words.
    country : str
        ISO 3166-1 code.
    date : str
        The date to which the counts refer.
    period : tuple of str
        Start and end, for the estimand "ever in the period"; else empty.
    estimand : {"stock at a date", "ever in the period", "ever worked"}
    platforms : {"named", "all"}
        Whether people on the platforms of the table are counted, or those on all platforms of the country.
    platforms_operating : int or None
        Platforms known to operate in the country.
    measures, factors, counts, sources, dependence
        Numbers by platform; factors by name; people counted elsewhere; documents by key; correlations between factors.
    hashes : dict of str to str
        SHA-256 of each file read.
    claims
        Published counts of people to be set beside the scenario's own.
    """

    file: str
    name: str
    country: str
    population: str
    estimand: str
    date: str
    period: tuple[str, ...]
    prepared_by: str
    licence: str
    limits: str
    platforms: str
    platforms_operating: int | None
    measures: tuple[Measure, ...]
    factors: dict[str, FactorGiven]
    counts: tuple[DirectCount, ...]
    sources: dict[str, Source]
    dependence: dict[tuple[str, str], float]
    hashes: dict[str, str] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()

    def suppose(self, **values):
        """A copy in which some factors are fixed numbers, for comparison.

        Parameters
        ----------
        **values : float
            Factor to value.

        Returns
        -------
        Scenario

        Raises
        ------
        InputError
            If a factor is unknown, or its value cannot be one.

        Examples
        --------
        >>> read_scenario(example_folder("france")).suppose(fake_share=0.1).factors["fake_share"].parameters
        {'value': 0.1}
        """
        given = dict(self.factors)
        for name, value in values.items():
            if name not in FACTORS:
                raise InputError(f"the factor {name!r}", f"one of {', '.join(FACTORS)}")
            try:
                value = number(value, domain=FACTORS[name].domain)
            except Refused as refusal:
                raise refusal.at(column=name) from None
            route = "people" if name.startswith("multi_homing") else ""
            given[name] = FactorGiven(
                name, "fixed", {"value": value}, "assumed", "assumed", "", "", "", "supposed, for comparison", route
            )
        fixed = {pair: correlation for pair, correlation in self.dependence.items() if not set(pair) & set(values)}
        return replace(self, factors=given, dependence=fixed)

    def total(self, measure):
        """Sum of one measure over the platforms, or ``None`` where no platform has it."""
        values = [row.value for row in self.measures if row.measure == measure]
        return sum(values) if values else None


def today():
    """Today's date; the date of ``SOURCE_DATE_EPOCH`` where a build fixes its clock."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdecimal():
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC).date()
    return datetime.datetime.now(datetime.UTC).date()


def example_folder(name):
    """Folder of one of the report's own scenarios.

    Parameters
    ----------
    name : {"france", "poland"}

    Returns
    -------
    pathlib.Path

    Raises
    ------
    InputError
        If the report's checkout is not at hand, or has no scenario of that name.

    Examples
    --------
    >>> read_scenario(example_folder("poland")).country
    'PL'
    """
    folder = Path(__file__).resolve().parents[4] / "scenarios" / str(name)
    if not (folder / "scenario.toml").is_file():
        raise InputError(f"no scenario {name!r}", "france or poland, in a checkout of the report")
    return folder


def read_scenario(path, *, on_date=None):
    """Read a scenario and the tables it names, and refuse it with all its faults at once.

    Parameters
    ----------
    path : path
        The TOML file; the tables stand beside it.
    on_date : datetime.date, optional
        The date after which dates lie in the future; :func:`today` by default.

    Returns
    -------
    Scenario

    Raises
    ------
    InputError
        One message with a line for each fault.

    Examples
    --------
    >>> read_scenario("nowhere.toml")
    Traceback (most recent call last):
    platformlabour.errors.InputError: nowhere.toml: found no such file; expected a file of this name in ...
    """
    path = Path(path)
    with contextlib.suppress(OSError):  # a name that no file can have is refused below
        if (path / "scenario.toml").is_file():
            path = path / "scenario.toml"
        elif path.is_dir():
            raise InputError("a folder without scenario.toml", "a scenario, or its folder", file=files.printable(path))
    text, values = files.read_toml(path)
    checker = checks.Checker(files.printable(path.name), text, on_date or today())
    parts = checker.scenario(values)
    hashes = {path.name: files.sha256(path)}

    def table(kind, name, check):
        if not name:
            return []
        required, optional = check_tables.COLUMNS[kind]
        try:
            rows, faults = files.read_rows(path.parent / name, required=required, optional=optional)
        except InputError as error:
            checker.faults.append(error)
            checker.unread.add(name)
            return []
        checker.faults += faults
        hashes[name] = files.sha256(path.parent / name)
        return check(files.printable(name), rows, parts)

    sources = table("sources", parts["files"].get("sources"), checker.tables.sources)
    measures = table("platforms", parts["files"].get("platforms"), checker.tables.measures)
    answers = {
        name: table("survey", given.get("survey"), checker.tables.answers) for name, given in parts["factors"].items()
    }
    checker.cross(parts, measures, sources, answers)
    if checker.faults:
        in_order = sorted(
            checker.faults, key=lambda fault: (fault.file != checker.file, fault.file or "", fault.row or 0)
        )
        raise FaultyTable(in_order, shown=FAULTS_SHOWN)
    about = parts["scenario"]
    return Scenario(
        file=path.name,
        **{key: about[key] for key in ("name", "country", "population", "estimand", "date", "period")},
        **{key: about[key] for key in ("prepared_by", "licence", "limits", "platforms", "platforms_operating")},
        measures=tuple(Measure(**row) for row in measures),
        factors={
            name: FactorGiven(
                name=name,
                **{key: value for key, value in given.items() if key != "survey"},
                answers=tuple(answers.get(name) or ()),
            )
            for name, given in parts["factors"].items()
        },
        counts=tuple(DirectCount(**count) for count in parts["counts"]),
        sources={row["key"]: Source(**row) for row in sources},
        dependence=parts["dependence"],
        hashes=hashes,
        claims=tuple(Claim(**claim) for claim in parts["claims"]),
    )
