// What to do next, the most useful thing first.

import { h, prose } from "./dom.js";

/** Links lead into the app, so that there are none where there is no app. */
export function advice({ items }, from) {
  const link = ({ link, label }) => from?.run && /^(\.\/|#)/.test(link) && h("a", { class: "ts-button", href: link }, label || "Go there");
  return h("ol", { class: "ts-advice" }, items.map((item) => h("li", {}, h("p", {}, prose(item.words)), link(item))));
}
