// Asking the server again and again, politely: not while the page is hidden, slower when nothing answers, at once when
// something was done.

import { tr } from "./language.js";

/** Where the app's own interface stands, also behind a proxy's prefix. */
export function api(path) {
  return new URL(`./reads/${path}`, document.baseURI).href;
}

/** The JSON of an address of the API. Throws an Error with `status`, `title` and `advice` when it was refused. */
export async function get(path) {
  const response = await fetch(api(path), { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15000) });
  if (response.ok) return response.json();
  const said = await response.json().catch(() => ({}));
  throw Object.assign(new Error(said.title || tr("The app answered {status}.", { status: response.status })), { status: response.status, ...said });
}

/**
 * Call `look` now and then again after the milliseconds it returns (null: only when the page is shown again or something
 * was done). When it throws, `lost` is called with the number of failures in a row, and the pause doubles up to 15 s; what
 * is not there (404) is not asked for again by itself.
 */
export function keepLooking(look, lost) {
  let timer = 0;
  let failures = 0;
  let busy = false;
  let again = false;

  async function turn() {
    clearTimeout(timer);
    if (document.hidden) return;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    let pause;
    try {
      pause = await look();
      failures = 0;
    } catch (error) {
      failures += 1;
      pause = error.status === 404 ? null : Math.min(1000 * 2 ** (failures - 1), 15000);
      lost(failures, error);
    }
    busy = false;
    if (again) pause = 0;
    again = false;
    if (pause !== null && !document.hidden) timer = setTimeout(turn, pause);
  }

  document.addEventListener("visibilitychange", turn);
  window.addEventListener("online", turn);
  window.addEventListener("pageshow", (event) => event.persisted && turn());
  window.addEventListener("tunesmith:changed", turn);
  turn();
}
