// How far publishing has come, below the playground of a run. The attempt goes on in the app whether or not it is seen.

import { button, fill, h, say } from "./dom.js";
import { tr, trParts } from "./language.js";
import { get, keepLooking } from "./poll.js";
import { duration, size } from "./words.js";

const TICK = 500;
const TELLING = 3;

export function start(element, trigger) {
  const id = new URLSearchParams(location.search).get("id") || "";
  const place = element.querySelector(".pub-progress");
  if (!id) return;
  const card = drawing(place, trigger);
  let seen = null;
  keepLooking(
    async () => {
      const { publication } = await get(`runs/${encodeURIComponent(id)}/publication`);
      card.draw(publication);
      if (seen !== null && seen !== "over" && publication?.is_over) trigger("over");
      seen = !publication ? "none" : publication.is_over ? "over" : "going";
      document.body.dataset.publishing = seen;
      return seen === "going" ? TICK : null;
    },
    () => {},
  );
}

function drawing(place, trigger) {
  const title = h("h3", {});
  const bar = h("div");
  const track = h("div", { class: "ts-progress", role: "progressbar", "aria-label": tr("Progress of publishing"), "aria-valuemin": 0, "aria-valuemax": 100 }, bar);
  const row = h("p", { class: "ts-soft" });
  const below = h("div", { class: "ts-status-row" });
  const cancel = button(tr("Cancel"), () => {
    cancel.disabled = true;
    trigger("cancel");
  });
  const going = h("div", { class: "pub-going" }, row, track, below, h("div", { class: "ts-actions" }, cancel));
  const over = h("div", {});
  const spoken = h("p", { class: "pub-spoken", role: "status" });
  const node = h("section", { class: "ts-note pub-attempt", hidden: true, "aria-label": tr("Publishing") }, h("div", {}, title, going, over));
  place.replaceChildren(spoken, node);
  let pace = null;

  function draw(publication) {
    node.hidden = !publication;
    if (!publication) return say(spoken, "");
    const { stage, is_over, heading } = publication;
    node.dataset.tone = { failed: "bad", cancelled: "warn", done: "good" }[stage] || "";
    say(title, heading);
    say(spoken, is_over ? heading : `${heading}: ${publication.words}`);
    going.hidden = is_over;
    over.hidden = !is_over;
    if (is_over) {
      pace = null;
      cancel.disabled = false;
      return fill(over, ended(publication, trigger));
    }
    drawBar(publication);
  }

  function drawBar({ stage, words, done_bytes: done, total_bytes: total }) {
    const share = stage === "uploading" && total ? Math.min(1, done / total) : null;
    say(row, words);
    track.classList.toggle("ts-unknown", share === null);
    bar.style.width = share === null ? "" : `${share * 100}%`;
    if (share === null) track.removeAttribute("aria-valuenow");
    else track.setAttribute("aria-valuenow", Math.floor(share * 100));
    const left = share === null ? null : timeLeft(done, total);
    fill(below, share !== null && h("span", {}, h("strong", {}, size(done)), tr(" of {total}", { total: size(total) })), left !== null && h("span", { class: "ts-right" }, soon(left)));
  }

  /** Seconds, from how fast it went since this page looks; null while that tells nothing. */
  function timeLeft(done, total) {
    const now = Date.now() / 1000;
    if (!pace || done < pace.done) pace = { since: now, done };
    const gone = now - pace.since;
    const sent = done - pace.done;
    return gone < TELLING || sent <= 0 ? null : Math.round(((total - done) * gone) / sent);
  }

  return { draw };
}

const soon = (left) => (left < 10 ? tr("a few seconds left") : trParts("about {time} left", { time: h("strong", {}, duration(left)) }));

function ended({ stage, words, advice, cause, page, repo }, trigger) {
  if (stage === "done") return [page && h("p", {}, h("a", { href: page, target: "_blank", rel: "noopener noreferrer" }, tr("Open {repo} on the Hub", { repo })))];
  const said = stage === "failed" ? advice : words;
  const details = cause && h("details", {}, h("summary", {}, tr("Technical details")), h("code", {}, cause));
  return [said && h("p", {}, linked(said)), details, h("div", { class: "ts-actions" }, button(stage === "failed" ? tr("Try again") : tr("Publish after all"), () => trigger("again")))];
}

/** Words in which the page for signing in can be clicked. */
function linked(words) {
  return words.split("“Hub account”").flatMap((part, place) => (place ? [h("a", { href: "./account" }, tr("Hub account")), part] : [part]));
}
