"""Who was seen when: capture histories reduced to counts of the patterns observed.

Every closed-population estimator needs only how many people share each pattern of sightings, so a million histories
are counted once, by packing each row into the bits of one integer, and never looked at again.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from platformlabour.errors import InputError

__all__ = ["MAXIMUM_OCCASIONS", "CapturePatterns"]

MAXIMUM_OCCASIONS = 62
MAXIMUM_CELL_OCCASIONS = 20
# Beyond 2**53 people a float no longer tells one person from the next.
MAXIMUM_PEOPLE = 2**53
# Multiplying w bytes of 0 or 1 by the sum of 2**(9k), k < w, moves them, in order, into the top byte's lowest w bits.
_WORDS = {width: np.dtype(f"<u{width}").type for width in (8, 4, 2, 1)}
_GATHER = {
    width: word(sum(1 << (9 * k) for k in range(width)) & (2 ** (8 * width) - 1)) for width, word in _WORDS.items()
}
# Rows packed at a time, so that the work stays in the processor's cache.
_BLOCK_ROWS = 1 << 15


@dataclass(frozen=True, eq=False)
class CapturePatterns:
    """Counts of the capture patterns observed over several occasions, or on several lists.

    Make one with :meth:`from_histories` or :meth:`from_counts`, which check what they are given.

    Parameters
    ----------
    names : tuple of str, length t
        The occasions or lists, in order.
    codes : numpy.ndarray of int64, shape (k,)
        One integer a pattern, rising: the first occasion is the most significant of the t bits.
    counts : numpy.ndarray of int64, shape (k,)
        People who share each pattern, 1 or more.

    Examples
    --------
    >>> seen = CapturePatterns.from_histories([[1, 0, 1], [1, 0, 1], [0, 1, 0]])
    >>> seen.captured, seen.captures.tolist(), seen.frequencies.tolist()
    (3, [2, 1, 2], [1, 2, 0])
    >>> seen
    CapturePatterns(3 people, 3 occasions, 2 patterns)
    """

    names: tuple[str, ...]
    codes: np.ndarray
    counts: np.ndarray

    @classmethod
    def from_histories(cls, histories, count=None, *, names=None, file=None):
        """Count the patterns in a table of capture histories.

        Parameters
        ----------
        histories : array_like or pandas.DataFrame, shape (rows, t)
            1 where the person was captured on the occasion and 0 where not. A row may stand for several people.
        count : str or array_like of int, shape (rows,), optional
            People a row stands for: the name of a column, or the numbers. A table with a column named ``count``
            uses that column; without either, each row is one person.
        names : sequence of str, optional
            Names of the occasions, when the table has none.
        file : str, optional
            Where the table came from, for messages.

        Returns
        -------
        CapturePatterns

        Raises
        ------
        InputError
            If a cell is not 0 or 1, a count is negative, missing or not whole, a row has no capture, fewer than two
            or more than 62 occasions are given, two occasions share a name, or nobody was captured.

        Examples
        --------
        >>> CapturePatterns.from_histories([[1, 1], [1, 0], [0, 1]], count=[167, 781, 254])
        CapturePatterns(1,202 people, 2 occasions, 3 patterns)
        >>> CapturePatterns.from_histories([[1, 0], [2, 1]])
        Traceback (most recent call last):
        platformlabour.errors.InputError: row 2, column "1": found 2; expected 0 or 1.
        """
        columns, count, names, first_row = _columns(histories, count, names, file)
        occasions = len(names)
        _check_names(names, file)
        rows = len(columns[0]) if isinstance(columns, list) else len(columns)
        if rows == 0:
            raise InputError("no capture histories", "at least one row", file=file)
        codes = _pack(columns, names, first_row, file)
        if count is None:
            weights = None
        else:
            weights = _whole_counts(count, rows, first_row, file)
        if occasions <= MAXIMUM_CELL_OCCASIONS:
            people = np.bincount(codes, minlength=1 << occasions) if weights is None else _weighted(codes, weights)
            unique = np.flatnonzero(people)
            counts = people[unique]
            empty_rows = len(unique) and unique[0] == 0
        else:
            unique, inverse = np.unique(codes, return_inverse=True)
            counts = np.bincount(inverse) if weights is None else _weighted(inverse, weights)
            unique, counts = unique[counts > 0], counts[counts > 0]
            empty_rows = len(unique) and unique[0] == 0
        if empty_rows:
            raise InputError(
                "a history without a capture",
                "only people captured at least once; those never captured are what is estimated",
                file=file,
                row=int(np.flatnonzero(codes == 0)[0]) + first_row,
            )
        if not len(unique):
            raise InputError("counts that are all 0", "at least one person captured", file=file)
        return cls(tuple(names), unique.astype(np.int64), counts.astype(np.int64))

    @classmethod
    def from_counts(cls, counts, *, names=None, file=None):
        """Take the number of people with each pattern.

        Parameters
        ----------
        counts : mapping
            From a pattern, as text such as ``"101"`` or a tuple such as ``(1, 0, 1)``, to a number of people.
        names : sequence of str, optional
            Names of the occasions or lists.
        file : str, optional
            Where the counts came from, for messages.

        Returns
        -------
        CapturePatterns

        Raises
        ------
        InputError
            As for :meth:`from_histories`; also if patterns differ in length.

        Examples
        --------
        >>> CapturePatterns.from_counts({"11": 167, "10": 781, "01": 254}).frequencies.tolist()
        [1035, 167]
        """
        if not isinstance(counts, Mapping):
            raise InputError(
                f"{type(counts).__name__} in place of a mapping", 'a mapping such as {"101": 12}', file=file
            )
        if not counts:
            raise InputError("no patterns", "at least one pattern with its count", file=file)
        rows = []
        for row, pattern in enumerate(counts, start=1):
            if isinstance(pattern, str) and not set(pattern) <= {"0", "1"}:
                raise InputError(f"the pattern {pattern!r}", "zeros and ones only", file=file, row=row)
            cells = tuple(int(c) for c in pattern) if isinstance(pattern, str) else pattern
            if not isinstance(cells, tuple):
                raise InputError(f"the pattern {pattern!r}", 'text such as "101" or a tuple', file=file, row=row)
            if rows and len(cells) != len(rows[0]):
                raise InputError(
                    f"a pattern of {len(cells)} occasions", f"{len(rows[0])}, as in the first", file=file, row=row
                )
            rows.append(cells)
        return cls.from_histories(np.asarray(rows), list(counts.values()), names=names, file=file)

    def __repr__(self):
        return (
            f"CapturePatterns({self.captured:,} {'person' if self.captured == 1 else 'people'}, "
            f"{self.occasions} occasions, {len(self.codes)} patterns)"
        )

    @property
    def occasions(self):
        """Number of occasions or lists, t."""
        return len(self.names)

    @cached_property
    def histories(self):
        """The patterns as zeros and ones, uint8, shape (k, t)."""
        shifts = np.arange(self.occasions - 1, -1, -1)
        return ((self.codes[:, None] >> shifts) & 1).astype(np.uint8)

    @cached_property
    def captured(self):
        """People captured at least once, n."""
        return int(self.counts.sum())

    @cached_property
    def captures(self):
        """People captured on each occasion, n_i, shape (t,)."""
        return self.counts @ self.histories

    @cached_property
    def times_captured(self):
        """How often the people of each pattern were captured, shape (k,)."""
        return self.histories.sum(axis=1, dtype=np.int64)

    @cached_property
    def frequencies(self):
        """People captured exactly 1, 2, …, t times, f_j, shape (t,)."""
        return self._by(self.times_captured - 1)

    @cached_property
    def first_captures(self):
        """People captured for the first time on each occasion, u_i, shape (t,)."""
        return self._by(self.histories.argmax(axis=1))

    @cached_property
    def last_captures(self):
        """People captured for the last time on each occasion, v_i, shape (t,)."""
        return self._by(self.occasions - 1 - self.histories[:, ::-1].argmax(axis=1))

    @property
    def recaptures(self):
        """Captures of people captured before, over all occasions."""
        return int(self.captures.sum()) - self.captured

    def cells(self):
        """Counts of all 2^t - 1 observable patterns, in the order of their codes 1, 2, ….

        Returns
        -------
        numpy.ndarray of int64, shape (2**t - 1,)

        Raises
        ------
        InputError
            If there are more than 20 occasions, for which the table would not fit in memory.
        """
        if self.occasions > MAXIMUM_CELL_OCCASIONS:
            raise InputError(f"{self.occasions} occasions", f"at most {MAXIMUM_CELL_OCCASIONS} for a full table")
        full = np.zeros((1 << self.occasions) - 1, dtype=np.int64)
        full[self.codes - 1] = self.counts
        return full

    @cached_property
    def identical_occasions(self):
        """Pairs of occasions that captured exactly the same people, and somebody.

        Returns
        -------
        tuple of (str, str)
        """
        rows = self.histories.astype(float)
        together = (rows.T * self.counts) @ rows
        own = together.diagonal()
        same = (together == own) & (together == own[:, None]) & (own > 0)
        return tuple((self.names[i], self.names[k]) for i, k in np.argwhere(np.triu(same, 1)))

    def _by(self, index):
        out = np.zeros(self.occasions, dtype=np.int64)
        np.add.at(out, index, self.counts)
        return out


def _columns(histories, count, names, file):
    """The table's columns, the counts, the names, and the number of the first row as its reader sees it."""
    if hasattr(histories, "columns") and hasattr(histories, "iloc"):
        frame = histories
        if count is None and "count" in frame.columns:
            count = "count"
        if isinstance(count, str):
            if count not in frame.columns:
                raise InputError(
                    f"no column {count!r}", f"one of {', '.join(map(str, frame.columns))}", file=file, column=count
                )
            if frame.columns.tolist().count(count) > 1:
                raise InputError("two columns of that name", "one", file=file, column=count)
            count, frame = frame[count].to_numpy(), frame.drop(columns=count)
        if names is not None:
            raise InputError("names beside a table with named columns", "one or the other", file=file)
        labels = [str(c) for c in frame.columns]
        if len({str(kind) for kind in frame.dtypes}) == 1 and frame.dtypes.iloc[0].kind in "biuf":
            table = _as_bytes(frame.to_numpy())
            if table.dtype == np.uint8 and len(table):
                return table, count, labels, 2
        return [frame.iloc[:, i].to_numpy() for i in range(frame.shape[1])], count, labels, 2
    if isinstance(count, str):
        raise InputError(f"the column name {count!r} for a table without names", "the counts themselves", file=file)
    try:
        table = np.asarray(histories)
    except ValueError:
        raise InputError("rows of different lengths", "one cell an occasion in each row", file=file) from None
    if table.ndim != 2:
        raise InputError(f"a table of {table.ndim} dimensions", "rows and columns", file=file)
    if names is None:
        names = [str(i + 1) for i in range(table.shape[1])]
    elif len(names) != table.shape[1]:
        raise InputError(f"{len(names)} names", f"{table.shape[1]}, one an occasion", file=file)
    table = _as_bytes(table)
    if table.dtype == np.uint8 and table.shape[1]:
        return table, count, [str(x) for x in names], 1
    return [table[:, i] for i in range(table.shape[1])], count, [str(x) for x in names], 1


