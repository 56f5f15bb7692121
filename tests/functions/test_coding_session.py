"""Coding in the terminal: nothing is lost, nobody else's codes are seen."""

import csv
import os
import subprocess
import sys

import pytest

from platformlabour import InputError, cli
from platformlabour.functions import coding_session
from platformlabour.functions.codebook import load_codebook
from platformlabour.functions.coding_session import COLUMNS, CodedFile, Item, items_from_table, read_items, run_session

ITEMS = [Item(f"t{k}", f"Task {k}", "What the worker does") for k in range(1, 5)]


@pytest.fixture(scope="module")
def codebook():
    return load_codebook()


def session(path, answers, codebook, items=ITEMS, coder="Ada"):
    """Run a session on prepared answers; the end of the answers is the end of input."""
    said, left = [], iter(answers)

    def ask(prompt):
        try:
            answer = next(left)
        except StopIteration:
            raise EOFError from None
        if isinstance(answer, BaseException):
            raise answer
        return answer

    done = run_session(items, path, coder=coder, codebook=codebook, ask=ask, say=said.append)
    return done, "\n".join(said)


def saved(path):
    with open(path, encoding="utf-8", newline="") as stream:
        return {row["item"]: (row["code"], row["second"]) for row in csv.DictReader(stream)}


def test_codes_are_saved_as_typed(tmp_path, codebook):
    done, said = session(tmp_path / "a.csv", ["v n", "g", "NV", "x"], codebook)
    assert done
    assert "4 of 4 tasks coded" in said
    assert saved(tmp_path / "a.csv") == {"t1": ("V", "N"), "t2": ("G", ""), "t3": ("N", "V"), "t4": ("X", "")}
    header = (tmp_path / "a.csv").read_text("utf-8").splitlines()[0]
    assert header == ",".join(COLUMNS)


@pytest.mark.parametrize("end", [EOFError(), KeyboardInterrupt(), "quit"])
def test_nothing_is_lost_when_a_session_stops(tmp_path, codebook, end):
    path = tmp_path / "a.csv"
    done, said = session(path, ["v", "g", end], codebook)
    assert not done
    assert "2 of 4 tasks coded, saved in" in said
    done, said = session(path, ["n", "x"], codebook)
    assert done
    assert "2 of 4 tasks are coded already" in said
    assert list(saved(path)) == ["t1", "t2", "t3", "t4"]


def test_every_code_is_on_the_disk_before_the_next_question(tmp_path, codebook, monkeypatch):
    path, forced = tmp_path / "a.csv", []
    real = os.fsync
    monkeypatch.setattr(coding_session.os, "fsync", lambda number: (forced.append(1), real(number)))
    seen = []

    def ask(prompt):
        seen.append((len(saved(path)) if path.exists() else 0, len(forced)))
        return "v"

    run_session(ITEMS, path, coder="Ada", codebook=codebook, ask=ask, say=lambda line: None)
    assert seen == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_a_killed_process_leaves_its_codes(tmp_path):
    path = tmp_path / "a.csv"
    command = [sys.executable, "-m", "platformlabour.cli", "code", "--coder", "Ada", "--out", str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.write("n\ng\n")
    process.stdin.flush()
    while "[3 of 20]" not in process.stdout.readline():
        pass
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert len(saved(path)) == 2


def test_back_skip_and_change(tmp_path, codebook):
    path = tmp_path / "a.csv"
    _, said = session(path, ["v", "skip", "g", "back", "back", "back", "n", "quit"], codebook)
    assert "your code: V" in said
    assert saved(path) == {"t1": ("N", ""), "t3": ("G", "")}
    assert not (tmp_path / "a.csv.new").exists()
    session(path, ["x"], codebook)
    assert saved(path)["t2"] == ("X", "")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("w", "expected one of G, N, V"),
        ("v v", "V twice"),
        ("v n g", "neither one code nor two"),
        ("\x1b[2J", "expected"),
    ],
)
def test_a_slip_is_explained_and_saves_nothing(tmp_path, codebook, answer, words):
    path = tmp_path / "a.csv"
    _, said = session(path, [answer], codebook)
    assert words in said
    assert "\x1b" not in said
    assert not path.exists()


