"""The command ``platformlabour control``: a table of holdings in, who controls whom out."""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path

from platformlabour.errors import InputError

__all__ = ["add_control", "run"]

MEASURES = ("integrated", "cumulated", "npi")
LARGEST_TABLE = 2_000  # organisations; beyond it all pairs of owner and firm are more than anybody reads
WORDS = {
    "integrated": "Share of the value that belongs to each owner, directly and through all others",
    "cumulated": "Who has the majority, votes of controlled organisations added",
    "npi": "Network Power Index: organisations decided by each will, if majorities form at random",
}


def add_control(commands, summary):
    """Add the command ``control`` to a parser's commands.

    Parameters
    ----------
    commands : object
        What :meth:`argparse.ArgumentParser.add_subparsers` returns.
    summary : str
        One line of help.

    Returns
    -------
    argparse.ArgumentParser

    Examples
    --------
    >>> import argparse
    >>> parser = argparse.ArgumentParser()
    >>> _ = add_control(parser.add_subparsers(), "compute who controls whom")
    >>> parser.parse_args(["control", "holdings.csv", "--measure", "npi"]).measure
    'npi'
    """
    from argparse import RawDescriptionHelpFormatter

    parser = commands.add_parser(
        "control",
        help=summary,
        description=summary.capitalize() + ".",
        epilog="HOLDINGS.csv has the columns owner, owned, share and, where they differ, votes.\n\nmeasures:\n"
        + "\n".join(f"  {name:<11} {words}" for name, words in WORDS.items()),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("holdings", type=Path, metavar="HOLDINGS.csv", help="comma-separated, UTF-8, with a header")
    parser.add_argument("--measure", choices=MEASURES, default="integrated")
    parser.add_argument(
        "--unit", choices=("fraction", "percent"), help="of the numbers (default: detected, or refused)"
    )
    parser.add_argument("--owner", action="append", metavar="NAME", help="only this owner; may be repeated")
    parser.add_argument("--threshold", metavar="P", help="votes to exceed for control (default: 0.5)")
    parser.add_argument(
        "--rest",
        choices=("one-holder", "no-votes"),
        help="npi: votes that nobody in the file holds belong to one unknown holder in each firm, or are never cast"
        " (default: one-holder)",
    )
    parser.add_argument("--draws", metavar="N", help="npi: take a sample of N draws (default: exact where possible)")
    parser.add_argument("--seed", metavar="N", help="npi: seed of the sample (default: 1)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)
    return parser


def run(options):
    """Answer one request on standard output.

    Parameters
    ----------
    options : argparse.Namespace
        From the parser of :func:`add_control`.

    Returns
    -------
    int
        0 for an answer; 2 after one message on standard error.
    """
    try:
        text = _answer(options)
    except InputError as error:
        _print(str(error), sys.stderr)
        return 2
    _print(text, sys.stdout)
    return 0


def _answer(options):
    threshold = _threshold(options)
    draws, seed = _sample(options)
    from platformlabour.networks import control

    holdings = control.read_holdings(options.holdings, unit=options.unit)
    for name in options.owner or ():
        holdings.index(name)
    notes = [f"numbers read as {'percentages' if holdings.unit == 'percent' else 'fractions'}"]
    circles = control.loops(holdings)
    notes += [f"holdings in a circle: {', '.join(group[:6])}" for group in circles[:5]]
    if options.measure == "integrated":
        frame, more = _integrated(control, holdings, options.owner, threshold)
    elif options.measure == "cumulated":
        frame, more = _cumulated(control, holdings, options.owner, threshold)
    else:
        frame, more = _power(control, holdings, options, draws, seed, bool(circles))
    notes += more
    if options.json:
        answer = {
            "measure": options.measure,
            "unit": holdings.unit,
            "organisations": len(holdings.names),
            "holdings": int(holdings.shares.nnz),
            "threshold": threshold,
            "circles": [list(group) for group in circles],
            "notes": notes,
            "rows": [{name: _plain(value) for name, value in row.items()} for row in frame.to_dict("records")],
        }
        return json.dumps(answer, indent=2, ensure_ascii=False, allow_nan=False)
    title = f"{WORDS[options.measure]}. {len(holdings.names):,} organisations, {holdings.shares.nnz:,} holdings."
    if frame.empty:
        return "\n\n".join([title, "Nobody in this file does.", *(f"Note: {note}." for note in notes)])
    table = frame.to_string(index=False, float_format=lambda x: f"{x:.4f}", na_rep="-", max_colwidth=60)
    return "\n\n".join([title, table, "\n".join(f"Note: {note}." for note in notes)])


def _integrated(control, holdings, owners, threshold):
    if owners is None and len(holdings.names) > LARGEST_TABLE:
        raise InputError(
            f"{len(holdings.names):,} organisations",
            f"--owner NAME, once or more; the table of all pairs is printed up to {LARGEST_TABLE:,}",
        )
    frame = control.compare(holdings, owners=owners, threshold=threshold)
    frame = frame.sort_values(["owner", "integrated", "firm"], ascending=[True, False, True], kind="stable")
    unknown = holdings.unaccounted()
    held = frame["firm"].map({name: unknown[position] for position, name in enumerate(holdings.names)})
    frame.insert(4, "unknown holders", held)
    return frame, ["integrated shares count every chain once; unknown holders: of the firm itself"]


def _cumulated(control, holdings, owners, threshold):
    frame = control.cumulated_control(holdings, threshold=threshold, owners=owners)
    notes = [f"control needs more than {threshold:g} of the votes"]
    if threshold < 0.5:
        notes.append("below one half several owners may control one firm")
    if owners is None:
        verdicts = control.ultimate_controllers(holdings, threshold=threshold)["verdict"].value_counts()
        notes += [f"{count:,} organisations: {verdict}" for verdict, count in sorted(verdicts.items())]
    return frame.sort_values(["owner", "firm"], kind="stable"), notes


def _power(control, holdings, options, draws, seed, circles):
    rest = (options.rest or "one-holder").replace("-", " ")
    why = ""
    if draws is None:
        try:
            power = control.network_power(holdings, rest=rest)
        except InputError as error:
            draws, why = 1000, f"no exact index, because of {error.found}"
    if draws is not None:
        power = control.sampled_network_power(holdings, draws=draws, seed=seed, rest=rest)
    frame = power.table if options.owner is None else power.table[power.table["organisation"].isin(options.owner)]
    frame = frame.drop(columns="flow") if frame["flow"].isna().all() else frame
    notes = [f"votes that nobody in the file holds: {rest}"]
    notes.append("exact" if power.draws is None else f"sample of {power.draws:,} draws, seed {seed}")
    return frame, [*([why] if why else []), *notes]


def _threshold(options):
    text = options.threshold if options.threshold is not None else "0.5"
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1:
        raise InputError(f"the threshold {text!r}", "a fraction of at least 0 and below 1, such as 0.5 or 0.25")
    return value


def _sample(options):
    for name in ("draws", "seed", "rest"):
        if getattr(options, name) is not None and options.measure != "npi":
            raise InputError(f"--{name} with the measure {options.measure}", f"--{name} only with --measure npi")
    draws = None if options.draws is None else _whole(options.draws, "draws", 2, 10_000_000)
    return draws, _whole(options.seed if options.seed is not None else "1", "seed", 0, 2**63)


def _whole(text, name, least, most):
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= most:
        raise InputError(f"--{name} {text}", f"a whole number from {least} to {most:,}")
    return int(text)


def _plain(value):
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _print(text, stream):
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        # Whoever reads the output has seen enough; the interpreter's own last flush must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except UnicodeEncodeError:
        # A terminal that cannot show a name shows question marks, not a traceback.
        print(text.encode(stream.encoding, "replace").decode(stream.encoding), file=stream)
