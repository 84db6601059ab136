"""Rows with any number of labels: what can be learned of them, and what a person should know before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.data import classes
from core.data.classes import FEW_EXAMPLES, MOST_CLASSES, listed
from core.data.cleaning import row_numbers
from core.data.label_lists import Labelled
from core.data.types import Finding, Target
from core.said import in_a_row, said, said_many

if TYPE_CHECKING:
    import numpy as np

_ROLE = "labels"
_REPEATED = 1.5
"""Labels occur at least so often, on average; free text does not."""
_SMALL = 10
"""So few labels may be those of a tiny table."""
_OFTEN = 0.95
"""A label that this share of the rows has tells them hardly apart."""


def target_of(found: Labelled, usable: np.ndarray) -> tuple[Target, Any]:
    """Only the labels that usable rows have, and ``members`` of the usable rows for these."""
    members = found.members[usable]
    counts = members.sum(0)
    present = [place for place, count in enumerate(counts.tolist()) if count]
    target = Target(tuple(found.names[place] for place in present), tuple(counts[present].tolist()), len(members))
    return target, members[:, present]


def names_of_rows(members: np.ndarray, target: Target) -> Any:
    """The labels of each row as a ``pyarrow`` array of lists of texts."""
    import numpy as np
    import pyarrow as pa

    _, codes = np.nonzero(members)
    offsets = np.concatenate([[0], np.cumsum(members.sum(1))])
    names = pa.array(target.labels, pa.large_string()).take(pa.array(codes))
    return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), names)


def members_of(column: Any, target: Target) -> Any:
    """The way back: booleans of shape (rows, labels) from a column of lists of texts."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    members = np.zeros((len(column), len(target.labels)), dtype=bool)
    codes = pc.index_in(pc.list_flatten(column), value_set=pa.array(target.labels, pa.large_string()))
    members[np.asarray(pc.list_parent_indices(column)), np.asarray(codes)] = True
    return members


def strata(members: np.ndarray) -> Any:
    """The rarest label of each row, as a number; one more for rows without any: rare labels reach every part so."""
    import numpy as np

    rarity = np.where(members, members.sum(0), np.iinfo(np.int64).max)
    rarest = rarity.argmin(1) if members.shape[1] else np.zeros(len(members), dtype=int)
    return np.where(members.any(1), rarest, members.shape[1])


# --- What cannot be read ---------------------------------------------------------------------------------------------


def reading_findings(columns: Sequence[str], found: Labelled, readable: np.ndarray) -> list[Finding]:
    """How the labels were read, and rows (among those whose text is ``readable``) that had to be left out."""
    where = f"`{columns[0]}`" if len(columns) == 1 else said("the {columns} columns of labels", columns=len(columns))
    unreadable, unknown = row_numbers(readable & found.unreadable), row_numbers(readable & found.unknown)
    title = said("The labels are {form}.", form=found.form)
    findings = [Finding("labels-form", "info", title, _read_as(found), role=_ROLE)]
    if unreadable["count"]:
        fix = said(
            "Write them like the others; put a label with the separator in it into quotation marks."
            if len(columns) == 1
            else "Write 1 or 0, yes or no, true or false in each of these columns."
        )
        findings.append(
            Finding(
                "unreadable-labels",
                "warning",
                said_many(
                    unreadable["count"],
                    "{count} row has something in {where} that cannot be read as labels.",
                    "{count} rows have something in {where} that cannot be read as labels.",
                    where=where,
                ),
                said(
                    "In this table the labels are {form}. These rows do not fit that, so they are left out.",
                    form=found.form,
                ),
                fix,
                role=_ROLE,
                **unreadable,
            )
        )
    if unknown["count"]:
        findings.append(
            Finding(
                "unknown-labels",
                "warning",
                said_many(
                    unknown["count"],
                    "{count} row has no answer for some of the labels.",
                    "{count} rows have no answer for some of the labels.",
                ),
                said(
                    "Elsewhere these columns say yes or no, so an empty cell leaves open which it is; such rows are "
                    "left out."
                ),
                said("Fill in yes or no, or leave it so."),
                role=_ROLE,
                **unknown,
            )
        )
    return findings


def _read_as(found: Labelled) -> str:
    if not found.names:
        return said("No label was found.")
    return said("So these {labels} are told apart: {names}.", labels=len(found.names), names=listed(found.names))


# --- What can be learned ---------------------------------------------------------------------------------------------


