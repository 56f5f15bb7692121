"""The book as a whole: order, metadata, tags, repeatability, and refusals that leave the last good PDF alone."""

import pikepdf
import pytest
from sphinx.errors import SphinxError

THREE_DOCUMENTS = {
    "index": "# Summary\n\nFirst.\n",
    "alpha": "(alpha)=\n# Alpha\n\n## Inside alpha\n\nText.\n",
    "beta": "# Beta\n\nSee {ref}`alpha` and {numref}`part-two <alpha>`.\n",
}
PARTS = """
    format: jb-book
    root: index
    parts:
      - caption: Counting
        numbered: true
        chapters:
          - file: beta
            sections:
              - file: alpha
      - caption: Appendix
        chapters:
          - file: gamma
"""


def outline_titles(pdf):
    with pdf.open_outline() as outline:

        def titles(items, depth=0):
            return [entry for i in items for entry in [(depth, i.title), *titles(i.children, depth + 1)]]

        return titles(outline.root)


def test_documents_stand_in_the_order_of_the_table_of_contents_with_sphinx_numbers(build):
    built = build(index="# Summary\n", alpha="# Alpha\n\n## Deep\n", beta="# Beta\n", gamma="# Gamma\n", toc=PARTS)
    with built.pdf as pdf:
        assert outline_titles(pdf) == [
            (0, "Summary"),
            (0, "Counting"),
            (1, "1 Beta"),
            (2, "1.1 Alpha"),
            (3, "1.1.1 Deep"),
            (0, "Appendix"),
            (1, "Gamma"),
        ]


def test_pdf_declares_ua_1_language_title_and_author(build):
    built = build(index="# Summary\n\nText.\n")
    with built.pdf as pdf:
        assert str(pdf.Root.Lang).startswith("en")
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.docinfo.Title) == "A Sample Book"
        assert str(pdf.docinfo.Author) == "The authors"
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"


def test_title_and_imprint_pages_carry_what_the_configuration_gives(build):
    built = build(
        index="# Summary\n",
        settings={"release": "2026.1", "typst_imprint": ["CC BY 4.0", "Commit abc1234"], "typst_subtitle": "Counted"},
    )
    for text in ("2026.1", "CC BY 4.0", "Commit abc1234", "Counted"):
        assert text in built.source
    assert "computed and set from the same sources as the web edition" in built.source


def test_two_builds_into_different_folders_give_the_same_bytes(build):
    aligned = THREE_DOCUMENTS["alpha"] + "\\begin{align}\na &= b\n\\end{align}\n"
    documents = {**THREE_DOCUMENTS, "alpha": aligned}
    first, second = build(**documents, outdir="one"), build(**documents, outdir="elsewhere/two")
    assert first.source == second.source
    assert first.pdf_path.read_bytes() == second.pdf_path.read_bytes()


def test_source_names_no_folder_of_the_machine(build, tmp_path):
    built = build(index="# Summary\n\n```{image} square.svg\n:alt: A square.\n```\n")
    assert str(tmp_path) not in built.source
    assert len(list((built.folder / "images").iterdir())) == 1


def test_log_says_what_was_built(build):
    built = build(index="# Summary\n\n$x$ and\n\n```{image} square.svg\n:alt: A square.\n```\n")
    assert "typst: 1 documents, 1 figures, 1 formulas" in built.status


def test_all_faults_are_reported_at_once_with_document_and_line(build, tmp_path):
    with pytest.raises(SphinxError) as refusal:
        build(
            index="""
            # Summary

            ![](square.svg)

            [outside](../elsewhere.txt)

            <video src="film.mp4"></video>
            """,
            settings={"suppress_warnings": ["myst.xref_missing"]},
        )
    message = str(refusal.value)
    assert "index, line 3: the figure 'square.svg' has no alternative text" in message
    assert "only a browser can print" in message
    assert not (tmp_path / "out" / "sample.pdf").exists()


STRANGE_EXTENSION = """
from docutils import nodes
from docutils.parsers.rst import Directive

class strange(nodes.General, nodes.Element):
    pass

class Strange(Directive):
    def run(self):
        node = strange()
        node.line = self.lineno
        return [node]

def setup(app):
    app.add_directive("strange", Strange)
"""


def test_unknown_node_is_named_with_its_place(build, tmp_path, monkeypatch):
    (tmp_path / "strange_extension.py").write_text(STRANGE_EXTENSION)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SphinxError, match=r"index, line 3: no way to print the node 'strange'"):
        build(index="# Summary\n\n```{strange}\n```\n", extensions=["strange_extension"])


def test_formula_that_typst_cannot_set_is_quoted_with_its_document(build):
    with pytest.raises(SphinxError) as refusal:
        build(index="# Summary\n", alpha="# Alpha\n\nGood $x^2$, bad $\\madeup x$, worse $\\alsomadeup$.\n")
    message = str(refusal.value)
    assert "alpha, line 3" in message
    assert r"\madeup x" in message
    assert r"\alsomadeup" in message
    assert "2 faults" in message


def test_link_to_nowhere_is_an_error(build):
    with pytest.raises(SphinxError, match="not in the book"):
        build(index="# Summary\n\nSee {doc}`left-out`.\n", files={"left-out.md": "# Left out\n\nText.\n"})


def test_failed_build_keeps_the_last_good_pdf(build):
    good = build(index="# Summary\n\nText.\n").pdf_path
    before = good.read_bytes()
    with pytest.raises(SphinxError):
        build(index="# Summary\n\n$\\madeup$\n")
    assert good.read_bytes() == before
    assert not list(good.parent.glob("*.partial"))


def test_typst_error_is_one_message_that_names_the_document(build):
    with pytest.raises(SphinxError) as refusal:
        build(index="# Summary\n", alpha="# Alpha\n\n```{raw} typst\n#no-such-function()\n```\n")
    message = str(refusal.value)
    assert "unknown variable: no-such-function" in message
    assert "document alpha" in message
    assert "Traceback" not in message


def test_every_figure_and_formula_in_the_pdf_has_alternative_text(build):
    built = build(index="# Summary\n\n$\\hat N$\n\n```{figure} square.svg\n:alt: A blue square.\n\nCaption.\n```\n")
    told = [(tag, alt) for tag, alt in built.structure() if tag in ("/Figure", "/Formula")]
    assert told == [("/Formula", "N hat"), ("/Figure", "A blue square.")]


def test_pdf_opens_without_damage(build):
    with pikepdf.open(build(**THREE_DOCUMENTS).pdf_path) as pdf:
        assert pdf.check() == [] if hasattr(pdf, "check") else pdf.check_pdf_syntax() == []


def test_character_without_a_glyph_is_refused_by_name(build):
    with pytest.raises(SphinxError, match="漢") as refusal:
        build(index="# Summary\n\nA character outside the fonts: 漢.\n")
    assert "Traceback" not in str(refusal.value)
