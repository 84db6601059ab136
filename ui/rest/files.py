"""Downloads: what a run leaves behind, each as an attachment that no browser shows as a page of the app."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from fastapi import FastAPI
from starlette.responses import FileResponse, Response, StreamingResponse

from core.errors import Missing
from core.studio import Studio
from ui.rest.guard import BYTES
from ui.rest.models import Download
from ui.rest.problems import documented

HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
FILE: dict[int | str, dict[str, Any]] = {
    **documented(404, 409),
    200: {"description": "The file", "content": {BYTES: {"schema": {"type": "string", "format": "binary"}}}},
}
NOT_THERE = "It may not have been made yet; the run's files and predictions list what is there."


def add(app: FastAPI, studio: Studio) -> None:
    """Add the operations."""

    @app.get(
        "/runs/{run_id}/files/{name}",
        response_class=Response,
        responses=FILE,
        tags=["Downloads"],
        operation_id="download",
        summary="Download the model, the report or the settings",
    )
    def download(run_id: str, name: Download) -> Response:
        """`model.zip` is the model, ready for transformers; `script.zip` is the same run as a program of its own;
        `report.html` needs nothing else to be read.
        """
        match name:
            case "model.zip":
                studio.model_folder(run_id)
                return _made(studio.take_home(run_id), f"{run_id}.zip")
            case "script.zip":
                return _made(studio.take_script(run_id), f"{run_id}-script.zip")
            case "report.html":
                if studio.report(run_id) is None:
                    raise Missing("This run has no report yet.", "It is written when the run has been judged.")
                return _made(studio.report_html(run_id), f"{run_id}-report.html")
        return _kept(studio, run_id, name, f"{run_id}-{name}")

    @app.get(
        "/runs/{run_id}/predictions/{name}",
        response_class=Response,
        responses=FILE,
        tags=["Downloads"],
        operation_id="download_prediction",
        summary="Download a table that the model has answered",
    )
    def download_prediction(run_id: str, name: str) -> Response:
        """Its names stand under `predictions` of the run."""
        if name not in studio.how_far(run_id).predictions:
            raise Missing("There is no such table.", NOT_THERE)
        return _kept(studio, run_id, f"predictions/{name}", name)


def _kept(studio: Studio, run_id: str, place: str, name: str) -> FileResponse:
    path = studio.folder(run_id) / place
    if not path.is_file() or path.is_symlink():
        raise Missing("This file is not there.", NOT_THERE)
    return FileResponse(path, filename=name, media_type=BYTES, headers=HEADERS)


def _made(pieces: Iterator[bytes], name: str) -> StreamingResponse:
    """Sent while it is made. What fails before its first piece is still told as a failure."""
    first = next(pieces, b"")
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(chain([first], pieces), media_type=BYTES, headers=headers)
