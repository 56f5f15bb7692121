"""The commands ``platformlabour count`` and ``platformlabour new-country``: parse, call, print."""

from __future__ import annotations

import json
import re
import sys
import threading
from pathlib import Path

from platformlabour.errors import InputError

__all__ = ["add_count", "add_new_country", "run_count", "run_new_country"]

QUIET_SECONDS = 2.0


def add_count(commands, summary):
    """Add the command ``count``.

    Parameters
    ----------
    commands : object
        What :meth:`argparse.ArgumentParser.add_subparsers` returns.
    summary : str

    Returns
    -------
    argparse.ArgumentParser
    """
    parser = commands.add_parser("count", help=summary, description=summary[:1].upper() + summary[1:] + ".")
    parser.add_argument("scenario", metavar="SCENARIO.toml", help="see platformlabour new-country")
    parser.add_argument("--out", metavar="FOLDER", help="folder of the report (default: the scenario's name, -report)")
    parser.add_argument("--json", action="store_true", help="print JSON; write a report only with --out")
    parser.add_argument("--seed", metavar="N", default=None, help="of the random draws (default: 2026)")
    parser.add_argument("--draws", metavar="N", default=None, help="a power of two (default: 65536)")
    parser.set_defaults(run=run_count)
    return parser


def add_new_country(commands, summary):
    """Add the command ``new-country``.

    Parameters
    ----------
    commands : object
        What :meth:`argparse.ArgumentParser.add_subparsers` returns.
    summary : str

    Returns
    -------
    argparse.ArgumentParser
    """
    parser = commands.add_parser("new-country", help=summary, description=summary[:1].upper() + summary[1:] + ".")
    parser.add_argument("name", metavar="NAME", help="ISO 3166 code or English name, such as PL or Poland")
    parser.add_argument("--folder", metavar="FOLDER", help="where to write it (default: the country's name)")
    parser.set_defaults(run=run_new_country)
    return parser


def run_count(options):
    """Count a scenario and write its report.

    Parameters
    ----------
    options : argparse.Namespace
        From the parser of :func:`add_count`.

    Returns
    -------
    int
        0, or 2 after the messages on bad input, when nothing was written.
    """
    try:
        with _Progress() as say:
            made, names, folder = _counted(options, say)
    except InputError as error:
        _print(str(error), sys.stderr)
        return 2
    if options.json:
        _print(json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False), sys.stdout)
        return 0
    from platformlabour.counting.country import paper
    from platformlabour.counting.country.blocks import published
    from platformlabour.counting.country.claims import verdict

    lines = [made["scenario"]["name"], *(f"  {line}" for line in made["answer"])]
    lines += [
        f"  Published: {published(row)} {row['circle']} ({row['source']}): {verdict(row)}." for row in made["claims"]
    ]
    lines += [f"  Note: {line}" for line in made["warnings"]]
    if made["missing"]:
        lines.append(f"  Missing, the costliest first: {', '.join(row['label'] for row in made['missing'])}.")
    lines.append(f"Report: {folder / names[0]} ({', '.join(names[1:])})")
    if "report.pdf" not in names:
        lines.append(paper.NO_LETTERS if paper.can_make_pdf() else paper.HOW_TO_GET_IT)
    _print("\n".join(lines), sys.stdout)
    return 0


def _counted(options, say):
    """The answer, the names of the files written, and their folder, ``None`` if none was asked for."""
    seed = _whole(options.seed, "--seed", 2026)
    draws = _whole(options.draws, "--draws", 2**16)
    from platformlabour.counting.country import answer, report, scenario

    say("Reading the scenario …")
    given = Path(options.scenario)
    asked = scenario.read_scenario(given)
    folder = None
    if options.out is not None or not options.json:
        folder = Path(options.out if options.out is not None else _default_name(given))
        try:
            report.check_folder(folder)
        except InputError as error:
            raise InputError(error.found, error.expected, file="--out") from None
    made = answer.compute(asked, draws=draws, seed=seed, say=say)
    return made, report.write_report(made, folder, say=say) if folder is not None else [], folder


def run_new_country(options):
    """Write the commented files of a new scenario.

    Parameters
    ----------
    options : argparse.Namespace
        From the parser of :func:`add_new_country`.

    Returns
    -------
    int
        0, or 2 after one message.
    """
    from platformlabour.counting.country.template import EXAMPLE, write_template

    try:
        folder = write_template(options.name, options.folder)
    except InputError as error:
        _print(str(error), sys.stderr)
        return 2
    lines = [
        f"Written: {folder} with {', '.join(EXAMPLE)}, and the French case in example-france.",
        f"Next: fill them in, then  platformlabour count {folder / EXAMPLE[0]}",
    ]
    _print("\n".join(lines), sys.stdout)
    return 0


def _default_name(path):
    stem = path.name if path.is_dir() else path.stem
    if stem == "scenario":
        stem = path.resolve().parent.name
    return f"{stem}-report"


def _whole(text, option, default):
    if text is None:
        return default
    if not re.fullmatch(r"-?[0-9]{1,40}", text):
        raise InputError(f"{text[:60]!r}", "a whole number, in digits", file=option)
    return int(text)


class _Progress:
    """A teller that keeps silent for what is over quickly, and says what is going on once it is not."""

    def __init__(self):
        self.line, self.late, self.lock = "", False, threading.Lock()
        self.timer = threading.Timer(QUIET_SECONDS, self._too_long)
        self.timer.daemon = True

    def __enter__(self):
        self.timer.start()
        return self

    def __exit__(self, *error):
        self.timer.cancel()

    def __call__(self, line):
        with self.lock:
            self.line = line
            if self.late:
                _print(line, sys.stderr)

    def _too_long(self):
        with self.lock:
            self.late = True
            if self.line:  # nothing is said yet while the modules load
                _print(self.line, sys.stderr)


def _print(text, stream):
    try:
        print(text, file=stream, flush=True)
    except UnicodeEncodeError:
        # A terminal that cannot show a name shows question marks, not a traceback.
        print(text.encode(stream.encoding, "replace").decode(stream.encoding), file=stream)
