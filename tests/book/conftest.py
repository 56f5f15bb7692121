"""Small books for the tests of the report machinery."""

import io
import json
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from platformlabour.book import catalogue

DATA = Path(__file__).resolve().parents[2] / "data"
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


def build_small_book(folder, cache, pages, *, configuration=""):
    """Build pages (name to MyST text) and return output folder, warnings and results."""
    source, output = folder / "source", folder / "output"
    if not source.is_dir():
        (source / "_build").mkdir(parents=True)
        # Kernels take most of the time, and a cell gives the same in every small book.
        (source / "_build" / "execution-cache").symlink_to(cache)
    (source / "conf.py").write_text(CONFIGURATION + configuration, encoding="utf-8")
    (source / "references.bib").write_text((DATA / "references.bib").read_text("utf-8"), encoding="utf-8")
    for name, text in pages.items():
        (source / f"{name}.md").write_text(text, encoding="utf-8")
    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace(), pytest.MonkeyPatch.context() as patch:
        # All tables again, for readers to load: the tests of the build look at them, and no small book does.
        patch.setattr(catalogue, "_write", lambda app, exception: None)
        app = Sphinx(source, source, output, folder / "trees", "html", status=None, warning=warnings)
        app.build()
    results = output / "results.json"
    return SimpleNamespace(
        folder=output,
        warnings=warnings.getvalue(),
        warnings_of=lambda name: [line for line in warnings.getvalue().splitlines() if f"/{name}.md:" in line],
        results=json.loads(results.read_text("utf-8"))["results"] if results.is_file() else None,
        page=lambda name: (output / f"{name}.html").read_text("utf-8"),
    )


@pytest.fixture(scope="session")
def execution_cache(tmp_path_factory):
    """Where all small books keep what their cells gave."""
    return tmp_path_factory.mktemp("execution-cache")


@pytest.fixture
def small_book(tmp_path, execution_cache):
    """A function that builds pages, and builds them again when called again."""
    return partial(build_small_book, tmp_path, execution_cache)


@pytest.fixture(scope="module")
def shared_book(tmp_path_factory, execution_cache):
    """A function that builds one book for several tests."""
    return lambda pages, **options: build_small_book(tmp_path_factory.mktemp("book"), execution_cache, pages, **options)


def cell(code, *options):
    """A code cell of a MyST notebook."""
    return "```{code-cell} ipython3\n" + "".join(f"{line}\n" for line in options) + code + "\n```\n"


def page_of(*parts):
    """Prose and cells as a page: a notebook, and so one with a kernel, only where there is a cell."""
    text = "\n\n".join(parts)
    return HEADER + text if "{code-cell}" in text else text


@pytest.fixture(scope="session")
def notebook():
    """A function that joins prose and cells to a page."""
    return page_of


@pytest.fixture(scope="session")
def code_cell():
    """A function that writes a code cell."""
    return cell
