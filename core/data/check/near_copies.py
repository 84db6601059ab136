"""Rows that say nearly the same: with the same answer, or with another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.data.check.subject import Subject
from core.data.fixes import answer_columns, input_columns
from core.data.near import MOST_TEXTS, SIMILARITY
from core.data.steps.copies import DropContradictions, DropNearDuplicates
from core.data.types import Finding, Fix
from core.said import said, said_many, share_of

if TYPE_CHECKING:
    import numpy as np

_SMALL_SHARE = 0.01


def near_copies(subject: Subject) -> Iterator[Finding]:
    """Rows whose texts are nearly those of an earlier row, and that have the same answer; copies are told elsewhere."""
    import numpy as np

    inputs, answers = _columns(subject)
    if not inputs:
        return
    if subject.table.num_rows > MOST_TEXTS:
        yield _bounded(subject)
    step = DropNearDuplicates(columns=inputs, equal=answers)
    usable = _usable(subject)
    repeated = step.repeated(subject.shared.rows) & usable
    exact = _copies(subject, (*inputs, *answers)) & usable
    near = repeated & ~exact
    if not near.any():
        return
    count, all_of_them = int(np.count_nonzero(near)), int(np.count_nonzero(repeated))
    near_ones = said_many(count, "the near copy", "the {count} near copies")
    words = said("Take out {what}", what=near_ones)
    if all_of_them > count:
        others = said_many(all_of_them - count, "the copy", "the {count} copies")
        words = said("Take out {what} and {others}", what=near_ones, others=others)
    yield Finding(
        "near-duplicates",
        "info" if count < _SMALL_SHARE * len(usable) else "warning",
        said_many(
            count, "{count} row is nearly a copy of another row.", "{count} rows are nearly a copy of another row."
        ),
        said(
            "At least {share} of the short pieces of both texts are the same, capital letters, spaces and punctuation "
            "aside. If one of them is learned from and the other judged by, the score looks too good.",
            share=share_of(f"{100 * SIMILARITY:.0f} %"),
        ),
        said("Take such rows out, or keep texts that are alike in the same part."),
        **subject.at_rows(near),
        fixes=(Fix(words, (step.model_dump(mode="json"),)), *keep_together_fix(subject)),
    )


def near_contradictions(subject: Subject) -> Iterator[Finding]:
    """Rows whose texts are nearly the same and whose answers, which are classes, are not."""
    inputs, answers = _columns(subject)
    if not inputs or not answers or subject.task.output not in ("label", "labels"):
        return
    step = DropContradictions(columns=inputs, answers=answers, similarity=SIMILARITY)
    rows = subject.shared.rows
    exact = DropContradictions(columns=inputs, answers=answers).torn(rows)
    torn = step.torn(rows) & _usable(subject)
    near = torn & ~exact
    if not near.any():
        return
    count = int(near.sum())
    plain = step.model_dump(mode="json")
    yield Finding(
        "near-contradictions",
        "warning",
        said_many(
            count,
            "1 row has nearly the same text as another row, with another answer.",
            "{count} rows have nearly the same text as another row, with another answer.",
        ),
        said(
            "A small difference may turn the meaning; otherwise the model is told two different things about the same."
        ),
        said("Look at these rows, and decide on one answer where they mean the same."),
        **subject.at_rows(near),
        fixes=(
            Fix(said("Keep the answer that most of them have"), ({**plain, "keep": "majority"},)),
            Fix(
                said("Take out all {count} rows that are nearly the same and told differently", count=int(torn.sum())),
                (plain,),
            ),
        ),
    )


def _columns(subject: Subject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    config, task = subject.config, subject.task
    known = set(subject.table.column_names)
    both = (input_columns(config, task), answer_columns(config, task))
    inputs, answers = (tuple(name for name in names if name in known) for names in both)
    return inputs, answers


def _usable(subject: Subject) -> np.ndarray:
    import numpy as np

    usable = np.zeros(subject.table.num_rows, dtype=bool)
    usable[subject.places] = True
    return usable


def _copies(subject: Subject, columns: tuple[str, ...]) -> np.ndarray:
    from core.data.same_rows import first_places, row_keys

    ignore_case = subject.shared.examples.strata is None
    return ~first_places(row_keys(subject.table, columns, ignore_case))


def keep_together_fix(subject: Subject) -> tuple[Fix, ...]:
    """Where the parts are drawn, they can be drawn so that texts that are alike never part."""
    split = subject.config.data.split
    if split.keep_together == "similar" or split.column is not None or isinstance(split.test, str):
        return ()
    return (Fix(said("Keep texts that are alike in the same part"), settings={"data.split.keep_together": "similar"}),)


def _bounded(subject: Subject) -> Finding:
    return Finding(
        "near-sample",
        "info",
        said("Near copies are looked for among {texts} texts drawn by chance.", texts=MOST_TEXTS),
        said(
            "The table has {rows} rows; comparing all of them would take too much memory.",
            rows=subject.table.num_rows,
        ),
    )
