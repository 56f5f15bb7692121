"""The certificate of a build: complete, and the same for the same inputs."""

import json

RECORDING = """from platformlabour import Estimate
from platformlabour.book import record
record("part.seen", Estimate.counted(157255, "workers", "met"))"""


def read(built):
    return json.loads((built.folder / "certificate.json").read_text("utf-8"))


def test_it_names_every_result_and_changes_only_with_what_changed(small_book, notebook, code_cell):
    page = notebook("# Book", code_cell(RECORDING))
    first = read(small_book({"index": page}))
    assert list(first["chapters"]["index"]["results"]) == ["part.seen"]
    assert first["software"]["numpy"]
    assert read(small_book({"index": page})) == first
    reworded = read(small_book({"index": page.replace("# Book", "# The book")}))
    assert reworded["chapters"]["index"]["results"] == first["chapters"]["index"]["results"]
    assert reworded["chapters"]["index"]["source"] != first["chapters"]["index"]["source"]
    changed = read(small_book({"index": page.replace("157255", "157256")}))
    assert changed["chapters"]["index"]["results"] != first["chapters"]["index"]["results"]
