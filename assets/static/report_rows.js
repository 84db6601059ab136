// The judged rows behind a row or a cell of the report, in a dialog, by pages.

import { button, h, say } from "./dom.js";
import { tr, trMany } from "./language.js";
import { api, get } from "./poll.js";
import { askAbout, isAskable } from "./report_asking.js";
import { clipped } from "./report_text.js";
import { count, mark } from "./words.js";

const PAGE = 20;
const LONG = 60;
/** The columns of every judgement that people read, beside what the model was given. */
const KNOWN = { truth: tr("Truth"), answer: tr("Answer"), probability: tr("How sure"), row: tr("Row") };
const ORDERS = [["", tr("as in the table")], ["-error", tr("most wrong first")], ["-probability", tr("surest first")], ["probability", tr("least sure first")]];

/**
 * What shows the rows for which all of `where` hold, as a function; null where there is no app to ask.
 * `from` is { run, judgement, kept }: whose rows they are, and the judgements of which rows were kept; a block may name
 * another judgement of the same run.
 */
export function opener(where, title, from, content = {}) {
  const judgement = content.judgement || from?.judgement;
  return from?.run && from.kept.includes(judgement) ? () => show(`runs/${encodeURIComponent(from.run)}/judgements/${encodeURIComponent(judgement)}`, where, title) : null;
}

function show(path, where, title) {
  const heading = h("h2", { id: "ts-rows-title" }, title);
  const many = h("p", { role: "status" }, tr("One moment …"));
  const place = h("div", { class: "ts-scroll", tabindex: 0, role: "region", "aria-label": tr("Rows") });
  const foot = h("div", { class: "ts-rows-foot" });
  const tools = h("div", { class: "ts-rows-tools", hidden: true });
  const close = h("button", { type: "button", class: "ts-button ts-plain ts-rows-close", "aria-label": tr("Close"), onclick: () => dialog.close() }, "×");
  const dialog = h("dialog", { class: "ts-dialog ts-rows", "aria-labelledby": "ts-rows-title" }, h("div", { class: "ts-page" }, h("header", {}, h("div", {}, heading, many), close), tools, place, foot));
  const asked = { order: "", rows: [], total: 0, turn: 0 };
  const ask = () => get(`${path}/rows?${new URLSearchParams({ where: JSON.stringify(where), start: asked.rows.length, count: PAGE, order: asked.order })}`);

  async function more() {
    const turn = ++asked.turn;
    try {
      let page = await ask();
      if (tools.hidden && page.rows.length && begin(page)) page = await ask();
      if (turn !== asked.turn) return; // another order was asked for meanwhile
      const first = asked.rows.length === 0;
      asked.rows.push(...page.rows);
      asked.total = page.total;
      draw(page, first);
    } catch (error) {
      if (turn !== asked.turn) return;
      say(many, [error.title || tr("The rows could not be loaded."), error.advice].filter(Boolean).join(" "));
      foot.replaceChildren(button(tr("Try again"), more));
    }
  }

  /** Offers the orders that these rows can have. Returns whether they had better come in another one than they did. */
  function begin({ rows: [row], total }) {
    const orders = ORDERS.filter(([order]) => !order || typeof row[order.replace("-", "")] === "number");
    // Who looks behind a number wants to see first what is wrong there.
    asked.order = total > 1 && typeof row.error === "number" ? "-error" : "";
    const choose = h("select", { onchange: () => reorder(choose.value) }, orders.map(([value, words]) => h("option", { value, selected: value === asked.order }, words)));
    tools.append(orders.length > 1 && total > 1 ? h("label", {}, tr("In which order "), choose) : "", h("a", { href: api(`${path}/rows.parquet`), download: true }, tr("All judged rows as a file (Parquet)")));
    tools.hidden = false;
    return asked.order !== "";
  }

  function reorder(order) {
    Object.assign(asked, { order, rows: [] });
    more();
  }

  function draw(page, first) {
    const { rows } = page;
    say(many, asked.total ? trMany(asked.total, "{count} row", "{count} rows") : tr("There is no such row."));
    if (first) place.replaceChildren(...(rows.length ? [listed(page)] : []));
    else place.querySelector("tbody").append(...rows.map(place.querySelector("table").line));
    const left = asked.total - asked.rows.length;
    foot.replaceChildren(...(left > 0 && rows.length > 0 ? [button(tr("Show more ({left} left)", { left: count(left) }), more)] : []));
  }

  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.showModal();
  more();
}

