"""No answer to an exercise reaches the readers of the site or of the PDF, its search index and sources included."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SITE = ROOT / "_build" / "html"
TYPST = ROOT / "_build" / "work" / "typst" / "book.typ"
SOLUTIONS = ROOT / "solutions"
# Joined here so that only the solutions hold the marker.
CANARY = "SOLUTION" + "-CANARY"
RUN = 8  # words in a row that only an answer would hold
BINARY = {".svg", ".woff", ".woff2", ".ttf", ".png", ".ico", ".inv", ".pdf"}

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the book is not built: run make book"),
    pytest.mark.skipif(not SOLUTIONS.is_dir(), reason="a copy without the solutions, as students get it"),
]


def words_of(text):
    """The words and numbers of a text, without markup, in small letters."""
    text = re.sub(r"</?[a-zA-Z][^<>]*>", " ", text)
    text = re.sub(r"&\w+;|&#\d+;|\\[nt]", " ", text)
    return re.findall(r"[^\W_]+(?:[.,]\d+)*", text.lower().replace("\N{SOFT HYPHEN}", ""))


def runs(text):
    """Every run of words in a text."""
    words = words_of(text)
    return {" ".join(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


@cache
def sources_of_the_book():
    """All that the chapters and the library say openly: what is there is no answer."""
    files = [
        *ROOT.glob("chapters/**/*.md"),
        *ROOT.glob("src/**/*.py"),
        *ROOT.glob("data/*.csv"),
        *ROOT.glob("data/*.json"),
        ROOT / "README.md",
    ]
    return frozenset().union(*(runs(path.read_text("utf-8")) for path in files))


@cache
def answers():
    """{run of words: place} for all prose and code that stands in a solution and nowhere in the book's sources."""
    found = {}
    for path in sorted(SOLUTIONS.glob("**/*.md")):
        _, *pieces = re.split(r"^## (ex-[a-z0-9-]+)\n", path.read_text("utf-8"), flags=re.M)
        for label, text in zip(pieces[::2], pieces[1::2], strict=True):
            found.update(dict.fromkeys(runs(text) - sources_of_the_book(), label))
    return found


def published():
    """Every text file of the site, with its text."""
    for path in sorted(SITE.rglob("*")):
        if path.is_file() and path.suffix not in BINARY and "mathjax" not in path.relative_to(SITE).parts:
            yield path.relative_to(SITE).as_posix(), path.read_text("utf-8", errors="replace")


def leaks(text):
    """Return {exercise: one of the runs of words of its answer that a text holds}."""
    return {answers()[run]: run for run in runs(text) & answers().keys()}


def test_the_search_would_notice_a_single_sentence_of_each_answer():
    for path in SOLUTIONS.glob("*/*.md"):
        for label in re.findall(r"^## (ex-[a-z0-9-]+)$", path.read_text("utf-8"), re.M):
            mine = [run for run, owner in answers().items() if owner == label]
            assert len(mine) > 30, label
            assert label in leaks(f"<p>Some words before. <b>{mine[0].title()}</b>, and some after.</p>")


def test_no_file_of_the_site_holds_the_marker():
    assert [name for name, text in published() if CANARY.lower() in text.lower()] == []
    marked = [path.name for path in SITE.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert marked == []


def test_the_search_index_knows_no_word_of_the_marker():
    index = (SITE / "searchindex.js").read_text("utf-8").lower()
    assert "canari" not in index  # the index holds stems
    assert "canary" not in index


def test_no_file_of_the_site_comes_from_the_solutions():
    assert [path.name for path in SITE.rglob("*solution*")] == []
    listed = (SITE / "searchindex.js").read_text("utf-8")
    assert "solutions/" not in listed


def test_no_file_of_the_site_holds_a_sentence_of_an_answer():
    found = {name: found for name, text in published() if (found := leaks(text))}
    assert found == {}


@pytest.mark.skipif(not TYPST.is_file(), reason="the Typst source of the PDF was not kept")
def test_the_source_of_the_pdf_holds_no_sentence_of_an_answer():
    text = TYPST.read_text("utf-8")
    assert CANARY not in text
    assert leaks(re.sub(r'#\w[\w-]*|[\[\]"\\;]', " ", text)) == {}


def test_the_text_of_the_pdf_holds_no_sentence_of_an_answer(pdf_texts):
    text = " ".join(pdf_texts)
    text = re.sub(r"(?<=\w)-\s*\n(?=[a-z])", "", text)
    assert "canary" not in text.lower()
    assert leaks(text) == {}
