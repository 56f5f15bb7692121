"""Every kind of node that a chapter may hold, through the real builder."""

import re

import pytest
from sphinx.errors import SphinxError


def tags(built):
    return [tag for tag, _ in built.structure()]


def heading_numbers(built):
    return re.findall(r'#book-heading\((\d), "(\w+)", \d, "([\d.]*)"', built.source)


def test_sections_to_five_levels_are_headings_of_the_pdf(build):
    built = build(index="# One\n## Two\n### Three\n#### Four\n##### Five\n\nText.\n")
    assert [level for level, _, _ in heading_numbers(built)] == ["1", "2", "3", "4", "5"]
    assert {"/H1", "/H2", "/H3", "/H4", "/H5"} <= set(tags(built))


def test_words_keep_their_emphasis(build):
    body = build(index='# A\n\n*em* **strong** `x_1 = "y"` H{sub}`2`O m{sup}`3` {kbd}`Ctrl`\n').body
    for written in (
        "#emph[em]",
        "#strong[strong]",
        '#raw("x_1 = \\"y\\"")',
        "#sub[2]",
        "#super[3]",
        "#keystroke[Ctrl]",
    ):
        assert written in body


def test_text_after_an_inline_call_is_not_taken_for_its_arguments(build):
    body = build(index="# A\n\n*em*(not arguments) and *em*.field\n").body
    assert "#emph[em];(not arguments)" in body
    assert "#emph[em];.field" in body


def test_links_lead_outside_and_inside(build):
    built = build(
        index="# A\n\n[out](https://example.org) {ref}`target` {doc}`b` {numref}`fig-one` {eq}`eq-one`\n",
        b="""
        # Bee

        (target)=
        ## The target

        ```{figure} square.svg
        :name: fig-one
        :alt: A square.

        Caption.
        ```

        $$
        a = b
        $$ (eq-one)
        """,
    )
    for written in (
        '#link("https://example.org")[out]',
        '#internal-link("b#the-target")[The target]',
        '#internal-link("b#bee")[Bee]',
        '#internal-link("b#fig-one")[Fig. 1]',
        '#internal-link("b#equation-eq-one")[(1)]',
    ):
        assert written in built.body
    assert tags(built).count("/Link") >= 5


BIBLIOGRAPHY = "@article{Chao1987, author={Chao, Anne}, title={Estimating}, journal={Biometrics}, year={1987}}\n"


def test_citations_lead_to_the_bibliography(build):
    built = build(
        index="# A\n\n{cite}`Chao1987` and {cite:t}`Chao1987`\n",
        refs="# References\n\n```{bibliography}\n```\n",
        files={"references.bib": BIBLIOGRAPHY},
        extensions=["sphinxcontrib.bibtex"],
        settings={"bibtex_bibfiles": ["references.bib"], "bibtex_reference_style": "author_year"},
    )
    assert built.body.count("#internal-link(") >= 2
    assert "#bibliography-entry([])" in built.body
    assert "Biometrics" in built.body


def test_footnote_is_printed_once_however_often_it_is_named(build):
    built = build(index="# A\n\nOne[^n] two[^n].\n\n[^n]: The *note*.\n")
    assert built.body.count("The #emph[note];") == 1
    assert tags(built).count("/Note") == 1
    assert len(built.query("footnote")) == 2
    assert "#transition" not in built.body


def test_lists_nest(build):
    built = build(index="# A\n\n- one\n  - inside\n- two\n\n3. three\n4. four\n\nTerm\n: Meaning.\n\n:Field: value\n")
    assert "[one\n\n#list([inside], );], [two], " in re.sub(r"\n{2,}", "\n\n", built.body)
    assert 'start: 3, numbering: "1.", [three], [four]' in built.body
    assert "terms.item([Term], [Meaning.])" in built.body
    assert "terms.item([Field], [value])" in built.body


def test_glossary_terms_can_be_linked(build):
    body = build(index="# A\n\nAn {term}`account`.\n\n```{glossary}\naccount\n    A registration.\n```\n").body
    assert '#internal-link("index#term-account")' in body
    assert '#anchor("index#term-account")' in body


RST = """# A

```{eval-rst}
-o FILE, --out FILE   Write there.

| Line one
|   set in

>>> 1 + 1
2

.. centered:: Middle

.. hlist::
   :columns: 2

   * a
   * b

.. csv-table:: Listed
   :header: a, b

   1, 2

.. topic:: Aside

   Beside the point.

.. code-block:: python
   :caption: Adding
   :name: adding

   1 + 1

.. parsed-literal::

   plain *slanted*

.. only:: html

   Web only.

.. only:: typst

   Print only.
```
"""


def test_what_restructuredtext_can_write(build):
    body = build(index=RST).body
    for written in (
        '#raw("-o FILE, --out FILE");',
        "Line one \\",
        ">>> 1 + 1",
        "#align(center)[",
        "#columns-of(2,",
        "Table 1",
        "Listed",
        '#boxed("aside", [Aside])',
        '#captioned("code", "Listing 1"',
        "#emph[slanted]",
        "Print only.",
    ):
        assert written in body
    assert "Web only" not in body


