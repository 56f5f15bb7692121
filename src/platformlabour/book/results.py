"""Results on their way through the book: collected from cells, shown in prose, written to ``results.json``."""

from __future__ import annotations

import json
from pathlib import Path

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.nodes import make_refnode

from platformlabour.book.record import KEY_PATTERN
from platformlabour.errors import InputError
from platformlabour.estimate import FORMS, Estimate

__all__ = ["CollectResults", "gathered", "setup"]

log = logging.getLogger(__name__)


class recorded(nodes.Invisible, nodes.Element):
    """A result or a check in a cell's output, until it is collected."""


class pending_number(nodes.Inline, nodes.Element):
    """A number in prose before all chapters have been read."""


class number(nodes.inline):
    """A number in prose; in HTML it names its result, for whoever wants to trace it."""


def gathered(env):
    """Every result recorded by the chapters read so far: key to ``(docname, payload)``."""
    if not hasattr(env, "platformlabour_results"):
        env.platformlabour_results = {}
    return {
        key: (docname, payload)
        for docname, entries in sorted(env.platformlabour_results.items())
        for key, payload in entries.items()
    }


def estimate_of(env, key):
    """The estimate recorded under a key, or ``None``."""
    entry = gathered(env).get(key)
    return Estimate.from_dict(entry[1]["result"]) if entry and "result" in entry[1] else None


class NumberRole(SphinxRole):
    """``{num}`counting.mturk.chao``` or, with a form, ``{num}`counting.mturk.chao:interval```."""

    def run(self):
        key, _, form = self.text.partition(":")
        form = form or "value"
        if not KEY_PATTERN.fullmatch(key) or form not in FORMS:
            message = self.inliner.reporter.error(
                f"the role num cannot show {self.text!r}: write KEY or KEY:FORM with a form out of {', '.join(FORMS)}",
                line=self.lineno,
            )
            return [], [message]
        node = pending_number(key=key, form=form)
        self.set_source_info(node)
        return [node], []


class HoldsRole(SphinxRole):
    """``{holds}`most workers <counting.mturk.most_seen_once>```: words that a named check in code must bear out."""

    def run(self):
        words, _, key = self.text.rpartition("<")
        key = key.rstrip(">").strip()
        if not words.strip() or not KEY_PATTERN.fullmatch(key):
            message = self.inliner.reporter.error(
                f"the role holds cannot read {self.text!r}: write WORDS <KEY>", line=self.lineno
            )
            return [], [message]
        node = pending_number(key=key, form="", words=words.strip())
        self.set_source_info(node)
        return [node], []


class CollectResults(SphinxTransform):
    """Move results from the cells' outputs to the environment, and drop the outputs left empty."""

    default_priority = 300

    def apply(self, **kwargs):
        entries = {}
        for node in list(self.document.findall(recorded)):
            payload = node["payload"]
            key = payload["key"]
            if key in entries:
                log.warning(
                    "the result %r is recorded twice in this chapter", key, location=node, type="platformlabour"
                )
            entries[key] = payload
            _remove_with_empty_parents(node)
        gathered(self.env)
        self.env.platformlabour_results[self.env.docname] = entries


def _remove_with_empty_parents(node):
    while node.parent is not None and isinstance(node, (recorded, nodes.container)):
        parent = node.parent
        parent.remove(node)
        if parent.children:
            return
        node = parent


class ResolveNumbers(SphinxPostTransform):
    """Put the numbers into the prose, whichever chapter computed them."""

    default_priority = 3  # before myst-nb chooses among outputs and before captions are numbered

    def run(self, **kwargs):
        results = gathered(self.env)
        for node in list(self.document.findall(pending_number)):
            node.replace_self(self._resolve(node, results))

    def _resolve(self, node, results):
        key, form = node["key"], node["form"]
        if key not in results:
            log.warning("no chapter records the result %r", key, location=node, type="platformlabour")
            return nodes.inline("", f"[{key}?]", classes=["num"])
        payload = results[key][1]
        if "words" in node:
            if not payload.get("holds", False):
                log.warning(
                    "the text says %r, but the check %r does not hold",
                    node["words"],
                    key,
                    location=node,
                    type="platformlabour",
                )
            return nodes.inline("", node["words"], classes=["holds"])
        if "result" not in payload:
            log.warning("%r is a check, not a number", key, location=node, type="platformlabour")
            return nodes.inline("", f"[{key}?]", classes=["num"])
        try:
            estimate = Estimate.from_dict(payload["result"])
            text = estimate.text(form)
        except InputError as error:
            log.warning("cannot show %r: %s", key, error, location=node, type="platformlabour")
            text = f"[{key}?]"
        return number("", text, classes=["num"], key=key)


