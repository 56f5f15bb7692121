"""The simulated workforces: truths add up, each switch breaks what it says and nothing else, seeds repeat."""

import numpy as np
import pytest

from platformlabour import InputError
from platformlabour.counting.recapture import closed, frequencies
from platformlabour.counting.simulate import SCENARIOS, Scenario, nested_classes, simulate

BASE = Scenario(people=4000, effort=(0.25,) * 5)
REPLICATES = 30


def samples(scenario, replicates=REPLICATES):
    return [simulate(scenario, seed=seed) for seed in range(replicates)]


def relative_bias(scenario, estimate, truth=lambda sample: sample.truth.ever):
    """Median of estimate / truth - 1 over the replicates."""
    return float(np.median([estimate(x) / truth(x) for x in samples(scenario)])) - 1


def equal_chances(sample):
    return closed.estimate(sample.histories, "M0", interval="log-normal").value


def chao(sample):
    return frequencies.chao(sample.sightings).value


@pytest.mark.parametrize("name", SCENARIOS)
def test_counts_add_up(name):
    scenario = SCENARIOS[name]
    sample = simulate(scenario, seed=7)
    truth = sample.truth
    assert sample.simulated
    assert sample.scenario is scenario
    assert (truth.present == scenario.people).all()
    assert truth.ever >= scenario.people
    assert truth.seen <= truth.ever
    assert sample.histories.captured <= truth.identities
    assert sample.histories.captured == sample.sightings.seen == sample.frequencies.seen
    assert sample.frequencies.sightings_total == sample.histories.captures.sum()
    assert sample.sightings.sightings_total >= sample.histories.captures.sum()
    captured, first, last = sample.totals
    assert first.sum() == last.sum() == sample.histories.captured
    assert (captured >= first).all()
    assert all(label.startswith("simulated ") for label in sample.histories.names)
    assert "simulated" in repr(sample)
    if scenario.lists:
        assert sample.lists.captured <= truth.listed
        assert all(label.startswith("simulated ") for label in sample.lists.names)


def test_every_nuisance_has_a_family_of_its_own():
    alone = {scenario.broken for scenario in SCENARIOS.values() if len(scenario.broken) == 1}
    assert alone >= {
        (nuisance,)
        for nuisance in (
            "time",
            "activity classes",
            "log-normal rates",
            "gamma rates",
            "trap-happy",
            "trap-shy",
            "turnover",
            "fakes",
            "doubles",
            "sharing",
            "fatigue",
        )
    }
    assert {scenario.broken_lists for scenario in SCENARIOS.values()} >= {(), ("referral",), ("containment",)}
    assert len(SCENARIOS) >= 12


def test_with_all_switches_off_it_is_the_textbook_model():
    assert BASE.broken == ()
    chance = -np.expm1(-0.25)
    taken = samples(BASE)
    captures = np.array([x.histories.captures for x in taken])
    error = np.sqrt(4000 * chance * (1 - chance) / REPLICATES)
    assert np.abs(captures.mean(axis=0) - 4000 * chance).max() < 4 * error
    # Binomial numbers of captures, Poisson numbers of sightings.
    binomial = [4000 * 10 * chance**2 * (1 - chance) ** 3, 4000 * 10 * chance**3 * (1 - chance) ** 2]
    found = np.mean([x.histories.frequencies[1:3] for x in taken], axis=0)
    np.testing.assert_allclose(found, binomial, atol=4 * np.sqrt(max(binomial) / REPLICATES))
    sightings = np.mean([x.sightings.sightings_total for x in taken])
    assert abs(sightings - 4000 * 1.25) < 4 * np.sqrt(5000 / REPLICATES)
    for x in taken:
        assert x.truth.ever == x.truth.identities == 4000
        assert x.truth.fakes == 0
    assert abs(relative_bias(BASE, equal_chances)) < 0.015
    assert abs(relative_bias(BASE, chao)) < 0.015


