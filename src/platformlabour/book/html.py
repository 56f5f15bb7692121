"""The pages of the HTML book: the report's own layout around Sphinx's text, without what no reader uses.

The templates in ``_templates/`` replace the theme's layout; ``_static/`` holds one style sheet and one small script.
Nothing a page needs is asked of another host, no page holds code of its own, and all of them read without a script.
"""

from __future__ import annotations

import os
import re
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup
from docutils import nodes
from markupsafe import Markup
from sphinx.util import logging

from platformlabour.book import html_repairs

__all__ = ["SECURITY_POLICY", "setup", "svg_size"]

log = logging.getLogger(__name__)

PDF_NAME = "platform-labour.pdf"
# Formulas and cards set styles in the page; nothing may run that is not a file of the site.
SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'"
)
_POINTS_TO_PIXELS = 4 / 3


def leave_theme_parts_out(app, pagename, templatename, context, doctree):
    """Empty the theme's bars, which the report's layout does not show and the theme would draw for every page."""
    for name in context:
        if name == "sidebars" or re.fullmatch(r"theme_\w+_(start|center|end|persistent|items)", name):
            context[name] = []


def complete_context(app, pagename, templatename, context, doctree):
    """Prepare what the layout shows, and repair the page's body."""
    if app.builder.name != "html":
        return
    body = context.get("body", "")
    if body:
        body, removed = html_repairs.repair(body, size_of=lambda source: _image_size(app, source))
        if removed:
            log.warning(
                "%s: removed what could run in a reader's browser: %s",
                pagename,
                ", ".join(removed),
                type="platformlabour",
            )
        context["body"] = body
    title = {"search": "Search", "genindex": "Index"}.get(pagename) or _plain(context.get("title", ""))
    is_root = pagename == app.config.root_doc
    has_formulas = 'class="math' in body
    context.update(
        author=app.config.author,
        description=html_repairs.description(body),
        genindex_link=app.config.html_use_index,
        mathjax=app.config.mathjax_path if has_formulas else None,
        navigation=Markup(_navigation(context)),
        page_title=app.config.project if is_root or not title else f"{title} · {app.config.project}",
        pdf_link=PDF_NAME if app.config.platformlabour_pdf_link else None,
        security_policy=SECURITY_POLICY,
        style_sheets=[*(["sphinx-design.min.css"] if 'class="sd-' in body else []), "book.css"],
    )


def _plain(title):
    return " ".join(BeautifulSoup(title, "html.parser").get_text().split())


def _navigation(context):
    """The contents, with the sections of the open page under its title."""
    listing = context["toctree"](maxdepth=1, collapse=True, includehidden=True, titles_only=True)
    soup = BeautifulSoup(listing or "", "html.parser")
    for caption in soup.select("p.caption"):
        caption.attrs = {"class": ["caption"]}  # Sphinx calls it a heading, which would stand before the page's own
    for link in soup.find_all("a"):
        current = "current" in link.get("class", []) and link.get("href") == "#"
        link.attrs = {"href": link["href"], **({"aria-current": "page"} if current else {})}
        if current:
            link["href"] = "#main-content"
            link.parent.append(_sections(context))
    for item in soup.find_all(["li", "ul"]):
        item.attrs = {}
    return str(soup)


def _sections(context):
    soup = BeautifulSoup(context.get("toc") or "", "html.parser")
    sections = soup.select_one("ul > li > ul")
    if sections is None:
        return ""
    for deeper in sections.select("ul"):
        deeper.decompose()
    for link in sections.find_all("a"):
        link.attrs = {"href": link["href"]}
    return sections.extract()


def _image_size(app, source):
    names = {name: path for path, name in app.builder.images.items()}
    path = names.get(source.rsplit("/", 1)[-1])
    if path is None or not str(path).endswith(".svg"):
        return None
    return svg_size(Path(app.srcdir, path).read_text(encoding="utf-8")[:2000])


