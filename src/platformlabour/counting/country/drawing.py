"""The report's figures as SVG, without a drawing library: a scale, bars and words, in colours that the page decides."""

from __future__ import annotations

import math
from html import escape

from platformlabour.counting.country.answer import capital, people
from platformlabour.counting.country.inputs import BOUNDS

__all__ = ["PAGE", "PAPER", "circles_svg", "drivers_svg"]

# Okabe and Ito's blue and vermilion; the page replaces them in dark mode.
PAGE = {
    "ink": "var(--ink)",
    "quiet": "var(--quiet)",
    "rule": "var(--rule)",
    "bar": "var(--bar)",
    "mark": "var(--mark)",
    "paper": "var(--paper)",
}
PAPER = {
    "ink": "#1b1b1b",
    "quiet": "#555555",
    "rule": "#cccccc",
    "bar": "#0072B2",
    "mark": "#D55E00",
    "paper": "#ffffff",
}
_WIDTH, _LEFT, _RIGHT, _ROW, _LONGEST, _ARROW = 384, 4, 10, 46, 57, 26


def circles_svg(circles, colours=PAGE):
    """Median and 50, 80 and 95% intervals of each circle on a logarithmic scale; an arrow on the open side of a bound.

    Parameters
    ----------
    circles : list of dict
        From a computed answer.
    colours : dict
        :data:`PAGE` (variables of the page) or :data:`PAPER`.

    Returns
    -------
    str
    """
    ends = [end for circle in circles for end in circle["intervals"]["95"]]
    scale, ticks = _scale(min(ends), max(ends), log=True)
    parts = []
    for place, circle in enumerate(circles):
        top = 4 + place * _ROW
        low, high = (people(end) for end in circle["intervals"]["95"])
        parts.append(
            _words(
                _LEFT,
                top + 13,
                f"{circle['circle'].capitalize()}: {BOUNDS.get(circle['bound'], '')} {people(circle['median'])} "
                f"({low} to {high})".replace(":  ", ": "),
                colours,
                halo=True,
            )
        )
        middle = top + 28
        for level, height, opacity in (("95", 3, 0.55), ("80", 8, 0.65), ("50", 15, 1.0)):
            left, right = (scale(end) for end in circle["intervals"][level])
            parts.append(_bar(left, middle - height / 2, right - left, height, colours["bar"], opacity))
        if circle["bound"] != "point":
            parts.append(_arrow(circle, scale, middle, colours))
        x = scale(circle["median"])
        parts.append(
            f'<rect x="{x - 2:.1f}" y="{middle - 11:.1f}" width="4" height="22" fill="{colours["mark"]}" '
            f'stroke="{colours["paper"]}" stroke-width="1"/>'
        )
    return _framed(parts, 4 + len(circles) * _ROW, ticks, scale, "people, logarithmic scale", colours)


def drivers_svg(circle, colours=PAGE, *, most=8):
    """Tornado: people when one input at a time goes to the ends of its range.

    Parameters
    ----------
    circle : dict
    colours : dict
    most : int, default 8
        Widest bars shown.

    Returns
    -------
    str
    """
    rows = circle["drivers"][:most]
    ends = [end for row in rows for end in (row["low"], row["high"])] + [circle["median"]]
    low = min(ends)
    scale, ticks = _scale(low, max(ends), log=low > 0)
    parts = [
        '<defs><pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="6" height="6" fill="{colours["paper"]}"/><rect width="2.6" height="6" fill="{colours["bar"]}"/>'
        "</pattern></defs>"
    ]
    x = scale(circle["median"])
    height = 4 + len(rows) * (_ROW - 6)
    parts.append(
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="2" y2="{height}" stroke="{colours["mark"]}" stroke-width="1.5" '
        'stroke-dasharray="4 3"/>'
    )
    for place, row in enumerate(rows):
        top = 4 + place * (_ROW - 6)
        span = f": {people(row['low'])} to {people(row['high'])}"
        words = _shortened(capital(row["label"]), _LONGEST - len(span)) + span
        parts.append(_words(_LEFT, top + 13, words, colours, size=12, halo=True))
        left, right = scale(row["low"]), scale(row["high"])
        fill = colours["bar"] if row["given"] else "url(#unknown)"
        parts.append(
            f'<rect x="{left:.1f}" y="{top + 19}" width="{max(right - left, 1.5):.1f}" height="12" fill="{fill}" '
            f'stroke="{colours["bar"]}" stroke-width="1"/>'
        )
    return _framed(parts, height, ticks, scale, "people" + (", logarithmic scale" if low > 0 else ""), colours)


