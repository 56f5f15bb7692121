// From accounts to people, in the page. The arithmetic is that of platformlabour.counting.calculator, and the tests hold
// the two to each other. Without this file the table of worked values stands alone.
"use strict";

const MOST_ACCOUNTS = 9e9;
const ROUTES = ["people", "accounts", "platform-panel", "platform-active", "unknown"];

// What a published mean says of the mean over people, by the route on which respondents were reached.
function coefficientLimits(mean, route, most) {
  if (route === "people") return [mean, mean];
  const whole = Math.floor(mean);
  const mostEqual = 1 / ((whole + 1 - mean) / whole + (mean - whole) / (whole + 1));
  const leastEqual = 1 / (1 - (mean - 1) / most);
  if (route === "accounts") return [leastEqual, mostEqual];
  if (route === "platform-panel") return [leastEqual, mean];
  return [1, mean];
}

// inputs: accounts, mean, route, most (or null), and ranges [from, to]: dormant, active, sharing.
function countPeople(inputs) {
  const faults = [];
  const within = (name, value, least, largest) => {
    if (!(value >= least && value <= largest)) faults.push({ name, least, largest });
  };
  const ranged = (name, [low, high], least, largest) => {
    within(name, low, least, largest);
    within(name, high, least, largest);
    if (low > high) faults.push({ name, reversed: true });
  };
  const most = inputs.most === null ? Infinity : inputs.most;
  within("accounts", inputs.accounts, 1, MOST_ACCOUNTS);
  within("mean", inputs.mean, 1, Math.min(1000, most));
  if (inputs.most !== null) {
    within("most", inputs.most, 1, 100000);
    if (inputs.most % 1 > 0) faults.push({ name: "most", whole: true });
  }
  if (!ROUTES.includes(inputs.route)) faults.push({ name: "route" });
  ranged("dormant", inputs.dormant, 0, 0.999);
  ranged("active", inputs.active, 0.001, 1);
  ranged("sharing", inputs.sharing, 1, 100);
  if (faults.length) return { faults };

  const { accounts } = inputs;
  const limits = coefficientLimits(inputs.mean, inputs.route, most);
  const factors = [
    [1 - inputs.dormant[1], 1 - inputs.dormant[0]],
    inputs.active,
    inputs.sharing,
    [1 / limits[1], 1 / limits[0]],
  ];
  let centre = Math.log(accounts);
  let squares = 0;
  let [fewest, largest] = [accounts, accounts];
  for (const [low, high] of factors) {
    centre += (Math.log(low) + Math.log(high)) / 2;
    squares += ((Math.log(high) - Math.log(low)) / 2) ** 2;
    fewest *= low;
    largest *= high;
  }
  const half = Math.sqrt(squares);
  return {
    coefficient: limits,
    registered: [accounts / limits[1], accounts / limits[0]],
    active: Math.exp(centre),
    interval: [Math.exp(centre - half), Math.exp(centre + half)],
    widest: [fewest, largest],
  };
}

if (typeof module !== "undefined") module.exports = { coefficientLimits, countPeople };

// The page

function rounded(value) {
  const shown = value >= 1000 ? Number(value.toPrecision(3)) : Math.round(value);
  return shown.toLocaleString("en-GB");
}

function plain(value) {
  return Number(value.toPrecision(4)).toLocaleString("en-GB", { maximumFractionDigits: 3 });
}

function span([low, high], write) {
  return write(low) === write(high) ? write(low) : `${write(low)} to ${write(high)}`;
}

const LABELS = {
  accounts: "Accounts declared",
  mean: "Platforms a respondent uses, mean",
  most: "Platforms there are",
  dormant: "Accounts that lie dormant",
  active: "Of the others, active in a month",
  sharing: "People behind one account",
};
const PER_CENT = ["dormant", "active"];

function faultText({ name, least, largest, reversed, whole }) {
  if (reversed) return `${LABELS[name]}: the smaller number comes first.`;
  if (whole) return `${LABELS[name]}: a whole number.`;
  const scale = PER_CENT.includes(name) ? 100 : 1;
  const unit = scale === 100 ? " per cent" : "";
  return `${LABELS[name]}: a number from ${plain(least * scale)} to ${plain(largest * scale)}${unit}.`;
}

function startCalculator(box) {
  const field = (name) => box.querySelector(`[name="${name}"]`);
  const number = (name) => (field(name).value.trim() === "" ? NaN : Number(field(name).value));
  const range = (name) => {
    const scale = PER_CENT.includes(name) ? 100 : 1;
    return [number(`${name}-from`) / scale, number(`${name}-to`) / scale];
  };
  const answer = box.querySelector(".calculator-answer");
  const formula = box.querySelector(".calculator-formula");

  function show() {
    const inputs = {
      accounts: number("accounts"),
      mean: number("mean"),
      route: field("route").value,
      most: field("most").value.trim() === "" ? null : number("most"),
      dormant: range("dormant"),
      active: range("active"),
      sharing: range("sharing"),
    };
    const found = countPeople(inputs);
    const wrong = new Set((found.faults || []).map((fault) => fault.name));
    box.querySelectorAll("input").forEach((input) => {
      input.setAttribute("aria-invalid", String(wrong.has(input.name.replace(/-(from|to)$/, ""))));
    });
    if (found.faults) {
      answer.textContent = [...new Set(found.faults.map(faultText))].join(" ");
      formula.textContent = "";
      return;
    }
    answer.textContent =
      `Registered: ${found.registered[0] === found.registered[1] ? "" : "from "}${span(found.registered, rounded)} people at most. ` +
      `Active in a month: about ${rounded(found.active)} people (95% interval ${span(found.interval, rounded)}). ` +
      `With every factor at its end: ${span(found.widest, rounded)}.`;
    formula.textContent =
      `${rounded(inputs.accounts)} accounts × (1 − ${span(inputs.dormant, plain)}) dormant × ${span(inputs.active, plain)} active ` +
      `× ${span(inputs.sharing, plain)} people an account ÷ ${span(found.coefficient, plain)} accounts a person`;
  }

  box.addEventListener("input", show);
  box.addEventListener("change", show);
  box.querySelector("button").addEventListener("click", () => {
    box.querySelectorAll("input").forEach((input) => { input.value = input.defaultValue; });
    field("route").selectedIndex = [...field("route").options].findIndex((option) => option.defaultSelected);
    show();
  });
  box.hidden = false;
  show();
}

if (typeof document !== "undefined") {
  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".people-calculator").forEach(startCalculator));
}
