"""Truncated count regression against closed forms, another package's values, the delta method and simulation."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from platformlabour import InputError
from platformlabour.counting.recapture.truncated import MODELS, bootstrap, estimate, influence
from platformlabour.counting.recapture.truncated_likelihoods import SPECIFICATIONS

REFERENCE = Path(__file__).parent / "reference"
VALUES = pd.read_csv(REFERENCE / "truncated_values.csv")
IMMIGRANTS = pd.read_csv(REFERENCE / "truncated_immigrants.csv")
# Standard errors and limits where the reference takes another second term: SOURCES_truncated.md says why.
DIFFERS = VALUES["model"].isin(["oi-chao", "zot-poisson", "zot-geometric", "ztoi-geometric"])
UNCERTAINTY = VALUES["quantity"].str.fullmatch("standard error|.* lower|.* upper")
USABLE = ("ok", "boundary")


def counted(*people):
    """A table of people seen once, twice, and so on."""
    return pd.DataFrame({"times": np.arange(1, len(people) + 1), "people": people})


def total(frame, model, formula="times ~ 1", **options):
    return estimate(frame, formula, model, people="people", **options).population


# Values of another package.


@pytest.fixture(scope="module")
def reference_fits():
    pairs = VALUES[["model", "formula"]].drop_duplicates().itertuples(index=False)
    return {(model, formula): estimate(IMMIGRANTS, formula, model, people="people") for model, formula in pairs}


def _found(fit, quantity):
    if " of " in quantity:
        column, row = quantity.split(" of ", 1)
        return fit.coefficients.loc[row, column]
    kind, _, side = quantity.rpartition(" ")
    if side in ("lower", "upper"):
        return fit.intervals[kind][side == "upper"]
    return {
        "total": fit.population.value,
        "standard error": fit.population.standard_error,
        "loglik": fit.loglik,
        "aic": fit.aic,
        "bic": fit.bic,
    }[quantity]


@pytest.mark.parametrize(
    "row",
    list(VALUES[~(UNCERTAINTY & DIFFERS)].itertuples(index=False)),
    ids=lambda row: f"{row.oracle}-{row.quantity}",
)
def test_reference_values(row, reference_fits):
    fit = reference_fits[row.model, row.formula]
    if math.isnan(row.relative_tolerance):
        assert fit.population.status in ("not identified", "implausible")
        assert fit.population.value is None
        return
    assert _found(fit, row.quantity) == pytest.approx(row.value, rel=row.relative_tolerance)


@pytest.mark.parametrize(
    "row",
    list(VALUES[UNCERTAINTY & (DIFFERS | (VALUES["model"] == "chao"))].itertuples(index=False)),
    ids=lambda row: f"{row.oracle}-{row.quantity}",
)
def test_reference_standard_errors_with_the_references_own_second_term(row, reference_fits):
    fit = reference_fits[row.model, row.formula]
    used = fit.fitted[fit.fitted["represents"] > 1]
    odds, people = used["represents"] - 1, used["people"]
    if row.model == "zot-geometric":
        theirs = people @ (1 + odds)
    elif row.model == "ztoi-geometric":
        theirs = people @ odds
    else:
        theirs = people @ ((1 - np.exp(-used["rate"]) / odds) * (1 + odds) ** 2)
    error = math.sqrt(fit.population.standard_error**2 - people @ (odds * (1 + odds)) + theirs)
    unseen = fit.population.value - 1880
    z = stats.norm.ppf(0.975)
    factor = math.exp(z * math.sqrt(math.log1p((error / unseen) ** 2)))
    expected = {
        "standard error": error,
        "normal lower": 1880 + unseen - z * error,
        "normal upper": 1880 + unseen + z * error,
        "log-normal lower": 1880 + unseen / factor,
        "log-normal upper": 1880 + unseen * factor,
    }
    assert expected[row.quantity] == pytest.approx(row.value, rel=1e-6)


def test_negative_binomial_on_the_immigrants_finds_a_higher_likelihood_than_the_reference_and_refuses(reference_fits):
    fit = reference_fits["zt-negbin", "capture ~ 1"]
    assert fit.loglik > -886.831885
    assert fit.population.status == "not identified"
    assert "infinity" in fit.population.warnings[0]


def test_rows_of_persons_and_cells_give_the_same(reference_fits):
    persons = IMMIGRANTS.loc[IMMIGRANTS.index.repeat(IMMIGRANTS["people"])].drop(columns="people")
    formula = "capture ~ gender + age + nation"
    fit = estimate(persons, formula, "zt-poisson")
    assert fit.population.value == pytest.approx(reference_fits["zt-poisson", formula].population.value, rel=1e-10)
    assert len(fit.fitted) == 1880
    assert fit.fitted["represents"].sum() == pytest.approx(fit.population.value, rel=1e-10)


# Closed forms.

COUNTS = st.lists(st.integers(1, 400), min_size=4, max_size=6)


@given(COUNTS)
@settings(deadline=None, max_examples=40)
def test_intercept_only_totals_are_the_closed_forms(people):
    frame = counted(*people)
    seen = sum(people)
    f1, f2, f3 = people[:3]
    mean = frame["times"] @ frame["people"] / seen
    rate = optimize.brentq(lambda rate: rate / -math.expm1(-rate) - mean, 1e-9, 50)
    twice = frame[frame["times"] >= 2]
    above = twice["times"] @ twice["people"] / twice["people"].sum() - 2
    expected = {
        "zt-poisson": seen / -math.expm1(-rate),
        "zt-geometric": seen * mean / (mean - 1),
        "chao": seen + f1**2 / (2 * f2),
        "zelterman": seen / -math.expm1(-2 * f2 / f1),
        "oi-chao": seen + 2 * f2**3 / (9 * f3**2),
        "zot-geometric": seen + twice["people"].sum() * (1 + above) / above**2,
    }
    for model, value in expected.items():
        result = total(frame, model)
        if result.status == "ok":
            assert result.value == pytest.approx(value, rel=1e-7), model
        else:
            assert result.status in ("not identified", "implausible")
            assert result.value is None or value > 1000 * seen


def test_one_inflated_models_meet_the_zero_one_truncated_ones():
    frame = counted(900, 120, 60, 25, 8, 2)
    for family in ("poisson", "geometric"):
        assert total(frame, f"ztoi-{family}").value == pytest.approx(total(frame, f"zot-{family}").value, rel=1e-8)


# Likelihoods.

ETA = np.array([-4.0, -1.5, -0.2, 0.7, 2.0])


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("shape", [-1.7, 0.4])
def test_probabilities_of_the_used_counts_add_up_to_one(model, shape):
    spec = SPECIFICATIONS[model]
    low, high = spec.used
    times = np.arange(low, (high or 4000) + 1, dtype=float)
    for eta in ETA:
        logs = spec.likelihood(times, np.full(times.shape, eta), shape)[0]
        assert np.exp(logs + spec.constant(times)).sum() == pytest.approx(1, rel=1e-9)


DERIVED = [
    (model, times)
    for model, spec in SPECIFICATIONS.items()
    for times in (1, 2, 3, 7)
    if spec.used[0] <= times <= (spec.used[1] or 99)
]


@pytest.mark.parametrize(("model", "times"), DERIVED)
def test_derivatives_are_those_of_the_likelihood(model, times):
    spec, shape, step = SPECIFICATIONS[model], -0.6, 1e-5
    times = np.full(ETA.shape, float(times))

    def terms(eta_step=0.0, shape_step=0.0):
        return spec.likelihood(times, ETA + eta_step, shape + shape_step)

    def slope(place, **steps):
        forward = terms(**steps)[place]
        backward = terms(**{name: -value for name, value in steps.items()})[place]
        return (forward - backward) / (2 * step)

    found = terms()
    close = {"rtol": 1e-6, "atol": 1e-7}
    np.testing.assert_allclose(found[1], slope(0, eta_step=step), **close)
    np.testing.assert_allclose(found[2], slope(1, eta_step=step), **close)
    if spec.shape:
        np.testing.assert_allclose(found[3], slope(0, shape_step=step), **close)
        np.testing.assert_allclose(found[4], slope(1, shape_step=step), **close)
        np.testing.assert_allclose(found[5], slope(3, shape_step=step), **close)


@pytest.mark.parametrize("model", MODELS)
def test_odds_of_being_unseen_have_the_right_slopes(model):
    spec, shape, step = SPECIFICATIONS[model], -0.6, 1e-6
    odds, by_eta, by_shape = spec.unseen(ETA, shape)
    assert np.all(odds > 0)
    numeric = (spec.unseen(ETA + step, shape)[0] - spec.unseen(ETA - step, shape)[0]) / (2 * step)
    np.testing.assert_allclose(by_eta, numeric, rtol=1e-6)
    numeric = (spec.unseen(ETA, shape + step)[0] - spec.unseen(ETA, shape - step)[0]) / (2 * step)
    np.testing.assert_allclose(np.broadcast_to(by_shape, ETA.shape), numeric, rtol=1e-6, atol=1e-9)


# Uncertainty.


def _expected_counts(model, size):
    """Counts that a population of this size shows on average when the model is true; (times, people)."""
    spec, times = SPECIFICATIONS[model], np.arange(0, 300)
    if spec.family == "geometric":
        chances = stats.geom.pmf(times + 1, 1 / 2.2)
    elif spec.family == "negative binomial":
        chances = stats.nbinom.pmf(times, 1 / 0.5, 1 / (1 + 0.5 * 1.2))
    else:
        chances = stats.poisson.pmf(times, 1.2)
    people = size * chances
    if model.startswith("oizt"):
        people[1:] = 0.7 * people[1:]
        people[1] += 0.3 / 0.7 * people[1:].sum()
    elif model.startswith("ztoi"):
        people = 0.7 * people
        people[1] += 0.3 * size
    keep = (people > 1e-9) & (times > 0)
    return times[keep], people[keep]


@pytest.mark.parametrize("model", MODELS)
def test_exact_counts_give_back_the_population(model):
    times, people = _expected_counts(model, 10_000)
    result = total(pd.DataFrame({"times": times, "people": people}), model)
    assert result.value == pytest.approx(10_000, rel=1e-6)
    assert result.status == "ok"


@pytest.mark.parametrize("model", MODELS)
def test_standard_error_is_that_of_the_delta_method(model):
    """The total is a function of the numbers of people seen k times, which are multinomial in the population."""
    times, people = _expected_counts(model, 10_000)
    times, people = times[people > 1e-6], people[people > 1e-6]
    frame = pd.DataFrame({"times": times, "people": people})
    error = total(frame, model).standard_error
    slopes = []
    for place in range(len(times)):
        step = 1e-3 * people[place]
        changed = [people + sign * step * (np.arange(len(times)) == place) for sign in (1, -1)]
        up, down = (total(frame.assign(people=new), model).value for new in changed)
        slopes.append((up - down) / (2 * step))
    variance = people @ np.square(slopes) - 10_000
    assert error == pytest.approx(math.sqrt(variance), rel=2e-3)


def test_interval_covers_as_often_as_it_says():
    generator = np.random.default_rng(20260101)
    covered = 0
    for _ in range(200):
        group = generator.random(2000) < 0.4
        times = generator.poisson(np.where(group, 1.1, 0.5))
        frame = pd.DataFrame({"times": times, "group": group})[times > 0]
        low, high = estimate(frame, "times ~ group", "zt-poisson").population.interval
        covered += low <= 2000 <= high
    assert 181 <= covered <= 198  # within three binomial standard errors of 190, and below certainty


def test_robust_covariance_agrees_when_the_model_holds_and_widens_when_it_does_not():
    times, people = _expected_counts("zt-poisson", 10_000)
    frame = pd.DataFrame({"times": times, "people": people})
    plain, robust = (total(frame, "zt-poisson", covariance=kind).standard_error for kind in ("model", "robust"))
    assert robust == pytest.approx(plain, rel=1e-4)
    frame = counted(1645, 183, 37, 13, 1, 1)
    plain, robust = (total(frame, "zt-poisson", covariance=kind).standard_error for kind in ("model", "robust"))
    assert robust > 1.1 * plain


def test_clusters_of_identical_people_widen_the_interval():
    generator = np.random.default_rng(5)
    households = generator.poisson(0.9, 400)
    frame = pd.DataFrame({"times": np.repeat(households, 4), "household": np.repeat(np.arange(400), 4)})
    frame = frame[frame["times"] > 0]
    plain = estimate(frame, "times ~ 1", "zt-poisson").coefficients.loc["intercept", "standard_error"]
    clustered = estimate(frame, "times ~ 1", "zt-poisson", cluster="household")
    assert clustered.coefficients.loc["intercept", "standard_error"] > 1.6 * plain
    assert clustered.population.standard_error < math.inf


def test_bootstrap_is_seeded_agrees_with_theory_and_reports_failures():
    fit = estimate(counted(1645, 183, 37, 13, 1, 1), "times ~ 1", "zt-geometric", people="people")
    result = bootstrap(fit, resamples=400, seed=3)
    again = bootstrap(fit, resamples=400, seed=3)
    assert np.array_equal(result.totals, again.totals)
    assert result.failed == 0
    assert result.population.interval_kind == "bootstrap"
    assert result.population.standard_error == pytest.approx(fit.population.standard_error, rel=0.15)
    scarce = estimate(counted(40, 3), "times ~ 1", "zt-poisson", people="people")
    result = bootstrap(scarce, resamples=300, seed=1)
    assert result.failed > 0
    assert result.failed == np.isinf(result.totals).sum()
    assert any(f"{result.failed} of 300" in text for text in result.population.warnings)


def test_bootstrap_keeps_going_when_a_small_group_is_not_drawn():
    frame = pd.DataFrame({"times": [1, 2, 3, 1, 2], "group": ["a", "a", "a", "b", "b"], "people": [400, 100, 20, 1, 2]})
    fit = estimate(frame, "times ~ group", "zt-poisson", people="people")
    result = bootstrap(fit, resamples=100, seed=2)
    assert np.isfinite(result.totals).sum() >= 50


def test_influence_is_the_change_when_somebody_is_left_out():
    frame = counted(500, 120, 20, 3)
    fit = estimate(frame, "times ~ 1", "zt-poisson", people="people")
    for place, change in enumerate(influence(fit)):
        fewer = frame.assign(people=frame["people"] - (np.arange(4) == place))
        assert total(fewer, "zt-poisson").value - fit.population.value == pytest.approx(change, rel=0.05)


def test_one_person_on_whom_the_total_hangs_is_reported(reference_fits):
    fit = reference_fits["zt-poisson", "capture ~ gender + age + nation"]
    surinam = IMMIGRANTS["nation"].eq("Surinam") & IMMIGRANTS["capture"].gt(1)
    assert IMMIGRANTS.loc[surinam, "people"].sum() == 1
    changes = influence(fit)
    assert changes.abs().idxmax() == surinam.idxmax()
    assert any(f"{changes.abs().max():,.0f}" in text for text in fit.population.warnings)
    intercept_only = reference_fits["zt-poisson", "capture ~ 1"].population
    assert not any("One person" in text for text in intercept_only.warnings)


# Invariance.

TABLES = st.lists(
    st.tuples(st.integers(1, 5), st.sampled_from("abc"), st.integers(-2, 2), st.integers(1, 60)),
    min_size=6,
    max_size=25,
)


def _table(rows):
    return pd.DataFrame(rows, columns=["times", "group", "age", "people"])


def _estimate_or_none(frame, model):
    try:
        return estimate(frame, "times ~ group + age", model, people="people")
    except InputError:
        return None


@given(TABLES, st.sampled_from(sorted(MODELS)), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_order_and_splitting_of_rows_change_nothing_and_nonsense_is_never_ok(rows, model, random):
    frame = _table(rows)
    fit = _estimate_or_none(frame, model)
    if fit is None:
        return
    population = fit.population
    seen = frame["people"].sum()
    if population.status in USABLE:
        assert seen <= population.value <= 1000 * seen
        assert population.standard_error <= population.value
        low, high = population.interval
        assert seen <= low <= population.value <= high
        represented = fit.fitted["people"] @ fit.fitted["represents"]
        assert represented == pytest.approx(population.value, rel=1e-9)
    shuffled = frame.sample(frac=1, random_state=random.randrange(2**31))
    halves = pd.concat([frame, frame], ignore_index=True).assign(people=lambda both: both["people"] / 2)
    for other in (shuffled, halves):
        again = estimate(other, "times ~ group + age", model, people="people").population
        assert again.status == population.status
        if population.status in USABLE:
            assert again.value == pytest.approx(population.value, rel=1e-6)
            assert again.standard_error == pytest.approx(population.standard_error, rel=1e-5)


def test_many_rows_with_continuous_covariates_agree_with_a_plain_maximiser():
    generator = np.random.default_rng(11)
    age = generator.normal(size=60_000)
    times = generator.poisson(np.exp(-0.5 + 0.4 * age))
    frame = pd.DataFrame({"times": times, "age": age})[times > 0].reset_index(drop=True)
    fit = estimate(frame, "times ~ age", "zt-poisson")
    y, x = frame["times"].to_numpy(float), np.column_stack([np.ones(len(frame)), frame["age"]])

    def deviance(beta):
        rate = np.exp(x @ beta)
        return -np.sum(y * (x @ beta) - rate - np.log(-np.expm1(-rate))), -x.T @ (y - rate / -np.expm1(-rate))

    plain = optimize.minimize(deviance, [0.0, 0.0], jac=True, method="BFGS", options={"gtol": 1e-3})
    np.testing.assert_allclose(fit.coefficients["estimate"], plain.x, rtol=1e-6)
    assert fit.population.interval[0] < 60_000 < fit.population.interval[1]


# Standing and warnings.


@pytest.mark.parametrize("model", MODELS)
def test_everybody_seen_once_identifies_nothing(model):
    result = estimate(pd.DataFrame({"times": [1] * 50}), "times ~ 1", model).population
    assert result.status == "not identified"
    assert result.value is None
    assert result.warnings


@pytest.mark.parametrize("model", MODELS)
def test_one_person_identifies_nothing(model):
    assert estimate(pd.DataFrame({"times": [3]}), "times ~ 1", model).population.status == "not identified"


def test_a_group_seen_only_once_is_named():
    frame = pd.DataFrame({"times": [1, 2, 3, 1], "group": ["a", "a", "a", "b"], "people": [500, 100, 20, 50]})
    result = total(frame, "zt-poisson", "times ~ group")
    assert result.status == "not identified"
    assert "group[b]" in result.warnings[0]


def test_a_total_that_hangs_on_the_model_alone_is_implausible():
    assert total(counted(10_000_000, 40), "zt-geometric").status == "implausible"


@pytest.mark.parametrize(("model", "base"), [("zt-negbin", "zt-poisson"), ("oizt-poisson", "zt-poisson")])
def test_at_its_limit_a_model_falls_back_on_the_simpler_one(model, base):
    frame = counted(500, 120, 20, 2)
    result = total(frame, model)
    assert result.status == "boundary"
    assert result.value == total(frame, base).value


def test_heterogeneity_and_one_inflation_are_noticed_and_a_true_poisson_is_left_alone():
    warned = total(counted(1645, 183, 37, 13, 1, 1), "zt-poisson").warnings
    assert any("vary more" in text for text in warned)
    assert any("exactly once" in text for text in warned)
    times, people = _expected_counts("zt-poisson", 10_000)
    fit = estimate(pd.DataFrame({"times": times, "people": people}), "times ~ 1", "zt-poisson", people="people")
    assert fit.population.warnings == ()
    assert fit.tests["one-inflation"] == pytest.approx(0, abs=1e-6)
    assert fit.tests["overdispersion"] == pytest.approx(0, abs=1e-6)


def test_score_tests_are_standard_normal_when_the_model_holds():
    generator = np.random.default_rng(8)
    found = {"one-inflation": [], "overdispersion": []}
    for _ in range(300):
        group = generator.random(1500) < 0.5
        times = generator.poisson(np.where(group, 1.4, 0.8))
        frame = pd.DataFrame({"times": times, "group": group})[times > 0]
        for name, value in estimate(frame, "times ~ group", "zt-poisson").tests.items():
            found[name].append(value)
    for values in found.values():
        assert abs(np.mean(values)) < 0.25
        assert 0.85 < np.std(values) < 1.15


def test_bounds_are_marked():
    frame = counted(500, 120, 20, 2)
    assert {model for model in MODELS if total(frame, model).bound == "lower"} == {"chao", "oi-chao"}


# Bad input.


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "never seen"), (-2, "count -2"), (1.5, "1.5"), (None, "missing"), (np.inf, "inf"), (2_000_000, "1,000,000")],
)
def test_bad_counts_are_located(value, words):
    with pytest.raises(InputError, match=words) as caught:
        estimate(pd.DataFrame({"times": [1, 2, value]}), "times ~ 1", "chao")
    assert (caught.value.row, caught.value.column) == (4, "times")


@pytest.mark.parametrize("values", [["1", "2"], [True, True], [pd.Timestamp("2026-01-01")] * 2])
def test_counts_that_are_not_numbers_are_refused(values):
    with pytest.raises(InputError, match="type"):
        estimate(pd.DataFrame({"times": values}), "times ~ 1", "chao")


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_bad_numbers_of_people_are_located(value):
    frame = pd.DataFrame({"times": [1, 2, 3], "people": [5.0, value, 2.0]})
    with pytest.raises(InputError) as caught:
        total(frame, "chao")
    assert (caught.value.row, caught.value.column) == (3, "people")


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("times ~ colour", "no column"),
        ("seen ~ age", "no column"),
        ("times ~ same", "same value"),
        ("times ~ one_text", "same value"),
        ("times ~ age + twice_age", "follows exactly"),
        ("times ~ holes", "missing value"),
        ("times ~ endless", "infinite"),
    ],
)
def test_unusable_covariates_are_named(formula, words):
    frame = pd.DataFrame(
        {
            "times": [1, 2, 1, 3],
            "age": [20.0, 30, 40, 50],
            "same": 1,
            "one_text": "x",
            "holes": ["a", None, "b", "b"],
            "endless": [1.0, 2.0, np.inf, 3.0],
        }
    ).assign(twice_age=lambda table: 2 * table["age"])
    with pytest.raises(InputError, match=words):
        estimate(frame, formula, "zt-poisson")


@pytest.mark.parametrize(
    "options",
    [
        {"model": "ztpoisson"},
        {"level": 95},
        {"interval": "exact"},
        {"covariance": "hc3"},
        {"people": "weight"},
        {"cluster": "house"},
    ],
)
def test_unknown_options_are_refused(options):
    arguments = {"model": "zt-poisson", **options}
    with pytest.raises(InputError):
        estimate(counted(5, 3, 1), "times ~ 1", **arguments)


def test_empty_tables_and_other_things_are_refused():
    with pytest.raises(InputError, match="without rows"):
        estimate(pd.DataFrame({"times": []}, dtype=float), "times ~ 1", "chao")
    with pytest.raises(InputError, match="DataFrame"):
        estimate([1, 2], "times ~ 1", "chao")
    with pytest.raises(InputError, match="0 people"):
        total(counted(0, 0), "chao")


def test_bootstrap_and_influence_refuse_a_fit_without_a_total():
    fit = estimate(pd.DataFrame({"times": [1] * 50}), "times ~ 1", "zt-poisson")
    with pytest.raises(InputError, match="not identified"):
        bootstrap(fit, seed=1)
    with pytest.raises(InputError, match="not identified"):
        influence(fit)
    fit = estimate(counted(5.5, 3, 1), "times ~ 1", "zt-poisson", people="people")
    with pytest.raises(InputError, match="fractions"):
        bootstrap(fit, seed=1)
