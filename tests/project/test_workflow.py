"""The public workflow runs the README's test command with few rights, and publishes only what it tested."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"


@pytest.fixture(scope="module")
def text():
    return (FOLDER / "book.yml").read_text("utf-8")


@pytest.fixture(scope="module")
def workflow(text):
    return yaml.safe_load(text)


def test_every_action_is_pinned_by_commit_with_its_release_beside_it():
    for path in FOLDER.glob("*.yml"):
        used = re.findall(r"uses: (.+)$", path.read_text("utf-8"), re.M)
        assert used
        assert [line for line in used if not re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_rights_are_read_only_but_for_publication(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    raised = {name: job["permissions"] for name, job in workflow["jobs"].items() if "permissions" in job}
    assert raised == {"publish": {"pages": "write", "id-token": "write"}}
    assert "secrets." not in (FOLDER / "book.yml").read_text("utf-8")


def test_no_event_text_reaches_a_shell(workflow):
    scripts = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


def test_every_job_has_a_time_limit(workflow):
    assert [name for name, job in workflow["jobs"].items() if "timeout-minutes" not in job] == []


def test_all_supported_pythons_run_the_command_of_the_readme(workflow):
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13"]
    assert {"run": ".ci/run"} in job["steps"]
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "make test" in run
    assert "make test " in (ROOT / "README.md").read_text("utf-8")
    assert "set -euo pipefail" in run


def test_publication_waits_for_the_tests_and_builds_nothing(workflow):
    publish = workflow["jobs"]["publish"]
    assert publish["needs"] == "test"
    assert [step["uses"].split("@")[0] for step in publish["steps"]] == ["actions/deploy-pages"]
    for condition in (publish["if"], workflow["jobs"]["test"]["steps"][-1]["if"]):
        assert "refs/heads/main" in condition
        assert "refs/tags/v" in condition
        assert "github.event_name == 'push'" in condition


def test_the_weekly_run_with_newest_dependencies_may_fail_but_reports(workflow):
    job = workflow["jobs"]["newest"]
    assert job["continue-on-error"] is True
    assert job["steps"][-1]["if"] == "always()"
    assert "GITHUB_STEP_SUMMARY" in job["steps"][-1]["run"]
