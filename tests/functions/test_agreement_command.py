"""``platformlabour agreement``: what it prints is what the functions compute."""

import json

import pytest

from platformlabour import cli, load
from platformlabour.functions import agreement
from platformlabour.functions.agreement_report import reading


@pytest.fixture
def files(tmp_path):
    """The text-only codes of both passes, as two files."""
    raw = load("task-codes")
    paths = []
    for coder, part in raw[raw["round"] == "text only"].drop(columns="item").groupby("coder"):
        part = part.rename(columns={"task_id": "item", "main": "code"})
        path = tmp_path / f"{coder}.csv"
        part[["item", "coder", "code", "second", "version"]].to_csv(path, index=False)
        paths.append(str(path))
    return paths


def test_the_report_for_people(files, capsys):
    assert cli.main(["agreement", *files, "--replicates", "500"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Alpha is 0.")
    assert "170 of 170 items by two coders or more; 2 coders" in text
    assert "alpha of sets" in text
    assert "not with other coders" in " ".join(text.split())
    assert max(len(line) for line in text.splitlines()) <= 100


def test_json_holds_what_the_functions_compute(files, capsys):
    assert cli.main(["agreement", *files, "--json", "--seed", "7", "--replicates", "300"]) == 0
    found = json.loads(capsys.readouterr().out)
    raw = load("task-codes")
    codes = agreement.from_table(
        raw[raw["round"] == "text only"].drop(columns="item").rename(columns={"task_id": "item", "main": "code"})
    )
    alpha = agreement.krippendorff_alpha(codes, replicates=300, seed=7)
    assert found["alpha"]["value"] == alpha.value
    assert found["alpha"]["interval"] == pytest.approx(alpha.interval)
    assert found["ac1"]["value"] == agreement.gwet_ac1(codes, replicates=0).value
    assert [row["code"] for row in found["codes"]] == sorted("GNVIQXU")
    assert found["items_with_two_codes"] == 170


def one_file(tmp_path, lines):
    path = tmp_path / "codes.csv"
    path.write_text("item,coder,code\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_levels_and_missing_codes(tmp_path, capsys):
    path = one_file(tmp_path, ["a,A,1", "a,B,2", "b,A,3", "b,B,3", "c,A,5", "c,B,", "d,A,-1.5", "d,B,-1"])
    for level in ("ordinal", "interval"):
        assert cli.main(["agreement", path, "--level", level, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert found["level"] == level
        assert (found["items"], found["items_with_two_codes"]) == (4, 3)
        assert found["ac1"] is None


def test_all_items_identical_is_a_defined_result(tmp_path, capsys):
    path = one_file(tmp_path, [f"{k},{c},N" for k in range(4) for c in "AB"])
    assert cli.main(["agreement", path]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Alpha is undefined: all codes are equal")
    assert "equal pairs    1.000" in text
    assert cli.main(["agreement", path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["alpha"]["value"] is None


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.81, 0.9, "the whole interval lies at or above 0.8"),
        (0.7, 0.9, "above 0.667"),
        (0.5, 0.75, "reaches below 0.667"),
        (0.2, 0.5, "the whole interval lies below 0.667"),
    ],
)
def test_the_reading_follows_the_interval(low, high, words):
    from platformlabour import Estimate

    alpha = Estimate(value=(low + high) / 2, unit="coefficient", estimand="x", method="x", interval=(low, high))
    assert words in reading(alpha)


def test_perfect_agreement_claims_no_interval(tmp_path, capsys):
    path = one_file(tmp_path, ["a,A,N", "a,B,N", "b,A,V", "b,B,V"])
    assert cli.main(["agreement", path]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Alpha is 1.000, but no disagreement was seen")
    assert "(1.000" not in text
