"""Time, memory and weight of the book: the project's own build beside stock ``jupyter-book build``, in one run.

Run ``python benchmarks/book.py``; it takes a few minutes and writes nothing into the checkout. Every build works on a
copy of its own in a temporary folder. Both sides have the same chapters, configuration and extensions; the stock side
has no driver: no check of the tables beforehand, no refusal of warnings, nothing put in place at the end, no PDF.

Processor time counts the kernels and is steadier than wall time on a shared machine. Memory is the largest sum of
resident sets over the process and its kernels, read twenty times a second; pages that processes share are counted in
each. A chapter's time is that of its kernel, from its start to the last cell. A page's weight is its HTML and what the
browser then asks for on its own, without compression; the scripts that draw formulas are given apart, without the
fonts that a formula may ask for.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

try:
    import psutil
except ImportError:  # memory is then left out
    psutil = None

ROOT = Path(__file__).resolve().parent.parent
KIB = 1024
CHANGED = "chapters/counting/registrations.md"


def project_files(root=ROOT):
    """Files that git tracks, or in a plain copy all that is not made."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
    else:
        made = {".git", ".venv", "_build", "__pycache__", ".pytest_cache", ".ruff_cache"}
        names = [path.relative_to(root) for path in root.rglob("*") if not made & set(path.parts)]
    return [name for name in names if (root / name).is_file()]


def copy_of_project(folder):
    """Copy the sources to a new folder."""
    for name in project_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    return folder


def driver(*options):
    """The project's own command, in the environment that runs this."""
    return [sys.executable, "-m", "platformlabour.cli", "book", *options]


def stock():
    """Stock ``jupyter-book build .`` in the same environment."""
    return [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]


