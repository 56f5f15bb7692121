"""The table of other typologies: what may be concluded from it, and cells that must be refused."""

import pytest

from platformlabour import InputError, load
from platformlabour.functions import typologies

SCHEMES = load("typologies")


def test_seven_others_and_ours():
    assert len(SCHEMES) == 8
    assert typologies.naming_all(SCHEMES) == ["Trainer, verifier, imitator"]


def test_what_was_not_read_counts_on_neither_side():
    for function in typologies.FUNCTIONS:
        answers = {answer: typologies.named_by(SCHEMES, function, answer=answer) for answer in typologies.ANSWERS}
        assert sum(map(len, answers.values())) == len(SCHEMES)
    unread = SCHEMES.assign(**dict.fromkeys(typologies.FUNCTIONS, "not read"))
    assert typologies.naming_all(unread) == []
    assert typologies.named_by(unread, "impersonation", answer="no") == []


def test_words_cover_every_answer():
    shown = typologies.words(SCHEMES)
    assert shown[list(typologies.FUNCTIONS)].notna().all(axis=None)
    assert SCHEMES["generation"].iloc[0] == "yes"  # the table itself is untouched


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: typologies.named_by(SCHEMES, "management"), "'management'"),
        (lambda: typologies.named_by(SCHEMES, "annotation", answer="perhaps"), "'perhaps'"),
        (lambda: typologies.words(SCHEMES.drop(columns="annotation")), "no column 'annotation'"),
        (lambda: typologies.words(SCHEMES.iloc[:0]), "no schemes"),
        (lambda: typologies.naming_all(SCHEMES.assign(verification="often")), "'often'"),
    ],
)
def test_what_is_no_answer_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
