// A person's tokens for programs, where several people use the app: what they are, a new one, an end to one.

import { ask, button, fill, h } from "./dom.js";
import { locale, tr } from "./language.js";
import { moment } from "./words.js";

const ENDS = [["90", tr("90 days")], ["30", tr("30 days")], ["365", tr("a year")], ["", tr("until it is ended")]];

/** A card that reads the tokens and keeps itself up to date. `base` is where the interface stands. */
export function tokens(base) {
  const list = h("div", { role: "status" }, h("p", { class: "ts-soft" }, tr("Reading your tokens …")));
  const fresh = h("div", {});
  const name = h("input", { name: "name", maxlength: 60, required: true, autocomplete: "off" });
  const days = h("select", { name: "days" }, ENDS.map(([value, words]) => h("option", { value }, words)));
  const form = h(
    "form",
    { class: "pg-token-form", onsubmit: (event) => make(event) },
    h("label", {}, tr("What it is for"), name),
    h("label", {}, tr("Good for"), days),
    h("button", { class: "ts-button ts-primary" }, tr("Make a token")),
  );

  async function make(event) {
    event.preventDefault();
    const answer = await tell(fresh, "", { name: name.value, days: days.value ? Number(days.value) : null });
    if (!answer) return;
    form.reset();
    fill(fresh, shown(answer.shown, base));
    fresh.querySelector("input").select();
    await read();
  }

  async function read() {
    const answer = await fetch(place("")).catch(() => null);
    const told = answer?.ok ? await answer.json() : null;
    fill(list, told ? lines(told.tokens) : wrong(tr("Your tokens cannot be read now."), tr("Load the page again.")));
  }

  function lines(found) {
    if (!found.length) return h("p", { class: "ts-soft" }, tr("You have no token yet."));
    return h("ul", { class: "pg-tokens" }, found.map((one) => h("li", {}, h("div", {}, h("strong", {}, one.name), h("span", { class: "ts-help" }, facts(one))), h("button", { type: "button", class: "ts-button ts-plain", "aria-label": tr("End the token: {name}", { name: one.name }), onclick: () => end(one) }, tr("End it")))));
  }

  async function end(one) {
    const sure = await ask({ title: tr("End the token “{name}”?", { name: one.name }), text: tr("Programs that show it are refused from now on. This cannot be undone."), yes: tr("End it"), danger: true });
    if (!sure) return;
    if (await tell(list, "/end", { id: one.id })) await read();
  }

  read();
  return h(
    "section",
    { class: "ts-card pg-begin", "aria-labelledby": "pg-tokens" },
    h("h2", { id: "pg-tokens" }, tr("Your tokens")),
    h("p", {}, tr("A program comes in with a token of yours. It then may do with your runs and files what you may, and sees nothing of others; it opens no page. Keep it as you keep a password.")),
    list,
    fresh,
    form,
  );
}

const place = (path) => new URL(`./me/tokens${path}`, document.baseURI).href;

/** Sends this; what was answered, or null where that failed, which `where` then says. */
async function tell(where, path, body) {
  const answer = await fetch(place(path), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }).catch(() => null);
  const told = (await answer?.json().catch(() => null)) || {};
  if (answer?.ok) return told;
  fill(where, wrong(told.title || tr("The app does not answer."), told.advice || tr("Try again in a moment.")));
  return null;
}

function wrong(title, advice) {
  return h("p", { class: "ts-note", "data-tone": "bad", role: "alert" }, `${title} ${advice}`);
}

function facts({ made, until, used }) {
  return [tr("made {when}", { when: moment(made) }), used ? tr("last used {when}", { when: moment(used) }) : tr("never used"), until ? tr("good until {day}", { day: day(until) }) : tr("without an end")].join(" · ");
}

const day = (seconds) => new Date(seconds * 1000).toLocaleDateString(locale, { day: "numeric", month: "long", year: "numeric" });

/** The token, this once, with what to do with it. */
function shown(token, base) {
  const field = h("input", { readonly: true, value: token, "aria-label": tr("The token"), onfocus: () => field.select() });
  const copy = button(tr("Copy"), async () => {
    field.select();
    await navigator.clipboard?.writeText(token).catch(() => {});
    copy.textContent = tr("Copied");
  });
  return h("div", { class: "ts-note pg-shown" }, h("div", {}, h("strong", {}, tr("This is the token. It is shown this once; copy it now.")), field, h("pre", { tabindex: "0" }, `curl -H "Authorization: Bearer $TOKEN" ${base}/runs`)), copy);
}
