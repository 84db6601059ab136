// The settings of a new run: three levels, a search, groups that fold, what was changed, and the way back.
//
// The server says which settings there are ("shape") and what stands under them ("said"). The values are ours ("held"):
// the server puts others in only when the step is come to, or when a preset is chosen or taken back.

import { h, say } from "./dom.js";
import { tr, trMany } from "./language.js";
import { presets } from "./settings_presets.js";
import { makeRow } from "./settings_row.js";

const PARTS = ["shape", "said", "held"];
const LEVELS = [
  ["basic", tr("Simple")],
  ["advanced", tr("Advanced")],
  ["expert", tr("Everything")],
];
const KEY = "tunesmith-settings-level";

const parts = {};
const form = { rows: [], values: {}, said: {}, isAsking: false, isOvertaken: false, level: remembered(), words: "", drawn: "" };
/** Settings beyond the level that came into sight, because they were changed or wrong, and stay until another is chosen. */
const met = new Set();
const folded = new Set();
const groups = new Map();
let face = null;

/** Called for each of the three parts, in any order. */
export function start(element, trigger, props, watch) {
  const name = PARTS.find((part) => element.querySelector(`.st-${part}`));
  parts[name] = { element: element.querySelector(`.st-${name}`), trigger, props };
  watch("value", () => hear(name));
  if (!PARTS.every((part) => parts[part])) return;
  face = layout(parts.shape.element);
  PARTS.forEach(hear);
}

function hear(name) {
  const value = parts[name].props.value;
  if (!face || !value) return;
  if (name === "held") takeOver(value);
  if (name === "said") {
    form.said = value;
    form.isAsking = false;
  }
  if (name === "shape") take(value);
  if (name !== "said") for (const row of form.rows) row.show(form.values[row.setting.path]);
  draw();
}

/** Values of the server's. What was asked before them may be answered after them: then the last word is asked for again. */
function takeOver(values) {
  form.values = { ...values };
  if (form.isOvertaken) settle();
  form.isOvertaken = false;
}

function settle() {
  form.isAsking = true;
  parts.shape.trigger("settled");
}

function take({ rows, presets: offered }) {
  form.rows = rows.map((setting) => makeRow(setting, (value, done) => change(setting.path, value, done)));
  form.drawn = "";
  groups.clear();
  face.presets.offer(offered || []);
}

function change(path, value, done) {
  form.values[path] = value;
  parts.held.props.value = { ...form.values };
  mark();
  if (done) settle();
}

// --- What is in sight

function isChanged({ setting }) {
  const value = form.values[setting.path];
  return value !== undefined && (value === "" ? null : value) !== (setting.base === "" ? null : setting.base);
}

const rank = (level) => LEVELS.findIndex(([name]) => name === level);
const plain = (words) => words.toLowerCase().replaceAll(/[_-]/g, "");

function matches({ setting }) {
  const choices = setting.choices.map((choice) => choice.words).join(" ");
  const text = plain(`${setting.label} ${setting.name} ${setting.path} ${setting.help} ${setting.group} ${choices}`);
  return plain(form.words).split(/\s+/).every((word) => text.includes(word));
}

function isSeen(row) {
  if (row.isWrong()) return true;
  if (form.words.trim()) return matches(row);
  return rank(row.setting.level) <= rank(form.level) || isChanged(row) || met.has(row.setting.path);
}

// --- Drawing

function layout(place) {
  const levels = h(
    "fieldset",
    { class: "st-levels" },
    h("legend", {}, tr("How many settings")),
    LEVELS.map(([level, words]) => h("label", {}, h("input", { type: "radio", name: "settings-level", value: level, checked: level === form.level, onchange: () => choose(level) }), h("span", {}, words))),
  );
  const search = h("input", { type: "search", id: "settings-search", placeholder: tr("rate, memory, seed…"), autocomplete: "off", oninput: (event) => look(event.target.value) });
  const status = h("p", { class: "nr-note st-status", role: "status" });
  const list = h("div", { class: "st-list" });
  const offered = presets((name, data) => {
    form.isOvertaken = form.isAsking;
    parts.shape.trigger(name, data);
  });
  const bar = h("div", { class: "st-bar" }, levels, h("div", { class: "st-search" }, h("label", { for: search.id }, tr("Find a setting")), search));
  place.replaceChildren(offered.node, bar, status, list);
  return { status, list, presets: offered, levels };
}

