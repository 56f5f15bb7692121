"""The report: whole or not at all, self-contained, readable aloud, the same numbers in every format."""

import csv
import io
import itertools
import json
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

from platformlabour import Estimate, cli, load
from platformlabour.counting.country import answer, blocks, drawing, page, paper, report, views
from platformlabour.counting.country.claims import RULE
from platformlabour.counting.country.scenario import Claim, Source, read_scenario, today

ROOT = Path(__file__).resolve().parents[3]
needs_typst = pytest.mark.skipif(not paper.can_make_pdf(), reason="the package typst is not installed")
HOSTILE = 'Fish & <script>alert("1")</script> #panic("x") $y$ *b* @z `c` \\ =1+1'


@pytest.fixture(scope="module")
def france():
    return answer.compute(read_scenario(ROOT / "scenarios" / "france"), draws=2**12)


@pytest.fixture(scope="module")
def hostile():
    """The Polish case with words in it that each format would read as code."""
    made = answer.compute(read_scenario(ROOT / "scenarios" / "poland"), draws=2**12)
    made = json.loads(json.dumps(made).replace("Bolt Courier", HOSTILE.replace("\\", "\\\\").replace('"', '\\"')))
    made["scenario"]["name"] = HOSTILE
    made["warnings"].append(HOSTILE)
    made["inputs"][0]["note"] = HOSTILE
    made["circles"][0]["drivers"][0]["label"] = HOSTILE
    claim = Claim(
        HOSTILE, "monthly active", 90_000.0, None, None, "", "Beresewicz2021", HOSTILE, "2020", "seen", "no", ""
    )
    made["claims"] = compute_with(claim)["claims"]
    return made


def compute_with(*claims, **more):
    """The Polish case with published counts beside it."""
    given = read_scenario(ROOT / "scenarios" / "poland")
    return answer.compute(replace(given, claims=claims, **more), draws=2**12)


@needs_typst
def test_all_formats_in_one_folder_and_nothing_beside_it(france, tmp_path):
    names = report.write_report(france, tmp_path / "out")
    tables = ["circles.csv", "claims.csv", "drivers.csv", "inputs.csv"]
    assert names == ["report.html", *tables, "report.json", "report.pdf"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]
    again = {name: (tmp_path / "out" / name).read_bytes() for name in names}
    report.write_report(france, tmp_path / "out")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in names} == again
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out"]


