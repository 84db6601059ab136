// Numbers as people say them; ui/words.py says the same on the server.

import { locale, tr } from "./language.js";

const known = (value) => typeof value === "number" && Number.isFinite(value);
export const fixed = (value, digits) => value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
const three = (value) => value.toLocaleString(locale, { maximumFractionDigits: value < 99.95 ? 1 : 0, useGrouping: false });

const inSeconds = (number) => tr("{number} s", { number });
const minutes = (number) => tr("{number} min", { number });
const hours = (number) => tr("{number} h", { number });
const days = (number) => tr("{number} d", { number });

export function duration(seconds) {
  if (!known(seconds)) return "–";
  if (seconds > 0 && seconds < 9.95) return inSeconds(fixed(seconds, 1));
  let whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return inSeconds(whole);
  if (whole < 3600) return pair(whole, 60, minutes, 1, inSeconds);
  whole = Math.round(whole / 60) * 60;
  if (whole < 86400) return pair(whole, 3600, hours, 60, minutes);
  return pair(Math.round(whole / 3600) * 3600, 86400, days, 3600, hours);
}

function pair(whole, big, sayBig, small, saySmall) {
  const second = Math.floor((whole % big) / small);
  const said = sayBig(Math.floor(whole / big));
  return second ? `${said} ${saySmall(second)}` : said;
}

const BYTE = locale.startsWith("fr") ? "o" : "B";

export function size(bytes) {
  if (!known(bytes)) return "–";
  if (bytes < 1000) return `${bytes.toFixed(0)} ${BYTE}`;
  let value = bytes;
  for (const unit of ["k", "M", "G"]) {
    value /= 1000;
    if (value < 999.5) return `${three(value)} ${unit}${BYTE}`;
  }
  return `${three(value / 1000)} T${BYTE}`;
}

export function count(number) {
  return known(number) ? Math.round(number).toLocaleString(locale) : "–";
}

/** A setting as people write it, with at most two digits that matter: 16, 0.000004, 4e-7. */
export function plain(value) {
  if (!known(value)) return String(value);
  return Number.isInteger(value) ? count(value) : (Math.abs(value) < 1e-6 ? String(Number(value.toPrecision(2))) : Number(value.toPrecision(2)).toLocaleString(locale, { maximumSignificantDigits: 2, useGrouping: false }));
}

/** A value in the style that the server names for it: percent, number, count or text. */
export function mark(value, style = "percent") {
  if (style === "text") return value === null || value === undefined ? "–" : String(value);
  if (!known(value)) return "–";
  if (style === "percent") return tr("{number} %", { number: fixed(value * 100, 1) });
  if (style === "count" || Math.abs(value) >= 1000) return count(value);
  if (value && Math.abs(value) < 0.001) return value.toExponential(2);
  return fixed(value, Math.abs(value) < 10 ? 3 : Math.abs(value) < 100 ? 2 : 1);
}

/** A time on the reader's clock: "today 14:03", "22 Nov 2026, 14:03". */
export function moment(seconds, now = new Date()) {
  const when = new Date(seconds * 1000);
  const clock = when.toLocaleTimeString(locale, { hour: "numeric", minute: "2-digit" });
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / 86400000);
  if (days === 0) return tr("today {clock}", { clock });
  if (days === 1) return tr("yesterday {clock}", { clock });
  return `${when.toLocaleDateString(locale, { day: "numeric", month: "short", year: "numeric" })}, ${clock}`;
}

/** A model by the last part of its name or folder. The models of runs all lie in a folder "model": the run says more. */
export function modelName(checkpoint) {
  const parts = checkpoint.split("/").filter(Boolean);
  return parts.length > 1 && parts.at(-1) === "model" ? parts.at(-2) : parts.at(-1);
}

export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(locale);
}

export const STATES = {
  queued: tr("Waiting"),
  running: tr("Running"),
  finished: tr("Finished"),
  stopped: tr("Stopped"),
  failed: tr("Failed"),
  interrupted: tr("Interrupted"),
  stopping: tr("Stopping"),
  paused: tr("Paused"),
  unreadable: tr("Unreadable"),
};
