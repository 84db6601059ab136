// Answers against the truth, one point an example.

import { h } from "./dom.js";
import { CONFIG, layout, token } from "./charts.js";
import { tr } from "./language.js";
import { frame, inPlot } from "./report_frame.js";
import { count, mark } from "./words.js";

const MOST_POINTS = 2000;

/** One point an example: the x to the right, y upwards. On the diagonal the two agree. */
export function scatter(content) {
  const points = content.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)).slice(0, MOST_POINTS);
  if (!points.length) return h("p", {}, tr("There is no example to draw."));
  const words = scatterWords(points, content);
  return h(
    "div",
    { class: "ts-plot-and-words" },
    frame("ts-scatter", words, {}, (Plotly, node) => drawScatter(Plotly, node, points, content)),
    h("div", {}, h("p", {}, tr("On the dashed line both agree; the further away a point lies, the further they are apart.")), h("p", {}, between(points))),
  );
}

function scatterWords(points, { x, y }) {
  const many = points.length === 1 ? "1 example" : tr("{points} examples", { points: count(points.length) });
  return tr("{many}. {x} to the right, {y} upwards. {points}", { many, x, y, points: between(points) });
}

function between(points) {
  const apart = points.map(([one, other]) => Math.abs(one - other)).sort((a, b) => a - b);
  const mean = apart.reduce((sum, one) => sum + one, 0) / apart.length;
  const middle = mark(apart[Math.floor((apart.length - 1) / 2)], "number");
  return tr("The two lie {mean} apart on average; for half of the examples, at most {middle}.", { mean: mark(mean, "number"), middle });
}

/** Both axes have the same range, so that the diagonal is where answer and truth agree. */
function range(points, { low, high }) {
  const values = [low, high].filter(Number.isFinite);
  const from = points.reduce((least, point) => Math.min(least, ...point), Math.min(...values));
  const to = points.reduce((most, point) => Math.max(most, ...point), Math.max(...values));
  const edge = 0.04 * (to - from) || 0.5;
  return [from - edge, to + edge];
}

function drawScatter(Plotly, node, points, content) {
  const base = layout();
  const ends = range(points, content);
  const axis = (title) => ({
    ...base.yaxis,
    range: ends,
    autorangeoptions: undefined,
    nticks: node.clientWidth < 400 ? 5 : 8,
    tickformat: "",
    hoverformat: ".4~f",
    fixedrange: true,
    title: { text: inPlot(title), standoff: 8 },
  });
  return Plotly.react(
    node,
    [
      { type: "scatter", mode: "lines", x: ends, y: ends, line: { color: token("--ts-soft"), width: 1.5, dash: "dash" }, hoverinfo: "skip" },
      {
        type: "scatter",
        mode: "markers",
        x: points.map(([x]) => x),
        y: points.map(([, y]) => y),
        marker: { color: token("--ts-line-1"), size: 7, opacity: points.length > 300 ? 0.45 : 0.7 },
        hovertemplate: `${inPlot(content.x)}: %{x}<br>${inPlot(content.y)}: %{y}<extra></extra>`,
      },
    ],
    { ...base, hovermode: "closest", dragmode: false, margin: { l: 10, r: 10, t: 8, b: 10 }, xaxis: axis(content.x), yaxis: axis(content.y) },
    CONFIG,
  );
}