class results_table(nodes.General, nodes.Element):
    """Stands where the table of all results will be."""


class ResultsTableDirective(SphinxDirective):
    """``{results-table}``: every number the chapters record."""

    def run(self):
        return [results_table()]


class ResolveResultsTable(SphinxPostTransform):
    """The table of every recorded number, with the chapter that computes it."""

    default_priority = 4

    def run(self, **kwargs):
        for node in list(self.document.findall(results_table)):
            node.replace_self(self._table())

    def _table(self):
        from platformlabour.book.extension import docutils_table

        rows = []
        for key, (docname, payload) in sorted(gathered(self.env).items()):
            if "result" not in payload:
                continue
            estimate = Estimate.from_dict(payload["result"])
            title = self.env.titles[docname].astext() if docname in self.env.titles else docname
            chapter = nodes.paragraph(
                "",
                "",
                make_refnode(self.app.builder, self.env.docname, docname, "", nodes.Text(title)),
            )
            meaning = f"{estimate.estimand}; {estimate.method}" + (" (simulated)" if estimate.simulated else "")
            if estimate.value is None:
                shown = estimate.status
            elif estimate.unit == "share":
                shown = estimate.text("percent")
            else:
                shown = f"{estimate.text('exact')} {estimate.unit}"
            if estimate.interval is not None and estimate.value is not None:
                form = "percent-interval" if estimate.unit == "share" else "interval"
                kind = "range" if estimate.level is None else f"{100 * estimate.level:g}% interval"
                shown += f" ({kind} {estimate.text(form)})"
            rows.append([nodes.literal("", key), nodes.Text(shown), nodes.Text(meaning), chapter])
        return docutils_table(
            ["Key", "Result", "What it is", "Computed in"], rows, widths=[30, 22, 33, 15], classes=["results"]
        )


def write_results(app, exception):
    """Write ``results.json`` beside the pages once the build has succeeded."""
    if exception is not None or app.builder.format != "html":
        return
    out = {}
    for key, (docname, payload) in sorted(gathered(app.env).items()):
        out[key] = {"chapter": docname, **({"holds": payload["holds"]} if "holds" in payload else payload["result"])}
    path = Path(app.outdir) / "results.json"
    path.write_text(
        json.dumps({"edition": app.config.version, "results": out}, indent=1, sort_keys=True, ensure_ascii=False)
        + "\n",
        encoding="utf-8",
    )


def purge(app, env, docname):
    """Forget a chapter's results before it is read again."""
    gathered(env)
    env.platformlabour_results.pop(docname, None)


def merge(app, env, docnames, other):
    """Take over the results of chapters read in another process."""
    gathered(env)
    for docname in docnames:
        if docname in getattr(other, "platformlabour_results", {}):
            env.platformlabour_results[docname] = other.platformlabour_results[docname]


def rewrite_dependants(app, env):
    """Pages that show numbers of other chapters are written again when any number changed."""
    state = json.dumps({k: v[1] for k, v in gathered(env).items()}, sort_keys=True)
    changed = state != getattr(env, "platformlabour_results_state", None)
    env.platformlabour_results_state = state
    return sorted(env.found_docs) if changed else []


def check_unique_keys(app, env):
    """Warn where two chapters record the same key."""
    owners = {}
    for docname, entries in sorted(
        env.platformlabour_results.items() if hasattr(env, "platformlabour_results") else ()
    ):
        for key in entries:
            if key in owners:
                log.warning(
                    "the result %r is recorded by %s and by %s", key, owners[key], docname, type="platformlabour"
                )
            owners[key] = docname


def _visit_number_html(self, node):
    self.body.append(f'<data class="num" value="{self.attval(node["key"])}">')


def _depart_number_html(self, node):
    self.body.append("</data>")


def setup(app):
    """Register nodes, roles and events."""
    app.add_node(number, html=(_visit_number_html, _depart_number_html))
    app.add_node(results_table)
    app.add_role("num", NumberRole())
    app.add_role("holds", HoldsRole())
    app.add_directive("results-table", ResultsTableDirective)
    app.add_transform(CollectResults)
    app.add_post_transform(ResolveNumbers)
    app.add_post_transform(ResolveResultsTable)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", rewrite_dependants)
    app.connect("env-check-consistency", check_unique_keys)
    app.connect("build-finished", write_results)
