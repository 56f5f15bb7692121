"""Pictures of catalogues and of cases in time: their words, their data, and what they refuse."""

import xml.etree.ElementTree as ET

import pandas as pd
import pytest

from platformlabour import InputError, load
from platformlabour.book.figures_catalogues import growth_chart, paired_chart
from platformlabour.book.figures_timeline import timeline_chart
from platformlabour.functions import cases, catalogues

GROWN = catalogues.growth(load("label-studio-templates"), load("label-studio-releases"))
RULES = pd.DataFrame(
    {"source": ["a", "a", "b", "b"], "rule": ["one", "two"] * 2, "share": [0.5, 0.7, 0.2, 0.3], "low": 0.1, "high": 0.9}
)
CASES = cases.timeline(load("impersonation-cases")).assign(withdrawn=lambda rows: rows["grade"] == "D")


def grown(frame=GROWN):
    return growth_chart(frame, date="released", value="templates", group="subject", subject="s", y_label="templates")


def paired(frame=RULES):
    return paired_chart(
        frame, row="source", series="rule", value="share", low="low", high="high", subject="s", value_label="share"
    )


def timed(frame=CASES):
    return timeline_chart(
        frame,
        label="label",
        start="practice_start",
        end="practice_end",
        event="public_year",
        group="function",
        hollow="withdrawn",
        subject="s",
        event_label="year made public",
    )


@pytest.mark.parametrize("draw", [grown, paired, timed])
def test_a_figure_is_well_formed_small_and_the_same_twice(draw):
    figure = draw()
    ET.fromstring(figure.svg)
    assert len(figure.svg.encode()) <= 64 * 1024 * (2 if draw is timed else 1)  # all 39 cases; the book draws two parts
    assert draw().svg == figure.svg
    assert len(figure.alt) < 400
    assert not figure.data.empty


def test_each_part_of_the_case_file_fits_its_ceiling():
    for functions in (("impersonation",), ("verification", "preparation")):
        assert len(timed(CASES[CASES["function"].isin(functions)]).svg.encode()) <= 64 * 1024


def test_growth_says_its_ends():
    assert "39 on 16 March 2021, 69 on 25 September 2026" in grown().alt
    assert grown().data["released"].iloc[0] == "2021-03-16"


def test_a_kind_without_a_number_is_refused():
    with pytest.raises(InputError, match="every kind and date"):
        grown(GROWN.iloc[1:])


def test_pairs_say_every_number():
    assert "a: one 0.5 (interval 0.1 to 0.9), two 0.7" in paired().description
    with pytest.raises(InputError, match="outside its interval"):
        paired(RULES.assign(high=0.6))


def test_the_timeline_says_every_case():
    figure = timed()
    assert "39 cases" in figure.alt
    assert all(label in figure.description for label in CASES["label"])
    assert figure.description.count("(hollow)") == 1
    with pytest.raises(InputError, match="not before the first"):
        timed(CASES.assign(practice_end=2000))
