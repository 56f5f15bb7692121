"""The calculator in the page gives what the library gives, refuses what it refuses, and needs only its own file."""

import itertools
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

from platformlabour import InputError
from platformlabour.book import calculator, html_repairs
from platformlabour.counting.calculator import count_people
from platformlabour.counting.overlaps import ROUTES

SCRIPT = Path(__file__).resolve().parents[2] / "_static" / "calculator.js"
NODE = shutil.which("node")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def grid():
    """More than two hundred inputs: every route with and without a number of platforms, ranges narrow and wide."""
    generator = np.random.default_rng(20261122)
    fixed = itertools.product(
        [337_980.0, 1.0, 8.9e9],
        [1.0, 1.27, 1.83, 2.0, 3.5],
        ROUTES,
        [None, 8.0],
        [([0.0, 0.0], [1.0, 1.0], [1.0, 1.0])],
    )
    inputs = [
        {"accounts": a, "mean": m, "route": r, "most": k, "dormant": d, "active": s, "sharing": p}
        for a, m, r, k, (d, s, p) in fixed
    ]
    for route in ROUTES:
        inputs.extend(
            {
                "accounts": float(generator.integers(10, 10**8)),
                "mean": float(generator.uniform(1, 6)),
                "route": route,
                "most": None if generator.random() < 0.5 else float(generator.integers(6, 40)),
                "dormant": sorted(generator.uniform(0, 0.999, 2).tolist()),
                "active": sorted(generator.uniform(0.001, 1, 2).tolist()),
                "sharing": sorted(generator.uniform(1, 4, 2).tolist()),
            }
            for _ in range(40)
        )
    return inputs


BAD = [
    {"accounts": 0.0},
    {"accounts": 1e10},
    {"mean": 0.5},
    {"mean": 9.0},
    {"dormant": [0.6, 0.3]},
    {"most": 8.5},
    {"dormant": [0.0, 1.0]},
    {"active": [0.0, 0.5]},
    {"active": [0.5, 1.5]},
    {"sharing": [0.5, 1.0]},
    {"route": "friends"},
]
GOOD = {
    "accounts": 1000.0, "mean": 1.5, "route": "unknown", "most": 8.0,
    "dormant": [0.1, 0.2], "active": [0.2, 0.5], "sharing": [1.0, 1.2],
}  # fmt: skip


def in_node(inputs):
    program = (
        f"const {{countPeople}} = require({json.dumps(str(SCRIPT))});"
        "let text = ''; process.stdin.on('data', part => text += part).on('end', () => "
        "process.stdout.write(JSON.stringify(JSON.parse(text).map(countPeople))));"
    )
    done = subprocess.run([NODE, "-e", program], input=json.dumps(inputs), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def in_chromium(inputs, folder):
    page = folder / "grid.html"
    (folder / "calculator.js").write_text(SCRIPT.read_text("utf-8"), encoding="utf-8")
    (folder / "grid.js").write_text(
        f"document.querySelector('pre').textContent = JSON.stringify({json.dumps(inputs)}.map(countPeople));", "utf-8"
    )
    page.write_text('<pre></pre><script src="calculator.js"></script><script src="grid.js"></script>', encoding="utf-8")
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(BeautifulSoup(done.stdout, "html.parser").pre.get_text())


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    if NODE:
        return in_node
    if CHROMIUM:
        return lambda inputs: in_chromium(inputs, tmp_path_factory.mktemp("page"))
    pytest.skip("neither Node.js nor Chromium is installed: nothing here runs JavaScript")


def test_the_page_computes_what_the_library_computes(run):
    inputs = grid()
    assert len(inputs) >= 200
    for given, found in zip(inputs, run(inputs), strict=True):
        expected = count_people(**given)
        pairs = [
            (found["coefficient"], expected.coefficient),
            (found["registered"], expected.registered.interval or (expected.registered.value,) * 2),
            ([found["active"]], [expected.active.value]),
            (found["interval"], expected.active.interval),
            (found["widest"], expected.widest),
        ]
        for in_page, in_library in pairs:
            np.testing.assert_allclose(in_page, in_library, rtol=1e-9, err_msg=str(given))


def test_the_page_refuses_what_the_library_refuses(run):
    inputs = [GOOD | change for change in BAD]
    for given, found in zip(inputs, run(inputs), strict=True):
        assert found["faults"], given
        with pytest.raises(InputError):
            count_people(**given)
    assert "faults" not in run([GOOD])[0]


def test_every_field_has_a_name_for_screen_readers_and_no_code():
    page = BeautifulSoup(calculator.form(), "html.parser")
    ids = [element["id"] for element in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    for control in page.find_all(["input", "select"]):
        named = page.find("label", attrs={"for": control["id"]}) or control.find_parent("label")
        assert named is not None, control
        assert control["aria-describedby"] in ids
    assert page.find("output")["aria-live"] == "polite"
    assert {option["value"] for option in page.find_all("option")} == set(ROUTES)
    body, removed = html_repairs.repair(calculator.form())
    assert removed == []
    assert "hidden" in body


def test_the_first_values_are_a_valid_question(run):
    page = BeautifulSoup(calculator.form(), "html.parser")
    value = {control["name"]: float(control["value"]) for control in page.find_all("input")}
    inputs = {
        "accounts": value["accounts"],
        "mean": value["mean"],
        "most": value["most"],
        "route": page.find("option", selected=True)["value"],
        **{name: [value[f"{name}-{end}"] / scale for end in ("from", "to")] for name, scale in
           (("dormant", 100), ("active", 100), ("sharing", 1))},
    }  # fmt: skip
    assert run([inputs])[0]["active"] == pytest.approx(count_people(**inputs).active.value)


def test_pages_with_the_form_ask_for_its_script_and_others_do_not(small_book):
    built = small_book(
        {"index": "# Start\n\n```{people-calculator}\n```\n\n```{toctree}\nother\n```\n", "other": "# Other\n"}
    )
    # The small book has the plain theme's layout, which prints the body as it stands.
    assert re.search(r'<script src="_static/calculator\.js" defer', built.page("index"))
    assert 'class="people-calculator"' in built.page("index")
    assert "calculator.js" not in built.page("other")


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
def test_the_form_comes_to_life_under_the_books_policy(tmp_path):
    from platformlabour.book.html import SECURITY_POLICY

    (tmp_path / "calculator.js").write_text(SCRIPT.read_text("utf-8"), encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text(
        f'<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="{SECURITY_POLICY}">'
        f'<body>{calculator.form()}<script src="calculator.js" defer></script>',
        encoding="utf-8",
    )
    command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    shown = BeautifulSoup(done.stdout, "html.parser").find(class_="people-calculator")
    assert not shown.has_attr("hidden")
    assert "people (95% interval" in shown.find("output").get_text()
