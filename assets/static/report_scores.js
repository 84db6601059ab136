// The scores of a report: the model beside what it is compared with, each with its range.

import { h } from "./dom.js";
import { tr } from "./language.js";
import { mark } from "./words.js";

const FIRST_SCORES = 2;

/** Groups of bars, one a metric; of many the first ones, the others folded. */
export function scores({ columns, rows }) {
  const groups = rows.map((row) => scoreGroup(row, columns));
  const rest = groups.slice(FIRST_SCORES);
  return [
    h("div", { class: "ts-scores" }, groups.slice(0, FIRST_SCORES)),
    rest.length > 0 && h("details", { class: "ts-rest" }, h("summary", {}, tr("More scores")), h("div", { class: "ts-scores" }, rest)),
    compared(columns.slice(1).filter(({ help }) => help)),
  ];
}

/** What the model is compared with, in words. */
function compared(others) {
  if (!others.length) return null;
  return h("details", { class: "ts-rest" }, h("summary", {}, tr("What it is compared with")), h("dl", { class: "ts-compared" }, others.map(({ label, help }) => h("div", {}, h("dt", {}, label), h("dd", {}, help)))));
}

function scoreGroup(row, columns) {
  const smaller = row.greater_is_better === false;
  const ends = scale(row);
  return h(
    "div",
    {},
    h("h3", {}, row.label, smaller && [" ", h("small", { class: "ts-direction" }, tr("smaller is better"))]),
    row.help && h("p", {}, row.help),
    row.values.map((value, place) => score(value, columns[place], row.style, ends, place === 0)),
  );
}

/**
 * Where the bars of a metric begin and end. A share that should be large is shown of the whole; all else of the largest
 * of its row, because an error or a perplexity has no upper end. Bars grow from 0, to the left where values are below.
 */
function scale({ style, values, greater_is_better }) {
  const known = values.flatMap(({ value, low, high }) => [value, low, high]).filter(Number.isFinite);
  const lowest = Math.min(0, ...known);
  const whole = style === "percent" && greater_is_better !== false;
  return [lowest, Math.max(whole ? 1 : lowest + 1e-12, ...known)];
}

function score({ value, low, high }, column, style, [from, to], ours) {
  const share = (number) => Math.min(100, Math.max(0, (100 * (number - from)) / (to - from)));
  const between = (one, other) => ({ left: `${share(one)}%`, width: `${share(other) - share(one)}%` });
  const known = Number.isFinite(value);
  const banded = known && Number.isFinite(low) && Number.isFinite(high);
  const meter = h(
    "span",
    { class: "ts-meter", "aria-hidden": "true" },
    known && h("i", { style: between(Math.min(0, value), Math.max(0, value)) }),
    from < 0 && h("u", { style: { left: `${share(0)}%` } }),
    banded && h("b", { style: between(low, high) }),
  );
  return h(
    "div",
    { class: `ts-score${ours ? " ts-ours" : ""}` },
    h("span", { title: column.help || null }, column.label),
    meter,
    h("strong", {}, mark(value, style)),
    banded && h("span", { class: "ts-band" }, tr("between {low} and {high}", { low: mark(low, style), high: mark(high, style) })),
  );
}
