"""The corpus: what its rows promise, how it joins with codes, and task lists that must be refused."""

import pandas as pd
import pytest

from platformlabour import InputError, load
from platformlabour.functions import corpus

TASKS = corpus.load_tasks()
CODES = load("task-codes-adjudicated")


def test_each_task_has_a_sentence_of_ours():
    words = TASKS["summary"].str.split().str.len()
    assert words.between(2, 20).all()
    assert TASKS["summary"].str.endswith(".").all()
    assert TASKS["title"].str.len().max() <= 82


def test_sentences_repeat_only_where_tasks_do():
    # The same form with another object may share a sentence; no sentence may stand for a tenth of the corpus.
    assert TASKS["summary"].nunique() > 0.8 * len(TASKS)
    assert TASKS["summary"].value_counts().iloc[0] < 15


def test_no_title_names_a_person_or_carries_an_identifier():
    for word in ("Clarkson", "Trump", "Winfrey", "A2586", "70f0e7df"):
        assert not TASKS["title"].str.contains(word).any(), word
    assert (TASKS["title"] == "Clickable Image Tagging (a public person)").sum() == 8


def test_sources_account_for_every_task():
    sources = load("task-sources")
    assert sources["tasks"].sum() == len(TASKS)
    by_catalogue = sources.groupby("catalogue")["tasks"].sum()
    assert by_catalogue.to_dict() == TASKS["catalogue"].value_counts().to_dict()
    assert sources.loc[sources["form"] == "package", "checksum"].str.len().eq(64).all()
    assert sources.loc[sources["form"] == "repository", "checksum"].str.len().eq(40).all()


@pytest.mark.parametrize("round", ["text only", "with context"])
def test_every_code_finds_its_task(round):
    coded = corpus.coded_tasks(TASKS, CODES, round=round)
    assert len(coded) == 170
    assert coded["task_id"].is_unique
    expected = coded["main"].map({"G": "preparation", "N": "preparation", "V": "verification", "I": "impersonation"})
    assert (coded["pole"] == expected.fillna("none")).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda codes: codes.assign(round="third"), "no code of the round"),
        (lambda codes: pd.concat([codes, codes.iloc[:1]]), "two codes"),
        (lambda codes: codes.assign(task_id=["NONE-1", *codes["task_id"][1:]]), "a code for the task 'NONE-1'"),
    ],
)
def test_codes_that_do_not_fit_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        corpus.coded_tasks(TASKS, change(CODES[CODES["round"] == "text only"]))


def test_sectors_add_up():
    mentions, templates = load("label-studio-sectors"), load("label-studio-templates")
    table = corpus.sectors(mentions, templates.assign(subject=templates["group"]))
    assert table.to_numpy().sum() == mentions["mentions"].sum() == 693
    assert table.sum(axis=1).is_monotonic_decreasing
    with pytest.raises(InputError, match="sectors for the template"):
        corpus.sectors(mentions, templates.assign(subject="x").iloc[:3])


GOOD = pd.DataFrame({"task_id": ["a", "b"], "title": ["Draw a box", "Is x < 3 or R&D?"]})


def test_a_plain_list_is_let_through():
    assert corpus.validate_tasks(GOOD) is GOOD


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("=1+1", "begins with '='"),
        ("@SUM(A1)", "begins with '@'"),
        (" +3", r"begins with '\+'"),
        ("-2", "begins with '-'"),
        ("<b>Draw</b>", "HTML"),
        ("Draw <script>", "HTML"),
        ("Draw &lt;b&gt;", "HTML"),
        ("", "an empty text"),
        ("Draw\u200ba box", "invisible character U\\+200B"),
        ("Draw\x00", "invisible character U\\+0000"),
        (None, "an empty text"),
    ],
)
def test_a_title_that_is_not_plain_words_is_refused(title, message):
    frame = GOOD.assign(title=["Draw a box", title])
    with pytest.raises(InputError, match=message) as caught:
        corpus.validate_tasks(frame, file="mine.csv")
    assert (caught.value.file, caught.value.row, caught.value.column) == ("mine.csv", 3, "title")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (GOOD.iloc[:0], "no tasks"),
        (GOOD.drop(columns="title"), "no column 'title'"),
        (GOOD.assign(task_id=["a", "a"]), "again, after row 2"),
        (GOOD.assign(task_id=["a", " "]), "an empty identifier"),
    ],
)
def test_a_list_that_cannot_be_coded_is_refused(frame, message):
    with pytest.raises(InputError, match=message):
        corpus.validate_tasks(frame)
