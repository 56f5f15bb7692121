"""What the tests of the built book share.

Two things take nearly all of their time: to build a copy of the book from nothing, and to read the text of the PDF. So
the copy is built beside the other tests, and its own come last; and the text is read once. One process does it all:
several, as pytest-xdist makes, would each read the text, and build a copy each.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pypdf
import pytest

from platformlabour.book import build

ROOT = Path(__file__).resolve().parents[3]
OUTPUT = ROOT / "_build"
PDF = OUTPUT / "platform-labour.pdf"
MADE = {".venv", "_build", ".git", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis", "solutions"}
MINUTES = 20


def pytest_collection_modifyitems(items):
    """Put the tests of the copy last."""
    items.sort(key=is_of_the_copy)


def is_of_the_copy(item):
    return item.path.parent == Path(__file__).parent and item.path.name == "test_identical.py"


@pytest.fixture(scope="session")
def pdf_texts():
    """The text of each page of the PDF."""
    if not PDF.is_file():
        pytest.skip("the PDF is not built: run make book")
    return [page.extract_text() for page in pypdf.PdfReader(PDF).pages]


@pytest.fixture(scope="session")
def copy_in_the_making(tmp_path_factory):
    """The build of a copy of the sources, from nothing and under another name; ``None`` where it could not be equal."""
    formats = ["html", "pdf"] if (OUTPUT / "html" / PDF.name).is_file() else ["html"]
    stamp = OUTPUT / "built-from"
    if not stamp.is_file() or stamp.read_text() != f"{build.inputs_digest(ROOT)} {' '.join(formats)}":
        yield None
        return
    folder = tmp_path_factory.mktemp("copy") / "report under another name"
    for name in source_files():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    chosen = [word for name in formats for word in ("--format", name)]
    command = [sys.executable, "-m", "platformlabour.cli", "book", *chosen, "--folder", str(folder)]
    said = folder.with_name("said.txt")
    with said.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, cwd=folder.parent, env=elsewhere(folder), stdout=file, stderr=subprocess.STDOUT
        )
    yield SimpleNamespace(folder=folder, process=process, said=said)
    process.kill()
    process.wait()


@pytest.fixture(scope="session", autouse=True)
def _begin_the_copy(request):
    if any(is_of_the_copy(item) for item in request.session.items) and not hasattr(request.config, "workerinput"):
        request.getfixturevalue("copy_in_the_making")


@pytest.fixture(scope="session")
def again(copy_in_the_making):
    """The ``_build`` folder of the copy, once it is built."""
    if copy_in_the_making is None:
        pytest.skip("the built book is older than its sources: run make book")
    status = copy_in_the_making.process.wait(timeout=60 * MINUTES)
    assert status == 0, f"the copy was not built:\n{copy_in_the_making.said.read_text('utf-8')}"
    return copy_in_the_making.folder / "_build"


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
