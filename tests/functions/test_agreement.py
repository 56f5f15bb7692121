"""Agreement between coders: published examples, other packages on random codes, and properties that must hold.

The sources of the examples: Krippendorff (2011), Computing Krippendorff's alpha-reliability, sections A to C (the data
of C also as documented for R's ``irr``); the Wikipedia articles on Krippendorff's alpha, Cohen's kappa and Fleiss'
kappa; Fleiss (1971), as tabulated by R's ``irr``; Gwet (2014), whose four raters are the data of section C, with the
values that irrCAC 0.4.4 prints for them.
"""

import itertools

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import masi_distance as nltk_masi_distance
from statsmodels.stats import inter_rater

from platformlabour import InputError
from platformlabour.functions import agreement
from platformlabour.functions.agreement_resampling import patterns, resampled_sums

# Gwet has the last unit coded by the third coder, Krippendorff by the second.
GWET = ["123321412...", "1233224125..", ".33323422513", "12332441251."]
FOUR_CODERS = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]
THREE_CODERS = [".....34121133.3", "1.213343.......", "..21344.21133.4"]
SECTION_A = ["0100000010", "1110010000"]
SECTION_B = ["aabbdcccedda", "babbbccceddd"]
WIKIPEDIA_FLEISS = """
    0 0 0 0 14/0 2 6 4 2/0 0 3 5 6/0 3 9 2 0/2 2 8 1 1/7 7 0 0 0/3 2 6 3 0/2 5 3 2 2/6 5 2 1 0/0 2 2 3 7
"""
PSYCHIATRISTS = """
    444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444 224445
    333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555
"""


def by_item(coders, kind=str):
    """Strings of codes, one a coder, as items by coders; a dot is a missing code."""
    return [[None if code == "." else kind(code) for code in item] for item in zip(*coders, strict=True)]


def pairs(table):
    """The items of two coders behind a two-by-two table."""
    return [[i, j] for i, j in itertools.product(range(2), repeat=2) for _ in range(table[i][j])]


def repeated(text):
    """The items behind a table of how many coders gave each code."""
    rows = [[int(cell) for cell in row.split()] for row in text.strip().split("/")]
    return [[code for code, times in enumerate(row) for _ in range(times)] for row in rows]


