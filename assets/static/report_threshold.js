// From which probability on the answer is yes, and what either kind of error costs: to be tried out by moving it.

import { button, fill, h, say } from "./dom.js";
import { locale, tr, trMany } from "./language.js";
import { slider } from "./report_slider.js";
import { count, mark } from "./words.js";

const MOST = 1e12;

export function threshold({ of }) {
  const found = of.filter(({ stops }) => stops.length);
  if (!found.length) return h("p", {}, tr("There is nothing to draw."));
  const costs = { alarm: 1, miss: 1 };
  const place = h("div", {});
  const choose = (number) => place.replaceChildren(...one(found[number], costs));
  const picker = found.length > 1 && h("label", { class: "ts-field" }, tr("Which answer"), h("select", { onchange: (event) => choose(Number(event.target.value)) }, found.map(({ label }, number) => h("option", { value: number }, label))));
  choose(0);
  return h("div", { class: "ts-threshold" }, picker, place);
}

/** The slider of one class, with the counts and the costs at its threshold. */
function one({ label, at, stops }, costs) {
  const inUse = nearest(stops, at);
  const counts = h("div", {});
  const price = h("p", { class: "ts-price", role: "status" });
  const cheap = h("div", { class: "ts-actions" });
  const cost = ([, , wrongYes, wrongNo]) => wrongYes * costs.alarm + wrongNo * costs.miss;

  const shown = slider({
    label: tr("Threshold of {label}", { label }),
    stops: stops.length,
    at: inUse,
    lines: [],
    low: tr("yes from {stops}", { stops: mark(stops[0][0]) }),
    high: mark(stops.at(-1)[0]),
    moved: (stop) => {
      tell(stop);
      return tr("yes from {stops}", { stops: mark(stops[stop][0]) });
    },
  });

  function tell(stop) {
    const [, rightYes, wrongYes, wrongNo, rightNo] = stops[stop];
    fill(counts, outcomes(label, rightYes, wrongYes, wrongNo, rightNo));
    say(price, tr("{alarms} × {alarm} + {misses} × {miss} = {cost} in all.", { alarms: trMany(wrongYes, "{count} false alarm", "{count} false alarms"), alarm: money(costs.alarm), misses: trMany(wrongNo, "{count} miss", "{count} misses"), miss: money(costs.miss), cost: money(cost(stops[stop])) }));
    const best = cheapest(stops.map(cost), inUse);
    fill(
      cheap,
      best !== stop && button(tr("Go to the cheapest: yes from {stops} ({stops2})", { stops: mark(stops[best][0]), stops2: money(cost(stops[best])) }), () => shown.move(best)),
      best === stop && h("span", { class: "ts-soft" }, tr("No other threshold is cheaper.")),
      inUse !== stop && button(tr("Back to the one in use"), () => shown.move(inUse)),
    );
  }

  function reprice() {
    const all = stops.map(cost);
    const most = Math.max(...all) || 1;
    const best = cheapest(all, inUse);
    shown.redraw([{ look: "ts-curve-cost", values: all.map((value) => (0.96 * value) / most) }]);
    shown.mark([{ stop: inUse, words: tr("in use"), look: "ts-in-use" }, ...(best === inUse ? [] : [{ stop: best, words: tr("cheapest"), look: "ts-cheapest" }])]);
    shown.move(shown.now());
  }

  const field = (words, name) => {
    const input = h("input", { type: "number", min: 0, step: "any", inputmode: "decimal", value: costs[name], oninput: () => {
      const value = Number(input.value);
      const usable = input.value !== "" && value >= 0 && value <= MOST;
      input.setAttribute("aria-invalid", String(!usable));
      if (!usable) return;
      costs[name] = value;
      reprice();
    } });
    return h("label", { class: "ts-field" }, words, input);
  };
  const fields = h("div", { class: "ts-costs" }, field(tr("What a false alarm costs"), "alarm"), field(tr("What a miss costs"), "miss"));
  reprice();
  return [
    fields,
    h("p", { class: "ts-help" }, tr("A false alarm: it says “{label}”, wrongly. A miss: it should have said “{label}”, and does not. In any unit: minutes, pounds, or just how much worse one is than the other.", { label })),
    h("h3", {}, tr("Cost at each threshold")),
    shown.node,
    price,
    cheap,
    counts,
    h("p", { class: "ts-help" }, tr("This is for trying out: moving it changes nothing in the model.")),
  ];
}

function outcomes(label, rightYes, wrongYes, wrongNo, rightNo) {
  const cell = (number, words, look) => h("td", { class: look }, h("strong", {}, count(number)), h("span", {}, words));
  const share = (part, other) => (part + other ? mark(part / (part + other)) : "–");
  return [
    h(
      "table",
      { class: "ts-four" },
      h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col" }, tr("It says yes")), h("th", { scope: "col" }, tr("It says no")))),
      h(
        "tbody",
        {},
        h("tr", {}, h("th", { scope: "row" }, tr("Truly “{label}”", { label })), cell(rightYes, tr("✓ found"), "ts-fine"), cell(wrongNo, tr("✗ missed"), "ts-amiss")),
        h("tr", {}, h("th", { scope: "row" }, tr("Truly something else")), cell(wrongYes, tr("✗ false alarms"), "ts-amiss"), cell(rightNo, tr("✓ rightly left alone"), "ts-fine")),
      ),
    ),
    h(
      "dl",
      { class: "ts-two" },
      h("div", {}, h("dt", {}, tr("Precision")), h("dd", {}, share(rightYes, wrongYes)), h("dd", { class: "ts-help" }, tr("of its yes answers are right."))),
      h("div", {}, h("dt", {}, tr("Recall")), h("dd", {}, share(rightYes, wrongNo)), h("dd", { class: "ts-help" }, tr("of what is truly “{label}” is found.", { label }))),
    ),
  ];
}

function nearest(stops, at) {
  return stops.reduce((best, [value], stop) => (Math.abs(value - at) < Math.abs(stops[best][0] - at) ? stop : best), 0);
}

/** The stop that costs least; of several the one nearest to the threshold in use, which need not be changed for nothing. */
function cheapest(all, inUse) {
  return all.reduce((best, value, stop) => (value < all[best] || (value === all[best] && Math.abs(stop - inUse) < Math.abs(best - inUse)) ? stop : best), 0);
}

const money = (value) => value.toLocaleString(locale, { maximumFractionDigits: 2 });
