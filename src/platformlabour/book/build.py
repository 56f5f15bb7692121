"""One command from tables and chapters to the HTML and PDF books; a failed build replaces nothing."""

from __future__ import annotations

import errno
import gc
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from platformlabour.errors import InputError

__all__ = ["build_book", "inputs_digest"]

PDF_NAME = "platform-labour.pdf"
_INPUTS = (
    "chapters/**/*",
    "data/*",
    "src/**/*",
    "_config.yml",
    "_toc.yml",
    "_static/**/*",
    "_templates/**/*",
    "_vendor/**/*",
    "requirements.lock",
    "pyproject.toml",
)
# Fixed so that two builds of one commit give the same bytes.
_ENVIRONMENT = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
# Sphinx makes and keeps millions of small objects: to look for dead ones after every 700 took a third of a build.
_COLLECTIONS = (100_000, 50, 100)


def inputs_digest(root):
    """Fingerprint of everything the book is built from.

    Parameters
    ----------
    root : Path
        The checkout.

    Returns
    -------
    str
        Hexadecimal SHA-256.
    """
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted({path for pattern in _INPUTS for path in root.glob(pattern)}):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def build_book(root, *, formats=("html", "pdf"), force=False, say=print):
    """Build the book into ``_build/``.

    Parameters
    ----------
    root : path-like
        The checkout, with ``_config.yml``.
    formats : iterable of {"html", "pdf"}
        What to build.
    force : bool
        Execute every chapter again and build every page.
    say : callable
        Takes one line of progress.

    Returns
    -------
    dict of str to Path
        Where each format is.

    Raises
    ------
    InputError
        If a table, a chapter's front matter or a page is at fault.
    """
    root = Path(root).resolve()
    if not (root / "_config.yml").is_file():
        raise InputError(f"no _config.yml in {root.name}", "the folder of the report's checkout")
    started = time.monotonic()
    output, work = root / "_build", root / "_build" / "work"
    targets = {"html": output / "html" / "index.html", "pdf": output / PDF_NAME}
    targets = {name: path for name, path in targets.items() if name in formats}
    stamp = output / "built-from"
    state = f"{inputs_digest(root)} {' '.join(sorted(targets))}"
    if not force and stamp.is_file() and stamp.read_text() == state and all(p.is_file() for p in targets.values()):
        say("Nothing has changed since the last build")
        return targets
    say("Checking the data")
    check_inputs(root)
    if force:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(output / "execution-cache", ignore_errors=True)
    _set_environment(root)
    with _rare_collections():
        if "pdf" in targets:
            _sphinx(root, "typst", work, say)
        # Pages link to a PDF only where there is one.
        os.environ["PLATFORMLABOUR_PDF"] = "1" if "pdf" in targets else ""
        if "html" in targets:
            _sphinx(root, "html", work, say, read_by="typst" if "pdf" in targets else None)
    stamp.unlink(missing_ok=True)
    pdf = work / "typst" / PDF_NAME if "pdf" in targets else None
    if "html" in targets:
        _publish_html(work / "html", output / "html", pdf)
    if pdf is not None:
        _replace(pdf, targets["pdf"])
    stamp.write_text(state)
    say(f"Built in {time.monotonic() - started:.0f} s")
    return targets


def check_inputs(root):
    """Refuse faulty tables and front matter before anything is executed.

    Raises
    ------
    InputError
        With every problem found, one a line.
    """
    from platformlabour import tables
    from platformlabour.book.chapter import front_matter

    problems = list(tables.check_all(folder=root / "data"))
    for path in sorted(root.glob("chapters/**/*.md")):
        try:
            front_matter(path)
        except InputError as error:
            problems.append(error)
    if problems:
        raise BuildRefused(tables.report(problems))


class BuildRefused(InputError):
    """Several problems at once, already worded."""

    def __init__(self, report):
        self.report = report
        super().__init__("faults in the book's inputs", "none")

    def __str__(self):
        return self.report


class BuildFailed(RuntimeError):
    """The builder stopped; the message says where to look."""


def _set_environment(root):
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    if "SOURCE_DATE_EPOCH" not in os.environ:
        os.environ["SOURCE_DATE_EPOCH"] = _commit_time(root)
    os.environ["IPYTHONDIR"] = str(_kernel_profile(root / "_build" / "ipython"))


def _kernel_profile(folder):
    """A profile of the book's own, so that no start-up file of the reader's takes part in a chapter."""
    profile = folder / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    # Kernels warn at every start that they talk to this very process unencrypted.
    (profile / "ipython_kernel_config.py").write_text("get_config().IPKernelApp.log_level = 'ERROR'\n")
    return folder


def _commit_time(root):
    try:
        done = subprocess.run(
            ["git", "log", "-1", "--format=%ct"], cwd=root, capture_output=True, text=True, check=True
        )
        return done.stdout.strip() or "0"
    except (OSError, subprocess.CalledProcessError):
        return "1767225600"  # a copy without history: the first day of the edition's year


