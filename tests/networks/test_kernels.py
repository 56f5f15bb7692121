"""Sparse kernels against networkx on graphs of every kind, and the traps that networkx sets."""

import math
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import rankdata

from platformlabour import InputError
from platformlabour.networks import kernels
from platformlabour.networks.kernels_second_opinion import second_opinion

CLASSICS = {
    "karate": nx.karate_club_graph(),
    "florentine": nx.florentine_families_graph(),
    "davis": nx.davis_southern_women_graph(),
    "les miserables": nx.les_miserables_graph(),
}


@st.composite
def graphs(draw, *, directed=False, weighted=False, loops=False):
    size = draw(st.integers(1, 12))
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(size))
    nodes = st.integers(0, size - 1)
    for a, b in draw(st.lists(st.tuples(nodes, nodes), max_size=30)):
        if loops or a != b:
            graph.add_edge(a, b, weight=draw(st.integers(1, 9)) if weighted else 1)
    return graph


@settings(max_examples=80, deadline=None)
@given(graphs())
def test_triangles_and_clustering(graph):
    assert kernels.triangles(graph).tolist() == list(nx.triangles(graph).values())
    assert kernels.transitivity(graph) == pytest.approx(nx.transitivity(graph))
    np.testing.assert_allclose(kernels.clustering(graph), list(nx.clustering(graph).values()))


@pytest.mark.parametrize("name", CLASSICS)
@pytest.mark.parametrize("weight", [None, "weight"])
def test_structural_holes_on_classics(name, weight):
    graph = CLASSICS[name]
    found = kernels.structure(graph, weight=weight)
    np.testing.assert_allclose(found["constraint"], list(nx.constraint(graph, weight=weight).values()), rtol=1e-10)
    # One node after the other: see the trap below.
    plain = nx.effective_size(graph, nodes=list(graph), weight=weight or "none")
    np.testing.assert_allclose(found["effective_size"], list(plain.values()), rtol=1e-10)


@settings(max_examples=60, deadline=None)
@given(st.one_of(graphs(), graphs(weighted=True), graphs(directed=True, weighted=True)))
def test_constraint_on_any_graph(graph):
    expected = nx.constraint(graph, weight="weight")
    np.testing.assert_allclose(kernels.structure(graph)["constraint"], list(expected.values()), rtol=1e-9)


def test_published_values_of_structural_holes():
    # The values in networkx's own tests, there computed with UCINET and by hand.
    graph = nx.Graph([("A", "B"), ("A", "C"), ("B", "C"), ("B", "D"), ("D", "E")])
    found = kernels.structure(graph).set_index(np.array(list(graph)))
    assert found["constraint"].to_dict() == pytest.approx(nx.constraint(graph))
    marriages = nx.florentine_families_graph()
    constraint = dict(zip(marriages, kernels.structure(marriages)["constraint"], strict=True))
    assert constraint["Medici"] == pytest.approx(0.2099, abs=1e-4)
    assert constraint["Strozzi"] == pytest.approx(0.4583, abs=1e-4)
    assert constraint["Pazzi"] == 1
    karate = kernels.structure(CLASSICS["karate"], weight=None)["constraint"]
    assert karate[[0, 33]].tolist() == pytest.approx([0.155423, 0.156419], abs=1e-6)


def test_hierarchy_runs_from_equal_partners_to_a_single_one():
    found = kernels.structure(nx.star_graph(4), weight=None)
    assert found["hierarchy"].tolist() == [0, 1, 1, 1, 1]
    # By the definition, partner by partner.
    graph = CLASSICS["karate"]
    shares = kernels.structure(graph, weight=None)["hierarchy"]
    for node in (0, 2, 8):
        parts = np.array([nx.local_constraint(graph, node, other) for other in graph[node]])
        ratio = parts / parts.mean()
        assert shares[node] == pytest.approx((ratio * np.log(ratio)).sum() / (len(parts) * math.log(len(parts))))


def test_nobody_to_constrain_is_not_zero_constraint():
    graph = nx.Graph([(0, 1)])
    graph.add_node(2)
    found = kernels.structure(graph).loc[2]
    assert found["partners"] == 0
    assert found.drop("partners").isna().all()


def test_blocks_of_rows_change_nothing(monkeypatch):
    graph = CLASSICS["les miserables"]
    whole, counted = kernels.structure(graph), kernels.triangles(graph)
    monkeypatch.setattr(kernels, "PRODUCTS_AT_ONCE", 200)
    np.testing.assert_allclose(kernels.structure(graph), whole)
    assert (kernels.triangles(graph) == counted).all()


# --- Traps ------------------------------------------------------------------------------------------------------------


