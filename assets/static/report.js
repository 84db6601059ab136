// The judgement of a run, drawn from the sections that the task made (shapes: core/evaluation/types.py).

import { h, prose } from "./dom.js";
import { abstain } from "./report_abstain.js";
import { advice } from "./report_advice.js";
import { beside } from "./report_beside.js";
import { curves } from "./report_curves.js";
import { matrix } from "./report_matrix.js";
import { scatter } from "./report_scatter.js";
import { scores } from "./report_scores.js";
import { examples, samples, slices, table } from "./report_tables.js";
import { tagged } from "./report_tagged.js";
import { threshold } from "./report_threshold.js";

const DRAWN = { scores, table, matrix, examples, scatter, samples, curves, threshold, abstain, tagged, slices, advice };
let made = 0;

/**
 * A card for one section, or null for a kind that this page does not know. `from` is what `origin` gives: the run and the
 * judgement that the report is of, whose rows can be opened then; without it nothing leads into the app.
 */
export function section(data, from = null) {
  const draw = DRAWN[data.kind];
  if (!draw) return null;
  made += 1;
  return h("section", { class: "ts-card ts-section", id: `ts-part-${made}` }, h("h2", {}, data.title), data.help && h("p", {}, prose(data.help)), draw(data.content, from));
}

/**
 * Whose rows the blocks open: those of a judgement made later, of the test part, or of the validation part without one.
 * `kept` names the judgements whose rows are still there.
 */
export function origin(run, { report, kept }) {
  return { run, judgement: report.judged?.name || (Object.keys(report.metrics?.test || {}).length ? "test" : "validation"), kept };
}

/**
 * The cards of a whole report, as { first, below, laid }: the scores and what to do next belong to the verdict. `laid`
 * are those below as they are put on the page, some of them beside each other.
 */
export function cards(sections, from = null) {
  const first = [];
  const below = [];
  const drawn = [];
  sections.forEach((data, place) => {
    const card = section(data, from);
    if (!card) return;
    if (place === 0 || data.kind === "advice") return first.push(card);
    below.push(card);
    drawn.push({ data, card });
  });
  return { first, below, laid: beside(drawn) };
}
