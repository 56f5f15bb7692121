"""Jolly-Seber: the published laboratories, ducks, simulated truth and refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformlabour import InputError, load
from platformlabour.counting.recapture import open_population as op

# Coulson (1984), Ibis 126, 525: eider ducks in six periods, as in the R package Rcapture 1.4-4. Counts of the
# histories 111111, 011111, 101111, 001111, ... 100000: a digit a period, the first changing fastest, no 000000.
DUCKS = [
    *(13, 4, 5, 4, 7, 3, 7, 6, 5, 2, 5, 8, 5, 2, 2, 22, 6, 0, 3, 5, 2, 2, 12, 15, 5, 2, 10, 14, 7, 6, 9, 79),
    *(3, 0, 6, 3, 4, 0, 5, 3, 4, 0, 3, 6, 4, 2, 7, 40, 6, 0, 3, 3, 5, 1, 7, 16, 22, 11, 23, 27, 25, 18, 362),
]


def _duck_histories():
    codes = np.arange(len(DUCKS))
    return 1 - (codes[:, None] >> np.arange(6) & 1)


def _quarters(sample):
    rows = load("stewart-quarters").query("sample == @sample")
    return rows["captured"], rows["first_captured"], rows["last_captured"]


def _published(sample):
    rows = load("stewart-published").query("sample == @sample")
    return rows.set_index("quarter").reindex(range(1, 14))


def _column(frame, *names):
    # The table may call abundance population.
    return next(frame[name].to_numpy(dtype=float) for name in names if name in frame.columns)


@pytest.mark.parametrize(
    ("sample", "exact", "mean", "published_mean"),
    [("all-laboratories", 9, 11_758.6, 11_780.4), ("bartels", 7, 7_602.4, 7_605.1)],
)
def test_laboratories_are_reproduced(sample, exact, mean, published_mean):
    published = _column(_published(sample), "abundance", "population")
    free = op.jolly_seber(*_quarters(sample))
    held = op.jolly_seber(*_quarters(sample), clip_survival=True)
    inner = slice(1, 12)
    assert (np.abs(free.to_frame()["abundance"].to_numpy() - published)[inner] <= 0.1).sum() == exact
    assert (np.abs(held.to_frame()["abundance"].to_numpy() - published)[inner] <= 0.1).all()
    assert op.mean_abundance(free).value == pytest.approx(mean, abs=0.1)
    assert op.mean_abundance(held).value == pytest.approx(published_mean, abs=0.1)


@pytest.mark.parametrize("sample", ["all-laboratories", "bartels"])
def test_held_survival_reproduces_every_published_column(sample):
    published = _published(sample)
    held = op.jolly_seber(*_quarters(sample), clip_survival=True).to_frame()
    for ours, names, tolerance in (
        ("abundance_se", ("abundance_se", "population_se"), 0.2),
        ("survival", ("survival_to_next",), 6e-5),
        ("survival_se", ("survival_to_next_se",), 6e-5),
        ("arrivals", ("new_arrivals_next",), 0.1),
        ("arrivals_se", ("new_arrivals_next_se",), 0.2),
        ("capture", ("capture_probability",), 6e-5),
        ("capture_se", ("capture_probability_se",), 6e-5),
    ):
        theirs, mine = _column(published, *names), held[ours].to_numpy()
        both = np.isfinite(theirs) & np.isfinite(mine)
        assert both.sum() >= 9
        assert np.abs(theirs - mine)[both].max() <= tolerance, ours


def test_survival_above_one_is_marked():
    free = op.jolly_seber(*_quarters("all-laboratories"))
    assert [x.status for x in free.survival].count("boundary") == 1
    assert free.survival[2].value > 1
    assert free.survival[2].interval[1] == 1
    held = op.jolly_seber(*_quarters("all-laboratories"), clip_survival=True)
    assert held.survival[2].value == 1
    assert held.survival[2].status == "boundary"
    assert held.loglik < free.loglik


def test_constraint_changes_nothing_where_it_does_not_bind():
    totals = ([60, 80, 70, 50], [60, 50, 30, 15], [25, 35, 45, 50])
    free, held = op.jolly_seber(*totals), op.jolly_seber(*totals, clip_survival=True)
    assert all(x.status != "boundary" for x in free.survival)
    assert held.loglik == pytest.approx(free.loglik, rel=1e-9)
    left, right = free.to_frame().drop(columns="occasion"), held.to_frame().drop(columns="occasion")
    np.testing.assert_allclose(left.to_numpy(), right.to_numpy(), rtol=1e-4)


def test_ducks_agree_with_rcapture():
    result = op.jolly_seber_from_histories(_duck_histories(), DUCKS, clip_survival=True).to_frame()
    expected = {
        "abundance": [378.6060273, 455.214262, 356.7204887, 455.6726734],
        "capture": [0.4648631752, 0.4635179906, 0.445727131, 0.4169659738],
        "survival": [0.9578119451, 0.7134762952, 1.0],
        "arrivals": [92.58088656, 31.93590354, 98.95218472],
    }
    errors = {
        "abundance_se": [18.8927791, 26.11182744, 16.99180212, 21.93026153],
        "capture_se": [0.03457110113, 0.0354005294, 0.033813424, 0.03059754695],
        "survival_se": [0.05233687315, 0.04227405603],
        "arrivals_se": [23.47516164, 18.51881523, 23.63048266],
    }
    assert result["survival"][0] == pytest.approx(0.4469492989, rel=1e-5)
    for columns, tolerance in ((expected, 1e-5), (errors, 1e-3)):
        for name, values in columns.items():
            assert result[name].to_numpy()[1 : 1 + len(values)] == pytest.approx(values, rel=tolerance), name


def test_totals_from_histories():
    histories = _duck_histories()
    captured, first, last = op.totals_from_histories(histories, DUCKS)
    assert captured.tolist() == [592, 176, 211, 159, 190, 277]
    assert first.sum() == last.sum() == sum(DUCKS) == 896
    repeated = op.totals_from_histories(np.repeat(histories, DUCKS, axis=0))
    assert all((a == b).all() for a, b in zip((captured, first, last), repeated, strict=True))


def _simulate(rng, *, start, stay, arrive, chance, occasions):
    present = np.zeros(0, dtype=bool)
    histories, truth = np.zeros((0, occasions), dtype=int), []
    for t in range(occasions):
        new = start if t == 0 else arrive
        present = np.concatenate([present & (rng.random(present.size) < stay), np.ones(new, dtype=bool)])
        histories = np.vstack([histories, np.zeros((new, occasions), dtype=int)])
        histories[:, t] = present & (rng.random(present.size) < chance)
        truth.append(int(present.sum()))
    return histories, truth


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(19650)
    inside = total = 0
    for _ in range(60):
        histories, truth = _simulate(rng, start=1500, stay=0.8, arrive=300, chance=0.3, occasions=6)
        result = op.jolly_seber_from_histories(histories)
        for estimate, present in zip(result.abundance[1:-1], truth[1:-1], strict=True):
            inside += estimate.interval[0] <= present <= estimate.interval[1]
            total += 1
    assert 0.90 <= inside / total <= 0.99


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 1), min_size=4, max_size=4), min_size=3, max_size=40), st.integers(0, 100))
def test_no_result_called_ok_is_nonsense(histories, seed):
    histories = np.array(histories)
    if not histories.any():
        return
    result = op.jolly_seber_from_histories(histories)
    shuffled = op.jolly_seber_from_histories(np.random.default_rng(seed).permutation(histories))
    np.testing.assert_array_equal(
        result.to_frame().drop(columns="occasion").to_numpy(), shuffled.to_frame().drop(columns="occasion").to_numpy()
    )
    for name in ("abundance", "capture", "survival", "arrivals"):
        for estimate in getattr(result, name):
            if estimate.status == "ok":
                assert math.isfinite(estimate.value)
                assert estimate.value >= 0
                assert estimate.unit != "share" or estimate.value <= 1


@pytest.mark.parametrize(
    ("totals", "words"),
    [
        (([5, 5], [5, 3], [3, 5]), "at least three"),
        (([5, 5, 5], [5, 3], [3, 5, 5]), "different lengths"),
        (([5, 5, 5], [5, 9, 1], [3, 5, 5]), "parts that do not exceed"),
        (([5, 5, 5], [5, 3, 1], [3, 3, 5]), "equal sums"),
        (([5, 5, 5], [4, 3, 1], [1, 2, 5]), "u = n first"),
        (([5, 5, 5], [5, -3, 1], [3, 3, 5]), "0 or more"),
        (([5, 5, 5], [5, 0.5, 1], [3, 3, 5]), "not whole"),
        (([10, 5, 10], [10, 0, 1], [8, 1, 2]), "v = n last"),
        (([10, 5, 10], [10, 0, 6], [6, 0, 10]), "recaptures than workers"),
    ],
)
def test_refuses_totals_that_cannot_be(totals, words):
    with pytest.raises(InputError, match=words):
        op.jolly_seber(*totals)


def test_refuses_histories_that_are_not_histories():
    with pytest.raises(InputError, match="other than 0 and 1"):
        op.jolly_seber_from_histories([[1, 2, 0], [0, 1, 1]])
    with pytest.raises(InputError, match="one count a history"):
        op.jolly_seber_from_histories([[1, 1, 0], [0, 1, 1]], [3])
    with pytest.raises(InputError, match="one name an occasion"):
        op.jolly_seber([60, 80, 70, 50], [60, 50, 30, 15], [25, 35, 45, 50], names=["a"])


# Lebreton and others (1992), Ecological Monographs 62, 67: European dippers in seven years, as in the R package marked
# 1.2.8. Captured, first captured and last captured, which are sufficient.
DIPPERS = ([22, 60, 78, 80, 88, 98, 93], [22, 49, 52, 45, 41, 46, 39], [9, 35, 42, 32, 37, 46, 93])


def _logit(share):
    return math.log(share / (1 - share))


def test_super_population_of_dippers_agrees_with_marked():
    fit = op.popan(*DIPPERS, survival="constant", capture="constant", entry="constant")
    assert fit.superpopulation.status == "ok"
    assert fit.superpopulation.value == pytest.approx(294 + math.exp(2.719551488), rel=1e-6)
    assert _logit(fit.survival[0].value) == pytest.approx(0.2382585044, rel=1e-4)
    assert _logit(fit.capture[0].value) == pytest.approx(2.291468651, rel=1e-5)
    assert math.log(fit.entry[1].value / fit.entry[0].value) == pytest.approx(0.6683265325, rel=1e-4)
    assert fit.parameters == 4


def test_super_population_agrees_with_jolly_seber_where_both_are_identified():
    totals = _quarters("all-laboratories")
    fit, held = op.popan(*totals), op.jolly_seber(*totals, clip_survival=True)
    for ours, theirs in zip(fit.abundance[1:-1], held.abundance[1:-1], strict=True):
        assert ours.value == pytest.approx(theirs.value, rel=1e-3)
    assert sum(x.value for x in fit.entry) == pytest.approx(1)
    assert fit.superpopulation.status == "boundary"


def test_super_population_holds_the_truth():
    rng = np.random.default_rng(1996)
    inside = 0
    for _ in range(20):
        histories, _ = _simulate(rng, start=800, stay=0.8, arrive=200, chance=0.35, occasions=5)
        totals = op.totals_from_histories(histories)
        result = op.popan(*totals, survival="constant", capture="constant", entry="constant").superpopulation
        inside += result.interval[0] <= 1600 <= result.interval[1]
    assert inside >= 16


def test_super_population_refuses_unknown_options():
    with pytest.raises(InputError, match='"varying" or "constant"'):
        op.popan(*DIPPERS, survival="sometimes")
