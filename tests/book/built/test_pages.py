"""The built book as its readers get it: every page of ``_build/html``."""

import csv
import itertools
import json
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[3]
SITE = (ROOT / "_build" / "html").resolve()
KIB = 1024
# Transfer without compression; formulas add MathJax, whose parts are counted apart.
HEAVIEST_PAGE = 300 * KIB  # text, style and scripts; figures have a ceiling each
HEAVIEST_FIGURE = 64 * KIB
HEAVIEST_INDEX = 400 * KIB  # every word of the book, loaded by the search page alone
HEAVIEST_FORMULA_SCRIPTS = 800 * KIB
SHORTEST_ALT = 25
# Joined here so that this file does not hold the very strings it forbids.
MACHINE_PATHS = ["/" + name + "/" for name in ("home", "root", "work", "tmp", "Users")]
CANARY = "SOLUTION" + "-CANARY"
LOADED = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
}
LOADED_LINKS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "modulepreload", "manifest"}

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the book is not built: run make book"),
]

NAMES = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html")) if SITE.is_dir() else []
every_page = pytest.mark.parametrize("name", NAMES or ["index.html"])


@cache
def text_of(name):
    return (SITE / name).read_text("utf-8")


@cache
def page_of(name):
    return BeautifulSoup(text_of(name), "html.parser")


@cache
def ids_of(name):
    return {element["id"] for element in page_of(name).find_all(id=True)}


def is_entrance(name):
    return page_of(name).find("meta", {"http-equiv": "refresh"}) is not None


def resources(name):
    """Everything that a browser asks for on its own to show the page."""
    page = page_of(name)
    for tag, attribute in LOADED.items():
        for element in page.find_all(tag):
            if element.get(attribute):
                yield element[attribute]
    for link in page.find_all("link"):
        if LOADED_LINKS.intersection(link.get("rel", [])):
            yield link["href"]


def file_at(name, address):
    """Return the file behind an address on a page."""
    path = (SITE / name).parent / unquote(urlsplit(address).path)
    return path / "index.html" if path.is_dir() else path


def test_only_chapters_are_pages():
    strays = [name for name in NAMES if not name.startswith("chapters/")]
    assert set(strays) == {"genindex.html", "index.html", "search.html"}


@every_page
def test_pictures_have_words(name):
    for image in page_of(name).find_all("img"):
        alt = image.get("alt", "")
        assert len(alt) >= SHORTEST_ALT, f"{image.get('src')}: {alt!r}"
        assert not re.search(r"[0-9a-f]{16}|\.(svg|png|jpe?g)\b", alt), alt


@every_page
def test_links_lead_somewhere(name):
    broken = []
    for link in page_of(name).find_all(["a", "link"], href=True):
        address = urlsplit(link["href"])
        if address.scheme or address.netloc:
            assert address.scheme in {"https", "http", "mailto"}, link["href"]
            continue
        target = (SITE / name) if not address.path else file_at(name, link["href"])
        if not target.is_file():
            broken.append(link["href"])
        elif address.fragment and target.suffix == ".html":
            place = target.resolve().relative_to(SITE).as_posix()
            if unquote(address.fragment) not in ids_of(place):
                broken.append(link["href"])
    assert not broken


@every_page
def test_resources_are_files_of_the_site(name):
    for address in resources(name):
        assert not urlsplit(address).netloc, address
        assert address.startswith("data:") or file_at(name, address).is_file(), address


def test_style_sheets_ask_no_other_host():
    sheets = list(SITE.rglob("*.css"))
    assert sheets
    for sheet in sheets:
        for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", sheet.read_text("utf-8")):
            assert not urlsplit(address).netloc, f"{sheet.name}: {address}"


@every_page
def test_no_code_in_the_page(name):
    for script in page_of(name).find_all("script"):
        assert script.get("src"), name
        assert not script.get_text(strip=True), name
    for element in page_of(name).find_all(True):
        assert not [attribute for attribute in element.attrs if attribute.startswith("on")], element.name
    assert "script-src 'self';" in page_of(name).find("meta", {"http-equiv": "Content-Security-Policy"})["content"]


@every_page
def test_nothing_of_the_machine_that_built_it(name):
    text = text_of(name)
    assert not [path for path in MACHINE_PATHS if re.search(r"(?<![\w.])" + path, text)]
    assert not re.search(r"\bat 0x[0-9a-f]{6,}|0x[0-9a-f]{8,}|&lt;module ", text)


