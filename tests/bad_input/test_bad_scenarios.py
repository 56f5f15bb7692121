"""Spoilt scenarios: every fault named with its place, all of them at once, nothing written, never a traceback."""

import datetime
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platformlabour import InputError, cli
from platformlabour.counting.country import answer, template
from platformlabour.counting.country.scenario import read_scenario

ROOT = Path(__file__).resolve().parents[2]
TOML, PLATFORMS, SOURCES = "scenario.toml", "platforms.csv", "sources.csv"
TOMORROW = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2)).date().isoformat()

# A share with a range, which the French scenario does not have: for spoiling.
SHARE = """[factors.very_active_share]
distribution = "triangular"
low = 0.10
mode = 0.285
high = 0.50
kind = "assumed"
evidence = "derived"
source = "LeLudec2019"
date = 2018
licence = "facts-only"
note = "for spoiling"

"""

# The first published count of the French scenario, in the parts that are spoilt.
CLAIM, SOURCED = "value = 266126", 'source = "LeLudec2019"\nlocator = "abstract"'

# What is wrong: file, old text, new text, then words of the place, of what was found and of the remedy.
SPOILT = {
    "a share over 1": (
        TOML,
        "high = 0.50",
        "high = 1.5",
        "factors.very_active_share.high",
        "above 1",
        "between 0 and 1",
    ),
    "a share in per cent": (
        TOML,
        "high = 0.50",
        "high = 50",
        "very_active_share.high",
        "above 1",
        "50 per cent is 0.5",
    ),
    "a date in the future": (
        TOML,
        "date = 2018-12-31",
        f"date = {TOMORROW}",
        "scenario.date",
        "in the future",
        "up to",
    ),
    "a row's date in the future": (PLATFORMS, "7,2018,", f"7,{TOMORROW},", 'column "date"', "in the future", "up to"),
    "a date that is none": (PLATFORMS, "7,2018,", "7,2018-13,", 'column "date"', "2018-13", "YYYY-MM"),
    "a platform twice": (
        PLATFORMS,
        "Platforms with an audience,visitors",
        "seven platforms  TOGETHER,accounts,50000,,,accounts,,2018,LeLudec2019,seen,facts-only,no,\n"
        "Platforms with an audience,visitors",
        'column "platform"',
        "again with accounts, after row 5",
        "once a measure",
    ),
    "an unknown country": (TOML, 'country = "FR"', 'country = "Frnace"', "scenario.country", "Frnace", "FR for France"),
    "a union for a country": (TOML, 'country = "FR"', 'country = "EU"', "scenario.country", "EU", "each"),
    "thousands by suffix": (PLATFORMS, "66468,66206,66730", "66k,,", 'column "value"', "thousands", "all its digits"),
    "thousands by decimals": (
        PLATFORMS,
        "66468,66206,66730",
        "66.468,,",
        'column "value"',
        "perhaps thousands",
        "whole",
    ),
    "thousands by size": (PLATFORMS, "66468,66206,66730", "66,,", 'column "value"', "suspiciously few", "small_counts"),
    "marks between thousands": (PLATFORMS, "66468,66206,66730", '"66,468",,', 'column "value"', "marks", "66468"),
    "mixed units": (PLATFORMS, "visitors a month", "visitors a day", 'column "unit"', "visitors a day", "one unit"),
    "another measure's unit": (
        PLATFORMS,
        "visitors a month",
        "accounts",
        'column "unit"',
        "accounts",
        "visitors a month",
    ),
    "an unknown measure": (
        PLATFORMS,
        "audience,visitors,",
        "audience,visits,",
        'column "measure"',
        "visits",
        "'visitors'",
    ),
    "a missing table": (
        TOML,
        'platforms = "platforms.csv"',
        'platforms = "apps.csv"',
        "apps.csv",
        "no such file",
        "name",
    ),
    "a table elsewhere": (
        TOML,
        '"platforms.csv"',
        '"../platforms.csv"',
        "files.platforms",
        "../platforms.csv",
        "beside",
    ),
    "broken TOML": (TOML, 'population = "', "population = ", "row 12", "stops making sense", "quotation marks"),
    "a bare month in TOML": (TOML, "date = 2018-12-31", "date = 2018-12", "row 14", "2018-12", "quotation marks"),
    "an unknown key": (TOML, "estimand =", "estimant =", "scenario.estimant", "means nothing", "'estimand'"),
    "an unknown factor": (
        TOML,
        "[factors.very_active_share]",
        "[factors.very_active]",
        "very_active",
        "factor",
        "share",
    ),
    "no estimand": (TOML, "estimand =", "#estimand =", "scenario.estimand", "no estimand", "stock at a date"),
    "another estimand": (TOML, '"stock at a date"', '"number"', "scenario.estimand", "'number'", "stock at a date"),
    "an estimand without its factor": (
        TOML,
        '"stock at a date"',
        '"ever worked"',
        "estimand",
        "worked_share",
        "[factors",
    ),
    "a period without ends": (
        TOML,
        '"stock at a date"',
        '"ever in the period"',
        "estimand",
        "no period",
        "period_start",
    ),
    "a negative count": (PLATFORMS, ",66468,", ",-66468,", 'column "value"', "negative", "10 or more"),
    "an amount of money": (PLATFORMS, "66468,66206,66730", "€66468,,", 'column "value"', "money", "whole number"),
    "money in a factor": (TOML, "mean = 1.27", 'mean = "1.27 EUR"', "multi_homing.mean", "money", "1 or more"),
    "a percentage of accounts": (
        PLATFORMS,
        "66468,66206,66730",
        "66%,,",
        'column "value"',
        "percentage",
        "whole number",
    ),
    "a word for a number": (PLATFORMS, "66468,66206,66730", "many,,", 'column "value"', "many", "whole number"),
    "NA for a number": (PLATFORMS, "66468,66206,66730", "NA,,", 'column "value"', "NA", "leave out"),
    "more than all people": (
        PLATFORMS,
        ",337980,",
        ",99337980000,",
        'column "value"',
        "people on earth",
        "one country",
    ),
    "one limit of two": (PLATFORMS, "66206,66730", ",66730", 'column "low"', "one limit", "both"),
    "limits reversed": (PLATFORMS, "66206,66730", "66730,66206", 'column "value"', "outside", "rising"),
    "an unknown source": (
        PLATFORMS,
        "LeLudec2019,derived",
        "LeLudek2019,derived",
        'row 5, column "source"',
        "LeLudek2019",
        "LeLudec2019",
    ),
    "no source": (PLATFORMS, "2018,LeLudec2019,derived", "2018,,derived", 'column "source"', "empty", "source"),
    "an unknown grade": (PLATFORMS, "derived", "certain", 'column "evidence"', "certain", "seen"),
    "a factor without a grade": (TOML, 'evidence = "derived"', "", "evidence", "no evidence", "seen"),
    "measured without evidence": (
        TOML,
        'kind = "assumed"\nevidence = "derived"',
        'kind = "measured"\nevidence = "assumed"',
        "kind",
        "without evidence",
        "assumed",
    ),
    "an undeclared route": (TOML, 'route = "unknown"', "", "multi_homing.route", "no route", "unknown"),
    "a route that is none": (TOML, 'route = "unknown"', 'route = "friends"', "multi_homing.route", "friends", "people"),
    "a coefficient below 1": (TOML, "mean = 1.27", "mean = 0.27", "multi_homing.mean", "below 1", "at least one"),
    "infinity": (TOML, "mean = 1.27", "mean = inf", "multi_homing.mean", "inf", "1 or more"),
    "not a number": (TOML, "mean = 1.27", "mean = nan", "multi_homing.mean", "nan", "1 or more"),
    "a number as text": (TOML, "mean = 1.27", 'mean = "1,27"', "multi_homing.mean", "as text", "decimal point"),
    "a distribution out of order": (TOML, "mode = 0.285", "mode = 0.05", "very_active_share", "mode 0.05", "rising"),
    "a distribution in part": (TOML, "mode = 0.285", "", "very_active_share", "without mode", "low and mode and high"),
    "another distribution": (TOML, '"triangular"', '"gaussian"', "distribution", "gaussian", "triangular"),
    "a correlation over 1": (TOML, "correlation = 0.9", "correlation = 2", "dependence.1.correlation", "2", "0.99"),
    "a correlation with nothing": (TOML, '"multi_homing_active"]', '"turnover"]', "dependence", "turnover", "gives"),
    "a cell too many": (
        PLATFORMS,
        'no,"Inference: 266,126',
        'no,no,"Inference: 266,126',
        "row 5",
        "14 cells",
        "13 cells",
    ),
    "an open quotation mark": (PLATFORMS, 'is not said"', "is not said", "row 6", "quotation mark", "closed"),
    "an unknown column": (PLATFORMS, "platform,measure,value", "platform,measure,number", "row 4", "number", "value"),
    "semicolons": (
        SOURCES,
        "source,author,year,title,where,licence,interested_publisher",
        "source;author;year",
        "row 2",
        "semicolons",
        "commas",
    ),
    "the wrong format": (TOML, "format = 1", "format = 2", "format", "2", "format = 1"),
    "fewer platforms than named": (
        TOML,
        "platforms_operating = 23",
        "platforms_operating = 3",
        "platforms_operating",
        "3",
        "no fewer",
    ),
    "a share that leaves nobody": (
        TOML,
        'distribution = "triangular"\nlow = 0.10\nmode = 0.285\nhigh = 0.50',
        'distribution = "fixed"\nvalue = 0',
        "very_active_share.value",
        "leaves nobody",
        "a range",
    ),
    "a bell that reaches below nobody": (
        TOML,
        'distribution = "lognormal"\nlow = 9462\nmedian = 14903\nhigh = 23474',
        'distribution = "normal"\nmean = 15000\nsd = 3500',
        "counts.1.distribution",
        "reaches below 0",
        "lognormal",
    ),
    "a spread that no beta has": (
        TOML,
        'distribution = "triangular"\nlow = 0.10\nmode = 0.285\nhigh = 0.50',
        'distribution = "beta"\nlow = 0.5\nhigh = 0.5000000001',
        "very_active_share.distribution",
        "an interval from 0.5",
        "beta distribution can have",
    ),
    "a level in per cent": (TOML, "high = 23474", "high = 23474\nlevel = 95", "counts.1.level", "95", "0.95"),
    "a document of the future": (SOURCES, ",2019,How", ",2099,How", 'column "year"', "2099", "or an empty cell"),
    "a document's year in letters": (SOURCES, ",2019,How", ",MMXIX,How", 'column "year"', "MMXIX", "a year up to"),
    "a mean above all platforms": (
        TOML,
        "mean = 1.27",
        "mean = 100",
        'row 29, column "factors.multi_homing.mean"',
        "a mean of 100 platforms",
        "at most 23",
    ),
    "a mean beyond reason": (TOML, "mean = 1.27", "mean = 1e300", "multi_homing.mean", "1e+300", "up to 1,000"),
    "half a platform": (TOML, "most = 23", "most = 22.5", "multi_homing", "22.5 platforms", "whole number"),
    "an error larger than its mean": (
        TOML,
        "most = 23",
        "most = 23\nstandard_error = 5",
        "multi_homing.distribution",
        "a standard error of 5",
        "smaller",
    ),
    "correlations at odds": (
        TOML,
        "correlation = 0.9",
        'correlation = 0.9\n[[dependence]]\nfactors = ["multi_homing", "very_active_share"]\ncorrelation = 0.9\n'
        '[[dependence]]\nfactors = ["multi_homing_active", "very_active_share"]\ncorrelation = -0.9',
        "dependence",
        "contradict each other",
        "together",
    ),
    "a period that nothing asks for": (
        TOML,
        "platforms_operating = 23",
        "platforms_operating = 23\nperiod_start = 2018",
        "scenario.period_start",
        "a period for the estimand stock at a date",
        "no such line",
    ),
    "a name twice": (TOML, "mean = 1.27", "mean = 1.27\nmean = 1.3", "row 30", "stands there already", "TOML"),
    "a table twice": (TOML, "[files]", "[scenario]\n[files]", "row 21", "[scenario] a second time", "TOML"),
    "a factor as a list": (
        TOML,
        "[factors.multi_homing]\n",
        "[[factors.multi_homing]]\n",
        "row 27",
        "not a table",
        "[factors.multi_homing]",
    ),
    "more direct counts than can be mixed": (
        TOML,
        "[[counts]]",
        "[[counts]]\n" * 13,
        'column "counts"',
        "13 direct counts",
        "at most 12",
    ),
    "a direct count beyond the earth": (
        TOML,
        "high = 23474",
        "high = 9e12",
        "counts.1.high",
        "more than there are people on earth",
        "in one country",
    ),
    "a direct count without a name": (TOML, "label =", "#label =", "counts.1.label", "no label", "in words"),
    "no tables at all": (
        TOML,
        '[files]\nplatforms = "platforms.csv"\nsources = "sources.csv"',
        "",
        "files.sources",
        "numbers that cite one",
        "sources.csv",
    ),
    "elicited without evidence": (
        TOML,
        'kind = "assumed"\nevidence = "derived"',
        'kind = "elicited"\nevidence = "assumed"',
        "very_active_share.kind",
        "elicited, without evidence",
        "its evidence",
    ),
    "a column without a name": (
        PLATFORMS,
        "measure,value,low",
        "measure,value,,low",
        "row 4",
        "without a name",
        "each",
    ),
    "a bound that is none": (TOML, 'bound = "lower"', 'bound = "at least"', "counts.1.bound", "at least", '"lower"'),
    "a bound that is a number": (TOML, 'bound = "lower"', "bound = 1", "counts.1.bound", "bound 1", '"lower"'),
    "a bound of a factor": (
        TOML,
        "high = 0.50",
        'high = 0.50\nbound = "lower"',
        "share.bound",
        "means nothing",
        "one of",
    ),
    "a claim of an unknown circle": (
        TOML,
        'circle = "registered"',
        'circle = "Registered"',
        "claims.1.circle",
        "Registered",
        "'registered'",
    ),
    "a claim without a source": (TOML, SOURCED, 'locator = "abstract"', "claims.1.source", "no source", "a key"),
    "a claim of an unknown source": (
        TOML,
        SOURCED,
        'source = "LeLudek2019"\nlocator = "abstract"',
        "claims.1.source",
        "LeLudek2019",
        "LeLudec2019",
    ),
    "a claim without its place": (TOML, SOURCED, 'source = "LeLudec2019"', "claims.1.locator", "no locator", "a page"),
    "a claim of nobody": (TOML, CLAIM, "value = 0", "claims.1.value", "found 0", "people"),
    "a negative claim": (TOML, CLAIM, "value = -266126", "claims.1.value", "negative", "people"),
    "a claim in thousands": (TOML, CLAIM, "value = 266", "claims.1.value", "suspiciously few", "266,000"),
    "a claim as text": (TOML, CLAIM, 'value = "266,126"', "claims.1.value", "as text", "without quotation marks"),
    "a claim that is no number": (TOML, CLAIM, "value = nan", "claims.1.value", "nan", "people"),
    "a claim without end": (TOML, CLAIM, "value = inf", "claims.1.value", "inf", "people"),
    "a claim of everybody and more": (
        TOML,
        CLAIM,
        "value = 99000000000",
        "claims.1.value",
        "99,000,000,000, more than",
        "one country",
    ),
    "a claim without a number": (TOML, CLAIM, "", "claims.1.value", "no number", "low and high"),
    "a claim's limits reversed": (
        TOML,
        CLAIM,
        "low = 300000\nhigh = 200000",
        "claims.1.low",
        "low 300,000 and high 200,000",
        "smaller number",
    ),
    "a claim's limits equal": (TOML, CLAIM, "low = 3000\nhigh = 3000", "claims.1.low", "low 3,000", "smaller number"),
    "one limit of a claim": (TOML, CLAIM, "low = 200000", "claims.1.low", "one limit of two", 'bound = "lower"'),
    "a claim outside its limits": (
        TOML,
        CLAIM,
        "value = 266126\nlow = 200000\nhigh = 250000",
        "claims.1.value",
        "266,126 outside",
        "rising order",
    ),
    "a bound of a range": (
        TOML,
        CLAIM,
        'low = 200000\nhigh = 300000\nbound = "lower"',
        "claims.1.bound",
        "a bound without a value",
        "at least or at most",
    ),
    "a claim's bound that is none": (TOML, CLAIM, CLAIM + '\nbound = "up"', "claims.1.bound", "'up'", '"upper"'),
    "a claim of the future": (
        TOML,
        'locator = "abstract"\ndate = 2018',
        f'locator = "abstract"\ndate = {TOMORROW}',
        "claims.1.date",
        "in the future",
        "up to",
    ),
    "a claim without a date": (
        TOML,
        'locator = "abstract"\ndate = 2018',
        'locator = "abstract"',
        "claims.1.date",
        "no date",
        "YYYY",
    ),
    "an unknown key of a claim": (TOML, CLAIM, CLAIM + "\nunit = 1", "claims.1.unit", "means nothing", "one of"),
    "a claim in the same words": (
        TOML,
        "In France 52,337 people use a micro-work platform at least once a month.",
        "In France, 266,126 people are REGISTERED on at least one micro-work platform",
        "claims.2.statement",
        "table 1 of [[claims]] again",
        "each claim once",
    ),
    "a claim in other words": (
        TOML,
        'circle = "monthly active"\nvalue = 52337',
        'circle = "registered"\nvalue = 266126',
        "claims.2.statement",
        "table 1 of [[claims]] again",
        "each claim once",
    ),
    "a claim of one's own": (
        TOML,
        'evidence = "seen"\ninterested',
        'evidence = "own"\ninterested',
        "claims.1.evidence",
        "'own'",
        "[[counts]]",
    ),
    "an interest that is true": (
        TOML,
        'interested_publisher = "no"',
        "interested_publisher = true",
        "claims.1.interested_publisher",
        "True",
        "quotation marks",
    ),
    "an interest that is not said": (
        TOML,
        'interested_publisher = "no"',
        "",
        "claims.1.interested_publisher",
        "no interested publisher",
        '"yes" where',
    ),
    "a claim without words": (TOML, 'statement = "In France 266', '#"In France 266', "claims.1", "no statement", "one"),
    "a claim of empty words": (
        TOML,
        'statement = "In France 266,126 people are registered on at least one micro-work platform."',
        'statement = " "',
        "claims.1.statement",
        "an empty text",
        "words",
    ),
    "a claim in single brackets": (TOML, "[[claims]]", "[claim]", "claim", "means nothing", "'claims'"),
    "a direct count in thousands": (
        TOML,
        "low = 9462\nmedian = 14903\nhigh = 23474",
        "low = 94.62\nmedian = 149.03\nhigh = 234.74",
        "counts.1.high",
        "suspiciously few",
        "small_counts",
    ),
    "a scale as a table": (TOML, "[scenario]", "[[scenario]]", "scenario", "not a table", "[scenario]"),
    "an invisible character": (PLATFORMS, "Seven platforms", "Seven\u200bplatforms", "row 5", "invisible", "delete"),
}


