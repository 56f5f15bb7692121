"""One door to all estimators: the same numbers as by hand, published values, and no nonsense called ok."""

import csv
import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from platformlabour import Estimate, InputError
from platformlabour.counting.recapture import closed, frequencies, lists, open_population, suite, truncated
from platformlabour.counting.recapture.patterns import CapturePatterns
from platformlabour.counting.recapture.thresholds import LARGEST_MULTIPLE
from platformlabour.estimate import STATUSES

REFERENCE = Path(__file__).parent / "reference"
# Times that four lists of people with HIV in Rome held somebody: Abeni, Brancato and Perucci 1994.
ROME = {
    "0001": 205, "0010": 621, "0011": 11, "0100": 545, "0101": 10, "0110": 35, "0111": 3,
    "1000": 403, "1001": 6, "1010": 20, "1100": 33, "1101": 1, "1110": 3,
}  # fmt: skip
# Hepatitis A among students in Taiwan: Chao et al. 2001.
TAIWAN = {"001": 63, "010": 55, "011": 18, "100": 69, "101": 17, "110": 21, "111": 28}
# Made up: a population that people join and leave.
JOINERS = {"1000": 40, "1100": 22, "1010": 8, "1110": 9, "0100": 25, "0110": 18, "0101": 6, "0111": 7, "0010": 30,
           "0011": 20, "0001": 35, "1111": 4, "1001": 2}  # fmt: skip
IMMIGRANTS = [1645, 183, 37, 13, 1, 1]  # van der Heijden, Cruyff and van Houwelingen 2003
# Made up: times seen, age, nation.
PEOPLE = [
    (1, 20, "Mali"), (1, 31, "Chad"), (2, 25, "Mali"), (1, 44, "Chad"), (3, 38, "Mali"), (1, 29, "Mali"),
    (2, 33, "Chad"), (1, 51, "Chad"), (4, 22, "Mali"), (1, 27, "Chad"), (2, 40, "Mali"), (1, 36, "Mali"),
]  # fmt: skip
NAMES = {
    "closed": {"M0", "Mt", "Mb", "Mbh"}
    | {f"{family}-{kind}" for family in ("Mh", "Mth") for kind in ("chao", "poisson2", "darroch", "gamma3.5")},
    "frequencies": {"chao1984", "zelterman", "jackknife", "sample-coverage", "ace"}
    | {"M0", "zt-poisson", "zt-geometric", "zt-negbin"},
    "lists": {"independence", "stepwise", "best", "averaged", "lsc", "hsc", "log-linear"},
    "truncated": {"zt-poisson", "zt-geometric", "zt-negbin", "zelterman", "chao", "oi-chao"},
    "open": {"jolly-seber", "popan"},
}
LISTED = suite.models()
EVERY = [(row.kind, row.model) for row in LISTED.itertuples()]


def pattern_lines(counts, letters="abcdefgh"):
    width = len(next(iter(counts)))
    return [",".join([*letters[:width], "count"])] + [f"{','.join(p)},{people}" for p, people in counts.items()]


def frequency_lines(counts):
    return ["times_seen,count"] + [f"{times},{people}" for times, people in enumerate(counts, start=1)]


def people_lines(people=PEOPLE):
    return ["times,age,nation"] + [",".join(map(str, person)) for person in people]


def suited(model, kind):
    """A table that the model of this kind can be used on, and its formula."""
    if kind == "frequencies":
        return frequency_lines([300, 200, 120, 60, 30]), None
    if kind == "truncated":
        return people_lines(), "times ~ nation"
    if kind == "open":
        return pattern_lines(JOINERS), None
    if model in ("lincoln-petersen", "chapman"):
        return pattern_lines({"10": 40, "01": 30, "11": 12}), None
    return pattern_lines(TAIWAN), "a + b + c + a:b" if model == "log-linear" else None


