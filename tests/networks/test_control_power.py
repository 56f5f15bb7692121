"""Network Power Index: the published toy example, brute force over all orders, sampling against exact, circles."""

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformlabour import InputError
from platformlabour.networks import control

# The six organisations of the example that comes with Mizuno, Doi and Kurizaki (2020), and its exact results.
TOY = [("A", "D", 0.5), ("B", "D", 0.5), ("A", "E", 0.1), ("C", "E", 0.45), ("D", "E", 0.45), ("C", "F", 0.4),
       ("E", "F", 0.6)]  # fmt: skip
INDEX = {"A": Fraction(17, 6), "B": Fraction(11, 6), "C": Fraction(4, 3), "D": 0, "E": 0, "F": 0}
FLOW = {"A": Fraction(17, 6), "B": Fraction(11, 6), "C": Fraction(4, 3), "D": Fraction(11, 6), "E": 2, "F": 1}


def brute_force(rows):
    """Every combination of orders of blocs and members in every firm, in a table listed owners first, summed up."""
    names = list(dict.fromkeys(name for row in rows for name in row[:2]))
    firms = [name for name in names if any(row[1] == name for row in rows)]
    index, flow = dict.fromkeys(names, Fraction(0)), dict.fromkeys(names, Fraction(0))

    def decide(position, paths, chance):
        if position == len(firms):
            for path in paths.values():
                index[path[0]] += chance
                for name in path:
                    flow[name] += chance
            return
        firm = firms[position]
        held = [(owner, Fraction(share).limit_denominator(1000)) for owner, owned, share in rows if owned == firm]
        wills = {}
        for owner, share in held:
            wills.setdefault(paths[owner][0], []).append((owner, share))
        total, pivots, orders = sum(share for _, share in held), {}, 0
        for blocs in permutations(wills.values()):
            for inner in product_of_orders(blocs):
                orders += 1
                votes = Fraction(0)
                for owner, share in inner:
                    votes += share
                    if votes > total / 2:
                        # Every order of blocs weighs the same, however many orders its members have.
                        pivots[owner] = pivots.get(owner, 0) + 1
                        break
        for owner, count in pivots.items():
            decide(position + 1, {**paths, firm: (*paths[owner], firm)}, chance * Fraction(count, orders))

    decide(0, {name: (name,) for name in names if name not in firms}, Fraction(1))
    return index, flow


def product_of_orders(blocs):
    if not blocs:
        yield []
        return
    for first in permutations(blocs[0]):
        for rest in product_of_orders(blocs[1:]):
            yield [*first, *rest]


def test_published_example():
    power = control.network_power(control.from_rows(TOY)).table.set_index("organisation")
    for name in INDEX:
        assert power.loc[name, "index"] == pytest.approx(float(INDEX[name]), abs=1e-12)
        assert power.loc[name, "flow"] == pytest.approx(float(FLOW[name]), abs=1e-12)
    assert brute_force(TOY) == (INDEX, FLOW)


@st.composite
def pyramids(draw):
    """Firms owned to the full by those before them."""
    size = draw(st.integers(3, 6))
    rows = []
    for owned in range(2, size):
        holders = draw(st.lists(st.sampled_from(range(owned)), unique=True, min_size=1, max_size=3))
        parts = [draw(st.integers(1, 9)) for _ in holders]
        rows += [(f"f{i}", f"f{owned}", part / sum(parts)) for i, part in zip(holders, parts, strict=True)]
    return rows


