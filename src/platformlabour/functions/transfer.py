"""Does a text classifier carry over from one source of tasks to another? A test of the texts, not a coder.

Within a source, words of the source tell much about its tasks. The test leaves one whole source out, learns from the
others, and asks whether the classifier beats the rule that always names the most frequent label.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from platformlabour.errors import InputError
from platformlabour.estimate import Estimate
from platformlabour.functions.catalogues import share

__all__ = ["accuracy", "advantage", "by_source", "classifier", "leave_one_source_out", "macro_f1", "within_sources"]

_LEAST_TEXTS = 10


def classifier():
    """The classifier under test: weighted word pairs and logistic regression, with no setting tuned.

    Returns
    -------
    sklearn.pipeline.Pipeline
        Term frequencies of words and word pairs, weighted by inverse document frequency; logistic regression in which
        every label weighs the same.

    References
    ----------
    F. Pedregosa and others (2011), Scikit-learn: machine learning in Python, Journal of Machine Learning Research 12,
    2825-2830.

    Examples
    --------
    >>> [name for name, _ in classifier().steps]
    ['tfidfvectorizer', 'logisticregression']
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        LogisticRegression(class_weight="balanced", max_iter=1000),
    )


def leave_one_source_out(texts, labels, sources):
    """Predict the labels of each source from those of all the others.

    Parameters
    ----------
    texts : array_like of str, shape (items,)
    labels : array_like of str, shape (items,)
    sources : array_like of str, shape (items,)

    Returns
    -------
    DataFrame, shape (items, 4)
        ``source, label, predicted, baseline`` in the order given; the baseline is the most frequent label among the
        other sources, the first in the alphabet where two are equally frequent.

    Raises
    ------
    InputError
        If the lengths differ, there are fewer than 10 texts or two sources, a text is empty, or the sources left for
        learning hold a single label.

    Examples
    --------
    >>> words = ["draw a box"] * 6 + ["rate the reply"] * 6
    >>> codes = ["annotate"] * 6 + ["verify"] * 6
    >>> found = leave_one_source_out(words, codes, ["a", "b"] * 6)
    >>> accuracy(found), accuracy(found, of="baseline")
    (1.0, 0.5)
    """
    texts, labels, sources = _arrays(texts, labels, sources)
    names = sorted(set(sources))
    if len(names) < 2:
        raise InputError(f"{len(names)} source", "two or more, so that one can be left out")
    predicted, baseline = np.empty(len(texts), dtype=object), np.empty(len(texts), dtype=object)
    for name in names:
        held = sources == name
        predicted[held], baseline[held] = _learn(texts[~held], labels[~held], texts[held], without=name)
    return pd.DataFrame({"source": sources, "label": labels, "predicted": predicted, "baseline": baseline})


def within_sources(texts, labels, sources, *, folds=5, repeats=4, seed):
    """Predict each label from a random part of all sources, so that every source is also learnt from.

    Parameters
    ----------
    texts, labels, sources : array_like of str, shape (items,)
    folds : int, default 5
        Parts into which the items are split; each is predicted from the others.
    repeats : int, default 4
        Random splits.
    seed : int or numpy.random.Generator

    Returns
    -------
    DataFrame, shape (items * repeats, 5)
        As :func:`leave_one_source_out`, with the number of the split in ``repeat``.

    Raises
    ------
    InputError
        As :func:`leave_one_source_out`; also if there are fewer than two folds or repeats below one.

    Examples
    --------
    >>> words = ["draw a box"] * 6 + ["rate the reply"] * 6
    >>> codes = ["annotate"] * 6 + ["verify"] * 6
    >>> accuracy(within_sources(words, codes, ["a", "b"] * 6, repeats=2, seed=1))
    1.0
    """
    texts, labels, sources = _arrays(texts, labels, sources)
    if not 2 <= folds <= len(texts) or repeats < 1:
        raise InputError(
            f"{folds} folds and {repeats} repeats", "2 or more folds, fewer than texts, and 1 repeat or more"
        )
    random = np.random.default_rng(seed)
    rows = []
    for repeat in range(1, repeats + 1):
        part = random.permutation(len(texts)) % folds
        predicted, baseline = np.empty(len(texts), dtype=object), np.empty(len(texts), dtype=object)
        for fold in range(folds):
            held = part == fold
            predicted[held], baseline[held] = _learn(texts[~held], labels[~held], texts[held], without=f"fold {fold}")
        rows.append(
            pd.DataFrame(
                {"source": sources, "label": labels, "predicted": predicted, "baseline": baseline, "repeat": repeat}
            )
        )
    return pd.concat(rows, ignore_index=True)


def accuracy(found, *, of="predicted"):
    """Share of labels that were found.

    Parameters
    ----------
    found : DataFrame
        From :func:`leave_one_source_out` or :func:`within_sources`.
    of : {"predicted", "baseline"}

    Returns
    -------
    float
    """
    return float((found[of] == found["label"]).mean())


