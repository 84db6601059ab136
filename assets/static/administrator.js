// The administrators' page: who uses what, whose runs go on or wait, the disk, and the log of what was done.

import { ask, button, fill, h } from "./dom.js";
import { log } from "./administrator_log.js";
import { tr, trParts } from "./language.js";
import { keepLooking } from "./poll.js";
import { moment, size } from "./words.js";

const EVERY = 5000;

/** Called when Gradio has put the page in its place. */
export function start(element) {
  const place = element.querySelector("#ts-administrator");
  const parts = Object.fromEntries(["notice", "people", "runs", "disk"].map((name) => [name, h("div", {})]));
  const history = log(call);
  place.replaceChildren(
    h("h1", {}, tr("Administration")),
    h("p", { class: "ts-soft" }, tr("Names of people and of runs, and figures: texts, answers, logs and models of others are not shown here. What you do here stands in the log.")),
    parts.notice,
    section(tr("People"), parts.people, h("p", { class: "ts-help" }, tr("Somebody else comes in with a name and a password, given on the machine of this app:"), " ", h("code", {}, "python -m core.cli people add NAME --people FILE"))),
    section(tr("Runs that go on or wait"), parts.runs),
    section(tr("The disk"), parts.disk),
    section(tr("What was done"), history.node),
  );
  const act = async (path, body, done) => {
    const answer = await call(path, body).catch((error) => fill(parts.notice, note("bad", error.message, error.advice)));
    if (!answer) return;
    fill(parts.notice, (answer.words || done) && note("", answer.words || done));
    window.dispatchEvent(new Event("tunesmith:changed"));
    history.read();
  };
  keepLooking(
    async () => {
      const told = await call("look");
      if (told.trouble) fill(parts.notice, note("bad", tr("The log is not whole."), told.trouble));
      fill(parts.people, people(told.people, act));
      fill(parts.runs, runs(told.runs, act));
      fill(parts.disk, disk(told, act));
      history.know(told.people.map((one) => one.name));
      return EVERY;
    },
    (failures, error) => failures > 1 && fill(parts.notice, note("warn", error.message || tr("The app does not answer."), tr("This page asks again and catches up."))),
  );
}

/** Asks one of the page's addresses; with a `body`, for something to be done. Throws an Error with `advice`. */
async function call(path, body = null) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(new URL(`./administrator/${path}`, document.baseURI).href, { ...options, signal: AbortSignal.timeout(60000) });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw Object.assign(new Error(told.title || tr("The app answered {status}.", { status: answer.status })), { advice: told.advice || "" });
  return told;
}

const section = (title, ...inside) => h("section", { class: "ad-part" }, h("h2", {}, title), ...inside);
const note = (tone, title, words = "") => h("div", { class: "ts-note", "data-tone": tone || null, role: tone ? "alert" : "status" }, h("div", {}, h("strong", {}, title), words));

function people(found, act) {
  if (!found.length) return h("p", { class: "ts-soft" }, tr("Nobody has come yet."));
  return h("ul", { class: "ts-card ad-list" }, found.map((one) => h("li", {}, somebody(one), h("div", { class: "ad-acts" }, button(tr("Limits"), () => limits(one, act), "ts-plain")))));
}

function somebody(one) {
  const there = one.here ? tr("signed in") : tr("last seen {when}", { when: moment(one.seen) });
  return h(
    "div",
    { class: "ad-what" },
    h("strong", {}, one.name, one.kind === "hub" && " (Hugging Face)"),
    h("span", { class: "ts-help" }, `${there} · ${tr("{running} running, {waiting} waiting, {over} over", one)}`),
    h("span", { class: "ad-uses" }, one.uses.map((use) => h("span", { "data-tone": use.most === 0 || use.used / use.most >= 0.9 ? "warn" : null }, use.words, use.is_own && ` ${tr("(their own limit)")}`))),
  );
}

async function limits(one, act) {
  const fields = one.limits.map((limit) => [limit, h("input", { name: limit.name, value: limit.given, placeholder: limit.common, autocomplete: "off" })]);
  const dialog = h(
    "dialog",
    { class: "ts-dialog", "aria-labelledby": "ad-limits" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "ad-limits" }, tr("What {name} may use", { name: one.name })),
      h("p", {}, tr("Leave a field empty for what all have. Sizes are written as 8 GB; 0 allows nothing.")),
      fields.map(([limit, input]) => h("label", {}, limit.label, input, h("small", { class: "ts-help" }, limit.words))),
      h("footer", {}, h("button", { class: "ts-button", value: "no", type: "button", onclick: () => dialog.close("no") }, tr("Cancel")), h("button", { class: "ts-button ts-primary", value: "yes" }, tr("Save"))),
    ),
  );
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    // A value is shown as `40 h`; it is written as 40.
    if (dialog.returnValue === "yes") act("limits", { key: one.key, limits: Object.fromEntries(fields.map(([limit, input]) => [limit.name, input.value.replace(/\s*h$/, "")])) }, tr("The limits of {name} are saved.", { name: one.name }));
  });
  dialog.showModal();
}

