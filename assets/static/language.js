// The words of scripts in the reader's language; ui/languages.py says the same on the server. English is the key.

/** The page's language, as `Intl` knows it. Clocks and dates are British where the words are English. */
export const language = document.documentElement.dataset.language || "en";
export const locale = language === "en" ? "en-GB" : language;

const known = language === "en" ? {} : await fetch(new URL(`./words/${language}.json`, import.meta.url)).then((answer) => (answer.ok ? answer.json() : {}), () => ({}));
const rules = new Intl.PluralRules(language);

const filled = (text, gaps) => text.replace(/\{(\w+)\}/g, (gap, name) => (name in gaps ? gaps[name] : gap));

/** A text of ours in the reader's language; `gaps` fill what stands in braces in it. Never for texts of data. */
export function tr(text, gaps = {}) {
  const found = known[text] ?? text;
  return filled(typeof found === "string" ? found : found.other, gaps);
}

/** A name of ours within a sentence. German nouns are large everywhere. */
export const within = (words) => (language === "de" ? words : words.charAt(0).toLowerCase() + words.slice(1));

/** The same for a text that changes with a number, which stands at `{count}`; `many` is the key. */
export function trMany(number, one, many, gaps = {}) {
  const all = { count: number.toLocaleString(locale), ...gaps };
  const forms = known[many];
  if (forms === undefined) return filled(number === 1 ? one : many, all);
  return filled(typeof forms === "string" ? forms : (forms[rules.select(number)] ?? forms.other), all);
}

/** The same with elements in the gaps: the parts in their order, for `h`. */
export function trParts(text, gaps) {
  return tr(text)
    .split(/\{(\w+)\}/)
    .map((part, place) => (place % 2 ? gaps[part] : part));
}

const keep = (code, age) => {
  const safe = location.protocol === "https:" ? "SameSite=None; Secure" : "SameSite=Lax";
  document.cookie = `tunesmith_language=${code}; Path=/; ${age}${safe}`;
};

// Whoever came by an address with a language, and has chosen none, goes on in it until the browser is closed.
if (new URLSearchParams(location.search).get("lang") === language && !document.cookie.includes("tunesmith_language=")) keep(language, "");

/** Keep what the reader chose for a year, and say all of the page in it. */
export function choose(code) {
  keep(code, "Max-Age=31536000; ");
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  if (address.href === location.href) location.reload();
  else location.replace(address);
}