@pytest.fixture
def france(tmp_path):
    """A copy of the French scenario, with one share more, that may be spoilt."""
    folder = shutil.copytree(ROOT / "scenarios" / "france", tmp_path / "france")
    spoil(folder, TOML, "# The very active were counted", SHARE + "# The very active were counted")
    return folder


def spoil(folder, file, old, new):
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), "utf-8")


def count(folder, capsys, *arguments):
    """Run the command on a folder's scenario; return its status, its messages and what it wrote."""
    before = set(folder.parent.rglob("*"))
    status = cli.main(["count", str(folder / TOML), "--out", str(folder.parent / "out"), *arguments])
    written = set(folder.parent.rglob("*")) - before
    shown = capsys.readouterr()
    return status, shown.err, written


@pytest.mark.parametrize("case", SPOILT)
def test_one_message_with_place_finding_and_remedy(france, capsys, case):
    file, old, new, place, found, remedy = SPOILT[case]
    spoil(france, file, old, new)
    status, message, written = count(france, capsys)
    assert status == 2
    assert not written
    lines = [line for line in message.splitlines() if not re.match(r"\d+ problems? found:", line)]
    assert "Traceback" not in message
    for words in (place, found, remedy):
        assert any(words in line for line in lines), f"{words!r} not in {message}"
    if case != "more direct counts than can be mixed":  # each of which is empty
        assert len(lines) <= 3, message  # one fault, and at most what follows from it


