// Presets: each is no more than the changes that it makes, which are listed and can be taken back.

import { button, fill, h } from "./dom.js";
import { tr, trMany } from "./language.js";

/** The buttons, and below them what was changed. `tell(name, data)` asks the server. */
export function presets(tell) {
  const buttons = h("div", { class: "st-presets" });
  const list = h("div", { class: "st-preset", role: "status" });
  const node = h("section", { class: "st-offer", "aria-label": tr("Presets"), hidden: true }, buttons, list);
  return {
    node,
    offer(offered) {
      node.hidden = !offered.length;
      fill(
        buttons,
        offered.map(({ id, title, words }) => h("button", { type: "button", class: "ts-button st-choose", "data-preset": id, onclick: () => tell("preset", { id }) }, h("b", {}, title), h("span", {}, words))),
      );
    },
    tell(chosen) {
      for (const one of buttons.children) one.setAttribute("aria-pressed", String(one.dataset.preset === chosen?.id));
      fill(list, chosen ? told(chosen, () => tell("undo", {})) : null);
    },
  };
}

function told({ title, changes }, undo) {
  if (!changes.length) return h("p", { class: "nr-note" }, tr("“{title}” changes nothing: the settings already are so.", { title }));
  const many = trMany(changes.length, "1 setting", "{count} settings");
  return [
    h("p", {}, h("b", {}, tr("“{title}” changed {many}:", { title, many }))),
    h("ul", { class: "nr-reasons" }, changes.map(({ label, before, after, reason }) => h("li", {}, h("b", {}, `${label}: ${before} → ${after}.`), " ", reason))),
    button(tr("Take it back"), undo),
  ];
}
