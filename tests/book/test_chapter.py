"""What a chapter must declare about itself."""

import pytest

from platformlabour import InputError
from platformlabour.book.chapter import front_matter

GOOD = """---
chapter:
  id: counting/x
  minutes: {read: [5, 8], run: [1, 1], exercises: [10, 10]}
  objectives:
    - {verb: compute, text: a lower bound}
  needs: "Nothing."
  data: [mturk-years]
---

# X

```{about-this-chapter}
```
"""


def test_a_page_without_a_chapter_block_is_not_a_chapter(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Page\n")
    assert front_matter(page) is None


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("  needs: \"Nothing.\"\n", "", "no needs"),
        ("read: [5, 8]", "read: [8, 5]", r"minutes.read \[8, 5\]"),
        ("read: [5, 8], ", "", "minutes.read None"),
        ("    - {verb: compute, text: a lower bound}\n", "    - {verb: compute}\n", "the objective"),
        ("  objectives:\n    - {verb: compute, text: a lower bound}\n", "  objectives: []\n", "0 objectives"),
        ("  needs:", "  needs: [", "not YAML"),
        ("---\n\n# X", "\n# X", "without an end"),
    ],
)  # fmt: skip
def test_an_incomplete_block_is_refused_with_the_file_named(tmp_path, old, new, found):
    page = tmp_path / "page.md"
    assert old in GOOD
    page.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(InputError, match=rf"page\.md.*{found}"):
        front_matter(page)


def test_the_box_tells_objectives_time_needs_and_data(small_book):
    page = GOOD + "\n(table-mturk-years)=\n## Table\n"
    built = small_book({"index": page})
    assert built.warnings == ""
    html = built.page("index")
    for words in ("compute", "5–8 minutes", "10 minutes", "Nothing.", "mturk-years"):
        assert words in html
