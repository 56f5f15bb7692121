"""Text that Typst prints as it stands, whatever characters it holds."""

from __future__ import annotations

import re

__all__ = ["markup", "string"]

_SPECIAL = re.compile(r"[\\`*_#$<>@\[\]~]")
_FREE_MINUS = re.compile(r"(?<![^\s(])-(?=\d)")
_LIST_OR_HEADING_MARK = re.compile(r"^(\s*)(=+|[+/-])(?=\s|$)")
_NUMBERED_ITEM_MARK = re.compile(r"^(\s*\d+)\.(?=\s|$)")


def markup(text, *, continues=False):
    r"""Escape plain text for Typst's markup mode.

    Quotation marks stay as they are, so that Typst turns straight ones into the language's own. A hyphen inside
    a word or range stays a hyphen (Typst would print "GPT-4" with a minus sign); one before a free-standing
    number becomes the minus sign it means.

    Parameters
    ----------
    text : str
        Plain text; line breaks count as spaces.
    continues : bool, default False
        Whether other words stand directly before it, as where emphasis ends.

    Returns
    -------
    str
        Typst markup that prints exactly this text.

    Examples
    --------
    >>> print(markup("5 * 3 # [a] GPT-4, from -2"))
    5 \* 3 \# \[a\] GPT\-4, from −2
    >>> print(markup("- not a list"))
    \- not a list
    >>> print(markup("see http://example.org"))
    see http:\//example.org
    """
    text = re.sub(r"[\r\n]+", " ", text)
    text = _SPECIAL.sub(r"\\\g<0>", text)
    text = _FREE_MINUS.sub("−", text) if not continues else _FREE_MINUS.sub(_minus_inside, text)
    text = re.sub(r"-(?=[-?\d])|(?<=-)-", r"\\-", text)
    text = re.sub(r"/(?=[/*])", r"\\/", text)
    text = _LIST_OR_HEADING_MARK.sub(r"\1\\\2", text)
    text = _NUMBERED_ITEM_MARK.sub(r"\1\\.", text)
    return text.replace("\xa0", "~")


def _minus_inside(match):
    return "−" if match.start() else "-"


def string(text):
    r"""Write a Typst string literal.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The literal with its quotation marks.

    Examples
    --------
    >>> print(string('say "yes" \\ no'))
    "say \"yes\" \\ no"
    """
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\n", "\\n").replace("\t", "\\t")
    return '"' + "".join(character if character >= " " else f"\\u{{{ord(character):x}}}" for character in text) + '"'
