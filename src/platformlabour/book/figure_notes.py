"""Under each figure: its long description and the data behind it."""

from __future__ import annotations

from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

__all__ = ["figure_note", "setup"]

log = logging.getLogger(__name__)

FOLDER = "_data_behind_figures"


class figure_note(nodes.General, nodes.Element):
    """Long description and CSV of the figure before it."""


class MoveNotesAfterFigures(SphinxTransform):
    """Let the caption stand directly under its picture, and name the CSV after the figure."""

    default_priority = 320

    def apply(self, **kwargs):
        files = {}
        for note in list(self.document.findall(figure_note)):
            figure = note.parent
            while figure is not None and not isinstance(figure, nodes.figure):
                figure = figure.parent
            if figure is None or not figure["names"]:
                log.warning(
                    "a computed figure has no name and caption: give its cell mystnb: figure: {name, caption}",
                    location=note,
                    type="platformlabour",
                )
                note.parent.remove(note)
                continue
            note.parent.remove(note)
            name = figure["names"][0]
            note["file"] = f"{name}.csv"
            files[note["file"]] = note["csv"]
            figure.parent.insert(figure.parent.index(figure) + 1, note)
        _files(self.env)[self.env.docname] = files


def _files(env):
    if not hasattr(env, "platformlabour_figure_data"):
        env.platformlabour_figure_data = {}
    return env.platformlabour_figure_data


def _purge(app, env, docname):
    _files(env).pop(docname, None)


def _merge(app, env, docnames, other):
    for docname in docnames:
        if docname in _files(other):
            _files(env)[docname] = _files(other)[docname]


def _write(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    wanted = {name: text for files in _files(app.env).values() for name, text in files.items()}
    for path in folder.glob("*.csv"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")


def _visit_html(self, node):
    depth = self.builder.current_docname.count("/")
    link = "../" * depth + f"{FOLDER}/{node['file']}"
    self.body.append(
        '<details class="figure-note"><summary>In words, and the data behind it</summary>'
        f"<p>{escape(node['description'])}</p>"
        f'<p><a href="{escape(link)}" download>Data behind this figure (CSV)</a></p></details>\n'
    )
    raise nodes.SkipNode


def _skip(self, node):
    raise nodes.SkipNode


def setup(app):
    """Register the node, its writers and its files."""
    app.add_node(
        figure_note,
        html=(_visit_html, None),
        latex=(_skip, None),
        text=(_skip, None),
        typst=(_skip, None),
    )
    app.add_transform(MoveNotesAfterFigures)
    app.connect("env-purge-doc", _purge)
    app.connect("env-merge-info", _merge)
    app.connect("build-finished", _write)
