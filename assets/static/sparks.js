// Small curves drawn by hand as SVG: many of them cost a page next to nothing.

import { h } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 300;
const COLOURS = ["--ts-line-1", "--ts-line-2", "--ts-line-3", "--ts-line-4", "--ts-line-5", "--ts-line-6"];
/** Lines differ in more than their colour. */
const DASHES = ["none", "7 4", "2 4", "10 3 2 3", "14 5", "4 3"];

/** So many lines can be told apart. */
export const LINES = COLOURS.length;

const coloured = (number) => `--line: var(${COLOURS[number % LINES]})`;

/** A short piece of the line of this number, for a legend. */
export function sample(number) {
  return h("span", { class: "ts-sample", "aria-hidden": "true" }, canvas(26, 8, [line([[1, 4], [25, 4]], number)]));
}

/**
 * Curves over `x` (rising numbers), one a list of `y` in `curves` (null: not known there), between `low` and `high`.
 * `at` is the place among `x` that is marked. `words` say the same to those who do not see it.
 */
export function curves(x, curves, { low, high, at = null, height = 64, words }) {
  const span = x.at(-1) - x[0] || 1;
  const tall = high - low || 1;
  const left = (place) => (x.length === 1 ? WIDTH / 2 : 4 + ((x[place] - x[0]) / span) * (WIDTH - 8));
  const top = (value) => 4 + (1 - (value - low) / tall) * (height - 8);
  const drawn = curves.flatMap((values, number) => {
    const points = values.map((value, place) => (value === null ? null : [left(place), top(value)]));
    const dot = at !== null && points[at] ? [dotted(points[at], number)] : [];
    return [...pieces(points).map((piece) => line(piece, number)), ...dot];
  });
  const mark = at === null ? [] : [shape("line", { x1: left(at), x2: left(at), y1: 0, y2: height, class: "ts-now" })];
  return h("div", { class: "ts-spark", role: "img", "aria-label": words, style: { height: `${height}px` } }, canvas(WIDTH, height, [...mark, ...drawn]));
}

/** Stretches without a gap; a point alone is a very short one. */
function pieces(points) {
  const found = [[]];
  for (const point of points) point ? found.at(-1).push(point) : found.push([]);
  return found.filter((piece) => piece.length).map((piece) => (piece.length > 1 ? piece : [piece[0], [piece[0][0] + 1, piece[0][1]]]));
}

function line(points, number) {
  const drawn = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return shape("polyline", { points: drawn, class: "ts-line", "stroke-dasharray": DASHES[number % LINES], style: coloured(number) });
}

/** A line without length and with round ends stays round, however the drawing is stretched. */
function dotted([x, y], number) {
  return shape("line", { x1: x, x2: x, y1: y, y2: y, class: "ts-dot", style: coloured(number) });
}

function canvas(width, height, inner) {
  const node = shape("svg", { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" });
  node.append(...inner);
  return node;
}

function shape(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
