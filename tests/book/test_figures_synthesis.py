"""Figures of a synthesis: words and picture from one frame, every specification drawn, refusals."""

import re

import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.book import figures_synthesis as fs

CIRCLES = pd.DataFrame(
    {
        "label": ["Registered", "Very active"],
        "median": [253_113.0, 14_903.0],
        **{f"low{level}": [200_000.0 + level, 9_000.0 + level] for level in (50, 80, 95)},
        **{f"high{level}": [300_000.0 + level, 23_000.0 + level] for level in (50, 80, 95)},
        "published": [266_126.0, None],
        "bound": ["point", "lower"],
    }
)
FACTORS = pd.DataFrame(
    {
        "label": ["Share of workers", "Devices"],
        "low_input": [0.1, 1.0],
        "high_input": [1.0, 2.0],
        "at_low": [100.0, 900.0],
        "at_high": [1000.0, 450.0],
        "kind": ["assumed", "measured"],
    }
)
TORNADO = {"low_input": "low_input", "high_input": "high_input", "at_low": "at_low", "at_high": "at_high"}
SPECIFICATIONS = pd.DataFrame(
    {
        "start": ["visitors", "visitors", "accounts", "accounts"],
        "divisor": ["two", "one", "two", "one"],
        "value": [50.0, 100.0, 500.0, 1000.0],
        "marked": ["", "", "printed", ""],
    }
)


def circles(frame=CIRCLES, **more):
    fields = {"published": "published", "bound": "bound", "subject": "two circles", "value_label": "people"}
    return fs.nested_interval_chart(frame, label="label", median="median", **(fields | more))


def tornado(frame=FACTORS, **more):
    fields = {"centre": 550.0, "group": "kind", "subject": "made-up factors", "value_label": "people"} | TORNADO
    return fs.tornado_chart(frame, label="label", **(fields | more))


def curve(frame=SPECIFICATIONS, **more):
    fields = {"choices": {"start": "Start from", "divisor": "Divide by"}, "value": "value", "marked": "marked"}
    return fs.specification_chart(frame, subject="four readings", value_label="people", **(fields | more))


def test_words_carry_rounded_numbers_bounds_and_what_was_published():
    figure = circles()
    assert "Registered 253,000 people (95% interval 200,000 to 300,000), published 266,126" in figure.alt
    assert "Very active 14,900 people (95% interval 9,100 to 23,100), a lower bound" in figure.alt
    assert figure.alt.count("published") == 1
    assert "50% 200,000 to 300,000" in figure.description
    assert figure.data is CIRCLES


def test_the_tornado_names_both_ends_of_every_factor():
    figure = tornado()
    assert "widest Share of workers (0.1 to 1), from 100 to 1,000, 2 factors" in figure.alt
    assert "Devices (measured): 900 at 1, 450 at 2" in figure.description
    assert "<pattern" in figure.svg  # the half for the upper end is hatched


def test_every_specification_is_drawn_and_described():
    figure = curve()
    assert figure.alt == (
        "Specification curve of four readings: 4 specifications from 50 to 1,000 people; printed is 500, rank 3."
    )
    assert "Start from: accounts: 2 from 500 to 1,000, visitors: 2 from 50 to 100" in figure.description
    path = r'<path d="([^"]*)"[^>]*stroke: #0072b2[^>]*stroke-width: 4.5; stroke-linecap: round'
    (dots,) = re.findall(path, figure.svg)
    assert dots.count("M") == 3  # and one hollow diamond for what was printed


def test_simulated_figures_say_so():
    for make in (circles, tornado, curve):
        figure = make(simulated=True)
        assert figure.alt.startswith("Simulated data. ")
        assert figure.description.startswith("Simulated data. ")


def test_the_same_frame_gives_the_same_picture():
    for make in (circles, tornado, curve):
        assert make().svg == make().svg


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: circles(CIRCLES.drop(columns="low80")), "no column 'low80' to draw"),
        (lambda: circles(CIRCLES.assign(low95=0)), "a value of zero or less"),
        (lambda: tornado(FACTORS.iloc[:0]), "a frame without rows"),
        (lambda: tornado(FACTORS.assign(at_low=0.0), log=True), "a value of zero or less"),
        (lambda: curve(SPECIFICATIONS.assign(value=-1.0)), "a value of zero or less"),
        (lambda: curve(marked="mark"), "no column 'mark' to draw"),
    ],
)
def test_refusals(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)
