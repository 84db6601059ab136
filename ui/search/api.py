"""What the page of searches reads: all of them, one with its trials, and what may be searched around a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from core import schema
from core.limits import limits, shown
from core.schema import Row
from core.search.config import SearchConfig, Span
from core.search.space import searchable, value_of
from core.search.table import SearchView
from core.studio import Studio


def add(app: FastAPI, studio: Studio) -> None:
    """Add the addresses to the app's interface."""

    @app.get("/searches")
    def searches() -> dict[str, Any]:
        return {"searches": [_line(view) for view in studio.searches()]}

    @app.get("/searches/{search_id}")
    def search(search_id: str) -> JSONResponse:
        told = asdict(studio.search_view(search_id))
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    @app.get("/searches/around/{run_id}")
    def around(run_id: str) -> dict[str, Any]:
        return form(studio, run_id)


def form(studio: Studio, run_id: str) -> dict[str, Any]:
    """What the form for a new search asks about a run: ranges to begin with, and how long a trial takes."""
    run, config = studio.summary(run_id), studio.config(run_id)
    seconds, kept = studio.trial_cost(run_id)
    spans, proposed = studio.search_ranges(run_id)
    rows = {row.path: row for row in searchable(config.task)}
    return {
        "run": {"id": run.id, "name": run.name, "task": run.task, "metric": run.metric_label},
        "seconds": seconds,
        "bytes": kept,
        "ranges": [
            _range(rows[span.path], span, value_of(config, span.path), number < proposed)
            for number, span in enumerate(spans)
        ],
        "fields": {row.name: _field(row) for row in schema.rows(SearchConfig) if "." not in row.path},
    }


def _line(view: SearchView) -> dict[str, Any]:
    """A search in the list: its best trial instead of all of them."""
    best = next((trial for trial in view.trials if trial.number == view.best), None)
    told = asdict(view)
    del told["trials"], told["columns"]
    return told | {"value": best.value if best else None}


def _range(row: Row, span: Span, now: Any, is_proposed: bool) -> dict[str, Any]:
    return {
        "path": row.path,
        "label": row.setting.label,
        "unit": row.setting.unit,
        "help": row.setting.help,
        "group": row.group,
        "limits": limits(row),
        "kind": span.kind,
        "low": span.low,
        "high": span.high,
        "log": span.log,
        "choices": [{"value": value, "words": shown(row, value)} for value in span.choices],
        "is_named": bool(row.choices or row.type is bool),
        "now": shown(row, now),
        "proposed": is_proposed,
    }


def _field(row: Row) -> dict[str, Any]:
    return {
        "label": row.setting.label,
        "help": row.setting.help,
        "unit": row.setting.unit,
        "default": row.default,
        "choices": [{"value": value, "words": words} for words, value in row.choices],
    }
