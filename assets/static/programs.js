// What programs may ask, drawn from the interface's own OpenAPI document.

import { fill, h, prose } from "./dom.js";
import { tr, trParts } from "./language.js";
import { tokens } from "./programs_tokens.js";
import { bodyOf, example, fieldsOf, typeWords } from "./programs_schema.js";

const BASE = new URL("./api/v1", document.baseURI).href;
const METHODS = ["get", "post", "delete"];
/** The description itself is for everybody, as the interface is. */
const ENGLISH = { lang: "en" };

/** Called when Gradio has put the page in its place. */
export async function start(element) {
  const place = element.querySelector("#ts-programs");
  try {
    const answer = await fetch(`${BASE}/openapi.json`, { signal: AbortSignal.timeout(15000) });
    if (!answer.ok) throw new Error(tr("The app answered {status}.", { status: answer.status }));
    draw(place, await answer.json());
  } catch (error) {
    fill(place, h("p", { class: "ts-note", "data-tone": "bad", role: "alert" }, tr("The list of operations cannot be read: {error} Load the page again.", { error: error.message })));
  }
}

function draw(place, document_) {
  const operations = Object.entries(document_.paths).flatMap(([path, methods]) =>
    METHODS.filter((method) => methods[method]).map((method) => ({ path, method, ...methods[method] })),
  );
  const groups = Map.groupBy ? Map.groupBy(operations, (one) => one.tags[0]) : grouped(operations);
  fill(
    place,
    h("h1", { class: "pg-title" }, tr("For programs")),
    h("p", { class: "ts-soft" }, trParts("All that the pages do with runs and models, programs can do too. They send and get JSON; every failure comes as {title} and {advice}.", { title: h("code", {}, "title"), advice: h("code", {}, "advice") })),
    begin(),
    document.querySelector(".ts-me") && tokens(BASE),
    [...groups].map(([name, ones]) => h("section", { class: "pg-group" }, h("h2", ENGLISH, name), ones.map((one) => operation(document_, one)))),
  );
}

function grouped(operations) {
  const found = new Map();
  for (const one of operations) found.set(one.tags[0], [...(found.get(one.tags[0]) || []), one]);
  return found;
}

function begin() {
  return h(
    "section",
    { class: "ts-card pg-begin" },
    h("p", {}, trParts("Everything stands under {address}. Begin with what the app can do:", { address: h("code", {}, BASE) })),
    code(`curl ${BASE}/`),
    h("p", {}, trParts("{link}: other programs make clients of it.", { link: h("a", { href: `${BASE}/openapi.json`, download: "openapi.json" }, tr("Take the description along (OpenAPI)")) })),
    h("p", { class: "ts-help" }, tr("In Python, gradio_client calls the same functions; assistants that speak MCP (Model Context Protocol) can too, when the app is started with --mcp.")),
  );
}

function operation(document_, one) {
  const body = bodyOf(document_, one);
  const asked = [...(one.parameters || []).map((each) => ({ name: each.name, required: each.required, place: each.in === "path" ? tr("address") : tr("after ?"), schema: each.schema, words: each.description || each.schema.description })), ...(body.fields || [])];
  const [status, good] = Object.entries(one.responses).find(([code]) => code < "300");
  const given = fieldsOf(document_, Object.values(good.content || {})[0]?.schema);
  return h(
    "details",
    { class: "ts-card pg-operation" },
    h("summary", {}, h("span", { class: "pg-method", "data-method": one.method }, one.method.toUpperCase()), h("code", {}, one.path), h("span", { class: "pg-summary", ...ENGLISH }, one.summary)),
    h("p", ENGLISH, prose(one.description || "")),
    asked.length > 0 && [h("h3", {}, tr("What is asked")), table(document_, asked)],
    body.words && h("p", { class: "ts-soft" }, body.words),
    h("h3", {}, tr("What is answered ({status})", { status })),
    given.length > 0 ? table(document_, given) : h("p", { class: "ts-soft" }, status === "204" ? tr("Nothing: it is done.") : tr("The file.")),
    h("h3", {}, tr("An example")),
    code(example(document_, one, BASE, body)),
    h("h3", {}, tr("What may be refused")),
    h("ul", {}, refusals(one).map(([code_, told]) => h("li", {}, h("code", {}, code_), " ", h("span", ENGLISH, told.description)))),
  );
}

const refusals = (one) => Object.entries(one.responses).filter(([status]) => status >= "400");

function table(document_, fields) {
  return h(
    "dl",
    { class: "pg-fields" },
    fields.map((field) => [
      h("dt", {}, h("code", {}, field.name), " ", h("span", { class: "ts-soft" }, [typeWords(document_, field.schema), field.place, field.required === true && field.asked && tr("required")].filter(Boolean).join(", "))),
      h("dd", ENGLISH, prose(field.words || "")),
    ]),
  );
}

function code(text) {
  const copied = h("button", { type: "button", class: "ts-button ts-plain pg-copy", onclick: () => copy(text, copied) }, tr("Copy"));
  return h("div", { class: "pg-code" }, h("pre", { tabindex: "0" }, text), copied);
}

async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = tr("Copied");
  } catch {
    button.textContent = tr("Select it and copy");
  }
  setTimeout(() => (button.textContent = tr("Copy")), 2000);
}
