// MathJax from its parts: TeX with the AMS macros, drawn as HTML, with hidden MathML for screen readers.
"use strict";

window.MathJax = {
  loader: { load: ["core", "input/tex-base", "[tex]/ams", "output/chtml", "a11y/assistive-mml"] },
  tex: {
    packages: ["base", "ams"],
    inlineMath: [["\\(", "\\)"]],
    displayMath: [["\\[", "\\]"]],
    processEscapes: false,
  },
  options: {
    ignoreHtmlClass: "page-.*", // only formulas that the book marks as such
    processHtmlClass: "math",
  },
  startup: {
    pageReady: () => MathJax.startup.defaultPageReady().then(() => document.dispatchEvent(new Event("formulas-drawn"))),
  },
};
