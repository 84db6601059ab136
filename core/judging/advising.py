"""Advice that follows from the marks of a report: each rule gives an item, or None where the numbers do not bear it.

An item is ``{"words", "link", "label"}``, with ``opens`` where rows stand behind it (see ``core.evaluation.types``).
In a link ``RUN`` stands for the id of the run, which a report does not know.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.evaluation.verdicts import FEW, percent
from core.said import Figures, begun, in_a_row, said, said_many, together

RUN = "{run}"
NEW_RUN = f"./new?from={RUN}"
LABELS = f"./labels?run={RUN}"
NARROW = 0.05
"""An interval that reaches so far to either side is taken for narrow enough."""
_FEWEST_ASKED = 5
"""Examples of a class in the test part from which something can be said of it."""
_FEW_TO_LEARN = 100
_WORTH_A_WORD = 0.01
"""So large a share of the judged rows must have been known for the sharing out to be worth a change."""
_MIXED = 0.15
"""The share of a class that is taken for one other class, from which on the two are called mixed up."""
_OFF = 0.05

Item = dict[str, Any]
Judgement = Mapping[str, Any]


def item(words: str, link: str = "", label: str = "") -> Item:
    return {"words": words, "link": link, "label": label if link else ""}


def again(words: str) -> Item:
    """Advice that is followed in a new run."""
    return item(words, NEW_RUN, said("Set up a new run"))


def of_overlap(overlap: Mapping[str, Any] | None) -> Item | None:
    """Where judged rows were learned from: how the rows are shared out better."""
    if not overlap:
        return None
    count, near = overlap["copied"], overlap["near"] or 0
    if not count + near or count + near < _WORTH_A_WORD * overlap["rows"]:
        return None
    copies = said_many(count, "{count} copy", "{count} copies")
    nearly = said_many(near, "{count} near copy", "{count} near copies")
    what = in_a_row(*([copies] if count else []), *([nearly] if near else []))
    return again(
        said(
            "Keep what is judged out of what is learned: {what} of training rows is among the {rows} judged examples. "
            "In a new run, keep texts that are alike in the same part, or take the copies out of training."
            if count + near == 1
            else "Keep what is judged out of what is learned: {what} of training rows are among the {rows} judged "
            "examples. In a new run, keep texts that are alike in the same part, or take the copies out of training.",
            what=what,
            rows=overlap["rows"],
        )
    )


def of_slices(slices: Mapping[str, Any] | None) -> Item | None:
    """Where one group of rows is clearly worse than all others: look there first."""
    if not slices or not slices["found"]:
        return None
    worst = slices["found"][0]
    rates = (
        said(
            "{rate} of the answers are wrong there, {others} elsewhere.",
            rate=percent(worst["rate"]),
            others=percent(worst["others"]),
        )
        if slices["is_share"]
        else said(
            "The error there is {rate} on average, {others} elsewhere.",
            rate=Figures(f"{worst['rate']:.3g}"),
            others=Figures(f"{worst['others']:.3g}"),
        )
    )
    told = item(
        together(
            said("Look at these {rows} examples first: {group}.", rows=worst["rows"], group=worst["words"]),
            begun(rates),
            said("Where their labels are right, more training examples of this kind would help most."),
        )
    )
    return told | {"label": said("Show them"), "opens": [["row", "in", worst["opens"]]]}


def has_learned(found: Judgement, baselines: Mapping[str, Judgement]) -> bool:
    """False only where no simple way to answer is clearly worse, and there are enough examples to tell; or where it
    gives the same answer to everything.
    """
    if found.get("answered") == 1 and len(found.get("per_class") or ()) > 1:
        return False
    known = _standings(baselines)
    return not known or "better" in known or found.get("rows", 0) < FEW


def _standings(baselines: Mapping[str, Judgement]) -> list[str]:
    standings = [(other.get("comparison") or {}).get("clearly") for other in baselines.values()]
    return [standing for standing in standings if standing is not None]


def of_learning(
    found: Judgement, baselines: Mapping[str, Judgement], history: Sequence[Mapping[str, Any]]
) -> Item | None:
    """Where a model is no better than any simple way to answer, or worse than one of them."""
    known = _standings(baselines)
    if not known or found.get("rows", 0) < FEW:
        return None
    if "better" not in known:
        losses = [float(entry["loss"]) for entry in history if entry.get("loss") is not None]
        start = said("The model is not clearly better than any simple way to answer")
        if len(losses) > 1 and losses[-1] > 0.9 * losses[0]:
            return again(
                said(
                    "{start}, and its training loss hardly fell ({first} to {last}): it has hardly begun to learn. Try "
                    "more epochs or a higher learning rate; if that does not help, another model to start from."
                    if losses[-1] < losses[0]
                    else "{start}, and its training loss did not fall ({first} to {last}): it has hardly begun to "
                    "learn. Try more epochs or a higher learning rate; if that does not help, another model to start "
                    "from.",
                    start=start,
                    first=Figures(f"{losses[0]:.3g}"),
                    last=Figures(f"{losses[-1]:.3g}"),
                )
            )
        return again(
            said(
                "{start}. Check that the right columns were chosen, that the texts tell the answer at all, and that a "
                "few labels picked at random are right; then try more rows or another model to start from.",
                start=start,
            )
        )
    if "worse" in known:
        return again(
            said(
                "A simpler way to answer is clearly better than this model (see the scores). Try more epochs, a higher "
                "learning rate or another model to start from, or use the simple way."
            )
        )
    return None


def of_classes(found: Judgement, learned: Mapping[str, int]) -> Iterator[Item]:
    """Classes that are found clearly less often than the others and had few rows to be ``learned`` from."""
    from core.evaluation.intervals import wilson

    asked = {label: line for label, line in (found.get("per_class") or {}).items() if line.get("support")}
    if len(asked) < 2:
        return
    usual = sum(line["recall"] * line["support"] for line in asked.values()) / sum(
        line["support"] for line in asked.values()
    )
    counts = sorted(learned[label] for label in asked if label in learned)
    middle = counts[len(counts) // 2] if counts else 0
    weak = []
    for label, line in asked.items():
        hits, support = round(line["recall"] * line["support"]), line["support"]
        rows = learned.get(label)
        if rows is None or support < _FEWEST_ASKED or rows >= max(_FEW_TO_LEARN, middle / 2):
            continue
        if wilson(hits, support)[1] < usual - NARROW:
            weak.append((line["recall"], label, rows, support))
    for recall, label, rows, support in sorted(weak)[:2]:
        yield again(
            said(
                "Collect more examples of `{label}`: it had {rows} to learn from{beside}, and of its {support} test "
                "examples {recall} were found; over all classes it is {usual}.",
                label=label,
                rows=rows,
                beside=_beside(rows, middle),
                support=support,
                recall=percent(recall),
                usual=percent(usual),
            )
        )


def _beside(rows: int, middle: int) -> str:
    return said(" (half of the classes had {middle} or more)", middle=middle) if middle > rows else ""


def of_mix_ups(found: Judgement) -> Item | None:
    """The two classes that are taken for each other most."""
    pairs = found.get("confusions") or []
    support = {label: line["support"] for label, line in (found.get("per_class") or {}).items()}
    for pair in pairs:
        of = support.get(pair["truth"], 0)
        if pair["count"] < _FEWEST_ASKED:
            return None
        if of and pair["count"] >= _MIXED * of:
            return item(
                said(
                    "Look at the labels of `{truth}` and `{answer}`: {count} of the {of} test examples of `{truth}` "
                    "were taken for `{answer}`. If people would not agree on them either, tell the two apart by a "
                    "written rule, or make them one class.",
                    truth=pair["truth"],
                    answer=pair["answer"],
                    count=pair["count"],
                    of=of,
                ),
                LABELS,
                said("Look for wrong labels"),
            )
    return None


def of_size(found: Judgement, name: str) -> Item | None:
    """Where the interval is wide: how many examples would make it narrow."""
    rows, ends = found.get("rows", 0), (found.get("intervals") or {}).get(name)
    if not rows or not ends or found.get(name) is None:
        return None
    low, high = ends
    reach = (high - low) / 2
    if reach <= NARROW:
        return None
    needed = narrow_from(round(found[name] * rows), rows) if name == "accuracy" else rows * (reach / NARROW) ** 2
    return again(
        said(
            "Judge on more examples: with {rows}, the true value lies anywhere between {low} and {high}. About "
            "{needed} would tell it to 5 points either way.",
            rows=rows,
            low=percent(low),
            high=percent(high),
            needed=_rounded(needed),
        )
    )


def narrow_from(right: int, rows: int) -> int:
    """How many rows it takes, at the same share, until Wilson's interval reaches ``NARROW`` to either side at most."""
    from core.evaluation.intervals import wilson

    def reach(count: int) -> float:
        low, high = wilson(round(right / rows * count), count)
        return (high - low) / 2

    low, high = rows, 2 * rows
    while reach(high) > NARROW:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reach(middle) <= NARROW else (middle, high)
    return high


