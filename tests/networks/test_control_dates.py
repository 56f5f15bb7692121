"""Holdings at one date: what stands, what a later holding replaces, and what is refused."""

import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.networks import control, relations


def frame(*rows):
    columns = ["owner", "owned", "share", "votes", "dated", "year_from", "year_to"]
    return pd.DataFrame([(a, b, x, x, str(start), start, end) for a, b, x, start, end in rows], columns=columns)


def test_what_stands_in_a_year():
    held = frame(("A", "C", 0.4, 2015, 2018), ("B", "C", 0.3, 2017, None))
    assert control.holdings_at(held, 2016)[0].names == ("A", "C")
    assert control.holdings_at(held, 2018)[0].shares.nnz == 2
    assert control.holdings_at(held, 2019)[0].names == ("B", "C")
    with pytest.raises(InputError, match="no holding that stands in 2014"):
        control.holdings_at(held, 2014)


def test_a_buyer_of_the_whole_replaces_the_sellers_and_they_are_listed():
    held = frame(("A", "C", 0.4, 2015, None), ("B", "C", 0.4, 2016, None), ("D", "C", 1.0, 2019, None))
    holdings, aside = control.holdings_at(held, 2020, names={"C": "Firm"})
    assert holdings.names == ("D", "Firm")
    assert aside[["owner", "replaced_by"]].to_numpy().tolist() == [["B", "D"], ["A", "D"]]
    assert len(aside) + holdings.shares.nnz == len(held)
    assert control.above_the_whole(held)["total"].tolist() == [pytest.approx(1.8)]


def test_more_than_the_whole_at_one_date_is_refused():
    with pytest.raises(InputError, match="120% of 'C' held"):
        control.holdings_at(frame(("A", "C", 0.6, 2015, None), ("B", "C", 0.6, 2015, None)), 2016)


def test_a_missing_column_is_refused():
    with pytest.raises(InputError, match="without 'votes'"):
        control.holdings_at(frame(("A", "C", 0.6, 2015, None)).drop(columns="votes"), 2016)


def test_the_holdings_of_this_report_stand_in_every_year():
    held = relations.holdings(relations.load_relations())
    for year in range(2015, 2026):
        for part in (held, held[held["evidence"] != "recalled"]):
            holdings, aside = control.holdings_at(part, year)
            standing = (part["year_from"] <= year) & (part["year_to"].isna() | (part["year_to"] >= year))
            assert holdings.shares.nnz + len(aside) == standing.sum()
            assert control.integrated_ownership(holdings).max() <= 1
