"""What this app can do: its version, its limits, the tasks that it knows, the samples that come with it."""

from __future__ import annotations

from fastapi import FastAPI
from pydantic import BaseModel, Field

from core import __version__
from core.studio import Studio
from core.tasks import TASKS
from ui.rest import limits


class Column(BaseModel):
    """A role that a column of the table plays for a task."""

    name: str = Field(description="What a config calls it, under data.columns.")
    label: str
    help: str
    required: bool
    is_input: bool = Field(description="The model reads it, and is asked with it. Otherwise it is what is learned.")


class TaskLine(BaseModel):
    """Something that a model can learn to do."""

    id: str = Field(description="What a config names it by: task.")
    title: str
    summary: str
    output: str = Field(description="The kind of its answers, which decides their form.")
    columns: list[Column]


class SampleLine(BaseModel):
    """A table that comes with the app."""

    source: str = Field(description="What a config names it by: data.source.")
    title: str
    summary: str


class About(BaseModel):
    """What stands behind this address."""

    app: str = Field(description="The version of Tunesmith.")
    api: int = Field(description="The version of this interface. It changes when something breaks for programs.")
    limits: dict[str, int] = Field(description="How much is taken at the most, in bytes, letters or pieces.")
    tasks: list[TaskLine]
    samples: list[SampleLine]


def add(app: FastAPI, studio: Studio) -> None:
    """Add the operation."""

    @app.get("/", tags=["About"], operation_id="about", summary="What this app can do")
    def about() -> About:
        """The version, the limits, every task with the columns that it needs, and the samples to try it with."""
        return About(
            app=__version__,
            api=1,
            limits=limits.told(),
            tasks=[_task(one) for one in TASKS],
            samples=[SampleLine(source=one.id, title=one.title, summary=one.summary) for one in studio.samples()],
        )


def _task(task_id: str) -> TaskLine:
    task = TASKS[task_id]
    columns = [
        Column(name=role.name, label=role.label, help=role.help, required=role.required, is_input=role.is_input)
        for role in task.roles
    ]
    return TaskLine(id=task.id, title=task.title, summary=task.summary, output=task.output, columns=columns)
