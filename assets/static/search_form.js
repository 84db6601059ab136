// The form for a new search: which settings may change and how far, how many trials, and how long that will take.

import { button, fill, h, say } from "./dom.js";
import { locale, tr, within } from "./language.js";
import { get } from "./poll.js";
import { duration, size } from "./words.js";

const MANY = 100;

/** Draw the form for a search around the run `from` into `page`. */
export async function form(page, from, trigger, lost) {
  let told;
  try {
    told = await get(`searches/around/${encodeURIComponent(from)}`);
  } catch (error) {
    return lost(2, error);
  }
  const rows = told.ranges.map(range);
  const proposed = rows.filter((row) => row.range.proposed);
  const more = rows.filter((row) => !row.range.proposed);
  const fields = settings(told.fields);
  const estimate = h("p", { class: "ts-estimate", role: "status" });
  const problem = h("p", { class: "ts-wrong", role: "alert" });
  const go = button(tr("Start the search"), () => send(), "ts-primary");
  page.replaceChildren(
    h("div", { class: "ts-head" }, h("div", {}, h("h1", {}, tr("Search for better settings")), intro(told.run))),
    h(
      "div",
      { class: "ts-stack" },
      h("section", { class: "ts-card" }, h("h2", {}, tr("What may change")), h("p", { class: "ts-help" }, tr("What is ticked is tried out within these limits; all else stays as in that run.")), ranges(proposed), others(more)),
      h("section", { class: "ts-card" }, h("h2", {}, tr("How long it may take")), h("div", { class: "ts-fields" }, fields.n_trials.node, fields.minutes.node), estimate),
      h("section", { class: "ts-card" }, h("h2", {}, tr("How it searches")), h("div", { class: "ts-fields" }, fields.sampler.node, fields.pruning.node, fields.name.node)),
      h("div", { class: "ts-note" }, h("div", {}, h("strong", {}, tr("What the best mark is worth")), risk(told.run.metric), tr(" Trials publish nothing, tell nobody when they are done, and keep no checkpoints."))),
      problem,
      h("div", { class: "ts-actions" }, go, h("a", { class: "ts-button", href: `./run?id=${encodeURIComponent(told.run.id)}` }, tr("Back to the run"))),
    ),
  );
  page.addEventListener("input", () => say(estimate, time(told, fields, rows)));
  say(estimate, time(told, fields, rows));
  window.addEventListener("tunesmith:refused", () => (go.disabled = false));

  function send() {
    const chosen = rows.filter((row) => row.isChosen());
    const complaint = chosen.length ? chosen.map((row) => row.wrong()).find(Boolean) : tr("Tick at least one setting that may change.");
    say(problem, complaint || "");
    if (complaint) return;
    go.disabled = true;
    const asked = {
      from: told.run.id,
      name: fields.name.value(),
      space: chosen.map((row) => row.span()),
      n_trials: fields.n_trials.value(),
      minutes: fields.minutes.value(),
      sampler: fields.sampler.value(),
      pruning: fields.pruning.value(),
    };
    // As text: Gradio takes whatever has a "path" for a file.
    trigger("begin", { form: JSON.stringify(asked) });
  }
}

/** Why the best check flatters, in words that hold for every search. */
export function risk(metric) {
  return tr("Of several trials the best is chosen by its {metric} on the validation part, so that number looks a little better than it is, the more so the more trials there are. The mark that counts is on the test part: nothing is chosen by it.", { metric: within(metric) });
}

function intro(run) {
  return h(
    "p",
    {},
    tr("A search trains on the same table several times, each time with other settings, and names the best. Each try is a trial: an ordinary run that you can open. It begins from "),
    h("a", { href: `./run?id=${encodeURIComponent(run.id)}` }, run.name),
    ".",
  );
}

function ranges(rows) {
  return h("ul", { class: "ts-ranges" }, rows.map((row) => row.node));
}