def test_a_failure_half_way_leaves_the_earlier_report(france, tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "can_make_pdf", lambda: False)
    report.write_report(france, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    monkeypatch.setattr(paper, "can_make_pdf", lambda: True)

    def broken(made):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(paper, "pdf_bytes", broken)
    with pytest.raises(OSError, match="No space"):
        report.write_report(france, tmp_path / "out")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_without_the_compiler_the_rest_is_written_and_the_way_to_it_is_said(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(paper, "can_make_pdf", lambda: False)
    monkeypatch.chdir(tmp_path)
    assert cli.main(["count", str(ROOT / "scenarios" / "poland"), "--draws", "4096"]) == 0
    shown = capsys.readouterr().out
    assert "pip install" in shown
    assert {path.name for path in (tmp_path / "poland-report").iterdir()} == {
        "report.html", "report.json", "circles.csv", "claims.csv", "drivers.csv", "inputs.csv",
    }  # fmt: skip


def test_json_alone_writes_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["count", str(ROOT / "scenarios" / "poland"), "--draws", "4096", "--json", "--seed", "7"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["rerun"]["seed"] == 7
    assert made["circles"][0]["circle"] == "monthly active"
    assert list(tmp_path.iterdir()) == []


def test_the_page_asks_for_nothing_and_runs_nothing(france):
    text = page.html_page(france, tables=report.tables(france))
    soup = BeautifulSoup(text, "html.parser")
    assert not soup.find_all(["script", "link", "iframe", "img", "object", "form"])
    assert not re.search(r"url\((?!#)", text)
    assert "@import" not in text
    for element in soup.find_all(href=True):
        assert element["href"].startswith(("#", "data:"))
    assert "default-src 'none'" in soup.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    assert len(text.encode()) < 200_000


def test_a_screen_reader_hears_every_figure_and_table(france):
    soup = BeautifulSoup(page.html_page(france, tables={}), "html.parser")
    assert soup.html["lang"] == "en"
    assert len(soup.find_all("h1")) == 1
    assert [heading.name for heading in soup.find_all(re.compile("h[1-6]"))].count("h3") == 0
    drawings = soup.find_all("svg")
    assert len(drawings) == 1 + len(france["circles"])
    for picture in drawings:
        assert picture["role"] == "img"
        assert len(picture["aria-label"]) > 40
        assert picture.find_parent("figure").figcaption.get_text()
    for table in soup.find_all("table"):
        assert table.caption.get_text()
        assert all(cell["scope"] == "col" for cell in table.thead.find_all("th"))
        assert all(row.th["scope"] == "row" for row in table.tbody.find_all("tr"))
        assert len(table.thead.find_all("th")) <= 7
    ids = [element["id"] for element in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_every_promise_of_the_report_is_kept(france):
    text = " ".join(BeautifulSoup(page.html_page(france, tables={}), "html.parser").get_text().split())
    promised = ["stock at a date", "What is missing", "Share of variance", "TubaroBlog", "facts-only", "SHA-256"]
    promised += ["platformlabour count", "read in the document cited", "who was asked is not known", "no limit"]
    for words in promised:
        assert words in text
    for circle in france["circles"]:
        for level in ("50", "80", "95"):
            for end in circle["intervals"][level]:
                assert answer.people(end) in text
    assert france["rerun"]["sha256"]["scenario.toml"] in text
    # The year of a citation is that of the report, and the date is said beside it.
    assert f"contributors ({today().year}). Micro-workers in France, 2018" in text
    assert "as of 2018-12-31" in text


def test_a_phone_shows_each_cell_beside_its_heading(france):
    soup = BeautifulSoup(page.html_page(france, tables={}), "html.parser")
    for table in soup.find_all("table"):
        headings = [cell.get_text() for cell in table.thead.find_all("th")]
        assert table["role"] == "table"
        for row in table.tbody.find_all("tr"):
            assert [cell["data-label"] for cell in row.find_all("td")] == headings[1:]
            assert {cell["role"] for cell in row.find_all("td")} == {"cell"}
    assert "attr(data-label)" in soup.style.get_text()


def test_labels_of_the_drawings_fit_and_names_of_ticks_do_not_meet():
    row = {"label": "x" * 90, "low": 14_300_000.0, "high": 152_000_000.0, "given": False}
    circle = {"circle": "registered", "median": 50_000_000.0, "drivers": [row]}
    for text in BeautifulSoup(drawing.drivers_svg(circle), "html.parser").find_all("text"):
        assert len(text.get_text()) <= 57
    wide = {"circle": "registered", "bound": "upper", "median": 6e6,
            "intervals": {level: [5.1e6, 7.2e6] for level in ("50", "80", "95")}}  # fmt: skip
    names = BeautifulSoup(drawing.circles_svg([wide]), "html.parser").find_all("text")[1:-1]
    places = [(float(name["x"]), 3.4 * len(name.get_text())) for name in names]
    assert all(a + half < b - other for (a, half), (b, other) in itertools.pairwise(places))


def test_each_published_count_stands_beside_ours_in_every_format(france):
    text = " ".join(BeautifulSoup(page.html_page(france, tables={}), "html.parser").get_text().split())
    rows = list(csv.DictReader(io.StringIO(report.tables(france)["claims.csv"])))
    assert [(float(row["value"]), row["circle"]) for row in rows] == [
        (266_126, "registered"), (52_337, "monthly active"), (14_903, "very active"),
    ]  # fmt: skip
    for row, made, circle in zip(rows, france["claims"], france["circles"], strict=True):
        assert float(row["ratio"]) == made["ratio"] == made["value"] / circle["median"]
        assert [float(row["our_low_95"]), float(row["our_high_95"])] == circle["intervals"]["95"]
        assert row["same_source"] == "yes"
        for words in (made["statement"], f"{made['value']:,.0f}", f"{made['ratio']:.2f}", made["status"]):
            assert words in text
    assert [made["status"] for made in france["claims"]] == [
        "inside the 50% interval", "inside the 95% interval", "inside the 50% interval",
    ]  # fmt: skip
    for words in ("Le Ludec, C., Tubaro, P. and Casilli, A. A. (2019), abstract", "rests on the same source", RULE):
        assert words in text
    # What was published is compared and never used.
    without = answer.compute(replace(read_scenario(ROOT / "scenarios" / "france"), claims=()), draws=2**12)
    assert without["circles"] == france["circles"]
    assert without["claims"] == []


def test_published_counts_as_a_frame(france):
    frame = views.claims_frame(france)
    assert frame["published"].tolist() == ["266,126", "52,337", "14,903"]
    assert frame["ours"].iloc[2].startswith("at least 14,900 (9,4")
    assert frame["ratio"].iloc[1] == france["claims"][1]["ratio"]
    assert list(views.claims_frame(compute_with()).columns) == list(frame.columns)
    made = views.claims_frame(compute_with(claim(low=20_000, high=80_000), claim(5_000, circle="registered")))
    assert made["published"].tolist() == ["20,000 to 80,000", "5,000"]
    assert made["ratio"].iloc[0] == pytest.approx(40_000 / made["median"].iloc[0], rel=0.01)
    assert made["ours"].iloc[1] == "–"
    assert np.isnan(made["median"].iloc[1])


def test_the_french_claims_are_the_ledgers(france):
    ledger = load("claims").set_index("claim")
    names = ("leludec2019-casual", "leludec2019-routine", "leludec2019-very-active")
    for made, name in zip(france["claims"], names, strict=True):
        row = ledger.loc[name]
        for key in ("statement", "source", "locator", "evidence", "interested_publisher"):
            assert made[key] == row[key]
        assert made["value"] == row["value"]
        assert made["date"] == row["period_start"]


def test_a_scenario_without_claims_says_so_once_and_writes_a_header():
    made = compute_with()
    text = BeautifulSoup(page.html_page(made, tables={}), "html.parser").get_text()
    assert text.count("sets no published count of people beside its own") == 1
    assert report.tables(made)["claims.csv"].count("\n") == 1


def claim(value=None, low=None, high=None, bound="", circle="monthly active", **more):
    rest = {"source": "Elsewhere", "locator": "p. 1", "date": "2020", "evidence": "seen", "interested_publisher": "no"}
    return Claim("Some.", circle, value, low, high, bound, **(rest | {"note": ""} | more))


POLAND = {"50": (57_000, 105_000), "95": (36_000, 180_000)}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (claim(74_000), "inside the 50% interval"),
        (claim(150_000), "inside the 95% interval"),
        (claim(30_000), "below the 95% interval"),
        (claim(250_000), "above the 95% interval"),
        (claim(low=20_000, high=30_000), "below the 95% interval"),
        (claim(low=20_000, high=40_000), "inside the 95% interval"),
        (claim(low=1_000, high=1_000_000), "inside the 50% interval"),
        (claim(30_000, bound="lower"), "inside the 50% interval"),
        (claim(300_000, bound="lower"), "above the 95% interval"),
        (claim(300_000, bound="upper"), "inside the 50% interval"),
        (claim(10_000, bound="upper"), "below the 95% interval"),
        (claim(90_000, low=80_000, high=300_000), "inside the 50% interval"),
        (claim(5_000, circle="registered"), "circle not counted"),
    ],
)
def test_the_status_is_the_narrowest_interval_that_holds_the_published_count(given, words):
    made = compute_with(given)["claims"][0]
    assert made["status"] == words
    assert (made["our_median"] is None) == (words == "circle not counted")
    assert made["same_source"] is False


def test_a_count_that_the_platforms_numbers_rule_out_is_outside_the_bounds(france):
    given = read_scenario(ROOT / "scenarios" / "france")
    more = [claim(value, circle="registered", date="2018") for value in (339_000.0, 340_000.0, 10_000.0)]
    made = answer.compute(replace(given, claims=tuple(more)), draws=2**12)
    assert [row["status"] for row in made["claims"]] == [
        "above the 95% interval", "outside what the bounds allow", "below the 95% interval",
    ]  # fmt: skip
    assert 339_000 < made["circles"][0]["bounds"][0]["high"] < 340_000


def test_a_larger_published_count_does_not_contradict_a_lower_bound():
    given = read_scenario(ROOT / "scenarios" / "france")
    more = tuple(claim(value, circle="very active", date="2018") for value in (60_000.0, 5_000.0))
    made = answer.compute(replace(given, claims=more), draws=2**12)["claims"]
    assert [row["status"] for row in made] == [
        "above the 95% interval, on the open side of our bound", "below the 95% interval",
    ]  # fmt: skip
    assert {row["our_bound"] for row in made} == {"lower"}


def test_an_interested_publisher_an_old_count_and_a_recalled_one_are_marked():
    source = Source("Seller", "A platform", "2020", "Our crowd", "", "facts-only", "yes")
    made = compute_with(
        claim(90_000, source="Seller", date="2015", evidence="recalled"), sources={"Seller": source}
    )  # fmt: skip
    row = made["claims"][0]
    assert row["interested_publisher"] == "yes"
    text = BeautifulSoup(page.html_page(made, tables={}), "html.parser").get_text()
    assert "Interested publisher: A platform (2020), p. 1; number of 2015, more than a year away" in text
    assert any(line.startswith("From memory") and "Some." in line for line in made["warnings"])


def test_every_format_holds_the_same_numbers(france):
    rows = list(csv.DictReader(io.StringIO(report.tables(france)["circles.csv"])))
    text = page.html_page(france, tables={})
    for row, circle in zip(rows, france["circles"], strict=True):
        assert float(row["median"]) == circle["median"]
        assert [float(row["low_95"]), float(row["high_95"])] == circle["intervals"]["95"]
        assert answer.people(circle["median"]) in text
        assert isinstance(answer.as_estimate(circle), Estimate)


def test_hostile_words_stay_words(hostile):
    text = page.html_page(hostile, tables=report.tables(hostile))
    soup = BeautifulSoup(text, "html.parser")
    assert not soup.find_all("script")
    assert soup.h1.get_text() == HOSTILE
    for table in report.tables(hostile).values():
        for row in csv.reader(io.StringIO(table)):
            assert not any(cell.startswith(("=", "+", "@")) for cell in row)


@needs_typst
def test_the_pdf_is_tagged_and_prints_hostile_words_as_they_stand(hostile):
    import pikepdf
    import pypdf

    raw = paper.pdf_bytes(hostile)
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang).startswith("en")
    text = " ".join(" ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(raw)).pages).split())
    for words in ("<script>", "#panic", "$y$", "@z"):
        assert words in text
    for circle in hostile["circles"]:
        assert answer.people(circle["median"]) in text


@pytest.mark.parametrize(("low", "high"), [(10, 11), (10, 9e9), (150_000, 151_000), (999, 1001), (10, 10)])
def test_every_range_has_a_scale_with_names(low, high):
    circle = {"circle": "registered", "bound": "lower", "median": (low * high) ** 0.5,
              "intervals": {level: [low, high] for level in ("50", "80", "95")}}  # fmt: skip
    svg = BeautifulSoup(drawing.circles_svg([circle]), "html.parser")
    names = svg.find_all("text")[1:-1]
    assert 1 <= len(names) <= 8
    for element in svg.find_all(["rect", "text"]):
        assert -5 <= float(element["x"]) <= 425


def test_blocks_name_each_column_once(france):
    for block in blocks.report_blocks(france):
        if block["kind"] == "table":
            assert len(set(block["headings"])) == len(block["headings"])
            assert all(len(row) == len(block["headings"]) for row in block["rows"])


def test_a_new_country_counts_as_it_stands_and_explains_itself(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(paper, "can_make_pdf", lambda: False)
    assert cli.main(["new-country", "côte d'ivoire"]) == 0
    folder = tmp_path / "côte-d-ivoire"
    assert {path.name for path in folder.iterdir()} == {
        "scenario.toml", "platforms.csv", "sources.csv", "example-france",
    }  # fmt: skip
    text = (folder / "scenario.toml").read_text("utf-8")
    assert "@" not in text
    for words in ("stock at a date", "route", "turnover", "If it is left out"):
        assert words in text
    assert cli.main(["count", str(folder / "scenario.toml"), "--draws", "1024"]) == 0
    assert cli.main(["count", str(folder / "example-france"), "--draws", "1024"]) == 0
    assert (
        "Côte d'Ivoire"
        in json.loads((tmp_path / "côte-d-ivoire-report" / "report.json").read_text("utf-8"))["scenario"][
            "country_name"
        ]
    )
    capsys.readouterr()


def test_every_remark_of_the_template_may_be_taken_up(tmp_path):
    """Whoever takes the marks off each factor gets a scenario that counts."""
    from platformlabour.counting.country.template import write_template

    folder = write_template("Chile", tmp_path / "chile")
    path = folder / "scenario.toml"
    text = re.sub(r"(?m)^#(?=\[factors\.|\[\[|\w+ = )", "", path.read_text("utf-8"))
    path.write_text(text, "utf-8")
    given = read_scenario(path)
    assert len(given.factors) == 13
    assert len(given.counts) == len(given.claims) == len(given.dependence) == 1
    assert answer.compute(given, draws=1024)["missing"] == []


def test_the_example_in_the_package_is_the_scenario_of_the_repository():
    example = ROOT / "src" / "platformlabour" / "counting" / "country" / "templates" / "france"
    original = ROOT / "scenarios" / "france"
    assert sorted(path.name for path in example.iterdir()) == sorted(path.name for path in original.iterdir())
    for path in original.iterdir():
        assert (example / path.name).read_bytes() == path.read_bytes()


@needs_typst
def test_letters_that_no_font_has_cost_the_pdf_and_nothing_else(tmp_path, capsys):
    folder = shutil.copytree(ROOT / "scenarios" / "poland", tmp_path / "poland")
    path = folder / "platforms.csv"
    path.write_text(path.read_text("utf-8").replace("Bolt Driver", "\U0001f6b4 Driver"), "utf-8")
    assert cli.main(["count", str(folder), "--out", str(tmp_path / "out"), "--draws", "1024"]) == 0
    shown = capsys.readouterr().out
    made = (tmp_path / "out" / "report.pdf").is_file()  # where the system has such a font
    assert made != (paper.NO_LETTERS in shown)
    assert "\U0001f6b4 Driver" in (tmp_path / "out" / "report.html").read_text("utf-8")


def test_a_link_to_a_folder_stays_a_link(tmp_path, monkeypatch):
    monkeypatch.setattr(paper, "can_make_pdf", lambda: False)
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    options = ["--out", str(tmp_path / "link"), "--draws", "1024"]
    assert cli.main(["count", str(ROOT / "scenarios" / "poland"), *options]) == 0
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / "report.html").is_file()


def test_what_takes_long_says_what_it_is_doing(tmp_path, capsys, monkeypatch):
    from platformlabour.counting.country import command

    def slow(scenario, **options):
        options["say"]("Drawing …")
        time.sleep(0.2)
        return compute(scenario, **options)

    compute = answer.compute
    monkeypatch.setattr(answer, "compute", slow)
    monkeypatch.setattr(paper, "can_make_pdf", lambda: False)
    options = ["--out", str(tmp_path / "out"), "--draws", "1024"]
    monkeypatch.setattr(command, "QUIET_SECONDS", 0.05)
    assert cli.main(["count", str(ROOT / "scenarios" / "poland"), *options]) == 0
    assert "Drawing …" in capsys.readouterr().err.splitlines()  # said while it goes on, not when the next step begins
    monkeypatch.setattr(command, "QUIET_SECONDS", 60)
    assert cli.main(["count", str(ROOT / "scenarios" / "poland"), *options]) == 0
    assert capsys.readouterr().err == ""


def test_paths_with_blanks_and_a_read_only_scenario(tmp_path, monkeypatch):
    folder = shutil.copytree(ROOT / "scenarios" / "poland", tmp_path / "my own folder é")
    monkeypatch.setattr(paper, "can_make_pdf", lambda: False)
    assert cli.main(["count", str(folder), "--out", str(tmp_path / "a" / "b c"), "--draws", "1024"]) == 0
    assert (tmp_path / "a" / "b c" / "report.html").is_file()
