"""From a config to the examples themselves: to learn from, to check while learning, to judge by at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.config import RunConfig, SplitConfig
from core.data.columns import names as column_names
from core.data.joined import TEST, VALIDATION, Files, open_files
from core.data.leakage import leakage_findings, text_keys
from core.data.splitting import draw
from core.data.types import Checkup, Examples, Finding, Parts, Progress, Target
from core.errors import DataError

if TYPE_CHECKING:
    import numpy as np

FEWEST_ROWS = 10
"""Fewer usable rows than this teach nothing."""
TELLING_ROWS = 30
"""A score on fewer test rows than this is mostly chance."""

_TRAIN, _NOWHERE = 0, -1  # beside VALIDATION and TEST
_WORDS = {_TRAIN: "training", VALIDATION: "validation", TEST: "test"}


@dataclass(frozen=True)
class DataParts:
    """Examples as ``pyarrow.Table``s in the form of ``Examples.table``: one column a role, and ``row``.

    ``row`` is the row's number in its own file. ``unusable`` counts the rows of the files that are in no part;
    ``findings`` say why.
    """

    train: Any
    validation: Any
    test: Any
    target: Target
    findings: tuple[Finding, ...]
    unusable: int


@dataclass(frozen=True)
class SharedOut:
    """What came of sharing out a config's data. ``parts`` is None when one of the findings is an error."""

    findings: tuple[Finding, ...]
    target: Target
    parts: DataParts | None

    @property
    def usable(self) -> DataParts:
        """The parts. Raises ``DataError`` with the first error found when there are none."""
        if self.parts is None:
            error = next(finding for finding in self.findings if finding.severity == "error")
            raise DataError(error.title, f"{error.meaning} {error.fix}".strip())
        return self.parts

    @property
    def checkup(self) -> Checkup:
        """The same for people: findings, class counts, and how many rows go where."""
        parts, counts = self.parts, None
        if parts is not None:
            counts = Parts(parts.train.num_rows, parts.validation.num_rows, parts.test.num_rows, parts.unusable)
        return Checkup(self.findings, self.target.shown, counts)


def load_parts(config: RunConfig, progress: Progress | None = None) -> DataParts:
    """The three parts of a config's data. Raises ``DataError`` when they cannot be read or learned from."""
    return share_out(config, progress).usable


def share_out(config: RunConfig, progress: Progress | None = None) -> SharedOut:
    """Read, clean, check and share out. Raises ``DataError`` when a file cannot be read at all."""
    from core.tasks import TASKS

    task, columns = TASKS[config.task], config.data.columns
    files = open_files(config.data, progress)
    split_column = [config.data.split.column] if config.data.split.column else []
    table = files.joined((*column_names(columns), *split_column))
    examples = task.examples(table, columns, config.options)
    findings = (*files.findings(), *files.renumbered(examples.findings), *_too_few(examples))
    if _blocked(findings):
        return SharedOut(findings, examples.target, None)
    positions = examples.table.column("row").to_numpy() - 1
    named, problems = _named_parts(config.data.split, files, table, positions)
    if _blocked(problems):
        return SharedOut((*findings, *problems), examples.target, None)
    texts, together = (
        [name for name in wanted if name in examples.table.column_names]
        for wanted in (task.read_columns, task.kept_together)
    )
    part = _with_shares(config.data.split, named, examples.strata, text_keys(examples.table, together))
    numbers = files.row_numbers(positions)
    train, validation, test = (_rows_of(examples, numbers, part, wanted) for wanted in (_TRAIN, VALIDATION, TEST))
    findings += (*problems, *_about(part), *_unseen(examples, part))
    if _blocked(findings):
        return SharedOut(findings, examples.target, None)
    findings += leakage_findings(train, test, texts)
    unusable = files.rows - train.num_rows - validation.num_rows - test.num_rows
    parts = DataParts(train, validation, test, examples.target, findings, unusable)
    return SharedOut(findings, examples.target, parts)