def test_every_fault_at_once(france, capsys):
    spoil(france, TOML, "high = 0.50", "high = 1.5")
    spoil(france, TOML, 'country = "FR"', 'country = "Atlantis"')
    spoil(france, TOML, "mean = 1.27", "mean = 0.5")
    spoil(france, PLATFORMS, "66468,66206,66730", "66k,,")
    spoil(france, PLATFORMS, "derived,facts-only", "sure,facts-only")
    spoil(france, SOURCES, '"Tubaro, P."', '""')
    spoil(france, TOML, 'circle = "monthly active"\nvalue = 52337', 'circle = "everybody"\nvalue = "many"')
    status, message, written = count(france, capsys)
    assert status == 2
    assert not written
    assert "8 problems found:" in message.splitlines()
    for words in ("very_active_share.high", "Atlantis", "below 1", "66k", "sure", "author", "everybody", "many"):
        assert words in message


def test_thirty_faults_of_one_file_are_all_named(france, capsys):
    with (france / PLATFORMS).open("a", encoding="utf-8") as stream:
        stream.writelines(f"P{n},accounts,-{n},,,accounts,,2018,LeLudec2019,seen,facts-only,no,\n" for n in range(30))
    status, message, written = count(france, capsys)
    assert status == 2
    assert not written
    assert message.count("platforms.csv, row ") == 30
    assert ": and " not in message  # no "and so many more"


