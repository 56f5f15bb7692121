"""Drawings of networks in bands: who stands above whom, with every label readable on paper and on a phone."""

from __future__ import annotations

import re
import textwrap
from functools import lru_cache

import numpy as np
import pandas as pd

from platformlabour.book.figures import _STYLE, COLOURS, Figure, _svg
from platformlabour.errors import InputError

__all__ = ["LAYER_STYLES", "band_positions", "crossings", "label_boxes", "network_map"]

# Colour and line style together: either alone tells the layers apart.
LAYER_STYLES = {
    "ownership": {"color": COLOURS[0], "linestyle": "-", "linewidth": 1.7},
    "funding": {"color": COLOURS[3], "linestyle": (0, (6, 2)), "linewidth": 1.3},
    "outsourcing": {"color": COLOURS[1], "linestyle": (0, (3, 1.2, 0.8, 1.2)), "linewidth": 1.3},
    "labour supply": {"color": COLOURS[2], "linestyle": (0, (1, 1.2)), "linewidth": 1.8},
    "same group": {"color": COLOURS[6], "linestyle": (0, (2, 2)), "linewidth": 0.9},
    "membership": {"color": COLOURS[4], "linestyle": (0, (5, 1, 1, 1, 1, 1)), "linewidth": 1.3},
}
_FONT = 8.0  # points; the drawing is 5 inches wide, so a phone shows 8 pixels and paper 8 points
_PAD = 2.2  # points between a label and its frame
_WIDTH, _MARGIN = 360.0, 4.0  # points
_LINE = 1.25 * _FONT
_ROW, _BAND = 34.0, 22.0  # points between rows of labels, and more between bands
_HEAD = 12.0  # room for the name of the first band
_LONGEST = 14  # characters a line


def _lines(label):
    # A name is broken at spaces only; a broken word reads as two.
    return textwrap.wrap(label, _LONGEST, break_long_words=False, break_on_hyphens=False) or [label]


@lru_cache(maxsize=4096)
def _width(line):
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    path = TextPath((0, 0), line, size=_FONT, prop=FontProperties(family="DejaVu Sans"))
    return float(path.get_extents().width)


def _box(label):
    """Width and height of a label with its frame, in points."""
    lines = _lines(label)
    return max(map(_width, lines)) + 2 * _PAD + 1.2, len(lines) * _LINE + 2 * _PAD


def band_positions(nodes, ties, *, sweeps=12):
    """Places for a drawing in bands: order by barycentre, labels in as many staggered rows as they need.

    Parameters
    ----------
    nodes : DataFrame, shape (nodes, columns)
        ``id``, ``label`` and ``band`` (0 at the top).
    ties : DataFrame, shape (ties, columns)
        ``sender`` and ``receiver``, identifiers of nodes.
    sweeps : int
        Passes down and up; the order with the fewest crossings is kept.

    Returns
    -------
    DataFrame, one row a node
        ``id``, ``x`` and ``y``, in points from the lower left corner; the drawing is 360 points wide.

    Raises
    ------
    InputError
        If a column is missing, a tie leads to a node that is not drawn, or a label is wider than the page.

    References
    ----------
    Sugiyama, K., Tagawa, S. and Toda, M. (1981). Methods for visual understanding of hierarchical system structures.
    IEEE Transactions on Systems, Man, and Cybernetics, 11(2), 109-125.

    Examples
    --------
    >>> nodes = pd.DataFrame({"id": ["a", "b"], "label": ["Above", "Below"], "band": [0, 1]})
    >>> band_positions(nodes, pd.DataFrame({"sender": ["a"], "receiver": ["b"]})).values.tolist()
    [['a', 180.0, 76.0], ['b', 180.0, 20.0]]
    """
    _check(nodes, ties)
    order = _ordered(nodes, ties, sweeps)
    labels = dict(zip(nodes["id"], nodes["label"], strict=True))
    places, y = {}, 3.0 + _ROW / 2
    for members in reversed(order):
        for row in reversed(_staggered(members, labels)):
            places.update({name: (round(x, 1), y) for name, x in row})
            y += _ROW
        y += _BAND
    return pd.DataFrame([(name, *places[name]) for name in nodes["id"]], columns=["id", "x", "y"])