def directly(kind, model, *, bias_corrected=False):
    """The same request without the door: the estimator called on its own input."""
    if kind == "closed":
        patterns = CapturePatterns.from_counts(TAIWAN)
        return (
            closed.average(patterns)
            if model == "averaged"
            else closed.estimate(patterns, model, bias_corrected=bias_corrected)
        )
    if kind == "lists":
        if model in ("lincoln-petersen", "chapman"):
            chosen = "chapman" if bias_corrected else model
            return lists.estimate(CapturePatterns.from_counts({"10": 40, "01": 30, "11": 12}), chosen)
        return lists.estimate(
            CapturePatterns.from_counts(TAIWAN), model, formula="[12,3]" if model == "log-linear" else None
        )
    if kind == "truncated":
        frame = pd.DataFrame(PEOPLE, columns=["times", "age", "nation"])
        return truncated.estimate(frame, "times ~ nation", model).population
    if kind == "open":
        patterns = CapturePatterns.from_counts(JOINERS)
        totals = patterns.captures, patterns.first_captures, patterns.last_captures
        if model == "popan":
            return open_population.popan(*totals).superpopulation
        return open_population.mean_abundance(open_population.jolly_seber(*totals))
    if model.startswith("M"):
        return closed.estimate_from_frequencies([300, 200, 120, 60, 30], model)
    estimator, option = {
        "chao1984": (frequencies.chao, "bias_corrected"),
        "zelterman": (frequencies.zelterman, None),
        "jackknife": (frequencies.jackknife, None),
        "sample-coverage": (frequencies.sample_coverage, "corrected"),
        "ace": (frequencies.ace, "corrected"),
        "zt-poisson": (frequencies.poisson, None),
        "zt-geometric": (frequencies.geometric, None),
        "zt-negbin": (frequencies.negative_binomial, None),
    }[model]
    return estimator([1, 2, 3, 4, 5], [300, 200, 120, 60, 30], **({option: True} if bias_corrected else {}))


