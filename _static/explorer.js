// The explorer: filters the table of ties that stands on the page. Nothing is fetched, and without this script the
// table is simply whole.
(function () {
  "use strict";

  function start() {
    var holder = document.getElementById("tab-all-ties");
    var table = holder && (holder.tagName === "TABLE" ? holder : holder.querySelector("table") || holder.closest("table"));
    var place = document.getElementById("explorer-controls");
    if (!table || !place || !table.tBodies.length) return;

    var headings = Array.prototype.map.call(table.tHead.rows[0].cells, function (cell) { return cell.textContent.trim(); });
    var column = {};
    headings.forEach(function (name, index) { column[name] = index; });
    var ties = Array.prototype.map.call(table.tBodies[0].rows, function (row) {
      function text(name) { return row.cells[column[name]].textContent.trim(); }
      return { row: row, from: text("From"), tie: text("Tie").replace(/\s*\([^)]*\)$/, ""), to: text("To"), when: text("When") };
    });

    function sorted(values) {
      return Array.from(new Set(values)).sort(function (a, b) { return a.localeCompare(b, "en", { sensitivity: "base" }); });
    }
    var organisations = sorted(ties.map(function (t) { return t.from; }).concat(ties.map(function (t) { return t.to; })));
    var kinds = sorted(ties.map(function (t) { return t.tie; }));

    function labelled(text, control) {
      var label = document.createElement("label");
      label.appendChild(document.createTextNode(text + " "));
      label.appendChild(control);
      place.appendChild(label);
      return control;
    }
    function choice(id, first, values) {
      var select = document.createElement("select");
      select.id = id;
      [first].concat(values).forEach(function (value, index) {
        var option = document.createElement("option");
        option.value = index ? value : "";
        option.textContent = value;
        select.appendChild(option);
      });
      return select;
    }

    var organisation = labelled("Organisation", choice("explorer-organisation", "All organisations", organisations));
    var kind = labelled("Tie", choice("explorer-tie", "All ties", kinds));
    var year = document.createElement("input");
    year.type = "number"; year.id = "explorer-year"; year.min = "1990"; year.max = "2026"; year.step = "1";
    year.placeholder = "any";
    labelled("Standing in the year", year);
    var reset = document.createElement("button");
    reset.type = "button";
    reset.textContent = "Show all";
    place.appendChild(reset);

    var status = document.createElement("p");
    status.className = "explorer-status";
    status.setAttribute("role", "status");  // read out when it changes, without moving the focus
    var partners = document.createElement("div");
    partners.className = "explorer-partners";
    place.parentNode.insertBefore(status, place.nextSibling);
    place.parentNode.insertBefore(partners, status.nextSibling);

    function stands(when, wanted) {
      var years = when.match(/\d{4}/g).map(Number);
      return years[0] <= wanted && (when.indexOf("until") < 0 || wanted <= years[years.length - 1]);
    }

    function show(remember) {
      var name = organisation.value, tie = kind.value, wanted = year.value ? Number(year.value) : null;
      var shown = 0, around = {};
      ties.forEach(function (t) {
        var good = (!name || t.from === name || t.to === name) && (!tie || t.tie === tie) &&
          (wanted === null || stands(t.when, wanted));
        t.row.hidden = !good;
        if (!good) return;
        shown += 1;
        if (name) around[t.from === name ? t.to : t.from] = true;
      });
      status.textContent = shown + (shown === 1 ? " tie" : " ties") + " of " + ties.length + " shown" +
        (name ? " for " + name : "") + (wanted === null ? "" : ", standing in " + wanted) +
        ". That a tie is missing means only that nobody looked.";
      partners.textContent = "";
      if (name && shown) {
        var words = document.createElement("span");
        words.textContent = "Go on to: ";
        partners.appendChild(words);
        sorted(Object.keys(around)).forEach(function (other) {
          var button = document.createElement("button");
          button.type = "button";
          button.textContent = other;
          button.addEventListener("click", function () {
            organisation.value = other;
            show(true);
            organisation.focus();
          });
          partners.appendChild(button);
        });
      }
      if (remember) {
        var target = name ? "#organisation=" + encodeURIComponent(name) : location.pathname;
        try { history.replaceState(null, "", target); } catch (error) { /* a page opened from a file may not allow it */ }
      }
    }

    [organisation, kind].forEach(function (control) { control.addEventListener("change", function () { show(true); }); });
    year.addEventListener("input", function () { show(true); });
    reset.addEventListener("click", function () {
      organisation.value = ""; kind.value = ""; year.value = "";
      show(true);
      organisation.focus();
    });

    var asked = /^#organisation=(.+)$/.exec(location.hash);
    if (asked) {
      var wantedName;
      try { wantedName = decodeURIComponent(asked[1]); } catch (error) { wantedName = ""; }
      if (organisations.indexOf(wantedName) >= 0) organisation.value = wantedName;
    }
    place.hidden = false;
    show(false);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
