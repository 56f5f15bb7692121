"""The explorer: every tie with its dates and documents, readable before ``_static/explorer.js`` makes it a choice.

The page holds no code of its own: its security policy allows none. In print and without a script the table is whole.
"""

from __future__ import annotations

from html import escape

import pandas as pd
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from platformlabour.book.display import table
from platformlabour.errors import InputError

__all__ = ["HEADINGS", "explorer_controls", "setup", "span", "ties_table"]

SCRIPT, STYLE = "explorer.js", "explorer.css"
_HOLDER = '<div id="explorer-controls" role="group" aria-label="Choose which ties are shown" hidden></div>'

# The script finds the columns by these headings.
HEADINGS = {"sender": "From", "words": "Tie", "receiver": "To", "when": "When", "documents": "Read in"}
_READ = {"seen": "", "secondary": " (a reprint or summary)", "recalled": " (not read again)"}
# Spelled out here: the standard library would follow the reader's own language.
_MONTHS = ("January", "February", "March", "April", "May", "June", "July")
_MONTHS += ("August", "September", "October", "November", "December")


def span(start, end, basis):
    """When a tie stood, in the words that its dating allows.

    Parameters
    ----------
    start, end : str
        Dates as the table has them; ``end`` is empty if no end is known.
    basis : {"event", "attested", "recalled"}

    Returns
    -------
    str

    Examples
    --------
    >>> span("2017", "2024-03-19", "attested"), span("2019-08", "", "event"), span("2017", "", "recalled")
    ('seen in 2017, until 19 March 2024', 'from August 2019', 'from about 2017')
    """
    words = {"event": "from", "attested": "seen in", "recalled": "from about"}[basis]
    return f"{words} {_date(start)}" + (f", until {_date(end)}" if end else "")


def _date(text):
    year, *rest = text.split("-")
    parts = [year]
    if rest:
        parts.insert(0, _MONTHS[int(rest[0]) - 1])
    if len(rest) == 2:
        parts.insert(0, str(int(rest[1])))
    return " ".join(parts)


def ties_table(ties, names):
    """All ties as a table with citations.

    Parameters
    ----------
    ties : DataFrame, shape (ties, columns)
        Rows of the table ``ties`` with ``words``, the relation in words.
    names : dict of str to str
        Name of each organisation by its identifier.

    Returns
    -------
    platformlabour.book.display.Table

    Raises
    ------
    InputError
        If a column is missing or an organisation has no name.
    """
    needed = ("sender", "words", "receiver", "period_start", "period_end", "date_basis", "share", "evidence", "source")
    for column in (*needed, "further_sources"):
        if column not in ties.columns:
            raise InputError(f"no column {column!r}", f"ties with {', '.join(needed)}", column=column)
    strangers = ({*ties["sender"]} | {*ties["receiver"]}) - set(names)
    if strangers:
        raise InputError(f"{sorted(strangers)[0]!r} without a name", "a name for every organisation")
    rows = []
    for tie in ties.to_dict("records"):
        keys = [tie["source"], *filter(None, tie["further_sources"].split("; "))]
        rows.append(
            {
                "sender": names[tie["sender"]],
                "words": tie["words"] + (f" ({tie['share']:g}%)" if tie["share"] == tie["share"] else ""),
                "receiver": names[tie["receiver"]],
                "when": span(tie["period_start"], tie["period_end"], tie["date_basis"]),
                "documents": "; ".join(f"{{cite:t}}`{key}`" for key in keys) + _READ[tie["evidence"]],
            }
        )
    frame = pd.DataFrame(rows, columns=list(HEADINGS))
    order = frame.apply(lambda column: column.str.casefold()).sort_values(["sender", "receiver", "words"]).index
    return table(frame.loc[order].reset_index(drop=True), HEADINGS, markdown=["documents"])


class explorer_controls(nodes.General, nodes.Element):
    """Place of the controls that the script adds."""


class ExplorerDirective(SphinxDirective):
    """``{ties-explorer}``: controls for the table named ``tab-all-ties`` on the same page."""

    def run(self):
        return [explorer_controls()]


def add_script(app, pagename, templatename, context, doctree):
    """Ask for the script and the style sheet on the page of the explorer, after the page's body was cleaned."""
    body = context.get("body", "")
    if app.builder.name != "html" or 'id="explorer-controls"' not in body:
        return
    context["style_sheets"] = [*context.get("style_sheets", []), STYLE]
    address = context["pathto"](f"_static/{SCRIPT}", 1)
    context["body"] = body + f'<script src="{escape(address)}" defer></script>\n'


def _visit_html(self, node):
    self.body.append(_HOLDER)
    raise nodes.SkipNode


def _skip(self, node):
    raise nodes.SkipNode


def setup(app):
    """Register the directive, its node and the page's script."""
    app.add_node(
        explorer_controls,
        html=(_visit_html, None),
        latex=(_skip, None),
        text=(_skip, None),
        typst=(_skip, None),
    )
    app.add_directive("ties-explorer", ExplorerDirective)
    app.connect("html-page-context", add_script, priority=950)
