"""Anybody's ties: from a CSV file or from GraphML, checked as strictly as the report's own."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from platformlabour.errors import InputError
from platformlabour.networks.relations import RELATIONS, relations_of

__all__ = ["LARGEST_FILE", "read_graphml", "read_ties"]

LARGEST_FILE = 50_000_000  # bytes


def read_ties(path, *, organisations=None):
    """Read ties from a CSV file.

    Parameters
    ----------
    path : path
        UTF-8 with a header: ``sender``, ``relation`` and ``receiver``; ``period_start``, ``period_end``, ``share`` (per
        cent), ``votes``, ``source`` and ``evidence`` if they are known. Other columns are kept.
    organisations : path, optional
        A CSV file with ``id``, and ``name`` and ``level`` if they are known. With it, a tie to anyone else is refused;
        without it, the organisations are the ends of the ties.

    Returns
    -------
    platformlabour.networks.relations.Relations

    Raises
    ------
    InputError
        If a file cannot be read, or a tie cannot be right.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "ties.csv"
    ...     _ = path.write_text("sender,relation,receiver\\nmeta,outsources_to,sama\\n", encoding="utf-8")
    ...     read_ties(path)
    Relations(2 organisations, 1 ties)
    """
    ties = _read_csv(path)
    frame = None if organisations is None else _read_csv(organisations)
    return relations_of(frame, _numbers(ties, Path(path).name), file=Path(path).name)


def read_graphml(path, *, relation=None):
    """Read ties from GraphML, the exchange format of network programs.

    Files that declare entities or document types are refused: they can make a reader open other files or fill the
    memory. A network program never needs them.

    Parameters
    ----------
    path : path
        A directed graph; nodes may have ``name`` and ``level``, edges ``relation``, ``period_start``,
        ``share`` and so on.
    relation : str, optional
        Relation of edges that name none.

    Returns
    -------
    platformlabour.networks.relations.Relations

    Raises
    ------
    InputError
        If the file is no GraphML, declares entities, is undirected, or holds a tie that cannot be right.

    References
    ----------
    Brandes, U., Eiglsperger, M., Herman, I., Himsolt, M. and Marshall, M. S. (2002). GraphML progress report:
    structural layer proposal. Graph Drawing 2001, 501-512.
    """
    import networkx as nx
    from defusedxml import ElementTree
    from defusedxml.common import DefusedXmlException

    name = Path(path).name
    if relation is not None and relation not in RELATIONS:
        raise InputError(f"the relation {relation!r}", f"one of {', '.join(RELATIONS)}")
    raw = _bytes(path)
    try:
        ElementTree.fromstring(raw, forbid_dtd=True)
    except DefusedXmlException:
        raise InputError(
            "a document type or an entity declared in the file, which could read other files",
            "GraphML without declarations; export it anew",
            file=name,
        ) from None
    except ElementTree.ParseError as error:
        raise InputError("XML that stops making sense", "a GraphML file", file=name, row=error.position[0]) from None
    try:
        graph = nx.parse_graphml(raw.decode("utf-8"), force_multigraph=True)
    except UnicodeDecodeError:
        raise InputError("bytes that are not UTF-8", "a GraphML file saved as UTF-8", file=name) from None
    except (nx.NetworkXError, KeyError, ValueError, TypeError, AttributeError, StopIteration):
        raise InputError("XML that is not GraphML", "a file with a graph, its nodes and edges", file=name) from None
    if not graph.is_directed():
        raise InputError("an undirected graph", 'edgedefault="directed": a tie has a sender and a receiver', file=name)
    nodes = [{"id": str(node), **_words(attributes)} for node, attributes in graph.nodes(data=True)]
    rows = []
    for sender, receiver, attributes in graph.edges(data=True):
        row = {"sender": str(sender), "relation": relation or "", "receiver": str(receiver), **_words(attributes)}
        rows.append(row)
    if not rows:
        raise InputError("a graph without edges", "at least one tie", file=name)
    ties = pd.DataFrame(rows)
    ties = ties.where(ties.notna(), "")
    organisations = pd.DataFrame(nodes)
    organisations = organisations.where(organisations.notna(), "")
    try:
        return relations_of(organisations, _numbers(ties, name), file=name)
    except InputError as error:
        if error.row is None:
            raise
        # A graph has no lines to count: the message counts edges.
        found = f"in edge {error.row - 1}, {error.found}"
        raise InputError(found, error.expected, file=name, column=error.column) from None


def _words(attributes):
    return {str(key): "" if value is None else str(value) for key, value in attributes.items() if key != "id"}


def _numbers(ties, file):
    """Shares as numbers; a text among them is refused with its row."""
    ties = ties.copy()
    for column in ("share", "votes"):
        if column not in ties.columns:
            continue
        numbers = []
        for row, cell in enumerate(ties[column], start=2):
            try:
                numbers.append(float(cell) if str(cell).strip() else float("nan"))
            except ValueError:
                expected = "a number of per cent, such as 49 or 14.4"
                raise InputError(f"the share {str(cell)[:40]!a}", expected, file=file, row=row, column=column) from None
        ties[column] = numbers
    return ties


def _bytes(path):
    path = Path(path)
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise InputError(f"{size:,} bytes", f"at most {LARGEST_FILE:,}", file=path.name)
        return path.read_bytes()
    except IsADirectoryError:
        raise InputError("a folder", "a file", file=path.name) from None
    except FileNotFoundError:
        raise InputError("no such file", "the name of a file that exists", file=path.name) from None
    except OSError as error:
        raise InputError(f"a file that cannot be read: {error.strerror}", "a file that can", file=path.name) from None


def _read_csv(path):
    name = Path(path).name
    try:
        text = _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError("bytes that are not UTF-8", "a CSV file saved as UTF-8", file=name) from None
    if "\x00" in text:
        raise InputError("a NUL character", "plain text", file=name)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise InputError(f"quotes that do not match: {error}", "CSV as a spreadsheet saves it", file=name) from None
    if not rows:
        raise InputError("an empty file", "a header and at least one row", file=name)
    header = [cell.strip() for cell in rows[0]]
    twice = [column for column in header if header.count(column) > 1]
    if twice:
        raise InputError(f"the column {twice[0]!r} twice", "each column once", file=name, row=1)
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise InputError(f"{len(row)} cells", f"{len(header)}, as in the header", file=name, row=number)
    return pd.DataFrame([[cell.strip() for cell in row] for row in rows[1:]], columns=header, dtype="str")
