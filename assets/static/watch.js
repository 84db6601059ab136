// The watched sentences of a run: what the model says of each at every check, and all of it once more as a replay.

import { button, fill, h, say } from "./dom.js";
import { tr } from "./language.js";
import { LINES, curves, sample } from "./sparks.js";
import { count, fixed, mark } from "./words.js";

const FRAME = 700;
const HELP = {
  scores: tr("What the model says of your sentences at each check. A curve is the probability that it gives to an answer, over the steps."),
  number: tr("What the model says of your sentences at each check. The curve is the number that it answers, over the steps."),
  said: tr("What the model says of your sentences at each check."),
};

/** A card that is there once the first sentence was answered. */
export function watchCard() {
  const help = h("p", { class: "ts-help" });
  const slider = h("input", { type: "range", min: 0, step: 1, "aria-label": tr("Which check is shown"), oninput: () => move(Number(slider.value)) });
  const where = h("span", { class: "ts-watch-where" });
  const play = button(tr("Play"), () => (timer ? stop() : start()));
  const replay = h("div", { class: "ts-watch-replay" }, play, slider, where);
  const list = h("ol", { class: "ts-watched" });
  const node = h("section", { class: "ts-card ts-watch", hidden: true }, h("h2", {}, tr("Watched sentences")), help, replay, list);
  let timer = 0;
  let known = null;
  /** The place of the check that is shown; null: always the newest. */
  let chosen = null;

  function start() {
    if (chosen === null || chosen >= known.watched.length - 1) chosen = 0;
    else chosen += 1;
    timer = setInterval(() => {
      if (!node.isConnected || chosen === null || chosen >= known.watched.length - 1) return stop();
      move(chosen + 1, true);
    }, FRAME);
    paint();
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    paint();
  }

  function move(place, plays = false) {
    if (!plays && timer) stop();
    chosen = place >= known.watched.length - 1 ? null : place;
    paint();
  }

  function paint() {
    const { watched, watching } = known;
    const last = watched.length - 1;
    const at = chosen ?? last;
    const { step, epoch } = watched[at];
    slider.max = last;
    slider.value = at;
    const words = step === 0 ? tr("before the first step") : tr("step {step}, epoch {epoch}", { step: count(step), epoch: fixed(epoch, 1) });
    say(where, `${words}${at === last ? tr(" (the newest)") : ""}`);
    slider.setAttribute("aria-valuetext", words);
    say(play, timer ? tr("Pause") : tr("Play"));
    replay.hidden = last < 1;
    const x = watched.map((check) => check.step);
    fill(list, watching.sentences.map((texts, place) => sentence(texts, x, watched.map((check) => check.answers[place] || {}), at, watching.output)));
  }

  function draw(state) {
    node.hidden = !state.watching || !state.watched.length;
    if (node.hidden) return;
    // A run that was taken up again at an earlier step has fewer checks.
    if (chosen !== null && chosen >= state.watched.length) chosen = null;
    known = state;
    const answers = state.watched.flatMap((check) => check.answers);
    say(help, HELP[answers.some((one) => one.scores) ? "scores" : answers.some((one) => one.number !== undefined) ? "number" : "said"]);
    paint();
  }
  return { node, draw };
}

function sentence(texts, x, answers, at, output) {
  const now = answers[at];
  return h("li", {}, h("p", { class: "ts-watch-text" }, texts.join(" | ")), answered(now, output), drawing(texts[0], x, answers, at));
}

function answered(now, output) {
  if (now.number !== undefined) return h("p", { class: "ts-watch-said" }, h("strong", {}, mark(now.number, "number")));
  if (now.said === undefined) return h("p", { class: "ts-help" }, tr("No answer: the log says why."));
  const sure = now.scores && (output === "answer" ? now.scores.sure : now.scores[now.said]);
  const words = now.said || { labels: tr("none of them"), answer: tr("no answer stands in this text"), spans: tr("nothing found") }[output] || tr("nothing was written");
  return h("p", { class: "ts-watch-said" }, h("strong", {}, words), known(sure) ? tr(" {sure} sure", { sure: mark(sure) }) : "");
}

const known = (value) => typeof value === "number";

function drawing(text, x, answers, at) {
  const numbers = answers.map((one) => one.number ?? null);
  if (numbers.some(known)) return ofNumbers(text, x, numbers, at);
  const names = strongest(answers);
  if (!names.length) return null;
  const values = names.map((name) => answers.map((one) => one.scores?.[name] ?? null));
  const words = names.map((name, place) => `${name} ${mark(values[place][at])}`).join(", ");
  return h("div", { class: "ts-watch-chart" }, curves(x, values, { low: 0, high: 1, at, words: tr("Probabilities for “{text}”: {words}", { text, words }) }), legend(names, values, at));
}

function ofNumbers(text, x, numbers, at) {
  const told = numbers.filter(known);
  const [low, high] = [Math.min(...told), Math.max(...told)];
  const room = (high - low || Math.abs(high) || 1) / 10;
  const ends = tr("from {low} to {high} over all checks", { low: mark(low, "number"), high: mark(high, "number") });
  return h("div", { class: "ts-watch-chart" }, curves(x, [numbers], { low: low - room, high: high + room, at, words: tr("Numbers for “{text}”: {numbers}, {ends}", { text, numbers: mark(numbers[at], "number"), ends }) }), h("p", { class: "ts-help" }, ends));
}

function legend(names, values, at) {
  return h("ul", { class: "ts-watch-legend" }, names.map((name, place) => h("li", {}, sample(place), h("span", {}, name), h("strong", {}, mark(values[place][at])))));
}

/** The names that were ever given the highest probabilities: as many as can be told apart, always in the same order. */
function strongest(answers) {
  const most = new Map();
  for (const { scores } of answers) for (const [name, score] of Object.entries(scores || {})) most.set(name, Math.max(score, most.get(name) ?? 0));
  return [...most.keys()].sort((a, b) => most.get(b) - most.get(a)).slice(0, LINES).sort();
}
