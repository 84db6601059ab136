"""From a config to the examples themselves: to learn from, to check while learning, to judge by at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core.config import RunConfig, SplitConfig
from core.data.account import account_of
from core.data.columns import names as column_names
from core.data.fixes import with_fixes
from core.data.joined import TEST, VALIDATION, open_files
from core.data.leakage import leakage_findings, text_keys
from core.data.moments import read_moments
from core.data.part_findings import TRAIN, error, gap_findings, in_no_part, no_date, size_findings
from core.data.rows import Rows
from core.data.splitting import draw, newest
from core.data.steps import Step, apply_steps, columns_used
from core.data.streamed import refuse_unfit, split_for
from core.data.types import Account, Checkup, Examples, Finding, Parts, Progress, Target
from core.errors import DataError
from core.said import enumerated, said, said_many, together

if TYPE_CHECKING:
    import numpy as np

FEWEST_ROWS = 10
"""Fewer usable rows than this teach nothing."""
_NOWHERE, _TAKEN_OUT = -1, -2
"""Beside TRAIN, VALIDATION and TEST: in no part; taken out of one by the first step on parts, one less by the next."""


_ON_SPLIT = ("in-no-part", "no-date")
"""Findings on how rows are shared out, beside errors."""
MANY_COPIES, MANY_TIMES = 0.01, 10
"""A text is one of very many copies above this share of the rows, when that is also so many times the usual number."""


@dataclass(frozen=True)
class DataParts:
    """Examples as ``pyarrow.Table``s in the form of ``Examples.table``: one column a role, and ``row``.

    ``row`` is the row's number in its own file. ``unusable`` counts the rows of the files that are in no part;
    ``findings`` say why. ``target`` is what the training rows tell, with the labels of all rows.
    """

    train: Any
    validation: Any
    test: Any
    target: Target
    findings: tuple[Finding, ...]
    unusable: int
    account: Account | None = None


@dataclass(frozen=True)
class SharedOut:
    """What came of sharing out a config's data. ``parts`` is None when one of the findings is an error.

    ``target`` is what all usable rows tell, for people; models learn that of ``parts``.
    """

    findings: tuple[Finding, ...]
    target: Target
    parts: DataParts | None
    rows: Rows
    """The files' rows after all steps."""
    examples: Examples
    part: np.ndarray | None = None
    """TRAIN, VALIDATION, TEST or -1 for each example; None while an error stands."""
    drawn: np.ndarray | None = None
    """The same, with more below 0: see ``_TAKEN_OUT``."""

    @property
    def usable(self) -> DataParts:
        """The parts. Raises ``DataError`` with the first error found when there are none."""
        if self.parts is None:
            error = next(finding for finding in self.findings if finding.severity == "error")
            raise DataError(error.title, together(error.meaning, error.fix))
        return self.parts

    @property
    def checkup(self) -> Checkup:
        """The same for people: findings, class counts, and how many rows go where."""
        parts, counts = self.parts, None
        if parts is not None:
            counts = Parts(parts.train.num_rows, parts.validation.num_rows, parts.test.num_rows, parts.unusable)
        return Checkup(self.findings, self.target.shown, counts, parts.account if parts else None)


def load_parts(config: RunConfig, progress: Progress | None = None) -> DataParts:
    """The three parts of a config's data. Raises ``DataError`` when they cannot be read or learned from."""
    return share_out(config, progress).usable


def share_out(config: RunConfig, progress: Progress | None = None) -> SharedOut:
    """Read, change, clean, check and share out. Raises ``DataError`` when a file cannot be read at all."""
    shared = _shared_out(config, progress)
    findings = with_fixes(config, shared.rows, shared.examples, shared.findings)
    parts = replace(shared.parts, findings=findings) if shared.parts else None
    return replace(shared, findings=findings, parts=parts)


