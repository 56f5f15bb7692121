"""Tables as the page sets them: columns, alignment and size, whatever source they came from."""

from __future__ import annotations

import dataclasses
import html.parser
import re

from .escape import markup

__all__ = ["Cell", "Table", "read_html_table", "to_typst"]

# A number as tables print them: sign, currency, thousands, decimals, per cent, an interval's dash, "n/a" marks.
_NUMBER = re.compile(r"[-−–+±~≈<>≤≥]?\s?[£$€¥]?\d[\d.,\u202f\u2009\xa0 ]*(?:[eE][-+−]?\d+)?\s?[%‰†‡*]?")
_BLANK = {"", "–", "—", "-", "…", "..", "n/a", "NaN", "nan", "NA", "<NA>", "None", "·"}
_UNBREAKABLE = re.compile(r"[^\s._/:-]+[._/:-]*")
_LINE_LENGTH = 88  # characters across the measure at the size of tables
_LONG_TABLE = 32  # lines; a longer one may run over the page's end


@dataclasses.dataclass
class Cell:
    """One cell: what it prints and how many columns and rows it takes."""

    content: str
    text: str
    columns: int = 1
    rows: int = 1
    classes: tuple[str, ...] = ()
    stub: bool = False


@dataclasses.dataclass
class Table:
    """A table's header rows, body rows and, where the author gave them, relative column widths."""

    header: list[list[Cell]]
    body: list[list[Cell]]
    widths: list[int] | None = None

    @property
    def columns(self):
        """Number of columns, spans counted."""
        return len(self.grid(self.header + self.body)[0]) if self.header or self.body else 0

    @staticmethod
    def grid(rows):
        """Lay cells on a grid, so that each column can be read although cells span."""
        filled = {}
        for y, row in enumerate(rows):
            x = 0
            for cell in row:
                while (y, x) in filled:
                    x += 1
                for down in range(cell.rows):
                    for right in range(cell.columns):
                        filled[y + down, x + right] = cell if (down, right) == (0, 0) else None
                x += cell.columns
        width = max((x for _, x in filled), default=-1) + 1
        return [[filled.get((y, x)) for x in range(width)] for y in range(len(rows))]


def to_typst(table):
    """Write a table for the template's ``data-table``.

    Numeric columns are set flush right; long text shares the room that short columns leave; a table too wide
    for the measure is set smaller, to no less than two thirds.

    Parameters
    ----------
    table : Table
        The table.

    Returns
    -------
    str
        A call in Typst's markup mode.
    """
    head, body = table.grid(table.header), table.grid(table.body)
    count = table.columns
    columns = [[row[x] for row in body if x < len(row) and row[x] is not None] for x in range(count)]
    aligned = ["right" if _is_numeric(cells) else "left" for cells in columns]
    every = [cells + [row[x] for row in head if x < len(row) and row[x] is not None] for x, cells in enumerate(columns)]
    longest = [max((len(cell.text) for cell in cells if cell.columns == 1), default=1) for cells in every]
    widths = _column_widths(table.widths, longest, aligned)
    scale = _scale(every, longest)
    lines = _lines(table.body, longest, sum(longest))
    parts = [
        f"columns: ({', '.join(widths)},)",
        f"align: ({', '.join(aligned)},)",
        f"scale-by: {scale:.2f}",
        f"long: {'true' if lines > _LONG_TABLE else 'false'}",
        f"header-rows: {len(table.header)}",
    ]
    if table.header:
        parts.append(f"header: ({''.join(_cell(cell) for row in table.header for cell in row)})")
    cells = "".join("\n    " + "".join(_cell(cell) for cell in row) for row in table.body)
    return f"#data-table({', '.join(parts)},{cells}\n);"


def _cell(cell):
    content = f"*{cell.content}*" if cell.stub and cell.content.strip() else cell.content
    spans = [f"{name}: {n}" for name, n in (("colspan", cell.columns), ("rowspan", cell.rows)) if n > 1]
    if spans:
        return f"table.cell({', '.join(spans)})[{content}], "
    return f"[{content}], "


