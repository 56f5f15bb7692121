"""Rebuild the texts of the 608 tasks on this machine, from the packages and repositories they were read in.

    python tools/task_texts.py FILE.csv [--packages FOLDER] [--repositories FOLDER]

The report holds no text of others: only titles as names and its own summaries. This script brings the texts to a local
table (task_id, catalogue, title, text) for those who want to code or test them. It needs a network the first time, git,
and pip (or uv); packages are found by name and checked by SHA-256, repositories by the full identifier of the commit,
both as data/task-sources.csv records them. With --packages or --repositories, files and clones already there are used.
Mind the licences named in that table before passing the texts on.
"""

import argparse
import ast
import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import yaml

from platformlabour.errors import InputError
from platformlabour.tables import load

SKIPPED = {"script", "style", "head", "svg", "noscript"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
STRING = r"""(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|`([^`]*)`)"""  # a literal in JavaScript or Python
SPOKEN = ("header", "question")  # attributes that the forms show to the worker


def main():
    """Fetch, check, read and write."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("output", type=Path)
    options.add_argument("--packages", type=Path, help="folder with the package files, or where to put them")
    options.add_argument("--repositories", type=Path, help="folder with clones named owner+name, or where to put them")
    options = options.parse_args()
    if not options.output.parent.is_dir():
        sys.exit(f"There is no folder {options.output.parent}.")
    with tempfile.TemporaryDirectory() as scratch:
        packages = options.packages or Path(scratch, "packages")
        repositories = options.repositories or Path(scratch, "repositories")
        for folder in (packages, repositories):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            tasks, sources = load("tasks"), load("task-sources")
            texts = collect(tasks, sources, packages, repositories)
        except InputError as error:
            sys.exit(str(error))
    with options.output.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["task_id", "catalogue", "title", "text"])
        writer.writerows([row.task_id, row.catalogue, row.title, texts[row.task_id]] for row in tasks.itertuples())
    print(f"{len(tasks)} tasks written to {options.output}.")


def collect(tasks, sources, packages, repositories):
    """Text of every task, by its identifier."""
    read = {}
    for source in sources.itertuples():
        if source.form == "package":
            reader = package_reader(source, packages)
        else:
            reader = repository_reader(source, repositories)
        rows = tasks[tasks["catalogue"] == source.catalogue]
        if source.catalogue == "Mechanical Turk 2017":
            rows = rows[rows["locator"].str.endswith(source.version)]
        elif source.catalogue == "ParlAI":
            rows = (
                rows[rows["year"] == int(source.version_date[:4])]
                if source.form == "package"
                else rows[rows["locator"].str.endswith(".yaml")]
            )
        for row in rows.itertuples():
            path = row.locator.split(" at commit ")[0]
            text = EXTRACTORS[source.catalogue](reader(path), row)
            if not text.strip() and row.task_id not in WITHOUT_TEXT:
                raise InputError(f"no text for {row.task_id} in {path}", "the text that was read for this table")
            read[row.task_id] = text
    missing = sorted(set(tasks["task_id"]) - set(read))
    if missing:
        raise InputError(f"{len(missing)} tasks without a source, first {missing[0]}", "a row in task-sources for each")
    return read


# Where the bytes come from


def package_reader(source, folder):
    """A function from a path in the package to its text, once the package's checksum is right."""
    pattern = f"{source.name.replace('-', '_')}-{source.version}-*.whl"
    files = sorted(folder.glob(pattern))
    if not files:
        wanted = f"{source.name}=={source.version}"
        command = ["download", "--no-deps", "--dest", str(folder), wanted]
        for start in ([sys.executable, "-m", "pip"], ["pip"], ["uv", "tool", "run", "pip"]):
            if shutil.which(start[0]) and run([*start, *command]).returncode == 0:
                break
        files = sorted(folder.glob(pattern))
        if not files:
            found = f"that the package {wanted} could not be fetched"
            raise InputError(found, f"a network and pip or uv, or the file {pattern} in the folder given by --packages")
    digest = hashlib.sha256(files[0].read_bytes()).hexdigest()
    if digest != source.checksum:
        raise InputError(f"SHA-256 {digest}", f"{source.checksum}, the package that was read", file=files[0].name)
    archive = zipfile.ZipFile(files[0])
    return lambda path: archive.read(path).decode("utf-8", errors="replace")


def repository_reader(source, folder):
    """A function from a path in the repository to its text at the recorded commit."""
    name = source.name.replace("/", "+")
    clone = next((place for place in (folder / name / "repo", folder / name) if place.is_dir()), None)
    if clone is None:
        clone = folder / name
        address = f"https://github.com/{source.name}"
        if run(["git", "clone", "--quiet", "--bare", address, str(clone)]).returncode:
            found = f"that the repository {source.name} could not be cloned"
            raise InputError(found, f"a network and git, or a clone named {name} in the folder given by --repositories")
    if run(["git", "-C", str(clone), "cat-file", "-e", f"{source.checksum}^{{commit}}"]).returncode:
        raise InputError(f"no commit {source.checksum} in {name}", "a full clone that has it")

    def read(path):
        shown = run(["git", "-C", str(clone), "show", f"{source.checksum}:{path}"])
        if shown.returncode:
            raise InputError(f"no file {path!r} at {source.version}", "the file that was read", file=name)
        return shown.stdout

    return read


def run(command):
    """Run a program quietly; a program that is missing counts as failed."""
    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, "", "")


