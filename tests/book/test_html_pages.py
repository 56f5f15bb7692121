"""A small book, built twice: its pages are light, self-contained, semantic and the same each time."""

import filecmp
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parents[2]
EXTENSIONS_OF_THE_PDF = {"platformlabour.book.typst"}
INDEX = """\
# The small book

A page whose first paragraph is long enough to describe it to those who search for it.

::::{grid} 1 2 2 2
:::{grid-item-card} A card
:link: chapters/formulas
:link-type: doc
Words on it.
:::
::::

```{raw} html
<p id="attack">A label<script>steal()</script><img src="missing.png" alt="none of it" onerror="steal()"></p>
```
"""
FORMULAS = """\
(formulas)=
# Formulas & tables

```{admonition} In one minute
:class: answer
Inline $x_1 < y$ and a numbered one, with words enough to be a description of the page.
```

$$
N \\le \\sum_{j=1}^{k} a_j
$$ (eq-sum)

See {eq}`eq-sum`.

## A section

| place | accounts |
| :-- | --: |
| Besançon | many |

### A deeper section

```{prf:definition} Account
:label: def-account
A registration.
```

```{exercise} Predict
:label: ex-predict
Say what follows.
```

```{tip}
:class: dropdown
A hint.
```
"""
BUILD = """
import sys
from jupyter_book.sphinx import build_sphinx
root, out = sys.argv[1:]
result = build_sphinx(root, out, noconfig=True, path_config=root + "/_config.yml", doctreedir=out + "-doctrees",
                      confoverrides={"external_toc_path": root + "/_toc.yml", "latex_individualpages": False})
sys.exit(str(result) if result else 0)
"""


def write_sample(folder):
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    config["execute"]["execute_notebooks"] = "off"
    extensions = config["sphinx"]["extra_extensions"]
    config["sphinx"]["extra_extensions"] = [name for name in extensions if name not in EXTENSIONS_OF_THE_PDF]
    (folder / "_config.yml").write_text(yaml.safe_dump(config), "utf-8")
    toc = {"format": "jb-book", "root": "index", "chapters": [{"file": "chapters/formulas"}]}
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc), "utf-8")
    (folder / "chapters").mkdir()
    (folder / "index.md").write_text(INDEX, "utf-8")
    (folder / "chapters" / "formulas.md").write_text(FORMULAS, "utf-8")
    for name in ("_static", "_templates", "_vendor"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / "data").mkdir()
    for name in config["bibtex_bibfiles"]:
        shutil.copyfile(ROOT / name, folder / name)


def build(folder, name):
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1767225600", "PYTHONHASHSEED": "0", "PLATFORMLABOUR_PDF": "1"}
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder), str(folder / name)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / name, done.stderr


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    write_sample(folder)
    return folder


@pytest.fixture(scope="module")
def built(sample):
    return build(sample, "first")


@pytest.fixture(scope="module")
def site(built):
    return built[0]


@pytest.fixture(scope="module")
def pages(site):
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in site.rglob("*.html")
    }


def test_every_kind_of_page_is_there(pages):
    assert set(pages) == {"index.html", "chapters/formulas.html", "search.html", "genindex.html"}


def test_code_in_a_page_is_removed_and_reported(built, pages):
    assert "steal" not in (built[0] / "index.html").read_text("utf-8")
    assert "removed what could run in a reader's browser: <script>, onerror" in built[1]
    assert pages["index.html"].select_one("#attack").get_text() == "A label"


def test_no_page_holds_code_of_its_own(pages):
    for name, page in pages.items():
        assert "script-src 'self';" in page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"], name
        for script in page.find_all("script"):
            assert script.get("src"), name
            assert not script.get_text(), name
        handlers = [a for element in page.find_all(True) for a in element.attrs if a.startswith("on")]
        assert not handlers, name


