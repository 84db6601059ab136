// Rows in which a run answers otherwise than the first: right where that was wrong, or the reverse.

import { asked, remember, swatch } from "./compare.js";
import { button, fill, h } from "./dom.js";
import { tr } from "./language.js";
import { get } from "./poll.js";
import { count } from "./words.js";

const PAGE = 10;

/** The card; `draw` takes the comparison and asks for the rows of `runs`. */
export function changedRows(runs) {
  const controls = h("div", { class: "ts-versus-head", style: { "margin-top": "6px" } });
  const rows = h("div");
  const node = h("section", { class: "ts-card" }, h("h2", {}, tr("Answers that changed")), controls, rows);
  let last = null;

  async function draw(versus) {
    last = versus;
    node.hidden = !versus.against.length;
    if (!node.hidden) await show().catch((error) => fill(rows, h("p", { class: "ts-help" }, error.title || tr("The app does not answer. Load the page anew."))));
  }

  async function show() {
    const against = last.against.find((one) => one.run === asked().get("with")) || last.against[0];
    const side = asked().get("side") === "worse" ? "worse" : "better";
    const from = Math.max(0, Number.parseInt(asked().get("from"), 10) || 0);
    const place = last.runs.findIndex((run) => run.id === against.run);
    fill(controls, sides(against, side, place), last.against.length > 1 && others(against));
    const found = await get(`versus/changed?runs=${runs}&other=${encodeURIComponent(against.run)}&direction=${side}&start=${from}&count=${PAGE}`);
    fill(rows, found.total ? [h("ol", { class: "ts-sides" }, found.rows.map((row) => one(row, place))), pager(found, from)] : h("p", { class: "ts-help" }, tr("There is no such row.")));
  }

  function turn(values) {
    remember(values);
    draw(last);
  }

  function sides(against, side, place) {
    const [first, other] = [last.runs[0].name, last.runs[place].name];
    const exact = against.marks[0].metric === "right";
    const words = exact ? { better: tr("“{other}” right, “{first}” wrong", { other, first }), worse: tr("“{first}” right, “{other}” wrong", { first, other }) } : { better: tr("“{other}” nearer to the truth", { other }), worse: tr("“{first}” nearer to the truth", { first }) };
    const option = (value) => h("label", {}, h("input", { type: "radio", name: "compare-side", value, checked: value === side, onchange: () => turn({ side: value, from: "" }) }), `${words[value]} (${count(against[value])})`);
    return h("fieldset", { class: "ts-switch" }, h("legend", {}, tr("Show")), option("better"), option("worse"));
  }

  function others(against) {
    const options = last.against.map(({ run }) => h("option", { value: run, selected: run === against.run }, last.runs.find((one) => one.id === run).name));
    return h("label", {}, tr("Run "), h("select", { class: "ts-select", onchange: ({ target }) => turn({ with: target.value, from: "" }) }, options));
  }

  function one(row, place) {
    const texts = Object.entries(row.texts);
    const said = (number, words, error) => [h("dt", {}, swatch(number), last.runs[number].name), h("dd", { "data-right": error === 0 ? "yes" : "no" }, words || "–")];
    return h(
      "li",
      {},
      texts.map(([label, text]) => h("p", {}, texts.length > 1 && h("strong", {}, `${label}: `), text)),
      h("dl", {}, h("div", {}, h("dt", {}, row.row ? tr("Truth (row {row})", { row: row.row }) : tr("Truth")), h("dd", {}, row.truth || "–")), h("div", {}, said(0, row.first, row.error_first)), h("div", {}, said(place, row.other, row.error_other))),
    );
  }

  function pager({ total }, from) {
    if (total <= PAGE) return null;
    const go = (start) => () => turn({ from: start ? String(start) : "" });
    const back = button(tr("Earlier"), go(Math.max(0, from - PAGE)));
    const on = button(tr("Further"), go(from + PAGE));
    back.disabled = from === 0;
    on.disabled = from + PAGE >= total;
    return h("div", { class: "ts-pager" }, back, on, h("span", { class: "ts-help" }, tr("{first} to {last} of {found}", { first: count(from + 1), last: count(Math.min(total, from + PAGE)), found: count(total) })));
  }

  return { node, draw };
}
