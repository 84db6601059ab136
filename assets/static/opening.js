// Stands in the page itself, so that the words on an empty page are light or dark as the reader chose.

(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("tunesmith-theme"); } catch {}
  chosen ||= new URLSearchParams(location.search).get("__theme");
  if (chosen !== "dark" && chosen !== "light") chosen = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.tsOpening = chosen;
})();
