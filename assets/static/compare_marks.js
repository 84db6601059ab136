// The verdict on several runs, their marks side by side, and the settings in which they differ.

import { swatch } from "./compare.js";
import { button, fill, h, prose } from "./dom.js";
import { tr, trMany } from "./language.js";
import { isOver } from "./over.js";
import { count, fixed, mark } from "./words.js";

const HOW = {
  same: (same) => tr("All were judged on the same {rows} test rows.", { rows: count(same.rows) }),
  shared: (same) => tr("Judged on {rows} rows that are in the test parts of all.", { rows: count(same.rows) }),
  judged: (same) => tr("Judged on {rows} rows that none of them has learned from or was checked by.", { rows: count(same.rows) }),
};
const CHANCE = tr("p says how often chance alone would bring so large a difference if the models were equally good; under 0.05 it is called clear. “Between” is the range in which the true difference lies in 95 of 100 cases.");

/** The card at the top. */
export function verdict() {
  const node = h("section", { class: "ts-card ts-verdict-card", "aria-label": tr("Verdict") });

  function draw(versus, errand, send) {
    const { same } = versus;
    const told = versus.against.length > 0;
    fill(
      node,
      h("h2", {}, tr("Verdict")),
      h("p", { class: "ts-versus-verdict" }, versus.verdict),
      told && versus.against.length > 1 && h("ul", { class: "ts-sides" }, versus.against.map((one) => h("li", {}, h("p", {}, one.words)))),
      told && h("p", { class: "ts-help" }, [HOW[same.kind](same), ...(same.kind === "same" ? [] : same.reasons), mended(same)].join(" ")),
      told && h("p", { class: "ts-help" }, CHANCE),
      !told && same.kind !== "same" && h("p", { class: "ts-help" }, hint(versus)),
      asking(same, errand, send),
    );
  }
  return { node, draw };
}

/** What to know, or to do, where nothing can be told. */
function hint({ runs, marks }) {
  const without = runs.filter((run) => !run.judged);
  if (new Set(runs.map((run) => run.task)).size > 1) return tr("Only runs of the same task can be compared by their answers: choose others above.");
  if (without.some((run) => !isOver(run.state))) return tr("This page compares them as soon as the training is through.");
  if (without.length) return tr("A run is judged at its end. Open it and start it again, or choose others above.");
  const isShared = marks.some((one) => one.values.filter((value) => value !== null).length > 1);
  return isShared && tr("Marks on different rows cannot tell which model is better: some rows are harder than others.");
}

function mended({ mended: changed, left_out: gone }) {
  if (!changed) return "";
  return gone
    ? trMany(changed, "1 row has another right answer in the newer run and was left out: such answers cannot be judged anew.", "{count} rows have another right answer in the newer run and were left out: such answers cannot be judged anew.")
    : trMany(changed, "1 row has another right answer in the newer run; there the newer one counts for all.", "{count} rows have another right answer in the newer run; there the newer one counts for all.");
}

/** The offer to judge all on the same rows, and how far that is. */
function asking(same, errand, send) {
  if (errand?.state === "going") {
    const share = Math.round(100 * errand.share);
    return [
      h("div", { class: "ts-progress", role: "progressbar", "aria-label": tr("Judging on the same rows"), "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": share }, h("div", { style: { width: `${share}%` } })),
      h("div", { class: "ts-status-row" }, h("span", {}, errand.words), button(tr("Cancel"), () => send("cancel"), "ts-plain")),
    ];
  }
  const failed = errand?.state === "failed" && h("div", { class: "ts-note", "data-tone": "warn" }, h("div", {}, h("strong", {}, errand.title), errand.advice));
  if (!same.can_judge) return failed;
  return [
    failed,
    h("p", {}, tr("Each model can be asked about the test rows of the others. Rows that one of them has learned from are left out.")),
    h("div", { class: "ts-actions" }, button(tr("Judge them on the same rows"), () => send("judge"), "ts-primary")),
  ];
}

