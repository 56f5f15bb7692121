"""The report's own network: what the table promises, and what is done with it."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from platformlabour import InputError, load
from platformlabour.networks import relations as net
from platformlabour.networks.relations import RELATIONS, WORDS, Relations, load_relations, relations_of, select
from platformlabour.tables import source_keys

NETWORK = load_relations()


def small(*rows, organisations=None):
    return relations_of(organisations, pd.DataFrame(rows, columns=["sender", "relation", "receiver"]))


# The tables


def test_every_organisation_stands_in_a_tie():
    ties = NETWORK.ties
    assert set(NETWORK.organisations["id"]) == {*ties["sender"], *ties["receiver"]}


def test_every_document_is_in_the_bibliography():
    known = set(source_keys())
    named = {key for row in NETWORK.ties.to_dict("records") for key in net.documents(row)}
    assert named <= known
    assert len(named) > 70


def test_no_tie_is_taken_from_a_mirror():
    bibliography = (load.__globals__["data_folder"]() / "references.bib").read_text(encoding="utf-8")
    for host in ("azureedge", "mediated.wiki", "kenyanlist", "koura4u", "arc-cdn", "cloudfront", "grokipedia"):
        assert host not in bibliography


def test_grades_of_evidence_and_notes_agree():
    ties = NETWORK.ties
    assert ties.loc[ties["evidence"] == "recalled", "note"].str.startswith("Recalled, not checked").all()
    assert ties.loc[ties["evidence"] == "secondary", "note"].str.startswith("Read in a secondary source").all()
    assert (ties.loc[ties["evidence"] == "recalled", "source"] == "TieUnread").all()
    assert (ties.loc[ties["evidence"] != "recalled", "source"] != "TieUnread").all()
    assert (ties.loc[ties["evidence"] == "recalled", "date_basis"] == "recalled").all()


def test_facts_from_the_restricted_export_are_single_and_marked():
    rows = NETWORK.ties[NETWORK.ties["source"] == "TieCrunchbase2015"]
    assert 0 < len(rows) < 50
    assert (rows["licence"] == "CC-BY-NC-4.0").all()
    assert (rows["relation"] == "acquired").all()


def test_an_end_says_how_it_is_known():
    ties = NETWORK.ties
    assert ((ties["period_end"] != "") == (ties["end_basis"] != "")).all()
    assert ((ties["share"].notna()) == (ties["share_dated"] != "")).all()
    assert ((ties["votes"].notna()) == (ties["votes_dated"] != "")).all()


def test_membership_is_a_type_of_its_own():
    ties, levels = NETWORK.ties, NETWORK.levels
    members = ties[ties["relation"] == "membership"]
    assert len(members) == 7
    assert {levels[name] for name in members["sender"]} == {"worker community"}
    communities = {name for name, level in levels.items() if level == "worker community"}
    assert communities.isdisjoint({*ties.loc[ties["relation"] != "membership", "sender"], *ties["receiver"]})


def test_numbers_that_the_page_announces():
    assert (len(NETWORK.organisations), len(NETWORK.ties)) == (261, 276)
    assert NETWORK.ties["evidence"].value_counts().to_dict() == {"seen": 199, "recalled": 71, "secondary": 6}


# Layers, slices, projections


def test_every_relation_has_a_layer_and_words():
    assert set(WORDS) == set(RELATIONS)
    assert set(NETWORK.ties["layer"]) == set(net.LAYERS)


def test_slices_follow_starts_and_ends():
    ties = pd.DataFrame(
        {
            "sender": ["a", "a", "a"],
            "relation": ["owns", "owns", "owns"],
            "receiver": ["b", "c", "d"],
            "period_start": ["2010", "2015-06-01", ""],
            "period_end": ["2012", "", ""],
        }
    )
    made = relations_of(None, ties)

    def receivers(**options):
        return list(select(made, **options).ties["receiver"])

    assert receivers(during=2011) == ["b"]
    assert receivers(during=2013) == []
    assert receivers(during=2020) == ["c"]
    assert receivers(during=2020, ending="attested only") == []
    assert receivers(during=(2012, 2015)) == ["b", "c"]
    assert receivers() == ["b", "c", "d"]


def test_a_later_window_never_loses_what_continues():
    counts = [len(select(NETWORK, during=(1990, year)).ties) for year in range(1995, 2027)]
    assert counts == sorted(counts)
    assert counts[-1] == len(NETWORK.ties)


def test_ties_whose_only_documents_are_left_out():
    ties = pd.DataFrame(
        {
            "sender": ["a", "a"],
            "relation": ["owns", "owns"],
            "receiver": ["b", "c"],
            "source": ["One", "One"],
            "further_sources": ["", "Two"],
        }
    )
    left = select(relations_of(None, ties), without_sources=["One"])
    assert list(left.ties["receiver"]) == ["c"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"layers": ["owning"]}, "'owning'"),
        ({"evidence": ["certain"]}, "'certain'"),
        ({"date_basis": ["guess"]}, "'guess'"),
        ({"during": (2020, 2019)}, "2020 to 2019"),
        ({"during": 2020, "ending": "never"}, "'never'"),
    ],
)
def test_unknown_choices_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        select(NETWORK, **options)


def test_graph_keeps_every_tie_and_its_attributes():
    graph = net.to_graph(NETWORK)
    assert graph.number_of_edges() == len(NETWORK.ties)
    assert graph.nodes["meta"] == {"name": "Meta", "level": "client", "band": 1}
    assert graph["meta"]["scale-ai"]["invested_in"]["share"] == 49
    empty = NETWORK.replace(NETWORK.ties.iloc[:0])
    assert net.to_graph(empty, isolated=True).number_of_nodes() == 261
    assert net.to_graph(empty).number_of_nodes() == 0


def test_commands_run_from_the_user_of_labour_to_its_supplier():
    made = small(("v", "supplies_labour_to", "door"), ("c", "operates", "door"), ("f", "membership", "v"))
    assert set(net.command_graph(made).edges) == {("door", "v"), ("c", "door")}


def test_a_group_is_one_node():
    made = small(("a", "same_group", "b"), ("x", "owns", "b"), ("a", "owns", "y"), ("a", "owns", "b"))
    graph = net.command_graph(made)
    assert set(graph.edges) == {("x", "a"), ("a", "y")}
    assert net.groups(made) == {"a": "a", "b": "a", "x": "x", "y": "y"}


def test_own_network_has_no_circle_of_command():
    assert nx.is_directed_acyclic_graph(net.command_graph(NETWORK))


def test_projection_equals_the_matrix_product():
    """Southern women: the one-mode projection of a two-mode network is B B' without its diagonal."""
    women = nx.davis_southern_women_graph()
    top = sorted(women.graph["top"])
    rows = [(name, "outsources_to", event) for name in top for event in women[name]]
    ends = sorted({*women})
    organisations = pd.DataFrame({"id": ends, "level": ["client" if name in top else "vendor" for name in ends]})
    made = relations_of(organisations, pd.DataFrame(rows, columns=["sender", "relation", "receiver"]))
    pairs = net.project(made, level="client", through="vendor")
    assert len(pairs) == 139
    both = pairs[(pairs["first"] == "Evelyn Jefferson") & (pairs["second"] == "Laura Mandeville")]
    assert both["shared"].item() == 6
    incidence = nx.bipartite.biadjacency_matrix(women, top).toarray()
    assert pairs["shared"].sum() == np.triu(incidence @ incidence.T, 1).sum()


def test_projection_of_an_unknown_level_is_refused():
    with pytest.raises(InputError, match="'worker'"):
        net.project(NETWORK, level="worker", through="client")


def test_holdings_hand_over_shares_and_votes_as_fractions():
    held = net.holdings(NETWORK)
    assert held["share"].between(0, 1).all()
    assert held["votes"].between(0, 1).all()
    by_pair = held.set_index(["owner", "owned"])
    assert by_pair.loc[("softbank", "didi"), ["share", "dated"]].tolist() == [0.2, "2021"]
    telus = by_pair.loc[("telus-corporation", "telus-international"), ["share", "votes"]]
    assert telus.tolist() == pytest.approx([0.65, 0.666])
    with pytest.raises(InputError, match="shares"):
        net.holdings(small(("a", "owns", "b")))


def test_short_form_names_the_size():
    assert repr(NETWORK) == "Relations(261 organisations, 276 ties)"
    assert isinstance(NETWORK.replace(NETWORK.ties.head(2)), Relations)
