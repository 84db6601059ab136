// Choosing runs to compare: those of the same task first.

import { button, fill, h } from "./dom.js";
import { get } from "./poll.js";
import { mark, modelName, moment } from "./words.js";

export const MOST = 6;

/** Draw the list of runs with a box to tick before each; `ticked` are ids that are ticked already, in their order. */
export async function chooser(place, ticked) {
  const chosen = [...ticked];
  const list = h("div");
  const head = h("div", { class: "ts-head" }, h("div", {}, h("h1", {}, "Compare runs"), h("p", {}, `Choose two to ${MOST} runs. Only runs of the same task can be told apart by their answers. The one that you tick first is what the others are measured against.`)));
  place.replaceChildren(head, list);
  let runs;
  try {
    runs = (await get("runs")).runs.filter((run) => run.state !== "unreadable");
  } catch (error) {
    return fill(list, h("div", { class: "ts-note", "data-tone": "warn" }, h("div", {}, h("strong", {}, error.title || "The app does not answer."), error.advice || "Load the page anew.")));
  }
  if (runs.length < 2) return fill(list, h("section", { class: "ts-card" }, h("p", {}, "It takes two runs to compare. Train another one first: with other settings, another model or another table."), h("div", { class: "ts-actions" }, h("a", { class: "ts-button ts-primary", href: "./new" }, "New run"))));
  const order = new Map(runs.map((run) => [run.id, run]));
  for (const id of [...chosen]) if (!order.has(id)) chosen.splice(chosen.indexOf(id), 1);
  const groups = grouped(runs, order.get(chosen[0])?.task);
  const bar = compareBar(() => chosen);
  const box = (run) => {
    const turn = ({ target }) => {
      if (target.checked) chosen.push(run.id);
      else chosen.splice(chosen.indexOf(run.id), 1);
      bar.draw();
    };
    const value = run.metric === null ? h("small", {}, "no mark yet") : h("strong", {}, `${run.metric_label} ${mark(run.metric, run.metric_style)}`);
    return h("label", {}, h("input", { type: "checkbox", checked: chosen.includes(run.id), onchange: turn }), h("span", {}, run.name, h("small", {}, `${modelName(run.checkpoint)} · ${moment(run.created)}`)), value);
  };
  list.replaceChildren(...groups.map(([task, of]) => h("section", { class: "ts-card", style: { "margin-bottom": "14px" } }, h("h2", {}, task), h("div", { class: "ts-chooser" }, of.map(box)))), bar.node);
  bar.draw();
}

/** [title, runs] of each task, that of `first` before all others. */
function grouped(runs, first) {
  const tasks = new Map();
  for (const run of runs) tasks.set(run.task, [...(tasks.get(run.task) || []), run]);
  return [...tasks].sort(([one], [other]) => (other === first) - (one === first));
}

/** What is ticked, and the way to its comparison; it stays in sight. `clear`, where given, takes all ticks away. */
export function compareBar(chosen, clear = null) {
  const node = h("div", { class: "ts-compare-bar", role: "status" });
  const go = () => (location.href = `./compare?runs=${chosen().map(encodeURIComponent).join(",")}`);

  function draw() {
    const many = chosen().length;
    const words = many < 2 ? (many ? "1 run chosen: choose another one." : "No run chosen.") : many > MOST ? `${many} runs chosen: at most ${MOST} can be compared.` : `${many} runs chosen.`;
    const compare = button("Compare", go, "ts-primary");
    compare.disabled = many < 2 || many > MOST;
    fill(node, h("span", {}, words), compare, clear && button("Choose none", clear, "ts-plain"));
  }
  return { node, draw };
}
