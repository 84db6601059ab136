// The thresholds of an answer with several labels: moving one re-decides its label at once, in the browser alone.

import { h, say } from "./dom.js";
import { tr } from "./language.js";
import { mark } from "./words.js";

let watching = false;

/** Listens for the whole page, so that answers that are drawn later work too. May be called more than once. */
export function start() {
  if (watching) return;
  watching = true;
  document.addEventListener("input", ({ target }) => {
    if (!target.matches?.(".nr-thresholds input")) return;
    decide(target.closest("li"), Number(target.value));
    choose(target.closest(".nr-labels"));
  });
  document.addEventListener("click", ({ target }) => {
    const answer = target.closest?.(".nr-tuned") && target.closest(".nr-labels");
    if (answer) restore(answer);
  });
  takeUp();
}

/** A slider may have been moved before this script was there. */
function takeUp() {
  for (const slider of document.querySelectorAll(".nr-thresholds input")) {
    if (Math.abs(slider.value - slider.defaultValue) < 0.006) continue; // the browser's own rounding
    decide(slider.closest("li"), Number(slider.value));
    choose(slider.closest(".nr-labels"));
  }
}

function decide(line, threshold) {
  const slider = line.querySelector("input");
  const chosen = Number(line.dataset.score) >= threshold;
  line.dataset.chosen = chosen ? "1" : "0";
  line.querySelector(".nr-bar-track i").style.left = `${Math.min(100, Math.max(0, 100 * threshold))}%`;
  slider.setAttribute("aria-valuetext", `${mark(threshold)}, ${chosen ? "chosen" : tr("not chosen")}`);
  say(line.querySelector(".nr-from"), tr("from {threshold}", { threshold: mark(threshold) }));
}

/** The chips of all chosen labels, the most probable first, as the lines are. */
function choose(answer) {
  const lines = [...answer.querySelectorAll(".nr-thresholds li")];
  const names = lines.filter((line) => line.dataset.chosen === "1").map((line) => line.dataset.label);
  const chips = names.map((name) => h("span", { class: "nr-chip" }, name));
  answer.querySelector(".nr-chosen").replaceChildren(...(chips.length ? chips : [tr("none of them")]));
}

function restore(answer) {
  for (const line of answer.querySelectorAll(".nr-thresholds li")) {
    const tuned = Number(line.dataset.tuned);
    line.querySelector("input").value = tuned;
    decide(line, tuned);
  }
  choose(answer);
}