/** Marks on the same rows, then those of the reports. */
export function marks() {
  const node = h("section", { class: "ts-card" });

  function draw(versus) {
    const told = versus.against.length > 0;
    node.hidden = !told && !versus.marks.length;
    const own = versus.same.kind === "same" ? tr("More marks, as the reports have them") : tr("Marks of the reports, each on its own test rows");
    fill(
      node,
      h("h2", {}, told ? tr("Marks on the same {rows} rows", { rows: count(versus.same.rows) }) : tr("Marks of the reports, each on its own test rows")),
      told && paired(versus),
      told && versus.marks.length > 0 && h("details", { class: "ts-rest" }, h("summary", {}, own), reported(versus)),
      !told && reported(versus),
    );
  }
  return { node, draw };
}

function head(versus, first) {
  return h("thead", {}, h("tr", {}, h("th", { scope: "col" }, first), versus.runs.map((run, place) => h("th", { scope: "col" }, swatch(place), run.name))));
}

function grid(label, ...inside) {
  return h("div", { class: "ts-scroll", tabindex: 0, role: "region", "aria-label": label }, h("table", { class: "ts-table ts-cards" }, inside));
}

function paired(versus) {
  const rows = versus.against[0].marks.map((first, place) => {
    const others = versus.against.map((one) => one.marks[place]);
    return h(
      "tr",
      {},
      title(first),
      h("td", { "data-label": versus.runs[0].name }, h("span", {}, mark(first.first, first.style))),
      others.map((one, number) => h("td", { "data-label": versus.runs[number + 1].name, "data-clearly": one.clearly || null }, h("span", {}, h("strong", {}, mark(one.other, one.style)), h("small", {}, apart(one))))),
    );
  });
  return grid(tr("Marks on the same rows"), head(versus, tr("Mark")), h("tbody", {}, rows));
}

function apart(one) {
  const unit = one.style === "percent" ? tr(" points") : "";
  const figure = (value) => `${value < 0 ? "−" : "+"}${one.style === "percent" ? fixed(Math.abs(100 * value), 1) : mark(Math.abs(value), one.style)}`;
  const range = one.low === null ? "" : tr(", between {low} and {high}", { low: figure(one.low), high: figure(one.high) });
  const p = one.p_value < 0.001 ? `p < ${fixed(0.001, 3)}` : `p = ${fixed(one.p_value, one.p_value < 0.0995 ? 3 : 2)}`;
  const said = { better: tr("clearly better"), worse: tr("clearly worse"), "": tr("cannot be told apart") }[one.clearly];
  return `${figure(one.difference)}${unit}${range}; ${p}: ${said}`;
}

function title({ label, help, greater_is_better: more }) {
  return h("th", { scope: "row", class: "ts-long" }, h("strong", {}, label), h("span", { class: "ts-help", style: { display: "block" } }, help, !more && tr(" Smaller is better.")));
}

function reported(versus) {
  const row = (one) => h("tr", {}, title(one), one.values.map((value, place) => h("td", { "data-label": versus.runs[place].name }, h("span", {}, mark(value, one.style)))));
  return grid(tr("Marks of the reports"), head(versus, tr("Mark")), h("tbody", {}, versus.marks.map(row)));
}

/** The settings that are not the same everywhere. */
export function settings() {
  const node = h("section", { class: "ts-card" });

  function draw(versus) {
    const row = (one) => h("tr", {}, h("th", { scope: "row", title: one.path }, one.label), one.values.map((value, place) => h("td", { "data-label": versus.runs[place].name }, h("span", {}, prose(value || "–")))));
    fill(
      node,
      h("h2", {}, tr("Settings that differ")),
      versus.settings.length
        ? grid(tr("Settings that differ"), head(versus, tr("Setting")), h("tbody", {}, versus.settings.map(row)))
        : h("p", { class: "ts-help" }, tr("None. What differs between them is chance, or a change of the table or the program.")),
    );
  }
  return { node, draw };
}
