"""The build driver on a book of two pages: what is built, what is built again, and that failure replaces nothing."""

import datetime
import errno
import gc
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

import platformlabour
from platformlabour import InputError, cli, tables
from platformlabour.book import build, catalogue, execution

# The build runs here as it does at the command line, where warnings of libraries about themselves stop nothing.
pytestmark = pytest.mark.filterwarnings("ignore")

REPOSITORY = Path(__file__).resolve().parents[2]

CONFIGURATION = """\
title: A tiny book
author: The authors
only_build_toc_files: true
exclude_patterns: ["_build"]
execute: {execute_notebooks: cache, timeout: 60}
parse: {myst_enable_extensions: [dollarmath]}
bibtex_bibfiles: [data/references.bib]
sphinx:
  extra_extensions: [platformlabour.book.extension, platformlabour.book.typst]
  config:
    language: en
    version: "1"
    release: "1.0"
    project: A tiny book
    bibtex_reference_style: author_year
    nb_execution_raise_on_error: true
    nb_execution_show_tb: true
    nitpicky: true
    typst_basename: platform-labour
    templates_path: ["_templates"]
    html_domain_indices: false
"""
CONTENTS = """\
format: jb-book
root: chapters/index
chapters:
  - file: chapters/one
"""
INDEX = "(start)=\n# A tiny book\n\nOne chapter follows.\n"
CHAPTER = """\
---
jupytext:
  text_representation: {extension: .md, format_name: myst}
kernelspec: {name: python3, display_name: Python 3}
chapter:
  id: one
  minutes: {read: [1, 2], run: [1, 1], exercises: [1, 2]}
  objectives: [{verb: count, text: workers}]
  needs: "Nothing."
  data: []
---

# One

The survey met {num}`tiny.seen` workers.

```{code-cell} ipython3
from platformlabour import Estimate, load
from platformlabour.book import record

record("tiny.seen", Estimate.counted(int(load("mturk-times-seen")["workers"].sum()), "workers", "met"))
```
"""


