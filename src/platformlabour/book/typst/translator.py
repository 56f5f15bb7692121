"""Sphinx's document tree as Typst markup, one document at a time.

Each handler writes one call to a function of ``template.typ``; how things look is decided there. Nodes of extensions
are met through the classes they derive from (sphinx-proof and sphinx-exercise derive from ``Admonition``), so that
no extension needs to be installed for this module to load.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx import addnodes
from sphinx.locale import admonitionlabels
from sphinx.util.docutils import SphinxTranslator

from platformlabour.errors import InputError

from . import tables
from .escape import markup, string
from .mathematics import expand_macros, to_typst
from .speech import spoken

__all__ = ["TypstTranslator"]

# Which of the template's box styles an admonition, proof or exercise takes; all others are notes.
_BOX_STYLES = {
    **dict.fromkeys(("warning", "caution", "danger", "error", "attention", "important"), "warning"),
    **dict.fromkeys(("tip", "hint"), "tip"),
    **dict.fromkeys(("seealso", "note", "todo", "dropdown"), "note"),
    **dict.fromkeys(
        (
            "theorem", "axiom", "lemma", "definition", "remark", "conjecture", "corollary", "criterion", "example",
            "property", "observation", "proposition", "assumption", "notation", "algorithm",
        ),
        "statement",
    ),
    "answer": "answer", "proof": "proof", "exercise": "exercise", "solution": "solution",
    "chapter-facts": "facts", "margin": "aside",
}  # fmt: skip
_LANGUAGES = {"ipython3": "python", "ipython": "python", "pycon": "python", "pycon3": "python", "python3": "python",
              "console": "bash", "shell": "bash", "myst-ansi": "text", "none": "text", "default": "text"}  # fmt: skip
_EXTERNAL = re.compile(r"(https?|mailto|ftp|doi|tel):", re.IGNORECASE)
_ANSI_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NOTHING_TO_PRINT = re.compile(
    r"<!--.*?-->|<(style|script)\b.*?</\1>|<a\b[^>]*>\s*</a>|<br\s*/?>|<hr\s*/?>|</?(div|span|p|section|details)\b[^>]*>|\s+",
    re.DOTALL | re.IGNORECASE,
)
_ZERO_WIDTH_SPACE = "\u200b"
_UNBROKEN = re.compile(r"\S{64}(?=\S)")  # a line of code holds about 70 characters
_DIMENSION = re.compile(r"([\d.]+)\s*(%|px|pt|mm|cm|in|em)?")


class TypstTranslator(SphinxTranslator):
    """Translate one resolved document.

    Parameters
    ----------
    document : docutils.nodes.document
        With all references resolved.
    builder : platformlabour.book.typst.builder.TypstBuilder
        Resolves anchors and images and collects faults.
    docname : str
        The document's name.
    level : int
        Heading level of the document's own title, 1 at the top.
    """

    def __init__(self, document, builder, docname, level):
        super().__init__(document, builder)
        self.docname, self.level = docname, level - 1
        self.first_level = level
        self.out = []
        self.footnotes = {i: note for note in document.findall(nodes.footnote) for i in note["ids"]}
        self.footnotes_printed = set()

    # -- writing

    def add(self, text):
        self.out.append(text)

    def render(self, children):
        """Translate nodes apart and return their markup."""
        outer, self.out = self.out, []
        for child in children:
            child.walkabout(self)
        inner, self.out = "".join(self.out), outer
        return inner

    def content(self, node):
        return self.render(node.children)

    def block(self, text):
        """Write a block, which ends the paragraph before it."""
        self.add(f"\n\n{text}\n\n")

    def anchors(self, node):
        label = self.builder.anchor(self.docname, node)
        return f"#anchor({string(label)});" if label else ""

    def title_of(self, node):
        return next((child for child in node.children if isinstance(child, nodes.title)), None)

    def number_of(self, node):
        """The kind and number that Sphinx gave a figure, table, exercise, …: None where it has none."""
        kind = self.builder.env.domains["std"].get_enumerable_node_type(node)
        numbers = self.builder.env.toc_fignumbers.get(self.docname, {}).get(kind, {})
        number = next((numbers[i] for i in node.get("ids", ()) if i in numbers), None)
        return (kind, ".".join(map(str, number))) if kind and number else None

    def numbered_name(self, node):
        """ "Fig. 2.1" in the words that references use."""
        found = self.number_of(node)
        if not found:
            return ""
        kind, number = found
        pattern = self.config.numfig_format.get(kind, "%s")
        if "{number}" in pattern or "{name}" in pattern:
            name = pattern.format(number=number, name="")
        else:
            name = pattern % number
        return name.strip()[:1].upper() + name.strip()[1:]

    def unknown_visit(self, node):
        self.fault(f"no way to print the node {type(node).__name__!r}", node)

    def unknown_departure(self, node):
        pass

    def fault(self, message, node):
        self.builder.fault(message, node, self.docname)

    def transparent(self, node):
        pass

    def skip(self, node):
        raise nodes.SkipNode

    # -- structure

    def visit_section(self, node):
        if isinstance(node.parent, nodes.Admonition):
            self.add(self.anchors(node))
            self.add(self.content(node))
            raise nodes.SkipNode
        self.level += 1

    def depart_section(self, node):
        self.level -= 1

    def visit_title(self, node):
        if isinstance(node.parent, nodes.section):
            self.heading(node, node.parent)
        else:
            self.block(f"#rubric[{self.content(node)}];")
        raise nodes.SkipNode

    def heading(self, title, section):
        own_title = self.level == self.first_level
        numbers = self.builder.env.toc_secnumbers.get(self.docname, {})
        anchors = [""] if own_title else [f"#{i}" for i in section["ids"]]
        number = next((numbers[anchor] for anchor in anchors if anchor in numbers), None)
        shown = ".".join(map(str, number)) if number else ""
        label = self.builder.anchor(self.docname, section)
        kind = "chapter" if own_title and self.level == self.builder.chapter_level(self.docname) else "section"
        depth = self.level - self.builder.chapter_level(self.docname)
        call = f"#book-heading({self.level}, {string(kind)}, {depth}, {string(shown)}, {string(label or '')})"
        self.block(f"{call}[{self.content(title).strip()}];")

    def visit_subtitle(self, node):
        self.block(f"#rubric[{self.content(node)}];")
        raise nodes.SkipNode

    def visit_rubric(self, node):
        if node.astext().strip() not in ("Footnotes",) or self.content(node) == "":
            self.block(f"#rubric[{self.anchors(node)}{self.content(node)}];")
        raise nodes.SkipNode

    def visit_paragraph(self, node):
        self.add("\n\n" + self.anchors(node))

    def depart_paragraph(self, node):
        self.add("\n\n")

    visit_document = depart_document = transparent
    visit_compact_paragraph, depart_compact_paragraph = visit_paragraph, depart_paragraph
    visit_start_of_file = depart_start_of_file = transparent
    for _name in (
        "compound", "generated", "only", "glossary", "bibliography", "abbreviation", "acronym", "problematic",
        "substitution_reference", "legend", "PassthroughTextElement", "pending_xref", "HideCodeCellNode",
        "HiddenCellNode", "CellInput", "CellOutput", "acks", "decoration", "header", "footer", "desc_signature_line",
        "manpage",
    ):  # fmt: skip
        locals()[f"visit_{_name}"] = locals()[f"depart_{_name}"] = transparent
    for _name in (
        "comment", "index", "toctree", "tabular_col_spec", "meta", "substitution_definition", "system_message",
        "pending", "footnote", "colspec", "docinfo", "highlightlang", "sd_icon", "fontawesome", "sd_tab_input",
        "ThebeButtonNode", "label",
    ):  # fmt: skip
        locals()[f"visit_{_name}"] = skip
        locals()[f"depart_{_name}"] = transparent
    del _name

    def visit_Text(self, node):
        self.add(markup(node.astext(), continues=node.parent.index(node) > 0))

    depart_Text = transparent

    def visit_transition(self, node):
        if all(
            isinstance(n, (nodes.footnote, nodes.comment)) for n in node.parent.children[node.parent.index(node) + 1 :]
        ):
            raise nodes.SkipNode  # it only parts the text from the notes, which stand at the foot of their pages
        self.block("#transition();")
        raise nodes.SkipNode

    def visit_centered(self, node):
        self.block(f"#align(center)[{self.content(node)}];")
        raise nodes.SkipNode

    def visit_target(self, node):
        self.add(self.anchors(node))

    depart_target = transparent

    # -- words

    def wrapped(name):
        def visit(self, node):
            self.add(f"#{name}[{self.anchors(node)}")

        return visit

    def close(self, node):
        self.add("];")

    visit_emphasis, depart_emphasis = wrapped("emph"), close
    visit_strong, depart_strong = wrapped("strong"), close
    visit_title_reference, depart_title_reference = wrapped("emph"), close
    visit_superscript, depart_superscript = wrapped("super"), close
    visit_subscript, depart_subscript = wrapped("sub"), close
    visit_literal_emphasis, depart_literal_emphasis = wrapped("emph"), close
    visit_literal_strong, depart_literal_strong = wrapped("strong"), close
    visit_sd_badge, depart_sd_badge = wrapped("badge"), close
    visit_download_reference = depart_download_reference = transparent
    del wrapped

    def visit_inline(self, node):
        self.add(self.anchors(node))

    depart_inline = transparent

    def visit_literal(self, node):
        if "kbd" in node.get("classes", ()):
            self.add(f"#keystroke[{markup(node.astext())}];")
        else:
            room = 16 if any(isinstance(parent, nodes.entry) for parent in _parents(node)) else 24
            self.add(f"#raw({string(_breakable(node.astext(), room))});")
        raise nodes.SkipNode

    def visit_math(self, node):
        self.add(f"#inline-formula({string(self.speech(node))}, ${self.formula(node)}$);")
        raise nodes.SkipNode

    def visit_math_block(self, node):
        number = self.equation_number(node)
        label = self.builder.anchor(self.docname, node) or ""
        typst = self.formula(node, display=True)
        self.block(f"#display-formula({string(number)}, {string(self.speech(node))}, {string(label)}, $ {typst} $);")
        raise nodes.SkipNode

    def formula(self, node, *, display=False):
        tex = expand_macros(node.astext(), self.builder.macros)
        try:
            typst = to_typst(tex, display=display)
        except InputError as error:
            self.fault(str(error), node)
            return '""'
        self.builder.formulas.append((typst, tex.strip(), self.docname, _line(node)))
        return typst

    def speech(self, node):
        return spoken(expand_macros(node.astext(), self.builder.macros)) or node.astext()

    def equation_number(self, node):
        number = node.get("number")
        if not number:
            return ""
        if self.config.math_numfig and self.config.numfig:
            numbers = self.builder.env.toc_fignumbers.get(self.docname, {}).get("displaymath", {})
            found = next((numbers[i] for i in node["ids"] if i in numbers), None)
            if found:
                return f"({'.'.join(map(str, found))})"
        return f"({number})"

    # -- references

    def visit_reference(self, node):
        text = self.content(node)
        self.add(self.anchors(node))
        refuri, inside = node.get("refuri", ""), self.builder.link_target(node, self.docname)
        if inside:
            label = self.builder.resolve(inside, node, self.docname)
            self.add(f"#internal-link({string(label)})[{text}];" if label else text)
        elif _EXTERNAL.match(refuri):
            self.add(f"#link({string(refuri)})[{text}];")
        elif refuri:
            self.fault(f"a link to {refuri!r}, which is neither in the book nor a full web address", node)
        else:
            self.add(text)
        raise nodes.SkipNode

    visit_number_reference = visit_reference

    def visit_footnote_reference(self, node):
        note = self.footnotes.get(node.get("refid"))
        if note is None:
            self.fault(f"a reference to the missing footnote {node.get('refid')!r}", node)
            raise nodes.SkipNode
        label = f"{self.docname}#{note['ids'][0]}"
        if label in self.footnotes_printed:
            self.add(f"#footnote(label({string(label)}));")
        else:
            self.footnotes_printed.add(label)
            children = [child for child in note.children if not isinstance(child, nodes.label)]
            self.add(f"#noted({string(label)})[{self.render(children).strip()}];")
        raise nodes.SkipNode

    def visit_citation(self, node):
        children = [child for child in node.children if not isinstance(child, nodes.label)]
        by_label = getattr(self.config, "bibtex_reference_style", "label") in ("label", "super")
        label = markup(f"[{node.children[0].astext()}]") if by_label else ""
        self.block(f"#bibliography-entry([{label}])[{self.anchors(node)}{self.render(children).strip()}];")
        raise nodes.SkipNode

    # -- lists

    def items(self, node):
        return "".join(f"[{self.anchors(item)}{self.content(item).strip()}], " for item in node.children)

    def visit_bullet_list(self, node):
        self.block(f"#list({self.items(node)});")
        raise nodes.SkipNode

    def visit_enumerated_list(self, node):
        patterns = {"loweralpha": "a", "upperalpha": "A", "lowerroman": "i", "upperroman": "I"}
        pattern = node.get("prefix", "") + patterns.get(node.get("enumtype"), "1") + (node.get("suffix") or ".")
        self.block(f"#enum(start: {node.get('start', 1)}, numbering: {string(pattern)}, {self.items(node)});")
        raise nodes.SkipNode

    def visit_definition_list(self, node):
        entries = []
        for item in node.children:
            terms = [c for c in item.children if isinstance(c, nodes.term)]
            rest = [c for c in item.children if not isinstance(c, (nodes.term, nodes.classifier))]
            kinds = [c for c in item.children if isinstance(c, nodes.classifier)]
            name = ", ".join(self.anchors(term) + self.content(term) for term in terms)
            name += "".join(f" : #emph[{self.content(kind)}];" for kind in kinds)
            entries.append(f"terms.item([{name}], [{self.render(rest).strip()}]), ")
        self.block(f"#terms({''.join(entries)});")
        raise nodes.SkipNode

    visit_definition = depart_definition = transparent

    def visit_field_list(self, node):
        entries = []
        for field in node.children:
            name, body = field.children[0], field.children[1]
            entries.append(f"terms.item([{self.content(name)}], [{self.content(body).strip()}]), ")
        self.block(f"#fields({''.join(entries)});")
        raise nodes.SkipNode

    def visit_option_list(self, node):
        entries = []
        for item in node.children:
            names = ", ".join(option.astext() for option in item.children[0].children)
            entries.append(f"terms.item([#raw({string(names)});], [{self.content(item.children[1]).strip()}]), ")
        self.block(f"#fields({''.join(entries)});")
        raise nodes.SkipNode

    def visit_hlist(self, node):
        columns = "".join(f"[{self.content(column)}], " for column in node.children)
        self.block(f"#columns-of({len(node.children)}, {columns});")
        raise nodes.SkipNode

    # -- quotations and lines

    def visit_block_quote(self, node):
        source = [c for c in node.children if isinstance(c, nodes.attribution)]
        said = [c for c in node.children if c not in source]
        epigraph = {"epigraph", "pull-quote", "highlights"} & set(node.get("classes", ()))
        attribution = f", source: [{self.content(source[0])}]" if source else ""
        name = "epigraph" if epigraph else "quotation"
        body = self.render(said).strip()
        if body or source:
            self.block(f"#{name}([{self.anchors(node)}{body}]{attribution});")
        raise nodes.SkipNode

    def visit_line_block(self, node):
        if isinstance(node.parent, nodes.line_block):
            self.add("#h(1.5em)")
        else:
            self.add("\n\n" + self.anchors(node))

    def depart_line_block(self, node):
        self.add("\n\n" if not isinstance(node.parent, nodes.line_block) else "")

    def visit_line(self, node):
        self.add(f"{self.content(node)} \\\n")
        raise nodes.SkipNode

    # -- code

    def visit_literal_block(self, node):
        if any(isinstance(c, (nodes.reference, nodes.emphasis, nodes.strong)) for c in node.children):
            self.block(f"#listing(false)[{self.content(node)}];")  # parsed-literal: its links stay links
            raise nodes.SkipNode
        output = any("cell_output" in p.get("classes", ()) for p in _parents(node))
        language = _LANGUAGES.get(node.get("language", "text"), node.get("language", "text"))
        text = _UNBROKEN.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", _ANSI_COLOUR.sub("", node.astext()).rstrip("\n"))
        lang = f"lang: {string(language)}, " if language != "text" and not output else ""
        listing = f"#listing({'true' if output else 'false'}, raw(block: true, {lang}{string(text)}));"
        self.block(self.anchors(node) + listing)
        raise nodes.SkipNode

    visit_doctest_block = visit_literal_block

    # -- figures, images, tables

    def visit_image(self, node):
        self.add(self.image(node))
        raise nodes.SkipNode

    def image(self, node):
        name = self.builder.image(node, self.docname)
        alt = (node.get("alt") or "").strip()
        if not alt or alt == node.get("uri"):
            self.fault(f"the figure {node.get('uri')!r} has no alternative text; describe it with ':alt:'", node)
        if name is None:
            return ""
        self.builder.figures += 1
        alone = isinstance(node.parent, (nodes.figure, nodes.section, nodes.container, nodes.document))
        size = f", width: {_width(node.get('width'))}" if node.get("width") else ""
        call = "picture" if alone or size else "inline-picture"
        return f"#{call}({string(name)}, {string(' '.join(alt.split()))}{size});"

    def visit_figure(self, node):
        caption = next((c for c in node.children if isinstance(c, nodes.caption)), None)
        legend = next((c for c in node.children if isinstance(c, nodes.legend)), None)
        body = self.render(c for c in node.children if c not in (caption, legend))
        kind = "table" if "#data-table(" in body else "image"
        self.figure(node, kind, body.strip(), caption, legend)

    def figure(self, node, kind, body, caption=None, legend=None):
        """Write a figure or table with its number, caption and legend."""
        number = self.numbered_name(node)
        label = self.builder.anchor(self.docname, node) or ""
        told = self.content(caption).strip() if caption is not None else ""
        below = self.content(legend).strip() if legend is not None else ""
        long = "true" if "long: true" in body else "false"
        self.block(
            f"#captioned({string(kind)}, {string(number)}, {string(label)}, {long}, [{told}], [{below}])[\n{body}\n];"
        )
        raise nodes.SkipNode

    def visit_table(self, node):
        group = next(c for c in node.children if isinstance(c, nodes.tgroup))
        rows = {"thead": [], "tbody": []}
        for part in group.children:
            if isinstance(part, (nodes.thead, nodes.tbody)):
                rows[part.tagname] += [[self.cell(entry) for entry in row.children] for row in part.children]
        stubs = sum(1 for column in group.findall(nodes.colspec) if column.get("stub"))
        for row in rows["tbody"]:
            for cell in row[:stubs]:
                cell.stub = True
        widths = [column.get("colwidth", 1) for column in group.findall(nodes.colspec)]
        if len(set(widths)) == 1 and "colwidths-given" not in node.get("classes", ()):
            widths = None  # equal shares are what directives write when the author said nothing
        body = tables.to_typst(tables.Table(rows["thead"], rows["tbody"], widths))
        title = self.title_of(node)
        if title is None and not self.number_of(node):
            self.block(f"#loose-table({'true' if 'long: true' in body else 'false'})[{self.anchors(node)}{body}];")
            raise nodes.SkipNode
        self.figure(node, "table", body, title)

    def cell(self, entry):
        text = " ".join(entry.astext().split())
        named = [part for part in entry.findall(nodes.Element) if not isinstance(part, (nodes.inline, nodes.reference))]
        classes = {name for part in named for name in part.get("classes", ())}
        classes = tuple(sorted(classes & {"number", "text-right", "text-left", "text-center"}))
        content = self.anchors(entry) + self.content(entry).strip()
        return tables.Cell(content, text, entry.get("morecols", 0) + 1, entry.get("morerows", 0) + 1, classes)

    def visit_raw(self, node):
        if node.get("format") == "typst":
            self.add(node.astext())
        elif "html" in node.get("format", "").split():
            self.raw_html(node)
        raise nodes.SkipNode

    def raw_html(self, node):
        """Print an HTML table as a table; refuse other HTML that would be lost from the page."""
        text = node.astext()
        ignorable = set(self.config.typst_ignored_html_classes)
        if ignorable & {name for part in [node, *_parents(node)] for name in part.get("classes", ())}:
            return
        if not _NOTHING_TO_PRINT.sub("", text):
            return
        found = tables.read_html_table(text)
        if found is None:
            self.fault(f"HTML that only a browser can print: {' '.join(text.split())[:60]!r}", node)
            return
        table, around = found
        body = tables.to_typst(table)
        if isinstance(node.parent, nodes.figure):
            self.add(body)
        else:
            long = "true" if "long: true" in body else "false"
            self.block(f"#loose-table({long})[{body}];")
        if around:
            self.block(f"#table-remark[{markup(around)}];")

    # -- boxes

    def visit_Admonition(self, node):
        """Admonitions of docutils and Sphinx, and what derives from them: proofs, exercises, solutions."""
        classes = list(node.get("classes", ()))
        kind = node.get("realtype") or type(node).__name__
        kind = re.sub(r"_(un)?(enumerable_)?node$|_start_node$", "", kind)
        if kind in ("exercise_end", "solution_end"):
            raise nodes.SkipNode
        named = [kind] if kind in _BOX_STYLES and kind != "admonition" else classes
        style = next((_BOX_STYLES[name] for name in named if name in _BOX_STYLES), "note")
        if kind == "proof" and all(isinstance(c, nodes.Admonition) for c in node.children):
            self.add(self.anchors(node) + self.content(node))  # sphinx-proof puts the proof's box in a bare node
            raise nodes.SkipNode
        title = self.title_of(node)
        told = self.content(title).strip() if title is not None else ""
        rest = self.render(c for c in node.children if c is not title).strip()
        if title is None and kind in admonitionlabels:
            told = markup(str(admonitionlabels[kind]))
        name = self.numbered_name(node)
        if node.get("realtype"):
            found = self.number_of(node)
            name = node["realtype"].title() + (f" {found[1]}" if found else "")
        told = " ".join(part for part in (markup(name), told) if part)
        if not rest and not told:
            raise nodes.SkipNode
        anchors = self.anchors(node) + (self.anchors(title) if title is not None else "")
        self.block(f"#boxed({string(style)}, [{told}])[{anchors}{rest}];")
        raise nodes.SkipNode

    def visit_sidebar(self, node):
        title = self.title_of(node)
        told = self.content(title).strip() if title is not None else ""
        rest = self.render(c for c in node.children if c is not title).strip()
        self.block(f'#boxed("aside", [{told}])[{self.anchors(node)}{rest}];')
        raise nodes.SkipNode

    def visit_topic(self, node):
        if "contents" in node.get("classes", ()):
            raise nodes.SkipNode  # a list of this page's sections: the table of contents has them
        self.visit_sidebar(node)

    def visit_SideNoteNode(self, node):
        self.add(f"#footnote[{self.content(node)}];")
        raise nodes.SkipNode

    def visit_versionmodified(self, node):
        self.block(f"#version-note[{self.content(node).strip()}];")
        raise nodes.SkipNode

    # -- containers: notebook cells and sphinx-design's components

    def visit_container(self, node):
        classes = node.get("classes", ())
        component = node.get("design_component", "")
        if node.get("nb_element") == "cell_code_source" and self.hides_code(node):
            raise nodes.SkipNode
        if "literal-block-wrapper" in classes:
            self.code_with_caption(node)
        elif component:
            self.design_component(node, component)
        else:
            style = next((_BOX_STYLES[c] for c in classes if c in ("answer", "chapter-facts", "margin")), None)
            if style:
                self.block(f"#boxed({string(style)}, [])[{self.anchors(node)}{self.content(node).strip()}];")
                raise nodes.SkipNode
            self.add(self.anchors(node))

    depart_container = transparent

    def hides_code(self, node):
        if self.config.typst_show_code:
            return False
        tags = {name for parent in _parents(node) for name in parent.get("classes", ())}
        hidden = any(parent.get("hide_mode") in ("all", "input", "input+output") for parent in _parents(node))
        return hidden or bool(tags & {"tag_hide-input", "tag_hide-cell", "tag_remove-input"})

    def code_with_caption(self, node):
        caption = next((c for c in node.children if isinstance(c, nodes.caption)), None)
        body = self.render(c for c in node.children if c is not caption)
        self.figure(node, "code", body.strip(), caption)

    def design_component(self, node, component):
        anchors = self.anchors(node)
        if component in ("card", "dropdown", "tab-item", "grid-row"):
            body = self.content(node).strip() if component in ("card", "grid-row") else ""
        if component == "grid-row":
            cells = "".join(f"[{self.content(item).strip()}], " for item in node.children)
            self.block(f"{anchors}#columns-of({min(len(node.children), 2)}, {cells});")
        elif component == "card":
            self.block(f"#card[{anchors}{body}];")
        elif component in ("card-title", "card-header"):
            self.block(f"#rubric[{self.content(node).strip()}];")
        elif component in ("dropdown", "tab-item"):
            head = node.children[0] if isinstance(node.children[0], (nodes.rubric, nodes.TextElement)) else None
            told = self.content(head).strip() if isinstance(head, nodes.rubric) else ""
            rest = self.render(node.children[1 if told else 0 :]).strip()
            self.block(f'#boxed("note", [{told}])[{anchors}{rest}];')
        else:
            self.add(anchors)
            return
        raise nodes.SkipNode

    # -- what autodoc writes

    def visit_desc(self, node):
        signatures = [c for c in node.children if isinstance(c, addnodes.desc_signature)]
        shown = "".join(f"#signature[{self.anchors(s)}{self.content(s).strip()}];\n" for s in signatures)
        rest = self.render(c for c in node.children if c not in signatures).strip()
        self.block(f"#described[{shown}][{rest}];")
        raise nodes.SkipNode

    visit_desc_content = depart_desc_content = transparent
    visit_desc_signature = depart_desc_signature = transparent
    for _name in ("desc_addname", "desc_annotation", "desc_type", "desc_inline", "desc_sig_element", "desc_sig_space"):
        locals()[f"visit_{_name}"] = locals()[f"depart_{_name}"] = transparent
    del _name

    def visit_desc_name(self, node):
        self.add("#strong[")

    depart_desc_name = close
    del close

    def visit_desc_returns(self, node):
        self.add(" → ")

    depart_desc_returns = transparent

    def visit_desc_parameterlist(self, node):
        parameters = ", ".join(self.render([child]) for child in node.children)
        self.add(f"({parameters})")
        raise nodes.SkipNode

    visit_desc_parameter = depart_desc_parameter = transparent

    def visit_desc_type_parameter_list(self, node):
        self.add(f"\\[{', '.join(self.render([child]) for child in node.children)}\\]")
        raise nodes.SkipNode

    visit_desc_type_parameter = depart_desc_type_parameter = transparent

    def visit_desc_optional(self, node):
        self.add(f"\\[{', '.join(self.render([child]) for child in node.children)}\\]")
        raise nodes.SkipNode


def _parents(node):
    while (node := node.parent) is not None:
        if isinstance(node, nodes.Element):
            yield node


def _line(node):
    while node is not None:
        if getattr(node, "line", None):
            return node.line
        node = node.parent
    return None


def _breakable(name, room):
    """Let a long dotted or underscored name break after its marks; a short one stays whole."""
    if len(name) <= room or " " in name:
        return name
    return re.sub(r"(?<=\w)([._/:,(=])(?=\w)", rf"\1{_ZERO_WIDTH_SPACE}", name)


def _width(given):
    """A width for print: per cent stay, pixels count 96 to the inch, anything else fills the measure."""
    match = _DIMENSION.fullmatch(str(given).strip())
    if not match:
        return "100%"
    size, unit = float(match[1]), match[2] or "px"
    if unit == "px":
        return f"{size * 0.75:g}pt"
    return f"{size:g}{unit}"
