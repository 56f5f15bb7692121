"""Every exercise has one solution, every solution an exercise, and the worked code gives the numbers of its answers."""

import re
from pathlib import Path

import pytest
import yaml

from platformlabour.book.chapter import front_matter

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = ROOT / "solutions"
# Joined here so that only the solutions hold the marker.
CANARY = "SOLUTION" + "-CANARY"
PARTS = ("Answer", "Marking", "Misconceptions", "Minutes")

FILES = sorted(path for path in SOLUTIONS.glob("*/*.md"))
NAMES = [path.relative_to(SOLUTIONS).as_posix() for path in FILES]
every_file = pytest.mark.parametrize("name", NAMES)

pytestmark = pytest.mark.skipif(not SOLUTIONS.is_dir(), reason="a copy without the solutions, as students get it")


def exercises(path):
    """Return the exercise labels of a chapter, in order."""
    return re.findall(r"^```\{exercise\}\n:label: (ex-[a-z0-9-]+)$", path.read_text("utf-8"), re.M)


def answers(name):
    """Return {label: text} of a file of solutions, in order."""
    _, *pieces = re.split(r"^## (ex-[a-z0-9-]+)\n", (SOLUTIONS / name).read_text("utf-8"), flags=re.M)
    labels = pieces[::2]
    assert len(set(labels)) == len(labels), f"{name} answers an exercise twice"
    return dict(zip(labels, pieces[1::2], strict=True))


def code_blocks(text):
    return re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)


def minutes(text):
    low, high = re.search(r"^\*\*Minutes\.\*\* (\d+)–(\d+)$", text, re.M).groups()
    return int(low), int(high)


def test_every_chapter_with_exercises_has_its_file_of_solutions_and_no_other_file_exists():
    chapters = {
        path.relative_to(ROOT / "chapters").as_posix() for path in ROOT.glob("chapters/**/*.md") if exercises(path)
    }
    assert chapters == set(NAMES)


@every_file
def test_every_exercise_has_its_solution_in_the_chapter_s_order(name):
    assert list(answers(name)) == exercises(ROOT / "chapters" / name)


@every_file
def test_every_solution_has_all_its_parts(name):
    for label, text in answers(name).items():
        found = re.findall(rf"^\*\*({'|'.join(PARTS)})\.\*\*", text, re.M)
        assert tuple(found) == PARTS, label
        assert len(text.split("**Answer.**")[1].split("**Marking.**")[0].split()) > 40, f"{label}: too short to help"


@every_file
def test_the_minutes_add_up_to_what_the_chapter_announces(name):
    spans = [minutes(text) for text in answers(name).values()]
    announced = front_matter(ROOT / "chapters" / name)["minutes"]["exercises"]
    assert [sum(low for low, _ in spans), sum(high for _, high in spans)] == announced


@every_file
def test_an_exercise_that_computes_is_worked_in_code_that_checks_itself(name):
    computing = {label: text for label, text in answers(name).items() if label.endswith("-compute")}
    assert computing, "a chapter has at least one exercise that computes"
    for label, text in computing.items():
        code = "\n".join(code_blocks(text))
        assert re.search(r"^assert ", code, re.M), label
        assert "load(" in code, f"{label} takes its numbers from the tables"


@every_file
def test_the_worked_code_runs_and_what_it_asserts_holds(name):
    namespace = {}
    for label, text in answers(name).items():
        for number, code in enumerate(code_blocks(text), start=1):
            exec(compile(code, f"{name}, {label}, block {number}", "exec"), namespace)


@every_file
def test_a_changed_number_in_an_answer_would_be_noticed(name):
    """Each figure with a thousands separator in an answer's prose stands in an assertion or in the worked code."""
    everything = "\n".join(code for text in answers(name).values() for code in code_blocks(text)).replace("_", ",")
    for label, text in answers(name).items():
        prose = re.sub(r"^```python\n.*?^```$", "", text, flags=re.M | re.S)
        for number in re.findall(r"\d{1,3}(?:,\d{3})+", prose):
            assert number in everything, f"{label}: {number} is not checked by the worked code"


def test_every_file_starts_with_the_marker_that_the_built_book_is_searched_for():
    for path in [*FILES, SOLUTIONS / "README.md"]:
        assert path.read_text("utf-8").splitlines()[0] == f"<!-- {CANARY} -->", path.name


def test_no_solution_can_be_built():
    toc = (ROOT / "_toc.yml").read_text("utf-8")
    configuration = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    assert "solutions" not in toc
    assert configuration["only_build_toc_files"] is True
    assert "solutions" in configuration["exclude_patterns"]
