// The curves of a run's metrics: those that share a scale and a direction share a chart.

import { h } from "./dom.js";
import { lineChart } from "./charts.js";
import { tr, within } from "./language.js";
import { mark } from "./words.js";

/** So many metrics of a chart are drawn at first; the others wait in its legend. */
const LOUD = 2;
const COLOURS = ["--ts-line-3", "--ts-line-4", "--ts-line-5", "--ts-line-6", "--ts-line-2", "--ts-line-1"];
const WHERE = tr("On examples it does not learn from, over the steps");
const WAITING = tr("The first point comes with the first check.");

/** Charts that come and go with what the run is measured by; `node` lays them out beside what it is put into. */
export function metricCharts() {
  const node = h("div", { style: { display: "contents" } });
  const charts = new Map();

  function draw(run, state) {
    const main = state.planned?.main_metric;
    const groups = grouped(run.metrics, main, state.checks.values);
    const shown = groups.map(({ title, help, names }) => {
      const key = `${title} ${help}`;
      if (!charts.has(key)) charts.set(key, lineChart(title, help, WAITING));
      const chart = charts.get(key);
      if (names.includes(main)) chart.explain(explained(run.metrics[main]));
      const lines = names.filter((name) => state.checks.values.has(name)).map((name, place) => line(run, state, name, place));
      chart.draw(lines, state.now?.step).catch(() => {});
      return chart.node;
    });
    if (shown.length !== node.children.length || shown.some((chart, place) => node.children[place] !== chart)) node.replaceChildren(...shown);
  }
  return { node, draw };
}

/**
 * The charts, the main metric's first: `{ title, help, names }`. Percentages and plain numbers do not share an axis, nor do
 * metrics of which more and of which less is better. Only the first chart is there before anything was measured.
 */
export function grouped(metrics, main, measured) {
  const groups = new Map();
  const names = Object.keys(metrics);
  for (const name of [main, ...names].filter((name) => metrics[name])) {
    const key = `${metrics[name].style} ${metrics[name].greater_is_better}`;
    groups.set(key, (groups.get(key) || new Set()).add(name));
  }
  return [...groups.values()]
    .map((group) => names.filter((name) => group.has(name)))
    .filter((group, place) => place === 0 || group.some((name) => measured.has(name)))
    .map((group, place) => ({
      title: place === 0 ? tr("Validation metrics") : group.map((name) => metrics[name].label).join(", "),
      help: `${WHERE}: ${metrics[group[0]].greater_is_better ? tr("higher is better.") : tr("lower is better.")}`,
      names: group,
    }));
}

const explained = (words) => `${words.label}: ${within(words.help)}`;

function line(run, state, name, place) {
  const words = run.metrics[name];
  const values = state.checks.values.get(name);
  const colour = COLOURS[place % COLOURS.length];
  return { name: words.label, colour, dots: true, x: state.checks.x, y: values, style: words.style, quiet: place >= LOUD, latest: mark(values.at(-1), words.style) };
}
