// Building pages without ever turning data into HTML: text goes in as text nodes, attributes are set one by one.

import { tr } from "./language.js";

/** What each element does on an event, as {click: f}. Kept aside, so that an element can be given a newer one. */
const doing = new WeakMap();

function listen(node, name, action) {
  if (!doing.has(node)) doing.set(node, {});
  doing.get(node)[name] = action;
  node.addEventListener(name, (event) => doing.get(node)[name](event));
}

/** h("p", {class: "x", onclick: f}, "text", node, null, [more]) → an element. Empty children are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) listen(node, name.slice(2), value);
    else if (name === "style") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Words with `names` in backticks, which are set apart. */
export function prose(words) {
  return words.split("`").map((part, place) => (place % 2 ? h("code", {}, part) : part));
}

const drawn = new WeakMap();
const children = new WeakMap();

/**
 * Put these children in place of the old ones. Where nothing would change for a reader the old ones stay, and with them
 * focus and folds; they do from now on what the new ones would have done.
 */
export function fill(node, ...children) {
  const fresh = h("div", {}, ...children);
  const now = fresh.innerHTML;
  if (drawn.get(node) === now) return takeOver(node, fresh);
  drawn.set(node, now);
  node.replaceChildren(...fresh.childNodes);
}

function takeOver(node, fresh) {
  const newer = fresh.querySelectorAll("*");
  node.querySelectorAll("*").forEach((old, place) => {
    if (doing.has(old)) Object.assign(doing.get(old), doing.get(newer[place]));
  });
}

/**
 * Keep `node` a list of one child an item, in the order of the items. `make` builds a new child and returns
 * `{ node, draw }`; `draw` brings it up to date, so that a child stays the same element as long as its item is there.
 */
export function each(node, items, key, make) {
  const kept = children.get(node) || new Map();
  const now = new Map(items.map((item) => [key(item), kept.get(key(item)) || make(item)]));
  for (const [name, child] of kept) if (!now.has(name)) child.node.remove();
  [...now.values()].forEach((child, place) => {
    child.draw(items[place]);
    if (node.children[place] !== child.node) node.insertBefore(child.node, node.children[place] || null);
  });
  children.set(node, now);
}

/** Change a text only when it differs, so that nothing is laid out again in vain. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function button(words, onclick, look = "") {
  return h("button", { type: "button", class: `ts-button ${look}`.trim(), onclick }, words);
}

/**
 * A question in front of the page. Resolves to true (or the text of its field, or the chosen value) or null when it was
 * turned down. `field` is {label, value, ...attributes}; `choices` are {value, words, text}, the first is proposed.
 */
export function ask({ title, text, yes, no = tr("Cancel"), danger = false, field = null, choices = null }) {
  const { label, value, ...attributes } = field || {};
  const input = field && h("input", { name: "answer", maxlength: 120, autocomplete: "off", required: true, ...attributes });
  if (input) input.value = value;
  const answer = () => (input ? input.value.trim() : choices ? dialog.querySelector("input:checked").value : true);
  const dialog = h(
    "dialog",
    { class: "ts-dialog", "aria-labelledby": "ts-dialog-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "ts-dialog-title" }, title),
      text && h("p", {}, text),
      input && h("label", {}, label, input),
      choices && h("fieldset", {}, choices.map(choice)),
      h(
        "footer",
        {},
        h("button", { class: "ts-button", value: "no", formnovalidate: true, type: "button", onclick: () => dialog.close("no") }, no),
        h("button", { class: `ts-button ${danger ? "ts-danger" : "ts-primary"}`, value: "yes" }, yes),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  if (input) input.select();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes" ? answer() : null);
    });
  });
}

function choice({ value, words, text }, place) {
  return h("label", { class: "ts-choice" }, h("input", { type: "radio", name: "choice", value, checked: place === 0 }), h("span", {}, h("strong", {}, words), text));
}