def _is_numeric(cells):
    if any(set(cell.classes) & {"text-left", "text-center"} for cell in cells):
        return False
    if cells and all(set(cell.classes) & {"number", "text-right"} for cell in cells):
        return True
    told = [cell.text.strip() for cell in cells if cell.text.strip() not in _BLANK]
    return bool(told) and all(_NUMBER.fullmatch(text) for text in told)


def _column_widths(given, longest, aligned):
    if given and len(given) == len(longest):
        return [f"{width}fr" for width in given]
    if sum(longest) + 3 * len(longest) <= _LINE_LENGTH:
        return ["auto"] * len(longest)
    return [
        "auto" if side == "right" or length <= 14 else f"{min(length, 120) ** 0.6:.1f}fr"
        for length, side in zip(longest, aligned, strict=True)
    ]


def _scale(columns, longest):
    words = [
        max((len(part) for cell in cells if cell.columns == 1 for part in _UNBREAKABLE.findall(cell.text)), default=1)
        for cells in columns
    ]
    least = sum(min(max(word, 4), length + 1) for word, length in zip(words, longest, strict=True)) + 3 * len(words)
    wanted = max(least, 11 * len(words))
    return min(1.0, max(0.66, _LINE_LENGTH / wanted))


def _lines(rows, longest, total):
    room = [max(8, _LINE_LENGTH * length / max(total, _LINE_LENGTH)) for length in longest]
    height = 0
    for row in rows:
        height += max((1 + len(cell.text) // int(room[min(x, len(room) - 1)]) for x, cell in enumerate(row)), default=1)
    return height


class _TableReader(html.parser.HTMLParser):
    """Reads the first table of a piece of HTML and notes anything that stands outside it."""

    def __init__(self):
        super().__init__()
        self.header, self.body = [], []
        self.depth, self.tables, self.outside, self.muted = 0, 0, "", 0
        self.section, self.cell, self.caption = "tbody", None, None

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in ("style", "script"):
            self.muted += 1
        elif tag == "table":
            self.depth += 1
            self.tables += 1
        elif tag in ("thead", "tbody", "tfoot"):
            self.section = tag
        elif tag == "tr":
            (self.header if self.section == "thead" else self.body).append([])
        elif tag in ("td", "th") and (self.header or self.body):
            classes = tuple((attributes.get("class") or "").split())
            self.cell = Cell("", "", _span(attributes, "colspan"), _span(attributes, "rowspan"), classes)
            self.cell.stub = tag == "th" and self.section != "thead"
        elif tag == "br" and self.cell is not None:
            self.cell.text += " "
        elif tag == "img":
            self.outside += "image"

    def handle_endtag(self, tag):
        if tag in ("style", "script"):
            self.muted -= 1
        elif tag == "table":
            self.depth -= 1
        elif tag in ("td", "th") and self.cell is not None:
            rows = self.header if self.section == "thead" else self.body
            self.cell.text = " ".join(self.cell.text.split())
            self.cell.content = markup(self.cell.text)
            rows[-1].append(self.cell)
            self.cell = None

    def handle_data(self, data):
        if self.muted:
            return
        if self.cell is not None:
            self.cell.text += data
        elif self.depth == 0:
            self.outside += data.strip()


def _span(attributes, name):
    value = attributes.get(name) or "1"
    return int(value) if value.isdigit() else 1


def read_html_table(text):
    """Read the table that pandas (or anyone) wrote as HTML.

    Parameters
    ----------
    text : str
        HTML with exactly one table.

    Returns
    -------
    tuple of (Table, str) or None
        The table and the plain text around it ("3 rows × 2 columns"); None where the HTML is not one table.

    Examples
    --------
    >>> html = "<table><thead><tr><th>n</th></tr></thead><tbody><tr><td>5</td></tr></tbody></table>"
    >>> table, around = read_html_table(html)
    >>> table.header[0][0].text, table.body[0][0].text, around
    ('n', '5', '')
    """
    reader = _TableReader()
    reader.feed(text)
    reader.close()
    if reader.tables != 1 or "image" in reader.outside or not (reader.header or reader.body):
        return None
    header = reader.header
    if len(header) == 2 and len(header[0]) == len(header[1]) and not any(c.text for c in header[1][1:]):
        # pandas gives a named index a header row of its own; one row says it all.
        header = [[header[1][0], *header[0][1:]]]
    return Table(header, reader.body), reader.outside
