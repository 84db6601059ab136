"""What the report asks for beside itself: judged rows by pages, judgements that were made later, and how far something
is that was asked for.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import FileResponse, JSONResponse

from core.errors import RunError
from core.judging.kept import MOST_ROWS, Condition
from core.studio import Studio
from core.tasks import TASKS
from core.tasks.base import Task
from core.versus.aligned import FOR_ANOTHER
from ui.languages import told_all, tr

FRESH = {"Cache-Control": "no-store"}


def add(app: FastAPI, studio: Studio) -> None:
    """Add the addresses to the app's interface."""

    @app.get("/runs/{run_id}/judgements")
    def lines(run_id: str) -> JSONResponse:
        found = studio.later_judgements(run_id)
        told = [{**asdict(line), "for_comparing": line.name.startswith(FOR_ANOTHER)} for line in found]
        return JSONResponse({"judgements": told_all(told)}, headers=FRESH)

    @app.get("/runs/{run_id}/judgements/{name}")
    def judgement(run_id: str, name: str) -> JSONResponse:
        sections = [asdict(section) for section in studio.judgement_sections(run_id, name)]
        told = {"report": studio.judgement(run_id, name), "sections": sections, "kept": studio.judgements(run_id)}
        return JSONResponse(told_all(told), headers=FRESH)

    @app.get("/runs/{run_id}/judgements/{name}/report.json")
    def whole(run_id: str, name: str) -> FileResponse:
        return _download(studio.judgement_file(run_id, name), f"{run_id}-{name}.json")

    @app.get("/runs/{run_id}/judgements/{name}/rows")
    def rows(
        run_id: str,
        name: str,
        where: str = "[]",
        start: Annotated[int, Query(ge=0)] = 0,
        count: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 20,
        order: str = "",
    ) -> JSONResponse:
        found = studio.judged_rows(run_id, name, conditions(where), start, count, order)
        told = {**asdict(found), **_about(TASKS[studio.config(run_id).task])}
        return JSONResponse(json.loads(json.dumps(told, default=str)), headers=FRESH)

    @app.get("/runs/{run_id}/judgements/{name}/rows.parquet")
    def file(run_id: str, name: str) -> FileResponse:
        return _download(studio.judged_file(run_id, name), f"{run_id}-{name}.parquet")

    @app.get("/runs/{run_id}/errands/{kind}")
    def errand(run_id: str, kind: str) -> JSONResponse:
        found = studio.errand(run_id, kind)
        return JSONResponse({"errand": told_all(asdict(found)) if found else None}, headers=FRESH)


def _about(task: Task) -> dict[str, Any]:
    """What a page has to know to show judged rows: the columns that the model read, by their words, and what kind of
    thing it answers.
    """
    words = {role.name: tr(role.label) for role in task.roles}
    return {"inputs": {name: words.get(name, name) for name in task.read_columns}, "output": task.output}


def _download(path: Path, name: str) -> FileResponse:
    """The file as an attachment: a browser never shows it as a page of ours."""
    return FileResponse(
        path,
        filename=name,
        media_type="application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff", **FRESH},
    )


def conditions(text: str) -> list[Condition]:
    """Conditions as a page writes them: a JSON list of lists of three. Raises ``RunError`` where it is none."""
    try:
        found = [(str(column), str(operation), value) for column, operation, value in json.loads(text)]
    except (ValueError, TypeError) as exc:
        raise RunError(tr("The page asked for rows in a way that is not known."), tr("Load the page anew.")) from exc
    return found
