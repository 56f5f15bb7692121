"""Small books for the tests of the report machinery."""

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

CONFIGURATION = """
project = "Sample"
version = "2026.1"
extensions = ["myst_nb", "sphinxcontrib.bibtex", "platformlabour.book.extension"]
bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year"
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 60
numfig = True
myst_enable_extensions = ["dollarmath"]
html_theme = "basic"
platformlabour_prose = ""
exclude_patterns = ["_build"]
"""
HEADER = """---
jupytext: {text_representation: {extension: .md, format_name: myst}}
kernelspec: {name: python3, display_name: Python 3}
---

"""


@pytest.fixture
def small_book(tmp_path):
    """A function that builds pages (name to MyST text) and returns output folder, warnings and results."""
    data = Path(__file__).resolve().parents[2] / "data"

    def build(pages, *, configuration="", expect_failure=False):
        source = tmp_path / "source"
        source.mkdir(exist_ok=True)
        (source / "conf.py").write_text(CONFIGURATION + configuration, encoding="utf-8")
        (source / "references.bib").write_text((data / "references.bib").read_text("utf-8"), encoding="utf-8")
        for name, text in pages.items():
            (source / f"{name}.md").write_text(text, encoding="utf-8")
        warnings = io.StringIO()
        output = tmp_path / "output"
        with patch_docutils(), docutils_namespace():
            app = Sphinx(source, source, output, tmp_path / "trees", "html", status=None, warning=warnings)
            app.build()
        results = output / "results.json"
        return SimpleNamespace(
            folder=output,
            warnings=warnings.getvalue(),
            results=json.loads(results.read_text("utf-8"))["results"] if results.is_file() else None,
            page=lambda name: (output / f"{name}.html").read_text("utf-8"),
        )

    return build


def cell(code, *options):
    """A code cell of a MyST notebook."""
    return "```{code-cell} ipython3\n" + "".join(f"{line}\n" for line in options) + code + "\n```\n"


@pytest.fixture
def notebook():
    """A function that joins prose and cells to a page."""
    return lambda *parts: HEADER + "\n\n".join(parts)


@pytest.fixture
def code_cell():
    """A function that writes a code cell."""
    return cell
