// What a page knows of a run: folded from ticks of /live, each of which brings only what is new (see core/live.py).

import { tr } from "./language.js";
import { count, duration, mark, plain } from "./words.js";

const MAX_POINTS = 4000;
const MAX_LINES = 500;
const MAX_WATCHED = 400;

export function blank() {
  return {
    cursor: 0,
    state: null,
    place: null,
    standing: "",
    stopping: false,
    why: "",
    paused: false,
    pausing: false,
    job: null,
    started: null,
    phase: null,
    planned: null,
    now: null,
    best: null,
    evaluating: null,
    saved: null,
    judged: null,
    end: null,
    steps: { x: [], loss: [] },
    checks: { x: [], values: new Map() },
    classes: { x: [], values: new Map(), now: new Map() },
    watching: null,
    watched: [],
    notices: [],
    lines: [],
  };
}

/** Take in one tick; returns the state to go on with. */
export function fold(state, tick) {
  const next = tick.reset ? blank() : state;
  next.cursor = tick.cursor;
  next.state = tick.state;
  next.place = tick.place ?? null;
  next.standing = tick.standing || "";
  next.stopping = tick.stopping ?? false;
  next.why = tick.why || "";
  next.paused = tick.paused ?? false;
  next.pausing = tick.pausing ?? false;
  next.job = tick.job ?? null;
  for (const [step, loss] of tick.steps || []) {
    next.steps.x.push(step);
    next.steps.loss.push(loss);
  }
  thin(next.steps);
  for (const event of tick.events || []) (FOLDS[event.kind] || (() => {}))(next, event);
  if (tick.now) {
    next.now = tick.now;
    note(next, tick.now.time, () => stepWords(tick.now));
  }
  return next;
}

const FOLDS = {
  started(state, event) {
    state.started = event;
    state.end = null;
    const from = event.resumed_from_step ? tr(", going on from step {resumedfromstep}", { resumedfromstep: count(event.resumed_from_step) }) : "";
    note(state, event.time, tr("started on {device}{from}", { device: event.device, from }));
  },
  phase(state, event) {
    state.phase = event;
    state.evaluating = null;
    note(state, event.time, event.words);
  },
  noticed(state, event) {
    state.notices.push(event);
    note(state, event.time, `${event.title} ${event.detail}`.trim(), event.level === "warning" ? "warn" : "");
  },
  planned(state, event) {
    state.planned = event;
    const [train, validation, test] = [event.train_rows, event.validation_rows, event.test_rows].map(count);
    note(state, event.time, tr("{train} examples to learn from, {validation} to check, {test} for the final mark", { train, validation, test }));
  },
  evaluating(state, event) {
    state.evaluating = event;
  },
  evaluated(state, event) {
    state.evaluating = null;
    state.checks.x.push(event.step);
    for (const [name, value] of Object.entries(event.metrics)) {
      const values = state.checks.values.get(name) || new Array(state.checks.x.length - 1).fill(null);
      state.checks.values.set(name, [...values, value]);
    }
    classes(state.classes, event);
    if (event.is_best || !state.best) state.best = event;
    note(state, event.time, (metrics) => {
      const gaps = { step: count(event.step), marks: marks(event, metrics) };
      return event.is_best ? tr("step {step}  checked: {marks} (best so far)", gaps) : tr("step {step}  checked: {marks}", gaps);
    });
  },
  watching(state, event) {
    state.watching = event;
  },
  watched(state, event) {
    state.watched.push(event);
    // Of too many the first and the newest stay, and every second one between them.
    if (state.watched.length > MAX_WATCHED) state.watched = state.watched.filter((_, place) => place % 2 === 0 || place === MAX_WATCHED);
  },
  saved(state, event) {
    state.saved = event;
    note(state, event.time, tr("step {step}  saved", { step: count(event.step) }));
  },
  paused(state, event) {
    note(state, event.time, tr("step {step}  paused", { step: count(event.step) }));
  },
  continued(state, event) {
    note(state, event.time, tr("step {step}  goes on after {pauseds}", { step: count(event.step), pauseds: duration(event.paused_s) }));
  },
  judged(state, event) {
    state.judged = event;
    note(state, event.time, event.verdict);
  },
  finished(state, event) {
    state.end = event;
    note(state, event.time, event.stopped_early ? tr("finished early: nothing better came") : "finished");
  },
  stopped(state, event) {
    state.end = event;
    note(state, event.time, tr("stopped at step {step}", { step: count(event.step) }));
  },
  failed(state, event) {
    state.end = event;
    note(state, event.time, `${event.title} ${event.advice}`, "bad");
  },
};

/** The F1 of single classes at a check. Of many classes not each is told each time: there is a gap then. */
function classes(known, event) {
  const told = Object.entries(event.per_class || {});
  if (!told.length) return;
  known.now = new Map(told);
  known.x.push(event.step);
  for (const [name] of told) if (!known.values.has(name)) known.values.set(name, new Array(known.x.length - 1).fill(null));
  for (const [name, values] of known.values) values.push(known.now.get(name) ?? null);
  if (known.x.length <= MAX_WATCHED) return;
  const stays = (_, place) => place % 2 === 0 || place === MAX_WATCHED;
  known.x = known.x.filter(stays);
  for (const [name, values] of known.values) known.values.set(name, values.filter(stays));
}

function stepWords(event) {
  const rate = event.learning_rate === null ? "" : tr(", learning rate {learningrate}", { learningrate: plain(event.learning_rate) });
  return tr("step {step}  loss {loss}{rate}", { step: count(event.step), loss: mark(event.loss, "number"), rate });
}

/** The results of a check under the names that people know, as far as `metrics` has words for them. */
function marks(event, metrics) {
  const say = ([name, value]) => `${metrics[name]?.label ?? name} ${mark(value, metrics[name]?.style ?? "number")}`;
  return Object.entries(event.metrics).map(say).join(", ");
}

/** A line of the log. `words` may be a function of the words for the task's metrics: those come later than the events. */
function note(state, time, words, tone = "") {
  state.lines.push({ time, words, tone });
  if (state.lines.length > MAX_LINES) state.lines.splice(0, state.lines.length - MAX_LINES);
}

/** Keep the number of drawn points bounded: of each four the lowest and the highest loss stay, so that no spike is lost. */
function thin(steps) {
  if (steps.x.length <= MAX_POINTS) return;
  const kept = { x: [], loss: [] };
  for (let from = 0; from < steps.x.length; from += 4) {
    const places = [...Array(Math.min(4, steps.x.length - from)).keys()].map((offset) => from + offset);
    const drawn = places.filter((place) => steps.loss[place] !== null);
    if (!drawn.length) continue;
    const low = drawn.reduce((a, b) => (steps.loss[b] < steps.loss[a] ? b : a));
    const high = drawn.reduce((a, b) => (steps.loss[b] > steps.loss[a] ? b : a));
    for (const place of [...new Set([low, high])].sort((a, b) => a - b)) {
      kept.x.push(steps.x[place]);
      kept.loss.push(steps.loss[place]);
    }
  }
  steps.x = kept.x;
  steps.loss = kept.loss;
}
