// What a run is doing now: the card with the bar while it goes on, the card with the outcome when it is over, the tiles.

import { button, fill, h, prose, say } from "./dom.js";
import { STATES, count, duration, mark, plain, size } from "./words.js";
import { isOver } from "./over.js";
import { whatStopMeans } from "./steering.js";

export const badge = (state) => h("span", { class: "ts-badge", "data-state": state }, STATES[state] || state);
const PAUSED = "It rests, and keeps its memory and its place on the machine: other runs wait. A checkpoint was written, so nothing is lost. “Go on” takes it up at once.";
const PAUSING = "It rests after the present step.";
const bold = (words) => h("strong", {}, words);

/** State, progress and the time left. */
export function statusCard() {
  const row = h("div", { class: "ts-status-row" });
  const bar = h("div");
  const track = h("div", { class: "ts-progress", role: "progressbar", "aria-label": "Progress", "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  const below = h("div", { class: "ts-status-row" });
  const help = h("p", { class: "ts-help" });
  const ending = h("p", { class: "ts-ending", role: "status" });
  const node = h("section", { class: "ts-card", "aria-label": "Status" }, row, track, below, help, ending);

  function draw(run, state) {
    node.hidden = isOver(state.state);
    if (node.hidden) return;
    const share = progress(state);
    fill(row, badge(state.stopping ? "stopping" : state.paused ? "paused" : state.state), h("span", {}, doing(state)), share !== null && h("span", { class: "ts-big" }, `${Math.floor(share * 100)} %`));
    track.hidden = state.state === "queued";
    track.classList.toggle("ts-unknown", share === null);
    bar.style.width = share === null ? "" : `${share * 100}%`;
    if (share === null) track.removeAttribute("aria-valuenow");
    else track.setAttribute("aria-valuenow", Math.floor(share * 100));
    fill(below, underBar(state));
    below.hidden = !below.childNodes.length;
    say(help, state.phase?.name === "training" ? "A step is one correction of the model; an epoch is one reading of all the examples." : "");
    say(ending, state.stopping ? whatStopMeans(state) : state.paused ? PAUSED : state.pausing ? PAUSING : "");
  }
  return { node, draw };
}

/** The share that is done of what goes on now, 0 to 1, or null when it cannot be known. */
export function progress(state) {
  if (state.evaluating && state.phase?.name === "judging") return state.evaluating.done / Math.max(1, state.evaluating.total);
  if (state.phase?.name !== "training" || !state.planned || !state.now) return null;
  return Math.min(1, state.now.step / Math.max(1, state.planned.total_steps));
}

function doing(state) {
  if (state.state === "queued") return waiting(state);
  if (state.evaluating && state.phase?.name === "training") return "Checking on the validation examples";
  if (state.phase?.name === "training" && state.now && state.planned) {
    if (!state.planned.num_train_epochs) {
      return ["Step ", bold(state.now.step.toLocaleString("en-GB")), ` of ${state.planned.total_steps.toLocaleString("en-GB")}`];
    }
    return ["Epoch ", bold(state.now.epoch.toFixed(2)), ` of ${state.planned.num_train_epochs.toLocaleString("en-GB")}`];
  }
  return state.phase?.words || "Starting";
}

function waiting({ place, standing }) {
  const before = (place || 1) - 1;
  const when = !before ? "It starts as soon as the machine is free." : before === 1 ? "It starts when the run before it is done." : `It starts when the ${before} runs before it are done.`;
  return standing ? [bold(`${standing[0].toUpperCase()}${standing.slice(1)}.`), ` ${when}`] : when;
}

function underBar(state) {
  const { now, planned, phase, evaluating } = state;
  // Before the first step there may be what was measured.
  const seconds = now ? now.eta_s : planned?.seconds;
  if (phase?.name === "training" && planned && (now || seconds)) {
    const left = typeof seconds !== "number" || state.paused ? "" : h("span", { class: "ts-right" }, "about ", bold(duration(Math.round(seconds))), " left");
    return [h("span", {}, "Step ", bold(`${count(now?.step ?? 0)} / ${count(planned.total_steps)}`)), left];
  }
  if (phase?.name === "judging" && evaluating) return [h("span", {}, bold(count(evaluating.done)), ` of ${count(evaluating.total)} ${evaluating.unit === "batches" ? "batches" : "examples"}`)];
  return [];
}

/** The card that stands first when a run is over: the verdict, or what went wrong and what to do. */
export function outcomeCard(send) {
  const node = h("section", { class: "ts-card ts-outcome", "aria-label": "Outcome" });

  function draw(run, state, report) {
    node.hidden = !isOver(state.state);
    if (node.hidden) return;
    const [tone, body] = OUTCOMES[state.state](run, state, report, send);
    node.dataset.tone = tone;
    fill(node, h("div", { class: "ts-status-row" }, badge(state.state), took(state)), body);
  }
  return { node, draw };
}

function took(state) {
  const seconds = state.end?.train_runtime_s ?? state.now?.elapsed_s;
  return typeof seconds === "number" && h("span", { class: "ts-right" }, "trained for ", bold(duration(seconds)), state.end?.stopped_early ? ", ended early" : "");
}

const OUTCOMES = {
  finished: (run, state, report) => ["good", [verdict(state, report)]],
  stopped: (run, state, report, send) => [
    "plain",
    [
      verdict(state, report) || h("p", {}, run.has_model ? `${state.end?.kept === "last" ? "The model was kept as it was then" : "The best model so far was kept"}; you can try it below.` : "No model was kept."),
      h("p", { class: "ts-soft" }, `${state.now || state.saved ? "" : "It was stopped before the training began. "}“Start again” ${goesOn(state)}.`),
    ],
  ],
  interrupted: (run, state, report, send) => [
    "warn",
    [
      h("h2", {}, "The training was cut off."),
      h("p", {}, "Its process ended without a word: the machine may have been switched off, or it ran out of memory."),
      h("p", { class: "ts-soft" }, state.saved ? `Nothing that was saved is lost: “Start again” ${goesOn(state)}.` : `Nothing had been saved yet: “Start again” ${goesOn(state)}.`),
      h("div", { class: "ts-actions" }, button("Start again", () => send("again"), "ts-primary")),
    ],
  ],
  failed: (run, state, report, send) => [
    "bad",
    [
      h("h2", {}, prose(state.end?.title || "Something went wrong.")),
      h("p", {}, prose(state.end?.advice || "The technical log has the details.")),
      state.end?.cause && h("details", {}, h("summary", {}, "Technical cause"), h("pre", {}, state.end.cause)),
      h("div", { class: "ts-actions" }, remedy(run, state.end?.remedy, send), h("a", { class: "ts-button", href: again(run) }, "Change the settings")),
    ],
  ],
};

const goesOn = (state) => (state.saved ? `goes on from step ${count(state.saved.step)}, the last one that was saved` : "begins from the start");

function verdict(state, report) {
  const words = report?.report.verdict || state.judged?.verdict;
  return words && h("p", { class: "ts-verdict" }, prose(words));
}

const again = (run) => `./new?from=${encodeURIComponent(run.id)}`;

/** A new run with the change that is known to help. */
function remedy(run, change, send) {
  const entries = Object.entries(change || {});
  if (!entries.length) return null;
  const words = entries.map(([path, value]) => `${(run.settings[path] || path).toLowerCase()} ${plain(value)}`).join(", ");
  return button(`Try again with ${words}`, () => send("retry"), "ts-primary");
}

/** Four numbers at a glance. */
export function tiles() {
  const node = h("dl", { class: "ts-tiles" });

  function draw(run, state) {
    const { now } = state;
    node.hidden = !now;
    if (!now) return;
    fill(
      node,
      tile("Elapsed", duration(Math.round(now.elapsed_s)), "Time spent on training so far."),
      tile("Speed", now.samples_per_second === null ? "–" : [count(now.samples_per_second), " ", h("small", {}, "examples/s")], "How many examples it reads in a second."),
      tile(...best(run, state)),
      tile("Memory", size(now.memory_bytes), "How much the training takes up."),
    );
  }
  return { node, draw };
}

function tile(name, value, help) {
  return h("div", { class: "ts-card" }, h("dt", {}, name), h("dd", {}, value), help && h("dd", { class: "ts-help" }, help));
}

function best(run, state) {
  const name = state.planned?.main_metric;
  const words = run.metrics[name];
  const label = words ? words.label.charAt(0).toLowerCase() + words.label.slice(1) : "mark";
  const value = state.best?.metrics[name];
  const direction = words?.greater_is_better === false ? " Smaller is better." : "";
  return [`Best ${label}`, value === undefined ? "–" : mark(value, words?.style), `In the best check so far${["last", "nothing"].includes(state.end?.kept) ? "." : ": that model is kept."}${direction}`];
}
