"""The log-linear engine against independent computations, published software and its own algebra."""

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from platformlabour import InputError
from platformlabour.counting.recapture import loglinear
from platformlabour.counting.recapture.loglinear import (
    CellDesign,
    OccasionDesign,
    existence,
    fit_cells,
    fit_models,
    heterogeneity,
    hierarchical_models,
    interaction_matrix,
    interaction_terms,
    log_linear_profile,
    maximise,
    pattern_matrix,
    profile_interval,
)
from platformlabour.counting.recapture.patterns import CapturePatterns

REFERENCE = Path(__file__).parent / "reference"


def rows_of(name):
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def patterns_of(dataset):
    return CapturePatterns.from_counts(
        {row["pattern"]: int(row["people"]) for row in rows_of("closed_patterns.csv") if row["dataset"] == dataset}
    )


def terms_of(name):
    """The terms that a model written by its highest ones contains: [12,3] has 1, 2, 3 and 12."""
    highest = [tuple(int(x) - 1 for x in part) for part in name.strip("[]").split(",")]
    inside = {
        part for term in highest for size in range(1, len(term) + 1) for part in itertools.combinations(term, size)
    }
    return sorted(inside, key=lambda term: (len(term), term))


TERM_ROWS = [row for row in rows_of("closed_reference_values.csv") if row["form"] == "terms"]


def test_reference_rows_with_terms_are_there():
    assert len(TERM_ROWS) > 90


@pytest.mark.parametrize("row", TERM_ROWS, ids=lambda row: f"{row['dataset']} {row['model']} {row['quantity']}")
def test_models_with_interactions_agree_with_rcapture(row):
    seen = patterns_of(row["dataset"])
    name, _, shape = row["model"].partition("+")
    expected = float(row["value"])
    if row["quantity"] == "captured":
        assert seen.captured == expected
        return
    if row["quantity"] == "models":
        assert len(hierarchical_models(seen.occasions)) == expected
        return
    matrix = interaction_matrix(seen.occasions, terms_of(name))
    if shape:
        matrix = np.column_stack([matrix, heterogeneity(shape, pattern_matrix(seen.occasions).sum(axis=1))])
    fit, check = fit_cells(matrix, seen.cells())
    assert check.exists
    assert fit.converged.all()
    if row["quantity"].startswith("profile"):
        sufficient = seen.cells() @ matrix
        profile = log_linear_profile(CellDesign(matrix), sufficient, seen.captured, fit.parameters[0])
        limits = profile_interval(profile, seen.captured, float(fit.value[0]))
        found = dict(zip(("profile_maximum", "profile_lower", "profile_upper"), limits, strict=True))[row["quantity"]]
    else:
        found = {
            "people": fit.value,
            "standard_error": fit.standard_error,
            "deviance": fit.deviance,
            "df": fit.df,
            "aic": fit.aic,
            "bic": fit.bic,
        }[row["quantity"]][0]
    assert found == pytest.approx(expected, rel=float(row["relative_tolerance"]))


def test_a_column_of_any_convex_function_can_stand_for_heterogeneity():
    wanted = {
        row["quantity"]: float(row["value"])
        for row in rows_of("closed_reference_values.csv")
        if row["form"] == "frequencies of occasions"
    }
    seen = patterns_of("meadow-vole")
    times = pattern_matrix(5).sum(axis=1)
    matrix = np.column_stack([np.ones(31), times, heterogeneity("poisson", times, theta=0.5)])
    fit = fit_models(matrix, seen.cells())
    assert fit.value[0] == pytest.approx(wanted["people"], rel=1e-5)
    assert fit.standard_error[0] == pytest.approx(wanted["standard_error"], rel=1e-3)
    assert fit.aic[0] == pytest.approx(wanted["aic"], rel=1e-5)


@given(
    occasions=st.integers(2, 6),
    width=st.integers(0, 2),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_sums_over_occasions_equal_sums_over_cells(occasions, width, data):
    number = st.floats(-2, 2)
    columns = np.array([[data.draw(number) for _ in range(width)] for _ in range(occasions)]).reshape(occasions, width)
    parameters = np.array([[data.draw(number) for _ in range(1 + occasions + width)] for _ in range(3)])
    patterns = pattern_matrix(occasions)
    dense = CellDesign(np.column_stack([np.ones(len(patterns)), patterns, columns[patterns.sum(axis=1) - 1]]))
    for one, other in zip(
        OccasionDesign(occasions, columns).moments(parameters), dense.moments(parameters), strict=True
    ):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)
    one_by_one = [dense.moments(parameters[i : i + 1]) for i in range(3)]
    many = dense.moments(np.repeat(parameters, loglinear.FEW_TABLES, axis=0))
    for place in range(3):
        np.testing.assert_allclose(
            np.concatenate([part[place] for part in one_by_one]), many[place][:: loglinear.FEW_TABLES], rtol=1e-12
        )


@given(st.lists(st.integers(1, 200), min_size=7, max_size=7))
@settings(max_examples=25, deadline=None)
def test_the_maximum_is_that_of_a_general_optimiser(counts):
    matrix = interaction_matrix(3, [(0,), (1,), (2,), (0, 1)])
    counts = np.array(counts, dtype=float)

    def loss(parameters):
        linear = matrix @ parameters
        return np.exp(linear).sum() - counts @ linear, matrix.T @ (np.exp(linear) - counts)

    start = np.array([math.log(counts.mean()), 0, 0, 0, 0])
    peer = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-7 * counts.sum()})
    fit = fit_models(matrix, counts)
    mine = loss(fit.parameters[0])[0]
    assert mine <= peer.fun + 1e-6 * abs(peer.fun)
    np.testing.assert_allclose(loss(fit.parameters[0])[1], 0, atol=1e-6 * counts.sum())