def macro_f1(found, *, of="predicted"):
    """Mean over labels of the harmonic mean of precision and recall: a rare label weighs as much as a frequent one.

    Parameters
    ----------
    found : DataFrame
    of : {"predicted", "baseline"}

    Returns
    -------
    float

    Examples
    --------
    >>> import pandas as pd
    >>> found = pd.DataFrame({"label": ["a", "a", "b"], "predicted": ["a", "a", "a"]})
    >>> round(macro_f1(found), 2)
    0.4
    """
    from sklearn.metrics import f1_score

    labels = sorted(set(found["label"]))
    return float(f1_score(found["label"], found[of], labels=labels, average="macro", zero_division=0.0))


def by_source(found, *, level=0.95):
    """Accuracy of the classifier and of the baseline for each source left out.

    Parameters
    ----------
    found : DataFrame
        From :func:`leave_one_source_out`.
    level : float, default 0.95

    Returns
    -------
    DataFrame
        ``source, items, rule, accuracy, low, high``, two rows a source, with Wilson's intervals; the largest source
        first.

    Examples
    --------
    >>> import pandas as pd
    >>> found = pd.DataFrame({"source": ["x"] * 4, "label": list("aabb"), "predicted": list("aaab"),
    ...                       "baseline": ["a"] * 4})
    >>> by_source(found)["accuracy"].tolist()
    [0.75, 0.5]
    """
    rows = []
    sizes = found["source"].value_counts()
    for source in sorted(sizes.index, key=lambda name: (-sizes[name], name)):
        part = found[found["source"] == source]
        for rule, column in (("classifier", "predicted"), ("most frequent label", "baseline")):
            estimate = share((part[column] == part["label"]).sum(), len(part), of="labels found", level=level)
            low, high = estimate.interval
            rows.append(
                {
                    "source": source,
                    "items": len(part),
                    "rule": rule,
                    "accuracy": estimate.value,
                    "low": low,
                    "high": high,
                }
            )
    return pd.DataFrame(rows)


def advantage(found, *, replicates=5000, seed, level=0.95):
    """By how much the classifier beats the most frequent label, with an interval over sources and items.

    Sources are drawn anew, and items anew within each source drawn, so that the interval covers other sources of the
    same kind. With few sources such an interval is rough, and rather too short.

    Parameters
    ----------
    found : DataFrame
        From :func:`leave_one_source_out`.
    replicates : int, default 5000
    seed : int or numpy.random.Generator
    level : float, default 0.95

    Returns
    -------
    Estimate
        Difference of two accuracies.

    Raises
    ------
    InputError
        If there are fewer than 100 replicates.

    References
    ----------
    B. Efron and R. J. Tibshirani (1993), An introduction to the bootstrap, chapter 8.

    Examples
    --------
    >>> import pandas as pd
    >>> found = pd.DataFrame({"source": list("xxyy"), "label": list("abab"), "predicted": list("abab"),
    ...                       "baseline": ["a"] * 4})
    >>> advantage(found, replicates=200, seed=1).value
    0.5
    """
    if replicates < 100:
        raise InputError(f"{replicates} replicates", "100 or more")
    random = np.random.default_rng(seed)
    hit = (found["predicted"] == found["label"]).to_numpy().astype(float)
    base = (found["baseline"] == found["label"]).to_numpy().astype(float)
    gains = [hit[rows] - base[rows] for rows in found.reset_index(drop=True).groupby("source").indices.values()]
    sizes = np.array([len(gain) for gain in gains])
    totals = np.stack([_resampled_sums(gain, replicates, len(gains), random) for gain in gains])
    drawn = random.integers(len(gains), size=(len(gains), replicates))
    column = np.arange(replicates)
    total = sum(totals[drawn[k], k, column] for k in range(len(gains)))
    means = total / sizes[drawn].sum(axis=0)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    value = float(hit.mean() - base.mean())
    return Estimate(
        value=value,
        unit="share",
        estimand="accuracy of the classifier minus that of the most frequent label",
        method="leave one source out",
        interval=(min(float(low), value), max(float(high), value)),
        level=level,
        interval_kind="bootstrap over sources and items",
        assumptions=("other sources would be of the same kind",),
    )


def _resampled_sums(gain, replicates, slots, random):
    """Sums of gains over items drawn anew, for every slot and replicate: a source may be drawn for several slots."""
    values, counts = np.unique(gain, return_counts=True)
    return random.multinomial(len(gain), counts / len(gain), size=(slots, replicates)) @ values


def _learn(texts, labels, unseen, *, without):
    names, counts = np.unique(labels, return_counts=True)
    if len(names) < 2:
        raise InputError(f"a single label to learn from once {without} is left out", "two labels or more")
    model = classifier().fit(texts, labels)
    return model.predict(unseen), names[np.argmax(counts)]


def _arrays(*columns):
    arrays = [np.asarray(list(column), dtype=object) for column in columns]
    texts, labels, sources = arrays
    if not len(texts) == len(labels) == len(sources):
        raise InputError(
            f"{len(texts)} texts, {len(labels)} labels and {len(sources)} sources", "as many of each as of the others"
        )
    if len(texts) < _LEAST_TEXTS:
        raise InputError(f"{len(texts)} texts", f"{_LEAST_TEXTS} or more")
    for row, text in enumerate(texts, start=2):
        if not isinstance(text, str) or not text.strip():
            raise InputError("an empty text", "words to read", row=row, column="texts")
    return arrays
