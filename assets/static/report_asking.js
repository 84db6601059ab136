// From a judged row to the playground on the same page: its texts are put into the fields where the model is asked.

/** The fields of the playground that are in sight, by the words above them. */
function fields() {
  const found = [...document.querySelectorAll("#ts-try label")].filter((label) => label.offsetParent !== null);
  return new Map(found.map((label) => [label.querySelector("span")?.textContent.trim(), label.querySelector("textarea, input[type=text]")]).filter(([, field]) => field));
}

const wanted = (row, inputs) => Object.entries(inputs).filter(([name]) => row[name] !== undefined && row[name] !== null);

/** Whether each text that the model was given has a field of its own there. */
export function isAskable(row, inputs) {
  const known = fields();
  const given = wanted(row, inputs);
  return given.length > 0 && given.every(([name, label]) => typeof row[name] === "string" && known.has(label));
}

/** Fill the fields with the row's texts, close the dialog, and go there. */
export function askAbout(row, inputs, element) {
  const known = fields();
  const given = wanted(row, inputs).map(([name, label]) => [known.get(label), row[name]]);
  for (const [field, text] of given) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const dialog = element.closest("dialog");
  // The dialog gives the focus back to where it came from when it closes; the field takes it after that.
  dialog.addEventListener("close", () => setTimeout(() => given[0][0].focus()), { once: true });
  dialog.close();
}
