// Letting the model be silent where it is not sure: how many rows it still answers, and how many of these rightly.

import { fill, h } from "./dom.js";
import { slider } from "./report_slider.js";
import { count, mark } from "./words.js";

export function abstain({ rows, stops }) {
  if (!rows || !stops.length) return h("p", {}, "There is nothing to draw.");
  const right = ([, answered, right]) => (answered ? right / answered : null);
  const told = h("div", { class: "ts-two" });
  const shown = slider({
    label: "Answer only when at least this sure",
    stops: stops.length,
    at: 0,
    lines: [
      { look: "ts-curve-share", values: stops.map(([, answered]) => answered / rows) },
      { look: "ts-curve-right", values: stops.map(right) },
    ],
    low: mark(stops[0][0]),
    high: mark(stops.at(-1)[0]),
    moved: (stop) => {
      fill(told, tiles(stops[stop], stops[0], rows, right));
      return `at least ${mark(stops[stop][0])} sure`;
    },
  });
  shown.move(0);
  return [
    h("h3", { class: "ts-slide-title" }, "Answer only when at least this sure"),
    h("ul", { class: "ts-curve-key" }, h("li", { class: "ts-curve-share" }, "share of rows that are answered"), h("li", { class: "ts-curve-right" }, "share of those that are right")),
    shown.node,
    told,
  ];
}

function tiles(stop, first, rows, right) {
  const [, answered] = stop;
  const silent = rows - answered;
  const more = right(stop) === null || right(first) === null ? null : right(stop) - right(first);
  const gained = more === null || stop === first ? "" : ` That is ${mark(Math.abs(more))} ${more >= 0 ? "more" : "less"} than when everything is answered.`;
  return [
    h("dl", {}, h("dt", {}, "Answered"), h("dd", {}, mark(answered / rows)), h("dd", { class: "ts-help" }, `${count(answered)} of ${count(rows)} rows; ${count(silent)} are left to people.`)),
    h("dl", {}, h("dt", {}, "Right, of those"), h("dd", {}, mark(right(stop))), h("dd", { class: "ts-help" }, answered ? `${count(stop[2])} of ${count(answered)} rows.${gained}` : "Nothing is answered any more.")),
  ];
}