@pytest.fixture
def file(tmp_path):
    def write(lines, name="table.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def rows_of(name):
    with (REFERENCE / name).open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def same_numbers(one, other):
    for name in ("value", "standard_error", "loglik", "aic"):
        number, expected = getattr(one, name), getattr(other, name)
        assert (number is None) == (expected is None), name
        assert number is None or number == pytest.approx(expected, rel=1e-12), name
    assert (one.status, one.bound, one.df) == (other.status, other.bound, other.df)


# --- The list of models -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NAMES)
def test_every_promised_name_is_there(kind):
    assert set(suite.models(kind).model) >= NAMES[kind]


def test_every_model_says_what_it_gives_assumes_and_needs():
    assert LISTED.assumptions.str.len().min() > 40
    assert LISTED.needs.str.len().min() > 10
    assert set(LISTED.gives) == {"estimate", "lower bound"}
    assert not LISTED.duplicated(["kind", "model"]).any()
    lower = LISTED[LISTED.gives == "lower bound"]
    assert set(lower.model) == {"Mh-chao", "Mth-chao", "chao1984", "chao", "oi-chao"}


def test_every_model_of_the_estimators_is_reached():
    assert set(suite.models("truncated").model) == set(truncated.MODELS)
    assert set(suite.models("lists").model) == set(lists.MODELS)
    assert set(suite.models("closed").model) == {*closed.MODELS, "averaged"}


# --- The same numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "model"), EVERY)
def test_the_file_gives_what_the_estimator_gives(kind, model, file):
    lines, formula = suited(model, kind)
    found = suite.estimate_file(kind, file(lines), model, formula=formula)
    same_numbers(found, directly(kind, model))
    assert found.unit == "workers"
    assert found.assumptions


@pytest.mark.parametrize(
    ("kind", "model"), [(row.kind, row.model) for row in LISTED.itertuples() if row.bias_corrected]
)
def test_the_bias_corrected_form_is_passed_on(kind, model, file):
    lines, _ = suited(model, kind)
    if kind == "lists":
        lines = pattern_lines({"10": 40, "01": 30, "11": 12})
        expected = lists.estimate(CapturePatterns.from_counts({"10": 40, "01": 30, "11": 12}), "chapman")
    else:
        expected = directly(kind, model, bias_corrected=True)
    found = suite.estimate_file(kind, file(lines), model, bias_corrected=True)
    same_numbers(found, expected)
    assert found.value != pytest.approx(suite.estimate_file(kind, file(lines), model).value, rel=1e-9)


PRINTED = {"people": "value", "standard_error": "standard_error", "aic": "aic"}
OF_ROME = [
    row
    for row in rows_of("closed_reference_values.csv")
    if row["dataset"] == "hiv-rome" and row["form"] in ("plain", "bias-corrected") and row["quantity"] in PRINTED
]


@pytest.mark.parametrize(("form", "model"), sorted({(row["form"], row["model"]) for row in OF_ROME}))
def test_closed_models_meet_the_reference_values_of_rome(form, model, file):
    found = suite.estimate_file("closed", file(pattern_lines(ROME)), model, bias_corrected=form == "bias-corrected")
    for row in OF_ROME:
        if (row["form"], row["model"]) == (form, model):
            assert getattr(found, PRINTED[row["quantity"]]) == pytest.approx(
                float(row["value"]), rel=float(row["relative_tolerance"])
            )


@pytest.mark.parametrize("model", ["M0", "Mh-chao", "Mh-poisson2", "Mh-darroch", "Mh-gamma3.5"])
def test_frequencies_meet_the_reference_values(model, file):
    rows = [
        row
        for row in rows_of("closed_reference_values.csv")
        if (row["form"], row["model"], row["quantity"]) == ("frequencies", model, "people")
        and row["dataset"] == "illegal-immigrants"
    ]
    assert rows
    found = suite.estimate_file("frequencies", file(frequency_lines(IMMIGRANTS)), model)
    assert found.value == pytest.approx(float(rows[0]["value"]), rel=float(rows[0]["relative_tolerance"]))


def test_lists_meet_the_reference_values(file):
    rome, taiwan = file(pattern_lines(ROME), "rome.csv"), file(pattern_lines(TAIWAN), "taiwan.csv")
    found = suite.estimate_file("lists", rome, formula="a + b + c + d + a:b")
    assert found.value == pytest.approx(12318.46768, rel=1e-5)  # Rcapture 1.4-4, [12,3,4]
    assert found.aic == pytest.approx(86.64961776, rel=1e-5)
    same_numbers(found, suite.estimate_file("lists", rome, "log-linear", formula="[12,3,4]"))
    same_numbers(found, suite.estimate_file("lists", rome, "log-linear", formula="count ~ a + b + c + d + a:b"))
    assert round(suite.estimate_file("lists", taiwan, "lsc").value) == 508  # Chao et al. 2001, table 3
    assert round(suite.estimate_file("lists", taiwan, "hsc").value) == 971


def test_truncated_regression_meets_the_reference_values(file):
    people = rows_of("truncated_immigrants.csv")
    columns = ["gender", "age", "reason", "nation", "capture", "people"]
    path = file([",".join([*columns[:-1], "count"]), *(",".join(row[name] for name in columns) for row in people)])
    rows = [row for row in rows_of("truncated_values.csv") if row["quantity"] == "total"]
    tried = 0
    for row in rows:
        if row["formula"] not in ("capture ~ 1", "capture ~ gender + age + nation"):
            continue
        found = suite.estimate_file("truncated", path, row["model"], formula=row["formula"])
        if found.status in ("ok", "boundary"):
            assert found.value == pytest.approx(float(row["value"]), rel=float(row["relative_tolerance"])), row
            tried += 1
    assert tried >= 10


def test_occasions_change_chao_as_published(file):
    path = file(frequency_lines([50, 20, 5]))
    unseen = suite.estimate_file("frequencies", path, "chao1984").value - 75
    assert suite.estimate_file("frequencies", path, "chao1984", occasions=4).value == pytest.approx(75 + unseen * 3 / 4)


def test_a_pooled_table_needs_no_tail(file):
    lines = ["times_seen_from,times_seen_to,workers,sightings,source", "1,1,50,50,x", "2,2,20,40,x", "3,9,6,30,x"]
    exact = suite.estimate_file("frequencies", file(frequency_lines([50, 20, 6]), "exact.csv"), "chao1984")
    assert suite.estimate_file("frequencies", file(lines), "chao1984").value == exact.value
    with pytest.raises(InputError, match="pooled"):
        suite.estimate_file("frequencies", file(lines), "Mh-chao")


def test_rows_of_one_person_and_counted_patterns_agree(file):
    persons = ["a,b,c"] + [",".join(pattern) for pattern, people in TAIWAN.items() for _ in range(people)]
    one = suite.estimate_file("closed", file(persons, "persons.csv"), "Mth-chao")
    other = suite.estimate_file("closed", file(pattern_lines(TAIWAN)), "Mth-chao")
    assert (one.value, one.interval) == (other.value, other.interval)


def test_truncated_uses_an_intercept_only_by_default(file):
    path = file(people_lines())
    same_numbers(
        suite.estimate_file("truncated", path, "zt-poisson"),
        suite.estimate_file("truncated", path, "zt-poisson", formula="times ~ 1"),
    )
    with pytest.raises(InputError, match="no column 'times'"):
        suite.estimate_file("truncated", file(["visits", "1", "2"]), "zt-poisson")


@pytest.mark.parametrize("model", ["jolly-seber", "popan"])
def test_open_answers_carry_a_row_for_each_occasion(model, file):
    answer = suite.answer_file("open", file(pattern_lines(JOINERS)), model)
    assert answer.occasions.occasion.tolist() == list("abcd")
    assert answer.occasions.captured.tolist() == CapturePatterns.from_counts(JOINERS).captures.tolist()
    if model == "jolly-seber":
        mean = answer.occasions.abundance.dropna()
        assert len(mean) == 2
        assert answer.estimate.value == pytest.approx(mean.mean())
        assert answer.estimate.observed <= answer.estimate.interval[0] <= answer.estimate.value
    else:
        assert answer.estimate.observed == sum(JOINERS.values())


def test_a_lower_level_gives_a_narrower_interval(file):
    path = file(pattern_lines(TAIWAN))
    wide, narrow = (suite.estimate_file("closed", path, "Mt", level=level) for level in (0.95, 0.5))
    assert wide.interval[0] < narrow.interval[0] < wide.value < narrow.interval[1] < wide.interval[1]
    assert narrow.level == 0.5


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "fish"}, "kind"),
        ({"model": "Mht"}, "expected Mt, or another of"),
        ({"model": None}, "no model"),
        ({"level": 95}, "level"),
        ({"level": True}, "level"),
        ({"formula": "a + b"}, "formula"),
        ({"occasions": 4}, "occasions"),
        ({"model": "Mth-darroch", "bias_corrected": True}, "bias-corrected"),
        ({"kind": "lists", "model": "log-linear"}, "without a formula"),
        ({"kind": "lists", "model": "independence", "formula": "a + b"}, "log-linear"),
        ({"kind": "truncated", "model": "chao", "formula": "times"}, "formula"),
        ({"kind": "open", "model": "popan", "bias_corrected": True}, "plain form"),
        ({"kind": "frequencies", "model": "jackknife", "occasions": 1}, "occasions"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused_before_the_file_is_opened(options, message):
    request = {"kind": "closed", "model": "Mt"} | options
    with pytest.raises(InputError, match=message):
        suite.answer_file(request.pop("kind"), "no-such-file.csv", request.pop("model"), **request)


def test_the_bias_corrected_form_of_independence_needs_two_lists(file):
    with pytest.raises(InputError, match="two lists"):
        suite.estimate_file("lists", file(pattern_lines(TAIWAN)), "independence", bias_corrected=True)


def test_an_estimators_own_refusal_names_the_file(file):
    with pytest.raises(InputError, match=r"^small\.csv: found 2 occasions"):
        suite.estimate_file("open", file(pattern_lines({"10": 3, "11": 2}), "small.csv"), "popan")


def test_models_that_lay_out_every_number_of_times_refuse_a_long_table(file):
    path = file(["times_seen,count", "1,50", "2,20", "900000,1"])
    for model in ("sample-coverage", "Mh-darroch"):
        with pytest.raises(InputError, match="at most 1,000"):
            suite.estimate_file("frequencies", path, model)
    assert suite.estimate_file("frequencies", path, "chao1984").status == "ok"


# --- Degenerate tables: a status or a message, never a number that looks right ----------------------------------------

DEGENERATE_PATTERNS = {
    "no overlap": {"100": 20, "010": 30, "001": 25},
    "all seen on one occasion": {"100": 20},
    "identical lists": {"110": 20, "001": 30, "111": 5},
    "one person": {"110": 1},
    "one person seen once": {"010": 1},
    "everybody always": {"111": 40},
}
DEGENERATE_FREQUENCIES = {
    "all singletons": [40],
    "nobody twice": [40, 0, 3],
    "one person": [1],
    "one person seen twice": [0, 1],
    "nobody once": [0, 10, 5],
}


def assert_sober(found):
    """Whatever the status, nothing infinite, negative or contradictory; with ok, nothing out of proportion."""
    assert found.status in STATUSES
    assert found.value is None or math.isfinite(found.value)
    assert found.standard_error is None or (math.isfinite(found.standard_error) and found.standard_error >= 0)
    assert suite.sentence(found).endswith(".")
    if found.status == "ok":
        assert found.observed <= found.value <= LARGEST_MULTIPLE * found.observed
        if found.interval is not None:
            assert found.interval[0] <= found.value * (1 + 1e-6)
            assert found.interval[1] >= found.value * (1 - 1e-6)
    else:
        assert found.status == "boundary" or found.warnings
    if found.interval is not None and math.isinf(found.interval[1]):
        assert any("upper limit" in words for words in found.warnings)


@pytest.mark.parametrize("case", DEGENERATE_PATTERNS)
@pytest.mark.parametrize(
    ("kind", "model"),
    [
        (kind, model)
        for kind, model in EVERY
        if kind in ("closed", "lists", "open") and model not in ("lincoln-petersen", "chapman")
    ],
)
def test_degenerate_patterns_get_a_status_or_a_message(case, kind, model, file):
    formula = "a + b + c + a:b" if model == "log-linear" else None
    found = suite.estimate_file(kind, file(pattern_lines(DEGENERATE_PATTERNS[case])), model, formula=formula)
    assert_sober(found)
    # Mb and Mbh need no recapture: they read how first captures fall off.
    if not (kind == "closed" and model in ("Mb", "Mbh", "averaged")):
        assert found.status != "ok"


@pytest.mark.parametrize("model", ["lincoln-petersen", "chapman", "independence", "best", "averaged"])
@pytest.mark.parametrize("counts", [{"10": 5, "01": 4}, {"11": 5}, {"10": 5, "11": 3}, {"10": 7}])
def test_two_degenerate_lists_get_a_status(model, counts, file):
    found = suite.estimate_file("lists", file(pattern_lines(counts)), model)
    assert_sober(found)
    assert found.status != "ok"


@pytest.mark.parametrize("case", DEGENERATE_FREQUENCIES)
@pytest.mark.parametrize("model", suite.models("frequencies").model)
def test_degenerate_frequencies_get_a_status_or_a_message(case, model, file):
    found = suite.estimate_file("frequencies", file(frequency_lines(DEGENERATE_FREQUENCIES[case])), model)
    assert_sober(found)
    if case in ("all singletons", "one person") and model != "jackknife":
        assert found.status == "not identified"


@pytest.mark.parametrize("times", [[1] * 12, [1, 1, 1, 3, 4], [1], [2], [2, 2, 2]])
@pytest.mark.parametrize("model", truncated.MODELS)
def test_degenerate_people_get_a_status_or_a_message(times, model, file):
    found = suite.estimate_file("truncated", file(["times", *map(str, times)]), model)
    assert_sober(found)
    if set(times) == {1}:
        assert found.status == "not identified"


@pytest.mark.parametrize(("kind", "model"), [pair for pair in EVERY if pair[0] != "truncated"])
def test_counts_of_a_billion_are_read_exactly(kind, model, file):
    if kind == "frequencies":
        lines, formula = frequency_lines([10**9, 5 * 10**8, 10**8]), None
    else:
        lines, formula = suited(model, kind)
        lines = [lines[0], *(f"{line}0000000" for line in lines[1:])]
    found = suite.estimate_file(kind, file(lines), model, formula=formula)
    assert_sober(found)
    assert found.observed > 10**8
    if kind in ("closed", "frequencies") and model not in ("zt-negbin", "Mb", "Mbh", "averaged"):
        assert found.status in ("ok", "boundary")


# --- The last check at the door ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "reason"),
    [
        ({"value": 8e6}, "times the number seen"),
        ({"value": 100.0, "standard_error": 5000.0}, "standard error"),
        ({"value": 100.0, "standard_error": math.nan}, "standard error"),
        ({"value": 100.0, "interval": (110.0, 120.0)}, "interval"),
    ],
)
def test_nonsense_with_status_ok_does_not_leave(numbers, reason, file, monkeypatch):
    def careless(counts, *, level):
        return Estimate(unit="workers", estimand="x", method="careless", observed=counts.seen, level=level, **numbers)

    monkeypatch.setattr(frequencies, "geometric", careless)
    found = suite.estimate_file("frequencies", file(frequency_lines([50, 20, 5])), "zt-geometric")
    assert found.status == "implausible"
    assert any(reason in words for words in found.warnings)


