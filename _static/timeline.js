// A filter for the case file. The list reads without it, in print all cases are shown, and nothing is remembered.
"use strict";

const FUNCTIONS = ["impersonation", "verification", "preparation"];
const GRADES = ["a", "b", "c", "d"];

// cases: class names of each case; chosen: the functions and grades ticked, and whether allegations stay.
function visible(cases, chosen) {
  const has = (classes, prefix, names) => names.some((name) => classes.includes(prefix + name));
  return cases.map(
    (classes) =>
      has(classes, "function-", chosen.functions) &&
      has(classes, "grade-", chosen.grades) &&
      (chosen.allegations || !classes.includes("allegation")),
  );
}

function tally(cases, shown) {
  const counts = Object.fromEntries(FUNCTIONS.map((name) => [name, 0]));
  cases.forEach((classes, position) => {
    if (!shown[position]) return;
    for (const name of FUNCTIONS) if (classes.includes(`function-${name}`)) counts[name] += 1;
  });
  return counts;
}

function sentence(cases, shown) {
  const counts = tally(cases, shown);
  const parts = FUNCTIONS.map((name) => `${name} ${counts[name]}`);
  return `${shown.filter(Boolean).length} of ${cases.length} cases shown: ${parts.join(", ")}.`;
}

if (typeof module !== "undefined") module.exports = { visible, tally, sentence };

// The page

function checkboxes(legend, name, values, words) {
  const set = document.createElement("fieldset");
  const title = document.createElement("legend");
  title.textContent = legend;
  set.append(title);
  for (const value of values) {
    const label = document.createElement("label");
    const box = document.createElement("input");
    Object.assign(box, { type: "checkbox", name, value, checked: true, autocomplete: "off" });
    label.append(box, ` ${words(value)}`);
    set.append(label);
  }
  return set;
}

function start(list) {
  const terms = [...list.querySelectorAll("dt.case")];
  const cases = terms.map((term) => [...term.classList]);
  const form = document.createElement("form");
  form.className = "case-filter";
  form.setAttribute("aria-label", "Filter the cases");
  const output = document.createElement("output");
  output.setAttribute("aria-live", "polite");
  form.append(
    checkboxes("Main function", "function", FUNCTIONS, (name) => name),
    checkboxes("Grade of evidence", "grade", GRADES, (grade) => grade.toUpperCase()),
    checkboxes("Allegations", "allegation", ["yes"], () => "show them too"),
    output,
  );
  const ticked = (name) => [...form.querySelectorAll(`input[name="${name}"]:checked`)].map((box) => box.value);
  const update = () => {
    const chosen = {
      functions: ticked("function"),
      grades: ticked("grade"),
      allegations: ticked("allegation").length > 0,
    };
    const shown = visible(cases, chosen);
    terms.forEach((term, position) => {
      term.hidden = !shown[position];
      if (term.nextElementSibling) term.nextElementSibling.hidden = !shown[position];
    });
    output.textContent = sentence(cases, shown);
  };
  form.addEventListener("change", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  list.before(form);
  update();
}

if (typeof document !== "undefined") document.querySelectorAll("dl.case-list").forEach(start);
