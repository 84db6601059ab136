// Light or dark as the reader chose, before anything is drawn: see shell.js, which this page may not need otherwise.

(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("tunesmith-theme"); } catch {}
  chosen ||= new URLSearchParams(location.search).get("__theme");
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.body.classList.toggle("dark", dark);
})();
