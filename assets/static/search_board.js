// One search: how far it is, the best trial so far and what that is worth, all trials as lines and as a table.

import { ask, button, fill, h, say } from "./dom.js";
import { tr, trParts } from "./language.js";
import { risk } from "./search_form.js";
import { parallel } from "./search_plot.js";
import { SEARCHES, badge, complaint, counted, isGoingOn, remove } from "./searches.js";
import { duration, mark } from "./words.js";

const TRIALS = { queued: tr("Waiting"), running: tr("Running"), finished: tr("Finished"), pruned: tr("Ended early"), stopped: tr("Stopped"), failed: tr("Failed") };
/** The colours of the badges are those of runs. */
const TONES = { pruned: "stopped" };
const ALIVE = ["queued", "running"];
const runAddress = (id) => `./run?id=${encodeURIComponent(id)}`;
const bold = (words) => h("strong", {}, words);

/** `send` hands a command to the server. */
export function board(send) {
  const words = h("div");
  const actions = h("div", { class: "ts-actions" });
  const status = h("section", { class: "ts-card", "aria-label": tr("Status") });
  const best = h("section", { class: "ts-card ts-best", "aria-label": tr("Best trial") });
  const plot = parallel();
  const table = trials();
  const node = h("div", {}, h("div", { class: "ts-head" }, words, actions), h("div", { class: "ts-stack" }, status, best, plot.node, table.node));

  function draw(search) {
    if (search.state === "unreadable") {
      fill(words, h("h1", {}, search.name));
      fill(status, complaint({ status: 400, title: tr("This search cannot be read."), advice: search.problem }));
      for (const part of [best, plot.node, table.node]) part.hidden = true;
      fill(actions, button(tr("Delete"), () => remove(search, () => send("remove"))));
      return;
    }
    const origin = search.origin && [" · ", trParts("around {run}", { run: h("a", { href: runAddress(search.origin) }, tr("the run that it began from")) })];
    fill(words, h("h1", {}, search.name), h("p", {}, tr("Search for better settings · {task}", { task: search.task }), origin));
    fill(actions, choices(search, send));
    fill(status, progress(search));
    fill(best, bestSoFar(search));
    plot.draw(search);
    table.draw(search);
  }
  return { node, draw };
}

function choices(search, send) {
  if (search.state === "running") return button(tr("Stop the search"), () => stop(send), "ts-danger");
  if (search.state === "stopping") return null;
  const mayGoOn = search.state === "stopped" && button(tr("Go on"), () => send("goon"), "ts-primary");
  return [mayGoOn, search.origin && h("a", { class: "ts-button", href: `./search?from=${encodeURIComponent(search.origin)}` }, tr("Search again")), button(tr("Delete"), () => remove(search, () => send("remove")))];
}

async function stop(send) {
  const sure = await ask({
    title: tr("Stop the search?"),
    text: tr("The trial that goes on ends now and keeps no model. Finished trials stay, and the search can go on later."),
    yes: tr("Stop the search"),
    no: tr("Go on searching"),
    danger: true,
  });
  if (sure) send("stop");
}

