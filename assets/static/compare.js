// Runs beside each other. The first of the address is what the others are measured against.

import { chooser } from "./compare_choose.js";
import { changedRows } from "./compare_changed.js";
import { curves } from "./compare_curves.js";
import { marks, settings, verdict } from "./compare_marks.js";
import { button, fill, h } from "./dom.js";
import { tr } from "./language.js";
import { get, keepLooking } from "./poll.js";
import { isOver } from "./over.js";

const GOING = 1000;
const LIVELY = 5000;
export const COLOURS = ["--ts-line-1", "--ts-line-2", "--ts-line-3", "--ts-line-4", "--ts-line-5", "--ts-line-6"];

/** The parts of the page's address that begin after the question mark. */
export const asked = () => new URLSearchParams(location.search);

/** Keep what is shown in the address, so that it is a link; an empty value leaves it. */
export function remember(values) {
  const now = asked();
  for (const [name, value] of Object.entries(values)) {
    if (value) now.set(name, value);
    else now.delete(name);
  }
  // The page's base address is the app's, not its own.
  history.replaceState(history.state, "", `${location.pathname}?${now.toString().replaceAll("%2C", ",")}`);
}

export const listed = (text) => (text || "").split(",").filter(Boolean);
export const swatch = (place) => h("span", { class: "ts-swatch", "aria-hidden": "true", style: { "--swatch": `var(${COLOURS[place]})` } });

/** Called when Gradio has put the page in its place. */
export function start(element, trigger) {
  const place = element.querySelector("#ts-compare");
  const ids = listed(asked().get("runs"));
  if (ids.length < 2) chooser(place, [...ids, ...listed(asked().get("choose"))]);
  else board(place, ids, trigger);
}

function board(place, ids, trigger) {
  const runs = ids.join(",");
  const parts = { notice: h("div", { role: "status" }), head: h("div", { class: "ts-head" }), verdict: verdict(), marks: marks(), changed: changedRows(runs), curves: curves(runs), settings: settings() };
  const stack = h("div", { class: "ts-stack", hidden: true }, parts.verdict.node, parts.marks.node, parts.curves.node, parts.settings.node, parts.changed.node);
  const send = (event) => trigger(event, { runs });
  let versus = null;
  let before = "";
  fill(parts.head, h("div", {}, h("h1", {}, tr("Compare runs")), h("p", {}, tr("Reading their answers and comparing them row by row …"))));
  place.replaceChildren(parts.head, parts.notice, stack);

  keepLooking(
    async () => {
      const { errand } = await get(`versus/errand?runs=${runs}`);
      const now = `${errand?.state} ${errand?.share}`;
      const alive = () => versus.runs.some((run) => !isOver(run.state));
      const isFresh = !versus || alive() || (before !== now && errand?.state !== "going");
      before = now;
      if (isFresh) versus = await get(`versus?runs=${runs}`);
      fill(parts.notice);
      stack.hidden = false;
      fill(parts.head, heading(versus.runs));
      parts.verdict.draw(versus, errand, send);
      parts.marks.draw(versus);
      parts.settings.draw(versus);
      if (isFresh) parts.changed.draw(versus);
      if (isFresh) parts.curves.draw(versus).catch(() => {});
      return errand?.state === "going" ? GOING : alive() ? LIVELY : null;
    },
    (failures, error) => {
      if (!error.status && failures < 2) return;
      fill(parts.notice, h("div", { class: "ts-note", "data-tone": "warn" }, h("div", {}, h("strong", {}, error.status ? error.title || error.message : tr("The app does not answer.")), error.advice || ""), h("a", { class: "ts-button", href: `./compare?choose=${ids.map(encodeURIComponent).join(",")}` }, tr("Choose runs"))));
      if (!versus) fill(parts.head, h("div", {}, h("h1", {}, tr("Compare runs"))));
    },
  );
}

function heading(runs) {
  const ids = runs.map((run) => run.id);
  const go = (order) => () => {
    const now = asked();
    for (const name of ["with", "from", "side"]) now.delete(name);
    now.set("runs", order.join(","));
    location.search = now.toString().replaceAll("%2C", ",");
  };
  const without = (id) => ids.filter((one) => one !== id);
  const one = (run, place) =>
    h(
      "li",
      { style: { "--swatch": `var(${COLOURS[place]})` } },
      h("a", { href: `./run?id=${encodeURIComponent(run.id)}` }, run.name),
      place > 0 && named(tr("Measure against it"), run, go([run.id, ...without(run.id)])),
      ids.length > 2 && named(tr("Leave out"), run, go(without(run.id))),
    );
  return [
    h(
      "div",
      {},
      h("h1", {}, tr("Compare runs")),
      h("p", {}, tr("All others are measured against the first.")),
      h("ul", { class: "ts-key", "aria-label": tr("The runs that are compared") }, runs.map(one)),
    ),
    h("div", { class: "ts-actions" }, h("a", { class: "ts-button", href: `./compare?choose=${ids.join(",")}` }, tr("Choose others"))),
  ];
}

function named(words, run, onclick) {
  const node = button(words, onclick, "ts-plain");
  node.setAttribute("aria-label", `${words}: ${run.name}`);
  return node;
}
