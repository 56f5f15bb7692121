"""The claims ledger: each published figure, where it stands, and what became of it when recomputed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from platformlabour.book import results
from platformlabour.errors import InputError

__all__ = ["Outcome", "compare", "setup", "value_text"]

log = logging.getLogger(__name__)

COMPARED = ("reproduced", "within tolerance", "differs")
EVIDENCE = {
    "seen": "read in the document cited",
    "secondary": "read in a document that quotes the one cited",
    "derived": "our arithmetic on published figures",
    "digitised": "read off a published drawing",
}


@dataclass(frozen=True)
class Outcome:
    """How a recomputation compares with the figure published.

    Parameters
    ----------
    status : str
        ``"reproduced"``, ``"within tolerance"`` or ``"differs"``.
    difference : float
        Ours minus theirs, in the claim's unit.
    """

    status: str
    difference: float


def compare(published, recomputed, *, tolerance=0.0):
    """Compare a recomputed value with a published one.

    A value is *reproduced* when it rounds to what was printed, and *within tolerance* when it differs by no more than
    the tolerance the ledger states beforehand.

    Parameters
    ----------
    published : float
        As printed.
    recomputed : float
        Ours, unrounded.
    tolerance : float
        Largest absolute difference accepted, in the claim's unit.

    Returns
    -------
    Outcome

    Examples
    --------
    >>> compare(330594, 330594.18)
    Outcome(status='reproduced', difference=0.17999999999301508)
    >>> compare(7272.73, 7272.1, tolerance=2).status
    'within tolerance'
    """
    difference = recomputed - published
    if abs(difference) <= _rounding(published) / 2 * (1 + 1e-9):
        return Outcome("reproduced", difference)
    return Outcome("within tolerance" if abs(difference) <= tolerance else "differs", difference)


def _rounding(published):
    """The unit of the last digit printed: whole numbers are taken to be printed to the unit."""
    text = repr(float(published))
    if "e" in text:
        return 1.0
    decimals = text.split(".")[1].rstrip("0")
    return 10.0 ** -len(decimals)


def value_text(claim):
    """The published value as prose shows it: a number, or a range.

    Examples
    --------
    >>> value_text({"value": float("nan"), "low": 100000, "high": 200000, "unit": "workers"})
    '100,000 to 200,000'
    >>> value_text({"value": 0.03, "low": float("nan"), "high": float("nan"), "unit": "share"})
    '3%'
    """
    scale, suffix = (100, "%") if claim["unit"] == "share" else (1, "")
    if claim["unit"] in ("percent", "per cent"):
        suffix = "%"

    def shown(number):
        number = float(number) * scale
        if abs(number) >= 1e6 and number % 1e5 == 0:
            return f"{number / 1e6:g} million"
        if abs(number) >= 10_000:
            return f"{number:,.0f}"
        return f"{number:,.10g}" + suffix

    if not _missing(claim["value"]):
        return shown(claim["value"])
    if _missing(claim["low"]) or _missing(claim["high"]):
        present = claim["high"] if _missing(claim["low"]) else claim["low"]
        return "–" if _missing(present) else shown(present)
    return f"{shown(claim['low'])} to {shown(claim['high'])}"


def _missing(value):
    try:
        return value is None or math.isnan(float(value))
    except TypeError:
        return True


def ledger(env):
    """The ledger's rows by claim, read once a build."""
    if not hasattr(env, "platformlabour_claims"):
        from platformlabour.tables import load

        frame = load("claims")
        env.platformlabour_claims = {row["claim"]: row for row in frame.to_dict("records")}
    return env.platformlabour_claims


def _read_claims(env):
    """The claims that were read somewhere: what was only recalled is not shown as if it were known."""
    return {name: claim for name, claim in ledger(env).items() if claim["evidence"] != "recalled"}


class ClaimRole(SphinxRole):
    """``{claim}`difallah2018-pool```: the published value, linked to its row; ``:statement`` gives the sentence."""

    def run(self):
        name, _, form = self.text.partition(":")
        claim = ledger(self.env).get(name)
        if claim is None or form not in ("", "statement"):
            fault = "no claim of that name" if claim is None else f"no form {form!r}: leave it out or write statement"
            message = self.inliner.reporter.error(
                f"the role claim cannot show {self.text!r}: {fault}", line=self.lineno
            )
            return [], [message]
        if claim["evidence"] == "recalled":
            message = self.inliner.reporter.error(
                f"the claim {name!r} was recalled, not read: it may stand in the ledger but not in prose",
                line=self.lineno,
            )
            return [], [message]
        text = claim["statement"] if form == "statement" else value_text(claim)
        return [_ledger_link(name, nodes.inline("", text, classes=["claim"]), self.env)], []


def _ledger_link(name, content, env):
    reference = addnodes.pending_xref(
        "",
        content,
        refdomain="std",
        reftype="ref",
        reftarget=f"claim-{name}",
        refexplicit=True,
        refwarn=True,
        refdoc=env.docname,
    )
    return reference


class claim_outcome(nodes.Inline, nodes.Element):
    """Where the ledger says what became of a claim, once every chapter has been read."""


class status_badge(nodes.inline):
    """A claim's standing: a badge on the web, set off by a dash in print."""


def _visit_badge_typst(self, node):
    self.add("#emph[– ")


def _depart_badge_typst(self, node):
    self.add("]")


class claim_summary(nodes.General, nodes.Element):
    """Where the ledger counts its rows by outcome."""