class TinyBook:
    """A small checkout, with what a build of it says and leaves behind."""

    def __init__(self, root):
        self.root, self.said = root, []

    def build(self, **options):
        self.said = []
        return build.build_book(self.root, say=self.said.append, **options)

    def executed(self):
        """The chapters that the last build ran."""
        return [line.partition("running ")[2] for line in self.said if "running " in line]

    def write(self, name, text):
        (self.root / name).write_text(text, encoding="utf-8")

    def edit(self, name, old, new):
        text = (self.root / name).read_text("utf-8")
        assert old in text
        self.write(name, text.replace(old, new, 1))

    def published(self):
        """Name and hash of every file that readers get."""
        built = [self.root / "_build" / "platform-labour.pdf", *(self.root / "_build" / "html").rglob("*")]
        return {
            path.relative_to(self.root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in built
            if path.is_file()
        }

    def cached(self):
        """What the cells of each chapter gave, of which both formats are made, without the cells' random names."""
        found = self.root.glob("_build/execution-cache/*/executed/*/base.ipynb")
        notebooks = {path.parent.name: json.loads(path.read_text("utf-8")) for path in found}
        for notebook in notebooks.values():
            for cell in notebook["cells"]:
                del cell["id"]
        return notebooks

    def caches(self):
        folder = self.root / "_build" / "execution-cache"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def make_book(root):
    """Write the sources of the tiny book."""
    for name in ("_templates", "_static"):
        shutil.copytree(REPOSITORY / name, root / name)
    shutil.copytree(tables.data_folder(), root / "data")
    (root / "src" / "platformlabour").mkdir(parents=True)
    (root / "chapters").mkdir()
    book = TinyBook(root)
    book.write("_config.yml", CONFIGURATION)
    book.write("_toc.yml", CONTENTS)
    book.write("chapters/index.md", INDEX)
    book.write("chapters/one.md", CHAPTER)
    book.write("src/platformlabour/nothing.py", "")
    return book


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The tiny book, built once, and a copy of its sources to go back to."""
    root = tmp_path_factory.mktemp("tiny") / "book"
    root.mkdir()
    book = make_book(root)
    with pytest.MonkeyPatch.context() as patch:
        prepare_environment(patch, root)
        targets = book.build()
    # Sources only: _build stays where it is from test to test.
    sources = shutil.copytree(root, root.with_name("sources"), ignore=shutil.ignore_patterns("_build"))
    return SimpleNamespace(book=book, targets=targets, said=book.said, sources=sources, files=book.published())


def prepare_environment(patch, root):
    """What a build sets for its own process must not outlive it here."""
    for name in ("PYTHONHASHSEED", "TZ", "LC_ALL", "SOURCE_DATE_EPOCH", "PLATFORMLABOUR_PDF"):
        patch.setenv(name, os.environ.get(name, ""))
    patch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    patch.setenv("PLATFORMLABOUR_DATA", str(root / "data"))
    # Kernels must not take the tests' own settings of warnings.
    patch.delenv("PYTHONWARNINGS", raising=False)


@pytest.fixture(scope="module", autouse=True)
def _few_objects_to_search():
    """Put what is loaded by now out of sight: an extension looks through all objects whenever a build begins."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def _no_downloads(monkeypatch):
    """Leave all tables for download to the first build, where a test looks at them."""
    monkeypatch.setattr(catalogue, "_write", lambda app, exception: None)


@pytest.fixture
def book(built, monkeypatch, _no_downloads):
    """The built tiny book with its sources as they were, however the last test left them."""
    for path in built.book.root.iterdir():
        if path.name != "_build":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(built.sources, built.book.root, dirs_exist_ok=True)
    prepare_environment(monkeypatch, built.book.root)
    return built.book


@pytest.fixture
def nothing_runs(monkeypatch):
    """Let the test fail if Sphinx, and with it a chapter, is started."""

    def refuse(*arguments, **options):
        pytest.fail("Sphinx was started before the inputs were found to be good")

    monkeypatch.setattr(build, "_sphinx", refuse)


# --- a good build


def test_a_good_build_gives_both_formats_where_it_says(built):
    root = built.book.root
    assert built.targets == {
        "html": root / "_build" / "html" / "index.html",
        "pdf": root / "_build/platform-labour.pdf",
    }
    assert all(path.stat().st_size > 0 for path in built.targets.values())
    seen = int(tables.load("mturk-times-seen")["workers"].sum())
    page = (root / "_build" / "html" / "chapters" / "one.html").read_text("utf-8")
    assert f'value="tiny.seen">{seen:,}</data>' in page
    results = json.loads((root / "_build" / "html" / "results.json").read_text("utf-8"))["results"]
    assert results["tiny.seen"]["value"] == seen
    copy = root / "_build" / "html" / "platform-labour.pdf"
    assert copy.read_bytes() == built.targets["pdf"].read_bytes()


def test_progress_is_told_in_the_reader_s_terms_and_each_chapter_runs_once(built):
    assert built.said[0] == "Checking the data"
    assert [line for line in built.said if "running" in line] == ["PDF: running chapters/one"]
    assert {"PDF: reading", "HTML: writing"} <= set(built.said)
    assert "HTML: reading" not in built.said, "pages were read for the PDF a moment ago"
    assert re.fullmatch(r"Built in \d+ s", built.said[-1])
    assert [line for line in built.said if "Warning" in line or "\x1b" in line] == []


def test_every_table_is_offered_for_download(built):
    offered = built.book.root / "_build" / "html" / "_tables"
    assert sorted(path.stem for path in offered.glob("*.csv")) == sorted(tables.names())
    seen = pd.read_csv(offered / "mturk-times-seen.csv")
    assert seen["workers"].tolist() == tables.load("mturk-times-seen")["workers"].tolist()


def test_no_working_file_is_published(built):
    names = [name for name in built.files if name.startswith("_build/html/")]
    assert [name for name in names if "doctree" in name or ".buildinfo" in name or name.endswith(".pickle")] == []
    left = sorted(path.name for path in (built.book.root / "_build").iterdir())
    assert left == [
        "built-from",
        "execution-cache",
        "html",
        "ipython",
        "log-html.txt",
        "log-typst.txt",
        "platform-labour.pdf",
        "work",
    ]


# --- what is built again


def test_a_second_build_of_the_same_says_so_and_takes_no_time(book, nothing_runs):
    before = book.published()
    started = time.monotonic()
    book.build()
    assert time.monotonic() - started < 5  # reading every input once is all that is left
    assert book.said == ["Nothing has changed since the last build"]
    assert book.published() == before


def test_changed_prose_is_published_without_running_the_chapter(book):
    book.edit("chapters/one.md", "The survey met", "In eleven years the survey met")
    book.build(formats=["html"])
    assert book.executed() == []
    assert "In eleven years" in (book.root / "_build" / "html" / "chapters" / "one.html").read_text("utf-8")


def test_changed_data_run_the_chapter_again_and_old_results_are_forgotten(book):
    caches = book.root / "_build" / "execution-cache"
    for age, name in enumerate(["oldest", "older", "old"]):
        (caches / name).mkdir()
        os.utime(caches / name, (age, age))
    before = set(book.caches())
    first = int(tables.load("mturk-times-seen", folder=book.root / "data")["workers"].iloc[0])
    book.edit("data/mturk-times-seen.csv", f"1,1,{first},{first},", f"1,1,{first - 1},{first - 1},")
    tables.seal(folder=book.root / "data")
    book.build(formats=["html"])
    assert book.executed() == ["chapters/one"]
    new = set(book.caches()) - before
    assert len(new) == 1
    assert len(book.caches()) == 3
    assert not {"oldest", "older"} & set(book.caches())
    seen = int(tables.load("mturk-times-seen", folder=book.root / "data")["workers"].sum())
    assert f">{seen:,}</data>" in (book.root / "_build" / "html" / "chapters" / "one.html").read_text("utf-8")


def test_a_number_that_changes_is_published_on_every_page_that_shows_it(book):
    book.write("chapters/index.md", INDEX + "\nThey met {num}`tiny.seen`.\n")
    book.build()
    index = book.root / "_build" / "html" / "chapters" / "index.html"
    seen = int(tables.load("mturk-times-seen")["workers"].sum())
    assert f">{seen:,}</data>" in index.read_text("utf-8")
    book.edit("chapters/one.md", '["workers"].sum())', '["workers"].sum()) + 1')
    book.build()
    assert f">{seen + 1:,}</data>" in index.read_text("utf-8")


def test_changed_library_code_runs_the_chapter_again(book):
    book.write("src/platformlabour/nothing.py", "something = 1\n")
    book.build(formats=["html"])
    assert book.executed() == ["chapters/one"]


def test_the_search_for_dead_objects_is_as_it_was_after_a_build(book):
    before = gc.get_threshold()
    book.write("chapters/index.md", INDEX + "\nSee {ref}`nowhere`.\n")
    with pytest.raises(build.BuildFailed):
        book.build(formats=["html"])
    assert gc.get_threshold() == before


def test_the_fingerprint_sees_every_input_and_nothing_that_is_made(book):
    seen = {build.inputs_digest(book.root)}
    for name in (
        "_config.yml",
        "_toc.yml",
        "chapters/one.md",
        "data/references.bib",
        "_static/book.css",
        "_templates/layout.html",
    ):
        with (book.root / name).open("a", encoding="utf-8") as file:
            file.write("\n")
        seen.add(build.inputs_digest(book.root))
    assert len(seen) == 7
    book.write("_build/anything", "made")
    (book.root / "src" / "platformlabour" / "__pycache__").mkdir()
    book.write("src/platformlabour/__pycache__/nothing.pyc", "made")
    assert build.inputs_digest(book.root) in seen


def test_the_clock_of_a_build_is_that_of_its_commit_unless_one_is_given(tmp_path, monkeypatch):
    prepare_environment(monkeypatch, tmp_path)
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    build._set_environment(tmp_path)
    # A copy without history takes the first day of the edition's year.
    year = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.UTC)
    assert (year.year, year.month, year.day) == (int(platformlabour.__version__.split(".")[0]), 1, 1)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "somebody@example.org")
        monkeypatch.setenv(f"GIT_{name}_DATE", "1700000000 +0000")
    for words in ("init --quiet", "commit --quiet --allow-empty --message=First"):
        subprocess.run(["git", *words.split()], cwd=tmp_path, check=True)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    build._set_environment(tmp_path)
    assert os.environ["SOURCE_DATE_EPOCH"] == "1", "a time that is given is kept"
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    build._set_environment(tmp_path)
    assert os.environ["SOURCE_DATE_EPOCH"] == "1700000000"


