// The tables of a report: plain ones, examples with long texts, texts beside each other, and slices with their ranges.

import { button, h } from "./dom.js";
import { tr } from "./language.js";
import { opener } from "./report_rows.js";
import { clipped } from "./report_text.js";
import { mark } from "./words.js";

const FIRST_ROWS = 12;
const FIRST_EXAMPLES = 6;
const FIRST_SAMPLES = 4;

export function table(content, from) {
  return grid(content, from, { look: "ts-table", first: FIRST_ROWS });
}

export function examples(content, from) {
  const { columns, rows } = content;
  const isLong = (column, place) => column.style === "text" && (place === 0 || rows.some((row) => String(row[place] ?? "").length > 60));
  return grid(content, from, { look: "ts-table ts-cards", first: FIRST_EXAMPLES, long: columns.map(isLong) });
}

/** A table that says of each group of rows how sure its last number is: a mark on a line, with the range around it. */
export function slices(content, from) {
  const { columns, low, high } = content;
  const rows = content.rows.map(([words, ...numbers]) => [begun(words), ...numbers]);
  const last = columns.length - 1;
  const { style } = columns[last];
  const known = [...low, ...high, ...rows.map((row) => row[last])].filter(Number.isFinite);
  const ends = style === "percent" ? [0, Math.max(1, ...known)] : [Math.min(0, ...known), Math.max(1e-12, ...known)];
  const ranged = (words, value, row) => [h("span", {}, words), range(value, low[row], high[row], ends, style)];
  return grid({ ...content, rows }, from, { look: "ts-table ts-cards ts-slices", first: FIRST_ROWS, last: ranged });
}

/** As the first word of a cell: what was said of a group can stand inside a sentence too. */
const begun = (words) => words.charAt(0).toLocaleUpperCase() + words.slice(1);

function range(value, low, high, [from, to], style) {
  const at = (number) => `${Math.min(100, Math.max(0, (100 * (number - from)) / (to - from)))}%`;
  if (![value, low, high].every(Number.isFinite)) return null;
  return [
    h("span", { class: "ts-range", "aria-hidden": "true" }, h("i", { style: { left: at(low), right: `calc(100% - ${at(high)})` } }), h("b", { style: { left: at(value) } })),
    h("small", {}, tr("between {low} and {high}", { low: mark(low, style), high: mark(high, style) })),
  ];
}

/**
 * A table; of many rows the first ones, the others on demand. `long` says of each column whether it holds long texts;
 * `last` draws the last cell of a row from its words, its value and its place.
 */
function grid({ columns, rows, opens = [], ...content }, from, { look, first, long = [], last = null }) {
  if (!rows.length) return null; // the words above say why
  const kind = (place) => (long[place] ? "ts-long" : columns[place].style === "text" ? null : "ts-number");
  const inside = (value, place, number) => {
    const words = mark(value, columns[place].style);
    const open = place === 0 && opens[number] && opener(opens[number], title(rows[number], opens[number]), from, content);
    if (open && !long[place]) return [h("button", { type: "button", class: "ts-open", "aria-haspopup": "dialog", onclick: open }, words)];
    const shown = long[place] ? clipped(words) : words;
    if (last && place === columns.length - 1) return last(shown, value, number);
    return open ? [shown, h("button", { type: "button", class: "ts-open", "aria-haspopup": "dialog", onclick: open }, tr("Show the whole row"))] : shown;
  };
  const title = (row, where) => `${called(columns, row, long)}${where.some(isMistaken) ? tr(": where it was wrong") : ""}`;
  const cell = (value, place, number) => h(place === 0 ? "th" : "td", { class: kind(place), "data-label": columns[place].label, scope: place === 0 ? "row" : null }, inside(value, place, number));
  const line = (row, number) => h("tr", {}, row.map((value, place) => cell(value, place, number)));
  const body = h("tbody", {}, rows.slice(0, first).map(line));
  const head = h("tr", {}, columns.map((column, place) => h("th", { class: kind(place), scope: "col" }, column.label)));
  return [
    h(
      "div",
      { class: "ts-scroll", tabindex: 0, role: "region", "aria-label": columns.map((column) => column.label).join(", ") },
      h("table", { class: look }, h("thead", {}, head), body),
    ),
    rest(rows, first, (others) => body.append(...others.map((row, place) => line(row, first + place)))),
  ];
}

/** Whether a condition leaves only mistakes. */
const isMistaken = ([column, operation, value]) => column === "error" && operation === ">" && value === 0;

/** What the rows behind a line are called: its first cell, or what it pairs, such as a truth and an answer. */
function called(columns, row, long) {
  const texts = columns.map((column, place) => [column.label, mark(row[place], column.style), column.style === "text" && !long.some(Boolean)]).filter(([, , is], place) => is || place === 0);
  const pair = texts.length === 2 && texts.every(([, words]) => words.length < 60);
  return pair ? texts.map(([label, words]) => `${label}: ${words}`).join(" · ") : texts[0][1];
}

/** A button that shows the others of many, once; nothing where there are none. */
export function rest(items, first, append) {
  if (items.length <= first) return null;
  const more = button(tr("Show all {items}", { items: items.length }), () => {
    append(items.slice(first));
    more.remove();
  }, "ts-all");
  return more;
}

/** Texts beside each other, one card a row: what was asked, and what different hands made of it. */
export function samples({ columns, rows, opens = [], ...content }, from) {
  const part = (words, place) => h("div", {}, h("dt", {}, columns[place].label), h("dd", {}, clipped(mark(words, "text"))));
  const one = (row, number) => {
    const open = opens[number] && opener(opens[number], mark(row[0], "text").slice(0, 80), from, content);
    return h("li", {}, h("dl", {}, row.map(part)), open && h("button", { type: "button", class: "ts-open", "aria-haspopup": "dialog", onclick: open }, tr("Show the whole row")));
  };
  const list = h("ol", { class: "ts-samples" }, rows.slice(0, FIRST_SAMPLES).map(one));
  return [list, rest(rows, FIRST_SAMPLES, (others) => list.append(...others.map((row, place) => one(row, FIRST_SAMPLES + place))))];
}
