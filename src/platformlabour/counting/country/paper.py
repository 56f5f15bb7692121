"""The report as a PDF, by Typst: one wheel with compiler and fonts, asked for with the extra ``book``."""

from __future__ import annotations

import json
import tempfile
from importlib import resources, util
from pathlib import Path

from platformlabour.counting.country import drawing
from platformlabour.counting.country.blocks import report_blocks
from platformlabour.counting.country.page import pictures

__all__ = ["HOW_TO_GET_IT", "NO_LETTERS", "can_make_pdf", "pdf_bytes"]

HOW_TO_GET_IT = (
    "No PDF: it needs the package typst. Install it with  pip install 'platform-labour[book]'  or  pip install typst  "
    "and run the command again, or print report.html."
)


NO_LETTERS = (
    "No PDF: a name or a note has letters for which no font is at hand. report.html has them; print it instead."
)


def can_make_pdf():
    """Whether the compiler is installed."""
    return util.find_spec("typst") is not None


def pdf_bytes(answer):
    """The report as a tagged PDF.

    Parameters
    ----------
    answer : dict
        From :func:`platformlabour.counting.country.answer.compute`.

    Returns
    -------
    bytes or None
        ``None`` where neither the compiler nor the system has a font with all letters of the report.
    """
    import typst

    scenario, made = answer["scenario"], answer["made_with"]
    blocks = report_blocks(answer)
    for block, following in zip(blocks, [*blocks[1:], {"kind": ""}], strict=True):
        block["leads"] = block["kind"] == "text" and following["kind"] in ("table", "list")
        if block["kind"] == "table":
            block["widths"] = _widths(block)
    words = {
        "title": scenario["name"],
        "author": scenario["prepared_by"],
        "subtitle": f"People behind platform accounts · {scenario['country_name']} · {scenario['prepared_by']} · "
        f"computed with {made['name']} {made['version']}",
        "blocks": blocks,
    }
    with tempfile.TemporaryDirectory(prefix="platformlabour-") as name:
        folder = Path(name)
        (folder / "blocks.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
        for picture, svg in pictures(answer, drawing.PAPER).items():
            svg = svg.replace('font-family="inherit"', 'font-family="Libertinus Serif"')
            (folder / f"{picture}.svg").write_text(svg, encoding="utf-8")
        template = resources.files(__package__).joinpath("templates/report.typ").read_text(encoding="utf-8")
        (folder / "report.typ").write_text(template, encoding="utf-8")
        for own_fonts_only in (True, False):
            try:
                return typst.compile(
                    str(folder / "report.typ"), root=str(folder), ignore_system_fonts=own_fonts_only,
                    pdf_standards=["ua-1"],
                )  # fmt: skip
            except typst.TypstError as error:
                if "could not be displayed" not in str(error):
                    raise
    return None


def _widths(block):
    """Shares of the line for the columns: by the longest word and the square root of the longest cell."""
    shares = []
    for column in zip(block["headings"], *block["rows"], strict=True):
        word = max(len(part) for cell in column for part in cell.split() or [""])
        longest = max(len(cell) for cell in column)
        shares.append(max(min(word, 18), min(longest, 12), 2.4 * longest**0.5))
    return [round(share, 2) for share in shares]
