// How well each class is known at each check, while it learns: the lowest first, with how it came there.

import { fill, h, say } from "./dom.js";
import { tr } from "./language.js";
import { curves } from "./sparks.js";
import { count, fixed, mark } from "./words.js";

/** As many as an event brings (core/training/reporter.py). */
const MOST = 30;
const HELP = tr("F1 joins how many of a class are found with how many answers are right: 100 % is perfect. Measured on the validation part, the lowest first.");

/** A card that is there once a check has told of single classes. */
export function classMarks() {
  const more = h("p", { class: "ts-help" });
  const list = h("ul", { class: "ts-classes" });
  const node = h("section", { class: "ts-card", hidden: true }, h("h2", {}, tr("Each class")), h("p", { class: "ts-help" }, HELP), list, more);

  function draw(state) {
    const { x, values, now } = state.classes;
    node.hidden = !x.length;
    if (node.hidden) return;
    const rows = [...now.entries()].sort((a, b) => a[1] - b[1]);
    fill(list, rows.map(([name, score]) => row(name, score, x, values.get(name))));
    say(more, rows.length >= MOST ? tr("The {most} classes with the lowest F1 are shown.", { most: MOST }) : "");
  }
  return { node, draw };
}

function row(name, score, x, values) {
  const known = values.map((value, place) => (value === null ? null : place)).filter((place) => place !== null);
  const first = values[known[0]];
  const words = known.length > 1 ? tr("{first} at step {x}, {score} at step {x2}", { first: mark(first), x: count(x[known[0]]), score: mark(score), x2: count(x[known.at(-1)]) }) : mark(score);
  return h(
    "li",
    {},
    h("span", { class: "ts-class-name", title: name }, name),
    curves(x, [values], { low: 0, high: 1, height: 30, words: tr("F1 of {name}: {words}", { name, words }) }),
    h("strong", {}, mark(score)),
    h("span", { class: "ts-soft" }, known.length > 1 ? change(score - first) : ""),
  );
}

function change(by) {
  const points = tr("{by} points since its first check", { by: fixed(Math.abs(by * 100), 1) });
  return Math.abs(by) < 0.0005 ? tr("as at its first check") : `${by > 0 ? "▲" : "▼"} ${points}`;
}
