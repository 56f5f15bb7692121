"""Ties that cannot be right, from frames, CSV files and GraphML: one clear message each, nothing dropped in silence."""

import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.networks.relations import relations_of
from platformlabour.networks.relations_checks import check_ties
from platformlabour.networks.relations_reading import read_graphml, read_ties

HEADER = "sender,relation,receiver,period_start,period_end,share,votes"
GOOD = "meta,outsources_to,sama,2019,2023-03,,"


def csv_file(folder, *rows, header=HEADER, name="ties.csv"):
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ("meta,outsources_to,sama,2019,2018,,", "period_end", "an end, 2018, before the start, 2019"),
        ("meta,owns,sama,2019-05,2019-04-30,,", "period_end", "before the start"),
        ("meta,owns,sama,19,,,", "period_start", "which is not a date"),
        ("meta,owns,sama,2019-13,,,", "period_start", "which is not a date"),
        ("meta,owns,sama,,,101,", "share", "a share of 101 per cent; expected no more than 100 per cent"),
        ("meta,owns,sama,,,-1,", "share", "a share of -1 per cent"),
        ("meta,owns,sama,,,half,", "share", "the share 'half'"),
        ("meta,owns,sama,,,nan%,", "share", "the share"),
        ("meta,owns,sama,,,inf,", "share", "a share of inf per cent"),
        ("meta,owns,sama,,,49,120", "votes", "a share of votes of 120 per cent"),
        ("meta,owns,meta,,,,", "receiver", "'meta' tied to itself"),
        ("meta,befriends,sama,,,,", "relation", "'befriends'; expected one of owns"),
        ("meta,outsources,sama,,,,", "relation", "'outsources_to', perhaps"),
        (",owns,sama,,,,", "sender", "an empty cell"),
        ("meta,,sama,,,,", "relation", "an empty cell"),
    ],
)
def test_row_is_refused_with_its_place(tmp_path, row, column, message):
    path = csv_file(tmp_path, "google,outsources_to,appen,2017,,,", row)
    with pytest.raises(InputError) as refused:
        read_ties(path)
    assert (refused.value.file, refused.value.row, refused.value.column) == ("ties.csv", 3, column)
    assert message in str(refused.value)


def test_duplicate_tie_names_the_first(tmp_path):
    with pytest.raises(InputError, match="as in row 2; expected each tie once"):
        read_ties(csv_file(tmp_path, GOOD, GOOD))


def test_the_same_tie_at_another_time_is_another_tie(tmp_path):
    path = csv_file(tmp_path, "meta,outsources_to,sama,2015,2016,,", "meta,outsources_to,sama,2019,,,")
    assert len(read_ties(path).ties) == 2


def test_tie_to_an_unknown_organisation_suggests_the_nearest(tmp_path):
    known = csv_file(tmp_path, "meta", "sama", header="id", name="organisations.csv")
    path = csv_file(tmp_path, "meta,outsources_to,samma,,,,")
    with pytest.raises(InputError, match="a tie to 'samma', which no row of the organisations has; expected 'sama'"):
        read_ties(path, organisations=known)


def test_organisation_listed_twice(tmp_path):
    known = csv_file(tmp_path, "meta", "sama", "meta", header="id", name="organisations.csv")
    with pytest.raises(InputError, match="the organisation 'meta' twice"):
        read_ties(csv_file(tmp_path, GOOD), organisations=known)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "an empty file"),
        (b"sender,relation,receiver\n", "no ties"),
        (b"from,to\na,b\n", "a column 'sender'"),
        (b"sender,sender,receiver\na,b,c\n", "the column 'sender' twice"),
        (b"sender,relation,receiver\na,owns\n", "2 cells"),
        (b"sender,relation,receiver\n\xff,owns,b\n", "not UTF-8"),
        (b"sender,relation,receiver\na\x00,owns,b\n", "a NUL character"),
        (b'sender,relation,receiver\n"a,owns,b\n', "quotes that do not match"),
    ],
)
def test_files_that_are_no_table(tmp_path, content, message):
    path = tmp_path / "ties.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_ties(path)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_ties(tmp_path / "absent.csv")
    with pytest.raises(InputError, match="a folder"):
        read_ties(tmp_path)


