"""What catalogues of task templates can show: which forms serve two products, and what is added over the years.

A catalogue lists what a tool offers, not how often anybody uses it. Counts here are counts of templates.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate

__all__ = ["GROUP_SUBJECTS", "Additions", "SharedForms", "additions", "growth", "share", "shared_forms", "subjects"]

GROUP_SUBJECTS = {
    "Ranking & Scoring": "comparisons",
    "Generative AI": "output of a generative model",
    "Chat": "output of a generative model",
}
"""Groups of Label Studio whose very name says what is looked at; every other group labels given data."""
_GIVEN = "given data"


@dataclass(frozen=True)
class SharedForms:
    """Two collections of forms compared by file.

    Parameters
    ----------
    first, second : int
        Forms in each collection.
    shared : int
        Forms with the same path in both.
    identical : int
        Shared forms whose two files are equal.
    only_first, only_second : int
        Forms that one collection alone has.
    """

    first: int
    second: int
    shared: int
    identical: int
    only_first: int
    only_second: int


def shared_forms(forms, *, first, second, identical="identical"):
    """Count what two collections of forms have in common.

    Parameters
    ----------
    forms : DataFrame, shape (forms, columns)
        One row a form, with ``"yes"`` or ``"no"`` in the three columns named; `identical` is empty where one file only
        exists.
    first, second : str
        Columns that say whether each collection has the form.
    identical : str, default "identical"
        Column that says whether the two files are equal.

    Returns
    -------
    SharedForms

    Raises
    ------
    InputError
        If a column is missing, holds another word, a form is in neither collection, or two files are called identical
        where there is only one.

    Examples
    --------
    >>> import pandas as pd
    >>> forms = pd.DataFrame({"train": ["yes", "yes", "no"], "review": ["yes", "no", "yes"],
    ...                       "identical": ["yes", "", ""]})
    >>> shared_forms(forms, first="train", second="review")
    SharedForms(first=2, second=2, shared=1, identical=1, only_first=1, only_second=1)
    """
    _columns(forms, first, second, identical)
    for row, values in enumerate(zip(forms[first], forms[second], forms[identical], strict=True), start=2):
        for column, value in zip((first, second), values[:2], strict=True):
            if value not in ("yes", "no"):
                raise InputError(f"{value!r}", "yes or no", row=row, column=column)
        if values[:2] == ("no", "no"):
            raise InputError("a form that is in neither collection", "yes in one of them", row=row, column=first)
        allowed = ("yes", "no") if values[:2] == ("yes", "yes") else ("",)
        if values[2] not in allowed:
            expected = "yes or no" if len(allowed) == 2 else "an empty cell, since there is one file only"
            raise InputError(f"{values[2]!r}", expected, row=row, column=identical)
    one, two = forms[first] == "yes", forms[second] == "yes"
    return SharedForms(
        first=int(one.sum()),
        second=int(two.sum()),
        shared=int((one & two).sum()),
        identical=int((forms[identical] == "yes").sum()),
        only_first=int((one & ~two).sum()),
        only_second=int((~one & two).sum()),
    )


def subjects(groups, *, named=None):
    """What the templates of each group look at, where the group's own name says so.

    Parameters
    ----------
    groups : array_like of str, shape (templates,)
        Group in which the tool lists each template.
    named : dict of str to str, optional
        Group to subject; ``GROUP_SUBJECTS`` by default. Other groups are ``"given data"``.

    Returns
    -------
    Series of str

    Examples
    --------
    >>> subjects(["Chat", "Videos"]).tolist()
    ['output of a generative model', 'given data']
    """
    named = GROUP_SUBJECTS if named is None else named
    return pd.Series(list(groups), dtype="str").map(lambda group: named.get(group, _GIVEN))


def growth(templates, releases):
    """Templates that each release ships, by subject.

    Parameters
    ----------
    templates : DataFrame, shape (templates, columns)
        ``group``, ``first_released`` and ``last_released``.
    releases : DataFrame, shape (releases, columns)
        ``version``, ``released`` and the recorded total ``templates``.

    Returns
    -------
    DataFrame
        ``version, released, subject, templates``, one row a release and subject; every subject has a row at every
        release, with 0 before its first template.

    Raises
    ------
    InputError
        If a column is missing, or the templates of a release do not add up to its recorded total.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.Timestamp
    >>> templates = pd.DataFrame({"group": ["Videos", "Chat"], "first_released": [day("2021-03-16"), day("2025-12-18")],
    ...                           "last_released": [day("2025-12-18")] * 2})
    >>> releases = pd.DataFrame({"version": ["1.0", "1.22"], "released": [day("2021-03-16"), day("2025-12-18")],
    ...                          "templates": [1, 2]})
    >>> growth(templates, releases)["templates"].tolist()
    [1, 0, 1, 1]
    """
    _columns(templates, "group", "first_released", "last_released")
    _columns(releases, "version", "released", "templates")
    subject = subjects(templates["group"]).to_numpy()
    order = list(dict.fromkeys([_GIVEN, *GROUP_SUBJECTS.values(), *subject]))
    order = [name for name in order if name in set(subject)]
    rows = []
    for position, release in enumerate(releases.itertuples(index=False), start=2):
        shipped = (templates["first_released"] <= release.released) & (templates["last_released"] >= release.released)
        if int(shipped.sum()) != release.templates:
            raise InputError(
                f"{int(shipped.sum())} templates in release {release.version}, recorded as {release.templates}",
                "a first and last release for every template that this one ships",
                row=position,
                column="templates",
            )
        counts = pd.Series(subject[shipped.to_numpy()]).value_counts()
        rows += [
            {
                "version": release.version,
                "released": release.released,
                "subject": name,
                "templates": int(counts.get(name, 0)),
            }
            for name in order
        ]
    return pd.DataFrame(rows)


@dataclass(frozen=True)
class Additions:
    """A catalogue at its first and last release.

    Parameters
    ----------
    first, last : int
        Templates shipped at either end.
    kept : int
        Templates of the first release that the last still ships.
    added : int
        Templates of the last release that the first did not ship.
    withdrawn : int
        Templates that came after the first release and went before the last.
    added_by_subject : dict of str to int
        The added ones by what they look at.
    """

    first: int
    last: int
    kept: int
    added: int
    withdrawn: int
    added_by_subject: dict


def additions(templates):
    """Compare the first release of a catalogue with the last.

    Parameters
    ----------
    templates : DataFrame, shape (templates, columns)
        ``group``, ``first_released`` and ``last_released``.

    Returns
    -------
    Additions

    Raises
    ------
    InputError
        If a column is missing, the table is empty, or a template goes before it comes.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.Timestamp
    >>> templates = pd.DataFrame({"group": ["Videos", "Chat"], "first_released": [day("2021-03-16"), day("2025-12-18")],
    ...                           "last_released": [day("2025-12-18")] * 2})
    >>> additions(templates).added_by_subject
    {'output of a generative model': 1}
    """
    _columns(templates, "group", "first_released", "last_released")
    if templates.empty:
        raise InputError("no templates", "at least one")
    backwards = (templates["last_released"] < templates["first_released"]).to_numpy()
    if backwards.any():
        raise InputError(
            "a last release before the first", "them in order", row=int(backwards.argmax()) + 2, column="last_released"
        )
    old = templates["first_released"] == templates["first_released"].min()
    current = templates["last_released"] == templates["last_released"].max()
    new = (current & ~old).to_numpy()
    counts = pd.Series(subjects(templates["group"]).to_numpy()[new]).value_counts()
    return Additions(
        first=int(old.sum()),
        last=int(current.sum()),
        kept=int((old & current).sum()),
        added=int(new.sum()),
        withdrawn=int((~old & ~current).sum()),
        added_by_subject={name: int(count) for name, count in counts.items()},
    )


def share(count, total, *, of, level=0.95):
    """A share of coded items with Wilson's interval.

    The interval says how far a share would move if other items of the same kind had been drawn; it knows nothing of how
    the kinds were chosen.

    Parameters
    ----------
    count, total : int
        Items with the property, and all items.
    of : str
        What the share describes, for the estimand.
    level : float, default 0.95

    Returns
    -------
    Estimate
        A share.

    Raises
    ------
    InputError
        If the total is not positive, or the count outside 0 to the total.

    References
    ----------
    E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22, 209-212.

    Examples
    --------
    >>> share(2, 170, of="tasks").text("percent-interval")
    '0.32% to 4.19%'
    """
    from scipy import stats  # a second that only those who count shares need to wait

    count, total = int(count), int(total)
    if total < 1 or not 0 <= count <= total:
        raise InputError(f"{count} of {total}", "a count between 0 and a total of 1 or more")
    interval = stats.binomtest(count, total).proportion_ci(level, method="wilson")
    return Estimate(
        value=count / total,
        unit="share",
        estimand=f"share of {of}",
        method="count over total",
        interval=(interval.low, interval.high),
        level=level,
        interval_kind="Wilson",
    )


def _columns(frame, *names):
    for name in names:
        if name not in frame.columns:
            found = ", ".join(map(str, frame.columns)) or "none"
            raise InputError(f"no column {name!r} among {found}", f"a column {name!r}", column=name)
