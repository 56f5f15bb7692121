"""The corpus of tasks: names and our own summaries, joined with codes, and the check of task lists from elsewhere.

The texts of the tasks belong to others and stay where they are. What the report holds is a title as a name, one
sentence of its own on what the worker does, and the place where the text stands.
"""

from __future__ import annotations

import re
import unicodedata

from platformlabour.errors import InputError
from platformlabour.tables import load

__all__ = ["POLES", "coded_tasks", "load_tasks", "sectors", "texts", "validate_tasks"]

POLES = {"G": "preparation", "N": "preparation", "V": "verification", "I": "impersonation"}
"""Code to pole; the other codes have no place on the triangle."""
_FORMULA = ("=", "+", "-", "@")
_TAG = re.compile(r"<\s*/?\s*[A-Za-z!?][^>]*>?|&#?\w+;")


def load_tasks(*, folder=None):
    """Read the corpus.

    Parameters
    ----------
    folder : path, optional
        The data folder; the report's own by default.

    Returns
    -------
    DataFrame, shape (tasks, 12)
        ``task_id, catalogue, title, summary, basis, year, year_means, reward_usd`` and the source of each row.

    Raises
    ------
    InputError
        If the table is faulty.

    Examples
    --------
    >>> tasks = load_tasks()
    >>> len(tasks), tasks["catalogue"].nunique()
    (608, 9)
    """
    return load("tasks", folder=folder)


def coded_tasks(tasks, codes, *, round="text only"):
    """Join tasks with their adjudicated codes of one round.

    Parameters
    ----------
    tasks : DataFrame, shape (tasks, columns)
        With ``task_id``.
    codes : DataFrame, shape (codes, columns)
        ``task_id, round, main, second``.
    round : {"text only", "with context"}
        What the coders had before them.

    Returns
    -------
    DataFrame, shape (coded tasks, columns)
        The coded tasks in the order of the codes, with ``main``, ``second`` and ``pole`` (``"none"`` without one).

    Raises
    ------
    InputError
        If no code belongs to the round, a task has two codes in it, or a code's task is unknown.

    Examples
    --------
    >>> from platformlabour import load
    >>> coded = coded_tasks(load_tasks(), load("task-codes-adjudicated"))
    >>> len(coded), sorted(set(coded["pole"]))
    (170, ['impersonation', 'none', 'preparation', 'verification'])
    """
    chosen = codes[codes["round"] == round]
    if chosen.empty:
        raise InputError(f"no code of the round {round!r}", f"one of {', '.join(sorted(set(codes['round'])))}")
    twice = chosen["task_id"].duplicated()
    if twice.any():
        raise InputError(
            f"two codes of the round {round!r} for the task {chosen['task_id'][twice].iloc[0]!r}",
            "one",
            column="task_id",
        )
    unknown = ~chosen["task_id"].isin(tasks["task_id"])
    if unknown.any():
        raise InputError(
            f"a code for the task {chosen['task_id'][unknown].iloc[0]!r}", "a task of the corpus", column="task_id"
        )
    coded = chosen[["task_id", "main", "second"]].merge(tasks, on="task_id", how="left", validate="one_to_one")
    return coded.assign(pole=coded["main"].map(POLES).fillna("none"))


def texts(tasks):
    """Title and summary of each task as one text, for methods that read.

    Parameters
    ----------
    tasks : DataFrame, shape (tasks, columns)
        ``title`` and ``summary``.

    Returns
    -------
    Series of str, shape (tasks,)

    Examples
    --------
    >>> texts(load_tasks().iloc[[1]]).iloc[0]
    'Automatic Speech Recognition. Listens to a recording and types its words.'
    """
    return tasks["title"].str.rstrip(". …") + ". " + tasks["summary"]


def sectors(mentions, templates):
    """Sectors that a tool names for its templates, split by the subject of the template.

    Parameters
    ----------
    mentions : DataFrame, shape (rows, columns)
        ``template, sector, mentions``.
    templates : DataFrame, shape (templates, columns)
        ``template`` and ``subject``.

    Returns
    -------
    DataFrame, shape (sectors, subjects)
        Entries by sector and subject, the most frequent sector first.

    Raises
    ------
    InputError
        If a template with sectors is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> mentions = pd.DataFrame({"template": ["a", "b"], "sector": ["health", "health"], "mentions": [2, 1]})
    >>> subjects = pd.DataFrame({"template": ["a", "b"], "subject": ["given data", "comparisons"]})
    >>> sectors(mentions, subjects).loc["health"].tolist()
    [1, 2]
    """
    joined = mentions.merge(templates[["template", "subject"]], on="template", how="left")
    if joined["subject"].isna().any():
        name = joined.loc[joined["subject"].isna(), "template"].iloc[0]
        raise InputError(f"sectors for the template {name!r}", "a template of the catalogue", column="template")
    table = joined.pivot_table(index="sector", columns="subject", values="mentions", aggfunc="sum", fill_value=0)
    return table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index].astype(int)


def validate_tasks(frame, *, file=None, text=("title",)):
    """Check a list of tasks from elsewhere before anybody codes it.

    Parameters
    ----------
    frame : DataFrame, shape (tasks, columns)
        Cells as text, with ``task_id`` and the columns of `text`.
    file : str, optional
        Name of the file, for the message.
    text : tuple of str
        Columns that will be shown to a reader.

    Returns
    -------
    DataFrame
        The same frame.

    Raises
    ------
    InputError
        If the list is empty, a column is missing, an identifier is empty or comes twice, or a text is empty, holds HTML
        or a character that no reader can see, or begins as a spreadsheet's formula does.

    Examples
    --------
    >>> import pandas as pd
    >>> validate_tasks(pd.DataFrame({"task_id": ["a"], "title": ["=SUM(A1)"]}), file="mine.csv")
    Traceback (most recent call last):
        ...
    platformlabour.errors.InputError: mine.csv, row 2, column "title": found a text that begins with '='; ...
    """
    for name in ("task_id", *text):
        if name not in frame.columns:
            raise InputError(f"no column {name!r}", f"columns task_id and {', '.join(text)}", file=file, column=name)
    if frame.empty:
        raise InputError("no tasks", "at least one row below the header", file=file)
    seen = {}
    for row, task in enumerate(frame["task_id"], start=2):
        if not isinstance(task, str) or not task.strip():
            raise InputError("an empty identifier", "an identifier for each task", file=file, row=row, column="task_id")
        if task in seen:
            raise InputError(
                f"the task {task!r} again, after row {seen[task]}",
                "each task once",
                file=file,
                row=row,
                column="task_id",
            )
        seen[task] = row
    for name in text:
        for row, value in enumerate(frame[name], start=2):
            fault = _fault(value)
            if fault:
                raise InputError(*fault, file=file, row=row, column=name)
    return frame


def _fault(value):
    if not isinstance(value, str) or not value.strip():
        return "an empty text", "words that tell the task"
    if value.lstrip()[0] in _FORMULA:
        return (
            f"a text that begins with {value.lstrip()[0]!r}",
            "plain words: a spreadsheet would run this as a formula",
        )
    tag = _TAG.search(value)
    if tag:
        return f"HTML, {tag[0][:30]!r}", "plain words without tags or entities"
    hidden = next((c for c in value if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co") and c not in "\t\n\r"), None)
    if hidden:
        return f"the invisible character U+{ord(hidden):04X}", "characters that can be seen"
    return None
