// The page on which labels are checked: how it is begun, one disputed row at a time, what was decided, and what is next.

import { button, fill, h, prose, say } from "./dom.js";
import { inspector, labelWords, partWords } from "./labels_row.js";
import { get, keepLooking } from "./poll.js";
import { title } from "./shell.js";
import { count, STATES } from "./words.js";

const LIVELY = 1000;
const QUIET = 15000;
const DONE = { keep: "Kept", drop: "Taken out", change: "Changed to" };

/** Called when Gradio has put the page there. */
export function start(element, trigger) {
  const place = element.querySelector("#ts-labels");
  const id = new URLSearchParams(location.search).get("run") || "";
  const notice = h("div", { role: "status" });
  const head = h("div", { class: "ts-head" });
  const body = h("div", { class: "ts-stack" }, ...place.childNodes);
  place.replaceChildren(notice, head, body);
  title("Check the labels");
  if (!id) return fill(body, nameless());
  const beginning = h("div");
  const sending = sender(trigger);
  const anew = () => inspector(id, sending.send);
  let looking = anew();
  const decided = h("section", { class: "ts-card", "aria-labelledby": "ts-decided" });
  const how = h("div");
  const next = h("section", { class: "ts-card ts-mend", "aria-labelledby": "ts-mend" });
  keepLooking(
    async () => {
      const told = await get(`runs/${encodeURIComponent(id)}/labels`);
      fill(notice);
      const isGoing = told.errand?.state === "going";
      fill(head, (told.found || isGoing) && heading(told));
      // What is found anew stands in another order.
      if (isGoing && looking.node.isConnected) {
        looking = anew();
        history.replaceState(null, "", `./labels?run=${encodeURIComponent(id)}`);
      }
      if (told.found && !isGoing) {
        if (!looking.node.isConnected) body.replaceChildren(looking.node, next, decided, how);
        fill(how, explained(told, trigger));
        sending.heard();
        await looking.draw({ ...told, decisions: sending.overlaid(told.decisions) });
        fill(decided, decisions(told, looking));
        fill(next, mending(told, trigger));
      } else {
        if (!beginning.isConnected) body.replaceChildren(beginning);
        fill(beginning, isGoing ? going(told.errand, trigger) : firstSteps(told, trigger));
      }
      const learning = told.trained.some((run) => ["running", "queued"].includes(run.state));
      return isGoing ? LIVELY : learning ? 5 * LIVELY : QUIET;
    },
    (failures, error) => {
      if (!error.status && failures < 2) return;
      fill(notice, complaint(error));
      if (error.status && !body.firstChild) fill(head, h("div", {}, h("h1", {}, "Check the labels")), h("div", { class: "ts-actions" }, h("a", { class: "ts-button", href: "./" }, "All runs")));
    },
  );
}

/** Decisions go to the server one bunch after the other, so that a quick hand is never overtaken by itself. */
function sender(trigger) {
  let waiting = [];
  let onTheWay = [];
  function flush() {
    if (onTheWay.length || !waiting.length) return;
    onTheWay = waiting;
    waiting = [];
    // As text: Gradio takes whatever has a "path" for a file.
    trigger("decide", { list: JSON.stringify(onTheWay.map(({ key, what }) => ({ key, what }))) });
  }
  window.addEventListener("tunesmith:changed", () => {
    onTheWay = [];
    flush();
  });
  return {
    send(decision) {
      waiting.push(decision);
      flush();
    },
    heard: flush,
    /** What the server has, with what it has not heard yet. */
    overlaid(decisions) {
      const standing = new Map(decisions.map((one) => [one.key, one]));
      for (const { key, what, standing: shown } of [...onTheWay, ...waiting]) {
        standing.delete(key);
        if (what !== "undo") standing.set(key, shown);
      }
      return [...standing.values()];
    },
  };
}

const runLink = (run) => h("a", { href: `./run?id=${encodeURIComponent(run.id)}` }, run.name);

function heading(told) {
  const { found } = told;
  const words = found ? [`Of the ${plural(found.rows, "label")} of `, runLink(told.run), ` about ${count(found.wrong)} ${found.wrong === 1 ? "is" : "are"} wrong, by estimate. The most doubtful come first.`] : ["Of ", runLink(told.run)];
  return h("div", {}, h("h1", {}, "Check the labels"), h("p", {}, words), failure(told));
}

