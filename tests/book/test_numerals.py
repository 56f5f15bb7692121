"""No digit in prose without a source."""

import pytest

TYPED = [
    "There are 12 platforms.",
    "A share of 4.5% is small.",
    "- an item with 3 parts",
    "> quoted: 250,000 workers",
    "A **bold 7** number.",
    "Footnote.[^a]\n\n[^a]: With 9 words.",
    "| head |\n|---|\n| 77 |",
]
EXEMPT = [
    "From 2015 to 2026, and in 2019–21.",
    "The formula $N = 12$ and the code `f(12)`.",
    "```python\nx = 12\n```",
    "$$\nx = 12\n$$",
    "See {cite:t}`Chao1987`.\n\n```{bibliography}\n```",
    "Two platforms, no digits.",
    "On [a page](https://example.org/12) of the web.",
]


@pytest.fixture(scope="module")
def warned(shared_book, notebook):
    """The warnings of each prose, on a page of its own in one book."""
    names = {prose: f"page-{number}" for number, prose in enumerate(TYPED + EXEMPT)}
    pages = {name: notebook("# Page", prose) for prose, name in names.items()}
    built = shared_book({"index": "# Book\n\n```{toctree}\n:glob:\n*\n```\n", **pages})
    return {prose: "\n".join(built.warnings_of(name)) for prose, name in names.items()}


@pytest.mark.parametrize("prose", TYPED)
def test_a_typed_number_is_a_warning(warned, prose):
    assert warned[prose].count("is neither computed nor cited") == 1


@pytest.mark.parametrize("prose", EXEMPT)
def test_years_code_formulas_and_citations_are_exempt(warned, prose):
    assert "is neither computed nor cited" not in warned[prose]


def test_computed_tables_and_outputs_are_exempt(small_book, notebook, code_cell):
    code = "import pandas as pd\nfrom platformlabour.book.display import table\ntable(pd.DataFrame({'a': [12]}))"
    built = small_book({"index": notebook("# Book", code_cell(code))})
    assert built.warnings == ""
    assert "12" in built.page("index")


def test_the_allow_list_is_a_setting(small_book, notebook):
    page = {"index": notebook("# Book", "A 30-day period.")}
    assert "30-day" in small_book(page).warnings
    allowed = 'platformlabour_allowed_numerals = ["30-day"]'
    assert small_book(page, configuration=allowed).warnings == ""
