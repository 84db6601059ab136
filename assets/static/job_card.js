// The card of a rented machine: how it stands as the Hub has said, what it has cost, and giving it back.

import { ask, button, fill, h } from "./dom.js";
import { locale, tr } from "./language.js";
import { clock, duration } from "./words.js";

const STAGES = {
  "": () => tr("Not rented yet"),
  SCHEDULING: () => tr("Being prepared"),
  RUNNING: () => tr("Running"),
  COMPLETED: () => tr("Done and gone"),
  CANCELED: () => tr("Given back"),
  ERROR: () => tr("Failed and gone"),
  DELETED: () => tr("Gone"),
};
const TONES = { RUNNING: "running", SCHEDULING: "queued", COMPLETED: "finished", ERROR: "failed" };

export const dollars = (sum) => (sum > 0 && sum < 0.01 ? tr("less than 0.01 $") : `${sum.toLocaleString(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} $`);

/** Drawn while there is, or was, a rented machine. `send` hands a command to the server. */
export function jobCard(send) {
  const node = h("section", { class: "ts-card ts-job", "aria-label": tr("Rented machine"), hidden: true });

  function draw({ job, stopping }) {
    node.hidden = !job;
    if (node.hidden) return;
    fill(node, head(job), trouble(job, send), facts(job), actions(job, stopping, send));
  }
  return { node, draw };
}

/** What it does while nothing was heard of the training yet; empty where nothing is known. */
export const prepares = ({ job }) => (job?.open ? (isUnknown(job) && tr("Not known")) || job.doing || (job.stage === "RUNNING" ? tr("The rented machine installs its packages") : tr("A machine is being prepared")) : "");

/** Whether the Hub cannot be asked now how it stands. */
const isUnknown = (job) => job.open && Boolean(job.trouble || !job.followed);

function head(job) {
  const words = isUnknown(job) ? tr("Not known") : (STAGES[job.stage] || (() => job.stage))();
  const tone = isUnknown(job) ? "interrupted" : TONES[job.stage] || "stopped";
  const link = job.url && h("a", { class: "ts-right", href: job.url, target: "_blank", rel: "noopener" }, tr("Its page on the Hub"));
  return h("div", { class: "ts-status-row" }, h("h2", {}, tr("Rented machine")), h("span", { class: "ts-badge", "data-state": tone }, words), link);
}

function trouble(job, send) {
  if (!isUnknown(job)) return null;
  const since = job.asked ? tr("The Hub cannot be asked since {time}.", { time: clock(job.asked) }) : tr("The Hub could not be asked yet.");
  const title = job.followed ? since : tr("Nobody follows this machine.");
  const why = job.followed ? job.trouble : tr("The token that the run was started with was kept in memory only, and is gone. Sign in on the page “Hub account”, then follow it.");
  return h(
    "div",
    { class: "ts-note", "data-tone": "bad", role: "alert" },
    h("div", {}, h("strong", {}, `${title} ${tr("The machine may still be running and costing.")}`), why),
    h("div", { class: "ts-actions" }, button(job.followed ? tr("Ask as me") : tr("Follow it"), () => send("followit"), "ts-primary"), isLong(job) && button(tr("Let go of it"), () => letGo(job, send))),
  );
}

/** A Hub that does not answer for a moment is no reason to give up on a machine. */
const isLong = (job) => !job.followed || Date.now() / 1000 - (job.asked || 0) > 600;

function facts(job) {
  const cost = tr("{cost} of {most} at the most", { cost: dollars(job.cost), most: dollars(job.most) });
  const pairs = [
    [tr("Machine"), job.machine],
    [tr("Cost"), job.open && job.cost ? `${cost}${isUnknown(job) ? `, ${tr("if it still runs")}` : ""}` : cost],
    [tr("Price"), tr("{price} an hour", { price: dollars(job.price) })],
    [tr("Has run for"), tr("{time} of {limit}", { time: duration(job.seconds), limit: duration(job.limit) })],
    [tr("Paid by"), job.namespace],
    [tr("Private repository"), job.repo],
  ];
  return h("dl", { class: "ts-job-facts" }, pairs.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function actions(job, stopping, send) {
  if (job.open && job.id && stopping !== "nothing" && job.followed) return h("div", { class: "ts-actions" }, button(tr("Give the machine back now"), () => giveBack(send)));
  if (!job.open && job.repo) return h("div", { class: "ts-actions" }, button(tr("Delete the private repository"), () => deleteRepository(job, send)));
  return null;
}

async function giveBack(send) {
  const sure = await ask({
    title: tr("Give the machine back now?"),
    text: tr("It is taken away at once, and costs nothing any more. What it has learned so far is lost: to keep a model, stop the training instead."),
    yes: tr("Give it back"),
    danger: true,
  });
  if (sure) send("stop", { kept: "nothing" });
}

async function letGo(job, send) {
  const sure = await ask({
    title: tr("Is the machine gone?"),
    text: tr("Look at your Jobs on the Hub first, and stop it there if it still runs: nothing here can. The run counts as failed then, and nothing of it is fetched any more."),
    yes: tr("It is gone: let go of it"),
    danger: true,
  });
  if (sure) send("letgo");
}

async function deleteRepository(job, send) {
  const sure = await ask({
    title: tr("Delete {repo}?", { repo: job.repo }),
    text: tr("The table that was sent and what the machine has made are deleted on the Hub, for good. The model and the report here stay."),
    yes: tr("Delete"),
    danger: true,
  });
  if (sure) send("deleterepo");
}
