"""The coverage report: what its columns mean, the same bits on one process or two, and promises kept."""

import math
from functools import partial

import numpy as np
import pandas as pd
import pytest

from platformlabour import Estimate, InputError
from platformlabour.counting import coverage
from platformlabour.counting.coverage import ESTIMATORS, VERDICTS, Estimator, coverage_report, summary
from platformlabour.counting.simulate import SCENARIOS, Scenario, simulate


def fixed(simulation, *, value, low, high, bound="point", status="ok"):
    """An estimator that always says the same."""
    return Estimate(
        value=value, unit="workers", estimand="all", method="fixed", interval=(low, high), bound=bound, status=status
    )


def refusing(simulation):
    raise InputError("this sample", "another")


def stubborn(name="fixed", *, models=("Mt",), allows=(), **answer):
    return Estimator(
        name=name, data="histories", estimate=partial(fixed, **answer), models=models, allows=frozenset(allows)
    )


def report_of(estimator, scenario="homogeneous", replicates=20):
    return coverage_report({estimator.name: estimator}, [scenario], replicates=replicates).iloc[0]


def test_columns_say_what_they_mean():
    row = report_of(stubborn(value=5500.0, low=5000.0, high=6000.0))
    assert (row["truth"], row["replicates"], row["bound"], row["broken"]) == (5000, 20, "point", "")
    assert row["relative_bias"] == pytest.approx(0.1)
    assert row["relative_width"] == pytest.approx(0.2)
    assert row["coverage"] == 1
    assert row["not_ok"] == row["warned"] == 0
    assert row["declared"] == 1 - row["contradicted"]


def test_a_lower_bound_errs_only_above_the_truth():
    assert report_of(stubborn(value=3000.0, low=2000.0, high=4000.0, bound="lower"))["coverage"] == 1
    assert report_of(stubborn(value=3000.0, low=2000.0, high=4000.0))["coverage"] == 0
    assert report_of(stubborn(value=6000.0, low=5001.0, high=7000.0, bound="lower"))["coverage"] == 0


def test_no_result_covers_nothing():
    refused = Estimator(name="refusing", data="histories", estimate=refusing, models=("Mt",))
    row = report_of(refused)
    assert (row["coverage"], row["not_ok"], row["declared"], row["verdict"]) == (0, 1, 0, "no result")
    assert math.isnan(row["relative_bias"])
    assert math.isnan(row["coverage_when_declared"])
    row = report_of(stubborn(value=5000.0, low=4900.0, high=5100.0, status="boundary"))
    assert (row["coverage"], row["not_ok"], row["verdict"]) == (1, 1, "no result")


@pytest.mark.parametrize(
    ("scenario", "models", "allows", "limits", "verdict"),
    [
        ("homogeneous", ("Mt",), (), (4000.0, 4500.0), "misses"),
        ("log-normal rates", ("M0",), ("log-normal rates",), (4000.0, 5500.0), "false alarms"),
        ("log-normal rates", ("M0",), (), (4000.0, 4500.0), "warns"),
        ("log-normal rates", ("Mth-chao",), (), (4000.0, 4500.0), "misleads"),
        ("log-normal rates", ("Mth-chao",), (), (4000.0, 5500.0), "robust"),
        ("log-normal rates", ("M0", "Mth-chao"), (), (4000.0, 4500.0), "misleads"),
        ("log-normal rates", ("Mth-darroch",), (), (4000.0, 4500.0), "asks"),
        ("doubled identities", ("Mth-chao",), (), (4000.0, 4500.0), "asks"),
    ],
)
def test_verdicts(scenario, models, allows, limits, verdict):
    low, high = limits
    row = report_of(stubborn(models=models, allows=allows, value=4200.0, low=low, high=high), scenario)
    assert row["verdict"] == verdict
    assert row["assumptions_hold"] == (scenario in ("homogeneous", *allows))


def test_an_interval_that_always_covers_is_too_wide():
    row = {"replicates": 200, "bound": "point", "assumptions_hold": True, "not_ok": 0.0, "contradicted": 0.0}
    row |= {"declared": 1.0, "untrue": ""}
    assert coverage._verdict(row | {"coverage_when_declared": 1.0, "replicates": 1000}) == "too wide"
    assert coverage._verdict(row | {"coverage_when_declared": 0.5}, approximate=True) == "approximates"
    assert coverage._verdict(row | {"coverage_when_declared": 0.95}) == "keeps its promise"
    assert coverage._verdict(row | {"coverage_when_declared": 0.85}) == "misses"
    assert coverage._verdict(row | {"coverage_when_declared": 1.0, "bound": "lower"}) == "keeps its promise"
    assert coverage._verdict(row | {"coverage_when_declared": 0.90, "bound": "lower"}) == "misses"


