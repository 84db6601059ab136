// A link by which others may read a run, where several people use the app. It is shown once: only a hash of it is kept.

import { ask, button, h } from "./dom.js";
import { tr } from "./language.js";

const WHAT = tr("Whoever has it may read this run's page, signed in or not: its settings in short, its curves, its report and the rows that were judged. Nobody can change anything by it, or take the model or the table away.");

/** Lines of the menu; none where there is nobody to share with. */
export function sharing(run, send) {
  if (run.shared === null || run.shared === undefined) return [];
  return [
    h("button", { type: "button", onclick: () => share(run, send) }, run.shared ? tr("Make a new link") : tr("Share by a link"), h("small", {}, tr("Others may read this page, and nothing else"))),
    run.shared && h("button", { type: "button", onclick: () => withdraw(send) }, tr("Withdraw the link")),
  ];
}

async function share(run, send) {
  const sure = await ask({ title: run.shared ? tr("Make a new link?") : tr("Share this run by a link?"), text: run.shared ? tr("{what} The link that there is now will lead nowhere.", { what: WHAT }) : WHAT, yes: tr("Make the link") });
  if (sure) send("makelink");
}

async function withdraw(send) {
  const sure = await ask({ title: tr("Withdraw the link?"), text: tr("It will lead nowhere from now on. You can make a new one at any time."), yes: tr("Withdraw it"), danger: true });
  if (sure) send("withdraw");
}

/** Shows the link with a button that copies it. */
function show(token) {
  const place = new URL(`./run${location.search}`, document.baseURI);
  const href = `${place.origin}${place.pathname}?id=${encodeURIComponent(place.searchParams.get("id"))}&share=${token}`;
  const field = h("input", { readonly: true, value: href, "aria-label": tr("The link"), onfocus: () => field.select() });
  const copy = button(tr("Copy"), async () => {
    field.select();
    await navigator.clipboard?.writeText(href).catch(() => {});
    copy.textContent = tr("Copied");
  }, "ts-primary");
  const dialog = h(
    "dialog",
    { class: "ts-dialog", "aria-labelledby": "ts-link-title" },
    h("form", { method: "dialog" }, h("h2", { id: "ts-link-title" }, tr("The link to this run")), h("p", {}, tr("It is shown this once. You can withdraw it, or make a new one, in the menu “More”.")), h("label", {}, tr("Link"), field), h("footer", {}, h("button", { class: "ts-button", value: "no" }, tr("Close")), copy)),
  );
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  field.select();
  window.dispatchEvent(new Event("tunesmith:changed"));
}

window.addEventListener("tunesmith:shared", (event) => show(event.detail));
