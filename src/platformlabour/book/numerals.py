"""No digit in prose without a source: each must come from a result, a claim, a citation or the allow-list."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging

__all__ = ["setup", "uncited_numerals"]

log = logging.getLogger(__name__)

_YEARS = r"\b(?:1[89]|20)\d\d(?:[–-](?:(?:1[89]|20)\d\d|\d\d))?\b"
_NUMERAL = re.compile(r"\S*\d[\d,.]*\S*")
# Places where digits are code, formulas, labels or already resolved from data.
_EXEMPT = (
    nodes.literal,
    nodes.literal_block,
    nodes.doctest_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    nodes.comment,
    nodes.label,
    nodes.footnote_reference,
    nodes.citation,
    addnodes.pending_xref,
    addnodes.desc,
    addnodes.download_reference,
)
_EXEMPT_CLASSES = {"data-table", "computed", "cell_input"}


def uncited_numerals(document, allowed=()):
    """Numerals in prose that nothing accounts for.

    Parameters
    ----------
    document : docutils.nodes.document
        Before numbers and claims are resolved, so that theirs are not in it yet.
    allowed : iterable of str
        Regular expressions of numerals that are names or conventions, not findings.

    Returns
    -------
    list of (Node, str)
        The text node and the word that holds the digits.
    """
    accepted = re.compile("|".join([*allowed, _YEARS]))
    found = []
    for text in document.findall(nodes.Text):
        if not any(character.isdigit() for character in text) or _is_exempt(text):
            continue
        rest = accepted.sub(lambda match: " " * len(match[0]), text.astext())
        found += [(text, match[0].strip(".,;:()[]")) for match in _NUMERAL.finditer(rest)]
    return found


def _is_exempt(text):
    node = text.parent
    while node is not None:
        if "docstring of" in (node.source or ""):
            return True  # the method reference is written, and tested, in src/
        if isinstance(node, _EXEMPT) or _EXEMPT_CLASSES.intersection(node.get("classes", ())):
            return True
        if "bibtex" in type(node).__module__ or (isinstance(node, nodes.reference) and node.get("refuri")):
            return True
        node = node.parent
    return False


def _check(app, doctree):
    docname = app.env.docname
    if not docname.startswith(app.config.platformlabour_prose):
        return
    for node, word in uncited_numerals(doctree, app.config.platformlabour_allowed_numerals):
        log.warning(
            "the number %r in prose is neither computed nor cited: use {num} or {claim}, or allow it in _config.yml",
            word,
            location=node.parent,
            type="platformlabour",
            subtype="numeral",
        )


def setup(app):
    """Register the check and its two settings."""
    app.add_config_value("platformlabour_prose", "chapters/", "env", [str])
    app.add_config_value("platformlabour_allowed_numerals", [], "env", [list])
    app.connect("doctree-read", _check)