def _blocked(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _named_parts(
    split: SplitConfig, files: Files, table: Any, positions: np.ndarray
) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """The part of each example as far as a file or a column names it; all others are to learn from, for now."""
    import numpy as np

    if split.column is None:
        return files.roles_of(positions), ()  # the numbers of roles are those of parts; the source is to learn from
    if split.column not in table.column_names:
        return np.zeros(0), (_error("no-split-column", f"The table has no column `{split.column}` for the split."),)
    words = _words(table.column(split.column), positions)
    names = {_TRAIN: split.train, VALIDATION: split.validation, TEST: split.test}
    wanted = {part: name for part, name in names.items() if isinstance(name, str)}
    missing = [name for name in wanted.values() if name.strip() not in words]
    if missing:
        there = ", ".join(f"`{word}`" for word in sorted(set(words))[:10])
        title = f"No usable row has `{missing[0]}` in the column `{split.column}`."
        return np.zeros(0), (_error("no-such-part", title, f"Its values are: {there}."),)
    part = np.full(len(words), _NOWHERE if split.train is not None else _TRAIN, dtype=np.int8)
    for number, name in wanted.items():
        part[words == name.strip()] = number
    left_out = int(np.count_nonzero(part == _NOWHERE))
    return part, (_left_out(split.column, left_out, positions[part == _NOWHERE], files),) if left_out else ()


def _words(column: Any, positions: np.ndarray) -> np.ndarray:
    """A column's values as words, at the given rows."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pc.utf8_trim_whitespace(pc.fill_null(column.cast(pa.large_string()), ""))
    return np.asarray(words.to_pylist(), dtype=object)[positions]


def _with_shares(split: SplitConfig, part: np.ndarray, strata: np.ndarray | None, keys: np.ndarray) -> np.ndarray:
    """Draw from the training rows the parts that are given as shares (of those rows).

    Rows of one key, which are copies of one text, go the same way: what is kept aside was truly never seen.
    """
    import numpy as np

    drawn = [
        (number, share) for number, share in ((VALIDATION, split.validation), (TEST, split.test))
        if not isinstance(share, str)
    ]  # fmt: skip
    pool = np.flatnonzero(part == _TRAIN)
    if not drawn or not len(pool):
        return part
    _, first, group = np.unique(keys[pool], return_index=True, return_inverse=True)
    classes = None if strata is None else np.unique(strata[pool][first], return_inverse=True)[1]
    places = draw(classes, len(first), [share for _, share in drawn], split.seed)
    result = part.copy()
    result[pool] = np.asarray([_TRAIN, *(number for number, _ in drawn)])[places[group]]
    return result


def _rows_of(examples: Examples, numbers: np.ndarray, part: np.ndarray, wanted: int) -> Any:
    import pyarrow as pa

    table = examples.table
    table = table.set_column(table.column_names.index("row"), "row", pa.array(numbers))
    return table.filter(pa.array(part == wanted))


def _too_few(examples: Examples) -> tuple[Finding, ...]:
    rows = examples.table.num_rows
    if examples.errors or rows >= FEWEST_ROWS:
        return ()
    title = f"Only {rows} {'row' if rows == 1 else 'rows'} can be used."
    fix = f"At least {FEWEST_ROWS} are needed to try at all, and a hundred or more for each class to learn well."
    return (_error("too-few-rows", title, fix),)


def _about(part: np.ndarray) -> tuple[Finding, ...]:
    """Parts without rows, and a test part too small to tell."""
    import numpy as np

    sizes = {number: int(np.count_nonzero(part == number)) for number in _WORDS}
    empty = [_WORDS[number] for number, size in sizes.items() if not size]
    if empty:
        fix = "Give it rows with a text and a label, or let a share be drawn instead."
        return (_error("empty-part", f"The {empty[0]} part has no usable row.", fix),)
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


def _unseen(examples: Examples, part: np.ndarray) -> tuple[Finding, ...]:
    """Classes that one of the parts lacks: not learned, or not checked."""
    import numpy as np

    labels, members = examples.target.labels, examples.members
    if not labels or (members is None and examples.strata is None):
        return ()
    if members is None:
        members = np.zeros((len(part), len(labels)), dtype=bool)
        members[np.arange(len(part)), examples.strata] = True
    counts = {number: members[part == number].sum(0) for number in _WORDS}
    kept_aside = counts[VALIDATION] + counts[TEST]
    findings = [
        *_not_learned(labels, (counts[_TRAIN] == 0) & (kept_aside > 0), int(kept_aside[counts[_TRAIN] == 0].sum())),
        *(_not_checked(labels, _WORDS[number], (counts[number] == 0) & (counts[_TRAIN] > 0))
          for number in (VALIDATION, TEST) if np.any((counts[number] == 0) & (counts[_TRAIN] > 0))),
    ]  # fmt: skip
    return tuple(findings)


def _not_learned(labels: Sequence[str], lacking: np.ndarray, rows: int) -> list[Finding]:
    names = _named(labels, lacking)
    if not names:
        return []
    one = len(names) == 1
    return [
        Finding(
            "unseen-class",
            "warning",
            f"{len(names)} {'class has' if one else 'classes have'} no training example: {_first(names)}.",
            f"The model never learns {'it' if one else 'them'}, so it will get those {rows:,} rows wrong.",
            "Add training examples of each class, or let the parts be drawn from all rows.",
            rows,
        )
    ]


def _not_checked(labels: Sequence[str], words: str, lacking: np.ndarray) -> Finding:
    names = _named(labels, lacking)
    one = len(names) == 1
    return Finding(
        f"{words}-lacks-class",
        "warning",
        f"The {words} part has no example of {len(names)} {'class' if one else 'classes'}: {_first(names)}.",
        f"How well the model does on {'it' if one else 'them'} is not seen there.",
        "Add examples, or keep a larger share aside.",
        len(names),
    )


def _named(labels: Sequence[str], chosen: np.ndarray) -> list[str]:
    return [label for label, is_one in zip(labels, chosen.tolist(), strict=True) if is_one]


def _first(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:5]) + (" and more" if len(names) > 5 else "")


def _left_out(column: str, count: int, positions: np.ndarray, files: Files) -> Finding:
    return Finding(
        "in-no-part",
        "warning",
        f"{count:,} {'row is' if count == 1 else 'rows are'} in no part.",
        f"In the column `{column}` they have another value than those of the parts, so they are left out.",
        "Give them one of the parts' values, if they are meant to be used.",
        count,
        tuple(files.row_numbers(positions[:20]).tolist()),
    )


def _error(code: str, title: str, fix: str = "Choose another way to share out the rows.") -> Finding:
    return Finding(code, "error", title, "So the model cannot be trained and judged.", fix)