/** A table of rows; its `line` makes a further row of it. What else was noted of a row is folded away. */
function listed({ rows, inputs, output }) {
  const names = Object.keys(rows[0]);
  const columns = [...Object.keys(inputs), ...Object.keys(KNOWN)].filter((name) => names.includes(name));
  const others = names.filter((name) => !columns.includes(name) && name !== "error");
  const labels = { ...inputs, ...KNOWN };
  const canAsk = isAskable(rows[0], inputs);
  const judge = typeof rows[0].error === "number" && (OUTCOMES[output] || measured);
  const long = new Set(columns.filter((name) => name in inputs || rows.some((row) => words(row[name], name).length > LONG)));
  const look = (name) => (long.has(name) ? "ts-long" : typeof rows[0][name] === "number" ? "ts-number" : null);
  const heads = [
    ...columns.map((name) => h("th", { scope: "col", class: look(name) }, labels[name])),
    judge && h("th", { scope: "col" }, judge === measured ? tr("Error") : tr("Judged")),
    others.length > 0 && h("th", { scope: "col" }, tr("More")),
    canAsk && h("th", { scope: "col" }, tr("Model")),
  ];
  const line = (row) =>
    h(
      "tr",
      {},
      columns.map((name) => h("td", { class: look(name), "data-label": labels[name] }, clipped(words(row[name], name)))),
      judge && h("td", { "data-label": judge === measured ? tr("Error") : tr("Judged") }, judge(row)),
      others.length > 0 && h("td", { "data-label": tr("More") }, noted(row, others)),
      canAsk && h("td", { "data-label": tr("Model") }, h("button", { type: "button", class: "ts-button ts-plain", title: tr("Into the fields where the model is asked: see why it answers so, and which training examples are near"), onclick: ({ target }) => askAbout(row, inputs, target) }, tr("Ask about it"))),
    );
  return Object.assign(h("table", { class: "ts-table ts-cards" }, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, rows.map(line))), { line });
}

function noted(row, names) {
  const label = (name) => name.replaceAll("_", " ");
  return h("details", { class: "ts-noted" }, h("summary", {}, tr("show")), h("dl", {}, names.map((name) => h("div", {}, h("dt", {}, label(name)), h("dd", {}, clipped(words(row[name], name)))))));
}

function words(value, name) {
  if (Array.isArray(value)) return value.map((one) => words(one, name)).join(", ") || "–";
  if (value !== null && typeof value === "object") return JSON.stringify(value);
  if (typeof value !== "number") return mark(value, "text");
  if (name === "probability") return mark(value, "percent");
  return Number.isInteger(value) ? count(value) : mark(value, "number");
}

/** How an answer was judged, by a word, for each kind of answer that can be right; all others have an error alone. */
const OUTCOMES = {
  label: ({ error }) => (error === 0 ? right(tr("right")) : wrong(tr("✗ wrong"))),
  labels: ({ error }) => (error === 0 ? right(tr("right")) : wrong(tr("✗ not all right"))),
  spans: ({ error }) => (error === 0 ? right(tr("right")) : wrong(tr("✗ has mistakes"))),
  answer: ({ error }) => (error === 0 ? right(tr("right")) : error < 1 ? wrong(tr("≠ partly")) : wrong(tr("✗ wrong"))),
  number: ({ truth, answer }) => tr("off by {answer}", { answer: mark(Math.abs(answer - truth), "number") }),
};
const right = (word) => h("span", { class: "ts-right-word" }, `✓ ${word}`);
const wrong = (word) => h("span", { class: "ts-wrong-word" }, word);
const measured = ({ error }) => mark(error, "number");
