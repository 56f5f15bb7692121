"""Comparing a build's results with the edition's reference."""

import json

import pytest

from platformlabour import InputError
from platformlabour.book.verify import accept, differences, verify
from platformlabour.cli import main

RESULT = {"value": 330594.18, "unit": "workers", "interval": [1.0, 2.0], "chapter": "c"}


@pytest.fixture
def built(tmp_path):
    def write(results):
        folder = tmp_path / "_build" / "html"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results.json").write_text(json.dumps({"edition": "2026.1", "results": results}))
        return tmp_path

    return write


def test_the_last_bits_of_another_processor_do_not_matter():
    assert differences({"a.b": RESULT}, {"a.b": {**RESULT, "value": RESULT["value"] * (1 + 1e-10)}}) == []


@pytest.mark.parametrize(
    "change",
    [{"value": 330594.19}, {"unit": "people"}, {"interval": [1.0, 2.1]}, {"interval": [1.0]}, {"status": "boundary"}],
)
def test_any_other_change_is_named(change):
    (line,) = differences({"a.b": RESULT}, {"a.b": {**RESULT, **change}})
    assert line.startswith(f"a.b, {next(iter(change))}: reference")


def test_missing_and_new_results_are_named():
    assert differences({"a.b": RESULT}, {"a.c": RESULT}) == [
        "a.b: in the reference, but not computed",
        "a.c: new, not in the reference",
    ]


def test_accepting_makes_the_build_the_reference(built, capsys):
    folder = built({"a.b": RESULT})
    with pytest.raises(InputError, match=r"2026\.1\.json"):
        verify(folder)
    accept(folder)
    assert verify(folder) == (True, "1 results, all equal to 2026.1.json (relative tolerance 1e-09).")
    built({"a.b": {**RESULT, "value": 1.0}})
    assert main(["verify", "--folder", str(folder)]) == 1
    assert "a.b, value: reference 330594.18, now 1.0" in capsys.readouterr().err


def test_without_a_book_the_message_says_what_to_run(tmp_path, capsys):
    assert main(["verify", "--folder", str(tmp_path)]) == 2
    assert "make book" in capsys.readouterr().err