def measured(command, folder):
    """Run a command in a folder; return wall seconds, processor seconds, and peak memory in MiB or ``None``."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "MPLBACKEND": "Agg"}
    environment.pop("PLATFORMLABOUR_DATA", None)
    peak, done, before = [0], threading.Event(), _processor_seconds()
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, done), daemon=True)
    if psutil is not None:
        watcher.start()
    output, _ = process.communicate()
    seconds = time.perf_counter() - started
    done.set()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed in the copy:\n{output[-3000:]}")
    return seconds, _processor_seconds() - before, peak[0] / KIB**2 if psutil is not None else None


def _processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(pid, peak, done):
    while not done.wait(0.05):
        try:
            parent = psutil.Process(pid)
            total = sum(_resident(process) for process in [parent, *parent.children(recursive=True)])
        except psutil.Error:
            continue
        peak[0] = max(peak[0], total)


def _resident(process):
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def change_prose(folder):
    """Add a sentence to one chapter, outside its cells."""
    with (folder / CHANGED).open("a", encoding="utf-8") as file:
        file.write("\nThis sentence was added to see what is built again.\n")


def chapter_seconds(folder):
    """Execution time of each chapter, as the execution cache noted it."""
    found = {}
    for database in (folder / "_build").glob("**/global.db"):
        connection = sqlite3.connect(database)
        for uri, seconds in connection.execute("select uri, json_extract(data, '$.execution_seconds') from nbcache"):
            found[Path(uri).relative_to(folder.resolve()).as_posix()] = seconds
        connection.close()
    return found


class _Requests(HTMLParser):
    """Addresses that a browser asks for on its own."""

    def __init__(self):
        super().__init__()
        self.addresses = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in ("script", "img", "source", "iframe") and given.get("src"):
            self.addresses.append(given["src"])
        if tag == "link" and set(given.get("rel", "").split()) & {"stylesheet", "icon", "preload", "modulepreload"}:
            self.addresses.append(given["href"])


def page_weights(site):
    """Return [(page, bytes of its HTML, bytes of what it asks for, bytes of the formula scripts)]."""
    formula_scripts = sum(path.stat().st_size for path in (site / "mathjax").rglob("*.js"))
    rows = []
    for page in sorted(site.rglob("*.html")):
        reader = _Requests()
        reader.feed(page.read_text("utf-8"))
        wanted = {_local(page, address) for address in reader.addresses if not address.startswith("data:")}
        for sheet in [path for path in wanted if path.suffix == ".css" and path.is_file()]:
            wanted |= {
                _local(sheet, address) for address in re.findall(r"url\(\s*[\"']?([^\"')]+)", sheet.read_text("utf-8"))
            }
        has_formulas = any("mathjax" in path.parts for path in wanted)
        others = [path for path in wanted if path.is_file() and "mathjax" not in path.parts]
        weight = sum(path.stat().st_size for path in others)
        name = page.relative_to(site).as_posix()
        rows.append((name, page.stat().st_size, weight, formula_scripts if has_formulas else 0))
    return rows


def _local(page, address):
    return (page.parent / unquote(urlsplit(address).path)).resolve()


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def line(name, measures, reference=None):
    """One row of the table of builds; the ratios are of wall and of processor time to stock, for the same change."""
    wall, processor, memory = measures
    shown = "" if memory is None else f"{memory:.0f}"
    ratio = "" if reference is None else f"{wall / reference[0]:.2f} {processor / reference[1]:.2f}"
    print(f"{name:52} {wall:8.1f} {processor:9.1f} {shown:>9} {ratio:>10}", flush=True)


def main():
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-stock", action="store_true", help="leave stock jupyter-book out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        ours, html_only, plain = (Path(scratch) / name for name in ("ours", "html", "stock"))
        print(
            f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} at the start"
        )
        print(f"\n{'build':52} {'seconds':>8} {'processor':>9} {'MiB peak':>9} {'to stock':>10}", flush=True)
        copy_of_project(ours)
        line("platformlabour book --force (HTML and PDF), cold", measured(driver("--force"), ours))
        seconds = chapter_seconds(ours)
        line("platformlabour book, nothing changed", measured(driver(), ours))
        change_prose(ours)
        line("platformlabour book, one sentence changed", measured(driver(), ours))
        kinds = ("cold", "nothing changed", "one sentence changed")
        reference = dict.fromkeys(kinds)
        if not options.no_stock:
            copy_of_project(plain)
            for kind in kinds:
                if kind == "one sentence changed":
                    change_prose(plain)
                reference[kind] = measured(stock(), plain)
                line(f"stock jupyter-book build (HTML), {kind}", reference[kind])
        copy_of_project(html_only)
        for kind in kinds:
            if kind == "one sentence changed":
                change_prose(html_only)
            command = driver("--format", "html", *(["--force"] if kind == "cold" else []))
            line(f"platformlabour book --format html, {kind}", measured(command, html_only), reference[kind])

        stock_seconds = chapter_seconds(plain) if not options.no_stock else {}
        print(f"\n{'seconds to execute, kernel start included':52} {'ours':>8} {'stock':>9}")
        for name, took in sorted(seconds.items()):
            other = stock_seconds.get(name)
            print(f"{name:52} {took:8.1f} {'' if other is None else f'{other:9.1f}'}")

        site = ours / "_build" / "html"
        print(f"\n{'KiB of a page':52} {'HTML':>8} {'assets':>9} {'formulas':>9} {'sum':>8}")
        for name, html, assets, formulas in page_weights(site):
            cells = [f"{bytes_ / KIB:.0f}" for bytes_ in (html, assets, formulas, html + assets + formulas)]
            print(f"{name:52} {cells[0]:>8} {cells[1]:>9} {cells[2]:>9} {cells[3]:>8}")
        if not options.no_stock:
            print(f"{'whole site, ours and stock':52} {size_of(site) / KIB:8.0f} ", end="")
            print(f"{size_of(plain / '_build' / 'html') / KIB:9.0f}")
        pdf = ours / "_build" / "platform-labour.pdf"
        print(f"{'PDF':52} {pdf.stat().st_size / KIB:8.0f}")
    tracked = sum((ROOT / name).stat().st_size for name in project_files())
    print(f"{'repository, files':52} {tracked / KIB:8.0f}")
    if (ROOT / ".git").is_dir():
        print(f"{'repository, history':52} {size_of(ROOT / '.git') / KIB:8.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
