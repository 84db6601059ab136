// The page on which labels are checked: how it is begun, one disputed row at a time, what was decided, and what is next.

import { button, fill, h, prose, say } from "./dom.js";
import { inspector, labelWords, partWords } from "./labels_row.js";
import { tr, trMany, trParts } from "./language.js";
import { get, keepLooking } from "./poll.js";
import { title } from "./shell.js";
import { count, STATES } from "./words.js";

const LIVELY = 1000;
const QUIET = 15000;
const DONE = { keep: tr("Kept"), drop: tr("Taken out"), change: tr("Changed to") };

/** Called when Gradio has put the page there. */
export function start(element, trigger) {
  const place = element.querySelector("#ts-labels");
  const id = new URLSearchParams(location.search).get("run") || "";
  const notice = h("div", { role: "status" });
  const head = h("div", { class: "ts-head" });
  const body = h("div", { class: "ts-stack" }, ...place.childNodes);
  place.replaceChildren(notice, head, body);
  title(tr("Check the labels"));
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
      if (error.status && !body.firstChild) fill(head, h("div", {}, h("h1", {}, tr("Check the labels"))), h("div", { class: "ts-actions" }, h("a", { class: "ts-button", href: "./" }, tr("All runs"))));
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
  const words = found ? trParts("By estimate, about {wrong} of the {rows} labels of {run} are wrong. The most doubtful come first.", { wrong: count(found.wrong), rows: count(found.rows), run: runLink(told.run) }) : trParts("Of {run}", { run: runLink(told.run) });
  return h("div", {}, h("h1", {}, tr("Check the labels")), h("p", {}, words), failure(told));
}

function failure({ errand }) {
  return errand?.state === "failed" && h("div", { class: "ts-note", "data-tone": "bad", role: "alert" }, h("div", {}, h("strong", {}, errand.title), errand.advice));
}

function nameless() {
  return h(
    "section",
    { class: "ts-card ts-empty" },
    h("h1", {}, tr("Check the labels of a run")),
    h("p", {}, tr("Open this page from a finished run: “More”, then “Check the labels”.")),
    h("div", { class: "ts-actions" }, h("a", { class: "ts-button ts-primary", href: "./" }, tr("All runs"))),
  );
}

function firstSteps(told, trigger) {
  const step = (number, name, words) => h("li", {}, h("span", { "aria-hidden": "true" }, number), h("h2", {}, name), h("p", {}, words));
  const failed = failure(told);
  const rows = told.rows ? tr("All {rows} rows are read", { rows: count(told.rows) }) : tr("All rows are read");
  return h(
    "section",
    { class: "ts-card ts-empty" },
    h("h1", {}, tr("Find labels that are probably wrong")),
    h("p", {}, trParts("Most tables hold some rows with a wrong label. A model learns from those too, and is judged by them. Those of {run} are found here, and mended in minutes.", { run: runLink(told.run) })),
    h(
      "ol",
      {},
      step(1, tr("The doubtful are found"), tr("Each label is judged by small models that did not learn from its row. Where they strongly expect another one, the row is doubtful.")),
      step(2, tr("You decide"), tr("The most doubtful come first. With a key press each, you keep the label, change it, or take the row out.")),
      step(3, tr("Train again"), tr("One click trains again on the mended rows. Every row stays in its part, so the two runs can be compared.")),
    ),
    failed,
    told.why_not
      ? h("div", { class: "ts-note", "data-tone": "warn" }, h("div", {}, h("strong", {}, tr("It cannot be done for this run.")), told.why_not))
      : [h("p", { class: "ts-labels-time" }, tr("{rows}. Nothing is changed by it.", { rows })), ways(told), h("div", { class: "ts-actions" }, button(failed ? tr("Try again") : tr("Find doubtful labels"), begin, "ts-primary"))],
  );

  function begin() {
    const chosen = document.querySelector("#ts-labels input[name=way]:checked");
    trigger("begin", { way: chosen?.value || "quick" });
  }
}

const THOROUGH = tr("trains the model three more times, each time without the rows that it then judges. Can find more where small models are often wrong.");
const timed = (name, time) => `${name}${time && ` (${time})`}`;

/** How much trouble is to be taken. */
function ways({ times }) {
  const way = (value, name, words, isFirst) => h("label", {}, h("input", { type: "radio", name: "way", value, checked: isFirst }), h("span", {}, h("strong", {}, timed(name, times[value])), `: ${words}`));
  return h(
    "fieldset",
    { class: "ts-labels-ways" },
    h("legend", {}, tr("How thoroughly?")),
    way("quick", tr("Quick"), tr("small models learn from what the starting model makes of a text, and from its words."), true),
    way("thorough", tr("Thorough"), THOROUGH, false),
  );
}

function going(errand, trigger) {
  const share = Math.round(100 * errand.share);
  return h(
    "section",
    { class: "ts-card ts-labels-going" },
    h("h2", {}, tr("Looking for doubtful labels")),
    h("div", { class: "ts-progress", role: "progressbar", "aria-label": tr("How far it is"), "aria-valuenow": share, "aria-valuemin": 0, "aria-valuemax": 100 }, h("div", { style: { width: `${share}%` } })),
    h("p", { role: "status" }, `${errand.words}…`),
    h("p", { class: "ts-help" }, tr("You can leave this page: it goes on without it.")),
    h("div", { class: "ts-actions" }, button(tr("Cancel"), () => trigger("cancel", {}))),
  );
}

