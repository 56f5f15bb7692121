"""The same sources give the same bytes in another folder, in another time zone and with another hash seed."""

import difflib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from platformlabour.book import build

ROOT = Path(__file__).resolve().parents[3]
OUTPUT = ROOT / "_build"
SITE = OUTPUT / "html"
PDF_NAME = "platform-labour.pdf"
MADE = {".venv", "_build", ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis", "solutions"}
LISTED = 20  # differing files in the message
MINUTES = 10

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the book is not built: run make book"),
]


def source_files():
    """Every source: the files that git tracks, or in a plain copy all but what is made."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
    else:
        names = [path.relative_to(ROOT) for path in ROOT.rglob("*")]
    return [name for name in names if not MADE & set(name.parts) and (ROOT / name).is_file()]


def elsewhere(folder):
    """Environment of a build by someone else: its own library and data, no network, another clock and hash seed."""
    blocked = "http://127.0.0.1:9"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLATFORMLABOUR_")}
    return {
        **kept,
        "PYTHONPATH": str(folder / "src"),
        "PYTHONHASHSEED": "1",
        "TZ": "Asia/Kathmandu",
        "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or build._commit_time(ROOT),
        "http_proxy": blocked,
        "https_proxy": blocked,
        "HTTP_PROXY": blocked,
        "HTTPS_PROXY": blocked,
        "no_proxy": "",
        "NO_PROXY": "",
    }


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The ``_build`` folder of a copy of the sources, built from nothing under another name."""
    formats = ["html", "pdf"] if (SITE / PDF_NAME).is_file() else ["html"]
    stamp = OUTPUT / "built-from"
    current = f"{build.inputs_digest(ROOT)} {' '.join(formats)}"
    if not stamp.is_file() or stamp.read_text() != current:
        pytest.skip("the built book is older than its sources: run make book")
    folder = tmp_path_factory.mktemp("copy") / "report under another name"
    for name in source_files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    chosen = [word for name in formats for word in ("--format", name)]
    done = subprocess.run(
        [sys.executable, "-m", "platformlabour.cli", "book", *chosen, "--folder", str(folder)],
        cwd=folder.parent,
        env=elsewhere(folder),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60 * MINUTES,
        check=False,
    )
    assert done.returncode == 0, f"the copy was not built:\n{done.stdout}\n{done.stderr}"
    return folder / "_build"


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def difference(name, here, there):
    """One line on how two files differ."""
    one, other = here.read_bytes(), there.read_bytes()
    try:
        pair = one.decode("utf-8").splitlines(), other.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return f"{name}: {len(one):,} bytes here, {len(other):,} there"
    changed = [line for line in difflib.unified_diff(*pair, lineterm="", n=0) if line[:3] not in ("---", "+++")]
    return f"{name}: " + " | ".join(line[:160] for line in changed[1:3])


def test_the_copy_has_the_same_files(again):
    here, there = set(files_of(SITE)), set(files_of(again / "html"))
    assert sorted(here - there) == [], "only in the book here"
    assert sorted(there - here) == [], "only in the copy's book"


def test_every_file_of_the_site_is_the_same_byte_for_byte(again):
    here, there = files_of(SITE), files_of(again / "html")
    differing = [
        name for name in sorted(here.keys() & there.keys()) if here[name].read_bytes() != there[name].read_bytes()
    ]
    assert here.keys() & there.keys()
    shown = [difference(name, here[name], there[name]) for name in differing[:LISTED]]
    assert differing == [], f"{len(differing)} of {len(here)} files differ:\n" + "\n".join(shown)


@pytest.mark.skipif(not (OUTPUT / PDF_NAME).is_file(), reason="the PDF is not built: run make book")
def test_the_pdf_is_the_same_byte_for_byte(again):
    if not (again / PDF_NAME).is_file():
        pytest.skip("the site was built without the PDF")
    assert (again / PDF_NAME).read_bytes() == (OUTPUT / PDF_NAME).read_bytes()


def test_no_file_names_the_folder_it_was_built_in(again):
    marks = [str(again.parent).encode(), b"report under another name"]
    named = [
        name for name, path in files_of(again / "html").items() if any(mark in path.read_bytes() for mark in marks)
    ]
    assert named == []