def blocking(columns: Sequence[str], found: Labelled, target: Target, rows: int) -> list[Finding]:
    """What makes it impossible to learn: no usable rows, fewer than two labels, or values that are no labels."""
    where = in_a_row(*(f"`{name}`" for name in columns[:2]))
    if len(columns) > 2:
        where = said("{names} …", names=where)
    if not found.names and found.unreadable.any():
        title = said("{where} holds lists or records from which no labels can be told.", where=where)
        meaning = said("Each row needs a list of words or numbers.")
        return [_error("no-labels", title, meaning, said("Choose another column."))]
    if rows == 0:
        meaning = said("Each row needs a text and labels.")
        return [_error("no-rows", said("No row can be used."), meaning, said("Choose other columns."))]
    if not target.labels:
        title = said("No row has a label in {where}.", where=where)
        return [_error("no-labels", title, said("There is nothing to learn."), said("Choose another."))]
    if len(target.labels) == 1:
        return [
            _error(
                "one-label",
                said("There is only one label: `{label}`.", label=target.labels[0]),
                said("Where it is only asked whether a text has it, that is one question with two answers."),
                said("Choose Text classification, with a column that says yes or no."),
            )
        ]
    few = sum(target.counts) < _REPEATED * len(target.labels) and len(target.labels) > _SMALL
    if len(target.labels) > MOST_CLASSES or few:
        return [
            _error(
                "too-many-labels",
                said(
                    "{where} holds {labels} different labels in {rows} rows.",
                    where=where,
                    labels=len(target.labels),
                    rows=rows,
                ),
                said(
                    "They were read as {form}. That looks like free text: each label needs several examples.",
                    form=found.form,
                ),
                said("Choose a column with labels that repeat."),
            )
        ]
    return []


def _error(code: str, title: str, meaning: str, fix: str) -> Finding:
    return Finding(code, "error", title, meaning, fix, role=_ROLE)


def label_findings(found: Labelled, target: Target, members: np.ndarray, rows: Any) -> list[Finding]:
    """Labels that are hard to learn or to judge, and rows without any. ``rows`` are the numbers of the usable rows."""
    findings = [*_without_any(members, rows), *_never(found, target), *_rare(target), *_everywhere(target, len(rows))]
    if len(rows) and members.sum(1).max() == 1:
        findings.append(
            Finding(
                "one-label-a-row",
                "info",
                said("No row has more than one label."),
                said(
                    "The model may still give several. Where each text has exactly one class, Text classification fits "
                    "better: it weighs the classes against each other."
                ),
                role=_ROLE,
            )
        )
    alike = classes.class_findings("", Target(target.labels, target.counts))
    return findings + [finding for finding in alike if finding.code == "similar-labels"]


def _without_any(members: np.ndarray, rows: Any) -> list[Finding]:
    without = rows[~members.any(1)]
    if not len(without):
        return []
    return [
        Finding(
            "no-label",
            "info",
            said_many(len(without), "{count} row has no label.", "{count} rows have no label."),
            said("They are learned from as texts to which none of the labels applies."),
            said("If they are only not labelled yet, take them out of the table."),
            role=_ROLE,
            count=len(without),
            rows=tuple(int(row) for row in without[:20]),
        )
    ]


def _never(found: Labelled, target: Target) -> list[Finding]:
    absent = [name for name in found.names if name not in set(target.labels)]
    if not absent:
        return []
    return [
        Finding(
            "label-never-given",
            "warning",
            said_many(
                len(absent),
                "{count} label is never given: {names}.",
                "{count} labels are never given: {names}.",
                names=listed(absent),
            ),
            said(
                "Without an example it cannot be learned, so it is left out."
                if len(absent) == 1
                else "Without an example they cannot be learned, so they are left out."
            ),
            said("Add rows that have it."),
            count=len(absent),
            role=_ROLE,
        )
    ]


def _rare(target: Target) -> list[Finding]:
    counted = list(zip(target.labels, target.counts, strict=True))
    few = [label for label, count in counted if count < FEW_EXAMPLES]
    if not few:
        return []
    return [
        Finding(
            "few-examples",
            "warning",
            said_many(
                len(few),
                "{count} label has fewer than {least} examples: {names}.",
                "{count} labels have fewer than {least} examples: {names}.",
                least=FEW_EXAMPLES,
                names=listed(few),
            ),
            said("So few are hard to learn from, and the score of such a label is mostly chance."),
            said("Add examples, merge it with a similar label, or take it out."),
            count=len(few),
            role=_ROLE,
        )
    ]


def _everywhere(target: Target, rows: int) -> list[Finding]:
    often = [name for name, count in zip(target.labels, target.counts, strict=True) if count >= _OFTEN * rows]
    if not often:
        return []
    return [
        Finding(
            "label-everywhere",
            "info",
            said("Nearly every row has {labels}.", labels=listed(often)),
            said("That is easy to get right by always saying it: look at the other labels to see what was learned."),
            count=len(often),
            role=_ROLE,
        )
    ]


def repetition_findings(table: Any, texts: Sequence[str], members: np.ndarray) -> list[Finding]:
    """Rows that repeat another one, and equal texts with other labels; see ``classes.repetition_findings``."""
    import numpy as np

    _, codes = np.unique(np.packbits(members, axis=1), axis=0, return_inverse=True)
    found = classes.repetition_findings(table, texts, codes.reshape(-1))
    fix = said("Decide on the same labels for each of these texts.")
    return [
        replace(
            finding,
            title=said_many(
                finding.count,
                "{count} row has a text that stands elsewhere with other labels.",
                "{count} rows have a text that stands elsewhere with other labels.",
            ),
            fix=fix,
        )
        if finding.code == "contradictions"
        else finding
        for finding in found
    ]
