// What somebody uses of what they may, where several people use the app.

import { fill, h } from "./dom.js";
import { tr } from "./language.js";
import { get, keepLooking } from "./poll.js";

const EVERY = 20000;
const NEARLY = 0.9;

/** A line that keeps itself up to date; empty where one person has the app. */
export function mine() {
  const node = h("div", { class: "ts-mine", role: "note" });
  if (!document.querySelector(".ts-me")) return node;
  keepLooking(
    async () => {
      const { uses } = await get("mine");
      fill(node, uses.length > 0 && [h("strong", {}, tr("Of what you may use")), uses.map(part)]);
      return EVERY;
    },
    () => {}, // the list beside it says when the app does not answer
  );
  return node;
}

const part = ({ words, share }) => h("span", { "data-tone": share >= NEARLY ? "warn" : null }, words);