# --- builds that fail replace nothing


def test_a_failing_cell_is_named_in_one_line_with_its_chapter(book, capsys):
    before = book.published()
    book.edit("chapters/one.md", "record(", "raise ValueError('nothing to divide')\nrecord(")
    assert cli.main(["book", "--folder", str(book.root)]) == 1
    shown = capsys.readouterr().err
    assert "chapters/one.md: a cell failed with ValueError: nothing to divide" in shown.replace("  ", "").splitlines()
    assert "Traceback" not in shown
    assert "untouched" in shown
    assert book.published() == before


def test_a_reference_to_nowhere_fails_the_build_with_file_and_line(book):
    before = book.published()
    book.edit("chapters/index.md", "One chapter follows.", "See {ref}`nowhere`.")
    with pytest.raises(build.BuildFailed) as failure:
        book.build(formats=["html"])
    assert re.search(r"chapters/index\.md:4: WARNING: .*nowhere", str(failure.value))
    assert str(book.root) not in str(failure.value)
    assert book.published() == before


def test_a_number_that_no_chapter_records_fails_the_build(book):
    before = book.published()
    book.edit("chapters/one.md", "{num}`tiny.seen`", "{num}`tiny.sene`")
    with pytest.raises(build.BuildFailed, match=r"no chapter records the result 'tiny\.sene'"):
        book.build(formats=["html"])
    assert book.published() == before


