"""The simulated table is what its seed gives, and keeps its promise."""

import math

import numpy as np
import pytest

from platformlabour import InputError, load
from platformlabour.counting.simulate_registers import simulate_registers
from platformlabour.counting.synthesis import experiments


@pytest.mark.parametrize("name", ["dormant accounts", "route taken for another"])
def test_a_row_computed_again_is_the_row_in_the_table(name):
    """Within what chance leaves to so few economies: all of a row take half a minute."""
    table = load("simulated-synthesis-coverage").set_index("family")
    replicates = 12
    again = experiments.synthesis_experiment(experiments.FAMILIES[name], replicates=replicates, seed=2026)
    stored = table.loc[name]
    chance = 4 * math.sqrt(0.25 / replicates)
    assert abs(again["coverage"] - stored["coverage"]) <= chance
    assert again["naive_error"] == pytest.approx(stored["naive_error"], rel=0.5)
    assert again["width"] == pytest.approx(stored["width"], rel=0.3)


def test_every_family_is_covered_as_promised():
    table = load("simulated-synthesis-coverage").set_index("family")
    assert set(table.index) == set(experiments.FAMILIES)
    assert (table["coverage"] >= 0.93).all()
    assert set(table["evidence"]) == {"simulated"}
    assert table["replicates"].min() >= 400


def test_same_seed_same_row_whatever_the_processes():
    names = ["rounded declarations", "everything, ranges only"]
    one = experiments.synthesis_report(replicates=2, seed=3, families=names)
    two = experiments.synthesis_report(replicates=2, seed=3, families=names, processes=2)
    assert one.equals(two)


def test_the_truth_is_what_the_routes_count_without_error():
    """With every factor at its true value each route finds the workers exactly."""
    scenario = experiments.FAMILIES["shared accounts"].scenario
    economy = simulate_registers(scenario, seed=5)
    in_use = economy.platforms["in_use"].sum()
    holders = in_use / economy.platforms_per_person
    assert holders == pytest.approx(economy.people)
    assert in_use * (1 / economy.platforms_per_person + scenario.shared) == pytest.approx(economy.workers, abs=1)
    routes, answers = experiments.routes_of(
        experiments.FAMILIES["shared accounts"], economy, random=np.random.default_rng(1)
    )
    true = {"accounts": in_use, "in_use": 1.0, "multi_homing": economy.platforms_per_person, "shared": scenario.shared}
    assert routes["registrations"].central(**true)["people"] == pytest.approx(economy.workers, abs=1)
    assert {graph.estimand for graph in routes.values()} == {"stock at a date"}
    assert len(answers) == experiments.ANSWERS


@pytest.mark.parametrize("replicates", [0, True, 2.5])
def test_replicates_are_counted_in_whole_numbers(replicates):
    with pytest.raises(InputError):
        experiments.synthesis_experiment(experiments.FAMILIES["fake accounts"], replicates=replicates, seed=1)


def test_an_unknown_family_is_refused():
    with pytest.raises(InputError, match="family 'other'"):
        experiments.synthesis_report(replicates=1, families=["other"])
