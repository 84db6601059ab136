"""What a person should know of how rows were shared out: empty and small parts, and labels that one of them lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.config import DataConfig
from core.data.classes import listed
from core.data.columns import several
from core.data.joined import SOURCE, TEST, VALIDATION, Files
from core.data.types import Examples, Finding

if TYPE_CHECKING:
    import numpy as np

    from core.tasks.base import Task

TRAIN = SOURCE
"""The number of the part to learn from: the source is that, as long as nothing else is said."""
TELLING_ROWS = 30
"""A score on fewer test rows than this is mostly chance."""
_WORDS = {TRAIN: "training", VALIDATION: "validation", TEST: "test"}


def error(code: str, title: str, fix: str = "Choose another way to share out the rows.") -> Finding:
    """What stands in the way of training."""
    return Finding(code, "error", title, "So the model cannot be trained and judged.", fix)


def in_no_part(column: str, count: int, positions: np.ndarray, files: Files) -> Finding:
    """Rows that are not of any part that a column names."""
    return Finding(
        "in-no-part",
        "warning",
        f"{count:,} {'row is' if count == 1 else 'rows are'} in no part.",
        f"In the column `{column}` they have another value than those of the parts, so they are left out.",
        "Give them one of the parts' values, if they are meant to be used.",
        count,
        tuple(files.row_numbers(positions[:20]).tolist()),
    )


def no_date(column: str, count: int, positions: np.ndarray, files: Files) -> Finding:
    """Rows that cannot be shared out by time."""
    return Finding(
        "no-date",
        "info",
        f"{count:,} {'row has' if count == 1 else 'rows have'} no date in `{column}`.",
        "It is not known how old they are, so they are learned from and never judged by.",
        "Fill in the date, or leave it so.",
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
            f"Only {sizes[TEST]} {'row is' if sizes[TEST] == 1 else 'rows are'} kept aside for the final mark.",
            "One answer more or less changes the mark by several percent, so take it as a hint.",
            "More rows in the table help most; a larger test share helps the mark, but leaves less to learn from.",
            sizes[TEST],
        ),
    )


def _empty(task: Task, data: DataConfig, part: int, keys: np.ndarray) -> Finding:
    import numpy as np

    share = {VALIDATION: data.split.validation, TEST: data.split.test}.get(part)
    groups = len(np.unique(keys))
    if isinstance(share, float) and groups < min(len(_WORDS), len(keys)):
        what = " and ".join(_labels(task, task.kept_together)) or "text"
        title = (
            f"All rows belong to one text ({what}), so nothing can be kept aside."
            if groups == 1
            else f"All rows belong to {groups} texts ({what}): too few to keep some aside."
        )
        fix = (
            "Rows of one text stay together: a model that is judged by a text it has learned from looks better than "
            "it is. Add rows with other texts, or choose another column."
        )
        return error("empty-part", title, fix)
    chosen = [role.name for role in task.roles if several(data.columns.get(role.name)) and (role.required or task.ways)]
    fix = f"Give it rows that have {listed(_labels(task, chosen))}, or let a share be drawn instead."
    return error("empty-part", f"The {_WORDS[part]} part has no usable row.", fix)


def _labels(task: Task, names: Sequence[str]) -> list[str]:
    """What the roles of these names are called on screen."""
    return [role.label for role in task.roles if role.name in names]


# --- Labels ----------------------------------------------------------------------------------------------------------


def gap_findings(examples: Examples, part: np.ndarray) -> tuple[Finding, ...]:
    """Labels that one of the parts lacks: not learned, or not checked."""
    import numpy as np

    labels, members = examples.target.labels, examples.members
    if not labels or (members is None and examples.strata is None):
        return ()
    words = ("class", "classes") if members is None else ("label", "labels")
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
        findings.append(_not_learned(names[TRAIN], int(rows), words))
    findings += [_not_checked(names[number], _WORDS[number], words) for number in (VALIDATION, TEST) if names[number]]
    return tuple(findings)


def _not_learned(names: Sequence[str], rows: int, words: tuple[str, str]) -> Finding:
    one, (label, labels) = len(names) == 1, words
    return Finding(
        "unseen-class",
        "warning",
        f"{len(names):,} {f'{label} has' if one else f'{labels} have'} no training example: {listed(names)}.",
        f"The model never learns {'it' if one else 'them'}, so it will get "
        f"{'that row' if rows == 1 else f'those {rows:,} rows'} wrong.",
        f"Add training examples of each {label}, or let the parts be drawn from all rows.",
        rows,
    )


def _not_checked(names: Sequence[str], part: str, words: tuple[str, str]) -> Finding:
    one, (label, labels) = len(names) == 1, words
    return Finding(
        f"{part}-lacks-class",
        "warning",
        f"The {part} part has no example of {len(names):,} {label if one else labels}: {listed(names)}.",
        f"How well the model does on {'it' if one else 'them'} is not seen there.",
        "Add examples, or keep a larger share aside.",
        len(names),
    )