def test_a_profile_that_breaks_down_leaves_the_log_normal_interval(file):
    # The odds of thirteen captures lie so far out that the profile overflows.
    counts = [4, 4, 2, 2, 3, 1, 0, 0, 0, 170, 4, 241, 1000000, 200, 141, 4, 0, 5]
    found = suite.estimate_file("frequencies", file(frequency_lines(counts)), "Mh-gamma3.5")
    assert_sober(found)
    assert found.interval_kind in ("log-normal", "")


# --- One sentence -----------------------------------------------------------------------------------------------------

RESULT = Estimate(
    value=330594.2,
    unit="workers",
    estimand="workers who could have been seen",
    method="Chao",
    interval=(327452.0, 333794.0),
    bound="lower",
    observed=157255,
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {},
            "At least 330,594 workers could have been seen (95% interval 327,452 to 333,794); 157,255 were seen.",
        ),
        (
            {"bound": "point", "level": 0.8, "interval": (327452.0, math.inf)},
            "About 330,594 workers could have been seen (80% interval 327,452 to no upper limit); 157,255 were seen.",
        ),
        (
            {"bound": "upper", "interval": None, "estimand": "workers present, mean of 3 occasions", "observed": 70},
            "At most 330,594 workers were present on average over 3 occasions; 70 were seen on the average occasion.",
        ),
        (
            {"status": "boundary", "interval": None, "observed": 1},
            "To be read with care, for a part of the model is at its limit: at least 330,594 workers could have been "
            "seen; 1 was seen.",
        ),
        (
            {"status": "implausible"},
            "Not usable: the model gives 330,594 workers, out of all proportion to the data; 157,255 were seen.",
        ),
        (
            {"status": "below observed", "value": 9.0},
            "Not usable: the model gives 9 workers, fewer than were seen; 157,255 were seen.",
        ),
        (
            {"status": "not converged"},
            "No usable estimate: the search for the best fit did not end at one; 157,255 were seen.",
        ),
        (
            {"status": "not identified", "value": None, "observed": None},
            "No estimate: the data cannot tell how many workers were never seen.",
        ),
        (
            {"estimand": "hours worked", "unit": "hours", "interval": None, "observed": None},
            "At least 330,594 hours (hours worked).",
        ),
    ],
)
def test_the_sentence_says_bound_interval_and_standing(changes, expected):
    assert suite.sentence(RESULT.replace(**changes)) == expected