def _rounded(needed: float) -> int:
    """Up to two meaningful digits: more would promise too much."""
    step = 10 ** max(0, math.floor(math.log10(needed)) - 1)
    return math.ceil(needed / step) * step


def of_sureness(kept: Any) -> Item | None:
    """Where the model is clearly surer of its answers than it is right: probabilities that promise too much."""
    import numpy as np

    if kept is None or not {"probability", "error"} <= set(kept.column_names) or kept.num_rows < FEW:
        return None
    sure = np.asarray(kept.column("probability").to_numpy(), dtype=float)
    error = np.asarray(kept.column("error").to_numpy(), dtype=float)
    if not (np.isin(error, (0.0, 1.0)).all() and np.isfinite(sure).all()):
        return None
    gap = sure - (1 - error)
    doubt = 1.96 * gap.std(ddof=1) / math.sqrt(len(gap))
    if abs(gap.mean()) < _OFF or abs(gap.mean()) <= doubt:
        return None
    return item(
        said(
            "Do not take its probabilities at their word: they are too high. It gives its answers {sure} on average, "
            "and {right} of them are right, so it is more sure than it should be. Set thresholds by what was right on "
            "judged examples, not by the number itself."
            if gap.mean() > 0
            else "Do not take its probabilities at their word: they are too low. It gives its answers {sure} on "
            "average, and {right} of them are right, so it is less sure than it should be. Set thresholds by what was "
            "right on judged examples, not by the number itself.",
            sure=percent(float(sure.mean())),
            right=percent(float(1 - error.mean())),
        )
    )