def test_every_fault_of_every_claim_at_once(france):
    """Three claims with a fault in each line, and each message at the line that it is about."""
    text = (france / TOML).read_text("utf-8")
    start, end = text.index("[[claims]]"), text.index("# Left out")
    claims = """[[claims]]
statement = 1
circle = "all"
value = -1
low = 0
source = ""
locator = []
date = 1066
evidence = "hearsay"
interested_publisher = "perhaps"
colour = "red"

[[claims]]

[[claims]]
statement = "A range the wrong way round."
circle = "ever worked"
low = 90000
high = 80000
source = "Nobody2020"
locator = "p. 1"
date = "tomorrow"
evidence = "seen"
interested_publisher = "no"
"""
    (france / TOML).write_text(text[:start] + claims + text[end:], "utf-8")
    with pytest.raises(InputError) as refusal:
        read_scenario(france)
    first = text[:start].count("\n") + 1
    keys = ["statement", "circle", "value", "low", "high", "source", "locator", "date"]
    keys += ["evidence", "interested_publisher", "colour"]
    lines = {key: place for place, key in enumerate(key for key in keys if key != "high")}
    # The missing limit has no line of its own: the table's is named.
    expected = [(first + 1 + lines[key], f"claims.1.{key}") for key in keys if key != "high"]
    expected += [(first + 4, "claims.1.low")]
    expected += [(first + 12, f"claims.2.{key}") for key in keys if key not in ("low", "high", "colour")]
    expected += [(first + 17, "claims.3.low"), (first + 19, "claims.3.source"), (first + 21, "claims.3.date")]
    assert sorted((fault.row, fault.column) for fault in refusal.value.faults) == sorted(expected)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"\n\n", "an empty file"),
        (b"# only remarks\n", "remarks and no header"),
        (b"platform,measure,value,unit,date,source,evidence,licence\n", "a header and no rows"),
        ("platform,measure\n".encode("utf-16"), "UTF-16"),
        (b"platform,measure,value,unit,date,source,evidence,licence\nCaf\xe9,active\n", "0xE9"),
        (b"PK\x03\x04workbook", "Excel"),
        (b"a\0b", "binary"),
        (b"x" * 2_000_001, "2,000,001 bytes"),
    ],
)
def test_tables_that_are_none(france, capsys, content, found):
    (france / PLATFORMS).write_bytes(content)
    status, message, written = count(france, capsys)
    assert (status, written) == (2, set())
    assert "platforms.csv" in message
    assert found in message


