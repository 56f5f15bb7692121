"""The command ``platformlabour estimate``: the library's numbers, in words or JSON, and one message on bad input."""

import argparse
import io
import json
import math
import os
import subprocess
import sys

import pandas as pd
import pytest

from platformlabour import Estimate
from platformlabour.cli import main
from platformlabour.counting.recapture import suite
from platformlabour.counting.recapture.command import add_arguments, as_json, as_text, run

KEYS = ["estimate", "se", "interval", "level", "loglik", "aic", "df", "observed", "model", "status", "warnings"]
# Hepatitis A among students in Taiwan: Chao et al. 2001.
TAIWAN = "a,b,c,count\n0,0,1,63\n0,1,0,55\n0,1,1,18\n1,0,0,69\n1,0,1,17\n1,1,0,21\n1,1,1,28\n"
TABLES = {
    "closed": TAIWAN,
    "lists": TAIWAN,
    "open": "May,June,July,August,count\n1,0,0,0,40\n1,1,0,0,22\n1,1,1,0,9\n0,1,0,0,25\n0,1,1,0,18\n0,1,1,1,7\n"
    "0,0,1,0,30\n0,0,1,1,20\n0,0,0,1,35\n1,0,1,0,8\n0,1,0,1,6\n",
    "frequencies": "times_seen,count\n1,300\n2,200\n3,120\n4,60\n5,30\n",
    "truncated": "times,nation\n" + "1,Mali\n1,Chad\n2,Mali\n1,Mali\n3,Chad\n2,Chad\n1,Chad\n4,Mali\n" * 3,
}
EVERY = [
    (row.kind, row.model) for row in suite.models().itertuples() if row.model not in ("lincoln-petersen", "chapman")
]


def parsed(*arguments):
    parser = argparse.ArgumentParser()
    add_arguments(parser.add_subparsers(required=True))
    return parser.parse_args(["estimate", *map(str, arguments)])


@pytest.fixture
def file(tmp_path):
    def write(kind):
        path = tmp_path / f"{kind if kind in TABLES else 'table'}.csv"
        path.write_text(TABLES.get(kind, kind), encoding="utf-8")
        return path

    return write


@pytest.fixture
def answer(capsys):
    def ask(*arguments):
        options = parsed(*arguments)
        code = options.run(options)
        streams = capsys.readouterr()
        return code, streams.out, streams.err

    return ask


def formula_of(kind, model):
    if model == "log-linear":
        return ["--formula", "a + b + c + a:b"]
    return ["--formula", "times ~ nation"] if kind == "truncated" else []


