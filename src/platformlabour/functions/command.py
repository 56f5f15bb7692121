"""The commands ``platformlabour code`` and ``platformlabour agreement``."""

from __future__ import annotations

import json
import random

from platformlabour.errors import InputError

__all__ = ["add_agreement", "add_code"]


def add_code(commands, summary):
    """Add the command ``code`` to a parser's commands.

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
    >>> _ = add_code(parser.add_subparsers(), "code tasks")
    >>> parser.parse_args(["code", "--coder", "Ada", "--out", "ada.csv"]).out
    'ada.csv'
    """
    parser = commands.add_parser(
        "code",
        help=summary,
        description=summary.capitalize()
        + ". Every code is on the disk before the next task is shown; the same command "
        "goes on where a session stopped. Codes of other coders are never read.",
    )
    parser.add_argument(
        "items", nargs="?", metavar="ITEMS.csv", help="tasks: columns item, title and, if you like, text"
    )
    parser.add_argument("--table", metavar="NAME", help="tasks of a table of the report (default: coding-practice)")
    parser.add_argument(
        "--coder", required=True, metavar="NAME", help="your name or a pseudonym, as it stands in the file"
    )
    parser.add_argument("--out", required=True, metavar="FILE.csv", help="file of your codes; made or continued")
    parser.add_argument("--shuffle", type=int, metavar="SEED", help="another order of the tasks, fixed by the seed")
    parser.set_defaults(run=_code)
    return parser


def _code(options):
    from platformlabour.functions.codebook import load_codebook
    from platformlabour.functions.coding_session import items_from_table, read_items, run_session

    if options.items and options.table:
        raise InputError("a file of tasks and a table", "one of the two")
    items = read_items(options.items) if options.items else items_from_table(options.table or "coding-practice")
    if options.shuffle is not None:
        random.Random(options.shuffle).shuffle(items)
    run_session(items, options.out, coder=options.coder, codebook=load_codebook())
    return 0


def add_agreement(commands, summary):
    """Add the command ``agreement`` to a parser's commands.

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
    >>> _ = add_agreement(parser.add_subparsers(), "measure agreement")
    >>> parser.parse_args(["agreement", "a.csv", "b.csv", "--level", "ordinal"]).files
    ['a.csv', 'b.csv']
    """
    parser = commands.add_parser(
        "agreement",
        help=summary,
        description=summary.capitalize() + ". Files have the columns item, coder and code, one row a code; several are "
        "joined. A column second, where all have it, is judged together with the main code.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE.csv", help="codes; UTF-8, commas, with a header")
    parser.add_argument(
        "--level", default="nominal", metavar="LEVEL", help="nominal (default), ordinal, interval or ratio"
    )
    parser.add_argument("--replicates", default="2000", metavar="N", help="bootstrap samples of items (default: 2000)")
    parser.add_argument("--seed", default="0", metavar="N", help="of the bootstrap (default: 0)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_agreement)
    return parser


def _agreement(options):
    from platformlabour.functions.agreement_files import read_codes
    from platformlabour.functions.agreement_report import agreement_report, as_json, as_text

    if options.level not in ("nominal", "ordinal", "interval", "ratio"):
        raise InputError(f"the level {options.level!a}", "nominal, ordinal, interval or ratio")
    replicates = _whole(options.replicates, "replicates", 1, 1_000_000)
    seed = _whole(options.seed, "the seed", 0, 2**63 - 1)
    report = agreement_report(read_codes(options.files), level=options.level, replicates=replicates, seed=seed)
    print(json.dumps(as_json(report), indent=2, allow_nan=False) if options.json else as_text(report))
    return 0


def _whole(text, what, least, most):
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise InputError(f"{text[:20]!a} for {what}", f"a whole number from {least:,} to {most:,}")
    return int(text)
