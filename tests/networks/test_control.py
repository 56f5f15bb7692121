"""Ownership and control: published worked examples, what must hold of every table of holdings, and refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platformlabour import InputError
from platformlabour.networks import control


@st.composite
def tables_of_holdings(draw, *, circles=True, largest=7):
    """Up to seven organisations; what is held in each adds up to less than the whole, or exactly to it."""
    size = draw(st.integers(2, largest))
    rows = []
    for owned in range(size):
        owners = [i for i in range(size) if i != owned and (circles or i < owned)]
        holders = draw(st.lists(st.sampled_from(owners), unique=True, max_size=4)) if owners else []
        parts = [draw(st.integers(1, 20)) for _ in holders]
        apart = draw(st.integers(1, 20)) if circles else draw(st.integers(0, 20))
        rows += [(f"f{i}", f"f{owned}", part / (sum(parts) + apart)) for i, part in zip(holders, parts, strict=True)]
    return rows or [("f0", "f1", 0.5)]


def dense(holdings):
    return holdings.shares.toarray()


def test_cross_holdings_as_in_the_literature():
    # Brioschi's operator counts what returns to its owner; the correction of Vitali and colleagues does not.
    crossed = control.from_rows([("A", "B", 0.5), ("B", "A", 0.4)])
    raw = control.integrated_ownership(crossed, corrected=False).toarray()
    np.testing.assert_allclose(raw, [[0.25, 0.625], [0.5, 0.25]], rtol=1e-12)
    np.testing.assert_allclose(control.integrated_ownership(crossed).toarray(), [[0.2, 0.5], [0.4, 0.2]], rtol=1e-12)


def test_a_chain_multiplies_and_chains_add():
    chain = control.from_rows([("SoftBank", "Uber", 0.15), ("SoftBank", "Didi", 0.20), ("Uber", "Didi", 0.13)])
    share = control.integrated_ownership(chain, owners=["SoftBank"], firms=["Didi"])[0, 0]
    assert share == pytest.approx(0.20 + 0.15 * 0.13)
    assert share == pytest.approx(0.2195)


@settings(max_examples=80, deadline=None)
@given(tables_of_holdings())
def test_integrated_shares_agree_with_the_plain_inverse(rows):
    holdings = control.from_rows(rows)
    inverse = np.linalg.inv(np.eye(len(holdings.names)) - dense(holdings))
    np.testing.assert_allclose(
        control.integrated_ownership(holdings, corrected=False).toarray(), inverse - np.eye(len(inverse)), atol=1e-9
    )
    corrected = (inverse - np.eye(len(inverse))) / np.diag(inverse)[:, None]
    full = control.integrated_ownership(holdings).toarray()
    np.testing.assert_allclose(full, corrected, atol=1e-9)
    some = list(holdings.names[:2])
    np.testing.assert_allclose(control.integrated_ownership(holdings, owners=some).toarray(), full[:2], atol=1e-9)
    np.testing.assert_allclose(control.integrated_ownership(holdings, firms=some).toarray(), full[:, :2], atol=1e-9)
    both = control.integrated_ownership(holdings, owners=some, firms=[holdings.names[-1]]).toarray()
    np.testing.assert_allclose(both, full[:2, -1:], atol=1e-9)


@settings(max_examples=80, deadline=None)
@given(tables_of_holdings())
def test_value_is_neither_made_nor_lost(rows):
    holdings = control.from_rows(rows)
    for firm in holdings.names:
        found = control.ultimate_shares(holdings, firm)
        assert found["ultimate"].sum() == pytest.approx(1)
        assert (found["ultimate"] >= 0).all()


@settings(max_examples=80, deadline=None)
@given(tables_of_holdings())
def test_corrected_shares_lie_between_the_direct_share_and_the_whole(rows):
    holdings = control.from_rows(rows)
    found = control.integrated_ownership(holdings).toarray()
    assert (found >= dense(holdings) - 1e-12).all()
    assert (found <= 1 + 1e-9).all()


@settings(max_examples=100, deadline=None)
@given(tables_of_holdings())
def test_network_value_is_what_the_integrated_shares_give(rows):
    holdings = control.from_rows(rows)
    values = np.arange(1.0, len(holdings.names) + 1)
    expected = control.integrated_ownership(holdings, corrected=False) @ values
    np.testing.assert_allclose(control.network_value(holdings, values), expected, atol=1e-8)


@settings(max_examples=80, deadline=None)
@given(tables_of_holdings(), st.sampled_from([0.0, 0.25, 0.5, 0.7]))
def test_control_is_the_smallest_set_that_its_own_rule_confirms(rows, threshold):
    holdings = control.from_rows(rows)
    weights = dense(holdings)
    for position, owner in enumerate(holdings.names):
        controlled = {holdings.index(name) for name in control.controlled_by(holdings, owner, threshold=threshold)}
        # The plain definition: begin with the owner alone and add whatever passes, until nothing does.
        plain = set()
        while True:
            votes = weights[sorted(plain | {position})].sum(axis=0)
            more = set(np.flatnonzero(votes > threshold + 1e-12).tolist())
            if more <= plain:
                break
            plain |= more
        assert controlled == plain


@settings(max_examples=100, deadline=None)
@given(tables_of_holdings(circles=False))
def test_by_majority_a_firm_has_one_ultimate_controller_at_most(rows):
    found = control.cumulated_control(control.from_rows(rows))
    assert found[found["ultimate"]].groupby("firm").size().le(1).all()


@settings(max_examples=60, deadline=None)
@given(tables_of_holdings())
def test_choosing_owners_changes_nothing_about_them(rows):
    holdings = control.from_rows(rows)
    every = control.cumulated_control(holdings)
    chosen = list(holdings.names[:2])
    some = control.cumulated_control(holdings, owners=chosen)
    expected = every[every["owner"].isin(chosen)].reset_index(drop=True)
    assert some.to_dict("records") == expected.to_dict("records")


def test_exactly_half_is_no_majority():
    tenths = control.from_rows([("A", "C", 0.1), ("A", "B", 0.51), ("B", "C", 0.4)])
    assert list(control.controlled_by(tenths, "A")) == ["B"]


def test_votes_decide_where_they_are_known():
    rows = [("founder", "firm", 0.1, 0.6), ("fund", "firm", 0.9, 0.4)]
    holdings = control.from_rows(rows)
    assert list(control.controlled_by(holdings, "founder")) == ["firm"]
    assert control.controlled_by(holdings, "fund") == {}
    table = control.compare(holdings).set_index("owner")
    assert table.loc["founder", ["direct", "votes", "controls"]].tolist() == [0.1, 0.6, True]
    assert list(control.controlled_by(control.from_rows([row[:3] for row in rows]), "fund")) == ["firm"]


def test_verdicts():
    rows = [("A", "B", 0.6), ("C", "D", 0.3), ("E", "F", 0.5), ("G", "F", 0.5), ("P", "Q", 0.6), ("Q", "P", 0.6)]
    found = control.ultimate_controllers(control.from_rows(rows)).set_index("firm")
    assert found["verdict"].to_dict() == {
        "B": "controlled", "D": "unknown", "F": "nobody", "P": "in a circle", "Q": "in a circle",
    }  # fmt: skip
    assert found.loc["B", "controllers"] == "A"
    assert found.loc["D", "controllers"] == ""


def test_circles_are_found_in_one_pass():
    ring = [(f"f{i}", f"f{(i + 1) % 600}", 0.9) for i in range(600)]
    holdings = control.from_rows([*ring, ("owner", "f0", 0.1)])
    assert [len(group) for group in control.loops(holdings)] == [600]
    share = control.integrated_ownership(holdings, owners=["owner"], firms=["f0"])[0, 0]
    assert share == pytest.approx(0.1)


def test_a_circle_that_belongs_to_itself_is_refused_by_name():
    for rows in ([("A", "B", 1.0), ("B", "A", 1.0)], [("A", "B", 1), ("B", "C", 1), ("C", "A", 0.5), ("B", "A", 0.5)]):
        holdings = control.from_rows([*rows, ("A", "daughter", 0.3)])
        for call in (
            control.integrated_ownership,
            control.network_value,
            lambda h: control.ultimate_shares(h, "daughter"),
        ):
            with pytest.raises(InputError, match="a circle of full ownership: A, B"):
                call(holdings)
    almost = control.from_rows([("A", "B", 1.0), ("B", "A", 0.999), ("C", "A", 0.001)])
    assert control.integrated_ownership(almost, owners=["C"], firms=["B"])[0, 0] == pytest.approx(1.0)


@pytest.mark.parametrize("threshold", [-0.1, 1, 1.5, "half", None, float("nan")])
def test_thresholds_outside_are_refused(threshold):
    with pytest.raises(InputError, match="threshold"):
        control.cumulated_control(control.from_rows([("A", "B", 0.5)]), threshold=threshold)


def test_unknown_names_come_with_near_ones():
    with pytest.raises(InputError, match="SoftBank"):
        control.controlled_by(control.from_rows([("SoftBank", "Uber", 0.15)]), "Softbank")


def test_values_must_fit():
    with pytest.raises(InputError, match="values that do not fit"):
        control.network_value(control.from_rows([("A", "B", 0.5)]), [1.0])
    with pytest.raises(InputError, match="values that do not fit"):
        control.network_value(control.from_rows([("A", "B", 0.5)]), [1.0, -1.0])