function progress(search) {
  const alive = search.trials.filter((trial) => ALIVE.includes(trial.state));
  const over = search.counted - alive.length;
  const share = search.n_trials ? Math.min(1, over / search.n_trials) : search.minutes ? Math.min(1, search.seconds / 60 / search.minutes) : 0;
  const bar = h("div", { style: { width: `${Math.round(share * 100)}%` } });
  const track = { class: "ts-progress", role: "progressbar", "aria-label": tr("Progress of the search"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": Math.round(share * 100) };
  return [
    h("div", { class: "ts-status-row" }, badge(search.state, SEARCHES[search.state]), h("span", {}, bold(counted(search))), h("span", { class: "ts-right" }, trParts(search.minutes ? tr("at work for {time} of {limit}") : tr("at work for {time}"), { time: bold(duration(Math.round(search.seconds))), limit: duration(search.minutes * 60) }))),
    isGoingOn(search.state) && h("div", track, bar),
    h("p", { class: "ts-help" }, doing(search, alive, over)),
  ];
}

function doing(search, alive, over) {
  if (search.state === "failed") return tr("Three trials failed and none came to anything: {problem} Open one of them to see why; all have that in common.", { problem: search.problem });
  if (search.state === "stopped") return tr("No trial begins any more. “Go on” takes it up where it was.");
  if (search.state === "stopping") return tr("The trial that goes on is being stopped.");
  if (search.state === "finished") return tr("A trial is an ordinary run: open it from the table to read its report or to try its model.");
  const now = alive.length ? tr("Trial {numbers} goes on.", { numbers: alive.map((trial) => trial.number).join(tr(" and ")) }) : tr("The next trial begins in a moment.");
  if (!over || !search.n_trials) return now;
  const done = search.trials.filter((trial) => !ALIVE.includes(trial.state));
  const mean = done.reduce((all, trial) => all + trial.seconds, 0) / Math.max(1, done.length);
  const left = Math.max(0, search.n_trials - over) * mean - alive.reduce((all, trial) => all + Math.min(mean, trial.seconds), 0);
  return tr("{now} About {left} left, if the rest take as long as those before.", { now, left: duration(Math.round(left)) });
}

function bestSoFar(search) {
  const found = search.trials.find((trial) => trial.number === search.best);
  const label = search.metric.label;
  const smaller = search.metric.greater_is_better ? "" : tr(" Smaller is better.");
  if (!found) return [h("h2", {}, tr("Best so far")), h("p", { class: "ts-soft" }, tr("No trial has finished yet. The best is the one with the best {label} on the validation part.{smaller}", { label, smaller }))];
  const style = search.metric.style;
  const first = search.trials.find((trial) => trial.is_beginning && trial.value !== null && trial.state === "finished");
  const before = first && first !== found && tr(" The settings that the search began from came to {value}.", { value: mark(first.value, style) });
  const same = first === found && tr(" Those are the settings that the search began from: nothing better was found yet.");
  const test = search.test === null ? tr("Its mark on the test part is not there yet.") : [trParts("On the test part, the mark that counts: {mark}.", { mark: bold(mark(search.test, style)) })];
  return [
    h("h2", {}, isGoingOn(search.state) ? tr("Best so far") : tr("Best")),
    h("p", { class: "ts-verdict" }, trParts("Trial {number}: {label} {mark} on the validation part.", { number: found.number, label, mark: bold(mark(found.value, style)) }), before || same || "", smaller),
    h("dl", { class: "ts-values" }, search.columns.map((column, place) => h("div", {}, h("dt", {}, column.label), h("dd", {}, found.words[place])))),
    h("p", {}, test),
    h("p", { class: "ts-help" }, risk(label)),
    found.run && h("div", { class: "ts-actions" }, h("a", { class: "ts-button ts-primary", href: `./new?from=${encodeURIComponent(found.run)}` }, tr("Use these settings")), h("a", { class: "ts-button", href: runAddress(found.run) }, tr("Open its run"))),
    !found.run && h("p", { class: "ts-help" }, tr("Its run was deleted; bring it back from the trash to use its settings.")),
  ];
}

/** The table of trials; a reader may put the best first. */
function trials() {
  let bestFirst = false;
  let last = null;
  const place = h("div", { class: "ts-scroll", tabindex: "0", role: "region", "aria-label": tr("Trials") });
  const order = button("", () => ((bestFirst = !bestFirst), draw(last)), "ts-plain");
  const node = h("section", { class: "ts-card" }, h("header", { class: "ts-trials-head" }, h("h2", {}, tr("Trials")), order), place);

  function draw(search) {
    last = search;
    node.hidden = !search.trials.length;
    say(order, bestFirst ? tr("In their order") : tr("Best first"));
    const metric = search.metric;
    const heads = [tr("Trial"), tr("State"), metric.label, ...search.columns.map((column) => column.label), tr("Time")];
    const shown = bestFirst ? [...search.trials].sort((a, b) => rank(a, b, metric)) : search.trials;
    fill(place, h("table", { class: "ts-table ts-cards" }, h("thead", {}, h("tr", {}, heads.map((name) => h("th", { scope: "col" }, name)))), h("tbody", {}, shown.map((trial) => line(trial, search, heads)))));
  }
  return { node, draw };
}

function rank(a, b, metric) {
  if (a.value === null || b.value === null) return (a.value === null) - (b.value === null) || a.number - b.number;
  return metric.greater_is_better ? b.value - a.value : a.value - b.value;
}

function line(trial, search, heads) {
  const cell = (place, ...inside) => h("td", { "data-label": heads[place] }, h("span", {}, ...inside));
  const isBest = trial.number === search.best;
  const link = trial.run ? h("a", { href: runAddress(trial.run) }, tr("Trial {number}", { number: trial.number })) : tr("Trial {number}", { number: trial.number });
  const aside = trial.is_beginning ? tr(" (as before)") : isBest ? tr(" (best)") : "";
  const share = trial.state === "running" && trial.share !== null ? ` ${Math.round(trial.share * 100)} %` : "";
  return h(
    "tr",
    { class: isBest ? "ts-chosen" : null },
    h("th", { scope: "row", "data-label": heads[0] }, h("span", {}, link, h("small", {}, aside))),
    cell(1, badge(TONES[trial.state] || trial.state, `${TRIALS[trial.state]}${share}`), trial.reason && h("small", {}, trial.reason)),
    cell(2, trial.value === null ? "–" : mark(trial.value, search.metric.style)),
    trial.words.map((words, place) => cell(3 + place, words)),
    cell(heads.length - 1, trial.seconds ? duration(Math.round(trial.seconds)) : "–"),
  );
}