# --- Random tables ----------------------------------------------------------------------------------------------------

PEOPLE_COUNT = st.one_of(st.integers(0, 6), st.integers(0, 400), st.sampled_from([10**6, 10**9]))
QUICK = [(kind, model) for kind, model in EVERY if model not in ("popan", "log-linear", "lincoln-petersen", "chapman")]


@st.composite
def random_tables(draw):
    kind, model = draw(st.sampled_from(QUICK))
    if kind == "frequencies":
        return kind, model, frequency_lines(draw(st.lists(PEOPLE_COUNT, min_size=1, max_size=12)))
    if kind == "truncated":
        times = draw(st.lists(st.integers(1, 9), min_size=1, max_size=30))
        return kind, model, ["times", *map(str, times)]
    width = draw(st.integers(2, 5))
    kept = draw(st.lists(st.integers(1, 2**width - 1), min_size=1, unique=True))
    return kind, model, pattern_lines({f"{code:0{width}b}": draw(PEOPLE_COUNT) for code in kept})


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(random_tables())
def test_no_nonsense_leaves_with_status_ok(file, drawn):
    kind, model, lines = drawn
    path = file(lines)
    try:
        found = suite.estimate_file(kind, path, model)
    except InputError as error:
        refusal = str(error)
    else:
        assert_sober(found)
        return
    assert refusal.startswith("table.csv")


