"""Places on the triangle, and correspondence analysis against its definitions."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from platformlabour import InputError
from platformlabour.functions import positions
from platformlabour.functions.codebook import POLES, load_codebook
from platformlabour.functions.positions_correspondence import correspondence

POLES_OF = load_codebook().poles
CODES = list(POLES_OF)


@given(st.sampled_from(CODES), st.sampled_from(["", *CODES]), st.floats(0.5, 1))
def test_a_place_sums_to_one_or_does_not_exist(main, second, weight):
    place = positions.coordinates([main], [second], POLES_OF, weights=(weight, 1 - weight)).to_numpy()[0]
    if POLES_OF[main] is None:
        assert np.isnan(place).all()
    else:
        assert place.sum() == pytest.approx(1)
        assert place.min() >= 0


@pytest.mark.parametrize(
    ("main", "second", "place"),
    [
        ("G", "", (1, 0, 0)),
        ("N", "G", (1, 0, 0)),
        ("V", "", (0, 1, 0)),
        ("I", "", (0, 0, 1)),
        ("V", "N", (0.3, 0.7, 0)),
        ("I", "N", (0.3, 0, 0.7)),
        ("V", "Q", (0, 1, 0)),
        ("G", "I", (0.7, 0, 0.3)),
    ],
)
def test_known_places(main, second, place):
    assert tuple(positions.coordinates([main], [second], POLES_OF).iloc[0]) == pytest.approx(place)


@pytest.mark.parametrize(
    "weights", [(0.7, 0.2), (0.6, 0.6), (1.2, -0.2), (0.3, 0.7), ("a", 1), (1,), 0.7, (math.nan, 1)]
)
def test_weights_that_mean_nothing_are_refused(weights):
    with pytest.raises(InputError, match="weight"):
        positions.coordinates(["V"], ["N"], POLES_OF, weights=weights)


def test_unknown_codes_are_refused():
    with pytest.raises(InputError, match="row 3: found the code 'W'"):
        positions.coordinates(["V", "W"], ["", ""], POLES_OF)
    with pytest.raises(InputError, match="found the code ''"):
        positions.coordinates([""], [""], POLES_OF)


def test_the_triangle_is_equilateral():
    corners = positions.planar(np.eye(3))
    sides = [np.linalg.norm(corners[i] - corners[j]) for i, j in ((0, 1), (1, 2), (0, 2))]
    assert sides == pytest.approx([1, 1, 1])


def tasks(codes):
    frame = positions.coordinates([c[0] for c in codes], [c[1:] for c in codes], POLES_OF)
    return frame.assign(source="a")


def test_means_and_their_intervals():
    frame = tasks(["V"] * 40 + ["N"] * 60 + ["X"] * 10)
    found = positions.mean_positions(frame, "source", replicates=4000, seed=1).iloc[0]
    assert (found["tasks"], found["placed"]) == (110, 100)
    assert found["verification"] == pytest.approx(0.4)
    # The share of one of two poles is binomial.
    error = math.sqrt(0.4 * 0.6 / 100)
    assert found["verification_low"] == pytest.approx(0.4 - 1.96 * error, abs=0.015)
    assert found["verification_high"] == pytest.approx(0.4 + 1.96 * error, abs=0.015)
    assert found["xx"] == pytest.approx(error**2, rel=0.1)


def test_few_tasks_get_no_interval():
    found = positions.mean_positions(tasks(["V", "N", "N", "N"]), "source").iloc[0]
    assert math.isnan(found["verification_low"])
    assert math.isnan(found["xx"])
    nothing = positions.mean_positions(tasks(["X", "U"]), "source").iloc[0]
    assert nothing["placed"] == 0
    assert math.isnan(nothing["preparation"])


def test_the_ellipse_stays_within_the_triangle_and_is_of_the_right_size():
    outline = positions.ellipse([0.98, 0.01, 0.01], [[0.01, 0], [0, 0.02]])
    assert outline.min() >= 0
    assert outline.sum(axis=1) == pytest.approx(1)
    middle = positions.ellipse([1 / 3] * 3, np.eye(2) * 1e-4)
    radii = np.linalg.norm(positions.planar(middle) - positions.planar([[1 / 3] * 3]), axis=1)
    assert radii == pytest.approx(np.sqrt(5.991464547 * 1e-4))


def test_counts_by_place():
    found = positions.counts(tasks(["V", "V", "N", "G", "X"]), by="source")
    assert found["tasks"].tolist() == [2, 2]
    assert positions.counts(tasks(["V", "N"]))["tasks"].sum() == 2


def test_density_peaks_where_tasks_are():
    found = positions.density(tasks(["V"] * 5 + ["N"]))
    assert len(found) == 25 * 26 / 2
    assert found.loc[found["density"].idxmax(), "verification"] == 1
    assert found["density"].max() == 1
    with pytest.raises(InputError, match="no task"):
        positions.density(tasks(["X"]))
    with pytest.raises(InputError, match="bandwidth"):
        positions.density(tasks(["V"]), bandwidth=0)


def test_sensitivity_moves_only_tasks_with_two_poles():
    frame = pd.DataFrame({"main": ["V", "V"], "second": ["N", ""], "source": ["two", "one"]})
    found = positions.sensitivity(frame, POLES_OF, by="source")
    assert found[found["source"] == "one"]["verification"].tolist() == [1, 1, 1]
    assert found[found["source"] == "two"]["verification"].tolist() == pytest.approx([0.6, 0.7, 0.8])
    assert found[list(POLES)].sum(axis=1).tolist() == pytest.approx([1] * 6)


# --- correspondence analysis

SMOKERS = pd.DataFrame(  # staff groups by smoking: Greenacre's example
    [[4, 2, 3, 2], [4, 3, 7, 4], [25, 10, 12, 4], [18, 24, 33, 13], [10, 6, 7, 2]],
    index=["senior managers", "junior managers", "senior employees", "junior employees", "secretaries"],
    columns=["none", "light", "medium", "heavy"],
)


def test_a_published_example():
    found = correspondence(SMOKERS)
    # Inertias as printed in the vignette of R's package ca.
    assert found.inertia == pytest.approx([0.074759, 0.010017, 0.000414], abs=5e-7)
    assert found.shares[0] == pytest.approx(0.878, abs=5e-4)


def test_inertia_is_chi_square_over_the_total():
    assert correspondence(SMOKERS).inertia.sum() * SMOKERS.to_numpy().sum() == pytest.approx(
        chi2_contingency(SMOKERS.to_numpy()).statistic
    )


def test_distances_between_rows_are_chi_square_distances():
    found = correspondence(SMOKERS)
    profiles = SMOKERS.div(SMOKERS.sum(axis=1), axis=0)
    mass = SMOKERS.sum() / SMOKERS.to_numpy().sum()
    expected = (((profiles.iloc[0] - profiles.iloc[3]) ** 2) / mass).sum()
    assert ((found.rows.iloc[0] - found.rows.iloc[3]) ** 2).sum() == pytest.approx(expected)


def test_a_supplementary_column_does_not_shape_the_axes():
    extra = SMOKERS.assign(alone=[0, 0, 3, 0, 0])
    found = correspondence(extra, supplementary=["alone"])
    assert found.rows.to_numpy() == pytest.approx(correspondence(SMOKERS).rows.to_numpy())
    # A column that stands in one row only lies in that row's direction, at its standard coordinate.
    expected = found.rows.loc["senior employees"] / np.sqrt(found.inertia)
    assert found.columns.loc["alone"].to_numpy() == pytest.approx(expected.to_numpy())
    copied = correspondence(SMOKERS.assign(copy=SMOKERS["heavy"]), supplementary=["copy"])
    assert copied.columns.loc["copy"].to_numpy() == pytest.approx(copied.columns.loc["heavy"].to_numpy())


@pytest.mark.parametrize(
    ("table", "options", "words"),
    [
        (SMOKERS.assign(none=-1), {}, "negative"),
        (SMOKERS[["none"]], {}, "two of each"),
        (SMOKERS.assign(none=0), {}, "empty column 'none'"),
        (SMOKERS, {"supplementary": ["pipe"]}, "no column 'pipe'"),
        (SMOKERS.assign(pipe=0), {"supplementary": ["pipe"]}, "empty column 'pipe'"),
        (pd.DataFrame([[1, 2], [2, 4]], columns=["a", "b"]), {}, "same profile"),
    ],
)
def test_tables_that_cannot_be_placed_are_refused(table, options, words):
    with pytest.raises(InputError, match=words):
        correspondence(table, **options)
