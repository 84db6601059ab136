"""The judgement of a classification in a few plain sentences that are true of it, also when it is bad or unsure.

It speaks of the examples that were kept aside. "Clearly" means: a difference that chance alone would make less than
once in twenty times (see ``intervals.paired``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from core.evaluation.sections import Judgement, judged
from core.said import Said, in_a_row, said, said_many, share_of, together

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
        return said("There were no examples to judge the model on, so nothing can be said about how good it is.")
    others = report.get("baselines") or {} if is_test else {}
    return together(
        _score(found, is_test),
        _comparison(found, others),
        _rare(found, others),
        _learned(found, others),
        _gaps(found) or _ends(found),
        reach(found["rows"], is_test, limits=said(", so its true rate may be lower")),
    )


def percent(share: float) -> Said:
    """0.934 -> ``93 %``. Only what is exactly all or nothing is written as 100 % or 0 %."""
    if share in (0, 1):
        return share_of(f"{100 * share:.0f} %")
    whole = f"{100 * share:.0f}"
    if whole not in ("0", "100"):
        return share_of(f"{whole} %")
    fine = f"{100 * share:.1f}"
    return share_of({"0.0": "under 0.1 %", "100.0": "over 99.9 %"}.get(fine, f"{fine} %"))


def _score(found: Judgement, is_test: bool) -> str:
    rows = found["rows"]
    right = round(found["accuracy"] * rows)
    low, high = found["intervals"]["accuracy"]
    where = place_of(is_test)
    if rows == 1:
        return said(
            "There was only one example {where}, and the model's answer to it was right."
            if right
            else "There was only one example {where}, and the model's answer to it was wrong.",
            where=where,
        )
    if right == rows:
        return said(
            "All {rows} answers to the examples {where} were right; the true rate may be as low as {low}.",
            rows=rows,
            where=where,
            low=percent(low),
        )
    if right == 0:
        return said(
            "All {rows} answers to the examples {where} were wrong; the true rate may be as high as {high}.",
            rows=rows,
            where=where,
            high=percent(high),
        )
    return said(
        "On {rows} examples {where}, the model was right {share} of the time (the true rate is most likely between "
        "{low} and {high}).",
        rows=rows,
        where=where,
        share=percent(found["accuracy"]),
        low=percent(low),
        high=percent(high),
    )


def place_of(is_test: bool) -> Said:
    """Where judged examples are from: ``{where}`` in a sentence, which is another for rows that are judged later."""
    return said("kept aside" if is_test else "of the validation part")


def _comparison(found: Judgement, others: Mapping[str, Judgement]) -> str:
    groups: dict[Standing, list[str]] = {"better": [], "unclear": [], "worse": []}
    for name, other in others.items():
        groups[_standing(found, other)].append(
            said("{other} ({share})", other=_called(name, other), share=percent(other["accuracy"]))
        )
    unsure = groups["unclear"]
    if found["rows"] < FEW:
        groups = {**groups, "unclear": []}
    told = claims(groups)
    few = ""
    if unsure and not groups["unclear"]:
        for one in unsure:
            few = said("{first} or than {next}", first=few, next=one) if few else one
        few = said("So few examples cannot tell whether it is better than {others}.", others=few)
    return together(said("That is {claims}.", claims=told) if told else "", few)


def claims(groups: Mapping[Any, Sequence[str]]) -> str:
    """Whom it is clearly better or worse than, by standing; empty where it was compared with nobody."""
    better, worse, unclear = (groups.get(name) or () for name in ("better", "worse", "unclear"))
    clauses = [claim(name, others) for name, others in (("better", better), ("worse", worse), ("", unclear)) if others]
    told = clauses[0] if clauses else ""
    for clause in clauses[1:]:
        told = said("{first}, but {next}" if better else "{first}, and {next}", first=told, next=clause)
    return told


def claim(clearly: str | None, others: Sequence[str]) -> Said:
    """``clearly better than a and than b``; ``clearly`` is ``better``, ``worse`` or nothing."""
    if clearly in ("better", "worse"):
        than = in_a_row(*(said("than {other}", other=other) for other in others))
        return said("clearly better {others}" if clearly == "better" else "clearly worse {others}", others=than)
    return said(
        "not clearly different {others}", others=in_a_row(*(said("from {other}", other=other) for other in others))
    )


def _learned(found: Judgement, others: Mapping[str, Judgement]) -> str:
    """Whether there is any sign that it learned something: it must beat the answer that does not look at the text."""
    blind = others.get("most_frequent")
    if not blind or found["rows"] < FEW or found["answered"] == 1 or _standing(found, blind) == "better":
        return ""
    # Where one class is most of the rows, accuracy hides what was learned. Of two classes, rows times the square of the
    # correlation (MCC) is the chi-square statistic of truth and answers being independent.
    if found.get("mcc") is None or found["mcc"] * found["rows"] ** 0.5 > _CLEAR:
        return ""
    return unlearned(said("the same answer every time does"))


def unlearned(what: str) -> Said:
    """What to say of a model that is not better than something which does not read: ``the same answer ... does``."""
    return said("There is no sign that it has learned anything: {what} as well, without reading.", what=what)


def _rare(found: Judgement, others: Mapping[str, Judgement]) -> str:
    """What accuracy hides when classes are unequal: another answerer may do better once every class counts alike."""
    most = found["intervals"]["f1_macro"][1]
    ahead = {name: other for name, other in others.items() if other["f1_macro"] > most}
    clauses = [
        said(
            "{other} is ahead, {theirs} to {its}",
            other=_called(name, other),
            theirs=percent(other["f1_macro"]),
            its=percent(found["f1_macro"]),
        )
        for name, other in ahead.items()
        if _standing(found, other) != "worse"
    ]
    if not clauses:
        return ""
    return said(
        "Counting every class alike, the rare ones too (macro F1), {clauses}.",
        clauses=in_a_row(*clauses),
    )


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
            return said("always answering `{label}`", label=other["answer"])
        case "tfidf_logistic_regression":
            return said("a simple word-counting model")
        case "zero_shot":
            return said("the model to start from without any training")
        case _:
            return name


def _gaps(found: Judgement) -> str:
    """What the share of right answers hides: classes that were not asked for, never answered, or never found."""
    asked = {label: line for label, line in found["per_class"].items() if line["support"]}
    if len(asked) == 1:
        return said(
            "All of these examples were of the class `{label}`, so nothing is known about the others.",
            label=next(iter(asked)),
        )
    if found["answered"] == 1:
        for label, line in asked.items():
            if line["recall"]:
                return said(
                    "It answered `{label}` every time, so it has not learned to tell the classes apart.", label=label
                )
        return said("It answered the same class every time, so it has not learned to tell the classes apart.")
    missed = [label for label, line in asked.items() if not line["recall"]]
    if not missed or len(missed) == len(asked):
        return ""
    if len(missed) == 1:
        support = asked[missed[0]]["support"]
        return said_many(
            support,
            "It did not find the only example of `{label}`.",
            "It did not find any of the {count} examples of `{label}`.",
            label=missed[0],
        )
    return said("It did not find a single example of {classes}.", classes=named(missed))


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
    return said(
        "It is best at `{best}` (it found {most} of {of_best}) and worst at `{worst}` ({least} of {of_worst}).",
        best=best,
        most=percent(lines[best]["recall"]),
        of_best=lines[best]["support"],
        worst=worst,
        least=percent(lines[worst]["recall"]),
        of_worst=lines[worst]["support"],
    )


def named(labels: Sequence[str], most: int = 3) -> str:
    """``a``, ``b`` and 4 other classes."""
    shown = [f"`{label}`" for label in labels[:most]]
    rest = len(labels) - len(shown)
    others = [said_many(rest, "{count} other class", "{count} other classes")] if rest else []
    return in_a_row(*shown, *others)


_ONE = {
    "examples": "One example cannot tell how good it really is.",
    "texts": "One text cannot tell how good it really is.",
    "questions": "One question cannot tell how good it really is.",
    "conversations": "One conversation cannot tell how good it really is.",
}
_SO_FEW = {
    "examples": "So few examples ({count}) cannot tell how good it really is.",
    "texts": "So few texts ({count}) cannot tell how good it really is.",
    "questions": "So few questions ({count}) cannot tell how good it really is.",
    "conversations": "So few conversations ({count}) cannot tell how good it really is.",
}
_ALSO_CHOSE = {
    "examples": "Nothing was kept aside for a final mark: these examples also chose the best version of the model{so}.",
    "texts": "Nothing was kept aside for a final mark: these texts also chose the best version of the model{so}.",
    "questions": "Nothing was kept aside for a final mark: these questions also chose the best version of the "
    "model{so}.",
    "conversations": "Nothing was kept aside for a final mark: these conversations also chose the best version of the "
    "model{so}.",
}
"""By what people call the rows that were judged."""


def reach(rows: int, is_test: bool, called: str = "examples", limits: str = "") -> str:
    """How far a mark on so many rows can be trusted; empty for enough rows of a test part.

    ``called`` is what people call the rows, many of them; ``limits`` what follows of rows that chose the model, too:
    ``, so its true rate may be lower``.
    """
    few = ""
    if rows < FEW:
        few = said(_ONE[called]) if rows == 1 else said(_SO_FEW[called], count=rows)
    return together(few, "" if is_test else said(_ALSO_CHOSE[called], so=limits))
