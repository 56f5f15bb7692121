"""What a reviewer needs to confirm a rerun: inputs, outputs and results, each with its fingerprint."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from platformlabour.book import results

__all__ = ["certificate", "setup"]

_LIBRARIES = ("numpy", "scipy", "pandas", "networkx", "matplotlib", "sphinx", "myst-nb", "jupyter-book", "typst")


def certificate(env, *, edition):
    """The facts of a build, chapter by chapter, in a form that two machines can compare.

    Nothing in it depends on the time or the place of the build, so that two reruns of one commit with one set of
    libraries give the same file.

    Parameters
    ----------
    env : BuildEnvironment
        After every chapter has been read.
    edition : str

    Returns
    -------
    dict
        ``edition``, ``inputs`` (file to SHA-256), ``software`` (name to version) and ``chapters``: for each the
        SHA-256 of its source, its results and the data behind its figures.
    """
    root = Path(env.srcdir)
    inputs = sorted(path for pattern in ("data/*", "requirements.lock") for path in root.glob(pattern))
    chapters = {}
    for key, (docname, payload) in results.gathered(env).items():
        chapters.setdefault(docname, {"results": {}, "figures": {}})["results"][key] = _fingerprint(
            json.dumps(payload, sort_keys=True).encode()
        )
    for docname, files in getattr(env, "platformlabour_figure_data", {}).items():
        for name, text in files.items():
            chapters.setdefault(docname, {"results": {}, "figures": {}})["figures"][name] = _fingerprint(text.encode())
    for docname, entry in chapters.items():
        entry["source"] = _fingerprint(Path(env.doc2path(docname)).read_bytes())
    return {
        "edition": edition,
        "inputs": {path.relative_to(root).as_posix(): _fingerprint(path.read_bytes()) for path in inputs},
        "software": {
            "python": ".".join(map(str, sys.version_info[:3])),
            "machine": platform.machine(),
            **{name: version(name) for name in _LIBRARIES},
        },
        "chapters": chapters,
    }


def _fingerprint(raw):
    return hashlib.sha256(raw).hexdigest()


def _write(app, exception):
    if exception is not None or app.builder.format != "html":
        return
    facts = certificate(app.env, edition=app.config.version)
    path = Path(app.outdir) / "certificate.json"
    path.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def setup(app):
    """Write the certificate beside the pages."""
    app.connect("build-finished", _write)
