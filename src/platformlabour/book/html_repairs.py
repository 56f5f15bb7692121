"""Repairs to a page's body: what Sphinx, the notebook reader and pandas write, made semantic, reachable and safe.

Each repair takes the parsed page and changes it in place, so that each can be tested on three lines of HTML.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

__all__ = ["DESCRIPTION_LENGTH", "description", "repair", "strip_code"]

DESCRIPTION_LENGTH = 160  # what search engines show


def repair(body, *, size_of=None):
    """Make a page's body semantic and accessible.

    Parameters
    ----------
    body : str
        HTML of the page's text.
    size_of : callable, optional
        Takes an image's ``src`` and returns ``(width, height)`` in pixels, or ``None`` if they are not known.

    Returns
    -------
    str
        The repaired HTML.
    list of str
        What could have run code in a reader's browser, and was removed.

    Examples
    --------
    >>> print(repair('<table><tr><th></th><th>n</th></tr></table>')[0].replace("><table", ">\\n<table"))
    <div aria-label="Table" class="scroll" role="group" tabindex="0">
    <table><tr><td></td><th scope="col">n</th></tr></table></div>
    """
    soup = BeautifulSoup(body, "html.parser")
    removed = strip_code(soup)
    for table in soup.find_all("table"):
        repair_table(soup, table)
    for image in soup.find_all("img"):
        repair_image(image, size_of)
    fold_dropdowns(soup)
    repair_summaries(soup)
    quieten_header_links(soup)
    repair_bibliography(soup)
    drop_repeated_ids(soup)
    drop_idle_spans(soup)
    for block in soup.select(".highlight pre, div.math"):
        block["tabindex"] = "0"
    return str(soup), removed


def strip_code(soup):
    """Remove scripts, handlers and script addresses: a label in a table must never run in a reader's browser.

    Returns
    -------
    list of str
        What was removed.

    Examples
    --------
    >>> soup = BeautifulSoup('<p onclick="steal()">a</p><script>steal()</script>', "html.parser")
    >>> strip_code(soup), str(soup)
    (['<script>', 'onclick'], '<p>a</p>')
    """
    removed = []
    for element in soup.find_all(["script", "iframe", "object", "embed", "base", "form"]):
        removed.append(f"<{element.name}>")
        element.decompose()
    for element in soup.find_all(True):
        for name in list(element.attrs):
            value = str(element.attrs[name]).strip().lower()
            if name.lower().startswith("on") or re.match(r"(javascript|vbscript|data:text/html)", value):
                removed.append(name)
                del element.attrs[name]
    return removed


def repair_table(soup, table):
    """Scopes for headers, no empty header, no style of its own, and a frame that scrolls instead of the page."""
    for style in table.find_all_next("style", limit=1) + table.find_previous_siblings("style"):
        if style.has_attr("scoped"):
            style.decompose()
    for attribute in ("border", "style"):
        del table[attribute]
    table["class"] = [name for name in table.get("class", []) if name not in {"table", "docutils", "align-default"}]
    if not table["class"]:
        del table["class"]
    for group in table.find_all("colgroup"):
        if not any("%" in str(column.get("style", "")) for column in group.find_all("col")):
            group.decompose()
    for row in table.find_all("tr"):
        del row["style"]
        in_body = row.find_parent("tbody") is not None
        for cell in row.find_all(["th", "td"], recursive=False):
            _repair_cell(cell, in_body)
            _break_keys(soup, cell)
    if "dataframe" in table.get("class", []):
        _align_numbers(table)
    _frame_table(soup, table)


def _repair_cell(cell, in_body):
    paragraphs = cell.find_all("p", recursive=False)
    if len(paragraphs) == 1 and len([child for child in cell.children if str(child).strip()]) == 1:
        paragraphs[0].unwrap()
    classes = cell.get("class", [])
    if "row-name" in classes:
        cell.name = "th"
    if cell.name == "th" and not cell.get_text(strip=True):
        cell.name = "td"
    elif cell.name == "th" and not cell.get("scope"):
        cell["scope"] = "row" if in_body else "col"
    kept = [name for name in classes if name not in {"head", "row-name"}]
    if kept:
        cell["class"] = kept
    else:
        del cell["class"]


def _break_keys(soup, cell):
    """Let dotted names break after a dot, not in the middle of a word."""
    for text in [text for code in cell.find_all("code") for text in code.find_all(string=True) if "." in text]:
        first, *rest = str(text).split(".")
        text.replace_with(first, *(part for word in rest for part in (".", soup.new_tag("wbr"), word) if part))


def _align_numbers(table):
    """Mark the columns of a printed frame that hold nothing but numbers."""
    rows = [row.find_all(["th", "td"], recursive=False) for row in table.find_all("tr")]
    for column in zip(*rows, strict=False):
        values = [cell.get_text(strip=True) for cell in column[1:]]
        if values and all(re.fullmatch(r"[-−]?[\d,.]+(e[-+]?\d+)?%?", value) for value in values):
            for cell in column:
                cell["class"] = ["number"]


def _frame_table(soup, table):
    frame = table.parent if table.parent is not None and table.parent.name == "div" else None
    if frame is None or "pst-scrollable-table-container" not in frame.get("class", []):
        frame = table.wrap(soup.new_tag("div"))
    caption = table.find("caption")
    label = "Table"
    if caption is not None:
        line = soup.new_tag("span", attrs={"class": "caption-line"})
        for child in list(caption.contents):
            line.append(child.extract())
        caption.append(line)
        parts = [part.get_text() for part in line.find_all(class_=["caption-number", "caption-text"])]
        label = " ".join("".join(parts).split()) or label
    frame.attrs = {"aria-label": label, "class": ["scroll"], "role": "group", "tabindex": "0"}


def repair_image(image, size_of=None):
    """Give a picture its size, so that the text below does not jump when it arrives."""
    size = size_of(image.get("src", "")) if size_of else None
    if size is not None and not image.get("width") and not image.get("style"):
        image["width"], image["height"] = (str(round(length)) for length in size)
    link = image.parent
    if link is not None and link.name == "a" and "image-reference" in link.get("class", []):
        link.unwrap()  # a link to the picture itself: a stop for the keyboard without a purpose


def fold_dropdowns(soup):
    """Turn boxes that fold by script into ones that fold by themselves."""
    for box in soup.select("div.admonition.dropdown"):
        title = box.find(class_="admonition-title", recursive=False)
        if title is None:
            continue
        content = soup.new_tag("div")
        for child in list(box.children):
            if child is not title:
                content.append(child.extract())
        title.name = "summary"
        box.name = "details"
        box["class"] = [name for name in box["class"] if name != "dropdown"]
        box.append(content)


def repair_summaries(soup):
    """Let the words on a fold be its name, and keep paragraphs out of it."""
    for summary in soup.find_all("summary"):
        del summary["aria-label"]
        for paragraph in summary.find_all("p"):
            paragraph.name = "span"


def quieten_header_links(soup):
    """Keep the marks for copying a section's address away from screen readers and the keyboard."""
    for link in soup.select("a.headerlink"):
        link["aria-hidden"] = "true"
        link["tabindex"] = "-1"
        link.string = "#"
        del link["title"]