def test_titles_descriptions_language_and_edition(pages):
    assert pages["index.html"].title.get_text() == "The People Behind AI"
    assert pages["chapters/formulas.html"].title.get_text() == "Formulas & tables · The People Behind AI"
    assert pages["search.html"].title.get_text() == "Search · The People Behind AI"
    descriptions = pages["index.html"].find_all("meta", {"name": "description"})
    assert [meta["content"] for meta in descriptions] == [
        "A page whose first paragraph is long enough to describe it to those who search for it."
    ]
    version = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))["sphinx"]["config"]["version"]
    for name, page in pages.items():
        assert page.html["lang"] == "en", name
        assert len(page.find_all("meta", {"name": "viewport"})) == 1, name
        assert page.select_one(".edition").get_text() == f"Edition {version}", name
        assert len(page.find_all("h1")) == 1, name


def test_the_search_finds_the_text_to_quote(pages):
    # Sphinx's search takes its excerpts from this role, and fails on every hit without it.
    for name in set(pages) - {"index.html"}:
        assert pages[name].select_one("[role=main] article") is not None, name


def test_the_contents_show_the_sections_of_the_open_page(pages):
    contents = pages["chapters/formulas.html"].select_one('nav[aria-label="Contents"]')
    current = contents.find_all("a", {"aria-current": "page"})
    assert [link.get_text(" ", strip=True) for link in current] == ["Formulas & tables"]
    assert [link["href"] for link in current[0].parent.ul.find_all("a")] == ["#a-section"]


def test_the_pdf_is_linked_where_the_build_made_one(pages):
    assert pages["chapters/formulas.html"].find("a", string="Read as PDF")["href"] == "../platform-labour.pdf"


def test_formulas_load_their_script_and_other_pages_do_not(pages, site):
    scripts = [script["src"] for script in pages["chapters/formulas.html"].find_all("script")]
    assert "../_static/../mathjax/startup.js" in scripts
    assert (site / "chapters" / "../_static/../mathjax/startup.js").is_file()
    assert not [script["src"] for script in pages["index.html"].find_all("script") if "mathjax" in script["src"]]


def test_every_part_of_mathjax_that_is_asked_for_is_vendored():
    settings = (ROOT / "_static" / "formulas.js").read_text("utf-8")
    parts = re.search(r"load: \[(.*?)\]\s*\}", settings)[1]
    names = [name.replace("[tex]", "input/tex/extensions") for name in re.findall(r'"(.*?)"', parts)]
    assert len(names) == 5
    for name in names:
        assert (ROOT / "_vendor" / "mathjax" / f"{name}.js").is_file(), name


def test_vendored_files_are_as_published():
    import hashlib

    folder = ROOT / "_vendor" / "mathjax"
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines())
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert set(sums) == set(files) - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest, name


def test_no_file_that_no_page_asks_for(site, pages):
    asked = {
        (site / name).parent.joinpath(element.get("src") or element.get("href")).resolve()
        for name, page in pages.items()
        for element in page.find_all(["script", "link"])
    }
    present = {path.resolve() for path in (site / "_static").rglob("*") if path.is_file()}
    assert present
    assert present <= asked
    assert not (site / "_static" / "scripts").exists()


def test_a_page_without_formulas_is_light(site, pages):
    page = pages["index.html"]
    files = [script["src"] for script in page.find_all("script")]
    files += [link["href"] for link in page.find_all("link", rel=["stylesheet", "icon"])]
    weight = (site / "index.html").stat().st_size + sum((site / name).stat().st_size for name in files)
    assert weight < 120 * 1024


def test_two_builds_are_equal(sample, site):
    second, _ = build(sample, "second")
    for folder, other in ((site, second), (second, site)):
        for path in folder.rglob("*"):
            if path.is_file() and path.name != ".buildinfo":
                twin = other / path.relative_to(folder)
                assert filecmp.cmp(path, twin, shallow=False), path.name


def test_a_chapter_that_leaves_the_book_leaves_the_site(sample, site):
    (sample / "index.md").write_text("# The small book\n\nNothing but this.\n", "utf-8")
    (sample / "_toc.yml").write_text(yaml.safe_dump({"format": "jb-book", "root": "index"}), "utf-8")
    (sample / "chapters" / "formulas.md").unlink()
    build(sample, "second")
    assert (sample / "second" / "index.html").is_file()
    assert not (sample / "second" / "chapters" / "formulas.html").exists()
    assert not list((sample / "second" / "_sources" / "chapters").glob("*"))
