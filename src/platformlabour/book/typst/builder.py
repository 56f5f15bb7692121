"""The Sphinx builder: the whole book as one Typst file and one tagged PDF."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import time
from importlib import resources
from pathlib import Path

import typst
from docutils import nodes
from sphinx import addnodes
from sphinx.builders import Builder
from sphinx.errors import SphinxError
from sphinx.util import logging

from .escape import markup, string
from .translator import TypstTranslator, _line

__all__ = ["TypstBuilder", "book_order"]

logger = logging.getLogger(__name__)


def book_order(env):
    """List the book's documents as its table of contents orders them.

    Parameters
    ----------
    env : sphinx.environment.BuildEnvironment
        After reading.

    Returns
    -------
    list of (str, str or None, int)
        Document, the part it opens (its caption, else None) and its depth below the part, 0 for a chapter.
    """
    order, seen = [], set()

    def add(docname, part, depth):
        if docname in seen or docname not in env.found_docs:
            return
        seen.add(docname)
        order.append((docname, part, depth))
        at_root = docname == env.config.root_doc
        for toctree in env.get_doctree(docname).findall(addnodes.toctree):
            caption = toctree.get("caption") if at_root else None
            for _, entry in toctree["entries"]:
                before = len(order)
                add(entry, caption, 0 if at_root else depth + 1)
                if len(order) > before:
                    caption = None

    add(env.config.root_doc, None, 0)
    return order


class TypstBuilder(Builder):
    """Write ``book.typ``, its images and ``<typst_basename>.pdf``."""

    name = "typst"
    format = "typst"
    epilog = "The PDF is in %(outdir)s."
    allow_parallel = False
    default_translator_class = TypstTranslator
    supported_image_types = ["image/svg+xml", "image/png", "image/jpeg", "image/gif"]  # noqa: RUF012 (Sphinx's interface)
    supported_remote_images = False
    document_scheme = "%"

    def init(self):
        self.faults, self.formulas, self.figures, self.macros = [], [], 0, {}
        self._labels, self._linked, self._used, self._wanted = {}, set(), set(), []
        self._chapter_levels = {}
        self.fignumbers = {}
        if hasattr(self.config, "mathjax3_config") and self.config.mathjax3_config:
            self.macros = dict(self.config.mathjax3_config.get("tex", {}).get("macros", {}))

    # -- what Sphinx asks

    def get_outdated_docs(self):
        return "the whole book"

    def get_target_uri(self, docname, typ=None):
        return self.document_scheme + docname

    def get_relative_uri(self, from_, to, typ=None):
        return self.get_target_uri(to, typ)

    def prepare_writing(self, docnames):
        pass

    def write_doc(self, docname, doctree):
        pass

    def write(self, build_docnames, updated_docnames, method="update"):
        """Write the whole book, whichever documents changed: it is one file."""
        self.events.emit("write-started", self)
        started = time.perf_counter()
        outdir = Path(self.outdir)
        shutil.rmtree(outdir / "images", ignore_errors=True)
        outdir.mkdir(parents=True, exist_ok=True)
        order = book_order(self.env)
        trees = []
        for docname, part, depth in order:
            self.fignumbers = self.env.toc_fignumbers.get(docname, {})
            tree = self.env.get_and_resolve_doctree(docname, self, prune_toctrees=True)
            trees.append((docname, part, depth, tree))
        source = self.front_matter() + self.body(trees)
        (outdir / "book.typ").write_text(source, encoding="utf-8", newline="\n")
        self.stop_on_faults()
        self.compile(outdir, len(trees), time.perf_counter() - started)

    # -- writing the source

    def body(self, trees):
        has_parts = any(part for _, part, _, _ in trees)
        in_part, levels = False, {}
        for docname, part, depth, tree in trees:
            in_part = in_part or bool(part)
            self._chapter_levels[docname] = (2 if in_part and has_parts else 1) if depth == 0 else levels["chapter"]
            levels["chapter"] = self._chapter_levels[docname]
            self.collect_anchors(docname, tree)
        for docname, _, _, tree in trees:
            self.collect_links(docname, tree)
        written = []
        for docname, part, depth, tree in trees:
            if part:
                written.append(f"\n#book-part[{markup(part)}];\n")
            translator = self.create_translator(tree, self, docname, self._chapter_levels[docname] + depth)
            tree.walkabout(translator)
            written.append(f"\n// {docname}\n" + _without_blank_runs("".join(translator.out)))
        self.check_anchors()
        return "".join(written)

    def front_matter(self):
        config = self.config
        title = config.typst_title or config.html_title or config.project
        template = resources.files(__package__).joinpath("template.typ").read_text(encoding="utf-8")
        imprint = "".join(f"[{markup(line)}], " for line in config.typst_imprint)
        return (
            f"{template}\n#show: book.with(\n  title: {string(title)},\n  subtitle: {string(config.typst_subtitle)},\n"
            f"  author: {string(config.author)},\n  edition: {string(config.release)},\n"
            f"  language: {string(config.language or 'en')},\n  imprint: ({imprint}),\n)\n"
        )

    def chapter_level(self, docname):
        """Heading level of the chapters in this document's part."""
        return self._chapter_levels[docname]

    # -- anchors: one label for each place that can be linked to

    def collect_anchors(self, docname, tree):
        for node in tree.findall(nodes.Element):
            ids = [i for i in node.get("ids", ()) if f"{docname}#{i}" not in self._labels]
            if isinstance(node, nodes.footnote) or not ids:
                continue
            if isinstance(node, (nodes.document,)):
                continue
            for i in ids:
                self._labels[f"{docname}#{i}"] = f"{docname}#{ids[0]}"
        first = next(tree.findall(nodes.section), None)
        if first is not None and first["ids"]:
            self._labels[f"{docname}#"] = self._labels[docname] = self._labels.get(f"{docname}#{first['ids'][0]}")

    def collect_links(self, docname, tree):
        """Only places that a link leads to get a label: some extensions make up new names at every reading."""
        for node in tree.findall(nodes.reference):
            target = self.link_target(node, docname)
            if target in self._labels:
                self._linked.add(self._labels[target])

    def link_target(self, node, docname):
        """Where a link inside the book leads, as document#name: None for other links."""
        refuri = node.get("refuri", "")
        if refuri.startswith(self.document_scheme):
            return refuri.removeprefix(self.document_scheme)
        return f"{docname}#{node['refid']}" if node.get("refid") and not refuri else None

    def anchor(self, docname, node):
        """The label to write at a node, once: None where no link leads to it or it is written already."""
        for i in node.get("ids", ()):
            label = self._labels.get(f"{docname}#{i}")
            if label in self._linked and label not in self._used:
                self._used.add(label)
                return label
        return None

    def resolve(self, target, node, docname):
        """The label of a link's target, or None where the book has no such place."""
        label = self._labels.get(target)
        if label is None:
            self.fault(f"a link to {target!r}, which is not in the book", node, docname)
        else:
            self._wanted.append((label, node, docname))
        return label

    def check_anchors(self):
        """Find links to places that exist but are not printed, such as one inside a skipped cell."""
        for label, node, docname in self._wanted:
            if label not in self._used:
                self.fault(f"a link to {label!r}, which is not printed", node, docname)

    # -- images

    def image(self, node, docname):
        """Copy an image beside the book under a name made from its content; None where it cannot be printed."""
        candidates = node.get("candidates", {})
        uri = next((candidates[kind] for kind in self.supported_image_types if kind in candidates), None)
        uri = uri or (candidates.get("*") if "?" not in candidates else None)
        path = Path(self.srcdir) / uri if uri else None
        if path is None or not path.is_file():
            self.fault(f"the image {node.get('uri')!r} is not a local SVG, PNG, JPEG or GIF file", node, docname)
            return None
        data = path.read_bytes()
        stem = re.sub(r"[^A-Za-z0-9-]+", "-", path.stem)[:40].strip("-") or "image"
        name = f"images/{stem}-{hashlib.sha256(data).hexdigest()[:10]}{path.suffix.lower()}"
        target = Path(self.outdir) / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
        return name

    # -- faults

    def fault(self, message, node, docname):
        """Note a fault with its place; the build goes on to find the others, then fails."""
        line = _line(node) if node is not None else None
        place = docname if line is None else f"{docname}, line {line}"
        entry = f"{place}: {message}"
        if entry not in self.faults:
            self.faults.append(entry)
            logger.error("typst: %s", message, location=(docname, line))

    def stop_on_faults(self):
        if self.faults:
            listed = "\n".join(f"  {fault}" for fault in self.faults)
            noun = "fault" if len(self.faults) == 1 else "faults"
            raise SphinxError(f"typst: {len(self.faults)} {noun}; no PDF was written.\n{listed}")

    # -- the PDF

    def compile(self, outdir, documents, prepared):
        started = time.perf_counter()
        final = outdir / f"{self.basename()}.pdf"
        partial = final.with_suffix(".pdf.partial")
        try:
            pdf, warnings = typst.compile_with_warnings(
                str(outdir / "book.typ"),
                root=str(outdir),
                ignore_system_fonts=True,
                pdf_standards=list(self.config.typst_pdf_standards),
            )
        except typst.TypstError as error:
            self.find_bad_formulas()
            self.stop_on_faults()
            raise SphinxError(f"typst: the PDF could not be compiled.\n{_readable(error, outdir)}") from None
        for warning in warnings:
            logger.warning("typst: %s", getattr(warning, "message", warning))
        partial.write_bytes(pdf)
        os.replace(partial, final)
        logger.info(
            "typst: %d documents, %d figures, %d formulas; written in %.1f s, compiled in %.1f s: %s, %d kB",
            documents, self.figures, len(self.formulas), prepared, time.perf_counter() - started, final.name,
            len(pdf) // 1000,
        )  # fmt: skip

    def find_bad_formulas(self):
        """Compile formulas one by one, only after the book failed, to name each that Typst refuses."""
        compiler = typst.Compiler(ignore_system_fonts=True)
        for formula, tex, docname, line in self.formulas:
            try:
                compiler.compile(f"$ {formula} $".encode())
            except typst.TypstError as error:
                place = nodes.Element()
                place.line = line
                self.fault(f"the formula {tex!r} cannot be set: {error.message}", place, docname)

    def basename(self):
        """Name of the PDF without its suffix."""
        chosen = self.config.typst_basename or self.config.project or "book"
        return re.sub(r"[^A-Za-z0-9._-]+", "-", chosen).strip("-.").lower() or "book"

    def finish(self):
        pass


def _without_blank_runs(text):
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _readable(error, outdir):
    lines = [error.message, *(f"hint: {hint}" for hint in error.hints)]
    place = re.search(r"(\S+\.typ):(\d+):(\d+)", error.diagnostic or "")
    if place:
        lines.insert(1, f"in {Path(place[1]).name}, line {place[2]}, column {place[3]}")
        number = int(place[2])
        source = (outdir / "book.typ").read_text(encoding="utf-8").splitlines()
        marks = [line[3:] for line in source[:number] if line.startswith("// ")]
        if Path(place[1]).name == "book.typ" and marks:
            lines.insert(2, f"in or after the document {marks[-1]}: {source[number - 1].strip()[:160]}")
    return "\n".join(f"  {line}" for line in lines)
