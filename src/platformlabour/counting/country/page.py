"""The report as one HTML file: nothing is asked of a network, nothing runs, and a screen reader hears every number."""

from __future__ import annotations

import base64
import json
from html import escape
from importlib import resources

from platformlabour.counting.country import drawing
from platformlabour.counting.country.blocks import report_blocks

__all__ = ["html_page", "pictures"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_WIDE, _LONG = 45, 26  # characters: a column with longer words, or longer numbers, keeps room for them


def pictures(answer, colours):
    """The report's figures by name, as SVG.

    Parameters
    ----------
    answer : dict
    colours : dict
        :data:`~platformlabour.counting.country.drawing.PAGE` or ``PAPER``.

    Returns
    -------
    dict of str to str
    """
    found = {"circles": drawing.circles_svg(answer["circles"], colours)}
    for number, circle in enumerate(answer["circles"]):
        if circle["drivers"]:
            found[f"drivers-{number}"] = drawing.drivers_svg(circle, colours)
    return found


def html_page(answer, *, tables):
    """The report as a page.

    Parameters
    ----------
    answer : dict
        From :func:`platformlabour.counting.country.answer.compute`.
    tables : dict of str to str
        CSV files by name, offered as downloads from within the page.

    Returns
    -------
    str
    """
    scenario = answer["scenario"]
    style = resources.files(__package__).joinpath("templates/report.css").read_text(encoding="utf-8")
    drawn = pictures(answer, drawing.PAGE)
    body = "\n".join(_block(block, drawn) for block in report_blocks(answer))
    files = {"report.json": ("application/json", json.dumps(answer, ensure_ascii=False)), **{
        name: ("text/csv", text) for name, text in tables.items()
    }}  # fmt: skip
    links = " · ".join(_download(name, kind, text) for name, (kind, text) in files.items())
    made = answer["made_with"]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="{escape(" ".join(answer["answer"]))}">
<title>{escape(scenario["name"])}</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<main id="text">
<h1>{escape(scenario["name"])}</h1>
<p class="quiet">People behind platform accounts · {escape(scenario["country_name"])} ·
{escape(scenario["prepared_by"])} · computed with {escape(made["name"])} {escape(made["version"])}</p>
{body}
<p class="downloads">Take the numbers along: {links}</p>
</main>
</body>
</html>
"""


def _download(name, kind, text):
    data = base64.b64encode(text.encode()).decode()
    return f'<a download="{escape(name)}" href="data:{kind};base64,{data}">{escape(name)}</a>'


def _block(block, drawn):
    kind = block["kind"]
    if kind == "heading":
        return f"<h2>{escape(block['text'])}</h2>"
    if kind == "text":
        look = f' class="{block["look"]}"' if block["look"] else ""
        return f"<p{look}>{escape(block['text'])}</p>"
    if kind == "list":
        look = f' class="{block["look"]}"' if block["look"] else ""
        return f"<ul{look}>{''.join(f'<li>{escape(item)}</li>' for item in block['items'])}</ul>"
    if kind == "figure":
        svg = drawn[block["name"]].replace("url(#unknown)", f"url(#unknown-{block['name']})")
        svg = svg.replace('id="unknown"', f'id="unknown-{block["name"]}"')
        svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(block["alt"])}" ', 1)
        return f"<figure>{svg}<figcaption>{escape(block['caption'])}</figcaption></figure>"
    return _table(block)


def _table(block):
    # On a phone each row becomes a card; the roles keep it a table for screen readers.
    head = "".join(
        f'<th scope="col" role="columnheader"{_class(numeric)}>{escape(text)}</th>'
        for text, numeric in zip(block["headings"], block["numeric"], strict=True)
    )
    longest = [max(map(len, column)) for column in zip(*block["rows"], strict=True)]
    lines = []
    for row in block["rows"]:
        cells = [f'<th scope="row" role="rowheader">{escape(row[0])}</th>']
        for k, text in enumerate(row[1:], start=1):
            heading = block["headings"][k]
            look = _class(block["numeric"][k], longest[k], code=heading == "SHA-256")
            cells.append(f'<td role="cell" data-label="{escape(heading)}"{look}><span>{escape(text)}</span></td>')
        lines.append(f'<tr role="row">{"".join(cells)}</tr>')
    caption = escape(block["caption"])
    return (
        f'<div class="scroll" role="group" tabindex="0" aria-label="{caption}"><table role="table">'
        f"<caption><span>{caption}</span></caption>"
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{"".join(lines)}</tbody></table></div>'
    )


def _class(numeric, longest=0, *, code=False):
    if numeric:
        name = "number long" if longest > _LONG else "number"
    else:
        name = "code" if code else "wide" if longest > _WIDE else ""
    return f' class="{name}"' if name else ""
