// The judgements that were made of a run's model after its own: how far one is, the list of them, and the head of the
// page that shows one in place of the run's own report.

import { ask, button, fill, h, prose, say } from "./dom.js";
import { tr, trMany } from "./language.js";
import { api, get, keepLooking } from "./poll.js";
import { mark, moment } from "./words.js";

const TICK = 500;
const run = () => new URLSearchParams(location.search).get("id") || "";

/** The name of the judgement that the page's address asks for, or an empty text. */
export const judgementName = () => new URLSearchParams(location.search).get("judgement") || "";

const page = (id, name) => `./run?id=${encodeURIComponent(id)}${name ? `&judgement=${encodeURIComponent(name)}` : ""}`;
const place = (id, name) => `runs/${encodeURIComponent(id)}/judgements/${encodeURIComponent(name)}`;

/** Called when Gradio has put the card on the page. */
export function start(element, trigger) {
  const id = run();
  if (!id) return;
  const errand = progress(trigger);
  const list = h("div", {});
  element.querySelector(".ja-board").replaceChildren(errand.node, list);
  let known = null;
  keepLooking(
    async () => {
      const told = (await get(`runs/${encodeURIComponent(id)}/errands/judge`)).errand;
      const going = told?.state === "going";
      if (!going || known === null) known = (await get(`runs/${encodeURIComponent(id)}/judgements`)).judgements;
      errand.draw(id, told, known);
      fill(list, made(id, known, trigger));
      document.body.dataset.judging = going ? "yes" : "no";
      return going ? TICK : null;
    },
    () => {},
  );
}

function progress(trigger) {
  const title = h("strong", {});
  const words = h("p", { class: "ts-soft" });
  const bar = h("div");
  const track = h("div", { class: "ts-progress", role: "progressbar", "aria-label": tr("Progress of judging"), "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  const cancel = button(tr("Cancel"), () => {
    cancel.disabled = true;
    trigger("cancel");
  });
  const going = h("div", {}, track, h("div", { class: "ts-actions" }, cancel));
  const spoken = h("p", { class: "pub-spoken", role: "status" });
  const card = h("section", { class: "ts-note ja-errand", hidden: true, "aria-label": tr("Judging") }, h("div", {}, title, words, going));

  function draw(id, told, known) {
    const done = told?.state === "done";
    // What was made and removed since needs no word.
    card.hidden = !told || told.state === "cancelled" || (done && !known.some((one) => one.name === told.result.name));
    if (card.hidden) return say(spoken, told?.state === "cancelled" ? tr("Judging was cancelled.") : "");
    const failed = told.state === "failed";
    card.dataset.tone = failed ? "bad" : done ? "good" : "";
    say(title, failed ? told.title : done ? tr("Judged on {title}", { title: told.result.title }) : tr("Judging"));
    fill(words, failed ? prose(told.advice || "") : done ? h("a", { href: page(id, told.result.name) }, tr("Open the report")) : told.words);
    say(spoken, failed || done ? title.textContent : tr("Judging: {words}", { words: told.words }));
    going.hidden = failed || done;
    if (going.hidden) cancel.disabled = false;
    bar.style.width = `${told.share * 100}%`;
    track.setAttribute("aria-valuenow", Math.floor(told.share * 100));
  }
  return { node: h("div", {}, spoken, card), draw };
}

function made(id, known, trigger) {
  if (!known.length) return h("p", { class: "ja-none" }, tr("Nothing was judged beside the run's own test part yet. Open “Judge other rows” and give some: each report stands here with its mark, so that you see where the model holds and where it does not."));
  return h("ul", { class: "ja-list", "aria-label": tr("Judgements made") }, known.map((one) => line(id, one, trigger)));
}

function line(id, one, trigger) {
  const shown = one.name === judgementName();
  return h(
    "li",
    {},
    h("div", {}, h("a", { href: page(id, one.name), "aria-current": shown ? "page" : null }, one.title), h("span", {}, `${one.for_comparing ? tr("for a comparison") : one.name} · ${trMany(one.rows, "{count} row", "{count} rows")} · ${moment(one.created)}`)),
    h("div", { class: "ja-mark" }, h("strong", {}, mark(one.mark, one.style)), h("span", {}, one.label)),
    h(
      "div",
      { class: "ts-actions" },
      h("a", { class: "ts-button ts-plain", href: api(`${place(id, one.name)}/rows.parquet`), download: true, "aria-label": tr("The judged rows of {one} as Parquet", { one: called(one) }) }, tr("Rows")),
      h("a", { class: "ts-button ts-plain", href: api(`${place(id, one.name)}/report.json`), download: true, "aria-label": tr("The report of {one} as JSON", { one: called(one) }) }, "JSON"),
      h("button", { type: "button", class: "ts-button ts-plain", "aria-label": tr("Remove {one}", { one: called(one) }), onclick: () => remove(id, one, trigger) }, tr("Remove")),
    ),
  );
}

/** By name; one that was made for a comparison has a name that says nothing to people. */
const called = ({ name, title, for_comparing: isOther }) => (isOther ? title : name);

async function remove(id, one, trigger) {
  const { name, title } = one;
  const lost = one.for_comparing ? tr(" The comparison that it was made for does without it from then on.") : "";
  const text = tr("The report on {title} and its judged rows are deleted. The run and its own report stay.{lost}", { title, lost });
  if (!(await ask({ title: tr("Remove “{one}”?", { one: called(one) }), text, yes: tr("Remove"), danger: true }))) return;
  trigger("remove", { name });
  if (name !== judgementName()) return;
  // A page that is left takes what it has not sent yet with it.
  await isGone(id, name);
  location.href = page(id);
}

async function isGone(id, name) {
  for (let looks = 0; looks < 60; looks++) {
    const { judgements } = await get(`runs/${encodeURIComponent(id)}/judgements`);
    if (!judgements.some((one) => one.name === name)) return;
    await new Promise((again) => setTimeout(again, 250));
  }
}

/** What stands at the top while a judgement is shown in place of the run's own report: what it is of, and the way back. */
export function heading(id, answer) {
  const { judged, verdict, created } = answer.report;
  return h(
    "section",
    { class: "ts-card ts-outcome ja-head", "aria-label": tr("Judgement") },
    h("div", { class: "ts-status-row" }, h("span", { class: "ts-badge" }, tr("Judged later")), h("span", { class: "ts-right" }, `${trMany(judged.rows, "{count} row", "{count} rows")}, ${moment(created)}`)),
    h("h2", {}, tr("On {title}", { title: judged.title })),
    h("p", { class: "ts-verdict" }, prose(verdict)),
    h(
      "div",
      { class: "ts-actions" },
      h("a", { class: "ts-button ts-primary", href: page(id) }, tr("Back to the run's own report")),
      h("a", { class: "ts-button", href: api(`${place(id, judged.name)}/rows.parquet`), download: true }, tr("Judged rows (Parquet)")),
      h("a", { class: "ts-button", href: api(`${place(id, judged.name)}/report.json`), download: true }, tr("Report (JSON)")),
    ),
  );
}

/** The same where there is no such judgement any more. */
export function missing(id, error) {
  return h("section", { class: "ts-note", "data-tone": "warn" }, h("div", {}, h("strong", {}, error.title || tr("There is no such judgement.")), error.advice || ""), h("a", { class: "ts-button", href: page(id) }, tr("To the run's own report")));
}
