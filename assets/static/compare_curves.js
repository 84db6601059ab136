// How several runs learned, one line a run over each other, along steps, epochs, time at work, examples or tokens read.

import { CONFIG, layout, onTheme, plotly, token } from "./charts.js";
import { COLOURS, asked, remember } from "./compare.js";
import { fill, h, say } from "./dom.js";
import { tr } from "./language.js";
import { get } from "./poll.js";
import { duration, mark } from "./words.js";

/** Where the x of a point stands in it, by the name in the address. */
const ALONG = {
  step: { place: 0, words: tr("Steps"), help: tr("A step is one correction of the model.") },
  epoch: { place: 2, words: tr("Epochs"), help: tr("An epoch is one reading of all examples.") },
  time: { place: 3, words: tr("Time"), help: tr("Time at work, with checks and saving, without pauses.") },
  examples: { place: 4, words: tr("Examples"), help: tr("Training examples read so far, each time counted.") },
  tokens: { place: 5, words: tr("Tokens"), help: tr("A token is a word or a piece of one. Tokens of the texts read so far, each time counted.") },
};

/** The card; `draw` takes the comparison and asks for the lines of `runs`. */
export function curves(runs) {
  const canvas = h("div", { role: "img" });
  const plot = h("div", { class: "ts-plot", style: { "min-height": "320px" } }, canvas);
  const help = h("p", { class: "ts-help" });
  const controls = h("div", { class: "ts-versus-head" });
  const node = h("section", { class: "ts-card ts-chart" }, h("h2", {}, tr("How they learned")), controls, help, plot);
  let last = null;
  let watching = false;

  async function draw(versus) {
    const { runs: lines } = await get(`versus/learned?runs=${runs}`);
    last = { versus, lines };
    return show();
  }

  async function show() {
    const names = new Map(last.lines.flat().map((line) => [line.name, line.label]));
    node.hidden = !names.size;
    if (node.hidden) return;
    const metric = names.has(asked().get("curve")) ? asked().get("curve") : [...names.keys()][0];
    const known = Object.entries(ALONG).filter(([, { place }]) => last.lines.flat().some(({ points }) => points.some((point) => point[place] !== null)));
    const x = known.some(([name]) => name === asked().get("x")) ? asked().get("x") : "step";
    fill(controls, choice(tr("Along"), "x", x, known.map(([name, { words }]) => [name, words])), picker(names, metric));
    const drawn = last.lines.map((own) => own.find((line) => line.name === metric)).map((line, place) => line && { ...line, place });
    const shown = drawn.filter((line) => line && line.points.some((point) => point[ALONG[x].place] !== null));
    const better = shown[0] ? (shown[0].greater_is_better ? tr(" Higher is better.") : tr(" Lower is better.")) : "";
    say(help, `${ALONG[x].help}${better}${shown.length < last.lines.length ? tr(" A run without a line was not measured so.") : ""}`);
    canvas.setAttribute("aria-label", `${names.get(metric)}: ${shown.map((line) => `${name(line)} ${mark(line.points.at(-1)[1], line.style)}`).join(", ")}`);
    const Plotly = await plotly();
    await Plotly.react(canvas, shown.map((line) => trace(line, x)), look(shown, x, names.get(metric)), CONFIG);
    if (watching) return;
    watching = true;
    new ResizeObserver(() => canvas.isConnected && !node.hidden && Plotly.Plots.resize(canvas)).observe(plot);
  }

  const name = (line) => last.versus.runs[line.place].name;

  function trace(line, x) {
    const at = ALONG[x].place;
    const points = line.points.filter((point) => point[at] !== null);
    const colour = token(COLOURS[line.place]);
    return {
      type: "scatter",
      mode: points.length < 40 ? "lines+markers" : "lines",
      name: name(line),
      x: points.map((point) => point[at]),
      y: points.map((point) => point[1]),
      customdata: points.map((point) => (x === "time" ? duration(point[at]) : "")),
      line: { color: colour, width: 2 },
      marker: { color: colour, size: 6 },
      hovertemplate: `%{y}${x === "time" ? " after %{customdata}" : ""}`,
    };
  }

  function choice(words, field, value, options) {
    const one = ([name, label]) => h("label", {}, h("input", { type: "radio", name: `compare-${field}`, value: name, checked: name === value, onchange: () => turn({ [field]: name }) }), label);
    return h("fieldset", { class: "ts-switch" }, h("legend", {}, words), options.map(one));
  }

  function picker(names, metric) {
    const options = [...names].map(([value, label]) => h("option", { value, selected: value === metric }, label));
    return h("label", {}, tr("Line "), h("select", { class: "ts-select", onchange: ({ target }) => turn({ curve: target.value }) }, options));
  }

  function turn(values) {
    remember(values);
    show().catch(() => {});
  }

  onTheme(() => last && show());
  return { node, draw };
}

function look(lines, x, title) {
  const base = layout(lines.length > 0 && lines.every((line) => line.style === "percent"));
  const time = x === "time" ? { tickformat: "", ...ticks(lines) } : { tickformat: x === "epoch" ? "" : ",d", hoverformat: x === "epoch" ? ".2~f" : ",d" };
  return {
    ...base,
    uirevision: `${x} ${title}`,
    margin: { l: 40, r: 10, t: 8, b: 40 },
    xaxis: { ...base.xaxis, autorangeoptions: { include: [0] }, title: { text: ALONG[x].words, standoff: 6 }, ...time },
  };
}

/** Marks of a time axis in words, at most six. */
function ticks(lines) {
  const most = Math.max(1, ...lines.flatMap((line) => line.points.map((point) => point[3] ?? 0)));
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800].find((one) => most / one <= 6) || most / 5;
  const values = Array.from({ length: Math.floor(most / step) + 1 }, (_, number) => number * step);
  return { tickmode: "array", tickvals: values, ticktext: values.map((value) => (value ? duration(value) : "0")) };
}
