"""Null models: what they keep, whether they are uniform, and what the tests count."""

from itertools import permutations, product
from math import comb

import numpy as np
import pytest

from platformlabour import InputError
from platformlabour.networks.null_models import (
    STATISTICS,
    PermutationTest,
    overlap_test,
    overlap_tests,
    relabelled,
    rewired,
)
from platformlabour.networks.relations import load_relations, relations_of, select

READ = select(load_relations(), evidence=["seen", "secondary"])


def _toy(rows, **levels):
    import pandas as pd

    ties = pd.DataFrame(rows, columns=["sender", "relation", "receiver"])
    ends = sorted({*ties["sender"], *ties["receiver"]})
    return relations_of(pd.DataFrame({"id": ends, "level": [levels.get(name, "vendor") for name in ends]}), ties)


def test_rewiring_keeps_degrees_blocks_and_simplicity():
    rng = np.random.default_rng(5)
    senders = np.array([0, 0, 0, 1, 1, 2, 3])
    receivers = np.array([4, 5, 6, 4, 7, 5, 7])
    blocks = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    drawn = rewired(senders, receivers, draws=300, rng=rng, blocks=blocks)
    assert (np.sort(drawn, axis=1) == np.sort(receivers)).all()
    pairs = senders * 8 + drawn
    assert all(len(set(row)) == len(row) for row in pairs.tolist())
    assert (blocks[drawn] == blocks[receivers]).all()
    assert len(np.unique(drawn, axis=0)) > 1


def test_rewiring_never_ties_a_node_to_itself():
    drawn = rewired([0, 1, 2], [1, 2, 3], draws=400, rng=np.random.default_rng(2))
    assert (drawn != np.array([0, 1, 2])).all()


def test_rewiring_is_uniform_over_all_networks_with_the_same_degrees():
    """Two ties from each of two senders, one to each of four receivers: six networks, by enumeration."""
    senders, receivers = np.array([0, 0, 1, 1]), np.array([2, 3, 4, 5])
    drawn = rewired(senders, receivers, draws=6000, rng=np.random.default_rng(8), sweeps=20)
    of_first = [frozenset(row) for row in drawn[:, :2].tolist()]
    counts = {name: of_first.count(name) for name in set(of_first)}
    assert len(counts) == comb(4, 2)
    expected = 6000 / 6
    chi = sum((count - expected) ** 2 / expected for count in counts.values())
    assert chi < 20.5  # 0.999 quantile of chi-squared with 5 degrees of freedom


def test_relabelling_is_uniform_within_blocks():
    drawn = relabelled(5, draws=6000, rng=np.random.default_rng(4), blocks=["a", "b", "a", "a", "b"])
    assert set(map(tuple, drawn[:, [1, 4]].tolist())) == set(permutations((1, 4)))
    counts = np.unique(drawn[:, [0, 2, 3]], axis=0, return_counts=True)[1]
    assert len(counts) == 6
    assert ((counts - 1000) ** 2 / 1000).sum() < 20.5


def test_exact_chance_of_an_overlap():
    """Two clients, two vendors, one contract and one holding: any of four pairs is as likely, so a quarter overlap."""
    made = _toy(
        [
            ("c", "outsources_to", "v"),
            ("d", "outsources_to", "w"),
            ("c", "invested_in", "v"),
        ],
        c="client",
        d="client",
    )
    by_wiring = overlap_test(made, draws=4000, seed=1)
    by_label = overlap_test(made, method="relabelling", draws=4000, seed=1)
    exact = np.mean([(p[0] == "v") for p in permutations("vw")])
    assert by_wiring.observed == by_label.observed == 1
    assert by_wiring.expected == pytest.approx(exact, abs=0.03)
    # The two contracts swap clients, vendors, both or neither: two of four put c above v.
    labels = [(c, v) for c, v in product(("cd", "dc"), ("vw", "wv"))]
    exact = np.mean([(c[0], v[0]) == ("c", "v") or (c[1], v[1]) == ("c", "v") for c, v in labels])
    assert by_label.expected == pytest.approx(exact, abs=0.03)


def test_doors_count_the_clients_own_interface_only():
    made = _toy(
        [
            ("c", "outsources_to", "v"),
            ("d", "outsources_to", "w"),
            ("c", "operates", "door"),
            ("v", "supplies_labour_to", "door"),
            ("w", "supplies_labour_to", "door"),
        ],
        c="client",
        d="client",
        door="platform",
    )
    assert overlap_test(made, statistic="doors", draws=10, seed=1).observed == 1


def test_p_value_counts_the_observed_network_too():
    test = PermutationTest(2, np.array([0, 1, 2, 3]), "doors", "rewiring", "outsourcing")
    assert test.p_value == pytest.approx(3 / 5)
    assert test.expected == 1.5
    estimate = test.estimate()
    assert estimate.value == pytest.approx(0.6)
    assert estimate.standard_error == pytest.approx((0.6 * 0.4 / 4) ** 0.5)


def test_own_network_agrees_with_the_tests_drawn_apart():
    together = overlap_tests(READ, draws=1500, seed=3)
    assert [(t.statistic, t.method) for t in together] == [
        (s, m) for m in ("rewiring", "relabelling") for s in STATISTICS
    ]
    for test in together:
        apart = overlap_test(READ, statistic=test.statistic, method=test.method, draws=1500, seed=9)
        assert test.observed == apart.observed
        spread = (test.draws.var() / 1500 + apart.draws.var() / 1500) ** 0.5
        assert abs(test.expected - apart.expected) < 5 * spread + 1e-9


def test_the_seed_decides():
    one, other = (overlap_test(READ, draws=50, seed=1).draws for _ in range(2))
    assert (one == other).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: overlap_test(READ, statistic="luck", draws=2, seed=1), "'luck'"),
        (lambda: overlap_test(READ, method="guessing", draws=2, seed=1), "'guessing'"),
        (lambda: overlap_test(_toy([("c", "outsources_to", "v")]), draws=2, seed=1), "1 ties"),
        (lambda: rewired([0, 0], [1, 1], draws=1, rng=np.random.default_rng(1)), "twice"),
        (lambda: rewired([0], [1], draws=1, rng=np.random.default_rng(1)), "1 senders"),
        (lambda: relabelled(3, draws=1, rng=np.random.default_rng(1), blocks=[0, 1]), "2 blocks"),
    ],
)
def test_requests_that_cannot_be_met_are_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()