def test_help_codes_and_rules(tmp_path, codebook):
    _, said = session(tmp_path / "a.csv", ["help", "codes", "rules", ""], codebook)
    assert "return to the task before" in said
    assert "verify machine output: the worker checks" in said
    assert "8. Human-baseline tests" in said


def test_a_line_cut_off_by_a_crash_is_coded_again(tmp_path, codebook):
    path = tmp_path / "a.csv"
    session(path, ["v", "g", "quit"], codebook)
    with path.open("a", encoding="utf-8") as stream:
        stream.write("t3,Ada,N")
    done, _ = session(path, ["n", "x"], codebook)
    assert done
    assert saved(path)["t3"] == ("N", "")
    assert len(path.read_text("utf-8").splitlines()) == 5


def write(path, rows):
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("t1,Ada,V,,0.9", "version '0.9' of the codebook"),
        ("t1,Bob,V,,1.0", "another coder, 'Bob'"),
        ("t9,Ada,V,,1.0", "not among the tasks"),
        ("t1,Ada,W,,1.0", "codes of the codebook"),
        ("t1,Ada,V,V,1.0", "codes of the codebook"),
        ("t1,Ada,V,,1.0\nt1,Ada,N,,1.0", "'t1' twice"),
    ],
)
def test_a_file_that_does_not_belong_is_refused_and_kept(tmp_path, codebook, row, words):
    path = tmp_path / "a.csv"
    write(path, row.split("\n"))
    before = path.read_bytes()
    with pytest.raises(InputError, match=words):
        session(path, ["v"], codebook)
    assert path.read_bytes() == before


def test_a_second_session_on_the_same_file_is_refused(tmp_path, codebook):
    pytest.importorskip("fcntl")
    path = tmp_path / "a.csv"

    def ask(prompt):
        with pytest.raises(InputError, match="session that is open"):
            session(path, ["v"], codebook)
        raise EOFError

    run_session(ITEMS, path, coder="Ada", codebook=codebook, ask=ask, say=lambda line: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("coder", ["", "=1", "a,b", "x" * 50, "a\nb", "<b>"])
def test_names_that_a_file_should_not_hold_are_refused(tmp_path, codebook, coder):
    with pytest.raises(InputError, match="the coder"):
        CodedFile(tmp_path / "a.csv", coder=coder, codebook=codebook, items=ITEMS)


def test_a_byte_order_mark_does_not_end_up_inside(tmp_path, codebook):
    path = tmp_path / "a.csv"
    write(path, ["t1,Ada,V,,1.0"])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    session(path, ["n"], codebook)
    assert path.read_bytes().startswith(b"item,")
    assert saved(path) == {"t1": ("V", ""), "t2": ("N", "")}


def test_tasks_from_a_file_and_from_a_table(tmp_path):
    path = tmp_path / "items.csv"
    path.write_text("item,title,text\n1,Cat or dog?,Say which.\n2,A survey,\n", encoding="utf-8")
    assert read_items(path) == [Item("1", "Cat or dog?", "Say which."), Item("2", "A survey", "")]
    assert len(items_from_table()) == 20
    with pytest.raises(InputError, match="without title"):
        items_from_table("task-codes")


def test_the_command(tmp_path, capsys, monkeypatch):
    items = tmp_path / "items.csv"
    items.write_text("item,title\n1,Cat or dog?\n2,A survey\n", encoding="utf-8")
    answers = iter(["n", "x"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
    out = str(tmp_path / "a.csv")
    options = ["--coder", "Ada", "--out", out]
    assert cli.main(["code", str(items), *options]) == 0
    assert "2 of 2 tasks coded" in capsys.readouterr().out
    assert cli.main(["code", str(items), "--table", "coding-practice", *options]) == 2
    assert "one of the two" in capsys.readouterr().err
    assert cli.main(["code", "--coder", "Ada", "--out", str(tmp_path / "none" / "a.csv")]) == 2
    assert "existing folder" in capsys.readouterr().err


def test_a_shuffle_is_fixed_by_its_seed(tmp_path, capsys, monkeypatch):
    shown = []
    for seed in ("1", "1", "2"):
        monkeypatch.setattr("sys.stdin", open(os.devnull, encoding="utf-8"))  # noqa: SIM115
        cli.main(["code", "--coder", "Ada", "--out", str(tmp_path / "a.csv"), "--shuffle", seed])
        sys.stdin.close()
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1] != shown[2]
