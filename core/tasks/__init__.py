"""Every task there is. A new one is a file beside this one and an entry here."""

from __future__ import annotations

from core.tasks.base import Task
from core.tasks.text_classification import TASK as TEXT_CLASSIFICATION

TASKS: dict[str, Task] = {task.id: task for task in (TEXT_CLASSIFICATION,)}
