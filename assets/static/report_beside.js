// Blocks that take half the width of a wide page stand beside each other.

import { h } from "./dom.js";

const FEW_COLUMNS = 4;
const FEW_CLASSES = 3;

const isSquare = ({ kind, content }) => (kind === "curves" && content.diagonal) || (kind === "matrix" && content.labels.length <= FEW_CLASSES);
const fits = (data) => isSquare(data) || data.kind === "curves" || (data.kind === "table" && data.content.columns.length <= FEW_COLUMNS);

/** The cards in their order; one that is square, and the one after it where that fits, share a line. */
export function beside(drawn) {
  const laid = [];
  for (let place = 0; place < drawn.length; place += 1) {
    const [one, next] = drawn.slice(place, place + 2);
    if (!next || !isSquare(one.data) || !fits(next.data)) laid.push(one.card);
    else {
      laid.push(h("div", { class: "ts-beside" }, one.card, next.card));
      place += 1;
    }
  }
  return laid;
}
