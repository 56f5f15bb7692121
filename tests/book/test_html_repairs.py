"""Each repair on a few lines of HTML."""

import pytest
from bs4 import BeautifulSoup

from platformlabour.book.html import svg_size
from platformlabour.book.html_repairs import DESCRIPTION_LENGTH, description, repair


def repaired(body, **options):
    text, _ = repair(body, **options)
    return BeautifulSoup(text, "html.parser")


@pytest.mark.parametrize(
    "attack",
    [
        "<script>steal()</script>",
        '<img src="x" alt="" onerror="steal()">',
        '<a href="javascript:steal()">a country</a>',
        '<a href=" JavaScript:steal()">a country</a>',
        '<svg onload="steal()"></svg>',
        '<iframe srcdoc="&lt;script&gt;steal()&lt;/script&gt;"></iframe>',
        '<form action="elsewhere"><input></form>',
    ],
)
def test_a_label_cannot_run_code(attack):
    text, removed = repair(f"<table><tr><td>{attack}</td></tr></table>")
    assert removed
    assert "steal" not in text
    assert "elsewhere" not in text


def test_an_escaped_label_stays_text():
    text, removed = repair("<p>&lt;script&gt;steal()&lt;/script&gt; and f(x) &lt; g(x)</p>")
    assert not removed
    assert text == "<p>&lt;script&gt;steal()&lt;/script&gt; and f(x) &lt; g(x)</p>"


def test_a_printed_frame_becomes_a_plain_table():
    page = repaired(
        "<div><style scoped>.dataframe td {color: red}</style>"
        '<table border="1" class="dataframe">'
        '<thead><tr style="text-align: right;"><th></th><th>year</th><th>place</th></tr>'
        "</thead><tbody><tr><th>0</th><td>2,015</td><td>Kraków</td></tr></tbody></table></div>"
    )
    table = page.table
    assert page.find("style") is None
    assert not table.has_attr("border")
    assert [cell.get("scope") for cell in table.thead.find_all(["td", "th"])] == [None, "col", "col"]
    assert not [header for header in table.find_all("th") if not header.get_text(strip=True)]
    assert table.tbody.th["scope"] == "row"
    assert [cell.get_text() for cell in table.select(".number")] == ["", "year", "0", "2,015"]


def test_tables_scroll_in_a_named_frame_that_the_keyboard_reaches():
    page = repaired(
        '<div class="pst-scrollable-table-container"><table class="table"><caption>'
        '<span class="caption-number">Table 1.1 '
        '</span><span class="caption-text">Workers, by year.</span>'
        '<a class="headerlink" href="#t" title="x">¶</a></caption>'
        '<thead><tr><th class="head number">Year</th></tr></thead>'
        '<tbody><tr><td class="row-name number"><p>2015</p></td></tr></tbody></table></div>'
    )
    frame = page.table.parent
    assert frame["class"] == ["scroll"]
    assert frame["tabindex"] == "0"
    assert frame["aria-label"] == "Table 1.1 Workers, by year."
    assert len(page.select(".scroll")) == 1
    assert page.tbody.th.attrs == {"class": ["number"], "scope": "row"}
    assert page.tbody.th.decode_contents() == "2015"


def test_cells_with_several_paragraphs_keep_them():
    page = repaired("<table><tbody><tr><td><p>one</p><p>two</p></td></tr></tbody></table>")
    assert len(page.td.find_all("p")) == 2


def test_dotted_names_break_after_their_dots():
    page = repaired("<table><tbody><tr><td><code>counting.mturk.chao</code></td></tr></tbody></table>")
    assert page.code.decode_contents() == "counting.<wbr/>mturk.<wbr/>chao"
    assert page.code.get_text() == "counting.mturk.chao"


def test_pictures_have_a_size():
    page = repaired(
        '<img alt="a" src="../_images/a.svg"><img alt="b" src="b.png">',
        size_of={"../_images/a.svg": (479.6, 300.2)}.get,
    )
    first, second = page.find_all("img")
    assert (first["width"], first["height"]) == ("480", "300")
    assert not second.has_attr("width")


@pytest.mark.parametrize(
    ("text", "size"), [('<svg width="3in" height="2in">', None), ('<svg height="3" width="4">', (4.0, 3.0))]
)
def test_the_size_of_a_picture_is_read_or_unknown(text, size):
    assert svg_size(text) == size


def test_folding_boxes_need_no_script():
    page = repaired('<div class="admonition tip dropdown"><p class="admonition-title">Hint</p><p>Add one.</p></div>')
    assert page.details["class"] == ["admonition", "tip"]
    assert page.details.summary.get_text() == "Hint"
    assert page.details.div.p.get_text() == "Add one."
    assert page.div.find("summary") is None


def test_the_words_on_a_fold_are_its_name():
    page = repaired(
        '<details><summary aria-label="Toggle hidden content"><p class="collapsed">Show</p></summary></details>'
    )
    assert page.summary.attrs == {}
    assert page.summary.p is None


def test_marks_beside_headings_are_for_the_mouse_only():
    link = repaired('<h2>T<a class="headerlink" href="#t" title="Link to this heading">¶</a></h2>').a
    assert link["aria-hidden"] == "true"
    assert link["tabindex"] == "-1"
    assert link["href"] == "#t"


def test_the_bibliography_is_a_list_of_entries_only():
    page = repaired(
        '<div role="list" class="citation-list">'
        '<span id="a"></span><div class="citation" role="doc-biblioentry">A</div></div>'
    )
    listing = page.select_one("[role=list]")
    assert [child["role"] for child in listing.find_all(True, recursive=False)] == ["listitem"]
    assert page.select_one("#a") is not None


def test_no_id_occurs_twice():
    page = repaired(
        '<section id="proof-content"><p id="a">1</p></section><section id="proof-content"><p id="a">2</p></section>'
    )
    assert [element["id"] for element in page.find_all(id=True)] == ["a"]


def test_the_description_is_the_first_full_paragraph():
    body = '<p class="admonition-title">' + "title " * 20 + "</p><p>Too short.</p><p>" + "a long text " * 30 + "</p>"
    text = description(body)
    assert text.startswith("a long text")
    assert text.endswith(("a…", "long…", "text…"))
    assert len(text) <= DESCRIPTION_LENGTH
    assert description("<p>Short.</p>") == ""


def test_marks_without_a_style_are_removed_and_the_words_kept():
    page = repaired(
        '<code><span class="pre">load()</span></code>'
        '<div class="highlight"><pre><span class="n">a</span> <span class="k">if</span> '
        '<span class="p">[</span></pre></div>'
    )
    assert [span["class"] for span in page.find_all("span")] == [["k"]]
    assert page.code.get_text() == "load()"
    assert page.pre.get_text() == "a if ["