def _shared_out(config: RunConfig, progress: Progress | None) -> SharedOut:
    from core.tasks import TASKS

    task, columns = TASKS[config.task], config.data.columns
    refuse_unfit(config.data)
    files = open_files(config.data, progress)
    split_columns = [name for name in (config.data.split.column, config.data.split.time) if name]
    rows = Rows.of(files, (*column_names(columns), *split_columns, *columns_used(config.data.steps)))
    rows = apply_steps(config.data.steps, rows)
    examples = task.examples(rows.table, columns, task.options_of_data(config.options))
    findings = (*files.findings(), *files.renumbered(examples.findings, rows.positions), *_too_few(examples))
    if _blocked(findings):
        return SharedOut(findings, examples.target, None, rows, examples)
    texts = [name for name in task.read_columns if name in examples.table.column_names]
    places = examples.table.column("row").to_numpy() - 1
    positions = rows.positions[places]
    together = [name for name in task.kept_together if name in examples.table.column_names]
    keys = _keys(examples.table, together, config.data.split.keep_together)
    if any(step.keeps_parts for step in config.data.steps):
        part, problems = _as_before(config, positions)
    else:
        part, problems = _drawn(config, rows, examples, places, keys, texts)
    if _blocked(problems):
        return SharedOut((*findings, *problems), examples.target, None, rows, examples)
    no_part = int((part == _NOWHERE).sum())
    left_out = _left_out(config.data.steps, part)
    drawn, part = part, part.clip(_NOWHERE)
    numbers = files.row_numbers(positions)
    train, validation, test = (_rows_of(examples, numbers, part, wanted) for wanted in (TRAIN, VALIDATION, TEST))
    findings += (*problems, *size_findings(task, config.data, part, keys), *gap_findings(examples, part))
    if _blocked(findings):
        return SharedOut(findings, examples.target, None, rows, examples)
    findings += leakage_findings(train, test, texts)
    used = train.num_rows + validation.num_rows + test.num_rows
    account = account_of(config, rows, examples, used, no_part, left_out)
    target = examples.target_of(part == TRAIN)
    parts = DataParts(train, validation, test, target, findings, files.rows - used, account)
    return SharedOut(findings, examples.target, parts, rows, examples, part, drawn)


def _drawn(
    config: RunConfig, rows: Rows, examples: Examples, places: np.ndarray, keys: np.ndarray, texts: Sequence[str]
) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """(the part of each example after the steps on parts, findings on the split; with an error there are no parts)."""
    import numpy as np

    named, problems = _named_parts(config.data.split, rows, places)
    if _blocked(problems):
        return np.zeros(0), problems
    moments, problems = _moments(config.data.split, rows, places, problems)
    if _blocked(problems):
        return np.zeros(0), problems
    part = _with_shares(split_for(config.data, len(places)), named, examples.strata, keys, moments)
    return _without_leaks(config.data.steps, examples.table.select(texts), part), problems


def _as_before(config: RunConfig, positions: np.ndarray) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """The same for rows that stay in the parts that they have without the steps that keep parts; one that was not
    usable then is in none. ``positions`` are those of the examples among all rows of all files.
    """
    import numpy as np

    steps = tuple(step for step in config.data.steps if not step.keeps_parts)
    draft = config.model_copy(update={"data": config.data.model_copy(update={"steps": steps})})
    before = _shared_out(draft, None)
    if before.drawn is None:
        return np.zeros(0), tuple(finding for finding in before.findings if finding.severity == "error")
    then = before.rows.positions[before.examples.table.column("row").to_numpy() - 1]
    part = np.full(before.rows.files.rows + 1, _NOWHERE, dtype=np.int8)
    part[then] = before.drawn
    return part[positions], tuple(finding for finding in before.findings if finding.code in _ON_SPLIT)


def _left_out(steps: Sequence[Step], part: np.ndarray) -> tuple[tuple[str, int], ...]:
    """Why rows were taken out of their parts, and how many."""
    import numpy as np

    reasons = [step.reason for step in steps if step.stage == "parts"]
    return tuple((reason, int(np.count_nonzero(part == _TAKEN_OUT - place))) for place, reason in enumerate(reasons))


