// Being told when a run is over: a note of the browser and a short sound, for whoever has this page open.

import { h } from "./dom.js";
import { tr, within } from "./language.js";
import { STATES } from "./words.js";

const KEY = "tunesmith:tell";
const wanted = () => localStorage.getItem(KEY) === "yes";

/** The button that asks to be told. It remembers the answer for all runs. */
export function bell() {
  const words = wanted() ? tr("You will be told") : tr("Tell me when it is done");
  return h("button", { type: "button", class: "ts-button", "aria-pressed": String(wanted()), title: tr("A note and a short sound from this page, while it is open in a tab"), onclick: toggle }, words);
}

async function toggle(event) {
  const node = event.currentTarget;
  localStorage.setItem(KEY, wanted() ? "no" : "yes");
  if (wanted()) {
    beep(0.05); // A browser lets a page sound only after a click.
    if ("Notification" in window && Notification.permission === "default") await Notification.requestPermission();
  }
  node.textContent = wanted() ? tr("You will be told") : tr("Tell me when it is done");
  node.setAttribute("aria-pressed", String(wanted()));
}

/** Tell that a run has come to its end, where that was asked for. */
export function tell(run, state) {
  if (!wanted()) return;
  beep(0.3);
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const note = new Notification(`${run.name}: ${within(STATES[state.state])}`, {
    body: state.judged?.verdict || state.end?.title || "",
    tag: run.id,
  });
  note.onclick = () => window.focus();
}

let sound = null;

function beep(volume) {
  sound = sound || new AudioContext();
  const [tone, gain] = [sound.createOscillator(), sound.createGain()];
  tone.frequency.value = 660;
  gain.gain.setValueAtTime(volume, sound.currentTime);
  gain.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + 0.6);
  tone.connect(gain).connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.6);
}
