// Letting the model be silent where it is not sure: how many rows it still answers, and how many of these rightly.

import { fill, h } from "./dom.js";
import { tr } from "./language.js";
import { slider } from "./report_slider.js";
import { count, mark } from "./words.js";

export function abstain({ rows, stops }) {
  if (!rows || !stops.length) return h("p", {}, tr("There is nothing to draw."));
  const right = ([, answered, right]) => (answered ? right / answered : null);
  const told = h("div", { class: "ts-two" });
  const shown = slider({
    label: tr("Answer only when at least this sure"),
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
      return tr("at least {stops} sure", { stops: mark(stops[stop][0]) });
    },
  });
  shown.move(0);
  return [
    h("h3", { class: "ts-slide-title" }, tr("Answer only when at least this sure")),
    h("ul", { class: "ts-curve-key" }, h("li", { class: "ts-curve-share" }, tr("share of rows that are answered")), h("li", { class: "ts-curve-right" }, tr("share of those that are right"))),
    shown.node,
    told,
  ];
}

function tiles(stop, first, rows, right) {
  const [, answered] = stop;
  const silent = rows - answered;
  const more = right(stop) === null || right(first) === null ? null : right(stop) - right(first);
  const share = more === null ? "" : mark(Math.abs(more));
  const than = more >= 0 ? tr("That is {share} more than when everything is answered.", { share }) : tr("That is {share} less than when everything is answered.", { share });
  const gained = more === null || stop === first ? "" : ` ${than}`;
  return [
    h("dl", {}, h("dt", {}, tr("Answered")), h("dd", {}, mark(answered / rows)), h("dd", { class: "ts-help" }, tr("{answered} of {rows} rows; {silent} are left to people.", { answered: count(answered), rows: count(rows), silent: count(silent) }))),
    h("dl", {}, h("dt", {}, tr("Right, of those")), h("dd", {}, mark(right(stop))), h("dd", { class: "ts-help" }, answered ? tr("{stop} of {answered} rows.{gained}", { stop: count(stop[2]), answered: count(answered), gained }) : tr("Nothing is answered any more."))),
  ];
}
