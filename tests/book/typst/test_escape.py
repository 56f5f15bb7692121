"""Whatever characters a text holds, Typst prints them and nothing else."""

import json
import re

import typst
from hypothesis import example, given, settings
from hypothesis import strategies as st

from platformlabour.book.typst.escape import markup, string

PRINTABLE = st.text(alphabet="ab 1.0-=+/*_#$@<>[]{}()~`\\|&^%!?;:,é–€", min_size=1, max_size=24)


def printed(source):
    """The text that Typst lays out for a piece of markup."""
    (figure,) = json.loads(typst.query(f"#figure([{source}])".encode(), "figure", ignore_system_fonts=True))

    def words(item):
        if item["func"] == "space":
            return " "
        if item["func"] == "symbol":
            return item["text"]
        if "text" in item:
            return item["text"]
        assert item["func"] == "sequence", item
        return "".join(words(child) for child in item["children"])

    return words(figure["body"])


def expected(text):
    """What print differs in: an ellipsis is one character, the minus of a free-standing number a true minus."""
    text = re.sub(r"(^|[ (])-(?=\d)", r"\1−", text.replace("...", "…"))
    return re.sub(r" +", " ", text).strip(" ")


@settings(max_examples=400, deadline=None)
@given(PRINTABLE)
@example("= not a heading")
@example("+ 1")
@example("12. item")
@example("-5.2")
@example("GPT-4 in 2015-2017")
@example("a--b---c")
@example("http://a.b //c /*d*/")
@example("#set page(fill: red)")
def test_escaped_text_is_printed_as_it_stands(text):
    assert printed(markup(text)).strip(" ") == expected(text)


@given(st.text(max_size=40))
@settings(max_examples=80, deadline=None)
def test_string_literal_holds_exactly_the_text(text):
    text = text.replace("\r", "")
    assert json.loads(typst.eval(b"", string(text))) == text


def test_nonbreaking_space_stays_one():
    assert markup("10\xa0000") == "10~000"


def test_hyphen_after_emphasis_is_no_minus():
    assert markup("-4 and -5", continues=True) == r"\-4 and −5"
