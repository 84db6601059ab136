// One setting of the form: its words, its control, what is said under it, and the way back to what was there at first.

import { fill, h, say } from "./dom.js";
import { tr } from "./language.js";

/**
 * The element of a setting and what can be done with it. `changed(value, done)` is called as a person changes it; `done`
 * says whether they are through, and not in the middle of typing.
 */
export function makeRow(setting, changed) {
  const id = `setting-${setting.path.replaceAll(".", "-")}`;
  const described = { "aria-describedby": `${id}-help ${id}-lines` };
  const lines = h("div", { class: "st-lines", id: `${id}-lines` });
  const picture = h("div", { class: "st-picture" });
  const mark = h("span", { class: "st-mark", hidden: true }, "changed");
  const back = h("button", { type: "button", class: "st-back", hidden: true }, tr("Back to {back}", { back: setting.back }), h("span", { class: "nr-unseen" }, tr(" for {label}", { label: setting.label })));
  const control = CONTROLS[setting.kind](setting, id, described, changed);
  const name = h("code", { class: "st-name" }, setting.name);
  const node = h(
    "div",
    { class: `nr-field st-field st-${setting.kind}`, "data-path": setting.path },
    h("div", { class: "st-head" }, control.title, mark, name),
    h("p", { class: "st-help", id: `${id}-help` }, setting.help),
    control.node,
    picture,
    lines,
    back,
  );
  back.addEventListener("click", () => {
    control.show(setting.base);
    changed(setting.base, true);
    control.focus();
  });
  return {
    node,
    setting,
    show: control.show,
    isWrong: () => node.classList.contains("st-wrong"),
    mark(isChanged) {
      mark.hidden = back.hidden = !isChanged;
      node.classList.toggle("st-changed", isChanged);
    },
    say(told, isLocked) {
      fill(lines, (told || []).map(line));
      node.classList.toggle("st-wrong", (told || []).some((one) => one.kind === "problem"));
      node.classList.toggle("st-locked", isLocked);
      control.lock(isLocked, node.classList.contains("st-wrong"));
    },
    draw(svg) {
      if (picture.dataset.drawn === svg) return;
      picture.dataset.drawn = svg;
      picture.replaceChildren(...(svg ? [new DOMParser().parseFromString(svg, "image/svg+xml").documentElement] : []));
    },
  };
}

function line({ kind, bold, words }) {
  const look = { problem: "nr-problem", why: "nr-note st-why" }[kind] || "nr-note";
  return h("p", { class: look, role: kind === "problem" ? "alert" : null }, bold && h("b", {}, bold), bold && " ", words);
}

const CONTROLS = {
  number: (setting, id, described, changed) => typed(setting, id, described, changed, { type: "number", step: setting.step, inputmode: "decimal" }, (field) => (field.value === "" ? null : Number(field.value))),
  words: (setting, id, described, changed) => typed(setting, id, described, changed, { type: "text", autocomplete: "off", spellcheck: "false" }, (field) => field.value),
  yes: tick,
  few: radios,
  many: list,
};

function typed(setting, id, described, changed, attributes, read) {
  const field = h("input", { id, ...attributes, ...described });
  field.addEventListener("input", () => changed(read(field), false));
  field.addEventListener("change", () => changed(read(field), true));
  const show = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    if (field.value !== text) field.value = text;
  };
  return { node: field, title: h("label", { for: id }, setting.label), show, focus: () => field.focus(), lock: locks([field]) };
}

function tick(setting, id, described, changed) {
  const field = h("input", { id, type: "checkbox", ...described });
  field.addEventListener("change", () => changed(field.checked, true));
  const title = h("label", { for: id }, field, setting.label);
  return { node: null, title, show: (value) => (field.checked = Boolean(value)), focus: () => field.focus(), lock: locks([field]) };
}

function radios(setting, id, described, changed) {
  const fields = setting.choices.map((choice, place) => h("input", { type: "radio", name: id, id: `${id}-${place}`, disabled: Boolean(choice.closed) }));
  fields.forEach((field, place) => field.addEventListener("change", () => changed(setting.choices[place].value, true)));
  const labels = fields.map((field, place) => h("label", { class: "st-choice" }, field, setting.choices[place].words));
  const title = h("span", { id: `${id}-title` }, setting.label);
  return {
    node: h("div", { role: "radiogroup", "aria-labelledby": title.id, ...described }, labels, closed(setting)),
    title,
    show: (value) => fields.forEach((field, place) => (field.checked = setting.choices[place].value === value)),
    focus: () => (fields.find((field) => field.checked) || fields[0]).focus(),
    lock: locks(fields, setting.choices),
  };
}

function list(setting, id, described, changed) {
  const field = h("select", { id, ...described }, setting.choices.map((choice, place) => h("option", { value: place, disabled: Boolean(choice.closed) }, choice.words)));
  field.addEventListener("change", () => changed(setting.choices[field.value].value, true));
  const show = (value) => (field.selectedIndex = setting.choices.findIndex((choice) => choice.value === value));
  return { node: [field, closed(setting)], title: h("label", { for: id }, setting.label), show, focus: () => field.focus(), lock: locks([field]) };
}

/** Why choices cannot be taken on this machine. */
function closed(setting) {
  const whys = new Map();
  for (const choice of setting.choices) if (choice.closed) whys.set(choice.closed, [...(whys.get(choice.closed) || []), choice.words]);
  return [...whys].map(([why, names]) => h("p", { class: "nr-note st-closed" }, h("b", {}, tr("Not here: {names}.", { names: names.join(", ") })), " ", why));
}

function locks(fields, choices = []) {
  return (isLocked, isWrong) =>
    fields.forEach((field, place) => {
      field.disabled = isLocked || Boolean(choices[place]?.closed);
      if (isWrong) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    });
}