function runs(found, act) {
  if (!found.length) return h("p", { class: "ts-soft" }, tr("No run goes on or waits. Those that do stand here, and can be stopped or moved to the front."));
  return h("ul", { class: "ts-card ad-list" }, found.map((run) => h("li", {}, going(run), h("div", { class: "ad-acts" }, acts(run, act)))));
}

function going(run) {
  const words = run.is_stopping ? tr("is asked to stop") : run.is_running ? tr("goes on since {when}", { when: moment(run.since) }) : run.standing;
  return h("div", { class: "ad-what" }, h("strong", {}, run.name), h("span", { class: "ts-help" }, `${run.key ? run.owner : tr("the command line")} · ${words}`));
}

function acts(run, act) {
  if (!run.key) return []; // of whoever works in the shared home
  const named = (words) => ({ "aria-label": `${words}: ${run.name}` });
  return [
    !run.is_running && h("button", { type: "button", class: "ts-button ts-plain", ...named(tr("To the front")), onclick: () => front(run, act) }, tr("To the front")),
    !run.is_stopping && h("button", { type: "button", class: "ts-button ts-plain", ...named(tr("Stop")), onclick: () => stop(run, act) }, tr("Stop")),
  ];
}

async function front(run, act) {
  const sure = await ask({ title: tr("Move “{name}” to the front?", { name: run.name }), text: tr("It begins before the runs of everybody else, as soon as a device is free and the limits of {owner} allow it.", { owner: run.owner }), yes: tr("Move it") });
  if (sure) act("front", { key: run.key, id: run.id }, tr("It is the next one."));
}

async function stop(run, act) {
  const text = run.is_running ? tr("It ends after its present step; its best model so far is kept. Its page says that an administrator stopped it.") : tr("It leaves the queue. Its page says that an administrator stopped it.");
  const sure = await ask({ title: tr("Stop “{name}” of {owner}?", { name: run.name, owner: run.owner }), text, yes: tr("Stop it"), danger: true });
  if (sure) act("stop", { key: run.key, id: run.id }, tr("It was asked to stop."));
}

function disk({ people: found, room }, act) {
  const trash = found.reduce((sum, one) => sum + one.trash, 0);
  const old = found.reduce((sum, one) => sum + one.old, 0);
  const share = room.total ? (room.total - room.free) / room.total : 0;
  return h(
    "div",
    { class: "ts-card" },
    h("p", {}, trParts("{free}; {kept} are kept free.", { free: h("strong", {}, tr("{free} of {total} are free", { free: size(room.free), total: size(room.total) })), kept: size(room.kept_free) })),
    h("div", { class: "ad-bar", role: "img", "aria-label": tr("{number} % of the disk are taken", { number: Math.round(share * 100) }) }, h("i", { style: { width: `${(share * 100).toFixed(1)}%` } })),
    found.length > 0 && h("dl", { class: "ad-holds" }, found.map((one) => [h("dt", {}, one.name), h("dd", {}, one.trash > 0 ? tr("{size}, of it {trash} in the trash", { size: size(one.uses[0].used), trash: size(one.trash) }) : size(one.uses[0].used))])),
    h(
      "div",
      { class: "ts-actions" },
      cleaning(trash, tr("Empty all trashes ({size})", { size: held(trash) }), () => clean("trash", tr("Empty the trashes of all?"), tr("{size} are deleted for good: runs that people have thrown away, with their models and reports. They cannot bring them back any more.", { size: size(trash) }), act)),
      cleaning(old, tr("Remove what is old ({size})", { size: held(old) }), () => clean("old", tr("Remove what is old and can be made again?"), tr("{size} are removed: tables and texts that were prepared for runs and not used for seven days. They are made again when somebody needs them, which takes a moment. Nothing is taken of people whose runs go on or wait.", { size: size(old) }), act)),
    ),
  );
}

/** Where there is nothing to remove, the button does nothing. */
function cleaning(bytes, words, onclick) {
  const node = button(words, onclick);
  node.disabled = !bytes;
  return node;
}

const held = (bytes) => (bytes ? size(bytes) : tr("nothing there"));

async function clean(what, title, text, act) {
  if (await ask({ title, text, yes: tr("Remove for good"), danger: true })) act("clean", { what });
}
