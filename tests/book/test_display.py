"""Tables on the page."""

import pandas as pd
import pytest

from platformlabour import Estimate, InputError
from platformlabour.book.display import table

FRAME = pd.DataFrame({"name": ["<b>a</b>", "b"], "n": [1234, -5], "share": [0.5, None]})


def test_cells_are_formatted_and_missing_ones_shown_as_a_dash():
    shown = table(FRAME, {"name": "Name", "n": "Count", "share": "Share"}, formats={"n": ",.0f", "share": ".0%"})
    assert shown.rows == (("<b>a</b>", "1,234", "50%"), ("b", "\N{MINUS SIGN}5", "–"))
    assert shown.numeric == (False, True, True)


def test_estimates_show_in_the_form_asked_for_or_say_what_is_wrong():
    good = Estimate(value=100.0, unit="workers", estimand="x", method="m", interval=(80.0, 120.0))
    bad = Estimate(value=None, unit="workers", estimand="x", method="m", status="not identified")
    shown = table(pd.DataFrame({"k": ["a", "b"], "n": [good, bad]}), formats={"n": "interval"})
    assert [row[1] for row in shown.rows] == ["80 to 120", "not identified"]


@pytest.mark.parametrize("arguments", [{"columns": {"x": "X"}}, {"formats": {"x": "d"}}, {"markdown": ["x"]}])
def test_unknown_columns_are_refused(arguments):
    with pytest.raises(InputError, match="'x'"):
        table(FRAME, **arguments)


def test_a_table_too_wide_for_paper_is_refused():
    with pytest.raises(InputError, match="at most 7"):
        table(pd.DataFrame({f"c{i}": [i] for i in range(8)}))


CODE = """import pandas as pd
from platformlabour.book.display import table
table(pd.DataFrame({"name": ["<script>alert(1)</script>"], "n": [1234], "source": ["{cite:t}`Chao1987`"]}),
      formats={"n": ",.0f"}, markdown=["source"])"""


def test_on_the_page_a_table_is_numbered_aligned_and_safe(small_book, notebook, code_cell):
    options = (":mystnb:", ":  figure:", ":    name: tab-one", ':    caption: "One row."')
    page = notebook("# Book", "See {numref}`tab-one`.", code_cell(CODE, *options), "```{bibliography}\n```")
    built = small_book({"index": page})
    assert built.warnings == ""
    html = built.page("index")
    assert "Table 1" in html
    assert "<figure" not in html
    assert "<script>alert(1)" not in html
    assert 'class="number"' in html
    assert "Chao" in html.split("<table")[1]
