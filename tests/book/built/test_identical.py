"""The same sources give the same bytes in another folder, in another time zone and with another hash seed.

The copy is built, while the other tests run, by what conftest.py prepares.
"""

import difflib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
OUTPUT = ROOT / "_build"
SITE = OUTPUT / "html"
PDF_NAME = "platform-labour.pdf"
LISTED = 20  # differing files in the message

pytestmark = [
    pytest.mark.built,
    pytest.mark.skipif(not (SITE / "index.html").is_file(), reason="the book is not built: run make book"),
]


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
