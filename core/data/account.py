"""Where every row went: used, or set aside for a reason. Nothing disappears without a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.data.cleaning import as_text
from core.data.columns import several
from core.data.rows import Rows
from core.data.types import Account
from core.said import enumerated, said, said_many

if TYPE_CHECKING:
    import numpy as np

    from core.config import RunConfig
    from core.data.types import Examples

UNREADABLE = said("could not be read")
UNFIT = said("not in the form that the task needs")
NO_PART = said("in no part of the split")
NOT_ALL = said("Not all rows are learned from or judged by.")
"""Said of a run whose account sets rows aside, with the account in words."""


def account_of(
    config: RunConfig,
    rows: Rows,
    examples: Examples,
    used: int,
    no_part: int,
    left_out: Sequence[tuple[str, int]] = (),
) -> Account:
    """The account of a config's files. ``rows`` are those after all steps; of the usable ones ``used`` are in one of
    the parts, ``no_part`` in none, and ``left_out`` were taken out of one: why, and how many.

    A row that lacks several things is counted once, by the first of the task's roles that it lacks.
    """
    from core.tasks import TASKS

    aside: dict[str, int] = {}

    def add(reason: str, count: int) -> None:
        if count:
            aside[reason] = aside.get(reason, 0) + count

    add(UNREADABLE, sum(len(file.meta.skipped) for file in rows.files.tables))
    for one in rows.aside:
        add(one.reason, len(one.positions))
    lost = _unused(rows, examples)
    for role in TASKS[config.task].roles:
        for column in several(config.data.columns.get(role.name)) if role.required and not role.many else ():
            empty = lost & _is_empty(rows, column)
            add(said("nothing in `{column}`", column=column), int(empty.sum()))
            lost &= ~empty
    add(UNFIT, int(lost.sum()))
    add(NO_PART, no_part)
    for reason, count in left_out:
        add(reason, count)
    return Account(rows.files.rows, used, tuple(aside.items()))


def in_words(account: Account) -> str:
    """``1,000 rows were read: 950 are used; 30 nothing in `text`, 20 taken out by hand.``"""
    if not account.aside:
        return said_many(account.read, "{count} row was read: all are used.", "{count} rows were read: all are used.")
    return said_many(
        account.read,
        "{count} row was read: {used} are used; {aside}.",
        "{count} rows were read: {used} are used; {aside}.",
        used=account.used,
        aside=enumerated(*(said("{count} {reason}", count=count, reason=reason) for reason, count in account.aside)),
    )


def _unused(rows: Rows, examples: Examples) -> np.ndarray:
    import numpy as np

    unused = np.ones(rows.table.num_rows, dtype=bool)
    unused[examples.table.column("row").to_numpy() - 1] = False
    return unused


def _is_empty(rows: Rows, column: str) -> np.ndarray:
    import pyarrow as pa
    import pyarrow.compute as pc

    values = rows.table.column(column)
    if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
        return pc.is_null(values).to_numpy()
    return pc.equal(as_text(values), "").to_numpy()
