"""Formulas, contrasts and grouping of equal rows."""

import numpy as np
import pandas as pd
import pytest

from platformlabour import InputError
from platformlabour.counting.recapture.formula import design, parse

FRAME = pd.DataFrame(
    {
        "times": [1, 2, 1, 3, 1, 2],
        "age": [20.0, 30, 40, 20, 30, 40],
        "nation": ["Mali", "Chad", "Togo", "Chad", "Mali", "Togo"],
        "sex": pd.Categorical(["m", "f", "f", "m", "f", "m"], categories=["m", "f", "unused"]),
    }
)


@pytest.mark.parametrize(
    ("text", "terms", "intercept"),
    [
        ("y ~ 1", (), True),
        ("y ~ a + b", (("a",), ("b",)), True),
        ("y ~ a:b + a", (("a",), ("a", "b")), True),
        ("y ~ a*b*c - a:b:c", (("a",), ("b",), ("c",), ("a", "b"), ("a", "c"), ("b", "c")), True),
        ("y ~ a - 1", (("a",),), False),
        ("y ~ 0 + a", (("a",),), False),
        ("y ~ -1 + a", (("a",),), False),
        ("y~a.b + `c d`", (("a.b",), ("c d",)), True),
    ],
)
def test_terms(text, terms, intercept):
    parsed = parse(text)
    assert (parsed.response, parsed.terms, parsed.intercept) == ("y", terms, intercept)


@pytest.mark.parametrize(
    "text",
    ["", "y", "y ~", "~ a", "y ~ a +", "y ~ a b", "y ~ a ^ 2", "y ~ 2", "y ~ a:", "y + z ~ a", "y ~ a ~ b", "y ~ y", 7],
)
def test_what_is_not_a_formula_is_refused(text):
    with pytest.raises(InputError):
        parse(text)


def test_text_is_coded_against_its_first_level_and_categories_keep_their_order():
    coded = design(FRAME, parse("times ~ nation + sex + age"))
    assert coded.names == ("intercept", "nation[Mali]", "nation[Togo]", "sex[f]", "age")
    rows = np.arange(6) if coded.rows is None else coded.rows
    expected = [
        np.ones(6),
        FRAME["nation"] == "Mali",
        FRAME["nation"] == "Togo",
        FRAME["sex"] == "f",
        FRAME["age"],
    ]
    np.testing.assert_array_equal(coded.matrix[:, rows], np.array(expected, dtype=float))


@pytest.mark.parametrize(
    ("formula", "names"),
    [
        ("times ~ sex - 1", ("sex[m]", "sex[f]")),
        ("times ~ sex:age", ("intercept", "sex[m]:age", "sex[f]:age")),
        ("times ~ age + sex:age", ("intercept", "age", "sex[f]:age")),
        ("times ~ sex + sex:age", ("intercept", "sex[f]", "sex[m]:age", "sex[f]:age")),
    ],
)
def test_levels_are_dropped_only_where_they_would_repeat_a_smaller_term(formula, names):
    coded = design(FRAME, parse(formula))
    assert sorted(coded.names) == sorted(names)
    assert np.linalg.matrix_rank(coded.matrix) == len(names)


def test_equal_rows_share_a_column():
    coded = design(FRAME, parse("times ~ nation"))
    assert coded.matrix.shape == (3, 3)
    assert len(coded.rows) == 6


def test_redundant_interactions_are_named():
    with pytest.raises(InputError, match="follows exactly"):
        design(FRAME.head(3), parse("times ~ nation * sex"))


def test_columns_of_one_name_are_refused():
    frame = pd.concat([FRAME, FRAME[["age"]]], axis=1)
    with pytest.raises(InputError, match="same name"):
        design(frame, parse("times ~ age"))