@given(st.lists(st.lists(st.integers(1, 60), min_size=7, max_size=7), min_size=9, max_size=12))
@settings(max_examples=20, deadline=None)
def test_many_tables_at_once_equal_one_at_a_time(tables):
    counts = np.array(tables, dtype=float)
    design = CellDesign(interaction_matrix(3, [(0,), (1,), (2,)]))
    sufficient = counts @ design.matrix
    start = np.zeros((len(counts), 4))
    start[:, 0] = np.log(counts.mean(axis=1))
    together = maximise(design, sufficient, start)
    for i in range(len(counts)):
        alone = maximise(design, sufficient[i : i + 1], start[i : i + 1])
        np.testing.assert_allclose(together.parameters[i], alone.parameters[0], rtol=1e-7, atol=1e-8)
        assert together.converged[i] == alone.converged[0]


def test_many_models_at_once_equal_one_at_a_time():
    seen = patterns_of("lesbian-allegheny")
    models = hierarchical_models(4)
    matrix = interaction_matrix(4, interaction_terms(4))
    together = fit_models(matrix, seen.cells(), models)
    assert together.converged.all()
    for i in range(0, 113, 7):
        alone = fit_models(matrix[:, models[i]], seen.cells())
        assert together.value[i] == pytest.approx(alone.value[0], rel=1e-8)
        assert together.standard_error[i] == pytest.approx(alone.standard_error[0], rel=1e-6)
        assert together.aic[i] == pytest.approx(alone.aic[0], rel=1e-10)
        assert together.df[i] == alone.df[0]
    best = models[np.argmin(together.bic)]
    terms = [term for term, has in zip(interaction_terms(4), best[1:], strict=True) if has and len(term) > 1]
    assert terms == [(0, 1), (0, 3), (1, 2), (1, 3), (2, 3)]


@pytest.mark.parametrize(("lists", "models"), [(2, 1), (3, 8), (4, 113), (5, 6893)])
def test_hierarchical_models_are_all_there_once(lists, models):
    found = hierarchical_models(lists)
    assert len(found) == models
    assert len({row.tobytes() for row in found}) == models


def test_too_many_lists_for_every_model_are_refused():
    with pytest.raises(InputError, match="6 lists"):
        hierarchical_models(6)


class TestExistence:
    def test_lists_that_never_overlap_leave_the_unseen_open(self):
        check = existence(interaction_matrix(2, [(0,), (1,)]), [10, 20, 0])
        assert not check.exists
        assert not check.identified

    def test_a_pair_that_never_overlaps_can_be_left_out_with_its_interaction(self):
        # cells 001, 010, 011, 100, 101, 110, 111; lists 1 and 2 share nobody and have an interaction of their own
        counts = [40, 30, 12, 25, 9, 0, 0]
        matrix = interaction_matrix(3, [(0,), (1,), (2,), (0, 1)])
        fit, check = fit_cells(matrix, counts)
        assert not check.exists
        assert check.identified
        assert check.kept.tolist() == [True, True, True, True, True, False, False]
        # The limit of the fit: without those cells lists 1 and 2 exclude each other.
        assert fit.value[0] == pytest.approx(sum(counts) + 40 * (30 + 25) / (12 + 9), rel=1e-6)

    def test_a_table_with_every_cell_seen_has_a_fit(self):
        check = existence(interaction_matrix(3, interaction_terms(3)), [3, 4, 5, 1, 2, 7, 8])
        assert check.exists
        assert check.identified

    def test_empty_cells_alone_do_no_harm(self):
        check = existence(interaction_matrix(3, [(0,), (1,), (2,)]), [3, 4, 5, 1, 2, 7, 0])
        assert check.exists

    @given(st.lists(st.integers(0, 2), min_size=7, max_size=7).filter(any))
    @settings(max_examples=60, deadline=None)
    def test_what_is_said_to_exist_is_found(self, counts):
        matrix = interaction_matrix(3, [(0,), (1,), (2,), (0, 1)])
        fit, check = fit_cells(matrix, counts)
        if check.identified:
            assert fit.converged[0]
            assert sum(counts) <= fit.value[0] < 1e6
        elif not check.exists:
            # The likelihood rises for ever along some direction, so no fit of the whole table can converge.
            whole = fit_models(matrix, counts)
            assert not whole.converged[0]


def test_profile_interval_has_no_upper_limit_when_the_likelihood_never_falls():
    def no_recaptures(size, captured=20):
        p = captured / (2 * size)
        return captured * math.log(p) + (2 * size - captured) * math.log1p(-p), 2 * math.log1p(-p)

    best, lower, upper = profile_interval(no_recaptures, 20, 40.0)
    assert math.isinf(best)
    assert math.isinf(upper)
    assert 20 < lower < 1e4


def test_shapes_that_do_not_agree_are_refused():
    with pytest.raises(InputError, match="one count a row"):
        fit_models(np.ones((3, 2)), [1, 2])
    with pytest.raises(InputError, match="all 0"):
        fit_models(np.ones((3, 1)), [0, 0, 0])
    with pytest.raises(InputError, match="uniform"):
        heterogeneity("uniform", [1])
