// Comfort only: every page reads without this file.
"use strict";

const root = document.documentElement;

function remembered() {
  try {
    return localStorage.getItem("theme");
  } catch {
    return null; // storage may be refused, for instance to pages opened from a folder
  }
}

function remember(theme) {
  try {
    localStorage.setItem("theme", theme);
  } catch {
    // the choice then holds for this page only
  }
}

// Before the page is drawn, so that it does not flash.
if (["light", "dark"].includes(remembered())) root.dataset.theme = remembered();

function isDark() {
  if (root.dataset.theme) return root.dataset.theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function labelThemeButton(button) {
  button.firstElementChild.textContent = isDark() ? "Light" : "Dark";
}

// A region that scrolls must be reachable without a mouse; one that does not should cost no stop.
function makeReachable(region) {
  if (region.scrollWidth > region.clientWidth + 1) region.tabIndex = 0;
  else region.removeAttribute("tabindex");
}

function checkRegions() {
  document.querySelectorAll(".scroll, div.math, .highlight pre").forEach(makeReachable);
}

document.addEventListener("DOMContentLoaded", () => {
  const button = document.getElementById("theme-button");
  labelThemeButton(button);
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember(root.dataset.theme);
    labelThemeButton(button);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => labelThemeButton(button));

  const contents = document.getElementById("contents");
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && contents.matches(":popover-open")) contents.hidePopover();
  });

  checkRegions();
  document.addEventListener("formulas-drawn", checkRegions);
  document.addEventListener("toggle", checkRegions, true); // a region inside a closed fold has no width
  addEventListener("resize", checkRegions);
});
