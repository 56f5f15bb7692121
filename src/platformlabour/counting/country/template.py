"""A scenario to fill in: commented files for one country, with the French case beside them as an example."""

from __future__ import annotations

import shutil
import tempfile
from importlib import resources
from pathlib import Path

from platformlabour.counting.country.codes import NAMES, country_code
from platformlabour.counting.country.inputs import FACTORS
from platformlabour.errors import InputError

__all__ = ["EXAMPLE", "write_template"]

EXAMPLE = ("scenario.toml", "platforms.csv", "sources.csv")


def write_template(name, folder=None):
    """Write the files of a new scenario.

    Parameters
    ----------
    name : str
        Country, by ISO 3166-1 code or English name.
    folder : path, optional
        Made by this function; the country's name in lower case by default.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        If the country is unknown, or there is a file or folder of that name already.
    """
    code = country_code(name)
    folder = Path(folder) if folder is not None else Path(_folder_name(NAMES[code]))
    if not str(folder).isprintable():
        raise InputError(f"the folder's name {str(folder)[:80]!r}", "a name of visible characters")
    if folder.exists() or folder.is_symlink():
        raise InputError(f"{str(folder)!r}, which exists already", "a name that is free: nothing is ever overwritten")
    parent = folder.resolve().parent
    if not parent.is_dir():
        raise InputError(f"no folder {parent.name!r}", "a folder that exists, in which the new one is made")
    texts = resources.files(__package__).joinpath("templates")
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=parent))
    try:
        made = draft / "new"
        made.mkdir()
        replaced = {
            "@COUNTRY@": NAMES[code],
            "@CODE@": code,
            "@FOLDER@": folder.name,
            "@FACTORS@": _factors(),
        }
        for file in EXAMPLE:
            text = texts.joinpath(f"new/{file}").read_text(encoding="utf-8")
            for mark, words in replaced.items():
                text = text.replace(mark, words)
            (made / file).write_text(text, encoding="utf-8", newline="\n")
        (made / "example-france").mkdir()
        for file in EXAMPLE:
            text = texts.joinpath(f"france/{file}").read_text(encoding="utf-8")
            (made / "example-france" / file).write_text(text, encoding="utf-8", newline="\n")
        made.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _folder_name(country):
    letters = "".join(letter if letter.isalnum() else "-" for letter in country.casefold())
    return "-".join(part for part in letters.split("-") if part)


def _factors():
    """Every factor with its meaning and default, as remarks to take the marks off."""
    blocks = []
    for factor in FACTORS.values():
        name, parameters = factor.default
        lines = [
            f"# {factor.meaning}",
            f"# If it is left out: {name}, {', '.join(f'{key} {value:g}' for key, value in parameters.items())}, "
            f"because {factor.reason}.",
            f"#[factors.{factor.name}]",
            f'#distribution = "{name}"',
            *(f"#{key} = {value}" for key, value in parameters.items()),
        ]
        if factor.name.startswith("multi_homing"):
            lines.append('#route = "unknown"')
        lines += [
            '#kind = "assumed"',
            '#evidence = "assumed"',
            '#note = "why this range and no other"',
        ]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)
