"""Permutation and rewiring: what must be kept is kept, every network is equally likely, and p-values are honest."""

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components
from scipy.stats import chisquare

from platformlabour import InputError
from platformlabour.networks import kernels_chance as chance


def karate():
    graph = nx.karate_club_graph()
    return graph, [graph.nodes[node]["club"] for node in graph]


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 12), st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_assortativity_is_that_of_networkx(size, seed, kinds):
    graph = nx.gnp_random_graph(size, 0.5, seed=seed)
    labels = np.random.default_rng(seed).integers(0, kinds, size=size).tolist()
    nx.set_node_attributes(graph, dict(enumerate(labels)), "label")
    ends = {labels[node] for edge in graph.edges for node in edge}
    found = chance.assortativity(graph, labels)
    if len(ends) < 2:
        assert np.isnan(found)
    else:
        assert found == pytest.approx(nx.attribute_assortativity_coefficient(graph, "label"))


def test_permutations_are_what_a_plain_loop_gives():
    graph, labels = karate()
    found = chance.label_permutation_test(graph, labels, draws=2000, seed=1)
    generator = np.random.default_rng(2)
    plain = [chance.assortativity(graph, generator.permutation(labels)) for _ in range(300)]
    assert found.observed == pytest.approx(0.7175, abs=1e-4)
    assert found.draws.mean() == pytest.approx(np.mean(plain), abs=0.03)
    assert found.draws.std() == pytest.approx(np.std(plain), rel=0.15)
    assert found.p_value == pytest.approx(2 / 2001)
    assert found.standard_score > 5


def test_under_chance_small_p_values_are_as_rare_as_they_promise():
    graph, labels = karate()
    generator = np.random.default_rng(7)
    below = sum(
        chance.label_permutation_test(graph, generator.permutation(labels), draws=39, seed=generator).p_value <= 0.1
        for _ in range(200)
    )
    assert 8 <= below <= 34


@pytest.mark.parametrize("alternative", ["greater", "less", "two-sided"])
def test_a_p_value_is_never_zero(alternative):
    found = chance.ChanceTest(5.0, np.zeros(9), alternative)
    assert 0 < found.p_value <= 1
    assert np.isnan(found.standard_score)


# --- Rewiring ---------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 25), st.floats(0.05, 0.9), st.integers(0, 2**32 - 1))
def test_degrees_stay_and_no_tie_is_doubled_or_bent(size, density, seed):
    graph = nx.gnp_random_graph(size, density, seed=seed)
    found = chance.rewire(graph, seed=seed, swaps=3)
    assert found.sum(axis=0).astype(int).tolist() == [degree for _, degree in graph.degree()]
    assert found.diagonal().sum() == 0
    assert (found != found.T).nnz == 0
    assert found.nnz == 0 or set(found.data) == {1.0}


@pytest.mark.parametrize("degrees", [[1, 2, 2, 2, 1], [3, 2, 2, 2, 3]])
def test_every_network_with_the_degrees_is_equally_likely(degrees):
    start = nx.havel_hakimi_graph(degrees)
    generator = np.random.default_rng(11)
    draws = Counter()
    for _ in range(700):
        found = chance.rewire(start, swaps=4, seed=generator)
        draws[tuple(map(tuple, np.argwhere(np.triu(found.toarray()))))] += 1
    assert set(draws) == every_network_with(degrees)
    assert chisquare(list(draws.values())).pvalue > 0.001


def every_network_with(degrees):
    """All simple networks with these degrees, by trying every set of ties."""
    size = len(degrees)
    pairs = [(i, j) for i in range(size) for j in range(i + 1, size)]
    found = set()
    for code in range(2 ** len(pairs)):
        if code.bit_count() != sum(degrees) // 2:
            continue
        ties = tuple(pair for place, pair in enumerate(pairs) if code >> place & 1)
        counted = np.bincount(np.array(ties).ravel(), minlength=size)
        if counted.tolist() == degrees:
            found.add(ties)
    return found


def test_trap_rewiring_may_break_a_network_apart():
    ring = nx.cycle_graph(30)
    pieces = [connected_components(chance.rewire(ring, seed=seed), directed=False)[0] for seed in range(20)]
    assert max(pieces) > 1
    for seed in range(5):
        kept = chance.rewire(ring, seed=seed, connected=True)
        assert connected_components(kept, directed=False)[0] == 1
        assert (kept.sum(axis=0) == 2).all()
    moved = chance.rewire(ring, seed=1, connected=True)
    assert (moved != nx.to_scipy_sparse_array(ring)).nnz > 0


def test_rewiring_destroys_clustering_that_degrees_do_not_explain():
    graph = nx.watts_strogatz_graph(200, 8, 0.05, seed=1)
    found = chance.rewiring_test(graph, draws=39, swaps=5, seed=1, alternative="greater")
    assert found.p_value == pytest.approx(1 / 40)
    assert found.draws.mean() < 0.1 < found.observed


def test_nothing_to_swap():
    for graph in (nx.empty_graph(3), nx.path_graph(2), nx.star_graph(5), nx.complete_graph(5)):
        found = chance.rewire(graph, seed=1)
        assert (found != nx.to_scipy_sparse_array(graph)).nnz == 0


def test_the_same_seed_gives_the_same_network():
    graph, _ = karate()
    assert (chance.rewire(graph, seed=3) != chance.rewire(graph, seed=3)).nnz == 0
    assert (chance.rewire(graph, seed=3) != chance.rewire(graph, seed=4)).nnz > 0


@pytest.mark.parametrize("swaps", [0, -1, float("nan"), float("inf")])
def test_rewiring_refuses(swaps):
    with pytest.raises(InputError, match="swaps"):
        chance.rewire(karate()[0], swaps=swaps)


def test_faulty_requests_are_refused():
    graph, labels = karate()
    with pytest.raises(InputError, match="33 labels for 34 nodes"):
        chance.assortativity(graph, labels[1:])
    with pytest.raises(InputError, match="0 draws"):
        chance.label_permutation_test(graph, labels, draws=0)
    with pytest.raises(InputError, match="alternative"):
        chance.rewiring_test(graph, draws=2, alternative="bigger")
    with pytest.raises(InputError, match="several pieces"):
        chance.rewire(nx.Graph([(0, 1), (2, 3)]), connected=True)
