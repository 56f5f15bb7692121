"""Second opinions on data/: two independent validators, and the sums that the sources allow to check."""

import itertools
import json
import logging
import re

import numpy as np
import pandas as pd
import pytest

from platformlabour import load
from platformlabour.tables import check_all, data_folder, names, report, source_keys

PACKAGE = json.loads((data_folder() / "datapackage.json").read_text(encoding="utf-8"))
RESOURCES = {resource["name"]: resource for resource in PACKAGE["resources"]}
PROVENANCE = ["source", "locator", "licence", "evidence"]


def test_own_checks_find_nothing():
    assert report(check_all()) == "No problem found."


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_frictionless_finds_nothing():
    import frictionless

    outcome = frictionless.Package(str(data_folder() / "datapackage.json")).validate()
    assert outcome.valid, outcome.flatten(["path", "rowNumber", "fieldName", "message"])
    assert len(outcome.tasks) == len(RESOURCES)


def pandera_schema(resource):
    """The Table Schema in pandera's terms, written without the project's own checks."""
    import pandera.pandas as pa

    columns = {}
    for field in resource["schema"]["fields"]:
        rules = field.get("constraints", {})
        checks = []
        if field["type"] in ("integer", "number", "year"):
            if "minimum" in rules:
                checks.append(pa.Check.ge(rules["minimum"]))
            if "maximum" in rules:
                checks.append(pa.Check.le(rules["maximum"]))
            kind = "float64" if field["type"] == "number" else "int64"
        elif field["type"] in ("date", "yearmonth"):
            checks.append(pa.Check.ge(pd.Timestamp(rules["minimum"])))
            kind = None
        else:
            kind = "str"
            optional = "" if rules.get("required") else "|"
            if "pattern" in rules:
                checks.append(pa.Check.str_matches(f"^(?:{rules['pattern']}{optional})$"))
            if "enum" in rules:
                checks.append(pa.Check.isin(rules["enum"]))
            if "maxLength" in rules:
                checks.append(pa.Check.str_length(max_value=rules["maxLength"]))
        nullable = not rules.get("required", False)
        columns[field["name"]] = pa.Column(kind, checks, nullable=nullable, unique=rules.get("unique", False))
    return pa.DataFrameSchema(columns, strict=True, ordered=True, unique=resource["schema"]["primaryKey"])


@pytest.mark.parametrize("name", RESOURCES)
def test_pandera_finds_nothing(name):
    pandera_schema(RESOURCES[name]).validate(load(name), lazy=True)


def test_pandera_schema_can_refuse():
    import pandera.errors

    frame = load("claims")
    frame.loc[0, "statement"] = "<script>"
    with pytest.raises(pandera.errors.SchemaErrors):
        pandera_schema(RESOURCES["claims"]).validate(frame, lazy=True)


# The descriptor


@pytest.mark.parametrize("name", RESOURCES)
def test_descriptor_is_complete(name):
    resource = RESOURCES[name]
    assert resource["title"]
    assert len(resource["description"]) > 60
    assert resource["licenses"]
    assert resource["schema"]["missingValues"] == [""]
    assert {source["key"] for source in resource["sources"]} == set(load(name).source)
    fields = {field["name"]: field for field in resource["schema"]["fields"]}
    assert set(PROVENANCE) <= set(fields)
    for field in fields.values():
        assert field["description"].endswith(".")
        if field["type"] == "string":
            rules = field["constraints"]
            assert "enum" in rules or {"pattern", "maxLength"} <= set(rules), field["name"]
        if field["type"] in ("integer", "number"):
            assert field["unit"], field["name"]


TEXT_PATTERNS = {
    field["constraints"]["pattern"]
    for resource in PACKAGE["resources"]
    for field in resource["schema"]["fields"]
    if "pattern" in field["constraints"]
}
HOSTILE = [
    "=1",
    "+1",
    "-1",
    "@x",
    "\tx",
    "<b>",
    "a<b",
    "a>b",
    "x\u202ey",
    "x\u200by",
    "x\x00",
    "x\ny",
    "{x}",
    "a`b",
    "a\\b",
    "javascript:x",
]


@pytest.mark.parametrize(("pattern", "text"), list(itertools.product(sorted(TEXT_PATTERNS), HOSTILE)))
def test_no_pattern_lets_hostile_text_through(pattern, text):
    assert not re.fullmatch(pattern, text)


