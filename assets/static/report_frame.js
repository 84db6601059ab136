// What the plots of a report share: a frame that is drawn when somebody comes near it, and words that are safe in a plot.

import { h } from "./dom.js";
import { onTheme, plotly } from "./charts.js";

const NEAR = "600px";

/**
 * A frame in which `draw(Plotly, node)` draws, first when it is nearly in sight or is printed, again when the theme or
 * the width changes. Without Plotly it shows its words, which are also what is read aloud.
 */
export function frame(look, words, style, draw) {
  const node = h("div", { class: look, role: "img", "aria-label": words, style });
  let width = 0;
  async function redraw() {
    width = node.clientWidth;
    const Plotly = await plotly().catch(() => null);
    if (Plotly) await draw(Plotly, node);
    else node.textContent = words;
  }
  whenNear(node, () => {
    redraw();
    onTheme(() => node.isConnected && redraw());
    new ResizeObserver(() => node.isConnected && node.clientWidth !== width && redraw()).observe(node);
  });
  return node;
}

/** Call `begin` once, when the node is nearly in sight, or when the page is printed. */
function whenNear(node, begin) {
  const once = () => {
    near.disconnect();
    window.removeEventListener("beforeprint", once);
    if (node.isConnected) begin();
  };
  const near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && once(), { rootMargin: NEAR });
  near.observe(node);
  window.addEventListener("beforeprint", once);
}

/** A text for a plot, where Plotly would take some tags for its own; of a long one the beginning. */
export function inPlot(text, most = Infinity) {
  const whole = String(text);
  return (whole.length > most ? `${whole.slice(0, most - 1)}…` : whole).replaceAll("<", "‹");
}
