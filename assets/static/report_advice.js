// What to do next, the most useful thing first.

import { button, h, prose } from "./dom.js";
import { tr } from "./language.js";
import { opener } from "./report_rows.js";

/** Links and rows are in the app, so that there are none where there is no app. */
export function advice({ items }, from) {
  const link = ({ link, label }) => from?.run && /^(\.\/|#)/.test(link) && h("a", { class: "ts-button", href: link }, label || tr("Go there"));
  const rows = ({ opens, label, words }) => {
    const open = opens && opener(opens, words.split(/\. |。/)[0], from);
    return open && Object.assign(button(label || tr("Show the rows"), open), { ariaHasPopup: "dialog" });
  };
  return h("ol", { class: "ts-advice" }, items.map((item) => h("li", {}, h("p", {}, prose(item.words)), link(item) || rows(item))));
}
