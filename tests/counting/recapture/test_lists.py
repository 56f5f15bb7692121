"""Lists: published values, the three ways to a fit against each other, invariants, degenerate tables, refusals."""

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from platformlabour import InputError
from platformlabour.counting.recapture import list_bootstrap, list_estimates, list_fits, list_standing, lists, loglinear
from platformlabour.counting.recapture.list_dependence import two_lists
from platformlabour.counting.recapture.list_search import averaged_limits, search_fits, stepwise_tables
from platformlabour.counting.recapture.list_terms import bracket, parse_terms
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.counting.recapture.thresholds import LARGEST_MULTIPLE

REFERENCE = Path(__file__).parent / "reference"


def rows_of(name):
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def patterns_of(dataset):
    return CapturePatterns.from_counts(
        {row["pattern"]: int(row["people"]) for row in rows_of("lists_patterns.csv") if row["dataset"] == dataset}
    )


def table(counts):
    """Lists from the counts of all their patterns, in the order of their codes."""
    occasions = (len(counts) + 1).bit_length() - 1
    return CapturePatterns.from_histories(loglinear.pattern_matrix(occasions), counts)


VALUES = rows_of("lists_reference_values.csv")


def of(*forms):
    return [row for row in VALUES if row["form"] in forms]


def name_of(row):
    return " ".join(row[key] for key in ("dataset", "form", "model", "quantity"))


def agrees(found, row):
    return found == pytest.approx(float(row["value"]), rel=float(row["relative_tolerance"]), abs=1e-7)


def test_all_reference_rows_are_there():
    assert len(VALUES) == 162
    assert len(of("ranked")) + len(of("ranked darroch")) == 93


@pytest.mark.parametrize("row", of("independence", "stepwise"), ids=name_of)
def test_sparse_tables_agree_with_published_software(row):
    seen = patterns_of(row["dataset"])
    result = lists.estimate(seen, row["form"], interval="intercept")
    terms = parse_terms(result.method.split()[2].rstrip(","), seen.names)
    found = {
        "people": result.value,
        "aic": result.aic,
        "intercept_lower": result.interval[0],
        "intercept_upper": result.interval[1],
        "deviance": float(list_standing.fit_terms(seen, terms).fit.deviance[0]),
    }
    assert result.status == "ok"
    assert agrees(found[row["quantity"]], row)


@pytest.mark.parametrize("row", of("log-linear", "log-linear darroch"), ids=name_of)
def test_chosen_interactions_agree_with_published_software(row):
    seen = patterns_of(row["dataset"])
    shape = "darroch" if "darroch" in row["form"] else None
    result = lists.estimate(seen, "log-linear", formula=row["model"], heterogeneity=shape)
    terms = parse_terms(row["model"], seen.names)
    standing = list_standing.fit_terms(seen, terms, shape=shape)
    profile, start = list_standing._profile(seen, terms, shape, result.value)
    found = {
        "people": result.value,
        "standard_error": result.standard_error,
        "deviance": float(standing.fit.deviance[0]),
        "df": result.df,
        "aic": result.aic,
        "bic": standing.bic(seen.captured),
        "profile_maximum": loglinear.profile_interval(profile, seen.captured, start)[0],
        "profile_lower": result.interval[0],
        "profile_upper": result.interval[1],
    }
    assert agrees(found[row["quantity"]], row)


@pytest.mark.parametrize("row", of("ranked", "ranked darroch"), ids=name_of)
def test_ranking_of_all_models_agrees_with_published_software(row):
    shape = "darroch" if "darroch" in row["form"] else None
    ranked = lists.rank_models(patterns_of(row["dataset"]), criterion="bic", heterogeneity=shape)
    if row["quantity"] == "n_models":
        assert len(ranked) == float(row["value"])
        return
    place, model = row["model"].split()
    found = ranked.iloc[int(place) - 1]
    assert found["model"] == model
    assert agrees(found["value" if row["quantity"] == "people" else row["quantity"]], row)


