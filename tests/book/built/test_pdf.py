"""The built PDF as its readers get it, by eye or by ear: tags, words for pictures, text, and repeatability.

Structure is read with pikepdf, text (in conftest.py) with pypdf.
"""

import io
import itertools
import re
from functools import cache
from pathlib import Path

import pikepdf
import pytest
import typst
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "_build" / "html"
BOOK = ROOT / "_build" / "platform-labour.pdf"
SOURCE = ROOT / "_build" / "work" / "typst" / "book.typ"
SHORTEST_ALT = 25
FEWEST_CHARACTERS = 40  # on a page that opens no part

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(not BOOK.is_file(), reason="the PDF is not built: run make book"),
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the HTML is not built: run make book"),
]


def plain(text):
    """Text without what hyphenation, line ends and typographic characters change."""
    text = text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("\N{SOFT HYPHEN}", "")
    text = text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    return " ".join(text.split())


@cache
def configuration():
    return yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))


@cache
def table_of_contents():
    """Return [(part, [document, …])]; the root page has no part."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    parts = [(part["caption"], [entry["file"] for entry in part["chapters"]]) for part in toc["parts"]]
    return [(None, [toc["root"]]), *parts]


def documents():
    return [name for _, names in table_of_contents() for name in names]


@cache
def page_of(name):
    return BeautifulSoup((SITE / f"{name}.html").read_text("utf-8"), "html.parser")


def title_of(name):
    """A document's title as the site shows it, without number and link sign."""
    heading = page_of(name).find("h1")
    for extra in heading.select(".headerlink, .section-number"):
        extra.extract()
    return plain(re.sub(r"^\d+\. ", "", heading.get_text()))


@pytest.fixture(scope="module")
def pdf():
    with pikepdf.open(BOOK) as opened:
        yield opened


@pytest.fixture(scope="module")
def elements(pdf):
    """Every structure element, in reading order."""
    found, waiting = [], [pdf.Root.StructTreeRoot]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += reversed(list(node))
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                found.append(node)
            if "/K" in node:
                waiting.append(node.K)
    return found


def tagged(elements, *tags):
    return [element for element in elements if str(element.S) in tags]


def within(element, *tags):
    """Return the structure elements below one that have a tag."""
    found, waiting = [], [element.get("/K")]
    while waiting:
        node = waiting.pop()
        if isinstance(node, pikepdf.Array):
            waiting += reversed(list(node))
        elif isinstance(node, pikepdf.Dictionary):
            if str(node.get("/S", "")) in tags:
                found.append(node)
            waiting.append(node.get("/K"))
    return found


@pytest.fixture(scope="module")
def outline(pdf):
    """Return [(depth, title, page index)]."""
    numbers = {page.obj.objgen: index for index, page in enumerate(pdf.pages)}

    def entries(items, depth=0):
        for item in items:
            destination = item.destination if item.destination is not None else item.action.D
            if isinstance(destination, (pikepdf.String, pikepdf.Name)):
                names = pikepdf.NameTree(pdf.Root.Names.Dests)
                destination = names[str(destination)]
                destination = destination.D if isinstance(destination, pikepdf.Dictionary) else destination
            yield depth, plain(item.title), numbers[destination[0].objgen]
            yield from entries(item.children, depth + 1)

    with pdf.open_outline() as opened:
        return list(entries(opened.root))


@pytest.fixture(scope="module")
def chapter_text(pdf_texts, outline):
    """A function from a document's title to the text between its heading and the next document's."""
    titles = [title_of(name) for name in documents()]
    parts = [part for part, _ in table_of_contents() if part]
    starts = {}
    for _, title, page in outline:
        name = re.sub(r"^\d+ ", "", title)
        if name in titles + parts:
            starts.setdefault(name, page)
    ends = sorted({*starts.values(), len(pdf_texts)})

    def text_of(title):
        first = starts[title]
        last = min(page for page in ends if page > first)
        return plain(" ".join(re.sub(r"(?<=\w)-\n(?=[a-z])", "", page) for page in pdf_texts[first:last]))

    return text_of


# --- what the file says of itself