PUBLISHED = {
    "Krippendorff C, nominal": ("alpha", by_item(FOUR_CODERS, int), "nominal", 0.743),
    "Krippendorff C, ordinal": ("alpha", by_item(FOUR_CODERS, int), "ordinal", 0.815),
    "Krippendorff C, interval": ("alpha", by_item(FOUR_CODERS, int), "interval", 0.849),
    "Krippendorff C, ratio": ("alpha", by_item(FOUR_CODERS, int), "ratio", 0.797),
    "Krippendorff A": ("alpha", by_item(SECTION_A), "nominal", 0.095),
    "Krippendorff B": ("alpha", by_item(SECTION_B), "nominal", 0.692),
    "Wikipedia alpha, nominal": ("alpha", by_item(THREE_CODERS, int), "nominal", 0.691),
    "Wikipedia alpha, interval": ("alpha", by_item(THREE_CODERS, int), "interval", 0.811),
    "Cohen, grants": ("cohen", pairs([[20, 5], [10, 15]]), "nominal", 0.400),
    "Cohen, even margins": ("cohen", pairs([[45, 15], [25, 15]]), "nominal", 0.1304),
    "Cohen, uneven margins": ("cohen", pairs([[25, 35], [5, 35]]), "nominal", 0.2593),
    "Fleiss, Wikipedia": ("fleiss", repeated(WIKIPEDIA_FLEISS), "nominal", 0.210),
    "Fleiss 1971": ("fleiss", [list(row) for row in PSYCHIATRISTS.split()], "nominal", 0.430),
    "Gwet, AC1": ("ac1", by_item(GWET), "nominal", 0.77544),
    "Gwet, Fleiss": ("fleiss", by_item(GWET), "nominal", 0.76117),
    "Gwet, Krippendorff": ("alpha", by_item(GWET), "nominal", 0.74342),
    "Gwet, Conger": ("conger", by_item(GWET), "nominal", 0.76282),
    "Gwet, Brennan and Prediger": ("brennan", by_item(GWET), "nominal", 0.77273),
}
COEFFICIENTS = {
    "alpha": agreement.krippendorff_alpha,
    "cohen": agreement.cohen_kappa,
    "fleiss": agreement.fleiss_kappa,
    "ac1": agreement.gwet_ac1,
    "conger": agreement.conger_kappa,
    "brennan": agreement.brennan_prediger,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_examples(name):
    coefficient, rows, level, expected = PUBLISHED[name]
    digits = len(str(expected).split(".")[1])
    found = COEFFICIENTS[coefficient](agreement.from_matrix(rows, level=level), replicates=0)
    assert found.value == pytest.approx(expected, abs=0.501 * 10 ** -max(digits, 3))


def test_all_eighteen_are_there():
    assert len(PUBLISHED) == 18


# --- beside other packages


def random_codes(seed, items=40, coders=4, codes=5, missing=0.2):
    generator = np.random.default_rng(seed)
    truth = generator.integers(1, codes + 1, size=(items, 1))
    rows = np.where(generator.random((items, coders)) < 0.6, truth, generator.integers(1, codes + 1, (items, coders)))
    rows = rows.astype(float)
    rows[generator.random(rows.shape) < missing] = np.nan
    return rows


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
@pytest.mark.parametrize("seed", range(5))
def test_alpha_equals_the_package_krippendorff(level, seed):
    rows = random_codes(seed)
    expected = krippendorff.alpha(reliability_data=rows.T, level_of_measurement=level)
    found = agreement.krippendorff_alpha(agreement.from_matrix(rows, level=level), replicates=0)
    assert found.value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_kappas_equal_statsmodels(seed):
    rows = random_codes(seed, missing=0).astype(int)
    table, _ = inter_rater.aggregate_raters(rows)
    codes = agreement.from_matrix(rows.tolist())
    assert agreement.fleiss_kappa(codes, replicates=0).value == pytest.approx(inter_rater.fleiss_kappa(table))
    randolph = inter_rater.fleiss_kappa(table, method="randolph")
    assert agreement.brennan_prediger(codes, replicates=0).value == pytest.approx(randolph)
    two = rows[:, :2]
    crossed = np.array([[((two[:, 0] == i) & (two[:, 1] == j)).sum() for j in range(1, 6)] for i in range(1, 6)])
    expected = inter_rater.cohens_kappa(crossed, return_results=False)
    two_coders = agreement.from_matrix(two.tolist())
    assert agreement.cohen_kappa(two_coders, replicates=0).value == pytest.approx(expected)
    assert agreement.conger_kappa(two_coders, replicates=0).value == pytest.approx(expected)


def random_sets(seed):
    generator = np.random.default_rng(seed)
    return [
        [frozenset(generator.choice(list("GNVI"), size=generator.integers(1, 3), replace=False)) for _ in range(3)]
        for _ in range(30)
    ]


@pytest.mark.parametrize("seed", range(3))
def test_alpha_of_sets_equals_nltk(seed):
    rows = random_sets(seed)
    triples = [(str(c), str(i), code) for i, row in enumerate(rows) for c, code in enumerate(row)]
    codes = agreement.from_matrix(rows, level="set")
    found = agreement.krippendorff_alpha(codes, replicates=0).value
    assert found == pytest.approx(AnnotationTask(triples, distance=agreement.masi_distance).alpha())
    # nltk's own distance rounds Passonneau's weights to two digits.
    assert found == pytest.approx(AnnotationTask(triples, distance=nltk_masi_distance).alpha(), abs=0.01)


def test_masi_equals_nltk_up_to_its_rounding():
    sets = [frozenset(s) for size in range(1, 4) for s in itertools.combinations("GNV", size)]
    for first, second in itertools.product(sets, repeat=2):
        assert agreement.masi_distance(first, second) == pytest.approx(nltk_masi_distance(first, second), abs=0.004)
    assert agreement.masi_distance(set(), set()) == 0


# --- properties

CODE_ROWS = st.lists(st.lists(st.sampled_from("NVG."), min_size=3, max_size=3), min_size=3, max_size=25)


def usable(rows):
    rows = [[None if code == "." else code for code in row] for row in rows]
    try:
        return agreement.from_matrix(rows), rows
    except InputError:
        return None, rows


def value(rows, level="nominal"):
    return agreement.krippendorff_alpha(agreement.from_matrix(rows, level=level), replicates=0).value


@given(CODE_ROWS, st.permutations("NVG"), st.permutations(range(3)))
@settings(max_examples=60, deadline=None)
def test_names_of_codes_and_order_of_coders_do_not_matter(rows, names, order):
    codes, rows = usable(rows)
    if codes is None:
        return
    new = dict(zip("NVG", names, strict=True))
    changed = [[new.get(row[k]) for k in order] for row in rows]
    assert value(changed) == pytest.approx(value(rows), nan_ok=True)
    coded_twice = agreement.from_matrix(changed)
    for coefficient in (agreement.gwet_ac1, agreement.fleiss_kappa, agreement.conger_kappa):
        first, other = coefficient(codes, replicates=0).value, coefficient(coded_twice, replicates=0).value
        assert (first is None and other is None) or other == pytest.approx(first)


@given(CODE_ROWS)
@settings(max_examples=60, deadline=None)
def test_an_item_with_one_code_has_no_effect(rows):
    codes, rows = usable(rows)
    if codes is not None:
        assert value([*rows, ["X", None, None], [None, None, None]]) == pytest.approx(value(rows), nan_ok=True)


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_equal_coders_agree_perfectly(level):
    rows = [[code] * 3 for code in (1, 2, 3, 3, 5)]
    found = agreement.krippendorff_alpha(agreement.from_matrix(rows, level=level), replicates=200)
    assert found.value == 1
    assert found.interval is None
    assert found.status == "boundary"
    assert "No disagreement was seen" in found.warnings[-1]


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_equal_coders_agree_perfectly_by_every_coefficient(coefficient):
    codes = agreement.from_matrix([["a", "a"], ["b", "b"], ["c", "c"]])
    assert COEFFICIENTS[coefficient](codes, replicates=0).value == pytest.approx(1)


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_undefined_when_all_codes_are_equal(coefficient):
    found = COEFFICIENTS[coefficient](agreement.from_matrix([["N", "N"]] * 4))
    assert found.value is None
    assert found.status == "not identified"
    assert "all codes are equal" in found.warnings[0]


def test_interval_does_not_change_under_shift_and_scale():
    rows = random_codes(3)
    assert value(1e6 + 1e-3 * rows, "interval") == pytest.approx(value(rows, "interval"), abs=1e-6)


# --- code by code


def test_per_code_against_its_definitions():
    rows = random_codes(7)
    codes = agreement.from_matrix([[None if np.isnan(c) else int(c) for c in row] for row in rows])
    table = agreement.per_code(codes, replicates=0)
    assert table["code"].tolist() == list("12345")
    for row in table.itertuples():
        binary = np.where(np.isnan(rows), np.nan, rows == int(row.code))
        expected = krippendorff.alpha(reliability_data=binary.T, level_of_measurement="nominal")
        assert row.alpha.value == pytest.approx(expected)
        assert row.alpha.value == pytest.approx(
            agreement.krippendorff_alpha(codes.binary(row.code), replicates=0).value
        )


def test_specific_agreement_of_two_coders():
    table = agreement.per_code(agreement.from_matrix(pairs([[20, 5], [10, 15]])), replicates=0).set_index("code")
    assert table.loc["0", "specific"].value == pytest.approx(2 * 20 / (2 * 20 + 5 + 10))
    assert table.loc["1", "specific"].value == pytest.approx(2 * 15 / (2 * 15 + 5 + 10))
    assert table["given"].tolist() == [55, 45]


def test_one_frequent_code_hides_disagreement_about_a_rare_one():
    rows = [["N", "N"]] * 95 + [["I", "N"]] * 3 + [["N", "I"]] * 2
    codes = agreement.from_matrix(rows)
    assert agreement.observed_agreement(codes, replicates=0).value == 0.95
    assert agreement.gwet_ac1(codes, replicates=0).value > 0.9
    assert agreement.krippendorff_alpha(codes, replicates=0).value < 0
    assert agreement.per_code(codes, replicates=0).set_index("code").loc["I", "specific"].value == 0


# --- the bootstrap


@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_replicates_are_alphas_of_resampled_items(level):
    rows = random_codes(11, items=12, missing=0.1)
    codes = agreement.from_matrix(rows, level=level)
    from platformlabour.functions.agreement_alpha import _ALPHA

    kinds, _ = patterns(codes.matrix)
    keep = (kinds >= 0).sum(axis=1) >= 2
    features, alpha = _ALPHA[level](kinds[keep], codes.categories)
    generator = np.random.default_rng(5)
    for _ in range(20):
        weights = generator.integers(0, 4, size=keep.sum())
        again = np.repeat(kinds[keep], weights, axis=0)
        values = np.array([np.nan, *map(float, codes.categories)])[again + 1]
        if len(np.unique(values[~np.isnan(values)])) < 2:
            continue
        expected = krippendorff.alpha(
            reliability_data=values.T,
            level_of_measurement=level,
            value_domain=[float(code) for code in codes.categories],
        )
        assert alpha(features.T @ weights.astype(float)) == pytest.approx(expected, abs=1e-10)


def test_both_ways_of_drawing_have_the_same_distribution():
    generator = np.random.default_rng(1)
    features = generator.normal(size=(40, 2))
    few = resampled_sums(features, np.full(40, 20), replicates=4000, generator=generator)  # by multinomial
    many = resampled_sums(np.repeat(features, 20, axis=0), np.ones(800, int), replicates=4000, generator=generator)
    assert few.mean(axis=0) == pytest.approx(many.mean(axis=0), abs=4 * np.sqrt(2 * 800 / 4000))
    assert few.std(axis=0) == pytest.approx(many.std(axis=0), rel=0.06)


def test_the_interval_covers_what_it_should():
    # Alpha of the whole population of items is known: resampled sets of 150 items must cover it about 95 times in 100.
    generator = np.random.default_rng(2026)
    population = random_codes(0, items=40_000, coders=3, missing=0.1)
    truth = krippendorff.alpha(reliability_data=population.T, level_of_measurement="nominal")
    held = 0
    for _ in range(200):
        rows = population[generator.integers(len(population), size=150)]
        found = agreement.krippendorff_alpha(agreement.from_matrix(rows), replicates=400, seed=generator)
        held += found.interval[0] <= truth <= found.interval[1]
    assert 0.90 <= held / 200 <= 0.99


def test_a_seed_fixes_the_interval():
    codes = agreement.from_matrix(random_codes(1))
    first, again, other = (agreement.krippendorff_alpha(codes, seed=seed).interval for seed in (3, 3, 4))
    assert first == again != other


def test_samples_without_a_rare_code_are_named_not_hidden():
    codes = agreement.from_matrix([["N", "N"]] * 30 + [["I", "I"], ["I", "N"]])
    rare = agreement.per_code(codes, replicates=500).set_index("code").loc["I", "alpha"]
    assert rare.interval is not None
    assert "left out of the interval" in rare.warnings[0]


def test_the_unit_of_the_level_set_from_text():
    import pandas as pd

    frame = pd.DataFrame({"item": list("aabb"), "coder": list("ABAB"), "code": ["V+N", "N + V", "G", "G"]})
    codes = agreement.from_table(frame, level="set")
    assert codes.categories == (frozenset("G"), frozenset("NV"))
    assert agreement.krippendorff_alpha(codes, replicates=0).value == 1
    assert codes.binary("V").counts.tolist() == [[0, 2], [2, 0]]