@pytest.mark.parametrize("row", of("lsc", "hsc", "coverage"), ids=name_of)
def test_sample_coverage_agrees_with_published_software(row):
    seen = patterns_of(row["dataset"])
    if row["form"] == "coverage":
        assert agrees(getattr(lists.coverage(seen), row["quantity"]), row)
    else:
        assert agrees(lists.estimate(seen, row["form"]).value, row)


@pytest.mark.parametrize("row", of("pair"), ids=name_of)
def test_pairs_agree_with_published_software(row):
    found = lists.pairs(patterns_of(row["dataset"]))
    first, second = row["model"]
    line = found[(found["first"] == first) & (found["second"] == second)].iloc[0]
    assert agrees(line[row["quantity"]], row)


def test_bootstrap_with_model_choice_agrees_with_published_software():
    seen = patterns_of("slavery-uk-5")
    result = lists.bootstrap(seen, "stepwise", replicates=1000, seed=2026)
    values = {row["quantity"]: row for row in of("bca")}
    assert agrees(result.estimate.value, values["people"])
    assert agrees(result.acceleration, values["ahat"])
    assert agrees(result.estimate.interval[0], values["BCa_0.025"])
    assert agrees(result.estimate.interval[1], values["BCa_0.975"])
    assert result.failed == 0
    # The choice is made anew: not every sample has the model of the data.
    assert len(set(result.chosen)) > 10
    assert result.estimate.interval[0] < lists.estimate(seen, "stepwise").interval[0]


def test_bootstrap_depends_on_its_seed_alone():
    seen = patterns_of("hepatitis-a-taiwan")
    first, same, other = (
        lists.bootstrap(seen, "best", replicates=60, seed=seed, kind="percentile") for seed in (1, 1, 2)
    )
    assert first.values.tolist() == same.values.tolist() != other.values.tolist()


@pytest.mark.parametrize("model", sorted(set(lists.MODELS) - {"lincoln-petersen", "chapman", "log-linear"}))
def test_bootstrap_estimator_gives_the_estimate_itself_on_the_data(model):
    seen = patterns_of("lesbian-allegheny")
    values, _ = list_estimates.table_values(
        seen.cells()[None].astype(float),
        4,
        model,
        (),
        criterion="aic",
        search="hierarchical",
        threshold=0.02,
        shape=None,
    )
    assert values[0] == pytest.approx(lists.estimate(seen, model).value, rel=1e-7)


# Whether sparse tables are told apart ---------------------------------------------------------------------------------

sparse_counts = st.lists(st.sampled_from([0, 0, 0, 1, 2, 5, 30]), min_size=7, max_size=7).filter(any)
sparse_four = st.lists(st.sampled_from([0, 0, 1, 3, 20]), min_size=15, max_size=15).filter(any)


@settings(max_examples=60, deadline=None)
@given(sparse_four)
def test_quick_fits_and_linear_programme_agree(counts):
    """Setting cells aside by empty margins must not lose or invent a model that the linear programme judges."""
    seen = table(counts)
    prepared = list_standing.usable_lists(seen)
    assume(not prepared.problem and len(prepared.kept) == 4)
    family, models = list_fits.model_set(4, "hierarchical")
    quick = list_fits.fit_tables(family, seen.cells()[None].astype(float), models)
    for place in (0, 1, 20, 60, 100, 112):
        terms = [term for term in family.terms_of(models[place]) if len(term) > 1]
        standing = list_standing.fit_terms(seen, terms)
        if quick.usable[place] and quick.value[place] < LARGEST_MULTIPLE * seen.captured:
            assert standing.value is not None
            assert quick.value[place] == pytest.approx(standing.value, rel=1e-4)
        if standing.status == "not identified":
            assert not quick.usable[place] or quick.value[place] > 1e3 * seen.captured


