// Texts with what should have been found in them and what was found, marked in the text itself.
//
// An answer is a filled mark, the truth a line below; where both agree there are both. What is wrong is hatched or has a
// broken line, and a word that says so: never by colour alone.

import { h } from "./dom.js";
import { tr } from "./language.js";
import { rest } from "./report_tables.js";

const FIRST_ROWS = 6;
/** Degrees between the colours of two labels, so that neighbours in the list are far apart. */
const TURN = 137.5;
const FIRST_HUE = 262;

export function tagged({ rows }) {
  const labels = [...new Set(rows.flatMap(({ truth, answer }) => [...truth, ...answer].map(([, , label]) => label)))].sort();
  const hues = new Map(labels.map((label, place) => [label, Math.round(FIRST_HUE + place * TURN) % 360]));
  const cards = rows.map((row) => ({ row, pieces: judged(row) }));
  const wrong = cards.filter(({ pieces }) => pieces.some((piece) => piece.is !== "right"));
  const list = h("ol", { class: "ts-tagged" });
  const below = h("div", {});
  const show = (chosen) => {
    list.replaceChildren(...chosen.slice(0, FIRST_ROWS).map((one) => card(one, hues)));
    below.replaceChildren(...[rest(chosen, FIRST_ROWS, (others) => list.append(...others.map((one) => card(one, hues))))].filter(Boolean));
  };
  const mixed = wrong.length > 0 && wrong.length < cards.length;
  const box = h("input", { type: "checkbox", onchange: () => show(box.checked ? wrong : cards) });
  show(cards);
  return [
    h(
      "ul",
      { class: "ts-tag-key" },
      h("li", {}, h("span", { class: "ts-tag", "data-is": "right", "data-edge": "start end" }, tr("found")), tr(" as it should be")),
      h("li", {}, h("span", { class: "ts-tag", "data-is": "missed", "data-edge": "start end" }, tr("missed")), tr(" a broken line below: should have been found")),
      h("li", {}, h("span", { class: "ts-tag", "data-is": "wrong", "data-edge": "start end" }, tr("wrong")), tr(" hatched: the answer, where it is wrong")),
    ),
    mixed && h("label", { class: "ts-check" }, box, tr("Only what has a mistake ({wrong} of {cards})", { wrong: wrong.length, cards: cards.length })),
    list,
    below,
  ];
}

/** Every piece with what it is: right, missed or wrong, and the words that stand behind it. */
function judged({ truth, answer }) {
  const same = ([start, end, label], other) => other[0] === start && other[1] === end && other[2] === label;
  const meets = ([start, end], other) => other[0] < end && other[1] > start;
  const answers = answer.map((piece) => {
    if (truth.some((one) => same(piece, one))) return { piece, is: "right", words: `✓ ${piece[2]}` };
    const met = truth.filter((one) => meets(piece, one) && !answer.some((other) => same(one, other)));
    if (met.some((one) => one[2] === piece[2])) return { piece, is: "wrong", words: tr("✗ {piece}, wrong ends", { piece: piece[2] }) };
    return { piece, is: "wrong", words: met.length ? tr("✗ {piece} instead of {met}", { piece: piece[2], met: met[0][2] }) : tr("✗ {piece}, nothing there", { piece: piece[2] }) };
  });
  const missed = truth
    .filter((piece) => !answer.some((one) => same(piece, one)))
    .map((piece) => ({ piece, is: "missed", words: answer.some((one) => meets(piece, one)) ? "" : tr("✗ {piece} missed", { piece: piece[2] }) }));
  return [...answers, ...missed].filter(({ piece: [start, end] }) => start < end);
}

function card({ row, pieces }, hues) {
  const wrong = pieces.filter(({ is }) => is !== "right").length;
  const about = [tr("Row {row}", { row: row.row }), wrong ? tr("has mistakes") : tr("all right")].join(" · ");
  return h("li", {}, h("p", { class: "ts-help" }, about), h("p", { class: "ts-tagged-text" }, marked(row.text, pieces, hues)));
}

/** The text in stretches over which nothing changes; the words of a piece follow its end. Places count characters as Python does. */
function marked(text, pieces, hues) {
  const letters = Array.from(text.replaceAll("\r\n", " \n").replaceAll("\r", "\n"));
  const edges = [...new Set([0, letters.length, ...pieces.flatMap(({ piece: [start, end] }) => [start, end])])].filter((edge) => edge >= 0 && edge <= letters.length).sort((a, b) => a - b);
  return edges.slice(0, -1).map((start, place) => {
    const end = edges[place + 1];
    const words = letters.slice(start, end).join("");
    const over = pieces.filter(({ piece }) => piece[0] <= start && piece[1] >= end);
    if (!over.length) return words;
    const ending = over.filter(({ piece, words: said }) => piece[1] === end && said);
    const top = over.find(({ is }) => is !== "missed") || over[0];
    const truth = over.find(({ is }) => is === "missed");
    const edge = [top.piece[0] === start && "start", top.piece[1] === end && "end"].filter(Boolean).join(" ");
    const style = { "--hue": hues.get(top.piece[2]), "--truth": hues.get((truth || top).piece[2]) };
    return [h("mark", { class: "ts-tag", "data-is": top.is, "data-edge": edge, "data-truth": Boolean(truth) && top !== truth, style }, words), ending.map(({ is, words: said }) => h("small", { class: "ts-tag-word", "data-is": is }, said))];
  });
}