def _as_bytes(table):
    """The table as contiguous bytes if it holds only numbers 0 and 1, unchanged otherwise."""
    if table.dtype == bool or table.dtype == np.uint8:
        return np.ascontiguousarray(table).view(np.uint8)
    if not table.size or table.dtype.kind not in "iuf":
        return table
    with np.errstate(invalid="ignore"):
        small = np.ascontiguousarray(table.astype(np.uint8))
    return small if small.max() <= 1 and (small == table).all() else table


def _check_names(names, file):
    if len(names) < 2:
        raise InputError(f"{len(names)} occasion{'s' * (len(names) != 1)}", "two or more", file=file)
    if len(names) > MAXIMUM_OCCASIONS:
        raise InputError(
            f"{len(names)} occasions", f"at most {MAXIMUM_OCCASIONS}; count how often each was seen instead", file=file
        )
    for name in names:
        if names.count(name) > 1:
            raise InputError("two occasions of the same name", "a different name for each", file=file, column=name)


def _pack(columns, names, first_row, file):
    """Each row's zeros and ones as the bits of one integer."""
    if isinstance(columns, np.ndarray):
        # Anything but 0 and 1 is found at a glance here, and located column by column below.
        if columns.max() <= 1:
            return _pack_bytes(columns)
        columns = list(columns.T)
    codes = np.zeros(len(columns[0]), dtype=np.int64)
    for name, column in zip(names, columns, strict=True):
        codes <<= 1
        codes |= _zero_or_one(column, name, first_row, file)
    return codes


