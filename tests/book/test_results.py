"""A number's way from a cell to prose and to results.json."""

import pytest

from platformlabour import Estimate, InputError
from platformlabour.book import check, record

RECORDING = """from platformlabour import Estimate
from platformlabour.book import check, record
record("part.seen", Estimate.counted(157255, "workers", "met"))
record("part.bound", Estimate(value=330594.2, unit="workers", estimand="available", method="Chao", bound="lower",
                              interval=(327452.0, 333794.0), standard_error=1617.7))
check("part.most", True)
check("part.few", False)"""


@pytest.mark.parametrize("key", ["", "chao", "Counting.chao", "a b.c", "a..b", 5, None])
def test_malformed_keys_are_refused(key):
    with pytest.raises(InputError, match="lower-case words joined by dots"):
        record(key, Estimate.counted(1, "workers", "seen"))
    with pytest.raises(InputError, match="lower-case words joined by dots"):
        check(key, True)


def test_a_bare_number_is_refused():
    with pytest.raises(InputError, match=r"Estimate\.counted"):
        record("part.seen", 157255)


def test_numbers_reach_prose_captions_and_other_pages(small_book, notebook, code_cell):
    index = notebook(
        "# Book",
        "There were {num}`part.seen:with-unit`, {holds}`most of them <part.most>` here.",
        "| a | b |\n|---|---|\n| {num}`part.bound` | x |",
        "```{toctree}\nother\n```",
    )
    built = small_book({"index": index, "other": notebook("# Other", code_cell(RECORDING))})
    assert built.warnings == ""
    page = built.page("index")
    assert '<data class="num" value="part.seen">157,255 workers</data>, <span class="holds">most of them</span>' in page
    assert ">330,600</data>" in page
    assert "application/vnd" not in built.page("other")


def test_results_json_holds_every_result_with_its_meaning(small_book, notebook, code_cell):
    built = small_book({"index": notebook("# Book", code_cell(RECORDING))})
    assert built.results["part.bound"] == {
        "chapter": "index",
        "value": 330594.2,
        "unit": "workers",
        "estimand": "available",
        "method": "Chao",
        "interval": [327452.0, 333794.0],
        "level": 0.95,
        "bound": "lower",
        "status": "ok",
        "standard_error": 1617.7,
    }
    assert built.results["part.few"] == {"chapter": "index", "holds": False}


UNBORNE = {
    "{num}`part.unknown`": "no chapter records the result 'part.unknown'",
    "{num}`part.most`": "'part.most' is a check, not a number",
    "{num}`part.seen:interval`": "a result without an interval",
    "{holds}`few <part.few>`": "the text says 'few', but the check 'part.few' does not hold",
    "{num}`part.seen:roman`": "with a form out of",
    "{holds}`few`": "write WORDS <KEY>",
}


@pytest.fixture(scope="module")
def unborne(shared_book, notebook, code_cell):
    """The warnings of each prose, on a page of its own in one book, and those of the page that records."""
    names = {prose: f"page-{number}" for number, prose in enumerate(UNBORNE)}
    pages = {name: notebook("# Page", prose) for prose, name in names.items()}
    index = notebook("# Book", code_cell(RECORDING), "```{toctree}\n:glob:\n*\n```")
    built = shared_book({"index": index, **pages})
    return {prose: built.warnings_of(name) for prose, name in {**names, "": "index"}.items()}


@pytest.mark.parametrize("prose", UNBORNE)
def test_prose_that_nothing_bears_out_is_a_warning(unborne, prose):
    assert len(unborne[prose]) == 1
    assert UNBORNE[prose] in unborne[prose][0]
    assert unborne[""] == []


def test_one_key_for_two_results_is_a_warning(small_book, notebook, code_cell):
    again = code_cell('from platformlabour.book import check\ncheck("part.most", True)')
    index = notebook("# Book", code_cell(RECORDING), "```{toctree}\nother\n```")
    built = small_book({"index": index, "other": notebook("# Other", again)})
    assert "the result 'part.most' is recorded by index and by other" in built.warnings


def test_pages_follow_numbers_that_other_pages_changed(small_book, notebook, code_cell):
    index = notebook("# Book", "We met {num}`part.seen`.", "```{toctree}\nother\n```")
    small_book({"index": index, "other": notebook("# Other", code_cell(RECORDING))})
    changed = RECORDING.replace("157255", "157256")
    built = small_book({"index": index, "other": notebook("# Other", code_cell(changed))})
    assert "157,256" in built.page("index")


def test_results_survive_the_execution_cache(small_book, notebook, code_cell):
    page = notebook("# Book", "We met {num}`part.seen`.", code_cell(RECORDING))
    first = small_book({"index": page})
    again = small_book({"index": page.replace("We met", "The survey met")})
    assert again.warnings == ""
    assert again.results == first.results
    assert "The survey met" in again.page("index")


def test_the_table_of_results_names_each_with_its_chapter(small_book, notebook, code_cell):
    built = small_book({"index": notebook("# Book", code_cell(RECORDING), "```{results-table}\n```")})
    page = built.page("index")
    assert "part.bound" in page
    assert "330,594 workers (95% interval 327,500 to 333,800)" in page
    assert "part.most" not in page.split("<table")[1], "a check is not a number"
