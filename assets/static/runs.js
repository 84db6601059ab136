// The list of runs by pages, newest first, with the trash below it; while there are none, the first steps.

import { compareBar } from "./compare_choose.js";
import { button, each, fill, h } from "./dom.js";
import { get, keepLooking } from "./poll.js";
import { remove, rename } from "./header.js";
import { tr, trMany } from "./language.js";
import { isOver } from "./over.js";
import { badge } from "./status.js";
import { duration, mark, modelName, moment } from "./words.js";
import { finder, turner } from "./runs_pages.js";
import { mine } from "./runs_mine.js";

const LIVELY = 2000;
const QUIET = 15000;
const HEADS = [tr("State"), tr("Name"), tr("Model"), tr("Mark"), tr("Time"), tr("Created"), ""];
const CELLS = ["state", "name", "model", "metric", "time", "when", "actions"];
const ALONE = tr("No programming, no account, no network: everything happens on this machine and stays here.");
const AMONG_OTHERS = tr("No programming: everything happens where this app runs, and your things are seen by you alone.");

/** Called when Gradio has put the list on the page. */
export function start(element, trigger) {
  const place = element.querySelector("#ts-runs");
  const view = { notice: h("div", { role: "status" }), list: h("div", {}, ...place.childNodes), trash: h("div"), ticks: ticks() };
  view.finder = finder();
  view.turner = turner(view.finder);
  const deleted = new Set([new URLSearchParams(location.search).get("deleted")].filter(Boolean));
  place.replaceChildren(view.notice, mine(), view.list, view.ticks.bar, view.trash);
  const send = (event, data = {}) => {
    if (event === "remove") {
      deleted.add(data.id);
      view.ticks.drop([data.id]);
    }
    if (event === "restore") deleted.delete(data.id);
    trigger(event, data);
  };
  keepLooking(
    async () => {
      const [page, trash] = await Promise.all([get(`runs?${view.finder.asked()}`), get(`trash?also=${[...deleted].map(encodeURIComponent).join(",")}`)]);
      draw(view, page, trash, deleted, send);
      return (page.is_going_on ?? page.runs.some((run) => !isOver(run.state))) ? LIVELY : QUIET;
    },
    (failures, error) => (error.status || failures > 1) && fill(view.notice, complaint(error)),
  );
}

function draw(view, page, trash, deleted, send) {
  const { runs, total = runs.length } = page;
  const undoable = trash.runs.filter((run) => deleted.has(run.id));
  fill(view.notice, undoable.map((run) => note("", tr("“{name}” is in the trash.", { name: run.name }), "", button(tr("Undo"), () => send("restore", { id: run.id })))));
  if (total) drawList(view, page, send);
  else fill(view.list, firstSteps());
  // A fold that the reader opened stays open.
  const open = view.trash.querySelector("details")?.open;
  fill(view.trash, trash.runs.length > 0 && trashed(trash, send, open));
}

/** Why there is no news: what the app says, or that it says nothing. */
function complaint(error) {
  return error.status ? note("warn", error.title || error.message, error.advice || "") : note("warn", tr("The app does not answer."), tr("This page asks again and catches up."));
}

function note(tone, title, words, action = null) {
  return h("div", { class: "ts-note", "data-tone": tone || null, style: { "margin-bottom": "16px" } }, h("div", {}, h("strong", {}, title), words), action);
}

function heading() {
  return h("div", { class: "ts-heading" }, h("h1", {}, tr("Runs")), h("div", { class: "ts-actions" }, h("a", { class: "ts-button", href: "./kept" }, tr("Kept runs")), h("a", { class: "ts-button ts-primary", href: "./new" }, tr("New run"))));
}

function drawList(view, { runs, number = 1, found = runs.length, total = runs.length }, send) {
  if (!view.rows?.isConnected) {
    view.rows = h("ul", { "aria-label": tr("Runs, newest first"), style: { display: "contents" } });
    const head = h("div", { class: "ts-runs-head", "aria-hidden": "true" }, HEADS.map((name) => h("span", {}, name)));
    view.table = h("div", { class: "ts-runs" }, head, view.rows);
    fill(view.list, heading(), view.finder.node, view.table, view.turner.node);
  }
  each(view.rows, runs, (run) => run.id, () => row(send, view.ticks));
  view.table.hidden = !runs.length;
  view.finder.draw(total, found);
  view.turner.draw(number, found);
  if (runs.length === total) view.ticks.keep(new Set(runs.map((run) => run.id)));
}

/** The runs that are ticked to be compared, on whatever page, in the order in which they were. `bar` shows while there are any. */
function ticks() {
  const chosen = new Set();
  const boxes = new Map();
  const compare = compareBar(() => [...chosen], () => drop([...chosen]));
  // Without a box of its own, so that it sticks to the window as long as the list is in it.
  const bar = h("div", { hidden: true, style: { display: "contents" } }, compare.node);

  function draw() {
    bar.hidden = !chosen.size;
    compare.draw();
  }

  /** `box` stands for this run from now on. */
  function hold(id, box) {
    boxes.set(id, box);
    box.checked = chosen.has(id);
    box.onchange = () => {
      if (box.checked) chosen.add(id);
      else chosen.delete(id);
      draw();
    };
  }

  function drop(ids) {
    for (const id of ids) {
      chosen.delete(id);
      if (boxes.has(id)) boxes.get(id).checked = false;
    }
    draw();
  }

  /** Take away the ticks of all runs but these. */
  const keep = (ids) => drop([...chosen].filter((id) => !ids.has(id)));
  return { bar, hold, drop, keep };
}