class LedgerDirective(SphinxDirective):
    """``{claims-ledger}``: every published figure that the book discusses."""

    has_content = False

    def run(self):
        out = [claim_summary()]
        listing = nodes.definition_list(classes=["ledger"])
        for name, claim in _read_claims(self.env).items():
            term = nodes.term(classes=["computed"])
            target = nodes.target("", "", ids=[f"claim-{name}"], names=[f"claim-{name}"])
            self.state.document.note_explicit_target(target, target)
            unit = "" if claim["unit"] in ("share", "percent", "per cent", "date") else f" {claim['unit']}"
            if claim["unit"] == "in words":
                unit, shown = "", "in words"
            else:
                shown = _day(claim["period_start"]) if claim["unit"] == "date" else value_text(claim)
            term += [target, nodes.strong("", shown), nodes.Text(unit)]
            definition = nodes.definition(classes=["computed"])
            outcome = nodes.paragraph("", "", nodes.Text(f"{claim['statement']} "), classes=["ledger-outcome"])
            outcome += claim_outcome(claim=name)
            definition += outcome
            definition += self._detail(claim)
            item = nodes.definition_list_item("", term, definition)
            listing += item
        return [*out, listing]

    def _detail(self, claim):
        """Source, place in it, evidence, meaning and note, in one paragraph: print is not free."""
        paragraph = nodes.paragraph("", classes=["ledger-detail"])
        parsed, messages = self.parse_inline(f"{{cite:t}}`{claim['source']}`")
        paragraph += [*parsed, *messages]
        sentences = [f", {claim['locator']}; {EVIDENCE[claim['evidence']]}."]
        if claim["interested_publisher"] == "yes":
            sentences.append("The publisher has an interest in the figure.")
        meaning = "; ".join(
            part for part in (claim["population"], _period(claim), claim["definition"]) if _present(part)
        )
        further = [text for text in (meaning, claim["note"]) if _present(text)]
        sentences += [f"{text[0].upper()}{text[1:].rstrip('.')}." for text in further]
        paragraph += nodes.Text(" ".join(sentences))
        return paragraph


def _present(text):
    return isinstance(text, str) and text != ""


def _period(claim):
    start, end = claim["period_start"], claim["period_end"]
    if not _present(start):
        return end if _present(end) else ""
    return start if not _present(end) or end == start else f"{start} to {end}"


def _day(text):
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"


class ResolveOutcomes(SphinxPostTransform):
    """Compare each claim with what the chapters computed."""

    default_priority = 4

    def run(self, **kwargs):
        summaries = list(self.document.findall(claim_summary))
        places = list(self.document.findall(claim_outcome))
        if not summaries and not places:
            return
        claims = _read_claims(self.env)
        waiting = len(ledger(self.env)) - len(claims)
        outcomes = {name: outcome(self.env, claim) for name, claim in claims.items()}
        for node in places:
            status, ours = outcomes[node["claim"]]
            self._warn_if_unexpected(claims[node["claim"]], status, node)
            badge = status_badge("", status, classes=["status", "status-" + status.replace(" ", "-")])
            node.replace_self([badge, nodes.Text(ours)])
        for node in summaries:
            counts = {}
            for status, _ in outcomes.values():
                counts[status] = counts.get(status, 0) + 1
            words = ", ".join(f"{count} {status}" for status, count in sorted(counts.items(), key=lambda x: -x[1]))
            text = f"{len(outcomes)} published figures: {words}."
            if waiting:
                text += (
                    f" {waiting} more were recalled, not read; they wait in the table for a check and are not shown."
                )
            node.replace_self(nodes.paragraph("", text, classes=["computed"]))

    @staticmethod
    def _warn_if_unexpected(claim, status, node):
        if status != claim["status"]:
            log.warning(
                "the claim %r is %s, but data/claims.csv says %s",
                claim["claim"],
                status,
                claim["status"],
                location=node,
                type="platformlabour",
            )


def outcome(env, claim):
    """Status of a claim and a sentence with our value.

    Returns
    -------
    (str, str)
    """
    key = claim["recomputed_by"]
    if not _present(key):
        return claim["status"], ""
    estimate = results.estimate_of(env, key)
    if estimate is None or estimate.value is None:
        return "not recomputed", f": no chapter records {key}"
    tolerance = 0.0 if _missing(claim["tolerance"]) else float(claim["tolerance"])
    try:
        found = compare(float(claim["value"]), estimate.value, tolerance=tolerance)
    except (TypeError, ValueError) as error:
        raise InputError(f"the claim {claim['claim']!r} without a single value", "a value to compare with") from error
    ours = f" here: {estimate.text('exact')} {estimate.unit}"
    if claim["status"] == "arithmetic checked" and found.status == "reproduced":
        return claim["status"], f"{ours}."
    if found.status != "reproduced":
        ours += f", a difference of {_signed(found.difference)}"
    return found.status, f"{ours}."


def _signed(x):
    text = f"{abs(x):,.0f}" if abs(x) >= 100 else f"{abs(x):,.2g}"
    return ("+" if x >= 0 else "\N{MINUS SIGN}") + text


def _forget(app, env, docnames):
    if hasattr(env, "platformlabour_claims"):
        del env.platformlabour_claims


def setup(app):
    """Register the role, the ledger and its comparison."""
    app.add_node(claim_outcome)
    app.add_node(claim_summary)
    app.add_node(status_badge, typst=(_visit_badge_typst, _depart_badge_typst))
    app.add_role("claim", ClaimRole())
    app.add_directive("claims-ledger", LedgerDirective)
    app.add_post_transform(ResolveOutcomes)
    app.connect("env-before-read-docs", _forget)
