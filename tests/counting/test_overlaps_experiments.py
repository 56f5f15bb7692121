"""The tables behind the chapters on overlaps and traffic: simulated ones from their seed, others in known words."""

import math

import numpy as np
import pytest

from platformlabour import load
from platformlabour.counting import overlaps
from platformlabour.counting.overlaps_experiments import by_estimator, route_experiment
from platformlabour.counting.overlaps_nuisances import GRADES, NUISANCES
from platformlabour.counting.simulate_registers import RegisterScenario
from platformlabour.counting.traffic_experiments import sum_experiment

SEED = 2026


def test_rows_of_simulated_routes_are_what_their_seed_gives():
    table = load("simulated-routes").set_index(["coefficient", "reached", "declared"])
    replicates = int(table["replicates"].max())
    scenario = RegisterScenario(platforms_per_worker=1.27)
    again = route_experiment(scenario, replicates=replicates, seed=SEED, declared=["people"])
    assert len(again) == 4
    for row in again.itertuples():
        stored = table.loc[(1.27, row.reached, "people")]
        for name in ("bias", "coverage", "width"):
            assert math.isclose(getattr(row, name), stored[name], abs_tol=6e-5), (row.reached, name)


def test_every_route_declared_rightly_keeps_its_promise():
    table = load("simulated-routes")
    right = table[table["right"] == "yes"]
    assert len(right) == 8
    assert (right["coverage"] >= 0.93).all()
    assert (right["bias"].abs() < 0.02).all()
    assert ((table["reached"] == table["declared"]) == (table["right"] == "yes")).all()


def test_simulated_imputation_agrees_with_a_smaller_run():
    table = load("simulated-imputation").query("silence == 'silent at random' and residual_error == 0.9")
    stored = table.set_index("method")
    scenario = RegisterScenario(platforms=60, declaring=0.4, register_sd=0.9)
    small = sum_experiment(scenario, replicates=60, draws=500, seed=1).set_index("method")
    for method in ("interval of the line", "predictive draws"):
        expected = stored.loc[method, "coverage"]
        chance = math.sqrt(expected * (1 - expected) / 60)
        assert abs(small.loc[method, "coverage"] - expected) < 4 * chance
        assert small.loc[method, "width"] == pytest.approx(stored.loc[method, "width"], rel=0.25)
    full = load("simulated-imputation").query("silence == 'silent at random' and method == 'predictive draws'")
    assert (full["coverage"] >= 0.93).all()
    assert np.isnan(stored.loc["fitted values", "coverage"])


def test_the_comparison_of_estimators_takes_the_rows_it_names():
    table = load("simulated-routes")
    frame = by_estimator(table).set_index(["situation", "method"])
    stored = table.set_index(["coefficient", "reached", "declared"])["bias"]
    assert frame.loc[("accounts; 1.83 platforms a person", "plain mean"), "ratio"] == pytest.approx(
        1 + stored.loc[(1.83, "accounts", "people")]
    )
    assert not frame.loc[("active on the largest platform; 1.27 platforms a person", "mean of inverses"), "keeps"]
    assert not by_estimator(table, promised=0.99)["keeps"].any()


def test_tables_speak_the_words_of_the_functions():
    routes, nuisances = load("multi-homing"), load("account-nuisances")
    assert set(routes["route"]) <= set(overlaps.ROUTES)
    assert set(nuisances["kind"]) == set(NUISANCES)
    assert (nuisances["people"] == nuisances["kind"].map(NUISANCES)).all()
    assert set(nuisances["evidence"]) <= set(GRADES)
    silent = nuisances["reading"] == "direction only"
    assert nuisances.loc[silent, ["value", "low", "high"]].isna().all().all()
    assert nuisances.loc[~silent, ["value", "low", "high"]].notna().any(axis=1).all()
    assert ((nuisances["reading"] == "at most") == (nuisances["high"].notna() & nuisances["low"].isna())).all()
    assert ((nuisances["reading"] == "at least") == (nuisances["low"].notna() & nuisances["high"].isna())).all()


def test_derived_shares_follow_from_the_ledger():
    claims, nuisances = load("claims").set_index("claim")["value"], load("account-nuisances").set_index("id")
    assert nuisances.loc["french-couriers-2022", "low"] == pytest.approx(
        100 * claims["ubereats2022-closed"] / claims["ubereats2022-active"], abs=0.05
    )
    week = claims["online-labour-supplement-week"] / claims["online-labour-supplement-registered"]
    assert nuisances.loc["online-labour-week-2017", "high"] == pytest.approx(100 * (1 - week), abs=0.05)
    worked = claims["kassi2021-worked"] / claims["kassi2021-registered"]
    never = nuisances.loc["freelancers-never-2020"]
    assert never["high"] == pytest.approx(100 * (1 - worked), abs=0.05)
    assert never["low"] == pytest.approx(100 * (1 - worked * claims["kassi2021-multihoming"]), abs=0.05)