def test_a_fault_found_while_reading_fails_every_build_until_it_is_mended(book):
    before = book.published()
    book.edit("chapters/one.md", "The survey met", "The 17 surveys met")
    for formats in (["html"], ["html"], ["html", "pdf"], ["html", "pdf"]):
        with pytest.raises(build.BuildFailed, match=r"one\.md:\d+: WARNING: the number '17' in prose"):
            book.build(formats=formats)
    assert book.published() == before
    book.edit("chapters/one.md", "The 17 surveys met", "Many surveys met")
    book.build(formats=["html"])
    assert "Many surveys met" in (book.root / "_build" / "html" / "chapters" / "one.html").read_text("utf-8")


def test_after_a_failure_the_mended_book_builds(book):
    book.edit("chapters/index.md", "One chapter follows.", "See {ref}`nowhere`.")
    with pytest.raises(build.BuildFailed):
        book.build(formats=["html"])
    book.edit("chapters/index.md", "See {ref}`nowhere`.", "See {ref}`the start <start>`.")
    book.build(formats=["html"])
    assert "the start" in (book.root / "_build" / "html" / "chapters" / "index.html").read_text("utf-8")


# --- several chapters run at the same time


def chapter_of(name, code):
    """A chapter with one cell."""
    head, rest = CHAPTER.replace("id: one", f"id: {name}").split("# One")
    fence = rest[rest.index("```{code-cell}") : rest.index("\n", rest.index("```{code-cell}")) + 1]
    return f"{head}# Chapter {name}\n\nText.\n\n{fence}{code}\n```\n"


@pytest.fixture
def several(tmp_path, monkeypatch, _no_downloads):
    """A function that writes a book with one chapter for each name and code given."""

    def write(**codes):
        book = make_book(tmp_path)
        (tmp_path / "chapters" / "one.md").unlink()
        listed = "".join(f"  - file: chapters/{name}\n" for name in codes)
        book.write("_toc.yml", CONTENTS.replace("  - file: chapters/one\n", listed))
        for name, code in codes.items():
            book.write(f"chapters/{name}.md", chapter_of(name, code))
        prepare_environment(monkeypatch, tmp_path)
        monkeypatch.setattr(execution.os, "cpu_count", lambda: 2)
        return book

    return write