def test_every_fault_is_listed():
    ties = pd.DataFrame(
        {"sender": ["a", "b"], "relation": ["owns", "owns"], "receiver": ["a", "c"], "share": [10.0, 130.0]}
    )
    assert [fault.column for fault in check_ties(ties, relations=["owns"])] == ["receiver", "share"]
    with pytest.raises(InputError) as refused:
        relations_of(None, ties)
    assert refused.value.__notes__ == ["1 more of the kind."]


def test_a_year_read_as_a_number_is_still_a_year():
    ties = pd.DataFrame({"sender": ["a"], "relation": ["owns"], "receiver": ["b"], "period_start": [2019.0]})
    assert relations_of(None, ties).ties["year_from"].tolist() == [2019]


# GraphML

GRAPHML = """<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="r" for="edge" attr.name="relation" attr.type="string"/>
<key id="s" for="edge" attr.name="share" attr.type="double"/>
<key id="l" for="node" attr.name="level" attr.type="string"/>
<graph edgedefault="{direction}">
<node id="meta"><data key="l">client</data></node><node id="scale"/>
{edges}
</graph></graphml>"""
EDGE = '<edge source="{0}" target="{1}"><data key="r">{2}</data>{3}</edge>'


def graphml(folder, *edges, direction="directed", text=None):
    path = folder / "ties.graphml"
    content = GRAPHML.format(direction=direction, edges="".join(edges)) if text is None else text
    path.write_text(content, encoding="utf-8")
    return path


def test_good_graphml_keeps_parallel_ties_levels_and_shares(tmp_path):
    edges = (
        EDGE.format("meta", "scale", "invested_in", '<data key="s">49</data>'),
        EDGE.format("meta", "scale", "outsources_to", ""),
    )
    made = read_graphml(graphml(tmp_path, *edges))
    assert sorted(made.ties["relation"]) == ["invested_in", "outsources_to"]
    assert made.levels == {"meta": "client", "scale": ""}
    assert made.ties["share"].max() == 49


def test_external_entity_is_refused_and_never_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("do not read", encoding="utf-8")
    declared = f'<!DOCTYPE graphml [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    edge = EDGE.format("meta", "scale", "&x;", "")
    text = GRAPHML.format(direction="directed", edges=edge).replace("<graphml", declared + "<graphml", 1)
    with pytest.raises(InputError, match="a document type or an entity") as refused:
        read_graphml(graphml(tmp_path, text=text))
    assert "do not read" not in str(refused.value)


def test_expanding_entities_are_refused(tmp_path):
    bomb = '<!DOCTYPE g [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    text = GRAPHML.format(direction="directed", edges="").replace("<graphml", bomb + "<graphml", 1)
    with pytest.raises(InputError, match="a document type or an entity"):
        read_graphml(graphml(tmp_path, text=text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<graphml", "XML that stops making sense"),
        ("<html></html>", "XML that is not GraphML"),
        (GRAPHML.format(direction="undirected", edges=EDGE.format("meta", "scale", "owns", "")), "an undirected graph"),
        (GRAPHML.format(direction="directed", edges=""), "a graph without edges"),
        (GRAPHML.format(direction="directed", edges=EDGE.format("meta", "meta", "owns", "")), "in edge 1, 'meta' tied"),
        (GRAPHML.format(direction="directed", edges=EDGE.format("meta", "scale", "likes", "")), "in edge 1, 'likes'"),
        (
            GRAPHML.format(
                direction="directed", edges=EDGE.format("meta", "scale", "owns", '<data key="s">149</data>')
            ),
            "in edge 1, a share of 149",
        ),
    ],
)
def test_graphml_that_cannot_be_right(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_graphml(graphml(tmp_path, text=text))


def test_edges_without_a_relation_take_the_one_named(tmp_path):
    path = graphml(tmp_path, '<edge source="meta" target="scale"/>')
    assert read_graphml(path, relation="owns").ties["relation"].tolist() == ["owns"]
    with pytest.raises(InputError, match="an empty cell"):
        read_graphml(path)
    with pytest.raises(InputError, match="'likes'"):
        read_graphml(path, relation="likes")
