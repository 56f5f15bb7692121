"""Those who have a TeX installation can still build the book with it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = """
title: Sample
author: The authors
execute: {execute_notebooks: "off"}
latex: {latex_engine: xelatex, use_jupyterbook_latex: false, latex_documents: {targetname: sample.tex}}
sphinx:
  extra_extensions: [sphinx_exercise, sphinx_proof, platformlabour.book.extension, platformlabour.book.typst]
  config: {numfig: true}
"""
INDEX = r"""
# Sample

```{admonition} In one minute
:class: answer
An answer with $\hat N \ge S$.
```

```{prf:definition} Seen
:label: def-seen
A worker is *seen*.
```

```{list-table} Counted
:header-rows: 1
:name: tab
* - name
  - n
* - a
  - 1
```
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "_config.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    (tmp_path / "index.md").write_text(INDEX.lstrip(), encoding="utf-8")
    return tmp_path


def build(project, builder):
    command = [str(Path(sys.executable).parent / "jupyter-book"), "build", ".", "--builder", builder]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300, check=False)


def test_latex_source_is_written(project):
    done = build(project, "latex")
    assert done.returncode == 0, done.stdout + done.stderr
    source = (project / "_build" / "latex" / "sample.tex").read_text(encoding="utf-8")
    assert r"\hat N \ge S" in source
    assert "In one minute" in source
    assert "A worker is" in source


@pytest.mark.latex
@pytest.mark.skipif(shutil.which("xelatex") is None, reason="xelatex is not installed")
def test_latex_pdf_is_built(project):
    done = build(project, "pdflatex")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (project / "_build" / "latex" / "sample.pdf").read_bytes().startswith(b"%PDF")
