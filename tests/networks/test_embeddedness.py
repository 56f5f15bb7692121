"""Parts and score on networks small enough to count by hand, and Burt's measures on classic ones."""

import math

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformlabour import InputError
from platformlabour.networks import embeddedness as deep
from platformlabour.networks.embeddedness_holes import hierarchy, structural_holes, surroundings
from platformlabour.networks.embeddedness_robustness import (
    bootstrap_documents,
    leave_one_out,
    robustness_grid,
    sweep_weights,
)
from platformlabour.networks.embeddedness_views import deepest_part, view_from
from platformlabour.networks.relations import load_relations, relations_of, select

NETWORK = load_relations()
READ = select(NETWORK, evidence=["seen", "secondary"])


def small(rows, **levels):
    ties = pd.DataFrame(rows, columns=["sender", "relation", "receiver"])
    ends = sorted({*ties["sender"], *ties["receiver"]})
    organisations = pd.DataFrame({"id": ends, "level": [levels.get(name, "vendor") for name in ends]})
    return relations_of(organisations, ties)


# c outsources to v and w, holds shares of w, and operates the door that both supply
TOY = small(
    [
        ("c", "outsources_to", "v"),
        ("c", "outsources_to", "w"),
        ("c", "invested_in", "w"),
        ("v", "supplies_labour_to", "door"),
        ("w", "supplies_labour_to", "door"),
        ("c", "operates", "door"),
    ],
    c="client",
    door="platform",
)


def test_parts_of_the_toy_by_hand():
    parts = deep.embeddedness(TOY).set_index("organisation")
    columns = list(deep.PARTS)
    assert parts.loc["v", columns].tolist() == [2, 2, 0, 1, 0]
    assert parts.loc["w", columns].tolist() == [2, 2, 1, 1, 1]
    assert parts.loc["door", columns].tolist() == [1, 1, 0, 1, 0]
    assert parts.loc["w", "score"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 2 + 1 / 2 + 1 / 2) / 5)
    assert "c" not in parts.index


def test_doors_need_a_client_and_a_supplier():
    assert deep.doors(TOY) == {"door": {"clients": ("c",), "suppliers": ("v", "w")}}
    own = small([("c", "operates", "p")], c="client", p="platform")
    assert deep.doors(own) == {}
    assert deep.embeddedness(own).set_index("organisation").loc["p", "doors"] == 0
    vendors = small([("a", "operates", "p"), ("v", "supplies_labour_to", "p")], p="platform")
    assert deep.doors(vendors) == {}


def test_thin_means_one_above_at_most_and_no_sign_of_depth():
    parts = deep.embeddedness(small([("o", "owns", "p")], o="owner", p="platform")).set_index("organisation")
    assert parts.loc["p", ["upstream", "thin"]].tolist() == [1, True]
    doors = deep.embeddedness(TOY).set_index("organisation")
    assert not doors.loc["door", "thin"]


def test_circles_neither_hang_nor_count_themselves():
    ring = small([("a", "outsources_to", "b"), ("b", "outsources_to", "a"), ("x", "outsources_to", "a")])
    parts = deep.embeddedness(ring).set_index("organisation")
    assert parts["upstream"].to_dict() == {"a": 2, "b": 2, "x": 0}
    assert parts["depth"].to_dict() == {"a": 1, "b": 1, "x": 0}


@settings(max_examples=40, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda pair: pair[0] != pair[1]), min_size=1))
def test_upstream_and_depth_agree_with_networkx(pairs):
    made = small([(f"n{a}", "outsources_to", f"n{b}") for a, b in sorted(pairs)])
    graph = nx.DiGraph([(f"n{a}", f"n{b}") for a, b in pairs])
    parts = deep.embeddedness(made).set_index("organisation")
    assert parts["upstream"].to_dict() == {name: len(nx.ancestors(graph, name)) for name in graph}
    condensed = nx.condensation(graph)
    longest = dict.fromkeys(condensed, 0)
    for node in nx.topological_sort(condensed):
        longest[node] = max((longest[above] + 1 for above in condensed.predecessors(node)), default=0)
    mapping = condensed.graph["mapping"]
    assert parts["depth"].to_dict() == {name: longest[mapping[name]] for name in graph}


