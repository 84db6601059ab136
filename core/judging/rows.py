"""The rows that are judged later: a part of a run's data, or of another run's, or a new file, told from those that the
model learned from. For workers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from core import events, runs
from core.config import RunConfig
from core.data.account import account_of
from core.data.joined import TEST, VALIDATION, data_hash, open_files
from core.data.leakage import text_keys
from core.data.part_findings import TRAIN
from core.data.parts import DataParts, load_parts, share_out
from core.data.rows import Rows
from core.data.steps import AnyStep, apply_steps
from core.data.tables import open_table
from core.data.types import Examples, Part
from core.data_config import DataConfig, SplitConfig
from core.errors import DataError, RunError, StudioError
from core.evaluation.verdicts import named
from core.judging.columns import columns_of_file
from core.judging.judging import Complain
from core.judging.what import KNOWN, STRANGE, TOO_MANY, What
from core.runs import Run
from core.said import enumerated, said, together
from core.tasks.base import Context, Task

if TYPE_CHECKING:
    import numpy as np

NUMBERS: dict[Part, int] = {"train": TRAIN, "validation": VALIDATION, "test": TEST}

Aside = tuple[tuple[str, int], ...]
"""Why rows are not judged, and how many."""


@dataclass(frozen=True)
class Chosen:
    """Rows to judge, in the form of ``Examples.table``."""

    table: Any
    config: RunConfig
    """The run's own, with ``data`` that reads these rows as its test part."""
    read: int
    aside: Aside = ()
    known: int = 0
    """How many of ``table`` the model learned from; of ``aside`` where those were left out."""
    strange: Mapping[str, int] | None = None
    """Labels that the model does not know, and how many rows have each."""
    learned: DataParts | None = None
    """What the model learned from; None where that cannot be read any more."""


def choose(run: Run, what: What, task: Task, context: Context, complain: Complain) -> Chosen:
    """Find the rows. Raises ``DataError`` where there are none, ``RunError`` where they are of another task."""
    learned = _learned(run, what, complain)
    if what.file:
        chosen, examples = _of_file(run.config, what, task, complain)
    else:
        chosen, examples = _of_part(run, what)
    chosen = _without_strange(replace(chosen, learned=learned), examples, context)
    if learned is not None and not what.learned_from:
        chosen = _told_known(chosen, task, what.leaves_known_out)
    judged = task.judged_rows(chosen.table, context)
    fewer = chosen.table.num_rows - judged.num_rows
    aside = (*chosen.aside, (TOO_MANY, fewer)) if fewer else chosen.aside
    chosen = replace(chosen, table=judged, aside=aside)
    if not judged.num_rows:
        raise DataError(said("None of these rows can be judged."), _why(chosen, context.target.labels))
    return chosen


def _why(chosen: Chosen, labels: Sequence[str]) -> str:
    reasons = enumerated(*(said("{count} {reason}", count=count, reason=reason) for reason, count in chosen.aside))
    why = (
        said("Of {rows} rows: {reasons}.", rows=chosen.read, reasons=reasons) if reasons else said("There are no rows.")
    )
    if not chosen.strange:
        return why
    return together(
        why,
        said(
            "They say {strange}, it knows {known}. If another column holds the labels, say which one.",
            strange=named(list(chosen.strange)),
            known=named(labels),
        ),
    )


def _learned(run: Run, what: What, complain: Complain) -> DataParts | None:
    """What the model learned from. Raises ``DataError`` where its own parts are meant and are not those of then."""
    is_own = not what.file and not what.run
    try:
        changed = has_changed(run)
        parts = load_parts(run.config)
    except StudioError as exc:
        if is_own:
            raise
        complain(
            said("It is not known which of these rows the model has seen."),
            said("What it learned from: {why}", why=together(exc.title, exc.advice)),
        )
        return None
    if changed and is_own:
        raise DataError(
            said("The table has changed since the model learned from it."),
            said(
                "Rows that are kept aside now may have been learned from then, so the mark would be too good. Give "
                "rows that it has never seen as a file of their own."
            ),
        )
    if run.config.data.streaming:
        complain(
            said("It learned from a stream, which is not kept."),
            said("Only its first rows could be looked through for rows that the model has seen."),
        )
    if changed:
        complain(
            said("The table has changed since the model learned from it."),
            said("Which of these rows it has seen was looked up in the table as it is now."),
        )
    return parts


def has_changed(run: Run) -> bool:
    """Whether the files of a run are not those any more that it learned from. Raises ``DataError`` for missing ones."""
    happened, _ = events.read(run.events_path)
    learned = [event.data for event in happened if isinstance(event, events.Started) and event.data]
    return bool(learned) and learned[-1] != data_hash(run.config.data)


# --- Where they come from --------------------------------------------------------------------------------------------


