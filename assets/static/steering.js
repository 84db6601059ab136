// What can be asked of a run while it goes on, and what can be made of one that is over.

import { ask, button, h } from "./dom.js";
import { tr } from "./language.js";
import { isOver } from "./over.js";

const TRAINING = (state) => state.phase?.name === "training" && state.now;

/** What a stop means for a run in its present phase. */
export function whatStopMeans(state) {
  if (state.state === "queued") return tr("It leaves the queue.");
  if (state.stopping === "nothing") return tr("It ends now, and no model is kept.");
  if (state.phase?.name === "training") {
    return state.stopping === "last" ? tr("It ends after the present step and keeps the model as it is then.") : tr("It ends after the present step and keeps the best model so far.");
  }
  if (["judging", "saving"].includes(state.phase?.name)) return tr("The model is being judged already; it will be done in a moment.");
  const kept = state.saved ? tr("what was saved before stays.") : tr("there is no model to keep yet.");
  return tr("It ends as soon as the table is prepared; {kept}", { kept });
}

/** The buttons at the top while a run waits or goes on. */
export function steering(state, send) {
  if (isOver(state.state)) return [];
  return [pauseButton(state, send), stopButton(state, send)];
}

function pauseButton(state, send) {
  if (!TRAINING(state) || state.stopping || state.job) return null;
  return state.paused || state.pausing ? button(tr("Go on"), () => send("goon"), "ts-primary") : button(tr("Pause"), () => send("pause"));
}

export function stopButton(state, send) {
  const words = state.state === "queued" ? tr("Take out of the queue") : state.stopping ? tr("Stopping") : tr("Stop training");
  const node = button(words, () => stop(state, send), "ts-danger");
  node.toggleAttribute("disabled", Boolean(state.stopping));
  return node;
}

const KEPT = [
  { value: "best", words: tr("Keep the best model so far"), text: tr("It is judged on examples that it has never seen. This is what most people want.") },
  { value: "last", words: tr("Keep the model as it is now"), text: tr("The newest instead of the best; it is judged in the same way.") },
  { value: "nothing", words: tr("Keep nothing"), text: tr("The run is cancelled: no model, no mark. What it saved on the way goes too.") },
];

async function stop(state, send) {
  if (!TRAINING(state)) return stopAnyway(state, send);
  const kept = await ask({
    title: tr("Stop now, and keep what?"),
    choices: KEPT,
    yes: tr("Stop training"),
    no: tr("Go on training"),
    danger: true,
  });
  if (kept) send("stop", { kept });
}

async function stopAnyway(state, send) {
  const waiting = state.state === "queued";
  const sure = await ask({
    title: waiting ? tr("Take this run out of the queue?") : tr("Stop this run?"),
    text: `${whatStopMeans(state)} ${waiting ? tr("It can be started again later.") : ""}`.trim(),
    yes: waiting ? tr("Take it out") : tr("Stop training"),
    no: waiting ? tr("Leave it") : tr("Go on training"),
    danger: true,
  });
  if (sure) send("stop", { kept: "best" });
}

/** Lines of the menu while it trains. */
export function nowLines(state, send) {
  if (!TRAINING(state) || isOver(state.state) || state.stopping || state.paused || state.pausing) return [];
  const line = (words, help, what) => h("button", { type: "button", onclick: () => send("now", { what }) }, words, h("small", {}, help));
  return [
    line(tr("Check progress now"), tr("Tries it on the validation examples after the present step"), "evaluate"),
    line(tr("Save a checkpoint now"), tr("A point that the training can go on from"), "save"),
    h("hr"),
  ];
}

/** Lines of the menu once it is over: ways to go on from it. */
export function afterLines(run, state, send) {
  if (!isOver(state.state)) return [];
  const id = encodeURIComponent(run.id);
  const line = (words, help, href) => h("a", { href }, words, h("small", {}, help));
  const hasEnded = ["finished", "stopped"].includes(state.state) && run.has_model;
  return [
    hasEnded && h("button", { type: "button", onclick: () => longer(run, send) }, tr("Train longer"), h("small", {}, tr("A new run that goes on from here, on the same rows"))),
    hasEnded && line(tr("Start from its model"), tr("A new run on other data, from what this one has learned"), `./new?model_of=${id}`),
    state.state === "finished" && line(tr("Search for better settings"), tr("Tries several and keeps the best"), `./search?from=${id}`),
    hasEnded && line(tr("Combine with other runs"), tr("Their models answer together"), `./ensemble?with=${id}`),
    h("hr"),
  ];
}

async function longer(run, send) {
  const epochs = await ask({
    title: tr("Train longer"),
    text: tr("A new run learns from the same rows for so many epochs more. An epoch is one reading of all the examples. This run stays as it is."),
    field: { label: tr("Epochs more"), value: "2", type: "number", min: "0.1", max: "1000", step: "any", inputmode: "decimal" },
    yes: tr("Start it"),
  });
  if (epochs) send("longer", { epochs });
}