function failure({ errand }) {
  return errand?.state === "failed" && h("div", { class: "ts-note", "data-tone": "bad", role: "alert" }, h("div", {}, h("strong", {}, errand.title), errand.advice));
}

function nameless() {
  return h(
    "section",
    { class: "ts-card ts-empty" },
    h("h1", {}, "Check the labels of a run"),
    h("p", {}, "Open this page from a finished run: “More”, then “Check the labels”."),
    h("div", { class: "ts-actions" }, h("a", { class: "ts-button ts-primary", href: "./" }, "All runs")),
  );
}

function firstSteps(told, trigger) {
  const step = (number, name, words) => h("li", {}, h("span", { "aria-hidden": "true" }, number), h("h2", {}, name), h("p", {}, words));
  const failed = failure(told);
  const rows = told.rows ? `All ${count(told.rows)} rows are read` : "All rows are read";
  return h(
    "section",
    { class: "ts-card ts-empty" },
    h("h1", {}, "Find labels that are probably wrong"),
    h("p", {}, "Most tables hold some rows with a wrong label. A model learns from those too, and is judged by them. Those of ", runLink(told.run), " are found here, and mended in minutes."),
    h(
      "ol",
      {},
      step(1, "The doubtful are found", "Each label is judged by small models that did not learn from its row. Where they strongly expect another one, the row is doubtful."),
      step(2, "You decide", "The most doubtful come first. With a key press each, you keep the label, change it, or take the row out."),
      step(3, "Train again", "One click trains again on the mended rows. Every row stays in its part, so the two runs can be compared."),
    ),
    failed,
    told.why_not
      ? h("div", { class: "ts-note", "data-tone": "warn" }, h("div", {}, h("strong", {}, "It cannot be done for this run."), told.why_not))
      : [h("p", { class: "ts-labels-time" }, `${rows}. Nothing is changed by it.`), ways(told), h("div", { class: "ts-actions" }, button(failed ? "Try again" : "Find doubtful labels", begin, "ts-primary"))],
  );

  function begin() {
    const chosen = document.querySelector("#ts-labels input[name=way]:checked");
    trigger("begin", { way: chosen?.value || "quick" });
  }
}

const THOROUGH = "trains the model three more times, each time without the rows that it then judges. Can find more where small models are often wrong.";
const timed = (name, time) => `${name}${time && ` (${time})`}`;

/** How much trouble is to be taken. */
function ways({ times }) {
  const way = (value, name, words, isFirst) => h("label", {}, h("input", { type: "radio", name: "way", value, checked: isFirst }), h("span", {}, h("strong", {}, timed(name, times[value])), `: ${words}`));
  return h(
    "fieldset",
    { class: "ts-labels-ways" },
    h("legend", {}, "How thoroughly?"),
    way("quick", "Quick", "small models learn from what the starting model makes of a text, and from its words.", true),
    way("thorough", "Thorough", THOROUGH, false),
  );
}

function going(errand, trigger) {
  const share = Math.round(100 * errand.share);
  return h(
    "section",
    { class: "ts-card ts-labels-going" },
    h("h2", {}, "Looking for doubtful labels"),
    h("div", { class: "ts-progress", role: "progressbar", "aria-label": "How far it is", "aria-valuenow": share, "aria-valuemin": 0, "aria-valuemax": 100 }, h("div", { style: { width: `${share}%` } })),
    h("p", { role: "status" }, `${errand.words}…`),
    h("p", { class: "ts-help" }, "You can leave this page: it goes on without it."),
    h("div", { class: "ts-actions" }, button("Cancel", () => trigger("cancel", {}))),
  );
}

/** Everything that was decided, the newest first, with the way back to it. */
function decisions(told, looking) {
  const newest = [...told.decisions].reverse();
  if (!newest.length) return [h("h2", { id: "ts-decided" }, "What you decided"), h("p", { class: "ts-soft" }, "Nothing yet.")];
  const line = (one) =>
    h(
      "li",
      { "data-do": one.do },
      h("strong", {}, DONE[one.do], one.label !== null && ` ${labelWords(one.label)}`),
      one.about && h("span", {}, Object.values(one.about.texts).filter(Boolean).join(" · ").slice(0, 160)),
      one.about && h("small", {}, `was ${labelWords(one.about.label)} · ${partWords(one.about)}`),
      one.about && button("Look again", () => looking.go(one.about.place), "ts-plain"),
    );
  return [h("h2", { id: "ts-decided" }, "What you decided"), h("ul", { class: "ts-decided" }, newest.slice(0, 200).map(line))];
}

