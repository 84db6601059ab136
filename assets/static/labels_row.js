// One disputed row at a time, large: its text, its label, what the models would say, and the keys to decide with.

import { fill, h, say } from "./dom.js";
import { tr } from "./language.js";
import { get } from "./poll.js";
import { count } from "./words.js";

const AT_ONCE = 20;
const MADE = { keep: tr("You kept the label."), drop: tr("You took the row out."), change: tr("You changed it to") };

/**
 * `draw(told)` brings it up to date, `go(place)` shows a row. `send({key, what, standing})` hands a decision on.
 */
export function inspector(id, send) {
  const rows = new Map();
  let told = null;
  let place = null;
  let decided = new Map();

  const summary = h("p", { role: "status", class: "ts-labels-summary" });
  const bar = h("div", {});
  const where = h("p", { class: "ts-labels-where" });
  const texts = h("div", { class: "ts-labels-texts", tabindex: "-1" });
  const sides = h("dl", { class: "ts-labels-sides" });
  const verdict = h("p", { class: "ts-labels-verdict", "aria-live": "polite" });
  const keep = action(tr("Keep the label"), "K", () => decide("keep"));
  const change = action(tr("Change to the suggestion"), "C", () => decide("change", row().suggested));
  const drop = action(tr("Take the row out"), "D", () => decide("drop"));
  const undo = action(tr("Undo"), "U", takeBack);
  const back = action(tr("Previous"), "←", () => go(place - 1));
  const forth = action(tr("Next"), "→", () => go(place + 1));
  const other = h("div", { class: "ts-labels-other" });
  const node = h(
    "section",
    { class: "ts-card ts-labels", "aria-label": tr("Doubtful labels") },
    summary,
    h("div", { class: "ts-progress", "aria-hidden": "true" }, bar),
    where,
    texts,
    sides,
    verdict,
    h("div", { class: "ts-actions ts-labels-actions" }, keep, change, drop),
    other,
    h("div", { class: "ts-actions ts-labels-actions" }, back, forth, undo),
  );
  const keys = { k: keep, c: change, d: drop, u: undo, ArrowLeft: back, ArrowRight: forth };
  document.addEventListener("keydown", (event) => {
    if (!node.isConnected || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea, dialog, [contenteditable]")) return;
    const pressed = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!pressed || pressed.disabled) return;
    event.preventDefault();
    pressed.click();
  });

  const row = () => rows.get(place);
  const goal = () => told.found.wrong || Math.min(20, told.found.rows);

  async function draw(news) {
    told = news;
    decided = new Map(news.decisions.map((one) => [one.key, one]));
    if (place === null) {
      const asked = Number(new URLSearchParams(location.search).get("at"));
      await load(asked ? asked - 1 : 0);
      await go(asked ? asked - 1 : await undecided(0), false);
    } else show();
  }

  /** The first place from `from` on whose row is not decided; the one after the goal where all are. */
  async function undecided(from) {
    let at = from;
    while (at < goal()) {
      await load(at);
      if (!decided.has(rows.get(at)?.key)) return at;
      at += 1;
    }
    return Math.min(at, told.found.rows - 1);
  }

  async function load(at) {
    const first = Math.floor(Math.max(0, at) / AT_ONCE) * AT_ONCE;
    if (rows.has(first)) return;
    const { rows: found } = await get(`runs/${encodeURIComponent(id)}/labels/rows?start=${first}&count=${AT_ONCE}`);
    for (const one of found) rows.set(one.place, one);
  }

  async function go(to, isAsked = true) {
    if (!told || to < 0 || to >= told.found.rows) return;
    place = to;
    await load(to);
    const address = new URL(location.href);
    address.searchParams.set("at", to + 1);
    history.replaceState(null, "", address);
    show();
    if (isAsked && !node.contains(document.activeElement)) {
      texts.focus({ preventScroll: true });
      node.scrollIntoView({ block: "nearest" });
    }
    load(to + 1).catch(() => {}); // asked for again when it is shown
  }

  function decide(what, label = null) {
    const { key, place: from } = row();
    const said = what === "change" ? `change:${told.several ? JSON.stringify(label) : label}` : what;
    const standing = { key, do: what, label };
    decided.delete(key);
    decided.set(key, standing);
    send({ key, what: said, standing });
    undecided(from + 1).then((to) => go(to, false));
  }

  function takeBack() {
    const key = decided.has(row().key) ? row().key : [...decided.keys()].pop();
    if (!key) return;
    decided.delete(key);
    send({ key, what: "undo" });
    const known = [...rows.values()].find((one) => one.key === key) || told.decisions.find((one) => one.key === key)?.about;
    if (known) go(known.place, false);
    else show();
  }

  function show() {
    const now = row();
    if (!now) return;
    const all = [...decided.values()];
    const number = (what) => all.filter((one) => one.do === what).length;
    say(summary, tr("{all} of {goal} looked at, {number} changed, {number2} taken out", { all: count(all.length), goal: count(goal()), number: count(number("change")), number2: count(number("drop")) }));
    bar.style.width = `${Math.min(100, (100 * all.length) / Math.max(1, goal()))}%`;
    fill(where, h("strong", {}, tr("Doubt {place}", { place: count(place + 1) })), ` · ${partWords(now)}`, !now.is_issue && h("small", {}, now.quality === null ? tr(" · not judged: too few examples of its label") : tr(" · beyond those that are estimated to be wrong")));
    fill(texts, Object.values(now.texts).map((text) => h("p", { dir: "auto" }, text)));
    fill(sides, side(tr("Its label"), now.label, now.probability, tr("Models that did not see this row find it")), side(tr("The models would say"), now.suggested, now.suggested_probability, tr("They find it")));
    const made = decided.get(now.key);
    say(verdict, made ? `${MADE[made.do]}${made.do === "change" ? ` ${labelWords(made.label)}.` : ""}` : "");
    verdict.dataset.do = made?.do || "";
    for (const [one, what] of [[keep, "keep"], [drop, "drop"]]) one.setAttribute("aria-pressed", String(made?.do === what));
    words(change, tr("Change to {suggested}", { suggested: short(labelWords(now.suggested)) }));
    words(keep, tr("Keep {label}", { label: short(labelWords(now.label)) }));
    undo.disabled = !decided.size;
    back.disabled = place === 0;
    forth.disabled = place >= told.found.rows - 1;
    fill(other, told.several ? severalOthers(now) : oneOther(now));
  }

  /** Another class than the one that is suggested. */
  function oneOther(now) {
    const choices = told.names.filter((name) => name !== now.label && name !== now.suggested);
    if (!choices.length) return null;
    const select = h("select", { class: "ts-select", "aria-label": tr("Another label"), name: "other" }, h("option", { value: "" }, tr("Choose another label")), choices.map((name) => h("option", { value: name }, name)));
    const use = h("button", { type: "button", class: "ts-button", onclick: () => choose() }, tr("Change to this"));
    const choose = () => {
      const chosen = other.querySelector("select").value;
      if (chosen) decide("change", chosen);
      else other.querySelector("select").focus();
    };
    return [select, use];
  }

  /** Any other labels, where a row may have several. */
  function severalOthers(now) {
    const tick = (name) => h("label", {}, h("input", { type: "checkbox", value: name, checked: now.label.includes(name) }), name);
    const use = () => decide("change", [...other.querySelectorAll("input:checked")].map((box) => box.value));
    return h("details", {}, h("summary", {}, tr("Choose other labels")), h("div", { class: "ts-labels-ticks", "data-key": now.key }, told.names.map(tick)), h("button", { type: "button", class: "ts-button", onclick: use }, tr("Change to these")));
  }

  return { node, draw, go };
}