def test_quotation_and_epigraph_name_their_source(build):
    body = build(index="# A\n\n> Said.\n\n```{epigraph}\nTo count.\n\n-- Somebody\n```\n\n---\n\nEnd.\n").body
    assert "#quotation([Said.])" in body
    assert "#epigraph([To count.], source: [Somebody])" in body
    assert "#transition();" in body


TABLES = """
    # A

    ```{list-table} Counted
    :header-rows: 1
    :name: tab
    * - name
      - n
    * - a
      - 1,000
    ```

    | x | y |
    |---|--:|
    | a | b |

    See {numref}`tab`.
    """


def test_tables_have_header_cells_and_flush_right_numbers(build):
    built = build(index=TABLES)
    assert '#captioned("table", "Table 1", "index#tab"' in built.body
    assert built.body.count("align: (left, right,)") == 2
    assert tags(built).count("/THead") == 2
    assert tags(built).count("/TH") == 4


def test_long_table_repeats_its_header_on_the_next_page(build):
    rows = "".join(f"| row {n} | {n} |\n" for n in range(90))
    built = build(index=f"# A\n\n| name | n |\n|---|---|\n{rows}")
    assert "long: true" in built.body
    assert len(built.pdf.pages) >= 5  # title, imprint, contents, and the table on two pages or more


def test_grid_table_spans(build):
    table = """
    # A

    ```{eval-rst}
    +-----+-----+
    | a   | b   |
    +=====+=====+
    | wide      |
    +-----+-----+
    | c   | d   |
    +-----+-----+
    ```
    """
    built = build(index=table)
    assert "table.cell(colspan: 2)[wide]" in built.body


FIGURES = """
    # A

    ```{figure} square.svg
    :name: fig
    :alt: A blue square.
    :width: 50%

    The *caption*.

    The legend.
    ```

    Inline ![a dot](square.svg) in text, {numref}`fig`.
    """


def test_figures_carry_caption_legend_and_alternative_text(build):
    built = build(index=FIGURES)
    assert '#captioned("image", "Fig. 1", "index#fig", false, [The #emph[caption];.], [The legend.])' in built.body
    assert "width: 50%" in built.body
    assert "#inline-picture(" in built.body
    assert [alt for tag, alt in built.structure() if tag == "/Figure"] == ["A blue square.", "a dot"]


def test_images_are_named_after_their_content(build):
    built = build(index=FIGURES)
    (image,) = (built.folder / "images").iterdir()
    assert re.fullmatch(r"square-[0-9a-f]{10}\.svg", image.name)


