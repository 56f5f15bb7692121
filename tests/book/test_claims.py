"""The claims ledger: comparison, wording, and what may stand in prose."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import load
from platformlabour.book.claims import compare, value_text


@pytest.mark.parametrize(
    ("published", "ours", "tolerance", "status"),
    [
        (330594, 330594.18, 0, "reproduced"),
        (330594, 330594.51, 0, "differs"),
        (7272.73, 7272.1, 2, "within tolerance"),
        (7272.73, 7270.0, 2, "differs"),
        (11780.4, 11780.44, 0, "reproduced"),
        (0.5, 0.5, 0, "reproduced"),
    ],
)
def test_a_recomputation_is_judged_by_the_digits_printed(published, ours, tolerance, status):
    assert compare(published, ours, tolerance=tolerance).status == status


@given(st.integers(1, 10**9), st.floats(-10, 10), st.floats(0, 10))
def test_the_judgement_is_monotone(published, shift, tolerance):
    order = ["reproduced", "within tolerance", "differs"]
    near = compare(published, published + shift / 2, tolerance=tolerance)
    far = compare(published, published + shift, tolerance=tolerance)
    assert order.index(near.status) <= order.index(far.status)
    assert math.isclose(far.difference, shift, abs_tol=1e-5)


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        ({"value": 266126, "low": None, "high": None, "unit": "people"}, "266,126"),
        ({"value": 163000000, "low": None, "high": None, "unit": "profiles"}, "163 million"),
        ({"value": 3300000, "low": None, "high": None, "unit": "people"}, "3.3 million"),
        ({"value": None, "low": 2000, "high": 5000, "unit": "workers"}, "2,000 to 5,000"),
        ({"value": 1.27, "low": None, "high": None, "unit": "coefficient"}, "1.27"),
        ({"value": 4.3, "low": None, "high": None, "unit": "percent"}, "4.3%"),
    ],
)
def test_published_values_are_worded_as_published(claim, text):
    assert value_text(claim) == text


def test_the_ledger_page_shows_every_claim_with_its_outcome(small_book, notebook, code_cell):
    code = (
        "from platformlabour import Estimate\nfrom platformlabour.book import record\n"
        'record("counting.mturk.chao", Estimate.counted(330594.18, "workers", "x"))'
    )
    page = notebook("# Book", "At least {claim}`tracker2026-chao`.", code_cell(code), "```{claims-ledger}\n```",
                    "```{bibliography}\n```")  # fmt: skip
    built = small_book({"index": page})
    html = built.page("index")
    ledger = load("claims")
    for claim, evidence in zip(ledger["claim"], ledger["evidence"], strict=True):
        assert (f'id="claim-{claim}"' in html) == (evidence != "recalled")
    assert f"{(ledger['evidence'] == 'recalled').sum()} more were recalled" in html
    assert "reproduced</span> here: 330,594 workers" in html
    assert 'href="#claim-tracker2026-chao"' in html
    # The other chapters are not part of this small book, and the ledger says so instead of calling them reproduced.
    assert "not recomputed" in html


def test_an_unexpected_outcome_is_a_warning(small_book, notebook, code_cell):
    code = (
        "from platformlabour import Estimate\nfrom platformlabour.book import record\n"
        'record("counting.mturk.chao", Estimate.counted(330000.0, "workers", "x"))'
    )
    built = small_book({"index": notebook("# Book", code_cell(code), "```{claims-ledger}\n```",
                                          "```{bibliography}\n```")})  # fmt: skip
    assert "the claim 'tracker2026-chao' is differs, but data/claims.csv says reproduced" in built.warnings


def test_unknown_and_recalled_claims_may_not_stand_in_prose(small_book, notebook):
    ledger = load("claims")
    recalled = ledger.loc[ledger["evidence"] == "recalled", "claim"]
    prose = "{claim}`no-such-claim`"
    expected = ["no claim of that name"]
    if len(recalled):
        prose += f" {{claim}}`{recalled.iloc[0]}`"
        expected.append("was recalled, not read")
    built = small_book({"index": notebook("# Book", prose)})
    for words in expected:
        assert words in built.warnings