def _check(nodes, ties):
    for frame, columns in ((nodes, ("id", "label", "band")), (ties, ("sender", "receiver"))):
        for column in columns:
            if column not in frame.columns:
                raise InputError(f"no column {column!r} to draw", f"one of {', '.join(frame.columns)}")
    if nodes.empty:
        raise InputError("a network without nodes", "at least one node to draw")
    strangers = ({*ties["sender"]} | {*ties["receiver"]}) - {*nodes["id"]}
    if strangers:
        raise InputError(f"a tie to {sorted(strangers)[0]!r}, which is not drawn", "ties between the nodes drawn")
    wide = [label for label in nodes["label"] if _box(label)[0] > _WIDTH / 2]
    if wide:
        raise InputError(f"the label {wide[0]!r}", "a label of at most half the width")


def _ordered(nodes, ties, sweeps):
    bands = sorted(nodes["band"].unique())
    order = [sorted(nodes.loc[nodes["band"] == band, "id"]) for band in bands]
    partners = {name: [] for name in nodes["id"]}
    for one, other in zip(ties["sender"], ties["receiver"], strict=True):
        partners[one].append(other)
        partners[other].append(one)
    best = [list(band) for band in order]
    fewest = crossings(best, ties)
    for sweep in range(sweeps):
        span = range(len(order)) if sweep % 2 == 0 else range(len(order) - 1, -1, -1)
        for k in span:
            place = {name: (i + 0.5) / len(band) for band in order for i, name in enumerate(band)}
            own = {name: [place[other] for other in partners[name] if other not in order[k]] for name in order[k]}
            centre = {name: float(np.mean(found)) if found else place[name] for name, found in own.items()}
            order[k] = sorted(order[k], key=lambda name: (round(centre[name], 9), name))
        count = crossings(order, ties)
        if count < fewest:
            best, fewest = [list(band) for band in order], count
    return best


def crossings(order, ties):
    """Pairs of ties between different bands that cross, if each band is one row.

    Parameters
    ----------
    order : list of list of str
        Identifiers from left to right, band by band.
    ties : DataFrame
        ``sender`` and ``receiver``.

    Returns
    -------
    int

    Examples
    --------
    >>> ties = pd.DataFrame({"sender": ["a", "b"], "receiver": ["d", "c"]})
    >>> crossings([["a", "b"], ["c", "d"]], ties), crossings([["a", "b"], ["d", "c"]], ties)
    (1, 0)
    """
    band_of = {name: k for k, band in enumerate(order) for name in band}
    place = {name: (i + 0.5) / len(band) for band in order for i, name in enumerate(band)}
    pairs = {tuple(sorted(pair, key=band_of.get)) for pair in zip(ties["sender"], ties["receiver"], strict=True)}
    drawn = sorted((band_of[a], band_of[b], place[a], place[b]) for a, b in pairs if band_of[a] != band_of[b])
    return sum(
        one[:2] == other[:2] and (one[2] - other[2]) * (one[3] - other[3]) < 0
        for i, one in enumerate(drawn)
        for other in drawn[i + 1 :]
    )


def _staggered(members, labels):
    """Rows of a band: neighbours take turns, so that each keeps about its place from left to right."""
    gap = 5.0
    for rows in range(1, len(members) + 1):
        split = [members[k::rows] for k in range(rows)]
        widths = [[_box(labels[name])[0] for name in row] for row in split]
        if all(sum(row) + gap * (len(row) - 1) <= _WIDTH - 2 * _MARGIN for row in widths):
            break
    placed = []
    for k, (row, wide) in enumerate(zip(split, widths, strict=True)):
        free = _WIDTH - 2 * _MARGIN - sum(wide)
        space = free / len(row)
        # Rows are shifted against each other, so that lines pass between the labels of the row beneath.
        shift = space * (0.5 + (0.25 if rows > 1 and len(row) > 1 else 0.0) * (1 if k % 2 else -1))
        x, found = _MARGIN + shift, []
        for name, width in zip(row, wide, strict=True):
            found.append((name, x + width / 2))
            x += width + space
        placed.append(found)
    return placed


def label_boxes(nodes, positions):
    """Frames of the labels at print size, in points from the lower left corner.

    Parameters
    ----------
    nodes, positions : DataFrame
        As for :func:`network_map`.

    Returns
    -------
    DataFrame, one row a node
        ``id``, ``left``, ``right``, ``bottom``, ``top``.

    Examples
    --------
    >>> nodes = pd.DataFrame({"id": ["a"], "label": ["Above"], "band": [0]})
    >>> positions = pd.DataFrame({"id": ["a"], "x": [180.0], "y": [20.0]})
    >>> box = label_boxes(nodes, positions).iloc[0]
    >>> bool(box.left < 180 < box.right)
    True
    """
    rows = []
    for name, label, x, y in _placed(nodes, positions):
        wide, tall = _box(label)
        rows.append((name, x - wide / 2, x + wide / 2, y - tall / 2, y + tall / 2))
    return pd.DataFrame(rows, columns=["id", "left", "right", "bottom", "top"])