MEET = """\
import pathlib, time
pathlib.Path("{mine}").touch()
until = time.monotonic() + 30
while not pathlib.Path("{other}").exists():
    assert time.monotonic() < until, "the other chapter does not run at the same time"
    time.sleep(0.02)
print("{mine} met {other}")
"""


def test_chapters_run_side_by_side_and_give_the_same_bytes_as_one_after_the_other(several, monkeypatch):
    book = several(east=MEET.format(mine="a", other="b"), west=MEET.format(mine="b", other="a"))
    book.build(formats=["html"])
    assert sorted(book.executed()) == ["chapters/east", "chapters/west"]
    assert "a met b" in (book.root / "_build" / "html" / "chapters" / "east.html").read_text("utf-8")
    beside = book.published(), book.cached()
    monkeypatch.setattr(execution.os, "cpu_count", lambda: 1)
    book.build(formats=["html"], force=True)
    assert book.executed() == ["chapters/east", "chapters/west"]
    assert len(book.cached()) == 2
    assert (book.published(), book.cached()) == beside


def test_a_chapter_that_fails_beside_others_is_named_once_and_the_others_are_kept(several, capsys):
    book = several(east="1 / 0", west="import pathlib\npathlib.Path('ran').open('a').write('once ')")
    assert cli.main(["book", "--format", "html", "--folder", str(book.root)]) == 1
    shown = capsys.readouterr().err
    assert shown.count("chapters/east.md: a cell failed with ZeroDivisionError: division by zero") == 1
    assert "west" not in shown
    assert "Traceback" not in shown
    assert not (book.root / "_build" / "html").exists()
    book.edit("chapters/east.md", "1 / 0", "0 / 1")
    book.build(formats=["html"])
    assert book.executed() == ["chapters/east"]
    assert (book.root / "chapters" / "ran").read_text() == "once "


def test_a_kernel_that_dies_or_does_not_start_is_told_like_any_failure(several):
    book = several(east="import os\nos._exit(1)", west="print(1)")
    with pytest.raises(build.BuildFailed, match=r"chapters/east\.md: a cell failed with .*DeadKernelError"):
        book.build(formats=["html"])
    for name in ("east", "west"):
        book.edit(f"chapters/{name}.md", "{name: python3,", "{name: no-such-kernel,")
    with pytest.raises(build.BuildFailed, match="No such kernel named no-such-kernel"):
        book.build(formats=["html"])


def test_chapters_with_a_budget_of_their_own_keep_it(several):
    book = several(east="import time\ntime.sleep(60)", west="print(1)")
    for name in ("east", "west"):
        book.edit(f"chapters/{name}.md", "kernelspec:", "execution: {timeout: 1}\nkernelspec:")
    with pytest.raises(build.BuildFailed, match=r"east\.md: a cell failed with .*CellTimeoutError: .* after 1 seconds"):
        book.build(formats=["html"])