function choose(level) {
  form.level = level;
  localStorage.setItem(KEY, level);
  met.clear();
  draw();
}

function look(words) {
  form.words = words;
  draw();
}

/** Bring everything up to date. Nothing is moved that stands where it should: somebody may be typing in it. */
function draw() {
  const { lines = {}, locked = [], beside = {} } = form.said;
  for (const row of form.rows) {
    const { path } = row.setting;
    row.say(lines[path], locked.includes(path));
    row.draw(beside[path] || "");
  }
  face.presets.tell(form.said.preset);
  arrange();
  mark();
}

function arrange() {
  const seen = form.rows.filter(isSeen);
  const isFlat = form.level === "basic" && !form.words.trim();
  face.list.classList.toggle("st-flat", isFlat);
  if (!form.words.trim()) for (const row of seen) if (rank(row.setting.level) > rank(form.level)) met.add(row.setting.path);
  const named = JSON.stringify([isFlat, seen.map((row) => row.setting.path)]);
  if (named !== form.drawn) {
    form.drawn = named;
    const focus = document.activeElement;
    face.list.replaceChildren(...(isFlat ? [grid(seen)] : sections(seen)));
    if (face.list.contains(focus) && focus !== document.activeElement) focus.focus({ preventScroll: true });
  }
  for (const row of seen) if (row.isWrong()) row.node.closest("details")?.setAttribute("open", "");
}

function sections(seen) {
  const titles = [...new Set(seen.map((row) => row.setting.group))];
  return titles.map((title) => {
    const { node, body } = group(title);
    body.replaceChildren(...seen.filter((row) => row.setting.group === title).map((row) => row.node));
    node.open = Boolean(form.words.trim()) || !folded.has(title);
    return node;
  });
}

function group(title) {
  if (!groups.has(title)) {
    const body = h("div", { class: "st-grid" });
    const count = h("span", { class: "st-count" });
    const summary = h("summary", {}, h("h3", {}, title), count);
    summary.addEventListener("click", () => (node.open ? folded.add(title) : folded.delete(title)));
    const node = h("details", { class: "st-group", open: true }, summary, body);
    groups.set(title, { node, body, count });
  }
  return groups.get(title);
}

function grid(seen) {
  return h("div", { class: "st-grid" }, seen.map((row) => row.node));
}

/** What was changed, setting by setting, group by group and in all. */
function mark() {
  const changed = form.rows.filter(isChanged);
  for (const row of form.rows) row.mark(changed.includes(row));
  for (const [title, { count }] of groups) {
    const many = changed.filter((row) => row.setting.group === title).length;
    say(count, many ? tr("{many} changed", { many }) : "");
  }
  say(face.status, told(changed.length));
}

function told(changed) {
  if (!form.rows.length) return "";
  const seen = form.rows.filter(isSeen).length;
  if (form.words.trim()) {
    if (!seen) return tr("No setting has “{words}” in its name, its words or its choices. Try a shorter word.", { words: form.words.trim() });
    return trMany(seen, "1 setting has “{words}” in name, words or choices.", "{count} settings have “{words}” in name, words or choices.", { words: form.words.trim() });
  }
  const kept = changed ? ` ${trMany(changed, "1 is not as suggested.", "{count} are not as suggested.")}` : "";
  return tr("{seen} of {rows} settings are shown.{kept}", { seen, rows: form.rows.length, kept });
}

function remembered() {
  const level = localStorage.getItem(KEY);
  return LEVELS.some(([name]) => name === level) ? level : "basic";
}