def test_bibliography_is_formatted_without_a_complaint(caplog):
    from pybtex.database import parse_file
    from pybtex.plugin import find_plugin

    bibliography = parse_file(str(data_folder() / "references.bib"))
    assert sorted(bibliography.entries) == sorted(source_keys())
    with caplog.at_level(logging.WARNING):
        entries = list(find_plugin("pybtex.style.formatting", "alpha")().format_bibliography(bibliography))
    assert len(entries) == len(source_keys())
    assert not caplog.records


def test_every_table_is_in_the_readme():
    readme = (data_folder() / "README.md").read_text(encoding="utf-8")
    assert [name for name in names() if f"`{name}`" not in readme] == []


# Privacy

PEOPLE = {
    "mturk-tracker-months": ["first_time_workers"],
    "mturk-times-seen": ["workers"],
    "mturk-years": ["workers_seen"],
    "mturk-spans": ["workers"],
    "mturk-us-share": ["workers_us"],
    "stewart-quarters": ["captured", "first_captured", "last_captured"],
    "stewart-times-captured": ["workers"],
}


@pytest.mark.parametrize("name", PEOPLE)
def test_no_count_of_fewer_than_ten_people(name):
    assert load(name)[PEOPLE[name]].min(axis=None) >= 10


def test_no_difference_of_fewer_than_ten_people():
    quarters = load("stewart-quarters")
    pooled, bartels = (quarters[quarters["sample"] == s].reset_index() for s in ("all-laboratories", "bartels"))
    for column in ("captured", "first_captured", "last_captured"):
        apart = (pooled[column] - bartels[column]).abs()
        # In one quarter only this laboratory posted: the difference is 0 by construction.
        assert apart[(apart < 10)].index.tolist() == ([2] if column == "captured" else [])
    for sample in (pooled, bartels):
        assert (sample.captured - sample.first_captured)[1:].min() >= 10
        assert (sample.captured - sample.last_captured)[:-1].min() >= 10
    years = load("mturk-us-share").merge(load("mturk-years"), on="year")
    assert (years.workers_seen - years.workers_us).min() >= 10


def test_pooled_bins_do_not_reveal_their_cells():
    seen = load("mturk-times-seen")
    pooled = seen[seen.times_seen_from < seen.times_seen_to]
    # Two numbers, a count and a sum, do not determine six or more unknowns.
    assert (pooled.times_seen_to - pooled.times_seen_from).min() >= 5


# Sums and identities


def test_tracker_totals():
    months = load("mturk-tracker-months")
    assert months.answers.sum() == 392_995
    assert months.first_time_workers.sum() == 157_255
    assert months.days_surveyed.sum() == 4_114
    assert (months.first_time_workers <= months.answers).all()
    assert months.month.is_monotonic_increasing
    assert (months.days_surveyed <= months.month.dt.days_in_month).all()
    # The survey stood still in December 2019.
    assert pd.Timestamp("2019-12-01") not in set(months.month)


def test_times_seen_agrees_with_the_published_bound():
    seen = load("mturk-times-seen")
    published = load("mturk-published-totals").set_index("quantity").value
    assert seen.workers.sum() == published["workers-seen"] == 157_255
    once, twice = seen.workers[0], seen.workers[1]
    assert (once, twice) == (94_573, 25_615)
    occasions = int(published["occasions"])
    bound = 157_255 + (occasions - 1) / occasions * once**2 / (2 * twice)
    assert bound == pytest.approx(published["chao"], abs=1e-6)


def test_equal_catchability_agrees_with_the_published_one():
    from scipy.optimize import brentq

    seen = load("mturk-times-seen")
    published = load("mturk-published-totals").set_index("quantity").value
    workers, sightings, occasions = seen.workers.sum(), seen.sightings.sum(), 140
    size = brentq(lambda n: n * (1 - (1 - sightings / (n * occasions)) ** occasions) - workers, workers + 1, 1e7)
    assert size == pytest.approx(published["equal-catchability"], rel=1e-5)