def test_lists_without_overlap_still_tell_the_size():
    """The parameter of a pair that shares nobody is minus infinity; the population size is not."""
    seen = table([40, 50, 0, 60, 8, 9, 0])
    result, without = lists.estimate(seen, "log-linear", formula="[23,1]"), lists.estimate(seen, "independence")
    assert result.status == "ok"
    assert any("no finite value" in text for text in result.warnings)
    assert result.loglik > without.loglik
    # Lists 2 and 3 exclude each other, so together they are one list beside list 1.
    assert result.value == pytest.approx((60 + 8 + 9) * (40 + 50 + 8 + 9) / (8 + 9), rel=1e-6)


def test_an_interaction_too_many_leaves_no_size():
    seen = table([40, 50, 0, 60, 8, 9, 0])
    result = lists.estimate(seen, "two-way")
    assert (result.value, result.status) == (None, "not identified")


def test_a_list_that_shares_nobody_leaves_no_size_beside_a_pair_that_depends():
    seen = table([40, 50, 0, 60, 0, 9, 0])
    result = lists.estimate(seen, "log-linear", formula="[12,3]")
    assert (result.value, result.status) == (None, "not identified")
    assert lists.estimate(seen, "independence").status == "ok"


def test_two_lists_without_overlap():
    for model in ("lincoln-petersen", "chapman", "independence"):
        result = lists.estimate(CapturePatterns.from_counts({"10": 20, "01": 30}), model)
        assert (result.value, result.status) == (None, "not identified")
        assert result.warnings == ("nobody is on two lists: the data set no upper limit",)


@pytest.mark.parametrize("model", [name for name in lists.MODELS if name not in ("lincoln-petersen", "chapman")])
def test_two_identical_lists_are_refused_as_one(model):
    formula = "[12,3]" if model == "log-linear" else None
    result = lists.estimate(
        CapturePatterns.from_counts({"110": 20, "111": 10, "001": 5}, names=["a", "b", "c"]),
        model,
        formula=None if formula is None else "a + b + c + a:b",
    )
    assert (result.value, result.status) == (None, "not identified")
    assert "a and b hold exactly the same people" in result.warnings[0]


def test_a_list_inside_another_is_pointed_out():
    inside = CapturePatterns.from_counts({"11": 30, "01": 50}, names=["small", "large"])
    for model in ("lincoln-petersen", "independence"):
        result = lists.estimate(inside, model)
        assert result.status == "boundary"
        assert result.value == 80
        assert any("everybody on the list small is on large too" in text for text in result.warnings)


def test_an_empty_list_is_left_out_and_said():
    with_empty = CapturePatterns.from_counts({"1100": 20, "1010": 30, "0110": 9, "1000": 80, "0100": 70, "0010": 60})
    without = CapturePatterns.from_counts({"110": 20, "101": 30, "011": 9, "100": 80, "010": 70, "001": 60})
    for model in ("independence", "two-way", "stepwise", "best", "averaged", "lsc", "hsc"):
        found, expected = lists.estimate(with_empty, model), lists.estimate(without, model)
        assert found.value == pytest.approx(expected.value, rel=1e-12)
        assert found.warnings[0] == "the list 4 is empty and left out"
    only_one = lists.estimate(CapturePatterns.from_counts({"10": 20}), "independence")
    assert (only_one.value, only_one.status) == (None, "not identified")


def test_one_person_and_a_thousand_million():
    assert lists.estimate(CapturePatterns.from_counts({"111": 1}), "independence").status != "ok"
    many = lists.estimate(CapturePatterns.from_counts({"11": 10**9, "10": 10**9, "01": 10**9}), "independence")
    assert many.value == pytest.approx(4e9, rel=1e-9)


@settings(max_examples=80, deadline=None)
@given(sparse_counts, st.sampled_from(["independence", "two-way", "stepwise", "best", "averaged", "lsc", "hsc"]))
def test_nonsense_is_never_ok(counts, model):
    result = lists.estimate(table(counts), model)
    if result.status == "ok":
        observed = sum(counts)
        assert observed <= result.value <= 1e4 * observed
        assert result.standard_error <= 10 * result.value
        assert observed * (1 - 1e-9) <= result.interval[0] <= result.value <= result.interval[1]
    elif result.value is not None:
        assert math.isfinite(result.value)