def repair_bibliography(soup):
    """Replace the retired role of entries, and keep anything else out of the list."""
    for entry in soup.select('[role="doc-biblioentry"]'):
        entry["role"] = "listitem"
    for listing in soup.select("div.citation-list"):
        for child in list(listing.find_all(True, recursive=False)):
            if child.get("role") != "listitem":
                listing.insert_before(child.extract())


def drop_repeated_ids(soup):
    """Keep the first of several elements with one id: exercises and definitions all carry the same one."""
    seen = set()
    for element in soup.find_all(id=True):
        if element["id"] in seen or element["id"] in {"proof-content", "exercise-content", "solution-content"}:
            del element["id"]
        else:
            seen.add(element["id"])


def drop_idle_spans(soup):
    """Remove the marks that no style uses, a third of the method reference's weight."""
    for span in soup.select("code span.pre, dt.sig span.pre"):
        span.unwrap()
    for span in soup.select(".highlight span"):
        if set(span.get("class", [])) <= {"n", "nn", "o", "p", "w"}:
            span.unwrap()


def description(body):
    """Opening of a page's first full paragraph, for search engines.

    Parameters
    ----------
    body : str
        HTML of the page's text.

    Returns
    -------
    str
        At most :data:`DESCRIPTION_LENGTH` characters, cut between words; empty where the page has no paragraph.

    Examples
    --------
    >>> description("<h1>T</h1><p>Short.</p><p>A report that counts the people behind automated systems.</p>")
    'A report that counts the people behind automated systems.'
    """
    for found in re.finditer(r"<p\b.*?</p>", body, re.DOTALL):  # to parse the page again would cost half of its repair
        paragraph = BeautifulSoup(found[0], "html.parser").p
        text = " ".join(paragraph.get_text().split())
        if len(text) < 40 or "\\(" in text or {"admonition-title", "sd-card-text"} & set(paragraph.get("class", [])):
            continue
        if len(text) <= DESCRIPTION_LENGTH:
            return text
        return text[: DESCRIPTION_LENGTH - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return ""
