"""Answers kept for a build: the same as the libraries' own, and asked for once."""

import pybtex.plugin
from sphinx.environment import BuildEnvironment

from platformlabour.book.remembered import PAGES_KEPT

FIGURES = """# Other

```{figure} one.svg
:name: fig-one
One.
```

```{figure} two.svg
:name: fig-two
Two.
```
"""


def test_numbered_references_read_a_page_once_and_get_its_numbers(small_book, tmp_path, monkeypatch):
    read = []
    original = BuildEnvironment.get_doctree

    def counted(environment, docname):
        read.append(docname)
        return original(environment, docname)

    def of_one_reference(times):
        read.clear()
        prose = " and ".join(["{numref}`fig-one`, {numref}`fig-two`"] * times)
        built = small_book({"index": f"# Book\n\nSee {prose}.\n\n```{{toctree}}\nother\n```\n", "other": FIGURES})
        assert built.warnings == ""
        assert built.page("index").count(">Fig. 1</span>") == times
        assert built.page("index").count(">Fig. 2</span>") == times
        return read.count("other")

    (tmp_path / "source").mkdir()
    for name in ("one", "two"):
        (tmp_path / "source" / f"{name}.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    monkeypatch.setattr(BuildEnvironment, "get_doctree", counted)
    assert of_one_reference(9) == of_one_reference(1) >= 1
    assert PAGES_KEPT > 1


def test_a_format_of_the_bibliography_is_looked_up_once(small_book):
    small_book({"index": "# Book\n\n" + "{cite:t}`Chao1987` " * 9 + "\n\n```{bibliography}\n```\n"})
    found = pybtex.plugin.find_plugin.cache_info()
    assert found.hits > 9
    assert found.misses == found.currsize
    assert pybtex.plugin.find_plugin("pybtex.backends", "plaintext") is pybtex.plugin._load_entry_point(
        "pybtex.backends", "plaintext"
    )
