// The report as files, to be kept, shown or printed without the app.

import { h } from "./dom.js";
import { tr } from "./language.js";
import { api } from "./poll.js";

/** Where the files of a run's own report are, or of a judgement that was made later; the app makes them on the way. */
export function files(run, judgement = "") {
  const at = (name) => api(`runs/${encodeURIComponent(run)}/${name}${judgement ? `?judgement=${encodeURIComponent(judgement)}` : ""}`);
  return { page: at("report.html"), data: at("report-all.json") };
}

export function takeaway(run, judgement) {
  const { page, data } = files(run, judgement);
  return h(
    "section",
    { class: "ts-card ts-takeaway" },
    h("div", {}, h("h2", {}, tr("Take the report with you")), h("p", { class: "ts-help" }, tr("One file with all that stands here, to be read in any browser without this app, or printed. The other is for programs. Both hold texts of your table."))),
    h("div", { class: "ts-actions" }, h("a", { class: "ts-button", href: page, download: true }, tr("As a page (HTML)")), h("a", { class: "ts-button", href: data, download: true }, tr("As data (JSON)"))),
  );
}
