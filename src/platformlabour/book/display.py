"""Tables as pages, print and screen readers need them: real headers, aligned numbers, no styling tricks."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["TABLE_MIME", "Table", "table"]

TABLE_MIME = "application/vnd.platformlabour.table+json"


@dataclass(frozen=True)
class Table:
    """A table ready for the page; see :func:`table`."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    markdown: tuple[bool, ...]
    frame: pd.DataFrame = field(repr=False, compare=False)

    def _repr_mimebundle_(self, include=None, exclude=None):
        payload = {
            "headings": list(self.headings),
            "rows": [list(row) for row in self.rows],
            "numeric": list(self.numeric),
            "markdown": list(self.markdown),
        }
        text = self.frame.to_string(index=False)
        return {TABLE_MIME: payload, "text/plain": text}


def table(frame, columns=None, *, formats=None, markdown=()):
    """Show a frame as a table with named headings.

    Parameters
    ----------
    frame : DataFrame, shape (rows, columns)
        One row a line; the first column shown names the row.
    columns : dict of str to str, optional
        Column to heading, in the order wanted; every column under its own name by default.
    formats : dict of str to str, optional
        Column to format specification (``",.0f"``), or for columns of estimates to one of its forms
        (``"with-interval"``).
    markdown : iterable of str
        Columns whose text is the project's own Markdown, such as citations.

    Returns
    -------
    Table

    Raises
    ------
    InputError
        If a column is not in the frame, or the table has more than seven columns (it would not fit on paper).

    Examples
    --------
    >>> import pandas as pd
    >>> shown = table(pd.DataFrame({"year": [2015], "seen": [17075]}), {"year": "Year", "seen": "Workers seen"},
    ...               formats={"seen": ",.0f"})
    >>> shown.rows
    (('2015', '17,075'),)
    """
    columns = dict(columns) if columns is not None else {name: str(name) for name in frame.columns}
    formats = dict(formats or {})
    for name in [*columns, *formats, *markdown]:
        if name not in frame.columns:
            raise InputError(
                f"no column {name!r} to show", f"one of {', '.join(map(str, frame.columns))}", column=str(name)
            )
    if len(columns) > 7:
        raise InputError(f"{len(columns)} columns", "at most 7, so that the table fits on a printed page")
    cells = {name: [_cell(value, formats.get(name)) for value in frame[name]] for name in columns}
    return Table(
        headings=tuple(columns.values()),
        rows=tuple(zip(*cells.values(), strict=True)),
        numeric=tuple(_is_numeric(frame[name]) for name in columns),
        markdown=tuple(name in set(markdown) for name in columns),
        frame=frame[list(columns)],
    )


def _is_numeric(column):
    return pd.api.types.is_numeric_dtype(column) or all(isinstance(value, Estimate) for value in column)


def _cell(value, form):
    if isinstance(value, Estimate):
        return value.text(form or "value") if value.value is not None else value.status
    if value is None or value is pd.NA or (isinstance(value, float) and value != value):
        return "–"
    if form:
        return format(value, form).replace("-", "\N{MINUS SIGN}")
    return str(value)
