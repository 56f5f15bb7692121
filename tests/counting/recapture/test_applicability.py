"""Whether models apply: score tests against their definition, false alarms, power, and tables too poor to tell."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from platformlabour import InputError
from platformlabour.counting.recapture import applicability, closed
from platformlabour.counting.recapture.applicability import (
    COUNT_MODELS,
    LIST_MODELS,
    OPEN_MODELS,
    PATTERN_MODELS,
    STATEMENTS,
    applicable,
    takes_on_trust,
)
from platformlabour.counting.recapture.frequencies import Frequencies
from platformlabour.counting.recapture.loglinear import fit_models
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.counting.simulate import SCENARIOS, Scenario, simulate

REPLICATES = 40


def contradicted(scenario, data, model, replicates=REPLICATES):
    """Share of samples in which the model is called contradicted."""
    taken = [simulate(SCENARIOS[scenario], seed=seed) for seed in range(replicates)]
    found = []
    for sample in taken:
        more = {"patterns": sample.histories} if data == "sightings" else {}
        found.append(not applicable(getattr(sample, data), model, **more).applies)
    return float(np.mean(found))


def test_score_statistic_is_rao_s():
    table = applicability._table(4)
    counts = simulate(Scenario(people=3000, effort=(0.3,) * 4, log_rate_sd=0.5), seed=1).histories.cells().astype(float)
    null, extra = np.hstack([table["one"], table["occasions"]]), np.hstack([table["squared"], table["span"]])
    (statistic, df, _), *_ = applicability._score_statistics(null, counts, [extra])
    # By definition: the score of the larger model at the smaller one's estimates, in its inverse information.
    whole = np.hstack([null, extra])
    means = np.exp(null @ fit_models(null, counts).parameters[0])
    score = whole.T @ (counts - means)
    information = whole.T @ (whole * means[:, None])
    assert df == 2
    assert statistic == pytest.approx(score @ np.linalg.solve(information, score), rel=1e-6)


def test_time_test_agrees_with_the_likelihood_ratio():
    seen = simulate(Scenario(people=20000, effort=(0.22, 0.25, 0.24, 0.23)), seed=3).histories
    score = next(test for test in applicable(seen, "M0").tests if test.question == "time")
    ratio = next(test for test in closed.diagnose(seen) if test.question == "time")
    assert score.df == ratio.df == 3
    assert score.statistic == pytest.approx(ratio.statistic, rel=0.03)


def test_p_values_are_uniform_where_the_model_holds():
    taken = [simulate(Scenario(people=2000, effort=(0.3,) * 4), seed=seed).histories for seed in range(80)]
    for questions in (("late", "early"), ("far apart", "close together"), ("people differ", "too even"), ("time",)):
        p = [test.p_value for seen in taken for test in applicable(seen, "M0").tests if test.question in questions]
        assert len(p) == len(taken)
        assert stats.kstest(p, "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    ("scenario", "data", "model"),
    [
        ("homogeneous", "histories", "M0"),
        ("homogeneous", "histories", "Mth-chao"),
        ("time-varying effort", "histories", "Mt"),
        ("trap-shy", "histories", "Mb"),
        ("trap-happy", "histories", "Mb"),
        ("log-normal rates", "histories", "Mh-chao"),
        ("three activity classes", "histories", "Mth-chao"),
        ("uneven effort and rates", "histories", "Mth-chao"),
        ("turnover", "histories", "jolly-seber"),
        ("homogeneous", "sightings", "poisson"),
        ("exponential rates", "sightings", "geometric"),
        ("exponential rates", "sightings", "negative-binomial"),
        ("log-normal rates", "sightings", "unequal"),
        ("three activity classes", "sightings", "unequal"),
        ("fakes", "sightings", "one-inflated-poisson"),
        ("homogeneous", "lists", "independence"),
        ("referred lists", "lists", "two-way"),
    ],
)
def test_few_false_alarms(scenario, data, model):
    # With a chance of 5%, seven or more of 40 occur once in 300 such trials.
    assert contradicted(scenario, data, model) <= 6 / REPLICATES


@pytest.mark.parametrize(
    ("scenario", "data", "model", "words"),
    [
        ("time-varying effort", "histories", "M0", "occasions differ"),
        ("log-normal rates", "histories", "Mt", "captured more often"),
        ("three activity classes", "histories", "Mb", "captured more often"),
        ("trap-shy", "histories", "Mth-chao", "first captures come earlier"),
        ("trap-happy", "histories", "Mth-darroch", "first captures come later"),
        ("turnover", "histories", "Mth-chao", "close together in time"),
        ("fatigue", "histories", "Mth-chao", "first captures come earlier"),
        ("fakes", "histories", "Mt", "seen once"),
        ("fakes", "sightings", "poisson", "seen once"),
        ("log-normal rates", "histories", "jolly-seber", "seen for the first time"),
        ("homogeneous", "sightings", "geometric", "more evenly"),
        ("referred lists", "lists", "independence", "lists name the same people"),
        ("contained list", "lists", "independence", "lists name the same people"),
    ],
)
def test_broken_assumptions_show_and_are_named(scenario, data, model, words):
    assert contradicted(scenario, data, model, 20) >= 0.9
    sample = simulate(SCENARIOS[scenario], seed=3)
    more = {"patterns": sample.histories} if data == "sightings" else {}
    found = applicable(getattr(sample, data), model, **more)
    assert any(words in reason for reason in found.reasons), found.reasons
    assert [test.p_value for test in found.tests] == sorted(test.p_value for test in found.tests)


def test_counts_alone_say_that_they_cannot_see_order():
    sample = simulate(SCENARIOS["turnover"], seed=1)
    alone = applicable(sample.sightings, "unequal")
    assert any("no order" in text for text in alone.untested)
    assert not any("time" in reason for reason in alone.reasons)
    assert not applicable(sample.sightings, "unequal", patterns=sample.histories).applies


def test_fakes_are_hinted_at_where_the_model_allows_people_who_hardly_work():
    hints = [
        applicable(simulate(SCENARIOS["fakes"], seed=seed).sightings, "unequal").hints for seed in range(REPLICATES)
    ]
    assert np.mean([any("fakes" in words for words in found) for found in hints]) >= 0.9
    quiet = [
        applicable(simulate(SCENARIOS["homogeneous"], seed=seed).sightings, "unequal").hints
        for seed in range(REPLICATES)
    ]
    assert np.mean([bool(found) for found in quiet]) <= 6 / REPLICATES


def test_a_model_declares_itself_only_to_those_who_make_its_statements():
    seen = simulate(SCENARIOS["log-normal rates"], seed=1).histories
    bound, shaped = applicable(seen, "Mth-chao"), applicable(seen, "Mth-darroch")
    assert bound.applies
    assert not bound.declared([])
    assert bound.declared(["identities", "real people"])
    assert set(shaped.on_trust) == {"identities", "real people", "shape"}
    assert not applicable(seen, "M0").declared(STATEMENTS)
    with pytest.raises(InputError, match="statement 'honesty'"):
        bound.declared(["honesty"])


@pytest.mark.parametrize("model", PATTERN_MODELS + LIST_MODELS + OPEN_MODELS + COUNT_MODELS)
def test_no_model_can_see_who_is_behind_an_identity(model):
    assert "identities" in takes_on_trust(model)
    assert set(takes_on_trust(model)) <= set(STATEMENTS)


def test_statements_of_an_unknown_model_are_refused():
    with pytest.raises(InputError, match="the model 'M9'"):
        takes_on_trust("M9")


def test_two_people_or_two_identities_leave_no_trace_for_chao():
    for scenario in ("doubled identities", "shared identities"):
        assert contradicted(scenario, "histories", "Mth-chao", 20) <= 0.2


def test_level_is_the_rate_of_false_alarms():
    taken = [simulate(Scenario(people=2000, effort=(0.3,) * 4), seed=seed).histories for seed in range(100)]
    strict, loose = (np.mean([not applicable(x, "M0", level=level).applies for x in taken]) for level in (0.01, 0.4))
    assert strict <= 0.05
    assert 0.15 < loose < 0.55


def test_many_occasions_are_said_not_to_be_tested():
    seen = simulate(Scenario(people=500, effort=(0.1,) * 13), seed=1).histories
    found = applicable(seen, "Mt")
    assert found.applies
    assert found.tests == ()
    assert "12 occasions" in found.untested[0]


def test_pooled_counts_are_said_not_to_be_tested():
    pooled = Frequencies([1, 2, 3], [1, 2, 9], [500, 100, 40], [500, 200, 150])
    assert "pooled" in applicable(pooled, "poisson").untested[0]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 30), min_size=15, max_size=15), st.sampled_from([7, 15]))
def test_poor_tables_get_an_answer(people, cells):
    people = people[:cells]
    if not sum(people):
        people[0] = 1
    width = cells.bit_length()
    seen = CapturePatterns.from_counts({format(i + 1, f"0{width}b"): n for i, n in enumerate(people)})
    for model in PATTERN_MODELS + LIST_MODELS + OPEN_MODELS:
        found = applicable(seen, model)
        assert found.applies == (not found.reasons)
        assert all(0 <= test.p_value <= 1 for test in found.tests)
    held = [(k + 1, n) for k, n in enumerate(people) if n]
    table = Frequencies.from_columns(*zip(*held, strict=True))
    for model in COUNT_MODELS:
        assert all(0 <= test.p_value <= 1 for test in applicable(table, model).tests)


def test_wrong_requests_are_refused():
    seen = CapturePatterns.from_counts({"11": 5, "10": 9, "01": 8})
    counts = Frequencies.from_columns([1, 2, 5], [10, 4, 1])
    for data, model in ((seen, "poisson"), (counts, "M0"), (seen, "Mx"), ([1, 2], "M0")):
        with pytest.raises(InputError):
            applicable(data, model)
    for level in (0, 1, "5%", float("nan")):
        with pytest.raises(InputError, match="level"):
            applicable(seen, "M0", level=level)
    with pytest.raises(InputError, match="occasions"):
        applicable(counts, "poisson", occasions=4)
