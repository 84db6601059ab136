// The page of searches for better settings: all of them, one of them live, or the form for a new one.

import { ask, button, each, fill, h } from "./dom.js";
import { tr } from "./language.js";
import { get, keepLooking } from "./poll.js";
import { form } from "./search_form.js";
import { board } from "./search_board.js";
import { title } from "./shell.js";
import { duration, mark, moment } from "./words.js";

const LIVELY = 2000;
const QUIET = 15000;
const HEADS = [tr("State"), tr("Name"), tr("Best check"), tr("Trials"), tr("Time"), tr("Begun"), ""];
const CELLS = ["state", "name", "metric", "model", "time", "when", "actions"];

/** What a search does now, in words. */
export const SEARCHES = { running: tr("Searching"), stopping: tr("Stopping"), stopped: tr("Stopped"), finished: tr("Finished"), failed: tr("Gave up"), unreadable: tr("Unreadable") };
export const isGoingOn = (state) => state === "running" || state === "stopping";
export const badge = (state, words) => h("span", { class: "ts-badge", "data-state": state }, words);
export const address = (search) => `./search?id=${encodeURIComponent(search.id)}`;

/** Called when Gradio has put the page there. */
export function start(element, trigger) {
  const place = element.querySelector("#ts-searches");
  const asked = new URLSearchParams(location.search);
  const notice = h("div", { role: "status" });
  const page = h("div", {}, ...place.childNodes);
  place.replaceChildren(notice, page);
  const lost = (failures, error) => (error.status || failures > 1) && fill(notice, complaint(error));
  if (asked.get("from")) {
    title(tr("New search"));
    return form(page, asked.get("from"), trigger, lost);
  }
  const look = asked.get("id") ? one(page, asked.get("id"), trigger) : all(page, trigger);
  keepLooking(async () => {
    const pause = await look();
    fill(notice);
    return pause;
  }, lost);
}

/** Why there is no news: what the app says, or that it says nothing. */
export function complaint(error) {
  const silent = tr("The app does not answer.");
  const words = error.status ? [error.title || error.message, error.advice || ""] : [silent, tr("This page asks again and catches up.")];
  return h(
    "div",
    { class: "ts-note", "data-tone": "warn", style: { "margin-bottom": "16px" } },
    h("div", {}, h("strong", {}, words[0]), words[1]),
    error.status === 404 && h("a", { class: "ts-button", href: "./search" }, tr("All searches")),
  );
}

function one(page, id, trigger) {
  const { node, draw } = board((event) => (event === "remove" ? removeAndLeave(id, trigger) : trigger(event, { id })));
  return async () => {
    const search = await get(`searches/${encodeURIComponent(id)}`);
    if (!node.isConnected) page.replaceChildren(node);
    title(search.name);
    draw(search);
    return isGoingOn(search.state) ? LIVELY : QUIET;
  };
}

function removeAndLeave(id, trigger) {
  window.addEventListener("tunesmith:changed", () => location.assign("./search"), { once: true });
  trigger("remove", { id });
}

function all(page, trigger) {
  const beginning = h("div");
  const list = h("ul", { "aria-label": tr("Searches, newest first"), style: { display: "contents" } });
  const head = h("div", { class: "ts-runs-head", "aria-hidden": "true" }, HEADS.map((name) => h("span", {}, name)));
  const listed = h("div", {}, h("div", { class: "ts-heading" }, h("h1", {}, tr("Searches")), beginning), h("div", { class: "ts-runs" }, head, list));
  const empty = h("div");
  return async () => {
    const [{ searches }, { runs }] = await Promise.all([get("searches"), get("runs?page=1")]);
    const chooser = searches.length ? beginning : h("div");
    const place = searches.length ? listed : empty;
    if (!place.isConnected) page.replaceChildren(place);
    if (searches.length) each(list, searches, (search) => search.id, () => row(trigger));
    if (searches.length) fill(chooser, choice(runs));
    else fill(empty, firstSteps(runs));
    return searches.some((search) => isGoingOn(search.state)) ? LIVELY : QUIET;
  };
}

function row(trigger) {
  const cells = CELLS.map((cell) => h("div", { class: `ts-run-${cell}` }));
  const node = h("li", { class: "ts-run" }, cells);
  function draw(search) {
    const readable = search.state !== "unreadable";
    const [state, name, metric, trials, time, when, actions] = cells;
    fill(state, badge(search.state, SEARCHES[search.state]));
    fill(name, readable ? h("a", { href: address(search) }, search.name) : h("strong", {}, search.name), h("span", {}, readable ? search.task : search.problem));
    fill(metric, search.value !== null && [h("strong", {}, mark(search.value, search.metric.style)), h("span", {}, search.metric.label)]);
    fill(trials, readable && counted(search));
    fill(time, search.seconds > 0 && duration(Math.round(search.seconds)));
    fill(when, moment(search.created));
    fill(actions, !isGoingOn(search.state) && button(tr("Delete"), () => remove(search, trigger), "ts-plain"));
    actions.querySelector("button")?.setAttribute("aria-label", `Delete: ${search.name}`);
  }
  return { node, draw };
}

export function counted(search) {
  return search.n_trials ? tr("{counted} of {ntrials} trials", { counted: search.counted, ntrials: search.n_trials }) : tr("{counted} trials", { counted: search.counted });
}

export async function remove(search, trigger) {
  const sure = await ask({
    title: tr("Delete the search “{name}”?", { name: search.name }),
    text: tr("Its table of trials is deleted for good. The runs that it made stay in the list of runs."),
    yes: tr("Delete"),
    danger: true,
  });
  if (sure) trigger("remove", { id: search.id });
}

/** From which run a search begins. */
function choice(runs) {
  const fit = runs.filter((run) => run.state !== "unreadable").slice(0, 30);
  if (!fit.length) return null;
  const select = h("select", { class: "ts-select", "aria-label": tr("Run to begin from") }, fit.map((run) => h("option", { value: run.id }, run.name)));
  const go = () => location.assign(`./search?from=${encodeURIComponent(select.value)}`);
  return h("div", { class: "ts-begin" }, select, button(tr("New search"), go, "ts-primary"));
}

function firstSteps(runs) {
  const step = (number, name, words) => h("li", {}, h("span", { "aria-hidden": "true" }, number), h("h2", {}, name), h("p", {}, words));
  return h(
    "section",
    { class: "ts-card ts-empty" },
    h("h1", {}, tr("Let the machine look for better settings")),
    h("p", {}, tr("How big should each correction be, how often should it read your examples? A search tries it out for you, one training after the other.")),
    h(
      "ol",
      {},
      step(1, tr("Begin from a run"), tr("Its table and its model stay. Only the settings that you choose may change.")),
      step(2, tr("Wait for the trials"), tr("Each trial is an ordinary run with other settings. Poor ones are ended early, to save time.")),
      step(3, tr("Use the best"), tr("The settings of the best trial become a new run with one click.")),
    ),
    h("div", { class: "ts-actions" }, choice(runs) || h("a", { class: "ts-button ts-primary", href: "./new" }, tr("Start your first run"))),
  );
}