function action(name, key, onclick) {
  const button = h("button", { type: "button", class: "ts-button", "aria-keyshortcuts": { "←": "ArrowLeft", "→": "ArrowRight" }[key] || key, onclick }, h("span", {}, name), h("kbd", { "aria-hidden": "true" }, key));
  return button;
}

const words = (button, text) => say(button.firstChild, text);
const short = (text) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

function side(name, label, share, before) {
  const percent = share >= 0.995 ? tr("more than 99 %") : share < 0.005 ? tr("less than 1 %") : `${Math.round(100 * share)} %`;
  return h("div", {}, h("dt", {}, name), h("dd", {}, h("strong", {}, labelWords(label)), h("small", {}, tr("{before} {percent} likely.", { before, percent }))));
}

const PARTS = { train: tr("learned from"), validation: tr("validation part"), test: tr("test part") };

/** A class, or several labels, as people read them. */
export function labelWords(label) {
  if (!Array.isArray(label)) return `“${label}”`;
  return label.length ? label.map((name) => `“${name}”`).join(", ") : tr("no label");
}

export function partWords(row) {
  return row.file === "source" ? tr("row {row}, {part}", { row: count(row.row), part: PARTS[row.part] }) : tr("row {row} of the {file} file, {part}", { row: count(row.row), file: row.file, part: PARTS[row.part] });
}
