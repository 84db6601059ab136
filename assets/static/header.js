// The top of a run's page: its name, what it is made of, what can be done with it, and how far it has come.

import { ask, button, fill, h } from "./dom.js";
import { locale, tr } from "./language.js";
import { sharing } from "./sharing.js";
import { api } from "./poll.js";
import { isOver } from "./over.js";
import { files } from "./report_takeaway.js";
import { afterLines, nowLines, steering, stopButton } from "./steering.js";
import { bell } from "./telling.js";
import { modelName } from "./words.js";

const STEPS = [tr("Preparing"), tr("Training"), tr("Judging"), tr("Ready")];
const PHASES = { preparing: 0, loading: 0, training: 1, judging: 2, saving: 2 };

/** Name and facts on the left, actions on the right. `send` hands a command to the server. */
export function header(send) {
  const words = h("div", {});
  const actions = h("div", { class: "ts-actions" });
  const node = h("div", { class: "ts-head" }, words, actions);

  document.addEventListener("click", (event) => {
    for (const menu of node.querySelectorAll("details[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  node.addEventListener("click", (event) => {
    // Whoever has chosen something in a menu is done with it.
    if (event.target.closest("details > div :is(a, button)")) event.target.closest("details").open = false;
  });
  node.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && node.querySelector("details[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  function draw(run, state) {
    fill(words, h("h1", {}, run.name), h("p", {}, [modelName(run.checkpoint), run.task, source(run)].filter(Boolean).join(" · ")), origin(run));
    fill(actions, choices(run, state, send));
  }
  return { node, draw };
}

const ORIGINS = {
  retry: tr("Made with a change from"),
  longer: tr("Trains longer what was learned in"),
  model: tr("Starts from the model of"),
  trial: tr("A trial of the search"),
  mended: tr("Learns from the mended labels of"),
};

/** Where the run comes from, with the way there. */
function origin({ origin: from, id, metric }) {
  if (!from) return null;
  const href = from.kind === "trial" ? `./search?id=${encodeURIComponent(from.id)}` : `./run?id=${encodeURIComponent(from.id)}`;
  const both = `./compare?runs=${encodeURIComponent(from.id)},${encodeURIComponent(id)}`;
  const isJudged = metric !== null && from.kind !== "trial" && from.name !== from.id; // a run that was deleted has no other name
  return h("p", { class: "ts-help" }, ORIGINS[from.kind], " ", h("a", { href }, from.name), isJudged && [" · ", h("a", { href: both }, tr("Compare the two"))]);
}

function source(run) {
  const rows = run.rows ? tr(" ({rows} examples)", { rows: run.rows.toLocaleString(locale) }) : "";
  return `${run.source.split("/").filter(Boolean).pop()}${rows}`;
}

function choices(run, state, send) {
  const over = isOver(state.state);
  if (run.demo) return choicesInADemo(run, over, state, send);
  return [
    over && state.state !== "finished" && !state.job && button(tr("Start again"), () => send("again"), state.end?.remedy && Object.keys(state.end.remedy).length ? "" : "ts-primary"),
    h("a", { class: "ts-button", href: `./new?from=${encodeURIComponent(run.id)}` }, tr("Use again")),
    menu(run, over, state, send),
    !over && bell(),
    steering(state, send),
  ];
}

/** A run that is shown is nobody's to change; one's own has what a demo has room for. */
function choicesInADemo(run, over, state, send) {
  if (run.demo === "shown") return [h("span", { class: "ts-badge" }, tr("Shown to all, read only")), h("a", { class: "ts-button", href: "./new" }, tr("Train one yourself"))];
  const stop = over ? null : stopButton(state, send);
  return [h("a", { class: "ts-button", href: `./new?from=${encodeURIComponent(run.id)}` }, tr("Use again")), folded([h("button", { type: "button", onclick: () => rename(run, send) }, tr("Rename")), downloads(run), ending(run, over, state, send)]), !over && bell(), stop];
}

function menu(run, over, state, send) {
  return folded([
    nowLines(state, send),
    afterLines(run, state, send),
    (state.state === "finished" || state.state === "stopped") && h("a", { href: `./labels?run=${encodeURIComponent(run.id)}` }, tr("Check the labels"), h("small", {}, tr("Which of them are probably wrong"))),
    h("a", { href: `./compare?choose=${encodeURIComponent(run.id)}` }, tr("Compare with another run")),
    h("button", { type: "button", onclick: () => rename(run, send) }, tr("Rename")),
    sharing(run, send),
    over && h("a", { href: `./kept?run=${encodeURIComponent(run.id)}` }, tr("Keep on the Hub"), h("small", {}, tr("In a private repository, to be brought back"))),
    downloads(run),
    ending(run, over, state, send),
  ]);
}

function folded(lines) {
  return h("details", { class: "ts-menu" }, h("summary", { class: "ts-button" }, tr("More")), h("div", {}, lines));
}

function downloads(run) {
  return [
    h("a", { href: api(`runs/${encodeURIComponent(run.id)}/files/config.yaml`), download: true }, tr("Download the settings (YAML)")),
    run.files.includes("report.json") && [h("a", { href: files(run.id).page, download: true }, tr("Download the report (HTML)")), h("a", { href: files(run.id).data, download: true }, tr("Download the report (JSON)"))],
    h("a", { href: api(`runs/${encodeURIComponent(run.id)}/log`), target: "_blank", rel: "noopener" }, tr("Technical log"), h("small", {}, tr("What the program itself printed"))),
  ];
}

function ending(run, over, state, send) {
  if (!over && state.state !== "queued") return [];
  return [h("hr"), h("button", { type: "button", onclick: () => remove(run, send) }, tr("Delete"))];
}

export async function rename(run, send) {
  const name = await ask({ title: tr("Rename this run"), field: { label: tr("Name"), value: run.name }, yes: tr("Rename") });
  if (name) send("rename", { id: run.id, name });
}

export async function remove(run, send) {
  const sure = await ask({
    title: tr("Delete “{name}”?", { name: run.name }),
    text: tr("It goes to the trash, with its model and its report. You can bring it back from there."),
    yes: tr("Delete"),
    danger: true,
  });
  if (sure) send("remove", { id: run.id });
}

/** The four steps of a run as a list; the present one is marked. */
export function stepper() {
  const node = h("ol", { class: "ts-steps", "aria-label": tr("Progress of this run") });

  function draw(state) {
    const done = state.state === "finished" || (state.state === "stopped" && state.judged !== null);
    const place = done ? STEPS.length : state.state === "queued" ? 0 : (PHASES[state.phase?.name] ?? 0);
    const halted = isOver(state.state) && !done;
    fill(node, STEPS.map((name, number) => step(name, number, place, halted)));
  }
  return { node, draw };
}

function step(name, number, place, halted) {
  const is = number < place ? "done" : number > place ? "later" : halted ? "halted" : "now";
  const sign = is === "done" ? "✓" : is === "halted" ? "–" : String(number + 1);
  return h(
    "li",
    { "data-is": is, "aria-current": is === "now" ? "step" : null },
    h("span", { "aria-hidden": "true" }, sign),
    h("span", {}, name),
  );
}