@settings(max_examples=30, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda pair: pair[0] != pair[1]), min_size=2))
def test_a_further_tie_never_makes_anyone_thinner(pairs):
    pairs = sorted(pairs)
    rows = [(f"n{a}", "outsources_to", f"n{b}") for a, b in pairs]
    fewer = deep.embeddedness(small(rows[:-1])).set_index("organisation")["upstream"]
    more = deep.embeddedness(small(rows)).set_index("organisation")["upstream"]
    assert (more.reindex(fewer.index) >= fewer).all()


def test_upstream_gives_the_smallest_number_of_steps():
    assert deep.upstream(TOY, "v") == {"c": 1, "door": 1}
    with pytest.raises(InputError, match="'nobody'"):
        deep.upstream(TOY, "nobody")


def test_score_is_bounded_and_takes_weights():
    parts = pd.DataFrame({name: [0, 1, 10**9] for name in deep.PARTS})
    assert deep.score(parts) == pytest.approx([0, 0.5, 1], abs=1e-8)
    assert deep.score(parts.assign(doors=0), weights={"upstream": 3, "doors": 1})[1] == pytest.approx(0.375)


@pytest.mark.parametrize("weights", [{"upstream": -1, "depth": 2}, {"upstream": 0}, {"wealth": 1}])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises(InputError):
        deep.score(pd.DataFrame({"upstream": [1], "depth": [1]}), weights=weights)


def test_known_cases_of_the_report():
    parts = deep.embeddedness(READ).set_index("organisation")
    assert parts["score"].idxmax() == "scale-ai"
    assert parts.loc["amazon-mechanical-turk", "thin"]
    assert parts.loc["clixsense", "upstream"] == 13
    assert deep.double_roles(READ) == [("meta", "scale-ai")]
    assert set(deep.doors(READ)) == {"uhrs", "raterhub"}


# Burt


def test_measures_agree_with_networkx_on_classic_networks():
    for graph in (nx.karate_club_graph(), nx.florentine_families_graph(), nx.les_miserables_graph()):
        plain = nx.Graph(graph.edges)
        holes = structural_holes(plain).set_index("organisation")
        constraint, size = nx.constraint(plain), nx.effective_size(plain)
        for node in plain:
            assert holes.loc[node, "constraint"] == pytest.approx(constraint[node])
            assert holes.loc[node, "effective_size"] == pytest.approx(size[node])
            assert holes.loc[node, "efficiency"] == pytest.approx(size[node] / plain.degree(node))


def test_published_values_of_the_florentine_families_and_the_karate_club():
    florence = structural_holes(nx.florentine_families_graph()).set_index("organisation")["constraint"]
    assert florence["Medici"] == pytest.approx(0.2099, abs=5e-5)
    assert florence["Strozzi"] == pytest.approx(0.4583, abs=5e-5)
    assert florence["Pazzi"] == 1
    karate = structural_holes(nx.Graph(nx.karate_club_graph().edges)).set_index("organisation")["constraint"]
    assert (karate[0], karate[33]) == (pytest.approx(0.155423, abs=5e-7), pytest.approx(0.156419, abs=5e-7))


def test_network_of_burts_own_example():
    """Burt's figure 2.1 as networkx and UCINET compute it: the actor G."""
    pairs = ["AB", "AF", "AG", "AE", "BD", "BG", "CG", "DG", "EG", "FG"]
    holes = structural_holes(nx.Graph([tuple(pair) for pair in pairs])).set_index("organisation")
    assert holes.loc["G", "constraint"] == pytest.approx(0.400, abs=5e-4)
    assert holes.loc["A", "constraint"] == pytest.approx(0.595, abs=5e-4)
    assert holes.loc["C", "constraint"] == 1
    assert holes.loc["G", "effective_size"] == pytest.approx(4.67, abs=5e-3)
    assert holes.loc["A", "effective_size"] == pytest.approx(2.50)
    assert holes.loc["G", "efficiency"] == pytest.approx(4.67 / 6, abs=1e-3)


