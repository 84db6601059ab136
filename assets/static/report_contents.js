// The way through a long report: its titles in a line that stays in sight, the present one marked.

import { h } from "./dom.js";
import { tr } from "./language.js";

const LONG = 5;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const pace = () => (calm.matches ? "auto" : "smooth");

/** Links to these sections, or null where there are too few to get lost in. */
export function contents(sections) {
  if (sections.length < LONG) return null;
  const links = new Map(sections.map((section) => [section, link(section)]));
  const node = h("nav", { class: "ts-contents", "aria-label": tr("Parts of the report") }, h("ul", {}, [...links.values()].map((one) => h("li", {}, one))));
  const seen = new Set();
  const watch = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) isIntersecting ? seen.add(target) : seen.delete(target);
      mark(node, links, sections.find((section) => seen.has(section)));
    },
    { rootMargin: "-80px 0px -50% 0px" },
  );
  sections.forEach((section) => watch.observe(section));
  return node;
}

function link(section) {
  const heading = section.querySelector("h2");
  const go = (event) => {
    event.preventDefault();
    section.scrollIntoView({ behavior: pace() });
    heading.setAttribute("tabindex", "-1");
    heading.focus({ preventScroll: true });
  };
  return h("a", { href: `#${section.id}`, onclick: go }, heading.textContent);
}

function mark(node, links, present) {
  for (const [section, one] of links) {
    if (section !== present) one.removeAttribute("aria-current");
    else if (!one.hasAttribute("aria-current")) {
      one.setAttribute("aria-current", "true");
      node.firstChild.scrollTo({ left: one.offsetLeft - 24, behavior: pace() });
    }
  }
}
