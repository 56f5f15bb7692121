"""Traffic: the regression against known formulas and statsmodels, its predictions against simulation, and refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from platformlabour import InputError
from platformlabour.counting import traffic

SHARE = traffic.Factor(name="workers", low=0.4, high=0.8, kind="assumed", source="test", share=True)
DEVICES = traffic.Factor(name="devices", low=1.0, high=2.0, kind="elicited", source="test")


def economy(random, *, platforms=40, declaring=20, error=0.8, slope=1.1):
    visitors = np.exp(random.normal(10, 1.4, platforms))
    registered = np.exp(1 + slope * (np.log(visitors) - 1) + error * random.standard_normal(platforms))
    declared = registered.copy()
    declared[declaring:] = np.nan
    return declared, visitors, registered


# --- visitors to workers


def test_a_reading_is_the_range_of_its_factors():
    found = traffic.active_workers(1000, worker_share=SHARE, devices_per_person=DEVICES)
    assert found.interval == (200, 800)
    assert (found.value, found.level, found.status) == (None, None, "not identified")
    assert found.assumptions[1] == "devices: 1 to 2, elicited (test)"


def test_workers_who_never_visit_raise_the_count():
    reach = traffic.Factor(name="reach", low=0.5, high=1, kind="assumed", source="test", share=True)
    found = traffic.active_workers(1000, worker_share=SHARE, devices_per_person=DEVICES, reach=reach)
    assert found.interval == (200, 1600)


@given(st.floats(1, 1e9), st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.5, 5), st.floats(0.5, 5))
def test_every_combination_lies_in_the_range(visitors, share_a, share_b, devices_a, devices_b):
    shares, devices = sorted((share_a, share_b)), sorted((devices_a, devices_b))
    low, high = traffic.active_workers(
        visitors,
        worker_share=traffic.Factor(name="w", low=shares[0], high=shares[1], kind="assumed", source="s", share=True),
        devices_per_person=traffic.Factor(name="d", low=devices[0], high=devices[1], kind="assumed", source="s"),
    ).interval
    for share in shares:
        for device in devices:
            assert low * (1 - 1e-12) <= visitors * share / device <= high * (1 + 1e-12)


# --- the regression


def test_line_and_predictions_agree_with_statsmodels():
    import statsmodels.api as sm

    declared, visitors, _ = economy(np.random.default_rng(1))
    found = traffic.impute_registrations(declared, visitors, draws=100, seed=1)
    known = ~np.isnan(declared)
    model = sm.OLS(np.log(declared[known]), sm.add_constant(np.log(visitors[known]))).fit()
    assert (found.intercept, found.slope) == pytest.approx(tuple(model.params))
    assert found.residual_error == pytest.approx(math.sqrt(model.scale))
    frame = model.get_prediction(sm.add_constant(np.log(visitors[~known]))).summary_frame(alpha=0.05)
    assert np.log(found.platforms["median"]).tolist() == pytest.approx(frame["mean"].tolist())
    assert np.log(found.platforms["low"]).tolist() == pytest.approx(frame["obs_ci_lower"].tolist())
    assert np.log(found.platforms["high"]).tolist() == pytest.approx(frame["obs_ci_upper"].tolist())


def test_draws_of_a_platform_are_student_t_and_share_their_line():
    declared, visitors, _ = economy(np.random.default_rng(2), platforms=8, declaring=6)
    found = traffic.impute_registrations(declared, visitors, draws=40_000, seed=3, keep_platforms=True)
    logs = np.log(found.draws_by_platform)
    for k, row in enumerate(found.platforms.itertuples()):
        half = math.log(row.high / row.median) / stats.t.ppf(0.975, found.df)
        standard = (logs[:, k] - math.log(row.median)) / half
        assert stats.kstest(standard[:5000], stats.t(found.df).cdf).pvalue > 0.001
    assert stats.spearmanr(logs[:, 0], logs[:, 1]).statistic > 0.1
    assert found.totals == pytest.approx(np.nansum(declared) + found.draws_by_platform.sum(axis=1))


def test_the_median_total_exceeds_the_sum_of_medians():
    declared, visitors, _ = economy(np.random.default_rng(4), error=1.2)
    found = traffic.impute_registrations(declared, visitors, draws=5000, seed=1)
    assert found.naive_total < found.estimate.value
    assert found.line_interval[1] - found.line_interval[0] < found.estimate.interval[1] - found.estimate.interval[0]
    assert found.naive_total == pytest.approx(np.nansum(declared) + found.platforms["median"].sum())


def test_coverage_of_the_sum_and_of_the_line():
    random = np.random.default_rng(8)
    held = {"predictive": 0, "line": 0}
    replicates = 300
    for _ in range(replicates):
        declared, visitors, registered = economy(random, error=1.0)
        found = traffic.impute_registrations(declared, visitors, draws=400, seed=random, check_units=False)
        low, high = found.estimate.interval
        held["predictive"] += low <= registered.sum() <= high
        held["line"] += found.line_interval[0] <= registered.sum() <= found.line_interval[1]
    assert 0.91 <= held["predictive"] / replicates <= 0.98
    assert held["line"] / replicates < 0.8


def test_when_all_declare_nothing_is_predicted():
    declared, visitors, _ = economy(np.random.default_rng(1), platforms=6, declaring=6)
    found = traffic.impute_registrations(declared, visitors, draws=50, seed=1)
    assert found.estimate.value == pytest.approx(declared.sum())
    assert found.estimate.interval is None
    assert found.platforms.empty


def test_same_seed_same_draws_in_any_order_of_use():
    declared, visitors, _ = economy(np.random.default_rng(1))
    one, two = (traffic.impute_registrations(declared, visitors, draws=5000, seed=9) for _ in range(2))
    assert (one.totals == two.totals).all()
    assert one.line_interval == two.line_interval


@settings(max_examples=25, deadline=None)
@given(st.floats(0.01, 100))
def test_the_unit_of_registrations_only_scales(scale):
    declared, visitors, _ = economy(np.random.default_rng(5))
    base = traffic.impute_registrations(declared, visitors, draws=200, seed=1, check_units=False)
    scaled = traffic.impute_registrations(declared * scale, visitors, draws=200, seed=1, check_units=False)
    assert scaled.estimate.value == pytest.approx(scale * base.estimate.value)
    assert scaled.slope == pytest.approx(base.slope)


# --- leave one out


def test_leave_one_out_is_what_refitting_gives():
    declared, visitors, _ = economy(np.random.default_rng(3), platforms=12, declaring=10)
    frame = traffic.leave_one_out(declared, visitors)
    assert len(frame) == 10
    without = declared.copy()
    without[3] = np.nan
    refitted = traffic.impute_registrations(without, visitors, draws=10, seed=1).platforms.set_index("position").loc[3]
    row = frame.set_index("position").loc[3]
    assert (row["predicted"], row["low"], row["high"]) == pytest.approx(tuple(refitted[["median", "low", "high"]]))
    assert row["log_error"] == pytest.approx(math.log(declared[3] / row["predicted"]))


def test_leave_one_out_covers():
    random = np.random.default_rng(6)
    covered = [traffic.leave_one_out(*economy(random)[:2])["covered"].mean() for _ in range(60)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)


# --- what a large error does to a sum


def test_mean_ratio_is_the_log_normal_one_and_draws_find_it():
    frame = traffic.error_of_a_sum(np.full(400, 1e4), [0.5, 0.9], draws=4000, seed=1)
    assert frame["mean_ratio"].tolist() == pytest.approx([math.exp(0.125), math.exp(0.405)])
    middle = (frame["low"] + frame["high"]) / 2
    assert middle.tolist() == pytest.approx(frame["mean_ratio"].tolist(), rel=0.03)


def test_one_giant_does_not_average_out():
    many = traffic.error_of_a_sum(np.full(50, 1.0), 0.9, draws=4000, seed=1).iloc[0]
    giant = traffic.error_of_a_sum(np.array([200.0, *[1.0] * 49]), 0.9, draws=4000, seed=1).iloc[0]
    assert giant["high"] / giant["low"] > 3 * many["high"] / many["low"]


# --- refusals

GOOD = [5e5, 4.2e4, 9e4, 1.5e6, 2e4, 3e5, None]
SEEN = [2e5, 2.5e4, 3e4, 6e5, 9e3, 1e5, 5e4]


@pytest.mark.parametrize(
    ("declared", "visitors", "options", "message"),
    [
        ([*GOOD[:4], None, None, None], SEEN, {}, "4 declared platforms; expected at least 5"),
        ([-5, *GOOD[1:]], SEEN, {}, 'row 2, column "declared": found -5'),
        ([0, *GOOD[1:]], SEEN, {}, "found 0"),
        ([math.inf, *GOOD[1:]], SEEN, {}, "found inf"),
        (["many", *GOOD[1:]], SEEN, {}, "text among the registrations"),
        (GOOD, [0, *SEEN[1:]], {}, 'row 2, column "visitors": found 0'),
        (GOOD, [math.nan, *SEEN[1:]], {}, "found nan"),
        (GOOD, ["many", *SEEN[1:]], {}, "text among the numbers"),
        (GOOD, SEEN[1:], {}, "7 registrations for 6 platforms"),
        (GOOD, [1e5] * 7, {}, "equal visitors on all declared platforms"),
        (GOOD, SEEN, {"draws": 0}, "0 draws"),
        (GOOD, SEEN, {"draws": 2.5}, "2.5 draws"),
        (GOOD, SEEN, {"draws": 10**9}, "1000000000 draws"),
        (GOOD, SEEN, {"seed": -1}, "the seed -1"),
        (GOOD, SEEN, {"level": 2}, "the level 2"),
    ],
)
def test_bad_input_is_refused(declared, visitors, options, message):
    with pytest.raises(InputError) as refusal:
        traffic.impute_registrations(declared, visitors, **{"seed": 1, "draws": 10, **options})
    assert message in str(refusal.value)


def test_visitors_in_thousands_are_refused_with_their_row():
    visitors = list(SEEN)
    visitors[3] /= 1000
    with pytest.raises(
        InputError, match=r'row 5, column "visitors": found 600 visitors, about .* times off'
    ) as refusal:
        traffic.impute_registrations(GOOD, visitors, draws=10, seed=1)
    assert "not some in thousands" in str(refusal.value)
    assert traffic.impute_registrations(GOOD, visitors, draws=10, seed=1, check_units=False).df == 4


def test_wide_spread_alone_is_not_taken_for_another_unit():
    refused = 0
    random = np.random.default_rng(2)
    for _ in range(200):
        declared, visitors, _ = economy(random, error=1.2)
        try:
            traffic.impute_registrations(declared, visitors, draws=2, seed=1)
        except InputError:
            refused += 1
    assert refused == 0


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"low": 0.5, "high": 1.4, "share": True}, "a share of 1.4; expected a share from 0 to 1"),
        ({"low": 2, "high": 1}, "the smaller first"),
        ({"low": 0, "high": 1}, "numbers above 0"),
        ({"low": math.nan, "high": 1}, "numbers above 0"),
        ({"low": "few", "high": 1}, "two numbers"),
        ({"low": 1, "high": 2, "kind": "guessed"}, "one of measured, elicited, assumed"),
    ],
)
def test_bad_factors_are_refused(fields, message):
    with pytest.raises(InputError) as refusal:
        traffic.Factor(**{"name": "f", "kind": "assumed", "source": "test", **fields})
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: traffic.active_workers(0, worker_share=SHARE, devices_per_person=DEVICES), "0 visitors"),
        (lambda: traffic.active_workers("many", worker_share=SHARE, devices_per_person=DEVICES), "'many' visitors"),
        (
            lambda: traffic.active_workers(5, worker_share=0.5, devices_per_person=DEVICES),
            "found 0.5; expected a Factor",
        ),
        (lambda: traffic.active_workers(5, worker_share=DEVICES, devices_per_person=DEVICES), "share=True"),
        (lambda: traffic.leave_one_out(GOOD[:5], SEEN[:5]), "at least 6, to leave one out"),
        (lambda: traffic.error_of_a_sum([1, 0], 0.5, seed=1), "found 0"),
        (lambda: traffic.error_of_a_sum([1, 2], -0.5, seed=1), "found -0.5"),
    ],
)
def test_other_bad_input_is_refused(call, message):
    with pytest.raises(InputError) as refusal:
        call()
    assert message in str(refusal.value)


def test_long_runs_depend_on_the_seed_alone(monkeypatch):
    """Beyond 131,072 draws each part has a stream of its own, whatever the number of processors."""
    declared, visitors = [5e5, 4.2e4, 9e4, 1.5e6, 2e4, 3e5, None, None], [2e5, 2.5e4, 3e4, 6e5, 9e3, 1e5, 5e4, 3e5]
    runs = []
    for processors in (1, 2):
        monkeypatch.setattr("os.cpu_count", lambda processors=processors: processors)
        runs.append(traffic.impute_registrations(declared, visitors, draws=300_000, seed=7))
    assert (runs[0].totals == runs[1].totals).all()
    parts = [runs[0].totals[:131_072], runs[0].totals[131_072:262_144]]
    np.testing.assert_allclose(*(np.quantile(part, [0.1, 0.5, 0.9]) for part in parts), rtol=0.02)
    assert not np.isin(parts[0][:1000], parts[1]).any()


def test_a_run_within_one_part_gives_the_numbers_of_the_tables():
    declared, visitors = [5e5, 4.2e4, 9e4, 1.5e6, 2e4, 3e5, None, None], [2e5, 2.5e4, 3e4, 6e5, 9e3, 1e5, 5e4, 3e5]
    made = traffic.impute_registrations(declared, visitors, draws=4000, seed=1).totals
    np.testing.assert_allclose(
        made[[0, 1, 3999]], [3546411.8930446533, 3575043.2299542553, 4215912.639802475], rtol=1e-9
    )