# Invariants -----------------------------------------------------------------------------------------------------------

full_three = st.lists(st.integers(2, 60), min_size=7, max_size=7)
full_four = st.lists(st.integers(1, 40), min_size=15, max_size=15)


@settings(max_examples=25, deadline=None)
@given(full_four, st.permutations(range(4)), st.sampled_from(["two-way", "stepwise", "best", "averaged", "lsc", "hsc"]))
def test_order_of_lists_and_rows_does_not_matter(counts, order, model):
    seen = table(counts)
    rows = np.random.default_rng(1).permutation(len(seen.codes))
    moved = CapturePatterns.from_histories(seen.histories[rows][:, list(order)], seen.counts[rows])
    one, other = lists.estimate(seen, model), lists.estimate(moved, model)
    assert one.status == other.status
    if one.value is not None:
        if model in ("stepwise", "best") and one.value != pytest.approx(other.value, rel=1e-6):
            # Two models may tie; then the fit, not its name, has to agree.
            assert one.aic == pytest.approx(other.aic, abs=1e-6)
            return
        assert one.value == pytest.approx(other.value, rel=1e-6)
        assert (one.standard_error is None) == (other.standard_error is None)
        if one.standard_error is not None:
            assert one.standard_error == pytest.approx(other.standard_error, rel=1e-5)


@settings(max_examples=20, deadline=None)
@given(full_three, st.sampled_from(["independence", "best", "averaged", "lsc"]))
def test_duplicated_rows_with_halved_counts_change_nothing(counts, model):
    whole = table([2 * count for count in counts])
    rows = loglinear.pattern_matrix(3)
    halves = CapturePatterns.from_histories(np.vstack([rows, rows]), [*counts, *counts])
    assert lists.estimate(whole, model) == lists.estimate(halves, model)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 500), st.integers(1, 500), st.integers(1, 500))
def test_independence_of_two_lists_is_lincoln_petersen(only_first, only_second, both):
    seen = CapturePatterns.from_counts({"10": only_first, "01": only_second, "11": both})
    closed_form = (only_first + both) * (only_second + both) / both
    fitted, direct = lists.estimate(seen, "independence"), lists.estimate(seen, "lincoln-petersen")
    assert fitted.value == pytest.approx(closed_form, rel=1e-8)
    assert direct.value == pytest.approx(closed_form, rel=1e-12)
    assert fitted.standard_error == pytest.approx(direct.standard_error, rel=1e-6)


def test_all_two_way_interactions_of_three_lists_have_their_closed_form():
    """Fienberg (1972): the odd patterns multiplied over the even ones."""
    c001, c010, c011, c100, c101, c110, c111 = counts = [63, 55, 18, 69, 17, 21, 28]
    expected = sum(counts) + c111 * c100 * c010 * c001 / (c110 * c101 * c011)
    assert lists.estimate(table(counts), "two-way").value == pytest.approx(expected, rel=1e-9)


def test_coverage_of_independent_lists_is_exact():
    """On expected counts of independent lists every sample-coverage estimate is the true size."""
    size, chances = 10_000_000, np.array([0.5, 0.4, 0.2, 0.1])
    rows = loglinear.pattern_matrix(4)
    counts = np.round(size * np.prod(np.where(rows == 1, chances, 1 - chances), axis=1)).astype(int)
    found = lists.coverage(table(counts))
    for value in (found.independent, found.low_coverage, found.high_coverage):
        assert value == pytest.approx(size, rel=1e-4)
    assert np.abs(found.covariation).max() < 1e-3


