"""The data catalogue: every table with its meaning, columns, licence and download."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective, SphinxRole

__all__ = ["licence_names", "setup"]

FOLDER = "_tables"


def _package():
    from platformlabour.tables import data_folder

    path = data_folder() / "datapackage.json"
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _read(path, stamp):
    return json.loads(path.read_text(encoding="utf-8"))


def _resource(name):
    return next((resource for resource in _package()["resources"] if resource["name"] == name), None)


def licence_names(name):
    """Names of the licences under which a table's rows stand."""
    resource = _resource(name)
    licences = (resource or {}).get("licenses") or _package().get("licenses", [])
    return ", ".join(dict.fromkeys(licence["name"] for licence in licences)) or "see its rows"


class TableRole(SphinxRole):
    """``{table}`mturk-times-seen```: a table's name, linked to its entry in the catalogue."""

    def run(self):
        if _resource(self.text) is None:
            message = self.inliner.reporter.error(f"no table is called {self.text!r}", line=self.lineno)
            return [], [message]
        reference = addnodes.pending_xref(
            "",
            nodes.literal("", self.text),
            refdomain="std",
            reftype="ref",
            reftarget=f"table-{self.text}",
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )
        return [reference], []


class CatalogueDirective(SphinxDirective):
    """``{data-catalogue}``: one section a table."""

    def run(self):
        from platformlabour.tables import load

        self.env.note_dependency(str(Path(self.env.srcdir) / "data" / "datapackage.json"))
        out = []
        for resource in sorted(_package()["resources"], key=lambda resource: resource["name"]):
            name = resource["name"]
            section = nodes.section(ids=[f"table-{name}"], names=[f"table-{name}"], classes=["computed"])
            self.state.document.note_explicit_target(section, section)
            section += nodes.title("", resource.get("title", name))
            frame = load(name)
            section += nodes.paragraph("", resource.get("description", ""))
            facts = nodes.paragraph("")
            facts += nodes.literal("", f'load("{name}")')
            facts += nodes.Text(f": {len(frame):,} rows. Licence: {licence_names(name)}. ")
            facts += table_download(name=name)
            section += facts
            section += self._columns(resource)
            out.append(section)
        return out

    def _columns(self, resource):
        from platformlabour.book.extension import docutils_table

        rows = []
        for field in resource["schema"]["fields"]:
            parsed = nodes.Text(field.get("description") or field.get("title") or "")
            rows.append([nodes.literal("", field["name"]), nodes.Text(field["type"]), parsed])
        return docutils_table(["Column", "Type", "Meaning"], rows, widths=[25, 12, 63], classes=["columns"])


class table_download(nodes.Inline, nodes.Element):
    """A link to a table as a spreadsheet-safe CSV; nothing on paper."""


def _visit_html(self, node):
    depth = self.builder.current_docname.count("/")
    name = node["name"]
    self.body.append(f'<a href="{"../" * depth}{FOLDER}/{name}.csv" download>Download {name}.csv</a>')
    raise nodes.SkipNode


def _skip(self, node):
    raise nodes.SkipNode


def _write(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    from platformlabour.book.figures import to_csv
    from platformlabour.tables import load

    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for resource in _package()["resources"]:
        (folder / f"{resource['name']}.csv").write_text(to_csv(load(resource["name"])), encoding="utf-8")


def setup(app):
    """Register the directive, the role and the downloads."""
    app.add_node(table_download, html=(_visit_html, None), latex=(_skip, None), text=(_skip, None), typst=(_skip, None))
    app.add_role("table", TableRole())
    app.add_directive("data-catalogue", CatalogueDirective)
    app.connect("build-finished", _write)
