"""The chart of predictions: words from the numbers drawn, and refusals."""

import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.book.figures_traffic import imputation_chart

WORDS = {
    "subject": "platforms",
    "x_label": "visitors",
    "y_label": "accounts",
    "known_label": "declared",
    "predicted_label": "predicted",
}
COLUMNS = {"x": "v", "known": "r", "predicted": "p", "low": "l", "high": "h"}


def frame(**changes):
    nothing = float("nan")
    columns = {
        "v": [1e3, 1e4, 2e4],
        "r": [5e3, nothing, 9e4],
        "p": [nothing, 4e4, nothing],
        "l": [nothing, 1e4, nothing],
        "h": [nothing, 1.6e5, nothing],
    }
    return pd.DataFrame({**columns, **changes})


def test_words_hold_every_number_drawn():
    figure = imputation_chart(frame(), **COLUMNS, **WORDS, simulated=True)
    assert figure.alt.startswith("Simulated data. Scatter chart of platforms: 2 declared, from 5,000 to 90,000")
    assert "from 10,000 to 160,000" in figure.alt
    assert "visitors 10,000: predicted 40,000 (interval 10,000 to 160,000)" in figure.description
    assert len(figure.svg) < 64 * 1024
    assert figure.svg == imputation_chart(frame(), **COLUMNS, **WORDS, simulated=True).svg


def test_all_known_has_no_interval():
    known = frame(r=[1.0, 2.0, 3.0], p=[float("nan")] * 3)
    assert imputation_chart(known, **COLUMNS, **WORDS).alt.endswith("3 declared, from 1 to 3, and 0 predicted.")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"r": [5e3, 4e4, 9e4]}, "neither or both"),
        ({"p": [float("nan")] * 3}, "neither or both"),
        ({"v": [0, 1, 2]}, 'row 2, column "v"'),
        ({"r": [-1, float("nan"), 1]}, 'row 2, column "r"'),
    ],
)
def test_bad_frames_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        imputation_chart(frame(**changes), **COLUMNS, **WORDS)


def test_a_missing_column_is_refused():
    with pytest.raises(InputError, match="no column 'h'"):
        imputation_chart(frame().drop(columns="h"), **COLUMNS, **WORDS)