def _framed(parts, height, ticks, scale, label, colours):
    whole = height + 42
    lines = [
        f'<line x1="{scale(tick):.1f}" x2="{scale(tick):.1f}" y1="2" y2="{height + 4}" stroke="{colours["rule"]}"/>'
        for tick in ticks
    ]
    names, free = [], 0.0
    for tick in ticks:
        number = f"{tick:,.0f}"
        half = 3.4 * len(number)
        middle = min(max(scale(tick), half), _WIDTH - half)
        if middle - half >= free:
            names.append(_words(middle, height + 19, number, colours, anchor="middle", quiet=True, size=12))
            free = middle + half + 6
    names.append(_words(_WIDTH - _RIGHT, height + 37, label, colours, anchor="end", quiet=True, size=12))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {whole}" width="{_WIDTH}" height="{whole}" '
        f'font-family="inherit">{"".join(lines)}{"".join(parts)}{"".join(names)}</svg>'
    )


def _bar(x, y, width, height, colour, opacity):
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height}" fill="{colour}" '
        f'fill-opacity="{opacity}"/>'
    )


def _arrow(circle, scale, y, colours):
    """From the end of the widest bar towards where the truth may lie."""
    low, high = circle["intervals"]["95"]
    end, way = (scale(high), 1) if circle["bound"] == "lower" else (scale(low), -1)
    tip = min(max(end + way * _ARROW, 2), _WIDTH - 2)
    back = tip - way * 7
    return (
        f'<path d="M{end:.1f} {y}H{tip:.1f}M{back:.1f} {y - 5}L{tip:.1f} {y}L{back:.1f} {y + 5}" fill="none" '
        f'stroke="{colours["bar"]}" stroke-width="2"/>'
    )


def _words(x, y, text, colours, *, anchor="start", quiet=False, size=13, halo=False):
    colour = colours["quiet" if quiet else "ink"]
    behind = f' stroke="{colours["paper"]}" stroke-width="3" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{behind}>'
        f"{escape(text)}</text>"
    )


def _shortened(label, most):
    return label if len(label) <= most else label[: most - 1].rstrip() + "…"


def _scale(low, high, *, log):
    """A function from people to pixels, and round numbers within the range."""
    span = _WIDTH - _LEFT - _RIGHT
    if log:
        low, high = math.log10(low), math.log10(max(high, low * 1.2))
        margin = 0.04 * (high - low)
        low, high = low - margin, high + margin

        def place(value):
            return _LEFT + span * (math.log10(value) - low) / (high - low)

        powers = range(math.floor(low), math.ceil(high) + 1)
        for factors in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), [k / 20 for k in range(20, 200)]):
            steps = [factor * 10.0**power for power in powers for factor in factors]
            ticks = [step for step in steps if low <= math.log10(step) <= high]
            if len(ticks) >= 3:
                break
        while len(ticks) > 5:
            ticks = ticks[::2]
        return place, ticks
    top = high * 1.04 or 1.0

    def place(value):
        return _LEFT + span * value / top

    step = 10 ** math.floor(math.log10(top / 2))
    step = next(step * factor for factor in (1, 2, 5, 10) if top / (step * factor) <= 5)
    return place, [step * k for k in range(int(top / step) + 1)]