/** All other settings, folded away, with a field to find one. */
function others(rows) {
  if (!rows.length) return null;
  const list = ranges(rows);
  const none = h("p", { class: "ts-help", hidden: true }, tr("No setting is called like that."));
  const find = h("input", { type: "search", class: "ts-input", "aria-label": tr("Find a setting"), placeholder: tr("Find a setting") });
  find.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    for (const row of rows) row.node.hidden = !row.isChosen() && !`${row.range.label} ${row.range.path}`.toLowerCase().includes(wanted);
    none.hidden = rows.some((row) => !row.node.hidden);
  });
  return h("details", { class: "ts-others" }, h("summary", {}, tr("More settings ({rows})", { rows: rows.length })), find, none, list);
}

/** One setting: whether it may change, and how far. */
function range(told) {
  const name = `range-${told.path.replaceAll(".", "-")}`;
  const tick = h("input", { type: "checkbox", id: name, checked: told.proposed });
  const inside = told.kind === "choice" ? (told.is_named ? among(told, name) : listed(told, name)) : between(told, name);
  const about = h("p", { class: "ts-help", id: `${name}-help` }, tr("{help} Now: {more}.", { help: told.help, more: told.now || tr("not set") }));
  const node = h("li", {}, h("div", { class: "ts-tick" }, tick, h("label", { for: name }, told.label, told.unit && h("small", {}, ` (${told.unit})`))), inside.node, about);
  tick.setAttribute("aria-describedby", about.id);
  const show = () => (inside.node.hidden = !tick.checked);
  tick.addEventListener("change", show);
  show();
  return {
    node,
    range: told,
    isChosen: () => tick.checked,
    wrong: inside.wrong,
    points: inside.points,
    span: () => ({ path: told.path, kind: told.kind, ...inside.span() }),
  };
}

function between(told, name) {
  const low = input(told.low, tr("{label}: smallest", { label: told.label }));
  const high = input(told.high, tr("{label}: largest", { label: told.label }));
  const log = h("input", { type: "checkbox", id: `${name}-log`, checked: told.log });
  const way = h("label", { class: "ts-way", for: log.id }, log, tr("by orders of magnitude"));
  const node = h("div", { class: "ts-between" }, h("span", {}, "from"), low, h("span", {}, "to"), high, told.kind === "float" && way);
  const [a, b] = [() => number(low.value), () => number(high.value)];
  const wrong = () => {
    if (a() === null || b() === null) return tr("{label}: give two numbers ({limits}).", { label: told.label, limits: told.limits });
    if (a() >= b()) return tr("{label}: the smallest value has to be below the largest.", { label: told.label });
    return log.checked && a() <= 0 ? tr("{label}: a search by orders of magnitude begins above 0.", { label: told.label }) : "";
  };
  const points = () => (told.kind === "int" && a() !== null && b() !== null ? Math.min(3, b() - a() + 1) : 3);
  return { node, wrong, points, span: () => ({ low: a(), high: b(), log: log.checked }) };
}

/** Choices with names: a tick each. */
function among(told, name) {
  const ticks = told.choices.map((choice, place) => {
    const tick = h("input", { type: "checkbox", id: `${name}-${place}`, checked: true });
    return { tick, value: choice.value, node: h("label", { class: "ts-way", for: tick.id }, tick, choice.words) };
  });
  const chosen = () => ticks.filter(({ tick }) => tick.checked).map(({ value }) => value);
  const node = h("div", { class: "ts-between", role: "group", "aria-label": told.label }, ticks.map((one) => one.node));
  const wrong = () => (chosen().length < 2 ? tr("{label}: tick two values at least.", { label: told.label }) : "");
  return { node, wrong, points: () => chosen().length, span: () => ({ choices: chosen() }) };
}

