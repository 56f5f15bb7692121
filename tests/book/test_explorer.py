"""The explorer: a whole table for everyone, and a choice where a script may run."""

import re
import shutil
import subprocess
from html import escape
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup

from platformlabour import InputError
from platformlabour.book import html_repairs
from platformlabour.book.explorer import _HOLDER, HEADINGS, span, ties_table
from platformlabour.networks.relations import WORDS, load_relations, select

STATIC = Path(__file__).resolve().parents[2] / "_static"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
READ = select(load_relations(), evidence=["seen", "secondary"])
TABLE = ties_table(READ.ties.assign(words=READ.ties["relation"].map(WORDS)), READ.names)


def test_table_holds_every_tie_with_its_documents():
    assert len(TABLE.rows) == len(READ.ties)
    assert TABLE.headings == tuple(HEADINGS.values())
    assert all("{cite:t}`Tie" in row[-1] for row in TABLE.rows)
    shares = [row[1] for row in TABLE.rows if "%" in row[1]]
    assert len(shares) == READ.ties["share"].notna().sum()
    assert "invested in (49%)" in shares


def test_table_stands_in_the_order_of_the_alphabet():
    senders = [row[0].casefold() for row in TABLE.rows]
    assert senders == sorted(senders)


def test_reprints_are_marked():
    marked = [row for row in TABLE.rows if row[-1].endswith("(a reprint or summary)")]
    assert len(marked) == (READ.ties["evidence"] == "secondary").sum() > 0


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (("2014-04-10", "", "event"), "from 10 April 2014"),
        (("2005", "2025", "event"), "from 2005, until 2025"),
        (("2024", "", "attested"), "seen in 2024"),
    ],
)
def test_dates_say_no_more_than_they_know(dates, words):
    assert span(*dates) == words


def test_frames_that_lack_something_are_refused():
    with pytest.raises(InputError, match="'words'"):
        ties_table(READ.ties, READ.names)
    with pytest.raises(InputError, match="without a name"):
        ties_table(READ.ties.assign(words="x"), {})


def test_page_keeps_the_holder_of_the_controls():
    body, removed = html_repairs.repair(_HOLDER, size_of=lambda source: None)
    assert removed == []
    assert 'id="explorer-controls"' in body
    assert "hidden" in body


def test_script_asks_nothing_of_anyone():
    script = (STATIC / "explorer.js").read_text(encoding="utf-8")
    assert not re.search(r"https?:|fetch\(|XMLHttpRequest|import\s|eval\(|innerHTML|localStorage|cookie", script)


def page(folder, fragment="", query=""):
    from platformlabour.book.html import SECURITY_POLICY

    for name in ("explorer.js", "explorer.css"):
        (folder / name).write_text((STATIC / name).read_text("utf-8"), encoding="utf-8")
    cells = lambda row, tag: "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)  # noqa: E731
    rows = "".join(f"<tr>{cells(row, 'td')}</tr>" for row in TABLE.rows)
    path = folder / "page.html"
    path.write_text(
        f'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{SECURITY_POLICY}">'
        f'<link rel="stylesheet" href="explorer.css"><body>{_HOLDER}<table id="tab-all-ties"><thead><tr>'
        f"{cells(TABLE.headings, 'th')}</tr></thead><tbody>{rows}</tbody></table>"
        '<script src="explorer.js" defer></script>',
        encoding="utf-8",
    )
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", path.as_uri() + fragment]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return BeautifulSoup(done.stdout, "html.parser")


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
def test_controls_come_to_life_under_the_books_policy(tmp_path):
    shown = page(tmp_path)
    controls = shown.find(id="explorer-controls")
    assert not controls.has_attr("hidden")
    assert len(controls.find_all("label")) == 3
    tied = {*READ.ties["sender"], *READ.ties["receiver"]}
    assert len(controls.find(id="explorer-organisation").find_all("option")) == len(tied) + 1
    kinds = [option.get_text() for option in controls.find(id="explorer-tie").find_all("option")][1:]
    assert sorted(kinds) == sorted({WORDS[relation] for relation in READ.ties["relation"]})
    assert f"{len(READ.ties)} ties of {len(READ.ties)} shown" in shown.find(class_="explorer-status").get_text()


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
@pytest.mark.parametrize("name", ["Scale AI", "Michael & Susan Dell Foundation"])
def test_address_of_an_organisation_shows_its_ties_only(tmp_path, name):
    shown = page(tmp_path, f"#organisation={quote(name)}")
    rows = [row for row in shown.tbody.find_all("tr") if not row.has_attr("hidden")]
    expected = [row for row in TABLE.rows if name in (row[0], row[2])]
    assert [[cell.get_text() for cell in row.find_all("td")][:3] for row in rows] == [list(row[:3]) for row in expected]
    partners = {button.get_text() for button in shown.find(class_="explorer-partners").find_all("button")}
    assert partners == {row[0] if row[2] == name else row[2] for row in expected}


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
def test_unknown_or_hostile_address_shows_everything(tmp_path):
    shown = page(tmp_path, "#organisation=%3Cscript%3Ealert(1)%3C/script%3E")
    assert not [row for row in shown.tbody.find_all("tr") if row.has_attr("hidden")]
    assert len(shown.find_all("script")) == 1
