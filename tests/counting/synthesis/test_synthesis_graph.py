"""Graphs: arithmetic and nothing but arithmetic, names that exist, no circles, an estimand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from platformlabour import InputError
from platformlabour.counting import synthesis as sy
from platformlabour.counting.synthesis.graph import Expression


def assumed(name, distribution, unit="ratio", **more):
    return sy.Factor(name, distribution, unit, "assumed", "", "", "CC0-1.0", "none", **more)


ACCOUNTS, HOMES = assumed("accounts", sy.fixed(1000), "accounts"), assumed("homes", sy.uniform(1, 2))


def graph(outputs, *factors, estimand="stock at a date"):
    return sy.Graph(factors or (ACCOUNTS, HOMES), outputs, estimand=estimand)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a / b * c", 2 / 4 * 0.5),
        ("a ** 2 - -b", 8.0),
        ("(a + b) * (1 - c)", 3.0),
        ("sum(a, b, c, 1)", 7.5),
        ("max(a, b) / min(a, b, 9)", 2.0),
        ("exp(log(a)) + sqrt(b)", 4.0),
        ("  +a\n", 2.0),
        ("1e3 * a", 2000.0),
    ],
)
def test_arithmetic(text, value):
    assert Expression(text)({"a": 2.0, "b": 4.0, "c": 0.5}) == pytest.approx(value)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8))
def test_sum_of_arrays_leaves_its_arguments_as_they_were(numbers):
    values = {f"x{i}": np.full(5, number) for i, number in enumerate(numbers)}
    total = Expression(f"sum({', '.join(values)})")(values)
    np.testing.assert_allclose(total, sum(numbers), atol=1e-6)
    for i, number in enumerate(numbers):
        assert (values[f"x{i}"] == number).all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a +",
        "__import__('os').system('true')",
        "a.real",
        "a[0]",
        "[a]",
        "lambda: a",
        "a if b else c",
        "a and b",
        "a < b",
        "a // b",
        "'a'",
        "True",
        "1j",
        "open(a)",
        "sum()",
        "sum(*a)",
        "log(a, b)",
        "sum(a, start=b)",
        "sum",
        "a; b",
        "a\nb",
        "(" * 300 + "a" + ")" * 300,
        " + ".join(["a"] * 300),
        "a" * 20_001,
        "a\x00",
        "f'{a}'",
        "(a := 3)",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(InputError, match="found"):
        Expression(text)


def test_outputs_may_use_outputs_in_any_order():
    made = graph({"people": "used / homes", "used": "accounts * 0.6"})
    assert made.central() == {"people": 400.0, "used": 600.0}
    assert made.factors_of("people") == ("accounts", "homes")
    assert made.factors_of("used") == ("accounts",)
    assert made.unused == ()


def test_a_function_as_output():
    made = graph({"people": lambda draws: draws["accounts"] / draws["homes"]})
    assert made.central() == {"people": pytest.approx(1000 / 1.5)}
    assert made.factors_of("people") == ("accounts", "homes")


def test_replace_keeps_the_rest():
    made = graph({"people": "accounts / homes"}).replace(assumed("homes", sy.fixed(4)), estimand="ever worked")
    assert made.central() == {"people": 250.0}
    assert made.estimand == "ever worked"
    assert repr(made) == "Graph(2 factors; people; ever worked)"


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda: graph({"people": "accounts"}, estimand="workers"), "the estimand 'workers'"),
        (lambda: graph({"people": "accounts"}, estimand=None), "the estimand None"),
        (lambda: graph({"people": "acounts / homes"}), "the unknown name 'acounts'"),
        (lambda: graph({"a": "b + accounts", "b": "c", "c": "a"}), "outputs that need each other: "),
        (lambda: graph({"a": "a + 1"}), "outputs that need each other: a from a"),
        (lambda: graph({"people": "accounts"}, ACCOUNTS, ACCOUNTS), "two factors named 'accounts'"),
        (lambda: graph({"homes": "accounts"}), "an output named like the factor 'homes'"),
        (lambda: graph({}), "no outputs"),
        (lambda: sy.Graph([], {"a": "1"}, estimand="ever worked"), "no factors"),
        (lambda: graph({"people": 3}), "3 as output 'people'"),
        (lambda: graph({"people": "accounts"}, "accounts"), "str among the factors"),
        (lambda: graph({"people": "accounts"}).evaluate({"accounts": 1.0}), "no value for the factor 'homes'"),
        (lambda: graph({"people": "accounts / (homes - 1.5)"}).central(), "an output 'people' that is not a finite"),
        (lambda: graph({"people": "accounts"}).central(home=1), "the factor 'home'"),
        (lambda: graph({"people": lambda draws: draws["home"]}).central(), "the unknown name 'home'"),
        (lambda: graph({"people": lambda draws: np.ones(3)}).central(), "an output 'people' of shape (3,)"),
        (lambda: sy.Graph([HOMES], {"x": "homes"}, estimand="ever worked", units={"y": "people"}), "the output 'y'"),
    ],
)
def test_refusals(make, found):
    with pytest.raises(InputError) as refusal:
        make()
    assert refusal.value.found.startswith(found)


def test_a_near_name_is_offered():
    with pytest.raises(InputError, match="perhaps 'accounts'"):
        graph({"people": "acounts / homes"})


def test_the_estimand_has_to_be_given():
    with pytest.raises(TypeError):
        sy.Graph([HOMES], {"people": "homes"})
