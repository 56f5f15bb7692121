"""The case list on the page: words that need no script, and a filter that counts as the library does."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from platformlabour import load
from platformlabour.book import case_list
from platformlabour.functions import cases

SCRIPT = Path(__file__).resolve().parents[2] / "_static" / "timeline.js"
NODE = shutil.which("node")
FILE = load("impersonation-cases").to_dict("records")


def test_particulars_say_all_that_can_be_filtered():
    for case in FILE:
        told = case_list.particulars(case)
        assert case["function"] in told
        assert f"grade {case['grade']}" in told
        assert ("an allegation" in told) == (case["allegation"] == "yes")


def test_one_year_is_told_once():
    case = next(case for case in FILE if case["case"] == "kiwibot")
    assert "practice about 2019;" in case_list.particulars(case)


def test_the_place_in_the_source_says_how_it_was_read():
    for case in FILE:
        assert "read in" in case_list._locator(case)


@pytest.mark.skipif(NODE is None, reason="needs node to run the page's script")
@pytest.mark.parametrize("without", [(), ("D",), ("C", "D")])
def test_the_filter_counts_as_the_library_does(without):
    classes = [case_list.case_classes(case) for case in FILE]
    chosen = {
        "functions": list(cases.FUNCTIONS),
        "grades": [grade.lower() for grade in cases.GRADES if grade not in without],
        "allegations": True,
    }
    program = (
        f"const {{visible, tally}} = require({json.dumps(str(SCRIPT))});"
        f"const all = {json.dumps(classes)}; const shown = visible(all, {json.dumps(chosen)});"
        "console.log(JSON.stringify(tally(all, shown)));"
    )
    done = subprocess.run([NODE, "-e", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == cases.by_function(load("impersonation-cases"), without=without).to_dict()


@pytest.mark.skipif(NODE is None, reason="needs node to run the page's script")
def test_allegations_can_be_left_out():
    classes = [case_list.case_classes(case) for case in FILE]
    chosen = {"functions": list(cases.FUNCTIONS), "grades": ["a", "b", "c", "d"], "allegations": False}
    program = (
        f"const {{visible}} = require({json.dumps(str(SCRIPT))});"
        f"console.log(visible({json.dumps(classes)}, {json.dumps(chosen)}).filter(Boolean).length);"
    )
    done = subprocess.run([NODE, "-e", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) == sum(case["allegation"] == "no" for case in FILE)