@pytest.mark.parametrize("occasions", [3, 4, 5])
def test_coverage_error_is_that_of_repeated_draws(occasions):
    generator = np.random.default_rng(occasions)
    size, rows = 3000, loglinear.pattern_matrix(occasions)
    chances = np.linspace(0.25, 0.45, occasions)
    cells = np.prod(np.where(rows == 1, chances, 1 - chances), axis=1)
    draws = generator.multinomial(size, [1 - cells.sum(), *cells], size=200)[:, 1:]
    found = [lists.coverage(table(draw)) for draw in draws]
    for name in ("independent", "low_coverage", "high_coverage"):
        values = np.array([getattr(one, name) for one in found])
        errors = np.array([one.errors[name] for one in found])
        assert values.mean() == pytest.approx(size, rel=0.01)
        assert np.median(errors) == pytest.approx(values.std(), rel=0.2)


def test_average_lies_among_its_models_and_its_interval_covers_their_doubt():
    seen = patterns_of("lesbian-allegheny")
    ranked = lists.rank_models(seen, criterion="aic")
    best, averaged = lists.estimate(seen, "best"), lists.estimate(seen, "averaged")
    used = ranked[ranked["weight"] > 0]
    assert averaged.value == pytest.approx((used["weight"] * used["value"]).sum())
    assert used["weight"].sum() == pytest.approx(1)
    assert averaged.interval[1] - averaged.interval[0] > best.interval[1] - best.interval[0]


def test_average_of_one_model_is_its_own_log_normal_interval():
    value, error, captured = 500.0, 40.0, 300
    low, high = averaged_limits(np.array([value]), np.array([error]), np.array([1.0]), captured)
    expected = loglinear.log_normal_interval(value, error, captured)
    assert (low, high) == pytest.approx(expected, rel=1e-8)


def test_batch_agrees_with_one_table_at_a_time():
    generator = np.random.default_rng(7)
    tables = generator.multinomial(500, np.full(31, 1 / 31), size=40).astype(float)
    values, chosen = stepwise_tables(tables, 5)
    for one in range(0, 40, 13):
        alone, model = stepwise_tables(tables[one][None], 5)
        assert alone[0] == pytest.approx(values[one], rel=1e-10)
        assert model[0] == chosen[one]


def test_block_borders_do_not_show():
    family, models, fits, _, _ = search_fits(patterns_of("slavery-uk-5").cells(), 5, search="two-way")
    for place in (0, list_fits.BLOCK - 1, list_fits.BLOCK, len(models) - 1):
        one = list_fits.fit_tables(family, patterns_of("slavery-uk-5").cells()[None].astype(float), models[[place]])
        assert one.value[0] == pytest.approx(fits.value[place], rel=1e-9)


def test_counts_far_apart_in_size_are_still_fitted():
    counts = [312, 777232715, 419129466, 12397611, 52427552, 659764483, 47306402]
    c001, c010, c011, c100, c101, c110, c111 = (float(count) for count in counts)
    result = lists.estimate(table(counts), "two-way")
    assert result.status == "ok"
    assert result.value == pytest.approx(sum(counts) + c111 * c100 * c010 * c001 / (c110 * c101 * c011), rel=1e-6)


def test_coverage_estimates_below_or_at_the_number_listed_are_not_ok():
    assert lists.estimate(table([0, 0, 0, 0, 19, 233, 0]), "hsc").status == "boundary"
    below = lists.estimate(table([9, 9, 30, 9, 30, 30, 0]), "hsc")
    assert below.status == "below observed"
    assert below.interval is None


# Populations of known size --------------------------------------------------------------------------------------------


def test_internal_consistency_recovers_lists_of_independent_lists():
    size, chances = 100_000, np.array([0.5, 0.4, 0.3])
    rows = loglinear.pattern_matrix(3)
    counts = np.round(size * np.prod(np.where(rows == 1, chances, 1 - chances), axis=1)).astype(int)
    found = lists.internal_consistency(table(counts), "independence")
    assert found["ratio"].tolist() == pytest.approx([1, 1, 1], rel=1e-3)
    assert found["covered"].all()
    assert found["known"].tolist() == pytest.approx((size * chances).tolist(), rel=1e-3)


