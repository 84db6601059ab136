// Reading an OpenAPI document: what a schema is called in words, what it holds, and an example that fits it.

import { tr } from "./language.js";

const RUN = "2026-11-22-brave-otter";
const VALUES = { run_id: RUN, name: "report.json" };
const CONFIG = { data: { source: "sample/feedback" } };
const QUOTE = "'";

/** The schema behind a reference. */
export function resolved(document_, schema) {
  let found = schema || {};
  while (found.$ref) found = found.$ref.slice(2).split("/").reduce((place, name) => place[name], document_);
  return found;
}

/** What a value is, in words: text, number, list of texts. */
export function typeWords(document_, schema) {
  const found = resolved(document_, schema);
  const several = found.anyOf || found.oneOf;
  if (several) {
    const words = several.map((one) => typeWords(document_, one));
    return words.length > 4 ? tr("one of several records") : [...new Set(words)].join(tr(" or "));
  }
  if (found.enum || found.const !== undefined) return (found.enum || [found.const]).join(" | ");
  if (found.type === "array") return tr("list of {what}", { what: typeWords(document_, found.items) });
  return { string: tr("text"), integer: tr("whole number"), number: tr("number"), boolean: tr("yes or no"), object: tr("record"), null: tr("nothing") }[found.type] || tr("anything");
}

/** The fields of a record and, with their whole names, of the records in it; [] for anything else. */
export function fieldsOf(document_, schema, before = "") {
  const found = resolved(document_, schema);
  const required = new Set(found.required || []);
  return Object.entries(found.properties || {}).flatMap(([name, each]) => {
    const field = { name: before + name, schema: each, words: each.description || resolved(document_, each).description, required: required.has(name) };
    return [field, ...inside(document_, each, `${before}${name}`)];
  });
}

function inside(document_, schema, name) {
  const found = resolved(document_, (schema.anyOf || []).find((one) => one.$ref) || schema);
  if (name.split(".").length > 2) return [];
  return found.type === "array" ? fieldsOf(document_, found.items, `${name}[].`) : fieldsOf(document_, found, `${name}.`);
}

/** What an operation takes as its body: {fields, words, isFile}. */
export function bodyOf(document_, operation) {
  const content = operation.requestBody?.content;
  if (!content) return {};
  if (content["application/octet-stream"]) return { words: tr("The body is the file itself."), isFile: true };
  const fields = fieldsOf(document_, content["application/json"].schema).map((field) => ({ ...field, asked: true }));
  return { fields, words: fields.length ? "" : tr("The body is an empty record: {record}.", { record: "{}" }) };
}

/** A command that does it. */
export function example(document_, operation, base, body) {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name) => VALUES[name] || "x");
  const url = `${base}${operation.operationId === "upload" ? `${path}?name=reviews.csv` : path}`;
  const method = operation.method === "get" ? "" : ` -X ${operation.method.toUpperCase()}`;
  if (operation.operationId.startsWith("download")) return `curl -OJ ${url}`;
  if (body.isFile) return `curl ${url} \\\n  -H ${QUOTE}Content-Type: application/octet-stream${QUOTE} \\\n  --data-binary @reviews.csv`;
  if (!body.fields) return `curl${method} ${url}`;
  const sent = { start: { config: CONFIG }, stop: { keep: "best" }, predict: { inputs: [{ text: "The room was clean and quiet." }] } };
  return `curl ${url} \\\n  -H ${QUOTE}Content-Type: application/json${QUOTE} \\\n  -d ${QUOTE}${JSON.stringify(sent[operation.operationId] || {})}${QUOTE}`;
}
