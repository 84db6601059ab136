"""What the page of a comparison asks for: runs beside each other, how they learned, rows whose answers changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse

from core.judging.kept import MOST_ROWS
from core.studio import Studio
from ui.languages import told_all

FRESH = {"Cache-Control": "no-store"}


def add(app: FastAPI, studio: Studio) -> None:
    """Add the addresses to the app's interface. ``runs`` are ids, the first is what the others are measured against."""

    @app.get("/versus")
    def versus(runs: str) -> JSONResponse:
        return JSONResponse(told_all(asdict(studio.versus(ids(runs)))), headers=FRESH)

    @app.get("/versus/learned")
    def learned(runs: str) -> JSONResponse:
        lines = [[asdict(curve) for curve in own] for own in studio.learned(ids(runs))]
        return JSONResponse(told_all({"runs": lines}), headers=FRESH)

    @app.get("/versus/changed")
    def changed(
        runs: str,
        other: str,
        direction: Literal["better", "worse"] = "better",
        start: Annotated[int, Query(ge=0)] = 0,
        count: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 10,
    ) -> JSONResponse:
        page = studio.changed_rows(ids(runs), other, direction, start, count)
        return JSONResponse(asdict(page), headers=FRESH)

    @app.get("/versus/errand")
    def errand(runs: str) -> JSONResponse:
        found = studio.judging_on_same_rows(ids(runs))
        return JSONResponse({"errand": told_all(asdict(found)) if found else None}, headers=FRESH)


def ids(text: str) -> list[str]:
    """Ids with commas between them, as in an address."""
    return [one for one in text.split(",") if one] or [""]