def test_the_pdf_declares_that_it_is_tagged_and_follows_the_accessibility_standard(pdf):
    assert pdf.Root.MarkInfo.Marked
    assert not pdf.Root.MarkInfo.get("/Suspects", False)
    assert "/StructTreeRoot" in pdf.Root
    assert pdf.open_metadata()["pdfuaid:part"] == "1"


def test_the_language_is_the_book_s(pdf):
    language = configuration()["sphinx"]["config"]["language"]
    assert str(pdf.Root.Lang).split("-")[0] == language


def test_title_and_author_are_the_book_s_and_the_window_shows_the_title(pdf):
    assert str(pdf.docinfo.Title) == configuration()["title"]
    assert str(pdf.docinfo.Author) == configuration()["author"]
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    metadata = pdf.open_metadata()
    assert metadata["dc:title"] == configuration()["title"]
    assert metadata["dc:creator"] == [configuration()["author"]]


def test_every_font_is_embedded_and_can_be_read_back_as_text(pdf):
    fonts = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font"]
    assert fonts
    for font in fonts:
        if font.Subtype == "/Type0":
            assert "/ToUnicode" in font, str(font.BaseFont)
        if "/FontDescriptor" in font:
            files = {"/FontFile", "/FontFile2", "/FontFile3"} & set(font.FontDescriptor.keys())
            assert files, f"{font.BaseFont} is not embedded"


def test_links_leave_the_book_by_web_addresses_only(pdf):
    addresses = {
        str(note.A.URI) for page in pdf.pages for note in page.get("/Annots", []) if "/A" in note and "/URI" in note.A
    }
    assert addresses
    assert [address for address in addresses if not re.match(r"https?://[\w.-]+\.\w+(/|$)", address)] == []


# --- structure


def test_every_chapter_stands_in_the_outline_in_the_order_of_the_table_of_contents(outline):
    expected = []
    for part, names in table_of_contents():
        expected += [(0, part)] if part else []
        expected += [(1 if part else 0, title_of(name)) for name in names]
    known = {title for _, title in expected}
    found = [(depth, re.sub(r"^\d+ ", "", title)) for depth, title, _ in outline]
    assert [entry for entry in found if entry[1] in known and entry[0] < 2] == expected
    pages = [page for _, _, page in outline]
    assert pages == sorted(pages)


def test_headings_are_tagged_and_never_skip_a_level(elements):
    levels = [int(str(element.S)[2:]) for element in elements if re.fullmatch(r"/H\d", str(element.S))]
    assert len(levels) > len(documents())
    assert levels[0] == 1
    skips = [(a, b) for a, b in itertools.pairwise(levels) if b > a + 1]
    assert skips == []


def test_every_computed_figure_has_the_words_that_the_site_has(elements):
    expected = sorted(plain(image["alt"]) for name in documents() for image in page_of(name).select("img"))
    figures = tagged(elements, "/Figure")
    found = sorted(plain(str(element.get("/Alt", ""))) for element in figures)
    assert found == expected
    assert expected
    assert min(map(len, found)) >= SHORTEST_ALT


def test_every_formula_is_spoken(elements):
    formulas = sum(len(page_of(name).select("div.math, span.math")) for name in documents())
    spoken = [str(element.get("/Alt", "")) for element in tagged(elements, "/Formula")]
    assert len(spoken) == formulas
    assert formulas > 0
    assert [alt for alt in spoken if not alt.strip() or "\\" in alt or "$" in alt] == []


def test_every_table_has_a_header_row_of_header_cells(elements):
    tables = tagged(elements, "/Table")
    on_the_site = sum(len(page_of(name).select("main table:not(.footnote) thead")) for name in documents())
    assert len(tables) == on_the_site
    for table in tables:
        head, *more = within(table, "/THead")
        assert more == []
        rows = within(head, "/TR")
        assert rows
        assert all(within(row, "/TH") for row in rows)
        assert not within(head, "/TD")
        width = max(len(within(row, "/TD", "/TH")) for row in within(table, "/TR"))
        assert len(within(rows[-1], "/TH")) == width, "a column without a heading"


