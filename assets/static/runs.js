// The list of runs, newest first, with the trash below it; while there are none, the first steps.

import { button, fill, h } from "./dom.js";
import { get, keepLooking } from "./poll.js";
import { isOver, remove, rename } from "./header.js";
import { badge } from "./status.js";
import { duration, mark, moment } from "./words.js";

const LIVELY = 2000;
const QUIET = 15000;
const HEADS = ["State", "Name", "Model", "Mark", "Time", "Created", ""];

/** Called when Gradio has put the list on the page. */
export function start(element, trigger) {
  const place = element.querySelector("#ts-runs");
  const view = { notice: h("div", { role: "status" }), list: h("div"), trash: h("div") };
  const deleted = new Set([new URLSearchParams(location.search).get("deleted")].filter(Boolean));
  place.replaceChildren(view.notice, view.list, view.trash);
  const send = (event, data = {}) => {
    if (event === "remove") deleted.add(data.id);
    if (event === "restore") deleted.delete(data.id);
    trigger(event, data);
  };
  keepLooking(
    async () => {
      const [{ runs }, trash] = await Promise.all([get("runs"), get("trash")]);
      draw(view, runs, trash.runs, deleted, send);
      return runs.some((run) => !isOver(run.state)) ? LIVELY : QUIET;
    },
    (failures) => failures > 1 && fill(view.notice, note("warn", "The app does not answer.", "This page asks again and catches up.")),
  );
}

function draw(view, runs, trash, deleted, send) {
  const undoable = trash.filter((run) => deleted.has(run.id));
  fill(view.notice, undoable.map((run) => note("", `“${run.name}” is in the trash.`, "", button("Undo", () => send("restore", { id: run.id })))));
  if (runs.length) fill(view.list, heading(), list(runs, send));
  else fill(view.list, firstSteps());
  // A fold that the reader opened stays open.
  const open = view.trash.querySelector("details")?.open;
  fill(view.trash, trash.length > 0 && trashed(trash, send, open));
}

function note(tone, title, words, action = null) {
  return h("div", { class: "ts-note", "data-tone": tone || null, style: { "margin-bottom": "16px" } }, h("div", {}, h("strong", {}, title), words), action);
}

function heading() {
  return h("div", { class: "ts-heading" }, h("h1", {}, "Runs"), h("a", { class: "ts-button ts-primary", href: "./new" }, "New run"));
}

function list(runs, send) {
  return h(
    "div",
    { class: "ts-runs" },
    h("div", { class: "ts-runs-head", "aria-hidden": "true" }, HEADS.map((head) => h("span", {}, head))),
    h("ul", { "aria-label": "Runs, newest first", style: { display: "contents" } }, runs.map((run) => row(run, send))),
  );
}

function row(run, send) {
  const link = `./run?id=${encodeURIComponent(run.id)}`;
  const about = (words) => ({ "aria-label": `${words}: ${run.name}` });
  const act = (words, onclick) => {
    const node = button(words, onclick, "ts-plain");
    node.setAttribute("aria-label", `${words}: ${run.name}`);
    return node;
  };
  return h(
    "li",
    { class: "ts-run" },
    h("div", { class: "ts-run-state" }, badge(run.state)),
    h("div", { class: "ts-run-name" }, h("a", { href: link }, run.name), h("span", {}, run.task)),
    h("div", { class: "ts-run-model" }, run.checkpoint.split("/").filter(Boolean).pop()),
    h("div", { class: "ts-run-metric" }, run.metric !== null && [h("strong", {}, mark(run.metric, run.metric_style)), h("span", {}, run.metric_label)]),
    h("div", { class: "ts-run-time" }, time(run)),
    h("div", { class: "ts-run-when" }, moment(run.created)),
    h(
      "div",
      { class: "ts-run-actions" },
      h("a", { class: "ts-button ts-plain", href: `./new?from=${encodeURIComponent(run.id)}`, ...about("Use again") }, "Use again"),
      act("Rename", () => rename(run, send)),
      run.state !== "running" && act("Delete", () => remove(run, send)),
    ),
  );
}

function time(run) {
  if (run.state === "queued") return run.place ? `number ${run.place} in the queue` : "";
  return run.seconds === null ? "" : duration(run.seconds);
}

function trashed(trash, send, open) {
  return h(
    "details",
    { class: "ts-trash", open },
    h("summary", {}, `Trash (${trash.length})`),
    h(
      "ul",
      { class: "ts-runs" },
      trash.map((run) =>
        h(
          "li",
          { class: "ts-run" },
          h("div", { class: "ts-run-name" }, h("strong", {}, run.name), h("span", {}, `${run.task} · ${moment(run.created)}`)),
          button("Bring back", () => send("restore", { id: run.id })),
        ),
      ),
    ),
    h("div", { class: "ts-actions", style: { "margin-top": "12px" } }, button("Empty the trash", () => empty(trash.length, send))),
  );
}

async function empty(number, send) {
  const { ask } = await import("./dom.js");
  const sure = await ask({
    title: "Empty the trash?",
    text: `${number === 1 ? "1 run is" : `${number} runs are`} deleted for good, with models and reports. This cannot be undone.`,
    yes: "Delete for good",
    danger: true,
  });
  if (sure) send("empty");
}

function firstSteps() {
  const step = (number, title, words) => h("li", {}, h("span", { "aria-hidden": "true" }, number), h("h2", {}, title), h("p", {}, words));
  return h(
    "section",
    { class: "ts-card ts-empty" },
    h("h1", {}, "Teach a model with your own table"),
    h("p", {}, "No programming, no account, no network: everything happens on this machine and stays here."),
    h(
      "ol",
      {},
      step(1, "Bring a table", "A CSV file, say, with texts and the answers you want, such as reviews and their mood."),
      step(2, "Press Train", "Everything is filled in with what suits your data. Watch the model learn, live."),
      step(3, "Read its mark, try it", "See how good it is on texts it never saw, then type your own."),
    ),
    h(
      "div",
      { class: "ts-actions" },
      h("a", { class: "ts-button ts-primary", href: "./new" }, "Start your first run"),
      h("a", { class: "ts-button", href: "./new?sample=feedback" }, "Try it with a sample"),
    ),
  );
}
