"""tools/run_tests.py and .ci/run: every gate runs, none hides another's failure, and the end says what happened."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def run_tests():
    specification = importlib.util.spec_from_file_location("run_tests_script", ROOT / "tools" / "run_tests.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def outcomes_when(run_tests, failing):
    """Return {gate: outcome} when the named gates fail, and what happened in which order."""
    order = []

    def run(name, command, arguments):
        order.append(name)
        return name not in failing

    outcomes = run_tests.run_gates(run=run, clean=lambda: order.append("clean"))
    return {name: outcome for name, outcome, _ in outcomes}, order


def test_gates_run_from_quick_to_slow_and_the_build_starts_from_nothing(run_tests):
    outcomes, order = outcomes_when(run_tests, failing=())
    assert set(outcomes.values()) == {"passed"}
    commands = [command for _, command, _ in run_tests.GATES]
    assert commands[:5] == ["ruff", "ruff", "lint-imports", "codespell", "pytest"]
    assert order.index("clean") + 1 == order.index(run_tests.BUILD)


def test_a_failed_gate_does_not_hide_the_later_ones(run_tests):
    outcomes, _ = outcomes_when(run_tests, failing=("style",))
    assert outcomes.pop("style") == "FAILED"
    assert set(outcomes.values()) == {"passed"}


def test_pages_of_a_failed_build_are_not_tested(run_tests):
    outcomes, order = outcomes_when(run_tests, failing=(run_tests.BUILD,))
    assert outcomes[run_tests.BUILD] == "FAILED"
    assert outcomes["tests of the built book"] == "not run"
    assert order[-1] == run_tests.BUILD


@pytest.mark.parametrize(("outcome", "status"), [("passed", 0), ("FAILED", 1), ("not run", 1)])
def test_only_a_full_pass_ends_with_status_0(run_tests, monkeypatch, outcome, status):
    monkeypatch.setattr(run_tests, "run_gates", lambda: [("style", "passed", 1.0), ("format", outcome, 2.0)])
    assert run_tests.main() == status


def test_the_summary_names_each_gate_and_ends_with_a_verdict(run_tests):
    text = run_tests.summary([("style", "passed", 1.0), ("format", "FAILED", 2.0), ("pages", "not run", 0.0)])
    assert "passed      1.0 s  style" in text
    assert "FAILED      2.0 s  format" in text
    assert "not run     0.0 s  pages" in text
    assert text.endswith("1 of 3 gates failed, 1 not run in 3 s")
    assert run_tests.summary([("style", "passed", 1.0)]).endswith("all gates passed in 1 s")


def test_a_gate_whose_command_is_missing_fails_with_one_message(run_tests, capfd):
    assert run_tests.run_gate("style", "command-not-there", []) is False
    assert "command-not-there does not start" in capfd.readouterr().out


def test_a_gate_gets_no_terminal_input_and_its_output_is_visible(run_tests, monkeypatch, capfd):
    monkeypatch.setattr(run_tests, "command_path", shutil.which)
    assert run_tests.run_gate("sample", "sh", ["-c", "read line || echo nothing to read"]) is True
    assert "nothing to read" in capfd.readouterr().out


def test_the_checks_of_tests_and_pages_split_all_tests_between_them(run_tests):
    selections = [arguments for _, command, arguments in run_tests.GATES if command == "pytest"]
    assert [arguments[-2:] for arguments in selections] == [["-m", "not built"], ["-m", "built"]]
    _, (folder, *_) = selections
    mark = "mark" + ".built"
    marked = [path for path in ROOT.glob("tests/**/*.py") if mark in path.read_text("utf-8")]
    assert {path.parent for path in marked} == {ROOT / folder}


@pytest.mark.parametrize(("status", "verdict"), [(0, "PASSED"), (3, "FAILED (status")])
def test_the_whole_run_ends_with_a_verdict_and_the_status_of_the_tests(tmp_path, status, verdict):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    (tmp_path / "Makefile").write_text(f"test:\n\t@echo tests ran; exit {status}\n")
    environment = {name: value for name, value in os.environ.items() if name not in {"CI", "MAKEFLAGS", "MAKELEVEL"}}
    done = subprocess.run(
        [str(tmp_path / ".ci" / "run")], capture_output=True, text=True, env=environment, cwd="/", check=False
    )
    assert (done.returncode == 0) == (status == 0)
    assert "tests ran" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(verdict)
