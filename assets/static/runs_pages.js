// Which part of the list of runs is shown: the words that are looked for, and the page. Both stand in the address.

import { button, h, say } from "./dom.js";
import { tr, trMany } from "./language.js";

const PAGE = 50;
/** Fewer are seen at a glance. */
const WORTH_SEARCHING = 10;
const TYPING = 250;

/** The field for words, and what it asks for. */
export function finder() {
  const said = new URLSearchParams(location.search);
  const wish = { words: said.get("find") || "", number: Math.max(1, Number(said.get("part")) || 1) };
  const field = h("input", { type: "search", class: "ts-input ts-find", placeholder: tr("Find a run"), "aria-label": tr("Find runs by name, task, model, table or state"), autocomplete: "off", value: wish.words });
  const told = h("span", { role: "status" });
  const node = h("div", { class: "ts-finder" }, field, told);
  let typing = 0;

  function turn(number) {
    wish.number = number;
    const address = new URL(location.href);
    for (const [name, value] of [["find", wish.words], ["part", number > 1 ? number : ""]]) value ? address.searchParams.set(name, value) : address.searchParams.delete(name);
    history.replaceState(history.state, "", address);
    window.dispatchEvent(new Event("tunesmith:changed"));
  }

  field.value = wish.words;
  field.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      wish.words = field.value.trim();
      turn(1);
    }, TYPING);
  });

  function draw(total, found) {
    node.hidden = total < WORTH_SEARCHING && !wish.words;
    const few = tr("No run fits. Words are looked for in the name, the task, the model, the table and the state.");
    say(told, !wish.words ? trMany(total, "{count} run", "{count} runs") : found ? tr("{found} of {total} runs fit", { found, total }) : few);
  }
  const asked = () => new URLSearchParams({ page: wish.number, ...(wish.words && { find: wish.words }) });
  return { node, draw, asked, turn };
}

/** The way to older and newer runs, where there are more than fit on a page. */
export function turner({ turn }) {
  const words = h("span");
  const newer = button(tr("Newer"), () => go(-1));
  const older = button(tr("Older"), () => go(1));
  const node = h("nav", { class: "ts-turner", "aria-label": tr("Pages of the list of runs") }, newer, words, older);
  let page = 1;

  function go(way) {
    turn(page + way);
    document.querySelector(".ts-heading")?.scrollIntoView({ block: "start" });
  }

  function draw(number, found) {
    page = number;
    node.hidden = found <= PAGE;
    say(words, tr("{first} to {last} of {found}", { first: (number - 1) * PAGE + 1, last: Math.min(number * PAGE, found), found }));
    newer.disabled = number <= 1;
    older.disabled = number * PAGE >= found;
  }
  return { node, draw };
}
