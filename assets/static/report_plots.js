// The plots of a report: what was taken for what, and answers against the truth.

import { h } from "./dom.js";
import { CONFIG, layout, onTheme, plotly, token } from "./charts.js";
import { count, mark } from "./words.js";

const MOST_POINTS = 2000;

/** A frame in which `draw(Plotly, node)` draws, again when the theme or the width changes. Without Plotly it shows its words. */
function frame(look, words, style, draw) {
  const node = h("div", { class: look, role: "img", "aria-label": words, style });
  const redraw = async () => draw(await plotly(), node);
  requestAnimationFrame(() => redraw().catch(() => (node.textContent = words)));
  onTheme(() => node.isConnected && redraw());
  new ResizeObserver(() => node.isConnected && redraw()).observe(node);
  return node;
}

export function matrix(content) {
  const { labels, counts } = content;
  const right = counts.reduce((sum, row, place) => sum + row[place], 0);
  const all = counts.flat().reduce((sum, count) => sum + count, 0);
  const words = `${right} of ${all} on the diagonal, where answer and truth agree. Classes: ${labels.join(", ")}.`;
  const height = Math.min(720, Math.max(280, 96 + labels.length * 40));
  const size = { height: `${height}px`, "max-width": `${220 + labels.length * 130}px` };
  return frame("ts-matrix", words, size, (Plotly, node) => drawMatrix(Plotly, node, content));
}

function drawMatrix(Plotly, node, { labels, counts, x, y }) {
  const shares = counts.map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((count) => (sum ? count / sum : 0));
  });
  // Places, not names, so that labels that look alike (or like numbers) stay apart.
  const places = labels.map((_, place) => place);
  // On light ground only the strongest cells are dark enough for white figures; on dark ground all of them are.
  const turn = document.body.classList.contains("dark") ? 0 : 0.62;
  const crowded = labels.length > 16;
  const room = node.clientWidth < 500 ? 9 : 22;
  const short = labels.map((label) => (label.length > room ? `${label.slice(0, room - 1)}…` : label).replaceAll("<", "‹"));
  const ticks = { tickmode: "array", tickvals: places, ticktext: short, fixedrange: true, showgrid: false, type: "linear" };
  const base = layout();
  const notes = places.flatMap((row) =>
    places.map((column) => ({
      x: column,
      y: row,
      text: counts[row][column] ? counts[row][column].toLocaleString("en-GB") : "",
      showarrow: false,
      font: { size: 13, color: shares[row][column] >= turn ? "#ffffff" : token("--ts-text") },
    })),
  );
  return Plotly.react(
    node,
    [
      {
        type: "heatmap",
        x: places,
        y: places,
        z: shares,
        zmin: 0,
        zmax: 1,
        xgap: 2,
        ygap: 2,
        showscale: false,
        colorscale: [[0, token("--ts-hover")], [1, "#4338ca"]],
        customdata: counts.map((row, r) => row.map((count, c) => [short[r], short[c], count])),
        hovertemplate: `${y}: %{customdata[0]}<br>${x}: %{customdata[1]}<br>%{customdata[2]} examples<extra></extra>`,
      },
    ],
    {
      ...base,
      hovermode: "closest",
      dragmode: false,
      margin: { l: 10, r: 6, t: 8, b: 10 },
      annotations: crowded ? [] : notes,
      xaxis: { ...base.xaxis, ...ticks, automargin: true, autorangeoptions: undefined, nticks: undefined, tickformat: undefined, title: { text: x, standoff: 10 }, tickangle: "auto" },
      yaxis: { ...base.yaxis, ...ticks, nticks: undefined, title: { text: y, standoff: 10 }, autorange: "reversed" },
    },
    CONFIG,
  );
}

/** One point an example: the x to the right, y upwards. On the diagonal the two agree. */
export function scatter(content) {
  const points = content.points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)).slice(0, MOST_POINTS);
  if (!points.length) return h("p", {}, "There is no example to draw.");
  const words = scatterWords(points, content);
  return [
    frame("ts-scatter", words, {}, (Plotly, node) => drawScatter(Plotly, node, points, content)),
    h("p", { class: "ts-help" }, "On the dashed line both agree; the further away a point lies, the further they are apart."),
  ];
}

function scatterWords(points, { x, y }) {
  const apart = points.map(([one, other]) => Math.abs(one - other)).sort((a, b) => a - b);
  const mean = apart.reduce((sum, one) => sum + one, 0) / apart.length;
  const middle = mark(apart[Math.floor((apart.length - 1) / 2)], "number");
  const many = points.length === 1 ? "1 example" : `${count(points.length)} examples`;
  return `${many}. ${x} to the right, ${y} upwards. The two lie ${mark(mean, "number")} apart on average; for half of the examples, at most ${middle}.`;
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
    title: { text: title, standoff: 8 },
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
        hovertemplate: `${content.x}: %{x}<br>${content.y}: %{y}<extra></extra>`,
      },
    ],
    { ...base, hovermode: "closest", dragmode: false, margin: { l: 10, r: 10, t: 8, b: 10 }, xaxis: axis(content.x), yaxis: axis(content.y) },
    CONFIG,
  );
}