def test_internal_consistency_shows_lists_that_attract_each_other():
    """Half of the people are on lists six times as often as the rest, so each list looks too small from the others."""
    rows = loglinear.pattern_matrix(4)
    counts = sum(5000 * np.prod(np.where(rows == 1, chance, 1 - chance), axis=1) for chance in (0.6, 0.1)).round()
    found = lists.internal_consistency(table(counts.astype(int)), "independence")
    assert (found["ratio"] < 0.97).all()
    assert not found["covered"].any()
    assert all(test.odds_ratio > 1 for test in lists.diagnose(table(counts.astype(int))) if test.odds_ratio)


def test_average_covers_where_a_single_model_does_not():
    """Five thousand people who differ in activity, which makes every two lists attract each other."""
    generator = np.random.default_rng(2026)
    covered = {"independence": 0, "averaged": 0}
    for _ in range(60):
        own = generator.normal(0, 1.2, size=(5000, 1))
        on_list = generator.random((5000, 4)) < 1 / (1 + np.exp(2.9 - own))
        seen = CapturePatterns.from_histories(on_list[on_list.any(axis=1)])
        for model in covered:
            low, high = lists.estimate(seen, model).interval
            covered[model] += low <= 5000 <= high
    assert covered["independence"] == 0
    assert covered["averaged"] >= 52


def test_a_list_nobody_shares_is_not_tried():
    found = lists.internal_consistency(
        CapturePatterns.from_counts({"110": 20, "100": 30, "010": 40, "001": 9}), "independence"
    )
    assert found["status"].tolist()[2] == "not identified"
    assert found["observed"].tolist()[2] == 0


def test_diagnosis_names_direction_and_pair():
    rows = loglinear.pattern_matrix(3)
    chances = np.array([0.4, 0.4, 0.5])
    counts = 20_000 * np.prod(np.where(rows == 1, chances, 1 - chances), axis=1)
    counts = counts * np.where(rows[:, 0] & rows[:, 1], 0.4, 1.0)
    found = {test.question: test for test in lists.diagnose(table(counts.round().astype(int)))}
    assert found["1 and 2"].odds_ratio == pytest.approx(0.4, rel=0.02)
    assert "avoid each other" in found["1 and 2"].finding
    assert found["1 and 2"].p_value < 0.001
    assert found["all lists"].p_value < 0.001
    two = lists.diagnose(CapturePatterns.from_counts({"11": 5, "10": 6, "01": 7}))
    assert two[0].finding.startswith("Two lists cannot show")


def test_independence_warns_when_the_data_contradict_it():
    result = lists.estimate(patterns_of("lesbian-allegheny"), "independence")
    assert any("depend on each other more than this model allows" in text for text in result.warnings)


# Words and refusals ---------------------------------------------------------------------------------------------------


def test_formula_and_brackets_say_the_same():
    names = ["a", "b", "c", "d"]
    assert parse_terms("a*b + c + d + a:c", names) == parse_terms("[12,13,4]", names) == ((0, 1), (0, 2))
    assert bracket(parse_terms("[123,4]", names), 4) == "[123,4]"
    seen = patterns_of("lesbian-allegheny")
    by_name = lists.estimate(seen, "log-linear", formula="`1` * `2` + `3` + `4`")
    assert by_name == lists.estimate(seen, "log-linear", formula=[12, 3, 4])


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("a + b + a:b", "no term for the list 'c'"),
        ("a:b + c", "without"),
        ("a + b + c + a:d", "the list 'd'"),
        ("a * b * c", "an interaction of all 3 lists"),
        ("[12]", "no term for the list 'c'"),
        ("[14]", "list 4"),
        ("[1;2]", "the brackets"),
        ("a + b + c - 1", "without intercept"),
        (12, "type int"),
    ],
)
def test_formulas_that_make_no_model_are_refused(formula, found):
    with pytest.raises(InputError, match="found") as refusal:
        parse_terms(formula, ["a", "b", "c"])
    assert found in str(refusal.value)


