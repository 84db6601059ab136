// The log of what was done: by pages from the newest back, of one person or one kind, and as a file.

import { button, fill, h } from "./dom.js";
import { locale, tr } from "./language.js";

/** `call` asks the page's addresses. `read` begins with the newest again; `know` takes the names that may be chosen. */
export function log(call) {
  const who = h("select", { "aria-label": tr("Of whom"), onchange: () => read() }, h("option", { value: "" }, tr("Everybody")));
  const kind = h("select", { "aria-label": tr("What"), onchange: () => read() }, h("option", { value: "" }, tr("Everything")));
  const rows = h("ul", { class: "ad-log", "aria-live": "polite" });
  const wrong = h("p", { class: "ts-soft", role: "status" });
  const older = button(tr("Older"), () => more());
  const files = h("span", { class: "ad-files" });
  const node = h("div", { class: "ts-card" }, h("div", { class: "ad-choices" }, who, kind, files), rows, wrong, older);
  const asked = (before) => new URLSearchParams({ who: who.value, kind: kind.value, ...(before && { before }) });
  let last = 0;

  async function read() {
    last = 0;
    await more(true);
  }

  async function more(anew = false) {
    const told = await call(`log?${asked(last)}`).catch((error) => fill(wrong, `${error.message} ${error.advice || ""}`));
    if (!told) return;
    if (anew) rows.replaceChildren();
    rows.append(...told.lines.map((line) => row(line, told.kinds)));
    last = told.lines.at(-1)?.number || last;
    older.hidden = !told.more;
    fill(wrong, !rows.childNodes.length && (who.value || kind.value ? tr("Nothing of this was done.") : tr("Nothing was done yet. Who signs in, stops a run or makes a token stands here then.")));
    choose(kind, Object.entries(told.kinds));
    fill(files, ["csv", "jsonl"].map((form) => h("a", { href: new URL(`./administrator/log.${form}?${asked()}`, document.baseURI).href, download: true }, form === "csv" ? tr("As a table (CSV)") : tr("As JSON lines"))));
  }

  const know = (names) => choose(who, [...new Set([...names, "Tunesmith"])].map((name) => [name, name]));
  read();
  return { node, read, know };
}

function choose(select, values) {
  const there = new Set([...select.options].map((option) => option.value));
  for (const [value, words] of values) if (!there.has(value)) select.append(h("option", { value }, words));
}

function row(line, kinds) {
  const when = new Date(`${line.time.replace(" ", "T")}Z`);
  return h(
    "li",
    {},
    h("time", { datetime: when.toISOString() }, when.toLocaleString(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" })),
    h("strong", {}, line.who || tr("somebody")),
    h("span", {}, [kinds[line.kind] || line.kind, line.on, line.detail].filter(Boolean).join(" · ")),
    h("span", { class: "ts-help" }, line.address),
  );
}
