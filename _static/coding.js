// Puts a form in the place of the tables of tasks and codes. All data are read from those tables; nothing is stored or sent.
"use strict";

// Krippendorff's alpha for nominal codes: one list of codes an item, empty strings for missing codes. NaN where it is undefined.
function nominalAlpha(items) {
  const margins = new Map();
  let pairable = 0;
  let apart = 0;
  for (const item of items) {
    const codes = item.filter((code) => code !== "");
    if (codes.length < 2) continue;
    pairable += codes.length;
    let unequal = 0;
    for (const code of codes) {
      margins.set(code, (margins.get(code) || 0) + 1);
      unequal += codes.filter((other) => other !== code).length;
    }
    apart += unequal / (codes.length - 1);
  }
  let expected = pairable * pairable;
  for (const count of margins.values()) expected -= count * count;
  return expected > 0 ? 1 - ((pairable - 1) * apart) / expected : NaN;
}

// A cell that no spreadsheet takes for a formula.
function csvCell(text) {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

// The coded tasks as the file that `platformlabour agreement` reads.
function codesAsCsv(tasks, codes, coder, version) {
  const lines = [["item", "coder", "code", "second", "version"]];
  tasks.forEach((task, place) => {
    if (codes[place].main) lines.push([task.item, coder, codes[place].main, codes[place].second, version]);
  });
  return lines.map((line) => line.map(csvCell).join(",") + "\n").join("");
}

// What to say about the agreement of the reader's main codes with the published ones.
function verdict(tasks, codes) {
  const pairs = tasks.map((task, place) => [codes[place].main, task.main]).filter((pair) => pair[0] !== "");
  const equal = pairs.filter((pair) => pair[0] === pair[1]).length;
  const alpha = nominalAlpha(pairs);
  const shown = Number.isNaN(alpha) ? "alpha is undefined, because all codes are equal" : `Krippendorff’s alpha is ${alpha.toFixed(2)}`;
  return `You coded ${pairs.length} of ${tasks.length} tasks and gave the published main code to ${equal}; ${shown}.`;
}

if (typeof module !== "undefined") module.exports = { nominalAlpha, csvCell, codesAsCsv, verdict };

if (typeof document !== "undefined") {
  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const cellsOf = (table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.replaceAll("\u200b", "").trim()));

  const start = (practice) => {
    const version = practice.querySelector(".coding-version").textContent.match(/[0-9]+\.[0-9]+/)[0];
    const names = new Map(cellsOf(practice.querySelector("table.coding-names")));
    const published = cellsOf(practice.querySelector("table.coding-published"));
    const tasks = cellsOf(practice.querySelector("table.coding-tasks")).map(([, title, summary, item], place) => {
      const [, main, second, reason] = published[place];
      return { item, title, summary, main, second: names.has(second) ? second : "", reason };
    });
    let codes = tasks.map(() => ({ main: "", second: "" }));
    let place = 0;

    const tool = make("div", { className: "coding-tool" });
    tool.setAttribute("role", "region");
    tool.setAttribute("aria-label", "Code twenty tasks");
    const tables = [...practice.children];
    for (const element of tables) element.hidden = true;
    practice.prepend(tool);

    const show = (focus, ...children) => {
      tool.replaceChildren(...children);
      if (focus) focus.focus();
    };
    const button = (text, action, main = false) => {
      const element = make("button", { type: "button", textContent: text, className: main ? "coding-main" : "" });
      element.addEventListener("click", action);
      return element;
    };

    const showTask = (moveFocus) => {
      const task = tasks[place];
      const title = make("p", { className: "coding-title", tabIndex: -1, textContent: task.title });
      const message = make("p", { className: "coding-message" });
      message.setAttribute("role", "alert");
      const choices = [...names].map(([code, name]) => {
        const input = make("input", { type: "radio", name: "coding-main", value: code, checked: codes[place].main === code });
        input.addEventListener("change", () => {
          codes[place].main = code;
          if (codes[place].second === code) codes[place].second = "";
          fillSecond();
          message.textContent = "";
        });
        return make("label", { className: "coding-choice" }, input, make("kbd", { textContent: code }), ` ${name}`);
      });
      const second = make("select", { id: "coding-second" });
      const fillSecond = () => {
        const options = [...names].filter(([code]) => code !== codes[place].main).map(([code, name]) => make("option", { value: code, textContent: `${code}, ${name}` }));
        second.replaceChildren(make("option", { value: "", textContent: "none" }), ...options);
        second.value = codes[place].second;
      };
      fillSecond();
      second.addEventListener("change", () => (codes[place].second = second.value));
      const next = () => {
        if (!codes[place].main) {
          message.textContent = "Choose a main code, or skip the task.";
          return;
        }
        step(1);
      };
      const last = place === tasks.length - 1;
      const buttons = make(
        "div",
        { className: "coding-buttons" },
        button(last ? "Compare" : "Next task", next, true),
        button("Skip", () => step(1)),
        ...(place ? [button("Back", () => step(-1))] : []),
        ...(codes.some((code) => code.main) && !last ? [button("Compare now", showResult)] : []),
      );
      const fields = make("fieldset", {}, make("legend", { textContent: "Main code" }), ...choices);
      fields.addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const chosen = fields.querySelector(`input[value="${CSS.escape(event.key.toUpperCase())}"]`);
        if (chosen) {
          chosen.click();
          chosen.focus();
        } else if (event.key === "Enter") {
          event.preventDefault();
          next();
        }
      });
      show(
        moveFocus ? title : null,
        make("p", { className: "coding-progress", textContent: `Task ${place + 1} of ${tasks.length}` }),
        title,
        make("p", { className: "coding-summary", textContent: task.summary }),
        fields,
        make("div", { className: "coding-second" }, make("label", { htmlFor: "coding-second", textContent: "Second code, only if the text shows one" }), second),
        message,
        buttons,
        make("p", { className: "coding-note", textContent: "Keyboard: within the main codes, a code’s letter chooses it and Enter goes on. Nothing is stored or sent." }),
      );
    };

    const step = (by) => {
      place += by;
      if (place >= tasks.length) showResult();
      else showTask(true);
    };

    const showResult = () => {
      const heading = make("p", { className: "coding-title", tabIndex: -1, textContent: "Your codes beside the published ones" });
      const head = make("tr", {}, ...["Task", "You", "Book", "Why"].map((text) => make("th", { scope: "col", textContent: text })));
      const rows = tasks.map((task, at) => {
        const mine = [codes[at].main, codes[at].second].filter(Boolean).join(", ") || "–";
        const theirs = [task.main, task.second].filter(Boolean).join(", ");
        const differs = codes[at].main && codes[at].main !== task.main;
        const row = make("tr", { className: differs ? "coding-differs" : "" });
        row.append(make("th", { scope: "row", textContent: task.title }), make("td", { textContent: differs ? `${mine} ≠` : mine }), make("td", { textContent: theirs }), make("td", { textContent: task.reason }));
        return row;
      });
      const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
      const scroll = make("div", { className: "scroll", tabIndex: 0 }, table);
      scroll.setAttribute("role", "region");
      scroll.setAttribute("aria-label", "Your codes and the published codes");
      const coder = make("input", { type: "text", id: "coding-coder", value: "reader", maxLength: 40, autocomplete: "off" });
      const save = () => {
        const name = coder.value.replace(/[^\p{L}\p{N} .-]/gu, "").trim() || "reader";
        const text = codesAsCsv(tasks, codes, name, version);
        const address = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
        const link = make("a", { href: address, download: `codes-${name.replace(/[^A-Za-z0-9-]+/g, "-")}.csv` });
        link.click();
        setTimeout(() => URL.revokeObjectURL(address), 1000);
      };
      show(
        heading,
        heading,
        make("p", { className: "coding-result", textContent: verdict(tasks, codes) }),
        make("p", { className: "coding-note", textContent: "Twenty tasks are few: alpha would move by a tenth or more with other tasks. The published codes are a language model’s. Where you differ, you may be right." }),
        scroll,
        make("div", { className: "coding-second" }, make("label", { htmlFor: "coding-coder", textContent: "Your name or a pseudonym in the file" }), coder),
        make(
          "div",
          { className: "coding-buttons" },
          button("Download your codes (CSV)", save, true),
          button("Change codes", () => {
            place = 0;
            showTask(true);
          }),
          button("Forget them and begin again", () => {
            codes = tasks.map(() => ({ main: "", second: "" }));
            place = 0;
            showTask(true);
          }),
        ),
      );
    };

    showTask(false);
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".coding-practice").forEach(start));
}
