"""Counts of capture patterns made fit to leave the place where the event logs are kept.

A pattern shared by three workers says much about each of them. What is written is therefore pooled or left blank until
no printed number, nor its difference to the patterns printed beside it, counts fewer workers than a threshold.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from platformlabour.errors import InputError

__all__ = ["WORD_BITS", "PatternTally", "pool_times_seen", "protect"]

WORD_BITS = 62
"""Occasions held by one integer, so that the integer stays positive and exact in every engine."""


@dataclass(eq=False)
class PatternTally:
    """Totals over all capture patterns, and the patterns themselves where enough workers share them.

    Patterns arrive in portions of any size and order; those of fewer workers than the threshold enter the totals only,
    so that memory does not grow with the number of rare patterns.

    Parameters
    ----------
    occasions : int
        Number of occasions or lists, t.
    threshold : int
        Patterns with at least as many workers are kept.

    Examples
    --------
    >>> tally = PatternTally(3, threshold=10)
    >>> tally.add(np.array([[0b101], [0b100]]), np.array([12, 4]))
    >>> tally.workers, tally.captured.tolist(), tally.times_seen.tolist()
    (16, [16, 0, 12], [4, 12, 0])
    >>> tally.histories().tolist(), tally.counts().tolist()
    ([[1, 0, 1]], [12])
    """

    occasions: int
    threshold: int
    captured: np.ndarray = field(init=False)
    first_captured: np.ndarray = field(init=False)
    last_captured: np.ndarray = field(init=False)
    times_seen: np.ndarray = field(init=False)
    patterns: int = field(init=False, default=0)
    _words: list = field(init=False, default_factory=list, repr=False)
    _counts: list = field(init=False, default_factory=list, repr=False)

    def __post_init__(self):
        for name in ("captured", "first_captured", "last_captured", "times_seen"):
            setattr(self, name, np.zeros(self.occasions, dtype=np.int64))

    @property
    def workers(self):
        """Workers captured at least once."""
        return int(self.times_seen.sum())

    @property
    def sightings(self):
        """Captures of all workers together."""
        return int(self.captured.sum())

    def add(self, words, counts):
        """Take a portion of the patterns.

        Parameters
        ----------
        words : ndarray of int64, shape (k, w)
            Each pattern's zeros and ones, up to 62 occasions a word; the first occasion is the first word's most
            significant bit, and the last word's unused bits are not there.
        counts : ndarray of int, shape (k,)
            Workers who share each pattern. A pattern may arrive once only.
        """
        if not len(counts):
            return
        words, counts = np.asarray(words, dtype=np.int64), np.asarray(counts, dtype=np.int64)
        times = np.zeros(len(counts), dtype=np.int64)
        first = np.full(len(counts), -1, dtype=np.int64)
        last = np.full(len(counts), -1, dtype=np.int64)
        for occasion in range(self.occasions):
            word, bit = _place(occasion, self.occasions)
            seen = ((words[:, word] >> bit) & 1).astype(bool)
            self.captured[occasion] += counts[seen].sum()
            times += seen
            first[seen & (first < 0)] = occasion
            last[seen] = occasion
        np.add.at(self.times_seen, times - 1, counts)
        np.add.at(self.first_captured, first, counts)
        np.add.at(self.last_captured, last, counts)
        self.patterns += len(counts)
        kept = counts >= self.threshold
        if kept.any():
            self._words.append(words[kept])
            self._counts.append(counts[kept])

    def histories(self):
        """The patterns kept, as zeros and ones, shape (k, t), from the highest to the lowest."""
        if not self._words:
            return np.zeros((0, self.occasions), dtype=np.uint8)
        words = np.concatenate(self._words)[self._order()]
        columns = [_place(i, self.occasions) for i in range(self.occasions)]
        return np.column_stack([((words[:, word] >> bit) & 1).astype(np.uint8) for word, bit in columns])

    def counts(self):
        """Workers who share each pattern kept, in the order of :meth:`histories`."""
        if not self._counts:
            return np.zeros(0, dtype=np.int64)
        return np.concatenate(self._counts)[self._order()]

    def _order(self):
        return np.lexsort(np.concatenate(self._words).T[::-1])[::-1]


def _place(occasion, occasions):
    """The word that holds an occasion, and the bit within it."""
    word = occasion // WORD_BITS
    width = min(WORD_BITS, occasions - word * WORD_BITS)
    return word, width - 1 - occasion % WORD_BITS


def protect(tally, *, threshold=10, ordered=True):
    """What may be shown of the patterns, so that small groups of workers stay hidden.

    Four rules, applied in turn. Numbers of times seen are pooled with their neighbours. A pattern of fewer workers than
    ``threshold`` is not shown, and where the patterns not shown add up to fewer within a row of times seen, the least
    common of those shown joins them. A total of an occasion is blank when it, or its difference to the shown patterns
    it contains, or the difference between captured and first (last) captured, lies between 1 and ``threshold`` - 1. A
    column with blanks has enough of them that subtraction from its total gives no small count. The rules do not
    exclude that several tables solved together narrow a hidden count down.

    Parameters
    ----------
    tally : PatternTally
    threshold : int, default 10
        Fewest workers that a shown number may count; 1 shows everything.
    ordered : bool, default True
        Whether the occasions follow one another in time; lists do not, and have no first and last captures.

    Returns
    -------
    histories : ndarray of uint8, shape (k, t)
        The patterns shown.
    counts : ndarray of int, shape (k,)
        Workers who share each.
    times_seen : DataFrame
        ``times_seen_from``, ``times_seen_to``, ``workers``, ``sightings``, as estimators from frequencies take them.
    totals : DataFrame, shape (t, 1 or 3)
        ``captured``, and for occasions ``first_captured`` and ``last_captured``, nullable integers.

    Raises
    ------
    InputError
        If all workers together are fewer than the threshold.

    Examples
    --------
    >>> tally = PatternTally(2, threshold=10)
    >>> tally.add(np.array([[0b11], [0b10], [0b01]]), np.array([40, 60, 25]))
    >>> histories, counts, times_seen, totals = protect(tally)
    >>> counts.tolist(), times_seen["workers"].tolist(), totals["captured"].tolist()
    ([40, 60, 25], [85, 40], [100, 65])
    """
    if tally.workers < threshold:
        raise InputError(
            f"{tally.workers} worker{'s' * (tally.workers != 1)} in all the logs",
            f"at least {threshold}, below which nothing is shown",
        )
    histories, counts = tally.histories(), tally.counts()
    times = histories.sum(axis=1, dtype=np.int64)
    shown = counts >= threshold
    times_seen = pool_times_seen(tally.times_seen, threshold=threshold)
    for low, high, workers in times_seen.iloc[:, :3].itertuples(index=False):
        _hide_partners(shown, counts, (times >= low) & (times <= high), workers, threshold)
    histories, counts = histories[shown], counts[shown]
    totals = _totals(tally, histories, counts, threshold, ordered)
    if times_seen["sightings"].isna().any():
        # Captures per occasion would give away the sightings that had to be left blank, and with them a small count.
        totals.loc[:, :] = pd.NA
    return histories, counts, times_seen, totals


def _hide_partners(shown, counts, members, total, threshold):
    """Hide the least common shown members until those hidden add up to nobody or to enough."""
    candidates = np.flatnonzero(members & shown)
    hidden = total - int(counts[candidates].sum())
    for index in candidates[np.argsort(counts[candidates], kind="stable")]:
        if not 0 < hidden < threshold:
            break
        shown[index] = False
        hidden += int(counts[index])


def pool_times_seen(workers, *, threshold=10):
    """Workers by times seen, neighbours pooled until each row counts enough of them.

    A pooled row spans at least three numbers of times seen: with two, its sightings would tell them apart. Where that
    cannot be, the sightings are left blank.

    Parameters
    ----------
    workers : array_like of int, shape (t,)
        Workers seen exactly 1, 2, …, t times.
    threshold : int, default 10
        Fewest workers a row may count.

    Returns
    -------
    DataFrame
        ``times_seen_from``, ``times_seen_to``, ``workers`` and ``sightings``, the last a nullable integer; numbers of
        times at which nobody was seen have no row.

    Examples
    --------
    >>> pool_times_seen([50, 20, 6, 0, 3, 2]).to_numpy().tolist()
    [[1, 1, 50, 50], [2, 2, 20, 40], [3, 6, 11, 45]]
    """
    workers = np.asarray(workers, dtype=np.int64)
    rows, low, seen = [], None, 0
    for times, count in enumerate(workers.tolist(), start=1):
        if low is None and count == 0:
            continue
        low = times if low is None else low
        seen += count
        if seen >= threshold and (times == low or times - low >= 2):
            rows.append([low, times, seen])
            low, seen = None, 0
    if low is not None and seen:
        # A short rest joins the row before it, and that row's neighbours too until the rest no longer shows.
        high = int(np.flatnonzero(workers)[-1]) + 1
        while rows and (seen < threshold or high - low < 2):
            low, _, more = rows.pop()
            seen += more
        if high - low < 2 and low != high:
            high = min(low + 2, len(workers))
        rows.append([low, high, seen])
    totals = np.arange(1, len(workers) + 1) * workers
    table = pd.DataFrame(rows, columns=["times_seen_from", "times_seen_to", "workers"], dtype="int64")
    table["sightings"] = pd.array(
        [pd.NA if 0 < high - low < 2 else int(totals[low - 1 : high].sum()) for low, high, _ in rows], dtype="Int64"
    )
    return table


def _totals(tally, histories, counts, threshold, ordered):
    """Captures of each occasion, blank where they would give a small group away."""
    values = {"captured": tally.captured}
    inside = {"captured": counts @ histories.astype(np.int64)}
    if ordered:
        values |= {"first_captured": tally.first_captured, "last_captured": tally.last_captured}
        for name, edge in (("first_captured", _first(histories)), ("last_captured", _last(histories))):
            inside[name] = np.bincount(edge, weights=counts, minlength=tally.occasions).astype(np.int64)
    hidden = {
        name: _small(value, threshold) | _small(value - inside[name], threshold) for name, value in values.items()
    }
    for name in values:
        if name != "captured":
            hidden[name] |= _small(values["captured"] - values[name], threshold)
    before = -1
    while before != (before := sum(int(mask.sum()) for mask in hidden.values())):
        if ordered:
            # Everybody captured on the first occasion is captured for the first time there; likewise the last.
            for name, at in (("first_captured", 0), ("last_captured", -1)):
                hidden["captured"][at] = hidden[name][at] = hidden["captured"][at] or hidden[name][at]
        for name, value in values.items():
            while hidden[name].any() and (hidden[name].sum() == 1 or _small(value[hidden[name]].sum(), threshold)):
                open_cells = np.flatnonzero(~hidden[name])
                if not open_cells.size:
                    break
                # An empty cell makes a poor partner: that it is empty is often known.
                hidden[name][min(open_cells, key=lambda i: (value[i] == 0, value[i]))] = True
    return pd.DataFrame(
        {name: pd.array(np.where(hidden[name], 0, value), dtype="Int64") for name, value in values.items()}
    ).mask(pd.DataFrame(hidden))


def _small(value, threshold):
    return (value > 0) & (value < threshold)


def _first(histories):
    return histories.argmax(axis=1)


def _last(histories):
    return histories.shape[1] - 1 - histories[:, ::-1].argmax(axis=1)
