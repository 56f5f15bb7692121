"""Who is downstream, and who is left with nobody."""

import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.networks import shocks
from platformlabour.networks.relations import load_relations, relations_of, select

NETWORK = load_relations()


def small(*rows):
    return relations_of(None, pd.DataFrame(rows, columns=["sender", "relation", "receiver"]))


# c and d order from v; v brings work to p; c alone orders from w, which runs q; f funds w
CHAIN = small(
    ("c", "outsources_to", "v"),
    ("d", "outsources_to", "v"),
    ("p", "supplies_labour_to", "v"),
    ("c", "outsources_to", "w"),
    ("w", "operates", "q"),
    ("f", "invested_in", "w"),
)


def outcome(network, organisation):
    exposed = shocks.downstream(network, organisation)
    return dict(zip(exposed["organisation"], exposed["loses_all"], strict=True))


def test_reach_and_loss_are_two_things():
    assert outcome(CHAIN, "c") == {"v": False, "w": True, "p": False, "q": True}
    assert outcome(CHAIN, "d") == {"v": False, "p": False}


def test_loss_runs_down_a_chain_whose_every_buyer_is_lost():
    alone = shocks.remove(CHAIN, "d")
    assert outcome(alone, "c") == {"v": True, "w": True, "p": True, "q": True}


def test_capital_orders_no_work():
    assert outcome(CHAIN, "f") == {}


def test_steps_and_first_neighbour():
    exposed = shocks.downstream(CHAIN, "c").set_index("organisation")
    assert exposed["steps"].to_dict() == {"v": 1, "w": 1, "p": 2, "q": 2}
    assert exposed.loc["q", "through"] == "w"
    assert exposed.loc["v", "others"] == 1


def test_circles_do_not_hang():
    ring = small(("a", "outsources_to", "b"), ("b", "outsources_to", "c"), ("c", "outsources_to", "b"))
    assert outcome(ring, "a") == {"b": False, "c": False}  # each still has the other


def test_removing_ends_orders_and_keeps_capital():
    network = small(("c", "outsources_to", "v"), ("c", "invested_in", "v"), ("u", "supplies_labour_to", "c"))
    left = shocks.remove(network, "c")
    assert left.ties["relation"].tolist() == ["invested_in"]
    assert shocks.remove(network, "c", layers=["funding"]).ties["relation"].tolist() == [
        "outsources_to",
        "supplies_labour_to",
    ]
    assert shocks.remove(network, "c", receivers=["u"]).ties["relation"].tolist() == ["outsources_to", "invested_in"]


def test_direct_clients():
    assert shocks.direct_clients(CHAIN, "v") == ["c", "d"]
    assert shocks.direct_clients(CHAIN, "c") == []


def test_recalled_rows_can_only_add():
    counts = shocks.downstream_by_evidence(NETWORK, ["google", "meta", "microsoft", "amazon"])
    assert (counts["downstream"] >= counts["downstream_seen"]).all()
    assert (counts["direct"] >= counts["direct_seen"]).all()


def test_two_readings_of_a_missing_end():
    counts = shocks.downstream_by_year(NETWORK, ["google", "meta"], years=[2005, 2019, 2025])
    assert (counts["downstream"] >= counts["attested"]).all()
    assert len(counts) == 6
    assert counts["year"].tolist() == [2005, 2019, 2025] * 2


def test_worked_case_of_the_report():
    year = select(NETWORK, evidence=["seen", "secondary"], during=2024)
    assert "appen" in set(shocks.downstream(year, "google")["organisation"])
    left = shocks.remove(year, "google", receivers=["appen", "raterlabs"])
    assert shocks.direct_clients(left, "raterlabs") == []
    assert "microsoft" in shocks.direct_clients(left, "appen")


@pytest.mark.parametrize(
    "call",
    [
        lambda: shocks.downstream(CHAIN, "nobody"),
        lambda: shocks.remove(CHAIN, "nobody"),
        lambda: shocks.remove(CHAIN, "q"),
        lambda: shocks.remove(CHAIN, "c", receivers=["p"]),
    ],
)
def test_nobody_and_nothing_are_refused(call):
    with pytest.raises(InputError):
        call()
