"""Comparison of catalogues: against counts that were made another way, and against what must be refused."""

import pandas as pd
import pytest

from platformlabour import InputError, load
from platformlabour.functions import catalogues

DAY = pd.Timestamp
FORMS = pd.DataFrame({"a": ["yes", "yes", "no"], "b": ["yes", "no", "yes"], "identical": ["no", "", ""]})


def shared(frame):
    return catalogues.shared_forms(frame, first="a", second="b")


def test_the_two_collections_as_git_compares_them():
    # 87 and 73 files, 71 shared paths and 69 shared blobs, as git ls-tree lists them at the two commits.
    found = catalogues.shared_forms(load("annotation-templates"), first="in_ground_truth", second="in_augmented_ai")
    assert (found.first, found.second, found.shared, found.identical) == (87, 73, 71, 69)
    assert found.only_first + found.shared == found.first
    assert found.only_second + found.shared == found.second


@pytest.mark.parametrize(
    ("column", "row", "value", "message"),
    [
        ("a", 0, "maybe", "'maybe'"),
        ("identical", 1, "yes", "one file only"),
        ("identical", 0, "", "yes or no"),
        ("b", 2, "no", "neither collection"),
    ],
)
def test_a_form_that_contradicts_itself_is_refused(column, row, value, message):
    frame = FORMS.copy()
    frame.loc[row, column] = value
    with pytest.raises(InputError, match=message) as caught:
        shared(frame)
    assert caught.value.row == row + 2


def test_exchanging_the_collections_exchanges_the_counts():
    one, other = shared(FORMS), catalogues.shared_forms(FORMS, first="b", second="a")
    assert (one.first, one.only_first) == (other.second, other.only_second)
    assert (one.shared, one.identical) == (other.shared, other.identical) == (1, 0)


def test_each_release_ships_what_is_recorded():
    templates, releases = load("label-studio-templates"), load("label-studio-releases")
    grown = catalogues.growth(templates, releases)
    totals = grown.groupby("version")["templates"].sum()
    assert totals.to_dict() == releases.set_index("version")["templates"].to_dict()
    assert len(grown) == len(releases) * grown["subject"].nunique()


def test_a_release_that_does_not_add_up_is_refused():
    templates, releases = load("label-studio-templates"), load("label-studio-releases")
    releases.loc[3, "templates"] += 1
    with pytest.raises(InputError, match="recorded as") as caught:
        catalogues.growth(templates, releases)
    assert (caught.value.row, caught.value.column) == (5, "templates")


def test_additions_of_the_catalogue():
    change = catalogues.additions(load("label-studio-templates"))
    assert (change.first, change.last, change.kept, change.added, change.withdrawn) == (39, 69, 39, 30, 1)
    assert sum(change.added_by_subject.values()) == change.added
    assert change.added_by_subject["output of a generative model"] == 11


def test_a_template_that_goes_before_it_comes_is_refused():
    frame = pd.DataFrame({"group": ["x"], "first_released": [DAY("2022-01-02")], "last_released": [DAY("2022-01-01")]})
    with pytest.raises(InputError, match="before the first"):
        catalogues.additions(frame)
    with pytest.raises(InputError, match="no templates"):
        catalogues.additions(frame.iloc[:0])
    with pytest.raises(InputError, match="no column 'group'"):
        catalogues.additions(frame.drop(columns="group"))


def test_groups_can_be_named_otherwise():
    assert catalogues.subjects(["Chat", "Videos"], named={"Videos": "film"}).tolist() == ["given data", "film"]


@pytest.mark.parametrize(("count", "total"), [(1, 0), (-1, 5), (6, 5)])
def test_a_share_that_cannot_be_is_refused(count, total):
    with pytest.raises(InputError, match="of"):
        catalogues.share(count, total, of="tasks")


def test_share_is_wilsons():
    from statsmodels.stats.proportion import proportion_confint

    estimate = catalogues.share(16, 170, of="tasks")
    assert estimate.interval == pytest.approx(proportion_confint(16, 170, method="wilson"), abs=1e-12)
    assert catalogues.share(0, 45, of="tasks").interval[0] == 0
