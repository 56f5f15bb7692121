"""The codebook on a page: its tables, twenty tasks to code, and a sheet to print.

The tasks and their codes stand on the page as tables, which every reader can use. ``coding.js`` reads those tables and
puts a form in their place; it holds no data of its own, sends nothing and stores nothing.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

__all__ = ["PRACTICE_CLASS", "setup"]

PRACTICE_CLASS = "coding-practice"
SCRIPT, STYLE = "coding.js", "coding.css"
_LINE_TO_WRITE_ON = "#v(6mm)#line(length: 92%, stroke: 0.4pt)"


def _table(headings, rows, widths, *classes):
    from platformlabour.book.extension import docutils_table

    cells = [[nodes.Text(_breakable(str(cell))) for cell in row] for row in rows]
    return docutils_table(headings, cells, widths=widths, classes=classes)


def _breakable(text):
    """Let identifiers and long compounds break after their joints; ``coding.js`` takes the marks out again."""
    return re.sub(r"(?<=\w)([-_/+])(?=\w)", "\\1\u200b", text)


class _FromTables(SphinxDirective):
    """A directive whose content comes from the data folder."""

    def run(self):
        self.env.note_dependency(str(Path(self.env.srcdir) / "data" / "datapackage.json"))
        return self.content_nodes()


class CodebookDirective(_FromTables):
    """``{codebook} codes``, ``{codebook} rules`` or ``{codebook} examples``: one table of the codebook."""

    required_arguments = 1

    def content_nodes(self):
        from platformlabour.tables import load

        part = self.arguments[0]
        if part not in ("codes", "rules", "examples"):
            raise self.error(f"codebook has codes, rules and examples, not {part!r}")
        frame = load(f"codebook-{part}")
        if part == "codes":
            rows = frame[["code", "name", "give_when", "not_when"]].to_numpy().tolist()
            headings = ["Code", "Name", "Give it when the worker …", "Do not give it when …"]
            for row in rows:
                if row[0] == "U":
                    row[2] = f"(of the text, not the worker) {row[2]}"
            return [_table(headings, rows, [8, 18, 40, 34], "codebook-codes")]
        if part == "rules":
            return [_table(["Rule", "Where two codes compete"], frame[["rule", "text"]].to_numpy().tolist(), [10, 90])]
        rows = [
            [row.example, row.title, row.summary, _pair(row), row.reason + (f" (Rule {row.rule})" if row.rule else "")]
            for row in frame.itertuples()
        ]
        return [_table(["No.", "Task", "What it asks", "Codes", "Why"], rows, [7, 24, 32, 9, 28])]


def _pair(row):
    return ", ".join(filter(None, (row.main, row.second)))


class PracticeDirective(_FromTables):
    """``{coding-practice}``: tasks to code, the codes for reference, and the published answers, folded."""

    def content_nodes(self):
        from platformlabour.tables import load

        practice, codes = load("coding-practice"), load("codebook-codes")
        box = nodes.container(classes=[PRACTICE_CLASS, "computed"])
        version = practice["version"].iloc[0]
        box += nodes.paragraph("", f"Codebook version {version}.", classes=["coding-version"])
        tasks = practice[["number", "title", "summary", "task_id"]].to_numpy().tolist()
        box += _table(["No.", "Task", "What it asks", "Identifier"], tasks, [7, 30, 40, 23], "coding-tasks")
        answers = nodes.admonition(classes=["dropdown", "coding-answers"])
        answers += nodes.title("", "The published codes, and why")
        rows = [[row.number, row.main, row.second or "–", row.reason] for row in practice.itertuples()]
        answers += _table(["No.", "Main code", "Second code", "Why"], rows, [8, 14, 16, 62], "coding-published")
        box += answers
        box += _table(["Code", "Name"], codes[["code", "name"]].to_numpy().tolist(), [20, 80], "coding-names")
        return [box]


class SheetDirective(_FromTables):
    """``{coding-sheet}``: an empty sheet for as many tasks as the option says."""

    option_spec: ClassVar = {"rows": int}

    def content_nodes(self):
        headings = ["No.", "Task", "Main", "Second", "Sure? (A–C)"]
        table = _table(
            headings,
            [[number, "", "", "", ""] for number in range(1, self.options.get("rows", 20) + 1)],
            [8, 46, 12, 14, 20],
            "coding-sheet",
        )
        for entry in table.findall(nodes.entry):
            if not entry.astext().strip():
                entry[0] += nodes.raw("", _LINE_TO_WRITE_ON, format="typst")  # on a page; a style does it on a screen
        return [table]


def add_files(app, pagename, templatename, context, doctree):
    """Let only the pages that hold tasks to code, or a sheet, load the form's style and script."""
    body = context.get("body", "")
    if app.builder.name != "html" or (PRACTICE_CLASS not in body and "coding-sheet" not in body):
        return
    context["style_sheets"] = [*context.get("style_sheets", []), STYLE]
    if re.search(rf'class="[^"]*\b{PRACTICE_CLASS}\b', body):
        address = context["pathto"](f"_static/{SCRIPT}", 1)
        context["body"] = body + f'<script src="{escape(address)}" defer></script>\n'


def setup(app):
    """Register the directives, and the files of the pages that use them."""
    app.add_directive("codebook", CodebookDirective)
    app.add_directive("coding-practice", PracticeDirective)
    app.add_directive("coding-sheet", SheetDirective)
    app.connect("html-page-context", add_files, priority=950)  # after the repairs, which remove scripts