def test_hierarchy_by_its_formula():
    mean = (1 + 2 + 3) / 3
    expected = sum(c / mean * math.log(c / mean) for c in (1, 2, 3)) / (3 * math.log(3))
    assert hierarchy([1, 2, 3]) == pytest.approx(expected)
    assert hierarchy([1e-12, 1]) == pytest.approx(1, abs=1e-9)
    with pytest.raises(InputError, match="no constraints"):
        hierarchy([])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=12))
def test_hierarchy_stays_between_none_and_all(constraints):
    assert 0 <= hierarchy(constraints) <= 1 + 1e-12


@pytest.mark.parametrize("graph", [nx.DiGraph([(1, 2)]), nx.MultiGraph([(1, 2)]), nx.Graph([(1, 1), (1, 2)])])
def test_graphs_that_have_no_holes_are_refused(graph):
    with pytest.raises(InputError):
        structural_holes(graph)


def test_surroundings_count_each_pair_once():
    graph = surroundings(TOY)
    assert graph.edges["c", "w"]["weight"] == 2
    assert graph.number_of_edges() == 5


# Robustness and views


def test_documents_are_drawn_not_ties():
    ties = pd.DataFrame(
        {
            "id": ["one", "two", "three"],
            "sender": ["a", "b", "x"],
            "relation": ["owns"] * 3,
            "receiver": ["p", "p", "q"],
            "source": ["Same", "Same", "Other"],
            "further_sources": [""] * 3,
            "evidence": ["seen"] * 3,
        }
    )
    made = relations_of(pd.DataFrame({"id": list("abxpq"), "level": ["owner"] * 3 + ["platform"] * 2}), ties)
    found = bootstrap_documents(made, draws=400, seed=1, top=1).set_index("organisation")
    # Both ties of p come and go together, so p is first or nowhere; q is first when only its document was drawn.
    assert found.loc["p", "in_top"] == pytest.approx(0.75, abs=0.07)
    assert found.loc["q", "in_top"] == pytest.approx(0.25, abs=0.07)
    with pytest.raises(InputError, match="documents"):
        bootstrap_documents(made.replace(ties.head(2).assign(layer="ownership")), draws=2, seed=1)


def test_bootstrap_is_reproducible_and_ordered():
    one, again = (bootstrap_documents(READ, draws=8, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(one, again)
    assert (one["rank_low"] <= one["rank_high"]).all()


def test_a_document_without_ties_of_its_own_has_no_row():
    alone = leave_one_out(READ)
    assert alone["ties"].min() >= 1
    assert alone["agreement"].between(-1, 1).all()
    assert alone["agreement"].is_monotonic_increasing


def test_grid_shows_every_cell():
    grid = robustness_grid(NETWORK)
    assert len(grid) == 3 * 2 * 4
    assert not grid.duplicated(["evidence", "dates", "window"]).any()
    whole = grid.iloc[0]
    assert (whole["ties"], whole["organisations"]) == (276, len(deep.embeddedness(NETWORK)))
    by_window = grid[(grid["window"] == "all years")].groupby("evidence")["ties"].max()
    assert by_window["all rows"] > by_window["without recalled"] > by_window["seen only"]


def test_weights_move_scores_within_their_limits():
    parts = deep.embeddedness(TOY)
    swept = sweep_weights(parts, draws=200, seed=1, top=1)
    assert (swept["score_low"] <= swept["score"] + 1e-12).all()
    assert swept.set_index("organisation").loc["w", "in_top"] == 1


def test_views_hold_ties_between_their_nodes_only():
    for nodes, ties in (deepest_part(READ), view_from(READ, "clixsense")):
        drawn = set(nodes["id"])
        assert {*ties["sender"], *ties["receiver"]} <= drawn
        assert not ties["recalled"].any()
    nodes, _ = view_from(READ, "clixsense")
    assert len(nodes) == 1 + 13
    assert np.bincount(nodes["band"])[-1] == 1
    with pytest.raises(InputError):
        deepest_part(READ.replace(READ.ties.iloc[:0]))
