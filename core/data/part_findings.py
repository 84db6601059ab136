"""What a person should know of how rows were shared out: empty and small parts, and labels that one of them lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.config import DataConfig
from core.data.classes import listed
from core.data.columns import several
from core.data.joined import SOURCE, TEST, VALIDATION, Files
from core.data.types import Examples, Finding
from core.said import in_a_row, said, said_many

if TYPE_CHECKING:
    import numpy as np

    from core.tasks.base import Task

TRAIN = SOURCE
"""The number of the part to learn from: the source is that, as long as nothing else is said."""
TELLING_ROWS = 30
"""A score on fewer test rows than this is mostly chance."""
_WORDS = {TRAIN: "training", VALIDATION: "validation", TEST: "test"}
_EMPTY = {
    TRAIN: "The training part has no usable row.",
    VALIDATION: "The validation part has no usable row.",
    TEST: "The test part has no usable row.",
}
_UNLEARNED = {
    False: "{count} classes have no training example: {names}.",
    True: "{count} labels have no training example: {names}.",
}
_UNLEARNED_ONE = {
    False: "{count} class has no training example: {names}.",
    True: "{count} label has no training example: {names}.",
}
_MORE = {
    False: "Add training examples of each class, or let the parts be drawn from all rows.",
    True: "Add training examples of each label, or let the parts be drawn from all rows.",
}
_UNCHECKED = {
    (VALIDATION, False): "The validation part has no example of {count} classes: {names}.",
    (VALIDATION, True): "The validation part has no example of {count} labels: {names}.",
    (TEST, False): "The test part has no example of {count} classes: {names}.",
    (TEST, True): "The test part has no example of {count} labels: {names}.",
}
_UNCHECKED_ONE = {
    (VALIDATION, False): "The validation part has no example of {count} class: {names}.",
    (VALIDATION, True): "The validation part has no example of {count} label: {names}.",
    (TEST, False): "The test part has no example of {count} class: {names}.",
    (TEST, True): "The test part has no example of {count} label: {names}.",
}
"""By part, and by whether rows may have several labels."""


def error(code: str, title: str, fix: str = "") -> Finding:
    """What stands in the way of training."""
    fix = fix or said("Choose another way to share out the rows.")
    return Finding(code, "error", title, said("So the model cannot be trained and judged."), fix)


def in_no_part(column: str, count: int, positions: np.ndarray, files: Files) -> Finding:
    """Rows that are not of any part that a column names."""
    return Finding(
        "in-no-part",
        "warning",
        said_many(count, "{count} row is in no part.", "{count} rows are in no part."),
        said(
            "In the column `{column}` they have another value than those of the parts, so they are left out.",
            column=column,
        ),
        said("Give them one of the parts' values, if they are meant to be used."),
        count,
        tuple(files.row_numbers(positions[:20]).tolist()),
    )


def no_date(column: str, count: int, positions: np.ndarray, files: Files) -> Finding:
    """Rows that cannot be shared out by time."""
    return Finding(
        "no-date",
        "info",
        said_many(
            count,
            "{count} row has no date in `{column}`.",
            "{count} rows have no date in `{column}`.",
            column=column,
        ),
        said("It is not known how old they are, so they are learned from and never judged by."),
        said("Fill in the date, or leave it so."),
        count,
        tuple(files.row_numbers(positions[:20]).tolist()),
    )


# --- Sizes -----------------------------------------------------------------------------------------------------------


def size_findings(task: Task, data: DataConfig, part: np.ndarray, keys: np.ndarray) -> tuple[Finding, ...]:
    """Parts without rows, and a test part too small to tell. Rows that are equal in ``keys`` were kept together."""
    import numpy as np

    sizes = {number: int(np.count_nonzero(part == number)) for number in _WORDS}
    empty = [number for number, size in sizes.items() if not size]
    if empty:
        return (_empty(task, data, empty[0], keys),)
    if sizes[TEST] >= TELLING_ROWS:
        return ()
    return (
        Finding(
            "small-test",
            "warning",
            said_many(
                sizes[TEST],
                "Only {count} row is kept aside for the final mark.",
                "Only {count} rows are kept aside for the final mark.",
            ),
            said("One answer more or less changes the mark by several percent, so take it as a hint."),
            said(
                "More rows in the table help most; a larger test share helps the mark, but leaves less to learn from."
            ),
            sizes[TEST],
        ),
    )


def _empty(task: Task, data: DataConfig, part: int, keys: np.ndarray) -> Finding:
    import numpy as np

    share = {VALIDATION: data.split.validation, TEST: data.split.test}.get(part)
    groups = len(np.unique(keys))
    if isinstance(share, float) and groups < min(len(_WORDS), len(keys)):
        what = in_a_row(*_labels(task, task.kept_together)) or said("text")
        title = said_many(
            groups,
            "All rows belong to one text ({what}), so nothing can be kept aside.",
            "All rows belong to {count} texts ({what}): too few to keep some aside.",
            what=what,
        )
        fix = said(
            "Rows of one text stay together: a model that is judged by a text it has learned from looks better than "
            "it is. Add rows with other texts, or choose another column."
        )
        return error("empty-part", title, fix)
    chosen = [role.name for role in task.roles if several(data.columns.get(role.name)) and (role.required or task.ways)]
    fix = said(
        "Give it rows that have {roles}, or let a share be drawn instead.",
        roles=in_a_row(*_labels(task, chosen)),
    )
    return error("empty-part", said(_EMPTY[part]), fix)


def _labels(task: Task, names: Sequence[str]) -> list[str]:
    """What the roles of these names are called on screen."""
    return [said(role.label) for role in task.roles if role.name in names]


# --- Labels ----------------------------------------------------------------------------------------------------------


def gap_findings(examples: Examples, part: np.ndarray) -> tuple[Finding, ...]:
    """Labels that one of the parts lacks: not learned, or not checked."""
    import numpy as np

    labels, members = examples.target.labels, examples.members
    if not labels or (members is None and examples.strata is None):
        return ()
    several_labels = members is not None
    if members is None:
        members = np.zeros((len(part), len(labels)), dtype=bool)
        members[np.arange(len(part)), examples.strata] = True
    counts = {number: members[part == number].sum(0) for number in _WORDS}
    aside = counts[VALIDATION] + counts[TEST]
    lacking = {TRAIN: (counts[TRAIN] == 0) & (aside > 0)}
    lacking |= {number: (counts[number] == 0) & (counts[TRAIN] > 0) for number in (VALIDATION, TEST)}
    names = {number: [labels[place] for place in np.flatnonzero(places)] for number, places in lacking.items()}
    findings = []
    if names[TRAIN]:
        rows = (members[:, lacking[TRAIN]].any(1) & (part > TRAIN)).sum()
        findings.append(_not_learned(names[TRAIN], int(rows), several_labels))
    findings += [_not_checked(names[number], number, several_labels) for number in (VALIDATION, TEST) if names[number]]
    return tuple(findings)


def _not_learned(names: Sequence[str], rows: int, several_labels: bool) -> Finding:
    return Finding(
        "unseen-class",
        "warning",
        said_many(len(names), _UNLEARNED_ONE[several_labels], _UNLEARNED[several_labels], names=listed(names)),
        said_many(
            rows,
            "This is never learned, so the model will get that row wrong.",
            "This is never learned, so the model will get those {count} rows wrong.",
        ),
        said(_MORE[several_labels]),
        rows,
    )


def _not_checked(names: Sequence[str], part: int, several_labels: bool) -> Finding:
    which = (part, several_labels)
    return Finding(
        f"{_WORDS[part]}-lacks-class",
        "warning",
        said_many(len(names), _UNCHECKED_ONE[which], _UNCHECKED[which], names=listed(names)),
        said(
            "How well the model does on it is not seen there."
            if len(names) == 1
            else "How well it does on them is not seen there."
        ),
        said("Add examples, or keep a larger share aside."),
        len(names),
    )