function mending(told, trigger) {
  const changed = told.decisions.filter((one) => one.do === "change").length;
  const dropped = told.decisions.filter((one) => one.do === "drop").length;
  const parts = [changed && `${plural(changed, "changed label")}`, dropped && `${plural(dropped, "row")} taken out`].filter(Boolean);
  const trained = [...told.trained].reverse();
  return [
    h("h2", { id: "ts-mend" }, "Train again on the mended data"),
    h("p", {}, parts.length ? `A new run with ${parts.join(" and ")}. All else stays as it was: settings, model, and which rows are learned from and which are kept aside.` : "As soon as a label is changed or a row taken out, a new run can learn from the mended rows. Your file stays as it is."),
    h("div", { class: "ts-actions" }, h("button", { type: "button", class: "ts-button ts-primary", disabled: !parts.length, onclick: train }, "Train again on the mended data")),
    trained.length > 0 && h("ul", { class: "ts-decided" }, trained.map((run) => trainedLine(told.run, run))),
  ];

  function train(event) {
    event.target.disabled = true;
    window.addEventListener("tunesmith:changed", () => (event.target.disabled = false), { once: true });
    trigger("train", {});
  }
}

function trainedLine(before, run) {
  if (!run.state) return h("li", {}, h("span", {}, `${run.name} was deleted.`));
  const both = `./compare?runs=${encodeURIComponent(before.id)},${encodeURIComponent(run.id)}`;
  return h(
    "li",
    {},
    h("strong", {}, h("a", { href: `./run?id=${encodeURIComponent(run.id)}` }, run.name)),
    h("span", {}, STATES[run.state] || run.state),
    run.state === "finished" && h("a", { class: "ts-button", href: both }, "See what it brought"),
  );
}

function explained(told, trigger) {
  const { found } = told;
  const isThorough = found.way === "thorough";
  const again = () => trigger("begin", { way: "thorough" });
  return h(
    "details",
    { class: "ts-card ts-labels-how" },
    h("summary", {}, "How they were found, and how sure that is"),
    h("p", {}, `All ${count(found.rows)} rows were shared out into five groups. The labels of each group were judged by models that learned from the other four: one on what the starting model (before its training) makes of a text, one on the words and pieces of words in it. What ${isThorough ? "they" : "the two"} say is averaged, the better one weighing more.`),
    isThorough && h("p", {}, "Beside them, the model itself was trained three more times with the settings of this run (with fewer readings where it had many), each time on two thirds of all rows; it judged the other third. That is a part of the average too."),
    h("p", {}, prose("Rows are ranked by how likely their own label is; how many are wrong is estimated by `confident learning` (Northcutt, Jiang and Chuang, 2021), with the library `cleanlab`. It counts how often the models are sure of another label than the given one.")),
    h("p", {}, "The models err too. In tables with labels swapped on purpose, most of the first rows were truly wrong, and further down fewer and fewer. That is why nothing is changed until you say so."),
    found.unjudged > 0 && h("p", {}, `${plural(found.unjudged, "row")} could not be judged, as their label has fewer than five different texts. They stand last.`),
    h("p", {}, "Rows of the validation and test parts are checked as well: a wrong label there makes the mark of every model wrong. Marks from before and after mending such rows are not measured by the same labels; a comparison of the two runs judges both by the newer ones."),
    !isThorough && [h("p", {}, `Thorough: ${THOROUGH} What you decided stays.`), h("div", { class: "ts-actions" }, button(timed("Check again, thoroughly", told.times.thorough), again))],
  );
}

const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

function complaint(error) {
  const words = error.status ? [error.title || error.message, error.advice || ""] : ["The app does not answer.", "This page asks again and catches up."];
  return h("div", { class: "ts-note", "data-tone": "warn", style: { "margin-bottom": "16px" } }, h("div", {}, h("strong", {}, words[0]), words[1]));
}