@pytest.mark.parametrize(("kind", "model"), EVERY)
def test_json_holds_the_numbers_of_the_library(kind, model, file, answer):
    formula = formula_of(kind, model)
    path = file(kind)
    code, out, err = answer(kind, "--model", model, "--data", path, *formula, "--level", "0.9", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    expected = suite.estimate_file(kind, path, model, formula=formula[1] if formula else None, level=0.9)
    assert list(found)[: len(KEYS)] == KEYS
    assert found["estimate"] == expected.value
    assert found["se"] == expected.standard_error
    assert (found["loglik"], found["aic"], found["df"]) == (expected.loglik, expected.aic, expected.df)
    assert (found["model"], found["level"], found["observed"]) == (model, 0.9, expected.observed)
    assert (found["status"], found["warnings"]) == (expected.status, list(expected.warnings))
    assert found["sentence"] == suite.sentence(expected)
    if expected.interval is not None:
        high = expected.interval[1]
        assert found["interval"] == [expected.interval[0], high if math.isfinite(high) else None]
    assert ("occasions" in found) == (kind == "open")


def test_a_table_that_tells_nothing_is_an_answer_with_nulls(file, answer):
    code, out, err = answer("frequencies", "--model", "chao1984", "--data", file("times_seen,count\n1,40\n"), "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert found["status"] == "not identified"
    assert found["warnings"]
    for key in ("estimate", "se", "interval", "loglik", "aic", "df"):
        assert found[key] is None
    assert (found["observed"], found["level"]) == (40, 0.95)


def test_an_interval_without_upper_limit_is_null_above_with_a_warning():
    result = Estimate(
        value=80.0,
        unit="workers",
        estimand="x",
        method="y",
        interval=(60.0, math.inf),
        warnings=("the data set no upper limit at this level",),
    )
    rows = pd.DataFrame({"occasion": ["May"], "abundance": [math.nan], "captured": [7]})
    found = as_json(suite.Answer("open", "popan", result, rows))
    assert found["interval"] == [60.0, None]
    assert found["occasions"] == [{"occasion": "May", "abundance": None, "captured": 7}]
    json.dumps(found, allow_nan=False)
    text = as_text(suite.Answer("open", "popan", result, rows))
    assert "60.0 to no upper limit" in text
    assert "NaN" not in text


def test_the_block_for_people_opens_with_the_reading_and_fits_a_terminal(file, answer):
    path = file("closed")
    code, out, _ = answer("closed", "--model", "Mth-chao", "--data", path)
    expected = suite.estimate_file("closed", path, "Mth-chao")
    assert code == 0
    assert " ".join(out.split()).startswith(suite.sentence(expected))
    for words in ("95% interval", "log-likelihood", "status", "Assumptions"):
        assert words in out
    for assumption in expected.assumptions:
        assert assumption in " ".join(out.split())
    assert max(map(len, out.splitlines())) <= 100


def test_a_result_that_is_not_ok_says_so_loudly_and_is_still_an_answer(file, answer):
    code, out, _ = answer("lists", "--model", "independence", "--data", file("a,b\n1,0\n0,1\n"))
    assert code == 0
    assert out.startswith("No estimate")
    assert "NOT IDENTIFIED: do not use this result" in out


def test_an_open_population_shows_its_occasions(file, answer):
    _, out, _ = answer("open", "--model", "jolly-seber", "--data", file("open"))
    assert "Occasions" in out
    for name in ("May", "June", "July", "August"):
        assert name in out


def test_the_options_reach_the_estimator(file, answer):
    path = file("frequencies")
    plain, corrected, on_five = (
        json.loads(answer("frequencies", "--model", "chao1984", "--data", path, "--json", *more)[1])["estimate"]
        for more in ([], ["--bias-corrected"], ["--occasions", "5"])
    )
    assert corrected == suite.estimate_file("frequencies", path, "chao1984", bias_corrected=True).value != plain
    assert on_five == pytest.approx(710 + (plain - 710) * 4 / 5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "found no kind of file; expected one of closed, frequencies, lists, truncated, open, or --models."),
        (["fish"], "found the kind 'fish'"),
        (["closed"], "found no file; expected --data FILE.csv."),
        (["closed", "--data", "DATA"], "found no model; expected one of M0, Mt"),
        (["closed", "--data", "DATA", "--model", "Mht"], "found the model 'Mht' for closed; expected Mt, or"),
        (["closed", "--data", "DATA", "--model", "Mt", "--level", "much"], "found the level 'much'"),
        (["closed", "--data", "DATA", "--model", "Mt", "--level", "95"], "found the level 95.0"),
        (["closed", "--data", "DATA", "--model", "Mt", "--level", "nan"], "found the level nan"),
        (["frequencies", "--data", "DATA", "--model", "ace", "--occasions", "1.5"], "found the number of occasions"),
        (["closed", "--data", "DATA", "--model", "Mt", "--formula", "a+b"], "found a formula for the model 'Mt'"),
        (["closed", "--data", "none.csv", "--model", "Mt"], "none.csv: found no such file"),
        (["frequencies", "--data", "DATA", "--model", "ace"], "closed.csv, row 1: found the columns a,b,c,count"),
        (["truncated", "--data", "DATA", "--model", "chao", "--formula", "visits ~ a"], 'column "visits"'),
        (["--models", "fish"], "found the kind 'fish'"),
    ],
)
def test_bad_input_gives_status_2_and_one_message(arguments, message, file, answer):
    code, out, err = answer(*(file("closed") if each == "DATA" else each for each in arguments))
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "an empty file"),
        ("a,b,c\n", "no rows"),
        ("worker,site\nw1,x\nw2,y\nw3,z\n", ""),
        ("a,b,c,count\n1,1,0,2.5\n", ""),
        ("a,b,c,count\n1,1,0,-2\n", ""),
        ("times_seen,count\n1,2.5\n", ""),
        ("times_seen,count\n1,-3\n", ""),
        ("times,age\n1.5,20\n", ""),
        ("times,age\n-1,20\n", ""),
        ("a,a\n1,1\n", "two columns of this name"),
    ],
)
def test_malformed_tables_of_every_kind_are_refused_with_the_files_name(kind, content, message, file, answer, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(content, encoding="utf-8")
    model = {"closed": "M0", "lists": "best", "open": "popan", "frequencies": "chao1984", "truncated": "chao"}[kind]
    code, out, err = answer(kind, "--model", model, "--data", path)
    assert (code, out) == (2, "")
    assert "mine.csv" in err
    assert message in err
    assert "Traceback" not in err


def test_models_lists_every_model_with_its_assumptions(answer):
    code, out, _ = answer("--models")
    assert code == 0
    flat = " ".join(out.split())
    for row in suite.models().itertuples():
        assert f"{row.model}: {row.gives}" in flat
        assert row.assumptions in flat
    assert max(map(len, out.splitlines())) <= 100
    only = answer("open", "--models")[1]
    assert "popan" in only
    assert "zelterman" not in only
    assert [row["model"] for row in json.loads(answer("open", "--models", "--json")[1])] == ["jolly-seber", "popan"]


def test_a_terminal_without_the_letters_shows_question_marks(file, monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    code = run(parsed("open", "--model", "jolly-seber", "--data", file("août,b,Ł\n1,1,0\n0,1,1\n1,1,1\n0,1,0\n")))
    narrow.seek(0)
    assert code == 0
    assert "ao?t" in narrow.read()


def test_in_a_process_of_its_own_it_prints_no_traceback_even_into_a_closed_pipe(file):
    program = (
        "import argparse, sys\n"
        "from platformlabour.counting.recapture.command import add_arguments\n"
        "parser = argparse.ArgumentParser(); add_arguments(parser.add_subparsers())\n"
        "options = parser.parse_args(sys.argv[1:]); sys.exit(options.run(options))\n"
    )

    def start(*arguments, **options):
        return subprocess.Popen(
            [sys.executable, "-c", program, "estimate", *map(str, arguments)],
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONIOENCODING": "utf-8"},
            **options,
        )

    reader, writer = os.pipe()
    os.close(reader)
    with start("--models", stdout=writer) as closed_pipe:
        os.close(writer)
        _, err = closed_pipe.communicate(timeout=120)
    assert err == ""
    with start("closed", "--model", "Mt", "--data", file("a,b\n1,2\n"), stdout=subprocess.PIPE) as refused:
        out, err = refused.communicate(timeout=120)
    assert (refused.returncode, out) == (2, "")
    assert err.count("\n") == 1


def test_the_projects_own_command_reaches_it(file, capsys):
    path = str(file("closed"))
    assert main(["estimate", "closed", "--model", "Mt", "--data", path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["estimate"] == suite.estimate_file("closed", path, "Mt").value
    assert main(["estimate", "closed", "--model", "Mt", "--data", "none.csv"]) == 2
    assert capsys.readouterr().err == "none.csv: found no such file; expected the path of a CSV file.\n"


def test_help_and_parsing_do_not_import_the_estimators():
    program = (
        "import argparse, sys\n"
        "from platformlabour.counting.recapture.command import add_arguments\n"
        "add_arguments(argparse.ArgumentParser().add_subparsers())\n"
        "print(sorted({'numpy', 'pandas', 'scipy'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
