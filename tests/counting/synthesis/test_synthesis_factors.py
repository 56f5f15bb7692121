"""Factors: what each must say of itself, and factors read from a table."""

import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.counting import synthesis as sy

GOOD = {
    "name": "active",
    "distribution": sy.uniform(0.1, 0.3),
    "unit": "share",
    "kind": "measured",
    "source": "MadeUp",
    "date": "2018-06",
    "licence": "CC0-1.0",
    "grade": "seen",
}
ROW = {
    "factor": "active",
    "form": "uniform",
    "central": None,
    "low": 0.1,
    "high": 0.3,
    "unit": "share",
    "kind": "assumed",
    "source": None,
    "period": "",
    "licence": "CC0-1.0",
    "evidence": "none",
    "one_sided": None,
    "note": None,
}


def test_a_good_factor_describes_itself():
    assert sy.Factor(**GOOD).describe() == "active: uniform from 0.1 to 0.3 (share, measured)"


@pytest.mark.parametrize(
    ("changes", "column", "found"),
    [
        ({"name": "Active share"}, None, "the factor's name"),
        ({"name": 3}, "name", "3"),
        ({"distribution": 0.2}, "distribution", "0.2"),
        ({"distribution": sy.uniform(10, 30)}, "distribution", "a share that is uniform from 10 to 30"),
        ({"distribution": sy.normal(0.2, 0.1)}, "distribution", "a share that is normal"),
        ({"kind": "guessed"}, "kind", "the kind 'guessed'"),
        ({"grade": "certain"}, "grade", "the grade 'certain'"),
        ({"one_sided": "above"}, "one_sided", "'above'"),
        ({"unit": " "}, "unit", "no unit"),
        ({"source": ""}, "source", "a measurement without a source"),
        ({"grade": "none"}, "source", "a measurement without a source"),
        ({"date": "June 2018"}, "date", "the date 'June 2018'"),
        ({"date": ""}, "date", "a measurement without a date"),
    ],
)
def test_refused_factors(changes, column, found):
    with pytest.raises(InputError) as refusal:
        sy.Factor(**(GOOD | changes))
    assert refusal.value.column == column
    assert refusal.value.found.startswith(found)


def test_factors_from_a_table_and_back():
    rows = [
        ROW,
        ROW | {"factor": "accounts", "form": "fixed", "central": 9.0, "low": None, "high": None, "unit": "accounts"},
        ROW | {"factor": "idle", "form": "beta", "one_sided": "lower"},
        ROW | {"factor": "homes", "form": "triangular", "central": 1.3, "low": 1.0, "high": 2.0, "unit": "ratio"},
        ROW | {"factor": "reach", "form": "lognormal", "central": 0.2, "unit": "ratio"},
    ]
    made = sy.factors_from_table(pd.DataFrame(rows))
    assert [factor.name for factor in made] == ["active", "accounts", "idle", "homes", "reach"]
    assert made[2].one_sided == "lower"
    table = sy.factor_table(made)
    assert table["distribution"].tolist()[:2] == ["uniform from 0.1 to 0.3", "fixed at 9"]
    assert table["grade"].tolist() == ["none"] * 5


@pytest.mark.parametrize(
    ("changes", "column", "found"),
    [
        ({"form": "square"}, "form", "the form 'square'"),
        ({"high": None}, "high", "no number with the form 'uniform'"),
        ({"central": 0.2}, "central", "a number with the form 'uniform'"),
        ({"low": 0.4}, None, "limits from 0.4 to 0.3"),
        ({"kind": "measured"}, "source", "a measurement without a source"),
    ],
)
def test_a_bad_row_is_named(changes, column, found):
    with pytest.raises(InputError) as refusal:
        sy.factors_from_table(pd.DataFrame([ROW, ROW | changes]))
    assert refusal.value.row == 3
    assert refusal.value.column == column
    assert refusal.value.found.startswith(found)
