r"""TeX formulas in English words, so that a screen reader says them.

The words follow the order of the formula. Brackets are spoken; a fraction of two plain terms is "a over b", any
longer one is closed by "end fraction", so that a listener knows where it stops.
"""

from __future__ import annotations

import re

__all__ = ["spoken"]

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:,\d{3})*(?:\.\d+)?|\s+|.", re.DOTALL)

_WORDS = {
    # relations and operations
    "=": "equals", "+": "plus", "-": "minus", "<": "is less than", ">": "is greater than", "/": "over", "*": "star",
    r"\le": "is at most", r"\leq": "is at most", r"\leqslant": "is at most", r"\ge": "is at least",
    r"\geq": "is at least", r"\geqslant": "is at least", r"\lt": "is less than", r"\gt": "is greater than",
    r"\ll": "is much less than", r"\gg": "is much greater than", r"\ne": "is not equal to",
    r"\neq": "is not equal to", r"\approx": "is approximately", r"\simeq": "is approximately",
    r"\sim": "is distributed as", r"\equiv": "is identical to", r"\propto": "is proportional to",
    r"\in": "in", r"\notin": "not in", r"\subset": "is a subset of", r"\subseteq": "is a subset of",
    r"\cup": "union", r"\cap": "intersection", r"\bigcup": "union", r"\bigcap": "intersection",
    r"\setminus": "without", r"\emptyset": "the empty set", r"\varnothing": "the empty set",
    r"\times": "times", r"\cdot": "times", r"\pm": "plus or minus", r"\mp": "minus or plus", r"\div": "divided by",
    r"\to": "to", r"\rightarrow": "to", r"\mapsto": "maps to", r"\Rightarrow": "implies", r"\implies": "implies",
    r"\iff": "if and only if", r"\Leftrightarrow": "if and only if", r"\leftarrow": "from", r"\gets": "from",
    r"\mid": "given", r"\vert": "vertical bar", r"\lvert": "vertical bar", r"\rvert": "vertical bar",
    "|": "vertical bar", r"\|": "double bar", r"\Vert": "double bar", r"\lVert": "double bar",
    r"\rVert": "double bar", r"\forall": "for all", r"\exists": "there exists", r"\neg": "not", r"\lnot": "not",
    r"\land": "and", r"\wedge": "and", r"\lor": "or", r"\vee": "or", r"\colon": "colon", ":": "colon",
    r"\coloneqq": "is defined as", r"\perp": "is independent of", r"\ominus": "minus", r"\oplus": "plus",
    # things
    r"\infty": "infinity", r"\partial": "partial", r"\nabla": "gradient", r"\ell": "l", r"\dots": "and so on",
    r"\ldots": "and so on", r"\cdots": "and so on", r"\vdots": "and so on", r"\ddots": "and so on",
    r"\prime": "prime", "'": "prime", r"\top": "transpose", r"\intercal": "transpose", r"\dagger": "dagger",
    r"\star": "star", r"\ast": "star", r"\circ": "circle", r"\hbar": "h bar", r"\%": "percent", r"\$": "dollar",
    r"\#": "number of", r"\&": "and", r"\_": "underscore", "!": "factorial",
    r"\Pr": "probability", r"\ln": "natural log",
    r"\varepsilon": "epsilon", r"\vartheta": "theta", r"\varphi": "phi", r"\varrho": "rho",
    # brackets
    "(": "open parenthesis", ")": "close parenthesis", "[": "open bracket", "]": "close bracket",
    r"\{": "open brace", r"\}": "close brace", r"\lbrace": "open brace", r"\rbrace": "close brace",
    r"\langle": "open angle bracket", r"\rangle": "close angle bracket", r"\lfloor": "floor of",
    r"\rfloor": "end floor", r"\lceil": "ceiling of", r"\rceil": "end ceiling",
    ",": ",", ";": ";", ".": ".",
}  # fmt: skip
_SILENT = {
    r"\,", r"\;", r"\:", r"\!", r"\ ", r"\>", r"\quad", r"\qquad", r"\left", r"\right", r"\middle", r"\big", r"\Big",
    r"\bigg", r"\Bigg", r"\bigl", r"\bigr", r"\Bigl", r"\Bigr", r"\biggl", r"\biggr", r"\displaystyle", r"\textstyle",
    r"\scriptstyle", r"\limits", r"\nolimits", r"\notag", r"\nonumber", r"\hline", "~",
}  # fmt: skip
_ACCENTS = {
    r"\hat": "hat", r"\widehat": "hat", r"\bar": "bar", r"\overline": "bar", r"\tilde": "tilde",
    r"\widetilde": "tilde", r"\vec": "vector", r"\dot": "dot", r"\ddot": "double dot", r"\check": "check",
    r"\underline": "underlined",
}  # fmt: skip
_UPRIGHT = {r"\text", r"\textrm", r"\textit", r"\textbf", r"\texttt", r"\mbox", r"\mathrm", r"\operatorname",
            r"\operatorname*", r"\mathsf", r"\mathtt", r"\textnormal"}  # fmt: skip
