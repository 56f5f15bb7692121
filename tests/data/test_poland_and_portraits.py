"""The tables on Poland, on definitions and on portraits: small counts, sums, and links to the ledger."""

import pandas as pd
import pytest

from platformlabour import load
from platformlabour.counting.world_ladder import RUNGS


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("poland-app-users", ["users"]),
        ("poland-app-months", ["transport_users", "transport_largest", "delivery_users", "delivery_largest"]),
        ("poland-half-years", ["unique_users", "largest_month", "mean_month"]),
        ("poland-cities", ["users_largest", "users_all", "employed", "respondents"]),
    ],
)
def test_no_count_of_fewer_than_ten_people(name, columns):
    assert load(name)[columns].min(axis=None) >= 10


def test_only_part_of_the_source_is_held():
    users = load("poland-app-users")
    assert users["month"].nunique() == 10  # of 36
    assert set(users["licence"]) == {"facts-only"}


def test_sums_by_month_agree_with_the_apps():
    users, months = load("poland-app-users"), load("poland-app-months").set_index("month")
    for (month, service), part in users.groupby(["month", "service"]):
        assert part["users"].sum() == months.loc[month, f"{service}_users"]
        assert part["users"].max() == months.loc[month, f"{service}_largest"]
    assert users.groupby("month").size().to_dict() == months.loc[users["month"].unique(), "apps"].to_dict()


def test_months_follow_without_a_gap():
    months = load("poland-app-months")
    assert months["month"].tolist() == list(pd.date_range("2018-01-01", "2020-12-01", freq="MS"))
    panel = load("poland-panel")
    assert panel["month"].tolist() == months["month"].tolist()
    assert panel["panel_index"].iloc[0] == 100
    assert (months["transport_largest"] < months["transport_users"]).all()


def test_half_years_contradict_themselves_as_the_chapter_says():
    halves = load("poland-half-years")
    assert (halves["apps_below"] <= halves["apps"]).all()
    assert (halves["unique_users"] < halves["largest_month"]).all()
    assert (halves["unique_users"] > halves["mean_month"]).all()


def test_cities():
    cities = load("poland-cities").set_index("city")
    assert len(cities) == 10
    assert (cities["users_largest"] <= cities["users_all"]).all()
    assert (cities["users_all"] <= cities["apps"] * cities["users_largest"]).all()
    urban = cities.drop("Poland")
    assert urban["employed"].is_monotonic_decreasing
    assert urban["users_all"].sum() < cities.loc["Poland", "users_all"]
    # The country's sum is that of the first half of 2020.
    assert cities.loc["Poland", "users_all"] == load("poland-half-years").set_index("half_year").unique_users["2020-1"]


def test_classifications_hold_no_figures_and_lead_to_read_claims():
    claims = load("claims").set_index("claim")
    for name in ("world-counts", "portraits"):
        table = load(name)
        assert not (set(claims.loc[table["claim"], "evidence"]) & {"recalled"})
        assert set(table.select_dtypes("number").columns) <= {"year"}
    assert set(load("world-counts")["rung"]) <= set(RUNGS)
    answers = load("portraits")["answers_claim"]
    assert set(claims.loc[answers, "unit"]) == {"answers"}


def test_intervals_of_the_covid_claims_hold_their_values():
    claims = load("claims").set_index("claim")
    for app in ("uber", "bolt", "wolt", "glover"):
        row = claims.loc[f"poland2021-covid-{app}"]
        assert row["low"] < row["value"] < row["high"]
