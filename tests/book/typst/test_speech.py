"""What a screen reader says for a formula."""

import pytest

from platformlabour.book.typst.speech import spoken


@pytest.mark.parametrize(
    ("tex", "words"),
    [
        (r"\hat{N} = S + \frac{f_1^2}{2 f_2}", "N hat equals S plus f sub 1 squared over 2 f sub 2"),
        (r"\frac{t-1}{t}", "fraction t minus 1, over t, end fraction"),
        (r"\frac12", "1 over 2"),
        (r"x_{ij}", "x sub i j"),
        (r"x_{i+1}", "x sub i plus 1 end sub"),
        (r"x^2 + y^3", "x squared plus y cubed"),
        (r"x^{-1}", "x to the power minus 1"),
        (r"e^{-\lambda t}", "e to the power minus lambda t end power"),
        (r"\widehat{\mathrm{Var}}(\hat N)", "Var hat open parenthesis N hat close parenthesis"),
        (r"\sum_{i=1}^n x_i", "sum from i equals 1 to n of x sub i"),
        (r"\sum_{i} x_i", "sum over i of x sub i"),
        (r"\prod_{j \ne i} p_j", "product over j is not equal to i of p sub j"),
        (r"\sqrt{n}", "square root of n"),
        (r"\sqrt{n+1}", "square root of n plus 1 end root"),
        (r"\binom{n}{k}", "n choose k"),
        (r"10{,}000 \le N", "10,000 is at most N"),
        (r"0.95", "0.95"),
        (r"P(A \mid B)", "P open parenthesis A given B close parenthesis"),
        (r"\bar x \approx \mu", "x bar is approximately mu"),
        (r"\operatorname*{arg\,max}_\theta L", "arg max over theta of L"),
        (r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
         "either 1, x is greater than 0; 0, otherwise; end cases"),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", "matrix with row 1: a, b; row 2: c, d; end matrix"),
        (r"\begin{aligned} a &= b \\ &= c \end{aligned}", "a equals b; equals c"),
        (r"\left( a \right)^2", "open parenthesis a close parenthesis squared"),
        (r"\mathbf{1}\{x > 0\}", "bold 1 open brace x is greater than 0 close brace"),
        (r"W^\top", "W transpose"),
        (r"\neverheardof{x}", "neverheardof x"),
        (r"\underbrace{a + b}_{\text{seen}} + c", "a plus b, labelled seen, plus c"),
        (r"a \, b \quad c % a remark", "a b c"),
        ("", ""),
    ],
)  # fmt: skip
def test_formula_in_words(tex, words):
    assert spoken(tex) == words


@pytest.mark.parametrize("tex", ["{", "}", "x_", r"\frac{a", r"\begin{cases}", "^2", r"\left(", "_{", r"\sqrt[", "\\"])
def test_broken_tex_is_said_without_failing(tex):
    assert isinstance(spoken(tex), str)
