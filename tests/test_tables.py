"""The door to data/: what it returns, where it looks, and how it reports."""

import subprocess
import sys

import pandas as pd
import pytest

import platformlabour
from platformlabour import InputError, tables


def test_every_table_loads_with_the_columns_of_its_schema():
    for name in tables.names():
        frame = tables.load(name)
        assert frame.columns.tolist() == tables.describe(name)["columns"].column.tolist()
        assert len(frame) > 0


def test_types():
    months = tables.load("mturk-tracker-months")
    assert months.month.dtype.kind == "M"
    assert months.month[0] == pd.Timestamp("2015-03-01")
    assert months.answers.dtype == "int64"
    published = tables.load("stewart-published")
    assert published.abundance.dtype == "float64"
    assert published.abundance.isna().sum() == 2  # the first quarter of each sample
    claims = tables.load("claims")
    assert not claims.isna()[["country", "note", "definition", "recomputed_by"]].any(axis=None)
    assert (claims.country == "").any()


def test_optional_whole_numbers_keep_missing_cells(tmp_path):
    (tmp_path / "references.bib").write_text("@misc{Key,\n}\n")
    (tmp_path / "small.csv").write_text("name,count\na,1\nb,\n")
    (tmp_path / "datapackage.json").write_text(
        '{"resources": [{"name": "small", "path": "small.csv", "schema": {"fields": '
        '[{"name": "name", "type": "string"}, {"name": "count", "type": "integer"}]}}]}\n'
    )
    assert tables.seal(folder=tmp_path) == ["small"]
    counts = tables.load("small", folder=tmp_path)["count"]
    assert counts.dtype == "Int64"
    assert counts.isna().tolist() == [False, True]


def test_package_offers_the_same_load():
    assert platformlabour.load("mturk-years").equals(tables.load("mturk-years"))


def test_two_loads_are_independent():
    first = tables.load("mturk-years")
    first.loc[0, "workers_seen"] = 0
    assert tables.load("mturk-years").workers_seen[0] == 17075


def test_unknown_table_suggests_the_nearest():
    with pytest.raises(InputError, match="'mturk-times-seen', perhaps"):
        tables.load("mturk-time-seen")
    with pytest.raises(InputError, match="one of mturk-tracker-months"):
        tables.load("../secret")


def test_folder_from_the_environment(monkeypatch, tmp_path):
    here = tables.data_folder()
    monkeypatch.setenv("PLATFORMLABOUR_DATA", str(here))
    assert tables.data_folder() == here
    monkeypatch.setenv("PLATFORMLABOUR_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="PLATFORMLABOUR_DATA"):
        tables.data_folder()
    assert [problem.found[:19] for problem in tables.check_all()] == ["no datapackage.json"]


def test_description_names_units_and_limits():
    about = tables.describe("mturk-times-seen")
    columns = about["columns"].set_index("column")
    assert columns.loc["workers", "unit"] == "workers"
    assert columns.loc["times_seen_to", "allowed"] == "1 to 140"
    assert about["sources"] == ["IpeirotisTracker2026"]
    assert about["licences"] == ["Apache License 2.0 (the source repository's)"]


def test_report_counts_and_groups():
    problems = [InputError("x", "y", file="a.csv", row=i) for i in range(2, 27)]
    text = tables.report([*problems, InputError("x", "y", file="b.csv")])
    assert text.splitlines()[0] == "26 problems found:"
    assert "- a.csv: and 5 more." in text
    assert text.endswith("- b.csv: found x; expected y.")
    assert tables.report([]) == "No problem found."


def test_countries_are_the_249_of_iso_3166():
    assert len(tables.COUNTRIES) == 249
    assert {"FR", "NA", "GB"} <= tables.COUNTRIES
    assert not {"UK", "EL", "EU"} & tables.COUNTRIES


def test_importing_the_door_stays_light():
    heavy = ("frictionless", "pandera", "matplotlib", "scipy", "sphinx")
    code = f"import sys, platformlabour.tables; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
