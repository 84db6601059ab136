// Charts with Plotly, which is loaded only when there is something to draw. Colours come from the page's own tokens.

import { fill, h, say } from "./dom.js";
import { locale } from "./language.js";

const PARTS = new Intl.NumberFormat(locale).formatToParts(12345.6);
/** What stands before decimals and between thousands, as Plotly takes it. */
const SIGNS = ["decimal", "group"].map((sign) => PARTS.find((part) => part.type === sign).value).join("");

let loading = null;

/** Plotly, from this app's own copy, or from the page itself where that holds it. */
export function plotly() {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ||= new Promise((resolve, reject) => {
    const script = h("script", { src: new URL("./tunesmith/plotly.min.js?v=1", document.baseURI).href });
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => {
      loading = null;
      script.remove();
      reject(new Error("The charts could not be loaded."));
    });
    document.head.append(script);
  });
  return loading;
}

/** A colour of the present theme, as `token("--ts-line")`. */
export function token(name) {
  return getComputedStyle(document.body).getPropertyValue(name).trim();
}

/** Call `draw` whenever light turns to dark or back. */
export function onTheme(draw) {
  let dark = document.body.classList.contains("dark");
  new MutationObserver(() => {
    if (dark === document.body.classList.contains("dark")) return;
    dark = !dark;
    draw();
  }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
}

export const CONFIG = { displayModeBar: false, doubleClick: "reset" };

/** A card with a title, what it means, a legend that holds the latest values, and a chart of lines against steps. */
export function lineChart(title, help, waiting) {
  const legend = h("ul", { class: "ts-legend" });
  const meaning = h("p", { class: "ts-help" }, help);
  const canvas = h("div", { role: "img" });
  const empty = h("p", { class: "ts-waiting" }, waiting);
  const reset = h("button", { type: "button", class: "ts-button ts-plain ts-reset", hidden: true }, "Show all");
  const plot = h("div", { class: "ts-plot" }, empty);
  const node = h("section", { class: "ts-card ts-chart" }, h("header", {}, h("h2", {}, title), legend), meaning, plot);
  const hidden = new Map();
  let last = null;
  let listening = false;

  async function draw(lines, until = 0) {
    last = [lines, until];
    const shown = lines.filter((line) => line.x.length);
    if (!shown.length) {
      // A run that starts over has nothing to show yet.
      if (!empty.isConnected) plot.replaceChildren(empty);
      fill(legend);
      return;
    }
    const off = (line) => hidden.get(line.name) ?? Boolean(line.quiet);
    const turn = (line) => {
      hidden.set(line.name, !off(line));
      draw(...last);
    };
    fill(legend, shown.map((line) => entry(line, off(line), () => turn(line))));
    canvas.setAttribute("aria-label", `${title}: ${shown.map((line) => `${line.name} ${line.latest}`).join(", ")}`);
    const Plotly = await plotly();
    if (!canvas.isConnected) plot.replaceChildren(canvas, reset);
    const seen = shown.filter((line) => !off(line));
    const percent = shown.every((line) => line.style === "percent");
    const look = layout(percent, until);
    look.yaxis.autorangeoptions = { include: room(seen, percent) };
    await Plotly.react(canvas, seen.map(trace), look, CONFIG);
    if (listening) return;
    listening = true;
    new ResizeObserver(() => canvas.isConnected && Plotly.Plots.resize(canvas)).observe(canvas);
    canvas.on("plotly_relayout", (change) => {
      if ("xaxis.range[0]" in change || "yaxis.range[0]" in change) reset.hidden = false;
      if (change["xaxis.autorange"]) reset.hidden = true;
    });
    reset.addEventListener("click", () => Plotly.relayout(canvas, { "xaxis.autorange": true, "yaxis.autorange": true }));
  }

  onTheme(() => last && draw(...last));
  return { node, draw, explain: (more) => say(meaning, `${help} ${more}`) };
}

function entry(line, off, onclick) {
  const about = { type: "button", onclick, "aria-pressed": String(!off), style: { "--swatch": token(line.colour) } };
  return h("li", {}, h("button", about, h("span", {}, line.name), " ", h("strong", {}, line.latest)));
}

/** The ends of a scale that is not too fine to read when there is one point, or all are nearly alike. */
function room(lines, percent) {
  const values = lines.flatMap((line) => line.y).filter((value) => value !== null);
  if (!values.length) return [];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const middle = (low + high) / 2;
  const least = percent ? 0.1 : Math.max(Math.abs(middle) / 5, 1e-6);
  if (high - low >= least) return [];
  const top = Math.min(percent ? Math.max(1, high) : Infinity, middle + least / 2);
  const bottom = Math.max(0, top - least);
  return low < 0 ? [low, high] : [bottom, Math.max(top, bottom + least)];
}

function trace(line) {
  return {
    type: line.x.length > 1000 ? "scattergl" : "scatter",
    mode: line.dots || line.x.length === 1 ? "lines+markers" : "lines",
    name: line.name,
    x: line.x,
    y: line.y,
    line: { color: token(line.colour), width: 2 },
    marker: { color: token(line.colour), size: 6 },
    hovertemplate: "%{y}",
  };
}

/** Layout that all charts share; the steps go from 0 to `until` at least. A fixed `uirevision` keeps what the reader zoomed to while points arrive. */
export function layout(percent = false, until = 0) {
  const coarse = matchMedia("(pointer: coarse)").matches;
  const narrow = document.documentElement.clientWidth < 760;
  const axis = {
    gridcolor: token("--ts-line"),
    zeroline: false,
    tickcolor: token("--ts-line"),
    linecolor: token("--ts-line"),
    automargin: true,
    fixedrange: coarse,
  };
  return {
    uirevision: "keep",
    autosize: true,
    showlegend: false,
    margin: { l: 40, r: 10, t: 8, b: 24 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: '"IBM Plex Sans", system-ui, sans-serif', size: 12, color: token("--ts-soft") },
    separators: SIGNS,
    hovermode: "x unified",
    hoverlabel: { bgcolor: token("--ts-card"), bordercolor: token("--ts-line"), font: { color: token("--ts-text") } },
    dragmode: coarse ? false : "zoom",
    xaxis: { ...axis, automargin: false, tickformat: ",d", nticks: narrow ? 5 : 9, hoverformat: ",d", autorangeoptions: { include: [0, Math.max(10, until)] } },
    yaxis: { ...axis, nticks: 8, tickformat: percent ? ".0%" : "", hoverformat: percent ? ".1%" : ".4~f" },
  };
}
