// The judgement of a run, drawn from the sections that the task made (shapes: core/evaluation/types.py).

import { h } from "./dom.js";
import { mark } from "./words.js";
import { CONFIG, layout, onTheme, plotly, token } from "./charts.js";

const LONG = 320;

/** A card for one section, or null for a kind that this page does not know. */
export function section(data) {
  const draw = { scores, table, matrix, examples }[data.kind];
  if (!draw) return null;
  return h("section", { class: "ts-card ts-section" }, h("h2", {}, data.title), data.help && h("p", {}, data.help), draw(data.content));
}

function scores({ columns, rows }) {
  return h("div", { class: "ts-scores" }, rows.map((row) => scoreGroup(row, columns)));
}

function scoreGroup(row, columns) {
  const highest = Math.max(1e-12, ...row.values.map((value) => value.high ?? value.value ?? 0));
  const full = row.style === "percent" ? 1 : highest;
  return h(
    "div",
    {},
    h("h3", {}, row.label),
    row.help && h("p", {}, row.help),
    row.values.map((value, place) => score(value, columns[place], row.style, full, place === 0)),
  );
}

function score({ value, low, high }, column, style, full, ours) {
  const share = (number) => `${Math.min(100, Math.max(0, (100 * number) / full))}%`;
  const known = value !== null && value !== undefined;
  const banded = known && low !== null && low !== undefined && high !== null && high !== undefined;
  const meter = h(
    "span",
    { class: "ts-meter", "aria-hidden": "true" },
    known && h("i", { style: { width: share(value) } }),
    banded && h("b", { style: { left: share(low), width: `calc(${share(high)} - ${share(low)})` } }),
  );
  return h(
    "div",
    { class: `ts-score${ours ? " ts-ours" : ""}` },
    h("span", { title: column.help || null }, column.label),
    meter,
    h("strong", {}, mark(value, style)),
    banded && h("span", { class: "ts-band" }, `between ${mark(low, style)} and ${mark(high, style)}`),
  );
}

function table({ columns, rows }) {
  return grid(columns, rows, "ts-table", (cell, column) => mark(cell, column.style));
}

function examples({ columns, rows }) {
  return grid(columns, rows, "ts-table ts-cards", (cell, column, place) =>
    place === 0 ? clipped(mark(cell, "text")) : mark(cell, column.style),
  );
}

function grid(columns, rows, look, draw) {
  const number = (column) => (column.style === "text" ? "" : "ts-number");
  const cells = (row) =>
    row.map((cell, place) => {
      const column = columns[place];
      const long = place === 0 && look.includes("ts-cards") ? "ts-long" : number(column);
      const options = { class: long || null, "data-label": column.label, scope: place === 0 ? "row" : null };
      return h(place === 0 ? "th" : "td", options, draw(cell, column, place));
    });
  return h(
    "div",
    { class: "ts-scroll", tabindex: 0, role: "region", "aria-label": columns.map((column) => column.label).join(", ") },
    h(
      "table",
      { class: look },
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", { class: number(column) || null, scope: "col" }, column.label)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, cells(row)))),
    ),
  );
}

function clipped(text) {
  if (text.length <= LONG) return text;
  return h("details", {}, h("summary", {}, `${text.slice(0, LONG)}…`), text.slice(LONG));
}

function matrix(content) {
  const { labels, counts } = content;
  const right = counts.reduce((sum, row, place) => sum + row[place], 0);
  const all = counts.flat().reduce((sum, count) => sum + count, 0);
  const words = `${right} of ${all} on the diagonal, where answer and truth agree. Classes: ${labels.join(", ")}.`;
  const height = Math.min(720, Math.max(280, 96 + labels.length * 40));
  const node = h("div", { class: "ts-matrix", role: "img", "aria-label": words, style: { height: `${height}px` } });
  const draw = async () => drawMatrix(await plotly(), node, content);
  requestAnimationFrame(() => draw().catch(() => (node.textContent = words)));
  onTheme(() => node.isConnected && draw());
  return node;
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
      xaxis: { ...base.xaxis, ...ticks, automargin: true, nticks: undefined, tickformat: undefined, title: { text: x, standoff: 10 }, tickangle: "auto" },
      yaxis: { ...base.yaxis, ...ticks, nticks: undefined, title: { text: y, standoff: 10 }, autorange: "reversed" },
    },
    CONFIG,
  );
}
