"""Visible non-members: simulation against arithmetic, what networks without closure give away, and refusals."""

import os
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from platformlabour import InputError
from platformlabour.networks import disclosure, disclosure_networks

shares = st.floats(0.01, 0.99)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=20), shares, shares, st.integers(1, 10))
def test_expectation_is_a_binomial_tail(degrees, members, uploads, contacts):
    found = disclosure.expected_visible(degrees, members=members, uploads=uploads, contacts=contacts)
    assert found == pytest.approx(binom.sf(contacts - 1, degrees, members * uploads).mean(), abs=1e-9)


@given(st.integers(0, 50), shares, shares)
def test_one_person_is_missed_by_every_contact(contacts, members, uploads):
    found = disclosure.expected_visible([contacts], members=members, uploads=uploads)
    assert found == pytest.approx(1 - (1 - members * uploads) ** contacts)


def test_a_random_graph_follows_the_poisson_formula():
    network = disclosure_networks.simulated("random", people=3000, contacts=10, seed=4)
    found = disclosure.visibility(network, members=[0.1, 0.3], uploads=0.5, replicates=30, seed=1)
    np.testing.assert_allclose(found["visible"], 1 - np.exp(-10 * 0.5 * found["members"]), atol=0.02)


@pytest.mark.parametrize("kind", ["random", "clustered", "unequal"])
@pytest.mark.parametrize("contacts", [1, 3])
def test_simulation_agrees_with_the_arithmetic(kind, contacts):
    network = disclosure_networks.simulated(kind, people=600, seed=2)
    found = disclosure.visibility(
        network, members=[0.1, 0.3, 0.6], uploads=0.7, replicates=60, seed=5, contacts=contacts
    )
    off = (found["visible"] - found["expected"]).abs()
    assert (off <= 4 * found["standard_error"] + 0.002).all()
    assert ((found["low"] <= found["visible"]) & (found["visible"] <= found["high"])).all()


def test_more_members_and_more_uploads_make_more_people_visible():
    network = disclosure_networks.simulated("unequal", people=400, seed=3)
    by_members = disclosure.visibility(network, members=[0.1, 0.2, 0.4, 0.8], replicates=20, seed=1)["visible"]
    assert by_members.is_monotonic_increasing
    degrees = [degree for _, degree in network.degree()]
    by_uploads = [disclosure.expected_visible(degrees, members=0.3, uploads=share) for share in (0, 0.2, 0.5, 1)]
    assert by_uploads[0] == 0
    assert np.all(np.diff(by_uploads) > 0)


def test_nobody_uploads_and_nobody_is_seen():
    drawn = disclosure.draw_uploads(nx.complete_graph(20), members=0.5, uploads=0, seed=1)
    assert not drawn.uploads.any()
    assert drawn.share_visible() == 0


def test_an_upload_names_the_contacts_and_nobody_else():
    graph = nx.path_graph(6)
    drawn = disclosure.draw_uploads(graph, members=0.4, uploads=1, seed=2)
    expected = {neighbour for node in np.flatnonzero(drawn.uploads) for neighbour in graph[node]}
    assert set(np.flatnonzero(drawn.named)) == expected
    assert set(np.flatnonzero(drawn.visible)) == expected - set(np.flatnonzero(drawn.member))


def test_membership_that_spreads_along_ties_stays_together():
    network = disclosure_networks.simulated("clustered", people=500, contacts=6, seed=1)
    random = disclosure.visibility(network, members=[0.2], replicates=20, seed=1)["visible"].iloc[0]
    along = disclosure.visibility(network, members=[0.2], replicates=20, seed=1, spread="along ties")
    assert along["visible"].iloc[0] < random / 1.5
    drawn = disclosure.draw_uploads(network, members=0.2, uploads=1, seed=1, spread="along ties")
    assert drawn.member.sum() == 100
    assert nx.is_connected(network.subgraph(np.flatnonzero(drawn.member).tolist()))