# --- What the data say against a model, and what they cannot say ------------------------------------------------------


def test_a_contradicted_model_says_so_and_a_fitting_one_does_not(file):
    spread = ["times_seen,count", "1,500", "2,60", "3,30", "4,25", "5,20", "6,15", "7,12", "8,10"]
    even = ["times_seen,count", "1,300", "2,200", "3,120", "4,60", "5,30"]
    said = suite.estimate_file("frequencies", file(spread), "zt-poisson").warnings
    assert any("contradict the model: some people are captured more often" in words for words in said)
    assert not any(
        "contradict" in words for words in suite.estimate_file("frequencies", file(even), "chao1984").warnings
    )


def test_what_no_data_can_show_is_named(file):
    even = file(["times_seen,count", "1,300", "2,200", "3,120", "4,60", "5,30"])
    trusted = suite.answer_file("frequencies", even, "chao1984").on_trust
    assert trusted == (suite.STATEMENTS["identities"], suite.STATEMENTS["real people"])
    assert suite.STATEMENTS["shape"] in suite.answer_file("frequencies", even, "zt-negbin").on_trust


@pytest.mark.parametrize("model", ["jackknife", "sample-coverage", "ace"])
def test_an_approximation_says_that_it_is_one(model, file):
    found = suite.estimate_file(
        "frequencies", file(["times_seen,count", "1,300", "2,200", "3,120", "4,60", "5,30"]), model
    )
    assert any("an approximation" in words for words in found.warnings)