@pytest.mark.parametrize("pattern", ["*.html", "*.js", "*.json", "*.csv", "*.md", "*.ipynb", "*.txt"])
def test_no_answers_for_teachers(pattern):
    for path in SITE.rglob(pattern):
        assert CANARY not in path.read_text("utf-8", errors="replace"), path.name


@every_page
def test_headings_descend_one_step_at_a_time(name):
    page = page_of(name)
    levels = [int(heading.name[1]) for heading in page.find_all(re.compile(r"^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    for level, following in itertools.pairwise(levels):
        assert following <= level + 1


@every_page
def test_the_head_says_what_readers_and_search_engines_need(name):
    page = page_of(name)
    assert page.html["lang"] == "en"
    assert len(page.find_all("meta", {"name": "viewport"})) == 1
    title = page.title.get_text()
    assert title.endswith("The People Behind AI")
    if name.startswith("chapters/"):
        assert 40 <= len(page.find("meta", {"name": "description"})["content"]) <= 160


def test_titles_tell_pages_apart():
    titles = [page_of(name).title.get_text() for name in NAMES if not is_entrance(name)]
    assert len(set(titles)) == len(titles)


@every_page
def test_the_edition_stands_on_the_page(name):
    version = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]["version"]
    assert page_of(name).select_one(".edition").get_text() == f"Edition {version}"


@every_page
def test_links_and_buttons_have_names(name):
    for element in page_of(name).find_all(["a", "button", "summary"]):
        if element.name == "a" and not element.get("href"):
            continue
        words = (
            element.get_text(strip=True)
            or element.get("aria-label")
            or "".join(i["alt"] for i in element.find_all("img"))
        )
        assert words, str(element)


@every_page
def test_no_id_occurs_twice(name):
    ids = [element["id"] for element in page_of(name).find_all(id=True)]
    assert len(ids) == len(set(ids)), sorted({i for i in ids if ids.count(i) > 1})


@every_page
def test_tables_have_headers_and_a_frame_that_scrolls(name):
    for table in page_of(name).find_all("table"):
        assert table.parent.get("class") == ["scroll"]
        assert table.parent["tabindex"] == "0"
        assert table.find("th") is not None
        for header in table.find_all("th"):
            assert header.get("scope") in {"row", "col"}
            assert header.get_text(strip=True)


@every_page
def test_fields_have_labels(name):
    page = page_of(name)
    for field in page.find_all(["input", "select", "textarea"]):
        assert page.find("label", {"for": field.get("id")}) is not None, str(field)


@every_page
def test_the_page_is_light(name):
    files = {file_at(name, address).resolve() for address in resources(name) if not address.startswith("data:")}
    formulas = {path for path in files if "mathjax" in path.parts}
    figures = {path for path in files if path.suffix == ".svg" and path.parent.name == "_images"}
    index = {path for path in files if path.name == "searchindex.js"}
    assert sum(path.stat().st_size for path in index) <= HEAVIEST_INDEX
    weight = (SITE / name).stat().st_size + sum(path.stat().st_size for path in files - formulas - figures - index)
    assert weight <= HEAVIEST_PAGE, f"{weight / KIB:.0f} KiB"
    assert [path.name for path in figures if path.stat().st_size > HEAVIEST_FIGURE] == []


def test_formula_scripts_stay_within_their_weight():
    scripts = list((SITE / "mathjax").rglob("*.js"))
    assert scripts
    assert sum(path.stat().st_size for path in scripts) <= HEAVIEST_FORMULA_SCRIPTS


def test_every_figure_offers_its_data():
    offered = set()
    for name in NAMES:
        for note in page_of(name).select("details.figure-note a[download]"):
            path = file_at(name, note["href"])
            offered.add(path.resolve())
            rows = list(csv.reader(path.read_text("utf-8").splitlines()))
            assert len(rows) >= 2, path.name
            assert {len(row) for row in rows} == {len(rows[0])}, path.name
            assert not [cell for row in rows for cell in row if cell[:1] in ("=", "@")], path.name
    figures = sum(len(page_of(name).select("img.computed-figure")) for name in NAMES)
    assert len(offered) == figures
    assert offered == {path.resolve() for path in (SITE / "_data_behind_figures").glob("*.csv")}


def test_results_are_published_and_every_number_in_the_text_is_one_of_them():
    published = json.loads((SITE / "results.json").read_text("utf-8"))
    assert set(published) == {"edition", "results"}
    assert published["results"]
    for key, result in published["results"].items():
        assert (SITE / f"{result['chapter']}.html").is_file(), key
        assert "holds" in result or {"unit", "estimand", "method"} <= set(result), key
    shown = {number["value"] for name in NAMES for number in page_of(name).select("data.num")}
    assert shown <= set(published["results"])
