"""The judgement of a classification in a few plain sentences that are true of it, also when it is bad or unsure.

It speaks of the examples that were kept aside. "Clearly" means: a difference that chance alone would make less than
once in twenty times (see ``intervals.paired``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from core.evaluation.sections import Judgement, judged

FEW = 30
"""Under so many examples a score says little; it is said then."""
_CLEAR = 1.96
"""So many standard errors from nothing are no chance, 19 times out of 20."""
_ENOUGH = 10
"""Examples of a class from which on it may be called the best or the worst."""

Standing = Literal["better", "unclear", "worse"]


def classification_verdict(report: Mapping[str, Any]) -> str:
    """The sentences for a report as it stands in ``report.json``."""
    found, is_test = judged(report)
    if not found or not found.get("rows"):
        return "There were no examples to judge the model on, so nothing can be said about how good it is."
    others = report.get("baselines") or {} if is_test else {}
    parts = [
        _score(found, is_test),
        _comparison(found, others),
        _rare(found, others),
        _learned(found, others),
        _gaps(found) or _ends(found),
        reach(found["rows"], is_test, limits="its true rate may be lower"),
    ]
    return " ".join(part for part in parts if part)


def percent(share: float) -> str:
    """0.934 -> ``93 %``. Only what is exactly all or nothing is written as 100 % or 0 %."""
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    whole = f"{100 * share:.0f}"
    if whole not in ("0", "100"):
        return f"{whole} %"
    fine = f"{100 * share:.1f}"
    return {"0.0": "under 0.1 %", "100.0": "over 99.9 %"}.get(fine, f"{fine} %")


def _score(found: Judgement, is_test: bool) -> str:
    rows = found["rows"]
    right = round(found["accuracy"] * rows)
    low, high = found["intervals"]["accuracy"]
    aside = "kept aside" if is_test else "of the validation part"
    if rows == 1:
        return f"There was only one example {aside}, and the model's answer to it was {'right' if right else 'wrong'}."
    if right == rows:
        return (
            f"All {rows:,} answers to the examples {aside} were right; the true rate may be as low as {percent(low)}."
        )
    if right == 0:
        return (
            f"All {rows:,} answers to the examples {aside} were wrong; the true rate may be as high as {percent(high)}."
        )
    return (
        f"On {rows:,} examples {aside}, the model was right {percent(found['accuracy'])} of the time "
        f"(the true rate is most likely between {percent(low)} and {percent(high)})."
    )


def _comparison(found: Judgement, others: Mapping[str, Judgement]) -> str:
    groups: dict[Standing, list[str]] = {"better": [], "unclear": [], "worse": []}
    for name, other in others.items():
        groups[_standing(found, other)].append(f"{_called(name, other)} ({percent(other['accuracy'])})")
    unsure = groups["unclear"]
    if found["rows"] < FEW:
        groups = {**groups, "unclear": []}
    words: tuple[tuple[Standing, str, str], ...] = (
        ("better", "clearly better", "than"),
        ("worse", "clearly worse", "than"),
        ("unclear", "not clearly different", "from"),
    )
    clauses = [
        f"{claim} " + " and ".join(f"{link} {other}" for other in groups[standing])
        for standing, claim, link in words
        if groups[standing]
    ]
    joined = ", but ".join(clauses) if groups["better"] else ", and ".join(clauses)
    said = [f"That is {joined}."] if joined else []
    if unsure and not groups["unclear"]:
        said.append(f"So few examples cannot tell whether it is better than {' or than '.join(unsure)}.")
    return " ".join(said)


def _learned(found: Judgement, others: Mapping[str, Judgement]) -> str:
    """Whether there is any sign that it learned something: it must beat the answer that does not look at the text."""
    blind = others.get("most_frequent")
    if not blind or found["rows"] < FEW or found["answered"] == 1 or _standing(found, blind) == "better":
        return ""
    # Where one class is most of the rows, accuracy hides what was learned. Of two classes, rows times the square of the
    # correlation (MCC) is the chi-square statistic of truth and answers being independent.
    if found.get("mcc") is None or found["mcc"] * found["rows"] ** 0.5 > _CLEAR:
        return ""
    return unlearned("the same answer every time does")


def unlearned(what: str) -> str:
    """What to say of a model that is not better than something which does not read: ``the same answer ... does``."""
    return f"There is no sign that it has learned anything: {what} as well, without reading."


def _rare(found: Judgement, others: Mapping[str, Judgement]) -> str:
    """What accuracy hides when classes are unequal: another answerer may do better once every class counts alike."""
    most = found["intervals"]["f1_macro"][1]
    ahead = {name: other for name, other in others.items() if other["f1_macro"] > most}
    clauses = [
        f"{_called(name, other)} is ahead, {percent(other['f1_macro'])} to {percent(found['f1_macro'])}"
        for name, other in ahead.items()
        if _standing(found, other) != "worse"
    ]
    if not clauses:
        return ""
    return f"Counting every class alike, the rare ones too (macro F1), {' and '.join(clauses)}."


def _standing(found: Judgement, other: Judgement) -> Standing:
    """Row by row where both answers are known, else by intervals that do not touch, which asks for more."""
    compared = other.get("comparison")
    if compared:
        standing: Standing = compared["clearly"] or "unclear"
        return standing
    low, high = found["intervals"]["accuracy"]
    other_low, other_high = other["intervals"]["accuracy"]
    return "better" if low > other_high else "worse" if high < other_low else "unclear"


def _called(name: str, other: Judgement) -> str:
    match name:
        case "most_frequent":
            return f"always answering `{other['answer']}`"
        case "tfidf_logistic_regression":
            return "a simple word-counting model"
        case "zero_shot":
            return "the model to start from without any training"
        case _:
            return name


def _gaps(found: Judgement) -> str:
    """What the share of right answers hides: classes that were not asked for, never answered, or never found."""
    asked = {label: line for label, line in found["per_class"].items() if line["support"]}
    if len(asked) == 1:
        return f"All of these examples were of the class `{next(iter(asked))}`, so nothing is known about the others."
    if found["answered"] == 1:
        same = next((f"`{label}`" for label, line in asked.items() if line["recall"]), "the same class")
        return f"It answered {same} every time, so it has not learned to tell the classes apart."
    missed = [label for label, line in asked.items() if not line["recall"]]
    if not missed or len(missed) == len(asked):
        return ""
    if len(missed) == 1:
        support = asked[missed[0]]["support"]
        all_of_them = "the only example" if support == 1 else f"any of the {support:,} examples"
        return f"It did not find {all_of_them} of `{missed[0]}`."
    return f"It did not find a single example of {named(missed)}."


def _ends(found: Judgement) -> str:
    """The classes that it finds most and least often, where the difference between them is no chance."""
    from core.evaluation.intervals import LEVEL, wilson

    lines = {label: line for label, line in found["per_class"].items() if line["support"] >= _ENOUGH}
    if len(lines) < 2:
        return ""
    best, worst = (choose(lines, key=lambda label: lines[label]["recall"]) for choose in (max, min))
    # Of many classes, the first and the last lie far apart by chance alone: the more there are, the surer it must be.
    level = 1 - (1 - LEVEL) / len(lines)
    ends = {
        label: wilson(round(lines[label]["recall"] * lines[label]["support"]), lines[label]["support"], level)
        for label in (best, worst)
    }
    if ends[best][0] <= ends[worst][1]:
        return ""
    return (
        f"It is best at `{best}` (it found {percent(lines[best]['recall'])} of {lines[best]['support']:,}) and worst "
        f"at `{worst}` ({percent(lines[worst]['recall'])} of {lines[worst]['support']:,})."
    )


def named(labels: Sequence[str], most: int = 3) -> str:
    """``a``, ``b`` and 4 other classes."""
    shown = [f"`{label}`" for label in labels[:most]]
    rest = len(labels) - len(shown)
    if rest:
        shown.append(f"{rest:,} other class{'es' if rest > 1 else ''}")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def reach(rows: int, is_test: bool, called: str = "examples", limits: str = "") -> str:
    """How far a mark on so many rows can be trusted; empty for enough rows of a test part.

    ``called`` is what people call the rows, many of them; ``limits`` what follows of rows that chose the model, too.
    """
    words = []
    if rows < FEW:
        few = f"One {called.removesuffix('s')}" if rows == 1 else f"So few {called} ({rows})"
        words.append(f"{few} cannot tell how good it really is.")
    if not is_test:
        also = f"these {called} also chose the best version of the model"
        words.append(f"Nothing was kept aside for a final mark: {also}{f', so {limits}' if limits else ''}.")
    return " ".join(words)