def test_spreading_goes_on_where_a_piece_ends():
    drawn = disclosure.draw_uploads(nx.empty_graph(10), members=0.7, uploads=1, seed=1, spread="along ties")
    assert drawn.member.sum() == 7


def test_closure_gives_hidden_ties_away_and_independence_does_not():
    aucs = {}
    for kind in ("random", "clustered"):
        network = disclosure_networks.simulated(kind, people=1500, seed=6)
        drawn = disclosure.draw_uploads(network, members=0.3, uploads=0.5, seed=6)
        found = disclosure.suggestions(network, drawn)
        assert found["ties"] == network.subgraph(np.flatnonzero(drawn.visible).tolist()).number_of_edges()
        aucs[kind] = found
    assert aucs["random"]["auc"] == pytest.approx(0.5, abs=0.02)
    assert aucs["clustered"]["auc"] > 0.8
    assert aucs["clustered"]["precision"] > 0.3 > aucs["random"]["precision"]


def test_area_under_the_curve_by_its_definition():
    network = nx.karate_club_graph()
    drawn = disclosure.draw_uploads(network, members=0.4, uploads=1, seed=9)
    shadow = np.flatnonzero(drawn.visible).tolist()
    uploading = set(np.flatnonzero(drawn.uploads).tolist())
    tied, apart = [], []
    for place, one in enumerate(shadow):
        for other in shadow[place + 1 :]:
            common = len(uploading & set(network[one]) & set(network[other]))
            (tied if network.has_edge(one, other) else apart).append(common)
    wins = np.mean([(a > b) + (a == b) / 2 for a in tied for b in apart])
    assert disclosure.suggestions(network, drawn)["auc"] == pytest.approx(wins)


def test_pairs_that_cannot_be_told_apart_have_no_area():
    found = disclosure.suggestions(
        nx.complete_graph(30), disclosure.draw_uploads(nx.complete_graph(30), members=0.3, uploads=1, seed=1)
    )
    assert found["ties"] == found["pairs"] > 0
    assert np.isnan(found["auc"])


def test_leak_counts_people_for_each_upload():
    found = disclosure.leak(nx.complete_graph(101), members=0.5, uploads=0.5, replicates=60, seed=1)
    assert found.value == pytest.approx(2, rel=0.1)  # one half are no members, one quarter upload
    low, high = found.interval
    assert low < found.value < high


def test_a_snowball_finds_people_with_many_contacts_first():
    network = disclosure_networks.simulated("unequal", people=800, seed=1)
    first = []
    for start in range(0, 800, 40):
        waves = disclosure.snowball(network, start, waves=2)
        assert waves["people"].is_monotonic_increasing
        first.append(waves.loc[1, "mean_contacts"])
        assert waves.loc[1, "people"] == 1 + network.degree(start)
    assert np.mean(first) > 1.3 * waves["mean_contacts_of_all"].iloc[0]
    everybody = disclosure.snowball(nx.path_graph(4), 0, waves=5).iloc[-1]
    assert (everybody["people"], everybody["ties"], everybody["share"]) == (4, 3, 1)


def test_the_same_seed_gives_the_same_draws():
    network = nx.karate_club_graph()
    first, second, other = (
        disclosure.visibility(network, members=[0.3], replicates=10, seed=seed) for seed in (1, 1, 2)
    )
    assert first.equals(second)
    assert not first.equals(other)


@pytest.mark.parametrize(
    "faulty",
    [
        {"members": 0},
        {"members": 1},
        {"members": -0.1},
        {"members": 30},
        {"members": "many"},
        {"members": float("nan")},
        {"uploads": 1.1},
        {"uploads": None},
        {"spread": "by magic"},
    ],
)
def test_faulty_draws_are_refused(faulty):
    with pytest.raises(InputError):
        disclosure.draw_uploads(nx.karate_club_graph(), **{"members": 0.3, "uploads": 0.5, **faulty})