/** One run. Its cells change one by one: a new time must not take a button away under somebody's finger. */
function row(send, ticked) {
  const box = h("input", { type: "checkbox" });
  const sign = h("span");
  const [state, name, model, metric, spent, when, actions] = CELLS.map((cell) => h("div", { class: `ts-run-${cell}` }));
  const node = h("li", { class: "ts-run" }, state, name, model, metric, spent, when, actions);

  state.append(box, sign);

  function draw(run) {
    const readable = run.state !== "unreadable";
    box.hidden = !readable;
    box.setAttribute("aria-label", tr("Choose to compare: {name}", { name: run.name }));
    ticked.hold(run.id, box);
    fill(sign, badge(run.paused ? "paused" : run.state));
    fill(name, readable ? h("a", { href: address(run) }, run.name) : h("strong", {}, run.name), h("span", {}, readable ? run.task : run.problem));
    fill(model, modelName(run.checkpoint));
    fill(metric, run.metric !== null && [h("strong", {}, mark(run.metric, run.metric_style)), h("span", {}, run.metric_label)]);
    fill(spent, time(run));
    fill(when, moment(run.created));
    fill(actions, choices(run, readable, send));
  }
  return { node, draw };
}

const address = (run) => `./run?id=${encodeURIComponent(run.id)}`;

function choices(run, readable, send) {
  const named = (words) => ({ "aria-label": `${words}: ${run.name}` });
  const act = (words, onclick) => h("button", { type: "button", class: "ts-button ts-plain", onclick, ...named(words) }, words);
  return [
    run.place > 1 && act(tr("Move up"), () => send("move", { id: run.id, place: run.place - 1 })),
    run.place > 2 && act(tr("Start next"), () => send("move", { id: run.id, place: 1 })),
    readable && h("a", { class: "ts-button ts-plain", href: `./new?from=${encodeURIComponent(run.id)}`, ...named(tr("Use again")) }, tr("Use again")),
    readable && act(tr("Rename"), () => rename(run, send)),
    run.state !== "running" && act(tr("Delete"), () => remove(run, send)),
  ];
}

function time(run) {
  if (run.state === "queued") return run.standing;
  return run.seconds === null ? "" : duration(run.seconds);
}

function trashed({ runs, count = runs.length }, send, open) {
  return h(
    "details",
    { class: "ts-trash", open },
    h("summary", {}, tr("Trash ({count})", { count })),
    h(
      "ul",
      { class: "ts-runs" },
      runs.map((run) =>
        h(
          "li",
          { class: "ts-run" },
          h("div", { class: "ts-run-name" }, h("strong", {}, run.name), h("span", {}, [run.task, moment(run.created)].filter(Boolean).join(" · "))),
          button(tr("Bring back"), () => send("restore", { id: run.id })),
        ),
      ),
    ),
    count > runs.length && h("p", { class: "ts-help" }, trMany(count - runs.length, "And one older run, which shows when these are gone.", "And {count} older runs, which show when these are gone.")),
    h("div", { class: "ts-actions", style: { "margin-top": "12px" } }, button(tr("Empty the trash"), () => empty(count, send))),
  );
}

async function empty(number, send) {
  const { ask } = await import("./dom.js");
  const sure = await ask({
    title: tr("Empty the trash?"),
    text: trMany(number, "1 run is deleted for good, with models and reports. This cannot be undone.", "{count} runs are deleted for good, with models and reports. This cannot be undone."),
    yes: tr("Delete for good"),
    danger: true,
  });
  if (sure) send("empty");
}

function firstSteps() {
  const step = (number, title, words) => h("li", {}, h("span", { "aria-hidden": "true" }, number), h("h2", {}, title), h("p", {}, words));
  return h(
    "section",
    { class: "ts-card ts-empty" },
    h("h1", {}, tr("Teach a model with your own table")),
    h("p", {}, document.querySelector(".ts-me") ? AMONG_OTHERS : ALONE),
    h(
      "ol",
      {},
      step(1, tr("Bring a table"), tr("A CSV file, say, with texts and the answers you want, such as reviews and their mood.")),
      step(2, tr("Press Start training"), tr("Everything is filled in with what suits your data. Watch the model learn, live.")),
      step(3, tr("Read its mark, try it"), tr("See how good it is on texts it never saw, then type your own.")),
    ),
    h(
      "div",
      { class: "ts-actions" },
      h("a", { class: "ts-button ts-primary", href: "./new" }, tr("Start your first run")),
      h("a", { class: "ts-button", href: "./new?sample=feedback" }, tr("Try it with a sample")),
      h("a", { class: "ts-button", href: "./kept" }, tr("Bring back kept runs")),
    ),
  );
}
