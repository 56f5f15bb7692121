"""What a chapter declares about itself, and the box that tells readers and teachers."""

from __future__ import annotations

from pathlib import Path

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from platformlabour.errors import InputError

__all__ = ["front_matter", "setup", "validate"]

REQUIRED = ("id", "minutes", "objectives", "needs", "data")


def front_matter(path):
    """The ``chapter`` block of a chapter's front matter, or ``None`` where a page has none.

    Parameters
    ----------
    path : path-like
        A MyST Markdown file.

    Returns
    -------
    dict or None

    Raises
    ------
    InputError
        If the front matter is not YAML, or the block is incomplete.
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8")
    if not text.startswith("---\n"):
        return None
    block, found, _ = text[4:].partition("\n---\n")
    if not found:
        raise InputError("front matter without an end", "a line of three hyphens after it", file=path.name)
    try:
        meta = yaml.safe_load(block)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        raise InputError(
            f"front matter that is not YAML ({getattr(error, 'problem', error)})",
            "key: value lines",
            file=path.name,
            row=None if where is None else where.line + 2,
        ) from error
    declared = (meta or {}).get("chapter")
    if declared is not None:
        validate(declared, path.name)
    return declared


def validate(declared, file):
    """Refuse a chapter block that does not tell a teacher what they need.

    Parameters
    ----------
    declared : dict
        ``id``; ``minutes`` with ``read``, ``run`` and ``exercises`` as ``[from, to]``; one to seven ``objectives`` with
        ``verb`` and ``text``; ``needs``; ``data``, names of tables.
    file : str
        The chapter's file, for the message.

    Raises
    ------
    InputError

    Examples
    --------
    >>> validate({"id": "counting/registrations"}, "registrations.md")
    Traceback (most recent call last):
    platformlabour.errors.InputError: registrations.md, column "chapter": found no minutes, objectives, needs, data...
    """
    missing = [name for name in REQUIRED if name not in declared]
    if missing:
        raise InputError(f"no {', '.join(missing)}", f"all of {', '.join(REQUIRED)}", file=file, column="chapter")
    for name in ("read", "run", "exercises"):
        span = declared["minutes"].get(name)
        if not (isinstance(span, list) and len(span) == 2 and 0 <= span[0] <= span[1]):
            raise InputError(f"minutes.{name} {span!r}", "[from, to] in minutes", file=file, column="chapter")
    if not 1 <= len(declared["objectives"]) <= 7:
        raise InputError(f"{len(declared['objectives'])} objectives", "one to seven", file=file, column="chapter")
    for objective in declared["objectives"]:
        if set(objective) != {"verb", "text"}:
            raise InputError(f"the objective {objective!r}", "a verb and a text", file=file, column="chapter")


class AboutDirective(SphinxDirective):
    """``{about-this-chapter}``: objectives, time, needs and data, from the front matter."""

    def run(self):
        path = self.env.doc2path(self.env.docname)
        try:
            declared = front_matter(path)
        except InputError as error:
            raise self.severe(str(error)) from error
        if declared is None:
            raise self.severe(f"{Path(path).name}: found no chapter block in the front matter; expected one.")
        self.env.note_dependency(path)
        box = nodes.container(classes=["chapter-facts", "computed"])
        box += nodes.paragraph("", "", nodes.strong("", "After this chapter you will be able to"))
        objectives = nodes.bullet_list()
        for objective in declared["objectives"]:
            item = nodes.paragraph("", "", nodes.strong("", objective["verb"]))
            parsed, messages = self.parse_inline(" " + objective["text"])
            item += [*parsed, *messages]
            objectives += nodes.list_item("", item)
        box += objectives
        minutes = declared["minutes"]
        time = f"Reading {_span(minutes['read'])}, exercises {_span(minutes['exercises'])} (estimates)."
        box += nodes.paragraph("", "", nodes.strong("", "Time. "), nodes.Text(time))
        needs = nodes.paragraph("", "", nodes.strong("", "You need. "))
        parsed, messages = self.parse_inline(declared["needs"])
        needs += [*parsed, *messages]
        box += needs
        if declared["data"]:
            box += self._data(declared["data"])
        return [box]

    def _data(self, names):
        from platformlabour.book.catalogue import licence_names

        paragraph = nodes.paragraph("", "", nodes.strong("", "Data. "))
        for position, name in enumerate(names):
            if position:
                paragraph += nodes.Text("; ")
            paragraph += addnodes.pending_xref(
                "",
                nodes.literal("", name),
                refdomain="std",
                reftype="ref",
                reftarget=f"table-{name}",
                refexplicit=True,
                refwarn=True,
                refdoc=self.env.docname,
            )
            paragraph += nodes.Text(f" ({licence_names(name)})")
        paragraph += nodes.Text(".")
        return paragraph


def _span(span):
    low, high = span
    return f"{low} minutes" if low == high else f"{low}–{high} minutes"


def setup(app):
    """Register the directive."""
    app.add_directive("about-this-chapter", AboutDirective)
