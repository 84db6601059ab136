"""Every task there is. A new one is a file beside this one and an entry here."""

from __future__ import annotations

from core.tasks import text_classification
from core.tasks.base import Task

TASKS: dict[str, Task] = {task.id: task for task in (text_classification.TASK,)}
