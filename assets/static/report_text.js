// Long texts of a report: their beginning, and the rest on demand.

import { h } from "./dom.js";

const LONG = 320;

export function clipped(text) {
  if (text.length <= LONG) return text;
  return h("details", {}, h("summary", {}, text.slice(0, LONG), h("span", { class: "ts-more" }, "…")), h("span", {}, text.slice(LONG)));
}
