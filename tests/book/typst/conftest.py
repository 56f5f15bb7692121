"""Small books, built in a temporary folder by the real builder."""

import contextlib
import dataclasses
import io
import json
import textwrap
import warnings
from pathlib import Path

import pikepdf
import pytest
import typst
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

EXTENSIONS = (
    "myst_nb",
    "sphinx_design",
    "sphinx_proof",
    "sphinx_exercise",
    "sphinx_external_toc",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "platformlabour.book.typst",
)
SETTINGS = {
    "project": "Sample",
    "html_title": "A Sample Book",
    "author": "The authors",
    "language": "en",
    "external_toc_path": "_toc.yml",
    "myst_enable_extensions": ["dollarmath", "amsmath", "deflist", "colon_fence", "attrs_inline", "fieldlist"],
    "numfig": True,
    "nb_execution_mode": "off",
    "suppress_warnings": ["design.card_legacy"],
}
SQUARE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#004488"/></svg>'
)


@dataclasses.dataclass
class Built:
    """What a build left behind and what it said."""

    folder: Path
    status: str
    warnings: str

    @property
    def source(self):
        return (self.folder / "book.typ").read_text(encoding="utf-8")

    @property
    def body(self):
        """The translated documents without the template."""
        return self.source.partition("\n// index\n")[2]

    @property
    def pdf_path(self):
        return self.folder / "sample.pdf"

    @property
    def pdf(self):
        return pikepdf.open(self.pdf_path)

    def query(self, selector):
        """Elements as Typst lays them out."""
        return json.loads(typst.query(str(self.folder / "book.typ"), selector, ignore_system_fonts=True))

    def structure(self):
        """Tags of the PDF in reading order: (tag, alternative text or None)."""
        found = []

        def walk(item):
            if isinstance(item, pikepdf.Array):
                for child in item:
                    walk(child)
            elif isinstance(item, pikepdf.Dictionary):
                if "/S" in item:
                    found.append((str(item.S), str(item["/Alt"]) if "/Alt" in item else None))
                if "/K" in item:
                    walk(item.K)

        with self.pdf as pdf:
            walk(pdf.Root.StructTreeRoot.K)
        return found


@contextlib.contextmanager
def warnings_of_others_ignored():
    """Sphinx's extensions call older interfaces of docutils; that is for their authors to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        yield


@pytest.fixture
def build(tmp_path):
    """Build a book from documents given as keyword arguments, ``index`` first; ``files`` are written beside them."""

    def run(*, files=None, extensions=(), settings=None, toc=None, outdir="out", **documents):
        source = tmp_path / "source"
        source.mkdir(exist_ok=True)
        for name, text in documents.items():
            (source / f"{name}.md").write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        for name, text in {"square.svg": SQUARE, **(files or {})}.items():
            (source / name).write_text(text, encoding="utf-8")
        others = "".join(f"  - file: {name}\n" for name in documents if name != "index")
        default_toc = "format: jb-book\nroot: index\n" + (f"chapters:\n{others}" if others else "")
        (source / "_toc.yml").write_text(textwrap.dedent(toc) if toc else default_toc, encoding="utf-8")
        status, problems = io.StringIO(), io.StringIO()
        overrides = {**SETTINGS, "extensions": [*EXTENSIONS, *extensions], **(settings or {})}
        with warnings_of_others_ignored(), patch_docutils(), docutils_namespace():
            app = Sphinx(
                srcdir=str(source),
                confdir=None,
                outdir=str(tmp_path / outdir),
                doctreedir=str(tmp_path / "doctrees"),
                buildername="typst",
                confoverrides=overrides,
                status=status,
                warning=problems,
                freshenv=True,
            )
            app.build()
        return Built(tmp_path / outdir, status.getvalue(), problems.getvalue())

    return run
