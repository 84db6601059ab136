"""What the tasks learn and what their tables look like, for who has to choose one."""

from __future__ import annotations

import json
from typing import Any

from core.tasks import TASKS
from core.tasks.base import Task
from core.tasks.needs import needs
from ui import pieces
from ui.languages import told, tr
from ui.new_run.draft import Draft

UNLIKE = "Nothing in this table looks as this task needs it. Choose the columns yourself, if you know better."
UNKNOWN = "No task clearly fits this table. Choose the one you want and its columns. What each task needs:"
FITS = "(fits this table)"
ROWS_SHOWN = 4


def task_choices(draft: Draft) -> list[tuple[str, str]]:
    """Every task, those that fit the table first."""
    fitting = [(f"{tr(TASKS[task].title)} {tr(FITS)}", task) for task in draft.fitting]
    return [*fitting, *((tr(task.title), task.id) for task in TASKS.values() if task.id not in draft.fitting)]


def about_task(draft: Draft) -> str:
    """What the task learns and what a table for it looks like, as HTML; of a table that fits none, what each needs."""
    task = TASKS[draft.task]
    needed = ""
    if not draft.fitting:
        listed = {tr(one.title): f"{told(needs(one))}." for one in TASKS.values()}
        needed = f'<div class="nr-needs">{pieces.prose(tr(UNKNOWN))}{pieces.reasons(listed)}</div>'
    elif draft.guess_for(task.id) is None:
        needed = pieces.prose(tr(UNLIKE), "nr-note")
    ways = pieces.prose(tr("It needs: {task}.", task=told(needs(task))), "nr-note") if task.ways else ""
    return needed + pieces.prose(tr(task.summary), "nr-note") + ways + example_table(task)


def example_table(task: Task) -> str:
    """A few rows of a table as this task takes it, folded away."""
    headers = list(dict.fromkeys(name for row in task.sample_rows for name in row))
    rows = [[_cell(row.get(name)) for name in headers] for row in task.sample_rows[:ROWS_SHOWN]]
    table = pieces.table(headers, rows, tr("A table for: {title}", title=tr(task.title)), "nr-sample")
    return f'<details class="nr-more">{pieces.tag("summary", tr("What a table for this looks like"))}{table}</details>'


def _cell(value: Any) -> str:
    """A cell as a file shows it; lists and records as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)
