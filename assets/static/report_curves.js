// Curves of a report: lines that can be put away, points whose size says how many rows stand behind them.

import { h } from "./dom.js";
import { CONFIG, layout, token } from "./charts.js";
import { tr, trMany } from "./language.js";
import { frame, inPlot } from "./report_frame.js";
import { count, mark } from "./words.js";

const COLOURS = 6;
const DASHES = ["solid", "dash", "dot"];
/** Of more lines, the first ones are drawn, and the others on demand. */
const MOST_LINES = 8;
const FIRST_LINES = 6;
const TOLD = 4;
const SMALLEST = 6;
const LARGEST = 22;

export function curves(content) {
  const lines = content.lines.map(look).filter((line) => line.points.length);
  if (!lines.length) return h("p", {}, tr("There is nothing to draw."));
  const hidden = new Set(lines.length > MOST_LINES ? lines.slice(FIRST_LINES) : []);
  let again = () => {};
  const plot = frame(content.diagonal ? "ts-curves ts-square" : "ts-curves", told(content, lines), {}, (Plotly, node) => {
    again = () => draw(Plotly, node, content, lines.filter((line) => !hidden.has(line)));
    return again();
  });
  const entry = (line) => {
    const turn = () => {
      if (!hidden.delete(line)) hidden.add(line);
      name.setAttribute("aria-pressed", String(!hidden.has(line)));
      again();
    };
    const name = h("button", { type: "button", "aria-pressed": String(!hidden.has(line)), onclick: turn, "data-dash": line.dash, style: { "--swatch": `var(${line.colour})` } }, h("span", {}, line.label));
    return h("li", {}, name);
  };
  return [
    lines.length > 1 ? h("ul", { class: "ts-legend ts-curve-names" }, lines.map(entry)) : null,
    lines.length > MOST_LINES && h("p", { class: "ts-help" }, tr("The first {firstlines} of {lines} lines are drawn. A click on a name draws its line or takes it away.", { firstlines: FIRST_LINES, lines: count(lines.length) })),
    plot,
    h("details", { class: "ts-rest" }, h("summary", {}, tr("In words")), h("p", { class: "ts-help" }, told(content, lines, lines.length))),
  ];
}

const look = (line, place) => ({
  ...line,
  colour: `--ts-line-${(place % COLOURS) + 1}`,
  dash: DASHES[Math.floor(place / COLOURS) % DASHES.length],
  points: line.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
});

/** What a reader would see, of the first `most` lines: where each begins, where its middle lies, where it ends. */
function told({ x, y, x_style, y_style }, lines, most = TOLD) {
  const at = ([one, other]) => tr("{other} at {one}", { other: mark(other, y_style), one: mark(one, x_style) });
  const sentence = ({ label, points }) => {
    const places = [...new Set([0, Math.floor(points.length / 2), points.length - 1])];
    return `${label}: ${places.map((place) => at(points[place])).join(", ")}.`;
  };
  const others = lines.length > most ? tr(" And {lines} more.", { lines: count(lines.length - most) }) : "";
  return tr("{x} to the right, {y} upwards. {sentence}{others}", { x, y, sentence: lines.slice(0, most).map(sentence).join(" "), others });
}

/** Where an axis begins and ends: a share is seen of the whole, all else as far as the points go. */
function ends(values, style, low, high) {
  const from = low ?? Math.min(...(style === "percent" ? [0] : []), ...values);
  const to = high ?? Math.max(...(style === "percent" ? [1] : []), ...values);
  const edge = 0.02 * (to - from) || 0.5;
  return { inner: [from, to], outer: [from - edge, to + edge] };
}

function draw(Plotly, node, content, lines) {
  const of = (place) => content.lines.flatMap((line) => line.points.map((point) => point[place])).filter(Number.isFinite);
  const across = ends(of(0), content.x_style);
  const upwards = ends(of(1), content.y_style, content.low, content.high);
  const base = layout();
  const axis = (title, style, { outer }) => ({
    ...base.yaxis,
    range: outer,
    nticks: node.clientWidth < 400 ? 5 : 8,
    tickformat: style === "percent" ? ".0%" : style === "count" ? ",d" : "",
    hoverformat: style === "percent" ? ".1%" : style === "count" ? ",d" : ".4~f",
    fixedrange: true,
    title: { text: inPlot(title), standoff: 8 },
  });
  const traces = lines.map((line) => trace(line, content));
  if (content.diagonal) traces.unshift({ type: "scatter", mode: "lines", x: across.inner, y: upwards.inner, line: { color: token("--ts-soft"), width: 1.5, dash: "dash" }, hoverinfo: "skip" });
  return Plotly.react(
    node,
    traces,
    { ...base, hovermode: "closest", dragmode: false, margin: { l: 10, r: 10, t: 8, b: 10 }, xaxis: axis(content.x, content.x_style, across), yaxis: axis(content.y, content.y_style, upwards) },
    CONFIG,
  );
}

function trace(line, { x, y, dots }) {
  const behind = line.sizes ? line.sizes.map((rows) => `<br>${trMany(rows, "{count} row", "{count} rows")}`) : line.points.map(() => "");
  const most = Math.sqrt(Math.max(1, ...(line.sizes || [])));
  // Areas, not widths, say how many.
  const size = line.sizes ? line.sizes.map((rows) => Math.max(SMALLEST, LARGEST * (Math.sqrt(rows) / most))) : 7;
  return {
    type: "scatter",
    mode: dots || line.sizes || line.points.length === 1 ? "lines+markers" : "lines",
    name: inPlot(line.label, 40),
    x: line.points.map(([one]) => one),
    y: line.points.map(([, other]) => other),
    customdata: behind,
    cliponaxis: false,
    line: { color: token(line.colour), width: 2, dash: line.dash },
    marker: { color: token(line.colour), size, opacity: 0.85, line: { width: 0 } },
    hovertemplate: `${inPlot(x)}: %{x}<br>${inPlot(y)}: %{y}%{customdata}<extra>%{fullData.name}</extra>`,
  };
}
