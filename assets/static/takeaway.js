// A report that was taken away: the same blocks as on the page of a run, from the data that lie in the file itself.

import { h, prose } from "./dom.js";
import { cards } from "./report.js";
import { contents } from "./report_contents.js";

const dark = matchMedia("(prefers-color-scheme: dark)");
const place = document.querySelector("#ts-kept");
const { name, facts, verdict, sections } = JSON.parse(document.querySelector("#ts-report").textContent);

const theme = h("button", { type: "button", class: "ts-button ts-plain ts-theme-words", onclick: () => dress(!document.body.classList.contains("dark")) });

function dress(isDark) {
  document.body.classList.toggle("dark", isDark);
  theme.textContent = isDark ? "Light" : "Dark";
  theme.setAttribute("aria-label", `Switch to ${isDark ? "light" : "dark"}`);
}

dress(dark.matches);
dark.addEventListener("change", () => dress(dark.matches));

// Paper is light, and has no buttons: whatever they would show is printed.
let before = false;
window.addEventListener("beforeprint", () => {
  before = document.body.classList.contains("dark");
  dress(false);
  document.querySelectorAll(".ts-all").forEach((all) => all.click());
});
window.addEventListener("afterprint", () => dress(before));

const { first, below, laid } = cards(sections);
place.append(
  h(
    "header",
    { class: "ts-kept-head" },
    h("div", {}, h("h1", {}, name), h("dl", { class: "ts-facts" }, facts.map(([word, value]) => h("div", {}, h("dt", {}, word), h("dd", {}, value))))),
    theme,
  ),
  ...[verdict && h("section", { class: "ts-card ts-outcome", "data-tone": "good", "aria-label": "Verdict" }, h("p", { class: "ts-verdict" }, prose(verdict))), ...first, contents(below), ...laid].filter(Boolean),
);
