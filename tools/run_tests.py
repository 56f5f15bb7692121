"""Run every gate of the project in order and end with a summary.  `make test` is the way in.

The order goes from quick to slow: style, import contracts, spelling; unit, doctest, data and bad-input tests; a
clean build of the book with warnings as errors; the comparison of its results with the edition's reference; the tests
of the built pages.  A failed gate does not stop the later ones, so that one run shows all that is wrong; only what
needs the book is left out when its build failed.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = "book builds from nothing"

# Name of the gate, the module or command in the environment, its arguments.
GATES = [
    ("style", "ruff", ["check", "."]),
    ("format", "ruff", ["format", "--check", "."]),
    ("import contracts", "lint-imports", []),
    ("spelling", "codespell", []),
    ("unit, doctest, data and bad-input tests", "pytest", ["-n", "auto", "-m", "not built"]),
    (BUILD, "platformlabour", ["book"]),
    ("results equal to the edition's reference", "platformlabour", ["verify"]),
    ("tests of the built book", "pytest", ["tests/book/built", "-m", "built"]),
]


def command_path(name, *, scripts=None):
    """Return the full path of a command of the running interpreter's environment."""
    folder = Path(sys.executable).parent if scripts is None else Path(scripts)
    return str(folder / (name + (".exe" if os.name == "nt" else "")))


def gate_environment():
    """Return the environment in which each gate runs: no display, no terminal, fixed hash seed."""
    return {**os.environ, "MPLBACKEND": "Agg", "PYTHONHASHSEED": "0", "PYTHONUNBUFFERED": "1"}


def run_gate(name, command, arguments):
    """Run one gate with its output visible; return whether it passed."""
    print(f"\n=== {name}: {command} {' '.join(arguments)}", flush=True)
    try:
        done = subprocess.run(
            [command_path(command), *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            env=gate_environment(),
            check=False,
        )
    except OSError as error:
        print(f"{command} does not start: {error.strerror}. Remake the environment: make clean environment", flush=True)
        return False
    return done.returncode == 0


def run_gates(gates=GATES, *, run=run_gate, clean=None):
    """Run the gates in order and return a list of (name, outcome, seconds)."""
    outcomes = []
    build_failed = False
    for name, command, arguments in gates:
        started = time.monotonic()
        if build_failed:
            outcomes.append((name, "not run", 0.0))
            continue
        if name == BUILD:
            (clean or remove_build)()
        passed = run(name, command, arguments)
        build_failed = name == BUILD and not passed
        outcomes.append((name, "passed" if passed else "FAILED", time.monotonic() - started))
    return outcomes


def remove_build():
    """Remove the built book and its execution cache, which does not notice changes in src/ or data/."""
    shutil.rmtree(ROOT / "_build", ignore_errors=True)


def summary(outcomes):
    """Return the closing table and verdict as text."""
    lines = ["", "=== summary"]
    lines += [f"{outcome:8} {seconds:6.1f} s  {name}" for name, outcome, seconds in outcomes]
    failed = sum(outcome == "FAILED" for _, outcome, _ in outcomes)
    left_out = sum(outcome == "not run" for _, outcome, _ in outcomes)
    verdict = f"{failed} of {len(outcomes)} gates failed, {left_out} not run" if failed else "all gates passed"
    return "\n".join([*lines, f"{verdict} in {sum(seconds for *_, seconds in outcomes):.0f} s"])


def main():
    """Run all gates, print the summary, and return the exit status."""
    outcomes = run_gates()
    print(summary(outcomes), flush=True)
    return 0 if all(outcome == "passed" for _, outcome, _ in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