def _of_part(run: Run, what: What) -> tuple[Chosen, Examples]:
    other = runs.find(what.run) if what.run else run
    if other.config.task != run.config.task:
        raise RunError(
            said("“{run}” learned another task.", run=other.name),
            said("Choose a run that learned the same task as this one."),
        )
    if what.run and has_changed(other):
        raise DataError(
            said("The table of “{run}” has changed since it learned from it.", run=other.name),
            said("Its parts are not those of then any more. Give the rows to judge as a file of their own."),
        )
    shared = share_out(other.config)
    assert shared.usable and shared.part is not None, "there are parts"
    rows, examples = shared.part == NUMBERS[what.part], shared.examples
    examples = replace(
        examples,
        table=getattr(shared.usable, what.part),
        members=None if examples.members is None else examples.members[rows],
        strata=None if examples.strata is None else examples.strata[rows],
    )
    data = _as_test(other.config.data, what.part)
    config = run.config.model_copy(update={"data": data})
    return Chosen(examples.table, config, examples.table.num_rows), examples


def _as_test(data: DataConfig, part: Part) -> DataConfig:
    """``data`` with the file of this part in the place of the test part's, so that row numbers lead there."""
    if part == "test" or data.split.column is not None:
        return data
    named = data.split.validation if part == "validation" else None
    return data.model_copy(
        update={"split": data.split.model_copy(update={"test": named if isinstance(named, str) else 0.1})}
    )


def _of_file(config: RunConfig, what: What, task: Task, complain: Complain) -> tuple[Chosen, Examples]:
    names = open_table(what.file).table.column_names
    columns = columns_of_file(task, config.data.columns, names, what)
    steps = tuple(step for step in config.data.steps if step.by_row and not step.by_number)
    fitting = tuple(step for step in steps if set(step.uses) <= set(names))
    if missed := [step.words for step in steps if step not in fitting]:
        complain(
            said("Not all changes that were made to the training table could be made here."),
            "; ".join(missed),
        )
    data = DataConfig(source=what.file, columns=dict(columns), steps=fitting, split=SplitConfig())
    rows = _changed(data, fitting)
    examples = task.examples(rows.table, columns, task.options_of_data(config.options))
    if not examples.table.num_rows:
        reason = next(iter(examples.errors), None)
        advice = (
            together(reason.title, reason.meaning, reason.fix) if reason else said("Give a file with rows to judge.")
        )
        raise DataError(said("None of the rows of this file can be judged."), advice)
    config = config.model_copy(update={"data": data})
    account = account_of(config, rows, examples, examples.table.num_rows, 0)
    places = examples.table.column("row").to_numpy() - 1
    table = _numbered(examples.table, rows.files.row_numbers(rows.positions[places]))
    return Chosen(table, config, account.read, account.aside), replace(examples, table=table)


def _changed(data: DataConfig, steps: Sequence[AnyStep]) -> Rows:
    return apply_steps(steps, Rows.of(open_files(data), ()))


def _numbered(table: Any, numbers: np.ndarray) -> Any:
    import pyarrow as pa

    return table.set_column(table.column_names.index("row"), "row", pa.array(numbers))


# --- Which of them ---------------------------------------------------------------------------------------------------


def _without_strange(chosen: Chosen, examples: Examples, context: Context) -> Chosen:
    """Without rows that have a label which the model cannot answer."""
    import numpy as np
    import pyarrow as pa

    known = set(context.target.labels)
    places = [place for place, label in enumerate(examples.target.labels) if label not in known]
    if not known or not places:
        return chosen
    if examples.members is not None:
        has = np.asarray(examples.members)[:, places]
    else:
        has = np.asarray(examples.strata)[:, None] == np.asarray(places)
    counts = {examples.target.labels[place]: int(has[:, number].sum()) for number, place in enumerate(places)}
    counts = {label: count for label, count in counts.items() if count}
    strange = has.any(1)
    if not counts:
        return chosen
    aside = (*chosen.aside, (STRANGE, int(strange.sum())))
    return replace(chosen, table=chosen.table.filter(pa.array(~strange)), aside=aside, strange=counts)


def _told_known(chosen: Chosen, task: Task, leave_out: bool) -> Chosen:
    """Which rows the model learned from: counted, or left out."""
    import numpy as np
    import pyarrow as pa

    assert chosen.learned is not None, "asked before"
    train = chosen.learned.train
    texts = [name for name in task.read_columns if name in chosen.table.column_names and name in train.column_names]
    known = np.isin(text_keys(chosen.table, texts), text_keys(train, texts))
    count = int(np.count_nonzero(known))
    if not leave_out or not count:
        return replace(chosen, known=count)
    aside = (*chosen.aside, (KNOWN, count))
    return replace(chosen, table=chosen.table.filter(pa.array(~known)), aside=aside, known=count)
