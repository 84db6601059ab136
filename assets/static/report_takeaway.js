// The report as files, to be kept, shown or printed without the app.

import { h } from "./dom.js";
import { api } from "./poll.js";

/** Where the files are; the app makes them on the way. */
export const files = (run) => ({ page: api(`runs/${encodeURIComponent(run)}/report.html`), data: api(`runs/${encodeURIComponent(run)}/report-all.json`) });

export function takeaway(run) {
  const { page, data } = files(run);
  return h(
    "section",
    { class: "ts-card ts-takeaway" },
    h("div", {}, h("h2", {}, "Take the report with you"), h("p", { class: "ts-help" }, "One file with all that stands here, to be read in any browser without this app, or printed. The other is for programs. Both hold texts of your table.")),
    h("div", { class: "ts-actions" }, h("a", { class: "ts-button", href: page, download: true }, "As a page (HTML)"), h("a", { class: "ts-button", href: data, download: true }, "As data (JSON)")),
  );
}