_STYLES = {
    r"\mathbf": "bold", r"\boldsymbol": "bold", r"\bm": "bold", r"\mathcal": "script", r"\mathscr": "script",
    r"\mathbb": "", r"\mathit": "", r"\mathfrak": "", r"\mathop": "", r"\mathrel": "", r"\mathbin": "",
}  # fmt: skip
_LARGE = {r"\sum": "sum", r"\prod": "product", r"\int": "integral", r"\bigcup": "union", r"\bigcap": "intersection"}
_LIMITS = {r"\lim", r"\max", r"\min", r"\sup", r"\inf", r"\argmax", r"\argmin", r"\operatorname*"}
_FRACTIONS = {r"\frac", r"\tfrac", r"\dfrac", r"\cfrac"}
_POWERS = {"2": "squared", "3": "cubed"}
_MARKS_ABOVE = {"star", "prime", "transpose", "dagger", "plus", "minus"}
_BREAKS_A_TERM = {"plus", "minus", "equals", "plus or minus", ",", ";", "fraction", "over"}


def spoken(tex):
    r"""Say a TeX formula in English words.

    Parameters
    ----------
    tex : str
        The formula, without dollar signs.

    Returns
    -------
    str
        English words. A command without a word of its own is said by its name.

    Examples
    --------
    >>> spoken(r"\hat N = S + \frac{f_1^2}{2 f_2}")
    'N hat equals S plus f sub 1 squared over 2 f sub 2'
    >>> spoken(r"\sum_{i=1}^{n} x_i \le 10^{6}")
    'sum from i equals 1 to n of x sub i is at most 10 to the power 6'
    """
    words = _Speaker(_TOKEN.findall(_tidied(tex))).sequence()
    text = " ".join(word for word in words if word)
    text = re.sub(r"\s+([,;.])", r"\1", text)
    return re.sub(r"\s+", " ", text).strip(" ;")


def _tidied(tex):
    tex = re.sub(r"(?<!\\)%[^\n]*", "", tex)
    return re.sub(r"(?<=\d)\{,\}(?=\d)", ",", tex)


