"""Write requirements.lock: every package the book and its tests need, pinned, with hashes, naming no host.

    python tools/lock.py [--upgrade]

Needs uv and a network.  Pins that still fit are kept; --upgrade moves all of them to the newest that fit.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = """\
# Every package the book and its tests need, for Python 3.11 to 3.13 on any system, with the hashes of its files.
# Written by `make lock` from pyproject.toml; do not edit.
"""


def lock_command(project, output, *, upgrade=False):
    """Return the uv command that resolves `project` into `output`."""
    return [
        *("uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
        *("--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header"),
        *("--extra", "book", "--extra", "functions", "--extra", "logs", "--extra", "dev"),
        *(["--upgrade"] if upgrade else []),
        *(str(project), "--output-file", str(output)),
    ]


def write_lock(root=ROOT, *, upgrade=False):
    """Resolve the dependencies and replace requirements.lock; it stays untouched when that fails."""
    lock = root / "requirements.lock"
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "requirements.lock"
        if lock.exists():
            draft.write_bytes(lock.read_bytes())
        done = subprocess.run(lock_command(root / "pyproject.toml", draft, upgrade=upgrade), check=False)
        if done.returncode != 0:
            return done.returncode
        pins = "".join(line for line in draft.read_text("utf-8").splitlines(True) if not line.startswith("#"))
    replacement = lock.with_suffix(".lock.new")
    replacement.write_text(HEADER + pins, "utf-8")
    os.replace(replacement, lock)
    return 0


def main():
    """Parse the command line, write the lock, and return the exit status."""
    parser = argparse.ArgumentParser(description="Write requirements.lock from pyproject.toml with uv.")
    parser.add_argument("--upgrade", action="store_true", help="move every pin to the newest version that fits")
    options = parser.parse_args()
    try:
        return write_lock(upgrade=options.upgrade)
    except FileNotFoundError:
        print("uv is not on PATH, and only uv can write a lock for all systems at once. Install uv.", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
