// Parallel coordinates: each trial is a line through its values, from setting to setting, to its best check.

import { CONFIG, layout, onTheme, plotly, token } from "./charts.js";
import { h, say } from "./dom.js";
import { tr } from "./language.js";
import { mark } from "./words.js";

const MOST = 200;
const WIDTH_EACH = 118;
const TICKS = 5;

/** A card with the chart; `draw` takes the search as the server tells it. */
export function parallel() {
  const canvas = h("div", { role: "img" });
  const place = h("div", { class: "ts-scroll ts-parallel", tabindex: "0", role: "region", "aria-label": tr("Trials as lines") }, canvas);
  const help = h("p", { class: "ts-help" });
  const node = h("section", { class: "ts-card" }, h("h2", {}, tr("Which settings do well together")), help, place);
  let last = null;
  let drawn = "";
  let watching = false;

  async function draw(search) {
    last = search;
    const all = search.trials.filter((trial) => trial.value !== null && trial.values.every((value) => value !== null));
    node.hidden = all.length < 2;
    if (node.hidden) return;
    const sign = search.metric.greater_is_better ? 1 : -1;
    const ranked = [...all].sort((a, b) => sign * (a.value - b.value)).slice(-MOST);
    const now = JSON.stringify([ranked.map((trial) => [trial.number, trial.state, trial.value]), search.best, document.body.className]);
    if (now === drawn) return;
    drawn = now;
    say(help, tr("Each line is a trial, from its settings on the left to its {label} on the right. The best is drawn thick; the better, the stronger; dotted lines have not been trained to the end.", { label: search.metric.label }));
    const axes = [...search.columns.map((column, number) => axis(column, ranked.map((trial) => [trial.values[number], trial.words[number]]))), result(search, ranked)];
    canvas.style.minWidth = `${axes.length * WIDTH_EACH}px`;
    canvas.setAttribute("aria-label", spoken(search, ranked));
    const Plotly = await plotly();
    await Plotly.react(canvas, ranked.map((trial, rank) => line(trial, rank, ranked.length, axes, search)), look(axes), CONFIG);
    if (watching) return;
    watching = true;
    new ResizeObserver(() => canvas.isConnected && !node.hidden && Plotly.Plots.resize(canvas)).observe(place);
  }

  onTheme(() => last && draw(last));
  return { node, draw };
}

function spoken(search, ranked) {
  const best = search.trials.find((trial) => trial.number === search.best);
  const said = best ? tr(" The best is trial {number}: {map}.", { number: best.number, map: search.columns.map((column, place) => `${column.label} ${best.words[place]}`).join(", ") }) : "";
  return tr("{ranked} trials as lines through their settings.{said} The table below has all values.", { ranked: ranked.length, said });
}

/** An axis: its name, the height of a value from 0 to 1, and the words beside it. */
function axis(column, values) {
  const known = [...new Map(values.map(([value, words]) => [String(value), { value, words }])).values()];
  if (!column.is_number) {
    const order = known.sort((a, b) => (typeof a.value === "number" && typeof b.value === "number" ? a.value - b.value : String(a.words).localeCompare(String(b.words))));
    const height = (value) => (order.length < 2 ? 0.5 : order.findIndex((one) => one.value === value) / (order.length - 1));
    return { label: column.label, height, ticks: order.map((one) => [height(one.value), one.words]) };
  }
  const way = column.log ? Math.log : (value) => value;
  const sorted = known.sort((a, b) => a.value - b.value);
  const [low, high] = [way(sorted[0].value), way(sorted[sorted.length - 1].value)];
  const height = (value) => (high > low ? (way(value) - low) / (high - low) : 0.5);
  const ends = sorted.length > TICKS ? [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted[sorted.length - 1]] : sorted;
  return { label: column.label, height, ticks: apart(ends.map((one) => [height(one.value), one.words])) };
}

function result(search, ranked) {
  const values = ranked.map((trial) => trial.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const height = (value) => (high > low ? (value - low) / (high - low) : 0.5);
  const ends = high > low ? [low, high] : [low];
  return { label: search.metric.label, height, ticks: ends.map((value) => [height(value), mark(value, search.metric.style)]) };
}

/** Ticks that would stand on top of each other are left out; the ends stay. */
function apart(ticks) {
  const last = ticks[ticks.length - 1];
  const kept = [];
  for (const tick of ticks) {
    const free = (other) => Math.abs(other[0] - tick[0]) > 0.07;
    if (tick === ticks[0] || tick === last || (kept.every(free) && free(last))) kept.push(tick);
  }
  return kept;
}

function line(trial, rank, number, axes, search) {
  const isBest = trial.number === search.best;
  const heights = [...trial.values, trial.value].map((value, place) => axes[place].height(value));
  const words = [...trial.words, mark(trial.value, search.metric.style)];
  const share = number < 2 ? 1 : rank / (number - 1);
  return {
    type: "scatter",
    mode: "lines+markers",
    x: heights.map((_, place) => place),
    y: heights,
    text: words.map((said, place) => `Trial ${trial.number}<br>${axes[place].label}: ${said}`),
    hovertemplate: "%{text}<extra></extra>",
    opacity: isBest ? 1 : 0.25 + 0.6 * share,
    line: { color: token(isBest ? "--ts-line-2" : "--ts-line-1"), width: isBest ? 4 : 1.5, dash: trial.state === "finished" ? "solid" : "dot" },
    marker: { color: token(isBest ? "--ts-line-2" : "--ts-line-1"), size: isBest ? 8 : 5 },
  };
}

function look(axes) {
  const base = layout();
  const plain = { showgrid: false, zeroline: false, fixedrange: true };
  const upright = (place) => ({ type: "line", x0: place, x1: place, y0: 0, y1: 1, line: { color: token("--ts-soft"), width: 1 }, layer: "below" });
  const label = (place, [height, words]) => ({ x: place, y: height, text: words, showarrow: false, xanchor: "left", xshift: 8, bgcolor: token("--ts-card"), opacity: 0.9, font: { size: 12, color: token("--ts-text") } });
  const name = (axis, place) => ({ x: place, y: 1, yanchor: "bottom", yshift: 14, text: wrapped(axis.label), showarrow: false, font: { size: 12, color: token("--ts-text") } });
  return {
    ...base,
    height: 340,
    margin: { l: 36, r: 64, t: 56, b: 16 },
    hovermode: "closest",
    dragmode: false,
    xaxis: { ...plain, visible: false, range: [-0.15, axes.length - 0.7] },
    yaxis: { ...plain, visible: false, range: [-0.06, 1.06] },
    shapes: axes.map((_, place) => upright(place)),
    annotations: axes.flatMap((axis, place) => [name(axis, place), ...axis.ticks.map((tick) => label(place, tick))]),
  };
}

/** A long name in two lines. */
function wrapped(words) {
  if (words.length < 13 || !words.includes(" ")) return words;
  const middle = [...words.matchAll(/ /g)].map((found) => found.index).sort((a, b) => Math.abs(a - words.length / 2) - Math.abs(b - words.length / 2))[0];
  return `${words.slice(0, middle)}<br>${words.slice(middle + 1)}`;
}
