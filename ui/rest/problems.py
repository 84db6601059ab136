"""What went wrong, for programs: always the same small record, with the status that fits."""

from __future__ import annotations

import json
import logging
import math
import traceback
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from core import schema
from core.config import RunConfig, shape_of
from core.errors import (
    CheckpointError,
    ConfigError,
    DataError,
    HubError,
    Missing,
    OverLimit,
    PredictionError,
    RunError,
    StudioError,
    explain,
)
from core.redaction import redacted
from core.tasks import TASKS

log = logging.getLogger(__name__)


class Problem(BaseModel):
    """Why something was not done. Every answer with a status from 400 on has this form."""

    title: str = Field(description="What happened, in one plain sentence.")
    advice: str = Field(description="What to do about it; may be empty.")
    field: str | None = Field(None, description="The setting that is wrong, by its path: training.learning_rate.")
    label: str | None = Field(None, description="What the pages call this setting: Learning rate.")


class Refusal(StudioError):
    """A request that is refused as such, with the status that says why."""

    def __init__(self, status: int, title: str, advice: str = "") -> None:
        super().__init__(title, advice)
        self.status = status


STATUSES: tuple[tuple[type[StudioError], int], ...] = (
    (Missing, 404),
    (OverLimit, 429),
    (RunError, 409),
    (ConfigError, 422),
    (DataError, 422),
    (CheckpointError, 422),
    (HubError, 503),
    (PredictionError, 503),
    (StudioError, 503),
)
"""The first class that fits decides."""
WORDS = {
    400: "What was sent cannot be read.",
    401: "Nobody is signed in.",
    403: "This may not be done from here.",
    404: "There is no such run, file or address.",
    405: "This address does not take such a request.",
    409: "The run cannot do this in its present state.",
    413: "What was sent is too large.",
    415: "What was sent is not JSON, or is not said to be.",
    422: "Something in the request is missing, misspelt or out of range.",
    429: "Too much is being done or waits at this moment, or as much is used as may; try again later.",
    500: "Something unexpected went wrong.",
    503: "It cannot be done now: the Hub, the network, the disk or a model's process is in the way.",
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What an operation may be refused with, for its document."""
    return {status: {"model": Problem, "description": WORDS[status]} for status in statuses}


_ADVICE = {404: "Look at the list of operations in openapi.json.", 405: "See openapi.json for what it takes."}


def add(app: FastAPI) -> None:
    """Answer every failure in the one form."""
    app.add_exception_handler(StudioError, _told)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_request)
    app.add_exception_handler(Exception, _told)


def status_of(exc: BaseException) -> int:
    """The status of an explained failure; 500 for one that nobody expected."""
    if isinstance(exc, Refusal):
        return exc.status
    if not isinstance(exc, StudioError):
        return 503 if isinstance(exc, OSError) else 500
    return next(status for kind, status in STATUSES if isinstance(exc, kind))


def of(exc: BaseException) -> Problem:
    """A failure as a record. A setting is named as the form names it."""
    error = explain(exc)
    path = error.field if isinstance(error, ConfigError) else ""
    if not path:
        return Problem(title=error.title, advice=error.advice)
    label = label_of(path)
    title = error.title.replace(f"{path}:", f"{label}:", 1) if label else error.title
    return Problem(title=title, advice=error.advice, field=path, label=label)


def label_of(path: str) -> str | None:
    """What the form calls a setting; None for what it does not ask."""
    return _labels().get(path)


def _labels() -> dict[str, str]:
    if not _LABELS:
        shapes: list[type[RunConfig]] = [RunConfig, *(shape_of(task) for task in TASKS)]
        _LABELS.update({row.path: row.setting.label for shape in shapes for row in schema.rows(shape)})
    return _LABELS


_LABELS: dict[str, str] = {}


class Told(JSONResponse):
    """A record as JSON in plain ASCII: what was asked for may hold letters that stand for nothing."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content).encode()


def answer(problem: Problem, status: int, headers: dict[str, str] | None = None) -> JSONResponse:
    """The answer that tells a problem."""
    return Told(problem.model_dump(exclude_none=True), status_code=status, headers=headers)


def _told(request: Request, exc: Exception) -> JSONResponse:
    status = status_of(exc)
    if status == 500:
        log.error("The interface failed\n%s", redacted("".join(traceback.format_exception(exc))))
    return answer(of(exc), status, _later(exc))


def _later(exc: Exception) -> dict[str, str] | None:
    """When to ask again, where that is known."""
    if isinstance(exc, OverLimit):
        return None if exc.again_in is None else {"Retry-After": str(math.ceil(exc.again_in))}
    return {"Retry-After": "5"} if isinstance(exc, Refusal) and exc.status == 429 else None


def _of_http(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, HTTPException)
    problem = Problem(title=WORDS.get(exc.status_code, str(exc.detail)), advice=_ADVICE.get(exc.status_code, ""))
    return answer(problem, exc.status_code, dict(exc.headers or {}))


def _of_request(request: Request, exc: Exception) -> JSONResponse:
    assert isinstance(exc, RequestValidationError)
    found = exc.errors()
    if found[0]["type"] == "json_invalid":
        return answer(Problem(title=WORDS[400], advice="Send JSON, as openapi.json describes it."), 400)
    return answer(of_findings([(error["loc"][1:] or error["loc"], error["msg"]) for error in found]), 422)


def of_findings(found: Sequence[tuple[Sequence[int | str], str]]) -> Problem:
    """What is wrong with a request, told by its first finding: where it is, and what is wrong there."""
    name = ".".join(map(str, found[0][0]))
    others = len(found) - 1
    more = f"There {'is 1 more problem' if others == 1 else f'are {others} more problems'} after this one."
    words = found[0][1].removeprefix("Value error, ")
    return Problem(title=f"{name}: {words}.", advice=more if others else "", field=name)
