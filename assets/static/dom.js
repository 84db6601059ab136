// Building pages without ever turning data into HTML: text goes in as text nodes, attributes are set one by one.

/** h("p", {class: "x", onclick: f}, "text", node, null, [more]) → an element. Empty children are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
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

/** Put these children in place of the old ones, unless nothing would change for a reader: focus and folds stay. */
export function fill(node, ...children) {
  const fresh = h("div", {}, ...children);
  const now = fresh.innerHTML;
  if (drawn.get(node) === now) return;
  drawn.set(node, now);
  node.replaceChildren(...fresh.childNodes);
}

/** Change a text only when it differs, so that nothing is laid out again in vain. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function button(words, onclick, look = "") {
  return h("button", { type: "button", class: `ts-button ${look}`.trim(), onclick }, words);
}

/** A question in front of the page. Resolves to true (or the text of its field) or null when it was turned down. */
export function ask({ title, text, yes, no = "Cancel", danger = false, field = null }) {
  const input = field && h("input", { name: "answer", maxlength: 120, autocomplete: "off" });
  if (input) input.value = field.value;
  const dialog = h(
    "dialog",
    { class: "ts-dialog", "aria-labelledby": "ts-dialog-title" },
    h(
      "form",
      { method: "dialog" },
      h("h2", { id: "ts-dialog-title" }, title),
      text && h("p", {}, text),
      input && h("label", {}, field.label, input),
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
      resolve(dialog.returnValue === "yes" ? (input ? input.value.trim() : true) : null);
    });
  });
}
