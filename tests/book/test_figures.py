"""Figures: their words come from their data, and simulated data never pass for real."""

import csv
import io
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.book.figures import bar_chart, dot_chart, line_chart, to_csv

YEARS = pd.DataFrame({"year": [2015, 2016, 2017], "workers": [17075, 20375, 19081]})
RULES = pd.DataFrame(
    {"rule": ["declared", "seen"], "people": [500000, 157255], "low": [None, 150000], "high": [None, 160000],
     "bound": ["upper", "lower"]}
)  # fmt: skip


def lines(**more):
    return line_chart(YEARS, x="year", y="workers", subject="workers", x_label="year", y_label="workers", **more)


def dots(**more):
    options = {"low": "low", "high": "high", "bound": "bound", "log": True}
    return dot_chart(RULES, label="rule", value="people", subject="two counts", value_label="people",
                     **{**options, **more})  # fmt: skip


def bars(**more):
    frame = YEARS.assign(year=YEARS["year"].astype(str), expected=[1e4, 2e4, 3e4])
    return bar_chart(frame, x="year", y="workers", expected="expected", subject="workers", x_label="year",
                     y_label="workers", **more)  # fmt: skip


@pytest.mark.parametrize("draw", [lines, dots, bars])
def test_pictures_are_well_formed_and_the_same_every_time(draw):
    assert draw().svg == draw().svg
    assert ElementTree.fromstring(draw().svg).tag.endswith("svg")
    assert "<dc:date" not in draw().svg


@pytest.mark.parametrize("draw", [lines, dots, bars])
def test_alt_texts_name_type_subject_and_numbers_within_reading_length(draw):
    alt = draw().alt
    assert "chart of" in alt
    assert any(character.isdigit() for character in alt)
    assert 25 <= len(alt) <= 250


@pytest.mark.parametrize("draw", [lines, dots, bars])
def test_simulated_data_say_so_in_picture_and_words(draw):
    plain, simulated = draw(), draw(simulated=True)
    assert simulated.alt.startswith("Simulated data.")
    assert simulated.description.startswith("Simulated data.")
    assert simulated.svg != plain.svg


def test_a_description_gives_every_value_of_a_dot_chart_and_its_bound():
    description = dots().description
    assert "declared: 500,000, an upper bound" in description
    assert "seen: 157,255 (interval 150,000 to 160,000), a lower bound" in description


def test_the_data_behind_a_figure_is_the_frame_drawn():
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(to_csv(lines().data))), YEARS)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\tx", "\rx"])
def test_a_spreadsheet_runs_no_formula_from_a_download(cell):
    text = to_csv(pd.DataFrame({"name": [cell]}))
    _, row = csv.reader(io.StringIO(text, newline=""))
    assert row[0].startswith("'")


@pytest.mark.parametrize("draw", [line_chart, bar_chart])
def test_missing_columns_and_empty_frames_are_refused(draw):
    words = {"subject": "s", "x_label": "x", "y_label": "y"}
    with pytest.raises(InputError, match="'people'"):
        draw(YEARS, x="year", y="people", **words)
    with pytest.raises(InputError, match="without rows"):
        draw(YEARS.iloc[:0], x="year", y="workers", **words)


def test_zero_has_no_place_on_a_logarithmic_axis():
    with pytest.raises(InputError, match="logarithmic"):
        dot_chart(RULES.assign(people=[0, 1]), label="rule", value="people", subject="s", value_label="v", log=True)


CHART = """import pandas as pd
from platformlabour.book.figures import line_chart
frame = pd.DataFrame({"year": [2015, 2016], "n": [1, 2]})
line_chart(frame, x="year", y="n", subject="two numbers", x_label="year", y_label="n")"""
NAMED = (":mystnb:", ":  figure:", ":    name: fig-two", ':    caption: "Two numbers."')


@pytest.fixture(scope="module")
def drawn(shared_book, notebook, code_cell):
    """A book with a figure, one without name and caption, and one whose label is markup."""
    markup = CHART.replace('"two numbers"', '"<script>alert(1)</script>"')
    named = [line.replace("fig-two", "fig-markup") for line in NAMED]
    cells = [code_cell(CHART, *NAMED), "Between.", code_cell(CHART), code_cell(markup, *named)]
    return shared_book({"index": notebook("# Book", "See {numref}`fig-two`.", *cells)})


def test_a_figure_on_the_page_has_number_alt_text_words_and_data(drawn):
    page, built = drawn.page("index"), drawn
    assert 'alt="Line chart of two numbers: 1 at year 2015, 2 at year 2016."' in page
    assert "Fig. 1" in page
    assert '<details class="figure-note">' in page
    assert (built.folder / "_data_behind_figures" / "fig-two.csv").read_text("utf-8") == "year,n\n2015,1\n2016,2\n"


def test_a_figure_without_name_and_caption_is_a_warning_and_no_other_is(drawn):
    assert len(drawn.warnings.splitlines()) == 1
    assert "has no name and caption" in drawn.warnings


def test_a_label_that_is_markup_stays_a_label(drawn):
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in drawn.page("index")
    assert "<script>alert(1)</script>" not in drawn.page("index")