def _pack_bytes(table):
    """Rows of contiguous bytes, each 0 or 1, packed eight, four, two and one at a time."""
    rows, occasions = table.shape
    codes = np.zeros(rows, dtype=np.int64)
    for top in range(0, rows, _BLOCK_ROWS):
        out = codes[top : top + _BLOCK_ROWS]
        column = 0
        while column < occasions:
            width = next(w for w in _WORDS if w <= occasions - column)
            word = _WORDS[width]
            block = np.ndarray((len(out),), word, table, top * occasions + column, (occasions,))
            bits = ((block * _GATHER[width]) >> word(8 * (width - 1))) & word(2**width - 1)
            if column:
                out <<= width
            out |= bits.view(f"i{width}")
            column += width
    return codes


def _zero_or_one(column, name, first_row, file):
    column = np.asarray(column)
    if column.dtype == bool:
        return column
    if column.dtype.kind in "iuf":
        bad = ~((column == 0) | (column == 1))
    else:
        bad = np.array([not (isinstance(x, numbers.Real) and x in (0, 1)) for x in column], dtype=bool)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(_shown(column[row]), "0 or 1", file=file, row=row + first_row, column=name)
    return column.astype(np.int64)


def _shown(value):
    if value is None or (isinstance(value, float | np.floating) and math.isnan(value)):
        return "a missing value"
    if isinstance(value, str):
        return f'the text "{value}"'
    return f"{value}"