def _blocked(findings: Sequence[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _named_parts(split: SplitConfig, rows: Rows, places: np.ndarray) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """The part of each example as far as a file or a column names it; all others are to learn from, for now.

    ``places`` says where in ``rows`` each example stands.
    """
    import numpy as np

    files, table, positions = rows.files, rows.table, rows.positions[places]
    if split.column is None:
        return files.roles_of(positions), ()  # the numbers of roles are those of parts; the source is to learn from
    if split.column not in table.column_names:
        title = said("The table has no column `{column}` for the split.", column=split.column)
        return np.zeros(0), (error("no-split-column", title),)
    words = _words(table.column(split.column), places)
    names = {TRAIN: split.train, VALIDATION: split.validation, TEST: split.test}
    wanted = {part: name for part, name in names.items() if isinstance(name, str)}
    missing = [name for name in wanted.values() if name.strip() not in words]
    if missing:
        there = enumerated(*(f"`{word}`" for word in sorted(set(words))[:10]))
        title = said("No usable row has `{value}` in the column `{column}`.", value=missing[0], column=split.column)
        return np.zeros(0), (error("no-such-part", title, said("Its values are: {values}.", values=there)),)
    part = np.full(len(words), _NOWHERE if split.train is not None else TRAIN, dtype=np.int8)
    for number, name in wanted.items():
        part[words == name.strip()] = number
    left_out = int(np.count_nonzero(part == _NOWHERE))
    return part, (in_no_part(split.column, left_out, positions[part == _NOWHERE], files),) if left_out else ()


def _words(column: Any, places: np.ndarray) -> np.ndarray:
    """A column's values as words, at the given rows."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pc.utf8_trim_whitespace(pc.fill_null(column.cast(pa.large_string()), ""))
    return np.asarray(words.to_pylist(), dtype=object)[places]


def _keys(table: Any, together: Sequence[str], how: str) -> np.ndarray:
    """A number for each row; those of one number never part."""
    if how == "same":
        return text_keys(table, together)
    from core.data.near import near_groups

    return near_groups(table, together)


def _moments(
    split: SplitConfig, rows: Rows, places: np.ndarray, problems: tuple[Finding, ...]
) -> tuple[np.ndarray | None, tuple[Finding, ...]]:
    """(when each example was, where they are shared out by time; ``problems`` and those with the times)."""
    import numpy as np

    if split.time is None:
        return None, problems
    if split.time not in rows.table.column_names:
        title = said("The table has no column `{column}` to tell older rows from newer ones.", column=split.time)
        return None, (*problems, error("no-time-column", title))
    moments = read_moments(rows.table.column(split.time))[places]
    if len(np.unique(moments[~np.isnan(moments)])) < len((TRAIN, VALIDATION, TEST)):
        title = said("The column `{column}` does not tell older rows from newer ones.", column=split.time)
        fix = said("It needs at least three different dates or numbers. Choose another column, or share out by chance.")
        return None, (*problems, error("no-dates", title, fix))
    dateless = np.isnan(moments)
    if dateless.any():
        problems += (no_date(split.time, int(dateless.sum()), rows.positions[places[dateless]], rows.files),)
    return moments, problems


def _without_leaks(steps: Sequence[Step], texts: Any, part: np.ndarray) -> np.ndarray:
    """The part of each example after the steps on parts: see ``_TAKEN_OUT``."""
    import numpy as np

    for place, step in enumerate(step for step in steps if step.stage == "parts"):
        part = np.where(step.left_out(texts, part), np.int8(_TAKEN_OUT - place), part)
    return part


def _with_shares(
    split: SplitConfig,
    part: np.ndarray,
    strata: np.ndarray | None,
    keys: np.ndarray,
    moments: np.ndarray | None = None,
) -> np.ndarray:
    """Take from the training rows the parts that are given as shares (of those rows): by chance, or the newest.

    Rows of one key, which are copies of one text, go the same way: what is kept aside was truly never seen. A text of
    which there are very many copies is learned from: kept aside, it would make up much of that part.
    """
    import numpy as np

    drawn = [
        (number, share) for number, share in ((VALIDATION, split.validation), (TEST, split.test))
        if not isinstance(share, str)
    ]  # fmt: skip
    pool = np.flatnonzero(part == TRAIN)
    if not drawn or not len(pool):
        return part
    _, first, group, copies = np.unique(keys[pool], return_index=True, return_inverse=True, return_counts=True)
    free = np.flatnonzero(copies <= max(MANY_COPIES * len(pool), MANY_TIMES * float(np.median(copies))))
    shares = [share for _, share in drawn]
    places = np.zeros(len(first), dtype=np.int64)
    if moments is not None:
        # A text that was there before is not new; nan, as where a row has no date, makes all of its copies so.
        oldest = np.full(len(first), np.inf)
        with np.errstate(invalid="ignore"):
            np.minimum.at(oldest, group, moments[pool])
        places[free] = newest(oldest[free], copies[free], shares)
    else:
        classes = None if strata is None else np.unique(strata[pool][first[free]], return_inverse=True)[1]
        places[free] = draw(classes, len(free), shares, split.seed)
    result = part.copy()
    result[pool] = np.asarray([TRAIN, *(number for number, _ in drawn)])[places[group]]
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
    title = said_many(rows, "Only {count} row can be used.", "Only {count} rows can be used.")
    fix = said(
        "At least {least} are needed to try at all, and a hundred or more for each class to learn well.",
        least=FEWEST_ROWS,
    )
    return (error("too-few-rows", title, fix),)
