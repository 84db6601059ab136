"""Every task there is. A new one is a file beside this one and an entry here.

People who program can bring a task of their own without touching this list: ``TUNESMITH_TASKS=package.module:TASK`` (or
several, parted by commas) puts it beside the others, and ``task: package.module:TASK`` in a ``run.yaml`` uses it once.
"""

from __future__ import annotations

import os

from core.custom import imported
from core.tasks.base import Task
from core.tasks.causal_language_modeling import TASK as CAUSAL_LANGUAGE_MODELING
from core.tasks.masked_language_modeling import TASK as MASKED_LANGUAGE_MODELING
from core.tasks.multi_label_classification import TASK as MULTI_LABEL_CLASSIFICATION
from core.tasks.question_answering import TASK as QUESTION_ANSWERING
from core.tasks.sequence_to_sequence import TASK as SEQUENCE_TO_SEQUENCE
from core.tasks.supervised_fine_tuning import TASK as SUPERVISED_FINE_TUNING
from core.tasks.text_classification import TASK as TEXT_CLASSIFICATION
from core.tasks.text_regression import TASK as TEXT_REGRESSION
from core.tasks.token_classification import TASK as TOKEN_CLASSIFICATION


class Tasks(dict[str, Task]):
    """Tasks by id. An id that is an import path is imported when it is asked for."""

    def __missing__(self, task_id: str) -> Task:
        if ":" not in task_id:
            raise KeyError(task_id)
        return imported(task_id, Task)

    def knows(self, task_id: str) -> bool:
        """Whether a task can be had by this id. Raises ``ConfigError`` for an import path that leads nowhere."""
        return task_id in self or (":" in task_id and bool(self[task_id]))


OWN = (
    TEXT_CLASSIFICATION,
    MULTI_LABEL_CLASSIFICATION,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
    QUESTION_ANSWERING,
    MASKED_LANGUAGE_MODELING,
    CAUSAL_LANGUAGE_MODELING,
    SUPERVISED_FINE_TUNING,
    SEQUENCE_TO_SEQUENCE,
)

TASKS = Tasks({task.id: task for task in OWN})
for path in filter(None, os.environ.get("TUNESMITH_TASKS", "").split(",")):
    brought = imported(path.strip(), Task)
    TASKS[brought.id] = brought
