"""The script that rebuilds the task texts: what it reads from each kind of file, and what it says when it cannot."""

import hashlib
import importlib.util
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from platformlabour import InputError

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "task_texts.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("task_texts", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def row(task_id, **more):
    return SimpleNamespace(task_id=task_id, locator=more.pop("locator", ""), title=more.pop("title", ""), **more)


def test_a_form_without_its_scripts(tool):
    shown = "<crowd-classifier header='Is it a bird?'><p>Look at {{ task.input.x }}.</p>"
    markup = f"<style>b{{}}</style>{shown}<script>no</script>"
    assert tool.form_text(markup, row("AWSGT-x")) == "Is it a bird? Look at […] ."


def test_a_template_of_the_annotation_tool(tool):
    content = (
        "title: T\ndetails: <h1>Mark the birds</h1>\nconfig: |\n  <View><Label value='x'/><Choice value=\"Crow\"/>"
        '<Header value="$text"/></View>\n'
    )
    assert tool.label_studio_text(content, row("LS-x")) == "Mark the birds Crow"


def test_a_listing_is_found_by_the_hash_of_its_title(tool):
    wanted = hashlib.sha1(b"rate it s words").hexdigest()[:10]
    content = "[{ title: 'Other', description: 'no' }, { title: 'Rate it\\'s words!', description: \"Say how\" }]"
    assert tool.listing_text(content, row(f"MTURK17-{wanted}")) == "Rate it's words!. Say how"
    assert tool.listing_text(content, row("MTURK17-0000000000")) == ""


def test_the_other_kinds_of_file(tool):
    python = "c = {}\nc['hit_title'] = 'Chat'\nc['task_description'] = '<b>Talk</b> to a partner'\n"
    assert tool.parlai_text(python, row("PARLAI-x", locator="task_config.py")) == "Chat Talk to a partner"
    yaml = "mephisto: {task: {task_title: Chat, task_description: Talk}}"
    assert tool.parlai_text(yaml, row("PARLAI-x", locator="example.yaml")) == "Chat Talk"
    cell = {"cell_type": "code", "source": ["p(public_name='Dog?',\n", "  public_description='Say which')"]}
    assert tool.toloka_text(json.dumps({"cells": [cell]}), row("TOLOKA-1", title="Dog?")) == "Dog?. Say which"
    tasks = json.dumps({"rank": {"label": "Rank", "desc": "Score", "overview": "Sort"}})
    assert tool.open_assistant_text(tasks, row("OASST-rank")) == "Rank Score Sort"
    source = "class A:\n def for_ppo(self):\n  default_guidelines = 'Choose.'\n  q(description='One.')\n"
    assert tool.argilla_text(source, row("ARGILLA-ppo")) == "Choose. One."


def test_a_package_with_another_checksum_is_refused(tool, tmp_path):
    with zipfile.ZipFile(tmp_path / "made_up-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("a.txt", "text")
    source = SimpleNamespace(name="made-up", version="1.0", checksum="0" * 64)
    with pytest.raises(InputError, match="the package that was read"):
        tool.package_reader(source, tmp_path)
    digest = hashlib.sha256((tmp_path / "made_up-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    read = tool.package_reader(SimpleNamespace(name="made-up", version="1.0", checksum=digest), tmp_path)
    assert read("a.txt") == "text"


def test_without_a_network_the_message_says_what_to_do(tool, tmp_path, monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "")
    monkeypatch.setattr(tool, "run", lambda command: failed)
    package = SimpleNamespace(name="label-studio", version="1.23.2", checksum="0" * 64)
    with pytest.raises(InputError, match=r"package label-studio==1\.23\.2 could not be fetched; expected a network"):
        tool.package_reader(package, tmp_path)
    repository = SimpleNamespace(name="owner/name", version="abc", checksum="0" * 40)
    with pytest.raises(InputError, match="repository owner/name could not be cloned; expected a network"):
        tool.repository_reader(repository, tmp_path)


def test_a_commit_that_the_clone_does_not_have_is_refused(tool, tmp_path):
    clone = tmp_path / "owner+name"
    subprocess.run(["git", "init", "--quiet", "--bare", str(clone)], check=True)
    with pytest.raises(InputError, match="no commit"):
        tool.repository_reader(SimpleNamespace(name="owner/name", version="abc", checksum="0" * 40), tmp_path)


def test_a_wrong_folder_is_no_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "none" / "out.csv")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "There is no folder" in done.stderr
    assert "Traceback" not in done.stderr