@pytest.mark.parametrize(
    ("changes", "low", "high"),
    [
        ({"log_rate_sd": 0.7}, -0.25, -0.08),
        ({"rate_shape": 1.0}, -0.40, -0.20),
        ({"classes": nested_classes((14903, 52337, 266126), (8, 2.5, 0.35))}, -0.65, -0.35),
        ({"behaviour": 2.0}, -0.35, -0.15),
        ({"behaviour": 0.5}, 0.30, 0.80),
        ({"fakes": 0.15}, 0.20, 0.60),
        ({"doubled": 0.1}, 0.03, 0.12),
        ({"shared": 0.1}, -0.12, -0.03),
        ({"stops_after": 1, "stopping": 0.3}, 0.15, 0.60),
        ({"effort": (0.1, 0.4, 0.2, 0.35, 0.2)}, 0.01, 0.06),
    ],
)
def test_each_switch_moves_equal_chances_as_documented(changes, low, high):
    assert low < relative_bias(BASE.replace(**changes), equal_chances) < high


def test_turnover_makes_closed_models_count_more_than_are_present():
    scenario = BASE.replace(leaving=0.1)
    sample = simulate(scenario, seed=3)
    assert abs(sample.truth.ever - 4000 * 1.4) < 4 * np.sqrt(4000 * 4 * 0.1)
    assert relative_bias(scenario, equal_chances, lambda x: x.truth.present[0]) > 0.15


def test_chao_is_a_lower_bound_until_identities_are_not_people():
    assert relative_bias(BASE.replace(log_rate_sd=0.7), chao) < -0.05
    assert relative_bias(BASE.replace(fakes=0.15), chao) > 0.2
    assert relative_bias(BASE.replace(doubled=0.2), chao) > 0.05


def test_identities_and_people_are_told_apart():
    plain, doubled, shared, faked = (
        simulate(BASE.replace(**changes), seed=5)
        for changes in ({}, {"doubled": 0.1}, {"shared": 0.1}, {"fakes": 0.15})
    )
    assert (doubled.truth.identities, doubled.truth.ever) == (4400, 4000)
    assert (shared.truth.identities, shared.truth.ever) == (3800, 4000)
    assert faked.truth.identities == 4000 + faked.truth.fakes
    # Two identities of one person, or one of two, make the same sightings.
    assert plain.sightings.sightings_total == doubled.sightings.sightings_total == shared.sightings.sightings_total
    assert shared.histories.captured < plain.histories.captured < doubled.histories.captured
    # The fakes are seen once each, and they alone are added.
    assert faked.histories.frequencies[0] - plain.histories.frequencies[0] == faked.truth.fakes
    assert (faked.histories.frequencies[1:] == plain.histories.frequencies[1:]).all()
    assert abs(faked.truth.fakes / faked.histories.captured - 0.15) < 0.03


def test_fatigue_ends_captures_at_the_limit():
    assert simulate(BASE.replace(stops_after=2), seed=1).histories.frequencies[2:].sum() == 0
    half = simulate(BASE.replace(stops_after=2, stopping=0.5), seed=1).histories.frequencies
    assert 0 < half[2:].sum() < simulate(BASE, seed=1).histories.frequencies[2:].sum()
    assert BASE.replace(stops_after=5).broken == ()
    assert BASE.replace(stops_after=2, stopping=0.0).broken == ()


def people_on(lists, pattern):
    return int(lists.counts[lists.codes == int(pattern, 2)].sum())