@pytest.mark.parametrize(
    ("model", "options", "found"),
    [
        ("mystery", {}, "the model 'mystery'"),
        ("log-linear", {}, "without a formula"),
        ("best", {"formula": "[12,3]"}, "a formula for the model"),
        ("best", {"criterion": "dic"}, "the criterion 'dic'"),
        ("best", {"search": "all"}, "the search 'all'"),
        ("stepwise", {"threshold": 2}, "the threshold 2"),
        ("independence", {"level": 95}, "the level 95"),
        ("independence", {"interval": "wald"}, "the interval 'wald'"),
        ("lsc", {"interval": "log-normal"}, "for the model 'lsc'"),
        ("independence", {"heterogeneity": "beta"}, "the heterogeneity 'beta'"),
        ("chapman", {}, "3 lists"),
    ],
)
def test_requests_that_make_no_sense_are_refused(model, options, found):
    with pytest.raises(InputError) as refusal:
        lists.estimate(patterns_of("hepatitis-a-taiwan"), model, **options)
    assert found in str(refusal.value)


def test_too_many_lists_are_refused_with_a_way_out():
    rows = np.eye(7, dtype=int)
    seven = CapturePatterns.from_histories([*rows, *(rows | np.roll(rows, 1, axis=1))], [50] * 7 + [9] * 7)
    with pytest.raises(InputError, match="use stepwise, two-way or fewer lists"):
        lists.estimate(seven, "best")
    assert lists.estimate(seven, "stepwise").status == "ok"
    nine = CapturePatterns.from_histories(np.eye(9, dtype=int))
    with pytest.raises(InputError, match="9 lists"):
        lists.estimate(nine, "independence")
    with pytest.raises(InputError, match="in place of capture patterns"):
        lists.estimate([[1, 0]], "independence")


def test_bootstrap_refuses_what_has_no_estimate():
    with pytest.raises(InputError, match="not identified"):
        lists.bootstrap(CapturePatterns.from_counts({"10": 5, "01": 6}), "chapman")
    with pytest.raises(InputError, match="20 or more"):
        lists.bootstrap(patterns_of("hepatitis-a-taiwan"), "lsc", replicates=5)


def test_every_suitable_model_is_compared_and_explained():
    found = lists.compare(patterns_of("hepatitis-a-taiwan"), formula="[12,13]")
    assert set(found["model"]) == set(lists.MODELS) - {"lincoln-petersen", "chapman"}
    assert (found["status"] == "ok").all()
    assert all(len(words) >= 3 for words in lists.MODELS.values())


def test_infinite_samples_make_an_infinite_limit():
    values = np.array([1.0, 2.0, 3.0, np.inf])
    assert list_bootstrap._quantiles(values, np.array([0.0, 1 / 3, 0.9])).tolist() == [1.0, 2.0, math.inf]


def test_standard_errors_of_two_lists_follow_their_formulas():
    found = two_lists(948, 421, 167)
    assert found["petersen_error"] == pytest.approx(math.sqrt(948 * 421 * 781 * 254 / 167**3))
    assert two_lists(5, 6, 0)["petersen"] is None


@pytest.mark.parametrize("occasions", [2, 3, 4])
def test_search_covers_every_hierarchical_model(occasions):
    family, models = list_fits.model_set(occasions, "hierarchical")
    sets = {frozenset(t for t in family.terms_of(row) if len(t) > 1) for row in models}
    higher = [t for size in range(2, occasions) for t in itertools.combinations(range(occasions), size)]
    expected = {
        frozenset(chosen)
        for size in range(len(higher) + 1)
        for chosen in itertools.combinations(higher, size)
        if all(
            part in chosen for term in chosen if len(term) > 2 for part in itertools.combinations(term, len(term) - 1)
        )
    }
    assert sets == expected
