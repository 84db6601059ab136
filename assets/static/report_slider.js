// A slider with small curves above it, as wide as the slider: what would become of the rows at each of its stops.

import { h, say } from "./dom.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 100;

/**
 * `lines` are { look, values }: one number from 0 to 1 a stop, or null. `moved(stop)` is called now and whenever it
 * moves, and returns the words for the stop. Returns { node, move, mark, redraw }: `mark(stop, words)` shows a place.
 */
export function slider({ label, stops, at, lines, low, high, moved }) {
  const input = h("input", { type: "range", min: 0, max: stops - 1, step: 1, "aria-label": label, oninput: () => show(Number(input.value)) });
  const drawing = svg("svg", { viewBox: `0 0 ${Math.max(1, stops - 1)} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  const knob = h("i", { class: "ts-slide-now", "aria-hidden": "true" });
  const said = h("output", { class: "ts-slide-said" });
  const marks = h("div", { class: "ts-slide-marks", "aria-hidden": "true" });
  const share = (stop) => (stops > 1 ? (100 * stop) / (stops - 1) : 0);

  function show(stop) {
    const words = moved(stop);
    input.setAttribute("aria-valuetext", words);
    say(said, words);
    knob.style.left = `${share(stop)}%`;
  }
  function redraw(newer) {
    drawing.replaceChildren(...newer.flatMap(({ look, values }) => pieces(values).map((points) => svg("polyline", { class: look, points, "vector-effect": "non-scaling-stroke" }))));
  }
  function move(stop) {
    input.value = stop;
    show(stop);
  }
  function mark(places) {
    marks.replaceChildren(...places.map(({ stop, words, look }) => h("span", { class: look, style: { left: `${share(stop)}%` }, "data-side": share(stop) > 50 ? "left" : "right" }, h("b", {}, words))));
  }
  const node = h("div", { class: "ts-slide" }, h("div", { class: "ts-slide-plot" }, drawing, marks, knob), input, h("p", { class: "ts-slide-ends" }, h("span", {}, low), said, h("span", {}, high)));
  redraw(lines);
  input.value = at;
  return { node, move, mark, redraw, now: () => Number(input.value) };
}

/** The points of a line, without the places where nothing is known. */
function pieces(values) {
  const found = [[]];
  values.forEach((value, stop) => (value === null ? found.push([]) : found.at(-1).push(`${stop},${(HEIGHT * (1 - value)).toFixed(2)}`)));
  return found.filter((points) => points.length).map((points) => points.join(" "));
}

function svg(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
