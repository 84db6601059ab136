// What a run is doing now: the card with the bar while it goes on, the card with the outcome when it is over, the tiles.

import { button, fill, h, prose, say } from "./dom.js";
import { locale, tr, trParts, within } from "./language.js";
import { STATES, count, duration, mark, plain, size } from "./words.js";
import { isOver } from "./over.js";
import { prepares } from "./job_card.js";
import { whatStopMeans } from "./steering.js";

export const badge = (state) => h("span", { class: "ts-badge", "data-state": state }, STATES[state] || state);
const PAUSED = tr("It rests, and keeps its memory and its place on the machine: other runs wait. A checkpoint was written, so nothing is lost. “Go on” takes it up at once.");
const PAUSING = tr("It rests after the present step.");
const bold = (words) => h("strong", {}, words);

/** State, progress and the time left. */
export function statusCard() {
  const row = h("div", { class: "ts-status-row" });
  const bar = h("div");
  const track = h("div", { class: "ts-progress", role: "progressbar", "aria-label": tr("Progress"), "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  const below = h("div", { class: "ts-status-row" });
  const help = h("p", { class: "ts-help" });
  const ending = h("p", { class: "ts-ending", role: "status" });
  const node = h("section", { class: "ts-card", "aria-label": tr("Status") }, row, track, below, help, ending);

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
    say(help, state.phase?.name === "training" ? tr("A step is one correction of the model; an epoch is one reading of all the examples.") : "");
    say(ending, state.stopping && state.why ? state.why : state.stopping ? whatStopMeans(state) : state.paused ? PAUSED : state.pausing ? PAUSING : "");
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
  if (state.job?.doing) return state.job.doing;
  if (state.evaluating && state.phase?.name === "training") return tr("Checking on the validation examples");
  if (state.phase?.name === "training" && state.now && state.planned) {
    if (!state.planned.num_train_epochs) {
      return trParts("Step {step} of {total}", { step: bold(count(state.now.step)), total: count(state.planned.total_steps) });
    }
    return trParts("Epoch {epoch} of {total}", { epoch: bold(state.now.epoch.toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 })), total: state.planned.num_train_epochs.toLocaleString(locale) });
  }
  return state.phase?.words || prepares(state) || tr("Starting");
}

function waiting({ place, standing }) {
  const before = (place || 1) - 1;
  const when = !before ? tr("It starts as soon as the machine is free.") : before === 1 ? tr("It starts when the run before it is done.") : tr("It starts when the {before} runs before it are done.", { before });
  return standing ? [bold(`${standing[0].toUpperCase()}${standing.slice(1)}.`), ` ${when}`] : when;
}

function underBar(state) {
  const { now, planned, phase, evaluating } = state;
  // Before the first step there may be what was measured.
  const seconds = now ? now.eta_s : planned?.seconds;
  if (phase?.name === "training" && planned && (now || seconds)) {
    const left = typeof seconds !== "number" || state.paused ? "" : h("span", { class: "ts-right" }, trParts("about {time} left", { time: bold(duration(Math.round(seconds))) }));
    return [h("span", {}, trParts("Step {step}", { step: bold(`${count(now?.step ?? 0)} / ${count(planned.total_steps)}`) })), left];
  }
  if (phase?.name === "judging" && evaluating) return [h("span", {}, trParts(evaluating.unit === "batches" ? tr("{done} of {total} batches") : tr("{done} of {total} examples"), { done: bold(count(evaluating.done)), total: count(evaluating.total) }))];
  return [];
}

/** The card that stands first when a run is over: the verdict, or what went wrong and what to do. */
export function outcomeCard(send) {
  const node = h("section", { class: "ts-card ts-outcome", "aria-label": tr("Outcome") });

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
  return typeof seconds === "number" && h("span", { class: "ts-right" }, trParts(state.end?.stopped_early ? tr("trained for {time}, ended early") : tr("trained for {time}"), { time: bold(duration(seconds)) }));
}

const OUTCOMES = {
  finished: (run, state, report) => ["good", [verdict(state, report)]],
  stopped: (run, state, report, send) => [
    state.why ? "warn" : "plain",
    [
      state.why && h("p", {}, state.why),
      verdict(state, report) || h("p", {}, run.has_model ? state.end?.kept === "last" ? tr("The model was kept as it was then; you can try it below.") : tr("The best model so far was kept; you can try it below.") : tr("No model was kept.")),
      h("p", { class: "ts-soft" }, [!(state.now || state.saved) && `${tr("It was stopped before the training began.")} `, !state.job && goesOn(state)]),
    ],
  ],
  interrupted: (run, state, report, send) => [
    "warn",
    [
      h("h2", {}, tr("The training was cut off.")),
      h("p", {}, tr("Its process ended without a word: the machine may have been switched off, or it ran out of memory.")),
      h("p", { class: "ts-soft" }, `${state.saved ? tr("Nothing that was saved is lost.") : tr("Nothing had been saved yet.")} ${goesOn(state)}`),
      h("div", { class: "ts-actions" }, button(tr("Start again"), () => send("again"), "ts-primary")),
    ],
  ],
  failed: (run, state, report, send) => [
    "bad",
    [
      h("h2", {}, prose(state.end?.title || tr("Something went wrong."))),
      h("p", {}, prose(state.end?.advice || tr("The technical log has the details."))),
      state.end?.cause && h("details", {}, h("summary", {}, tr("Technical cause")), h("pre", {}, state.end.cause)),
      h("div", { class: "ts-actions" }, !state.job && remedy(run, state.end?.remedy, send), h("a", { class: "ts-button", href: again(run) }, tr("Change the settings"))),
    ],
  ],
};

const goesOn = (state) => (state.saved ? tr("“Start again” goes on from step {step}, the last one that was saved.", { step: count(state.saved.step) }) : tr("“Start again” begins from the start."));

function verdict(state, report) {
  const words = report?.report.verdict || state.judged?.verdict;
  return words && h("p", { class: "ts-verdict" }, prose(words));
}

const again = (run) => `./new?from=${encodeURIComponent(run.id)}`;

/** A new run with the change that is known to help. */
function remedy(run, change, send) {
  const entries = Object.entries(change || {});
  if (!entries.length) return null;
  const words = entries.map(([path, value]) => `${within(run.settings[path] || path)} ${plain(value)}`).join(", ");
  return button(tr("Try again with {words}", { words }), () => send("retry"), "ts-primary");
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
      tile(tr("Elapsed"), duration(Math.round(now.elapsed_s)), tr("Time spent on training so far.")),
      tile(tr("Speed"), now.samples_per_second === null ? "–" : [count(now.samples_per_second), " ", h("small", {}, tr("examples/s"))], tr("How many examples it reads in a second.")),
      tile(...best(run, state)),
      tile(tr("Memory"), size(now.memory_bytes), tr("How much the training takes up.")),
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
  const label = within(words?.label ?? tr("Mark"));
  const value = state.best?.metrics[name];
  const direction = words?.greater_is_better === false ? tr(" Smaller is better.") : "";
  return [tr("Best {label}", { label }), value === undefined ? "–" : mark(value, words?.style), (["last", "nothing"].includes(state.end?.kept) ? tr("In the best check so far.") : tr("In the best check so far: that model is kept.")) + direction];
}
