"""The calculator in the page: the form that ``_static/calculator.js`` brings to life.

In print and without a script there is no form; the chapter's table of worked values, computed by the library, stands
for it. The page holds no code of its own: its security policy allows none.
"""

from __future__ import annotations

from html import escape

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

__all__ = ["calculator_form", "form", "setup"]

SCRIPT, STYLE = "calculator.js", "calculator.css"
# First values, made up: the directive's text says so.
_FIELDS = (
    ("number", "accounts", "Accounts declared", "summed over the platforms", ("1000000",), "1"),
    ("range", "dormant", "Accounts that lie dormant", "per cent of all", ("33", "67"), "any"),
    ("range", "active", "Of the others, active in a month", "per cent", ("20", "50"), "any"),
    ("number", "mean", "Platforms a respondent uses, mean", "one or more, from a survey", ("2",), "any"),
    ("route", "route", "The respondents were", "who was asked decides what the mean means", (), ""),
    ("number", "most", "Platforms there are", "may stay empty", ("8",), "1"),
    ("range", "sharing", "People behind one account", "one or more", ("1", "1.25"), "any"),
)
_ROUTES = (
    ("people", "people, each with the same chance"),
    ("accounts", "accounts, drawn from all registers"),
    ("platform-panel", "members of one platform"),
    ("platform-active", "users met at work on one platform"),
    ("unknown", "not known"),
)


class calculator_form(nodes.General, nodes.Element):
    """Place of the form."""


class CalculatorDirective(SphinxDirective):
    """``{people-calculator}``: a form that needs no kernel and sends nothing anywhere."""

    def run(self):
        return [calculator_form()]


def form():
    """The form as HTML, hidden until the script has found it.

    Returns
    -------
    str

    Examples
    --------
    >>> "<script" in form(), "hidden" in form(), form().count("<input")
    (False, True, 9)
    """
    fields = "".join(_field(*field) for field in _FIELDS)
    return (
        '<div class="people-calculator" role="group" aria-labelledby="calculator-title" hidden>'
        '<p class="calculator-title" id="calculator-title">From accounts to people: try your own numbers. '
        "The first ones are made up.</p>"
        f'<div class="calculator-fields">{fields}</div>'
        '<output class="calculator-answer" aria-live="polite"></output>'
        '<span class="calculator-formula"></span>'
        '<button type="button">Back to the first values</button></div>\n'
    )


def _field(kind, name, label, hint, values, step):
    identity = f"calculator-{name}"
    hint = f'<span class="hint" id="{identity}-hint">{escape(hint)}</span>'
    if kind == "number":
        return (
            f'<p class="calculator-field"><label for="{identity}">{escape(label)}</label>'
            f"{_input(identity, name, values[0], step, identity)}{hint}</p>"
        )
    if kind == "route":
        options = "".join(
            f'<option value="{key}"{" selected" if key == "unknown" else ""}>{escape(words)}</option>'
            for key, words in _ROUTES
        )
        return (
            f'<p class="calculator-field"><label for="{identity}">{escape(label)}</label>'
            f'<select id="{identity}" name="{name}" aria-describedby="{identity}-hint" autocomplete="off">{options}'
            f"</select>{hint}</p>"
        )
    ends = "".join(
        f'<label for="{identity}-{end}">{end}</label> '
        f"{_input(f'{identity}-{end}', f'{name}-{end}', value, step, identity)}"
        for end, value in zip(("from", "to"), values, strict=True)
    )
    return (
        f'<fieldset class="calculator-field"><legend>{escape(label)}</legend>'
        f'<span class="calculator-range">{ends}</span>{hint}</fieldset>'
    )


def _input(identity, name, value, step, described):
    return (
        f'<input type="number" inputmode="decimal" id="{identity}" name="{name}" value="{value}" step="{step}" '
        f'min="0" aria-describedby="{described}-hint" autocomplete="off">'
    )


def add_script(app, pagename, templatename, context, doctree):
    """Ask for the script and the style sheet on the pages that hold the form, after the page's body was cleaned."""
    body = context.get("body", "")
    if app.builder.name != "html" or 'class="people-calculator"' not in body:
        return
    context["style_sheets"] = [*context.get("style_sheets", []), STYLE]
    address = context["pathto"](f"_static/{SCRIPT}", 1)
    context["body"] = body + f'<script src="{escape(address)}" defer></script>\n'


def _visit_html(self, node):
    self.body.append(form())
    raise nodes.SkipNode


def _skip(self, node):
    raise nodes.SkipNode


def setup(app):
    """Register the directive, its node and the page's script."""
    app.add_node(
        calculator_form,
        html=(_visit_html, None),
        latex=(_skip, None),
        text=(_skip, None),
        typst=(_skip, None),
    )
    app.add_directive("people-calculator", CalculatorDirective)
    app.connect("html-page-context", add_script, priority=950)
