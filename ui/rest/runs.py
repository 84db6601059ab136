"""Runs: to start one, to find them, to see how far one is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, get_args

from fastapi import FastAPI, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from core.errors import ConfigError
from core.studio import RunSummary, State, Studio
from core.tasks import TASKS
from ui.new_run.from_files import is_upload
from ui.rest import event_models, uploads
from ui.rest.models import Download, ProgressLine, Rented, RunLine, RunList, RunStatus, Started
from ui.rest.problems import Problem, documented
from ui.visitors import is_local


class StartRequest(BaseModel):
    """What a run shall be."""

    model_config = ConfigDict(extra="forbid")

    config: dict[str, Any] = Field(
        description="The settings, as in a run.yaml. data.source is enough: what is left out, even the task, is filled "
        "in with what suits the table. All of them: docs/settings.md.",
    )
    agreed_cost: float | None = Field(
        None,
        ge=0,
        description="For a run on a rented machine (job.hardware): what you agree to pay at the most, in US dollars. "
        "Without it, or where it may cost more, nothing is sent and the answer names the sum.",
    )


def add(app: FastAPI, studio: Studio) -> None:
    """Add the operations."""
    from ui.rest import starting

    @app.post(
        "/runs",
        status_code=201,
        responses=documented(400, 409, 413, 415, 429),
        tags=["Runs"],
        operation_id="start",
        summary="Start a run",
    )
    def start(wanted: StartRequest, request: Request, response: Response) -> Started:
        """The table is an upload (`upload/…`), a sample (`sample/…`) or a dataset of the Hugging Face Hub
        (`hf://datasets/…`). It is looked at and checked first, as on the page New run; what keeps it from being learned
        from is told, and no run begins.
        """
        started = starting.start(studio, wanted.config, is_local(request), wanted.agreed_cost)
        response.headers["Location"] = f"{request.scope.get('root_path', '')}/runs/{started.run.id}"
        return started

    @app.get("/runs", tags=["Runs"], operation_id="list", summary="List the runs")
    def listing(
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        find: Annotated[str, Query(max_length=200, description="Words that all have to be found.")] = "",
    ) -> RunList:
        """Newest first, fifty a page."""
        return listed(studio, page, find)

    @app.get(
        "/runs/{run_id}",
        responses=documented(404),
        tags=["Runs"],
        operation_id="status",
        summary="See how far a run is",
    )
    def status(run_id: str) -> RunStatus:
        """Its state, its newest step, its mark, and what can be downloaded."""
        return status_of(studio, run_id)

    @app.get(
        "/runs/{run_id}/events",
        response_model=event_models.Events,
        responses=documented(404),
        tags=["Runs"],
        operation_id="events",
        summary="Follow a run",
    )
    def events(
        run_id: str,
        since: Annotated[int, Query(ge=0, le=2**62, description="The cursor of the last answer; 0 at first.")] = 0,
    ) -> Any:
        """What happened since the last time, in its order. Ask again with the `cursor` of the answer: at once while
        there is `more`, else after a second or so, until `state` is an end.
        """
        return event_models.told(studio, run_id, since)


def listed(studio: Studio, page: int, find: str) -> RunList:
    """A page of the runs in which all words of ``find`` are found."""
    told = studio.runs_page(page, find)
    return RunList(
        runs=[_line(studio, one) for one in told.lines], page=told.number, found=told.found, total=told.total
    )


def line_of(studio: Studio, run_id: str) -> RunLine:
    """One run at a glance."""
    return _line(studio, studio.summary(run_id))


def status_of(studio: Studio, run_id: str) -> RunStatus:
    """One run, with all that is told of it."""
    line, far, step = studio.summary(run_id), studio.how_far(run_id), None
    report = studio.report(run_id) or {}
    if far.step is not None:
        step = ProgressLine(**{name: getattr(far.step, name) for name in ProgressLine.model_fields})
    failed, job = far.failure, studio.rented(run_id)
    return RunStatus(
        **_line(studio, line).model_dump(),
        progress=step,
        failure=Problem(title=failed.title, advice=failed.advice) if failed else None,
        verdict=str(report.get("verdict") or line.problem),
        asks=[] if line.state is State.UNREADABLE else [role.name for role in studio.asked(run_id)],
        files=_files(studio, run_id, line),
        predictions=list(far.predictions),
        rented=Rented(**{name: job[name] for name in Rented.model_fields}) if job else None,
    )


def _line(studio: Studio, run: RunSummary) -> RunLine:
    names = {name: getattr(run, name) for name in RunLine.model_fields if name not in ("task", "source")}
    source = uploads.source_of(Path(run.source)) if run.source and is_upload(run.source) else run.source
    return RunLine(**names, task=_task(studio, run), source=source)


def _task(studio: Studio, run: RunSummary) -> str:
    try:
        return studio.config(run.id).task if run.state is not State.UNREADABLE else ""
    except ConfigError:  # changed by hand at this moment
        return ""


def _files(studio: Studio, run_id: str, line: RunSummary) -> list[Download]:
    folder = studio.folder(run_id)
    is_readable = line.state is not State.UNREADABLE
    has_report = (folder / "report.json").is_file()
    there = {
        "report.html": has_report and is_readable,
        "model.zip": line.has_model,
        "script.zip": is_readable and TASKS[studio.config(run_id).task].script is not None,
    }
    return [name for name in get_args(Download) if there.get(name, (folder / name).is_file())]
