"""Inputs to show how a model is asked that are nobody's data: those of the sample rows that a task brings along."""

from __future__ import annotations

import json

from core.data.columns import several
from core.runs import Run
from core.tasks.base import Role, Task

MOST = 3


def asked(task: Task, run: Run) -> tuple[Role, ...]:
    """What this run's model is asked for: roles that the table may lack only where it has them."""
    columns = run.config.data.columns
    own = {role.name for role in task.roles}
    return tuple(
        role for role in task.asked if role.required or role.name not in own or several(columns.get(role.name))
    )


def example(task: Task, run: Run) -> dict[str, str]:
    """One input, role to text, that this run's model can be asked. Without pyarrow, which loads for half a second."""
    return {role.name: _text(role, task) for role in asked(task, run)}


def examples(task: Task, run: Run) -> list[dict[str, str]]:
    """A few inputs from the task's own sample rows, role to text; none where they lack what this model is asked for."""
    import pyarrow as pa

    from core.judging.judging import examples

    rows = task.sample_rows
    columns = {role.name: role.name for role in task.roles if role.name in rows[0]}
    if task.lacking(columns):
        return []
    found = examples(task, task.examples(pa.Table.from_pylist(list(rows)), columns, task.options()).table)
    names = {role.name for role in asked(task, run)}
    return [example for example in found if set(example) == names][:MOST]


def _text(role: Role, task: Task) -> str:
    """What the first sample row has for a role, or else a text of another row."""
    first, *others = task.sample_rows or ({},)
    if role.kind == "chat" and role.name in first:
        said = [turn for turn in first[role.name] if turn["role"] != "assistant"]
        return json.dumps(said[-1:], ensure_ascii=False)
    if role.name in first:
        return str(first[role.name])
    texts = [row.get(one.name) for row in (*others, first) for one in task.inputs]
    text = next((text for text in texts if isinstance(text, str)), f"Your {role.label.lower()}")
    return f"{text.rstrip('.!?').rpartition(' ')[0]} ___." if task.output == "fills" else text