def test_a_break_stops_every_kernel_and_says_so(several, capsys):
    wait = "import os, pathlib, signal, time\npathlib.Path(f'pid-{os.getpid()}').touch()\n"
    both = "while len(list(pathlib.Path().glob('pid-*'))) < 2:\n    time.sleep(0.02)\n"
    book = several(
        east=f"{wait}time.sleep(60)", west=f"{wait}{both}os.kill(os.getppid(), signal.SIGINT)\ntime.sleep(60)"
    )
    before, started = signal.signal(signal.SIGINT, signal.default_int_handler), time.monotonic()
    try:
        assert cli.main(["book", "--format", "html", "--folder", str(book.root)]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - started < 40, "the cells were waited for"
    assert "Stopped; nothing was replaced." in capsys.readouterr().err
    kernels = [int(path.name.partition("-")[2]) for path in (book.root / "chapters").glob("pid-*")]
    assert len(kernels) == 2
    for number in kernels:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


# --- inputs are refused before anything runs


def test_a_faulty_table_is_refused_with_its_place(book, nothing_runs):
    before, caches = book.published(), book.caches()
    book.edit("data/mturk-times-seen.csv", "\n2,2,", "\n2,2,-")
    with pytest.raises(InputError) as refusal:
        book.build()
    assert 'mturk-times-seen.csv, row 3, column "workers": found' in str(refusal.value)
    assert (book.published(), book.caches()) == (before, caches)


def test_faulty_front_matter_is_refused_with_its_place(book, nothing_runs):
    before, caches = book.published(), book.caches()
    book.edit("chapters/one.md", "read: [1, 2]", "read: [2, 1]")
    with pytest.raises(InputError, match=r"one\.md.*minutes\.read"):
        book.build()
    book.edit("chapters/one.md", "read: [2, 1]", "read: [2, 1")
    with pytest.raises(InputError, match=r"one\.md, row \d+: found front matter that is not YAML"):
        book.build()
    assert (book.published(), book.caches()) == (before, caches)


def test_all_faults_of_the_inputs_are_listed_at_once(book, nothing_runs, capsys):
    book.edit("data/mturk-times-seen.csv", "\n2,2,", "\n2,2,-")
    book.edit("data/mturk-years.csv", "\n2015,", "\n2015.5,")
    book.edit("chapters/one.md", 'needs: "Nothing."', "")
    assert cli.main(["book", "--folder", str(book.root)]) == 2
    shown = capsys.readouterr().err
    assert all(name in shown for name in ("mturk-times-seen.csv", "mturk-years.csv", "one.md"))
    assert "Traceback" not in shown


def test_a_folder_that_is_no_checkout_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no _config\.yml"):
        build.build_book(tmp_path)
    assert list(tmp_path.iterdir()) == []


# --- the machine gives up


def disk_full(*arguments, **options):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "page.html")


def skip_sphinx(*arguments, **options):
    """Stand for a build that went well: what an earlier one wrote is still in place."""


def test_a_full_disk_while_the_site_is_put_in_place_replaces_nothing(book, monkeypatch, capsys):
    before = book.published()
    book.write("chapters/index.md", INDEX + "\nChanged.\n")
    monkeypatch.setattr(build, "_sphinx", skip_sphinx)
    monkeypatch.setattr(build.shutil, "copytree", disk_full)
    # Another PDF has been made, so that replacing it would show.
    (book.root / "_build" / "work" / "typst" / "platform-labour.pdf").write_bytes(b"%PDF another")
    assert cli.main(["book", "--folder", str(book.root)]) == 1
    shown = capsys.readouterr().err
    assert "The disk is full" in shown
    assert "Traceback" not in shown
    assert book.published() == before


def test_a_full_disk_while_pages_are_written_is_called_so(book, monkeypatch, capsys):
    before = book.published()
    book.write("chapters/index.md", INDEX + "\nChanged.\n")
    monkeypatch.setattr("sphinx.builders.html.StandaloneHTMLBuilder.handle_page", disk_full)
    assert cli.main(["book", "--format", "html", "--folder", str(book.root)]) == 1
    shown = capsys.readouterr().err
    assert "The disk is full" in shown
    assert "Traceback" not in shown
    assert book.published() == before


def interrupt(*arguments, **options):
    raise KeyboardInterrupt


def test_an_interrupted_build_stops_with_the_shell_s_code(book, monkeypatch, capsys):
    before = book.published()
    book.write("chapters/index.md", INDEX + "\nChanged.\n")
    monkeypatch.setattr("sphinx.builders.html.StandaloneHTMLBuilder.handle_page", interrupt)
    assert cli.main(["book", "--format", "html", "--folder", str(book.root)]) == 130
    assert "nothing was replaced" in capsys.readouterr().err
    assert book.published() == before


def test_a_build_stopped_between_two_formats_is_not_taken_for_finished(book, monkeypatch):
    book.write("chapters/index.md", INDEX + "\nStopped once.\n")
    monkeypatch.setattr(build, "_publish_html", interrupt)
    with pytest.raises(KeyboardInterrupt):
        book.build(formats=["html"])
    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as patch:
        prepare_environment(patch, book.root)
        book.build(formats=["html"])
    assert "Nothing has changed since the last build" not in book.said
    assert "Stopped once." in (book.root / "_build" / "html" / "chapters" / "index.html").read_text("utf-8")