class _Speaker:
    """One pass over the tokens of one formula."""

    def __init__(self, tokens):
        self.tokens, self.at = tokens, 0

    def peek(self):
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self):
        token = self.peek()
        self.at += 1
        return token

    def sequence(self, *, until=None):
        """Words up to the closing token, with sub- and superscripts attached to what they follow."""
        words = []
        while (token := self.peek()) is not None:
            if token == until:
                self.take()
                break
            if token in ("}", r"\right") and until is None:
                self.take()
                continue
            words += self.with_scripts()
        return words

    def with_scripts(self):
        token = self.peek()
        base = self.atom()
        below, above = None, None
        while self.peek() in ("_", "^"):
            kind = self.take()
            script = self.group()
            if kind == "_":
                below = script
            else:
                above = script
        if token in _LARGE and (below or above):
            joined = " ".join(below or [])
            opening = ["from"] if "equals" in joined or above else ["over"]
            words = base + (opening + below if below else [])
            return words + (["to", *above] if above else []) + ["of"]
        if token in _LIMITS and below:
            return [*base, "over", *below, "of"]
        if token in (r"\underbrace", r"\overbrace") and (below or above):
            return [*base, ",", "labelled", *(below or above), ","]
        words = list(base)
        if below:
            words += ["sub", *below] + (["end sub"] if len(below) > 2 else [])
        if above:
            words += self.power(above)
        return words

    def power(self, above):
        if len(above) == 1 and above[0] in _POWERS:
            return [_POWERS[above[0]]]
        if all(word in _MARKS_ABOVE for word in above) and above != ["minus"]:
            return above
        if above[0] == "open parenthesis":
            return ["superscript", *above]
        return ["to the power", *above] + (["end power"] if len(above) > 2 else [])

    def group(self):
        """The words of one argument: a braced group or a single token."""
        token = self.peek()
        if token == "{":
            self.take()
            return self.sequence(until="}")
        if token and token.isdigit() and len(token) > 1:  # TeX takes one digit where no braces stand
            self.tokens[self.at : self.at + 1] = [token[0], token[1:]]
        return self.atom()

    def raw_group(self):
        """The letters of one argument as they stand."""
        if self.peek() != "{":
            return self.take() or ""
        self.take()
        depth, letters = 1, []
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            depth += (token == "{") - (token == "}")
            if depth == 0:
                break
            letters.append(token)
        return "".join(letters)

    def atom(self):
        token = self.take()
        if token is None:
            return []
        if token == "{":
            return self.sequence(until="}")
        if token in _SILENT:
            if token in (r"\left", r"\right") and self.peek() == ".":
                self.take()
            return []
        if token in ("&", "\\\\"):
            return [";"] if token == "\\\\" else []
        if token in _UPRIGHT:
            return [_plain_words(self.raw_group())]
        if token in _STYLES:
            return [*([_STYLES[token]] if _STYLES[token] else []), *self.group()]
        if token in _ACCENTS:
            return [*self.group(), _ACCENTS[token]]
        if token in _FRACTIONS:
            return self.fraction()
        if token == r"\sqrt":
            return self.root()
        if token in (r"\binom", r"\tbinom", r"\dbinom"):
            return [*self.group(), "choose", *self.group()]
        if token in (r"\overset", r"\stackrel"):
            above = self.group()
            return [*self.group(), "with", *above, "above"]
        if token == r"\underset":
            below = self.group()
            return [*self.group(), "with", *below, "below"]
        if token in (r"\underbrace", r"\overbrace", r"\boxed", r"\phantom", r"\substack"):
            return self.group()
        if token in (r"\label", r"\tag", r"\color"):
            self.raw_group()
            return []
        if token == r"\begin":
            return self.environment(self.raw_group())
        if token == r"\end":
            self.raw_group()
            return []
        if token in _LARGE:
            return [_LARGE[token]]
        if token in _WORDS:
            return [_WORDS[token]]
        return [token.lstrip("\\").rstrip("*")]

    def fraction(self):
        above, below = self.group(), self.group()
        if _BREAKS_A_TERM.isdisjoint(above) and _BREAKS_A_TERM.isdisjoint(below):
            return [*above, "over", *below]
        return ["fraction", *above, ",", "over", *below, ",", "end fraction"]

    def root(self):
        degree = []
        if self.peek() == "[":
            self.take()
            degree = self.sequence(until="]")
        inside = self.group()
        name = ["square root of"] if not degree else ["root", *degree, "of"]
        return [*name, *inside] + (["end root"] if len(inside) > 1 else [])

    def environment(self, name):
        name = name.rstrip("*")
        if name in ("array", "alignedat", "alignat") and self.peek() == "{":
            self.raw_group()
        rows, cells, words = [], [], []
        while (token := self.peek()) is not None:
            if token == r"\end":
                self.take()
                self.raw_group()
                break
            if token in ("&", "\\\\"):
                self.take()
                cells.append(words)
                words = []
                if token == "\\\\":
                    rows.append(cells)
                    cells = []
                continue
            words += self.with_scripts()
        cells.append(words)
        rows.append(cells)
        rows = [row for row in rows if any(row)]
        if name == "cases":
            said = [word for row in rows for word in [*_joined(row, ","), ";"]]
            return ["either", *said, "end cases"]
        if name.endswith("matrix") or name == "array":
            said = [word for number, row in enumerate(rows, 1) for word in [f"row {number}:", *_joined(row, ","), ";"]]
            return ["matrix with", *said, "end matrix"]
        return _joined([[word for cell in row for word in cell] for row in rows], ";")


def _joined(parts, mark):
    words = []
    for part in parts:
        words += ([mark] if words else []) + part
    return words


def _plain_words(text):
    text = re.sub(r"\\[,;:! ]|\\quad|~|\$", " ", text)
    return re.sub(r"[\\{}]", "", text).strip()