def _sphinx(root, builder, work, say, *, read_by=None):
    """Build one format in its folder of ``work``; pages that another format's builder has just read need no reading."""
    from jupyter_book.sphinx import build_sphinx

    outdir, doctrees, unfinished = work / builder, work / f"doctrees-{builder}", work / f"unfinished-{builder}"
    if unfinished.exists():  # Sphinx would not repeat its warnings of pages that it has read
        shutil.rmtree(outdir, ignore_errors=True)
        shutil.rmtree(doctrees, ignore_errors=True)
    outdir.mkdir(parents=True, exist_ok=True)
    unfinished.touch()
    if read_by and not doctrees.exists() and not any(outdir.iterdir()):
        shutil.copytree(work / f"doctrees-{read_by}", doctrees)
    log_path = root / "_build" / f"log-{builder}.txt"
    name = {"html": "HTML", "typst": "PDF"}[builder]
    terminal = sys.stdout

    def tell(line):
        with redirect_stdout(terminal):  # Sphinx's own stream is redirected while it runs
            say(line)

    with log_path.open("w", encoding="utf-8") as log:
        status, problems = _Progress(log, name, tell), _Problems(log)
        with redirect_stdout(status), redirect_stderr(problems):
            result = build_sphinx(
                str(root),
                str(outdir),
                noconfig=True,
                doctreedir=str(doctrees),
                path_config=str(root / "_config.yml"),
                confoverrides={
                    "latex_individualpages": False,
                    "nitpicky": True,
                    "external_toc_path": str(root / "_toc.yml"),
                },
                builder=builder,
                warningiserror=True,
                keep_going=True,
            )
    # Jupyter Book returns what it catches; these two are not faults of the book.
    if isinstance(result, KeyboardInterrupt) or getattr(result, "errno", None) == errno.ENOSPC:
        raise result
    if result != 0:
        raise BuildFailed(_explain(name, root, result, problems.lines, log_path.relative_to(root)))
    unfinished.unlink()


@contextmanager
def _rare_collections():
    before = gc.get_threshold()
    gc.set_threshold(*_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _explain(name, root, result, lines, log_path):
    """The faults of a build in the reader's terms: file, line and what is wrong, without tracebacks."""
    shown, failed = [], None
    for line in lines:
        line = line.replace(f"{root}/", "")
        cell = re.match(r"(\S+?\.md): WARNING: Executing notebook failed", line)
        if cell:
            failed = cell[1]
        elif failed and re.match(r"[\w.]*(Error|Exception|Interrupt|Exit): ", line) and "CellExecution" not in line:
            shown.append(f"{failed}: a cell failed with {line}")
            failed = None
        elif re.search(r": (WARNING|ERROR|CRITICAL|SEVERE): |^(WARNING|ERROR|CRITICAL): ", line):
            shown.append(line)
    if isinstance(result, Exception) and not shown:
        shown = [f"{type(result).__name__}: {result}"]
    shown = list(dict.fromkeys(shown))
    if len(shown) > 20:
        shown = [*shown[:20], f"and {len(shown) - 20} more"]
    hint = f"The earlier {name} is untouched. The whole log: {log_path}"
    return "\n".join([f"The {name} was not built:", *(f"  {line}" for line in shown), hint])


class _Progress(io.TextIOBase):
    """Sphinx's status stream: everything to the log, the steps a reader understands to the terminal."""

    def __init__(self, log, name, say):
        self.log, self.name, self.say, self.seen, self.rest = log, name, say, set(), ""

    def writable(self):
        return True

    def isatty(self):
        return False

    def write(self, text):
        self.log.write(text)
        self.rest += text
        *lines, self.rest = re.split(r"[\r\n]", self.rest)
        for line in lines:
            self._report(re.sub(r"\x1b\[[0-9;]*m", "", line))
        return len(text)

    def _report(self, line):
        executing = re.match(r"(?:\S*/)?(chapters/\S+?)(?:\.md)?: Executing notebook", line)
        if executing:
            self.say(f"{self.name}: running {executing[1]}")
        for mark, step in (("reading sources", "reading"), ("writing output", "writing"), ("typst:", None)):
            if re.match(rf"{mark}.*\[ *\d+%\]|typst:", line) and line.startswith(mark) and mark not in self.seen:
                self.seen.add(mark)
                self.say(f"{self.name}: {step}" if step else f"{self.name}: {line}")

    def flush(self):
        self.log.flush()


class _Problems(io.TextIOBase):
    """Sphinx's warning stream, kept for the final message."""

    def __init__(self, log):
        self.log, self.lines, self.rest = log, [], ""

    def writable(self):
        return True

    def isatty(self):
        return False

    def write(self, text):
        self.log.write(text)
        self.rest += re.sub(r"\x1b\[[0-9;]*m", "", text)
        *lines, self.rest = self.rest.split("\n")
        self.lines += lines
        return len(text)

    def flush(self):
        self.log.flush()


def _publish_html(built, target, pdf):
    fresh, old = target.with_name("html-new"), target.with_name("html-old")
    for path in (fresh, old):
        shutil.rmtree(path, ignore_errors=True)
    try:
        shutil.copytree(built, fresh, ignore=shutil.ignore_patterns(".buildinfo", ".doctrees", "reports"))
        if pdf is not None:
            shutil.copyfile(pdf, fresh / PDF_NAME)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _replace(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".new")
    shutil.copyfile(source, temporary)
    temporary.replace(target)
