// Names for controls of Gradio that come without one: upload buttons, and the steps of a walk where only numbers fit.

export function start(element) {
  const steps = (element.querySelector("[data-steps]")?.dataset.steps ?? "").split("|");
  let waiting = false;
  const name = () => {
    waiting = false;
    for (const button of document.querySelectorAll(".nr-file button:has(input[type=file])")) {
      say(button, button.closest(".nr-file").querySelector("label")?.textContent.trim());
    }
    document.querySelectorAll(".step-button").forEach((button, place) => say(button, steps[place]));
  };
  new MutationObserver(() => {
    if (!waiting) requestAnimationFrame(name);
    waiting = true;
  }).observe(document.body, { childList: true, subtree: true });
  name();
}

function say(button, words) {
  if (words && button.getAttribute("aria-label") !== words) button.setAttribute("aria-label", words);
}
