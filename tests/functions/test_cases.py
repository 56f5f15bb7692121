"""The case file: promises its rows keep, counts with and without weak evidence, and rows that must be refused."""

import pandas as pd
import pytest

from platformlabour import InputError, load
from platformlabour.functions import cases

FILE = load("impersonation-cases")


def test_allegations_are_worded_as_allegations():
    alleged = FILE[FILE["allegation"] == "yes"]
    assert alleged["did"].map(cases.hedged).all()
    assert "presumed innocent" in FILE.set_index("case").loc["nate", "reply"]


def test_a_disputed_case_has_its_dispute():
    disputed = FILE[FILE["grade"] == "D"]
    assert disputed["case"].tolist() == ["builder-ai"]
    assert (disputed["reply"] != "").all()
    assert (disputed["allegation"] == "yes").all()


def test_what_was_only_recalled_stands_in_no_other_column():
    recalled = FILE[FILE["unchecked"] != ""]
    assert len(recalled) == 5
    for column in ("did", "place", "quantity", "reply", "locator"):
        assert not FILE[column].str.contains("MEMORY|recalled", case=False).any()
    told = FILE.set_index("case")
    assert "324" not in told.loc["anthropic-redteam", "quantity"]
    assert "Upwork" not in " ".join(told.loc["instructgpt", ["did", "place", "quantity"]])
    assert (told.loc[["shoplifting-mada", "canteen-mada"], "second"] == "").all()


def test_years_are_in_order():
    assert (FILE["practice_start"] <= FILE["practice_end"]).all()
    assert (FILE["practice_start"] <= FILE["public_year"]).all()


def test_no_case_names_the_same_function_twice():
    assert cases.secondary_functions(FILE)["cases"].sum() == (FILE["second"] != "").sum()
    with pytest.raises(InputError, match="the same function twice"):
        cases.secondary_functions(FILE.assign(second=FILE["function"]))


def test_counts_with_and_without():
    table = cases.with_and_without(FILE, grades=("D", "C")).set_index("evidence")
    assert table.loc["all grades", ["impersonation", "verification", "preparation"]].tolist() == [17, 14, 8]
    assert table.loc["without D", "impersonation"] == 16
    assert table.loc["without D, C", ["impersonation", "verification"]].tolist() == [13, 13]
    assert (table.drop(columns="cases").sum(axis=1) == table["cases"]).all()


def test_every_way_has_a_row_and_every_case_a_way():
    table = cases.function_by_mode(FILE)
    assert table["way"].tolist() == list(dict.fromkeys(cases.MODE_FAMILIES.values()))
    assert table["cases"].sum() == len(FILE)
    few = cases.function_by_mode(FILE[FILE["mode"] == "fallback"])
    assert len(few) == len(table)
    assert few["cases"].sum() == (FILE["mode"] == "fallback").sum()


def test_the_timeline_is_in_order_and_complete():
    rows = cases.timeline(FILE)
    assert rows["public_year"].is_monotonic_increasing
    assert sorted(rows["case"]) == sorted(FILE["case"])
    assert set(cases.timeline(FILE, functions=("preparation",))["function"]) == {"preparation"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cases.by_function(FILE, without=("E",)), "the grade 'E'"),
        (lambda: cases.by_function(FILE, without="ABCD"), "no case left"),
        (lambda: cases.by_function(FILE.assign(function="magic")), "'magic'"),
        (lambda: cases.by_function(FILE.assign(grade="")), "expected one of A"),
        (lambda: cases.function_by_mode(FILE.assign(mode="by hand")), "the mode 'by hand'"),
        (lambda: cases.timeline(FILE.assign(practice_end=1999)), "practice_end before practice_start"),
        (lambda: cases.timeline(FILE.assign(public_year=1999)), "public_year before practice_start"),
    ],
)
def test_rows_that_cannot_be_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_a_sentence_without_a_speaker_is_not_hedged():
    assert not cases.hedged("Workers in shifts placed orders by hand.")
    assert cases.hedged("A newspaper reported that workers did it.")
    assert isinstance(FILE, pd.DataFrame)
