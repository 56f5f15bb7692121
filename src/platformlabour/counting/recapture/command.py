"""The command ``platformlabour estimate``: a file and a model in, a reading for people or JSON out."""

from __future__ import annotations

import json
import math
import os
import sys
import textwrap

from platformlabour.counting.recapture.kinds import KINDS
from platformlabour.errors import InputError

__all__ = ["add_arguments", "as_json", "as_text", "run"]

WIDTH = 100


def add_arguments(subparsers):
    """Add the command ``estimate`` to a parser's commands.

    Parameters
    ----------
    subparsers : object
        What :meth:`argparse.ArgumentParser.add_subparsers` returns.

    Returns
    -------
    argparse.ArgumentParser
        The command's own parser, whose ``run`` is :func:`run`.

    Examples
    --------
    >>> import argparse
    >>> parser = argparse.ArgumentParser()
    >>> _ = add_arguments(parser.add_subparsers())
    >>> parser.parse_args(["estimate", "closed", "--model", "Mt", "--data", "seen.csv"]).model
    'Mt'
    """
    from argparse import RawDescriptionHelpFormatter

    parser = subparsers.add_parser(
        "estimate",
        help="estimate the size of a population by capture-recapture",
        description="Estimate the size of a population from a CSV file by capture-recapture.",
        epilog="files:\n" + "\n".join(f"  {kind:<12} {holds}" for kind, holds in KINDS.items()),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("kind", nargs="?", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--model", metavar="NAME", help="name of the model; --models lists them")
    parser.add_argument("--data", metavar="FILE.csv", help="comma-separated, UTF-8, with a header")
    parser.add_argument("--formula", metavar="F", help='such as "times ~ age + nation", or "a + b + c + a:b" for lists')
    parser.add_argument("--bias-corrected", action="store_true", help="the form for small samples")
    parser.add_argument("--level", default="0.95", metavar="P", help="coverage of the interval (default: 0.95)")
    parser.add_argument("--occasions", metavar="T", help="for frequencies: occasions on which anybody could be seen")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--models", action="store_true", help="list the models, with their assumptions, and stop")
    parser.set_defaults(run=run)
    return parser


def run(options):
    """Answer one request on standard output.

    Parameters
    ----------
    options : argparse.Namespace
        From the parser of :func:`add_arguments`.

    Returns
    -------
    int
        0 for an answer, whatever its status; 2 after one message on standard error.
    """
    try:
        text = _answer(options)
    except InputError as error:
        _print(str(error), sys.stderr)
        return 2
    _print(text, sys.stdout)
    return 0


def _answer(options):
    if options.kind is not None and options.kind not in KINDS:
        raise InputError(f"the kind {options.kind!r}", f"one of {', '.join(KINDS)}")
    if options.models:
        return _models(options)
    if options.kind is None:
        raise InputError("no kind of file", f"one of {', '.join(KINDS)}, or --models")
    if options.data is None:
        raise InputError("no file", "--data FILE.csv")
    level = _number(options.level, float, "the level", "a number between 0 and 1, such as 0.95")
    occasions = None
    if options.occasions is not None:
        occasions = _number(options.occasions, int, "the number of occasions", "a whole number of 2 or more")
    from platformlabour.counting.recapture.suite import answer_file

    answer = answer_file(
        options.kind,
        options.data,
        options.model,
        formula=options.formula,
        bias_corrected=options.bias_corrected,
        level=level,
        occasions=occasions,
    )
    return json.dumps(as_json(answer), indent=2, allow_nan=False) if options.json else as_text(answer)


def _number(text, kind, what, expected):
    try:
        return kind(text)
    except ValueError:
        raise InputError(f"{what} {text!r}", expected) from None


def as_json(answer):
    """An answer as a mapping that JSON can hold, with ``None`` for whatever is absent.

    Parameters
    ----------
    answer : suite.Answer

    Returns
    -------
    dict
        ``estimate, se, interval, level, loglik, aic, df, observed, model, status, warnings``; then ``kind, sentence,
        bound, unit, estimand, method, interval_kind, assumptions, on_trust`` and, for open populations, ``occasions``.
        An upper limit of ``None`` within the interval means that there is none.
    """
    from platformlabour.counting.recapture.suite import sentence

    found = answer.estimate
    out = {
        "estimate": _finite(found.value),
        "se": _finite(found.standard_error),
        "interval": None if found.interval is None else [_finite(limit) for limit in found.interval],
        "level": found.level,
        "loglik": _finite(found.loglik),
        "aic": _finite(found.aic),
        "df": found.df,
        "observed": found.observed,
        "model": answer.model,
        "status": found.status,
        "warnings": list(found.warnings),
        "kind": answer.kind,
        "sentence": sentence(found),
        "bound": found.bound,
        "unit": found.unit,
        "estimand": found.estimand,
        "method": found.method,
        "interval_kind": found.interval_kind or None,
        "assumptions": list(found.assumptions),
        "on_trust": list(answer.on_trust),
    }
    if answer.occasions is not None:
        out["occasions"] = [
            {name: _finite(value) for name, value in row.items()} for row in answer.occasions.to_dict("records")
        ]
    return out


def _finite(value):
    value = value.item() if hasattr(value, "item") else value
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_text(answer):
    """An answer as a short block for people, the reading first.

    Parameters
    ----------
    answer : suite.Answer

    Returns
    -------
    str
    """
    from platformlabour.counting.recapture.suite import sentence

    found = answer.estimate
    rows = [("model", f"{answer.model} ({found.method})")]
    if found.value is not None:
        error = "" if found.standard_error is None else f", standard error {found.standard_error:,.1f}"
        rows.append(("estimate", f"{found.value:,.1f} {found.unit}{error}"))
    if found.interval is not None:
        low, high = found.interval
        upper = f"{high:,.1f}" if math.isfinite(high) else "no upper limit"
        rows.append((f"{100 * found.level:g}% interval", f"{low:,.1f} to {upper} ({found.interval_kind})"))
    if found.loglik is not None:
        parts = [f"log-likelihood {found.loglik:,.3f}"]
        parts += [] if found.aic is None else [f"AIC {found.aic:,.3f}"]
        parts += [] if found.df is None else [f"{found.df:,} residual degrees of freedom"]
        rows.append(("fit", ", ".join(parts)))
    loud = {"ok": "ok", "boundary": "BOUNDARY: a part of the model is at its limit"}
    rows.append(("status", loud.get(found.status, f"{found.status.upper()}: do not use this result")))
    label = max(len(name) for name, _ in rows)
    blocks = [
        textwrap.fill(sentence(found), WIDTH),
        "\n".join(
            textwrap.fill(f"{name:<{label}}  {text}", WIDTH, initial_indent="  ", subsequent_indent=" " * (label + 4))
            for name, text in rows
        ),
    ]
    if answer.occasions is not None:
        table = answer.occasions.to_string(index=False, na_rep="-", float_format=lambda x: f"{x:,.3f}")
        blocks.append("Occasions\n" + textwrap.indent(table, "  "))
    blocks += [
        _bullets(title, words)
        for title, words in (
            ("Warnings", found.warnings),
            ("Assumptions", found.assumptions),
            ("Only you can know, for no data of this kind can show it", answer.on_trust),
        )
    ]
    return "\n\n".join(block for block in blocks if block)


def _bullets(title, words):
    if not words:
        return ""
    return "\n".join(
        [title, *(textwrap.fill(f"- {line}", WIDTH, initial_indent="  ", subsequent_indent="    ") for line in words)]
    )


def _models(options):
    from platformlabour.counting.recapture.suite import models

    table = models(options.kind)
    if options.json:
        return json.dumps(table.to_dict("records"), indent=2, allow_nan=False)
    blocks = []
    for kind, group in table.groupby("kind", sort=False):
        lines = [textwrap.fill(f"{kind}: {KINDS[kind]}", WIDTH, subsequent_indent="  ")]
        for row in group.itertuples(index=False):
            needs = row.needs.removeprefix(KINDS[kind]).removeprefix("; ")
            notes = [
                row.gives,
                f"needs {needs}" if needs else "",
                "has a bias-corrected form" if row.bias_corrected else "",
            ]
            lines.append("")
            lines.append(
                textwrap.fill(
                    f"{row.model}: {'; '.join(filter(None, notes))}",
                    WIDTH,
                    initial_indent="  ",
                    subsequent_indent="    ",
                )
            )
            lines.append(
                textwrap.fill(f"assumes: {row.assumptions}.", WIDTH, initial_indent="    ", subsequent_indent="      ")
            )
        blocks.append("\n".join(lines))
    return "\n\n\n".join(blocks)


def _print(text, stream):
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        # Whoever reads the output has seen enough; the interpreter's own last flush must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except UnicodeEncodeError:
        # A terminal that cannot show a name shows question marks, not a traceback.
        print(text.encode(stream.encoding, "replace").decode(stream.encoding), file=stream)