def test_same_bits_on_one_process_and_on_two():
    asked = (["M0", "Chao 1984", "lists: independence"], ["homogeneous", "turnover"])
    one = coverage_report(*asked, replicates=7, seed=5)
    two = coverage_report(*asked, replicates=7, seed=5, processes=2)
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert not one["relative_bias"].equals(coverage_report(*asked, replicates=7, seed=6)["relative_bias"])


def test_a_scenario_s_samples_do_not_depend_on_the_others():
    both = coverage_report(["Chao 1984"], ["turnover", "homogeneous"], replicates=4)
    alone = coverage_report(["Chao 1984"], ["homogeneous"], replicates=4)
    pd.testing.assert_frame_equal(both.iloc[1:].reset_index(drop=True), alone, check_exact=True)


def test_progress_is_told():
    told = []
    coverage_report(["Chao 1984"], ["homogeneous"], replicates=23, progress=lambda *step: told.append(step))
    assert told == [(10, 23), (20, 23), (23, 23)]


def test_where_assumptions_hold_intervals_cover():
    estimators = ["M0", "Mt", "Mb", "Mth-chao", "Chao 1984", "Poisson", "lists: independence"]
    report = coverage_report(estimators, ["homogeneous"], replicates=30)
    assert report["assumptions_hold"].all()
    assert set(report["verdict"]) == {"keeps its promise"}
    assert report["relative_bias"].abs().max() < 0.02


def test_broken_assumptions_are_noticed():
    report = coverage_report(["M0", "Mt", "Poisson"], ["trap-shy", "fakes"], replicates=30)
    assert not report["assumptions_hold"].any()
    assert set(report["verdict"]) == {"warns"}
    assert (report["coverage"] < 0.5).all()
    counted = summary(report)
    assert list(counted.columns) == list(VERDICTS)
    assert counted["warns"].tolist() == [2, 2, 2]


def test_slow_estimators_run_on_some_samples():
    slow = Estimator(
        name="slow", data="sightings", estimate=ESTIMATORS["Poisson"].estimate, models=("poisson",), every=4
    )
    assert report_of(slow, replicates=9)["replicates"] == 3


def test_the_suite_says_what_it_assumes():
    nuisances = {name for scenario in SCENARIOS.values() for name in (*scenario.broken, *scenario.broken_lists)}
    for name, estimator in ESTIMATORS.items():
        assert estimator.name == name
        assert estimator.allows | estimator.requires <= nuisances
        assert any(estimator.holds(scenario) and estimator.suits(scenario) for scenario in SCENARIOS.values()), name
        assert not estimator.holds(SCENARIOS["platform workforce"]) or estimator.data == "lists"
    assert ESTIMATORS["Jolly-Seber"].truth(simulate(SCENARIOS["turnover"], seed=1)) == 5000
    assert ESTIMATORS["POPAN"].truth(simulate(SCENARIOS["turnover"], seed=1)) > 6000
    assert not ESTIMATORS["M0"].suits(SCENARIOS["referred lists"])
    assert not ESTIMATORS["lists: lsc"].suits(SCENARIOS["fakes"])


def test_scenarios_of_one_s_own():
    tiny = Scenario(name="tiny", people=300, effort=(0.4, 0.4, 0.4))
    report = coverage_report(["M0"], {"mine": tiny}, replicates=5)
    assert report["scenario"].tolist() == ["mine"]
    assert report["truth"].tolist() == [300]


@pytest.mark.parametrize(
    "options",
    [
        {"estimators": ["no such"]},
        {"estimators": []},
        {"estimators": {}},
        {"estimators": {"M0": "M0"}},
        {"scenarios": ["no such"]},
        {"scenarios": {"x": 3}},
        {"replicates": 0},
        {"replicates": 2.5},
        {"processes": 0},
        {"seed": -1},
        {"seed": True},
    ],
)
def test_wrong_requests_are_refused(options):
    with pytest.raises(InputError):
        coverage_report(**{"estimators": ["M0"], "scenarios": ["homogeneous"], "replicates": 1} | options)


def test_wrong_estimators_are_refused():
    for wrong in ({"data": "logs"}, {"target": "all"}, {"every": 0}):
        with pytest.raises(InputError):
            Estimator(**{"name": "x", "data": "histories", "estimate": np.mean, "models": ("M0",)} | wrong)
