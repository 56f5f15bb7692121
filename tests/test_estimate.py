"""The result type: what it refuses, and how it speaks in prose."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import Estimate, InputError
from platformlabour.estimate import FORMS, STATUSES


def estimate(**changes):
    fields = {
        "value": 330594.2,
        "unit": "workers",
        "estimand": "ever available",
        "method": "Chao",
        "interval": (326455.0, 334813.0),
        "standard_error": 2131.7,
    }
    return Estimate(**{**fields, **changes})


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("value", "330,600"),
        ("exact", "330,594"),
        ("interval", "326,500 to 334,800"),
        ("with-interval", "330,600 (95% interval 326,500 to 334,800)"),
        ("with-unit", "330,600 workers"),
        ("standard-error", "2,100"),
        ("bound", "about"),
    ],
)
def test_prose_shows_no_more_digits_than_the_error_allows(form, text):
    assert estimate().text(form) == text


def test_a_share_is_shown_as_percent():
    share = Estimate(value=0.6014, unit="share", estimand="once", method="count", interval=(0.598, 0.605))
    assert share.text("percent") == "60.14%"
    assert share.text("percent-interval") == "59.80% to 60.50%"
    assert Estimate.counted(0.6014, "share", "once").text("percent") == "60.1%"


@pytest.mark.parametrize(("value", "text"), [(2.1809, "2.18"), (68.754, "68.8"), (150.0, "150"), (375.4, "375")])
def test_a_ratio_is_shown_with_three_digits(value, text):
    assert Estimate.counted(value, "ratio", "of one to the other").text() == text


def test_a_bound_says_so():
    assert estimate(bound="lower").text("bound") == "at least"
    assert "at most" in repr(estimate(bound="upper"))


def test_an_open_interval_is_words_not_infinity():
    unlimited = estimate(interval=(300000.0, math.inf))
    assert unlimited.text("interval").endswith("to no upper limit")
    assert repr(unlimited).endswith("to no upper limit)")


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"bound": "minimum"}, "minimum"),
        ({"status": "fine"}, "fine"),
        ({"level": 95}, "95"),
        ({"interval": (2.0, 1.0)}, "(2.0, 1.0)"),
        ({"value": math.nan}, "nan"),
        ({"value": math.inf}, "inf"),
        ({"value": None}, "None"),
        ({"value": 90.0, "interval": None, "observed": 100}, "below the 100 observed"),
    ],
)
def test_nonsense_is_refused(changes, found):
    with pytest.raises(InputError, match=found.replace("(", r"\(").replace(")", r"\)")):
        estimate(**changes)


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "ok"])
def test_a_result_that_is_not_ok_may_lack_a_value_and_says_why(status):
    result = estimate(value=None, interval=None, status=status)
    assert status in repr(result)
    with pytest.raises(InputError, match=status):
        result.text()


def test_a_range_over_assumptions_claims_no_coverage():
    assumed = estimate(level=None, standard_error=None)
    assert "95%" not in repr(assumed)
    assert assumed.text("with-interval").endswith("(range 326,455 to 334,813)")
    assert Estimate.from_dict(assumed.to_dict()) == assumed


def test_missing_parts_are_refused_not_invented():
    plain = Estimate.counted(5, "workers", "seen")
    for form in ("interval", "with-interval", "standard-error"):
        with pytest.raises(InputError):
            plain.text(form)
    with pytest.raises(InputError, match="one of"):
        plain.text("roman")


@given(
    value=st.floats(1, 1e9),
    spread=st.floats(1e-3, 1e6),
    bound=st.sampled_from(["point", "lower", "upper"]),
    warnings=st.lists(st.text(max_size=20), max_size=3),
)
def test_json_holds_everything(value, spread, bound, warnings):
    result = estimate(
        value=value, interval=(value, value + spread), standard_error=spread, bound=bound, warnings=tuple(warnings)
    )
    assert Estimate.from_dict(result.to_dict()) == result


def test_json_holds_an_open_interval():
    result = estimate(interval=(300000.0, math.inf))
    assert Estimate.from_dict(result.to_dict()) == result


@given(value=st.floats(10, 1e8), error=st.floats(0.01, 1e6))
def test_rounding_never_moves_a_number_by_more_than_its_error(value, error):
    result = estimate(value=value, standard_error=error, interval=None)
    shown = float(result.text().replace(",", "").replace("\N{MINUS SIGN}", "-"))
    assert abs(shown - value) <= max(0.5, error)


def test_every_form_is_covered_by_the_documentation():
    for form in FORMS:
        assert f'"{form}"' in Estimate.text.__doc__
