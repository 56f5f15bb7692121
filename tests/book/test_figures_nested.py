"""Nested bars: words, picture and refusals."""

import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.book.figures_nested import nested_bars

WORDS = {
    "label": "city",
    "inner": ("l", "h"),
    "outer": ("ol", "oh"),
    "subject": "two cities",
    "value_label": "per cent of people (share)",
    "inner_label": "overlap",
    "outer_label": "error",
}


def cities(**changes):
    return pd.DataFrame(
        {"city": ["Łódź", "Poznań"], "l": [2.0, 1.0], "h": [3.0, 5.0], "ol": [1.0, 0.5], "oh": [4.0, 6.0]} | changes
    )


def test_words_name_every_row_and_both_ranges():
    figure = nested_bars(cities(), **WORDS)
    assert "Łódź: overlap 2 to 3, error 1 to 4" in figure.description
    assert figure.alt.startswith("Nested bars of two cities: per cent of people from 2 to 3 (Łódź)")
    assert figure.alt.endswith("outer ranges from 0.5 to 6.")
    assert figure.data.equals(cities())
    assert nested_bars(cities(), **WORDS).svg == figure.svg
    assert len(figure.svg) < 64 * 1024


def test_simulated_says_so():
    assert nested_bars(cities(), **WORDS, simulated=True).alt.startswith("Simulated data.")


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (cities(ol=[2.5, 0.5]), {}, "an inner range inside the outer one"),
        (cities(oh=[4.0, float("inf")]), {}, "an inner range inside the outer one"),
        (cities(l=[float("nan"), 1.0]), {}, "an inner range inside the outer one"),
        (cities(ol=[0.0, 0.5]), {"log": True}, "values above zero"),
        (cities().drop(columns="h"), {}, "no column 'h'"),
        (cities().iloc[:0], {}, "at least one row"),
    ],
)
def test_refusals(frame, options, message):
    with pytest.raises(InputError, match=message):
        nested_bars(frame, **WORDS, **options)