def _placed(nodes, positions):
    places = {name: (x, y) for name, x, y in positions[["id", "x", "y"]].itertuples(index=False)}
    for name, label in nodes[["id", "label"]].itertuples(index=False):
        if name not in places:
            raise InputError(f"no position for {name!r}", "a row for every node that is drawn", column="id")
        x, y = places[name]
        yield name, label, float(x), float(y)


def _drawn_height(positions):
    return float(positions["y"].max()) + _ROW / 2 + _HEAD


def network_map(nodes, ties, positions, *, band_names=None, subject, caveat):
    """A network in bands: boxes with names, one line style and colour a layer, arrows from sender to receiver.

    Parameters
    ----------
    nodes : DataFrame, shape (nodes, columns)
        ``id``, ``label`` and ``band``.
    ties : DataFrame, shape (ties, columns)
        ``sender``, ``receiver`` and ``layer``; ``words`` (the relation in words) and ``recalled`` (drawn paler) if
        known.
    positions : DataFrame, shape (nodes, 3)
        ``id``, ``x``, ``y``; see :func:`band_positions`.
    band_names : dict of int to str, optional
        Printed at the left edge above each band.
    subject : str
        What is shown, for the alt text.
    caveat : str
        How the ties were found; drawn under the picture, so that it travels with it.

    Returns
    -------
    Figure
        The data behind it are the ties with the labels of their ends.

    Raises
    ------
    InputError
        If a column, a position or a layer's style is missing, or a tie leads to a node that is not drawn.
    """
    _check(nodes, ties)
    if "layer" not in ties.columns:
        raise InputError("ties without a layer", "a column 'layer'", column="layer")
    strange = set(ties["layer"]) - set(LAYER_STYLES)
    if strange:
        raise InputError(f"the layer {sorted(strange)[0]!r}", f"one of {', '.join(LAYER_STYLES)}", column="layer")
    import matplotlib
    from matplotlib.figure import Figure as Canvas
    from matplotlib.patches import Rectangle

    height = _drawn_height(positions)
    layers = [layer for layer in LAYER_STYLES if layer in set(ties["layer"])]
    foot = 16.0 * ((len(layers) + 1) // 2) + 26.0
    with matplotlib.rc_context(_STYLE):
        figure = Canvas(figsize=(_WIDTH / 72, (height + foot) / 72))
        axes = figure.add_axes((0, foot / (height + foot), 1, height / (height + foot)))
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(0, height)
        axes.axis("off")
        frames, centres, number = {}, {}, {}
        for name, label, x, y in _placed(nodes, positions):
            wide, tall = _box(label)
            corner = (x - wide / 2, y - tall / 2)
            frames[name] = Rectangle(
                corner, wide, tall, facecolor="white", edgecolor="#555555", linewidth=0.7, zorder=2
            )
            axes.add_patch(frames[name])
            words = "\n".join(_lines(label))
            axes.text(x, y, words, fontsize=_FONT, ha="center", va="center", linespacing=1.05, zorder=3)
            centres[name] = (x, y)
        for tie in ties.to_dict("records"):
            pair = frozenset((tie["sender"], tie["receiver"]))
            number[pair] = number.get(pair, 0) + 1
            _arrow(axes, tie, frames, centres, number[pair])
        _name_bands(axes, nodes, positions, band_names or {})
        _legend(figure, layers, foot, caveat)
        svg = _compact(_svg(figure))
    labels = dict(zip(nodes["id"], nodes["label"], strict=True))
    return Figure(
        svg=svg,
        alt=_alt(subject, nodes, ties, labels),
        description=_sentences(ties, labels, caveat),
        data=_data(ties, labels),
    )


def _arrow(axes, tie, frames, centres, occurrence):
    style = LAYER_STYLES[tie["layer"]]
    start, end = centres[tie["sender"]], centres[tie["receiver"]]
    level = abs(start[1] - end[1]) < _ROW / 4
    # A second tie of the same pair and a tie within a row are bent: no line hides another or runs through names.
    bend = 0.35 if level else 0.08
    bend *= -1 if occurrence % 2 == 0 else 1
    axes.annotate(
        "",
        xy=end,
        xytext=start,
        zorder=1,
        arrowprops={
            "arrowstyle": "-|>,head_length=0.42,head_width=0.2",
            "connectionstyle": f"arc3,rad={bend}",
            "patchA": frames[tie["sender"]],
            "patchB": frames[tie["receiver"]],
            "shrinkA": 0.5,
            "shrinkB": 1.0,
            "alpha": 0.45 if tie.get("recalled") else 1.0,
            "mutation_scale": 12,
            **style,
        },
    )


def _name_bands(axes, nodes, positions, names):
    place = dict(zip(positions["id"], positions["y"], strict=True))
    for band, name in names.items():
        heights = [place[node] for node, own in zip(nodes["id"], nodes["band"], strict=True) if own == band]
        if not heights:
            continue
        top = max(heights) + _ROW / 2 + 1.5
        axes.text(1.5, top, name.upper(), fontsize=6.6, color="#555555", ha="left", va="bottom", zorder=4)
        axes.plot([0, _WIDTH], [top, top], color="#bbbbbb", linewidth=0.6, zorder=0)


def _legend(figure, layers, foot, caveat):
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], label=layer, **LAYER_STYLES[layer]) for layer in layers]
    total = figure.get_figheight() * 72
    figure.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 20.0 / total),
        ncols=2,
        frameon=False,
        fontsize=8.5,
        handlelength=3.4,
        borderaxespad=0,
        labelspacing=0.3,
    )
    figure.text(0.5, 6.0 / total, caveat, ha="center", va="bottom", fontsize=7.4, color="#333333")


