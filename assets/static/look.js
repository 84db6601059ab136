// The step "Check": one listener for every button of it, and focus and folds that outlive a new drawing.

import { ask } from "./dom.js";

const CHANGING = ["fix", "back", "all", "undo", "rename", "merge", "drop", "save", "out"];

/** Called when Gradio has put the desk, which nobody sees, on the page. */
export function start(element, trigger) {
  const step = element.closest(".tabitem") || document.getElementById("walk");
  let last = null;
  const folds = new Map();

  step.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act], [data-hide]");
    if (button && step.contains(button)) return button.dataset.act ? act(button) : hide(button);
    const row = event.target.closest("tr[data-row]");
    if (row && !getSelection().toString()) row.querySelector("button")?.click();
  });
  step.addEventListener("keydown", (event) => {
    const form = event.target.closest("[data-form]");
    if (form && event.key === "Enter" && event.target.matches("input:not([type=checkbox])")) {
      event.preventDefault();
      form.querySelector("[data-act]")?.click();
    }
    if (form && event.key === "Escape") form.querySelector("[data-act=shut]")?.click();
  });
  step.addEventListener("focusin", (event) => (last = event.target.dataset.key || null));
  step.addEventListener("change", (event) => {
    const field = event.target;
    if (field.name === "merge") showMerging(step);
    if (field.matches("select[data-column]")) showOther(field);
  });
  step.addEventListener("toggle", (event) => event.target.dataset.key && folds.set(event.target.dataset.key, event.target.open), true);
  document.addEventListener("tunesmith:looked", () => step.removeAttribute("aria-busy"));

  async function act(button) {
    const { act: name, key, ask: question, ...data } = button.dataset;
    if (step.hasAttribute("aria-busy")) return;
    if (question && !(await ask({ title: button.textContent, text: question, yes: button.textContent }))) return;
    const form = button.closest("[data-form]");
    if (name === "save") data.cells = JSON.stringify(written(form));
    if (name === "rename") data.to = form.querySelector("input").value;
    if (name === "merge") {
      data.to = form.querySelector("input").value;
      data.ticked = JSON.stringify([...step.querySelectorAll("input[name=merge]:checked")].map((tick) => tick.value));
    }
    step.setAttribute("aria-busy", "true");
    if (CHANGING.includes(name)) holdHeight(step.querySelector("#check-found"));
    trigger(CHANGING.includes(name) ? "change" : "look", { act: name, ...data });
  }

  let waiting = false;
  new MutationObserver(() => {
    if (!waiting) requestAnimationFrame(restore);
    waiting = true;
  }).observe(step, { childList: true, subtree: true });

  /** After a new drawing: folds are as the reader left them, and the keyboard is where it was, or where it is needed. */
  function restore() {
    waiting = false;
    for (const fold of step.querySelectorAll("details[data-key]")) {
      if (folds.get(fold.dataset.key) && !fold.open) fold.open = true;
    }
    showMerging(step);
    if (!step.querySelector(".nr-looking:not([data-over])")) step.querySelector("#check-found")?.style.removeProperty("min-height");
    const wanted = step.querySelector("[data-focus]");
    if (wanted) {
      wanted.removeAttribute("data-focus");
      wanted.focus();
      return wanted.scrollIntoView({ block: "nearest" });
    }
    const lost = document.activeElement === document.body && last;
    if (lost) (step.querySelector(`[data-key="${CSS.escape(last)}"]`) || step.querySelector(".nr-done [data-act]"))?.focus({ preventScroll: true });
  }
}

/** While findings are looked for anew, what stands below them stays where it is. */
function holdHeight(place) {
  if (place) place.style.minHeight = `${place.offsetHeight}px`;
}

function hide(button) {
  button.closest(".nr-done").remove();
}

/** What was typed into the fields of a row and differs from what stood there, by column. */
function written(form) {
  const cells = {};
  for (const field of form.querySelectorAll("[data-column]")) {
    const before = field.matches("select") ? [...field.options].find((one) => one.defaultSelected)?.value ?? "" : field.defaultValue.replace(/\r\n?/g, "\n");
    const value = field.selectedOptions?.[0]?.hasAttribute("data-other") ? field.closest(".nr-field-of").querySelector("[data-instead]").value.trim() : field.value;
    if (value !== before) cells[field.dataset.column] = value;
  }
  return cells;
}

function showOther(select) {
  const other = select.selectedOptions[0]?.hasAttribute("data-other");
  const field = select.closest(".nr-field-of").querySelector("[data-instead]");
  field.closest("label").hidden = !other;
  if (other) field.focus();
}

/** The field for one name is there once two classes are ticked. */
function showMerging(step) {
  const place = step.querySelector(".nr-merge");
  if (!place) return;
  const ticked = [...step.querySelectorAll("input[name=merge]:checked")];
  place.hidden = ticked.length < 2;
  const field = place.querySelector("input");
  if (ticked.length >= 2 && !field.value) field.value = ticked[0].value;
}
