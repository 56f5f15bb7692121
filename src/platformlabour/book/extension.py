"""The Sphinx extension: everything the book adds to Jupyter Book, registered in one place."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from sphinx.transforms import SphinxTransform

from platformlabour import __version__
from platformlabour.book import (
    calculator,
    case_list,
    catalogue,
    certificate,
    chapter,
    claims,
    coding_page,
    execution,
    explorer,
    figure_notes,
    html,
    numerals,
    remembered,
    results,
)
from platformlabour.book.display import TABLE_MIME
from platformlabour.book.figures import FIGURE_MIME
from platformlabour.book.record import RESULT_MIME

__all__ = ["ResultMimeRenderer", "docutils_table", "setup"]


class ResultMimeRenderer:
    """myst-nb's plug-in point for the three kinds of output that chapters publish."""

    mime_priority_overrides: ClassVar = [
        ("*", RESULT_MIME, 1),
        ("*", TABLE_MIME, 2),
        ("*", FIGURE_MIME, 3),
    ]

    @staticmethod
    def handle_mime(renderer, data, inline):
        """Nodes for one of our outputs; ``None`` leaves the output to myst-nb."""
        if inline:
            return None
        if data.mime_type == RESULT_MIME:
            return [results.recorded(payload=dict(data.content))]
        if data.mime_type == TABLE_MIME:
            return [_table_nodes(renderer, data)]
        if data.mime_type == FIGURE_MIME:
            return _figure_nodes(renderer, data)
        if data.mime_type in ("image/svg+xml", "text/plain") and "platformlabour" in data.output_metadata.get(
            "image/svg+xml", {}
        ):
            return []  # the figure output already holds the picture and its words
        return None


def _figure_nodes(renderer, data):
    svg = data.content["svg"]
    name = hashlib.sha256(svg.encode("utf-8")).hexdigest()[:20] + ".svg"
    uri = renderer.write_file([name], svg.encode("utf-8"), overwrite=False, exists_ok=True)
    image = nodes.image(uri=uri, alt=data.content["alt"], classes=["computed-figure"])
    note = figure_notes.figure_note(description=data.content["description"], csv=data.content["csv"])
    return [image, note]


def _table_nodes(renderer, data):
    content = data.content
    rows = []
    for row in content["rows"]:
        cells = []
        for text, markdown in zip(row, content["markdown"], strict=True):
            if markdown:
                holder = nodes.paragraph()
                with renderer.renderer.current_node_context(holder):
                    renderer.renderer.nested_render_text(text, data.line or 0, inline=True)
                cells.append(holder)
            else:
                cells.append(nodes.Text(text))
        rows.append(cells)
    return docutils_table(content["headings"], rows, numeric=content["numeric"])


def docutils_table(headings, rows, *, numeric=None, widths=None, classes=()):
    """A table with a header row, a naming first column and right-aligned numbers.

    Parameters
    ----------
    headings : list of str
    rows : list of list of Node
        Text nodes, inline nodes or whole paragraphs.
    numeric : list of bool, optional
        Which columns hold numbers.
    widths : list of int, optional
        Relative widths of the columns.
    classes : iterable of str
        Further class names.

    Returns
    -------
    docutils.nodes.table
    """
    numeric = numeric or [False] * len(headings)
    table = nodes.table(classes=["data-table", *classes])
    group = nodes.tgroup(cols=len(headings))
    table += group
    for position in range(len(headings)):
        group += nodes.colspec(colwidth=widths[position] if widths else 10)

    def line(cells, header):
        row = nodes.row()
        for position, cell in enumerate(cells):
            entry = nodes.entry(classes=["number"] if numeric[position] else [])
            if position == 0 and not header:
                entry["classes"].append("row-name")
            body = cell if isinstance(cell, nodes.paragraph) else nodes.paragraph("", "", cell)
            entry += body
            row += entry
        return row

    head = nodes.thead()
    head += line([nodes.Text(text) for text in headings], True)
    group += head
    body = nodes.tbody()
    for cells in rows:
        body += line(cells, False)
    group += body
    return table


class CaptionTables(SphinxTransform):
    """A table published with a caption is a numbered table, not a numbered figure."""

    default_priority = 310  # before Sphinx registers labels

    def apply(self, **kwargs):
        for figure in list(self.document.findall(nodes.figure)):
            table = next(iter(figure.findall(nodes.table)), None)
            caption = next((child for child in figure.children if isinstance(child, nodes.caption)), None)
            if table is None or "data-table" not in table["classes"] or caption is None:
                continue
            table.parent.remove(table)
            table["ids"], table["names"] = figure["ids"], figure["names"]
            for name in table["names"]:
                self.document.nameids[name] = table["ids"][0]
            for key in table["ids"]:
                self.document.ids[key] = table
            table.insert(0, nodes.title("", "", *caption.children))
            figure.replace_self(table)


def use_inputs_as_cache_key(app, config):
    """Execute again whenever the library, a table or the lock changed, which the stock cache does not see."""
    root = Path(app.srcdir)
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(
        [
            *root.glob("src/platformlabour/**/*.py"),
            *root.glob("data/*"),
            *root.glob("scenarios/*/*"),
            *root.glob("requirements.lock"),
        ]
    ):
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    caches = root / "_build" / "execution-cache"
    cache = caches / digest.hexdigest()[:16]
    config.nb_execution_cache_path = str(cache)
    if caches.is_dir():
        old = sorted((path for path in caches.iterdir() if path != cache), key=lambda path: path.stat().st_mtime)
        for path in old[:-2]:
            shutil.rmtree(path, ignore_errors=True)


def setup(app):
    """Register the extension."""
    app.add_transform(CaptionTables)
    app.connect("config-inited", use_inputs_as_cache_key, priority=100)
    for module in (
        results,
        figure_notes,
        claims,
        chapter,
        catalogue,
        certificate,
        calculator,
        case_list,
        coding_page,
        explorer,
        numerals,
        html,
        remembered,
        execution,
    ):
        module.setup(app)
    return {"version": __version__, "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
