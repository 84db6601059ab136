// The frame of every page: the title of the window, and light or dark as the reader chose it.

import { h } from "./dom.js";
import { choose, language, locale, tr } from "./language.js";

const KEY = "tunesmith-theme";
const AGAIN = 15000;

function wanted() {
  const chosen = localStorage.getItem(KEY);
  if (chosen) return chosen === "dark";
  const asked = new URLSearchParams(location.search).get("__theme");
  if (asked === "dark" || asked === "light") return asked === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function apply() {
  const dark = wanted();
  if (document.body.classList.contains("dark") === dark) return;
  document.body.classList.toggle("dark", dark);
}

/** The title of the browser's window; a live page puts its progress there. */
export function title(words) {
  document.title = words ? tr("{words} · Tunesmith", { words }) : "Tunesmith";
}

async function asked() {
  const response = await fetch(new URL("./me", document.baseURI).href).catch(() => null);
  return response?.ok ? await response.json() : {};
}

/** In a demo: when the things of whoever sees the page are removed. It is asked again as long as the page is open. */
async function sayUntil(place) {
  const { until } = await asked();
  const time = until && new Date(until * 1000).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  if (time && place.dataset.until !== time) place.textContent = tr("What you made is removed at {time}.", { time });
  if (time) place.dataset.until = time;
  place.hidden = !time;
  setTimeout(() => place.isConnected && sayUntil(place), AGAIN);
}

/** Who is signed in, where several people use the app, and the way out. */
async function introduce(form) {
  const me = await asked();
  if (!me.name) return;
  form.replaceChildren(h("span", {}, me.name), h("button", {}, tr("Sign out")));
  form.hidden = false;
  if (me.admin) for (const link of document.querySelectorAll('.ts-links a[href="./administrator"]')) link.hidden = false;
  showHere();
}

/** On a phone the links can be moved sideways: the one of this page is in sight. */
function showHere() {
  const links = document.querySelector(".ts-links");
  const here = links?.querySelector("[aria-current]");
  if (here) links.scrollLeft = here.offsetLeft - links.offsetLeft - 40;
}

/** Called when the bar is there. */
export function start(element) {
  const me = element.querySelector(".ts-me");
  const until = element.querySelector(".ts-until");
  if (until) sayUntil(until);
  else if (me) introduce(me);
  const bar = element.querySelector(".ts-bar");
  title(bar.dataset.title);
  document.body.dataset.mode = bar.dataset.mode;
  showHere();
  const languages = bar.querySelector(".ts-language");
  languages.value = language;
  languages.addEventListener("change", () => choose(languages.value));
  const toggle = bar.querySelector(".ts-theme");
  toggle.addEventListener("click", () => {
    localStorage.setItem(KEY, document.body.classList.contains("dark") ? "light" : "dark");
    apply();
  });
}

// Gradio sets the class when it mounts and when the system changes; the reader's own choice stands above both.
new MutationObserver(apply).observe(document.body, { attributes: true, attributeFilter: ["class"] });
apply();