/** Choices that are numbers: a list to be changed at will. */
function listed(told, name) {
  const list = h("input", { class: "ts-input ts-list", id: `${name}-list`, "aria-label": tr("{label}: values to try, with commas", { label: told.label }), value: told.choices.map((choice) => choice.value).join(", "), autocomplete: "off" });
  const node = h("div", { class: "ts-between" }, h("span", {}, tr("one of")), list);
  const values = () => list.value.split(",").map((text) => number(text));
  const wrong = () => (values().includes(null) || new Set(values()).size < 2 ? tr("{label}: give two numbers at least, with commas ({limits}).", { label: told.label, limits: told.limits }) : "");
  return { node, wrong, points: () => values().length, span: () => ({ choices: [...new Set(values())] }) };
}

function input(value, label) {
  return h("input", { class: "ts-input", "aria-label": label, inputmode: "decimal", autocomplete: "off", value: value === null ? "" : plainly(value) });
}

/** 0.00005 stays as people write it; very small numbers as 1e-8. */
function plainly(value) {
  return value !== 0 && Math.abs(value) < 1e-6 ? value.toExponential() : String(value);
}

function number(text) {
  const found = Number(text.trim());
  return text.trim() === "" || !Number.isFinite(found) ? null : found;
}

/** The controls of the search itself, by name: {node, value}. */
function settings(told) {
  const labelled = (name, control) => {
    const { label, help, unit } = told[name];
    control.id = `search-${name}`;
    control.setAttribute("aria-describedby", `search-${name}-help`);
    return h("div", { class: "ts-field" }, h("label", { for: control.id }, label, unit && h("small", {}, ` (${unit})`)), control, h("p", { class: "ts-help", id: `search-${name}-help` }, help));
  };
  const text = (name, attributes = {}) => {
    const control = h("input", { class: "ts-input", autocomplete: "off", value: told[name].default ?? "", ...attributes });
    return { node: labelled(name, control), value: () => control.value.trim() };
  };
  const numeric = (name) => {
    const { node, value } = text(name, { inputmode: "decimal" });
    return { node, value: () => number(value()) };
  };
  const sampler = h("select", { class: "ts-select" }, told.sampler.choices.map(({ value, words }) => h("option", { value }, words)));
  const pruning = h("input", { type: "checkbox", checked: told.pruning.default });
  return {
    name: text("name", { maxlength: 120 }),
    n_trials: numeric("n_trials"),
    minutes: numeric("minutes"),
    sampler: { node: labelled("sampler", sampler), value: () => sampler.value },
    pruning: { node: labelled("pruning", pruning), value: () => pruning.checked },
  };
}

/** How long the search will take at the most, in words. */
function time({ seconds, bytes }, fields, rows) {
  const [trials, minutes] = [fields.n_trials.value(), fields.minutes.value()];
  const points = rows.filter((row) => row.isChosen()).reduce((all, row) => all * row.points(), 1);
  const isGrid = fields.sampler.value() === "grid";
  const most = isGrid ? Math.min(points, trials ?? Infinity) : (trials ?? Infinity);
  const grid = isGrid ? tr("The grid has {points} points{more}. ", { points: points.toLocaleString(locale), more: points > most ? tr(", of which {most} are tried", { most }) : "" }) : "";
  if (!Number.isFinite(most) && !minutes) return tr("{grid}Say how many trials there may be, or how many minutes they may take.", { grid });
  if (seconds === null) return tr("{grid}How long a trial takes is not known yet.", { grid });
  const each = tr("A trial takes about {seconds}", { seconds: duration(Math.max(1, Math.round(seconds))) });
  const whole = Math.min(most * seconds, minutes ? minutes * 60 + seconds : Infinity);
  const less = fields.pruning.value() ? tr(", less where poor ones are ended early") : "";
  const warning = most > MANY ? tr(" That many trials fit the validation part by chance alone.") : "";
  const disk = bytes && Number.isFinite(most) ? tr(" Each keeps its model: {most} on the disk at the most.", { most: size(most * bytes) }) : "";
  return tr("{grid}{each}; the whole search about {whole} at the most{less}.{disk}{warning}", { grid, each, whole: duration(Math.max(1, Math.round(whole))), less, disk, warning });
}
