"""What the live pages ask for: a small read-only interface at ``/reads``.

Every answer is JSON or a download. Nothing here changes anything; what people do goes through the pages' own events.
It is the pages' own and changes with them; programs have ``ui.rest``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse
from starlette.requests import Request

from core import schema
from core.config import OriginConfig, RunConfig
from core.errors import RunError, StudioError, explain
from core.studio import RunSummary, Studio
from core.tasks import TASKS
from ui.judging import api as judging
from ui.judging import versus
from ui.labels import api as labels
from ui.languages import told, told_all, tr
from ui.limits_words import used
from ui.publish import progress
from ui.search import api as searches
from ui.visitors import LENT

ADDRESS = "/reads"
DOWNLOADS = ("config.yaml", "report.json", "events.jsonl")
"""Files of a run's folder that may be downloaded by name."""
SETTINGS = {row.path: row.setting.label for row in schema.rows(RunConfig)}
"""What people call a setting, by its path in a config."""


def build(studio: Studio) -> FastAPI:
    """The interface, ready to be mounted."""
    app = FastAPI(title="Tunesmith", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(Exception, _failure)
    app.add_exception_handler(StudioError, _failure)

    @app.get("/runs")
    def runs(page: Annotated[int | None, Query(ge=1)] = None, find: str = "") -> JSONResponse:
        """All runs, or one page of those that the words of ``find`` fit."""
        if page is None:
            return JSONResponse({"runs": [_summary(run) for run in studio.runs()]})
        told = studio.runs_page(page, find)
        lines = {"runs": [_summary(run) for run in told.lines]}
        return JSONResponse(
            lines | {"number": told.number, "found": told.found, "total": told.total, "is_going_on": told.is_going_on}
        )

    @app.get("/mine")
    def mine() -> JSONResponse:
        """What whoever looks uses of what they may, where several people use the app."""
        uses = [{"words": used(use), "share": use.used / use.most if use.most else 1.0} for use in studio.my_uses()]
        return JSONResponse({"uses": uses}, headers={"Cache-Control": "no-store"})

    @app.get("/trash")
    def trash(also: str = "") -> JSONResponse:
        """The newest runs in the trash, and those whose ids are named."""
        lines, count = studio.trash_top(also.split(","))
        return JSONResponse({"runs": [_summary(run) for run in lines], "count": count})

    @app.get("/runs/{run_id}")
    def run(run_id: str) -> dict[str, Any]:
        folder = studio.folder(run_id)
        return {
            **_summary(studio.summary(run_id)),
            "metrics": _metric_words(studio.config(run_id).task),
            "settings": {path: tr(label) for path, label in SETTINGS.items()},
            "origin": _origin(studio, studio.config(run_id).origin),
            "shared": studio.is_shared(run_id) if studio.may_share() else None,
            "demo": ("shown" if studio.is_shown(run_id) else "own") if studio.is_demo else None,
            "files": [name for name in DOWNLOADS if (folder / name).is_file()],
        }

    @app.get("/runs/{run_id}/live")
    def live(run_id: str, request: Request, since: Annotated[int, Query(ge=0)] = 0) -> JSONResponse:
        told = studio.live(run_id, since)
        if request.scope.get(LENT):
            told.pop("job", None)  # who pays, and how much, is for the owner
        return JSONResponse(told_all(told), headers={"Cache-Control": "no-store"})

    @app.get("/runs/{run_id}/report")
    def report(run_id: str) -> dict[str, Any]:
        found = studio.report(run_id)
        if found is None:
            raise RunError("This run has no report yet.", "It is written when the run has been judged.")
        sections = [asdict(section) for section in studio.report_sections(run_id)]
        return told_all({"report": found, "sections": sections, "kept": studio.judgements(run_id)})

    @app.get("/runs/{run_id}/report.html")
    def report_page(run_id: str, judgement: str = "") -> StreamingResponse:
        name = "-".join(filter(None, (run_id, judgement, "report.html")))
        return _made_on_the_way(studio.report_html(run_id, judgement), name, "text/html; charset=utf-8")

    @app.get("/runs/{run_id}/report-all.json")
    def report_data(run_id: str, judgement: str = "") -> StreamingResponse:
        name = "-".join(filter(None, (run_id, judgement, "report.json")))
        return _made_on_the_way(iter((studio.report_data(run_id, judgement),)), name, "application/json")

    @app.get("/runs/{run_id}/log")
    def log(run_id: str) -> PlainTextResponse:
        return PlainTextResponse(studio.log(run_id), headers={"X-Content-Type-Options": "nosniff"})

    @app.get("/runs/{run_id}/files/{name}")
    def file(run_id: str, name: str) -> FileResponse:
        if name not in DOWNLOADS:
            raise RunError(
                tr("There is no file “{name}” to download.", name=name),
                tr("There may be: {names}.", names=", ".join(DOWNLOADS)),
            )
        return _download(studio.folder(run_id), name, f"{run_id}-{name}")

    @app.get("/runs/{run_id}/predictions/{name}")
    def prediction(run_id: str, name: str) -> FileResponse:
        if name in (".", "..") or "/" in name or "\\" in name:
            raise RunError(tr("There is no such file."), tr("Make the predictions again from the run's page."))
        return _download(studio.folder(run_id) / "predictions", name, name)

    @app.get("/runs/{run_id}/publication")
    def publication(run_id: str) -> JSONResponse:
        studio.folder(run_id)  # says where there is no such run
        told = progress.told(studio.publication(run_id), studio.hub_page)
        return JSONResponse({"publication": told}, headers={"Cache-Control": "no-store"})

    @app.get("/runs/{run_id}/model.zip")
    def model(run_id: str) -> StreamingResponse:
        return _made_on_the_way(studio.take_home(run_id), f"{run_id}.zip")

    @app.get("/runs/{run_id}/script.zip")
    def script(run_id: str) -> StreamingResponse:
        return _made_on_the_way(studio.take_script(run_id), f"{run_id}-script.zip")

    judging.add(app, studio)
    versus.add(app, studio)
    labels.add(app, studio)
    searches.add(app, studio)
    return app


def _made_on_the_way(pieces: Iterator[bytes], name: str, kind: str = "application/zip") -> StreamingResponse:
    """An attachment that is sent while it is made. What fails before its first piece is still told as a failure."""
    first = next(pieces, b"")
    return StreamingResponse(
        chain([first], pieces),
        media_type=kind,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def _summary(run: RunSummary) -> dict[str, Any]:
    names = {"state": run.state.value, "task": tr(run.task), "metric_label": tr(run.metric_label)}
    return told_all(asdict(run)) | names


def _origin(studio: Studio, origin: OriginConfig) -> dict[str, str] | None:
    """Where a run comes from, under the name that it has now."""
    if not origin.kind:
        return None
    if not origin.run:
        return {"kind": origin.kind, "id": origin.search, "name": origin.search}
    try:
        name = studio.summary(origin.run).name
    except RunError:  # it was deleted
        name = origin.run
    return {"kind": origin.kind, "id": origin.run, "name": name}


def _metric_words(task: str) -> dict[str, Any]:
    """Each metric's words, without the name that they stand under."""
    return {
        words.name: {
            key: tr(said) if key in ("label", "help") else said for key, said in asdict(words).items() if key != "name"
        }
        for words in TASKS[task].metrics
    }


def _download(folder: Path, file: str, name: str) -> FileResponse:
    """The file as an attachment: a browser never shows it as a page of ours. Links are not followed."""
    path = folder / file
    if not path.is_file() or path.is_symlink() or folder.is_symlink():
        raise RunError(tr("This file is not there."), tr("It may not have been made yet, or was deleted."))
    return FileResponse(
        path,
        filename=name,
        media_type="application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"},
    )


def _failure(request: Request, exc: Exception) -> JSONResponse:
    error = explain(exc)
    missing = isinstance(error, RunError)
    expected = isinstance(exc, StudioError)
    status = 404 if missing else 400 if expected else 500
    return JSONResponse({"title": told(error.title), "advice": told(error.advice)}, status_code=status)
