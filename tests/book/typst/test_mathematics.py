"""TeX formulas reach Typst whole, or not at all."""

import pytest
import typst

from platformlabour.book.typst.mathematics import expand_macros, to_typst

SET_BY_TYPST = [
    r"\hat{N} = S + \frac{f_1^2}{2 f_2}",
    r"\lVert x \rVert + \lvert V \rvert",
    r"\operatorname*{arg\,max}_\theta f(\theta)",
    r"\argmin_x g(x)",
    r"\begin{cases} 1 & x > 0 \\ 2 & \text{otherwise} \end{cases}",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
    r"N = 10{,}000",
    r"\textbf{seen} \xrightarrow{\text{one}} \stackrel{a}{=}",
    r"\underbrace{a + b}_{\text{x}}",
    r"\widehat{\mathrm{Var}}(\hat N) = \frac{1}{n-1} \sum_{i=1}^n (x_i - \bar x)^2",
    r"\binom{n}{k} p^k (1-p)^{n-k}",
    r"\exp\bigl(\pm 1.96 \sqrt{\log(1 + v)}\bigr)",
    r"\mathbb{E}[X] \sim \mathcal{N}(\mu, \sigma^2)",
    r"\left\{ x \in A : x > 0 \right\}",
    r"\phi_i = \sum_{S \subseteq N \setminus \{i\}} \frac{|S|!\,(n-|S|-1)!}{n!}",
    r"\mathbf{x}^\top (I - A)^{-1} \mathbf{1}",
    r"\left.\frac{a}{b}\right|_{x=0} \tfrac12 \dfrac{1}{2}",
    r"50\% \text{ of } \#\{i : x_i = 1\}",
    r"\begin{align} a &= b \\ c &= d \end{align}",
]


@pytest.mark.parametrize("tex", SET_BY_TYPST)
def test_typst_sets_what_the_converter_writes(tex):
    formula = to_typst(tex, display=True)
    assert typst.compile(f"$ {formula} $".encode(), ignore_system_fonts=True).startswith(b"%PDF")


def test_unknown_command_stops_the_compiler_instead_of_vanishing():
    formula = to_typst(r"\madeup{x}")
    with pytest.raises(typst.TypstError, match="unknown variable: madeup"):
        typst.compile(f"$ {formula} $".encode())


@pytest.mark.parametrize(
    ("tex", "formula"),
    [
        (r"10{,}000", '"10,000"'),
        (r"\lvert V \rvert", "lr(|V|)"),
        (r"|S|!", "lr(|S|) !"),
        (r"P(A|B) + P(C|D)", "P(A | B) + P(C | D)"),
        (r"\operatorname{arg\,max}", 'op("arg max")'),
    ],
)
def test_rewrites(tex, formula):
    assert to_typst(tex) == formula


def test_several_lines_are_aligned_at_their_mark():
    assert to_typst(r"a &= b \\ c &= d", display=True) == r"a &= b \ c &= d"


def test_macros_with_and_without_arguments():
    macros = {"Nhat": r"\hat{N}", "est": [r"\widehat{#1}_{#2}", 2]}
    assert expand_macros(r"\Nhat = \est{a}{b} + \est xy", macros) == r"\hat{N} = \widehat{a}_{b} + \widehat{x}_{y}"


def test_macro_names_do_not_match_longer_commands():
    assert expand_macros(r"\Ex \E", {"E": "e"}) == r"\Ex e"


def test_macros_that_name_themselves_end():
    assert isinstance(expand_macros(r"\a", {"a": r"\a b"}), str)