# What the worker reads


class VisibleText(HTMLParser):
    """The words of a form: text outside scripts and styles, and the attributes that the form shows."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.words, self.hidden = [], []

    def handle_starttag(self, tag, attrs):
        if tag in SKIPPED and tag not in VOID:
            self.hidden.append(tag)
        if not self.hidden:
            self.words += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag):
        if tag in self.hidden:
            del self.hidden[self.hidden.index(tag) :]

    def handle_data(self, data):
        if not self.hidden:
            self.words.append(data)


def visible_text(markup):
    """Words of a form, with places for data shown as an ellipsis in brackets."""
    markup = re.sub(r"\{%.*?%\}|<!--.*?-->", " ", markup, flags=re.DOTALL)
    markup = re.sub(r"\{\{.*?\}\}|\$\{[^}]*\}", " […] ", markup, flags=re.DOTALL)
    parser = VisibleText()
    parser.feed(markup)
    parser.close()
    return " ".join(" ".join(parser.words).split())


def form_text(content, row):
    """A form in HTML."""
    return visible_text(content)


def label_studio_text(content, row):
    """The heading of a template, and the words on its labels."""
    template = yaml.safe_load(content)
    heading = re.search(r"<h1>(.*?)</h1>", template.get("details", ""), re.DOTALL)
    markup = re.sub(r"<!--.*?-->", " ", template.get("config", ""), flags=re.DOTALL)
    labels = re.findall(r'<(?:Label|Choice|Header)\b[^>]*?\bvalue="([^"$]+)"', markup)
    return " ".join([visible_text(heading[1]) if heading else "", *labels]).strip()


def listing_text(content, row):
    """Title and description of one listing among many."""
    wanted = row.task_id.split("-", 1)[1]
    for part in re.split(r"(?=\btitle:\s*['\"`])", content)[1:]:
        title = plain(re.match(r"title:\s*" + STRING, part))
        if hashlib.sha1(re.sub(r"\W+", " ", title.lower()).strip().encode()).hexdigest()[:10] == wanted:
            description = plain(re.search(r"description:\s*" + STRING, part))
            return f"{title}. {description}".strip()
    return ""


def plain(match):
    """A string literal of the listing without its escapes."""
    text = next((group for group in match.groups() if group is not None), "") if match else ""
    return " ".join(re.sub(r"\\(.)", lambda m: " " if m[1] == "n" else m[1], text).split())


def parlai_text(content, row):
    """Title and descriptions of a dialogue task, from a Python or YAML configuration."""
    if row.locator.endswith(".yaml"):
        task = yaml.safe_load(content)["mephisto"]["task"]
        return visible_text(" ".join(str(task.get(key) or "") for key in ("task_title", "task_description")))
    words = {}
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            key = node.targets[0].slice
            strings = [leaf.value for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant)]
            if isinstance(key, ast.Constant):
                words[key.value] = " ".join(str(text) for text in strings if isinstance(text, str))
    return visible_text(" ".join(words.get(key, "") for key in ("hit_title", "hit_description", "task_description")))


def toloka_text(content, row):
    """Public name and description of a project, from a notebook or a configuration."""
    source = json.loads(content)
    if "cells" in source:
        source = "".join(line for cell in source["cells"] if cell["cell_type"] == "code" for line in cell["source"])
        names = list(re.finditer(r"public_name\s*=\s*" + STRING, source))
        chosen = next((name for name in names if plain(name) == row.title), names[0] if names else None)
        if chosen is None:
            return row.title
        description = plain(re.search(r"public_description\s*=\s*" + STRING, source[chosen.start() :]))
        return f"{plain(chosen)}. {description}"
    return f"{source['public_name']}. {source.get('public_description', '')}".strip()


def open_assistant_text(content, row):
    """Label, description and overview of a task."""
    task = json.loads(content)[row.task_id.split("-", 1)[1]]
    return " ".join(task.get(key, "") for key in ("label", "desc", "overview"))


def argilla_text(content, row):
    """Guidelines and questions of one kind of data set."""
    wanted = "for_" + row.task_id.split("-", 1)[1]
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.FunctionDef) and node.name == wanted:
            guidelines, questions = "", []
            for leaf in ast.walk(node):
                if isinstance(leaf, ast.Assign) and getattr(leaf.targets[0], "id", "") == "default_guidelines":
                    guidelines = " ".join(c.value for c in ast.walk(leaf.value) if isinstance(c, ast.Constant))
                if isinstance(leaf, ast.keyword) and leaf.arg == "description" and isinstance(leaf.value, ast.Constant):
                    questions.append(str(leaf.value.value))
            return " ".join([guidelines, *questions])
    return ""


EXTRACTORS = {
    "Label Studio": label_studio_text,
    "Ground Truth": form_text,
    "Augmented AI": form_text,
    "TurkingBench": form_text,
    "Mechanical Turk 2017": listing_text,
    "ParlAI": parlai_text,
    "Toloka": toloka_text,
    "Open Assistant": open_assistant_text,
    "Argilla": argilla_text,
}
WITHOUT_TEXT = {"AWSGT-other/blank"}  # tasks whose form shows nothing before the requester fills it

if __name__ == "__main__":
    main()
