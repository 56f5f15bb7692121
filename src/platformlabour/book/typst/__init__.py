"""The PDF edition: a Sphinx builder that sets the whole book with Typst, tagged for assistive technology.

Add ``platformlabour.book.typst`` to the extensions and build with ``-b typst`` (``jupyter-book build . --builder
custom --custom-builder typst``). Settings:

``typst_basename``
    Name of the PDF without its suffix; by default the project's name.
``typst_title``, ``typst_subtitle``
    For the title page; the title is by default ``html_title``, else the project's name.
``typst_imprint``
    Lines for the imprint page: edition, licence, commit.
``typst_show_code``
    Whether the code of cells whose input is hidden on the web is printed; by default not.
``typst_pdf_standards``
    By default PDF/UA-1, enforced by the compiler.
``typst_ignored_html_classes``
    Classes that mark raw HTML as meant for the web only; any other HTML that cannot be printed is an error.
"""

from __future__ import annotations

from importlib import metadata

__all__ = ["setup"]

# What a cell's output is printed from, best first; myst-nb knows no order for builders it has not met.
_OUTPUT_FORMATS = ("image/svg+xml", "image/png", "image/jpeg", "text/html", "text/markdown", "text/latex", "text/plain")


def setup(app):
    """Register the builder and its settings with Sphinx.

    Parameters
    ----------
    app : sphinx.application.Sphinx
        The application.

    Returns
    -------
    dict
        Sphinx's extension metadata.
    """
    from .builder import TypstBuilder

    app.add_builder(TypstBuilder)
    app.add_config_value("typst_basename", "", "", (str,))
    app.add_config_value("typst_title", "", "", (str,))
    app.add_config_value("typst_subtitle", "", "", (str,))
    app.add_config_value("typst_imprint", [], "", (list, tuple))
    app.add_config_value("typst_show_code", False, "", (bool,))
    app.add_config_value("typst_pdf_standards", ["ua-1"], "", (list, tuple))
    app.add_config_value("typst_ignored_html_classes", ["html-only"], "", (list, tuple))
    app.connect("config-inited", _choose_output_formats)
    return {"version": metadata.version("platform-labour"), "parallel_read_safe": True, "parallel_write_safe": True}


def _choose_output_formats(app, config):
    if "nb_mime_priority_overrides" not in config:
        return
    given = [tuple(entry) for entry in config.nb_mime_priority_overrides]
    known = {entry[1] for entry in given if entry[0] == "typst"}
    ours = [("typst", kind, 50 + 10 * n) for n, kind in enumerate(_OUTPUT_FORMATS) if kind not in known]
    config.nb_mime_priority_overrides = ours + given