def _tenths(numbers):
    return re.sub(r"(\d\.\d)\d+", r"\1", numbers)


def _compact(svg):
    """The same picture in fewer bytes: short names for glyphs, each style once, tenths of a point."""
    for number, name in enumerate(sorted(set(re.findall(r'id="(DejaVuSans-[0-9a-f]+)"', svg)))):
        svg = re.sub(rf'(id="|href="#){name}"', rf'\g<1>t{number}"', svg)
    svg = re.sub(r' clip-path="url\(#[^)]*\)"', "", svg)
    svg = re.sub(r'(?<= d=")[^"]*', lambda path: _tenths(re.sub(r"\s*\n\s*", "", path[0]).strip()), svg)
    svg = re.sub(r"translate\([^)]*\)", lambda move: _tenths(move[0]), svg)
    styles = sorted(set(re.findall(r'style="([^"]*)"', svg)))
    for number, style in enumerate(styles):
        svg = svg.replace(f'style="{style}"', f'class="s{number}"')
    rules = "".join(f".s{number}{{{style}}}" for number, style in enumerate(styles))
    return svg.replace("</defs>", f'</defs><style type="text/css">{rules}</style>', 1)


def _alt(subject, nodes, ties, labels):
    counts = ties["layer"].value_counts()
    kinds = ", ".join(f"{counts[layer]} of {layer}" for layer in LAYER_STYLES if layer in counts.index)
    ends = pd.concat([ties["sender"], ties["receiver"]]).value_counts()
    top = sorted(name for name in ends.index if ends[name] == ends.max())[0]
    return (
        f"Network of {subject}: {len(nodes)} organisations in {nodes['band'].nunique()} bands, "
        f"{len(ties)} ties ({kinds}); most ties, {ends.max()}, at {labels[top]}."
    )


def _sentences(ties, labels, caveat):
    parts = []
    for sender, group in ties.groupby("sender", sort=False):
        said = {}
        for tie in group.to_dict("records"):
            said.setdefault(tie.get("words") or tie["layer"], []).append(labels[tie["receiver"]])
        parts.append(f"{labels[sender]} " + "; ".join(f"{words} {', '.join(names)}" for words, names in said.items()))
    return f"{caveat} " + ". ".join(parts) + "."


def _data(ties, labels):
    frame = pd.DataFrame(
        {
            "sender": [labels[name] for name in ties["sender"]],
            "relation": ties["words"] if "words" in ties.columns else ties["layer"],
            "receiver": [labels[name] for name in ties["receiver"]],
        }
    )
    for column in ("layer", "period_start", "period_end", "evidence", "source"):
        if column in ties.columns:
            frame[column] = ties[column]
    return frame.reset_index(drop=True)
