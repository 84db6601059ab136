"""What a person should know of the classes in a table before a model learns them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.data.cleaning import Classes, row_numbers
from core.data.same_rows import row_keys
from core.data.types import Finding, Target
from core.said import in_a_row, said, said_many

if TYPE_CHECKING:
    import numpy as np

MOST_CLASSES = 1000
FEW_EXAMPLES = 8
STRONG_IMBALANCE = 10
"""The most common class has this many times the examples of the rarest."""
_SMALL_SHARE = 0.01


def listed(names: Sequence[str], most: int = 5) -> str:
    """```a`, `b` and 3 more``."""
    shown = [f"`{name}`" for name in names[:most]]
    rest = len(names) - len(shown)
    return in_a_row(*shown, *([said("{count} more", count=rest)] if rest else []))


def grouped(groups: Sequence[Sequence[tuple[str, int]]], most: int = 3) -> str:
    """```a` (3) and `A` (1); `b` (2) and `B` (1)``: groups of (class, rows) that look like one class each."""
    shown = [
        in_a_row(*(said("{label} ({count})", label=f"`{label}`", count=count) for label, count in group))
        for group in groups[:most]
    ]
    rest = len(groups) - len(shown)
    return apart(*shown, *([said("and {count} more", count=rest)] if rest > 0 else []))


def apart(first: str, *others: str) -> str:
    """``a; b; c``."""
    for other in others:
        first = said("{first}; {next}", first=first, next=other)
    return first


def label_findings(column: str, classes: Classes, readable: np.ndarray) -> list[Finding]:
    """Rows without a label (among those that are ``readable``), and labels that were tidied up."""
    findings = []
    empty, trimmed = row_numbers(readable & (classes.codes < 0)), row_numbers(classes.trimmed & (classes.codes >= 0))
    if empty["count"]:
        findings.append(
            Finding(
                "empty-label",
                "warning",
                said_many(
                    empty["count"],
                    "1 row has nothing in `{column}`.",
                    "{count} rows have nothing in `{column}`.",
                    column=column,
                ),
                said("Without a right answer there is nothing to learn from them, so they are left out."),
                said("Fill in the label, or leave it so."),
                role="label",
                **empty,
            )
        )
    if trimmed["count"]:
        findings.append(
            Finding(
                "trimmed-label",
                "info",
                said_many(
                    trimmed["count"],
                    "1 row has spaces around the label in `{column}`.",
                    "{count} rows have spaces around the label in `{column}`.",
                    column=column,
                ),
                said("The spaces were taken away, so that such labels count as the same class."),
                role="label",
                **trimmed,
            )
        )
    return findings


def blocking(column: str, target: Target) -> list[Finding]:
    """What makes it impossible to learn: no usable rows, one class only, or values that are no classes."""
    rows, classes = sum(target.counts), len(target.labels)
    if rows == 0:
        return [
            _error(
                "no-rows",
                said("No row can be used."),
                said("Each row needs a text and a label."),
                said("Choose other columns."),
            )
        ]
    if classes == 1:
        return [
            _error(
                "one-class",
                said("`{column}` has only one class: `{label}`.", column=column, label=target.labels[0]),
                said("A model can only learn to tell classes apart if it sees at least two."),
                said("Add examples of another class, or choose another label column."),
            )
        ]
    if classes > MOST_CLASSES or (classes > 2 and 2 * classes > rows):
        return [
            _error(
                "too-many-classes",
                said(
                    "`{column}` has {values} different values in {rows} rows.", column=column, values=classes, rows=rows
                ),
                said(
                    "That looks like free text, a number or an id, not like classes: each class needs several examples."
                ),
                said("Choose a column with a handful of values that repeat."),
            )
        ]
    return []


def _error(code: str, title: str, meaning: str, fix: str) -> Finding:
    return Finding(code, "error", title, meaning, fix, role="label")


def class_findings(column: str, target: Target) -> list[Finding]:
    """Classes that are hard to learn or to judge, and classes that look like one."""
    findings = [*_similar(target), *_rare(target)]
    most, least = max(target.counts), min(target.counts)
    if most >= STRONG_IMBALANCE * least:
        big, small = target.labels[target.counts.index(most)], target.labels[target.counts.index(least)]
        findings.append(
            Finding(
                "imbalance",
                "warning",
                said(
                    "The classes are very unequal: `{big}` has {most} examples, `{small}` has {least}.",
                    big=big,
                    most=most,
                    small=small,
                    least=least,
                ),
                said(
                    "A model can be right most of the time and still miss the rare classes. Macro F1 counts every "
                    "class alike: go by that rather than by accuracy."
                ),
                said("More examples of the rare classes help most."),
                role="label",
            )
        )
    return findings


def _rare(target: Target) -> list[Finding]:
    counted = list(zip(target.labels, target.counts, strict=True))
    once = [label for label, count in counted if count == 1]
    few = [f"{label}" for label, count in counted if 1 < count < FEW_EXAMPLES]
    findings = []
    if once:
        findings.append(
            Finding(
                "single-example",
                "warning",
                said_many(
                    len(once),
                    "{count} class occurs only once: {names}.",
                    "{count} classes occur only once: {names}.",
                    names=listed(once),
                ),
                said("One example can be learned from, but then none is left to judge the class by."),
                said("Add examples, merge it with a similar class, or take it out."),
                count=len(once),
                role="label",
            )
        )
    if few:
        findings.append(
            Finding(
                "few-examples",
                "warning",
                said_many(
                    len(few),
                    "{count} class has fewer than {few} examples: {names}.",
                    "{count} classes have fewer than {few} examples: {names}.",
                    few=FEW_EXAMPLES,
                    names=listed(few),
                ),
                said("So few are hard to learn from, and the score of such a class is mostly chance."),
                said("Add examples, or merge it with a similar class."),
                count=len(few),
                role="label",
            )
        )
    return findings


def _similar(target: Target) -> list[Finding]:
    groups = defaultdict(list)
    for label, count in zip(target.labels, target.counts, strict=True):
        groups[" ".join(label.casefold().split())].append((label, count))
    alike = [group for group in groups.values() if len(group) > 1]
    if not alike:
        return []
    return [
        Finding(
            "similar-labels",
            "warning",
            said("Some classes differ only in capital letters or spaces: {classes}.", classes=grouped(alike)),
            said("They are learned as different classes, which the model cannot tell apart by their meaning."),
            said("If they mean the same, write them the same way in the table."),
            count=len(alike),
            role="label",
        )
    ]


def repetition_findings(table: Any, texts: Sequence[str], codes: Any) -> list[Finding]:
    """Rows that repeat another one, and equal texts with different labels.

    ``table`` holds the usable rows with the columns ``texts`` and ``row``; ``codes`` are their class numbers.
    """
    import numpy as np
    import pandas as pd

    same = row_keys(table, texts)
    rows = table.column("row").to_numpy()
    pairs = pd.DataFrame({"text": same, "label": np.asarray(codes)})
    copies = rows[pairs.duplicated().to_numpy()]
    labels_a_text = pairs.drop_duplicates()["text"].value_counts()
    torn = rows[np.isin(same, labels_a_text[labels_a_text > 1].index.to_numpy())]
    findings = []
    if len(torn):
        findings.append(
            Finding(
                "contradictions",
                "warning",
                said_many(
                    len(torn),
                    "1 row has a text that stands elsewhere with another label.",
                    "{count} rows have a text that stands elsewhere with another label.",
                ),
                said(
                    "The model is told two different things about the same text, and one of them is counted as a "
                    "mistake."
                ),
                said("Decide on one label for each of these texts."),
                **_at(torn),
            )
        )
    if len(copies):
        findings.append(
            Finding(
                "duplicates",
                "info" if len(copies) < _SMALL_SHARE * len(rows) else "warning",
                said_many(len(copies), "1 row is a copy of another row.", "{count} rows are copies of another row."),
                said("If copies of one text are both learned from and judged by, the score looks better than it is."),
                said("Take the copies out of the table."),
                **_at(copies),
            )
        )
    return findings


def _at(rows: Any) -> dict[str, Any]:
    return {"count": len(rows), "rows": tuple(int(row) for row in rows[:20])}
