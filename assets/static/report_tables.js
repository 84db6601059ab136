// The tables of a report: plain ones, examples with long texts, and texts beside each other.

import { button, h } from "./dom.js";
import { mark } from "./words.js";

const LONG = 320;
const FIRST_ROWS = 12;
const FIRST_EXAMPLES = 6;
const FIRST_SAMPLES = 4;

export function table({ columns, rows }) {
  return grid(columns, rows, "ts-table", FIRST_ROWS, columns.map(() => false));
}

export function examples({ columns, rows }) {
  const isLong = (column, place) => column.style === "text" && (place === 0 || rows.some((row) => String(row[place] ?? "").length > 60));
  return grid(columns, rows, "ts-table ts-cards", FIRST_EXAMPLES, columns.map(isLong));
}

/** A table; of many rows the `first` ones, the others on demand. `long` says of each column whether it holds long texts. */
function grid(columns, rows, look, first, long) {
  const kind = (place) => (long[place] ? "ts-long" : columns[place].style === "text" ? null : "ts-number");
  const cell = (value, place) => {
    const words = mark(value, columns[place].style);
    const options = { class: kind(place), "data-label": columns[place].label, scope: place === 0 ? "row" : null };
    return h(place === 0 ? "th" : "td", options, long[place] ? clipped(words) : words);
  };
  const body = h("tbody", {}, rows.slice(0, first).map((row) => h("tr", {}, row.map(cell))));
  const head = h("tr", {}, columns.map((column, place) => h("th", { class: kind(place), scope: "col" }, column.label)));
  const more = rows.length > first && button(`Show all ${rows.length}`, () => {
    body.append(...rows.slice(first).map((row) => h("tr", {}, row.map(cell))));
    more.remove();
  });
  return [
    h(
      "div",
      { class: "ts-scroll", tabindex: 0, role: "region", "aria-label": columns.map((column) => column.label).join(", ") },
      h("table", { class: look }, h("thead", {}, head), body),
    ),
    more,
  ];
}

function clipped(text) {
  if (text.length <= LONG) return text;
  return h("details", {}, h("summary", {}, text.slice(0, LONG), h("span", { class: "ts-more" }, "…")), h("span", {}, text.slice(LONG)));
}

/** Texts beside each other, one card a row: what was asked, and what different hands made of it. */
export function samples({ columns, rows }) {
  const part = (words, place) => h("div", {}, h("dt", {}, columns[place].label), h("dd", {}, clipped(mark(words, "text"))));
  const one = (row) => h("li", {}, h("dl", {}, row.map(part)));
  const list = h("ol", { class: "ts-samples" }, rows.slice(0, FIRST_SAMPLES).map(one));
  const more = rows.length > FIRST_SAMPLES && button(`Show all ${rows.length}`, () => {
    list.append(...rows.slice(FIRST_SAMPLES).map(one));
    more.remove();
  });
  return [list, more];
}
