"""The case file on the page: a list in order of time that reads without a script, and a filter where there is one.

The list is made of plain nodes, so that print and screen readers get the same words. Its classes name what
``_static/timeline.js`` filters by; the page holds no code of its own.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

__all__ = ["case_classes", "particulars", "setup"]

SCRIPT, STYLE = "timeline.js", "timeline.css"
TABLE = "impersonation-cases"
NO_REPLY = "none in what was read."
_EVIDENCE = {"seen": "read in the document cited", "secondary": "read in documents that quote or copy it"}


def case_classes(case):
    """Class names of one case: what it can be filtered by.

    Parameters
    ----------
    case : dict
        A row of the table.

    Returns
    -------
    list of str

    Examples
    --------
    >>> case_classes({"function": "impersonation", "grade": "B", "allegation": "yes"})
    ['case', 'function-impersonation', 'grade-b', 'allegation']
    """
    classes = ["case", f"function-{case['function']}", f"grade-{case['grade'].lower()}"]
    return [*classes, "allegation"] if case["allegation"] == "yes" else classes


def particulars(case):
    """The short line of one case: year, function, mode, disclosure and grade.

    Parameters
    ----------
    case : dict
        A row of the table.

    Returns
    -------
    str

    Examples
    --------
    >>> particulars({"public_year": 2009, "practice_start": 2003, "practice_end": 2009, "function": "impersonation",
    ...              "second": "", "mode": "fallback", "disclosed": "no", "grade": "B", "allegation": "yes"})
    'public 2009, practice about 2003 to 2009; impersonation; fallback; users not told; grade B; an allegation'
    """
    start, end = case["practice_start"], case["practice_end"]
    years = f"about {start}" if start == end else f"about {start} to {end}"
    told = {"yes": "told", "partly": "told in part", "no": "not told", "unclear": "told or not: unclear"}
    second = f" with {case['second']}" if case["second"] else ""
    parts = [
        f"public {case['public_year']}, practice {years}",
        f"{case['function']}{second}",
        case["mode"],
        f"users {told[case['disclosed']]}",
        f"grade {case['grade']}",
    ]
    if case["allegation"] == "yes":
        parts.append("an allegation")
    return "; ".join(parts)


class CaseListDirective(SphinxDirective):
    """``{case-list}``: every case, earliest first, with what people did, numbers, reply and source."""

    def run(self):
        from platformlabour.tables import data_folder, load

        self.env.note_dependency(str(data_folder() / f"{TABLE}.csv"))
        cases = load(TABLE).sort_values(["public_year", "practice_start", "company"], kind="stable")
        listing = nodes.definition_list(classes=["case-list", "computed"])
        for case in cases.to_dict("records"):
            listing += self._item(case)
        return [listing]

    def _item(self, case):
        term = nodes.term("", "", nodes.strong("", case["company"]), nodes.Text(f", {case['product']}"))
        definition = nodes.definition()
        definition += nodes.paragraph("", particulars(case), classes=["case-particulars"])
        account = nodes.paragraph("", case["did"])
        for heading, text in (("Where:", case["place"]), ("Numbers:", case["quantity"])):
            if text:
                account += [nodes.Text(" "), nodes.emphasis("", heading), nodes.Text(f" {text.rstrip('.')}.")]
        account += [
            nodes.Text(" "),
            nodes.emphasis("", "Reply or dispute:"),
            nodes.Text(f" {case['reply'] or NO_REPLY}"),
        ]
        definition += account
        source = nodes.paragraph("", classes=["ledger-detail"])
        parsed, messages = self.parse_inline(f"{{cite:t}}`{case['source']}`")
        source += [*parsed, *messages, nodes.Text(f", {_locator(case)}.")]
        definition += source
        item = nodes.definition_list_item("", term, definition)
        # The writer keeps classes on terms and definitions, not on the item that holds both.
        for part in (term, definition):
            part["classes"] += case_classes(case)
        return item


def _locator(case):
    """Place in the source, and how it was read where the place does not say so."""
    said = "read in" in case["locator"]
    return case["locator"] if said else f"{case['locator']}; {_EVIDENCE[case['evidence']]}"


def add_script(app, pagename, templatename, context, doctree):
    """Ask for the script and the style sheet on the pages that hold the list, after the page's body was cleaned."""
    body = context.get("body", "")
    if app.builder.name != "html" or "case-list" not in body:
        return
    context["style_sheets"] = [*context.get("style_sheets", []), STYLE]
    address = context["pathto"](f"_static/{SCRIPT}", 1)
    context["body"] = body + f'<script src="{escape(address)}" defer></script>\n'


def setup(app):
    """Register the directive and the page's script."""
    app.add_directive("case-list", CaseListDirective)
    app.connect("html-page-context", add_script, priority=950)
