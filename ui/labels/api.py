"""What the page of disputed labels reads: how it stands with them, and the rows in their order."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse

from core import figures
from core.errors import RunError
from core.labels.kept import MOST
from core.labels_room import LabelsView
from core.studio import Studio
from ui import languages

FRESH = {"Cache-Control": "no-store"}


def add(app: FastAPI, studio: Studio) -> None:
    """Add the addresses to the app's interface."""

    @app.get("/runs/{run_id}/labels")
    def labels(run_id: str) -> JSONResponse:
        return JSONResponse(told(studio, run_id), headers=FRESH)

    @app.get("/runs/{run_id}/labels/rows")
    def rows(
        run_id: str, start: Annotated[int, Query(ge=0)] = 0, count: Annotated[int, Query(ge=1, le=MOST)] = 20
    ) -> JSONResponse:
        return JSONResponse({"rows": [asdict(row) for row in studio.suspects(run_id, start, count)]}, headers=FRESH)


def told(studio: Studio, run_id: str) -> dict[str, Any]:
    """How it stands with the labels of a run."""
    view, run = studio.labels_view(run_id), studio.summary(run_id)
    several = any(isinstance(label, list) for label in view.labels)
    names = {name: None for label in view.labels for name in (label if isinstance(label, list) else [label])}
    return {
        "run": {"id": run.id, "name": run.name, "task": run.task},
        "why_not": languages.told(view.why_not),
        "rows": view.rows,
        "times": {
            way: figures.about(seconds) if seconds is not None else ""
            for way, seconds in (("quick", view.seconds), ("thorough", view.thorough_seconds))
        },
        "errand": languages.told_all(asdict(view.errand)) if view.errand else None,
        "found": asdict(view.found) if view.found else None,
        "several": several,
        "names": sorted(names),
        "decisions": _decisions(studio, run_id, view),
        "trained": [_trained(studio, name) for name in view.decided.trained],
    }


def _decisions(studio: Studio, run_id: str, view: LabelsView) -> list[dict[str, Any]]:
    """The decisions that stand, each with its row; the newest last."""
    decisions = view.decided.decisions
    rows = studio.suspects_of(run_id, [one.key for one in decisions]) if view.found and decisions else {}
    return [{**asdict(one), "about": asdict(rows[one.key]) if one.key in rows else None} for one in decisions]


def _trained(studio: Studio, run_id: str) -> dict[str, str | None]:
    """A run that was begun with mended labels, as far as it is still there."""
    try:
        run = studio.summary(run_id)
    except RunError:
        return {"id": run_id, "name": run_id, "state": None}
    return {"id": run.id, "name": run.name, "state": run.state.value}
