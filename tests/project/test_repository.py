"""The project's files agree with one another and hold nothing that belongs to one machine."""

import csv
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import platformlabour

ROOT = Path(__file__).resolve().parents[2]
LARGEST_FILE = 1_000_000
LARGE_FILES = set()  # files that may be larger, each with its reason
BINARY = {".png", ".woff", ".woff2", ".ttf", ".otf", ".ico", ".pdf", ".gz", ".zip"}

# Joined here so that this file does not hold the very strings it forbids.
PACKAGE_HOSTS = ["pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "npmjs" + ".com", "anaconda" + ".org"]
MACHINE_PATHS = ["/" + name + "/" for name in ("work", "root", "tmp", "home", "Users")] + [".." + "/shared"]


def project_files():
    """Return every file of the project: those git tracks, or in a plain copy all but what is made."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = listed.stdout.decode().split("\0")
        return sorted(ROOT / name for name in names if name and (ROOT / name).is_file())
    made = {".venv", "_build", ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}
    return sorted(path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.relative_to(ROOT).parts))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


@pytest.fixture(scope="module")
def texts():
    """Return {name: text} of every text file of the project."""
    return {name_of(path): path.read_text("utf-8") for path in project_files() if path.suffix not in BINARY}


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def citation():
    return yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))


@pytest.fixture(scope="module")
def book():
    return yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))


@pytest.fixture(scope="module")
def datapackage():
    return json.loads((ROOT / "data" / "datapackage.json").read_text("utf-8"))


# --- one title, one version, one author


def test_one_version_everywhere(project, citation, book, datapackage):
    version = project["version"]
    assert platformlabour.__version__ == version
    assert citation["version"] == version
    assert book["sphinx"]["config"]["release"] == version
    assert version.startswith(book["sphinx"]["config"]["version"])
    assert datapackage["version"] == version
    assert f"Edition {version}." in (ROOT / "README.md").read_text("utf-8")


def test_the_changelog_opens_with_this_version_and_has_results(project):
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    editions = re.findall(r"^## \[([^\]]+)\]", changelog, re.M)
    assert editions[0] == project["version"]
    sections = re.split(r"^## \[", changelog, flags=re.M)[1:]
    assert all("### Results" in section for section in sections)


def test_one_title_everywhere(citation, book):
    assert citation["title"].split(". ")[0] == book["title"]
    readme = (ROOT / "README.md").read_text("utf-8")
    assert readme.startswith(f"# {book['title']}\n")
    assert citation["title"] in " ".join(readme.split())


def test_one_author_everywhere(project, citation, book, datapackage):
    author = "The platform-labour contributors"
    assert project["authors"] == [{"name": author}]
    assert citation["authors"] == [{"name": author}]
    assert book["author"] == author
    assert [contributor["title"] for contributor in datapackage["contributors"]] == [author]
    assert author in (ROOT / "LICENSE").read_text("utf-8")


def test_the_citation_has_what_its_format_requires(citation):
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "title", "authors", "version", "type", "license"} <= citation.keys()


def test_the_licences_are_whole(project):
    assert project["license"] == "MIT"
    assert "Permission is hereby granted, free of charge" in (ROOT / "LICENSE").read_text("utf-8")
    content = (ROOT / "LICENSE-CONTENT").read_text("utf-8")
    assert content.startswith("Attribution 4.0 International\n")
    assert re.findall(r"^Section (\d) -- ", content, re.M) == list("12345678")


# --- what the texts promise


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "AI_USAGE.md", "SECURITY.md"])
def test_links_between_the_project_files_lead_somewhere(name):
    text = (ROOT / name).read_text("utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_make_command_that_the_texts_name_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    named = set()
    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "tools/environment.py", "tools/lock.py"):
        named |= set(re.findall(r"(?:`|^|: )make ([a-z]+)", (ROOT / name).read_text("utf-8"), re.M))
    assert {"book", "test", "wheels", "help"} <= named
    assert named <= targets


def test_make_help_lists_every_target():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    phony = set(re.search(r"^\.PHONY: (.+)$", makefile, re.M).group(1).split())
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^make ([a-z]+) ", shown, re.M)) == phony


def test_the_readme_says_that_the_report_is_independent():
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert "independent of the researchers whose published work it follows, and is not endorsed by them" in readme


def test_the_evidence_grades_explained_are_those_in_use():
    explained = set(
        re.findall(
            r"`(seen|secondary|derived|digitised|recalled|simulated|coded|none)`",
            (ROOT / "CONTRIBUTING.md").read_text("utf-8"),
        )
    )
    used = set()
    for path in (ROOT / "data").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            used |= {row["evidence"] for row in csv.DictReader(stream) if row.get("evidence")}
    assert used
    assert used <= explained


# --- nothing of one machine, nothing too large, nothing misnamed


@pytest.mark.parametrize("forbidden", PACKAGE_HOSTS + MACHINE_PATHS)
def test_no_file_names_a_package_host_or_a_path_of_one_machine(texts, forbidden):
    found = [
        f"{name}:{number}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if forbidden in line
    ]
    assert found == []


def test_no_file_is_larger_than_one_megabyte():
    large = {name_of(path) for path in project_files() if path.stat().st_size > LARGEST_FILE}
    assert large <= LARGE_FILES


def test_no_file_name_starts_with_a_digit_or_holds_a_space():
    misnamed = [name_of(path) for path in project_files() if path.name[0].isdigit() or " " in path.name]
    assert [name for name in misnamed if not name.startswith("results/")] == []


def test_text_files_are_utf_8_with_unix_line_ends_and_a_final_newline(texts):
    # Files of other projects stay byte for byte as published.
    own = {name: text for name, text in texts.items() if not name.startswith("_vendor/")}
    assert [name for name, text in own.items() if "\r" in text] == []
    assert [name for name, text in own.items() if text and not text.endswith("\n")] == []


def test_nothing_built_or_executed_is_kept(texts):
    assert [name for name in texts if name.endswith(".ipynb") or name.startswith(("_build/", ".venv/"))] == []