@pytest.mark.parametrize("name", ["nowhere.toml", "", ".", "a\nb.toml", "x" * 300 + ".toml"])
def test_scenarios_that_are_not_there(tmp_path, capsys, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["count", name]) == 2
    assert list(tmp_path.iterdir()) == []
    assert "expected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--draws", "1000"], "power of two"),
        (["--draws", "many"], "whole number"),
        (["--draws", "0"], "power of two"),
        (["--draws", "١٠٢٤"], "--draws: found '١٠٢٤'"),
        (["--draws", "1_024"], "in digits"),
        (["--seed", "9" * 50], "in digits"),
        (["--seed", "-1"], "0 or more"),
        (["--seed", "1.5"], "whole number"),
    ],
)
def test_options_that_are_none(france, capsys, arguments, words):
    status, message, written = count(france, capsys, *arguments)
    assert (status, written) == (2, set())
    assert words in message


def test_files_with_a_byte_order_mark_and_windows_lines_are_read(france):
    for name in (TOML, PLATFORMS, SOURCES):
        raw = (france / name).read_bytes()
        (france / name).write_bytes(b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n"))
    plain = read_scenario(ROOT / "scenarios" / "france" / TOML)
    assert read_scenario(france / TOML).measures == plain.measures


def test_marks_written_twice_and_a_spreadsheets_empty_columns_are_read(france):
    plain = read_scenario(france / TOML)
    for name in (TOML, PLATFORMS, SOURCES):
        raw = (france / name).read_bytes()
        (france / name).write_bytes(b"\xef\xbb\xbf" * 2 + raw)
    text = (france / PLATFORMS).read_text("utf-8")
    wide = "\n".join(line if line.startswith("#") else line + ",,," for line in text.splitlines())
    (france / PLATFORMS).write_text(wide, "utf-8")
    assert read_scenario(france / TOML).measures == plain.measures


def test_a_scenario_of_direct_counts_alone_needs_no_tables(tmp_path):
    path = tmp_path / TOML
    path.write_text(
        """format = 1
[scenario]
name = "Counted by us"
country = "KE"
population = "people"
estimand = "stock at a date"
date = 2024
prepared_by = "us"
licence = "CC0-1.0"
platforms = "named"
[[counts]]
circle = "monthly active"
label = "our survey"
distribution = "lognormal"
low = 800.5
median = 1000
high = 1250
kind = "measured"
evidence = "own"
note = "asked by us"
""",
        "utf-8",
    )
    made = answer.compute(read_scenario(path), draws=1024)
    assert [circle["circle"] for circle in made["circles"]] == ["monthly active", "very active"]
    assert made["measures"] == made["sources"] == []


def test_a_survey_in_which_all_answer_alike_leaves_room_for_those_not_asked(france):
    (france / "answers.csv").write_text("platforms_used,respondents\n1,100\n", "utf-8")
    old = 'distribution = "published mean"\nmean = 1.27\nmost = 23\nroute = "unknown"'
    spoil(france, TOML, old, 'survey = "answers.csv"\nroute = "people"')
    entry = next(
        row for row in answer.compute(read_scenario(france), draws=1024)["inputs"] if row["name"] == "multi_homing"
    )
    assert entry["distribution"] == "triangular from 1 to 1.03, most likely 1"


def test_a_survey_of_more_than_a_million_is_refused_at_once(france, capsys):
    (france / "answers.csv").write_text("platforms_used,respondents\n1,9999999\n2,9999999\n", "utf-8")
    old = 'distribution = "published mean"\nmean = 1.27\nmost = 23\n'
    spoil(france, TOML, old, 'survey = "answers.csv"\n')
    status, message, written = count(france, capsys)
    assert (status, written) == (2, set())
    assert "answers.csv: found 19,999,998 respondents; expected at most 1,000,000." in message


def test_a_link_in_a_circle_is_no_file(france, capsys):
    (france / PLATFORMS).unlink()
    (france / PLATFORMS).symlink_to(PLATFORMS)
    status, message, written = count(france, capsys)
    assert (status, written) == (2, set())
    assert "platforms.csv: found no such file" in message


def test_a_folder_without_a_scenario_is_named(tmp_path, capsys):
    assert cli.main(["count", str(tmp_path)]) == 2
    assert "found a folder without scenario.toml" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "found"),
    [
        ("file", "a file called"),
        ("file/report", "a file called 'file' where"),
        ("nowhere", "a link to nothing"),
        ("two\nlines", "the folder's name"),
        ("x" * 300, "File name too long"),
    ],
)
def test_a_report_that_has_no_place_is_refused_before_it_is_counted(france, capsys, monkeypatch, out, found):
    root = france.parent
    (root / "file").write_text("mine", "utf-8")
    (root / "nowhere").symlink_to("gone")
    monkeypatch.setattr(answer, "compute", lambda *a, **k: pytest.fail("counted"))
    before = set(root.rglob("*"))
    assert cli.main(["count", str(france), "--out", f"{root}/{out}"]) == 2
    message = capsys.readouterr().err
    assert message.startswith("--out: found ")
    assert found in message
    assert set(root.rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_where_nothing_may_be_written_is_refused(france, capsys):
    (france.parent / "locked").mkdir(mode=0o500)
    assert cli.main(["count", str(france), "--out", str(france.parent / "locked" / "report")]) == 2
    assert "where nothing may be written" in capsys.readouterr().err


def test_a_folder_with_other_files_is_left_alone(france, capsys, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("my only copy", "utf-8")
    status, message, _ = count(france, capsys)
    assert status == 2
    assert "other files" in message
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


def test_a_process_of_its_own_prints_messages_and_no_traceback(france):
    spoil(france, TOML, "high = 0.50", "high = 1.5")
    done = subprocess.run(
        [sys.executable, "-m", "platformlabour.cli", "count", str(france)],
        cwd=france.parent, capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    # On a slow machine the command says first what takes so long.
    assert done.stderr.splitlines()[-1].startswith("scenario.toml, row")


@pytest.mark.parametrize("name", ["Atlantis", "", "EU", "../France", "\x00"])
def test_new_country_refuses_names_that_are_none(tmp_path, capsys, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["new-country", name]) == 2
    assert "expected" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_new_country_overwrites_nothing(tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    assert cli.main(["new-country", "Poland", "--folder", str(tmp_path / "mine")]) == 2
    assert "exists already" in capsys.readouterr().err
    assert list((tmp_path / "mine").iterdir()) == []
    assert cli.main(["new-country", "Poland", "--folder", str(tmp_path / "no" / "mine")]) == 2


TOKENS = [
    *["", "0", "-1", "1.5", "1e308", "nan", "inf", "NA", "true", "unknown", "2099-01-01", "99999999999999999999"],
    *['"', "'", "[", "]]", "{}", "\n", ",", ";", "=", "#", "\x00", "é", "\u202e", "=1+1", "<script>", "a.b", "\\u0000"],
]


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_damage_is_answered_or_refused(tmp_path, data):
    folder = tmp_path / "random"
    shutil.rmtree(folder, ignore_errors=True)
    origin = data.draw(st.sampled_from(["france", "poland", "new"]))
    if origin == "new":
        template.write_template("Chile", folder)
    else:
        shutil.copytree(ROOT / "scenarios" / origin, folder)
    for _ in range(data.draw(st.integers(1, 3))):
        path = folder / data.draw(st.sampled_from([TOML, TOML, PLATFORMS, SOURCES]))
        raw = path.read_bytes()
        words = [(m.start(), m.end()) for m in re.finditer(rb"[^\s,=\[\]]+|[,=\[\]\n]", raw)]
        start, end = data.draw(st.sampled_from(words or [(0, 0)]))
        kind = data.draw(st.sampled_from(["replace", "delete", "bytes", "cut"]))
        new = {
            "replace": lambda: data.draw(st.sampled_from(TOKENS)).encode(),
            "delete": lambda: b"",
            "bytes": lambda: data.draw(st.binary(max_size=4)),
            "cut": lambda: b"",
        }[kind]()
        path.write_bytes(raw[:start] + new + (b"" if kind == "cut" else raw[end:]))
    try:
        made = answer.compute(read_scenario(folder / TOML), draws=1024)
    except InputError as error:
        refused = str(error)
    else:
        assert made["circles"]
        return
    assert "expected" in refused
