"""Distributions: quantiles, support, words and refusals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from platformlabour import InputError
from platformlabour.counting import synthesis as sy

U = np.linspace(0.001, 0.999, 199)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (sy.uniform(2, 5), stats.uniform(2, 3)),
        (sy.triangular(1, 1.27, 1.83), stats.triang(0.27 / 0.83, loc=1, scale=0.83)),
        (sy.triangular(0, 0, 1), stats.triang(0, loc=0, scale=1)),
        (sy.normal(3, 2), stats.norm(3, 2)),
        (sy.lognormal_from_interval(10, 5, 20, level=0.8), stats.lognorm(math.log(2) / stats.norm.ppf(0.9), scale=10)),
    ],
)
def test_quantiles_are_scipys(ours, theirs):
    np.testing.assert_allclose(ours.ppf(U), theirs.ppf(U), rtol=1e-12)


@given(st.floats(1e-3, 1e8), st.floats(1.01, 50), st.floats(1.01, 50), st.sampled_from([0.5, 0.8, 0.95]))
def test_log_normal_has_the_three_quantiles_it_was_made_from(median, down, up, level):
    made = sy.lognormal_from_interval(median, median / down, median * up, level=level)
    tails = (1 - level) / 2
    np.testing.assert_allclose(made.ppf([tails, 0.5, 1 - tails]), [median / down, median, median * up], rtol=1e-9)
    assert (np.diff(made.ppf(U)) > 0).all()


@given(st.floats(0.01, 0.97), st.floats(0.02, 1.0))
def test_beta_has_the_two_quantiles_it_was_made_from(low, fraction):
    high = low + (0.99 - low) * fraction
    if high - low < 0.005:
        return
    made = sy.beta_from_interval(low, high)
    np.testing.assert_allclose(made.ppf([0.025, 0.975]), [low, high], atol=1e-6)
    assert made.support == (0.0, 1.0)


def test_fixed_and_empirical():
    assert sy.fixed(3).ppf(U).tolist() == [3.0] * U.size
    assert sy.fixed(3).is_fixed
    values = sy.empirical([5, 1, 9, 1])
    assert values.ppf([0, 0.25, 0.5, 0.51, 0.76, 1]).tolist() == [1, 1, 1, 5, 9, 9]
    assert values.support == (1, 9)
    assert values.median == 1


@pytest.mark.parametrize(
    "made",
    [
        sy.fixed(3),
        sy.uniform(0, 1),
        sy.triangular(1, 2, 3),
        sy.lognormal_from_interval(2, 1, 3),
        sy.beta_from_interval(0.1, 0.4),
        sy.normal(0, 1),
        sy.empirical([1, 2]),
    ],
)
def test_words_and_support_agree_with_quantiles(made):
    low, high = made.support
    assert low <= made.ppf(0.001) <= made.ppf(0.999) <= high
    assert made.describe() == repr(made)
    assert np.ndim(made.ppf(0.5)) == 0


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: sy.fixed(math.nan), "nan"),
        (lambda: sy.fixed("many"), "'many'"),
        (lambda: sy.uniform(2, 2), "limits from 2 to 2"),
        (lambda: sy.uniform(2, math.inf), "inf"),
        (lambda: sy.triangular(1, 4, 3), "a most likely value of 4"),
        (lambda: sy.lognormal_from_interval(2, 0, 3), "a lower limit of 0"),
        (lambda: sy.lognormal_from_interval(4, 1, 3), "a median of 4"),
        (lambda: sy.lognormal_from_interval(2, 1, 3, level=95), "the level 95"),
        (lambda: sy.beta_from_interval(0.2, 1.2), "a share of 1.2"),
        (lambda: sy.beta_from_interval(0.4, 0.2), "limits from 0.4 to 0.2"),
        (lambda: sy.normal(1, 0), "a standard deviation of 0"),
        (lambda: sy.empirical([]), "no values"),
        (lambda: sy.empirical([1, math.inf]), "no values, or one that is not finite"),
        (lambda: sy.empirical(["a"]), "text among the values"),
        (lambda: sy.uniform(0, 1).ppf(1.5), "a probability outside 0 to 1"),
    ],
)
def test_refusals(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)
