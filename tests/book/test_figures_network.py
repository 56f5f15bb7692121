"""Drawings of networks: labels that do not overlap, an order with few crossings, the same picture each time."""

import re
from xml.etree import ElementTree

import pandas as pd
import pytest

from platformlabour import InputError, load
from platformlabour.book.figures_network import LAYER_STYLES, band_positions, crossings, label_boxes, network_map
from platformlabour.networks.embeddedness_views import deepest_part, view_from
from platformlabour.networks.relations import load_relations, select

READ = select(load_relations(), evidence=["seen", "secondary"])
DRAWINGS = {"deepest-part": deepest_part(READ), "from-clixsense": view_from(READ, "clixsense")}
CAVEAT = "A snowball from the press: a missing tie is a missing look."


def stored(name):
    table = load("network-positions").rename(columns={"organisation": "id"})
    return table.loc[table["drawing"] == name, ["id", "x", "y"]].reset_index(drop=True)


def drawn(name):
    nodes, ties = DRAWINGS[name]
    return network_map(nodes, ties, stored(name), subject="a network", caveat=CAVEAT)


@pytest.mark.parametrize("name", DRAWINGS)
def test_stored_positions_are_those_that_the_layout_gives(name):
    nodes, ties = DRAWINGS[name]
    made, kept = band_positions(nodes, ties), stored(name)
    assert made["id"].tolist() == kept["id"].tolist()
    assert (made[["x", "y"]] - kept[["x", "y"]]).abs().to_numpy().max() <= 0.11


@pytest.mark.parametrize("name", DRAWINGS)
def test_no_label_overlaps_another_or_leaves_the_page(name):
    boxes = label_boxes(DRAWINGS[name][0], stored(name)).to_dict("records")
    for k, one in enumerate(boxes):
        assert one["left"] >= 0
        assert one["right"] <= 360
        assert one["bottom"] >= 0
        for other in boxes[k + 1 :]:
            apart = one["right"] < other["left"] or other["right"] < one["left"]
            apart = apart or one["top"] < other["bottom"] or other["top"] < one["bottom"]
            assert apart, (one["id"], other["id"])


def test_overlap_would_be_noticed():
    nodes = pd.DataFrame({"id": ["a", "b"], "label": ["Above", "Above too"], "band": [0, 0]})
    near = pd.DataFrame({"id": ["a", "b"], "x": [100.0, 110.0], "y": [20.0, 20.0]})
    boxes = label_boxes(nodes, near)
    assert boxes["left"][1] < boxes["right"][0]


@pytest.mark.parametrize("name", DRAWINGS)
def test_order_has_no_more_crossings_than_four_fifths_of_the_alphabets(name):
    nodes, ties = DRAWINGS[name]
    places = stored(name).merge(nodes[["id", "band"]], on="id")
    bands = sorted(nodes["band"].unique())
    order = [places[places["band"] == band].sort_values("x")["id"].tolist() for band in bands]
    alphabet = [sorted(band) for band in order]
    assert crossings(order, ties) <= 0.8 * crossings(alphabet, ties)


@pytest.mark.parametrize("name", DRAWINGS)
def test_picture_is_small_valid_and_the_same_each_time(name):
    one, again = drawn(name), drawn(name)
    assert one.svg == again.svg
    assert len(one.svg.encode()) <= 64 * 1024
    ElementTree.fromstring(one.svg)
    assert "nan" not in one.svg
    used = {int(n) for n in re.findall(r'class="s(\d+)"', one.svg)}
    assert used == {int(n) for n in re.findall(r"\.s(\d+)\{", one.svg)}


@pytest.mark.parametrize("name", DRAWINGS)
def test_words_and_data_hold_every_tie_and_the_caveat(name):
    nodes, ties = DRAWINGS[name]
    figure, labels = drawn(name), nodes.set_index("id")["label"]
    assert figure.description.startswith(CAVEAT)
    assert len(figure.data) == len(ties)
    for tie in ties.to_dict("records"):
        assert labels[tie["sender"]] in figure.description
        assert labels[tie["receiver"]] in figure.description
    assert f"{len(nodes)} organisations" in figure.alt


def test_layers_differ_in_colour_and_in_line():
    styles = list(LAYER_STYLES.values())
    assert len({style["color"] for style in styles}) == len(styles)
    assert len({str(style["linestyle"]) for style in styles}) == len(styles)


NODES = pd.DataFrame({"id": ["a", "b"], "label": ["Above", "Below"], "band": [0, 1]})
TIES = pd.DataFrame({"sender": ["a"], "receiver": ["b"], "layer": ["ownership"]})
PLACES = band_positions(NODES, TIES)


def test_two_ties_of_a_pair_are_two_arcs():
    both = pd.concat([TIES, TIES.assign(layer="funding")])
    one, two = (network_map(NODES, ties, PLACES, subject="x", caveat=CAVEAT).svg for ties in (TIES, both))
    assert two.count("Q ") + two.count("Q") > one.count("Q ") + one.count("Q")


@pytest.mark.parametrize(
    ("nodes", "ties", "places", "words"),
    [
        (NODES, TIES.assign(layer="friendship"), PLACES, "'friendship'"),
        (NODES, TIES.drop(columns="layer"), PLACES, "without a layer"),
        (NODES, TIES.assign(receiver="z"), PLACES, "'z', which is not drawn"),
        (NODES, TIES, PLACES.head(1), "no position for 'b'"),
        (NODES.head(0), TIES, PLACES, "without nodes"),
        (NODES.drop(columns="band"), TIES, PLACES, "no column 'band'"),
        (NODES.assign(label=["A" * 60, "B"]), TIES, PLACES, "at most half the width"),
    ],
)
def test_what_cannot_be_drawn_is_refused(nodes, ties, places, words):
    with pytest.raises(InputError, match=words):
        network_map(nodes, ties, places, subject="x", caveat=CAVEAT)
