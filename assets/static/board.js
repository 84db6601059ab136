// The page of one run. It asks for what is new once a second, folds it into a state, and draws that state.

import { button, fill, h, prose, say } from "./dom.js";
import { lineChart } from "./charts.js";
import { api, get, keepLooking } from "./poll.js";
import { heading, judgementName, missing } from "./judge_again.js";
import { classMarks } from "./class_marks.js";
import { metricCharts } from "./metrics.js";
import { cards, origin } from "./report.js";
import { contents } from "./report_contents.js";
import { takeaway } from "./report_takeaway.js";
import { jobCard } from "./job_card.js";
import { title } from "./shell.js";
import { tell } from "./telling.js";
import { blank, fold } from "./state.js";
import { header, stepper } from "./header.js";
import { tr, within } from "./language.js";
import { isOver } from "./over.js";
import { outcomeCard, progress, statusCard, tiles } from "./status.js";
import { start as watchThresholds } from "./thresholds.js";
import { watchCard } from "./watch.js";
import { STATES, clock, mark, plain } from "./words.js";

const TICK = 1000;
const QUIET = 10000;

/** Called when Gradio has put the board on the page. */
export function start(element, trigger) {
  const id = new URLSearchParams(location.search).get("id") || "";
  const place = element.querySelector("#ts-board");
  const details = document.querySelector("#ts-details");
  if (!id) return noRun(place, tr("No run is named in this address."), tr("Choose one from the list of runs."));
  document.body.dataset.model = "no";
  watchThresholds(); // The playground on this page may show an answer that has some.
  const view = layout(place, details, trigger, id);
  const memory = { id, run: null, state: blank(), report: null, stale: true, leaving: false };
  window.addEventListener("tunesmith:changed", () => (memory.stale = true));
  view.onRemove = () => (memory.leaving = true);
  keepLooking(
    () => look(memory, view),
    (failures, error) => lost(view, memory, failures, error),
  );
}

function layout(place, details, trigger, id) {
  const view = { place, onRemove: () => {} };
  const send = (event, data = {}) => {
    if (event === "remove") view.onRemove();
    trigger(event, data);
  };
  view.notice = h("div", { role: "status" });
  view.header = header(send);
  view.stepper = stepper();
  view.status = statusCard();
  view.job = jobCard(send);
  view.outcome = outcomeCard(send);
  view.verdict = h("div", { class: "ts-stack", hidden: true });
  view.report = h("div", { class: "ts-stack", hidden: true });
  view.history = h("h2", { class: "ts-after", hidden: true }, tr("How the training went"));
  view.tiles = tiles();
  view.loss = lineChart(tr("Loss"), tr("How far its answers are from the right ones, over the steps: lower is better."), tr("The curve begins with the first steps."));
  view.metrics = metricCharts();
  view.classes = classMarks();
  view.watch = watchCard();
  view.notices = h("div", { class: "ts-stack" });
  view.log = log(id);
  const charts = h("div", { class: "ts-charts" }, view.loss.node, view.metrics.node);
  view.judged = h("div", { hidden: true });
  const above = h("div", { class: "ts-stack" }, view.judged, view.status.node, view.outcome.node, view.job.node, view.verdict);
  const below = h("div", { class: "ts-stack" }, view.report, view.history, view.tiles.node, charts, view.watch.node, view.classes.node, view.notices, view.log.node);
  view.show = () => {
    if (above.isConnected) return;
    place.replaceChildren(view.notice, view.header.node, view.stepper.node, above);
    details.replaceChildren(below);
  };
  return view;
}

async function look(memory, view) {
  const path = `runs/${encodeURIComponent(memory.id)}`;
  const before = memory.state.state;
  const tick = await get(`${path}/live?since=${memory.state.cursor}`);
  memory.state = fold(memory.state, tick);
  if (before !== tick.state || tick.reset) memory.stale = true;
  // Name, files and report change with the state or by somebody's hand only.
  if (memory.stale) memory.run = await get(path);
  const news = memory.stale;
  if (news) memory.report = await reportOf(memory, view, path);
  memory.stale = false;
  fill(view.notice);
  view.show();
  draw(memory, view, news);
  if (before && !isOver(before) && isOver(tick.state)) tell(memory.run, memory.state);
  return isOver(tick.state) ? QUIET : TICK;
}

/** The run's own report, or the judgement that the address names in its place; null where there is none. */
async function reportOf({ id, run }, view, path) {
  const own = () => (run.files.includes("report.json") ? get(`${path}/report`) : null);
  const name = judgementName();
  if (!name) return own();
  try {
    const found = await get(`${path}/judgements/${encodeURIComponent(name)}`);
    fill(view.judged, heading(id, found));
    view.judged.hidden = false;
    return found;
  } catch (error) {
    if (error.status !== 404) throw error;
    fill(view.judged, missing(id, error));
    view.judged.hidden = false;
    return own();
  }
}