def test_trap_self_loops_change_constraint_in_networkx_and_not_here():
    graph = nx.Graph([(0, 1), (1, 2), (0, 2), (2, 3)])
    plain = kernels.structure(graph)
    looped = graph.copy()
    looped.add_edge(2, 2)
    assert nx.constraint(looped)[2] != pytest.approx(nx.constraint(graph)[2])
    np.testing.assert_allclose(kernels.structure(looped), plain)
    assert kernels.transitivity(looped) == kernels.transitivity(graph)


def test_trap_some_nodes_take_another_path_than_all():
    graph = CLASSICS["karate"]
    found = kernels.structure(graph)["constraint"]
    for node, expected in nx.constraint(graph, nodes=[0, 5], weight="weight").items():
        assert found[node] == pytest.approx(expected)


def test_trap_effective_size_of_weighted_ties():
    # Asked for all nodes, networkx 3.6 divides by the largest weight of the column, not of the row as it is defined.
    graph = CLASSICS["karate"]
    slow = list(nx.effective_size(graph, nodes=list(graph), weight="weight").values())
    np.testing.assert_allclose(kernels.structure(graph)["effective_size"], slow)
    fast = list(nx.effective_size(graph, weight="weight").values())
    assert not np.allclose(fast, slow), "networkx is right now: this warning can go"


def test_trap_weights_of_both_directions_are_added():
    there = nx.DiGraph()
    there.add_weighted_edges_from([(0, 1, 2.0), (1, 0, 3.0), (1, 2, 5.0)])
    once = nx.Graph()
    once.add_weighted_edges_from([(0, 1, 5.0), (1, 2, 5.0)])
    np.testing.assert_allclose(kernels.structure(there), kernels.structure(once))


def test_trap_the_default_stop_of_networkx_ranks_wrongly():
    graph = nx.powerlaw_cluster_graph(2000, 4, 0.3, seed=5)
    exact = np.array(list(nx.pagerank(graph, tol=1e-15, max_iter=1000).values()))
    usual = np.array(list(nx.pagerank(graph).values()))
    ours = kernels.pagerank(graph)
    wrong = (rankdata(-usual, method="ordinal") != rankdata(-exact, method="ordinal")).sum()
    assert wrong > 100, "networkx has a better rule now: the page that warns of it needs a new sentence"
    assert np.abs(ours.scores - exact).max() <= ours.error + 1e-13
    # Wherever our rule says that one is above the other, it is.
    order = np.argsort(ours.ranks(), kind="stable")
    ranks = ours.ranks()[order]
    apart = np.flatnonzero(np.diff(ranks) > 0)
    assert apart.size > 1000
    for place in apart:
        assert exact[order[place]] > exact[order[place + 1]] - 1e-15


@settings(max_examples=60, deadline=None)
@given(st.one_of(graphs(weighted=True), graphs(directed=True, weighted=True)))
def test_pagerank_is_that_of_networkx_when_it_goes_on_long_enough(graph):
    expected = nx.pagerank(graph, tol=1e-14, max_iter=2000)
    found = kernels.pagerank(graph)
    np.testing.assert_allclose(found.scores, list(expected.values()), atol=1e-8)
    assert found.scores.sum() == pytest.approx(1)
    assert np.abs(found.scores - np.array(list(expected.values()))).max() <= found.error + 1e-12


def test_equal_nodes_share_a_rank():
    assert kernels.pagerank(nx.cycle_graph(5)).ranks().tolist() == [3.0] * 5


def test_no_backend_is_asked_for():
    code = "import sys, platformlabour.networks.kernels, platformlabour.networks.kernels_second_opinion; "
    code += "print([name for name in sys.modules if name.split('.')[0] in ('igraph', 'rustworkx', 'graphblas')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


# --- Input ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "graph",
    [nx.Graph(), np.eye(3), sparse.csr_array((2, 3)), "graph", None, sparse.csr_array([[0, -1.0], [-1.0, 0]])],
)
def test_what_is_no_network_is_refused(graph):
    with pytest.raises(InputError):
        kernels.adjacency(graph)


def test_a_matrix_and_its_graph_give_the_same():
    graph = CLASSICS["karate"]
    matrix = nx.to_scipy_sparse_array(graph)
    before = matrix.copy()
    np.testing.assert_allclose(kernels.structure(matrix), kernels.structure(graph))
    assert kernels.transitivity(matrix) == kernels.transitivity(graph)
    assert (matrix != before).nnz == 0


@pytest.mark.parametrize("faulty", [{"damping": 0}, {"damping": 1}, {"tolerance": 0}, {"most": 2}])
def test_pagerank_refuses(faulty):
    with pytest.raises(InputError):
        kernels.pagerank(CLASSICS["karate"], **faulty)


def test_second_opinion():
    pytest.importorskip("igraph", reason="igraph is an optional extra and is not installed")
    for graph in CLASSICS.values():
        assert (second_opinion(graph)["largest_difference"] < 1e-9).all()


def test_second_opinion_says_what_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "igraph", None)
    with pytest.raises(InputError, match="igraph"):
        second_opinion(CLASSICS["karate"])
