"""The command ``platformlabour``: parse, call, print."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from platformlabour import __version__
from platformlabour.errors import InputError

__all__ = ["main"]


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        Arguments without the program's name; the process's own by default.

    Returns
    -------
    int
        0 on success, 1 when a build or a comparison failed, 2 on bad input.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    options = _parser(next((word for word in argv if not word.startswith("-")), None)).parse_args(argv)
    try:
        return options.run(options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; nothing was replaced.", file=sys.stderr)
        return 130
    except OSError as error:
        print(_system_fault(error), file=sys.stderr)
        return 1


def _parser(wanted=None):
    parser = argparse.ArgumentParser(
        prog="platformlabour", description="Counting, mapping and connecting platform labour."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    book = commands.add_parser("book", help="build the HTML and the PDF book")
    book.add_argument("--folder", type=Path, default=Path(), help="the report's checkout (default: here)")
    book.add_argument("--format", choices=("html", "pdf"), action="append", help="only this format")
    book.add_argument("--force", action="store_true", help="execute every chapter again")
    book.set_defaults(run=_book)
    data = commands.add_parser("data", help="check the tables, or seal them after a deliberate change")
    data.add_argument("action", choices=("check", "seal"))
    data.add_argument("--folder", type=Path, default=None, help="the data folder (default: the checkout's)")
    data.set_defaults(run=_data)
    verify = commands.add_parser("verify", help="compare the built book's results with the edition's reference")
    verify.add_argument("--folder", type=Path, default=Path(), help="the report's checkout (default: here)")
    verify.add_argument("--accept", action="store_true", help="make the built results the reference, deliberately")
    verify.set_defaults(run=_verify)
    for name, (summary, add) in _PARTS.items():
        if name == wanted:
            add(commands, summary)
        else:
            commands.add_parser(name, help=summary)
    return parser


def _add_estimate(commands, summary):
    from platformlabour.counting.recapture import command

    command.add_arguments(commands)


def _add_histories(commands, summary):
    from platformlabour.counting import histories

    patterns = commands.add_parser("histories", help=summary, description=summary.capitalize() + ".")
    histories.main_arguments(patterns)
    patterns.set_defaults(run=histories.run)


def _add_count(commands, summary):
    from platformlabour.counting.country import command

    command.add_count(commands, summary)


def _add_new_country(commands, summary):
    from platformlabour.counting.country import command

    command.add_new_country(commands, summary)


def _add_code(commands, summary):
    from platformlabour.functions import command

    command.add_code(commands, summary)


def _add_agreement(commands, summary):
    from platformlabour.functions import command

    command.add_agreement(commands, summary)


def _add_control(commands, summary):
    from platformlabour.networks import command

    command.add_control(commands, summary)


# Their modules take half a second to import: only the command that was asked for pays.
_PARTS = {
    "estimate": ("estimate the size of a population by capture-recapture", _add_estimate),
    "histories": ("reduce event logs to counts of capture patterns, without any id", _add_histories),
    "count": ("count a country's platform workers from a scenario, with a report", _add_count),
    "new-country": ("write a commented scenario to fill in for another country", _add_new_country),
    "code": ("code tasks by their function, in the terminal", _add_code),
    "agreement": ("measure how far coders agree", _add_agreement),
    "control": ("compute who controls whom from a table of holdings", _add_control),
}


def _book(options):
    from platformlabour.book.build import BuildFailed, build_book

    try:
        built = build_book(
            options.folder, formats=tuple(options.format or ("html", "pdf")), force=options.force, say=_say
        )
    except BuildFailed as error:
        print(error, file=sys.stderr)
        return 1
    for name, path in built.items():
        print(f"{name.upper():4} {path}")
    return 0


def _data(options):
    from platformlabour import tables

    if options.action == "seal":
        tables.seal(folder=options.folder)
        print("Sealed: sizes and hashes in datapackage.json match the tables.")
        return 0
    problems = tables.check_all(folder=options.folder)
    if problems:
        print(tables.report(problems), file=sys.stderr)
        return 2
    print(f"{len(tables.names(folder=options.folder))} tables: every byte, row and key is in order.")
    return 0


def _verify(options):
    from platformlabour.book.verify import accept, verify

    if options.accept:
        print(accept(options.folder))
        return 0
    same, report = verify(options.folder)
    print(report, file=sys.stdout if same else sys.stderr)
    return 0 if same else 1


def _say(line):
    print(line, flush=True)


def _system_fault(error):
    import errno

    if error.errno == errno.ENOSPC:
        return "The disk is full: free some space and run the command again. Nothing was replaced."
    name = f" {error.filename}" if error.filename else ""
    return f"The system refused{name}: {error.strerror or error}. Nothing was replaced."


if __name__ == "__main__":
    sys.exit(main())
