"""Two rounds of coding: what changed, and whether agreement did."""

import numpy as np
import pandas as pd
import pytest

from platformlabour import InputError, load
from platformlabour.functions import agreement, agreement_rounds


@pytest.fixture(scope="module")
def raw():
    return load("task-codes")


def test_changes_and_their_share(raw):
    moved = agreement_rounds.changes(raw)
    for coder in "AB":
        share = agreement_rounds.changed(raw, coder, replicates=400)
        assert share.value == pytest.approx((moved["coder"] == coder).sum() / 170)
        assert share.interval[0] <= share.value <= share.interval[1]
        # A share of independent tasks is binomial.
        assert share.standard_error == pytest.approx(np.sqrt(share.value * (1 - share.value) / 170), rel=0.15)


def test_the_difference_is_that_of_the_alphas(raw):
    alphas = [
        agreement.krippendorff_alpha(
            agreement.from_table(raw[raw["round"] == name], item="task_id", code="main"), replicates=0
        ).value
        for name in ("text only", "with context")
    ]
    found = agreement_rounds.alpha_difference(raw, replicates=500)
    assert found.value == pytest.approx(alphas[1] - alphas[0])
    assert found.interval[0] < found.value < found.interval[1]


def test_equal_rounds_do_not_differ_in_any_replicate(raw):
    first = raw[raw["round"] == "text only"]
    twice = pd.concat([first.assign(round="1"), first.assign(round="2")])
    found = agreement_rounds.alpha_difference(twice, before="1", after="2", replicates=200)
    assert found.value == 0
    assert found.interval == (0, 0)
    assert agreement_rounds.changes(twice, before="1", after="2").empty


def test_disagreements_add_up(raw):
    for name, part in raw.groupby("round"):
        wide = part.pivot(index="task_id", columns="coder", values="main")
        assert agreement_rounds.disagreements(raw, name)["tasks"].sum() == (wide["A"] != wide["B"]).sum()


def test_faults_are_named(raw):
    with pytest.raises(InputError, match="no round 'third'"):
        agreement_rounds.changes(raw, after="third")
    with pytest.raises(InputError, match="no column 'second'"):
        agreement_rounds.with_sets(raw.drop(columns="second"))
    short = raw[~((raw["round"] == "with context") & (raw["item"] == 1))]
    with pytest.raises(InputError, match="different tasks"):
        agreement_rounds.alpha_difference(short)
