"""The codebook and the codes that stand in the report."""

import json
import shutil

import pandas as pd
import pytest

from platformlabour import InputError, load
from platformlabour.functions.codebook import POLES, load_codebook, validate_codes
from platformlabour.tables import data_folder, seal


@pytest.fixture(scope="module")
def codebook():
    return load_codebook()


def test_the_codebook_has_its_codes_poles_and_rules(codebook):
    assert list(codebook.names) == list("GNVIQXU")
    assert {code for code, pole in codebook.poles.items() if pole is None} == set("QXU")
    assert {pole for pole in codebook.poles.values() if pole} == set(POLES)
    assert codebook.rules["rule"].tolist() == list(range(1, 9))
    assert len(codebook.examples) == 26


@pytest.mark.parametrize(
    "name", ["codebook-examples", "coding-practice", "task-codes", "task-codes-training", "task-codes-adjudicated"]
)
def test_every_code_in_the_tables_is_of_the_codebook_and_its_version(codebook, name):
    frame = load(name)
    assert validate_codes(frame, codebook, file=name) is frame
    assert set(frame["version"]) == {codebook.version}


def test_raw_codes_are_whole():
    raw = load("task-codes")
    assert len(raw) == 170 * 2 * 2
    assert raw.groupby(["round", "coder"])["task_id"].nunique().tolist() == [170] * 4
    training = load("task-codes-training")
    assert training.groupby("coder")["example"].nunique().tolist() == [26, 26]


def test_training_examples_are_outside_the_sample(codebook):
    assert not set(codebook.examples["task_id"]) & set(load("task-codes")["task_id"])


def test_adjudication_keeps_what_both_passes_agreed_on():
    raw = load("task-codes").pivot(index=["task_id", "round"], columns="coder", values=["main", "second"])
    agreed = (raw["main"]["A"] == raw["main"]["B"]) & (raw["second"]["A"] == raw["second"]["B"])
    final = load("task-codes-adjudicated").set_index(["task_id", "round"]).loc[raw.index]
    assert ((final["how"] == "agreed") == agreed).all()
    assert ((final["decided_by"] == "both passes") == agreed).all()
    assert (final.loc[agreed, "main"] == raw["main"]["A"][agreed]).all()
    assert (final.loc[agreed, "second"] == raw["second"]["A"][agreed]).all()


def test_practice_tasks_carry_the_published_codes():
    final = load("task-codes-adjudicated")
    final = final[final["round"] == "text only"].set_index("task_id")
    practice = load("coding-practice").set_index("task_id")
    assert practice["main"].equals(final.loc[practice.index, "main"])
    assert practice["second"].equals(final.loc[practice.index, "second"])
    assert set(practice["main"]) == set("GNVIQXU")


def test_tables_of_two_versions_are_refused(tmp_path):
    folder = shutil.copytree(data_folder(), tmp_path / "data")
    path = folder / "codebook-rules.csv"
    path.write_text(path.read_text("utf-8").replace(",1.0,", ",1.1,"), encoding="utf-8")
    seal(folder=folder)
    with pytest.raises(InputError, match=r"versions 1\.0 and 1\.1"):
        load_codebook(folder=folder)


@pytest.mark.parametrize(
    ("main", "second", "words"),
    [
        ("W", "", "row 2, column \"main\": found the code 'W'"),
        ("v", "", "V, perhaps"),
        ("", "", "found no code"),
        ("V", "V", "V as main and as second code"),
        ("V", "Z", 'column "second"'),
    ],
)
def test_codes_outside_the_codebook_are_refused(codebook, main, second, words):
    with pytest.raises(InputError, match=words):
        validate_codes(pd.DataFrame({"main": [main], "second": [second]}), codebook)


def test_frames_without_codes_are_refused(codebook):
    with pytest.raises(InputError, match="no codes"):
        validate_codes(pd.DataFrame({"main": [], "second": []}), codebook)
    with pytest.raises(InputError, match="no column 'second'"):
        validate_codes(pd.DataFrame({"main": ["V"]}), codebook)
    assert validate_codes(pd.DataFrame({"main": ["V"]}), codebook, second=None) is not None


def test_the_descriptor_says_that_no_person_coded():
    package = json.loads((data_folder() / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        if resource["name"] in ("task-codes", "task-codes-training"):
            assert "no person coded" in resource["description"]