CELLS = """
    ---
    file_format: mystnb
    kernelspec: {name: python3, display_name: Python 3}
    ---
    # A

    ```{code-cell} ipython3
    :tags: [hide-input]
    HIDDEN = 1
    print("output of the hidden cell")
    ```

    ```{code-cell} ipython3
    SHOWN = 1
    import pandas
    pandas.DataFrame({"country": ["Namibia"], "n": [1200]})
    ```

    ```{code-cell} ipython3
    :tags: [hide-output]
    print("hidden on the web only")
    ```
    """


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Settings under which the cells run once for all builds."""
    return {"nb_execution_mode": "cache", "nb_execution_cache_path": str(tmp_path_factory.mktemp("cache"))}


@pytest.mark.parametrize(("show_code", "hidden_inputs"), [(False, 0), (True, 1)])
def test_outputs_are_always_printed_and_hidden_inputs_only_on_request(build, executed, show_code, hidden_inputs):
    settings = {**executed, "typst_show_code": show_code}
    built = build(index=CELLS, settings=settings)
    assert built.body.count("HIDDEN = 1") == hidden_inputs
    assert "SHOWN = 1" in built.body
    assert "output of the hidden cell" in built.body
    assert built.body.count("hidden on the web only") == 2
    assert "[Namibia], [1200]" in built.body
    assert "<table" not in built.body


@pytest.mark.parametrize(
    ("kind", "style", "title"),
    [
        ("note", "note", "Note"),
        ("warning", "warning", "Warning"),
        ("danger", "warning", "Danger"),
        ("tip", "tip", "Tip"),
        ("seealso", "note", "See also"),
        ("important", "warning", "Important"),
    ],
)
def test_admonitions(build, kind, style, title):
    assert f'#boxed("{style}", [{title}])[Inside.]' in build(index=f"# A\n\n```{{{kind}}}\nInside.\n```\n").body


def test_answer_box_margin_and_facts(build):
    body = build(
        index="""
        # A

        ```{admonition} In one minute
        :class: answer
        Not fewer.
        ```

        ```{admonition} More
        :class: dropdown
        Unfolded in print.
        ```

        ```{sidebar} Beside
        Short.
        ```

        ````{container} chapter-facts
        20 minutes.
        ````
        """
    ).body
    assert '#boxed("answer", [In one minute])[Not fewer.]' in body
    assert '#boxed("note", [More])[Unfolded in print.]' in body
    assert '#boxed("aside", [Beside])[Short.]' in body
    assert '#boxed("facts", [])[20 minutes.]' in body


def test_proofs_and_exercises_are_numbered_as_on_the_web(build):
    body = build(
        index="""
        # A

        ```{prf:definition} Seen
        :label: def-seen
        A worker is seen.
        ```

        ```{prf:theorem}
        :label: thm
        $a = b$
        ```

        ```{prf:proof}
        Plain.
        ```

        ```{prf:remark}
        :nonumber:
        By the way.
        ```

        ```{exercise} Predict
        :label: ex
        How many?
        ```

        ```{solution} ex
        :label: sol
        Five.
        ```

        {prf:ref}`def-seen`, {ref}`ex`
        """
    ).body
    assert '#boxed("statement", [Definition 1 (Seen)])' in body
    assert '#boxed("statement", [Theorem 1])' in body
    assert body.count('#boxed("proof"') == 1
    assert '#boxed("statement", [Remark])' in body
    assert '#boxed("exercise", [Exercise 1 (Predict)])' in body
    assert '#boxed("solution", [Solution to#internal-link("index#ex")[ Exercise 1 (Predict)];])' in body
    assert '#internal-link("index#def-seen")' in body


def test_formulas_inline_displayed_numbered_and_aligned(build):
    built = build(
        index="""
        # A

        Inline $x^2$.

        $$
        a = b
        $$ (eq-a)

        \\begin{align}
        a &= b \\\\
        c &= d
        \\end{align}

        See {eq}`eq-a`.
        """
    )
    assert '#inline-formula("x squared", $x^2$)' in built.body
    assert '#display-formula("(1)", "a equals b", "index#equation-eq-a", $ a = b $)' in built.body
    assert re.search(r"\$ a &= b \\\s+c &= d \$", built.body)
    assert [alt for tag, alt in built.structure() if tag == "/Formula"] == [
        "x squared",
        "a equals b",
        "a equals b; c equals d",
    ]


def test_own_macros_of_mathjax_are_known(build):
    macros = {"tex": {"macros": {"Nhat": r"\hat{N}"}}}
    body = build(index="# A\n\n$\\Nhat$\n", settings={"mathjax3_config": macros}).body
    assert '#inline-formula("N hat", $hat(N)$)' in body


def test_reference_pages_made_from_docstrings(build):
    built = build(
        index="""
        # A

        ```{eval-rst}
        .. autoclass:: platformlabour.errors.InputError

        .. py:function:: count(x, *, y=2) -> int
           :no-index:

           Count.

           .. versionadded:: 2.0
              More.
        ```
        """,
    )
    assert "#signature[" in built.body
    assert "#strong[InputError];" in built.body
    assert "y\\=2" in built.body or "y=2" in built.body
    assert "#version-note[" in built.body
    assert "terms.item([Parameters]" in built.body


def test_design_components_are_unfolded(build):
    body = build(
        index="""
        # A

        ::::{grid} 2
        :::{grid-item-card} Left
        Inside left.
        :::
        :::{grid-item-card} Right
        Inside right.
        :::
        ::::

        ::::{tab-set}
        :::{tab-item} First
        One.
        :::
        :::{tab-item} Second
        Two.
        :::
        ::::

        :::{dropdown} Open me
        Hidden.
        :::

        {bdg-primary}`new`

        ```{button-link} https://example.org
        Press
        ```
        """
    ).body
    assert "#columns-of(2, [" in body
    assert body.count("#card[") == 2
    for written in ("Inside left.", "Inside right.", '#boxed("note", [First])[One.]', '#boxed("note", [Second])[Two.]'):
        assert written in body
    assert '#boxed("note", [Open me])[Hidden.]' in body
    assert "#badge[new]" in body
    assert '#link("https://example.org")[Press]' in body


def test_raw_typst_passes_and_web_only_html_is_skipped_when_marked(build):
    body = build(
        index="""
        # A

        <!-- a remark -->

        ```{raw} typst
        #text(fill: red)[Red.]
        ```

        ````{container} html-only
        <video src="film.mp4"></video>
        ````
        """
    ).body
    assert "#text(fill: red)[Red.]" in body
    assert "film" not in body


def test_downloads_and_abbreviations_are_plain_text(build):
    body = build(
        index="# A\n\n{download}`the table <t.csv>` and {abbr}`API (Application Programming Interface)`\n",
        files={"t.csv": "a\n1\n"},
    ).body
    assert "the table" in body
    assert "API" in body
    assert "#internal-link" not in body


def test_image_that_is_not_local_is_an_error(build):
    with pytest.raises(SphinxError, match="is not a local SVG, PNG, JPEG or GIF file"):
        build(index="# A\n\n![far](https://example.org/a.png)\n")


def test_long_names_and_long_lines_of_code_may_break(build):
    name, line = "platformlabour.counting.recapture.loglinear", "x" * 150
    body = build(index=f"# A\n\n`{name}` and `short.name`\n\n```text\n{line}\n```\n").body
    assert name.replace(".", ".\u200b") in body
    assert "short.name" in body
    assert max(map(len, re.findall("x+", body))) == 64
