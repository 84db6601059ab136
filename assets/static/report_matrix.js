// What was taken for what: a plot of cells, and the same as a table for whoever reads it or goes through it by keys.

import { h } from "./dom.js";
import { CONFIG, layout, token } from "./charts.js";
import { tr, trMany } from "./language.js";
import { frame, inPlot } from "./report_frame.js";
import { opener } from "./report_rows.js";
import { count } from "./words.js";

const CROWDED = 16;
/** From this share of a row on, the cell is dark enough for white figures; on dark ground all of them are. */
const STRONG = 0.62;

export function matrix(content, from) {
  const { labels, counts } = content;
  const right = counts.reduce((sum, row, place) => sum + row[place], 0);
  const all = counts.flat().reduce((sum, count) => sum + count, 0);
  const words = tr("{right} of {all} on the diagonal, where answer and truth agree. Classes: {labels}.", { right: count(right), all: count(all), labels: labels.join(", ") });
  const height = Math.min(720, Math.max(280, 96 + labels.length * 40));
  const size = { height: `${height}px`, "max-width": `${220 + labels.length * 130}px` };
  const open = content.opens ? cells(content, from) : null;
  return [
    frame(open ? "ts-matrix ts-opens" : "ts-matrix", words, size, (Plotly, node) => draw(Plotly, node, content, open)),
    open && h("p", { class: "ts-help" }, tr("A click on a cell shows its rows; by keys, the table below does.")),
    asTable(content, open),
  ];
}

/** What opens the rows of a cell, as a function of its places; null where nothing can be opened. */
function cells(content, from) {
  const { labels, counts } = content;
  const one = (row, column) => {
    const where = [["truth", "==", labels[row]], ["answer", "==", labels[column]]];
    return counts[row][column] ? opener(where, row === column ? tr("“{labels}”, answered rightly", { labels: labels[row] }) : tr("“{labels}” taken for “{labels2}”", { labels: labels[row], labels2: labels[column] }), from, content) : null;
  };
  return opener([], "", from, content) && one;
}

function draw(Plotly, node, { labels, counts, x, y }, open) {
  const shares = counts.map((row) => {
    const sum = row.reduce((a, b) => a + b, 0);
    return row.map((count) => (sum ? count / sum : 0));
  });
  // Places, not names, so that labels that look alike (or like numbers) stay apart.
  const places = labels.map((_, place) => place);
  const turn = document.body.classList.contains("dark") ? 0 : STRONG;
  const short = labels.map((label) => inPlot(label, node.clientWidth < 500 ? 9 : 22));
  const ticks = { tickmode: "array", tickvals: places, ticktext: short, fixedrange: true, showgrid: false, type: "linear" };
  const base = layout();
  const notes = places.flatMap((row) =>
    places.map((column) => ({
      x: column,
      y: row,
      text: counts[row][column] ? count(counts[row][column]) : "",
      showarrow: false,
      font: { size: 13, color: shares[row][column] >= turn ? "#ffffff" : token("--ts-text") },
    })),
  );
  const drawn = Plotly.react(
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
        hovertemplate: `${inPlot(y)}: %{customdata[0]}<br>${inPlot(x)}: %{customdata[1]}<br>${tr("Examples")}: %{customdata[2]}<extra></extra>`,
      },
    ],
    {
      ...base,
      hovermode: "closest",
      dragmode: false,
      margin: { l: 10, r: 6, t: 8, b: 10 },
      annotations: labels.length > CROWDED ? [] : notes,
      xaxis: { ...base.xaxis, ...ticks, automargin: true, autorangeoptions: undefined, nticks: undefined, tickformat: undefined, title: { text: inPlot(x), standoff: 10 }, tickangle: "auto" },
      yaxis: { ...base.yaxis, ...ticks, nticks: undefined, title: { text: inPlot(y), standoff: 10 }, autorange: "reversed" },
    },
    CONFIG,
  );
  if (open) {
    node.removeAllListeners?.("plotly_click");
    node.on("plotly_click", ({ points: [cell] }) => open(cell.y, cell.x)?.());
  }
  return drawn;
}

/** Folded, and made when it is unfolded: it may have a thousand cells. */
function asTable({ labels, counts, x, y }, open) {
  const place = h("div", { class: "ts-scroll", tabindex: 0, role: "region", "aria-label": tr("{y} and {x}", { y, x }) });
  const cell = (number, row, column) => {
    const act = open?.(row, column);
    const words = `${trMany(number, "{count} row", "{count} rows")}: ${y} ${labels[row]}, ${x} ${labels[column]}`;
    return h("td", { class: "ts-number" }, act ? h("button", { type: "button", class: "ts-open", "aria-haspopup": "dialog", "aria-label": words, onclick: act }, count(number)) : count(number));
  };
  const make = () =>
    h(
      "table",
      { class: "ts-table" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, `${y} ↓  ${x} →`), labels.map((label) => h("th", { scope: "col", class: "ts-number" }, label)))),
      h("tbody", {}, counts.map((row, r) => h("tr", {}, h("th", { scope: "row" }, labels[r]), row.map((number, c) => cell(number, r, c))))),
    );
  const fold = h("details", { class: "ts-rest" }, h("summary", {}, tr("The same as a table")), place);
  fold.addEventListener("toggle", () => fold.open && !place.firstChild && place.append(make()));
  return fold;
}