def test_faulty_requests_are_refused():
    karate = nx.karate_club_graph()
    with pytest.raises(InputError, match="replicates"):
        disclosure.visibility(karate, members=[0.3], replicates=1)
    with pytest.raises(InputError, match="level"):
        disclosure.visibility(karate, members=[0.3], level=95)
    with pytest.raises(InputError, match="everybody is a member"):
        disclosure.visibility(nx.path_graph(2), members=[0.999999], replicates=5, seed=1)
    with pytest.raises(InputError, match="nobody uploads"):
        disclosure.leak(nx.path_graph(2), members=0.001, uploads=0.001, replicates=5, seed=1)
    with pytest.raises(InputError, match="contacts"):
        disclosure.expected_visible([-1], members=0.1, uploads=0.1)
    with pytest.raises(InputError, match="contacts"):
        disclosure.expected_visible([3], members=0.1, uploads=0.1, contacts=0)
    with pytest.raises(InputError, match="another network"):
        disclosure.suggestions(karate, disclosure.draw_uploads(nx.path_graph(4), members=0.5, uploads=1, seed=1))
    with pytest.raises(InputError, match="at most 4,000"):
        disclosure.suggestions(nx.empty_graph(4001), None)
    for start in (34, -1, "0", True):
        with pytest.raises(InputError, match="start"):
            disclosure.snowball(karate, start)
    with pytest.raises(InputError, match="waves"):
        disclosure.snowball(karate, 0, waves=0)


# --- Networks ---------------------------------------------------------------------------------------------------------


def test_classics_are_the_published_ones():
    sizes = {name: (len(disclosure_networks.classic(name)), disclosure_networks.classic(name).size())
             for name in disclosure_networks.CLASSICS}  # fmt: skip
    assert sizes == {
        "karate club": (34, 78),
        "Florentine families": (15, 20),
        "Southern women": (18, 139),
        "Les Misérables": (77, 254),
    }
    with pytest.raises(InputError, match="karate club"):
        disclosure_networks.classic("karate")


@pytest.mark.parametrize("faulty", [{"kind": "real"}, {"contacts": 3}, {"contacts": 0}, {"people": 10}])
def test_simulated_networks_refuse(faulty):
    with pytest.raises(InputError):
        disclosure_networks.simulated(**{"kind": "random", "people": 100, "contacts": 10, "seed": 1, **faulty})


@pytest.mark.parametrize(
    ("text", "found"),
    [("1 2\n3 4\n", "2 ties that are not"), ("", "empty"), ("1 2 3\n", "1 2 3"), ("a b\n", "a b"), ("1 -2\n", "1 -2")],
)
def test_another_edge_list_is_refused(text, found, tmp_path):
    path = tmp_path / "edges.txt"
    path.write_text(text, encoding="ascii")
    with pytest.raises(InputError, match=found):
        disclosure_networks.read_ego_facebook(path)


def test_no_edge_list_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"snap\.stanford\.edu"):
        disclosure_networks.read_ego_facebook(tmp_path / "none.txt")
    (tmp_path / "packed.gz").write_bytes(b"\x1f\x8b\x08\xff")
    with pytest.raises(InputError, match="unpacked"):
        disclosure_networks.read_ego_facebook(tmp_path / "packed.gz")


def test_ego_facebook():
    copy = os.environ.get("PLATFORMLABOUR_EGO_FACEBOOK")
    if not copy:
        pytest.skip("the network is not part of the project; PLATFORMLABOUR_EGO_FACEBOOK names a copy of one's own")
    graph = disclosure_networks.read_ego_facebook(Path(copy))
    assert (len(graph), graph.size()) == (4039, 88234)
    found = disclosure.visibility(graph, members=[0.1], replicates=10, seed=1)
    assert 0.7 < found["visible"].iloc[0] < 0.9