def _whole_counts(count, rows, first_row, file):
    """Counts as int64, refused unless each is a whole number of 0 or more."""
    try:
        values = np.asarray(count)
    except ValueError:
        raise InputError("counts that are not numbers", "one number a row", file=file) from None
    if values.shape != (rows,):
        raise InputError(f"{values.size} counts", f"{rows}, one a row", file=file, column="count")
    if values.dtype.kind not in "iuf":
        for row, value in enumerate(values.tolist()):
            if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
                raise InputError(
                    _shown(value), "a whole number of 0 or more", file=file, row=row + first_row, column="count"
                )
    values = values.astype(float) if values.dtype.kind != "u" else values
    bad = ~((values >= 0) & (values == np.floor(values)) & (values <= MAXIMUM_PEOPLE))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            _shown(np.asarray(count)[row]),
            "a whole number of 0 or more" if not values[row] > MAXIMUM_PEOPLE else f"at most {MAXIMUM_PEOPLE:,}",
            file=file,
            row=row + first_row,
            column="count",
        )
    if float(values.sum(dtype=float)) > MAXIMUM_PEOPLE:
        raise InputError("more people than can be counted exactly", f"at most {MAXIMUM_PEOPLE:,}", file=file)
    return values.astype(np.int64)


def _weighted(index, weights):
    # bincount adds in float64, which is exact here because the total is below 2**53.
    return np.bincount(index, weights=weights).astype(np.int64)
