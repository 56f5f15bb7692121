r"""TeX formulas as Typst's own mathematics.

`tex2typst` does the conversion. The rewrites before it replace commands it does not know by equal ones it does;
whatever it still passes through unchanged stops the compiler ("unknown variable"), so no formula is lost silently.
"""

from __future__ import annotations

import re

import tex2typst

from platformlabour.errors import InputError

__all__ = ["expand_macros", "to_typst"]

_REWRITES = (
    (re.compile(r"(?<!\\)%[^\n]*"), ""),
    (re.compile(r"\\(?:label)\{[^{}]*\}"), ""),
    (re.compile(r"\\(?:nonumber|notag)(?![A-Za-z])"), ""),
    # Digits grouped with {,}: a comma that is no list separator.
    (re.compile(r"(?<=\d)\{,\}(?=\d)"), r"\\text{,}"),
    (re.compile(r"\\(?:[bB]igg?[lrm]?)(?![A-Za-z])"), ""),
    (re.compile(r"\\[lr]Vert(?![A-Za-z])"), r"\\|"),
    (re.compile(r"\\[lr]vert(?![A-Za-z])"), "|"),
    (re.compile(r"\\(?:stackrel)(?![A-Za-z])"), r"\\overset"),
    (re.compile(r"\\xrightarrow(?![A-Za-z])"), r"\\overset"),
    (re.compile(r"\\(?:textbf|textit|textnormal|textrm|mbox|textsf|texttt)(?![A-Za-z])"), r"\\text"),
    (re.compile(r"\\arg(max|min)(?![A-Za-z])"), r"\\operatorname*{arg \1}"),
    (re.compile(r"\\(?:tfrac|dfrac|cfrac)(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\bm(?![A-Za-z])"), r"\\boldsymbol"),
)
_PAIRED_BARS = re.compile(r"\\lvert(?![A-Za-z])(.*?)\\rvert(?![A-Za-z])", re.DOTALL)
_PAIRED_DOUBLE_BARS = re.compile(r"\\lVert(?![A-Za-z])(.*?)\\rVert(?![A-Za-z])", re.DOTALL)
_DISPLAY = re.compile(
    r"\s*\\begin\{(align|equation|gather|multline|eqnarray|alignat|flalign)\*?\}(.*)\\end\{\1\*?\}\s*", re.S
)
# |S| after an operator or at the start is a size, not a condition as in P(A|B).
_SIZE_BARS = re.compile(r"(^|[=+\-*/(\[{,<>&]\s*)\|([^|\s&]{1,20})\|")
_GROUPED_DIGITS = re.compile(r'\d+(?: "," \d+)+')
_ARROW = re.compile(r"\\xrightarrow\s*\{([^{}]*)\}")


def expand_macros(tex, macros):
    r"""Replace the book's own TeX commands by what they stand for.

    Parameters
    ----------
    tex : str
        The formula.
    macros : dict of str to str or list
        As MathJax takes them: the body, or ``[body, number of arguments]``.

    Returns
    -------
    str
        The formula without those commands.

    Examples
    --------
    >>> expand_macros(r"\E{X}", {"E": [r"\mathbb{E}[#1]", 1]})
    '\\mathbb{E}[X]'
    """
    for _ in range(10):  # macros may use macros, but not for ever
        before = tex
        for name, definition in macros.items():
            body, count = (definition, 0) if isinstance(definition, str) else (definition[0], int(definition[1]))
            argument = r"\s*(?:\{((?:[^{}]|\{[^{}]*\})*)\}|(\\?\w))"
            pattern = re.compile(r"\\" + re.escape(name) + r"(?![A-Za-z])" + argument * count)

            def replace(match, body=body):
                given = [a or b or "" for a, b in zip(match.groups()[::2], match.groups()[1::2], strict=True)]
                return re.sub(r"#(\d)", lambda slot: given[int(slot[1]) - 1], body)

            tex = pattern.sub(replace, tex)
        if tex == before:
            break
    return tex


def to_typst(tex, *, display=False):
    r"""Convert a TeX formula to Typst mathematics.

    Parameters
    ----------
    tex : str
        The formula, without dollar signs.
    display : bool, default False
        Whether it stands on a line of its own; several lines are then aligned at their ``&``.

    Returns
    -------
    str
        What stands between Typst's dollar signs.

    Raises
    ------
    InputError
        If the converter refuses the formula.

    Examples
    --------
    >>> to_typst(r"\hat{N} = S + \frac{a + b}{2}")
    'hat(N) = S + (a + b)/2'
    """
    if display:
        tex = _one_display(tex)
    tex = _PAIRED_BARS.sub(r"\\left|\1\\right|", tex)
    tex = _PAIRED_DOUBLE_BARS.sub(r"\\left\\|\1\\right\\|", tex)
    tex = _ARROW.sub(r"\\overset{\1}{\\longrightarrow}", tex)
    tex = _SIZE_BARS.sub(r"\1\\left|\2\\right|", tex)
    for pattern, replacement in _REWRITES:
        tex = pattern.sub(replacement, tex)
    try:
        typst = tex2typst.tex2typst(tex.strip())
    except Exception as error:  # the converter is a binary module and raises what it likes
        raise InputError(f"the formula {tex.strip()!r} ({error})", "TeX mathematics the converter knows") from None
    typst = _GROUPED_DIGITS.sub(lambda digits: '"' + digits[0].replace(' "," ', ",") + '"', typst)
    # Thin spaces survive inside the quoted names of operators.
    return re.sub(r'"[^"]*"', lambda name: re.sub(r"\\[,;:! ]", " ", name[0]), typst).strip()


def _one_display(tex):
    match = _DISPLAY.fullmatch(tex)
    if match:
        name, tex = match[1], match[2]
        if name in ("align", "eqnarray", "alignat", "flalign"):
            tex = re.sub(r"^\s*\{\d+\}", "", tex) if name == "alignat" else tex
            return r"\begin{aligned}" + tex + r"\end{aligned}"
    if (r"\\" in tex or re.search(r"(?<!\\)&", tex)) and r"\begin{" not in tex:
        return r"\begin{aligned}" + tex + r"\end{aligned}"
    return tex