/** Everything that was decided, the newest first, with the way back to it. */
function decisions(told, looking) {
  const newest = [...told.decisions].reverse();
  if (!newest.length) return [h("h2", { id: "ts-decided" }, tr("What you decided")), h("p", { class: "ts-soft" }, tr("Nothing yet."))];
  const line = (one) =>
    h(
      "li",
      { "data-do": one.do },
      h("strong", {}, DONE[one.do], one.label !== null && ` ${labelWords(one.label)}`),
      one.about && h("span", {}, Object.values(one.about.texts).filter(Boolean).join(" · ").slice(0, 160)),
      one.about && h("small", {}, tr("was {label} · {about}", { label: labelWords(one.about.label), about: partWords(one.about) })),
      one.about && button(tr("Look again"), () => looking.go(one.about.place), "ts-plain"),
    );
  return [h("h2", { id: "ts-decided" }, tr("What you decided")), h("ul", { class: "ts-decided" }, newest.slice(0, 200).map(line))];
}

function mending(told, trigger) {
  const changed = told.decisions.filter((one) => one.do === "change").length;
  const dropped = told.decisions.filter((one) => one.do === "drop").length;
  const parts = [changed && trMany(changed, "{count} changed label", "{count} changed labels"), dropped && trMany(dropped, "{count} row taken out", "{count} rows taken out")].filter(Boolean);
  const trained = [...told.trained].reverse();
  return [
    h("h2", { id: "ts-mend" }, tr("Train again on the mended data")),
    h("p", {}, parts.length ? tr("A new run with {parts}. All else stays as it was: settings, model, and which rows are learned from and which are kept aside.", { parts: parts.join(tr(" and ")) }) : tr("As soon as a label is changed or a row taken out, a new run can learn from the mended rows. Your file stays as it is.")),
    h("div", { class: "ts-actions" }, h("button", { type: "button", class: "ts-button ts-primary", disabled: !parts.length, onclick: train }, tr("Train again on the mended data"))),
    trained.length > 0 && h("ul", { class: "ts-decided" }, trained.map((run) => trainedLine(told.run, run))),
  ];

  function train(event) {
    event.target.disabled = true;
    window.addEventListener("tunesmith:changed", () => (event.target.disabled = false), { once: true });
    trigger("train", {});
  }
}

function trainedLine(before, run) {
  if (!run.state) return h("li", {}, h("span", {}, tr("{name} was deleted.", { name: run.name })));
  const both = `./compare?runs=${encodeURIComponent(before.id)},${encodeURIComponent(run.id)}`;
  return h(
    "li",
    {},
    h("strong", {}, h("a", { href: `./run?id=${encodeURIComponent(run.id)}` }, run.name)),
    h("span", {}, STATES[run.state] || run.state),
    run.state === "finished" && h("a", { class: "ts-button", href: both }, tr("See what it brought")),
  );
}

function explained(told, trigger) {
  const { found } = told;
  const isThorough = found.way === "thorough";
  const again = () => trigger("begin", { way: "thorough" });
  return h(
    "details",
    { class: "ts-card ts-labels-how" },
    h("summary", {}, tr("How they were found, and how sure that is")),
    h("p", {}, tr("All {rows} rows were shared out into five groups. The labels of each group were judged by models that learned from the other four: one on what the starting model (before its training) makes of a text, one on the words and pieces of words in it. What they say is averaged, the better one weighing more.", { rows: count(found.rows) })),
    isThorough && h("p", {}, tr("Beside them, the model itself was trained three more times with the settings of this run (with fewer readings where it had many), each time on two thirds of all rows; it judged the other third. That is a part of the average too.")),
    h("p", {}, prose(tr("Rows are ranked by how likely their own label is; how many are wrong is estimated by `confident learning` (Northcutt, Jiang and Chuang, 2021), with the library `cleanlab`. It counts how often the models are sure of another label than the given one."))),
    h("p", {}, tr("The models err too. In tables with labels swapped on purpose, most of the first rows were truly wrong, and further down fewer and fewer. That is why nothing is changed until you say so.")),
    found.unjudged > 0 && h("p", {}, trMany(found.unjudged, "1 row could not be judged, as its label has fewer than five different texts. It stands last.", "{count} rows could not be judged, as their label has fewer than five different texts. They stand last.")),
    h("p", {}, tr("Rows of the validation and test parts are checked as well: a wrong label there makes the mark of every model wrong. Marks from before and after mending such rows are not measured by the same labels; a comparison of the two runs judges both by the newer ones.")),
    !isThorough && [h("p", {}, tr("Thorough: {thorough} What you decided stays.", { thorough: THOROUGH })), h("div", { class: "ts-actions" }, button(timed(tr("Check again, thoroughly"), told.times.thorough), again))],
  );
}


function complaint(error) {
  const words = error.status ? [error.title || error.message, error.advice || ""] : [tr("The app does not answer."), tr("This page asks again and catches up.")];
  return h("div", { class: "ts-note", "data-tone": "warn", style: { "margin-bottom": "16px" } }, h("div", {}, h("strong", {}, words[0]), words[1]));
}
