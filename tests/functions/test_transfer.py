"""The transfer test: made-up texts with a known answer, the sealed table, and what must be refused."""

import numpy as np
import pandas as pd
import pytest

from platformlabour import InputError, load
from platformlabour.functions import corpus, transfer

WORDS = {"prepare": "draw a box around the object", "verify": "rate the reply of the model"}


def made_up(random, *, carries_over):
    """Four sources; the label is told by a word that all share, or by one that each source has for itself."""
    rows = []
    for source in "abcd":
        for k in range(12):
            label = ("prepare", "verify")[k % 2]
            told = WORDS[label] if carries_over else f"{source}{label}"
            rows.append((f"{told} {random.choice(['now', 'here', 'please'])} {source}{source}", label, source))
    return zip(*rows, strict=True)


def test_what_is_told_in_shared_words_carries_over():
    found = transfer.leave_one_source_out(*made_up(np.random.default_rng(1), carries_over=True))
    assert transfer.accuracy(found) == 1
    assert transfer.macro_f1(found) == 1
    assert transfer.advantage(found, replicates=500, seed=1).interval[0] > 0.3


def test_what_is_told_in_words_of_the_source_does_not():
    texts, labels, sources = made_up(np.random.default_rng(1), carries_over=False)
    out = transfer.leave_one_source_out(texts, labels, sources)
    within = transfer.within_sources(texts, labels, sources, seed=1)
    assert transfer.accuracy(within) > 0.95
    assert transfer.accuracy(out) <= 0.6


def test_the_baseline_is_the_most_frequent_label_of_the_other_sources():
    texts = ["one text"] * 12
    labels = ["x"] * 5 + ["y"] * 1 + ["y"] * 5 + ["x"] * 1
    found = transfer.leave_one_source_out(texts, labels, ["a"] * 6 + ["b"] * 6)
    assert found["baseline"].tolist() == ["y"] * 6 + ["x"] * 6


def test_rows_keep_their_order():
    labels = ["x", "y"] * 6
    sources = ["b", "a", "c"] * 4
    found = transfer.leave_one_source_out([f"word {label}" for label in labels], labels, sources)
    assert found["label"].tolist() == labels
    assert found["source"].tolist() == sources


def test_sealed_table_is_what_the_library_computes():
    coded = corpus.coded_tasks(corpus.load_tasks(), load("task-codes-adjudicated"))
    found = transfer.leave_one_source_out(corpus.texts(coded), coded["pole"], coded["catalogue"])
    sealed = load("text-transfer").set_index(["text", "test"]).loc[("title and our summary", "leave one source out")]
    assert transfer.accuracy(found) == pytest.approx(sealed["accuracy"], abs=1e-6)
    assert transfer.macro_f1(found) == pytest.approx(sealed["macro_f1"], abs=1e-6)
    assert transfer.accuracy(found, of="baseline") == pytest.approx(sealed["baseline_accuracy"], abs=1e-6)
    interval = transfer.advantage(found, seed=2026).interval
    assert interval == pytest.approx((sealed["advantage_low"], sealed["advantage_high"]), abs=1e-6)


def test_by_source_adds_up_to_the_whole():
    found = pd.DataFrame(
        {"source": list("xxxyy"), "label": list("ababa"), "predicted": list("aaabb"), "baseline": list("aaaaa")}
    )
    rows = transfer.by_source(found)
    for rule, column in (("classifier", "predicted"), ("most frequent label", "baseline")):
        part = rows[rows["rule"] == rule]
        assert (part["accuracy"] * part["items"]).sum() == pytest.approx(5 * transfer.accuracy(found, of=column))
    assert ((rows["low"] <= rows["accuracy"]) & (rows["accuracy"] <= rows["high"])).all()
    assert rows["source"].iloc[0] == "x"


def test_one_equal_gain_everywhere_leaves_no_doubt():
    found = pd.DataFrame({"source": list("xxyy"), "label": ["a"] * 4, "predicted": ["a"] * 4, "baseline": ["b"] * 4})
    assert transfer.advantage(found, replicates=100, seed=3).interval == (1.0, 1.0)


def test_the_same_seed_gives_the_same_interval():
    found = transfer.leave_one_source_out(*made_up(np.random.default_rng(2), carries_over=False))
    one, other = (transfer.advantage(found, replicates=300, seed=7) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    ("texts", "labels", "sources", "message"),
    [
        (["a"] * 5, ["x", "y"] * 2, ["s"] * 5, "5 texts, 4 labels"),
        (["word"] * 6, ["x", "y"] * 3, ["s", "t"] * 3, "6 texts"),
        (["word"] * 12, ["x", "y"] * 6, ["s"] * 12, "1 source"),
        (["word"] * 11 + [" "], ["x", "y"] * 6, ["s", "t"] * 6, "an empty text"),
        (["word"] * 12, ["x", "y"] * 6, ["s", "t"] * 6, "a single label"),
    ],
)
def test_what_cannot_be_tested_is_refused(texts, labels, sources, message):
    with pytest.raises(InputError, match=message):
        transfer.leave_one_source_out(texts, labels, sources)


def test_folds_and_replicates_that_make_no_sense_are_refused():
    texts, labels, sources = ["word"] * 12, ["x", "y"] * 6, ["s", "t"] * 6
    with pytest.raises(InputError, match="1 folds"):
        transfer.within_sources(texts, labels, sources, folds=1, seed=1)
    with pytest.raises(InputError, match="0 repeats"):
        transfer.within_sources(texts, labels, sources, repeats=0, seed=1)
    with pytest.raises(InputError, match="5 replicates"):
        transfer.advantage(pd.DataFrame(), replicates=5, seed=1)