def test_every_header_cell_says_whether_it_heads_a_column_or_a_row(elements):
    for cell in tagged(elements, "/TH"):
        attributes = cell.get("/A", [])
        attributes = list(attributes) if isinstance(attributes, pikepdf.Array) else [attributes]
        scopes = [str(item.Scope) for item in attributes if "/Scope" in item]
        assert scopes in (["/Column"], ["/Row"], ["/Both"])


# --- text


def test_no_page_is_empty(pdf, pdf_texts):
    parts = {part for part, _ in table_of_contents() if part}
    empty = [
        number
        for number, (text, page) in enumerate(zip(pdf_texts, pdf.pages, strict=True), start=1)
        if len(plain(text)) < FEWEST_CHARACTERS
        and plain(re.sub(r"\d+$", "", text.strip())) not in parts
        # A page that holds a figure alone has an image or a form of its own.
        and not page.get("/Resources", {}).get("/XObject")
    ]
    assert empty == []


def test_every_chapter_opens_with_its_title(pdf_texts, outline):
    pages = {re.sub(r"^\d+ ", "", title): page for depth, title, page in reversed(outline) if depth < 2}
    for name in documents():
        title = title_of(name)
        assert title in plain(pdf_texts[pages[title]]), title


@pytest.mark.parametrize("name", documents() if BOOK.is_file() else [])
def test_every_caption_number_of_the_site_is_printed(name, chapter_text):
    text = chapter_text(title_of(name))
    for caption in page_of(name).select(".caption-number"):
        number = plain(caption.get_text())
        # A word boundary, so that Fig. 1.1 is not found in Fig. 1.12.
        assert re.search(rf"{re.escape(number)}(?![\d.]*\d)", text), number


@pytest.mark.parametrize("name", documents() if BOOK.is_file() else [])
def test_every_number_in_the_prose_of_the_site_is_printed(name, chapter_text):
    text = chapter_text(title_of(name))
    for number in page_of(name).select("data.num"):
        shown = plain(number.get_text())
        assert re.search(rf"(?<![\d.,]){re.escape(shown)}(?![\d%]|[.,]\d)", text), f"{number['value']}: {shown}"


def test_the_headline_bound_stands_in_its_chapter_and_in_the_table_of_all_results(chapter_text):
    bounds = page_of("chapters/counting/capture-recapture").select('data.num[value="counting.mturk.chao"]')
    assert bounds
    shown = {plain(bound.get_text()) for bound in bounds}
    assert shown <= set(re.findall(r"\d[\d,]*\d(?: to \d[\d,]*\d)?", chapter_text("Capture–recapture")))
    everything = re.sub(r"[\s\u200b]", "", chapter_text(title_of("chapters/appendix/results")))
    assert "counting.mturk.chao" in everything


def test_no_machine_path_object_or_missing_reference_is_printed(pdf_texts):
    # Joined here so that this file does not hold the very strings it forbids.
    paths = ["/" + name + "/" for name in ("home", "root", "work", "tmp", "Users")]
    text = " ".join(pdf_texts)
    assert [path for path in paths if path in text] == []
    # The method reference shows refusals as Python prints them: those end in the project's own error.
    # A page may turn in between, with its number and running head.
    text = re.sub(
        r"Traceback \(most recent call last\):.{0,250}?(?:Input\u200b?Error|Faulty\u200b?Holdings)", "", plain(text)
    )
    assert re.findall(r"<[\w.]+ object at 0x|Traceback \(most|\[[\w.]+\?\]|\ufffd", text) == []


# --- repeatability


@pytest.mark.skipif(not SOURCE.is_file(), reason="the Typst source of the PDF was not kept")
def test_compiling_the_same_source_again_gives_the_same_bytes():
    again, warnings = typst.compile_with_warnings(
        str(SOURCE), root=str(SOURCE.parent), ignore_system_fonts=True, pdf_standards=["ua-1"]
    )
    assert list(warnings) == []
    if again != BOOK.read_bytes():
        pages = [len(pikepdf.open(io.BytesIO(data)).pages) for data in (again, BOOK.read_bytes())]
        pytest.fail(f"another PDF: {len(again):,} bytes and {BOOK.stat().st_size:,}; pages {pages}")
