"""The ladder of definitions: scales, bounds, order, and what may not stand on it."""

import numpy as np
import pytest

from platformlabour import InputError, load
from platformlabour.counting import world_ladder


@pytest.fixture(scope="module")
def claims():
    return load("claims").set_index("claim")


@pytest.fixture(scope="module")
def rungs(claims):
    return world_ladder.ladder(load("world-counts"), claims)


def test_percentages(rungs):
    percent = rungs.set_index("claim")["percent"]
    assert percent["kassi2021-registered"] == pytest.approx(100 * 163 / 3411.5)
    assert percent["uber2024-monthly-earners"] == pytest.approx(100 * 7 / 3359.4)
    assert percent["etui2021-main"] == 1.1
    assert np.isnan(percent["datta2023-labour-force-share"])


def test_bounds_and_order(rungs):
    bound = rungs.set_index("claim")["bound"]
    assert (bound["kassi2021-registered"], bound["uber2024-monthly-earners"]) == ("upper", "lower")
    places = [world_ladder.RUNGS.index(rung) for rung in rungs["rung"]]
    assert places == sorted(places)


def test_nothing_recalled_is_drawn(rungs):
    assert "recalled" not in set(rungs["evidence"])
    assert (rungs["percent"].notna() | rungs["high"].notna()).all()


def test_definition_against_study(rungs):
    drops, spread = world_ladder.drops(rungs), world_ladder.spread_by_rung(rungs)
    assert drops.set_index("source")["factor"].round(1).to_dict() == {
        "Kassi2021": 49.4,
        "Piasna2022": 15.5,
        "Pesole2018": 5.0,
    }
    assert spread["factor"].max() == pytest.approx(2.2)
    assert (spread["studies"] >= 2).all()


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("claim", "no-such-claim", "a row of the ledger"),
        ("claim", "colleem2018-ever", "a figure that was read"),
        ("rung", "sometimes", "one of registered"),
        ("out_of_claim", "", "a claim that counts the reference population"),
    ],
)
def test_refusals(claims, column, value, message):
    counts = load("world-counts").iloc[:2].copy()
    counts.loc[1, column] = value
    with pytest.raises(InputError, match=message) as caught:
        world_ladder.ladder(counts, claims)
    assert (caught.value.row, caught.value.column) == (3, column)