function draw({ run, state, report }, view, news) {
  if (run.demo) document.body.dataset.demo = run.demo;
  document.body.dataset.model = run.can_answer && isOver(state.state) ? "yes" : "no";
  document.body.dataset.elsewhere = run.has_model && isOver(state.state) ? "yes" : "no";
  view.header.draw({ ...run, rows: rows(state) }, state);
  view.stepper.draw(state);
  view.status.draw(run, state);
  view.job.draw(state);
  view.outcome.draw(run, state, report);
  if (report?.report.judged) view.outcome.node.hidden = true; // what is shown is not what the run came to
  view.tiles.draw(run, state);
  view.loss.draw(lossLines(state), state.now?.step).catch(() => {});
  view.metrics.draw(run, state);
  view.watch.draw(state);
  view.classes.draw(state);
  view.loss.node.parentNode.hidden = !state.steps.x.length && (isOver(state.state) || state.state === "queued");
  view.log.draw(state, run.metrics);
  notices(view.notices, state.notices, run);
  if (news) drawReport(view, run, report);
  const share = progress(state);
  title(`${run.name} · ${share === null || isOver(state.state) ? STATES[state.state] : `${Math.floor(share * 100)} %`}`);
}

function rows(state) {
  const { planned } = state;
  return planned && planned.train_rows + planned.validation_rows + planned.test_rows;
}

/** The first blocks stand with the verdict, above the playground; the others below it. Nothing is drawn anew that is as it was. */
function drawReport(view, run, report) {
  const now = JSON.stringify(report?.sections);
  if (view.drawn === now) return;
  view.drawn = now;
  const { first, below, laid } = cards(report?.sections || [], report && origin(run.id, report));
  view.verdict.replaceChildren(...first);
  view.report.replaceChildren(...[contents(below), ...laid, report && takeaway(run.id, report.report.judged?.name)].filter(Boolean));
  for (const node of [view.verdict, view.report, view.history]) node.hidden = first.length === 0;
}

function lossLines(state) {
  const checked = state.checks.values.get("loss") || [];
  return [
    { name: tr("training"), colour: "--ts-line-1", x: state.steps.x, y: state.steps.loss, latest: mark(state.now?.loss, "number") },
    { name: tr("validation"), colour: "--ts-line-2", dots: true, x: checked.length ? state.checks.x : [], y: checked, latest: mark(checked.at(-1), "number") },
  ];
}

/** The change of settings that would help, in words. */
function mends(remedy, run) {
  const entries = Object.entries(remedy || {});
  if (!entries.length) return null;
  const words = entries.map(([path, value]) => `${within(run.settings[path] || path)} ${plain(value)}`).join(", ");
  return h("p", { class: "ts-help" }, tr("In a new run, try: {words}.", { words }));
}

function notices(node, found, run) {
  const shown = found.filter((notice) => notice.level === "warning");
  fill(node, shown.map((notice) => h("div", { class: "ts-note", "data-tone": "warn" }, h("div", {}, h("strong", {}, prose(notice.title)), prose(notice.detail), mends(notice.remedy, run)))));
  node.hidden = !shown.length;
}

function log(id) {
  const list = h("ol", { tabindex: 0, "aria-label": tr("What happened, newest last") });
  const node = h(
    "details",
    { class: "ts-card ts-log" },
    h("summary", {}, tr("Log")),
    list,
    h("p", {}, h("a", { href: api(`runs/${encodeURIComponent(id)}/log`), target: "_blank", rel: "noopener" }, tr("Technical log")), tr(": what the program itself printed, for whoever looks for a fault.")),
  );
  let drawn = null;
  let known = null;

  function draw(state, metrics) {
    known = [state, metrics];
    if (!node.open || drawn === state.lines.at(-1)) return;
    const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 40;
    drawn = state.lines.at(-1);
    list.replaceChildren(...state.lines.map((line) => h("li", { "data-tone": line.tone || null }, h("time", {}, clock(line.time)), h("span", {}, typeof line.words === "function" ? line.words(metrics) : line.words))));
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
  node.addEventListener("toggle", () => known && draw(...known));
  return { node, draw };
}

function lost(view, memory, failures, error) {
  if (error.status === 404) {
    if (memory.leaving) location.href = `./?deleted=${encodeURIComponent(memory.id)}`;
    else noRun(view.place, error.title, tr("{advice} One in the trash can be brought back on the page of all runs.", { advice: error.advice }), () => window.dispatchEvent(new Event("tunesmith:changed")));
    return;
  }
  if (!memory.run && error.status) return noRun(view.place, error.title || error.message, error.advice);
  if (failures < 2) return;
  const words = error.status ? [error.title || error.message, error.advice || ""] : [tr("The app does not answer."), tr("The training goes on by itself. This page asks again and catches up.")];
  fill(view.notice, h("div", { class: "ts-note", "data-tone": "warn", style: { "margin-bottom": "16px" } }, h("div", {}, h("strong", {}, words[0]), words[1])));
  say(document.querySelector("title"), tr("No answer · Tunesmith"));
}

function noRun(place, words, advice, again = null) {
  document.body.dataset.model = "no";
  document.querySelector("#ts-details").replaceChildren();
  place.replaceChildren(
    h(
      "section",
      { class: "ts-card ts-empty" },
      h("h1", {}, words),
      h("p", {}, advice || ""),
      h("div", { class: "ts-actions", style: { "margin-top": "20px" } }, h("a", { class: "ts-button ts-primary", href: "./" }, tr("All runs")), again && button(tr("Look again"), again)),
    ),
  );
}
