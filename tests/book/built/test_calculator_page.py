"""The calculator as it stands in the built book: the form and its table on the page, the table alone on paper."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "_build" / "html"
PAGE = SITE / "chapters" / "counting" / "your-country.html"

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(not PAGE.is_file(), reason="the book is not built: run make book"),
]


def test_the_form_has_its_script_its_style_and_no_code_in_the_page():
    page = BeautifulSoup(PAGE.read_text("utf-8"), "html.parser")
    form = page.find(class_="people-calculator")
    assert form.has_attr("hidden"), "without a script nothing may stand there that does not work"
    scripts = [script["src"] for script in page.find_all("script")]
    assert any(source.endswith("_static/calculator.js") for source in scripts)
    assert all(not script.get_text(strip=True) for script in page.find_all("script"))
    for name in ("calculator.js", "calculator.css"):
        assert (SITE / "_static" / name).is_file()
    assert any(link["href"].endswith("calculator.css") for link in page.find_all("link", rel="stylesheet"))


def test_other_pages_do_not_pay_for_it():
    for path in SITE.rglob("*.html"):
        page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
        asks = any(script.get("src", "").endswith("calculator.js") for script in page.find_all("script"))
        assert asks == (page.find(class_="people-calculator") is not None), path.name


def test_the_table_of_worked_values_stands_beside_it():
    page = BeautifulSoup(PAGE.read_text("utf-8"), "html.parser")
    table = page.find(class_="people-calculator").find_next("table")
    assert "Worked values" in table.caption.get_text()
    assert len(table.tbody.find_all("tr")) >= 5


def test_on_paper_the_table_stands_alone(pdf_texts):
    text = " ".join(pdf_texts)
    assert "Worked values of the chain" in re.sub(r"\s+", " ", text)
    assert "try your own numbers" not in text