@settings(max_examples=60, deadline=None)
@given(pyramids())
def test_exact_power_is_what_all_orders_give(rows):
    index, flow = brute_force(rows)
    power = control.network_power(control.from_rows(rows)).table.set_index("organisation")
    for name in index:
        assert power.loc[name, "index"] == pytest.approx(float(index[name]), abs=1e-9)
        assert power.loc[name, "flow"] == pytest.approx(float(flow[name]), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(pyramids(), st.sampled_from(["one holder", "no votes"]))
def test_the_indices_add_up_to_the_number_of_organisations(rows, rest):
    holdings = control.from_rows([(owner, owned, 0.9 * share) for owner, owned, share in rows])
    for power in (
        control.network_power(holdings, rest=rest),
        control.sampled_network_power(holdings, draws=20, seed=1, rest=rest),
    ):
        assert power.table["index"].sum() == pytest.approx(len(holdings.names))


def test_a_sample_comes_close_to_the_exact_index():
    sample = control.sampled_network_power(control.from_rows(TOY), draws=20_000, seed=7).table
    for row in sample.itertuples():
        assert abs(row.index - float(INDEX[row.organisation])) <= 4 * row.standard_error + 1e-12
        assert row.flow == pytest.approx(float(FLOW[row.organisation]), abs=0.05)
    assert (sample["standard_error"] < 0.02).all()


def test_many_holders_are_sampled_by_sorting_and_few_by_comparing():
    # Nine equal holders decide equally often; four of them under one will decide as one voter of four ninths.
    rows = [(f"h{i}", "firm", 1 / 9) for i in range(9)] + [("boss", f"h{i}", 1.0) for i in range(4)]
    holdings = control.from_rows(rows)
    exact = control.network_power(holdings)
    sample = control.sampled_network_power(holdings, draws=20_000, seed=3)
    for name in ("boss", "h5", "h8"):
        assert sample[name] == pytest.approx(exact[name], abs=0.03)
    # By hand: the boss turns the vote in every place but those where more than half is gathered without it.
    assert exact["boss"] == pytest.approx(1 + 4 + control.shapley_shubik([4, 1, 1, 1, 1, 1])[0])


def test_the_same_seed_gives_the_same_sample():
    holdings = control.from_rows(TOY)
    first, second, other = (control.sampled_network_power(holdings, draws=50, seed=seed).table for seed in (1, 1, 2))
    assert first.equals(second)
    assert not first.equals(other)


def test_votes_nobody_in_the_table_holds_bound_the_power_of_the_others():
    holdings = control.from_rows([("SoftBank", "Uber", 0.15), ("SoftBank", "Didi", 0.20), ("Uber", "Didi", 0.13)])
    least, most = (control.network_power(holdings, rest=rest)["SoftBank"] for rest in ("one holder", "no votes"))
    assert (least, most) == (pytest.approx(1), pytest.approx(3))


@settings(max_examples=30, deadline=None)
@given(pyramids())
def test_chances_in_single_firms_add_up_to_the_index(rows):
    holdings = control.from_rows(rows)
    power, gathered = control.network_power(holdings), {}
    for firm in holdings.names:
        chances = control.decided_by(holdings, firm)
        assert sum(chances.values()) == pytest.approx(1)
        for owner, chance in chances.items():
            gathered[owner] = gathered.get(owner, 0) + chance
    assert all(power[name] == pytest.approx(gathered.get(name, 0)) for name in holdings.names)


def test_a_circle_that_outsiders_can_enter_ends_with_them():
    rows = [("Y", "X", 0.4), ("A", "X", 0.3), ("B", "X", 0.3), ("X", "Y", 0.51), ("C", "Y", 0.49)]
    sample = control.sampled_network_power(control.from_rows(rows), draws=4000, seed=1)
    assert sample["X"] == sample["Y"] == 0
    assert sample["A"] == pytest.approx(2, abs=0.06)
    assert sample["B"] == pytest.approx(2, abs=0.06)
    assert sample["C"] == 1
    assert sample.table["flow"].isna().all()


def test_a_circle_that_outsiders_cannot_enter_decides_for_itself():
    rows = [("Y", "X", 0.51), ("A", "X", 0.49), ("X", "Y", 0.51), ("B", "Y", 0.49)]
    sample = control.sampled_network_power(control.from_rows(rows), draws=100, seed=1)
    assert sample["A"] == sample["B"] == 1
    assert sample["X"] + sample["Y"] == 2


def test_an_exact_index_refuses_what_it_cannot_follow():
    circle = control.from_rows([("A", "B", 0.6), ("B", "A", 0.6)])
    with pytest.raises(InputError, match=r"a circle of holdings through A, B.*take a sample"):
        control.network_power(circle)
    crowd = control.from_rows([(f"h{i}", "firm", 0.05) for i in range(20)])
    with pytest.raises(InputError, match="20 holders of different wills"):
        control.network_power(crowd)
    assert control.sampled_network_power(crowd, draws=10, seed=1).table["index"].sum() == pytest.approx(21)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=7))
def test_shapley_shubik_is_a_share_of_all_orders(votes):
    found = control.shapley_shubik(votes)
    counted = np.zeros(len(votes))
    orders = list(permutations(range(len(votes))))
    for order in orders:
        total = 0
        for voter in order:
            total += votes[voter]
            if 2 * total > sum(votes):
                counted[voter] += 1
                break
    np.testing.assert_allclose(found, counted / len(orders), atol=1e-12)


@pytest.mark.parametrize("votes", [[], [-1, 2], [0, 0], [float("nan")], [1] * 15, [[1, 2]]])
def test_shapley_shubik_refuses(votes):
    with pytest.raises(InputError):
        control.shapley_shubik(votes)


@pytest.mark.parametrize(
    "faulty", [{"draws": 1}, {"draws": 2.5}, {"draws": True}, {"sweeps": 0}, {"rest": "all"}, {"quota": 1}]
)
def test_sampling_refuses(faulty):
    with pytest.raises(InputError):
        control.sampled_network_power(control.from_rows(TOY), **{"draws": 10, "seed": 1, **faulty})