def test_bins_join_without_gap_and_keep_their_sums():
    for name, start, end in [
        ("mturk-times-seen", "times_seen_from", "times_seen_to"),
        ("mturk-spans", "span_from", "span_to"),
    ]:
        table = load(name)
        assert (table[start][1:].to_numpy() == table[end][:-1].to_numpy() + 1).all()
        assert table[end].iloc[-1] == 140
        assert table.workers.sum() == 157_255
    seen = load("mturk-times-seen")
    assert (seen.workers * seen.times_seen_from <= seen.sightings).all()
    assert (seen.sightings <= seen.workers * seen.times_seen_to).all()


def test_years_and_the_united_states():
    years = load("mturk-years").merge(load("mturk-us-share"), on="year")
    assert len(years) == 12
    assert (years.workers_us < years.workers_seen).all()
    assert (years.chao_published > years.workers_seen).all()
    months = load("mturk-tracker-months")
    answers = months.groupby(months.month.dt.year).answers.sum()
    assert (years.answers_us <= years.year.map(answers)).all()


@pytest.mark.parametrize(("year", "pair"), [(2015, (12_361, 2_595)), (2024, (6_482, 3_194))])
def test_published_bound_of_a_year_comes_from_one_pair_of_frequencies(year, pair):
    row = load("mturk-years").set_index("year").loc[year]
    ratio = 2 * (row.chao_published - row.workers_seen) * row.occasions / (row.occasions - 1)
    twice = np.arange(1, int(row.workers_seen))
    once = np.rint(np.sqrt(ratio * twice))
    fits = (np.abs(once**2 / twice - ratio) < 1e-7) & (once + twice <= row.workers_seen)
    assert list(zip(once[fits], twice[fits], strict=True)) == [pair]


def test_half_lives_and_return_curves():
    lives = load("mturk-half-lives")
    versions = lives.pivot(index="era", columns="code_version", values="half_life_days")
    assert (versions.c75e842 / versions.db600a2 - 1).abs().max() < 0.01
    curves = load("mturk-return-curves")
    assert curves.groupby("era").size().to_dict() == {"2015-2019": 57, "2020-2022": 35, "2023-2026": 41}
    slopes = {era: np.polyfit(c.gap_periods, np.log(c.share_seen_again), 1)[0] for era, c in curves.groupby("era")}
    fitted = {era: round(-30 * np.log(2) / slope) for era, slope in slopes.items()}
    assert fitted == {"2015-2019": 503, "2020-2022": 382, "2023-2026": 230}  # the figures that the ledger's notes give


def test_laboratory_samples():
    quarters, frequencies = load("stewart-quarters"), load("stewart-times-captured")
    for sample, total in {"all-laboratories": 31_013, "bartels": 17_633}.items():
        q, f = (table[table["sample"] == sample] for table in (quarters, frequencies))
        assert q.first_captured.sum() == q.last_captured.sum() == f.workers.sum() == total
        assert q.captured.sum() >= total
        assert q.first_captured.iloc[0] == q.captured.iloc[0]
        assert q.last_captured.iloc[-1] == q.captured.iloc[-1]
        assert (q.first_captured <= q.captured).all()
        assert q.starts_on.tolist() == list(pd.date_range("2012-01-01", periods=13, freq="QS"))


def test_closed_form_estimates_agree_with_the_published_ones():
    """Jolly (1965), Seber (1965): exact wherever the published survival was not cut off at 1."""
    quarters, published = load("stewart-quarters"), load("stewart-published")
    exact, means = {}, {}
    for sample in ("all-laboratories", "bartels"):
        q = quarters[quarters["sample"] == sample]
        n, u, v = (q[c].to_numpy(dtype=float) for c in ("captured", "first_captured", "last_captured"))
        m, r = n - u, n - v
        z = np.concatenate([[0], np.cumsum(u - v)[:-1]]) - m
        size = (n * (m + n * z / np.where(r, r, np.nan)) / np.where(m, m, np.nan))[1:-1]
        printed = published[published["sample"] == sample].set_index("quarter").abundance.loc[2:12].to_numpy()
        exact[sample] = int((np.abs(size - printed) < 0.1).sum())
        means[sample] = round(size.mean(), 1), round(printed.mean(), 1)
    assert exact == {"all-laboratories": 9, "bartels": 7}
    assert means == {"all-laboratories": (11_758.6, 11_780.4), "bartels": (7_602.4, 7_605.1)}