def svg_size(text):
    """Width and height of a picture in pixels.

    Parameters
    ----------
    text : str
        The SVG, or its beginning.

    Returns
    -------
    tuple of float, or None
        ``None`` where the picture does not say.

    Examples
    --------
    >>> svg_size('<svg width="360pt" height="180pt" viewBox="0 0 360 180">')
    (480.0, 240.0)
    """
    found = [re.search(rf'<svg[^>]*\s{name}="([\d.]+)(pt|px)?"', text) for name in ("width", "height")]
    if None in found:
        return None
    width, height = (float(match[1]) * (_POINTS_TO_PIXELS if match[2] == "pt" else 1.0) for match in found)
    return width, height


def remove_live_code(app, doctree, docname):
    """Remove the scripts that Jupyter Book adds for running cells in the page, which asks another host for a kernel."""
    if app.builder.format != "html":
        return
    for node in list(doctree.findall(nodes.raw)):
        if re.match(r"\s*<script( type=\"text/x-thebe-config\"|>kernelName = )", node.astext()):
            node.parent.remove(node)


def read_pdf_flag(app, config):
    """Let the build, which knows whether there is a PDF, say so by an environment variable."""
    if os.environ.get("PLATFORMLABOUR_PDF") == "1":
        config.platformlabour_pdf_link = True


def remove_dropped_pages(app, env, added, changed, removed):
    """Remove the pages of chapters that have left the book, which a build into the same folder would keep."""
    if app.builder.name == "html":
        for docname in removed:
            Path(app.builder.get_outfilename(docname)).unlink(missing_ok=True)
            for source in Path(app.outdir, "_sources").glob(f"{docname}.*"):
                source.unlink()
    return []


def write_entrance(app, exception):
    """Write a page at the site's root that leads to the first one, by itself or by a link."""
    if exception is not None or app.builder.name != "html" or app.config.root_doc == "index":
        return
    title, target = escape(app.config.project), f"{app.config.root_doc}.html"
    page = f"""<!DOCTYPE html>
<html lang="{app.config.language}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="{SECURITY_POLICY}">
  <meta http-equiv="refresh" content="0; url={target}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{title}</title>
  <link rel="icon" href="_static/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="_static/book.css">
</head>
<body>
  <main>
    <h1>{title}</h1>
    <p><a href="{target}">Read the report</a>, <span class="edition">Edition {app.config.version}</span>.</p>
  </main>
</body>
</html>
"""
    Path(app.outdir, "index.html").write_text(page, encoding="utf-8", newline="\n")


def remove_unused_assets(app, exception):
    """Remove the theme's and the extensions' files that no page asks for, some twenty megabytes."""
    if exception is not None or app.builder.name != "html":
        return
    out = Path(app.outdir)
    used = set()
    for page in out.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        used.update(re.findall(r'(?:src|href)="[^"]*?(_[a-z_]*static/[^"?#]+)', text))
    for folder in [path for path in out.iterdir() if path.is_dir() and re.fullmatch(r"_[a-z_]*static", path.name)]:
        for path in sorted(folder.rglob("*"), reverse=True):
            if path.is_file() and path.relative_to(out).as_posix() not in used:
                path.unlink()
            elif path.is_dir() and not any(path.iterdir()):
                path.rmdir()
        if not any(folder.iterdir()):
            folder.rmdir()


def setup(app):
    """Register the pages' events and the setting for the link to the PDF."""
    app.add_config_value("platformlabour_pdf_link", False, "html", [bool])
    app.connect("config-inited", read_pdf_flag)
    app.connect("env-get-outdated", remove_dropped_pages)
    app.connect("doctree-resolved", remove_live_code, priority=900)
    app.connect("html-page-context", leave_theme_parts_out, priority=1)  # before the theme reads them
    app.connect("html-page-context", complete_context, priority=900)
    app.connect("build-finished", write_entrance, priority=100)  # before the table of contents writes a bare redirect
    app.connect("build-finished", remove_unused_assets, priority=900)
