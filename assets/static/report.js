// The judgement of a run, drawn from the sections that the task made (shapes: core/evaluation/types.py).

import { button, h, prose } from "./dom.js";
import { mark } from "./words.js";
import { CONFIG, layout, onTheme, plotly, token } from "./charts.js";

const LONG = 320;
const FIRST_ROWS = 12;
const FIRST_EXAMPLES = 6;
const FIRST_SCORES = 2;

/** A card for one section, or null for a kind that this page does not know. */
export function section(data) {
  const draw = { scores, table, matrix, examples }[data.kind];
  if (!draw) return null;
  return h("section", { class: "ts-card ts-section" }, h("h2", {}, data.title), data.help && h("p", {}, prose(data.help)), draw(data.content));
}

function scores({ columns, rows }) {
  const groups = rows.map((row) => scoreGroup(row, columns));
  const rest = groups.slice(FIRST_SCORES);
  return [
    h("div", { class: "ts-scores" }, groups.slice(0, FIRST_SCORES)),
    rest.length > 0 && h("details", { class: "ts-rest" }, h("summary", {}, "More scores"), h("div", { class: "ts-scores" }, rest)),
  ];
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
  return grid(columns, rows, "ts-table", FIRST_ROWS, columns.map(() => false));
}

function examples({ columns, rows }) {
  const isLong = (column, place) => column.style === "text" && (place === 0 || rows.some((row) => String(row[place] ?? "").length > 60));
  return grid(columns, rows, "ts-table ts-cards", FIRST_EXAMPLES, columns.map(isLong));
}

/** A table; of many rows the `first` ones, the others on demand. `long` says of each column whether it holds long texts. */
function grid(columns, rows, look, first, long) {
  const kind = (place) => (long[place] ? "ts-long" : columns[place].style === "text" ? null : "ts-number");
  const cell = (value, place) => {
    const words = mark(value, columns[place].style);
    const options = { class: kind(place), "data-label": columns[place].label, scope: place === 0 ? "row" : null };
    return h(place === 0 ? "th" : "td", options, long[place] ? clipped(words) : words);
  };
  const body = h("tbody", {}, rows.slice(0, first).map((row) => h("tr", {}, row.map(cell))));
  const head = h("tr", {}, columns.map((column, place) => h("th", { class: kind(place), scope: "col" }, column.label)));
  const more = rows.length > first && button(`Show all ${rows.length}`, () => {
    body.append(...rows.slice(first).map((row) => h("tr", {}, row.map(cell))));
    more.remove();
  });
  return [
    h(
      "div",
      { class: "ts-scroll", tabindex: 0, role: "region", "aria-label": columns.map((column) => column.label).join(", ") },
      h("table", { class: look }, h("thead", {}, head), body),
    ),
    more,
  ];
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
  const node = h("div", { class: "ts-matrix", role: "img", "aria-label": words, style: { height: `${height}px`, "max-width": `${220 + labels.length * 130}px` } });
  const draw = async () => drawMatrix(await plotly(), node, content);
  requestAnimationFrame(() => draw().catch(() => (node.textContent = words)));
  onTheme(() => node.isConnected && draw());
  new ResizeObserver(() => node.isConnected && draw()).observe(node);
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
      xaxis: { ...base.xaxis, ...ticks, automargin: true, autorangeoptions: undefined, nticks: undefined, tickformat: undefined, title: { text: x, standoff: 10 }, tickangle: "auto" },
      yaxis: { ...base.yaxis, ...ticks, nticks: undefined, title: { text: y, standoff: 10 }, autorange: "reversed" },
    },
    CONFIG,
  );
}
