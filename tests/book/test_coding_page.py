"""The coding page: its directives, and a script that counts as the library does."""

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from platformlabour import load
from platformlabour.functions import agreement

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "_static" / "coding.js"
node = pytest.mark.skipif(shutil.which("node") is None, reason="no Node.js to run the script")


def in_script(expression, *values):
    """Evaluate an expression of the script's functions ``c`` and the values ``v``."""
    program = (
        "const c = require(process.argv[1]); const v = JSON.parse(process.argv[2]);"
        f"console.log(JSON.stringify({expression}))"
    )
    command = ["node", "-e", program, str(SCRIPT), json.dumps(values)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


@node
def test_alpha_equals_the_library_s():
    generator = np.random.default_rng(8)
    sets = []
    for coders in (2, 3, 5):
        for _ in range(10):
            rows = generator.choice(["G", "N", "V", "X", ""], size=(12, coders), p=[0.2, 0.3, 0.2, 0.1, 0.2])
            sets.append(rows.tolist())
    sets += [[["N", "N"]] * 3, [["N", "V"], ["V", "N"]], [["N", "N"], ["V", "V"]]]
    found = in_script("v[0].map(c.nominalAlpha)", sets)
    for rows, alpha in zip(sets, found, strict=True):
        expected = agreement.krippendorff_alpha(agreement.from_matrix(rows), replicates=0).value
        assert alpha == (None if expected is None else pytest.approx(expected, abs=1e-12))


@node
def test_the_export_is_what_the_command_reads(tmp_path, capsys):
    from platformlabour import cli

    practice = load("coding-practice")
    tasks = [{"item": row.task_id, "main": row.main} for row in practice.itertuples()]
    mine = [{"main": row.main, "second": row.second} for row in practice.itertuples()]
    mine[0] = {"main": "", "second": ""}
    mine[1] = {"main": "N", "second": ""}
    paths = []
    for coder in ("=Ada", "Bob"):
        text = in_script("c.codesAsCsv(v[0], v[1], v[2], v[3])", tasks, mine, coder, "1.0")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == 19
        assert not rows[0]["coder"].startswith("=")
        path = tmp_path / f"{len(paths)}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    assert cli.main(["agreement", *paths]) == 0
    assert "19 of 19 items by two coders" in capsys.readouterr().out


@node
def test_the_verdict_counts_only_coded_tasks():
    tasks = [{"main": code} for code in "NNVX"]
    codes = [{"main": code, "second": ""} for code in ("N", "V", "V", "")]
    alpha = agreement.krippendorff_alpha(
        agreement.from_matrix([["N", "N"], ["V", "N"], ["V", "V"]]), replicates=0
    ).value
    expected = f"You coded 3 of 4 tasks and gave the published main code to 2; Krippendorff’s alpha is {alpha:.2f}."
    assert in_script("c.verdict(v[0], v[1])", tasks, codes) == expected
    alike = [{"main": "N", "second": ""}] * 2
    assert "undefined" in in_script("c.verdict(v[0], v[1])", [{"main": "N"}] * 2, alike)


@node
@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("plain", "plain"),
        ("=1", "'=1"),
        ("@x", "'@x"),
        ("-1", "'-1"),
        ("a,b", '"a,b"'),
        ('a"b', '"a""b"'),
        ("\t=1", "'\t=1"),
    ],
)
def test_cells_are_safe(cell, safe):
    assert in_script("c.csvCell(v[0])", cell) == safe


def test_the_script_stores_and_sends_nothing():
    text = SCRIPT.read_text("utf-8")
    for word in ("localStorage", "sessionStorage", "indexedDB", "cookie", "fetch(", "XMLHttpRequest", "sendBeacon"):
        assert word not in text
    assert "innerHTML" not in text  # a title must never become a page's code


# --- the directives


@pytest.fixture
def page(small_book):
    """Build a page with the directives and return its soup."""
    from bs4 import BeautifulSoup

    def build(text):
        built = small_book({"index": text})
        assert built.warnings == ""
        return BeautifulSoup(built.page("index"), "html.parser")

    return build


def test_the_page_reads_without_a_script(page):
    soup = page(
        "# Codebook\n\n```{codebook} codes\n```\n\n```{coding-practice}\n```\n\n```{coding-sheet}\n:rows: 5\n```\n"
    )
    practice = soup.select_one(".coding-practice")
    tables = {name: practice.select_one(f"table.coding-{name}") for name in ("tasks", "published", "names")}
    for name, rows in (("tasks", 20), ("published", 20), ("names", 7)):
        assert len(tables[name].tbody.find_all("tr")) == rows
    assert practice.select_one(".coding-version").get_text() == "Codebook version 1.0."
    assert tables["published"].find_parent("details") is not None
    assert len(soup.select("table.coding-sheet tbody tr")) == 5
    published = load("coding-practice")
    cells = [
        [cell.get_text(strip=True) for cell in row.find_all(["td", "th"])]
        for row in tables["published"].tbody.find_all("tr")
    ]
    assert [row[1] for row in cells] == published["main"].tolist()
    assert soup.select_one('script[src$="coding.js"]') is not None
