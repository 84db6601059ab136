// The judgement of a run, drawn from the sections that the task made (shapes: core/evaluation/types.py).

import { h, prose } from "./dom.js";
import { matrix, scatter } from "./report_plots.js";
import { scores } from "./report_scores.js";
import { examples, samples, table } from "./report_tables.js";

const DRAWN = { scores, table, matrix, examples, scatter, samples };

/** A card for one section, or null for a kind that this page does not know. */
export function section(data) {
  const draw = DRAWN[data.kind];
  if (!draw) return null;
  return h("section", { class: "ts-card ts-section" }, h("h2", {}, data.title), data.help && h("p", {}, prose(data.help)), draw(data.content));
}