def test_lists_are_independent_until_they_are_not():
    base = Scenario(people=20000, lists=(0.3, 0.3))
    chance = -np.expm1(-0.3)
    both = people_on(simulate(base, seed=2).lists, "11")
    expected = 20000 * chance**2
    assert abs(both - expected) < 4 * np.sqrt(expected)
    assert people_on(simulate(base.replace(log_rate_sd=0.7), seed=2).lists, "11") > 1.1 * expected
    assert people_on(simulate(base.replace(referral=3.0), seed=2).lists, "11") > 1.5 * expected
    assert people_on(simulate(base.replace(contained=True), seed=2).lists, "01") == 0
    unmoved = base.replace(log_rate_sd=0.7, list_activity=0.0)
    assert unmoved.broken_lists == ()
    assert abs(people_on(simulate(unmoved, seed=2).lists, "11") - expected) < 4 * np.sqrt(expected)


@pytest.mark.parametrize("mean", [1.0, 1.27, 1.83, 6.0])
def test_multi_homing_is_calibrated_and_registrations_count_accounts(mean):
    scenario = BASE.replace(platforms=12, platforms_per_worker=mean, log_rate_sd=0.7, dormant=0.4)
    sample = simulate(scenario, seed=4)
    frame = sample.registrations
    assert abs(sample.truth.platforms_per_worker - mean) < 0.15 * (mean - 1) + 1e-12
    assert frame["active"].sum() == pytest.approx(4000 * sample.truth.platforms_per_worker)
    assert (frame["registered"] >= frame["active"]).all()
    assert abs(1 - frame["active"].sum() / frame["registered"].sum() - 0.4) < 0.03
    assert frame["active"].iloc[0] > frame["active"].iloc[-1]
    assert frame["platform"].str.startswith("simulated ").all()


def test_a_seed_repeats_and_another_does_not():
    scenario = SCENARIOS["platform workforce"]
    one, same, other = (simulate(scenario, seed=seed) for seed in (11, np.random.SeedSequence(11), 12))
    for field in ("codes", "counts"):
        assert (getattr(one.histories, field) == getattr(same.histories, field)).all()
        assert (getattr(one.lists, field) == getattr(same.lists, field)).all()
    assert one.registrations.equals(same.registrations)
    assert one.sightings.sightings_total == same.sightings.sightings_total
    assert one.histories.counts.tolist() != other.histories.counts.tolist()
    sequence = np.random.SeedSequence(11)
    assert simulate(scenario, seed=sequence).truth.ever == simulate(scenario, seed=sequence).truth.ever


@pytest.mark.parametrize(
    "changes",
    [
        {"people": 3},
        {"people": 100.5},
        {"effort": (0.2,)},
        {"effort": (0.2, -0.1)},
        {"effort": (0.2, float("nan"))},
        {"classes": ((0.5, 1.0), (0.4, 2.0))},
        {"classes": ()},
        {"classes": ((1.0, 0.0),)},
        {"log_rate_sd": -1},
        {"rate_shape": 0},
        {"behaviour": 0},
        {"leaving": 1.0},
        {"fakes": -0.1},
        {"doubled": 0.7, "shared": 0.7},
        {"stops_after": 0},
        {"stops_after": 1.5},
        {"stopping": 2},
        {"lists": (0.1,)},
        {"referral": -1},
        {"dormant": float("nan")},
        {"platforms": 3, "platforms_per_worker": 3},
        {"platforms": 3, "platforms_per_worker": 0.5},
    ],
)
def test_bad_parameters_are_refused(changes):
    with pytest.raises(InputError):
        BASE.replace(**changes)


@pytest.mark.parametrize("seed", [None, -1, 1.5, "1", True])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(InputError, match="seed"):
        simulate(BASE, seed=seed)


def test_a_sample_without_anybody_is_refused():
    with pytest.raises(InputError, match="nobody was captured"):
        simulate(Scenario(people=10, effort=(1e-9, 1e-9)), seed=1)
    with pytest.raises(InputError, match="a Scenario"):
        simulate("homogeneous", seed=1)
    with pytest.raises(InputError, match="circles"):
        nested_classes((10, 5), (1, 2))
    with pytest.raises(InputError, match="rates"):
        nested_classes((10, 50), (1, 2, 3))
