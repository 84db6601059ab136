"""What a model card says against its model: the limits that the report, the data and the settings show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.data.check.language_names import NAMES
from core.evaluation.verdicts import FEW, percent
from core.markdown import code, escaped, prose
from core.publishing.facts import Facts

_RARE = 10
"""Fewer training examples than this are hardly enough to learn a class from."""
_WEAK, _BEHIND = 0.5, 0.2
"""A class is weak with an F1 under the first, or so far under the model's own mean."""
_ENOUGH = 5
"""With fewer examples in the part that it was judged on, nothing can be said of a class."""
_WIDE = 0.1
"""A range wider than this leaves open how good a model is."""
_NAMED = 8
_WORDS_A_TOKEN = 0.75


def limits(facts: Facts) -> list[str]:
    """A list; never empty, for every model has some."""
    found = [
        *_sureness(facts),
        *_baselines(facts),
        *_weak_classes(facts),
        *_untested_classes(facts),
        *_rare_classes(facts),
        *_length(facts),
        *_languages(facts),
        *_of_writers(facts),
        *_in_general(facts),
    ]
    return ["## Limits", "\n".join(f"- {one}" for one in found), *_noticed(facts)]


def _sureness(facts: Facts) -> Iterator[str]:
    """How far the main figure may be off, where that is far."""
    found = facts.judgement
    if not found:
        yield "Nothing is known of how good it is: it was not judged."
        return
    rows, ranges = found.get("rows", 0), found.get("intervals") or {}
    metric = next((one for one in facts.task.metrics if one.name in ranges and one.style == "percent"), None)
    wide = ""
    if metric is not None:
        low, high = ranges[metric.name]
        if low is not None and high is not None and high - low > _WIDE:
            wide = f": the true {escaped(metric.label)} lies most likely between {percent(low)} and {percent(high)}"
    if rows < FEW or wide:
        few = "few" if rows >= FEW else "too few to tell how good it really is"
        yield f"It was judged on {rows:,} {'example' if rows == 1 else 'examples'}, which is {few}{wide}."


def _baselines(facts: Facts) -> Iterator[str]:
    """Simple ways to answer that are not clearly worse than the model."""
    if facts.part != "test":
        return
    block = next((one for one in facts.task.sections(facts.report) if one.kind == "scores"), None)
    others = facts.report.get("baselines") or {}
    if block is None:
        return
    for (name, other), column in zip(others.items(), block.content["columns"][1:], strict=False):
        standing = (other.get("comparison") or {}).get("clearly", "unknown")
        label = f"“{escaped(column['label'] or name)}”"
        if standing == "worse":
            yield f"{label}, measured beside it, is clearly better than this model."
        elif not standing:
            yield f"It is not clearly better than {label}, measured beside it: the difference may be chance."


def _per_class(facts: Facts) -> Mapping[str, Any]:
    found: Mapping[str, Any] = facts.judgement.get("per_class") or {}
    return found


def _weak_classes(facts: Facts) -> Iterator[str]:
    """Classes that it finds much less well than the others."""
    tested = {label: line for label, line in _per_class(facts).items() if line.get("support", 0) >= _ENOUGH}
    if not tested:
        return
    bound = max(_WEAK, sum(line["f1"] for line in tested.values()) / len(tested) - _BEHIND)
    weak = sorted((line["f1"], label) for label, line in tested.items() if line["f1"] < bound)
    if weak:
        named = "; ".join(f"{code(label)} ({_found(tested[label])})" for _, label in weak[:_NAMED])
        yield f"Weak at: {named}{_more(len(weak))}."


def _found(line: Mapping[str, Any]) -> str:
    if not line["recall"]:
        return f"found none of {line['support']:,}"
    return (
        f"found {percent(line['recall'])} of {line['support']:,}, and when it says so, it is right "
        f"{percent(line['precision'])} of the time"
    )


def _untested_classes(facts: Facts) -> Iterator[str]:
    few = [(label, line.get("support", 0)) for label, line in _per_class(facts).items()]
    few = sorted(((label, count) for label, count in few if count < _ENOUGH), key=lambda one: one[1])
    if few:
        listed = ", ".join(f"{code(label)} ({count})" for label, count in few[:_NAMED])
        yield (
            f"Too few {facts.part} examples to say how well it finds these, fewer than {_ENOUGH}: "
            f"{listed}{_more(len(few))}."
        )


def _rare_classes(facts: Facts) -> Iterator[str]:
    if facts.task.output not in ("label", "labels", "spans") or facts.manual is None:
        return
    rare = [(label, count) for label, count in facts.target.shown if count < _RARE]
    if rare:
        listed = ", ".join(f"{code(label)} ({count:,})" for label, count in rare[:_NAMED])
        yield f"Learned from fewer than {_RARE} examples: {listed}{_more(len(rare))}."


def _more(count: int) -> str:
    return f" and {count - _NAMED:,} more" if count > _NAMED else ""


def in_tokens(count: int) -> str:
    """A length of texts, for people who do not count in tokens."""
    return f"{count:,} tokens (about {max(10, round(count * _WORDS_A_TOKEN / 10) * 10):,} English words)"


def _length(facts: Facts) -> Iterator[str]:
    most = facts.max_length
    words, long = in_tokens(most), 4 * most
    if sum(facts.task.features([long], most, facts.config.options)) < long:
        yield f"It learned from texts of at most {words}; what goes beyond that was left out."
    else:
        yield f"It reads {words} at once; longer texts were taken in pieces while it was trained and judged."
    told = [one.title for one in facts.notices if "maximum length" in one.title and one.level == "info"]
    yield from (prose(title) for title in dict.fromkeys(told))


def _languages(facts: Facts) -> Iterator[str]:
    known = [name for name in facts.base.languages if name in NAMES.values()]
    base = f"the model it started from was made for {' and '.join(known)}" if known else ""
    if facts.languages:
        listed = " and ".join(dict.fromkeys(NAMES[code] for code in facts.languages))
        strange = known and not set(known) & {NAMES[code] for code in facts.languages}
        beside = f", although {base}" if strange else ""
        yield (
            f"The texts that it was judged on are in {listed}{beside}, as far as a few of them tell. "
            "Other languages were not tried."
        )
    elif base:
        yield f"The language of the texts was not recorded; {base}."


def _of_writers(facts: Facts) -> Iterator[str]:
    if facts.task.write is not None:
        yield (
            "What it writes is likely, not true: it can be wrong, unfair or made up, and may repeat pieces of what it "
            "learned from. Have a person read it where it matters."
        )


def _in_general(facts: Facts) -> Iterator[str]:
    what = "The figures hold" if facts.judgement else "Whatever it has learned holds"
    yield f"{what} for texts like those of the table. Try it on texts of your own source before you rely on it."
    if facts.base.name and facts.task.write is None:
        yield "It takes over what its base model and its training texts are biased by; this was not examined."


def _noticed(facts: Facts) -> Iterator[str]:
    """What people were warned of before and while it was trained."""
    if facts.warnings:
        listed = "\n".join(f"- {prose(title)}" for title in facts.warnings)
        yield f"Warnings that were given when the table was read and the model was trained:\n\n{listed}"
