"""The typed answers about runs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from core.runs import State
from ui.rest.problems import Problem

Download = Literal["config.yaml", "events.jsonl", "report.json", "report.html", "model.zip", "script.zip"]


class RunLine(BaseModel):
    """A run at a glance."""

    id: str
    name: str
    state: State = Field(description="queued and running are the two that go on; all others are ends.")
    task: str = Field(description="The task's id; empty where the run cannot be read.")
    checkpoint: str = Field(description="The model that it started from.")
    source: str = Field(description="The table that it learns from.")
    created: float = Field(description="Seconds since 1970.")
    seconds: float | None = Field(description="Seconds of training so far.")
    metric_label: str = Field(description="What the mark measures: Macro F1.")
    metric: float | None = Field(description="The mark on rows that were kept aside, once there is one.")
    can_answer: bool = Field(description="It can be asked: see predict.")
    place: int | None = Field(description="Its place in the queue, from 1, while it waits.")
    paused: bool = Field(description="It rests now, though it goes on.")


class RunList(BaseModel):
    """A page of the runs, newest first."""

    runs: list[RunLine] = Field(description="One record each.")
    page: int = Field(description="From 1; the last one where fewer are left than were asked for.")
    found: int = Field(description="Runs that fit, on all pages.")
    total: int


class ProgressLine(BaseModel):
    """The newest step that was logged."""

    step: int
    epoch: float
    loss: float | None
    elapsed_s: float
    eta_s: float | None = Field(description="Seconds until the training ends, as far as it can be told.")


class Rented(BaseModel):
    """The machine that was rented for a run. Money in US dollars."""

    hardware: str
    stage: str = Field(description="As the Hub last said; empty until it has.")
    open: bool = Field(description="It may be running, and costing.")
    followed: bool = Field(description="Something here asks the Hub how it stands.")
    trouble: str = Field(description="Why the Hub cannot be asked now: what else stands here may be old then.")
    asked: float | None = Field(description="When the Hub last told how it stands: seconds since 1970.")
    cost: float = Field(description="So far, as if it still ran while the Hub cannot be asked.")
    most: float = Field(description="What it can cost at the most.")
    url: str = Field(description="Its page on the Hub.")


class RunStatus(RunLine):
    """One run."""

    progress: ProgressLine | None = Field(description="The newest step, once there is one.")
    failure: Problem | None = Field(description="Why it failed, if it did.")
    verdict: str = Field(description="What the judgement says in words; empty until there is one.")
    asks: list[str] = Field(description="What an input of predict holds: a text for each of these names.")
    files: list[Download] = Field(description="What can be downloaded now.")
    rented: Rented | None = Field(description="The machine that was rented for it, if one was.")
    predictions: list[str] = Field(description="Tables that the model has answered, for download.")


class Decision(BaseModel):
    """A setting that the config left out, and why it was filled in like this."""

    setting: str = Field(description="Its path, as in a config: training.learning_rate.")
    value: Any
    reason: str


class Remark(BaseModel):
    """Something that will be done to the model or to long texts."""

    title: str
    detail: str


class Started(BaseModel):
    """A run that was begun."""

    run: RunLine
    decisions: list[Decision] = Field(description="What the config left out, and how it was filled in.")
    remarks: list[Remark] = Field(description="What will be done to the model or to long texts.")


class Answers(BaseModel):
    """What a model says."""

    output: str = Field(description="The kind of the answers, which decides their form: label, labels, number, spans …")
    answers: list[dict[str, Any]] = Field(description="One for each input, in their order.")
