// Choosing runs to compare, page by page or by words that are looked for: those of the same task first.

import { button, fill, h } from "./dom.js";
import { tr } from "./language.js";
import { get, keepLooking } from "./poll.js";
import { finder, turner } from "./runs_pages.js";
import { mark, modelName, moment } from "./words.js";

export const MOST = 6;
const NOTHING = tr("It takes two runs to compare. Train another one first: with other settings, another model or another table.");

/** Draw the list of runs with a box to tick before each; `ticked` are ids that are ticked already, in their order. */
export async function chooser(place, ticked) {
  const view = { notice: h("div", { role: "status" }), finder: finder(), list: h("div"), chosen: new Map() };
  view.turner = turner(view.finder);
  view.bar = compareBar(() => [...view.chosen.keys()]);
  const head = h("div", { class: "ts-head" }, h("div", {}, h("h1", {}, tr("Compare runs")), h("p", {}, tr("Choose two to {most} runs. Only runs of the same task can be told apart by their answers. The one that you tick first is what the others are measured against.", { most: MOST }))));
  let before = ticked;
  place.replaceChildren(head, view.notice, view.list);
  keepLooking(
    async () => {
      const page = await get(`runs?${view.finder.asked()}`);
      for (const run of await Promise.all(before.map(one))) if (run) view.chosen.set(run.id, run);
      before = [];
      fill(view.notice);
      draw(view, page);
      return null;
    },
    (failures, error) => fill(view.notice, h("div", { class: "ts-note", "data-tone": "warn" }, h("div", {}, h("strong", {}, error.title || tr("The app does not answer.")), error.advice || tr("This page asks again and catches up.")))),
  );
}

/** A run by its id; null where it is gone. */
async function one(id) {
  try {
    return await get(`runs/${encodeURIComponent(id)}`);
  } catch (error) {
    if (error.status) return null;
    throw error;
  }
}

/** A page of runs, and those that are ticked and stand on others. */
function draw(view, { runs, number, found, total }) {
  if (total < 2) return fill(view.list, h("section", { class: "ts-card" }, h("p", {}, NOTHING), h("div", { class: "ts-actions" }, h("a", { class: "ts-button ts-primary", href: "./new" }, tr("New run")))));
  if (!view.cards?.isConnected) {
    view.cards = h("div");
    fill(view.list, view.finder.node, view.cards, view.turner.node, view.bar.node);
  }
  const here = new Set(runs.map((run) => run.id));
  const shown = [...[...view.chosen.values()].filter((run) => !here.has(run.id)), ...runs.filter((run) => run.state !== "unreadable")];
  const [first] = view.chosen.values();
  fill(view.cards, grouped(shown, first?.task).map(([task, of]) => h("section", { class: "ts-card", style: { "margin-bottom": "14px" } }, h("h2", {}, task), h("div", { class: "ts-chooser" }, of.map((run) => line(view, run))))));
  view.finder.draw(total, found);
  view.turner.draw(number, found);
  view.bar.draw();
}

function line({ chosen, bar }, run) {
  const turn = ({ target }) => {
    if (target.checked) chosen.set(run.id, run);
    else chosen.delete(run.id);
    bar.draw();
  };
  const value = run.metric === null ? h("small", {}, tr("no mark yet")) : h("strong", {}, `${run.metric_label} ${mark(run.metric, run.metric_style)}`);
  return h("label", {}, h("input", { type: "checkbox", checked: chosen.has(run.id), onchange: turn }), h("span", {}, run.name, h("small", {}, `${modelName(run.checkpoint)} · ${moment(run.created)}`)), value);
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
    const words = many < 2 ? (many ? tr("1 run chosen: choose another one.") : tr("No run chosen.")) : many > MOST ? tr("{many} runs chosen: at most {most} can be compared.", { many, most: MOST }) : tr("{many} runs chosen.", { many });
    const compare = button(tr("Compare"), go, "ts-primary");
    compare.disabled = many < 2 || many > MOST;
    fill(node, h("span", {}, words), compare, clear && button(tr("Choose none"), clear, "ts-plain"));
  }
  return { node, draw };
}