def test_digitised_laboratory_agrees_with_the_printed_one():
    drawn = load("stewart-laboratories").query("laboratory == 'Bartels'").set_index("quarter")
    printed = load("stewart-published").query("sample == 'bartels' and abundance > 0").set_index("quarter")
    assert (drawn.population - printed.abundance).abs().max() <= 2
    assert set(load("stewart-laboratories").evidence) == {"digitised"}


# The ledger


def test_statuses_fit_their_claims():
    claims = load("claims")
    recomputed = claims.recomputed_by != ""
    assert set(claims.status[recomputed]) <= {"reproduced", "within tolerance", "differs", "arithmetic checked"}
    assert set(claims.status[~recomputed]) <= {"arithmetic checked", "inputs not public", "not attempted"}
    assert claims.tolerance[recomputed].notna().all()
    assert claims.tolerance[~recomputed].isna().all()
    assert (claims.note[claims.status == "differs"].str.len() > 20).all()
    assert claims.recomputed_by[recomputed].is_unique


def test_claims_have_a_figure_or_a_date():
    claims = load("claims")
    without = claims[["value", "low", "high"]].isna().all(axis=1)
    assert claims.unit[without].isin(["date", "in words"]).all()
    assert claims.period_start[without & (claims.unit == "date")].str.fullmatch(r"\d{4}-\d{2}-\d{2}").all()


@pytest.mark.parametrize("name", ["claims", "published-estimates", "declared-registrations"])
def test_evidence_is_told_apart(name):
    table = load(name)
    assert table.note[table.evidence == "secondary"].str.startswith("Read in a secondary source").all()
    assert table.note[table.evidence == "recalled"].str.startswith("Recalled, not checked").all()
    assert (table.licence[table.source == "IpeirotisTracker2026"] == "Apache-2.0").all()


def test_declarations_come_from_interested_publishers():
    assert set(load("declared-registrations").interested_publisher) == {"yes"}


ARITHMETIC = {
    "implied-french-registrations": 266_126 * 1.27,
    "implied-french-visitors": 52_337 * 1.27,
    "leludec2019-routine-per-casual": 52_337 / 266_126,
    "leludec2019-very-active-per-routine": 14_903 / 52_337,
    "kassi2021-worked-share": 100 * 14 / 163,
    "kassi2021-significant-share": 100 * 3.3 / 163,
    "kassi2021-worked-accounts-share": 100 * 14 * 1.83 / 163,
    "kassi2021-significant-accounts-share": 100 * 3.3 * 1.83 / 163,
    "kassi2021-preprint-worked-share": 100 * 19 / 163,
    "kassi2021-preprint-significant-share": 100 * 5 / 163,
    "kassi2021-worked-correction": 100 * (1 - 14 / 19),
    "kassi2021-significant-correction": 100 * (1 - 3.3 / 5),
    "online-labour-supplement-week-share": 100 * 100_000 / 3_500_000,
    "registered-per-laboratory-pool": 500_000 / 7_300,
    "stewart2015-bartels-mean": 7_605.1,  # tested above
    "tracker2026-chao-2015": 43_571.125,  # both tested below
    "tracker2026-chao-2024": 20_756.431,
    "tracker2026-met-once": 100 * 94_573 / 157_255,
}


def test_arithmetic_that_the_ledger_calls_checked():
    claims = load("claims").set_index("claim")
    for claim, result in ARITHMETIC.items():
        value = claims.value[claim]
        digits = len(f"{value:g}".partition(".")[2])
        # Half a unit of the last printed digit, or a cut-off one.
        assert abs(value - result) < 10.0**-digits * (0.5 + 1e-9) or int(result) == value, claim
    checked = claims.index[(claims.status == "arithmetic checked") & claims.value.notna()]
    assert set(checked) <= set(ARITHMETIC)
    assert claims.low["implied-french-casual-range"] == round(337_980 / 1.83)
    assert claims.low["implied-french-routine-range"] == round(66_468 / 1.83)


def test_estimates_agree_with_the_ledger():
    both = load("published-estimates").merge(load("claims"), left_on="id", right_on="claim", suffixes=("", "_claim"))
    assert len(both) >= 40
    for column in ("value", "low", "high"):
        pair = both[[column, f"{column}_claim"]].dropna()
        assert np.allclose(pair[column], pair[f"{column}_claim"], rtol=1e-4), column
    assert (both.source == both.source_claim).mean() > 0.9
